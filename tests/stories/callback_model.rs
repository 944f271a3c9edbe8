//! The call-back book against a naive one in memory, over random histories: who could be seated is found by trying
//! everything.

use crate::support::{Engine, Home, World, at};
use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc, Weekday};
use startline::access::{self, Context, Role, Sees};
use startline::callbacks::{self, Asked, At, Booking, CancelReason, Needs, RosterDraft, SafeTimes, Wishes};
use startline::clients::{self, FactsDraft};
use startline::definition::Definition;
use startline::error::Error;
use startline::formats::Language;
use startline::ids::{BlockId, CallbackHoldId, CallbackId, ClientId, SiteId, UserId};
use startline::rota::{Activity, BlockDraft, BlockKind, HOLD_EXPIRED, Shift, Whose};
use startline::store::{Store, Tx};
use std::collections::BTreeMap;
use std::sync::Arc;

const SKILLS: [&[&str]; 4] =
    [&["outbound"], &["outbound", "welsh"], &["outbound", "urdu"], &["outbound", "urdu", "welsh"]];
const NEEDS: [&[&str]; 5] = [&[], &[], &["welsh"], &["urdu"], &["urdu", "welsh"]];
/// Calls begin on the hour and take one, so that those of one time overlap no others.
const HOURS: [u32; 3] = [9, 10, 11];
const STEPS: usize = 90;

/// The same history each time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % sides
    }
}

#[derive(Debug, Clone)]
struct Seated {
    day: NaiveDate,
    hour: u32,
    needs: usize,
    owner: Option<usize>,
    /// Of a hold.
    until: Option<DateTime<Utc>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Who {
    Callback(CallbackId),
    Hold(CallbackHoldId),
}

struct Game {
    store: Store,
    definition: Arc<Definition>,
    site: SiteId,
    context: Context,
    advisers: Vec<UserId>,
    /// Who is away on which day, by the block that says so.
    away: BTreeMap<(usize, NaiveDate), BlockId>,
    seated: BTreeMap<Who, Seated>,
    of_client: BTreeMap<Who, ClientId>,
}

fn days() -> [NaiveDate; 2] {
    ["2026-03-04".parse().unwrap(), "2026-03-05".parse().unwrap()]
}

fn moment(day: NaiveDate, hour: u32) -> DateTime<Utc> {
    day.and_hms_opt(hour, 0, 0).unwrap().and_utc()
}

impl Game {
    async fn begin(home: &Home) -> Self {
        let store = home.open_store().await;
        let definition = Definition::embedded();
        let (site, now) = (SiteId::new("somerset"), at("2026-03-03T10:00:00Z"));
        let mut tx = store.begin_write().await.unwrap();
        let (sunil, _) =
            access::add_user(&mut tx.db(), "Sunil", Role::Supervisor, Some(site.clone()), &[], now).await.unwrap();
        let context = Context { now, user: sunil, request_id: None, language: Language::English, sees: Sees::ALL };
        let mut advisers = Vec::new();
        for (i, skills) in SKILLS.iter().enumerate() {
            let skills: Vec<String> = skills.iter().map(ToString::to_string).collect();
            let name = format!("Adviser {i}");
            let site = Some(site.clone());
            let (user, _) = access::add_user(&mut tx.db(), &name, Role::Adviser, site, &skills, now).await.unwrap();
            let time = |hour| NaiveTime::from_hms_opt(hour, 0, 0).unwrap();
            let shift = |weekday| Shift {
                weekday,
                week: None,
                start: time(9),
                end: time(12),
                activity: Activity::Outbound,
                breaks: Vec::new(),
            };
            let draft = RosterDraft {
                adviser: user.id,
                valid_from: "2026-03-01".parse().unwrap(),
                valid_to: None,
                weeks: 1,
                shifts: [Weekday::Wed, Weekday::Thu].map(shift).to_vec(),
            };
            callbacks::set_roster(&mut tx.db(), &context, &definition, draft).await.unwrap();
            advisers.push(user.id);
        }
        tx.commit().await.unwrap();
        let (away, seated, of_client) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        Self { store, definition, site, context, advisers, away, seated, of_client }
    }

