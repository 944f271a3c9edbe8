//! Prepares what is to be posted: reads the rooms that know the client, and composes outside any transaction.

use super::agency;
use super::compose::{ComposeFault, Composer};
use super::gather::Sources;
use super::pack::{Delivery, Pack};
use super::store;
use super::wanted::{Order, Unprintable, Wanted};
use crate::access::{self, Context};
use crate::claims;
use crate::clients;
use crate::definition::Definitions;
use crate::diary::{self, Meeting};
use crate::error::{Error, Result};
use crate::formats::Language;
use crate::ids::{ClaimId, DefinitionVersion};
use crate::store::{Db, Store};
use chrono::{DateTime, Utc};
use dashmap::DashMap;
use std::sync::Arc;

/// A composer for each definition version that a pack was asked for. Fonts and templates are read at the first pack.
#[derive(Default)]
pub struct Composers(DashMap<DefinitionVersion, Arc<Composer>>);

/// What [`prepare`] found or made, to be kept by [`super::keep`].
pub enum Prepared {
    Existing(Pack),
    Fresh {
        pack: Pack,
        pdf: Vec<u8>,
    },
    /// Everything that cannot be printed.
    Unprintable(Vec<Unprintable>),
}

/// Composes the claim's pack from its answers as they stand, unless it is there already. Takes tens of milliseconds of
/// a processor, on a thread of its own; no transaction is open meanwhile.
pub async fn prepare(
    database: &Store,
    composers: &Composers,
    definitions: &Definitions,
    context: &Context,
    order: &Order,
) -> Result<Prepared> {
    let Wanted::Claim(claim_id) = order.wanted else {
        return Err(Error::internal("letters cannot be composed yet"));
    };
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
    if let Some(pack) = store::by_source(db, order.wanted, &source_key).await? {
        return Ok(Prepared::Existing(pack));
    }
    let content = sources.content(context.now)?;
    let composer = composers.of(&definition)?;
    drop(reader);
    let reference = content.reference.clone();
    let composed = tokio::task::spawn_blocking(move || composer.compose(&content))
        .await
        .map_err(|fault| Error::internal(format!("composing a pack failed: {fault}")))?;
    let composed = match composed {
        Ok(composed) => composed,
        Err(ComposeFault::Template(faults)) => return Err(Error::internal(ComposeFault::Template(faults))),
        Err(fault) => {
            let sentence = fault.to_string();
            let (place, reason) = match fault {
                ComposeFault::MissingGlyph { place, .. } => (place, "GLYPH"),
                ComposeFault::TooLong { place, .. } => (place, "TOO_LONG"),
                ComposeFault::Template(_) => (String::new(), "TEMPLATE"),
            };
            let mend = "give a text that can be printed".to_owned();
            return Ok(Prepared::Unprintable(vec![Unprintable { place, reason: reason.into(), sentence, mend }]));
        }
    };
    let revisions = answers.iter().map(|answer| u32::try_from(answer.revision).unwrap_or(0)).sum();
    let pack = Pack {
        id: order.pack_id,
        wanted: order.wanted,
        client_id: client.id,
        claim_id: Some(claim_id),
        source_key,
        claim_revision: Some(revisions),
        definition_version: definition.version.clone(),
        site: claim.site,
        reference,
        language: Language::English,
        large_print: false,
        pages: composed.pages,
        sheets: composed.documents.iter().map(|document| document.pages.div_ceil(2)).sum(),
        documents: composed.documents,
        sha256: composed.sha256,
        replaces: order.replaces.as_ref().map(|replaced| replaced.pack_id),
        delivery: Delivery::Post,
        composed_at: context.now,
        handed_over: None,
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
