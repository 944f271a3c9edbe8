//! Clients are reminded of their appointments: by a call, a text and a letter, once each, and of nothing that has changed.

use crate::support::faults::reason;
use crate::support::notify::{Mood, NotifyStandIn, RECEIPTS_TOKEN, Taken, http};
use crate::support::process::Process;
use crate::support::steps::{client_with_facts, frome_facts};
use crate::support::values::{new_id, time, timestamp};
use crate::support::{Home, Person, World, at, until};
use chrono::{DateTime, TimeDelta, Utc};
use startline::grpc::pb;
use startline::grpc::pb::{ReminderCallOutcome as Outcome, ReminderChannel as Channel, ReminderState as State};
use std::sync::atomic::{AtomicUsize, Ordering};
use tonic::Code;

/// Tuesday week: its call is due on Thursday the fifth at opening, its letter that afternoon, its text on Friday at ten.
const TUESDAY: &str = "2026-03-10T09:00:00Z";
/// How often a story asks before it lets time pass again.
const SLOWLY: usize = 100;

impl Person {
    pub async fn reminders_of(&self, appointment: &str) -> pb::ListRemindersResponse {
        let request = pb::ListRemindersRequest { appointment_id: appointment.into(), ..Default::default() };
        self.reminders().list_reminders(request).await.unwrap().into_inner()
    }

    /// Channel, state and reason of each reminder.
    async fn told(&self, appointment: &str) -> Vec<(Channel, State, String)> {
        let reminders = self.reminders_of(appointment).await.reminders;
        reminders.into_iter().map(|one| (one.channel(), one.state(), one.reason)).collect()
    }

    pub async fn is_told(&self, appointment: &str, channel: Channel, state: State, why: &str) -> pb::Reminder {
        let what = format!("a {channel:?} that is {state:?} {why}");
        until(&what, || async {
            let reminders = self.reminders_of(appointment).await.reminders;
            reminders.into_iter().find(|one| one.channel() == channel && one.state() == state && one.reason == why)
        })
        .await
    }

    /// Lets time pass, slowly, until the appointment's text is sent: how long it waits for is counted from when the service
    /// noticed, and the story cannot know when that was.
    async fn sees_it_sent(&self, world: &World, appointment: &str) {
        let asked = AtomicUsize::new(0);
        until("the text to be sent", || async {
            if asked.fetch_add(1, Ordering::Relaxed).is_multiple_of(SLOWLY) {
                world.wait(120);
            }
            let reminders = self.reminders_of(appointment).await.reminders;
            reminders.iter().any(|one| (one.channel(), one.state()) == (Channel::Text, State::Sent)).then_some(())
        })
        .await;
    }

    async fn reminder_calls(&self) -> Vec<pb::ReminderCall> {
        let request = pb::ListReminderCallsRequest::default();
        self.reminders().list_reminder_calls(request).await.unwrap().into_inner().calls
    }

    pub async fn owes_calls(&self, count: usize) -> Vec<pb::ReminderCall> {
        until("the list of calls", || async { Some(self.reminder_calls().await).filter(|calls| calls.len() == count) })
            .await
    }

    async fn reminded_by_telephone(
        &self,
        call: &pb::ReminderCall,
        outcome: Outcome,
    ) -> Result<pb::Reminder, tonic::Status> {
        let request = pb::RecordReminderCallRequest {
            request_id: new_id(),
            reminder_id: call.reminder.as_ref().unwrap().reminder_id.clone(),
            outcome: outcome.into(),
        };
        Ok(self.reminders().record_reminder_call(request).await?.into_inner().reminder.unwrap())
    }

    async fn wants(&self, client: &str, channel: Channel, wanted: bool) -> Vec<Channel> {
        let request = pb::SetReminderPreferenceRequest {
            request_id: new_id(),
            client_id: client.into(),
            channel: channel.into(),
            wanted: Some(wanted),
        };
        let answer = self.reminders().set_reminder_preference(request).await.unwrap().into_inner();
        answer.refused().collect()
    }

