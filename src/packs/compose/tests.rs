use super::*;
use crate::packs::content::{Answer, FormQuestion};
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
    let world = composer.stationery.with_data(MAIN, json).expect("the sample has its templates");
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
        files.insert(crate::packs::world::MAIN.into(), format!("\n{code}").into_bytes());
        let faults = lint(&files);
        assert!(
            faults
                .iter()
                .any(|(file, line, reason)| { file == "letters/pack.typ" && *line == 2 && reason.contains(complaint) }),
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
    without_main.remove(crate::packs::world::MAIN);
    assert_eq!(lint(&without_main)[0].0, "letters/pack.typ");
}
