//! Claim packs: what a client finds on the doormat after the start-up call, and the queue that prints and posts it.
//!
//! `content` is the data a pack is made of, `gather` collects it from the rooms that know it, `world` is the closed world
//! its templates live in, `compose` turns the one into a PDF through the other. Composing is pure: the same content and
//! the same service definition give the same bytes.
//!
//! Packs and print jobs are durable before they are acknowledged. A print job is leased for a while; a lease that runs out
//! gives it to the next print room, and the attempt number tells a late report from a good one.

pub mod compose;
pub mod content;
mod gather;
mod pack;
mod prepare;
pub mod sample;
mod store;
pub mod world;

pub use compose::{ComposeFault, Composed, Composer, DocumentPages, TemplateFault, lint};
pub use content::PackContent;
pub use pack::{Pack, PrintJob, PrintState};

use crate::access::{self, Context, audit};
use crate::claims;
use crate::clients;
use crate::definition::Definitions;
use crate::diary::{self, Meeting};
use crate::error::{Error, Result};
use crate::ids::{ClaimId, DefinitionVersion, PackId, PrintJobId};
use crate::store::{Db, Store};
use chrono::TimeDelta;
use dashmap::DashMap;
use gather::Sources;
use std::sync::Arc;

/// A composer for each definition version that a pack was asked for. Fonts and templates are read at the first pack.
#[derive(Default)]
pub struct Composers(DashMap<DefinitionVersion, Arc<Composer>>);

/// What [`prepare`] found or made, to be kept by [`keep`].
pub enum Prepared {
    Existing(Pack),
    Fresh { pack: Pack, pdf: Vec<u8> },
}

/// Composes the claim's pack from its answers as they stand, unless it is there already. Takes tens of milliseconds of
/// a processor, on a thread of its own; no transaction is open meanwhile.
pub async fn prepare_pack(
    database: &Store,
    composers: &Composers,
    definitions: &Definitions,
    context: &Context,
    claim_id: ClaimId,
) -> Result<Prepared> {
    let mut reader = database.read().await?;
    let db = &mut reader.db();
    let claim = claims::get(db, claim_id).await?;
    if !claim.is_start_up_done() {
        return Err(Error::illegal("START_UP_NOT_DONE", "a pack is composed when the start-up call is done"));
    }
    let definition = definitions.version(db, &claim.definition_version).await?;
    let client = clients::get(db, claim.client_id).await?;
    let answers = claims::answers(db, claim_id).await?;
    let meeting = meeting(db, claim_id).await?;
    let adviser = access::user(db, claim.start_up_by.unwrap_or(context.user.id)).await?;
    let sources = Sources {
        definition: &definition,
        claim: &claim,
        client: &client,
        answers: &answers,
        meeting: meeting.as_ref().map(|(meeting, adviser)| (meeting, adviser.as_str())),
        adviser: &adviser.name,
    };
    let source_key = sources.key();
    if let Some(pack) = store::by_source(db, claim_id, &source_key).await? {
        return Ok(Prepared::Existing(pack));
    }
    let content = sources.content(context.now)?;
    let composer = composers.of(&definition)?;
    drop(reader);
    let reference = content.reference.clone();
    let composed = tokio::task::spawn_blocking(move || composer.compose(&content))
        .await
        .map_err(|fault| Error::internal(format!("composing a pack failed: {fault}")))?
        .map_err(|fault| Error::illegal("PACK_CANNOT_BE_PRINTED", fault.to_string()))?;
    let pack = Pack {
        id: PackId::fresh(context.now),
        claim_id,
        source_key,
        site: claim.site,
        reference,
        pages: composed.pages,
        documents: composed.documents,
        sha256: composed.sha256,
        composed_at: context.now,
    };
    Ok(Prepared::Fresh { pack, pdf: composed.pdf })
}

/// The meeting to invite to, and with whom; none while it is deferred or waived.
async fn meeting(db: &mut Db<'_>, claim_id: ClaimId) -> Result<Option<(diary::Appointment, String)>> {
    let appointment = match diary::meeting(db, claim_id).await? {
        Meeting::Booked(appointment) | Meeting::Held(appointment) | Meeting::Missed(appointment) => appointment,
        Meeting::Deferred(_) | Meeting::Waived(_) => return Ok(None),
        Meeting::Open => {
            return Err(Error::illegal("NO_MEETING_BOOKED", "book the meeting with the personal adviser first"));
        }
    };
    let adviser = access::user(db, appointment.personal_adviser).await?;
    Ok(Some((appointment, adviser.name)))
}

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
                store::by_source(db, pack.claim_id, &pack.source_key).await?.ok_or(Error::Contended)?
            }
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
    claims::mark_posted(db, context, pack.claim_id).await?;
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

impl Composers {
    fn of(&self, definition: &crate::definition::Definition) -> Result<Arc<Composer>> {
        if let Some(composer) = self.0.get(&definition.version) {
            return Ok(composer.clone());
        }
        let composer = Composer::new(definition.files()).map_err(Error::internal)?;
        Ok(self.0.entry(definition.version.clone()).or_insert(Arc::new(composer)).clone())
    }
}
