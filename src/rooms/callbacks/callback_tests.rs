//! The life of one call-back.

use super::*;
use chrono::TimeDelta;
use proptest::prelude::*;

fn at(minute: i64) -> DateTime<Utc> {
    "2026-03-03T10:00:00Z".parse::<DateTime<Utc>>().unwrap() + TimeDelta::minutes(minute)
}

fn person(number: u128) -> UserId {
    UserId(uuid::Uuid::from_u128(number))
}

fn booked() -> Callback {
    Callback {
        id: CallbackId::fresh(at(0)),
        client_id: ClientId::fresh(at(0)),
        site: "somerset".into(),
        starts_at: at(0),
        ends_at: at(60),
        phone: UkPhone::parse("01632 960001").unwrap(),
        number_confirmed: false,
        urgent: false,
        note: String::new(),
        state: State::Booked,
        owner: None,
        asked: None,
        attempts: 0,
        tries: 0,
        due_at: at(0),
        booked_at: at(-1000),
        first_contact_at: at(-1000),
        needs: Vec::new(),
        wishes: Wishes::default(),
        ended_at: None,
    }
}

#[test]
fn tries_that_nobody_answers_end_in_a_letter() {
    let (mut callback, ann) = (booked(), person(1));
    for (minute, due) in [(0, Some(15)), (15, Some(80)), (80, None)] {
        callback.begin(ann, at(minute)).unwrap();
        callback.finish(ann, Outcome::NoReply, due.map(at), at(minute + 5)).unwrap();
        match due {
            Some(due) => assert_eq!((&callback.state, callback.due_at), (&State::Booked, at(due))),
            None => assert_eq!((&callback.state, callback.ended_at), (&State::NoReply, Some(at(85)))),
        }
    }
    assert!(callback.begin(ann, at(200)).is_err());
    // The letter's new time makes it a new beginning.
    callback.move_to(at(3000), at(3060)).unwrap();
    assert_eq!((callback.tries, callback.attempts, callback.ended_at), (0, 3, None));
}

#[test]
fn nobody_rings_before_the_time_or_takes_what_another_has() {
    let (mut callback, ann, bob) = (booked(), person(1), person(2));
    assert!(callback.begin(ann, at(-1)).is_err());
    assert!(callback.begin(ann, at(0)).unwrap());
    assert!(matches!(callback.begin(bob, at(0)), Err(Error::Conflict { .. })));
    assert!(callback.finish(bob, Outcome::Reached, None, at(1)).is_err());
    assert!(!callback.begin(ann, at(0)).unwrap());
    assert_eq!(callback.attempts, 1);
}

#[test]
fn what_is_parked_comes_back_to_whoever_has_begun_it() {
    let (mut callback, ann) = (booked(), person(1));
    callback.begin(ann, at(0)).unwrap();
    callback.park(ann, at(120), "the baby woke up".into()).unwrap();
    assert_eq!((callback.owner, callback.is_due(at(119)), callback.is_due(at(120))), (Some(ann), false, true));
    callback.begin(ann, at(120)).unwrap();
    callback.finish(ann, Outcome::Reached, None, at(150)).unwrap();
    assert_eq!((callback.state, callback.ended_at), (State::Reached, Some(at(150))));
}

#[test]
fn a_try_whose_desk_is_gone_does_not_count() {
    let (mut callback, ann, bob) = (booked(), person(1), person(2));
    callback.begin(ann, at(5)).unwrap();
    callback.give_back(at(9)).unwrap();
    assert_eq!((callback.tries, callback.attempts, callback.due_at), (0, 1, at(0)));
    callback.begin(bob, at(9)).unwrap();
    assert!(callback.finish(ann, Outcome::Reached, None, at(10)).is_err());
}

/// What a story may do to a call-back.
#[derive(Debug, Clone, Copy)]
enum Deed {
    Begin,
    Finish(Outcome, bool),
    Park,
    GiveBack,
    Move,
    Cancel,
    TakeOver,
    Correct,
}

/// The oracle: which deeds the picture of its life allows, by the state's name.
fn allowed(state: &State, deed: Deed, who_has_it: bool) -> bool {
    let waiting = matches!(state, State::Booked | State::Parked { .. });
    let asleep = matches!(state, State::NoReply | State::WrongNumber | State::FaceToFace);
    match deed {
        Deed::Begin => waiting || who_has_it,
        Deed::Finish(..) | Deed::Park => who_has_it,
        Deed::GiveBack => matches!(state, State::Attempting(_)),
        Deed::Move | Deed::Cancel | Deed::TakeOver => waiting || asleep,
        Deed::Correct => waiting || *state == State::WrongNumber,
    }
}

proptest! {
    #[test]
    fn every_history_keeps_to_the_picture(deeds in prop::collection::vec((0..15_usize, 1..3_u128), 1..40)) {
        const DEEDS: [Deed; 15] = [
            Deed::Begin, Deed::Begin, Deed::Finish(Outcome::Reached, false), Deed::Finish(Outcome::NoReply, true),
            Deed::Finish(Outcome::Voicemail, false), Deed::Finish(Outcome::Busy, true),
            Deed::Finish(Outcome::WrongNumber, false), Deed::Finish(Outcome::Refused, true),
            Deed::Finish(Outcome::FaceToFace, false),
            Deed::Park, Deed::GiveBack, Deed::Move, Deed::Cancel, Deed::TakeOver, Deed::Correct,
        ];
        let mut callback = booked();
        for (minute, (deed, who)) in (1_i64..).zip(deeds) {
            let (now, who, deed) = (at(minute * 30), person(who), DEEDS[deed]);
            let before = callback.clone();
            let expected = allowed(&before.state, deed, before.state == State::Attempting(who));
            let done = match deed {
                Deed::Begin => callback.begin(who, now).map(drop),
                Deed::Finish(outcome, again) => callback.finish(who, outcome, again.then_some(now), now),
                Deed::Park => callback.park(who, now, "later".into()),
                Deed::GiveBack => callback.give_back(now),
                Deed::Move => callback.move_to(now, now + TimeDelta::hours(1)),
                Deed::Cancel => callback.cancel(CancelReason::ClientAsked, now),
                Deed::TakeOver => callback.take_over(CallId(uuid::Uuid::nil()), now),
                Deed::Correct => callback.correct_number(UkPhone::parse("01632 960002").unwrap(), now),
            };
            prop_assert_eq!(done.is_ok(), expected, "{:?} from {:?}", deed, before.state);
            if done.is_err() {
                prop_assert_eq!(&callback, &before, "a refusal changes nothing");
            }
            prop_assert_eq!(callback.ended_at.is_none(), callback.is_live());
            prop_assert!(callback.tries <= callback.attempts && callback.attempts >= before.attempts);
        }
    }
}
