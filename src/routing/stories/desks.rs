//! Stories of the advisers' side: offers missed and declined, call-backs, lost desks, wrap-up, repeated commands.

use super::*;
use startline_foundation::ids::CallbackId;

#[test]
fn an_offer_not_taken_goes_to_the_next_adviser_and_two_missed_ones_put_the_first_on_a_break() {
    let mut story = Story::new();
    story.sign_in(1, "somerset");
    story.ring(1, FROME);
    story.pass(15);
    assert_eq!(story.said(|effect| matches!(effect, Effect::OfferEnded { how: OfferEnd::Missed, .. })), 1);
    assert_eq!(story.state(1), "offered");
    story.pass(15);
    let view = story.network.desk_view(adviser(1)).unwrap();
    assert_eq!(view.status, Status::OnBreak { reason: BreakReason::MissedOffers });
    assert_eq!(view.state.name(), "idle");
    story.sign_in(2, "somerset");
    assert_eq!(story.state(2), "offered");
}

#[test]
fn a_declined_offer_puts_the_adviser_on_a_break_and_the_call_back_at_the_head() {
    let mut story = Story::new();
    story.sign_in(1, "somerset");
    story.ring(1, FROME);
    story.ring(2, FROME);
    let offer = story.offer(1);
    for _ in 0..2 {
        story.desk(1, DeskCommand::Decline { offer }).unwrap();
    }
    assert_eq!(story.network.desk_view(adviser(1)).unwrap().status, Status::OnBreak { reason: BreakReason::Declined });
    assert_eq!(story.network.call_view(call(1)).unwrap().position, Some(1));
    assert_eq!(story.network.call_view(call(2)).unwrap().position, Some(2));
}

#[test]
fn a_caller_who_leaves_while_offered_gives_the_adviser_their_place_back() {
    let mut story = Story::new();
    story.sign_in(1, "somerset");
    story.sign_in(2, "somerset");
    story.ring(1, FROME);
    let offer = story.offer(1);
    story.pass(6);
    story.report(1, Report::Abandoned).unwrap();
    assert_eq!(story.record(1).how, How::Abandoned);
    let late = story.desk(1, DeskCommand::Accept { offer });
    assert!(matches!(late, Err(Error::Illegal { reason: "OFFER_OVER", .. })), "{late:?}");
    story.ring(2, FROME);
    assert_eq!((story.state(1), story.state(2)), ("offered", "idle"));
}

#[test]
fn an_adviser_on_a_call_back_gets_no_offers() {
    let mut story = Story::new();
    story.sign_in(1, "somerset");
    let callback = CallbackId(Uuid::from_u64_pair(3, 1));
    for _ in 0..2 {
        story.desk(1, DeskCommand::StartOutbound { callback }).unwrap();
    }
    story.ring(1, FROME);
    assert_eq!(story.state(1), "outbound");
    for _ in 0..2 {
        story.desk(1, DeskCommand::EndOutbound { callback }).unwrap();
    }
    assert_eq!(story.state(1), "offered");
}

#[test]
fn a_lost_desk_gets_no_offers_after_its_grace_and_keeps_its_conversation() {
    let mut story = Story::new();
    story.sign_in(1, "somerset");
    story.sign_in(2, "somerset");
    story.ring(1, FROME);
    story.accept(1).unwrap();
    for n in [1, 2] {
        story.desk(n, DeskCommand::Lost).unwrap();
    }
    story.pass(10);
    story.ring(2, FROME);
    assert_eq!((story.state(1), story.state(2)), ("on_call", "idle"));
    story.desk(2, DeskCommand::Back).unwrap();
    assert_eq!(story.state(2), "offered");
}

