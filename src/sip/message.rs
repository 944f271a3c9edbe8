//! What a switch asks, read by the library. The only file of the door that names it: to replace it, write this anew.
//!
//! Reading is all that the library does here. Replies are written in `reply`, transactions are kept in `transactions`.

use bytes::Bytes;
use sipx_sip::headers::{Address, From as FromHeader, Reason, Via};
use sipx_sip::{CSeq, HeaderName, Limits, Message, Scheme, Uri};
use std::net::SocketAddr;

const REMOTE_PARTY: &str = "Remote-Party-ID";
/// Largest request: an INVITE with a long body has a few kilobytes.
pub const LARGEST_REQUEST: usize = 64 * 1024;

/// One request that could be read.
pub struct Asked {
    pub method: Method,
    /// The method's name as it came.
    pub method_name: Vec<u8>,
    pub hop: Hop,
    pub cseq: u32,
    /// The request belongs to a dialogue, which this door never opens.
    pub has_to_tag: bool,
    request: sipx_sip::Request,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    Invite,
    Ack,
    Cancel,
    Options,
    Message,
    Other,
}

/// Who somebody says they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    pub user: String,
    /// The address says that its user is a telephone number (`;user=phone`).
    pub is_phone: bool,
}

/// Why a switch takes an INVITE back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WhyCancelled {
    /// It stops ringing of its own accord and will ask again (`Q.850;cause=0`); nobody has hung up.
    Polls,
    /// Another telephone or another door has the caller (`SIP;cause=200`, or `Q.850;cause=26`, non-selected user clearing).
    AnsweredElsewhere,
    /// The caller has left, as far as anybody knows.
    Unsaid,
}

/// The topmost Via: which transaction this is, and the way back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hop {
    /// The branch, when it has the cookie of RFC 3261 and so names the transaction by itself.
    pub branch: Option<Vec<u8>>,
    pub sent_by: Vec<u8>,
    /// Where an answer over UDP goes unless `rport` was asked for.
    pub port: u16,
    pub wants_rport: bool,
}

/// Why a request is refused, by the number of the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refusal {
    pub status: u16,
    pub phrase: &'static str,
}

/// What came of reading.
pub enum Read {
    Request(Box<Asked>),
    /// To be answered with the refusal if enough of it can be made out, see [`super::salvage`].
    Bad(Refusal),
    /// A response, or nothing at all: no answer is due.
    Nothing,
}

pub const BAD_REQUEST: Refusal = Refusal { status: 400, phrase: "Bad Request" };
/// A branch that begins so names its transaction by itself (RFC 3261, 8.1.1.7).
const COOKIE: &[u8] = b"z9hG4bK";
const TOO_LARGE: Refusal = Refusal { status: 513, phrase: "Message Too Large" };
const VERSION_NOT_SUPPORTED: Refusal = Refusal { status: 505, phrase: "Version Not Supported" };

