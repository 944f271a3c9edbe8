//! What a token says of somebody, and until when.

use crate::refused::Refused;
use chrono::{DateTime, TimeDelta, Utc};
use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};
use serde_json::Value;
use startline_foundation::config::OidcConfig;
use startline_foundation::formats::invisible::{is_invisible, turns};
use std::collections::BTreeMap;
use std::fmt;

/// Longest subject, group or site, in characters: OpenID Connect allows a subject 255.
const LONGEST: usize = 255;
/// Longest name that is shown; the rest is cut off.
const NAME_CHARS: usize = 200;
/// Groups looked at.
const MOST_GROUPS: usize = 500;

/// Somebody whom the provider vouches for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    pub issuer: String,
    /// By which they are known, under this issuer; from the claim that the settings name.
    pub subject: String,
    /// Their name, or the subject when the provider tells none.
    pub name: String,
    pub site: Option<String>,
    pub groups: Vec<String>,
    pub issued_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
    /// The provider's own sign-in, when it has a number.
    pub session: Option<String>,
    /// What ties an ID token to the sign-in that asked for it.
    pub nonce: Option<String>,
}

/// The claims of a token, each there once.
#[derive(Debug)]
pub struct Claims(BTreeMap<String, Value>);

impl<'de> Deserialize<'de> for Claims {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Once;
        impl<'de> Visitor<'de> for Once {
            type Value = Claims;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("claims, each once")
            }

            /// Readers differ in which of two they take: who checks one and uses the other lets anybody in.
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Claims, A::Error> {
                let mut claims = BTreeMap::new();
                while let Some((name, value)) = map.next_entry::<String, Value>()? {
                    if claims.insert(name, value).is_some() {
                        return Err(A::Error::custom("a claim is there twice"));
                    }
                }
                Ok(Claims(claims))
            }
        }
        deserializer.deserialize_map(Once)
    }
}

/// When a token is valid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Times {
    issued_at: DateTime<Utc>,
    not_before: Option<DateTime<Utc>>,
    expires_at: DateTime<Utc>,
}

impl Times {
    /// `leeway`: how far the provider's clock and ours may be apart.
    pub fn check(&self, now: DateTime<Utc>, leeway: TimeDelta) -> Result<(), Refused> {
        if now - leeway >= self.expires_at {
            return Err(Refused::Expired);
        }
        let begins = self.not_before.map_or(self.issued_at, |begins| begins.max(self.issued_at));
        if now + leeway < begins { Err(Refused::Early) } else { Ok(()) }
    }
}

impl Claims {
    /// Whether the token is from this provider and for one of these.
    pub fn check_parties(&self, issuer: &str, audiences: &[String]) -> Result<(), Refused> {
        if self.0.get("iss").and_then(Value::as_str) != Some(issuer) {
            return Err(Refused::Issuer);
        }
        let is_ours = |one: &Value| one.as_str().is_some_and(|one| audiences.iter().any(|ours| ours == one));
        let for_us = match self.0.get("aud") {
            Some(Value::Array(all)) => all.iter().any(is_ours),
            Some(one) => is_ours(one),
            None => false,
        };
        if for_us { Ok(()) } else { Err(Refused::Audience) }
    }

    /// An ID token is for the client that asked for it, and for no other that it may name besides.
    pub fn check_client(&self, client_id: &str) -> Result<(), Refused> {
        let several = matches!(self.0.get("aud"), Some(Value::Array(all)) if all.len() > 1);
        match self.0.get("azp") {
            Some(party) if party.as_str() == Some(client_id) => Ok(()),
            None if !several => Ok(()),
            _ => Err(Refused::Audience),
        }
    }

    pub fn times(&self) -> Result<Times, Refused> {
        let issued_at = self.time("iat")?.ok_or(Refused::Claims)?;
        let expires_at = self.time("exp")?.ok_or(Refused::Claims)?;
        Ok(Times { issued_at, not_before: self.time("nbf")?, expires_at })
    }

