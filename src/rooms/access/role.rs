//! What somebody is.

use startline_foundation::formats::words;
use std::fmt;
use std::str::FromStr;

words! {
    /// What a user is. Each method of the API names the roles that may call it.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub enum Role {
        Adviser = "adviser",
        TeamLeader = "team-leader",
        Supervisor = "supervisor",
        PersonalAdviser = "personal-adviser",
        /// Checks claims while the meeting goes on, and before they are handed over.
        BenefitsExpert = "benefits-expert",
        Reception = "reception",
        PrintRoom = "print-room",
        Switch = "switch",
        Admin = "admin",
        /// Reads, for its agency, the claims that were handed over to it.
        Agency = "agency",
        /// Sees who looked at which record, and whether they had reason to.
        PrivacyOfficer = "privacy-officer",
    }
}

impl Role {
    pub fn works_at_a_site(self) -> bool {
        !matches!(self, Self::Switch | Self::Admin | Self::Agency | Self::PrivacyOfficer)
    }

    /// Whether their work is with the clients of one office or more of a site.
    pub fn works_at_an_office(self) -> bool {
        matches!(self, Self::PersonalAdviser | Self::Reception | Self::BenefitsExpert)
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Role {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let known = Self::ALL.map(Self::as_str).join(", ");
        Self::parse(text).ok_or_else(|| format!("{text} is no role; the roles are {known}"))
    }
}

/// The roles of those who take calls and make call-backs.
pub const TAKES_CALLS: [Role; 2] = [Role::Adviser, Role::TeamLeader];

/// A set of roles.
#[derive(Clone, Copy, PartialEq, Eq, Default, Hash)]
pub struct Roles(u16);

impl Roles {
    pub const fn of(roles: &[Role]) -> Self {
        let (mut set, mut i) = (0, 0);
        while i < roles.len() {
            set |= 1 << roles[i] as u16;
            i += 1;
        }
        Self(set)
    }

    pub const fn has(self, role: Role) -> bool {
        self.0 >> role as u16 & 1 == 1
    }

    pub fn any(self, roles: &[Role]) -> bool {
        self.0 & Self::of(roles).0 != 0
    }

    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    pub fn iter(self) -> impl Iterator<Item = Role> {
        Role::ALL.into_iter().filter(move |role| self.has(*role))
    }
}

impl FromIterator<Role> for Roles {
    fn from_iter<T: IntoIterator<Item = Role>>(roles: T) -> Self {
        Self(roles.into_iter().fold(0, |set, role| set | 1 << role as u16))
    }
}

/// `adviser and personal-adviser`.
impl fmt::Display for Roles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words: Vec<&str> = self.iter().map(Role::as_str).collect();
        f.write_str(&words.join(" and "))
    }
}

impl fmt::Debug for Roles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
