//! Packs, printings and manifests as messages.

use crate::mirrors::{needed, shown};
use crate::{convert, pb};
use chrono::{DateTime, NaiveDate, Utc};
use startline_definition::Definition;
use startline_foundation::error::{Error, Result};
use startline_foundation::formats::{Language, parse_date};
use startline_foundation::ids::UserId;
use startline_foundation::store::Db;
use startline_packs::{Delivery, Exception, Pack, PackStatus, Paper, Place, Replacement, Unprintable};
use startline_rooms::access;
use startline_rooms::printing::{
    Batch, BatchKey, Correction, Difference, Manifest, PostClass, PrintJob, Printer, State, Tally,
};

pub fn pack(standing: &PackStatus) -> pb::Pack {
    let pack = &standing.pack;
    let place = standing.place();
    let posted = match &place {
        Place::AtPrinting(job) => posted_at(job),
        Place::Composed | Place::HandedOver { .. } => None,
    };
    pb::Pack {
        pack_id: pack.id.to_string(),
        claim_id: pack.claim_id.map(|id| id.to_string()).unwrap_or_default(),
        site_id: pack.site.to_string(),
        reference: pack.reference.clone(),
        state: match &place {
            Place::Composed => pb::PackState::Composed,
            Place::AtPrinting(job) => state(&job.state),
            Place::HandedOver { .. } => pb::PackState::HandedOver,
        }
        .into(),
        pages: pack.pages,
        documents: documents(pack),
        sha256: pack.sha256.clone(),
        composed_time: Some(convert::timestamp(pack.composed_at)),
        posted_time: posted.map(convert::timestamp),
        client_id: pack.client_id.to_string(),
        kind: pack.wanted.kind().to_owned(),
        claim_revision: pack.claim_revision.unwrap_or(0),
        definition_version: pack.definition_version.to_string(),
        language: pack.language.as_str().to_owned(),
        large_print: pack.large_print,
        sheets: pack.sheets,
        replaces_pack_id: pack.replaces.map(|id| id.to_string()).unwrap_or_default(),
        delivery: delivery(&pack.delivery).into(),
        delivery_to: pack.delivery.to().to_owned(),
        handed_over_time: pack.handed_over.map(|(at, _)| convert::timestamp(at)),
        arrives_by: standing.arrives_by.map(|day| day.to_string()).unwrap_or_default(),
        printings: standing.jobs.iter().map(printing).collect(),
    }
}

pub fn documents(pack: &Pack) -> Vec<pb::PackDocument> {
    let document = |document: &startline_packs::DocumentPages| pb::PackDocument {
        kind: document.kind.clone(),
        title: document.title.clone(),
        first_page: document.first_page,
        pages: document.pages,
    };
    pack.documents.iter().map(document).collect()
}

fn state(state: &State) -> pb::PackState {
    match state {
        State::Queued => pb::PackState::Queued,
        State::Leased { .. } => pb::PackState::Leased,
        State::Printing { .. } => pb::PackState::Printing,
        State::Printed(_) => pb::PackState::Printed,
        State::Posted { .. } => pb::PackState::Posted,
        State::Returned { .. } => pb::PackState::Returned,
        State::Spoiled { .. } => pb::PackState::Spoiled,
        State::Cancelled { .. } => pb::PackState::Cancelled,
    }
}

fn posted_at(job: &PrintJob) -> Option<chrono::DateTime<chrono::Utc>> {
    match &job.state {
        State::Posted { post, .. } | State::Returned { post, .. } => Some(post.at),
        _ => None,
    }
}

