//! What is owed to a client, and storing what was composed: stored, queued, and what it replaces taken back.

use super::delivery::meeting_day;
use super::exception::{self, Exception};
use super::pack::{Delivery, Pack, PackStatus};
use super::preparing::Prepared;
use super::queries;
use super::store;
use super::subject::{Order, PackSubject, Replaced};
use chrono::{DateTime, Utc};
use startline_definition::Definition;
use startline_foundation::error::{Error, Result};
use startline_foundation::events::Event;
use startline_foundation::ids::{ClaimId, ClientId, PackId};
use startline_foundation::store::Db;
use startline_rooms::access::{Context, audit};
use startline_rooms::claims;
use startline_rooms::diary;
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
    definition: &Definition,
    wanted: PackSubject,
    now: DateTime<Utc>,
) -> Result<Option<PackSubject>> {
    let (claim_id, needed_on) = match wanted {
        PackSubject::MissedCallback(_) => return Ok(Some(wanted)),
        PackSubject::Claim(claim_id) | PackSubject::Deferral(claim_id) => (claim_id, None),
        PackSubject::MissedMeeting(appointment) => (diary::appointment(db, appointment).await?.claim_id, None),
        PackSubject::MeetingOff(appointment) => {
            let appointment = diary::appointment(db, appointment).await?;
            if !matches!(appointment.state, diary::State::Cancelled { .. }) {
                return Ok(None);
            }
            (appointment.claim_id, Some(definition.calendar.local_date(appointment.starts_at)))
        }
        PackSubject::NewTime(appointment) => {
            let appointment = diary::appointment(db, appointment).await?;
            if appointment.state != diary::State::Booked {
                return Ok(None);
            }
            (appointment.claim_id, Some(definition.calendar.local_date(appointment.starts_at)))
        }
    };
    let claim = claims::get(db, claim_id).await?;
    // What was taken back is not written about; what is not told yet will be in the claim's own pack.
    if matches!(claim.state, claims::State::Withdrawn(_)) || !claim.is_start_up_done() {
        return Ok(None);
    }
    if let PackSubject::MissedMeeting(_) = wanted {
        return Ok(Some(wanted));
    }
    // Without a meeting there is nothing to say yet: whoever arranges one has the pack composed. Nor while it has to be
    // moved: whoever moves it does.
    let meeting = diary::meeting(db, claim_id).await?;
    let is_arranged = match &meeting {
        diary::Meeting::Open => false,
        diary::Meeting::Booked(met) => !is_to_move(db, definition, met).await?,
        _ => true,
    };
    if let PackSubject::MeetingOff(_) = wanted {
        return Ok(is_told_off(definition, &claim, &meeting).then_some(wanted));
    }
    if matches!(wanted, PackSubject::NewTime(_)) && !is_arranged {
        return Ok(None);
    }
    if let PackSubject::Claim(_) = wanted {
        return Ok(is_arranged.then_some(wanted));
    }
    let Some(pack) = store::newest(db, PackSubject::Claim(claim_id)).await? else {
        return Ok(is_arranged.then_some(PackSubject::Claim(claim_id)));
    };
    // While nobody has begun to print the claim pack, a new one with the new time takes its place.
    if queries::standing(db, definition, pack).await?.is_untouched() {
        return Ok(Some(PackSubject::Claim(claim_id)));
    }
    // A letter that comes after the meeting would only confuse.
    let in_time = printing::outlook(definition, definition.site_or_fault(&claim.site)?, now, needed_on).in_time;
    Ok(in_time.then_some(wanted))
}

/// Whether there is something about the claim's meeting that a letter may name: one that is booked and stands, or that it
/// is put off, done without or over.
pub async fn has_meeting_that_stands(db: &mut Db<'_>, definition: &Definition, claim: ClaimId) -> Result<bool> {
    Ok(match diary::meeting(db, claim).await? {
        diary::Meeting::Booked(met) => !is_to_move(db, definition, &met).await?,
        diary::Meeting::Open | diary::Meeting::Missed(_) => false,
        diary::Meeting::Held(_) | diary::Meeting::Deferred(_) | diary::Meeting::Waived(_) => true,
    })
}

async fn is_to_move(db: &mut Db<'_>, definition: &Definition, met: &diary::Appointment) -> Result<bool> {
    let (whose, bounds) = ((met.personal_adviser, &met.office), (met.starts_at, met.ends_at));
    diary::is_to_move(db, definition, whose, bounds).await
}

