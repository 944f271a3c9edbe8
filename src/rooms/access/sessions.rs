//! Signing in with a browser: sessions, and the passwords of those who have no account with a provider.
//!
//! What a password is worth and when a session is over is decided elsewhere; here stands what is known of them. A session is a
//! token that a browser keeps.

use super::people::{self, TokenKind, TokenLine};
use super::{Context, audit, people_store, sessions_store as store};
use chrono::{DateTime, TimeDelta, Utc};
use startline_foundation::error::{Error, Result};
use startline_foundation::formats::folded;
use startline_foundation::ids::{TokenId, UserId};
use startline_foundation::store::Db;
use std::net::IpAddr;

/// Browsers that one user may be signed in with: whoever signs in with another is signed out of the one that was used the
/// longest ago.
const MOST_SESSIONS: usize = 8;
/// So long a password that somebody else made is good.
pub const FIRST_PASSWORD_LASTS: TimeDelta = TimeDelta::days(7);
/// Addresses that an account is remembered to have signed in from, the newest.
const MOST_PLACES: u16 = 16;

startline_foundation::formats::words! {
    /// How somebody showed who they are when they signed in with a browser.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub enum SignedInBy {
        Password = "password",
        Provider = "provider",
    }
}

/// A password as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptPassword {
    pub user: UserId,
    /// A PHC string of argon2id.
    pub hash: String,
    /// Made by somebody else, and good until then for nothing but making another.
    pub first_until: Option<DateTime<Utc>>,
}

/// The password of the user of this name, who is not disabled: of exactly this name, else of the only one whose name is the same
/// but for capitals and accents.
pub async fn password_of(db: &mut Db<'_>, name: &str) -> Result<Option<KeptPassword>> {
    if let Some(kept) = store::password_of(db, name).await? {
        return Ok(Some(kept));
    }
    let alike = folded(name);
    let all = store::names_with_password(db).await?;
    let mut found = all.iter().filter(|known| folded(known) == alike);
    match (found.next(), found.next()) {
        (Some(known), None) => store::password_of(db, known).await,
        _ => Ok(None),
    }
}

/// Signs in whoever asks, with a browser that keeps what has this hash. `ends_at`: when it is over at the latest.
pub async fn begin_session(
    db: &mut Db<'_>,
    context: &Context,
    by: SignedInBy,
    hash: &[u8; 32],
    ends_at: DateTime<Utc>,
) -> Result<TokenLine> {
    people_store::alone(db).await?;
    let user = context.user.id;
    let mut held = people::held_tokens(db, user, TokenKind::Session, context.now).await?;
    held.sort_by_key(|held| held.last_used_at.unwrap_or(held.created.1));
    let too_many = (held.len() + 1).saturating_sub(MOST_SESSIONS);
    for oldest in &held[..too_many] {
        people_store::revoke_token(db, oldest.id, (user, context.now)).await?;
    }
    let line = TokenLine {
        id: TokenId::fresh(context.now),
        user,
        name: by.as_str().to_owned(),
        created: (user, context.now),
        ends_at,
        revoked: None,
        last_used_at: None,
        kind: TokenKind::Session,
    };
    people_store::insert_token(db, &line, hash).await?;
    audit(db, context, "signed_in", "user", &user).await?;
    if too_many > 0 {
        people_store::tell(db, user).await?;
    }
    Ok(line)
}

/// Signs out of one browser. Once is enough.
pub async fn end_session(db: &mut Db<'_>, context: &Context, session: TokenId) -> Result<()> {
    people_store::alone(db).await?;
    people_store::revoke_token(db, session, (context.user.id, context.now)).await?;
    people::changed(db, context, context.user.id, "signed_out").await
}

/// Signs somebody out of every browser, and has their accounts' tokens refused that the provider made before now. Their own
/// access tokens go on: those are revoked one by one.
///
/// # Errors
/// `NotFound`.
pub async fn sign_out_everywhere(db: &mut Db<'_>, context: &Context, user: UserId) -> Result<()> {
    people_store::alone(db).await?;
    people::existing(db, user).await?;
    people_store::revoke_sessions(db, user, None, (context.user.id, context.now)).await?;
    store::set_signed_out(db, user, context.now).await?;
    people::changed(db, context, user, "signed_out_everywhere").await
}

/// Somebody's own new password. Browsers that they signed in with, but for the one they do it with, are signed out.
pub async fn set_password(db: &mut Db<'_>, context: &Context, hash: &str, session: TokenId) -> Result<()> {
    people_store::alone(db).await?;
    let user = context.user.id;
    store::set_password(db, user, hash, context.now, None).await?;
    people_store::revoke_sessions(db, user, Some(session), (user, context.now)).await?;
    people::changed(db, context, user, "password_changed").await
}

/// A password that somebody else made, to begin with, or because theirs was forgotten: it opens nothing but the page at which
/// they make their own. All their browsers are signed out.
///
/// # Errors
/// `NotFound`; `Illegal` for somebody disabled.
pub async fn set_first_password(db: &mut Db<'_>, context: &Context, user: UserId, hash: &str) -> Result<DateTime<Utc>> {
    people_store::alone(db).await?;
    if people::existing(db, user).await?.disabled.is_some() {
        return Err(Error::illegal("USER_DISABLED", "this user is disabled: enable them first"));
    }
    let until = context.now + FIRST_PASSWORD_LASTS;
    store::set_password(db, user, hash, context.now, Some(until)).await?;
    people_store::revoke_sessions(db, user, None, (context.user.id, context.now)).await?;
    people::changed(db, context, user, "first_password_made").await?;
    Ok(until)
}

/// A password that need not be changed first: of somebody invented, whose password is everybody's.
pub async fn set_invented_password(db: &mut Db<'_>, context: &Context, user: UserId, hash: &str) -> Result<()> {
    people_store::alone(db).await?;
    store::set_password(db, user, hash, context.now, None).await?;
    people::changed(db, context, user, "invented_password_made").await
}

/// The same password, kept in a way that costs more to guess.
pub async fn renew_hash(db: &mut Db<'_>, user: UserId, was: &str, hash: &str) -> Result<()> {
    store::renew_hash(db, user, was, hash).await
}

/// Their password was right, from this address.
pub async fn signed_in_from(db: &mut Db<'_>, user: UserId, from: IpAddr, now: DateTime<Utc>) -> Result<()> {
    store::signed_in_from(db, user, &from.to_string(), now).await?;
    store::forget_places(db, user, MOST_PLACES).await
}

/// Names with addresses that they signed in from since then, the newest first.
pub async fn familiar_places(db: &mut Db<'_>, since: DateTime<Utc>, most: i32) -> Result<Vec<(String, IpAddr)>> {
    let places = store::familiar_places(db, since, most).await?;
    Ok(places.into_iter().filter_map(|(name, address)| Some((name, address.parse().ok()?))).collect())
}

/// Forgets sessions that began so long ago that nobody asks about them, and from where nobody has signed in since.
pub async fn forget_sessions(db: &mut Db<'_>, now: DateTime<Utc>) -> Result<u64> {
    const KEPT_FOR: TimeDelta = TimeDelta::days(90);
    store::forget_old_places(db, now - KEPT_FOR).await?;
    people_store::forget_sessions(db, now - KEPT_FOR).await
}
