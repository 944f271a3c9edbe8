//! What cannot be printed, and what is printed instead.

use super::words::PostWords;
use super::{Tabs, prints};
use crate::html::{Frame, Mistakes, page};
use crate::refused::of_sentence;
use crate::refused::said::Said;
use crate::seat::{Posted, Seat};
use crate::visitor::{Answer, Fields};
use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use startline_api as pb;
use startline_rooms::access::Role;

/// Pages of the list that are looked through for one: a site with so many waiting has other work to do first.
const MOST_PAGES: usize = 20;

#[derive(Template)]
#[template(path = "post/exceptions.html")]
struct List<'a> {
    frame: Frame<'a>,
    p: &'static PostWords,
    tabs: Tabs,
    exceptions: Vec<Line>,
    next: String,
}

struct Line {
    id: String,
    kind: String,
    raised: String,
    faults: Vec<Said>,
    elsewhere: String,
}

#[derive(Template)]
#[template(path = "post/exception.html")]
struct Shown<'a> {
    frame: Frame<'a>,
    p: &'static PostWords,
    mistakes: Mistakes,
    id: String,
    kind: String,
    raised: String,
    faults: Vec<Fault>,
    /// The client's page, for those who may see it.
    client: String,
    /// The pack that was composed before.
    before: String,
    may_dismiss: bool,
    /// What is to be produced elsewhere; empty of what cannot be printed.
    elsewhere: String,
    pack: String,
}

/// Something that cannot be printed, and what is said instead.
struct Fault {
    field: String,
    place: String,
    /// As people call it.
    named: String,
    sentence: Said,
    mend: Said,
    instead: String,
}

pub async fn list(seat: Seat) -> Answer {
    let p = PostWords::of(seat.language());
    let page_token = seat.visitor.query.get("page").to_owned();
    let answer = seat.need(pb::ListPackExceptionsRequest { page_size: 50, page_token }).await?;
    let said = |sentence: &str| of_sentence(seat.language(), sentence);
    let line = |exception: &pb::PackException| Line {
        id: exception.exception_id.clone(),
        kind: p.kind(&exception.kind),
        raised: seat.when(exception.raised_time.as_ref()),
        faults: exception.faults.iter().map(|fault| said(&fault.sentence).of(&p.place(&fault.place))).collect(),
        elsewhere: elsewhere(&seat, p, exception),
    };
    let shown = List {
        frame: seat.frame().live("post").wide(),
        p,
        tabs: Tabs { here: "exceptions", exceptions: 0 },
        exceptions: answer.exceptions.iter().map(line).collect(),
        next: answer.next_page_token,
    };
    Ok(seat.visitor.keeping_language(&seat.pages, page(StatusCode::OK, &shown)))
}

/// In which format, and by when.
fn elsewhere(seat: &Seat, p: &PostWords, exception: &pb::PackException) -> String {
    let Some(of) = &exception.elsewhere else { return String::new() };
    format!("{}: {} {}", of.format_name, p.elsewhere_by, crate::screens::clients::day(seat, &of.by_day))
}

async fn find(seat: &Seat, id: &str) -> Result<pb::PackException, axum::response::Response> {
    let mut page_token = String::new();
    for _ in 0..MOST_PAGES {
        let answer = seat.need(pb::ListPackExceptionsRequest { page_size: 100, page_token }).await?;
        if let Some(found) = answer.exceptions.into_iter().find(|exception| exception.exception_id == id) {
            return Ok(found);
        }
        page_token = answer.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }
    // Somebody else has settled it meanwhile, or there never was one.
    Err(seat.no_page())
}

pub async fn show(Path(id): Path<String>, seat: Seat) -> Answer {
    let exception = find(&seat, &id).await?;
    let shown = shown(&seat, exception, None, Mistakes::default(), StatusCode::OK).await;
    Ok(seat.visitor.keeping_language(&seat.pages, shown))
}

