//! The worker against a queue and a printer in memory, step by step.

use super::device::{Fault, JobState, PrinterState};
use super::fakes::{Book, FakePrinter, FakeQueue, config, numbered, task};
use super::job::{ConditionState, Task};
use super::worker::Worker;
use chrono::TimeDelta;
use startline_foundation::clock::{Clock, ClockHand};

struct Room {
    queue: FakeQueue,
    printer: FakePrinter,
    clock: Clock,
    hand: ClockHand,
    lines: &'static str,
}

type OurWorker = Worker<FakeQueue, FakePrinter>;

impl Room {
    fn with(tasks: impl IntoIterator<Item = Task>) -> Self {
        let (clock, hand) = Clock::manual("2026-03-04T15:00:00Z".parse().unwrap());
        Self { queue: FakeQueue::with(tasks), printer: FakePrinter::new(), clock, hand, lines: "" }
    }

    /// A new process.
    fn worker(&self) -> OurWorker {
        self.queue.books().leases_ran_out = true;
        Worker::new(self.queue.clone().into(), self.printer.clone().into(), config(self.lines), self.clock.clone())
    }

    fn wait(&self, seconds: i64) {
        self.hand.move_to(self.hand.now() + TimeDelta::seconds(seconds));
    }

    fn only_state(&self) -> Book {
        let [state] = self.queue.states().try_into().unwrap();
        state
    }

    fn arrived(&self) -> Vec<String> {
        self.printer.inside().arrived.iter().map(|(name, _)| name.clone()).collect()
    }

    fn shown(&self) -> (ConditionState, Vec<String>) {
        let books = self.queue.books();
        let last = books.notes.last().unwrap();
        (last.state, last.reasons.clone())
    }

    /// Lets the task that sends the document have its turn.
    async fn step(&self, worker: &mut OurWorker) {
        worker.step().await;
        for _ in 0..10 {
            tokio::task::yield_now().await;
        }
    }

    fn finishes(&self, job_id: i32, impressions: Option<u32>) {
        self.printer.job_is(job_id, |job| (job.state, job.impressions) = (JobState::Completed, impressions));
    }
}

fn uncertain(book: &Book) -> &str {
    match book {
        Book::Uncertain(reason) => reason,
        other => panic!("{other:?} is not uncertain"),
    }
}

#[tokio::test]
async fn a_pack_is_printed_once_and_reported_with_its_pages() {
    let room = Room::with([task(4)]);
    let mut worker = room.worker();
    room.step(&mut worker).await;
    assert_eq!(room.arrived(), [task(4).job_name()]);
    assert_eq!(room.queue.books().said, ["extend", "begin", "accepted"], "all of it before the document");
    room.step(&mut worker).await;
    assert!(matches!(room.only_state(), Book::Begun(..)));
    room.finishes(1, Some(4));
    room.step(&mut worker).await;
    assert_eq!(room.only_state(), Book::Printed(Some(4)));
    room.step(&mut worker).await;
    assert_eq!(room.arrived().len(), 1);
    assert_eq!(room.shown().0, ConditionState::Idle);
}

#[tokio::test]
async fn a_document_is_never_sent_before_the_printers_number_is_on_record() {
    let room = Room::with([task(4)]);
    let mut worker = room.worker();
    room.queue.books().away_at = Some("accepted");
    room.step(&mut worker).await;
    assert_eq!(room.arrived(), Vec::<String>::new());
    // The job at the printer is withdrawn and begun again.
    for _ in 0..4 {
        room.step(&mut worker).await;
    }
    assert_eq!(room.printer.inside().jobs[0].state, JobState::Cancelled);
    assert_eq!(room.arrived(), [Task { attempt: 2, ..task(4) }.job_name()]);
}

#[tokio::test]
async fn nothing_reaches_the_printer_when_the_intent_cannot_be_written_down() {
    let room = Room::with([task(4)]);
    let mut worker = room.worker();
    room.queue.books().away_at = Some("begin");
    room.step(&mut worker).await;
    assert_eq!((room.arrived().len(), room.printer.inside().jobs.len()), (0, 0));
}

#[tokio::test]
async fn a_report_waits_for_the_database_and_the_pack_is_not_printed_again() {
    let room = Room::with([task(4)]);
    let mut worker = room.worker();
    room.step(&mut worker).await;
    room.finishes(1, Some(4));
    room.queue.books().away_at = Some("printed");
    room.step(&mut worker).await;
    assert!(matches!(room.only_state(), Book::Begun(..)));
    // Even when the printer is unplugged meanwhile.
    room.printer.inside().answers = false;
    room.step(&mut worker).await;
    assert_eq!((room.only_state(), room.arrived().len()), (Book::Printed(Some(4)), 1));
}

