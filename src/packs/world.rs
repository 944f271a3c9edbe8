//! The closed world in which templates are set: the service definition's letters and fonts, one JSON file with the
//! pack's data, the codes of its pages, and nothing else. There is no file system, no network, no package and no clock
//! behind it, so a template that asks for one gets an error with its file and line.
//!
//! What a whole kind of packs has in common (the languages, the size of print) reaches the templates as `sys.inputs`, not
//! as data: what they work out from it is then kept from pack to pack.

use super::barcode::{self, Barcode};
use super::content::{Layout, Look};
use super::sanitize::with_curly_apostrophes;
use super::words::WORDS;
use serde_json::Value;
use startline_definition::{Definition, yaml_text};
use startline_foundation::ids::PackId;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, PoisonError};
use typst::diag::{FileError, FileResult, PackageError};
use typst::foundations::{Bytes, Datetime, Dict, Duration, IntoValue};
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook, FontVariant};
use typst::utils::LazyHash;
use typst::{Feature, Library, LibraryExt, World};

/// The template that a pack begins with.
pub const MAIN: &str = "letters/pack.typ";

/// The template of an agency's copy. Definitions written before there were such copies do not have it.
pub const AGENCY: &str = "letters/agency.typ";

/// The template of the list of who has looked at a client's record. Definitions written before there was one do not have it.
pub const ACCESS: &str = "letters/access.typ";

/// Where a template reads the pack's data: `json("/data.json")`.
pub const DATA: &str = "data.json";

/// Where a footer reads the code of its page: `read("/barcodes/<document>/<page>/<pages>", encoding: none)`, which gives
/// the pixels of [`barcode::pixels`].
const BARCODES: &str = "barcodes/";

/// The face with the tick boxes. It comes with typst, so that a definition need not carry it.
const TICKS_FAMILY: &str = "DejaVu Sans Mono";

/// What stays the same from pack to pack; shared between threads.
pub struct Stationery {
    libraries: HashMap<Look, LazyHash<Library>>,
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
    library: &'a LazyHash<Library>,
    main: FileId,
    data: Bytes,
    codes: Option<Codes>,
    /// Layout asks for each code several times.
    drawn: Mutex<HashMap<String, Bytes>>,
}

/// What every code of a pack says. An agency's copy has none.
#[derive(Debug, Clone, Copy)]
pub struct Codes {
    pub pack: PackId,
    pub definition: [u8; 3],
}

impl Stationery {
    /// Takes `letters/*` and `fonts/*` from a service definition's files. The error names the file and what is wrong.
    ///
    /// Letters without a file of words are from before there was one, and know another kind of data: the pilot's are
    /// taken in their place, so that whoever began on such a definition still gets their letters.
    pub fn new(files: &BTreeMap<String, Vec<u8>>) -> Result<Self, (String, String)> {
        let pilot = Definition::embedded();
        let letters = if files.contains_key(WORDS) { files } else { pilot.files() };
        let of = |files: &'_ BTreeMap<String, Vec<u8>>, folder: &str| -> Vec<(String, Vec<u8>)> {
            let within = files.iter().filter(|(path, _)| path.starts_with(folder));
            within.map(|(path, bytes)| (path.clone(), bytes.clone())).collect()
        };
        let mut fonts = Vec::new();
        let mut sources = BTreeMap::new();
        let mut others = BTreeMap::new();
        for (path, bytes) in of(files, "fonts/").iter().filter(|(path, _)| is_font(path)) {
            fonts.extend(read_fonts(path, bytes)?);
        }
        for (path, bytes) in of(letters, "letters/") {
            if path.ends_with(".typ") {
                let text = String::from_utf8(bytes.clone()).map_err(|_| fault(&path, "is not UTF-8 text"))?;
                sources.insert(path.clone(), Source::new(file_id(&path)?, text));
            }
            let bytes = if path.ends_with(".yaml") { curly(bytes) } else { bytes };
            others.insert(path, Bytes::new(bytes));
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
            libraries: looks().map(|look| (look, LazyHash::new(library(look)))).collect(),
            book: LazyHash::new(FontBook::from_fonts(&fonts)),
            fonts,
            own_fonts,
            data: file_id(DATA)?,
            sources,
            files: others,
        })
    }

    /// The world of one document: the template it begins with, which must be there, and its data.
    pub fn with_data(&self, main: &str, look: Look, codes: Option<Codes>, json: Vec<u8>) -> Option<PackWorld<'_>> {
        let (main, library) = (self.sources.get(main)?.id(), self.libraries.get(&look)?);
        Some(PackWorld { stationery: self, library, main, data: Bytes::new(json), codes, drawn: Mutex::default() })
    }

    /// Whether the definition's own fonts can print a character.
    pub fn covers(&self, c: char) -> bool {
        self.fonts.iter().take(self.own_fonts).any(|font| font.info().coverage.contains(u32::from(c)))
    }

    pub fn sources(&self) -> impl Iterator<Item = (&String, &Source)> {
        self.sources.iter()
    }
}

