//! `GET /calendars/{secret}.ics`.

use super::Rooms;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, NaiveDateTime, SubsecRound, Utc};
use startline_rooms::access::Token;
use startline_rooms::calendars::{self, Served};
use std::sync::Arc;

/// Longer than any secret of ours; nothing longer is hashed.
const LONGEST_SECRET: usize = 100;
const HTTP_DATE: &str = "%a, %d %b %Y %H:%M:%S GMT";

pub async fn calendar(State(rooms): State<Arc<Rooms>>, Path(name): Path<String>, headers: HeaderMap) -> Response {
    let secret = name.strip_suffix(".ics").filter(|secret| secret.len() <= LONGEST_SECRET);
    let Some(secret) = secret.map(Token::presented) else { return StatusCode::NOT_FOUND.into_response() };
    let now = rooms.service.clock.now();
    let answer = match calendars::serve(&rooms.service.store, rooms.service.definitions.current(), &secret, now).await {
        Ok(Some(served)) => with_conditions(served, &headers),
        Ok(None) => StatusCode::NOT_FOUND.into_response(),
        Err(fault) => {
            tracing::warn!(%fault, "a calendar could not be served");
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
    };
    tracing::debug!(status = answer.status().as_u16(), "/calendars/… was asked for");
    answer
}

/// RFC 9110, section 13: not sent again to who has it.
fn with_conditions(served: Served, asked: &HeaderMap) -> Response {
    let etag = format!("\"{}\"", served.etag);
    let changed = served.changed_at.format(HTTP_DATE).to_string();
    let known = match asked.get(header::IF_NONE_MATCH) {
        Some(tags) => tags.to_str().is_ok_and(|tags| matches(tags, &etag)),
        None => asked.get(header::IF_MODIFIED_SINCE).is_some_and(|since| is_unchanged(since, served.changed_at)),
    };
    let mut answer = if known {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        ([(header::CONTENT_TYPE, "text/calendar; charset=utf-8")], served.body).into_response()
    };
    let headers = answer.headers_mut();
    // Asked anew each time, so that a revoked one is gone at once.
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    for (name, value) in [(header::ETAG, etag), (header::LAST_MODIFIED, changed)] {
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.insert(name, value);
        }
    }
    answer
}

/// Whether a list of entity tags, compared weakly, has this one.
fn matches(tags: &str, etag: &str) -> bool {
    tags.split(',').map(str::trim).any(|tag| tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == etag)
}

fn is_unchanged(since: &HeaderValue, changed_at: DateTime<Utc>) -> bool {
    let since = since.to_str().ok().and_then(|text| NaiveDateTime::parse_from_str(text, HTTP_DATE).ok());
    since.is_some_and(|since| changed_at.trunc_subsecs(0) <= since.and_utc())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn served() -> Served {
        Served { body: "BEGIN".into(), etag: "ab12".into(), changed_at: "2026-03-03T10:00:00.5Z".parse().unwrap() }
    }

    #[test]
    fn who_has_it_is_not_sent_it_again() {
        for (name, value, status) in [
            ("if-none-match", "\"ab12\"", 304),
            ("if-none-match", "\"x\", W/\"ab12\"", 304),
            ("if-none-match", "*", 304),
            ("if-none-match", "\"ab13\"", 200),
            ("if-modified-since", "Tue, 03 Mar 2026 10:00:00 GMT", 304),
            ("if-modified-since", "Tue, 03 Mar 2026 09:59:59 GMT", 200),
            ("if-modified-since", "yesterday", 200),
            ("accept", "*/*", 200),
        ] {
            let mut asked = HeaderMap::new();
            asked.insert(name, HeaderValue::from_static(value));
            let answer = with_conditions(served(), &asked);
            assert_eq!(answer.status().as_u16(), status, "{name}: {value}");
            assert_eq!(answer.headers()[header::ETAG], "\"ab12\"");
            assert_eq!(answer.headers()[header::LAST_MODIFIED], "Tue, 03 Mar 2026 10:00:00 GMT");
        }
        // An entity tag goes before a time.
        let mut asked = HeaderMap::new();
        asked.insert("if-none-match", HeaderValue::from_static("\"old\""));
        asked.insert("if-modified-since", HeaderValue::from_static("Tue, 03 Mar 2026 11:00:00 GMT"));
        assert_eq!(with_conditions(served(), &asked).status(), StatusCode::OK);
    }
}
