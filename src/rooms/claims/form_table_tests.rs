//! The pilot's form against a table written by hand from the paper form: when each question is asked, of whom it must be
//! answered, and which agencies it reaches.

use super::agency;
use super::view::{self, Evaluated};
use serde::Deserialize;
use serde_json::Value;
use startline_definition::{Answers, Definition, Required};
use startline_foundation::ids::QuestionId;
use std::collections::BTreeMap;

const TABLE: &str = include_str!("../../../tests/data/form_table.yaml");

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    id: String,
    agencies: Vec<String>,
    benefits: Benefits,
    required: MustAnswer,
    asked: Vec<BTreeMap<String, Value>>,
    not_asked: Vec<BTreeMap<String, Value>>,
}

/// `ALL`, or a list.
#[derive(Deserialize)]
#[serde(untagged)]
enum Benefits {
    All(String),
    Only(Vec<String>),
}

/// `true`, `false`, or `unless B7`.
#[derive(Deserialize)]
#[serde(untagged)]
enum MustAnswer {
    Plain(bool),
    Unless(String),
}

fn table() -> Vec<Row> {
    serde_saphyr::from_str(TABLE).unwrap_or_else(|fault| panic!("{fault}"))
}

fn answers(set: &BTreeMap<String, Value>) -> Answers {
    set.iter().map(|(id, value)| (QuestionId::new(id), value.clone())).collect()
}

/// Whether a question is asked, or an evidence line applies.
fn is_asked(definition: &Definition, evaluated: &Evaluated, id: &str) -> bool {
    match definition.form.question(&QuestionId::new(id)) {
        Some(question) => evaluated.is_asked(question),
        None => view::evidence_of(&definition.form, evaluated).iter().any(|line| line.id == id),
    }
}

fn reaches(definition: &Definition, evaluated: &Evaluated, agency: &str, id: &str) -> bool {
    let mut questions =
        agency::sections(definition, evaluated, agency).into_iter().flat_map(|(_, _, questions)| questions);
    let evidence = view::evidence_of(&definition.form, evaluated);
    questions.any(|question| question.id.as_str() == id)
        || evidence.iter().any(|line| line.id == id && line.agencies.iter().any(|name| name == agency))
}

#[test]
fn the_table_has_every_question_of_the_form_in_its_order() {
    let definition = Definition::embedded();
    let mut ids: Vec<String> = definition.form.questions().map(|question| question.id.to_string()).collect();
    let declaration = ids.iter().position(|id| id == "V1").unwrap_or_else(|| panic!("there is no V1"));
    ids.splice(declaration..declaration, definition.form.evidence.iter().map(|rule| rule.id.clone()));
    let listed: Vec<String> = table().into_iter().map(|row| row.id).collect();
    assert_eq!(listed, ids);
    assert_eq!(listed.len(), 212);
}

#[test]
fn each_question_is_asked_when_the_paper_form_asks_it_and_reaches_the_agencies_it_names() {
    let definition = Definition::embedded();
    let mut wrong = Vec::new();
    let mut tried = 0;
    for row in table() {
        for (sets, expected) in [(&row.asked, true), (&row.not_asked, false)] {
            for set in sets {
                tried += 1;
                for (id, value) in set {
                    let question = definition.form.question(&QuestionId::new(id));
                    let kind = question.map(|question| &question.kind);
                    let stored = kind.map(|kind| kind.check(value).map_err(|wrong| wrong.to_string()));
                    if stored.as_ref() != Some(&Ok(value.clone())) {
                        wrong.push(format!("{}: {id} is given as {value}, stored as {stored:?}", row.id));
                    }
                }
                let evaluated = view::evaluate(&definition.form, &answers(set));
                if is_asked(&definition, &evaluated, &row.id) != expected {
                    wrong.push(format!("{} should {} be asked: {set:?}", row.id, if expected { "" } else { "not" }));
                }
                for agency in ["BA", "ES", "LA"] {
                    let should = expected && row.agencies.iter().any(|name| name == agency);
                    if reaches(&definition, &evaluated, agency, &row.id) != should {
                        wrong.push(format!(
                            "{} should {} reach {agency}: {set:?}",
                            row.id,
                            if should { "" } else { "not" }
                        ));
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(tried > 800, "the table tries each side of each condition");
}

#[test]
fn each_question_serves_the_benefits_and_must_be_answered_as_the_paper_form_says() {
    let definition = Definition::embedded();
    for row in table() {
        let id = QuestionId::new(&row.id);
        let rule = definition.form.evidence.iter().find(|rule| rule.id == row.id);
        let Some(benefits) = definition.form.question(&id).map(|q| &q.benefits).or(rule.map(|rule| &rule.benefits))
        else {
            panic!("the form has no {id}");
        };
        let every = definition.service.benefits.iter().map(|benefit| benefit.id.as_str());
        for benefit in every {
            let serves = match &row.benefits {
                Benefits::All(all) => all == "ALL",
                Benefits::Only(only) => only.iter().any(|one| one == benefit),
            };
            assert_eq!(benefits.serve(&[benefit]), serves, "{id} and {benefit}");
        }
        let Some(question) = definition.form.question(&id) else { continue };
        match (&row.required, &question.required) {
            (MustAnswer::Plain(true), Required::Always) | (MustAnswer::Plain(false), Required::Never) => {}
            (MustAnswer::Unless(other), Required::When(condition)) => {
                let other = other.trim_start_matches("unless ");
                assert_eq!(condition.source(), format!("!answered({other})"), "{id}");
            }
            (_, found) => panic!("{id} is required {found:?}"),
        }
    }
}
