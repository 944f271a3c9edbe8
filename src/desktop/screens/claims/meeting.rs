//! The first meeting: times that are free and how each fares on what the client wishes for; kept for a few minutes, booked,
//! moved, cancelled; put off, or done without.

use super::offers::{OfferList, UNSUITABLE, Wishes, offer_list, read, way_back, written};
use super::overview::OfClaim;
use super::standing::{Seen, day, meeting_line, seen};
use super::words::ClaimWords;
use crate::html::{Frame, Mistakes, page};
use crate::refused::{free, in_words};
use crate::screens::walks::form::json;
use crate::seat::Seat;
use crate::visitor::{Answer, Fields};
use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use startline_api as pb;
use startline_foundation::formats::parse_date;
use startline_foundation::ids::QuestionId;
use startline_rooms::access::Role;
use startline_service::methods::{Refusal, RefusalKind};

const A_PAGE: i32 = 9;

#[derive(Template)]
#[template(path = "claims/meeting.html")]
struct MeetingPage<'a> {
    frame: Frame<'a>,
    t: &'static ClaimWords,
    mistakes: Mistakes,
    seat: &'a Seat,
    c: &'a Seen,
    id: String,
    standing: pb::ClaimStanding,
    line: String,
    booked: Option<pb::Appointment>,
    held: Option<Held>,
    offers: Option<OfferList<'a>>,
    /// What is free now, for whoever came second.
    free: Vec<String>,
    outlook: Option<pb::GetPostOutlookResponse>,
    wishes: Wishes,
    /// What the client said of times that do not suit.
    said: String,
    back: String,
    offices: Vec<(String, String)>,
    kinds: Vec<(String, String)>,
    form: &'a Fields,
}

/// A time that is kept while the client decides: as the address of the page has it, since nobody else is told of it.
struct Held {
    id: String,
    when: String,
    office: String,
    with: String,
    until_s: i64,
    until: String,
}

impl Held {
    const LONGEST_NAME: usize = 100;

    fn written(appointment: &pb::Appointment) -> String {
        let slot = appointment.slot.clone().unwrap_or_default();
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("held", &appointment.appointment_id);
        query.append_pair("at", &slot.start_time.as_ref().map(written).unwrap_or_default());
        query.append_pair("until", &appointment.expire_time.as_ref().map(written).unwrap_or_default());
        query.append_pair("where", &slot.office_id).append_pair("who", &slot.personal_adviser_name);
        query.finish()
    }

    fn read(seat: &Seat) -> Option<Self> {
        let query = &seat.visitor.query;
        let until = read(query.get("until"))?;
        let is_over = crate::seat::instant(&until).is_none_or(|until| until <= seat.now);
        (!is_over && !query.get("held").is_empty()).then(|| Self {
            id: query.get("held").to_owned(),
            when: seat.when(read(query.get("at")).as_ref()),
            office: seat.office_name(query.get("where")),
            with: query.get("who").chars().take(Self::LONGEST_NAME).collect(),
            until_s: until.seconds,
            until: seat.time(Some(&until)),
        })
    }
}

pub async fn meeting(seat: Seat, Path(id): Path<String>) -> Answer {
    let nothing = Fields::default();
    let shown = show(&seat, &id, StatusCode::OK, Mistakes::default(), &nothing, Vec::new()).await?;
    Ok(seat.visitor.keeping_language(&seat.pages, shown))
}

