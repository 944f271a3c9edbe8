use super::super::claim::{Closed, Closing, Underway};
use super::*;
use crate::diary::{Appointment, Decision, State as Kept, WaiverReason};
use startline_foundation::ids::{AppointmentId, ClaimId, ClientId, DecisionId, UserId};

fn now() -> DateTime<Utc> {
    "2026-03-03T10:00:00Z".parse().unwrap()
}

fn appointment(state: Kept) -> Appointment {
    Appointment {
        id: AppointmentId::fresh(now()),
        claim_id: ClaimId::fresh(now()),
        client_id: ClientId::fresh(now()),
        kind: "first-meeting".into(),
        personal_adviser: UserId::fresh(now()),
        office: "frome".into(),
        room: None,
        starts_at: now(),
        ends_at: now(),
        before_minutes: 0,
        after_minutes: 30,
        urgent: false,
        state,
        sequence: 0,
        series: None,
        made_at: now(),
        arrived_at: None,
    }
}

fn decision(what: Decided) -> Decision {
    Decision {
        id: DecisionId::fresh(now()),
        claim_id: ClaimId::fresh(now()),
        what,
        note: String::new(),
        by: UserId::fresh(now()),
        at: now(),
    }
}

fn review() -> NaiveDate {
    "2026-04-01".parse().unwrap()
}

/// Every outcome of a meeting, with its name.
fn meetings() -> Vec<(&'static str, Meeting)> {
    let deferred = Decided::Deferred { reason: "baby_due".into(), review_day: review() };
    vec![
        ("open", Meeting::Open),
        ("booked", Meeting::Booked(appointment(Kept::Booked))),
        ("missed", Meeting::Missed(appointment(Kept::Failed))),
        ("held", Meeting::Held(appointment(Kept::Attended))),
        ("deferred", Meeting::Deferred(decision(deferred))),
        ("waived", Meeting::Waived(decision(Decided::Waived { reason: WaiverReason::Optional }))),
    ]
}

/// Every state of a claim, with its name.
fn states() -> Vec<(&'static str, State)> {
    let closing =
        |how| Closing { how, from: Underway::Open, at: now(), by: UserId::fresh(now()), reason: "found work".into() };
    vec![
        ("open", State::Open),
        ("start_up_done", State::StartUpDone { at: now() }),
        ("posted", State::Posted { start_up_done_at: now(), at: now() }),
        ("lodged", State::Lodged { at: now() }),
        ("withdrawn", State::Closed(closing(Closed::Withdrawn))),
        ("treated as not made", State::Closed(closing(Closed::NotMade))),
    ]
}

fn step<'a>(state: &'a State, meeting: &'a Meeting, left: &'a [String]) -> NextStep<'a> {
    let meeting_day = match meeting {
        Meeting::Booked(_) => Some("2026-03-06".parse().unwrap()),
        Meeting::Deferred(_) => Some(review()),
        _ => None,
    };
    NextStep {
        state,
        claims_something: true,
        meeting,
        meeting_day,
        missing: 0,
        evidence_to_come: 0,
        open_queries: 0,
        agencies_left: left,
    }
}

#[test]
fn each_state_with_each_meeting_has_one_plain_sentence_that_fits_it() {
    let left = ["BA".to_owned(), "LA".to_owned()];
    for (state_name, state) in states() {
        for (meeting_name, meeting) in meetings() {
            for (missing, evidence_to_come, open_queries) in [(0, 0, 0), (3, 0, 0), (0, 2, 0), (1, 1, 1)] {
                let case = NextStep { missing, evidence_to_come, open_queries, ..step(&state, &meeting, &left) };
                let sentence = case.sentence();
                let told = format!("{state_name}, {meeting_name}: {sentence}");
                assert!(sentence.ends_with('.') && sentence.matches('.').count() == 1, "{told}");
                assert!(sentence.starts_with(char::is_uppercase) && !sentence.contains("  "), "{told}");
                // Only a claim that may be handed over is told to be, and not over an open query.
                let may = ["start_up_done", "posted"].contains(&state_name)
                    && ["held", "deferred", "waived"].contains(&meeting_name);
                assert_eq!(sentence.contains("and the claim over"), may, "{told}");
                assert_eq!(sentence.starts_with("Hand the claim over to BA, LA"), may && open_queries == 0, "{told}");
                assert_eq!(sentence.contains("quer"), may && open_queries > 0, "{told}");
                assert_eq!(sentence.contains("question"), state_name == "open" && missing > 0, "{told}");
                assert_eq!(sentence.contains("reopen"), state_name == "withdrawn", "{told}");
                let names_day = sentence.contains("6 March 2026") || sentence.contains("1 April 2026");
                assert!(!names_day || ["booked", "deferred"].contains(&meeting_name), "{told}");
            }
        }
    }
}

#[test]
fn the_sentences_read_as_somebody_would_say_them() {
    let meetings = meetings();
    let meeting = |name: &str| &meetings.iter().find(|(one, _)| *one == name).unwrap().1;
    let states = states();
    let state = |name: &str| &states.iter().find(|(one, _)| *one == name).unwrap().1;
    let left = ["BA".to_owned(), "LA".to_owned()];
    let told = |of: NextStep<'_>| of.sentence();

    let open = step(state("open"), meeting("open"), &left);
    assert_eq!(told(NextStep { claims_something: false, ..open }), "Ask which benefits the client wants to claim.");
    assert_eq!(told(open), "Book the meeting with the personal adviser, or have it deferred.");
    assert_eq!(
        told(NextStep { missing: 2, ..step(state("open"), meeting("waived"), &left) }),
        "Ask 2 questions still open on the form; then finish the start-up call."
    );
    assert_eq!(
        told(step(state("start_up_done"), meeting("booked"), &left)),
        "The form is to be printed and posted; the client meets the personal adviser on 6 March 2026."
    );
    assert_eq!(
        told(step(state("posted"), meeting("missed"), &left)),
        "The client did not come to the meeting: book another, or have it deferred."
    );
    assert_eq!(
        told(NextStep { open_queries: 2, ..step(state("posted"), meeting("held"), &left) }),
        "Settle 2 open queries of the benefits expert, then hand the claim over."
    );
    assert_eq!(
        told(NextStep { evidence_to_come: 1, ..step(state("posted"), meeting("deferred"), &left) }),
        "Hand the claim over to BA, LA; 1 piece of evidence is still to come; look at the deferred meeting again on \
         1 April 2026."
    );
    assert_eq!(told(step(state("lodged"), meeting("held"), &[])), "Nothing: the claim has been handed over.");
}
