//! Whoever shows no valid token or certificate, by address: each refusal is counted, the log has a line a minute at most of each
//! address, and past a score of refusals the next ones take longer. They alone: a whole site often has one address, and whoever
//! there shows a valid token is answered as ever. What was shown is neither logged nor kept.
//!
//! Memory only, and bounded: addresses beyond [`MOST_ADDRESSES`] are counted together.

use super::fault;
use startline_foundation::clock::Clock;
use startline_foundation::error::Error;
use startline_service::telemetry::Counts;
use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tonic::{Code, Status};

/// Refusals of one address at once before the next take longer, and the time in which one of them is made good: as for
/// passwords.
const BURST: u32 = 20;
const MADE_GOOD: Duration = Duration::from_secs(1);
/// Shorter than the patience of most clients, so that a desk whose token has ended is told so.
const LONGEST_DELAY: Duration = Duration::from_secs(4);
/// Refusals of one address that wait to be told. Each holds a request; further ones are told at once to come later.
const MOST_WAITING: u32 = 64;
const MOST_ADDRESSES: usize = 10_000;
const TOLD_EVERY: Duration = Duration::from_secs(60);
/// How often those that are made good are forgotten, where there are many.
const SWEPT_EVERY: Duration = Duration::from_secs(1);
/// Stands for every address beyond those that are remembered.
const ALL_OTHERS: IpAddr = IpAddr::V4(Ipv4Addr::UNSPECIFIED);

/// The clones count together.
#[derive(Clone)]
pub struct Strangers {
    tries: Arc<Mutex<Tries>>,
    clock: Clock,
    counts: Counts,
}

impl Strangers {
    pub fn new(clock: Clock, counts: Counts) -> Self {
        Self { tries: Arc::default(), clock, counts }
    }

    /// What somebody at this address is told, when it is time to tell them. Whoever was refused for anything but who they are is
    /// no stranger.
    pub async fn answer(&self, refused: Status, from: IpAddr, path: &str) -> Status {
        if refused.code() != Code::Unauthenticated {
            return refused;
        }
        self.counts.stranger();
        let seen = self.with(|tries| tries.one_more(from, self.clock.running()));
        if let Some(times) = seen.told {
            let address = network(from);
            tracing::warn!(%address, times, "requests without a valid token; further ones from there are not told for a minute");
        }
        match seen.answer {
            Answer::After(Duration::ZERO) => refused,
            Answer::After(delay) => {
                let _waits = Waits { strangers: self, from };
                tokio::time::sleep(delay).await;
                refused
            }
            Answer::Later(again_in) => {
                let message = "too many requests without a valid token come from this address";
                fault::status(Error::exhausted(message, again_in), path, None)
            }
        }
    }

    fn with<T>(&self, then: impl FnOnce(&mut Tries) -> T) -> T {
        then(&mut self.tries.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// A refusal that waits to be told, also when nobody waits for it any more.
struct Waits<'a> {
    strangers: &'a Strangers,
    from: IpAddr,
}

impl Drop for Waits<'_> {
    fn drop(&mut self) {
        self.strangers.with(|tries| tries.told(self.from));
    }
}

#[derive(Debug, Default)]
struct Tries {
    addresses: HashMap<IpAddr, Tried>,
    swept: Duration,
}

#[derive(Debug, Default)]
struct Tried {
    /// Until when its refusals are made good.
    until: Duration,
    waiting: u32,
    logged: Option<Duration>,
    /// Refusals since the log had a line of them.
    unlogged: u64,
}

#[derive(Debug, PartialEq, Eq)]
struct Seen {
    answer: Answer,
    /// What the log is to be told now: how many there were since it was told last.
    told: Option<u64>,
}

#[derive(Debug, PartialEq, Eq)]
enum Answer {
    After(Duration),
    /// Too many wait already.
    Later(Duration),
}

impl Tries {
    fn one_more(&mut self, from: IpAddr, now: Duration) -> Seen {
        let from = self.known_as(from, now);
        let tried = self.addresses.entry(from).or_default();
        let free = now + MADE_GOOD * BURST;
        tried.until = (tried.until.max(now) + MADE_GOOD).min(free + LONGEST_DELAY);
        tried.unlogged += 1;
        let is_due = tried.logged.is_none_or(|logged| now.saturating_sub(logged) >= TOLD_EVERY);
        let told = is_due.then(|| std::mem::take(&mut tried.unlogged));
        tried.logged = if is_due { Some(now) } else { tried.logged };
        let delay = tried.until.saturating_sub(free);
        let answer = match (delay.is_zero(), tried.waiting >= MOST_WAITING) {
            (true, _) => Answer::After(Duration::ZERO),
            (false, true) => Answer::Later(LONGEST_DELAY),
            (false, false) => {
                tried.waiting += 1;
                Answer::After(delay)
            }
        };
        Seen { answer, told }
    }

    fn told(&mut self, from: IpAddr) {
        let from = network(from);
        let known = if self.addresses.contains_key(&from) { from } else { ALL_OTHERS };
        if let Some(tried) = self.addresses.get_mut(&known) {
            tried.waiting = tried.waiting.saturating_sub(1);
        }
    }

