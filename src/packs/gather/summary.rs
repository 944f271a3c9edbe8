//! The start-up call in writing: what was gone through, and what the client was asked and said.
//!
//! A letter is opened by whoever is at home. So only what the definition marks as printed stands here, under the words that
//! it has for the client; an adviser's label, title or note never does. What the form asks stands on the form.

use crate::content::{Said, Subject, Summary, SummaryLine, SummarySection};
use crate::words::Writer;
use startline_definition::{Definition, Printed, Question};
use startline_rooms::claims;
use startline_rooms::scripts::{AreaState, Walk};

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
    let line = |question: &Question| {
        let Printed::Under(words) = &question.printed else { return None };
        if !question.is_printed() || !question.is_shown(&all) {
            return None;
        }
        let value = question.answer(&walk.answers)?;
        Some(SummaryLine {
            id: question.id.to_string(),
            asked: writer.text(words),
            said: writer.make(|language| question.kind.show(value, language)),
        })
    };
    let sections = script.stages.iter().filter(|stage| stage.is_shown(&all)).filter_map(|stage| {
        let heading = stage.heading.as_ref()?;
        let lines: Vec<SummaryLine> = stage.questions.iter().filter_map(line).collect();
        (!lines.is_empty()).then(|| SummarySection { title: writer.text(heading), lines })
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
    Some(Summary {
        day: day(writer, definition, walk),
        covered,
        left,
        sections: sections.collect(),
        promised: String::new(),
    })
}

fn day(writer: &Writer<'_>, definition: &Definition, walk: &Walk) -> Said {
    writer.day(definition.calendar.local_date(walk.started_at))
}
