//! `FloorService`.

use super::call::{Answers, Call};
use super::doors::FloorDoor;
use super::{clients, convert, desk, figures, pb};
use futures_util::StreamExt;
use startline_foundation::error::{Error, Result};
use startline_foundation::formats::plain_text;
use startline_foundation::ids::UserId;
use startline_foundation::store::Db;
use startline_rooms::access::{self, Context, Role};
use startline_routing::{DeskCommand, FloorSnapshot, Priority, SkillNames, WaitingCall};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;

const REASON_CHARS: usize = 200;

impl FloorDoor {
    pub async fn watch_floor(&self, call: Call<pb::WatchFloorRequest>) -> Result<Answers<pb::WatchFloorResponse>> {
        let site = clients::known_site(self.0.definitions.current(), &call.asked.site_id)?;
        let mut changes = self.0.switchboard.watch_floor(&site)?;
        let first = self.0.switchboard.network().snapshot(&site, self.0.clock.now())?;
        let mut stopping = self.0.subscriptions.subscribe([]);
        let (sender, receiver) = mpsc::channel(1);
        let service = self.0.clone();
        tokio::spawn(async move {
            let mut snapshot = first;
            // One message at most is under way: a slow watcher misses what lies between, and gets the newest.
            while sender.send(message(&snapshot, service.switchboard.network().skills())).await.is_ok() {
                let goes_on = tokio::select! {
                    changed = changes.changed() => changed.is_ok(),
                    goes_on = stopping.changed() => goes_on,
                    () = sender.closed() => return,
                };
                let newest = service.switchboard.network().snapshot(&site, service.clock.now());
                let (true, Ok(newest)) = (goes_on, newest) else { break };
                snapshot = newest;
            }
            let stopping = Some(pb::Stopping {});
            let _ = sender.send(pb::WatchFloorResponse { stopping, ..Default::default() }).await;
        });
        Ok(Box::pin(ReceiverStream::new(receiver).map(Ok)))
    }

    pub async fn free_desk(
        &self,
        db: &mut Db<'_>,
        context: &Context,
        asked: pb::FreeDeskRequest,
    ) -> Result<pb::FreeDeskResponse> {
        let adviser = UserId::parse("adviser_id", &asked.adviser_id)?;
        let reason = plain_text(&asked.reason, REASON_CHARS).map_err(|reason| Error::invalid("reason", reason))?;
        if reason.is_empty() {
            return Err(Error::invalid("reason", "is needed: it stands in the record of the call"));
        }
        let network = self.0.switchboard.network();
        let site = network.site_of(adviser)?;
        if !context.user.is(Role::Admin) && context.user.site.as_ref() != Some(&site) {
            return Err(Error::Denied("this adviser is at another site".into()));
        }
        access::audit(db, context, "desk_freed", "user", &adviser).await?;
        let by = context.user.name.as_str().into();
        let command = DeskCommand::Free { by, reason: reason.into(), sign_out: asked.sign_out };
        self.0.switchboard.desk(adviser, command, context.now)?;
        Ok(pb::FreeDeskResponse { desk: Some(desk::message(&network.desk_view(adviser)?, network.skills())) })
    }

    pub async fn get_service_level(
        &self,
        db: &mut Db<'_>,
        _: &Context,
        asked: pb::GetServiceLevelRequest,
    ) -> Result<pb::GetServiceLevelResponse> {
        figures::service_level(db, self.0.definitions.current(), &asked).await
    }
}

fn message(snapshot: &FloorSnapshot, skills: &SkillNames) -> pb::WatchFloorResponse {
    let figures = snapshot.figures;
    pb::WatchFloorResponse {
        site_id: snapshot.site.to_string(),
        snapshot_time: Some(convert::timestamp(snapshot.at)),
        advisers: snapshot.advisers.iter().map(|view| desk::message(view, skills)).collect(),
        waiting_calls: snapshot.waiting.iter().map(|call| waiting(call, skills)).collect(),
        entered: figures.entered,
        answered: figures.answered,
        abandoned: figures.abandoned,
        diverted: figures.diverted,
        overflowed: figures.overflowed,
        idle_advisers: number(snapshot.load.free),
        lost_reason: snapshot.lost.as_deref().unwrap_or_default().to_owned(),
        advisers_kept_for_callbacks: number(snapshot.load.kept),
        reserve: number(snapshot.reserve),
        estimated_wait: snapshot.estimated_wait.map(convert::duration),
        half_hour: Some(figures::message(&snapshot.half_hour)),
        stopping: None,
        heartbeat: None,
    }
}

pub fn waiting(call: &WaitingCall, skills: &SkillNames) -> pb::WaitingCall {
    pb::WaitingCall {
        call_id: call.card.call.to_string(),
        caller_number: call.card.caller.clone().unwrap_or_default(),
        entered_time: Some(convert::timestamp(call.card.entered_at)),
        urgent: call.card.priority == Priority::Urgent,
        seeking: call.seeking,
        away: call.away,
        estimated_wait: call.estimated_wait.map(convert::duration),
        needs: skills.words(call.card.needs),
        position: number(call.position),
    }
}

pub fn number(of: usize) -> u32 {
    u32::try_from(of).unwrap_or(u32::MAX)
}
