//! The start-up call in writing: what was gone through, what the client was asked and said, what was promised.
//!
//! It holds the questions that were put to the client, and not what advisers note for each other, nor what is marked
//! sensitive: a letter is opened by whoever is at home. What the form asks stands on the form.

use crate::content::{Said, Subject, Summary, SummaryLine, SummarySection};
use crate::words::Writer;
use startline_definition::{Definition, Kind, Question};
use startline_rooms::claims;
use startline_rooms::scripts::{AreaState, Walk};

/// The question in which an adviser writes down what was promised to the client.
const PROMISED: &str = "promised";

/// None when the call's script is not in the definition.
pub fn summary(
    writer: &Writer<'_>,
    definition: &Definition,
    walk: &Walk,
    evaluated: &claims::Evaluated,
) -> Option<Summary> {
    let script = definition.script(&walk.script)?;
    // Conditions of a script see the form's answers and the walk's own.
    let mut all = evaluated.answers.clone();
    all.extend(walk.answers.iter().map(|(id, value)| (id.clone(), value.clone())));
    let is_told = |question: &&Question| {
        let is_for_client = !question.adviser_only && !question.sensitive && question.fills.is_none();
        is_for_client && !matches!(question.kind, Kind::Computed(_)) && question.is_shown(&all)
    };
    let line = |question: &Question| {
        let value = question.answer(&walk.answers)?;
        Some(SummaryLine {
            id: question.id.to_string(),
            asked: writer.text(&question.label),
            said: writer.make(|language| question.kind.show(value, language)),
        })
    };
    let sections = script.stages.iter().filter(|stage| stage.is_shown(&all)).filter_map(|stage| {
        let lines: Vec<SummaryLine> = stage.questions.iter().filter(is_told).filter_map(line).collect();
        (!lines.is_empty()).then(|| SummarySection { title: writer.text(&stage.title), lines })
    });
    let (mut covered, mut left) = (Vec::new(), Vec::new());
    for area in &script.key_areas {
        let subject = Subject { id: area.id.clone(), name: writer.text(&area.name) };
        match walk.progress.areas.get(&area.id).map(|record| &record.how) {
            Some(AreaState::Covered) => covered.push(subject),
            Some(AreaState::Skipped { .. }) => left.push(subject),
            Some(AreaState::LeftOut) | None => {}
        }
    }
    let promised = script.questions().find(|question| question.id.as_str() == PROMISED);
    let promised = promised.and_then(|question| question.answer(&walk.answers)).and_then(|value| value.as_str());
    Some(Summary {
        day: day(writer, definition, walk),
        covered,
        left,
        sections: sections.collect(),
        promised: promised.unwrap_or_default().to_owned(),
    })
}

fn day(writer: &Writer<'_>, definition: &Definition, walk: &Walk) -> Said {
    writer.day(definition.calendar.local_date(walk.started_at))
}
