//! What somebody tries who has no token of their own, and what a provider does to us.

use crate::fakes::{AUDIENCE, Manner, Provider, Signer, clock, encoded, now};
use crate::{Identity, LONGEST_TOKEN, Refused, Verifier};
use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;
use ring::hmac;
use serde_json::{Value, json};
use startline_foundation::clock::ClockHand;
use std::sync::Arc;

struct House {
    provider: Provider,
    verifier: Verifier,
    hand: ClockHand,
    ec: Signer,
    rsa: Signer,
}

impl House {
    async fn new(more: &str) -> Self {
        let (ec, rsa) = (Signer::ec(), Signer::rsa());
        let provider = Provider::start(json!([ec.public("e"), rsa.public("r")])).await;
        let (clock, hand) = clock();
        let verifier = Verifier::open(&provider.config(more), clock).unwrap();
        Self { provider, verifier, hand, ec, rsa }
    }

    async fn at(&self, token: &str, now: DateTime<Utc>) -> Result<Arc<Identity>, Refused> {
        self.verifier.verify(token, now).await
    }

    async fn refused(&self, token: &str) -> Option<Refused> {
        self.at(token, now()).await.err()
    }

    /// A good token, but for these claims.
    fn token(&self, changes: &Value) -> String {
        let mut claims = self.provider.claims();
        claims.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        self.ec.token("e", &claims)
    }
}

fn hours(hours: i64) -> DateTime<Utc> {
    now() + TimeDelta::hours(hours)
}

#[tokio::test]
async fn a_good_token_is_taken_by_each_kind_of_key() {
    let house = House::new("algorithms = [\"RS256\", \"PS256\", \"ES256\", \"EdDSA\"]").await;
    let ed = Signer::ed();
    house.provider.publish(json!([house.ec.public("e"), house.rsa.public("r"), ed.public("d")]));
    let claims = house.provider.claims();
    for token in [house.ec.token("e", &claims), house.rsa.token("r", &claims), ed.token("d", &claims)] {
        let known = house.at(&token, now()).await.unwrap();
        assert_eq!((known.subject.as_str(), known.groups.as_slice()), ("u-1", ["advisers".to_owned()].as_slice()));
        assert!(Arc::ptr_eq(&known, &house.at(&token, now()).await.unwrap()), "the second time it is only looked up");
    }
    let padded = house.rsa.token_of(r#"{"alg":"PS256","kid":"r"}"#, &claims.to_string());
    assert!(house.at(&padded, now()).await.is_ok());
    assert_eq!(house.provider.asked("/keys"), 1);
}

#[tokio::test]
async fn whoever_signs_with_nothing_or_with_what_is_public_is_refused() {
    let house = House::new("").await;
    let claims = house.provider.claims().to_string();
    let unsigned = |header: &str| format!("{}.{}.", encoded(header), encoded(&claims));
    for none in ["none", "None", "NONE", "nOnE", ""] {
        let header = json!({ "alg": none, "kid": "e" }).to_string();
        assert_eq!(house.refused(&unsigned(&header)).await, Some(Refused::Malformed), "{none}");
        assert_eq!(house.refused(&house.ec.token_of(&header, &claims)).await, Some(Refused::Malformed), "{none}");
    }
    // The public key in each form that a careless reader would take for a secret.
    let public = house.rsa.public("r");
    let modulus = public["n"].as_str().unwrap();
    for secret in [public.to_string().as_bytes(), modulus.as_bytes(), b"", b"secret"] {
        for (algorithm, id) in [("HS256", "r"), ("HS256", "e"), ("HS512", "r")] {
            let message =
                format!("{}.{}", encoded(json!({ "alg": algorithm, "kid": id }).to_string()), encoded(&claims));
            let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), message.as_bytes());
            let token = format!("{message}.{}", encoded(tag));
            assert_eq!(house.refused(&token).await, Some(Refused::Algorithm), "{algorithm}");
        }
    }
    // Signed rightly, with a kind that the settings do not name.
    let padded = house.rsa.token_of(r#"{"alg":"PS256","kid":"r"}"#, &claims);
    assert_eq!(house.refused(&padded).await, Some(Refused::Algorithm));
    // A key in the token itself, or where it says that one is to be fetched.
    let own = Signer::ec();
    for (name, value) in
        [("jwk", own.public("e")), ("jku", json!("http://127.0.0.1:1/keys")), ("x5u", json!("http://127.0.0.1:1/"))]
    {
        let mut header = json!({ "alg": "ES256", "kid": "e" });
        header[name] = value;
        let refused = house.refused(&own.token_of(&header.to_string(), &claims)).await;
        assert!(matches!(refused, Some(Refused::Signature | Refused::Malformed)), "{name}: {refused:?}");
    }
    assert_eq!(house.verifier.remembered(), 0);
}

