use super::*;
use crate::content::{self, Answer, FormQuestion, Layout};
use crate::world::Codes;
use crate::{Replacement, lint, printable, samples};
use startline_definition::Definition;
use std::sync::LazyLock;

static COMPOSER: LazyLock<Composer> =
    LazyLock::new(|| Composer::new(Definition::embedded().files()).expect("the pilot's letters and fonts can be read"));

fn client() -> PackContent {
    samples::job_seeker(&Definition::embedded(), COMPOSER.words()).expect("the sample is whole")
}

/// A client with two parts of the form only: quicker to set.
fn short() -> PackContent {
    let mut content = client();
    if let Some(form) = &mut content.form {
        form.parts.retain(|part| ["A", "B"].contains(&part.code.as_str()));
    }
    content
}

fn question<'a>(content: &'a mut PackContent, id: &str) -> &'a mut FormQuestion {
    let parts = content.form.iter_mut().flat_map(|form| &mut form.parts);
    parts.flat_map(|part| &mut part.questions).find(|question| question.id == id).expect("the form asks it")
}

fn contains(pdf: &[u8], needle: &str) -> bool {
    pdf.windows(needle.len()).any(|window| window == needle.as_bytes())
}

/// The text of a pack as it is laid out, before fonts and compression make it unreadable in the PDF's bytes.
fn laid_out_text(content: &PackContent) -> String {
    let json = serde_json::to_vec(&sanitize(content)).expect("content is plain data");
    let codes = Codes { pack: content.pack, definition: [0; 3] };
    let world = COMPOSER.stationery.with_data(MAIN, content.look, Some(codes), json).expect("it has its templates");
    let document = typst::compile::<PagedDocument>(&world).output.expect("the sample's letters compile");
    let mut text = String::new();
    document.pages().iter().for_each(|page| collect_text(&page.frame, &mut text));
    text
}

/// With what is said of what is drawn.
pub(super) fn collect_text(frame: &typst::layout::Frame, text: &mut String) {
    for (_, item) in frame.items() {
        match item {
            typst::layout::FrameItem::Tag(typst::introspection::Tag::Start(element, _)) => {
                let described = element.field_by_name("alt").ok().and_then(|alt| alt.cast::<String>().ok());
                text.push_str(&described.unwrap_or_default());
            }
            typst::layout::FrameItem::Text(run) => text.push_str(&run.text),
            typst::layout::FrameItem::Group(group) => collect_text(&group.frame, text),
            _ => {}
        }
    }
}

/// Without white space: a line may end at any gap.
pub(super) fn pressed(text: &str) -> String {
    text.replace('\u{200b}', "").split_whitespace().collect()
}

#[test]
fn a_whole_claim_pack_is_one_tagged_pdf_of_five_documents_with_the_form_on_sheets_of_its_own() {
    let pack = COMPOSER.compose(&client()).expect("the sample composes");
    assert!(pack.pages >= 15, "{}", pack.pages);
    assert!(pack.pdf.starts_with(b"%PDF-1.7"));
    for mark in ["/MarkInfo", "/StructTreeRoot", "pdfuaid:part", "pdfaid:conformance"] {
        assert!(contains(&pack.pdf, mark), "{mark}");
    }
    let kinds: Vec<&str> = pack.documents.iter().map(|document| document.kind.as_str()).collect();
    assert_eq!(kinds, ["covering", "appointment", "summary", "evidence", "form"]);
    assert_eq!(pack.documents.iter().map(|document| document.pages).sum::<u32>(), pack.pages);
    assert!(pack.documents.windows(2).all(|pair| pair[0].first_page + pair[0].pages == pair[1].first_page));
    let form = pack.documents.last().expect("the form is the last");
    assert_eq!((form.first_page % 2, pack.documents[0].first_page), (1, 1), "{:?}", pack.documents);
    assert_eq!(pack.sheets, pack.pages.div_ceil(2));
}

#[test]
fn the_same_content_gives_the_same_bytes_and_another_name_others() {
    let mut content = short();
    let first = COMPOSER.compose(&content).expect("the sample composes");
    let other = Composer::new(Definition::embedded().files()).expect("the letters can be read");
    assert_eq!(other.compose(&content).expect("it composes again"), first);
    content.salutation = "Mrs Pryce".into();
    assert_ne!(COMPOSER.compose(&content).expect("and with another name").sha256, first.sha256);
}

