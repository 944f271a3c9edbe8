//! The files of a definition: read from a folder or from the binary, and fingerprinted.

use super::nearest::nearest;
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

/// Reads a folder. What cannot be read is a fault of the definition, and so is a folder that is none.
pub(super) fn read(dir: &Path) -> Result<Files, CheckReport> {
    let refused = |file: String, reason: String| CheckReport {
        faults: vec![Fault { file, line: 1, reason }],
        ..CheckReport::default()
    };
    if let Some(reason) = no_definition(dir) {
        return Err(refused(dir.display().to_string(), reason));
    }
    let mut files = Files::new();
    let mut bytes = 0;
    read_into(dir, "", 0, &mut files, &mut bytes)
        .map_err(|(file, reason)| refused(if file.is_empty() { dir.display().to_string() } else { file }, reason))?;
    Ok(files)
}

/// Why a folder is no definition: nothing is there, or it is one too high or too low.
fn no_definition(dir: &Path) -> Option<String> {
    const MARK: &str = "service.yaml";
    if dir.is_file() {
        let folder = dir.parent().filter(|folder| folder.join(MARK).is_file());
        let told = folder.map(|folder| format!("; did you mean {}?", shown(folder))).unwrap_or_default();
        return Some(format!("this is a file, and a definition is a folder{told}"));
    }
    if !dir.exists() {
        let name = dir.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let beside = dir.parent().map(children).unwrap_or_default();
        let near = nearest(name, beside.iter().map(String::as_str));
        return Some(format!(
            "there is no such folder{}",
            near.map(|near| format!("; did you mean {near}?")).unwrap_or_default()
        ));
    }
    // Without service.yaml it may still be one whose service.yaml is missing.
    if PLACES.iter().any(|place| dir.join(place).exists()) {
        return None;
    }
    let absolute = dir.canonicalize().unwrap_or_else(|_| dir.to_owned());
    if let Some(above) = absolute.parent().filter(|above| above.join(MARK).is_file()) {
        return Some(format!("this folder is a part of the definition around it; did you mean {}?", shown(above)));
    }
    let inside: Vec<String> = children(dir).into_iter().filter(|child| dir.join(child).join(MARK).is_file()).collect();
    match inside.as_slice() {
        [] => Some("this folder is no definition: it holds no service.yaml".to_owned()),
        [one] => Some(format!("this folder is no definition; did you mean {one} in it?")),
        several => Some(format!("this folder is no definition; did you mean one of {} in it?", several.join(", "))),
    }
}

fn shown(folder: &Path) -> String {
    folder.file_name().map_or_else(|| folder.display().to_string(), |name| name.to_string_lossy().into_owned())
}

fn children(dir: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(dir).into_iter().flatten().flatten().filter(|entry| entry.path().is_dir());
    let mut names: Vec<String> = entries.filter_map(|entry| entry.file_name().into_string().ok()).collect();
    names.sort();
    names
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

/// The files at the head of a definition.
const PLACES: [&str; 9] = [
    "service.yaml",
    "sites.yaml",
    "diary.yaml",
    "followup.yaml",
    "holidays.yaml",
    "reminders.yaml",
    "offices.csv",
    "areas.csv",
    "postcodes.csv",
];

/// The files that have no place in a definition; and whether one of them is a file of it under a wrong name.
pub(super) fn out_of_place(files: &Files) -> (Vec<Fault>, bool) {
    let mut is_misnamed = false;
    let unknown = files.keys().filter(|path| !is_known(path));
    let fault = |path: &String| {
        let meant = meant(files, path);
        is_misnamed |= meant.is_some();
        let told = meant.map(|name| format!("; did you mean {name}?")).unwrap_or(": take it away".to_owned());
        Fault { file: path.clone(), line: 1, reason: format!("this file has no place in a definition{told}") }
    };
    (unknown.map(fault).collect(), is_misnamed)
}

/// What a file that has no place was meant to be called, where the file of that name is not there.
fn meant(files: &Files, path: &str) -> Option<String> {
    let renamed = path.strip_suffix(".yml").or_else(|| path.strip_suffix(".YAML")).map(|stem| format!("{stem}.yaml"));
    if let Some(renamed) = renamed.filter(|name| is_known(name) && !files.contains_key(name)) {
        return Some(renamed);
    }
    let lacking = PLACES.into_iter().filter(|name| !files.contains_key(*name));
    if let Some(near) = nearest(path, lacking) {
        return Some(near.to_owned());
    }
    let (folder, name) = path.split_once('/')?;
    let folders = ["scripts", "form", "agencies", "letters", "fonts"];
    let near = nearest(folder, folders.into_iter().filter(|known| *known != folder))?;
    let has_one = files.keys().any(|other| other.starts_with(&format!("{near}/")));
    (!has_one).then(|| format!("{near}/{name}"))
}

/// Whether a file of this path has a place in a definition.
pub(super) fn is_known(path: &str) -> bool {
    let yaml_in = |folder: &str| {
        let name = path.strip_prefix(folder).and_then(|name| name.strip_suffix(".yaml"));
        name.is_some_and(|name| !name.is_empty() && !name.contains('/'))
    };
    path == "README.md"
        || PLACES.contains(&path)
        || yaml_in("scripts/")
        || yaml_in("form/")
        || yaml_in("agencies/")
        || ["letters/", "fonts/"].iter().any(|folder| path.starts_with(folder))
}
