//! A composed pack, and where it is.

use super::content::Layout;
use super::measure::DocumentPages;
use super::subject::PackSubject;
use chrono::{DateTime, NaiveDate, Utc};
use startline_foundation::formats::Language;
use startline_foundation::ids::{ClaimId, ClientId, DefinitionVersion, PackId, SiteId, UserId};
use startline_rooms::printing::{PrintJob, State};

/// The bundle for one client. Its PDF never changes: a later change makes a new pack, which says that it replaces the old.
#[derive(Debug, Clone, PartialEq)]
pub struct Pack {
    pub id: PackId,
    /// What it is about.
    pub wanted: PackSubject,
    pub client_id: ClientId,
    pub claim_id: Option<ClaimId>,
    /// What it was composed from, in short: it is another exactly when another pack would come of it.
    pub source_key: String,
    /// How many entries the claim's log of answers had.
    pub claim_revision: Option<u32>,
    pub definition_version: DefinitionVersion,
    /// The site that writes.
    pub site: SiteId,
    /// What the client quotes on the phone, printed on each page.
    pub reference: String,
    pub language: Language,
    pub layout: Layout,
    pub large_print: bool,
    pub pages: u32,
    /// Of paper, printed on both sides.
    pub sheets: u32,
    pub documents: Vec<DocumentPages>,
    pub sha256: String,
    pub replaces: Option<PackId>,
    pub delivery: Delivery,
    pub composed_at: DateTime<Utc>,
    /// When it was given to the client, or sent by e-mail, where it does not go by post.
    pub handed_over: Option<(DateTime<Utc>, UserId)>,
}

/// How a pack reaches the client.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Delivery {
    #[default]
    Post,
    /// Printed, and collected by the client, from the office in `at`.
    Collect { at: String },
    /// Not printed: somebody sends it to this address.
    Email { to: String },
}

/// Where a pack is now.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Place<'a> {
    /// Stored, and not to be printed.
    Composed,
    /// Where its printing stands: the newest printing of all its pages that is on its way or was, else the newest of any.
    AtPrinting(&'a PrintJob),
    HandedOver {
        at: DateTime<Utc>,
    },
}

/// A pack with its printings, the first one first.
#[derive(Debug, Clone, PartialEq)]
pub struct PackStatus {
    pub pack: Pack,
    pub jobs: Vec<PrintJob>,
    /// The local day on which it is there at the latest, while it is on its way or in the post.
    pub arrives_by: Option<NaiveDate>,
}

impl Delivery {
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Post => "post",
            Self::Collect { .. } => "collect",
            Self::Email { .. } => "email",
        }
    }

    /// Where it is collected, or the e-mail address.
    pub fn to(&self) -> &str {
        match self {
            Self::Post => "",
            Self::Collect { at } => at,
            Self::Email { to } => to,
        }
    }

    pub(super) fn of(name: &str, to: String) -> Option<Self> {
        match name {
            "post" => Some(Self::Post),
            "collect" => Some(Self::Collect { at: to }),
            "email" => Some(Self::Email { to }),
            _ => None,
        }
    }
}

impl PackStatus {
    pub fn place(&self) -> Place<'_> {
        if let Some((at, _)) = self.pack.handed_over {
            return Place::HandedOver { at };
        }
        let whole = |job: &&PrintJob| job.pages() == self.pack.pages;
        let newest = |keep: &dyn Fn(&&PrintJob) -> bool| self.jobs.iter().rfind(|job| keep(job));
        let spoiled = |job: &&PrintJob| matches!(job.state, State::Spoiled { .. });
        let standing = newest(&|job| whole(job) && job.stands());
        match standing.or_else(|| newest(&|job| whole(job) && !spoiled(job))).or_else(|| newest(&|_| true)) {
            Some(job) => Place::AtPrinting(job),
            None => Place::Composed,
        }
    }

    /// The printing that stands for the pack now.
    pub fn job(&self) -> Option<&PrintJob> {
        match self.place() {
            Place::AtPrinting(job) => Some(job),
            Place::Composed | Place::HandedOver { .. } => None,
        }
    }

    /// Whether any of it has left: the client has it, or will.
    pub fn is_out(&self) -> bool {
        let has_left = |job: &PrintJob| matches!(job.state, State::Posted { .. } | State::Returned { .. });
        self.pack.handed_over.is_some() || self.jobs.iter().any(has_left)
    }

    /// Whether it is on its way and has not left, or waits to be handed over.
    pub fn waits(&self) -> bool {
        self.pack.handed_over.is_none() && (self.jobs.is_empty() || self.jobs.iter().any(PrintJob::waits))
    }
}
