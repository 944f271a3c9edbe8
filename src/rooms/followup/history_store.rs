//! What was recorded about missed meetings, in the database.

use super::procedure::{AfterMisses, Miss, PhoneOutcome};
use crate::access::Context;
use chrono::{DateTime, NaiveDate, Utc};
use startline_foundation::error::{Error, Result};
use startline_foundation::ids::{AppointmentId, ClaimId, PhoneAttemptId};
use startline_foundation::store::{Db, execute, on_engine};

/// A miss, and whether it was known before.
pub async fn add_miss(db: &mut Db<'_>, context: &Context, claim: ClaimId, miss: &Miss) -> Result<bool> {
    let sql = "INSERT INTO misses (appointment_id, claim_id, missed_day, recorded_at) VALUES ($1, $2, $3, $4) \
               ON CONFLICT (appointment_id) DO NOTHING";
    Ok(execute!(db, sqlx::query(sql).bind(miss.appointment).bind(claim).bind(miss.day).bind(context.now))? == 1)
}

pub async fn add_attempt(
    db: &mut Db<'_>,
    context: &Context,
    (claim, appointment): (ClaimId, AppointmentId),
    outcome: PhoneOutcome,
    note: &str,
) -> Result<()> {
    let sql = "INSERT INTO phone_attempts (id, claim_id, appointment_id, outcome, note, at, user_id) \
               VALUES ($1, $2, $3, $4, $5, $6, $7)";
    execute!(
        db,
        sqlx::query(sql)
            .bind(PhoneAttemptId::fresh(context.now))
            .bind(claim)
            .bind(appointment)
            .bind(outcome.as_str())
            .bind(note)
            .bind(context.now)
            .bind(context.user.id)
    )?;
    Ok(())
}

/// False when good cause was recorded before.
pub async fn set_good_cause(
    db: &mut Db<'_>,
    context: &Context,
    appointment: AppointmentId,
    reason: &str,
    note: &str,
) -> Result<bool> {
    let sql = "UPDATE misses SET good_cause = $1, good_cause_note = $2, good_cause_by = $3, good_cause_at = $4 \
               WHERE appointment_id = $5 AND good_cause IS NULL";
    Ok(execute!(
        db,
        sqlx::query(sql).bind(reason).bind(note).bind(context.user.id).bind(context.now).bind(appointment)
    )? == 1)
}

/// False when somebody decided about this miss before.
pub async fn add_decision(
    db: &mut Db<'_>,
    context: &Context,
    (claim, appointment): (ClaimId, AppointmentId),
    decision: AfterMisses,
    reason: &str,
) -> Result<bool> {
    let sql = "INSERT INTO miss_decisions (appointment_id, claim_id, decision, reason, decided_by, decided_at) \
               VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (appointment_id) DO NOTHING";
    let added = execute!(
        db,
        sqlx::query(sql)
            .bind(appointment)
            .bind(claim)
            .bind(decision.as_str())
            .bind(reason)
            .bind(context.user.id)
            .bind(context.now)
    )?;
    Ok(added == 1)
}

type MissRow = (AppointmentId, NaiveDate, DateTime<Utc>, Option<DateTime<Utc>>);

/// The claim's misses, each with when it was recorded and what was done about it. `day` gives a moment's local day.
pub async fn misses(
    db: &mut Db<'_>,
    claim: ClaimId,
    day: impl Fn(DateTime<Utc>) -> NaiveDate,
) -> Result<Vec<(DateTime<Utc>, Miss)>> {
    let misses = "SELECT appointment_id, missed_day, recorded_at, good_cause_at FROM misses WHERE claim_id = $1";
    let misses: Vec<MissRow> = on_engine!(db, c => sqlx::query_as(misses).bind(claim).fetch_all(c).await)?;
    let attempts = "SELECT appointment_id, outcome, at FROM phone_attempts WHERE claim_id = $1 ORDER BY at, id";
    let attempts: Vec<(AppointmentId, String, DateTime<Utc>)> =
        on_engine!(db, c => sqlx::query_as(attempts).bind(claim).fetch_all(c).await)?;
    let letters = "SELECT appointment_id, done_at FROM steps WHERE claim_id = $1 AND kind = 'send-letter' \
                   AND outcome = 'done' AND appointment_id IS NOT NULL AND done_at IS NOT NULL";
    let letters: Vec<(AppointmentId, DateTime<Utc>)> =
        on_engine!(db, c => sqlx::query_as(letters).bind(claim).fetch_all(c).await)?;
    let mut all = Vec::with_capacity(misses.len());
    for (appointment, missed_day, recorded_at, good_cause_at) in misses {
        let mut of_this = Vec::new();
        for (_, outcome, at) in attempts.iter().filter(|(of, ..)| *of == appointment) {
            let known = PhoneOutcome::ALL.into_iter().find(|one| one.as_str() == outcome);
            of_this.push((known.ok_or_else(|| Error::internal("an unknown telephone attempt"))?, day(*at)));
        }
        let letter_sent = letters.iter().find(|(of, _)| *of == appointment).map(|(_, at)| day(*at));
        let good_cause = good_cause_at.map(&day);
        let miss = Miss { appointment, day: missed_day, good_cause, attempts: of_this, letter_sent };
        all.push((recorded_at, miss));
    }
    Ok(all)
}

/// What was decided after the last opportunity, each time, and when.
pub async fn decisions(db: &mut Db<'_>, claim: ClaimId) -> Result<Vec<(DateTime<Utc>, AfterMisses)>> {
    let sql = "SELECT decision, decided_at FROM miss_decisions WHERE claim_id = $1";
    let rows: Vec<(String, DateTime<Utc>)> = on_engine!(db, c => sqlx::query_as(sql).bind(claim).fetch_all(c).await)?;
    let known = |(decision, at): (String, DateTime<Utc>)| {
        let known = AfterMisses::ALL.into_iter().find(|one| one.as_str() == decision);
        Ok((at, known.ok_or_else(|| Error::internal("an unknown decision after missed meetings"))?))
    };
    rows.into_iter().map(known).collect()
}

/// Whether a person decided that the claim is treated as not made.
pub async fn is_treated_as_not_made(db: &mut Db<'_>, claim: ClaimId) -> Result<bool> {
    Ok(decisions(db, claim).await?.iter().any(|(_, decision)| *decision == AfterMisses::TreatAsNotMade))
}
