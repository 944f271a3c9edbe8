//! Composes a claim pack: content in, one tagged PDF out.
//!
//! The PDF conforms to PDF/A-2a and PDF/UA-1, and the same content gives the same bytes: its identifier comes from the
//! content and the templates, its date from the content. Composing takes the processor for some tens of milliseconds
//! and blocks; call it where blocking is allowed. Nothing is stored here and nothing can be lost.

use super::content::{AgencyCopy, PackContent};
use super::prepare::prepare;
use super::sample;
use super::world::{AGENCY, MAIN, PackWorld, Stationery};
use chrono::{DateTime, Datelike, Timelike, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::Arc;
use typst::diag::SourceDiagnostic;
use typst::foundations::{Datetime, Label, Selector, Smart, Value};
use typst::introspection::Introspector;
use typst::utils::PicoStr;
use typst::{World, WorldExt};
use typst_layout::PagedDocument;
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards, Timestamp};

/// The label with which a template marks where a document begins: `#metadata((kind: .., title: ..)) <pack-document>`.
const DOCUMENT_LABEL: &str = "pack-document";

/// Address lines that the window of the envelope shows, by the rules for UK letters.
const ADDRESS_LINES: std::ops::RangeInclusive<usize> = 3..=7;

/// Characters of one address line that surely fit the window's 95.4 mm.
const ADDRESS_LINE_CHARACTERS: usize = 44;

/// Everything said in a claim fits in this many bytes many times over; more is a mistake or an attack, and would keep a
/// processor busy for seconds.
const LONGEST_DATA_BYTES: usize = 1_000_000;

/// How many compositions a cached intermediate result is kept without being used. The templates' own results are used by
/// every pack; a client's are gone after this many packs, so memory stays flat.
const CACHE_COMPOSITIONS: usize = 2;

/// A composed pack, ready to store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Composed {
    pub pdf: Vec<u8>,
    pub pages: u32,
    pub documents: Vec<DocumentPages>,
    /// Of `pdf`, in lower-case hexadecimal.
    pub sha256: String,
}

/// Where one document stands in its pack.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentPages {
    /// `letter`, `appointment`, `evidence` or `form`, as the template says.
    pub kind: String,
    pub title: String,
    /// Counted from 1.
    pub first_page: u32,
    pub pages: u32,
}

/// A fault in a template or another file of the definition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateFault {
    pub file: String,
    /// Counted from 1; 0 when the fault is in no one line.
    pub line: usize,
    pub reason: String,
}

/// Why a pack cannot be composed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ComposeFault {
    /// For the exceptions queue: somebody has to write this client's pack another way.
    #[error("{place} holds {character:?} (U+{:04X}), which none of the letters' fonts can print", u32::from(*character))]
    MissingGlyph { character: char, place: String },
    /// The service definition is at fault, not the client's data.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Template(Vec<TemplateFault>),
    /// For the exceptions queue: what the paper cannot hold.
    #[error("{place} {reason}")]
    TooLong { place: String, reason: String },
}

impl std::fmt::Display for TemplateFault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}: {}", self.file, self.line, self.reason)
    }
}

/// Composes packs with one service definition's letters and fonts. Cheap to clone and share.
#[derive(Clone)]
pub struct Composer {
    stationery: Arc<Stationery>,
    /// Of the letters and fonts: part of each pack's identifier.
    files_hash: [u8; 32],
}

impl Composer {
    /// `files` are the definition's, by path: `letters/pack.typ`, `fonts/...`. Others are ignored.
    pub fn new(files: &BTreeMap<String, Vec<u8>>) -> Result<Self, ComposeFault> {
        let stationery = Stationery::new(files)
            .map_err(|(file, reason)| ComposeFault::Template(vec![TemplateFault { file, line: 0, reason }]))?;
        let mut hash = Sha256::new();
        for (path, bytes) in files.iter().filter(|(path, _)| path.starts_with("letters/") || path.starts_with("fonts/"))
        {
            hash.update((path.len() as u64).to_le_bytes());
            hash.update(path);
            hash.update((bytes.len() as u64).to_le_bytes());
            hash.update(bytes);
        }
        Ok(Self { stationery: Arc::new(stationery), files_hash: hash.finalize().into() })
    }

    /// Composes one pack. What could not be printed is found before anything is set.
    pub fn compose(&self, content: &PackContent) -> Result<Composed, ComposeFault> {
        self.compose_noting(content).map(|(composed, _)| composed)
    }

    /// Composes the copy of one agency.
    pub fn compose_agency_copy(&self, content: &AgencyCopy) -> Result<Composed, ComposeFault> {
        self.set(AGENCY, &prepare(content), content.composed_at).map(|(composed, _)| composed)
    }

