//! What could not be printed, and how somebody mended it.

use super::address;
use super::exception_store as store;
use super::material::{Depth, Material};
use super::subject::{PackSubject, Replacement, Unprintable};
use chrono::{DateTime, NaiveDate, Utc};
use startline_definition::Definitions;
use startline_foundation::error::{Error, Result};
use startline_foundation::events::Event;
use startline_foundation::formats::long_text;
use startline_foundation::ids::{ClaimId, ClientId, PackExceptionId, PackId, SiteId};
use startline_foundation::store::Db;
use startline_rooms::access::{Context, audit};
use startline_rooms::claims;
use startline_rooms::clients;
use startline_rooms::diary;

/// Longest text that is printed instead of another.
const REPLACEMENT_CHARACTERS: usize = 4000;
const MOST_REPLACEMENTS: usize = 100;

#[derive(Debug, Clone, PartialEq)]
pub struct Exception {
    pub id: PackExceptionId,
    pub wanted: PackSubject,
    /// The client's home site, whose list it is on.
    pub site: SiteId,
    pub client_id: ClientId,
    pub faults: Vec<Unprintable>,
    pub replacements: Vec<Replacement>,
    pub raised_at: DateTime<Utc>,
    /// When it was settled, and how: `composed`, `dismissed`, `produced`.
    pub settled: Option<(DateTime<Utc>, String)>,
    /// It was printed, and is to be produced elsewhere beside that.
    pub elsewhere: Option<Elsewhere>,
}

/// What no print room makes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Elsewhere {
    /// In a word of the form's: `braille`.
    pub format: String,
    /// What it says.
    pub pack_id: PackId,
    pub by_day: NaiveDate,
}

/// Puts it on the list, or says anew what is wrong if it is there.
pub(super) async fn raise(
    db: &mut Db<'_>,
    context: &Context,
    wanted: PackSubject,
    faults: &[Unprintable],
) -> Result<Exception> {
    let client_id = client_of(db, wanted).await?;
    let client = clients::get(db, client_id).await?;
    let fresh = Exception {
        id: PackExceptionId::fresh(context.now),
        wanted,
        site: client.home_site,
        client_id,
        faults: once_each(faults),
        replacements: Vec::new(),
        raised_at: context.now,
        settled: None,
        elsewhere: None,
    };
    let raised = store::raise(db, &fresh).await?;
    audit(db, context, "pack_exception_raised", "pack exception", &raised.id).await?;
    db.after_commit(Event::PackRefused);
    tracing::warn!(exception = %raised.id, kind = wanted.kind(), faults = faults.len(), "a pack cannot be printed as it is");
    Ok(raised)
}

/// One fault often shows in several lines of one place.
fn once_each(faults: &[Unprintable]) -> Vec<Unprintable> {
    let mut once: Vec<Unprintable> = Vec::new();
    for fault in faults {
        if !once.contains(fault) {
            once.push(fault.clone());
        }
    }
    once
}

/// The claim that it is about, if any.
async fn claim_of(db: &mut Db<'_>, wanted: PackSubject) -> Result<Option<ClaimId>> {
    Ok(match wanted {
        PackSubject::Claim(claim) | PackSubject::Deferral(claim) => Some(claim),
        PackSubject::MissedMeeting(appointment)
        | PackSubject::Decision(appointment)
        | PackSubject::NewTime(appointment)
        | PackSubject::MeetingOff(appointment) => Some(diary::appointment(db, appointment).await?.claim_id),
        PackSubject::MissedCallback(_) | PackSubject::Death(_) => None,
    })
}

async fn client_of(db: &mut Db<'_>, wanted: PackSubject) -> Result<ClientId> {
    Ok(match wanted {
        PackSubject::Claim(claim) | PackSubject::Deferral(claim) => claims::get(db, claim).await?.client_id,
        PackSubject::MissedMeeting(appointment)
        | PackSubject::Decision(appointment)
        | PackSubject::NewTime(appointment)
        | PackSubject::MeetingOff(appointment) => diary::appointment(db, appointment).await?.client_id,
        PackSubject::MissedCallback(callback) => startline_rooms::callbacks::get(db, callback).await?.client_id,
        PackSubject::Death(client) => client,
    })
}

/// It was composed after all, or is not wanted any more.
pub(super) async fn settle(db: &mut Db<'_>, context: &Context, wanted: PackSubject, outcome: &str) -> Result<()> {
    if let Some(id) = store::settle_open(db, wanted, context.user.id, context.now, outcome).await? {
        audit(db, context, "pack_exception_settled", "pack exception", &id).await?;
    }
    Ok(())
}

/// What is to be produced elsewhere about it is not, in any format but the one named.
pub(super) async fn settle_elsewhere(
    db: &mut Db<'_>,
    context: &Context,
    wanted: PackSubject,
    but: Option<&str>,
) -> Result<()> {
    for id in store::settle_elsewhere(db, wanted, but.unwrap_or_default(), context.user.id, context.now).await? {
        audit(db, context, "pack_exception_settled", "pack exception", &id).await?;
    }
    Ok(())
}

