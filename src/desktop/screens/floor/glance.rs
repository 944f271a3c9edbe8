//! A site's floor as it is now, and what of it is to be told at a glance. An alarm is said only where somebody can do
//! something: the figures are quiet.

use super::words::FloorWords;
use crate::seat::{Seat, instant};
use futures_util::StreamExt;
use startline_api as pb;
use startline_api::Request as _;
use startline_foundation::ids::SiteId;
use startline_rooms::access::Role;
use startline_service::methods::{Asking, Refusal, RefusalKind};

/// Missed in a row: the service itself puts somebody on a break after as many as its definition says.
const MISSED_OFTEN: u32 = 2;

/// The floor of a site as it is now.
///
/// # Errors
/// As `WatchFloor` says: it is another site's.
pub async fn floor_snapshot(seat: &Seat, site: &SiteId) -> Result<pb::WatchFloorResponse, Refusal> {
    let asked = pb::WatchFloorRequest { site_id: site.to_string() };
    let mut stream = seat.pages.methods.listen(asking_from(seat, site, &asked)).await?;
    match stream.next().await {
        Some(Ok(bytes)) => pb::WatchFloorRequest::answer(&bytes).map_err(Refusal::internal),
        Some(Err(refusal)) => Err(refusal),
        None => Err(Refusal { kind: RefusalKind::Away, ..Refusal::internal("the floor said nothing") }),
    }
}

/// The floors of these as they are now, without their advisers one by one.
///
/// # Errors
/// As `WatchFloors` says: one of them is another site's.
pub async fn floor_summaries(seat: &Seat, sites: &[SiteId]) -> Result<Vec<pb::FloorChange>, Refusal> {
    use pb::watch_floors_response::Event;
    let Some(first) = sites.first() else { return Ok(Vec::new()) };
    let site_ids = sites.iter().map(ToString::to_string).collect();
    let asked = pb::WatchFloorsRequest { site_ids, with_advisers: false, with_waiting: true };
    let mut stream = seat.pages.methods.listen(asking_from(seat, first, &asked)).await?;
    while let Some(answer) = stream.next().await {
        let answer = pb::WatchFloorsRequest::answer(&answer?).map_err(Refusal::internal)?;
        match answer.event {
            Some(Event::Changes(changes)) => return Ok(changes.floors),
            Some(Event::Heartbeat(_)) => {}
            Some(Event::Stopping(_)) | None => break,
        }
    }
    Err(Refusal { kind: RefusalKind::Away, ..Refusal::internal("the floors said nothing") })
}

/// Asked from this site, where they work at several.
pub fn asking_from<Q: pb::Request>(seat: &Seat, site: &SiteId, asked: &Q) -> Asking {
    let at = seat.sites().contains(site).then(|| site.clone());
    let asking = seat.asking(asked);
    Asking { site: at.or(asking.site), ..asking }
}

pub async fn ask_from<Q: pb::Asked>(seat: &Seat, site: &SiteId, asked: Q) -> Result<Q::Answer, Refusal> {
    let bytes = seat.pages.methods.ask(asking_from(seat, site, &asked)).await?;
    Q::answer(&bytes).map_err(Refusal::internal)
}

/// The sites whose floors they may see: an administrator's are all.
pub fn sites_seen(seat: &Seat) -> Vec<SiteId> {
    match seat.is(Role::Admin) {
        true => seat.definition().sites.iter().map(|site| site.id.clone()).collect(),
        false => seat.sites(),
    }
}

/// What a floor is like, from the best to the worst.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mood {
    Closed,
    Calm,
    Busy,
    TooLong,
    Nobody,
    Lost,
}

#[derive(Default, Clone, Copy)]
pub struct Counts {
    pub free: u32,
    pub ringing: u32,
    pub talking: u32,
    pub writing: u32,
    pub out: u32,
    pub on_break: u32,
}

pub struct Glance {
    pub id: String,
    pub name: String,
    /// Why it is declared lost.
    pub lost: String,
    pub waiting: usize,
    pub urgent: usize,
    /// When the longest waiting caller came, in seconds since 1970, and how long that is.
    pub oldest_s: Option<i64>,
    pub oldest: String,
    pub is_too_long: bool,
    pub free: u32,
    pub kept: u32,
    pub reserve: u32,
    pub counts: Counts,
    pub people: u32,
    /// How long a call that came now would wait; empty where nothing is known.
    pub wait: String,
    /// Of the current half-hour.
    pub level: String,
    pub entered: u64,
    pub overflow: String,
    /// Answered within so many seconds counts.
    pub target_s: u32,
    pub mood: Mood,
    pub alarms: Vec<&'static str>,
}

