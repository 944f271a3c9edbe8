//! The invented clients: read from the files beside this one, into the records' own types.

use crate::content::{Layout, Look};
use crate::world::looks;
use chrono::{DateTime, TimeDelta, Utc};
use serde::Deserialize;
use serde_json::Value;
use startline_definition::{Answers, Definition};
use startline_foundation::error::{Error, Result};
use startline_foundation::formats::{Language, parse_date};
use startline_foundation::ids::{
    AppointmentId, ClaimId, ClientId, DecisionId, OfficeId, QuestionId, SiteId, UserId, WalkId,
};
use startline_rooms::claims::{self, Answer, Carried, Claim};
use startline_rooms::clients::{Client, FactsDraft, LetterLayout, LettersDraft};
use startline_rooms::diary::{self, Appointment, Decided, Decision, WaiverReason};
use startline_rooms::scripts::{AreaRecord, AreaState, Progress, State, Walk};
use std::collections::BTreeMap;
use uuid::Uuid;

const FILES: [&str; 3] = [include_str!("job_seeker.yaml"), include_str!("carer.yaml"), include_str!("bereaved.yaml")];

#[derive(Clone)]
pub struct Person {
    name: String,
    pub group: String,
    pub about: String,
    /// How this client's own letters look; the other looks are shown with them.
    own: Look,
    pub client: Client,
    pub claim: Claim,
    pub answers: Vec<Answer>,
    pub walk: Walk,
    pub meeting: Option<(Appointment, String)>,
    pub decision: Option<Decision>,
    pub adviser: String,
    pub composed: DateTime<Utc>,
    pub callback: DateTime<Utc>,
}

impl Person {
    /// `job-seeker` in the client's own look, `job-seeker-welsh-facing-large-print` in another.
    pub fn file_name(&self) -> String {
        let Look { layout, large_print } = self.look();
        let facing = if layout == Layout::Facing { "-facing" } else { "" };
        if (layout == Layout::English, large_print) == (self.own.layout == Layout::English, self.own.large_print) {
            return format!("{}{facing}", self.name);
        }
        let language = if layout == Layout::English { "english" } else { "welsh" };
        let print = if large_print { "-large-print" } else { "" };
        format!("{}-{language}{facing}{print}", self.group.replace('_', "-"))
    }

    pub fn look(&self) -> Look {
        let facts = &self.client.facts;
        Look { layout: Layout::of(facts.letter_language, facts.letter_layout), large_print: facts.large_print }
    }

    /// The same client, whose letters look otherwise.
    pub fn with_look(&self, look: Look) -> Self {
        let mut other = self.clone();
        let facts = &mut other.client.facts;
        facts.large_print = look.large_print;
        (facts.letter_language, facts.letter_layout) = match look.layout {
            Layout::English => (Language::English, LetterLayout::SideBySide),
            Layout::SideBySide => (Language::Welsh, LetterLayout::SideBySide),
            Layout::Facing => (Language::Welsh, LetterLayout::Facing),
        };
        other
    }

    /// In every look, the client's own first.
    pub fn in_every_look(&self) -> Vec<Self> {
        let others = looks().filter(|look| *look != self.own).map(|look| self.with_look(look));
        std::iter::once(self.clone()).chain(others).collect()
    }

    /// In the looks of the client's own language and size of print.
    pub fn in_own_looks(&self) -> Vec<Self> {
        let is_own = |look: &Look| {
            (look.layout == Layout::English, look.large_print)
                == (self.own.layout == Layout::English, self.own.large_print)
        };
        looks().filter(is_own).map(|look| self.with_look(look)).collect()
    }

