//! Wording in the languages of the service.

use serde::Deserialize;

/// A wording in English and, where it has been translated, in Welsh.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Text {
    pub en: String,
    #[serde(default)]
    pub cy: Option<String>,
}

impl Text {
    pub fn english(text: &str) -> Self {
        Self { en: text.to_owned(), cy: None }
    }

    /// In the language asked for (`en` or `cy`), or in English where there is no translation.
    pub fn in_language(&self, language: &str) -> &str {
        match (&self.cy, language) {
            (Some(welsh), "cy") => welsh,
            _ => &self.en,
        }
    }
}
