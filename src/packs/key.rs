//! By what it is known that a pack says nothing that has changed since: its key, in the parts of which each is asked for by
//! itself.

use super::subject::Replacement;
use chrono::{DateTime, NaiveDate, Utc};
use sha2::{Digest, Sha256};
use startline_definition::{Calendar, Text};
use startline_foundation::ids::{PackId, SiteId};
use startline_rooms::claims;
use startline_rooms::clients::{Client, Facts};
use startline_rooms::diary::{Appointment, Decision};

/// Stands before what makes another key of the same sources: the pack that it takes the place of.
const TAKES_PLACE_OF: char = '+';

/// What a pack was composed from, in short.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// Whom it goes to, and where.
    pub to: String,
    /// The meeting, the decision or the call-back that it names.
    pub about: String,
    /// Everything else: the answers, and how it is printed.
    pub rest: String,
}

/// Where a pack was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SentTo {
    Home,
    /// The address for letters, as it stood then.
    LettersAddress,
    /// An address that somebody gave to be printed instead.
    AnotherAddress,
}

impl Key {
    /// As it is stored. What is composed anew from the same sources as an older pack, after another, is another pack.
    pub fn stored(&self, takes_place_of: Option<PackId>) -> String {
        let Self { to, about, rest } = self;
        let before = takes_place_of.map(|id| format!("{TAKES_PLACE_OF}{id}")).unwrap_or_default();
        format!("{to}.{about}.{rest}{before}")
    }

    /// None for one that was stored under an older rule: it says nothing about today's record.
    pub fn read(stored: &str) -> Option<Self> {
        let sources = stored.split(TAKES_PLACE_OF).next()?;
        let mut parts = sources.split('.').map(str::to_owned);
        let (to, about, rest) = (parts.next()?, parts.next()?, parts.next()?);
        parts.next().is_none().then_some(Self { to, about, rest })
    }

    pub fn sent_to(&self) -> SentTo {
        match self.to.chars().next() {
            Some('l') => SentTo::LettersAddress,
            Some('m') => SentTo::AnotherAddress,
            _ => SentTo::Home,
        }
    }
}

fn short(hash: Sha256) -> String {
    hash.finalize().iter().take(12).map(|byte| format!("{byte:02x}")).collect()
}

/// The window as the record has it on a day, told from every other.
pub fn to_by_record(client: &Client, day: NaiveDate, is_elsewhere: bool) -> String {
    let (lines, postcode) = client.facts.post_on(day);
    let window = format!("{}\0{lines:?}\0{postcode:?}", client.full_name());
    let kind = match client.facts.letters_address_on(day) {
        _ if is_elsewhere => 'x',
        Some(_) => 'l',
        None => 'h',
    };
    format!("{kind}{}", short(Sha256::new().chain_update(window)))
}

/// The replacement of the address that holds: one that was given for another address than the record has now would send the
/// letter where the client is no longer.
pub fn address_instead<'a>(replacements: &'a [Replacement], by_record: &str) -> Option<&'a Replacement> {
    let holds = |one: &&Replacement| one.place == super::address::PLACE && one.instead_of.as_deref() == Some(by_record);
    replacements.iter().find(holds)
}

/// Whom it goes to, and where: by what was given instead, or by the record.
pub fn to(client: &Client, day: NaiveDate, is_elsewhere: bool, replacements: &[Replacement]) -> String {
    let by_record = to_by_record(client, day, is_elsewhere);
    match address_instead(replacements, &by_record) {
        Some(instead) => format!("m{}", short(Sha256::new().chain_update(&by_record).chain_update(&instead.text))),
        None => by_record,
    }
}

/// What it names.
pub fn about(
    meeting: Option<&Appointment>,
    decision: Option<&Decision>,
    paragraphs: &[Text],
    callback: Option<&(DateTime<Utc>, String)>,
) -> String {
    let mut hash = Sha256::new();
    if let Some(meeting) = meeting {
        hash.update(meeting.id.0.as_bytes());
        // A meeting that was moved keeps its id.
        hash.update(meeting.starts_at.timestamp().to_be_bytes());
    }
    if let Some(decision) = decision {
        hash.update(decision.id.0.as_bytes());
    }
    for paragraph in paragraphs {
        hash.update(&paragraph.en);
    }
    if let Some((at, phone)) = callback {
        hash.update(at.timestamp().to_be_bytes());
        hash.update(phone);
    }
    short(hash)
}