    /// As `compose`, with what typst warned of: no fault for a client's pack, but one for a linter.
    fn compose_noting(&self, content: &PackContent) -> Result<(Composed, Vec<TemplateFault>), ComposeFault> {
        let data = prepare(content);
        check_address(&data)?;
        self.set(MAIN, &data, content.composed_at)
    }

    /// Sets what a template makes of the data.
    fn set(
        &self,
        main: &str,
        data: &Json,
        composed_at: DateTime<Utc>,
    ) -> Result<(Composed, Vec<TemplateFault>), ComposeFault> {
        self.check_glyphs(data, "")?;
        let json = serde_json::to_vec(data).unwrap_or_default();
        if json.len() > LONGEST_DATA_BYTES {
            let reason = format!("holds {} bytes of answers; at most {LONGEST_DATA_BYTES} can be set", json.len());
            return Err(ComposeFault::TooLong { place: "the pack".into(), reason });
        }
        let ident = hex(&Sha256::new().chain_update(self.files_hash).chain_update(main).chain_update(&json).finalize());
        let missing = || TemplateFault { file: main.to_owned(), line: 0, reason: "is not in this definition".into() };
        let world = self.stationery.with_data(main, json).ok_or_else(|| ComposeFault::Template(vec![missing()]))?;
        let result = typeset(&world, ident, composed_at);
        comemo::evict(CACHE_COMPOSITIONS);
        result
    }

    fn check_glyphs(&self, data: &Json, place: &str) -> Result<(), ComposeFault> {
        match data {
            Json::String(text) => match text.chars().find(|c| !self.can_print(*c)) {
                Some(character) => Err(ComposeFault::MissingGlyph { character, place: place.to_owned() }),
                None => Ok(()),
            },
            Json::Array(items) => items.iter().try_for_each(|item| self.check_glyphs(item, place)),
            Json::Object(fields) => fields.iter().try_for_each(|(name, field)| {
                let place = match fields.get("id").and_then(Json::as_str) {
                    Some(id) => format!("question {id}"),
                    None if place.starts_with("question ") => place.to_owned(),
                    None => name.replace('_', " "),
                };
                self.check_glyphs(field, &place)
            }),
            Json::Null | Json::Bool(_) | Json::Number(_) => Ok(()),
        }
    }

    fn can_print(&self, c: char) -> bool {
        let private = matches!(u32::from(c), 0xE000..=0xF8FF | 0xF0000..);
        matches!(c, '\n' | ' ' | '\u{200b}') || (!private && self.stationery.covers(c))
    }
}

/// Composes a sample pack with a definition's letters and reports each fault with file and line.
pub fn lint(files: &BTreeMap<String, Vec<u8>>) -> Vec<(String, usize, String)> {
    let as_row = |fault: TemplateFault| (fault.file, fault.line, fault.reason);
    let composer = match Composer::new(files) {
        Ok(composer) => composer,
        Err(ComposeFault::Template(faults)) => return faults.into_iter().map(as_row).collect(),
        Err(other) => return vec![("letters".into(), 0, other.to_string())],
    };
    let mut faults = syntax_faults(&composer.stationery);
    if faults.is_empty() {
        match composer.compose_noting(&sample::client()) {
            Ok((composed, warnings)) => {
                faults.extend(warnings);
                if composed.documents.is_empty() {
                    let reason = format!("no template marks where a document begins with <{DOCUMENT_LABEL}>");
                    faults.push(TemplateFault { file: MAIN.into(), line: 0, reason });
                }
            }
            Err(ComposeFault::Template(found)) => faults.extend(found),
            // The sample uses the letters of English and Welsh and nothing long.
            Err(other) => faults.push(TemplateFault { file: "fonts".into(), line: 0, reason: other.to_string() }),
        }
        if files.contains_key(AGENCY) {
            match composer.compose_agency_copy(&sample::agency_copy()) {
                Ok(_) => {}
                Err(ComposeFault::Template(found)) => faults.extend(found),
                Err(other) => faults.push(TemplateFault { file: AGENCY.into(), line: 0, reason: other.to_string() }),
            }
        }
    }
    faults.into_iter().map(as_row).collect()
}

/// Also finds what is wrong in a template that no other imports.
fn syntax_faults(stationery: &Stationery) -> Vec<TemplateFault> {
    let Some(world) = stationery.with_data(MAIN, Vec::new()) else { return Vec::new() };
    let found = stationery.sources().flat_map(|(_, source)| source.root().errors_and_warnings().0);
    found.map(|error| template_fault(&world, &SourceDiagnostic::error(error.span, error.message))).collect()
}

