//! Says what happens: each step a sentence, with who did it, through which RPC and how long it took.

use super::cast::Person;
use chrono::{DateTime, Utc};
use chrono_tz::Europe::London;
use std::future::Future;
use std::time::Instant;
use tonic::{Response, Status};

#[derive(Default)]
pub struct Guide {
    step: u32,
}

impl Guide {
    pub fn chapter(&self, title: &str, at: DateTime<Utc>) {
        println!("\n{title} ({})", at.with_timezone(&London).format("%A %-d %B %Y, %H:%M"));
    }

    /// Awaits one call and tells of it; `tell` makes the rest of the sentence from the answer.
    pub async fn step<R>(
        &mut self,
        who: &Person,
        rpc: &str,
        call: impl Future<Output = Result<Response<R>, Status>>,
        tell: impl FnOnce(&R) -> String,
    ) -> Result<R, String> {
        let begun = Instant::now();
        let answer =
            call.await.map_err(|status| format!("{} {rpc}: {}: {}", who.title, status.code(), status.message()))?;
        let took_ms = begun.elapsed().as_secs_f64() * 1000.0;
        let answer = answer.into_inner();
        self.say(&who.title, &tell(&answer), &format!("{rpc}, {took_ms:.1} ms"));
        Ok(answer)
    }

    /// A step that is not one call.
    pub fn say(&mut self, who: &str, what: &str, how: &str) {
        self.step += 1;
        println!("{:>3}. {who} {what}\n     [{how}]", self.step);
    }
}

/// Local time of day, for a sentence.
pub fn clock_time(at: Option<prost_types::Timestamp>) -> String {
    local(at).map(|at| at.format("%A %-d %B at %H:%M").to_string()).unwrap_or_default()
}

pub fn local(at: Option<prost_types::Timestamp>) -> Option<DateTime<chrono_tz::Tz>> {
    Some(instant(at)?.with_timezone(&London))
}

pub fn instant(at: Option<prost_types::Timestamp>) -> Option<DateTime<Utc>> {
    let at = at?;
    DateTime::from_timestamp(at.seconds, u32::try_from(at.nanos).ok()?)
}
