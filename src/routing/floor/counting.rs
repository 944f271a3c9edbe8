//! What a site counts of its calls: in the sums, and in the half-hour in which each entered.

use super::{Effect, Floor, Outbox};
use crate::call::{Call, CallState, elapsed_ms};
use crate::figures::Figures;
use crate::journal::JournalEntry;
use chrono::{DateTime, Utc};
use startline_foundation::ids::CallId;

impl Floor {
    pub(super) fn count_answer(&mut self, entered_at: DateTime<Utc>, wait_ms: u64, overflowed: bool) {
        let in_target = u64::from(self.in_target(wait_ms));
        if entered_at >= self.half_hour.start {
            self.half_hour.waits_ms.push(wait_ms);
        }
        self.count(entered_at, |figures| {
            figures.answered += 1;
            figures.wait_ms += wait_ms;
            figures.answered_in_target += in_target;
            figures.overflowed += u64::from(overflowed);
        });
    }

    /// Counts something about a call in the sums, and in its half-hour while that lasts.
    pub(super) fn count(&mut self, entered_at: DateTime<Utc>, change: impl Fn(&mut Figures)) {
        change(&mut self.figures);
        if entered_at >= self.half_hour.start {
            change(&mut self.half_hour.figures);
        }
    }

    fn in_target(&self, wait_ms: u64) -> bool {
        i64::try_from(wait_ms).is_ok_and(|wait_ms| wait_ms <= self.settings.answer_target.num_milliseconds())
    }

    /// A connection that never came about is no answer after all.
    pub(super) fn uncount_answer(&mut self, id: CallId, out: &mut Outbox) {
        let Some(Call { card, state: CallState::Connected { by, answered_at, .. }, earlier: None, .. }) =
            self.calls.get(&id)
        else {
            return;
        };
        out.effects.push(Effect::UnderWay(JournalEntry::NotAnswered { call: id, at: *answered_at }));
        let (entered_at, wait_ms) = (card.entered_at, elapsed_ms(card.entered_at, *answered_at));
        let overflowed = u64::from(by.site != self.site);
        let in_target = u64::from(self.in_target(wait_ms));
        if entered_at >= self.half_hour.start
            && let Some(place) = self.half_hour.waits_ms.iter().rposition(|wait| *wait == wait_ms)
        {
            self.half_hour.waits_ms.swap_remove(place);
        }
        self.count(entered_at, |figures| {
            // Not below nothing: a half-hour may have begun, or a panic have swallowed the count.
            figures.answered = figures.answered.saturating_sub(1);
            figures.wait_ms = figures.wait_ms.saturating_sub(wait_ms);
            figures.answered_in_target = figures.answered_in_target.saturating_sub(in_target);
            figures.overflowed = figures.overflowed.saturating_sub(overflowed);
        });
    }
}
