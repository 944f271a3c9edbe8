//! Stories of skills, promised call-backs, passing on, lost sites, and callers who are not simply waiting.

use super::*;
use startline_foundation::ids::{ClientId, RequestId};

const WELSH_LINE: &str = "+441632960105";

impl Story {
    fn welsh(&self) -> SkillSet {
        self.network.skills().set("needs", ["welsh"]).unwrap()
    }

    fn sign_in_with(&mut self, n: u64, site: &str, change: impl FnOnce(&mut AdviserCard)) {
        let mut card = AdviserCard::new(adviser(n), "", &format!("sip:{n}@{site}.example"), site.into());
        change(&mut card);
        self.go(|network, now, out| network.sign_in(card, Status::Available, now, out)).unwrap();
        self.pass(1);
    }

    fn ring_with(&mut self, n: u64, caller: &str, change: impl FnOnce(&mut NewCall)) {
        let mut new = NewCall {
            call: call(n),
            switch_call_id: format!("switch-{n}").into(),
            caller: (!caller.is_empty()).then(|| caller.to_owned()),
            dialled: String::new(),
            priority: Priority::Normal,
            needs: SkillSet::NONE,
            first_seen: None,
        };
        change(&mut new);
        self.go(|network, now, out| network.enter_call(new, |_| Opening::Open, now, out)).unwrap();
    }

    fn commit(&mut self, n: u64, minutes: i64) {
        let at = self.now + TimeDelta::minutes(minutes);
        self.desk(n, DeskCommand::SetCommitment { at: Some(at) }).unwrap();
    }

    fn hand_on(&mut self, n: u64, c: u64, to: PassTo) -> Result<()> {
        let from = self.network.desk_view(adviser(n)).unwrap().card;
        let screen = Screen {
            from,
            client: Some(ClientId(Uuid::from_u64_pair(6, 1))),
            walk: None,
            note: "asks in Welsh".into(),
        };
        self.desk(n, DeskCommand::Pass { call: call(c), to, screen: Box::new(screen) })
    }

    fn lose(&mut self, site: &str, reason: Option<&str>) {
        let reason = reason.map(Into::into);
        self.go(|network, now, out| network.set_lost(&site.into(), reason, now, out)).unwrap();
    }
}

#[test]
fn a_call_on_the_welsh_line_waits_for_a_welsh_speaker_while_others_go_by() {
    let mut story = Story::new();
    let welsh = story.welsh();
    story.sign_in(1, "gwent");
    story.ring_with(1, NEWPORT, |new| new.dialled = WELSH_LINE.into());
    assert_eq!(story.state(1), "idle");
    story.ring(2, NEWPORT);
    assert_eq!(story.state(1), "offered");
    story.sign_in_with(2, "gwent", |card| card.skills = card.skills.with(welsh));
    assert_eq!(story.offered_call(2), call(1));
}

#[test]
fn what_the_records_know_of_a_caller_counts_and_another_sites_welsh_speaker_helps() {
    let mut story = Story::new();
    let welsh = story.welsh();
    story.network.set_known_needs([(FROME.to_owned(), welsh)].into());
    story.sign_in(1, "somerset");
    story.sign_in(8, "gwent");
    story.sign_in_with(9, "gwent", |card| card.skills = card.skills.with(welsh));
    story.ring(1, FROME);
    assert_eq!((story.state(1), story.state(8), story.state(9)), ("idle", "idle", "offered"));
    let route = story.network.route(Some(FROME), "", |_| true).unwrap();
    assert_eq!(story.network.skills().words(route.needs), ["welsh"]);
}

#[test]
fn nobody_who_only_makes_call_backs_is_offered_a_call() {
    let mut story = Story::new();
    story.sign_in_with(1, "somerset", |card| card.skills = SkillSet::OUTBOUND);
    story.ring(1, FROME);
    assert_eq!(story.state(1), "idle");
}

#[test]
fn rare_skills_stay_free_where_the_site_asks_for_that() {
    let mut story = Story::with(|settings| settings.selection = Selection::FewestSkills);
    let welsh = story.welsh();
    story.sign_in_with(1, "somerset", |card| card.skills = card.skills.with(welsh));
    story.sign_in(2, "somerset");
    story.ring(1, FROME);
    assert_eq!((story.state(1), story.state(2)), ("idle", "offered"));
}

