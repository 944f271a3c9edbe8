//! What a walk has passed: confirmed questions of the form, times, stages left out. Pure; stored with the walk.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use startline_definition::{Answers, Question};
use startline_foundation::ids::{QuestionId, UserId};
use std::collections::{BTreeMap, BTreeSet};

/// After so long without a step nobody was there: such a gap is not counted. A whole form may be typed beside the walk,
/// and an interpreter doubles the time.
const SILENCE: TimeDelta = TimeDelta::minutes(60);

/// Grows with the script and the form, never with time.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Progress {
    /// Questions of the form that were answered or confirmed in this walk.
    pub settled: BTreeSet<QuestionId>,
    /// Questions of the form at which the walk has stood, answered there or not.
    pub reached: BTreeSet<QuestionId>,
    /// Stages whose part of the form was gone through to its end: from then on only what has come up since is asked.
    pub gone_through: BTreeSet<String>,
    /// What the script's own questions have filled into the form, so that it can be taken out while they are hidden.
    pub filled: BTreeMap<QuestionId, Value>,
    pub stages: BTreeMap<String, StageRecord>,
    /// Key areas that somebody settled with a reason.
    pub area_skips: BTreeMap<String, Skip>,
    /// Key areas that are settled, however.
    pub areas: BTreeMap<String, AreaRecord>,
    /// When each hint first held.
    pub hints: BTreeMap<String, DateTime<Utc>>,
    /// Effects of the script that hold as the answers stand, and since when.
    pub effects: BTreeMap<String, DateTime<Utc>>,
    /// Effects of which it was answered whether they hold.
    pub decided: BTreeSet<String>,
    /// What this walk has put on the client record, and takes off it again when the answer is taken back.
    pub needs_given: BTreeSet<String>,
    /// Over all sittings.
    pub spent_ms: i64,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct StageRecord {
    pub started_at: Option<DateTime<Utc>>,
    /// When it was last left.
    pub ended_at: Option<DateTime<Utc>>,
    pub spent_ms: i64,
    /// Its last step was passed by answering it.
    pub passed: bool,
    pub skip: Option<Skip>,
}

/// Left out, by whom, when and why.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Skip {
    pub reason: String,
    pub by: UserId,
    pub at: DateTime<Utc>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AreaRecord {
    pub how: AreaState,
    /// Who moved the walk when it was settled, and when.
    pub by: UserId,
    pub at: DateTime<Utc>,
}

/// How a key area was settled.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AreaState {
    Covered,
    Skipped {
        reason: String,
    },
    /// No stage that covers it is shown to this client.
    LeftOut,
}

impl Progress {
    pub fn is_skipped(&self, stage: &str) -> bool {
        self.stages.get(stage).is_some_and(|record| record.skip.is_some())
    }

    /// Whether the question was settled in this walk and still says something.
    pub fn is_settled(&self, question: &Question, evaluated: &Answers) -> bool {
        self.settled.contains(&question.id) && question.answer(evaluated).is_some()
    }

    /// Adds the time since the last step to the walk and to the stage it stood on.
    pub fn spend(&mut self, stage: Option<&str>, since: DateTime<Utc>, now: DateTime<Utc>) {
        let span_ms = counted_span_ms(since, now);
        self.spent_ms += span_ms;
        if let Some(stage) = stage {
            self.stages.entry(stage.to_owned()).or_default().spent_ms += span_ms;
        }
    }

    /// The walk goes from one stage to another, or begins, or ends.
    pub fn enter(&mut self, before: Option<&str>, after: Option<&str>, now: DateTime<Utc>) {
        if before == after {
            return;
        }
        if let Some(left) = before {
            self.stages.entry(left.to_owned()).or_default().ended_at = Some(now);
        }
        if let Some(entered) = after {
            let record = self.stages.entry(entered.to_owned()).or_default();
            record.started_at.get_or_insert(now);
            record.ended_at = None;
        }
    }
}

/// The time between two steps, as far as anybody was there.
pub fn counted_span_ms(since: DateTime<Utc>, now: DateTime<Utc>) -> i64 {
    let span = now - since;
    if span > SILENCE { 0 } else { span.num_milliseconds().max(0) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minutes: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::minutes(minutes)
    }

    #[test]
    fn time_belongs_to_the_stage_it_was_spent_in_and_long_silences_to_nobody() {
        let mut progress = Progress::default();
        progress.enter(None, Some("B1"), at(0));
        progress.spend(Some("B1"), at(0), at(3));
        progress.enter(Some("B1"), Some("B2"), at(3));
        progress.spend(Some("B2"), at(3), at(5));
        progress.spend(Some("B2"), at(5), at(500));
        assert_eq!(progress.spent_ms, 5 * 60_000);
        assert_eq!((progress.stages["B1"].spent_ms, progress.stages["B2"].spent_ms), (3 * 60_000, 2 * 60_000));
        assert_eq!((progress.stages["B1"].ended_at, progress.stages["B2"].ended_at), (Some(at(3)), None));
    }

    #[test]
    fn a_stage_that_is_gone_back_to_keeps_its_beginning() {
        let mut progress = Progress::default();
        progress.enter(None, Some("B1"), at(0));
        progress.enter(Some("B1"), Some("B2"), at(1));
        progress.enter(Some("B2"), Some("B1"), at(2));
        let record = &progress.stages["B1"];
        assert_eq!((record.started_at, record.ended_at), (Some(at(0)), None));
    }
}
