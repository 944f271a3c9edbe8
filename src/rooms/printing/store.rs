//! Print jobs in the database.

use super::job::{Accepted, Handed, PrintJob, Printed, Priority, State, Submission};
use super::post::{BatchKey, PostClass};
use chrono::{DateTime, NaiveDate, Utc};
use sqlx::{AssertSqlSafe, QueryBuilder};
use startline_foundation::error::{Error, Result};
use startline_foundation::events::Topic;
use startline_foundation::ids::{ClientId, PackId, PrintJobId, SiteId, UserId};
use startline_foundation::store::{ClockSet, Db, execute, on_engine};

/// By what a room takes its jobs: priority, day of the post, when it was queued.
pub type InTurn = (i32, NaiveDate, DateTime<Utc>, PrintJobId);

#[derive(sqlx::FromRow)]
struct JobRow {
    id: PrintJobId,
    pack_id: PackId,
    client_id: ClientId,
    reference: String,
    room: SiteId,
    post_day: NaiveDate,
    post_class: String,
    ordinary: bool,
    priority: i32,
    first_page: i32,
    last_page: i32,
    reason: String,
    state: String,
    queued_at: DateTime<Utc>,
    attempt: i32,
    leased_by: Option<UserId>,
    leased_until: Option<DateTime<Utc>>,
    printer: Option<String>,
    printer_job: Option<String>,
    printer_job_id: Option<i32>,
    printer_job_uuid: Option<String>,
    begun_at: Option<DateTime<Utc>>,
    uncertain: Option<String>,
    printed_at: Option<DateTime<Utc>>,
    printed_pages: Option<i32>,
    posted_at: Option<DateTime<Utc>>,
    posted_day: Option<NaiveDate>,
    incomplete_reason: Option<String>,
    settled_at: Option<DateTime<Utc>>,
    settled_reason: Option<String>,
}

const COLUMNS: &str = "id, pack_id, client_id, reference, room, post_day, post_class, ordinary, priority, first_page, \
                       last_page, reason, state, queued_at, attempt, leased_by, leased_until, printer, printer_job, \
                       printer_job_id, printer_job_uuid, begun_at, uncertain, printed_at, printed_pages, posted_at, \
                       posted_day, incomplete_reason, settled_at, settled_reason";

fn number(stored: i32) -> u32 {
    u32::try_from(stored).unwrap_or(0)
}

fn stored(number: u32) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

impl JobRow {
    fn state(&self) -> Option<State> {
        let printed = || Some(Printed { at: self.printed_at?, pages: number(self.printed_pages?) });
        let post =
            || Some(Handed { at: self.posted_at?, day: self.posted_day?, incomplete: self.incomplete_reason.clone() });
        let reason = || self.settled_reason.clone().unwrap_or_default();
        Some(match self.state.as_str() {
            "queued" => State::Queued,
            "leased" => State::Leased { by: self.leased_by?, until: self.leased_until? },
            "printing" => State::Printing {
                by: self.leased_by?,
                until: self.leased_until?,
                submission: Submission {
                    printer: self.printer.clone()?,
                    job_name: self.printer_job.clone()?,
                    begun_at: self.begun_at?,
                    accepted: self
                        .printer_job_id
                        .map(|job_id| Accepted { job_id, job_uuid: self.printer_job_uuid.clone() }),
                    uncertain: self.uncertain.clone(),
                },
            },
            "printed" => State::Printed(printed()?),
            "posted" => State::Posted { printed: printed()?, post: post()? },
            "returned" => {
                State::Returned { printed: printed()?, post: post()?, at: self.settled_at?, reason: reason() }
            }
            "spoiled" => {
                State::Spoiled { at: self.settled_at?, pages: self.printed_pages.map_or(0, number), reason: reason() }
            }
            "cancelled" => State::Cancelled { at: self.settled_at?, reason: reason(), printed: printed() },
            _ => return None,
        })
    }
}

impl TryFrom<JobRow> for PrintJob {
    type Error = Error;

