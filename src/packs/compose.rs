//! Composes a claim pack: content in, one tagged PDF out.
//!
//! The PDF conforms to PDF/A-2a and PDF/UA-1, and the same content gives the same bytes: its identifier comes from the
//! content and the templates, its date from the content. Composing takes the processor for some tens of milliseconds
//! and blocks; call it where blocking is allowed. Nothing is stored here and nothing can be lost.

use super::content::PackContent;
use super::prepare::prepare;
use super::sample;
use super::world::{PackWorld, Stationery};
use chrono::{DateTime, Datelike, Timelike, Utc};
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
#[derive(Debug, Clone, PartialEq, Eq)]
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

    /// As `compose`, with what typst warned of: no fault for a client's pack, but one for a linter.
    fn compose_noting(&self, content: &PackContent) -> Result<(Composed, Vec<TemplateFault>), ComposeFault> {
        let data = prepare(content);
        check_address(&data)?;
        self.check_glyphs(&data, "")?;
        let json = serde_json::to_vec(&data).unwrap_or_default();
        if json.len() > LONGEST_DATA_BYTES {
            let reason = format!("holds {} bytes of answers; at most {LONGEST_DATA_BYTES} can be set", json.len());
            return Err(ComposeFault::TooLong { place: "the pack".into(), reason });
        }
        let ident = hex(&Sha256::new().chain_update(self.files_hash).chain_update(&json).finalize());
        let world = self.stationery.with_data(json);
        let result = typeset(&world, ident, content.composed_at);
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
                    faults.push(TemplateFault { file: super::world::MAIN.into(), line: 0, reason });
                }
            }
            Err(ComposeFault::Template(found)) => faults.extend(found),
            // The sample uses the letters of English and Welsh and nothing long.
            Err(other) => faults.push(TemplateFault { file: "fonts".into(), line: 0, reason: other.to_string() }),
        }
    }
    faults.into_iter().map(as_row).collect()
}

