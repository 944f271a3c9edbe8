//! Welsh pages speak Welsh: a demo's pages, as each role finds them by following links, with no English in them that is not
//! marked as English.

use super::browser_of;
use crate::support::browser::Browser;
use crate::support::{Home, Person, World, at, process, soon};
use startline::access::Role;
use startline::grpc::pb;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// A Wednesday afternoon: everything that a working day can have.
const NOW: &str = "2026-03-04T14:10:00Z";

/// English, and no Welsh word besides.
const ENGLISH: &[&str] = &[
    "the",
    "and",
    "of",
    "was",
    "were",
    "with",
    "from",
    "not",
    "this",
    "that",
    "have",
    "been",
    "which",
    "when",
    "who",
    "you",
    "your",
    "they",
    "their",
    "for",
    "it",
    "be",
    "are",
    "due",
    "client",
    "call-back",
    "call-backs",
    "january",
    "february",
    "march",
    "april",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
    "january",
    "mon",
    "tue",
    "wed",
    "thu",
    "pm",
];

/// What the demo's people typed, whole: each stands in the demo's own code, and in no word of ours.
const TYPED: &[&str] = &[
    "Invented person, for training",
    "Rang for the first time and would like to claim.",
    "The client is staying with a friend here and came to our desk.",
];
/// The same on the page of one claim or another: which of them is looked at is chance.
const TYPED_OF_A_CLAIM: &[&str] = &[
    "Is the rent paid by the week or by the month?",
    "The baby is due next week.",
    "The client looks for the rent book; we go on with the form.",
    "The client is in hospital for some months.",
    "The client has found work.",
];

/// Names of the service definition, which are the same in both languages.
const NAMES: &[&str] = &["Glastonbury and Street"];

/// Where each looks first: what else there is they find by links.
const FIRST: &[&str] = &["/", "/account", "/no-such-page"];
/// Pages of each role, at most. One of each kind is enough: an address with another id is the same kind.
const MOST: usize = 120;

/// A stretch of text or an attribute that is read, in the page's own language.
#[derive(Default)]
struct Reading {
    said: Vec<String>,
    links: Vec<String>,
}

/// Reads a page as a browser would: what stands within `lang="en"` is marked, and is left out.
fn read(html: &str) -> Reading {
    const ALONE: &[&str] = &["meta", "link", "input", "br", "hr", "img", "!doctype"];
    let mut reading = Reading::default();
    let mut within: Vec<(String, bool)> = Vec::new();
    let mut rest = html;
    while let Some((text, after)) = rest.split_once('<') {
        let is_ours = !within.last().is_some_and(|(_, english)| *english);
        if is_ours {
            reading.said.extend(Some(plain(text)).filter(|text| !text.is_empty()));
        }
        let Some((tag, after)) = after.split_once('>') else { break };
        rest = after;
        let name = tag.trim_start_matches('/').split([' ', '\n', '/']).next().unwrap_or_default().to_ascii_lowercase();
        if tag.starts_with('/') {
            while within.pop().is_some_and(|(of, _)| of != name) {}
            continue;
        }
        let english = attribute(tag, "lang").map_or(!is_ours, |language| language == "en");
        if !english {
            let read_out =
                ["aria-label", "title", "placeholder", "alt"].into_iter().filter_map(|of| attribute(tag, of));
            reading.said.extend(read_out.map(plain));
        }
        if name == "a" {
            reading.links.extend(attribute(tag, "href").map(plain));
        }
        if !ALONE.contains(&name.as_str()) && !tag.ends_with('/') {
            within.push((name, english));
        }
    }
    reading
}

fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    tag.split_once(&format!(" {name}=\""))?.1.split('"').next()
}

