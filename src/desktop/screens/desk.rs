//! The adviser's desk: whether calls are taken, who rings, the call in hand and what is to be written up, and what is due.

mod words;

use crate::Pages;
use crate::desks::DeskShown;
use crate::html::{Frame, Mistakes, page, with_cookie};
use crate::seat::{Posted, Seat};
use crate::visitor::Answer;
use askama::Template;
use axum::Router;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use startline_api as pb;
use startline_api::prost_types::Timestamp;
use std::sync::Arc;
use words::DeskWords;

/// Where the switch reaches this browser's telephone: it stays with the browser, as the telephone stays on the desk.
const TELEPHONE: &str = "startline-telephone";

pub fn routes() -> Router<Arc<Pages>> {
    Router::new()
        .route("/desk", get(desk))
        .route("/desk/open", post(open))
        .route("/desk/status", post(set_status))
        .route("/desk/accept", post(accept))
        .route("/desk/decline", post(decline))
        .route("/desk/end", post(end))
        .route("/desk/talking", post(still_talking))
        .route("/desk/pass", post(pass))
        .route("/desk/home", post(set_home))
        .route("/desk/wrap-up", post(finish_wrap_up))
        .route("/desk/longer", post(longer))
        .route("/desk/close", post(close))
}

#[derive(Template)]
#[template(path = "desk/desk.html")]
struct Desk<'a> {
    frame: Frame<'a>,
    d: &'static DeskWords,
    mistakes: Mistakes,
    seat: &'a Seat,
    /// None: no calls are taken in this browser.
    shown: Option<DeskShown>,
    telephone: String,
    rings_when_offered: bool,
    /// Known by the number of whoever rings or is on the line.
    known: Vec<Known>,
    promised: Vec<Promised>,
    due: Vec<Promised>,
    missed: usize,
    /// To whom a call may be passed: the value of the choice, and its name.
    onward: Vec<(String, String)>,
    break_reasons: Vec<&'static str>,
}

/// A client as a list shows them.
struct Known {
    id: String,
    name: String,
    born: String,
    postcode: String,
    contact: Vec<String>,
}

/// A call-back as a list shows it.
pub struct Promised {
    pub id: String,
    pub name: String,
    pub when: String,
    pub is_late: bool,
    pub is_urgent: bool,
}

impl Promised {
    pub fn of(seat: &Seat, callback: &pb::Callback) -> Self {
        Self {
            id: callback.callback_id.clone(),
            name: callback.client_name.clone(),
            when: seat.span(callback.start_time.as_ref(), callback.end_time.as_ref()),
            is_late: callback.late_seconds > 0,
            is_urgent: callback.urgent,
        }
    }
}

impl Known {
    fn of(seat: &Seat, client: &pb::Client) -> Self {
        let facts = client.facts.clone().unwrap_or_default();
        Self {
            contact: crate::screens::clients::contact::lines(seat, facts.contact.as_ref()),
            id: client.client_id.clone(),
            name: format!("{} {}", facts.other_names, facts.last_name).trim().to_owned(),
            born: facts.date_of_birth,
            postcode: facts.postcode,
        }
    }
}

async fn desk(seat: Seat) -> Answer {
    let shown = show(&seat, StatusCode::OK, Mistakes::default()).await;
    Ok(seat.visitor.keeping_language(&seat.pages, shown))
}

async fn show(seat: &Seat, status: StatusCode, mistakes: Mistakes) -> Response {
    let shown = seat.desk();
    let missed = match shown {
        Some(_) => seat.may(pb::ListMissedCallersRequest { page_size: 20, ..Default::default() }).await,
        None => None,
    };
    let offer = shown.as_ref().and_then(|shown| shown.offer.as_ref().or(shown.call.as_ref()));
    let (mut telephone, mut rings) = (seat.visitor.cookie(TELEPHONE).unwrap_or_default(), false);
    if let Some(rest) = telephone.strip_prefix("rings:") {
        (telephone, rings) = (rest.to_owned(), true);
    }
    let known = offer
        .map(|offer| offer.known_clients.iter().map(|client| Known::of(seat, client)).collect())
        .unwrap_or_default();
    let promised = |list: &[pb::Callback]| list.iter().map(|callback| Promised::of(seat, callback)).collect::<Vec<_>>();
    let desk = Desk {
        d: DeskWords::of(seat.language()),
        mistakes,
        known,
        promised: offer.map(|offer| promised(&offer.open_callbacks)).unwrap_or_default(),
        due: shown.as_ref().map(|shown| promised(&shown.due)).unwrap_or_default(),
        missed: missed.map_or(0, |missed| missed.missed_callers.len()),
        onward: onward(seat),
        telephone: percent(&telephone),
        rings_when_offered: rings,
        break_reasons: DeskWords::of(seat.language()).break_reasons(),
        frame: seat.frame().live("desk").again_after(5),
        shown,
        seat,
    };
    page(status, &desk)
}