    /// The appointment at the first free time from then on.
    async fn moves_meeting(&self, appointment: &pb::Appointment, from: DateTime<Utc>) {
        let request = pb::FindSlotsRequest {
            claim_id: appointment.claim_id.clone(),
            not_before_time: Some(timestamp(from)),
            ..Default::default()
        };
        let slot = self.diary().find_slots(request).await.unwrap().into_inner().slots.remove(0);
        let request = pb::MoveAppointmentRequest {
            request_id: new_id(),
            appointment_id: appointment.appointment_id.clone(),
            personal_adviser_id: slot.personal_adviser_id,
            start_time: slot.start_time,
            reason: pb::AppointmentReason::ClientAsked.into(),
            ..Default::default()
        };
        self.diary().move_appointment(request).await.unwrap();
    }

    pub async fn calls_off(&self, appointment: &str) {
        let request = pb::CancelAppointmentRequest {
            request_id: new_id(),
            appointment_id: appointment.into(),
            reason: pb::AppointmentReason::ClientAsked.into(),
            ..Default::default()
        };
        self.diary().cancel_appointment(request).await.unwrap();
    }

    /// A meeting at the first free time from then on.
    pub async fn meeting_from(&self, facts: pb::ClientFacts, from: DateTime<Utc>) -> pb::Appointment {
        let (_, claim) = client_with_facts(self, facts).await;
        let request = pb::FindSlotsRequest {
            claim_id: claim.claim_id.clone(),
            not_before_time: Some(timestamp(from)),
            ..Default::default()
        };
        let slot = self.diary().find_slots(request).await.unwrap().into_inner().slots.remove(0);
        let held = self.hold(&claim.claim_id, &slot).await.unwrap();
        self.book(&held.appointment_id).await.unwrap()
    }
}

/// Rosa, who reads English, on a mobile telephone.
pub fn rosa() -> pb::ClientFacts {
    pb::ClientFacts { phone: "07700 900123".into(), ..frome_facts() }
}

/// Megan, who talks and reads Welsh.
fn megan() -> pb::ClientFacts {
    pb::ClientFacts {
        last_name: "Prys".into(),
        other_names: "Megan".into(),
        phone: "07700 900456".into(),
        talk_language: "cy".into(),
        letter_language: "cy".into(),
        ..frome_facts()
    }
}

/// Somebody on a mobile telephone, to whom no letter can go.
fn without_address() -> pb::ClientFacts {
    pb::ClientFacts { address_lines: Vec::new(), ..rosa() }
}

/// A service with this stand-in, an adviser, and a personal adviser at Frome.
pub async fn reminding(home: &mut Home) -> NotifyStandIn {
    let notify = NotifyStandIn::start().await;
    home.send_by(&notify);
    notify
}

pub async fn people(home: &Home) -> Person {
    let asha = home.adviser("Asha", "somerset").await;
    home.personal_adviser("Petra", "somerset").await.works_at("frome").await;
    asha
}

fn of_kind<'a>(taken: &'a [Taken], kind: &str) -> Vec<&'a Taken> {
    taken.iter().filter(|taken| taken.kind == kind).collect()
}

fn body(taken: &Taken) -> &str {
    taken.request["personalisation"]["body"].as_str().unwrap()
}

/// Its day, as a text names it, and its local time, in winter.
fn when(appointment: &pb::Appointment) -> String {
    time(appointment.slot.as_ref().unwrap().start_time).format("%H:%M").to_string()
}

