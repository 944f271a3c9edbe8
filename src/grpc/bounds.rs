//! What one caller may have under way at the door: requests, streams beside our own methods, and bytes of answers that they
//! do not read. What is over it is refused at once, which costs next to nothing; and a request that does not come to its end
//! is given up.

use super::fault;
use bytes::Bytes;
use dashmap::DashMap;
use http_body::{Frame, SizeHint};
use startline_foundation::error::{Error, Limit};
use startline_foundation::ids::UserId;
use std::hash::Hash;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::time::{Sleep, sleep};
use tonic::Status;
use tonic::body::Body;

/// Requests of one user under way at once. A desk has a handful; a switch has one for each call that changes just now, and
/// its streams are counted for themselves.
const MOST_REQUESTS: usize = 1_024;
/// Health checks and reflection, of one address at once.
const MOST_BESIDE: usize = 64;
/// Bytes of long answers that one user has not read yet; and everybody together.
const MOST_UNREAD: usize = 32 * 1024 * 1024;
const MOST_UNREAD_IN_ALL: usize = 128 * 1024 * 1024;
/// Bytes of requests that have not come to their end: of one user, and of everybody together. A desk's largest is some kilobytes.
const MOST_SENT: usize = 8 * 1024 * 1024;
const MOST_SENT_IN_ALL: usize = 64 * 1024 * 1024;
/// Bytes of one request beside our methods, where nobody says who they are.
const MOST_SENT_BESIDE: usize = 64 * 1024;
/// Shorter answers are not counted: there are no more of them than requests.
const LONG: usize = 16 * 1024;
/// A request, from its headers to its last byte.
const WHOLE_WITHIN: Duration = Duration::from_secs(20);

/// What everybody has under way. The clones count together.
#[derive(Clone, Default)]
pub struct Bounds {
    requests: Tally<UserId>,
    beside: Tally<IpAddr>,
    unread: Tally<UserId>,
    unread_in_all: Tally<()>,
    sent: Tally<UserId>,
    sent_in_all: Tally<()>,
}

impl Bounds {
    /// # Errors
    /// `RESOURCE_EXHAUSTED` when this user has too many under way.
    pub fn request(&self, user: UserId, path: &str) -> Result<Held, Status> {
        let held = self.requests.take(user, 1, MOST_REQUESTS).map(Held::of);
        held.ok_or_else(|| {
            over(format!("{MOST_REQUESTS} requests of this user are under way: wait for their answers"), path)
        })
    }

    /// Beside our own methods, where nobody says who they are.
    ///
    /// # Errors
    /// `RESOURCE_EXHAUSTED` when this address has too many under way.
    pub fn beside(&self, address: IpAddr, path: &str) -> Result<Held, Status> {
        let held = self.beside.take(address.to_canonical(), 1, MOST_BESIDE).map(Held::of);
        held.ok_or_else(|| over(format!("{MOST_BESIDE} of these from one address are enough: close some"), path))
    }

    /// An answer of so many bytes, until it has been read.
    ///
    /// # Errors
    /// `RESOURCE_EXHAUSTED` when this user leaves too much unread, or everybody together does.
    pub fn answer(&self, user: UserId, bytes: usize, path: &str) -> Result<Held, Status> {
        let mut held = Held::default();
        if bytes < LONG {
            return Ok(held);
        }
        let taken =
            self.unread.take(user, bytes, MOST_UNREAD).zip(self.unread_in_all.take((), bytes, MOST_UNREAD_IN_ALL));
        match taken {
            Some((own, all)) => {
                held.0.push(Box::new(own));
                held.0.push(Box::new(all));
                Ok(held)
            }
            None => Err(over("earlier answers have not been read: read them first".into(), path)),
        }
    }
}

impl Bounds {
    /// A request's body, which has to come to its end in time, and of which there is not too much meanwhile.
    pub fn request_body(&self, body: Body, user: UserId, path: &str) -> Body {
        let sent = Sent::Of(self.sent.nothing(user), self.sent_in_all.nothing(()));
        Body::new(Arriving { body, path: path.to_owned(), patience: None, sent })
    }

