//! The facts of a client as a form has them: each a text, so that what was typed, what the form began with and what the record
//! has now can be held against each other.

use super::shown;
use super::words::ClientWords;
use crate::html::Mistakes;
use crate::seat::Seat;
use crate::visitor::Fields;
use startline_api as pb;
use startline_service::methods::Refusal;
use std::collections::BTreeMap;

type Label = fn(&ClientWords) -> &'static str;

/// Each field's name, where the service has it, and what it is called.
const FIELDS: &[(&str, &str, Label)] = &[
    ("last_name", "facts.last_name", |c| c.last_name),
    ("other_names", "facts.other_names", |c| c.other_names),
    ("title", "facts.title", |c| c.title),
    ("date_of_birth", "facts.date_of_birth", |c| c.date_of_birth),
    ("nino", "facts.nino", |c| c.nino),
    ("phone", "facts.phone", |c| c.phone),
    ("address", "facts.address_lines", |c| c.address),
    ("postcode", "facts.postcode", |c| c.postcode),
    ("home_site", "home_site_id", |c| c.home_site),
    ("talk_language", "facts.talk_language", |c| c.talk_language),
    ("letter_language", "facts.letter_language", |c| c.letter_language),
    ("letter_layout", "facts.letter_layout", |c| c.letter_layout),
    ("large_print", "facts.large_print", |c| c.large_print),
    ("letters_format", "facts.letters_format", |c| c.letters_format),
    ("spoken_for_name", "facts.contact.spoken_for.name", |c| c.spoken_for_name),
    ("spoken_for_authority", "facts.contact.spoken_for.authority", |c| c.spoken_for_authority),
    ("spoken_for_phone", "facts.contact.spoken_for.phone", |c| c.spoken_for_phone),
    ("safe_times", "facts.contact.safe_times", |c| c.safe_times),
    ("way", "facts.contact.way", |c| c.way),
    ("messages", "facts.contact.messages", |c| c.messages),
    ("call_needs", "facts.call_needs", |c| c.call_needs),
    ("special_needs", "facts.special_needs", |c| c.special_needs),
    ("letters_lines", "facts.letters_address.address_lines", |c| c.letters_lines),
    ("letters_postcode", "facts.letters_address.postcode", |c| c.letters_postcode),
    ("letters_opened_by", "facts.letters_address.opened_by", |c| c.letters_opened_by),
    ("letters_from", "facts.letters_address.from_date", |c| c.letters_from),
    ("letters_until", "facts.letters_address.until_date", |c| c.letters_until),
];

const CONTACT: &[&str] =
    &["spoken_for_name", "spoken_for_authority", "spoken_for_phone", "safe_times", "way", "messages"];

const LETTERS: &[&str] = &["letters_lines", "letters_postcode", "letters_opened_by", "letters_from", "letters_until"];

#[derive(Default, Clone)]
pub struct FactsForm {
    typed: BTreeMap<&'static str, String>,
    /// What the form began with.
    was: BTreeMap<&'static str, String>,
    /// Letters go elsewhere, and where is not for whoever asks.
    pub withheld: bool,
}

/// How a field's name is called that messages have.
pub fn label(c: &ClientWords, fact: &str) -> &'static str {
    let of = |(name, path, _): &&(&str, &str, Label)| {
        *name == fact || path.strip_prefix("facts.") == Some(fact) || *path == fact
    };
    match FIELDS.iter().find(of) {
        Some((_, _, label)) => label(c),
        None if fact == "letters_address" => c.letters_address,
        None if fact == "contact" => c.reaching,
        None => c.record,
    }
}

impl FactsForm {
    pub fn of_client(facts: &pb::ClientFacts) -> Self {
        let mut form = Self { withheld: facts.letters_address_withheld, ..Self::default() };
        for (name, text) in said(facts) {
            form.typed.insert(name, text);
        }
        form.was = form.typed.clone();
        form
    }

    /// For somebody new, with what is known of them already.
    pub fn of_query(query: &Fields) -> Self {
        let mut form = Self::of_client(&pb::ClientFacts::default());
        form.typed.insert("talk_language", "en".into());
        form.typed.insert("letter_language", "en".into());
        for (name, ..) in FIELDS {
            if query.has(name) {
                form.typed.insert(name, query.get(name).trim().to_owned());
            }
        }
        form
    }