    fn try_from(row: JobRow) -> Result<Self> {
        let strange = || Error::internal(format!("print job {} is stored in a state that makes no sense", row.id));
        let state = row.state().ok_or_else(strange)?;
        let class = PostClass::parse(&row.post_class).ok_or_else(strange)?;
        Ok(Self {
            id: row.id,
            pack_id: row.pack_id,
            client_id: row.client_id,
            reference: row.reference,
            room: row.room,
            post_day: row.post_day,
            class,
            ordinary: row.ordinary,
            priority: Priority::of(row.priority),
            first_page: number(row.first_page),
            last_page: number(row.last_page),
            reason: row.reason,
            queued_at: row.queued_at,
            attempt: row.attempt,
            state,
        })
    }
}

fn read(rows: Vec<JobRow>) -> Result<Vec<PrintJob>> {
    rows.into_iter().map(PrintJob::try_from).collect()
}

/// False when the client has an ordinary job for that day already.
pub async fn insert(db: &mut Db<'_>, job: &PrintJob) -> Result<bool> {
    let sql = "INSERT INTO print_jobs (id, pack_id, client_id, reference, room, post_day, post_class, ordinary, priority, \
               first_page, last_page, reason, state, queued_at, attempt) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 'queued', $13, 0) ON CONFLICT DO NOTHING";
    let added = execute!(
        db,
        sqlx::query(sql)
            .bind(job.id)
            .bind(job.pack_id)
            .bind(job.client_id)
            .bind(job.reference.clone())
            .bind(job.room.clone())
            .bind(job.post_day)
            .bind(job.class.as_str())
            .bind(job.ordinary)
            .bind(job.priority.number())
            .bind(stored(job.first_page))
            .bind(stored(job.last_page))
            .bind(job.reason.clone())
            .bind(job.queued_at)
    )?;
    db.after_commit(Topic::PrintRoom(job.room.clone()));
    Ok(added == 1)
}

/// Keeps what became of a job. What it does not change any more (pages, batch) is not written.
pub async fn save(db: &mut Db<'_>, job: &PrintJob) -> Result<()> {
    let none = (None, None);
    let (leased_by, leased_until) = match &job.state {
        State::Leased { by, until } | State::Printing { by, until, .. } => (Some(*by), Some(*until)),
        _ => none,
    };
    let submission = match &job.state {
        State::Printing { submission, .. } => Some(submission.clone()),
        _ => None,
    };
    let printed = match &job.state {
        State::Printed(printed) | State::Posted { printed, .. } | State::Returned { printed, .. } => Some(*printed),
        State::Cancelled { printed, .. } => *printed,
        State::Spoiled { at, pages, .. } => Some(Printed { at: *at, pages: *pages }),
        State::Queued | State::Leased { .. } | State::Printing { .. } => None,
    };
    let post = match &job.state {
        State::Posted { post, .. } | State::Returned { post, .. } => Some(post),
        _ => None,
    };
    let (settled_at, settled_reason) = match &job.state {
        State::Returned { at, reason, .. }
        | State::Spoiled { at, reason, .. }
        | State::Cancelled { at, reason, .. } => (Some(*at), Some(reason.clone())),
        _ => (None, None),
    };
    let accepted = submission.as_ref().and_then(|submission| submission.accepted.clone());
    let sql = "UPDATE print_jobs SET state = $1, leased_by = $2, leased_until = $3, printer = COALESCE($4, printer), \
               printer_job = COALESCE($5, printer_job), printer_job_id = $6, printer_job_uuid = $7, begun_at = $8, \
               uncertain = $9, printed_at = $10, printed_pages = $11, posted_at = $12, posted_day = $13, \
               settled_at = $14, settled_reason = $15, incomplete_reason = $16 WHERE id = $17";
    execute!(
        db,
        sqlx::query(sql)
            .bind(job.state.name())
            .bind(leased_by)
            .bind(leased_until)
            .bind(submission.as_ref().map(|submission| submission.printer.clone()))
            .bind(submission.as_ref().map(|submission| submission.job_name.clone()))
            .bind(accepted.as_ref().map(|accepted| accepted.job_id))
            .bind(accepted.and_then(|accepted| accepted.job_uuid))
            .bind(submission.as_ref().map(|submission| submission.begun_at))
            .bind(submission.and_then(|submission| submission.uncertain))
            .bind(printed.map(|printed| printed.at))
            .bind(printed.map(|printed| stored(printed.pages)))
            .bind(post.map(|post| post.at))
            .bind(post.map(|post| post.day))
            .bind(settled_at)
            .bind(settled_reason)
            .bind(post.and_then(|post| post.incomplete.clone()))
            .bind(job.id)
    )?;
    db.after_commit(Topic::PrintRoom(job.room.clone()));
    Ok(())
}

