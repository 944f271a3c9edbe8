//! Whether the days of an answer lie within their bounds.

use super::bounds::{ROW, TODAY, day_of};
use super::condition::Answers;
use super::kind::{Column, Kind};
use super::kind_check::{in_column, in_row};
use super::question::Question;
use super::wrong::Wrong;
use chrono::NaiveDate;
use serde_json::Value as Json;
use startline_foundation::ids::QuestionId;

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
                let here = |wrong: Wrong| in_row(wrong, index);
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
        let here = |wrong: Wrong| in_column(wrong, column);
        column.bounds.check(day, known).map_err(here)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Bounds, Definition};
    use serde_json::json;

    fn told(question: &str, value: Json, others: &[(&str, Json)]) -> Option<String> {
        let definition = Definition::embedded();
        let question = definition.form.question(&QuestionId::new(question)).unwrap();
        let answers = others.iter().map(|(id, value)| (QuestionId::new(id), value.clone())).collect();
        let today = NaiveDate::from_ymd_opt(2026, 3, 3).unwrap();
        let stored = question.kind.check(&value).unwrap();
        question.check_days(&stored, &answers, today).err().map(|wrong| format!("{}{wrong}", wrong.path()))
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
            ".untilUntil which day: must not be before the day at which this line begins"
        );
        let children = json!([{"name": "Ann", "dob": "2020-01-01", "sex": "female"}, {"name": "Bob", "dob": "2031-01-01", "sex": "male"}]);
        assert!(told("D2", children, &[]).unwrap().starts_with("[1].dobrow 2: "));
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
