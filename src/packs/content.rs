//! What a pack says: the contract between the rooms that know the client and the templates that set the page.
//!
//! Everything here is already decided and already in words: dates are written out, amounts carry their pound sign,
//! hidden questions have been left out. A template only places it. The value reaches the templates as one JSON file and
//! never as template source, so nothing a client says can become an instruction.

use chrono::{DateTime, Utc};
use serde::Serialize;
use startline_foundation::formats::{Language, words};
use startline_foundation::ids::PackId;
use startline_rooms::clients::LetterLayout;

/// Everything said in a claim fits in this many characters many times over; more is a mistake or an attack, and would
/// keep a processor busy for seconds.
pub const MOST_CHARACTERS: usize = 500_000;

/// The most of one answer: a whole continuation sheet holds about four thousand.
pub const MOST_OF_ONE_PLACE: usize = 60_000;

/// A wording as it is printed: in one language, or in Welsh with the English beside it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Said {
    One(String),
    Both { cy: String, en: String },
}

impl Said {
    /// Two languages that say the same in the same letters (a name, an amount) are said once.
    pub fn both(cy: String, en: String) -> Self {
        if cy == en { Self::One(en) } else { Self::Both { cy, en } }
    }

    /// Each of its languages.
    pub fn texts_mut(&mut self) -> impl Iterator<Item = &mut String> {
        let (first, second) = match self {
            Self::One(text) => (text, None),
            Self::Both { cy, en } => (cy, Some(en)),
        };
        std::iter::once(first).chain(second)
    }

    pub fn is_empty(&self) -> bool {
        matches!(self, Self::One(text) if text.is_empty())
    }
}

impl Default for Said {
    fn default() -> Self {
        Self::One(String::new())
    }
}

impl From<&str> for Said {
    fn from(text: &str) -> Self {
        Self::One(text.into())
    }
}

/// How the pages look: which of the templates' variants sets them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
pub struct Look {
    pub layout: Layout,
    /// 16 point and larger, in one column.
    pub large_print: bool,
}

words! {
    /// In which languages, and how they stand beside each other.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
    #[serde(rename_all = "snake_case")]
    pub enum Layout {
        English = "english",
        /// Welsh and English in two columns, one box an answer.
        SideBySide = "side_by_side",
        /// Welsh on the left page, English on the right; the form is one, with both on each page.
        Facing = "facing",
    }
}

impl Layout {
    pub fn of(language: Language, chosen: LetterLayout) -> Self {
        match (language, chosen) {
            (Language::English, _) => Self::English,
            (Language::Welsh, LetterLayout::SideBySide) => Self::SideBySide,
            (Language::Welsh, LetterLayout::Facing) => Self::Facing,
        }
    }
}

/// One client's pack: the whole claim pack, or a letter.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PackContent {
    /// What it is about, as [`super::PackSubject::kind`] names it.
    pub kind: &'static str,
    pub pack: PackId,
    pub look: Look,
    /// What the client quotes on the phone, printed on each page.
    pub reference: String,
    /// Written into the PDF as its date; the only time a pack knows.
    pub composed_at: DateTime<Utc>,
    pub client_name: String,
    /// After "Dear": `Ms Pryce`.
    pub salutation: String,
    /// 3 to 7 lines, the name first and the postcode last, as they show through the envelope's window.
    pub address: Vec<String>,
    pub service_name: Said,
    /// In words: `Thursday 6 April 2000`.
    pub letter_date: Said,
    pub site: Sender,
    /// The day of the older pack that this one takes the place of.
    pub replaces: Option<Said>,
    pub appointment: Option<Appointment>,
    /// Why there is no meeting for now.
    pub no_meeting: Option<NoMeeting>,
    /// Of a letter about a meeting that was missed: its paragraphs, as the follow-up rules word them.
    pub paragraphs: Vec<Said>,
    /// The day of the meeting that was missed or moved.
    pub earlier_day: Option<Said>,
    /// The call-back that is kept for a client whom nobody reached.
    pub callback: Option<CallBack>,
    /// Names in full: `Jobseeker's Allowance`.
    pub claimed_benefits: Vec<Said>,
    pub evidence: Vec<EvidenceLine>,
    pub summary: Option<Summary>,
    pub form: Option<FormContent>,
    pub definition_version: String,
}

