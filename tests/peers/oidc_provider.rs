//! Providers of others' making: an issuer whose keys are exchanged, and one with pages at which somebody signs in, driven as
//! a browser would. They run in Node, on ports of their own.

mod browser;

use super::node::Peer;
use super::served::Served;
use browser::Browser;
use chrono::TimeDelta;
use serde_json::json;
use startline::clock::{Clock, ClockHand};
use startline::config::OidcConfig;
use startline::grpc::pb;
use startline::identity::session::Cookies;
use startline::identity::{CodeFlow, Pending, Refused, Verifier};
use tempfile::TempDir;
use tonic::Code;

/// Nobody listens there: the test is the browser, and reads where it is sent.
const PUBLIC: &str = "http://127.0.0.1:9";
const SECRET: &str = "a secret/of: theirs+50%";

/// The variable that names the folder with the providers' modules.
pub const MODULES: &str = "STARTLINE_TEST_OPENID";

fn config(issuer: &str, more: &str) -> OidcConfig {
    let text = format!("issuer = \"{issuer}\"\naudiences = [\"startline\"]\n{more}");
    toml::from_str(&text).expect("the settings can be read")
}

/// The time of the providers, and a clock of ours for how often they are asked.
fn clocks() -> (Clock, Clock, ClockHand) {
    let now = Clock::system();
    let (ours, hand) = Clock::manual(now.now());
    (now, ours, hand)
}

#[tokio::test]
async fn tokens_are_taken_by_the_issuers_keys_and_keys_may_be_exchanged() {
    let mut issuer = Peer::start("oidc/keys.mjs", MODULES, &[]);
    let address = issuer.ask(&json!({ "keys": [["RS256", "a"], ["ES256", "b"], ["PS256", "c"]] }));
    let (now, ours, hand) = clocks();
    let settings = config(&address, "algorithms = [\"RS256\", \"ES256\", \"PS256\"]");
    let verifier = Verifier::open(&settings, ours.clone()).expect("the settings are good");
    let claims = json!({ "aud": "startline", "sub": "u-1", "groups": ["advisers"] });
    for kid in ["a", "b", "c"] {
        let token = issuer.ask(&json!({ "token": [kid, claims] }));
        let known = verifier.verify(&token, now.now()).await.expect("the token is good");
        assert_eq!((known.subject.as_str(), &known.groups[..]), ("u-1", &["advisers".to_owned()][..]), "{kid}");
    }
    for (change, refused) in [
        (json!({ "aud": "another" }), Refused::Audience),
        (json!({ "iss": "https://login.example.org" }), Refused::Issuer),
        (json!({ "exp": now.now().timestamp() - 61 }), Refused::Expired),
        (json!({ "nbf": now.now().timestamp() + 600 }), Refused::Early),
    ] {
        let mut changed = claims.clone();
        changed.as_object_mut().expect("claims have names").extend(change.as_object().expect("so has this").clone());
        let token = issuer.ask(&json!({ "token": ["a", changed] }));
        assert_eq!(verifier.verify(&token, now.now()).await.err(), Some(refused), "{change}");
    }
    // Other keys, one under a name that was there before.
    let old = issuer.ask(&json!({ "token": ["b", claims] }));
    assert!(verifier.verify(&old, now.now()).await.is_ok());
    assert_eq!(issuer.ask(&json!({ "keys": [["RS256", "a"], ["ES256", "d"]] })), address);
    let new = issuer.ask(&json!({ "token": ["d", claims] }));
    assert_eq!(verifier.verify(&new, now.now()).await.err(), Some(Refused::UnknownKey), "it was asked a moment ago");
    hand.move_to(ours.now() + TimeDelta::seconds(10));
    assert_eq!(verifier.verify(&new, now.now()).await.err(), None);
    assert_eq!(verifier.verify(&old, now.now()).await.err(), Some(Refused::UnknownKey), "its key is gone");
    // The issuer goes away: what is known goes on.
    let another = issuer.ask(&json!({ "token": ["a", claims] }));
    issuer.ask(&json!({ "stop": true }));
    hand.move_to(ours.now() + TimeDelta::hours(2));
    assert!(verifier.verify(&new, now.now()).await.is_ok());
    assert!(verifier.verify(&another, now.now()).await.is_ok());
    assert!(verifier.verify(&old, now.now()).await.is_err());
}

