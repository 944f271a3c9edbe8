//! Walks as messages.

use crate::{convert, pb, questions};
use startline_definition::Text;
use startline_rooms::scripts::{AreaState, Note, PartView, Seen, StageView, StepView, Summary, View};

/// What a desk hands back to show what it saw.
fn etag(seen: Seen) -> String {
    match seen.answer {
        Some(answer) => format!("{}.{answer}", seen.walk),
        None => seen.walk.to_string(),
    }
}

pub fn walk(view: &View) -> pb::Walk {
    let walk = &view.walk;
    let answers: Vec<_> = walk.answers.iter().map(|(id, value)| (id.to_string(), value)).collect();
    let (expected_minutes, limit) = view.minutes();
    let stage = walk.state.position().map(|position| position.stage.as_str()).unwrap_or_default();
    let (spent_ms, _) = walk.spent_ms(stage, view.now);
    pb::Walk {
        walk_id: walk.id.to_string(),
        etag: etag(view.seen()),
        script_id: walk.script.clone(),
        definition_version: walk.definition_version.to_string(),
        client_id: walk.client_id.map(|id| id.to_string()).unwrap_or_default(),
        claim_id: walk.claim_id.map(|id| id.to_string()).unwrap_or_default(),
        finished: view.is_finished(),
        step: view.step().map(|found| step(view, found)),
        answers: Some(convert::structure(answers.iter().map(|(id, value)| (id, *value)))),
        start_time: Some(convert::timestamp(walk.started_at)),
        park_time: walk.state.parked_at().map(convert::timestamp),
        timer: Some(timer(expected_minutes, Some(walk.started_at), spent_ms, limit)),
        key_areas: key_areas(view),
        hints: view
            .hints()
            .into_iter()
            .map(|(hint, holds, first)| pb::WalkHint {
                hint_id: hint.id.clone(),
                text: read(view, Some(&hint.text)),
                holds,
                first_time: Some(convert::timestamp(first)),
            })
            .collect(),
        holder: view.holder.clone().map(convert::holder),
        withheld_question_ids: Vec::new(),
    }
}

/// As the adviser reads it.
fn read(view: &View, text: Option<&Text>) -> String {
    text.map(|text| text.in_language(view.reads).to_owned()).unwrap_or_default()
}

fn step(view: &View, step: StepView<'_>) -> pb::WalkStep {
    let (_, spent_ms) = view.walk.spent_ms(&step.stage.id, view.now);
    let started = view.walk.progress.stages.get(&step.stage.id).and_then(|record| record.started_at);
    let languages = questions::Languages { spoken: view.talks(), printed: view.writes(), read: view.reads };
    pb::WalkStep {
        stage_id: step.stage.id.clone(),
        stage_title: read(view, Some(&step.stage.title)),
        stage_minutes: step.stage.expected_minutes,
        say: step.say,
        guidance: step.guidance,
        step_id: step.step_id,
        question: step
            .question
            .map(|question| pb::FormQuestion { say: step.spoken, ..questions::question(question, languages) }),
        known_value: (!step.known.is_null()).then(|| convert::value(&step.known)),
        to_confirm: step.to_confirm,
        stage_timer: Some(timer(step.stage.expected_minutes, started, spent_ms, None)),
        part: step.part.map(|found| part(view, &found)),
        known_withheld: false,
    }
}

fn timer(
    expected_minutes: f64,
    started: Option<chrono::DateTime<chrono::Utc>>,
    spent_ms: i64,
    limit: Option<f64>,
) -> pb::WalkTimer {
    #[expect(clippy::cast_precision_loss, reason = "no call takes so long that a double cannot tell its milliseconds")]
    let elapsed_minutes = spent_ms as f64 / 60_000.0;
    pb::WalkTimer {
        expected_minutes,
        start_time: started.map(convert::timestamp),
        elapsed_minutes,
        limit_minutes: limit.unwrap_or_default(),
        over: limit.is_some_and(|limit| elapsed_minutes > limit),
    }
}

