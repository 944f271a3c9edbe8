//! Who listens to the floors: a switch to each of its calls, a desk to its own adviser, a supervisor to a site.
//!
//! Memory only. A verb runs on the network; what should happen comes back as effects, and they are delivered here when no
//! lock is held. Every listener has a bounded channel: one that does not read is dropped and comes back for a fresh
//! picture; it can hold up neither the floor nor memory. Finished calls go to whoever keeps the records.

use super::adviser::State;
use super::adviser_card::AdviserCard;
use super::call::{CallRecord, CallState, Instruction, ReleaseReason, Report, SwitchCall};
use super::call_counts::CallCounts;
use super::calls::NewCall;
use super::desk_event::DeskEvent;
use super::floor::{DeskCommand, Effect, Notice, Opening};
use super::floor_here::FloorHere;
use super::journal::{JournalEntry, LateCall};
use super::network::Network;
use super::skills::SkillSet;
use super::status::{BreakReason, Status};
use chrono::{DateTime, TimeDelta, Utc};
use dashmap::DashMap;
use startline_foundation::clock::{Clock, ClockWatch, age};
use startline_foundation::error::{Error, Result};
use startline_foundation::ids::{CallId, CallbackId, SiteId, UserId};
use startline_foundation::last_resort::LastResort;
use startline_foundation::supervision::HeldBack;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::sync::{mpsc, watch};

/// Instructions a switch may leave unread: a call's whole life has fewer.
const CALL_QUEUE: usize = 32;
/// Events a desk may leave unread before it is told to look afresh.
const DESK_QUEUE: usize = 64;

/// A switch that lost its stream, or tried an adviser in vain, asks again within this time; else the caller has gone.
const ASKS_AGAIN_WITHIN: TimeDelta = TimeDelta::seconds(30);

/// A desk that is opened more often within this time has to wait.
const OPENINGS_WITHIN: TimeDelta = TimeDelta::seconds(10);
const MOST_OPENINGS: u32 = 20;

pub struct Switchboard {
    network: Network,
    calls: DashMap<CallId, mpsc::Sender<Instruction>>,
    desks: DashMap<UserId, mpsc::Sender<DeskEvent>>,
    /// Since when each desk was opened how often.
    openings: DashMap<UserId, (DateTime<Utc>, u32)>,
    floors: DashMap<SiteId, watch::Sender<()>>,
    records: mpsc::Sender<JournalEntry>,
    /// Nobody may begin to listen any more: they would hold up the stop.
    stopped: AtomicBool,
    floor: FloorHere,
    counts: CallCounts,
    last_resort: LastResort,
    clock: Option<ClockWatch>,
}

impl Switchboard {
    pub fn new(network: Network, records: mpsc::Sender<JournalEntry>) -> Self {
        let floors = network.site_ids().into_iter().map(|site| (site, watch::Sender::new(()))).collect();
        Self {
            network,
            calls: DashMap::new(),
            desks: DashMap::new(),
            openings: DashMap::new(),
            floors,
            records,
            stopped: AtomicBool::new(false),
            floor: FloorHere::default(),
            counts: CallCounts::default(),
            last_resort: LastResort::default(),
            clock: None,
        }
    }

    /// Whose times it is told: when it is set, what lasts goes on lasting as long as it would have.
    pub fn with_clock(mut self, clock: &Clock) -> Self {
        self.clock = Some(ClockWatch::new(clock));
        self
    }

    /// Where the record of a call is written for which there is no room in the queue.
    pub fn with_last_resort(mut self, last_resort: LastResort) -> Self {
        self.last_resort = last_resort;
        self
    }

    /// What became of calls and offers since the start.
    pub fn counts(&self) -> &CallCounts {
        &self.counts
    }

    /// Records that are in memory because the database has not taken them yet.
    pub fn records_waiting(&self) -> usize {
        self.records.max_capacity() - self.records.capacity()
    }

    /// The floors, to look at.
    pub fn network(&self) -> &Network {
        &self.network
    }

