//! A print system of another make: it takes its work from a folder and says there what became of it.
//!
//! A job is two files in `<folder>/<site>/incoming`: `<job>.pdf`, and then its ticket `<job>.json`, which is the sign that
//! both are whole. Both are written under other names, flushed to the disk and renamed. The print system may move the
//! ticket to `printing/` while it works, and moves it to `printed/` or, with a reason, to `failed/`; it never deletes one.
//! deploy/printers.md tells it to whoever connects such a system.
//!
//! The queue knows that the job was handed over before the ticket has its name. So a ticket that is still under its other
//! name was never seen by anybody, and one that is in none of the folders was taken away: nobody knows what became of it.

use super::device::{
    Answer, Device, Fault, JobState, JobView, Order, PrinterState, PrinterView, Supports, Taken, Withdrawn,
};
use super::job::{Accepted, Chosen, Task};
use serde_json::{Value as Json, json};
use startline_foundation::config::PrinterConfig;
use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// In the order in which a ticket goes through them: whoever looks in this order cannot miss one that moves meanwhile.
const PLACES: [(&str, JobState); 4] = [
    ("incoming", JobState::Pending),
    ("printing", JobState::Processing),
    ("printed", JobState::Completed),
    ("failed", JobState::Aborted),
];
const INCOMING: &str = "incoming";
/// Longest ticket or reason read.
const LONGEST_TEXT: u64 = 64 * 1024;

/// The folders of one site.
#[derive(Clone)]
pub struct Folder {
    root: Arc<Path>,
    supports: Arc<Supports>,
}

impl Folder {
    /// Makes the site's folders in one that is there.
    ///
    /// # Errors
    /// A sentence that names the setting.
    pub fn open(folder: &Path, site: &str, config: &PrinterConfig) -> Result<Self, String> {
        let wrong = |what: &str| format!("printers.folder of {:?}: {} {what}", config.name, folder.display());
        if !folder.is_dir() {
            return Err(wrong("is not there"));
        }
        let root = folder.join(site);
        for (place, _) in PLACES {
            let made = DirBuilder::new().recursive(true).mode(0o770).create(root.join(place));
            // Their group is the folder's, and goes on to what is made in them. One that somebody else made stays as it is.
            let _ = fs::set_permissions(root.join(place), Permissions::from_mode(0o2770));
            made.map_err(|fault| wrong(&format!("cannot be written to: {fault}")))?;
        }
        // The ticket carries every wish; whether it is heeded is the other system's to say.
        let trays = config.trays_by_kind.values().chain(config.trays_by_post_class.values()).chain(&config.tray);
        let supports = Supports {
            two_steps: true,
            pdf: true,
            sides: vec![config.sides.clone()],
            media: vec![config.media.clone()],
            trays: trays.cloned().collect(),
            most_copies: config.copies,
            page_ranges: true,
        };
        Ok(Self { root: root.into(), supports: Arc::new(supports) })
    }

    /// Files block; the threads for that are the runtime's.
    async fn at_the_disk<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Self) -> Answer<T> + Send + 'static,
    ) -> Answer<T> {
        let folder = self.clone();
        let done = tokio::task::spawn_blocking(move || work(&folder)).await;
        done.unwrap_or_else(|fault| Err(Fault::NoAnswer(fault.to_string())))
    }

    fn file(&self, place: &str, job: &str, ending: &str) -> PathBuf {
        self.root.join(place).join(format!("{job}{ending}"))
    }

    fn part(&self, job: &str, ending: &str) -> PathBuf {
        self.file(INCOMING, &format!(".{job}"), &format!("{ending}.part"))
    }

    fn write(&self, order: &Order, job: &str) -> io::Result<()> {
        write_through(&self.part(job, ".pdf"), &order.pdf)?;
        let ticket = serde_json::to_vec_pretty(&ticket(&order.task, job, &order.job_name, &order.chosen))?;
        write_through(&self.part(job, ".json"), &ticket)?;
        flush_folder(&self.root.join(INCOMING))
    }

    fn hand_over(&self, job: &str) -> io::Result<()> {
        fs::rename(self.part(job, ".pdf"), self.file(INCOMING, job, ".pdf"))?;
        fs::rename(self.part(job, ".json"), self.file(INCOMING, job, ".json"))?;
        flush_folder(&self.root.join(INCOMING))
    }

    fn view(&self, job: &str) -> Answer<JobView> {
        let name = job_name(job).ok_or(Fault::NotThere)?;
        let view = |state, documents| JobView {
            job_id: 0,
            uuid: Some(job.to_owned()),
            name: name.clone(),
            state,
            reasons: Vec::new(),
            impressions: None,
            sheets: None,
            documents: Some(documents),
            message: String::new(),
        };
        if is_there(&self.part(job, ".json"))? || is_there(&self.part(job, ".pdf"))? {
            return Ok(view(JobState::Held, 0));
        }
        for (place, state) in PLACES {
            if !is_there(&self.file(place, job, ".json"))? {
                continue;
            }
            let ticket = || self.text(place, job, ".json").and_then(|text| serde_json::from_str::<Json>(&text).ok());
            let ticket = ticket().unwrap_or_default();
            let impressions = ticket["pages_printed"].as_u64().and_then(|pages| u32::try_from(pages).ok());
            let reason = ticket["reason"].as_str().map(str::to_owned).or_else(|| self.text(place, job, ".reason"));
            let message = reason.unwrap_or_default().chars().filter(|c| !c.is_control()).take(200).collect();
            return Ok(JobView { impressions, message, ..view(state, 1) });
        }
        Err(Fault::NotThere)
    }

    fn text(&self, place: &str, job: &str, ending: &str) -> Option<String> {
        use io::Read;
        let mut text = String::new();
        let file = File::open(self.file(place, job, ending)).ok()?;
        file.take(LONGEST_TEXT).read_to_string(&mut text).ok()?;
        Some(text)
    }

    /// The ticket goes first: without it nobody looks at the document.
    fn remove_parts(&self, job: &str) -> io::Result<()> {
        remove(&self.part(job, ".json"))?;
        remove(&self.part(job, ".pdf"))?;
        remove(&self.file(INCOMING, job, ".pdf"))?;
        flush_folder(&self.root.join(INCOMING))
    }
}

