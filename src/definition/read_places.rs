//! Reads sites, offices, telephone areas, postcode districts and holidays.

use super::calendar::Calendar;
use super::files::Files;
use super::places::{Area, AreaTarget, District, Office, Site, Week};
use super::read_question::none_such;
use super::report::{Fault, Faults};
use super::syntax::{csv_rows, yaml};
use super::text::Text;
use chrono::{NaiveDate, NaiveTime};
use serde::Deserialize;
use serde_saphyr::Spanned;
use startline_foundation::formats::{Postcode, UkPhone, plain_text};
use startline_foundation::ids::{OfficeId, SiteId};
use std::collections::{BTreeMap, BTreeSet, HashMap};

pub(super) struct Places {
    pub(super) sites: Vec<Site>,
    pub(super) offices: Vec<Office>,
    pub(super) areas: Vec<Area>,
    pub(super) districts: HashMap<String, District>,
}

/// The ids of the sites as they are written, also of those with a fault; none when their file could not be read. Then
/// nothing is told of sites that others name.
struct SiteNames(Option<BTreeSet<String>>);

impl SiteNames {
    fn must_have(&self, site: &str, line: u64, faults: &mut Faults<'_>) {
        if self.0.as_ref().is_some_and(|names| !names.contains(site)) {
            faults.at_line(line, none_such("site", site, self.0.iter().flatten()));
        }
    }
}

/// The places, and the ids of the offices; none when their file has a fault.
pub(super) fn places(files: &Files, found: &mut Vec<Fault>) -> (Places, Option<BTreeSet<String>>) {
    let (sites, names) = sites(files, found);
    let offices_from = found.len();
    let (offices, office_names) = offices(files, &names, found);
    let offices_are_whole = found.len() == offices_from;
    let areas = areas(files, &names, found);
    let districts = districts(files, &names, found);
    let without = |site: &&Site| offices_are_whole && !offices.iter().any(|office| office.site == site.id);
    for site in sites.iter().filter(without) {
        Faults::new(OFFICES, found).at_line(1, format!("site {} has no office", site.id));
    }
    (Places { sites, offices, areas, districts }, Some(office_names).filter(|_| offices_are_whole))
}

const SITES: &str = "sites.yaml";
const OFFICES: &str = "offices.csv";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawSites {
    sites: Vec<RawSite>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawSite {
    id: Spanned<String>,
    name: Text,
    languages: Spanned<Vec<String>>,
    phone: Spanned<String>,
    address: Vec<Spanned<String>>,
    postcode: Spanned<String>,
    opening: RawOpening,
    overflow_after_s: Spanned<u32>,
    #[serde(default)]
    overflow_to: Vec<Spanned<String>>,
    #[serde(default)]
    reserve: u32,
    #[serde(default)]
    spare_skills: bool,
    callbacks_per_half_hour: Spanned<u32>,
    prints_at: Option<Spanned<String>>,
    #[serde(default)]
    privilege_days: Vec<Spanned<String>>,
}

/// Hours such as `08:30-18:00`; a day that is not named is closed.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawOpening {
    monday: Option<Spanned<String>>,
    tuesday: Option<Spanned<String>>,
    wednesday: Option<Spanned<String>>,
    thursday: Option<Spanned<String>>,
    friday: Option<Spanned<String>>,
    saturday: Option<Spanned<String>>,
    sunday: Option<Spanned<String>>,
}

impl RawOpening {
    /// Whether no day is named.
    pub(super) fn is_empty(&self) -> bool {
        let days = [&self.monday, &self.tuesday, &self.wednesday, &self.thursday, &self.friday];
        days.into_iter().chain([&self.saturday, &self.sunday]).all(Option::is_none)
    }
}

fn sites(files: &Files, found: &mut Vec<Fault>) -> (Vec<Site>, SiteNames) {
    let Some(raw) = yaml::<RawSites>(files, SITES, found) else { return (Vec::new(), SiteNames(None)) };
    let mut faults = Faults::new(SITES, found);
    if raw.sites.is_empty() {
        faults.at_line(1, "there is no site");
    }
    let known: BTreeSet<String> = raw.sites.iter().map(|site| site.id.value.clone()).collect();
    // One that is there twice is called so in the place of another.
    let are_known = known.len() == raw.sites.len();
    let mut seen = BTreeSet::new();
    let mut sites = Vec::new();
    for raw in raw.sites {
        if !is_short_name(&raw.id.value) {
            faults.at(&raw.id, "a site's id is small letters, figures and hyphens, such as south-east-gwent");
        }
        if !seen.insert(raw.id.value.clone()) {
            faults.at(&raw.id, format!("site {} is there twice", raw.id.value));
        }
        sites.extend(site(raw, Some(&known).filter(|_| are_known), &mut faults));
    }
    (sites, SiteNames(Some(known).filter(|_| are_known)))
}

