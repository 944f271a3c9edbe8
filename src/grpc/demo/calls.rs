//! The demo's telephone: rosters, call-backs booked and made, callers who give up, and a record that is asked for.

use super::Demo;
use super::clients::{Ends, Known, stranger};
use super::steps::{Said, instant};
use crate::pb;
use crate::person::{Person, new_request};
use chrono::{DateTime, TimeDelta, Utc};
use startline_rooms::access::Role;
use std::collections::BTreeMap;
use std::time::Duration;

/// A promised call-back and whom it is for.
pub struct Promise {
    pub known: Known,
    pub callback_id: String,
    pub due: DateTime<Utc>,
}

/// A caller who waits for so long and gives up is rung back.
const GIVES_UP_AFTER: TimeDelta = TimeDelta::seconds(40);
/// Between two looks at what the service does by itself, and how often that is looked at: for minutes, on any machine.
const LOOKED_AT_EVERY: Duration = Duration::from_millis(20);
const LOOKS: usize = 30_000;

/// Monday to Friday.
fn weekdays() -> impl Iterator<Item = i32> {
    1..=5
}

fn roster(spans: &[(&str, &str, pb::RosterActivity)]) -> Vec<pb::RosterShift> {
    let shift = |weekday, (start, end, activity): &(&str, &str, pb::RosterActivity)| pb::RosterShift {
        weekday,
        start: (*start).into(),
        end: (*end).into(),
        activity: (*activity).into(),
        ..Default::default()
    };
    weekdays().flat_map(|weekday| spans.iter().map(move |span| shift(weekday, span))).collect()
}

impl Demo {
    /// Who works when, from the first day on.
    pub(super) async fn set_the_stage(&mut self) -> Said<()> {
        use pb::RosterActivity::{Inbound, Outbound};
        let from = self.days.date(-7).to_string();
        for site in Self::sites() {
            let supervisor = self.who(site, Role::Supervisor)?;
            let all_day: &[_] = &[("08:30", "18:00", Outbound)];
            let half: &[_] = &[("08:30", "12:30", Outbound), ("13:00", "18:00", Inbound)];
            for (adviser, spans) in self.all(site, Role::Adviser).iter().zip([all_day, all_day, half]) {
                let request = pb::SetRosterRequest {
                    request_id: new_request(),
                    adviser_id: adviser.id.clone(),
                    valid_from: from.clone(),
                    shifts: roster(spans),
                    ..Default::default()
                };
                supervisor.asks("SetRoster", supervisor.callbacks().set_roster(request)).await?;
            }
            self.set_hours(site, &from).await?;
        }
        Ok(())
    }

    /// Books the first free time from then on.
    pub(super) async fn book(&self, known: &Known, from: DateTime<Utc>) -> Said<Promise> {
        let adviser = self.who(known.site, Role::Adviser)?;
        let free = adviser.free_callbacks(&known.client_id, from).await?;
        let due = free.into_iter().find(|start| *start >= from);
        let due = due.ok_or_else(|| format!("no call-back is free at {} from {from} on", known.site))?;
        let callback = adviser.books_callback(&known.client_id, due).await?;
        Ok(Promise { known: known.clone(), callback_id: callback.callback_id, due })
    }

    /// Makes call-backs as they fall due, and again those that reach nobody.
    pub(super) async fn make_callbacks(&mut self, promises: Vec<Promise>) -> Said<()> {
        let mut due: BTreeMap<(DateTime<Utc>, usize), Promise> =
            promises.into_iter().enumerate().map(|(nth, promise)| ((promise.due, nth), promise)).collect();
        while let Some(((at, nth), promise)) = due.pop_first() {
            self.clock.move_to(at);
            if let Some(again) = self.make(&promise).await? {
                due.insert((again, nth), promise);
            }
        }
        Ok(())
    }

