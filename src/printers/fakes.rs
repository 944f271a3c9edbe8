//! A queue and a printer in memory, for the tests of this room.

use super::device::{
    Answer, Device, Fault, JobState, JobView, Order, PrinterState, PrinterView, Supports, Taken, Withdrawn,
};
use super::job::{Accepted, Begun, Condition, Queue, Task};
use chrono::TimeDelta;
use startline_foundation::config::PrinterConfig;
use startline_foundation::error::{Error, Result};
use startline_foundation::ids::PrintJobId;
use std::sync::{Arc, Mutex, MutexGuard};
use uuid::Uuid;

pub fn config(lines: &str) -> PrinterConfig {
    let text = format!("name = \"taunton-1\"\nsite = \"somerset\"\nuri = \"ipp://printer.example/x\"\n{lines}\n");
    toml::from_str(&text).unwrap()
}

pub fn task(pages: u32) -> Task {
    numbered(1, pages)
}

pub fn numbered(number: u128, pages: u32) -> Task {
    Task {
        id: PrintJobId(Uuid::from_u128(number)),
        attempt: 1,
        again: false,
        reference: format!("REF {number}"),
        kind: "claim".into(),
        post_class: "second".into(),
        first_page: 1,
        last_page: pages,
        pack_pages: pages,
        sha256: String::new(),
    }
}

pub fn view(name: &str, state: JobState) -> JobView {
    JobView {
        job_id: 1,
        uuid: None,
        name: name.to_owned(),
        state,
        reasons: Vec::new(),
        impressions: None,
        sheets: None,
        documents: None,
        message: String::new(),
    }
}

/// Where a job stands in the queue's books.
#[derive(Debug, Clone, PartialEq)]
pub enum Book {
    Queued,
    Leased,
    Begun(String, Option<Accepted>),
    Printed(Option<u32>),
    Uncertain(String),
}

#[derive(Default)]
pub struct Books {
    pub jobs: Vec<(Task, Book)>,
    pub notes: Vec<Condition>,
    pub said: Vec<String>,
    /// The next verb that is called by this name fails, as if the database were away.
    pub away_at: Option<&'static str>,
    /// A process that died keeps no lease.
    pub leases_ran_out: bool,
}

#[derive(Clone, Default)]
pub struct FakeQueue(Arc<Mutex<Books>>);

impl FakeQueue {
    pub fn with(tasks: impl IntoIterator<Item = Task>) -> Self {
        let queue = Self::default();
        queue.books().jobs = tasks.into_iter().map(|task| (task, Book::Queued)).collect();
        queue
    }

    pub fn books(&self) -> MutexGuard<'_, Books> {
        self.0.lock().unwrap()
    }

    pub fn states(&self) -> Vec<Book> {
        self.books().jobs.iter().map(|(_, book)| book.clone()).collect()
    }

    fn change(&self, verb: &'static str, task: &Task, change: impl FnOnce(&mut Task, &mut Book)) -> Result<()> {
        let mut books = self.books();
        if books.away_at == Some(verb) {
            books.away_at = None;
            return Err(Error::Unavailable("the database is away".into()));
        }
        let job = books.jobs.iter_mut().find(|(one, _)| one.id == task.id && one.attempt == task.attempt);
        let (task, book) = job.ok_or_else(|| Error::illegal("LEASE_LOST", "another has it"))?;
        change(task, book);
        books.said.push(verb.to_owned());
        Ok(())
    }
}

impl Queue for FakeQueue {
    async fn lease(&self, most: usize, _lease: TimeDelta) -> Result<Vec<Task>> {
        let mut books = self.books();
        let queued = books.jobs.iter_mut().filter(|(_, book)| *book == Book::Queued);
        let taken = queued.take(most).map(|(task, book)| {
            *book = Book::Leased;
            task.clone()
        });
        Ok(taken.collect())
    }

    async fn extend(&self, task: &Task, _lease: TimeDelta) -> Result<()> {
        self.change("extend", task, |_, _| {})
    }

    async fn pdf(&self, task: &Task) -> Result<Vec<u8>> {
        Ok(task.reference.clone().into_bytes())
    }

    async fn begin(&self, task: &Task, job_name: &str) -> Result<()> {
        self.change("begin", task, |_, book| *book = Book::Begun(job_name.to_owned(), None))
    }

    async fn accepted(&self, task: &Task, accepted: &Accepted) -> Result<()> {
        self.change("accepted", task, |task, book| *book = Book::Begun(task.job_name(), Some(accepted.clone())))
    }

    async fn printed(&self, task: &Task, pages: Option<u32>) -> Result<()> {
        self.change("printed", task, |_, book| *book = Book::Printed(pages))
    }

    async fn spoiled(&self, task: &Task, _reason: &str, _pages: Option<u32>) -> Result<()> {
        self.change("spoiled", task, |task, book| {
            task.id = PrintJobId(Uuid::from_u128(task.id.0.as_u128() + 1000));
            task.again = true;
            *book = Book::Queued;
        })
    }

    async fn give_back(&self, task: &Task, _reason: &str) -> Result<()> {
        self.change("give_back", task, |task, book| {
            task.attempt += 1;
            *book = Book::Queued;
        })
    }

    async fn uncertain(&self, task: &Task, reason: &str) -> Result<()> {
        self.change("uncertain", task, |_, book| {
            assert!(matches!(book, Book::Begun(..)), "only what was begun can be uncertain");
            *book = Book::Uncertain(reason.to_owned());
        })
    }

