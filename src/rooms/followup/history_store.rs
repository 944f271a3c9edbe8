//! What was recorded about missed meetings, in the database.

use super::decided::{Asked, DecisionAfterMisses, LookedAgain};
use super::procedure::{AfterMisses, Miss, PhoneOutcome};
use crate::access::Context;
use crate::diary;
use chrono::{DateTime, NaiveDate, Utc};
use sqlx::AssertSqlSafe;
use startline_definition::{Definition, Obligation};
use startline_foundation::error::{Error, Result};
use startline_foundation::ids::{AppointmentId, ClaimId, PhoneAttemptId, UserId};
use startline_foundation::store::{Db, execute, on_engine};

/// A miss, and whether it was known before.
pub async fn add_miss(
    db: &mut Db<'_>,
    context: &Context,
    claim: ClaimId,
    appointment: AppointmentId,
    day: NaiveDate,
) -> Result<bool> {
    let sql = "INSERT INTO misses (appointment_id, claim_id, missed_day, recorded_at) VALUES ($1, $2, $3, $4) \
               ON CONFLICT (appointment_id) DO NOTHING";
    Ok(execute!(db, sqlx::query(sql).bind(appointment).bind(claim).bind(day).bind(context.now))? == 1)
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
pub async fn add_decision(db: &mut Db<'_>, decided: &DecisionAfterMisses) -> Result<bool> {
    let sql = "INSERT INTO miss_decisions (appointment_id, claim_id, decision, reason, evidence, decided_by, decided_at) \
               VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (appointment_id) DO NOTHING";
    let added = execute!(
        db,
        sqlx::query(sql)
            .bind(decided.appointment_id)
            .bind(decided.claim_id)
            .bind(decided.decision.as_str())
            .bind(&decided.reason)
            .bind(&decided.evidence)
            .bind(decided.by)
            .bind(decided.at)
    )?;
    Ok(added == 1)
}

/// False when it was reversed before.
pub async fn reverse(db: &mut Db<'_>, appointment: AppointmentId, reversal: &LookedAgain) -> Result<bool> {
    let sql = "UPDATE miss_decisions SET reversed_at = $1, reversed_by = $2, reversed_reason = $3 \
               WHERE appointment_id = $4 AND reversed_at IS NULL";
    let done =
        execute!(db, sqlx::query(sql).bind(reversal.at).bind(reversal.by).bind(&reversal.reason).bind(appointment))?;
    Ok(done == 1)
}

/// False when it was asked before.
pub async fn ask(db: &mut Db<'_>, appointment: AppointmentId, asked: &Asked) -> Result<bool> {
    let sql = "UPDATE miss_decisions SET asked_at = $1, asked_by = $2, asked_day = $3, asked_said = $4 \
               WHERE appointment_id = $5 AND asked_at IS NULL";
    let done = execute!(
        db,
        sqlx::query(sql).bind(asked.at).bind(asked.by).bind(asked.day).bind(&asked.said).bind(appointment)
    )?;
    Ok(done == 1)
}

/// False when somebody answered it before.
pub async fn uphold(db: &mut Db<'_>, appointment: AppointmentId, upheld: &LookedAgain) -> Result<bool> {
    let sql = "UPDATE miss_decisions SET upheld_at = $1, upheld_by = $2, upheld_reason = $3 \
               WHERE appointment_id = $4 AND upheld_at IS NULL AND reversed_at IS NULL";
    let done = execute!(db, sqlx::query(sql).bind(upheld.at).bind(upheld.by).bind(&upheld.reason).bind(appointment))?;
    Ok(done == 1)
}

#[derive(sqlx::FromRow)]
pub struct DecisionRow {
    claim_id: ClaimId,
    appointment_id: AppointmentId,
    decision: String,
    reason: String,
    evidence: String,
    decided_by: UserId,
    decided_at: DateTime<Utc>,
    asked_at: Option<DateTime<Utc>>,
    asked_by: Option<UserId>,
    asked_day: Option<NaiveDate>,
    asked_said: Option<String>,
    upheld_at: Option<DateTime<Utc>>,
    upheld_by: Option<UserId>,
    upheld_reason: Option<String>,
    reversed_at: Option<DateTime<Utc>>,
    reversed_by: Option<UserId>,
    reversed_reason: Option<String>,
}

impl TryFrom<DecisionRow> for DecisionAfterMisses {
    type Error = Error;

    fn try_from(row: DecisionRow) -> Result<Self> {
        let known = AfterMisses::ALL.into_iter().find(|one| one.as_str() == row.decision);
        let looked = |at: Option<_>, by: Option<_>, reason: Option<String>| {
            at.zip(by).map(|(at, by)| LookedAgain { by, at, reason: reason.unwrap_or_default() })
        };
        let asked = row.asked_at.zip(row.asked_by).zip(row.asked_day);
        let said = row.asked_said.unwrap_or_default();
        Ok(Self {
            claim_id: row.claim_id,
            appointment_id: row.appointment_id,
            decision: known.ok_or_else(|| Error::internal("an unknown decision after missed meetings"))?,
            reason: row.reason,
            evidence: row.evidence,
            by: row.decided_by,
            at: row.decided_at,
            asked: asked.map(|((at, by), day)| Asked { by, at, day, said }),
            upheld: looked(row.upheld_at, row.upheld_by, row.upheld_reason),
            reversal: looked(row.reversed_at, row.reversed_by, row.reversed_reason),
        })
    }
}

pub const DECISION: &str = "d.claim_id, d.appointment_id, d.decision, d.reason, d.evidence, d.decided_by, d.decided_at, \
                        d.asked_at, d.asked_by, d.asked_day, d.asked_said, d.upheld_at, d.upheld_by, d.upheld_reason, \
                        d.reversed_at, d.reversed_by, d.reversed_reason";

/// What was decided after the last opportunity, each time.
pub async fn decisions(db: &mut Db<'_>, claim: ClaimId) -> Result<Vec<DecisionAfterMisses>> {
    let sql = format!("SELECT {DECISION} FROM miss_decisions d WHERE d.claim_id = $1 ORDER BY d.decided_at");
    let rows: Vec<DecisionRow> =
        on_engine!(db, c => sqlx::query_as(AssertSqlSafe(sql)).bind(claim).fetch_all(c).await)?;
    rows.into_iter().map(DecisionAfterMisses::try_from).collect()
}

pub async fn decision_about(db: &mut Db<'_>, appointment: AppointmentId) -> Result<Option<DecisionAfterMisses>> {
    let sql = format!("SELECT {DECISION} FROM miss_decisions d WHERE d.appointment_id = $1");
    let row: Option<DecisionRow> =
        on_engine!(db, c => sqlx::query_as(AssertSqlSafe(sql)).bind(appointment).fetch_optional(c).await)?;
    row.map(DecisionAfterMisses::try_from).transpose()
}

type MissRow = (AppointmentId, NaiveDate, DateTime<Utc>, Option<DateTime<Utc>>);

/// The claim's misses, each with when it was recorded and what was done about it.
pub async fn misses(db: &mut Db<'_>, definition: &Definition, claim: ClaimId) -> Result<Vec<(DateTime<Utc>, Miss)>> {
    let day = |at: DateTime<Utc>| definition.calendar.local_date(at);
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
        let good_cause = good_cause_at.map(day);
        // Of a kind that there is no more, nothing is held against anybody.
        let kind = diary::appointment(db, appointment).await?.kind;
        let required = definition.diary.kind(&kind).is_some_and(|kind| kind.obligation == Obligation::Required);
        let miss = Miss { appointment, day: missed_day, required, good_cause, attempts: of_this, letter_sent };
        all.push((recorded_at, miss));
    }
    Ok(all)
}

/// Whether a person decided that the claim is treated as not made, and it stands.
pub async fn is_treated_as_not_made(db: &mut Db<'_>, claim: ClaimId) -> Result<bool> {
    let all = decisions(db, claim).await?;
    Ok(all.iter().any(DecisionAfterMisses::stands_against))
}