    fn held_now(&self) -> usize {
        let until = self.seated.values().filter_map(|seated| seated.until);
        until.filter(|until| self.context.now < *until).count()
    }

    fn works(&self, who: usize, day: NaiveDate) -> bool {
        !self.away.contains_key(&(who, day))
    }

    fn can(&self, who: usize, call: &Seated) -> bool {
        let skilled = NEEDS[call.needs].iter().all(|need| SKILLS[who].contains(need));
        skilled && call.owner.is_none_or(|owner| owner == who) && self.works(who, call.day)
    }

    /// Where each sits, as the database has it: the number of the adviser.
    async fn places(&self, home: &Home) -> BTreeMap<String, usize> {
        let sql = "SELECT DISTINCT lower(hex(COALESCE(callback_id, hold_id))) || ' ' || place FROM callback_cells";
        let rows = home.look_inside().await.texts(sql).await;
        let number = |place: &str| self.advisers.iter().position(|id| id.to_string() == place).unwrap();
        let pair = |row: &String| row.split_once(' ').map(|(id, place)| (id.to_owned(), number(place))).unwrap();
        rows.iter().map(pair).collect()
    }

    fn key(who: Who) -> String {
        match who {
            Who::Callback(id) => id.0.simple().to_string(),
            Who::Hold(id) => id.0.simple().to_string(),
        }
    }

    /// Whether there is any way at all to seat this call beside the others of its time: those who lost their place stay.
    fn possible(&self, call: &Seated, places: &BTreeMap<String, usize>, without: Option<Who>) -> bool {
        let mut busy = vec![false; self.advisers.len()];
        let mut others = Vec::new();
        for (who, other) in &self.seated {
            let there = other.day == call.day && other.hour == call.hour && Some(*who) != without;
            if !there || other.until.is_some_and(|until| until <= self.context.now) {
                continue;
            }
            let place = places[&Self::key(*who)];
            let stays = other.owner.is_some() || !self.can(place, other);
            if stays { busy[place] = true } else { others.push(other.clone()) }
        }
        others.push(call.clone());
        self.by_brute_force(&others, &mut busy)
    }

    fn by_brute_force(&self, calls: &[Seated], busy: &mut [bool]) -> bool {
        let Some((first, rest)) = calls.split_first() else { return true };
        for who in 0..busy.len() {
            if !busy[who] && self.can(who, first) {
                busy[who] = true;
                if self.by_brute_force(rest, busy) {
                    return true;
                }
                busy[who] = false;
            }
        }
        false
    }

    async fn check(&self, home: &Home) {
        let places = self.places(home).await;
        let mut taken = BTreeMap::new();
        let mut lost = Vec::new();
        for (who, call) in &self.seated {
            if call.until.is_some_and(|until| until <= self.context.now) {
                continue;
            }
            let place = places[&Self::key(*who)];
            let before = taken.insert((place, call.day, call.hour), *who);
            assert_eq!(before, None, "two call-backs sit with one adviser");
            if !self.can(place, call)
                && let Who::Callback(id) = who
            {
                lost.push(*id);
            }
        }
        lost.sort_unstable();
        let mut reader = self.store.read().await.unwrap();
        let days = (days()[0], days()[1]);
        let told = callbacks::at_risk(&mut reader.db(), &self.definition, &self.site, days, self.context.now).await;
        let mut told: Vec<_> = told.unwrap().into_iter().map(|risk| risk.callback.id).collect();
        told.sort_unstable();
        assert_eq!(told, lost);
    }

    async fn client(&self, tx: &mut Tx, needs: usize) -> ClientId {
        let words = NEEDS[needs].iter().filter(|word| **word != "welsh");
        let draft = FactsDraft {
            last_name: "Fry".into(),
            phone: "01373 000123".into(),
            talk_language: if NEEDS[needs].contains(&"welsh") { "cy" } else { "en" }.into(),
            call_needs: words.map(ToString::to_string).collect(),
            ..FactsDraft::default()
        };
        let nowhere = |_: &_| None;
        clients::create(&mut tx.db(), &self.context, &draft, Some(self.site.clone()), &nowhere).await.unwrap().id
    }