pub fn printing(job: &PrintJob) -> pb::Printing {
    let printed = match &job.state {
        State::Printed(printed) | State::Posted { printed, .. } | State::Returned { printed, .. } => Some(*printed),
        State::Cancelled { printed, .. } => *printed,
        _ => None,
    };
    let post = match &job.state {
        State::Posted { post, .. } | State::Returned { post, .. } => Some(post),
        _ => None,
    };
    let submission = match &job.state {
        State::Printing { submission, .. } => Some(submission),
        _ => None,
    };
    let uncertain = submission.and_then(|submission| submission.uncertain.as_deref());
    let reason = match &job.state {
        State::Returned { reason, .. } | State::Spoiled { reason, .. } | State::Cancelled { reason, .. } => reason,
        _ => uncertain.unwrap_or(&job.reason),
    };
    pb::Printing {
        print_job_id: job.id.to_string(),
        state: state(&job.state).into(),
        print_room_id: job.room.to_string(),
        post_day: job.post_day.to_string(),
        post_class: shown::<pb::PostClass>(job.class),
        first_page: job.first_page,
        last_page: job.last_page,
        reason: reason.to_owned(),
        queued_time: Some(convert::timestamp(job.queued_at)),
        printer: submission.map(|submission| submission.printer.clone()).unwrap_or_default(),
        printed_time: printed.map(|printed| convert::timestamp(printed.at)),
        printed_pages: printed.map_or(0, |printed| printed.pages),
        posted_time: posted_at(job).map(convert::timestamp),
        posted_day: post.map(|post| post.day.to_string()).unwrap_or_default(),
        is_uncertain: uncertain.is_some(),
        incomplete_reason: post.and_then(|post| post.incomplete.clone()).unwrap_or_default(),
        pack_id: job.pack_id.to_string(),
        reference: job.reference.clone(),
        attempt: u32::try_from(job.attempt).unwrap_or(0),
        leased_by_user_id: held(job).map(|(by, _)| by.to_string()).unwrap_or_default(),
        lease_expire_time: held(job).map(|(_, until)| convert::timestamp(until)),
    }
}

/// By whom, and until when.
fn held(job: &PrintJob) -> Option<(UserId, DateTime<Utc>)> {
    match &job.state {
        State::Leased { by, until } | State::Printing { by, until, .. } => Some((*by, *until)),
        _ => None,
    }
}

pub fn print_job(job: &PrintJob, paper: &Paper) -> pb::PrintJob {
    let held = held(job);
    let submission = match &job.state {
        State::Printing { submission, .. } => Some(submission),
        _ => None,
    };
    let uncertain = submission.and_then(|submission| submission.uncertain.as_deref());
    let printed_pages = match &job.state {
        State::Printed(printed) | State::Posted { printed, .. } | State::Returned { printed, .. } => printed.pages,
        _ => 0,
    };
    pb::PrintJob {
        print_job_id: job.id.to_string(),
        pack_id: job.pack_id.to_string(),
        reference: job.reference.clone(),
        pages: job.pages(),
        attempt: u32::try_from(job.attempt).unwrap_or(0),
        lease_expire_time: held.map(|(_, until)| convert::timestamp(until)),
        first_page: job.first_page,
        last_page: job.last_page,
        post_day: job.post_day.to_string(),
        post_class: shown::<pb::PostClass>(job.class),
        sheets: paper.sheets,
        kind: paper.kind.to_owned(),
        language: paper.language.as_str().to_owned(),
        look: shown::<pb::PrintLook>(paper.look.layout),
        large_print: paper.look.large_print,
        sides: shown::<pb::PrintSides>(paper.sides),
        envelope: shown::<pb::Envelope>(paper.envelope),
        delivery: delivery(&paper.delivery).into(),
        state: state(&job.state).into(),
        leased_by_user_id: held.map(|(by, _)| by.to_string()).unwrap_or_default(),
        leased_by_name: String::new(),
        printer: submission.map(|submission| submission.printer.clone()).unwrap_or_default(),
        printed_pages,
        is_uncertain: uncertain.is_some(),
        reason: uncertain.unwrap_or(&job.reason).to_owned(),
        queued_time: Some(convert::timestamp(job.queued_at)),
    }
}

/// With the names of those who corrected.
pub async fn corrections(db: &mut Db<'_>, all: &[Correction]) -> Result<Vec<pb::ReportCorrection>> {
    let ids: Vec<UserId> = all.iter().map(|correction| correction.by).collect();
    let users = access::users(db, &ids).await?;
    let name = |id| users.iter().find(|user| user.id == id).map(|user| user.name.clone()).unwrap_or_default();
    let message = |correction: &Correction| pb::ReportCorrection {
        print_job_id: correction.job.map(|id| id.to_string()).unwrap_or_default(),
        what: shown::<pb::CorrectedReport>(correction.what),
        was: correction.was.clone(),
        became: correction.became.clone(),
        corrected_by: correction.by.to_string(),
        corrected_by_name: name(correction.by),
        corrected_time: Some(convert::timestamp(correction.at)),
    };
    Ok(all.iter().map(message).collect())
}

/// Second class when nothing is given.
pub fn parse_class(given: i32) -> Result<PostClass> {
    if given == 0 {
        return Ok(PostClass::Second);
    }
    needed::<pb::PostClass>("post_class", given, "is no class of the post")
}

