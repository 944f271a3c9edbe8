//! Invented looks at the invented clients' records, for the list of who has looked.

use super::people::{self, Person};
use crate::access_content::AccessList;
use crate::access_list::{ListWanted, Most, Sources};
use crate::content::{Layout, Look};
use crate::words::Words;
use chrono::TimeDelta;
use startline_definition::Definition;
use startline_foundation::error::Result;
use startline_foundation::ids::{LookId, SiteId, UserId};
use startline_rooms::access::{Ground, Kind, Role, SYSTEM_USER};
use startline_rooms::records;
use uuid::Uuid;

/// By which method, of which kind of record.
const METHODS: [(&str, Kind); 12] = [
    ("ClientService.GetClient", Kind::Client),
    ("ClaimService.GetClaim", Kind::Claim),
    ("ScriptService.GetWalk", Kind::Walk),
    ("ClientService.FindClients", Kind::Client),
    ("CallbackService.ListCallbacks", Kind::Client),
    ("PackService.GetPack", Kind::Pack),
    ("DiaryService.ListAppointments", Kind::Claim),
    ("FollowUpService.ListSteps", Kind::Claim),
    ("ReminderService.ListReminders", Kind::Appointment),
    ("ClientService.ListClientChanges", Kind::Client),
    ("ClaimService.GetAgencyView", Kind::Claim),
    ("PrivacyService.PrintAccess", Kind::Client),
];

/// In the three first clients' own looks a list that tells everything once, one that goes on, and one in large print; and in
/// another look one of a record at which nobody has looked.
pub fn all(definition: &Definition, words: &Words) -> Result<Vec<(Person, AccessList)>> {
    let people = people::all(definition)?;
    let nobody = people.first().map(|first| first.with_look(Look { layout: Layout::SideBySide, large_print: true }));
    let mut lists = Vec::new();
    for (number, person) in people.into_iter().chain(nobody).enumerate() {
        let wanted = ListWanted::default();
        let (client, now) = (&person.client, person.composed);
        let erased_until = (number == 1).then(|| now - TimeDelta::days(2190));
        let sources = Sources { definition, words, client, wanted: &wanted, erased_until, now };
        let looks = if number == 3 { Vec::new() } else { looks(&person) };
        let entries = if number == 1 { 20 } else { usize::MAX };
        let list = sources.of_looks(&looks, Most { entries, looks: usize::MAX })?;
        lists.push((person, list));
    }
    Ok(lists)
}

/// Every role for every ground in turn, four a day, each of whom looks at some things for a while.
fn looks(person: &Person) -> Vec<(records::Look, String)> {
    let rounds = Ground::ALL.len().max(Role::ALL.len()) * 2;
    let mut looks = Vec::new();
    for round in 0..rounds {
        let (role, ground) = (Role::ALL[round % Role::ALL.len()], Ground::ALL[round % Ground::ALL.len()]);
        let days = TimeDelta::days(i64::try_from(round / 4).unwrap_or(0));
        for step in 0..3 {
            let (method, kind) = METHODS[(round + step) % METHODS.len()];
            let minutes = i64::try_from(40 * (round % 4) + 7 * step).unwrap_or(0);
            let look = records::Look {
                id: LookId(Uuid::nil()),
                at: person.composed - days - TimeDelta::minutes(minutes),
                user: match role {
                    Role::Admin => SYSTEM_USER,
                    _ => UserId(Uuid::from_u128(u128::try_from(round % Role::ALL.len()).unwrap_or(0) + 1)),
                },
                role: role.as_str().into(),
                site: role.works_at_a_site().then(|| SiteId::new(person.claim.site.as_str())),
                ground: ground.as_str().into(),
                method: method.into(),
                kind: kind.as_str().into(),
                record: String::new(),
                client: Some(person.client.id),
            };
            looks.push((look, NAMES[round % Role::ALL.len()].to_owned()));
        }
    }
    looks
}

const NAMES: [&str; 11] = [
    "Asha Patel",
    "Lena Morris",
    "Sunil Rao",
    "Petra Novák",
    "Eve Llewellyn",
    "Rita Okafor",
    "Gwen Price",
    "Somerset switch",
    "Root",
    "Bea Thompson",
    "Olive Grant",
];
