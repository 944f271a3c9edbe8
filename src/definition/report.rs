//! What a check of a service definition found: every fault with its place, and the counts.

use std::fmt;

/// One thing wrong in a definition.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fault {
    /// The file's path inside the definition folder, with `/` between its parts.
    pub file: String,
    /// Counted from 1; 1 as well when the fault is in the file as a whole.
    pub line: u64,
    /// What is wrong and what would be right, as a sentence.
    pub reason: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.file, self.line, self.reason)
    }
}

/// How much a definition holds. `questions` and `parts` are those of the claim form.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    pub questions: usize,
    pub parts: usize,
    pub scripts: usize,
    pub sites: usize,
    pub offices: usize,
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counted = |count: usize, one: &str| format!("{count} {one}{}", if count == 1 { "" } else { "s" });
        write!(
            f,
            "{} in {}, {}, {}, {}",
            counted(self.questions, "question"),
            counted(self.parts, "part"),
            counted(self.scripts, "script"),
            counted(self.sites, "site"),
            counted(self.offices, "office")
        )
    }
}

/// The outcome of a check. Shown, it is one line a fault, one a warning and, last, the counts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CheckReport {
    pub faults: Vec<Fault>,
    /// What loads, and should be looked at all the same.
    pub warnings: Vec<Fault>,
    pub counts: Counts,
}

impl CheckReport {
    pub fn is_clean(&self) -> bool {
        self.faults.is_empty()
    }
}

impl fmt::Display for CheckReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for fault in &self.faults {
            writeln!(f, "{fault}")?;
        }
        for warning in &self.warnings {
            writeln!(f, "{}:{}: warning: {}", warning.file, warning.line, warning.reason)?;
        }
        write!(f, "{}", self.counts)
    }
}

impl std::error::Error for CheckReport {}

/// Most other places that are told with a fault that is in several.
const MOST_PLACES: usize = 8;

/// In the order of their places, each reason once: what is wrong in the same way in many places is one slip more often
/// than many, and is told with the places.
pub(super) fn told_once(mut found: Vec<Fault>) -> Vec<Fault> {
    found.sort();
    found.dedup();
    let mut told: Vec<(Fault, Vec<String>)> = Vec::new();
    for fault in found {
        match told.iter_mut().find(|(first, _)| first.reason == fault.reason) {
            Some((_, more)) => more.push(format!("{}:{}", fault.file, fault.line)),
            None => told.push((fault, Vec::new())),
        }
    }
    let with_places = |(mut fault, more): (Fault, Vec<String>)| {
        let unnamed = more.len().saturating_sub(MOST_PLACES);
        if !more.is_empty() {
            let named: Vec<&str> = more.iter().take(MOST_PLACES).map(String::as_str).collect();
            fault.reason.push_str(&format!(" (also {}", named.join(", ")));
            fault.reason.push_str(&if unnamed > 0 {
                format!(" and in {unnamed} more places)")
            } else {
                ")".to_owned()
            });
        }
        fault
    };
    told.into_iter().map(with_places).collect()
}

/// Faults of one file as they are found, with the line taken from the parser's location.
pub(super) struct Faults<'a> {
    pub(super) file: &'a str,
    found: &'a mut Vec<Fault>,
}

impl<'a> Faults<'a> {
    pub(super) fn new(file: &'a str, found: &'a mut Vec<Fault>) -> Self {
        Self { file, found }
    }

    pub(super) fn at_line(&mut self, line: u64, reason: impl Into<String>) {
        let fault = Fault { file: self.file.to_owned(), line: line.max(1), reason: reason.into() };
        self.found.push(fault);
    }

    pub(super) fn at<T>(&mut self, spanned: &serde_saphyr::Spanned<T>, reason: impl Into<String>) {
        self.at_line(spanned.referenced.line(), reason);
    }
}
