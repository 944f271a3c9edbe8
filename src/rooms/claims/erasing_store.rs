//! Claims that are erased: the answers and all that was written about them go, the row stays for the figures.

use chrono::{DateTime, Utc};
use startline_foundation::error::Result;
use startline_foundation::events::Topic;
use startline_foundation::ids::ClaimId;
use startline_foundation::store::{Aged, AgedPage, Db, aged, execute_among, ids_among, on_engine, rows_among};
use uuid::Uuid;

/// Those that are not erased, by when they ended, or else began.
pub async fn over(db: &mut Db<'_>, page: &AgedPage) -> Result<Vec<Aged>> {
    let over = "SELECT id, COALESCE(lodged_at, withdrawn_at, opened_at) FROM claims WHERE erased_at IS NULL \
                AND COALESCE(lodged_at, withdrawn_at, opened_at) < $1 AND id > $2";
    Ok(aged!(db, page, over))
}

/// Of these claims those on their way.
pub async fn underway(db: &mut Db<'_>, claims: &[Uuid]) -> Result<Vec<Uuid>> {
    Ok(ids_among!(db, "SELECT id FROM claims WHERE state IN ('open', 'start_up_done', 'posted') AND id IN", claims))
}

/// Of these claims those that another one, which is on its way, began from or shares answers with.
pub async fn built_on(db: &mut Db<'_>, claims: &[Uuid]) -> Result<Vec<Uuid>> {
    let repeated = "SELECT repeats_claim_id FROM claims WHERE state IN ('open', 'start_up_done', 'posted') \
                    AND repeats_claim_id IN";
    let partners = "SELECT partner_claim_id FROM claims WHERE state IN ('open', 'start_up_done', 'posted') \
                    AND partner_claim_id IN";
    let mut found = ids_among!(db, repeated, claims);
    found.extend(ids_among!(db, partners, claims));
    Ok(found)
}

/// Of these claims those with a query that nobody has settled.
pub async fn queried(db: &mut Db<'_>, claims: &[Uuid]) -> Result<Vec<Uuid>> {
    Ok(ids_among!(db, "SELECT DISTINCT claim_id FROM claim_queries WHERE settled_at IS NULL AND claim_id IN", claims))
}

/// Of these clients those with a claim on its way, or that ended since then.
pub async fn clients_since(db: &mut Db<'_>, clients: &[Uuid], since: DateTime<Utc>) -> Result<Vec<Uuid>> {
    let of = "SELECT DISTINCT client_id FROM claims WHERE COALESCE(lodged_at, withdrawn_at, opened_at) >= ";
    Ok(ids_among!(db, [of, since, " AND client_id IN"], clients))
}

pub async fn of_clients(db: &mut Db<'_>, clients: &[Uuid]) -> Result<Vec<Uuid>> {
    Ok(ids_among!(db, "SELECT id FROM claims WHERE client_id IN", clients))
}

/// Whose a claim is.
pub async fn client_of(db: &mut Db<'_>, claim: Uuid) -> Result<Option<Uuid>> {
    let sql = "SELECT client_id FROM claims WHERE id = $1";
    Ok(on_engine!(db, c => sqlx::query_scalar(sql).bind(claim).fetch_optional(c).await)?)
}

/// Under which requests the answers of these claims were saved: who asked, and the request.
pub async fn requests(db: &mut Db<'_>, claims: &[Uuid]) -> Result<Vec<(Uuid, Uuid)>> {
    Ok(rows_among!(db, "SELECT DISTINCT saved_by, request_id FROM answers WHERE claim_id IN", claims))
}

pub async fn erase(db: &mut Db<'_>, claims: &[Uuid], now: DateTime<Utc>) -> Result<()> {
    execute_among!(db, "DELETE FROM answers WHERE claim_id IN", claims);
    execute_among!(db, "DELETE FROM answer_drafts WHERE claim_id IN", claims);
    execute_among!(db, "DELETE FROM evidence_ticks WHERE claim_id IN", claims);
    execute_among!(db, "DELETE FROM claim_queries WHERE claim_id IN", claims);
    execute_among!(db, "DELETE FROM claim_forms_back WHERE claim_id IN", claims);
    execute_among!(db, "UPDATE claim_events SET detail = '{}', revisions = NULL WHERE claim_id IN", claims);
    execute_among!(db, "UPDATE claims SET withdrawn_reason = NULL WHERE id IN", claims);
    execute_among!(db, ["UPDATE claims SET erased_at = ", now, " WHERE id IN"], claims);
    for id in claims {
        db.after_commit(Topic::Claim(ClaimId(*id)));
    }
    Ok(())
}
