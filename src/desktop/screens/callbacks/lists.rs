//! The lists: due now, missed callers, numbers to check, letters to write, reminder calls, at risk, and one client's.

use super::words::CallbackWords;
use super::{Promised, why};
use crate::html::{Frame, Mistakes, page};
use crate::screens::clients::{Known, name};
use crate::seat::{Posted, Seat};
use crate::visitor::Answer;
use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use startline_api as pb;
use startline_rooms::access::Role;

const PAGE_SIZE: i32 = 20;

/// Another of the lists, as its tab shows it.
pub struct Tab {
    pub path: &'static str,
    pub name: &'static str,
    pub is_here: bool,
}

fn tabs(seat: &Seat) -> Vec<Tab> {
    let c = CallbackWords::of(seat.language());
    let callers = &[Role::Adviser, Role::TeamLeader, Role::Supervisor][..];
    let rung = &[Role::Adviser, Role::TeamLeader, Role::PersonalAdviser, Role::Reception][..];
    let written = &[Role::Adviser, Role::TeamLeader, Role::Supervisor, Role::PrintRoom][..];
    let all = [
        ("/callbacks", c.due, callers),
        ("/callbacks/missed", c.missed, callers),
        ("/callbacks/numbers", c.numbers, callers),
        ("/callbacks/visits", c.visits, callers),
        ("/callbacks/stopped", c.stopped, &[Role::Adviser, Role::TeamLeader][..]),
        ("/callbacks/letters", c.letters, written),
        ("/callbacks/reminders", c.reminders, rung),
        ("/callbacks/risk", c.risk, &[Role::TeamLeader, Role::Supervisor, Role::Admin][..]),
    ];
    let mine = all.into_iter().filter(|(_, _, roles)| seat.is_any(roles));
    mine.map(|(path, name, _)| Tab { path, name, is_here: seat.path == path }).collect()
}

/// What the lists have alike.
pub struct Around {
    pub tabs: Vec<Tab>,
    /// The address of the next page.
    pub next_page: String,
    pub makes: bool,
}

pub fn around(seat: &Seat, token: &str) -> Around {
    let next_page = match token {
        "" => String::new(),
        token => format!("{}?{}", seat.path, crate::screens::find::query(&[("page", token)])),
    };
    Around { tabs: tabs(seat), next_page, makes: seat.is_any(&[Role::Adviser, Role::TeamLeader]) }
}

pub fn page_token(seat: &Seat) -> String {
    seat.visitor.query.get("page").to_owned()
}

#[derive(Template)]
#[template(path = "callbacks/due.html")]
struct Due<'a> {
    frame: Frame<'a>,
    c: &'static CallbackWords,
    around: Around,
    heading: String,
    /// Whose they are, on their own page.
    client: String,
    is_due: bool,
    nothing: &'static str,
    callbacks: Vec<Promised>,
}

pub async fn due(seat: Seat) -> Answer {
    let c = CallbackWords::of(seat.language());
    let asked = pb::ListDueCallbacksRequest { page_size: PAGE_SIZE, page_token: page_token(&seat) };
    let found = seat.need(asked).await?;
    let shown = Due {
        frame: seat.frame().live("desk").again_after(20),
        c,
        around: around(&seat, &found.next_page_token),
        heading: c.due.to_owned(),
        client: String::new(),
        is_due: true,
        nothing: c.nothing_due,
        callbacks: found.callbacks.iter().map(|one| Promised::of(&seat, one)).collect(),
    };
    Ok(seat.visitor.keeping_language(&seat.pages, page(StatusCode::OK, &shown)))
}

pub async fn numbers(seat: Seat) -> Answer {
    let c = CallbackWords::of(seat.language());
    let asked = pb::ListNumberChecksRequest { page_size: PAGE_SIZE, page_token: page_token(&seat) };
    let found = seat.need(asked).await?;
    waiting(seat, &found.callbacks, &found.next_page_token, c.numbers, c.no_numbers)
}

pub async fn visits(seat: Seat) -> Answer {
    let c = CallbackWords::of(seat.language());
    let asked = pb::ListVisitsWantedRequest { page_size: PAGE_SIZE, page_token: page_token(&seat) };
    let found = seat.need(asked).await?;
    waiting(seat, &found.callbacks, &found.next_page_token, c.visits, c.no_visits)
}

