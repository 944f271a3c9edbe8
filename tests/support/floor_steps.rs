//! Steps of the stories about what the floor leaves behind: missed callers, lost sites, figures.

use super::person::Person;
use super::steps::Answer;
use super::until;
use super::values::{new_id, timestamp};
use super::world::{START, World, at};
use chrono::{DateTime, TimeDelta, Utc};
use startline::clock::Clock;
use startline::definition::{Definition, Definitions};
use startline::grpc::pb;
use startline::ids::{CallId, SiteId, UserId};
use startline::routing::{self, AdviserCard, CallCard, CallRecord, FollowUp, How, JournalEntry, Priority, SkillSet};
use startline::service::workers::AfterCalls;
use startline::store::Store;
use std::sync::Arc;
use tokio::sync::mpsc;

pub fn declaration(site: &str, reason: &str, helpers: &[&str]) -> pb::DeclareContingencyRequest {
    pb::DeclareContingencyRequest {
        request_id: new_id(),
        site_id: site.into(),
        reason: reason.into(),
        helper_site_ids: helpers.iter().map(ToString::to_string).collect(),
    }
}

impl Person {
    pub async fn missed_callers(&self) -> Vec<pb::MissedCaller> {
        let request = pb::ListMissedCallersRequest::default();
        self.callbacks().list_missed_callers(request).await.unwrap().into_inner().missed_callers
    }

    pub async fn close_missed(&self, id: &str, outcome: &str) -> Answer<pb::MissedCaller> {
        let request =
            pb::CloseMissedCallerRequest { request_id: new_id(), missed_caller_id: id.into(), outcome: outcome.into() };
        Ok(self.callbacks().close_missed_caller(request).await?.into_inner().missed_caller.unwrap())
    }

    pub async fn declare_lost(&self, site: &str, reason: &str, helpers: &[&str]) -> Answer<pb::Contingency> {
        let request = declaration(site, reason, helpers);
        Ok(self.floor().declare_contingency(request).await?.into_inner().contingency.unwrap())
    }

    pub async fn end_contingency(&self, site: &str) -> Answer<pb::EndContingencyResponse> {
        let request = pb::EndContingencyRequest { request_id: new_id(), site_id: site.into() };
        Ok(self.floor().end_contingency(request).await?.into_inner())
    }

    pub async fn contingencies(&self) -> Vec<pb::Contingency> {
        let request = pb::ListContingenciesRequest::default();
        self.floor().list_contingencies(request).await.unwrap().into_inner().contingencies
    }

    /// The floor as it is now.
    pub async fn floor_of(&self, site: &str) -> pb::WatchFloorResponse {
        let request = pb::WatchFloorRequest { site_id: site.into() };
        let mut floor = self.floor().watch_floor(request).await.unwrap().into_inner();
        super::steps::heard("the floor", &mut floor, Some).await
    }

    pub async fn record_attempt(&self, callback: &str, outcome: pb::AttemptOutcome) -> Answer<pb::Callback> {
        let request = pb::RecordAttemptRequest {
            request_id: new_id(),
            callback_id: callback.into(),
            outcome: outcome.into(),
            ..Default::default()
        };
        Ok(self.callbacks().record_attempt(request).await?.into_inner().callback.unwrap())
    }

    pub async fn service_level(
        &self,
        site: &str,
        start: DateTime<Utc>,
        end: DateTime<Utc>,
    ) -> Answer<pb::GetServiceLevelResponse> {
        let request = pb::GetServiceLevelRequest {
            site_id: site.into(),
            start_time: Some(timestamp(start)),
            end_time: Some(timestamp(end)),
        };
        Ok(self.floor().get_service_level(request).await?.into_inner())
    }

    /// A caller rings, waits so long and gives up.
    pub async fn gives_up(&self, world: &World, name: &str, caller: &str, after_s: i64) {
        let _call = self.enter_call(name, caller).await;
        world.wait(after_s);
        self.report(name, pb::CallReport::Abandoned).await;
        let recorded = format!("SELECT COUNT(*) FROM call_records WHERE switch_call_id = '{name}'");
        until("the call's record", || async { (world.look_inside().await.number(&recorded).await == 1).then_some(()) })
            .await;
    }
}

/// A call that entered at the start of the story's day, and became of it what the story says.
pub fn record(caller: Option<&str>, how: How) -> CallRecord {
    let entered_at = at(START);
    let call = CallId::fresh(entered_at);
    let card = CallCard {
        call,
        switch_call_id: call.to_string().into(),
        caller: caller.map(str::to_owned),
        dialled: "01632 960101".into(),
        host: "somerset".into(),
        home: Some("somerset".into()),
        place: None,
        ask_postcode: false,
        priority: Priority::Normal,
        needs: SkillSet::NONE,
        entered_at,
        passed: None,
    };
    let wait_ms = 30_000;
    let ended_at = entered_at + TimeDelta::milliseconds(wait_ms);
    CallRecord {
        card: Arc::new(card),
        how,
        handled_by: None,
        answered_at: None,
        ended_at,
        wait_ms: wait_ms.unsigned_abs(),
        talk_ms: 0,
        wrap_up_ms: 0,
        outcome: None,
        estimated_wait_ms: Some(90_000),
        passes: 0,
        gave_up_after_ms: (how == How::Abandoned).then_some(wait_ms.unsigned_abs()),
        unfinished: false,
    }
}

/// As [`record`], answered by this adviser of this site.
pub fn answered(caller: Option<&str>, by: &Person, site: &str) -> CallRecord {
    let before = record(caller, How::Answered);
    let id = UserId::parse("id", &by.id).unwrap();
    let card = AdviserCard::new(id, &by.name, "sip:desk@desk.example", SiteId::new(site));
    CallRecord { handled_by: Some(Arc::new(card)), answered_at: Some(before.ended_at), ..before }
}

/// The card changed before the call entered.
pub fn with_card(record: CallRecord, change: impl FnOnce(&mut CallCard)) -> CallRecord {
    let mut card = (*record.card).clone();
    change(&mut card);
    CallRecord { card: Arc::new(card), ..record }
}

/// The recorder beside the service, on its data: writes all of it, as it would after the floor has said so.
pub async fn keep(store: &Store, definition: Arc<Definition>, now: DateTime<Utc>, finished: Vec<JournalEntry>) {
    let (clock, _) = Clock::manual(now);
    let definitions = Definitions::put_in_force(store, definition, now).await.unwrap();
    let after_calls = AfterCalls { definitions: Arc::new(definitions), clock: clock.clone() };
    keep_with(store, clock, after_calls, finished).await;
}

pub async fn keep_with(store: &Store, clock: Clock, follow_up: impl FollowUp, finished: Vec<JournalEntry>) {
    let (sender, receiver) = mpsc::channel(finished.len().max(1));
    for one in finished {
        sender.try_send(one).unwrap();
    }
    drop(sender);
    super::soon("the records", routing::record_calls(store.clone(), clock, receiver, follow_up, || false)).await;
}