/// Reads one message: a datagram, or a piece that the framing of a stream cut out.
pub fn read(bytes: &[u8]) -> Read {
    // Four bytes of a keep-alive, or nothing.
    if bytes.iter().all(|byte| matches!(byte, b'\r' | b'\n' | 0 | b' ')) {
        return Read::Nothing;
    }
    let limits = Limits { max_message_bytes: LARGEST_REQUEST, ..Limits::datagram() };
    let request = match sipx_sip::parse_datagram(Bytes::copy_from_slice(bytes), &limits) {
        Ok(Message::Request(request)) => request,
        Ok(Message::Response(_)) => return Read::Nothing,
        Err(sipx_sip::error::ParseError::Limit { .. }) => return Read::Bad(TOO_LARGE),
        Err(_) => return Read::Bad(BAD_REQUEST),
    };
    if !request.version.is_supported() {
        return Read::Bad(VERSION_NOT_SUPPORTED);
    }
    let headers = &request.headers;
    let single = [HeaderName::From, HeaderName::To, HeaderName::CallId, HeaderName::CSeq, HeaderName::MaxForwards];
    let repeated = single.iter().any(|name| headers.count(name) > 1);
    let (Some(via), Some(Ok(cseq)), Some(Ok(_)), Some(Ok(to)), Some(Ok(call_id))) = (
        headers.value(&HeaderName::Via),
        headers.typed::<CSeq>(),
        headers.typed::<FromHeader>(),
        headers.typed::<sipx_sip::headers::To>(),
        headers.typed::<sipx_sip::CallId>(),
    ) else {
        return Read::Bad(BAD_REQUEST);
    };
    let Some(hop) = hop(&via) else { return Read::Bad(BAD_REQUEST) };
    // Max-Forwards may be missing, RFC 3261 says; but what it says must be a number.
    let max_forwards = !matches!(headers.typed::<sipx_sip::headers::MaxForwards>(), Some(Err(_)));
    if repeated || call_id.0.is_empty() || cseq.method != request.method || request.uri.has_headers() || !max_forwards {
        return Read::Bad(BAD_REQUEST);
    }
    let has_to_tag = to.tag().is_some();
    let method = match request.method {
        sipx_sip::Method::Invite => Method::Invite,
        sipx_sip::Method::Ack => Method::Ack,
        sipx_sip::Method::Cancel => Method::Cancel,
        sipx_sip::Method::Options => Method::Options,
        sipx_sip::Method::Message => Method::Message,
        _ => Method::Other,
    };
    let method_name = request.method.as_bytes().to_vec();
    Read::Request(Box::new(Asked { method, method_name, hop, cseq: cseq.sequence, has_to_tag, request }))
}

/// The first hop of a Via header.
pub fn hop(via: &[u8]) -> Option<Hop> {
    let first = via.get(..sipx_sip::headers::via::first_hop_end(via))?;
    let via = Via::parse_one(first).ok()?;
    // A version that nobody speaks is no reason not to say so.
    if !via.protocol.eq_ignore_ascii_case(b"SIP") {
        return None;
    }
    let mut sent_by = via.host.to_bytes().to_ascii_lowercase();
    if let Some(port) = via.port {
        sent_by.extend_from_slice(format!(":{port}").as_bytes());
    }
    Some(Hop {
        // The cookie alone names nothing.
        branch: via.branch().filter(|branch| branch.starts_with(COOKIE) && *branch != COOKIE).map(<[u8]>::to_vec),
        sent_by,
        port: via.port.unwrap_or(5060),
        wants_rport: via.rport().is_some(),
    })
}

/// The Via header as the answer carries it: the first hop says where the request really came from.
pub fn via_with_source(via: &[u8], source: SocketAddr) -> Vec<u8> {
    let end = sipx_sip::headers::via::first_hop_end(via);
    let (first, rest) = via.split_at(end.min(via.len()));
    let mut out = Vec::with_capacity(via.len() + 40);
    let mut wants_rport = false;
    for (index, part) in split_parameters(first).into_iter().enumerate() {
        let name = part.split(|byte| *byte == b'=').next().unwrap_or_default().trim_ascii();
        if index > 0 && name.eq_ignore_ascii_case(b"rport") {
            wants_rport = true;
        } else if index == 0 {
            out.extend_from_slice(part.trim_ascii_end());
        } else if !name.eq_ignore_ascii_case(b"received") {
            out.push(b';');
            out.extend_from_slice(part.trim_ascii());
        }
    }
    let ip = source.ip().to_canonical();
    out.extend_from_slice(format!(";received={ip}").as_bytes());
    if wants_rport {
        out.extend_from_slice(format!(";rport={}", source.port()).as_bytes());
    }
    out.extend_from_slice(rest);
    out
}

/// At semicolons that stand in no quotes.
fn split_parameters(text: &[u8]) -> Vec<&[u8]> {
    split(text, b';')
}

/// At commas that stand in no quotes and no address.
fn split_list(text: &[u8]) -> Vec<&[u8]> {
    split(text, b',')
}

fn split(text: &[u8], at: u8) -> Vec<&[u8]> {
    let (mut parts, mut start, mut quoted, mut escaped, mut inside) = (Vec::with_capacity(8), 0, false, false, false);
    for (index, byte) in text.iter().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b'<' | b'>' if at == b',' && !quoted => inside = *byte == b'<',
            byte if *byte == at && !quoted && !inside => {
                parts.push(text.get(start..index).unwrap_or_default());
                start = index + 1;
            }
            _ => {}
        }
    }
    parts.push(text.get(start..).unwrap_or_default());
    parts
}

