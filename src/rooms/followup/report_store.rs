//! What the reports and the reviews read.

use super::decided::DecisionAfterMisses;
use super::history_store::{self, DECISION};
use super::procedure::AfterMisses;
use super::report::{AttendanceRow, DecisionRow};
use crate::diary::{Decided, StateName};
use chrono::{DateTime, NaiveDate, Utc};
use startline_definition::Definition;
use startline_foundation::error::{Error, Result};
use startline_foundation::ids::{AppointmentId, SiteId, UserId};
use startline_foundation::store::{Db, on_engine};

/// Local days, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReportDays {
    pub first: NaiveDate,
    pub last: NaiveDate,
}

type Bounds = (DateTime<Utc>, DateTime<Utc>);

const MOST_DAYS: i64 = 366;

impl ReportDays {
    /// From the first moment of the first day to the last of the last.
    ///
    /// # Errors
    /// `Invalid` for days that are no days, or too many.
    pub fn checked(self, definition: &Definition) -> Result<Bounds> {
        if self.last < self.first || (self.last - self.first).num_days() >= MOST_DAYS {
            let reason = format!("must be on or after first_day, and within {MOST_DAYS} days");
            return Err(Error::invalid("last_day", reason));
        }
        let calendar = &definition.calendar;
        Ok((calendar.day_bounds(self.first).0, calendar.day_bounds(self.last).1))
    }
}

/// What was put off or done without of a site's claims.
pub async fn decisions(db: &mut Db<'_>, site: &SiteId, bounds: Bounds) -> Result<Vec<DecisionRow>> {
    let sql = "SELECT d.decision, d.reason, d.decided_by, d.decided_at, d.review_day \
               FROM meeting_decisions d JOIN claims c ON c.id = d.claim_id \
               WHERE c.site = $1 AND d.decided_at >= $2 AND d.decided_at < $3 ORDER BY d.decided_at, d.id";
    type Row = (String, String, UserId, DateTime<Utc>, Option<NaiveDate>);
    let rows: Vec<Row> = on_engine!(db, c => {
        sqlx::query_as(sql).bind(site.clone()).bind(bounds.0).bind(bounds.1).fetch_all(c).await
    })?;
    let row = |(decision, reason, by, at, review_day): Row| {
        let unknown = || Error::internal(format!("a meeting was {decision} for {reason}, unknown here"));
        Ok(DecisionRow { what: Decided::of(&decision, &reason, review_day).ok_or_else(unknown)?, by, at })
    };
    rows.into_iter().map(row).collect()
}

/// Reviews whose day is over: not looked at, or with no meeting arranged since.
pub async fn overdue_reviews(db: &mut Db<'_>, site: &SiteId, today: NaiveDate) -> Result<u32> {
    let sql = "SELECT (SELECT COUNT(*) FROM steps s JOIN claims c ON c.id = s.claim_id \
               WHERE s.site = $1 AND s.kind = 'arrange-deferred-meeting' AND s.done_at IS NULL AND s.due_day < $2 \
               AND c.state NOT IN ('withdrawn', 'not_made') AND NOT EXISTS (SELECT 1 FROM appointments a WHERE a.claim_id = s.claim_id \
               AND a.state = 'booked')) \
               + (SELECT COUNT(*) FROM meeting_decisions d JOIN claims c ON c.id = d.claim_id \
               WHERE c.site = $1 AND d.ended_at IS NULL AND d.review_day < $2 AND c.state NOT IN ('withdrawn', 'not_made'))";
    let (count,): (i64,) = on_engine!(db, c => sqlx::query_as(sql).bind(site.clone()).bind(today).fetch_one(c).await)?;
    Ok(u32::try_from(count).unwrap_or(u32::MAX))
}

