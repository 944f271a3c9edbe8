//! What a printer's own count of a finished job says. Pure.
//!
//! Printers count in sides or in sheets, call either by the name of the other, or do not count at all. A count that can be
//! that of the whole job is taken for it; one that cannot is told to a person.

use super::device::JobView;

/// What should have come out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Expected {
    /// Of one copy.
    pub pages: u32,
    pub copies: u32,
    pub duplex: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Count {
    /// All of it, in pages; none where the printer does not count.
    Whole(Option<u32>),
    Short(u32),
    Over(u32),
}

impl Expected {
    pub fn impressions(&self) -> u32 {
        self.pages.saturating_mul(self.copies)
    }

    fn sheets(&self) -> u32 {
        let one = if self.duplex { self.pages.div_ceil(2) } else { self.pages };
        one.saturating_mul(self.copies)
    }

    /// With the blank backs of odd last pages, which some printers count.
    fn most_impressions(&self) -> u32 {
        if self.duplex { self.sheets().saturating_mul(2) } else { self.impressions() }
    }
}

/// `must` when the printer is known to count, so that zero is a count too.
pub fn count(job: &JobView, expected: Expected, must: bool) -> Count {
    let above_zero = |number: Option<u32>| number.filter(|number| *number > 0);
    let (wanted, all) = (expected.sheets(), expected.impressions());
    match (above_zero(job.impressions), above_zero(job.sheets)) {
        (None, None) if must => Count::Short(0),
        (None, None) => Count::Whole(None),
        (Some(sides), _) if sides > expected.most_impressions() => Count::Over(sides),
        (Some(sides), _) if sides >= all => Count::Whole(Some(all)),
        // The two differ, so the one counts sides and too few of them.
        (Some(sides), Some(sheets)) if sides != sheets => Count::Short(sides),
        // Sheets, by whatever name.
        (Some(number), _) | (None, Some(number)) if expected.duplex => match number {
            _ if number > all => Count::Over(number),
            // Whole, if on one side only.
            _ if number == wanted || number == all => Count::Whole(Some(all)),
            _ if number > wanted => Count::Short(number),
            _ => Count::Short(number.saturating_mul(2).min(all)),
        },
        (Some(number), _) => Count::Short(number),
        (None, Some(sheets)) if sheets > all => Count::Over(sheets),
        (None, Some(sheets)) if sheets == all => Count::Whole(Some(all)),
        (None, Some(sheets)) => Count::Short(sheets),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::device::JobState;
    use crate::fakes::view;

    const ONE_SIDED: Expected = Expected { pages: 5, copies: 1, duplex: false };
    const DUPLEX: Expected = Expected { pages: 5, copies: 1, duplex: true };

    fn of(impressions: u32, sheets: u32, expected: Expected) -> Count {
        let job = JobView { impressions: Some(impressions), sheets: Some(sheets), ..view("job", JobState::Completed) };
        count(&job, expected, false)
    }

    #[test]
    fn whatever_can_be_the_count_of_the_whole_job_is_taken_for_it() {
        assert_eq!(of(5, 5, ONE_SIDED), Count::Whole(Some(5)));
        assert_eq!(of(5, 0, ONE_SIDED), Count::Whole(Some(5)));
        assert_eq!(of(0, 5, ONE_SIDED), Count::Whole(Some(5)));
        assert_eq!(of(5, 3, DUPLEX), Count::Whole(Some(5)), "sides and sheets");
        assert_eq!(of(6, 3, DUPLEX), Count::Whole(Some(5)), "the blank back of the last");
        assert_eq!(of(3, 3, DUPLEX), Count::Whole(Some(5)), "sheets under both names");
        assert_eq!(of(3, 0, DUPLEX), Count::Whole(Some(5)), "sheets under the name of sides");
        assert_eq!(of(0, 3, DUPLEX), Count::Whole(Some(5)), "sheets only");
        assert_eq!(of(0, 5, DUPLEX), Count::Whole(Some(5)), "on one side, whatever was asked");
        assert_eq!(of(10, 6, Expected { copies: 2, ..DUPLEX }), Count::Whole(Some(10)));
    }

    #[test]
    fn a_count_that_cannot_be_that_of_the_whole_job_is_not() {
        assert_eq!(of(3, 3, ONE_SIDED), Count::Short(3));
        assert_eq!(of(0, 4, ONE_SIDED), Count::Short(4));
        assert_eq!(of(4, 2, DUPLEX), Count::Short(4));
        assert_eq!(of(2, 0, DUPLEX), Count::Short(4));
        assert_eq!(of(5, 3, Expected { copies: 2, ..DUPLEX }), Count::Short(5));
        assert_eq!(of(6, 6, ONE_SIDED), Count::Over(6));
        assert_eq!(of(7, 4, DUPLEX), Count::Over(7));
        assert_eq!(of(0, 6, ONE_SIDED), Count::Over(6));
        assert_eq!(of(0, 6, DUPLEX), Count::Over(6));
        assert_eq!(of(0, 4, DUPLEX), Count::Short(4));
    }

    #[test]
    fn a_printer_that_counts_nothing_is_believed_only_when_it_never_counts() {
        let silent = view("job", JobState::Completed);
        assert_eq!(count(&silent, DUPLEX, false), Count::Whole(None));
        assert_eq!(count(&silent, DUPLEX, true), Count::Short(0));
        assert_eq!(of(0, 0, DUPLEX), Count::Whole(None));
    }
}
