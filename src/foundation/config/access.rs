//! `[access]`: how people show who they are.

use chrono::TimeDelta;
use serde::Deserialize;

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AccessConfig {
    /// After so many days a new token is refused, where nobody named another end.
    pub token_days: u16,
    /// After so many minutes in which nothing is asked for, somebody is signed out of a browser; never during a call.
    pub session_idle_minutes: u16,
    /// After so many hours at the latest; never during a call.
    pub session_hours: u16,
}

impl Default for AccessConfig {
    fn default() -> Self {
        Self { token_days: 90, session_idle_minutes: 30, session_hours: 12 }
    }
}

impl AccessConfig {
    pub fn session_idle(&self) -> TimeDelta {
        TimeDelta::minutes(self.session_idle_minutes.into())
    }

    pub fn session_lasts(&self) -> TimeDelta {
        TimeDelta::hours(self.session_hours.into())
    }

    pub fn token_lasts(&self) -> TimeDelta {
        TimeDelta::days(self.token_days.into())
    }

    /// # Errors
    /// A sentence that names the setting.
    pub fn check(&self) -> Result<(), String> {
        for (name, value, most) in [
            ("token_days", self.token_days, 3660),
            ("session_idle_minutes", self.session_idle_minutes, 1440),
            ("session_hours", self.session_hours, 24),
        ] {
            if !(1..=most).contains(&value) {
                return Err(format!("access.{name} must be from 1 to {most}"));
            }
        }
        Ok(())
    }
}
