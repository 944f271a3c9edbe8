//! The part of a list's statement that leaves out whom another office of the site meets.

use super::walls::{AtOffices, MEETING_COUNTS_FOR};
use chrono::{DateTime, Utc};
use sqlx::{Database, Encode, QueryBuilder, Type};
use startline_foundation::ids::{OfficeId, UserId};

/// The client in this column has a meeting at one of these offices or with this personal adviser, or at no office at all: as
/// `by_the_ties` says it of one record.
pub fn push_seen<DB>(query: &mut QueryBuilder<DB>, client: &str, seen: &AtOffices, now: DateTime<Utc>)
where
    DB: Database,
    OfficeId: for<'q> Encode<'q, DB> + Type<DB>,
    UserId: for<'q> Encode<'q, DB> + Type<DB>,
    DateTime<Utc>: for<'q> Encode<'q, DB> + Type<DB>,
    Option<UserId>: for<'q> Encode<'q, DB> + Type<DB>,
{
    let after = now - MEETING_COUNTS_FOR;
    let a_meeting = format!(
        "EXISTS (SELECT 1 FROM appointments m WHERE m.client_id = {client} AND m.state NOT IN ('held', 'released') \
         AND m.starts_at >= "
    );
    query.push(" AND (NOT ").push(&a_meeting).push_bind(after).push(") OR ").push(&a_meeting).push_bind(after);
    query.push(" AND (m.personal_adviser_id = ").push_bind(seen.own);
    for office in &seen.offices {
        query.push(" OR m.office = ").push_bind(office.clone());
    }
    query.push(")))");
}
