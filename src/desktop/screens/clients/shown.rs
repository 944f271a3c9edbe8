//! Clients as lists and headings show them, and colleagues by their names.

use crate::seat::Seat;
use startline_api as pb;
use startline_foundation::formats::{Nino, UkPhone, day_in_words};
use startline_rooms::access::Role;
use std::collections::HashMap;

/// A client as a list shows them.
pub struct Known {
    pub id: String,
    pub name: String,
    pub other_names: String,
    pub born: String,
    pub postcode: String,
    pub phone: String,
    pub home: String,
}

impl Known {
    pub fn of(seat: &Seat, client: &pb::Client) -> Self {
        let facts = client.facts.clone().unwrap_or_default();
        Self {
            id: client.client_id.clone(),
            name: name(&facts),
            born: day(seat, &facts.date_of_birth),
            phone: grouped(&facts.phone),
            postcode: facts.postcode,
            other_names: facts.other_names,
            home: seat.site_name(&client.home_site_id),
        }
    }
}

/// A client's name; one who left a number alone is shown by that.
pub fn name(facts: &pb::ClientFacts) -> String {
    let parts = [&facts.title, &facts.other_names, &facts.last_name];
    let name = parts.into_iter().filter(|part| !part.is_empty()).map(String::as_str).collect::<Vec<_>>().join(" ");
    if name.is_empty() { grouped(&facts.phone) } else { name }
}

/// "3 March 2026" of a local day as messages have it; anything else as it is.
pub fn day(seat: &Seat, text: &str) -> String {
    text.parse().map_or_else(|_| text.to_owned(), |day| day_in_words(day, seat.language()))
}

/// A National Insurance number as it is read: `AB 12 34 56 C`.
pub fn nino(number: &str) -> String {
    Nino::parse(number).map_or_else(|_| number.to_owned(), |nino| nino.to_string())
}

/// A number in the groups in which it is read back.
pub fn grouped(phone: &str) -> String {
    UkPhone::parse(phone).map_or_else(|_| phone.to_owned(), |phone| phone.grouped())
}

/// The people of their own site by their ids, as far as they may know them, themselves among them.
pub async fn colleagues(seat: &Seat) -> HashMap<String, String> {
    let mut names: HashMap<String, String> = HashMap::new();
    if seat.is_any(&[Role::TeamLeader, Role::Supervisor, Role::Reception]) {
        let users = seat.may(pb::ListUsersRequest { page_size: 200, ..Default::default() }).await;
        names.extend(users.into_iter().flat_map(|found| found.users).map(|user| (user.user_id, user.name)));
    } else if seat.is(Role::Adviser) {
        names.extend(advisers(seat).await);
    }
    names.insert(seat.user().id.to_string(), seat.user().name.clone());
    names
}

/// Who is on the roster of their own site today, by name.
pub async fn advisers(seat: &Seat) -> Vec<(String, String)> {
    let roster = seat.may(pb::ListRosterRequest { page_size: 200, ..Default::default() }).await;
    let lines = roster.map(|roster| roster.lines).unwrap_or_default();
    lines.into_iter().map(|line| (line.adviser_id, line.adviser_name)).collect()
}
