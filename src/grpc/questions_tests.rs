//! What the protos say of the shape of an answer is what the form takes and gives back: their comments are read, and each
//! value that stands in one is put to its kind.

use super::*;
use crate::manual::Comments;
use serde_json::{Value as Json, json};

fn column(id: &str, kind: Kind) -> Column {
    Column { id: id.into(), label: Text::english(id), kind, required: false, bounds: Bounds::default() }
}

/// A question of each kind that its comment can speak of.
fn kinds() -> Vec<Kind> {
    let options = || ["a", "b"].map(|id| Choice { id: id.into(), label: Text::english(id) }).to_vec();
    let columns = || vec![column("name", Kind::Text { max_chars: 20 })];
    vec![
        Kind::Text { max_chars: 60 },
        Kind::LongText { max_chars: 60 },
        Kind::YesNo,
        Kind::Choice(options()),
        Kind::Multi(options()),
        Kind::Date,
        Kind::Money { with_period: false },
        Kind::Money { with_period: true },
        Kind::Number { min: 0, max: 9 },
        Kind::Hours,
        Kind::Nino,
        Kind::Postcode,
        Kind::Address,
        Kind::Phone,
        Kind::Bank,
        Kind::Table { columns: columns(), min_rows: 0, max_rows: 3 },
        Kind::Group { fields: columns() },
        Kind::Flag,
        Kind::Paper(Paper::Signature),
        Kind::Paper(Paper::Consent),
        Kind::Paper(Paper::Amendments),
        Kind::Paper(Paper::Stamp),
    ]
}

/// The values in a comment: what stands between backticks and is JSON, but for the words of fields.
fn values(comment: &str) -> Vec<Json> {
    comment.split('`').skip(1).step_by(2).filter_map(|text| serde_json::from_str(text).ok()).collect()
}

#[test]
fn each_value_that_a_comment_shows_is_taken_and_the_first_is_what_comes_back() {
    let comments = Comments::read();
    for kind in kinds() {
        let name = answer_kind(&kind).as_str_name();
        let comment = comments.of_enum_value("AnswerKind", name);
        let has_period = |value: &Json| value.get("period").is_some();
        let shown: Vec<Json> = values(&comment)
            .into_iter()
            .filter(|value| {
                !matches!(kind, Kind::Money { .. }) || {
                    has_period(value) == matches!(kind, Kind::Money { with_period: true })
                }
            })
            .collect();
        if matches!(kind, Kind::Paper(_)) {
            assert!(shown.is_empty() && comment.starts_with("Nothing: "), "{name}: {comment}");
            assert!(kind.check(&json!("x")).is_err());
            continue;
        }
        assert!(!shown.is_empty(), "{name} shows no value: {comment}");
        assert_eq!(kind.check(&shown[0]).as_ref(), Ok(&shown[0]), "{name} does not come back as it is said to");
        for value in &shown {
            let stored = kind.check(value).unwrap_or_else(|wrong| panic!("{name} refuses {value}: {wrong}"));
            assert_eq!(kind.check(&stored).as_ref(), Ok(&stored), "{name}");
        }
    }
}

#[test]
fn every_kind_of_answer_is_told_in_a_comment() {
    let comments = Comments::read();
    let told: Vec<i32> = kinds().iter().map(|kind| answer_kind(kind).into()).collect();
    for number in 1..=22 {
        let kind = pb::AnswerKind::try_from(number).unwrap();
        assert!(!comments.of_enum_value("AnswerKind", kind.as_str_name()).is_empty());
        let worked_out = kind == pb::AnswerKind::Computed;
        assert!(worked_out || told.contains(&number), "{kind:?} is put to no kind of ours");
    }
    assert!(pb::AnswerKind::try_from(23).is_err());
}
