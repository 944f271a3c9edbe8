//! The times that are free, each with why it is offered, in the page's own words.

use super::needs;
use super::wishes::Wishes;
use super::words::CallbackWords;
use crate::seat::{Seat, instant};
use chrono::Timelike;
use startline_api as pb;
use startline_service::methods::Refusal;

/// At once: enough for a choice, and no more than can be read out.
const OFFERED: i32 = 6;

pub struct Offers {
    pub slots: Vec<Offer>,
    pub needs: Vec<String>,
    pub minutes: u32,
    pub none_in_standard: bool,
    /// Why it is urgent, from what was said today.
    pub urgent_reason: String,
    /// The meeting that could follow.
    pub meeting: String,
    /// Why there is none.
    pub none: &'static str,
    /// The address of more of them.
    pub more: String,
}

pub struct Offer {
    pub start_s: i64,
    pub when: String,
    pub why: Vec<&'static str>,
    pub but: Vec<&'static str>,
    pub places: u32,
}

/// `here`: the page's own address, for more of them.
pub async fn offers(
    seat: &Seat,
    client_id: &str,
    wishes: (&Wishes, pb::CallbackWishes),
    token: &str,
    here: &str,
) -> Result<Offers, Refusal> {
    let c = CallbackWords::of(seat.language());
    let (typed, wishes) = wishes;
    let asked = pb::OfferCallbackSlotsRequest {
        client_id: client_id.to_owned(),
        not_before_time: None,
        page_size: OFFERED,
        page_token: token.to_owned(),
        urgent: typed.urgent,
        wishes: Some(wishes),
    };
    let found = seat.ask(asked).await?;
    let meeting = found.earliest_meeting.as_ref().map(|meeting| {
        let (when, office) = (seat.when(meeting.start_time.as_ref()), seat.office_name(&meeting.office_id));
        let standard = if meeting.within_standard { c.w_standard } else { c.w_beyond };
        format!("{when}, {office}, {} ({standard})", meeting.personal_adviser_name)
    });
    let more = match found.next_page_token.as_str() {
        "" => String::new(),
        token => {
            format!("{here}?{}&{}", typed.query(), crate::screens::find::query(&[("page", token), ("chosen", "yes")]))
        }
    };
    let none = found.why_empty.as_ref().map_or("", |why| c.none(why.reason()));
    let slots = found.slots.iter().map(|slot| offer(seat, c, slot)).collect();
    Ok(Offers {
        none: if found.slots.is_empty() && none.is_empty() { c.e_nothing } else { none },
        slots,
        needs: needs(seat, &found.needs),
        minutes: found.minutes,
        none_in_standard: found.none_in_standard,
        urgent_reason: found.urgent_reason,
        meeting: meeting.unwrap_or_default(),
        more,
    })
}

fn offer(seat: &Seat, c: &'static CallbackWords, slot: &pb::CallbackSlot) -> Offer {
    let start = slot.start_time.as_ref().and_then(instant);
    let is_morning = start.is_some_and(|at| seat.local(at).1.hour() < 12);
    let (mut why, mut but) = (Vec::new(), Vec::new());
    if slot.earliest {
        why.push(c.w_earliest);
    } else if slot.opens_half_day {
        why.push(if is_morning { c.w_morning } else { c.w_afternoon });
    }
    for wish in slot.met_wishes() {
        match wish {
            pb::CallbackWish::Times => why.push(c.w_times),
            pb::CallbackWish::NotAfter => why.push(c.w_not_after),
            pb::CallbackWish::Adviser => why.push(c.w_adviser),
            pb::CallbackWish::Unspecified => {}
        }
    }
    for wish in slot.unmet_wishes() {
        match wish {
            pb::CallbackWish::Times => but.push(c.w_not_times),
            pb::CallbackWish::NotAfter => but.push(c.w_too_late),
            pb::CallbackWish::Adviser => but.push(c.w_not_adviser),
            pb::CallbackWish::Unspecified => {}
        }
    }
    if slot.beyond_standard {
        but.push(c.w_beyond);
    } else {
        why.push(c.w_standard);
    }
    Offer {
        start_s: start.map_or(0, |at| at.timestamp()),
        when: seat.span(slot.start_time.as_ref(), slot.end_time.as_ref()),
        why,
        but,
        places: slot.free_places,
    }
}