#[test]
fn template_code_in_any_place_prints_literally() {
    const HOSTILE: &str = "#read(\"/etc/passwd\") *b* $x$ `c` @ref <tag> // \\u{41} ]#panic(\"no\")";
    let mut content = short();
    content.client_name = format!("{HOSTILE}\u{202e}\0");
    content.salutation = HOSTILE.into();
    content.site.adviser = HOSTILE.into();
    if let Some(appointment) = &mut content.appointment {
        appointment.personal_adviser = HOSTILE.into();
    }
    if let Some(summary) = &mut content.summary {
        summary.sections[0].title = HOSTILE.into();
        summary.sections[0].lines[0].said = HOSTILE.into();
    }
    content.address[1] = HOSTILE.into();
    let form = content.form.as_mut().expect("a claim pack has the form");
    let questions = form.parts.iter_mut().flat_map(|part| &mut part.questions);
    let mut boxes = 0;
    for question in questions {
        if let Answer::Text { value, .. } = &mut question.answer {
            *value = HOSTILE.into();
            boxes += 1;
        }
    }
    COMPOSER.compose(&content).expect("it is only text");
    let text = laid_out_text(&content);
    assert!(boxes > 8 && !text.contains(['\u{202e}', '\0']) && !text.contains("root:"));
    // The boxes; the covering letter's greeting, address and signature; the appointment's; the summary's; the form's names.
    assert!(pressed(&text).matches(&pressed(HOSTILE)).count() >= boxes + 8, "{text}");
}

#[test]
fn templates_reach_no_file_package_or_clock() {
    for (code, complaint) in [
        ("#read(\"/etc/passwd\")", "not found"),
        ("#read(\"../../Cargo.toml\")", "escape"),
        ("#import \"@preview/cetz:0.3.0\"", "package"),
        ("#include \"/data.json\"", "not a"),
        ("#datetime.today().display()", "unable to get the current date"),
        ("#read(\"/barcodes/1/2\", encoding: none)", "not found"),
    ] {
        let faults = faults_with(MAIN, &format!("\n{code}"));
        assert!(
            faults.iter().any(|(file, line, reason)| file == MAIN && *line == 2 && reason.contains(complaint)),
            "{code}: {faults:?}"
        );
    }
}

fn faults_with(path: &str, text: &str) -> Vec<(String, usize, String)> {
    let mut files = Definition::embedded().files().clone();
    files.insert(path.into(), text.as_bytes().to_vec());
    lint(&Definition::from_files(files).expect("the rest of the definition is whole"))
}

#[test]
fn everything_that_cannot_be_printed_is_told_at_once_and_a_replacement_mends_it_in_print_only() {
    let mut content = short();
    content.client_name = "Nguyễn 明".into();
    content.salutation = content.client_name.clone();
    question(&mut content, "B2").answer = Answer::line("明明\u{1f600}");
    question(&mut content, "B4").answer = Answer::line("क");
    let Err(ComposeFault::Unprintable(faults)) = COMPOSER.compose(&content) else { panic!("the fonts have none") };
    let mut places: Vec<&str> = faults.iter().map(|fault| fault.place.as_str()).collect();
    places.dedup();
    assert_eq!(places, ["client name", "question B2", "question B4", "client name"]);
    assert!(
        faults.iter().all(|fault| fault.reason == "GLYPH" && !fault.mend.is_empty() && !fault.sentence.contains('明'))
    );
    let replacement =
        |place: &str, text: &str| Replacement { place: place.into(), text: text.into(), instead_of: None };
    printable::replace(
        &mut content,
        &[
            replacement("client name", "Nguyen Minh"),
            replacement("question B2", "Minh"),
            replacement("question B4", "Ka"),
        ],
    );
    COMPOSER.compose(&content).expect("everything is mended");
    assert!(laid_out_text(&content).contains("Minh"));
}

