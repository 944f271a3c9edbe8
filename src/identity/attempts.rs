//! Slowing down whoever tries passwords, without keeping anybody else out. Pure and in memory, bounded, and begun anew with the
//! process; `now` is the time that only runs ([`startline_foundation::clock::Clock::running`]), because a wall clock that was
//! set back would make a pause of a second one of an hour.
//!
//! Three things are counted:
//! - an account's wrong passwords by strangers: after three, each pause is twice the one before, up to a minute;
//! - the same of each account at each address that it has signed in from before, apart: while strangers try an account, its
//!   owner still comes in from where they were before;
//! - an address's wrong passwords, whatever the account: past a score of them, answers from there take longer, up to ten seconds.
//!   They are given, though: a whole office often has one address, and must not be locked out by one who tries.
//!
//! An attempt counts as wrong from when it is asked for until it has succeeded, so that a thousand at once are no way round.

use crate::password::Lane;
use ring::digest::{SHA256, digest};
use startline_foundation::formats::fold::folded;
use std::collections::HashMap;
use std::hash::Hash;
use std::net::{IpAddr, Ipv6Addr};
use std::time::Duration;

/// Wrong passwords before the first pause.
const FREE: u32 = 3;
const LONGEST_PAUSE: Duration = Duration::from_secs(60);
/// Without a try for so long, what was counted is forgotten.
const FORGOTTEN: Duration = Duration::from_secs(3600);
/// So long an address is one that an account has signed in from.
const FAMILIAR: Duration = Duration::from_secs(90 * 24 * 3600);
/// Wrong passwords from one address at once before its answers take longer, and the time in which one of them is made good.
const BURST: u32 = 20;
const MADE_GOOD: Duration = Duration::from_secs(2);
const LONGEST_DELAY: Duration = Duration::from_secs(10);

/// How much is remembered of each kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Most {
    pub accounts: usize,
    pub familiar: usize,
    pub addresses: usize,
}

impl Default for Most {
    /// A few megabytes in all.
    fn default() -> Self {
        Self { accounts: 10_000, familiar: 20_000, addresses: 10_000 }
    }
}

/// Whether a password is looked at now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// After this delay, which is nothing unless much was tried from this address, and in this lane.
    Go { after: Duration, lane: Lane },
    /// Not at all; again in so long.
    Wait(Duration),
}

