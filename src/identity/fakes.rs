//! A provider for the tests: keys of its own, tokens as it or an attacker would make them, and its pages.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use ring::rand::SystemRandom;
use ring::rsa::PublicKeyComponents;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING as ES256, EcdsaKeyPair, Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256, RSA_PSS_SHA256,
    RsaKeyPair,
};
use serde_json::{Value, json};
use startline_foundation::clock::{Clock, ClockHand};
use startline_foundation::config::OidcConfig;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

pub const AUDIENCE: &str = "startline";

pub fn now() -> DateTime<Utc> {
    "2026-03-03T10:00:00Z".parse().unwrap()
}

pub fn encoded(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

pub enum Signer {
    Rsa(Box<RsaKeyPair>),
    Ec(EcdsaKeyPair),
    Ed(Ed25519KeyPair),
}

impl Signer {
    pub fn rsa() -> Self {
        Self::Rsa(Box::new(RsaKeyPair::from_pkcs8(include_bytes!("fixtures/rsa.pk8")).unwrap()))
    }

    pub fn ec() -> Self {
        let random = SystemRandom::new();
        let made = EcdsaKeyPair::generate_pkcs8(&ES256, &random).unwrap();
        Self::Ec(EcdsaKeyPair::from_pkcs8(&ES256, made.as_ref(), &random).unwrap())
    }

    pub fn ed() -> Self {
        let made = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).unwrap();
        Self::Ed(Ed25519KeyPair::from_pkcs8(made.as_ref()).unwrap())
    }

    pub fn algorithm(&self) -> &'static str {
        match self {
            Self::Rsa(_) => "RS256",
            Self::Ec(_) => "ES256",
            Self::Ed(_) => "EdDSA",
        }
    }

    /// As it is published.
    pub fn public(&self, id: &str) -> Value {
        match self {
            Self::Rsa(key) => {
                let PublicKeyComponents { n, e } = PublicKeyComponents::<Vec<u8>>::from(key.public_key());
                json!({ "kty": "RSA", "kid": id, "use": "sig", "n": encoded(n), "e": encoded(e) })
            }
            Self::Ec(key) => {
                let (x, y) = key.public_key().as_ref()[1..].split_at(32);
                json!({ "kty": "EC", "crv": "P-256", "kid": id, "alg": "ES256", "x": encoded(x), "y": encoded(y) })
            }
            Self::Ed(key) => {
                json!({ "kty": "OKP", "crv": "Ed25519", "kid": id, "x": encoded(key.public_key()) })
            }
        }
    }

    pub fn signature(&self, message: &[u8], probabilistic: bool) -> Vec<u8> {
        let random = SystemRandom::new();
        match self {
            Self::Rsa(key) => {
                let mut signature = vec![0; key.public_key().modulus_len()];
                let padding: &dyn ring::signature::RsaEncoding =
                    if probabilistic { &RSA_PSS_SHA256 } else { &RSA_PKCS1_SHA256 };
                key.sign(padding, &random, message, &mut signature).unwrap();
                signature
            }
            Self::Ec(key) => key.sign(&random, message).unwrap().as_ref().to_vec(),
            Self::Ed(key) => key.sign(message).as_ref().to_vec(),
        }
    }

    /// A token with any header and any claims, written as they are.
    pub fn token_of(&self, header: &str, claims: &str) -> String {
        let message = format!("{}.{}", encoded(header), encoded(claims));
        let signature = self.signature(message.as_bytes(), header.contains("PS256"));
        format!("{message}.{}", encoded(signature))
    }

    pub fn token(&self, id: &str, claims: &Value) -> String {
        let header = json!({ "alg": self.algorithm(), "typ": "JWT", "kid": id });
        self.token_of(&header.to_string(), &claims.to_string())
    }
}

/// How its pages answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    Well,
    /// Takes the connection, and says nothing.
    Silent,
    /// Hangs up.
    Away,
    Broken,
    Huge,
}

struct Pages {
    manner: Manner,
    keys: Value,
    /// What stands in its discovery besides, or instead.
    discovery: Value,
    token: Value,
    asked: Vec<String>,
    forms: Vec<(String, String)>,
}

/// A provider on loopback, until the test ends.
#[derive(Clone)]
pub struct Provider {
    pub issuer: String,
    pages: Arc<Mutex<Pages>>,
}

