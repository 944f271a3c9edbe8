//! What a client wishes of a meeting, and how well a time meets each wish. Pure.

use crate::rota::Unsuitable;
use chrono::{DateTime, Utc};
use startline_foundation::ids::{OfficeId, UserId};

/// What is asked of a diary. Wishes are met as far as they can be; `insists` and `office` are conditions.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Wishes {
    /// A word of `diary.yaml`; the first meeting when empty.
    pub kind: String,
    /// As long as usual when none.
    pub minutes: Option<u32>,
    /// Only this office; else any of the site's, the nearest first.
    pub office: Option<OfficeId>,
    pub not_before: Option<DateTime<Utc>>,
    /// Cannot wait: may be booked into the time kept for that, and before the form is on the doormat.
    pub urgent: bool,
    /// When the claim's form went out; it is still to go when none.
    pub form_posted_at: Option<DateTime<Utc>>,
    /// Whom they would rather see; whoever met them last when none is named.
    pub personal_adviser: Option<UserId>,
    /// They would rather wait than see somebody else.
    pub insists: bool,
    /// Whom they do not want to see.
    pub not_these: Vec<UserId>,
    /// A personal adviser with these skills: `lone-parent`, `disability`, `benefits`.
    pub skills: Vec<String>,
    pub welsh: bool,
    pub ground_floor: bool,
    pub private_room: bool,
    pub unsuitable: Vec<Unsuitable>,
}

/// One wish, as an offer is told by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Wish {
    /// Within so many working days, as the standard says.
    Standard,
    /// The personal adviser they know, or asked for.
    Adviser,
    Skill(String),
    Welsh,
    GroundFloor,
    PrivateRoom,
    Times,
    /// The office nearest to them, or the one they asked for.
    Office,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fit {
    pub wish: Wish,
    pub is_met: bool,
}

/// What is known of a personal adviser.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Known {
    pub name: String,
    pub skills: Vec<String>,
}

impl Wishes {
    /// How a personal adviser meets the wishes that depend on them alone.
    pub fn of_person(&self, id: UserId, known: &Known, preferred: Option<UserId>) -> Vec<Fit> {
        let mut fits = Vec::new();
        if let Some(preferred) = preferred {
            fits.push(Fit { wish: Wish::Adviser, is_met: preferred == id });
        }
        let has = |skill: &str| known.skills.iter().any(|known| known == skill);
        fits.extend(self.skills.iter().map(|skill| Fit { wish: Wish::Skill(skill.clone()), is_met: has(skill) }));
        if self.welsh {
            fits.push(Fit { wish: Wish::Welsh, is_met: has("welsh") });
        }
        fits
    }

    /// Whether a personal adviser may be offered at all.
    pub fn allows(&self, id: UserId, preferred: Option<UserId>) -> bool {
        !self.not_these.contains(&id) && (!self.insists || preferred.is_none_or(|preferred| preferred == id))
    }

    /// Whether a personal adviser may be offered and meets every wish that depends on them alone.
    pub fn suits(&self, id: UserId, known: &Known, preferred: Option<UserId>) -> bool {
        self.allows(id, preferred) && self.of_person(id, known, preferred).iter().all(|fit| fit.is_met)
    }

    pub fn needs_room(&self) -> bool {
        self.private_room || self.ground_floor
    }
}
