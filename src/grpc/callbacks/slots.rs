//! Offering, holding and booking.

use super::{message, read};
use crate::doors::CallbackDoor;
use crate::paging::RankedPage;
use crate::{convert, empty, pb};
use chrono::{DateTime, Utc};
use startline_definition::{Definition, Text};
use startline_foundation::error::{Error, Result};
use startline_foundation::ids::{CallbackHoldId, ClientId};
use startline_foundation::store::Db;
use startline_rooms::access;
use startline_rooms::access::Context;
use startline_rooms::callbacks::{self, Asked, At, Booking, Needs, Offered, SafeTimes, Wishes};
use startline_rooms::clients::{self, Client};
use startline_rooms::diary;
use startline_rooms::scripts;

impl CallbackDoor {
    pub async fn offer_callback_slots(
        &self,
        db: &mut Db<'_>,
        context: &Context,
        asked: pb::OfferCallbackSlotsRequest,
    ) -> Result<pb::OfferCallbackSlotsResponse> {
        let definition = self.0.definitions.current();
        let page = RankedPage::of(&asked, 3, 50)?;
        let wishes = read::wishes(asked.wishes.clone())?;
        let not_before = convert::optional_time("not_before_time", asked.not_before_time)?;
        let wishes = Wishes { not_before: not_before.max(wishes.not_before), ..wishes };
        let client = read::client(db, &asked.client_id).await?;
        let needs = Needs::of_client(definition, &client);
        let said = self.urgency(db, context, client.id).await?;
        let adviser = match wishes.adviser {
            Some(adviser) => access::user(db, adviser).await?.name,
            None => String::new(),
        };
        let safe = SafeTimes::of_client(definition, &client);
        let asked_for = Asked { needs, urgent: asked.urgent || said.is_some(), wishes, safe, who: None };
        let found = callbacks::offer_slots(db, definition, &client, &asked_for, context.now, page.most()).await?;
        let (note, none_in_standard) = (note(definition, &asked_for, &found), found.none_in_standard);
        let earliest_meeting = match found.offers.first() {
            Some(first) => earliest_meeting(db, definition, &client, first.end).await?,
            None => None,
        };
        let (offers, next_page_token) = page.cut(found.offers, |offer| offer.start);
        let why_empty = match offers.is_empty() {
            true => {
                let none = callbacks::why_none(db, definition, &client, &asked_for, context.now).await?;
                empty::last_page_or(true, &asked.page_token, empty::no_callback(definition, &asked_for, none))
            }
            false => None,
        };
        Ok(pb::OfferCallbackSlotsResponse {
            site_id: client.home_site.to_string(),
            slots: offers.iter().map(|offer| message::slot(definition, offer, &adviser)).collect(),
            next_page_token,
            needs: asked_for.needs.words.clone(),
            minutes: callbacks::minutes_of(definition, &asked_for.needs),
            none_in_standard,
            note,
            earliest_meeting,
            why_empty,
            urgent_reason: said.map_or_else(String::new, |why| why.in_language(context.language).to_owned()),
        })
    }

    pub async fn hold_callback_slot(
        &self,
        db: &mut Db<'_>,
        context: &Context,
        asked: pb::HoldCallbackSlotRequest,
    ) -> Result<pb::HoldCallbackSlotResponse> {
        let start = convert::time("start_time", asked.start_time)?;
        let wishes = read::wishes(asked.wishes.clone())?;
        let definition = self.0.definitions.current();
        let client = read::client(db, &asked.client_id).await?;
        let needs = Needs::of_client(definition, &client);
        let urgent = asked.urgent || self.urgency(db, context, client.id).await?.is_some();
        let safe = SafeTimes::of_client(definition, &client);
        let asked_for = Asked { needs, urgent, wishes, safe, who: Some(client.id) };
        let held = callbacks::hold_slot(db, context, definition, client.id, start, &asked_for).await?;
        Ok(pb::HoldCallbackSlotResponse {
            hold_id: held.id.to_string(),
            start_time: Some(convert::timestamp(held.starts_at)),
            end_time: Some(convert::timestamp(held.ends_at)),
            expire_time: Some(convert::timestamp(held.held_until)),
        })
    }

    pub async fn book_callback(
        &self,
        db: &mut Db<'_>,
        context: &Context,
        asked: pb::BookCallbackRequest,
    ) -> Result<pb::BookCallbackResponse> {
        let client_id = ClientId::parse("client_id", &asked.client_id)?;
        let booking = Booking {
            client_id,
            at: at(&asked)?,
            phone: asked.phone.clone(),
            number_confirmed: asked.number_confirmed,
            urgent: asked.urgent || self.urgency(db, context, client_id).await?.is_some(),
            note: asked.note.clone(),
            owner: read::optional_user("adviser_id", &asked.adviser_id)?,
            wishes: read::wishes(asked.wishes.clone())?,
        };
        let definition = self.0.definitions.current();
        let callback = callbacks::book(db, context, definition, &booking).await?;
        let client = clients::get(db, callback.client_id).await?;
        let read_back = callback.phone.grouped();
        let callback = message::named(db, &callback, &client, context.now).await?;
        Ok(pb::BookCallbackResponse { callback: Some(callback), read_back })
    }

    /// Why the client's need is urgent, from what they said today.
    pub(super) async fn urgency(&self, db: &mut Db<'_>, context: &Context, client: ClientId) -> Result<Option<Text>> {
        let calendar = &self.0.definitions.current().calendar;
        let (today, _) = calendar.day_bounds(calendar.local_date(context.now));
        scripts::urgency(db, &self.0.definitions, client, today).await
    }
}

fn at(asked: &pb::BookCallbackRequest) -> Result<At> {
    match (asked.hold_id.as_str(), asked.start_time) {
        ("", start) => convert::time("start_time", start).map(At::Start),
        (hold, None) => CallbackHoldId::parse("hold_id", hold).map(At::Hold),
        (_, Some(_)) => Err(Error::invalid("start_time", "is left out with a hold: it has a time already")),
    }
}

/// What the caller should hear when there is nothing in good time.
fn note(definition: &Definition, asked: &Asked, found: &Offered) -> String {
    let days = definition.service.settings.callback_lead_max_working_days;
    let skills = asked.needs.named(definition);
    match (found.offers.is_empty(), found.none_in_standard, skills.is_empty()) {
        (true, _, true) => "No place is free as far as any diary goes.".to_owned(),
        (true, _, false) => format!("Nobody who has {skills} is free as far as any diary goes."),
        (false, true, true) => format!("No place is free within {days} working days; these are later."),
        (false, true, false) => format!("Nobody who has {skills} is free within {days} working days; these are later."),
        (false, false, _) => String::new(),
    }
}

/// The first meeting that could follow a call-back that ends at `after`.
async fn earliest_meeting(
    db: &mut Db<'_>,
    definition: &Definition,
    client: &Client,
    after: DateTime<Utc>,
) -> Result<Option<pb::EarliestMeeting>> {
    let Some(site) = definition.site(&client.home_site) else { return Ok(None) };
    let slot = diary::earliest_meeting(db, definition, client, site, after).await?;
    Ok(slot.map(|slot| pb::EarliestMeeting {
        start_time: Some(convert::timestamp(slot.start)),
        end_time: Some(convert::timestamp(slot.end)),
        office_id: slot.office.to_string(),
        personal_adviser_name: slot.personal_adviser_name,
        within_standard: slot.within_standard,
    }))
}
