//! Checks of claims at meetings: listed, watched, taken, handed back and completed; how long they took; what was found.

mod found;
mod message;
mod watch;

use crate::diary::{known_office, parse_day};
use crate::doors::CheckDoor;
use crate::paging::Page;
use crate::{clients, pb};
use message::{check_message, check_messages, figures};
use startline_foundation::error::{Error, Result};
use startline_foundation::ids::AppointmentId;
use startline_foundation::store::Db;
use startline_rooms::access::Context;
use startline_rooms::checks::{self, Line};

impl CheckDoor {
    pub async fn list_checks(
        &self,
        db: &mut Db<'_>,
        context: &Context,
        asked: pb::ListChecksRequest,
    ) -> Result<pb::ListChecksResponse> {
        let definition = self.0.definitions.current();
        let office = known_office(definition, &asked.office_id)?;
        let day = match asked.day.as_str() {
            "" => definition.calendar.local_date(context.now),
            text => parse_day("day", text)?,
        };
        let page = Page::of(&asked, 50, 200)?;
        let all = checks::list(db, definition, &office, day).await?;
        let (all, next_page_token) = page.cut_whole(all, |one| (one.appointment.starts_at, one.appointment.id));
        let checks = check_messages(db, definition, &all, context.now).await?;
        Ok(pb::ListChecksResponse { checks, next_page_token })
    }

    pub async fn take_check(
        &self,
        db: &mut Db<'_>,
        context: &Context,
        asked: pb::TakeCheckRequest,
    ) -> Result<pb::TakeCheckResponse> {
        let (id, seen) = what(&asked.appointment_id, &asked.etag)?;
        let line = checks::take(db, context, self.0.definitions.current(), id, seen).await?;
        Ok(pb::TakeCheckResponse { check: Some(self.told(db, context, line).await?) })
    }

    pub async fn hand_back_check(
        &self,
        db: &mut Db<'_>,
        context: &Context,
        asked: pb::HandBackCheckRequest,
    ) -> Result<pb::HandBackCheckResponse> {
        let (id, seen) = what(&asked.appointment_id, &asked.etag)?;
        let line = checks::hand_back(db, context, self.0.definitions.current(), id, seen).await?;
        Ok(pb::HandBackCheckResponse { check: Some(self.told(db, context, line).await?) })
    }

    pub async fn complete_check(
        &self,
        db: &mut Db<'_>,
        context: &Context,
        asked: pb::CompleteCheckRequest,
    ) -> Result<pb::CompleteCheckResponse> {
        let (id, seen) = what(&asked.appointment_id, &asked.etag)?;
        let line = checks::complete(db, context, &self.0.definitions, id, seen).await?;
        Ok(pb::CompleteCheckResponse { check: Some(self.told(db, context, line).await?) })
    }

    pub async fn get_check_report(
        &self,
        db: &mut Db<'_>,
        context: &Context,
        asked: pb::GetCheckReportRequest,
    ) -> Result<pb::GetCheckReportResponse> {
        let definition = self.0.definitions.current();
        let site = clients::site_asked_for(definition, context, &asked.site_id)?;
        let days = (parse_day("first_day", &asked.first_day)?, parse_day("last_day", &asked.last_day)?);
        let report = checks::report(db, definition, &site, days, context.now).await?;
        let days = report.days.iter();
        Ok(pb::GetCheckReportResponse {
            site_id: site.to_string(),
            days: days.map(|((day, office), of)| figures(day.to_string(), office.to_string(), of)).collect(),
            total: Some(figures(String::new(), String::new(), &report.total)),
            aim_minutes: definition.service.settings.check_aim_minutes,
        })
    }

    async fn told(&self, db: &mut Db<'_>, context: &Context, line: Line) -> Result<pb::Check> {
        check_message(db, self.0.definitions.current(), line, context.now).await
    }
}

/// Which check, and which version of it was seen.
fn what(appointment: &str, etag: &str) -> Result<(AppointmentId, i32)> {
    let seen = etag.parse().map_err(|_| Error::invalid("etag", "is not one that a read gave"))?;
    Ok((AppointmentId::parse("appointment_id", appointment)?, seen))
}
