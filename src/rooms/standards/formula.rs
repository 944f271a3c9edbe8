//! The one formula of lead times: how many, the percentiles by nearest rank, the share within the standard. Pure.

/// One wait, as the site counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lead {
    /// In opening hours.
    pub working_minutes: u32,
    /// From local day to local day.
    pub calendar_days: u32,
    /// Working days after the first day, the last included: what the standard counts.
    pub working_days: u32,
}

#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct LeadTime {
    pub count: u32,
    pub p50_working_minutes: u32,
    pub p90_working_minutes: u32,
    pub p50_calendar_days: u32,
    pub p90_calendar_days: u32,
    pub within_standard: u32,
    /// Of these, within the days that are aimed at.
    pub within_aim: u32,
}

impl LeadTime {
    pub fn of(leads: Vec<Lead>, standard_working_days: u32, aim_working_days: u32) -> Self {
        let (mut minutes, mut days) = (Vec::with_capacity(leads.len()), Vec::with_capacity(leads.len()));
        let (mut within_standard, mut within_aim) = (0, 0);
        for lead in &leads {
            minutes.push(lead.working_minutes);
            days.push(lead.calendar_days);
            within_standard += u32::from(lead.working_days <= standard_working_days);
            within_aim += u32::from(lead.working_days <= aim_working_days.min(standard_working_days));
        }
        minutes.sort_unstable();
        days.sort_unstable();
        Self {
            count: u32::try_from(leads.len()).unwrap_or(u32::MAX),
            p50_working_minutes: nearest_rank(&minutes, 50),
            p90_working_minutes: nearest_rank(&minutes, 90),
            p50_calendar_days: nearest_rank(&days, 50),
            p90_calendar_days: nearest_rank(&days, 90),
            within_standard,
            within_aim,
        }
    }

    /// Of the count, from 0 to 1; 0 when nothing was counted.
    pub fn share(&self) -> f64 {
        self.share_of(self.within_standard)
    }

    /// The same within the days that are aimed at.
    pub fn share_within_aim(&self) -> f64 {
        self.share_of(self.within_aim)
    }

    fn share_of(&self, some: u32) -> f64 {
        if self.count == 0 { 0.0 } else { f64::from(some) / f64::from(self.count) }
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
    use proptest::prelude::*;

    proptest! {
        /// Against the definition: the least value that is at least as great as so many in a hundred of them.
        #[test]
        fn a_percentile_is_the_least_value_that_enough_do_not_exceed(
            values in prop::collection::vec(0..500_u32, 1..60), standard in 0..10_u32, aim in 0..10_u32
        ) {
            let lead = |value: &u32| Lead { working_minutes: *value, calendar_days: value / 7, working_days: value % 12 };
            let told = LeadTime::of(values.iter().map(lead).collect(), standard, aim);
            let naive = |values: &[u32], percent: usize| {
                let enough = |v: &&u32| values.iter().filter(|other| other <= v).count() * 100 >= percent * values.len();
                values.iter().filter(enough).min().copied().unwrap()
            };
            let days: Vec<u32> = values.iter().map(|value| value / 7).collect();
            prop_assert_eq!(told.p50_working_minutes, naive(&values, 50));
            prop_assert_eq!(told.p90_working_minutes, naive(&values, 90));
            prop_assert_eq!((told.p50_calendar_days, told.p90_calendar_days), (naive(&days, 50), naive(&days, 90)));
            let within = values.iter().filter(|value| **value % 12 <= standard).count();
            prop_assert_eq!(told.within_standard as usize, within);
            let aimed = values.iter().filter(|value| **value % 12 <= standard && **value % 12 <= aim).count();
            prop_assert_eq!(told.within_aim as usize, aimed);
            prop_assert!((told.share() - within as f64 / values.len() as f64).abs() < 1e-12);
        }
    }

    #[test]
    fn nothing_counted_is_nothing() {
        let none = LeadTime::of(Vec::new(), 5, 3);
        assert_eq!(none, LeadTime::default());
        assert!(none.share().abs() < f64::EPSILON);
    }
}