#[test]
fn a_wrap_up_ends_at_its_limit_and_its_outcome_may_come_later_once() {
    let mut story = Story::new();
    story.sign_in(1, "somerset");
    story.ring(1, FROME);
    story.accept(1).unwrap();
    story.report(1, Report::Ended).unwrap();
    assert_eq!(story.state(1), "wrap_up");
    story.pass(120);
    assert_eq!((story.state(1), story.record(1).outcome), ("idle", None));
    for _ in 0..2 {
        story.finish(1, 1).unwrap();
    }
    assert_eq!(story.said(|effect| matches!(effect, Effect::OutcomeLate { .. })), 1);
}

#[test]
fn commands_and_reports_may_come_twice_and_in_the_wrong_order() {
    let mut story = Story::new();
    story.sign_in(1, "somerset");
    story.ring(1, FROME);
    story.ring(1, FROME);
    let offer = story.offer(1);
    story.accept(1).unwrap();
    story.desk(1, DeskCommand::Accept { offer }).unwrap();
    story.report(1, Report::Ended).unwrap();
    story.report(1, Report::Answered).unwrap();
    story.report(1, Report::NoAnswer { address: None, busy: false }).unwrap();
    for _ in 0..2 {
        story.end(1, 1).unwrap();
        story.report(1, Report::Ended).unwrap();
    }
    for _ in 0..2 {
        story.finish(1, 1).unwrap();
        story.end(1, 1).unwrap();
        story.report(1, Report::Abandoned).unwrap();
    }
    assert_eq!(story.record(1).how, How::Answered);
    assert_eq!(story.said(|effect| matches!(effect, Effect::Instruct { instruction: Instruction::Release(_), .. })), 1);
    assert_eq!(story.figures("somerset").entered, 1);
    assert!(matches!(story.report(2, Report::Ended), Err(Error::NotFound { .. })));
    assert!(matches!(story.end(1, 2), Err(Error::NotFound { .. })));
    let nobody = story.end(5, 1);
    assert!(matches!(nobody, Err(Error::Illegal { reason: "SIGNED_OUT", .. })), "{nobody:?}");
}

#[test]
fn an_advisers_telephone_that_does_not_answer_gives_the_call_to_the_next_adviser() {
    let mut story = Story::new();
    story.sign_in(1, "somerset");
    story.sign_in(2, "somerset");
    story.ring(1, FROME);
    story.accept(1).unwrap();
    story.report(1, Report::NoAnswer { address: Some("sip:1@somerset.example".into()), busy: false }).unwrap();
    assert_eq!((story.state(1), story.state(2)), ("idle", "offered"));
    story.accept(2).unwrap();
    story.report(1, Report::NoAnswer { address: Some("sip:1@somerset.example".into()), busy: false }).unwrap();
    assert_eq!(story.state(2), "on_call", "a late report about somebody else");
    story.report(1, Report::Answered).unwrap();
    story.report(1, Report::NoAnswer { address: Some("sip:2@somerset.example".into()), busy: false }).unwrap();
    assert_eq!((story.state(2), story.figures("somerset").answered), ("on_call", 1));
}

#[test]
fn nobody_is_at_two_sites_and_nobody_leaves_a_conversation_behind() {
    let mut story = Story::new();
    story.sign_in(1, "somerset");
    story.sign_in(1, "gwent");
    assert_eq!(story.network.snapshot(&"somerset".into(), story.now).unwrap().advisers.len(), 0);
    story.ring(1, NEWPORT);
    story.accept(1).unwrap();
    let card = AdviserCard::new(adviser(1), "Adviser 1", "sip:1", "somerset".into());
    let moved = story.go(|network, now, out| network.sign_in(card, Status::Available, now, out));
    assert!(matches!(moved, Err(Error::Illegal { reason: "BUSY", .. })), "{moved:?}");
    let left = story.desk(1, DeskCommand::SignOut);
    assert!(matches!(left, Err(Error::Illegal { reason: "BUSY", .. })), "{left:?}");
    story.end(1, 1).unwrap();
    for _ in 0..2 {
        story.desk(1, DeskCommand::SignOut).unwrap();
    }
    assert_eq!(story.record(1).how, How::Answered);
}
