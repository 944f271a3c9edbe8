//! Nine invented clients, one of each client group, whose packs show what the service posts, in both languages and every
//! look. They are gathered from the records' own types through the definition, as a real client's packs are, so that they
//! show the service and not a copy of it. `startline samples` writes them; the linter composes three of them: a job seeker,
//! a Welsh-speaking carer, and a bereaved reader of large print.

mod access;
mod groups;
mod index;
mod people;

use super::agency;
use super::compose::{ComposeFault, Composer};
use super::content::{AgencyCopy, Layout, Look, PackContent};
use super::gather::{Letter, Sources};
use super::material::{addressed_to, paragraphs};
use super::measure::PageMeasure;
use super::older_form::OlderForm;
use super::subject::{PackSubject, Replaced};
use super::words::Words;
pub use access::all as access_lists;
use chrono::{Days, TimeDelta};
pub use index::index;
use people::Person;
use startline_definition::{Definition, Text};
use startline_foundation::error::{Error, Result};
use startline_foundation::formats::{Language, day_in_words};
use startline_foundation::ids::{AppointmentId, CallbackId, PackId};
use startline_rooms::claims;
use startline_rooms::clients::LetterTo;
use startline_rooms::followup;
use uuid::Uuid;

/// A document that could be posted, composed.
pub struct Sample {
    /// Its file's name, without a folder.
    pub file: String,
    pub pdf: Vec<u8>,
    pub pages: u32,
    /// Of each page: how full, how small its type, what is wrong with it.
    pub measures: Vec<PageMeasure>,
    pub look: Look,
    /// As [`PackSubject::kind`], or `agency`, or `access`.
    pub kind: &'static str,
    pub group: String,
    pub about: String,
}

/// Everything that could be posted to the nine clients, the copies that the agencies of the first one get, and lists of
/// who has looked at the records of three.
pub fn all(definition: &Definition) -> Result<Vec<Sample>> {
    let composer = Composer::new(definition.files()).map_err(Error::internal)?;
    let every = every(definition, composer.words())?;
    // Each processor takes a part: whoever waits for all of them waits for seconds.
    let parts = std::thread::available_parallelism().map_or(1, usize::from);
    let composed: Result<Vec<Vec<Sample>>> = std::thread::scope(|scope| {
        let parts = every.chunks(every.len().div_ceil(parts).max(1));
        let begun: Vec<_> = parts.map(|part| scope.spawn(|| composed(&composer, part))).collect();
        let done = begun.into_iter().map(|part| part.join());
        done.map(|part| part.unwrap_or_else(|_| Err(Error::internal("composing a sample panicked")))).collect()
    });
    let mut samples: Vec<Sample> = composed?.into_iter().flatten().collect();
    for agency in &definition.service.agencies {
        let copy = copy_for(definition, composer.words(), &agency.id)?;
        let (composed, measures) = composer.measured_agency_copy(&copy).map_err(Error::internal)?;
        samples.push(Sample {
            file: format!("job-seeker-copy-for-{}.pdf", agency.id.to_lowercase()),
            pdf: composed.pdf,
            pages: composed.pages,
            measures,
            look: Look { layout: Layout::English, large_print: false },
            kind: "agency",
            group: "job_seeker".into(),
            about: agency.name.en.clone(),
        });
    }
    for (person, list) in access::all(definition, composer.words())? {
        let (composed, measures) = composer.measured_access_list(&list).map_err(Error::internal)?;
        samples.push(Sample {
            file: format!("{}-access.pdf", person.file_name()),
            pdf: composed.pdf,
            pages: composed.pages,
            measures,
            look: person.look(),
            kind: "access",
            group: person.group,
            about: person.about,
        });
    }
    Ok(samples)
}

fn composed(composer: &Composer, part: &[(Person, PackContent)]) -> Result<Vec<Sample>> {
    let sample = |(person, content): &(Person, PackContent)| {
        let fault = |fault| printing(person, content, fault);
        let (composed, measures) = composer.compose_measured(content).map_err(fault)?;
        Ok(Sample {
            file: format!("{}-{}.pdf", person.file_name(), content.kind.replace('_', "-")),
            pdf: composed.pdf,
            pages: composed.pages,
            measures,
            look: content.look,
            kind: content.kind,
            group: person.group.clone(),
            about: person.about.clone(),
        })
    };
    part.iter().map(sample).collect()
}

