//! A pack: what is in it, where it is, each of its printings, and what can be done with it; and packs to be handed over.

use super::words::PostWords;
use super::{Tabs, day_named, number, prints};
use crate::html::{Frame, Mistakes, page};
use crate::refused::{in_words, of_field};
use crate::screens::claims::documents::streamed;
use crate::seat::{Posted, Seat};
use crate::visitor::{Answer, Fields};
use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use startline_api as pb;
use startline_api::PackState;
use startline_rooms::access::Role;

#[derive(Template)]
#[template(path = "post/pack.html")]
struct Shown<'a> {
    frame: Frame<'a>,
    p: &'static PostWords,
    mistakes: Mistakes,
    pack: pb::Pack,
    kind: String,
    state: &'static str,
    language: &'static str,
    delivery: String,
    arrives_by: String,
    composed: String,
    handed_over: String,
    printings: Vec<Printing>,
    corrections: Vec<Correction>,
    /// The page that was scanned, and the document that it is of.
    scanned: Option<(u32, String)>,
    /// The pack that has taken its place.
    newer: String,
    may_hand_over: bool,
    may_cancel: bool,
    may_reprint: bool,
    today: String,
    typed: Fields,
}

/// One printing, and what can be said of it now.
struct Printing {
    no: usize,
    id: String,
    attempt: u32,
    state: &'static str,
    is_over: bool,
    room: String,
    post: String,
    class: &'static str,
    first_page: u32,
    last_page: u32,
    pages: u32,
    reason: String,
    queued: String,
    printer: String,
    printed: String,
    printed_pages: u32,
    posted: String,
    incomplete: String,
    until: String,
    is_uncertain: bool,
    /// Theirs, and nothing was sent to a printer.
    can_begin: bool,
    /// Theirs, and neither over nor reported.
    is_in_hand: bool,
    /// Reported, and the count can be put right.
    can_correct: bool,
    /// Fewer pages than it has were counted.
    is_short: bool,
    can_spoil: bool,
    can_post: bool,
    is_posted: bool,
    can_come_back: bool,
}

pub struct Correction {
    pub what: &'static str,
    pub was: String,
    pub became: String,
    pub by: String,
    pub at: String,
}

#[derive(Template)]
#[template(path = "post/hand_over.html")]
struct ToHandOver<'a> {
    frame: Frame<'a>,
    p: &'static PostWords,
    tabs: Tabs,
    packs: Vec<Waiting>,
    next: String,
}

struct Waiting {
    id: String,
    reference: String,
    kind: String,
    state: &'static str,
    delivery: &'static str,
    to: String,
    composed: String,
}

impl Correction {
    pub fn of(seat: &Seat, correction: &pb::ReportCorrection) -> Self {
        Self {
            what: PostWords::of(seat.language()).corrected(correction.what()),
            was: correction.was.clone(),
            became: correction.became.clone(),
            by: correction.corrected_by_name.clone(),
            at: seat.when(correction.corrected_time.as_ref()),
        }
    }
}

impl Printing {
    fn of(seat: &Seat, no: usize, job: &pb::Printing, by_post: bool) -> Self {
        let p = PostWords::of(seat.language());
        let state = job.state();
        let is_mine = prints(seat) && job.leased_by_user_id == seat.user().id.to_string();
        let is_ours = prints(seat) && seat.sites().iter().any(|site| site.to_string() == job.print_room_id);
        let is_in_hand = is_mine && matches!(state, PackState::Leased | PackState::Printing);
        let is_printed = matches!(state, PackState::Printed);
        // What nobody knows about is looked after by whoever stands at the printer.
        let is_lost = is_ours && job.is_uncertain;
        Self {
            no,
            id: job.print_job_id.clone(),
            attempt: job.attempt,
            state: p.is(state),
            is_over: matches!(state, PackState::Spoiled | PackState::Cancelled),
            room: seat.site_name(&job.print_room_id),
            post: day_named(seat, &job.post_day),
            class: p.class(job.post_class()),
            first_page: job.first_page,
            last_page: job.last_page,
            pages: (job.last_page + 1).saturating_sub(job.first_page),
            reason: job.reason.clone(),
            queued: seat.when(job.queued_time.as_ref()),
            printer: job.printer.clone(),
            printed: seat.when(job.printed_time.as_ref()),
            printed_pages: job.printed_pages,
            posted: day_named(seat, &job.posted_day),
            incomplete: job.incomplete_reason.clone(),
            until: seat.time(job.lease_expire_time.as_ref()),
            is_uncertain: job.is_uncertain,
            can_begin: is_mine && state == PackState::Leased,
            is_in_hand: is_in_hand || is_lost,
            can_correct: is_ours && matches!(state, PackState::Printed | PackState::Posted | PackState::Returned),
            is_short: job.printed_pages < (job.last_page + 1).saturating_sub(job.first_page),
            can_spoil: is_in_hand || is_lost || is_ours && is_printed,
            can_post: is_ours && by_post && matches!(state, PackState::Printed | PackState::Posted),
            is_posted: state == PackState::Posted,
            can_come_back: is_ours && matches!(state, PackState::Posted | PackState::Returned),
        }
    }
}

