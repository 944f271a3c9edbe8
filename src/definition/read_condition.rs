//! Reads conditions, and the ids that may stand in them.

use super::condition::{CLIENT_RECORD, Condition};
use super::report::Faults;
use serde_saphyr::Spanned;

/// Compiles an expression that may be absent; a fault is noted where it stands.
pub(super) fn compile_at(source: Option<Spanned<String>>, faults: &mut Faults<'_>) -> Option<Condition> {
    let source = source?;
    let mut condition = Condition::compile(&source.value).map_err(|reason| faults.at(&source, reason)).ok()?;
    condition.line = source.referenced.line();
    Some(condition)
}

/// A name that CEL reads as a variable.
pub(super) fn is_question_id(id: &str) -> bool {
    const CEL_WORDS: [&str; 21] = [
        "true",
        "false",
        "null",
        "in",
        "as",
        "break",
        "const",
        "continue",
        "else",
        "for",
        "function",
        "if",
        "import",
        "let",
        "loop",
        "package",
        "namespace",
        "return",
        "var",
        "void",
        "while",
    ];
    id.len() <= 40
        && id.starts_with(|c: char| c.is_ascii_alphabetic())
        && id.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        && !CEL_WORDS.contains(&id)
        && id != CLIENT_RECORD
}
