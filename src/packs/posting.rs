//! A pack on its way: posted, handed over, come back, cancelled, printed again.

use super::exception;
use super::holding;
use super::leaving;
use super::pack::{Delivery, Pack, PackStatus};
use super::queries;
use super::store;
use super::subject::PackSubject;
use startline_definition::{Definition, Definitions};
use startline_foundation::error::{Error, Result};
use startline_foundation::ids::{PackId, PrintJobId};
use startline_foundation::store::Db;
use startline_rooms::access::{Context, audit};
use startline_rooms::claims;
use startline_rooms::printing::{self, PostedReport, PrintJob, ToPrint};
use std::collections::BTreeSet;

/// The pack is in the post of that local day, and so is the claim it is about.
///
/// # Errors
/// `Illegal` when it does not hold any more and its post has not left: it is to be taken out.
pub async fn report_posted(
    db: &mut Db<'_>,
    context: &Context,
    definitions: &Definitions,
    report: PostedReport<'_>,
) -> Result<(PackStatus, PrintJob)> {
    let definition = definitions.current();
    let printed = printing::get(db, report.id).await?;
    if report.day > definition.calendar.local_date(context.now) {
        return Err(Error::invalid("posted_day", "is still to come"));
    }
    let queued_on = definition.calendar.local_date(printed.queued_at);
    if report.day < queued_on {
        return Err(Error::invalid("posted_day", format!("is before the pack was queued, on {queued_on}")));
    }
    let pack = locked_with_claim(db, printed.pack_id).await?;
    let in_reach = printing::is_in_reach(db, context, definition, &printed).await?;
    let (job, news) = printing::report_posted(db, context, report).await?;
    if news
        && in_reach
        && let Some(why) = leaving::no_longer(db, context, definitions, &printed).await?
    {
        return Err(why.refusal());
    }
    if news {
        claim_is_out(db, context, &pack).await?;
    }
    Ok((queries::standing(db, definition, pack).await?, job))
}

/// The pack, kept from others until the transaction ends, and before it the claim that counts as posted with it: whoever
/// composes the pack anew takes them in this order too, and then the print jobs.
async fn locked_with_claim(db: &mut Db<'_>, id: PackId) -> Result<Pack> {
    let not_found = || Error::not_found(PackId::WHAT, id);
    if let PackSubject::Claim(claim) = store::by_id(db, id).await?.ok_or_else(not_found)?.wanted {
        claims::for_update(db, claim).await?;
    }
    store::for_update(db, id).await?.ok_or_else(not_found)
}

/// The client has it in their hands, or in their e-mail.
/// `incomplete`: why it was printed without all of its pages and goes all the same.
pub async fn hand_over(
    db: &mut Db<'_>,
    context: &Context,
    definitions: &Definitions,
    id: PackId,
    incomplete: Option<&str>,
) -> Result<PackStatus> {
    let definition = definitions.current();
    let pack = locked_with_claim(db, id).await?;
    let standing = queries::standing(db, definition, pack).await?;
    if standing.pack.handed_over.is_some() {
        return Ok(standing);
    }
    match &standing.pack.delivery {
        Delivery::Post => {
            return Err(Error::illegal("GOES_BY_POST", "this pack goes by post: it is reported posted instead"));
        }
        Delivery::Collect { .. } => {
            let not_printed = || Error::illegal("NOT_PRINTED", "this pack has not been reported printed");
            let job = standing.job().ok_or_else(not_printed)?;
            // In the print room's books it is out, as if it had been posted.
            let today = definition.calendar.local_date(context.now);
            let report = PostedReport { id: job.id, day: today, incomplete };
            printing::report_collected(db, context, report).await?;
        }
        Delivery::Email { .. } if incomplete.is_some() => {
            return Err(Error::invalid("incomplete_reason", "leave it out: nothing of this pack is printed"));
        }
        Delivery::Email { .. } => {}
    }
    check_holds(db, context, definitions, &standing.pack).await?;
    store::hand_over(db, id, context.user.id, context.now).await?;
    audit(db, context, "pack_handed_over", "pack", &id).await?;
    claim_is_out(db, context, &standing.pack).await?;
    queries::get(db, definition, id).await
}

/// Once the form has left, the claim counts as posted; letters about it change nothing.
async fn claim_is_out(db: &mut Db<'_>, context: &Context, pack: &Pack) -> Result<()> {
    match pack.wanted {
        PackSubject::Claim(claim) => claims::mark_posted(db, context, claim).await,
        _ => Ok(()),
    }
}

/// The post brought it back.
pub async fn report_returned(
    db: &mut Db<'_>,
    context: &Context,
    definition: &Definition,
    id: PrintJobId,
    reason: &str,
) -> Result<PackStatus> {
    let job = printing::report_returned(db, context, id, reason).await?;
    queries::get(db, definition, job.pack_id).await
}

/// Takes a pack out of the post: all of its printings, or none when one can no longer be stopped.
pub async fn cancel(
    db: &mut Db<'_>,
    context: &Context,
    definition: &Definition,
    id: PackId,
    reason: &str,
) -> Result<PackStatus> {
    let pack = store::for_update(db, id).await?.ok_or_else(|| Error::not_found(PackId::WHAT, id))?;
    let standing = queries::standing(db, definition, pack).await?;
    if standing.pack.handed_over.is_some() {
        return Err(Error::illegal("ALREADY_HANDED_OVER", "the client has this pack already"));
    }
    if standing.jobs.is_empty() {
        return Err(Error::illegal("NOT_QUEUED", "nothing of this pack is to be printed"));
    }
    let standing_jobs: BTreeSet<PrintJobId> =
        standing.jobs.iter().filter(|job| job.stands()).map(|job| job.id).collect();
    for job in standing_jobs {
        printing::cancel(db, context, definition, job, reason).await?;
    }
    // What the client is not to have on paper they are not to have in Braille either.
    exception::settle_elsewhere(db, context, standing.pack.wanted, None).await?;
    audit(db, context, "pack_cancelled", "pack", &id).await?;
    queries::get(db, definition, id).await
}

/// Prints a pack again, whole or some of its pages, from the document as it was stored.
///
/// # Errors
/// `Illegal` when it does not hold any more: it is composed anew instead.
pub async fn reprint(
    db: &mut Db<'_>,
    context: &Context,
    definitions: &Definitions,
    id: PackId,
    pages: Option<(u32, u32)>,
    reason: &str,
) -> Result<(PackStatus, PrintJob)> {
    let definition = definitions.current();
    let pack = store::by_id(db, id).await?.ok_or_else(|| Error::not_found(PackId::WHAT, id))?;
    let site = definition.site_or_fault(&pack.site)?;
    let to_print = ToPrint {
        pack_id: pack.id,
        client_id: pack.client_id,
        reference: pack.reference.clone(),
        pages: pack.pages,
        forced: true,
        urgent: true,
    };
    let job = printing::reprint(db, context, definition, site, &to_print, pages, reason).await?;
    if let Some(why) = leaving::no_longer(db, context, definitions, &job).await? {
        return Err(why.refusal());
    }
    Ok((queries::standing(db, definition, pack).await?, job))
}

async fn check_holds(db: &mut Db<'_>, context: &Context, definitions: &Definitions, pack: &Pack) -> Result<()> {
    let today = definitions.current().calendar.local_date(context.now);
    match holding::no_longer(db, definitions, context, pack, today).await? {
        Some(why) => Err(why.refusal()),
        None => Ok(()),
    }
}
