//! A desk of somebody else's: what it does now, and to free it when nobody at it can.

use super::LEADERS;
use super::glance::{ask_from, floor_snapshot, is_there};
use super::words::FloorWords;
use crate::html::{Frame, Mistakes, page};
use crate::seat::{Posted, Seat};
use crate::visitor::Answer;
use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use startline_api as pb;
use startline_foundation::ids::SiteId;
use startline_service::methods::RefusalKind;

#[derive(Template)]
#[template(path = "floor/desk.html")]
struct FreePage<'a> {
    frame: Frame<'a>,
    f: &'static FloorWords,
    mistakes: Mistakes,
    site_id: String,
    site: String,
    adviser_id: String,
    /// None: the desk is gone meanwhile.
    name: Option<String>,
    does: String,
    reason: String,
    options: Vec<(String, String)>,
    then: String,
}

pub async fn desk(seat: Seat, Path((site, adviser)): Path<(String, String)>) -> Answer {
    if !seat.is_any(LEADERS) {
        return Ok(seat.no_page());
    }
    let shown = show(&seat, (&site, &adviser), StatusCode::OK, Mistakes::default(), ("", "break")).await?;
    Ok(seat.visitor.keeping_language(&seat.pages, shown))
}

async fn show(
    seat: &Seat,
    (site, adviser): (&str, &str),
    status: StatusCode,
    mistakes: Mistakes,
    (reason, then): (&str, &str),
) -> Answer {
    let f = FloorWords::of(seat.language());
    let floor = floor_snapshot(seat, &SiteId::new(site)).await.map_err(|refusal| seat.refused(&refusal))?;
    let desk = floor.advisers.iter().find(|desk| desk.adviser_id == *adviser && is_there(desk));
    let w = seat.frame().w;
    let does = desk.map_or_else(String::new, |desk| {
        let status = w.status(desk.status());
        match desk.break_reason.as_str() {
            "" => format!("{status}, {}", w.state(desk.state())),
            reason => format!("{status} ({reason}), {}", w.state(desk.state())),
        }
    });
    let shown = FreePage {
        frame: seat.frame(),
        f,
        mistakes,
        site_id: site.to_owned(),
        site: seat.site_name(site),
        adviser_id: adviser.to_owned(),
        name: desk.map(|desk| desk.adviser_name.clone()),
        does,
        reason: reason.to_owned(),
        options: [("break", f.to_break), ("out", f.to_signed_out)].map(|(a, b)| (a.to_owned(), b.to_owned())).to_vec(),
        then: then.to_owned(),
    };
    Ok(page(status, &shown))
}

pub async fn free(Path((site, adviser)): Path<(String, String)>, posted: Posted) -> Answer {
    let seat = &posted.seat;
    let then = if posted.get("then") == "out" { "out" } else { "break" };
    let asked = pb::FreeDeskRequest {
        request_id: posted.request_id(),
        adviser_id: adviser.clone(),
        reason: posted.get("reason").to_owned(),
        sign_out: then == "out",
    };
    match ask_from(seat, &SiteId::new(&site), asked).await {
        Ok(_) => posted.then(&format!("/floor/{site}?done=freed")),
        Err(refusal) if matches!(refusal.kind, RefusalKind::Invalid | RefusalKind::Illegal | RefusalKind::Race) => {
            let mistakes = Mistakes::of_refusal(&refusal, seat.language(), &[("reason", "reason")]);
            let typed = (posted.get("reason"), then);
            let shown: Response =
                show(seat, (&site, &adviser), StatusCode::UNPROCESSABLE_ENTITY, mistakes, typed).await?;
            Ok(shown)
        }
        Err(refusal) => Err(seat.refused(&refusal)),
    }
}
