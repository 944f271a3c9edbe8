//! `FloorService`.

use super::{Shared, clients, contingencies, convert, desk, figures, pb};
use crate::error::Result;
use crate::routing::{FloorSnapshot, Priority, SkillNames};
use futures_util::Stream;
use std::pin::Pin;
use std::sync::Arc;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Request, Response, Status};

pub struct FloorDoor(pub Arc<Shared>);

#[tonic::async_trait]
impl pb::floor_service_server::FloorService for FloorDoor {
    type WatchFloorStream = Pin<Box<dyn Stream<Item = Result<pb::WatchFloorResponse, Status>> + Send>>;

    async fn watch_floor(
        &self,
        request: Request<pb::WatchFloorRequest>,
    ) -> Result<Response<Self::WatchFloorStream>, Status> {
        let site = clients::known_site(self.0.definitions.current(), &request.get_ref().site_id)?;
        let (first, mut changes) = self.0.switchboard.watch_floor(&site, self.0.clock.now())?;
        let (sender, receiver) = mpsc::channel(1);
        let shared = self.0.clone();
        tokio::spawn(async move {
            let mut snapshot = first;
            // One message at most is under way: a slow watcher misses what lies between, and gets the newest.
            while sender.send(Ok(message(&snapshot, shared.switchboard.network().skills()))).await.is_ok() {
                tokio::select! {
                    changed = changes.changed() => if changed.is_err() { break },
                    () = sender.closed() => break,
                }
                match shared.switchboard.network().snapshot(&site, shared.clock.now()) {
                    Ok(newest) => snapshot = newest,
                    Err(_) => break,
                }
            }
        });
        Ok(Response::new(Box::pin(ReceiverStream::new(receiver))))
    }

    async fn get_service_level(
        &self,
        request: Request<pb::GetServiceLevelRequest>,
    ) -> Result<Response<pb::GetServiceLevelResponse>, Status> {
        Ok(Response::new(figures::service_level(&self.0, request.get_ref()).await?))
    }

    async fn declare_contingency(
        &self,
        request: Request<pb::DeclareContingencyRequest>,
    ) -> Result<Response<pb::DeclareContingencyResponse>, Status> {
        contingencies::declare(&self.0, request).await
    }

    async fn end_contingency(
        &self,
        request: Request<pb::EndContingencyRequest>,
    ) -> Result<Response<pb::EndContingencyResponse>, Status> {
        contingencies::end(&self.0, request).await
    }

    async fn list_contingencies(
        &self,
        request: Request<pb::ListContingenciesRequest>,
    ) -> Result<Response<pb::ListContingenciesResponse>, Status> {
        contingencies::list(&self.0, request.get_ref()).await
    }
}

fn message(snapshot: &FloorSnapshot, skills: &SkillNames) -> pb::WatchFloorResponse {
    let figures = snapshot.figures;
    pb::WatchFloorResponse {
        site_id: snapshot.site.to_string(),
        snapshot_time: Some(convert::timestamp(snapshot.at)),
        advisers: snapshot.advisers.iter().map(|view| desk::message(view, skills)).collect(),
        waiting_calls: snapshot
            .waiting
            .iter()
            .map(|call| pb::WaitingCall {
                call_id: call.card.call.to_string(),
                caller_number: call.card.caller.clone().unwrap_or_default(),
                entered_time: Some(convert::timestamp(call.card.entered_at)),
                urgent: call.card.priority == Priority::Urgent,
                seeking: call.seeking,
                estimated_wait: call.estimated_wait.map(convert::duration),
                needs: skills.words(call.card.needs),
            })
            .collect(),
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
    }
}

fn number(of: usize) -> u32 {
    u32::try_from(of).unwrap_or(u32::MAX)
}
