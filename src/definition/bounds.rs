//! Between which days a date may lie: 1 January 2031 is a day, and nobody's birthday. A bound is an expression of the
//! definition's own language, over `today`, the other answers, and in a table or a group `row`, the fields beside it.
//! One that cannot be worked out, because what it reads is not answered, bounds nothing.

use super::condition::{Answers, Condition};
use super::wrong::Wrong;
use chrono::NaiveDate;
use serde_json::Value as Json;
use startline_foundation::formats::{Language, day_in_words};
use startline_foundation::ids::QuestionId;

/// The local day on which an answer is given, as `"2000-04-03"`.
pub const TODAY: &str = "today";
/// The fields of the row or group in which the day stands.
pub const ROW: &str = "row";

/// The first and the last day that is accepted; open where there is none.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Bounds {
    pub earliest: Option<Condition>,
    pub latest: Option<Condition>,
}

impl Bounds {
    pub fn is_open(&self) -> bool {
        self.earliest.is_none() && self.latest.is_none()
    }

    pub(super) fn conditions_mut(&mut self) -> impl Iterator<Item = &mut Condition> {
        self.earliest.iter_mut().chain(self.latest.iter_mut())
    }

    pub(super) fn check(&self, day: NaiveDate, answers: &Answers) -> Result<(), Wrong> {
        if let Some((bound, earliest)) = bounded(self.earliest.as_ref(), answers)
            && day < earliest
        {
            return Err(too_early(bound, earliest));
        }
        if let Some((bound, latest)) = bounded(self.latest.as_ref(), answers)
            && day > latest
        {
            return Err(too_late(bound, latest, answers));
        }
        Ok(())
    }
}

fn bounded<'b>(bound: Option<&'b Condition>, answers: &Answers) -> Option<(&'b Condition, NaiveDate)> {
    let bound = bound?;
    Some((bound, day_of(&bound.evaluate(answers).ok()?)?))
}

pub(super) fn day_of(value: &Json) -> Option<NaiveDate> {
    NaiveDate::parse_from_str(value.as_str()?, "%Y-%m-%d").ok()
}

/// The other answers that a bound reads, by their questions: what is told names them and never says what they are.
fn others(bound: &Condition) -> Vec<&str> {
    bound.references().iter().map(QuestionId::as_str).filter(|name| *name != TODAY).collect()
}

fn in_both(day: NaiveDate) -> (String, String) {
    (day_in_words(day, Language::English), day_in_words(day, Language::Welsh))
}

fn too_early(bound: &Condition, earliest: NaiveDate) -> Wrong {
    let (en, cy) = in_both(earliest);
    match others(bound).as_slice() {
        [] => Wrong::new(format!("must not be before {en}"), format!("rhaid iddo beidio â bod cyn {cy}")),
        [ROW] => Wrong::new(
            "must not be before the day at which this line begins",
            "rhaid iddo beidio â bod cyn y diwrnod y mae'r llinell hon yn dechrau",
        ),
        names => {
            let names = names.join(", ");
            Wrong::new(
                format!("must not be before what {names} allows: ask which of the two is right"),
                format!("rhaid iddo beidio â bod cyn yr hyn y mae {names} yn ei ganiatáu: gofynnwch pa un sy'n iawn"),
            )
        }
    }
}

fn too_late(bound: &Condition, latest: NaiveDate, answers: &Answers) -> Wrong {
    let (en, cy) = in_both(latest);
    let is_today = answers.get(&QuestionId::new(TODAY)).and_then(day_of) == Some(latest);
    match others(bound).as_slice() {
        [] if is_today => Wrong::new("must not be in the future", "rhaid iddo beidio â bod yn y dyfodol"),
        [] => Wrong::new(format!("must not be after {en}"), format!("rhaid iddo beidio â bod ar ôl {cy}")),
        names => {
            let names = names.join(", ");
            Wrong::new(
                format!("must not be after what {names} allows: ask which of the two is right"),
                format!("rhaid iddo beidio â bod ar ôl yr hyn y mae {names} yn ei ganiatáu: gofynnwch pa un sy'n iawn"),
            )
        }
    }
}