/// Call-backs that nobody makes before something else is done.
fn waiting(seat: Seat, callbacks: &[pb::Callback], token: &str, heading: &str, nothing: &'static str) -> Answer {
    let shown = Due {
        frame: seat.frame(),
        c: CallbackWords::of(seat.language()),
        around: around(&seat, token),
        heading: heading.to_owned(),
        client: String::new(),
        is_due: false,
        nothing,
        callbacks: callbacks.iter().map(|one| Promised::of(&seat, one)).collect(),
    };
    Ok(seat.visitor.keeping_language(&seat.pages, page(StatusCode::OK, &shown)))
}

pub async fn of_client(Path(id): Path<String>, seat: Seat) -> Answer {
    let c = CallbackWords::of(seat.language());
    let client = seat.need(pb::GetClientRequest { client_id: id.clone() }).await?.client.unwrap_or_default();
    let asked = pb::ListCallbacksRequest { client_id: id.clone(), page_size: PAGE_SIZE, page_token: page_token(&seat) };
    let found = seat.need(asked).await?;
    let shown = Due {
        frame: seat.frame(),
        c,
        around: Around { tabs: Vec::new(), ..around(&seat, &found.next_page_token) },
        heading: format!("{} {}", c.of_client, name(&client.facts.unwrap_or_default())),
        client: id,
        is_due: false,
        nothing: c.e_nothing,
        callbacks: found.callbacks.iter().map(|one| Promised::of(&seat, one)).collect(),
    };
    Ok(seat.visitor.keeping_language(&seat.pages, page(StatusCode::OK, &shown)))
}

#[derive(Template)]
#[template(path = "callbacks/missed.html")]
struct Missed<'a> {
    frame: Frame<'a>,
    c: &'static CallbackWords,
    mistakes: Mistakes,
    around: Around,
    callers: Vec<Caller>,
}

/// The number as it is read out and typed.
fn as_read(one: &pb::MissedCaller) -> String {
    if one.phone_grouped.is_empty() { one.phone.clone() } else { one.phone_grouped.clone() }
}

struct Caller {
    id: String,
    phone: String,
    dial: String,
    first: String,
    last: String,
    times: u32,
    from_abroad: bool,
    known: Vec<Known>,
    /// What was typed, when it comes back, and the field's id.
    outcome: String,
    field: String,
    /// Of the address at which a new record begins.
    new: String,
}

pub async fn missed(seat: Seat) -> Answer {
    let shown = show_missed(&seat, StatusCode::OK, Mistakes::default(), ("", "")).await?;
    Ok(seat.visitor.keeping_language(&seat.pages, shown))
}

async fn show_missed(seat: &Seat, status: StatusCode, mistakes: Mistakes, typed: (&str, &str)) -> Answer {
    let asked = pb::ListMissedCallersRequest { page_size: PAGE_SIZE, page_token: page_token(seat) };
    let found = seat.need(asked).await?;
    let shown_caller = |one: &pb::MissedCaller| Caller {
        id: one.missed_caller_id.clone(),
        phone: as_read(one),
        dial: one.phone.clone(),
        first: seat.when(one.first_time.as_ref()),
        last: seat.when(one.last_time.as_ref()),
        times: one.times,
        from_abroad: one.from_abroad,
        known: one.known_clients.iter().map(|client| Known::of(seat, client)).collect(),
        outcome: if typed.0 == one.missed_caller_id { typed.1.to_owned() } else { String::new() },
        field: format!("outcome-{}", one.missed_caller_id),
        new: crate::screens::find::query(&[("phone", &as_read(one))]),
    };
    let shown = Missed {
        frame: seat.frame().again_after(30),
        c: CallbackWords::of(seat.language()),
        mistakes,
        around: around(seat, &found.next_page_token),
        callers: found.missed_callers.iter().map(shown_caller).collect(),
    };
    Ok(page(status, &shown))
}

pub async fn close_missed(posted: Posted) -> Answer {
    let seat = &posted.seat;
    let (id, outcome) = (posted.get("missed_caller"), posted.get("outcome").trim());
    let request = pb::CloseMissedCallerRequest {
        request_id: posted.request_id(),
        missed_caller_id: id.to_owned(),
        outcome: outcome.to_owned(),
    };
    match posted.ask(request).await? {
        Ok(_) => posted.then("/callbacks/missed?done=seen_to"),
        Err(refusal) => {
            let mistakes = Mistakes::one(format!("outcome-{id}"), crate::refused::in_words(seat.language(), &refusal));
            show_missed(seat, StatusCode::UNPROCESSABLE_ENTITY, mistakes, (id, outcome)).await
        }
    }
}

