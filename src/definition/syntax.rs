//! Reads a definition's two kinds of files, YAML and CSV: the rows or the raw form, with a fault where they stand.

use super::files::Files;
use super::nearest::did_you_mean;
use super::report::{Fault, Faults};
use super::yaml_fault;
use serde::de::DeserializeOwned;

/// A file as text.
///
/// # Errors
/// The line and what is wrong: it is not there, or is no UTF-8.
fn text<'f>(files: &'f Files, path: &str) -> Result<&'f str, (u64, String)> {
    let content = files.get(path).ok_or_else(|| (1, "this file is missing".to_owned()))?;
    readable(content)
}

/// Bytes as text, if they are UTF-8.
///
/// # Errors
/// The line where they are not, and what to do.
pub(super) fn readable(content: &[u8]) -> Result<&str, (u64, String)> {
    let half_is_zero = content.len() > 3 && content.iter().filter(|byte| **byte == 0).count() * 3 > content.len();
    if content.starts_with(&[0xFF, 0xFE]) || content.starts_with(&[0xFE, 0xFF]) || half_is_zero {
        return Err((1, "this file is UTF-16, not UTF-8: save it as UTF-8".to_owned()));
    }
    std::str::from_utf8(content).map_err(|fault| {
        let before = content.iter().take(fault.valid_up_to()).filter(|byte| **byte == b'\n').count();
        let line = u64::try_from(before).unwrap_or(0) + 1;
        (line, "this line is not UTF-8, perhaps Latin-1: save the file as UTF-8".to_owned())
    })
}

/// Reads one YAML file into its raw form; a fault says on which line what is wrong.
pub fn yaml<T: DeserializeOwned>(files: &Files, path: &str, found: &mut Vec<Fault>) -> Option<T> {
    match text(files, path).and_then(yaml_text) {
        Ok(raw) => Some(raw),
        Err((line, reason)) => {
            Faults::new(path, found).at_line(line, reason);
            None
        }
    }
}

/// Reads YAML.
///
/// # Errors
/// The line, counted from 1, and what is wrong there.
pub fn yaml_text<T: DeserializeOwned>(text: &str) -> Result<T, (u64, String)> {
    serde_saphyr::from_str(text).map_err(|error| yaml_fault::explain(text, &error))
}

/// Reads a CSV file with a header row; lines that begin with # are remarks. Each row comes with its line. What is wrong
/// with the header is told once, and of the rows nothing then.
pub fn csv_rows<T: DeserializeOwned>(
    files: &Files,
    path: &str,
    columns: &[&str],
    found: &mut Vec<Fault>,
) -> Vec<(u64, T)> {
    let mut faults = Faults::new(path, found);
    let content = match text(files, path) {
        Ok(content) => content,
        Err((line, reason)) => {
            faults.at_line(line, reason);
            return Vec::new();
        }
    };
    let mut reader = csv::ReaderBuilder::new().comment(Some(b'#')).trim(csv::Trim::All).from_reader(content.as_bytes());
    let Ok(headers) = reader.headers().cloned() else {
        faults.at_line(1, "this file cannot be read as CSV with a header row");
        return Vec::new();
    };
    if let Some(reason) = header_fault(&headers, columns) {
        let line = headers.position().map_or(1, csv::Position::line);
        let remarks = content.lines().take_while(|line| line.starts_with('#') || line.trim().is_empty()).count();
        faults.at_line(line.max(u64::try_from(remarks).unwrap_or(0) + 1), reason);
        return Vec::new();
    }
    let mut rows = Vec::new();
    for record in reader.records() {
        let parsed = record.map(|record| {
            let line = record.position().map_or(1, csv::Position::line);
            (line, record.deserialize(Some(&headers)))
        });
        match parsed {
            Ok((line, Ok(row))) => rows.push((line, row)),
            Ok((line, Err(error))) => faults.at_line(line, plain_csv_error(&error)),
            Err(error) => faults.at_line(error.position().map_or(1, csv::Position::line), plain_csv_error(&error)),
        }
    }
    rows
}

/// The header must name each column once, and no other.
fn header_fault(headers: &csv::StringRecord, columns: &[&str]) -> Option<String> {
    let row = columns.join(",");
    for sign in [';', '\t', '|'] {
        if headers.len() == 1 && headers.iter().any(|header| header.contains(sign)) {
            let name = if sign == '\t' { "tabs".to_owned() } else { format!("{sign}") };
            return Some(format!("the columns are parted by {name}: part them by commas, here and in every row"));
        }
    }
    let twice =
        headers.iter().enumerate().find(|(place, header)| headers.iter().take(*place).any(|one| one == *header));
    if let Some((_, header)) = twice {
        return Some(format!("the column {header} is there twice; the header row is {row}"));
    }
    let lacking: Vec<&str> =
        columns.iter().copied().filter(|column| !headers.iter().any(|one| one == *column)).collect();
    let unknown = headers.iter().find(|header| !columns.contains(header));
    match (unknown, lacking.as_slice()) {
        (None, []) => None,
        (Some(unknown), []) => Some(format!("there is no column {unknown} here; the header row is {row}")),
        (Some(unknown), lacking) => {
            let told = did_you_mean(unknown, lacking.iter().copied());
            if told.ends_with('?') {
                Some(format!("there is no column {unknown} here{told}"))
            } else {
                Some(format!("the column {} is missing; the header row is {row}", lacking.join(", ")))
            }
        }
        (None, lacking) => Some(format!("the column {} is missing; the header row is {row}", lacking.join(", "))),
    }
}

fn plain_csv_error(error: &csv::Error) -> String {
    match error.kind() {
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } if len > expected_len => {
            format!(
                "this row has {len} columns where the header has {expected_len}: a text that holds a comma stands in quotes"
            )
        }
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
            format!("this row has {len} columns where the header has {expected_len}")
        }
        _ => "this row cannot be read as CSV".into(),
    }
}
