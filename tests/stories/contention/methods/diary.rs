//! Meetings and personal advisers' time, what follows from a meeting, reminders and calendars.

use super::Writes::{IfNews, Once};
use super::{Method, method};
use crate::contention::cast::Who;
use crate::contention::ground::Stage::{Booked, Fickle, Filling, Met, Missed, Ready};
use crate::contention::ground::{Stage, Turn};
use startline::grpc::pb;

const MEETS: &[Stage] = &[Booked, Missed, Filling, Fickle];

fn kind(t: &mut Turn<'_>) -> pb::MeetingWishes {
    let kind = t.of(&["first-meeting", "follow-up"]).into();
    pb::MeetingWishes { kind, private_room: t.number(2) == 0, ..Default::default() }
}

fn personal_adviser(t: &mut Turn<'_>) -> String {
    let all = t.ground.cast.all(Who::PersonalAdviser);
    t.of(&all).id.clone()
}

pub fn all() -> Vec<Method> {
    let mut all = of_meetings();
    all.extend(of_hours());
    all.extend(of_what_follows());
    all
}

fn of_meetings() -> Vec<Method> {
    vec![
        method!("DiaryService.HoldSlot", Once("slot_held"), Adviser, |t| {
            let slot = t.meeting_slot();
            let request = pb::HoldSlotRequest {
                claim_id: t.record_of(MEETS).claim,
                personal_adviser_id: slot.personal_adviser_id,
                start_time: slot.start_time,
                wishes: Some(kind(t)),
                ..Default::default()
            };
            (String::new(), request)
        }),
        method!("DiaryService.BookAppointment", IfNews("appointment_booked"), Reception, |t| {
            let slot = t.meeting_slot();
            let request = match t.number(2) {
                0 => pb::BookAppointmentRequest { appointment_id: t.one("appointment_id"), ..Default::default() },
                _ => pb::BookAppointmentRequest {
                    claim_id: t.record_of(MEETS).claim,
                    personal_adviser_id: slot.personal_adviser_id,
                    start_time: slot.start_time,
                    wishes: Some(kind(t)),
                    ..Default::default()
                },
            };
            (String::new(), request)
        }),
        method!("DiaryService.MoveAppointment", Once("appointment_moved"), Adviser, |t| {
            let slot = t.meeting_slot();
            let request = pb::MoveAppointmentRequest {
                appointment_id: t.one("appointment_id"),
                personal_adviser_id: slot.personal_adviser_id,
                start_time: slot.start_time,
                reason: pb::AppointmentReason::ClientAsked.into(),
                ..Default::default()
            };
            (String::new(), request)
        }),
        method!("DiaryService.CancelAppointment", IfNews("appointment_cancelled"), Reception, |t| {
            let request = pb::CancelAppointmentRequest {
                appointment_id: t.one("appointment_id"),
                reason: pb::AppointmentReason::ClientAsked.into(),
                ..Default::default()
            };
            (String::new(), request)
        }),
        method!("DiaryService.BookSeries", Once("series_booked"), PersonalAdviser, |t| BookSeriesRequest {
            claim_id: t.record_of(&[Met, Missed]).claim,
            personal_adviser_id: personal_adviser(t),
            first_day: t.day(14),
            start: t.of(&["10:00", "14:00"]).into(),
            every_weeks: 1,
            times: 2,
            ..Default::default()
        }),
        method!("DiaryService.DeferMeeting", Once("meeting_deferred"), Adviser, |t| DeferMeetingRequest {
            claim_id: t.record_of(&[Filling, Ready, Fickle]).claim,
            reason: "health".into(),
            review_day: t.day(20),
            ..Default::default()
        }),
        method!("DiaryService.WaiveMeeting", Once("meeting_waived"), TeamLeader, |t| WaiveMeetingRequest {
            claim_id: t.record_of(&[Filling, Ready, Fickle]).claim,
            reason: pb::WaiverReason::SeriousIllness.into(),
            note: "as the hospital says".into(),
            ..Default::default()
        }),
        method!("DiaryService.RecordAttendance", IfNews("attendance_recorded"), Reception, |t| {
            let request = pb::RecordAttendanceRequest {
                appointment_id: t.one("today"),
                attendance: t.of(&[pb::Attendance::Arrived, pb::Attendance::Attended, pb::Attendance::Failed]).into(),
                ..Default::default()
            };
            (String::new(), request)
        }),
    ]
}

fn of_hours() -> Vec<Method> {
    vec![
        method!("DiaryService.SetWorkingPattern", Once("working_pattern_set"), TeamLeader, |t| {
            let end = t.of(&["16:30", "17:00"]);
            let shift = |weekday| pb::Shift { weekday, start: "09:00".into(), end: end.into(), ..Default::default() };
            let request = pb::SetWorkingPatternRequest {
                personal_adviser_id: personal_adviser(t),
                office_id: "frome".into(),
                valid_from: "2026-03-01".into(),
                shifts: (1..=5).map(shift).collect(),
                accept_left_appointments: true,
                ..Default::default()
            };
            (String::new(), request)
        }),
        method!("DiaryService.BlockTime", Once("time_blocked"), TeamLeader, |t| {
            let (first_day, last_day) = (t.day(8), t.day(8));
            let block = pb::Block {
                user_id: personal_adviser(t),
                kind: pb::BlockKind::Training.into(),
                first_day,
                last_day,
                start: "12:00".into(),
                end: "13:00".into(),
                ..Default::default()
            };
            let request =
                pb::BlockTimeRequest { block: Some(block), accept_left_appointments: true, ..Default::default() };
            (String::new(), request)
        }),
        method!("DiaryService.UnblockTime", Once("time_unblocked"), TeamLeader, |t| UnblockTimeRequest {
            block_id: t.one("block_id"),
            ..Default::default()
        }),
        method!("CalendarService.CreateCalendarFeed", Once("calendar_feed_created"), TeamLeader, |t| {
            let whose = pb::create_calendar_feed_request::Whose::PersonalAdviserId(personal_adviser(t));
            (String::new(), pb::CreateCalendarFeedRequest { whose: Some(whose), ..Default::default() })
        }),
        method!("CalendarService.RevokeCalendarFeed", IfNews("calendar_feed_revoked"), TeamLeader, |t| {
            (String::new(), pb::RevokeCalendarFeedRequest { feed_id: t.one("feed_id"), ..Default::default() })
        }),
    ]
}