fn site(raw: RawSite, known: Option<&BTreeSet<String>>, faults: &mut Faults<'_>) -> Option<Site> {
    if raw.languages.value.is_empty() || !raw.languages.value.iter().all(|l| matches!(l.as_str(), "en" | "cy")) {
        faults.at(&raw.languages, "languages must be a list of en and cy, the first offered first");
    }
    if !(1..=600).contains(&raw.overflow_after_s.value) {
        faults.at(&raw.overflow_after_s, "overflow_after_s must be from 1 to 600");
    }
    if raw.callbacks_per_half_hour.value > 1_000 {
        faults.at(&raw.callbacks_per_half_hour, "callbacks_per_half_hour must be at most 1000");
    }
    let mut overflow_to = Vec::new();
    for other in &raw.overflow_to {
        match known {
            Some(known) if !known.contains(&other.value) => {
                faults.at(other, none_such("site", &other.value, known));
            }
            Some(_) if other.value == raw.id.value => faults.at(other, "a site cannot overflow to itself"),
            _ => {}
        }
        overflow_to.push(SiteId::new(&other.value));
    }
    if let (Some(other), Some(known)) = (&raw.prints_at, known)
        && !known.contains(&other.value)
    {
        faults.at(other, none_such("site", &other.value, known));
    }
    let mut privilege_days = BTreeSet::new();
    for day in &raw.privilege_days {
        match iso_date(&day.value) {
            Some(date) => drop(privilege_days.insert(date)),
            None => faults.at(day, "a privilege day must be a date such as 2000-12-27"),
        }
    }
    let mut address = Vec::new();
    for line in &raw.address {
        match plain_text(&line.value, 60) {
            Ok(text) if !text.is_empty() => address.push(text),
            Ok(_) => faults.at(line, "a line of the address must not be empty"),
            Err(reason) => faults.at(line, format!("the address {reason}")),
        }
    }
    if !(1..=6).contains(&address.len()) {
        faults.at(&raw.id, format!("site {} needs an address of one to six lines", raw.id.value));
    }
    let opening = week(raw.opening, faults);
    if opening.iter().all(Option::is_none) {
        faults.at(&raw.id, format!("site {} is never open", raw.id.value));
    }
    let phone = UkPhone::parse(&raw.phone.value).map_err(|reason| faults.at(&raw.phone, format!("phone {reason}")));
    let postcode =
        Postcode::parse(&raw.postcode.value).map_err(|reason| faults.at(&raw.postcode, format!("postcode {reason}")));
    Some(Site {
        id: SiteId::new(&raw.id.value),
        name: raw.name,
        languages: raw.languages.value,
        phone: phone.ok()?,
        address,
        postcode: postcode.ok()?,
        opening,
        overflow_after_s: raw.overflow_after_s.value,
        overflow_to,
        reserve: raw.reserve,
        spare_skills: raw.spare_skills,
        callbacks_per_half_hour: raw.callbacks_per_half_hour.value,
        prints_at: raw.prints_at.map(|other| SiteId::new(&other.value)),
        privilege_days,
    })
}

pub(super) fn week(raw: RawOpening, faults: &mut Faults<'_>) -> Week {
    [raw.monday, raw.tuesday, raw.wednesday, raw.thursday, raw.friday, raw.saturday, raw.sunday].map(|day| {
        let day = day?;
        let time = |text: &str| NaiveTime::parse_from_str(text.trim(), "%H:%M").ok();
        match day.value.split_once('-').and_then(|(from, to)| Some((time(from)?, time(to)?))) {
            Some((from, to)) if from < to => Some((from, to)),
            Some(_) => {
                faults.at(&day, "hours must end after they begin");
                None
            }
            None => {
                faults.at(&day, "hours must be written such as 08:30-18:00");
                None
            }
        }
    })
}

