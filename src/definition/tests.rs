use super::*;
use startline_foundation::formats::{Postcode, UkPhone};
use startline_foundation::ids::SiteId;

#[test]
fn the_definition_inside_the_program_has_no_fault() {
    let (_, report) = load::build(files::embedded(), Reader::Author);
    assert!(report.is_clean(), "{report}");
    assert_eq!(report.to_string(), "212 questions in 22 parts, 5 scripts, 4 sites, 31 offices");
}

/// The pilot's files with one file changed by `change`, and the faults that makes.
#[track_caller]
pub fn faults_after(path: &str, change: impl Fn(&str) -> String) -> Vec<String> {
    let mut files = files::embedded();
    let before = String::from_utf8(files.remove(path).unwrap_or_default()).unwrap_or_default();
    let after = change(&before);
    assert_ne!(before, after, "{path} was not changed");
    files.insert(path.to_owned(), after.into_bytes());
    let (_, report) = load::build(files, Reader::Author);
    report.faults.iter().map(ToString::to_string).collect()
}

/// Replaces a text that must be there, once.
pub fn replaced(from: &str, to: &str) -> impl Fn(&str) -> String {
    move |text| text.replacen(from, to, 1)
}

/// The line on which a text stands in a file of the pilot.
pub fn line_of(path: &str, text: &str) -> usize {
    let files = files::embedded();
    let content = files.get(path).map(|c| String::from_utf8_lossy(c).into_owned()).unwrap_or_default();
    content.lines().position(|line| line.contains(text)).map_or(0, |index| index + 1)
}

#[test]
fn each_fault_is_told_with_its_file_its_line_and_what_would_be_right() {
    // File, what is replaced, by what, where the fault must be told, and a part of its reason.
    let cases: [(&str, &str, &str, &str, &str); 24] = [
        ("areas.csv", "441373,Frome,somerset", "441373,Frome,atlantis", "441373,Frome", "no site atlantis"),
        ("areas.csv", "441278,", "441373,", "441373,Frome", "twice"),
        ("postcodes.csv", "BA11,", "11BA,", "BA11,", "such as BA11"),
        ("offices.csv", "BA11 1BL", "BA11 1CL", "BA11 1BL", "postcode must be"),
        ("offices.csv", "frome,ONE office Frome,Frome,somerset", "frome,ONE office Frome,Frome", "frome,", "columns"),
        ("sites.yaml", "monday: 08:30-18:00", "monday: 18:00-08:30", "monday: 08:30", "end after they begin"),
        ("sites.yaml", "[south-east-gwent, bu", "[atlantis, bu", "[south-east-gwent, bu", "no site atlantis"),
        ("sites.yaml", "\"01632 960101\"", "\"1\"", "01632 960101", "phone must be"),
        ("holidays.yaml", "1999-12-31", "1999-12-32", "1999-12-31", "must be a date"),
        ("service.yaml", "slot_hold_s: 300", "slot_hold_s: 1", "slot_hold_s: 300", "from 10 to 3600"),
        ("service.yaml", "slot_hold_s: 300", "slot_hold_s: soon", "slot_hold_s: 300", ""),
        ("service.yaml", "timezone: Europe/London", "timezone: Europe/Atlantis", "timezone:", "time zone"),
        ("service.yaml", "claimed_benefits_question: A1", "claimed_benefits_question: A5", "claimed_benefits", "multi"),
        (
            "service.yaml",
            "letters: [letters/pack.typ",
            "letters: [letters/none.typ",
            "letters: [",
            "letters/none.typ is missing",
        ),
        ("form/a.yaml", "id: A3", "id: A2", "id: A3", "question A2 is there twice"),
        ("form/a.yaml", "shown: A3 < A2", "shown: A3 < Z9", "shown: A3 < A2", "there is no question Z9"),
        ("form/a.yaml", "shown: A3 < A2", "shown: A3 <", "shown: A3 < A2", "cannot be read"),
        ("form/a.yaml", "shown: A3 < A2", "shown: A3 < 5", "shown: A3 < A2", "compares A3 with the number 5"),
        ("form/a.yaml", "shown: A6 == \"yes\"", "shown: A6 == \"yess\"", "shown: A6", "none of its options"),
        ("form/a.yaml", "    kind: yes_no", "    kind: yes_no\n    colour: red", "kind: yes_no", "colour"),
        ("form/b.yaml", "agencies: [BA, ES, LA]", "agencies: []", "id: B1", "no agency needs question B1"),
        (
            "form/b.yaml",
            "{ id: Mrs, en: Mrs, cy: Mrs }",
            "{ id: Mr, en: Mrs, cy: Mrs }",
            "id: Mrs",
            "option Mr is there twice",
        ),
        ("scripts/inbound.yaml", "fills: B13", "fills: Z9", "fills: B13", "no question Z9"),
        ("scripts/inbound.yaml", "shown: face_to_face", "shown: callback_number", "shown: face_to", "asked later"),
    ];
    for (path, from, to, at, reason) in cases {
        let faults = faults_after(path, replaced(from, to));
        let line = line_of(path, at);
        let expected = format!("{path}:{line}: ");
        // A new line below the place moves what the parser points at by one.
        let below = format!("{path}:{}: ", line + 1);
        let told = faults.iter().any(|f| (f.starts_with(&expected) || f.starts_with(&below)) && f.contains(reason));
        assert!(told, "{to}: expected {expected}{reason}, found {faults:#?}");
    }
}

