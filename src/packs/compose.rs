//! Composes a claim pack: content in, one tagged PDF out.
//!
//! The PDF conforms to PDF/A-2a and PDF/UA-1, and the same content gives the same bytes: its identifier comes from the
//! content and the templates, its date from the content. Composing takes the processor for some tens of milliseconds
//! and blocks; call it where blocking is allowed. Nothing is stored here and nothing can be lost.

use super::access_content::AccessList;
use super::barcode::short_version;
use super::content::{AgencyCopy, Layout, Look, PackContent, Printable};
use super::measure::{self, DocumentPages, PageMeasure};
use super::printable;
use super::sanitize::sanitize;
use super::subject::Unprintable;
use super::thread;
use super::words::{self, WORDS, Words};
use super::world::{ACCESS, AGENCY, Codes, MAIN, PackWorld, Stationery};
use chrono::{DateTime, Datelike, Timelike, Utc};
use sha2::{Digest, Sha256};
use startline_foundation::ids::DefinitionVersion;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use typst::diag::SourceDiagnostic;
use typst::foundations::{Datetime, Label, Selector, Smart, Value};
use typst::introspection::Introspector;
use typst::utils::PicoStr;
use typst::{World, WorldExt};
use typst_layout::PagedDocument;
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards, Timestamp};

/// The label with which a template marks where a document begins: `#metadata((kind: .., title: ..)) <pack-document>`.
pub(super) const DOCUMENT_LABEL: &str = "pack-document";

/// After so many compositions the cached intermediate results are gone through, and those that none of these used are let
/// go: the templates' own are used by every pack of their look, on whichever thread; a client's are gone after twice as many
/// packs at the latest, so memory stays flat. Going through them all costs a tenth of composing a pack.
const CACHE_COMPOSITIONS: usize = 4;

static COMPOSITIONS: AtomicUsize = AtomicUsize::new(0);