/// Everything else that shows on paper.
pub fn rest(
    client: &Client,
    site: &SiteId,
    answers: &[claims::Answer],
    calendar: &Calendar,
    replacements: &[Replacement],
) -> String {
    let mut hash = Sha256::new();
    for answer in answers {
        hash.update(format!("{}={};", answer.question_id, answer.revision));
    }
    hash.update(known(client, calendar));
    hash.update(site.as_str());
    for replacement in replacements {
        hash.update(format!("{}\0{}\0", replacement.place, replacement.text));
    }
    short(hash)
}

/// What is known of the client that letters and the form show or go by.
fn known(client: &Client, calendar: &Calendar) -> String {
    let Facts { title, other_names, last_name, date_of_birth, call_needs, large_print, .. } = &client.facts;
    let Facts { talk_language, letter_language, letter_layout, phone, .. } = &client.facts;
    let languages = (talk_language.as_str(), letter_language.as_str(), letter_layout.as_str());
    let first_contact = calendar.local_date(client.first_contact_at);
    format!(
        "{title}\0{other_names}\0{last_name}\0{date_of_birth:?}{call_needs:?}{large_print}{languages:?}{}{first_contact}{}",
        phone.is_some(),
        client.home_site
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use startline_foundation::formats::Postcode;
    use startline_rooms::clients::LettersAddress;

    fn client() -> Client {
        let facts = Facts {
            last_name: "Fry".into(),
            address_lines: vec!["4 Catherine Hill".into(), "Frome".into()],
            postcode: Postcode::parse("BA11 1BL").ok(),
            ..Facts::default()
        };
        let id = startline_foundation::ids::ClientId(uuid::Uuid::nil());
        let first_contact_at = chrono::DateTime::UNIX_EPOCH;
        Client {
            id,
            revision: 1,
            facts,
            home_site: "somerset".into(),
            first_contact_at,
            matter_over_at: None,
            death: None,
        }
    }

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn a_key_is_read_as_it_was_stored_and_an_older_one_is_none() {
        let key = Key { to: "h12".into(), about: "34".into(), rest: "56".into() };
        let older = PackId(uuid::Uuid::from_u128(7));
        assert_eq!(Key::read(&key.stored(None)), Some(key.clone()));
        assert_eq!(Key::read(&key.stored(Some(older))), Some(key.clone()));
        assert_ne!(key.stored(Some(older)), key.stored(None));
        assert_eq!(Key::read("0123456789abcdef01234567"), None);
    }

    #[test]
    fn an_address_for_letters_is_another_window_on_its_days_only() {
        let home = client();
        let mut away = client();
        away.facts.letters_address = Some(LettersAddress {
            lines: vec!["8 Friend Street".into()],
            postcode: Postcode::parse("BA1 1AA").unwrap(),
            opened_by: String::new(),
            from: None,
            until: Some(day("2026-03-04")),
        });
        let to = |client: &Client, on: &str| to(client, day(on), false, &[]);
        assert_ne!(to(&away, "2026-03-04"), to(&home, "2026-03-04"));
        assert_eq!(to(&away, "2026-03-05"), to(&home, "2026-03-05"));
        let key = |to: String| Key { to, about: String::new(), rest: String::new() };
        assert_eq!(key(to(&away, "2026-03-04")).sent_to(), SentTo::LettersAddress);
        assert_eq!(key(to(&home, "2026-03-04")).sent_to(), SentTo::Home);
    }

    #[test]
    fn an_address_given_instead_of_one_that_the_record_no_longer_has_counts_for_nothing() {
        let on = day("2026-03-04");
        let by_record = to_by_record(&client(), on, false);
        let instead = Replacement {
            place: super::super::address::PLACE.into(),
            text: "Ms Fry\n1 Road\nBath\nBA1 1AA".into(),
            instead_of: Some(by_record.clone()),
        };
        let given = std::slice::from_ref(&instead);
        assert_ne!(to(&client(), on, false, given), by_record);
        let mut moved = client();
        moved.facts.address_lines = vec!["9 Cork Street".into()];
        assert_eq!(to(&moved, on, false, given), to_by_record(&moved, on, false));
        let before_this_rule = Replacement { instead_of: None, ..instead };
        assert_eq!(to(&client(), on, false, &[before_this_rule]), by_record);
    }
}
