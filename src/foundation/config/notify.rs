//! `[notify]`: the GOV.UK Notify service (or one that speaks its API) that sends reminders. Without this section nothing
//! is sent.

use serde::Deserialize;
use std::path::PathBuf;

/// Where the API key is read from when `api_key_file` names no file.
pub const API_KEY_VARIABLE: &str = "STARTLINE_NOTIFY_API_KEY";
/// The same for the token of the receipts.
pub const RECEIPTS_TOKEN_VARIABLE: &str = "STARTLINE_NOTIFY_RECEIPTS_TOKEN";

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NotifyConfig {
    /// `https://api.notifications.service.gov.uk`.
    #[serde(default = "govuk")]
    pub base_url: String,
    /// A file with the API key, readable by the service alone. Else the variable STARTLINE_NOTIFY_API_KEY holds it. The
    /// key itself never stands in the configuration.
    #[serde(default)]
    pub api_key_file: Option<PathBuf>,
    /// A file with the bearer token that delivery receipts carry. Else the variable STARTLINE_NOTIFY_RECEIPTS_TOKEN holds
    /// it. With neither, receipts are asked for, and none is taken.
    #[serde(default)]
    pub receipts_token_file: Option<PathBuf>,
    /// A text template whose whole content is `((body))`.
    pub text_template: String,
    /// A letter template with the heading `((heading))` and the content `((body))`.
    pub letter_template: String,
    /// How long a request may take.
    #[serde(default = "timeout_s")]
    pub timeout_s: u32,
}

fn govuk() -> String {
    "https://api.notifications.service.gov.uk".into()
}

fn timeout_s() -> u32 {
    15
}

impl NotifyConfig {
    /// # Errors
    /// A sentence that names the setting.
    pub fn check(&self) -> Result<(), String> {
        if !self.base_url.starts_with("https://") && !self.base_url.starts_with("http://") {
            return Err("notify.base_url must begin with https://".into());
        }
        // Less than the lease of a sending: a request that was given up must be over before anybody looks for it.
        if !(1..=30).contains(&self.timeout_s) {
            return Err("notify.timeout_s must be from 1 to 30".into());
        }
        for (name, id) in [("text_template", &self.text_template), ("letter_template", &self.letter_template)] {
            if uuid::Uuid::parse_str(id).is_err() {
                return Err(format!("notify.{name} must be the id of a template, as Notify shows it"));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nonsense_is_refused_by_name() {
        let id = "f33517ff-2a88-4f6e-b855-c550268ce08a";
        let good = format!("text_template = \"{id}\"\nletter_template = \"{id}\"");
        let config: NotifyConfig = toml::from_str(&good).unwrap();
        assert_eq!(config.check(), Ok(()));
        for (change, name) in [("base_url = \"notify\"", "notify.base_url"), ("timeout_s = 60", "notify.timeout_s")] {
            let config: NotifyConfig = toml::from_str(&format!("{good}\n{change}")).unwrap();
            assert!(config.check().is_err_and(|fault| fault.contains(name)), "{change}");
        }
        let config: NotifyConfig = toml::from_str(&good.replace(id, "sms")).unwrap();
        assert!(config.check().is_err_and(|fault| fault.contains("notify.text_template")));
        // A key in the configuration file is noticed rather than used.
        assert!(toml::from_str::<NotifyConfig>(&format!("{good}\napi_key = \"k\"")).is_err());
    }
}
