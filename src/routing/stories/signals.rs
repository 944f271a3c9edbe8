//! Stories of desks that say that they are there, fall silent and come back, and of who made a status what it is.

use super::*;
use startline_foundation::ids::CallbackId;

fn chosen(words: &str) -> Status {
    Status::OnBreak { reason: BreakReason::Chosen(words.into()) }
}

const SILENT: Status = Status::OnBreak { reason: BreakReason::DeskSilent };
const GONE: Status = Status::OnBreak { reason: BreakReason::DeskGone };

impl Story {
    /// Somebody whose desktop says at once that it answers heartbeats.
    fn sign_in_answering(&mut self, n: u64, site: &str) {
        let address = format!("sip:{n}@{site}.example");
        let name = format!("Adviser {n}");
        let card =
            AdviserCard { answers_heartbeats: true, ..AdviserCard::new(adviser(n), &name, &address, site.into()) };
        self.go(|network, now, out| network.sign_in(card, Status::Available, now, out)).unwrap();
    }

    /// What made the status so, by whom, and how many seconds ago.
    fn why(&self, n: u64) -> (StatusCause, Option<String>, i64) {
        let view = self.network.desk_view(adviser(n)).unwrap();
        let by = view.cause.by(&view.card.name).map(str::to_owned);
        (view.cause, by, (self.now - view.status_since).num_seconds())
    }

    fn by_the_system(&self, n: u64, cause: StatusCause, seconds: i64) {
        assert_eq!(self.why(n), (cause, None, seconds));
    }

    fn chose(&self, n: u64, cause: StatusCause, seconds: i64) {
        assert_eq!(self.why(n), (cause, Some(format!("Adviser {n}")), seconds));
    }

    fn noticed(&self, wanted: &Notice) -> usize {
        self.said(|effect| matches!(effect, Effect::Notice { notice, .. } if notice == wanted))
    }
}

#[test]
fn a_desk_that_answered_once_and_falls_silent_is_offered_nothing_until_it_is_heard() {
    let mut story = Story::new();
    story.sign_in(1, "somerset");
    story.sign_in(9, "gwent");
    story.desk(1, DeskCommand::StillHere).unwrap();
    story.pass(20);
    story.desk(1, DeskCommand::StillHere).unwrap();
    story.pass(24);
    assert_eq!(story.status(1), Status::Available);
    story.pass(1);
    assert_eq!((story.status(1), story.noticed(&Notice::DeskSilent { seconds: 25 })), (SILENT, 1));
    story.by_the_system(1, StatusCause::DeskSilent, 0);
    story.ring(1, FROME);
    assert_eq!((story.state(1), story.state(9)), ("idle", "offered"));
    story.pass(7);
    story.ring(2, FROME);
    story.desk(1, DeskCommand::StillHere).unwrap();
    assert_eq!((story.status(1), story.state(1)), (Status::Available, "offered"));
    story.by_the_system(1, StatusCause::CameBack, 0);
    assert_eq!(story.noticed(&Notice::CameBack), 1);
}

#[test]
fn the_silence_of_a_desktop_that_never_answered_means_nothing_and_a_new_sign_in_forgets_the_answers() {
    let mut story = Story::new();
    story.sign_in(1, "somerset");
    story.pass(3_600);
    assert_eq!(story.status(1), Status::Available);
    story.desk(1, DeskCommand::StillHere).unwrap();
    story.sign_in(1, "somerset");
    story.pass(3_600);
    assert_eq!(story.status(1), Status::Available);
}

#[test]
fn a_desktop_that_says_that_it_answers_is_bound_from_the_beginning() {
    let mut story = Story::new();
    story.sign_in_answering(1, "somerset");
    story.pass(25);
    assert_eq!(story.status(1), SILENT);
}

#[test]
fn an_offer_that_rings_at_a_silent_desk_goes_to_another_at_once_and_is_not_missed() {
    let mut story = Story::with(|settings| settings.missed_limit = 1);
    story.sign_in_answering(1, "somerset");
    story.pass(20);
    story.ring(1, FROME);
    story.sign_in(2, "somerset");
    let offer = story.offer(1);
    story.pass(4);
    assert_eq!((story.state(1), story.state(2)), ("idle", "offered"));
    let ended = |how| move |effect: &Effect| matches!(effect, Effect::OfferEnded { how: ended, .. } if *ended == how);
    assert_eq!((story.said(ended(OfferEnd::Withdrawn)), story.said(ended(OfferEnd::Missed))), (1, 0));
    assert_eq!(story.network.desk_view(adviser(1)).unwrap().missed, 0);
    let late = story.desk(1, DeskCommand::Accept { offer });
    assert!(matches!(late, Err(Error::Illegal { reason: "OFFER_OVER", .. })), "{late:?}");
    assert_eq!(story.status(1), Status::Available, "whoever says anything is there");
}

#[test]
fn another_sites_call_that_rings_at_a_silent_desk_goes_on_too() {
    let mut story = Story::new();
    story.sign_in_answering(9, "gwent");
    story.pass(20);
    story.ring(1, FROME);
    story.sign_in(8, "gwent");
    assert_eq!((story.state(9), story.state(8)), ("offered", "idle"));
    story.pass(4);
    assert_eq!((story.state(9), story.state(8)), ("idle", "offered"));
}

