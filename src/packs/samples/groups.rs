//! The six clients whose answers the stories walk through: what each says is in one file, who writes to them in another.

use super::people::{Person, RawCallback, RawDeferral, RawFacts, RawLetters, RawMeeting, RawPerson};
use serde::Deserialize;
use serde_json::Value;
use startline_definition::Definition;
use startline_foundation::error::{Error, Result};
use std::collections::BTreeMap;

const SAID: &str = include_str!("nine_groups.yaml");
const ARRANGED: &str = include_str!("groups.yaml");

/// When they all rang first, and when their packs are composed.
const FIRST_CONTACT: &str = "2026-03-03T09:30:00Z";
const COMPOSED: &str = "2026-03-04T12:10:00Z";

#[derive(Deserialize)]
struct Said {
    about: String,
    client: RawFacts,
    answers: BTreeMap<String, Value>,
    script: BTreeMap<String, Value>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Arranged {
    group: String,
    name: String,
    adviser: String,
    #[serde(default = "somerset")]
    site: String,
    #[serde(default)]
    letter_language: Option<String>,
    #[serde(default)]
    large_print: bool,
    #[serde(default)]
    letters_address: Option<RawLetters>,
    #[serde(default)]
    meeting: Option<RawMeeting>,
    #[serde(default)]
    deferral: Option<RawDeferral>,
    callback: RawCallback,
}

fn somerset() -> String {
    "somerset".into()
}

/// `first` is the number of the first of them, from which their ids are made.
pub fn all(definition: &Definition, first: u128) -> Result<Vec<Person>> {
    let mut said: BTreeMap<String, Said> = serde_saphyr::from_str(SAID).map_err(Error::internal)?;
    let arranged: Vec<Arranged> = serde_saphyr::from_str(ARRANGED).map_err(Error::internal)?;
    let at = |text: &str| text.parse().map_err(Error::internal);
    let mut people = Vec::new();
    for (one, number) in arranged.into_iter().zip(first..) {
        let Said { about, client, mut answers, script } =
            said.remove(&one.group).ok_or_else(|| Error::internal(format!("nobody is of the group {}", one.group)))?;
        // The service fills it, whatever is said.
        answers.insert("A2".into(), FIRST_CONTACT.split('T').next().unwrap_or_default().into());
        let facts = RawFacts {
            letter_language: one.letter_language.unwrap_or_else(|| client.letter_language.clone()),
            large_print: one.large_print,
            letters_address: one.letters_address,
            ..client
        };
        let raw = RawPerson {
            name: one.name,
            group: one.group,
            about,
            facts,
            site: one.site,
            first_contact: at(FIRST_CONTACT)?,
            composed: at(COMPOSED)?,
            adviser: one.adviser,
            meeting: one.meeting,
            deferral: one.deferral,
            callback: one.callback,
            walk: script,
            areas: ["service", "rights", "benefits"].map(|area| (area.into(), "covered".into())).into(),
            answers,
        };
        people.push(raw.person(definition, number)?);
    }
    Ok(people)
}
