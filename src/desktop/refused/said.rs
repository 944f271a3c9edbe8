//! A sentence as a page says it: its own words, and what it has in English alone marked as English.

use std::fmt;

/// What the reader is told. On a Welsh page, `english` is what nobody has put into Welsh.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Said {
    own: String,
    english: String,
}

impl Said {
    pub fn english(text: impl Into<String>) -> Self {
        Self { own: String::new(), english: text.into() }
    }

    pub fn and_english(self, text: impl Into<String>) -> Self {
        Self { english: text.into(), ..self }
    }

    pub fn is_empty(&self) -> bool {
        self.own.is_empty() && self.english.is_empty()
    }

    /// `Postcode: must be a full UK postcode`.
    pub fn of(self, label: &str) -> Self {
        let own = if self.own.is_empty() { format!("{label}:") } else { format!("{label}: {}", self.own) };
        Self { own, ..self }
    }
}

/// What a template shows where nothing is wrong.
impl Default for &Said {
    fn default() -> Self {
        static NOTHING: Said = Said { own: String::new(), english: String::new() };
        &NOTHING
    }
}

impl<T: Into<String>> From<T> for Said {
    fn from(own: T) -> Self {
        Self { own: own.into(), english: String::new() }
    }
}

/// As it stands in a page: its text is text.
impl fmt::Display for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        escaped(f, &self.own)?;
        if self.english.is_empty() {
            return Ok(());
        }
        f.write_str(if self.own.is_empty() { "<span lang=\"en\">" } else { " <span lang=\"en\">" })?;
        escaped(f, &self.english)?;
        f.write_str("</span>")
    }
}

impl askama::filters::HtmlSafe for Said {}

fn escaped(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    for c in text.chars() {
        match c {
            '&' => f.write_str("&#38;")?,
            '<' => f.write_str("&#60;")?,
            '>' => f.write_str("&#62;")?,
            '"' => f.write_str("&#34;")?,
            '\'' => f.write_str("&#39;")?,
            c => fmt::Write::write_char(f, c)?,
        }
    }
    Ok(())
}

/// "must be a date" as it stands alone.
pub fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn english_within_another_language_is_marked_and_all_of_it_is_text() {
        assert_eq!(Said::from("a<b>").to_string(), "a&#60;b&#62;");
        let both = Said::from("Mae problem.").and_english("Ana's \"<b>\"").to_string();
        assert_eq!(both, "Mae problem. <span lang=\"en\">Ana&#39;s &#34;&#60;b&#62;&#34;</span>");
        assert_eq!(Said::english("is wrong").of("Enw").to_string(), "Enw: <span lang=\"en\">is wrong</span>");
    }
}
