//! As much of a browser as is measured: pages and forms, each on a connection of its own, and the stream of a window.

use super::super::Outcome;
use super::super::autosave_grpc::request_id;
use flate2::read::GzDecoder;
use std::fmt::Write as _;
use std::io::Read as _;
use std::net::SocketAddr;
use std::time::{Duration, Instant};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

/// The script asks so for the parts of a page that change, and says so that it saves what is typed.
pub const PART: &str = "x-startline: part\r\n";
pub const SAVE: &str = "x-startline: save\r\n";
const PATIENCE: Duration = Duration::from_secs(30);

/// Somebody's, who has signed in.
#[derive(Clone)]
pub struct Browser {
    pub to: SocketAddr,
    pub cookie: String,
    pub csrf: String,
}

pub struct Page {
    pub status: u16,
    head: String,
    pub body: Vec<u8>,
    /// From the request's first byte on an open connection to the answer's last.
    pub took: Duration,
}

impl Browser {
    pub async fn get(&self, path: &str, more: &str) -> Outcome<Page> {
        self.ask("GET", path, more, "").await
    }

    /// A form with these fields, and with what every form of ours has.
    pub async fn send(&self, path: &str, typed: &[(&str, &str)]) -> Outcome<Page> {
        let own = [("csrf", self.csrf.as_str()), ("request_id", &request_id()), ("from", "/desk")].map(owned);
        let fields: Vec<_> = own.into_iter().chain(typed.iter().copied().map(owned)).collect();
        self.post(path, &fields, "").await
    }

    pub async fn post(&self, path: &str, fields: &[(String, String)], more: &str) -> Outcome<Page> {
        let fields: Vec<String> =
            fields.iter().map(|(name, value)| format!("{}={}", escaped(name), escaped(value))).collect();
        self.ask("POST", path, more, &fields.join("&")).await
    }

    /// A window says that it is there.
    pub async fn here(&self) -> Outcome {
        let _ = self.send("/live/here", &[]).await?;
        Ok(())
    }

    async fn ask(&self, method: &str, path: &str, more: &str, form: &str) -> Outcome<Page> {
        let mut stream = self.connect().await?;
        let mut request = self.head(method, path);
        let _ = write!(request, "connection: close\r\n{more}");
        if method == "POST" {
            let kind = "content-type: application/x-www-form-urlencoded";
            let _ = write!(request, "{kind}\r\ncontent-length: {}\r\n", form.len());
        }
        let _ = write!(request, "\r\n{form}");
        let begun = Instant::now();
        stream.write_all(request.as_bytes()).await?;
        let mut answer = Vec::new();
        tokio::time::timeout(PATIENCE, stream.read_to_end(&mut answer)).await??;
        let took = begun.elapsed();
        let end = answer.windows(4).position(|four| four == b"\r\n\r\n").ok_or("an answer without an end")?;
        let body = answer.split_off(end + 4);
        let head = String::from_utf8_lossy(&answer).into_owned();
        let status = head.split(' ').nth(1).unwrap_or_default().parse()?;
        let mut page = Page { status, head, body, took };
        if page.header("transfer-encoding") == Some("chunked") {
            page.body = whole(&page.body)?;
        }
        Ok(page)
    }

    async fn connect(&self) -> Outcome<TcpStream> {
        let stream = TcpStream::connect(self.to).await?;
        stream.set_nodelay(true)?;
        Ok(stream)
    }

    fn head(&self, method: &str, path: &str) -> String {
        let Self { to, cookie, .. } = self;
        format!(
            "{method} {path} HTTP/1.1\r\nhost: {to}\r\ncookie: {cookie}\r\nsec-fetch-site: same-origin\r\naccept-encoding: gzip\r\n"
        )
    }
}

impl Page {
    /// As it is read, however it was sent.
    pub fn text(&self) -> String {
        let mut plain = Vec::new();
        let is_plain = match self.is_compressed() {
            true => GzDecoder::new(self.body.as_slice()).read_to_end(&mut plain).is_ok(),
            false => false,
        };
        String::from_utf8_lossy(if is_plain { &plain } else { &self.body }).into_owned()
    }

