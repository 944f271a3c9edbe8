//! That what a script's effects decide of a claim's first meeting is known to the diary.

use super::diary::DiaryRules;
use super::kind::Kind;
use super::read_question::none_such;
use super::report::{Fault, Faults};
use super::script::{Decides, Script};
use startline_foundation::ids::QuestionId;

/// The questions that an effect decides by are of its script and of their kind, and their options are reasons of `diary.yaml`.
pub(super) fn lint(scripts: &[Script], diary: &DiaryRules, found: &mut Vec<Fault>) {
    let known = || diary.deferral_reasons.iter().map(|reason| &reason.id);
    for script in scripts {
        for effect in &script.effects {
            let Some(Decides::PutsOff { reason, note, review_day }) = &effect.decides else { continue };
            let mut faults = Faults::new(&effect.file, found);
            let kind = |id: &QuestionId| script.question(id).map(|question| &question.kind);
            match kind(reason) {
                Some(Kind::Choice(options)) => {
                    for option in options.iter().filter(|option| known().all(|id| *id != option.id)) {
                        let told = none_such("reason of diary.yaml", &option.id, known());
                        faults.at_line(effect.when.line, format!("{reason}: {told}"));
                    }
                }
                _ => wrong(reason, "a choice", effect.when.line, &mut faults),
            }
            if let Some(note) = note
                && !matches!(kind(note), Some(Kind::Text { .. } | Kind::LongText { .. }))
            {
                wrong(note, "a text", effect.when.line, &mut faults);
            }
            if kind(review_day) != Some(&Kind::Date) {
                wrong(review_day, "a date", effect.when.line, &mut faults);
            }
        }
    }
}

fn wrong(id: &QuestionId, what: &str, line: u64, faults: &mut Faults<'_>) {
    faults.at_line(line, format!("an effect puts a meeting off by {id}, which must be {what} of the script"));
}
