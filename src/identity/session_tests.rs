use crate::flow::Pending;
use crate::session::{Cookies, Limits, SessionToken};
use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;

fn start() -> DateTime<Utc> {
    "2026-03-03T08:00:00Z".parse().unwrap()
}

#[test]
fn a_session_ends_after_half_an_hour_of_nothing_and_after_a_working_day() {
    let (limits, at) = (Limits::default(), |minutes| start() + TimeDelta::minutes(minutes));
    let past = |seen, now, in_call| limits.are_past(start(), at(seen), at(now), in_call);
    assert!(!past(0, 29, false) && past(0, 30, false) && !past(0, 30, true));
    assert!(!past(700, 719, false) && past(719, 720, false) && !past(719, 720, true));
    // The clock was set back over its beginning: nobody knows how old it is.
    assert!(past(0, -60, false));
}

#[test]
fn the_cookie_is_for_this_host_alone_and_no_script_reads_it() {
    let (secure, plain) = (Cookies::of("https://desk.example.org"), Cookies::of("http://127.0.0.1:8080"));
    let token = SessionToken::fresh();
    let set = secure.session(&token);
    assert!(
        set.starts_with("__Host-startline=") && set.ends_with("; Path=/; HttpOnly; Secure; SameSite=Strict"),
        "{set}"
    );
    assert!(plain.session(&token).starts_with("startline=") && !plain.session(&token).contains("Secure"));
    let sent = |set: &str| set.split(';').next().unwrap().to_owned();
    assert_eq!(secure.token_in([format!("a=b; {}; c=d", sent(&set)).as_str()]), Some(token.clone()));
    assert_eq!(secure.token_in(["a=b", sent(&set).as_str()]), Some(token.clone()));
    // Laid there without TLS, or twice, or what is no token at all.
    assert_eq!(secure.token_in([sent(&plain.session(&token)).as_str()]), None);
    let other = secure.session(&SessionToken::fresh());
    assert_eq!(secure.token_in([format!("{}; {}", sent(&set), sent(&other)).as_str()]), None);
    assert_eq!(secure.token_in(["__Host-startline=", "__Host-startline"]), None);
    assert_eq!(secure.token_in(["__Host-startline=a b"]), None);
    assert!(secure.no_session().contains("Max-Age=0") && secure.no_session().contains("__Host-startline=;"));
}

#[test]
fn a_sign_in_that_was_begun_comes_back_in_its_cookie() {
    let cookies = Cookies::of("https://desk.example.org");
    let word = |letter: &str| letter.repeat(43);
    let text = format!("{}.{}.{}.1772532000", word("a"), word("b"), word("c"));
    let pending = Pending::from_text(&text).unwrap();
    let set = cookies.pending(&pending);
    assert!(set.contains("SameSite=Lax; Max-Age=600") && set.contains("HttpOnly; Secure"), "{set}");
    let sent = set.split(';').next().unwrap();
    assert_eq!(cookies.pending_in([sent]), Some(pending.clone()));
    assert_eq!(pending.to_text(), text);
    for wrong in ["", "a.b.c.1", &text.replace('a', "é"), &format!("{text}.x"), &text.replace("1772532000", "soon")] {
        assert_eq!(Pending::from_text(wrong), None, "{wrong}");
    }
    assert!(!format!("{pending:?}").contains("aaa"));
}

#[test]
fn the_token_against_other_sites_is_this_sessions_alone() {
    let (one, other) = (SessionToken::fresh(), SessionToken::fresh());
    assert!(one.is_csrf(&one.csrf()) && !one.is_csrf(&other.csrf()) && !one.is_csrf(""));
    assert_ne!(one.hash(), other.hash());
    assert!(!format!("{one:?}").contains(&one.csrf()[..8]));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Against the plain words: used within the last half-hour, begun within the last twelve hours, or in a call.
    #[test]
    fn a_session_is_over_when_the_words_say_so(
        began in 0i64..2_000, used in 0i64..800, later in 0i64..800, in_call: bool,
        idle in 1i64..90, absolute in 1i64..1_440,
    ) {
        let at = |minutes: i64| start() + TimeDelta::minutes(minutes);
        let limits = Limits { idle: TimeDelta::minutes(idle), absolute: TimeDelta::minutes(absolute) };
        let goes_on = in_call || (later < idle && used + later < absolute);
        let now = began + used + later;
        prop_assert_eq!(limits.are_past(at(began), at(began + used), at(now), in_call), !goes_on);
    }
}
