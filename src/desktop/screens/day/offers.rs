//! What is wished of a meeting, and the times that are free for it.

use super::words::DayWords;
use crate::refused::empty;
use crate::seat::{Seat, timestamp};
use crate::visitor::Fields;
use chrono::NaiveTime;
use startline_api as pb;
use startline_api::prost_types::Timestamp;
use startline_definition::FIRST_MEETING;
use startline_foundation::formats::parse_date;
use startline_service::methods::Refusal;

/// Offers on a page.
const SHOWN: i32 = 8;
/// Rows for times that do not suit.
pub const UNSUITABLE_ROWS: usize = 2;

/// As they were typed.
#[derive(Debug, Clone, Default)]
pub struct Wishes {
    pub kind: String,
    pub minutes: String,
    pub urgent: bool,
    pub person: String,
    pub insists: bool,
    pub welsh: bool,
    pub ground_floor: bool,
    pub private_room: bool,
    pub skills: Vec<String>,
    pub office: String,
    pub not_before: String,
    /// Weekday, from and until.
    pub unsuitable: Vec<(String, String, String)>,
}

/// A free time.
pub struct Offer {
    /// What a form sends back: whose, and when.
    pub value: String,
    pub when: String,
    pub with: String,
    pub office: String,
    pub room: String,
    pub is_earliest: bool,
    pub is_late: bool,
    /// What was wished for, and whether it is met.
    pub fits: Vec<(String, bool)>,
}

pub struct Found {
    pub offers: Vec<Offer>,
    pub why_empty: Option<&'static str>,
    pub next: String,
}

impl Wishes {
    pub fn read(fields: &Fields) -> Self {
        let is = |name: &str| fields.get(name) == "yes";
        let (days, froms, untils): (Vec<&str>, Vec<&str>, Vec<&str>) =
            (every(fields, "unsuitable_day"), every(fields, "unsuitable_from"), every(fields, "unsuitable_until"));
        let at = |list: &[&str], n: usize| list.get(n).copied().unwrap_or_default().trim().to_owned();
        let unsuitable = (0..UNSUITABLE_ROWS).map(|n| (at(&days, n), at(&froms, n), at(&untils, n))).collect();
        Self {
            kind: fields.get("kind").to_owned(),
            minutes: fields.get("minutes").trim().to_owned(),
            urgent: is("urgent"),
            person: fields.get("person").to_owned(),
            insists: is("insists"),
            welsh: is("welsh"),
            ground_floor: is("ground_floor"),
            private_room: is("private_room"),
            skills: fields.all("skills").map(str::to_owned).collect(),
            office: fields.get("office").to_owned(),
            not_before: fields.get("not_before").trim().to_owned(),
            unsuitable,
        }
    }

    pub fn message(&self) -> pb::MeetingWishes {
        let unsuitable = |(day, from, until): &(String, String, String)| {
            let is_said = !(day.is_empty() && from.is_empty() && until.is_empty());
            is_said.then(|| pb::UnsuitableTime {
                weekday: day.parse().unwrap_or(0),
                start: time_as_typed(from),
                end: time_as_typed(until),
            })
        };
        pb::MeetingWishes {
            kind: self.kind.clone(),
            minutes: self.minutes.parse().unwrap_or(0),
            urgent: self.urgent,
            personal_adviser_id: self.person.clone(),
            insists: self.insists,
            not_personal_adviser_ids: Vec::new(),
            skills: self.skills.clone(),
            welsh: self.welsh,
            ground_floor: self.ground_floor,
            private_room: self.private_room,
            unsuitable_times: self.unsuitable.iter().filter_map(unsuitable).collect(),
        }
    }

    /// The same again, for a form that has them in nobody's sight.
    pub fn hidden(&self) -> Vec<(&'static str, &str)> {
        let truths = [
            ("urgent", self.urgent),
            ("insists", self.insists),
            ("welsh", self.welsh),
            ("ground_floor", self.ground_floor),
            ("private_room", self.private_room),
        ];
        let texts = [
            ("kind", &self.kind),
            ("minutes", &self.minutes),
            ("person", &self.person),
            ("office", &self.office),
            ("not_before", &self.not_before),
        ];
        let mut all: Vec<(&str, &str)> = texts.iter().map(|(name, value)| (*name, value.as_str())).collect();
        all.extend(truths.iter().filter(|(_, is)| *is).map(|(name, _)| (*name, "yes")));
        all.extend(self.skills.iter().map(|skill| ("skills", skill.as_str())));
        for (day, from, until) in &self.unsuitable {
            all.extend(
                [("unsuitable_day", day), ("unsuitable_from", from), ("unsuitable_until", until)]
                    .map(|(name, value)| (name, value.as_str())),
            );
        }
        all
    }

    /// The same again, in an address.
    pub fn query(&self) -> String {
        form_urlencoded::Serializer::new(String::new()).extend_pairs(self.hidden()).finish()
    }
}

