//! Steps and places on the standby list as messages.

use crate::mirrors::shown;
use crate::{convert, pb};
use startline_definition::Definition;
use startline_foundation::error::Result;
use startline_foundation::formats::UkPhone;
use startline_foundation::ids::{ClaimId, SiteId, UserId};
use startline_foundation::store::Db;
use startline_rooms::access::{self, Context, Role};
use startline_rooms::claims;
use startline_rooms::clients;
use startline_rooms::followup::{self, DecisionAfterMisses, Listing, Reads, StepState, ToDo, Waiting, What};
use std::collections::HashMap;

pub fn step_message(to_do: &ToDo) -> pb::Step {
    let step = &to_do.step;
    let mut message = pb::Step {
        step_id: step.id.to_string(),
        kind: kind_message(&step.what).into(),
        claim_id: step.claim_id.to_string(),
        client_id: to_do.client.id.to_string(),
        client_name: to_do.client.full_name(),
        phone: to_do.client.facts.phone.as_ref().map(UkPhone::grouped).unwrap_or_default(),
        appointment_id: step.appointment_id.map(|id| id.to_string()).unwrap_or_default(),
        due_day: step.due_day.to_string(),
        why: to_do.why.clone(),
        comes_first: to_do.first.clone(),
        letter_text: to_do.letter.clone().unwrap_or_default(),
        opened_time: Some(convert::timestamp(step.opened_at)),
        ..Default::default()
    };
    match &step.what {
        What::RingClient { number, .. } | What::SendLetter { number, .. } | What::Decide { number, .. } => {
            message.opportunity = *number;
        }
        What::ArrangeDeferredMeeting { .. } => message.meeting_kind = startline_definition::FIRST_MEETING.to_owned(),
        What::HomeVisit { .. } | What::ConsiderHomeVisit { .. } => message.meeting_kind = "home-visit".to_owned(),
        What::ProposeMeeting { kind, .. } => message.meeting_kind.clone_from(kind),
        What::OfferEarlierTime { offer, starts_at, .. } => {
            message.standby_offer_id = offer.to_string();
            message.offered_time = Some(convert::timestamp(*starts_at));
        }
        What::Refer { agency, .. } => message.agency_id.clone_from(agency),
        What::ArrangeMeeting { .. } => message.meeting_kind = startline_definition::FIRST_MEETING.to_owned(),
        What::OfferNewMeeting { .. }
        | What::Reconsider { .. }
        | What::FinishStartUp { .. }
        | What::RecordAttendance { .. }
        | What::ChaseForm { .. }
        | What::LodgeNow { .. }
        | What::DateRunsOut { .. }
        | What::DateLost { .. } => {}
    }
    if let StepState::Done { at, by, outcome, note } = &step.state {
        message.done_time = Some(convert::timestamp(*at));
        message.done_by = by.to_string();
        message.note.clone_from(note);
        message.outcome = shown::<pb::StepOutcome>(*outcome);
    }
    message
}

fn kind_message(what: &What) -> pb::StepKind {
    match what {
        What::ArrangeDeferredMeeting { .. } => pb::StepKind::ArrangeDeferredMeeting,
        What::RingClient { .. } => pb::StepKind::RingClient,
        What::SendLetter { .. } => pb::StepKind::SendLetter,
        What::OfferNewMeeting { .. } => pb::StepKind::OfferNewMeeting,
        What::HomeVisit { .. } => pb::StepKind::HomeVisit,
        What::ConsiderHomeVisit { .. } => pb::StepKind::ConsiderHomeVisit,
        What::Refer { .. } => pb::StepKind::Refer,
        What::Decide { .. } => pb::StepKind::Decide,
        What::Reconsider { .. } => pb::StepKind::Reconsider,
        What::OfferEarlierTime { .. } => pb::StepKind::OfferEarlierTime,
        What::ProposeMeeting { .. } => pb::StepKind::ProposeMeeting,
        What::FinishStartUp { .. } => pb::StepKind::FinishStartUp,
        What::ArrangeMeeting { .. } => pb::StepKind::ArrangeMeeting,
        What::RecordAttendance { .. } => pb::StepKind::RecordAttendance,
        What::ChaseForm { .. } => pb::StepKind::ChaseForm,
        What::LodgeNow { .. } => pb::StepKind::LodgeNow,
        What::DateRunsOut { .. } => pb::StepKind::DateRunsOut,
        What::DateLost { .. } => pb::StepKind::DateLost,
    }
}

/// The kind's name in the rooms; none for one that is not said.
pub fn kind_name(kind: pb::StepKind) -> Option<&'static str> {
    Some(match kind {
        pb::StepKind::Unspecified => return None,
        pb::StepKind::ArrangeDeferredMeeting => "arrange-deferred-meeting",
        pb::StepKind::RingClient => "ring-client",
        pb::StepKind::SendLetter => "send-letter",
        pb::StepKind::OfferNewMeeting => "offer-new-meeting",
        pb::StepKind::HomeVisit => "home-visit",
        pb::StepKind::ConsiderHomeVisit => "consider-home-visit",
        pb::StepKind::Refer => "refer",
        pb::StepKind::Decide => "decide",
        pb::StepKind::Reconsider => "reconsider",
        pb::StepKind::OfferEarlierTime => "offer-earlier-time",
        pb::StepKind::ProposeMeeting => "propose-meeting",
        pb::StepKind::FinishStartUp => "finish-start-up",
        pb::StepKind::ArrangeMeeting => "arrange-meeting",
        pb::StepKind::RecordAttendance => "record-attendance",
        pb::StepKind::ChaseForm => "chase-form",
        pb::StepKind::LodgeNow => "lodge-now",
        pb::StepKind::DateRunsOut => "date-runs-out",
        pb::StepKind::DateLost => "date-lost",
    })
}