/// Whether a switch could be sent to this address.
pub fn is_address(text: &str) -> bool {
    let known = |uri: &Uri| matches!(uri.scheme(), Scheme::Sip | Scheme::Sips | Scheme::Tel);
    Uri::parse(Bytes::copy_from_slice(text.as_bytes())).is_ok_and(|uri| known(&uri))
}

impl Asked {
    /// Headers that an answer repeats, in their order, each with its name.
    pub fn echoed(&self) -> impl Iterator<Item = (&'static str, std::borrow::Cow<'_, [u8]>)> {
        const ECHOED: [(&str, HeaderName); 5] = [
            ("Via", HeaderName::Via),
            ("From", HeaderName::From),
            ("To", HeaderName::To),
            ("Call-ID", HeaderName::CallId),
            ("CSeq", HeaderName::CSeq),
        ];
        ECHOED.iter().flat_map(|(label, name)| {
            self.request
                .headers
                .iter()
                .filter(move |header| header.name() == name)
                .map(|header| (*label, header.value()))
        })
    }

    /// What names a transaction of an old switch, beside its Via.
    pub fn old_names(&self) -> [Vec<u8>; 4] {
        let header =
            |name: &HeaderName| self.request.headers.value(name).map(|value| value.to_vec()).unwrap_or_default();
        let from_tag = self.request.headers.typed::<FromHeader>().and_then(Result::ok);
        let from_tag = from_tag.and_then(|from| from.tag().map(<[u8]>::to_vec)).unwrap_or_default();
        [header(&HeaderName::Via), from_tag, header(&HeaderName::CallId), self.request.uri.to_bytes().to_vec()]
    }

    pub fn call_id(&self) -> String {
        self.text(&HeaderName::CallId).unwrap_or_default()
    }

    /// A header of our own, such as `X-Startline-Call`: trimmed, none when empty.
    pub fn own_header(&self, name: &'static str) -> Option<String> {
        self.text(&HeaderName::parse(&Bytes::from_static(name.as_bytes())))
    }

    fn text(&self, name: &HeaderName) -> Option<String> {
        let value = self.request.headers.value(name)?;
        let text = String::from_utf8_lossy(&value).trim().to_owned();
        (!text.is_empty()).then_some(text)
    }

    /// The address asked for is one that telephones have.
    pub fn is_for_a_telephone(&self) -> bool {
        matches!(self.request.uri.scheme(), Scheme::Sip | Scheme::Sips | Scheme::Tel)
    }

    /// The address asked for is to be reached under TLS all the way.
    pub fn is_for_sips(&self) -> bool {
        matches!(self.request.uri.scheme(), Scheme::Sips)
    }

    /// The user part of the address that was dialled.
    pub fn dialled(&self) -> String {
        user(&self.request.uri).unwrap_or_default()
    }

    /// What a telephone offers: a description of its media, or several parts with one among them. Nobody here reads it, but
    /// the adviser's telephone will.
    pub fn body_is_for_telephones(&self) -> bool {
        let Some(value) = self.request.headers.value(&HeaderName::ContentType) else { return true };
        let kind = value.split(|byte| matches!(byte, b';' | b'/')).map(|part| part.trim_ascii().to_ascii_lowercase());
        let kind: Vec<_> = kind.take(2).collect();
        let fits = |main: &[u8], sub: &[u8]| main == b"multipart" || (main == b"application" && sub == b"sdp");
        self.request.body().is_empty() || matches!(kind.as_slice(), [main, sub] if fits(main, sub))
    }