async fn shown(
    seat: &Seat,
    exception: pb::PackException,
    typed: Option<&Fields>,
    mistakes: Mistakes,
    status: StatusCode,
) -> axum::response::Response {
    let p = PostWords::of(seat.language());
    let fault = |(at, fault): (usize, &pb::Unprintable)| {
        let field = format!("text-{at}");
        let before = exception.replacements.iter().find(|replacement| replacement.place == fault.place);
        let instead = match typed {
            Some(form) => typed_for(form, &fault.place).to_owned(),
            None => before.map(|before| before.text.clone()).unwrap_or_default(),
        };
        let said = |sentence: &str| of_sentence(seat.language(), sentence);
        let (place, named) = (fault.place.clone(), p.place(&fault.place));
        Fault { field, place, named, sentence: said(&fault.sentence), mend: said(&fault.mend), instead }
    };
    let before = match exception.kind.as_str() {
        "claim" => {
            let request = pb::GetPackRequest { claim_id: exception.record_id.clone(), ..Default::default() };
            seat.may(request).await.and_then(|answer| answer.pack).map(|pack| pack.pack_id)
        }
        _ => None,
    };
    let sees_clients = seat.is_any(&[Role::Adviser, Role::TeamLeader]);
    let shown = Shown {
        frame: seat.frame(),
        p,
        mistakes,
        kind: p.kind(&exception.kind),
        raised: seat.when(exception.raised_time.as_ref()),
        faults: exception.faults.iter().enumerate().map(fault).collect(),
        client: if sees_clients { exception.client_id.clone() } else { String::new() },
        before: before.unwrap_or_default(),
        may_dismiss: prints(seat) || seat.is(Role::TeamLeader),
        elsewhere: elsewhere(seat, p, &exception),
        pack: exception.elsewhere.as_ref().map(|of| of.pack_id.clone()).unwrap_or_default(),
        id: exception.exception_id,
    };
    page(status, &shown)
}

/// What was typed for a place: each place stands beside its text, whatever became of the list meanwhile.
fn typed_for<'a>(form: &'a Fields, place: &str) -> &'a str {
    let mut places = form.iter().filter_map(|(name, value)| Some((name.strip_prefix("place-")?, value)));
    let at = places.find(|(_, of)| *of == place).map(|(at, _)| format!("text-{at}"));
    at.map_or("", |name| form.get(&name))
}

pub async fn mend(Path(id): Path<String>, posted: Posted) -> Answer {
    let seat = &posted.seat;
    let replacements: Vec<pb::Replacement> = posted
        .form
        .iter()
        .filter_map(|(name, place)| {
            let text = posted.get(&format!("text-{}", name.strip_prefix("place-")?)).trim().to_owned();
            (!text.is_empty()).then(|| pb::Replacement { place: place.to_owned(), text })
        })
        .collect();
    let request =
        pb::MendPackExceptionRequest { request_id: posted.request_id(), exception_id: id.clone(), replacements };
    let p = PostWords::of(seat.language());
    match posted.ask(request).await? {
        Ok(answer) => match answer.pack {
            Some(pack) => posted.then(&format!("/post/packs/{}?done=exception_composed", pack.pack_id)),
            None => {
                let exception = answer.exception.unwrap_or_default();
                let mistakes = Mistakes::one("text-0", p.still_wrong);
                Ok(shown(seat, exception, Some(&posted.form), mistakes, StatusCode::UNPROCESSABLE_ENTITY).await)
            }
        },
        Err(refusal) => {
            let exception = find(seat, &id).await?;
            // `replacements[0].text` is the first of those that were typed, not of those that are shown.
            let mistakes = Mistakes::of_refusal(&refusal, seat.language(), &[("replacements", "text-0")]);
            Ok(shown(seat, exception, Some(&posted.form), mistakes, StatusCode::UNPROCESSABLE_ENTITY).await)
        }
    }
}

pub async fn dismiss(Path(id): Path<String>, posted: Posted) -> Answer {
    let request = pb::DismissPackExceptionRequest { request_id: posted.request_id(), exception_id: id };
    posted.need(request).await?;
    posted.then("/post/exceptions?done=exception_dismissed")
}
