//! People: who there is, what each may do where and until when, and how they show who they are.
//!
//! Whatever changes here is heard by every process within a second ([`super::Directory`]). A duty or a token that was
//! taken back stays, with who took it and when; of an identity that was removed the audit alone tells.

use super::duty::{Duty, GivenDuty};
use super::role::{Role, Roles};
use super::user::{self, SYSTEM_USER, User};
use super::{Context, Token, audit, people_store as store};
use chrono::{DateTime, TimeDelta, Utc};
use startline_foundation::error::{Error, Limit, Result};
use startline_foundation::formats::{plain_text, required_line};
use startline_foundation::ids::{DutyId, SiteId, TokenId, UserId};
use startline_foundation::store::Db;

/// Longest name of a user, and of a token or an identity, in characters.
pub const NAME_CHARS: usize = 70;
const TOKEN_NAME_CHARS: usize = 40;
const IDENTITY_CHARS: usize = 256;
/// Tokens of one user that hold at the same time: two overlap while one is replaced, on several machines.
const MOST_TOKENS: usize = 16;
/// Duties of one user that have not ended.
const MOST_DUTIES: usize = 32;
/// No token holds for longer.
pub const LONGEST_TOKEN: TimeDelta = TimeDelta::days(3660);
/// How long a token holds where nothing else is said.
pub const USUAL_TOKEN: TimeDelta = TimeDelta::days(90);
/// A token's name where none is given.
const FIRST_TOKEN: &str = "first";

/// What is known of an access token. The token itself was shown once, and is nowhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenLine {
    pub id: TokenId,
    pub user: UserId,
    /// What it is for, or on which machine.
    pub name: String,
    pub created: (UserId, DateTime<Utc>),
    pub ends_at: DateTime<Utc>,
    pub revoked: Option<(UserId, DateTime<Utc>)>,
    /// To the minute.
    pub last_used_at: Option<DateTime<Utc>>,
    pub kind: TokenKind,
}

startline_foundation::formats::words! {
    /// Where a token is kept.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub enum TokenKind {
        /// By a program, or by somebody who gives it to one.
        Key = "key",
        /// In a browser's cookie, since somebody signed in there.
        Session = "session",
    }
}

/// By what a user is known elsewhere.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Identity {
    pub kind: IdentityKind,
    /// A certificate's subject alternative name; an account as `ISSUER SUBJECT`.
    pub name: String,
}

startline_foundation::formats::words! {
    /// Who vouches for an identity.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub enum IdentityKind {
        /// Whoever signs client certificates.
        Certificate = "certificate",
        /// The organisation's OpenID provider.
        Account = "account",
    }
}

/// Everything about somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    pub user: User,
    pub created_at: DateTime<Utc>,
    pub disabled: Option<(Option<UserId>, DateTime<Utc>)>,
    /// Those that hold, those to come and those that are over, the oldest first.
    pub duties: Vec<GivenDuty>,
    pub tokens: Vec<TokenLine>,
    /// Browsers that they signed in with, those that they signed out of as well.
    pub sessions: Vec<TokenLine>,
    pub identities: Vec<Identity>,
}

/// Somebody to be added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewUser {
    pub name: String,
    /// Where they work; their first duty's site when none.
    pub site: Option<SiteId>,
    pub duties: Vec<Duty>,
    pub skills: Vec<String>,
}

/// Adds somebody with one role at a site, and makes their first token, as the command line does. The token is in what this
/// returns and nowhere else. An adviser can take calls and make call-backs unless `skills` name one of them.
pub async fn add_user(
    db: &mut Db<'_>,
    name: &str,
    role: Role,
    site: Option<SiteId>,
    skills: &[String],
    now: DateTime<Utc>,
) -> Result<(User, Token)> {
    if role.works_at_a_site() && site.is_none() {
        return Err(Error::invalid("site", format!("a user with the role {role} works at a site: name it")));
    }
    let duties = vec![Duty::new(role, site.clone(), now)];
    let new = NewUser { name: name.to_owned(), site, duties, skills: skills.to_vec() };
    let context = super::system_context(db, now).await?;
    let user = add(db, &context, new).await?;
    let (_, token) = new_token(db, &context, user.id, FIRST_TOKEN, now + USUAL_TOKEN).await?;
    Ok((user, token))
}

