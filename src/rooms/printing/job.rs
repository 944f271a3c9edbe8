//! One printing of a pack, and what may become of it.

use super::post::PostClass;
use chrono::{DateTime, NaiveDate, Utc};
use startline_foundation::error::{Error, Result};
use startline_foundation::ids::{ClientId, PackId, PrintJobId, SiteId, UserId};

#[derive(Debug, Clone, PartialEq)]
pub struct PrintJob {
    pub id: PrintJobId,
    pub pack_id: PackId,
    pub client_id: ClientId,
    /// Printed on every page: what the print room calls the pack.
    pub reference: String,
    /// The site that prints it.
    pub room: SiteId,
    /// The local day with whose post it is to leave.
    pub post_day: NaiveDate,
    pub class: PostClass,
    /// Its client's one job of that day; others were forced, or are reprints.
    pub ordinary: bool,
    pub priority: Priority,
    /// Pages of the pack, from 1, both included.
    pub first_page: u32,
    pub last_page: u32,
    /// Why it is printed, when it is not the first printing.
    pub reason: String,
    pub queued_at: DateTime<Utc>,
    /// Counts the leases, and so tells a late report of a lost lease from the present one.
    pub attempt: i32,
    pub state: State,
}

/// What is printed first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Priority {
    /// Spoiled once: its envelope is waited for.
    Again,
    /// Asked for by somebody who waits for it.
    Urgent,
    Ordinary,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    Queued,
    /// Somebody has it until then; afterwards it is anybody's. Nothing was sent to a printer.
    Leased {
        by: UserId,
        until: DateTime<Utc>,
    },
    /// It may be on paper: nobody else gets it, whatever becomes of the lease.
    Printing {
        by: UserId,
        until: DateTime<Utc>,
        submission: Submission,
    },
    Printed(Printed),
    Posted {
        printed: Printed,
        post: Handed,
    },
    Returned {
        printed: Printed,
        post: Handed,
        at: DateTime<Utc>,
        reason: String,
    },
    /// What was printed of it was destroyed; another job stands for it.
    Spoiled {
        at: DateTime<Utc>,
        pages: u32,
        reason: String,
    },
    /// `printed`: there is paper to be taken out of the post.
    Cancelled {
        at: DateTime<Utc>,
        reason: String,
        printed: Option<Printed>,
    },
}

/// A job at a printer: noted before anything is sent, so that after a crash it is looked for and not printed twice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Submission {
    pub printer: String,
    /// Under which the printer knows it; names the job and the attempt.
    pub job_name: String,
    pub begun_at: DateTime<Utc>,
    pub accepted: Option<Accepted>,
    /// Why nobody knows what became of it, when that is so: a person has to look.
    pub uncertain: Option<String>,
}

/// The printer's own numbers for it. Ids are used again after a printer's restart; the UUID is not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    pub job_id: i32,
    pub job_uuid: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Printed {
    pub at: DateTime<Utc>,
    /// As the printer or the print room counted them.
    pub pages: u32,
}

/// Given to the post, or to the client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Handed {
    pub at: DateTime<Utc>,
    /// The local day that counts.
    pub day: NaiveDate,
    /// Why it left without all of its pages, when it did.
    pub incomplete: Option<String>,
}

impl Priority {
    pub fn number(self) -> i32 {
        match self {
            Self::Again => 0,
            Self::Urgent => 2,
            Self::Ordinary => 5,
        }
    }

    pub fn of(number: i32) -> Self {
        match number {
            0 => Self::Again,
            1..=4 => Self::Urgent,
            _ => Self::Ordinary,
        }
    }
}

impl State {
    pub fn name(&self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Leased { .. } => "leased",
            Self::Printing { .. } => "printing",
            Self::Printed(_) => "printed",
            Self::Posted { .. } => "posted",
            Self::Returned { .. } => "returned",
            Self::Spoiled { .. } => "spoiled",
            Self::Cancelled { .. } => "cancelled",
        }
    }
}

impl PrintJob {
    /// How many pages it is to print.
    pub fn pages(&self) -> u32 {
        (self.last_page + 1).saturating_sub(self.first_page)
    }

    /// Whether it still stands for its pack: neither spoiled nor cancelled.
    pub fn stands(&self) -> bool {
        !matches!(self.state, State::Spoiled { .. } | State::Cancelled { .. })
    }

    /// Whether it is on its way and has not left.
    pub fn waits(&self) -> bool {
        matches!(self.state, State::Queued | State::Leased { .. } | State::Printing { .. } | State::Printed(_))
    }

