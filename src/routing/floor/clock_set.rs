//! The wall clock was set while no time passed. Every moment that the floor keeps moves along, so that offers, waits and
//! places in the queue last as long as they would have. What people arranged by the clock (a booked call-back, the half-hours
//! of the figures) stays where it is on it.
//!
//! Each type is taken apart in full here: a moment that is added to one of them does not build until it is thought of.

use super::{Effect, Floor, HalfHour, Outbox};
use crate::adviser::{Adviser, Desk, Heard, Held, IdlePlace, State};
use crate::call::{Call, CallCard, CallState, Earlier, Overflow, QueueKey};
use chrono::{DateTime, TimeDelta, Utc};
use std::sync::Arc;

impl Floor {
    pub fn clock_was_set(&mut self, by: TimeDelta, now: DateTime<Utc>, out: &mut Outbox) {
        for adviser in self.advisers.values_mut() {
            move_adviser(adviser, by);
            adviser.set_commitment(adviser.commitment, now);
            out.effects.push(Effect::DeskChanged { adviser: adviser.card.id });
        }
        for call in self.calls.values_mut() {
            move_call(call, by);
        }
        for card in &mut self.finished_order {
            *card = moved_card(card, by);
        }
        let HalfHour { start, figures: _, waits_ms: _ } = &mut self.half_hour;
        move_moment(start, by);
        self.duty.clock_was_set(by);
        self.make_indexes();
        out.effects.push(Effect::FloorChanged { site: self.site.clone() });
    }
}

fn move_moment(moment: &mut DateTime<Utc>, by: TimeDelta) {
    *moment = moment.checked_add_signed(by).unwrap_or(*moment);
}

fn move_place(place: &mut IdlePlace, by: TimeDelta) {
    let IdlePlace { since, turn: _ } = place;
    move_moment(since, by);
}

fn move_held(held: &mut Held, by: TimeDelta) {
    let Held { offer: _, card, place } = held;
    *card = moved_card(card, by);
    move_place(place, by);
}

/// The same caller, who entered at another moment of the clock.
pub fn moved_card(card: &Arc<CallCard>, by: TimeDelta) -> Arc<CallCard> {
    let mut moved = CallCard::clone(card);
    move_moment(&mut moved.entered_at, by);
    Arc::new(moved)
}

fn move_adviser(adviser: &mut Adviser, by: TimeDelta) {
    let Adviser { card: _, status, state, desk, heard, missed: _, declined: _, last: _, commitment: _, kept: _ } =
        adviser;
    status.clock_was_set(by);
    if let Some(Heard { last, doubted_at }) = heard {
        move_moment(last, by);
        move_moment(doubted_at, by);
    }
    match state {
        State::Idle { place } => move_place(place, by),
        State::Offered { held, expires_at, confirmed: _ } => {
            move_held(held, by);
            move_moment(expires_at, by);
        }
        State::OnCall { held, since, doubted_at, asked: _ } => {
            move_held(held, by);
            move_moment(since, by);
            move_moment(doubted_at, by);
        }
        State::WrapUp { held, since, ends_at, extended: _, passed: _ } => {
            move_held(held, by);
            move_moment(since, by);
            move_moment(ends_at, by);
        }
        State::Outbound { callback: _, since } => move_moment(since, by),
    }
    match desk {
        Desk::Lost { until } => move_moment(until, by),
        Desk::Connected | Desk::Away => {}
    }
}

fn move_call(call: &mut Call, by: TimeDelta) {
    let Call {
        card,
        key,
        state,
        away_until,
        offer_kept_until,
        sent_on: _,
        announce_at,
        estimated_wait_ms: _,
        earlier,
        only_site: _,
    } = call;
    *card = moved_card(card, by);
    let QueueKey { priority: _, entered_at, turn: _ } = key;
    move_moment(entered_at, by);
    for moment in [away_until, offer_kept_until, announce_at].into_iter().flatten() {
        move_moment(moment, by);
    }
    if let Some(earlier) = earlier {
        let Earlier { by: _, answered_at, passed_at, talk_ms: _, passes: _ } = &mut **earlier;
        move_moment(answered_at, by);
        move_moment(passed_at, by);
    }
    match state {
        CallState::Waiting { overflow } => match overflow {
            Overflow::NotBefore(moment) => move_moment(moment, by),
            Overflow::Undecided | Overflow::Seeking => {}
        },
        CallState::Offered { offer: _, to: _, take_back_at, answered: _ } => {
            if let Some(moment) = take_back_at {
                move_moment(moment, by);
            }
        }
        CallState::Connected { offer: _, by: _, answered_at, confirmed: _ } => move_moment(answered_at, by),
        CallState::Ended { offer: _, by: _, answered_at, ended_at } => {
            move_moment(answered_at, by);
            move_moment(ended_at, by);
        }
    }
}
