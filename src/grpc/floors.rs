//! `FloorService.WatchFloors`: several sites in one stream, of which only what changed is told.
//!
//! What a watcher was told last is kept, and compared with what is: so a slow one misses nothing that still holds. Nothing is
//! looked at while nobody reads, and at most four times a second while somebody does.

use super::call::{Answers, Call};
use super::doors::FloorDoor;
use super::{clients, convert, desk, figures, floor, pb};
use futures_util::future::FutureExt;
use futures_util::stream::{BoxStream, SelectAll, StreamExt, unfold};
use startline_definition::Definition;
use startline_foundation::clock::Clock;
use startline_foundation::error::Result;
use startline_foundation::ids::{CallId, SiteId, UserId};
use startline_foundation::subscriptions::Subscription;
use startline_rooms::access::{Context, Role};
use startline_routing::{DeskView, Details, FloorLook, FloorSummary, SkillNames, Switchboard, WaitingCall};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

/// Four messages a second: faster than anybody reads a wall.
const APART: Duration = Duration::from_millis(250);
/// Whoever has read nothing for so long is told everything anew.
const GAP: Duration = Duration::from_secs(10);
/// Everything is looked at so often, for what only time changes: a half-hour that begins.
const LOOK_AGAIN: Duration = Duration::from_secs(10);

impl FloorDoor {
    pub async fn watch_floors(&self, call: Call<pb::WatchFloorsRequest>) -> Result<Answers<pb::WatchFloorsResponse>> {
        let definition = self.0.definitions.current();
        let sites = sites(definition, call.context(), &call.asked.site_ids)?;
        let details = Details { advisers: call.asked.with_advisers, waiting: call.asked.with_waiting };
        let name = |site: &SiteId| definition.site(site).map(|site| site.name.en.clone()).unwrap_or_default();
        let sites = sites.into_iter().map(|site| (name(&site), site)).collect();
        let stopping = self.0.subscriptions.subscribe([]);
        let wall = Wall::new(self.0.switchboard.clone(), self.0.clock.clone(), stopping, sites, details)?;
        Ok(Box::pin(wall.told().map(Ok)))
    }
}

/// Whoever may watch which: as for one, all of those when none is named.
fn sites(definition: &Definition, context: &Context, asked: &[String]) -> Result<BTreeSet<SiteId>> {
    if !asked.is_empty() {
        return asked.iter().map(|id| clients::known_site_of("site_ids", definition, id)).collect();
    }
    match context.user.is(Role::Admin) {
        true => Ok(definition.sites.iter().map(|site| site.id.clone()).collect()),
        false => Ok([context.site()?.clone()].into()),
    }
}

/// What one watcher looks at, and has been told of it.
struct Wall {
    switchboard: Arc<Switchboard>,
    clock: Clock,
    stopping: Subscription,
    details: Details,
    sites: Vec<Watched>,
    /// The places of sites that changed, as they do.
    changes: SelectAll<BoxStream<'static, usize>>,
    /// Those that are still to be looked at.
    changed: BTreeSet<usize>,
    /// In running time.
    looked_at: Duration,
    told_at: Option<Duration>,
    is_over: bool,
}

struct Watched {
    id: SiteId,
    name: String,
    told: Option<Told>,
}

/// What the watcher knows of a site.
struct Told {
    summary: pb::FloorSummary,
    advisers: BTreeMap<UserId, DeskView>,
    waiting: BTreeMap<CallId, WaitingCall>,
}

impl Wall {
    fn new(
        switchboard: Arc<Switchboard>,
        clock: Clock,
        stopping: Subscription,
        sites: Vec<(String, SiteId)>,
        details: Details,
    ) -> Result<Self> {
        let mut changes = SelectAll::new();
        for (place, (_, site)) in sites.iter().enumerate() {
            let watched = switchboard.watch_floor(site)?;
            let next = move |mut watched: tokio::sync::watch::Receiver<()>| async move {
                watched.changed().await.is_ok().then_some((place, watched))
            };
            changes.push(unfold(watched, next).boxed());
        }
        let changed = (0..sites.len()).collect();
        let sites = sites.into_iter().map(|(name, id)| Watched { id, name, told: None }).collect();
        let looked_at = clock.running();
        Ok(Self {
            switchboard,
            clock,
            stopping,
            details,
            sites,
            changes,
            changed,
            looked_at,
            told_at: None,
            is_over: false,
        })
    }

