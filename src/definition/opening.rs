//! Whether a site takes calls now, and what a caller hears when it does not.

use super::Definition;
use chrono::{DateTime, Utc};
use startline_foundation::ids::SiteId;

/// A site outside its hours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closed {
    /// When it opens again, if the calendar knows.
    pub next: Option<DateTime<Utc>>,
    /// The same in words for the caller.
    pub text: String,
}

impl Definition {
    /// How the site is closed at this moment; `None` while it is open. A site that the definition does not have is closed.
    pub fn closed(&self, site: &SiteId, now: DateTime<Utc>) -> Option<Closed> {
        let site = self.site(site);
        if site.is_some_and(|site| self.calendar.is_open(site, now)) {
            return None;
        }
        let next = site.and_then(|site| self.calendar.next_opening(site, now));
        let text = match next {
            Some(at) => {
                let local = at.with_timezone(&self.calendar.timezone);
                format!("We are closed now. We open again on {}.", local.format("%A %-d %B at %H:%M"))
            }
            None => "We are closed now.".into(),
        };
        let emergencies = &self.service.telephone.emergencies.en;
        let text = if emergencies.is_empty() { text } else { format!("{text} {emergencies}") };
        Some(Closed { next, text })
    }
}
