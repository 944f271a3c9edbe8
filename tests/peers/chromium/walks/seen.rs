//! Every step of both scripts and every part of the form, as everybody has to be able to use them, in both languages.

use super::super::Browser;
use super::{MOST, Somerset, said, takes_calls, text};
use serde_json::{Value, json};
use std::path::PathBuf;

/// What the page itself calls its controls is in the reader's language; what is said to the client stays in the client's.
const IN_WELSH: &[(&str, &str)] = &[
    ("Amount in pounds", "Swm mewn punnoedd"),
    ("How often", "Pa mor aml"),
    ("a week", "yr wythnos"),
    ("a day", "y dydd"),
    ("Row 1", "Rhes 1"),
];
/// Here it is one of the choices, and not the page's own word for an empty table.
const NONE_IS_A_CHOICE: &[&str] =
    &["Urgent need", "Since we last spoke, is anybody without food or heating, in danger, or without a home?"];

fn said_in(language: &str, script: &str) -> Value {
    let mut all = said(script);
    for one in all.as_array_mut().into_iter().flatten().filter(|_| language == "cy") {
        let question = one[0].as_str().unwrap_or_default().to_owned();
        if one[1] == json!(["None"]) && !NONE_IS_A_CHOICE.contains(&question.as_str()) {
            one[1] = json!(["Dim"]);
        }
        for word in one[1].as_array_mut().into_iter().flatten().filter_map(Value::as_array_mut).flatten() {
            let welsh = IN_WELSH.iter().find(|(english, _)| word == english);
            if let Some((_, welsh)) = welsh {
                *word = json!(welsh);
            }
        }
    }
    all
}

struct Look {
    language: &'static str,
    number: usize,
    faults: Vec<String>,
}

impl Look {
    /// `close`: with axe, which takes a second.
    fn at(&mut self, browser: &mut Browser, script: &str, close: bool) {
        self.number += 1;
        let mut look = json!({ "axe": close });
        if let Some(folder) = std::env::var_os("STARTLINE_SCREENSHOTS").map(PathBuf::from) {
            std::fs::create_dir_all(&folder).expect("a folder can be made");
            look["shot"] = json!(folder.join(format!("walk-{script}-{}-{:02}", self.language, self.number)));
        }
        let page = browser.does(&json!({ "looked": look }));
        let mut say =
            |what: String| self.faults.push(format!("{script} {}, {}: {what}", self.language, text(&page, "title")));
        if page["violations"] != json!([]) {
            say(format!("{:#}", page["violations"]));
        }
        if page["headings"] != 1 {
            say(format!("it has {} first headings", page["headings"]));
        }
        if page["wide"].as_i64().is_none_or(|wide| wide > 0) {
            say(format!("at 400% it is {} pixels wider than the window: {}", page["wide"], page["widest"]));
        }
        // A row that is half typed is answered so, and kept as a draft.
        let is_of_the_page =
            |told: &&Value| !told.as_str().is_some_and(|told| told.ends_with("(Unprocessable Entity)"));
        let complaints: Vec<&Value> =
            page["complaints"].as_array().into_iter().flatten().filter(is_of_the_page).collect();
        if !complaints.is_empty() {
            say(format!("the browser complains: {complaints:?}"));
        }
        if page["language"] != self.language {
            say(format!("it is in {}", page["language"]));
        }
    }
}

/// To the end by F4; each page is looked at, before and after what is said there.
fn through(browser: &mut Browser, script: &str, look: &mut Look, said: &Value) -> usize {
    let mut pages = 0;
    for _ in 0..MOST {
        if !browser.has_next() {
            break;
        }
        pages += 1;
        if browser.is_part() {
            look.at(browser, script, look.language == "en");
            browser.fills_part(said);
            look.at(browser, script, true);
        } else {
            browser.answers(said);
            look.at(browser, script, pages % 3 == 1 || look.language == "en");
        }
        browser.keys_on("F4");
    }
    look.at(browser, script, true);
    pages
}

fn both_scripts_in(language: &'static str) {
    let mut browser = Browser::start();
    let mut look = Look { language, number: 0, faults: Vec::new() };
    let mut somerset = Somerset::opens(&mut browser);
    browser.does(&json!({ "window": {} }));
    somerset.begins(&mut browser, "Asha", "adviser", &["--skill", "inbound"]);
    takes_calls(&mut browser);
    somerset.somebody_rings();
    browser.until("document.querySelector('#bar.rings')");
    browser.types(&["F2"]);
    browser.until("document.querySelector('main form[action$=\"/walks/start\"]')");
    browser.opens(&format!("{}/desk?language={language}", somerset.ours));
    browser.keys_on("F4");
    let pages = through(&mut browser, "inbound", &mut look, &said_in(language, "inbound"));
    assert!(pages > 15, "the inbound script has {pages} pages");
    browser.does(&json!({ "window": { "script": false } }));
    somerset.signs_in(&mut browser, "Asha");
    somerset.record(&mut browser);
    browser.moves("Book a call-back");
    somerset.callback(&mut browser);
    browser.does(&json!({ "window": {} }));
    somerset.rings(&mut browser);
    let walk = text(&browser.does(&json!({})), "url").to_owned();
    browser.opens(&format!("{walk}?language={language}"));
    browser.opens(&walk);
    let pages = through(&mut browser, "start-up", &mut look, &said_in(language, "start-up"));
    assert!(pages > 55, "the start-up script has {pages} pages");
    assert!(look.faults.is_empty(), "{}", look.faults.join("\n"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_step_of_both_scripts_can_be_used_by_everybody_in_english() {
    both_scripts_in("en");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_step_of_both_scripts_can_be_used_by_everybody_in_welsh() {
    both_scripts_in("cy");
}
