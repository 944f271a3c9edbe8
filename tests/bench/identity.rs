//! Whose a token is: read for the first time, and looked up again. The keys come from a stand-in on loopback, before anything
//! is measured.

use super::measure::{Rounds, verdict};
use super::{Fault, Outcome};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::SystemRandom;
use ring::rsa::PublicKeyComponents;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING as ES256, EcdsaKeyPair, KeyPair,
    RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, RsaKeyPair, UnparsedPublicKey,
};
use serde_json::{Value, json};
use startline::clock::Clock;
use startline::config::OidcConfig;
use startline::identity::Verifier;
use std::time::Instant;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

const ROUNDS: usize = 9;
const TOKENS: usize = 500;

pub async fn run() -> Outcome {
    let keys = Keys::new()?;
    let issuer = keys.publish().await?;
    for kind in ["ES256", "RS256"] {
        let text = format!("issuer = \"{issuer}\"\naudiences = [\"startline\"]");
        let config: OidcConfig = toml::from_str(&text)?;
        let clock = Clock::system();
        let verifier = Verifier::open(&config, clock.clone())?;
        let first = keys.token(kind, &issuer, usize::MAX, &clock)?;
        verifier.verify(&first, clock.now()).await.map_err(|refused| refused.word())?;
        let (mut read_us, mut again_us, mut alone_us) = (Rounds::default(), Rounds::default(), Rounds::default());
        for round in 0..ROUNDS {
            let tokens: Result<Vec<String>, Fault> =
                (0..TOKENS).map(|number| keys.token(kind, &issuer, round * TOKENS + number, &clock)).collect();
            let tokens = tokens?;
            let now = clock.now();
            for rounds in [&mut read_us, &mut again_us] {
                let begun = Instant::now();
                for token in &tokens {
                    verifier.verify(token, now).await.map_err(|refused| refused.word())?;
                }
                rounds.add(each_us(begun));
            }
            let begun = Instant::now();
            for token in &tokens {
                keys.check_alone(kind, token)?;
            }
            alone_us.add(each_us(begun));
        }
        read_us.show(&format!("{kind}: a token of {} bytes for the first time", first.len()), "us");
        read_us.ratio_to(&alone_us).show_ratio("  to the check of its signature alone");
        again_us.show(&format!("{kind}: the same again"), "us");
        verdict("first in us", read_us.median(), 100.0, false);
        verdict("again in us", again_us.median(), 5.0, false);
    }
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "a few hundred")]
fn each_us(begun: Instant) -> f64 {
    begun.elapsed().as_secs_f64() * 1e6 / TOKENS as f64
}

struct Keys {
    ec: EcdsaKeyPair,
    rsa: RsaKeyPair,
}

impl Keys {
    fn new() -> Outcome<Self> {
        let random = SystemRandom::new();
        let made = EcdsaKeyPair::generate_pkcs8(&ES256, &random).map_err(|fault| fault.to_string())?;
        let ec = EcdsaKeyPair::from_pkcs8(&ES256, made.as_ref(), &random).map_err(|fault| fault.to_string())?;
        let rsa = RsaKeyPair::from_pkcs8(include_bytes!("../../src/identity/fixtures/rsa.pk8"));
        let rsa = rsa.map_err(|fault| fault.to_string())?;
        Ok(Self { ec, rsa })
    }

    fn public(&self) -> Value {
        let encoded = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        let (x, y) = self.ec.public_key().as_ref()[1..].split_at(32);
        let rsa = PublicKeyComponents::<Vec<u8>>::from(self.rsa.public_key());
        json!({ "keys": [
            { "kty": "EC", "crv": "P-256", "kid": "ES256", "x": encoded(x), "y": encoded(y) },
            { "kty": "RSA", "kid": "RS256", "n": encoded(&rsa.n), "e": encoded(&rsa.e) },
        ] })
    }

    /// Answers every request with the keys, or with where they are. Returns the issuer's name.
    async fn publish(&self) -> Outcome<String> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let issuer = format!("http://{}", listener.local_addr()?);
        let discovery = json!({ "issuer": issuer, "jwks_uri": format!("{issuer}/keys") }).to_string();
        let keys = self.public().to_string();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut head = [0; 4096];
                let read = stream.read(&mut head).await.unwrap_or_default();
                let text = if head[..read].starts_with(b"GET /keys") { &keys } else { &discovery };
                let length = text.len();
                let answer = format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{text}");
                let _ = stream.write_all(answer.as_bytes()).await;
            }
        });
        Ok(issuer)
    }

    fn token(&self, kind: &str, issuer: &str, number: usize, clock: &Clock) -> Outcome<String> {
        let now = clock.now().timestamp();
        let header = json!({ "alg": kind, "typ": "JWT", "kid": kind });
        let claims = json!({
            "iss": issuer, "aud": "startline", "sub": format!("u-{number}"), "iat": now, "exp": now + 3_600,
            "name": "Ana Jones", "email": "ana.jones@example.org", "sid": "3d844edf-8d35-48ac-975b-e847b4f122b0",
            "groups": ["advisers", "frome", "welsh speakers", "everybody"],
        });
        let encoded = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let message = format!("{}.{}", encoded(&header), encoded(&claims));
        let (random, bytes) = (SystemRandom::new(), message.as_bytes());
        let wrong = |_| Fault::from("no token could be signed");
        let signature = if kind == "ES256" {
            self.ec.sign(&random, bytes).map_err(wrong)?.as_ref().to_vec()
        } else {
            let mut signature = vec![0; self.rsa.public_key().modulus_len()];
            self.rsa.sign(&RSA_PKCS1_SHA256, &random, bytes, &mut signature).map_err(wrong)?;
            signature
        };
        Ok(format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }

    fn check_alone(&self, kind: &str, token: &str) -> Outcome {
        let (message, signature) = token.rsplit_once('.').ok_or("no token")?;
        let (bytes, signature) = (message.as_bytes(), URL_SAFE_NO_PAD.decode(signature)?);
        let wrong = |_| Fault::from("a good signature was refused");
        if kind == "ES256" {
            UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, self.ec.public_key())
                .verify(bytes, &signature)
                .map_err(wrong)
        } else {
            let key = PublicKeyComponents::<Vec<u8>>::from(self.rsa.public_key());
            key.verify(&RSA_PKCS1_2048_8192_SHA256, bytes, &signature).map_err(wrong)
        }
    }
}
