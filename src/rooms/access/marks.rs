//! Who sees which sensitive answers of a record that they reach. Rules only; the marks are the definition's, why somebody
//! reaches a record is told in `walls`, and what they may write is their role's.
//!
//! | reached because | bank | risk | health, private |
//! |---|---|---|---|
//! | `own_site`, `helped_site`, `moved_away`, `call_in_hand`, `callback_in_hand`: advisers and team leaders | yes | yes | yes |
//! | `own_meeting`, `to_be_lodged`, `to_be_checked`, `theirs` | yes | yes | yes |
//! | `meeting_at_office`, `open_step`: personal advisers and benefits experts | no | yes | yes |
//! | the same: reception | no | yes | no |
//! | `own_site`: supervisors, who reach calls alone | no | yes | no |
//! | `handed_over`: of the agency's own questions | yes | no | yes |
//! | `asked_for` | no | yes | no |
//! | `printing`, `accounts` | no | no | no |
//!
//! A print room sees what it prints, on the paper that it prints, and nothing beside it. Whoever reaches a record for several
//! reasons sees what any of them shows; of several records in one request, what is seen of each.

use super::role::Role;
use super::walls::{Ground, Right};
use startline_definition::Sensitivity;

/// Whether whoever reaches a record for this reason sees its answers of this sort.
pub fn sees(Right { ground, role }: Right, sensitivity: Sensitivity) -> bool {
    let warns = sensitivity == Sensitivity::Risk;
    match ground {
        Ground::OwnSite | Ground::HelpedSite | Ground::CallInHand | Ground::MovedAway | Ground::CallbackInHand => {
            warns || matches!(role, Role::Adviser | Role::TeamLeader)
        }
        Ground::OwnMeeting | Ground::ToBeLodged | Ground::ToBeChecked | Ground::Theirs => true,
        Ground::MeetingAtOffice | Ground::OpenStep => {
            let meets = matches!(role, Role::PersonalAdviser | Role::BenefitsExpert);
            warns || meets && sensitivity != Sensitivity::Bank
        }
        Ground::HandedOver => !warns,
        Ground::AskedFor => warns,
        Ground::Printing | Ground::Accounts => false,
    }
}

/// Which sensitive answers somebody sees of what their request names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sees {
    sorts: u8,
    prints: bool,
}

impl Sees {
    /// Of whoever has passed no wall.
    pub const NOTHING: Self = Self { sorts: 0, prints: false };
    /// Of the service itself, and of what somebody has just said themselves.
    pub const ALL: Self = Self { sorts: 0b1111, prints: true };

    pub fn by(right: Right) -> Self {
        let seen = Sensitivity::ALL.into_iter().filter(|sort| sees(right, *sort));
        Self { sorts: seen.fold(0, |sorts, sort| sorts | 1 << sort as u8), prints: right.ground == Ground::Printing }
    }

    pub const fn sees(self, sort: Sensitivity) -> bool {
        self.sorts >> sort as u8 & 1 == 1
    }

    /// Whether they see the answers of every sort.
    pub const fn is_all(self) -> bool {
        self.sorts == Self::ALL.sorts
    }

    /// Whether they print the record, and so hold its paper in their hands.
    pub const fn prints(self) -> bool {
        self.prints
    }

    /// For another reason as well.
    #[must_use]
    pub const fn or(self, other: Self) -> Self {
        Self { sorts: self.sorts | other.sorts, prints: self.prints || other.prints }
    }

    /// Of another record as well.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self { sorts: self.sorts & other.sorts, prints: self.prints && other.prints }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Ground as G;

    /// The second telling, sort by sort: who is shown it, for which reason.
    fn told(ground: Ground, role: Role, sort: Sensitivity) -> bool {
        let case_work = [G::OwnSite, G::HelpedSite, G::CallInHand, G::MovedAway, G::CallbackInHand].contains(&ground)
            && [Role::Adviser, Role::TeamLeader].contains(&role)
            || [G::OwnMeeting, G::ToBeLodged, G::ToBeChecked, G::Theirs].contains(&ground);
        let at_the_office = [G::MeetingAtOffice, G::OpenStep].contains(&ground)
            && [Role::PersonalAdviser, Role::BenefitsExpert].contains(&role);
        match sort {
            Sensitivity::Bank => case_work || ground == G::HandedOver,
            Sensitivity::Risk => ![G::HandedOver, G::Printing, G::Accounts].contains(&ground),
            Sensitivity::Health | Sensitivity::Private => case_work || at_the_office || ground == G::HandedOver,
        }
    }

    #[test]
    fn each_sort_is_shown_to_whom_the_table_says() {
        for ground in Ground::ALL {
            for role in Role::ALL {
                let seen = Sees::by(Right { ground, role });
                for sort in Sensitivity::ALL {
                    let due = told(ground, role, sort);
                    assert_eq!(seen.sees(sort), due, "{} {role} {}", ground.as_str(), sort.as_str());
                }
                assert_eq!(seen.prints(), ground == Ground::Printing);
            }
        }
    }

    #[test]
    fn another_reason_shows_more_and_another_record_less() {
        let asked = Sees::by(Right { ground: Ground::AskedFor, role: Role::Adviser });
        let agency = Sees::by(Right { ground: Ground::HandedOver, role: Role::Agency });
        assert!(asked.or(agency).is_all() && !asked.is_all() && !agency.is_all());
        assert_eq!(asked.and(agency), Sees::NOTHING);
        assert_eq!(asked.and(Sees::ALL), asked);
        assert!(Sees::ALL.is_all() && Sensitivity::ALL.into_iter().all(|sort| Sees::ALL.sees(sort)));
    }
}