#[tokio::test]
async fn a_process_that_died_after_the_intent_leaves_a_job_that_is_begun_again() {
    let room = Room::with([task(4)]);
    room.queue.books().jobs[0].1 = Book::Begun(task(4).job_name(), None);
    let mut worker = room.worker();
    room.step(&mut worker).await;
    assert_eq!(room.arrived(), [Task { attempt: 2, ..task(4) }.job_name()]);
}

#[tokio::test]
async fn a_process_that_died_while_printing_is_followed_by_one_that_finds_its_job() {
    let room = Room::with([task(4)]);
    let mut first = room.worker();
    room.step(&mut first).await;
    drop(first);
    let mut second = room.worker();
    room.step(&mut second).await;
    room.finishes(1, None);
    room.step(&mut second).await;
    assert_eq!((room.only_state(), room.arrived().len()), (Book::Printed(None), 1));
}

#[tokio::test]
async fn a_number_that_another_job_has_now_is_not_taken_for_ours() {
    let room = Room::with([task(4)]);
    let mut first = room.worker();
    room.step(&mut first).await;
    drop(first);
    // The printer was restarted: it counts from 1 again, and does not remember ours.
    room.printer.job_is(1, |job| (job.name, job.uuid) = ("holiday photos".into(), Some("urn:uuid:other".into())));
    room.finishes(1, Some(4));
    let mut second = room.worker();
    room.step(&mut second).await;
    assert!(uncertain(&room.only_state()).contains("does not remember"));
    assert_eq!(room.arrived().len(), 1);
}

#[tokio::test]
async fn a_job_of_our_name_and_another_uuid_is_not_ours() {
    let room = Room::with([task(4)]);
    let mut first = room.worker();
    room.step(&mut first).await;
    room.printer.job_is(1, |job| job.uuid = Some("urn:uuid:other".into()));
    room.finishes(1, Some(4));
    room.step(&mut first).await;
    assert!(uncertain(&room.only_state()).contains("does not remember"));
}

#[tokio::test]
async fn a_job_that_moved_to_another_number_is_found_by_its_name() {
    let room = Room::with([task(4)]);
    let mut worker = room.worker();
    room.step(&mut worker).await;
    room.printer.job_is(1, |job| job.job_id = 9);
    room.finishes(9, Some(4));
    room.step(&mut worker).await;
    assert_eq!(room.only_state(), Book::Printed(Some(4)));
}

#[tokio::test]
async fn a_job_that_vanishes_goes_to_a_person() {
    let room = Room::with([task(4)]);
    let mut worker = room.worker();
    room.step(&mut worker).await;
    room.printer.inside().jobs.clear();
    room.step(&mut worker).await;
    room.step(&mut worker).await;
    assert!(uncertain(&room.only_state()).contains("look in the tray"));
    assert_eq!(room.arrived().len(), 1);
}

#[tokio::test]
async fn an_answer_that_is_lost_after_the_document_does_not_send_it_again() {
    let room = Room::with([task(4)]);
    room.printer.inside().loses_answers = true;
    let mut worker = room.worker();
    room.step(&mut worker).await;
    room.step(&mut worker).await;
    room.finishes(1, Some(4));
    room.step(&mut worker).await;
    assert_eq!((room.only_state(), room.arrived().len()), (Book::Printed(Some(4)), 1));
}

#[tokio::test]
async fn a_printer_that_says_it_is_done_with_fewer_pages_is_not_believed() {
    let room = Room::with([task(4), numbered(2, 4)]);
    let mut worker = room.worker();
    room.step(&mut worker).await;
    room.finishes(1, Some(4));
    // It counts, as one knows by now: so zero is a count.
    room.step(&mut worker).await;
    room.finishes(2, Some(0));
    room.step(&mut worker).await;
    let states = room.queue.states();
    assert_eq!(states[0], Book::Printed(Some(4)));
    assert!(uncertain(&states[1]).contains("counted 0 of 4"));
}

