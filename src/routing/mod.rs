//! Routing: which site and which adviser takes a call, and what the advisers are doing meanwhile.
//!
//! Everything here is live state in memory: the floors of all sites, who waits, who is free. Nothing is durable.
//! After a restart it is rebuilt from the desks that sign in again and the switches that ask again; that is why calls
//! are routed while the database is away. Finished calls leave as [`Effect::CallFinished`] for others to keep.
//!
//! This room imports no other one. The floors do nothing in the world: their verbs add to a list of effects, which the
//! switchboard delivers after the verb returns, when no lock is held, and also when it returns an error.
//!
//! - `area`, `route`: from telephone numbers to a home site, with the reasons
//! - `skills`: what advisers can do and calls need; `callers`: what is remembered by a number
//! - `adviser`, `call`: the two models with their states
//! - `floor`: one site, pure
//! - `desks`: the verbs of the advisers' desks; the others stand here
//! - `trunk`, `errands`: how sites help each other; `lenders`, `due`: which site has somebody to spare or something to do,
//!   found without looking at all of them
//! - `figures`: the formula of every figure; `history`: the durable ones, by half-hours
//! - `erlang`: what theory expects of a floor, and the tests that hold the floor against it
//! - `erlang`: how long callers must wait by the theory of queues
//! - `switchboard`: who listens to the floors, and the delivery of effects
//! - `recorder`, `store`: the durable records of finished calls; `history`: the figures from them
//!
//! Locks: one `Mutex` a floor; never two floors at once, and none across an `.await`. The maps are indexes whose
//! entries are copied out before a floor is locked.

pub mod adviser;
pub mod area;
pub mod call;
mod callers;
mod check;
mod desks;
mod due;
pub mod erlang;
mod errands;
pub mod figures;
pub mod floor;
mod history;
mod id_hash;
mod lenders;
mod recorder;
pub mod route;
mod skills;
mod store;
#[cfg(test)]
mod stories;
#[cfg(test)]
mod storm;
mod switchboard;
pub mod trunk;

pub use adviser::{AdviserCard, Desk, State, Status};
pub use area::{AreaTable, AreaTarget};
pub use call::{CallCard, CallRecord, CallState, How, PassTo, Priority, Reason, Report, Screen};
pub use floor::{
    CallView, DeskView, Effect, FloorSnapshot, Load, Notice, OfferEnd, Opening, Selection, SiteSettings, WaitingCall,
};
pub use history::{History, Period, Target, answered_since, history};
pub use recorder::{FollowUp, record_calls};
pub use route::{Candidate, RouteExplanation, RouteRule, RouteTable, Standing};
pub use skills::{SkillNames, SkillSet};
pub use switchboard::{DeskEvent, Finished, Instruction, Staffing, Switchboard};

use crate::error::{Error, FieldFault, Result};
use crate::ids::{CallId, SiteId, UserId};
use callers::Callers;
use chrono::{DateTime, Utc};
use dashmap::{DashMap, Entry};
use due::Due;
use errands::{Seekers, Site};
use floor::{EnterCall, Event, Floor, Outbox};
use id_hash::IdHash;
use lenders::Lenders;
use route::Routes;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

/// A call as a switch brings it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewCall {
    pub call: CallId,
    /// The switch's own name for the call; asking twice under one name is asking once.
    pub switch_call_id: Arc<str>,
    /// E.164; `None` when withheld.
    pub caller: Option<String>,
    pub dialled: String,
    pub priority: Priority,
    /// Skills it needs beside what its numbers say.
    pub needs: SkillSet,
    /// When the caller first came to the switch, if that was before now.
    pub first_seen: Option<DateTime<Utc>>,
}

/// A caller's age is not believed beyond this.
const OLDEST: chrono::TimeDelta = chrono::TimeDelta::hours(1);
/// A floor hears that time passes at least this often, so that the time on duty is given away.
const LONGEST_TICK_S: i64 = 15;