#[derive(Template)]
#[template(path = "callbacks/letters.html")]
struct Letters<'a> {
    frame: Frame<'a>,
    c: &'static CallbackWords,
    mistakes: Mistakes,
    around: Around,
    letters: Vec<Letter>,
}

struct Letter {
    callback: Promised,
    /// What the letter names, or nothing.
    names: String,
    since: String,
}

pub async fn letters(seat: Seat) -> Answer {
    let shown = show_letters(&seat, StatusCode::OK, Mistakes::default()).await?;
    Ok(seat.visitor.keeping_language(&seat.pages, shown))
}

async fn show_letters(seat: &Seat, status: StatusCode, mistakes: Mistakes) -> Answer {
    let asked = pb::ListCallbackLettersRequest { page_size: PAGE_SIZE, page_token: page_token(seat) };
    let found = seat.need(asked).await?;
    let letter = |one: &pb::CallbackLetter| Letter {
        callback: Promised::of(seat, &one.callback.clone().unwrap_or_default()),
        names: seat.span(one.start_time.as_ref(), one.end_time.as_ref()),
        since: seat.when(one.owed_time.as_ref()),
    };
    let shown = Letters {
        frame: seat.frame(),
        c: CallbackWords::of(seat.language()),
        mistakes,
        around: around(seat, &found.next_page_token),
        letters: found.letters.iter().map(letter).collect(),
    };
    Ok(page(status, &shown))
}

pub async fn letter_gone(posted: Posted) -> Answer {
    let request = pb::RecordCallbackLetterRequest {
        request_id: posted.request_id(),
        callback_id: posted.get("callback").to_owned(),
    };
    match posted.ask(request).await? {
        Ok(_) => posted.then("/callbacks/letters?done=letter_gone"),
        Err(refusal) => {
            let mistakes = Mistakes::one("main", why(&posted.seat, &refusal));
            show_letters(&posted.seat, StatusCode::CONFLICT, mistakes).await
        }
    }
}

#[derive(Template)]
#[template(path = "callbacks/reminders.html")]
struct Reminders<'a> {
    frame: Frame<'a>,
    c: &'static CallbackWords,
    mistakes: Mistakes,
    around: Around,
    calls: Vec<Reminder>,
    outcomes: Vec<(i32, &'static str)>,
}

struct Reminder {
    id: String,
    client: String,
    name: String,
    phone: String,
    dial: String,
    words: String,
    /// Of the words: the client's.
    language: String,
    meeting: String,
    office: String,
    contact: Vec<String>,
}

pub async fn reminders(seat: Seat) -> Answer {
    let shown = show_reminders(&seat, StatusCode::OK, Mistakes::default()).await?;
    Ok(seat.visitor.keeping_language(&seat.pages, shown))
}

async fn show_reminders(seat: &Seat, status: StatusCode, mistakes: Mistakes) -> Answer {
    use pb::ReminderCallOutcome as O;
    let c = CallbackWords::of(seat.language());
    let asked = pb::ListReminderCallsRequest { page_size: PAGE_SIZE, page_token: page_token(seat) };
    let found = seat.need(asked).await?;
    let call = |call: pb::ReminderCall| Reminder {
        meeting: seat.when(call.appointment_time.as_ref()),
        office: seat.office_name(&call.office_id),
        contact: crate::screens::clients::contact::lines(seat, call.contact.as_ref()),
        id: call.reminder.unwrap_or_default().reminder_id,
        client: call.client_id,
        name: call.client_name,
        phone: call.phone_grouped,
        dial: call.phone,
        words: call.words,
        language: call.language,
    };
    let shown = Reminders {
        frame: seat.frame().again_after(60),
        c,
        mistakes,
        around: around(seat, &found.next_page_token),
        calls: found.calls.into_iter().map(call).collect(),
        outcomes: vec![
            (O::Reached as i32, c.spoken),
            (O::NoReply as i32, c.not_answered),
            (O::WrongNumber as i32, c.is_wrong),
        ],
    };
    Ok(page(status, &shown))
}