/// As an address has it.
pub fn encoded(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// "0:45", "12:03" or "1:02:10", as the clocks that run.
pub fn clock(seconds: i64) -> String {
    let s = seconds.max(0);
    match s / 3600 {
        0 => format!("{}:{:02}", s / 60, s % 60),
        hours => format!("{hours}:{:02}:{:02}", s / 60 % 60, s % 60),
    }
}

pub fn duration(of: Option<&pb::prost_types::Duration>) -> String {
    of.map_or_else(String::new, |of| clock(of.seconds))
}

/// "85%"; empty when there was nothing of which it could be a share.
pub fn percent(share: Option<f64>) -> String {
    share.map_or_else(String::new, |share| format!("{:.0}%", share * 100.0))
}

impl Glance {
    pub fn of(seat: &Seat, floor: &pb::WatchFloorResponse) -> Self {
        let counts = count(&floor.advisers);
        let summary = pb::FloorSummary {
            site_id: floor.site_id.clone(),
            idle_advisers: floor.idle_advisers,
            advisers_kept_for_callbacks: floor.advisers_kept_for_callbacks,
            reserve: floor.reserve,
            available: counts.free,
            on_break: counts.on_break,
            offered: counts.ringing,
            on_call: counts.talking,
            wrap_up: counts.writing,
            outbound: counts.out,
            estimated_wait: floor.estimated_wait,
            lost_reason: floor.lost_reason.clone(),
            half_hour: floor.half_hour.clone(),
            ..Default::default()
        };
        Self::of_summary(seat, &summary, &floor.waiting_calls)
    }

    pub fn of_summary(seat: &Seat, floor: &pb::FloorSummary, waiting_calls: &[pb::WaitingCall]) -> Self {
        let f = FloorWords::of(seat.language());
        let definition = seat.definition();
        let site = definition.site(&SiteId::new(&floor.site_id));
        let now_s = seat.now.timestamp();
        let entered = |call: &pb::WaitingCall| call.entered_time.as_ref().and_then(instant).map(|at| at.timestamp());
        let oldest_s = waiting_calls.iter().filter_map(entered).min();
        let waited = oldest_s.map_or(0, |since| now_s - since);
        let patience =
            site.map_or(u32::MAX, |site| site.overflow_after_s.max(definition.service.settings.target_answer_s));
        let is_too_long = waited > i64::from(patience);
        let counts = Counts {
            free: floor.available,
            ringing: floor.offered,
            talking: floor.on_call,
            writing: floor.wrap_up,
            out: floor.outbound,
            on_break: floor.on_break,
        };
        let at_work = counts.free + counts.ringing + counts.talking + counts.writing + counts.out;
        let waiting = waiting_calls.len();
        let urgent = waiting_calls.iter().filter(|call| call.urgent).count();
        let is_open = site.is_some_and(|site| definition.calendar.is_open(site, seat.now));
        let mood = match (floor.lost_reason.is_empty(), at_work, waiting) {
            (false, ..) => Mood::Lost,
            (true, 0, 1..) => Mood::Nobody,
            (true, 0, 0) if is_open => Mood::Nobody,
            (true, 0, 0) => Mood::Closed,
            (true, ..) if is_too_long => Mood::TooLong,
            (true, _, 1..) => Mood::Busy,
            (true, _, 0) => Mood::Calm,
        };
        let mut alarms = Vec::new();
        match mood {
            Mood::Lost => alarms.push(f.alarm_lost),
            Mood::Nobody if waiting > 0 => alarms.push(f.alarm_nobody),
            Mood::Nobody => alarms.push(f.alarm_nobody_here),
            Mood::TooLong => alarms.push(f.alarm_long),
            Mood::Closed | Mood::Calm | Mood::Busy => {}
        }
        if urgent > 0 {
            alarms.push(f.alarm_urgent);
        }
        let half_hour = floor.half_hour.clone().unwrap_or_default();
        let wait = match (&floor.estimated_wait, floor.idle_advisers) {
            (Some(wait), _) => clock(wait.seconds),
            (None, 0) => String::new(),
            (None, _) => f.no_wait.to_owned(),
        };
        Self {
            id: floor.site_id.clone(),
            name: seat.site_name(&floor.site_id),
            lost: floor.lost_reason.clone(),
            waiting,
            urgent,
            oldest_s,
            oldest: oldest_s.map_or_else(String::new, |_| clock(waited)),
            is_too_long,
            free: floor.idle_advisers,
            kept: floor.advisers_kept_for_callbacks,
            reserve: floor.reserve,
            counts,
            people: at_work + counts.on_break,
            wait,
            level: percent(half_hour.service_level),
            entered: half_hour.entered,
            overflow: percent(half_hour.overflow_share),
            target_s: definition.service.settings.target_answer_s,
            mood,
            alarms,
        }
    }

    pub fn within(&self, f: &FloorWords) -> String {
        f.within(self.target_s)
    }

    pub fn is_alarming(&self) -> bool {
        matches!(self.mood, Mood::TooLong | Mood::Nobody | Mood::Lost)
    }

    /// Of the style sheet.
    pub fn class(&self) -> &'static str {
        match self.mood {
            Mood::Closed => "closed",
            Mood::Calm => "calm",
            Mood::Busy => "busy",
            Mood::TooLong | Mood::Nobody => "alarm",
            Mood::Lost => "lost",
        }
    }

    pub fn mood_word(&self, f: &FloorWords) -> &'static str {
        match self.mood {
            Mood::Closed => f.closed,
            Mood::Calm => f.calm,
            Mood::Busy => f.busy,
            Mood::TooLong => f.too_long,
            Mood::Nobody => f.nobody,
            Mood::Lost => f.lost,
        }
    }

    /// A shape for each, so that none is told by its colour alone.
    pub fn shape(&self) -> &'static str {
        match self.mood {
            Mood::Closed => "\u{25cb}",
            Mood::Calm => "\u{25cf}",
            Mood::Busy => "\u{25b2}",
            Mood::TooLong | Mood::Nobody => "\u{25a0}",
            Mood::Lost => "\u{2716}",
        }
    }
}