fn of_what_follows() -> Vec<Method> {
    vec![
        method!("FollowUpService.RecordStep", Once("step_recorded"), Adviser, |t| RecordStepRequest {
            step_id: t.one("step_id"),
            outcome: t.of(&[pb::StepOutcome::Done, pb::StepOutcome::CouldNot]).into(),
            note: "as it went".into(),
            ..Default::default()
        }),
        method!("FollowUpService.RecordPhoneAttempt", Once("phone_attempt_recorded"), Adviser, |t| {
            let request = pb::RecordPhoneAttemptRequest {
                claim_id: t.record(Missed).claim,
                outcome: t.of(&[pb::PhoneOutcome::NoReply, pb::PhoneOutcome::Spoken]).into(),
                ..Default::default()
            };
            (String::new(), request)
        }),
        method!("FollowUpService.RecordGoodCause", Once("good_cause_recorded"), TeamLeader, |t| {
            let request = pb::RecordGoodCauseRequest {
                appointment_id: t.one("missed"),
                reason: "transport".into(),
                ..Default::default()
            };
            (String::new(), request)
        }),
        method!("FollowUpService.DecideAfterMisses", Once("decided_after_misses"), TeamLeader, |t| {
            let request = pb::DecideAfterMissesRequest {
                claim_id: t.record(Missed).claim,
                decision: t.of(&[pb::AfterMisses::Continue, pb::AfterMisses::TreatAsNotMade]).into(),
                reason: "The letters went to another house.".into(),
                evidence: "The post came back.".into(),
                ..Default::default()
            };
            (String::new(), request)
        }),
        method!("FollowUpService.RequestReconsideration", Once("reconsideration_requested"), Adviser, |t| {
            let claim_id = t.record(Missed).claim;
            let request =
                pb::RequestReconsiderationRequest { claim_id, said: "I was in hospital.".into(), ..Default::default() };
            (String::new(), request)
        }),
        method!("FollowUpService.UpholdDecision", Once("decision_after_misses_upheld"), Expert, |t| {
            let reason = "Nobody knows of a hospital.".into();
            let request = pb::UpholdDecisionRequest { claim_id: t.record(Missed).claim, reason, ..Default::default() };
            (String::new(), request)
        }),
        method!("FollowUpService.ReverseDecision", Once("decision_after_misses_reversed"), TeamLeader, |t| {
            let reason = "They were in hospital.".into();
            let request = pb::ReverseDecisionRequest { claim_id: t.record(Missed).claim, reason, ..Default::default() };
            (String::new(), request)
        }),
        method!("FollowUpService.RecordLifeEvent", Once("life_event_recorded"), Expert, |t| RecordLifeEventRequest {
            claim_id: t.record_of(&[Met, Missed]).claim,
            event: t.of(&["training-ended", "part-time-work-began", "part-time-work-ended"]).into(),
            day: t.day(0),
            ..Default::default()
        }),
        method!("FollowUpService.JoinStandby", Once("standby_joined"), Adviser, |t| JoinStandbyRequest {
            claim_id: t.record_of(MEETS).claim,
            ..Default::default()
        }),
        method!("FollowUpService.LeaveStandby", Once("standby_left"), Reception, |t| LeaveStandbyRequest {
            standby_id: t.one("standby_id"),
            ..Default::default()
        }),
        method!("FollowUpService.AnswerStandbyOffer", Once("earlier_time_answered"), Adviser, |t| {
            let request = pb::AnswerStandbyOfferRequest {
                standby_offer_id: t.one("standby_offer_id"),
                answer: t.of(&[pb::StandbyAnswer::Accept, pb::StandbyAnswer::Decline]).into(),
                ..Default::default()
            };
            (String::new(), request)
        }),
        method!("ReminderService.RecordReminderCall", Once("reminder_call_recorded"), Adviser, |t| {
            let request = pb::RecordReminderCallRequest {
                reminder_id: t.one("reminder_id"),
                outcome: pb::ReminderCallOutcome::NoReply.into(),
                ..Default::default()
            };
            (String::new(), request)
        }),
        method!("ReminderService.SetReminderPreference", Once("reminder_preference_set"), Reception, |t| {
            let request = pb::SetReminderPreferenceRequest {
                client_id: t.record_of(MEETS).client,
                channel: t.of(&[pb::ReminderChannel::Text, pb::ReminderChannel::Letter]).into(),
                wanted: Some(t.number(2) == 0),
                ..Default::default()
            };
            (String::new(), request)
        }),
    ]
}
