//! A client died: their claims are closed, and all that rests on them.

use crate::consequences::{Change, Happened, carry_out};
use startline_definition::Definitions;
use startline_foundation::error::{Error, Result};
use startline_foundation::ids::{ClaimId, ClientId};
use startline_foundation::store::Db;
use startline_rooms::access::Context;
use startline_rooms::callbacks;
use startline_rooms::claims::{self, Claim};
use startline_rooms::clients::{self, Client, DeathDraft};

/// As a claim that is closed for it says.
const REASON: &str = "the client died";

/// What came of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Recorded {
    pub client: Client,
    /// The claim that was on its way.
    pub withdrawn: Vec<ClaimId>,
    /// Claims of others that share answers with the client's, and go on.
    pub household: Vec<Claim>,
}

/// Keeps that the client died, and does all that follows.
///
/// # Errors
/// As [`clients::record_death`].
pub async fn record(
    db: &mut Db<'_>,
    context: &Context,
    definitions: &Definitions,
    (id, seen_revision): (ClientId, i32),
    draft: &DeathDraft,
) -> Result<Recorded> {
    if draft.letter_to.is_some() && definitions.current().followup.death_letter.is_none() {
        return Err(Error::invalid("letter_to", "cannot be: this service has no words for such a letter"));
    }
    // Claims and call-backs before the record, as whoever saves an answer or puts a number right takes them.
    claims::of_client_for_update(db, id).await?;
    callbacks::keep_open(db, id).await?;
    let today = definitions.current().calendar.local_date(context.now);
    let client = clients::record_death(db, context, (id, seen_revision), draft, today).await?;
    // One that was begun meanwhile is seen now that nobody begins another.
    let all = claims::of_client_for_update(db, id).await?;
    let mut withdrawn = Vec::new();
    for claim in all.iter().filter(|claim| claim.check_underway().is_ok()) {
        claims::withdraw(db, context, claim.id, REASON).await?;
        withdrawn.push(claim.id);
    }
    let ids: Vec<ClaimId> = all.iter().map(|claim| claim.id).collect();
    let happened = Happened { change: Change::Death, client: id, claims: &ids, meeting: None };
    carry_out(db, context, definitions, happened).await?;
    let household = claims::of_household(db, id).await?;
    Ok(Recorded { client, withdrawn, household })
}

/// It was a mistake: the record is a living client's again. The claim is reopened by whoever goes on with it.
///
/// # Errors
/// As [`clients::take_back_death`].
pub async fn take_back(
    db: &mut Db<'_>,
    context: &Context,
    definitions: &Definitions,
    (id, seen_revision): (ClientId, i32),
) -> Result<Client> {
    let all = claims::of_client_for_update(db, id).await?;
    let client = clients::take_back_death(db, context, (id, seen_revision)).await?;
    let ids: Vec<ClaimId> = all.iter().map(|claim| claim.id).collect();
    let happened = Happened { change: Change::DeathTakenBack, client: id, claims: &ids, meeting: None };
    carry_out(db, context, definitions, happened).await?;
    Ok(client)
}
