//! What leaves with each post, what became of it, and what was counted.

use super::packs::Correction;
use super::words::PostWords;
use super::{Tabs, day_named, number, prints};
use crate::html::{Frame, Mistakes, page};
use crate::seat::{Posted, Seat};
use crate::visitor::{Answer, Fields};
use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use startline_api as pb;

#[derive(Template)]
#[template(path = "post/batches.html")]
struct Batches<'a> {
    frame: Frame<'a>,
    p: &'static PostWords,
    tabs: Tabs,
    batches: Vec<Batch>,
    next: String,
}

struct Batch {
    day: String,
    class_word: &'static str,
    named: String,
    class: &'static str,
    closes: String,
    closed: String,
    /// Packs and pages.
    counted: Option<(u32, u32)>,
}

#[derive(Template)]
#[template(path = "post/manifest.html")]
struct Shown<'a> {
    frame: Frame<'a>,
    p: &'static PostWords,
    mistakes: Mistakes,
    batch: Batch,
    tallies: Vec<(&'static str, pb::Tally)>,
    differences: Vec<Difference>,
    printings: Vec<Printing>,
    corrections: Vec<Correction>,
    prints: bool,
    packs: String,
    pages: String,
}

struct Difference {
    what: String,
    sentence: crate::refused::said::Said,
    reference: String,
    pack: String,
}

struct Printing {
    pack: String,
    reference: String,
    state: &'static str,
    pages: u32,
    printed_pages: u32,
    is_uncertain: bool,
    reason: String,
    posted: String,
}

fn class_word(class: pb::PostClass) -> &'static str {
    if class == pb::PostClass::First { "first" } else { "second" }
}

impl Batch {
    fn of(seat: &Seat, batch: &pb::Batch) -> Self {
        Self {
            day: batch.post_day.clone(),
            class_word: class_word(batch.post_class()),
            named: day_named(seat, &batch.post_day),
            class: PostWords::of(seat.language()).class(batch.post_class()),
            closes: seat.when(batch.close_time.as_ref()),
            closed: seat.when(batch.closed_time.as_ref()),
            counted: batch.is_counted.then_some((batch.counted_packs, batch.counted_pages)),
        }
    }
}

pub async fn list(seat: Seat) -> Answer {
    let page_token = seat.visitor.query.get("page").to_owned();
    let answer = seat.need(pb::ListBatchesRequest { page_size: 30, page_token }).await?;
    let shown = Batches {
        frame: seat.frame().wide(),
        p: PostWords::of(seat.language()),
        tabs: Tabs { here: "batches", exceptions: 0 },
        batches: answer.batches.iter().map(|batch| Batch::of(&seat, batch)).collect(),
        next: answer.next_page_token,
    };
    Ok(seat.visitor.keeping_language(&seat.pages, page(StatusCode::OK, &shown)))
}

fn class_of(word: &str) -> i32 {
    match word {
        "first" => pb::PostClass::First.into(),
        _ => pb::PostClass::Second.into(),
    }
}

pub async fn manifest(Path((day, class)): Path<(String, String)>, seat: Seat) -> Answer {
    let shown = show(&seat, (&day, &class), None, Mistakes::default(), StatusCode::OK).await?;
    Ok(seat.visitor.keeping_language(&seat.pages, shown))
}

async fn show(
    seat: &Seat,
    (day, class): (&str, &str),
    typed: Option<&Fields>,
    mistakes: Mistakes,
    status: StatusCode,
) -> Answer {
    let p = PostWords::of(seat.language());
    let request = pb::GetManifestRequest { post_day: day.to_owned(), post_class: class_of(class) };
    let manifest = seat.need(request).await?.manifest.unwrap_or_default();
    let batch = Batch::of(seat, &manifest.batch.clone().unwrap_or_default());
    let tallies = [
        (p.t_queued, manifest.queued),
        (p.t_open, manifest.open),
        (p.t_waiting, manifest.waiting),
        (p.t_posted, manifest.posted),
        (p.t_returned, manifest.returned),
        (p.t_spoiled, manifest.spoiled),
        (p.t_cancelled, manifest.cancelled),
    ];
    let pack_of = |job: &str| {
        let printing = manifest.printings.iter().find(|printing| printing.print_job_id == job);
        printing.map(|printing| printing.pack_id.clone()).unwrap_or_default()
    };
    let difference = |difference: &pb::Difference| Difference {
        what: p.difference(&difference.what).to_owned(),
        sentence: crate::refused::of_sentence(seat.language(), &difference.sentence),
        reference: difference.reference.clone(),
        pack: pack_of(&difference.print_job_id),
    };
    let printing = |job: &pb::Printing| Printing {
        pack: job.pack_id.clone(),
        reference: job.reference.clone(),
        state: p.is(job.state()),
        pages: (job.last_page + 1).saturating_sub(job.first_page),
        printed_pages: job.printed_pages,
        is_uncertain: job.is_uncertain,
        reason: job.reason.clone(),
        posted: day_named(seat, &job.posted_day),
    };
    let count = |name: &str, counted: Option<u32>| match typed {
        Some(form) => form.get(name).to_owned(),
        None => counted.map(|counted| counted.to_string()).unwrap_or_default(),
    };
    let shown = Shown {
        frame: seat.frame().wide(),
        p,
        mistakes,
        tallies: tallies.into_iter().map(|(name, tally)| (name, tally.unwrap_or_default())).collect(),
        differences: manifest.differences.iter().map(difference).collect(),
        printings: manifest.printings.iter().map(printing).collect(),
        corrections: manifest.corrections.iter().map(|correction| Correction::of(seat, correction)).collect(),
        prints: prints(seat),
        packs: count("packs", batch.counted.map(|counted| counted.0)),
        pages: count("pages", batch.counted.map(|counted| counted.1)),
        batch,
    };
    Ok(page(status, &shown))
}

pub async fn count(Path((day, class)): Path<(String, String)>, posted: Posted) -> Answer {
    let seat = &posted.seat;
    let here = (day.as_str(), class.as_str());
    let again = async |mistakes| show(seat, here, Some(&posted.form), mistakes, StatusCode::UNPROCESSABLE_ENTITY).await;
    let p = PostWords::of(seat.language());
    let (packs, pages) = match (number(posted.get("packs")), number(posted.get("pages"))) {
        (Ok(Some(packs)), Ok(Some(pages))) => (packs, pages),
        (Ok(Some(_)), _) => return again(Mistakes::one("pages", p.number_wrong)).await,
        _ => return again(Mistakes::one("packs", p.number_wrong)).await,
    };
    let request = pb::CountBatchRequest {
        request_id: posted.request_id(),
        post_day: day.clone(),
        post_class: class_of(&class),
        packs: Some(packs),
        pages: Some(pages),
    };
    match posted.ask(request).await? {
        Ok(answer) => {
            // As the service writes it, whatever stood in the address.
            let batch = answer.manifest.and_then(|manifest| manifest.batch).unwrap_or_default();
            let class = class_word(batch.post_class());
            posted.then(&format!("/post/batches/{}/{class}?done=batch_counted", batch.post_day))
        }
        Err(refusal) => {
            let fields = [("packs", "packs"), ("pages", "pages")];
            again(Mistakes::of_refusal(&refusal, seat.language(), &fields)).await
        }
    }
}
