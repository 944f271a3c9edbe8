//! Advisers' hours, what they put at risk, and how long clients wait.

use super::{message, read};
use crate::doors::CallbackDoor;
use crate::paging::{Page, RankedPage};
use crate::{convert, empty, pb};
use chrono::{DateTime, Utc};
use startline_definition::Definition;
use startline_foundation::error::Result;
use startline_foundation::ids::{BlockId, UserId};
use startline_foundation::store::Db;
use startline_rooms::access::Context;
use startline_rooms::callbacks::{self, AtRisk, RosterDraft, RosterLine};
use startline_rooms::rota::{BlockDraft, Whose};
use startline_rooms::standards::{self, LeadTime, Standards};

/// Call-backs at risk that the answer to a change carries, at most.
const RISKS_TOLD: usize = 100;

impl CallbackDoor {
    pub async fn set_roster(
        &self,
        db: &mut Db<'_>,
        context: &Context,
        asked: pb::SetRosterRequest,
    ) -> Result<pb::SetRosterResponse> {
        let draft = RosterDraft {
            adviser: UserId::parse("adviser_id", &asked.adviser_id)?,
            valid_from: read::day("valid_from", &asked.valid_from)?,
            valid_to: read::optional_day("valid_to", &asked.valid_to)?,
            weeks: if asked.weeks == 0 { 1 } else { asked.weeks },
            shifts: read::shifts(&asked.shifts)?,
        };
        let definition = self.0.definitions.current();
        let risk = callbacks::set_roster(db, context, definition, draft).await?;
        let at_risk = told(db, definition, risk, context.now).await?;
        Ok(pb::SetRosterResponse { at_risk })
    }

    pub async fn report_absence(
        &self,
        db: &mut Db<'_>,
        context: &Context,
        asked: pb::ReportAbsenceRequest,
    ) -> Result<pb::ReportAbsenceResponse> {
        let adviser = UserId::parse("adviser_id", &asked.adviser_id)?;
        let first_day = read::day("first_day", &asked.first_day)?;
        let draft = BlockDraft {
            whose: Whose::One(adviser),
            kind: read::absence_kind(asked.kind)?,
            first_day,
            last_day: read::optional_day("last_day", &asked.last_day)?.unwrap_or(first_day),
            times: read::times(str::to_owned, &asked.start, &asked.end)?,
            note: asked.note,
            outside_hours_reason: String::new(),
        };
        let definition = self.0.definitions.current();
        let (block, risk) = callbacks::report_absence(db, context, definition, adviser, draft).await?;
        let at_risk = told(db, definition, risk, context.now).await?;
        Ok(pb::ReportAbsenceResponse { absence: Some(message::absence(&block)), at_risk })
    }

    pub async fn end_absence(
        &self,
        db: &mut Db<'_>,
        context: &Context,
        asked: pb::EndAbsenceRequest,
    ) -> Result<pb::EndAbsenceResponse> {
        let id = BlockId::parse("absence_id", &asked.absence_id)?;
        let definition = self.0.definitions.current();
        let (left, risk) = callbacks::end_absence(db, context, definition, id).await?;
        let at_risk = told(db, definition, risk, context.now).await?;
        Ok(pb::EndAbsenceResponse { absence: left.as_ref().map(message::absence), at_risk })
    }

    pub async fn list_roster(
        &self,
        db: &mut Db<'_>,
        context: &Context,
        asked: pb::ListRosterRequest,
    ) -> Result<pb::ListRosterResponse> {
        let definition = self.0.definitions.current();
        let page = RankedPage::of(&asked, 100, 200)?;
        let site = read::site(context, definition, &asked.site_id)?;
        let today = definition.calendar.local_date(context.now);
        let day = read::optional_day("day", &asked.day)?.unwrap_or(today);
        let lines = callbacks::list_roster(db, definition, &site, day, context.now).await?;
        let (lines, next_page_token) = page.cut(lines, |line| line.adviser);
        let nobody = empty::why(pb::EmptyReason::NobodyThere, "This site has no advisers.");
        let why_empty = empty::last_page_or(lines.is_empty(), &asked.page_token, nobody);
        Ok(pb::ListRosterResponse { lines: lines.into_iter().map(line).collect(), next_page_token, why_empty })
    }

