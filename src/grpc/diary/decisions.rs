//! Meetings put off, or done without.

use super::message::parse_day;
use crate::doors::DiaryDoor;
use crate::mirrors::{needed, shown};
use crate::{convert, pb};
use startline_foundation::error::Result;
use startline_foundation::ids::ClaimId;
use startline_foundation::store::Db;
use startline_rooms::access::Context;
use startline_rooms::diary::{Decided, Decision};
use startline_service::use_cases::decisions;

impl DiaryDoor {
    pub async fn defer_meeting(
        &self,
        db: &mut Db<'_>,
        context: &Context,
        asked: pb::DeferMeetingRequest,
    ) -> Result<pb::DeferMeetingResponse> {
        let id = ClaimId::parse("claim_id", &asked.claim_id)?;
        let review_day = parse_day("review_day", &asked.review_day)?;
        let why = (asked.reason.as_str(), asked.note.as_str());
        let decision = decisions::defer_meeting(db, context, &self.0.definitions, id, why, review_day).await?;
        Ok(pb::DeferMeetingResponse { decision: Some(decision_message(&decision)) })
    }

    pub async fn waive_meeting(
        &self,
        db: &mut Db<'_>,
        context: &Context,
        asked: pb::WaiveMeetingRequest,
    ) -> Result<pb::WaiveMeetingResponse> {
        let id = ClaimId::parse("claim_id", &asked.claim_id)?;
        let reason = needed::<pb::WaiverReason>("reason", asked.reason, "is needed")?;
        let why = (reason, asked.note.as_str());
        let decision = decisions::waive_meeting(db, context, &self.0.definitions, id, why).await?;
        Ok(pb::WaiveMeetingResponse { decision: Some(decision_message(&decision)) })
    }
}

fn decision_message(decision: &Decision) -> pb::MeetingDecision {
    use pb::meeting_decision::Reason;
    let (reason, review_day) = match &decision.what {
        Decided::Deferred { reason, review_day } => (Reason::Deferred(reason.clone()), Some(review_day)),
        Decided::Waived { reason } => (Reason::Waived(shown::<pb::WaiverReason>(*reason)), None),
    };
    pb::MeetingDecision {
        claim_id: decision.claim_id.to_string(),
        reason: Some(reason),
        note: decision.note.clone(),
        review_day: review_day.map(|day| day.to_string()).unwrap_or_default(),
        decided_by: decision.by.to_string(),
        decided_time: Some(convert::timestamp(decision.at)),
    }
}
