//! Follow-up work: a row written in the transaction that owes it, done at least once by an idempotent worker.
//!
//! A worker leases a job; a lease that runs out gives the job to the next worker. The attempt number fences a worker that
//! comes back late.

use super::{Db, execute, on_engine};
use crate::error::Result;
use crate::ids::{JobId, UserId};
use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

/// What is to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JobKind {
    /// Compose the pack of the claim that `record_id` names.
    ComposePack,
    /// Write about the missed meeting that `record_id` names.
    WriteMissedMeeting,
    /// Write about the meeting that `record_id` names: it was moved.
    WriteNewTime,
    /// Write that the first meeting of the claim that `record_id` names is put off or done without.
    WriteDeferral,
    /// Write about the call-back that `record_id` names: nobody answered, and a new time is kept.
    WriteMissedCallback,
    /// The claim that `record_id` names was withdrawn: nothing of it goes out any more.
    StopPacks,
}

impl JobKind {
    const ALL: [(Self, &'static str); 6] = [
        (Self::ComposePack, "compose_pack"),
        (Self::WriteMissedMeeting, "write_missed_meeting"),
        (Self::WriteNewTime, "write_new_time"),
        (Self::WriteDeferral, "write_deferral"),
        (Self::WriteMissedCallback, "write_missed_callback"),
        (Self::StopPacks, "stop_packs"),
    ];

    fn as_str(self) -> &'static str {
        Self::ALL.iter().find(|(kind, _)| *kind == self).map_or("", |(_, name)| name)
    }

    fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, name)| *name == text).map(|(kind, _)| *kind)
    }
}

#[derive(Debug, Clone)]
pub struct Job {
    pub id: JobId,
    pub kind: JobKind,
    pub record_id: Uuid,
    /// On whose behalf: who did what the job follows from.
    pub user_id: UserId,
    pub attempt: i32,
}

/// Tries before a job is given up and left for a person to look at.
const MOST_ATTEMPTS: i32 = 8;

pub async fn enqueue(db: &mut Db<'_>, kind: JobKind, record_id: Uuid, user: UserId, now: DateTime<Utc>) -> Result<()> {
    let sql = "INSERT INTO jobs (id, kind, record_id, user_id, created_at, run_after, attempt) \
               VALUES ($1, $2, $3, $4, $5, $5, 0)";
    let id = JobId::fresh(now);
    execute!(db, sqlx::query(sql).bind(id).bind(kind.as_str()).bind(record_id).bind(user).bind(now))?;
    Ok(())
}

/// Leases up to `most` jobs that are due. Two workers never get the same one while its lease runs.
pub async fn claim_jobs(db: &mut Db<'_>, most: i32, lease: TimeDelta, now: DateTime<Utc>) -> Result<Vec<Job>> {
    const FREE: &str = "done_at IS NULL AND failed_at IS NULL AND run_after <= $1 \
                        AND (leased_until IS NULL OR leased_until <= $1)";
    // Picked once, by itself: as a subquery PostgreSQL may run it again for each row, and lease more than asked for. The
    // condition stands again outside: without it PostgreSQL handed one job to two workers.
    let sql = format!(
        "WITH picked AS MATERIALIZED (SELECT id FROM jobs WHERE {FREE} ORDER BY run_after, id LIMIT $3{}) \
         UPDATE jobs SET attempt = attempt + 1, leased_until = $2 WHERE id IN (SELECT id FROM picked) AND {FREE} \
         RETURNING id, kind, record_id, user_id, attempt",
        db.skip_locked()
    );
    type Row = (JobId, String, Uuid, UserId, i32);
    let rows: Vec<Row> = on_engine!(db, c => {
        let query = sqlx::query_as(sqlx::AssertSqlSafe(sql));
        query.bind(now).bind(now + lease).bind(most).fetch_all(c).await
    })?;
    Ok(rows
        .into_iter()
        .filter_map(|(id, kind, record_id, user_id, attempt)| {
            Some(Job { id, kind: JobKind::parse(&kind)?, record_id, user_id, attempt })
        })
        .collect())
}

pub async fn finish_job(db: &mut Db<'_>, job: &Job, now: DateTime<Utc>) -> Result<()> {
    let sql = "UPDATE jobs SET done_at = $1, leased_until = NULL WHERE id = $2 AND attempt = $3";
    execute!(db, sqlx::query(sql).bind(now).bind(job.id).bind(job.attempt))?;
    Ok(())
}

/// How many jobs are due now, under way elsewhere or not, and how many are open in all.
pub async fn jobs_left(db: &mut Db<'_>, now: DateTime<Utc>) -> Result<(u64, u64)> {
    let sql = "SELECT COUNT(CASE WHEN run_after <= $1 THEN 1 END), COUNT(*) FROM jobs \
               WHERE done_at IS NULL AND failed_at IS NULL";
    let (due, open): (i64, i64) = on_engine!(db, c => sqlx::query_as(sql).bind(now).fetch_one(c).await)?;
    let number = |counted: i64| u64::try_from(counted).unwrap_or(0);
    Ok((number(due), number(open)))
}

/// Puts a job back, later each time; after the last attempt it is set aside with its error.
pub async fn fail_job(db: &mut Db<'_>, job: &Job, error: &str, now: DateTime<Utc>) -> Result<()> {
    let wait_s = 5_i64 << job.attempt.clamp(0, 10);
    let given_up = (job.attempt >= MOST_ATTEMPTS).then_some(now);
    let sql = "UPDATE jobs SET run_after = $1, leased_until = NULL, last_error = $2, failed_at = $3 \
               WHERE id = $4 AND attempt = $5";
    let again = now + TimeDelta::seconds(wait_s);
    execute!(db, sqlx::query(sql).bind(again).bind(error).bind(given_up).bind(job.id).bind(job.attempt))?;
    Ok(())
}