    /// Seconds since 1970, with a fraction or without.
    fn time(&self, name: &str) -> Result<Option<DateTime<Utc>>, Refused> {
        /// The year 9999: what is later cannot be reckoned with.
        const LATEST: f64 = 253_402_300_799.0;
        let Some(value) = self.0.get(name) else { return Ok(None) };
        let seconds = value.as_f64().filter(|seconds| (0.0..=LATEST).contains(seconds)).ok_or(Refused::Malformed)?;
        #[expect(clippy::cast_possible_truncation, reason = "it is within what a time can be")]
        let time = DateTime::from_timestamp_millis((seconds * 1000.0) as i64);
        time.map(Some).ok_or(Refused::Malformed)
    }

    /// Who it is of, by the claims that the settings name.
    pub fn identity(&self, config: &OidcConfig, times: &Times) -> Result<Identity, Refused> {
        let subject = self.word(&config.user_claim).ok_or(Refused::Claims)?.to_owned();
        let name = self.0.get(&config.name_claim).and_then(Value::as_str).map(shown);
        Ok(Identity {
            issuer: config.issuer.clone(),
            name: name.filter(|name| !name.is_empty()).unwrap_or_else(|| shown(&subject)),
            subject,
            site: config.site_claim.as_ref().and_then(|claim| self.word(claim)).map(str::to_owned),
            groups: self.groups(&config.groups_claim),
            issued_at: times.issued_at,
            expires_at: times.expires_at,
            session: self.word("sid").map(str::to_owned),
            nonce: self.word("nonce").map(str::to_owned),
        })
    }

    /// A claim that is a word: what others are known by must not look like what it is not.
    fn word(&self, claim: &str) -> Option<&str> {
        self.0.get(claim).and_then(Value::as_str).filter(|text| is_word(text))
    }

    /// A list of words, or one. A claim of that very name goes before one inside another, because some providers name their
    /// claims by addresses, which have dots.
    fn groups(&self, claim: &str) -> Vec<String> {
        let inside = || {
            let mut path = claim.split('.');
            let first = self.0.get(path.next()?)?;
            path.try_fold(first, |value, part| value.get(part))
        };
        let words = match self.0.get(claim).or_else(inside) {
            Some(Value::Array(all)) => all.as_slice(),
            Some(one) => std::slice::from_ref(one),
            None => &[],
        };
        let words = words.iter().filter_map(Value::as_str).filter(|word| is_word(word));
        words.take(MOST_GROUPS).map(str::to_owned).collect()
    }
}

fn is_word(text: &str) -> bool {
    (1..=LONGEST).contains(&text.chars().count())
        && !text.chars().any(|c| c.is_control() || is_invisible(c) || turns(c))
        && text.trim() == text
}

