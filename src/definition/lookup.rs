//! Finds sites, offices, areas and districts. Routing asks these of every call, so each is a hash away.

use super::places::{Area, District, Office, Site};
use super::{Definition, Script};
use startline_foundation::error::{Error, Result};
use startline_foundation::formats::{Postcode, UkPhone};
use startline_foundation::ids::{OfficeId, SiteId};
use std::collections::HashMap;

/// Where each thing stands in its list.
#[derive(Default)]
pub(super) struct Index {
    sites: HashMap<SiteId, usize>,
    offices: HashMap<OfficeId, usize>,
    /// Areas by prefix.
    areas: HashMap<String, usize>,
    /// Districts by outward code.
    districts: HashMap<String, District>,
}

impl Index {
    pub(super) fn new(
        sites: &[Site],
        offices: &[Office],
        areas: &[Area],
        districts: HashMap<String, District>,
    ) -> Self {
        Self {
            sites: sites.iter().enumerate().map(|(place, site)| (site.id.clone(), place)).collect(),
            offices: offices.iter().enumerate().map(|(place, office)| (office.id.clone(), place)).collect(),
            areas: areas.iter().enumerate().map(|(place, area)| (area.e164_prefix.clone(), place)).collect(),
            districts,
        }
    }
}

impl Definition {
    pub fn site(&self, id: &SiteId) -> Option<&Site> {
        self.sites.get(*self.index.sites.get(id)?)
    }

    /// The site with this id.
    ///
    /// # Errors
    /// `NotFound` when the service has none such.
    pub fn site_or_fault(&self, id: &SiteId) -> Result<&Site> {
        self.site(id).ok_or_else(|| Error::not_found("site", id))
    }

    /// The site that somebody named in this field of a request.
    ///
    /// # Errors
    /// `Invalid`, with the ids that there are.
    pub fn known_site(&self, field: &str, id: &SiteId) -> Result<&Site> {
        let known = self.sites.iter().map(|site| &site.id);
        self.site(id).ok_or_else(|| Error::not_among(field, "no site of ours", known))
    }

    /// The same of an office.
    ///
    /// # Errors
    /// `Invalid`, with the ids that there are.
    pub fn known_office(&self, id: &OfficeId) -> Result<&Office> {
        let known = self.offices.iter().map(|office| &office.id);
        self.office(id).ok_or_else(|| Error::not_among("office_id", "no office of ours", known))
    }

    pub fn office(&self, id: &OfficeId) -> Option<&Office> {
        self.offices.get(*self.index.offices.get(id)?)
    }

    /// The offices of a site, in the definition's order.
    pub fn offices_of<'a>(&'a self, site: &'a SiteId) -> impl Iterator<Item = &'a Office> {
        self.offices.iter().filter(move |office| office.site == *site)
    }

    pub fn script(&self, id: &str) -> Option<&Script> {
        self.scripts.iter().find(|script| script.id == id)
    }

    /// The area a number belongs to: the longest prefix that fits.
    pub fn area_of(&self, phone: &UkPhone) -> Option<&Area> {
        let number = phone.e164().trim_start_matches('+');
        let prefixes = (1..=number.len()).rev().filter_map(|length| number.get(..length));
        let longest = prefixes.filter_map(|prefix| self.index.areas.get(prefix)).next()?;
        self.areas.get(*longest)
    }

    /// The district of a postcode, when it is one of the service's.
    pub fn district_of(&self, postcode: &Postcode) -> Option<&District> {
        self.index.districts.get(postcode.outward())
    }

    /// The home site of a postcode. It beats the site of a telephone number.
    pub fn site_of_postcode(&self, postcode: &Postcode) -> Option<&SiteId> {
        self.district_of(postcode).map(|district| &district.site)
    }

    /// The offices of a site, the likely nearest first: those in the client's postcode district, then those of the
    /// district's town, then those of the same postcode area, then the rest in the definition's order.
    pub fn nearest_offices<'a>(&'a self, site: &'a SiteId, postcode: Option<&Postcode>) -> Vec<&'a Office> {
        let mut offices: Vec<&Office> = self.offices_of(site).collect();
        let Some(postcode) = postcode else { return offices };
        let place = self.district_of(postcode).map(|district| district.place.as_str()).unwrap_or_default();
        let area = |outward: &str| -> String { outward.chars().take_while(char::is_ascii_alphabetic).collect() };
        let here = area(postcode.outward());
        offices.sort_by_key(|office| {
            if office.postcode.outward() == postcode.outward() {
                0
            } else if !office.town.is_empty() && place.contains(&office.town) {
                1
            } else if area(office.postcode.outward()) == here {
                2
            } else {
                3
            }
        });
        offices
    }
}
