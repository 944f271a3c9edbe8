//! Every screen of every role, over the demo's people and clients: whatever a link leads to is looked at, one page of each kind.

use super::super::served::Served;
use super::{Browser, free_port, text};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::PathBuf;
use tempfile::TempDir;

/// More kinds of page than any role has: one that is reached afterwards would be looked at by nobody.
const MOST: usize = 120;

/// The demo's network behind a web door.
pub struct Demo {
    pub served: Served,
    pub ours: String,
    /// The first of each role, of Somerset if one is.
    people: BTreeMap<String, String>,
    password: String,
}

impl Demo {
    pub fn start() -> Self {
        let folder = TempDir::new().expect("a temporary folder can be made");
        let data = folder.path().join("data");
        let mut command = super::super::startline();
        command.arg("demo").arg("--data").arg(&data);
        super::super::output_of(command);
        let list = std::fs::read_to_string(data.join("demo-people.txt")).expect("the demo says who has which token");
        let mut people = BTreeMap::new();
        let password = list.trim_end().rsplit(' ').next().unwrap_or_default().to_owned();
        for line in list.lines().filter(|line| line.contains("(demo)")) {
            let role = line.split_whitespace().next().unwrap_or_default().to_owned();
            let columns: Vec<&str> = line.split("  ").map(str::trim).filter(|column| !column.is_empty()).collect();
            let name = columns.iter().find(|column| column.ends_with("(demo)")).expect("each has a name");
            if line.contains("somerset") || !people.contains_key(&role) {
                people.entry(role).or_insert_with(|| (*name).to_owned());
            }
        }
        let port = free_port();
        let served = Served::on(folder, &format!("[web]\nlisten = \"127.0.0.1:{port}\"\n"));
        Self { served, ours: format!("http://127.0.0.1:{port}"), people, password }
    }

    /// Signs somebody of this role in, in the window that is open.
    pub fn signs_in(&self, browser: &mut Browser, role: &str) -> Value {
        browser.opens(&format!("{}/sign-in?language=en", self.ours));
        browser.fills("Your name", &self.people[role]);
        browser.fills("Password", &self.password);
        browser.presses("Sign in");
        browser.does(&json!({ "until": "!document.title.startsWith('Sign in')" }))
    }
}

/// What is wrong with a page, in a sentence each.
fn faults(page: &Value) -> Vec<String> {
    let mut faults = Vec::new();
    let mut say = |what: String| faults.push(format!("{}: {what}", text(page, "url")));
    if page["violations"] != json!([]) {
        say(format!("{:#}", page["violations"]));
    }
    if page["status"] != 200 {
        say(format!("it is answered with {}", page["status"]));
    }
    if page["headings"] != 1 {
        say(format!("it has {} first headings", page["headings"]));
    }
    if page["wide"].as_i64().is_none_or(|wide| wide > 0) {
        say(format!("at 400% it is {} pixels wider than the window", page["wide"]));
    }
    if page["complaints"] != json!([]) {
        say(format!("the browser complains: {}", page["complaints"]));
    }
    faults
}

/// What no link leads to: the desk while calls are taken, a client who is rung, and how the start-up call begins, which is the
/// README's picture.
fn photographs_a_call(demo: &Demo, browser: &mut Browser) {
    browser.does(&json!({ "window": { "height": 860 } }));
    demo.signs_in(browser, "adviser");
    browser.opens(&format!("{}/desk", demo.ours));
    browser.fills("Where the switch reaches your telephone", "sip:asha@desk7.example");
    for (press, name) in [
        ("Start taking calls", "desk"),
        ("Call-backs", "desk-callbacks"),
        ("Ring", "call-rung"),
        ("Reached", "call-reached"),
        ("Begin the start-up call", "start-up-call"),
        ("Next", "start-up-call-1"),
        ("Next", "start-up-call-2"),
        ("Next", "start-up-call-3"),
        ("The claim", "start-up-claim"),
    ] {
        browser.does(&json!({ "moves": { "press": press } }));
        browser.photographs(name);
    }
}

