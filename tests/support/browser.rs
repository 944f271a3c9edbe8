//! As much of a browser as our pages need: cookies, redirections within the service, forms that are sent. It keeps the rules of
//! `SameSite` no better than it is told: a story says itself where a request comes from.

use super::soon;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpSocket;

pub struct Browser {
    to: SocketAddr,
    /// The address of this machine that it asks from: 127.0.0.1 and what follows are all its own.
    from: [u8; 4],
    pub cookies: BTreeMap<String, String>,
    pub language: &'static str,
    /// What its script asks for by itself: `part`, or `save`.
    script: &'static str,
}

/// What a page shows.
#[derive(Debug)]
pub struct Page {
    pub status: u16,
    /// The path it was found at, after all redirections.
    pub path: String,
    pub head: String,
    pub html: String,
}

impl Browser {
    pub fn new(to: SocketAddr) -> Self {
        Self { to, from: [127, 0, 0, 1], cookies: BTreeMap::new(), language: "en", script: "" }
    }

    pub fn asking_from(self, last: u8) -> Self {
        Self { from: [127, 0, 0, last], ..self }
    }

    pub async fn open(&mut self, path: &str) -> Page {
        self.go("GET", path, "", "same-origin").await
    }

    /// Asks for a page as its own script does, by itself, to show what has changed.
    pub async fn part(&mut self, path: &str) -> Page {
        self.script = "part";
        let page = self.open(path).await;
        self.script = "";
        page
    }

    /// Sends a form as the script of its page does while somebody types.
    pub async fn saves(&mut self, path: &str, fields: &[(String, String)]) -> Page {
        self.script = "save";
        let page = self.post(path, fields, "same-origin").await;
        self.script = "";
        page
    }

    /// Fills in a form of this page and sends it: the one that goes to this path.
    pub async fn send(&mut self, page: &Page, path: &str, typed: &[(&str, &str)]) -> Page {
        let mut fields: Vec<(String, String)> = vec![("csrf".into(), page.csrf())];
        fields.extend(typed.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        self.post(path, &fields, "same-origin").await
    }

    /// A form from wherever.
    pub async fn post(&mut self, path: &str, fields: &[(String, String)], from_site: &str) -> Page {
        let fields: Vec<String> = fields.iter().map(|(name, value)| format!("{name}={}", escaped(value))).collect();
        self.go("POST", path, &fields.join("&"), from_site).await
    }

    pub async fn signs_in(&mut self, name: &str, password: &str) -> Page {
        let fields = [("name".to_owned(), name.to_owned()), ("password".to_owned(), password.to_owned())];
        self.post("/sign-in", &fields, "same-origin").await
    }

    async fn go(&mut self, method: &str, path: &str, form: &str, from_site: &str) -> Page {
        let (mut method, mut path, mut form) = (method, path.to_owned(), form);
        for _ in 0..5 {
            let page = self.ask(method, &path, form, from_site).await;
            let Some(to) = header(&page.head, "location").filter(|_| page.status == 303) else { return page };
            (method, path, form) = ("GET", to, "");
        }
        panic!("redirected without an end: {path}");
    }

    async fn ask(&mut self, method: &str, path: &str, form: &str, from_site: &str) -> Page {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind((self.from, 0).into()).unwrap();
        let mut stream = socket.connect(self.to).await.unwrap();
        let cookies: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = format!(
            "{method} {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\ncookie: {}\r\naccept-language: {}\r\n\
             sec-fetch-site: {from_site}\r\n{}content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{form}",
            self.to,
            cookies.join("; "),
            self.language,
            if self.script.is_empty() { String::new() } else { format!("x-startline: {}\r\n", self.script) },
            form.len()
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        soon("the whole page", stream.read_to_string(&mut answer)).await.unwrap();
        let (head, html) = answer.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no whole answer: {answer}"));
        for line in head.lines().filter(|line| line.to_ascii_lowercase().starts_with("set-cookie:")) {
            let (name, value) = line[11..].split(';').next().unwrap().trim().split_once('=').unwrap();
            if line.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        let status = head.split(' ').nth(1).and_then(|code| code.parse().ok()).unwrap();
        Page { status, path: path.to_owned(), head: head.to_owned(), html: html.to_owned() }
    }
}

impl Page {
    /// What our own pages send back; empty on a page of nobody's.
    pub fn csrf(&self) -> String {
        let after = self.html.split_once("name=\"csrf\" value=\"").map(|(_, rest)| rest);
        after.and_then(|rest| rest.split('"').next()).unwrap_or_default().to_owned()
    }

    pub fn heading(&self) -> &str {
        let after = self.html.split_once("<h1>").map(|(_, rest)| rest);
        after.and_then(|rest| rest.split("</h1>").next()).unwrap_or_default()
    }

    pub fn header(&self, name: &str) -> String {
        header(&self.head, name).unwrap_or_default()
    }
}

fn header(head: &str, name: &str) -> Option<String> {
    let mut pairs = head.lines().filter_map(|line| line.split_once(':'));
    pairs.find(|(of, _)| of.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim().to_owned())
}

fn escaped(text: &str) -> String {
    text.bytes()
        .map(|b| if b.is_ascii_alphanumeric() { char::from(b).to_string() } else { format!("%{b:02X}") })
        .collect()
}
