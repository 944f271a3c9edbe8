//! Meetings put off and done without. There is no target.

use super::period::Period;
use super::words::ReportWords;
use super::{Report, Table, share};
use crate::screens::floor::chart::{Chart, Column, Scale, Series, Set};
use crate::screens::floor::glance::ask_from;
use crate::seat::Seat;
use startline_api as pb;
use startline_service::methods::Refusal;

pub async fn report(seat: &Seat, w: &'static ReportWords, period: &Period) -> Result<Report, Refusal> {
    let asked = pb::GetDecisionReportRequest {
        site_id: period.site.clone(),
        first_day: period.from.to_string(),
        last_day: period.to.to_string(),
    };
    let found = ask_from(seat, &period.site_id(), asked).await?;
    let mut whole = Table::new(w.in_all, 1, &[w.figure, w.many]);
    for (name, figure) in [
        (w.deferred, found.deferred.to_string()),
        (w.waived, found.waived.to_string()),
        (w.start_ups, found.start_ups.to_string()),
        (w.deferred_share, share(found.deferred_share)),
        (w.waived_share, share(found.waived_share)),
        (w.overdue, found.overdue_reviews.to_string()),
        (w.dates_lost, found.dates_lost.to_string()),
        (w.median_review, found.median_days_to_review.map_or_else(String::new, |days| format!("{days:.1}"))),
    ] {
        whole.row(vec![name.to_owned(), figure]);
    }
    let decision = |word: &str| if word == "waived" { w.waived } else { w.deferred };
    let mut reasons = Table::new(w.by_reason, 2, &[w.decision, w.reason, w.many]);
    let mut columns = Vec::new();
    let (definition, language) = (seat.definition(), seat.language());
    for one in &found.reasons {
        let reason = match definition.diary.deferral_reason(&one.reason) {
            Some(reason) if one.decision != "waived" => reason.name.in_language(language).to_owned(),
            _ => w.sentence(&one.reason).unwrap_or(&one.reason).to_owned(),
        };
        reasons.row(vec![decision(&one.decision).to_owned(), reason.clone(), one.count.to_string()]);
        let series = usize::from(one.decision == "waived");
        columns.push(Column {
            told: format!("{}, {reason}: {}", decision(&one.decision), one.count),
            label: reason,
            parts: vec![(f64::from(one.count), series)],
        });
    }
    let mut deciders = Table::new(w.by_decider, 1, &[w.who, w.deferred, w.waived]);
    for one in &found.deciders {
        deciders.row(vec![one.name.clone(), one.deferred.to_string(), one.waived.to_string()]);
    }
    let series = vec![
        Series { name: w.deferred, class: "series-1", is_hatched: false },
        Series { name: w.waived, class: "series-4", is_hatched: true },
    ];
    let how = (Set::Upon, Scale::Counts);
    let chart = Chart::new("decisions", w.decisions_chart.to_owned(), w.charts_told.to_owned(), series, how, &columns);
    let charts = if columns.is_empty() { Vec::new() } else { vec![chart] };
    Ok(Report { charts, tables: vec![whole, reasons, deciders], note: String::new() })
}
