//! One cell of the table in `disturbed`: its people, what they do before and after the door is disturbed, and what is in the
//! database about them in the end.

use super::disturbed::{Disturbance, Ending, Flow, Moment, Setting};
use super::exchange::{Exchange, MEDIA};
use super::people::Desk;
use super::programs::{at_last, until};
use super::sipp::Sipp;
use sqlx::{PgPool, postgres::PgPoolOptions};
use std::fmt::Write;
use tokio::sync::watch;

/// How soon the people go on after the door was disturbed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pace {
    AtOnce,
    /// When the other door has the floor.
    Later,
    /// When everybody else has hung up.
    Afterwards,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    Before,
    Disturbed,
    OtherHasTheFloor,
    Over,
}

pub struct Cell {
    /// Its own in the exchange.
    number: usize,
    flow: &'static Flow,
    moment: Moment,
    pub pace: Pace,
}

/// What a cell has under way.
pub struct Scene {
    caller: Option<Sipp>,
    telephones: Vec<Sipp>,
    desks: Vec<Desk>,
}

impl Cell {
    pub fn new(number: usize, flow: &'static Flow, (moment, pace): (Moment, Pace)) -> Self {
        Self { number, flow, moment, pace }
    }

    pub fn name(&self, disturbance: Disturbance) -> String {
        let (moment, pace) = (self.moment, self.pace);
        format!("{disturbance:?} / {} / {moment:?} / people go on {pace:?}", self.flow.name)
    }

    /// A word of letters.
    fn skill(&self) -> String {
        let letter = |number: usize| char::from(b'a' + u8::try_from(number % 26).unwrap_or(0));
        format!("cell-{}{}", letter(self.number / 26), letter(self.number))
    }

    pub fn skill_line(&self) -> String {
        let skill = self.skill();
        format!("    - {{ id: {skill}, en: {skill}, cy: {skill} }}\n")
    }

    pub fn telephone_line(&self) -> String {
        format!("    - {{ phone: \"01632 96{:04}\", needs: [{}] }}\n", 200 + self.number, self.skill())
    }

    /// The Call-ID.
    fn call(&self) -> String {
        format!("call-of-cell-{}", self.number)
    }

    /// Somebody in Frome.
    fn caller_number(&self) -> String {
        format!("441373000{:03}", 100 + self.number)
    }

    fn rings(&self, exchange: &Exchange) -> Sipp {
        let from = format!("0{}", self.caller_number().trim_start_matches("44"));
        let to = format!("0163296{:04}", 200 + self.number);
        Sipp::caller_of(exchange, self.flow.caller, &from, &to, &self.call())
    }

    /// Advisers at their desks, on a break, and their telephones.
    pub async fn prepare(&self, exchange: &Exchange) -> Scene {
        let (mut telephones, mut desks) = (Vec::new(), Vec::new());
        for (number, (scenario, site)) in self.flow.advisers.iter().enumerate() {
            let telephone = Sipp::telephone(exchange, scenario, exchange.next_telephone()).await;
            let name = format!("Adviser{}x{number}", self.number);
            let token = exchange.doors[0].skilled(&name, site, &self.skill()).await;
            desks.push(Desk::on_a_break(&exchange.doors, &name, &token, telephone.address, self.flow.habit).await);
            telephones.push(telephone);
        }
        Scene { caller: None, telephones, desks }
    }

    /// Brings everybody to the moment.
    pub async fn begin(&self, exchange: &Exchange, scene: Scene, records: &Records) -> Scene {
        let mut scene = scene;
        match self.moment {
            Moment::Waits if self.flow.queued => {
                scene.caller = Some(self.rings(exchange));
                let words = if self.flow.setting == Setting::Open { "SIP/2.0 182 " } else { "SIP/2.0 183 " };
                scene.caller().hears(words).await;
            }
            Moment::Waits => return scene,
            Moment::Rings | Moment::Talks if self.flow.queued => {
                scene.caller = Some(self.rings(exchange));
                scene.caller().hears("SIP/2.0 182 ").await;
                scene.desks_open().await;
            }
            Moment::Rings | Moment::Talks => {
                scene.desks_open().await;
                scene.caller = Some(self.rings(exchange));
            }
        }
        if self.moment == Moment::Rings {
            // Where the first does not answer, the door is disturbed while that rings.
            let rings = scene.telephones.iter().zip(self.flow.advisers).find(|(_, (scenario, _))| *scenario != "busy");
            rings.expect("a telephone that rings").0.hears("SIP/2.0 180 ").await;
            scene.caller().hears("SIP/2.0 180 ").await;
        }
        if self.moment == Moment::Talks {
            scene.is_answered(&self.call()).await;
        }
        let known = format!("{} to be known", self.flow.name);
        until(&known, async || records.is_known(self).await.then_some(())).await;
        scene
    }

    /// What the people do once the door is disturbed, to the end of the call. Gives the desks: they have notes to finish.
    pub async fn go_on(
        &self,
        exchange: &Exchange,
        scene: Scene,
        media: Option<&Sipp>,
        stage: watch::Receiver<Stage>,
    ) -> Vec<Desk> {
        let mut scene = scene;
        self.waits_for_its_turn(stage).await;
        let call = self.call();
        if self.moment == Moment::Waits {
            scene.desks.iter().for_each(Desk::wants_calls);
            scene.caller.get_or_insert_with(|| self.rings(exchange));
        }
        if let [first, _] = scene.desks.as_slice() {
            // A floor that is new to the call does not know whose telephone has rung in vain, and would ring there again.
            first.wants_no_more();
        }
        if let Some(media) = media {
            self.hears_announcements(&scene, media).await;
        }
        match self.flow.ends {
            Ending::Answered => {
                if self.moment != Moment::Talks {
                    scene.is_answered(&call).await;
                }
                scene.caller().tell(&call);
            }
            Ending::Abandoned => scene.caller().tell(&call),
            Ending::Diverted => {}
        }
        if let Some(caller) = scene.caller.take() {
            caller.done().await;
        }
        // Each of them has rung once, and the last has been answered once.
        for telephone in scene.telephones {
            telephone.done().await;
        }
        scene.desks
    }

