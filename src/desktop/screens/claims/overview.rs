//! Where a claim stands, what is open in each part of its form, and what is to be done with it by whom.

use super::standing::{Seen, day, meeting_line, seen};
use super::words::ClaimWords;
use crate::html::{Frame, Mistakes, page};
use crate::screens::walks::form::Sheet;
use crate::seat::{Posted, Seat};
use crate::visitor::Answer;
use askama::Template;
use axum::extract::{FromRequest, Path, Request};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use startline_api as pb;
use startline_rooms::access::Role;
use std::sync::Arc;

/// A form of a page of a claim, and of which claim.
pub struct OfClaim {
    pub posted: Posted,
    pub claim: String,
    /// What else the address names: the part.
    pub place: String,
}

impl FromRequest<Arc<crate::Pages>> for OfClaim {
    type Rejection = Response;

    async fn from_request(request: Request, pages: &Arc<crate::Pages>) -> Result<Self, Response> {
        use axum::RequestExt;
        let mut request = request;
        let names = request.extract_parts::<Path<Vec<(String, String)>>>().await;
        let names = names.map_err(IntoResponse::into_response)?.0;
        let named = |name: &str| names.iter().find(|(of, _)| of == name).map(|(_, value)| value.clone());
        let (claim, place) = (named("id").unwrap_or_default(), named("code").unwrap_or_default());
        Ok(Self { posted: Posted::from_request(request, pages).await?, claim, place })
    }
}

#[derive(Template)]
#[template(path = "claims/claim.html")]
struct ClaimPage<'a> {
    frame: Frame<'a>,
    t: &'static ClaimWords,
    mistakes: Mistakes,
    seat: &'a Seat,
    c: &'a Seen,
    id: String,
    standing: pb::ClaimStanding,
    parts: Vec<PartLine>,
    meeting: String,
    events: Vec<(String, &'static str)>,
    agencies: Vec<(String, String)>,
    walk: Option<pb::WalkSummary>,
    has_walked: bool,
    has_pack: bool,
    reason: String,
    asked_day: String,
}

struct PartLine {
    code: String,
    title: String,
    asked: usize,
    answered: usize,
    open: usize,
    to_confirm: usize,
}

pub async fn claim(seat: Seat, Path(id): Path<String>) -> Answer {
    let shown = show(&seat, &id, (StatusCode::OK, Mistakes::default()), ("", "")).await?;
    Ok(seat.visitor.keeping_language(&seat.pages, shown))
}

