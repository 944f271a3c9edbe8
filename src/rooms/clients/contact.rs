//! How a client is reached, and who speaks for them: said once, and used by whoever rings, writes or meets them.

use super::checking::{Faults, optional};
use serde::{Deserialize, Serialize};
use startline_foundation::formats::limits::NAME_CHARS;
use startline_foundation::formats::{UkPhone, person_name, words};

/// Times of the day that a definition may name.
const MOST_TIMES: usize = 8;
const WORD_CHARS: usize = 40;

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Contact {
    pub spoken_for: Option<SpokenFor>,
    /// The only times of the day at which it is safe to ring, as the service definition names them; none: at any.
    pub safe_times: Vec<String>,
    /// The only way in which they are reached beside a call that they asked for; none: in any.
    pub way: Option<Way>,
    /// Whether a message may be left; none: nobody has said.
    pub messages: Option<bool>,
}

/// Who acts or speaks for the client.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpokenFor {
    pub name: String,
    /// By what authority, in a word of the form's: `appointee`, `advocate`.
    pub authority: String,
    /// E.164.
    #[serde(default)]
    pub phone: Option<String>,
}

words! {
    /// A way in which a client wants to be reached and no other.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
    #[serde(rename_all = "snake_case")]
    pub enum Way {
        Text = "text",
        Letter = "letter",
    }
}

/// As somebody typed it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ContactDraft {
    pub spoken_for: SpokenForDraft,
    pub safe_times: Vec<String>,
    /// Empty, `text` or `letter`.
    pub way: String,
    /// Empty, `yes` or `no`.
    pub messages: String,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SpokenForDraft {
    pub name: String,
    pub authority: String,
    pub phone: String,
}

impl Contact {
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl SpokenForDraft {
    /// None for an empty one, and for one that has faults.
    pub(super) fn check(&self, faults: &mut Faults) -> Option<SpokenFor> {
        if *self == Self::default() {
            return None;
        }
        let before = faults.0.len();
        let name = faults.take("contact.spoken_for.name", person_name(&self.name, NAME_CHARS));
        if name.is_empty() && faults.0.len() == before {
            faults.take::<()>("contact.spoken_for.name", Err("is needed: who speaks for the client?".into()));
        }
        let authority = faults.take("contact.spoken_for.authority", word(&self.authority));
        let phone = faults.take("contact.spoken_for.phone", optional(&self.phone, UkPhone::parse));
        let phone = phone.map(|phone| phone.e164().to_owned());
        (faults.0.len() == before).then_some(SpokenFor { name, authority, phone })
    }
}

impl ContactDraft {
    pub(super) fn check(&self, faults: &mut Faults) -> Contact {
        let way = match self.way.as_str() {
            "" => Ok(None),
            text => Way::parse(text).map(Some).ok_or_else(|| "must be text, letter or nothing".to_owned()),
        };
        let messages = match self.messages.as_str() {
            "" => Ok(None),
            "yes" => Ok(Some(true)),
            "no" => Ok(Some(false)),
            _ => Err("must be yes, no or nothing".to_owned()),
        };
        Contact {
            spoken_for: self.spoken_for.check(faults),
            safe_times: faults.take("contact.safe_times", times(&self.safe_times)),
            way: faults.take("contact.way", way),
            messages: faults.take("contact.messages", messages),
        }
    }
}

/// A short word as definitions have them.
pub(super) fn word(text: &str) -> Result<String, String> {
    let fits = text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || c == '-');
    if fits && text.len() <= WORD_CHARS {
        Ok(text.to_owned())
    } else {
        Err(format!("must be a word in small letters, at most {WORD_CHARS}"))
    }
}

/// In the order of the alphabet, each once.
pub(super) fn times(given: &[String]) -> Result<Vec<String>, String> {
    if given.len() > MOST_TIMES {
        return Err(format!("are more than {MOST_TIMES}"));
    }
    let mut times = given.iter().map(|time| word(time)).collect::<Result<Vec<_>, _>>()?;
    times.retain(|time| !time.is_empty());
    times.sort_unstable();
    times.dedup();
    Ok(times)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_meant_is_named_by_its_field() {
        let draft = ContactDraft {
            spoken_for: SpokenForDraft { phone: "12".into(), ..SpokenForDraft::default() },
            safe_times: vec!["In the morning".into()],
            way: "pigeon".into(),
            messages: "perhaps".into(),
        };
        let mut faults = Faults::default();
        assert!(draft.check(&mut faults).is_empty());
        let fields: Vec<&str> = faults.0.iter().map(|fault| fault.field.as_str()).collect();
        let expected = ["spoken_for.name", "spoken_for.phone", "safe_times", "way", "messages"];
        assert_eq!(fields, expected.map(|field| format!("facts.contact.{field}")));
    }

    #[test]
    fn what_was_typed_is_kept_as_it_is_meant() {
        let spoken_for =
            SpokenForDraft { name: " Mary Hill ".into(), authority: "appointee".into(), phone: "01373 000999".into() };
        let draft = ContactDraft {
            spoken_for,
            safe_times: vec!["morning".into(), "evening".into(), "morning".into()],
            way: "text".into(),
            messages: "no".into(),
        };
        let mut faults = Faults::default();
        let contact = draft.check(&mut faults);
        assert_eq!(faults.0, []);
        let mary = contact.spoken_for.clone().unwrap();
        assert_eq!((mary.name.as_str(), mary.phone.as_deref()), ("Mary Hill", Some("+441373000999")));
        assert_eq!(contact.safe_times, ["evening", "morning"]);
        assert_eq!((contact.way, contact.messages), (Some(Way::Text), Some(false)));
        let kept = serde_json::to_value(&contact).unwrap();
        assert_eq!(serde_json::from_value::<Contact>(kept).unwrap(), contact);
    }
}