/// Every appointment that was booked for these days, as it now stands; holds that nobody took are none.
pub async fn attendance(db: &mut Db<'_>, site: &SiteId, bounds: Bounds) -> Result<Vec<AttendanceRow>> {
    let sql = "SELECT a.kind, a.starts_at, a.state, a.arrived_at, m.good_cause FROM appointments a \
               JOIN claims c ON c.id = a.claim_id LEFT JOIN misses m ON m.appointment_id = a.id \
               WHERE c.site = $1 AND a.starts_at >= $2 AND a.starts_at < $3 AND (a.state NOT IN ('held', 'released') \
               OR EXISTS (SELECT 1 FROM appointment_events e WHERE e.appointment_id = a.id AND e.event = 'given_back')) \
               ORDER BY a.starts_at, a.id";
    type Row = (String, DateTime<Utc>, String, Option<DateTime<Utc>>, Option<String>);
    let rows: Vec<Row> = on_engine!(db, c => {
        sqlx::query_as(sql).bind(site.clone()).bind(bounds.0).bind(bounds.1).fetch_all(c).await
    })?;
    let row = |(kind, starts_at, state, arrived_at, good_cause): Row| {
        let unknown = || Error::internal(format!("an appointment is in the unknown state {state}"));
        let state = StateName::parse(&state).ok_or_else(unknown)?;
        Ok(AttendanceRow { kind, starts_at, state, arrived_at, has_good_cause: good_cause.is_some() })
    };
    rows.into_iter().map(row).collect()
}

/// What was decided about a site's claims between two moments, the newest first, after the one named.
pub async fn decided_at_site(
    db: &mut Db<'_>,
    site: &SiteId,
    bounds: Bounds,
    after: Option<(DateTime<Utc>, AppointmentId)>,
    most: i32,
) -> Result<Vec<DecisionAfterMisses>> {
    let rows: Vec<history_store::DecisionRow> = on_engine!(db, c => {
        let mut query = sqlx::QueryBuilder::new("SELECT ");
        query.push(DECISION).push(" FROM miss_decisions d JOIN claims c ON c.id = d.claim_id WHERE c.site = ");
        query.push_bind(site.clone()).push(" AND d.decided_at >= ").push_bind(bounds.0);
        query.push(" AND d.decided_at < ").push_bind(bounds.1).push(" AND c.erased_at IS NULL");
        if let Some((at, id)) = after {
            query.push(" AND (d.decided_at < ").push_bind(at).push(" OR (d.decided_at = ").push_bind(at);
            query.push(" AND d.appointment_id > ").push_bind(id).push("))");
        }
        query.push(" ORDER BY d.decided_at DESC, d.appointment_id LIMIT ").push_bind(most);
        query.build_query_as().fetch_all(c).await
    })?;
    rows.into_iter().map(DecisionAfterMisses::try_from).collect()
}

/// How often each was decided at a site between two moments, and how many of these were taken back since.
pub async fn counted(db: &mut Db<'_>, site: &SiteId, bounds: Bounds) -> Result<Vec<(AfterMisses, u32, u32)>> {
    let sql = "SELECT d.decision, COUNT(*), COUNT(d.reversed_at) FROM miss_decisions d JOIN claims c ON c.id = d.claim_id \
               WHERE c.site = $1 AND d.decided_at >= $2 AND d.decided_at < $3 GROUP BY d.decision";
    let rows: Vec<(String, i64, i64)> = on_engine!(db, c => {
        sqlx::query_as(sql).bind(site.clone()).bind(bounds.0).bind(bounds.1).fetch_all(c).await
    })?;
    let of = |decision: AfterMisses| {
        let (_, count, reversed) = rows.iter().find(|(name, ..)| name == decision.as_str())?;
        let number = |count: i64| u32::try_from(count).unwrap_or(u32::MAX);
        Some((decision, number(*count), number(*reversed)))
    };
    Ok(AfterMisses::ALL.into_iter().filter_map(of).collect())
}

/// Dates that were lost, by when it was seen.
pub async fn dates_lost(db: &mut Db<'_>, site: &SiteId, bounds: Bounds) -> Result<u32> {
    let sql =
        "SELECT COUNT(*) FROM steps WHERE site = $1 AND kind = 'date-lost' AND opened_at >= $2 AND opened_at < $3";
    let count: i64 = on_engine!(db, c => {
        sqlx::query_scalar(sql).bind(site.clone()).bind(bounds.0).bind(bounds.1).fetch_one(c).await
    })?;
    Ok(u32::try_from(count).unwrap_or(u32::MAX))
}
