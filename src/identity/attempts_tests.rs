use crate::attempts::{Attempts, Decision, Most};
use crate::password::Lane;
use proptest::prelude::*;
use std::net::IpAddr;
use std::time::Duration;

const GO: Decision = Decision::Go { after: Duration::ZERO, lane: Lane::Stranger };
const COME_IN: Decision = Decision::Go { after: Duration::ZERO, lane: Lane::Familiar };

fn from(number: u8) -> IpAddr {
    IpAddr::from([192, 0, 2, number])
}

fn at(seconds: u64) -> Duration {
    Duration::from_secs(100_000 + seconds)
}

fn wait(seconds: u64) -> Decision {
    Decision::Wait(Duration::from_secs(seconds))
}

#[test]
fn after_three_wrong_ones_each_pause_is_twice_the_one_before_up_to_a_minute() {
    let mut attempts = Attempts::default();
    for _ in 0..3 {
        assert_eq!(attempts.ask("ana", from(1), at(0)), GO);
    }
    let mut now = 0;
    for pause in [1, 2, 4, 8, 16, 32, 60, 60, 60] {
        assert_eq!(attempts.ask(" Ana ", from(2), at(now)), wait(pause), "from wherever, and however it is written");
        now += pause;
        assert_eq!(attempts.ask("ana", from(1), at(now)), GO);
    }
    assert_eq!(attempts.ask("ana", from(1), at(now + 3600)), GO);
    assert_eq!(attempts.ask("ana", from(1), at(now + 3600)), GO, "it was forgotten");
}

#[test]
fn who_was_here_before_comes_in_while_strangers_try_and_strangers_gain_nothing_by_it() {
    let mut attempts = Attempts::default();
    assert_eq!(attempts.ask("ana", from(1), at(0)), GO);
    attempts.succeeded("ana", from(1), at(0));
    for _ in 0..3 {
        assert_eq!(attempts.ask("ana", from(9), at(1)), GO);
    }
    assert_eq!(attempts.ask("ana", from(9), at(1)), wait(1));
    assert_eq!(attempts.ask("ana", from(1), at(1)), COME_IN);
    attempts.succeeded("ana", from(1), at(1));
    assert_eq!(attempts.ask("ana", from(9), at(1)), wait(1), "her coming in frees no try");
    // Where she was before, too, three wrong ones are enough; and she has to wait there for no longer than a minute.
    for _ in 0..3 {
        assert_eq!(attempts.ask("ana", from(1), at(2)), COME_IN);
    }
    assert_eq!(attempts.ask("ana", from(1), at(2)), wait(1));
    // After three months it is an address like any other.
    assert_eq!(attempts.ask("ana", from(1), at(91 * 86_400)), GO);
}

#[test]
fn an_address_that_tries_many_names_is_answered_ever_later_and_always_answered() {
    let mut attempts = Attempts::default();
    let delays: Vec<u64> = (0..40)
        .map(|number| match attempts.ask(&format!("user {number}"), from(1), at(0)) {
            Decision::Go { after, .. } => after.as_secs(),
            Decision::Wait(_) => panic!("a whole office may have this address"),
        })
        .collect();
    assert!(delays[..20].iter().all(|delay| *delay == 0), "{delays:?}");
    assert_eq!(&delays[20..26], [2, 4, 6, 8, 10, 10]);
    assert!(delays[26..].iter().all(|delay| *delay == 10));
    assert_eq!(attempts.ask("ana", from(2), at(0)), GO, "from elsewhere it is nothing");
    assert_eq!(attempts.ask("ben", from(1), at(60)), GO, "and it is made good");
}

#[test]
fn whoever_types_it_right_costs_their_office_nothing() {
    let mut attempts = Attempts::default();
    for number in 0..500 {
        let name = format!("user {number}");
        assert_eq!(attempts.ask(&name, from(1), at(0)), GO);
        attempts.succeeded(&name, from(1), at(0));
    }
    attempts.check_invariants();
}

#[test]
fn a_network_of_ipv6_is_one_address_and_ipv4_has_one_name() {
    let mut attempts = Attempts::default();
    let [one, other, mapped]: [IpAddr; 3] =
        ["2001:db8::1", "2001:db8::ffff:2", "::ffff:192.0.2.1"].map(|text| text.parse().unwrap());
    attempts.seen_before("ana", one, at(0));
    assert_eq!(attempts.ask("ana", other, at(0)), COME_IN);
    attempts.seen_before("ana", mapped, at(0));
    assert_eq!(attempts.ask("ana", from(1), at(0)), COME_IN);
}

#[test]
fn a_thousand_at_once_are_no_way_round_and_an_hour_of_trying_is_few_tries() {
    let mut attempts = Attempts::default();
    let let_go = (0..1_000)
        .filter(|number| matches!(attempts.ask("ana", from((number % 200) as u8), at(0)), Decision::Go { .. }));
    assert_eq!(let_go.count(), 3);
    let mut attempts = Attempts::default();
    let tries = (0..36_000u64).filter(|tenth| {
        let now = at(0) + Duration::from_millis(tenth * 100);
        matches!(attempts.ask("ana", from((tenth % 250) as u8), now), Decision::Go { .. })
    });
    let tries = tries.count();
    assert!(tries <= 70, "{tries}");
}