home_story!(a_week_of_calls_letters_and_texts_in_two_languages, |mut home| {
    let notify = reminding(&mut home).await;
    let mut world = World::on(home).await;
    let asha = people(&world).await;
    let rosas = asha.meeting_from(rosa(), at(TUESDAY)).await;
    let (nine, rosas) = (when(&rosas), rosas.appointment_id);
    let megans = asha.meeting_from(megan(), at(TUESDAY)).await.appointment_id;
    let landline = pb::ClientFacts { last_name: "Lane".into(), ..frome_facts() };
    let lanes = asha.meeting_from(landline, at(TUESDAY)).await.appointment_id;

    // Thursday, at opening: three calls to make.
    world.wait_until(at("2026-03-05T08:30:00Z"));
    let calls = asha.owes_calls(3).await;
    let of = |name: &str| calls.iter().find(|call| call.client_name.ends_with(name)).unwrap();
    assert_eq!(of("Fry").phone_grouped, "07700 900123");
    assert!(of("Fry").words.contains(&format!("on Tuesday 10 March at {nine}")), "{}", of("Fry").words);
    assert!(of("Prys").words.contains("dydd Mawrth 10 Mawrth am"), "{}", of("Prys").words);
    assert_eq!(asha.reminded_by_telephone(of("Fry"), Outcome::Reached).await.unwrap().state(), State::Rung);
    assert_eq!(reason(&asha.reminded_by_telephone(of("Fry"), Outcome::NoReply).await.unwrap_err()), "CALL_RECORDED");
    asha.reminded_by_telephone(of("Prys"), Outcome::NoReply).await.unwrap();
    asha.reminded_by_telephone(of("Lane"), Outcome::WrongNumber).await.unwrap();
    assert!(asha.reminder_calls().await.is_empty());

    // That afternoon: letters to those whom nobody reached.
    world.wait_until(at("2026-03-05T15:00:00Z"));
    let taken = notify.has_taken(2).await;
    asha.is_told(&rosas, Channel::Letter, State::Dropped, "REACHED").await;
    let letters = of_kind(&taken, "letter");
    let to_megan =
        letters.iter().find(|letter| letter.request["personalisation"]["address_line_1"] == "Ms Megan Prys").unwrap();
    let fields = &to_megan.request["personalisation"];
    assert!(fields["heading"].as_str().unwrap().starts_with("Cofiwch: "), "{fields}");
    assert_eq!((&fields["address_line_3"], &fields["address_line_4"]), (&"Frome".into(), &"BA11 1BL".into()));
    assert!(body(to_megan).starts_with("Annwyl Ms Megan Prys"), "{fields}");
    assert!(letters.iter().any(|letter| body(letter).starts_with("Dear Ms Rosa Jane Lane")));

    // Friday at ten: texts to mobile telephones.
    world.wait_until(at("2026-03-06T10:00:00Z"));
    let taken = notify.has_taken(4).await;
    asha.is_told(&lanes, Channel::Text, State::Dropped, "NO_MOBILE_NUMBER").await;
    let texts = of_kind(&taken, "sms");
    let to = |number: &str| texts.iter().find(|text| text.request["phone_number"] == number).unwrap();
    let in_english = body(to("+447700900123"));
    let expected =
        format!("your first meeting with a personal adviser is on Tuesday 10 March at {nine} at ONE office Frome");
    assert!(in_english.contains(&expected), "{in_english}");
    assert!(in_english.contains("Your claim goes on its way when we have met."), "{in_english}");
    assert!(body(to("+447700900456")).contains("wedi i ni gwrdd"), "{texts:?}");
    for message in &taken {
        let all = message.request.to_string().to_lowercase();
        for word in ["benefit", "allowance", "jobseeker", "jsa", "budd-dal", "lwfans"] {
            assert!(!all.contains(word), "{word} is in {all}");
        }
    }
    told_what_became_of_them(&world, &notify, &asha, (&rosas, &to("+447700900123").reference), &megans).await;

    // Nobody is told twice, also after a restart: the text of somebody who books late is the only one that goes.
    world.restart().await;
    let late = pb::ClientFacts { last_name: "Late".into(), phone: "07700 900789".into(), ..frome_facts() };
    let lates = asha.meeting_from(late, at(TUESDAY)).await.appointment_id;
    world.wait(60);
    let taken = notify.has_taken(5).await;
    assert_eq!(taken.len(), 5, "{taken:?}");
    assert_eq!(taken[4].request["phone_number"], "+447700900789");
    asha.is_told(&lates, Channel::Call, State::Dropped, "BOOKED_LATER").await;
    asha.is_told(&lates, Channel::Letter, State::Dropped, "BOOKED_LATER").await;
});