/// A cookie's value as it was typed.
fn percent(kept: &str) -> String {
    crate::visitor::Fields::read(format!("t={kept}").as_bytes()).get("t").to_owned()
}

/// The skills, sites and lines outside to which a call may be passed.
fn onward(seat: &Seat) -> Vec<(String, String)> {
    let definition = seat.definition();
    let d = DeskWords::of(seat.language());
    let telephone = &definition.service.telephone;
    let skills = telephone.skills.iter().map(|skill| {
        (format!("skill:{}", skill.id), format!("{} {}", d.a_desk_with, skill.name.in_language(seat.language())))
    });
    let own = seat.site().or_else(|| seat.user().site.clone());
    let sites = definition.sites.iter().filter(|site| Some(&site.id) != own.as_ref());
    let sites = sites.map(|site| (format!("site:{}", site.id), site.name.in_language(seat.language()).to_owned()));
    let lines = telephone
        .outside_lines
        .iter()
        .map(|line| (format!("line:{}", line.id), format!("{} {}", d.outside, line.name.in_language(seat.language()))));
    skills.chain(sites).chain(lines).collect()
}

/// The page again with what was wrong, or the desk as it is now.
async fn after(
    posted: &Posted,
    asked: Result<Option<pb::Desk>, startline_service::methods::Refusal>,
    field: &'static str,
) -> Answer {
    let seat = &posted.seat;
    match asked {
        Ok(now) => {
            seat.pages.desks.answered(&seat.signed.token.hash(), now);
            posted.then("/desk")
        }
        Err(refusal) => {
            let mistakes = Mistakes::of_refusal(&refusal, seat.language(), &[(field, field)]);
            Ok(show(seat, StatusCode::UNPROCESSABLE_ENTITY, mistakes).await)
        }
    }
}

async fn open(posted: Posted) -> Answer {
    let seat = &posted.seat;
    let kept = seat.visitor.cookie(TELEPHONE).unwrap_or_default();
    let is_known = !posted.form.has("address");
    let address = match is_known {
        true => percent(kept.strip_prefix("rings:").unwrap_or(&kept)),
        false => posted.get("address").to_owned(),
    };
    let ring_when_offered = if is_known { kept.starts_with("rings:") } else { posted.get("rings") == "yes" };
    let request = pb::SignInRequest {
        request_id: posted.request_id(),
        address: address.clone(),
        ring_when_offered,
        ..Default::default()
    };
    if let Err(refusal) = posted.ask(request).await? {
        let mistakes = Mistakes::of_refusal(&refusal, seat.language(), &[("address", "address")]);
        return Ok(show(seat, StatusCode::UNPROCESSABLE_ENTITY, mistakes).await);
    }
    seat.pages.desks.open(seat).await.map_err(|refusal| seat.refused(&refusal))?;
    if posted.get("available") == "yes" {
        let status = pb::AdviserStatus::Available.into();
        let available =
            pb::SetStatusRequest { request_id: posted.request_id_of("available"), status, ..Default::default() };
        let answer = posted.need(available).await?;
        seat.pages.desks.answered(&seat.signed.token.hash(), answer.desk);
    }
    let value: String = form_urlencoded::byte_serialize(address.as_bytes()).collect();
    let rings = if ring_when_offered { "rings:" } else { "" };
    let secure = seat.visitor.secure(&seat.pages);
    let cookie = format!("{TELEPHONE}={rings}{value}; Path=/; HttpOnly; SameSite=Strict; Max-Age=31536000{secure}");
    Ok(with_cookie(seat.then("/desk"), &cookie))
}

async fn set_status(posted: Posted) -> Answer {
    let is_break = posted.get("status") != "available";
    let status = if is_break { pb::AdviserStatus::OnBreak } else { pb::AdviserStatus::Available };
    let typed = posted.get("other_reason").trim();
    let break_reason = match (is_break, typed) {
        (false, _) => String::new(),
        (true, "") => posted.get("break_reason").to_owned(),
        (true, typed) => typed.to_owned(),
    };
    let request = pb::SetStatusRequest { request_id: posted.request_id(), status: status.into(), break_reason };
    let asked = posted.ask(request).await?.map(|answer| answer.desk);
    after(&posted, asked, "break_reason").await
}

