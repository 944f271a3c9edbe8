//! The form of one agency: its questions in the order of its own paper, under its own headings.

use super::text::Text;
use startline_foundation::ids::QuestionId;

/// An agency without one gets its questions in the order of the form.
#[derive(Debug, Clone, PartialEq)]
pub struct AgencyOrder {
    pub agency: String,
    pub title: Text,
    pub sections: Vec<Section>,
    pub(super) file: String,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Section {
    pub title: Text,
    pub questions: Vec<QuestionId>,
    /// Where each of them is written.
    pub(super) lines: Vec<u64>,
}