    fn check_holder(&self, by: UserId, attempt: i32) -> Result<()> {
        match &self.state {
            State::Leased { by: holder, .. } | State::Printing { by: holder, .. }
                if *holder == by && attempt == self.attempt =>
            {
                Ok(())
            }
            _ => Err(self.not_yours(attempt)),
        }
    }

    /// Why a report of that attempt says nothing about the job as it stands.
    fn not_yours(&self, attempt: i32) -> Error {
        if attempt > self.attempt {
            let message = format!(
                "this print job was leased {} times, and the report is about a later lease: send the attempt that the \
                 lease gave",
                self.attempt
            );
            return Error::illegal("LEASE_LOST", message);
        }
        if attempt < self.attempt {
            return lease_lost();
        }
        match &self.state {
            State::Queued => Error::illegal(
                "LEASE_LOST",
                "this print job was given back and waits in the queue: destroy any copy of it, and lease it again",
            ),
            State::Leased { .. } | State::Printing { .. } => lease_lost(),
            State::Printed(_) => Error::illegal("ALREADY_PRINTED", "this print job has been reported printed"),
            State::Posted { .. } | State::Returned { .. } => already_posted(),
            State::Spoiled { .. } => spoiled(),
            State::Cancelled { .. } => cancelled(),
        }
    }

    /// What was counted of one copy: at least one page came, and no more than there are.
    fn check_counted(&self, pages: u32) -> Result<()> {
        let all = self.pages();
        match pages {
            0 => Err(Error::invalid(
                "pages",
                "is 0: return the print job when nothing was printed, or report it spoiled",
            )),
            _ if pages > all => Err(Error::invalid("pages", format!("is more than the {all} pages of this print job"))),
            _ => Ok(()),
        }
    }

    /// A lease that ran out is still good while nobody else has taken the job.
    pub fn extend(&mut self, by: UserId, attempt: i32, until: DateTime<Utc>) -> Result<()> {
        self.check_holder(by, attempt)?;
        if let State::Leased { until: held, .. } | State::Printing { until: held, .. } = &mut self.state {
            *held = until.max(*held);
        }
        Ok(())
    }

    /// The intent: from here on it may be on paper.
    pub fn begin(&mut self, by: UserId, attempt: i32, printer: &str, job_name: &str, now: DateTime<Utc>) -> Result<()> {
        self.check_holder(by, attempt)?;
        match &self.state {
            State::Printing { submission, .. } if submission.printer == printer && submission.job_name == job_name => {
                Ok(())
            }
            State::Leased { until, .. } => {
                let submission = Submission {
                    printer: printer.to_owned(),
                    job_name: job_name.to_owned(),
                    begun_at: now,
                    accepted: None,
                    uncertain: None,
                };
                self.state = State::Printing { by, until: *until, submission };
                Ok(())
            }
            _ => Err(Error::illegal("ALREADY_PRINTING", "this print job was begun on a printer before")),
        }
    }

    /// What is at a printer, for whoever works that printer: the same worker, or the one that came after it.
    pub fn submission_mut(&mut self, attempt: i32) -> Result<&mut Submission> {
        match &mut self.state {
            State::Printing { submission, .. } if attempt == self.attempt => Ok(submission),
            _ => Err(Error::illegal("NOT_AT_A_PRINTER", "this print job is not at a printer")),
        }
    }

    /// Nothing was sent, or it is known that nothing was printed: it is queued again.
    pub fn give_back(&mut self, attempt: i32) -> Result<()> {
        match self.state {
            State::Leased { .. } | State::Printing { .. } if attempt == self.attempt => {
                self.state = State::Queued;
                Ok(())
            }
            State::Queued if attempt == self.attempt => Ok(()),
            _ => Err(self.not_yours(attempt)),
        }
    }

    /// It is on paper. Of a job that was begun on a printer, anybody in the room may say so: they have it in their hands.
    /// Reported again, it is what was counted now that stands.
    pub fn print(&mut self, by: UserId, attempt: i32, pages: Option<u32>, now: DateTime<Utc>) -> Result<()> {
        if let Some(pages) = pages {
            self.check_counted(pages)?;
        }
        if attempt != self.attempt {
            return Err(self.not_yours(attempt));
        }
        let all = self.pages();
        match &mut self.state {
            State::Printed(printed) | State::Posted { printed, .. } | State::Returned { printed, .. } => {
                printed.pages = pages.unwrap_or(printed.pages);
                Ok(())
            }
            State::Leased { by: holder, .. } if *holder != by => Err(lease_lost()),
            State::Leased { .. } | State::Printing { .. } => {
                self.state = State::Printed(Printed { at: now, pages: pages.unwrap_or(all) });
                Ok(())
            }
            State::Cancelled { .. } => Err(cancelled()),
            State::Queued | State::Spoiled { .. } => Err(self.not_yours(attempt)),
        }
    }

