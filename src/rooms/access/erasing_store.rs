//! What is erased of who asked and what they could do once: duties, tokens, kept answers, and lines of the audit by their
//! seals.

use startline_foundation::error::Result;
use startline_foundation::store::{Aged, AgedPage, Connection, Db, aged, execute, execute_among, on_engine};
use uuid::Uuid;

/// Duties that were taken back or have run out.
pub async fn duties_over(db: &mut Db<'_>, page: &AgedPage) -> Result<Vec<Aged>> {
    let over = "SELECT id, COALESCE(taken_at, ends_at) FROM duties WHERE COALESCE(taken_at, ends_at) < $1 AND id > $2";
    Ok(aged!(db, page, over))
}

pub async fn erase_duties(db: &mut Db<'_>, duties: &[Uuid]) -> Result<()> {
    execute_among!(db, "DELETE FROM duties WHERE id IN", duties);
    Ok(())
}

/// Tokens that were revoked or have run out.
pub async fn tokens_over(db: &mut Db<'_>, page: &AgedPage) -> Result<Vec<Aged>> {
    let over =
        "SELECT id, COALESCE(revoked_at, ends_at) FROM tokens WHERE COALESCE(revoked_at, ends_at) < $1 AND id > $2";
    Ok(aged!(db, page, over))
}

pub async fn erase_tokens(db: &mut Db<'_>, tokens: &[Uuid]) -> Result<()> {
    execute_among!(db, "DELETE FROM tokens WHERE id IN", tokens);
    Ok(())
}

/// The requests by which something was done to this record: who asked, and the request.
pub async fn requests_about(db: &mut Db<'_>, record: Uuid) -> Result<Vec<(Uuid, Uuid)>> {
    let sql = "SELECT DISTINCT user_id, request_id FROM audit WHERE record_id = $1 AND request_id IS NOT NULL";
    Ok(on_engine!(db, c => sqlx::query_as(sql).bind(record.to_string()).fetch_all(c).await)?)
}

/// The kept answer of this request.
pub async fn forget_answer(db: &mut Db<'_>, (user, request): (Uuid, Uuid)) -> Result<u64> {
    let sql = "UPDATE requests SET response = NULL WHERE user_id = $1 AND request_id = $2 AND response IS NOT NULL";
    Ok(execute!(db, sqlx::query(sql).bind(user).bind(request))?)
}

/// Kept answers that name one of these records, as ids are written in them.
pub async fn forget_answers_naming(db: &mut Db<'_>, records: &[Uuid]) -> Result<u64> {
    let names = match db.connection {
        Connection::Sqlite(_) => ("instr(response, ", ") > 0"),
        Connection::Postgres(_) => ("position(", " in response) > 0"),
    };
    let mut forgotten = 0;
    // All of them in one reading of the table, as far as a statement takes them.
    for some in records.chunks(super::store::IDS_AT_A_TIME) {
        forgotten += on_engine!(db, c => {
            let mut query = sqlx::QueryBuilder::new("UPDATE requests SET response = NULL WHERE response IS NOT NULL AND (1 = 0");
            for record in some {
                query.push(" OR ").push(names.0).push_bind(record.to_string().into_bytes()).push(names.1);
            }
            query.push(")");
            query.build().execute(c).await.map(|done| done.rows_affected())
        })?;
    }
    Ok(forgotten)
}

/// The lines under the seals up to this one.
pub async fn erase_audit_up_to(db: &mut Db<'_>, seal: i64) -> Result<()> {
    execute!(db, sqlx::query("DELETE FROM audit WHERE seal <= $1").bind(seal))?;
    Ok(())
}

/// Lines that say they are under a seal up to this one.
pub async fn audit_up_to(db: &mut Db<'_>, seal: i64) -> Result<i64> {
    let sql = "SELECT COUNT(*) FROM audit WHERE seal <= $1";
    Ok(on_engine!(db, c => sqlx::query_scalar(sql).bind(seal).fetch_one(c).await)?)
}

/// Whether this was done to this record, as the audit says.
pub async fn has_line(db: &mut Db<'_>, action: &str, record: &str) -> Result<bool> {
    let sql = "SELECT COUNT(*) FROM audit WHERE action = $1 AND record_id = $2";
    let count: i64 = on_engine!(db, c => sqlx::query_scalar(sql).bind(action).bind(record).fetch_one(c).await)?;
    Ok(count > 0)
}