    fn a_call(&self, dice: &mut Dice) -> Seated {
        Seated {
            day: days()[dice.roll(2)],
            hour: HOURS[dice.roll(3)],
            needs: dice.roll(NEEDS.len()),
            owner: (dice.roll(6) == 0).then(|| dice.roll(self.advisers.len())),
            until: None,
        }
    }

    async fn step(&mut self, home: &Home, dice: &mut Dice) {
        let places = self.places(home).await;
        let some = |game: &Self, dice: &mut Dice, calls: bool| {
            let is_call = |who: &&Who| matches!(who, Who::Callback(_)) == calls;
            let all: Vec<Who> = game.seated.keys().filter(is_call).copied().collect();
            (!all.is_empty()).then(|| all[dice.roll(all.len())])
        };
        let mut tx = self.store.begin_write().await.unwrap();
        match dice.roll(10) {
            0..4 => {
                let call = self.a_call(dice);
                let client = self.client(&mut tx, call.needs).await;
                let booking = self.booking(client, At::Start(moment(call.day, call.hour)), &call);
                let booked = callbacks::book(&mut tx.db(), &self.context, &self.definition, &booking).await;
                assert_eq!(booked.is_ok(), self.possible(&call, &places, None), "{call:?}: {:?}", booked.err());
                if let Ok(booked) = booked {
                    self.seated.insert(Who::Callback(booked.id), call);
                    tx.commit().await.unwrap();
                }
            }
            4 => {
                let mut call = self.a_call(dice);
                let client = self.client(&mut tx, call.needs).await;
                let asked = Asked {
                    needs: Needs::of_words(&self.definition, NEEDS[call.needs].iter().map(ToString::to_string)),
                    urgent: false,
                    wishes: Wishes { adviser: call.owner.map(|owner| self.advisers[owner]), ..Wishes::default() },
                    safe: SafeTimes::default(),
                    who: Some(client),
                };
                let start = moment(call.day, call.hour);
                let held =
                    callbacks::hold_slot(&mut tx.db(), &self.context, &self.definition, client, start, &asked).await;
                let has_more = self.held_now() < self.definition.service.settings.holds_per_adviser as usize;
                assert_eq!(held.is_ok(), has_more && self.possible(&call, &places, None), "a hold: {call:?}");
                if let Ok(held) = held {
                    call.until = Some(held.held_until);
                    self.seated.insert(Who::Hold(held.id), call);
                    self.of_client.insert(Who::Hold(held.id), client);
                    tx.commit().await.unwrap();
                }
            }
            5 => {
                let Some(who @ Who::Hold(id)) = some(self, dice, false) else { return };
                let mut call = self.seated[&who].clone();
                let booking = self.booking(self.of_client[&who], At::Hold(id), &Seated { owner: None, ..call.clone() });
                let booked = callbacks::book(&mut tx.db(), &self.context, &self.definition, &booking).await;
                let in_time = call.until.is_some_and(|until| self.context.now < until);
                self.seated.remove(&who);
                match booked {
                    Ok(booked) => {
                        assert!(in_time, "a hold that ran out was taken");
                        call.until = None;
                        self.seated.insert(Who::Callback(booked.id), call);
                        tx.commit().await.unwrap();
                    }
                    Err(Error::Conflict { reason: HOLD_EXPIRED, .. }) => assert!(!in_time),
                    Err(other) => panic!("{other}"),
                }
            }
            6 => {
                let Some(who @ Who::Callback(id)) = some(self, dice, true) else { return };
                let mut call = self.seated[&who].clone();
                (call.day, call.hour, call.owner) = (days()[dice.roll(2)], HOURS[dice.roll(3)], None);
                let asked_for = callbacks::Move {
                    urgent: false,
                    to: callbacks::To::Time(moment(call.day, call.hour)),
                    owner: None,
                    reason: "the client asked".into(),
                    wishes: None,
                };
                let before = self.seated[&who].owner;
                let with_owner = Seated { owner: before, ..call.clone() };
                let keeps = before.is_some() && self.possible(&with_owner, &places, Some(who));
                let moved =
                    callbacks::move_callback(&mut tx.db(), &self.context, &self.definition, id, &asked_for).await;
                let possible = keeps || self.possible(&call, &places, Some(who));
                assert_eq!(moved.is_ok(), possible, "a move: {call:?}");
                if moved.is_ok() {
                    call.owner = before.filter(|_| keeps);
                    self.seated.insert(who, call);
                    tx.commit().await.unwrap();
                }
            }
            7 => {
                let Some(who @ Who::Callback(id)) = some(self, dice, true) else { return };
                let reason = CancelReason::ClientAsked;
                callbacks::cancel(&mut tx.db(), &self.context, id, reason, "").await.unwrap();
                self.seated.remove(&who);
                tx.commit().await.unwrap();
            }
            8 => {
                let (who, day) = (dice.roll(self.advisers.len()), days()[dice.roll(2)]);
                let db = &mut tx.db();
                match self.away.remove(&(who, day)) {
                    Some(block) => {
                        callbacks::end_absence(db, &self.context, &self.definition, block).await.unwrap();
                    }
                    None => {
                        let adviser = self.advisers[who];
                        let draft = BlockDraft {
                            outside_hours_reason: String::new(),
                            whose: Whose::One(adviser),
                            kind: BlockKind::Sickness,
                            first_day: day,
                            last_day: day,
                            times: None,
                            note: String::new(),
                        };
                        let (block, _) = callbacks::report_absence(db, &self.context, &self.definition, adviser, draft)
                            .await
                            .unwrap();
                        self.away.insert((who, day), block.id);
                    }
                }
                tx.commit().await.unwrap();
            }
            _ => self.context.now += TimeDelta::seconds(100),
        }
    }

