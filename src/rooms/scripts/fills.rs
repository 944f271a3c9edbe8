//! Keeps the form in line with what the script's questions say: an answer on a branch that is hidden is taken out of the
//! form, and comes back with it. Pure.

use super::progress::Progress;
use serde_json::Value;
use startline_definition::is_blank;
use startline_foundation::ids::QuestionId;
use std::collections::BTreeMap;

/// A change to make in the form, with the stage it comes from.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    pub question: QuestionId,
    pub stage: String,
    pub value: Value,
}

/// What to change. `wanted` are the counted answers that fill the form, `standing` what the form holds, `said` the form
/// question that was answered in the script just now, and `here` the stage the walk stands on.
///
/// What somebody else typed into the form, or the client confirmed there, is never taken out and never written over: only
/// what is said now is.
pub fn sync_form_answers<'s>(
    progress: &mut Progress,
    wanted: &[(&QuestionId, &str, Value)],
    standing: impl Fn(&QuestionId) -> Option<&'s Value>,
    said: Option<&QuestionId>,
    here: &str,
) -> Vec<Change> {
    let wanted: BTreeMap<&QuestionId, (&str, &Value)> =
        wanted.iter().map(|(question, stage, value)| (*question, (*stage, value))).collect();
    let mut changes = Vec::new();
    let gone: Vec<QuestionId> = progress.filled.keys().filter(|id| !wanted.contains_key(id)).cloned().collect();
    for question in gone {
        let filled = progress.filled.remove(&question);
        if standing(&question) == filled.as_ref() && !progress.settled.contains(&question) {
            changes.push(Change { question, stage: here.to_owned(), value: Value::Null });
        }
    }
    for (question, (stage, value)) in wanted {
        let stands = standing(question).filter(|value| !is_blank(value));
        let is_new = progress.filled.insert(question.clone(), value.clone()).is_none();
        let comes_back = is_new && stands.is_none();
        if stands != Some(value) && (said == Some(question) || comes_back) {
            progress.settled.remove(question);
            changes.push(Change { question: question.clone(), stage: stage.to_owned(), value: value.clone() });
        }
    }
    changes
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn run(progress: &mut Progress, wanted: &[Value], standing: Option<&Value>, said: bool) -> Vec<Value> {
        let question = QuestionId::new("R4");
        let wanted: Vec<_> = wanted.iter().map(|value| (&question, "B3", value.clone())).collect();
        let changes = sync_form_answers(progress, &wanted, |_| standing, said.then_some(&question), "B1");
        changes.into_iter().map(|change| change.value).collect()
    }

    #[test]
    fn a_hidden_answer_leaves_the_form_and_comes_back_with_its_branch() {
        let mut progress = Progress::default();
        let yes = json!("yes");
        assert_eq!(run(&mut progress, std::slice::from_ref(&yes), None, true), [json!("yes")]);
        assert!(run(&mut progress, std::slice::from_ref(&yes), Some(&yes), false).is_empty());
        assert_eq!(run(&mut progress, &[], Some(&yes), false), [Value::Null]);
        assert!(run(&mut progress, &[], Some(&Value::Null), false).is_empty());
        assert_eq!(run(&mut progress, std::slice::from_ref(&yes), Some(&Value::Null), false), [json!("yes")]);
    }

    #[test]
    fn what_the_client_confirmed_on_the_form_or_somebody_else_typed_stays() {
        let (yes, no) = (json!("yes"), json!("no"));
        let mut progress = Progress::default();
        progress.settled.insert(QuestionId::new("R4"));
        progress.filled.insert(QuestionId::new("R4"), yes.clone());
        assert!(run(&mut progress, &[], Some(&yes), false).is_empty());
        let mut progress = Progress::default();
        progress.filled.insert(QuestionId::new("R4"), yes.clone());
        assert!(run(&mut progress, &[], Some(&no), false).is_empty());
        assert!(run(&mut progress, std::slice::from_ref(&yes), Some(&no), false).is_empty());
        // But what the client says now is written.
        assert_eq!(run(&mut progress, std::slice::from_ref(&yes), Some(&no), true), [yes]);
    }
}
