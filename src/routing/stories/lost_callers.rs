//! Stories of calls that no switch stands behind: nobody is offered a caller who may have gone, nobody's screen keeps one,
//! and whoever is still there is found again.

use super::*;

const ASK_AGAIN: TimeDelta = TimeDelta::seconds(30);

impl Story {
    /// The adviser's telephone rings as soon as a call is offered.
    fn sign_in_ringing(&mut self, n: u64) {
        let mut card = AdviserCard::new(adviser(n), "", &format!("200{n}"), "somerset".into());
        card.ring_when_offered = true;
        self.go(|network, now, out| network.sign_in(card, Status::Available, now, out)).unwrap();
        self.pass(1);
    }

    /// The switch gets the adviser's address and asks no more.
    fn sent_on(&mut self, c: u64) {
        self.report(c, Report::SentOn { within: ASK_AGAIN }).unwrap();
    }

    fn asks_again(&mut self, c: u64) {
        self.go(|network, now, out| network.asked_again(call(c), now, out)).unwrap();
    }

    fn notices(&self) -> Vec<String> {
        let words = |effect: &Effect| match effect {
            Effect::Notice { notice, .. } => Some(notice.words()),
            _ => None,
        };
        self.effects.iter().filter_map(words).collect()
    }
}

#[test]
fn a_caller_who_has_left_after_the_switch_was_sent_on_is_offered_to_nobody_else() {
    let mut story = Story::new();
    story.sign_in_ringing(1);
    story.sign_in_ringing(2);
    story.ring(1, FROME);
    story.sent_on(1);
    story.pass(15);
    assert_eq!((story.state(1), story.state(2)), ("idle", "idle"), "the offer is over, and nobody asks for the call");
    story.pass(29);
    assert_eq!(story.figures("somerset").abandoned, 0);
    story.pass(1);
    assert_eq!(story.record(1).how, How::Abandoned);
    assert_eq!((story.status(1), story.status(2)), (Status::Available, Status::Available));
}

#[test]
fn the_same_caller_is_offered_on_when_the_switch_asks_again() {
    let mut story = Story::new();
    story.sign_in_ringing(1);
    story.sign_in_ringing(2);
    story.ring(1, FROME);
    story.sent_on(1);
    story.report(1, Report::NoAnswer { address: Some("sip:2001@pbx.example".into()), busy: false }).unwrap();
    assert_eq!(story.state(2), "idle");
    story.asks_again(1);
    assert_eq!((story.state(1), story.state(2)), ("idle", "offered"));
}

#[test]
fn whoever_took_a_call_that_nobody_confirms_is_free_again_and_the_answer_is_not_counted() {
    let mut story = Story::new();
    story.sign_in(1, "somerset");
    story.ring(1, FROME);
    story.accept(1).unwrap();
    story.sent_on(1);
    assert_eq!((story.state(1), story.figures("somerset").answered), ("on_call", 1));
    story.pass(29);
    assert_eq!(story.state(1), "on_call");
    story.pass(1);
    assert_eq!((story.state(1), story.figures("somerset").answered), ("idle", 0));
    assert_eq!(story.said(|effect| matches!(effect, Effect::CallFinished(_))), 0, "the switch may still ask");
    story.asks_again(1);
    assert_eq!(story.state(1), "offered");
    story.accept(1).unwrap();
    story.sent_on(1);
    story.report(1, Report::AnsweredAt { address: "sip:1@somerset.example".into() }).unwrap();
    story.pass(600);
    assert_eq!((story.state(1), story.figures("somerset").answered), ("on_call", 1), "a conversation has no such end");
}

#[test]
fn a_telephone_that_rings_no_more_because_the_switch_only_polls_is_not_missed() {
    let mut story = Story::new();
    story.sign_in_ringing(1);
    story.ring(1, FROME);
    story.sent_on(1);
    let until = story.now + ASK_AGAIN;
    story.report(1, Report::Away { until }).unwrap();
    assert_eq!(story.state(1), "idle");
    story.asks_again(1);
    assert_eq!(story.state(1), "offered");
    assert_eq!(story.network.desk_view(adviser(1)).unwrap().missed, 0);
}

#[test]
fn a_telephone_that_cannot_be_reached_puts_its_adviser_on_a_break_and_misses_nothing() {
    let mut story = Story::new();
    story.sign_in_ringing(1);
    story.sign_in_ringing(2);
    story.ring(1, FROME);
    story.sent_on(1);
    story.report(1, Report::Unreachable { address: Some("2001".into()) }).unwrap();
    story.asks_again(1);
    assert_eq!(story.state(2), "offered");
    assert_eq!(story.status(1), Status::OnBreak { reason: BreakReason::Unreachable });
    assert_eq!(story.figures("somerset").offers_missed, 0);
    assert!(story.notices().iter().any(|words| words.contains("2001 could not be reached")), "{:?}", story.notices());
}

