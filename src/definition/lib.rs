//! The service as data: what an operator writes in YAML and CSV instead of somebody changing the program.
//!
//! A definition is a folder of files (`deploy/definitions/one-pilot` is the default and is inside the binary):
//! `service.yaml`, `sites.yaml`, `offices.csv`, `areas.csv`, `postcodes.csv`, `holidays.yaml`, `scripts/*.yaml`,
//! `form/*.yaml` (a file a part, and `evidence.yaml`), `agencies/*.yaml`, `letters/` and `fonts/`. It loads only when it has no fault, and
//! never changes afterwards: its [`DefinitionVersion`] is the hash of its files, and what began on one version (a walk,
//! a claim) stays on it. [`Definition::files`] gives the files back, so that they can be stored and loaded again.
//!
//! One thing a file: `x.rs` is what the definition says of x, as the other rooms read it; `read_x.rs` reads it from its
//! file, and tells the faults that the file has by itself; `lint.rs`, `reach.rs` and `wording.rs` find those that only
//! the whole has, `slips.rs` and `spoken.rs` what loads and is not what was meant. `yaml_fault.rs`, `condition_fault.rs` and
//! `comparisons.rs` put a fault into the words of whoever made it. `load.rs` puts it together. `kind_check.rs` is of answers: whether one is of its question's kind.
//!
//! The files of each version are durable ([`Definitions`]); nothing else here is. This room imports no other room.

mod agency_order;
mod bounds;
mod calendar;
mod check_days;
mod comparisons;
mod condition;
mod condition_fault;
mod deciding;
mod deferral;
mod diary;
mod files;
mod followup;
mod form;
mod kind;
mod kind_check;
mod kind_show;
mod lint;
mod load;
mod lookup;
mod marks;
mod named;
mod nearest;
mod opening;
mod outline;
mod places;
mod question;
mod reach;
mod read_agency_order;
mod read_condition;
mod read_deferral;
mod read_diary;
mod read_followup;
mod read_form;
mod read_kind;
mod read_named;
mod read_places;
mod read_printed;
mod read_question;
mod read_reminders;
mod read_script;
mod read_service;
mod read_telephone;
mod reader;
mod reminders;
mod report;
mod samples;
mod script;
mod sensitivity;
mod service;
mod slips;
mod spoken;
mod store;
mod syntax;
mod telephone;
mod text;
mod versions;
mod wording;
mod wrong;
mod yaml_fault;

pub use agency_order::{AgencyOrder, Section};
pub use bounds::Bounds;
pub use calendar::Calendar;
pub use condition::{Answers, CLIENT_RECORD, Condition, is_blank};
pub use deferral::DeferralReason;
pub use diary::{DiaryRules, FIRST_MEETING, MeetingKind, Obligation, OfficeRooms, Room, SameDay};
pub use files::Files;
pub use followup::{
    After, DecisionLetters, FollowUpRules, Listed, MissedRules, Proposal, Referral, STEPS as FOLLOW_UP_STEPS,
    SlippingRules, Span, StandbyRules, StepWords, When,
};
pub use form::{EvidencePart, EvidenceRule, Form, Part};
pub use kind::{Choice, Column, Kind, PERIODS, Paper};
pub use named::Named;
pub use nearest::{did_you_mean, nearest};
pub use opening::Closed;
pub use outline::Outline;
pub use places::{Area, AreaTarget, District, Office, Site, Week, hours_on};
pub use question::{Benefits, Carry, ClientFact, Printed, Question, Required};
pub use reminders::{Bearing, Channel, Fillings, ReminderLine, Reminders, Unless};
pub use report::{CheckReport, Counts, Fault};
pub use script::{Also, Decides, Effect, Hint, Script, Stage};
pub use sensitivity::Sensitivity;
pub use service::{Service, Settings};
pub use spoken::FILLED_IN;
pub use syntax::yaml_text;
pub use telephone::{INBOUND, Line, OUTBOUND, OutsideLine, SafeTime, Telephone};
pub use text::Text;
pub use versions::Definitions;
pub use wrong::Wrong;

use lookup::Index;
use marks::Marks;
use reader::Reader;
use startline_foundation::formats::Language;
use startline_foundation::ids::{DefinitionVersion, QuestionId};
use std::path::Path;
use std::sync::{Arc, LazyLock};

