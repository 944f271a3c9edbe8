//! Reads `service.yaml`: the service's name, time zone, languages, benefits and agencies, its telephone and its settings.

use super::files::Files;
use super::read_named::{RawNamed, named};
use super::read_telephone::RawTelephone;
use super::report::{Fault, Faults};
use super::service::{RawSettings, Service};
use super::syntax::yaml;
use super::text::Text;
use chrono::NaiveTime;
use serde::Deserialize;
use serde_saphyr::Spanned;
use startline_foundation::formats::Language;
use std::collections::BTreeSet;

/// What the calendar and the sites are read with, until the linter says otherwise.
pub(super) const FALLBACK_ZONE: chrono_tz::Tz = chrono_tz::Europe::London;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawService {
    name: Text,
    timezone: Spanned<String>,
    post_cut_off: Spanned<String>,
    claimed_benefits_question: Spanned<String>,
    #[serde(default)]
    claim_from_question: Option<Spanned<String>>,
    #[serde(default)]
    languages: Vec<Spanned<String>>,
    #[serde(default)]
    letters: Vec<Spanned<String>>,
    benefits: Vec<RawNamed>,
    agencies: Vec<RawNamed>,
    #[serde(default)]
    telephone: RawTelephone,
    settings: RawSettings,
}

/// The service and what the linter still has to check of its file.
pub(super) struct ReadService {
    pub(super) service: Service,
    pub(super) claimed_benefits: Spanned<String>,
    pub(super) claim_from: Option<Spanned<String>>,
    /// Where each benefit and agency is named.
    pub(super) named: Vec<(String, u64)>,
    /// Their ids as they are written, also of those with a fault.
    pub(super) benefit_ids: BTreeSet<String>,
    pub(super) agency_ids: BTreeSet<String>,
    /// The sites that telephone lines lead to.
    pub(super) line_sites: Vec<Spanned<String>>,
    /// Templates that must be in the folder.
    pub(super) letters: Vec<Spanned<String>>,
}

pub(super) const SERVICE: &str = "service.yaml";

/// The service, and the time zone of its days.
pub(super) fn read(files: &Files, found: &mut Vec<Fault>) -> Option<(ReadService, chrono_tz::Tz)> {
    let raw: RawService = yaml(files, SERVICE, found)?;
    let mut faults = Faults::new(SERVICE, found);
    let timezone = raw.timezone.value.parse().unwrap_or_else(|_| {
        faults.at(&raw.timezone, "timezone must be a name of the time zone database, such as Europe/London");
        FALLBACK_ZONE
    });
    let post_cut_off = NaiveTime::parse_from_str(&raw.post_cut_off.value, "%H:%M").unwrap_or_else(|_| {
        faults.at(&raw.post_cut_off, "post_cut_off must be a time such as 17:30");
        NaiveTime::MIN
    });
    let languages = languages(&raw.languages, &mut faults);
    let places = raw.benefits.iter().chain(&raw.agencies);
    let places = places.map(|one| (one.id.value.clone(), one.id.referenced.line())).collect();
    let line_sites = raw.telephone.sites();
    let ids = |raw: &[RawNamed]| raw.iter().map(|one| one.id.value.clone()).collect();
    let (benefit_ids, agency_ids) = (ids(&raw.benefits), ids(&raw.agencies));
    let service = Service {
        name: raw.name,
        languages,
        benefits: named(raw.benefits, "benefit", &mut faults),
        agencies: named(raw.agencies, "agency", &mut faults),
        telephone: raw.telephone.read(&mut faults),
        settings: raw.settings.into_settings(&mut faults),
        post_cut_off,
    };
    let settings = &service.settings;
    if settings.callback_lead_min_working_days > settings.callback_lead_max_working_days {
        faults.at_line(1, "callback_lead_min_working_days is above callback_lead_max_working_days");
    }
    let read = ReadService {
        service,
        claimed_benefits: raw.claimed_benefits_question,
        claim_from: raw.claim_from_question,
        named: places,
        line_sites,
        benefit_ids,
        agency_ids,
        letters: raw.letters,
    };
    Some((read, timezone))
}

/// English is always there.
fn languages(raw: &[Spanned<String>], faults: &mut Faults<'_>) -> Vec<Language> {
    let mut languages = vec![Language::English];
    for one in raw {
        match Language::parse(&one.value) {
            Ok(language) if languages.contains(&language) => {}
            Ok(language) => languages.push(language),
            Err(reason) => faults.at(one, format!("{} {reason}", one.value)),
        }
    }
    languages
}
