//! What is owed to a client, and storing what was composed: stored, queued, and what it replaces taken back.

use super::delivery::meeting_day;
use super::elsewhere;
use super::exception::{self, Exception};
use super::holding::{self, NoLonger};
use super::material::{Depth, Material};
use super::pack::{Delivery, Pack, PackStatus};
use super::preparing::Prepared;
use super::queries;
use super::store::{self, Sought};
use super::subject::{Order, PackSubject, Replaced};
use super::too_late;
use chrono::{DateTime, Utc};
use startline_definition::{Definition, Definitions};
use startline_foundation::error::{Error, Result};
use startline_foundation::events::Event;
use startline_foundation::ids::{ClaimId, ClientId, PackId};
use startline_foundation::store::{Db, enqueue};
use startline_rooms::access::{Context, audit};
use startline_rooms::callbacks::WriteMissedCallback;
use startline_rooms::claims::{self, ComposePack};
use startline_rooms::clients::{self, WriteDeath};
use startline_rooms::diary::{self, WriteDeferral, WriteMeetingOff, WriteNewTime};
use startline_rooms::followup::{WriteDecision, WriteMissedMeeting};
use startline_rooms::printing::{self, State, ToPrint};

/// What became of an order.
#[derive(Debug, Clone, PartialEq)]
pub enum Kept {
    Pack(PackStatus),
    /// It cannot be printed: somebody has to mend it.
    Exception(Exception),
}

/// What is to be composed now, of what was owed when something happened: the claim has gone on meanwhile. None when nothing
/// is to be sent.
pub async fn owed(
    db: &mut Db<'_>,
    definitions: &Definitions,
    context: &Context,
    wanted: PackSubject,
) -> Result<Option<PackSubject>> {
    let definition = definitions.current();
    let (claim_id, needed_on) = match wanted {
        PackSubject::MissedCallback(_)
        | PackSubject::Claim(_)
        | PackSubject::MissedMeeting(_)
        | PackSubject::Decision(_)
        | PackSubject::Death(_) => {
            // All there is to ask is asked where it is read.
            return Ok(is_there_to_say(db, definitions, context, wanted).await?.then_some(wanted));
        }
        PackSubject::Deferral(claim_id) => (claim_id, None),
        PackSubject::MeetingOff(appointment) | PackSubject::NewTime(appointment) => {
            let appointment = diary::appointment(db, appointment).await?;
            (appointment.claim_id, Some(definition.calendar.local_date(appointment.starts_at)))
        }
    };
    let claim = claims::get(db, claim_id).await?;
    // What was taken back is not written about; what is not told yet will be in the claim's own pack.
    if claim.is_closed() || !claim.is_start_up_done() {
        return Ok(None);
    }
    if let PackSubject::MeetingOff(_) = wanted {
        let has_words = definition.followup.off_letter.is_some() && claim.definition_version == definition.version;
        let is_owed = has_words && is_there_to_say(db, definitions, context, wanted).await?;
        return Ok(is_owed.then_some(wanted));
    }
    let whole = PackSubject::Claim(claim_id);
    // While nothing of the claim pack has left, one with the new time takes its place.
    let is_out = match store::newest(db, whole).await? {
        Some(pack) => queries::standing(db, definition, pack).await?.is_out(),
        None => false,
    };
    if !is_out {
        return Ok(is_there_to_say(db, definitions, context, whole).await?.then_some(whole));
    }
    // A letter that comes after the meeting would only confuse.
    let in_time = printing::outlook(definition, definition.site_or_fault(&claim.site)?, context.now, needed_on).in_time;
    Ok((in_time && is_there_to_say(db, definitions, context, wanted).await?).then_some(wanted))
}

/// Whether there is anything to say about it now. Without a meeting that stands there is nothing to compose: whoever
/// arranges one has it done.
async fn is_there_to_say(
    db: &mut Db<'_>,
    definitions: &Definitions,
    context: &Context,
    wanted: PackSubject,
) -> Result<bool> {
    match Material::read(db, definitions, context, wanted, Depth::Envelope).await {
        Ok(_) => Ok(true),
        Err(Error::Illegal { .. }) => Ok(false),
        Err(fault) => Err(fault),
    }
}

/// The order for it: under which number, what it replaces, and what somebody gave to be printed instead.
pub async fn order(db: &mut Db<'_>, definition: &Definition, wanted: PackSubject, now: DateTime<Utc>) -> Result<Order> {
    let before = store::newest(db, wanted).await?;
    let replaces =
        before.map(|pack| Replaced { pack_id: pack.id, composed_on: definition.calendar.local_date(pack.composed_at) });
    let replacements = exception::replacements(db, wanted).await?;
    Ok(Order { wanted, pack_id: PackId::fresh(now), replaces, replacements })
}

