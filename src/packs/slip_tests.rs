//! The slips of `tests/data/slips.yaml` that stand in the letters: each gets one line, in the file where it stands.

use super::lint;
use serde::Deserialize;
use startline_definition::Definition;

const TABLE: &str = include_str!("../../tests/data/slips.yaml");

/// As far as the letters need it: an edit of one file, and what is said of it.
#[derive(Deserialize)]
struct Slip {
    slip: String,
    file: String,
    #[serde(default)]
    from: String,
    #[serde(default)]
    to: String,
    #[serde(default)]
    at: Option<String>,
    #[serde(default)]
    says: String,
}

#[test]
fn each_slip_in_the_letters_gets_one_line_that_says_what_is_wrong_and_what_to_write() {
    let slips: Vec<Slip> = serde_saphyr::from_str(TABLE).expect("the table can be read");
    let mut wrong = Vec::new();
    let mut tried = 0;
    for slip in slips.iter().filter(|slip| slip.file.starts_with("letters/")) {
        tried += 1;
        let mut files = Definition::embedded().files().clone();
        let before = String::from_utf8(files[&slip.file].clone()).expect("it is text");
        assert!(before.contains(&slip.from), "{}: {} has no {}", slip.slip, slip.file, slip.from);
        let after = before.replacen(&slip.from, &slip.to, 1);
        let at = slip.at.as_deref().unwrap_or(&slip.to).lines().next().unwrap_or_default();
        let line = after.lines().position(|line| line.contains(at)).map_or(0, |index| index + 1);
        files.insert(slip.file.clone(), after.into_bytes());
        let definition = Definition::from_files(files).expect("the rest of the definition is whole");
        let told: Vec<String> =
            lint(&definition).into_iter().map(|(file, line, reason)| format!("{file}:{line}: {reason}")).collect();
        let expected = format!("{}:{line}: {}", slip.file, slip.says);
        if told != [expected.clone()] {
            wrong.push(format!("{}\n  expected {expected}\n  told     {}", slip.slip, told.join("\n           ")));
        }
    }
    assert!(wrong.is_empty(), "{} of {tried}:\n{}", wrong.len(), wrong.join("\n"));
    assert!(tried >= 7, "{tried} only");
}

/// Whoever has templates of their own has words of their own in them.
#[test]
fn templates_of_ones_own_may_say_words_of_their_own() {
    let mut files = Definition::embedded().files().clone();
    let append = |files: &mut std::collections::BTreeMap<String, Vec<u8>>, path: &str, text: &str| {
        files.entry(path.to_owned()).or_default().extend_from_slice(text.as_bytes());
    };
    append(&mut files, "letters/words.yaml", "ours:\n  tea: { en: \"Tea at {hour}\", cy: \"Te am {hour}\" }\n");
    let told = lint(&Definition::from_files(files.clone()).expect("it loads"));
    assert!(told[0].2.starts_with("no letter has a section ours"), "{told:?}");
    append(&mut files, "letters/notice.typ", "\n#let tea(lang) = word(\"ours\", \"tea\", lang, hour: \"four\")\n");
    assert_eq!(lint(&Definition::from_files(files).expect("it loads")), []);
}
