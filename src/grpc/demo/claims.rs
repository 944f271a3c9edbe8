//! The demo's start-up calls: the form filled in, the meeting booked, put off or done without, the claim withdrawn.

use super::Demo;
use super::clients::{Ends, Known};
use super::steps::Said;
use crate::convert;
use crate::pb;
use crate::person::{Person, new_request};
use chrono::TimeDelta;
use serde_json::{Value as Json, json};
use startline_rooms::access::Role;

/// What the client says of themselves, in the order of the form.
fn first_answers(known: &Known, benefits: &Json, claim_from: &str) -> Vec<(&'static str, Json)> {
    vec![
        ("A1", benefits.clone()),
        ("A3", json!(claim_from)),
        ("A5", json!("lost_job")),
        ("A6", json!("no")),
        ("A8", json!("no")),
        ("B17", json!(if known.is_man { "male" } else { "female" })),
        ("B18", json!("single")),
    ]
}

fn later_answers() -> Vec<(&'static str, Json)> {
    vec![
        ("R4", json!("no")),
        ("S1", json!("account")),
        (
            "S2",
            json!({"account_holder": "Example", "bank": "Invented Building Society", "sort_code": "12-34-56",
                   "account_number": "12345678"}),
        ),
        ("T4", json!(["none"])),
        ("T5", json!("none")),
    ]
}

/// A client's answers to the first steps of the script.
fn script_answer(step: &str) -> Option<Json> {
    match step {
        "identity_checked" => Some(json!(["full_name", "date_of_birth", "postcode"])),
        "client_group" => Some(json!("job_seeker")),
        _ => None,
    }
}

impl Demo {
    /// The call-back that reaches the client, to its end.
    pub(super) async fn start_up(&mut self, adviser: &Person, known: &Known) -> Said<()> {
        let mut known = known.clone();
        known.claim_id = adviser.opens_claim(&known.client_id).await?;
        let today = self.days.local_date(self.clock.now()).to_string();
        let benefits = if known.ends == Ends::Deferred { json!(["IS"]) } else { json!(["JSA", "HB"]) };
        adviser.types(&known.claim_id, &first_answers(&known, &benefits, &today)).await?;
        if known.ends == Ends::Withdrawn {
            self.keep(&known);
            return withdraw(adviser, &known).await;
        }
        adviser.types(&known.claim_id, &later_answers()).await?;
        self.meet(adviser, &mut known).await?;
        adviser.completes_start_up(&known.claim_id).await?;
        self.keep(&known);
        Ok(())
    }

    /// What becomes of the first meeting.
    async fn meet(&self, adviser: &Person, known: &mut Known) -> Said<()> {
        let to_come = self.days.first_to_come();
        let day = match known.ends {
            Ends::Deferred => return self.defer(adviser, known).await,
            Ends::Waived => return waive(&self.who(known.site, Role::TeamLeader)?, known).await,
            Ends::MeetingToday => to_come,
            Ends::MeetingTomorrow | Ends::InWelsh => to_come + 1,
            Ends::OnStandby => to_come + 2,
            Ends::Queued | Ends::Printed | Ends::Unprintable => 4,
            // Of those of the first week.
            _ => -2,
        };
        known.appointment = Some(self.book_meeting(adviser, &known.claim_id, day).await?);
        if known.ends == Ends::OnStandby {
            let request = pb::JoinStandbyRequest {
                request_id: new_request(),
                claim_id: known.claim_id.clone(),
                ..Default::default()
            };
            adviser.asks("JoinStandby", adviser.follow_up().join_standby(request)).await?;
        }
        Ok(())
    }

    async fn defer(&self, adviser: &Person, known: &Known) -> Said<()> {
        let review = self.days.local_date(self.days.now() + TimeDelta::days(42));
        let request = pb::DeferMeetingRequest {
            request_id: new_request(),
            claim_id: known.claim_id.clone(),
            reason: "baby_due".into(),
            note: "The baby is due next week.".into(),
            review_day: review.to_string(),
        };
        adviser.asks("DeferMeeting", adviser.diary().defer_meeting(request)).await.map(drop)
    }

    /// A form that is begun, with its walk parked.
    pub(super) async fn half_filled(&mut self, adviser: &Person, known: &Known) -> Said<()> {
        let mut known = known.clone();
        known.claim_id = adviser.opens_claim(&known.client_id).await?;
        let today = self.days.local_date(self.clock.now()).to_string();
        adviser.types(&known.claim_id, &first_answers(&known, &json!(["JSA", "HB", "CTB"]), &today)).await?;
        let start = pb::StartWalkRequest {
            request_id: new_request(),
            script_id: "start-up".into(),
            client_id: known.client_id.clone(),
            claim_id: known.claim_id.clone(),
        };
        let mut walk = adviser.asks("StartWalk", adviser.scripts().start_walk(start)).await?.walk.unwrap_or_default();
        for _ in 0..3 {
            let step = walk.step.clone().unwrap_or_default().step_id;
            let answer = pb::AnswerQuestionRequest {
                request_id: new_request(),
                walk_id: walk.walk_id.clone(),
                etag: walk.etag.clone(),
                value: script_answer(&step).as_ref().map(convert::value),
                question_id: step,
            };
            let answered = adviser.asks("AnswerQuestion", adviser.scripts().answer_question(answer)).await?;
            walk = answered.walk.unwrap_or_default();
        }
        let park = pb::ParkWalkRequest {
            request_id: new_request(),
            walk_id: walk.walk_id,
            etag: walk.etag,
            note: "The client looks for the rent book; we go on with the form.".into(),
        };
        adviser.asks("ParkWalk", adviser.scripts().park_walk(park)).await?;
        self.keep(&known);
        Ok(())
    }
}

async fn waive(leader: &Person, known: &Known) -> Said<()> {
    let request = pb::WaiveMeetingRequest {
        request_id: new_request(),
        claim_id: known.claim_id.clone(),
        reason: pb::WaiverReason::SeriousIllness.into(),
        note: "The client is in hospital for some months.".into(),
    };
    leader.asks("WaiveMeeting", leader.diary().waive_meeting(request)).await.map(drop)
}

async fn withdraw(adviser: &Person, known: &Known) -> Said<()> {
    let request = pb::WithdrawClaimRequest {
        request_id: new_request(),
        claim_id: known.claim_id.clone(),
        reason: "The client has found work.".into(),
    };
    adviser.asks("WithdrawClaim", adviser.claims().withdraw_claim(request)).await.map(drop)
}