async fn show(
    seat: &Seat,
    id: &str,
    (status, mistakes): (StatusCode, Mistakes),
    (reason, asked_day): (&str, &str),
) -> Result<Response, Response> {
    let t = ClaimWords::of(seat.language());
    let c = seen(seat, id).await?;
    let claim_id = id.to_owned();
    let (missing, meetings, events, walks, packs) = tokio::join!(
        seat.may(pb::ListMissingRequest { claim_id: claim_id.clone(), ..Default::default() }),
        seat.may(pb::ListAppointmentsRequest { claim_id: claim_id.clone(), ..Default::default() }),
        seat.may(pb::ListClaimEventsRequest { claim_id: claim_id.clone(), ..Default::default() }),
        seat.may(pb::ListWalksRequest { claim_id: claim_id.clone(), page_size: 10, ..Default::default() }),
        seat.may(pb::ListPacksRequest { claim_id, page_size: 5, ..Default::default() }),
    );
    let missing = missing.map(|answer| answer.missing).unwrap_or_default();
    let appointment = meetings.and_then(|answer| booked(answer.appointments));
    let standing = c.standing();
    let events = events.map(|answer| answer.events).unwrap_or_default();
    let shown = ClaimPage {
        frame: seat.frame().live(format!("claim:{id}")),
        t,
        mistakes,
        seat,
        id: id.to_owned(),
        parts: parts(&c.sheet, seat, &missing),
        meeting: meeting_line(seat, t, &standing, appointment.as_ref()),
        events: events.iter().map(|event| (seat.when(event.time.as_ref()), t.event(event.r#move()))).collect(),
        agencies: agencies(seat, &c.sheet),
        has_walked: walks.as_ref().is_some_and(|answer| !answer.walks.is_empty()),
        walk: walks.and_then(|answer| answer.walks.into_iter().find(|walk| !walk.finished)),
        has_pack: packs.is_some_and(|answer| answer.packs.iter().any(|pack| pack.kind == "claim")),
        reason: reason.to_owned(),
        asked_day: asked_day.to_owned(),
        standing,
        c: &c,
    };
    Ok(page(status, &shown))
}

pub fn booked(appointments: Vec<pb::Appointment>) -> Option<pb::Appointment> {
    appointments.into_iter().rev().find(|appointment| appointment.state() == pb::AppointmentState::Booked)
}

fn parts(sheet: &Sheet, seat: &Seat, missing: &[pb::MissingAnswer]) -> Vec<PartLine> {
    let line = |part: &startline_definition::Part| {
        let (asked, answered) = sheet.count(part);
        let open = missing.iter().filter(|missing| missing.part == part.id);
        let to_confirm = open.clone().filter(|missing| missing.reason() == pb::OpenReason::ToConfirm).count();
        PartLine {
            code: part.id.clone(),
            title: part.title.in_language(seat.language()).to_owned(),
            asked,
            answered,
            open: open.count(),
            to_confirm,
        }
    };
    sheet.definition.form.parts.iter().map(line).filter(|line| line.asked > 0).collect()
}

fn agencies(seat: &Seat, sheet: &Sheet) -> Vec<(String, String)> {
    let agencies = sheet.definition.service.agencies.iter();
    agencies.map(|agency| (agency.id.clone(), agency.name.in_language(seat.language()).to_owned())).collect()
}

pub async fn withdraw(of: OfClaim) -> Answer {
    let request = pb::WithdrawClaimRequest {
        request_id: of.posted.request_id(),
        claim_id: of.claim.clone(),
        reason: of.posted.get("reason").to_owned(),
    };
    match of.posted.ask(request).await? {
        Ok(_) => of.posted.then(&format!("/claims/{}?done=saved", of.claim)),
        Err(refusal) => refused(&of, &refusal, "reason").await,
    }
}

pub async fn form_back(of: OfClaim) -> Answer {
    let request = pb::ReportFormBackRequest {
        request_id: of.posted.request_id(),
        claim_id: of.claim.clone(),
        barcode: String::new(),
    };
    of.posted.need(request).await?;
    of.posted.then(&format!("/claims/{}?done=form_back", of.claim))
}

pub async fn reopen(of: OfClaim) -> Answer {
    let request = pb::ReopenClaimRequest {
        request_id: of.posted.request_id(),
        claim_id: of.claim.clone(),
        reason: of.posted.get("reason").to_owned(),
    };
    match of.posted.ask(request).await? {
        Ok(_) => of.posted.then(&format!("/claims/{}?done=saved", of.claim)),
        Err(refusal) => refused(&of, &refusal, "reason").await,
    }
}

/// The client asks for the decision against the claim to be looked at again.
pub async fn ask_again(of: OfClaim) -> Answer {
    let request = pb::RequestReconsiderationRequest {
        request_id: of.posted.request_id(),
        claim_id: of.claim.clone(),
        said: of.posted.get("reason").to_owned(),
        asked_day: of.posted.get("asked_day").to_owned(),
    };
    match of.posted.ask(request).await? {
        Ok(_) => of.posted.then(&format!("/claims/{}?done=asked_again", of.claim)),
        Err(refusal) => {
            let mistakes = Mistakes::of_refusal(
                &refusal,
                of.posted.seat.language(),
                &[("said", "reason"), ("asked_day", "asked_day")],
            );
            let typed = (of.posted.get("reason"), of.posted.get("asked_day"));
            show(&of.posted.seat, &of.claim, (StatusCode::UNPROCESSABLE_ENTITY, mistakes), typed).await
        }
    }
}

async fn refused(of: &OfClaim, refusal: &startline_service::methods::Refusal, field: &'static str) -> Answer {
    let seat = &of.posted.seat;
    let mistakes = Mistakes::of_refusal(refusal, seat.language(), &[(field, field)]);
    show(seat, &of.claim, (StatusCode::UNPROCESSABLE_ENTITY, mistakes), (of.posted.get("reason"), "")).await
}

impl ClaimPage<'_> {
    fn day(&self, text: &str) -> String {
        day(self.seat, text)
    }

    fn may_fill(&self) -> bool {
        self.seat.is_any(&[Role::Adviser, Role::TeamLeader])
    }

    fn may_withdraw(&self) -> bool {
        self.may_fill() || self.seat.is(Role::PersonalAdviser)
    }

    fn may_reopen(&self) -> bool {
        self.seat.is_any(&[Role::TeamLeader, Role::PersonalAdviser])
    }

    fn is_expert(&self) -> bool {
        self.seat.is(Role::BenefitsExpert)
    }

    fn hands_over(&self) -> bool {
        self.seat.is_any(&[Role::PersonalAdviser, Role::BenefitsExpert])
    }

    /// What goes ahead without its meeting, by somebody who is at none.
    fn hands_over_without(&self) -> bool {
        let is_without = matches!(self.standing.meeting(), pb::MeetingOutcome::Deferred | pb::MeetingOutcome::Waived);
        is_without && self.may_fill() && !self.hands_over() && self.is_out() && !self.standing.agencies_left.is_empty()
    }

    /// Why the meeting was put off or done without, in words.
    fn meeting_reason(&self) -> String {
        let (t, reason) = (self.t, self.standing.meeting_reason.as_str());
        match reason {
            "serious_illness" => t.illness.to_owned(),
            "exceptional" => t.exceptional.to_owned(),
            "optional" => t.optional.to_owned(),
            _ => {
                let known = self.c.sheet.definition.diary.deferral_reason(reason);
                known.map_or(reason, |known| known.name.in_language(self.seat.language())).to_owned()
            }
        }
    }

    /// The start-up is done, and not every agency has it.
    fn is_out(&self) -> bool {
        matches!(self.c.claim().state(), pb::ClaimState::StartUpDone | pb::ClaimState::Posted)
    }

    fn may_report_back(&self) -> bool {
        self.is_out() && self.standing.form_back_time.is_none()
    }

    fn may_arrange(&self) -> bool {
        self.seat.is_any(&[Role::Adviser, Role::TeamLeader, Role::PersonalAdviser, Role::Reception])
    }

    fn is_withdrawn(&self) -> bool {
        self.c.claim().state() == pb::ClaimState::Withdrawn
    }

    fn is_not_made(&self) -> bool {
        self.c.claim().state() == pb::ClaimState::NotMade
    }

    fn may_ask_again(&self) -> bool {
        let taken_by = [Role::Adviser, Role::TeamLeader, Role::PersonalAdviser, Role::BenefitsExpert, Role::Reception];
        self.seat.is_any(&taken_by)
    }

    fn is_closed(&self) -> bool {
        matches!(self.c.claim().state(), pb::ClaimState::Withdrawn | pb::ClaimState::NotMade)
    }

    fn state(&self) -> &'static str {
        self.t.state(self.c.claim().state())
    }

    fn title(&self) -> String {
        match self.c.name() {
            name if name.is_empty() => self.t.claim.to_owned(),
            name => name,
        }
    }

    fn benefit(&self, id: &str) -> String {
        let named = self.c.sheet.definition.service.benefits.iter().find(|benefit| benefit.id == id);
        named.map_or_else(|| id.to_owned(), |benefit| benefit.name.in_language(self.seat.language()).to_owned())
    }

    fn agency(&self, id: &str) -> String {
        let named = self.agencies.iter().find(|(of, _)| of == id);
        named.map_or_else(|| id.to_owned(), |(_, name)| name.clone())
    }

    /// What comes next, in a sentence.
    fn next_step(&self) -> crate::refused::said::Said {
        crate::refused::of_sentence(self.seat.language(), &self.standing.next_step)
    }

    fn to_come(&self) -> Vec<String> {
        let label = |id: &String| {
            let rule = self.c.sheet.definition.form.evidence.iter().find(|rule| rule.id == *id);
            rule.map_or_else(|| id.clone(), |rule| rule.label.in_language(self.seat.language()).to_owned())
        };
        self.standing.evidence_to_come.iter().map(label).collect()
    }
}
