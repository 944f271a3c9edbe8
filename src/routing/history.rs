//! The durable figures, by site and half-hour, added up from the call records and the records of staffing.
//!
//! Each figure's formula is in `figures`; here is only the counting, which is pure, and the reading, a day at a time so
//! that a month of a large network is never in memory as rows.

use super::figures::{Figures, Period, Staffing, half_hour_of, percentile};
use super::store;
use chrono::{DateTime, TimeDelta, Utc};
use startline_foundation::error::{Error, Result};
use startline_foundation::ids::SiteId;
use startline_foundation::store::Db;
use std::collections::BTreeMap;

/// Longest time that figures are asked for at once.
pub const LONGEST: TimeDelta = TimeDelta::days(31);
const READ_AT_A_TIME: TimeDelta = TimeDelta::days(1);

/// A call, as far as the figures need it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordedCall {
    /// Where it counts: the site that kept it.
    pub site: SiteId,
    pub entered_at: DateTime<Utc>,
    /// As [`How::name`](super::How::name), or [`RecordedCall::WAITING`].
    pub how: String,
    /// Answered, by another site.
    pub overflowed: bool,
    pub wait_ms: u64,
}

impl RecordedCall {
    /// It is not over, and nobody has answered it.
    pub const WAITING: &str = "waiting";
}

/// What a site's service level is measured by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Target {
    /// Answered in target: within this.
    pub answer_ms: u64,
    /// A short abandon: given up within this.
    pub short_abandon_ms: u64,
}

#[derive(Debug, Clone, Default, PartialEq)]
pub struct History {
    /// By site, then time; without those in which nothing happened.
    pub half_hours: Vec<Period>,
    /// A sum a site, then one of all.
    pub totals: Vec<Period>,
}

/// The figures of one site, or of all, from the half-hour that holds `start` to `end`.
///
/// # Errors
/// `Invalid` when the time is empty or longer than [`LONGEST`].
pub async fn history(
    db: &mut Db<'_>,
    site: Option<&SiteId>,
    start: DateTime<Utc>,
    end: DateTime<Utc>,
    target: impl Fn(&SiteId) -> Target,
) -> Result<History> {
    if end <= start {
        return Err(Error::invalid("end_time", "must be after the start"));
    }
    if end - start > LONGEST {
        return Err(Error::invalid("end_time", format!("must be at most {} days after the start", LONGEST.num_days())));
    }
    let mut tally = Tally::default();
    let mut from = half_hour_of(start);
    while from < end {
        let until = (from + READ_AT_A_TIME).min(end);
        for call in store::calls_between(db, site, from, until).await? {
            let target = target(&call.site);
            tally.count(call, target);
        }
        for staffing in store::staffing_between(db, site, from, until).await? {
            tally.staff(staffing);
        }
        from = until;
    }
    Ok(tally.history())
}

/// Whether a call from this number, in E.164, was answered after that moment.
pub async fn answered_since(db: &mut Db<'_>, caller: &str, since: DateTime<Utc>) -> Result<bool> {
    store::answered_since(db, caller, since).await
}

#[derive(Debug, Default)]
struct Tally(BTreeMap<(SiteId, DateTime<Utc>), Count>);

#[derive(Debug, Clone, Default)]
struct Count {
    figures: Figures,
    waits_ms: Vec<u64>,
    staffed_ms: u64,
    handle_ms: u64,
}

impl Tally {
    fn count(&mut self, call: RecordedCall, target: Target) {
        let Count { figures, waits_ms, .. } = self.0.entry((call.site, half_hour_of(call.entered_at))).or_default();
        figures.entered += 1;
        match call.how.as_str() {
            "answered" => {
                figures.answered += 1;
                figures.wait_ms += call.wait_ms;
                figures.overflowed += u64::from(call.overflowed);
                figures.answered_in_target += u64::from(call.wait_ms <= target.answer_ms);
                waits_ms.push(call.wait_ms);
            }
            "abandoned" => {
                figures.abandoned += 1;
                figures.short_abandons += u64::from(call.wait_ms <= target.short_abandon_ms);
            }
            RecordedCall::WAITING => {}
            // Only three ways of ending are ever written.
            _ => figures.diverted += 1,
        }
    }

    fn staff(&mut self, staffing: Staffing) {
        let count = self.0.entry((staffing.site, half_hour_of(staffing.half_hour))).or_default();
        count.staffed_ms += staffing.staffed_ms;
        count.handle_ms += staffing.handle_ms;
    }

    fn history(self) -> History {
        let mut history = History::default();
        let mut of_sites: BTreeMap<SiteId, Count> = BTreeMap::new();
        let mut of_all = Count::default();
        for ((site, start), count) in self.0 {
            of_sites.entry(site.clone()).or_default().add(&count);
            of_all.add(&count);
            history.half_hours.push(count.period(Some(site), Some(start)));
        }
        history.totals = of_sites.into_iter().map(|(site, count)| count.period(Some(site), None)).collect();
        history.totals.push(of_all.period(None, None));
        history
    }
}

impl Count {
    fn add(&mut self, other: &Self) {
        let (sum, more) = (&mut self.figures, other.figures);
        sum.entered += more.entered;
        sum.answered += more.answered;
        sum.abandoned += more.abandoned;
        sum.diverted += more.diverted;
        sum.overflowed += more.overflowed;
        sum.answered_in_target += more.answered_in_target;
        sum.short_abandons += more.short_abandons;
        sum.wait_ms += more.wait_ms;
        self.waits_ms.extend(&other.waits_ms);
        self.staffed_ms += other.staffed_ms;
        self.handle_ms += other.handle_ms;
    }

    fn period(mut self, site: Option<SiteId>, start: Option<DateTime<Utc>>) -> Period {
        Period {
            site,
            start,
            figures: self.figures,
            wait_p50_ms: percentile(&mut self.waits_ms, 0.5),
            wait_p90_ms: percentile(&mut self.waits_ms, 0.9),
            staffed_ms: self.staffed_ms,
            handle_ms: self.handle_ms,
        }
    }
}

#[cfg(test)]
#[path = "history_tests.rs"]
mod tests;
