//! Who asks, what they may do, and what was done.
//!
//! Stores users with their duties, tokens and browsers' sessions (only as hashes), passwords (as argon2id) and identities, the audit trail, and the first answer to every mutation. All of it is durable
//! before it is acknowledged. The directory of recently seen tokens is memory only, and is rebuilt as people ask.

mod accounts;
mod directory;
mod duty;
mod erasing_store;
mod marks;
mod offices_store;
mod people;
mod people_store;
mod requests;
mod role;
mod sessions;
mod sessions_store;
mod store;
mod token;
mod user;
mod walls;

pub use accounts::Account;
pub use directory::{BrowserSession, Directory, Session, Shown};
pub use duty::{Duty, GivenDuty};
pub use erasing_store::{
    audit_up_to, duties_over, erase_audit_up_to, erase_duties, erase_tokens, forget_answer, forget_answers_naming,
    has_line as has_audit_line, requests_about, tokens_over,
};
pub use marks::Sees;
pub use offices_store::push_seen;
pub use people::{
    Identity, IdentityKind, LONGEST_TOKEN, NewUser, Person, TokenKind, TokenLine, USUAL_TOKEN, add, add_identity,
    add_user, change, disable, enable, end_duties, give, has_administrator, have_duties_ended, new_token, person,
    remove_identity, revoke_token, take, tokens_ending,
};
pub use requests::{Replay, claim_request, forget_old_requests, keep_response};
pub use role::{Role, Roles, TAKES_CALLS};
pub use sessions::{
    FIRST_PASSWORD_LASTS, KeptPassword, SignedInBy, begin_session, end_session, familiar_places, forget_sessions,
    password_of, renew_hash, set_first_password, set_invented_password, set_password, sign_out_everywhere,
    signed_in_from,
};
pub use token::Token;
pub use user::{SYSTEM_USER, User, WELSH};
pub use walls::{
    AtOffices, CallInHand, Case, Ground, Kind, MEETING_COUNTS_FOR, Place, Right, Tie, at_offices, by_the_case,
    by_the_place, by_the_ties, is_of_agency, may_ask, offices_of,
};

use chrono::{DateTime, Utc};
use startline_foundation::error::{Error, Limit, Result};
use startline_foundation::formats::{Language, folded};
use startline_foundation::ids::{RequestId, SiteId, UserId};
use startline_foundation::store::Db;
use std::collections::BTreeSet;
use store::By;

/// Under whose name, and when, a verb runs.
#[derive(Debug, Clone)]
pub struct Context {
    pub now: DateTime<Utc>,
    pub user: User,
    /// The mutation's own id; work that follows by itself has none.
    pub request_id: Option<RequestId>,
    /// In which the caller is told what is wrong.
    pub language: Language,
    /// Which sensitive answers the caller gets to see. Nothing, until it is known why they reach what they name.
    pub sees: Sees,
}

impl Context {
    /// The caller's own site; switches and administrators have none.
    pub fn site(&self) -> Result<&SiteId> {
        self.user.site.as_ref().ok_or_else(|| Error::Denied("this token belongs to no site".into()))
    }
}

/// One line of a record's audit trail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditLine {
    pub action: String,
    pub user: UserId,
    pub at: DateTime<Utc>,
}

/// The user with this id, whoever they are.
pub async fn user(db: &mut Db<'_>, id: UserId) -> Result<User> {
    store::user_by_id(db, id).await?.ok_or_else(|| Error::not_found(UserId::WHAT, id))
}

/// Several at once, each once, in no order; unknown ids are left out.
pub async fn users(db: &mut Db<'_>, ids: &[UserId]) -> Result<Vec<User>> {
    let ids: BTreeSet<UserId> = ids.iter().copied().collect();
    store::users(db, &Vec::from_iter(ids)).await
}

/// A place or a slot that is held for a client, until when.
pub type HeldUntil = DateTime<Utc>;

/// Whoever wants to hold one more must hold fewer than the bound now. `others` reads until when what they hold is held; it
/// is asked while nobody else holds anything under the same name, so that two requests at once do not pass each other.
/// This comes first in its transaction: nothing else waits for a user.
///
/// # Errors
/// `Exhausted`, with what to do.
pub fn may_hold_one_more(
    others: &[HeldUntil],
    most: u32,
    what: &str,
    local: impl Fn(HeldUntil) -> String,
    now: DateTime<Utc>,
) -> Result<()> {
    match others.iter().min() {
        Some(first) if others.len() >= usize::try_from(most).unwrap_or(usize::MAX) => {
            let message = format!(
                "you hold {most} {what} for other clients, and that is as many as one may hold at a time: book one of them, \
                 or wait until {}, when the first is given back",
                local(*first)
            );
            Err(Error::exhausted(message, (*first - now).to_std().unwrap_or(Limit::SOON)))
        }
        _ => Ok(()),
    }
}

