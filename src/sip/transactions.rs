//! Server transactions: what was answered to which request, so that a repeated request gets the same answer and is
//! never acted upon twice (RFC 3261, 17.2).
//!
//! The library has transaction machines of its own. They keep the parsed request and clone the parsed answer for every
//! send. Here a transaction keeps the bytes of its last answer and no request: 5,000 waiting calls took 23 MB, their
//! floor and channels with them (measured with the release build; the library's machines were not). OPTIONS and CANCEL
//! need no transaction: answering them again does nothing new.

use super::message::{Asked, Method};
use super::reply::Echo;
use super::sources::Peer;
use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use futures_util::stream::AbortHandle;
use startline_foundation::ids::CallId;
use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::hash::{BuildHasher, Hash, RandomState};
use std::net::IpAddr;

/// Round trip, as RFC 3261 guesses it.
const T1: TimeDelta = TimeDelta::milliseconds(500);
/// Longest pause between two sendings of an answer.
const T2: TimeDelta = TimeDelta::seconds(4);
/// How long a message may be on its way.
const T4: TimeDelta = TimeDelta::seconds(5);
/// Timers H and J: after this nobody repeats anything.
const GIVE_UP: TimeDelta = TimeDelta::seconds(32);

/// Names a transaction: a keyed hash of what RFC 3261 compares, and of the address it came from. With 128 bits under
/// keys that nobody outside knows, two transactions never meet.
pub type Key = u128;

/// Keys and To tags, both made from a request alone, so that a repeated one gets the same.
#[derive(Default)]
pub struct Names(RandomState, RandomState);

impl Names {
    /// The key of a request; an ACK or CANCEL has the key of its INVITE.
    pub fn key(&self, asked: &Asked, source: IpAddr) -> Key {
        let method: &[u8] = match asked.method {
            Method::Ack | Method::Cancel => b"INVITE",
            _ => &asked.method_name,
        };
        match &asked.hop.branch {
            Some(branch) => self.both(&(source, branch, &asked.hop.sent_by, method)),
            // A switch from before 2002: the names of the whole request stand in for the branch.
            None => self.both(&(source, asked.old_names(), asked.cseq, method)),
        }
    }

    pub fn tag(&self, what: impl Hash) -> String {
        format!("{:016x}", self.1.hash_one(("tag", what)))
    }

    fn both(&self, what: &impl Hash) -> Key {
        let half = |state: &RandomState| u128::from(state.hash_one(what));
        half(&self.0) << 64 | half(&self.1)
    }
}

pub struct Transaction {
    pub peer: Peer,
    pub state: State,
    /// When something is to be done next.
    due: DateTime<Utc>,
    /// The entry in the queue of times that counts; older ones are passed over.
    turn: u64,
    /// The moment of that entry; none while it is used up.
    queued: Option<DateTime<Utc>>,
}

pub enum State {
    /// An INVITE whose caller waits.
    Waiting(Box<Waiting>),
    /// An INVITE has its final answer, which is sent again until the ACK comes.
    Answered {
        reply: Bytes,
        pause: TimeDelta,
        give_up_at: DateTime<Utc>,
        /// The call that was sent to an adviser by it.
        call: Option<CallId>,
    },
    /// The ACK has come; its repetitions and those of the INVITE are swallowed.
    Acknowledged,
    /// Another request with its answer.
    Done { reply: Bytes },
}

pub struct Waiting {
    pub echo: Echo,
    /// The switch asked for a `sips:` address.
    pub is_for_sips: bool,
    pub call: Option<CallId>,
    /// What was said last, for an INVITE that is repeated.
    pub said: Bytes,
    pub position: Option<usize>,
    /// When the site of the call opens again, if it is closed.
    pub next_opening: Option<DateTime<Utc>>,
    pub refresh_at: DateTime<Utc>,
    /// Dropped with this, so that the floor knows at once that nobody hears it any more.
    pub listening: Option<StopListening>,
}

/// Whoever has this listens to the floor.
pub struct StopListening(pub AbortHandle);

impl Drop for StopListening {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// What a passed moment asks for.
pub enum Due {
    /// The switch is told that the caller still waits.
    Refresh(Key),
    Send(Peer, Bytes),
    /// No ACK ever came.
    Unacknowledged,
}

#[derive(Default)]
pub struct Transactions {
    table: HashMap<Key, Transaction>,
    times: BinaryHeap<Reverse<(DateTime<Utc>, u64, Key)>>,
    turns: u64,
    /// INVITEs with a final answer and no ACK yet.
    unacknowledged: usize,
    waiting: usize,
}

impl Transactions {
    pub fn len(&self) -> usize {
        self.table.len()
    }

    /// INVITEs that wait for their final answer.
    pub fn waiting(&self) -> usize {
        self.waiting
    }

    /// INVITEs whose final answer was not acknowledged yet.
    pub fn unacknowledged(&self) -> usize {
        self.unacknowledged
    }

    pub fn get(&self, key: Key) -> Option<&Transaction> {
        self.table.get(&key)
    }

