//! What comes out of a real printer, and what the queue's books say of it.

use super::books::{Books, State, pdf, task};
use super::cups::Cups;
use super::gate::{self, Gate, Keeps};
use super::machine::Machine;
use crate::kamailio::programs::until;
use crate::output_of;
use sha2::{Digest, Sha256};
use startline::clock::Clock;
use startline::config::PrinterConfig;
use startline::printers::{Condition, ConditionState, Printer, Task};
use std::collections::BTreeMap;
use std::process::Command;
use std::time::Duration;
use tokio::runtime::{Builder, Runtime};
use tokio_util::sync::CancellationToken;

/// A worker in a runtime of its own, so that all of it can end at once, in the middle of whatever it does.
struct Worker(Runtime);

impl Worker {
    fn starts(books: &Books, uri: &str, lines: &str) -> Self {
        let text =
            format!("name = \"taunton-1\"\nsite = \"somerset\"\nuri = \"{uri}\"\npoll_ms = 50\nlease_s = 1\n{lines}\n");
        let config: PrinterConfig = toml::from_str(&text).unwrap();
        PrinterConfig::check_all(std::slice::from_ref(&config)).unwrap();
        let printer = Printer::open(&config).unwrap();
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        runtime.spawn(printer.work(books.clone(), config, Clock::system(), CancellationToken::new()));
        Self(runtime)
    }

    async fn killed(self) {
        let runtime = self.0;
        tokio::task::spawn_blocking(move || runtime.shutdown_timeout(Duration::from_secs(60))).await.unwrap();
    }
}

/// Until nothing is under way and nothing waits.
async fn all_settled(books: &Books) {
    until("every pack to be accounted for", async || {
        let open = |state: &State| matches!(state, State::Queued | State::Leased | State::Begun(_));
        (!books.states().iter().any(open)).then_some(())
    })
    .await;
}

async fn shown(books: &Books, what: &str, is: impl Fn(ConditionState, &[String]) -> bool) {
    until(what, async || books.notes().iter().any(|note| is(note.state, &note.reasons)).then_some(())).await;
}

/// How often each pack came out whole.
fn copies(machine: &Machine) -> BTreeMap<String, usize> {
    let mut copies = BTreeMap::new();
    for came_out in machine.tray() {
        let pack = came_out.job_name.rsplit_once(' ').unwrap().0.to_owned();
        *copies.entry(pack).or_default() += 1;
    }
    copies
}

fn copies_of(machine: &Machine, task: &Task) -> usize {
    copies(machine).get(&format!("startline {}", task.id)).copied().unwrap_or(0)
}

