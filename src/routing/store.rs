//! Call records and the figures of half-hours in the database: what became of each call, once the floor has let go of it.

use super::call::{CallRecord, How, elapsed_ms};
use super::figures::Staffing;
use super::history::RecordedCall;
use chrono::{DateTime, Utc};
use startline_foundation::error::Result;
use startline_foundation::ids::{CallId, SiteId, WriterId};
use startline_foundation::store::{Db, execute, on_engine};

fn stored(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn counted(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}

/// False when this writer has written this batch before, and only the acknowledgement was lost.
pub async fn claim_batch(db: &mut Db<'_>, writer: WriterId, batch: i64, now: DateTime<Utc>) -> Result<bool> {
    let sql = "INSERT INTO record_writers (id, batch, at) VALUES ($1, $2, $3) \
               ON CONFLICT (id) DO UPDATE SET batch = excluded.batch, at = excluded.at \
               WHERE record_writers.batch < excluded.batch";
    Ok(execute!(db, sqlx::query(sql).bind(writer).bind(batch).bind(now))? == 1)
}

pub async fn set_outcome(db: &mut Db<'_>, call: CallId, outcome: &str) -> Result<()> {
    execute!(db, sqlx::query("UPDATE call_records SET outcome = $1 WHERE id = $2").bind(outcome).bind(call))?;
    Ok(())
}

/// False when the record is there already: it stays as it is.
pub async fn insert(db: &mut Db<'_>, record: &CallRecord) -> Result<bool> {
    let sql = "INSERT INTO call_records (id, switch_call_id, caller_number, home_site, host_site, handled_site, \
               adviser_id, entered_at, answered_at, ended_at, ended_how, wait_ms, talk_ms, wrap_up_ms, outcome, \
               estimated_wait_ms, passes, switch, unfinished) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19) \
               ON CONFLICT (id) DO NOTHING";
    let by = record.handled_by.as_ref();
    let added = execute!(
        db,
        sqlx::query(sql)
            .bind(record.card.call)
            .bind(record.card.switch_call_id.name.as_ref())
            .bind(record.card.caller.as_deref())
            .bind(record.card.home.clone())
            .bind(record.card.host.clone())
            .bind(by.map(|adviser| adviser.site.clone()))
            .bind(by.map(|adviser| adviser.id))
            .bind(record.card.entered_at)
            .bind(record.answered_at)
            .bind(record.ended_at)
            .bind(record.how.name())
            .bind(stored(record.wait_ms))
            .bind(stored(record.talk_ms))
            .bind(stored(record.wrap_up_ms))
            .bind(record.outcome.as_deref().unwrap_or_default())
            .bind(record.estimated_wait_ms.map(stored))
            .bind(i32::try_from(record.passes).unwrap_or(i32::MAX))
            .bind(record.card.switch_call_id.switch.as_ref())
            .bind(record.unfinished)
    )?;
    Ok(added == 1)
}

/// The conversation of a record that was made while it went on is over.
pub async fn complete(db: &mut Db<'_>, record: &CallRecord) -> Result<()> {
    let sql = "UPDATE call_records SET ended_at = $1, talk_ms = $2, wrap_up_ms = $3, outcome = $4, unfinished = $5 \
               WHERE id = $6 AND unfinished";
    execute!(
        db,
        sqlx::query(sql)
            .bind(record.ended_at)
            .bind(stored(record.talk_ms))
            .bind(stored(record.wrap_up_ms))
            .bind(record.outcome.as_deref().unwrap_or_default())
            .bind(record.unfinished)
            .bind(record.card.call)
    )?;
    Ok(())
}

pub async fn add_staffing(db: &mut Db<'_>, staffing: &Staffing) -> Result<()> {
    let sql = "INSERT INTO floor_half_hours (site, half_hour, staffed_ms, handle_ms) VALUES ($1, $2, $3, $4) \
               ON CONFLICT (site, half_hour) DO UPDATE SET \
               staffed_ms = floor_half_hours.staffed_ms + excluded.staffed_ms, \
               handle_ms = floor_half_hours.handle_ms + excluded.handle_ms";
    execute!(
        db,
        sqlx::query(sql)
            .bind(staffing.site.clone())
            .bind(staffing.half_hour)
            .bind(stored(staffing.staffed_ms))
            .bind(stored(staffing.handle_ms))
    )?;
    Ok(())
}

pub async fn answered_since(db: &mut Db<'_>, caller: &str, since: DateTime<Utc>) -> Result<bool> {
    let sql = "SELECT COUNT(*) FROM call_records WHERE caller_number = $1 AND answered_at > $2";
    let (answered,): (i64,) = on_engine!(db, c => sqlx::query_as(sql).bind(caller).bind(since).fetch_one(c).await)?;
    Ok(answered > 0)
}

/// The calls that entered at one site, or at all of them, from `from` and before `until`: those that are over and those that
/// are not. One that a dead process left and another has taken up counts once, as the newer.
pub async fn calls_between(
    db: &mut Db<'_>,
    site: Option<&SiteId>,
    from: DateTime<Utc>,
    until: DateTime<Utc>,
) -> Result<Vec<RecordedCall>> {
    type Row = (SiteId, DateTime<Utc>, String, Option<SiteId>, i64);
    let rows: Vec<Row> = on_engine!(db, c => {
        let mut query = sqlx::QueryBuilder::new(
            "SELECT host_site, entered_at, ended_how, handled_site, wait_ms FROM call_records WHERE host_site <> ''",
        );
        if let Some(site) = site {
            query.push(" AND host_site = ").push_bind(site.clone());
        }
        query.push(" AND entered_at >= ").push_bind(from).push(" AND entered_at < ").push_bind(until);
        query.build_query_as().fetch_all(c).await
    })?;
    type UnderWay = (SiteId, DateTime<Utc>, Option<SiteId>, Option<DateTime<Utc>>);
    let under_way: Vec<UnderWay> = on_engine!(db, c => {
        let mut query = sqlx::QueryBuilder::new(
            "SELECT host_site, entered_at, handled_site, answered_at FROM calls_under_way u WHERE NOT EXISTS \
             (SELECT 1 FROM calls_under_way n WHERE n.switch_call_id = u.switch_call_id AND n.switch = u.switch \
             AND n.entered_at = u.entered_at AND n.id > u.id) AND NOT EXISTS \
             (SELECT 1 FROM call_records n WHERE n.switch_call_id = u.switch_call_id AND n.switch = u.switch \
             AND n.entered_at = u.entered_at AND n.id > u.id) AND entered_at >= ",
        );
        query.push_bind(from).push(" AND entered_at < ").push_bind(until);
        if let Some(site) = site {
            query.push(" AND host_site = ").push_bind(site.clone());
        }
        query.build_query_as().fetch_all(c).await
    })?;
    let not_over = under_way.into_iter().map(|(site, entered_at, handled, answered_at)| {
        let how = if answered_at.is_some() { How::Answered.name() } else { RecordedCall::WAITING };
        let wait_ms = answered_at.map_or(0, |answered| stored(elapsed_ms(entered_at, answered)));
        (site, entered_at, how.to_owned(), handled, wait_ms)
    });
    let call = |(site, entered_at, how, handled, wait_ms): Row| RecordedCall {
        overflowed: handled.is_some_and(|handled| handled != site),
        site,
        entered_at,
        how,
        wait_ms: counted(wait_ms),
    };
    Ok(rows.into_iter().chain(not_over).map(call).collect())
}

pub async fn staffing_between(
    db: &mut Db<'_>,
    site: Option<&SiteId>,
    from: DateTime<Utc>,
    until: DateTime<Utc>,
) -> Result<Vec<Staffing>> {
    let rows: Vec<(SiteId, DateTime<Utc>, i64, i64)> = on_engine!(db, c => {
        let mut query = sqlx::QueryBuilder::new(
            "SELECT site, half_hour, staffed_ms, handle_ms FROM floor_half_hours WHERE half_hour >= ",
        );
        query.push_bind(from).push(" AND half_hour < ").push_bind(until);
        if let Some(site) = site {
            query.push(" AND site = ").push_bind(site.clone());
        }
        query.build_query_as().fetch_all(c).await
    })?;
    let staffing = |(site, half_hour, staffed, handle)| Staffing {
        site,
        half_hour,
        staffed_ms: counted(staffed),
        handle_ms: counted(handle),
    };
    Ok(rows.into_iter().map(staffing).collect())
}
