//! Where packs are.

use super::barcode;
use super::pack::{Pack, PackStatus};
use super::store::{self, Sought};
use super::subject::PackSubject;
use chrono::NaiveDate;
use startline_definition::Definition;
use startline_foundation::error::{Error, Result};
use startline_foundation::ids::{ClaimId, PackId};
use startline_foundation::store::Db;
use startline_rooms::printing::{self, PrintJob, State};
use std::collections::HashMap;

pub async fn get(db: &mut Db<'_>, definition: &Definition, id: PackId) -> Result<PackStatus> {
    let pack = store::by_id(db, id).await?.ok_or_else(|| Error::not_found(PackId::WHAT, id))?;
    standing(db, definition, pack).await
}

/// The claim's newest claim pack.
pub async fn newest_of_claim(db: &mut Db<'_>, definition: &Definition, claim: ClaimId) -> Result<PackStatus> {
    let pack = store::newest(db, PackSubject::Claim(claim)).await?;
    standing(db, definition, pack.ok_or_else(|| Error::not_found("pack of claim", claim))?).await
}

pub async fn standing(db: &mut Db<'_>, definition: &Definition, pack: Pack) -> Result<PackStatus> {
    let jobs = printing::jobs_of_pack(db, pack.id).await?;
    Ok(with_jobs(definition, pack, jobs))
}

/// Packs, the newest first, before the one named.
pub async fn list(
    db: &mut Db<'_>,
    definition: &Definition,
    sought: &Sought,
    before: Option<PackId>,
    most: i32,
) -> Result<Vec<PackStatus>> {
    let packs = store::list(db, sought, before, most).await?;
    let ids: Vec<PackId> = packs.iter().map(|pack| pack.id).collect();
    let mut jobs: HashMap<PackId, Vec<PrintJob>> = HashMap::new();
    for job in printing::jobs_of_packs(db, &ids).await? {
        jobs.entry(job.pack_id).or_default().push(job);
    }
    let standing = |pack: Pack| {
        let jobs = jobs.remove(&pack.id).unwrap_or_default();
        with_jobs(definition, pack, jobs)
    };
    Ok(packs.into_iter().map(standing).collect())
}

/// A page that somebody holds in their hands.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    pub standing: PackStatus,
    /// Which of the pack's documents, counted from 0.
    pub document: usize,
    pub page: u32,
    /// The newest pack about the same, when this is not it.
    pub replaced_by: Option<PackId>,
}

/// Whose page this is, from the text of the code on it.
pub async fn find_by_barcode(db: &mut Db<'_>, definition: &Definition, text: &str) -> Result<Found> {
    let no_code = || Error::invalid("barcode", "is not the text of a code of ours: scan it again");
    let barcode = barcode::decode(text.trim()).ok_or_else(no_code)?;
    let id = barcode.pack;
    let pack = store::by_id(db, id).await?.ok_or_else(|| Error::not_found(PackId::WHAT, id))?;
    let page = u32::from(barcode.page);
    let at =
        |document: &super::DocumentPages| (document.first_page..document.first_page + document.pages).contains(&page);
    let document = pack.documents.iter().position(at);
    // A code that checks out and does not fit its pack was not printed by us.
    let document = document.filter(|document| {
        usize::from(barcode.document) == document + 1
            && u32::from(barcode.count) == pack.pages
            && barcode.definition == barcode::short_version(&pack.definition_version)
    });
    let document = document.ok_or_else(no_code)?;
    let newest = store::newest(db, pack.wanted).await?;
    let replaced_by = newest.map(|newest| newest.id).filter(|newest| *newest != pack.id);
    Ok(Found { standing: standing(db, definition, pack).await?, document, page, replaced_by })
}

pub async fn pdf(db: &mut Db<'_>, id: PackId) -> Result<Vec<u8>> {
    store::pdf(db, id).await?.ok_or_else(|| Error::not_found(PackId::WHAT, id))
}

fn with_jobs(definition: &Definition, pack: Pack, jobs: Vec<PrintJob>) -> PackStatus {
    let mut standing = PackStatus { pack, jobs, arrives_by: None };
    standing.arrives_by = standing.job().and_then(|job| arrives_by(definition, job));
    standing
}

/// While it is on its way to the post, or in it.
fn arrives_by(definition: &Definition, job: &PrintJob) -> Option<NaiveDate> {
    let day = match &job.state {
        State::Queued | State::Leased { .. } | State::Printing { .. } | State::Printed(_) => job.post_day,
        State::Posted { post, .. } => post.day,
        State::Returned { .. } | State::Spoiled { .. } | State::Cancelled { .. } => return None,
    };
    Some(printing::arrives_by(definition, day, job.class))
}
