//! Claim packs: what a client finds on the doormat after the start-up call, and the queue that prints and posts it.
//!
//! `content` is the data a pack is made of, `gather` collects it from the rooms that know it, `world` is the closed world
//! its templates live in, `compose` turns the one into a PDF through the other. Composing is pure: the same content and
//! the same service definition give the same bytes.
//!
//! Packs and print jobs are durable before they are acknowledged. A print job is leased for a while; a lease that runs out
//! gives it to the next print room, and the attempt number tells a late report from a good one.

mod address;
mod agency;
pub mod barcode;
pub mod compose;
pub mod content;
mod gather;
mod lint;
mod material;
mod pack;
mod prepare;
mod preparing;
mod printable;
pub mod samples;
mod store;
mod thread;
mod wanted;
mod words;
pub mod world;

pub use address::check_address;
pub use compose::{ComposeFault, Composed, Composer, DocumentPages, TemplateFault};
pub use content::{Layout, Look, PackContent};
pub use lint::lint;
pub use pack::{Pack, PrintJob, PrintState};
pub use preparing::{Composers, Prepared, agency_copy, prepare};
pub use wanted::{Order, Replaced, Replacement, Unprintable, Wanted};

use crate::access::{Context, audit};
use crate::claims;
use crate::error::{Error, Result};
use crate::ids::{ClaimId, PackId, PrintJobId};
use crate::store::Db;
use chrono::TimeDelta;

/// Stores a prepared pack and queues its printing. If another worker was faster, its pack is the one.
pub async fn keep(db: &mut Db<'_>, context: &Context, prepared: &Prepared) -> Result<(Pack, PrintJob)> {
    let pack = match prepared {
        Prepared::Existing(pack) => pack.clone(),
        Prepared::Fresh { pack, pdf } => {
            if store::insert_pack(db, pack, pdf).await? {
                store::insert_print_job(db, pack, context.now).await?;
                audit(db, context, "pack_composed", "pack", &pack.id).await?;
                pack.clone()
            } else {
                store::by_source(db, pack.wanted, &pack.source_key).await?.ok_or(Error::Contended)?
            }
        }
        Prepared::Unprintable(faults) => {
            let all: Vec<String> = faults.iter().map(|fault| format!("{} {}", fault.place, fault.sentence)).collect();
            return Err(Error::illegal("PACK_CANNOT_BE_PRINTED", all.join("; ")));
        }
    };
    let job = store::print_job_of_pack(db, pack.id).await?;
    Ok((pack, job))
}

pub async fn get(db: &mut Db<'_>, id: PackId) -> Result<(Pack, PrintJob)> {
    let pack = store::by_id(db, id).await?.ok_or_else(|| Error::not_found(PackId::WHAT, id))?;
    let job = store::print_job_of_pack(db, id).await?;
    Ok((pack, job))
}

/// The claim's newest pack.
pub async fn newest_of_claim(db: &mut Db<'_>, claim: ClaimId) -> Result<(Pack, PrintJob)> {
    let pack = store::newest_of_claim(db, claim).await?.ok_or_else(|| Error::not_found("pack of claim", claim))?;
    let job = store::print_job_of_pack(db, pack.id).await?;
    Ok((pack, job))
}

pub async fn pdf(db: &mut Db<'_>, id: PackId) -> Result<Vec<u8>> {
    store::pdf(db, id).await?.ok_or_else(|| Error::not_found(PackId::WHAT, id))
}

/// Leases up to `most` print jobs of the print room's own site, the oldest first.
pub async fn lease_print_jobs(
    db: &mut Db<'_>,
    context: &Context,
    most: i32,
    lease: TimeDelta,
) -> Result<Vec<(PrintJob, Pack)>> {
    let site = context.site()?;
    let jobs = store::lease(db, site, context.user.id, most, context.now, context.now + lease).await?;
    let mut leased = Vec::with_capacity(jobs.len());
    for job in jobs {
        audit(db, context, "print_job_leased", "print job", &job.id).await?;
        let pack = store::by_id(db, job.pack_id).await?.ok_or_else(|| Error::not_found(PackId::WHAT, job.pack_id))?;
        leased.push((job, pack));
    }
    Ok(leased)
}

pub async fn report_printed(db: &mut Db<'_>, context: &Context, id: PrintJobId, attempt: i32) -> Result<PrintJob> {
    let mut job = own_sites(db, context, id).await?;
    job.print(context.user.id, attempt, context.now)?;
    store::save_print_state(db, &job).await?;
    audit(db, context, "pack_printed", "print job", &id).await?;
    Ok(job)
}

/// The pack is in the post, and so is the claim.
pub async fn report_posted(db: &mut Db<'_>, context: &Context, id: PrintJobId) -> Result<PrintJob> {
    let mut job = own_sites(db, context, id).await?;
    job.post(context.now)?;
    store::save_print_state(db, &job).await?;
    let (pack, _) = get(db, job.pack_id).await?;
    if let Some(claim) = pack.claim_id {
        claims::mark_posted(db, context, claim).await?;
    }
    audit(db, context, "pack_posted", "print job", &id).await?;
    Ok(job)
}

async fn own_sites(db: &mut Db<'_>, context: &Context, id: PrintJobId) -> Result<PrintJob> {
    let job = store::print_job(db, id).await?.ok_or_else(|| Error::not_found(PrintJobId::WHAT, id))?;
    if &job.site != context.site()? {
        return Err(Error::Denied("this print job belongs to another site's print room".into()));
    }
    Ok(job)
}
