//! A stand-in for GOV.UK Notify: checks each request's token, keeps what it was given, and does what a service far away may
//! do: takes no more, breaks, says nothing, or takes a message and is never heard of again.

use super::{soon, until};
use axum::body::Body;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;
use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use tokio::net::TcpListener;

const SERVICE: &str = "26785a09-ab16-4eb0-8407-a37497a57506";
const SECRET: &str = "3d844edf-8d35-48ac-975b-e847b4f122b0";
pub const API_KEY: &str = "startline-26785a09-ab16-4eb0-8407-a37497a57506-3d844edf-8d35-48ac-975b-e847b4f122b0";
pub const RECEIPTS_TOKEN: &str = "receipts-of-the-story";
pub const TEXT_TEMPLATE: &str = "f33517ff-2a88-4f6e-b855-c550268ce08a";
pub const LETTER_TEMPLATE: &str = "0a8f9d2e-6d3f-4d2a-9a44-6d8f8f2a3a55";

/// What it does with what it is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mood {
    Well,
    /// 429: nothing is taken.
    Busy,
    /// 500: nothing is taken, but who asks cannot know that.
    Broken,
    /// 400: nothing is taken, now or ever.
    Refusing,
    /// A message is not taken, and no answer comes.
    SilentBeforeTaking,
    /// A message is taken, and no answer comes.
    SilentAfterTaking,
    /// A message is taken, and the answer breaks off.
    BreaksOff,
    /// Nothing can be looked for: no answer comes.
    SilentWhenLookedFor,
}

/// A message that was taken.
#[derive(Debug, Clone)]
pub struct Taken {
    pub reference: String,
    pub kind: String,
    pub request: Value,
    pub status: String,
}

struct Inner {
    mood: Mood,
    taken: Vec<Taken>,
    /// Requests that came, whatever became of them: to send, and to look for one.
    asked_to_send: usize,
    looked_for: usize,
    faults: Vec<String>,
}

#[derive(Clone)]
pub struct NotifyStandIn {
    pub address: SocketAddr,
    inner: Arc<Mutex<Inner>>,
}

impl NotifyStandIn {
    pub async fn start() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let inner = Inner { mood: Mood::Well, taken: Vec::new(), asked_to_send: 0, looked_for: 0, faults: Vec::new() };
        let stand_in = Self { address, inner: Arc::new(Mutex::new(inner)) };
        let router = Router::new()
            .route("/v2/notifications/{kind}", post(send))
            .route("/v2/notifications", get(look))
            .with_state(stand_in.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        stand_in
    }

    pub fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn be(&self, mood: Mood) {
        self.inner.lock().unwrap().mood = mood;
    }

    pub fn taken(&self) -> Vec<Taken> {
        let inner = self.inner.lock().unwrap();
        assert_eq!(inner.faults, Vec::<String>::new(), "requests were not as Notify takes them");
        inner.taken.clone()
    }

    pub fn asked_to_send(&self) -> usize {
        self.inner.lock().unwrap().asked_to_send
    }

    pub fn looked_for(&self) -> usize {
        self.inner.lock().unwrap().looked_for
    }

    /// What it tells whoever asks for this message from now on.
    pub fn set_status(&self, reference: &str, status: &str) {
        let mut inner = self.inner.lock().unwrap();
        let message = inner.taken.iter_mut().find(|taken| taken.reference == reference).unwrap();
        message.status = status.to_owned();
    }

    /// Waits until it has taken so many messages, and gives them.
    pub async fn has_taken(&self, count: usize) -> Vec<Taken> {
        until("Notify to have the messages", || async { Some(self.taken()).filter(|taken| taken.len() >= count) }).await
    }

    pub async fn was_asked_to_send(&self, times: usize) {
        until("a request to Notify", || async { (self.asked_to_send() >= times).then_some(()) }).await;
    }
}

/// Whether the token is one that Notify would take.
fn is_ours(headers: &HeaderMap) -> Result<(), String> {
    let header = headers.get("authorization").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let token = header.strip_prefix("Bearer ").ok_or("no bearer token")?;
    let [head, claims, signature] = token.split('.').collect::<Vec<_>>()[..] else { return Err("no JWT".into()) };
    let decoded = |part: &str| URL_SAFE_NO_PAD.decode(part).map_err(|fault| fault.to_string());
    let read = |part: &str| serde_json::from_slice::<Value>(&decoded(part)?).map_err(|fault| fault.to_string());
    if read(head)?["alg"] != "HS256" {
        return Err("not HS256".into());
    }
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).unwrap();
    mac.update(format!("{head}.{claims}").as_bytes());
    mac.verify_slice(&decoded(signature)?).map_err(|_| "a wrong signature")?;
    let claims = read(claims)?;
    if claims["iss"] != SERVICE || !claims["iat"].is_i64() {
        return Err(format!("wrong claims: {claims}"));
    }
    Ok(())
}

