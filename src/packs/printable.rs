//! What cannot be printed, found before anything is set: a character that no font has, more text than paper can hold.
//! Everything at once, so that whoever mends it does so once. Pure.

use super::content::{Answer, MOST_CHARACTERS, PackContent};
use super::subject::{Replacement, Unprintable};
use serde_json::Value as Json;
use std::collections::BTreeSet;

/// Every fault of the data that the templates would get, a place at a time.
/// `most_of_one` is what one place may hold.
pub fn faults(data: &Json, most_of_one: usize, can_print: &dyn Fn(char) -> bool) -> Vec<Unprintable> {
    let mut found = Found { faults: Vec::new(), all: 0, most_of_one, can_print };
    let mut here = Here { place: String::new(), unknown: BTreeSet::new(), characters: 0 };
    found.visit(data, &mut here);
    found.close(here);
    if found.all > MOST_CHARACTERS {
        let sentence = format!("holds {} characters; at most {MOST_CHARACTERS} can be set", found.all);
        let mend = "Shorten the longest answers, or send them as a letter of their own.".into();
        found.faults.push(Unprintable { place: "pack".into(), reason: "TOO_LONG".into(), sentence, mend });
    }
    found.faults
}

struct Found<'a> {
    faults: Vec<Unprintable>,
    all: usize,
    most_of_one: usize,
    can_print: &'a dyn Fn(char) -> bool,
}

/// One place, and what was found in it so far.
struct Here {
    place: String,
    unknown: BTreeSet<char>,
    characters: usize,
}

impl Found<'_> {
    fn visit(&mut self, value: &Json, here: &mut Here) {
        match value {
            Json::String(text) => {
                let count = text.chars().count();
                here.characters += count;
                self.all += count;
                here.unknown.extend(text.chars().filter(|c| !(self.can_print)(*c)));
            }
            Json::Array(items) => items.iter().for_each(|item| self.visit(item, here)),
            Json::Object(fields) => match fields.get("id").and_then(Json::as_str) {
                // A question, its continuation, or a line of the summary: a place of its own.
                Some(id) => {
                    let kind = if fields.contains_key("asked") { "summary" } else { "question" };
                    let mut inner = Here { place: format!("{kind} {id}"), unknown: BTreeSet::new(), characters: 0 };
                    fields.values().for_each(|field| self.visit(field, &mut inner));
                    self.close(inner);
                }
                None => {
                    for (name, field) in fields {
                        if here.place.is_empty() || matches!(name.as_str(), "adviser" | "personal_adviser") {
                            let mut inner = Here { place: place_of(name), unknown: BTreeSet::new(), characters: 0 };
                            self.visit(field, &mut inner);
                            self.close(inner);
                        } else {
                            self.visit(field, here);
                        }
                    }
                }
            },
            Json::Null | Json::Bool(_) | Json::Number(_) => {}
        }
    }

    fn close(&mut self, here: Here) {
        let Here { place, unknown, characters } = here;
        let fault = |reason: &str, sentence: String, mend: &str| Unprintable {
            place: place.clone(),
            reason: reason.into(),
            sentence,
            mend: mend.into(),
        };
        if !unknown.is_empty() {
            let codes: Vec<String> = unknown.iter().take(5).map(|c| format!("U+{:04X}", u32::from(*c))).collect();
            let more = if unknown.len() > codes.len() { " and others" } else { "" };
            self.faults.push(fault(
                "GLYPH",
                format!("holds what none of the letters' fonts can print: {}{more}", codes.join(", ")),
                "Write it in Latin letters for this print, as the client spells it; the record keeps what was said.",
            ));
        }
        if characters > self.most_of_one {
            self.faults.push(fault(
                "TOO_LONG",
                format!("holds {characters} characters; at most {} are printed in one place", self.most_of_one),
                "Print a shorter text that says where the rest is kept.",
            ));
        }
    }
}

fn place_of(field: &str) -> String {
    match field {
        "salutation" => "client name".into(),
        other => other.replace('_', " "),
    }
}

/// Puts each replacement in its place. What no place is called by is left alone: the fault then stands.
pub fn replace(content: &mut PackContent, replacements: &[Replacement]) {
    for Replacement { place, text, .. } in replacements {
        let words: Vec<&str> = place.splitn(2, ' ').collect();
        match (place.as_str(), words.as_slice()) {
            ("client name", _) => {
                content.client_name.clone_from(text);
                content.salutation.clone_from(text);
            }
            ("adviser", _) => content.site.adviser.clone_from(text),
            ("personal adviser", _) => {
                if let Some(appointment) = &mut content.appointment {
                    appointment.personal_adviser.clone_from(text);
                }
            }
            (_, ["question", id]) => {
                let parts = content.form.iter_mut().flat_map(|form| &mut form.parts);
                for question in parts.flat_map(|part| &mut part.questions).filter(|question| question.id == *id) {
                    let lines = if let Answer::Text { lines, .. } = question.answer { lines } else { 1 };
                    question.answer = Answer::Text { value: text.clone(), lines };
                }
            }
            (_, ["summary", id]) => {
                let sections = content.summary.iter_mut().flat_map(|summary| &mut summary.sections);
                for line in sections.flat_map(|section| &mut section.lines).filter(|line| line.id == *id) {
                    line.said = text.as_str().into();
                }
            }
            _ => {}
        }
    }
}
