//! As much of a browser as signing in takes: a cookie, and forms that are sent.

use std::fmt::Write as _;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

#[derive(Default)]
pub struct Browser {
    cookie: String,
}

/// What came back.
pub struct Page {
    /// Where the browser is sent on to; empty when it is to show this.
    pub onward: String,
    html: String,
}

impl Browser {
    pub async fn open(&mut self, pages: &str, path: &str) -> Result<Page, String> {
        self.ask(pages, &format!("GET {path}"), "").await
    }

    pub async fn send(&mut self, pages: &str, path: &str, fields: &[(&str, &str)]) -> Result<Page, String> {
        let fields: Vec<String> = fields.iter().map(|(name, value)| format!("{name}={}", escaped(value))).collect();
        self.ask(pages, &format!("POST {path}"), &fields.join("&")).await
    }

    async fn ask(&mut self, pages: &str, what: &str, form: &str) -> Result<Page, String> {
        let request = format!(
            "{what} HTTP/1.1\r\nhost: {pages}\r\nconnection: close\r\nsec-fetch-site: same-origin\r\ncookie: {}\r\n\
             content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{form}",
            self.cookie,
            form.len()
        );
        let asked = async {
            let mut stream = TcpStream::connect(pages).await?;
            stream.write_all(request.as_bytes()).await?;
            let mut answer = String::new();
            stream.read_to_string(&mut answer).await?;
            Ok(answer)
        };
        let answer: std::io::Result<String> = asked.await;
        let answer = answer.map_err(|fault| format!("{what}: {fault}"))?;
        let (head, html) = answer.split_once("\r\n\r\n").ok_or_else(|| format!("{what} has no answer"))?;
        if let Some(cookie) = header(head, "set-cookie") {
            self.cookie = cookie.split(';').next().unwrap_or_default().to_owned();
        }
        match head.split(' ').nth(1) {
            Some("200" | "303") => {
                let onward = header(head, "location").unwrap_or_default().to_owned();
                Ok(Page { onward, html: html.to_owned() })
            }
            _ => Err(format!("{what}: {}", head.lines().next().unwrap_or_default())),
        }
    }
}

impl Page {
    /// What our own pages send back.
    pub fn csrf(&self) -> &str {
        let after = self.html.split_once("name=\"csrf\" value=\"").map_or("", |(_, rest)| rest);
        after.split('"').next().unwrap_or_default()
    }

    pub fn says(&self, words: &str) -> bool {
        self.html.contains(words)
    }
}

fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    let mut pairs = head.lines().filter_map(|line| line.split_once(':'));
    pairs.find(|(of, _)| of.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
}

fn escaped(text: &str) -> String {
    text.bytes().fold(String::new(), |mut escaped, byte| {
        if byte.is_ascii_alphanumeric() {
            escaped.push(char::from(byte));
        } else {
            let _ = write!(escaped, "%{byte:02X}");
        }
        escaped
    })
}
