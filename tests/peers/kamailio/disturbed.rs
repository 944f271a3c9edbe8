//! Each flow of `kamailio.rs` with the door that has the floor killed, stopped in order or frozen, at the moments that the
//! flow has: while the caller waits, while a telephone rings, while they talk. Two doors share one database, so one of them
//! has the floor; Kamailio and the advisers' desktops find their way to the other by themselves.
//!
//! What holds in each cell of the table: the caller is not thrown out, one telephone at most is answered for them, and in
//! the database they are afterwards exactly once, as what they were; nobody who was answered is to be rung back.

use super::cells::{Cell, Pace, Records, Scene, Stage, media};
use super::exchange::{Exchange, Setup};
use super::people::Habit::{AnswersTheTelephone, TakesCalls};
use super::people::{Habit, Supervisor};
use super::programs;
use super::{GWENT, SOMERSET};
use crate::fresh_postgres::fresh_database;
use Moment::{Rings, Talks, Waits};
use Pace::{Afterwards, AtOnce, Later};
use Setting::{Closed, Open, WaitingRoom};
use futures_util::FutureExt;
use futures_util::future::join_all;
use std::panic::AssertUnwindSafe;
use tokio::sync::{Semaphore, watch};

/// What happens to the door that has the floor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Disturbance {
    /// SIGKILL.
    Killed,
    /// SIGTERM.
    Stopped,
    /// SIGSTOP, and SIGCONT when the other has the floor.
    Frozen,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    Waits,
    Rings,
    Talks,
}

/// Exchanges that differ; the cells of one setting share one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Setting {
    Open,
    /// Whoever waits for some seconds is sent to the waiting room.
    WaitingRoom,
    Closed,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    Answered,
    Abandoned,
    Diverted,
}

impl Ending {
    pub fn name(self) -> &'static str {
        match self {
            Self::Answered => "answered",
            Self::Abandoned => "abandoned",
            Self::Diverted => "diverted",
        }
    }
}

/// A row of the table.
pub struct Flow {
    pub name: &'static str,
    pub setting: Setting,
    pub caller: &'static str,
    /// The advisers who may take this call: how the telephone behaves, and where they sit.
    pub advisers: &'static [(&'static str, &'static str)],
    /// The caller is there before the advisers are.
    pub queued: bool,
    pub habit: Habit,
    pub ends: Ending,
    /// When the door is disturbed, and how soon the people go on. What is missing does not happen in this flow.
    pub moments: &'static [(Moment, Pace)],
}

const ASHA: &[(&str, &str)] = &[("adviser_told", SOMERSET)];
const BRYN: &[(&str, &str)] = &[("adviser_told", GWENT)];
const NOBODY: &[(&str, &str)] = &[];
const AWAY: &[(&str, &str)] = &[("no_answer", SOMERSET)];
const AWAY_THEN_ASHA: &[(&str, &str)] = &[("no_answer", SOMERSET), ("adviser_told", SOMERSET)];
const BUSY_THEN_ASHA: &[(&str, &str)] = &[("busy", SOMERSET), ("adviser_told", SOMERSET)];

