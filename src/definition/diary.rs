//! `diary.yaml`: kinds of meetings and their lengths, what of a personal adviser's day is kept for whom, offices' hours and rooms.

use super::deferral::{self, DeferralReason};
use super::places::{Site, Week};
use super::service::Settings;
use super::text::Text;
use chrono::NaiveTime;
use startline_foundation::ids::OfficeId;
use std::collections::BTreeMap;

/// The kind that settles a claim; every definition has it.
pub const FIRST_MEETING: &str = "first-meeting";

#[derive(Debug, Clone, PartialEq)]
pub struct DiaryRules {
    /// The first meeting is the first of them.
    pub kinds: Vec<MeetingKind>,
    /// Of each day's working time, the share that only follow-ups may be booked into.
    pub follow_ups_kept_percent: u32,
    /// From so many working days before the day on, what is left of it is anybody's.
    pub follow_ups_released_working_days: u32,
    pub same_day: Option<SameDay>,
    /// Whoever comes later than this is late.
    pub late_after_minutes: u32,
    /// Why a first meeting may be put off, in the order in which they are offered.
    pub deferral_reasons: Vec<DeferralReason>,
    pub(super) rooms: BTreeMap<OfficeId, OfficeRooms>,
    /// Of the offices that have hours of their own.
    pub(super) opening: BTreeMap<OfficeId, Week>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MeetingKind {
    pub id: String,
    pub name: Text,
    /// Of contact, as usual; and the most that can be asked for.
    pub minutes: u32,
    pub longest_minutes: u32,
    /// Of paperwork straight after a meeting of the usual length.
    pub administration_minutes: u32,
    /// On the way there.
    pub travel_minutes: u32,
    /// With a client whom the personal adviser knows: part of each day is kept for these.
    pub follow_up: bool,
    /// At the client's home.
    pub at_home: bool,
    /// Whether a claim depends on it.
    pub obligation: Obligation,
}

/// Whether a client has to come, or may.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Obligation {
    /// A condition of benefit, for whoever the rules bind.
    Required,
    /// Nothing follows for a client who does not come.
    Voluntary,
}

/// Local time of each day that waits for urgent cases of the same day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SameDay {
    pub from: NaiveTime,
    pub to: NaiveTime,
    /// From this time of the day on it is anybody's.
    pub released_at: NaiveTime,
}

/// Where an office's meetings can be.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OfficeRooms {
    pub desks_on_ground_floor: bool,
    pub rooms: Vec<Room>,
}

/// A room with a door, for a client who needs one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Room {
    pub id: String,
    pub name: String,
    pub ground_floor: bool,
}

impl DiaryRules {
    pub fn kind(&self, id: &str) -> Option<&MeetingKind> {
        self.kinds.iter().find(|kind| kind.id == id)
    }

    pub fn deferral_reason(&self, id: &str) -> Option<&DeferralReason> {
        self.deferral_reasons.iter().find(|reason| reason.id == id)
    }

    /// Of an office of which nothing is said: desks on the ground floor, no rooms.
    pub fn rooms_of(&self, office: &OfficeId) -> OfficeRooms {
        let unknown = OfficeRooms { desks_on_ground_floor: true, rooms: Vec::new() };
        self.rooms.get(office).cloned().unwrap_or(unknown)
    }

    /// The local hours in which an office meets clients: its own, else those of its site.
    pub fn opening_of<'a>(&'a self, office: &OfficeId, site: &'a Site) -> &'a Week {
        self.opening.get(office).unwrap_or(&site.opening)
    }

    /// Of definitions that were written before they could say.
    pub(super) fn usual(settings: &Settings) -> Self {
        let kind = |id: &str, minutes: u32, administration: u32| MeetingKind {
            id: id.to_owned(),
            name: Text::english(&id.replace('-', " ")),
            minutes,
            longest_minutes: minutes.max(90),
            administration_minutes: administration,
            travel_minutes: 0,
            follow_up: false,
            at_home: false,
            obligation: Obligation::Required,
        };
        let first = kind(FIRST_MEETING, settings.meeting_minutes, settings.meeting_administration_minutes);
        let later = ["restart", "thirteen-week", "six-month", "twelve-month"].map(|id| kind(id, 30, 20));
        let follow_up = MeetingKind { follow_up: true, obligation: Obligation::Voluntary, ..kind("follow-up", 30, 20) };
        let visit = MeetingKind { at_home: true, travel_minutes: 30, ..kind("home-visit", 60, 45) };
        Self {
            kinds: [first].into_iter().chain(later).chain([follow_up, visit]).collect(),
            follow_ups_kept_percent: 0,
            follow_ups_released_working_days: 0,
            same_day: None,
            late_after_minutes: 5,
            deferral_reasons: deferral::usual(),
            rooms: BTreeMap::new(),
            opening: BTreeMap::new(),
        }
    }
}

impl MeetingKind {
    /// The paperwork after a meeting of this length, in whole cells of five minutes.
    pub fn administration_after(&self, minutes: u32) -> u32 {
        (self.administration_minutes * minutes).div_ceil(self.minutes.max(1)).next_multiple_of(5)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Definition;

    #[test]
    fn longer_meetings_have_more_paperwork_in_proportion() {
        let definition = Definition::embedded();
        let first = definition.diary.kind(FIRST_MEETING).unwrap();
        assert_eq!([45, 60, 90].map(|minutes| first.administration_after(minutes)), [30, 40, 60]);
        assert_eq!(first.administration_after(50), 35);
        assert_eq!(definition.diary.kinds[0].id, FIRST_MEETING);
    }
}
