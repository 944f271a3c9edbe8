//! Who is behind what a request shows. What was seen recently is remembered, so that a call on the floor's path asks no
//! database, and so that advisers who are at work stay at work while the database is away.
//!
//! Memory only. Every process looks for changes ([`Directory::look`]) twice a second; whoever was disabled, or lost a duty or
//! a token, is then looked up again, and what they look at ends.

use super::accounts::{self, Account, Known};
use super::people::{IdentityKind, TokenKind};
use super::sessions::SignedInBy;
use super::{Token, User, people_store as store, sessions_store as sessions, store as lists};
use chrono::{DateTime, TimeDelta, Utc};
use dashmap::DashMap;
use startline_foundation::clock::age;
use startline_foundation::error::{Error, Result};
use startline_foundation::ids::{TokenId, UserId};
use startline_foundation::store::{Db, Store};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use tokio::sync::watch;

/// After this somebody is looked up again, whatever was heard of them.
const TRUSTED_FOR: TimeDelta = TimeDelta::seconds(30);
/// Whoever was let in before the database went away stays in for so long: a long shift.
const TRUSTED_WITHOUT: TimeDelta = TimeDelta::hours(12);
/// How exactly the last use of a token is known.
const USE_IS_KEPT_EACH: TimeDelta = TimeDelta::minutes(1);

pub struct Directory {
    store: Store,
    /// Only what is somebody's, so the number of tokens and certificates bounds it.
    seen: DashMap<[u8; 32], Arc<Session>>,
    /// Of those who look at something, the number of the change that was heard last.
    looking: DashMap<UserId, watch::Sender<u64>>,
    /// When each token was used last, to the minute, and whether that is written down.
    used: DashMap<TokenId, (DateTime<Utc>, bool)>,
    /// The newest change that was heard of; less than nothing before the first look.
    heard: AtomicI64,
}

/// Somebody who showed who they are.
#[derive(Debug)]
pub struct Session {
    pub user: User,
    /// None for those who came with a certificate, whose connection it ends with.
    pub token: Option<TokenId>,
    pub ends_at: Option<DateTime<Utc>>,
    /// Of whoever came with a browser.
    pub browser: Option<BrowserSession>,
    looked_up_at: DateTime<Utc>,
}

/// What is known of a browser that somebody signed in with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BrowserSession {
    pub token: TokenId,
    pub began_at: DateTime<Utc>,
    /// When something was last asked for with it, as it is written down.
    pub seen_at: DateTime<Utc>,
    /// Their password was made by somebody else: before anything they are to make their own.
    pub must_change_password: bool,
}

