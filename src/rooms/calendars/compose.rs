//! A calendar of appointments for somebody's own calendar program: no more than initials and a reference. Pure.

use super::ics::Writer;
use crate::clients::Client;
use crate::diary::Entry;
use chrono_tz::Tz;
use startline_foundation::ids::AppointmentId;

/// Section 3.6.5. The rules since 1996, when the clocks of the whole union began to change on the same days; a feed begins a
/// month ago. Other zones than London's are not described: their times are written in UTC.
const LONDON: &str = "BEGIN:VTIMEZONE
TZID:Europe/London
BEGIN:DAYLIGHT
TZOFFSETFROM:+0000
TZOFFSETTO:+0100
TZNAME:BST
DTSTART:19960331T010000
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU
END:DAYLIGHT
BEGIN:STANDARD
TZOFFSETFROM:+0100
TZOFFSETTO:+0000
TZNAME:GMT
DTSTART:19961027T020000
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
END:STANDARD
END:VTIMEZONE";

/// One appointment as the calendar shows it.
#[derive(Debug, Clone)]
pub struct Event {
    pub entry: Entry,
    pub summary: String,
    pub location: String,
}

pub fn calendar(name: &str, events: &[Event], zone: Tz) -> String {
    let mut out = Writer::default();
    out.line("BEGIN", "VCALENDAR");
    out.line("VERSION", "2.0");
    out.line("PRODID", "-//Startline//Diary//EN");
    out.line("CALSCALE", "GREGORIAN");
    // RFC 7986 has the first; calendar programs still read the second.
    for property in ["NAME", "X-WR-CALNAME"] {
        out.text(property, name);
    }
    let is_london = zone == Tz::Europe__London;
    if is_london {
        out.block(LONDON);
    }
    for event in events {
        let entry = &event.entry;
        out.line("BEGIN", "VEVENT");
        out.line("UID", &format!("{}@startline", entry.id));
        out.line("SEQUENCE", &entry.sequence.to_string());
        out.instant("DTSTAMP", entry.changed_at);
        for (name, at) in [("DTSTART", entry.starts_at), ("DTEND", entry.ends_at)] {
            if is_london {
                out.local(name, zone.name(), at.with_timezone(&zone).naive_local());
            } else {
                out.instant(name, at);
            }
        }
        out.line("STATUS", if entry.cancelled { "CANCELLED" } else { "CONFIRMED" });
        out.line("TRANSP", if entry.cancelled { "TRANSPARENT" } else { "OPAQUE" });
        out.line("CLASS", "PRIVATE");
        out.text("SUMMARY", &event.summary);
        out.text("LOCATION", &event.location);
        out.line("END", "VEVENT");
    }
    out.line("END", "VCALENDAR");
    out.finish()
}

/// `R. F. · 3f9a`: enough for who knows the appointment, and nothing for who does not.
pub fn summary(client: Option<&Client>, appointment: AppointmentId) -> String {
    let names = client.map(|client| [&client.facts.other_names, &client.facts.last_name]);
    let letters = names.into_iter().flatten().filter_map(|name| name.chars().find(|c| c.is_alphabetic()));
    let initials: Vec<String> = letters.map(|letter| format!("{}.", letter.to_uppercase())).collect();
    let initials = if initials.is_empty() { "?".to_owned() } else { initials.join(" ") };
    // The end of a UUID of version 7 is random; its beginning is the time.
    let id = appointment.0.simple().to_string();
    format!("{initials} · {}", &id[id.len() - 4..])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clients::Facts;
    use chrono::{DateTime, TimeDelta, Utc};
    use proptest::prelude::*;
    use startline_foundation::ids::{ClientId, UserId};

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn event(starts_at: &str, cancelled: bool) -> Event {
        let made = at("2026-03-01T10:00:00Z");
        let entry = Entry {
            id: AppointmentId::fresh(made),
            sequence: 2,
            client_id: ClientId::fresh(made),
            personal_adviser: UserId::fresh(made),
            kind: "first-meeting".into(),
            office: "frome".into(),
            room: Some("2".into()),
            starts_at: at(starts_at),
            ends_at: at(starts_at) + TimeDelta::minutes(45),
            booked: !cancelled,
            cancelled,
            changed_at: made,
        };
        Event { entry, summary: "R. F. · 3f9a".into(), location: "2, ONE office Frome".into() }
    }

    #[test]
    fn a_meeting_at_nine_is_written_at_nine_on_either_side_of_a_clock_change() {
        let winter = event("2026-03-27T09:00:00Z", false);
        let summer = event("2026-03-30T08:00:00Z", true);
        let uid = format!("UID:{}@startline\r\n", summer.entry.id);
        let written = calendar("Frome", &[winter, summer], Tz::Europe__London);
        for line in [
            "DTSTART;TZID=Europe/London:20260327T090000\r\nDTEND;TZID=Europe/London:20260327T094500\r\nSTATUS:CONFIRMED\r\n",
            "DTSTART;TZID=Europe/London:20260330T090000\r\nDTEND;TZID=Europe/London:20260330T094500\r\nSTATUS:CANCELLED\r\n",
            "SEQUENCE:2\r\nDTSTAMP:20260301T100000Z\r\n",
            uid.as_str(),
        ] {
            assert!(written.contains(line), "{line} is not in {written}");
        }
        assert!(!written.contains("first-meeting"), "{written}");
    }

    fn client(other: &str, last: &str) -> Client {
        let facts = Facts { other_names: other.into(), last_name: last.into(), ..Facts::default() };
        let now = at("2026-03-01T10:00:00Z");
        Client {
            id: ClientId::fresh(now),
            revision: 1,
            facts,
            home_site: "somerset".into(),
            first_contact_at: now,
            matter_over_at: None,
            death: None,
        }
    }

    #[test]
    fn a_summary_is_initials_and_a_reference() {
        let id = AppointmentId("0195a000-0000-7000-8000-000000003f9a".parse().unwrap());
        assert_eq!(summary(Some(&client("rosa Jane", "Fry")), id), "R. F. · 3f9a");
        assert_eq!(summary(Some(&client("", "'t Hooft")), id), "T. · 3f9a");
        assert_eq!(summary(Some(&client("", "")), id), "? · 3f9a");
        assert_eq!(summary(None, id), "? · 3f9a");
    }

    proptest! {
        #[test]
        fn no_name_is_ever_more_than_its_first_letter(other in "\\PC{0,30}", last in "\\PC{0,30}") {
            let id = AppointmentId("0195a000-0000-7000-8000-000000003f9a".parse().unwrap());
            let shown = summary(Some(&client(&other, &last)), id);
            let initials = shown.strip_suffix(" · 3f9a").unwrap();
            prop_assert!(initials.split(' ').count() <= 2);
            // A letter may become two or three when it is made a capital: ß, ﬁ.
            prop_assert!(initials.split(' ').all(|one| one.chars().count() <= 4));
        }
    }
}