/// Every field of that name, also those that are empty: rows have their places.
fn every<'a>(fields: &'a Fields, name: &str) -> Vec<&'a str> {
    fields.iter().filter(|(of, _)| *of == name).map(|(_, value)| value).collect()
}

/// "9", "9.30" and "0930" as the service reads times; whatever is none stays as it was typed, and is refused.
pub fn time_as_typed(text: &str) -> String {
    let text = text.trim();
    let figures: String = text.chars().filter(char::is_ascii_digit).collect();
    let is_time = text.chars().all(|c| c.is_ascii_digit() || matches!(c, ':' | '.' | ' '));
    let (hour, minute) = match (is_time, figures.len()) {
        (true, 1 | 2) => (figures.as_str(), "0"),
        (true, 3) => figures.split_at(1),
        (true, 4) => figures.split_at(2),
        _ => return text.to_owned(),
    };
    let time = NaiveTime::from_hms_opt(hour.parse().unwrap_or(99), minute.parse().unwrap_or(99), 0);
    time.map_or_else(|| text.to_owned(), |time| time.format("%H:%M").to_string())
}

/// The kinds of meetings, first the usual one.
pub fn kinds(seat: &Seat) -> Vec<(String, String)> {
    let definition = seat.definition();
    let kinds = definition.diary.kinds.iter();
    kinds.map(|kind| (kind.id.clone(), kind.name.in_language(seat.language()).to_owned())).collect()
}

pub fn kind_name(seat: &Seat, id: &str) -> String {
    let id = if id.is_empty() { FIRST_MEETING } else { id };
    kinds(seat).into_iter().find(|(known, _)| known == id).map_or_else(|| id.to_owned(), |(_, name)| name)
}

/// What a personal adviser may be able to do.
pub fn skills(seat: &Seat) -> Vec<(String, String)> {
    let definition = seat.definition();
    let skills = definition.service.telephone.skills.iter();
    skills.map(|skill| (skill.id.clone(), skill.name.in_language(seat.language()).to_owned())).collect()
}

/// Free times for a claim's meeting.
///
/// # Errors
/// As `FindSlots` says; a day that is none is left to it.
pub async fn find(seat: &Seat, claim: &str, wishes: &Wishes, page_token: &str) -> Result<Found, Refusal> {
    let day = parse_date(&wishes.not_before).ok();
    let calendar = &seat.definition().calendar;
    let not_before = day.and_then(|day| calendar.first_at_or_after(day, NaiveTime::MIN));
    let request = pb::FindSlotsRequest {
        claim_id: claim.to_owned(),
        office_id: wishes.office.clone(),
        not_before_time: not_before.filter(|at| *at > seat.now).map(timestamp),
        page_size: SHOWN,
        page_token: page_token.to_owned(),
        wishes: Some(wishes.message()),
    };
    let answer = seat.ask(request).await?;
    let d = DayWords::of(seat.language());
    let offers = answer.slots.into_iter().map(|slot| Offer::of(seat, d, slot)).collect();
    Ok(Found {
        offers,
        why_empty: empty::why(seat.language(), answer.why_empty.as_ref()),
        next: answer.next_page_token,
    })
}

impl Offer {
    fn of(seat: &Seat, d: &DayWords, slot: pb::Slot) -> Self {
        let fit = |fit: &pb::WishFit| {
            let skill = skills(seat).into_iter().find(|(id, _)| *id == fit.skill).map(|(_, name)| name);
            (d.wish(fit.wish(), skill.as_deref().unwrap_or(&fit.skill)), fit.met)
        };
        let start = slot.start_time.unwrap_or_default();
        Self {
            value: format!("{} {} {}", slot.personal_adviser_id, start.seconds, start.nanos),
            when: seat.span(slot.start_time.as_ref(), slot.end_time.as_ref()),
            fits: slot.fits.iter().filter(|fit| fit.wish() != pb::WishKind::Standard).map(fit).collect(),
            with: slot.personal_adviser_name,
            office: slot.office_name,
            room: slot.room,
            is_earliest: slot.is_earliest,
            is_late: !slot.within_standard,
        }
    }
}

/// Whose and when, as an offer's value has it.
pub fn chosen(value: &str) -> Option<(String, Timestamp)> {
    let mut parts = value.split(' ');
    let (person, seconds, nanos) = (parts.next()?, parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
    Some((person.to_owned(), Timestamp { seconds, nanos }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_people_type_them() {
        for (typed, read) in [
            ("9", "09:00"),
            ("9.30", "09:30"),
            ("0930", "09:30"),
            ("17:05", "17:05"),
            ("25", "25"),
            ("noon", "noon"),
            ("", ""),
        ] {
            assert_eq!(time_as_typed(typed), read, "{typed}");
        }
    }
}