impl Provider {
    pub async fn start(keys: Value) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let issuer = format!("http://{}", listener.local_addr().unwrap());
        let pages = Pages {
            manner: Manner::Well,
            keys,
            discovery: json!({}),
            token: Value::Null,
            asked: Vec::new(),
            forms: Vec::new(),
        };
        let provider = Self { issuer, pages: Arc::new(Mutex::new(pages)) };
        let serving = provider.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let provider = serving.clone();
                tokio::spawn(async move { provider.serve(stream).await });
            }
        });
        provider
    }

    pub fn behave(&self, manner: Manner) {
        self.pages.lock().unwrap().manner = manner;
    }

    pub fn publish(&self, keys: Value) {
        self.pages.lock().unwrap().keys = keys;
    }

    pub fn discover(&self, more: Value) {
        self.pages.lock().unwrap().discovery = more;
    }

    /// What it answers to a code.
    pub fn answer(&self, token: Value) {
        self.pages.lock().unwrap().token = token;
    }

    /// How often this page was asked for.
    pub fn asked(&self, page: &str) -> usize {
        self.pages.lock().unwrap().asked.iter().filter(|asked| *asked == page).count()
    }

    /// The forms that it was sent, and as whom.
    pub fn forms(&self) -> Vec<(String, String)> {
        self.pages.lock().unwrap().forms.clone()
    }

    pub fn config(&self, more: &str) -> OidcConfig {
        toml::from_str(&format!("issuer = \"{}\"\naudiences = [\"{AUDIENCE}\"]\n{more}", self.issuer)).unwrap()
    }

    /// The claims of a token that is good at [`now`].
    pub fn claims(&self) -> Value {
        let now = now().timestamp();
        json!({ "iss": self.issuer, "aud": AUDIENCE, "sub": "u-1", "iat": now, "exp": now + 300, "groups": ["advisers"] })
    }

    async fn serve(self, mut stream: TcpStream) {
        let Some((page, head, body)) = read_request(&mut stream).await else { return };
        let manner = {
            let mut pages = self.pages.lock().unwrap();
            pages.asked.push(page.clone());
            if page == "/token" {
                let who = head.lines().find_map(|line| {
                    line.to_ascii_lowercase().starts_with("authorization:").then(|| line[14..].trim().to_owned())
                });
                pages.forms.push((who.unwrap_or_default(), body));
            }
            pages.manner
        };
        let text = match manner {
            Manner::Well => self.page(&page),
            Manner::Silent => return std::future::pending().await,
            Manner::Away => return,
            Manner::Broken => "{\"keys\": [{\"kty\": ".to_owned(),
            Manner::Huge => format!("{{\"keys\": [], \"x\": \"{}\"}}", "x".repeat(300 * 1024)),
        };
        let status = if page == "/token" && text.contains("error") { "400 Bad Request" } else { "200 OK" };
        let answer = format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{text}", text.len());
        let _ = stream.write_all(answer.as_bytes()).await;
    }

    fn page(&self, page: &str) -> String {
        let pages = self.pages.lock().unwrap();
        let issuer = &self.issuer;
        match page {
            "/keys" => json!({ "keys": pages.keys }).to_string(),
            "/token" => pages.token.to_string(),
            _ => {
                let mut discovery = json!({
                    "issuer": issuer,
                    "jwks_uri": format!("{issuer}/keys"),
                    "authorization_endpoint": format!("{issuer}/authorize"),
                    "token_endpoint": format!("{issuer}/token"),
                    "end_session_endpoint": format!("{issuer}/end"),
                });
                let more = pages.discovery.as_object().unwrap().clone();
                discovery.as_object_mut().unwrap().extend(more);
                discovery.to_string()
            }
        }
    }
}

/// The page, the head and the body.
async fn read_request(stream: &mut TcpStream) -> Option<(String, String, String)> {
    let mut read = Vec::new();
    loop {
        let mut piece = [0; 2048];
        let bytes = stream.read(&mut piece).await.ok().filter(|bytes| *bytes > 0)?;
        read.extend_from_slice(&piece[..bytes]);
        let text = String::from_utf8_lossy(&read).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length = head.lines().find_map(|line| {
            line.to_ascii_lowercase().strip_prefix("content-length:").map(|n| n.trim().parse::<usize>().unwrap())
        });
        if body.len() >= length.unwrap_or_default() {
            let page = head.split(' ').nth(1)?.to_owned();
            return Some((page, head.to_owned(), body.to_owned()));
        }
    }
}

/// A clock that stands until it is moved.
pub fn clock() -> (Clock, ClockHand) {
    Clock::manual(now())
}
