//! What was found at meetings, by question. Whose start-up calls they were is in no column.

use super::period::Period;
use super::words::ReportWords;
use super::{Report, Table};
use crate::screens::floor::glance::ask_from;
use crate::seat::Seat;
use startline_api as pb;
use startline_service::methods::Refusal;

pub async fn report(seat: &Seat, w: &'static ReportWords, period: &Period) -> Result<Report, Refusal> {
    let asked = pb::GetFindingsReportRequest {
        site_id: period.site.clone(),
        first_day: period.from.to_string(),
        last_day: period.to.to_string(),
    };
    let told = ask_from(seat, &period.site_id(), asked).await?;
    let mut table = Table::new(w.found, 1, &[w.question, w.amended, w.asked]);
    if told.too_few_people {
        table.row(vec![w.too_few_people.to_owned(), String::new(), String::new()]);
    }
    for one in &told.questions {
        let question = match one.question_id.is_empty() {
            true => w.whole_claim.to_owned(),
            false => format!("{} {}", one.question_id, one.label),
        };
        table.row(vec![question, one.amended.to_string(), one.asked.to_string()]);
    }
    let note = if told.too_few_people { String::new() } else { w.found_in(told.with_findings, told.start_ups) };
    Ok(Report { charts: Vec::new(), tables: vec![table], note })
}
