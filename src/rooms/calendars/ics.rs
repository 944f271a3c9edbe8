//! Writes iCalendar (RFC 5545): content lines, escaped and folded. Pure.
//!
//! A library for it (icalendar 0.17) was looked at: it puts a DTSTAMP of the system's clock and a random UID into each part of
//! a VTIMEZONE, where the standard has neither.

use chrono::{DateTime, NaiveDateTime, Utc};

/// Section 3.1: octets of a line, without its end.
const LINE_OCTETS: usize = 75;

#[derive(Default)]
pub struct Writer(String);

impl Writer {
    /// A line whose value is written as it is: a keyword, a number, a time.
    pub fn line(&mut self, name: &str, value: &str) {
        self.folded(&format!("{name}:{value}"));
    }

    /// A line whose value is text (section 3.3.11).
    pub fn text(&mut self, name: &str, value: &str) {
        self.folded(&format!("{name}:{}", escaped(value)));
    }

    /// An instant in UTC.
    pub fn instant(&mut self, name: &str, at: DateTime<Utc>) {
        self.line(name, &at.format("%Y%m%dT%H%M%SZ").to_string());
    }

    /// A wall time in a time zone that the calendar describes.
    pub fn local(&mut self, name: &str, zone: &str, at: NaiveDateTime) {
        self.line(&format!("{name};TZID={zone}"), &at.format("%Y%m%dT%H%M%S").to_string());
    }

    /// Lines that are written as they stand here.
    pub fn block(&mut self, lines: &str) {
        lines.lines().for_each(|line| self.folded(line));
    }

    pub fn finish(self) -> String {
        self.0
    }

    /// No character is divided: some readers put the lines together only after they have decoded them.
    fn folded(&mut self, line: &str) {
        let mut room = LINE_OCTETS;
        for character in line.chars() {
            if character.len_utf8() > room {
                self.0.push_str("\r\n ");
                room = LINE_OCTETS - 1;
            }
            room -= character.len_utf8();
            self.0.push(character);
        }
        self.0.push_str("\r\n");
    }
}

/// Control characters have no place in a text; a line break is written as one.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for character in text.replace("\r\n", "\n").chars() {
        match character {
            '\\' | ';' | ',' => out.extend(['\\', character]),
            '\n' => out.push_str("\\n"),
            '\t' => out.push('\t'),
            control if control.is_control() => {}
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A naive reader: lines put together again, and the value of one property.
    fn read(written: &str, name: &str) -> String {
        let whole = written.replace("\r\n ", "");
        let start = format!("{name}:");
        let value = whole.split("\r\n").find_map(|line| line.strip_prefix(&start)).unwrap().to_owned();
        let mut text = String::new();
        let mut characters = value.chars();
        while let Some(character) = characters.next() {
            match character {
                '\\' => text.push(match characters.next().unwrap() {
                    'n' | 'N' => '\n',
                    other => other,
                }),
                ',' | ';' => panic!("{character:?} stands bare in {value:?}"),
                other => text.push(other),
            }
        }
        text
    }

    #[test]
    fn commas_semicolons_backslashes_and_line_breaks_are_escaped() {
        let mut writer = Writer::default();
        writer.text("LOCATION", "Room 2; first floor, left\\right\nFrome");
        assert_eq!(writer.finish(), "LOCATION:Room 2\\; first floor\\, left\\\\right\\nFrome\r\n");
    }

    #[test]
    fn a_long_line_is_folded_between_characters() {
        let mut writer = Writer::default();
        writer.text("X", &"ŵ".repeat(60));
        let written = writer.finish();
        assert!(written.lines().count() == 2 && written.contains("\r\n ŵ"), "{written}");
    }

    proptest! {
        #[test]
        fn any_text_of_any_length_is_read_back_as_it_was(text in any::<String>(), long in "\\PC{0,400}", name in "[A-Z]{1,12}") {
            for text in [text, long] {
                // What the writer leaves out has no place in a calendar.
                let text: String =
                    text.replace("\r\n", "\n").chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).collect();
                let mut writer = Writer::default();
                writer.text(&name, &text);
                let written = writer.finish();
                prop_assert!(written.ends_with("\r\n"));
                for line in written.trim_end_matches("\r\n").split("\r\n") {
                    prop_assert!(line.len() <= 75, "{} octets", line.len());
                    prop_assert!(!line.contains(['\r', '\n']));
                }
                prop_assert_eq!(read(&written, &name), text);
            }
        }
    }
}
