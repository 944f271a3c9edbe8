//! Prepares what is to be posted: reads the rooms that know the client, and composes outside any transaction.

use super::agency;
use super::compose::{ComposeFault, Composed, Composer};
use super::content::Layout;
use super::key::Key;
use super::material::{self, Depth, Material};
use super::pack::{Delivery, Pack};
use super::store;
use super::subject::{Order, Unprintable};
use chrono::{DateTime, Utc};
use dashmap::DashMap;
use startline_definition::{Definition, Definitions};
use startline_foundation::error::{Error, Result};
use startline_foundation::ids::{ClaimId, DefinitionVersion, QuestionId};
use startline_foundation::store::Store;
use startline_rooms::access::{self, Context, Role, Roles};
use startline_rooms::claims::{self, Evaluated};
use startline_rooms::clients;
use std::sync::Arc;

/// A composer for each definition version that a pack was asked for. Fonts and templates are read at the first pack.
#[derive(Default)]
pub struct Composers(DashMap<DefinitionVersion, Arc<Composer>>);

/// What [`prepare`] found or made, to be kept by [`super::keep`].
#[derive(Debug)]
pub enum Prepared {
    Existing(Pack),
    Fresh {
        pack: Pack,
        pdf: Vec<u8>,
    },
    /// Everything that has to be mended first.
    Unprintable(Vec<Unprintable>),
}

/// Composes what is wanted from the records as they stand, unless it is there already. Takes tens of milliseconds of a
/// processor, on a thread of its own; no transaction is open meanwhile.
pub async fn prepare(
    database: &Store,
    composers: &Composers,
    definitions: &Definitions,
    context: &Context,
    order: &Order,
) -> Result<Prepared> {
    let mut reader = database.read().await?;
    let db = &mut reader.db();
    let material = Material::read(db, definitions, context, order.wanted, Depth::Whole).await?;
    let composer = composers.of(&material.definition)?;
    let sources = material.sources(order, composer.words());
    let key = sources.key(&order.replacements);
    let takes_place_of = order.replaces.as_ref().map(|older| older.pack_id);
    // Only the newest says what there is to say; an older one that said the same was replaced, and stays so.
    if let Some(id) = takes_place_of
        && let Some(pack) = store::by_id(db, id).await?
        && Key::read(&pack.source_key).as_ref() == Some(&key)
    {
        return Ok(Prepared::Existing(pack));
    }
    let source_key = key.stored(takes_place_of);
    if let Some(pack) = store::by_source(db, order.wanted, &source_key).await? {
        return Ok(Prepared::Existing(pack));
    }
    drop(reader);
    let material::Gathered { content, mut faults } = material::gather(&sources, order, context)?;
    let revision = sources.claim_revision();
    if !faults.is_empty() {
        faults.extend(composer.unprintable(&content));
        return Ok(Prepared::Unprintable(faults));
    }
    let reference = content.reference.clone();
    let composed = tokio::task::spawn_blocking(move || composer.compose(&content))
        .await
        .map_err(|fault| Error::internal(format!("composing a pack failed: {fault}")))?;
    let composed = match composed {
        Ok(composed) => composed,
        Err(ComposeFault::Unprintable(faults)) => return Ok(Prepared::Unprintable(faults)),
        Err(fault @ ComposeFault::Template(_)) => return Err(Error::internal(fault)),
    };
    if let Some(fault) = too_thick(&material.definition, &composed) {
        return Ok(Prepared::Unprintable(vec![fault]));
    }
    let facts = &material.client.facts;
    let pack = Pack {
        id: order.pack_id,
        wanted: order.wanted,
        client_id: material.client.id,
        claim_id: material.claim.as_ref().map(|claim| claim.id),
        claim_revision: order.wanted.is_claim_pack().then_some(revision),
        definition_version: material.definition.version.clone(),
        language: facts.letter_language,
        layout: Layout::of(facts.letter_language, facts.letter_layout),
        large_print: facts.large_print,
        source_key,
        site: material.site.clone(),
        reference,
        pages: composed.pages,
        sheets: composed.sheets,
        documents: composed.documents,
        sha256: composed.sha256,
        composed_at: context.now,
        replaces: takes_place_of,
        delivery: Delivery::default(),
        handed_over: None,
    };
    Ok(Prepared::Fresh { pack, pdf: composed.pdf })
}

/// More sheets than the largest envelope holds.
fn too_thick(definition: &Definition, composed: &Composed) -> Option<Unprintable> {
    let most = definition.service.settings.envelope_c4_sheets;
    (composed.sheets > most).then(|| Unprintable {
        place: "pack".into(),
        reason: "TOO_MANY_PAGES".into(),
        sentence: format!("has {} sheets, and the largest envelope holds {most}", composed.sheets),
        mend: "Shorten the longest answers for this print, or hand the pack over at the office.".into(),
    })
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
    let hides = |question: &QuestionId| {
        let mut marks = definition.marks(question).chain(definitions.current().marks(question));
        marks.any(|mark| !context.sees.sees(mark))
    };
    let evaluated = claims::evaluated(&definition, &client, &answers);
    let is_agency = context.user.roles == Roles::of(&[Role::Agency]);
    if !is_agency && is_short_of(&definition, &evaluated, agency, hides) {
        return Err(Error::OutsideWork(
            "this copy holds answers that are not of your work: whoever holds the meeting or checks the claim reads it",
        ));
    }
    let adviser = access::user(db, claim.start_up_by.unwrap_or(context.user.id)).await?;
    let composer = composers.of(&definition)?;
    let sources = agency::Sources {
        definition: &definition,
        words: composer.words(),
        claim: &claim,
        client: &client,
        evaluated: &evaluated,
        revision: answers.iter().map(|answer| u32::try_from(answer.revision).unwrap_or(0)).sum(),
        stood_at: at.unwrap_or(context.now),
        adviser: &adviser.name,
        hides: &hides,
    };
    let content = sources.content(agency, context.now)?;
    drop(reader);
    let composed = tokio::task::spawn_blocking(move || composer.compose_agency_copy(&content))
        .await
        .map_err(|fault| Error::internal(format!("composing an agency's copy failed: {fault}")))?
        .map_err(|fault| Error::illegal("COPY_CANNOT_BE_PRINTED", fault.to_string()))?;
    Ok(composed.pdf)
}

/// Whether an answer would be missing on the copy. Staff hand it over as a whole, or not at all.
fn is_short_of(
    definition: &Definition,
    evaluated: &Evaluated,
    agency: &str,
    hides: impl Fn(&QuestionId) -> bool,
) -> bool {
    let sections = claims::agency_sections(definition, evaluated, agency);
    let mut questions = sections.into_iter().flat_map(|(.., questions)| questions);
    questions.any(|question| question.answer(&evaluated.answers).is_some() && hides(&question.id))
}

impl Composers {
    pub fn of(&self, definition: &Definition) -> Result<Arc<Composer>> {
        if let Some(composer) = self.0.get(&definition.version) {
            return Ok(composer.clone());
        }
        let composer = Composer::new(definition.files()).map_err(Error::internal)?;
        Ok(self.0.entry(definition.version.clone()).or_insert(Arc::new(composer)).clone())
    }
}