#[test]
fn an_adviser_whose_call_back_begins_before_a_call_would_be_over_is_offered_none() {
    let mut story = Story::with(|settings| settings.expected_handle = TimeDelta::minutes(8));
    story.sign_in(1, "somerset");
    story.sign_in(9, "gwent");
    story.commit(1, 10);
    story.ring(1, FROME);
    assert_eq!(story.state(1), "offered", "ten minutes ahead a call of eight fits in");
    story.report(1, Report::Abandoned).unwrap();
    story.pass(2 * 60);
    story.ring(2, FROME);
    assert_eq!((story.state(1), story.state(9)), ("idle", "offered"), "home has nobody who may take it");
    let route = story.network.route(Some(FROME), "", |_| true).unwrap();
    assert_eq!((route.candidates[0].load.kept, route.candidates[0].load.staffed), (1, 0));
    assert!(
        route.candidates[0].why().ends_with("1 kept for call-backs that begin soon"),
        "{}",
        route.candidates[0].why()
    );
    let view = story.network.desk_view(adviser(1)).unwrap();
    assert!(view.kept && view.next_callback.is_some());
    // The call-back was moved to tomorrow.
    story.ring(3, FROME);
    story.desk(1, DeskCommand::SetCommitment { at: None }).unwrap();
    assert_eq!(story.state(1), "offered");
}

#[test]
fn a_call_passed_on_keeps_its_age_goes_first_and_brings_the_screen_along() {
    let mut story = Story::new();
    let welsh = story.welsh();
    story.sign_in(1, "gwent");
    story.ring(1, NEWPORT);
    story.accept(1).unwrap();
    story.sign_in_with(2, "gwent", |card| card.skills = card.skills.with(welsh));
    story.ring(2, NEWPORT);
    story.accept(2).unwrap();
    story.pass(60);
    story.ring_with(3, NEWPORT, |new| new.dialled = WELSH_LINE.into());
    story.hand_on(1, 1, PassTo::Skill(welsh)).unwrap();
    story.hand_on(1, 1, PassTo::Skill(welsh)).expect("passing it on again changes nothing more");
    assert_eq!(story.state(1), "wrap_up");
    story.end(2, 2).unwrap();
    story.finish(2, 2).unwrap();
    assert_eq!(story.offered_call(2), call(1), "it is older than the call that waited");
    let card = story.network.call_view(call(1)).unwrap().card;
    let screen = card.passed.as_ref().unwrap();
    assert_eq!((screen.from.id, screen.note.as_str()), (adviser(1), "asks in Welsh"));
    story.accept(2).unwrap();
    story.pass(30);
    story.end(2, 1).unwrap();
    story.finish(2, 1).unwrap();
    let record = story.record(1);
    assert_eq!((record.passes, record.handled_by.unwrap().id), (1, adviser(1)));
    assert_eq!(record.talk_ms, 61_000 + 30_000);
    assert_eq!(
        (story.figures("gwent").answered, story.figures("gwent").entered),
        (2, 3),
        "answered once, counted once"
    );
}

#[test]
fn a_call_passed_to_a_site_goes_to_nobody_else_and_one_passed_outside_leaves_the_floor() {
    let mut story = Story::new();
    story.sign_in(1, "somerset");
    story.sign_in(2, "somerset");
    story.ring(1, FROME);
    story.accept(1).unwrap();
    story.sign_in(9, "gwent");
    story.desk(9, DeskCommand::SetStatus(Status::OnBreak { reason: BreakReason::Chosen("lunch".into()) })).unwrap();
    story.hand_on(1, 1, PassTo::Site("gwent".into())).unwrap();
    assert_eq!(story.state(2), "idle");
    story.desk(9, DeskCommand::SetStatus(Status::Available)).unwrap();
    assert_eq!(story.offered_call(9), call(1));
    story.accept(9).unwrap();
    assert!(story.hand_on(2, 1, PassTo::Site("gwent".into())).is_err(), "only who has the call passes it on");
    story.hand_on(9, 1, PassTo::Outside { address: "tel:+441632960107".into() }).unwrap();
    let outside =
        |effect: &Effect| matches!(effect, Effect::Instruct { instruction: Instruction::ConnectOutside { .. }, .. });
    assert_eq!(story.said(outside), 1);
    let record = story.record(1);
    assert_eq!((record.how, record.passes, record.outcome.as_deref()), (How::Answered, 2, Some("passed_outside")));
}

