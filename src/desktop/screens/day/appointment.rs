//! One meeting: what is known before the client sits down, whether they came, moving it.

use super::cancel::reasons;
use super::offers::{Found, Wishes, chosen, find};
use super::reading::{self, Row, Whose, done};
use super::words::DayWords;
use crate::Pages;
use crate::html::{Frame, Mistakes, page};
use crate::seat::{Posted, Seat};
use crate::visitor::Answer;
use askama::Template;
use axum::Router;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use startline_api as pb;
use startline_foundation::formats::{Language, UkPhone};
use startline_rooms::access::Role;
use std::sync::Arc;

/// Who arranges meetings.
pub const ARRANGES: &[Role] = &[Role::Adviser, Role::TeamLeader, Role::PersonalAdviser, Role::Reception];

pub fn routes() -> Router<Arc<Pages>> {
    Router::new()
        .route("/appointments/{id}", get(found))
        .route("/appointments/{id}/of/{claim}", get(appointment))
        .route("/appointments/{id}/of/{claim}/missed", get(missed))
        .route("/appointments/{id}/of/{claim}/move", get(moving).post(moved))
}

/// What is known before the client sits down.
#[derive(Default)]
pub struct Known {
    pub born: String,
    pub phone: String,
    pub talks: &'static str,
    pub needs: Vec<String>,
}

pub struct ReminderShown {
    pub what: &'static str,
    pub state: &'static str,
    pub reason: String,
    pub when: String,
}

#[derive(Template)]
#[template(path = "day/appointment.html")]
struct AppointmentPage<'a> {
    frame: Frame<'a>,
    d: &'static DayWords,
    seat: &'a Seat,
    row: Row,
    when: String,
    known: Option<Known>,
    reminders: Vec<ReminderShown>,
    is_sending: bool,
    others: Vec<Row>,
    may_record: bool,
    may_arrange: bool,
    may_check: bool,
    may_see_claim: bool,
}

#[derive(Template)]
#[template(path = "day/missed.html")]
struct MissedPage<'a> {
    frame: Frame<'a>,
    d: &'static DayWords,
    row: Row,
    when: String,
    back: String,
}

#[derive(Template)]
#[template(path = "day/move.html")]
struct MovePage<'a> {
    frame: Frame<'a>,
    d: &'static DayWords,
    mistakes: Mistakes,
    row: Row,
    when: String,
    wishes: Wishes,
    offices: Vec<(String, String)>,
    found: Found,
    reasons: Vec<(String, String)>,
    reason: String,
    note: String,
    offer: String,
}

/// Of a link that does not say whose meeting it is: it is looked for where they work, today and this week.
async fn found(seat: Seat, Path(id): Path<String>) -> Answer {
    if let Some(claim) = Some(seat.visitor.query.get("claim")).filter(|claim| !claim.is_empty()) {
        return Ok(seat.then(&format!("/appointments/{}/of/{}", reading::escaped(&id), reading::escaped(claim))));
    }
    // Their own diary, or the one they looked at last, for the week; every office of theirs for today.
    let own = seat.is(Role::PersonalAdviser).then(|| Whose::Person(seat.user().id.to_string()));
    let likely: Vec<Whose> = own.into_iter().chain(Whose::of(&seat)).collect();
    let week = reading::week_of(None, seat.today());
    let mut places = Vec::new();
    for whose in likely {
        for day in &week {
            places.push((whose.clone(), *day));
        }
    }
    places.extend(reading::offices(&seat).into_iter().map(|(id, _)| (Whose::Office(id), seat.today())));
    for (whose, day) in places {
        let Ok((appointments, _)) = reading::day(&seat, &whose, day).await else { continue };
        if let Some(one) = appointments.iter().find(|one| one.appointment_id == id) {
            return Ok(seat.then(&format!("/appointments/{id}/of/{}", one.claim_id)));
        }
    }
    let left = seat.may(pb::ListAppointmentsToMoveRequest { page_size: 200, ..Default::default() }).await;
    let left = left.map(|left| left.appointments).unwrap_or_default();
    match left.iter().find(|one| one.appointment_id == id) {
        Some(one) => Ok(seat.then(&format!("/appointments/{id}/of/{}", one.claim_id))),
        None => Err(seat.no_page()),
    }
}

