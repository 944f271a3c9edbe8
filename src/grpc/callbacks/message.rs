//! What goes out: call-backs with names and flags, offers, absences.

use crate::mirrors::shown;
use crate::{convert, pb};
use chrono::{DateTime, NaiveTime, Utc};
use startline_definition::Definition;
use startline_foundation::error::Result;
use startline_foundation::ids::ClientId;
use startline_foundation::store::Db;
use startline_rooms::access;
use startline_rooms::callbacks::{self, AtRisk, Callback, ContactFlags, Offer, Proposal, State, Why, Wish, Wishes};
use startline_rooms::clients::{self, Client};
use startline_rooms::rota::{Block, Unsuitable, Whose};

/// The call-backs with their clients' names.
pub async fn messages(db: &mut Db<'_>, callbacks: &[Callback], now: DateTime<Utc>) -> Result<Vec<pb::Callback>> {
    let ids: Vec<ClientId> = callbacks.iter().map(|callback| callback.client_id).collect();
    let clients = clients::get_all(db, &ids).await?;
    let mut messages = Vec::with_capacity(callbacks.len());
    for callback in callbacks {
        if let Some(client) = clients.iter().find(|client| client.id == callback.client_id) {
            messages.push(named(db, callback, client, now).await?);
        }
    }
    Ok(messages)
}

/// One call-back, with its client's name.
pub async fn one(db: &mut Db<'_>, callback: &Callback, now: DateTime<Utc>) -> Result<pb::Callback> {
    let client = clients::get(db, callback.client_id).await?;
    named(db, callback, &client, now).await
}

/// The call-back with its client's and its owner's name, and how the client may be rung.
pub async fn named(db: &mut Db<'_>, callback: &Callback, client: &Client, now: DateTime<Utc>) -> Result<pb::Callback> {
    let owner_name = match callback.owner {
        Some(owner) => access::user(db, owner).await?.name,
        None => String::new(),
    };
    let flags = callbacks::contact_flags(db, client.id).await?;
    Ok(pb::Callback { adviser_name: owner_name, ..message(callback, client, flags, now) })
}

fn message(callback: &Callback, client: &Client, flags: ContactFlags, now: DateTime<Utc>) -> pb::Callback {
    let count = |number: i32| u32::try_from(number).unwrap_or(0);
    let late = if callback.is_due(now) { (now - callback.due_at).num_seconds() } else { 0 };
    pb::Callback {
        callback_id: callback.id.to_string(),
        client_id: callback.client_id.to_string(),
        client_name: client.full_name(),
        site_id: callback.site.to_string(),
        start_time: Some(convert::timestamp(callback.starts_at)),
        end_time: Some(convert::timestamp(callback.ends_at)),
        phone: callback.phone.e164().to_owned(),
        phone_grouped: callback.phone.grouped(),
        state: state(callback, now).into(),
        urgent: callback.urgent,
        note: callback.note.clone(),
        attempts: count(callback.attempts),
        due_time: Some(convert::timestamp(callback.due_at)),
        adviser_id: callback.owner.map(|owner| owner.to_string()).unwrap_or_default(),
        adviser_name: String::new(),
        first_contact_time: Some(convert::timestamp(callback.first_contact_at)),
        late_seconds: u32::try_from(late).unwrap_or(u32::MAX),
        needs: callback.needs.clone(),
        contact: Some(crate::clients::contact(&client.facts.contact)),
        wishes: Some(wishes(&callback.wishes)),
        number_confirmed: callback.number_confirmed,
        number_check: flags.number_check,
        do_not_call: flags.do_not_call,
        instead: flags.instead,
        park_reason: match &callback.state {
            State::Parked { why } => why.clone(),
            _ => String::new(),
        },
        cancel_reason: match callback.state {
            State::Cancelled(reason) => shown::<pb::CancelReason>(reason),
            _ => pb::CancelReason::Unspecified.into(),
        },
        taken_over_call_id: match callback.state {
            State::TakenOver(call) => call.to_string(),
            _ => String::new(),
        },
        asked_adviser_id: callback.asked.map(|asked| asked.to_string()).unwrap_or_default(),
        ended_time: callback.ended_at.map(convert::timestamp),
    }
}