/// By a receipt, in whatever order they come, and by asking when none came.
async fn told_what_became_of_them(
    world: &World,
    notify: &NotifyStandIn,
    asha: &Person,
    (rosas, reference): (&str, &str),
    megans: &str,
) {
    let receipt = |reference: &str, status: &str| {
        format!("{{\"reference\": \"{reference}\", \"status\": \"{status}\", \"to\": \"x\"}}")
    };
    let bearer = format!("Bearer {RECEIPTS_TOKEN}");
    let web = world.web_address();
    let post = async |bearer: &str, body: &str| {
        http(web, "POST", "/notify/receipts", &[("Authorization", bearer)], body).await.status
    };
    asha.is_told(rosas, Channel::Text, State::Sent, "").await;
    assert_eq!(post("Bearer guess", &receipt(reference, "delivered")).await, 401);
    assert_eq!(asha.is_told(rosas, Channel::Text, State::Sent, "").await.attempts, 1);
    assert_eq!(post(&bearer, &receipt(reference, "delivered")).await, 204);
    asha.is_told(rosas, Channel::Text, State::Delivered, "").await;
    // Late, out of order, unknown, and no receipt at all.
    for status in ["sending", "temporary-failure", "delivered"] {
        assert_eq!(post(&bearer, &receipt(reference, status)).await, 204);
    }
    assert_eq!(post(&bearer, &receipt(&new_id(), "delivered")).await, 204);
    assert_eq!(post(&bearer, &receipt("theirs", "delivered")).await, 204);
    assert_eq!(post(&bearer, "{\"reference\": null, \"status\": \"delivered\"}").await, 204);
    assert_eq!(post(&bearer, "delivered").await, 400);
    asha.is_told(rosas, Channel::Text, State::Delivered, "").await;
    // No receipt came for Megan's.
    let megans_text = asha.is_told(megans, Channel::Text, State::Sent, "").await;
    notify.set_status(&megans_text.reminder_id, "permanent-failure");
    world.wait(3600);
    asha.is_told(megans, Channel::Text, State::Failed, "permanent-failure").await;
}

home_story!(a_client_who_wants_no_texts_gets_none, |mut home| {
    let notify = reminding(&mut home).await;
    let world = World::on(home).await;
    let asha = people(&world).await;
    let meeting = asha.meeting_from(rosa(), at(TUESDAY)).await;
    assert_eq!(asha.wants(&meeting.client_id, Channel::Text, false).await, [Channel::Text]);
    asha.wants(&meeting.client_id, Channel::Call, false).await;
    let known = pb::GetReminderPreferencesRequest { client_id: meeting.client_id.clone() };
    let known = asha.reminders().get_reminder_preferences(known).await.unwrap().into_inner();
    assert_eq!(known.refused().collect::<Vec<_>>(), [Channel::Call, Channel::Text]);
    world.wait_until(at("2026-03-06T10:00:00Z"));
    asha.is_told(&meeting.appointment_id, Channel::Text, State::Dropped, "OPTED_OUT").await;
    asha.is_told(&meeting.appointment_id, Channel::Call, State::Dropped, "OPTED_OUT").await;
    asha.is_told(&meeting.appointment_id, Channel::Letter, State::Sent, "").await;
    assert_eq!(of_kind(&notify.taken(), "sms").len(), 0);
    assert_eq!(asha.wants(&meeting.client_id, Channel::Call, true).await, [Channel::Text]);
    let nobody = pb::GetReminderPreferencesRequest { client_id: new_id() };
    assert_eq!(asha.reminders().get_reminder_preferences(nobody).await.unwrap_err().code(), Code::NotFound);
});

home_story!(what_was_moved_or_cancelled_is_not_reminded_of_at_its_old_time, |mut home| {
    let notify = reminding(&mut home).await;
    let world = World::on(home).await;
    let asha = people(&world).await;
    let stays = asha.meeting_from(without_address(), at(TUESDAY)).await;
    let moves = asha.meeting_from(without_address(), at(TUESDAY)).await;
    let cancels = asha.meeting_from(without_address(), at(TUESDAY)).await;
    world.wait_until(at("2026-03-05T08:30:00Z"));
    let calls = asha.owes_calls(3).await;
    asha.moves_meeting(&moves, at("2026-03-12T09:00:00Z")).await;
    asha.calls_off(&cancels.appointment_id).await;
    let left = asha.reminder_calls().await;
    assert_eq!(
        left.iter().map(|call| call.reminder.as_ref().unwrap().appointment_id.as_str()).collect::<Vec<_>>(),
        [stays.appointment_id.as_str()]
    );
    let old = calls.iter().find(|call| call.reminder.as_ref().unwrap().appointment_id == moves.appointment_id).unwrap();
    assert_eq!(reason(&asha.reminded_by_telephone(old, Outcome::Reached).await.unwrap_err()), "CALL_NOT_NEEDED");
    asha.is_told(&moves.appointment_id, Channel::Call, State::Dropped, "MOVED").await;
    asha.is_told(&cancels.appointment_id, Channel::Call, State::Dropped, "NOT_BOOKED").await;

    world.wait_until(at("2026-03-06T10:00:00Z"));
    asha.is_told(&stays.appointment_id, Channel::Text, State::Sent, "").await;
    // The moved one's lines are those of Thursday.
    world.wait_until(at("2026-03-09T08:30:00Z"));
    asha.is_told(&moves.appointment_id, Channel::Call, State::Due, "").await;
    world.wait_until(at("2026-03-10T10:00:00Z"));
    asha.is_told(&moves.appointment_id, Channel::Text, State::Sent, "").await;
    let texts = notify.taken();
    assert_eq!(texts.len(), 2, "{texts:?}");
    assert!(body(&texts[0]).contains("Tuesday 10 March") && body(&texts[1]).contains("Thursday 12 March"), "{texts:?}");
    assert_eq!(asha.told(&cancels.appointment_id).await, [(Channel::Call, State::Dropped, "NOT_BOOKED".into())]);
});