    pub fn of_form(fields: &Fields) -> Self {
        let mut form = Self { withheld: fields.has("withheld"), ..Self::default() };
        for (name, ..) in FIELDS {
            let text = match *name {
                "call_needs" | "safe_times" => {
                    let mut needs: Vec<&str> = fields.all(name).collect();
                    needs.sort_unstable();
                    needs.join(" ")
                }
                _ => fields.get(name).trim().replace("\r\n", "\n"),
            };
            form.typed.insert(name, text);
            form.was.insert(name, fields.get(&format!("was_{name}")).replace("\r\n", "\n"));
        }
        form
    }

    pub fn get(&self, name: &str) -> &str {
        self.typed.get(name).map_or("", String::as_str)
    }

    pub fn has_need(&self, need: &str) -> bool {
        self.get("call_needs").split(' ').any(|one| one == need)
    }

    pub fn is_safe(&self, time: &str) -> bool {
        self.get("safe_times").split(' ').any(|one| one == time)
    }

    pub fn has_contact(&self) -> bool {
        CONTACT.iter().any(|name| !self.get(name).is_empty())
    }

    pub fn has_letters(&self) -> bool {
        LETTERS.iter().any(|name| !self.get(name).is_empty())
    }

    pub fn is_welsh(&self) -> bool {
        self.get("letter_language") == "cy"
    }

    /// What the form began with, for the fields that nobody sees.
    pub fn began_with(&self) -> impl Iterator<Item = (&str, &str)> {
        self.was.iter().map(|(name, text)| (*name, text.as_str()))
    }

    /// The facts as they shall be. A day may have come from the record, and goes back as it is read.
    pub fn facts(&self) -> pb::ClientFacts {
        let text = |name: &str| self.get(name).to_owned();
        let lines = |name: &str| {
            self.get(name).lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect()
        };
        let had_letters = LETTERS.iter().any(|name| self.was.get(name).is_some_and(|text| !text.is_empty()));
        let letters_address = (!self.withheld && (had_letters || self.has_letters())).then(|| pb::LettersAddress {
            address_lines: lines("letters_lines"),
            postcode: text("letters_postcode"),
            opened_by: text("letters_opened_by"),
            from_date: text("letters_from"),
            until_date: text("letters_until"),
        });
        pb::ClientFacts {
            title: text("title"),
            other_names: text("other_names"),
            last_name: text("last_name"),
            date_of_birth: text("date_of_birth"),
            nino: text("nino"),
            phone: text("phone"),
            address_lines: lines("address"),
            postcode: text("postcode"),
            talk_language: text("talk_language"),
            letter_language: text("letter_language"),
            special_needs: text("special_needs"),
            call_needs: self.get("call_needs").split(' ').filter(|need| !need.is_empty()).map(str::to_owned).collect(),
            large_print: self.get("large_print") == "yes",
            letters_format: text("letters_format"),
            contact: Some(pb::Contact {
                spoken_for: Some(pb::SpokenFor {
                    name: text("spoken_for_name"),
                    authority: text("spoken_for_authority"),
                    phone: text("spoken_for_phone"),
                }),
                safe_times: self
                    .get("safe_times")
                    .split(' ')
                    .filter(|one| !one.is_empty())
                    .map(str::to_owned)
                    .collect(),
                way: text("way"),
                messages: text("messages"),
            }),
            letter_layout: text("letter_layout"),
            letters_address,
            letters_address_withheld: false,
        }
    }

    /// Somebody else changed the record. What they changed and this form did not is put in; of what both changed it is told
    /// what the record has. Gives the names of what was put in, and the rest as mistakes.
    pub fn meet(&mut self, c: &'static ClientWords, now: &pb::ClientFacts) -> (Vec<&'static str>, Mistakes) {
        let now = Self::of_client(now);
        let (mut put_in, mut mistakes) = (Vec::new(), Mistakes::default());
        for (name, _, label) in FIELDS {
            let (typed, was, stands) =
                (self.get(name).to_owned(), self.was.get(name).cloned().unwrap_or_default(), now.get(name));
            if stands == was || stands == typed {
                continue;
            }
            if typed == was {
                self.typed.insert(name, stands.to_owned());
                put_in.push(label(c));
            } else {
                let stands = if stands.is_empty() { c.empty } else { stands };
                mistakes = mistakes.and(*name, format!("{}: {} {stands}", label(c), c.record_says));
            }
        }
        self.was = now.was;
        self.withheld = now.withheld;
        (put_in, mistakes)
    }
}

