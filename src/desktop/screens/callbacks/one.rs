//! One call-back: what it is for, being made, and what was done with it.

use super::booking::{Spoken, promise};
use super::moving::advisers_of;
use super::words::CallbackWords;
use super::{Promised, when};
use crate::html::{Frame, Mistakes, page};
use crate::screens::clients::{colleagues, day, is_open, name};
use crate::seat::Seat;
use crate::visitor::Answer;
use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use futures_util::future::join3;
use startline_api as pb;
use startline_rooms::access::Role;
use std::collections::HashMap;

/// What was typed into one of its forms, when it comes back.
#[derive(Default)]
pub struct Typed {
    pub note: String,
    pub park_reason: String,
    pub day: String,
    pub time: String,
}

#[derive(Template)]
#[template(path = "callbacks/one.html")]
struct One<'a> {
    frame: Frame<'a>,
    c: &'static CallbackWords,
    mistakes: Mistakes,
    typed: Typed,
    id: String,
    /// As lists show it.
    short: Promised,
    dial: String,
    when: String,
    stage: Stage,
    say: Option<Spoken>,
    site: String,
    /// The client, to make sure who speaks; none where they may not be seen.
    identity: Vec<(&'static str, String)>,
    first_contact: String,
    confirmed: bool,
    instead: String,
    note: String,
    park_reason: String,
    cancel_reason: &'static str,
    asked: String,
    ended: String,
    next_try: String,
    /// The claim that a start-up goes on with.
    claim_id: String,
    /// The call in which the client may be.
    call_id: String,
    /// The script of that call.
    walk: String,
    outcomes: Vec<(i32, &'static str)>,
    advisers: Vec<(String, String)>,
    history: Vec<Done>,
    is_open: bool,
    makes: bool,
    leads: bool,
    today: String,
}

/// What can be done with it now, and is the one thing of the page.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// Its time has come.
    Start,
    /// Whoever looks is making it.
    Mine,
    /// Somebody else is.
    Theirs,
    Reached,
    Wrong,
    Owed,
    Visit,
    Waits,
    Over,
}

struct Done {
    when: String,
    by: String,
    what: String,
    more: String,
}

pub async fn one(Path(id): Path<String>, seat: Seat) -> Answer {
    // A page that was sent by a form of this one, and is asked for again, is this one.
    let shown = show(&seat, id, StatusCode::OK, Mistakes::default(), Typed::default()).await?;
    Ok(seat.visitor.keeping_language(&seat.pages, shown))
}

pub async fn show(seat: &Seat, id: String, status: StatusCode, mistakes: Mistakes, typed: Typed) -> Answer {
    let c = CallbackWords::of(seat.language());
    let got = seat.need(pb::GetCallbackRequest { callback_id: id.clone() }).await?;
    let callback = got.callback.clone().unwrap_or_default();
    let stage = stage(seat, &callback, &got.attempts);
    let (client, names, walks) = join3(
        seat.may(pb::GetClientRequest { client_id: callback.client_id.clone() }),
        colleagues(seat),
        seat.may(pb::ListWalksRequest { client_id: callback.client_id.clone(), page_size: 10, ..Default::default() }),
    )
    .await;
    let facts = client.and_then(|found| found.client).and_then(|client| client.facts).unwrap_or_default();
    let claim_id =
        walks.and_then(|found| found.walks.into_iter().find(|walk| !walk.finished && !walk.claim_id.is_empty()));
    let leads = seat.is_any(&[Role::TeamLeader, Role::Supervisor]);
    let is_open = is_open(&callback);
    let advisers = match leads && is_open {
        true => advisers_of(seat, &callback.site_id).await,
        false => Vec::new(),
    };
    let frame = seat.frame().live("desk");
    let call = frame.desk.as_ref().filter(|desk| desk.is_on_call()).map(|desk| desk.desk.call_id.clone());
    let walk = frame.desk.as_ref().map(|desk| desk.walk.clone()).unwrap_or_default();
    let is_promised = matches!(callback.state(), pb::CallbackState::Booked | pb::CallbackState::Parked);
    let named = |id: &str| names.get(id).cloned().unwrap_or_else(|| c.colleague.to_owned());
    let shown = One {
        c,
        mistakes,
        short: Promised::of(seat, &callback),
        dial: callback.phone.clone(),
        when: seat.span(callback.start_time.as_ref(), callback.end_time.as_ref()),
        stage,
        say: (is_promised && !callback.do_not_call)
            .then(|| promise(seat, &facts.talk_language, &callback.phone, callback.due_time.as_ref())),
        site: seat.site_name(&callback.site_id),
        identity: identity(seat, &facts),
        first_contact: seat.when(callback.first_contact_time.as_ref()),
        confirmed: callback.number_confirmed,
        instead: callback.instead.clone(),
        note: callback.note.clone(),
        park_reason: callback.park_reason.clone(),
        cancel_reason: if callback.cancel_reason == 0 { "" } else { c.cancel_reason(callback.cancel_reason()) },
        asked: if callback.asked_adviser_id.is_empty() { String::new() } else { named(&callback.asked_adviser_id) },
        ended: seat.when(callback.ended_time.as_ref()),
        next_try: if is_promised && callback.attempts > 0 { when(seat, &callback) } else { String::new() },
        claim_id: claim_id.map(|walk| walk.claim_id).unwrap_or_default(),
        call_id: call.unwrap_or_default(),
        walk,
        outcomes: outcomes(c),
        advisers,
        history: history(seat, c, &names, &got),
        is_open,
        makes: seat.is_any(&[Role::Adviser, Role::TeamLeader]),
        leads,
        today: seat.today().to_string(),
        typed,
        id,
        frame,
    };
    Ok(page(status, &shown))
}

