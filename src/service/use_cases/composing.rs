//! A pack composed while somebody waits for it. The typesetting is done before the transaction opens: no writer waits for
//! a typesetter.

use crate::{KeptAnswer, Operation, Service};
use startline_foundation::error::{Error, Result};
use startline_foundation::ids::{ClaimId, PackExceptionId};
use startline_packs::{self as packs, Exception, Kept, Order, PackSubject, Prepared, Replacement};
use startline_rooms::access::Context;

/// Composes the claim's pack and keeps it, or the reasons why it cannot be printed. `answer` makes what is told, and kept
/// for a replay.
///
/// # Errors
/// `NotFound`; `Illegal` while the claim's start-up is not done.
pub async fn compose_pack<A: KeptAnswer>(
    service: &Service,
    operation: &Operation,
    claim: ClaimId,
    forced: bool,
    answer: impl Fn(&Kept) -> A,
) -> Result<A> {
    // A request that was answered before gets that answer, whatever has become of the claim since.
    if let Some(first) = service.runner.replayed(operation).await? {
        return Ok(first);
    }
    let (order, prepared) = prepare(service, &operation.context, PackSubject::Claim(claim), None).await?;
    let (order, prepared, answer) = (&order, &prepared, &answer);
    let keep = |mut work: crate::Work| async move {
        let (mut db, context) = work.parts();
        let kept = packs::keep(&mut db, context, &service.definitions, order, prepared, forced).await?;
        work.done(answer(&kept))
    };
    service.runner.mutate(operation, keep).await
}

/// Says what is to be printed instead, and composes it so.
///
/// # Errors
/// `NotFound`; `Illegal` when the exception is settled; `Invalid` for a place that is not at fault.
pub async fn mend_pack<A: KeptAnswer>(
    service: &Service,
    operation: &Operation,
    id: PackExceptionId,
    replacements: &[Replacement],
    answer: impl Fn(&Exception, &Kept) -> A,
) -> Result<A> {
    if let Some(first) = service.runner.replayed(operation).await? {
        return Ok(first);
    }
    // Tried first, so that what is given is checked before a typesetter works for it; nothing of this is kept.
    let mended = {
        let mut tx = service.store.begin_write().await?;
        packs::mend_exception(&mut tx.db(), &operation.context, &service.definitions, id, replacements.to_vec()).await?
    };
    let (order, prepared) = prepare(service, &operation.context, mended.wanted, Some(mended.replacements)).await?;
    let (order, prepared, answer) = (&order, &prepared, &answer);
    let keep = |mut work: crate::Work| async move {
        let (mut db, context) = work.parts();
        let db = &mut db;
        packs::mend_exception(db, context, &service.definitions, id, replacements.to_vec()).await?;
        let kept = packs::keep(db, context, &service.definitions, order, prepared, false).await?;
        let exception = packs::get_exception(db, id).await?;
        work.done(answer(&exception, &kept))
    };
    service.runner.mutate(operation, keep).await
}

async fn prepare(
    service: &Service,
    context: &Context,
    wanted: PackSubject,
    replacements: Option<Vec<Replacement>>,
) -> Result<(Order, Prepared)> {
    let mut order = {
        let mut reader = service.read().await?;
        packs::order(&mut reader.db(), service.definitions.current(), wanted, service.clock.now()).await?
    };
    for given in replacements.into_iter().flatten() {
        order.replacements.retain(|earlier| earlier.place != given.place);
        order.replacements.push(given);
    }
    let (store, composers, definitions) = (&service.store, &service.composers, &service.definitions);
    let prepared = packs::prepare(store, composers, definitions, context, &order).await?;
    Ok::<_, Error>((order, prepared))
}
