//! All floors, and the way between them: what the service as a whole asks of them. The verbs of the switches are in
//! `calls`, those of the advisers' desks in `desks`.

use super::call::SwitchCall;
use super::callers::Callers;
use super::due::Due;
use super::floor::{
    CallView, Census, DeskView, Details, Effect, Event, Floor, FloorLook, FloorSnapshot, Outbox, SiteSettings,
};
use super::id_hash::IdHash;
use super::lenders::Lenders;
use super::overflow::OverflowQueue;
use super::route::{self, RouteExplanation, RouteRule, RouteTable, Routes};
use super::site::Site;
use super::skills::{SkillNames, SkillSet};
use super::telephones::Telephones;
use chrono::{DateTime, TimeDelta, Utc};
use dashmap::DashMap;
use startline_foundation::error::{Error, FieldFault, Result};
use startline_foundation::ids::{CallId, SiteId, UserId};
use startline_foundation::supervision::HeldBack;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

/// A floor hears that time passes at least this often, so that the time on duty is given away.
const LONGEST_TICK_S: i64 = 15;

/// All floors, and the way between them.
#[derive(Debug)]
pub struct Network {
    pub(super) sites: DashMap<SiteId, Arc<Site>, IdHash>,
    /// The same sites by number; they are only ever added.
    numbered: RwLock<Arc<[Arc<Site>]>>,
    due: Due,
    pub(super) lenders: Arc<Lenders>,
    skills: SkillNames,
    pub(super) callers: Callers,
    routes: RwLock<Arc<Routes>>,
    /// The floor that keeps each call.
    pub(super) calls: DashMap<CallId, Arc<Site>, IdHash>,
    /// When the calls entered that are over because their switches did not ask again.
    pub(super) lapsed: DashMap<CallId, DateTime<Utc>>,
    pub(super) switch_calls: DashMap<SwitchCall, CallId, foldhash::fast::RandomState>,
    /// The floor each adviser is at.
    pub(super) advisers: DashMap<UserId, Arc<Site>, IdHash>,
    /// One sign-in at a time, so that nobody can be at two sites.
    pub(super) sign_ins: Mutex<Telephones>,
    pub(super) overflow: OverflowQueue,
    pub(super) taking_calls: AtomicBool,
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
            lapsed: DashMap::default(),
            switch_calls: DashMap::default(),
            advisers: DashMap::default(),
            sign_ins: Mutex::default(),
            overflow: OverflowQueue::default(),
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