/// A composed pack, ready to store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Composed {
    pub pdf: Vec<u8>,
    pub pages: u32,
    /// Printed on both sides.
    pub sheets: u32,
    pub documents: Vec<DocumentPages>,
    /// Of `pdf`, in lower-case hexadecimal.
    pub sha256: String,
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
    /// For the exceptions list: everything that cannot be printed, found before anything is set.
    #[error("{}", .0.iter().map(|one| format!("{} {}", one.place, one.sentence)).collect::<Vec<_>>().join("; "))]
    Unprintable(Vec<Unprintable>),
    /// The service definition is at fault, not the client's data.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Template(Vec<TemplateFault>),
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
    words: Arc<Words>,
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
        let in_words = |reason: String| TemplateFault { file: WORDS.into(), line: 0, reason };
        let words = words::of_files(files).map_err(|reason| ComposeFault::Template(vec![in_words(reason)]))?;
        Ok(Self { stationery: Arc::new(stationery), files_hash: hash.finalize().into(), words: Arc::new(words) })
    }

    /// The fixed wording of the letters, for whoever gathers what they say.
    pub fn words(&self) -> &Words {
        &self.words
    }

    /// Composes one pack. What could not be printed is found before anything is set.
    pub fn compose(&self, content: &PackContent) -> Result<Composed, ComposeFault> {
        self.set_pack(content, nothing_more).map(|set| set.composed)
    }

    /// Composes the copy of one agency.
    pub fn compose_agency_copy(&self, content: &AgencyCopy) -> Result<Composed, ComposeFault> {
        self.set(AGENCY, content, None, content.composed_at, nothing_more).map(|set| set.composed)
    }

    /// Composes the list of who has looked at a client's record.
    pub fn compose_access_list(&self, content: &AccessList) -> Result<Composed, ComposeFault> {
        self.set(ACCESS, content, None, content.composed_at, nothing_more).map(|set| set.composed)
    }

    pub fn measured_access_list(&self, content: &AccessList) -> Result<(Composed, Vec<PageMeasure>), ComposeFault> {
        let look = content.look();
        let measured = move |document: &PagedDocument, parts: &[DocumentPages]| measure::pages(document, parts, look);
        self.set(ACCESS, content, None, content.composed_at, measured).map(|set| (set.composed, set.more))
    }

    /// As `compose` and `compose_agency_copy`, with the measures of each page.
    pub fn compose_measured(&self, content: &PackContent) -> Result<(Composed, Vec<PageMeasure>), ComposeFault> {
        let look = content.look();
        self.set_pack(content, move |document, parts| measure::pages(document, parts, look))
            .map(|set| (set.composed, set.more))
    }

    pub fn measured_agency_copy(&self, content: &AgencyCopy) -> Result<(Composed, Vec<PageMeasure>), ComposeFault> {
        let look = content.look();
        let measured = move |document: &PagedDocument, parts: &[DocumentPages]| measure::pages(document, parts, look);
        self.set(AGENCY, content, None, content.composed_at, measured).map(|set| (set.composed, set.more))
    }

    /// As `compose`, with what typst warned of: no fault for a client's pack, but one for a linter.
    pub(super) fn compose_noting(&self, content: &PackContent) -> Result<(Composed, Vec<TemplateFault>), ComposeFault> {
        self.set_pack(content, nothing_more).map(|set| (set.composed, set.warnings))
    }

    fn set_pack<M: Send>(
        &self,
        content: &PackContent,
        more: impl Fn(&PagedDocument, &[DocumentPages]) -> M + Send,
    ) -> Result<Set<M>, ComposeFault> {
        let definition = short_version(&DefinitionVersion::new(&content.definition_version));
        self.set(MAIN, content, Some(Codes { pack: content.pack, definition }), content.composed_at, more)
    }

    /// Everything in the content that cannot be printed. Takes no typesetting.
    pub fn unprintable<C: Printable>(&self, content: &C) -> Vec<Unprintable> {
        printable::faults(&sanitize(content), C::MOST_OF_ONE_PLACE, &|c| self.can_print(c))
    }

    /// Sets what a template makes of the data, and takes from the pages what else is wanted of them.
    fn set<C: Printable, M: Send>(
        &self,
        main: &str,
        content: &C,
        codes: Option<Codes>,
        composed_at: DateTime<Utc>,
        more: impl Fn(&PagedDocument, &[DocumentPages]) -> M + Send,
    ) -> Result<Set<M>, ComposeFault> {
        let data = sanitize(content);
        let faults = printable::faults(&data, C::MOST_OF_ONE_PLACE, &|c| self.can_print(c));
        if !faults.is_empty() {
            return Err(ComposeFault::Unprintable(faults));
        }
        let json = serde_json::to_vec(&data).unwrap_or_default();
        let ident = hex(&Sha256::new().chain_update(self.files_hash).chain_update(main).chain_update(&json).finalize());
        let missing = || TemplateFault { file: main.to_owned(), line: 0, reason: "is not in this definition".into() };
        let world = self.stationery.with_data(main, content.look(), codes, json);
        let world = world.ok_or_else(|| ComposeFault::Template(vec![missing()]))?;
        let result = thread::on_one(|| typeset(&world, ident, composed_at, more));
        if COMPOSITIONS.fetch_add(1, Ordering::Relaxed) % CACHE_COMPOSITIONS == CACHE_COMPOSITIONS - 1 {
            comemo::evict(1);
        }
        result
    }

    fn can_print(&self, c: char) -> bool {
        let private = matches!(u32::from(c), 0xE000..=0xF8FF | 0xF0000..);
        matches!(c, '\n' | ' ' | '\u{200b}') || (!private && self.stationery.covers(c))
    }

    /// What is wrong in a template by its text alone, also in one that no other imports.
    pub(super) fn syntax_faults(&self) -> Vec<TemplateFault> {
        let look = Look { layout: Layout::English, large_print: false };
        let Some(world) = self.stationery.with_data(MAIN, look, None, Vec::new()) else { return Vec::new() };
        let found = self.stationery.sources().flat_map(|(_, source)| source.root().errors_and_warnings().0);
        found.map(|error| template_fault(&world, &SourceDiagnostic::error(error.span, error.message))).collect()
    }
}

/// A pack that was set, with what typst warned of, and what else was wanted of its pages.
struct Set<M> {
    composed: Composed,
    warnings: Vec<TemplateFault>,
    more: M,
}

fn nothing_more(_: &PagedDocument, _: &[DocumentPages]) {}

fn typeset<M>(
    world: &PackWorld<'_>,
    ident: String,
    composed_at: DateTime<Utc>,
    more: impl Fn(&PagedDocument, &[DocumentPages]) -> M,
) -> Result<Set<M>, ComposeFault> {
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
    let documents = documents(&document, pages);
    let more = more(&document, &documents);
    let composed = Composed { documents, pdf, pages, sheets: pages.div_ceil(2), sha256 };
    Ok(Set { composed, warnings: template_faults(world, &compiled.warnings), more })
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

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests;
#[cfg(test)]
mod wording;
