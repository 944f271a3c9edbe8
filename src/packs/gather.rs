//! Gathers what a pack says from the rooms that know it, in words. Pure but for what it is given.

use super::content::{
    self, Appointment, EvidenceLine, FormContent, FormPart, FormQuestion, GroupField, PackContent, Sender,
};
use crate::claims::{self, Claim, view};
use crate::clients::Client;
use crate::definition::{Column, Definition, Kind, Paper, Question, Site};
use crate::diary;
use crate::error::{Error, Result};
use crate::formats::{Language, parse_date};
use chrono::{DateTime, NaiveDate, Utc};
use serde_json::Value;
use sha2::{Digest, Sha256};

/// Empty rows under those of a table, to write in.
const EMPTY_ROWS: u8 = 2;
/// Lines of an empty box for longer text.
const LONG_TEXT_LINES: u8 = 4;
const ADDRESS_LINES: u8 = 4;

/// Everything a pack is made from.
pub struct Sources<'a> {
    pub definition: &'a Definition,
    pub claim: &'a Claim,
    pub client: &'a Client,
    pub answers: &'a [claims::Answer],
    /// The meeting, with the personal adviser's name. None while it is deferred or waived.
    pub meeting: Option<(&'a diary::Appointment, &'a str)>,
    /// Who held the start-up call.
    pub adviser: &'a str,
}

impl Sources<'_> {
    /// Changes exactly when a new pack has to be composed: an answer's revision or the meeting is another.
    pub fn key(&self) -> String {
        let mut hash = Sha256::new();
        for answer in self.answers {
            hash.update(format!("{}={};", answer.question_id, answer.revision));
        }
        if let Some((meeting, _)) = self.meeting {
            hash.update(meeting.id.0.as_bytes());
        }
        hash.update(self.client.revision.to_be_bytes());
        hash.finalize().iter().take(12).map(|byte| format!("{byte:02x}")).collect()
    }

    pub fn content(&self, now: DateTime<Utc>) -> Result<PackContent> {
        let definition = self.definition;
        let calendar = &definition.calendar;
        let site =
            definition.site(&self.claim.site).ok_or_else(|| Error::not_found("site", self.claim.site.clone()))?;
        let counted = claims::counted(definition, self.client, self.answers);
        let facts = &self.client.facts;
        let salutation = match (facts.title.as_str(), facts.last_name.as_str()) {
            ("", _) => self.client.full_name(),
            (title, last) => format!("{title} {last}"),
        };
        Ok(PackContent {
            reference: reference(self.claim),
            composed_at: now,
            client_name: self.client.full_name(),
            salutation,
            address: self.address()?,
            language: "en".into(),
            service_name: definition.service.name.en.clone(),
            letter_date: day_in_words(calendar.local_date(now)),
            site: sender(site, self.adviser),
            appointment: self.meeting.map(|(meeting, adviser)| self.appointment(meeting, adviser)).transpose()?,
            claimed_benefits: benefits(definition, &counted),
            evidence: evidence(definition, &counted),
            form: form(definition, &counted),
            posting_date: day_in_words(self.posting_day(site, now)),
            definition_version: definition.version.to_string(),
        })
    }

    /// The lines of the envelope's window.
    fn address(&self) -> Result<Vec<String>> {
        let facts = &self.client.facts;
        let postcode = facts.postcode.as_ref().filter(|_| !facts.address_lines.is_empty()).ok_or_else(|| {
            Error::illegal("NO_ADDRESS", "the client's address and postcode are needed before a pack can be posted")
        })?;
        let lines = facts.address_lines.iter().cloned();
        Ok([self.client.full_name()].into_iter().chain(lines).chain([postcode.to_string()]).collect())
    }

    fn appointment(&self, meeting: &diary::Appointment, personal_adviser: &str) -> Result<Appointment> {
        let office = self
            .definition
            .office(&meeting.office)
            .ok_or_else(|| Error::not_found("office", meeting.office.clone()))?;
        let calendar = &self.definition.calendar;
        let minutes = (meeting.ends_at - meeting.starts_at).num_minutes();
        Ok(Appointment {
            date: day_in_words(calendar.local_date(meeting.starts_at)),
            time: time_in_words(calendar.local_time(meeting.starts_at)),
            office: office.name.clone(),
            address: office.address.iter().cloned().chain([office.postcode.to_string()]).collect(),
            personal_adviser: personal_adviser.to_owned(),
            minutes: u32::try_from(minutes).unwrap_or(0),
        })
    }

    /// Today, until the cut-off of a working day; else the next working day.
    fn posting_day(&self, site: &Site, now: DateTime<Utc>) -> NaiveDate {
        let calendar = &self.definition.calendar;
        let today = calendar.local_date(now);
        let in_time =
            calendar.is_working_day(site, today) && calendar.local_time(now) < self.definition.service.post_cut_off;
        if in_time { today } else { calendar.add_working_days(site, today, 1).unwrap_or(today) }
    }
}

