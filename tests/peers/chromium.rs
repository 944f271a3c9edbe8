//! The desk's pages in a real browser, driven as a person drives it: by what is written on them.
//!
//! With STARTLINE_SCREENSHOTS set, a folder's name, each page is photographed there, light and dark. The crawl of `screens.rs`
//! photographs one of each kind for each role in each language, and once for all of a kind in colours that the reader forces,
//! on paper, 360 pixels wide and, where it is a board, as large as a wall's screen: `ID-360.png`, `ID-forced.png`.

mod cut;
mod heard;
mod long;
mod screens;
mod signals;
mod story;
mod unplugged;
mod walks;

use super::node::Peer;
use super::oidc_provider::MODULES as OPENID;
use super::served::Served;
use serde_json::{Value, json};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;

const FOLDER: &str = "STARTLINE_TEST_BROWSER";
const OWN: &str = "three quiet geese";

pub struct Browser(Peer);

impl Browser {
    pub fn start() -> Self {
        let found = Command::new("sh").args(["-c", "command -v chromium"]).output().expect("a shell can be asked");
        let program = String::from_utf8_lossy(&found.stdout).trim().to_owned();
        let mut peer = Peer::start("browser/desk.mjs", FOLDER, &[&program]);
        assert_eq!(peer.line(), "\"ready\"", "the browser starts");
        Self(peer)
    }

    /// Does it, and says what is then seen.
    pub fn does(&mut self, what: &Value) -> Value {
        let answer: Value = serde_json::from_str(&self.0.ask(what)).expect("an answer is JSON");
        assert!(answer["fault"].is_null(), "{what}: {}", answer["fault"]);
        answer["seen"].clone()
    }

    /// The browser stands still, as on a laptop whose lid is closed: its connections are there, and nothing of it runs.
    pub fn sleeps(&self) {
        self.signal("STOP");
    }

    /// It goes on as if no time had passed.
    pub fn wakes(&self) {
        self.signal("CONT");
    }

    fn signal(&self, name: &str) {
        let ids = self.0.offspring();
        assert!(!ids.is_empty(), "a browser has processes");
        let mut kill = Command::new("kill");
        kill.arg(format!("-{name}")).args(ids.iter().map(ToString::to_string));
        assert!(kill.status().expect("kill can be started").success());
    }

    pub fn opens(&mut self, address: &str) -> Value {
        self.does(&json!({ "open": address }))
    }

    pub fn fills(&mut self, label: &str, text: &str) {
        self.does(&json!({ "fill": [label, text] }));
    }

    pub fn presses(&mut self, name: &str) -> Value {
        self.does(&json!({ "press": name }))
    }

    /// Waits for the page of this name.
    pub fn sees(&mut self, title: &str) -> Value {
        self.does(&json!({ "titled": title }))
    }

    pub fn types(&mut self, keys: &[&str]) {
        for key in keys {
            self.does(&json!({ "key": key }));
        }
    }

    /// Nothing of the page keeps anybody out, and nothing of it was refused by its own policy.
    fn looks_at(&mut self, name: &str) {
        let found = self.does(&json!({ "axe": true }));
        assert_eq!(found, json!([]), "{name}");
        self.photographs(name);
    }

    fn photographs(&mut self, name: &str) {
        if let Some(folder) = std::env::var_os("STARTLINE_SCREENSHOTS").map(PathBuf::from) {
            std::fs::create_dir_all(&folder).expect("a folder can be made");
            self.does(&json!({ "shot": Path::new(&folder).join(name) }));
        }
        let complaints = self.does(&json!({ "complaints": true }));
        // A form that was not right is answered so.
        let is_of_the_page = |told: &&Value| {
            !["(Unauthorized)", "(Unprocessable Entity)"].iter().any(|end| text_of(told).ends_with(end))
        };
        let complaints: Vec<&Value> = complaints.as_array().into_iter().flatten().filter(is_of_the_page).collect();
        assert!(complaints.is_empty(), "{name}: {complaints:?}");
    }
}