fn part(view: &View, found: &PartView<'_>) -> pb::WalkPart {
    let count = |number: usize| i32::try_from(number).unwrap_or(i32::MAX);
    pb::WalkPart {
        code: found.part.id.clone(),
        title: read(view, Some(&found.part.title)),
        guidance: read(view, found.part.guidance.as_ref()),
        stage_id: found.stage.id.clone(),
        asked: count(found.asked),
        answered: count(found.answered),
        open: count(found.asked - found.answered),
    }
}

pub fn key_areas(view: &View) -> Vec<pb::KeyArea> {
    let area = |area: &startline_definition::Named| {
        let record = view.walk.progress.areas.get(&area.id);
        let (state, reason) = match record.map(|record| &record.how) {
            None => (pb::KeyAreaState::Open, ""),
            Some(AreaState::Covered) => (pb::KeyAreaState::Covered, ""),
            Some(AreaState::Skipped { reason }) => (pb::KeyAreaState::Skipped, reason.as_str()),
            Some(AreaState::LeftOut) => (pb::KeyAreaState::LeftOut, ""),
        };
        pb::KeyArea {
            key_area_id: area.id.clone(),
            name: read(view, Some(&area.name)),
            state: state.into(),
            reason: reason.to_owned(),
            time: record.map(|record| convert::timestamp(record.at)),
        }
    };
    view.key_areas().iter().map(area).collect()
}

/// `hides_notes`: what was typed freely is not for whoever asks.
pub fn outline(view: &View, notes: &[Note], hides_notes: bool) -> pb::GetWalkOutlineResponse {
    let mut stages: Vec<pb::WalkStage> = view.stages().iter().map(|found| stage(view, found)).collect();
    if hides_notes {
        stages.iter_mut().for_each(|stage| stage.skip_reason.clear());
    }
    pb::GetWalkOutlineResponse {
        stages,
        parts: view.parts().iter().map(|found| part(view, found)).collect(),
        notes: notes.iter().filter(|_| !hides_notes).map(note).collect(),
        notes_withheld: hides_notes && !notes.is_empty(),
    }
}

fn stage(view: &View, found: &StageView<'_>) -> pb::WalkStage {
    let record = view.walk.progress.stages.get(&found.stage.id);
    let skip = record.and_then(|record| record.skip.as_ref());
    let started = record.and_then(|record| record.started_at);
    pb::WalkStage {
        stage_id: found.stage.id.clone(),
        title: read(view, Some(&found.stage.title)),
        shown: found.shown,
        passed: record.is_some_and(|record| record.passed),
        skip_reason: skip.map(|skip| skip.reason.clone()).unwrap_or_default(),
        end_time: record.and_then(|record| record.ended_at).map(convert::timestamp),
        timer: Some(timer(found.stage.expected_minutes, started, found.spent_ms, None)),
    }
}

pub fn note(note: &Note) -> pb::WalkNote {
    pb::WalkNote {
        number: note.number,
        note: note.text.clone(),
        stage_id: note.stage.clone(),
        user_id: note.by.to_string(),
        time: Some(convert::timestamp(note.at)),
    }
}

pub fn summary(walk: &Summary) -> pb::WalkSummary {
    let position = walk.state.position();
    pb::WalkSummary {
        walk_id: walk.id.to_string(),
        script_id: walk.script.clone(),
        client_id: walk.client_id.map(|id| id.to_string()).unwrap_or_default(),
        claim_id: walk.claim_id.map(|id| id.to_string()).unwrap_or_default(),
        definition_version: walk.definition_version.to_string(),
        stage_id: position.map(|position| position.stage.clone()).unwrap_or_default(),
        start_time: Some(convert::timestamp(walk.started_at)),
        move_time: Some(convert::timestamp(walk.moved_at)),
        park_time: walk.state.parked_at().map(convert::timestamp),
        finished: position.is_none(),
        user_id: walk.holder.map(|user| user.to_string()).unwrap_or_default(),
    }
}