fn state(callback: &Callback, now: DateTime<Utc>) -> pb::CallbackState {
    match callback.state {
        State::Booked | State::Parked { .. } if callback.is_due(now) => pb::CallbackState::Due,
        State::Booked => pb::CallbackState::Booked,
        State::Attempting(_) => pb::CallbackState::Attempting,
        State::Parked { .. } => pb::CallbackState::Parked,
        State::Reached => pb::CallbackState::Reached,
        State::NoReply => pb::CallbackState::NoReply,
        State::WrongNumber => pb::CallbackState::WrongNumber,
        State::Refused => pb::CallbackState::Refused,
        State::FaceToFace => pb::CallbackState::FaceToFace,
        State::Cancelled(_) => pb::CallbackState::Cancelled,
        State::TakenOver(_) => pb::CallbackState::TakenOver,
    }
}

fn wishes(wishes: &Wishes) -> pb::CallbackWishes {
    let unsuitable = |one: &Unsuitable| pb::CallbackUnsuitableTime {
        weekdays: one.weekdays.iter().copied().map(shown::<pb::Weekday>).collect(),
        start: one.times.map(|(start, _)| clock_time(start)).unwrap_or_default(),
        end: one.times.map(|(_, end)| clock_time(end)).unwrap_or_default(),
    };
    pb::CallbackWishes {
        unsuitable_times: wishes.unsuitable.iter().map(unsuitable).collect(),
        not_before_time: wishes.not_before.map(convert::timestamp),
        not_after_time: wishes.not_after.map(convert::timestamp),
        adviser_id: wishes.adviser.map(|adviser| adviser.to_string()).unwrap_or_default(),
    }
}

fn clock_time(time: NaiveTime) -> String {
    time.format("%H:%M").to_string()
}

pub fn slot(definition: &Definition, offer: &Offer, adviser: &str) -> pb::CallbackSlot {
    let words = |all: &[Wish]| all.iter().copied().map(shown::<pb::CallbackWish>).collect();
    pb::CallbackSlot {
        start_time: Some(convert::timestamp(offer.start)),
        end_time: Some(convert::timestamp(offer.end)),
        free_places: u32::try_from(offer.free_places).unwrap_or(u32::MAX),
        earliest: offer.earliest,
        beyond_standard: offer.beyond_standard,
        opens_half_day: offer.opens_half_day,
        met_wishes: words(&offer.met),
        unmet_wishes: words(&offer.unmet),
        why: offer.why(definition, adviser),
    }
}

pub async fn at_risk(
    db: &mut Db<'_>,
    definition: &Definition,
    all: &[AtRisk],
    now: DateTime<Utc>,
) -> Result<Vec<pb::CallbackAtRisk>> {
    let mut messages = Vec::with_capacity(all.len());
    for one in all {
        let wanted = match one.callback.wishes.adviser {
            Some(adviser) => access::user(db, adviser).await?.name,
            None => String::new(),
        };
        let (reason, away) = match &one.why {
            Why::AdviserAway { id, name } => (pb::RiskReason::AdviserAway, Some((id.to_string(), name.clone()))),
            Why::CapacityFell => (pb::RiskReason::CapacityFell, None),
            Why::Closed => (pb::RiskReason::Closed, None),
            Why::SkillsGone => (pb::RiskReason::SkillsGone, None),
        };
        let (away_adviser_id, away_adviser_name) = away.unwrap_or_default();
        let proposal = |proposal: &Proposal| match proposal {
            Proposal::SameTime { adviser } => {
                let (adviser_id, adviser_name) =
                    adviser.clone().map(|(id, name)| (id.to_string(), name)).unwrap_or_default();
                pb::ProposedMove { keep_time: true, adviser_id, adviser_name, slot: None }
            }
            Proposal::OtherTime(offer) => {
                pb::ProposedMove { slot: Some(slot(definition, offer, &wanted)), ..pb::ProposedMove::default() }
            }
        };
        messages.push(pb::CallbackAtRisk {
            callback: Some(self::one(db, &one.callback, now).await?),
            reason: reason.into(),
            away_adviser_id,
            away_adviser_name,
            proposals: one.proposals.iter().map(proposal).collect(),
        });
    }
    Ok(messages)
}

pub fn absence(block: &Block) -> pb::Absence {
    pb::Absence {
        absence_id: block.id.to_string(),
        adviser_id: match block.whose {
            Whose::One(user) => user.to_string(),
            Whose::Office(_) | Whose::Site => String::new(),
        },
        kind: shown::<pb::AbsenceKind>(block.kind),
        first_day: block.first_day.to_string(),
        last_day: block.last_day.to_string(),
        start: block.times.map(|(start, _)| clock_time(start)).unwrap_or_default(),
        end: block.times.map(|(_, end)| clock_time(end)).unwrap_or_default(),
        note: block.note.clone(),
    }
}