/// A claim's meetings, and the one of this id.
///
/// # Errors
/// The page that says that it is not there, or may not be seen.
pub async fn of_claim(seat: &Seat, id: &str, claim: &str) -> Result<(pb::Appointment, Vec<pb::Appointment>), Response> {
    let request = pb::ListAppointmentsRequest { claim_id: claim.to_owned(), page_size: 200, ..Default::default() };
    let mut all = seat.need(request).await?.appointments;
    let at = all.iter().position(|one| one.appointment_id == id).ok_or_else(|| seat.no_page())?;
    let one = all.remove(at);
    Ok((one, all))
}

pub fn when(seat: &Seat, appointment: &pb::Appointment) -> String {
    let slot = appointment.slot.clone().unwrap_or_default();
    seat.span(slot.start_time.as_ref(), slot.end_time.as_ref())
}

impl Known {
    /// One look at the client's record.
    pub async fn of(seat: &Seat, client_id: &str) -> Option<Self> {
        let facts = seat.may(pb::GetClientRequest { client_id: client_id.to_owned() }).await?.client?.facts?;
        let d = DayWords::of(seat.language());
        let definition = seat.definition();
        let telephone = &definition.service.telephone;
        let named = |id: &String| {
            let skill = telephone.skills.iter().chain(&telephone.other_needs).find(|skill| skill.id == *id);
            skill.map_or_else(|| id.clone(), |skill| skill.name.in_language(seat.language()).to_owned())
        };
        let mut needs: Vec<String> = facts.call_needs.iter().map(named).collect();
        needs.extend(Some(facts.special_needs.clone()).filter(|text| !text.trim().is_empty()));
        if facts.large_print {
            needs.push(d.large_print.to_owned());
        }
        if !facts.letters_format.is_empty() {
            needs.push(definition.letters_format(&facts.letters_format, seat.language()).to_owned());
        }
        let is_welsh = facts.talk_language == Language::Welsh.as_str();
        let born = startline_foundation::formats::parse_date(&facts.date_of_birth);
        Some(Self {
            born: born.map(|day| startline_foundation::formats::day_in_words(day, seat.language())).unwrap_or_default(),
            phone: UkPhone::parse(&facts.phone).map_or_else(|_| facts.phone.clone(), |phone| phone.grouped()),
            talks: if is_welsh { d.welsh } else { d.english },
            needs,
        })
    }
}

async fn appointment(seat: Seat, Path((id, claim)): Path<(String, String)>) -> Answer {
    let (one, others) = of_claim(&seat, &id, &claim).await?;
    let d = DayWords::of(seat.language());
    let known = Known::of(&seat, &one.client_id).await;
    let asked = pb::ListRemindersRequest { appointment_id: id.clone(), page_size: 100, ..Default::default() };
    let reminders = seat.may(asked).await;
    let is_sending = reminders.as_ref().is_none_or(|reminders| reminders.sending);
    let told = |reminder: &pb::Reminder| ReminderShown {
        what: d.channel(reminder.channel()),
        state: d.reminder_state(reminder.state(), reminder.outcome()),
        reason: d.reminder_reason(&reminder.reason).unwrap_or(&reminder.reason).to_owned(),
        when: seat.when(reminder.settled_time.as_ref().or(reminder.sent_time.as_ref()).or(reminder.due_time.as_ref())),
    };
    let row = Row::of(&seat, &one);
    let others = others.iter().map(|other| Row::of(&seat, other)).collect();
    let frame = seat.frame().live(format!("day:{}:office:{}", row.day, row.office_id));
    let shown = AppointmentPage {
        frame,
        d,
        when: when(&seat, &one),
        known,
        reminders: reminders.iter().flat_map(|answer| &answer.reminders).map(told).collect(),
        is_sending,
        others,
        may_record: seat.is_any(&[Role::PersonalAdviser, Role::Reception]),
        may_arrange: seat.is_any(ARRANGES),
        may_check: seat.is_any(&[Role::PersonalAdviser, Role::BenefitsExpert]),
        may_see_claim: seat.is_any(&[Role::Adviser, Role::TeamLeader, Role::PersonalAdviser, Role::BenefitsExpert]),
        row,
        seat: &seat,
    };
    Ok(seat.visitor.keeping_language(&seat.pages, page(StatusCode::OK, &shown)))
}