fn is_short_name(id: &str) -> bool {
    (1..=40).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

fn iso_date(text: &str) -> Option<NaiveDate> {
    NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OfficeRow {
    id: String,
    name: String,
    town: String,
    site: String,
    /// Lines with ` / ` between them.
    address: String,
    postcode: String,
    phone: String,
}

fn offices(files: &Files, sites: &SiteNames, found: &mut Vec<Fault>) -> (Vec<Office>, BTreeSet<String>) {
    let columns = ["id", "name", "town", "site", "address", "postcode", "phone"];
    let rows = csv_rows::<OfficeRow>(files, OFFICES, &columns, found);
    let mut faults = Faults::new(OFFICES, found);
    let mut seen = BTreeSet::new();
    let mut offices = Vec::new();
    for (line, row) in rows {
        if !is_short_name(&row.id) {
            faults.at_line(line, "an office's id is small letters, figures and hyphens");
        }
        if !seen.insert(row.id.clone()) {
            faults.at_line(line, format!("office {} is there twice", row.id));
        }
        sites.must_have(&row.site, line, &mut faults);
        let address: Vec<String> = row.address.split(" / ").map(str::trim).map(str::to_owned).collect();
        if address.len() > 6
            || address.iter().any(|l| l.is_empty() || plain_text(l, 60).is_err())
            || row.name.is_empty()
        {
            faults.at_line(line, "an office needs a name and an address of one to six lines of at most 60 characters");
        }
        let postcode = Postcode::parse(&row.postcode).map_err(|r| faults.at_line(line, format!("postcode {r}")));
        let phone = UkPhone::parse(&row.phone).map_err(|r| faults.at_line(line, format!("phone {r}")));
        let (Ok(postcode), Ok(phone)) = (postcode, phone) else { continue };
        let (id, site) = (OfficeId::new(&row.id), SiteId::new(&row.site));
        offices.push(Office { id, name: row.name, town: row.town, site, address, postcode, phone });
    }
    (offices, seen)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AreaRow {
    e164_prefix: String,
    place: String,
    site: String,
    confirm_by_postcode: String,
    #[serde(rename = "note")]
    _note: String,
}

fn areas(files: &Files, sites: &SiteNames, found: &mut Vec<Fault>) -> Vec<Area> {
    const AREAS: &str = "areas.csv";
    let columns = ["e164_prefix", "place", "site", "confirm_by_postcode", "note"];
    let rows = csv_rows::<AreaRow>(files, AREAS, &columns, found);
    let mut faults = Faults::new(AREAS, found);
    let mut seen = BTreeSet::new();
    let mut areas = Vec::new();
    for (line, row) in rows {
        if !row.e164_prefix.starts_with("44") || !row.e164_prefix.bytes().all(|b| b.is_ascii_digit()) {
            faults.at_line(line, "e164_prefix must be figures that begin with 44, such as 441373");
        }
        if !seen.insert(row.e164_prefix.clone()) {
            faults.at_line(line, format!("prefix {} is there twice", row.e164_prefix));
        }
        let target = if row.site == "ASK" {
            AreaTarget::Ask
        } else {
            sites.must_have(&row.site, line, &mut faults);
            AreaTarget::Site(SiteId::new(&row.site))
        };
        let confirm_by_postcode = yes_no(&row.confirm_by_postcode, "confirm_by_postcode", line, &mut faults);
        areas.push(Area { e164_prefix: row.e164_prefix, place: row.place, target, confirm_by_postcode });
    }
    areas
}

fn yes_no(text: &str, column: &str, line: u64, faults: &mut Faults<'_>) -> bool {
    if !matches!(text, "yes" | "no") {
        faults.at_line(line, format!("{column} must be yes or no"));
    }
    text == "yes"
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DistrictRow {
    outward: String,
    place: String,
    site: String,
    #[serde(rename = "note")]
    _note: String,
}

fn districts(files: &Files, sites: &SiteNames, found: &mut Vec<Fault>) -> HashMap<String, District> {
    const POSTCODES: &str = "postcodes.csv";
    let rows = csv_rows::<DistrictRow>(files, POSTCODES, &["outward", "place", "site", "note"], found);
    let mut faults = Faults::new(POSTCODES, found);
    let mut districts = HashMap::new();
    for (line, row) in rows {
        if Postcode::parse(&format!("{} 1AA", row.outward)).is_err() {
            faults.at_line(line, "outward must be the first half of a postcode, such as BA11");
        }
        sites.must_have(&row.site, line, &mut faults);
        let outward = row.outward.clone();
        let district = District { outward: row.outward, place: row.place, site: SiteId::new(&row.site) };
        if districts.insert(outward.clone(), district).is_some() {
            faults.at_line(line, format!("district {outward} is there twice: take one of the rows away"));
        }
    }
    districts
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawHolidays {
    #[serde(default)]
    additions: Vec<RawHoliday>,
    #[serde(default)]
    removals: Vec<RawHoliday>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawHoliday {
    date: Spanned<String>,
    name: String,
}

/// Adds `holidays.yaml` to a calendar.
pub(super) fn holidays(files: &Files, mut calendar: Calendar, found: &mut Vec<Fault>) -> Calendar {
    const HOLIDAYS: &str = "holidays.yaml";
    let Some(raw) = yaml::<RawHolidays>(files, HOLIDAYS, found) else { return calendar };
    let mut faults = Faults::new(HOLIDAYS, found);
    let mut days = |raw: Vec<RawHoliday>| {
        let mut days = BTreeMap::new();
        for holiday in raw {
            match iso_date(&holiday.date.value) {
                Some(date) => {
                    if days.insert(date, holiday.name).is_some() {
                        faults.at(&holiday.date, format!("{date} is there twice"));
                    }
                }
                None => faults.at(&holiday.date, "a holiday must be a date such as 1999-12-31"),
            }
        }
        days
    };
    let (additions, removals) = (days(raw.additions), days(raw.removals));
    calendar.additions = additions;
    calendar.removals = removals.into_keys().collect();
    calendar
}