/// A port that was free a moment ago: the provider has to be told of it before the service takes it.
fn free_port() -> u16 {
    let taken = TcpListener::bind(("127.0.0.1", 0)).expect("there is a free port");
    taken.local_addr().expect("it has an address").port()
}

fn text_of(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn text<'a>(seen: &'a Value, field: &str) -> &'a str {
    seen[field].as_str().unwrap_or_default()
}

mod oidc_provider {
    use super::*;
    #[tokio::test]
    async fn somebody_signs_in_with_their_organisations_account_in_a_real_browser() {
        let port = free_port();
        // Another site than the provider's, as in the world: cookies of the one are not sent on the way from the other.
        let ours = format!("http://localhost:{port}");
        let redirect = format!("{ours}/sign-in/return");
        let mut provider = Peer::start("oidc/provider.mjs", OPENID, &[&redirect, "of no matter"]);
        let issuer = provider.line();
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let secret = folder.path().join("secret");
        std::fs::write(&secret, "of no matter").expect("a secret can be written");
        let settings = format!(
            "[web]\nlisten = \"127.0.0.1:{port}\"\npublic_url = \"{ours}\"\n\
         [oidc]\nissuer = \"{issuer}\"\naudiences = [\"startline\"]\nclient_id = \"startline\"\nclient_secret_file = \"{}\"\n\
         groups = [{{ group = \"advisers\", role = \"adviser\", site = \"somerset\" }}, {{ group = \"it\", role = \"admin\" }}]\n",
            secret.display()
        );
        let _served = Served::start(&settings);
        let mut browser = Browser::start();
        let seen = browser.opens(&ours);
        assert_eq!(text(&seen, "heading"), "Sign in");
        browser.looks_at("sign-in-provider");
        browser.presses("Sign in with your organisation's account");
        // The provider's own pages: a name, and consent.
        browser.does(&json!({ "evaluate": "document.querySelector('[name=login]').value = 'ana'" }));
        browser.does(&json!({ "evaluate": "document.querySelector('[name=password]').value = 'x'" }));
        browser.presses("Sign-in");
        browser.presses("Continue");
        // What is wrong with the provider's pages is not ours.
        browser.does(&json!({ "complaints": true }));
        let seen = browser.sees("Your desk");
        assert_eq!(text(&seen, "url"), format!("{ours}/desk"), "{seen}");
        let seen = browser.opens(&format!("{ours}/account"));
        assert!(text(&seen, "text").contains("ana of the provider"), "{seen}");
        assert!(text(&seen, "text").contains("Call centre adviser, Somerset"), "{seen}");
        browser.looks_at("account-provider");
        let cookies = browser.does(&json!({ "cookies": true }));
        let of_ours = |cookie: &&Value| cookie["domain"] == "localhost" && cookie["name"] == "startline";
        let session = cookies.as_array().and_then(|all| all.iter().find(of_ours)).expect("there is a session");
        assert_eq!((&session["httpOnly"], &session["sameSite"]), (&json!(true), &json!("Strict")), "{session}");
        let read = browser.does(&json!({ "evaluate": "document.cookie" }));
        assert!(!read.as_str().unwrap_or_default().contains("startline="), "a script reads {read}");
        let of_the_beginning = |cookie: &Value| cookie["name"] == "startline-sign-in";
        assert!(!cookies.as_array().is_some_and(|all| all.iter().any(of_the_beginning)), "a sign-in is for once");
        // A link on another site leads to the desk, although the browser keeps the cookie back on that way.
        browser.opens(&issuer.replace("/oidc", ""));
        browser.does(&json!({ "evaluate": format!("location.href = '{ours}/account'") }));
        let seen = browser.sees("Your account");
        assert_eq!(text(&seen, "url"), format!("{ours}/account"), "whoever follows a link is where it leads");
        // Signed out here, and there.
        browser.presses("Sign out");
        browser.sees("Logout Request");
        let cookies = browser.does(&json!({ "cookies": true }));
        assert!(!cookies.as_array().is_some_and(|all| all.iter().any(|cookie| of_ours(&cookie))), "{cookies}");
        browser.presses("Yes, sign me out");
        let seen = browser.sees("Sign in");
        assert_eq!(text(&seen, "url"), format!("{ours}/sign-in"), "{seen}");
    }
}

