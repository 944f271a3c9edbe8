//! Looks, by day and person: whoever has a record open looks at it many times an hour, and a list of each would be read by
//! nobody. Pure.

use super::matter::Matter;
use chrono::{DateTime, NaiveDate, Utc};
use startline_definition::Calendar;
use startline_foundation::ids::{SiteId, UserId};
use startline_rooms::access::{Ground, Role};
use startline_rooms::records::Look;
use std::collections::BTreeSet;

/// What one person looked at on one day, in one role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub user: UserId,
    pub name: String,
    /// None of a role that there is no more.
    pub role: Option<Role>,
    pub site: Option<SiteId>,
    pub first: DateTime<Utc>,
    pub last: DateTime<Utc>,
    pub what: BTreeSet<Matter>,
    pub why: BTreeSet<Ground>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Day {
    pub day: NaiveDate,
    /// In the order in which they began.
    pub entries: Vec<Entry>,
}

/// The newest day first.
#[derive(Debug, Default)]
pub struct Grouped {
    pub days: Vec<Day>,
    pub looks: usize,
    entries: usize,
}

/// How much goes on one list; a day is never parted.
#[derive(Debug, Clone, Copy)]
pub struct Most {
    pub entries: usize,
    pub looks: usize,
}

impl Grouped {
    /// Adds a look that is older than those before; false when it is for another list.
    pub fn add(&mut self, calendar: &Calendar, look: &Look, name: &str, most: Most) -> bool {
        let day = calendar.local_date(look.at);
        if self.days.last().is_none_or(|last| last.day != day) {
            if self.entries >= most.entries || self.looks >= most.looks {
                return false;
            }
            self.days.push(Day { day, entries: Vec::new() });
        }
        self.looks += 1;
        let Some(here) = self.days.last_mut() else { return true };
        let role = Role::parse(&look.role);
        let is_theirs = |entry: &&mut Entry| (entry.user, entry.role, &entry.site) == (look.user, role, &look.site);
        let entry = match here.entries.iter_mut().find(is_theirs) {
            Some(entry) => entry,
            None => {
                self.entries += 1;
                here.entries.push(Entry {
                    user: look.user,
                    name: name.to_owned(),
                    role,
                    site: look.site.clone(),
                    first: look.at,
                    last: look.at,
                    what: BTreeSet::new(),
                    why: BTreeSet::new(),
                });
                let at = here.entries.len() - 1;
                &mut here.entries[at]
            }
        };
        entry.first = entry.first.min(look.at);
        entry.last = entry.last.max(look.at);
        entry.what.insert(Matter::of(&look.method, &look.kind));
        entry.why.extend(Ground::parse(&look.ground));
        true
    }

    /// As they are printed.
    pub fn in_order(mut self) -> Self {
        for day in &mut self.days {
            day.entries.sort_by(|one, other| (one.first, &one.name).cmp(&(other.first, &other.name)));
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;
    use startline_definition::Definition;
    use startline_foundation::ids::LookId;
    use startline_rooms::access::Kind;
    use uuid::Uuid;

    const MOST: Most = Most { entries: 3, looks: 100 };

    fn noon() -> DateTime<Utc> {
        "2026-03-03T12:00:00Z".parse().unwrap()
    }

    fn look(user: u128, hours_ago: i64, method: &str, ground: Ground) -> Look {
        Look {
            id: LookId(Uuid::nil()),
            at: noon() - TimeDelta::hours(hours_ago),
            user: UserId(Uuid::from_u128(user)),
            role: "adviser".into(),
            site: Some("somerset".into()),
            ground: ground.as_str().into(),
            method: method.into(),
            kind: Kind::Client.as_str().into(),
            record: String::new(),
            client: None,
        }
    }

    #[test]
    fn a_day_of_one_person_is_one_entry_and_a_day_is_local() {
        let definition = Definition::embedded();
        let mut grouped = Grouped::default();
        for (user, hours_ago, method, ground) in [
            (1, 0, "ClientService.GetClient", Ground::OwnSite),
            (2, 1, "ClientService.GetClient", Ground::AskedFor),
            (1, 2, "ClaimService.GetClaim", Ground::CallInHand),
            (1, 3, "ClaimService.ListMissing", Ground::OwnSite),
            // Half past eleven at night, the day before.
            (1, 13, "ClientService.GetClient", Ground::OwnSite),
        ] {
            assert!(grouped.add(&definition.calendar, &look(user, hours_ago, method, ground), "Asha", MOST));
        }
        let Grouped { days, looks, .. } = grouped.in_order();
        assert_eq!((days.len(), looks), (2, 5));
        assert_eq!(days[0].entries.len(), 2);
        let first = &days[0].entries[0];
        assert_eq!((first.first, first.last), (noon() - TimeDelta::hours(3), noon()));
        assert_eq!(first.what, [Matter::Details, Matter::Claim].into());
        assert_eq!(first.why, [Ground::OwnSite, Ground::CallInHand].into());
        assert_eq!(days[1].day.to_string(), "2026-03-02");
    }

    #[test]
    fn what_is_too_much_for_one_list_ends_with_a_whole_day() {
        let definition = Definition::embedded();
        let mut grouped = Grouped::default();
        let of_day = |user, days: i64| look(user, 24 * days, "ClientService.GetClient", Ground::OwnSite);
        let taken = |grouped: &mut Grouped, look| grouped.add(&definition.calendar, &look, "Asha", MOST);
        assert!((1..=5).all(|user| taken(&mut grouped, of_day(user, 0))), "a day stays whole");
        assert!(!taken(&mut grouped, of_day(1, 1)));
        let mut grouped = Grouped::default();
        assert!((0..3).all(|day| taken(&mut grouped, of_day(1, day))) && !taken(&mut grouped, of_day(1, 3)));
    }
}