#[test]
fn a_call_that_is_asked_for_after_its_time_is_another_call_with_the_old_age() {
    let mut story = Story::new();
    story.ring(1, FROME);
    let rang_at = story.now;
    let until = story.now + TimeDelta::seconds(10);
    story.report(1, Report::Away { until }).unwrap();
    story.pass(12);
    assert_eq!(story.record(1).how, How::Abandoned);
    let again = NewCall {
        call: call(2),
        switch_call_id: "switch-1".into(),
        caller: Some(FROME.into()),
        dialled: String::new(),
        priority: Priority::Normal,
        needs: SkillSet::NONE,
        first_seen: None,
    };
    let entered = story.go(|network, now, out| network.enter_call(again.clone(), |_| Opening::Open, now, out)).unwrap();
    assert_eq!(entered, call(2));
    assert_eq!(story.network.call_view(call(2)).unwrap().card.entered_at, rang_at);
    assert_eq!(story.network.find_call(&"switch-1".into()), Some(call(2)));
    story.sign_in(1, "somerset");
    assert_eq!(story.offered_call(1), call(2));
    // Asked once more, it is the same.
    let third = NewCall { call: call(3), ..again };
    let entered = story.go(|network, now, out| network.enter_call(third, |_| Opening::Open, now, out)).unwrap();
    assert_eq!(entered, call(2));
}

#[test]
fn a_call_that_was_answered_is_not_abandoned_whatever_is_said_of_it() {
    let mut story = Story::new();
    story.ring(1, FROME);
    // Another door put the caller through, and this one hears of it.
    story.report(1, Report::AnsweredAt { address: "2001".into() }).unwrap();
    story.report(1, Report::Ended).unwrap();
    story.report(1, Report::Abandoned).unwrap();
    assert_eq!(story.record(1).how, How::Diverted(ReleaseReason::AnsweredElsewhere));
    story.ring(2, FROME);
    story.report(2, Report::AnsweredElsewhere).unwrap();
    assert_eq!(story.record(2).how, How::Diverted(ReleaseReason::AnsweredElsewhere));
    let figures = story.figures("somerset");
    assert_eq!((figures.entered, figures.abandoned, figures.diverted), (2, 0, 2));
}

#[test]
fn a_passed_caller_who_gives_up_is_known_to_have_waited_in_vain() {
    let mut story = Story::new();
    story.sign_in(1, "somerset");
    story.ring(1, FROME);
    story.accept(1).unwrap();
    story.pass(60);
    let from = story.network.desk_view(adviser(1)).unwrap().card;
    let screen = Screen { from, client: None, walk: None, note: String::new() };
    let welsh = story.network.skills().set("needs", ["welsh"]).unwrap();
    let pass = DeskCommand::Pass { call: call(1), to: PassTo::Skill(welsh), screen: Box::new(screen) };
    let refused = story.desk(1, pass.clone());
    assert!(matches!(refused, Err(Error::Illegal { reason: "NOBODY_THERE", .. })), "{refused:?}");
    // Somebody can, and is on a break.
    let skills = SkillSet::INBOUND.with(welsh);
    let nia = AdviserCard { skills, ..AdviserCard::new(adviser(8), "Nia", "sip:nia@gwent.example", "gwent".into()) };
    let lunch = Status::OnBreak { reason: BreakReason::Chosen("lunch".into()) };
    story.go(|network, now, out| network.sign_in(nia, lunch, now, out)).unwrap();
    story.desk(1, pass).unwrap();
    story.pass(25);
    story.report(1, Report::Abandoned).unwrap();
    let record = story.record(1);
    assert_eq!((record.how, record.gave_up_after_ms), (How::Answered, Some(25_000)));
}

#[test]
fn a_break_chosen_while_a_call_is_offered_hands_it_on_at_once() {
    let mut story = Story::new();
    story.sign_in(1, "somerset");
    story.sign_in(2, "somerset");
    story.ring(1, FROME);
    let lunch = Status::OnBreak { reason: BreakReason::Chosen("lunch".into()) };
    story.desk(1, DeskCommand::SetStatus(lunch.clone())).unwrap();
    assert_eq!((story.state(1), story.state(2)), ("idle", "offered"));
    assert_eq!(story.status(1), lunch);
}

