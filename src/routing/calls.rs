//! The verbs of the switches: a call enters, is asked for again, and is reported about. Each goes to the floor that keeps
//! the call.

use super::call::{Priority, Report, SwitchCall};
use super::floor::{Effect, EnterCall, Event, Opening};
use super::network::Network;
use super::route::{RouteRule, Routes};
use super::site::Site;
use super::skills::SkillSet;
use chrono::{DateTime, Utc};
use dashmap::Entry;
use startline_foundation::error::{Error, Result};
use startline_foundation::ids::{CallId, SiteId};
use startline_foundation::supervision::HeldBack;
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// A call as a switch brings it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewCall {
    pub call: CallId,
    /// Asking twice under one name is asking once.
    pub switch_call_id: SwitchCall,
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
impl Network {
    /// A call joins the floor of its home site, or of a site that can ask for the postcode. The answer is the id
    /// under which it is known: that of the first asking when a switch asks twice.
    ///
    /// # Errors
    /// `Unavailable` once [`Network::stop_taking_calls`] has been called.
    pub fn enter_call(
        &self,
        mut new: NewCall,
        opening: impl Fn(&SiteId) -> Opening,
        now: DateTime<Utc>,
        effects: &mut Vec<Effect>,
    ) -> Result<CallId> {
        match self.switch_calls.entry(new.switch_call_id.clone()) {
            // Its switch asks after all, later than it should have: the caller has waited since the beginning.
            Entry::Occupied(mut known)
                if self.has_lapsed(*known.get()) && self.taking_calls.load(Ordering::Relaxed) =>
            {
                let entered_at = self.lapsed.remove(known.get()).map(|(_, entered_at)| entered_at);
                new.first_seen = entered_at.into_iter().chain(new.first_seen).min();
                known.insert(new.call);
            }
            Entry::Occupied(known) => return Ok(*known.get()),
            Entry::Vacant(_) if !self.taking_calls.load(Ordering::Relaxed) => {
                return Err(Error::Unavailable("the service is stopping and takes no new calls".into()));
            }
            Entry::Vacant(free) => drop(free.insert(new.call)),
        }
        let (call, switch_call_id) = (new.call, new.switch_call_id.clone());
        let mut held = HeldBack::default();
        let entered = held.run(|| self.enter(new, opening, now, effects));
        // After a panic the call may be on its floor all the same; then its switch can still be heard.
        if matches!(entered, Some(Err(_))) || (entered.is_none() && self.call_view(call).is_err()) {
            self.calls.remove(&call);
            self.switch_calls.remove(&switch_call_id);
        }
        held.finish(entered).map(|()| call)
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
    pub fn find_call(&self, switch_call_id: &SwitchCall) -> Option<CallId> {
        self.switch_calls.get(switch_call_id).map(|call| *call)
    }

    /// The call is over because its switch did not ask again in time.
    pub(super) fn has_lapsed(&self, call: CallId) -> bool {
        self.lapsed.contains_key(&call)
    }

    /// The switch asks again about a call that it brought before: the caller can be put through.
    ///
    /// # Errors
    /// `NotFound` for a call that never entered, or that was over long ago.
    pub fn asked_again(&self, call: CallId, now: DateTime<Utc>, effects: &mut Vec<Effect>) -> Result<()> {
        self.at_host(call, Event::AskedAgain { call }, now, effects)
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
}
