//! What people type and paste, from a table that anybody can read and add to: `tests/data/typed.csv`.

use super::kind::Kind;
use serde::Deserialize;
use serde_json::{Value as Json, json};
use startline_foundation::formats::limits::NAME_CHARS;
use startline_foundation::formats::{folded, person_name};

const TABLE: &str = include_str!("../../tests/data/typed.csv");

#[derive(Deserialize)]
struct Row {
    kind: String,
    typed: String,
    kept: String,
    why: String,
}

/// `\u{ad}` in the table is a soft hyphen.
fn unescaped(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("\\u{") {
        let (code, after) = after.split_once('}').unwrap();
        plain.push_str(before);
        plain.push(char::from_u32(u32::from_str_radix(code, 16).unwrap()).unwrap());
        rest = after;
    }
    plain + rest
}

/// What is kept; nothing of what is refused.
fn kept(kind: &str, typed: &str) -> Option<String> {
    let account = |sort: &str, number: &str| json!({"account_holder": "A Client", "bank": "A Bank", "sort_code": sort, "account_number": number});
    let of = |kind: &Kind, value: &Json| kind.check(value).ok();
    let text = |value: Json| value.as_str().map(str::to_owned);
    match kind {
        "date" => of(&Kind::Date, &json!(typed)).and_then(text),
        "nino" => of(&Kind::Nino, &json!(typed)).and_then(text),
        "phone" => of(&Kind::Phone, &json!(typed)).and_then(text),
        "postcode" => of(&Kind::Postcode, &json!(typed)).and_then(text),
        "sort_code" => of(&Kind::Bank, &account(typed, "12345678")).and_then(|bank| text(bank["sort_code"].clone())),
        "account_number" => {
            of(&Kind::Bank, &account("123456", typed)).and_then(|bank| text(bank["account_number"].clone()))
        }
        "name" => person_name(typed, NAME_CHARS).ok().filter(|name| !name.is_empty()),
        other => panic!("the table has no kind {other}"),
    }
}

#[test]
fn what_people_type_is_kept_as_it_was_meant_or_refused() {
    let mut reader = csv::ReaderBuilder::new().comment(Some(b'#')).from_reader(TABLE.as_bytes());
    let (mut rows, mut wrong) = (0, Vec::new());
    for row in reader.deserialize() {
        let Row { kind, typed, kept: right, why } = row.unwrap();
        let (plain, right) = (unescaped(&typed), unescaped(&right));
        rows += 1;
        if kind == "same_name" {
            if folded(&plain) != folded(&right) || folded(&plain).is_empty() {
                wrong.push(format!("{typed:?} and {right:?} are not found by each other ({why})"));
            }
            continue;
        }
        let expected = (!right.is_empty()).then_some(right);
        let kept = kept(&kind, &plain);
        if kept != expected {
            wrong.push(format!("{kind} {typed:?}: kept {kept:?}, and right is {expected:?} ({why})"));
        }
    }
    assert!(rows >= 300, "{rows}");
    assert!(wrong.is_empty(), "{} of {rows}:\n{}", wrong.len(), wrong.join("\n"));
}
