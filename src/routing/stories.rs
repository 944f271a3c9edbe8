//! Stories of the floor, told through the room's verbs.

mod desks;
mod lost_callers;
mod promises;
mod signals;

use super::*;
use chrono::{DateTime, TimeDelta, Utc};
use startline_foundation::error::{Error, Result};
use startline_foundation::ids::{CallId, OfferId, SiteId, UserId};
use uuid::Uuid;

/// A network of two sites, its clock, and everything that was said since the last look.
struct Story {
    network: Network,
    now: DateTime<Utc>,
    effects: Vec<Effect>,
}

fn adviser(n: u64) -> UserId {
    UserId(Uuid::from_u64_pair(1, n))
}

fn call(n: u64) -> CallId {
    CallId(Uuid::from_u64_pair(2, n))
}

const FROME: &str = "+441373000123";
const NEWPORT: &str = "+441633000123";

impl Story {
    fn new() -> Self {
        Self::with(|_| {})
    }

    fn with(change: impl Fn(&mut SiteSettings)) -> Self {
        let sites = ["somerset", "gwent"].map(|site| {
            let mut settings = SiteSettings::new(site.into());
            change(&mut settings);
            settings
        });
        let target = |site: &str, place: &str| AreaTarget { site: site.into(), place: place.into() };
        let areas = AreaTable::new([
            ("441373".to_owned(), target("somerset", "Frome")),
            ("441633".to_owned(), target("gwent", "Newport")),
        ]);
        let routes = RouteTable {
            areas: areas.unwrap(),
            default_site: Some("somerset".into()),
            skills: vec!["welsh".into()],
            lines: [("+441632960105".to_owned(), vec!["welsh".to_owned()])].into(),
            ..RouteTable::default()
        };
        let network = Network::new(sites.to_vec(), routes, 7).unwrap();
        Self { network, now: DateTime::from_timestamp(986_000_000, 0).unwrap(), effects: Vec::new() }
    }

    /// Runs a verb, checks that the network is sound after it, and keeps what it said.
    fn go<R>(&mut self, verb: impl FnOnce(&Network, DateTime<Utc>, &mut Vec<Effect>) -> R) -> R {
        let result = verb(&self.network, self.now, &mut self.effects);
        self.network.check_invariants().unwrap();
        result
    }

    fn sign_in(&mut self, n: u64, site: &str) {
        let address = format!("sip:{n}@{site}.example");
        let card = AdviserCard::new(adviser(n), &format!("Adviser {n}"), &address, site.into());
        self.go(|network, now, out| network.sign_in(card, Status::Available, now, out)).unwrap();
        self.pass(1);
    }

    fn ring(&mut self, n: u64, caller: &str) {
        let new = NewCall {
            call: call(n),
            switch_call_id: format!("switch-{n}").into(),
            caller: (!caller.is_empty()).then(|| caller.to_owned()),
            dialled: "+448450000000".into(),
            priority: Priority::Normal,
            needs: SkillSet::NONE,
            first_seen: None,
        };
        self.go(|network, now, out| network.enter_call(new, |_| Opening::Open, now, out)).unwrap();
    }

    /// Lets seconds pass, one by one, as the service's own clock does.
    fn pass(&mut self, seconds: i64) {
        for _ in 0..seconds {
            self.now += TimeDelta::seconds(1);
            self.go(Network::tick);
        }
    }

    /// The offer an adviser sees now.
    fn offer(&self, n: u64) -> OfferId {
        match self.network.desk_view(adviser(n)).unwrap().state {
            State::Offered { held, .. } => held.offer,
            other => panic!("adviser {n} has no offer but is {}", other.name()),
        }
    }

    fn offered_call(&self, n: u64) -> CallId {
        self.network.desk_view(adviser(n)).unwrap().call().expect("an adviser with a call")
    }

    fn desk(&mut self, n: u64, command: DeskCommand) -> Result<()> {
        self.go(|network, now, out| network.desk(adviser(n), command, now, out))
    }

    fn accept(&mut self, n: u64) -> Result<()> {
        let offer = self.offer(n);
        self.desk(n, DeskCommand::Accept { offer })
    }

    fn end(&mut self, n: u64, c: u64) -> Result<()> {
        self.desk(n, DeskCommand::EndCall { call: call(c) })
    }

    fn finish(&mut self, n: u64, c: u64) -> Result<()> {
        self.desk(n, DeskCommand::FinishWrapUp { call: call(c), outcome: Some("booked".into()) })
    }

    fn report(&mut self, c: u64, report: Report) -> Result<()> {
        self.go(|network, now, out| network.report_call(call(c), report, now, out))
    }