#[tokio::test]
async fn somebody_signs_in_with_a_password_by_the_keyboard_alone_in_both_languages_and_without_scripts() {
    let port = free_port();
    let ours = format!("http://127.0.0.1:{port}");
    let served = Served::start(&format!("[web]\nlisten = \"127.0.0.1:{port}\"\n"));
    served.command(&["user", "add", "Root", "--role", "admin"]);
    served.command(&["user", "add", "Nia Griffiths", "--role", "adviser", "--site", "somerset"]);
    let first = served.command(&["user", "password", "Nia Griffiths"]);
    let mut browser = Browser::start();
    // Without any script, by what is written on the page and the keyboard.
    browser.does(&json!({ "window": { "script": false } }));
    assert_eq!(text(&browser.opens(&ours), "heading"), "Sign in");
    // The skip link, the first page, the language, then the name: what went wrong stands first in the page's name.
    browser.types(&["Tab", "Tab", "Tab", "Tab", "n", "Tab", "x", "Enter"]);
    browser.sees("Error: Sign in");
    browser.fills("Your name", "Nia Griffiths");
    browser.fills("Password", &first);
    browser.types(&["Enter"]);
    browser.sees("Make a password of your own");
    browser.fills("The password that you have", &first);
    browser.fills("The new password", "short");
    browser.types(&["Enter"]);
    let seen = browser.sees("Error: Make a password of your own");
    assert!(text(&seen, "text").contains("There is a problem"), "{seen}");
    browser.photographs("password-first-wrong");
    browser.fills("The password that you have", &first);
    browser.fills("The new password", OWN);
    browser.fills("The new password again", OWN);
    browser.types(&["Enter"]);
    browser.sees("Your desk");
    // As most have it, in both languages.
    browser.does(&json!({ "window": {} }));
    browser.opens(&ours);
    browser.looks_at("sign-in");
    browser.presses("Sign in");
    browser.sees("Error: Sign in");
    browser.looks_at("sign-in-wrong");
    browser.fills("Your name", "Nia Griffiths");
    browser.fills("Password", OWN);
    browser.types(&["Enter"]);
    browser.sees("Your desk");
    browser.opens(&format!("{ours}/account"));
    browser.looks_at("account");
    browser.presses("Cymraeg");
    browser.sees("Eich cyfrif");
    browser.looks_at("account-cy");
    browser.presses("Newid eich cyfrinair");
    browser.sees("Newid eich cyfrinair");
    browser.looks_at("password-cy");
    browser.presses("Cadw'r cyfrinair newydd");
    browser.sees("Gwall: Newid eich cyfrinair");
    browser.looks_at("password-wrong-cy");
    browser.presses("Allgofnodi");
    browser.sees("Mewngofnodi");
    browser.looks_at("sign-in-cy");
    for (name, window) in [
        ("narrow", json!({ "width": 360, "height": 740 })),
        ("dark", json!({ "scheme": "dark" })),
        // 400% of a page of 1,280 pixels.
        ("zoomed", json!({ "width": 320, "height": 256 })),
    ] {
        browser.does(&json!({ "window": window }));
        browser.opens(&ours);
        browser.looks_at(&format!("sign-in-{name}"));
        browser.fills("Your name", "Nia Griffiths");
        browser.fills("Password", OWN);
        browser.types(&["Enter"]);
        browser.sees("Your desk");
        browser.opens(&format!("{ours}/account"));
        browser.looks_at(&format!("account-{name}"));
        let wide = browser.does(&json!({ "evaluate": "document.documentElement.scrollWidth - window.innerWidth" }));
        assert!(wide.as_i64().is_some_and(|wide| wide <= 0), "{name}: the page is {wide} pixels wider than the window");
    }
}
