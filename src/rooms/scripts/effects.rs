//! What follows by itself from what is said in a walk.

use super::life::Walk;
use super::progress::Progress;
use super::store;
use crate::clients::NeedsChange;
use chrono::{DateTime, NaiveDate, Utc};
use serde_json::Value;
use startline_definition::{Answers, Decides, Definitions, Effect, Script, Text};
use startline_foundation::error::Result;
use startline_foundation::ids::ClientId;
use startline_foundation::store::Db;
use std::collections::BTreeSet;

/// Whether what the effect's condition reads was answered, in the form or in the walk.
fn is_answered(effect: &Effect, answers: &Answers) -> bool {
    effect
        .when
        .references()
        .iter()
        .any(|id| answers.get(id).is_some_and(|value| !startline_definition::is_blank(value)))
}

/// Effects whose condition was not answered for before, or holds otherwise now.
pub fn has_moved(script: &Script, answers: &Answers, progress: &Progress) -> bool {
    script.effects.iter().any(|effect| {
        let before = progress.effects.contains_key(&effect.id);
        effect.when.holds(answers) != before || is_answered(effect, answers) != progress.decided.contains(&effect.id)
    })
}

/// Notes which effects hold now, and since when. Gives what changes of the needs that the client record has: an effect that has
/// come to hold adds its own; one that was answered otherwise, now for the first time, takes off what this walk or one before it
/// (`given_before`) put there, if nothing else asks for it. What anybody typed into the record stays.
pub fn follow(
    script: &Script,
    answers: &Answers,
    progress: &mut Progress,
    given_before: &BTreeSet<String>,
    now: DateTime<Utc>,
) -> NeedsChange {
    let (holding, others): (Vec<_>, Vec<_>) = script.effects.iter().partition(|effect| effect.when.holds(answers));
    let wanted: BTreeSet<&String> = holding.iter().flat_map(|effect| &effect.call_needs).collect();
    let fresh = holding.iter().filter(|effect| !progress.effects.contains_key(&effect.id));
    let add: BTreeSet<String> = fresh.flat_map(|effect| &effect.call_needs).cloned().collect();
    let denied = others.iter().filter(|effect| {
        is_answered(effect, answers)
            && (!progress.decided.contains(&effect.id) || progress.effects.contains_key(&effect.id))
    });
    let taken_back = others.iter().filter(|effect| progress.effects.contains_key(&effect.id));
    let is_given = |need: &&String| progress.needs_given.contains(*need);
    let mut remove: BTreeSet<String> =
        taken_back.flat_map(|effect| &effect.call_needs).filter(is_given).cloned().collect();
    let was_given = |need: &&String| progress.needs_given.contains(*need) || given_before.contains(*need);
    remove.extend(denied.flat_map(|effect| &effect.call_needs).filter(was_given).cloned());
    remove.retain(|need| !wanted.contains(need));
    let held = |effect: &&Effect| (effect.id.clone(), progress.effects.get(&effect.id).copied().unwrap_or(now));
    let effects = holding.iter().map(held).collect();
    let decided = script.effects.iter().filter(|effect| is_answered(effect, answers));
    progress.decided = decided.map(|effect| effect.id.clone()).collect();
    progress.effects = effects;
    progress.needs_given.retain(|need| !remove.contains(need));
    NeedsChange { add, remove }
}

/// What walks of this client have put on their record.
pub async fn given_in_walks(db: &mut Db<'_>, client: ClientId) -> Result<BTreeSet<String>> {
    let walks = store::moved_for(db, client, DateTime::UNIX_EPOCH).await?;
    Ok(walks.into_iter().flat_map(|walk| walk.progress.needs_given).collect())
}

/// Why a call-back for this client is urgent, from what was said since then; none when it is not. The newest walk in which it was
/// asked decides.
pub async fn urgency(
    db: &mut Db<'_>,
    definitions: &Definitions,
    client: ClientId,
    since: DateTime<Utc>,
) -> Result<Option<Text>> {
    for walk in store::moved_for(db, client, since).await? {
        let definition = definitions.version(db, &walk.definition_version).await?;
        let Some(script) = definition.script(&walk.script) else { continue };
        let urgent = || script.effects.iter().filter(|effect| effect.urgent.is_some());
        if !urgent().any(|effect| walk.progress.decided.contains(&effect.id)) {
            continue;
        }
        return Ok(urgent().find(|effect| is_since(&walk, effect, since)).and_then(|effect| effect.urgent.clone()));
    }
    Ok(None)
}

fn is_since(walk: &Walk, effect: &Effect, since: DateTime<Utc>) -> bool {
    walk.progress.effects.get(&effect.id).is_some_and(|held| *held >= since)
}