/// Whether a letter tells that the meeting was cancelled. Whoever has booked another since, or put it off, has told of that.
/// A claim of an older definition has no words for it.
fn is_told_off(definition: &Definition, claim: &claims::Claim, meeting: &diary::Meeting) -> bool {
    let is_open = matches!(meeting, diary::Meeting::Open | diary::Meeting::Missed(_));
    is_open && definition.followup.off_letter.is_some() && claim.definition_version == definition.version
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
pub async fn keep(
    db: &mut Db<'_>,
    context: &Context,
    definition: &Definition,
    order: &Order,
    prepared: &Prepared,
    forced: bool,
) -> Result<Kept> {
    if let Prepared::Existing(pack) | Prepared::Fresh { pack, .. } = prepared
        && let Some(claim) = pack.claim_id
    {
        // While it was composed the claim may have been withdrawn, and whoever stops its packs may have come and gone.
        claims::get_unmoved(db, claim).await?.check_not_withdrawn()?;
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
                    older.extend(of_claim(db, claim, |wanted| matches!(wanted, PackSubject::MeetingOff(_))).await?);
                }
                take_back(db, context, definition, &older, "a newer pack takes its place").await?;
                pack.clone()
            } else {
                store::by_source(db, pack.wanted, &pack.source_key).await?.ok_or(Error::Contended)?
            }
        }
    };
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

/// Takes back what names the claim's meeting, as far as nobody has posted it: the meeting is off, or has to be moved.
pub async fn hold(
    db: &mut Db<'_>,
    context: &Context,
    definition: &Definition,
    claim: ClaimId,
    reason: &str,
) -> Result<()> {
    let names_it = |wanted| matches!(wanted, PackSubject::Claim(_) | PackSubject::NewTime(_));
    let packs = of_claim(db, claim, names_it).await?;
    take_back(db, context, definition, &packs, reason).await
}

async fn of_claim(db: &mut Db<'_>, claim: ClaimId, which: impl Fn(PackSubject) -> bool) -> Result<Vec<PackId>> {
    let sought = store::Sought { claim: Some(claim), ..store::Sought::default() };
    let packs = store::list(db, &sought, None, i32::MAX).await?;
    Ok(packs.iter().filter(|pack| which(pack.wanted)).map(|pack| pack.id).collect())
}

/// What of a client is on its way to the printer and has not been begun, or waits for somebody to mend it: the record has
/// changed, so it is composed anew.
pub async fn to_compose_anew(db: &mut Db<'_>, definition: &Definition, client: ClientId) -> Result<Vec<PackSubject>> {
    let sought = store::Sought { client: Some(client), ..store::Sought::default() };
    let standing = queries::list(db, definition, &sought, None, i32::MAX).await?;
    let waits = |one: &&PackStatus| {
        one.is_untouched() && (one.jobs.is_empty() || one.jobs.iter().any(printing::PrintJob::stands))
    };
    let mut wanted: Vec<PackSubject> = standing.iter().filter(waits).map(|one| one.pack.wanted).collect();
    wanted.extend(exception::open_of_client(db, client).await?);
    let mut once = Vec::new();
    for subject in wanted {
        if !once.contains(&subject) {
            once.push(subject);
        }
    }
    Ok(once)
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
    jobs.retain(|job| matches!(job.state, State::Queued | State::Leased { .. } | State::Printed(_)));
    jobs.sort_unstable_by_key(|job| job.id);
    for job in jobs {
        match printing::cancel(db, context, definition, job.id, reason).await {
            Ok(_) => {}
            Err(Error::Illegal { reason, .. }) => {
                tracing::info!(job = %job.id, reason, "an older pack can no longer be taken out of the post");
            }
            Err(fault) => return Err(fault),
        }
    }
    Ok(())
}

/// The claim was withdrawn: nothing of it that can still be stopped goes out, unless it was reopened meanwhile. Whoever
/// reopens it waits until this is done, so that what is composed then is not stopped.
pub async fn stop(db: &mut Db<'_>, context: &Context, definition: &Definition, claim: ClaimId) -> Result<()> {
    if !matches!(claims::get_unmoved(db, claim).await?.state, claims::State::Withdrawn(_)) {
        return Ok(());
    }
    let sought = store::Sought { claim: Some(claim), ..store::Sought::default() };
    let packs = store::list(db, &sought, None, i32::MAX).await?;
    let ids: Vec<PackId> = packs.iter().map(|pack| pack.id).collect();
    take_back(db, context, definition, &ids, "the claim was withdrawn").await
}