/// Also finds what is wrong in a template that no other imports.
fn syntax_faults(stationery: &Stationery) -> Vec<TemplateFault> {
    let world = stationery.with_data(Vec::new());
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
    TemplateFault {
        file: file.unwrap_or_else(|| super::world::MAIN.to_owned()),
        line: line.map_or(0, |line| line + 1),
        reason,
    }
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
mod tests {
    use super::super::content::{Answer, FormQuestion};
    use super::*;
    use include_dir::{Dir, include_dir};

    static PILOT: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/deploy/definitions/one-pilot");

    fn pilot_files() -> BTreeMap<String, Vec<u8>> {
        let folders = ["letters", "fonts"].iter().filter_map(|name| PILOT.get_dir(name));
        let files = folders.flat_map(Dir::files);
        files.map(|file| (file.path().to_string_lossy().into_owned(), file.contents().to_vec())).collect()
    }

    fn composer() -> Composer {
        Composer::new(&pilot_files()).expect("the pilot's letters and fonts can be read")
    }

    fn contains(pdf: &[u8], needle: &str) -> bool {
        pdf.windows(needle.len()).any(|window| window == needle.as_bytes())
    }

    /// The text of a pack as it is laid out, before fonts and compression make it unreadable in the PDF's bytes.
    fn laid_out_text(content: &PackContent) -> String {
        let composer = composer();
        let json = serde_json::to_vec(&prepare(content)).expect("content is plain data");
        let world = composer.stationery.with_data(json);
        let document = typst::compile::<PagedDocument>(&world).output.expect("the sample's letters compile");
        let mut text = String::new();
        document.pages().iter().for_each(|page| collect_text(&page.frame, &mut text));
        text
    }

    fn collect_text(frame: &typst::layout::Frame, text: &mut String) {
        for (_, item) in frame.items() {
            match item {
                typst::layout::FrameItem::Text(run) => text.push_str(&run.text),
                typst::layout::FrameItem::Group(group) => collect_text(&group.frame, text),
                _ => {}
            }
        }
    }

    #[test]
    fn a_pack_with_150_answers_is_one_tagged_pdf_of_four_documents() {
        let content = sample::client_with_long_form();
        let fields: usize = content.form.parts.iter().map(|part| part.questions.len()).sum();
        let pack = composer().compose(&content).expect("the sample composes");
        assert!(fields >= 140, "{fields}");
        assert!(pack.pages >= 12, "{}", pack.pages);
        assert!(pack.pdf.starts_with(b"%PDF-1.7"));
        for mark in ["/MarkInfo", "/StructTreeRoot", "pdfuaid:part", "pdfaid:conformance"] {
            assert!(contains(&pack.pdf, mark), "{mark}");
        }
        let kinds: Vec<&str> = pack.documents.iter().map(|document| document.kind.as_str()).collect();
        assert_eq!(kinds, ["letter", "appointment", "evidence", "form"]);
        assert_eq!(pack.documents.iter().map(|document| document.pages).sum::<u32>(), pack.pages);
        assert!(pack.documents.windows(2).all(|pair| pair[0].first_page + pair[0].pages == pair[1].first_page));
    }

    #[test]
    fn the_same_content_gives_the_same_bytes_and_another_name_others() {
        let mut content = sample::client();
        let first = composer().compose(&content).expect("the sample composes");
        assert_eq!(composer().compose(&content).expect("it composes again"), first);
        content.salutation = "Mrs Pryce".into();
        assert_ne!(composer().compose(&content).expect("and with another name").sha256, first.sha256);
    }

    #[test]
    fn a_name_that_is_template_code_prints_literally() {
        let hostile = "#read(\"/etc/passwd\") *b* $x$ `c` @ref <tag> // \\u{41}";
        let mut content = sample::client();
        content.client_name = format!("{hostile}\u{202e}");
        content.form.parts[0].questions[1].answer = Answer::line("#panic(\"no\") ]#import \"@preview/x:1.0.0\"");
        composer().compose(&content).expect("it is only text");
        let text = laid_out_text(&content);
        // Line breaks may fall at any space, so spaces are left out of the comparison.
        let printed: String = text.split_whitespace().collect();
        for said in [hostile, "#panic(\"no\") ]#import \"@preview/x:1.0.0\""] {
            assert!(printed.contains(&said.split_whitespace().collect::<String>()), "{said}");
        }
        assert!(!text.contains('\u{202e}') && !text.contains("root:"));
    }

    #[test]
    fn templates_reach_no_file_package_or_clock() {
        for (code, complaint) in [
            ("#read(\"/etc/passwd\")", "not found"),
            ("#read(\"../../Cargo.toml\")", "escape"),
            ("#import \"@preview/cetz:0.3.0\"", "package"),
            ("#include \"/data.json\"", "not a"),
            ("#datetime.today().display()", "unable to get the current date"),
        ] {
            let mut files = pilot_files();
            files.insert(super::super::world::MAIN.into(), format!("\n{code}").into_bytes());
            let faults = lint(&files);
            assert!(
                faults.iter().any(|(file, line, reason)| {
                    file == "letters/pack.typ" && *line == 2 && reason.contains(complaint)
                }),
                "{code}: {faults:?}"
            );
        }
    }

    #[test]
    fn a_character_no_font_can_print_is_named_with_its_question_before_anything_is_set() {
        let mut content = sample::client();
        content.form.parts[0].questions[1].answer = Answer::line("Nguyễn 明");
        let fault = composer().compose(&content).expect_err("the letters' fonts have no Chinese");
        assert_eq!(fault, ComposeFault::MissingGlyph { character: '明', place: "question B2".into() });
        content = sample::client();
        content.address[1] = "Flat \u{1f600}".into();
        let fault = composer().compose(&content).expect_err("nor faces");
        assert_eq!(fault, ComposeFault::MissingGlyph { character: '\u{1f600}', place: "address".into() });
    }

    #[test]
    fn an_answer_of_5000_characters_goes_on_to_the_continuation_sheet_whole() {
        let long: String = (0..700).map(|n| format!("word{n} ")).collect();
        let unbroken = "x".repeat(5000);
        let mut content = sample::client();
        let answer = |value: &str| Answer::Text { value: value.into(), lines: 5 };
        content.form.parts[1].questions[2].answer = answer(&long);
        let more =
            FormQuestion { id: "G6".into(), answer: answer(&unbroken), ..content.form.parts[1].questions[2].clone() };
        content.form.parts[1].questions.push(more);
        let printed: String = laid_out_text(&content).split_whitespace().collect();
        let mut from = 0;
        for n in 0..700 {
            let word = format!("word{n}");
            from += printed[from..].find(&word).expect("each word is printed, in order");
        }
        assert_eq!(printed.replace('\u{200b}', "").matches('x').count(), 5000 + x_elsewhere());
        composer().compose(&content).expect("it composes");
    }

    /// The letter x in the sample's own words.
    fn x_elsewhere() -> usize {
        let mut content = sample::client();
        let answer = Answer::Text { value: "- ".repeat(2500), lines: 5 };
        content.form.parts[1].questions[2].answer = answer.clone();
        let more = FormQuestion { id: "G6".into(), answer, ..content.form.parts[1].questions[2].clone() };
        content.form.parts[1].questions.push(more);
        laid_out_text(&content).matches('x').count()
    }

    #[test]
    fn an_address_that_does_not_fit_the_window_is_refused() {
        let mut content = sample::client();
        content.address.truncate(2);
        assert!(matches!(composer().compose(&content), Err(ComposeFault::TooLong { .. })));
        content = sample::client();
        content.address[1] = "x".repeat(45);
        assert!(matches!(composer().compose(&content), Err(ComposeFault::TooLong { .. })));
    }

    #[test]
    fn a_deferred_meeting_makes_a_pack_without_an_appointment_letter() {
        let mut content = sample::client();
        content.appointment = None;
        content.evidence.clear();
        let pack = composer().compose(&content).expect("the sample composes");
        assert!(pack.documents.iter().all(|document| document.kind != "appointment"));
    }

    #[test]
    fn the_linter_passes_the_pilot_and_names_file_and_line_of_each_fault() {
        assert_eq!(lint(&pilot_files()), []);
        let faults_of = |path: &str, text: &str| {
            let mut files = pilot_files();
            files.insert(path.into(), text.as_bytes().to_vec());
            lint(&files)
        };
        let unclosed = faults_of("letters/unused.typ", "fine\n\n#let x = (1\n");
        assert!(unclosed.iter().any(|(file, line, _)| file == "letters/unused.typ" && *line == 3), "{unclosed:?}");
        let unknown = faults_of("letters/evidence.typ", "#let evidence(data) = [\n  #data.no-such-field\n]");
        assert!(unknown.iter().any(|(file, line, _)| file == "letters/evidence.typ" && *line == 2), "{unknown:?}");
        let font = faults_of("fonts/PublicSans-Bold.ttf", "not a font");
        assert_eq!(font[0].0, "fonts/PublicSans-Bold.ttf");
        let mut without_main = pilot_files();
        without_main.remove(super::super::world::MAIN);
        assert_eq!(lint(&without_main)[0].0, "letters/pack.typ");
    }
}
