//! What changes somebody's regular hours for a while: leave, sickness, training, a team event, extra hours.

use super::pattern::is_stretch;
use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use startline_foundation::error::{Error, Result};
use startline_foundation::formats::{optional_line, words};
use startline_foundation::ids::{BlockId, OfficeId, SiteId, UserId};

const NOTE_CHARS: usize = 200;
/// Why somebody works outside the hours of their office is said in a sentence.
pub const OUTSIDE_REASON_CHARS: usize = 200;
/// Days one block may span: a long absence is a matter for the pattern.
const MOST_DAYS: i64 = 366;

/// A stretch in which regular hours do not hold.
#[derive(Debug, Clone, PartialEq)]
pub struct Block {
    pub id: BlockId,
    pub site: SiteId,
    pub whose: Whose,
    pub kind: BlockKind,
    /// Local days, both included.
    pub first_day: NaiveDate,
    pub last_day: NaiveDate,
    /// On each of the days; the whole day when none.
    pub times: Option<(NaiveTime, NaiveTime)>,
    pub note: String,
    /// Of extra hours outside those of the office: why. Empty for all others.
    pub outside_hours_reason: String,
    pub made_by: UserId,
    pub made_at: DateTime<Utc>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Whose {
    One(UserId),
    /// Everybody who works at the office that day.
    Office(OfficeId),
    /// Everybody at the site.
    Site,
}

words! {
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum BlockKind {
        Leave = "leave",
        Sickness = "sickness",
        Training = "training",
        TeamEvent = "team_event",
        /// Kept free for something else, as the note says.
        Blocked = "blocked",
        /// Works then although the pattern does not say so: overtime, a swapped day. Adds hours where all others take them.
        ExtraHours = "extra_hours",
    }
}

/// A block as somebody asks for it.
#[derive(Debug, Clone)]
pub struct BlockDraft {
    pub whose: Whose,
    pub kind: BlockKind,
    pub first_day: NaiveDate,
    pub last_day: NaiveDate,
    pub times: Option<(NaiveTime, NaiveTime)>,
    pub note: String,
    /// Of extra hours outside those of the office: why.
    pub outside_hours_reason: String,
}

impl BlockDraft {
    /// # Errors
    /// The first field that cannot be, and what would be right.
    pub fn check(self, site: SiteId, made_by: UserId, made_at: DateTime<Utc>) -> Result<Block> {
        let days = (self.last_day - self.first_day).num_days();
        if !(0..MOST_DAYS).contains(&days) {
            let reason = format!("must not be before first_day, nor more than {MOST_DAYS} days on");
            return Err(Error::invalid("last_day", reason));
        }
        if self.times.is_some_and(|(start, end)| !is_stretch(start, end)) {
            return Err(Error::invalid("end", "must be after start, both on five minutes"));
        }
        if self.kind == BlockKind::ExtraHours && (self.times.is_none() || !matches!(self.whose, Whose::One(_))) {
            return Err(Error::invalid("kind", "extra hours are one person's, from a time to a time"));
        }
        let note = optional_line("note", &self.note, NOTE_CHARS)?;
        let outside_hours_reason =
            optional_line("outside_hours_reason", &self.outside_hours_reason, OUTSIDE_REASON_CHARS)?;
        Ok(Block {
            id: BlockId::fresh(made_at),
            site,
            whose: self.whose,
            kind: self.kind,
            first_day: self.first_day,
            last_day: self.last_day,
            times: self.times,
            note,
            outside_hours_reason,
            made_by,
            made_at,
        })
    }
}

impl Block {
    /// Whether it changes this person's hours on this day.
    pub fn touches(&self, user: UserId, office: Option<&OfficeId>, day: NaiveDate) -> bool {
        let theirs = match &self.whose {
            Whose::One(one) => *one == user,
            Whose::Office(id) => office == Some(id),
            Whose::Site => true,
        };
        theirs && self.first_day <= day && day <= self.last_day
    }
}