/// Adds somebody, who has no token yet. Their duties are checked already ([`Duty::check`]).
///
/// # Errors
/// `Invalid` when the name is taken, or a skill is no word.
pub async fn add(db: &mut Db<'_>, context: &Context, new: NewUser) -> Result<User> {
    let name = a_name(&new.name)?;
    let given = user::check_skills(&new.skills)?;
    if new.duties.is_empty() || new.duties.len() > MOST_DUTIES {
        return Err(Error::invalid("duties", format!("are needed: what may they do? At most {MOST_DUTIES}")));
    }
    let site = new.site.or_else(|| new.duties.iter().find_map(|duty| duty.site.clone()));
    let roles: Roles = new.duties.iter().map(|duty| duty.role).collect();
    let skills = user::skills_of(roles, &given);
    let user = User { id: UserId::fresh(context.now), name, site, roles, duties: new.duties, skills };
    if !store::insert_user(db, &user, &given, context.now).await? {
        return Err(Error::invalid("name", format!("there is a user called {} already", user.name)));
    }
    for duty in &user.duties {
        store::insert_duty(db, user.id, duty, context).await?;
    }
    audit(db, context, "user_added", "user", &user.id).await?;
    Ok(user)
}

/// Another name, site or other skills; what is `None` stays.
///
/// # Errors
/// `NotFound`; `Invalid` when the name is taken, or a skill is no word.
pub async fn change(
    db: &mut Db<'_>,
    context: &Context,
    id: UserId,
    name: Option<&str>,
    site: Option<SiteId>,
    skills: Option<&[String]>,
) -> Result<Person> {
    let name = name.map(a_name).transpose()?;
    let skills = skills.map(user::check_skills).transpose()?;
    store::alone(db).await?;
    existing(db, id).await?;
    if !store::update_user(db, id, name.as_deref(), site.as_ref(), skills.as_deref()).await? {
        return Err(Error::invalid("name", "is another user's already"));
    }
    changed(db, context, id, "user_changed").await?;
    person(db, id).await
}

/// Gives somebody a role at a place. It is checked already ([`Duty::check`]).
///
/// # Errors
/// `NotFound`; `Exhausted` when they have as many as one may have.
pub async fn give(db: &mut Db<'_>, context: &Context, id: UserId, duty: Duty) -> Result<GivenDuty> {
    store::alone(db).await?;
    existing(db, id).await?;
    let has = store::duties(db, id).await?;
    if has.iter().filter(|given| given.taken.is_none()).count() >= MOST_DUTIES {
        let message = format!("one user has at most {MOST_DUTIES} duties: take one back first");
        return Err(Error::exhausted(message, Limit::BY_HAND));
    }
    store::insert_duty(db, id, &duty, context).await?;
    changed(db, context, id, "duty_given").await?;
    Ok(GivenDuty { duty, given: (context.user.id, context.now), taken: None })
}

/// Takes a duty back, at once.
///
/// # Errors
/// `NotFound`; `Illegal` when it is over already, or nobody would be left to look after people.
pub async fn take(db: &mut Db<'_>, context: &Context, duty: DutyId) -> Result<UserId> {
    store::alone(db).await?;
    let Some((user, given)) = store::duty(db, duty).await? else {
        return Err(Error::not_found(DutyId::WHAT, duty));
    };
    if given.taken.is_some() {
        return Err(Error::illegal("DUTY_OVER", "this duty is over already"));
    }
    if given.duty.role == Role::Admin {
        another_administrator(db, context.now, user, Some(duty)).await?;
    }
    store::end_duty(db, duty, context.user.id, context.now).await?;
    changed(db, context, user, "duty_taken").await?;
    Ok(user)
}

/// Puts somebody out, at once: their tokens are refused from now on, and what they look at ends.
///
/// # Errors
/// `NotFound`; `Illegal` when they are out already, or nobody would be left to look after people.
pub async fn disable(db: &mut Db<'_>, context: &Context, id: UserId) -> Result<Person> {
    store::alone(db).await?;
    if existing(db, id).await?.disabled.is_some() {
        return Err(Error::illegal("USER_DISABLED", "this user is disabled already"));
    }
    another_administrator(db, context.now, id, None).await?;
    store::set_disabled(db, id, Some((context.user.id, context.now))).await?;
    // Whoever is let in again signs in anew.
    store::revoke_sessions(db, id, None, (context.user.id, context.now)).await?;
    changed(db, context, id, "user_disabled").await?;
    person(db, id).await
}

