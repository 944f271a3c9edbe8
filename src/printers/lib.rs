//! Real printers: a worker for each, that prints what is in its site's queue and says what became of it.
//!
//! A worker speaks IPP with a queue of CUPS or with a printer itself, or lays jobs into a folder for a print system of
//! another make. It asks the printer as well as the job how it goes: a printer that is out of paper says so of itself, while
//! the job just goes on.
//!
//! Nothing is durable here. The queue (a port, see [`Queue`]) has the intent before the printer hears of a job, and the
//! printer's number for it before its document follows. After a crash the worker finds its own job by its name, which no
//! other job ever had, and by its UUID; numbers are used again. What a printer does not remember goes to a person: it is never
//! printed a second time on a guess.
//!
//! `decision`, `count`, `choose` and `rest` are pure; `worker` is the loop; `ipp` and `folder` are the two kinds of [`Device`].
//! A printer belongs to one process at a time: whoever holds the leases of its jobs.

mod choose;
mod count;
mod decision;
mod device;
mod folder;
mod ipp;
mod job;
mod rest;
mod worker;

#[cfg(test)]
mod fakes;
#[cfg(test)]
mod folder_tests;
#[cfg(test)]
mod worker_tests;

pub use device::Device;
pub use folder::Folder;
pub use ipp::IppPrinter;
pub use job::{Accepted, Begun, Condition, ConditionState, Queue, Task};
pub use worker::Worker;

use startline_foundation::clock::Clock;
use startline_foundation::config::PrinterConfig;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// The printer of a configuration, not yet asked for anything.
pub enum Printer {
    Ipp(Box<IppPrinter>),
    Folder(Folder),
}

impl Printer {
    /// Reads its password, or makes its folders.
    ///
    /// # Errors
    /// A sentence that names the setting.
    pub fn open(config: &PrinterConfig) -> Result<Self, String> {
        match &config.folder {
            Some(folder) => Folder::open(folder, &config.site, config).map(Self::Folder),
            None => IppPrinter::open(config).map(|printer| Self::Ipp(Box::new(printer))),
        }
    }

    /// Prints until the service stops. A step under way is finished: it is not cut off in the middle.
    pub async fn work<Q: Queue>(self, queue: Q, config: PrinterConfig, clock: Clock, stopping: CancellationToken) {
        match self {
            Self::Ipp(printer) => work(*printer, queue, config, clock, stopping).await,
            Self::Folder(folder) => work(folder, queue, config, clock, stopping).await,
        }
    }
}

async fn work<Q: Queue, D: Device>(
    device: D,
    queue: Q,
    config: PrinterConfig,
    clock: Clock,
    stopping: CancellationToken,
) {
    let every = Duration::from_millis(config.poll_ms);
    let mut worker = Worker::new(Arc::new(queue), Arc::new(device), config, clock.clone());
    while !stopping.is_cancelled() {
        worker.step().await;
        tokio::select! {
            () = clock.next_tick(every) => {}
            () = stopping.cancelled() => {}
        }
    }
    worker.stop().await;
}