    pub async fn list_callbacks_at_risk(
        &self,
        db: &mut Db<'_>,
        context: &Context,
        asked: pb::ListCallbacksAtRiskRequest,
    ) -> Result<pb::ListCallbacksAtRiskResponse> {
        let definition = self.0.definitions.current();
        let page = Page::of(&asked, 20, 100)?;
        let site = read::site(context, definition, &asked.site_id)?;
        let today = definition.calendar.local_date(context.now);
        let first = read::optional_day("first_day", &asked.first_day)?.unwrap_or(today);
        let last = read::optional_day("last_day", &asked.last_day)?.unwrap_or(chrono::NaiveDate::MAX);
        let all = callbacks::at_risk(db, definition, &site, (first, last), context.now).await?;
        let (all, next_page_token) =
            page.cut_whole(all, |one| (!one.callback.urgent, one.callback.starts_at, one.callback.id));
        let at_risk = message::at_risk(db, definition, &all, context.now).await?;
        Ok(pb::ListCallbacksAtRiskResponse { at_risk, next_page_token })
    }

    pub async fn get_standards(
        &self,
        db: &mut Db<'_>,
        context: &Context,
        asked: pb::GetStandardsRequest,
    ) -> Result<pb::GetStandardsResponse> {
        let definition = self.0.definitions.current();
        let site = read::site(context, definition, &asked.site_id)?;
        let days = (read::day("first_day", &asked.first_day)?, read::day("last_day", &asked.last_day)?);
        let report = standards::of_site(db, definition, &site, days).await?;
        let settings = &definition.service.settings;
        Ok(pb::GetStandardsResponse {
            site_id: site.to_string(),
            days: report.days.iter().map(|(day, found)| day_message(day.to_string(), found)).collect(),
            total: Some(day_message(String::new(), &report.total)),
            callback_standard_working_days: settings.callback_lead_max_working_days,
            meeting_standard_working_days: settings.meeting_standard_working_days,
            meeting_aim_working_days: settings.meeting_aim(),
        })
    }
}

async fn told(
    db: &mut Db<'_>,
    definition: &Definition,
    mut risk: Vec<AtRisk>,
    now: DateTime<Utc>,
) -> Result<Vec<pb::CallbackAtRisk>> {
    risk.truncate(RISKS_TOLD);
    message::at_risk(db, definition, &risk, now).await
}

fn line(line: RosterLine) -> pb::RosterLine {
    let spans = |spans: &[(DateTime<Utc>, DateTime<Utc>)]| {
        let span = |(start, end): &(DateTime<Utc>, DateTime<Utc>)| pb::RosterSpan {
            start_time: Some(convert::timestamp(*start)),
            end_time: Some(convert::timestamp(*end)),
        };
        spans.iter().map(span).collect()
    };
    pb::RosterLine {
        adviser_id: line.adviser.to_string(),
        adviser_name: line.name,
        skills: line.skills,
        outbound: spans(&line.outbound),
        inbound: spans(&line.inbound),
        absences: line.absences.iter().map(message::absence).collect(),
        booked_callbacks: u32::try_from(line.booked).unwrap_or(u32::MAX),
    }
}

fn day_message(day: String, found: &Standards) -> pb::DayStandards {
    let lead = |lead: &LeadTime| pb::LeadTime {
        count: lead.count,
        p50_working_minutes: lead.p50_working_minutes,
        p90_working_minutes: lead.p90_working_minutes,
        p50_calendar_days: lead.p50_calendar_days,
        p90_calendar_days: lead.p90_calendar_days,
        within_standard: lead.within_standard,
        share_within_standard: lead.share(),
        within_aim: lead.within_aim,
        share_within_aim: lead.share_within_aim(),
    };
    pb::DayStandards { day, to_callback: Some(lead(&found.to_callback)), to_meeting: Some(lead(&found.to_meeting)) }
}