#[test]
fn ten_thousand_characters_go_on_to_the_continuation_sheet_whole() {
    let long: String = (0..1_500).map(|n| format!("word{n} ")).collect();
    let mut content = short();
    question(&mut content, "B2").answer = Answer::Text { value: long, lines: 5 };
    question(&mut content, "B3").answer = Answer::line("ŵ".repeat(5_000));
    let printed = pressed(&laid_out_text(&content));
    let mut from = 0;
    for n in 0..1_500 {
        let word = format!("word{n}");
        from += printed[from..].find(&word).expect("each word is printed, in order");
    }
    assert_eq!(printed.matches('ŵ').count(), 5_000);
    COMPOSER.compose(&content).expect("it composes");
    question(&mut content, "B3").answer = Answer::line("ŵ ".repeat(40_000));
    let Err(ComposeFault::Unprintable(faults)) = COMPOSER.compose(&content) else { panic!("that is a book") };
    assert_eq!((faults[0].place.as_str(), faults[0].reason.as_str()), ("question B3", "TOO_LONG"));
}

#[test]
fn welsh_stands_beside_its_english_in_every_layout() {
    for layout in [Layout::SideBySide, Layout::Facing] {
        let carer = samples::for_linter(&Definition::embedded(), COMPOSER.words()).expect("the samples are whole");
        let mut content = carer.into_iter().find(|one| one.look.layout == layout).expect("the carer reads Welsh");
        if let Some(form) = &mut content.form {
            form.parts.truncate(2);
        }
        let text = laid_out_text(&content);
        for said in ["Rhan", "Part", "Eich ffurflen hawlio", "Your claim form", "Cymhorthdal Incwm", "Income Support"] {
            assert!(pressed(&text).contains(&pressed(said)), "{layout:?}: {said}");
        }
        let english = pressed(&text).matches(&pressed("Date of birth")).count();
        assert_eq!(pressed(&text).matches(&pressed("Dyddiad geni")).count(), english, "{layout:?}");
    }
}

#[test]
fn the_linter_passes_the_pilot_and_names_file_and_line_of_each_fault() {
    assert_eq!(lint(&Definition::embedded()), []);
    let unclosed = faults_with("letters/unused.typ", "fine\n\n#let x = (1\n");
    assert!(unclosed.iter().any(|(file, line, _)| file == "letters/unused.typ" && *line == 3), "{unclosed:?}");
    let unknown = faults_with("letters/evidence.typ", "#let evidence(data, number) = [\n  #data.no-such-field\n]");
    assert!(unknown.iter().any(|(file, line, _)| file == "letters/evidence.typ" && *line == 2), "{unknown:?}");
    // A letter that only one kind of client gets is composed too.
    let mut notice = Definition::embedded().files()["letters/notice.typ"].clone();
    notice.extend(b"\n#let deferral(data) = [\n  #data.nothing\n]\n");
    let deferral = faults_with("letters/notice.typ", &String::from_utf8(notice).expect("it is text"));
    assert!(deferral.iter().any(|(file, ..)| file == "letters/notice.typ"), "{deferral:?}");
    let font = faults_with("fonts/PublicSans-Bold.ttf", "not a font");
    assert_eq!(font[0].0, "fonts/PublicSans-Bold.ttf");
    let words = faults_with("letters/words.yaml", "site:\n  phone: { en: Phone, cy: [] }\n");
    assert_eq!(words[0].0, "letters/words.yaml");
}

/// The text of each page.
fn page_texts(content: &PackContent) -> Vec<String> {
    let json = serde_json::to_vec(&sanitize(content)).expect("content is plain data");
    let codes = Codes { pack: content.pack, definition: [0; 3] };
    let world = COMPOSER.stationery.with_data(MAIN, content.look, Some(codes), json).expect("it has its templates");
    let document = typst::compile::<PagedDocument>(&world).output.expect("the sample's letters compile");
    let text = |page: &typst_layout::Page| {
        let mut text = String::new();
        collect_text(&page.frame, &mut text);
        pressed(&text)
    };
    document.pages().iter().map(text).collect()
}

/// Every sample, with its client's group.
static EVERY: LazyLock<Vec<(String, PackContent)>> = LazyLock::new(|| {
    let every = samples::every(&Definition::embedded(), COMPOSER.words()).expect("the samples are whole");
    every.into_iter().map(|(person, content)| (person.group, content)).collect()
});

fn sample_of(group: &str, kind: &str, look: Look) -> &'static PackContent {
    let is_it = |of: &str, content: &PackContent| of == group && content.kind == kind && content.look == look;
    let found = EVERY.iter().find(|(of, content)| is_it(of, content));
    &found.unwrap_or_else(|| panic!("{group} gets no {kind}")).1
}

