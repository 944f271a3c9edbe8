//! Somebody at a browser.

use super::super::{Browser, text};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

const OWN: &str = "three quiet geese";

/// What the client says: by the step of a script, or by the part of the form.
fn said(of: &str, at: &str) -> Value {
    let all: Value = serde_json::from_str(include_str!("answers.json")).expect("what the client says is JSON");
    all[of][at].clone()
}

pub struct At {
    pub browser: Browser,
    pub pages: String,
}

impl At {
    pub fn new(pages: String) -> Self {
        Self { browser: Browser::start(), pages }
    }

    /// Signs in with the first password, and makes one of their own.
    pub fn begins(&mut self, name: &str, first: &str) {
        self.signs_in_with(name, first);
        self.browser.sees("Make a password of your own");
        self.browser.fills("The password that you have", first);
        self.browser.fills("The new password", OWN);
        self.browser.fills("The new password again", OWN);
        self.key("Enter");
    }

    pub fn signs_in(&mut self, name: &str) {
        self.signs_in_with(name, OWN);
    }

    fn signs_in_with(&mut self, name: &str, password: &str) {
        self.opens("/");
        self.browser.fills("Your name", name);
        self.browser.fills("Password", password);
        self.key("Enter");
    }

    pub fn opens(&mut self, path: &str) {
        let address = format!("{}{path}", self.pages);
        self.browser.opens(&address);
    }

    pub fn until(&mut self, what: &str) {
        self.browser.does(&json!({ "until": what }));
    }

    pub fn asks(&mut self, what: &str) -> Value {
        self.browser.does(&json!({ "evaluate": what }))
    }

    /// Something that leads to another page, or to this one anew.
    fn goes_by(&mut self, what: impl FnOnce(&mut Browser)) {
        self.asks("document.body.dataset.left = 'no'");
        what(&mut self.browser);
        self.until("document.body?.dataset.left === undefined && document.readyState === 'complete'");
    }

    pub fn presses(&mut self, name: &str) {
        self.goes_by(|browser| drop(browser.presses(name)));
    }

    pub fn key(&mut self, key: &str) {
        self.goes_by(|browser| browser.types(&[key]));
    }

    /// Into the fields of these names; which of them the page asks for.
    pub fn says(&mut self, fields: &Value) -> Vec<String> {
        let asked = self.browser.does(&json!({ "says": fields }));
        asked.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
    }

    /// All that is written on the page.
    pub fn reads(&mut self) -> String {
        text(&self.browser.does(&json!({})), "text").to_owned()
    }

    /// The page says all of this.
    pub fn shows(&mut self, all: &[&str]) {
        let seen = self.reads();
        for text in all {
            assert!(seen.contains(text), "{text:?} is not on the page:\n{seen}");
        }
    }

    /// Where the script stands: `step:ID` or `part:CODE`; nothing at its end.
    pub fn stands(&mut self) -> String {
        let stands = self.asks(
            "(() => { const of = (css) => document.querySelector(css)?.value; \
             const part = of('form.sheet [name=part]'), step = of('#next [name=step]'); \
             return part ? 'part:' + part : step ? 'step:' + step : ''; })()",
        );
        stands.as_str().unwrap_or_default().to_owned()
    }

    /// Says what the client says here. What the adviser is to say is whole: nothing of it is left open that is known.
    pub fn answers(&mut self, script: &str) {
        let stands = self.stands();
        let spoken = self.asks("document.querySelector('.say')?.innerText ?? ''");
        assert!(spoken.as_str().is_some_and(|spoken| !spoken.contains('[')), "{stands}: {spoken}");
        let (kind, at) = stands.split_once(':').unwrap_or_default();
        match kind {
            "part" => self.fills_part(&said("form", at)),
            _ => {
                let answer = said(script, at);
                if !answer.is_null() {
                    assert!(!self.says(&json!({ "answer": answer })).is_empty(), "{at} is not asked");
                }
            }
        }
    }

    /// What an answer brings up is answered as well. Each is saved as it is typed; the time of its saving stands beside it once the
    /// page is as the service has it.
    fn fills_part(&mut self, all: &Value) {
        let mut done = BTreeSet::new();
        loop {
            let left = all.as_object().into_iter().flatten().filter(|(name, _)| !done.contains(*name));
            let left: Map<String, Value> = left.map(|(name, said)| (name.clone(), said.clone())).collect();
            let asked = self.says(&Value::Object(left));
            if asked.is_empty() {
                return;
            }
            let names = json!(asked);
            self.until(&format!(
                "{names}.every((name) => /\\d/.test(document.querySelector(`#sheet [name=\"${{name}}\"]`)\
                 .closest('.asked').querySelector('[data-safe]').textContent))"
            ));
            done.extend(asked);
        }
    }
}
