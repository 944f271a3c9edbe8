//! What an answer teaches the client record, so that nothing is typed twice: a later claim, letter or call-back uses it.

use super::known;
use crate::access::Context;
use crate::clients::{self, Client, Facts, Half, Learned, LettersDraft, NeedsChange, SpokenForDraft, Way};
use chrono::{DateTime, Utc};
use serde_json::Value;
use startline_definition::{ClientFact, Definition, Kind, Question};
use startline_foundation::error::Result;
use startline_foundation::formats::Language;
use startline_foundation::ids::{ClientId, SiteId};
use startline_foundation::store::Db;
use std::collections::BTreeSet;
use uuid::Uuid;

/// An option that names nothing.
const OTHER: &str = "other";
/// An option for nothing out of the ordinary.
const NOTHING: &str = "none";

/// What the record should take up; none when the question teaches nothing, or the record has it already.
pub fn learned(definition: &Definition, client: &Client, question: &Question, value: &Value) -> Option<Learned> {
    let of_form = || definition.form.question(question.fills.as_ref()?)?.fills_client;
    let fact = question.fills_client.or_else(of_form)?;
    // What is waited for is heard also when it says what it said: the two halves belong together.
    let is_awaited = awaited(client) == Some(fact);
    if known::fact(definition, client, fact) == *value && !is_awaited {
        return None;
    }
    let text = || value.as_str().filter(|text| *text != OTHER).map(str::to_owned);
    let language = || match value.as_str()? {
        "english" => Some(Language::English),
        "welsh" => Some(Language::Welsh),
        _ => None,
    };
    match fact {
        ClientFact::FirstContact | ClientFact::OtherPhone => None,
        ClientFact::Title => text().map(Learned::Title),
        ClientFact::LastName => text().map(Learned::LastName),
        ClientFact::OtherNames => text().map(Learned::OtherNames),
        ClientFact::DateOfBirth => text().map(Learned::DateOfBirth),
        ClientFact::Nino => text().map(Learned::Nino),
        ClientFact::Postcode => text().map(Learned::Postcode),
        ClientFact::Phone => text().map(Learned::Phone),
        ClientFact::LettersAddress => Some(Learned::LettersAddress(letters(value))),
        ClientFact::Address => words(value.get("lines")?).map(Learned::AddressLines),
        ClientFact::TalkingLanguage => language().map(Learned::TalkLanguage),
        ClientFact::LettersLanguage => language().map(Learned::LetterLanguage),
        ClientFact::LettersFormat => {
            let said = value.as_str()?;
            let large_print = said == known::LARGE_PRINT;
            let other = if large_print || said == NOTHING { String::new() } else { said.to_owned() };
            let is_another = (large_print, &other) != (client.facts.large_print, &client.facts.letters_format);
            is_another.then_some(Learned::LettersFormat { large_print, other })
        }
        ClientFact::CallNeeds => {
            let change = call_needs(definition, question, &words(value)?);
            change.is_needed(&client.facts.call_needs).then_some(Learned::CallNeeds(change))
        }
        ClientFact::SpokenFor => {
            let text = |field: &str| value.get(field).and_then(Value::as_str).unwrap_or_default().to_owned();
            let draft = SpokenForDraft { name: text("name"), authority: text("authority"), phone: text("phone") };
            let knows = client.facts.contact.spoken_for.as_ref();
            let is_known = knows.map(|one| (&one.name, &one.authority, one.phone.clone().unwrap_or_default()));
            let is_said = (!value.is_null()).then(|| (&draft.name, &draft.authority, draft.phone.clone()));
            (is_known != is_said).then(|| Learned::SpokenFor(draft.clone()))
        }
        ClientFact::HasSpeaker => {
            let is_no = value.as_str() == Some("no") && client.facts.contact.spoken_for.is_some();
            is_no.then(|| Learned::SpokenFor(SpokenForDraft::default()))
        }
        ClientFact::SafeTimes => {
            let known = &definition.service.telephone.safe_times;
            let mut times = words(value).unwrap_or_default();
            times.retain(|time| known.iter().any(|one| one.id == *time));
            times.sort_unstable();
            (times != client.facts.contact.safe_times).then_some(Learned::SafeTimes(times))
        }
        ClientFact::ContactWay => {
            let way = value.as_str().and_then(Way::parse);
            (way != client.facts.contact.way).then_some(Learned::ContactWay(way))
        }
        ClientFact::Messages => {
            let may = value.as_str().map(|said| said == "yes");
            (may != client.facts.contact.messages).then_some(Learned::Messages(may))
        }
    }
}

/// The half of the home address that is waited for, since the other was given alone.
pub fn awaited(client: &Client) -> Option<ClientFact> {
    client.facts.half.map(|half| match half.other() {
        Half::Lines => ClientFact::Address,
        Half::Postcode => ClientFact::Postcode,
    })
}

/// Why the client record could not take this answer up: said at once, so that no letter goes by a record that differs.
pub fn refusal(definition: &Definition, question: &Question, value: &Value, now: DateTime<Utc>) -> Option<String> {
    let nobody = Client {
        id: ClientId(Uuid::nil()),
        revision: 0,
        facts: Facts::default(),
        home_site: SiteId::new(""),
        first_contact_at: now,
        matter_over_at: None,
        death: None,
    };
    learned(definition, &nobody, question, value)?.refusal(now)
}

/// What was said of the letters' address; nothing when it was taken back.
fn letters(value: &Value) -> LettersDraft {
    let text = |field: &str| value.get(field).and_then(Value::as_str).unwrap_or_default().to_owned();
    let lines = value.get("address").and_then(|address| words(address.get("lines")?)).unwrap_or_default();
    LettersDraft {
        lines,
        postcode: text("postcode"),
        opened_by: text("opened_by"),
        from: text("from"),
        until: text("until"),
    }
}