/// Nothing of a client's is to be produced elsewhere any more.
pub async fn owe_in_no_other_format(db: &mut Db<'_>, context: &Context, client: ClientId) -> Result<()> {
    for id in store::settle_elsewhere_of_client(db, client, context.user.id, context.now).await? {
        audit(db, context, "pack_exception_settled", "pack exception", &id).await?;
    }
    Ok(())
}

/// Nothing is to be sent about it any more: nobody has to mend it, or to produce it elsewhere.
pub async fn want_no_more(db: &mut Db<'_>, context: &Context, wanted: PackSubject) -> Result<()> {
    settle(db, context, wanted, "dismissed").await?;
    settle_elsewhere(db, context, wanted, None).await
}

/// What of a client waits for somebody to mend it.
pub(super) async fn open_of_client(db: &mut Db<'_>, client: ClientId) -> Result<Vec<PackSubject>> {
    Ok(store::open_of_client(db, client).await?.into_iter().map(|exception| exception.wanted).collect())
}

/// What somebody gave to be printed instead, at any time.
pub(super) async fn replacements(db: &mut Db<'_>, wanted: PackSubject) -> Result<Vec<Replacement>> {
    store::replacements(db, wanted).await
}

/// The open exceptions of a site, the oldest first, after the one named.
pub async fn list_exceptions(
    db: &mut Db<'_>,
    site: &SiteId,
    after: Option<(DateTime<Utc>, PackExceptionId)>,
    most: i32,
) -> Result<Vec<Exception>> {
    store::open_of_site(db, site, after, most).await
}

/// How many of a site's wait for somebody.
pub async fn open_exceptions(db: &mut Db<'_>, site: &SiteId) -> Result<u32> {
    store::count_open(db, site).await
}

pub async fn get_exception(db: &mut Db<'_>, id: PackExceptionId) -> Result<Exception> {
    store::by_id(db, id).await?.ok_or_else(|| Error::not_found(PackExceptionId::WHAT, id))
}

/// Says what is to be printed in each place instead. The record and the claim keep what was said. Whether it can be
/// printed now is for composing to tell: the exception stays open until it was.
pub async fn mend_exception(
    db: &mut Db<'_>,
    context: &Context,
    definitions: &Definitions,
    id: PackExceptionId,
    replacements: Vec<Replacement>,
) -> Result<Exception> {
    // The claim before the exception: what is composed next keeps it from being closed.
    let wanted = get_exception(db, id).await?.wanted;
    if let Some(claim) = claim_of(db, wanted).await? {
        claims::get_unmoved(db, claim).await?;
    }
    let mut exception = open(db, context, id).await?;
    if exception.elsewhere.is_some() {
        let reason = "is printed as it is: say instead when it has been produced elsewhere";
        return Err(Error::invalid("exception_id", reason));
    }
    if replacements.len() > MOST_REPLACEMENTS {
        return Err(Error::invalid("replacements", format!("are more than {MOST_REPLACEMENTS}")));
    }
    for (index, replacement) in replacements.into_iter().enumerate() {
        let field = |name: &str| format!("replacements[{index}].{name}");
        if !exception.faults.iter().any(|fault| fault.place == replacement.place) {
            let reason = "is no place where something cannot be printed; take it from the exception's faults";
            return Err(Error::invalid(field("place"), reason));
        }
        let text = long_text(&replacement.text, REPLACEMENT_CHARACTERS)
            .map_err(|reason| Error::invalid(field("text"), reason))?;
        exception.replacements.retain(|earlier| earlier.place != replacement.place);
        let instead_of = match replacement.place.as_str() {
            address::PLACE => {
                let now = Material::read(db, definitions, context, wanted, Depth::Envelope).await?;
                Some(now.to_by_record())
            }
            _ => None,
        };
        exception.replacements.push(Replacement { text, instead_of, ..replacement });
    }
    store::save_replacements(db, &exception).await?;
    audit(db, context, "pack_exception_mended", "pack exception", &id).await?;
    Ok(exception)
}

/// It is dealt with in another way: a letter by hand, a telephone call. What was to be produced elsewhere has been.
pub async fn dismiss_exception(db: &mut Db<'_>, context: &Context, id: PackExceptionId) -> Result<Exception> {
    let exception = open(db, context, id).await?;
    let outcome = if exception.elsewhere.is_some() { "produced" } else { "dismissed" };
    store::settle_one(db, &exception, context.user.id, context.now, outcome).await?;
    audit(db, context, "pack_exception_settled", "pack exception", &id).await?;
    get_exception(db, id).await
}

async fn open(db: &mut Db<'_>, context: &Context, id: PackExceptionId) -> Result<Exception> {
    let exception = store::for_update(db, id).await?.ok_or_else(|| Error::not_found(PackExceptionId::WHAT, id))?;
    if context.site()? != &exception.site {
        return Err(Error::Denied("this client belongs to another site".into()));
    }
    if exception.settled.is_some() {
        return Err(Error::illegal("EXCEPTION_SETTLED", "this has been settled already"));
    }
    Ok(exception)
}
