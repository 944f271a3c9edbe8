//! Where a client's letters go, when they are not to go home: to a friend, a hostel, a refuge. Letters at home may be opened
//! by whom they must not reach, so this address stands on nothing that goes anywhere else.

use super::checking::{Faults, optional};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use startline_foundation::formats::{Postcode, parse_date, plain_text};

/// Who may open the letters, in characters.
const OPENED_BY_CHARS: usize = 120;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LettersAddress {
    pub lines: Vec<String>,
    pub postcode: Postcode,
    /// Who may open them beside the client, in words; empty when nobody else may.
    #[serde(default)]
    pub opened_by: String,
    /// Local days: from the first to the last of them letters go there. Open where there is none.
    #[serde(default)]
    pub from: Option<NaiveDate>,
    #[serde(default)]
    pub until: Option<NaiveDate>,
}

/// As somebody typed it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LettersDraft {
    pub lines: Vec<String>,
    pub postcode: String,
    pub opened_by: String,
    pub from: String,
    pub until: String,
}

impl LettersAddress {
    pub fn holds_on(&self, day: NaiveDate) -> bool {
        self.from.is_none_or(|from| from <= day) && self.until.is_none_or(|until| day <= until)
    }

    /// Whether it began or ended after the one day, up to the other.
    pub fn turned(&self, after: NaiveDate, today: NaiveDate) -> bool {
        let began = self.from.is_some_and(|from| after < from && from <= today);
        began || self.until.is_some_and(|until| after <= until && until < today)
    }
}

impl LettersDraft {
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// None for an empty one, and for one that has faults.
    pub(super) fn check(&self, faults: &mut Faults) -> Option<LettersAddress> {
        if self.is_empty() {
            return None;
        }
        let before = faults.0.len();
        let lines = faults.lines("letters_address.address_lines", &self.lines);
        if lines.is_empty() {
            faults.take::<()>("letters_address.address_lines", Err("is needed: where do letters go?".into()));
        }
        let needed = |text: &str| Postcode::parse(text).map(Some);
        let postcode = faults.take("letters_address.postcode", needed(&self.postcode));
        let opened_by = faults.take("letters_address.opened_by", plain_text(&self.opened_by, OPENED_BY_CHARS));
        let from = faults.take("letters_address.from_date", optional(&self.from, parse_date));
        let until = faults.take("letters_address.until_date", optional(&self.until, parse_date));
        if let (Some(from), Some(until)) = (from, until)
            && until < from
        {
            faults
                .take::<()>("letters_address.until_date", Err("is before the day from which letters go there".into()));
        }
        (faults.0.len() == before).then_some(())?;
        Some(LettersAddress { lines, postcode: postcode?, opened_by, from, until })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clients::{Facts, FactsDraft};
    use chrono::Days;
    use proptest::prelude::*;
    use startline_foundation::error::Error;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn draft() -> LettersDraft {
        LettersDraft {
            lines: vec!["c/o 8 Friend Street".into(), "Bath".into()],
            postcode: "ba1 1aa".into(),
            from: "2026-03-01".into(),
            until: "2026-03-31".into(),
            ..LettersDraft::default()
        }
    }

    fn checked(letters: LettersDraft) -> Result<Facts, Error> {
        let draft = FactsDraft {
            last_name: "Fry".into(),
            address_lines: vec!["1 Example Row".into()],
            postcode: "BA11 1AA".into(),
            letters_address: Some(letters),
            ..FactsDraft::default()
        };
        draft.check("2026-03-03T10:00:00Z".parse().unwrap())
    }

    #[test]
    fn letters_go_there_on_its_days_and_home_on_all_others() {
        let facts = checked(draft()).unwrap();
        let to = |on: &str| facts.post_on(day(on)).1.unwrap().to_string();
        assert_eq!(to("2026-02-28"), "BA11 1AA");
        assert_eq!((to("2026-03-01"), to("2026-03-31")), ("BA1 1AA".to_owned(), "BA1 1AA".to_owned()));
        assert_eq!(to("2026-04-01"), "BA11 1AA");
        assert_eq!(checked(LettersDraft::default()).unwrap().letters_address, None);
    }

    proptest! {
        /// Day by day, as somebody would look.
        #[test]
        fn it_turned_when_letters_go_elsewhere_than_the_day_before(
            from in proptest::option::of(0_u64..20), long in proptest::option::of(0_u64..10),
            after in 0_u64..20, days in 0_u64..20,
        ) {
            let on = |number: u64| day("2026-03-01") + Days::new(number);
            let until = long.map(|long| on(from.unwrap_or(5) + long));
            let letters = checked(draft()).unwrap().letters_address.unwrap();
            let letters = LettersAddress { from: from.map(on), until, ..letters };
            let turns = |number: u64| letters.holds_on(on(number)) != letters.holds_on(on(number - 1));
            prop_assert_eq!(letters.turned(on(after), on(after + days)), (after + 1..=after + days).any(turns));
        }
    }

    #[test]
    fn it_is_whole_or_it_is_refused() {
        let fields = |letters: LettersDraft| match checked(letters) {
            Err(Error::Invalid(faults)) => faults.into_iter().map(|fault| fault.field).collect::<Vec<_>>(),
            other => panic!("{other:?}"),
        };
        assert_eq!(fields(LettersDraft { postcode: String::new(), ..draft() }), ["facts.letters_address.postcode"]);
        assert_eq!(fields(LettersDraft { lines: Vec::new(), ..draft() }), ["facts.letters_address.address_lines"]);
        let backwards = LettersDraft { until: "2026-02-01".into(), ..draft() };
        assert_eq!(fields(backwards), ["facts.letters_address.until_date"]);
        let six = LettersDraft { lines: vec!["a line".into(); 6], ..draft() };
        assert_eq!(fields(six), ["facts.letters_address.address_lines"]);
    }
}
