//! What became of each line of the client's evidence list, item by item. The latest tick stands; all are kept.

use super::life::for_update;
use super::{evidence_store, view};
use crate::access::{Context, audit};
use chrono::{DateTime, Utc};
use startline_definition::Definition;
use startline_foundation::error::{Error, Result};
use startline_foundation::formats::{optional_lines, words};
use startline_foundation::ids::{ClaimId, UserId};
use startline_foundation::store::Db;

const NOTE_CHARS: usize = 500;

/// What was said of one line, the last time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tick {
    pub evidence_id: String,
    pub state: TickState,
    pub note: String,
    pub by: UserId,
    pub at: DateTime<Utc>,
}

words! {
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum TickState {
        Seen = "seen",
        /// Something else did instead.
        Substitute = "substitute",
        ToFollow = "to_follow",
        NotNeeded = "not_needed",
        /// The tick was taken back.
        TakenBack = "taken_back",
    }
}

impl TickState {
    /// Whether nothing is left to bring.
    pub fn is_settled(self) -> bool {
        matches!(self, Self::Seen | Self::Substitute | Self::NotNeeded)
    }
}

/// Says of one line of the evidence list what became of it. Also after the claim is lodged: what was to follow comes
/// later.
pub async fn tick_evidence(
    db: &mut Db<'_>,
    context: &Context,
    definition: &Definition,
    id: ClaimId,
    evidence_id: &str,
    state: TickState,
    note: &str,
) -> Result<Tick> {
    if !definition.form.evidence.iter().any(|rule| rule.id == evidence_id) {
        return Err(Error::invalid("evidence_id", "is no line of this claim's evidence list"));
    }
    let note = optional_lines("note", note, NOTE_CHARS)?;
    let claim = for_update(db, id).await?;
    claim.check_not_closed()?;
    let tick = Tick { evidence_id: evidence_id.to_owned(), state, note, by: context.user.id, at: context.now };
    evidence_store::add(db, id, &tick).await?;
    audit(db, context, "evidence_ticked", "claim", &id).await?;
    Ok(tick)
}

/// The ticks that stand, by line.
pub async fn ticks(db: &mut Db<'_>, id: ClaimId) -> Result<Vec<Tick>> {
    evidence_store::standing(db, id).await
}

/// The lines that are asked for and not settled, by id.
pub fn to_come(lines: &[view::EvidenceLine], ticks: &[Tick]) -> Vec<String> {
    let settled = |id: &str| ticks.iter().any(|tick| tick.evidence_id == id && tick.state.is_settled());
    lines.iter().filter(|line| !settled(&line.id)).map(|line| line.id.clone()).collect()
}
