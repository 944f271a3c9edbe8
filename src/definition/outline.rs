//! The form on a page or two of a terminal: each part, and each question with its kind, when it is asked, for which
//! benefits and for whom.

use super::condition::Condition;
use super::form::Form;
use super::question::{Benefits, Question, Required};
use std::fmt;

/// Shown, it is a line a part and a line or two a question.
pub struct Outline<'a>(pub(super) &'a Form);

impl fmt::Display for Outline<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for part in &self.0.parts {
            writeln!(f, "{} {}", part.id, part.title.en)?;
            for question in &part.questions {
                self.question(f, question)?;
            }
        }
        if let Some(part) = &self.0.evidence_part {
            writeln!(f, "{} {}", part.id, part.title.en)?;
        }
        for rule in &self.0.evidence {
            let head = format!("{} evidence: {}", rule.id, rule.label.en);
            line(f, &head, rule.when.as_ref(), None, &rule.benefits, &rule.agencies)?;
        }
        Ok(())
    }
}

impl Outline<'_> {
    fn question(&self, f: &mut fmt::Formatter<'_>, question: &Question) -> fmt::Result {
        let head = format!("{} {}: {}", question.id, question.kind.name(), question.label.en);
        let required = match &question.required {
            Required::Always => None,
            Required::Never => Some("may stay open".to_owned()),
            Required::When(condition) => Some(format!("must be answered when {}", condition.source())),
        };
        line(f, &head, question.shown.as_ref(), required, &question.benefits, &question.agencies)
    }
}

fn line(
    f: &mut fmt::Formatter<'_>,
    head: &str,
    when: Option<&Condition>,
    required: Option<String>,
    benefits: &Benefits,
    agencies: &[String],
) -> fmt::Result {
    writeln!(f, "  {head}")?;
    let benefits = match benefits {
        Benefits::All => "every benefit".to_owned(),
        Benefits::Only(only) => only.join(" "),
    };
    write!(f, "      for {benefits}; to {}", agencies.join(" "))?;
    if let Some(when) = when {
        write!(f, "; when {}", when.source())?;
    }
    match required {
        Some(required) => writeln!(f, "; {required}"),
        None => writeln!(f),
    }
}
