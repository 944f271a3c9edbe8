//! One question of the claim form or of a script.

use super::bounds::Bounds;
use super::condition::{Answers, Condition, is_blank};
use super::kind::{Column, Kind};
use super::sensitivity::Sensitivity;
use super::text::Text;
use serde::Deserialize;
use serde_json::Value as Json;
use startline_foundation::ids::QuestionId;

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
    /// The day the client was first in touch: the service's own knowledge, typed by nobody.
    FirstContact,
    Title,
    LastName,
    OtherNames,
    DateOfBirth,
    Nino,
    Address,
    Postcode,
    /// Where letters go instead of the home: a group of `address`, `postcode`, and perhaps `opened_by`, `from` and `until`.
    LettersAddress,
    Phone,
    OtherPhone,
    TalkingLanguage,
    LettersLanguage,
    /// `large_print`, `none`, or another option for letters that are produced elsewhere: `braille`.
    LettersFormat,
    /// Skills an adviser needs to talk with the client, where the question's options name them.
    CallNeeds,
    /// Who acts or speaks for the client: a group of `name`, `authority` and perhaps `phone` and `address`.
    SpokenFor,
    /// Whether anybody does: with a no the record knows of nobody.
    HasSpeaker,
    /// The only times of the day at which it is safe to ring, where the options name those of `service.yaml`.
    SafeTimes,
    /// The only way in which the client is reached: `text`, `letter`, or another option for any.
    ContactWay,
    /// Whether a message may be left.
    Messages,
}

impl ClientFact {
    pub(super) fn fits(self, kind: &Kind) -> bool {
        match self {
            Self::LastName | Self::OtherNames => matches!(kind, Kind::Text { .. }),
            Self::FirstContact | Self::DateOfBirth => *kind == Kind::Date,
            Self::Nino => *kind == Kind::Nino,
            Self::Address => *kind == Kind::Address,
            Self::Postcode => *kind == Kind::Postcode,
            Self::LettersAddress => matches!(kind, Kind::Group { fields } if is_letters_address(fields)),
            Self::Phone | Self::OtherPhone => *kind == Kind::Phone,
            Self::Title | Self::TalkingLanguage | Self::LettersLanguage | Self::LettersFormat | Self::ContactWay => {
                matches!(kind, Kind::Choice(_))
            }
            Self::CallNeeds | Self::SafeTimes => matches!(kind, Kind::Multi(_)),
            Self::Messages | Self::HasSpeaker => *kind == Kind::YesNo,
            Self::SpokenFor => matches!(kind, Kind::Group { fields } if is_spoken_for(fields)),
        }
    }
}

/// An address and a postcode that must be there, and beside them only what the client record takes.
fn is_letters_address(fields: &[Column]) -> bool {
    let fits = |field: &Column| match field.id.as_str() {
        "address" => field.required && field.kind == Kind::Address,
        "postcode" => field.required && field.kind == Kind::Postcode,
        "opened_by" => matches!(field.kind, Kind::Text { .. }),
        "from" | "until" => field.kind == Kind::Date,
        _ => false,
    };
    let has = |id: &str| fields.iter().any(|field| field.id == id);
    has("address") && has("postcode") && fields.iter().all(fits)
}

/// A name and by what authority, and beside them only what is known of such a person.
fn is_spoken_for(fields: &[Column]) -> bool {
    let fits = |field: &Column| match field.id.as_str() {
        "name" => field.required && matches!(field.kind, Kind::Text { .. }),
        "authority" => field.required && matches!(field.kind, Kind::Choice(_)),
        "phone" => field.kind == Kind::Phone,
        "address" => field.kind == Kind::Address,
        _ => false,
    };
    let has = |id: &str| fields.iter().any(|field| field.id == id);
    has("name") && has("authority") && fields.iter().all(fits)
}

/// What becomes of an answer when the client claims again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Carry {
    /// It is carried over, to be confirmed.
    #[default]
    Confirm,
    /// It is asked anew; what was said before is shown beside the question.
    Ask,
}

/// Whether the client gets to read the answer on paper. A script's question is printed only when its definition says so,
/// in words for the client; the form is the client's own, and prints what it asks.
#[derive(Debug, Clone, PartialEq)]
pub enum Printed {
    /// Under the question's own label.
    AsAsked,
    /// Under these words.
    Under(Text),
    Not,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Question {
    pub id: QuestionId,
    /// As it is printed, speaking to the client; also as it is spoken where `say` is absent.
    pub label: Text,
    /// As the adviser says it.
    pub say: Option<Text>,
    /// For the adviser's eyes.
    pub guidance: Option<Text>,
    /// Printed small under the label.
    pub hint: Option<Text>,
    pub kind: Kind,
    /// When it is asked; always, when there is no condition.
    pub shown: Option<Condition>,
    pub required: Required,
    /// Of a day.
    pub bounds: Bounds,
    pub benefits: Benefits,
    /// Ids of the agencies that may see it. Empty only in scripts.
    pub agencies: Vec<String>,
    /// Shown only to those whose work needs it, and why.
    pub sensitive: Option<Sensitivity>,
    /// For advisers' use; never read out or printed for the client.
    pub adviser_only: bool,
    /// What of it the client gets to read.
    pub printed: Printed,
    /// In a script: the form question that this one's answer also fills.
    pub fills: Option<QuestionId>,
    pub fills_client: Option<ClientFact>,
    pub carry: Carry,
    /// A carried answer older than this is asked anew; the service's setting when there is none.
    pub carry_days: Option<u32>,
    /// In the partner's own claim it is taken from this question of the client's claim.
    pub from_partner: Option<QuestionId>,
    /// Where it stands in its file.
    pub(super) line: u64,
}

impl Question {
    pub fn is_shown(&self, answers: &Answers) -> bool {
        self.shown.as_ref().is_none_or(|condition| condition.holds(answers))
    }

    /// Its answer, when one has been given. An empty table says "none".
    pub fn answer<'a>(&self, answers: &'a Answers) -> Option<&'a Json> {
        let says_none = |value: &Json| matches!(self.kind, Kind::Table { .. }) && value.is_array();
        answers.get(&self.id).filter(|value| !is_blank(value) || says_none(value))
    }

    /// Whether the answer may stand on anything that the client is sent.
    pub fn is_printed(&self) -> bool {
        self.printed != Printed::Not && !self.adviser_only
    }

    /// As the adviser says it.
    pub fn spoken(&self) -> &Text {
        self.say.as_ref().unwrap_or(&self.label)
    }

    /// The bounds of its days, for linking and linting.
    pub(super) fn bounds_mut(&mut self) -> impl Iterator<Item = &mut Condition> {
        let columns = match &mut self.kind {
            Kind::Table { columns, .. } | Kind::Group { fields: columns } => columns.as_mut_slice(),
            _ => &mut [],
        };
        self.bounds.conditions_mut().chain(columns.iter_mut().flat_map(|column| column.bounds.conditions_mut()))
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
