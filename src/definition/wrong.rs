//! What is wrong with an answer, told in the adviser's language: what would be right, never what was typed.

use startline_foundation::formats::Language;
use std::fmt;

/// A sentence in both languages. The Welsh is machine-drafted, to be checked by a Welsh speaker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrong {
    en: String,
    cy: String,
}

impl Wrong {
    pub(super) fn new(en: impl Into<String>, cy: impl Into<String>) -> Self {
        Self { en: en.into(), cy: cy.into() }
    }

    /// The same, inside a row or a field that each language names in its own way.
    pub(super) fn within(self, en: &str, cy: &str) -> Self {
        Self { en: format!("{en}: {}", self.en), cy: format!("{cy}: {}", self.cy) }
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