/// A name as it was typed, whether there is such a user or not.
type Account = [u8; 16];

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Wrong {
    times: u32,
    last: Duration,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Familiar {
    signed_in: Duration,
    wrong: Wrong,
}

#[derive(Debug, Default)]
pub struct Attempts {
    most: Most,
    accounts: HashMap<Account, Wrong>,
    familiar: HashMap<(Account, IpAddr), Familiar>,
    /// Until when each address's wrong passwords are made good.
    addresses: HashMap<IpAddr, Duration>,
}

impl Wrong {
    fn at(self, now: Duration) -> Self {
        if now.saturating_sub(self.last) >= FORGOTTEN { Self::default() } else { self }
    }

    fn pause_left(self, now: Duration) -> Option<Duration> {
        let doublings = self.times.checked_sub(FREE)?;
        let pause = 1u64.checked_shl(doublings).map_or(LONGEST_PAUSE, Duration::from_secs).min(LONGEST_PAUSE);
        (self.last + pause).checked_sub(now).filter(|left| !left.is_zero())
    }

    fn once_more(self, now: Duration) -> Self {
        Self { times: self.times.saturating_add(1), last: now }
    }
}

impl Attempts {
    pub fn remembering(most: Most) -> Self {
        Self { most, ..Self::default() }
    }

    /// Somebody would try a password. What is let go counts as wrong until [`Attempts::succeeded`].
    pub fn ask(&mut self, name: &str, from: IpAddr, now: Duration) -> Decision {
        let (account, from) = (account(name), network(from));
        if let Some(known) = self.familiar.get_mut(&(account, from)).filter(|known| is_familiar(known, now)) {
            let wrong = known.wrong.at(now);
            if let Some(left) = wrong.pause_left(now) {
                return Decision::Wait(left);
            }
            known.wrong = wrong.once_more(now);
            return Decision::Go { after: Duration::ZERO, lane: Lane::Familiar };
        }
        let wrong = self.accounts.get(&account).copied().unwrap_or_default().at(now);
        if let Some(left) = wrong.pause_left(now) {
            return Decision::Wait(left);
        }
        // Who has failed least and longest ago is forgotten first: a flood of made-up names must not wash out whoever is tried.
        make_room(&mut self.accounts, account, self.most.accounts, |wrong| (wrong.at(now).times, wrong.last));
        self.accounts.insert(account, wrong.once_more(now));
        Decision::Go { after: self.charge(from, now), lane: Lane::Stranger }
    }

    /// The password was right.
    pub fn succeeded(&mut self, name: &str, from: IpAddr, now: Duration) {
        let (account, from) = (account(name), network(from));
        if !self.familiar.get(&(account, from)).is_some_and(|known| is_familiar(known, now)) {
            self.give_back(account, from, now);
        }
        self.remember(account, from, now);
    }

    /// An account signed in from there before this process began.
    pub fn seen_before(&mut self, name: &str, from: IpAddr, now: Duration) {
        self.remember(account(name), network(from), now);
    }

    fn remember(&mut self, account: Account, from: IpAddr, now: Duration) {
        make_room(&mut self.familiar, (account, from), self.most.familiar, |known| known.signed_in);
        self.familiar.insert((account, from), Familiar { signed_in: now, wrong: Wrong::default() });
    }

    /// Its attempt was not wrong after all. Those of others stay counted.
    fn give_back(&mut self, account: Account, from: IpAddr, now: Duration) {
        if let Some(wrong) = self.accounts.get_mut(&account) {
            wrong.times = wrong.times.saturating_sub(1);
            if wrong.times == 0 {
                self.accounts.remove(&account);
            }
        }
        if let Some(until) = self.addresses.get_mut(&from) {
            *until = until.saturating_sub(MADE_GOOD);
            if *until <= now {
                self.addresses.remove(&from);
            }
        }
    }

    /// One more from this address, and how long its answer takes.
    fn charge(&mut self, from: IpAddr, now: Duration) -> Duration {
        make_room(&mut self.addresses, from, self.most.addresses, |until| *until);
        let until = self.addresses.entry(from).or_default();
        let free = now + MADE_GOOD * BURST;
        *until = ((*until).max(now) + MADE_GOOD).min(free + LONGEST_DELAY);
        until.saturating_sub(free)
    }

    /// What holds after every step.
    ///
    /// # Panics
    /// When it does not.
    pub fn check_invariants(&self) {
        assert!(self.accounts.len() <= self.most.accounts, "more accounts than there may be");
        assert!(self.familiar.len() <= self.most.familiar, "more familiar addresses than there may be");
        assert!(self.addresses.len() <= self.most.addresses, "more addresses than there may be");
        assert!(self.accounts.values().all(|wrong| wrong.times > 0), "an account is kept that nobody tried");
    }
}

fn is_familiar(known: &Familiar, now: Duration) -> bool {
    now.saturating_sub(known.signed_in) < FAMILIAR
}

/// Room for one more. Only a try that is let go, or a sign-in, comes here, and a password's hash takes a thousand times as
/// long as looking through all of them.
fn make_room<K: Copy + Eq + Hash, V, O: Ord>(all: &mut HashMap<K, V>, for_: K, most: usize, worth: impl Fn(&V) -> O) {
    if all.len() < most || all.contains_key(&for_) {
        return;
    }
    let least = all.iter().min_by_key(|(_, value)| worth(value)).map(|(key, _)| *key);
    if let Some(least) = least {
        all.remove(&least);
    }
}

/// Names that differ in capitals, accents or blanks around them are one, as they are where a user is looked for: trying them in
/// turn is no way round. Kept by its hash, since a
/// name may be as long as somebody likes.
fn account(name: &str) -> Account {
    let name = folded(name.trim());
    let mut account = [0; 16];
    account.copy_from_slice(&digest(&SHA256, name.as_bytes()).as_ref()[..16]);
    account
}

/// Of IPv6 a whole network, because whoever has one address has them all.
fn network(from: IpAddr) -> IpAddr {
    match from.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() >> 64 << 64)),
        address => address,
    }
}
