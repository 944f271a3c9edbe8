//! Finding slots, and looking at days and claims.

use super::message::{self, parse_day, parse_wishes, slot_message};
use super::{Answered, DiaryDoor};
use crate::claims;
use crate::clients::{self, Client};
use crate::definition::{Definition, Site};
use crate::diary::{self, Wish};
use crate::error::{Error, Result};
use crate::formats::Language;
use crate::grpc::{convert, gate, pb};
use crate::ids::{AppointmentId, ClaimId, OfficeId};
use crate::store::Db;
use chrono::{DateTime, Utc};
use tonic::{Request, Response};

impl DiaryDoor {
    pub(super) async fn find(&self, request: Request<pb::FindSlotsRequest>) -> Answered<pb::FindSlotsResponse> {
        let context = gate::context(&request, &self.0.clock, None)?;
        let asked = request.into_inner();
        let definition = self.0.definitions.current();
        let claim_id = ClaimId::parse("claim_id", &asked.claim_id)?;
        let office = match asked.office_id.as_str() {
            "" => None,
            id => Some(known_office(definition, id)?),
        };
        let not_before = convert::optional_time("not_before_time", asked.not_before_time)?;
        let size = convert::page_size(asked.page_size, 5, 50)?;
        let start = convert::offset(&asked.page_token)?;
        let mut reader = self.0.store.read().await?;
        let db = &mut reader.db();
        let whose = whose_meeting(db, definition, claim_id).await?;
        let mut wish = whose.wish(asked.wishes.as_ref())?;
        wish.wishes.office = office;
        wish.wishes.not_before = not_before;
        let enough = start + usize::try_from(size).unwrap_or(0) + 1;
        let slots = diary::find_slots(db, definition, &wish, context.now, enough).await?;
        let (slots, next_page_token) = convert::page(slots, &asked.page_token, size)?;
        let slots = slots.iter().map(|slot| slot_message(definition, slot)).collect();
        Ok(Response::new(pb::FindSlotsResponse { slots, next_page_token }))
    }

    pub(super) async fn day(&self, request: Request<pb::ListDayRequest>) -> Answered<pb::ListDayResponse> {
        let context = gate::context(&request, &self.0.clock, None)?;
        let asked = request.into_inner();
        let definition = self.0.definitions.current();
        let office = known_office(definition, &asked.office_id)?;
        let day = parse_day("day", &asked.day)?;
        let size = convert::page_size(asked.page_size, 50, 200)?;
        let after = match asked.page_token.as_str() {
            "" => None,
            token => Some(day_token(token).ok_or_else(convert::bad_token)?),
        };
        let mut reader = self.0.store.read().await?;
        let db = &mut reader.db();
        let mut found = diary::list_day(db, definition, &office, day, after, size + 1).await?;
        let wanted = usize::try_from(size).unwrap_or(0);
        let more = found.len() > wanted;
        found.truncate(wanted);
        let next = found.last().filter(|_| more).map(|last| format!("{}_{}", last.starts_at.to_rfc3339(), last.id));
        let appointments = message::appointments(db, definition, &found, context.language).await?;
        Ok(Response::new(pb::ListDayResponse { appointments, next_page_token: next.unwrap_or_default() }))
    }

    pub(super) async fn of_claim(
        &self,
        request: Request<pb::ListAppointmentsRequest>,
    ) -> Answered<pb::ListAppointmentsResponse> {
        let context = gate::context(&request, &self.0.clock, None)?;
        let asked = request.into_inner();
        let claim = ClaimId::parse("claim_id", &asked.claim_id)?;
        let size = convert::page_size(asked.page_size, 50, 200)?;
        let mut reader = self.0.store.read().await?;
        let db = &mut reader.db();
        claims::get(db, claim).await?;
        let all = diary::of_claim(db, claim).await?;
        let (page, next_page_token) = convert::page(all, &asked.page_token, size)?;
        let definition = self.0.definitions.current();
        let appointments = message::appointments(db, definition, &page, context.language).await?;
        Ok(Response::new(pb::ListAppointmentsResponse { appointments, next_page_token }))
    }
}

/// Whose meeting it is to be.
pub(super) struct WhoseMeeting<'a> {
    client: Client,
    /// The site whose personal advisers they meet.
    site: &'a Site,
    form_posted_at: Option<DateTime<Utc>>,
}

impl WhoseMeeting<'_> {
    /// The wishes as they were typed, and what the client's record and the claim say.
    pub(super) fn wish(&self, given: Option<&pb::MeetingWishes>) -> Result<Wish<'_>> {
        let mut wishes = parse_wishes(given)?;
        wishes.welsh |= self.client.facts.talk_language == Language::Welsh;
        wishes.form_posted_at = self.form_posted_at;
        Ok(Wish { client: &self.client, site: self.site, wishes })
    }
}

pub(super) async fn whose_meeting<'a>(
    db: &mut Db<'_>,
    definition: &'a Definition,
    claim_id: ClaimId,
) -> Result<WhoseMeeting<'a>> {
    let claim = claims::get(db, claim_id).await?;
    let client = clients::get(db, claim.client_id).await?;
    let site = definition.site_or_fault(&claim.site)?;
    Ok(WhoseMeeting { client, site, form_posted_at: claim.form_posted_at() })
}

pub(super) fn known_office(definition: &Definition, id: &str) -> Result<OfficeId> {
    let id = OfficeId::new(id);
    definition
        .office(&id)
        .map(|office| office.id.clone())
        .ok_or_else(|| Error::invalid("office_id", "is no office of ours"))
}

fn day_token(token: &str) -> Option<(DateTime<Utc>, AppointmentId)> {
    let (starts_at, id) = token.split_once('_')?;
    let starts_at = DateTime::parse_from_rfc3339(starts_at).ok()?.to_utc();
    Some((starts_at, AppointmentId::parse("page_token", id).ok()?))
}
