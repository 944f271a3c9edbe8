//! What happened to a claim's meetings, read from where it is kept.

use super::procedure::{AfterMisses, Miss, Past, PhoneOutcome};
use crate::access::Context;
use crate::error::{Error, Result};
use crate::ids::{AppointmentId, ClaimId, ClientId, PhoneAttemptId};
use crate::store::{Connection, Db, execute, on_engine};
use chrono::{DateTime, NaiveDate, Utc};

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

/// Keeps the claim's procedure from others until the transaction ends.
pub async fn lock_claim(db: &mut Db<'_>, claim: ClaimId) -> Result<()> {
    let sql = match db.connection {
        Connection::Sqlite(_) => return Ok(()),
        Connection::Postgres(_) => "SELECT id FROM claims WHERE id = $1 FOR UPDATE",
    };
    let _: Option<(ClaimId,)> = on_engine!(db, c => sqlx::query_as(sql).bind(claim).fetch_optional(c).await)?;
    Ok(())
}

/// Whether somebody has spoken with the client: a call-back reached, or a meeting held on any claim.
pub async fn was_spoken_with(db: &mut Db<'_>, client: ClientId) -> Result<bool> {
    let sql = "SELECT CASE WHEN EXISTS (SELECT 1 FROM callbacks WHERE client_id = $1 AND state IN ('reached', 'taken_over')) \
               OR EXISTS (SELECT 1 FROM appointments WHERE client_id = $1 AND state = 'attended') \
               OR EXISTS (SELECT 1 FROM phone_attempts p JOIN claims c ON c.id = p.claim_id \
               WHERE c.client_id = $1 AND p.outcome = 'spoken') THEN TRUE ELSE FALSE END";
    let (spoken,): (bool,) = on_engine!(db, c => sqlx::query_as(sql).bind(client).fetch_one(c).await)?;
    Ok(spoken)
}

type MissRow = (AppointmentId, NaiveDate, DateTime<Utc>, Option<DateTime<Utc>>);

/// The claim's history in order. `day` gives a moment's local day.
pub async fn history(db: &mut Db<'_>, claim: ClaimId, day: impl Fn(DateTime<Utc>) -> NaiveDate) -> Result<Vec<Past>> {
    let misses = "SELECT appointment_id, missed_day, recorded_at, good_cause_at FROM misses WHERE claim_id = $1";
    let misses: Vec<MissRow> = on_engine!(db, c => sqlx::query_as(misses).bind(claim).fetch_all(c).await)?;
    let attempts = "SELECT appointment_id, outcome, at FROM phone_attempts WHERE claim_id = $1 ORDER BY at, id";
    let attempts: Vec<(AppointmentId, String, DateTime<Utc>)> =
        on_engine!(db, c => sqlx::query_as(attempts).bind(claim).fetch_all(c).await)?;
    let letters = "SELECT appointment_id, done_at FROM steps WHERE claim_id = $1 AND kind = 'send-letter' \
                   AND outcome = 'done' AND appointment_id IS NOT NULL AND done_at IS NOT NULL";
    let letters: Vec<(AppointmentId, DateTime<Utc>)> =
        on_engine!(db, c => sqlx::query_as(letters).bind(claim).fetch_all(c).await)?;
    // At one moment, what comes of a miss comes after it.
    let mut all: Vec<(DateTime<Utc>, u8, Past)> = Vec::new();
    for (appointment, missed_day, recorded_at, good_cause_at) in misses {
        let mut of_this = Vec::new();
        for (_, outcome, at) in attempts.iter().filter(|(of, ..)| *of == appointment) {
            let known = PhoneOutcome::ALL.into_iter().find(|one| one.as_str() == outcome);
            of_this.push((known.ok_or_else(|| Error::internal("an unknown telephone attempt"))?, day(*at)));
        }
        let letter_sent = letters.iter().find(|(of, _)| *of == appointment).map(|(_, at)| day(*at));
        let good_cause = good_cause_at.map(&day);
        let miss = Miss { appointment, day: missed_day, good_cause, attempts: of_this, letter_sent };
        all.push((recorded_at, 1, Past::Missed(miss)));
    }
    let decisions = "SELECT decision, decided_at FROM miss_decisions WHERE claim_id = $1";
    let decisions: Vec<(String, DateTime<Utc>)> =
        on_engine!(db, c => sqlx::query_as(decisions).bind(claim).fetch_all(c).await)?;
    for (decision, at) in decisions {
        let known = AfterMisses::ALL.into_iter().find(|one| one.as_str() == decision);
        let decision = known.ok_or_else(|| Error::internal("an unknown decision after missed meetings"))?;
        all.push((at, 2, Past::Decided { decision, day: day(at) }));
    }
    let met = "SELECT e.at FROM appointment_events e JOIN appointments a ON a.id = e.appointment_id \
               WHERE a.claim_id = $1 AND e.event = 'attended'";
    let met: Vec<(DateTime<Utc>,)> = on_engine!(db, c => sqlx::query_as(met).bind(claim).fetch_all(c).await)?;
    all.extend(met.into_iter().map(|(at,)| (at, 0, Past::Met)));
    let put_off = "SELECT decided_at, decision FROM meeting_decisions WHERE claim_id = $1";
    let put_off: Vec<(DateTime<Utc>, String)> =
        on_engine!(db, c => sqlx::query_as(put_off).bind(claim).fetch_all(c).await)?;
    all.extend(
        put_off
            .into_iter()
            .map(|(at, decision)| (at, 3, if decision == "deferred" { Past::PutOff } else { Past::DoneWithout })),
    );
    all.sort_by_key(|(at, rank, _)| (*at, *rank));
    Ok(all.into_iter().map(|(.., one)| one).collect())
}