    fn booking(&self, client_id: ClientId, at: At, call: &Seated) -> Booking {
        Booking {
            client_id,
            at,
            phone: String::new(),
            number_confirmed: false,
            urgent: false,
            note: String::new(),
            owner: call.owner.map(|owner| self.advisers[owner]),
            wishes: Wishes::default(),
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn random_histories_agree_with_a_naive_book_at_every_step() {
    for seed in [1, 20_260_303, 77] {
        let home = Home::fresh(Engine::Sqlite).await;
        let mut game = Game::begin(&home).await;
        let mut dice = Dice(seed);
        for _ in 0..STEPS {
            game.step(&home, &mut dice).await;
            game.check(&home).await;
        }
        let booked = game.seated.keys().filter(|who| matches!(who, Who::Callback(_))).count();
        assert!(booked > 5, "seed {seed} has told of no more than {booked} call-backs");
        game.store.close().await;
    }
}

story!(twenty_reach_for_the_last_welsh_place_and_one_has_it, |world| {
    last_welsh_place(world).await;
});

async fn last_welsh_place(world: World) {
    use crate::support::callback_steps::{client, every_day, outbound, supervisor};
    use crate::support::faults::{fresh_offers, reason};
    use crate::support::values::time;
    let sunil = supervisor(&world).await;
    let asha = world.adviser("Asha", "somerset").await;
    let bronwen = world.add_skilled("Bronwen", Role::Adviser, Some("somerset"), &["outbound", "welsh"]).await;
    sunil.sets_roster(&asha, every_day("08:30", "18:00")).await;
    sunil.sets_roster(&bronwen, vec![outbound(4, "09:00", "10:00")]).await;
    let asha = Arc::new(asha);
    let line = Arc::new(tokio::sync::Barrier::new(20));
    let mut racers = Vec::new();
    for _ in 0..20 {
        let (id, asha, line) = (client(&asha, "cy", &[]).await, asha.clone(), line.clone());
        racers.push(tokio::spawn(async move {
            line.wait().await;
            asha.book_callback(&id, at("2026-03-05T09:00:00Z")).await
        }));
    }
    let mut won = 0;
    for racer in racers {
        match crate::support::soon("a racer", racer).await.unwrap() {
            Ok(_) => won += 1,
            Err(lost) => {
                assert_eq!(reason(&lost), "SLOT_TAKEN", "{lost:?}");
                // English is no answer: the next Thursday.
                assert_eq!(time(fresh_offers(&lost)[0].start_time), at("2026-03-12T09:00:00Z"));
            }
        }
    }
    assert_eq!(won, 1);
}