#[tokio::test]
async fn a_printer_out_of_paper_is_shown_and_gets_no_more_work_until_it_has_some() {
    let room = Room { lines: "jobs_at_a_time = 1", ..Room::with([task(4), numbered(2, 4)]) };
    let mut worker = room.worker();
    room.step(&mut worker).await;
    let stop = |stopped: bool| {
        let mut inside = room.printer.inside();
        inside.printer.state = if stopped { PrinterState::Stopped } else { PrinterState::Processing };
        inside.printer.reasons = if stopped { vec!["media-empty-error".into()] } else { Vec::new() };
    };
    stop(true);
    room.step(&mut worker).await;
    assert_eq!(room.shown(), (ConditionState::Stopped, vec!["media-empty-error".to_owned()]));
    room.finishes(1, Some(4));
    room.step(&mut worker).await;
    assert_eq!(room.queue.states(), [Book::Printed(Some(4)), Book::Queued]);
    stop(false);
    room.step(&mut worker).await;
    assert_eq!(room.arrived().len(), 2);
}

#[tokio::test]
async fn a_job_that_stalls_is_shown_and_never_taken_for_printed() {
    let room = Room { lines: "stall_after_s = 60", ..Room::with([task(4)]) };
    let mut worker = room.worker();
    room.step(&mut worker).await;
    room.step(&mut worker).await;
    room.wait(3600);
    room.step(&mut worker).await;
    assert_eq!(room.shown(), (ConditionState::Stalled, vec!["REF 1 makes no progress".to_owned()]));
    assert!(matches!(room.only_state(), Book::Begun(..)));
    room.printer.job_is(1, |job| job.impressions = Some(2));
    room.step(&mut worker).await;
    assert_eq!(room.shown().0, ConditionState::Printing);
}

#[tokio::test]
async fn a_printer_that_is_gone_is_shown_and_its_jobs_wait_for_it() {
    let room = Room::with([task(4)]);
    let mut worker = room.worker();
    room.step(&mut worker).await;
    room.printer.inside().answers = false;
    for _ in 0..5 {
        room.step(&mut worker).await;
        room.wait(600);
    }
    assert_eq!(room.shown().0, ConditionState::Gone);
    assert!(matches!(room.only_state(), Book::Begun(..)));
    room.printer.inside().answers = true;
    room.finishes(1, Some(4));
    room.step(&mut worker).await;
    assert_eq!((room.only_state(), room.arrived().len()), (Book::Printed(Some(4)), 1));
}

#[tokio::test]
async fn a_printer_that_refuses_a_job_is_left_alone_for_a_while() {
    let room = Room { lines: "jobs_at_a_time = 5", ..Room::with((1..=5).map(|number| numbered(number, 4))) };
    room.printer.inside().refuses = Some(Fault::Refused("too hot".into()));
    let mut worker = room.worker();
    room.step(&mut worker).await;
    room.step(&mut worker).await;
    assert_eq!(room.shown(), (ConditionState::Stopped, vec!["refuses work: too hot".to_owned()]));
    assert_eq!(room.queue.states(), vec![Book::Queued; 5]);
    assert_eq!(room.queue.books().said.iter().filter(|verb| *verb == "begin").count(), 1);
    room.printer.inside().refuses = None;
    room.wait(61);
    room.step(&mut worker).await;
    assert_eq!(room.arrived().len(), 5);
}

#[tokio::test]
async fn a_printer_busy_with_other_work_is_shown_and_gets_the_pack_when_it_is_free() {
    let room = Room::with([task(4)]);
    room.printer.inside().refuses = Some(Fault::Busy("printing another job".into()));
    room.printer.inside().printer.state = PrinterState::Processing;
    let mut worker = room.worker();
    for _ in 0..3 {
        room.step(&mut worker).await;
    }
    assert_eq!(room.shown().0, ConditionState::Printing);
    assert_eq!(room.shown().1, ["busy with other work: printing another job"]);
    assert_eq!(room.queue.books().said.iter().filter(|verb| *verb == "begin").count(), 1, "it is not asked in vain");
    room.printer.inside().refuses = None;
    room.printer.inside().printer.state = PrinterState::Idle;
    room.step(&mut worker).await;
    assert_eq!(room.arrived(), [Task { attempt: 2, ..task(4) }.job_name()], "and no minute has passed");
    room.finishes(1, Some(4));
    room.step(&mut worker).await;
    assert_eq!(room.shown(), (ConditionState::Idle, Vec::new()));
}

