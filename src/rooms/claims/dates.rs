//! From which day a claim counts. Pure, and all on local days.
//!
//! A claim made properly within a period of the first contact counts from the first contact, or from the later day the
//! client wants (rule C6). After it, it counts from the day it is handed over. An earlier day needs a reason, and has a
//! limit of its own (rule C7). The council's benefits have periods of their own. The periods are settings; whether they
//! are right is for an expert on benefits to say.

use chrono::{Days, Months, NaiveDate};
use startline_definition::Settings;

/// The periods of one benefit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Periods {
    /// So many days after the first contact it still protects.
    pub protects_days: u32,
    pub back: Back,
}

/// How far back a claim with a reason may go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Back {
    Months(u32),
    Weeks(u32),
}

/// The dates of one benefit in one claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dates {
    /// From which day the claim counts; while it is not handed over, from which it would if it were handed over today.
    pub counts_from: NaiveDate,
    /// The last day on which handing over keeps the day of first contact.
    pub protected_until: NaiveDate,
    /// The earliest day that can be asked for with a reason.
    pub earliest_with_reason: NaiveDate,
    /// Whether the first contact protects the date.
    pub is_protected: bool,
}

impl Periods {
    pub fn of(settings: &Settings, council: bool) -> Self {
        if council {
            Self {
                protects_days: settings.first_contact_protects_council_days,
                back: Back::Weeks(settings.backdate_council_weeks),
            }
        } else {
            Self { protects_days: settings.first_contact_protects_days, back: Back::Months(settings.backdate_months) }
        }
    }

    /// The same of a claim that stood closed for so many days by a decision that was taken back.
    pub fn stood_closed(self, days: u32) -> Self {
        Self { protects_days: self.protects_days.saturating_add(days), ..self }
    }

    /// `wanted` is the day the client wants to claim from, `made_on` the day the claim was handed over, or today.
    pub fn dates(self, first_contact: NaiveDate, wanted: Option<NaiveDate>, made_on: NaiveDate) -> Dates {
        let protected_until =
            first_contact.checked_add_days(Days::new(self.protects_days.into())).unwrap_or(NaiveDate::MAX);
        let is_protected = made_on <= protected_until;
        let first = if is_protected { first_contact } else { made_on };
        let counts_from = wanted.map_or(first, |wanted| wanted.max(first));
        let back = match self.back {
            Back::Months(months) => first.checked_sub_months(Months::new(months)),
            Back::Weeks(weeks) => first.checked_sub_days(Days::new(u64::from(weeks) * 7)),
        };
        let earliest_with_reason = back.unwrap_or(NaiveDate::MIN);
        Dates { counts_from, protected_until, earliest_with_reason, is_protected }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::Datelike;
    use proptest::prelude::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    const OTHERS: Periods = Periods { protects_days: 31, back: Back::Months(3) };
    const COUNCIL: Periods = Periods { protects_days: 28, back: Back::Weeks(52) };

    #[test]
    fn a_claim_on_the_last_protected_day_counts_from_first_contact_and_a_day_later_it_does_not() {
        let first = day("2026-03-03");
        let dates = OTHERS.dates(first, None, day("2026-04-03"));
        assert_eq!((dates.counts_from, dates.protected_until), (first, day("2026-04-03")));
        let late = OTHERS.dates(first, None, day("2026-04-04"));
        assert_eq!((late.counts_from, late.is_protected), (day("2026-04-04"), false));
        let council = COUNCIL.dates(first, None, day("2026-04-03"));
        assert_eq!((council.counts_from, council.protected_until), (day("2026-04-03"), day("2026-03-31")));
    }

    #[test]
    fn a_later_day_that_the_client_wants_is_kept_and_an_earlier_one_needs_a_reason() {
        let first = day("2026-05-31");
        let later = OTHERS.dates(first, Some(day("2026-06-05")), day("2026-06-03"));
        assert_eq!(later.counts_from, day("2026-06-05"));
        let earlier = OTHERS.dates(first, Some(day("2026-05-01")), day("2026-06-03"));
        assert_eq!(earlier.counts_from, first);
        // The last of May less three months: February has no 31st.
        assert_eq!(earlier.earliest_with_reason, day("2026-02-28"));
        assert_eq!(COUNCIL.dates(first, None, first).earliest_with_reason, day("2025-06-01"));
    }

    /// Day by day, as somebody would count on a wall calendar.
    fn walked(from: NaiveDate, days: u32, forward: bool) -> NaiveDate {
        let step = |day: NaiveDate| if forward { day.succ_opt().unwrap() } else { day.pred_opt().unwrap() };
        (0..days).fold(from, |day, _| step(day))
    }

    /// The same day of the month that many months before, or the last there is.
    fn months_before(from: NaiveDate, months: u32) -> NaiveDate {
        let (mut year, mut month) = (from.year(), from.month());
        for _ in 0..months {
            (year, month) = if month == 1 { (year - 1, 12) } else { (year, month - 1) };
        }
        (1..=from.day()).rev().find_map(|day| NaiveDate::from_ymd_opt(year, month, day)).unwrap()
    }

    proptest! {
        #[test]
        fn the_dates_are_those_counted_on_a_wall_calendar(
            start in 0..4_000_u32, wanted in prop::option::of(-400..400_i32), made in 0..120_u32,
            protects_days in 1..60_u32, span in 0..14_u32, weeks: bool,
        ) {
            let first = walked(day("2020-01-01"), start, true);
            let wanted = wanted.map(|days| walked(first, days.unsigned_abs(), days > 0));
            let made_on = walked(first, made, true);
            let back = if weeks { Back::Weeks(span) } else { Back::Months(span) };
            let dates = Periods { protects_days, back }.dates(first, wanted, made_on);

            prop_assert_eq!(dates.protected_until, walked(first, protects_days, true));
            let base = if made <= protects_days { first } else { made_on };
            let expected = match wanted { Some(wanted) if wanted > base => wanted, _ => base };
            prop_assert_eq!(dates.counts_from, expected);
            let earliest = if weeks { walked(base, span * 7, false) } else { months_before(base, span) };
            prop_assert_eq!(dates.earliest_with_reason, earliest);
            prop_assert_eq!(dates.is_protected, made <= protects_days);
        }
    }
}