    pub fn revision(&self) -> u32 {
        self.answers.iter().map(|answer| u32::try_from(answer.revision).unwrap_or(0)).sum()
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawPerson {
    pub name: String,
    /// The client group, as the start-up script names it.
    pub group: String,
    /// Who this is, for whoever looks through the samples.
    pub about: String,
    pub facts: RawFacts,
    pub site: String,
    pub first_contact: DateTime<Utc>,
    pub composed: DateTime<Utc>,
    pub adviser: String,
    #[serde(default)]
    pub meeting: Option<RawMeeting>,
    #[serde(default)]
    pub deferral: Option<RawDeferral>,
    pub callback: RawCallback,
    pub walk: BTreeMap<String, Value>,
    pub areas: BTreeMap<String, String>,
    pub answers: BTreeMap<String, Value>,
}

#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
#[derive(Default)]
pub struct RawFacts {
    pub title: String,
    pub other_names: String,
    pub last_name: String,
    pub date_of_birth: String,
    pub nino: String,
    pub phone: String,
    pub address_lines: Vec<String>,
    pub postcode: String,
    pub talk_language: String,
    pub letter_language: String,
    pub large_print: bool,
    pub letters_address: Option<RawLetters>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawLetters {
    pub lines: Vec<String>,
    pub postcode: String,
    pub opened_by: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawMeeting {
    at: DateTime<Utc>,
    office: String,
    personal_adviser: String,
    minutes: i64,
    /// In the office's first room.
    #[serde(default)]
    room: bool,
}

/// Without a day on which somebody looks again, the meeting is done without.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawDeferral {
    reason: String,
    #[serde(default)]
    review_day: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawCallback {
    at: DateTime<Utc>,
}

/// The clients as this definition knows them: what its form does not ask is left out, and a site or an office that it
/// does not have becomes its first.
pub fn all(definition: &Definition) -> Result<Vec<Person>> {
    let read = |text: &str| serde_saphyr::from_str::<RawPerson>(text).map_err(Error::internal);
    FILES.iter().zip(1_u128..).map(|(text, number)| read(text)?.person(definition, number)).collect()
}

impl RawPerson {
    pub fn person(self, definition: &Definition, number: u128) -> Result<Person> {
        person(definition, self, number)
    }
}

fn person(definition: &Definition, raw: RawPerson, number: u128) -> Result<Person> {
    let id = |of: u128| Uuid::from_u128(0x018f_0000_0000_7000_8000_0000_0000_0000 | ((0x5a17_c0de * number) << 8) | of);
    let site = definition.sites.iter().find(|site| site.id.as_str() == raw.site).or(definition.sites.first());
    let site = site.map(|site| site.id.clone()).unwrap_or_else(|| SiteId::new(&raw.site));
    let facts = FactsDraft {
        title: raw.facts.title,
        other_names: raw.facts.other_names,
        last_name: raw.facts.last_name,
        date_of_birth: raw.facts.date_of_birth,
        nino: raw.facts.nino,
        phone: raw.facts.phone,
        address_lines: raw.facts.address_lines,
        postcode: raw.facts.postcode,
        talk_language: raw.facts.talk_language,
        letter_language: raw.facts.letter_language,
        large_print: raw.facts.large_print,
        letters_address: raw.facts.letters_address.map(|letters| LettersDraft {
            lines: letters.lines,
            postcode: letters.postcode,
            opened_by: letters.opened_by,
            ..LettersDraft::default()
        }),
        ..FactsDraft::default()
    };
    let client = Client {
        id: ClientId(id(1)),
        revision: 1,
        facts: facts.check(raw.composed)?,
        home_site: site.clone(),
        first_contact_at: raw.first_contact,
        matter_over_at: None,
        death: None,
    };
    let by = UserId(id(2));
    let claim = Claim {
        id: ClaimId(id(3)),
        client_id: client.id,
        site,
        state: claims::State::Open,
        definition_version: definition.version.clone(),
        first_contact_at: raw.first_contact,
        opened_at: raw.first_contact,
        repeats: None,
        partner_claim: None,
        start_up_by: Some(by),
        last_day: claims::NO_LAST_DAY,
        evidence_to_come: None,
        stood_closed_days: 0,
    };
    let called_at = raw.composed - TimeDelta::hours(2);
    let meeting = raw.meeting.map(|meeting| {
        let known = definition.offices.iter().find(|office| office.id.as_str() == meeting.office);
        let office = known.or(definition.offices.first()).map(|office| office.id.clone());
        let office = office.unwrap_or_else(|| OfficeId::new(&meeting.office));
        let room = definition.diary.rooms_of(&office).rooms.first().map(|room| room.id.clone());
        let appointment = Appointment {
            id: AppointmentId(id(4)),
            claim_id: claim.id,
            client_id: client.id,
            kind: startline_definition::FIRST_MEETING.into(),
            personal_adviser: by,
            office,
            room: room.filter(|_| meeting.room),
            starts_at: meeting.at,
            ends_at: meeting.at + TimeDelta::minutes(meeting.minutes),
            before_minutes: 0,
            after_minutes: 30,
            urgent: false,
            state: diary::State::Booked,
            sequence: 0,
            series: None,
            made_at: called_at,
            arrived_at: None,
        };
        (appointment, meeting.personal_adviser)
    });
    let decision = raw.deferral.map(|deferral| {
        let what = match &deferral.review_day {
            Some(day) => Decided::Deferred {
                reason: known_reason(definition, &deferral.reason),
                review_day: parse_date(day).map_err(Error::internal)?,
            },
            None => {
                Decided::Waived { reason: WaiverReason::parse(&deferral.reason).unwrap_or(WaiverReason::Exceptional) }
            }
        };
        Ok::<_, Error>(Decision {
            id: DecisionId(id(5)),
            claim_id: claim.id,
            what,
            note: String::new(),
            by,
            at: called_at,
        })
    });
    let areas = raw.areas.into_iter().map(|(area, how)| {
        let how = match how.as_str() {
            "skipped" => AreaState::Skipped { reason: "not now".into() },
            _ => AreaState::Covered,
        };
        (area, AreaRecord { how, by, at: called_at })
    });
    let walk = Walk {
        id: WalkId(id(6)),
        revision: 1,
        script: "start-up".into(),
        definition_version: definition.version.clone(),
        client_id: Some(client.id),
        claim_id: Some(claim.id),
        state: State::Finished,
        answers: raw.walk.into_iter().map(|(id, value)| (QuestionId::new(&id), value)).collect::<Answers>(),
        progress: Progress { areas: areas.collect(), ..Progress::default() },
        started_at: called_at,
        holder: Some(by),
        moved_at: called_at,
    };
    let facts = &client.facts;
    let own = Look { layout: Layout::of(facts.letter_language, facts.letter_layout), large_print: facts.large_print };
    Ok(Person {
        name: raw.name,
        group: raw.group,
        about: raw.about,
        own,
        answers: answers(definition, raw.answers, by, called_at),
        client,
        claim,
        walk,
        meeting,
        decision: decision.transpose()?,
        adviser: raw.adviser,
        composed: raw.composed,
        callback: raw.callback.at,
    })
}

/// The reason, or the definition's first where it has no such.
fn known_reason(definition: &Definition, id: &str) -> String {
    let reasons = &definition.diary;
    let known = reasons.deferral_reason(id).or(reasons.deferral_reasons.first());
    known.map(|reason| reason.id.clone()).unwrap_or_default()
}

/// Those that the definition's form asks for and accepts, as it stores them.
fn answers(definition: &Definition, given: BTreeMap<String, Value>, by: UserId, at: DateTime<Utc>) -> Vec<Answer> {
    let known = given.into_iter().filter_map(|(id, value)| {
        let question_id = QuestionId::new(&id);
        let value = definition.form.question(&question_id)?.kind.check(&value).ok()?;
        let (stage, carried) = ("B8".to_owned(), Carried::No);
        Some(Answer { question_id, value, revision: 1, stage, saved_by: by, saved_at: at, carried })
    });
    known.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pilots_form_accepts_every_answer_of_the_samples() {
        let definition = Definition::embedded();
        for text in FILES {
            let raw: RawPerson = serde_saphyr::from_str(text).expect("the file can be read");
            for (id, value) in raw.answers {
                let question = definition.form.question(&QuestionId::new(&id));
                let question = question.unwrap_or_else(|| panic!("{}: the form has no {id}", raw.name));
                if let Err(wrong) = question.kind.check(&value) {
                    panic!(
                        "{} {id}: {}",
                        raw.name,
                        wrong.in_language(startline_foundation::formats::Language::English)
                    );
                }
            }
        }
    }

    #[test]
    fn what_is_arranged_lies_ahead_of_the_letter_that_tells_of_it() {
        let definition = Definition::embedded();
        let first = all(&definition).expect("the samples can be read");
        let others = super::super::groups::all(&definition, 4).expect("the samples can be read");
        let people: Vec<Person> = first.into_iter().chain(others).collect();
        assert_eq!(people.len(), 9);
        for person in people {
            let name = person.file_name();
            assert!(person.claim.first_contact_at < person.composed, "{name} rang first");
            assert!(person.callback > person.composed, "{name} is rung after the letter");
            assert!(person.meeting.iter().all(|(meeting, _)| meeting.starts_at > person.composed), "{name}");
            let review_day = person.decision.as_ref().and_then(|decision| decision.what.review_day());
            assert!(review_day.is_none_or(|day| day > person.composed.date_naive()), "{name}");
        }
    }

    #[test]
    fn the_job_seeker_has_answered_what_the_form_asks() {
        let definition = Definition::embedded();
        let person = all(&definition).expect("the samples can be read").remove(0);
        let evaluated = claims::evaluated(&definition, &person.client, &person.answers);
        let missing: Vec<String> =
            claims::missing_of(&definition.form, &evaluated).iter().map(|q| q.id.to_string()).collect();
        assert!(missing.len() <= 6, "{missing:?}");
    }
}