#[tokio::test]
async fn a_printer_that_takes_one_job_at_a_time_gets_the_next_when_the_first_is_done() {
    for two_steps in [true, false] {
        let room = Room::with([numbered(1, 4), numbered(2, 4)]);
        room.printer.inside().one_at_a_time = true;
        room.printer.inside().printer.supports.two_steps = two_steps;
        let mut worker = room.worker();
        for _ in 0..5 {
            room.step(&mut worker).await;
        }
        assert_eq!(room.queue.books().said.iter().filter(|verb| *verb == "begin").count(), 2, "not asked in vain");
        assert_eq!(room.shown(), (ConditionState::Printing, Vec::new()), "busy with our own");
        room.finishes(1, Some(4));
        room.step(&mut worker).await;
        assert_eq!(room.arrived().len(), 2);
        room.step(&mut worker).await;
        room.finishes(2, Some(4));
        room.step(&mut worker).await;
        assert_eq!(room.queue.states(), vec![Book::Printed(Some(4)); 2]);
    }
}

#[tokio::test]
async fn a_job_that_breaks_off_again_and_again_is_shown_to_a_person() {
    let room = Room::with([task(4)]);
    let mut worker = room.worker();
    for job in 1..=2 {
        room.step(&mut worker).await;
        room.printer.job_is(job, |job| (job.state, job.impressions) = (JobState::Aborted, Some(1)));
        room.step(&mut worker).await;
    }
    room.step(&mut worker).await;
    assert!(uncertain(&room.only_state()).contains("not for the first time"));
    assert_eq!(room.arrived().len(), 2);
}

#[tokio::test]
async fn pages_that_a_printer_does_not_pick_out_are_not_printed_there() {
    let some = Task { first_page: 3, last_page: 4, ..task(20) };
    let room = Room::with([some.clone(), Task { id: numbered(2, 20).id, ..some }]);
    room.printer.inside().printer.supports.page_ranges = false;
    let mut worker = room.worker();
    room.step(&mut worker).await;
    let states = room.queue.states();
    assert!(states.iter().all(|state| uncertain(state).contains("pages 3 to 4")));
    assert_eq!((room.arrived().len(), room.printer.inside().jobs.len()), (0, 0));
}

#[tokio::test]
async fn a_printer_that_takes_a_page_range_and_will_not_heed_it_gets_no_document() {
    let room = Room::with([Task { first_page: 3, last_page: 4, ..task(20) }]);
    room.printer.inside().ignores = vec!["page-ranges".into()];
    let mut worker = room.worker();
    room.step(&mut worker).await;
    room.step(&mut worker).await;
    assert!(uncertain(&room.only_state()).contains("does not print single pages"));
    assert_eq!(room.arrived().len(), 0);
    assert_eq!(room.printer.inside().jobs[0].state, JobState::Cancelled);
}

#[tokio::test]
async fn a_document_that_is_not_the_one_that_was_composed_is_not_printed() {
    let room = Room::with([Task { sha256: "00".repeat(32), ..task(4) }]);
    let mut worker = room.worker();
    room.step(&mut worker).await;
    assert!(uncertain(&room.only_state()).contains("not the one that was composed"));
    assert_eq!(room.printer.inside().jobs.len(), 0);
}

#[tokio::test]
async fn a_printer_that_knows_one_step_only_is_given_the_benefit_of_no_doubt() {
    let room = Room::with([task(4)]);
    room.printer.inside().printer.supports.two_steps = false;
    let mut worker = room.worker();
    room.step(&mut worker).await;
    room.finishes(1, Some(4));
    room.step(&mut worker).await;
    assert_eq!(room.only_state(), Book::Printed(Some(4)));
    // Begun by a process that died, and not at the printer: its document may have been sent.
    let room = Room::with([task(4)]);
    room.printer.inside().printer.supports.two_steps = false;
    room.queue.books().jobs[0].1 = Book::Begun(task(4).job_name(), None);
    let mut worker = room.worker();
    room.step(&mut worker).await;
    assert!(uncertain(&room.only_state()).contains("does not remember"));
    assert_eq!(room.arrived().len(), 0);
}

#[tokio::test]
async fn a_job_that_somebody_else_has_now_is_let_go() {
    let room = Room { lines: "lease_s = 60", ..Room::with([task(4)]) };
    let mut worker = room.worker();
    room.step(&mut worker).await;
    room.queue.books().jobs[0].0.attempt = 7;
    room.wait(30);
    room.finishes(1, Some(4));
    room.step(&mut worker).await;
    assert!(matches!(room.only_state(), Book::Begun(..)), "the report of a lost lease is not made");
}
