//! Which answers are sensitive, and of which sort: who sees which sort is told in `access::marks`.

use super::kind::Kind;
use startline_foundation::formats::words;

words! {
    /// Why an answer is only for those whose work needs it.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub enum Sensitivity {
        /// Into which account money goes, and what is in the accounts.
        Bank = "bank",
        /// That staff are to take care.
        Risk = "risk",
        /// Health, in the client's own words or in somebody's judgement.
        Health = "health",
        /// What the client would not want to be known at home or at the counter.
        Private = "private",
    }
}

impl Sensitivity {
    /// What `sensitive: true` meant in definitions of before there were sorts: the nearest by the question's kind.
    pub(super) fn of_kind(kind: &Kind) -> Self {
        match kind {
            Kind::Bank => Self::Bank,
            Kind::Flag => Self::Risk,
            _ => Self::Private,
        }
    }
}
