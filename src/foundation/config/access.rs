//! `[access]`: how people show who they are.

use chrono::TimeDelta;
use serde::Deserialize;

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AccessConfig {
    /// After so many days a new token is refused, where nobody named another end.
    pub token_days: u16,
}

impl Default for AccessConfig {
    fn default() -> Self {
        Self { token_days: 90 }
    }
}

impl AccessConfig {
    pub fn token_lasts(&self) -> TimeDelta {
        TimeDelta::days(self.token_days.into())
    }

    /// # Errors
    /// A sentence that names the setting.
    pub fn check(&self) -> Result<(), String> {
        match self.token_days {
            1..=3660 => Ok(()),
            _ => Err("access.token_days must be from 1 to 3660".into()),
        }
    }
}
