//! Meetings put off, or done without.

use super::message::parse_day;
use super::{Answered, DiaryDoor};
use crate::claims;
use crate::diary::{Decided, Decision, DeferralReason, WaiverReason};
use crate::error::Error;
use crate::followup;
use crate::grpc::mutation::{begin, retrying};
use crate::grpc::{convert, pb};
use crate::ids::ClaimId;
use tonic::Request;

impl DiaryDoor {
    pub(super) async fn defer(&self, request: Request<pb::DeferMeetingRequest>) -> Answered<pb::DeferMeetingResponse> {
        retrying(|| self.defer_once(&request)).await
    }

    pub(super) async fn waive(&self, request: Request<pb::WaiveMeetingRequest>) -> Answered<pb::WaiveMeetingResponse> {
        retrying(|| self.waive_once(&request)).await
    }

    async fn defer_once(&self, request: &Request<pb::DeferMeetingRequest>) -> Answered<pb::DeferMeetingResponse> {
        let mut mutation = begin!(&self.0, request);
        let asked = request.get_ref();
        let id = ClaimId::parse("claim_id", &asked.claim_id)?;
        let reason = match asked.reason() {
            pb::DeferralReason::Health => DeferralReason::Health,
            pb::DeferralReason::MajorOperation => DeferralReason::MajorOperation,
            pb::DeferralReason::RestrictiveTreatment => DeferralReason::RestrictiveTreatment,
            pb::DeferralReason::BabyDue => DeferralReason::BabyDue,
            pb::DeferralReason::RecentlyBereaved => DeferralReason::RecentlyBereaved,
            pb::DeferralReason::Unspecified => return Err(Error::invalid("reason", "is needed").into()),
        };
        let review_day = parse_day("review_day", &asked.review_day)?;
        let (db, context) = (&mut mutation.tx.db(), &mutation.context);
        let version = claims::get(db, id).await?.definition_version;
        let definition = &self.0.definitions.version(db, &version).await?;
        let decision = claims::defer_meeting(db, context, definition, id, reason, &asked.note, review_day).await?;
        followup::meeting_decided(db, context, &self.0.definitions, id).await?;
        let answer = pb::DeferMeetingResponse { decision: Some(decision_message(&decision)) };
        let answer = mutation.finish(answer).await?;
        self.0.watchers.changed(id);
        self.0.time_freed.notify_one();
        Ok(answer)
    }

    async fn waive_once(&self, request: &Request<pb::WaiveMeetingRequest>) -> Answered<pb::WaiveMeetingResponse> {
        let mut mutation = begin!(&self.0, request);
        let asked = request.get_ref();
        let id = ClaimId::parse("claim_id", &asked.claim_id)?;
        let reason = match asked.reason() {
            pb::WaiverReason::SeriousIllness => WaiverReason::SeriousIllness,
            pb::WaiverReason::Exceptional => WaiverReason::Exceptional,
            pb::WaiverReason::Optional => WaiverReason::Optional,
            pb::WaiverReason::Unspecified => return Err(Error::invalid("reason", "is needed").into()),
        };
        let (db, context) = (&mut mutation.tx.db(), &mutation.context);
        let version = claims::get(db, id).await?.definition_version;
        let definition = &self.0.definitions.version(db, &version).await?;
        let decision = claims::waive_meeting(db, context, definition, id, reason, &asked.note).await?;
        followup::meeting_decided(db, context, &self.0.definitions, id).await?;
        let answer = pb::WaiveMeetingResponse { decision: Some(decision_message(&decision)) };
        let answer = mutation.finish(answer).await?;
        self.0.watchers.changed(id);
        self.0.time_freed.notify_one();
        Ok(answer)
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