impl Device for Folder {
    async fn look(&self) -> Answer<PrinterView> {
        self.at_the_disk(|folder| {
            for (place, _) in PLACES {
                if !folder.root.join(place).is_dir() {
                    return Err(Fault::NoAnswer(format!("the folder {place} is not there")));
                }
            }
            let supports = folder.supports.as_ref().clone();
            Ok(PrinterView { state: PrinterState::Idle, reasons: Vec::new(), accepting: true, supports })
        })
        .await
    }

    async fn create(&self, order: &Order) -> Answer<Taken> {
        let order = order.clone();
        self.at_the_disk(move |folder| {
            let job = file_name(&order.job_name).ok_or_else(|| Fault::Refused("a job without a name".into()))?;
            if let Err(fault) = folder.write(&order, &job) {
                let _ = folder.remove_parts(&job);
                return Err(Fault::Refused(format!("the folder cannot be written to: {fault}")));
            }
            Ok(Taken { accepted: Accepted { job_id: 0, job_uuid: Some(job) }, ignored: Vec::new() })
        })
        .await
    }

    async fn send(&self, order: &Order, _accepted: &Accepted) -> Answer<()> {
        let name = order.job_name.clone();
        self.at_the_disk(move |folder| {
            let job = file_name(&name).ok_or(Fault::NotThere)?;
            folder.hand_over(&job).map_err(|fault| Fault::NoAnswer(fault.to_string()))
        })
        .await
    }

    async fn print(&self, order: &Order) -> Answer<Taken> {
        let taken = self.create(order).await?;
        self.send(order, &taken.accepted).await?;
        Ok(taken)
    }

    async fn job(&self, accepted: &Accepted) -> Answer<JobView> {
        let job = accepted.job_uuid.clone().ok_or(Fault::NotThere)?;
        self.at_the_disk(move |folder| folder.view(&job)).await
    }

    async fn find(&self, job_name: &str) -> Answer<JobView> {
        let job = file_name(job_name).ok_or(Fault::NotThere)?;
        self.at_the_disk(move |folder| folder.view(&job)).await
    }

    async fn withdraw(&self, job: &JobView) -> Answer<Withdrawn> {
        let (name, unseen) = (job.name.clone(), job.waits_for_document());
        self.at_the_disk(move |folder| {
            let job = file_name(&name).ok_or(Fault::NotThere)?;
            if !unseen {
                return Ok(Withdrawn::Asked);
            }
            folder.remove_parts(&job).map_err(|fault| Fault::NoAnswer(fault.to_string()))?;
            Ok(Withdrawn::Surely)
        })
        .await
    }

    /// What was said of the job is in the queue's books; the letter itself is nobody's to find here.
    async fn settled(&self, job_name: &str) {
        let Some(job) = file_name(job_name) else { return };
        let removed = self.at_the_disk(move |folder| {
            let remove_all = || {
                for (place, _) in PLACES {
                    for ending in [".json", ".reason", ".pdf"] {
                        remove(&folder.file(place, &job, ending))?;
                    }
                }
                Ok::<_, io::Error>(())
            };
            remove_all().map_err(|fault| Fault::NoAnswer(fault.to_string()))
        });
        if let Err(fault) = removed.await {
            tracing::warn!(job_name, %fault, "the files of a finished job cannot be removed");
        }
    }
}

fn ticket(task: &Task, job: &str, job_name: &str, chosen: &Chosen) -> Json {
    json!({
        "print_job_id": task.id,
        "attempt": task.attempt,
        "job_name": job_name,
        "reference": task.reference,
        "kind": task.kind,
        "post_class": task.post_class,
        "document": format!("{job}.pdf"),
        "sha256": task.sha256,
        "pages": { "first": task.first_page, "last": task.last_page, "of": task.pack_pages },
        "sides": chosen.sides,
        "media": chosen.media,
        "tray": chosen.tray,
        "copies": chosen.copies,
    })
}

/// `startline <id> <attempt>` as a file's name: `<id>-<attempt>`. None for a name that is not ours.
fn file_name(job_name: &str) -> Option<String> {
    let (id, attempt) = job_name.strip_prefix("startline ")?.split_once(' ')?;
    let fits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    (fits(id) && fits(attempt)).then(|| format!("{id}-{attempt}"))
}

fn job_name(file_name: &str) -> Option<String> {
    let (id, attempt) = file_name.rsplit_once('-')?;
    Some(format!("startline {id} {attempt}"))
}

/// Whether a file is there. A disk that cannot tell has not answered.
fn is_there(path: &Path) -> Answer<bool> {
    path.try_exists().map_err(|fault| Fault::NoAnswer(fault.to_string()))
}

fn write_through(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o660).open(path)?;
    // The other print system reads it as the folder's group, and the program's own umask would keep that out.
    file.set_permissions(Permissions::from_mode(0o660))?;
    file.write_all(bytes)?;
    file.sync_all()
}

fn flush_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(fault) if fault.kind() != ErrorKind::NotFound => Err(fault),
        _ => Ok(()),
    }
}