pub async fn record_reminder(posted: Posted) -> Answer {
    let request = pb::RecordReminderCallRequest {
        request_id: posted.request_id(),
        reminder_id: posted.get("reminder").to_owned(),
        outcome: posted.get("outcome").parse().unwrap_or_default(),
    };
    match posted.ask(request).await? {
        Ok(_) => posted.then("/callbacks/reminders?done=recorded"),
        Err(refusal) => {
            let mistakes = Mistakes::one("main", why(&posted.seat, &refusal));
            show_reminders(&posted.seat, StatusCode::CONFLICT, mistakes).await
        }
    }
}

#[derive(Template)]
#[template(path = "callbacks/risk.html")]
struct Risk<'a> {
    frame: Frame<'a>,
    c: &'static CallbackWords,
    mistakes: Mistakes,
    around: Around,
    all: Vec<AtRisk>,
    may_move: bool,
}

struct AtRisk {
    callback: Promised,
    reason: String,
    /// What `take_proposal` reads, and how it is shown.
    proposals: Vec<(String, String)>,
}

pub async fn risk(seat: Seat) -> Answer {
    let shown = show_risk(&seat, StatusCode::OK, Mistakes::default()).await?;
    Ok(seat.visitor.keeping_language(&seat.pages, shown))
}

async fn show_risk(seat: &Seat, status: StatusCode, mistakes: Mistakes) -> Answer {
    let c = CallbackWords::of(seat.language());
    let asked = pb::ListCallbacksAtRiskRequest {
        site_id: seat.sites().first().map(ToString::to_string).unwrap_or_default(),
        page_size: PAGE_SIZE,
        page_token: page_token(seat),
        ..Default::default()
    };
    let found = seat.need(asked).await?;
    let reason = |one: &pb::CallbackAtRisk| match one.reason() {
        pb::RiskReason::AdviserAway | pb::RiskReason::Unspecified => format!("{} {}", one.away_adviser_name, c.away),
        pb::RiskReason::CapacityFell => c.capacity.to_owned(),
        pb::RiskReason::Closed => c.closed.to_owned(),
        pb::RiskReason::SkillsGone => c.skills.to_owned(),
    };
    let proposal = |one: &pb::ProposedMove| match (&one.slot, one.keep_time) {
        (Some(slot), false) => {
            let start = slot.start_time.map_or(0, |at| at.seconds);
            let when = seat.span(slot.start_time.as_ref(), slot.end_time.as_ref());
            (format!("at:{start}:{}", one.adviser_id), format!("{} {when}", c.move_other))
        }
        _ => {
            let name = if one.adviser_name.is_empty() { c.whoever } else { &one.adviser_name };
            (format!("same:0:{}", one.adviser_id), format!("{}: {name}", c.move_same))
        }
    };
    let at_risk = |one: &pb::CallbackAtRisk| AtRisk {
        callback: Promised::of(seat, &one.callback.clone().unwrap_or_default()),
        reason: reason(one),
        proposals: one.proposals.iter().map(proposal).collect(),
    };
    let shown = Risk {
        frame: seat.frame(),
        c,
        mistakes,
        around: around(seat, &found.next_page_token),
        all: found.at_risk.iter().map(at_risk).collect(),
        may_move: seat.is_any(&[Role::TeamLeader, Role::Supervisor]),
    };
    Ok(page(status, &shown))
}

pub async fn take_proposal(posted: Posted) -> Answer {
    use pb::move_callback_request::To;
    let seat = &posted.seat;
    let mut parts = posted.get("proposal").splitn(3, ':');
    let (how, start, adviser) = (parts.next(), parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let to = match how {
        Some("same") => Some(To::KeepTime(true)),
        _ => start.parse().ok().map(|seconds| To::StartTime(pb::prost_types::Timestamp { seconds, nanos: 0 })),
    };
    let request = pb::MoveCallbackRequest {
        request_id: posted.request_id(),
        callback_id: posted.get("callback").to_owned(),
        to,
        adviser_id: adviser.to_owned(),
        reason: posted.get("reason").to_owned(),
        wishes: None,
    };
    match posted.ask(request).await? {
        Ok(_) => posted.then("/callbacks/risk?done=moved"),
        Err(refusal) => {
            let mistakes = Mistakes::one("main", why(seat, &refusal));
            show_risk(seat, StatusCode::CONFLICT, mistakes).await
        }
    }
}