/// Lets them in again, with the duties and tokens that still hold.
///
/// # Errors
/// `NotFound`; `Illegal` when they are not disabled.
pub async fn enable(db: &mut Db<'_>, context: &Context, id: UserId) -> Result<Person> {
    store::alone(db).await?;
    if existing(db, id).await?.disabled.is_none() || id == SYSTEM_USER {
        return Err(Error::illegal("USER_NOT_DISABLED", "this user is not disabled"));
    }
    store::set_disabled(db, id, None).await?;
    changed(db, context, id, "user_enabled").await?;
    person(db, id).await
}

/// Makes another token. Those that there are go on until they end or are revoked.
///
/// # Errors
/// `NotFound`; `Invalid` for a name that another of their tokens has or an end that cannot be; `Illegal` for somebody
/// disabled; `Exhausted` when they have as many as one may have.
pub async fn new_token(
    db: &mut Db<'_>,
    context: &Context,
    id: UserId,
    name: &str,
    ends_at: DateTime<Utc>,
) -> Result<(TokenLine, Token)> {
    let name = required_line("name", name, TOKEN_NAME_CHARS, "is needed: where is the token used?")?;
    if ends_at <= context.now || ends_at > context.now + LONGEST_TOKEN {
        let most = LONGEST_TOKEN.num_days();
        return Err(Error::invalid("end_time", format!("must be to come, and at most {most} days away")));
    }
    store::alone(db).await?;
    if existing(db, id).await?.disabled.is_some() {
        return Err(Error::illegal("USER_DISABLED", "this user is disabled: enable them first"));
    }
    let held = held_tokens(db, id, TokenKind::Key, context.now).await?;
    if held.iter().any(|held| held.name == name) {
        return Err(Error::invalid("name", "is the name of a token that they have: give this one another"));
    }
    if held.len() >= MOST_TOKENS {
        let message = format!("one user has at most {MOST_TOKENS} tokens: revoke one first");
        return Err(Error::exhausted(message, Limit::BY_HAND));
    }
    let token = Token::random();
    let line = TokenLine {
        id: TokenId::fresh(context.now),
        user: id,
        name,
        created: (context.user.id, context.now),
        ends_at,
        revoked: None,
        last_used_at: None,
        kind: TokenKind::Key,
    };
    store::insert_token(db, &line, &token.hash()).await?;
    audit(db, context, "token_made", "user", &id).await?;
    Ok((line, token))
}

/// Their tokens of this kind that hold now.
pub(super) async fn held_tokens(
    db: &mut Db<'_>,
    id: UserId,
    kind: TokenKind,
    now: DateTime<Utc>,
) -> Result<Vec<TokenLine>> {
    let tokens = store::tokens(db, id).await?;
    Ok(tokens.into_iter().filter(|held| held.kind == kind && held.holds(now)).collect())
}

/// Tokens that will be refused within so long, and whose users may still ask: a telephone switch has no eyes for the day.
pub async fn tokens_ending(db: &mut Db<'_>, now: DateTime<Utc>, within: TimeDelta) -> Result<Vec<TokenLine>> {
    store::tokens_ending(db, now, now + within).await
}

/// Whoever shows it is refused from now on.
///
/// # Errors
/// `NotFound`; `Illegal` when it was revoked before.
pub async fn revoke_token(db: &mut Db<'_>, context: &Context, id: TokenId) -> Result<TokenLine> {
    store::alone(db).await?;
    let token = store::token(db, id).await?.ok_or_else(|| Error::not_found(TokenId::WHAT, id))?;
    if token.revoked.is_some() {
        return Err(Error::illegal("TOKEN_REVOKED", "this token was revoked before"));
    }
    let revoked = (context.user.id, context.now);
    store::revoke_token(db, id, revoked).await?;
    changed(db, context, token.user, "token_revoked").await?;
    Ok(TokenLine { revoked: Some(revoked), ..token })
}