async fn show(
    seat: &Seat,
    id: &str,
    status: StatusCode,
    mistakes: Mistakes,
    form: &Fields,
    free: Vec<String>,
) -> Result<Response, Response> {
    let t = ClaimWords::of(seat.language());
    let c = seen(seat, id).await?;
    let listed = seat.may(pb::ListAppointmentsRequest { claim_id: id.to_owned(), ..Default::default() }).await;
    let appointments = listed.map(|answer| answer.appointments).unwrap_or_default();
    let booked = super::overview::booked(appointments);
    let held = Held::read(seat).filter(|_| booked.is_none());
    let fields = if form.iter().next().is_some() { form } else { &seat.visitor.query };
    let wishes = Wishes::of(fields);
    let back = way_back(fields, id);
    let may_change = !matches!(c.claim().state(), pb::ClaimState::Withdrawn | pb::ClaimState::NotMade);
    let mut offers = match may_change {
        true => offer_list(seat, id, &wishes, A_PAGE, &back).await,
        false => None,
    };
    if let (Some(offers), Some(booked)) = (&mut offers, &booked) {
        offers.moves.clone_from(&booked.appointment_id);
    }
    let outlook = match booked.is_some() && c.is_open() {
        true => seat.may(pb::GetPostOutlookRequest { claim_id: id.to_owned() }).await,
        false => None,
    };
    let standing = c.standing();
    let definition = seat.definition();
    let language = seat.language();
    let site = &c.claim().site_id;
    let offices = definition.offices.iter().filter(|office| office.site.as_str() == site.as_str());
    let mut office_choices = vec![(String::new(), t.any_office.to_owned())];
    office_choices.extend(offices.map(|office| (office.id.to_string(), office.name.clone())));
    let kinds = definition.diary.kinds.iter();
    let kinds = kinds.map(|kind| (kind.id.clone(), kind.name.in_language(language).to_owned())).collect();
    let shown = MeetingPage {
        frame: seat.frame().live(format!("claim:{id}")).wide(),
        t,
        mistakes,
        seat,
        id: id.to_owned(),
        line: meeting_line(seat, t, &standing, booked.as_ref()),
        standing,
        booked,
        held,
        offers,
        free,
        outlook,
        wishes,
        said: said_of_times(&c),
        back,
        offices: office_choices,
        kinds,
        form,
        c: &c,
    };
    Ok(page(status, &shown))
}

/// The form's own question for it, where it has one and it was answered.
fn said_of_times(c: &Seen) -> String {
    let script = c.sheet.definition.scripts.iter().flat_map(|script| script.questions());
    let fills =
        script.filter(|question| question.id.as_str().contains("times")).find_map(|question| question.fills.clone());
    let answer = fills.and_then(|id: QuestionId| c.sheet.answer(id.as_str()).cloned());
    answer.map(|answer| json(answer.value.as_ref()).as_str().unwrap_or_default().to_owned()).unwrap_or_default()
}

/// Where it goes on after something was done: to the call that it came from, or to this page.
fn after(of: &OfClaim, done: &str) -> Answer {
    let back = way_back(&of.posted.form, &of.claim);
    let way = if back.contains('?') { "&" } else { "?" };
    of.posted.then(&format!("{back}{way}done={done}"))
}

