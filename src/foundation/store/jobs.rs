//! Follow-up work: a row written in the transaction that owes it, done at least once by an idempotent worker.
//!
//! Here a job is a name, a payload in JSON and how often it was tried; what there is to do stands in the rooms, each job a
//! struct with its name and retry rule ([`Job`]). A worker leases a job; a lease that runs out gives the job to the next
//! worker, and the attempt number fences one that comes back late. A job ends done, or failed with its error, or dropped by
//! an administrator: none is leased and forgotten.

use super::{Aged, AgedPage, ClockSet, Db, aged, execute, execute_among, on_engine};
use crate::error::{Error, Result};
use crate::events::Event;
use crate::ids::{JobId, UserId};
use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use sqlx::types::Json;
use uuid::Uuid;

/// Something that is to be done later. The fields of the struct are what is stored.
pub trait Job: Serialize + DeserializeOwned + Send + Sync + 'static {
    /// Under which it is stored: never changed while one of them may be open.
    const NAME: &'static str;
    /// The room that does it.
    const ROOM: &'static str;
    const RETRY: RetryRule = RetryRule { most_attempts: 8, first_wait_s: 10 };
}

/// How often a job is tried, and with which pauses: each twice as long as the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetryRule {
    /// Tries before a job is given up and left for a person to look at.
    pub most_attempts: i32,
    pub first_wait_s: u32,
}

impl RetryRule {
    /// For a job whose name this program does not know: a newer one beside it may. About as long as an upgrade takes.
    pub const UNKNOWN: Self = Self { most_attempts: 8, first_wait_s: 10 };

    /// None after the last try.
    pub fn wait_after(self, attempt: i32) -> Option<TimeDelta> {
        let doublings = u32::try_from(attempt.clamp(1, 20) - 1).unwrap_or(0);
        (attempt < self.most_attempts).then(|| TimeDelta::seconds(i64::from(self.first_wait_s) << doublings))
    }
}

/// A job in a worker's hands.
#[derive(Debug, Clone)]
pub struct LeasedJob {
    pub id: JobId,
    pub name: String,
    pub payload: Value,
    /// On whose behalf: who did what the job follows from.
    pub user_id: UserId,
    /// From 1.
    pub attempt: i32,
}