/// The call centre that writes.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Sender {
    pub name: Said,
    /// Where letters to it go, and undelivered ones come back.
    pub address: Vec<String>,
    /// As printed, grouped: `0845 600 0000`.
    pub phone: String,
    /// In words: `8.30am to 6pm, Monday to Friday`.
    pub hours: Said,
    /// The adviser who took the claim, who signs the letter.
    pub adviser: String,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Appointment {
    /// In words: `Tuesday 11 April 2000`.
    pub date: Said,
    /// In words: `10.15am`.
    pub time: Said,
    /// Its short name, by which the templates find its floor, the way there and the map.
    pub office_id: String,
    pub office: String,
    pub address: Vec<String>,
    pub phone: String,
    /// A room with a door, when one is kept; else one asks at the desk.
    pub room: Option<String>,
    pub ground_floor: bool,
    pub personal_adviser: String,
    pub minutes: u32,
    /// What follows for a client who does not come: `binding`, `referred`, `free`.
    pub follows: &'static str,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct NoMeeting {
    /// `deferred` or `waived`.
    pub kind: &'static str,
    /// One word, by which the templates find the sentence where there is none beside it: `optional`.
    pub reason: String,
    /// What the definition's reason has the letter say.
    pub said: Option<Said>,
    /// When somebody looks at it again, in words.
    pub review_day: Option<Said>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CallBack {
    pub date: Said,
    pub time: Said,
    /// The number that is rung.
    pub phone: String,
}

/// What was asked, advised and agreed in the start-up call.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Summary {
    /// The day of the call, in words.
    pub day: Said,
    /// The subjects that were gone through, by their short names and in words.
    pub covered: Vec<Subject>,
    /// Those that were left for another time.
    pub left: Vec<Subject>,
    pub sections: Vec<SummarySection>,
    /// Always empty: what an adviser writes down is not printed. Letters of definitions that were stored before ask for it.
    pub promised: String,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Subject {
    pub id: String,
    pub name: Said,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SummarySection {
    pub title: Said,
    pub lines: Vec<SummaryLine>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SummaryLine {
    pub id: String,
    pub asked: Said,
    pub said: Said,
}

/// What an agency's copy of a claim says: its own form, in its own order, and nothing else. In English, for offices.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AgencyCopy {
    /// What the client quotes on the phone, printed on each page.
    pub reference: String,
    pub composed_at: DateTime<Utc>,
    pub client_name: String,
    pub service_name: Said,
    pub agency_name: Said,
    pub site: Sender,
    /// In words: the day of the first contact, which protects the date of claim.
    pub first_contact: Said,
    /// In words: the day this copy was made.
    pub made_on: Said,
    pub claimed_benefits: Vec<Said>,
    pub evidence: Vec<EvidenceLine>,
    pub form: FormContent,
    pub definition_version: String,
}

/// What is made ready for a template: see [`super::sanitize`].
pub trait Printable: Serialize + Clone {
    /// Characters in one place; more is a mistake or an attack.
    const MOST_OF_ONE_PLACE: usize = MOST_OF_ONE_PLACE;

    fn form_mut(&mut self) -> Option<&mut FormContent>;

    /// How wide its boxes are.
    fn look(&self) -> Look;
}

impl Printable for PackContent {
    fn form_mut(&mut self) -> Option<&mut FormContent> {
        self.form.as_mut()
    }

    fn look(&self) -> Look {
        self.look
    }
}

impl Printable for AgencyCopy {
    fn form_mut(&mut self) -> Option<&mut FormContent> {
        Some(&mut self.form)
    }

    fn look(&self) -> Look {
        Look { layout: Layout::English, large_print: false }
    }
}

/// One thing to bring.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct EvidenceLine {
    pub item: Said,
    /// Why this client is asked for it.
    pub reason: Said,
    /// What will do instead; none when nothing will.
    pub substitutes: Option<Said>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FormContent {
    /// Empty for the client's own, which the templates name.
    pub title: Said,
    /// The day whose answers it shows, in words, as every day on the form: `6 April 2000`.
    pub stood_on: Said,
    /// How many answers had been given and changed by then.
    pub revision: u32,
    pub parts: Vec<FormPart>,
    /// The parts that ask this client nothing: said on the form's first page, so that nobody misses a page.
    pub left_out: Vec<PartName>,
    /// What the client signs, a sentence each.
    pub declarations: Vec<Said>,
    /// Whether a partner has to sign as well.
    pub partner_signs: bool,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PartName {
    /// The part's letter: `K`.
    pub code: String,
    pub title: Said,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FormPart {
    /// The part's letter: `B`.
    pub code: String,
    pub title: Said,
    pub questions: Vec<FormQuestion>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FormQuestion {
    /// `B2`
    pub id: String,
    pub label: Said,
    /// How to answer; empty when the label says enough.
    pub hint: Said,
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
    /// printed with them: `AB 12 34 56 C`. `captions` are the templates' words for the groups: `date`, or none.
    Comb { value: String, groups: Vec<u8>, captions: &'static str },
    /// Tick boxes.
    Choice { options: Vec<Choice> },
    /// Rows already said, then `empty_rows` to write in.
    Table { columns: Vec<Said>, rows: Vec<Vec<String>>, empty_rows: u8 },
    /// Several short answers under one question.
    Group { fields: Vec<GroupField> },
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Choice {
    pub label: Said,
    pub ticked: bool,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct GroupField {
    pub label: Said,
    pub value: String,
}

impl Answer {
    /// An answer in words, with room for one line beside its question.
    pub fn line(value: impl Into<String>) -> Self {
        Self::Text { value: value.into(), lines: 1 }
    }

    /// Boxes for a date that is not known. One that is known is a `line("4 August 1971")`.
    pub fn no_date() -> Self {
        Self::Comb { value: String::new(), groups: vec![2, 2, 4], captions: "date" }
    }

    /// A National Insurance number, without gaps, or empty.
    pub fn national_insurance_number(value: impl Into<String>) -> Self {
        Self::Comb { value: value.into(), groups: vec![2, 2, 2, 2, 1], captions: "" }
    }
}