/// What the client and the adviser have agreed of the first meeting, as the answers stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MeetingSaid {
    PutOff { reason: String, note: String, review_day: NaiveDate },
    WantsNone,
}

/// What was decided of the meeting; none while nothing was, or not all of it.
pub fn meeting_said(script: &Script, answers: &Answers) -> Option<MeetingSaid> {
    let text = |id| answers.get(id).and_then(Value::as_str).unwrap_or_default();
    let holding = script.effects.iter().filter(|effect| effect.decides.is_some() && effect.when.holds(answers));
    let said = holding.filter_map(|effect| match effect.decides.as_ref()? {
        Decides::PutsOff { reason, note, review_day } => Some(MeetingSaid::PutOff {
            reason: Some(text(reason)).filter(|reason| !reason.is_empty())?.to_owned(),
            note: note.as_ref().map(text).unwrap_or_default().to_owned(),
            review_day: text(review_day).parse().ok()?,
        }),
        Decides::WantsNone => Some(MeetingSaid::WantsNone),
    });
    said.into_iter().next()
}

/// Whether the meeting was decided in this walk as its answers last stood.
pub fn decides_meeting(script: &Script, progress: &Progress) -> bool {
    script.effects.iter().any(|effect| effect.decides.is_some() && progress.effects.contains_key(&effect.id))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use proptest::sample::subsequence;
    use serde_json::json;
    use startline_definition::Definition;
    use startline_foundation::ids::QuestionId;

    /// What is said at some moment of a walk: in which language, why they ring, with whom they would talk.
    type Said = (&'static str, &'static str, &'static str);

    fn said() -> impl Strategy<Value = Said> {
        let one = |all: &[&'static str]| prop::sample::select(all.to_vec());
        (one(&["", "english", "other"]), one(&["", "job", "bereaved", "caring"]), one(&["", "either", "woman", "man"]))
    }

    fn answers((language, reason, adviser): Said) -> Answers {
        let said = [("caller_language", language), ("caller_reason", reason), ("caller_adviser", adviser)];
        said.into_iter()
            .filter(|(_, said)| !said.is_empty())
            .map(|(id, said)| (QuestionId::new(id), json!(said)))
            .collect()
    }

    /// The needs that an answer gives, and those that it denies.
    fn of_answers((language, reason, adviser): Said) -> (BTreeSet<&'static str>, BTreeSet<&'static str>) {
        let all = [
            ("interpreter", language == "other", !language.is_empty()),
            ("more-time", reason == "bereaved" || reason == "caring", !reason.is_empty()),
            ("woman", adviser == "woman", !adviser.is_empty()),
            ("man", adviser == "man", !adviser.is_empty()),
        ];
        let given = all.iter().filter(|(_, holds, _)| *holds).map(|(need, ..)| *need).collect();
        let denied = all.iter().filter(|(_, holds, answered)| *answered && !holds).map(|(need, ..)| *need).collect();
        (given, denied)
    }

    proptest! {
        /// Walks one after the other, each with what is said and said again in it. What somebody typed stays, whatever is said;
        /// beside it the record has what the newest answer to each question gives.
        #[test]
        fn the_record_has_what_was_typed_and_what_was_said_last(
            typed in subsequence(vec!["textphone", "urdu"], 0..=2),
            walks in prop::collection::vec(prop::collection::vec(said(), 1..5), 1..4),
        ) {
            let definition = Definition::embedded();
            let script = definition.script("inbound").unwrap();
            let mut record: BTreeSet<String> = typed.iter().map(ToString::to_string).collect();
            let mut given_before = BTreeSet::new();
            let mut expected: BTreeSet<&str> = typed.iter().copied().collect();
            for walk in &walks {
                let mut progress = Progress::default();
                let mut of_this_walk: BTreeSet<&str> = BTreeSet::new();
                for said in walk {
                    let change = follow(script, &answers(*said), &mut progress, &given_before, DateTime::UNIX_EPOCH);
                    // As the record takes it up, and says what was new to it.
                    let new: Vec<String> = change.add.iter().filter(|need| !record.contains(*need)).cloned().collect();
                    record.retain(|need| !change.remove.contains(need));
                    record.extend(change.add);
                    progress.needs_given.extend(new);
                    let (given, denied) = of_answers(*said);
                    // What is not answered any more is taken off again, if it came from this walk.
                    expected.retain(|need| !denied.contains(need) && (given.contains(need) || !of_this_walk.contains(need)));
                    of_this_walk.retain(|need| given.contains(need));
                    of_this_walk.extend(given.iter().filter(|need| !expected.contains(*need)));
                    expected.extend(given);
                }
                given_before.extend(progress.needs_given);
            }
            prop_assert_eq!(record.iter().map(String::as_str).collect::<BTreeSet<_>>(), expected);
        }
    }
}
