//! What suits the client, as a form asks for it: read from an address or a form, told to the service, and written back.

use super::words::CallbackWords;
use crate::html::Mistakes;
use crate::seat::{Seat, instant, timestamp};
use crate::visitor::Fields;
use chrono::{NaiveDate, NaiveTime};
use startline_api as pb;
use startline_api::prost_types::Timestamp;
use startline_foundation::formats::parse_date;

/// Rows for times that do not suit.
const ROWS: usize = 2;

#[derive(Default, Clone)]
pub struct Wishes {
    pub urgent: bool,
    pub before_day: String,
    pub before_time: String,
    pub after_day: String,
    pub after_time: String,
    pub unsuitable: [Unsuitable; ROWS],
    pub adviser: String,
}

#[derive(Default, Clone)]
pub struct Unsuitable {
    /// Monday is 1.
    pub days: Vec<String>,
    pub from: String,
    pub to: String,
}

impl Unsuitable {
    pub fn has(&self, day: &str) -> bool {
        self.days.iter().any(|one| one == day)
    }

    pub fn is_empty(&self) -> bool {
        self.days.is_empty() && self.from.is_empty() && self.to.is_empty()
    }
}

impl Wishes {
    pub fn read(fields: &Fields) -> Self {
        let text = |name: &str| fields.get(name).trim().to_owned();
        let row = |at: usize| Unsuitable {
            days: fields.all(&format!("u{at}_days")).map(str::to_owned).collect(),
            from: text(&format!("u{at}_from")),
            to: text(&format!("u{at}_to")),
        };
        Self {
            urgent: fields.get("urgent") == "yes",
            before_day: text("before_day"),
            before_time: text("before_time"),
            after_day: text("after_day"),
            after_time: text("after_time"),
            unsuitable: std::array::from_fn(row),
            adviser: text("adviser"),
        }
    }

    /// As [`Self::query`] wrote them into one field.
    pub fn kept(text: &str) -> Self {
        Self::read(&Fields::read(text.as_bytes()))
    }

    /// As they were kept with a booking. What the form has no room for is kept by the service while nothing is said anew.
    pub fn of(seat: &Seat, urgent: bool, wishes: &pb::CallbackWishes) -> Self {
        let local = |at: Option<&Timestamp>| {
            let local = at.and_then(instant).map(|at| seat.local(at));
            local.map(|(day, time)| (day.to_string(), time.format("%H:%M").to_string())).unwrap_or_default()
        };
        let ((before_day, before_time), (after_day, after_time)) =
            (local(wishes.not_before_time.as_ref()), local(wishes.not_after_time.as_ref()));
        let row = |at: usize| {
            let one = wishes.unsuitable_times.get(at).cloned().unwrap_or_default();
            Unsuitable { days: one.weekdays.iter().map(ToString::to_string).collect(), from: one.start, to: one.end }
        };
        let unsuitable = std::array::from_fn(row);
        Self { urgent, before_day, before_time, after_day, after_time, unsuitable, adviser: wishes.adviser_id.clone() }
    }