/// Signed out, but with a call that is not over.
pub fn is_leaving(desk: &pb::Desk) -> bool {
    matches!(desk.status(), pb::AdviserStatus::SignedOut | pb::AdviserStatus::Unspecified)
        && !matches!(desk.state(), pb::AdviserState::Idle | pb::AdviserState::Unspecified)
}

/// At a desk, or with a call still.
pub fn is_there(desk: &pb::Desk) -> bool {
    is_leaving(desk) || matches!(desk.status(), pb::AdviserStatus::Available | pb::AdviserStatus::OnBreak)
}

pub fn is_missing_calls(desk: &pb::Desk) -> bool {
    desk.missed_offers >= MISSED_OFTEN
}

/// Whoever is on a break is counted there unless they have a call.
fn count(desks: &[pb::Desk]) -> Counts {
    let mut counts = Counts::default();
    for desk in desks.iter().filter(|desk| is_there(desk)) {
        match (desk.state(), desk.status()) {
            (pb::AdviserState::Offered, _) => counts.ringing += 1,
            (pb::AdviserState::OnCall, _) => counts.talking += 1,
            (pb::AdviserState::WrapUp, _) => counts.writing += 1,
            (pb::AdviserState::Outbound, _) => counts.out += 1,
            (_, pb::AdviserStatus::OnBreak) => counts.on_break += 1,
            (_, _) => counts.free += 1,
        }
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_written_as_the_clocks_that_run() {
        for (seconds, text) in [(-3, "0:00"), (45, "0:45"), (723, "12:03"), (3_730, "1:02:10")] {
            assert_eq!(clock(seconds), text);
        }
    }

    #[test]
    fn nobody_is_counted_twice_or_not_at_all() {
        let desk = |status: pb::AdviserStatus, state: pb::AdviserState| pb::Desk {
            status: status.into(),
            state: state.into(),
            ..Default::default()
        };
        use pb::{AdviserState as State, AdviserStatus as Status};
        let desks = [
            desk(Status::Available, State::Idle),
            desk(Status::OnBreak, State::OnCall),
            desk(Status::OnBreak, State::Idle),
            desk(Status::SignedOut, State::WrapUp),
            desk(Status::SignedOut, State::Idle),
        ];
        let Counts { free, ringing, talking, writing, out, on_break } = count(&desks);
        assert_eq!((free, ringing, talking, writing, out, on_break), (1, 0, 1, 1, 0, 1));
    }
}
