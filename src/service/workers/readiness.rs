//! Looks whether what is asked for can be done, so that health tells the truth.

use super::Worker;
use crate::Service;
use startline_foundation::error::{Error, Result};
use std::sync::Arc;
use std::time::Duration;

/// What the service can do now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Readiness {
    /// Reads and writes of the database are expected to go well.
    pub database: bool,
    /// Callers and desks meet in this process.
    pub floor: bool,
}

/// Looks every few seconds.
pub struct Looks;

impl Worker for Looks {
    const NAME: &'static str = "readiness";
    const PAUSE: Duration = Duration::from_secs(2);

    async fn round(&mut self, service: &Arc<Service>) -> Result<()> {
        let looked = service.store.look().await;
        let now = Readiness { database: looked.is_ok(), floor: service.switchboard.has_floor() };
        service.readiness.send_if_modified(|before| {
            let changed = *before != now;
            *before = now;
            changed
        });
        looked.map_err(Error::Unavailable)
    }
}

/// Looks once at every page of an embedded database: a damaged one is noticed here, and not by the adviser who needs the
/// page.
#[derive(Default)]
pub struct EveryPage {
    done: bool,
}

impl Worker for EveryPage {
    const NAME: &'static str = "every page";
    const PAUSE: Duration = Duration::from_secs(60);

    async fn round(&mut self, service: &Arc<Service>) -> Result<()> {
        if !self.done {
            let looked = service.store.look_at_every_page().await;
            self.done = true;
            if let Err(damage) = looked {
                tracing::error!(damage, "restore a backup; what is in the file may still be saved, so keep it");
                return Err(Error::Unavailable(damage));
            }
        }
        Ok(())
    }
}
