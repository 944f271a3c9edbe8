//! Where a call belongs and who could take it, with the reasons: for `EnterCall`, and for `GetRoute` to explain.
//!
//! Pure: the table comes from the service definition, the loads from the floors.

use super::area::{AreaMatch, AreaTable};
use super::floor::Load;
use super::skills::{SkillNames, SkillSet};
use chrono::TimeDelta;
use startline_foundation::error::Result;
use startline_foundation::ids::SiteId;
use std::cmp::Reverse;
use std::collections::HashMap;
use std::sync::Arc;

/// What leads from a call's numbers to a site.
#[derive(Debug, Clone, Default)]
pub struct RouteTable {
    pub areas: AreaTable,
    /// Numbers people dial that belong to one site, as E.164.
    pub dialled: HashMap<String, SiteId>,
    /// Words for what a call may need.
    pub skills: Vec<String>,
    /// What calls to a number need, as such words, by the number as E.164.
    pub lines: HashMap<String, Vec<String>>,
    /// Keeps the calls that no rule places while no adviser is free anywhere.
    pub default_site: Option<SiteId>,
}

/// The rule that says which site is home.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RouteRule {
    /// The caller's number is in this area.
    CallerArea(AreaMatch),
    /// The number dialled belongs to one site.
    DialledNumber { dialled: String, site: SiteId },
    /// The caller's postcode is in this district.
    Postcode { outward: String, place: String, site: SiteId },
    /// Neither says; the adviser asks for the postcode.
    AskPostcode,
}

impl RouteRule {
    pub fn home(&self) -> Option<&SiteId> {
        match self {
            Self::CallerArea(found) => Some(&found.target.site),
            Self::DialledNumber { site, .. } | Self::Postcode { site, .. } => Some(site),
            Self::AskPostcode => None,
        }
    }

    /// The reason in words.
    pub fn why(&self) -> String {
        match self {
            Self::CallerArea(AreaMatch { prefix, target }) => {
                format!("the caller's number begins with +{prefix} ({}), an area of {}", target.place, target.site)
            }
            Self::DialledNumber { dialled, site } => format!("the number dialled, {dialled}, belongs to {site}"),
            Self::Postcode { outward, place, site } => format!("postcode {outward} ({place}) is a district of {site}"),
            Self::AskPostcode => "neither number says where the caller lives; ask for the postcode".to_owned(),
        }
    }
}

impl RouteTable {
    /// Numbers are E.164; a withheld one is `None`.
    pub fn rule(&self, caller: Option<&str>, dialled: &str) -> RouteRule {
        if let Some(found) = caller.and_then(|caller| self.areas.find(caller)) {
            return RouteRule::CallerArea(found);
        }
        match self.dialled.get(dialled) {
            Some(site) => RouteRule::DialledNumber { dialled: dialled.to_owned(), site: site.clone() },
            None => RouteRule::AskPostcode,
        }
    }
}

/// A table whose words have been looked up.
#[derive(Debug, Default)]
pub(super) struct Routes {
    pub table: RouteTable,
    line_needs: HashMap<String, SkillSet>,
}

impl Routes {
    pub fn new(table: RouteTable, names: &SkillNames) -> Result<Self> {
        names.add(table.skills.iter().map(String::as_str))?;
        let needs = |(number, words): (&String, &Vec<String>)| {
            Ok((number.clone(), names.set("lines", words.iter().map(String::as_str))?))
        };
        let line_needs = table.lines.iter().map(needs).collect::<Result<_>>()?;
        Ok(Self { table, line_needs })
    }

    /// What a call to this number needs.
    pub fn needs_of_line(&self, dialled: &str) -> SkillSet {
        if self.line_needs.is_empty() {
            SkillSet::NONE
        } else {
            self.line_needs.get(dialled).copied().unwrap_or_default()
        }
    }
}

impl RouteTable {
    /// The home site and what people call the caller's area: [`RouteTable::rule`] without its reasons.
    pub fn home(&self, caller: Option<&str>, dialled: &str) -> Option<(&SiteId, Option<&Arc<str>>)> {
        match caller.and_then(|caller| self.areas.longest(caller)) {
            Some((_, target)) => Some((&target.site, Some(&target.place))),
            None => self.dialled.get(dialled).map(|site| (site, None)),
        }
    }
}

