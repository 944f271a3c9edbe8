//! Finding slots, and looking at days and claims.

use super::message::{self, parse_day, parse_wishes, slot_message};
use crate::doors::DiaryDoor;
use crate::paging::{Page, RankedPage};
use crate::{convert, empty, pb};
use startline_definition::{Definition, Site};
use startline_foundation::error::Result;
use startline_foundation::formats::Language;
use startline_foundation::ids::{ClaimId, OfficeId};
use startline_foundation::store::Db;
use startline_rooms::access::Context;
use startline_rooms::claims::{self, Claim};
use startline_rooms::clients::{self, Client};
use startline_rooms::diary::{self, Wish};

impl DiaryDoor {
    pub async fn find_slots(
        &self,
        db: &mut Db<'_>,
        context: &Context,
        asked: pb::FindSlotsRequest,
    ) -> Result<pb::FindSlotsResponse> {
        let definition = self.0.definitions.current();
        let claim_id = ClaimId::parse("claim_id", &asked.claim_id)?;
        let office = match asked.office_id.as_str() {
            "" => None,
            id => Some(known_office(definition, id)?),
        };
        let not_before = convert::optional_time("not_before_time", asked.not_before_time)?;
        let page = RankedPage::of(&asked, 5, 50)?;
        let whose = whose_meeting(db, definition, claim_id).await?;
        let mut wish = whose.wish(asked.wishes.as_ref())?;
        wish.wishes.office = office;
        wish.wishes.not_before = not_before;
        let slots = diary::find_slots(db, definition, &wish, context.now, page.most()).await?;
        let (slots, next_page_token) = page.cut(slots, |slot| (slot.start, slot.personal_adviser));
        let why_empty = match slots.is_empty() {
            true => {
                let none = diary::why_none(db, definition, &wish, context.now).await?;
                empty::last_page_or(true, &asked.page_token, empty::no_meeting(none))
            }
            false => None,
        };
        let slots = slots.iter().map(|slot| slot_message(definition, slot)).collect();
        Ok(pb::FindSlotsResponse { slots, next_page_token, why_empty })
    }

    pub async fn list_day(
        &self,
        db: &mut Db<'_>,
        context: &Context,
        asked: pb::ListDayRequest,
    ) -> Result<pb::ListDayResponse> {
        let definition = self.0.definitions.current();
        let office = known_office(definition, &asked.office_id)?;
        let day = parse_day("day", &asked.day)?;
        let page = Page::of(&asked, 50, 200)?;
        let found = diary::list_day(db, definition, &office, day, page.after, page.most()).await?;
        let (found, next_page_token) = page.cut(found, |last| (last.starts_at, last.id));
        let why_empty = match found.is_empty() {
            true => {
                let idle = diary::why_idle(db, definition, &office, day).await?;
                empty::last_page_or(true, &asked.page_token, empty::no_appointments(idle))
            }
            false => None,
        };
        let appointments = message::appointments(db, definition, &found, context.language).await?;
        Ok(pb::ListDayResponse { appointments, next_page_token, why_empty })
    }

    pub async fn list_appointments(
        &self,
        db: &mut Db<'_>,
        context: &Context,
        asked: pb::ListAppointmentsRequest,
    ) -> Result<pb::ListAppointmentsResponse> {
        let claim = ClaimId::parse("claim_id", &asked.claim_id)?;
        let page = Page::of(&asked, 50, 200)?;
        claims::get(db, claim).await?;
        let all = diary::of_claim(db, claim).await?;
        let (all, next_page_token) = page.cut_whole(all, |one| (one.starts_at, one.id));
        let definition = self.0.definitions.current();
        let appointments = message::appointments(db, definition, &all, context.language).await?;
        Ok(pb::ListAppointmentsResponse { appointments, next_page_token })
    }
}

/// Whose meeting it is to be.
pub(super) struct WhoseMeeting<'a> {
    pub(super) claim: Claim,
    client: Client,
    /// The site whose personal advisers they meet.
    site: &'a Site,
}

impl WhoseMeeting<'_> {
    /// The wishes as they were typed, and what the client's record and the claim say.
    pub(super) fn wish(&self, given: Option<&pb::MeetingWishes>) -> Result<Wish<'_>> {
        let mut wishes = parse_wishes(given)?;
        wishes.welsh |= self.client.facts.talk_language == Language::Welsh;
        wishes.form_posted_at = self.claim.form_posted_at();
        Ok(Wish { client: &self.client, site: self.site, wishes })
    }
}

async fn whose_meeting<'a>(db: &mut Db<'_>, definition: &'a Definition, claim_id: ClaimId) -> Result<WhoseMeeting<'a>> {
    let claim = claims::get(db, claim_id).await?;
    of_claim(db, definition, claim).await
}

/// The same for whoever takes time for it: the claim is closed before, and there is nobody to meet, or after, and the meeting is
/// called off with it.
pub(super) async fn whose_meeting_to_be<'a>(
    db: &mut Db<'_>,
    definition: &'a Definition,
    claim_id: ClaimId,
) -> Result<WhoseMeeting<'a>> {
    let claim = claims::get_unmoved(db, claim_id).await?;
    of_claim(db, definition, claim).await
}

async fn of_claim<'a>(db: &mut Db<'_>, definition: &'a Definition, claim: Claim) -> Result<WhoseMeeting<'a>> {
    // A closed claim has nobody to meet; whoever puts it back books.
    claim.check_not_closed()?;
    let client = clients::get(db, claim.client_id).await?;
    client.check_living()?;
    let site = definition.site_or_fault(&claim.site)?;
    Ok(WhoseMeeting { claim, client, site })
}

pub fn known_office(definition: &Definition, id: &str) -> Result<OfficeId> {
    definition.known_office(&OfficeId::new(id)).map(|office| office.id.clone())
}
