//! What the list of who has looked at a client's record says: decided, and in words, as all that a template sets.

use super::content::{FormContent, Look, MOST_CHARACTERS, Printable, Said, Sender};
use chrono::{DateTime, Utc};
use serde::Serialize;

/// What such a list says. Each wording is in one language.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AccessList {
    pub look: Look,
    pub composed_at: DateTime<Utc>,
    pub client_name: String,
    pub service_name: Said,
    /// Whom to ask about it.
    pub site: Sender,
    pub made_on: Said,
    /// The days of the first look and of the last that it tells of, in words.
    pub span: Option<Span>,
    pub people: Vec<Someone>,
    /// The newest first.
    pub days: Vec<DayTold>,
    /// The local day before which nothing is told, in words, when something is left for another list.
    pub goes_on_before: Option<Said>,
    /// The local day before which what was looked at is not kept any more, in words.
    pub erased_before: Option<Said>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Span {
    pub first_day: Said,
    pub last_day: Said,
}

/// Somebody on the list.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Someone {
    pub name: String,
    pub work: String,
    pub days: String,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DayTold {
    pub title: Said,
    pub entries: Vec<Told>,
}

/// What one person looked at on that day.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Told {
    pub name: String,
    /// What they do and where: `start-up adviser, Somerset`.
    pub work: String,
    /// `10.15am`, or `10.15am to 11am`.
    pub times: String,
    pub what: Vec<String>,
    pub why: Vec<String>,
}

impl Printable for AccessList {
    /// Its days are one place, and bounded by how many it tells of.
    const MOST_OF_ONE_PLACE: usize = MOST_CHARACTERS;

    fn form_mut(&mut self) -> Option<&mut FormContent> {
        None
    }

    fn look(&self) -> Look {
        self.look
    }
}