pub async fn by_id(db: &mut Db<'_>, id: PrintJobId) -> Result<Option<PrintJob>> {
    one(db, id, "").await
}

/// The print job, kept from others until the transaction ends.
pub async fn for_update(db: &mut Db<'_>, id: PrintJobId) -> Result<Option<PrintJob>> {
    let lock = db.for_update();
    one(db, id, lock).await
}

async fn one(db: &mut Db<'_>, id: PrintJobId, lock: &str) -> Result<Option<PrintJob>> {
    let sql = format!("SELECT {COLUMNS} FROM print_jobs WHERE id = $1{lock}");
    let row: Option<JobRow> = on_engine!(db, c => sqlx::query_as(AssertSqlSafe(sql)).bind(id).fetch_optional(c).await)?;
    row.map(PrintJob::try_from).transpose()
}

/// These jobs, kept from others, in the order of their ids: two who keep the same do not wait for each other in turn.
pub async fn all_for_update(db: &mut Db<'_>, ids: &[PrintJobId]) -> Result<Vec<PrintJob>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let lock = db.for_update();
    let rows: Vec<JobRow> = on_engine!(db, c => {
        let mut query = QueryBuilder::new(format!("SELECT {COLUMNS} FROM print_jobs WHERE id IN ("));
        let mut list = query.separated(", ");
        for id in ids {
            list.push_bind(*id);
        }
        query.push(format!(") ORDER BY id{lock}"));
        query.build_query_as().fetch_all(c).await
    })?;
    read(rows)
}

/// The jobs of these packs, the oldest first.
pub async fn of_packs(db: &mut Db<'_>, packs: &[PackId]) -> Result<Vec<PrintJob>> {
    if packs.is_empty() {
        return Ok(Vec::new());
    }
    let rows: Vec<JobRow> = on_engine!(db, c => {
        let mut query = QueryBuilder::new(format!("SELECT {COLUMNS} FROM print_jobs WHERE pack_id IN ("));
        let mut list = query.separated(", ");
        for pack in packs {
            list.push_bind(*pack);
        }
        query.push(") ORDER BY queued_at, id");
        query.build_query_as().fetch_all(c).await
    })?;
    read(rows)
}

/// The jobs of a batch, the oldest first.
pub async fn of_batch(db: &mut Db<'_>, key: &BatchKey) -> Result<Vec<PrintJob>> {
    let sql =
        format!("SELECT {COLUMNS} FROM print_jobs WHERE room = $1 AND post_day = $2 AND post_class = $3 ORDER BY id");
    read(on_engine!(db, c => {
        let query = sqlx::query_as(AssertSqlSafe(sql)).bind(key.room.clone()).bind(key.post_day);
        query.bind(key.class.as_str()).fetch_all(c).await
    })?)
}

