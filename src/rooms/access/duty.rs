//! What somebody may do, where, and until when.

use super::role::Role;
use chrono::{DateTime, Utc};
use startline_definition::Definition;
use startline_foundation::error::{Error, Result};
use startline_foundation::ids::{AgencyId, DutyId, OfficeId, SiteId, UserId};

/// A role at a place. It is never changed: what is no longer so is taken back, and another is given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Duty {
    pub id: DutyId,
    pub role: Role,
    /// None for those who belong to no site.
    pub site: Option<SiteId>,
    /// The one office that it is for; none when it is for all of the site's.
    pub office: Option<OfficeId>,
    /// Of whoever reads for an agency.
    pub agency: Option<AgencyId>,
    /// None when it holds since it was given: then no clock that is set back can put somebody out.
    pub first_at: Option<DateTime<Utc>>,
    /// None when it lasts until it is taken back.
    pub ends_at: Option<DateTime<Utc>>,
}

/// A duty that was given, whether it still holds or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GivenDuty {
    pub duty: Duty,
    pub given: (UserId, DateTime<Utc>),
    /// None while it was not taken back.
    pub taken: Option<(UserId, DateTime<Utc>)>,
}

impl Duty {
    /// From now on and without an end, at a whole site.
    pub fn new(role: Role, site: Option<SiteId>, now: DateTime<Utc>) -> Self {
        Self { id: DutyId::fresh(now), role, site, office: None, agency: None, first_at: None, ends_at: None }
    }

    pub fn holds(&self, now: DateTime<Utc>) -> bool {
        self.first_at.is_none_or(|first| first <= now) && self.ends_at.is_none_or(|end| now < end)
    }

    /// # Errors
    /// `Invalid`, with the field: a place that the role needs is missing or unknown, or one that it has no use for is named.
    pub fn check(&self, definition: &Definition, now: DateTime<Utc>) -> Result<()> {
        let role = self.role;
        match &self.site {
            None if role.works_at_a_site() => {
                return Err(Error::invalid("site", format!("a user with the role {role} works at a site: name it")));
            }
            Some(_) if matches!(role, Role::Switch | Role::Admin | Role::Agency) => {
                return Err(Error::invalid("site", format!("a user with the role {role} belongs to no site")));
            }
            Some(site) => drop(definition.known_site("site", site)?),
            None => {}
        }
        match (&self.office, &self.site) {
            (None, _) => {}
            (Some(_), _) if !role.works_at_an_office() => {
                return Err(Error::invalid("office", format!("a user with the role {role} works for the whole site")));
            }
            (Some(office), Some(site)) if definition.office(office).is_some_and(|office| office.site == *site) => {}
            (Some(_), site) => {
                let known = site.iter().flat_map(|site| definition.offices_of(site)).map(|office| &office.id);
                return Err(Error::not_among("office", "no office of this site", known));
            }
        }
        let agencies = || definition.service.agencies.iter().map(|agency| &agency.id);
        let is_known = |agency: &AgencyId| agencies().any(|known| known == agency.as_str());
        match (&self.agency, role) {
            (Some(agency), Role::Agency) if is_known(agency) => {}
            (None, role) if role != Role::Agency => {}
            (_, Role::Agency) => {
                return Err(Error::not_among("agency", "no agency of ours", agencies()));
            }
            _ => return Err(Error::invalid("agency", format!("a user with the role {role} is of no agency"))),
        }
        match self.ends_at {
            Some(end) if end <= now || self.first_at.is_some_and(|first| end <= first) => {
                Err(Error::invalid("end_time", "has passed, or is before the beginning"))
            }
            _ => Ok(()),
        }
    }
}
