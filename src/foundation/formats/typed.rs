//! What somebody typed into a field that has a name: the text as it is kept, or a refusal that names the field.

use super::text::{long_text, plain_text};
use crate::error::{Error, Result};

/// One line, as [`plain_text`] has it; it may be empty.
///
/// # Errors
/// `Invalid`, with what would be right.
pub fn optional_line(field: impl Into<String>, text: &str, most_chars: usize) -> Result<String> {
    plain_text(text, most_chars).map_err(|reason| Error::invalid(field, reason))
}

/// Several lines, as [`long_text`] has them; there may be none.
///
/// # Errors
/// `Invalid`, with what would be right.
pub fn optional_lines(field: impl Into<String>, text: &str, most_chars: usize) -> Result<String> {
    long_text(text, most_chars).map_err(|reason| Error::invalid(field, reason))
}

/// One line that must be there; `missing` is what is said when it is not.
///
/// # Errors
/// `Invalid`, with what would be right.
pub fn required_line(field: impl Into<String>, text: &str, most_chars: usize, missing: &str) -> Result<String> {
    let field = field.into();
    there(optional_line(field.clone(), text, most_chars)?, field, missing)
}

/// Several lines that must not be empty; `missing` is what is said when they are.
///
/// # Errors
/// `Invalid`, with what would be right.
pub fn required_lines(field: impl Into<String>, text: &str, most_chars: usize, missing: &str) -> Result<String> {
    let field = field.into();
    there(optional_lines(field.clone(), text, most_chars)?, field, missing)
}

fn there(text: String, field: String, missing: &str) -> Result<String> {
    if text.is_empty() { Err(Error::invalid(field, missing)) } else { Ok(text) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_kept_trimmed_or_refused_by_its_name() {
        let said = |result: Result<String>| result.map_err(|fault| fault.to_string());
        assert_eq!(said(required_line("reason", "  moved house ", 20, "is needed")), Ok("moved house".into()));
        assert_eq!(said(required_lines("note", "a\r\nb", 20, "is needed")), Ok("a\nb".into()));
        assert_eq!(said(optional_line("note", " ", 20)), Ok(String::new()));
        assert!(said(required_line("reason", " ", 20, "is needed: why?")).unwrap_err().contains("is needed: why?"));
        assert!(said(required_lines("reason", "\n", 20, "is needed")).unwrap_err().contains("reason"));
        assert!(said(required_line("reason", "a\nb", 20, "is needed")).unwrap_err().contains("one line"));
        assert!(said(optional_lines("note", "abc", 2)).unwrap_err().contains("at most 2 characters"));
    }
}
