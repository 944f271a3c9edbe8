//! That a client died: the form for whoever was told, and what came of it.

use super::words::ClientWords;
use super::{record, shown};
use crate::html::{Frame, Mistakes, page};
use crate::seat::{Posted, Seat};
use crate::visitor::Answer;
use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use startline_api as pb;

#[derive(Template)]
#[template(path = "clients/death.html")]
struct Recording<'a> {
    frame: Frame<'a>,
    c: &'static ClientWords,
    mistakes: Mistakes,
    id: String,
    etag: String,
    name: String,
    typed: Typed,
    languages: Vec<(String, &'static str)>,
}

#[derive(Default)]
struct Typed {
    died_date: String,
    told_by: String,
    letter_wanted: bool,
    letter_name: String,
    letter_lines: String,
    letter_postcode: String,
    letter_language: String,
}

impl Typed {
    fn of(posted: &Posted) -> Self {
        let text = |name: &str| posted.get(name).trim().to_owned();
        Self {
            died_date: text("died_date"),
            told_by: text("told_by"),
            letter_wanted: posted.get("letter_wanted") == "yes",
            letter_name: text("letter_name"),
            letter_lines: text("letter_lines"),
            letter_postcode: text("letter_postcode"),
            letter_language: text("letter_language"),
        }
    }

    fn letter_to(&self) -> Option<pb::LetterTo> {
        self.letter_wanted.then(|| pb::LetterTo {
            name: self.letter_name.clone(),
            address_lines: self.letter_lines.lines().map(str::to_owned).collect(),
            postcode: self.letter_postcode.clone(),
            language: self.letter_language.clone(),
        })
    }
}

/// The field of the form for each of the request's.
const FIELDS: &[(&str, &str)] = &[
    ("told_by", "told_by"),
    ("died_date", "died_date"),
    ("letter_to.name", "letter_name"),
    ("letter_to.address_lines", "letter_lines"),
    ("letter_to.postcode", "letter_postcode"),
    ("letter_to.language", "letter_language"),
];

async fn recording<'a>(
    seat: &'a Seat,
    id: String,
    etag: Option<String>,
    typed: Typed,
    mistakes: Mistakes,
) -> Result<Recording<'a>, axum::response::Response> {
    let client = seat.need(pb::GetClientRequest { client_id: id.clone() }).await?.client.unwrap_or_default();
    let c = ClientWords::of(seat.language());
    Ok(Recording {
        frame: seat.frame(),
        c,
        mistakes,
        id,
        etag: etag.unwrap_or(client.etag),
        name: shown::name(&client.facts.unwrap_or_default()),
        typed,
        languages: vec![("en".into(), c.english), ("cy".into(), c.welsh)],
    })
}

pub async fn form(Path(id): Path<String>, seat: Seat) -> Answer {
    let typed = Typed { letter_language: "en".into(), ..Typed::default() };
    let shown = page(StatusCode::OK, &recording(&seat, id, None, typed, Mistakes::default()).await?);
    Ok(seat.visitor.keeping_language(&seat.pages, shown))
}

#[derive(Template)]
#[template(path = "clients/died.html")]
struct Died<'a> {
    frame: Frame<'a>,
    c: &'static ClientWords,
    id: String,
    withdrawn: Vec<String>,
    household: Vec<OfHousehold>,
}

struct OfHousehold {
    claim: String,
    client: String,
    name: String,
    site: String,
}

pub async fn record(Path(id): Path<String>, posted: Posted) -> Answer {
    let seat = &posted.seat;
    let (typed, etag) = (Typed::of(&posted), posted.get("etag").to_owned());
    let request = pb::RecordDeathRequest {
        request_id: posted.request_id(),
        client_id: id.clone(),
        etag: etag.clone(),
        died_date: typed.died_date.clone(),
        told_by: typed.told_by.clone(),
        letter_to: typed.letter_to(),
    };
    match posted.ask(request).await? {
        // Sent again, the page is answered the same again.
        Ok(recorded) => {
            let household = recorded.household.into_iter().map(|one| OfHousehold {
                site: seat.site_name(&one.site_id),
                claim: one.claim_id,
                client: one.client_id,
                name: one.name,
            });
            let shown = Died {
                frame: seat.frame(),
                c: ClientWords::of(seat.language()),
                id,
                withdrawn: recorded.withdrawn_claim_ids,
                household: household.collect(),
            };
            Ok(page(StatusCode::OK, &shown))
        }
        Err(refusal) => {
            let mistakes = Mistakes::of_refusal(&refusal, seat.language(), FIELDS);
            let shown = recording(seat, id, Some(etag), typed, mistakes).await?;
            Ok(page(StatusCode::UNPROCESSABLE_ENTITY, &shown))
        }
    }
}

pub async fn take_back(Path(id): Path<String>, posted: Posted) -> Answer {
    let request = pb::TakeBackDeathRequest {
        request_id: posted.request_id(),
        client_id: id.clone(),
        etag: posted.get("etag").to_owned(),
    };
    match posted.ask(request).await? {
        Ok(_) => posted.then(&format!("/clients/{id}?done=taken_back")),
        Err(refusal) => {
            record::again(&posted.seat, id, crate::refused::in_words(posted.seat.language(), &refusal)).await
        }
    }
}