fn stage(seat: &Seat, callback: &pb::Callback, attempts: &[pb::CallbackAttempt]) -> Stage {
    use pb::CallbackState as S;
    let me = seat.user().id.to_string();
    let is_mine = attempts.last().is_some_and(|last| last.adviser_id == me && last.end_time.is_none());
    match callback.state() {
        S::Due => Stage::Start,
        S::Attempting if is_mine => Stage::Mine,
        S::Attempting => Stage::Theirs,
        S::Reached => Stage::Reached,
        S::WrongNumber => Stage::Wrong,
        S::NoReply => Stage::Owed,
        S::FaceToFace => Stage::Visit,
        S::Booked | S::Parked | S::Unspecified => Stage::Waits,
        S::Refused | S::Cancelled | S::TakenOver => Stage::Over,
    }
}

fn identity(seat: &Seat, facts: &pb::ClientFacts) -> Vec<(&'static str, String)> {
    let w = crate::screens::clients::words_of(seat.language());
    let address = facts.address_lines.iter().chain([&facts.postcode]).filter(|part| !part.is_empty());
    let all = [
        (w.full_name, name(facts)),
        (w.date_of_birth, day(seat, &facts.date_of_birth)),
        (w.address, address.cloned().collect::<Vec<_>>().join(", ")),
        (w.nino, crate::screens::clients::nino(&facts.nino)),
    ];
    all.into_iter().filter(|(_, value)| !value.is_empty()).collect()
}

fn outcomes(c: &'static CallbackWords) -> Vec<(i32, &'static str)> {
    use pb::AttemptOutcome as O;
    vec![
        (O::NoReply as i32, c.o_no_reply),
        (O::Busy as i32, c.o_busy),
        (O::Voicemail as i32, c.o_voicemail),
        (O::WrongNumber as i32, c.o_wrong_number),
        (O::Refused as i32, c.o_refused),
        (O::FaceToFace as i32, c.o_face_to_face),
    ]
}

/// Moves and tries in one order of time, the newest first.
fn history(
    seat: &Seat,
    c: &'static CallbackWords,
    names: &HashMap<String, String>,
    got: &pb::GetCallbackResponse,
) -> Vec<Done> {
    let named = |id: &str| names.get(id).cloned().unwrap_or_else(|| c.colleague.to_owned());
    let events = got.events.iter().map(|event| {
        let said = c.sentence(&format!("e_{}", event.event));
        let what = said.map_or_else(|| event.event.clone(), str::to_owned);
        let what = match event.event.as_str() {
            "booked" | "moved" => format!("{what} {}", seat.when(event.start_time.as_ref())),
            _ => what,
        };
        let reason = c.sentence(&event.reason).unwrap_or(&event.reason).to_owned();
        let more = [reason, event.note.clone()].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>();
        let at = event.event_time.map_or(0, |at| at.seconds);
        let by = named(&event.user_id);
        (at, Done { when: seat.when(event.event_time.as_ref()), by, what, more: more.join(": ") })
    });
    let tries = got.attempts.iter().map(|one| {
        let outcome = if one.outcome.is_empty() { "going_on" } else { &one.outcome };
        let outcome = c.sentence(&format!("t_{outcome}")).unwrap_or(outcome);
        let what = format!("{} {}: {outcome}", c.try_number, one.number);
        let at = one.end_time.or(one.start_time);
        let by = named(&one.adviser_id);
        (at.map_or(0, |at| at.seconds), Done { when: seat.when(at.as_ref()), by, what, more: one.note.clone() })
    });
    let mut all: Vec<(i64, Done)> = events.chain(tries).collect();
    all.sort_by_key(|(at, _)| *at);
    all.into_iter().rev().map(|(_, done)| done).collect()
}
