use crate::flow::Pending;
use crate::session::{Cookies, Limits, Session, SessionToken, was_signed_out};
use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;
use startline_foundation::ids::UserId;

fn start() -> DateTime<Utc> {
    "2026-03-03T08:00:00Z".parse().unwrap()
}

fn user() -> UserId {
    UserId::fresh(start())
}

#[test]
fn a_session_ends_after_half_an_hour_of_nothing_and_after_a_working_day() {
    let (limits, at) = (Limits::default(), |minutes| start() + TimeDelta::minutes(minutes));
    let mut session = Session::begin(user(), start());
    assert!(!session.is_over(at(29), false, &limits));
    assert!(session.is_over(at(30), false, &limits) && !session.is_over(at(30), true, &limits));
    for minute in (0..720).step_by(20) {
        session.see(at(minute));
        assert!(!session.is_over(at(minute), false, &limits), "{minute}");
    }
    session.see(at(719));
    assert!(!session.is_over(at(719), false, &limits));
    assert!(session.is_over(at(720), false, &limits) && !session.is_over(at(720), true, &limits));
    // The clock was set back over its beginning: nobody knows how old it is.
    assert!(session.is_over(start() - TimeDelta::hours(1), false, &limits));
}

#[test]
fn that_it_is_used_is_written_down_once_a_minute() {
    let mut session = Session::begin(user(), start());
    assert!(!session.see(start() + TimeDelta::seconds(59)));
    assert!(session.see(start() + TimeDelta::seconds(60)));
    assert!(!session.see(start() + TimeDelta::seconds(119)));
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

/// What may happen to the sessions of three users.
#[derive(Debug, Clone)]
enum Event {
    Begin(usize),
    See(usize),
    SignOutEverywhere(usize),
    Pass(i64),
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        (0usize..3).prop_map(Event::Begin),
        (0usize..12).prop_map(Event::See),
        (0usize..3).prop_map(Event::SignOutEverywhere),
        (1i64..40).prop_map(Event::Pass),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Against the plain words: seen within half an hour, begun within twelve, and not before the user signed out everywhere.
    #[test]
    fn a_session_is_over_when_the_words_say_so(events in prop::collection::vec(event(), 1..200)) {
        let (limits, users) = (Limits::default(), [user(), user(), user()]);
        let (mut now, mut signed_out) = (start(), [None; 3]);
        let mut sessions: Vec<(usize, Session, i64, i64)> = Vec::new();
        let mut minute = 0;
        for event in events {
            // A moment is no two moments.
            now += TimeDelta::milliseconds(1);
            match event {
                Event::Begin(who) => sessions.push((who, Session::begin(users[who], now), minute, minute)),
                Event::See(which) => if let Some((who, session, _, seen)) = sessions.get_mut(which) {
                    let alive = !session.is_over(now, false, &limits) && !was_signed_out(session.began_at, signed_out[*who]);
                    if alive {
                        session.see(now);
                        *seen = minute;
                    }
                },
                Event::SignOutEverywhere(who) => {
                    signed_out[who] = Some(now);
                    for (of, session, ..) in &sessions {
                        prop_assert!(*of != who || was_signed_out(session.began_at, signed_out[*of]), "one was left");
                    }
                }
                Event::Pass(minutes) => {
                    minute += minutes;
                    now += TimeDelta::minutes(minutes);
                }
            }
            for (_, session, began, seen) in &sessions {
                prop_assert!(!session.is_over(now, true, &limits), "a call was cut off");
                let (idle, old) = (minute - seen, minute - began);
                let says = session.is_over(now, false, &limits);
                // Within a minute of a limit either may be: what is seen is written down once a minute.
                prop_assert!(says || (idle <= 30 && old <= 720), "{idle} {old}");
                prop_assert!(!says || idle >= 29 || old >= 720, "{idle} {old}");
            }
        }
    }
}