    /// The identities that the network asserts, in order: P-Asserted-Identity, or where there is none the older
    /// Remote-Party-ID. `None` when it asserts nothing. One that cannot be read says nothing about those beside it.
    pub fn asserted(&self) -> Option<Vec<Identity>> {
        let values: Vec<_> = self.request.headers.get_all(&HeaderName::PAssertedIdentity).map(|h| h.value()).collect();
        let values: Vec<Vec<u8>> = match values.is_empty() {
            false => values.iter().flat_map(|value| split_list(value)).map(<[u8]>::to_vec).collect(),
            true => vec![self.own_header(REMOTE_PARTY)?.into_bytes()],
        };
        let users = values.iter().filter_map(|value| {
            let address = Address::parse_list(value, "P-Asserted-Identity").ok()?.into_iter().next()?;
            identity(&address.uri)
        });
        Some(users.collect())
    }

    /// Who the From address says it is.
    pub fn calling(&self) -> Option<Identity> {
        let from = self.request.headers.typed::<FromHeader>()?.ok()?;
        identity(&from.uri)
    }

    /// The caller asked the network to keep the number to itself.
    pub fn wants_privacy(&self) -> bool {
        let mut values = self.request.headers.get_all(&HeaderName::Privacy);
        let asked = values.any(|header| {
            let wanted = |value: &[u8]| [&b"id"[..], b"user", b"header"].iter().any(|w| value.eq_ignore_ascii_case(w));
            header.value().split(|byte| matches!(byte, b';' | b',')).any(|value| wanted(value.trim_ascii()))
        });
        let older = self.own_header(REMOTE_PARTY).unwrap_or_default().to_ascii_lowercase();
        let hides = |value: &str| matches!(value.trim(), "privacy=full" | "privacy=uri");
        asked || older.split(';').skip(1).any(hides)
    }

    /// Extensions that the switch insists on; this door has none.
    pub fn required(&self) -> Vec<String> {
        let values = self.request.headers.get_all(&HeaderName::Require);
        values
            .flat_map(|header| {
                let text = String::from_utf8_lossy(&header.value()).into_owned();
                text.split(',').map(|tag| tag.trim().to_owned()).collect::<Vec<_>>()
            })
            .filter(|tag| !tag.is_empty())
            .collect()
    }

    /// What the Reason header of a CANCEL says (RFC 3326).
    pub fn why_cancelled(&self) -> WhyCancelled {
        let values = self.request.headers.typed_all::<Reason>().filter_map(Result::ok).flat_map(|reason| reason.0);
        let said: Vec<_> = values.map(|value| (value.protocol().to_ascii_lowercase(), value.cause())).collect();
        let says = |protocol: &[u8], cause| said.iter().any(|(known, code)| known == protocol && *code == cause);
        if says(b"sip", 200) || says(b"q.850", 26) {
            WhyCancelled::AnsweredElsewhere
        } else if says(b"q.850", 0) {
            WhyCancelled::Polls
        } else {
            WhyCancelled::Unsaid
        }
    }

    /// The body, if it is plain text; the outer `None` says that it is something else.
    pub fn plain_body(&self) -> Option<Option<&str>> {
        let value = self.request.headers.value(&HeaderName::ContentType)?;
        let kind = value.split(|byte| *byte == b';').next()?.trim_ascii();
        kind.eq_ignore_ascii_case(b"text/plain").then(|| std::str::from_utf8(self.request.body()).ok())
    }

    /// What a 100 repeats, if it is what RFC 3261 says: figures and dots.
    pub fn timestamp(&self) -> Option<String> {
        let is_fit =
            |text: &String| text.len() <= 40 && text.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | ' '));
        self.own_header("Timestamp").filter(is_fit)
    }
}

/// The user of a SIP address with its escapes decoded, or a tel: number, each with its parameters.
fn identity(uri: &Uri) -> Option<Identity> {
    let is_phone =
        uri.params().and_then(|params| params.value("user")).is_some_and(|kind| kind.eq_ignore_ascii_case(b"phone"));
    user(uri).map(|user| Identity { user, is_phone })
}

fn user(uri: &Uri) -> Option<String> {
    let bytes = match uri.scheme() {
        Scheme::Sip | Scheme::Sips => uri.decoded_user()?,
        Scheme::Tel => uri.opaque()?.to_vec(),
        _ => return None,
    };
    Some(String::from_utf8_lossy(&bytes).into_owned())
}
