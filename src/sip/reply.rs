//! Writing answers. What they all repeat of the request is written once for each transaction.

use super::message::{Asked, via_with_source};
use bytes::Bytes;
use std::net::SocketAddr;

/// The headers that every answer to one request repeats, as they go on the wire.
#[derive(Debug, Clone)]
pub struct Echo(Bytes);

/// The methods this door knows.
pub const ALLOW: (&str, &str) = ("Allow", "INVITE, ACK, CANCEL, OPTIONS, MESSAGE");

impl Echo {
    pub fn of(asked: &Asked, source: SocketAddr, tag: &str) -> Self {
        Self::from_headers(asked.echoed(), source, (!asked.has_to_tag).then_some(tag))
    }

    /// `tag` is added to the To header.
    pub fn from_headers<'a, V: AsRef<[u8]>>(
        headers: impl Iterator<Item = (&'a str, V)>,
        source: SocketAddr,
        tag: Option<&str>,
    ) -> Self {
        let mut out = Vec::with_capacity(400);
        let mut first_via = true;
        for (name, value) in headers {
            out.extend_from_slice(name.as_bytes());
            out.extend_from_slice(b": ");
            match name {
                "Via" if first_via => {
                    out.extend_from_slice(&via_with_source(value.as_ref(), source));
                    first_via = false;
                }
                _ => out.extend_from_slice(value.as_ref()),
            }
            if let ("To", Some(tag)) = (name, tag) {
                out.extend_from_slice(b";tag=");
                out.extend_from_slice(tag.as_bytes());
            }
            out.extend_from_slice(b"\r\n");
        }
        Self(out.into())
    }

    /// A whole answer without a body. What goes into `headers` has no line breaks: see [`one_line`].
    pub fn reply(&self, status: u16, phrase: &str, headers: &[(&str, &str)]) -> Bytes {
        let mut out = Vec::with_capacity(self.0.len() + 160);
        out.extend_from_slice(format!("SIP/2.0 {status} {phrase}\r\n").as_bytes());
        out.extend_from_slice(&self.0);
        for (name, value) in headers {
            out.extend_from_slice(name.as_bytes());
            out.extend_from_slice(b": ");
            out.extend_from_slice(value.as_bytes());
            out.extend_from_slice(b"\r\n");
        }
        out.extend_from_slice(b"Content-Length: 0\r\n\r\n");
        out.into()
    }
}

/// Text from elsewhere, made fit for a header: printable, no line breaks, not long.
pub fn one_line(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(200).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_says_where_the_request_came_from_and_repeats_the_rest() {
        let headers = [
            (
                "Via",
                "SIP/2.0/UDP sw.example:5070 ;branch=z9hG4bKa;rport ; received=9.9.9.9, SIP/2.0/TCP b;branch=z9hG4bKb",
            ),
            ("Via", "SIP/2.0/UDP c;branch=z9hG4bKc;rport"),
            ("To", "\"a;tag=b\" <sip:a@b>"),
        ];
        let echo = Echo::from_headers(headers.into_iter(), "192.0.2.7:6000".parse().unwrap(), Some("t1"));
        let reply = echo.reply(182, "Queued", &[("X-Startline-Position", "2")]);
        let expected = "SIP/2.0 182 Queued\r\n\
            Via: SIP/2.0/UDP sw.example:5070;branch=z9hG4bKa;received=192.0.2.7;rport=6000, SIP/2.0/TCP b;branch=z9hG4bKb\r\n\
            Via: SIP/2.0/UDP c;branch=z9hG4bKc;rport\r\n\
            To: \"a;tag=b\" <sip:a@b>;tag=t1\r\n\
            X-Startline-Position: 2\r\n\
            Content-Length: 0\r\n\r\n";
        assert_eq!(std::str::from_utf8(&reply).unwrap(), expected);
    }

    #[test]
    fn what_comes_from_elsewhere_cannot_begin_a_header_of_its_own() {
        assert_eq!(one_line("asha\r\nContact: <sip:thief@example>"), "ashaContact: <sip:thief@example>");
    }
}
