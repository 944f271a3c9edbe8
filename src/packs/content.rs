//! What a claim pack says: the contract between the rooms that know the client and the templates that set the page.
//!
//! Everything here is already decided and already in words: dates are written out, amounts carry their pound sign,
//! hidden questions have been left out. A template only places it. The value reaches the templates as one JSON file and
//! never as template source, so nothing a client says can become an instruction.

use chrono::{DateTime, Utc};
use serde::Serialize;

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PackContent {
    /// What the client quotes on the phone, printed on each page.
    pub reference: String,
    /// Written into the PDF as its date; the only time a pack knows.
    pub composed_at: DateTime<Utc>,
    pub client_name: String,
    /// After "Dear": `Ms Pryce`.
    pub salutation: String,
    /// 3 to 7 lines, the name first and the postcode last, as they show through the envelope's window.
    pub address: Vec<String>,
    /// BCP 47, for screen readers: `en` or `cy`.
    pub language: String,
    pub service_name: String,
    /// In words: `Thursday 6 April 2000`.
    pub letter_date: String,
    pub site: Sender,
    /// None when the first meeting is deferred or waived.
    pub appointment: Option<Appointment>,
    /// Names in full: `Jobseeker's Allowance`.
    pub claimed_benefits: Vec<String>,
    pub evidence: Vec<EvidenceLine>,
    pub form: FormContent,
    /// In words: the day this pack goes to the post.
    pub posting_date: String,
    pub definition_version: String,
}

/// The call centre that writes.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Sender {
    pub name: String,
    /// Where letters to it go, and undelivered ones come back.
    pub address: Vec<String>,
    /// As printed, grouped: `0845 600 0000`.
    pub phone: String,
    /// In words: `8.30am to 6pm, Monday to Friday`.
    pub hours: String,
    /// The adviser who took the claim, who signs the letter.
    pub adviser: String,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Appointment {
    /// In words: `Tuesday 11 April 2000`.
    pub date: String,
    /// In words: `10.15am`.
    pub time: String,
    pub office: String,
    pub address: Vec<String>,
    pub personal_adviser: String,
    pub minutes: u32,
}

/// What an agency's copy of a claim says: its own form, in its own order, and nothing else.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AgencyCopy {
    /// What the client quotes on the phone, printed on each page.
    pub reference: String,
    pub composed_at: DateTime<Utc>,
    pub client_name: String,
    /// BCP 47: `en` or `cy`.
    pub language: String,
    pub service_name: String,
    pub agency_name: String,
    pub site: Sender,
    /// In words: the day of the first contact, which protects the date of claim.
    pub first_contact: String,
    /// In words: the day this copy was made.
    pub made_on: String,
    pub claimed_benefits: Vec<String>,
    pub evidence: Vec<EvidenceLine>,
    pub form: FormContent,
    pub definition_version: String,
}

/// What is made ready for a template: see [`super::prepare`].
pub trait Printable: Serialize + Clone {
    fn form_mut(&mut self) -> &mut FormContent;
}

impl Printable for PackContent {
    fn form_mut(&mut self) -> &mut FormContent {
        &mut self.form
    }
}

impl Printable for AgencyCopy {
    fn form_mut(&mut self) -> &mut FormContent {
        &mut self.form
    }
}

/// One thing to bring.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct EvidenceLine {
    pub item: String,
    /// Why this client is asked for it.
    pub reason: String,
    /// What will do instead; empty when nothing will.
    pub substitutes: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FormContent {
    pub title: String,
    pub parts: Vec<FormPart>,
    /// What the client signs, a sentence each.
    pub declarations: Vec<String>,
    /// Whether a partner has to sign as well.
    pub partner_signs: bool,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FormPart {
    /// The part's letter: `B`.
    pub code: String,
    pub title: String,
    pub note: String,
    pub questions: Vec<FormQuestion>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FormQuestion {
    /// `B2`
    pub id: String,
    pub label: String,
    /// How to answer; empty when the label says enough.
    pub hint: String,
    pub answer: Answer,
}

/// The shape of an answer's box, and what was said. An empty value prints an empty box to write in.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Answer {
    /// `lines` is the room to write in; one line stands beside its question, more stand below it. A value that does not
    /// fit goes on to the continuation sheet.
    Text { value: String, lines: u8 },
    /// One box a character to write in, in groups: a date is `[2, 2, 4]`. The value is given without the gaps, and is
    /// printed with them: `04 08 1971`.
    Comb { value: String, groups: Vec<u8>, captions: Vec<String> },
    /// Tick boxes. An option not in `chosen` prints unticked.
    Choice { options: Vec<String>, chosen: Vec<String> },
    /// Rows already said, then `empty_rows` to write in.
    Table { columns: Vec<String>, rows: Vec<Vec<String>>, empty_rows: u8 },
    /// Several short answers under one question.
    Group { fields: Vec<GroupField> },
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct GroupField {
    pub label: String,
    pub value: String,
}

impl Answer {
    /// An answer in words, with room for one line beside its question.
    pub fn line(value: impl Into<String>) -> Self {
        Self::Text { value: value.into(), lines: 1 }
    }

    /// A date, `DDMMYYYY` or empty. One that is known reads better as `line("4 August 1971")`.
    pub fn date(digits: impl Into<String>) -> Self {
        Self::Comb {
            value: digits.into(),
            groups: vec![2, 2, 4],
            captions: vec!["Day".into(), "Month".into(), "Year".into()],
        }
    }

    /// A National Insurance number, without gaps, or empty.
    pub fn national_insurance_number(value: impl Into<String>) -> Self {
        Self::Comb { value: value.into(), groups: vec![2, 2, 2, 2, 1], captions: Vec::new() }
    }

    /// `chosen` is `None` for a question that is still open.
    pub fn yes_no(chosen: Option<bool>) -> Self {
        let chosen = chosen.map(|yes| if yes { "Yes" } else { "No" }.to_owned());
        Self::Choice { options: vec!["Yes".into(), "No".into()], chosen: chosen.into_iter().collect() }
    }
}