pub fn delivery(delivery: &Delivery) -> pb::Delivery {
    match delivery {
        Delivery::Post => pb::Delivery::Post,
        Delivery::Collect { .. } => pb::Delivery::Collect,
        Delivery::Email { .. } => pb::Delivery::Email,
    }
}

/// None when nothing was chosen.
pub fn parse_delivery(given: i32, to: &str) -> Result<Option<Delivery>> {
    Ok(match pb::Delivery::try_from(given) {
        Ok(pb::Delivery::Unspecified) => None,
        Ok(pb::Delivery::Post) => Some(Delivery::Post),
        Ok(pb::Delivery::Collect) => Some(Delivery::Collect { at: to.to_owned() }),
        Ok(pb::Delivery::Email) => Some(Delivery::Email { to: to.to_owned() }),
        Err(_) => return Err(Error::invalid("delivery", "is no way to deliver a pack")),
    })
}

/// A local day; none when nothing is given.
pub fn parse_day(field: &'static str, text: &str) -> Result<Option<NaiveDate>> {
    if text.is_empty() {
        return Ok(None);
    }
    parse_date(text).map(Some).map_err(|reason| Error::invalid(field, reason))
}

pub fn exception(definition: &Definition, language: Language, exception: &Exception) -> pb::PackException {
    pb::PackException {
        exception_id: exception.id.to_string(),
        client_id: exception.client_id.to_string(),
        kind: exception.wanted.kind().to_owned(),
        record_id: exception.wanted.record().to_string(),
        faults: exception.faults.iter().map(unprintable).collect(),
        replacements: exception
            .replacements
            .iter()
            .map(|Replacement { place, text, .. }| pb::Replacement { place: place.clone(), text: text.clone() })
            .collect(),
        raised_time: Some(convert::timestamp(exception.raised_at)),
        settled_time: exception.settled.as_ref().map(|(at, _)| convert::timestamp(*at)),
        outcome: exception.settled.as_ref().map(|(_, outcome)| outcome.clone()).unwrap_or_default(),
        elsewhere: exception.elsewhere.as_ref().map(|of| pb::ProducedElsewhere {
            format: of.format.clone(),
            format_name: definition.letters_format(&of.format, language).to_owned(),
            by_day: of.by_day.to_string(),
            pack_id: of.pack_id.to_string(),
        }),
    }
}

pub fn unprintable(fault: &Unprintable) -> pb::Unprintable {
    pb::Unprintable {
        place: fault.place.clone(),
        reason: fault.reason.clone(),
        sentence: fault.sentence.clone(),
        mend: fault.mend.clone(),
    }
}

pub fn batch(batch: &Batch) -> pb::Batch {
    let BatchKey { room, post_day, class: of } = &batch.key;
    pb::Batch {
        print_room_id: room.to_string(),
        post_day: post_day.to_string(),
        post_class: shown::<pb::PostClass>(*of),
        close_time: Some(convert::timestamp(batch.closes_at)),
        closed_time: batch.closed_at.map(convert::timestamp),
        is_counted: batch.counted.is_some(),
        counted_packs: batch.counted.map_or(0, |(packs, _)| packs),
        counted_pages: batch.counted.map_or(0, |(_, pages)| pages),
    }
}

pub fn manifest((of, jobs, account): (Batch, Vec<PrintJob>, Manifest)) -> pb::Manifest {
    let tally = |tally: Tally| Some(pb::Tally { packs: tally.jobs, pages: tally.pages });
    let difference = |difference: Difference| pb::Difference {
        print_job_id: difference.job.map(|id| id.to_string()).unwrap_or_default(),
        reference: difference.reference,
        what: difference.what.to_owned(),
        sentence: difference.sentence,
    };
    pb::Manifest {
        batch: Some(batch(&of)),
        queued: tally(account.queued),
        open: tally(account.open),
        waiting: tally(account.waiting),
        posted: tally(account.posted),
        returned: tally(account.returned),
        spoiled: tally(account.spoiled),
        cancelled: tally(account.cancelled),
        differences: account.differences.into_iter().map(difference).collect(),
        printings: jobs.iter().map(printing).collect(),
        corrections: Vec::new(),
    }
}

pub fn printer(printer: &Printer) -> pb::Printer {
    pb::Printer {
        name: printer.name.clone(),
        state: printer.state.as_str().to_owned(),
        reasons: printer.reasons.clone(),
        seen_time: Some(convert::timestamp(printer.seen_at)),
    }
}