impl Shown<'_> {
    /// What was typed into a form of this printing, when it could not be taken.
    fn typed_of(&self, job: &Printing, name: &str) -> &str {
        self.typed.get(&format!("{name}-{}", job.id))
    }

    fn wrong_of(&self, job: &Printing, name: &str) -> Option<&crate::refused::said::Said> {
        self.mistakes.of(&format!("{name}-{}", job.id))
    }

    /// The day of the post: as it was typed, or today.
    fn day_of(&self, job: &Printing) -> &str {
        match self.typed_of(job, "day") {
            "" => &self.today,
            typed => typed,
        }
    }
}

pub async fn show(Path(id): Path<String>, seat: Seat) -> Answer {
    let shown = pack(&seat, &id, Fields::default(), Mistakes::default(), StatusCode::OK).await?;
    Ok(seat.visitor.keeping_language(&seat.pages, shown))
}

/// A form's own address shows its pack.
pub async fn back(Path(id): Path<String>, seat: Seat) -> Answer {
    Ok(seat.then(&format!("/post/packs/{}", plain(&id))))
}

/// An id as an address may have it.
pub fn plain(id: &str) -> String {
    id.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').collect()
}

pub async fn pack(seat: &Seat, id: &str, typed: Fields, mistakes: Mistakes, status: StatusCode) -> Answer {
    let p = PostWords::of(seat.language());
    let answer = seat.need(pb::GetPackRequest { pack_id: id.to_owned(), ..Default::default() }).await?;
    let pack = answer.pack.unwrap_or_default();
    let by_post = pack.delivery() == pb::Delivery::Post;
    let of = |(at, job): (usize, &pb::Printing)| Printing::of(seat, at + 1, job, by_post);
    let printings: Vec<Printing> = pack.printings.iter().enumerate().map(of).collect();
    let scanned = seat.visitor.query.get("page").parse::<u32>().ok().filter(|page| (1..=pack.pages).contains(page));
    let of_document = |page: u32| {
        let has =
            |document: &&pb::PackDocument| (document.first_page..document.first_page + document.pages).contains(&page);
        (page, pack.documents.iter().find(has).map(|document| document.title.clone()).unwrap_or_default())
    };
    let is_gone =
        matches!(pack.state(), PackState::Posted | PackState::HandedOver | PackState::Cancelled | PackState::Returned);
    let works = [Role::Adviser, Role::TeamLeader, Role::PrintRoom, Role::PersonalAdviser, Role::Reception];
    let delivery = match pack.delivery_to.as_str() {
        "" => p.goes(pack.delivery()).to_owned(),
        to => format!("{}: {to}", p.goes(pack.delivery())),
    };
    let shown = Shown {
        frame: seat.frame(),
        p,
        mistakes,
        kind: p.kind(&pack.kind),
        state: p.is(pack.state()),
        language: if pack.language == "cy" { p.welsh } else { p.english },
        delivery,
        arrives_by: day_named(seat, &pack.arrives_by),
        composed: seat.when(pack.composed_time.as_ref()),
        handed_over: seat.when(pack.handed_over_time.as_ref()),
        printings,
        corrections: answer.corrections.iter().map(|correction| Correction::of(seat, correction)).collect(),
        scanned: scanned.map(of_document),
        newer: plain(seat.visitor.query.get("newer")),
        may_hand_over: !by_post
            && pack.state() != PackState::HandedOver
            && pack.state() != PackState::Cancelled
            && seat.is_any(&works),
        may_cancel: !is_gone && seat.is_any(&[Role::Adviser, Role::TeamLeader, Role::PrintRoom]),
        may_reprint: seat.is_any(&[Role::TeamLeader, Role::PrintRoom]),
        today: seat.today().to_string(),
        typed,
        pack,
    };
    Ok(page(status, &shown))
}

pub async fn document(Path(id): Path<String>, seat: Seat) -> Answer {
    let asked = pb::GetPackDocumentRequest { pack_id: id.clone() };
    streamed(&seat, &asked, &id, |answer: pb::GetPackDocumentResponse| answer.chunk).await
}