const USUAL: Look = Look { layout: Layout::English, large_print: false };

#[test]
fn a_pack_to_be_posted_back_says_so_and_where_to_and_speaks_of_no_meeting() {
    let address = pressed("Calderdale and Kirklees, ONE call centre, Ramsden House, Huddersfield, HD1 2TH");
    for large_print in [false, true] {
        let content = sample_of("bereaved", "claim", Look { large_print, ..USUAL });
        let pages = page_texts(content);
        assert!(pages[0].contains("postitback") && pages[0].contains(&address), "{}", pages[0]);
        let post_to = pressed("Please post this back to:");
        let on_form: Vec<&String> = pages.iter().filter(|page| page.contains(&post_to)).collect();
        assert_eq!(on_form.len(), 2, "on the form's first page and beside the declaration");
        assert!(on_form.iter().all(|page| page.contains("RamsdenHouse") && page.contains("HD12TH")), "{on_form:?}");
        let all = pages.concat();
        for of_a_meeting in
            ["Changes made at the meeting", "Bring it to your meeting", "What to bring", "Come to the meeting"]
        {
            assert!(!all.contains(&pressed(of_a_meeting)), "{of_a_meeting}");
        }
    }
    let meets = page_texts(sample_of("job_seeker", "claim", USUAL)).concat();
    assert!(meets.contains(&pressed("Changes made at the meeting")) && !meets.contains("postthisback"));
}

#[test]
fn what_to_do_is_told_after_when_to_do_it_and_the_way_with_its_sketch() {
    for layout in Layout::ALL {
        for large_print in [false, true] {
            let look = Look { layout, large_print };
            let pages = page_texts(sample_of("carer", "new_time", look));
            let text = pages.concat();
            let (if_not, then) = (text.find("Ifyoucannotcome"), text.find("Ringuson"));
            assert!(if_not.is_some() && if_not < then, "{look:?}: {text}");
            for kind in ["new_time", "claim"] {
                let pages = page_texts(sample_of("carer", kind, look));
                let way: Vec<&String> = pages.iter().filter(|page| page.contains("Howtofindus")).collect();
                assert!(way.len() == 1 && way[0].contains("EdloganWay"), "{kind} {look:?}: {way:?}");
            }
        }
    }
}

#[test]
fn the_forms_first_page_names_every_part_that_is_left_out() {
    for (group, content) in EVERY.iter() {
        let Some(form) = content.form.as_ref().filter(|_| content.look == USUAL) else { continue };
        let printed = form.parts.iter().map(|part| part.code.as_str());
        let mut all: Vec<&str> = printed.chain(form.left_out.iter().map(|part| part.code.as_str())).collect();
        all.sort_unstable();
        let letters: Vec<String> = ('A'..='T').map(String::from).collect();
        assert_eq!(all, letters, "{group}");
        let pages = page_texts(content);
        let first = pages.iter().find(|page| page.contains("Howtousethisform")).expect("the form has a first page");
        for part in &form.left_out {
            let content::Said::One(title) = &part.title else { panic!("it is in English") };
            assert!(first.contains(&pressed(&format!("{} ({title})", part.code))), "{title}: {first}");
        }
    }
}

#[test]
fn a_day_is_written_in_words_wherever_it_is_told() {
    let mut days = 0;
    for (group, content) in EVERY.iter() {
        let mut content = content.clone();
        content.definition_version.clear();
        let json = serde_json::to_value(&content).expect("content is plain data");
        each_string(&json, &mut |text| {
            let figures: Vec<usize> =
                text.split(['/', ' ', '.']).map(|part| part.len() * usize::from(is_number(part))).collect();
            let in_figures = figures.windows(3).any(|three| matches!(three, [1..=2, 1..=2, 4]));
            assert!(!in_figures, "{group}: {text}");
            days += usize::from(text.contains(" 2000") || text.contains(" 2026"));
        });
    }
    assert!(days > 500, "{days}");
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_digit())
}

fn each_string(value: &serde_json::Value, visit: &mut impl FnMut(&str)) {
    match value {
        serde_json::Value::String(text) => visit(text),
        serde_json::Value::Array(all) => all.iter().for_each(|one| each_string(one, visit)),
        serde_json::Value::Object(fields) => fields.values().for_each(|field| each_string(field, visit)),
        _ => {}
    }
}