home_story!(what_is_owed_over_a_weekend_goes_when_the_site_opens_by_the_new_time, |mut home| {
    let notify = reminding(&mut home).await;
    let mut world = World::on(home).await;
    let asha = people(&world).await;
    // The Tuesday after the clocks go forward, at ten by the new time.
    let meeting = asha.meeting_from(without_address(), at("2026-03-31T09:00:00Z")).await;
    let ten = time(meeting.slot.as_ref().unwrap().start_time) + TimeDelta::hours(1);
    let meeting = meeting.appointment_id;
    // The service is down when the text is due, on Friday at ten, and is back on Saturday.
    world.stop().await;
    world.wait_until(at("2026-03-28T12:00:00Z"));
    world.restart().await;
    asha.is_told(&meeting, Channel::Text, State::Due, "").await;
    asha.is_told(&meeting, Channel::Letter, State::Due, "").await;
    // Monday, a minute before half past eight by the new time, and then at it.
    world.wait_until(at("2026-03-30T07:29:00Z"));
    asha.is_told(&meeting, Channel::Text, State::Due, "").await;
    assert_eq!(notify.asked_to_send(), 0);
    world.wait_until(at("2026-03-30T07:30:00Z"));
    asha.is_told(&meeting, Channel::Text, State::Sent, "").await;
    asha.is_told(&meeting, Channel::Letter, State::Dropped, "NO_ADDRESS").await;
    let taken = notify.taken();
    assert_eq!(taken.len(), 1, "{taken:?}");
    let expected = format!("on Tuesday 31 March at {}", ten.format("%H:%M"));
    assert!(body(&taken[0]).contains(&expected), "{taken:?}");
});

story!(without_notify_calls_are_made_and_the_rest_waits, |world| {
    let asha = people(&world).await;
    let meeting = asha.meeting_from(rosa(), at(TUESDAY)).await.appointment_id;
    world.wait_until(at("2026-03-06T10:00:00Z"));
    asha.is_told(&meeting, Channel::Text, State::Due, "").await;
    let all = asha.reminders_of(&meeting).await;
    assert!(!all.sending);
    assert_eq!(all.reminders.len(), 3);
    asha.owes_calls(1).await;
    // Once the appointment has begun nothing is owed any more.
    world.wait_until(at("2026-03-10T12:00:00Z"));
    let told = asha.told(&meeting).await;
    assert!(told.iter().all(|(_, state, why)| (*state, why.as_str()) == (State::Dropped, "TOO_LATE")), "{told:?}");
});