#[rustfmt::skip] // one row a flow reads as the table that it is
const FLOWS: &[Flow] = &[
    // Nobody waits for an adviser who is free.
    Flow { name: "answered at home", setting: Open, caller: "caller_told", advisers: ASHA, queued: false, habit: TakesCalls,
        ends: Ending::Answered, moments: &[(Rings, AtOnce), (Rings, Later), (Talks, AtOnce), (Talks, Later)] },
    Flow { name: "answered by the telephone that rings with the offer", setting: Open, caller: "caller_told", advisers: ASHA,
        queued: false, habit: AnswersTheTelephone, ends: Ending::Answered,
        moments: &[(Rings, AtOnce), (Rings, Later), (Talks, AtOnce), (Talks, Later)] },
    Flow { name: "queued, then answered", setting: Open, caller: "caller_told", advisers: ASHA, queued: true,
        habit: TakesCalls, ends: Ending::Answered,
        moments: &[(Waits, AtOnce), (Waits, Later), (Rings, Later), (Talks, Later)] },
    Flow { name: "queued, then the telephone rings with the offer", setting: Open, caller: "caller_told", advisers: ASHA,
        queued: true, habit: AnswersTheTelephone, ends: Ending::Answered,
        moments: &[(Waits, AtOnce), (Waits, Later), (Rings, AtOnce), (Talks, AtOnce)] },
    Flow { name: "overflows", setting: Open, caller: "caller_told", advisers: BRYN, queued: true, habit: TakesCalls,
        ends: Ending::Answered, moments: &[(Waits, AtOnce), (Rings, Later), (Talks, Later)] },
    // They neither hear a telephone ring nor talk.
    Flow { name: "gives up in the queue", setting: Open, caller: "gives_up_told", advisers: NOBODY, queued: true,
        habit: TakesCalls, ends: Ending::Abandoned, moments: &[(Waits, AtOnce), (Waits, Later)] },
    // Nobody talks; whoever waits before is as in the queue.
    Flow { name: "gives up while it rings", setting: Open, caller: "gives_up_ringing_told", advisers: AWAY, queued: false,
        habit: TakesCalls, ends: Ending::Abandoned, moments: &[(Rings, AtOnce), (Rings, Later)] },
    Flow { name: "gives up while it rings with the offer", setting: Open, caller: "gives_up_ringing_told", advisers: AWAY,
        queued: false, habit: AnswersTheTelephone, ends: Ending::Abandoned, moments: &[(Rings, AtOnce), (Rings, Later)] },
    // The first telephone rings when the door is disturbed.
    Flow { name: "no answer, then the next", setting: Open, caller: "caller_told", advisers: AWAY_THEN_ASHA, queued: false,
        habit: TakesCalls, ends: Ending::Answered, moments: &[(Rings, AtOnce)] },
    Flow { name: "no answer to the offer, then the next", setting: Open, caller: "caller_told", advisers: AWAY_THEN_ASHA,
        queued: false, habit: AnswersTheTelephone, ends: Ending::Answered, moments: &[(Rings, AtOnce)] },
    // The second one does.
    Flow { name: "busy, then the next", setting: Open, caller: "caller_told", advisers: BUSY_THEN_ASHA, queued: false,
        habit: TakesCalls, ends: Ending::Answered, moments: &[(Rings, Later), (Talks, AtOnce)] },
    // Nothing of these is there when the door is disturbed.
    Flow { name: "rings when the door is gone", setting: Open, caller: "caller_told", advisers: ASHA, queued: false,
        habit: TakesCalls, ends: Ending::Answered, moments: &[(Waits, AtOnce)] },
    Flow { name: "rings when the other has the floor", setting: Open, caller: "caller_told", advisers: ASHA, queued: false,
        habit: TakesCalls, ends: Ending::Answered, moments: &[(Waits, Later)] },
    Flow { name: "rings when all is over", setting: Open, caller: "caller_told", advisers: ASHA, queued: false,
        habit: TakesCalls, ends: Ending::Answered, moments: &[(Waits, Afterwards)] },
    // What follows is as in the queue.
    Flow { name: "in the waiting room", setting: WaitingRoom, caller: "caller_told", advisers: ASHA, queued: true,
        habit: TakesCalls, ends: Ending::Answered, moments: &[(Waits, AtOnce), (Waits, Later)] },
    Flow { name: "hears that it is closed", setting: Closed, caller: "hears_announcement", advisers: NOBODY, queued: true,
        habit: TakesCalls, ends: Ending::Diverted, moments: &[(Waits, AtOnce), (Waits, Later)] },
    Flow { name: "rings a closed service when the other has the floor", setting: Closed, caller: "hears_announcement",
        advisers: NOBODY, queued: false, habit: TakesCalls, ends: Ending::Diverted, moments: &[(Waits, Later)] },
];

