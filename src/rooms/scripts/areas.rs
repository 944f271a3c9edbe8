//! The checklist of a long script: each key area is covered, left out with a reason, or left out by the branch. Pure.

use super::progress::{AreaRecord, AreaState, Progress};
use super::walk::{Course, Evaluation};
use chrono::{DateTime, Utc};
use startline_definition::Named;
use startline_foundation::ids::UserId;

/// How an area stands; none while it is open.
fn state(course: &Course<'_>, evaluation: &Evaluation, progress: &Progress, area: &str) -> Option<AreaState> {
    let covering: Vec<&str> = course
        .script
        .stages
        .iter()
        .filter(|stage| stage.covers.iter().any(|covered| covered == area))
        .map(|stage| stage.id.as_str())
        .collect();
    let records = || covering.iter().filter_map(|stage| progress.stages.get(*stage));
    let skip = || {
        let of_stage = || records().find_map(|record| record.skip.as_ref());
        progress.area_skips.get(area).or_else(of_stage)
    };
    if records().any(|record| record.passed) {
        Some(AreaState::Covered)
    } else if let Some(skip) = skip() {
        Some(AreaState::Skipped { reason: skip.reason.clone() })
    } else if covering.iter().all(|stage| !course.is_stage_shown(evaluation, stage)) {
        Some(AreaState::LeftOut)
    } else {
        None
    }
}

/// Brings the record up to what holds now: what was settled by a branch opens again with it.
pub fn record(course: &Course<'_>, evaluation: &Evaluation, progress: &mut Progress, by: UserId, at: DateTime<Utc>) {
    for area in &course.script.key_areas {
        match state(course, evaluation, progress, &area.id) {
            None => drop(progress.areas.remove(&area.id)),
            Some(how) if progress.areas.get(&area.id).is_none_or(|record| record.how != how) => {
                progress.areas.insert(area.id.clone(), AreaRecord { how, by, at });
            }
            Some(_) => {}
        }
    }
}

/// The areas that nothing settles yet, by the record.
pub fn open<'d>(course: &Course<'d>, progress: &Progress) -> Vec<&'d Named> {
    course.script.key_areas.iter().filter(|area| !progress.areas.contains_key(&area.id)).collect()
}