/// What a site could do for a call now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum SiteAvailability {
    /// The call's own site: always first, even if the call must wait there.
    Home,
    /// Has advisers to spare.
    CanTake,
    /// Its free advisers are its reserve.
    AtReserve,
    /// Nobody is free.
    Busy,
    /// No adviser is signed in and available.
    Empty,
    Closed,
    /// Declared lost.
    Lost,
    /// Not one of the sites that help home.
    NotAHelper,
}

/// What is seen of a site from outside.
#[derive(Debug, Clone)]
pub struct Seen {
    pub site: SiteId,
    pub open: bool,
    /// It may take calls of the home site.
    pub helps: bool,
    pub load: Load,
}

/// A site as the choice sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    pub site: SiteId,
    pub standing: SiteAvailability,
    pub open: bool,
    pub load: Load,
}

impl Candidate {
    /// The reason for its standing, in words.
    pub fn why(&self) -> String {
        let Load { free, lendable, waiting, kept, .. } = self.load;
        let why = match self.standing {
            SiteAvailability::Home if self.load.lost => "home, and declared lost".to_owned(),
            SiteAvailability::Home if !self.open => "home, and closed".to_owned(),
            SiteAvailability::Home if free > 0 => format!("home, with {free} free"),
            SiteAvailability::Home => format!("home, with nobody free and {waiting} waiting"),
            SiteAvailability::CanTake => format!("{lendable} free above its reserve"),
            SiteAvailability::AtReserve => format!("its {free} free advisers are its reserve"),
            SiteAvailability::Busy => format!("nobody is free and {waiting} wait"),
            SiteAvailability::Empty => "no adviser is available".to_owned(),
            SiteAvailability::Closed => "closed".to_owned(),
            SiteAvailability::Lost => "declared lost".to_owned(),
            SiteAvailability::NotAHelper => "does not help this home site".to_owned(),
        };
        match kept {
            0 => why,
            kept => format!("{why}; {kept} kept for call-backs that begin soon"),
        }
    }
}

/// Where a call would go, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RouteExplanation {
    pub rule: RouteRule,
    /// What the numbers say that the call needs.
    pub needs: SkillSet,
    /// The site whose floor would keep the call. It is home when home is known.
    pub host: SiteId,
    /// How long the call would wait there; `None` while somebody is free for it or too little is known.
    pub estimated_wait: Option<TimeDelta>,
    /// Every site in the order in which it would be asked.
    pub candidates: Vec<Candidate>,
}

impl RouteExplanation {
    pub fn home(&self) -> Option<&SiteId> {
        self.rule.home()
    }

    pub fn ask_postcode(&self) -> bool {
        self.home().is_none()
    }
}

/// Puts the sites in the order in which a call would be offered to them: home first, then the one with the most to
/// spare. `None` when there is no site at all.
pub fn explain(
    rule: RouteRule,
    needs: SkillSet,
    default: Option<&SiteId>,
    sites: Vec<Seen>,
) -> Option<RouteExplanation> {
    let candidate = |seen: Seen| {
        let standing = standing(rule.home(), &seen);
        Candidate { site: seen.site, standing, open: seen.open, load: seen.load }
    };
    let mut candidates: Vec<_> = sites.into_iter().map(candidate).collect();
    candidates.sort_by(|a, b| order(a).cmp(&order(b)));
    let host = match rule.home() {
        Some(home) => home.clone(),
        None => host_of_an_unplaced_call(&candidates, default)?,
    };
    Some(RouteExplanation { rule, needs, host, estimated_wait: None, candidates })
}

fn order(candidate: &Candidate) -> (SiteAvailability, Reverse<usize>, usize, &SiteId) {
    (candidate.standing, Reverse(candidate.load.lendable), candidate.load.waiting, &candidate.site)
}

fn standing(home: Option<&SiteId>, seen: &Seen) -> SiteAvailability {
    match seen.load {
        _ if home == Some(&seen.site) => SiteAvailability::Home,
        _ if !seen.helps => SiteAvailability::NotAHelper,
        Load { lost: true, .. } => SiteAvailability::Lost,
        _ if !seen.open => SiteAvailability::Closed,
        Load { lendable: 1.., .. } => SiteAvailability::CanTake,
        Load { free: 1.., .. } => SiteAvailability::AtReserve,
        Load { staffed: 0, .. } => SiteAvailability::Empty,
        _ => SiteAvailability::Busy,
    }
}

