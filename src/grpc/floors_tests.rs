//! Walls over many floors, with a clock moved by hand.

use super::pb::watch_floors_response::Event;
use super::*;
use chrono::TimeDelta;
use startline_foundation::clock::ClockHand;
use startline_foundation::subscriptions::Subscriptions;
use startline_routing::{
    AdviserCard, BreakReason, DeskCommand, JournalEntry, Network, NewCall, Opening, Priority, RouteTable, SiteSettings,
    SkillSet, State, Status,
};
use tokio::sync::mpsc;
use tokio::task::unconstrained;
use uuid::Uuid;

const ALL: Details = Details { advisers: true, waiting: true };

/// Many floors, their clock, and who listens for their calls.
struct House {
    switchboard: Arc<Switchboard>,
    subscriptions: Subscriptions,
    clock: Clock,
    hand: ClockHand,
    listeners: Vec<mpsc::Receiver<startline_routing::Instruction>>,
    _records: mpsc::Receiver<JournalEntry>,
    chance: u64,
}

fn site(n: u64) -> SiteId {
    SiteId::new(&format!("site-{n:02}"))
}

fn adviser(n: u64) -> UserId {
    UserId(Uuid::from_u64_pair(1, n))
}

impl House {
    /// So many sites with two advisers each who take calls.
    fn of(sites: u64) -> Self {
        let (clock, hand) = Clock::manual("2026-03-03T10:00:00Z".parse().unwrap());
        let settings = (0..sites).map(|n| SiteSettings::new(site(n))).collect();
        let dialled = (0..sites).map(|n| (format!("+44{n}"), site(n))).collect();
        let network = Network::new(settings, RouteTable { dialled, ..RouteTable::default() }, 7).unwrap();
        let (records, receiver) = mpsc::channel(100_000);
        let switchboard = Arc::new(Switchboard::new(network, records));
        let subscriptions = Subscriptions::default();
        let (listeners, chance) = (Vec::new(), 7);
        let house = Self { switchboard, subscriptions, clock, hand, listeners, _records: receiver, chance };
        for n in 0..2 * sites {
            let card = AdviserCard::new(adviser(n), &format!("Adviser {n}"), &format!("sip:{n}"), site(n % sites));
            house.switchboard.sign_in(card, house.clock.now()).unwrap();
            house.desk(n, DeskCommand::SetStatus(Status::Available));
        }
        house
    }

    fn desk(&self, n: u64, command: DeskCommand) {
        let _ = self.switchboard.desk(adviser(n), command, self.clock.now());
    }

    fn ring(&mut self, call: u64, at_site: u64) {
        let new = NewCall {
            call: CallId(Uuid::from_u64_pair(2, call)),
            switch_call_id: format!("call-{call}").into(),
            caller: None,
            dialled: format!("+44{at_site}"),
            priority: Priority::Normal,
            needs: SkillSet::NONE,
            first_seen: None,
        };
        let (_, listener) = self.switchboard.enter_call(new, |_| Opening::Open, self.clock.now()).unwrap();
        self.listeners.push(listener);
    }

    fn watch(&self, sites: u64, details: Details) -> Watcher {
        let sites = (0..sites).map(|n| (String::new(), site(n))).collect();
        let stopping = self.subscriptions.subscribe([]);
        let wall = Wall::new(self.switchboard.clone(), self.clock.clone(), stopping, sites, details).unwrap();
        Watcher { wall: wall.told(), ahead: None, floors: BTreeMap::new(), times: Vec::new(), wholes: 0 }
    }

