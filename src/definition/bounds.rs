//! Between which days a date may lie: 1 January 2031 is a day, and nobody's birthday. A bound is an expression of the
//! definition's own language, over `today`, the other answers, and in a table or a group `row`, the fields beside it.
//! One that cannot be worked out, because what it reads is not answered, bounds nothing.

use super::condition::{Answers, Condition};
use super::kind::{Column, Kind};
use super::question::Question;
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

    fn check(&self, day: NaiveDate, answers: &Answers) -> Result<(), Wrong> {
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

impl Question {
    /// Whether its answer has a day that is bounded.
    pub fn has_bounds(&self) -> bool {
        !self.bounds.is_open() || columns(&self.kind).iter().any(|column| !column.bounds.is_open())
    }

    /// Whether each day in an answer, as it is stored, lies within its bounds. `answers` are all the others.
    ///
    /// # Errors
    /// What would be right, without repeating what was given.
    pub fn check_days(&self, value: &Json, answers: &Answers, today: NaiveDate) -> Result<(), Wrong> {
        if !self.has_bounds() {
            return Ok(());
        }
        let mut known = answers.clone();
        known.insert(QuestionId::new(TODAY), Json::from(today.to_string()));
        if let Some(day) = day_of(value) {
            self.bounds.check(day, &known)?;
        }
        match value {
            Json::Array(rows) => rows.iter().enumerate().try_for_each(|(index, row)| {
                let number = index + 1;
                let here = |wrong: Wrong| wrong.within(&format!("row {number}"), &format!("rhes {number}"));
                check_row(columns(&self.kind), row, &mut known).map_err(here)
            }),
            row @ Json::Object(_) => check_row(columns(&self.kind), row, &mut known),
            _ => Ok(()),
        }
    }
}

fn columns(kind: &Kind) -> &[Column] {
    match kind {
        Kind::Table { columns, .. } | Kind::Group { fields: columns } => columns,
        _ => &[],
    }
}

fn check_row(columns: &[Column], row: &Json, known: &mut Answers) -> Result<(), Wrong> {
    known.insert(QuestionId::new(ROW), row.clone());
    for column in columns.iter().filter(|column| !column.bounds.is_open()) {
        let Some(day) = row.get(&column.id).and_then(day_of) else { continue };
        let here = |wrong: Wrong| wrong.within(&column.label.en, column.label.cy.as_ref().unwrap_or(&column.label.en));
        column.bounds.check(day, known).map_err(here)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Definition;
    use serde_json::json;

    fn told(question: &str, value: Json, others: &[(&str, Json)]) -> Option<String> {
        let definition = Definition::embedded();
        let question = definition.form.question(&QuestionId::new(question)).unwrap();
        let answers = others.iter().map(|(id, value)| (QuestionId::new(id), value.clone())).collect();
        let today = NaiveDate::from_ymd_opt(2026, 3, 3).unwrap();
        let stored = question.kind.check(&value).unwrap();
        question.check_days(&stored, &answers, today).err().map(|wrong| wrong.to_string())
    }

    #[test]
    fn a_birthday_is_that_of_somebody_alive_who_can_claim() {
        for wrong in ["2031-01-01", "1880-01-01", "2199-12-31", "2026-03-01"] {
            assert!(told("B5", json!(wrong), &[]).is_some(), "{wrong}");
            assert!(told("C4", json!(wrong), &[]).is_some(), "{wrong}");
        }
        assert_eq!(told("B5", json!("1971-04-23"), &[]), None);
        assert_eq!(told("B5", json!("1880-01-01"), &[]).unwrap(), "must not be before 3 March 1906");
    }

    #[test]
    fn a_day_is_held_against_other_answers_and_against_its_own_row() {
        let born = [("B5", json!("1971-04-23"))];
        assert!(told("B10", json!("1970-01-01"), &born).unwrap().contains("B5"));
        assert_eq!(told("B10", json!("1970-01-01"), &[]), None, "without B5 only a lifetime bounds it");
        assert_eq!(told("B10", json!("2026-03-04"), &born).unwrap(), "must not be in the future");
        let letters = json!({"address": "8 Friend Street\nBath", "postcode": "BA1 1AA", "from": "2026-03-10", "until": "2026-03-01"});
        assert_eq!(
            told("B12", letters, &[]).unwrap(),
            "Until which day: must not be before the day at which this line begins"
        );
        let children = json!([{"name": "Ann", "dob": "2020-01-01", "sex": "female"}, {"name": "Bob", "dob": "2031-01-01", "sex": "male"}]);
        assert!(told("D2", children, &[]).unwrap().starts_with("row 2: "));
    }

    #[test]
    fn every_day_that_the_pilot_asks_for_is_bounded_on_both_sides() {
        let definition = Definition::embedded();
        let whole = |bounds: &Bounds| bounds.earliest.is_some() && bounds.latest.is_some();
        let asked = definition.form.questions().chain(definition.scripts.iter().flat_map(|script| script.questions()));
        for question in asked.filter(|question| question.fills.is_none()) {
            assert!(question.kind != Kind::Date || whole(&question.bounds), "{}", question.id);
            for column in columns(&question.kind).iter().filter(|column| column.kind == Kind::Date) {
                assert!(whole(&column.bounds), "{}.{}", question.id, column.id);
            }
        }
    }
}
