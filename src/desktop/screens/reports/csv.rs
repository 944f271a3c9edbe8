//! A report as a file for spreadsheets (RFC 4180). A cell that a spreadsheet would take for a formula begins with an apostrophe:
//! names and reasons are typed by people.

use super::Table;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

/// So that spreadsheets read it as UTF-8.
const MARK: &str = "\u{feff}";

fn is_formula(text: &str) -> bool {
    text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}'])
}

fn cell(text: &str) -> String {
    let safe = if is_formula(text.trim_start()) || is_formula(text) { format!("'{text}") } else { text.to_owned() };
    match safe.contains(['"', ',', '\n', '\r', ';']) {
        true => format!("\"{}\"", safe.replace('"', "\"\"")),
        false => safe,
    }
}

pub fn written(tables: &[Table]) -> String {
    let mut text = String::from(MARK);
    for (n, table) in tables.iter().enumerate() {
        if n > 0 {
            text.push_str("\r\n");
        }
        if tables.len() > 1 {
            text.push_str(&cell(&table.caption));
            text.push_str("\r\n");
        }
        let head: Vec<String> = table.head.iter().map(|head| cell(head.text)).collect();
        text.push_str(&head.join(","));
        text.push_str("\r\n");
        for row in &table.rows {
            let cells: Vec<String> = row.cells.iter().map(|text| cell(text)).collect();
            text.push_str(&cells.join(","));
            text.push_str("\r\n");
        }
    }
    text
}

/// `name` is of letters, figures and hyphens.
pub fn sent(name: &str, tables: &[Table]) -> Response {
    let safe: String = name.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').collect();
    let named = format!("attachment; filename=\"startline-{safe}.csv\"");
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8; header=present")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (header::CONTENT_DISPOSITION, HeaderValue::from_str(&named).unwrap_or(HeaderValue::from_static("attachment"))),
    ];
    (StatusCode::OK, headers, written(tables)).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula_and_each_stays_one_cell() {
        for (typed, written) in [
            ("85%", "85%"),
            ("Ana Jones", "Ana Jones"),
            ("=1+1", "'=1+1"),
            ("+44 7700", "'+44 7700"),
            ("-2", "'-2"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("  =1", "'  =1"),
            ("=HYPERLINK(\"x\",\"y\")", "\"'=HYPERLINK(\"\"x\"\",\"\"y\"\")\""),
            ("\u{ff1d}1", "'\u{ff1d}1"),
            ("a,b", "\"a,b\""),
            ("two\nlines", "\"two\nlines\""),
            ("\u{2013}", "\u{2013}"),
        ] {
            assert_eq!(cell(typed), written, "{typed}");
        }
    }
}