    /// A call joins the floor; its switch listens. A switch that asks again under the same name is told how things
    /// stand.
    pub fn enter_call(
        &self,
        new: NewCall,
        opening: impl Fn(&SiteId) -> Opening,
        now: DateTime<Utc>,
    ) -> Result<(CallId, mpsc::Receiver<Instruction>)> {
        let known = self.network.find_call(&new.switch_call_id);
        if let Some(known) = known.filter(|known| !self.network.has_lapsed(*known)) {
            return Ok((known, self.listen_again(known, now)));
        }
        let fresh = new.call;
        let (sender, receiver) = mpsc::channel(CALL_QUEUE);
        self.calls.insert(fresh, sender);
        let mut held = HeldBack::default();
        let entered = held.run(|| self.act(now, |network, effects| network.enter_call(new, opening, now, effects)));
        if !matches!(&entered, Some(Ok(call)) if *call == fresh) {
            self.calls.remove(&fresh);
        }
        let call = held.finish(entered)?;
        // Two askings at the same moment: the other was first.
        let first = call == fresh;
        if first {
            tracing::info!(%call, "a call entered");
        }
        Ok((call, if first { receiver } else { self.listen_again(call, now) }))
    }

    /// The switch hears how the call stands, and from then on what becomes of it.
    fn listen_again(&self, call: CallId, now: DateTime<Utc>) -> mpsc::Receiver<Instruction> {
        let (sender, receiver) = mpsc::channel(CALL_QUEUE);
        // Listening first, so that an offer made on the caller's return is heard.
        self.calls.insert(call, sender.clone());
        let before = self.standing(call);
        let returned = self.act(now, |network, effects| network.asked_again(call, now, effects));
        if returned.is_err() || matches!(before, Instruction::Release(_)) {
            self.calls.remove(&call);
        }
        // A caller who was away is told by the floor; whoever was not has heard nothing yet.
        if receiver.is_empty() {
            let _ = sender.try_send(self.standing(call));
        }
        receiver
    }

    /// Callers and desks meet here.
    pub fn has_floor(&self) -> bool {
        self.floor.is_here()
    }

    /// Another process has the floor, or this one has it again. Who waits here is let go, so that their switch asks there;
    /// conversations go on without this process, which is told nothing more of them, and are recorded as they stand.
    pub fn set_floor(&self, here: bool, now: DateTime<Utc>) {
        if !self.floor.set(here) || self.stopped.load(Ordering::SeqCst) {
            return;
        }
        let _ = self.act(now, |network, effects| {
            match here {
                true => network.take_calls_again(now, effects),
                false => {
                    network.stop_taking_calls(now, effects);
                    network.close(now, effects);
                }
            }
            Ok(())
        });
        if !here {
            for adviser in self.connected() {
                self.tell_desk(adviser, DeskEvent::Stopping);
            }
            self.desks.clear();
        }
    }

    /// Whether they do, and for how long that is known.
    pub fn floor(&self) -> &FloorHere {
        &self.floor
    }

    fn check_floor(&self) -> Result<()> {
        if self.has_floor() {
            return Ok(());
        }
        Err(Error::Unavailable("callers and desks are at another server of this service: connect there".into()))
    }

    fn standing(&self, call: CallId) -> Instruction {
        // Whoever was let go because callers meet elsewhere is to be asked for there.
        let stops = self.stopped.load(Ordering::SeqCst) || !self.has_floor();
        let over = Instruction::Release(if stops { ReleaseReason::Stopping } else { ReleaseReason::Ended });
        let Ok(view) = self.network.call_view(call) else { return over };
        match view.state {
            CallState::Offered { to, .. } if to.ring_when_offered => Instruction::Connect { by: to },
            CallState::Waiting { .. } | CallState::Offered { .. } => {
                Instruction::Queued { position: view.position.unwrap_or(1), estimated_wait: view.estimated_wait }
            }
            CallState::Connected { by, .. } => Instruction::Connect { by },
            CallState::Ended { .. } => over,
        }
    }

    pub fn report_call(&self, call: CallId, report: Report, now: DateTime<Utc>) -> Result<()> {
        let may_correct = matches!(report, Report::Answered | Report::AnsweredAt { .. } | Report::AnsweredElsewhere);
        // Whoever was let go is on the line still.
        let is_told = may_correct || !self.has_floor() || self.stopped.load(Ordering::SeqCst);
        if is_told && self.network.is_over(call) {
            self.keep(JournalEntry::Late { call: LateCall::Ours(call), report: report.clone(), at: now });
        }
        let answered = matches!(report, Report::Answered | Report::AnsweredAt { .. });
        self.act(now, |network, effects| network.report_call(call, report, now, effects))?;
        if answered {
            tracing::info!(%call, "a call is answered");
        }
        Ok(())
    }