    fn state(&self, n: u64) -> &'static str {
        self.network.desk_view(adviser(n)).unwrap().state.name()
    }

    fn status(&self, n: u64) -> Status {
        self.network.desk_view(adviser(n)).unwrap().status
    }

    fn figures(&self, site: &str) -> figures::Figures {
        self.network.snapshot(&site.into(), self.now).unwrap().figures
    }

    fn said(&self, effect: impl Fn(&Effect) -> bool) -> usize {
        self.effects.iter().filter(|said| effect(said)).count()
    }

    fn record(&self, c: u64) -> CallRecord {
        let records: Vec<_> = self
            .effects
            .iter()
            .filter_map(|effect| match effect {
                Effect::CallFinished(record) if record.card.call == call(c) => Some(record),
                _ => None,
            })
            .collect();
        assert_eq!(records.len(), 1, "a call has one record");
        (**records[0]).clone()
    }
}

#[test]
fn a_call_goes_to_the_adviser_of_its_own_area_who_has_been_idle_longest() {
    let mut story = Story::new();
    story.sign_in(9, "gwent");
    story.sign_in(2, "somerset");
    story.sign_in(1, "somerset");
    story.ring(1, FROME);
    assert_eq!((story.state(2), story.state(1), story.state(9)), ("offered", "idle", "idle"));
    story.pass(4);
    story.accept(2).unwrap();
    let connected = |effect: &Effect| matches!(effect, Effect::Instruct { instruction: Instruction::Connect { by }, .. } if by.address == "sip:2@somerset.example");
    assert_eq!(story.said(connected), 1);
    story.pass(60);
    story.end(2, 1).unwrap();
    assert_eq!(story.state(2), "wrap_up");
    story.pass(30);
    story.finish(2, 1).unwrap();
    let record = story.record(1);
    assert_eq!((record.wait_ms, record.talk_ms, record.wrap_up_ms), (4_000, 60_000, 30_000));
    assert_eq!((record.how, record.outcome.as_deref()), (How::Answered, Some("booked")));
    assert_eq!(record.card.place.as_deref(), Some("Frome"));
    // Adviser 1 has been idle longer now.
    story.ring(2, FROME);
    assert_eq!((story.state(2), story.state(1)), ("idle", "offered"));
}

#[test]
fn a_frome_call_overflows_to_gwent_after_20_seconds_when_somerset_is_all_busy() {
    let mut story = Story::new();
    story.sign_in(1, "somerset");
    story.sign_in(9, "gwent");
    story.ring(1, FROME);
    story.accept(1).unwrap();
    story.ring(2, FROME);
    assert_eq!(
        story.said(|effect| matches!(
            effect,
            Effect::Instruct { instruction: Instruction::Queued { position: 1, .. }, .. }
        )),
        1
    );
    story.pass(19);
    assert_eq!(story.state(9), "idle");
    story.pass(1);
    assert_eq!(story.state(9), "offered");
    story.accept(9).unwrap();
    story.pass(10);
    story.end(9, 2).unwrap();
    story.finish(9, 2).unwrap();
    let record = story.record(2);
    assert!(record.overflowed());
    assert_eq!(record.card.home, Some("somerset".into()));
    assert_eq!(record.handled_by.unwrap().site, "gwent".into());
    assert_eq!(record.wait_ms, 20_000);
    assert_eq!((story.figures("somerset").overflowed, story.figures("gwent").entered), (1, 0));
}

#[test]
fn a_call_overflows_at_once_from_a_site_where_nobody_works_and_when_the_last_one_leaves() {
    let mut story = Story::new();
    story.sign_in(9, "gwent");
    story.ring(1, FROME);
    assert_eq!(story.state(9), "offered");
    story.accept(9).unwrap();
    story.sign_in(8, "gwent");
    story.sign_in(1, "somerset");
    story.ring(2, FROME);
    story.accept(1).unwrap();
    story.ring(3, FROME);
    assert_eq!(story.state(8), "idle");
    let lunch = Status::OnBreak { reason: BreakReason::Chosen("lunch".into()) };
    story.desk(1, DeskCommand::SetStatus(lunch)).unwrap();
    assert_eq!(story.state(8), "offered");
}

#[test]
fn home_goes_first_while_another_site_is_looked_for() {
    let mut story = Story::new();
    story.sign_in(1, "somerset");
    story.sign_in(9, "gwent");
    story.ring(1, FROME);
    story.accept(1).unwrap();
    story.ring(2, NEWPORT);
    story.accept(9).unwrap();
    story.ring(3, FROME);
    story.pass(25);
    story.end(1, 1).unwrap();
    story.finish(1, 1).unwrap();
    assert_eq!((story.state(1), story.state(9)), ("offered", "on_call"));
    story.ring(4, FROME);
    story.pass(25);
    story.end(9, 2).unwrap();
    story.finish(9, 2).unwrap();
    assert_eq!(story.state(9), "offered", "the call that sought another site is tried when somebody is free there");
}

