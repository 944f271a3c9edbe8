//! What the script leaves open and the service knows by now: times that are free, the call-back that was promised, the meeting
//! that was booked. What is not known stays in its brackets, for the adviser to say.

use super::gathered::Gathered;
use crate::screens::callbacks::promise;
use crate::screens::claims::offers::{OfferList, read};
use crate::screens::clients::grouped;
use crate::seat::{Seat, instant};
use startline_api as pb;
use startline_api::prost_types::Timestamp;
use startline_foundation::formats::{Language, weekday_in_words};

/// Times that are read out.
pub const READ_OUT: i32 = 3;

/// Whether the script leaves times open for the adviser to offer.
pub fn speaks_of_times(say: &str) -> bool {
    say.contains("[slot 1]") || say.contains("[amser 1]")
}

/// `offers`: times for a meeting that are on the page.
pub async fn known(seat: &Seat, g: &Gathered, say: &str, offers: Option<&OfferList<'_>>) -> String {
    let talk = g.talk();
    if speaks_of_times(say) {
        if let Some(slot) = g.appointment.as_ref().and_then(|appointment| appointment.slot.as_ref()) {
            return meeting(seat, slot, talk);
        }
        if let Some(offers) = offers {
            let times = offers.offers.iter().filter_map(|offer| Some(moment(seat, &read(&offer.start)?, talk)));
            let office = offers.offers.first().map(|offer| offer.office.as_str());
            return with_times(say, times, office);
        }
    }
    if g.walk.client_id.is_empty() || !g.walk.claim_id.is_empty() || !say.contains('[') {
        return say.to_owned();
    }
    let of_client =
        pb::ListCallbacksRequest { client_id: g.walk.client_id.clone(), page_size: 10, ..Default::default() };
    let promised = [pb::CallbackState::Booked, pb::CallbackState::Parked, pb::CallbackState::Due];
    let callbacks = seat.may(of_client).await.map(|answer| answer.callbacks).unwrap_or_default();
    let callback = callbacks.into_iter().find(|callback| promised.contains(&callback.state()));
    match callback {
        Some(callback) if speaks_of_times(say) => {
            promise(seat, talk.as_str(), &callback.phone, callback.due_time.as_ref()).text
        }
        Some(callback) => with_promise(seat, say, &callback, talk),
        None if speaks_of_times(say) => {
            let asked = pb::OfferCallbackSlotsRequest {
                client_id: g.walk.client_id.clone(),
                page_size: READ_OUT,
                ..Default::default()
            };
            let slots = seat.may(asked).await.map(|answer| answer.slots).unwrap_or_default();
            let times = slots.iter().filter_map(|slot| Some(moment(seat, slot.start_time.as_ref()?, talk)));
            with_times(say, times, None)
        }
        None => say.to_owned(),
    }
}

fn with_times(say: &str, times: impl Iterator<Item = String>, office: Option<&str>) -> String {
    let mut said = say.to_owned();
    for (at, time) in times.enumerate() {
        let number = at + 1;
        said = said.replace(&format!("[slot {number}]"), &time).replace(&format!("[amser {number}]"), &time);
    }
    match office {
        Some(office) => said.replace("[office]", office).replace("[swyddfa]", office),
        None => said,
    }
}

/// "We will ring [number] on [day] at [time]."
fn with_promise(seat: &Seat, say: &str, callback: &pb::Callback, talk: Language) -> String {
    let Some(at) = callback.due_time.as_ref().and_then(instant) else { return say.to_owned() };
    let (day, time) = seat.local(at);
    let (day, time) = (weekday_in_words(day, talk), time.format("%H:%M").to_string());
    let all = [
        ("[number]", grouped(&callback.phone)),
        ("[day]", day.clone()),
        ("[dydd]", day),
        ("[time]", time.clone()),
        ("[amser]", time),
    ];
    all.into_iter().fold(say.to_owned(), |said, (open, known)| said.replace(open, &known))
}

fn meeting(seat: &Seat, slot: &pb::Slot, talk: Language) -> String {
    let when = slot.start_time.as_ref().map(|at| moment(seat, at, talk)).unwrap_or_default();
    let (office, with) = (&slot.office_name, &slot.personal_adviser_name);
    match talk {
        Language::English => format!("So your meeting is on {when}, at {office}, with {with}."),
        Language::Welsh => format!("Felly mae eich cyfarfod {when}, yn {office}, gyda {with}."),
    }
}

/// As it is said: "Friday 6 March at 09:00".
fn moment(seat: &Seat, at: &Timestamp, talk: Language) -> String {
    let Some(at) = instant(at) else { return String::new() };
    let (day, time) = seat.local(at);
    let (day, time) = (weekday_in_words(day, talk), time.format("%H:%M"));
    match talk {
        Language::English => format!("{day} at {time}"),
        Language::Welsh => format!("{day} am {time}"),
    }
}