    /// A report about a call that is on no floor here. If another process left it, its record is completed.
    pub fn report_late(&self, name: SwitchCall, report: Report, now: DateTime<Utc>) {
        self.keep_if_there_is_room(JournalEntry::Late { call: LateCall::Named(name), report, at: now });
    }

    /// Two windows that take the desk from each other, each at once, would do nothing else.
    fn check_openings(&self, adviser: UserId, now: DateTime<Utc>) -> Result<()> {
        let mut openings = self.openings.entry(adviser).or_insert((now, 0));
        if age(openings.0, now) >= OPENINGS_WITHIN {
            *openings = (now, 0);
        }
        openings.1 += 1;
        if openings.1 > MOST_OPENINGS {
            let message =
                "this desk is opened again and again: close it where it is open besides, and try in some seconds";
            return Err(Error::Unavailable(message.into()));
        }
        Ok(())
    }

    /// The desk's own stream; an earlier one of the same adviser ends, and is told why.
    ///
    /// # Errors
    /// `Unavailable` at a stop, and when it is opened again and again.
    pub fn watch_desk(&self, adviser: UserId, now: DateTime<Utc>) -> Result<mpsc::Receiver<DeskEvent>> {
        self.check_floor()?;
        self.check_openings(adviser, now)?;
        let (sender, receiver) = mpsc::channel(DESK_QUEUE);
        if let Some(older) = self.desks.insert(adviser, sender) {
            let _ = older.try_send(DeskEvent::OpenedElsewhere);
        }
        if self.stopped.load(Ordering::SeqCst) {
            self.desks.remove(&adviser);
            return Err(Error::Unavailable("the service is stopping; try again".into()));
        }
        self.act(now, |network, effects| network.desk(adviser, DeskCommand::Back, now, effects))?;
        // An offer that was made while nobody listened.
        if let Ok(view) = self.network.desk_view(adviser)
            && let State::Offered { held, expires_at, confirmed: true } = view.state
        {
            self.tell_desk(adviser, DeskEvent::Offer { offer: held.offer, call: held.card.call, expires_at });
        }
        Ok(receiver)
    }

    /// The desk's stream is gone. Only the newest stream counts.
    pub fn desk_closed(&self, adviser: UserId, now: DateTime<Utc>) {
        self.desks.remove_if(&adviser, |_, sender| sender.is_closed());
        let is_watched = || self.desks.contains_key(&adviser);
        if is_watched() {
            return;
        }
        // Whoever signed out has no desk to lose.
        let _ = self.desk(adviser, DeskCommand::Lost, now);
        if is_watched() {
            // It was opened anew meanwhile, and its word came before this one.
            let _ = self.desk(adviser, DeskCommand::Back, now);
        }
    }

    /// Each change of the site from now on; whoever looks at it after this misses none.
    pub fn watch_floor(&self, site: &SiteId) -> Result<watch::Receiver<()>> {
        self.floors.get(site).map(|sender| sender.subscribe()).ok_or_else(|| Error::not_found("site", site))
    }

    /// Whoever signs in is on a break first: nobody is offered calls before they say that they are ready.
    pub fn sign_in(&self, card: AdviserCard, now: DateTime<Utc>) -> Result<()> {
        self.check_floor()?;
        let on_break = Status::OnBreak { reason: BreakReason::JustSignedIn };
        self.act(now, |network, effects| network.sign_in(card, on_break, now, effects))
    }

    /// What else an adviser does at their desk.
    pub fn desk(&self, adviser: UserId, command: DeskCommand, now: DateTime<Utc>) -> Result<()> {
        let accepts = matches!(command, DeskCommand::Accept { .. });
        let done = self.act(now, |network, effects| network.desk(adviser, command, now, effects));
        if accepts && done.is_err() {
            self.counts.late();
        }
        done
    }

