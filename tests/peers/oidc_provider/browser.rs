//! As much of a browser as signing in takes: cookies, redirections, and forms that are sent.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::TcpStream;

#[derive(Default)]
pub struct Browser {
    cookies: BTreeMap<String, String>,
    sent_to: String,
}

/// A form, and what it holds without anybody typing.
#[derive(Debug, PartialEq, Eq)]
pub struct Page {
    action: String,
    hidden: Vec<(String, String)>,
}

impl Browser {
    /// The page at the end of all redirections; None when it is not the provider's any more.
    pub fn open(&mut self, address: &str) -> Option<Page> {
        self.go("GET", address, "")
    }

    pub fn send(&mut self, page: &Page, typed: &[(&str, &str)]) -> Option<Page> {
        let hidden = page.hidden.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let fields: Vec<String> = hidden
            .chain(typed.iter().copied())
            .map(|(name, value)| format!("{name}={}", value.replace(' ', "+")))
            .collect();
        self.go("POST", &page.action, &fields.join("&"))
    }

    /// Where the last redirection led.
    pub fn sent_to(&self) -> &str {
        &self.sent_to
    }

    fn go(&mut self, method: &str, address: &str, form: &str) -> Option<Page> {
        let (mut method, mut address, mut form) = (method, address.to_owned(), form);
        for _ in 0..10 {
            let origin: String = address.split('/').take(3).collect::<Vec<_>>().join("/");
            let (head, body) = self.ask(method, &address, form)?;
            let Some(to) = header(&head, "location") else {
                assert!(head.starts_with("HTTP/1.1 200"), "{address}: {head}\n{body}");
                return Some(page(&body, &origin));
            };
            address = if to.starts_with('/') { format!("{origin}{to}") } else { to };
            self.sent_to.clone_from(&address);
            (method, form) = ("GET", "");
        }
        panic!("redirected without an end: {address}");
    }

    /// None when nobody listens there.
    fn ask(&mut self, method: &str, address: &str, form: &str) -> Option<(String, String)> {
        let rest = address.strip_prefix("http://").expect("the provider is on loopback");
        let (host, path) = rest.split_once('/').expect("an address has a path");
        let mut stream = TcpStream::connect(host).ok()?;
        let cookies: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = format!(
            "{method} /{path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\ncookie: {}\r\n\
             content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{form}",
            cookies.join("; "),
            form.len()
        );
        stream.write_all(request.as_bytes()).expect("the provider reads");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("the provider answers");
        let (head, body) = answer.split_once("\r\n\r\n").expect("an answer has a head");
        for line in head.lines().filter(|line| line.to_ascii_lowercase().starts_with("set-cookie:")) {
            let pair = line[11..].split(';').next().unwrap_or_default();
            let (name, value) = pair.trim().split_once('=').expect("a cookie has a name");
            if value.is_empty() {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        Some((head.to_owned(), body.to_owned()))
    }
}

fn header(head: &str, name: &str) -> Option<String> {
    let of_name = |line: &&str| line.split(':').next().is_some_and(|found| found.eq_ignore_ascii_case(name));
    let line = head.lines().find(of_name)?;
    line.split_once(':').map(|(_, value)| value.trim().to_owned())
}

fn page(body: &str, origin: &str) -> Page {
    let form = body.split("<form").nth(1).unwrap_or_else(|| panic!("a page without a form: {body}"));
    let form = form.split("</form>").next().unwrap_or_default();
    let action = attribute(form, "action").expect("a form says where it goes");
    let inputs = form.split("<input").skip(1).map(|input| input.split('>').next().unwrap_or_default());
    let hidden = inputs.filter(|input| attribute(input, "type").as_deref() == Some("hidden"));
    let named = hidden.filter_map(|input| Some((attribute(input, "name")?, attribute(input, "value")?)));
    let action = if action.starts_with('/') { format!("{origin}{action}") } else { action };
    Page { hidden: named.collect(), action }
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let (_, rest) = tag.split_once(&format!("{name}=\""))?;
    rest.split('"').next().map(str::to_owned)
}

/// A field of an address. None of those looked for here is escaped.
pub fn field(address: &str, name: &str) -> Option<String> {
    let (_, query) = address.split_once('?')?;
    let value = query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))?;
    assert!(!value.contains('%'), "{value} is escaped");
    Some(value.to_owned())
}
