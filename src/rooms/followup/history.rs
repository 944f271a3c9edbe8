//! What happened to a claim's meetings, in order: what is kept here, and what the diary knows of it.

use super::history_store;
use super::procedure::{AfterMisses, Past};
use crate::diary::{self, Decided};
use chrono::{DateTime, Utc};
use startline_definition::{Definition, Obligation};
use startline_foundation::error::Result;
use startline_foundation::ids::ClaimId;
use startline_foundation::store::Db;

/// The claim's history.
pub async fn of_claim(db: &mut Db<'_>, definition: &Definition, claim: ClaimId) -> Result<Vec<Past>> {
    let day = |at| definition.calendar.local_date(at);
    // At one moment, what comes of a miss comes after it.
    let mut all: Vec<(DateTime<Utc>, u8, Past)> = Vec::new();
    // What they came to by their own choice settles nothing that is owed.
    let is_required =
        |kind: &str| definition.diary.kind(kind).is_none_or(|kind| kind.obligation == Obligation::Required);
    let attended = diary::attended_at(db, claim).await?.into_iter();
    all.extend(attended.filter(|(_, kind)| is_required(kind)).map(|(at, _)| (at, 0, Past::Met)));
    let misses = history_store::misses(db, definition, claim).await?;
    all.extend(misses.into_iter().map(|(at, miss)| (at, 1, Past::Missed(miss))));
    let decided = history_store::decisions(db, claim).await?;
    all.extend(decided.into_iter().map(|one| {
        let past = match one.reversal {
            // What was reversed gave the client another opportunity.
            Some(reversal) => Past::Decided { decision: AfterMisses::AnotherChance, day: day(reversal.at) },
            None => Past::Decided { decision: one.decision, day: day(one.at) },
        };
        (one.at, 2, past)
    }));
    let put_off = diary::decisions(db, claim).await?.into_iter().map(|decision| match decision.what {
        Decided::Deferred { .. } => (decision.at, 3, Past::PutOff),
        Decided::Waived { .. } => (decision.at, 3, Past::DoneWithout),
    });
    all.extend(put_off);
    all.sort_by_key(|(at, rank, _)| (*at, *rank));
    Ok(all.into_iter().map(|(.., one)| one).collect())
}