#[test]
fn questions_that_wait_for_each_other_in_a_circle_are_told() {
    let faults = faults_after("form/b.yaml", replaced("    fills_client: other_names\n", "    shown: answered(B4)\n"));
    assert!(faults.is_empty(), "one way round is fine: {faults:#?}");
    let circle = |text: &str| {
        let text = replaced("    fills_client: other_names\n", "    shown: answered(B4)\n")(text);
        replaced("    required: false\n", "    required: false\n    shown: answered(B3)\n")(&text)
    };
    let faults = faults_after("form/b.yaml", circle);
    assert!(faults.len() == 1 && faults[0].ends_with("in a circle: B3, B4"), "{faults:#?}");
}

#[test]
fn hostile_expressions_are_refused_with_their_place() {
    for hostile in ["(".repeat(5_000), format!("A1{}", " + A1".repeat(500)), "-".repeat(100_000), "[[".repeat(200)] {
        let faults = faults_after("form/a.yaml", replaced("A3 < A2", &format!("'{hostile}'")));
        let place = format!("form/a.yaml:{}: ", line_of("form/a.yaml", "shown: A3 < A2"));
        assert!(faults.iter().any(|fault| fault.starts_with(&place)), "{faults:#?}");
    }
}

#[test]
fn yaml_that_would_grow_without_end_is_refused() {
    let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for n in 1..9 {
        let aliases = vec![format!("*a{}", n - 1); 10].join(", ");
        bomb.push_str(&format!("a{n}: &a{n} [{aliases}]\n"));
    }
    let deep = format!("sites: {}", "[".repeat(100_000));
    for hostile in [bomb, deep] {
        let faults = faults_after("sites.yaml", |_| hostile.clone());
        assert!(faults.iter().any(|fault| fault.starts_with("sites.yaml:")), "{faults:#?}");
    }
}

#[test]
fn a_fault_that_only_follows_from_an_unreadable_file_is_not_told() {
    let told = |path: &str| -> Vec<String> {
        let files = faults_after(path, |_| "][".into());
        files.into_iter().map(|fault| fault.split(':').next().unwrap_or_default().to_owned()).collect()
    };
    assert_eq!(told("form/a.yaml"), ["form/a.yaml"]);
    assert_eq!(told("service.yaml"), ["service.yaml"]);
    assert_eq!(told("scripts/inbound.yaml"), ["scripts/inbound.yaml"]);
    assert_eq!(told("holidays.yaml"), ["holidays.yaml"]);
    assert_eq!(told("sites.yaml"), ["sites.yaml"]);
    assert_eq!(faults_after("sites.yaml", replaced("\"01632 960101\"", "\"1\"")).len(), 1);
}

#[test]
fn files_that_are_missing_unknown_or_no_text_are_faults() {
    for path in ["service.yaml", "sites.yaml", "areas.csv", "form/evidence.yaml", "holidays.yaml"] {
        let mut files = files::embedded();
        files.remove(path);
        let faults = load::build(files, Reader::Author).1.faults;
        assert!(faults.iter().any(|f| f.file == path && f.reason.contains("missing")), "{path}: {faults:#?}");
    }
    for path in ["notes.txt", "form/deeper/a.yaml", "scripts/.hidden", "../outside.yaml"] {
        let mut files = files::embedded();
        files.insert(path.into(), b"x".to_vec());
        let faults = load::build(files, Reader::Author).1.faults;
        assert!(faults.iter().any(|f| f.file == path && f.reason.contains("no place")), "{path}: {faults:#?}");
    }
    assert!(faults_after("form/a.yaml", |_| "\u{0}\u{1}: [".into())[0].starts_with("form/a.yaml:"));
    let mut files = files::embedded();
    files.insert("sites.yaml".into(), vec![0xFF, 0xFE, 0x00]);
    assert!(load::build(files, Reader::Author).1.faults.iter().any(|f| f.reason.contains("UTF-8")));
}

