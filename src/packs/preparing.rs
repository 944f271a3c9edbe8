//! Prepares what is to be posted: reads the rooms that know the client, and composes outside any transaction.

use super::agency;
use super::compose::Composer;
use super::gather::Sources;
use super::pack::Pack;
use super::store;
use crate::access::{self, Context};
use crate::claims;
use crate::clients;
use crate::definition::Definitions;
use crate::diary::{self, Meeting};
use crate::error::{Error, Result};
use crate::ids::{ClaimId, DefinitionVersion, PackId};
use crate::store::{Db, Store};
use chrono::{DateTime, Utc};
use dashmap::DashMap;
use std::sync::Arc;

/// A composer for each definition version that a pack was asked for. Fonts and templates are read at the first pack.
#[derive(Default)]
pub struct Composers(DashMap<DefinitionVersion, Arc<Composer>>);

/// What [`prepare`] found or made, to be kept by [`keep`].
pub enum Prepared {
    Existing(Pack),
    Fresh { pack: Pack, pdf: Vec<u8> },
}

/// Composes the claim's pack from its answers as they stand, unless it is there already. Takes tens of milliseconds of
/// a processor, on a thread of its own; no transaction is open meanwhile.
pub async fn prepare_pack(
    database: &Store,
    composers: &Composers,
    definitions: &Definitions,
    context: &Context,
    claim_id: ClaimId,
) -> Result<Prepared> {
    let mut reader = database.read().await?;
    let db = &mut reader.db();
    let claim = claims::get(db, claim_id).await?;
    if !claim.is_start_up_done() {
        return Err(Error::illegal("START_UP_NOT_DONE", "a pack is composed when the start-up call is done"));
    }
    let definition = definitions.version(db, &claim.definition_version).await?;
    let client = clients::get(db, claim.client_id).await?;
    let answers = claims::answers(db, claim_id).await?;
    let meeting = meeting(db, claim_id).await?;
    let adviser = access::user(db, claim.start_up_by.unwrap_or(context.user.id)).await?;
    let sources = Sources {
        definition: &definition,
        claim: &claim,
        client: &client,
        answers: &answers,
        meeting: meeting.as_ref().map(|(meeting, adviser)| (meeting, adviser.as_str())),
        adviser: &adviser.name,
    };
    let source_key = sources.key();
    if let Some(pack) = store::by_source(db, claim_id, &source_key).await? {
        return Ok(Prepared::Existing(pack));
    }
    let content = sources.content(context.now)?;
    let composer = composers.of(&definition)?;
    drop(reader);
    let reference = content.reference.clone();
    let composed = tokio::task::spawn_blocking(move || composer.compose(&content))
        .await
        .map_err(|fault| Error::internal(format!("composing a pack failed: {fault}")))?
        .map_err(|fault| Error::illegal("PACK_CANNOT_BE_PRINTED", fault.to_string()))?;
    let pack = Pack {
        id: PackId::fresh(context.now),
        claim_id,
        source_key,
        site: claim.site,
        reference,
        pages: composed.pages,
        documents: composed.documents,
        sha256: composed.sha256,
        composed_at: context.now,
    };
    Ok(Prepared::Fresh { pack, pdf: composed.pdf })
}

/// The meeting to invite to, and with whom; none while it is deferred or waived.
async fn meeting(db: &mut Db<'_>, claim_id: ClaimId) -> Result<Option<(diary::Appointment, String)>> {
    let appointment = match diary::meeting(db, claim_id).await? {
        Meeting::Booked(appointment) | Meeting::Held(appointment) | Meeting::Missed(appointment) => appointment,
        Meeting::Deferred(_) | Meeting::Waived(_) => return Ok(None),
        Meeting::Open => {
            return Err(Error::illegal("NO_MEETING_BOOKED", "book the meeting with the personal adviser first"));
        }
    };
    let adviser = access::user(db, appointment.personal_adviser).await?;
    Ok(Some((appointment, adviser.name)))
}

/// The copy of one agency, from the claim's answers as they stand or as they stood: only its questions, in its own order.
/// Made when it is asked for; nothing is stored.
pub async fn agency_copy(
    database: &Store,
    composers: &Composers,
    definitions: &Definitions,
    context: &Context,
    claim_id: ClaimId,
    agency: &str,
    at: Option<DateTime<Utc>>,
) -> Result<Vec<u8>> {
    let mut reader = database.read().await?;
    let db = &mut reader.db();
    let claim = claims::get(db, claim_id).await?;
    let definition = definitions.version(db, &claim.definition_version).await?;
    let client = clients::get(db, claim.client_id).await?;
    let answers = match at {
        Some(at) => claims::answers_at(db, claim_id, at).await?,
        None => claims::answers(db, claim_id).await?,
    };
    let adviser = access::user(db, claim.start_up_by.unwrap_or(context.user.id)).await?;
    let counted = claims::counted(&definition, &client, &answers);
    let sources = agency::Sources {
        definition: &definition,
        claim: &claim,
        client: &client,
        counted: &counted,
        adviser: &adviser.name,
    };
    let content = sources.content(agency, context.now)?;
    let composer = composers.of(&definition)?;
    drop(reader);
    let composed = tokio::task::spawn_blocking(move || composer.compose_agency_copy(&content))
        .await
        .map_err(|fault| Error::internal(format!("composing an agency's copy failed: {fault}")))?
        .map_err(|fault| Error::illegal("COPY_CANNOT_BE_PRINTED", fault.to_string()))?;
    Ok(composed.pdf)
}

impl Composers {
    fn of(&self, definition: &crate::definition::Definition) -> Result<Arc<Composer>> {
        if let Some(composer) = self.0.get(&definition.version) {
            return Ok(composer.clone());
        }
        let composer = Composer::new(definition.files()).map_err(Error::internal)?;
        Ok(self.0.entry(definition.version.clone()).or_insert(Arc::new(composer)).clone())
    }
}