#[test]
fn an_overflowed_call_that_nobody_takes_comes_back_to_the_head_at_home_with_its_age() {
    let mut story = Story::with(|settings| settings.missed_limit = 1);
    story.sign_in(1, "somerset");
    story.ring(1, FROME);
    story.accept(1).unwrap();
    story.ring(2, FROME);
    story.pass(5);
    story.ring(3, FROME);
    story.sign_in(9, "gwent");
    story.pass(14);
    assert_eq!(story.state(9), "offered");
    story.pass(15);
    assert_eq!(story.state(9), "idle");
    let waiting = story.network.snapshot(&"somerset".into(), story.now).unwrap().waiting;
    let order: Vec<_> = waiting.iter().map(|waiting| waiting.card.call).collect();
    assert_eq!(order, [call(2), call(3)]);
    let notice = Effect::Notice { adviser: adviser(9), notice: Notice::MissedOffers { missed: 1 } };
    assert_eq!(story.said(|effect| *effect == notice), 1);
    story.end(1, 1).unwrap();
    story.finish(1, 1).unwrap();
    story.accept(1).unwrap();
    assert_eq!(story.network.call_view(call(2)).unwrap().position, None);
}

#[test]
fn a_site_never_lends_its_reserve() {
    let mut story = Story::with(|settings| settings.reserve = 1);
    story.sign_in(9, "gwent");
    story.ring(1, FROME);
    assert_eq!(story.state(9), "idle");
    story.sign_in(8, "gwent");
    assert_eq!((story.state(9), story.state(8)), ("offered", "idle"));
}

#[test]
fn a_closed_site_tells_the_caller_when_it_opens_and_lets_the_call_go() {
    let mut story = Story::new();
    story.sign_in(1, "somerset");
    let closed = |_: &SiteId| Opening::Closed { next: "Monday at half past eight".into() };
    let new = NewCall {
        call: call(1),
        switch_call_id: "switch-1".into(),
        caller: Some(FROME.into()),
        dialled: "+448450000000".into(),
        priority: Priority::Normal,
        needs: SkillSet::NONE,
        first_seen: None,
    };
    story.go(|network, now, out| network.enter_call(new, closed, now, out)).unwrap();
    let closed = Announcement::Closed { next_opening: "Monday at half past eight".to_owned() };
    assert_eq!(
        story.effects[story.effects.len() - 4..][..2],
        [
            Effect::Instruct { call: call(1), instruction: Instruction::Announce(closed) },
            Effect::Instruct { call: call(1), instruction: Instruction::Release(ReleaseReason::Closed) },
        ]
    );
    assert_eq!(story.record(1).how, How::Diverted(ReleaseReason::Closed));
    assert_eq!(story.state(1), "idle");
}

#[test]
fn a_withheld_number_goes_where_somebody_is_free_and_asks_for_the_postcode() {
    let mut story = Story::new();
    story.sign_in(9, "gwent");
    story.ring(1, "");
    let view = story.network.call_view(call(1)).unwrap();
    assert_eq!((view.card.host.as_str(), view.card.ask_postcode), ("gwent", true));
    story.accept(9).unwrap();
    story.go(|network, now, out| network.set_home(call(1), &"somerset".into(), now, out)).unwrap();
    story.end(9, 1).unwrap();
    story.finish(9, 1).unwrap();
    assert_eq!(story.record(1).card.home, Some("somerset".into()));
}

#[test]
fn a_stopping_service_lets_the_waiting_go_refuses_the_new_and_finishes_conversations() {
    let mut story = Story::new();
    story.sign_in(1, "somerset");
    story.ring(1, FROME);
    story.accept(1).unwrap();
    story.ring(2, FROME);
    story.go(Network::stop_taking_calls);
    assert_eq!(story.record(2).how, How::Diverted(ReleaseReason::Stopping));
    let new = NewCall {
        call: call(3),
        switch_call_id: "switch-3".into(),
        caller: None,
        dialled: String::new(),
        priority: Priority::Normal,
        needs: SkillSet::NONE,
        first_seen: None,
    };
    let refused = story.go(|network, now, out| network.enter_call(new, |_| Opening::Open, now, out));
    assert!(matches!(refused, Err(Error::Unavailable(_))), "{refused:?}");
    story.end(1, 1).unwrap();
    story.finish(1, 1).unwrap();
    assert_eq!(story.record(1).how, How::Answered);
}

#[test]
fn an_urgent_call_goes_before_those_who_wait() {
    let mut story = Story::new();
    story.ring(1, FROME);
    let new = NewCall {
        call: call(2),
        switch_call_id: "switch-2".into(),
        caller: Some(FROME.into()),
        dialled: String::new(),
        priority: Priority::Urgent,
        needs: SkillSet::NONE,
        first_seen: None,
    };
    story.go(|network, now, out| network.enter_call(new, |_| Opening::Open, now, out)).unwrap();
    assert_eq!(story.network.call_view(call(1)).unwrap().position, Some(2));
    story.sign_in(1, "somerset");
    assert_eq!(story.network.call_view(call(2)).unwrap().position, None);
}

#[test]
fn a_definition_whose_routes_lead_nowhere_is_refused_by_name() {
    let routes = RouteTable { default_site: Some("leeds".into()), ..RouteTable::default() };
    let fault = Network::new(vec![SiteSettings::new("somerset".into())], routes, 1).unwrap_err();
    assert_eq!(fault.to_string(), "default_site: leads to leeds, which is no site of this definition");
}
