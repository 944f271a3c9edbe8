//! Figures about meetings put off, done without, attended and missed.

use crate::doors::FollowUpDoor;
use crate::mirrors::shown;
use crate::{clients, pb};
use startline_foundation::error::{Error, Result};
use startline_foundation::formats::parse_date;
use startline_foundation::store::Db;
use startline_rooms::access::Context;
use startline_rooms::followup::{self, AttendanceLine, ReportDays};

impl FollowUpDoor {
    pub async fn get_decision_report(
        &self,
        db: &mut Db<'_>,
        context: &Context,
        asked: pb::GetDecisionReportRequest,
    ) -> Result<pb::GetDecisionReportResponse> {
        let site = clients::site_asked_for(self.0.definitions.current(), context, &asked.site_id)?;
        let days = days(&asked.first_day, &asked.last_day)?;
        let definition = self.0.definitions.current();
        let report = followup::decision_report(db, definition, &site, days, context.now).await?;
        let share = |count: u32| (report.start_ups > 0).then(|| f64::from(count) / f64::from(report.start_ups));
        let reasons = report.by_reason.iter().map(|of| pb::ReasonFigure {
            decision: of.decision.to_owned(),
            reason: of.reason.clone(),
            count: of.count,
        });
        let deciders = report.by_decider.iter().map(|(id, name, deferred, waived)| pb::DeciderFigure {
            user_id: id.to_string(),
            name: name.clone(),
            deferred: *deferred,
            waived: *waived,
        });
        let after_misses = report.after_misses.iter().map(|(decision, count, reversed)| pb::AfterMissesFigure {
            decision: shown::<pb::AfterMisses>(*decision),
            count: *count,
            reversed: *reversed,
        });
        Ok(pb::GetDecisionReportResponse {
            deferred: report.deferred,
            waived: report.waived,
            start_ups: report.start_ups,
            deferred_share: share(report.deferred),
            waived_share: share(report.waived),
            reasons: reasons.collect(),
            deciders: deciders.collect(),
            overdue_reviews: report.overdue_reviews,
            median_days_to_review: report.median_days_to_review,
            after_misses: after_misses.collect(),
            dates_lost: report.dates_lost,
        })
    }

    pub async fn get_attendance_report(
        &self,
        db: &mut Db<'_>,
        context: &Context,
        asked: pb::GetAttendanceReportRequest,
    ) -> Result<pb::GetAttendanceReportResponse> {
        let site = clients::site_asked_for(self.0.definitions.current(), context, &asked.site_id)?;
        let days = days(&asked.first_day, &asked.last_day)?;
        let definition = self.0.definitions.current();
        let report = followup::attendance_report(db, definition, &site, days).await?;
        let lines = report.by_day_and_kind.iter();
        Ok(pb::GetAttendanceReportResponse {
            days: lines.map(|((day, kind), line)| figures(day.to_string(), kind.clone(), line)).collect(),
            total: Some(figures(String::new(), String::new(), &report.total)),
        })
    }
}

pub fn days(first: &str, last: &str) -> Result<ReportDays> {
    let day = |field: &str, text: &str| parse_date(text).map_err(|reason| Error::invalid(field, reason));
    Ok(ReportDays { first: day("first_day", first)?, last: day("last_day", last)? })
}

fn figures(day: String, meeting_kind: String, line: &AttendanceLine) -> pb::AttendanceFigures {
    pb::AttendanceFigures {
        day,
        meeting_kind,
        booked: line.booked,
        open: line.open,
        attended: line.attended,
        failed: line.failed,
        failed_with_good_cause: line.failed_with_good_cause,
        cancelled: line.cancelled,
        given_back: line.given_back,
        late: line.late,
    }
}