    /// The same beside our methods: the first message has to come in time, and none may be long.
    pub fn body_beside(&self, body: Body, path: &str) -> Body {
        Body::new(Arriving { body, path: path.to_owned(), patience: None, sent: Sent::Beside(0) })
    }
}

fn over(message: String, path: &str) -> Status {
    fault::status(Error::exhausted(message, Limit::SOON), path, None)
}

/// What is taken, until it is dropped.
#[derive(Default)]
pub struct Held(Vec<Box<dyn Send + Sync>>);

impl Held {
    pub fn of(taken: impl Send + Sync + 'static) -> Self {
        Self(vec![Box::new(taken)])
    }
}

/// How much everybody has of something.
struct Tally<K: Eq + Hash>(Arc<DashMap<K, usize>>);

impl<K: Eq + Hash> Clone for Tally<K> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<K: Eq + Hash> Default for Tally<K> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

struct Taken<K: Eq + Hash + Copy> {
    of: K,
    much: usize,
    tally: Tally<K>,
}

impl<K: Eq + Hash + Copy> Tally<K> {
    fn take(&self, of: K, much: usize, most: usize) -> Option<Taken<K>> {
        let mut taken = self.nothing(of);
        taken.more(much, most).then_some(taken)
    }

    fn nothing(&self, of: K) -> Taken<K> {
        Taken { of, much: 0, tally: self.clone() }
    }
}

impl<K: Eq + Hash + Copy> Taken<K> {
    /// Whether there was room for it.
    fn more(&mut self, much: usize, most: usize) -> bool {
        let mut own = self.tally.0.entry(self.of).or_default();
        if own.saturating_add(much) > most {
            return false;
        }
        *own += much;
        self.much += much;
        true
    }
}

impl<K: Eq + Hash + Copy> Drop for Taken<K> {
    fn drop(&mut self) {
        if let Some(mut own) = self.tally.0.get_mut(&self.of) {
            *own = own.saturating_sub(self.much);
        }
        self.tally.0.remove_if(&self.of, |_, own| *own == 0);
    }
}

struct Arriving {
    body: Body,
    path: String,
    /// Begins when something is waited for.
    patience: Option<Pin<Box<Sleep>>>,
    sent: Sent,
}

/// What has come of a request so far.
enum Sent {
    Of(Taken<UserId>, Taken<()>),
    Beside(usize),
}

impl Sent {
    fn more(&mut self, bytes: usize, path: &str) -> Result<(), Status> {
        match self {
            Self::Of(own, all) => {
                if !own.more(bytes, MOST_SENT) || !all.more(bytes, MOST_SENT_IN_ALL) {
                    return Err(over("earlier requests have not come to their end: end them first".into(), path));
                }
            }
            Self::Beside(so_far) => {
                *so_far += bytes;
                if *so_far > MOST_SENT_BESIDE {
                    return Err(over(format!("{MOST_SENT_BESIDE} bytes are enough for this"), path));
                }
            }
        }
        Ok(())
    }
}