struct SignIn {
    _provider: Peer,
    issuer: String,
    flow: CodeFlow,
    verifier: Verifier,
    now: Clock,
}

impl SignIn {
    fn start() -> Self {
        let redirect = OidcConfig::redirect(PUBLIC);
        let mut provider = Peer::start("oidc/provider.mjs", MODULES, &[&redirect, SECRET]);
        let issuer = provider.line();
        let folder = TempDir::new().expect("a temporary folder can be made");
        let file = folder.path().join("secret");
        std::fs::write(&file, SECRET).expect("a secret can be written");
        let client = format!("client_id = \"startline\"\nclient_secret_file = \"{}\"", file.display());
        let (settings, (now, ours, _)) = (config(&issuer, &client), clocks());
        let verifier = Verifier::open(&settings, ours).expect("the settings are good");
        let flow = CodeFlow::open(&settings, PUBLIC, verifier.clone()).expect("the secret is there");
        Self { _provider: provider, issuer, flow: flow.expect("there is a client"), verifier, now }
    }

    /// Somebody signs in at the provider's pages; what the browser brings back.
    async fn signed_in(&self, browser: &mut Browser, name: &str) -> (String, String, Pending) {
        let (address, pending) = self.flow.begin(self.now.now()).await.expect("the provider is there");
        let page = browser.open(&address).expect("a page to sign in");
        let page = browser.send(&page, &[("login", name), ("password", "of no matter")]).expect("a page to consent");
        assert_eq!(browser.send(&page, &[]), None, "the browser is sent back to us");
        let back = browser.sent_to();
        assert!(back.starts_with(&format!("{}?", OidcConfig::redirect(PUBLIC))), "{back}");
        let of = |name: &str| browser::field(back, name).unwrap_or_else(|| panic!("no {name} in {back}"));
        (of("state"), of("code"), pending)
    }
}

#[tokio::test]
async fn somebody_signs_in_at_the_providers_pages_and_comes_back_once() {
    let house = SignIn::start();
    let mut browser = Browser::default();
    let (state, code, pending) = house.signed_in(&mut browser, "ana").await;
    let cookies = Cookies::of(PUBLIC);
    let set = cookies.pending(&pending);
    let brought = cookies.pending_in(set.split(';').take(1)).expect("the cookie comes back");
    let now = house.now.now();
    let known = house.flow.finish(&state, &code, &brought, now).await.expect("she is let in");
    assert_eq!((known.subject.as_str(), known.name.as_str()), ("ana", "ana of the provider"));
    assert_eq!(known.groups, ["advisers", "frome"]);
    assert_eq!(known.issuer, house.issuer);
    assert_eq!(house.flow.finish(&state, &code, &brought, now).await.err(), Some(Refused::Code), "a code is for once");
    let end = house.flow.end_session(&OidcConfig::redirect(PUBLIC)).expect("the provider has such a page");
    assert!(browser.open(&end).is_some(), "it asks whether she would leave");
}

#[tokio::test]
async fn a_code_is_worth_nothing_to_whoever_did_not_begin() {
    let house = SignIn::start();
    let now = house.now.now();
    let (state, code, pending) = house.signed_in(&mut Browser::default(), "ana").await;
    let (_, others) = house.flow.begin(now).await.expect("the provider is there");
    assert_eq!(house.flow.finish(&state, &code, &others, now).await.err(), Some(Refused::OtherSignIn));
    // Even with her state: the provider compares what PKCE hid from whoever saw the address.
    let (hers, his) = (pending.to_text(), others.to_text());
    let (hers, his): (Vec<&str>, Vec<&str>) = (hers.split('.').collect(), his.split('.').collect());
    let stolen = Pending::from_text(&[hers[0], hers[1], his[2], hers[3]].join(".")).expect("it looks like one");
    assert_eq!(house.flow.finish(&state, &code, &stolen, now).await.err(), Some(Refused::Code));
    assert_eq!(house.verifier.remembered(), 0, "an ID token is no token for requests");
}

