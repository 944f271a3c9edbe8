//! The moves of claims, and to whom they were handed over, in the database.

use super::answer::{Answer, Carried};
use super::event::{Event, Move, Revisions};
use super::lodging::Lodging;
use crate::access::Context;
use chrono::{DateTime, NaiveDate, Utc};
use serde_json::Value;
use sqlx::types::Json;
use startline_foundation::error::{Error, Result};
use startline_foundation::events::Topic;
use startline_foundation::ids::{ClaimId, QuestionId, UserId};
use startline_foundation::store::{Db, execute, on_engine};
use std::collections::HashMap;

/// Adds the claim's next move. The caller holds the claim's row, so that two do not get one number.
pub async fn add_event(db: &mut Db<'_>, claim: ClaimId, event: &Event) -> Result<()> {
    let sql = "INSERT INTO claim_events (claim_id, number, event, at, user_id, detail, revisions) \
               VALUES ($1, $2, $3, $4, $5, $6, $7)";
    execute!(
        db,
        sqlx::query(sql)
            .bind(claim)
            .bind(event.number)
            .bind(event.what.as_str())
            .bind(event.at)
            .bind(event.by)
            .bind(Json(&event.detail))
            .bind(event.revisions.as_ref().map(Json))
    )?;
    db.after_commit(Topic::Claim(claim));
    Ok(())
}

pub async fn next_number(db: &mut Db<'_>, claim: ClaimId) -> Result<i32> {
    let sql = "SELECT MAX(number) FROM claim_events WHERE claim_id = $1";
    let (last,): (Option<i32>,) = on_engine!(db, c => sqlx::query_as(sql).bind(claim).fetch_one(c).await)?;
    Ok(last.unwrap_or(0) + 1)
}

#[derive(sqlx::FromRow)]
struct EventRow {
    number: i32,
    event: String,
    at: DateTime<Utc>,
    user_id: UserId,
    detail: Json<Value>,
    revisions: Option<Json<Revisions>>,
}

/// The claim's moves after the numbered one, in order.
pub async fn events(db: &mut Db<'_>, claim: ClaimId, after: i32, most: i32) -> Result<Vec<Event>> {
    let sql = "SELECT number, event, at, user_id, detail, revisions FROM claim_events \
               WHERE claim_id = $1 AND number > $2 ORDER BY number LIMIT $3";
    let rows: Vec<EventRow> =
        on_engine!(db, c => sqlx::query_as(sql).bind(claim).bind(after).bind(most).fetch_all(c).await)?;
    let event = |row: EventRow| {
        let what = Move::parse(&row.event);
        Ok(Event {
            number: row.number,
            what: what.ok_or_else(|| Error::internal(format!("a claim made the unknown move {}", row.event)))?,
            at: row.at,
            by: row.user_id,
            detail: row.detail.0,
            revisions: row.revisions.map(|revisions| revisions.0),
        })
    };
    rows.into_iter().map(event).collect()
}

pub async fn add_lodging(db: &mut Db<'_>, claim: ClaimId, lodging: &Lodging) -> Result<()> {
    let sql = "INSERT INTO claim_lodgings (claim_id, agency, lodged_at, lodged_by, signed_day) \
               VALUES ($1, $2, $3, $4, $5)";
    execute!(
        db,
        sqlx::query(sql).bind(claim).bind(&lodging.agency).bind(lodging.at).bind(lodging.by).bind(lodging.signed_day)
    )?;
    db.after_commit(Topic::Claim(claim));
    Ok(())
}

pub async fn lodgings(db: &mut Db<'_>, claim: ClaimId) -> Result<Vec<Lodging>> {
    let sql = "SELECT agency, lodged_at, lodged_by, signed_day FROM claim_lodgings WHERE claim_id = $1 \
               ORDER BY lodged_at, agency";
    type Row = (String, DateTime<Utc>, UserId, NaiveDate);
    let rows: Vec<Row> = on_engine!(db, c => sqlx::query_as(sql).bind(claim).fetch_all(c).await)?;
    Ok(rows.into_iter().map(|(agency, at, by, signed_day)| Lodging { agency, at, by, signed_day }).collect())
}

/// False when it came back before.
pub async fn add_form_back(db: &mut Db<'_>, context: &Context, claim: ClaimId) -> Result<bool> {
    let sql = "INSERT INTO claim_forms_back (claim_id, back_at, reported_by) VALUES ($1, $2, $3) \
               ON CONFLICT (claim_id) DO NOTHING";
    let added = execute!(db, sqlx::query(sql).bind(claim).bind(context.now).bind(context.user.id))?;
    db.after_commit(Topic::Claim(claim));
    Ok(added == 1)
}

pub async fn form_back_at(db: &mut Db<'_>, claim: ClaimId) -> Result<Option<DateTime<Utc>>> {
    let sql = "SELECT back_at FROM claim_forms_back WHERE claim_id = $1";
    Ok(on_engine!(db, c => sqlx::query_scalar(sql).bind(claim).fetch_optional(c).await)?)
}

/// Of several claims, when the signed form came back, of those of which it did.
pub async fn forms_back(db: &mut Db<'_>, claims: &[ClaimId]) -> Result<HashMap<ClaimId, DateTime<Utc>>> {
    if claims.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<(ClaimId, DateTime<Utc>)> = on_engine!(db, c => {
        let mut query = sqlx::QueryBuilder::new("SELECT claim_id, back_at FROM claim_forms_back WHERE claim_id IN (");
        let mut list = query.separated(", ");
        for id in claims {
            list.push_bind(*id);
        }
        query.push(")");
        query.build_query_as().fetch_all(c).await
    })?;
    Ok(rows.into_iter().collect())
}

/// The answers that stood at these revisions, in the order of question ids.
pub async fn answers_at(db: &mut Db<'_>, claim: ClaimId, revisions: &Revisions) -> Result<Vec<Answer>> {
    let sql = "SELECT question_id, value, revision, stage, saved_by, saved_at, carried FROM answers \
               WHERE claim_id = $1 ORDER BY question_id, revision";
    type Row = (QuestionId, Json<Value>, i32, String, UserId, DateTime<Utc>, String);
    let rows: Vec<Row> = on_engine!(db, c => sqlx::query_as(sql).bind(claim).fetch_all(c).await)?;
    let stood = rows.into_iter().filter(|(question, _, revision, ..)| revisions.get(question) == Some(revision));
    stood
        .map(|(question_id, value, revision, stage, saved_by, saved_at, carried)| {
            let carried = Carried::read(&carried)?;
            Ok(Answer { question_id, value: value.0, revision, stage, saved_by, saved_at, carried })
        })
        .collect()
}

/// The claim counts from this contact, and stood closed for so many days.
pub async fn set_first_contact(db: &mut Db<'_>, id: ClaimId, at: DateTime<Utc>, stood_closed_days: u32) -> Result<()> {
    let days = i32::try_from(stood_closed_days).unwrap_or(i32::MAX);
    let sql = "UPDATE claims SET first_contact_at = $1, stood_closed_days = $2 WHERE id = $3";
    execute!(db, sqlx::query(sql).bind(at).bind(days).bind(id))?;
    db.after_commit(Topic::Claim(id));
    Ok(())
}