/// The kind of that name in the rooms.
pub fn kind_named(name: &str) -> pb::StepKind {
    let mut all = (1..).map_while(|number| pb::StepKind::try_from(number).ok());
    all.find(|kind| kind_name(*kind) == Some(name)).unwrap_or_default()
}

/// Reception arranges a meeting that was put off without knowing why it was.
pub fn reads(context: &Context) -> Reads {
    let meets = [Role::Adviser, Role::TeamLeader, Role::PersonalAdviser, Role::BenefitsExpert];
    Reads { language: context.language, reasons: meets.into_iter().any(|role| context.user.is(role)) }
}

/// What is open for a claim now, for whoever has just said something of it.
pub async fn open_steps(
    db: &mut Db<'_>,
    definition: &Definition,
    site: &SiteId,
    claim: ClaimId,
    reads: Reads,
) -> Result<Vec<pb::Step>> {
    let all = Listing { claim: Some(claim), ..Listing::default() };
    let steps = followup::list_steps(db, definition, site, &all, reads).await?;
    Ok(steps.iter().filter(|to_do| to_do.step.is_open()).map(step_message).collect())
}

/// What was decided after missed meetings, with the names of whom it concerns and who decided.
pub async fn decision_messages(
    db: &mut Db<'_>,
    definition: &Definition,
    decided: &[DecisionAfterMisses],
) -> Result<Vec<pb::MissesDecision>> {
    let by = decided.iter().flat_map(|one| {
        let looked_again = [&one.upheld, &one.reversal].map(|found| found.as_ref().map(|found| found.by));
        [Some(one.by), one.asked.as_ref().map(|asked| asked.by)].into_iter().chain(looked_again)
    });
    let by: Vec<UserId> = by.flatten().collect();
    let names: HashMap<UserId, String> =
        access::users(db, &by).await?.into_iter().map(|user| (user.id, user.name)).collect();
    let name = |user: UserId| names.get(&user).cloned().unwrap_or_default();
    let mut messages = Vec::with_capacity(decided.len());
    for one in decided {
        let client = claims::get(db, one.claim_id).await?.client_id;
        let client = clients::get(db, client).await?;
        let until = followup::reversible_until(definition, one).map(|day| day.to_string());
        let mut message = pb::MissesDecision {
            claim_id: one.claim_id.to_string(),
            client_id: client.id.to_string(),
            client_name: client.full_name(),
            appointment_id: one.appointment_id.to_string(),
            decision: shown::<pb::AfterMisses>(one.decision),
            reason: one.reason.clone(),
            evidence: one.evidence.clone(),
            decided_by: one.by.to_string(),
            decided_by_name: name(one.by),
            decided_time: Some(convert::timestamp(one.at)),
            reversible_until: until.unwrap_or_default(),
            ..Default::default()
        };
        if let Some(asked) = &one.asked {
            message.asked_time = Some(convert::timestamp(asked.at));
            message.asked_taken_by = asked.by.to_string();
            message.asked_taken_by_name = name(asked.by);
            message.asked_day = asked.day.to_string();
            message.asked_said.clone_from(&asked.said);
        }
        if let Some(upheld) = &one.upheld {
            message.upheld_time = Some(convert::timestamp(upheld.at));
            message.upheld_by = upheld.by.to_string();
            message.upheld_by_name = name(upheld.by);
            message.upheld_reason.clone_from(&upheld.reason);
        }
        if let Some(reversal) = &one.reversal {
            message.reversed_time = Some(convert::timestamp(reversal.at));
            message.reversed_by = reversal.by.to_string();
            message.reversed_by_name = name(reversal.by);
            message.reversed_reason.clone_from(&reversal.reason);
        }
        messages.push(message);
    }
    Ok(messages)
}

pub async fn waiting_message(db: &mut Db<'_>, waiting: &Waiting) -> Result<pb::Standby> {
    let client_id = claims::get(db, waiting.claim_id).await?.client_id;
    let client = clients::get(db, client_id).await?;
    Ok(pb::Standby {
        standby_id: waiting.id.to_string(),
        claim_id: waiting.claim_id.to_string(),
        client_id: client.id.to_string(),
        client_name: client.full_name(),
        phone: client.facts.phone.as_ref().map(UkPhone::grouped).unwrap_or_default(),
        meeting_kind: waiting.kind.clone(),
        urgent: waiting.urgent,
        earliest_day: waiting.earliest_day.to_string(),
        joined_time: Some(convert::timestamp(waiting.joined_at)),
    })
}