/// What a request shows of who sends it.
#[derive(Debug)]
pub enum Shown<'a> {
    Token(&'a Token),
    /// The names in a client certificate that was verified.
    Certificate(&'a [String]),
    /// An account that the organisation's provider vouches for.
    Account(&'a Account),
    /// The hash of what a browser's cookie holds.
    Session(&'a [u8; 32]),
}

impl Directory {
    pub fn new(store: Store) -> Self {
        Self { store, seen: DashMap::new(), looking: DashMap::new(), used: DashMap::new(), heard: AtomicI64::new(-1) }
    }

    /// Whoever this is.
    ///
    /// # Errors
    /// `Unauthenticated` when it is nobody, or nobody any more; `Unavailable` when that cannot be found out.
    pub async fn authenticate(&self, shown: &Shown<'_>, now: DateTime<Utc>) -> Result<Arc<Session>> {
        let key = shown.key();
        let remembered = self.seen.get(&key).map(|entry| entry.value().clone());
        let session = match remembered {
            Some(session) if age(session.looked_up_at, now) < TRUSTED_FOR => session,
            remembered => self.look_up_again(shown, key, remembered, now).await?,
        };
        if session.ends_at.is_some_and(|end| end <= now) {
            return Err(Error::Unauthenticated);
        }
        // A browser's session may have ended: whoever finds that it has not says that it is used.
        if let (Some(token), None) = (session.token, &session.browser) {
            self.note_use(token, now);
        }
        Ok(session)
    }

    async fn look_up_again(
        &self,
        shown: &Shown<'_>,
        key: [u8; 32],
        remembered: Option<Arc<Session>>,
        now: DateTime<Utc>,
    ) -> Result<Arc<Session>> {
        match (self.look_up(shown, now).await, remembered) {
            (Ok(Some(session)), _) => {
                let session = Arc::new(session);
                self.seen.insert(key, session.clone());
                Ok(session)
            }
            (Ok(None), _) => {
                self.seen.remove(&key);
                Err(Error::Unauthenticated)
            }
            // The database is away: whoever was let in before stays in.
            (Err(_), Some(session)) if age(session.looked_up_at, now) < TRUSTED_WITHOUT => Ok(session),
            (Err(fault), _) => Err(fault),
        }
    }

    async fn look_up(&self, shown: &Shown<'_>, now: DateTime<Utc>) -> Result<Option<Session>> {
        let mut reader = self.store.read().await?;
        let db = &mut reader.db();
        let (user, token, ends_at) = match shown {
            Shown::Token(token) => match store::token_by_hash(db, &token.hash(), TokenKind::Key).await? {
                Some(token) => (token.user, Some(token.id), Some(token.ends_at)),
                None => return Ok(None),
            },
            Shown::Session(hash) => return self.look_up_session(db, hash, now).await,
            Shown::Certificate(names) => match store::user_known_as(db, IdentityKind::Certificate, names).await? {
                Some(user) => (user, None, None),
                None => return Ok(None),
            },
            Shown::Account(account) => match accounts::of_account(db, account).await? {
                Known::As(user) => (user, None, Some(account.ends_at)),
                Known::SignedOut => return Ok(None),
                Known::NotYet => {
                    drop(reader);
                    return self.at_sight(account, now).await;
                }
            },
        };
        let user = lists::user_by_id(db, user).await?;
        Ok(user.map(|user| Session { user, token, ends_at, browser: None, looked_up_at: now }))
    }

    /// A browser's session has no end of its own here: when it is over, whoever knows of calls says.
    async fn look_up_session(&self, db: &mut Db<'_>, hash: &[u8; 32], now: DateTime<Utc>) -> Result<Option<Session>> {
        let Some(line) = store::token_by_hash(db, hash, TokenKind::Session).await? else { return Ok(None) };
        let Some(user) = lists::user_by_id(db, line.user).await? else { return Ok(None) };
        let browser = BrowserSession {
            token: line.id,
            began_at: line.created.1,
            seen_at: line.last_used_at.unwrap_or(line.created.1),
            must_change_password: line.name == SignedInBy::Password.as_str()
                && sessions::is_first_password(db, line.user).await?,
        };
        Ok(Some(Session { user, token: Some(line.id), ends_at: None, browser: Some(browser), looked_up_at: now }))
    }

    /// Somebody who is new here, or whose groups have changed.
    async fn at_sight(&self, account: &Account, now: DateTime<Utc>) -> Result<Option<Session>> {
        let mut tx = self.store.begin_write().await?;
        let context = super::system_context(&mut tx.db(), now).await?;
        let user = match accounts::at_sight(&mut tx.db(), &context, account).await? {
            Some(id) => lists::user_by_id(&mut tx.db(), id).await?,
            None => None,
        };
        tx.commit().await?;
        let ends_at = Some(account.ends_at);
        Ok(user.map(|user| Session { user, token: None, ends_at, browser: None, looked_up_at: now }))
    }

    /// What somebody has changed by itself, when this number has.
    pub fn changes_of(&self, user: UserId) -> watch::Receiver<u64> {
        self.looking.entry(user).or_default().subscribe()
    }

    /// Something about this user changed: they are looked up again, and so is whether they may go on looking.
    pub fn changed(&self, user: UserId) {
        self.seen.retain(|_, session| session.user.id != user);
        if let Some(looking) = self.looking.get(&user) {
            looking.send_modify(|number| *number += 1);
        }
    }

    /// Hears what changed since the last look, whichever process did it; and what ended by itself at `now`.
    pub async fn look(&self, now: DateTime<Utc>) -> Result<()> {
        let heard = self.heard.load(Ordering::Relaxed);
        let mut reader = self.store.read().await?;
        let newest = match heard {
            // Nobody was let in before this process began.
            ..0 => store::newest_change(&mut reader.db()).await?,
            heard => {
                let changes = store::changes_after(&mut reader.db(), heard).await?;
                for (_, user) in &changes {
                    self.changed(*user);
                }
                changes.last().map_or(heard, |(number, _)| *number)
            }
        };
        drop(reader);
        self.heard.store(newest, Ordering::Relaxed);
        let mut over: Vec<UserId> =
            self.seen.iter().filter(|seen| seen.is_over(now)).map(|seen| seen.user.id).collect();
        over.dedup();
        over.into_iter().for_each(|user| self.changed(user));
        self.looking.retain(|_, looking| looking.receiver_count() > 0);
        self.write_uses().await
    }

    /// When something was last asked for with this browser, as far as this process knows.
    pub fn seen_at(&self, browser: &BrowserSession) -> DateTime<Utc> {
        let used = self.used.get(&browser.token).map(|used| used.0);
        used.map_or(browser.seen_at, |used| used.max(browser.seen_at))
    }

    /// What is remembered of this is looked up anew when it is asked for next: another process may know more.
    pub fn forget(&self, shown: &Shown<'_>) {
        self.seen.remove(&shown.key());
    }

    pub fn note_use(&self, token: TokenId, now: DateTime<Utc>) {
        let known = self.used.get(&token).is_some_and(|used| age(used.0, now) < USE_IS_KEPT_EACH);
        if !known {
            self.used.insert(token, (now, false));
        }
    }

    async fn write_uses(&self) -> Result<()> {
        let mut new: Vec<(TokenId, DateTime<Utc>)> =
            self.used.iter().filter(|used| !used.1).map(|used| (*used.key(), used.0)).collect();
        if new.is_empty() {
            return Ok(());
        }
        // Another process writes of the same tokens: in one order, neither waits for the other in a circle.
        new.sort_unstable();
        let mut tx = self.store.begin_write().await?;
        store::tokens_used(&mut tx.db(), &new).await?;
        tx.commit().await?;
        for (token, at) in new {
            self.used.alter(&token, |_, used| if used.0 == at { (at, true) } else { used });
        }
        Ok(())
    }
}

impl Session {
    /// Its token, or one of the duties that it was looked up with, has ended.
    fn is_over(&self, now: DateTime<Utc>) -> bool {
        let ended = |end: Option<DateTime<Utc>>| end.is_some_and(|end| end <= now);
        ended(self.ends_at) || self.user.duties.iter().any(|duty| ended(duty.ends_at))
    }
}

impl Shown<'_> {
    /// By what it is remembered. What is shown in one way is never taken for what is shown in another: all but tokens begin with
    /// a byte of their own, and a cookie's value is nobody's access token.
    fn key(&self) -> [u8; 32] {
        match self {
            Self::Token(token) => token.hash(),
            Self::Account(account) => account.hash,
            Self::Session(hash) => Token::presented(&format!("\u{1}{hash:?}")).hash(),
            Self::Certificate(names) => Token::presented(&format!("\0{}", names.join("\0"))).hash(),
        }
    }
}