/// What the client quotes on the phone: 40 random bits of the claim's id, in letters and digits that are not mistaken for
/// each other.
pub fn reference(claim: &Claim) -> String {
    const DIGITS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    let random = claim.id.0.as_u128() & 0xff_ffff_ffff;
    let digit = |i: u32| char::from(DIGITS[usize::try_from((random >> (5 * i)) & 31).unwrap_or(0)]);
    let text: String = (0..8).rev().map(digit).collect();
    format!("ONE-{}-{}", &text[..4], &text[4..])
}

pub fn sender(site: &Site, adviser: &str) -> Sender {
    Sender {
        name: site.name.en.clone(),
        address: site.address.iter().cloned().chain([site.postcode.to_string()]).collect(),
        phone: site.phone.grouped(),
        hours: hours_in_words(site),
        adviser: adviser.to_owned(),
    }
}

/// The names of the benefits claimed.
pub fn benefits(definition: &Definition, counted: &view::Counted) -> Vec<String> {
    let claimed = definition.form.claimed(&counted.answers);
    let named = definition.service.benefits.iter().filter(|benefit| claimed.contains(&benefit.id.as_str()));
    named.map(|benefit| benefit.name.en.clone()).collect()
}

fn evidence(definition: &Definition, counted: &view::Counted) -> Vec<EvidenceLine> {
    view::evidence_of(&definition.form, counted).into_iter().map(evidence_line).collect()
}

pub fn evidence_line(line: view::EvidenceLine) -> EvidenceLine {
    EvidenceLine {
        item: line.label.en,
        reason: line.reason.en,
        substitutes: line.substitutes.into_iter().map(|text| text.en).collect(),
    }
}

fn form(definition: &Definition, counted: &view::Counted) -> FormContent {
    let parts = view::parts(&definition.form, counted).into_iter().filter_map(|(part, questions)| {
        let for_client = questions.into_iter().filter(|question| !question.adviser_only);
        let questions: Vec<_> =
            for_client.filter_map(|question| printed(question, question.answer(&counted.answers))).collect();
        (!questions.is_empty()).then(|| FormPart {
            code: part.id.clone(),
            title: part.title.en.clone(),
            // A part's guidance is for the adviser's eyes.
            note: String::new(),
            questions,
        })
    });
    let signed = |question: &&Question| {
        let is_signed = matches!(question.kind, Kind::Paper(Paper::Signature | Paper::Consent));
        is_signed && counted.is_asked(question)
    };
    // Who signs only for some clients is the partner.
    let (partners, own): (Vec<_>, Vec<_>) =
        definition.form.questions().filter(signed).partition(|question| question.shown.is_some());
    FormContent {
        title: "Your claim form".into(),
        parts: parts.collect(),
        declarations: own.into_iter().map(|question| question.label.en.clone()).collect(),
        partner_signs: !partners.is_empty(),
    }
}

pub fn printed(question: &Question, value: Option<&Value>) -> Option<FormQuestion> {
    Some(FormQuestion {
        id: question.id.to_string(),
        label: question.label.en.clone(),
        hint: question.hint.as_ref().map(|text| text.en.clone()).unwrap_or_default(),
        answer: answer(&question.kind, value)?,
    })
}

