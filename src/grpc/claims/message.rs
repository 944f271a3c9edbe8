//! A claim as it is told.

use super::answers::{answer_message, draft_message};
use crate::mirrors::shown;
use crate::withheld::Veil;
use crate::{convert, pb};
use startline_definition::Definition;
use startline_foundation::error::Result;
use startline_foundation::ids::ClaimId;
use startline_foundation::store::Db;
use startline_rooms::access::Sees;
use startline_rooms::claims::{self, Claim, ClaimOverview, Closed, Query, QueryState, State, Tick};
use startline_rooms::diary::{Decision, Meeting};
use startline_service::Service;
use std::sync::Arc;

/// The claim, and the definition it began on.
pub async fn definition_of(service: &Service, db: &mut Db<'_>, id: ClaimId) -> Result<(Claim, Arc<Definition>)> {
    let claim = claims::get(db, id).await?;
    let definition = service.definitions.version(db, &claim.definition_version).await?;
    Ok((claim, definition))
}

/// As whoever asks sees it.
pub async fn claim_message(service: &Service, db: &mut Db<'_>, sees: Sees, claim: &Claim) -> Result<pb::Claim> {
    let definition = service.definitions.version(db, &claim.definition_version).await?;
    let veil = Veil::new(sees, definition.clone(), service.definitions.current().clone());
    let standing = claims::standing(db, &definition, claim, service.clock.now()).await?;
    Ok(veil.claim(pb::Claim {
        claim_id: claim.id.to_string(),
        client_id: claim.client_id.to_string(),
        site_id: claim.site.to_string(),
        state: shown::<pb::ClaimState>(claim.state.stage()),
        definition_version: claim.definition_version.to_string(),
        first_contact_time: Some(convert::timestamp(claim.first_contact_at)),
        answers: standing.answers.iter().map(|answer| answer_message(&veil, answer)).collect(),
        appointment_id: standing.appointment.as_ref().map(|first| first.id.to_string()).unwrap_or_default(),
        standing: Some(standing_message(&definition, &standing)),
        drafts: claims::drafts(db, claim.id).await?.iter().map(|draft| draft_message(&veil, draft)).collect(),
        repeats_claim_id: claim.repeats.map(|id| id.to_string()).unwrap_or_default(),
        partner_claim_id: claim.partner_claim.map(|id| id.to_string()).unwrap_or_default(),
        holder: None,
    }))
}

fn standing_message(definition: &Definition, standing: &ClaimOverview) -> pb::ClaimStanding {
    let (meeting, decision) = meeting(&standing.meeting);
    let review_day = decision.and_then(|decision| decision.what.review_day()).map(|day| day.to_string());
    let lodgings = standing.lodgings.iter().map(|lodging| pb::Lodging {
        agency_id: lodging.agency.clone(),
        lodged_time: Some(convert::timestamp(lodging.at)),
        lodged_day: definition.calendar.local_date(lodging.at).to_string(),
        signed_day: lodging.signed_day.to_string(),
        lodged_by: lodging.by.to_string(),
    });
    let benefits = standing.dates.iter().map(|(benefit, dates)| pb::BenefitDates {
        benefit_id: benefit.clone(),
        counts_from: dates.counts_from.to_string(),
        protected_until: dates.protected_until.to_string(),
        earliest_with_reason: dates.earliest_with_reason.to_string(),
        protected: dates.is_protected,
    });
    let closing = match &standing.claim.state {
        State::Closed(closing) => Some(closing),
        _ => None,
    };
    let withdrawal = closing.filter(|closing| closing.how == Closed::Withdrawn).map(|closing| pb::Withdrawal {
        reason: closing.reason.clone(),
        withdrawn_by: closing.by.to_string(),
        withdrawn_time: Some(convert::timestamp(closing.at)),
    });
    let not_made = closing.filter(|closing| closing.how == Closed::NotMade).map(|closing| pb::NotMade {
        reason: closing.reason.clone(),
        decided_by: closing.by.to_string(),
        decided_time: Some(convert::timestamp(closing.at)),
    });
    pb::ClaimStanding {
        meeting: meeting.into(),
        meeting_reason: decision.map(|decision| decision.what.reason().to_owned()).unwrap_or_default(),
        review_day: review_day.unwrap_or_default(),
        missing_answers: u32::try_from(standing.missing).unwrap_or(u32::MAX),
        evidence_to_come: standing.evidence_to_come.clone(),
        ticks: standing.ticks.iter().map(tick_message).collect(),
        open_queries: standing.open_queries.iter().map(query_message).collect(),
        lodgings: lodgings.collect(),
        agencies_left: standing.agencies_left.clone(),
        benefits: benefits.collect(),
        next_step: standing.next_step.clone(),
        withdrawal,
        not_made,
        meeting_reason_withheld: false,
        form_back_time: standing.form_back_at.map(convert::timestamp),
    }
}

fn meeting(meeting: &Meeting) -> (pb::MeetingOutcome, Option<&Decision>) {
    match meeting {
        Meeting::Open => (pb::MeetingOutcome::Open, None),
        Meeting::Booked(_) => (pb::MeetingOutcome::Booked, None),
        Meeting::Missed(_) => (pb::MeetingOutcome::Missed, None),
        Meeting::Held(_) => (pb::MeetingOutcome::Held, None),
        Meeting::Deferred(decision) => (pb::MeetingOutcome::Deferred, Some(decision)),
        Meeting::Waived(decision) => (pb::MeetingOutcome::Waived, Some(decision)),
    }
}

pub fn tick_message(tick: &Tick) -> pb::EvidenceTick {
    pb::EvidenceTick {
        evidence_id: tick.evidence_id.clone(),
        state: shown::<pb::EvidenceState>(tick.state),
        note: tick.note.clone(),
        ticked_by: tick.by.to_string(),
        ticked_time: Some(convert::timestamp(tick.at)),
    }
}

pub fn query_message(query: &Query) -> pb::ClaimQuery {
    let settled = match &query.state {
        QueryState::Open => None,
        QueryState::Settled { by, at, outcome } => Some((by.to_string(), *at, outcome.clone())),
    };
    pb::ClaimQuery {
        query_id: query.id.to_string(),
        claim_id: query.claim_id.to_string(),
        question_id: query.question_id.as_ref().map(ToString::to_string).unwrap_or_default(),
        text: query.text.clone(),
        raised_by: query.raised_by.to_string(),
        raised_time: Some(convert::timestamp(query.raised_at)),
        settled_time: settled.as_ref().map(|(_, at, _)| convert::timestamp(*at)),
        settled_by: settled.as_ref().map(|(by, ..)| by.clone()).unwrap_or_default(),
        outcome: settled.map(|(.., outcome)| outcome).unwrap_or_default(),
    }
}