/// All floors, and the way between them.
#[derive(Debug)]
pub struct Network {
    sites: DashMap<SiteId, Arc<Site>, IdHash>,
    /// The same sites by number; they are only ever added.
    numbered: RwLock<Arc<[Arc<Site>]>>,
    due: Due,
    lenders: Arc<Lenders>,
    skills: SkillNames,
    callers: Callers,
    routes: RwLock<Arc<Routes>>,
    /// The floor that keeps each call.
    calls: DashMap<CallId, Arc<Site>, IdHash>,
    switch_calls: DashMap<Arc<str>, CallId, foldhash::fast::RandomState>,
    /// The floor each adviser is at.
    advisers: DashMap<UserId, Arc<Site>, IdHash>,
    /// One sign-in at a time, so that nobody can be at two sites.
    sign_ins: Mutex<()>,
    seekers: Seekers,
    taking_calls: AtomicBool,
    last_tick_s: AtomicI64,
    next_salt: AtomicU64,
}

impl Network {
    /// `salt` is a random number that an earlier run did not use; offer ids are made from it.
    ///
    /// # Errors
    /// As [`Network::configure`].
    pub fn new(sites: Vec<SiteSettings>, routes: RouteTable, salt: u64) -> Result<Self> {
        let network = Self {
            sites: DashMap::default(),
            numbered: RwLock::new(Arc::new([])),
            due: Due::default(),
            lenders: Arc::default(),
            skills: SkillNames::default(),
            callers: Callers::default(),
            routes: RwLock::default(),
            calls: DashMap::default(),
            switch_calls: DashMap::default(),
            advisers: DashMap::default(),
            sign_ins: Mutex::new(()),
            seekers: Seekers::default(),
            taking_calls: AtomicBool::new(true),
            last_tick_s: AtomicI64::new(0),
            next_salt: AtomicU64::new(salt),
        };
        network.configure(sites, routes)?;
        Ok(network)
    }

    /// Takes a new service definition: new sites join, known ones get their new settings, calls under way go on.
    /// A site that is no longer named keeps its floor and gets no new calls.
    ///
    /// # Errors
    /// `Invalid` when a route leads to a site that is not there, or a line needs a skill that is not; nothing is
    /// changed then.
    pub fn configure(&self, sites: Vec<SiteSettings>, routes: RouteTable) -> Result<()> {
        let known = |site: &SiteId| sites.iter().any(|settings| settings.site == *site);
        let mut faults: BTreeMap<&SiteId, &str> =
            routes.areas.sites().filter(|site| !known(site)).map(|site| (site, "areas")).collect();
        faults.extend(routes.dialled.values().filter(|site| !known(site)).map(|site| (site, "dialled")));
        faults.extend(routes.default_site.iter().filter(|site| !known(site)).map(|site| (site, "default_site")));
        if !faults.is_empty() {
            let fault = |(site, field): (&SiteId, &str)| FieldFault {
                field: field.to_owned(),
                reason: format!("leads to {site}, which is no site of this definition"),
            };
            return Err(Error::Invalid(faults.into_iter().map(fault).collect()));
        }
        let routes = Routes::new(routes, &self.skills)?;
        for settings in sites {
            let site = self.sites.entry(settings.site.clone()).or_insert_with(|| {
                // Far enough apart that no two runs or floors meet: each floor numbers its own offers.
                let salt = self.next_salt.fetch_add(0x9E37_79B9_7F4A_7C15, Ordering::Relaxed);
                let mut numbered = self.numbered.write().unwrap_or_else(PoisonError::into_inner);
                let (floor, number) = (Floor::new(settings.clone(), salt), numbered.len());
                let site = Arc::new(Site::new(floor, number, self.lenders.clone(), self.due.of(number)));
                *numbered = numbered.iter().chain([&site]).cloned().collect();
                site
            });
            let site = site.value().clone();
            site.set_helpers(settings.helpers.clone());
            site.with_floor(|floor| floor.configure(settings));
        }
        *self.routes.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(routes);
        Ok(())
    }

    /// Says where a call would go and why, without doing anything. `open` says which sites take calls now.
    ///
    /// # Errors
    /// `Unavailable` when there is no site at all.
    pub fn route(
        &self,
        caller: Option<&str>,
        dialled: &str,
        open: impl Fn(&SiteId) -> bool,
    ) -> Result<RouteExplanation> {
        let routes = self.routes();
        self.explain(&routes, routes.table.rule(caller, dialled), self.needs(&routes, caller, dialled), open)
    }

