//! The quiet answer to a question: none, no, nothing special. For stories that are about something else.

use serde_json::{Value as Json, json};
use startline::definition::{Choice, Column, Kind};

pub fn quiet_answer(kind: &Kind) -> Json {
    match kind {
        Kind::YesNo => json!("no"),
        Kind::Table { min_rows: 0, .. } => json!([]),
        Kind::Choice(options) => json!(quiet_option(options)),
        Kind::Multi(options) => json!([quiet_option(options)]),
        Kind::Group { fields } => Json::Object(fields.iter().filter(|f| f.required).map(quiet_field).collect()),
        kind => kind.samples().into_iter().next().unwrap_or_else(|| panic!("nobody answers a {}", kind.name())),
    }
}

fn quiet_field(field: &Column) -> (String, Json) {
    (field.id.clone(), quiet_answer(&field.kind))
}

fn quiet_option(options: &[Choice]) -> &str {
    let quiet = options.iter().find(|option| ["none", "no"].contains(&option.id.as_str()));
    quiet.or(options.first()).map(|option| option.id.as_str()).unwrap_or_default()
}