/// The pack's page after something was done, or again with why it was not.
pub async fn after<T>(
    posted: Posted,
    id: &str,
    done: &str,
    answered: Result<T, startline_service::methods::Refusal>,
    fields: &[(&str, String)],
) -> Answer {
    let Posted { seat, form } = posted;
    match answered {
        Ok(_) => Ok(seat.then(&format!("/post/packs/{}?done={done}", plain(id)))),
        Err(refusal) => {
            let first = fields.first().map_or_else(|| "main".to_owned(), |(_, field)| field.clone());
            let mut mistakes = Mistakes::default();
            for (path, text) in &refusal.fields {
                let field = fields.iter().find(|(of, _)| of == path).map_or(&first, |(_, field)| field);
                mistakes = mistakes.and(field.clone(), of_field(seat.language(), path, text));
            }
            if mistakes.is_empty() {
                let own = PostWords::of(seat.language()).why_not(&refusal.reason).map(Into::into);
                mistakes = Mistakes::one(first, own.unwrap_or_else(|| in_words(seat.language(), &refusal)));
            }
            pack(&seat, id, form, mistakes, StatusCode::UNPROCESSABLE_ENTITY).await
        }
    }
}

/// The pack's page again, with what was not typed that is needed.
pub async fn lacking(posted: Posted, id: &str, field: String, what: &'static str) -> Answer {
    let Posted { seat, form } = posted;
    pack(&seat, id, form, Mistakes::one(field, what), StatusCode::UNPROCESSABLE_ENTITY).await
}

/// Nothing typed is no reason.
pub fn given(text: &str) -> Option<String> {
    Some(text.trim().to_owned()).filter(|text| !text.is_empty())
}

pub async fn hand_over(Path(id): Path<String>, posted: Posted) -> Answer {
    let request = pb::ReportHandedOverRequest {
        request_id: posted.request_id(),
        pack_id: id.clone(),
        incomplete_reason: given(posted.get("hand_over_incomplete")),
    };
    let answered = posted.ask(request).await?;
    let field = [("incomplete_reason", "hand_over_incomplete".to_owned())];
    after(posted, &id, "pack_handed_over", answered, &field).await
}

pub async fn cancel(Path(id): Path<String>, posted: Posted) -> Answer {
    if given(posted.get("cancel_reason")).is_none() {
        let what = PostWords::of(posted.seat.language()).why_needed;
        return lacking(posted, &id, "cancel_reason".to_owned(), what).await;
    }
    let request = pb::CancelPackRequest {
        request_id: posted.request_id(),
        pack_id: id.clone(),
        reason: posted.get("cancel_reason").to_owned(),
    };
    let answered = posted.ask(request).await?;
    after(posted, &id, "pack_cancelled", answered, &[("reason", "cancel_reason".to_owned())]).await
}

pub async fn reprint(Path(id): Path<String>, posted: Posted) -> Answer {
    let page_of = |name: &str| number(posted.get(name));
    let (Ok(first), Ok(last)) = (page_of("first_page"), page_of("last_page")) else {
        let field = if page_of("first_page").is_err() { "first_page" } else { "last_page" };
        let what = PostWords::of(posted.seat.language()).number_wrong;
        return lacking(posted, &id, field.to_owned(), what).await;
    };
    if given(posted.get("reprint_reason")).is_none() {
        let what = PostWords::of(posted.seat.language()).why_needed;
        return lacking(posted, &id, "reprint_reason".to_owned(), what).await;
    }
    let request = pb::ReprintPackRequest {
        request_id: posted.request_id(),
        pack_id: id.clone(),
        reason: posted.get("reprint_reason").to_owned(),
        first_page: first.unwrap_or(0),
        last_page: last.unwrap_or(0),
    };
    let answered = posted.ask(request).await?;
    let fields = ["reason", "first_page", "last_page"]
        .map(|path| (path, if path == "reason" { "reprint_reason".to_owned() } else { path.to_owned() }));
    after(posted, &id, "pack_reprinted", answered, &fields).await
}

pub async fn to_hand_over(seat: Seat) -> Answer {
    let p = PostWords::of(seat.language());
    let page_token = seat.visitor.query.get("page").to_owned();
    let answer =
        seat.need(pb::ListPacksRequest { to_hand_over: true, page_size: 50, page_token, ..Default::default() }).await?;
    let waiting = |pack: &pb::Pack| Waiting {
        id: pack.pack_id.clone(),
        reference: pack.reference.clone(),
        kind: p.kind(&pack.kind),
        state: p.is(pack.state()),
        delivery: p.goes(pack.delivery()),
        to: pack.delivery_to.clone(),
        composed: seat.when(pack.composed_time.as_ref()),
    };
    let shown = ToHandOver {
        frame: seat.frame().wide(),
        p,
        tabs: Tabs { here: "hand-over", exceptions: 0 },
        packs: answer.packs.iter().map(waiting).collect(),
        next: answer.next_page_token,
    };
    Ok(seat.visitor.keeping_language(&seat.pages, page(StatusCode::OK, &shown)))
}
