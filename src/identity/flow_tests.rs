use crate::fakes::{AUDIENCE, Manner, Provider, Signer, clock, now};
use crate::flow::{CodeFlow, Pending};
use crate::{Identity, Refused, Verifier};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use chrono::TimeDelta;
use ring::digest::{SHA256, digest};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

struct House {
    provider: Provider,
    flow: CodeFlow,
    verifier: Verifier,
    signer: Signer,
    _folder: tempfile::TempDir,
}

impl House {
    async fn new(with_secret: bool) -> Self {
        let signer = Signer::ec();
        let provider = Provider::start(json!([signer.public("e")])).await;
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("secret");
        std::fs::write(&file, "s/e:c r\u{e9}t\n").unwrap();
        let secret = if with_secret { format!("client_secret_file = \"{}\"", file.display()) } else { String::new() };
        let config = provider.config(&format!("client_id = \"desk&1\"\n{secret}"));
        let verifier = Verifier::open(&config, clock().0).unwrap();
        let flow = CodeFlow::open(&config, "https://desk.example.org/", verifier.clone()).unwrap().unwrap();
        Self { provider, flow, verifier, signer, _folder: folder }
    }

    /// The ID token that the provider gives for the code, good but for these claims.
    fn give(&self, pending: &BTreeMap<String, String>, changes: Value) {
        let mut claims = self.provider.claims();
        let claims_of = claims.as_object_mut().unwrap();
        claims_of.insert("aud".into(), json!("desk&1"));
        claims_of.insert("nonce".into(), json!(pending["nonce"]));
        claims_of.extend(changes.as_object().unwrap().clone());
        let token = self.signer.token("e", &claims);
        self.provider.answer(json!({ "access_token": "x", "token_type": "Bearer", "id_token": token }));
    }

    async fn begin(&self) -> (BTreeMap<String, String>, Pending) {
        let (address, pending) = self.flow.begin(now()).await.unwrap();
        let (page, query) = address.split_once('?').unwrap();
        assert_eq!(page, format!("{}/authorize", self.provider.issuer));
        (fields(query), pending)
    }

    async fn finish(&self, asked: &BTreeMap<String, String>, pending: &Pending) -> Result<Arc<Identity>, Refused> {
        self.flow.finish(&asked["state"], "a code", pending, now()).await
    }
}

fn fields(query: &str) -> BTreeMap<String, String> {
    let plain = |text: &str| {
        let mut bytes = Vec::new();
        let mut rest = text.bytes();
        while let Some(byte) = rest.next() {
            let hex = |rest: &mut std::str::Bytes<'_>| String::from_utf8(rest.take(2).collect()).unwrap();
            bytes.push(if byte == b'%' { u8::from_str_radix(&hex(&mut rest), 16).unwrap() } else { byte });
        }
        String::from_utf8(bytes).unwrap()
    };
    query.split('&').filter_map(|pair| pair.split_once('=')).map(|(name, value)| (plain(name), plain(value))).collect()
}

#[tokio::test]
async fn a_browser_is_sent_away_and_comes_back_as_somebody() {
    let house = House::new(true).await;
    let (asked, pending) = house.begin().await;
    assert_eq!(asked["response_type"], "code");
    assert_eq!(asked["client_id"], "desk&1");
    assert_eq!(asked["redirect_uri"], "https://desk.example.org/sign-in/return");
    assert_eq!(asked["scope"], "openid profile");
    assert_eq!(asked["code_challenge_method"], "S256");
    house.give(&asked, json!({ "name": "Ana Jones" }));
    let known = house.finish(&asked, &pending).await.unwrap();
    assert_eq!((known.subject.as_str(), known.name.as_str()), ("u-1", "Ana Jones"));
    // The verifier that the provider saw is the one whose hash stood in the address.
    let (who, form) = house.provider.forms().pop().unwrap();
    let form = fields(&form);
    assert_eq!(form["code"], "a code");
    assert_eq!(form["redirect_uri"], asked["redirect_uri"]);
    let hash = URL_SAFE_NO_PAD.encode(digest(&SHA256, form["code_verifier"].as_bytes()));
    assert_eq!(hash, asked["code_challenge"]);
    assert_eq!(who, format!("Basic {}", STANDARD.encode("desk%261:s%2Fe%3Ac%20r%C3%A9t")));
    assert!(!form.contains_key("client_secret"));
    // The end of it all, at the provider.
    let end = house.flow.end_session("https://desk.example.org/bye").unwrap();
    assert!(end.starts_with(&format!("{}/end?client_id=desk%261&", house.provider.issuer)), "{end}");
    assert!(end.ends_with("post_logout_redirect_uri=https%3A%2F%2Fdesk.example.org%2Fbye"), "{end}");
}