    fn passes(&self, ms: i64) {
        self.hand.move_to(self.hand.now() + TimeDelta::milliseconds(ms));
        self.switchboard.tick(self.clock.now());
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.chance = self.chance.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.chance >> 33) % limit
    }

    /// Something happens at one of the sites.
    fn happens(&mut self, step: u64, sites: u64) {
        let (n, at_site) = (self.below(2 * sites), self.below(sites));
        let state = self.switchboard.network().desk_view(adviser(n)).unwrap().state;
        match (self.below(10), state) {
            (0..3, _) => self.ring(step, at_site),
            (3, _) => {
                let tea = BreakReason::Chosen("tea".into());
                self.desk(n, DeskCommand::SetStatus(Status::OnBreak { reason: tea }));
            }
            (4, _) => self.desk(n, DeskCommand::SetStatus(Status::Available)),
            (_, State::Offered { held, .. }) => self.desk(n, DeskCommand::Accept { offer: held.offer }),
            (_, State::OnCall { held, .. }) => self.desk(n, DeskCommand::EndCall { call: held.card.call }),
            (_, State::WrapUp { held, .. }) => {
                self.desk(n, DeskCommand::FinishWrapUp { call: held.card.call, outcome: None });
            }
            _ => {}
        }
    }
}

#[derive(Debug, Default, Clone, PartialEq)]
struct Picture {
    summary: Option<pb::FloorSummary>,
    advisers: BTreeMap<String, pb::Desk>,
    waiting: BTreeMap<String, pb::WaitingCall>,
}

fn changes(told: Event) -> pb::FloorChanges {
    match told {
        Event::Changes(changes) => changes,
        other => panic!("{other:?}"),
    }
}

/// Puts together what a wall tells.
struct Watcher {
    wall: BoxStream<'static, pb::WatchFloorsResponse>,
    ahead: Option<Event>,
    floors: BTreeMap<String, Picture>,
    times: Vec<prost_types::Timestamp>,
    wholes: usize,
}

impl Watcher {
    /// None while nothing is told.
    fn event(&mut self) -> Option<Event> {
        let told = unconstrained(self.wall.next()).now_or_never();
        told.map(|told| told.expect("the stream is over").event.unwrap())
    }

    /// As a server reads that has room for more: it asks for the next at once.
    fn changes(&mut self) -> Option<pb::FloorChanges> {
        let told = self.ahead.take().or_else(|| self.event())?;
        self.ahead = self.event();
        Some(changes(told))
    }

    fn read(&mut self) {
        while let Some(pb::FloorChanges { time, whole, floors }) = self.changes() {
            self.times.extend(time);
            if whole {
                self.floors.clear();
                self.wholes += 1;
            }
            for change in floors {
                let floor = self.floors.entry(change.site_id).or_default();
                if let Some(summary) = change.summary {
                    floor.summary = Some(without_times(&summary));
                }
                floor.advisers.extend(change.advisers.into_iter().map(|desk| (desk.adviser_id.clone(), desk)));
                floor.waiting.extend(change.waiting_calls.into_iter().map(|call| (call.call_id.clone(), call)));
                floor.advisers.retain(|id, _| !change.gone_adviser_ids.contains(id));
                floor.waiting.retain(|id, _| !change.gone_call_ids.contains(id));
            }
        }
    }
}

#[tokio::test]
async fn a_wall_of_forty_sites_is_told_four_times_a_second_at_most_and_can_put_together_what_is() {
    const SITES: u64 = 40;
    let mut house = House::of(SITES);
    let mut wall = house.watch(SITES, ALL);
    wall.read();
    assert_eq!((wall.times.len(), wall.floors.len()), (1, 40));
    let mut step = 0;
    for _ in 0..300 {
        for _ in 0..40 {
            step += 1;
            house.happens(step, SITES);
            wall.read();
        }
        house.passes(100);
        wall.read();
    }
    house.passes(250);
    wall.read();
    let second = |time: &prost_types::Timestamp| time.seconds * 1_000 + i64::from(time.nanos) / 1_000_000;
    assert!(wall.times.windows(5).all(|five| second(&five[4]) - second(&five[0]) >= 1_000), "{:?}", wall.times);
    assert!((90..=121).contains(&wall.times.len()), "{} messages in half a minute", wall.times.len());
    assert_eq!(wall.wholes, 1);
    let mut fresh = house.watch(SITES, ALL);
    fresh.read();
    assert!(fresh.floors.values().any(|floor| !floor.waiting.is_empty()), "nobody waits anywhere, which shows little");
    assert_eq!(wall.floors, fresh.floors);
}