#[test]
fn a_conversation_goes_on_at_a_silent_desk_and_no_call_follows_it() {
    let mut story = Story::new();
    story.sign_in_answering(1, "somerset");
    story.ring(1, FROME);
    story.accept(1).unwrap();
    story.pass(60);
    assert_eq!((story.state(1), story.status(1)), ("on_call", SILENT));
    story.report(1, Report::Ended).unwrap();
    story.pass(120);
    story.ring(2, FROME);
    assert_eq!((story.state(1), story.status(1)), ("idle", SILENT));
    story.desk(1, DeskCommand::StillHere).unwrap();
    assert_eq!(story.state(1), "offered");
    // Whoever speaks during the call is there after it.
    story.accept(1).unwrap();
    story.pass(30);
    assert_eq!(story.status(1), SILENT);
    story.end(1, 2).unwrap();
    assert_eq!((story.state(1), story.status(1)), ("wrap_up", Status::Available));
}

#[test]
fn every_word_of_a_desk_counts_and_nothing_that_others_do_for_its_adviser() {
    let mut story = Story::new();
    story.sign_in_answering(1, "somerset");
    for _ in 0..3 {
        story.pass(20);
        story.desk(1, DeskCommand::Spoke).unwrap();
    }
    assert_eq!(story.status(1), Status::Available);
    let callback = CallbackId(Uuid::from_u64_pair(3, 1));
    story.pass(20);
    story.desk(1, DeskCommand::SetCommitment { at: None }).unwrap();
    story.desk(1, DeskCommand::EndOutbound { callback }).unwrap();
    story.pass(5);
    assert_eq!(story.status(1), SILENT);
    story.desk(1, DeskCommand::SetCommitment { at: None }).unwrap();
    assert_eq!(story.status(1), SILENT);
}

#[test]
fn what_somebody_chose_meanwhile_stands_when_the_desk_is_heard_again() {
    let mut story = Story::new();
    story.sign_in_answering(1, "somerset");
    story.desk(1, DeskCommand::SetStatus(chosen("lunch"))).unwrap();
    story.pass(120);
    assert_eq!(story.status(1), chosen("lunch"), "a break is no reason to be heard");
    story.chose(1, StatusCause::Chosen, 120);
    story.desk(1, DeskCommand::StillHere).unwrap();
    assert_eq!(story.status(1), chosen("lunch"));

    story.desk(1, DeskCommand::SetStatus(Status::Available)).unwrap();
    story.pass(25);
    assert_eq!(story.status(1), SILENT);
    let free = DeskCommand::Free { by: "Sunil".into(), reason: "asleep".into(), sign_out: false };
    story.desk(1, free).unwrap();
    story.desk(1, DeskCommand::StillHere).unwrap();
    assert_eq!(story.status(1), Status::OnBreak { reason: BreakReason::Freed });
    assert_eq!(story.why(1), (StatusCause::Supervisor { by: "Sunil".into() }, Some("Sunil".into()), 0));

    story.desk(1, DeskCommand::SetStatus(Status::Available)).unwrap();
    story.pass(25);
    story.desk(1, DeskCommand::SetStatus(chosen("tea"))).unwrap();
    assert_eq!((story.status(1), story.noticed(&Notice::CameBack)), (chosen("tea"), 0));
}

#[test]
fn a_lost_desk_is_gone_after_its_grace_hands_on_what_rings_and_comes_back_available() {
    let mut story = Story::new();
    story.sign_in(1, "somerset");
    story.desk(1, DeskCommand::Lost).unwrap();
    story.pass(6);
    story.ring(1, FROME);
    story.sign_in(2, "somerset");
    assert_eq!(story.state(1), "offered", "it may come back unnoticed");
    story.pass(3);
    assert_eq!((story.status(1), story.state(1), story.state(2)), (GONE, "idle", "offered"));
    story.by_the_system(1, StatusCause::DeskGone, 0);
    story.desk(1, DeskCommand::Spoke).unwrap();
    assert_eq!(story.status(1), GONE, "nothing could be offered to it without its stream");
    story.desk(1, DeskCommand::Back).unwrap();
    assert_eq!((story.status(1), story.noticed(&Notice::CameBack)), (Status::Available, 1));
}

#[test]
fn a_desk_that_falls_silent_and_then_loses_its_stream_comes_back_with_its_stream_alone() {
    let mut story = Story::new();
    story.sign_in_answering(1, "somerset");
    story.pass(25);
    story.desk(1, DeskCommand::Lost).unwrap();
    story.pass(10);
    assert_eq!(story.status(1), GONE);
    story.desk(1, DeskCommand::StillHere).unwrap();
    assert_eq!(story.status(1), GONE);
    story.desk(1, DeskCommand::Back).unwrap();
    assert_eq!(story.status(1), Status::Available);
    story.pass(25);
    assert_eq!(story.status(1), SILENT, "it is bound as before");
}

