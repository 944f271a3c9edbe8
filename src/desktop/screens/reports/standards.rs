//! How long clients wait, against the standards.

use super::period::Period;
use super::words::ReportWords;
use super::{Report, Table, share};
use crate::screens::floor::chart::{Chart, Column, Scale, Series, Set};
use crate::screens::floor::glance::ask_from;
use crate::seat::Seat;
use chrono::NaiveDate;
use startline_api as pb;
use startline_service::methods::Refusal;

pub async fn report(seat: &Seat, w: &'static ReportWords, period: &Period) -> Result<Report, Refusal> {
    let asked = pb::GetStandardsRequest {
        site_id: period.site.clone(),
        first_day: period.from.to_string(),
        last_day: period.to.to_string(),
    };
    let found = ask_from(seat, &period.site_id(), asked).await?;
    let head = [w.day, w.clients, w.within, w.within_aim, w.p50_days, w.p90_days, w.p50_hours, w.p90_hours];
    let none = pb::LeadTime::default();
    let table = |caption: &str, of: fn(&pb::DayStandards) -> Option<&pb::LeadTime>| {
        let mut table = Table::new(caption, 1, &head);
        for day in &found.days {
            if let Some(lead) = of(day).filter(|lead| lead.count > 0) {
                table.row(cells(day.day.clone(), lead));
            }
        }
        if let Some(total) = found.total.as_ref().filter(|_| !table.rows.is_empty()) {
            table.total(cells(w.total.to_owned(), of(total).unwrap_or(&none)));
        }
        table
    };
    let tables =
        vec![table(w.to_callback, |day| day.to_callback.as_ref()), table(w.to_meeting, |day| day.to_meeting.as_ref())];
    let columns: Vec<Column> = found.days.iter().map(|day| column(w, day)).collect();
    let series = vec![
        Series { name: w.to_callback, class: "series-1", is_hatched: false },
        Series { name: w.to_meeting, class: "series-6", is_hatched: true },
    ];
    let how = (Set::Beside, Scale::Shares);
    let chart = Chart::new("standards", w.standards_chart.to_owned(), w.charts_told.to_owned(), series, how, &columns);
    let charts = if columns.is_empty() { Vec::new() } else { vec![chart] };
    let note = w.standards_are(
        found.callback_standard_working_days,
        found.meeting_standard_working_days,
        found.meeting_aim_working_days,
    );
    Ok(Report { charts, tables, note })
}

fn cells(day: String, lead: &pb::LeadTime) -> Vec<String> {
    let of = |minutes: u32| format!("{}:{:02}", minutes / 60, minutes % 60);
    vec![
        day,
        lead.count.to_string(),
        share((lead.count > 0).then_some(lead.share_within_standard)),
        share((lead.count > 0).then_some(lead.share_within_aim)),
        lead.p50_calendar_days.to_string(),
        lead.p90_calendar_days.to_string(),
        of(lead.p50_working_minutes),
        of(lead.p90_working_minutes),
    ]
}

fn column(w: &ReportWords, day: &pb::DayStandards) -> Column {
    let part = |lead: &Option<pb::LeadTime>| {
        lead.as_ref().filter(|lead| lead.count > 0).map_or(0.0, |lead| lead.share_within_standard)
    };
    let (callback, meeting) = (part(&day.to_callback), part(&day.to_meeting));
    let label = day.day.parse::<NaiveDate>().map_or_else(|_| day.day.clone(), |day| day.format("%d/%m").to_string());
    Column {
        told: format!(
            "{label}: {} {}, {} {}",
            w.to_callback,
            share(Some(callback)),
            w.to_meeting,
            share(Some(meeting))
        ),
        label,
        parts: vec![(callback, 0), (meeting, 1)],
    }
}
