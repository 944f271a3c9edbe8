//! Who came to meetings, by day and kind.

use super::period::Period;
use super::words::ReportWords;
use super::{Report, Table};
use crate::screens::floor::chart::{Chart, Column, Scale, Series, Set};
use crate::screens::floor::glance::ask_from;
use crate::seat::Seat;
use chrono::NaiveDate;
use startline_api as pb;
use startline_service::methods::Refusal;
use std::collections::BTreeMap;

pub async fn report(seat: &Seat, w: &'static ReportWords, period: &Period) -> Result<Report, Refusal> {
    let asked = pb::GetAttendanceReportRequest {
        site_id: period.site.clone(),
        first_day: period.from.to_string(),
        last_day: period.to.to_string(),
    };
    let found = ask_from(seat, &period.site_id(), asked).await?;
    let head = [w.day, w.kind, w.booked, w.attended, w.late, w.failed, w.good_cause, w.cancelled, w.given_back, w.open];
    let mut table = Table::new(w.attendance, 2, &head);
    let mut by_day: BTreeMap<&str, [u32; 6]> = BTreeMap::new();
    for one in &found.days {
        table.row(cells(one.day.clone(), kind(seat, &one.meeting_kind), one));
        let sums = by_day.entry(&one.day).or_default();
        for (sum, part) in sums.iter_mut().zip(parts(one)) {
            *sum += part;
        }
    }
    if let Some(total) = found.total.as_ref().filter(|_| !found.days.is_empty()) {
        table.total(cells(w.total.to_owned(), String::new(), total));
    }
    let series = [
        (w.attended, "series-1", false),
        (w.failed, "series-3", true),
        (w.good_cause, "series-4", false),
        (w.cancelled, "series-2", true),
        (w.given_back, "series-6", true),
        (w.open, "series-5", false),
    ];
    let columns: Vec<Column> = by_day.iter().map(|(day, sums)| column(day, sums, &series)).collect();
    let series = series.map(|(name, class, is_hatched)| Series { name, class, is_hatched }).into();
    let how = (Set::Upon, Scale::Counts);
    let chart =
        Chart::new("attendance", w.attendance_chart.to_owned(), w.charts_told.to_owned(), series, how, &columns);
    let charts = if columns.is_empty() { Vec::new() } else { vec![chart] };
    Ok(Report { charts, tables: vec![table], note: String::new() })
}

/// Of these a day's meetings are the sum.
fn parts(one: &pb::AttendanceFigures) -> [u32; 6] {
    [one.attended, one.failed, one.failed_with_good_cause, one.cancelled, one.given_back, one.open]
}

fn cells(day: String, kind: String, one: &pb::AttendanceFigures) -> Vec<String> {
    let [attended, failed, good_cause, cancelled, given_back, open] = parts(one);
    let figures = [one.booked, attended, one.late, failed, good_cause, cancelled, given_back, open];
    [day, kind].into_iter().chain(figures.iter().map(ToString::to_string)).collect()
}

fn column(day: &str, sums: &[u32; 6], series: &[(&'static str, &'static str, bool)]) -> Column {
    let label = day.parse::<NaiveDate>().map_or_else(|_| day.to_owned(), |day| day.format("%d/%m").to_string());
    let told = sums.iter().zip(series).filter(|(sum, _)| **sum > 0).map(|(sum, (name, ..))| format!("{name} {sum}"));
    Column {
        told: format!("{label}: {}", told.collect::<Vec<_>>().join(", ")),
        label,
        parts: sums.iter().enumerate().map(|(n, sum)| (f64::from(*sum), n)).collect(),
    }
}

/// A kind of meeting by its name in the page's language.
fn kind(seat: &Seat, id: &str) -> String {
    let definition = seat.definition();
    let known = definition.diary.kinds.iter().find(|kind| *kind.id == *id);
    known.map_or_else(|| id.to_owned(), |kind| kind.name.in_language(seat.language()).to_owned())
}