#[test]
fn whoever_has_no_desk_cannot_say_that_it_is_there() {
    let mut story = Story::new();
    story.sign_in(1, "somerset");
    story.desk(1, DeskCommand::SignOut).unwrap();
    story.chose(1, StatusCause::SignedOut, 0);
    for n in [1, 2] {
        let refused = story.desk(n, DeskCommand::StillHere);
        assert!(matches!(refused, Err(Error::Illegal { reason: "SIGNED_OUT", .. })), "{refused:?}");
    }
}

#[test]
fn a_choice_made_during_a_call_takes_effect_after_it_and_says_since_when() {
    let mut story = Story::new();
    story.sign_in(1, "somerset");
    story.chose(1, StatusCause::SignedIn, 1);
    story.ring(1, FROME);
    story.accept(1).unwrap();
    story.desk(1, DeskCommand::SetStatus(chosen("lunch"))).unwrap();
    story.pass(60);
    story.chose(1, StatusCause::ChosenDuringCall, 60);
    story.end(1, 1).unwrap();
    story.pass(30);
    story.chose(1, StatusCause::ChosenDuringCall, 90);
    story.finish(1, 1).unwrap();
    assert_eq!(story.status(1), chosen("lunch"));
    story.chose(1, StatusCause::AfterCall, 0);

    // The same for a call-back, and for somebody who chose to be available after it.
    let callback = CallbackId(Uuid::from_u64_pair(3, 1));
    story.desk(1, DeskCommand::StartOutbound { callback }).unwrap();
    story.desk(1, DeskCommand::SetStatus(Status::Available)).unwrap();
    story.pass(60);
    story.ring(2, FROME);
    assert_eq!(story.state(1), "outbound");
    story.desk(1, DeskCommand::EndOutbound { callback }).unwrap();
    story.chose(1, StatusCause::AfterCall, 0);
    assert_eq!(story.state(1), "offered");
}

#[test]
fn whoever_says_that_they_are_available_while_an_offer_rings_is_not_put_on_a_break_by_missing_it() {
    let mut story = Story::new();
    story.sign_in(1, "somerset");
    story.ring(1, FROME);
    story.pass(20);
    assert_eq!((story.state(1), story.network.desk_view(adviser(1)).unwrap().missed), ("offered", 1));
    story.desk(1, DeskCommand::SetStatus(Status::Available)).unwrap();
    story.pass(10);
    assert_eq!((story.state(1), story.status(1)), ("offered", Status::Available));
}

#[test]
fn each_change_of_a_status_says_who_or_what_made_it() {
    let mut story = Story::with(|settings| settings.missed_limit = 1);
    story.sign_in(1, "somerset");
    story.ring(1, FROME);
    story.pass(15);
    story.by_the_system(1, StatusCause::MissedOffers, 0);
    story.desk(1, DeskCommand::SetStatus(Status::Available)).unwrap();
    story.chose(1, StatusCause::Chosen, 0);
    let offer = story.offer(1);
    story.desk(1, DeskCommand::Decline { offer }).unwrap();
    story.chose(1, StatusCause::Declined, 0);
    story.desk(1, DeskCommand::SetStatus(Status::Available)).unwrap();
    story.accept(1).unwrap();
    story.report(1, Report::Unreachable { address: None }).unwrap();
    story.by_the_system(1, StatusCause::Unreachable, 0);
    story.desk(1, DeskCommand::SetStatus(Status::Available)).unwrap();
    story.accept(1).unwrap();
    story.report(1, Report::Answered).unwrap();
    story.pass(2 * 3_600 + 5 * 60);
    story.by_the_system(1, StatusCause::NoWord, 0);
    // Somebody else sits down at their telephone.
    let card = AdviserCard::new(adviser(2), "Bela", "sip:1@somerset.example", "somerset".into());
    story.go(|network, now, out| network.sign_in(card, Status::Available, now, out)).unwrap();
    assert_eq!(story.why(1), (StatusCause::TelephoneTaken { by: "Bela".into() }, Some("Bela".into()), 0));
    let free = DeskCommand::Free { by: "Sunil".into(), reason: "went home".into(), sign_out: true };
    story.desk(2, free).unwrap();
    assert_eq!((story.status(2), story.why(2).1), (Status::SignedOut, Some("Sunil".into())));
}

#[test]
fn a_desk_is_told_of_every_change_of_its_status_and_of_no_heartbeat() {
    let mut story = Story::new();
    story.sign_in(1, "somerset");
    let changed = |effect: &Effect| matches!(effect, Effect::DeskChanged { .. });
    for status in [chosen("tea"), chosen("lunch"), Status::Available] {
        story.effects.clear();
        story.desk(1, DeskCommand::SetStatus(status)).unwrap();
        assert_eq!(story.said(changed), 1);
    }
    story.effects.clear();
    for _ in 0..6 {
        story.desk(1, DeskCommand::StillHere).unwrap();
        story.pass(10);
    }
    assert_eq!(story.effects, [], "neither the desk nor the walls are told that it is still there");
    story.desk(1, DeskCommand::SignOut).unwrap();
    assert_eq!(story.said(changed), 1);
}