    fn told(self) -> BoxStream<'static, pb::WatchFloorsResponse> {
        unfold(self, |mut wall| async move {
            let event = wall.next().await?;
            Some((pb::WatchFloorsResponse { event: Some(event) }, wall))
        })
        .boxed()
    }

    /// What is to be told next. Begun as soon as what was told before is on its way.
    async fn next(&mut self) -> Option<pb::watch_floors_response::Event> {
        use pb::watch_floors_response::Event;
        if self.is_over {
            return None;
        }
        if self.told_at.is_some_and(|told_at| self.clock.running().saturating_sub(told_at) >= GAP) {
            self.sites.iter_mut().for_each(|site| site.told = None);
            self.changed.extend(0..self.sites.len());
        }
        let whole = self.sites.iter().all(|site| site.told.is_none());
        loop {
            if !self.something_changed().await || !self.time_has_passed().await {
                self.is_over = true;
                return Some(Event::Stopping(pb::Stopping {}));
            }
            while let Some(Some(place)) = self.changes.next().now_or_never() {
                self.changed.insert(place);
            }
            let floors = self.look();
            if whole || !floors.is_empty() {
                self.told_at = Some(self.clock.running());
                let time = Some(convert::timestamp(self.clock.now()));
                return Some(Event::Changes(pb::FloorChanges { time, whole, floors }));
            }
        }
    }

    /// Waits until there is something to look at. False when the service stops.
    async fn something_changed(&mut self) -> bool {
        while self.changed.is_empty() {
            let left = LOOK_AGAIN.saturating_sub(self.clock.running().saturating_sub(self.looked_at));
            if left.is_zero() {
                self.looked_at = self.clock.running();
                self.changed.extend(0..self.sites.len());
                break;
            }
            tokio::select! {
                place = self.changes.next() => match place {
                    Some(place) => self.changed.extend([place]),
                    None => return false,
                },
                goes_on = self.stopping.changed() => return goes_on,
                () = self.clock.next_tick(left) => {}
            }
        }
        true
    }

    /// Waits until something may be told again. False when the service stops.
    async fn time_has_passed(&mut self) -> bool {
        loop {
            let since = self.told_at.map(|told_at| self.clock.running().saturating_sub(told_at));
            let left = since.map_or(Duration::ZERO, |since| APART.saturating_sub(since));
            if left.is_zero() {
                return true;
            }
            tokio::select! {
                goes_on = self.stopping.changed() => return goes_on,
                () = self.clock.next_tick(left) => {}
            }
        }
    }

    /// What differs from what was told, and is told by that.
    fn look(&mut self) -> Vec<pb::FloorChange> {
        let (network, now) = (self.switchboard.network(), self.clock.now());
        let mut floors = Vec::new();
        for place in std::mem::take(&mut self.changed) {
            let Some(site) = self.sites.get_mut(place) else { continue };
            // A site that is known stays.
            let Ok(seen) = network.look(&site.id, self.details, now) else { continue };
            floors.extend(site.change(seen, network.skills()));
        }
        floors
    }
}

impl Watched {
    fn change(&mut self, seen: FloorLook, skills: &SkillNames) -> Option<pb::FloorChange> {
        let FloorLook { summary, advisers, waiting } = seen;
        let summary = self.summary(&summary);
        let advisers: BTreeMap<UserId, DeskView> = advisers.into_iter().map(|view| (view.card.id, view)).collect();
        let waiting: BTreeMap<CallId, WaitingCall> =
            waiting.into_iter().map(|waiting| (waiting.card.call, waiting)).collect();
        let change = match &self.told {
            None => pb::FloorChange {
                site_id: self.id.to_string(),
                summary: Some(summary.clone()),
                advisers: advisers.values().map(|view| desk::message(view, skills)).collect(),
                waiting_calls: waiting.values().map(|waiting| floor::waiting(waiting, skills)).collect(),
                ..Default::default()
            },
            Some(told) => pb::FloorChange {
                site_id: self.id.to_string(),
                summary: (without_times(&summary) != without_times(&told.summary)).then(|| summary.clone()),
                advisers: other(&told.advisers, &advisers).map(|view| desk::message(view, skills)).collect(),
                gone_adviser_ids: gone(&told.advisers, &advisers),
                waiting_calls: other(&told.waiting, &waiting).map(|waiting| floor::waiting(waiting, skills)).collect(),
                gone_call_ids: gone(&told.waiting, &waiting),
            },
        };
        let is_news = change != pb::FloorChange { site_id: self.id.to_string(), ..Default::default() };
        if is_news {
            self.told = Some(Told { summary, advisers, waiting });
        }
        is_news.then_some(change)
    }

    fn summary(&self, summary: &FloorSummary) -> pb::FloorSummary {
        let FloorSummary { census, load, reserve, estimated_wait, lost, half_hour } = summary;
        let doing = |what: &str| floor::number(census.advisers.get(what).copied().unwrap_or_default());
        pb::FloorSummary {
            site_id: self.id.to_string(),
            site_name: self.name.clone(),
            idle_advisers: floor::number(load.free),
            advisers_kept_for_callbacks: floor::number(load.kept),
            reserve: floor::number(*reserve),
            available: doing("free") + doing("idle_kept"),
            on_break: doing("on_break"),
            offered: doing("offered"),
            on_call: doing("on_call"),
            wrap_up: doing("wrap_up"),
            outbound: doing("outbound"),
            waiting: floor::number(census.waiting),
            oldest_entered_time: census.oldest_entered_at.map(convert::timestamp),
            estimated_wait: estimated_wait.map(convert::duration),
            lost_reason: lost.as_deref().unwrap_or_default().to_owned(),
            half_hour: Some(figures::message(half_hour)),
        }
    }
}

/// Those that are other than they were, or new.
fn other<'a, K: Ord, V: PartialEq>(before: &'a BTreeMap<K, V>, now: &'a BTreeMap<K, V>) -> impl Iterator<Item = &'a V> {
    now.iter().filter(|(id, value)| before.get(id) != Some(value)).map(|(_, value)| value)
}

fn gone<K: Ord + ToString, V>(before: &BTreeMap<K, V>, now: &BTreeMap<K, V>) -> Vec<String> {
    before.keys().filter(|id| !now.contains_key(id)).map(ToString::to_string).collect()
}

/// Times on duty grow by themselves, which is no news.
fn without_times(summary: &pb::FloorSummary) -> pb::FloorSummary {
    let mut summary = summary.clone();
    if let Some(half_hour) = &mut summary.half_hour {
        (half_hour.staffed_time, half_hour.handle_time, half_hour.occupancy) = (None, None, None);
    }
    summary
}

#[cfg(test)]
#[path = "floors_tests.rs"]
mod tests;