#[test]
fn a_lost_sites_calls_move_at_once_and_come_back_when_it_does() {
    let mut story = Story::new();
    story.sign_in(1, "somerset");
    story.sign_in(9, "gwent");
    story.ring(1, FROME);
    assert_eq!(story.state(1), "offered");
    story.lose("somerset", Some("flood"));
    assert_eq!((story.state(1), story.state(9)), ("idle", "offered"), "what was offered there moves too");
    let snapshot = story.network.snapshot(&"somerset".into(), story.now).unwrap();
    assert_eq!(snapshot.lost.as_deref(), Some("flood"));
    story.accept(9).unwrap();
    story.ring(2, FROME);
    assert_eq!(story.state(1), "idle");
    story.lose("somerset", None);
    assert_eq!(story.offered_call(1), call(2));
}

#[test]
fn a_closed_site_lets_another_that_is_open_take_its_calls() {
    let mut story = Story::new();
    story.sign_in(9, "gwent");
    let opening = |site: &SiteId| match site.as_str() {
        "gwent" => Opening::Open,
        _ => Opening::Closed { next: "tomorrow".into() },
    };
    for n in 1..=2 {
        let mut new = None;
        story.ring_with(9, NEWPORT, |call| new = Some(call.clone()));
        let new = NewCall {
            call: call(n),
            switch_call_id: format!("s-{n}").into(),
            caller: Some(FROME.into()),
            ..new.unwrap()
        };
        if n == 1 {
            story.report(9, Report::Abandoned).unwrap();
            story.go(|network, now, out| network.enter_call(new, opening, now, out)).unwrap();
            assert_eq!(story.offered_call(9), call(1));
            story.desk(9, DeskCommand::SignOut).unwrap();
        } else {
            story.go(|network, now, out| network.enter_call(new, opening, now, out)).unwrap();
            assert_eq!(story.record(2).how, How::Diverted(ReleaseReason::Closed), "nobody is there who could help");
        }
    }
}

#[test]
fn a_caller_who_would_wait_too_long_is_looked_after_elsewhere_at_once() {
    let mut story = Story::with(|settings| settings.overflow_wait = TimeDelta::seconds(60));
    story.sign_in(1, "somerset");
    story.ring(1, FROME);
    story.accept(1).unwrap();
    story.pass(300);
    story.end(1, 1).unwrap();
    story.finish(1, 1).unwrap();
    story.ring(2, FROME);
    story.accept(1).unwrap();
    story.sign_in(9, "gwent");
    story.ring(3, FROME);
    assert_eq!(story.state(9), "offered", "calls take five minutes here, so the wait would be long");
}

#[test]
fn a_caller_who_waits_long_hears_so_once_and_may_ask_to_be_called_back() {
    let mut story = Story::with(|settings| settings.announce_after = TimeDelta::seconds(90));
    story.ring(1, FROME);
    let waiting = Instruction::Announce(Announcement::Waiting);
    let announced = |effect: &Effect| matches!(effect, Effect::Instruct { instruction, .. } if *instruction == waiting);
    story.pass(89);
    assert_eq!(story.said(announced), 0);
    story.pass(60);
    assert_eq!(story.said(announced), 1);
    story.report(1, Report::CallbackRequested).unwrap();
    assert_eq!(story.record(1).how, How::Diverted(ReleaseReason::CallbackRequested));
    story.report(1, Report::CallbackRequested).unwrap();
    story.report(1, Report::Abandoned).unwrap();
    assert_eq!(story.record(1).how, How::Diverted(ReleaseReason::CallbackRequested), "whatever comes late");
}

#[test]
fn a_caller_out_of_reach_keeps_place_and_age_and_is_gone_when_nothing_is_heard() {
    let mut story = Story::new();
    story.ring(1, FROME);
    story.pass(5);
    story.ring(2, FROME);
    let until = story.now + TimeDelta::seconds(10);
    story.report(1, Report::Away { until }).unwrap();
    story.sign_in(1, "somerset");
    assert_eq!(story.offered_call(1), call(2), "nobody could put the first one through");
    story.go(|network, now, out| network.asked_again(call(1), now, out)).unwrap();
    assert_eq!(story.network.call_view(call(1)).unwrap().position, Some(1));
    let until = story.now + TimeDelta::seconds(10);
    story.report(1, Report::Away { until }).unwrap();
    story.pass(11);
    assert_eq!(story.record(1).how, How::Abandoned);
}