    pub fn is_compressed(&self) -> bool {
        self.header("content-encoding") == Some("gzip")
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        let mut pairs = self.head.lines().filter_map(|line| line.split_once(':'));
        pairs.find(|(of, _)| of.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
    }

    /// Where it sends the browser.
    pub fn location(&self) -> Outcome<&str> {
        let sent = self.header("location").filter(|_| self.status == 303);
        sent.ok_or_else(|| format!("{} instead of another page: {}", self.status, self.heading()).into())
    }

    pub fn heading(&self) -> String {
        let text = self.text();
        let after = text.split_once("<h1").and_then(|(_, rest)| rest.split_once('>')).map(|(_, rest)| rest);
        after.and_then(|rest| rest.split("</h1>").next()).unwrap_or_default().to_owned()
    }
}

/// What was sent in pieces.
fn whole(mut pieces: &[u8]) -> Outcome<Vec<u8>> {
    let mut whole = Vec::new();
    loop {
        let end = pieces.windows(2).position(|two| two == b"\r\n").ok_or("a piece without its length")?;
        let length = usize::from_str_radix(std::str::from_utf8(&pieces[..end])?, 16)?;
        let from = end + 2;
        whole.extend(pieces.get(from..from + length).ok_or("a piece that was cut")?);
        if length == 0 {
            return Ok(whole);
        }
        pieces = &pieces[from + length + 2..];
    }
}

/// What a window hears.
pub struct Window(BufReader<TcpStream>);

impl Window {
    /// Done when it has been told that it is connected.
    pub async fn open(browser: &Browser, on: &str) -> Outcome<Self> {
        let mut stream = browser.connect().await?;
        let head = browser.head("GET", &format!("/live?on={}", escaped(on)));
        stream.write_all(format!("{head}accept: text/event-stream\r\n\r\n").as_bytes()).await?;
        let mut window = Self(BufReader::with_capacity(1024, stream));
        let first = window.line().await?.unwrap_or_default();
        if !first.contains(" 200 ") {
            return Err(format!("a window was answered {first:?}").into());
        }
        match window.next().await? {
            Some((event, _)) if event == "ready" => Ok(window),
            other => Err(format!("a window began with {other:?}").into()),
        }
    }

    /// The next event and its data; none when the stream is over.
    pub async fn next(&mut self) -> Outcome<Option<(String, String)>> {
        let mut event = String::new();
        while let Some(line) = self.line().await? {
            if let Some(name) = line.strip_prefix("event: ") {
                name.clone_into(&mut event);
            } else if let Some(data) = line.strip_prefix("data: ") {
                return Ok(Some((event, data.to_owned())));
            }
        }
        Ok(None)
    }

    async fn line(&mut self) -> Outcome<Option<String>> {
        let mut line = String::new();
        let read = self.0.read_line(&mut line).await?;
        line.truncate(line.trim_end_matches(['\r', '\n']).len());
        Ok((read > 0).then_some(line))
    }
}

/// The form of a page that is saved as it is typed: where it goes, and its fields as a browser would send them.
pub fn saved_form(html: &str) -> Option<(String, Vec<(String, String)>)> {
    let at = html.find(" data-save>")?;
    let (tag, rest) = html[html[..at].rfind("<form")?..].split_once('>')?;
    let mut rest = rest.split("</form>").next()?;
    let mut fields = Vec::new();
    while let Some((_, after)) = rest.split_once('<') {
        let (tag, inside) = after.split_once('>')?;
        rest = inside;
        let Some(name) = attribute(tag, "name") else { continue };
        let value = match tag.split(' ').next()? {
            "input" => {
                let kind = attribute(tag, "type").unwrap_or_default();
                if matches!(kind.as_str(), "radio" | "checkbox") && !tag.contains(" checked") {
                    continue;
                }
                attribute(tag, "value").unwrap_or_default()
            }
            "textarea" => unescaped(inside.split("</textarea").next()?.trim_start_matches('\n')),
            "select" => {
                let options = inside.split("</select").next()?.split("<option").skip(1);
                let options: Vec<&str> = options.filter_map(|option| option.split('>').next()).collect();
                let chosen = options.iter().find(|option| option.contains(" selected")).or(options.first());
                chosen.and_then(|option| attribute(option, "value")).unwrap_or_default()
            }
            _ => continue,
        };
        fields.push((name, value));
    }
    Some((attribute(tag, "action")?, fields))
}

pub fn attribute(tag: &str, name: &str) -> Option<String> {
    let (_, after) = tag.split_once(&format!(" {name}=\""))?;
    after.split('"').next().map(unescaped)
}

fn unescaped(text: &str) -> String {
    const SIGNS: [(&str, &str); 5] = [("&#60;", "<"), ("&#62;", ">"), ("&#34;", "\""), ("&#39;", "'"), ("&#38;", "&")];
    SIGNS.iter().fold(text.to_owned(), |text, (escaped, sign)| text.replace(escaped, sign))
}

fn escaped(text: &str) -> String {
    let sign = |b: u8| match b {
        b if b.is_ascii_alphanumeric() || b"-_.".contains(&b) => char::from(b).to_string(),
        b => format!("%{b:02X}"),
    };
    text.bytes().map(sign).collect()
}

fn owned((name, value): (&str, &str)) -> (String, String) {
    (name.to_owned(), value.to_owned())
}
