//! The one formula of how long checks took: how many, the percentiles by nearest rank, the share within what is aimed at. Pure.

use super::check::minutes;
use chrono::{DateTime, Utc};

/// A client who came, and when their claim was said to be complete.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CheckTime {
    /// None where nobody recorded it.
    pub arrived_at: Option<DateTime<Utc>>,
    pub completed_at: Option<DateTime<Utc>>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct CheckFigures {
    /// Whose arrival is known; but for those who may still be checked in time.
    pub count: u32,
    pub complete: u32,
    pub p50_minutes: u32,
    pub p90_minutes: u32,
    pub within_aim: u32,
    pub arrival_unknown: u32,
}

impl CheckFigures {
    pub fn of(times: &[CheckTime], aim_minutes: u32, now: DateTime<Utc>) -> Self {
        let (mut figures, mut took) = (Self::default(), Vec::with_capacity(times.len()));
        for time in times {
            match (time.arrived_at, time.completed_at) {
                (None, _) => figures.arrival_unknown += 1,
                (Some(arrived), Some(completed)) => {
                    figures.count += 1;
                    took.push(minutes(arrived, completed));
                }
                (Some(arrived), None) => figures.count += u32::from(minutes(arrived, now) >= aim_minutes),
            }
        }
        took.sort_unstable();
        figures.complete = u32::try_from(took.len()).unwrap_or(u32::MAX);
        figures.within_aim = took.iter().map(|minutes| u32::from(*minutes <= aim_minutes)).sum();
        figures.p50_minutes = nearest_rank(&took, 50);
        figures.p90_minutes = nearest_rank(&took, 90);
        figures
    }

    /// Of the count, from 0 to 1; 0 when nothing was counted.
    pub fn share_within_aim(&self) -> f64 {
        if self.count == 0 { 0.0 } else { f64::from(self.within_aim) / f64::from(self.count) }
    }
}

/// The smallest of the sorted values that at least so many in a hundred do not exceed; 0 of none.
fn nearest_rank(sorted: &[u32], percent: usize) -> u32 {
    let rank = (sorted.len() * percent).div_ceil(100);
    sorted.get(rank.saturating_sub(1)).copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;
    use proptest::prelude::*;

    proptest! {
        /// Against the definition, for clients who came at whatever moment, were checked or not, and whose arrival nobody
        /// recorded.
        #[test]
        fn how_long_checks_took_is_counted_by_the_definition(
            clients in prop::collection::vec((0..600_i64, prop::option::of(0..120_i64), any::<bool>()), 0..60),
            aim in 1..40_u32, passed in 0..700_i64
        ) {
            let start: DateTime<Utc> = "2026-03-03T09:00:00Z".parse().unwrap();
            let now = start + TimeDelta::minutes(passed);
            let time = |(came, took, is_known): &(i64, Option<i64>, bool)| {
                let arrived = start + TimeDelta::minutes(*came);
                // Some seconds are no minute.
                let completed_at = took.map(|took| arrived + TimeDelta::minutes(took) + TimeDelta::seconds(took % 60));
                CheckTime { arrived_at: is_known.then_some(arrived), completed_at }
            };
            let told = CheckFigures::of(&clients.iter().map(time).collect::<Vec<_>>(), aim, now);
            let known = || clients.iter().filter(|(.., is_known)| *is_known);
            let took: Vec<i64> = known().filter_map(|(_, took, _)| *took).collect();
            let given_up = known().filter(|(came, took, _)| took.is_none() && passed - came >= i64::from(aim)).count();
            let naive = |percent: usize| {
                let enough = |v: &&i64| took.iter().filter(|other| other <= v).count() * 100 >= percent * took.len();
                took.iter().filter(enough).min().copied().unwrap_or(0)
            };
            prop_assert_eq!((told.count as usize, told.complete as usize), (took.len() + given_up, took.len()));
            prop_assert_eq!((i64::from(told.p50_minutes), i64::from(told.p90_minutes)), (naive(50), naive(90)));
            let within = took.iter().filter(|took| **took <= i64::from(aim)).count();
            prop_assert_eq!(told.within_aim as usize, within);
            prop_assert_eq!(told.arrival_unknown as usize, clients.len() - known().count());
            let share = if told.count == 0 { 0.0 } else { within as f64 / f64::from(told.count) };
            prop_assert!((told.share_within_aim() - share).abs() < 1e-12);
        }
    }

    #[test]
    fn nothing_counted_is_nothing() {
        let now: DateTime<Utc> = "2026-03-03T09:00:00Z".parse().unwrap();
        assert_eq!(CheckFigures::of(&[], 10, now), CheckFigures::default());
        let just_came = CheckTime { arrived_at: Some(now - TimeDelta::minutes(9)), completed_at: None };
        assert_eq!(CheckFigures::of(&[just_came], 10, now), CheckFigures::default());
    }
}
