//! The walks of the scripts as an adviser makes them in a real browser: whole, by keys alone, torn apart, and by two.
//!
//! What the client says is in `walks/*.json`: each question as the page has it, and the answer as it is typed, or as it is
//! written beside the control that is chosen.

mod keys;
mod seen;
mod torn;
mod two;
mod whole;

use super::super::person::Person;
use super::super::served::Served;
use super::{Browser, free_port, text};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use startline::grpc::pb;

const OWN: &str = "three quiet geese";
/// A number in Frome.
const FROME: &str = "01373000123";
/// So often a page is looked at again for what must come.
const LOOKS: usize = 300;
/// More pages than any script has.
const MOST: usize = 120;

fn at(time: &str) -> DateTime<Utc> {
    time.parse().expect("a time")
}

/// What the client says, as the pages ask it.
fn said(script: &str) -> Value {
    let text = match script {
        "inbound" => include_str!("walks/inbound.json"),
        _ => include_str!("walks/start-up.json"),
    };
    serde_json::from_str(text).expect("what the client says is JSON")
}

/// Somerset on a Tuesday at ten in the morning, with two advisers and a personal adviser at Frome.
pub struct Somerset {
    pub served: Served,
    pub ours: String,
}

impl Somerset {
    pub fn opens(browser: &mut Browser) -> Self {
        let port = free_port();
        let served = Served::at(at("2026-03-03T10:00:00Z"), &format!("[web]\nlisten = \"127.0.0.1:{port}\"\n"));
        let somerset = Self { served, ours: format!("http://127.0.0.1:{port}") };
        somerset.served.command(&["user", "add", "Root", "--role", "admin"]);
        browser.does(&json!({ "window": { "script": false } }));
        somerset.begins(browser, "Priya", "personal-adviser", &[]);
        browser.opens(&format!("{}/day/hours", somerset.ours));
        let hours =
            json!({ "office": "frome", "valid_from": "2 March 2026", "all-from": "09:00", "all-until": "16:30" });
        browser.does(&json!({ "says": hours }));
        browser.moves("Set these hours");
        browser.shows(&["The hours are set."]);
        somerset
    }

    /// Somebody new, signed in with a password of their own.
    pub fn begins(&self, browser: &mut Browser, name: &str, role: &str, more: &[&str]) {
        let user = [&["user", "add", name, "--role", role, "--site", "somerset"], more].concat();
        self.served.command(&user);
        let first = self.served.command(&["user", "password", name]);
        let first = first.lines().last().unwrap_or_default().trim().to_owned();
        self.signs_in_at(&self.ours, browser, name, &first);
        browser.fills("The password that you have", &first);
        browser.fills("The new password", OWN);
        browser.fills("The new password again", OWN);
        browser.does(&json!({ "moves": { "key": "Enter" } }));
    }

    pub fn signs_in(&self, browser: &mut Browser, name: &str) {
        self.signs_in_at(&self.ours, browser, name, OWN);
    }

    pub fn signs_in_at(&self, address: &str, browser: &mut Browser, name: &str, password: &str) {
        browser.opens(&format!("{address}/sign-in?language=en"));
        browser.fills("Your name", name);
        browser.fills("Password", password);
        browser.moves("Sign in");
    }

    /// Ms Hill's record, made by hand.
    pub fn record(&self, browser: &mut Browser) {
        browser.opens(&format!("{}/clients/new", self.ours));
        for (label, typed) in [
            ("Last name", "Hill"),
            ("First and other names", "Rosemary Anne"),
            ("Date of birth", "23 April 1971"),
            ("Postcode", "BA11 1BL"),
            ("Telephone number", "01373 000123"),
            ("Address", "14 Example Row\nFrome"),
        ] {
            browser.fills(label, typed);
        }
        browser.moves("Make the record");
    }

    /// The first time that is offered; the page is the booking's, or the record's.
    pub fn callback(&self, browser: &mut Browser) {
        browser.moves("tomorrow, 08:30");
        browser.moves("Book it");
        browser.shows(&["The call-back is booked."]);
    }

    /// The next morning Asha rings, as she promised, and begins the call.
    pub fn rings(&mut self, browser: &mut Browser) {
        self.served.it_is(at("2026-03-04T08:31:00Z"));
        self.signs_in(browser, "Asha");
        browser.opens(&format!("{}/callbacks", self.ours));
        browser.moves("Ring");
        browser.moves("Reached");
        browser.moves("Begin the start-up call");
    }

    /// Ms Hill is known, and Asha begins the start-up call with her. Where the walk is.
    pub fn start_up(&mut self, browser: &mut Browser, window: &Value) -> String {
        browser.does(&json!({ "window": { "script": false } }));
        self.begins(browser, "Asha", "adviser", &["--skill", "inbound"]);
        self.record(browser);
        browser.moves("Book a call-back");
        self.callback(browser);
        browser.does(&json!({ "window": window }));
        self.rings(browser);
        let url = text(&browser.does(&json!({})), "url").to_owned();
        url.trim_start_matches(&self.ours).to_owned()
    }