    pub fn query(&self) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        let texts = [
            ("urgent", if self.urgent { "yes" } else { "" }),
            ("before_day", &self.before_day),
            ("before_time", &self.before_time),
            ("after_day", &self.after_day),
            ("after_time", &self.after_time),
            ("adviser", &self.adviser),
        ];
        for (name, text) in texts.into_iter().filter(|(_, text)| !text.is_empty()) {
            query.append_pair(name, text);
        }
        for (at, row) in self.unsuitable.iter().enumerate().filter(|(_, row)| !row.is_empty()) {
            for day in &row.days {
                query.append_pair(&format!("u{at}_days"), day);
            }
            query.append_pair(&format!("u{at}_from"), &row.from);
            query.append_pair(&format!("u{at}_to"), &row.to);
        }
        query.finish()
    }

    /// As the service is told, or what cannot be read.
    pub fn message(&self, seat: &Seat, c: &CallbackWords) -> Result<pb::CallbackWishes, Mistakes> {
        let mut mistakes = Mistakes::default();
        let mut at = |field: &'static str, day: &str, time: &str, else_time: NaiveTime| match moment(
            seat,
            c,
            day,
            time,
            Some(else_time),
        ) {
            Ok(at) => at,
            Err(text) => {
                mistakes = std::mem::take(&mut mistakes).and(field, text);
                None
            }
        };
        let not_before_time = at("before_day", &self.before_day, &self.before_time, NaiveTime::MIN);
        let last = NaiveTime::from_hms_opt(23, 59, 0).unwrap_or(NaiveTime::MIN);
        let not_after_time = at("after_day", &self.after_day, &self.after_time, last);
        let mut unsuitable_times = Vec::new();
        for (row, field) in self.unsuitable.iter().zip(["u0_from", "u1_from"]).filter(|(row, _)| !row.is_empty()) {
            let (mut start, mut end) = (String::new(), String::new());
            for (text, kept) in [(&row.from, &mut start), (&row.to, &mut end)] {
                match clock(text) {
                    Some(time) => *kept = time.format("%H:%M").to_string(),
                    None if text.is_empty() => {}
                    None => mistakes = std::mem::take(&mut mistakes).and(field, c.bad_time),
                }
            }
            // One side alone goes to the edge of the day.
            match (start.is_empty(), end.is_empty()) {
                (true, false) => start = "00:00".into(),
                (false, true) => end = "23:59".into(),
                _ => {}
            }
            let weekdays = row.days.iter().filter_map(|day| day.parse().ok()).collect();
            unsuitable_times.push(pb::CallbackUnsuitableTime { weekdays, start, end });
        }
        if !mistakes.is_empty() {
            return Err(mistakes);
        }
        Ok(pb::CallbackWishes { unsuitable_times, not_before_time, not_after_time, adviser_id: self.adviser.clone() })
    }
}

/// A time of day as people type it: 10:30, 10.30, 1030, 9.
pub fn clock(text: &str) -> Option<NaiveTime> {
    let text = text.trim().replace('.', ":");
    let (hours, minutes) = match text.split_once(':') {
        Some((hours, minutes)) => (hours.to_owned(), minutes.to_owned()),
        None if text.len() == 4 => text.split_at_checked(2).map(|(h, m)| (h.to_owned(), m.to_owned()))?,
        None => (text, "0".to_owned()),
    };
    NaiveTime::from_hms_opt(hours.parse().ok()?, minutes.parse().ok()?, 0)
}

/// A local day and time; none when no day is given. `else_time` stands for no time.
pub fn moment(
    seat: &Seat,
    c: &CallbackWords,
    day: &str,
    time: &str,
    else_time: Option<NaiveTime>,
) -> Result<Option<Timestamp>, &'static str> {
    if day.trim().is_empty() {
        return Ok(None);
    }
    let day = day.parse::<NaiveDate>().or_else(|_| parse_date(day)).map_err(|_| c.bad_day)?;
    let time = match (time.trim(), else_time) {
        ("", Some(time)) => time,
        (text, _) => clock(text).ok_or(c.bad_time)?,
    };
    let at = seat.definition().calendar.first_at_or_after(day, time).ok_or(c.bad_day)?;
    Ok(Some(timestamp(at)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_of_day_is_read_as_people_type_it() {
        let at = |hours, minutes| NaiveTime::from_hms_opt(hours, minutes, 0);
        for (text, time) in [("10:30", at(10, 30)), ("10.30", at(10, 30)), ("0915", at(9, 15)), ("9", at(9, 0))] {
            assert_eq!(clock(text), time, "{text}");
        }
        for text in ["", "25:00", "ten", "1:2:3", "ŵŵ"] {
            assert_eq!(clock(text), None, "{text}");
        }
    }

    #[test]
    fn wishes_come_back_from_an_address_as_they_went_into_it() {
        let text = "urgent=yes&before_day=2026-03-03&before_time=10%3A30&u0_days=1&u0_days=5&u0_from=9&u0_to=10";
        assert_eq!(Wishes::kept(&Wishes::kept(text).query()).query(), Wishes::kept(text).query());
        assert!(Wishes::kept(text).unsuitable[0].has("5") && Wishes::kept(text).unsuitable[1].is_empty());
    }
}
