//! The holder of a token, and what they are.

use crate::ids::{SiteId, UserId};
use std::fmt;
use std::str::FromStr;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    pub id: UserId,
    pub name: String,
    pub role: Role,
    pub site: Option<SiteId>,
}

/// What a user is. Each method of the API names the roles that may call it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    Adviser,
    TeamLeader,
    Supervisor,
    PersonalAdviser,
    Reception,
    PrintRoom,
    Switch,
    Admin,
}

impl Role {
    pub const ALL: [Self; 8] = [
        Self::Adviser,
        Self::TeamLeader,
        Self::Supervisor,
        Self::PersonalAdviser,
        Self::Reception,
        Self::PrintRoom,
        Self::Switch,
        Self::Admin,
    ];

    /// As the command line and the database write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Adviser => "adviser",
            Self::TeamLeader => "team-leader",
            Self::Supervisor => "supervisor",
            Self::PersonalAdviser => "personal-adviser",
            Self::Reception => "reception",
            Self::PrintRoom => "print-room",
            Self::Switch => "switch",
            Self::Admin => "admin",
        }
    }

    pub fn works_at_a_site(self) -> bool {
        !matches!(self, Self::Switch | Self::Admin)
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
        Self::ALL
            .into_iter()
            .find(|role| role.as_str() == text)
            .ok_or_else(|| format!("{text} is no role; the roles are {known}"))
    }
}