/// Stores what was prepared and queues its printing. If another worker was faster, its pack is the one. `forced`: also when
/// the client is sent something else that day.
///
/// # Errors
/// `Stale` when the record or the meeting was changed while it was composed.
pub async fn keep(
    db: &mut Db<'_>,
    context: &Context,
    definitions: &Definitions,
    order: &Order,
    prepared: &Prepared,
    forced: bool,
) -> Result<Kept> {
    let definition = definitions.current();
    if let Prepared::Existing(pack) | Prepared::Fresh { pack, .. } = prepared {
        if let Some(claim) = pack.claim_id {
            // While it was composed the claim may have been closed, and whoever stops its packs may have come and gone.
            let claim = claims::get_unmoved(db, claim).await?;
            if !pack.wanted.is_of_closing() {
                claim.check_not_closed()?;
            }
        }
        clients::get_unmoved(db, pack.client_id).await?;
        holding::check_current(db, definitions, context, pack).await?;
    }
    let pack = match prepared {
        Prepared::Unprintable(faults) => {
            return exception::raise(db, context, order.wanted, faults).await.map(Kept::Exception);
        }
        Prepared::Existing(pack) => {
            exception::settle(db, context, order.wanted, "composed").await?;
            pack.clone()
        }
        Prepared::Fresh { pack, pdf } => {
            let delivery = match order.wanted {
                PackSubject::Claim(claim) => store::delivery(db, claim).await?,
                _ => Delivery::Post,
            };
            let pack = &Pack { delivery, ..pack.clone() };
            exception::settle(db, context, order.wanted, "composed").await?;
            if store::insert_pack(db, pack, pdf).await? {
                audit(db, context, "pack_composed", "pack", &pack.id).await?;
                db.after_commit(Event::PackComposed);
                let mut older: Vec<PackId> = pack.replaces.into_iter().collect();
                // Whoever is told of a meeting need not hear any more that another was cancelled.
                if let (PackSubject::Claim(_) | PackSubject::NewTime(_), Some(claim)) = (pack.wanted, pack.claim_id) {
                    let sought = Sought { claim: Some(claim), ..Sought::default() };
                    let packs = store::list(db, &sought, None, i32::MAX).await?;
                    let off = packs.iter().filter(|pack| matches!(pack.wanted, PackSubject::MeetingOff(_)));
                    older.extend(off.map(|pack| pack.id));
                }
                take_back(db, context, definition, &older, NoLonger::Newest.reason()).await?;
                pack.clone()
            } else {
                store::by_source(db, pack.wanted, &pack.source_key).await?.ok_or(Error::Contended)?
            }
        }
    };
    elsewhere::owe(db, context, definition, &pack).await?;
    let standing = queries::standing(db, definition, pack).await?;
    let is_on_its_way = standing.pack.handed_over.is_some() || standing.jobs.iter().any(printing::PrintJob::stands);
    if is_on_its_way || matches!(standing.pack.delivery, Delivery::Email { .. }) {
        return Ok(Kept::Pack(standing));
    }
    send_to_print(db, context, definition, &standing.pack, forced).await?;
    queries::get(db, definition, standing.pack.id).await.map(Kept::Pack)
}

async fn send_to_print(
    db: &mut Db<'_>,
    context: &Context,
    definition: &Definition,
    pack: &Pack,
    forced: bool,
) -> Result<()> {
    let site = definition.site_or_fault(&pack.site)?;
    let needed_on = match pack.claim_id {
        Some(claim) => {
            let claim = claims::get(db, claim).await?;
            meeting_day(db, definition, &claim).await?
        }
        None => None,
    };
    let outlook = printing::outlook(definition, site, context.now, needed_on);
    let to_print = ToPrint {
        pack_id: pack.id,
        client_id: pack.client_id,
        reference: pack.reference.clone(),
        pages: pack.pages,
        forced,
        // Whoever collects it may be on the way.
        urgent: matches!(pack.delivery, Delivery::Collect { .. }),
    };
    printing::queue(db, context, definition, site, &to_print, outlook).await?;
    Ok(())
}

/// Looks again at what of a claim has not left: what does not hold any more is taken back. Gives what it was about, to be
/// composed anew as far as it is still owed.
pub async fn look_again(
    db: &mut Db<'_>,
    context: &Context,
    definitions: &Definitions,
    claim: ClaimId,
    reason: Option<&str>,
) -> Result<Vec<PackSubject>> {
    let sought = Sought { claim: Some(claim), ..Sought::default() };
    let packs = queries::list(db, definitions.current(), &sought, None, i32::MAX).await?;
    let mut taken = Vec::new();
    for one in packs.iter().filter(|one| one.waits()) {
        if is_taken_back(db, context, definitions, one, reason).await? && !taken.contains(&one.pack.wanted) {
            taken.push(one.pack.wanted);
        }
    }
    Ok(taken)
}

/// Takes a pack back that does not hold any more, as far as that can be done, and says whether it does not.
async fn is_taken_back(
    db: &mut Db<'_>,
    context: &Context,
    definitions: &Definitions,
    standing: &PackStatus,
    reason: Option<&str>,
) -> Result<bool> {
    let definition = definitions.current();
    let day = holding::post_day(definition, context, standing);
    let Some(why) = holding::no_longer(db, definitions, context, &standing.pack, day).await? else {
        return Ok(false);
    };
    let reason = reason.filter(|_| why == NoLonger::Standing).unwrap_or(why.reason());
    take_back(db, context, definition, &[standing.pack.id], reason).await?;
    // What takes its place is owed in that format anew.
    exception::settle_elsewhere(db, context, standing.pack.wanted, None).await?;
    Ok(true)
}