/// The box for a kind of answer, with what was said in it. Nothing for what the client is not asked.
fn answer(kind: &Kind, value: Option<&Value>) -> Option<content::Answer> {
    let shown = || value.map(|value| kind.show(value, Language::English)).unwrap_or_default();
    let lines = |lines| content::Answer::Text { value: shown(), lines };
    Some(match kind {
        Kind::Computed(_) | Kind::Flag | Kind::Paper(_) => return None,
        Kind::YesNo => content::Answer::yes_no(value.map(|value| value == "yes")),
        Kind::Date => content::Answer::date(date_digits(value)),
        Kind::Nino => content::Answer::national_insurance_number(shown().replace(' ', "")),
        Kind::Choice(options) | Kind::Multi(options) => {
            let is_chosen = |id: &str| match value {
                Some(Value::Array(chosen)) => chosen.iter().any(|one| one == id),
                Some(Value::String(one)) => one == id,
                _ => false,
            };
            content::Answer::Choice {
                options: options.iter().map(|option| option.label.en.clone()).collect(),
                chosen: options.iter().filter(|o| is_chosen(&o.id)).map(|o| o.label.en.clone()).collect(),
            }
        }
        Kind::LongText { .. } => lines(LONG_TEXT_LINES),
        Kind::Address => lines(ADDRESS_LINES),
        // An empty table says "none".
        Kind::Table { .. } if value.is_some_and(|value| value.as_array().is_some_and(Vec::is_empty)) => lines(1),
        Kind::Table { columns, .. } => table(columns, value),
        Kind::Group { fields } => content::Answer::Group { fields: fields.iter().map(|f| field(f, value)).collect() },
        Kind::Bank => content::Answer::Group { fields: bank(value) },
        _ => content::Answer::line(shown()),
    })
}

fn date_digits(value: Option<&Value>) -> String {
    let day = value.and_then(Value::as_str).and_then(|text| parse_date(text).ok());
    day.map(|day| day.format("%d%m%Y").to_string()).unwrap_or_default()
}

fn cell(column: &Column, record: Option<&Value>) -> String {
    record
        .and_then(|record| record.get(&column.id))
        .map(|value| column.kind.show(value, Language::English))
        .unwrap_or_default()
}

fn field(column: &Column, value: Option<&Value>) -> GroupField {
    GroupField { label: column.label.en.clone(), value: cell(column, value) }
}

fn table(columns: &[Column], value: Option<&Value>) -> content::Answer {
    let rows = value.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    content::Answer::Table {
        columns: columns.iter().map(|column| column.label.en.clone()).collect(),
        rows: rows.iter().map(|row| columns.iter().map(|column| cell(column, Some(row))).collect()).collect(),
        empty_rows: EMPTY_ROWS,
    }
}

fn bank(value: Option<&Value>) -> Vec<GroupField> {
    [
        ("Name of the account holder", "account_holder"),
        ("Bank or building society", "bank"),
        ("Sort code", "sort_code"),
        ("Account number", "account_number"),
        ("Roll number, if there is one", "roll_number"),
    ]
    .into_iter()
    .map(|(label, id)| GroupField {
        label: label.into(),
        value: value.and_then(|bank| bank.get(id)).and_then(Value::as_str).unwrap_or_default().into(),
    })
    .collect()
}

pub fn day_in_words(day: NaiveDate) -> String {
    day.format("%A %-d %B %Y").to_string()
}

/// `10.15am`, `2pm`.
pub fn time_in_words(time: chrono::NaiveTime) -> String {
    let text = time.format("%-I.%M%P").to_string();
    text.replace(".00", "")
}

fn hours_in_words(site: &Site) -> String {
    let [monday, _, _, _, friday, ..] = site.opening;
    match monday {
        Some((from, to)) if monday == friday => {
            format!("{} to {}, Monday to Friday", time_in_words(from), time_in_words(to))
        }
        _ => String::new(),
    }
}
