//! The form in words: each question with the box that suits its kind, and what was said in it.

use crate::content::{Answer, Choice, EvidenceLine, FormContent, FormPart, FormQuestion, GroupField, PartName, Said};
use crate::words::Writer;
use serde_json::{Value, json};
use startline_definition::{Column, Definition, Kind, Paper, Part, Question};
use startline_foundation::ids::QuestionId;
use startline_rooms::claims;
use std::collections::BTreeSet;

/// Empty rows under those of a table, to write in.
const EMPTY_ROWS: u8 = 2;
/// Lines of an empty box for longer text.
const LONG_TEXT_LINES: u8 = 4;
const ADDRESS_LINES: u8 = 4;

pub fn evidence(writer: &Writer<'_>, definition: &Definition, evaluated: &claims::Evaluated) -> Vec<EvidenceLine> {
    let lines = claims::evidence_of(&definition.form, evaluated);
    lines.iter().map(|line| evidence_line(writer, line)).collect()
}

pub fn evidence_line(writer: &Writer<'_>, line: &claims::EvidenceLine) -> EvidenceLine {
    EvidenceLine {
        item: writer.text(&line.label),
        reason: writer.text(&line.reason),
        substitutes: line.substitutes.as_ref().map(|text| writer.text(text)),
    }
}

/// The client's own form: every part that applies, without what is for the adviser's eyes or marked as not printed.
pub fn form(
    writer: &Writer<'_>,
    definition: &Definition,
    evaluated: &claims::Evaluated,
    withheld: &BTreeSet<QuestionId>,
    (stood_on, revision): (Said, u32),
) -> FormContent {
    let is_for_client = |question: &Question| question.is_printed() && !withheld.contains(&question.id);
    let parts = claims::asked_parts(&definition.form, evaluated).into_iter().filter_map(|(part, questions)| {
        let for_client = questions.into_iter().filter(|question| is_for_client(question));
        let questions: Vec<_> =
            for_client.filter_map(|question| printed(writer, question, question.answer(&evaluated.answers))).collect();
        // A part's guidance is for the adviser's eyes.
        (!questions.is_empty()).then(|| FormPart { code: part.id.clone(), title: writer.text(&part.title), questions })
    });
    let parts: Vec<FormPart> = parts.collect();
    let is_left_out = |part: &&Part| {
        let has_a_box = |question: &Question| is_for_client(question) && answer(writer, &question.kind, None).is_some();
        part.questions.iter().any(has_a_box) && parts.iter().all(|printed| printed.code != part.id)
    };
    let left_out = definition.form.parts.iter().filter(is_left_out);
    let left_out = left_out.map(|part| PartName { code: part.id.clone(), title: writer.text(&part.title) }).collect();
    let signed = |question: &&Question| {
        let is_signed = matches!(question.kind, Kind::Paper(Paper::Signature | Paper::Consent));
        is_signed && evaluated.is_asked(question)
    };
    // Who signs only for some clients is the partner.
    let (partners, own): (Vec<_>, Vec<_>) =
        definition.form.questions().filter(signed).partition(|question| question.shown.is_some());
    FormContent {
        title: Said::default(),
        stood_on,
        revision,
        parts,
        left_out,
        declarations: own.into_iter().map(|question| writer.text(&question.label)).collect(),
        partner_signs: !partners.is_empty(),
    }
}

pub fn printed(writer: &Writer<'_>, question: &Question, value: Option<&Value>) -> Option<FormQuestion> {
    Some(FormQuestion {
        id: question.id.to_string(),
        label: writer.text(&question.label),
        hint: question.hint.as_ref().map(|text| writer.text(text)).unwrap_or_default(),
        answer: answer(writer, &question.kind, value)?,
    })
}

/// The box for a kind of answer, with what was said in it. Nothing for what the client is not asked.
fn answer(writer: &Writer<'_>, kind: &Kind, value: Option<&Value>) -> Option<Answer> {
    let shown = || value.map(|value| writer.value(|language| kind.show(value, language))).unwrap_or_default();
    let lines = |lines| Answer::Text { value: shown(), lines };
    Some(match kind {
        Kind::Computed(_) | Kind::Flag | Kind::Paper(_) => return None,
        Kind::YesNo => Answer::Choice {
            options: ["yes", "no"]
                .map(|option| Choice {
                    label: writer.make(|language| kind.show(&json!(option), language)),
                    ticked: value.is_some_and(|value| value == option),
                })
                .to_vec(),
        },
        Kind::Date if value.is_none() => Answer::no_date(),
        Kind::Nino => Answer::national_insurance_number(shown().replace(' ', "")),
        Kind::Choice(options) | Kind::Multi(options) => {
            let is_chosen = |id: &str| match value {
                Some(Value::Array(chosen)) => chosen.iter().any(|one| one == id),
                Some(Value::String(one)) => one == id,
                _ => false,
            };
            let options = options
                .iter()
                .map(|option| Choice { label: writer.text(&option.label), ticked: is_chosen(&option.id) });
            Answer::Choice { options: options.collect() }
        }
        Kind::LongText { .. } => lines(LONG_TEXT_LINES),
        Kind::Address => lines(ADDRESS_LINES),
        // An empty table says "none".
        Kind::Table { .. } if value.is_some_and(|value| value.as_array().is_some_and(Vec::is_empty)) => lines(1),
        Kind::Table { columns, .. } => table(writer, columns, value),
        Kind::Group { fields } => {
            Answer::Group { fields: fields.iter().map(|field| group_field(writer, field, value)).collect() }
        }
        Kind::Bank => Answer::Group { fields: bank(writer, value) },
        _ => Answer::line(shown()),
    })
}

fn cell(writer: &Writer<'_>, column: &Column, record: Option<&Value>) -> String {
    let Some(value) = record.and_then(|record| record.get(&column.id)) else { return String::new() };
    writer.value(|language| column.kind.show(value, language))
}

fn group_field(writer: &Writer<'_>, column: &Column, value: Option<&Value>) -> GroupField {
    GroupField { label: writer.text(&column.label), value: cell(writer, column, value) }
}

fn table(writer: &Writer<'_>, columns: &[Column], value: Option<&Value>) -> Answer {
    let rows = value.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    Answer::Table {
        columns: columns.iter().map(|column| writer.text(&column.label)).collect(),
        rows: rows.iter().map(|row| columns.iter().map(|column| cell(writer, column, Some(row))).collect()).collect(),
        empty_rows: EMPTY_ROWS,
    }
}

fn bank(writer: &Writer<'_>, value: Option<&Value>) -> Vec<GroupField> {
    ["account_holder", "bank", "sort_code", "account_number", "roll_number"]
        .into_iter()
        .map(|id| GroupField {
            label: writer.word("bank", id),
            value: value.and_then(|bank| bank.get(id)).and_then(Value::as_str).unwrap_or_default().into(),
        })
        .collect()
}
