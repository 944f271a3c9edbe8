//! The folder, with a print system of another make that the test plays.

use super::device::{Device, JobState};
use super::fakes::{Book, FakeQueue, config, numbered, task};
use super::folder::Folder;
use super::job::{ConditionState, Task};
use super::worker::Worker;
use serde_json::Value as Json;
use startline_foundation::clock::Clock;
use startline_foundation::config::PrinterConfig;
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

struct Office {
    queue: FakeQueue,
    folder: TempDir,
    config: PrinterConfig,
}

impl Office {
    fn with(task: Task) -> Self {
        let config = PrinterConfig { uri: None, ..config("tray = \"tray-2\"") };
        Self { queue: FakeQueue::with([task]), folder: TempDir::new().unwrap(), config }
    }

    fn device(&self) -> Folder {
        Folder::open(self.folder.path(), "somerset", &self.config).unwrap()
    }

    fn worker(&self) -> Worker<FakeQueue, Folder> {
        self.queue.books().leases_ran_out = true;
        let (clock, _) = Clock::manual("2026-03-04T15:00:00Z".parse().unwrap());
        Worker::new(self.queue.clone().into(), self.device().into(), self.config.clone(), clock)
    }

    fn place(&self, place: &str) -> PathBuf {
        self.folder.path().join("somerset").join(place)
    }

