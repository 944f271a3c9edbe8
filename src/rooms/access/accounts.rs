//! Accounts of the organisation's provider, as people of this service: made at first sight, with the duties that their groups
//! give them.

use super::duty::Duty;
use super::people::{IdentityKind, NAME_CHARS, a_name, changed};
use super::role::Roles;
use super::user::{self, User};
use super::{Context, people_store as store, sessions_store as sessions};
use chrono::{DateTime, Utc};
use startline_foundation::error::Result;
use startline_foundation::ids::{DutyId, UserId};
use startline_foundation::store::Db;
use std::collections::BTreeSet;

/// Somebody whom the organisation's provider vouches for, and what its groups say of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// By which they are known: `ISSUER SUBJECT`.
    pub name: String,
    /// What others call them.
    pub shown_name: String,
    /// What their groups may do here; nothing for whoever is nobody here.
    pub granted: Vec<Duty>,
    /// When what they showed ends.
    pub ends_at: DateTime<Utc>,
    /// A hash of what they showed.
    pub hash: [u8; 32],
    /// When the provider vouched for them.
    pub vouched_at: DateTime<Utc>,
}

/// The user of this account: the one it belongs to, made at first sight when it has groups that may do something here. Their
/// duties follow the groups; what else they were given stays. `None` for whoever is nobody here, or disabled.
pub async fn at_sight(db: &mut Db<'_>, context: &Context, account: &Account) -> Result<Option<UserId>> {
    store::alone(db).await?;
    let names = [account.name.clone()];
    let known = store::user_known_as(db, IdentityKind::Account, &names).await?;
    if let Some(id) = known {
        let is_changed = follow_groups(db, context, id, &account.granted).await?;
        if is_changed {
            changed(db, context, id, "duties_followed_groups").await?;
        }
        return Ok(Some(id));
    }
    if account.granted.is_empty() || store::is_identity(db, IdentityKind::Account, &account.name).await? {
        return Ok(None);
    }
    let site = account.granted.iter().find_map(|duty| duty.site.clone());
    let roles: Roles = account.granted.iter().map(|duty| duty.role).collect();
    let id = UserId::fresh(context.now);
    let shown: String = account.shown_name.chars().take(NAME_CHARS - SUFFIX_CHARS).collect();
    let name = a_name(&shown)?;
    let skills = user::skills_of(roles, &[]);
    let user = User { id, name, site, roles, duties: Vec::new(), skills };
    if !store::insert_user(db, &user, &[], context.now).await? {
        // Somebody else has this name.
        let beside = User { name: format!("{} ({})", user.name, &id.to_string()[28..]), ..user };
        store::insert_user(db, &beside, &[], context.now).await?;
    }
    store::insert_identity(db, id, IdentityKind::Account, &account.name, context).await?;
    follow_groups(db, context, id, &account.granted).await?;
    changed(db, context, id, "user_added").await?;
    Ok(Some(id))
}

/// What makes a name somebody's alone.
const SUFFIX_CHARS: usize = 12;

/// Whether anything had to change.
async fn follow_groups(db: &mut Db<'_>, context: &Context, id: UserId, granted: &[Duty]) -> Result<bool> {
    let place = |duty: &Duty| (duty.role, duty.site.clone(), duty.office.clone(), duty.agency.clone());
    let has = store::duties_by_group(db, id).await?;
    let mut is_changed = false;
    for duty in has.iter().filter(|duty| !granted.iter().any(|granted| place(granted) == place(duty))) {
        store::end_duty(db, duty.id, context.user.id, context.now).await?;
        is_changed = true;
    }
    for duty in granted.iter().filter(|duty| !has.iter().any(|has| place(has) == place(duty))) {
        let duty = Duty { id: DutyId::fresh(context.now), ..duty.clone() };
        store::insert_duty(db, id, &duty, context).await?;
        store::by_group(db, duty.id).await?;
        is_changed = true;
    }
    Ok(is_changed)
}

/// Whose an account is.
pub(super) enum Known {
    As(UserId),
    /// They are to be made, or their duties to follow their groups.
    NotYet,
    /// They have signed out everywhere since the provider vouched for them.
    SignedOut,
}

/// The user of this account, when nothing about them has to follow its groups.
pub(super) async fn of_account(db: &mut Db<'_>, account: &Account) -> Result<Known> {
    let names = [account.name.clone()];
    let Some(id) = store::user_known_as(db, IdentityKind::Account, &names).await? else { return Ok(Known::NotYet) };
    if sessions::signed_out_since(db, id, account.vouched_at).await? {
        return Ok(Known::SignedOut);
    }
    let place = |duty: &Duty| (duty.role, duty.site.clone(), duty.office.clone(), duty.agency.clone());
    let has: BTreeSet<_> = store::duties_by_group(db, id).await?.iter().map(place).collect();
    let granted = account.granted.iter().map(place).collect();
    Ok(if has == granted { Known::As(id) } else { Known::NotYet })
}