impl http_body::Body for Arriving {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let this = self.get_mut();
        let frame = Pin::new(&mut this.body).poll_frame(context);
        if let Poll::Ready(Some(Ok(came))) = &frame
            && let Some(data) = came.data_ref()
            && let Err(refused) = this.sent.more(data.len(), &this.path)
        {
            return Poll::Ready(Some(Err(refused)));
        }
        if frame.is_ready() || matches!(this.sent, Sent::Beside(1..)) {
            return frame;
        }
        let patience = this.patience.get_or_insert_with(|| Box::pin(sleep(WHOLE_WITHIN)));
        match patience.as_mut().poll(context) {
            Poll::Pending => Poll::Pending,
            Poll::Ready(()) => {
                let late =
                    fault::late(format!("the request did not come to its end within {} s", WHOLE_WITHIN.as_secs()));
                Poll::Ready(Some(Err(late)))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// An answer's body that holds something until it has been read, or nobody reads it any more.
pub fn holding(body: Body, held: Held) -> Body {
    if held.0.is_empty() { body } else { Body::new(Holding { body, _held: held }) }
}

struct Holding {
    body: Body,
    _held: Held,
}

impl http_body::Body for Holding {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        Pin::new(&mut self.get_mut().body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tonic::Code;

    #[test]
    fn who_has_too_much_under_way_is_refused_until_some_is_over_and_nobody_else_is() {
        let bounds = Bounds::default();
        let start = chrono::DateTime::UNIX_EPOCH;
        let (greedy, other) = (UserId::fresh(start), UserId::fresh(start));
        let mut held: Vec<_> = (0..MOST_REQUESTS).map(|_| bounds.request(greedy, "x").unwrap()).collect();
        let refused = bounds.request(greedy, "x").err().unwrap();
        assert_eq!(refused.code(), Code::ResourceExhausted);
        assert!(bounds.request(other, "x").is_ok());
        held.pop();
        held.push(bounds.request(greedy, "x").unwrap());
        drop(held);
        assert!(bounds.requests.0.is_empty());
    }

    #[test]
    fn who_gives_no_name_is_counted_by_address() {
        let bounds = Bounds::default();
        let [here, there]: [IpAddr; 2] = ["192.0.2.1", "192.0.2.2"].map(|text| text.parse().unwrap());
        let held: Vec<_> = (0..MOST_BESIDE).map(|_| bounds.beside(here, "x").unwrap()).collect();
        assert_eq!(bounds.beside(here, "x").err().unwrap().code(), Code::ResourceExhausted);
        assert_eq!(
            bounds.beside("::ffff:192.0.2.1".parse().unwrap(), "x").err().unwrap().code(),
            Code::ResourceExhausted
        );
        assert!(bounds.beside(there, "x").is_ok());
        drop(held);
        assert!(bounds.beside(here, "x").is_ok());
    }

    #[test]
    fn requests_that_have_not_come_to_their_end_are_bounded_by_their_bytes() {
        let bounds = Bounds::default();
        let users: Vec<_> = (0..9).map(|_| UserId::fresh(chrono::DateTime::UNIX_EPOCH)).collect();
        let begun = |user| Sent::Of(bounds.sent.nothing(user), bounds.sent_in_all.nothing(()));
        let mut sent: Vec<_> = users[..8].iter().map(|user| begun(*user)).collect();
        for own in &mut sent {
            // In frames as small as you like.
            for _ in 0..8 {
                own.more(MOST_SENT / 8, "x").unwrap();
            }
            assert_eq!(own.more(1, "x").unwrap_err().code(), Code::ResourceExhausted);
        }
        assert!(begun(users[8]).more(1, "x").is_err(), "everybody together");
        sent.clear();
        assert!(begun(users[8]).more(MOST_SENT, "x").is_ok());
        assert!(bounds.sent.0.is_empty() && bounds.sent_in_all.0.is_empty());
        let mut nobodys = Sent::Beside(0);
        assert!(nobodys.more(MOST_SENT_BESIDE, "x").is_ok());
        assert!(nobodys.more(1, "x").is_err());
    }

    #[test]
    fn answers_that_are_not_read_are_bounded_by_their_bytes() {
        let bounds = Bounds::default();
        let users: Vec<_> = (0..6).map(|_| UserId::fresh(chrono::DateTime::UNIX_EPOCH)).collect();
        let half = MOST_UNREAD / 2;
        let mut held = Vec::new();
        for user in &users[..4] {
            held.push(bounds.answer(*user, half, "x").unwrap());
            held.push(bounds.answer(*user, half, "x").unwrap());
            assert!(bounds.answer(*user, LONG, "x").is_err());
            assert!(bounds.answer(*user, LONG - 1, "x").is_ok(), "a short one");
        }
        assert!(bounds.answer(users[4], LONG, "x").is_err(), "everybody together");
        held.clear();
        assert!(bounds.answer(users[4], LONG, "x").is_ok());
        assert!(bounds.unread.0.is_empty() && bounds.unread_in_all.0.is_empty());
    }
}
