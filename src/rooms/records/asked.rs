//! Opening a record outside of one's work: at once, with a reason, until the end of the day; and somebody judges it
//! afterwards.

use super::asked_store as store;
use super::cases_store;
use crate::access::{self, Context, Role, audit};
use crate::clients;
use chrono::{DateTime, Utc};
use startline_definition::Definition;
use startline_foundation::error::{Error, Result};
use startline_foundation::formats::{optional_line, required_line, words};
use startline_foundation::ids::{ClientId, RecordRequestId, SiteId, UserId};
use startline_foundation::store::Db;

const NOTE_CHARS: usize = 300;

words! {
    /// Why somebody needs a record that is not their work.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum RequestReason {
        /// The client is here, or on the telephone, and the floor does not know it.
        ClientInTouch = "client_in_touch",
        /// A colleague who has the case asked for help.
        HelpsColleague = "helps_colleague",
        Complaint = "complaint",
        /// Somebody may come to harm.
        RiskOfHarm = "risk_of_harm",
        /// Something in it is wrong, and has to be put right.
        Correction = "correction",
        Other = "other",
    }
}

words! {
    /// What a privacy officer found.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum Verdict {
        Justified = "justified",
        NotJustified = "not_justified",
    }
}

/// A record that somebody opened outside of their work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordRequest {
    pub id: RecordRequestId,
    pub client: ClientId,
    pub user: UserId,
    /// What they asked as.
    pub role: Role,
    pub site: Option<SiteId>,
    pub reason: RequestReason,
    pub note: String,
    pub asked_at: DateTime<Utc>,
    /// From then on they would have to ask again.
    pub until: DateTime<Utc>,
    pub closed: Option<Closed>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closed {
    pub by: UserId,
    pub at: DateTime<Utc>,
    pub verdict: Verdict,
    pub note: String,
}

/// Opens the client's record to whoever asks, until the end of their day.
///
/// # Errors
/// `Invalid` without a note; `NotFound`; `Denied` for roles that have nothing to do with records.
pub async fn ask(
    db: &mut Db<'_>,
    context: &Context,
    definition: &Definition,
    client: ClientId,
    reason: RequestReason,
    note: &str,
) -> Result<RecordRequest> {
    let note = required_line("note", note, NOTE_CHARS, "is needed: what is it for?")?;
    let role = context.user.roles.iter().next().filter(|_| access::may_ask(&context.user));
    let role = role.ok_or_else(|| Error::Denied("your work is with no client's record".into()))?;
    clients::get(db, client).await?;
    let request = RecordRequest {
        id: RecordRequestId::fresh(context.now),
        client,
        user: context.user.id,
        role,
        site: context.user.site.clone(),
        reason,
        note,
        asked_at: context.now,
        until: definition.calendar.day_bounds(definition.calendar.local_date(context.now)).1,
        closed: None,
    };
    store::insert(db, &request).await?;
    audit(db, context, "record_asked_for", "client", &client).await?;
    Ok(request)
}

/// Whoever signs out has closed what they asked for.
pub async fn end_requests(db: &mut Db<'_>, context: &Context) -> Result<()> {
    store::end(db, context.user.id, context.now).await
}

/// Which requests are looked for.
#[derive(Debug, Clone, Default)]
pub struct SoughtRequests {
    pub client: Option<ClientId>,
    /// Only those that nobody has judged yet.
    pub open: bool,
}

/// The oldest first, after the one named; for a privacy officer of one site, what its people asked for, and what anybody asked
/// for of its clients.
pub async fn requests(
    db: &mut Db<'_>,
    context: &Context,
    sought: &SoughtRequests,
    after: Option<RecordRequestId>,
    most: i32,
) -> Result<Vec<RecordRequest>> {
    store::list(db, context.user.site.as_ref(), sought, after, most).await
}

/// What was asked for of this client's record, the newest first: a mark on the record.
pub async fn of_client(db: &mut Db<'_>, client: ClientId, most: i32) -> Result<Vec<RecordRequest>> {
    store::of_client(db, client, most).await
}

/// # Errors
/// `NotFound`.
pub async fn request(db: &mut Db<'_>, context: &Context, id: RecordRequestId) -> Result<RecordRequest> {
    let found = store::one(db, id).await?.ok_or_else(|| Error::not_found(RecordRequestId::WHAT, id))?;
    match is_theirs(db, context, &found).await? {
        true => Ok(found),
        false => Err(Error::not_found(RecordRequestId::WHAT, id)),
    }
}

/// A privacy officer judges it.
///
/// # Errors
/// `NotFound`; `Illegal` when it was judged before, or by whoever asked.
pub async fn close(
    db: &mut Db<'_>,
    context: &Context,
    id: RecordRequestId,
    verdict: Verdict,
    note: &str,
) -> Result<RecordRequest> {
    let note = optional_line("note", note, NOTE_CHARS)?;
    let request = request(db, context, id).await?;
    if request.user == context.user.id {
        return Err(Error::illegal(
            "OWN_REQUEST",
            "you asked for this record yourself: another privacy officer judges it",
        ));
    }
    let closed = Closed { by: context.user.id, at: context.now, verdict, note };
    if !store::close(db, id, &closed).await? {
        return Err(Error::illegal("REQUEST_CLOSED", "this request was judged before"));
    }
    audit(db, context, "record_request_closed", "record_request", &id).await?;
    Ok(RecordRequest { closed: Some(closed), ..request })
}

async fn is_theirs(db: &mut Db<'_>, context: &Context, request: &RecordRequest) -> Result<bool> {
    match &context.user.site {
        Some(site) if request.site.as_ref() != Some(site) => {
            cases_store::client_is_of_site(db, request.client, site).await
        }
        _ => Ok(true),
    }
}
