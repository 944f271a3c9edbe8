//! Where what no database would take is written down: a file in the data folder that its owner alone may read. Never the
//! log, which goes to places where nothing of a person may be.

use std::fmt::Debug;
use std::fs::OpenOptions;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

/// In the data folder.
pub const FILE: &str = "unwritten-records.txt";

/// Cheap to clone; the clones write to one file. Until [`LastResort::put`] says where, nothing can be written.
#[derive(Debug, Clone, Default)]
pub struct LastResort(Arc<OnceLock<PathBuf>>);

impl LastResort {
    /// The file that is written to from now on.
    pub fn put(&self, file: PathBuf) {
        let _ = self.0.set(file);
    }

    /// One more line: what it is, and the whole of it. Says in the log that it was written, or that it was not.
    pub fn write(&self, what: &str, record: &dyn Debug) {
        let Some(file) = self.0.get() else {
            tracing::error!(what, "something could not be kept, and there is no file to write it to");
            return;
        };
        let line = format!("{what}: {record:?}\n");
        let written = OpenOptions::new().append(true).create(true).mode(0o600).open(file);
        match written.and_then(|mut file| file.write_all(line.as_bytes())) {
            Ok(()) => {
                tracing::error!(what, file = %file.display(), "something could not be kept, and is written down here")
            }
            Err(fault) => {
                tracing::error!(what, file = %file.display(), %fault, "something could not be kept, and is lost")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn what_is_written_is_whole_in_order_and_for_its_owner_alone() {
        let folder = tempfile::tempdir().unwrap();
        let (last_resort, file) = (LastResort::default(), folder.path().join(FILE));
        last_resort.write("a call", &"lost: nobody said where");
        last_resort.put(file.clone());
        last_resort.write("a call", &("+441373000123", 7));
        last_resort.clone().write("a call", &8);
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "a call: (\"+441373000123\", 7)\na call: 8\n");
        assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    }
}
