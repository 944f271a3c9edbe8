//! Signing in and out with a browser: by the organisation's provider where it knows this service as a client, else by a name and
//! a password, which is for trials and small sites. A door shows the pages and carries the cookies; what they mean is told here.
//!
//! A session's rules are `identity`'s, what is known of it is `access`'s. Neither knows of calls: nobody is signed out while
//! they speak with somebody.

use crate::Service;
use crate::mutation::Work;
use chrono::{DateTime, TimeDelta, Utc};
use startline_foundation::clock::Clock;
use startline_foundation::error::{Error, Result};
use startline_foundation::formats::Language;
use startline_foundation::store::Store;
use startline_identity::attempts::{Attempts, Decision, Most};
use startline_identity::password::{NotGood, Passwords, check_new};
use startline_identity::session::{Cookies, Limits, SessionToken};
use startline_identity::{CodeFlow, Pending, Refused};
use startline_rooms::access::{self, BrowserSession, Context, Sees, Session, Shown, SignedInBy, User};
use startline_rooms::records;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// Longer than any name of ours; nothing longer is looked for.
const LONGEST_NAME: usize = 200;
/// So long an address is one that an account has signed in from.
const FAMILIAR_FOR: TimeDelta = TimeDelta::days(90);

/// How browsers sign in here.
pub struct Browsers {
    pub cookies: Cookies,
    way: Way,
    limits: Limits,
}

enum Way {
    Provider(CodeFlow),
    Passwords(Box<ByPassword>),
    /// The provider knows this service by its tokens alone.
    None,
}

struct ByPassword {
    passwords: Passwords,
    attempts: Mutex<Attempts>,
}

/// By what a page lets somebody sign in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Offered {
    Provider,
    Passwords,
    Nothing,
}

/// Why somebody is not signed in.
#[derive(Debug)]
pub enum NotSignedIn {
    /// There is no such user, or it is not their password, or they have none: nobody is told which.
    Wrong,
    /// This name was tried too often; not before so long is it looked at again.
    Wait(Duration),
    /// It was the password that somebody else made for them, and its time is over.
    FirstPasswordOver,
    /// The provider did not vouch for them.
    Refused(Refused),
    /// The provider vouches for them, and none of their groups may do anything here.
    NobodyHere,
    /// Their new password is none to have.
    NotGood(NotGood),
    Fault(Error),
}

impl From<Error> for NotSignedIn {
    fn from(fault: Error) -> Self {
        Self::Fault(fault)
    }
}

impl Browsers {
    /// By the provider.
    pub fn with_provider(flow: Option<CodeFlow>, public_url: &str, limits: Limits) -> Self {
        Self { cookies: Cookies::of(public_url), way: flow.map_or(Way::None, Way::Provider), limits }
    }

    /// By names and passwords.
    ///
    /// # Errors
    /// `Unavailable` when the database cannot be asked from where people have signed in before.
    pub async fn with_passwords(store: &Store, clock: &Clock, public_url: &str, limits: Limits) -> Result<Self> {
        let most = Most::default();
        let known = i32::try_from(most.familiar).unwrap_or(i32::MAX);
        let since = clock.now() - FAMILIAR_FOR;
        let places = access::familiar_places(&mut store.read().await?.db(), since, known).await?;
        let mut attempts = Attempts::remembering(most);
        // The newest is remembered last, and so for the longest.
        for (name, from) in places.into_iter().rev() {
            attempts.seen_before(&name, from, clock.running());
        }
        let way = ByPassword { passwords: Passwords::new()?, attempts: Mutex::new(attempts) };
        Ok(Self { cookies: Cookies::of(public_url), way: Way::Passwords(Box::new(way)), limits })
    }

    pub fn offered(&self) -> Offered {
        match &self.way {
            Way::Provider(_) => Offered::Provider,
            Way::Passwords(_) => Offered::Passwords,
            Way::None => Offered::Nothing,
        }
    }

    /// The provider's page that ends its own sign-in, and comes back to `after`.
    pub fn provider_sign_out(&self, after: &str) -> Option<String> {
        match &self.way {
            Way::Provider(flow) => flow.end_session(after),
            Way::Passwords(_) | Way::None => None,
        }
    }
}

impl Service {
    /// Whose browser this is. `is_use`: somebody asks for something, rather than a page by itself.
    ///
    /// # Errors
    /// `Unauthenticated` when nobody is signed in with it any more; `Unavailable` when that cannot be found out.
    pub async fn browser_session(
        &self,
        browsers: &Browsers,
        token: &SessionToken,
        is_use: bool,
    ) -> Result<(Arc<Session>, BrowserSession)> {
        let (now, hash) = (self.clock.now(), token.hash());
        let shown = Shown::Session(&hash);
        let (mut session, mut browser) = self.known_browser(&shown, now).await?;
        if self.is_past(browsers, &session.user, &browser, now) {
            // Another process may have been asked for something meanwhile.
            self.directory.forget(&shown);
            (session, browser) = self.known_browser(&shown, now).await?;
            if self.is_past(browsers, &session.user, &browser, now) {
                self.sign_out(&session.user, &browser).await?;
                return Err(Error::Unauthenticated);
            }
        }
        if is_use {
            self.directory.note_use(browser.token, now);
        }
        Ok((session, browser))
    }