/// Without what nobody sees, but with the joiners that some scripts spell names with.
fn shown(text: &str) -> String {
    let is_seen =
        |c: &char| !c.is_control() && !turns(*c) && (!is_invisible(*c) || ['\u{200c}', '\u{200d}'].contains(c));
    let plain: String = text.chars().filter(is_seen).take(NAME_CHARS).collect();
    plain.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn claims(value: &Value) -> Claims {
        serde_json::from_value(value.clone()).unwrap()
    }

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(seconds, 0).unwrap()
    }

    #[test]
    fn a_claim_that_is_there_twice_makes_the_token_nobodys() {
        assert!(serde_json::from_str::<Claims>(r#"{"sub":"a","aud":"x"}"#).is_ok());
        for twice in [r#"{"sub":"a","sub":"b"}"#, r#"{"sub":"a","s\u0075b":"a"}"#, r#"{"x":1,"x":1}"#, "[]", "7"] {
            assert!(serde_json::from_str::<Claims>(twice).is_err(), "{twice}");
        }
    }

    #[test]
    fn a_token_is_valid_from_its_beginning_until_just_before_its_end() {
        let leeway = TimeDelta::seconds(60);
        let times = claims(&json!({ "iat": 1000, "nbf": 1100, "exp": 2000 })).times().unwrap();
        let checked = |seconds| times.check(at(seconds), leeway);
        assert_eq!(checked(1039), Err(Refused::Early));
        assert_eq!(checked(1040), Ok(()));
        assert_eq!(checked(2059), Ok(()));
        assert_eq!(checked(2060), Err(Refused::Expired));
        let made_later = claims(&json!({ "iat": 1000.5, "exp": 2000 })).times().unwrap();
        assert_eq!(made_later.check(at(940), leeway), Err(Refused::Early));
        assert_eq!(made_later.check(at(941), leeway), Ok(()));
        for missing in [json!({ "exp": 2000 }), json!({ "iat": 1000 })] {
            assert_eq!(claims(&missing).times(), Err(Refused::Claims));
        }
        for wrong in [json!("2000"), json!(null), json!(-1), json!(1e300), json!([2000]), json!(true)] {
            assert_eq!(claims(&json!({ "iat": 1000, "exp": wrong })).times(), Err(Refused::Malformed), "{wrong}");
        }
    }

    #[test]
    fn only_a_token_of_this_provider_for_us_is_ours() {
        let ours = ["startline".to_owned(), "desk".to_owned()];
        let checked = |value: Value| claims(&value).check_parties("https://p", &ours);
        assert_eq!(checked(json!({ "iss": "https://p", "aud": "desk" })), Ok(()));
        assert_eq!(checked(json!({ "iss": "https://p", "aud": ["other", "startline"] })), Ok(()));
        for iss in [json!("https://p/"), json!("HTTPS://P"), json!(["https://p"]), json!(null), json!("")] {
            assert_eq!(checked(json!({ "iss": iss, "aud": "desk" })), Err(Refused::Issuer), "{iss}");
        }
        for aud in
            [json!("Desk"), json!([]), json!(null), json!([["desk"]]), json!({ "desk": 1 }), json!("desk startline")]
        {
            assert_eq!(checked(json!({ "iss": "https://p", "aud": aud })), Err(Refused::Audience), "{aud}");
        }
        assert_eq!(checked(json!({ "iss": "https://p" })), Err(Refused::Audience));
        let client = |value: Value| claims(&value).check_client("desk");
        assert_eq!(client(json!({ "aud": "desk" })), Ok(()));
        assert_eq!(client(json!({ "aud": ["desk", "x"], "azp": "desk" })), Ok(()));
        assert_eq!(client(json!({ "aud": ["desk", "x"] })), Err(Refused::Audience));
        assert_eq!(client(json!({ "aud": "desk", "azp": "x" })), Err(Refused::Audience));
    }

    #[test]
    fn who_somebody_is_comes_from_the_claims_that_the_settings_name() {
        let config: OidcConfig = toml::from_str(
            "issuer = \"https://p\"\naudiences = [\"a\"]\nuser_claim = \"oid\"\nsite_claim = \"office\"\ngroups_claim = \"realm_access.roles\"",
        )
        .unwrap();
        let who = |more: Value| {
            let mut all = json!({ "iss": "https://p", "iat": 1, "exp": 2, "oid": "u-1" });
            all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            let claims = claims(&all);
            claims.identity(&config, &claims.times().unwrap())
        };
        let known = who(
            json!({ "name": "Ana\u{202e} Jones\n", "office": "somerset", "sid": "s", "realm_access": { "roles": ["a", 7, "b", ""] } }),
        );
        let known = known.unwrap();
        assert_eq!((known.subject.as_str(), known.name.as_str()), ("u-1", "Ana Jones"));
        assert_eq!((known.site.as_deref(), known.session.as_deref()), (Some("somerset"), Some("s")));
        assert_eq!(known.groups, ["a", "b"]);
        assert_eq!(who(json!({})).unwrap().name, "u-1");
        assert_eq!(
            who(json!({ "realm_access.roles": "one", "realm_access": { "roles": ["a"] } })).unwrap().groups,
            ["one"]
        );
        assert!(who(json!({ "realm_access": 7 })).unwrap().groups.is_empty());
        for wrong in [json!(""), json!(" u"), json!(7), json!(null), json!("u\u{200b}1"), json!("u".repeat(256))] {
            assert_eq!(who(json!({ "oid": wrong })), Err(Refused::Claims), "{wrong}");
        }
    }
}