#[tokio::test]
async fn a_token_by_another_key_or_for_another_key_is_refused() {
    let house = House::new("").await;
    let claims = house.provider.claims();
    let header = |algorithm: &str, id: &str| json!({ "alg": algorithm, "kid": id }).to_string();
    let text = claims.to_string();
    assert_eq!(house.refused(&Signer::ec().token("e", &claims)).await, Some(Refused::Signature));
    assert_eq!(house.refused(&house.ec.token("r", &claims)).await, Some(Refused::OtherKey));
    assert_eq!(house.refused(&house.rsa.token_of(&header("RS256", "e"), &text)).await, Some(Refused::OtherKey));
    assert_eq!(house.refused(&house.rsa.token_of(&header("ES256", "e"), &text)).await, Some(Refused::Signature));
    assert_eq!(house.refused(&house.ec.token("another", &claims)).await, Some(Refused::UnknownKey));
    assert_eq!(house.refused(&house.ec.token("E", &claims)).await, Some(Refused::UnknownKey));
    // Another token's signature under these claims, and a byte of the signature changed.
    let good = house.token(&json!({}));
    let (message, signature) = good.rsplit_once('.').unwrap();
    let (other, _) =
        house.token(&json!({ "sub": "u-2" })).rsplit_once('.').map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
    assert_eq!(house.refused(&format!("{other}.{signature}")).await, Some(Refused::Signature));
    let last = if signature.starts_with('A') { "B" } else { "A" };
    assert_eq!(house.refused(&format!("{message}.{last}{}", &signature[1..])).await, Some(Refused::Signature));
    // ECDSA's old weakness: a signature of zeros.
    assert_eq!(house.refused(&format!("{message}.{}", encoded([0; 64]))).await, Some(Refused::Signature));
    assert!(house.at(&good, now()).await.is_ok());
}

#[tokio::test]
async fn what_is_not_for_us_or_not_for_now_is_refused() {
    let house = House::new("").await;
    let at = now().timestamp();
    for (change, refused) in [
        (json!({ "exp": at - 61, "iat": at - 3600 }), Refused::Expired),
        (json!({ "exp": at - 60, "iat": at - 3600 }), Refused::Expired),
        (json!({ "nbf": at + 61 }), Refused::Early),
        (json!({ "iat": at + 61 }), Refused::Early),
        (json!({ "exp": null }), Refused::Malformed),
        (json!({ "exp": (at + 300).to_string() }), Refused::Malformed),
        (json!({ "nbf": "now" }), Refused::Malformed),
        (json!({ "iss": "https://login.example.org" }), Refused::Issuer),
        (json!({ "iss": format!("{}/", house.provider.issuer) }), Refused::Issuer),
        (json!({ "iss": [house.provider.issuer] }), Refused::Issuer),
        (json!({ "iss": null }), Refused::Issuer),
        (json!({ "aud": "another" }), Refused::Audience),
        (json!({ "aud": [] }), Refused::Audience),
        (json!({ "aud": format!("{AUDIENCE} another") }), Refused::Audience),
        (json!({ "sub": "" }), Refused::Claims),
        (json!({ "sub": 7 }), Refused::Claims),
    ] {
        assert_eq!(house.refused(&house.token(&change)).await, Some(refused), "{change}");
    }
    for change in
        [json!({ "exp": at - 59, "iat": at - 3600 }), json!({ "nbf": at + 60 }), json!({ "aud": ["x", AUDIENCE] })]
    {
        assert_eq!(house.refused(&house.token(&change)).await, None, "{change}");
    }
    let without = |claim: &str| {
        let mut claims = house.provider.claims();
        claims.as_object_mut().unwrap().remove(claim);
        house.ec.token("e", &claims)
    };
    for (claim, refused) in [
        ("exp", Refused::Claims),
        ("iat", Refused::Claims),
        ("iss", Refused::Issuer),
        ("aud", Refused::Audience),
        ("sub", Refused::Claims),
    ] {
        assert_eq!(house.refused(&without(claim)).await, Some(refused), "{claim}");
    }
}