async fn every_page_is_accounted_for(machine: &Machine, uri: &str) {
    const PACKS: usize = 5;
    const PAGES: u32 = 7;
    let books = Books::with(PACKS, PAGES);
    let worker = Worker::starts(&books, uri, "");
    all_settled(&books).await;
    assert_eq!(books.states(), vec![State::Printed(Some(PAGES)); PACKS]);
    let tray = machine.tray();
    assert_eq!(tray.len(), PACKS);
    assert_eq!(machine.pages().len(), PACKS * usize::try_from(PAGES).unwrap(), "pages out are pages in");
    for (line, came_out) in books.lines().iter().zip(&tray) {
        assert_eq!(came_out.job_name, line.task.job_name(), "in the order of the queue");
        assert_eq!((came_out.pages, came_out.sides.as_str()), (PAGES, "two-sided-long-edge"));
        let document = Sha256::digest(pdf(&line.task.reference, PAGES));
        let hex: String = document.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(came_out.sha256, hex, "each is its own pack, byte for byte");
    }
    worker.killed().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_printer_prints_each_pack_once_and_every_page_is_accounted_for() {
    let machine = Machine::start().await;
    every_page_is_accounted_for(&machine, &machine.uri()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_queue_of_cups_prints_each_pack_once_and_every_page_is_accounted_for() {
    let machine = Machine::start().await;
    let cups = Cups::before(&machine.uri()).await;
    every_page_is_accounted_for(&machine, &cups.uri()).await;
}

async fn only_the_pages_asked_for(machine: &Machine, uri: &str) {
    let books = Books::default();
    books.queue(Task { first_page: 3, last_page: 4, ..task(1, 7) });
    let worker = Worker::starts(&books, uri, "");
    all_settled(&books).await;
    assert_eq!(books.states(), [State::Printed(Some(2))]);
    assert_eq!((machine.pages().len(), machine.tray()[0].pages), (2, 2));
    worker.killed().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_pages_that_were_asked_for_are_printed_again() {
    let machine = Machine::start().await;
    only_the_pages_asked_for(&machine, &machine.uri()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn cups_passes_on_which_pages_were_asked_for() {
    let machine = Machine::start().await;
    let cups = Cups::before(&machine.uri()).await;
    only_the_pages_asked_for(&machine, &cups.uri()).await;
}

async fn paper_runs_out(machine: &Machine, uri: &str) {
    machine.pull("no-paper");
    let books = Books::with(2, 3);
    let worker = Worker::starts(&books, uri, "stall_after_s = 1");
    let empty = |reasons: &[String]| reasons.iter().any(|reason| reason.starts_with("media-empty"));
    shown(&books, "the print room to hear of the paper", |_, reasons| empty(reasons)).await;
    // Nobody waits in vain without knowing for which pack.
    let stalls = |reasons: &[String]| reasons.contains(&"REF 1 makes no progress".to_owned());
    shown(&books, "the print room to hear that it stalls", |state, reasons| {
        state == ConditionState::Stalled && stalls(reasons)
    })
    .await;
    assert!(!books.states().iter().any(|state| matches!(state, State::Printed(_))), "nothing is guessed");
    assert_eq!(machine.pages().len(), 0);
    machine.push_back("no-paper");
    all_settled(&books).await;
    assert_eq!(books.states(), [State::Printed(Some(3)), State::Printed(Some(3))]);
    assert_eq!((machine.tray().len(), machine.pages().len()), (2, 6));
    // A queue without a driver goes on saying what it cannot do.
    let well = |note: &Condition| note.state == ConditionState::Idle && !empty(&note.reasons);
    let idle = async || books.notes().last().is_some_and(well).then_some(());
    until("the print room to hear that all is well", idle).await;
    worker.killed().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_printer_that_is_out_of_paper_is_shown_and_goes_on_when_it_is_refilled() {
    let machine = Machine::start().await;
    paper_runs_out(&machine, &machine.uri()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn that_a_printer_behind_cups_is_out_of_paper_is_shown_too() {
    let machine = Machine::start().await;
    let cups = Cups::before(&machine.uri()).await;
    paper_runs_out(&machine, &cups.uri()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pack_in_a_printer_whose_plug_is_pulled_goes_to_a_person_and_the_others_are_printed() {
    let mut machine = Machine::start().await;
    machine.pull("waits-after-1");
    let books = Books::with(3, 3);
    let worker = Worker::starts(&books, &machine.uri(), "jobs_at_a_time = 1");
    until("the first page", async || (machine.pages().len() == 1).then_some(())).await;
    machine.pull_the_plug();
    shown(&books, "the print room to hear that it is gone", |state, _| state == ConditionState::Gone).await;
    machine.push_back("waits-after-1");
    machine.switch_on().await;
    all_settled(&books).await;
    let states = books.states();
    assert!(matches!(&states[0], State::Uncertain(reason) if reason.contains("look in the tray")), "{states:?}");
    assert_eq!(states[1..], [State::Printed(Some(3)), State::Printed(Some(3))]);
    assert_eq!(copies_of(&machine, &task(1, 3)), 0, "one page of it lies there, and nobody printed it again");
    assert_eq!((machine.pages().len(), machine.tray().len()), (1 + 6, 2));
    worker.killed().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pack_that_the_printer_breaks_off_is_waste_and_another_is_printed_first() {
    let machine = Machine::start().await;
    machine.pull("waits-after-1");
    let books = Books::with(2, 3);
    let worker = Worker::starts(&books, &machine.uri(), "jobs_at_a_time = 1");
    until("the first page", async || (machine.pages().len() == 1).then_some(())).await;
    machine.pull("jams");
    machine.push_back("waits-after-1");
    all_settled(&books).await;
    let states = books.states();
    assert!(matches!(&states[0], State::Spoiled(reason) if reason.contains("1 of 3 pages")), "{states:?}");
    assert_eq!(states[1..], [State::Printed(Some(3)), State::Printed(Some(3))]);
    let names: Vec<String> = machine.tray().into_iter().map(|came_out| came_out.job_name).collect();
    let lines = books.lines();
    assert_eq!(names, [lines[2].task.job_name(), lines[1].task.job_name()], "what stands for it comes first");
    assert_eq!(machine.pages().len(), 1 + 6);
    worker.killed().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pack_that_somebody_cancels_at_the_queue_is_not_printed_again_by_itself() {
    let machine = Machine::start().await;
    let cups = Cups::before(&machine.uri()).await;
    machine.pull("waits-after-1");
    let books = Books::with(1, 3);
    let worker = Worker::starts(&books, &cups.uri(), "");
    until("the first page", async || (machine.pages().len() == 1).then_some(())).await;
    let mut cancel = Command::new("cancel");
    cancel.args(["-h", &cups.address(), "-a", "packs"]);
    output_of(cancel);
    all_settled(&books).await;
    let states = books.states();
    assert!(
        matches!(&states[0], State::Uncertain(reason) if reason.contains("cancelled at the printer")),
        "{states:?}"
    );
    assert_eq!(copies_of(&machine, &task(1, 3)), 0);
    worker.killed().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_printer_that_says_it_is_done_and_has_counted_nothing_is_not_believed() {
    let machine = Machine::start().await;
    let books = Books::with(1, 3);
    let worker = Worker::starts(&books, &machine.uri(), "");
    all_settled(&books).await;
    machine.pull("counts-nothing");
    books.queue(task(2, 3));
    all_settled(&books).await;
    let states = books.states();
    assert_eq!(states[0], State::Printed(Some(3)));
    assert!(matches!(&states[1], State::Uncertain(reason) if reason.contains("counted 0 of 3")), "{states:?}");
    worker.killed().await;
}

/// Each moment at which a worker can die, as the printer sees it.
const STEPS: [Keeps; 7] = [
    Keeps::Request(gate::GET_PRINTER),
    Keeps::Request(gate::CREATE_JOB),
    Keeps::Answer(gate::CREATE_JOB),
    Keeps::Request(gate::GET_JOB),
    Keeps::Request(gate::SEND_DOCUMENT),
    Keeps::Answer(gate::SEND_DOCUMENT),
    Keeps::DoneAnswer,
];

async fn killed_at_each_step(machine: &Machine, gate: &Gate, path: &str) {
    let uri = format!("ipp://localhost:{}{path}", gate.port);
    let books = Books::default();
    for (number, step) in (1..).zip(STEPS) {
        books.queue(task(2 * number, 3));
        books.queue(task(2 * number + 1, 3));
        gate.keep(step);
        let worker = Worker::starts(&books, &uri, "");
        gate.has_kept().await;
        worker.killed().await;
        books.leases_run_out();
        let worker = Worker::starts(&books, &uri, "");
        all_settled(&books).await;
        worker.killed().await;
        assert!(books.states().iter().all(|state| *state == State::Printed(Some(3))), "{step:?}: {:?}", books.states());
        assert!(copies(machine).values().all(|copies| *copies == 1), "{step:?}: {:?}", machine.tray());
    }
    assert_eq!((machine.tray().len(), machine.pages().len()), (2 * STEPS.len(), 6 * STEPS.len()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_killed_at_each_step_prints_every_pack_exactly_once() {
    let machine = Machine::start().await;
    let gate = Gate::before(machine.port).await;
    killed_at_each_step(&machine, &gate, "/ipp/print").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_killed_at_each_step_before_cups_prints_every_pack_exactly_once() {
    let machine = Machine::start().await;
    let cups = Cups::before(&machine.uri()).await;
    let gate = Gate::before(cups.port).await;
    killed_at_each_step(&machine, &gate, "/printers/packs").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn when_worker_and_printer_both_die_the_pack_is_never_printed_twice() {
    for step in [Keeps::Request(gate::SEND_DOCUMENT), Keeps::Answer(gate::SEND_DOCUMENT), Keeps::DoneAnswer] {
        let mut machine = Machine::start().await;
        let gate = Gate::before(machine.port).await;
        let uri = format!("ipp://localhost:{}/ipp/print", gate.port);
        let books = Books::with(1, 3);
        gate.keep(step);
        let worker = Worker::starts(&books, &uri, "");
        gate.has_kept().await;
        worker.killed().await;
        machine.pull_the_plug();
        machine.switch_on().await;
        let worker = Worker::starts(&books, &uri, "");
        all_settled(&books).await;
        assert!(matches!(&books.states()[0], State::Uncertain(_)), "{step:?}: {:?}", books.states());
        assert!(machine.tray().len() <= 1, "{step:?}: {:?}", machine.tray());
        worker.killed().await;
    }
}
