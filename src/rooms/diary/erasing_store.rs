//! What people wrote about meetings, erased. When they were, and how they ended, stays for the figures.

use chrono::{DateTime, Utc};
use startline_foundation::error::Result;
use startline_foundation::events::Topic;
use startline_foundation::ids::ClaimId;
use startline_foundation::store::{Db, execute_among, ids_among};
use uuid::Uuid;

/// Of these claims those with a meeting that is held or booked.
pub async fn claims_with_meeting(db: &mut Db<'_>, claims: &[Uuid]) -> Result<Vec<Uuid>> {
    Ok(ids_among!(
        db,
        "SELECT DISTINCT claim_id FROM appointments WHERE state IN ('held', 'booked') AND claim_id IN",
        claims
    ))
}

/// Of these clients those with a meeting that was since then.
pub async fn clients_since(db: &mut Db<'_>, clients: &[Uuid], since: DateTime<Utc>) -> Result<Vec<Uuid>> {
    let of = "SELECT DISTINCT client_id FROM appointments WHERE ends_at >= ";
    Ok(ids_among!(db, [of, since, " AND client_id IN"], clients))
}

pub async fn of_claims(db: &mut Db<'_>, claims: &[Uuid]) -> Result<Vec<Uuid>> {
    Ok(ids_among!(db, "SELECT id FROM appointments WHERE claim_id IN", claims))
}

pub async fn erase_notes(db: &mut Db<'_>, claims: &[Uuid], appointments: &[Uuid]) -> Result<()> {
    execute_among!(db, "UPDATE appointment_events SET note = '' WHERE appointment_id IN", appointments);
    execute_among!(db, "UPDATE meeting_decisions SET note = '' WHERE claim_id IN", claims);
    for id in claims {
        db.after_commit(Topic::Claim(ClaimId(*id)));
    }
    Ok(())
}