    pub fn waiting_mut(&mut self, key: Key) -> Option<(&Peer, &mut Waiting)> {
        match self.table.get_mut(&key) {
            Some(Transaction { peer, state: State::Waiting(waiting), .. }) => Some((peer, waiting)),
            _ => None,
        }
    }

    /// Those that wait for an answer there.
    pub fn waiting_at(&self, is_there: impl Fn(&Peer) -> bool) -> Vec<Key> {
        let waits = |(_, one): &(&Key, &Transaction)| is_there(&one.peer) && matches!(one.state, State::Waiting(_));
        self.table.iter().filter(waits).map(|(key, _)| *key).collect()
    }

    pub fn begin(&mut self, key: Key, peer: Peer, waiting: Waiting) {
        let due = waiting.refresh_at;
        self.waiting += 1;
        self.insert(key, peer, State::Waiting(Box::new(waiting)), due);
    }

    /// A request other than INVITE with its answer. Over a stream nobody repeats it.
    pub fn keep_done(&mut self, key: Key, peer: Peer, reply: Bytes, now: DateTime<Utc>) {
        if !peer.is_stream() {
            self.insert(key, peer, State::Done { reply }, now + GIVE_UP);
        }
    }

    /// The final answer of a waiting INVITE.
    pub fn answer(&mut self, key: Key, reply: Bytes, now: DateTime<Utc>) -> Option<(Peer, Bytes)> {
        let transaction = self.table.get_mut(&key)?;
        if !matches!(transaction.state, State::Waiting(_)) {
            return None;
        }
        let give_up_at = now + GIVE_UP;
        let peer = transaction.peer;
        transaction.state = State::Answered { reply: reply.clone(), pause: T1, give_up_at, call: None };
        self.waiting -= 1;
        self.unacknowledged += 1;
        let due = if peer.is_stream() { give_up_at } else { now + T1 };
        self.set_due(key, due);
        Some((peer, reply))
    }

    /// The final answer sent this call to an adviser.
    pub fn sent_on(&mut self, key: Key, call: CallId) {
        if let Some(Transaction { state: State::Answered { call: known, .. }, .. }) = self.table.get_mut(&key) {
            *known = Some(call);
        }
    }

    /// An ACK. Late and repeated ones change nothing.
    pub fn acknowledge(&mut self, key: Key, now: DateTime<Utc>) {
        let Some(transaction) = self.table.get_mut(&key) else { return };
        if !matches!(transaction.state, State::Answered { .. }) {
            return;
        }
        self.unacknowledged -= 1;
        if transaction.peer.is_stream() {
            self.table.remove(&key);
        } else {
            transaction.state = State::Acknowledged;
            self.set_due(key, now + T4);
        }
    }

    /// The way to whoever waits is gone.
    pub fn forget(&mut self, key: Key) {
        if let Some(gone) = self.table.remove(&key) {
            match gone.state {
                State::Waiting(_) => self.waiting -= 1,
                State::Answered { .. } => self.unacknowledged -= 1,
                State::Acknowledged | State::Done { .. } => {}
            }
        }
    }

    pub fn next_due(&self) -> Option<DateTime<Utc>> {
        self.times.peek().map(|Reverse((at, ..))| *at)
    }

    pub fn refresh_again(&mut self, key: Key, at: DateTime<Utc>) {
        self.set_due(key, at);
    }

    /// The next thing that is due at `now`. To be asked until there is none.
    pub fn due(&mut self, now: DateTime<Utc>) -> Option<Due> {
        loop {
            let Reverse((at, turn, key)) = self.times.peek()?;
            if *at > now {
                return None;
            }
            let (turn, key) = (*turn, *key);
            self.times.pop();
            let Some(transaction) = self.table.get_mut(&key) else { continue };
            if transaction.turn != turn {
                continue;
            }
            transaction.queued = None;
            if transaction.due > now {
                let due = transaction.due;
                self.set_due(key, due);
                continue;
            }
            let peer = transaction.peer;
            match &mut transaction.state {
                State::Waiting(_) => return Some(Due::Refresh(key)),
                State::Answered { give_up_at, .. } if *give_up_at <= now => {
                    self.forget(key);
                    return Some(Due::Unacknowledged);
                }
                State::Answered { reply, pause, give_up_at, .. } => {
                    *pause = (*pause * 2).min(T2);
                    let (reply, again) = (reply.clone(), (now + *pause).min(*give_up_at));
                    self.set_due(key, again);
                    return Some(Due::Send(peer, reply));
                }
                State::Acknowledged | State::Done { .. } => self.forget(key),
            }
        }
    }

    /// The clock was set by so much while no time passed: what is due in some seconds is due in as many.
    pub fn clock_was_set(&mut self, by: TimeDelta) {
        let later = |moment: &mut DateTime<Utc>| *moment = moment.checked_add_signed(by).unwrap_or(*moment);
        for Transaction { peer: _, state, due, turn: _, queued } in self.table.values_mut() {
            later(due);
            queued.as_mut().map(later);
            match state {
                State::Waiting(waiting) => later(&mut waiting.refresh_at),
                State::Answered { give_up_at, .. } => later(give_up_at),
                State::Acknowledged | State::Done { .. } => {}
            }
        }
        let times = std::mem::take(&mut self.times).into_iter();
        self.times = times.map(|Reverse((mut at, turn, key))| (later(&mut at), Reverse((at, turn, key))).1).collect();
    }