fn plain(text: &str) -> String {
    let text = text.replace("&#38;", "&").replace("&amp;", "&").replace("&#39;", "'").replace("&#34;", "\"");
    text.replace("&#60;", "<").replace("&#62;", ">").split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The first English word of a text: a word of the list, or one as the API writes it.
fn english(text: &str) -> Option<String> {
    let text = NAMES.iter().fold(text.to_owned(), |text, name| text.replace(name, ""));
    let words = text.split(|c: char| !(c.is_alphanumeric() || matches!(c, '-' | '_' | '\'')));
    let is_english = |word: &&str| {
        let is_raw = word.contains('_') && word.chars().all(|c| c.is_ascii_uppercase() || c == '_');
        is_raw || ENGLISH.contains(&word.to_lowercase().as_str())
    };
    words.into_iter().find(is_english).map(str::to_owned)
}

/// `/clients/0197…?page=2` as `/clients/ID?page`.
fn kind_of(link: &str) -> String {
    let (path, query) = link.split_once('?').unwrap_or((link, ""));
    let is_id = |part: &str| part.len() > 8 && part.chars().any(|c| c.is_ascii_digit());
    let steps = path.split('/').map(|part| if is_id(part) { "ID" } else { part });
    let names = query.split('&').filter_map(|pair| pair.split('=').next());
    format!("{}?{}", steps.collect::<Vec<_>>().join("/"), names.collect::<Vec<_>>().join("&"))
}

fn is_page(link: &str) -> bool {
    let path = link.split(['?', '#']).next().unwrap_or_default();
    let is_file = [".pdf", ".csv", ".ics", ".json", ".css", ".js", ".svg"].iter().any(|end| path.ends_with(end));
    link.starts_with('/') && !link.starts_with("//") && !is_file && !link.contains("language=")
}

/// Every English text that somebody finds, with the kind of page that it is on; and how many pages there were.
async fn looks_through(
    browser: &mut Browser,
    found: &mut BTreeMap<String, String>,
    excused: &mut BTreeSet<String>,
) -> usize {
    let mut to_see: VecDeque<String> = FIRST.iter().map(|path| (*path).to_owned()).collect();
    let mut seen = BTreeSet::new();
    while let Some(path) = to_see.pop_front() {
        if seen.len() == MOST || !seen.insert(kind_of(&path)) {
            continue;
        }
        let page = browser.open(&path).await;
        assert!(page.status < 500, "{path}: {}", page.html);
        if !page.header("content-type").starts_with("text/html") {
            continue;
        }
        assert!(page.html.contains("<html lang=\"cy\">"), "{path} is not in Welsh: {}", page.html);
        let reading = read(&page.html);
        for text in reading.said {
            if TYPED.contains(&text.as_str()) {
                excused.insert(text);
            } else if !TYPED_OF_A_CLAIM.iter().any(|typed| text.contains(typed))
                && let Some(word) = english(&text)
            {
                found.entry(text).or_insert_with(|| format!("{} ({word})", kind_of(&path)));
            }
        }
        to_see.extend(reading.links.into_iter().filter(|link| is_page(link)));
    }
    seen.len()
}

async fn demo(home: &Home) {
    let mut command = process::program();
    command.args(["demo", "--clock", NOW, "--data"]).arg(home.data());
    if let Some(url) = &home.database_url {
        command.args(["--database-url", url]);
    }
    let filled = soon("the demo", command.output()).await.unwrap();
    assert!(filled.status.success(), "{}", String::from_utf8_lossy(&filled.stderr));
}

/// The first of each role whom the demo's table names, as they are known to the service.
async fn one_of_each_role(home: &Home) -> BTreeMap<Role, Person> {
    let table = std::fs::read_to_string(home.data().join("demo-people.txt")).unwrap();
    let mut people = BTreeMap::new();
    for line in table.lines().skip(1).take_while(|line| !line.is_empty()) {
        let words: Vec<&str> = line.split_whitespace().collect();
        let (role, token) = (words[0].parse::<Role>().unwrap(), words.last().unwrap());
        if people.contains_key(&role) {
            continue;
        }
        let unnamed = Person::new(String::new(), line, token, home.address.clone());
        let me = unnamed.users().who_am_i(pb::WhoAmIRequest {}).await.unwrap().into_inner().user.unwrap();
        people.insert(role, Person::new(me.user_id, &me.name, token, home.address.clone()));
    }
    people
}

home_story!(welsh_pages_speak_welsh_to_every_role, |mut home| {
    home.open_to_the_web();
    demo(&home).await;
    let world = World::on(home).await;
    world.wait_until(at(NOW));
    let people = one_of_each_role(&world).await;
    let (mut found, mut excused, mut pages) = (BTreeMap::new(), BTreeSet::new(), 0);
    for (role, person) in people.iter().filter(|(role, _)| **role != Role::Switch) {
        let mut browser = browser_of(&world, &people[&Role::Admin], person).await;
        browser.language = "cy";
        let theirs = looks_through(&mut browser, &mut found, &mut excused).await;
        assert!(theirs > FIRST.len(), "{role} finds nothing");
        pages += theirs;
    }
    let found: Vec<String> = found.iter().map(|(text, place)| format!("{place}: {text}")).collect();
    assert!(found.is_empty(), "{} texts are English:\n{}", found.len(), found.join("\n"));
    assert!(pages > 200, "only {pages} pages were looked at");
    // What is excused is said somewhere, by the demo's people alone.
    assert_eq!(excused.len(), TYPED.len(), "{excused:?}");
});

#[test]
fn english_is_found_where_it_is_not_marked() {
    let page = "<html lang=\"cy\"><p>Mae <span lang=\"en\">the <b>end</b></span> yma</p><br><p title=\"of it\">Dydd</p>\
                <a href=\"/x?a=1&#38;b=2\">a</a></html>";
    let reading = read(page);
    let wrong: Vec<&String> = reading.said.iter().filter(|text| english(text).is_some()).collect();
    assert_eq!(wrong, ["of it"], "{:?}", reading.said);
    assert_eq!(reading.links, ["/x?a=1&b=2"]);
    assert_eq!(kind_of("/clients/0197f3a2-1/walks?page=2"), "/clients/ID/walks?page");
    for (text, word) in
        [("Ar 3 March 2026", Some("March")), ("STATE_OPEN", Some("STATE_OPEN")), ("swyddfa ar agor", None)]
    {
        assert_eq!(english(text).as_deref(), word, "{text}");
    }
}

/// An excuse that is a word of ours would hide it.
#[test]
fn what_is_excused_is_typed_by_the_demos_people_and_said_by_nobody_else() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let text_of = |folder: &str| {
        let (mut folders, mut all) = (vec![root.join(folder)], String::new());
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                match path.is_dir() {
                    true => folders.push(path),
                    false => all.push_str(&String::from_utf8_lossy(&std::fs::read(path).unwrap())),
                }
            }
        }
        all
    };
    let (demo, desk) = (text_of("src/grpc/demo"), text_of("src/desktop"));
    for typed in TYPED.iter().chain(TYPED_OF_A_CLAIM) {
        assert!(demo.contains(typed) && !desk.contains(typed), "{typed}");
    }
}
