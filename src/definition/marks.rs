//! The marks of each question, its own and those that it has from others.

use super::form::Form;
use super::kind::Kind;
use super::question::Question;
use super::script::Script;
use super::sensitivity::Sensitivity;
use startline_foundation::ids::QuestionId;
use std::collections::{BTreeMap, BTreeSet};

/// The marks of every question that has one.
pub(super) type Marks = BTreeMap<QuestionId, BTreeSet<Sensitivity>>;

/// A question has its own mark, those of the question that it fills or is filled by, which hold the same answer, and of
/// those from which it is computed, which it tells.
pub(super) fn of(form: &Form, scripts: &[Script]) -> Marks {
    let questions: Vec<&Question> =
        form.questions().chain(scripts.iter().flat_map(|script| script.questions())).collect();
    let mut marks = Marks::new();
    for question in &questions {
        if let Some(sensitivity) = question.sensitive {
            marks.entry(question.id.clone()).or_default().insert(sensitivity);
        }
    }
    loop {
        let before: usize = marks.values().map(BTreeSet::len).sum();
        for question in &questions {
            if let Some(filled) = &question.fills {
                pass(&mut marks, &question.id, filled);
                pass(&mut marks, filled, &question.id);
            }
            if let Kind::Computed(value) = &question.kind {
                for told in value.references() {
                    pass(&mut marks, told, &question.id);
                }
            }
        }
        if marks.values().map(BTreeSet::len).sum::<usize>() == before {
            return marks;
        }
    }
}

fn pass(marks: &mut Marks, from: &QuestionId, to: &QuestionId) {
    if let Some(of_it) = marks.get(from).cloned() {
        marks.entry(to.clone()).or_default().extend(of_it);
    }
}

#[cfg(test)]
mod tests {
    use super::super::Definition;
    use super::*;

    fn told(id: &str) -> Vec<Sensitivity> {
        Definition::embedded().marks(&QuestionId::new(id)).collect()
    }

    #[test]
    fn the_pilots_questions_are_marked_with_their_sort() {
        for id in ["S2", "S4", "Q2"] {
            assert_eq!(told(id), [Sensitivity::Bank], "{id}");
        }
        assert_eq!(told("T10"), [Sensitivity::Risk]);
        for id in ["I3", "H10", "guide_grave", "guide_treatment", "deferral_reason"] {
            assert_eq!(told(id), [Sensitivity::Health], "{id}");
        }
        for id in ["B12", "G5", "barriers", "barriers_help", "guide_crisis"] {
            assert_eq!(told(id), [Sensitivity::Private], "{id}");
        }
        assert!(told("B2").is_empty());
    }

    #[test]
    fn what_is_computed_from_a_marked_answer_is_marked_with_it() {
        let definition = Definition::embedded();
        let questions = definition.scripts.iter().flat_map(Script::questions).chain(definition.form.questions());
        let mut found = 0;
        for question in questions {
            let Kind::Computed(value) = &question.kind else { continue };
            for mark in value.references().iter().flat_map(|id| definition.marks(id)) {
                assert!(definition.marks(&question.id).any(|own| own == mark), "{}", question.id);
                found += 1;
            }
        }
        assert!(found > 0, "the guide computes what it proposes from what is said of health");
    }

    #[test]
    fn a_question_and_the_one_that_it_fills_have_the_same_marks() {
        let definition = Definition::embedded();
        for question in definition.scripts.iter().flat_map(Script::questions) {
            if let Some(filled) = &question.fills {
                let marks = |id: &QuestionId| definition.marks(id).collect::<Vec<_>>();
                assert_eq!(marks(&question.id), marks(filled), "{}", question.id);
            }
        }
    }
}