fn refused(status: u16, error: &str, message: &str) -> Response {
    let body = json!({ "status_code": status, "errors": [{ "error": error, "message": message }] });
    (StatusCode::from_u16(status).unwrap(), Json(body)).into_response()
}

async fn send(
    State(stand_in): State<NotifyStandIn>,
    axum::extract::Path(kind): axum::extract::Path<String>,
    headers: HeaderMap,
    Json(request): Json<Value>,
) -> Response {
    let fault = is_ours(&headers).err().or_else(|| wrong(&kind, &request));
    let (mood, reference) = {
        let mut inner = stand_in.inner.lock().unwrap();
        inner.asked_to_send += 1;
        if let Some(fault) = fault {
            inner.faults.push(fault.clone());
            return refused(403, "AuthError", &fault);
        }
        let reference = request["reference"].as_str().unwrap_or_default().to_owned();
        if matches!(inner.mood, Mood::Well | Mood::SilentAfterTaking | Mood::BreaksOff | Mood::SilentWhenLookedFor) {
            let status = if kind == "sms" { "created" } else { "accepted" }.to_owned();
            inner.taken.push(Taken { reference: reference.clone(), kind, request, status });
        }
        (inner.mood, reference)
    };
    match mood {
        Mood::Well | Mood::SilentWhenLookedFor => {
            let id = uuid::Uuid::from_u128(rand::random());
            (StatusCode::CREATED, Json(json!({ "id": id, "reference": reference }))).into_response()
        }
        Mood::Busy => refused(429, "RateLimitError", "Exceeded rate limit for key type LIVE"),
        Mood::Broken => refused(500, "Exception", "Internal server error"),
        Mood::Refusing => refused(400, "BadRequestError", "Can't send to this recipient"),
        Mood::SilentBeforeTaking | Mood::SilentAfterTaking => std::future::pending().await,
        Mood::BreaksOff => {
            let broken = tokio_stream::iter([Err::<Vec<u8>, _>(std::io::Error::other("gone"))]);
            (StatusCode::CREATED, Body::from_stream(broken)).into_response()
        }
    }
}

/// What Notify would find wrong with a request.
fn wrong(kind: &str, request: &Value) -> Option<String> {
    let fields = &request["personalisation"];
    let whole = match kind {
        "sms" => request["template_id"] == TEXT_TEMPLATE && request["phone_number"].as_str()?.starts_with("+447"),
        "letter" => {
            request["template_id"] == LETTER_TEMPLATE
                && ["heading", "address_line_1", "address_line_2", "address_line_3"]
                    .iter()
                    .all(|name| fields[name].is_string())
        }
        _ => false,
    };
    (!whole || !fields["body"].is_string()).then(|| format!("{kind}: {request}"))
}

async fn look(State(stand_in): State<NotifyStandIn>, RawQuery(query): RawQuery, headers: HeaderMap) -> Response {
    let mood = {
        let mut inner = stand_in.inner.lock().unwrap();
        inner.looked_for += 1;
        if let Err(fault) = is_ours(&headers) {
            inner.faults.push(fault.clone());
            return refused(403, "AuthError", &fault);
        }
        inner.mood
    };
    match mood {
        Mood::SilentWhenLookedFor => std::future::pending().await,
        Mood::Broken => return refused(500, "Exception", "Internal server error"),
        _ => {}
    }
    let wanted = query.as_deref().and_then(|query| query.strip_prefix("reference=")).unwrap_or_default();
    let inner = stand_in.inner.lock().unwrap();
    let found = inner.taken.iter().filter(|taken| taken.reference == wanted);
    let found: Vec<Value> = found
        .map(|taken| json!({ "reference": taken.reference, "status": taken.status, "type": taken.kind }))
        .collect();
    Json(json!({ "notifications": found, "links": { "current": "" } })).into_response()
}

/// Waits for anything over HTTP/1.1, plainly: status, headers in small letters, body.
pub struct Heard {
    pub status: u16,
    pub headers: HashMap<String, String>,
    pub body: String,
}

/// One request on a connection of its own.
pub async fn http(address: SocketAddr, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Heard {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    let headers: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let request = format!(
        "{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nContent-Length: {}\r\n{headers}\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut bytes = Vec::new();
    soon("the whole answer", stream.read_to_end(&mut bytes)).await.unwrap();
    let text = String::from_utf8(bytes).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no whole answer: {text}"));
    let mut lines = head.split("\r\n");
    let status = lines.next().and_then(|line| line.split(' ').nth(1)).and_then(|code| code.parse().ok()).unwrap();
    let headers =
        lines.filter_map(|line| line.split_once(": ")).map(|(name, value)| (name.to_lowercase(), value.to_owned()));
    Heard { status, headers: headers.collect(), body: body.to_owned() }
}
