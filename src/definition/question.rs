//! One question of the claim form or of a script.

use super::condition::{Answers, Condition, is_blank};
use super::kind::Kind;
use super::text::Text;
use crate::ids::QuestionId;
use serde::Deserialize;
use serde_json::Value as Json;

/// Whether a question must be answered before the form is complete.
#[derive(Debug, Clone, PartialEq)]
pub enum Required {
    Always,
    Never,
    When(Condition),
}

impl Required {
    pub fn holds(&self, answers: &Answers) -> bool {
        match self {
            Self::Always => true,
            Self::Never => false,
            Self::When(condition) => condition.holds(answers),
        }
    }
}

/// The benefits a question serves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Benefits {
    All,
    Only(Vec<String>),
}

impl Benefits {
    /// Whether one of the benefits claimed is among them.
    pub fn serve(&self, claimed: &[&str]) -> bool {
        match self {
            Self::All => true,
            Self::Only(benefits) => benefits.iter().any(|benefit| claimed.contains(&benefit.as_str())),
        }
    }
}

/// A fact of the client record that a question asks for, so that it is asked once and kept there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClientFact {
    LastName,
    OtherNames,
    DateOfBirth,
    Nino,
    Address,
    Postcode,
    Phone,
    OtherPhone,
    TalkingLanguage,
    LettersLanguage,
}

impl ClientFact {
    pub(super) fn fits(self, kind: &Kind) -> bool {
        match self {
            Self::LastName | Self::OtherNames => matches!(kind, Kind::Text { .. }),
            Self::DateOfBirth => *kind == Kind::Date,
            Self::Nino => *kind == Kind::Nino,
            Self::Address => *kind == Kind::Address,
            Self::Postcode => *kind == Kind::Postcode,
            Self::Phone | Self::OtherPhone => *kind == Kind::Phone,
            Self::TalkingLanguage | Self::LettersLanguage => matches!(kind, Kind::Choice(_)),
        }
    }
}

#[derive(Debug, Clone, PartialEq)]
pub struct Question {
    pub id: QuestionId,
    pub label: Text,
    pub hint: Option<Text>,
    pub kind: Kind,
    /// When it is asked; always, when there is no condition.
    pub shown: Option<Condition>,
    pub required: Required,
    pub benefits: Benefits,
    /// Ids of the agencies that may see it. Empty only in scripts.
    pub agencies: Vec<String>,
    /// Shown only to those whose work needs it: risk markers, bank details.
    pub sensitive: bool,
    /// For advisers' use; never read out or printed for the client.
    pub adviser_only: bool,
    /// In a script: the form question that this one's answer also fills.
    pub fills: Option<QuestionId>,
    pub fills_client: Option<ClientFact>,
    /// Where it stands in its file.
    pub(super) line: u64,
}

impl Question {
    pub fn is_shown(&self, answers: &Answers) -> bool {
        self.shown.as_ref().is_none_or(|condition| condition.holds(answers))
    }

    /// Its answer, when one has been given.
    pub fn answer<'a>(&self, answers: &'a Answers) -> Option<&'a Json> {
        answers.get(&self.id).filter(|value| !is_blank(value))
    }

    /// The conditions it carries, for linking and linting.
    pub(super) fn conditions_mut(&mut self) -> impl Iterator<Item = &mut Condition> {
        let required = match &mut self.required {
            Required::When(condition) => Some(condition),
            _ => None,
        };
        let value = match &mut self.kind {
            Kind::Computed(condition) => Some(condition),
            _ => None,
        };
        self.shown.iter_mut().chain(required).chain(value)
    }
}