/// A loaded, faultless service definition.
pub struct Definition {
    pub version: DefinitionVersion,
    pub service: Service,
    pub sites: Vec<Site>,
    pub offices: Vec<Office>,
    pub areas: Vec<Area>,
    pub calendar: Calendar,
    pub diary: DiaryRules,
    pub followup: FollowUpRules,
    pub scripts: Vec<Script>,
    pub form: Form,
    /// None in definitions of before there were any: then nobody is reminded.
    pub reminders: Option<Reminders>,
    warnings: Vec<Fault>,
    counts: Counts,
    index: Index,
    marks: Marks,
    files: Files,
}

/// Checks a folder: every fault with its place, and the counts of what could be read.
pub fn check(dir: &Path) -> CheckReport {
    match files::read(dir) {
        Ok(files) => load::build(files, Reader::Author).1,
        Err(report) => report,
    }
}

impl Definition {
    /// The definition inside the binary. Loaded once.
    pub fn embedded() -> Arc<Self> {
        static EMBEDDED: LazyLock<Arc<Definition>> =
            LazyLock::new(|| match Definition::from_files(files::embedded()) {
                Ok(definition) => definition,
                // It is part of the program and checked by the tests, like the code beside it.
                Err(report) => panic!("the definition inside the program has faults:\n{report}"),
            });
        EMBEDDED.clone()
    }

    /// Loads a folder.
    ///
    /// # Errors
    /// The faults, when it has any.
    pub fn load(dir: &Path) -> Result<Arc<Self>, CheckReport> {
        Self::built(files::read(dir)?, Reader::Author)
    }

    /// Loads from files kept elsewhere, such as a version stored in the database. What had no fault when it was stored
    /// has none now: what only newer programs tell an author of is let pass.
    ///
    /// # Errors
    /// The faults, when it has any.
    pub fn from_files(files: Files) -> Result<Arc<Self>, CheckReport> {
        Self::built(files, Reader::Store)
    }

    fn built(files: Files, reader: Reader) -> Result<Arc<Self>, CheckReport> {
        match load::build(files, reader) {
            (Some(definition), report) if report.is_clean() => Ok(Arc::new(definition)),
            (_, report) => Err(report),
        }
    }

    /// Its files, byte for byte.
    pub fn files(&self) -> &Files {
        &self.files
    }

    /// Why the answer to a question of the form or of a script is only for those whose work needs it; none when it is not.
    pub fn marks(&self, question: &QuestionId) -> impl Iterator<Item = Sensitivity> {
        self.marks.get(question).into_iter().flatten().copied()
    }

    /// What letters in this format are called, as the form's question for it has them.
    pub fn letters_format<'a>(&'a self, id: &'a str, language: Language) -> &'a str {
        let asks = |question: &&Question| question.fills_client == Some(ClientFact::LettersFormat);
        let options = self.form.questions().filter(asks).flat_map(|question| match &question.kind {
            Kind::Choice(options) => options.as_slice(),
            _ => &[],
        });
        let known = options.into_iter().find(|option| option.id == id);
        known.map_or(id, |option| option.label.in_language(language))
    }

    /// Those that no print room makes: the options beside the usual and large print.
    pub fn other_letters_formats(&self) -> impl Iterator<Item = &Choice> {
        let asks = |question: &&Question| question.fills_client == Some(ClientFact::LettersFormat);
        let options = self.form.questions().filter(asks).flat_map(|question| match &question.kind {
            Kind::Choice(options) => options.as_slice(),
            _ => &[],
        });
        options.filter(|option| !["none", "large_print"].contains(&option.id.as_str()))
    }

    /// The form on a page or two.
    pub fn outline(&self) -> Outline<'_> {
        Outline(&self.form)
    }

    /// What should be looked at, though it loads.
    pub fn warnings(&self) -> &[Fault] {
        &self.warnings
    }

    pub fn counts(&self) -> Counts {
        self.counts
    }
}

/// Without the files: fonts would fill a log.
impl std::fmt::Debug for Definition {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Definition")
            .field("version", &self.version)
            .field("counts", &self.counts)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod language_tests;
#[cfg(test)]
mod reminders_tests;
#[cfg(test)]
mod schema_tests;
#[cfg(test)]
mod slip_tests;
mod small;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod typed_tests;

/// For the property tests of other crates, which cannot see what is compiled for this one's own tests.
#[doc(hidden)]
pub use small::files as small_files;