    /// As [`Network::route`], for a caller whose home is known otherwise.
    ///
    /// # Errors
    /// `Unavailable` when there is no site at all.
    pub fn route_home(
        &self,
        home: RouteRule,
        caller: Option<&str>,
        dialled: &str,
        open: impl Fn(&SiteId) -> bool,
    ) -> Result<RouteExplanation> {
        let routes = self.routes();
        self.explain(&routes, home, self.needs(&routes, caller, dialled), open)
    }

    fn explain(
        &self,
        routes: &Routes,
        rule: RouteRule,
        needs: SkillSet,
        open: impl Fn(&SiteId) -> bool,
    ) -> Result<RouteExplanation> {
        let home = rule.home().and_then(|home| self.site(home).ok());
        let seen = |site: &Site| route::Seen {
            site: site.id.clone(),
            open: open(&site.id),
            helps: home.as_ref().is_none_or(|home| home.may_be_helped_by(&site.id)),
            load: site.load(),
        };
        let sites = self.all_sites().iter().map(|site| seen(site)).collect();
        let found = route::explain(rule, needs, routes.table.default_site.as_ref(), sites);
        let mut found = found.ok_or_else(|| Error::Unavailable("there is no site to take calls".into()))?;
        found.estimated_wait = self.site(&found.host)?.with_floor(|floor| floor.next_wait(needs));
        Ok(found)
    }

    /// The words for skills.
    pub fn skills(&self) -> &SkillNames {
        &self.skills
    }

    /// What the client records say that callers need, by number in E.164; replaces what was said before.
    pub fn set_known_needs(&self, needs: std::collections::HashMap<String, SkillSet>) {
        self.callers.set_needs(needs);
    }