    fn insert(&mut self, key: Key, peer: Peer, state: State, due: DateTime<Utc>) {
        self.turns += 1;
        let turn = self.turns;
        self.table.insert(key, Transaction { peer, state, due, turn, queued: Some(due) });
        self.times.push(Reverse((due, turn, key)));
    }

    /// Called for a transaction whose entry in the queue may have been used up, and for one whose entry is still there.
    fn set_due(&mut self, key: Key, due: DateTime<Utc>) {
        let Some(transaction) = self.table.get_mut(&key) else { return };
        transaction.due = due;
        // An entry for an earlier moment finds out then that there is more time.
        if transaction.queued.is_none_or(|queued| due < queued) {
            self.turns += 1;
            transaction.turn = self.turns;
            transaction.queued = Some(due);
            self.times.push(Reverse((due, self.turns, key)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: Key = 7;
    const CALLER: Peer = Peer::Udp {
        socket: 0,
        to: std::net::SocketAddr::new(IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 5060),
        from: None,
    };

    fn start() -> DateTime<Utc> {
        "2026-03-03T10:00:00Z".parse().unwrap()
    }

    fn waiting(table: &mut Transactions, key: Key, peer: Peer, now: DateTime<Utc>) {
        let echo = Echo::from_headers(std::iter::empty::<(&str, &[u8])>(), "127.0.0.1:5060".parse().unwrap(), None);
        let waiting = Waiting {
            echo,
            is_for_sips: false,
            call: None,
            said: Bytes::from_static(b"100"),
            position: None,
            next_opening: None,
            refresh_at: now + TimeDelta::seconds(5),
            listening: None,
        };
        table.begin(key, peer, waiting);
    }

    /// When, in milliseconds from the start, something was due until nothing more is.
    fn everything_due(table: &mut Transactions) -> Vec<(i64, &'static str)> {
        let mut all = Vec::new();
        while let Some(at) = table.next_due() {
            while let Some(due) = table.due(at) {
                let what = match due {
                    Due::Refresh(_) => "refresh",
                    Due::Send(..) => "send",
                    Due::Unacknowledged => "given up",
                };
                all.push(((at - start()).num_milliseconds(), what));
            }
        }
        all
    }

    #[test]
    fn an_answer_over_udp_is_said_ever_more_slowly_until_it_is_given_up() {
        let mut table = Transactions::default();
        waiting(&mut table, KEY, CALLER, start());
        table.answer(KEY, Bytes::from_static(b"302"), start()).unwrap();
        assert_eq!((table.waiting(), table.unacknowledged()), (0, 1));
        let due = everything_due(&mut table);
        let sends = [500, 1500, 3500, 7500, 11500, 15500, 19500, 23500, 27500, 31500].map(|at| (at, "send"));
        assert_eq!(due, [sends.as_slice(), &[(32_000, "given up")]].concat());
        assert_eq!((table.len(), table.unacknowledged()), (0, 0));
    }

    #[test]
    fn an_answer_over_a_stream_is_said_once() {
        let mut table = Transactions::default();
        let stream = Peer::Stream { connection: 1 };
        waiting(&mut table, KEY, stream, start());
        table.answer(KEY, Bytes::from_static(b"302"), start()).unwrap();
        assert!(table.due(start() + TimeDelta::seconds(31)).is_none());
        table.acknowledge(KEY, start() + TimeDelta::seconds(31));
        assert_eq!(table.len(), 0);
    }

    #[test]
    fn an_acknowledged_transaction_swallows_repetitions_for_a_while_and_is_forgotten() {
        let mut table = Transactions::default();
        waiting(&mut table, KEY, CALLER, start());
        assert!(table.answer(KEY, Bytes::from_static(b"302"), start()).is_some());
        assert!(table.answer(KEY, Bytes::from_static(b"480"), start()).is_none(), "a second final answer");
        table.acknowledge(KEY, start());
        table.acknowledge(KEY, start());
        assert!(matches!(table.get(KEY).unwrap().state, State::Acknowledged));
        assert_eq!(everything_due(&mut table), []);
        assert_eq!((table.len(), table.unacknowledged()), (0, 0));
    }

    #[test]
    fn times_are_kept_at_most_twice_for_each_transaction() {
        let mut table = Transactions::default();
        let mut now = start();
        for key in 0..5000 {
            now += TimeDelta::milliseconds(1);
            waiting(&mut table, key, CALLER, now);
            table.answer(key, Bytes::from_static(b"302"), now).unwrap();
            table.acknowledge(key, now);
            while table.due(now).is_some() {}
            assert!(table.times.len() <= 2 * table.len(), "{} of {}", table.times.len(), table.len());
        }
        everything_due(&mut table);
        assert_eq!((table.len(), table.times.len(), table.waiting()), (0, 0, 0));
    }
}
