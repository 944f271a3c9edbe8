//! What is wrong with facts on their way in, each by its field.

use startline_foundation::error::FieldFault;
use startline_foundation::formats::limits::{ADDRESS_LINE_CHARS, ADDRESS_LINES};
use startline_foundation::formats::plain_text;

#[derive(Default)]
pub(super) struct Faults(pub(super) Vec<FieldFault>);

impl Faults {
    pub(super) fn take<T: Default>(&mut self, field: &str, checked: Result<T, String>) -> T {
        checked.unwrap_or_else(|reason| {
            self.0.push(FieldFault { field: format!("facts.{field}"), reason });
            T::default()
        })
    }

    /// The lines of an address; each that is wrong is named.
    pub(super) fn lines(&mut self, field: &str, given: &[String]) -> Vec<String> {
        if given.len() > ADDRESS_LINES {
            self.take::<()>(field, Err(too_many_lines()));
        }
        let lines = given.iter().take(ADDRESS_LINES).enumerate();
        lines
            .map(|(i, line)| self.take(&format!("{field}[{i}]"), plain_text(line, ADDRESS_LINE_CHARS)))
            .filter(|line| !line.is_empty())
            .collect()
    }
}

pub(super) fn too_many_lines() -> String {
    format!("has more than {ADDRESS_LINES} lines, which is what an envelope's window shows")
}

pub(super) fn optional<T>(text: &str, parse: impl Fn(&str) -> Result<T, String>) -> Result<Option<T>, String> {
    if text.trim().is_empty() { Ok(None) } else { parse(text).map(Some) }
}
