//! Conversions that several services share: times, ids, JSON values, pages.

use super::pb;
use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use prost_types::value::Kind;
use prost_types::{Duration, ListValue, Struct, Timestamp, Value};
use serde_json::Value as Json;
use startline_foundation::error::{Error, FieldFault, Result};
use startline_foundation::ids::RequestId;
use startline_rooms::scripts::LastStep;

pub fn timestamp(at: DateTime<Utc>) -> Timestamp {
    Timestamp { seconds: at.timestamp(), nanos: at.timestamp_subsec_nanos().try_into().unwrap_or(0) }
}

pub fn duration(span: TimeDelta) -> Duration {
    Duration { seconds: span.num_seconds(), nanos: span.subsec_nanos() }
}

pub fn milliseconds(span_ms: u64) -> Duration {
    duration(i64::try_from(span_ms).ok().and_then(TimeDelta::try_milliseconds).unwrap_or(TimeDelta::MAX))
}

/// A time from outside, to the microsecond: what both databases can keep.
pub fn time(field: &str, given: Option<Timestamp>) -> Result<DateTime<Utc>> {
    optional_time(field, given)?.ok_or_else(|| Error::invalid(field, "is needed"))
}

pub fn optional_time(field: &str, given: Option<Timestamp>) -> Result<Option<DateTime<Utc>>> {
    let Some(given) = given else { return Ok(None) };
    // Years 1 to 9999, as the Timestamp's own definition has it.
    let in_range = (-62_135_596_800..=253_402_300_799).contains(&given.seconds);
    let nanos = u32::try_from(given.nanos).ok().filter(|_| in_range);
    nanos
        .and_then(|nanos| DateTime::from_timestamp(given.seconds, nanos))
        .map(|at| Some(at.trunc_subsecs(6)))
        .ok_or_else(|| Error::invalid(field, "is not a time"))
}

/// Who else works on it, with their name.
pub fn holder((step, name): (LastStep, String)) -> pb::WorkHolder {
    pb::WorkHolder { user_id: step.user.to_string(), name, last_time: Some(timestamp(step.at)) }
}

pub fn request_id(text: &str) -> Result<RequestId> {
    if text.is_empty() {
        return Err(Error::invalid("request_id", "is needed: a new UUID for each request"));
    }
    RequestId::parse("request_id", text).map_err(|_| Error::invalid("request_id", "must be a UUID"))
}

/// How many to list: `page_size`, or the usual number when it is not given, capped.
pub fn page_size(given: i32, usual: i32, most: i32) -> Result<i32> {
    match given {
        0 => Ok(usual),
        given if given < 0 => Err(Error::invalid("page_size", "must not be negative")),
        given => Ok(given.min(most)),
    }
}

/// Nothing said is not "no".
pub fn said(field: &'static str, given: Option<bool>) -> Result<bool> {
    given.ok_or_else(|| Error::invalid(field, "is needed: true or false"))
}

/// The same fault of a message that stands inside another, at that path: `reports[2]`.
pub fn within(path: &str, fault: Error) -> Error {
    match fault {
        Error::Invalid(faults) => {
            let inside = |fault: FieldFault| {
                let field = if fault.field.is_empty() { path.to_owned() } else { format!("{path}.{}", fault.field) };
                FieldFault { field, ..fault }
            };
            Error::Invalid(faults.into_iter().map(inside).collect())
        }
        other => other,
    }
}

pub fn bad_token() -> Error {
    Error::invalid("page_token", "is not one that this method gave")
}

/// Deepest nesting of a JSON value: a table's cell stands three deep.
const DEEPEST: usize = 8;

/// A JSON value from outside. Whole numbers become whole numbers: protobuf knows only doubles.
pub fn json(field: &str, value: Option<Value>) -> Result<Json> {
    let too_deep = || Error::invalid(field, "is nested too deeply");
    read(value.unwrap_or_default(), 0).ok_or_else(too_deep)?.map_err(|reason| Error::invalid(field, reason))
}

fn read(value: Value, depth: usize) -> Option<Result<Json, String>> {
    if depth > DEEPEST {
        return None;
    }
    let list = |values: Vec<Value>| -> Option<Result<Json, String>> {
        let all: Option<Vec<_>> = values.into_iter().map(|value| read(value, depth + 1)).collect();
        Some(all?.into_iter().collect::<Result<Vec<_>, _>>().map(Json::Array))
    };
    match value.kind {
        None | Some(Kind::NullValue(_)) => Some(Ok(Json::Null)),
        Some(Kind::BoolValue(truth)) => Some(Ok(Json::Bool(truth))),
        Some(Kind::StringValue(text)) => Some(Ok(Json::String(text))),
        Some(Kind::NumberValue(number)) => Some(read_number(number)),
        Some(Kind::ListValue(values)) => list(values.values),
        Some(Kind::StructValue(fields)) => {
            let mut map = serde_json::Map::new();
            for (name, value) in fields.fields {
                match read(value, depth + 1)? {
                    Ok(value) => map.insert(name, value),
                    Err(reason) => return Some(Err(reason)),
                };
            }
            Some(Ok(Json::Object(map)))
        }
    }
}

/// Whole numbers up to this are exact in a double.
const LARGEST_WHOLE: f64 = 9_007_199_254_740_992.0;

fn read_number(number: f64) -> Result<Json, String> {
    if number.fract() == 0.0 && number.abs() <= LARGEST_WHOLE {
        #[expect(clippy::cast_possible_truncation, reason = "whole, and in the range where doubles are exact")]
        return Ok(Json::from(number as i64));
    }
    serde_json::Number::from_f64(number).map(Json::Number).ok_or_else(|| "is not a number".into())
}

pub fn value(json: &Json) -> Value {
    let kind = match json {
        Json::Null => Kind::NullValue(0),
        Json::Bool(truth) => Kind::BoolValue(*truth),
        Json::Number(number) => Kind::NumberValue(number.as_f64().unwrap_or_default()),
        Json::String(text) => Kind::StringValue(text.clone()),
        Json::Array(values) => Kind::ListValue(ListValue { values: values.iter().map(value).collect() }),
        Json::Object(map) => Kind::StructValue(structure(map.iter())),
    };
    Value { kind: Some(kind) }
}

pub fn structure<'a>(fields: impl Iterator<Item = (&'a String, &'a Json)>) -> Struct {
    Struct { fields: fields.map(|(name, field)| (name.clone(), value(field))).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn values_survive_the_way_in_and_out() {
        let sample = json!({"rows": [{"hours": 16, "pay": 12.5, "name": "Ann"}], "none": null, "yes": true});
        assert_eq!(json("value", Some(value(&sample))).unwrap(), sample);
    }

    #[test]
    fn a_value_nested_without_end_is_refused() {
        let mut deep = json!("x");
        for _ in 0..100 {
            deep = json!([deep]);
        }
        assert!(matches!(json("value", Some(value(&deep))), Err(Error::Invalid(_))));
        assert!(json("value", Some(Value { kind: Some(Kind::NumberValue(f64::NAN)) })).is_err());
    }

    proptest! {
        #[test]
        fn no_timestamp_from_outside_panics(seconds: i64, nanos: i32) {
            let _ = optional_time("t", Some(Timestamp { seconds, nanos }));
        }
    }
}
