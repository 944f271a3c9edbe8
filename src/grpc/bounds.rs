//! What one caller may have under way at the door: requests, streams beside our own methods, and bytes of answers that they
//! do not read. What is over it is refused at once, which costs next to nothing; and a request that does not come to its end
//! is given up.

use super::fault;
use bytes::Bytes;
use dashmap::DashMap;
use http_body::{Frame, SizeHint};
use startline_foundation::error::Error;
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

fn over(message: String, path: &str) -> Status {
    fault::status(Error::Exhausted(message), path, None)
}

/// What is taken, until it is dropped.
#[derive(Default)]
pub struct Held(Vec<Box<dyn Send + Sync>>);

impl Held {
    fn of(taken: impl Send + Sync + 'static) -> Self {
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
        let mut own = self.0.entry(of).or_default();
        if own.saturating_add(much) > most {
            return None;
        }
        *own += much;
        Some(Taken { of, much, tally: self.clone() })
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

/// A request's body that has to come to its end in time.
pub fn in_time(body: Body) -> Body {
    Body::new(InTime { body, patience: None })
}

struct InTime {
    body: Body,
    /// Begins when something is waited for.
    patience: Option<Pin<Box<Sleep>>>,
}

impl http_body::Body for InTime {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let this = self.get_mut();
        let frame = Pin::new(&mut this.body).poll_frame(context);
        if frame.is_ready() {
            return frame;
        }
        let patience = this.patience.get_or_insert_with(|| Box::pin(sleep(WHOLE_WITHIN)));
        match patience.as_mut().poll(context) {
            Poll::Pending => Poll::Pending,
            Poll::Ready(()) => {
                let seconds = WHOLE_WITHIN.as_secs();
                let message = format!("the request did not come to its end within {seconds} s");
                Poll::Ready(Some(Err(Status::deadline_exceeded(message))))
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