async fn accept(posted: Posted) -> Answer {
    let request =
        pb::AcceptOfferRequest { request_id: posted.request_id(), offer_id: posted.get("offer_id").to_owned() };
    let asked = posted.ask(request).await?.map(|answer| answer.desk);
    after(&posted, asked, "offer").await
}

async fn decline(posted: Posted) -> Answer {
    let request =
        pb::DeclineOfferRequest { request_id: posted.request_id(), offer_id: posted.get("offer_id").to_owned() };
    let asked = posted.ask(request).await?.map(|answer| answer.desk);
    after(&posted, asked, "offer").await
}

async fn end(posted: Posted) -> Answer {
    let hung_up = posted.get("hung_up") == "yes";
    let request =
        pb::EndCallRequest { request_id: posted.request_id(), call_id: posted.get("call_id").to_owned(), hung_up };
    let asked = posted.ask(request).await?.map(|answer| answer.desk);
    after(&posted, asked, "call").await
}

async fn still_talking(posted: Posted) -> Answer {
    let request =
        pb::StillTalkingRequest { request_id: posted.request_id(), call_id: posted.get("call_id").to_owned() };
    let asked = posted.ask(request).await?.map(|answer| answer.desk);
    after(&posted, asked, "call").await
}

async fn pass(posted: Posted) -> Answer {
    use pb::pass_call_request::To;
    let to = match posted.get("to").split_once(':') {
        Some(("skill", skill)) => Some(To::Skill(skill.to_owned())),
        Some(("site", site)) => Some(To::SiteId(site.to_owned())),
        Some(("line", line)) => Some(To::OutsideLine(line.to_owned())),
        _ => None,
    };
    let request = pb::PassCallRequest {
        request_id: posted.request_id(),
        call_id: posted.get("call_id").to_owned(),
        to,
        client_id: posted.get("client_id").to_owned(),
        walk_id: posted.get("walk_id").to_owned(),
        note: posted.get("note").to_owned(),
    };
    let asked = posted.ask(request).await?.map(|answer| answer.desk);
    after(&posted, asked, "to").await
}

async fn set_home(posted: Posted) -> Answer {
    let request = pb::SetCallHomeRequest {
        request_id: posted.request_id(),
        call_id: posted.get("call_id").to_owned(),
        postcode: posted.get("postcode").to_owned(),
    };
    let asked = posted.ask(request).await?.map(|_| None);
    after(&posted, asked, "postcode").await
}

async fn finish_wrap_up(posted: Posted) -> Answer {
    let request = pb::FinishWrapUpRequest {
        request_id: posted.request_id(),
        call_id: posted.get("call_id").to_owned(),
        outcome: posted.get("outcome").to_owned(),
    };
    let asked = posted.ask(request).await?.map(|answer| answer.desk);
    after(&posted, asked, "outcome").await
}

async fn longer(posted: Posted) -> Answer {
    let request =
        pb::ExtendWrapUpRequest { request_id: posted.request_id(), call_id: posted.get("call_id").to_owned() };
    let asked = posted.ask(request).await?.map(|answer| answer.desk);
    after(&posted, asked, "call").await
}

async fn close(posted: Posted) -> Answer {
    let asked = posted.ask(pb::SignOutRequest { request_id: posted.request_id() }).await?;
    if asked.is_ok() {
        posted.seat.pages.desks.close(&posted.seat.signed.token.hash());
    }
    after(&posted, asked.map(|_| None), "desk").await
}

impl Desk<'_> {
    /// Somebody else made their status what it is.
    fn is_by_another(&self, shown: &DeskShown) -> bool {
        let by = &shown.desk.status_changed_by;
        !by.is_empty() && *by != self.seat.user().name
    }

    fn time(&self, at: Option<&Timestamp>) -> String {
        self.seat.time(at)
    }

    fn number(&self, offer: &pb::Offer) -> String {
        crate::desks::number(offer)
    }

    fn when(&self, at: Option<&Timestamp>) -> String {
        self.seat.when(at)
    }

    /// For a clock that runs, in seconds since 1970.
    fn seconds(&self, at: Option<&Timestamp>) -> i64 {
        at.map_or(0, |at| at.seconds)
    }
}