    /// The caller's home is known better now.
    pub fn set_home(&self, call: CallId, home: &SiteId, now: DateTime<Utc>) -> Result<()> {
        self.act(now, |network, effects| network.set_home(call, home, now, effects))
    }

    /// The adviser makes a call-back and gets no offers. One who is not signed in may make call-backs all the same.
    pub fn start_outbound(&self, adviser: UserId, callback: CallbackId, now: DateTime<Utc>) {
        let _ = self.desk(adviser, DeskCommand::StartOutbound { callback }, now);
    }

    pub fn end_outbound(&self, adviser: UserId, callback: CallbackId, now: DateTime<Utc>) {
        let _ = self.desk(adviser, DeskCommand::EndOutbound { callback }, now);
    }

    /// Time has passed. What a process that stood still would do by its old picture, it does not.
    pub fn tick(&self, now: DateTime<Utc>) {
        if self.floor.is_doubtful() {
            return;
        }
        let _ = self.act(now, |network, effects| {
            network.tick(now, effects);
            Ok(())
        });
    }

    /// The site is declared lost, for this reason, or no longer: its waiting and coming calls move to other sites at once,
    /// and its advisers are offered none.
    pub fn set_lost(&self, site: &SiteId, lost: Option<Arc<str>>, now: DateTime<Utc>) -> Result<()> {
        self.act(now, |network, effects| network.set_lost(site, lost, now, effects))
    }

    /// When each adviser's next booked call-back begins; whoever is not named has none.
    pub fn set_commitments(&self, commitments: &[(UserId, DateTime<Utc>)], now: DateTime<Utc>) {
        let next: HashMap<UserId, DateTime<Utc>> = commitments.iter().copied().collect();
        for adviser in self.network.adviser_ids() {
            let at = next.get(&adviser).copied();
            // Somebody who has just gone to another site is told the next time.
            let _ = self.desk(adviser, DeskCommand::SetCommitment { at }, now);
        }
    }

    /// The needs of the callers that the client records know, by their number in E.164.
    pub fn set_known_needs(&self, needs: HashMap<String, SkillSet>) {
        self.network.set_known_needs(needs);
    }

    /// Tells every desk of these sites something, in a sentence.
    pub fn tell_sites(&self, sites: &[SiteId], text: &str) {
        let sentence: Arc<str> = text.into();
        for adviser in self.connected() {
            if self.network.site_of(adviser).is_ok_and(|site| sites.contains(&site)) {
                self.tell_desk(adviser, DeskEvent::Notice(Notice::Sentence(sentence.clone())));
            }
        }
    }

    fn connected(&self) -> Vec<UserId> {
        self.desks.iter().map(|desk| *desk.key()).collect()
    }

    /// Tells every connected desk that the list of due call-backs may have changed.
    pub fn callbacks_due(&self) {
        for adviser in self.connected() {
            self.tell_desk(adviser, DeskEvent::CallbacksDue);
        }
    }

    /// No new calls; waiting ones are let go; desks are told. Conversations go on to their end.
    pub fn stop(&self, now: DateTime<Utc>) {
        self.stopped.store(true, Ordering::SeqCst);
        let _ = self.act(now, |network, effects| {
            network.stop_taking_calls(now, effects);
            Ok(())
        });
        for adviser in self.connected() {
            self.tell_desk(adviser, DeskEvent::Stopping);
        }
        self.desks.clear();
        self.calls.clear();
        self.floors.clear();
    }

    /// The process ends. Conversations go on without it, and are recorded as they stand.
    pub fn close(&self, now: DateTime<Utc>) {
        let _ = self.act(now, |network, effects| {
            network.close(now, effects);
            Ok(())
        });
    }

    /// Runs a verb and delivers what should happen, also what happened before it failed or panicked.
    fn act<R>(&self, now: DateTime<Utc>, verb: impl FnOnce(&Network, &mut Vec<Effect>) -> Result<R>) -> Result<R> {
        let (mut effects, mut held) = (Vec::new(), HeldBack::default());
        if let Some(by) = self.clock.as_ref().and_then(ClockWatch::was_set) {
            tracing::warn!(
                seconds = by.num_seconds(),
                "the clock was set: offers and waits go on as if it had not been"
            );
            held.run(|| self.network.clock_was_set(by, now, &mut effects));
        }
        let outcome = held.run(|| verb(&self.network, &mut effects));
        for effect in effects {
            held.run(|| self.deliver(effect, now));
        }
        held.finish(outcome)
    }

