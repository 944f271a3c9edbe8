//! How soon claims are checked after their clients came.

use super::period::Period;
use super::words::ReportWords;
use super::{Report, Table, share};
use crate::screens::floor::glance::ask_from;
use crate::seat::Seat;
use startline_api as pb;
use startline_service::methods::Refusal;

pub async fn report(seat: &Seat, w: &'static ReportWords, period: &Period) -> Result<Report, Refusal> {
    let asked = pb::GetCheckReportRequest {
        site_id: period.site.clone(),
        first_day: period.from.to_string(),
        last_day: period.to.to_string(),
    };
    let found = ask_from(seat, &period.site_id(), asked).await?;
    let head = [w.day, w.office, w.came, w.complete, w.within_aim, w.p50_minutes, w.p90_minutes, w.arrival_unknown];
    let mut table = Table::new(w.checks, 2, &head);
    for one in &found.days {
        table.row(cells(one.day.clone(), seat.office_name(&one.office_id), one));
    }
    if let Some(total) = found.total.as_ref().filter(|_| !found.days.is_empty()) {
        table.total(cells(w.total.to_owned(), String::new(), total));
    }
    Ok(Report { charts: Vec::new(), tables: vec![table], note: w.checks_aim(found.aim_minutes) })
}

fn cells(day: String, office: String, of: &pb::CheckFigures) -> Vec<String> {
    // Of none there is no middle one.
    let minutes = |minutes: u32| if of.complete > 0 { minutes.to_string() } else { String::new() };
    vec![
        day,
        office,
        of.count.to_string(),
        of.complete.to_string(),
        share((of.count > 0).then_some(of.share_within_aim)),
        minutes(of.p50_minutes),
        minutes(of.p90_minutes),
        of.arrival_unknown.to_string(),
    ]
}