home_story!(a_service_that_is_busy_or_breaks_gets_each_message_once, |mut home| {
    let notify = reminding(&mut home).await;
    let world = World::on(home).await;
    let asha = people(&world).await;
    // Taken, and the answer broke off: it is found there, and not sent again.
    notify.be(Mood::BreaksOff);
    let breaks = asha.meeting_from(without_address(), at(TUESDAY)).await.appointment_id;
    world.wait_until(at("2026-03-06T10:00:00Z"));
    notify.was_asked_to_send(1).await;
    notify.be(Mood::Well);
    asha.sees_it_sent(&world, &breaks).await;
    assert_eq!((notify.taken().len(), notify.asked_to_send()), (1, 1));
    let text = asha.is_told(&breaks, Channel::Text, State::Sent, "").await;
    assert_eq!(text.attempts, 1, "it was given to Notify once; that it was looked for is no attempt");

    // Not taken, with an answer that leaves it open: it is looked for, not found, and sent.
    notify.be(Mood::Broken);
    let broken = asha.meeting_from(without_address(), at(TUESDAY)).await.appointment_id;
    world.wait(60);
    notify.was_asked_to_send(2).await;
    asha.is_told(&broken, Channel::Text, State::Sending, "").await;
    notify.be(Mood::Well);
    asha.sees_it_sent(&world, &broken).await;
    assert_eq!((notify.taken().len(), notify.asked_to_send()), (2, 3));
    assert_eq!(asha.is_told(&broken, Channel::Text, State::Sent, "").await.attempts, 2);

    // No more for now: it waits, without being looked for.
    notify.be(Mood::Busy);
    let looked_for = notify.looked_for();
    let busy = asha.meeting_from(without_address(), at(TUESDAY)).await.appointment_id;
    world.wait(60);
    notify.was_asked_to_send(4).await;
    until("the text to wait", || async {
        let text = asha.is_told(&busy, Channel::Text, State::Due, "").await;
        (text.attempts == 1).then_some(())
    })
    .await;
    notify.be(Mood::Well);
    asha.sees_it_sent(&world, &busy).await;
    assert_eq!((notify.taken().len(), notify.looked_for()), (3, looked_for));

    // Refused: it is not tried again.
    notify.be(Mood::Refusing);
    let refused = asha.meeting_from(without_address(), at(TUESDAY)).await.appointment_id;
    world.wait(60);
    asha.is_told(&refused, Channel::Text, State::Failed, "Can't send to this recipient").await;
    assert_eq!(notify.taken().len(), 3);
});

/// Where in a sending the service is killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Killed {
    BeforeNotifyTookIt,
    AfterNotifyTookIt,
    AfterItWasWrittenDown,
    WhileLookingForIt,
}

home_story!(a_server_killed_at_any_point_of_a_sending_sends_one_text, |mut home| {
    let notify = reminding(&mut home).await;
    let mut day = at("2026-03-03T10:00:00Z");
    let mut server = Process::tour_server(&home, day).await;
    let asha = people(&home).await;
    let mut sent = 0;
    for killed in [
        Killed::BeforeNotifyTookIt,
        Killed::AfterNotifyTookIt,
        Killed::AfterItWasWrittenDown,
        Killed::WhileLookingForIt,
    ] {
        notify.be(match killed {
            Killed::BeforeNotifyTookIt => Mood::SilentBeforeTaking,
            Killed::AfterNotifyTookIt => Mood::SilentAfterTaking,
            Killed::AfterItWasWrittenDown => Mood::Well,
            Killed::WhileLookingForIt => Mood::BreaksOff,
        });
        // Booked for the next day: its text is due at once.
        let (asked, looked) = (notify.asked_to_send(), notify.looked_for());
        let meeting = asha.meeting_from(without_address(), day + TimeDelta::days(1)).await.appointment_id;
        day += TimeDelta::minutes(1);
        server.move_clock(day).await;
        notify.was_asked_to_send(asked + 1).await;
        match killed {
            Killed::BeforeNotifyTookIt | Killed::AfterNotifyTookIt => {}
            Killed::AfterItWasWrittenDown => drop(asha.is_told(&meeting, Channel::Text, State::Sent, "").await),
            Killed::WhileLookingForIt => {
                asha.is_told(&meeting, Channel::Text, State::Sending, "").await;
                notify.be(Mood::SilentWhenLookedFor);
                // As in `sees_it_sent`.
                for asked in 0.. {
                    if notify.looked_for() > looked {
                        break;
                    }
                    if asked % SLOWLY == 0 {
                        day += TimeDelta::minutes(2);
                        server.move_clock(day).await;
                    }
                    asha.reminders_of(&meeting).await;
                }
            }
        }
        server.kill().await;
        sent += 1;
        notify.be(Mood::Well);
        day += TimeDelta::minutes(5);
        server = Process::tour_server(&home, day).await;
        asha.is_told(&meeting, Channel::Text, State::Sent, "").await;
        assert_eq!(notify.has_taken(sent).await.len(), sent, "killed {killed:?}");
    }
    server.kill().await;
    let taken = notify.taken();
    let references: std::collections::BTreeSet<&str> = taken.iter().map(|taken| taken.reference.as_str()).collect();
    assert_eq!((taken.len(), references.len()), (4, 4));
});
