//! The places of the network: sites (call centres), offices where personal advisers meet clients, and the telephone
//! areas and postcode districts that lead to a site.

use super::text::Text;
use chrono::{NaiveDate, NaiveTime, Weekday};
use startline_foundation::formats::{Postcode, UkPhone};
use startline_foundation::ids::{OfficeId, SiteId};
use std::collections::BTreeSet;

/// Local hours from Monday to Sunday; none on days on which it is closed.
pub type Week = [Option<(NaiveTime, NaiveTime)>; 7];

/// A call centre.
#[derive(Debug, Clone, PartialEq)]
pub struct Site {
    pub id: SiteId,
    pub name: Text,
    /// Languages offered, in the order of the greeting: `cy` before `en` where Welsh comes first.
    pub languages: Vec<String>,
    /// The number clients ring.
    pub phone: UkPhone,
    pub address: Vec<String>,
    pub postcode: Postcode,
    pub opening: Week,
    /// How long a call may wait for one of its own advisers before other sites are asked, in seconds.
    pub overflow_after_s: u32,
    /// The sites that may be asked then, the one with the most advisers to spare first; all of them when there are none here.
    pub overflow_to: Vec<SiteId>,
    /// Free advisers whom it never lends to other sites.
    pub reserve: u32,
    /// Advisers with the fewest skills a call does not need are offered it first, so that rare skills stay free;
    /// otherwise whoever has been idle longest.
    pub spare_skills: bool,
    /// How many start-up call-backs it can have under way in any half-hour: the advisers who ring out then.
    pub callbacks_per_half_hour: u32,
    /// The site that prints and posts its letters, when it does not itself.
    pub prints_at: Option<SiteId>,
    /// Days on which it is closed beside weekends and bank holidays.
    pub privilege_days: BTreeSet<NaiveDate>,
}

impl Site {
    /// The site that prints and posts its letters.
    pub fn print_room(&self) -> &SiteId {
        self.prints_at.as_ref().unwrap_or(&self.id)
    }

    /// Its local hours on a weekday.
    pub fn hours_on(&self, weekday: Weekday) -> Option<(NaiveTime, NaiveTime)> {
        hours_on(&self.opening, weekday)
    }
}

/// The local hours of a weekday.
pub fn hours_on(week: &Week, weekday: Weekday) -> Option<(NaiveTime, NaiveTime)> {
    week.get(weekday.num_days_from_monday() as usize).copied().flatten()
}

/// An office where clients meet personal advisers.
#[derive(Debug, Clone, PartialEq)]
pub struct Office {
    pub id: OfficeId,
    pub name: String,
    pub town: String,
    pub site: SiteId,
    /// Lines of its address, without the postcode.
    pub address: Vec<String>,
    pub postcode: Postcode,
    pub phone: UkPhone,
}

/// Where a telephone area leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AreaTarget {
    Site(SiteId),
    /// The number says nothing about the place: ask for the postcode.
    Ask,
}

/// Numbers that begin alike belong to one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Area {
    /// Figures of the E.164 number without its plus: `441373`.
    pub e164_prefix: String,
    pub place: String,
    pub target: AreaTarget,
    /// The area straddles a border: confirm by postcode.
    pub confirm_by_postcode: bool,
}

/// A postcode district and the site it belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct District {
    /// `BA11`.
    pub outward: String,
    pub place: String,
    pub site: SiteId,
}
