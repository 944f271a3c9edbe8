//! The start-up call as whoever meets the client next reads it.

use super::message;
use crate::doors::ScriptDoor;
use crate::withheld::{self, Veil};
use crate::{convert, pb};
use startline_foundation::error::Result;
use startline_foundation::ids::ClaimId;
use startline_foundation::store::Db;
use startline_rooms::access::{self, Context};
use startline_rooms::scripts::{self, START_UP};

impl ScriptDoor {
    pub async fn get_start_up_summary(
        &self,
        db: &mut Db<'_>,
        context: &Context,
        asked: pb::GetStartUpSummaryRequest,
    ) -> Result<pb::GetStartUpSummaryResponse> {
        let id = ClaimId::parse("claim_id", &asked.claim_id)?;
        let (_, veil) = Veil::of_claim(&self.0, db, context.sees, id).await?;
        let Some(walk) = scripts::walk_of_claim(db, id, START_UP).await? else {
            return Ok(pb::GetStartUpSummaryResponse { summary: None });
        };
        let view = scripts::get(db, context, &self.0.definitions, walk.id).await?;
        let notes = scripts::notes(db, walk.id).await?;
        let language = context.language;
        let hides_notes = withheld::hides_notes(context.sees);
        let mut key_areas = message::key_areas(&view);
        if hides_notes {
            key_areas.iter_mut().for_each(|area| area.reason.clear());
        }
        let user_name = match walk.holder {
            Some(user) => access::user(db, user).await?.name,
            None => String::new(),
        };
        let said = view.told().into_iter().map(|(stage, answers)| {
            let answers = answers.into_iter().map(|(question, value)| {
                let withheld = veil.hides(&question.id);
                pb::SummaryAnswer {
                    question_id: question.id.to_string(),
                    asked: question.label.in_language(language).to_owned(),
                    said: if withheld { String::new() } else { question.kind.show(value, language) },
                    sensitive: question.sensitive.is_some(),
                    withheld,
                }
            });
            let (stage_id, title) = (stage.id.clone(), stage.title.in_language(language).to_owned());
            pb::SummaryStage { stage_id, title, answers: answers.collect() }
        });
        let skipped = view.stages().into_iter().filter_map(|found| {
            let skip = walk.progress.stages.get(&found.stage.id)?.skip.as_ref()?;
            let title = found.stage.title.in_language(language).to_owned();
            let reason = if hides_notes { String::new() } else { skip.reason.clone() };
            Some(pb::SkippedStage { stage_id: found.stage.id.clone(), title, reason })
        });
        let hints = view.hints().into_iter().filter(|(_, holds, _)| *holds);
        Ok(pb::GetStartUpSummaryResponse {
            summary: Some(pb::StartUpSummary {
                walk_id: walk.id.to_string(),
                start_time: Some(convert::timestamp(walk.started_at)),
                user_id: walk.holder.map(|user| user.to_string()).unwrap_or_default(),
                user_name,
                finished: view.is_finished(),
                park_time: walk.state.parked_at().map(convert::timestamp),
                stages: said.collect(),
                notes_withheld: hides_notes && !notes.is_empty(),
                notes: notes.iter().filter(|_| !hides_notes).map(message::note).collect(),
                key_areas,
                skipped_stages: skipped.collect(),
                hints: hints.map(|(hint, ..)| hint.text.in_language(language).to_owned()).collect(),
            }),
        })
    }
}
