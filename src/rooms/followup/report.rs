//! Figures about meetings put off, done without, attended and missed. Pure. Nothing in them is good or bad.

use super::procedure::AfterMisses;
use crate::diary::{Decided, StateName};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use startline_foundation::ids::UserId;
use std::collections::{BTreeMap, HashMap};

/// One decision, as the report reads it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecisionRow {
    pub what: Decided,
    pub by: UserId,
    pub at: DateTime<Utc>,
}

#[derive(Debug, Clone, PartialEq, Default)]
pub struct DecisionReport {
    pub deferred: u32,
    pub waived: u32,
    /// Start-ups done in these days, of which the shares are.
    pub start_ups: u32,
    pub by_reason: Vec<ReasonCount>,
    /// `reason` is whoever decided: id and name.
    pub by_decider: Vec<(UserId, String, u32, u32)>,
    /// Review days that have passed, with no meeting arranged.
    pub overdue_reviews: u32,
    pub median_days_to_review: Option<f64>,
    /// Of each decision after missed meetings: how many there were, and how many of them were taken back since.
    pub after_misses: Vec<(AfterMisses, u32, u32)>,
    /// Dates that claims lost by not being handed over in time.
    pub dates_lost: u32,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ReasonCount {
    /// Words of the diary's.
    pub decision: &'static str,
    pub reason: String,
    pub count: u32,
}

impl DecisionReport {
    pub fn of(
        rows: &[DecisionRow],
        names: &HashMap<UserId, String>,
        start_ups: u32,
        overdue_reviews: u32,
        day: impl Fn(DateTime<Utc>) -> NaiveDate,
    ) -> Self {
        let mut reasons: BTreeMap<(&str, &str), u32> = BTreeMap::new();
        let mut deciders: BTreeMap<(String, UserId), (u32, u32)> = BTreeMap::new();
        let mut days = Vec::new();
        for row in rows {
            *reasons.entry((row.what.name(), row.what.reason())).or_default() += 1;
            let name = names.get(&row.by).cloned().unwrap_or_default();
            let of = deciders.entry((name, row.by)).or_default();
            match &row.what {
                Decided::Deferred { review_day, .. } => {
                    of.0 += 1;
                    days.push((*review_day - day(row.at)).num_days());
                }
                Decided::Waived { .. } => of.1 += 1,
            }
        }
        let (deferred, waived) = deciders.values().fold((0, 0), |(d, w), of| (d + of.0, w + of.1));
        Self {
            deferred,
            waived,
            start_ups,
            by_reason: reasons
                .into_iter()
                .map(|((decision, reason), count)| ReasonCount { decision, reason: reason.to_owned(), count })
                .collect(),
            by_decider: deciders.into_iter().map(|((name, id), (d, w))| (id, name, d, w)).collect(),
            overdue_reviews,
            median_days_to_review: median(days),
            after_misses: Vec::new(),
            dates_lost: 0,
        }
    }
}

fn median(mut days: Vec<i64>) -> Option<f64> {
    days.sort_unstable();
    let middle = days.len() / 2;
    #[expect(clippy::cast_precision_loss, reason = "days within a century are exact")]
    let value = |at: usize| days.get(at).map(|days| *days as f64);
    match days.len() % 2 {
        1 => value(middle),
        _ => Some(f64::midpoint(value(middle.checked_sub(1)?)?, value(middle)?)),
    }
}

/// One appointment, as the report reads it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttendanceRow {
    pub kind: String,
    pub starts_at: DateTime<Utc>,
    pub state: StateName,
    pub arrived_at: Option<DateTime<Utc>>,
    pub has_good_cause: bool,
}

/// One kind of meeting on one day. Booked = open + attended + failed + with good cause + cancelled + given back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct AttendanceLine {
    pub booked: u32,
    /// Still to come, or nobody has said.
    pub open: u32,
    pub attended: u32,
    /// Of those who came, attended or not.
    pub late: u32,
    /// Without good cause.
    pub failed: u32,
    pub failed_with_good_cause: u32,
    pub cancelled: u32,
    /// The meeting was put off or done without.
    pub given_back: u32,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AttendanceReport {
    pub by_day_and_kind: BTreeMap<(NaiveDate, String), AttendanceLine>,
    pub total: AttendanceLine,
}

impl AttendanceLine {
    fn add(&mut self, row: &AttendanceRow, late_after: TimeDelta) {
        self.booked += 1;
        let place = match row.state {
            StateName::Attended => &mut self.attended,
            StateName::Failed if row.has_good_cause => &mut self.failed_with_good_cause,
            StateName::Failed => &mut self.failed,
            StateName::Cancelled => &mut self.cancelled,
            StateName::Released => &mut self.given_back,
            StateName::Held | StateName::Booked => &mut self.open,
        };
        *place += 1;
        self.late += u32::from(row.arrived_at.is_some_and(|at| at - row.starts_at > late_after));
    }

    /// Whether the figures add up.
    pub fn adds_up(&self) -> bool {
        self.booked
            == self.open + self.attended + self.failed + self.failed_with_good_cause + self.cancelled + self.given_back
    }
}

impl AttendanceReport {
    pub fn of(rows: Vec<AttendanceRow>, late_after_minutes: u32, day: impl Fn(DateTime<Utc>) -> NaiveDate) -> Self {
        let late_after = TimeDelta::minutes(late_after_minutes.into());
        let mut report = Self::default();
        for row in rows {
            let line = report.by_day_and_kind.entry((day(row.starts_at), row.kind.clone())).or_default();
            line.add(&row, late_after);
            report.total.add(&row, late_after);
        }
        report
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(minute: i64) -> DateTime<Utc> {
        "2026-03-03T10:00:00Z".parse::<DateTime<Utc>>().unwrap() + TimeDelta::minutes(minute)
    }

    #[test]
    fn a_median_is_the_middle_or_between_the_two_in_the_middle() {
        assert_eq!(median(Vec::new()), None);
        assert_eq!(median(vec![9]), Some(9.0));
        assert_eq!(median(vec![30, 10, 20, 40]), Some(25.0));
    }

    #[test]
    fn whoever_came_five_minutes_after_is_not_late_and_six_minutes_is() {
        let row = |minute| AttendanceRow {
            kind: "first-meeting".into(),
            starts_at: at(0),
            state: StateName::Attended,
            arrived_at: Some(at(minute)),
            has_good_cause: false,
        };
        let report = AttendanceReport::of(vec![row(5), row(6)], 5, |at| at.date_naive());
        assert_eq!((report.total.attended, report.total.late), (2, 1));
    }

    proptest! {
        #[test]
        fn the_figures_add_up_by_day_and_kind_and_altogether(
            rows in prop::collection::vec((0..4_i64, 0..3_usize, 0..6_usize, any::<bool>()), 0..60)
        ) {
            let many = rows.len();
            let rows = rows.into_iter().map(|(day, kind, state, has_good_cause)| AttendanceRow {
                kind: ["first-meeting", "restart", "home-visit"][kind].into(),
                starts_at: at(day * 1_440),
                state: StateName::ALL[state],
                arrived_at: None,
                has_good_cause,
            });
            let report = AttendanceReport::of(rows.collect(), 5, |at| at.date_naive());
            prop_assert!(report.total.adds_up());
            prop_assert!(report.by_day_and_kind.values().all(AttendanceLine::adds_up));
            let lines = report.by_day_and_kind.values();
            prop_assert_eq!(lines.map(|line| line.booked).sum::<u32>(), report.total.booked);
            prop_assert_eq!(usize::try_from(report.total.booked).unwrap(), many);
        }
    }
}
