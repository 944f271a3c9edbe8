//! What can be seen of an embedded database's file before it is opened. SQLite opens an empty file as a new database, and
//! one that was cut short as if it were whole, until somebody asks for a page that is not there.
//!
//! The file's header: <https://www.sqlite.org/fileformat2.html#the_database_header>.

use super::StartFault;
use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::Path;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    Nothing,
    Database,
}

const MAGIC: &[u8; 16] = b"SQLite format 3\0";
const HEADER: usize = 100;

/// # Errors
/// `Damaged` when the file is empty, no database, or shorter than it says.
pub fn look(file: &Path) -> Result<Found, StartFault> {
    let damaged = |why: &str| StartFault::Damaged { file: file.display().to_string(), why: why.to_owned() };
    let mut opened = match File::open(file) {
        Ok(opened) => opened,
        Err(fault) if fault.kind() == ErrorKind::NotFound => return Ok(Found::Nothing),
        Err(fault) => return Err(damaged(&fault.to_string())),
    };
    let length = opened.metadata().map_err(|fault| damaged(&fault.to_string()))?.len();
    // A first start that was killed before its first commit left everything in the log beside it, or nothing at all.
    let log = std::fs::metadata(beside(file, "-wal")).map_or(0, |log| log.len());
    if length == 0 && log > 0 {
        return Ok(Found::Database);
    }
    if length == 0 {
        return Err(damaged("it is empty"));
    }
    let mut header = [0; HEADER];
    if opened.read_exact(&mut header).is_err() || !header.starts_with(MAGIC) {
        return Err(damaged("it is no database"));
    }
    let number =
        |at: usize| header.get(at..at + 4).map_or(0, |four| four.iter().fold(0, |n, b| n << 8 | u64::from(*b)));
    let page = match u64::from(header[16]) << 8 | u64::from(header[17]) {
        1 => 65_536,
        size => size,
    };
    // The number of pages counts when the two change counters agree; what is still in the log may not be here yet.
    let says = number(28) * page;
    if log == 0 && number(24) == number(92) && length < says {
        return Err(damaged(&format!("it has {length} bytes of {says}")));
    }
    Ok(Found::Database)
}

fn beside(file: &Path, ending: &str) -> std::path::PathBuf {
    let mut name = file.file_name().unwrap_or_default().to_owned();
    name.push(ending);
    file.with_file_name(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_a_cut_and_a_wrong_file_are_known_before_they_are_opened() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("startline.sqlite");
        assert_eq!(look(&file).unwrap(), Found::Nothing);
        std::fs::write(&file, b"").unwrap();
        assert!(look(&file).unwrap_err().to_string().contains("is empty"));
        std::fs::write(&file, [b'x'; 4096]).unwrap();
        assert!(look(&file).unwrap_err().to_string().contains("no database"));
        let mut whole = vec![0_u8; 8192];
        whole[..16].copy_from_slice(MAGIC);
        (whole[16], whole[17], whole[31]) = (0x10, 0, 2);
        std::fs::write(&file, &whole).unwrap();
        assert_eq!(look(&file).unwrap(), Found::Database);
        std::fs::write(&file, &whole[..4096]).unwrap();
        assert!(look(&file).unwrap_err().to_string().contains("4096 bytes of 8192"));
        std::fs::write(beside(&file, "-wal"), b"the rest").unwrap();
        assert_eq!(look(&file).unwrap(), Found::Database, "the log has it");
    }
}