    fn deliver(&self, effect: Effect, now: DateTime<Utc>) {
        match effect {
            Effect::Instruct { call, instruction } => self.instruct(call, instruction, now),
            Effect::Offer { offer, adviser, call, expires_at } => {
                tracing::info!(%call, %adviser, "a call is offered");
                self.counts.offered();
                self.tell_desk(adviser, DeskEvent::Offer { offer, call, expires_at });
            }
            Effect::OfferEnded { offer, adviser, how } => {
                self.counts.offer_ended(how);
                self.tell_desk(adviser, DeskEvent::OfferEnded { offer, how });
            }
            Effect::Notice { adviser, notice } => self.tell_desk(adviser, DeskEvent::Notice(notice)),
            Effect::DeskChanged { adviser } => self.tell_desk(adviser, DeskEvent::Changed),
            Effect::FloorChanged { site } => {
                if let Some(floor) = self.floors.get(&site) {
                    floor.send_replace(());
                }
            }
            Effect::CallFinished(record) => {
                self.calls.remove(&record.card.call);
                let CallRecord { how, wait_ms, talk_ms, .. } = *record;
                tracing::info!(call = %record.card.call, site = %record.card.host, how = how.name(), wait_ms, talk_ms, "a call ended");
                self.counts.ended(&record);
                self.keep(JournalEntry::Call(record));
            }
            Effect::UnderWay(entry) => self.keep_if_there_is_room(entry),
            Effect::OutcomeLate { call, outcome } => self.keep(JournalEntry::Outcome { call, outcome }),
            Effect::Staffing(staffing) => self.keep(JournalEntry::Staffing(staffing)),
        }
    }

    fn instruct(&self, call: CallId, instruction: Instruction, now: DateTime<Utc>) {
        let (waits, over) = match &instruction {
            Instruction::Queued { .. } => (true, false),
            Instruction::Connect { .. } | Instruction::ConnectOutside { .. } | Instruction::Announce(_) => {
                (false, false)
            }
            Instruction::Release(_) => (false, true),
        };
        let heard = self.tell_switch(call, instruction);
        if over {
            self.calls.remove(&call);
        }
        if waits && !heard {
            self.nobody_listens(call, now);
        }
    }

    /// Says whether somebody listens for this call.
    fn tell_switch(&self, call: CallId, instruction: Instruction) -> bool {
        let Some(sender) = self.calls.get(&call).map(|sender| sender.clone()) else { return false };
        let heard = sender.try_send(instruction).is_ok();
        if !heard {
            // Nobody reads: a switch that asks again is told how the call stands.
            self.calls.remove(&call);
        }
        heard
    }

    /// The call waits again and its switch cannot be told, so nobody could be put through: it keeps its place until the
    /// switch asks.
    fn nobody_listens(&self, call: CallId, now: DateTime<Utc>) {
        let until = now.checked_add_signed(ASKS_AGAIN_WITHIN).unwrap_or(now);
        let _ = self.act(now, |network, effects| network.report_call(call, Report::Away { until }, now, effects));
    }

    fn tell_desk(&self, adviser: UserId, event: DeskEvent) {
        let Some(sender) = self.desks.get(&adviser).map(|sender| sender.clone()) else { return };
        if let Err(mpsc::error::TrySendError::Full(_)) = sender.try_send(event) {
            tracing::warn!(%adviser, "a desk does not read its stream and has been dropped from it");
            self.desks.remove_if(&adviser, |_, current| current.same_channel(&sender));
        }
    }

    /// Less than a record: while the database is away the records' room is not used up for it.
    fn keep_if_there_is_room(&self, entry: JournalEntry) {
        if self.records.capacity() > self.records.max_capacity() / 2 {
            self.keep(entry);
        }
    }

    fn keep(&self, entry: JournalEntry) {
        if let Err(lost) = self.records.try_send(entry) {
            self.last_resort.write("a call record for which the queue had no room", &lost);
        }
    }
}