/// What is wrong, each with the name of its field.
pub fn mistakes(seat: &Seat, refusal: &Refusal) -> Mistakes {
    let c = ClientWords::of(seat.language());
    if refusal.fields.is_empty() {
        return Mistakes::one("last_name", crate::refused::in_words(seat.language(), refusal));
    }
    let mut mistakes = Mistakes::default();
    for (path, what) in &refusal.fields {
        let is = |(_, known, _): &&(&str, &str, Label)| path == known || path.starts_with(&format!("{known}["));
        let (name, label) =
            FIELDS.iter().find(is).map_or(("last_name", c.record), |(name, _, label)| (*name, label(c)));
        let what = match what.as_str() {
            "is needed" => c.is_needed.into(),
            what => crate::refused::of_field(seat.language(), path, what),
        };
        mistakes = mistakes.and(name, what.of(label));
    }
    mistakes
}

fn said(facts: &pb::ClientFacts) -> Vec<(&'static str, String)> {
    let letters = facts.letters_address.clone().unwrap_or_default();
    let contact = facts.contact.clone().unwrap_or_default();
    let person = contact.spoken_for.unwrap_or_default();
    let mut needs = facts.call_needs.clone();
    needs.sort_unstable();
    let day = |text: &str| {
        text.parse::<chrono::NaiveDate>().map_or_else(|_| text.to_owned(), |day| day.format("%-d/%-m/%Y").to_string())
    };
    vec![
        ("last_name", facts.last_name.clone()),
        ("other_names", facts.other_names.clone()),
        ("title", facts.title.clone()),
        ("date_of_birth", day(&facts.date_of_birth)),
        ("nino", facts.nino.clone()),
        ("phone", shown::grouped(&facts.phone)),
        ("address", facts.address_lines.join("\n")),
        ("postcode", facts.postcode.clone()),
        ("talk_language", facts.talk_language.clone()),
        ("letter_language", facts.letter_language.clone()),
        ("letter_layout", facts.letter_layout.clone()),
        ("large_print", if facts.large_print { "yes".into() } else { String::new() }),
        ("letters_format", facts.letters_format.clone()),
        ("spoken_for_name", person.name),
        ("spoken_for_authority", person.authority),
        ("spoken_for_phone", shown::grouped(&person.phone)),
        ("safe_times", contact.safe_times.join(" ")),
        ("way", contact.way),
        ("messages", contact.messages),
        ("call_needs", needs.join(" ")),
        ("special_needs", facts.special_needs.clone()),
        ("letters_lines", letters.address_lines.join("\n")),
        ("letters_postcode", letters.postcode),
        ("letters_opened_by", letters.opened_by),
        ("letters_from", day(&letters.from_date)),
        ("letters_until", day(&letters.until_date)),
    ]
}

/// Of one changed fact how it stood, in words.
pub fn side(facts: &pb::ClientFacts, fact: &str) -> String {
    let name = match fact {
        "address_lines" => "address",
        other => other,
    };
    let all = said(facts);
    if fact == "contact" {
        let contact = all.iter().filter(|(name, text)| CONTACT.contains(name) && !text.is_empty());
        return contact.map(|(_, text)| text.clone()).collect::<Vec<_>>().join(", ");
    }
    if fact == "letters_address" {
        let letters = all.iter().filter(|(name, text)| LETTERS.contains(name) && !text.is_empty());
        return letters.map(|(_, text)| text.replace('\n', ", ")).collect::<Vec<_>>().join(", ");
    }
    all.into_iter().find(|(of, _)| *of == name).map(|(_, text)| text.replace('\n', ", ")).unwrap_or_default()
}
