//! Gives back call-backs whose adviser's desk is gone. A desk that lost its connection, and did not come back within its
//! grace, has so long to come back before its call-back is due again for others; the try does not count. Whoever makes
//! call-backs without a desk, or has not come back since the service was restarted, is given longer than any call takes.

use super::Worker;
use crate::{Service, Work};
use chrono::TimeDelta;
use startline_foundation::error::Result;
use startline_foundation::ids::{CallbackId, UserId};
use startline_rooms::callbacks;
use startline_routing::{Desk, Status};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

/// The longest start-up call with an interpreter, and as long again.
const LONGEST_CALL: TimeDelta = TimeDelta::hours(4);

#[derive(Default)]
pub struct LostDesks {
    /// When each call-back's desk was first seen to be gone, in running time. In memory: after a restart nobody is gone yet.
    gone: HashMap<CallbackId, Duration>,
}

impl Worker for LostDesks {
    const NAME: &'static str = "lost desks";
    const PAUSE: Duration = Duration::from_secs(5);

    async fn round(&mut self, service: &Arc<Service>) -> Result<()> {
        let now = service.clock.now();
        let under_way = callbacks::under_way(&mut service.read().await?.db()).await?;
        self.gone.retain(|id, _| under_way.iter().any(|(still, ..)| still == id));
        let settings = &service.definitions.current().service.settings;
        let patience = Duration::from_secs(settings.callback_given_back_after_s.into());
        let running = service.clock.running();
        for (id, adviser, since) in under_way {
            let over = if desk_is_gone(service, adviser) {
                running.saturating_sub(*self.gone.entry(id).or_insert(running)) >= patience
            } else {
                self.gone.remove(&id);
                now - since >= LONGEST_CALL
            };
            if over {
                self.gone.remove(&id);
                give_back(service, id, adviser).await?;
            }
        }
        Ok(())
    }
}

fn desk_is_gone(service: &Service, adviser: UserId) -> bool {
    let view = service.switchboard.network().desk_view(adviser);
    view.is_ok_and(|view| view.status != Status::SignedOut && view.desk == Desk::Away)
}

async fn give_back(service: &Service, id: CallbackId, adviser: UserId) -> Result<()> {
    let give = |mut work: Work| async move {
        let (mut db, context) = work.parts();
        let given = callbacks::give_back(&mut db, context, id, adviser).await?.is_some();
        work.done(given)
    };
    if service.runner.transact(give).await? {
        tracing::info!(callback = %id, %adviser, "the desk is gone: its call-back is given back");
    }
    Ok(())
}