async fn refused(of: &OfClaim, refusal: &Refusal, fields: &[(&str, &'static str)]) -> Answer {
    let seat = &of.posted.seat;
    let t = ClaimWords::of(seat.language());
    let free = free(seat, refusal);
    let (status, mistakes) = match refusal.kind {
        RefusalKind::Race if !free.is_empty() => (StatusCode::CONFLICT, Mistakes::one("offers", t.taken)),
        RefusalKind::Race => (StatusCode::CONFLICT, Mistakes::one("offers", in_words(seat.language(), refusal))),
        _ => (StatusCode::UNPROCESSABLE_ENTITY, Mistakes::of_refusal(refusal, seat.language(), fields)),
    };
    show(seat, &of.claim, status, mistakes, &of.posted.form, free).await
}

pub async fn hold(of: OfClaim) -> Answer {
    let request = pb::HoldSlotRequest {
        request_id: of.posted.request_id(),
        claim_id: of.claim.clone(),
        personal_adviser_id: of.posted.get("with").to_owned(),
        start_time: read(of.posted.get("start")),
        wishes: Some(Wishes::of(&of.posted.form).message()),
    };
    match of.posted.ask(request).await? {
        Ok(answer) => {
            let held = Held::written(&answer.appointment.unwrap_or_default());
            let back: String =
                form_urlencoded::byte_serialize(way_back(&of.posted.form, &of.claim).as_bytes()).collect();
            of.posted.then(&format!("/claims/{}/meeting?{held}&back={back}", of.claim))
        }
        Err(refusal) => refused(&of, &refusal, &[("start_time", "offers")]).await,
    }
}

/// Books a time, or what is held; moves what is booked.
pub async fn book(of: OfClaim) -> Answer {
    let (held, moves) = (of.posted.get("appointment").to_owned(), of.posted.get("moves").to_owned());
    let start_time = read(of.posted.get("start"));
    let with = of.posted.get("with").to_owned();
    let wishes = Wishes::of(&of.posted.form).message();
    let done = if moves.is_empty() { "meeting_booked" } else { "meeting_moved" };
    let asked = if moves.is_empty() {
        let is_held = !held.is_empty();
        let request = pb::BookAppointmentRequest {
            request_id: of.posted.request_id(),
            claim_id: if is_held { String::new() } else { of.claim.clone() },
            personal_adviser_id: if is_held { String::new() } else { with },
            start_time: if is_held { None } else { start_time },
            wishes: if is_held { None } else { Some(wishes) },
            appointment_id: held,
        };
        of.posted.ask(request).await?.map(|_| ())
    } else {
        let request = pb::MoveAppointmentRequest {
            request_id: of.posted.request_id(),
            appointment_id: moves,
            personal_adviser_id: with,
            start_time,
            wishes: Some(wishes),
            reason: pb::AppointmentReason::ClientAsked.into(),
            note: String::new(),
        };
        of.posted.ask(request).await?.map(|_| ())
    };
    match asked {
        Ok(()) => after(&of, done),
        Err(refusal) => refused(&of, &refusal, &[("start_time", "offers")]).await,
    }
}

pub async fn cancel(of: OfClaim) -> Answer {
    let request = pb::CancelAppointmentRequest {
        request_id: of.posted.request_id(),
        appointment_id: of.posted.get("appointment").to_owned(),
        reason: of.posted.get("cancel_reason").parse().unwrap_or(0),
        note: of.posted.get("cancel_note").to_owned(),
    };
    match of.posted.ask(request).await? {
        Ok(_) => of.posted.then(&format!("/claims/{}/meeting?done=meeting_cancelled", of.claim)),
        Err(refusal) => refused(&of, &refusal, &[("reason", "cancel_reason"), ("note", "cancel_note")]).await,
    }
}

pub async fn defer(of: OfClaim) -> Answer {
    let typed = of.posted.get("review_day").trim();
    let review_day = parse_date(typed).map_or_else(|_| typed.to_owned(), |day| day.to_string());
    let request = pb::DeferMeetingRequest {
        request_id: of.posted.request_id(),
        claim_id: of.claim.clone(),
        reason: of.posted.get("defer_reason").to_owned(),
        note: of.posted.get("defer_note").to_owned(),
        review_day,
    };
    match of.posted.ask(request).await? {
        Ok(_) => after(&of, "saved"),
        Err(refusal) => {
            let fields = [("reason", "defer_reason"), ("note", "defer_note"), ("review_day", "review_day")];
            refused(&of, &refusal, &fields).await
        }
    }
}

pub async fn waive(of: OfClaim) -> Answer {
    let request = pb::WaiveMeetingRequest {
        request_id: of.posted.request_id(),
        claim_id: of.claim.clone(),
        reason: of.posted.get("waive_reason").parse().unwrap_or(0),
        note: of.posted.get("waive_note").to_owned(),
    };
    match of.posted.ask(request).await? {
        Ok(_) => after(&of, "saved"),
        Err(refusal) => refused(&of, &refusal, &[("reason", "waive_reason"), ("note", "waive_note")]).await,
    }
}

pub async fn series(of: OfClaim) -> Answer {
    let typed = of.posted.get("first_day").trim();
    let request = pb::BookSeriesRequest {
        request_id: of.posted.request_id(),
        claim_id: of.claim.clone(),
        personal_adviser_id: of.posted.get("with").to_owned(),
        wishes: None,
        first_day: parse_date(typed).map_or_else(|_| typed.to_owned(), |day| day.to_string()),
        start: of.posted.get("series_start").to_owned(),
        every_weeks: of.posted.get("every_weeks").parse().unwrap_or(0),
        times: of.posted.get("times").parse().unwrap_or(0),
    };
    match of.posted.ask(request).await? {
        Ok(_) => after(&of, "saved"),
        Err(refusal) => {
            let fields = [
                ("first_day", "first_day"),
                ("start", "series_start"),
                ("every_weeks", "every_weeks"),
                ("times", "times"),
            ];
            refused(&of, &refusal, &fields).await
        }
    }
}

impl MeetingPage<'_> {
    fn is_leader(&self) -> bool {
        self.seat.is(Role::TeamLeader)
    }

    fn may_decide(&self) -> bool {
        self.seat.is_any(&[Role::Adviser, Role::TeamLeader, Role::PersonalAdviser])
    }

    fn typed(&self, name: &str) -> String {
        self.form.get(name).to_owned()
    }

    fn title(&self) -> String {
        self.c.name()
    }

    fn slot(&self, appointment: &pb::Appointment) -> String {
        let slot = appointment.slot.clone().unwrap_or_default();
        let when = self.seat.span(slot.start_time.as_ref(), slot.end_time.as_ref());
        format!("{when}, {}, {} {}", slot.office_name, self.t.with, slot.personal_adviser_name)
    }

    fn with(&self, appointment: &pb::Appointment) -> String {
        appointment.slot.clone().unwrap_or_default().personal_adviser_id
    }

    fn day(&self, text: &str) -> String {
        day(self.seat, text)
    }

    fn outlook_line(&self, outlook: &pb::GetPostOutlookResponse) -> String {
        let words = if outlook.is_in_time { self.t.pack_in_time } else { self.t.pack_late };
        format!("{words} {}.", self.day(&outlook.arrives_by))
    }

    /// Those of the definition that the claim began on.
    fn defer_reasons(&self) -> Vec<(String, String)> {
        let language = self.seat.language();
        let reasons = self.c.sheet.definition.diary.deferral_reasons.iter();
        reasons.map(|reason| (reason.id.clone(), reason.name.in_language(language).to_owned())).collect()
    }

    fn waive_reasons(&self) -> Vec<(String, &'static str)> {
        let t = self.t;
        let all = [(1, t.illness), (2, t.exceptional), (3, t.optional)];
        let may = all.into_iter().filter(|(number, _)| *number == 3 || self.is_leader());
        may.map(|(number, name): (i32, _)| (number.to_string(), name)).collect()
    }

    fn cancel_reasons(&self) -> Vec<(String, &'static str)> {
        let t = self.t;
        let all = [
            (1, t.reason_client_asked),
            (2, t.reason_unwell),
            (3, t.reason_adviser_away),
            (4, t.reason_closed),
            (5, t.reason_earlier),
            (6, t.reason_not_needed),
            (7, t.reason_mistake),
        ];
        all.map(|(number, name): (i32, _)| (number.to_string(), name)).to_vec()
    }

    fn skills(&self) -> Vec<(String, String)> {
        let name =
            |skill: &str| self.t.sentence(&format!("skill_{}", skill.replace('-', "_"))).unwrap_or_default().to_owned();
        ["lone-parent", "disability", "benefits"].map(|skill| (skill.to_owned(), name(skill))).to_vec()
    }

    fn wished_skills(&self) -> Vec<String> {
        self.wishes.all("skill")
    }

    fn weekdays(&self) -> Vec<(String, &'static str)> {
        let t = self.t;
        let all = [(0, t.each_day), (1, t.monday), (2, t.tuesday), (3, t.wednesday), (4, t.thursday), (5, t.friday)];
        all.map(|(number, name): (i32, _)| (number.to_string(), name)).to_vec()
    }

    fn unsuitable(&self) -> Vec<(usize, String, String, String)> {
        let at = |at: usize| {
            let get = |name: &str| self.wishes.get(&format!("{name}-{at}")).to_owned();
            (at, get("weekday"), get("from"), get("until"))
        };
        (0..UNSUITABLE).map(at).collect()
    }

    fn has_wishes(&self) -> bool {
        !self.wishes.pairs.is_empty() || !self.wishes.not_before.is_empty()
    }
}
