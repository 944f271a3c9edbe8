//! What is wrong with an answer, told in the adviser's language: what would be right, never what was typed.

use startline_foundation::error::Error;
use startline_foundation::formats::Language;
use std::fmt;

/// A sentence in both languages, and where in the value it applies. The Welsh is machine-drafted, to be checked by a Welsh
/// speaker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrong {
    en: String,
    cy: String,
    /// From the value as it came: `[2].amount` is the amount of the third row. Empty for the value itself.
    path: String,
}

impl Wrong {
    pub(super) fn new(en: impl Into<String>, cy: impl Into<String>) -> Self {
        Self { en: en.into(), cy: cy.into(), path: String::new() }
    }

    /// The same of a part of the value: `.sort_code`, `[2]`.
    pub(super) fn at(self, step: &str) -> Self {
        Self { path: format!("{step}{}", self.path), ..self }
    }

    /// The fault of a field that holds the value, down to the cell.
    pub fn in_field(&self, field: &str, language: Language) -> Error {
        Error::invalid(format!("{field}{}", self.path), self.in_language(language))
    }

    pub fn path(&self) -> &str {
        &self.path
    }

    /// The same, inside a row or a field that each language names in its own way.
    pub(super) fn within(self, en: &str, cy: &str) -> Self {
        Self { en: format!("{en}: {}", self.en), cy: format!("{cy}: {}", self.cy), path: self.path }
    }

    pub(super) fn cy(&self) -> &str {
        &self.cy
    }

    pub fn in_language(&self, language: Language) -> &str {
        match language {
            Language::English => &self.en,
            Language::Welsh => &self.cy,
        }
    }
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.en)
    }
}
