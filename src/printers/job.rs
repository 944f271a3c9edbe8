//! What a worker prints, and what it needs of the queue: the port that `app` fills with the print rooms' own.

use chrono::TimeDelta;
use startline_foundation::error::Result;
use startline_foundation::ids::PrintJobId;
use std::future::Future;

/// One printing of a pack, leased.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Task {
    pub id: PrintJobId,
    /// Tells this lease from those before and after it.
    pub attempt: i32,
    /// Whether it was begun before and spoiled.
    pub again: bool,
    /// What stands on each page, for whoever looks in the tray.
    pub reference: String,
    /// What kind of letter it is, and by which class of post it goes: they choose the tray.
    pub kind: String,
    pub post_class: String,
    /// Counted from 1, both included; the whole pack unless somebody asked for some of its pages again.
    pub first_page: u32,
    pub last_page: u32,
    /// Of the whole pack.
    pub pack_pages: u32,
    /// Of the pack's PDF, in hexadecimal.
    pub sha256: String,
}

impl Task {
    pub fn pages(&self) -> u32 {
        (self.last_page + 1).saturating_sub(self.first_page)
    }

    pub fn is_whole(&self) -> bool {
        self.first_page <= 1 && self.last_page >= self.pack_pages
    }

    /// Under which the printer has it. No other job has this name, on any printer, ever.
    pub fn job_name(&self) -> String {
        format!("startline {} {}", self.id, self.attempt)
    }
}

/// How the printer calls a job that it took. It uses `job_id` again after a restart, and `job_uuid` never.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    pub job_id: i32,
    pub job_uuid: Option<String>,
}

/// A job that was begun on this printer and not reported: this process died, or another did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Begun {
    pub task: Task,
    pub job_name: String,
    pub accepted: Option<Accepted>,
}

/// How a printer does, as the print room's people see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    pub state: ConditionState,
    /// The printer's own keywords (`media-empty-error`), and sentences of ours.
    pub reasons: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConditionState {
    Idle,
    Printing,
    /// It waits for somebody: out of paper, a door is open.
    Stopped,
    /// A job has made no progress for longer than the printer's `stall_after_s`. It is not taken for printed.
    Stalled,
    /// It does not answer.
    Gone,
}

/// The print room's queue, as one printer's worker sees it. Whatever returns `Ok` is durable.
pub trait Queue: Send + Sync + 'static {
    /// Takes jobs of the printer's own room.
    fn lease(&self, most: usize, lease: TimeDelta) -> impl Future<Output = Result<Vec<Task>>> + Send;
    /// Keeps it for so long from now on.
    fn extend(&self, task: &Task, lease: TimeDelta) -> impl Future<Output = Result<()>> + Send;
    fn pdf(&self, task: &Task) -> impl Future<Output = Result<Vec<u8>>> + Send;
    /// The intent to print, before anything is sent. From here on the job may lie in the tray.
    fn begin(&self, task: &Task, job_name: &str) -> impl Future<Output = Result<()>> + Send;
    /// The printer has a job for it. The document follows only after this.
    fn accepted(&self, task: &Task, accepted: &Accepted) -> impl Future<Output = Result<()>> + Send;
    /// `pages` as the printer counted them; none when it does not count.
    fn printed(&self, task: &Task, pages: Option<u32>) -> impl Future<Output = Result<()>> + Send;
    /// What came out is waste: another job stands for it, first in line.
    fn spoiled(&self, task: &Task, reason: &str, pages: Option<u32>) -> impl Future<Output = Result<()>> + Send;
    /// Nothing of it can have been printed: queued again.
    fn give_back(&self, task: &Task, reason: &str) -> impl Future<Output = Result<()>> + Send;
    /// A person has to look before anybody prints it again. Of jobs that were begun only.
    fn uncertain(&self, task: &Task, reason: &str) -> impl Future<Output = Result<()>> + Send;
    /// What was begun on this printer and not reported, and whose lease ran out: whoever printed it is gone.
    fn under_way(&self) -> impl Future<Output = Result<Vec<Begun>>> + Send;
    fn note(&self, condition: &Condition) -> impl Future<Output = Result<()>> + Send;
}

/// What goes with a job, and what had to stay out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chosen {
    pub sides: Option<String>,
    pub media: Option<String>,
    pub tray: Option<String>,
    /// How many copies will come out: 1 when more cannot be asked for.
    pub copies: u32,
    pub pages: Option<(u32, u32)>,
    /// Sentences: what the printer cannot do.
    pub left_out: Vec<String>,
}

impl Chosen {
    /// Whether its pages lie on both sides of the paper.
    pub fn duplex(&self) -> bool {
        self.sides.as_ref().is_some_and(|sides| sides != "one-sided")
    }
}