/// The client's record has changed. What has not left is taken back at once where it would go to the wrong place, and
/// composed anew with whatever waits for somebody to mend it; `moved`: so is what is in the post and goes there.
pub async fn to_compose_anew(
    db: &mut Db<'_>,
    context: &Context,
    definitions: &Definitions,
    client: ClientId,
    moved: bool,
) -> Result<Vec<PackSubject>> {
    let definition = definitions.current();
    let sought = Sought { client: Some(client), ..Sought::default() };
    let standing = queries::list(db, definition, &sought, None, i32::MAX).await?;
    let mut wanted = Vec::new();
    for one in standing.iter().filter(|one| one.waits()) {
        is_taken_back(db, context, definitions, one, None).await?;
        wanted.push(one.pack.wanted);
    }
    if moved {
        let client = clients::get(db, client).await?;
        let out = too_late::of_client(db, context, definition, &client).await?;
        wanted.extend(out.into_iter().map(|one| one.wanted));
    }
    wanted.extend(exception::open_of_client(db, client).await?);
    let mut once = Vec::new();
    for subject in wanted {
        if !once.contains(&subject) {
            once.push(subject);
        }
    }
    Ok(once)
}

/// Leaves the job that composes it.
pub async fn order_again(db: &mut Db<'_>, context: &Context, wanted: PackSubject) -> Result<()> {
    let (by, now) = (context.user.id, context.now);
    match wanted {
        PackSubject::Claim(claim_id) => enqueue(db, &ComposePack { claim_id }, by, now).await,
        PackSubject::Deferral(claim_id) => enqueue(db, &WriteDeferral { claim_id }, by, now).await,
        PackSubject::NewTime(appointment_id) => enqueue(db, &WriteNewTime { appointment_id }, by, now).await,
        PackSubject::MeetingOff(appointment_id) => enqueue(db, &WriteMeetingOff { appointment_id }, by, now).await,
        PackSubject::MissedMeeting(appointment_id) => {
            enqueue(db, &WriteMissedMeeting { appointment_id }, by, now).await
        }
        PackSubject::Decision(appointment_id) => enqueue(db, &WriteDecision { appointment_id }, by, now).await,
        PackSubject::MissedCallback(callback_id) => enqueue(db, &WriteMissedCallback { callback_id }, by, now).await,
        PackSubject::Death(client_id) => enqueue(db, &WriteDeath { client_id }, by, now).await,
    }
}

/// What of a claim was taken back because of its meeting, and is the newest of its kind: to be composed and queued again when
/// the meeting stands after all.
pub async fn held_back(
    db: &mut Db<'_>,
    definition: &Definition,
    claim: ClaimId,
    reason: &str,
) -> Result<Vec<PackSubject>> {
    let sought = Sought { claim: Some(claim), ..Sought::default() };
    let packs = queries::list(db, definition, &sought, None, i32::MAX).await?;
    let is_held = |one: &&PackStatus| {
        let last = one.jobs.last().map(|job| &job.state);
        !one.is_out() && matches!(last, Some(State::Cancelled { reason: why, .. }) if why == reason)
    };
    Ok(packs.iter().filter(is_held).map(|one| one.pack.wanted).collect())
}

/// Takes what is not in the post yet out of it, as far as that can be done: in the order of the print jobs' ids.
async fn take_back(
    db: &mut Db<'_>,
    context: &Context,
    definition: &Definition,
    packs: &[PackId],
    reason: &str,
) -> Result<()> {
    let mut jobs = printing::jobs_of_packs(db, packs).await?;
    jobs.retain(printing::PrintJob::waits);
    jobs.sort_unstable_by_key(|job| job.id);
    for job in jobs {
        if !printing::take_back(db, context, definition, job.id, reason, false).await? {
            tracing::info!(job = %job.id, reason, "an older pack can not be taken out of the post now");
        }
    }
    Ok(())
}

/// The claim was closed: nothing of it that can still be stopped goes out but what tells of that, unless it was put back
/// meanwhile. Whoever puts it back waits until this is done, so that what is composed then is not stopped.
pub async fn stop(db: &mut Db<'_>, context: &Context, definition: &Definition, claim: ClaimId) -> Result<()> {
    let claims::State::Closed(closing) = claims::get_unmoved(db, claim).await?.state else { return Ok(()) };
    let sought = Sought { claim: Some(claim), ..Sought::default() };
    let packs = store::list(db, &sought, None, i32::MAX).await?;
    let stops = |pack: &&Pack| !pack.wanted.is_of_closing();
    let ids: Vec<PackId> = packs.iter().filter(stops).map(|pack| pack.id).collect();
    for pack in packs.iter().filter(stops) {
        exception::settle_elsewhere(db, context, pack.wanted, None).await?;
    }
    take_back(db, context, definition, &ids, NoLonger::Closed(closing.how).reason()).await
}