/// The claim packs of all nine in every look, and every other letter of three of them in every look.
pub(crate) fn every(definition: &Definition, words: &Words) -> Result<Vec<(Person, PackContent)>> {
    let mut all = Vec::new();
    let main = people::all(definition)?;
    let first = u128::try_from(main.len() + 1).unwrap_or(u128::MAX);
    for person in main.iter().flat_map(Person::in_every_look) {
        all.extend(contents(definition, words, &person)?.into_iter().map(|content| (person.clone(), content)));
    }
    for person in groups::all(definition, first)?.iter().flat_map(Person::in_every_look) {
        all.extend(contents(definition, words, &person)?.into_iter().take(1).map(|content| (person.clone(), content)));
    }
    Ok(all)
}

fn printing(person: &Person, content: &PackContent, fault: ComposeFault) -> Error {
    Error::internal(format!("{} of {}: {fault}", content.kind, person.file_name()))
}

/// What the linter composes: each kind of document in each look.
pub fn for_linter(definition: &Definition, words: &Words) -> Result<Vec<PackContent>> {
    // Enough of the form for each kind of box: the whole of it in one look only, or checking takes seconds.
    const PARTS: usize = 7;
    let mut all = Vec::new();
    for (number, person) in people::all(definition)?.iter().flat_map(Person::in_own_looks).enumerate() {
        let mut contents = contents(definition, words, &person)?;
        if number > 0 {
            contents.iter_mut().filter_map(|content| content.form.as_mut()).for_each(|form| form.parts.truncate(PARTS));
        }
        all.extend(contents);
    }
    Ok(all)
}

/// The job seeker's claim pack: about as long as a real one.
pub fn job_seeker(definition: &Definition, words: &Words) -> Result<PackContent> {
    let person = people::all(definition)?.into_iter().next();
    let person = person.ok_or_else(|| Error::internal("there is no sample client"))?;
    let content = contents(definition, words, &person)?.into_iter().next();
    content.ok_or_else(|| Error::internal("the sample client gets no pack"))
}

/// Of the first agency.
pub fn agency_copy(definition: &Definition, words: &Words) -> Result<AgencyCopy> {
    let agency = definition.service.agencies.first().map(|agency| agency.id.as_str());
    copy_for(definition, words, agency.unwrap_or_default())
}

fn copy_for(definition: &Definition, words: &Words, agency: &str) -> Result<AgencyCopy> {
    let person = people::all(definition)?.into_iter().next();
    let person = person.ok_or_else(|| Error::internal("there is no sample client"))?;
    let sources = agency::Sources {
        definition,
        words,
        claim: &person.claim,
        client: &person.client,
        evaluated: &claims::evaluated(definition, &person.client, &person.answers),
        revision: person.revision(),
        stood_at: person.composed,
        adviser: &person.adviser,
        hides: &|_| false,
    };
    sources.content(agency, person.composed)
}

/// Every pack and letter that could be posted to somebody.
fn contents(definition: &Definition, words: &Words, person: &Person) -> Result<Vec<PackContent>> {
    let claim = person.claim.id;
    let (met, called) = (AppointmentId(Uuid::from_u128(77)), CallbackId(Uuid::from_u128(78)));
    let mut packs = vec![content(definition, words, person, PackSubject::Claim(claim), Letter::default(), None)?];
    if person.decision.is_some() {
        packs.push(content(definition, words, person, PackSubject::Deferral(claim), Letter::default(), None)?);
    } else {
        let earlier = Some(person.composed - TimeDelta::days(1));
        let missed = missed_letter(definition, person);
        let missed = Letter { earlier, paragraphs: paragraphs(&missed), callback: None };
        packs.push(content(definition, words, person, PackSubject::MissedMeeting(met), missed, None)?);
        let decided = Letter { paragraphs: paragraphs(&decision(definition, person)), ..Letter::default() };
        packs.push(content(definition, words, person, PackSubject::Decision(met), decided, None)?);
        packs.push(content(definition, words, person, PackSubject::NewTime(met), Letter::default(), None)?);
        let off = person.meeting.as_ref().and_then(|(met, _)| followup::off_letter(definition, met, &person.client));
        if let Some(off) = off {
            let off = Letter { paragraphs: paragraphs(&off), ..Letter::default() };
            packs.push(content(definition, words, person, PackSubject::MeetingOff(met), off, None)?);
        }
    }
    packs.extend(death(definition, words, person)?);
    let callback = Some((person.callback, person.client.facts.phone.as_ref().map(|p| p.grouped()).unwrap_or_default()));
    let letter = Letter { callback, ..Letter::default() };
    packs.push(content(definition, words, person, PackSubject::MissedCallback(called), letter, None)?);
    Ok(packs)
}

