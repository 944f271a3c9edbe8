//! Moving a walk in whatever order the client wants: back, to another place, past a stage, to another day.

use super::life::Walk;
use super::notes;
use super::progress::Skip;
use super::step::Position;
use super::view::View;
use super::walk::{Course, Evaluation, Spot};
use super::walk_context::{WalkContext, save};
use super::{for_step, view};
use crate::access::Context;
use startline_definition::Definitions;
use startline_foundation::error::{Error, Result};
use startline_foundation::formats::required_line;
use startline_foundation::ids::WalkId;
use startline_foundation::store::Db;

const REASON_CHARS: usize = 200;

/// Where to jump to, as a desk names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    Stage(String),
    /// A part of the form: its first open question.
    Part(String),
    Step(String),
}

/// Steps back to the last shown step; answers stay.
pub async fn go_back(
    db: &mut Db<'_>,
    context: &Context,
    definitions: &Definitions,
    id: WalkId,
    seen: i32,
) -> Result<View> {
    let (walk, walk_context) = for_step(db, definitions, id, seen).await?;
    walk.check_moves()?;
    let evaluation = walk_context.evaluate(&walk)?;
    let before = walk_context.course(&walk)?.back(&evaluation, &walk.progress, walk.state.position());
    let before = before.ok_or_else(|| Error::illegal("WALK_AT_START", "this is the first step"))?;
    arrived(db, context, walk, walk_context, evaluation, Some(before), "walk_went_back").await
}

/// Goes to a place; what was left open on the way stays open.
pub async fn jump_to(
    db: &mut Db<'_>,
    context: &Context,
    definitions: &Definitions,
    id: WalkId,
    seen: i32,
    target: &Target,
) -> Result<View> {
    let (mut walk, walk_context) = for_step(db, definitions, id, seen).await?;
    walk.check_moves()?;
    let evaluation = walk_context.evaluate(&walk)?;
    let position = landing(&walk_context.course(&walk)?, &evaluation, &walk, target)?;
    // Whoever jumps somewhere goes on from there, also through what was left open before.
    walk.progress.gone_through.remove(&position.stage);
    // Whoever jumps into a stage that was left out takes it up.
    if let Some(record) = walk.progress.stages.get_mut(&position.stage) {
        record.skip = None;
    }
    arrived(db, context, walk, walk_context, evaluation, Some(position), "walk_jumped").await
}

fn no_stage(course: &Course<'_>) -> Error {
    Error::not_among("stage_id", "no stage of this script", course.script.stages.iter().map(|stage| &stage.id))
}

/// The step that a target stands for, if this client comes by it.
fn landing(course: &Course<'_>, evaluation: &Evaluation, walk: &Walk, target: &Target) -> Result<Position> {
    let hidden =
        |what: &str| Error::illegal("STEP_HIDDEN", format!("{what} is not for this client as the answers stand"));
    match target {
        Target::Stage(id) => {
            course.script.stage(id).ok_or_else(|| no_stage(course))?;
            let mut places = course.places().filter(|place| place.stage.id == *id);
            let first = places.find(|place| course.is_shown(evaluation, place));
            first.map(|place| place.position()).ok_or_else(|| hidden(id))
        }
        Target::Part(code) => {
            if course.form.is_none() {
                return Err(Error::illegal("NO_CLAIM", "this walk fills no claim: open one, and begin a walk of it"));
            }
            if course.parts().all(|(_, part)| part.id != *code) {
                return Err(Error::invalid("part", "is no part of the form that this script walks"));
            }
            let asked = |place: &super::walk::Place<'_>| {
                let is_in = matches!(place.spot, Spot::FormQuestion(part, _) if part.id == *code);
                is_in && course.is_shown(evaluation, place)
            };
            let is_open = |place: &super::walk::Place<'_>| {
                asked(place) && place.question().is_some_and(|question| question.answer(&evaluation.answers).is_none())
            };
            let first = course.places().find(is_open).or_else(|| course.places().find(asked));
            first.map(|place| place.position()).ok_or_else(|| hidden(&format!("part {code}")))
        }
        Target::Step(id) => {
            let mut found = course.places().filter(|place| place.position().id() == *id).peekable();
            if found.peek().is_none() {
                return Err(Error::invalid("step_id", "is no step of this script"));
            }
            let is_here = walk.state.position().filter(|position| position.id() == *id);
            let shown = found.find(|place| course.is_shown(evaluation, place)).map(|place| place.position());
            shown.or(is_here.cloned()).ok_or_else(|| hidden(id))
        }
    }
}