    fn files(&self, place: &str) -> Vec<String> {
        let entries = fs::read_dir(self.place(place)).unwrap();
        let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    /// As the other system does it: the ticket moves.
    fn moves(&self, job: &str, from: &str, to: &str) {
        let ticket = format!("{job}.json");
        fs::rename(self.place(from).join(&ticket), self.place(to).join(&ticket)).unwrap();
    }

    fn state(&self) -> Book {
        self.queue.states().remove(0)
    }
}

fn name_of(task: &Task) -> String {
    format!("{}-{}", task.id, task.attempt)
}

/// Until the task that hands the job over has had its turn at the disk.
async fn handed_over(office: &Office, worker: &mut Worker<FakeQueue, Folder>, job: &str) {
    let ticket = office.place("incoming").join(format!("{job}.json"));
    let deadline = std::time::Duration::from_secs(60);
    let appears = async {
        while !ticket.exists() {
            worker.step().await;
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(deadline, appears).await.expect("the job is handed over");
    // The worker hears of it.
    worker.step().await;
}

#[tokio::test]
async fn a_job_lies_in_the_folder_whole_with_its_ticket_and_is_reported_when_it_is_printed() {
    let office = Office::with(task(4));
    let (mut worker, job) = (office.worker(), name_of(&task(4)));
    handed_over(&office, &mut worker, &job).await;
    assert_eq!(office.files("incoming"), [format!("{job}.json"), format!("{job}.pdf")]);
    let ticket: Json =
        serde_json::from_slice(&fs::read(office.place("incoming").join(format!("{job}.json"))).unwrap()).unwrap();
    assert_eq!((&ticket["reference"], &ticket["tray"]), (&"REF 1".into(), &"tray-2".into()));
    assert_eq!((&ticket["pages"]["last"], &ticket["document"]), (&4.into(), &format!("{job}.pdf").into()));
    assert_eq!(fs::read(office.place("incoming").join(format!("{job}.pdf"))).unwrap(), b"REF 1");

    office.moves(&job, "incoming", "printing");
    worker.step().await;
    assert!(matches!(office.state(), Book::Begun(..)));
    office.moves(&job, "printing", "printed");
    worker.step().await;
    assert_eq!(office.state(), Book::Printed(None));
    for place in ["incoming", "printing", "printed", "failed"] {
        assert_eq!(office.files(place), Vec::<String>::new(), "{place}: a letter is nobody's to find");
    }
}

#[tokio::test]
async fn a_job_that_failed_is_queued_again_with_the_reason_that_was_given() {
    let office = Office::with(task(4));
    let (mut worker, job) = (office.worker(), name_of(&task(4)));
    handed_over(&office, &mut worker, &job).await;
    fs::write(office.place("failed").join(format!("{job}.reason")), "out of envelopes\n").unwrap();
    office.moves(&job, "incoming", "failed");
    let view = office.device().find(&task(4).job_name()).await.unwrap();
    assert_eq!((view.state, view.message.as_str()), (JobState::Aborted, "out of envelopes"));
    worker.step().await;
    let again = name_of(&Task { id: numbered(1001, 4).id, ..task(4) });
    handed_over(&office, &mut worker, &again).await;
    assert_eq!(office.files("incoming"), [format!("{again}.json"), format!("{again}.pdf")]);
}

#[tokio::test]
async fn a_ticket_that_says_too_few_pages_goes_to_a_person() {
    let office = Office::with(task(4));
    let (mut worker, job) = (office.worker(), name_of(&task(4)));
    handed_over(&office, &mut worker, &job).await;
    let ticket = format!("{job}.json");
    fs::write(office.place("incoming").join(&ticket), "{\"pages_printed\": 3}").unwrap();
    office.moves(&job, "incoming", "printed");
    worker.step().await;
    assert!(matches!(office.state(), Book::Uncertain(reason) if reason.contains("counted 3 of 4")));
}

#[tokio::test]
async fn a_ticket_that_was_taken_away_goes_to_a_person() {
    let office = Office::with(task(4));
    let (mut worker, job) = (office.worker(), name_of(&task(4)));
    handed_over(&office, &mut worker, &job).await;
    fs::remove_file(office.place("incoming").join(format!("{job}.json"))).unwrap();
    // While the worker has not heard that the job was handed over, it waits.
    while matches!(office.state(), Book::Begun(..)) {
        worker.step().await;
    }
    assert!(matches!(office.state(), Book::Uncertain(reason) if reason.contains("does not remember")));
}

/// The moments at which a process can die, by what it left behind.
#[tokio::test]
async fn what_a_process_that_died_left_behind_is_begun_again_only_when_nobody_can_have_seen_it() {
    let part =
        |office: &Office, ending: &str| office.place("incoming").join(format!(".{}{ending}.part", name_of(&task(4))));
    let accepted = || Some(super::Accepted { job_id: 0, job_uuid: Some(name_of(&task(4))) });
    let left: [(&str, &[&str], bool); 4] = [
        ("nothing", &[], false),
        ("half of it", &[".pdf"], false),
        ("all of it", &[".pdf", ".json"], false),
        ("all of it, on record", &[".pdf", ".json"], true),
    ];
    for (what, endings, on_record) in left {
        let office = Office::with(task(4));
        let mut worker = office.worker();
        for ending in endings {
            fs::write(part(&office, ending), "{}").unwrap();
        }
        let book = Book::Begun(task(4).job_name(), accepted().filter(|_| on_record));
        office.queue.books().jobs[0].1 = book;
        let again = name_of(&Task { attempt: 2, ..task(4) });
        handed_over(&office, &mut worker, &again).await;
        assert_eq!(office.files("incoming"), [format!("{again}.json"), format!("{again}.pdf")], "{what}");
    }
    // Its ticket had its name: it may have been printed and taken away.
    let office = Office::with(task(4));
    let mut worker = office.worker();
    office.queue.books().jobs[0].1 = Book::Begun(task(4).job_name(), accepted());
    worker.step().await;
    assert!(matches!(office.state(), Book::Uncertain(_)));
}

#[tokio::test]
async fn a_folder_that_is_not_there_any_more_is_a_printer_that_is_gone() {
    let office = Office::with(task(4));
    let mut worker = office.worker();
    fs::rename(office.folder.path().join("somerset"), office.folder.path().join("away")).unwrap();
    worker.step().await;
    assert_eq!(office.queue.books().notes.last().unwrap().state, ConditionState::Gone);
    assert_eq!(office.state(), Book::Queued);
    let nowhere = Folder::open(Path::new("/nowhere/at/all"), "somerset", &office.config).err().unwrap();
    assert!(nowhere.contains("printers.folder"));
}

#[tokio::test]
async fn a_job_can_be_read_by_the_folders_group_whatever_the_process_keeps_to_itself() {
    use nix::sys::stat::{Mode, umask};
    use std::os::unix::fs::PermissionsExt;
    let office = Office::with(task(4));
    // As the program sets it for clients' data. What other tests make meanwhile is theirs alone, too.
    let before = umask(Mode::S_IRWXG | Mode::S_IRWXO);
    let (mut worker, job) = (office.worker(), name_of(&task(4)));
    handed_over(&office, &mut worker, &job).await;
    umask(before);
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o7777;
    assert_eq!(mode(&office.place("incoming")), 0o2770);
    let files = office.files("incoming");
    assert_eq!(files.len(), 2, "{files:?}");
    for file in files {
        assert_eq!(mode(&office.place("incoming").join(&file)), 0o660, "{file}");
    }
}
