//! Reads what of a question the client gets to read on paper, and finds what must not be.
//!
//! A letter is opened by whoever is at home. So nothing of a call is printed that the definition does not mark, and it
//! marks it with the words that the client reads over the answer: an adviser's label is none.

use super::kind::Kind;
use super::question::{Printed, Question};
use super::report::{Fault, Faults};
use super::script::{Script, Stage};
use super::text::Text;
use serde::Deserialize;
use serde_saphyr::Spanned;

/// `false`, `true`, or the words under which the client reads the answer.
#[derive(Deserialize)]
#[serde(untagged, expecting = "must be false, or words for the client: { en: ..., cy: ... }")]
pub(super) enum RawPrinted {
    Plain(bool),
    Under(Text),
}

/// The form is the client's own: it prints what it asks, but for what is marked.
pub(super) fn of_form(given: Option<Spanned<RawPrinted>>, faults: &mut Faults<'_>) -> Printed {
    match given {
        None | Some(Spanned { value: RawPrinted::Plain(true), .. }) => Printed::AsAsked,
        Some(Spanned { value: RawPrinted::Plain(false), .. }) => Printed::Not,
        Some(words) => {
            faults.at(&words, "the form prints an answer under its label: leave printed out, or write printed: false");
            Printed::AsAsked
        }
    }
}

/// Of a script nothing is printed, but for what is marked.
pub(super) fn of_script(given: Option<Spanned<RawPrinted>>, faults: &mut Faults<'_>) -> Printed {
    match given {
        None | Some(Spanned { value: RawPrinted::Plain(false), .. }) => Printed::Not,
        Some(Spanned { value: RawPrinted::Under(words), .. }) => Printed::Under(words),
        Some(bare) => {
            let reason =
                "printed needs the words under which the client reads the answer: printed: { en: ..., cy: ... }";
            faults.at(&bare, reason);
            Printed::Not
        }
    }
}

/// What a stage's questions may not print, and that the client needs a heading over what they do.
pub(super) fn check_stage(stage: &Stage, line: u64, faults: &mut Faults<'_>) {
    let printed = stage.questions.iter().filter(|question| matches!(question.printed, Printed::Under(_)));
    match (&stage.heading, printed.clone().next()) {
        (None, Some(first)) => {
            let reason = format!(
                "question {} is printed, and stage {} has no heading that the client could read over it: a stage's title is for advisers",
                first.id, stage.id
            );
            faults.at_line(first.line, reason);
        }
        (Some(_), None) => faults.at_line(line, format!("stage {} has a heading, and prints nothing", stage.id)),
        _ => {}
    }
    for question in printed {
        let why = match question {
            Question { sensitive: Some(_), .. } => "is sensitive",
            Question { adviser_only: true, .. } => "is for advisers only",
            Question { fills: Some(_), .. } => "stands on the form already",
            Question { kind: Kind::Computed(_) | Kind::Paper(_), .. } => "is answered by nobody on the telephone",
            _ => continue,
        };
        faults.at_line(question.line, format!("question {} {why}: it cannot be printed", question.id));
    }
}

/// Free text of an adviser's that is printed: it may hold anything, and is read by whoever opens the letter.
pub(super) fn free_text(scripts: &[Script]) -> Vec<Fault> {
    let mut found = Vec::new();
    for stage in scripts.iter().flat_map(|script| &script.stages) {
        let mut warnings = Faults::new(&stage.file, &mut found);
        let printed = stage.questions.iter().filter(|question| question.is_printed());
        for question in printed.filter(|question| holds_text(&question.kind)) {
            let reason = format!(
                "question {} prints free text: whatever is typed there is posted to where the client lives",
                question.id
            );
            warnings.at_line(question.line, reason);
        }
    }
    found.sort();
    found.dedup();
    found
}

fn holds_text(kind: &Kind) -> bool {
    match kind {
        Kind::Text { .. } | Kind::LongText { .. } => true,
        Kind::Table { columns, .. } | Kind::Group { fields: columns } => {
            columns.iter().any(|column| holds_text(&column.kind))
        }
        _ => false,
    }
}
