//! Looks on their way into the database.
//!
//! A look is written to a file of this process before what was asked for is answered: the process may be killed at any
//! moment, and what it answered is accounted for. From there a worker takes many at once into the database. A file whose
//! process has ended is taken up by the next that starts with the same folder. Nothing is held in memory. Room is kept for
//! some thousand looks ahead, so that people can read on while the disk is full; when that is used up as well, whoever looks is
//! refused.

use super::look::Look;
use super::look_store as store;
use startline_foundation::error::{Error, Result};
use startline_foundation::store::Store;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

const ENDING: &str = "looks";
/// Looks taken into the database at once, at most.
const AT_ONCE: usize = 5_000;
/// Room kept in each file: for about ten thousand looks.
const KEPT_BYTES: i64 = 4 * 1024 * 1024;

pub struct LookLog {
    folder: PathBuf,
    /// The file that is written to, and the number of the next.
    current: Mutex<Current>,
}

struct Current {
    file: Option<File>,
    /// Something was written to it.
    is_begun: bool,
    next: u64,
    /// A name of this process's own.
    name: String,
}

impl LookLog {
    /// In this folder, which is made when it is first written to.
    pub fn new(folder: PathBuf) -> Self {
        let name = format!("{:016x}", rand::random::<u64>());
        Self { folder, current: Mutex::new(Current { file: None, is_begun: false, next: 0, name }) }
    }

    /// Returns when the looks will outlive this process.
    ///
    /// # Errors
    /// `Unavailable` when they cannot be written down: what was asked for is not to be answered then.
    pub fn note(&self, looks: &[Look]) -> Result<()> {
        let mut lines = Vec::with_capacity(looks.len() * 320);
        for look in looks {
            serde_json::to_writer(&mut lines, look).map_err(Error::internal)?;
            lines.push(b'\n');
        }
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        current.write(&self.folder, &lines).map_err(|fault| {
            tracing::error!(%fault, folder = %self.folder.display(), "a look cannot be written down, and is refused");
            Error::Unavailable("it cannot be written down just now that you look at this; try again".into())
        })
    }

    /// Takes what was written down into the database: of this process, and at the `start` of those that have ended.
    pub async fn settle(&self, store: &Store, at_start: bool) -> Result<usize> {
        let mut settled = 0;
        for path in self.finished(at_start).map_err(Error::internal)? {
            let looks = read(&path).map_err(Error::internal)?;
            for some in looks.chunks(AT_ONCE) {
                let mut tx = store.begin_write().await?;
                store::insert(&mut tx.db(), some).await?;
                tx.commit().await?;
            }
            settled += looks.len();
            fs::remove_file(&path).map_err(Error::internal)?;
        }
        Ok(settled)
    }

    /// Files that nobody writes to any more.
    fn finished(&self, at_start: bool) -> io::Result<Vec<PathBuf>> {
        // What comes from now on goes into another file, when there is room for one.
        let (own, current) = self.current.lock().unwrap_or_else(PoisonError::into_inner).turn_over(&self.folder);
        let listed = match fs::read_dir(&self.folder) {
            Err(fault) if fault.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            listed => listed?,
        };
        let mut finished = Vec::new();
        for entry in listed {
            let path = entry?.path();
            let is_looks = path.extension().is_some_and(|ending| ending == ENDING);
            let is_own = path.file_stem().and_then(|stem| stem.to_str()).is_some_and(|stem| stem.starts_with(&own));
            let is_current = current.as_deref() == path.file_stem().and_then(|stem| stem.to_str());
            if is_looks && !is_current && (is_own || at_start && is_left(&path)) {
                finished.push(path);
            }
        }
        finished.sort();
        Ok(finished)
    }
}

impl Current {
    fn write(&mut self, folder: &Path, lines: &[u8]) -> io::Result<()> {
        if self.file.is_none() {
            self.file = Some(self.open(folder)?);
        }
        let Some(file) = &mut self.file else { return Err(io::ErrorKind::NotFound.into()) };
        let before = file.metadata()?.len();
        self.is_begun = true;
        file.write_all(lines).inspect_err(|_| {
            // Half a line would spoil the next.
            let _ = file.set_len(before);
        })
    }

    /// The beginning of the names of this process's files, and the name of the one that goes on.
    fn turn_over(&mut self, folder: &Path) -> (String, Option<String>) {
        if (self.is_begun || self.file.is_none())
            && let Ok(file) = self.open(folder)
        {
            self.file = Some(file);
            self.is_begun = false;
        }
        let current = self.file.as_ref().map(|_| self.name_of(self.next - 1));
        (self.name.clone(), current)
    }

    fn name_of(&self, number: u64) -> String {
        format!("{}-{number:08}", self.name)
    }

    fn open(&mut self, folder: &Path) -> io::Result<File> {
        fs::create_dir_all(folder)?;
        let path = folder.join(format!("{}.{ENDING}", self.name_of(self.next)));
        let file = OpenOptions::new().append(true).create_new(true).mode(0o600).open(&path)?;
        let kept = keep_room(&file).and_then(|()| {
            // Held for as long as it is open: so others see whether its process has ended.
            file.try_lock().map_err(io::Error::other)
        });
        if let Err(fault) = kept {
            let _ = fs::remove_file(&path);
            return Err(fault);
        }
        self.next += 1;
        Ok(file)
    }
}

/// Blocks for what will be written, while the file is as long as what was.
#[cfg(target_os = "linux")]
fn keep_room(file: &File) -> io::Result<()> {
    use nix::fcntl::{FallocateFlags, fallocate};
    match fallocate(file, FallocateFlags::FALLOC_FL_KEEP_SIZE, 0, KEPT_BYTES) {
        // Not every file system can.
        Ok(()) | Err(nix::errno::Errno::EOPNOTSUPP) => Ok(()),
        Err(fault) => Err(fault.into()),
    }
}

#[cfg(not(target_os = "linux"))]
fn keep_room(_: &File) -> io::Result<()> {
    Ok(())
}

/// Whether the process that wrote it has ended.
fn is_left(path: &Path) -> bool {
    File::open(path).is_ok_and(|file| file.try_lock().is_ok())
}

/// A line that is not whole was never answered for.
fn read(path: &Path) -> io::Result<Vec<Look>> {
    let mut text = String::new();
    File::open(path)?.read_to_string(&mut text)?;
    let whole = text.rfind('\n').map_or("", |end| &text[..end]);
    let look = |line: &str| {
        serde_json::from_str(line).inspect_err(|fault| {
            tracing::error!(%fault, file = %path.display(), "a look that was written down cannot be read");
        })
    };
    Ok(whole.lines().filter_map(|line| look(line).ok()).collect())
}
