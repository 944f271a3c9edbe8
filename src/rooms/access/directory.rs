//! Whose token this is. Recently seen tokens are remembered, so that a call on the floor's path asks no database, and so
//! that advisers who are at work stay at work while the database is away.

use super::{Token, User, store};
use chrono::{DateTime, TimeDelta, Utc};
use dashmap::DashMap;
use startline_foundation::clock::age;
use startline_foundation::error::{Error, Result};
use startline_foundation::store::Store;

/// After this a token is looked up again, so that a disabled user is out within half a minute.
const TRUSTED_FOR: TimeDelta = TimeDelta::seconds(30);

pub struct Directory {
    store: Store,
    /// Only tokens that are somebody's, so the number of users bounds it.
    seen: DashMap<[u8; 32], (User, DateTime<Utc>)>,
}

impl Directory {
    pub fn new(store: Store) -> Self {
        Self { store, seen: DashMap::new() }
    }

    /// The user who holds this token.
    pub async fn authenticate(&self, token: &Token, now: DateTime<Utc>) -> Result<User> {
        let hash = token.hash();
        let remembered = self.seen.get(&hash).map(|entry| entry.value().clone());
        if let Some((user, at)) = &remembered
            && age(*at, now) < TRUSTED_FOR
        {
            return Ok(user.clone());
        }
        match (self.look_up(&hash).await, remembered) {
            (Ok(Some(user)), _) => {
                self.seen.insert(hash, (user.clone(), now));
                Ok(user)
            }
            (Ok(None), _) => {
                self.seen.remove(&hash);
                Err(Error::Unauthenticated)
            }
            // The database is away: whoever was let in before stays in.
            (Err(_), Some((user, _))) => Ok(user),
            (Err(fault), None) => Err(fault),
        }
    }

    /// The user whom one of these names belongs to: the subject alternative names of a certificate that was verified, as
    /// [`startline_foundation::tls::ClientCertificate`] writes them.
    ///
    /// # Errors
    /// `Unauthenticated`: no user has names of certificates yet. The lookup, remembered as tokens are, belongs here when the
    /// table of users has a column for them.
    #[expect(clippy::unused_async, reason = "it will ask the database, as `authenticate` does")]
    pub async fn by_certificate(&self, _names: &[String], _now: DateTime<Utc>) -> Result<User> {
        Err(Error::Unauthenticated)
    }

    async fn look_up(&self, hash: &[u8; 32]) -> Result<Option<User>> {
        store::user_by_token(&mut self.store.read().await?.db(), hash).await
    }
}