fn typeset(
    world: &PackWorld<'_>,
    ident: String,
    composed_at: DateTime<Utc>,
) -> Result<(Composed, Vec<TemplateFault>), ComposeFault> {
    let fault = |errors: &[SourceDiagnostic]| ComposeFault::Template(template_faults(world, errors));
    let compiled = typst::compile::<PagedDocument>(world);
    let document = compiled.output.map_err(|errors| fault(&errors))?;
    let options = PdfOptions {
        ident: Smart::Custom(ident),
        creator: Smart::Custom(Some("Startline".into())),
        timestamp: timestamp(composed_at),
        standards: standards()?,
        ..PdfOptions::default()
    };
    let pdf = typst_pdf::pdf(&document, &options).map_err(|errors| fault(&errors))?;
    let pages = u32::try_from(document.pages().len()).unwrap_or(u32::MAX);
    let sha256 = hex(&Sha256::digest(&pdf));
    let composed = Composed { documents: documents(&document, pages), pdf, pages, sha256 };
    Ok((composed, template_faults(world, &compiled.warnings)))
}

fn standards() -> Result<PdfStandards, ComposeFault> {
    PdfStandards::new(&[PdfStandard::A_2a, PdfStandard::Ua_1]).map_err(|error| {
        let reason = error.message().to_string();
        ComposeFault::Template(vec![TemplateFault { file: "PDF".into(), line: 0, reason }])
    })
}

fn timestamp(at: DateTime<Utc>) -> Option<Timestamp> {
    let (time, small) = (at.time(), |number: u32| u8::try_from(number).ok());
    let datetime = Datetime::from_ymd_hms(
        at.year(),
        small(at.month())?,
        small(at.day())?,
        small(time.hour())?,
        small(time.minute())?,
        small(time.second())?,
    )?;
    Some(Timestamp::new_utc(datetime))
}

/// Finds where each document begins, in page order.
fn documents(document: &PagedDocument, pages: u32) -> Vec<DocumentPages> {
    let Some(label) = Label::new(PicoStr::intern(DOCUMENT_LABEL)) else { return Vec::new() };
    let introspector = document.introspector();
    let mut found: Vec<DocumentPages> = Vec::new();
    for mark in introspector.query(&Selector::Label(label)) {
        let Some(page) = mark.location().and_then(|location| introspector.page(location)) else { continue };
        let first_page = u32::try_from(page.get()).unwrap_or(u32::MAX);
        let said = |key: &str| match mark.field_by_name("value") {
            Ok(Value::Dict(fields)) => fields.get(key).ok().and_then(|value| value.clone().cast::<String>().ok()),
            _ => None,
        };
        if let Some(last) = found.last_mut() {
            last.pages = first_page.saturating_sub(last.first_page);
        }
        found.push(DocumentPages {
            kind: said("kind").unwrap_or_default(),
            title: said("title").unwrap_or_default(),
            first_page,
            pages: (pages + 1).saturating_sub(first_page),
        });
    }
    found
}

fn template_faults(world: &PackWorld<'_>, diagnostics: &[SourceDiagnostic]) -> Vec<TemplateFault> {
    diagnostics.iter().map(|diagnostic| template_fault(world, diagnostic)).collect()
}

fn template_fault(world: &PackWorld<'_>, diagnostic: &SourceDiagnostic) -> TemplateFault {
    let file = diagnostic.span.id().map(|id| id.get().vpath().get_without_slash().to_owned());
    let line = diagnostic.span.id().and_then(|id| {
        let source = world.source(id).ok()?;
        source.lines().byte_to_line(world.range(diagnostic.span)?.start)
    });
    let mut reason = diagnostic.message.to_string();
    for hint in &diagnostic.hints {
        let _ = write!(reason, " (hint: {})", hint.v);
    }
    TemplateFault { file: file.unwrap_or_else(|| MAIN.to_owned()), line: line.map_or(0, |line| line + 1), reason }
}

fn check_address(data: &Json) -> Result<(), ComposeFault> {
    let lines: Vec<&str> =
        data["address"].as_array().map(|lines| lines.iter().filter_map(Json::as_str).collect()).unwrap_or_default();
    let fault = |reason: String| Err(ComposeFault::TooLong { place: "the address".into(), reason });
    if !ADDRESS_LINES.contains(&lines.len()) {
        return fault(format!("has {} lines; an envelope's window shows 3 to 7", lines.len()));
    }
    match lines.iter().find(|line| line.chars().count() > ADDRESS_LINE_CHARACTERS || line.contains('\n')) {
        Some(line) => fault(format!("has the line {line:?}; at most {ADDRESS_LINE_CHARACTERS} characters fit")),
        None => Ok(()),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests;
