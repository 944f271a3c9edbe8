//! The provider: where its pages are (discovery), and its keys. Asked when they are first needed, when a token names a key that
//! is not known, and hourly; seldom, by one request at a time, and never so that anybody waits long. What is known is kept while
//! the provider is away. In memory only: a new process asks again.

use crate::http::{Http, PATIENCE};
use crate::keys::KeySet;
use serde::Deserialize;
use startline_foundation::clock::Clock;
use startline_foundation::config::is_trusted_address;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;
use tokio::sync::watch;

/// Between one question and the next, whoever asks with whatever tokens.
const ASKED_EVERY: Duration = Duration::from_secs(10);
/// After so long the keys are asked for again, so that one that was taken back is not believed for ever.
const OLD: Duration = Duration::from_secs(3600);
/// How long a request waits for the provider's answer.
const WAIT: Duration = Duration::from_secs(2);

/// What a provider says of itself (OpenID Connect Discovery 1.0).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Discovery {
    issuer: String,
    jwks_uri: String,
    pub authorization_endpoint: Option<String>,
    pub token_endpoint: Option<String>,
    pub end_session_endpoint: Option<String>,
    #[serde(default)]
    pub token_endpoint_auth_methods_supported: Vec<String>,
}

/// What is known of it.
#[derive(Debug, Clone)]
pub struct Known {
    pub discovery: Arc<Discovery>,
    pub keys: Arc<KeySet>,
    /// When, by the time that only runs.
    at: Duration,
}

/// What came of asking again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Renewed {
    Yes,
    /// It was asked a moment ago.
    TooSoon,
    /// No answer, or none in time.
    NoAnswer,
}

pub struct Provider {
    issuer: String,
    pub http: Http,
    clock: Clock,
    known: RwLock<Option<Known>>,
    asking: Mutex<Asking>,
    is_away: AtomicBool,
}

#[derive(Default)]
struct Asking {
    last: Option<Duration>,
    /// Some once there is an answer: whether it was a good one.
    answer: Option<watch::Receiver<Option<bool>>>,
}

impl Provider {
    pub fn new(issuer: &str, http: Http, clock: Clock) -> Arc<Self> {
        Arc::new(Self {
            issuer: issuer.to_owned(),
            http,
            clock,
            known: RwLock::default(),
            asking: Mutex::default(),
            is_away: AtomicBool::new(false),
        })
    }

    pub fn known(&self) -> Option<Known> {
        self.known.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Asks in the background when what is known is old. Nobody waits for it.
    pub fn renew_when_old(self: &Arc<Self>) {
        let at = self.known.read().unwrap_or_else(PoisonError::into_inner).as_ref().map(|known| known.at);
        if at.is_some_and(|at| self.clock.running().saturating_sub(at) >= OLD) {
            self.begin();
        }
    }

    /// Asks, or waits with whoever asks already; for a while.
    pub async fn renew(self: &Arc<Self>) -> Renewed {
        let Some(mut answer) = self.begin() else { return Renewed::TooSoon };
        match tokio::time::timeout(WAIT, answer.wait_for(Option::is_some)).await {
            Ok(Ok(good)) if *good == Some(true) => Renewed::Yes,
            _ => Renewed::NoAnswer,
        }
    }

    /// None when the provider was asked a moment ago. It is asked in a task of its own: whoever asked may be gone before it
    /// answers, and others wait for the same answer.
    pub fn begin(self: &Arc<Self>) -> Option<watch::Receiver<Option<bool>>> {
        let now = self.clock.running();
        let mut asking = self.asking.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(answer) = asking.answer.as_ref().filter(|answer| answer.has_changed().is_ok()) {
            return Some(answer.clone());
        }
        if asking.last.is_some_and(|last| now.saturating_sub(last) < ASKED_EVERY) {
            return None;
        }
        let (sender, answer) = watch::channel(None);
        *asking = Asking { last: Some(now), answer: Some(answer.clone()) };
        let provider = self.clone();
        // The sender goes with the task, and with it what says that somebody asks.
        tokio::spawn(async move {
            let good = provider.ask().await;
            let _ = sender.send(Some(good));
        });
        Some(answer)
    }

    async fn ask(&self) -> bool {
        let late = |_| Err(format!("no answer within {} seconds", PATIENCE.as_secs()));
        let answer = tokio::time::timeout(PATIENCE, self.fetch()).await.unwrap_or_else(late);
        let was_away = self.is_away.swap(answer.is_err(), Ordering::Relaxed);
        match &answer {
            Err(fault) if !was_away => {
                tracing::warn!(
                    fault,
                    "the OpenID provider cannot be asked; its known keys go on, new ones are not taken"
                );
            }
            Ok(()) if was_away => tracing::info!("the OpenID provider answers again"),
            _ => {}
        }
        answer.is_ok()
    }

    async fn fetch(&self) -> Result<(), String> {
        let at = self.clock.running();
        let page = format!("{}/.well-known/openid-configuration", self.issuer.trim_end_matches('/'));
        let discovery = self.http.get(&page).await?;
        let discovery: Discovery = serde_json::from_slice(&discovery).map_err(|fault| fault.to_string())?;
        if discovery.issuer != self.issuer {
            return Err(format!("it calls itself {:?}, and oidc.issuer is {:?}", discovery.issuer, self.issuer));
        }
        let Discovery { jwks_uri, authorization_endpoint, token_endpoint, end_session_endpoint, .. } = &discovery;
        let pages = [authorization_endpoint, token_endpoint, end_session_endpoint];
        let all = pages.into_iter().flatten().chain([jwks_uri]);
        if let Some(wrong) = all.into_iter().find(|page| !is_trusted_address(page)) {
            return Err(format!("its page {wrong:?} could be read or changed on the way"));
        }
        let published = self.http.get(jwks_uri).await?;
        // Answers are read one at a time: there is one question at a time.
        let before = self.known().map(|known| known.keys).unwrap_or_default();
        let keys = Arc::new(KeySet::read(&published, &before)?);
        let known = Known { discovery: Arc::new(discovery), keys, at };
        *self.known.write().unwrap_or_else(PoisonError::into_inner) = Some(known);
        Ok(())
    }
}
