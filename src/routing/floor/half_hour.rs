//! The current half-hour of a floor, live; the durable one is made of the same figures.

use crate::figures::{Figures, HALF_HOUR, Period, half_hour_of, percentile};
use chrono::{DateTime, Utc};
use startline_foundation::ids::SiteId;

/// One site's calls that entered in the current half-hour, and what became of them so far.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct HalfHour {
    pub start: DateTime<Utc>,
    pub figures: Figures,
    /// The waits of the answered calls, in the order of the answers.
    pub waits_ms: Vec<u64>,
}

impl HalfHour {
    /// Begins anew when a half-hour is over.
    pub fn reach(&mut self, now: DateTime<Utc>) {
        if now - self.start >= HALF_HOUR {
            self.start = half_hour_of(now);
            self.figures = Figures::default();
            self.waits_ms.clear();
        }
    }

    /// The half-hour as it stands, with the time that advisers were there and that calls took up.
    pub fn period(&self, site: &SiteId, (staffed_ms, handle_ms): (u64, u64)) -> Period {
        let mut waits = self.waits_ms.clone();
        Period {
            site: Some(site.clone()),
            start: Some(self.start),
            figures: self.figures,
            wait_p50_ms: percentile(&mut waits, 0.5),
            wait_p90_ms: percentile(&mut waits, 0.9),
            staffed_ms,
            handle_ms,
        }
    }
}