/// A call without a home goes where an adviser can be spared, else to the default site if that is open, else to the
/// first open one. With everything closed any site can say so.
fn host_of_an_unplaced_call(candidates: &[Candidate], default: Option<&SiteId>) -> Option<SiteId> {
    let default = default.and_then(|default| candidates.iter().find(|candidate| candidate.site == *default));
    let first = candidates.first()?;
    let chosen = match first.standing {
        SiteAvailability::CanTake => first,
        SiteAvailability::Closed | SiteAvailability::Lost => default.unwrap_or(first),
        _ => default.filter(|default| default.open).unwrap_or(first),
    };
    Some(chosen.site.clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::area::AreaTarget;

    fn load(free: usize, lendable: usize, staffed: usize, waiting: usize) -> Load {
        Load { free, lendable, staffed, waiting, ..Load::default() }
    }

    fn seen(site: &str, open: bool, load: Load) -> Seen {
        Seen { site: site.into(), open, helps: true, load }
    }

    fn table() -> RouteTable {
        let frome = AreaTarget { site: "somerset".into(), place: "Frome".into() };
        RouteTable {
            areas: AreaTable::new([("441373".to_owned(), frome)]).unwrap(),
            dialled: HashMap::from([("+448450000001".to_owned(), "gwent".into())]),
            default_site: Some("bucks".into()),
            ..RouteTable::default()
        }
    }

    #[test]
    fn the_callers_number_goes_before_the_dialled_one() {
        let rule = table().rule(Some("+441373000123"), "+448450000001");
        let table = table();
        let (home, place) = table.home(Some("+441373000123"), "+448450000001").unwrap();
        assert_eq!((Some(home), place.map(|place| &**place)), (rule.home(), Some("Frome")));
        assert_eq!(rule.home(), Some(&"somerset".into()));
        assert_eq!(rule.why(), "the caller's number begins with +441373 (Frome), an area of somerset");
    }

    #[test]
    fn a_withheld_number_goes_by_the_dialled_one_and_else_asks_for_the_postcode() {
        assert_eq!(table().rule(None, "+448450000001").home(), Some(&"gwent".into()));
        assert_eq!(table().rule(None, "+448450000002"), RouteRule::AskPostcode);
        assert_eq!(table().rule(Some("+33140000000"), "+448450000002"), RouteRule::AskPostcode);
    }

    #[test]
    fn candidates_stand_home_first_then_by_advisers_to_spare_with_reasons() {
        let sites = vec![
            seen("bucks", true, load(2, 0, 5, 0)),
            seen("calderdale", true, load(3, 3, 5, 0)),
            seen("gwent", true, load(7, 6, 9, 0)),
            seen("somerset", true, load(0, 0, 4, 2)),
            seen("leeds", false, load(9, 9, 9, 0)),
            seen("york", true, load(0, 0, 0, 0)),
        ];
        let found = explain(table().rule(Some("441373000123"), ""), SkillSet::NONE, None, sites).unwrap();
        let listed: Vec<_> = found.candidates.iter().map(|c| (c.site.as_str(), c.why())).collect();
        let listed: Vec<_> = listed.iter().map(|(site, why)| (*site, why.as_str())).collect();
        assert_eq!(
            listed,
            [
                ("somerset", "home, with nobody free and 2 waiting"),
                ("gwent", "6 free above its reserve"),
                ("calderdale", "3 free above its reserve"),
                ("bucks", "its 2 free advisers are its reserve"),
                ("york", "no adviser is available"),
                ("leeds", "closed"),
            ]
        );
        assert_eq!((found.host.as_str(), found.ask_postcode()), ("somerset", false));
    }

    #[test]
    fn an_unplaced_call_goes_where_somebody_is_free_else_to_the_default_site_if_that_is_open() {
        let host = |bucks: (bool, Load), gwent: (bool, Load)| {
            let sites = vec![seen("bucks", bucks.0, bucks.1), seen("gwent", gwent.0, gwent.1)];
            explain(RouteRule::AskPostcode, SkillSet::NONE, Some(&"gwent".into()), sites).unwrap().host
        };
        assert_eq!(host((true, load(1, 1, 1, 0)), (true, load(0, 0, 3, 0))), "bucks".into());
        assert_eq!(host((true, load(0, 0, 1, 0)), (true, load(0, 0, 3, 4))), "gwent".into());
        assert_eq!(host((true, load(0, 0, 1, 0)), (false, load(5, 5, 5, 0))), "bucks".into());
        assert_eq!(host((false, load(0, 0, 1, 0)), (false, load(0, 0, 0, 0))), "gwent".into());
    }
}
