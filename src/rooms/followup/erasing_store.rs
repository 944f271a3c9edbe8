//! What people wrote about missed meetings and steps, erased. That there were some stays for the figures.

use startline_foundation::error::Result;
use startline_foundation::events::Event;
use startline_foundation::store::{Db, execute_among, ids_among};
use uuid::Uuid;

/// Of these claims those about which somebody has something to do.
pub async fn claims_with_step(db: &mut Db<'_>, claims: &[Uuid]) -> Result<Vec<Uuid>> {
    Ok(ids_among!(db, "SELECT DISTINCT claim_id FROM steps WHERE done_at IS NULL AND claim_id IN", claims))
}

/// Of these claims those whose client would come sooner.
pub async fn claims_on_standby(db: &mut Db<'_>, claims: &[Uuid]) -> Result<Vec<Uuid>> {
    Ok(ids_among!(db, "SELECT DISTINCT claim_id FROM standby WHERE left_at IS NULL AND claim_id IN", claims))
}

pub async fn erase(db: &mut Db<'_>, claims: &[Uuid]) -> Result<()> {
    execute_among!(db, "DELETE FROM life_events WHERE claim_id IN", claims);
    execute_among!(db, "UPDATE steps SET note = '' WHERE claim_id IN", claims);
    execute_among!(db, "UPDATE misses SET good_cause_note = NULL WHERE claim_id IN", claims);
    execute_among!(db, "UPDATE phone_attempts SET note = '' WHERE claim_id IN", claims);
    execute_among!(
        db,
        "UPDATE miss_decisions SET reason = '', evidence = '', asked_said = NULL, upheld_reason = NULL, \
         reversed_reason = NULL WHERE claim_id IN",
        claims
    );
    if execute_among!(db, "UPDATE standby SET unsuitable = '[]', left_reason = '' WHERE claim_id IN", claims) > 0 {
        db.after_commit(Event::TimeFreed);
    }
    Ok(())
}
