//! The steps of stories about walks, each through the public door.

use super::person::Person;
use super::steps::Answer;
use super::values::new_id;
use serde_json::Value as Json;
use startline::grpc::pb;
use startline::grpc::pb::jump_to_request::Target;

/// A step of a walk by itself, where the story only needs its id.
pub fn step(walk: &pb::Walk) -> &pb::WalkStep {
    walk.step.as_ref().unwrap_or_else(|| panic!("the walk is finished"))
}

/// The first step of a stage.
pub fn stage(id: &str) -> Target {
    Target::StageId(id.into())
}

impl Person {
    pub async fn walk(&self, id: &str) -> pb::Walk {
        let request = pb::GetWalkRequest { walk_id: id.into() };
        self.scripts().get_walk(request).await.unwrap().into_inner().walk.unwrap()
    }

    pub async fn outline(&self, walk: &pb::Walk) -> pb::GetWalkOutlineResponse {
        let request = pb::GetWalkOutlineRequest { walk_id: walk.walk_id.clone() };
        self.scripts().get_walk_outline(request).await.unwrap().into_inner()
    }

    pub async fn jump(&self, walk: &pb::Walk, target: Target) -> Answer<pb::Walk> {
        let (walk_id, etag) = (walk.walk_id.clone(), walk.etag.clone());
        let request = pb::JumpToRequest { request_id: new_id(), walk_id, etag, target: Some(target) };
        Ok(self.scripts().jump_to(request).await?.into_inner().walk.unwrap())
    }

    pub async fn step_back(&self, walk: &pb::Walk) -> Answer<pb::Walk> {
        let (walk_id, etag) = (walk.walk_id.clone(), walk.etag.clone());
        let request = pb::GoBackRequest { request_id: new_id(), walk_id, etag };
        Ok(self.scripts().go_back(request).await?.into_inner().walk.unwrap())
    }

    /// Jumps to a step and answers it.
    pub async fn says(&self, walk: &pb::Walk, step: &str, answer: Json) -> pb::Walk {
        let there = self.jump(walk, Target::StepId(step.into())).await.unwrap();
        self.answer_step(&there, Some(answer)).await.unwrap()
    }

    pub async fn skip_stage(&self, walk: &pb::Walk, stage: &str, reason: &str) -> Answer<pb::Walk> {
        let (walk_id, etag) = (walk.walk_id.clone(), walk.etag.clone());
        let (stage_id, reason) = (stage.into(), reason.into());
        let request = pb::SkipStageRequest { request_id: new_id(), walk_id, etag, stage_id, reason };
        Ok(self.scripts().skip_stage(request).await?.into_inner().walk.unwrap())
    }

    pub async fn skip_area(&self, walk: &pb::Walk, area: &str, reason: &str) -> Answer<pb::Walk> {
        let (walk_id, etag) = (walk.walk_id.clone(), walk.etag.clone());
        let (key_area_id, reason) = (area.into(), reason.into());
        let request = pb::SkipKeyAreaRequest { request_id: new_id(), walk_id, etag, key_area_id, reason };
        Ok(self.scripts().skip_key_area(request).await?.into_inner().walk.unwrap())
    }

    pub async fn note(&self, walk: &pb::Walk, note: &str) -> Answer<pb::WalkNote> {
        let request = pb::TakeNoteRequest { request_id: new_id(), walk_id: walk.walk_id.clone(), note: note.into() };
        Ok(self.scripts().take_note(request).await?.into_inner().note.unwrap())
    }

    pub async fn park(&self, walk: &pb::Walk, note: &str) -> Answer<pb::Walk> {
        let (walk_id, etag) = (walk.walk_id.clone(), walk.etag.clone());
        let request = pb::ParkWalkRequest { request_id: new_id(), walk_id, etag, note: note.into() };
        Ok(self.scripts().park_walk(request).await?.into_inner().walk.unwrap())
    }

    pub async fn resume(&self, walk: &pb::Walk) -> Answer<pb::Walk> {
        let (walk_id, etag) = (walk.walk_id.clone(), walk.etag.clone());
        let request = pb::ResumeWalkRequest { request_id: new_id(), walk_id, etag };
        Ok(self.scripts().resume_walk(request).await?.into_inner().walk.unwrap())
    }

    pub async fn walks_of_claim(&self, claim: &str) -> Vec<pb::WalkSummary> {
        let request = pb::ListWalksRequest { claim_id: claim.into(), ..Default::default() };
        self.scripts().list_walks(request).await.unwrap().into_inner().walks
    }
}