async fn missed(seat: Seat, Path((id, claim)): Path<(String, String)>) -> Answer {
    let (one, _) = of_claim(&seat, &id, &claim).await?;
    let row = Row::of(&seat, &one);
    let back = format!("/day?office={}&day={}", reading::escaped(&row.office_id), row.day);
    let d = DayWords::of(seat.language());
    let shown = MissedPage { frame: seat.frame(), d, when: when(&seat, &one), back, row };
    Ok(seat.visitor.keeping_language(&seat.pages, page(StatusCode::OK, &shown)))
}

async fn moving(seat: Seat, Path((id, claim)): Path<(String, String)>) -> Answer {
    let wishes = Wishes::read(&seat.visitor.query);
    let shown = show_moving(&seat, (&id, &claim), (StatusCode::OK, Mistakes::default()), wishes, None).await?;
    Ok(seat.visitor.keeping_language(&seat.pages, shown))
}

async fn show_moving(
    seat: &Seat,
    (id, claim): (&str, &str),
    (status, mistakes): (StatusCode, Mistakes),
    mut wishes: Wishes,
    typed: Option<&Posted>,
) -> Result<Response, Response> {
    let (one, _) = of_claim(seat, id, claim).await?;
    let row = Row::of(seat, &one);
    wishes.kind.clone_from(&row.kind_id);
    let found = find(seat, claim, &wishes, seat.visitor.query.get("page")).await;
    let found = found.map_err(|refusal| seat.refused(&refusal))?;
    let d = DayWords::of(seat.language());
    let typed = |name: &str| typed.map(|posted| posted.get(name).to_owned()).unwrap_or_default();
    let mut offices = vec![(String::new(), d.any_office.to_owned())];
    offices.extend(reading::offices(seat));
    let shown = MovePage {
        frame: seat.frame(),
        d,
        mistakes,
        when: when(seat, &one),
        row,
        offices,
        found,
        reasons: reasons(d),
        reason: typed("reason"),
        note: typed("note"),
        offer: typed("offer"),
        wishes,
    };
    Ok(page(status, &shown))
}

async fn moved(Path((id, claim)): Path<(String, String)>, posted: Posted) -> Answer {
    let seat = &posted.seat;
    let wishes = Wishes::read(&posted.form);
    let d = DayWords::of(seat.language());
    let again = async |mistakes: Mistakes| {
        let status = (StatusCode::UNPROCESSABLE_ENTITY, mistakes);
        show_moving(seat, (&id, &claim), status, wishes.clone(), Some(&posted)).await
    };
    let mut mistakes = Mistakes::default();
    let chosen = chosen(posted.get("offer"));
    if chosen.is_none() {
        mistakes = mistakes.and("offer", d.choose_time);
    }
    let reason = pb::AppointmentReason::from_str_name(posted.get("reason"));
    if reason.is_none() {
        mistakes = mistakes.and("reason", d.choose_reason);
    }
    let (Some((person, start)), Some(reason)) = (chosen, reason) else { return again(mistakes).await };
    // The kind stays as it is.
    let wanted = pb::MeetingWishes { kind: String::new(), ..wishes.message() };
    let request = pb::MoveAppointmentRequest {
        request_id: posted.request_id(),
        appointment_id: id.clone(),
        personal_adviser_id: person,
        start_time: Some(start),
        wishes: Some(wanted),
        reason: reason.into(),
        note: posted.get("note").to_owned(),
    };
    match posted.ask(request).await? {
        Ok(_) => posted.then(&done(&format!("/appointments/{id}/of/{claim}"), "meeting_moved")),
        Err(refusal) => {
            let fields = [("start_time", "offer"), ("reason", "reason"), ("note", "note")];
            again(Mistakes::of_refusal(&refusal, seat.language(), &fields)).await
        }
    }
}

impl AppointmentPage<'_> {
    fn state_of(&self, row: &Row) -> &'static str {
        self.d.here(row.here)
    }
}

impl MovePage<'_> {
    /// None is chosen before somebody has.
    fn reasons_with_none(&self) -> Vec<(String, String)> {
        let none = (String::new(), String::new());
        std::iter::once(none).chain(self.reasons.iter().cloned()).collect()
    }
}