    /// A switch, through which Ms Hill rings once: whoever takes the call is spoken with.
    pub fn somebody_rings(&self) {
        let token = self.served.command(&["user", "add", "Exchange", "--role", "switch"]);
        let exchange: Person = self.served.person(token.lines().last().unwrap_or_default().trim());
        tokio::spawn(async move {
            let enter = pb::EnterCallRequest {
                switch_call_id: "ms-hill".into(),
                caller_number: FROME.into(),
                dialled_number: "01632960100".into(),
                ..Default::default()
            };
            let mut call = exchange.routing().enter_call(enter).await.expect("a call enters").into_inner();
            while let Ok(Some(told)) = call.message().await {
                if let Some(pb::enter_call_response::Instruction::Connect(to)) = told.instruction {
                    let report = pb::ReportCallRequest {
                        switch_call_id: "ms-hill".into(),
                        report: pb::CallReport::Answered.into(),
                        address: to.address,
                    };
                    exchange.routing().report_call(report).await.expect("an answer is reported");
                }
            }
        });
    }
}

impl Browser {
    /// A button or a link, by what is written on it or begins it, and then the next page.
    pub fn moves(&mut self, name: &str) {
        self.does(&json!({ "moves": { "press": name } }));
    }

    pub fn keys_on(&mut self, key: &str) {
        self.does(&json!({ "moves": { "key": key } }));
    }

    pub fn reads(&mut self) -> String {
        text(&self.does(&json!({})), "text").to_owned()
    }

    /// The page says all of this.
    pub fn shows(&mut self, all: &[&str]) {
        let read = self.reads();
        for text in all {
            assert!(read.contains(text), "{text:?} is not on the page:\n{read}");
        }
    }

    pub fn until(&mut self, what: &str) {
        self.does(&json!({ "until": what }));
    }

    pub fn asks(&mut self, what: &str) -> Value {
        self.does(&json!({ "evaluate": what }))
    }

    /// What this page asks, and answers of it what is said. Without a script nothing of it is saved yet.
    pub fn answers(&mut self, said: &Value) -> Vec<String> {
        let asked = self.does(&json!({ "answers": said }));
        asked.as_array().into_iter().flatten().map(|asked| text(asked, "say").to_owned()).collect()
    }

    /// The same where the script saves each answer: what an answer brings up is answered as well, until all is stored.
    pub fn fills_part(&mut self, said: &Value) {
        let mut left: Vec<Value> = said.as_array().expect("a list").clone();
        loop {
            let asked = self.answers(&json!(left));
            let before = left.len();
            left.retain(|one| !asked.iter().any(|asked| one[0] == asked.as_str()));
            if left.len() == before {
                return;
            }
            self.is_stored();
        }
    }

    /// Everything that was typed is stored, the page says so, and is as the service has it: what the answer has changed on it
    /// comes with the time of the saving.
    pub fn is_stored(&mut self) {
        self.until(
            "document.querySelector('form[data-saving]') === null && (() => { \
             const { saved, saving } = document.getElementById('told').dataset; \
             const still = (mark) => ![saved, saving].includes(mark.textContent.trim()); \
             return [...document.querySelectorAll('#sheet [data-safe]')].every(still); })() && (() => { \
             const kept = JSON.parse(sessionStorage.getItem('startline-typed')); \
             return kept && Object.values(kept.forms).every((of) => Object.keys(of).length === 0); })()",
        );
    }

    /// Whether the script goes on after this page.
    pub fn has_next(&mut self) -> bool {
        self.asks("document.querySelector('.now form.asking button[data-key=F4]') !== null") == json!(true)
    }

    pub fn is_part(&mut self) -> bool {
        self.asks("document.querySelector('form.sheet') !== null") == json!(true)
    }

    /// In the form's part of this title.
    pub fn goes_to_part(&mut self, title: &str) {
        self.moves("The claim form");
        self.moves("Next");
        self.moves(title);
    }

    /// What stands in the field of the question that is called so.
    pub fn field(&mut self, question: &str) -> Value {
        self.asks(&format!("{}?.querySelector('[name^=a-]').value", box_of(question)))
    }

    /// What is said beside it.
    pub fn mark(&mut self, question: &str) -> String {
        let mark = self.asks(&format!("{}?.querySelector('[data-safe]').textContent ?? ''", box_of(question)));
        mark.as_str().unwrap_or_default().trim().to_owned()
    }

    pub fn until_mark(&mut self, question: &str, begins: &str) {
        let mark = format!("{}.querySelector('[data-safe]').textContent", box_of(question));
        self.until(&format!("{mark}.trim().startsWith({begins:?})"));
    }
}

/// The question of the form that is called so.
fn box_of(question: &str) -> String {
    format!("[...document.querySelectorAll('main .asked')].find((box) => box.innerText.includes({question:?}))")
}

/// Asha at her desk, where calls ring.
fn takes_calls(browser: &mut Browser) {
    browser.fills("Where the switch reaches your telephone", "sip:asha@desk7.example");
    browser.moves("Start taking calls");
}

/// Looks at the desk again until it says this, as a page without a script does by itself.
fn waits_for(browser: &mut Browser, desk: &str, what: &str) {
    for _ in 0..LOOKS {
        browser.opens(desk);
        if browser.reads().contains(what) {
            return;
        }
    }
    panic!("{what} is never said: {}", browser.reads());
}
