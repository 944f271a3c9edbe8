//! A printer as the worker sees it: what it says of itself and of a job, and what it can be asked. A real one by IPP, or
//! a folder that a print system of another make reads.

use super::job::{Accepted, Chosen, Task};
use std::fmt;
use std::future::Future;
use std::sync::Arc;

/// Why a printer did not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// No answer came, or none that can be read: it may have done it all the same.
    NoAnswer(String),
    /// It said no, and so did nothing.
    Refused(String),
    /// It has its hands full, and so did nothing. It takes more by itself when it has finished.
    Busy(String),
    /// It knows no such job.
    NotThere,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoAnswer(why) => write!(f, "no answer: {why}"),
            Self::Refused(why) => write!(f, "refused: {why}"),
            Self::Busy(why) => write!(f, "busy: {why}"),
            Self::NotThere => f.write_str("the printer knows no such job"),
        }
    }
}

pub type Answer<T> = Result<T, Fault>;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JobState {
    Pending,
    Held,
    Processing,
    Stopped,
    Cancelled,
    Aborted,
    Completed,
}

/// What a printer says of one job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobView {
    pub job_id: i32,
    pub uuid: Option<String>,
    pub name: String,
    pub state: JobState,
    pub reasons: Vec<String>,
    /// Sides of paper done, all copies together. Many printers leave it at zero.
    pub impressions: Option<u32>,
    pub sheets: Option<u32>,
    /// How many documents it has of the job.
    pub documents: Option<u32>,
    pub message: String,
}

impl JobView {
    /// Whether the printer has the job and still waits for its pages.
    pub fn waits_for_document(&self) -> bool {
        let waiting = ["job-incoming", "job-data-insufficient"];
        let says_so = self.reasons.iter().any(|reason| waiting.contains(&reason.as_str()));
        matches!(self.state, JobState::Pending | JobState::Held)
            && (self.documents == Some(0) || (says_so && self.documents.is_none_or(|number| number == 0)))
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PrinterState {
    Idle,
    Processing,
    Stopped,
}

/// What a printer says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrinterView {
    pub state: PrinterState,
    pub reasons: Vec<String>,
    pub accepting: bool,
    pub supports: Supports,
}

impl PrinterView {
    /// Whether it would print something that it was sent now.
    pub fn takes_work(&self) -> bool {
        self.accepting && self.state != PrinterState::Stopped && !self.reasons.iter().any(|reason| is_trouble(reason))
    }
}

/// Whether a reason keeps a printer from printing: `media-empty`, `door-open-error`; not `toner-low-warning`.
pub fn is_trouble(reason: &str) -> bool {
    const TROUBLE: [&str; 14] = [
        "media-empty",
        "media-needed",
        "media-jam",
        "door-open",
        "cover-open",
        "interlock-open",
        "input-tray-missing",
        "output-tray-missing",
        "output-area-full",
        "marker-supply-empty",
        "toner-empty",
        "spool-area-full",
        "paused",
        "shutdown",
    ];
    reason.ends_with("-error") || TROUBLE.contains(&reason)
}

/// What may be asked of a printer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Supports {
    /// A job first and its document after it, so that the job is on record before anything can be printed.
    pub two_steps: bool,
    pub pdf: bool,
    pub sides: Vec<String>,
    pub media: Vec<String>,
    /// Trays, when one can be chosen at all.
    pub trays: Vec<String>,
    pub most_copies: u32,
    pub page_ranges: bool,
}

/// Everything of one job that goes to the printer.
#[derive(Debug, Clone)]
pub struct Order {
    pub task: Task,
    pub job_name: String,
    pub chosen: Chosen,
    pub pdf: Arc<[u8]>,
}

/// A job that the printer took, and what of the order it will not heed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    pub accepted: Accepted,
    pub ignored: Vec<String>,
}

/// How sure a withdrawal is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Withdrawn {
    /// It is gone, and nothing of it was printed.
    Surely,
    /// The printer was asked; its next word about the job tells.
    Asked,
}

pub trait Device: Send + Sync + 'static {
    fn look(&self) -> impl Future<Output = Answer<PrinterView>> + Send;
    /// A job without its document yet.
    fn create(&self, order: &Order) -> impl Future<Output = Answer<Taken>> + Send;
    /// Its document. May take as long as the printing.
    fn send(&self, order: &Order, accepted: &Accepted) -> impl Future<Output = Answer<()>> + Send;
    /// Both in one, for printers that know no other way.
    fn print(&self, order: &Order) -> impl Future<Output = Answer<Taken>> + Send;
    fn job(&self, accepted: &Accepted) -> impl Future<Output = Answer<JobView>> + Send;
    /// Among all the jobs that it remembers, done or not.
    fn find(&self, job_name: &str) -> impl Future<Output = Answer<JobView>> + Send;
    fn withdraw(&self, job: &JobView) -> impl Future<Output = Answer<Withdrawn>> + Send;
    /// The job was reported and nobody asks for it again.
    fn settled(&self, job_name: &str) -> impl Future<Output = ()> + Send;
}
