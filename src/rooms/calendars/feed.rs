//! A calendar behind a secret address, and who may make one.

use crate::access::{self, Context, Role};
use crate::diary::Whose;
use chrono::{DateTime, Utc};
use startline_foundation::error::{Error, Result};
use startline_foundation::ids::{FeedId, SiteId, UserId};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Feed {
    pub id: FeedId,
    pub whose: Whose,
    pub site: SiteId,
    pub created_by: UserId,
    pub created_at: DateTime<Utc>,
    pub revoked_at: Option<DateTime<Utc>>,
    /// Of what was served last, and since when it has been so.
    pub etag: String,
    pub changed_at: DateTime<Utc>,
}

/// Personal advisers have their own calendar and no other; reception, team leaders and administrators those of their site
/// (an administrator without a site: all).
pub fn may_manage(context: &Context, whose: &Whose, site: &SiteId) -> Result<()> {
    let own = *whose == Whose::PersonalAdviser(context.user.id);
    let user = &context.user;
    // Whoever works at some offices of the site has these offices' calendars, and no colleague's: they meet clients elsewhere too.
    let seen = access::at_offices(user);
    let is_seen = seen.is_none_or(|seen| matches!(whose, Whose::Office(office) if seen.offices.contains(office)));
    let allowed = user.is(Role::PersonalAdviser) && own
        || user.is(Role::Admin) && user.site.as_ref().is_none_or(|of| of == site)
        || user.works_at(site, &[Role::Reception, Role::TeamLeader]) && is_seen;
    if allowed { Ok(()) } else { Err(Error::Denied("this is somebody else's calendar, or another site's".into())) }
}
