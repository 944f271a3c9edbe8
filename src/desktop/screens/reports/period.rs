//! Which site, and from which day until which.

use super::words::ReportWords;
use crate::html::Mistakes;
use crate::screens::floor::glance::sites_seen;
use crate::seat::Seat;
use chrono::{Days, NaiveDate};
use startline_foundation::formats::{day_in_words, parse_date};
use startline_foundation::ids::SiteId;

/// Without a choice: so many days, today the last of them.
const USUAL_DAYS: u64 = 14;

pub struct Period {
    /// Empty for all.
    pub site: String,
    /// Those that can be chosen.
    pub sites: Vec<(String, String)>,
    pub from: NaiveDate,
    pub to: NaiveDate,
    pub from_typed: String,
    pub to_typed: String,
}

impl Period {
    /// As the address has it. `is_of_calls`: today alone when nothing is chosen, and all sites together can be.
    pub fn read(seat: &Seat, is_of_calls: bool) -> (Self, Mistakes) {
        let w = ReportWords::of(seat.language());
        let query = &seat.visitor.query;
        let today = seat.today();
        let first = if is_of_calls { today } else { today - Days::new(USUAL_DAYS - 1) };
        let typed = |name: &str, usual: NaiveDate| match query.get(name) {
            "" => usual.format("%d/%m/%Y").to_string(),
            typed => typed.to_owned(),
        };
        let (from_typed, to_typed) = (typed("from", first), typed("to", today));
        let (from, to) = (parse_date(&from_typed), parse_date(&to_typed));
        let mut mistakes = Mistakes::default();
        if from.is_err() {
            mistakes = mistakes.and("from", w.day_wrong);
        }
        match (&from, &to) {
            (_, Err(_)) => mistakes = mistakes.and("to", w.day_wrong),
            (Ok(from), Ok(to)) if to < from => mistakes = mistakes.and("to", w.turned),
            _ => {}
        }
        let seen = sites_seen(seat);
        let mut sites: Vec<(String, String)> =
            seen.iter().map(|id| (id.to_string(), seat.site_name(id.as_str()))).collect();
        if is_of_calls {
            sites.insert(0, (String::new(), w.all_sites.to_owned()));
        }
        let asked = query.get("site").to_owned();
        let is_chosen = query.has("site") && sites.iter().any(|(id, _)| *id == asked);
        let own = seat.site().filter(|site| seen.contains(site)).or_else(|| seen.first().cloned());
        let site = if is_chosen { asked } else { own.map(|site| site.to_string()).unwrap_or_default() };
        let (from, to) = (from.unwrap_or(first), to.unwrap_or(today));
        (Self { site, sites, from, to, from_typed, to_typed }, mistakes)
    }

    pub fn site_id(&self) -> SiteId {
        SiteId::new(&self.site)
    }

    pub fn days(&self) -> impl Iterator<Item = NaiveDate> + use<> {
        let to = self.to;
        self.from.iter_days().take_while(move |day| *day <= to)
    }

    pub fn in_words(&self, seat: &Seat) -> String {
        let day = |day| day_in_words(day, seat.language());
        match self.from == self.to {
            true => day(self.from),
            false => format!("{} {} {}", day(self.from), seat.frame().w.to, day(self.to)),
        }
    }

    pub fn as_query(&self) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("site", &self.site);
        query.append_pair("from", &self.from.to_string()).append_pair("to", &self.to.to_string());
        query.finish()
    }

    pub fn file_name(&self, report: &str) -> String {
        let site = if self.site.is_empty() { "all" } else { &self.site };
        format!("{report}-{site}-{}-{}", self.from, self.to)
    }
}