/// Words as a template reads them: with curly apostrophes, by their values, since a straight one may be YAML's own quotation
/// mark. JSON is YAML as well. What cannot be read is left for whoever says what is wrong with it.
fn curly(yaml: Vec<u8>) -> Vec<u8> {
    let text = std::str::from_utf8(&yaml).ok();
    let Some(mut words) = text.and_then(|text| yaml_text::<Value>(text).ok()) else { return yaml };
    each_word(&mut words);
    serde_json::to_vec(&words).unwrap_or(yaml)
}

fn each_word(value: &mut Value) {
    match value {
        Value::String(text) => *text = with_curly_apostrophes(text),
        Value::Array(items) => items.iter_mut().for_each(each_word),
        Value::Object(fields) => fields.values_mut().for_each(each_word),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Every look that a pack can have.
pub fn looks() -> impl Iterator<Item = Look> {
    Layout::ALL.into_iter().flat_map(|layout| [false, true].map(|large_print| Look { layout, large_print }))
}

/// typst's library, with what a look decides.
fn library(look: Look) -> Library {
    let print = if look.large_print { "large" } else { "usual" };
    let mut inputs = Dict::new();
    inputs.insert("layout".into(), look.layout.as_str().into_value());
    inputs.insert("print".into(), print.into_value());
    // The heading of a row is no part of typst's language yet. In large print the names of fields are such.
    let features = [Feature::A11yExtras].into_iter().collect();
    Library::builder().with_inputs(inputs).with_features(features).build()
}

impl PackWorld<'_> {
    /// The code of a page, as `document/page/pages` names it. Before typst knows how many pages there are, it asks for
    /// pages past the last: they are blank.
    fn barcode(&self, asked: &str) -> Option<Bytes> {
        let codes = self.codes?;
        let mut drawn = self.drawn.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = drawn.get(asked) {
            return Some(known.clone());
        }
        let mut numbers = asked.split('/').map(str::parse::<u16>);
        let (Some(Ok(document)), Some(Ok(page)), Some(Ok(count)), None) =
            (numbers.next(), numbers.next(), numbers.next(), numbers.next())
        else {
            return None;
        };
        let document = u8::try_from(document).ok()?;
        let pixels = if document == 0 || page == 0 || page > count {
            vec![255; barcode::SIDE * barcode::SIDE]
        } else {
            let code = Barcode { pack: codes.pack, document, page, count, definition: codes.definition };
            barcode::pixels(&barcode::encode(&code))?
        };
        let bytes = Bytes::new(pixels);
        drawn.insert(asked.to_owned(), bytes.clone());
        Some(bytes)
    }
}

impl World for PackWorld<'_> {
    fn library(&self) -> &LazyHash<Library> {
        self.library
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
        if let Some(asked) = path.strip_prefix(BARCODES) {
            return self.barcode(asked).ok_or_else(|| FileError::NotFound(path.into()));
        }
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
