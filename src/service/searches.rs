//! How often somebody looks for clients: whoever looks about, rather than for the caller on the line, is stopped.

use chrono::{DateTime, TimeDelta, Utc};
use dashmap::DashMap;
use startline_foundation::clock::age;
use startline_foundation::error::{Error, Limit, Result};
use startline_foundation::ids::UserId;

/// Searches within a minute: more than anybody types, and fewer than a program that looks about.
const MOST: u32 = 40;
const WITHIN: TimeDelta = TimeDelta::minutes(1);

/// Since when the newest searches of each user are counted, and how many there were. Users bound it.
#[derive(Debug, Default)]
pub struct Searches(DashMap<UserId, (DateTime<Utc>, u32)>);

impl Searches {
    /// # Errors
    /// `Exhausted`, with how long to wait.
    pub fn one_more(&self, user: UserId, now: DateTime<Utc>) -> Result<()> {
        let mut entry = self.0.entry(user).or_insert((now, 0));
        let (since, count) = &mut *entry;
        if age(*since, now) >= WITHIN {
            (*since, *count) = (now, 0);
        }
        *count += 1;
        if *count <= MOST {
            return Ok(());
        }
        if *count == MOST + 1 {
            tracing::warn!(user_id = %user, "somebody has searched for clients more often than anybody types");
        }
        let wait = (*since + WITHIN - now).max(TimeDelta::seconds(1)).to_std().unwrap_or(Limit::SOON);
        let message = format!("that is {MOST} searches within a minute: try again in {} s", wait.as_secs());
        Err(Error::exhausted(message, wait))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_looks_about_waits_and_nobody_else_does() {
        let (searches, now) = (Searches::default(), DateTime::from_timestamp(986_040_000, 0).unwrap());
        let (one, other) = (UserId::fresh(now), UserId::fresh(now));
        for _ in 0..MOST {
            searches.one_more(one, now).unwrap();
        }
        assert!(matches!(searches.one_more(one, now), Err(Error::Exhausted(limit)) if limit.message.contains("60 s")));
        searches.one_more(other, now).unwrap();
        searches.one_more(one, now + WITHIN).unwrap();
        // A clock that is set back keeps nobody waiting.
        searches.one_more(one, now - TimeDelta::hours(1)).unwrap();
    }
}
