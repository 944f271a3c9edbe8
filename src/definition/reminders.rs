//! When and how clients are reminded of appointments, and in what words.

use super::places::Office;
use super::text::Text;
use chrono::{NaiveDate, NaiveTime};
use startline_foundation::formats::{Language, weekday_in_words, words};
use std::collections::BTreeMap;

words! {
    /// How a client is reminded.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub enum Channel {
        /// Somebody of the site rings.
        Call = "call",
        Text = "text",
        Letter = "letter",
    }
}

words! {
    /// What makes a line needless.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum Unless {
        Never = "",
        /// A reminder call reached the client.
        Reached = "reached",
        /// A reminder call reached the client, or a text went out.
        Told = "told",
    }
}

/// What really follows for a client who does not come, which a reminder says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bearing {
    /// The claim waits for the meeting.
    Binding,
    /// Another agency is told, by its own rules.
    Referred,
    /// Nothing.
    Free,
}

impl Bearing {
    pub const ALL: [Self; 3] = [Self::Binding, Self::Referred, Self::Free];
}

/// The words for each.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Follows {
    pub(super) binding: Text,
    pub(super) referred: Text,
    pub(super) free: Text,
}

/// One line of a plan.
#[derive(Debug, Clone, PartialEq)]
pub struct ReminderLine {
    /// The same in every version in which the line is the same: `text-2`.
    pub id: String,
    pub by: Channel,
    pub working_days_before: u32,
    /// Local time; when the site opens, if there is none.
    pub at: Option<NaiveTime>,
    pub unless: Unless,
    /// Also when the appointment was made after the line's moment: it confirms the appointment then.
    pub also_when_booked_later: bool,
    /// Of a letter.
    pub heading: Option<Text>,
    pub words: Text,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Reminders {
    pub(super) what: BTreeMap<String, Text>,
    pub(super) any_other: Text,
    pub(super) follows: Option<Follows>,
    pub(super) plans: Vec<Plan>,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Plan {
    /// Every other kind when there are none.
    pub(super) kinds: Vec<String>,
    pub(super) lines: Vec<ReminderLine>,
}

/// What stands in the place of the names in braces.
#[derive(Debug, Clone)]
pub struct Fillings<'a> {
    pub what: &'a str,
    pub follows: &'a str,
    pub day: NaiveDate,
    pub time: NaiveTime,
    pub office: &'a Office,
    /// As a letter addresses the client.
    pub name: &'a str,
    pub language: Language,
}

/// The names that a wording may have in braces.
pub(super) const NAMES: [&str; 8] = ["what", "follows", "day", "time", "office", "address", "phone", "name"];

impl Reminders {
    /// The lines for a kind of appointment, in the order of the plan.
    pub fn lines(&self, kind: &str) -> &[ReminderLine] {
        let own = self.plans.iter().find(|plan| plan.kinds.iter().any(|known| known == kind));
        let usual = || self.plans.iter().find(|plan| plan.kinds.is_empty());
        own.or_else(usual).map(|plan| plan.lines.as_slice()).unwrap_or_default()
    }

    pub fn line(&self, kind: &str, id: &str) -> Option<&ReminderLine> {
        self.lines(kind).iter().find(|line| line.id == id)
    }

    /// What a kind of appointment is called towards the client.
    pub fn what(&self, kind: &str, language: Language) -> &str {
        self.what.get(kind).unwrap_or(&self.any_other).in_language(language)
    }

    /// What follows for a client who does not come, in a sentence; empty where the words say it themselves.
    pub fn follows(&self, bearing: Bearing, language: Language) -> &str {
        let Some(follows) = &self.follows else { return "" };
        let text = match bearing {
            Bearing::Binding => &follows.binding,
            Bearing::Referred => &follows.referred,
            Bearing::Free => &follows.free,
        };
        text.in_language(language)
    }

    /// The most working days that any line comes before its appointment.
    pub fn furthest_working_days(&self) -> u32 {
        let lines = self.plans.iter().flat_map(|plan| &plan.lines);
        lines.map(|line| line.working_days_before).max().unwrap_or(0)
    }
}

impl Fillings<'_> {
    /// A wording with everything filled in. What is filled in is not looked through again: a name with braces is a name.
    pub fn fill(&self, words: &str) -> String {
        let mut filled = String::with_capacity(words.len() + 120);
        let mut rest = words;
        while let Some((before, name, after)) = next_name(rest) {
            filled.push_str(before);
            match self.value(name) {
                Some(value) => filled.push_str(&value),
                None => filled.push_str(name),
            }
            rest = after;
        }
        filled.push_str(rest);
        filled
    }

    fn value(&self, name: &str) -> Option<String> {
        Some(match name {
            "what" => self.what.to_owned(),
            "follows" => self.follows.to_owned(),
            "day" => weekday_in_words(self.day, self.language),
            "time" => self.time.format("%H:%M").to_string(),
            "office" => self.office.name.clone(),
            "address" => format!("{}, {}", self.office.address.join(", "), self.office.postcode),
            "phone" => self.office.phone.grouped(),
            "name" => self.name.to_owned(),
            _ => return None,
        })
    }
}

/// What stands before the first name in braces, the name, and what stands after it.
pub(super) fn next_name(words: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = words.split_once('{')?;
    let (name, after) = rest.split_once('}')?;
    Some((before, name, after))
}