    async fn waits_for_its_turn(&self, mut stage: watch::Receiver<Stage>) {
        let turn = match self.pace {
            Pace::AtOnce => Stage::Disturbed,
            Pace::Later => Stage::OtherHasTheFloor,
            Pace::Afterwards => Stage::Over,
        };
        stage.wait_for(|stage| *stage >= turn).await.expect("the stages come");
    }

    /// Each announcement ends when it has been heard, until a telephone rings or the caller is let go.
    async fn hears_announcements(&self, scene: &Scene, media: &Sipp) {
        let mut ended = 0;
        until("the end of the announcements", async || {
            if scene.caller().times("SIP/2.0 183 ") > ended {
                media.tell(&self.call());
                ended += 1;
            }
            let is_over = scene.caller().times("SIP/2.0 480 ") > 0;
            let rings = scene.telephones.iter().any(|telephone| telephone.times("SIP/2.0 180 ") > 0);
            (is_over || rings).then_some(())
        })
        .await;
    }
}

impl Scene {
    fn caller(&self) -> &Sipp {
        self.caller.as_ref().expect("somebody rings")
    }

    async fn desks_open(&self) {
        // Whoever comes first has been idle for longer, and is asked first.
        for desk in &self.desks {
            desk.set_available().await;
        }
    }

    /// The last of the telephones is answered, and they talk.
    async fn is_answered(&self, call: &str) {
        let telephone = self.telephones.last().expect("a telephone");
        telephone.hears("SIP/2.0 180 ").await;
        telephone.tell(call);
        self.caller().hears("CSeq: 1 ACK").await;
    }
}

/// One media server for all who hear announcements in an exchange.
pub async fn media(exchange: &Exchange, setting: Setting) -> Option<Sipp> {
    match setting {
        Setting::Open => None,
        Setting::WaitingRoom | Setting::Closed => {
            Some(Sipp::telephones(exchange, "announcement_told", exchange.host(MEDIA), u64::MAX).await)
        }
    }
}

/// What the doors' database says about the callers.
pub struct Records(PgPool);

type Row = (String, Option<String>, bool, bool);

impl Records {
    pub async fn open(url: &str) -> Self {
        let pool = PgPoolOptions::new().max_connections(2).connect(url).await;
        Self(pool.expect("the database of the doors can be opened"))
    }

    /// The caller is in the database, and answered if they talk.
    async fn is_known(&self, cell: &Cell) -> bool {
        let sql = "SELECT (SELECT COUNT(*) FROM calls_under_way WHERE caller_number = $1 \
                   AND (answered_at IS NOT NULL OR NOT $2)) + \
                   (SELECT COUNT(*) FROM call_records WHERE caller_number = $1)";
        let query = sqlx::query_as(sql).bind(format!("+{}", cell.caller_number())).bind(cell.moment == Moment::Talks);
        let (known,): (i64,) = query.fetch_one(&self.0).await.expect("the database answers");
        known > 0
    }

    /// Waits until nothing is wrong about any of the callers. What a dead process left takes about a minute.
    pub async fn settle(&self, cells: &[Cell]) {
        at_last(async || {
            for cell in cells {
                if self.fault_of(cell).await.is_some() {
                    return None;
                }
            }
            Some(())
        })
        .await;
    }

    /// What is wrong about this caller, if anything is.
    pub async fn fault_of(&self, cell: &Cell) -> Option<String> {
        let number = format!("+{}", cell.caller_number());
        let sql = "SELECT ended_how, handled_site, unfinished, answered_at IS NOT NULL FROM call_records \
                   WHERE caller_number = $1 ORDER BY id";
        let rows: Vec<Row> = sqlx::query_as(sql).bind(&number).fetch_all(&self.0).await.expect("the database answers");
        let left = "SELECT (SELECT COUNT(*) FROM calls_under_way WHERE caller_number = $1), \
                    (SELECT COUNT(*) FROM missed_callers WHERE phone = $1 AND closed_at IS NULL)";
        let (under_way, listed): (i64, i64) =
            sqlx::query_as(left).bind(&number).fetch_one(&self.0).await.expect("the database answers");
        let mut fault = String::new();
        let expected = cell.flow.ends;
        match rows.as_slice() {
            [(how, _, unfinished, answered)] => {
                if how != expected.name() || *answered != (expected == Ending::Answered) {
                    let _ = write!(fault, "recorded as {how}, was {}; ", expected.name());
                }
                if *unfinished {
                    fault.push_str("the record does not know that the call is over; ");
                }
            }
            [] => fault.push_str("in no record; "),
            several => {
                let _ = write!(fault, "in {} records, was {}: {several:?}; ", several.len(), expected.name());
            }
        }
        if under_way > 0 {
            let _ = write!(fault, "still under way in {under_way} notes; ");
        }
        if listed > 0 && expected != Ending::Abandoned {
            fault.push_str("to be rung back; ");
        }
        (!fault.is_empty()).then_some(fault)
    }
}
