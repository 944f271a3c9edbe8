//! The start-up walk by the keyboard alone: no pointer, and no field that is filled in but by its keys.

use super::super::Browser;
use super::{MOST, Somerset, said};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// How many presses of Tab a question may be from the one before it.
const FAR: u64 = 14;

#[derive(Default)]
struct Hands {
    faults: Vec<String>,
    /// From question to question: how many presses of Tab.
    far: Vec<(String, u64)>,
    kinds: BTreeMap<String, usize>,
}

impl Hands {
    fn comes_to(&mut self, browser: &mut Browser, to: &Value) -> Value {
        let come = browser.does(&json!({ "tab": to }));
        let faults = come["faults"].as_array().cloned().unwrap_or_default();
        self.faults.extend(faults.iter().filter_map(Value::as_str).map(str::to_owned));
        self.far.push((to.to_string(), come["presses"].as_u64().unwrap_or_default()));
        let kind = come["at"]["kind"].as_str().unwrap_or_default().to_owned();
        *self.kinds.entry(kind).or_default() += 1;
        come["at"].clone()
    }

    /// What has the focus now is told what the client says.
    fn gives(&mut self, browser: &mut Browser, at: &Value, said: &str) {
        match at["kind"].as_str().unwrap_or_default() {
            "radio" => {
                let mut at = at.clone();
                for _ in 0..12 {
                    if at["name"] == said {
                        break;
                    }
                    browser.types(&["ArrowDown"]);
                    at = browser.does(&json!({ "focus": true }));
                }
                assert_eq!(at["name"], said, "{at}");
                if at["checked"] != true {
                    browser.types(&["Space"]);
                }
            }
            "checkbox" => browser.types(&["Space"]),
            kind => {
                if kind == "text" || kind == "textarea" {
                    browser.types(&["Control+a"]);
                }
                browser.does(&json!({ "typed": said }));
            }
        }
    }

    fn answers(&mut self, browser: &mut Browser, question: &str, said: &Value) {
        let one = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        for said in said.as_array().map_or(std::slice::from_ref(said), Vec::as_slice) {
            let (to, text) = match said.as_array().map(Vec::as_slice) {
                Some([row, label, text]) => (json!({ "to": label, "group": row }), one(text)),
                Some([label, text]) => (json!({ "to": label, "group": question }), one(text)),
                _ if is_tick(browser, question) => (json!({ "to": said, "group": question }), one(said)),
                _ => (json!({ "group": question }), one(said)),
            };
            let at = self.comes_to(browser, &to);
            self.gives(browser, &at, &text);
        }
    }
}

fn is_tick(browser: &mut Browser, question: &str) -> bool {
    let boxes = "[...document.querySelectorAll('main fieldset.asked')]";
    browser.asks(&format!(
        "{boxes}.some((box) => box.querySelector('legend').textContent.includes({question:?}) \
         && box.querySelector('input[type=checkbox]') !== null)"
    )) == json!(true)
}

/// The questions of the page in its order, with what is said of those that are open.
fn asked(browser: &mut Browser) -> Vec<String> {
    browser.answers(&json!([]))
}

#[tokio::test]
async fn the_start_up_walk_is_made_by_the_keyboard_alone_and_every_focus_is_seen() {
    let mut browser = Browser::start();
    let mut somerset = Somerset::opens(&mut browser);
    somerset.start_up(&mut browser, &json!({}));
    let said = said("start-up");
    let said: Vec<(String, Value)> = said
        .as_array()
        .expect("a list")
        .iter()
        .map(|one| (one[0].as_str().unwrap_or_default().to_owned(), one[1].clone()))
        .collect();
    let mut hands = Hands::default();
    // A part that is come back to asks what was not answered yet.
    let mut done: Vec<String> = Vec::new();
    let mut pages = 0;
    for _ in 0..MOST {
        if !browser.has_next() {
            break;
        }
        pages += 1;
        // What an answer brings up is asked after it on the same page.
        while let Some((question, answer)) = asked(&mut browser)
            .iter()
            .filter(|asked| !done.contains(asked))
            .find_map(|asked| said.iter().find(|(question, _)| question == asked))
        {
            hands.answers(&mut browser, question, answer);
            done.push(question.clone());
            if browser.is_part() {
                browser.is_stored();
                let focus = browser.does(&json!({ "focus": true }));
                assert_eq!(focus["faults"], json!([]), "after {question}: {focus}");
            }
        }
        browser.keys_on("F4");
    }
    assert!(pages > 55, "the script has {pages} pages");
    browser.shows(&["The script is at its end"]);
    assert!(hands.faults.is_empty(), "{}", hands.faults.join("\n"));
    for kind in ["radio", "checkbox", "text", "textarea", "select-one"] {
        assert!(hands.kinds.contains_key(kind), "no {kind} was come to: {:?}", hands.kinds);
    }
    let farthest = hands.far.iter().max_by_key(|(_, presses)| *presses).cloned().unwrap_or_default();
    let all: u64 = hands.far.iter().map(|(_, presses)| presses).sum();
    println!("{} controls, {all} presses of Tab between them, at most {farthest:?}", hands.far.len());
    assert!(farthest.1 <= FAR, "from one question to the next: {farthest:?}");
}

#[tokio::test]
async fn a_row_that_is_being_typed_is_found_fault_with_only_when_it_is_left() {
    let mut browser = Browser::start();
    let mut somerset = Somerset::opens(&mut browser);
    somerset.start_up(&mut browser, &json!({}));
    browser.goes_to_part("A About this claim");
    browser.fills_part(&json!([["Which benefits do you want to claim?", ["Jobseeker's Allowance"]]]));
    browser.moves("G Work history");
    browser.fills_part(&json!([["Have you ever worked?", "Yes"]]));
    browser.until("document.querySelector('#ask-a-G2') !== null");
    let jobs = "Which jobs have you had in the last two years? Shall we begin with the latest one?";
    browser.does(&json!({ "tab": { "to": "Employer, or name of your business", "group": jobs } }));
    browser.does(&json!({ "typed": "Marshbrook Dairy" }));
    browser.is_stored();
    let faults = "document.querySelectorAll('.error, .summary-of-errors').length";
    assert_eq!(browser.asks(faults), json!(0), "whoever is still typing is told what is missing");
    let next = browser.does(&json!({ "tab": { "to": "When was your last day at work?" } }));
    assert_eq!(next["faults"], json!([]));
    browser.until("document.querySelector('#ask-a-G2 .error') !== null");
    let focus = browser.does(&json!({ "focus": true }));
    assert_eq!((&focus["name"], &focus["faults"]), (&json!("When was your last day at work?"), &json!([])), "{focus}");
}