fn reason_of(context: &Context, reason: &str) -> Result<Skip> {
    let reason = required_line("reason", reason, REASON_CHARS, "is needed: say why it is left out")?;
    Ok(Skip { reason, by: context.user.id, at: context.now })
}

/// Leaves a stage out. If the walk stands on it, it goes on to what comes after.
pub async fn skip_stage(
    db: &mut Db<'_>,
    context: &Context,
    definitions: &Definitions,
    id: WalkId,
    seen: i32,
    stage: &str,
    reason: &str,
) -> Result<View> {
    let skip = reason_of(context, reason)?;
    let (mut walk, walk_context) = for_step(db, definitions, id, seen).await?;
    let position = walk.standing()?.clone();
    let course = walk_context.course(&walk)?;
    if course.script.stage(stage).is_none() {
        return Err(no_stage(&course));
    }
    walk.progress.stages.entry(stage.to_owned()).or_default().skip = Some(skip);
    let evaluation = walk_context.evaluate(&walk)?;
    let next = if position.stage == stage {
        walk_context.course(&walk)?.next(&evaluation, &walk.progress, Some(&position))
    } else {
        Some(position)
    };
    arrived(db, context, walk, walk_context, evaluation, next, "walk_stage_skipped").await
}

/// Settles a key area that will not be covered.
pub async fn skip_key_area(
    db: &mut Db<'_>,
    context: &Context,
    definitions: &Definitions,
    id: WalkId,
    seen: i32,
    area: &str,
    reason: &str,
) -> Result<View> {
    let skip = reason_of(context, reason)?;
    let (mut walk, walk_context) = for_step(db, definitions, id, seen).await?;
    let position = walk.standing()?.clone();
    let areas = &walk_context.course(&walk)?.script.key_areas;
    if areas.iter().all(|known| known.id != area) {
        let known = areas.iter().map(|known| &known.id);
        return Err(Error::not_among("key_area_id", "no key area of this script", known));
    }
    walk.progress.area_skips.insert(area.to_owned(), skip);
    let evaluation = walk_context.evaluate(&walk)?;
    arrived(db, context, walk, walk_context, evaluation, Some(position), "walk_key_area_skipped").await
}

/// Ends the call and keeps everything.
pub async fn park(
    db: &mut Db<'_>,
    context: &Context,
    definitions: &Definitions,
    id: WalkId,
    seen: i32,
    note: &str,
) -> Result<View> {
    let (mut walk, walk_context) = for_step(db, definitions, id, seen).await?;
    walk.park(context)?;
    if !note.trim().is_empty() {
        notes::add(db, context, &walk, note).await?;
    }
    save(db, context, &mut walk, "walk_parked").await?;
    let evaluation = walk_context.evaluate(&walk)?;
    view(db, context, walk, walk_context, evaluation).await
}

/// Takes a walk up: whoever does holds it from now on.
pub async fn resume(
    db: &mut Db<'_>,
    context: &Context,
    definitions: &Definitions,
    id: WalkId,
    seen: i32,
) -> Result<View> {
    let (mut walk, walk_context) = for_step(db, definitions, id, seen).await?;
    walk.resume(context)?;
    save(db, context, &mut walk, "walk_resumed").await?;
    let evaluation = walk_context.evaluate(&walk)?;
    view(db, context, walk, walk_context, evaluation).await
}

/// Nobody goes on with it, and why.
pub async fn close(
    db: &mut Db<'_>,
    context: &Context,
    definitions: &Definitions,
    id: WalkId,
    seen: i32,
    reason: &str,
) -> Result<View> {
    let reason = required_line("reason", reason, REASON_CHARS, "is needed: why does nobody go on with it?")?;
    let (mut walk, walk_context) = for_step(db, definitions, id, seen).await?;
    walk.close(context)?;
    notes::add(db, context, &walk, &reason).await?;
    save(db, context, &mut walk, "walk_closed").await?;
    let evaluation = walk_context.evaluate(&walk)?;
    view(db, context, walk, walk_context, evaluation).await
}

async fn arrived(
    db: &mut Db<'_>,
    context: &Context,
    mut walk: Walk,
    mut walk_context: WalkContext,
    evaluation: Evaluation,
    position: Option<Position>,
    action: &'static str,
) -> Result<View> {
    walk_context.arrive(db, context, &mut walk, &evaluation, position, action).await?;
    view(db, context, walk, walk_context, evaluation).await
}
