//! What calls and advisers are told apart by: skills, the numbers people dial, and lines outside the network.

use super::named::Named;
use super::text::Text;
use chrono::NaiveTime;
use startline_foundation::formats::UkPhone;
use startline_foundation::ids::SiteId;

/// How calls are told apart. All of it may be left out: then nothing special is ever needed.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Telephone {
    /// What advisers may be able to do beside taking calls and making call-backs: `welsh`, `textphone`, a language.
    pub skills: Vec<Named>,
    /// What a call may need that no adviser has to be able to do: an interpreter beside them.
    pub other_needs: Vec<Named>,
    /// Numbers people dial beside the sites' own.
    pub lines: Vec<Line>,
    /// Where an adviser may pass a caller outside the network.
    pub outside_lines: Vec<OutsideLine>,
    /// What a caller hears who has waited long.
    pub waiting: Text,
    /// Times of the day at which a client may say that it is safe to ring them.
    pub safe_times: Vec<SafeTime>,
    /// What callers hear out of hours after the hours: whom to ring in an emergency. May be empty.
    pub emergencies: Text,
}

/// A number that says something about the call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    pub phone: UkPhone,
    /// The site whose callers ring it, if it is one site's.
    pub site: Option<SiteId>,
    /// Skills that a call to it needs.
    pub needs: Vec<String>,
}

/// An interpreters' bureau, for example.
#[derive(Debug, Clone, PartialEq)]
pub struct OutsideLine {
    pub id: String,
    pub name: Text,
    pub phone: UkPhone,
}

/// A part of the day, by the local clock.
#[derive(Debug, Clone, PartialEq)]
pub struct SafeTime {
    pub id: String,
    pub name: Text,
    pub from: NaiveTime,
    pub to: NaiveTime,
}

/// The skill of whoever takes calls.
pub const INBOUND: &str = "inbound";
/// The skill of whoever makes call-backs.
pub const OUTBOUND: &str = "outbound";