#[tokio::test]
async fn only_what_changed_is_told_and_only_when_something_did() {
    let mut house = House::of(3);
    let (mut wall, mut plain) = (house.watch(3, ALL), house.watch(3, Details::default()));
    let first = wall.changes().unwrap();
    assert!(first.whole && first.floors.iter().all(|floor| floor.summary.is_some() && floor.advisers.len() == 2));
    assert!(plain.changes().unwrap().floors.iter().all(|floor| floor.advisers.is_empty()));
    house.passes(60_000);
    assert_eq!((wall.changes(), plain.changes()), (None, None));

    let break_of = |words: &str| {
        let reason = BreakReason::Chosen(words.into());
        DeskCommand::SetStatus(Status::OnBreak { reason })
    };
    house.desk(1, break_of("tea"));
    let told = wall.changes().unwrap();
    let [floor] = &told.floors[..] else { panic!("{told:?}") };
    let names: Vec<_> = floor.advisers.iter().map(|desk| desk.adviser_name.as_str()).collect();
    assert_eq!((told.whole, floor.site_id.as_str(), names), (false, "site-01", vec!["Adviser 1"]));
    let summary = floor.summary.as_ref().unwrap();
    assert_eq!((summary.available, summary.on_break, summary.idle_advisers), (1, 1, 1));
    assert_eq!(plain.changes().unwrap().floors.len(), 1);

    // Another reason is none of a summary's business.
    house.passes(250);
    house.desk(1, break_of("lunch"));
    let told = wall.changes().unwrap();
    assert!(told.floors[0].summary.is_none() && told.floors[0].advisers.len() == 1, "{told:?}");
    assert_eq!(plain.changes(), None);

    // One call too many, which waits and leaves.
    for call in 1..=2 {
        house.ring(call, 1);
    }
    house.passes(250);
    let told = wall.changes().unwrap();
    let floor = &told.floors[0];
    assert_eq!((floor.waiting_calls[0].position, floor.summary.as_ref().unwrap().waiting), (1, 1));
    let gone = CallId(Uuid::from_u64_pair(2, 2));
    house.switchboard.report_call(gone, startline_routing::Report::Abandoned, house.clock.now()).unwrap();
    house.passes(250);
    assert_eq!(wall.changes().unwrap().floors[0].gone_call_ids, [gone.to_string()]);

    // An adviser moves to another site.
    let card = AdviserCard::new(adviser(0), "Adviser 0", "sip:0", site(2));
    house.switchboard.sign_in(card, house.clock.now()).unwrap();
    house.passes(250);
    let told = wall.changes().unwrap();
    assert_eq!(told.floors[0].gone_adviser_ids, [adviser(0).to_string()]);
    assert_eq!(told.floors[1].advisers[0].adviser_id, adviser(0).to_string());
}

#[tokio::test]
async fn whoever_has_read_nothing_for_ten_seconds_is_told_everything_anew() {
    let house = House::of(3);
    let mut wall = house.watch(3, ALL);
    assert!(changes(wall.event().unwrap()).whole);
    house.passes(9_900);
    house.desk(1, DeskCommand::SignOut);
    assert!(!changes(wall.event().unwrap()).whole, "not yet");
    house.passes(10_000);
    house.desk(2, DeskCommand::SignOut);
    let told = changes(wall.event().unwrap());
    assert_eq!((told.whole, told.floors.len()), (true, 3));
}

#[tokio::test]
async fn a_half_hour_that_begins_is_told_though_nothing_else_happens() {
    let mut house = House::of(1);
    let mut wall = house.watch(1, Details::default());
    house.ring(1, 0);
    wall.read();
    for _ in 0..181 {
        house.passes(10_000);
        wall.read();
    }
    let half_hour = wall.floors["site-00"].summary.clone().unwrap().half_hour.unwrap();
    assert_eq!((half_hour.start_time.unwrap().seconds % 3_600, half_hour.entered), (1_800, 0));
}

#[tokio::test]
async fn a_wall_ends_with_the_word_that_the_service_stops() {
    let house = House::of(2);
    let mut wall = house.watch(2, ALL);
    wall.read();
    house.subscriptions.stop();
    assert_eq!(wall.event(), Some(Event::Stopping(pb::Stopping {})));
    assert!(wall.wall.next().await.is_none());
}
