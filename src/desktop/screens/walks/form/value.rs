//! Answers as the API has them, and as the form's kinds read them.

use serde_json::{Map, Value as Json};
use startline_api::prost_types::value::Kind;
use startline_api::prost_types::{ListValue, Struct, Value};

/// Whole numbers up to this are exact in a double.
const LARGEST_WHOLE: f64 = 9_007_199_254_740_992.0;

pub fn json(value: Option<&Value>) -> Json {
    match value.and_then(|value| value.kind.as_ref()) {
        None | Some(Kind::NullValue(_)) => Json::Null,
        Some(Kind::BoolValue(truth)) => Json::Bool(*truth),
        Some(Kind::StringValue(text)) => Json::String(text.clone()),
        Some(Kind::NumberValue(number)) => read_number(*number),
        Some(Kind::ListValue(list)) => Json::Array(list.values.iter().map(|value| json(Some(value))).collect()),
        Some(Kind::StructValue(fields)) => Json::Object(of_fields(fields)),
    }
}

pub fn of_fields(fields: &Struct) -> Map<String, Json> {
    fields.fields.iter().map(|(name, value)| (name.clone(), json(Some(value)))).collect()
}

fn read_number(number: f64) -> Json {
    if number.fract() == 0.0 && number.abs() <= LARGEST_WHOLE {
        #[expect(clippy::cast_possible_truncation, reason = "whole, and in the range where doubles are exact")]
        return Json::from(number as i64);
    }
    serde_json::Number::from_f64(number).map_or(Json::Null, Json::Number)
}

pub fn message(json: &Json) -> Value {
    let kind = match json {
        Json::Null => Kind::NullValue(0),
        Json::Bool(truth) => Kind::BoolValue(*truth),
        Json::Number(number) => Kind::NumberValue(number.as_f64().unwrap_or_default()),
        Json::String(text) => Kind::StringValue(text.clone()),
        Json::Array(values) => Kind::ListValue(ListValue { values: values.iter().map(message).collect() }),
        Json::Object(map) => Kind::StructValue(Struct {
            fields: map.iter().map(|(name, field)| (name.clone(), message(field))).collect(),
        }),
    };
    Value { kind: Some(kind) }
}