    async fn under_way(&self) -> Result<Vec<Begun>> {
        let mut books = self.books();
        if !std::mem::take(&mut books.leases_ran_out) {
            return Ok(Vec::new());
        }
        let begun = books.jobs.iter().filter_map(|(task, book)| match book {
            Book::Begun(job_name, accepted) => {
                Some(Begun { task: task.clone(), job_name: job_name.clone(), accepted: accepted.clone() })
            }
            _ => None,
        });
        Ok(begun.collect())
    }

    async fn note(&self, condition: &Condition) -> Result<()> {
        self.books().notes.push(condition.clone());
        Ok(())
    }
}

/// A printer whose every word a test decides.
#[derive(Clone)]
pub struct FakePrinter(Arc<Mutex<Inside>>);

pub struct Inside {
    pub printer: PrinterView,
    pub answers: bool,
    pub jobs: Vec<JobView>,
    /// The documents that arrived, by the job's name.
    pub arrived: Vec<(String, Vec<u8>)>,
    pub refuses: Option<Fault>,
    /// It takes a job only when it has no other.
    pub one_at_a_time: bool,
    /// It takes a document and its answer is lost.
    pub loses_answers: bool,
    pub ignores: Vec<String>,
}

impl FakePrinter {
    pub fn new() -> Self {
        let words = |all: &[&str]| all.iter().map(|word| (*word).to_owned()).collect();
        let supports = Supports {
            two_steps: true,
            pdf: true,
            sides: words(&["one-sided", "two-sided-long-edge"]),
            media: words(&["iso_a4_210x297mm"]),
            trays: Vec::new(),
            most_copies: 9,
            page_ranges: true,
        };
        let printer = PrinterView { state: PrinterState::Idle, reasons: Vec::new(), accepting: true, supports };
        let (jobs, arrived, ignores) = (Vec::new(), Vec::new(), Vec::new());
        let inside = Inside {
            printer,
            answers: true,
            jobs,
            arrived,
            refuses: None,
            one_at_a_time: false,
            loses_answers: false,
            ignores,
        };
        Self(Arc::new(Mutex::new(inside)))
    }

    pub fn inside(&self) -> MutexGuard<'_, Inside> {
        self.0.lock().unwrap()
    }

    /// The job with this number goes on.
    pub fn job_is(&self, job_id: i32, change: impl FnOnce(&mut JobView)) {
        change(self.inside().jobs.iter_mut().find(|job| job.job_id == job_id).unwrap());
    }

    fn answering(&self) -> Answer<MutexGuard<'_, Inside>> {
        let inside = self.inside();
        if inside.answers { Ok(inside) } else { Err(Fault::NoAnswer("unplugged".into())) }
    }

    fn new_job(&self, order: &Order) -> Answer<Taken> {
        let mut inside = self.answering()?;
        if let Some(fault) = &inside.refuses {
            return Err(fault.clone());
        }
        let done = [JobState::Completed, JobState::Aborted, JobState::Cancelled];
        if inside.one_at_a_time && inside.jobs.iter().any(|job| !done.contains(&job.state)) {
            return Err(Fault::Busy("printing another job".into()));
        }
        let job_id = i32::try_from(inside.jobs.len()).unwrap() + 1;
        let uuid = Some(format!("urn:uuid:{job_id}"));
        let reasons = vec!["job-incoming".to_owned()];
        let held = view(&order.job_name, JobState::Held);
        inside.jobs.push(JobView { job_id, uuid: uuid.clone(), reasons, documents: Some(0), ..held });
        Ok(Taken { accepted: Accepted { job_id, job_uuid: uuid }, ignored: inside.ignores.clone() })
    }

    fn document(&self, order: &Order, job_id: i32) -> Answer<()> {
        let mut inside = self.answering()?;
        inside.arrived.push((order.job_name.clone(), order.pdf.to_vec()));
        let job = inside.jobs.iter_mut().find(|job| job.job_id == job_id).ok_or(Fault::NotThere)?;
        (job.state, job.documents) = (JobState::Processing, Some(1));
        job.reasons.clear();
        if inside.loses_answers { Err(Fault::NoAnswer("the line broke".into())) } else { Ok(()) }
    }
}

impl Device for FakePrinter {
    async fn look(&self) -> Answer<PrinterView> {
        Ok(self.answering()?.printer.clone())
    }

    async fn create(&self, order: &Order) -> Answer<Taken> {
        self.new_job(order)
    }

    async fn send(&self, order: &Order, accepted: &Accepted) -> Answer<()> {
        self.document(order, accepted.job_id)
    }

    async fn print(&self, order: &Order) -> Answer<Taken> {
        let taken = self.new_job(order)?;
        self.document(order, taken.accepted.job_id)?;
        Ok(taken)
    }

    async fn job(&self, accepted: &Accepted) -> Answer<JobView> {
        let inside = self.answering()?;
        inside.jobs.iter().find(|job| job.job_id == accepted.job_id).cloned().ok_or(Fault::NotThere)
    }

    async fn find(&self, job_name: &str) -> Answer<JobView> {
        let inside = self.answering()?;
        inside.jobs.iter().find(|job| job.name == job_name).cloned().ok_or(Fault::NotThere)
    }

    async fn withdraw(&self, job: &JobView) -> Answer<Withdrawn> {
        drop(self.answering()?);
        self.job_is(job.job_id, |job| job.state = JobState::Cancelled);
        Ok(Withdrawn::Asked)
    }

    async fn settled(&self, _job_name: &str) {}
}