#[derive(Debug, Clone, Copy)]
struct Step {
    account: u8,
    from: u8,
    later: u64,
    is_right: bool,
}

fn step() -> impl Strategy<Value = Step> {
    let later = prop_oneof![6 => 0u64..3, 3 => 0u64..90, 1 => 3_500u64..3_700];
    (0u8..4, 0u8..4, later, prop::bool::weighted(0.15)).prop_map(|(account, from, later, is_right)| Step {
        account,
        from,
        later,
        is_right,
    })
}

/// An attempt that was let go, in the order of the log.
#[derive(Debug, Clone, Copy)]
struct Tried {
    account: u8,
    from: u8,
    at: u64,
    was_right: bool,
    as_stranger: bool,
}

/// Reads the whole log each time, and keeps nothing.
struct Oracle<'a>(&'a [Tried]);

impl Oracle<'_> {
    fn is_familiar(&self, account: u8, from: u8) -> bool {
        self.0.iter().any(|tried| tried.was_right && (tried.account, tried.from) == (account, from))
    }

    fn pause_left(&self, tries: impl Iterator<Item = Tried>, now: u64) -> Option<Duration> {
        let (mut wrong, mut last) = (0i32, 0);
        for tried in tries {
            if tried.at - last >= 3600 {
                wrong = 0;
            }
            if tried.was_right && !tried.as_stranger {
                wrong = 0;
            } else if !tried.was_right {
                wrong += 1;
            }
            // A right one by a stranger takes back its own count alone, and then nothing may be left to be counted from.
            last = tried.at;
        }
        if now - last >= 3600 || wrong < 3 {
            return None;
        }
        let pause = 2u64.saturating_pow(u32::try_from(wrong - 3).unwrap()).min(60);
        (last + pause > now).then(|| Duration::from_secs(last + pause - now))
    }

    fn delay(&self, from: u8, now: u64) -> Duration {
        let mut until = 0u64;
        let free = |now: u64| now + 40;
        for tried in self.0.iter().filter(|tried| tried.from == from && tried.as_stranger) {
            until = (until.max(tried.at) + 2).min(free(tried.at) + 10);
            if tried.was_right {
                until -= 2;
            }
        }
        Duration::from_secs((until.max(now) + 2).min(free(now) + 10).saturating_sub(free(now)))
    }

    fn says(&self, account: u8, from: u8, now: u64) -> Decision {
        let of_account = self.0.iter().copied().filter(|tried| tried.account == account);
        if self.is_familiar(account, from) {
            let first = of_account.clone().position(|tried| tried.from == from && tried.was_right).unwrap_or_default();
            let there = of_account.skip(first).filter(|tried| tried.from == from);
            return match self.pause_left(there.map(|tried| Tried { as_stranger: false, ..tried }), now) {
                Some(left) => Decision::Wait(left),
                None => COME_IN,
            };
        }
        match self.pause_left(of_account.filter(|tried| tried.as_stranger), now) {
            Some(left) => Decision::Wait(left),
            None => Decision::Go { after: self.delay(from, now), lane: Lane::Stranger },
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn each_decision_is_that_of_whoever_reads_the_whole_log(steps in prop::collection::vec(step(), 1..150)) {
        let (mut attempts, mut log, mut now) = (Attempts::default(), Vec::new(), 100_000);
        for Step { account, from: address, later, is_right } in steps {
            now += later;
            let (name, time) = (format!("user {account}"), Duration::from_secs(now));
            let as_stranger = !Oracle(&log).is_familiar(account, address);
            let says = Oracle(&log).says(account, address, now);
            prop_assert_eq!(attempts.ask(&name, from(address), time), says);
            if matches!(says, Decision::Go { .. }) {
                if is_right {
                    attempts.succeeded(&name, from(address), time);
                }
                log.push(Tried { account, from: address, at: now, was_right: is_right, as_stranger });
            }
            attempts.check_invariants();
        }
    }

    /// Whatever is tried with accounts 0 to 2 from wherever, also where little can be remembered: account 3 comes in from each
    /// of these addresses, and where it was before without any delay; and an account that is tried from one address comes in
    /// from another where it was before.
    #[test]
    fn whoever_is_not_tried_is_never_refused(steps in prop::collection::vec(step(), 1..200), little in any::<bool>()) {
        let most = if little { Most { accounts: 2, familiar: 4, addresses: 2 } } else { Most::default() };
        let (mut attempts, mut now) = (Attempts::remembering(most), 100_000);
        attempts.seen_before("user 0", from(7), Duration::from_secs(now));
        attempts.seen_before("owner", from(1), Duration::from_secs(now));
        for Step { account, from: address, later, .. } in steps {
            now += later;
            let time = Duration::from_secs(now);
            attempts.ask(&format!("user {}", account % 3), from(address), time);
            attempts.check_invariants();
        }
        let time = Duration::from_secs(now);
        prop_assert_eq!(attempts.ask("user 0", from(7), time), COME_IN);
        prop_assert_eq!(attempts.ask("owner", from(1), time), COME_IN);
        for address in 0..4 {
            let said = attempts.ask("user 3", from(address), time);
            let is_soon = matches!(said, Decision::Go { after, .. } if after <= Duration::from_secs(10));
            prop_assert!(is_soon, "{:?}", said);
            attempts.succeeded("user 3", from(address), time);
        }
    }
}
