//! The table of what happens against what rests on it: each cell in which something follows names a story that there is, and
//! each other one says why nothing does.

use startline::service::consequences::{Change, Follows, Rests, follows};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// The stories by their files: `letters::a_story`.
fn stories() -> BTreeSet<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/stories");
    let mut found = BTreeSet::new();
    for entry in std::fs::read_dir(folder).expect("the stories are there") {
        let path = entry.expect("it can be read").path();
        let Some(file) = path.file_name().and_then(|name| name.to_str()?.strip_suffix(".rs").map(str::to_owned)) else {
            continue;
        };
        let text = std::fs::read_to_string(&path).expect("it is text");
        let named = text.split("story!(").skip(1).filter_map(|rest| rest.split(',').next());
        found.extend(named.map(|name| format!("{file}::{}", name.trim())));
    }
    found
}

/// What is wrong with a cell.
fn fault(cell: Follows, stories: &BTreeSet<String>) -> Option<String> {
    let is_told = |text: &str| text.split_whitespace().count() >= 3;
    match cell {
        Follows::AtOnce(_, story) if !stories.contains(story) => Some(format!("there is no story {story}")),
        Follows::Itself(what, story) | Follows::Left(what, story) | Follows::SeenWhenLooked(what, story) => {
            let lacks = (!stories.contains(story)).then(|| format!("there is no story {story}"));
            lacks.or_else(|| (!is_told(what)).then(|| format!("\"{what}\" does not say what follows")))
        }
        Follows::Nothing(why) => (!is_told(why)).then(|| format!("\"{why}\" does not say why nothing follows")),
        Follows::AtOnce(..) => None,
    }
}

#[test]
fn each_cell_names_its_story_or_says_why_nothing_follows() {
    let stories = stories();
    assert!(stories.len() > 200, "{}", stories.len());
    let mut cells = BTreeMap::new();
    for change in Change::ALL {
        for rests in Rests::ALL {
            cells.insert((change, rests), follows(change, rests));
        }
    }
    assert_eq!(cells.len(), Change::ALL.len() * Rests::ALL.len(), "a change or what rests on it is listed twice");
    let faults: Vec<String> = cells
        .iter()
        .filter_map(|((change, rests), cell)| Some(format!("{change:?}, {rests:?}: {}", fault(*cell, &stories)?)))
        .collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// The lists that the test walks are as long as the enums: the compiler says so of the table, and this of them.
#[test]
fn every_change_and_everything_that_rests_is_walked() {
    let table = include_str!("../../src/service/consequences/mod.rs");
    let variants = |name: &str| {
        let body = table.split_once(&format!("pub enum {name} {{")).unwrap().1.split_once("\n}").unwrap().0;
        body.lines().filter(|line| line.trim_end().ends_with(',') && !line.trim_start().starts_with("//")).count()
    };
    assert_eq!((variants("Change"), variants("Rests")), (Change::ALL.len(), Rests::ALL.len()));
}

#[test]
fn a_cell_without_its_story_or_its_reason_is_found() {
    let stories = BTreeSet::from(["letters::a_story".to_owned()]);
    assert_eq!(fault(Follows::Left("it is done later", "letters::a_story"), &stories), None);
    assert!(fault(Follows::Left("it is done later", "letters::another"), &stories).is_some());
    assert!(fault(Follows::Left("done", "letters::a_story"), &stories).is_some());
    assert!(fault(Follows::Nothing("no"), &stories).is_some());
}
