//! How soon calls are answered: by half-hour of one day, by day of several. Each share is the service's own, so that there is
//! one formula of it: a day's is asked for, not reckoned here.

use super::period::Period;
use super::words::ReportWords;
use super::{Report, Table, share};
use crate::screens::floor::chart::{Chart, Column, Scale, Series, Set};
use crate::screens::floor::glance::{ask_from, duration};
use crate::seat::{Seat, timestamp};
use chrono::NaiveDate;
use startline_api as pb;
use startline_service::methods::Refusal;

/// A chart of days is one of a month at most.
const MOST_DAYS: usize = 31;

async fn ask(
    seat: &Seat,
    period: &Period,
    from: NaiveDate,
    to: NaiveDate,
) -> Result<pb::GetServiceLevelResponse, Refusal> {
    let calendar = &seat.definition().calendar;
    let asked = pb::GetServiceLevelRequest {
        site_id: period.site.clone(),
        start_time: Some(timestamp(calendar.day_bounds(from).0)),
        end_time: Some(timestamp(calendar.day_bounds(to).1)),
    };
    ask_from(seat, &period.site_id(), asked).await
}

pub async fn report(seat: &Seat, w: &'static ReportWords, period: &Period) -> Result<Report, Refusal> {
    let whole = ask(seat, period, period.from, period.to).await?;
    let is_one_day = period.from == period.to;
    let first = if is_one_day { w.half_hour } else { w.day };
    let head = [
        w.site, first, w.calls, w.answered, w.in_time, w.overflow, w.gave_up, w.at_once, w.diverted, w.p50, w.p90,
        w.busy,
    ];
    let mut table = Table::new(w.service_level, 2, &head);
    let mut columns = Vec::new();
    let name = |id: &str| if id.is_empty() { w.all_sites.to_owned() } else { seat.site_name(id) };
    if is_one_day {
        for one in &whole.half_hours {
            let time = seat.time(one.start_time.as_ref());
            table.row(cells(name(&one.site_id), time.clone(), one));
            if !period.site.is_empty() {
                columns.push(column(w, time, one));
            }
        }
    } else {
        for day in period.days().take(MOST_DAYS) {
            let answer = ask(seat, period, day, day).await?;
            let of = answer.totals.iter().filter(|total| total.site_id == period.site || period.site.is_empty());
            for one in of.filter(|one| one.entered > 0 && (!one.site_id.is_empty() || period.site.is_empty())) {
                table.row(cells(name(&one.site_id), day.to_string(), one));
                if one.site_id == period.site {
                    columns.push(column(w, day.format("%d/%m").to_string(), one));
                }
            }
        }
    }
    let with_calls =
        |total: &&pb::HalfHour| total.entered > 0 && (total.site_id == period.site || period.site.is_empty());
    for total in whole.totals.iter().filter(with_calls) {
        table.total(cells(name(&total.site_id), w.total.to_owned(), total));
    }
    let target = whole.targets.first().and_then(|target| target.target.as_ref()).map_or(0, |target| target.seconds);
    let series = vec![Series { name: w.in_time, class: "series-1", is_hatched: false }];
    let how = (Set::Upon, Scale::Shares);
    let chart = Chart::new("level", w.level_chart.to_owned(), w.charts_told.to_owned(), series, how, &columns);
    let charts = if columns.is_empty() { Vec::new() } else { vec![chart] };
    Ok(Report { charts, tables: vec![table], note: w.answered_within(target) })
}

fn cells(site: String, when: String, one: &pb::HalfHour) -> Vec<String> {
    vec![
        site,
        when,
        one.entered.to_string(),
        one.answered.to_string(),
        share(one.service_level),
        share(one.overflow_share),
        one.abandoned.to_string(),
        one.short_abandons.to_string(),
        one.diverted.to_string(),
        duration(one.wait_p50.as_ref()),
        duration(one.wait_p90.as_ref()),
        share(one.occupancy),
    ]
}

fn column(w: &ReportWords, label: String, one: &pb::HalfHour) -> Column {
    Column {
        told: format!("{label}: {} ({} {})", share(one.service_level), one.entered, w.calls),
        label,
        parts: one.service_level.map(|share| (share, 0)).into_iter().collect(),
    }
}