    fn routes(&self) -> Arc<Routes> {
        self.routes.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What the numbers say that a call needs.
    fn needs(&self, routes: &Routes, caller: Option<&str>, dialled: &str) -> SkillSet {
        routes.needs_of_line(dialled).with(caller.map_or(SkillSet::NONE, |caller| self.callers.needs(caller)))
    }

    /// A call joins the floor of its home site, or of a site that can ask for the postcode. The answer is the id
    /// under which it is known: that of the first asking when a switch asks twice.
    ///
    /// # Errors
    /// `Unavailable` once [`Network::stop_taking_calls`] has been called.
    pub fn enter_call(
        &self,
        new: NewCall,
        opening: impl Fn(&SiteId) -> Opening,
        now: DateTime<Utc>,
        effects: &mut Vec<Effect>,
    ) -> Result<CallId> {
        match self.switch_calls.entry(new.switch_call_id.clone()) {
            Entry::Occupied(known) => return Ok(*known.get()),
            Entry::Vacant(_) if !self.taking_calls.load(Ordering::Relaxed) => {
                return Err(Error::Unavailable("the service is stopping and takes no new calls".into()));
            }
            Entry::Vacant(free) => drop(free.insert(new.call)),
        }
        let (call, switch_call_id) = (new.call, new.switch_call_id.clone());
        let entered = self.enter(new, opening, now, effects);
        if entered.is_err() {
            self.calls.remove(&call);
            self.switch_calls.remove(&switch_call_id);
        }
        entered.map(|()| call)
    }

    fn enter(
        &self,
        new: NewCall,
        opening: impl Fn(&SiteId) -> Opening,
        now: DateTime<Utc>,
        effects: &mut Vec<Effect>,
    ) -> Result<()> {
        let routes = self.routes();
        let (home, place) = match routes.table.home(new.caller.as_deref(), &new.dialled) {
            Some((home, place)) => (Some(home.clone()), place.cloned()),
            None => (None, None),
        };
        let site = match &home {
            Some(home) => self.site(home)?,
            None => self.host_of_an_unplaced_call(&routes, &opening)?,
        };
        self.calls.insert(new.call, site.clone());
        let needs = new.needs.with(self.needs(&routes, new.caller.as_deref(), &new.dialled));
        let priority = match (new.priority, new.caller.as_deref()) {
            (Priority::Normal, Some(caller)) if self.callers.rings_again(caller, now) => Priority::RingingAgain,
            (priority, _) => priority,
        };
        let entered_at = new.first_seen.filter(|seen| *seen <= now && now - *seen <= OLDEST).unwrap_or(now);
        let enter = EnterCall {
            call: new.call,
            switch_call_id: new.switch_call_id,
            caller: new.caller,
            dialled: new.dialled,
            home,
            place,
            priority,
            needs,
            opening: self.opening_for(&site, &opening),
            entered_at,
        };
        self.run(&site, Event::Enter(enter), now, effects)
    }

    /// A call whose home is not known goes where somebody can be spared.
    fn host_of_an_unplaced_call(&self, routes: &Routes, opening: &impl Fn(&SiteId) -> Opening) -> Result<Arc<Site>> {
        let open = |site: &SiteId| opening(site) == Opening::Open;
        let spare = self.lenders.best(1).into_iter().filter_map(|number| self.numbered(number));
        match spare.into_iter().find(|site| open(&site.id)) {
            Some(site) => Ok(site),
            None => self.site(&self.explain(routes, RouteRule::AskPostcode, SkillSet::NONE, open)?.host),
        }
    }

    /// Whether the call's floor is open, or else another one that may help it and has somebody there.
    fn opening_for(&self, host: &Site, opening: &impl Fn(&SiteId) -> Opening) -> Opening {
        let at_host = opening(&host.id);
        if at_host == Opening::Open {
            return at_host;
        }
        let helps = |site: &Arc<Site>| {
            let load = site.load();
            load.staffed > 0 && !load.lost && host.may_be_helped_by(&site.id) && opening(&site.id) == Opening::Open
        };
        if self.all_sites().iter().any(helps) { Opening::OthersOpen } else { at_host }
    }

    /// The call a switch knows under this name, also for a while after it is over.
    pub fn find_call(&self, switch_call_id: &str) -> Option<CallId> {
        self.switch_calls.get(switch_call_id).map(|call| *call)
    }

    /// The switch asks again about a call that it brought before: the caller can be put through.
    ///
    /// # Errors
    /// `NotFound` for a call that never entered, or that was over long ago.
    pub fn asked_again(&self, call: CallId, now: DateTime<Utc>, effects: &mut Vec<Effect>) -> Result<()> {
        self.at_host(call, Event::AskedAgain { call }, now, effects)
    }

    /// The site is declared lost, for this reason, or no longer.
    ///
    /// # Errors
    /// `NotFound` for an unknown site.
    pub fn set_lost(
        &self,
        site: &SiteId,
        reason: Option<Arc<str>>,
        now: DateTime<Utc>,
        effects: &mut Vec<Effect>,
    ) -> Result<()> {
        let site = self.site(site)?;
        self.run(&site, Event::SetLost { reason }, now, effects)
    }

    /// What the switch says about a call; twice, late or in any order.
    ///
    /// # Errors
    /// `NotFound` for a call that never entered, or that was over long ago.
    pub fn report_call(
        &self,
        call: CallId,
        report: Report,
        now: DateTime<Utc>,
        effects: &mut Vec<Effect>,
    ) -> Result<()> {
        self.at_host(call, Event::Report { call, report }, now, effects)
    }

    /// The postcode says where the caller lives; it goes before what the number said.
    ///
    /// # Errors
    /// `NotFound` for an unknown call or site, `Illegal` when the call is over.
    pub fn set_home(&self, call: CallId, home: &SiteId, now: DateTime<Utc>, effects: &mut Vec<Effect>) -> Result<()> {
        let home = self.site(home)?.id.clone();
        self.at_host(call, Event::SetHome { call, home }, now, effects)
    }

    /// Time has passed: does what is due at every site.
    pub fn tick(&self, now: DateTime<Utc>, effects: &mut Vec<Effect>) {
        let all_are_due = now.timestamp() / LONGEST_TICK_S
            != self.last_tick_s.swap(now.timestamp(), Ordering::Relaxed) / LONGEST_TICK_S;
        let sites = self.all_sites();
        let mut tick = |site: &Arc<Site>| {
            if let Err(error) = self.run(site, Event::Tick, now, effects) {
                tracing::error!(%error, site = %site.id, "what was due at this site could not be done");
            }
        };
        if !all_are_due {
            self.due.at(now, |number| sites.get(number).into_iter().for_each(&mut tick));
            return;
        }
        sites.iter().for_each(tick);
        let mut out = Outbox { effects: std::mem::take(effects), ..Outbox::default() };
        if let Err(error) = self.help_all(now, &mut out) {
            tracing::error!(%error, "the calls that seek another site could not all be looked after");
        }
        self.run_errands(now, &mut out);
        *effects = out.effects;
    }

    /// When the next thing is due at any site.
    pub fn next_deadline(&self) -> Option<DateTime<Utc>> {
        self.all_sites().iter().filter_map(|site| site.with_floor(|floor| floor.next_deadline())).min()
    }

    /// The service stops: no new calls, the waiting ones are let go, conversations go on to their end.
    pub fn stop_taking_calls(&self, now: DateTime<Utc>, effects: &mut Vec<Effect>) {
        self.taking_calls.store(false, Ordering::Relaxed);
        for site in self.all_sites().iter() {
            if let Err(error) = self.run(site, Event::StopTakingCalls, now, effects) {
                tracing::error!(%error, site = %site.id, "the waiting calls of this site could not all be let go");
            }
        }
    }

    /// # Errors
    /// `NotFound` for an unknown site.
    pub fn snapshot(&self, site: &SiteId, now: DateTime<Utc>) -> Result<FloorSnapshot> {
        Ok(self.site(site)?.with_floor(|floor| floor.snapshot(now)))
    }

    /// # Errors
    /// `NotFound` for somebody who never signed in.
    pub fn desk_view(&self, adviser: UserId) -> Result<DeskView> {
        self.desk_of(adviser)?.with_floor(|floor| floor.desk_view(adviser))
    }

    /// # Errors
    /// `NotFound` for a call that is over or never entered.
    pub fn call_view(&self, call: CallId) -> Result<CallView> {
        self.host_of(call)?.with_floor(|floor| floor.call_view(call))
    }

    /// By name.
    pub fn site_ids(&self) -> Vec<SiteId> {
        let mut ids: Vec<_> = self.all_sites().iter().map(|site| site.id.clone()).collect();
        ids.sort();
        ids
    }

    fn run(&self, site: &Site, event: Event, now: DateTime<Utc>, effects: &mut Vec<Effect>) -> Result<()> {
        let mut out = Outbox { effects: std::mem::take(effects), ..Outbox::default() };
        let result = site.apply(event, now, &mut out);
        self.run_errands(now, &mut out);
        *effects = out.effects;
        result
    }

    fn at_desk(&self, adviser: UserId, event: Event, now: DateTime<Utc>, effects: &mut Vec<Effect>) -> Result<()> {
        let site = self.desk_of(adviser)?;
        self.run(&site, event, now, effects)
    }

    fn at_host(&self, call: CallId, event: Event, now: DateTime<Utc>, effects: &mut Vec<Effect>) -> Result<()> {
        let site = self.host_of(call)?;
        self.run(&site, event, now, effects)
    }

    fn numbered(&self, number: usize) -> Option<Arc<Site>> {
        self.numbered.read().unwrap_or_else(PoisonError::into_inner).get(number).cloned()
    }

    fn site(&self, site: &SiteId) -> Result<Arc<Site>> {
        self.sites.get(site).map(|found| found.value().clone()).ok_or_else(|| Error::not_found("site", site))
    }

    fn host_of(&self, call: CallId) -> Result<Arc<Site>> {
        self.calls.get(&call).map(|found| found.value().clone()).ok_or_else(|| Error::not_found(CallId::WHAT, call))
    }

    fn desk_of(&self, adviser: UserId) -> Result<Arc<Site>> {
        let found = self.advisers.get(&adviser).map(|found| found.value().clone());
        found.ok_or_else(|| Error::not_found("signed-in adviser", adviser))
    }

    /// Copied out, so that nothing is held while a floor is locked. Always in the same order, so that a run can be
    /// repeated.
    fn all_sites(&self) -> Arc<[Arc<Site>]> {
        self.numbered.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