#[test]
fn whoever_rings_again_after_giving_up_goes_before_others() {
    let mut story = Story::new();
    story.ring(1, FROME);
    story.pass(30);
    story.report(1, Report::Abandoned).unwrap();
    story.ring(2, NEWPORT);
    story.ring_with(3, "+441373000999", |_| ());
    story.ring_with(4, FROME, |_| ());
    assert_eq!(story.network.call_view(call(4)).unwrap().position, Some(1));
}

#[test]
fn a_call_moved_from_another_front_door_keeps_the_age_it_had_there() {
    let mut story = Story::new();
    story.ring(1, FROME);
    story.pass(10);
    let first_seen = Some(story.now - TimeDelta::seconds(60));
    story.ring_with(2, FROME, |new| new.first_seen = first_seen);
    assert_eq!(story.network.call_view(call(2)).unwrap().position, Some(1));
    let too_old = Some(story.now - TimeDelta::hours(2));
    story.ring_with(3, FROME, |new| new.first_seen = too_old);
    assert_eq!(story.network.call_view(call(3)).unwrap().position, Some(3), "nobody waits for two hours");
}

#[test]
fn a_telephone_that_rings_with_the_offer_takes_the_call_by_being_answered() {
    let mut story = Story::new();
    story.sign_in_with(1, "somerset", |card| card.ring_when_offered = true);
    story.ring(1, FROME);
    let connects =
        |effect: &Effect| matches!(effect, Effect::Instruct { instruction: Instruction::Connect { .. }, .. });
    assert_eq!((story.state(1), story.said(connects)), ("offered", 1));
    story.report(1, Report::Answered).unwrap();
    assert_eq!((story.state(1), story.said(connects)), ("on_call", 1));
    story.report(1, Report::NoAnswer { address: None, busy: false }).unwrap();
    assert_eq!(story.state(1), "on_call", "a late report");
    story.report(1, Report::Ended).unwrap();
    assert_eq!(story.state(1), "wrap_up");
}

#[test]
fn a_wrap_up_may_be_made_longer_so_often_and_no_more() {
    let mut story = Story::with(|settings| {
        settings.wrap_up_limit = TimeDelta::seconds(60);
        settings.wrap_up_extension = TimeDelta::seconds(30);
        settings.wrap_up_extensions = 1;
    });
    story.sign_in(1, "somerset");
    story.ring(1, FROME);
    story.accept(1).unwrap();
    let longer = |story: &mut Story, request: u64| {
        let request = RequestId(Uuid::from_u64_pair(5, request));
        story.desk(1, DeskCommand::ExtendWrapUp { call: call(1), request })
    };
    assert!(longer(&mut story, 1).is_err(), "not while talking");
    story.end(1, 1).unwrap();
    longer(&mut story, 2).unwrap();
    longer(&mut story, 2).expect("the same request again changes nothing more");
    assert!(longer(&mut story, 3).is_err());
    story.pass(89);
    assert_eq!(story.state(1), "wrap_up");
    story.pass(1);
    assert_eq!(story.state(1), "idle");
}

#[test]
fn occupancy_is_the_time_with_calls_in_the_time_on_duty() {
    let mut story = Story::new();
    story.sign_in(1, "somerset");
    story.sign_in(2, "somerset");
    story.ring(1, FROME);
    story.accept(1).unwrap();
    story.pass(30 * 60);
    let given: Vec<_> = story
        .effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::Staffing(staffing) => Some(staffing),
            _ => None,
        })
        .collect();
    let sum = |part: fn(&Staffing) -> u64| given.iter().map(|staffing| part(staffing)).sum::<u64>();
    let (staffed, handle) = (sum(|s| s.staffed_ms), sum(|s| s.handle_ms));
    assert!(staffed > 55 * 60_000 && staffed <= 61 * 60_000, "{staffed}");
    assert!(handle > 28 * 60_000 && handle <= 30 * 60_000, "{handle}");
}
