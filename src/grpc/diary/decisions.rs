//! Meetings put off, or done without.

use super::message::parse_day;
use crate::access::Context;
use crate::diary::{Decided, Decision, DeferralReason, WaiverReason};
use crate::error::{Error, Result};
use crate::grpc::doors::DiaryDoor;
use crate::grpc::{convert, pb};
use crate::ids::ClaimId;
use crate::service::use_cases::decisions;
use crate::store::Db;

impl DiaryDoor {
    pub async fn defer_meeting(
        &self,
        db: &mut Db<'_>,
        context: &Context,
        asked: pb::DeferMeetingRequest,
    ) -> Result<pb::DeferMeetingResponse> {
        let id = ClaimId::parse("claim_id", &asked.claim_id)?;
        let reason = match asked.reason() {
            pb::DeferralReason::Health => DeferralReason::Health,
            pb::DeferralReason::MajorOperation => DeferralReason::MajorOperation,
            pb::DeferralReason::RestrictiveTreatment => DeferralReason::RestrictiveTreatment,
            pb::DeferralReason::BabyDue => DeferralReason::BabyDue,
            pb::DeferralReason::RecentlyBereaved => DeferralReason::RecentlyBereaved,
            pb::DeferralReason::Unspecified => return Err(Error::invalid("reason", "is needed")),
        };
        let review_day = parse_day("review_day", &asked.review_day)?;
        let why = (reason, asked.note.as_str());
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
        let reason = match asked.reason() {
            pb::WaiverReason::SeriousIllness => WaiverReason::SeriousIllness,
            pb::WaiverReason::Exceptional => WaiverReason::Exceptional,
            pb::WaiverReason::Optional => WaiverReason::Optional,
            pb::WaiverReason::Unspecified => return Err(Error::invalid("reason", "is needed")),
        };
        let why = (reason, asked.note.as_str());
        let decision = decisions::waive_meeting(db, context, &self.0.definitions, id, why).await?;
        Ok(pb::WaiveMeetingResponse { decision: Some(decision_message(&decision)) })
    }
}

fn decision_message(decision: &Decision) -> pb::MeetingDecision {
    use pb::meeting_decision::Reason;
    let (reason, review_day) = match decision.what {
        Decided::Deferred { reason, review_day } => {
            let reason = match reason {
                DeferralReason::Health => pb::DeferralReason::Health,
                DeferralReason::MajorOperation => pb::DeferralReason::MajorOperation,
                DeferralReason::RestrictiveTreatment => pb::DeferralReason::RestrictiveTreatment,
                DeferralReason::BabyDue => pb::DeferralReason::BabyDue,
                DeferralReason::RecentlyBereaved => pb::DeferralReason::RecentlyBereaved,
            };
            (Reason::Deferred(reason.into()), Some(review_day))
        }
        Decided::Waived { reason } => {
            let reason = match reason {
                WaiverReason::SeriousIllness => pb::WaiverReason::SeriousIllness,
                WaiverReason::Exceptional => pb::WaiverReason::Exceptional,
                WaiverReason::Optional => pb::WaiverReason::Optional,
            };
            (Reason::Waived(reason.into()), None)
        }
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
