//! Connections at a door: how many there may be, in all and of one address, and what is done when the process may open no
//! more files. A door that is full hangs up at once: whoever asks in vain for a place learns it, and everybody who has one
//! goes on.

use dashmap::DashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::net::{TcpListener, TcpStream};

/// After a fault of the listener (no more file descriptors), before the next try.
const AFTER_FAULT: Duration = Duration::from_millis(200);
/// What is told of it in the log, at most.
const TOLD_EVERY: Duration = Duration::from_secs(60);
/// Descriptors that no door takes: databases, files, printers, and room to say no.
const RESERVE: u64 = 128;
/// What is counted on where nobody can say how many there may be.
const USUAL_DESCRIPTORS: u64 = 1_024;

/// How many connections a door takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    pub in_all: usize,
    /// Of one address: not all, so that one machine cannot keep everybody else out.
    pub of_an_address: usize,
}

impl Bounds {
    /// A door's part, in hundredths, of the descriptors that the process may have, and at most so many.
    pub fn part(hundredths: u64, most: usize) -> Self {
        Self::of(descriptors(), hundredths, most)
    }

    fn of(descriptors: u64, hundredths: u64, most: usize) -> Self {
        let part = descriptors.saturating_sub(RESERVE).saturating_mul(hundredths) / 100;
        let in_all = usize::try_from(part).unwrap_or(usize::MAX).clamp(16, most);
        Self { in_all, of_an_address: in_all / 2 }
    }
}

/// How many files the process may have open. The soft limit is raised to the hard one first: it is low for programs that use
/// `select`, and this one does not.
pub fn descriptors() -> u64 {
    use nix::sys::resource::{Resource, getrlimit, setrlimit};
    let Ok((soft, hard)) = getrlimit(Resource::RLIMIT_NOFILE) else { return USUAL_DESCRIPTORS };
    match soft < hard && setrlimit(Resource::RLIMIT_NOFILE, hard, hard).is_ok() {
        true => hard,
        false => soft,
    }
}

/// The places of a door. The clones are the same places.
#[derive(Debug, Clone)]
pub struct Places(Arc<Taken>);

#[derive(Debug)]
struct Taken {
    bounds: Bounds,
    in_all: AtomicUsize,
    of_an_address: DashMap<IpAddr, usize>,
    told: Told,
}

/// What a door says in the log of those whom it cannot take, once a minute however many they are.
#[derive(Debug, Default)]
pub struct Told(Mutex<Option<Instant>>);

impl Told {
    pub fn tell(&self, door: &'static str, what: &str) {
        let mut told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if told.is_none_or(|told| told.elapsed() >= TOLD_EVERY) {
            *told = Some(Instant::now());
            tracing::warn!(door, "{what}; further ones are not told for a minute");
        }
    }
}

/// A connection's place, until it is dropped.
#[derive(Debug)]
pub struct Place {
    taken: Arc<Taken>,
    address: IpAddr,
}

impl Places {
    pub fn new(bounds: Bounds) -> Self {
        let (in_all, of_an_address) = (AtomicUsize::new(0), DashMap::new());
        Self(Arc::new(Taken { bounds, in_all, of_an_address, told: Told::default() }))
    }

    /// A place for a connection from this address, if there is one.
    pub fn enter(&self, address: IpAddr) -> Option<Place> {
        let address = address.to_canonical();
        let Taken { bounds, in_all, of_an_address, .. } = &*self.0;
        let next = |taken: usize| (taken < bounds.in_all).then_some(taken + 1);
        in_all.fetch_update(Ordering::Relaxed, Ordering::Relaxed, next).ok()?;
        let mut own = of_an_address.entry(address).or_default();
        if *own >= bounds.of_an_address {
            drop(own);
            in_all.fetch_sub(1, Ordering::Relaxed);
            return None;
        }
        *own += 1;
        drop(own);
        Some(Place { taken: self.0.clone(), address })
    }

    pub fn taken(&self) -> usize {
        self.0.in_all.load(Ordering::Relaxed)
    }

    /// The next connection that there is a place for. `door` is what the log calls it.
    pub async fn accept(&self, listener: &TcpListener, door: &'static str) -> (TcpStream, SocketAddr, Place) {
        loop {
            match listener.accept().await {
                Ok((stream, from)) => match self.enter(from.ip()) {
                    Some(place) => return (stream, from, place),
                    // Hung up on, here.
                    None => self.0.told.tell(door, "a connection was hung up on: there are as many as there may be"),
                },
                Err(fault) => {
                    self.0.told.tell(door, &format!("a connection could not be taken: {fault}"));
                    tokio::time::sleep(AFTER_FAULT).await;
                }
            }
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.taken.in_all.fetch_sub(1, Ordering::Relaxed);
        if let Some(mut own) = self.taken.of_an_address.get_mut(&self.address) {
            *own = own.saturating_sub(1);
        }
        self.taken.of_an_address.remove_if(&self.address, |_, own| *own == 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_address_cannot_take_every_place() {
        let places = Places::new(Bounds { in_all: 4, of_an_address: 2 });
        let [here, there]: [IpAddr; 2] = ["192.0.2.1", "192.0.2.2"].map(|text| text.parse().unwrap());
        let first = places.enter(here).unwrap();
        let _second = places.enter(here).unwrap();
        assert!(places.enter(here).is_none());
        let others = [places.enter(there).unwrap(), places.enter(there).unwrap()];
        assert!(places.enter("192.0.2.3".parse().unwrap()).is_none(), "all are taken");
        assert_eq!(places.taken(), 4);
        drop(first);
        assert!(places.enter("::ffff:192.0.2.1".parse().unwrap()).is_some(), "the same machine, by its other name");
        drop(others);
        assert_eq!(places.taken(), 1);
    }

    #[test]
    fn the_doors_leave_some_descriptors_and_take_no_more_than_they_need() {
        assert_eq!(Bounds::of(1_024, 60, 20_000), Bounds { in_all: 537, of_an_address: 268 });
        assert_eq!(Bounds::of(1_000_000, 60, 20_000), Bounds { in_all: 20_000, of_an_address: 10_000 });
        assert_eq!(Bounds::of(64, 60, 20_000), Bounds { in_all: 16, of_an_address: 8 });
    }
}
