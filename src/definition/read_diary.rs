//! Reads `diary.yaml`.

use super::diary::{DiaryRules, FIRST_MEETING, MeetingKind, Obligation, OfficeRooms, Room, SameDay};
use super::files::Files;
use super::nearest::did_you_mean;
use super::places::Week;
use super::read_deferral::{self, RawReason};
use super::read_places::{RawOpening, week};
use super::read_question::none_such;
use super::report::{Fault, Faults};
use super::service::Settings;
use super::syntax::yaml;
use super::text::Text;
use chrono::{NaiveTime, Timelike};
use serde::Deserialize;
use serde_saphyr::Spanned;
use startline_foundation::ids::OfficeId;
use std::collections::{BTreeMap, BTreeSet};

const DIARY: &str = "diary.yaml";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawDiary {
    kinds: Vec<RawKind>,
    #[serde(default)]
    follow_ups_kept_percent: Option<Spanned<u32>>,
    #[serde(default)]
    follow_ups_released_working_days: u32,
    #[serde(default)]
    same_day: Option<Spanned<RawSameDay>>,
    #[serde(default)]
    late_after_minutes: Option<u32>,
    #[serde(default)]
    deferral_longest_weeks: Option<Spanned<u32>>,
    /// Definitions written before they were data do not say them.
    #[serde(default)]
    deferral_reasons: Option<Vec<RawReason>>,
    #[serde(default)]
    offices: Vec<RawOffice>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawKind {
    id: Spanned<String>,
    en: String,
    #[serde(default)]
    cy: Option<String>,
    minutes: u32,
    #[serde(default)]
    longest_minutes: Option<u32>,
    #[serde(default)]
    administration_minutes: u32,
    #[serde(default)]
    travel_minutes: u32,
    #[serde(default)]
    follow_up: bool,
    #[serde(default)]
    at_home: bool,
    /// Definitions written before it could be said do not say it.
    #[serde(default)]
    attendance: Option<RawAttendance>,
}

#[derive(Deserialize, Clone, Copy)]
#[serde(rename_all = "lowercase")]
enum RawAttendance {
    Required,
    Voluntary,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawSameDay {
    from: String,
    to: String,
    released_at: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawOffice {
    id: Spanned<String>,
    /// Definitions written before offices had hours do not say them: an office has its site's then.
    #[serde(default)]
    opening: Option<RawOpening>,
    #[serde(default)]
    desks_on_ground_floor: bool,
    #[serde(default)]
    rooms: Vec<RawRoom>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawRoom {
    id: Spanned<String>,
    name: String,
    #[serde(default)]
    ground_floor: bool,
}

/// The longest meeting there is: half a day.
const MOST_MINUTES: u32 = 240;

pub(super) fn read(
    files: &Files,
    settings: &Settings,
    offices: Option<&BTreeSet<String>>,
    found: &mut Vec<Fault>,
) -> DiaryRules {
    let usual = DiaryRules::usual(settings);
    if !files.contains_key(DIARY) {
        return usual;
    }
    let Some(raw) = yaml::<RawDiary>(files, DIARY, found) else { return usual };
    let mut faults = Faults::new(DIARY, found);
    let mut kinds: Vec<MeetingKind> = Vec::new();
    for one in raw.kinds {
        if kinds.iter().any(|kind| kind.id == one.id.value) || !is_word(&one.id.value) {
            faults.at(&one.id, "a kind's id is a word in small letters and hyphens, there once");
        }
        kinds.extend(one.read(&mut faults));
    }
    match kinds.iter().position(|kind| kind.id == FIRST_MEETING) {
        Some(at) => kinds.swap(0, at),
        None => faults.at_line(1, format!("there is no kind {FIRST_MEETING}, which settles a claim")),
    }
    let percent = raw.follow_ups_kept_percent.as_ref().map_or(0, |given| given.value);
    if let Some(given) = raw.follow_ups_kept_percent.as_ref().filter(|given| given.value > 100) {
        faults.at(given, "follow_ups_kept_percent must be from 0 to 100");
    }
    let same_day = raw.same_day.and_then(|given| {
        let time = |text: &str| NaiveTime::parse_from_str(text, "%H:%M").ok().filter(|t| t.minute().is_multiple_of(5));
        let times = (time(&given.value.from), time(&given.value.to), time(&given.value.released_at));
        match times {
            (Some(from), Some(to), Some(released_at)) if from < to && released_at <= from => {
                Some(SameDay { from, to, released_at })
            }
            _ => {
                faults.at(&given, "same_day has times such as 14:00, on five minutes: released_at, then from, then to");
                None
            }
        }
    });
    let reasons = raw.deferral_reasons.unwrap_or_default();
    let read_reasons = read_deferral::read(reasons, raw.deferral_longest_weeks.as_ref(), &mut faults);
    let (mut rooms, mut opening) = (BTreeMap::new(), BTreeMap::new());
    for one in raw.offices {
        let id = OfficeId::new(&one.id.value);
        if let Some(offices) = offices.filter(|offices| !offices.contains(&one.id.value)) {
            faults.at(&one.id, none_such("office", &one.id.value, offices));
        }
        for (i, room) in one.rooms.iter().enumerate() {
            if one.rooms[..i].iter().any(|other| other.id.value == room.id.value) || !is_word(&room.id.value) {
                faults
                    .at(&room.id, "a room's id is a word in small letters, figures and hyphens, there once an office");
            }
        }
        if let Some(raw) = one.opening {
            opening.insert(id.clone(), office_week(raw, &one.id, &mut faults));
        }
        let read = |room: RawRoom| Room { id: room.id.value, name: room.name, ground_floor: room.ground_floor };
        let rooms_here = one.rooms.into_iter().map(read).collect();
        let office = OfficeRooms { desks_on_ground_floor: one.desks_on_ground_floor, rooms: rooms_here };
        if rooms.insert(id, office).is_some() {
            faults.at(&one.id, "this office is there twice");
        }
    }
    DiaryRules {
        kinds,
        follow_ups_kept_percent: percent,
        follow_ups_released_working_days: raw.follow_ups_released_working_days,
        same_day,
        late_after_minutes: raw.late_after_minutes.unwrap_or(usual.late_after_minutes),
        deferral_reasons: if read_reasons.is_empty() { usual.deferral_reasons } else { read_reasons },
        rooms,
        opening,
    }
}

/// The hours of an office, which are its own: it may be open when its call centre is closed, but for bank holidays and the
/// site's privilege days.
fn office_week(raw: RawOpening, id: &Spanned<String>, faults: &mut Faults<'_>) -> Week {
    if raw.is_empty() {
        faults.at(id, format!("office {} is never open; leave opening out for the hours of its site", id.value));
    }
    let read = week(raw, faults);
    if read.iter().flatten().any(|(from, until)| [from, until].iter().any(|time| !time.minute().is_multiple_of(5))) {
        faults.at(id, format!("the hours of office {} begin and end on five minutes, as meetings do", id.value));
    }
    read
}

impl RawKind {
    fn read(self, faults: &mut Faults<'_>) -> Option<MeetingKind> {
        let longest = self.longest_minutes.unwrap_or(self.minutes);
        let in_cells = [self.minutes, longest, self.travel_minutes].iter().all(|minutes| minutes.is_multiple_of(5));
        if self.minutes == 0 || longest < self.minutes || longest > MOST_MINUTES || !in_cells {
            let reason = format!("minutes are from 5 up to longest_minutes, at most {MOST_MINUTES}, in steps of five");
            faults.at(&self.id, reason);
        }
        if self.administration_minutes > MOST_MINUTES || self.travel_minutes > MOST_MINUTES {
            faults.at(&self.id, format!("administration and travel are at most {MOST_MINUTES} minutes"));
        }
        match Text::checked(&self.en, self.cy.as_deref()) {
            Ok(name) => Some(MeetingKind {
                id: self.id.value,
                name,
                minutes: self.minutes,
                longest_minutes: longest,
                administration_minutes: self.administration_minutes,
                travel_minutes: self.travel_minutes,
                follow_up: self.follow_up,
                at_home: self.at_home,
                obligation: match self.attendance {
                    Some(RawAttendance::Required) => Obligation::Required,
                    Some(RawAttendance::Voluntary) => Obligation::Voluntary,
                    None if self.follow_up => Obligation::Voluntary,
                    None => Obligation::Required,
                },
            }),
            Err(reason) => {
                faults.at(&self.id, reason);
                None
            }
        }
    }
}

/// The same sentence wherever a kind of meeting is named that there is none of.
pub(super) fn no_kind(name: &str, kinds: &[MeetingKind]) -> String {
    let told = did_you_mean(name, kinds.iter().map(|kind| kind.id.as_str()));
    format!("there is no kind of meeting {name} in diary.yaml{told}")
}

fn is_word(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::places::hours_on;
    use crate::{Definition, small};
    use chrono::Weekday;

    fn faults_of(diary: &str) -> String {
        let mut files = small::files();
        // Its plan names the pilot's kinds.
        files.remove("reminders.yaml");
        files.insert(DIARY.into(), diary.into());
        Definition::from_files(files).err().map(|report| report.to_string()).unwrap_or_default()
    }

    #[test]
    fn a_definition_without_the_file_has_the_usual_kinds() {
        let mut files = small::files();
        files.remove(DIARY);
        let definition = Definition::from_files(files).unwrap();
        let ids: Vec<&str> = definition.diary.kinds.iter().map(|kind| kind.id.as_str()).collect();
        let pilot = Definition::embedded();
        assert_eq!(ids, pilot.diary.kinds.iter().map(|kind| kind.id.as_str()).collect::<Vec<_>>());
        assert_eq!(definition.diary.kinds[0].minutes, 45);
    }

    #[test]
    fn the_linter_says_where_a_diary_is_wrong() {
        let kind = |rest: &str| format!("kinds:\n  - {{ id: first-meeting, en: First, {rest} }}\n");
        assert_eq!(faults_of(&kind("minutes: 45")), "");
        assert!(faults_of(&kind("minutes: 45, longest_minutes: 30")).contains("diary.yaml:2: minutes are from 5"));
        assert!(faults_of(&kind("minutes: 45, attendance: maybe")).contains("diary.yaml:2"));
        assert!(faults_of("kinds: []\n").contains("there is no kind first-meeting"));
        let same_day = "same_day: { from: \"14:00\", to: \"13:00\", released_at: \"12:00\" }\n";
        assert!(faults_of(&(kind("minutes: 45") + same_day)).contains("same_day"));
        assert!(faults_of(&(kind("minutes: 45") + "offices:\n  - id: atlantis\n")).contains("no office atlantis"));
        assert!(faults_of(&(kind("minutes: 45") + "follow_ups_kept_percent: 101\n")).contains("0 to 100"));
    }

    #[test]
    fn an_office_has_hours_of_its_own_or_those_of_its_site() {
        let definition = Definition::embedded();
        let site = definition.site(&"somerset".into()).unwrap();
        let on = |office: &str, day| hours_on(definition.diary.opening_of(&office.into(), site), day);
        let time = |hour, minute| NaiveTime::from_hms_opt(hour, minute, 0).unwrap();
        assert_eq!(on("frome", Weekday::Mon), Some((time(9, 0), time(17, 0))));
        assert_eq!(on("wells", Weekday::Mon), site.hours_on(Weekday::Mon), "nothing is said of it");
        assert_eq!(on("frome", Weekday::Sat), None);
    }

    #[test]
    fn the_linter_says_where_the_hours_of_an_office_are_wrong() {
        let files = small::files();
        let offices = String::from_utf8(files["offices.csv"].to_vec()).unwrap();
        let office = offices.lines().filter(|line| !line.starts_with('#')).nth(1).unwrap().split(',').next().unwrap();
        let told = |opening: &str| {
            let kind = "kinds:\n  - { id: first-meeting, en: First, minutes: 45 }\n";
            faults_of(&format!("{kind}offices:\n  - id: {office}\n    opening: {opening}\n"))
        };
        assert_eq!(told("{ monday: 09:00-16:30, saturday: 09:00-12:00 }"), "", "a Saturday is the office's own choice");
        assert!(told("{}").contains("diary.yaml:4: office") && told("{}").contains("is never open; leave opening out"));
        assert!(told("{ monday: 09:02-16:30 }").contains("begin and end on five minutes"));
        assert!(told("{ monday: 16:30-09:00 }").contains("diary.yaml:5: hours must end after they begin"));
        assert!(told("{ monday: nine to five }").contains("hours must be written such as 08:30-18:00"));
        assert!(told("{ someday: 09:00-16:30 }").contains("diary.yaml:5"));
    }
}
