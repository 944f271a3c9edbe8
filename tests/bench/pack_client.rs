//! The clients whose packs the benches compose: the job seeker's whole claim pack, with every answer each client's own.

use super::Outcome;
use startline::definition::Definition;
use startline::packs::content::{Answer, PackContent};
use startline::packs::{Composer, samples};

/// The sample that the others are made from.
pub fn sample(composer: &Composer) -> Outcome<PackContent> {
    Ok(samples::job_seeker(&Definition::embedded(), composer.words())?)
}

/// Another client: nothing that somebody said is as in any other pack, nor twice in this one.
pub fn client(sample: &PackContent, number: u32) -> PackContent {
    let mut content = sample.clone();
    content.reference = format!("ST-2000-{number:06}");
    content.client_name = format!("{} {number}", content.client_name);
    content.salutation = format!("{} {number}", content.salutation);
    let parts = content.form.iter_mut().flat_map(|form| &mut form.parts);
    for question in parts.flat_map(|part| &mut part.questions) {
        let own = format!("{}/{number}", question.id);
        let change = |value: &mut String| {
            if !value.is_empty() {
                *value = format!("{value} {own}");
            }
        };
        match &mut question.answer {
            Answer::Text { value, .. } => change(value),
            Answer::Table { rows, .. } => rows.iter_mut().flatten().for_each(change),
            Answer::Group { fields } => fields.iter_mut().map(|field| &mut field.value).for_each(change),
            Answer::Comb { .. } | Answer::Choice { .. } => {}
        }
    }
    for line in content.summary.iter_mut().flat_map(|summary| &mut summary.sections).flat_map(|one| &mut one.lines) {
        line.said.texts_mut().for_each(|text| *text = format!("{text} {}/{number}", line.id));
    }
    content
}