    async fn known_browser(&self, shown: &Shown<'_>, now: DateTime<Utc>) -> Result<(Arc<Session>, BrowserSession)> {
        let session = self.directory.authenticate(shown, now).await?;
        let browser = session.browser.clone().ok_or(Error::Unauthenticated)?;
        Ok((session, browser))
    }

    fn is_past(&self, browsers: &Browsers, user: &User, browser: &BrowserSession, now: DateTime<Utc>) -> bool {
        let seen_at = self.directory.seen_at(browser);
        let in_call = || self.switchboard.network().desk_view(user.id).is_ok_and(|desk| desk.is_busy());
        browsers.limits.are_past(browser.began_at, seen_at, now, false)
            && browsers.limits.are_past(browser.began_at, seen_at, now, in_call())
    }

    /// Signs somebody in by their name and password, from this address. What they get is for their browser's cookie.
    ///
    /// # Errors
    /// Why not.
    pub async fn sign_in_with_password(
        &self,
        browsers: &Browsers,
        name: &str,
        password: &str,
        from: IpAddr,
    ) -> Result<SessionToken, NotSignedIn> {
        let name = name.trim();
        let Some((user, kept)) = self.right_password(browsers, name, password, from).await? else {
            self.counts.sign_in(SignedInBy::Password, false);
            tracing::info!(%from, "a sign-in was refused: no such name, or another password");
            return Err(NotSignedIn::Wrong);
        };
        if kept.first_until.is_some_and(|until| until <= self.clock.now()) {
            return Err(NotSignedIn::FirstPasswordOver);
        }
        let token = self.begin_session(browsers, user, SignedInBy::Password, Some(from)).await?;
        Ok(token)
    }

    /// The user whose password it is. What is asked for too often is not looked at.
    async fn right_password(
        &self,
        browsers: &Browsers,
        name: &str,
        password: &str,
        from: IpAddr,
    ) -> Result<Option<(User, access::KeptPassword)>, NotSignedIn> {
        let Way::Passwords(way) = &browsers.way else { return Err(NotSignedIn::Wrong) };
        let ByPassword { passwords, attempts } = &**way;
        if name.is_empty() || name.len() > LONGEST_NAME {
            return Ok(None);
        }
        let asked = attempts.lock().unwrap_or_else(PoisonError::into_inner).ask(name, from, self.clock.running());
        let lane = match asked {
            Decision::Wait(left) => {
                self.guessing.tell("web", &format!("a name's password is tried again and again, at last from {from}"));
                return Err(NotSignedIn::Wait(left));
            }
            Decision::Go { after, lane } => {
                tokio::time::sleep(after).await;
                lane
            }
        };
        let kept = access::password_of(&mut self.read().await?.db(), name).await?;
        let is_right = passwords.verify(kept.as_ref().map(|kept| kept.hash.as_str()), password, lane).await?;
        let Some(kept) = kept.filter(|_| is_right) else { return Ok(None) };
        attempts.lock().unwrap_or_else(PoisonError::into_inner).succeeded(name, from, self.clock.running());
        if !passwords.is_current(&kept.hash) {
            let hash = passwords.hash(password).await?;
            let (user, was) = (kept.user, kept.hash.clone());
            let renew = |mut work: Work| {
                let (was, hash) = (was.clone(), hash.clone());
                async move {
                    access::renew_hash(&mut work.db(), user, &was, &hash).await?;
                    work.done(())
                }
            };
            self.runner.transact(renew).await?;
        }
        let user = access::user(&mut self.read().await?.db(), kept.user).await?;
        Ok(Some((user, kept)))
    }

    /// Where to send a browser that signs in with the provider, and what it has to bring back.
    ///
    /// # Errors
    /// Why not.
    pub async fn begin_at_provider(&self, browsers: &Browsers) -> Result<(String, Pending), NotSignedIn> {
        let Way::Provider(flow) = &browsers.way else { return Err(NotSignedIn::Wrong) };
        flow.begin(self.clock.now()).await.map_err(NotSignedIn::Refused)
    }