    /// One call; when it is to be tried again, if it is.
    async fn make(&mut self, promise: &Promise) -> Said<Option<DateTime<Utc>>> {
        use pb::AttemptOutcome::{NoReply, Reached, WrongNumber};
        let (adviser, id) = (self.who(promise.known.site, Role::Adviser)?, &promise.callback_id);
        adviser.starts_attempt(id).await?;
        let until = self.days.at(1, 10, 0);
        match promise.known.ends {
            Ends::NoReply => {
                let tried = adviser.records_attempt(id, NoReply).await?;
                let is_over = tried.state() == pb::CallbackState::NoReply;
                return Ok(instant(tried.due_time).filter(|_| !is_over));
            }
            Ends::NumberCheck => drop(adviser.records_attempt(id, WrongNumber).await?),
            Ends::CallbackParked => adviser.parks_callback(id, until, "Somebody is at the client's door").await?,
            Ends::HalfFilled => {
                self.half_filled(&adviser, &promise.known).await?;
                adviser.parks_callback(id, until, "The client looks for the rent book").await?;
            }
            _ => {
                self.start_up(&adviser, &promise.known).await?;
                adviser.records_attempt(id, Reached).await?;
            }
        }
        Ok(None)
    }

    /// At each site one caller waits in vain.
    pub(super) async fn callers_who_give_up(&mut self) -> Said<()> {
        let (_, switch) = self.people.iter().find(|(part, _)| part.role == Role::Switch).ok_or("there is no switch")?;
        for site in Self::sites() {
            let enter = pb::EnterCallRequest {
                switch_call_id: format!("demo-{site}"),
                caller_number: stranger(site),
                ..Default::default()
            };
            let call = switch.asks("EnterCall", switch.routing().enter_call(enter)).await?;
            self.clock.move_to(self.clock.now() + GIVES_UP_AFTER);
            let report = pb::ReportCallRequest {
                switch_call_id: format!("demo-{site}"),
                report: pb::CallReport::Abandoned.into(),
                ..Default::default()
            };
            switch.asks("ReportCall", switch.routing().report_call(report)).await?;
            drop(call);
            let adviser = self.who(site, Role::Adviser)?;
            until("the caller who gave up", async || {
                let request = pb::ListMissedCallersRequest::default();
                let listed =
                    adviser.asks("ListMissedCallers", adviser.callbacks().list_missed_callers(request)).await?;
                Ok(!listed.missed_callers.is_empty())
            })
            .await?;
        }
        Ok(())
    }

    /// At each site somebody asks for a record of another's.
    pub(super) async fn asked_for(&mut self) -> Said<()> {
        let of = |site: &&str| self.known.iter().find(|known| known.site == *site).cloned();
        let clients: Vec<Known> = Self::sites().filter_map(|site| of(&site)).collect();
        for (site, other) in Self::sites().zip(clients.iter().cycle().skip(1)) {
            let adviser = self.who(site, Role::Adviser)?;
            asks_for(&adviser, other).await?;
        }
        Ok(())
    }
}

async fn asks_for(adviser: &Person, other: &Known) -> Said<()> {
    let request = pb::AskForRecordRequest {
        request_id: new_request(),
        client_id: other.client_id.clone(),
        reason: pb::RequestReason::ClientInTouch.into(),
        note: "The client is staying with a friend here and came to our desk.".into(),
    };
    adviser.asks("AskForRecord", adviser.privacy().ask_for_record(request)).await?;
    let request = pb::GetClientRequest { client_id: other.client_id.clone() };
    adviser.asks("GetClient", adviser.clients().get_client(request)).await.map(drop)
}

/// Looks again and again until the service has done what it does by itself.
pub async fn until(what: &str, done: impl AsyncFn() -> Said<bool>) -> Said<()> {
    for _ in 0..LOOKS {
        if done().await? {
            return Ok(());
        }
        tokio::time::sleep(LOOKED_AT_EVERY).await;
    }
    Err(format!("waited in vain for {what}"))
}