/// A room's jobs that have not left it, in the order in which they are taken, after the one named.
pub async fn of_room(
    db: &mut Db<'_>,
    room: &SiteId,
    state: Option<&'static str>,
    after: Option<InTurn>,
    most: i32,
) -> Result<Vec<PrintJob>> {
    let state_is = match state {
        Some(_) => "state = $2",
        None => "$2 = $2 AND state IN ('queued', 'leased', 'printing', 'printed')",
    };
    let is_after = if after.is_some() { "AND (priority, post_day, queued_at, id) > ($4, $5, $6, $7)" } else { "" };
    let sql = format!(
        "SELECT {COLUMNS} FROM print_jobs WHERE room = $1 AND {state_is} {is_after} \
         ORDER BY priority, post_day, queued_at, id LIMIT $3"
    );
    read(on_engine!(db, c => {
        let query = sqlx::query_as(AssertSqlSafe(sql)).bind(room.clone()).bind(state.unwrap_or_default()).bind(most);
        match after {
            Some((priority, day, at, id)) => query.bind(priority).bind(day).bind(at).bind(id).fetch_all(c).await,
            None => query.fetch_all(c).await,
        }
    })?)
}

/// Two print rooms, and two workers of one, never get the same job while its lease runs.
pub async fn lease(
    db: &mut Db<'_>,
    room: &SiteId,
    by: UserId,
    most: i32,
    now: DateTime<Utc>,
    until: DateTime<Utc>,
) -> Result<Vec<PrintJob>> {
    const FREE: &str = "room = $1 AND (state = 'queued' OR (state = 'leased' AND leased_until <= $2))";
    // Picked once, by itself: as a subquery PostgreSQL may run it again for each row, and lease more than asked for. The
    // condition stands again outside: without it PostgreSQL handed one job to two workers.
    let sql = format!(
        "WITH picked AS MATERIALIZED (SELECT id FROM print_jobs WHERE {FREE} AND state IN ('queued', 'leased') \
         ORDER BY priority, post_day, queued_at, id LIMIT $5{}) \
         UPDATE print_jobs SET state = 'leased', leased_by = $3, leased_until = $4, attempt = attempt + 1 \
         WHERE id IN (SELECT id FROM picked) AND {FREE} RETURNING {COLUMNS}",
        db.skip_locked()
    );
    let rows: Vec<JobRow> = on_engine!(db, c => {
        let query = sqlx::query_as(AssertSqlSafe(sql)).bind(room.clone()).bind(now).bind(by);
        query.bind(until).bind(most).fetch_all(c).await
    })?;
    let mut jobs = read(rows)?;
    jobs.sort_unstable_by_key(|job| (job.priority, job.post_day, job.queued_at, job.id));
    db.after_commit(Topic::PrintRoom(room.clone()));
    Ok(jobs)
}

/// Begun on a printer and not reported, the oldest first.
pub async fn at_printer(db: &mut Db<'_>, room: &SiteId, printer: &str) -> Result<Vec<PrintJob>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM print_jobs WHERE room = $1 AND printer = $2 AND state = 'printing' ORDER BY begun_at, id"
    );
    read(on_engine!(db, c => {
        sqlx::query_as(AssertSqlSafe(sql)).bind(room.clone()).bind(printer).fetch_all(c).await
    })?)
}

/// Whole jobs that were printed at one moment.
pub async fn print_all(db: &mut Db<'_>, room: &SiteId, ids: &[PrintJobId], at: DateTime<Utc>) -> Result<()> {
    if ids.is_empty() {
        return Ok(());
    }
    on_engine!(db, c => {
        let mut query = QueryBuilder::new("UPDATE print_jobs SET state = 'printed', leased_by = NULL, leased_until = NULL, \
                                           printed_pages = last_page - first_page + 1, printed_at = ");
        query.push_bind(at).push(" WHERE id IN (");
        let mut list = query.separated(", ");
        for id in ids {
            list.push_bind(*id);
        }
        query.push(")");
        query.build().execute(c).await.map(|_| ())
    })?;
    db.after_commit(Topic::PrintRoom(room.clone()));
    Ok(())
}

/// Leases last as long as they would have.
pub async fn clock_was_set(db: &mut Db<'_>, set: ClockSet) -> Result<()> {
    set.move_along(db, "print_jobs", "leased_until").await
}