/// To a relation of the client's, at the client's home: none where the definition has no words for it.
fn death(definition: &Definition, words: &Words, person: &Person) -> Result<Option<PackContent>> {
    let facts = &person.client.facts;
    let Some(postcode) = facts.postcode.clone() else { return Ok(None) };
    let (name, language) = ("Mrs Ann Example".to_owned(), facts.letter_language);
    let to = LetterTo { name, lines: facts.address_lines.clone(), postcode, language };
    let Some(text) = followup::death_letter(definition, &person.client, &to) else { return Ok(None) };
    let mut told = person.clone();
    told.client = addressed_to(&person.client, &to);
    let letter = Letter { paragraphs: paragraphs(&text), ..Letter::default() };
    content(definition, words, &told, PackSubject::Death(person.client.id), letter, None).map(Some)
}

fn content(
    definition: &Definition,
    words: &Words,
    person: &Person,
    wanted: PackSubject,
    letter: Letter,
    replaces: Option<&Replaced>,
) -> Result<PackContent> {
    let pack = PackId(Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0000 | wanted.record().as_u128() & 0xffff));
    let is_off = matches!(wanted, PackSubject::MeetingOff(_) | PackSubject::Decision(_));
    let told_before_claiming = matches!(wanted, PackSubject::MissedCallback(_) | PackSubject::Death(_));
    let sources = Sources {
        definition,
        words,
        wanted,
        pack,
        client: &person.client,
        site: &person.claim.site,
        claim: (!told_before_claiming).then_some(&person.claim),
        answers: if wanted.is_claim_pack() || matches!(wanted, PackSubject::Deferral(_)) {
            &person.answers
        } else {
            &[]
        },
        meeting: person
            .meeting
            .as_ref()
            .filter(|_| !told_before_claiming && !is_off)
            .map(|(met, name)| (met, name.as_str())),
        decision: person.decision.as_ref().filter(|_| !told_before_claiming),
        walk: Some(&person.walk),
        adviser: &person.adviser,
        replaces,
        letter: &letter,
        older: &OlderForm::default(),
        post_day: definition.calendar.local_date(person.composed),
    };
    let address = sources.address().map_err(|fault| Error::internal(fault.sentence))?;
    sources.content(address, person.composed)
}

/// That the claim is treated as not made: the longest of the letters about a decision.
fn decision(definition: &Definition, person: &Person) -> Text {
    let day = definition.calendar.local_date(person.composed);
    let told = followup::ToldDecision {
        what: followup::AfterMisses::TreatAsNotMade,
        looked_again: None,
        missed_day: day - Days::new(14),
        until: Some(day + Days::new(u64::from(definition.followup.missed.reversible_days))),
        decider: &person.adviser,
        reason: "You did not come to three meetings, and on the telephone you said that you do not want to claim.",
    };
    followup::decision_words(definition, &told, &person.client)
}

/// As the follow-up rules word it; the sentence about the number of chances is theirs too.
fn missed_letter(definition: &Definition, person: &Person) -> Text {
    let rules = &definition.followup;
    let day = definition.calendar.local_date(person.composed - TimeDelta::days(1));
    let site = definition.site(&person.claim.site);
    let phone = site.map(|site| site.phone.grouped()).unwrap_or_default();
    let fill = |text: &str, language| {
        text.replace("{name}", &person.client.full_name())
            .replace("{day}", &day_in_words(day, language))
            .replace("{phone}", &phone)
            .replace("{good_cause_days}", &rules.missed.good_cause_working_days.to_string())
    };
    let welsh = rules.letter.cy.as_deref().map(|text| fill(text, Language::Welsh));
    Text { en: fill(&rules.letter.en, Language::English), cy: welsh }
}
