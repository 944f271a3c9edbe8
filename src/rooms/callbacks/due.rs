//! Which call-backs somebody should make now: the urgent ones first, then the longest overdue. Whoever promised one sees
//! it first; once it is overdue for a while it is everybody's at the site.

use super::callback::{Callback, State};
use super::store;
pub use super::store::{DuePlace, VisitPlace};
use crate::access::{Role, User};
use crate::contingency;
use chrono::{DateTime, TimeDelta, Utc};
use startline_definition::Definition;
use startline_foundation::error::{Error, Result};
use startline_foundation::ids::{CallbackId, UserId};
use startline_foundation::store::Db;

/// Whose list it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Viewer {
    /// Sees what is theirs, and what was due by `pool_since`.
    Adviser { id: UserId, pool_since: DateTime<Utc> },
    /// Team leaders and supervisors see all of it.
    Everything,
}

impl Viewer {
    pub fn of(definition: &Definition, user: &User, now: DateTime<Utc>) -> Self {
        match user.roles.any(&[Role::TeamLeader, Role::Supervisor]) || !user.is(Role::Adviser) {
            true => Self::Everything,
            false => Self::Adviser { id: user.id, pool_since: now - pool_after(definition) },
        }
    }

    /// Whether this due call-back may be made by whoever looks.
    pub fn may_make(&self, callback: &Callback) -> bool {
        match self {
            Self::Everything => true,
            Self::Adviser { id, pool_since } => {
                let theirs = callback.owner.is_none_or(|owner| owner == *id) || callback.asked == Some(*id);
                theirs || callback.due_at <= *pool_since
            }
        }
    }
}

fn pool_after(definition: &Definition) -> TimeDelta {
    TimeDelta::minutes(definition.service.settings.callback_pool_after_minutes.into())
}

/// The call-backs that this user may make and that are due at `now`, after the one named: their site's own, and in a
/// contingency those of the lost sites it helps.
pub async fn list_due(
    db: &mut Db<'_>,
    definition: &Definition,
    user: &User,
    now: DateTime<Utc>,
    after: Option<DuePlace>,
    most: i32,
) -> Result<Vec<Callback>> {
    let Some(site) = &user.site else { return Ok(Vec::new()) };
    let sites = contingency::sites_served_by(db, site).await?;
    store::due(db, &sites, &Viewer::of(definition, user, now), now, after, most).await
}

/// Call-backs whose number was wrong, for somebody to find out the right one.
pub async fn list_number_checks(
    db: &mut Db<'_>,
    user: &User,
    after: Option<CallbackId>,
    most: i32,
) -> Result<Vec<Callback>> {
    match &user.site {
        Some(site) => store::wrong_numbers(db, site, after, most).await,
        None => Ok(Vec::new()),
    }
}

/// Call-backs whose client would rather be seen, for somebody to arrange it.
pub async fn list_visits_wanted(
    db: &mut Db<'_>,
    user: &User,
    after: Option<VisitPlace>,
    most: i32,
) -> Result<Vec<Callback>> {
    match &user.site {
        Some(site) => store::wanting_visits(db, site, after, most).await,
        None => Ok(Vec::new()),
    }
}

/// # Errors
/// `Illegal` while it is somebody else's to make.
pub(super) fn check_turn(definition: &Definition, user: &User, callback: &Callback, now: DateTime<Utc>) -> Result<()> {
    let waiting = matches!(callback.state, State::Booked | State::Parked { .. });
    if !waiting || now < callback.due_at || Viewer::of(definition, user, now).may_make(callback) {
        return Ok(());
    }
    let from = definition.calendar.local_time(callback.due_at + pool_after(definition)).format("%H:%M");
    let message = format!("another adviser has promised to make this call-back; it is everybody's from {from}");
    Err(Error::illegal("CALLBACK_PROMISED", message))
}
