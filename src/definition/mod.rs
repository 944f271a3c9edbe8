//! The service as data: what an operator writes in YAML and CSV instead of somebody changing the program.
//!
//! A definition is a folder of files (`deploy/definitions/one-pilot` is the default and is inside the binary):
//! `service.yaml`, `sites.yaml`, `offices.csv`, `areas.csv`, `postcodes.csv`, `holidays.yaml`, `scripts/*.yaml`,
//! `form/*.yaml` (a file a part, and `evidence.yaml`), `letters/` and `fonts/`. It loads only when it has no fault, and
//! never changes afterwards: its [`DefinitionVersion`] is the hash of its files, and what began on one version (a walk,
//! a claim) stays on it. [`Definition::files`] gives the files back, so that they can be stored and loaded again.
//!
//! The files of each version are durable ([`Definitions`]); nothing else here is. This room imports no other room.

mod calendar;
mod condition;
mod files;
mod form;
mod kind;
mod kind_check;
mod lint;
mod load;
mod load_places;
mod places;
mod question;
mod read_question;
mod report;
mod script;
mod service;
mod store;
mod text;
mod versions;

pub use calendar::Calendar;
pub use condition::{Answers, Condition, is_blank};
pub use files::Files;
pub use form::{EvidenceRule, Form, Part};
pub use kind::{Choice, Column, Kind, PERIODS};
pub use places::{Area, AreaTarget, District, Office, Site};
pub use question::{Benefits, ClientFact, Question, Required};
pub use report::{CheckReport, Counts, Fault};
pub use script::{Script, Stage};
pub use service::{Named, Service, Settings};
pub use text::Text;
pub use versions::Definitions;

use crate::formats::{Postcode, UkPhone};
use crate::ids::{DefinitionVersion, OfficeId, SiteId};
use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, LazyLock};

/// A loaded, faultless service definition.
#[derive(Debug)]
pub struct Definition {
    pub version: DefinitionVersion,
    pub service: Service,
    pub sites: Vec<Site>,
    pub offices: Vec<Office>,
    pub areas: Vec<Area>,
    pub calendar: Calendar,
    pub scripts: Vec<Script>,
    pub form: Form,
    counts: Counts,
    /// Districts by outward code.
    districts: HashMap<String, District>,
    files: Files,
}

/// Checks a folder: every fault with its place, and the counts of what could be read.
pub fn check(dir: &Path) -> CheckReport {
    match files::read(dir) {
        Ok(files) => load::build(files).1,
        Err(report) => report,
    }
}

impl Definition {
    /// The definition inside the binary. Loaded once.
    pub fn embedded() -> Arc<Self> {
        static EMBEDDED: LazyLock<Arc<Definition>> =
            LazyLock::new(|| match Definition::from_files(files::embedded()) {
                Ok(definition) => definition,
                // It is part of the program and checked by the tests, like the code beside it.
                Err(report) => panic!("the definition inside the program has faults:\n{report}"),
            });
        EMBEDDED.clone()
    }

    /// Loads a folder.
    ///
    /// # Errors
    /// The faults, when it has any.
    pub fn load(dir: &Path) -> Result<Arc<Self>, CheckReport> {
        Self::from_files(files::read(dir)?)
    }

    /// Loads from files kept elsewhere, such as a version stored in the database.
    ///
    /// # Errors
    /// The faults, when it has any.
    pub fn from_files(files: Files) -> Result<Arc<Self>, CheckReport> {
        match load::build(files) {
            (Some(definition), report) if report.is_clean() => Ok(Arc::new(definition)),
            (_, report) => Err(report),
        }
    }

    /// Its files, byte for byte.
    pub fn files(&self) -> &Files {
        &self.files
    }

    pub fn counts(&self) -> Counts {
        self.counts
    }

    pub fn site(&self, id: &SiteId) -> Option<&Site> {
        self.sites.iter().find(|site| site.id == *id)
    }

    pub fn office(&self, id: &OfficeId) -> Option<&Office> {
        self.offices.iter().find(|office| office.id == *id)
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
        let fitting = self.areas.iter().filter(|area| number.starts_with(&area.e164_prefix));
        fitting.max_by_key(|area| area.e164_prefix.len())
    }

    /// The district of a postcode, when it is one of the service's.
    pub fn district_of(&self, postcode: &Postcode) -> Option<&District> {
        self.districts.get(postcode.outward())
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

#[cfg(test)]
mod tests;
