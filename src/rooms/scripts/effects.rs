//! What follows by itself from what is said in a walk.

use super::progress::Progress;
use super::store;
use chrono::{DateTime, Utc};
use startline_definition::{Answers, Definitions, Script, Text};
use startline_foundation::error::Result;
use startline_foundation::ids::ClientId;
use startline_foundation::store::Db;
use std::collections::BTreeSet;

/// Notes which effects hold now. Gives the needs that the client record has from now on, where they change: an effect that has
/// come to hold adds its own, and what this walk added goes when nothing asks for it any more. What stood there before stays.
pub fn follow(
    script: &Script,
    answers: &Answers,
    progress: &mut Progress,
    on_record: &[String],
) -> Option<Vec<String>> {
    let holding: Vec<_> = script.effects.iter().filter(|effect| effect.when.holds(answers)).collect();
    let wanted: BTreeSet<&String> = holding.iter().flat_map(|effect| &effect.call_needs).collect();
    let gone: Vec<String> = progress.needs_given.iter().filter(|need| !wanted.contains(need)).cloned().collect();
    let is_new = |id: &String| !progress.effects.contains(id);
    let fresh: BTreeSet<String> = holding
        .iter()
        .filter(|effect| is_new(&effect.id))
        .flat_map(|effect| &effect.call_needs)
        .filter(|need| !on_record.contains(need))
        .cloned()
        .collect();
    progress.effects = holding.iter().map(|effect| effect.id.clone()).collect();
    progress.needs_given.retain(|need| !gone.contains(need));
    let has = |need: &&String| !gone.contains(need);
    let needs: Vec<String> = on_record.iter().filter(has).chain(&fresh).cloned().collect();
    progress.needs_given.extend(fresh);
    (needs != on_record).then_some(needs)
}

/// Why a call-back for this client is urgent, from what was said in a walk since then; none when it is not.
pub async fn urgency(
    db: &mut Db<'_>,
    definitions: &Definitions,
    client: ClientId,
    since: DateTime<Utc>,
) -> Result<Option<Text>> {
    for walk in store::moved_for(db, client, since).await? {
        let definition = definitions.version(db, &walk.definition_version).await?;
        let script = definition.script(&walk.script);
        let held =
            script.iter().flat_map(|script| &script.effects).filter(|one| walk.progress.effects.contains(&one.id));
        if let Some(why) = held.filter_map(|effect| effect.urgent.clone()).next() {
            return Ok(Some(why));
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use proptest::sample::subsequence;
    use serde_json::json;
    use startline_definition::Definition;
    use startline_foundation::ids::QuestionId;

    /// What is said at some moment: whether in another language, the reason for the call, and with whom they would talk.
    type Said = (bool, &'static str, &'static str);

    fn said() -> impl Strategy<Value = Said> {
        (
            any::<bool>(),
            prop::sample::select(vec!["job", "bereaved", "caring"]),
            prop::sample::select(vec!["", "woman", "man"]),
        )
    }

    fn answers((other, reason, adviser): Said) -> Answers {
        let language = if other { "other" } else { "english" };
        let said = [("caller_language", language), ("caller_reason", reason), ("caller_adviser", adviser)];
        said.into_iter()
            .filter(|(_, said)| !said.is_empty())
            .map(|(id, said)| (QuestionId::new(id), json!(said)))
            .collect()
    }

    proptest! {
        /// What a naive list says: at the end the record has what stood there at the beginning and what is said at the end.
        #[test]
        fn the_record_has_what_stood_there_and_what_is_said_now(
            before in subsequence(vec!["interpreter", "textphone", "woman", "more-time"], 0..=4),
            all in prop::collection::vec(said(), 1..8),
        ) {
            let definition = Definition::embedded();
            let script = definition.script("inbound").unwrap();
            let before: Vec<String> = before.into_iter().map(String::from).collect();
            let (mut record, mut progress) = (before.clone(), Progress::default());
            for said in &all {
                if let Some(needs) = follow(script, &answers(*said), &mut progress, &record) {
                    record = needs;
                }
            }
            let (other, reason, adviser) = all[all.len() - 1];
            let mut expected: BTreeSet<&str> = before.iter().map(String::as_str).collect();
            expected.extend(other.then_some("interpreter"));
            expected.extend((reason != "job").then_some("more-time"));
            expected.extend(Some(adviser).filter(|adviser| !adviser.is_empty()));
            prop_assert_eq!(record.iter().map(String::as_str).collect::<BTreeSet<_>>(), expected);
            prop_assert_eq!(record.len(), record.iter().collect::<BTreeSet<_>>().len());
            prop_assert_eq!(&record[..before.len()], &before[..], "in the order of old");
        }
    }
}