#[tokio::test]
async fn the_secret_is_shown_as_the_provider_wants_it_and_a_client_may_have_none() {
    let house = House::new(true).await;
    house.provider.discover(json!({ "token_endpoint_auth_methods_supported": ["client_secret_post"] }));
    let (asked, pending) = house.begin().await;
    house.give(&asked, json!({}));
    house.finish(&asked, &pending).await.unwrap();
    let (who, form) = house.provider.forms().pop().unwrap();
    assert!(who.is_empty() && fields(&form)["client_secret"] == "s/e:c r\u{e9}t");
    let public = House::new(false).await;
    let (asked, pending) = public.begin().await;
    public.give(&asked, json!({}));
    public.finish(&asked, &pending).await.unwrap();
    let (who, form) = public.provider.forms().pop().unwrap();
    assert!(who.is_empty() && fields(&form)["client_id"] == "desk&1" && !form.contains("secret"));
}

#[tokio::test]
async fn an_answer_to_another_sign_in_is_refused() {
    let house = House::new(true).await;
    let (asked, pending) = house.begin().await;
    let (other, others_pending) = house.begin().await;
    assert!(asked["state"] != other["state"] && asked["nonce"] != other["nonce"]);
    house.give(&asked, json!({}));
    assert_eq!(house.finish(&asked, &others_pending).await.err(), Some(Refused::OtherSignIn));
    assert!(house.provider.forms().is_empty(), "the code is not even taken to the provider");
    house.give(&asked, json!({ "nonce": other["nonce"] }));
    assert_eq!(house.finish(&asked, &pending).await.err(), Some(Refused::OtherSignIn));
    house.give(&asked, json!({ "nonce": null }));
    assert_eq!(house.finish(&asked, &pending).await.err(), Some(Refused::OtherSignIn));
    house.give(&asked, json!({}));
    let late = now() + TimeDelta::minutes(11);
    let state = asked["state"].clone();
    assert_eq!(house.flow.finish(&state, "a code", &pending, late).await.err(), Some(Refused::Late));
    for code in ["", &"x".repeat(5_000)] {
        assert_eq!(house.flow.finish(&state, code, &pending, now()).await.err(), Some(Refused::Code));
    }
}

#[tokio::test]
async fn an_id_token_for_another_client_is_refused_and_one_for_us_is_no_access_token() {
    let house = House::new(true).await;
    let (asked, pending) = house.begin().await;
    for (change, refused) in [
        (json!({ "aud": "another" }), Refused::Audience),
        (json!({ "aud": AUDIENCE }), Refused::Audience),
        (json!({ "aud": ["desk&1", "another"] }), Refused::Audience),
        (json!({ "azp": "another" }), Refused::Audience),
        (json!({ "iss": "https://login.example.org" }), Refused::Issuer),
        (json!({ "exp": now().timestamp() - 61 }), Refused::Expired),
    ] {
        house.give(&asked, change);
        assert_eq!(house.finish(&asked, &pending).await.err(), Some(refused));
    }
    let mut claims = house.provider.claims();
    claims["aud"] = json!("desk&1");
    let id_token = house.signer.token("e", &claims);
    assert_eq!(house.verifier.verify(&id_token, now()).await.err(), Some(Refused::Audience));
}

#[tokio::test]
async fn a_provider_that_does_not_take_the_code_or_is_away_lets_nobody_in() {
    let house = House::new(true).await;
    let (asked, pending) = house.begin().await;
    for answer in [json!({ "error": "invalid_grant" }), json!({}), json!({ "id_token": 7 }), json!([])] {
        house.provider.answer(answer);
        assert_eq!(house.finish(&asked, &pending).await.err(), Some(Refused::Code));
    }
    house.provider.answer(json!({ "id_token": "a.b.c" }));
    assert_eq!(house.finish(&asked, &pending).await.err(), Some(Refused::Malformed));
    house.provider.behave(Manner::Away);
    assert_eq!(house.finish(&asked, &pending).await.err(), Some(Refused::ProviderAway));
    let fresh = House::new(true).await;
    fresh.provider.behave(Manner::Away);
    assert_eq!(fresh.flow.begin(now()).await.err(), Some(Refused::ProviderAway));
}

#[tokio::test]
async fn without_a_client_there_is_no_sign_in_with_a_browser() {
    let provider = Provider::start(json!([])).await;
    let config = provider.config("");
    let verifier = Verifier::open(&config, clock().0).unwrap();
    assert!(CodeFlow::open(&config, "https://desk.example.org", verifier).unwrap().is_none());
}
