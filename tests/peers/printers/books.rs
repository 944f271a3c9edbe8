//! The queue's books, in memory: what a worker wrote into them outlives it, as a database does.

use chrono::TimeDelta;
use startline::error::{Error, Result};
use startline::ids::PrintJobId;
use startline::printers::{Accepted, Begun, Condition, Queue, Task};
use std::sync::{Arc, Mutex, MutexGuard};
use uuid::Uuid;

#[derive(Debug, Clone, PartialEq)]
pub enum State {
    Queued,
    Leased,
    Begun(Option<Accepted>),
    Printed(Option<u32>),
    /// Another job stands for it.
    Spoiled(String),
    Uncertain(String),
}

#[derive(Debug, Clone)]
pub struct Line {
    pub task: Task,
    pub state: State,
}

#[derive(Default)]
struct Inside {
    lines: Vec<Line>,
    notes: Vec<Condition>,
}

#[derive(Clone, Default)]
pub struct Books(Arc<Mutex<Inside>>);

impl Books {
    /// With so many packs of so many pages each.
    pub fn with(packs: usize, pages: u32) -> Self {
        let books = Self::default();
        for number in 1..=packs {
            books.queue(task(u128::try_from(number).expect("it is small"), pages));
        }
        books
    }

    pub fn queue(&self, task: Task) {
        self.inside().lines.push(Line { task, state: State::Queued });
    }

    fn inside(&self) -> MutexGuard<'_, Inside> {
        self.0.lock().expect("nobody panics over the books")
    }

    /// What a dead worker had taken and not begun is anybody's again.
    pub fn leases_run_out(&self) {
        for line in self.inside().lines.iter_mut().filter(|line| line.state == State::Leased) {
            line.state = State::Queued;
        }
    }

    pub fn lines(&self) -> Vec<Line> {
        self.inside().lines.clone()
    }

    pub fn states(&self) -> Vec<State> {
        self.lines().into_iter().map(|line| line.state).collect()
    }

    pub fn notes(&self) -> Vec<Condition> {
        self.inside().notes.clone()
    }

    fn change(&self, task: &Task, change: impl FnOnce(&mut Line)) -> Result<()> {
        let mut inside = self.inside();
        let line = inside.lines.iter_mut().find(|line| line.task.id == task.id && line.task.attempt == task.attempt);
        let line = line.filter(|line| matches!(line.state, State::Leased | State::Begun(_)));
        change(line.ok_or(Error::Illegal { reason: "LEASE_LOST", message: "another has it".into() })?);
        Ok(())
    }
}

pub fn task(number: u128, pages: u32) -> Task {
    Task {
        id: PrintJobId(Uuid::from_u128(number)),
        attempt: 0,
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

impl Queue for Books {
    async fn lease(&self, most: usize, _lease: TimeDelta) -> Result<Vec<Task>> {
        let mut inside = self.inside();
        let mut queued: Vec<&mut Line> = inside.lines.iter_mut().filter(|line| line.state == State::Queued).collect();
        queued.sort_by_key(|line| !line.task.again);
        let taken = queued.into_iter().take(most).map(|line| {
            line.state = State::Leased;
            line.task.attempt += 1;
            line.task.clone()
        });
        Ok(taken.collect())
    }

    async fn extend(&self, task: &Task, _lease: TimeDelta) -> Result<()> {
        self.change(task, |_| {})
    }

    /// Each pack's own: its number stands in it.
    async fn pdf(&self, task: &Task) -> Result<Vec<u8>> {
        Ok(pdf(&task.reference, task.pack_pages))
    }

    async fn begin(&self, task: &Task, _job_name: &str) -> Result<()> {
        self.change(task, |line| line.state = State::Begun(None))
    }

    async fn accepted(&self, task: &Task, accepted: &Accepted) -> Result<()> {
        self.change(task, |line| line.state = State::Begun(Some(accepted.clone())))
    }

    async fn printed(&self, task: &Task, pages: Option<u32>) -> Result<()> {
        self.change(task, |line| line.state = State::Printed(pages))
    }

    async fn spoiled(&self, task: &Task, reason: &str, _pages: Option<u32>) -> Result<()> {
        self.change(task, |line| line.state = State::Spoiled(reason.to_owned()))?;
        let again = PrintJobId(Uuid::from_u128(task.id.0.as_u128() + 1000));
        self.queue(Task { id: again, attempt: 0, again: true, ..task.clone() });
        Ok(())
    }

    async fn give_back(&self, task: &Task, _reason: &str) -> Result<()> {
        self.change(task, |line| line.state = State::Queued)
    }

    async fn uncertain(&self, task: &Task, reason: &str) -> Result<()> {
        self.change(task, |line| line.state = State::Uncertain(reason.to_owned()))
    }

    /// Whoever asks is alone: the one before is dead.
    async fn under_way(&self) -> Result<Vec<Begun>> {
        let inside = self.inside();
        let begun = inside.lines.iter().filter_map(|line| match &line.state {
            State::Begun(accepted) => {
                let (task, job_name) = (line.task.clone(), line.task.job_name());
                Some(Begun { task, job_name, accepted: accepted.clone() })
            }
            _ => None,
        });
        Ok(begun.collect())
    }

    async fn note(&self, condition: &Condition) -> Result<()> {
        self.inside().notes.push(condition.clone());
        Ok(())
    }
}

/// A PDF of empty pages with a title.
pub fn pdf(title: &str, pages: u32) -> Vec<u8> {
    let first_page = 4;
    let kids: Vec<String> = (0..pages).map(|page| format!("{} 0 R", first_page + page)).collect();
    let mut objects = vec![
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        format!("<< /Type /Pages /Kids [{}] /Count {pages} >>", kids.join(" ")),
        format!("<< /Title ({title}) >>"),
    ];
    objects.extend((0..pages).map(|_| "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] >>".to_owned()));
    let mut text = "%PDF-1.4\n".to_owned();
    let mut places = Vec::new();
    for (number, object) in (1..).zip(&objects) {
        places.push(text.len());
        text.push_str(&format!("{number} 0 obj\n{object}\nendobj\n"));
    }
    let (table, size) = (text.len(), objects.len() + 1);
    text.push_str(&format!("xref\n0 {size}\n0000000000 65535 f \n"));
    for place in places {
        text.push_str(&format!("{place:010} 00000 n \n"));
    }
    text.push_str(&format!("trailer << /Size {size} /Root 1 0 R /Info 3 0 R >>\nstartxref\n{table}\n%%EOF\n"));
    text.into_bytes()
}