#[test]
fn a_folder_loads_as_the_same_version_and_a_changed_byte_makes_another() {
    let embedded = Definition::embedded();
    let folder = tempfile::tempdir().unwrap_or_else(|error| panic!("{error}"));
    for (path, content) in embedded.files() {
        let path = folder.path().join(path);
        let written = path.parent().map(std::fs::create_dir_all).and_then(|_| std::fs::write(&path, content).ok());
        assert!(written.is_some(), "{}", path.display());
    }
    let version = || Definition::load(folder.path()).map(|d| d.version.clone()).map_err(|report| report.to_string());
    assert_eq!(version(), Ok(embedded.version.clone()));
    assert_eq!(embedded.version.as_str().len(), 16);
    let readme = embedded.files().get("README.md").cloned().unwrap_or_default();
    let _ = std::fs::write(folder.path().join("README.md"), [readme.as_slice(), b"!"].concat());
    assert!(version().is_ok_and(|version| version != embedded.version));
    assert!(check(folder.path()).is_clean());
    assert!(!check(&folder.path().join("nowhere")).is_clean());
}

#[test]
fn the_longest_prefix_decides_the_area_and_a_postcode_the_site() {
    let definition = Definition::embedded();
    let area = |number: &str| UkPhone::parse(number).ok().and_then(|phone| definition.area_of(&phone).cloned());
    let site = |name: &str| AreaTarget::Site(SiteId::new(name));
    assert_eq!(area("01373 000123").map(|a| a.target), Some(site("somerset")));
    assert_eq!(area("01706 812345").map(|a| a.place), Some("Todmorden".into()));
    assert_eq!(area("01706 312345").map(|a| a.place), Some("Rochdale".into()));
    assert_eq!(area("07700 900123").map(|a| a.target), Some(AreaTarget::Ask));
    assert_eq!(area("0113 496 0123"), None);
    let of = |code: &str| Postcode::parse(code).ok().and_then(|code| definition.site_of_postcode(&code).cloned());
    assert_eq!(of("BA11 1AA"), Some(SiteId::new("somerset")));
    assert_eq!(of("NP44 1AA"), Some(SiteId::new("south-east-gwent")));
    assert_eq!(of("BA1 1AA"), None);
    let frome = Postcode::parse("BA11 5AA").ok();
    let somerset = SiteId::new("somerset");
    let nearest = definition.nearest_offices(&somerset, frome.as_ref());
    assert_eq!(nearest.first().map(|office| office.id.as_str()), Some("frome"));
    assert_eq!(nearest.len(), definition.offices_of(&somerset).count());
}

proptest::proptest! {
    #![proptest_config(proptest::test_runner::Config::with_cases(100))]
    #[test]
    fn the_area_is_that_of_the_longest_fitting_prefix(national in "(1373|1706|17068|7|20|1225)[0-9]{5,9}") {
        let definition = Definition::embedded();
        if let Ok(phone) = UkPhone::parse(&format!("0{national}")) {
            // The naive oracle: cut a figure off the end until a prefix is found.
            let number = phone.e164().trim_start_matches('+').to_owned();
            let longest = (1..=number.len()).rev().find_map(|n| definition.areas.iter().find(|a| a.e164_prefix == number[..n]));
            proptest::prop_assert_eq!(definition.area_of(&phone), longest);
        }
    }

    #[test]
    fn no_yaml_makes_the_loader_panic(text in "(\\PC|\n|[:\\[\\]{}&*!|>'\"-]){0,80}", which in 0usize..6) {
        let path = ["service.yaml", "sites.yaml", "holidays.yaml", "form/a.yaml", "scripts/inbound.yaml", "areas.csv"][which];
        let mut files = files::embedded();
        files.insert(path.into(), text.into_bytes());
        let _ = load::build(files, Reader::Author);
    }
}
