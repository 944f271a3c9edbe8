//! The files of a definition: read from a folder or from the binary, and fingerprinted.

use super::report::{CheckReport, Fault};
use include_dir::{Dir, include_dir};
use sha2::{Digest, Sha256};
use startline_foundation::ids::DefinitionVersion;
use std::collections::BTreeMap;
use std::path::Path;

/// Every file of a definition by its path inside the folder, with `/` between its parts.
pub type Files = BTreeMap<String, Vec<u8>>;

/// A folder given by mistake (a home folder, say) is refused early rather than read to its end.
const MOST_FILES: usize = 1_000;
const MOST_BYTES: u64 = 64 * 1024 * 1024;
const MOST_DEPTH: usize = 6;

static ONE_PILOT: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../deploy/definitions/one-pilot");

/// The default definition, from inside the binary.
pub(super) fn embedded() -> Files {
    fn collect(dir: &Dir<'_>, files: &mut Files) {
        for file in dir.files() {
            files.insert(file.path().to_string_lossy().replace('\\', "/"), file.contents().to_vec());
        }
        for child in dir.dirs() {
            collect(child, files);
        }
    }
    let mut files = Files::new();
    collect(&ONE_PILOT, &mut files);
    files
}

/// Reads a folder. What cannot be read is a fault of the definition.
pub(super) fn read(dir: &Path) -> Result<Files, CheckReport> {
    let mut files = Files::new();
    let mut bytes = 0;
    read_into(dir, "", 0, &mut files, &mut bytes).map_err(|(file, reason)| {
        let file = if file.is_empty() { dir.display().to_string() } else { file };
        CheckReport { faults: vec![Fault { file, line: 1, reason }], ..CheckReport::default() }
    })?;
    Ok(files)
}

fn read_into(
    dir: &Path,
    prefix: &str,
    depth: usize,
    files: &mut Files,
    bytes: &mut u64,
) -> Result<(), (String, String)> {
    let cannot = |error: std::io::Error| (prefix.to_owned(), format!("cannot be read: {error}"));
    if depth > MOST_DEPTH {
        return Err((prefix.to_owned(), format!("folders are nested more than {MOST_DEPTH} deep")));
    }
    for entry in std::fs::read_dir(dir).map_err(cannot)? {
        let entry = entry.map_err(cannot)?;
        let name = entry.file_name().into_string();
        let name = name.map_err(|_| (prefix.to_owned(), "holds a file whose name is not plain text".to_owned()))?;
        let path = if prefix.is_empty() { name } else { format!("{prefix}/{name}") };
        let cannot = |error: std::io::Error| (path.clone(), format!("cannot be read: {error}"));
        let about = std::fs::metadata(entry.path()).map_err(cannot)?;
        if about.is_dir() {
            read_into(&entry.path(), &path, depth + 1, files, bytes)?;
            continue;
        }
        *bytes += about.len();
        if !about.is_file() || files.len() >= MOST_FILES || *bytes > MOST_BYTES {
            let most = MOST_BYTES / 1024 / 1024;
            let reason = format!("a definition is at most {MOST_FILES} plain files of {most} MiB together");
            return Err((path, reason));
        }
        let content = std::fs::read(entry.path()).map_err(cannot)?;
        files.insert(path, content);
    }
    Ok(())
}

/// The content hash that names a version: the first 16 hexadecimal figures of SHA-256 over each path and content in
/// the order of paths, each preceded by its length.
pub(super) fn version(files: &Files) -> DefinitionVersion {
    let mut hash = Sha256::new();
    for (path, content) in files {
        for piece in [path.as_bytes(), content] {
            hash.update((piece.len() as u64).to_be_bytes());
            hash.update(piece);
        }
    }
    let hex: String = hash.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    DefinitionVersion::new(&hex)
}

/// Whether a file of this path has a place in a definition.
pub(super) fn is_known(path: &str) -> bool {
    let yaml_in = |folder: &str| {
        let name = path.strip_prefix(folder).and_then(|name| name.strip_suffix(".yaml"));
        name.is_some_and(|name| !name.is_empty() && !name.contains('/'))
    };
    matches!(
        path,
        "README.md"
            | "service.yaml"
            | "sites.yaml"
            | "diary.yaml"
            | "followup.yaml"
            | "holidays.yaml"
            | "reminders.yaml"
            | "offices.csv"
            | "areas.csv"
            | "postcodes.csv"
    ) || yaml_in("scripts/")
        || yaml_in("form/")
        || yaml_in("agencies/")
        || ["letters/", "fonts/"].iter().any(|folder| path.starts_with(folder))
}