    /// Paper was spoiled, or did not come: this job is over, and another has to stand for it. Reported again, it is what
    /// was counted now that stands.
    pub fn spoil(&mut self, attempt: i32, pages: u32, reason: &str, now: DateTime<Utc>) -> Result<()> {
        match &mut self.state {
            State::Leased { .. } | State::Printing { .. } | State::Printed(_) if attempt == self.attempt => {
                self.state = State::Spoiled { at: now, pages, reason: reason.to_owned() };
                Ok(())
            }
            State::Spoiled { pages: counted, .. } if attempt == self.attempt => {
                *counted = pages;
                Ok(())
            }
            State::Posted { .. } | State::Returned { .. } => Err(already_posted()),
            _ => Err(self.not_yours(attempt)),
        }
    }

    /// It is in the post of that day. Whoever gives one out that has not all of its pages says why. Reported again, it is
    /// the day named now that stands.
    pub fn post(&mut self, day: NaiveDate, incomplete: Option<&str>, now: DateTime<Utc>) -> Result<()> {
        let all = self.pages();
        match &mut self.state {
            State::Posted { post, .. } | State::Returned { post, .. } => {
                post.day = day;
                Ok(())
            }
            State::Printed(printed) => {
                let printed = *printed;
                match incomplete {
                    None if printed.pages < all => return Err(incomplete_pack(printed.pages, all)),
                    Some(_) if printed.pages >= all => {
                        let whole = format!("leave it out: all {all} pages were reported printed");
                        return Err(Error::invalid("incomplete_reason", whole));
                    }
                    _ => {}
                }
                let post = Handed { at: now, day, incomplete: incomplete.map(str::to_owned) };
                self.state = State::Posted { printed, post };
                Ok(())
            }
            State::Cancelled { .. } => {
                Err(Error::illegal("JOB_CANCELLED", "this pack was cancelled: take it out of the post and destroy it"))
            }
            _ => Err(Error::illegal("NOT_PRINTED", "this print job has not been reported printed")),
        }
    }

    /// The post brought it back. Reported again, it is the reason given now that stands.
    pub fn come_back(&mut self, reason: &str, now: DateTime<Utc>) -> Result<()> {
        match &mut self.state {
            State::Returned { reason: given, .. } => {
                reason.clone_into(given);
                Ok(())
            }
            State::Posted { printed, post } => {
                let (printed, post) = (*printed, post.clone());
                self.state = State::Returned { printed, post, at: now, reason: reason.to_owned() };
                Ok(())
            }
            _ => Err(Error::illegal("NOT_POSTED", "this print job has not been reported posted")),
        }
    }

    /// Whether its batch is still open is for the caller to know.
    pub fn cancel(&mut self, reason: &str, now: DateTime<Utc>) -> Result<()> {
        let printed = match &self.state {
            State::Cancelled { .. } => return Ok(()),
            State::Queued | State::Leased { .. } => None,
            State::Printed(printed) => Some(*printed),
            State::Printing { .. } => {
                return Err(Error::illegal(
                    "BEING_PRINTED",
                    "this pack is being printed: cancel it when the printer is done with it",
                ));
            }
            State::Posted { .. } | State::Returned { .. } => {
                return Err(Error::illegal("ALREADY_POSTED", "this pack is in the post already"));
            }
            State::Spoiled { .. } => return Err(spoiled()),
        };
        self.state = State::Cancelled { at: now, reason: reason.to_owned(), printed };
        Ok(())
    }
}

fn lease_lost() -> Error {
    Error::illegal(
        "LEASE_LOST",
        "the lease of this print job ran out and another has it: destroy the copy that was printed",
    )
}

fn cancelled() -> Error {
    Error::illegal("JOB_CANCELLED", "this pack was cancelled meanwhile: destroy the copy that was printed")
}

fn spoiled() -> Error {
    Error::illegal("JOB_SPOILED", "this print job was spoiled; another stands for it")
}

fn already_posted() -> Error {
    Error::illegal("ALREADY_POSTED", "this print job is in the post: have the pack reprinted instead")
}

fn incomplete_pack(printed: u32, all: u32) -> Error {
    let message = format!(
        "{printed} of its {all} pages were reported printed: print it again, correct the count, or say in \
         incomplete_reason why it leaves as it is"
    );
    Error::illegal("PACK_INCOMPLETE", message)
}