    /// Under which address it is counted.
    fn known_as(&mut self, from: IpAddr, now: Duration) -> IpAddr {
        let from = network(from);
        if self.addresses.contains_key(&from) {
            return from;
        }
        if self.addresses.len() >= MOST_ADDRESSES && now.saturating_sub(self.swept) >= SWEPT_EVERY {
            self.swept = now;
            let is_quiet = |tried: &Tried| {
                tried.until <= now
                    && tried.waiting == 0
                    && tried.logged.is_none_or(|at| now.saturating_sub(at) >= TOLD_EVERY)
            };
            self.addresses.retain(|_, tried| !is_quiet(tried));
        }
        if self.addresses.len() < MOST_ADDRESSES { from } else { ALL_OTHERS }
    }
}

/// Of IPv6 a whole network, because whoever has one address has them all.
fn network(from: IpAddr) -> IpAddr {
    match from.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() >> 64 << 64)),
        address => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));
    const THERE: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 2));
    const NOW: Duration = Duration::from_secs(1_000);
    const AT_ONCE: Answer = Answer::After(Duration::ZERO);

    fn flooded(now: Duration) -> Tries {
        let mut tries = Tries::default();
        for _ in 0..BURST {
            assert_eq!(tries.one_more(HERE, now).answer, AT_ONCE);
        }
        tries
    }

    #[test]
    fn past_a_score_refusals_take_longer_and_only_those_of_that_address() {
        let mut tries = flooded(NOW);
        assert_eq!(tries.one_more(HERE, NOW).answer, Answer::After(MADE_GOOD));
        assert_eq!(tries.one_more(HERE, NOW).answer, Answer::After(2 * MADE_GOOD));
        for _ in 0..10 {
            tries.one_more(HERE, NOW);
        }
        assert_eq!(tries.one_more(HERE, NOW).answer, Answer::After(LONGEST_DELAY), "and no longer than that");
        let mapped = "::ffff:192.0.2.1".parse().unwrap();
        assert_eq!(
            tries.one_more(mapped, NOW).answer,
            Answer::After(LONGEST_DELAY),
            "the same machine, by its other name"
        );
        assert_eq!(tries.one_more(THERE, NOW).answer, AT_ONCE);
        // It is made good by waiting.
        assert_eq!(tries.one_more(HERE, NOW + LONGEST_DELAY + MADE_GOOD).answer, AT_ONCE);
    }

    #[test]
    fn no_more_than_so_many_wait_and_each_makes_room() {
        let mut tries = flooded(NOW);
        for _ in 0..MOST_WAITING {
            assert!(matches!(tries.one_more(HERE, NOW).answer, Answer::After(delay) if !delay.is_zero()));
        }
        assert_eq!(tries.one_more(HERE, NOW).answer, Answer::Later(LONGEST_DELAY));
        tries.told(HERE);
        assert_eq!(tries.one_more(HERE, NOW).answer, Answer::After(LONGEST_DELAY));
        assert_eq!(tries.one_more(HERE, NOW).answer, Answer::Later(LONGEST_DELAY));
    }

    #[test]
    fn the_log_has_a_line_a_minute_of_each_address_which_says_how_many_there_were() {
        let mut tries = Tries::default();
        assert_eq!(tries.one_more(HERE, NOW).told, Some(1));
        assert_eq!(tries.one_more(THERE, NOW).told, Some(1));
        for second in 1..60 {
            assert_eq!(tries.one_more(HERE, NOW + Duration::from_secs(second)).told, None);
        }
        assert_eq!(tries.one_more(HERE, NOW + TOLD_EVERY).told, Some(60));
        assert_eq!(tries.one_more(THERE, NOW + TOLD_EVERY).told, Some(1));
    }

    #[test]
    fn addresses_beyond_those_that_are_remembered_count_together_until_others_are_quiet() {
        let mut tries = Tries::default();
        let address = |number: u32| IpAddr::V4(Ipv4Addr::from_bits(0x0A00_0000 + number));
        let most = u32::try_from(MOST_ADDRESSES).unwrap();
        for number in 0..most {
            tries.one_more(address(number), NOW);
        }
        for number in 0..BURST {
            assert_eq!(tries.one_more(address(most + number), NOW).answer, AT_ONCE);
        }
        assert_eq!(tries.one_more(address(2 * most), NOW).answer, Answer::After(MADE_GOOD));
        assert_eq!(tries.addresses.len(), MOST_ADDRESSES + 1);
        let later = NOW + TOLD_EVERY;
        assert_eq!(tries.one_more(address(3 * most), later).answer, AT_ONCE);
        assert!(tries.addresses.len() <= 2, "the quiet ones are forgotten");
    }

    #[test]
    fn a_network_of_ipv6_is_one() {
        let [one, other, foreign] =
            ["2001:db8::1", "2001:db8::ffff:1", "2001:db8:0:1::1"].map(|text| text.parse::<IpAddr>().unwrap());
        assert_eq!(network(one), network(other));
        assert_ne!(network(one), network(foreign));
    }
}