mod postgres {
    use super::Disturbance::{Frozen, Killed, Stopped};
    use super::disturb;

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn every_flow_goes_on_when_the_door_with_the_floor_is_killed() {
        disturb(Killed).await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn every_flow_goes_on_when_the_door_with_the_floor_stops_in_order() {
        disturb(Stopped).await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn every_flow_goes_on_when_the_door_with_the_floor_hangs_and_comes_back() {
        disturb(Frozen).await;
    }
}

/// Runs all cells of a disturbance, those of one setting in one exchange, and says which of them went wrong.
async fn disturb(disturbance: Disturbance) {
    // Six doors and a hundred programs are much for two cores.
    static ONE_AT_A_TIME: Semaphore = Semaphore::const_new(1);
    let _turn = ONE_AT_A_TIME.acquire().await;
    let exchanges = [Open, WaitingRoom, Closed].map(|setting| disturb_exchange(disturbance, setting));
    let faults: Vec<_> = join_all(exchanges).await.into_iter().flatten().collect();
    assert!(faults.is_empty(), "{} went wrong:\n{}", faults.len(), faults.join("\n"));
}

async fn disturb_exchange(disturbance: Disturbance, setting: Setting) -> Vec<String> {
    let here = FLOWS.iter().filter(|flow| flow.setting == setting);
    let cells = here.flat_map(|flow| flow.moments.iter().map(move |moment| (flow, *moment)));
    let cells: Vec<_> = cells.enumerate().map(|(number, (flow, moment))| Cell::new(number, flow, moment)).collect();
    let database = fresh_database().await;
    let mut exchange = {
        // A door reads its definition and composes every letter of it before it serves.
        static ONE_AT_A_TIME: Semaphore = Semaphore::const_new(1);
        let _turn = ONE_AT_A_TIME.acquire().await;
        Exchange::start(setup(setting, &cells, &database)).await
    };
    let (media, records) = (media(&exchange, setting).await, Records::open(&database).await);
    let (tell, _) = watch::channel(Stage::Before);
    let mut faults = Vec::new();

    // Everybody comes to the moment; nobody rings before all are at their desks.
    let prepared = join_all(cells.iter().map(|cell| cell.prepare(&exchange))).await;
    let begun = cells.iter().zip(prepared);
    let begun = begun.map(|(cell, scene)| named(disturbance, cell, cell.begin(&exchange, scene, &records)));
    let mut scenes = Vec::new();
    for begun in join_all(begun).await {
        match begun {
            Ok(scene) => scenes.push(Some(scene)),
            Err(fault) => {
                scenes.push(None);
                faults.push(fault);
            }
        }
    }
    {
        let [door, _] = exchange.doors.as_mut_slice() else { panic!("two doors") };
        match disturbance {
            Disturbance::Killed => door.server.kill(),
            Disturbance::Stopped => door.server.terminate(),
            Disturbance::Frozen => door.server.freeze(),
        }
    }
    tell.send_replace(Stage::Disturbed);

    // They go on, at once or when the other has the floor.
    let (soon, afterwards): (Vec<_>, Vec<_>) = cells
        .iter()
        .zip(scenes)
        .filter_map(|(cell, scene)| Some((cell, scene?)))
        .partition(|(cell, _)| cell.pace != Afterwards);
    let the_rest = async {
        programs::until("the other door to have the floor", async || {
            exchange.doors[1].server.log().contains("this process has the floor now").then_some(())
        })
        .await;
        if disturbance == Disturbance::Frozen {
            exchange.doors[0].server.thaw();
        }
        tell.send_replace(Stage::OtherHasTheFloor);
    };
    let go_on = async |those: Vec<(&Cell, Scene)>| {
        let each = those.into_iter().map(|(cell, scene)| {
            named(disturbance, cell, cell.go_on(&exchange, scene, media.as_ref(), tell.subscribe()))
        });
        join_all(each).await
    };
    let (mut gone_on, ()) = tokio::join!(go_on(soon), the_rest);
    tell.send_replace(Stage::Over);
    gone_on.extend(go_on(afterwards).await);
    let mut desks = Vec::new();
    for one in gone_on {
        match one {
            Ok(its_desks) => desks.extend(its_desks),
            Err(fault) => faults.push(fault),
        }
    }

    records.settle(&cells).await;
    drop(desks);
    for cell in &cells {
        faults.extend(records.fault_of(cell).await.map(|fault| format!("{}: {fault}", cell.name(disturbance))));
    }
    if !faults.is_empty() {
        exchange.says();
    }
    let (callers, entered) = (cells.len(), Supervisor::at(&exchange.doors[1]).counts_of_all().await);
    if entered != (callers, 0) {
        faults.push(format!("{disturbance:?} / {setting:?}: of {callers} callers (entered, lost) are {entered:?}"));
    }
    faults
}

/// A cell that panics goes wrong by its name, and the others go on.
async fn named<T>(disturbance: Disturbance, cell: &Cell, does: impl Future<Output = T>) -> Result<T, String> {
    AssertUnwindSafe(does).catch_unwind().await.map_err(|fault| {
        let said = fault.downcast_ref::<String>().map(String::as_str);
        let said = said.or_else(|| fault.downcast_ref::<&str>().copied()).unwrap_or("no word");
        format!("{}: {said}", cell.name(disturbance))
    })
}

/// Two doors on one database; each cell has a line and a skill of its own, so that nobody takes another cell's call.
fn setup(setting: Setting, cells: &[Cell], database: &str) -> Setup {
    let skills: String = cells.iter().map(Cell::skill_line).collect();
    let lines: String = cells.iter().map(Cell::telephone_line).collect();
    let after = |line: &str, more: String| ("service.yaml", line.to_owned(), format!("{line}{more}"));
    let announcements = match setting {
        Open => "",
        WaitingRoom => "announcements = { waiting = \"sip:waiting@MEDIA\" }",
        Closed => "announcements = { closed = \"sip:closed@MEDIA\" }",
    };
    let mut setup = Setup {
        open: setting != Closed,
        doors: 2,
        announcements,
        // Longer than the other door takes to have the floor, also on a machine that has much to do.
        ring_ms: 35_000,
        door_dead_ms: 1500,
        database: Some(database.to_owned()),
        definition: vec![
            after("    - { id: punjabi, en: Punjabi, cy: Pwnjabeg }\n", skills),
            after("    - { phone: \"01632 960106\", needs: [textphone] }\n", lines),
        ],
        ..Setup::default()
    };
    setup = setup.with("sites.yaml", "overflow_after_s", 20, 600).with("service.yaml", "offer_s", 15, 60);
    match setting {
        WaitingRoom => setup.with("service.yaml", "announce_after_s", 90, 5),
        Open | Closed => setup,
    }
}
