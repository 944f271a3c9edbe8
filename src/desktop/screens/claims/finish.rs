//! The end of the start-up call: everything is read back, how the pack reaches the client is chosen, and the call is done.

use super::overview::{OfClaim, booked};
use super::part::{Line, lines};
use super::standing::{Seen, day, meeting_line, seen};
use super::words::ClaimWords;
use crate::html::{Frame, Mistakes, page as sent};
use crate::seat::Seat;
use crate::visitor::{Answer, Fields};
use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use startline_api as pb;
use startline_rooms::access::Role;

#[derive(Template)]
#[template(path = "claims/finish.html")]
struct Finish<'a> {
    frame: Frame<'a>,
    t: &'static ClaimWords,
    mistakes: Mistakes,
    seat: &'a Seat,
    c: &'a Seen,
    id: String,
    meeting: String,
    is_arranged: bool,
    missing: Vec<pb::MissingAnswer>,
    evidence: Vec<pb::Evidence>,
    outlook: Option<pb::GetPostOutlookResponse>,
    parts: Vec<(String, String, Vec<Line>)>,
    pack: Option<pb::Pack>,
    callbacks: Vec<(String, String)>,
    delivery: String,
    delivery_to: String,
    walk: String,
}

pub async fn page(seat: Seat, Path(id): Path<String>) -> Answer {
    let shown = show(&seat, &id, StatusCode::OK, Mistakes::default(), &Fields::default()).await?;
    Ok(seat.visitor.keeping_language(&seat.pages, shown))
}

async fn show(
    seat: &Seat,
    id: &str,
    status: StatusCode,
    mistakes: Mistakes,
    form: &Fields,
) -> Result<Response, Response> {
    let t = ClaimWords::of(seat.language());
    let c = seen(seat, id).await?;
    let claim_id = id.to_owned();
    let (missing, evidence, meetings, outlook, packs, callbacks, walks) = tokio::join!(
        seat.may(pb::ListMissingRequest { claim_id: claim_id.clone(), ..Default::default() }),
        seat.may(pb::ListEvidenceRequest { claim_id: claim_id.clone(), ..Default::default() }),
        seat.may(pb::ListAppointmentsRequest { claim_id: claim_id.clone(), ..Default::default() }),
        seat.may(pb::GetPostOutlookRequest { claim_id: claim_id.clone() }),
        seat.may(pb::ListPacksRequest { claim_id: claim_id.clone(), page_size: 5, ..Default::default() }),
        seat.may(pb::ListCallbacksRequest {
            client_id: c.claim().client_id.clone(),
            page_size: 10,
            ..Default::default()
        }),
        seat.may(pb::ListWalksRequest { claim_id, page_size: 5, ..Default::default() }),
    );
    let standing = c.standing();
    let appointment = meetings.and_then(|answer| booked(answer.appointments));
    let outcome = standing.meeting();
    let decided = [pb::MeetingOutcome::Deferred, pb::MeetingOutcome::Waived, pb::MeetingOutcome::Held];
    let is_arranged = appointment.is_some() || decided.contains(&outcome);
    let of_part = |part: &startline_definition::Part| {
        (part.id.clone(), part.title.in_language(seat.language()).to_owned(), lines(seat, &c, part, t))
    };
    let parts = c.sheet.definition.form.parts.iter().filter(|part| c.sheet.count(part).0 > 0).map(of_part).collect();
    let running = callbacks.map(|answer| answer.callbacks).unwrap_or_default();
    let running = running.iter().filter(|callback| callback.ended_time.is_none());
    let line = |callback: &pb::Callback| {
        (callback.callback_id.clone(), seat.span(callback.start_time.as_ref(), callback.end_time.as_ref()))
    };
    let shown = Finish {
        frame: seat.frame().live(format!("claim:{id}")).again_after(if c.is_open() { 0 } else { 10 }),
        t,
        mistakes,
        seat,
        id: id.to_owned(),
        meeting: meeting_line(seat, t, &standing, appointment.as_ref()),
        is_arranged,
        missing: missing.map(|answer| answer.missing).unwrap_or_default(),
        evidence: evidence.map(|answer| answer.evidence).unwrap_or_default(),
        outlook,
        parts,
        pack: packs.and_then(|answer| answer.packs.into_iter().find(|pack| pack.kind == "claim")),
        callbacks: running.map(line).collect(),
        delivery: form.get("delivery").to_owned(),
        delivery_to: form.get("delivery_to").to_owned(),
        walk: walks.and_then(|answer| answer.walks.first().map(|walk| walk.walk_id.clone())).unwrap_or_default(),
        c: &c,
    };
    Ok(sent(status, &shown))
}

pub async fn complete(of: OfClaim) -> Answer {
    let seat = &of.posted.seat;
    let request = pb::CompleteStartUpRequest {
        request_id: of.posted.request_id(),
        claim_id: of.claim.clone(),
        delivery: of.posted.get("delivery").parse().unwrap_or(0),
        delivery_to: of.posted.get("delivery_to").to_owned(),
    };
    match of.posted.ask(request).await? {
        Ok(_) => of.posted.then(&format!("/claims/{}/finish", of.claim)),
        Err(refusal) => {
            let fields = [("delivery", "delivery"), ("delivery_to", "delivery_to")];
            let mistakes = Mistakes::of_refusal(&refusal, seat.language(), &fields);
            show(seat, &of.claim, StatusCode::UNPROCESSABLE_ENTITY, mistakes, &of.posted.form).await
        }
    }
}

impl Finish<'_> {
    fn title(&self) -> String {
        self.c.name()
    }

    fn day(&self, text: &str) -> String {
        day(self.seat, text)
    }

    fn may_finish(&self) -> bool {
        self.seat.is_any(&[Role::Adviser, Role::TeamLeader])
    }

    fn deliveries(&self) -> Vec<(String, &'static str)> {
        let t = self.t;
        [(1, t.by_post), (2, t.collect), (3, t.email)]
            .map(|(number, name): (i32, _)| (number.to_string(), name))
            .to_vec()
    }

    fn chosen_delivery(&self) -> &str {
        // Where the post would be late nothing is chosen beforehand: it has to be agreed with the client.
        match (self.delivery.as_str(), &self.outlook) {
            ("", Some(outlook)) if outlook.meeting_day.is_empty() || outlook.is_in_time => "1",
            (chosen, _) => chosen,
        }
    }
}