#[test]
fn one_telephone_is_one_advisers() {
    let mut story = Story::new();
    story.sign_in_ringing(1);
    let card = AdviserCard::new(adviser(2), "", "sip:2001@pbx.example", "gwent".into());
    story.go(|network, now, out| network.sign_in(card, Status::Available, now, out)).unwrap();
    assert_eq!(story.status(1), Status::SignedOut);
    assert!(story.notices().iter().any(|words| words.contains("signed out")), "{:?}", story.notices());
    // Nobody is thrown out of a conversation.
    story.ring(1, NEWPORT);
    story.accept(2).unwrap();
    let card = AdviserCard::new(adviser(1), "", "2001", "somerset".into());
    let refused = story.go(|network, now, out| network.sign_in(card, Status::Available, now, out));
    assert!(matches!(refused, Err(Error::Illegal { reason: "TELEPHONE_IN_USE", .. })), "{refused:?}");
}

#[test]
fn a_call_whose_switch_was_sent_on_cannot_be_passed_on() {
    let mut story = Story::new();
    story.sign_in(1, "somerset");
    story.ring(1, FROME);
    story.accept(1).unwrap();
    story.sent_on(1);
    story.report(1, Report::Answered).unwrap();
    let from = story.network.desk_view(adviser(1)).unwrap().card;
    let screen = Screen { from, client: None, walk: None, note: String::new() };
    let to = PassTo::Outside { address: "tel:+441632960001".into() };
    let refused = story.desk(1, DeskCommand::Pass { call: call(1), to, screen: Box::new(screen) });
    assert!(matches!(refused, Err(Error::Illegal { reason: "SWITCH_CANNOT_PASS", .. })), "{refused:?}");
    assert_eq!(story.state(1), "on_call");
}

#[test]
fn a_long_conversation_is_asked_about_and_ends_when_nobody_says_that_it_goes_on() {
    let mut story = Story::new();
    story.sign_in(1, "somerset");
    story.ring(1, FROME);
    story.accept(1).unwrap();
    story.pass(2 * 3600);
    assert!(story.notices().iter().any(|words| words.contains("still talking")), "{:?}", story.notices());
    story.desk(1, DeskCommand::StillTalking { call: call(1) }).unwrap();
    story.pass(301);
    assert_eq!(story.state(1), "on_call", "they said so");
    story.pass(2 * 3600 - 301);
    story.pass(301);
    assert_eq!((story.state(1), story.status(1)), ("idle", Status::OnBreak { reason: BreakReason::NoWord }));
    let record = story.record(1);
    assert_eq!((record.how, record.outcome.as_deref()), (How::Answered, Some("nobody said that it went on")));
}

#[test]
fn whoever_leads_the_site_frees_a_desk_that_is_stuck() {
    let mut story = Story::new();
    story.sign_in(1, "somerset");
    story.ring(1, FROME);
    story.accept(1).unwrap();
    story.pass(60);
    let free = |sign_out| DeskCommand::Free { by: "Lead".into(), reason: "the exchange restarted".into(), sign_out };
    story.desk(1, free(false)).unwrap();
    assert_eq!((story.state(1), story.status(1)), ("idle", Status::OnBreak { reason: BreakReason::Freed }));
    let outcome = story.record(1).outcome;
    assert_eq!(outcome.as_deref(), Some("ended by Lead: the exchange restarted"));
    assert!(story.notices().iter().any(|words| words.contains("Lead has ended")), "{:?}", story.notices());
    story.desk(1, DeskCommand::SetStatus(Status::Available)).unwrap();
    story.ring(2, FROME);
    assert_eq!(story.state(1), "offered");
    story.desk(1, free(true)).unwrap();
    assert_eq!((story.state(1), story.status(1)), ("idle", Status::SignedOut));
    assert_eq!(story.said(|effect| matches!(effect, Effect::CallFinished(_))), 1, "the second caller waits");
}

#[test]
fn an_offer_ends_soon_after_its_switch_has_stopped_asking() {
    let mut story = Story::new();
    story.sign_in(1, "somerset");
    story.ring(1, FROME);
    let until = story.now + TimeDelta::seconds(30);
    story.report(1, Report::Away { until }).unwrap();
    story.pass(1);
    assert_eq!(story.state(1), "offered", "most switches ask again at once");
    story.pass(1);
    assert_eq!(story.state(1), "idle");
    story.pass(20);
    story.go(|network, now, out| network.asked_again(call(1), now, out)).unwrap();
    assert_eq!(story.state(1), "offered");
}