#[tokio::test]
async fn an_account_of_the_provider_is_somebody_here_at_first_sight_and_may_do_what_its_groups_may() {
    let mut issuer = Peer::start("oidc/keys.mjs", MODULES, &[]);
    let address = issuer.ask(&json!({ "keys": [["ES256", "a"]] }));
    let settings = format!(
        "[oidc]\nissuer = \"{address}\"\naudiences = [\"startline\"]\nsite_claim = \"site\"\n\
         groups = [\n\
         {{ group = \"desk\", role = \"adviser\" }},\n\
         {{ group = \"leads\", role = \"team-leader\", site = \"somerset\" }},\n\
         {{ group = \"it\", role = \"admin\" }},\n]\n"
    );
    let served = Served::start(&settings);
    let mut token = |subject: &str, groups: &[&str], site: &str| {
        let claims = json!({ "aud": "startline", "sub": subject, "name": "Ana", "groups": groups, "site": site });
        issuer.ask(&json!({ "token": ["a", claims] }))
    };
    let who = async |token: &str| {
        let told = served.person(token).users().who_am_i(pb::WhoAmIRequest {}).await;
        told.map(|told| told.into_inner().user.expect("she is somebody")).map_err(|status| status.code())
    };
    let roles = |user: &pb::User| {
        let mut roles: Vec<_> = user.duties.iter().map(|duty| (duty.role(), duty.site_id.clone())).collect();
        roles.sort();
        roles
    };
    let ana = who(&token("u-1", &["desk"], "somerset")).await.expect("she is let in");
    assert_eq!((ana.name.as_str(), roles(&ana)), ("Ana", vec![(pb::Role::Adviser, "somerset".to_owned())]));
    // Her groups change: she is the same, and may do something else.
    let later = who(&token("u-1", &["desk", "leads", "choir"], "somerset")).await.expect("she is let in");
    assert_eq!(later.user_id, ana.user_id);
    let both = [(pb::Role::Adviser, "somerset".to_owned()), (pb::Role::TeamLeader, "somerset".to_owned())];
    assert_eq!(roles(&later), both);
    // Another person of the same name is another user.
    let other = who(&token("u-2", &["it"], "")).await.expect("so is he");
    assert!(other.user_id != ana.user_id && other.name.starts_with("Ana ("), "{}", other.name);
    // Who is in no group of the table, works at a site that there is not, or lost the last group, is nobody.
    assert_eq!(who(&token("u-3", &["choir"], "somerset")).await.err(), Some(Code::Unauthenticated));
    assert_eq!(who(&token("u-4", &["desk"], "atlantis")).await.err(), Some(Code::Unauthenticated));
    assert_eq!(who(&token("u-1", &["choir"], "somerset")).await.err(), Some(Code::PermissionDenied));
    // Disabled here is out, whatever the provider says.
    let back = token("u-1", &["desk"], "somerset");
    who(&back).await.expect("she is back");
    let it = served.person(&token("u-2", &["it"], ""));
    let disable = pb::DisableUserRequest {
        request_id: "00000000-0000-7000-8000-000000000001".to_owned(),
        user_id: ana.user_id.clone(),
    };
    let mut served_by = it.admin();
    // Signed out everywhere: what the provider vouched for before is refused, and what it vouches for from then on is not. It
    // counts whole seconds, and who signs in again within the same one is asked to do it once more.
    let out = pb::SignOutEverywhereRequest {
        request_id: "00000000-0000-7000-8000-000000000002".to_owned(),
        user_id: ana.user_id.clone(),
    };
    served_by.sign_out_everywhere(out).await.expect("he may");
    assert_eq!(who(&back).await.err(), Some(Code::Unauthenticated));
    let mut tries = 0;
    while who(&token("u-1", &["desk"], "somerset")).await.is_err() {
        tries += 1;
        assert!(tries < 100_000, "she is out for ever");
    }
    // The last administrator is he himself.
    served_by.disable_user(disable).await.expect("he may");
    assert_eq!(who(&back).await.err(), Some(Code::Unauthenticated));
    assert_eq!(who(&token("u-1", &["desk", "leads"], "somerset")).await.err(), Some(Code::Unauthenticated));
    for wrong in ["a.b.c", &format!("{back}x"), &back.replace('.', "..")] {
        assert_eq!(who(wrong).await.err(), Some(Code::Unauthenticated), "{wrong}");
    }
}
