//! Wording in the languages of the service.

use serde::Deserialize;
use startline_foundation::formats::{Language, long_text};

/// Longest wording, in characters: a spoken paragraph has under a thousand.
const MOST_CHARS: usize = 4_000;

/// A wording in English and, where it has been translated, in Welsh.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(try_from = "RawText")]
pub struct Text {
    pub en: String,
    pub cy: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawText {
    en: String,
    #[serde(default)]
    cy: Option<String>,
}

impl TryFrom<RawText> for Text {
    type Error = String;

    fn try_from(raw: RawText) -> Result<Self, String> {
        Self::checked(&raw.en, raw.cy.as_deref())
    }
}

impl Text {
    /// A wording that is there and holds nothing that cannot be read out or printed.
    ///
    /// # Errors
    /// A sentence that says what would be right.
    pub(super) fn checked(en: &str, cy: Option<&str>) -> Result<Self, String> {
        let wording = |text: &str| match long_text(text, MOST_CHARS) {
            Ok(text) if text.is_empty() => Err("a wording must not be empty".to_owned()),
            Ok(text) => Ok(text),
            Err(reason) => Err(format!("a wording {reason}")),
        };
        Ok(Self { en: wording(en)?, cy: cy.map(wording).transpose()? })
    }

    pub fn english(text: &str) -> Self {
        Self { en: text.to_owned(), cy: None }
    }

    /// In the language asked for, or in English where there is no translation.
    pub fn in_language(&self, language: Language) -> &str {
        match (&self.cy, language) {
            (Some(welsh), Language::Welsh) => welsh,
            _ => &self.en,
        }
    }
}