#[tokio::test]
async fn every_screen_of_every_role_can_be_used_by_everybody_in_both_languages() {
    let demo = Demo::start();
    let mut browser = Browser::start();
    let shots = std::env::var_os("STARTLINE_SCREENSHOTS").map(PathBuf::from);
    if let Some(folder) = &shots {
        std::fs::create_dir_all(folder).expect("a folder can be made");
    }
    let mut wrong = Vec::new();
    for role in demo.people.keys().filter(|role| *role != "switch").cloned().collect::<Vec<_>>() {
        browser.does(&json!({ "window": {} }));
        demo.signs_in(&mut browser, &role);
        for language in ["en", "cy"] {
            browser.opens(&format!("{}/account?language={language}", demo.ours));
            let mut crawl =
                json!({ "from": format!("{}/", demo.ours), "most": MOST, "name": format!("{role}-{language}") });
            if let Some(folder) = &shots {
                crawl["shots"] = json!(folder);
            }
            let pages = browser.does(&json!({ "crawl": crawl }));
            let pages = pages.as_array().expect("pages");
            assert!(pages.len() > 1 && pages.len() < MOST, "{role} reaches {} kinds of page", pages.len());
            wrong.extend(pages.iter().flat_map(faults).map(|fault| format!("{role}, {language}: {fault}")));
        }
    }
    if shots.is_some() {
        photographs_a_call(&demo, &mut browser);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn the_service_dies_while_somebody_types_and_nothing_of_it_is_lost() {
    let mut demo = Demo::start();
    let mut browser = Browser::start();
    demo.signs_in(&mut browser, "adviser");
    browser.opens(&format!("{}/clients/new", demo.ours));
    browser.fills("Last name", "Llewelyn-O'Brien");
    demo.served.dies_and_comes_back();
    // The window hears that another has begun, and leaves what is being typed alone.
    let seen = browser.does(&json!({ "until": "document.querySelector('#told button')" }));
    assert_eq!(seen, true);
    let typed = "document.getElementById('last_name').value";
    assert_eq!(browser.does(&json!({ "evaluate": typed })), "Llewelyn-O'Brien");
    browser.presses("Load again");
    browser.does(&json!({ "until": format!("{typed} === \"Llewelyn-O'Brien\"") }));
    let told = browser.does(&json!({ "evaluate": "document.getElementById('told').innerText" }));
    assert!(told.as_str().is_some_and(|told| told.contains("It is not saved yet")), "{told}");
    // Put out of the service by somebody else, she finds it when she has signed in again.
    let name = demo.people["adviser"].clone();
    demo.served.command(&["user", "sign-out", &name]);
    browser.does(&json!({ "until": "document.querySelector('#told button') !== null && document.getElementById('told').innerText.includes('signed out')" }));
    browser.does(&json!({ "evaluate": "document.querySelector('#told button').click()" }));
    browser.sees("Sign in");
    browser.fills("Your name", &name);
    let password = demo.password.clone();
    browser.fills("Password", &password);
    browser.presses("Sign in");
    browser.does(&json!({ "until": format!("{typed} === \"Llewelyn-O'Brien\"") }));
    // The search is one key away.
    browser.does(&json!({ "evaluate": "document.getElementById('main').focus()" }));
    browser.types(&["/"]);
    let focus = browser.does(&json!({ "evaluate": "document.activeElement.id" }));
    assert_eq!(focus, "find");
    // Another person at the same window sees nothing of it.
    browser.opens(&format!("{}/account", demo.ours));
    browser.presses("Sign out");
    demo.signs_in(&mut browser, "team-leader");
    browser.opens(&format!("{}/clients/new", demo.ours));
    assert_eq!(browser.does(&json!({ "evaluate": typed })), "", "what one typed is shown to another");
}

/// The script is checked as its comments say what is what.
#[test]
fn what_the_script_says_of_itself_is_so() {
    let modules = std::env::var_os("STARTLINE_TEST_BROWSER").expect("tests/run brings the checker");
    let checker = PathBuf::from(modules).join("node_modules/typescript/bin/tsc");
    let script = std::path::Path::new(super::super::REPOSITORY).join("src/desktop/assets/desk.js");
    let mut check = std::process::Command::new("node");
    check.arg(checker).args(["--noEmit", "--allowJs", "--checkJs", "--strict", "--target", "es2022"]);
    check.args(["--module", "esnext", "--lib", "es2022,dom,dom.iterable"]).arg(script);
    let checked = check.output().expect("node can be started");
    assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stdout));
}
