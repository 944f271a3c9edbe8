//! Reads a definition's two kinds of files, YAML and CSV: the rows or the raw form, with a fault where they stand.

use super::files::Files;
use super::report::{Fault, Faults};
use serde::de::DeserializeOwned;

/// Reads one YAML file into its raw form; a fault carries the parser's line and its words without the excerpt.
pub fn yaml<T: DeserializeOwned>(files: &Files, path: &str, found: &mut Vec<Fault>) -> Option<T> {
    let mut fault = |line: u64, reason: String| {
        found.push(Fault { file: path.to_owned(), line: line.max(1), reason });
        None
    };
    let Some(content) = files.get(path) else { return fault(1, "this file is missing".into()) };
    let Ok(text) = std::str::from_utf8(content) else { return fault(1, "this file is not UTF-8 text".into()) };
    match serde_saphyr::from_str(text) {
        Ok(raw) => Some(raw),
        Err(error) => {
            let line = error.location().map_or(1, |place| place.line());
            let words = error.without_snippet().to_string();
            let words = words.lines().next().unwrap_or("cannot be read");
            // The place is told once, in front.
            fault(line, words.split(" at line ").next().unwrap_or(words).to_owned())
        }
    }
}

/// Reads a CSV file with a header row; lines that begin with # are remarks. Each row comes with its line.
pub fn csv_rows<T: DeserializeOwned>(files: &Files, path: &str, found: &mut Vec<Fault>) -> Vec<(u64, T)> {
    let mut faults = Faults::new(path, found);
    let Some(content) = files.get(path) else {
        faults.at_line(1, "this file is missing");
        return Vec::new();
    };
    let mut reader = csv::ReaderBuilder::new().comment(Some(b'#')).trim(csv::Trim::All).from_reader(content.as_slice());
    let Ok(headers) = reader.headers().cloned() else {
        faults.at_line(1, "this file cannot be read as CSV with a header row");
        return Vec::new();
    };
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

fn plain_csv_error(error: &csv::Error) -> String {
    match error.kind() {
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
            format!("this row has {len} columns where the header has {expected_len}")
        }
        csv::ErrorKind::Utf8 { .. } => "this row is not UTF-8 text".into(),
        csv::ErrorKind::Deserialize { err, .. } => format!("this row cannot be read: {}", err.kind()),
        _ => "this row cannot be read as CSV".into(),
    }
}
