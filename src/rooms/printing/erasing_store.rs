//! What print jobs say of whom they were for, erased. Pages, batches and days stay for the manifests.

use startline_foundation::error::Result;
use startline_foundation::events::Topic;
use startline_foundation::ids::SiteId;
use startline_foundation::store::{Db, execute_among, ids_among, rows_among};
use uuid::Uuid;

/// Of these packs those that are to be printed or posted.
pub async fn packs_waiting(db: &mut Db<'_>, packs: &[Uuid]) -> Result<Vec<Uuid>> {
    let waiting = "SELECT DISTINCT pack_id FROM print_jobs WHERE state IN ('queued', 'leased', 'printing', 'printed') \
                   AND pack_id IN";
    Ok(ids_among!(db, waiting, packs))
}

/// The print jobs of these packs.
pub async fn of_packs(db: &mut Db<'_>, packs: &[Uuid]) -> Result<Vec<Uuid>> {
    Ok(ids_among!(db, "SELECT id FROM print_jobs WHERE pack_id IN", packs))
}

pub async fn erase_of_packs(db: &mut Db<'_>, packs: &[Uuid]) -> Result<()> {
    let rooms: Vec<(SiteId,)> = rows_among!(db, "SELECT DISTINCT room FROM print_jobs WHERE pack_id IN", packs);
    let blank = "UPDATE print_jobs SET reference = '', reason = '', printer_job = NULL, printer_job_uuid = NULL, \
                 uncertain = NULL, incomplete_reason = NULL, settled_reason = NULL WHERE pack_id IN";
    let jobs = of_packs(db, packs).await?;
    let reasons = "UPDATE print_corrections SET was = '', became = '' WHERE what = 'return_reason' AND print_job_id IN";
    execute_among!(db, reasons, &jobs);
    execute_among!(db, blank, packs);
    for (room,) in rooms {
        db.after_commit(Topic::PrintRoom(room));
    }
    Ok(())
}
