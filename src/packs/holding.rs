//! Whether a stored pack still holds: the one question that is asked before it goes any step nearer to an envelope. It does
//! not when the claim is closed or the client died, when it would go to another place than the client wants letters sent to now, when what
//! it names does not take place as it says, or when a newer one has taken its place.

use super::exception;
use super::key::{self, Key};
use super::material::{Depth, Material};
use super::pack::{Delivery, Pack, PackStatus};
use super::store;
use chrono::NaiveDate;
use startline_definition::{Definition, Definitions};
use startline_foundation::error::{Error, Result};
use startline_foundation::store::Db;
use startline_rooms::access::Context;
use startline_rooms::claims::{self, Closed};
use startline_rooms::clients::{self, Client};

/// Why a stored pack does not hold any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoLonger {
    Closed(Closed),
    Died,
    Address,
    Standing,
    Newest,
}

impl NoLonger {
    /// As a print job that is cancelled for it says.
    pub fn reason(self) -> &'static str {
        match self {
            Self::Closed(Closed::Withdrawn) => "the claim was withdrawn",
            Self::Closed(Closed::NotMade) => "the claim is treated as not made",
            Self::Died => "the client died",
            Self::Address => "letters to the client go to another address, or under another name",
            Self::Standing => "what it names does not take place as it says",
            Self::Newest => "a newer pack takes its place",
        }
    }

    pub fn refusal(self) -> Error {
        match self {
            Self::Closed(Closed::Withdrawn) => {
                Error::illegal("CLAIM_WITHDRAWN", "the claim was withdrawn: nothing of it goes out")
            }
            Self::Closed(Closed::NotMade) => {
                Error::illegal("CLAIM_NOT_MADE", "the claim is treated as not made: nothing of it goes out")
            }
            Self::Died => Error::illegal("CLIENT_DIED", "this client died: nothing is sent in their name"),
            Self::Address => Error::illegal(
                "ADDRESS_CHANGED",
                "this pack was made for another address or name than the client's letters have now: destroy what was printed \
                 of it; one for the right address is composed anew, by the next morning at the latest",
            ),
            Self::Standing => Error::illegal(
                "MEETING_NOT_STANDING",
                "what this pack names does not take place as it says: destroy what was printed of it, and compose it anew when \
                 something is arranged",
            ),
            Self::Newest => {
                Error::illegal("PACK_REPLACED", "a newer pack has taken the place of this one: take that one")
            }
        }
    }
}

/// With whose post it leaves: the one it is queued for, or today's when that is over.
pub fn post_day(definition: &Definition, context: &Context, standing: &PackStatus) -> NaiveDate {
    let today = definition.calendar.local_date(context.now);
    standing.jobs.iter().filter(|job| job.waits()).map(|job| job.post_day).max().map_or(today, |day| day.max(today))
}

/// Why the pack does not hold, if it left with the post of that local day.
pub async fn no_longer(
    db: &mut Db<'_>,
    definitions: &Definitions,
    context: &Context,
    pack: &Pack,
    post_day: NaiveDate,
) -> Result<Option<NoLonger>> {
    if !pack.wanted.is_of_death() && clients::get(db, pack.client_id).await?.death.is_some() {
        return Ok(Some(NoLonger::Died));
    }
    if let Some(claim) = pack.claim_id.filter(|_| !pack.wanted.is_of_closing())
        && let claims::State::Closed(closing) = claims::get(db, claim).await?.state
    {
        return Ok(Some(NoLonger::Closed(closing.how)));
    }
    let Some((to, about)) = envelope(db, definitions, context, pack, post_day).await? else {
        return Ok(Some(NoLonger::Standing));
    };
    let then = Key::read(&pack.source_key);
    // What is handed over goes to no address.
    let by_post = pack.delivery == Delivery::Post;
    if then.as_ref().is_none_or(|then| by_post && then.to != to) {
        return Ok(Some(NoLonger::Address));
    }
    if then.is_some_and(|then| then.about != about) {
        return Ok(Some(NoLonger::Standing));
    }
    let newest = store::newest(db, pack.wanted).await?;
    Ok((newest.is_none_or(|newest| newest.id != pack.id)).then_some(NoLonger::Newest))
}

/// Whether it was made for another place or name than letters to the client go to on a day.
pub async fn goes_elsewhere(db: &mut Db<'_>, client: &Client, pack: &Pack, day: NaiveDate) -> Result<bool> {
    let replacements = exception::replacements(db, pack.wanted).await?;
    let now = key::to(client, day, false, &replacements);
    Ok(Key::read(&pack.source_key).is_some_and(|then| then.to != now))
}

/// Where it would go and what it would name, were it composed now; none when there is nothing to say any more.
async fn envelope(
    db: &mut Db<'_>,
    definitions: &Definitions,
    context: &Context,
    pack: &Pack,
    post_day: NaiveDate,
) -> Result<Option<(String, String)>> {
    let material = match Material::read(db, definitions, context, pack.wanted, Depth::Envelope).await {
        Ok(material) => material,
        Err(Error::Illegal { .. }) => return Ok(None),
        Err(fault) => return Err(fault),
    };
    let replacements = exception::replacements(db, pack.wanted).await?;
    Ok(Some(material.envelope(&replacements, post_day)))
}

/// While a pack was composed the record may have been changed, and whoever looks for packs to compose anew may have come and
/// gone. To be asked with the client's record kept as it is.
pub async fn check_current(db: &mut Db<'_>, definitions: &Definitions, context: &Context, pack: &Pack) -> Result<()> {
    let then = Key::read(&pack.source_key).map(|then| (then.to, then.about));
    let material = Material::read(db, definitions, context, pack.wanted, Depth::Envelope).await?;
    let replacements = exception::replacements(db, pack.wanted).await?;
    let now = material.envelope(&replacements, material.post_day);
    if then == Some(now) {
        return Ok(());
    }
    Err(Error::stale("the client's record or the meeting was changed while this was composed; ask again"))
}