    /// Signs in whoever came back from the provider with this code.
    ///
    /// # Errors
    /// Why not.
    pub async fn sign_in_from_provider(
        &self,
        browsers: &Browsers,
        state: &str,
        code: &str,
        pending: &Pending,
    ) -> Result<SessionToken, NotSignedIn> {
        let (Way::Provider(flow), Some(sign_in)) = (&browsers.way, &self.sign_in) else {
            return Err(NotSignedIn::Wrong);
        };
        let now = self.clock.now();
        let vouched = flow.finish(state, code, pending, now).await;
        let identity = vouched.map_err(|refused| {
            self.counts.sign_in(SignedInBy::Provider, false);
            NotSignedIn::Refused(refused)
        })?;
        // A key of its own, since nobody can show this account again.
        let account = sign_in.account_of(&identity, SessionToken::fresh().hash(), now);
        let shown = Shown::Account(&account);
        let known = self.directory.authenticate(&shown, now).await;
        self.directory.forget(&shown);
        let user = match known {
            Ok(session) => session.user.clone(),
            Err(Error::Unauthenticated) => {
                self.counts.sign_in(SignedInBy::Provider, false);
                return Err(NotSignedIn::NobodyHere);
            }
            Err(fault) => return Err(fault.into()),
        };
        Ok(self.begin_session(browsers, user, SignedInBy::Provider, None).await?)
    }

    async fn begin_session(
        &self,
        browsers: &Browsers,
        user: User,
        by: SignedInBy,
        from: Option<IpAddr>,
    ) -> Result<SessionToken> {
        let (token, id) = (SessionToken::fresh(), user.id);
        let (hash, lasts) = (token.hash(), browsers.limits.absolute);
        let begin = |mut work: Work| async move {
            let (mut db, context) = work.parts();
            access::begin_session(&mut db, context, by, &hash, context.now + lasts).await?;
            if let Some(from) = from {
                access::signed_in_from(&mut db, id, from, context.now).await?;
            }
            work.done(())
        };
        self.runner.transact_for(&self.context_of(&user), begin).await?;
        self.counts.sign_in(by, true);
        tracing::info!(user_id = %id, by = by.as_str(), "somebody signed in with a browser");
        Ok(token)
    }

    /// Signs out of one browser. What was asked for outside of one's work is closed with it.
    pub async fn sign_out(&self, user: &User, browser: &BrowserSession) -> Result<()> {
        let token = browser.token;
        let end = |mut work: Work| async move {
            let (mut db, context) = work.parts();
            access::end_session(&mut db, context, token).await?;
            records::end_requests(&mut db, context).await?;
            work.done(())
        };
        self.runner.transact_for(&self.context_of(user), end).await
    }

    /// Signs somebody out of all their browsers, and has what their provider vouched for before now refused.
    pub async fn sign_out_everywhere(&self, user: &User) -> Result<()> {
        let id = user.id;
        let end = |mut work: Work| async move {
            let (mut db, context) = work.parts();
            access::sign_out_everywhere(&mut db, context, id).await?;
            records::end_requests(&mut db, context).await?;
            work.done(())
        };
        self.runner.transact_for(&self.context_of(user), end).await
    }

    /// Somebody's own new password, from the browser that they are signed in with.
    ///
    /// # Errors
    /// `Wrong` when the one that they have is not the one that they typed; `NotGood` with what is wrong with the new one.
    pub async fn change_password(
        &self,
        browsers: &Browsers,
        user: &User,
        browser: &BrowserSession,
        (old, new): (&str, &str),
        from: IpAddr,
    ) -> Result<(), NotSignedIn> {
        let Way::Passwords(way) = &browsers.way else { return Err(NotSignedIn::Wrong) };
        let definition = self.definitions.current();
        let sites =
            definition.sites.iter().flat_map(|site| [site.id.as_str(), site.name.in_language(Language::English)]);
        let places: Vec<&str> = sites.chain(definition.offices.iter().map(|office| office.town.as_str())).collect();
        check_new(new, &user.name, &places).map_err(NotSignedIn::NotGood)?;
        if old == new {
            return Err(NotSignedIn::NotGood(NotGood::Same));
        }
        let right = self.right_password(browsers, &user.name, old, from).await?;
        if right.is_none_or(|(owner, _)| owner.id != user.id) {
            return Err(NotSignedIn::Wrong);
        }
        let (hash, token) = (way.passwords.hash(new).await?, browser.token);
        let set = |mut work: Work| {
            let hash = hash.clone();
            async move {
                let (mut db, context) = work.parts();
                access::set_password(&mut db, context, &hash, token).await?;
                work.done(())
            }
        };
        Ok(self.runner.transact_for(&self.context_of(user), set).await?)
    }

    /// Under whose name something is done that they ask for themselves.
    fn context_of(&self, user: &User) -> Context {
        Context {
            now: self.clock.now(),
            user: user.clone(),
            request_id: None,
            language: Language::English,
            sees: Sees::NOTHING,
        }
    }
}

/// A password to begin with, for somebody else: it is shown once, to whoever hands it over, and kept as what this returns.
///
/// # Errors
/// A fault of ours.
pub async fn first_password() -> Result<(String, String)> {
    let password = startline_identity::password::first_password();
    let hash = Passwords::new()?.hash(&password).await?;
    Ok((password, hash))
}