    pub(super) fn explain(
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

    pub(super) fn routes(&self) -> Arc<Routes> {
        self.routes.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What the numbers say that a call needs.
    pub(super) fn needs(&self, routes: &Routes, caller: Option<&str>, dialled: &str) -> SkillSet {
        routes.needs_of_line(dialled).with(caller.map_or(SkillSet::NONE, |caller| self.callers.needs(caller)))
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

    /// Time has passed: does what is due at every site.
    pub fn tick(&self, now: DateTime<Utc>, effects: &mut Vec<Effect>) {
        let all_are_due = now.timestamp() / LONGEST_TICK_S
            != self.last_tick_s.swap(now.timestamp(), Ordering::Relaxed) / LONGEST_TICK_S;
        let sites = self.all_sites();
        let mut held = HeldBack::default();
        let mut tick = |site: &Arc<Site>| {
            // One site's fault stops no other's time.
            if let Some(Err(error)) = held.run(|| self.run(site, Event::Tick, now, effects)) {
                tracing::error!(%error, site = %site.id, "what was due at this site could not be done");
            }
        };
        if !all_are_due {
            self.due.at(now, |number| sites.get(number).into_iter().for_each(&mut tick));
            return held.finish(Some(()));
        }
        sites.iter().for_each(tick);
        let mut out = Outbox { effects: std::mem::take(effects), ..Outbox::default() };
        held.run(|| {
            // Each is asked, so that none says so a second time.
            if sites.iter().filter(|site| site.was_torn()).count() > 0 {
                self.mend(now, &mut out);
            }
            if let Err(error) = self.help_all(now, &mut out) {
                tracing::error!(%error, "the calls that seek another site could not all be looked after");
            }
        });
        held.run(|| self.send_trunk_requests(now, &mut out));
        *effects = out.effects;
        held.finish(Some(()));
    }

    /// The clock was set by so much while no time passed: nobody waits longer or shorter for it.
    pub fn clock_was_set(&self, by: TimeDelta, now: DateTime<Utc>, effects: &mut Vec<Effect>) {
        let mut out = Outbox { effects: std::mem::take(effects), ..Outbox::default() };
        for site in self.all_sites().iter() {
            site.with_floor(|floor| floor.clock_was_set(by, now, &mut out));
        }
        self.overflow.clock_was_set(by);
        self.callers.clock_was_set(by);
        self.lapsed.alter_all(|_, entered_at| entered_at.checked_add_signed(by).unwrap_or(entered_at));
        self.last_tick_s.fetch_add(by.num_seconds(), Ordering::Relaxed);
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

    /// The floor is here again.
    pub fn take_calls_again(&self, now: DateTime<Utc>, effects: &mut Vec<Effect>) {
        self.taking_calls.store(true, Ordering::Relaxed);
        for site in self.all_sites().iter() {
            if let Err(error) = self.run(site, Event::TakeCallsAgain, now, effects) {
                tracing::error!(%error, site = %site.id, "this site does not take calls again");
            }
        }
    }

    /// Records what is still on the floors.
    pub fn close(&self, now: DateTime<Utc>, effects: &mut Vec<Effect>) {
        for site in self.all_sites().iter() {
            if let Err(error) = self.run(site, Event::Close, now, effects) {
                tracing::error!(%error, site = %site.id, "the calls of this site could not all be recorded");
            }
        }
    }

    /// # Errors
    /// `NotFound` for an unknown site.
    pub fn snapshot(&self, site: &SiteId, now: DateTime<Utc>) -> Result<FloorSnapshot> {
        Ok(self.site(site)?.with_floor(|floor| floor.snapshot(now)))
    }

    /// # Errors
    /// `NotFound` for an unknown site.
    pub fn look(&self, site: &SiteId, details: Details, now: DateTime<Utc>) -> Result<FloorLook> {
        Ok(self.site(site)?.with_floor(|floor| floor.look(details, now)))
    }

    /// Of every site, by name: for whoever watches from outside.
    pub fn census(&self, now: DateTime<Utc>) -> Vec<Census> {
        let mut all: Vec<_> = self.all_sites().iter().map(|site| site.with_floor(|floor| floor.census(now))).collect();
        all.sort_by(|a, b| a.site.cmp(&b.site));
        all
    }

    /// # Errors
    /// `Illegal` for somebody who never signed in.
    pub fn desk_view(&self, adviser: UserId) -> Result<DeskView> {
        self.desk_of(adviser)?.with_floor(|floor| floor.desk_view(adviser))
    }

    /// # Errors
    /// `NotFound` for a call that is over or never entered.
    pub fn call_view(&self, call: CallId) -> Result<CallView> {
        self.host_of(call)?.with_floor(|floor| floor.call_view(call))
    }

    /// It was on a floor here, and is no more.
    pub fn is_over(&self, call: CallId) -> bool {
        self.host_of(call).is_ok_and(|site| site.with_floor(|floor| floor.call_view(call).is_err()))
    }

    /// By name.
    pub fn site_ids(&self) -> Vec<SiteId> {
        let mut ids: Vec<_> = self.all_sites().iter().map(|site| site.id.clone()).collect();
        ids.sort();
        ids
    }

    pub(super) fn run(&self, site: &Site, event: Event, now: DateTime<Utc>, effects: &mut Vec<Effect>) -> Result<()> {
        let mut out = Outbox { effects: std::mem::take(effects), ..Outbox::default() };
        // What was said before a panic is true, and others wait for it.
        let mut held = HeldBack::default();
        let result = held.run(|| site.apply(event, now, &mut out));
        held.run(|| self.send_trunk_requests(now, &mut out));
        *effects = out.effects;
        held.finish(result)
    }

    pub(super) fn at_host(
        &self,
        call: CallId,
        event: Event,
        now: DateTime<Utc>,
        effects: &mut Vec<Effect>,
    ) -> Result<()> {
        let site = self.host_of(call)?;
        self.run(&site, event, now, effects)
    }

    pub(super) fn numbered(&self, number: usize) -> Option<Arc<Site>> {
        self.numbered.read().unwrap_or_else(PoisonError::into_inner).get(number).cloned()
    }

    pub(super) fn site(&self, site: &SiteId) -> Result<Arc<Site>> {
        self.sites.get(site).map(|found| found.value().clone()).ok_or_else(|| Error::not_found("site", site))
    }

    pub(super) fn host_of(&self, call: CallId) -> Result<Arc<Site>> {
        self.calls.get(&call).map(|found| found.value().clone()).ok_or_else(|| Error::not_found(CallId::WHAT, call))
    }

    pub(super) fn desk_of(&self, adviser: UserId) -> Result<Arc<Site>> {
        let found = self.advisers.get(&adviser).map(|found| found.value().clone());
        found.ok_or_else(|| {
            Error::illegal("SIGNED_OUT", "sign in first: this desk has not signed in since the service began")
        })
    }

    /// Copied out, so that nothing is held while a floor is locked. Always in the same order, so that a run can be
    /// repeated.
    pub(super) fn all_sites(&self) -> Arc<[Arc<Site>]> {
        self.numbered.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
