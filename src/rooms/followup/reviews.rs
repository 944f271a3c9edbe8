//! Deferred meetings looked at again on their day; reports of what was put off or done without, and of who came.

use super::report::{AttendanceReport, DecisionReport};
use super::report_store::{self, ReportDays};
use super::step::{Step, StepState, What};
use super::{store, working_day};
use crate::access::{self, audit};
use crate::claims;
use crate::clients;
use crate::diary::{self, Decided};
use chrono::{DateTime, Utc};
use startline_definition::Definition;
use startline_foundation::error::Result;
use startline_foundation::ids::{ClaimId, SiteId, StepId, UserId};
use startline_foundation::store::{Db, Store};

/// Ends each deferral whose review day has come, and puts the meeting on the list: each in a transaction of its own, once,
/// whoever else does it too. How many there were.
pub async fn review_deferrals(database: &Store, definition: &Definition, now: DateTime<Utc>) -> Result<usize> {
    let today = definition.calendar.local_date(now);
    let due = {
        let mut reader = database.read().await?;
        let due = diary::deferrals_to_review(&mut reader.db(), today).await?;
        let claims: Vec<ClaimId> = due.iter().map(|(_, claim)| *claim).collect();
        let closed = claims::closed_among(&mut reader.db(), &claims).await?;
        due.into_iter().filter(|(_, claim)| !closed.contains(claim)).collect::<Vec<_>>()
    };
    let mut reviewed = 0;
    for (id, claim) in due {
        let mut tx = database.begin_write().await?;
        let db = &mut tx.db();
        let context = access::system_context(db, now).await?;
        let claim = claims::for_update(db, claim).await?;
        if claim.is_closed() || clients::get(db, claim.client_id).await?.death.is_some() {
            continue;
        }
        let Some(decision) = diary::end_deferral(db, &context, id).await? else { continue };
        let Decided::Deferred { reason, review_day } = decision.what else { continue };
        let step = Step {
            id: StepId::fresh(now),
            site: claim.site.clone(),
            claim_id: claim.id,
            appointment_id: None,
            what: What::ArrangeDeferredMeeting { reason, review_day },
            cause: format!("decision:{id}"),
            due_day: working_day(definition, definition.site_or_fault(&claim.site)?, review_day, 0),
            opened_at: now,
            state: StepState::Open,
        };
        if store::insert(db, &step).await? {
            audit(db, &context, "deferral_reviewed", "claim", &claim.id).await?;
            reviewed += 1;
        }
        tx.commit().await?;
    }
    Ok(reviewed)
}

/// Meetings put off or done without: figures, and no target to measure them by (rule D4).
pub async fn decision_report(
    db: &mut Db<'_>,
    definition: &Definition,
    site: &SiteId,
    days: ReportDays,
    now: DateTime<Utc>,
) -> Result<DecisionReport> {
    let bounds = days.checked(definition)?;
    let today = definition.calendar.local_date(now);
    let rows = report_store::decisions(db, site, bounds).await?;
    let deciders: Vec<UserId> = rows.iter().map(|row| row.by).collect();
    let names = access::users(db, &deciders).await?.into_iter().map(|user| (user.id, user.name)).collect();
    let start_ups = claims::start_ups(db, site, bounds).await?;
    let overdue = report_store::overdue_reviews(db, site, today).await?;
    let report = DecisionReport::of(&rows, &names, start_ups, overdue, |at| definition.calendar.local_date(at));
    let after_misses = report_store::counted(db, site, bounds).await?;
    Ok(DecisionReport { after_misses, dates_lost: report_store::dates_lost(db, site, bounds).await?, ..report })
}

/// Who came, was late, or did not come, by day and kind of meeting.
pub async fn attendance_report(
    db: &mut Db<'_>,
    definition: &Definition,
    site: &SiteId,
    days: ReportDays,
) -> Result<AttendanceReport> {
    let rows = report_store::attendance(db, site, days.checked(definition)?).await?;
    let late_after = definition.diary.late_after_minutes;
    Ok(AttendanceReport::of(rows, late_after, |at| definition.calendar.local_date(at)))
}