/// A job as an administrator sees it.
#[derive(Debug, Clone, PartialEq)]
pub struct QueuedJob {
    pub id: JobId,
    pub name: String,
    pub payload: Value,
    pub user_id: UserId,
    pub created_at: DateTime<Utc>,
    pub run_after: DateTime<Utc>,
    pub attempts: i32,
    /// Of the last try that failed.
    pub last_error: Option<String>,
    pub state: JobState,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JobState {
    /// To be done, now or after a pause.
    Open,
    Leased {
        until: DateTime<Utc>,
    },
    Done {
        at: DateTime<Utc>,
    },
    /// Given up: nobody tries it again by itself.
    Failed {
        at: DateTime<Utc>,
    },
    /// Not to be done, by an administrator's word.
    Dropped {
        at: DateTime<Utc>,
    },
}

pub async fn enqueue<J: Job>(db: &mut Db<'_>, job: &J, user: UserId, now: DateTime<Utc>) -> Result<()> {
    let sql = "INSERT INTO jobs (id, kind, payload, user_id, created_at, run_after, attempt) \
               VALUES ($1, $2, $3, $4, $5, $5, 0)";
    let payload = serde_json::to_value(job).map_err(Error::internal)?;
    let id = JobId::fresh(now);
    execute!(db, sqlx::query(sql).bind(id).bind(J::NAME).bind(Json(payload)).bind(user).bind(now))?;
    db.after_commit(Event::JobQueued);
    Ok(())
}

/// Leases up to `most` jobs that are due. Two workers never get the same one while its lease runs.
pub async fn lease_jobs(db: &mut Db<'_>, most: i32, lease: TimeDelta, now: DateTime<Utc>) -> Result<Vec<LeasedJob>> {
    const FREE: &str = "done_at IS NULL AND failed_at IS NULL AND run_after <= $1 \
                        AND (leased_until IS NULL OR leased_until <= $1)";
    // Picked once, by itself: as a subquery PostgreSQL may run it again for each row, and lease more than asked for. The
    // condition stands again outside: without it PostgreSQL handed one job to two workers.
    let sql = format!(
        "WITH picked AS MATERIALIZED (SELECT id FROM jobs WHERE {FREE} ORDER BY run_after, id LIMIT $3{}) \
         UPDATE jobs SET attempt = attempt + 1, leased_until = $2 WHERE id IN (SELECT id FROM picked) AND {FREE} \
         RETURNING id, kind, payload, user_id, attempt",
        db.skip_locked()
    );
    type Row = (JobId, String, Json<Value>, UserId, i32);
    let rows: Vec<Row> = on_engine!(db, c => {
        let query = sqlx::query_as(sqlx::AssertSqlSafe(sql));
        query.bind(now).bind(now + lease).bind(most).fetch_all(c).await
    })?;
    let leased = |(id, name, Json(payload), user_id, attempt): Row| LeasedJob { id, name, payload, user_id, attempt };
    Ok(rows.into_iter().map(leased).collect())
}

/// Ticks the job off. Whoever holds it no longer is told `JOB_LOST`, and undoes what it did.
pub async fn finish_job(db: &mut Db<'_>, job: &LeasedJob, now: DateTime<Utc>) -> Result<()> {
    let sql = "UPDATE jobs SET done_at = $1, leased_until = NULL \
               WHERE id = $2 AND attempt = $3 AND done_at IS NULL AND failed_at IS NULL";
    match execute!(db, sqlx::query(sql).bind(now).bind(job.id).bind(job.attempt))? {
        0 => Err(Error::illegal("JOB_LOST", "another worker has this job, or has done it")),
        _ => Ok(()),
    }
}

/// The jobs that are not done: waiting, leased and failed, and when the oldest that is still to be done was left.
pub async fn job_figures(
    db: &mut Db<'_>,
    now: DateTime<Utc>,
) -> Result<([(&'static str, u64); 3], Option<DateTime<Utc>>)> {
    let sql = "SELECT COUNT(CASE WHEN failed_at IS NULL AND (leased_until IS NULL OR leased_until <= $1) THEN 1 END), \
               COUNT(CASE WHEN failed_at IS NULL AND leased_until > $1 THEN 1 END), \
               COUNT(CASE WHEN failed_at IS NOT NULL THEN 1 END) FROM jobs WHERE done_at IS NULL AND dropped_at IS NULL";
    let counts: (i64, i64, i64) = on_engine!(db, c => sqlx::query_as(sql).bind(now).fetch_one(c).await)?;
    let oldest = "SELECT created_at FROM jobs WHERE done_at IS NULL AND failed_at IS NULL ORDER BY created_at LIMIT 1";
    let oldest: Option<DateTime<Utc>> = on_engine!(db, c => sqlx::query_scalar(oldest).fetch_optional(c).await)?;
    let number = |counted: i64| u64::try_from(counted).unwrap_or(0);
    Ok(([("waiting", number(counts.0)), ("leased", number(counts.1)), ("failed", number(counts.2))], oldest))
}

/// How many jobs are due now, under way elsewhere or not, and how many are open in all.
pub async fn jobs_left(db: &mut Db<'_>, now: DateTime<Utc>) -> Result<(u64, u64)> {
    let sql = "SELECT COUNT(CASE WHEN run_after <= $1 THEN 1 END), COUNT(*) FROM jobs \
               WHERE done_at IS NULL AND failed_at IS NULL";
    let (due, open): (i64, i64) = on_engine!(db, c => sqlx::query_as(sql).bind(now).fetch_one(c).await)?;
    let number = |counted: i64| u64::try_from(counted).unwrap_or(0);
    Ok((number(due), number(open)))
}

/// Puts a job back, later each time; after the last attempt it is set aside with its error. True when it is.
pub async fn fail_job(
    db: &mut Db<'_>,
    job: &LeasedJob,
    error: &str,
    rule: RetryRule,
    now: DateTime<Utc>,
) -> Result<bool> {
    let wait = rule.wait_after(job.attempt);
    let given_up = wait.is_none().then_some(now);
    let sql = "UPDATE jobs SET run_after = $1, leased_until = NULL, last_error = $2, failed_at = $3 \
               WHERE id = $4 AND attempt = $5 AND done_at IS NULL AND failed_at IS NULL";
    let again = now + wait.unwrap_or_default();
    execute!(db, sqlx::query(sql).bind(again).bind(error).bind(given_up).bind(job.id).bind(job.attempt))?;
    Ok(given_up.is_some())
}

#[derive(sqlx::FromRow)]
struct JobRow {
    id: JobId,
    kind: String,
    payload: Json<Value>,
    user_id: UserId,
    created_at: DateTime<Utc>,
    run_after: DateTime<Utc>,
    attempt: i32,
    leased_until: Option<DateTime<Utc>>,
    done_at: Option<DateTime<Utc>>,
    failed_at: Option<DateTime<Utc>>,
    dropped_at: Option<DateTime<Utc>>,
    last_error: Option<String>,
}

impl From<JobRow> for QueuedJob {
    fn from(row: JobRow) -> Self {
        let state = match (row.done_at, row.dropped_at, row.failed_at, row.leased_until) {
            (Some(at), ..) => JobState::Done { at },
            (_, Some(at), ..) => JobState::Dropped { at },
            (_, _, Some(at), _) => JobState::Failed { at },
            (_, _, _, Some(until)) => JobState::Leased { until },
            _ => JobState::Open,
        };
        Self {
            id: row.id,
            name: row.kind,
            payload: row.payload.0,
            user_id: row.user_id,
            created_at: row.created_at,
            run_after: row.run_after,
            attempts: row.attempt,
            last_error: row.last_error,
            state,
        }
    }
}

const COLUMNS: &str = "id, kind, payload, user_id, created_at, run_after, attempt, leased_until, done_at, failed_at, \
                       dropped_at, last_error";

/// The jobs that are not done, or those that were given up, the oldest first, after the one named.
pub async fn jobs(db: &mut Db<'_>, only_failed: bool, after: Option<JobId>, most: i32) -> Result<Vec<QueuedJob>> {
    let which = match only_failed {
        true => "failed_at IS NOT NULL AND dropped_at IS NULL",
        false => "dropped_at IS NULL",
    };
    let rows: Vec<JobRow> = on_engine!(db, c => {
        let mut query = sqlx::QueryBuilder::new("SELECT ");
        query.push(COLUMNS).push(" FROM jobs WHERE done_at IS NULL AND ").push(which);
        if let Some(after) = after {
            query.push(" AND id > ").push_bind(after);
        }
        query.push(" ORDER BY id LIMIT ").push_bind(most);
        query.build_query_as().fetch_all(c).await
    })?;
    Ok(rows.into_iter().map(QueuedJob::from).collect())
}

/// The job, kept from others until the transaction ends.
async fn for_update(db: &mut Db<'_>, id: JobId) -> Result<QueuedJob> {
    let sql = format!("SELECT {COLUMNS} FROM jobs WHERE id = $1{}", db.for_update());
    let row: Option<JobRow> =
        on_engine!(db, c => sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(id).fetch_optional(c).await)?;
    row.map(QueuedJob::from).ok_or_else(|| Error::not_found(JobId::WHAT, id))
}

/// Has it tried again from now on, with as many tries as a new one.
///
/// # Errors
/// `Illegal` when it is done, dropped or under way.
pub async fn retry_job(db: &mut Db<'_>, id: JobId, now: DateTime<Utc>) -> Result<QueuedJob> {
    check_idle(&for_update(db, id).await?, now)?;
    let sql = "UPDATE jobs SET attempt = 0, run_after = $1, failed_at = NULL, leased_until = NULL WHERE id = $2";
    execute!(db, sqlx::query(sql).bind(now).bind(id))?;
    db.after_commit(Event::JobQueued);
    for_update(db, id).await
}

/// It is not to be done any more. It stays, so that it can be seen what was not done.
///
/// # Errors
/// `Illegal` when it is done, dropped or under way.
pub async fn drop_job(db: &mut Db<'_>, id: JobId, now: DateTime<Utc>) -> Result<QueuedJob> {
    check_idle(&for_update(db, id).await?, now)?;
    let sql = "UPDATE jobs SET dropped_at = $1, failed_at = COALESCE(failed_at, $1), leased_until = NULL WHERE id = $2";
    execute!(db, sqlx::query(sql).bind(now).bind(id))?;
    for_update(db, id).await
}

fn check_idle(job: &QueuedJob, now: DateTime<Utc>) -> Result<()> {
    match job.state {
        JobState::Done { .. } => Err(Error::illegal("JOB_DONE", "this job is done")),
        JobState::Dropped { .. } => Err(Error::illegal("JOB_DROPPED", "this job was dropped")),
        JobState::Leased { until } if until > now => Err(Error::illegal("JOB_UNDER_WAY", "this job is being done now")),
        JobState::Open | JobState::Leased { .. } | JobState::Failed { .. } => Ok(()),
    }
}

/// Leases last as long as they would have, and what was due is due still.
pub async fn clock_was_set(db: &mut Db<'_>, set: ClockSet) -> Result<()> {
    let sql = "UPDATE jobs SET run_after = $1 WHERE done_at IS NULL AND failed_at IS NULL AND run_after > $1 AND run_after <= $2";
    execute!(db, sqlx::query(sql).bind(set.now).bind(set.before()))?;
    db.after_commit(Event::JobQueued);
    set.move_along(db, "jobs", "leased_until").await
}

/// Jobs that were done or dropped before a moment.
pub async fn jobs_over(db: &mut Db<'_>, page: &AgedPage) -> Result<Vec<Aged>> {
    let over =
        "SELECT id, COALESCE(done_at, dropped_at) FROM jobs WHERE COALESCE(done_at, dropped_at) < $1 AND id > $2";
    Ok(aged!(db, page, over))
}

pub async fn erase_jobs(db: &mut Db<'_>, ids: &[Uuid]) -> Result<()> {
    execute_among!(db, "DELETE FROM jobs WHERE id IN", ids);
    Ok(())
}

/// Whether something is to be done about this record: no job that names it may be left behind.
pub async fn has_open_job_about(db: &mut Db<'_>, record: Uuid) -> Result<bool> {
    let sql =
        "SELECT COUNT(*) FROM jobs WHERE done_at IS NULL AND dropped_at IS NULL AND CAST(payload AS TEXT) LIKE $1";
    let count: i64 = on_engine!(db, c => sqlx::query_scalar(sql).bind(format!("%{record}%")).fetch_one(c).await)?;
    Ok(count > 0)
}

/// What was done about this record, and with which error it had failed before.
pub async fn erase_jobs_about(db: &mut Db<'_>, record: Uuid) -> Result<u64> {
    let sql =
        "DELETE FROM jobs WHERE (done_at IS NOT NULL OR dropped_at IS NOT NULL) AND CAST(payload AS TEXT) LIKE $1";
    Ok(execute!(db, sqlx::query(sql).bind(format!("%{record}%")))?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_pause_is_twice_the_one_before_and_after_the_last_try_there_is_none() {
        let rule = RetryRule { most_attempts: 4, first_wait_s: 10 };
        let waits = (1..=5).map(|attempt| rule.wait_after(attempt).map(|wait| wait.num_seconds()));
        assert_eq!(waits.collect::<Vec<_>>(), [Some(10), Some(20), Some(40), None, None]);
    }

    #[test]
    fn only_a_job_that_nobody_has_is_tried_again_or_dropped() {
        let now: DateTime<Utc> = "2026-03-03T10:00:00Z".parse().unwrap();
        let job = |state| QueuedJob {
            id: JobId::fresh(now),
            name: "compose_pack".into(),
            payload: Value::Null,
            user_id: UserId::fresh(now),
            created_at: now,
            run_after: now,
            attempts: 1,
            last_error: None,
            state,
        };
        let refused = |state| match check_idle(&job(state), now) {
            Err(Error::Illegal { reason, .. }) => Some(reason),
            _ => None,
        };
        assert_eq!(refused(JobState::Done { at: now }), Some("JOB_DONE"));
        assert_eq!(refused(JobState::Dropped { at: now }), Some("JOB_DROPPED"));
        assert_eq!(refused(JobState::Leased { until: now + TimeDelta::seconds(1) }), Some("JOB_UNDER_WAY"));
        // Its worker is dead.
        assert_eq!(refused(JobState::Leased { until: now }), None);
        assert_eq!((refused(JobState::Open), refused(JobState::Failed { at: now })), (None, None));
    }
}
