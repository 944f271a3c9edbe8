//! What goes out: the words of a line for one client, and whether it can reach them. Pure.

use super::reminder::Dropped;
use crate::clients::Client;
use crate::diary::Entry;
use chrono::{DateTime, NaiveDate, Utc};
use startline_definition::{Bearing, Channel, Definition, Fillings, ReminderLine};
use startline_foundation::formats::{Language, UkPhone};

/// A line of an address that a machine for letters takes for something else.
const NO_FIRST_LETTER: &str = "@()=[]\"\\/,<>~";

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Message {
    Text { number: String, body: String },
    Letter { address: Vec<String>, heading: String, body: String },
}

/// The message, or why there can be none. A call has none: its words are for whoever rings.
pub fn message(
    definition: &Definition,
    line: &ReminderLine,
    (entry, bearing): (&Entry, Bearing),
    client: &Client,
    now: DateTime<Utc>,
) -> Result<Message, Dropped> {
    let about = (entry, bearing);
    let body = words(definition, line, about, client).ok_or(Dropped::NotPlanned)?;
    match line.by {
        Channel::Call => Err(Dropped::NotPlanned),
        Channel::Text => {
            let number = client.facts.phone.as_ref().filter(|phone| is_mobile(phone)).ok_or(Dropped::NoMobileNumber)?;
            Ok(Message::Text { number: number.e164().to_owned(), body })
        }
        Channel::Letter => {
            let address = address(client, definition.calendar.local_date(now)).ok_or(Dropped::NoAddress)?;
            let heading = line.heading.as_ref().map(|text| text.in_language(client.facts.letter_language));
            let heading = fill(definition, heading.unwrap_or_default(), about, client, client.facts.letter_language);
            Ok(Message::Letter { address, heading: heading.ok_or(Dropped::NotPlanned)?, body })
        }
    }
}

/// The words in the language in which the client is spoken to or written to.
pub fn words(
    definition: &Definition,
    line: &ReminderLine,
    about: (&Entry, Bearing),
    client: &Client,
) -> Option<String> {
    let language = match line.by {
        Channel::Call => client.facts.talk_language,
        Channel::Text | Channel::Letter => client.facts.letter_language,
    };
    fill(definition, line.words.in_language(language), about, client, language)
}

/// None when the office is no longer one of ours.
fn fill(
    definition: &Definition,
    words: &str,
    (entry, bearing): (&Entry, Bearing),
    client: &Client,
    language: Language,
) -> Option<String> {
    let calendar = &definition.calendar;
    let reminders = definition.reminders.as_ref()?;
    let fillings = Fillings {
        what: reminders.what(&entry.kind, language),
        follows: reminders.follows(bearing, language),
        day: calendar.local_date(entry.starts_at),
        time: calendar.local_time(entry.starts_at),
        office: definition.office(&entry.office)?,
        name: &client.full_name(),
        language,
    };
    Some(fillings.fill(words.trim_end()))
}

/// 07, but neither a personal number (070) nor a pager (076, but for 07624, which is mobile on the Isle of Man).
fn is_mobile(phone: &UkPhone) -> bool {
    let national = phone.national();
    national.starts_with('7')
        && !national.starts_with("70")
        && (!national.starts_with("76") || national.starts_with("7624"))
}

