//! What the client record knows of the form's questions, so that it is confirmed instead of asked again.

use super::answer::Draft;
use crate::clients::{Client, LettersAddress, SpokenFor};
use serde_json::{Value, json};
use startline_definition::{ClientFact, Definition, Kind, Question};
use startline_foundation::formats::Language;

/// The option that asks for letters in large print.
pub const LARGE_PRINT: &str = "large_print";

/// The client record's value for a fact; null when it is not known.
pub fn fact(definition: &Definition, client: &Client, fact: ClientFact) -> Value {
    let facts = &client.facts;
    let text = |text: &str| if text.is_empty() { Value::Null } else { json!(text) };
    let language = |language: Language| match language {
        Language::English => json!("english"),
        Language::Welsh => json!("welsh"),
    };
    match fact {
        ClientFact::FirstContact => json!(definition.calendar.local_date(client.first_contact_at).to_string()),
        ClientFact::Title => text(&facts.title),
        ClientFact::CallNeeds if facts.call_needs.is_empty() => Value::Null,
        ClientFact::CallNeeds => json!(facts.call_needs),
        ClientFact::LastName => text(&facts.last_name),
        ClientFact::OtherNames => text(&facts.other_names),
        ClientFact::DateOfBirth => facts.date_of_birth.map_or(Value::Null, |day| json!(day.to_string())),
        ClientFact::Nino => facts.nino.as_ref().map_or(Value::Null, |nino| json!(nino.as_str())),
        ClientFact::Address if facts.address_lines.is_empty() => Value::Null,
        ClientFact::Address => json!({ "lines": facts.address_lines }),
        ClientFact::Postcode => facts.postcode.as_ref().map_or(Value::Null, |postcode| json!(postcode.as_str())),
        ClientFact::LettersAddress => facts.letters_address.as_ref().map_or(Value::Null, letters_address),
        ClientFact::Phone => facts.phone.as_ref().map_or(Value::Null, |phone| json!(phone.e164())),
        ClientFact::OtherPhone => Value::Null,
        ClientFact::TalkingLanguage => language(facts.talk_language),
        ClientFact::LettersLanguage => language(facts.letter_language),
        ClientFact::LettersFormat if facts.large_print => json!(LARGE_PRINT),
        ClientFact::LettersFormat if !facts.letters_format.is_empty() => json!(facts.letters_format),
        // The usual print is nothing that anybody has said.
        ClientFact::LettersFormat => Value::Null,
        ClientFact::SpokenFor => facts.contact.spoken_for.as_ref().map_or(Value::Null, spoken_for),
        ClientFact::SafeTimes if facts.contact.safe_times.is_empty() => Value::Null,
        ClientFact::SafeTimes => json!(facts.contact.safe_times),
        ClientFact::ContactWay => facts.contact.way.map_or(Value::Null, |way| json!(way.as_str())),
        ClientFact::HasSpeaker => facts.contact.spoken_for.as_ref().map_or(Value::Null, |_| json!("yes")),
        ClientFact::Messages => facts.contact.messages.map_or(Value::Null, |may| json!(if may { "yes" } else { "no" })),
    }
}

/// As the form's group holds it.
fn spoken_for(person: &SpokenFor) -> Value {
    let mut group = json!({ "name": person.name, "authority": person.authority });
    if let (Some(phone), Some(fields)) = (&person.phone, group.as_object_mut()) {
        fields.insert("phone".into(), json!(phone));
    }
    group
}

/// As the form's group holds it: what is open is not there.
fn letters_address(letters: &LettersAddress) -> Value {
    let mut group = serde_json::Map::new();
    group.insert("address".into(), json!({ "lines": letters.lines }));
    group.insert("postcode".into(), json!(letters.postcode.as_str()));
    if !letters.opened_by.is_empty() {
        group.insert("opened_by".into(), json!(letters.opened_by));
    }
    for (field, day) in [("from", letters.from), ("until", letters.until)] {
        group.extend(day.map(|day| (field.to_owned(), json!(day.to_string()))));
    }
    Value::Object(group)
}

/// What conditions see of the client record, under the name [`startline_definition::CLIENT_RECORD`].
pub fn record(definition: &Definition, client: &Client) -> Value {
    let facts = &client.facts;
    let first_contact = definition.calendar.local_date(client.first_contact_at);
    json!({
        "age": facts.date_of_birth.and_then(|birth| first_contact.years_since(birth)),
        "home_site": client.home_site.as_str(),
        "talk_language": fact(definition, client, ClientFact::TalkingLanguage),
        "letters_language": fact(definition, client, ClientFact::LettersLanguage),
        "call_needs": facts.call_needs,
        "has_phone": facts.phone.is_some(),
    })
}

/// The same as this question can say it: of what a call needs, what is among its options.
pub fn fact_for(definition: &Definition, client: &Client, question: &Question, which: ClientFact) -> Value {
    let Kind::Multi(options) = &question.kind else { return fact(definition, client, which) };
    if which != ClientFact::CallNeeds {
        return fact(definition, client, which);
    }
    let is_option = |need: &&String| options.iter().any(|option| option.id == **need);
    let said: Vec<&String> = client.facts.call_needs.iter().filter(is_option).collect();
    if said.is_empty() { Value::Null } else { json!(said) }
}

/// Drafts for every question of the form that the record answers, in words its question accepts.
pub fn drafts(definition: &Definition, client: &Client) -> Vec<Draft> {
    definition
        .form
        .questions()
        .filter_map(|question| {
            let known = fact_for(definition, client, question, question.fills_client?);
            // A choice may be worded differently in another definition: then it is simply asked.
            let value = question.kind.check(&known).ok()?;
            Some(Draft { question_id: question.id.clone(), value, seen_revision: 0 })
        })
        .collect()
}