/// Keeps other requests of the same user waiting, which count what the user has, until the transaction ends.
pub async fn one_at_a_time(db: &mut Db<'_>, user: UserId) -> Result<()> {
    store::lock_user(db, user).await
}

/// Everybody at a site who takes calls or makes call-backs.
pub async fn advisers_of_site(db: &mut Db<'_>, site: &SiteId) -> Result<Vec<User>> {
    store::users_at(db, site, &TAKES_CALLS, By::Id).await
}

/// Everybody with a role at a site who may still ask, by name.
pub async fn users_at(db: &mut Db<'_>, site: &SiteId, role: Role) -> Result<Vec<User>> {
    store::users_at(db, site, &[role], By::Name).await
}

/// Whom somebody looks for.
#[derive(Debug, Clone, Default)]
pub struct Sought {
    /// The people of this site; everybody when none.
    pub site: Option<SiteId>,
    pub role: Option<Role>,
    /// Part of their name, in any way of typing it.
    pub name: String,
    /// Also those who are disabled: for administrators.
    pub with_disabled: bool,
}

/// Users by name, after the one named, and whether they are disabled. Whoever is no administrator looks at their own site.
pub async fn find_users(
    db: &mut Db<'_>,
    context: &Context,
    sought: &Sought,
    after: Option<String>,
    most: usize,
) -> Result<Vec<(User, bool)>> {
    let own = context.user.site.as_ref();
    let sees_all = context.user.is(Role::Admin) || context.user.id == SYSTEM_USER;
    let site = match (&sought.site, sees_all) {
        (site, true) => site.clone(),
        (Some(site), false) if own != Some(site) => {
            return Err(Error::Denied("this is another site: an administrator sees its users".into()));
        }
        _ => Some(context.site()?.clone()),
    };
    let with_disabled = sought.with_disabled && sees_all;
    let wanted = Sought { site, with_disabled, ..sought.clone() };
    let (part, mut after) = (folded(&sought.name), after);
    let mut found = Vec::new();
    loop {
        let read = store::users_by_name(db, &wanted, after.as_deref(), READ_AT_A_TIME).await?;
        let was_last = read.len() < usize::from(READ_AT_A_TIME);
        after = read.last().map(|(user, _)| user.name.clone());
        found.extend(read.into_iter().filter(|(user, _)| folded(&user.name).contains(&part)));
        if was_last || found.len() >= most {
            found.truncate(most);
            return Ok(found);
        }
    }
}

/// Users read in one statement while a name is looked for.
const READ_AT_A_TIME: u16 = 500;

/// Under whose name the service does what follows without anybody asking.
pub async fn system_context(db: &mut Db<'_>, now: DateTime<Utc>) -> Result<Context> {
    Ok(Context {
        now,
        user: user(db, SYSTEM_USER).await?,
        request_id: None,
        language: Language::English,
        sees: Sees::ALL,
    })
}

/// Leaves who, what, when and on which record, in the transaction of what was done.
pub async fn audit(
    db: &mut Db<'_>,
    context: &Context,
    action: &'static str,
    record_kind: &'static str,
    record_id: &impl ToString,
) -> Result<()> {
    store::insert_audit(db, context, action, record_kind, &record_id.to_string()).await
}

/// The same for many records of a kind at once.
pub async fn audit_all<I: ToString>(
    db: &mut Db<'_>,
    context: &Context,
    action: &'static str,
    record_kind: &'static str,
    record_ids: &[I],
) -> Result<()> {
    let ids: Vec<String> = record_ids.iter().map(ToString::to_string).collect();
    store::insert_audits(db, context, action, record_kind, &ids).await
}

/// A line of the audit as it is sealed: its parts, each as bytes that are the same on both engines.
pub type SealedLine = Vec<Vec<u8>>;

/// Puts so many lines of the audit that are under no seal under this one, and says how many there were.
pub async fn put_audit_under_seal(db: &mut Db<'_>, seal: i64, most: i32) -> Result<i64> {
    store::put_under_seal(db, seal, most).await
}

/// The lines of the audit under this seal, in the order of their ids.
pub async fn audit_under_seal(db: &mut Db<'_>, seal: i64) -> Result<Vec<SealedLine>> {
    store::under_seal(db, seal).await
}

/// Lines of the audit under no seal.
pub async fn unsealed_audit(db: &mut Db<'_>) -> Result<i64> {
    store::unsealed(db).await
}

/// What was done to this record, by whom and when, the oldest first.
pub async fn audit_trail(db: &mut Db<'_>, record_id: &impl ToString) -> Result<Vec<AuditLine>> {
    store::audit_trail(db, &record_id.to_string()).await
}