/// Makes a user known by a name in client certificates, or by an account.
///
/// # Errors
/// `NotFound`; `Invalid` when it is another user's, or no name.
pub async fn add_identity(db: &mut Db<'_>, context: &Context, id: UserId, identity: &Identity) -> Result<Person> {
    store::alone(db).await?;
    let name = identity_name(identity)?;
    existing(db, id).await?;
    if !store::insert_identity(db, id, identity.kind, &name, context).await? {
        return Err(Error::invalid("name", "is known already: a name stands for one user"));
    }
    changed(db, context, id, "identity_added").await?;
    person(db, id).await
}

fn identity_name(identity: &Identity) -> Result<String> {
    required_line("identity.name", &identity.name, IDENTITY_CHARS, "is needed: by what are they known?")
}

/// # Errors
/// `NotFound` when they are not known by it.
pub async fn remove_identity(db: &mut Db<'_>, context: &Context, id: UserId, identity: &Identity) -> Result<Person> {
    store::alone(db).await?;
    let identity = &Identity { name: identity_name(identity)?, ..identity.clone() };
    existing(db, id).await?;
    if !store::delete_identity(db, id, identity).await? {
        return Err(Error::not_found("identity of this user", &identity.name));
    }
    changed(db, context, id, "identity_removed").await?;
    person(db, id).await
}

/// Everything about somebody, disabled or not.
///
/// # Errors
/// `NotFound`.
pub async fn person(db: &mut Db<'_>, id: UserId) -> Result<Person> {
    let known = existing(db, id).await?;
    let duties = store::duties(db, id).await?;
    let (tokens, sessions) = store::tokens(db, id).await?.into_iter().partition(|token| token.kind == TokenKind::Key);
    let identities = store::identities(db, id).await?;
    Ok(Person { duties, tokens, sessions, identities, ..known })
}

/// Whether there is something to write down by [`end_duties`].
pub async fn have_duties_ended(db: &mut Db<'_>, now: DateTime<Utc>) -> Result<bool> {
    Ok(!store::duties_ended(db, now).await?.is_empty())
}

/// Ends duties and tells of it, where their end has come. What has ended is refused before this: this only writes it down.
pub async fn end_duties(db: &mut Db<'_>, context: &Context) -> Result<usize> {
    let ended = store::duties_ended(db, context.now).await?;
    if ended.is_empty() {
        return Ok(0);
    }
    store::alone(db).await?;
    for (duty, user) in &ended {
        store::end_duty(db, *duty, context.user.id, context.now).await?;
        changed(db, context, *user, "duty_ended").await?;
    }
    Ok(ended.len())
}

/// Somebody who may look after people: so nobody is there yet when there is none.
pub async fn has_administrator(db: &mut Db<'_>, now: DateTime<Utc>) -> Result<bool> {
    store::has_administrator(db, now, None, None).await
}

impl TokenLine {
    pub fn holds(&self, now: DateTime<Utc>) -> bool {
        self.revoked.is_none() && now < self.ends_at
    }
}

/// # Errors
/// `Illegal` when nobody but this user, or nobody without this duty, could look after people for good.
async fn another_administrator(db: &mut Db<'_>, now: DateTime<Utc>, user: UserId, duty: Option<DutyId>) -> Result<()> {
    let is_one = store::duties(db, user)
        .await?
        .iter()
        .any(|given| given.taken.is_none() && given.duty.role == Role::Admin && given.duty.holds(now));
    if !is_one || store::has_administrator(db, now, Some(user), duty).await? {
        return Ok(());
    }
    let sentence = "nobody else could look after people then: make another administrator first, without an end";
    Err(Error::illegal("LAST_ADMINISTRATOR", sentence))
}

/// The user with this id, without their duties, tokens and identities.
pub(super) async fn existing(db: &mut Db<'_>, id: UserId) -> Result<Person> {
    store::person(db, id).await?.ok_or_else(|| Error::not_found(UserId::WHAT, id))
}

/// Leaves it in the audit trail, and tells every process.
pub(super) async fn changed(db: &mut Db<'_>, context: &Context, id: UserId, what: &'static str) -> Result<()> {
    audit(db, context, what, "user", &id).await?;
    store::tell(db, id).await
}

pub(super) fn a_name(given: &str) -> Result<String> {
    let name = plain_text(given, NAME_CHARS).map_err(|reason| Error::invalid("name", reason))?;
    if name.is_empty() { Err(Error::invalid("name", "is needed")) } else { Ok(name) }
}
