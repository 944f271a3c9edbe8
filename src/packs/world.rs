//! The closed world in which templates are set: the service definition's letters and fonts, one JSON file with the
//! pack's data, and nothing else. There is no file system, no network, no package and no clock behind it, so a template
//! that asks for one gets an error with its file and line.

use std::collections::BTreeMap;
use typst::diag::{FileError, FileResult, PackageError};
use typst::foundations::{Bytes, Datetime, Duration};
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook, FontVariant};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt, World};

/// The template that a pack begins with.
pub const MAIN: &str = "letters/pack.typ";

/// The template of an agency's copy. Definitions written before there were such copies do not have it.
pub const AGENCY: &str = "letters/agency.typ";

/// Where a template reads the pack's data: `json("/data.json")`.
pub const DATA: &str = "data.json";

/// The face with the tick boxes. It comes with typst, so that a definition need not carry it.
const TICKS_FAMILY: &str = "DejaVu Sans Mono";

/// What stays the same from pack to pack; shared between threads.
pub struct Stationery {
    library: LazyHash<Library>,
    book: LazyHash<FontBook>,
    fonts: Vec<Font>,
    /// How many of `fonts` the definition brought; the rest is ours.
    own_fonts: usize,
    data: FileId,
    sources: BTreeMap<String, Source>,
    files: BTreeMap<String, Bytes>,
}

/// One pack's view of the stationery.
pub struct PackWorld<'a> {
    stationery: &'a Stationery,
    main: FileId,
    data: Bytes,
}

impl Stationery {
    /// Takes `letters/*` and `fonts/*` from a service definition's files. The error names the file and what is wrong.
    pub fn new(files: &BTreeMap<String, Vec<u8>>) -> Result<Self, (String, String)> {
        let mut fonts = Vec::new();
        let mut sources = BTreeMap::new();
        let mut others = BTreeMap::new();
        for (path, bytes) in files {
            if path.starts_with("fonts/") {
                if is_font(path) {
                    fonts.extend(read_fonts(path, bytes)?);
                }
            } else if path.starts_with("letters/") {
                if path.ends_with(".typ") {
                    let text = String::from_utf8(bytes.clone()).map_err(|_| fault(path, "is not UTF-8 text"))?;
                    sources.insert(path.clone(), Source::new(file_id(path)?, text));
                }
                others.insert(path.clone(), Bytes::new(bytes.clone()));
            }
        }
        if fonts.is_empty() {
            return Err(fault("fonts", "holds no font: at least one TrueType or OpenType file is needed"));
        }
        if !sources.contains_key(MAIN) {
            return Err(fault(MAIN, "is missing: each pack begins with this template"));
        }
        let own_fonts = fonts.len();
        fonts.extend(typst_assets::fonts().filter_map(|bytes| Font::new(Bytes::new(bytes), 0)).filter(is_for_ticks));
        Ok(Self {
            library: LazyHash::new(Library::default()),
            book: LazyHash::new(FontBook::from_fonts(&fonts)),
            fonts,
            own_fonts,
            data: file_id(DATA)?,
            sources,
            files: others,
        })
    }

    /// The world of one document: the template it begins with, which must be there, and its data.
    pub fn with_data(&self, main: &str, json: Vec<u8>) -> Option<PackWorld<'_>> {
        let main = self.sources.get(main)?.id();
        Some(PackWorld { stationery: self, main, data: Bytes::new(json) })
    }

    /// Whether the definition's own fonts can print a character.
    pub fn covers(&self, c: char) -> bool {
        self.fonts.iter().take(self.own_fonts).any(|font| font.info().coverage.contains(u32::from(c)))
    }

    pub fn sources(&self) -> impl Iterator<Item = (&String, &Source)> {
        self.sources.iter()
    }
}

impl World for PackWorld<'_> {
    fn library(&self) -> &LazyHash<Library> {
        &self.stationery.library
    }

    fn book(&self) -> &LazyHash<FontBook> {
        &self.stationery.book
    }

    fn main(&self) -> FileId {
        self.main
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        let path = project_path(id)?;
        match self.stationery.sources.get(path) {
            Some(source) => Ok(source.clone()),
            // The data is never source text, whatever a template asks.
            None if id == self.stationery.data => Err(FileError::NotSource),
            None => Err(FileError::NotFound(path.into())),
        }
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        if id == self.stationery.data {
            return Ok(self.data.clone());
        }
        let path = project_path(id)?;
        self.stationery.files.get(path).cloned().ok_or_else(|| FileError::NotFound(path.into()))
    }

    fn font(&self, index: usize) -> Option<Font> {
        self.stationery.fonts.get(index).cloned()
    }

    /// A pack has no today: its dates come in its data, or the same pack would differ from day to day.
    fn today(&self, _offset: Option<Duration>) -> Option<Datetime> {
        None
    }
}

fn project_path(id: FileId) -> FileResult<&'static str> {
    match id.get().root() {
        VirtualRoot::Project => Ok(id.get().vpath().get_without_slash()),
        VirtualRoot::Package(spec) => Err(FileError::Package(PackageError::NotFound(spec.clone()))),
    }
}

fn file_id(path: &str) -> Result<FileId, (String, String)> {
    let virtual_path =
        VirtualPath::new(path).map_err(|error| fault(path, &format!("is not a usable path: {error}")))?;
    Ok(RootedPath::new(VirtualRoot::Project, virtual_path).intern())
}

fn is_font(path: &str) -> bool {
    [".ttf", ".otf", ".ttc"].iter().any(|ending| path.ends_with(ending))
}

fn read_fonts(path: &str, bytes: &[u8]) -> Result<Vec<Font>, (String, String)> {
    let found: Vec<Font> = Font::iter(Bytes::new(bytes.to_vec())).collect();
    if found.is_empty() { Err(fault(path, "cannot be read as a TrueType or OpenType font")) } else { Ok(found) }
}

fn is_for_ticks(font: &Font) -> bool {
    font.info().family == TICKS_FAMILY && font.info().variant == FontVariant::default()
}

fn fault(path: &str, reason: &str) -> (String, String) {
    (path.to_owned(), reason.to_owned())
}
