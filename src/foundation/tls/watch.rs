//! Replacing certificates while the service runs, and saying in time that one ends.

use super::Tls;
use crate::clock::{Clock, age};
use crate::config::TlsConfig;
use crate::metrics::encoding::DescriptorEncoder;
use crate::metrics::{self, Collector, Readings, Registry};
use chrono::{DateTime, TimeDelta, Utc};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;

/// How often the files are looked at. They are a few kilobytes; whoever cannot wait sends SIGHUP.
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// Who gets certificates by hand needs days for it.
const ENDS_SOON: TimeDelta = TimeDelta::days(14);
const TOLD_EVERY: TimeDelta = TimeDelta::days(1);

/// The certificates of every door that has one.
pub struct Certificates {
    clock: Clock,
    doors: Vec<Tls>,
    reload: Reload,
}

/// Asks for the files to be looked at now.
#[derive(Clone, Default)]
pub struct Reload {
    asked: Arc<Notify>,
    doors: usize,
}

impl Reload {
    /// Whether there is anything to look at.
    pub fn now(&self) -> bool {
        self.asked.notify_one();
        self.doors > 0
    }
}

impl Certificates {
    pub fn new(clock: &Clock) -> Self {
        Self { clock: clock.clone(), doors: Vec::new(), reload: Reload::default() }
    }

    /// A door's, if it has settings for one.
    ///
    /// # Errors
    /// A sentence that names the setting and the file.
    pub fn open(
        &mut self,
        door: &'static str,
        settings: Option<&TlsConfig>,
        protocols: &'static [&'static str],
    ) -> Result<Option<Tls>, String> {
        let Some(settings) = settings else { return Ok(None) };
        let tls = Tls::open(door, settings, protocols, &self.clock)?;
        self.doors.push(tls.clone());
        self.reload.doors = self.doors.len();
        Ok(Some(tls))
    }

    pub fn reload(&self) -> Reload {
        self.reload.clone()
    }

    /// Shows when each certificate ends.
    pub fn register(&self, registry: &mut Registry) {
        registry.register_collector(Box::new(Shown(self.doors.clone())));
    }

    /// Looks at the files for as long as it is polled.
    pub async fn watch(self) {
        let Self { clock, doors, reload } = self;
        if doors.is_empty() {
            return;
        }
        loop {
            let now = clock.now();
            for door in &doors {
                warn_of_end(door, now);
            }
            tokio::select! {
                () = clock.next_tick(LOOK_EVERY) => {}
                () = reload.asked.notified() => {}
            }
            let (now, looked_at) = (clock.now(), doors.clone());
            // A folder on another machine may be slow.
            let look = move || looked_at.iter().for_each(|door| door.look(now));
            if tokio::task::spawn_blocking(look).await.is_err() {
                tracing::error!("the certificates could not be looked at");
            }
        }
    }
}

fn warn_of_end(door: &Tls, now: DateTime<Utc>) {
    let mut in_force = door.in_force();
    let ends = in_force.ends;
    if ends - now > ENDS_SOON || in_force.told_of_end.is_some_and(|told| age(told, now) < TOLD_EVERY) {
        return;
    }
    in_force.told_of_end = Some(now);
    drop(in_force);
    match (ends - now).num_days() {
        _ if ends <= now => tracing::warn!(door = door.door(), %ends, "the certificate has ended"),
        days => tracing::warn!(door = door.door(), %ends, days, "the certificate ends soon"),
    }
}

struct Shown(Vec<Tls>);

impl fmt::Debug for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Shown")
    }
}

impl Collector for Shown {
    fn encode(&self, encoder: DescriptorEncoder<'_>) -> fmt::Result {
        #[expect(clippy::cast_precision_loss, reason = "seconds since 1970")]
        let ends = self.0.iter().map(|door| (vec![door.door().to_owned()], door.ends().timestamp() as f64));
        Readings::into(encoder).gauge(&metrics::CERTIFICATE_ENDS, ends)
    }
}