/// Name, lines and postcode of where letters go that day, if all are there and a letter would arrive.
fn address(client: &Client, today: NaiveDate) -> Option<Vec<String>> {
    let facts = &client.facts;
    let (lines, postcode) = facts.post_on(today);
    let postcode = postcode?.to_string();
    let lines: Vec<String> = lines.iter().filter(|line| !line.trim().is_empty()).cloned().collect();
    let nowhere = |line: &String| line.to_lowercase().contains("no fixed abode");
    let misread = |line: &String| line.trim_start().starts_with(|first| NO_FIRST_LETTER.contains(first));
    if facts.last_name.is_empty() || lines.is_empty() || lines.iter().any(|line| nowhere(line) || misread(line)) {
        return None;
    }
    let name = client.full_name();
    (!misread(&name)).then(|| [vec![name], lines, vec![postcode]].concat())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clients::FactsDraft;
    use chrono::TimeDelta;
    use startline_foundation::ids::{AppointmentId, ClientId, UserId};

    fn now() -> DateTime<Utc> {
        "2026-03-03T10:00:00Z".parse().unwrap()
    }

    fn entry() -> Entry {
        Entry {
            id: AppointmentId::fresh(now()),
            sequence: 0,
            client_id: ClientId::fresh(now()),
            personal_adviser: UserId::fresh(now()),
            kind: "first-meeting".into(),
            office: "frome".into(),
            room: None,
            starts_at: now() + TimeDelta::days(3),
            ends_at: now() + TimeDelta::days(3),
            booked: true,
            cancelled: false,
            changed_at: now(),
        }
    }

    fn client(change: impl Fn(&mut FactsDraft)) -> Client {
        let mut draft = FactsDraft {
            title: "Ms".into(),
            other_names: "Rosa Jane".into(),
            last_name: "Fry".into(),
            phone: "07700 900123".into(),
            address_lines: vec!["4 Catherine Hill".into(), "Frome".into()],
            postcode: "BA11 1BL".into(),
            ..FactsDraft::default()
        };
        change(&mut draft);
        let facts = draft.check(now()).unwrap();
        let id = ClientId::fresh(now());
        Client {
            id,
            revision: 1,
            facts,
            home_site: "somerset".into(),
            first_contact_at: now(),
            matter_over_at: None,
            death: None,
        }
    }

    fn sent(by: Channel, client: &Client) -> Result<Message, Dropped> {
        let definition = Definition::embedded();
        let lines = definition.reminders.as_ref().unwrap().lines("first-meeting");
        message(
            &definition,
            lines.iter().find(|line| line.by == by).unwrap(),
            (&entry(), Bearing::Binding),
            client,
            now(),
        )
    }

    #[test]
    fn a_text_says_what_when_and_where_in_the_language_of_the_clients_letters() {
        let Ok(Message::Text { number, body }) = sent(Channel::Text, &client(|_| ())) else { panic!("no text") };
        assert_eq!(number, "+447700900123");
        assert!(
            body.starts_with("Reminder: your first meeting with a personal adviser is on Friday 6 March at 10:00"),
            "{body}"
        );
        assert!(!body.contains("Fry") && !body.contains('{'), "{body}");
        let welsh = client(|draft| draft.letter_language = "cy".into());
        let Ok(Message::Text { body, .. }) = sent(Channel::Text, &welsh) else { panic!("no text") };
        assert!(body.contains("dydd Gwener 6 Mawrth am 10:00"), "{body}");
    }

    #[test]
    fn a_text_goes_to_a_mobile_telephone_only() {
        for (phone, expected) in [
            ("07700 900123", true),
            ("07624 900123", true),
            ("01373 000123", false),
            ("070 1234 5678", false),
            ("07640 123456", false),
            ("", false),
        ] {
            let outcome = sent(Channel::Text, &client(|draft| draft.phone = phone.into()));
            assert_eq!(outcome.is_ok(), expected, "{phone}");
            assert!(expected || outcome == Err(Dropped::NoMobileNumber), "{phone}");
        }
    }

    #[test]
    fn a_letter_goes_to_a_whole_address_only() {
        let Ok(Message::Letter { address, heading, body }) = sent(Channel::Letter, &client(|_| ())) else {
            panic!("no letter")
        };
        assert_eq!(address, ["Ms Rosa Jane Fry", "4 Catherine Hill", "Frome", "BA11 1BL"]);
        assert_eq!(heading, "Please remember: your first meeting with a personal adviser");
        assert!(body.starts_with("Dear Ms Rosa Jane Fry\n"), "{body}");
        let lacking: [fn(&mut FactsDraft); 4] = [
            |draft| draft.postcode.clear(),
            |draft| draft.address_lines.clear(),
            |draft| draft.address_lines = vec!["No Fixed Abode".into()],
            |draft| draft.address_lines = vec!["@home".into()],
        ];
        for change in lacking {
            assert_eq!(sent(Channel::Letter, &client(change)), Err(Dropped::NoAddress));
        }
    }
}