#[tokio::test]
async fn a_header_that_asks_for_more_or_is_of_another_kind_is_refused() {
    let house = House::new("").await;
    let claims = house.provider.claims().to_string();
    for (header, refused) in [
        (json!({ "typ": "logout+jwt" }), Refused::Kind),
        (json!({ "typ": "dpop+jwt" }), Refused::Kind),
        (json!({ "crit": ["b64"], "b64": true }), Refused::Critical),
        (json!({ "crit": [] }), Refused::Critical),
        (json!({ "crit": ["exp"], "exp": 1 }), Refused::Critical),
        (json!({ "b64": false }), Refused::Malformed),
    ] {
        let mut all = json!({ "alg": "ES256", "kid": "e" });
        all.as_object_mut().unwrap().extend(header.as_object().unwrap().clone());
        assert_eq!(house.refused(&house.ec.token_of(&all.to_string(), &claims)).await, Some(refused), "{header}");
    }
    for kind in ["JWT", "jwt", "at+jwt", "AT+JWT", "application/at+jwt", "application/jwt"] {
        let header = json!({ "alg": "ES256", "kid": "e", "typ": kind }).to_string();
        assert_eq!(house.refused(&house.ec.token_of(&header, &claims)).await, None, "{kind}");
    }
    assert_eq!(house.refused(&house.ec.token_of(r#"{"alg":"ES256","kid":"e"}"#, &claims)).await, None);
}

#[tokio::test]
async fn what_is_said_twice_is_refused_although_its_signature_is_right() {
    let house = House::new("").await;
    let claims = house.provider.claims().to_string();
    let header = r#"{"alg":"ES256","kid":"e"}"#;
    for twice in
        [r#""sub":"admin""#, r#""s\u0075b":"u-1""#, r#""exp":9999999999"#, r#""aud":"startline""#, r#""groups":[]"#]
    {
        let claims = format!("{},{twice}}}", claims.trim_end_matches('}'));
        assert_eq!(house.refused(&house.ec.token_of(header, &claims)).await, Some(Refused::Malformed), "{twice}");
    }
    for header in [
        r#"{"alg":"ES256","kid":"e","alg":"none"}"#,
        r#"{"alg":"none","alg":"ES256","kid":"e"}"#,
        r#"{"alg":"ES256","kid":"e","kid":"r"}"#,
    ] {
        assert_eq!(house.refused(&house.ec.token_of(header, &claims)).await, Some(Refused::Malformed), "{header}");
    }
}

#[tokio::test]
async fn what_is_too_long_is_not_even_read() {
    let house = House::new("").await;
    let long = house.token(&json!({ "filler": "x".repeat(LONGEST_TOKEN) }));
    assert_eq!(house.refused(&long).await, Some(Refused::TooLong));
    assert_eq!(house.refused(&".".repeat(LONGEST_TOKEN + 1)).await, Some(Refused::TooLong));
    assert_eq!(house.provider.asked("/keys"), 0);
    let short_enough = house.token(&json!({ "filler": "x".repeat(5_000) }));
    assert_eq!(house.refused(&short_enough).await, None);
}

#[tokio::test]
async fn a_storm_of_unknown_keys_asks_the_provider_once() {
    let house = House::new("").await;
    assert!(house.at(&house.token(&json!({})), now()).await.is_ok());
    house.hand.move_to(hours(0) + TimeDelta::seconds(11));
    let claims = house.provider.claims();
    let tries = (0..1_000).map(|number| {
        let token = house.ec.token(&format!("made-up-{number}"), &claims);
        let verifier = house.verifier.clone();
        tokio::spawn(async move { verifier.verify(&token, now()).await })
    });
    for tried in tries.collect::<Vec<_>>() {
        assert_eq!(tried.await.unwrap().err(), Some(Refused::UnknownKey));
    }
    assert_eq!(house.provider.asked("/keys"), 2, "once at first, and once for all of these");
    assert_eq!(house.verifier.remembered(), 1, "nothing is kept of who was refused");
}

#[tokio::test]
async fn a_new_key_is_taken_and_one_that_is_gone_is_not() {
    let house = House::new("").await;
    let old = house.token(&json!({}));
    assert!(house.at(&old, now()).await.is_ok());
    let new = Signer::ec();
    house.provider.publish(json!([new.public("n")]));
    let by_new = new.token("n", &house.provider.claims());
    assert_eq!(house.refused(&by_new).await, Some(Refused::UnknownKey), "it was asked a moment ago");
    assert!(house.at(&old, now()).await.is_ok());
    house.hand.move_to(now() + TimeDelta::seconds(10));
    assert!(house.at(&by_new, now()).await.is_ok());
    assert_eq!(house.refused(&old).await, Some(Refused::UnknownKey), "though it was remembered");
    // The same name, another key.
    let third = Signer::ec();
    house.provider.publish(json!([third.public("n")]));
    house.hand.move_to(now() + TimeDelta::seconds(20));
    assert_eq!(house.refused(&house.ec.token("x", &house.provider.claims())).await, Some(Refused::UnknownKey));
    assert_eq!(house.refused(&by_new).await, Some(Refused::Signature));
    assert!(house.at(&third.token("n", &house.provider.claims()), now()).await.is_ok());
}

#[tokio::test]
async fn a_remembered_token_ends_with_its_time() {
    let house = House::new("leeway_s = 0").await;
    let token = house.token(&json!({}));
    assert!(house.at(&token, now()).await.is_ok());
    assert!(house.at(&token, now() + TimeDelta::seconds(299)).await.is_ok());
    assert_eq!(
        house.at(&token, now() - TimeDelta::seconds(1)).await.err(),
        Some(Refused::Early),
        "the clock was set back"
    );
    assert_eq!(house.at(&token, now() + TimeDelta::seconds(300)).await.err(), Some(Refused::Expired));
    assert_eq!(house.verifier.remembered(), 0);
}

#[tokio::test]
async fn keys_are_asked_for_again_each_hour_of_use_without_anybody_waiting() {
    let house = House::new("").await;
    let token = house.token(&json!({ "exp": now().timestamp() + 100_000 }));
    assert!(house.at(&token, now()).await.is_ok());
    house.hand.move_to(now() + TimeDelta::minutes(59));
    assert!(house.at(&token, now()).await.is_ok());
    house.provider.publish(json!([]));
    house.hand.move_to(now() + TimeDelta::minutes(61));
    // Whoever triggers it goes on with what is known; whoever comes after the answer hears that the key is gone.
    assert!(house.at(&token, now()).await.is_ok());
    let mut answer = house.verifier.provider().begin().expect("it is being asked");
    answer.wait_for(Option::is_some).await.unwrap();
    assert_eq!(house.refused(&token).await, Some(Refused::UnknownKey));
    assert_eq!(house.provider.asked("/keys"), 2);
}

#[tokio::test]
async fn known_keys_go_on_while_the_provider_is_away_and_new_ones_wait_within_a_bound() {
    let house = House::new("").await;
    let claims = house.provider.claims();
    let token = house.token(&json!({}));
    assert!(house.at(&token, now()).await.is_ok());
    let new = Signer::ec();
    house.provider.publish(json!([new.public("n")]));
    let mut seconds = 0;
    for manner in [Manner::Away, Manner::Broken, Manner::Huge, Manner::Silent] {
        house.provider.behave(manner);
        seconds += 11;
        house.hand.move_to(now() + TimeDelta::seconds(seconds));
        let patience = std::time::Duration::from_secs(4);
        let refused = tokio::time::timeout(patience, house.refused(&new.token("n", &claims))).await;
        assert_eq!(refused, Ok(Some(Refused::ProviderAway)), "{manner:?}");
        assert!(house.at(&token, now()).await.is_ok(), "{manner:?}");
        assert!(house.at(&house.rsa.token("r", &claims), now()).await.is_ok(), "{manner:?}");
    }
}

#[tokio::test]
async fn a_provider_that_was_away_at_the_start_is_found_later() {
    let house = House::new("").await;
    house.provider.behave(Manner::Away);
    let token = house.token(&json!({}));
    assert_eq!(house.refused(&token).await, Some(Refused::ProviderAway));
    house.provider.behave(Manner::Well);
    assert_eq!(house.refused(&token).await, Some(Refused::ProviderAway), "it was asked a moment ago");
    house.hand.move_to(now() + TimeDelta::seconds(10));
    assert!(house.at(&token, now()).await.is_ok());
}

#[tokio::test]
async fn who_calls_itself_something_else_or_sends_us_elsewhere_is_no_provider() {
    for (discovery, says) in [
        (json!({ "issuer": "https://login.example.org" }), "issuer"),
        (json!({ "issuer": null }), "no issuer"),
        (json!({ "jwks_uri": "http://login.example.org/keys" }), "keys without TLS"),
        (json!({ "token_endpoint": "ftp://login.example.org/token" }), "a token without TLS"),
    ] {
        let house = House::new("").await;
        house.provider.discover(discovery);
        assert_eq!(house.refused(&house.token(&json!({}))).await, Some(Refused::ProviderAway), "{says}");
        assert_eq!(house.provider.asked("/keys"), 0, "{says}");
    }
}

/// A good token, cut up by somebody.
fn mangled(token: &str, how: u8, place: usize, with: &str) -> String {
    let place = place % token.len();
    let parts: Vec<&str> = token.split('.').collect();
    match how {
        0 => token[..place].to_owned(),
        1 => format!("{}{with}{}", &token[..place], &token[place..]),
        2 => format!("{}{}", &token[..place], &token[place + 1..]),
        3 => format!("{token}.{with}"),
        4 => format!("{with}.{token}"),
        5 => format!("{}.{}", parts[0], parts[1]),
        6 => format!("{}..{}", parts[0], parts[2]),
        7 => format!(".{}.{}", parts[1], parts[2]),
        8 => format!("{}.{}.", parts[0], parts[1]),
        9 => format!("{}.{}.{}", parts[1], parts[0], parts[2]),
        10 => format!("{}.{}.{}", encoded(with), parts[1], parts[2]),
        11 => format!("{}.{}.{}", parts[0], encoded(with), parts[2]),
        12 => format!("{}.{}.{}", parts[0], parts[1], encoded(with)),
        13 => format!("{token}="),
        14 => format!(" {token}"),
        15 => format!("{token}\n"),
        16 => token.replace(['-', '_'], "+"),
        17 => token.to_ascii_uppercase(),
        18 => with.to_owned(),
        19 => format!("{}.{}.{}", encoded("[".repeat(3_000)), parts[1], parts[2]),
        20 => format!("{}.{}.{}", parts[0], encoded("{\"a\":".repeat(1_000)), parts[2]),
        _ => "\u{1f600}.\u{0}.é".to_owned(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_malformed_token_is_refused_and_nothing_falls_over(how in 0u8..22, place in 0usize..2_000, with in "\\PC{1,40}") {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let house = House::new("").await;
            let good = house.token(&json!({}));
            let wrong = mangled(&good, how, place, &with);
            prop_assume!(wrong != good);
            prop_assert!(house.refused(&wrong).await.is_some(), "{}", wrong);
            Ok(())
        })?;
    }
}
