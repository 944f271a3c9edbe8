//! Checks as messages.

use crate::claims::query_message;
use crate::{convert, pb};
use chrono::{DateTime, Utc};
use startline_definition::Definition;
use startline_foundation::error::{Error, Result};
use startline_foundation::ids::{ClientId, UserId};
use startline_foundation::store::Db;
use startline_rooms::checks::{CheckFigures, Line, Shown, minutes};
use startline_rooms::{access, clients};
use std::collections::HashMap;

/// Checks with the names of those who meet and of those who look at them.
pub async fn check_messages(
    db: &mut Db<'_>,
    definition: &Definition,
    lines: &[Line],
    now: DateTime<Utc>,
) -> Result<Vec<pb::Check>> {
    let ids: Vec<ClientId> = lines.iter().map(|line| line.appointment.client_id).collect();
    let clients: HashMap<ClientId, String> =
        clients::get_all(db, &ids).await?.into_iter().map(|client| (client.id, client.full_name())).collect();
    let taken = lines.iter().filter_map(|line| line.check.taken()).map(|taken| taken.by);
    let people: Vec<UserId> = lines.iter().map(|line| line.appointment.personal_adviser).chain(taken).collect();
    let people: HashMap<UserId, String> =
        access::users(db, &people).await?.into_iter().map(|user| (user.id, user.name)).collect();
    let aim = definition.service.settings.check_aim_minutes;
    let message = |line: &Line| {
        let (appointment, check) = (&line.appointment, &line.check);
        let client_name = clients.get(&appointment.client_id)?.clone();
        let name = |user: &UserId| people.get(user).cloned().unwrap_or_default();
        let taken = check.taken();
        let since = |at: Option<DateTime<Utc>>| at.filter(|_| line.runs()).map(|at| minutes(at, now));
        let here = since(appointment.arrived_at);
        Some(pb::Check {
            appointment_id: appointment.id.to_string(),
            claim_id: appointment.claim_id.to_string(),
            client_id: appointment.client_id.to_string(),
            client_name,
            state: state(line.shown).into(),
            start_time: Some(convert::timestamp(appointment.starts_at)),
            personal_adviser_id: appointment.personal_adviser.to_string(),
            personal_adviser_name: name(&appointment.personal_adviser),
            arrived_time: appointment.arrived_at.map(convert::timestamp),
            form_back_time: line.form_back_at.map(convert::timestamp),
            minutes_since_arrival: here,
            minutes_since_form: since(line.form_back_at),
            over_aim: here.is_some_and(|minutes| minutes > aim),
            checked_by: taken.map(|taken| taken.by.to_string()).unwrap_or_default(),
            checked_by_name: taken.map(|taken| name(&taken.by)).unwrap_or_default(),
            taken_time: taken.map(|taken| convert::timestamp(taken.at)),
            completed_time: check.completed_at().map(convert::timestamp),
            open_queries: line.open.iter().map(query_message).collect(),
            answered_queries: line.answered.iter().map(query_message).collect(),
            etag: check.version.to_string(),
        })
    };
    Ok(lines.iter().filter_map(message).collect())
}

pub async fn check_message(
    db: &mut Db<'_>,
    definition: &Definition,
    line: Line,
    now: DateTime<Utc>,
) -> Result<pb::Check> {
    let told = check_messages(db, definition, &[line], now).await?.pop();
    told.ok_or_else(|| Error::internal("a check without a message"))
}

pub fn figures(day: String, office_id: String, of: &CheckFigures) -> pb::CheckFigures {
    pb::CheckFigures {
        day,
        office_id,
        count: of.count,
        complete: of.complete,
        p50_minutes: of.p50_minutes,
        p90_minutes: of.p90_minutes,
        within_aim: of.within_aim,
        share_within_aim: of.share_within_aim(),
        arrival_unknown: of.arrival_unknown,
    }
}

fn state(shown: Shown) -> pb::CheckState {
    match shown {
        Shown::Expected => pb::CheckState::Expected,
        Shown::Waiting => pb::CheckState::Waiting,
        Shown::Taken => pb::CheckState::Taken,
        Shown::Asked => pb::CheckState::Asked,
        Shown::Answered => pb::CheckState::Answered,
        Shown::Complete => pb::CheckState::Complete,
        Shown::Lodged => pb::CheckState::Lodged,
    }
}