/// Teaches the record what an answer says of the client, where the answer was typed outside a walk. The definition in
/// force says where a new postcode belongs, whatever version the claim began on.
pub(super) async fn teach(
    db: &mut Db<'_>,
    context: &Context,
    definition: &Definition,
    in_force: &Definition,
    client: ClientId,
    question: &Question,
    value: &Value,
) -> Result<()> {
    let client = clients::get(db, client).await?;
    let Some(fact) = learned(definition, &client, question, value) else { return Ok(()) };
    let site_of = |postcode: &_| in_force.site_of_postcode(postcode).cloned();
    clients::learn(db, context, client.id, fact, &site_of).await.map(drop)
}

fn words(list: &Value) -> Option<Vec<String>> {
    list.as_array()?.iter().map(|word| word.as_str().map(str::to_owned)).collect()
}

/// Those chosen that a call can be matched by; the others that the question offers are needed no more.
fn call_needs(definition: &Definition, question: &Question, chosen: &[String]) -> NeedsChange {
    let offered: Vec<String> = match &question.kind {
        Kind::Multi(options) => options.iter().map(|option| option.id.clone()).collect(),
        _ => Vec::new(),
    };
    let telephone = &definition.service.telephone;
    let is_skill =
        |word: &&String| telephone.skills.iter().chain(&telephone.other_needs).any(|skill| skill.id == **word);
    let add: BTreeSet<String> = chosen.iter().filter(is_skill).cloned().collect();
    let remove = offered.into_iter().filter(|word| !add.contains(word)).collect();
    NeedsChange { add, remove }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use startline_foundation::ids::QuestionId;

    fn question(fact: ClientFact) -> Question {
        let definition = Definition::embedded();
        let mut question = definition.form.question(&QuestionId::new("B2")).unwrap().clone();
        question.fills_client = Some(fact);
        question
    }

    #[test]
    fn the_record_learns_what_it_does_not_hold_and_nothing_else() {
        let definition = Definition::embedded();
        let at = DateTime::UNIX_EPOCH;
        let facts = Facts { last_name: "Fry".into(), ..Facts::default() };
        let client = Client {
            id: ClientId::fresh(at),
            revision: 1,
            facts,
            home_site: "somerset".into(),
            first_contact_at: at,
            matter_over_at: None,
            death: None,
        };
        let taught = |fact, value: Value| learned(&definition, &client, &question(fact), &value);
        assert_eq!(taught(ClientFact::LastName, json!("Fry")), None);
        assert_eq!(taught(ClientFact::LastName, json!("Hill")), Some(Learned::LastName("Hill".into())));
        assert_eq!(taught(ClientFact::Title, json!("other")), None);
        assert_eq!(taught(ClientFact::TalkingLanguage, json!("welsh")), Some(Learned::TalkLanguage(Language::Welsh)));
        assert_eq!(taught(ClientFact::TalkingLanguage, json!("other")), None);
        let format = |large_print, other: &str| Some(Learned::LettersFormat { large_print, other: other.into() });
        assert_eq!(taught(ClientFact::LettersFormat, json!("large_print")), format(true, ""));
        assert_eq!(taught(ClientFact::LettersFormat, json!("braille")), format(false, "braille"));
        assert_eq!(
            taught(ClientFact::SafeTimes, json!(["any", "morning"])),
            Some(Learned::SafeTimes(vec!["morning".into()]))
        );
        assert_eq!(taught(ClientFact::ContactWay, json!("text")), Some(Learned::ContactWay(Some(Way::Text))));
        assert_eq!(taught(ClientFact::ContactWay, json!("any")), None);
        assert_eq!(taught(ClientFact::Messages, json!("no")), Some(Learned::Messages(Some(false))));
        let mary = json!({ "name": "Mary Hill", "authority": "advocate" });
        assert!(
            matches!(taught(ClientFact::SpokenFor, mary), Some(Learned::SpokenFor(one)) if one.authority == "advocate")
        );
        assert_eq!(taught(ClientFact::HasSpeaker, json!("no")), None, "nobody is known of");
        assert_eq!(taught(ClientFact::LettersFormat, json!("none")), None, "the usual print is what it is");
        let lines = json!({"lines": ["1 High Street", "Frome"]});
        let expected = Learned::AddressLines(vec!["1 High Street".into(), "Frome".into()]);
        assert_eq!(taught(ClientFact::Address, lines), Some(expected));
        assert_eq!(taught(ClientFact::FirstContact, json!("2026-03-03")), None);
    }

    #[test]
    fn only_needs_that_a_call_can_be_matched_by_go_to_the_record() {
        let definition = Definition::embedded();
        let at = DateTime::UNIX_EPOCH;
        let skill = definition.service.telephone.skills.first().unwrap().id.clone();
        let (mut asked, textphone) = (question(ClientFact::CallNeeds), "textphone".to_owned());
        asked.kind = definition.form.question(&QuestionId::new("T4")).unwrap().kind.clone();
        let change = call_needs(&definition, &asked, &[skill.clone(), "relay".into()]);
        assert_eq!(change.add, BTreeSet::from([skill.clone()]));
        assert!(change.remove.contains(&textphone) && !change.remove.contains(&skill), "{change:?}");
        // What the question does not speak of stays.
        let mut facts = Facts { call_needs: vec![textphone, "urdu".into()], ..Facts::default() };
        Learned::CallNeeds(change).put(&mut facts, at).unwrap();
        assert_eq!(facts.call_needs, ["urdu".to_owned(), skill]);
    }
}
