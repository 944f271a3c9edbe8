//! What happened to a claim's meetings, in order: what is kept here, and what the diary knows of it.

use super::history_store;
use super::procedure::Past;
use crate::diary::{self, Decided};
use chrono::{DateTime, NaiveDate, Utc};
use startline_foundation::error::Result;
use startline_foundation::ids::ClaimId;
use startline_foundation::store::Db;

/// The claim's history. `day` gives a moment's local day.
pub async fn of_claim(db: &mut Db<'_>, claim: ClaimId, day: impl Fn(DateTime<Utc>) -> NaiveDate) -> Result<Vec<Past>> {
    // At one moment, what comes of a miss comes after it.
    let mut all: Vec<(DateTime<Utc>, u8, Past)> = Vec::new();
    all.extend(diary::attended_at(db, claim).await?.into_iter().map(|at| (at, 0, Past::Met)));
    let misses = history_store::misses(db, claim, &day).await?;
    all.extend(misses.into_iter().map(|(at, miss)| (at, 1, Past::Missed(miss))));
    let decided = history_store::decisions(db, claim).await?;
    all.extend(decided.into_iter().map(|(at, decision)| (at, 2, Past::Decided { decision, day: day(at) })));
    let put_off = diary::decisions(db, claim).await?.into_iter().map(|decision| match decision.what {
        Decided::Deferred { .. } => (decision.at, 3, Past::PutOff),
        Decided::Waived { .. } => (decision.at, 3, Past::DoneWithout),
    });
    all.extend(put_off);
    all.sort_by_key(|(at, rank, _)| (*at, *rank));
    Ok(all.into_iter().map(|(.., one)| one).collect())
}
