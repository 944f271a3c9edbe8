//! A day or a week as a diary: columns of five-minute lines. Where each meeting stands is said by its classes, of which the
//! style sheet has a fixed set: a page may not have styles of its own.

use super::reading::{Here, Row, Whose};
use super::words::DayWords;
use crate::seat::Seat;
use chrono::{NaiveDate, NaiveTime, Timelike};
use startline_api as pb;
use startline_definition::Site;

const LINE_MINUTES: u32 = 5;
/// As many as the style sheet has: fourteen hours.
const MOST_LINES: u32 = 168;
/// Meetings beside each other in one column, as the style sheet has them.
const MOST_LANES: usize = 6;
const USUAL_HOURS: (u32, u32) = (9 * 60, 17 * 60);

pub struct Grid {
    pub hours: Vec<Mark>,
    /// Where the diary ends.
    pub lines: u32,
    pub columns: Vec<Column>,
}

/// An hour at the edge.
pub struct Mark {
    pub at: u32,
    pub label: String,
}

pub struct Column {
    pub heading: String,
    pub link: String,
    pub is_today: bool,
    pub is_closed: bool,
    pub blocks: Vec<Laid>,
    pub meetings: Vec<Placed>,
}

impl Column {
    pub fn lanes(&self) -> usize {
        self.meetings.iter().map(|placed| placed.lane).max().unwrap_or(1)
    }
}

pub struct Placed {
    pub row: Row,
    pub at: u32,
    pub lasts: u32,
    /// Beside others at the same time.
    pub lane: usize,
}

/// What is laid over the hours: leave, training.
pub struct Laid {
    pub what: &'static str,
    pub note: String,
    pub is_extra: bool,
    pub at: u32,
    pub lasts: u32,
    pub from: String,
    pub until: String,
}

impl Grid {
    /// A column a day; of an office's one day, a column for each personal adviser.
    pub fn of(
        seat: &Seat,
        whose: &Whose,
        days: &[NaiveDate],
        rows: Vec<Row>,
        blocks: &[pb::Block],
        site: Option<&Site>,
    ) -> Self {
        use chrono::Datelike;
        let rows: Vec<Row> = rows.into_iter().filter(|row| !row.is(Here::Off)).collect();
        let minutes = |time: NaiveTime| time.hour() * 60 + time.minute();
        let open = days.iter().filter_map(|day| site?.hours_on(day.weekday()));
        let (mut from, mut until) = open.fold((u32::MAX, 0), |(from, until), (opens, closes)| {
            (from.min(minutes(opens)), until.max(minutes(closes)))
        });
        if from >= until {
            (from, until) = USUAL_HOURS;
        }
        from = rows.iter().fold(from, |from, row| from.min(row.from_minute)) / 60 * 60;
        until = rows.iter().fold(until, |until, row| until.max(row.to_minute)).div_ceil(60) * 60;
        let lines = ((until - from) / LINE_MINUTES).min(MOST_LINES);
        let scale = Scale { from, lines };
        let hours = (from / 60..until / 60).map(|hour| Mark { at: scale.line(hour * 60), label: format!("{hour}:00") });
        let calendar = &seat.definition().calendar;
        let is_closed = |day: NaiveDate| site.is_some_and(|site| !calendar.is_working_day(site, day));
        let d = DayWords::of(seat.language());
        let columns = match (whose, days) {
            (Whose::Office(office), [day]) => people(&rows)
                .into_iter()
                .map(|(id, name)| Column {
                    heading: name,
                    link: format!("/day?{}&view=day&day={day}", Whose::Person(id.clone()).query()),
                    is_today: false,
                    is_closed: is_closed(*day),
                    blocks: laid(d, blocks, *day, (Some(&id), Some(office)), &scale),
                    meetings: placed(&rows, &scale, |row| row.with_id == id),
                })
                .collect(),
            _ => days
                .iter()
                .map(|day| {
                    let of = match whose {
                        Whose::Office(office) => (None, Some(office)),
                        Whose::Person(id) => (Some(id), None),
                    };
                    Column {
                        heading: seat.day(*day),
                        link: format!("/day?{}&view=day&day={day}", whose.query()),
                        is_today: *day == seat.today(),
                        is_closed: is_closed(*day),
                        blocks: laid(d, blocks, *day, of, &scale),
                        meetings: placed(&rows, &scale, |row| row.day == *day),
                    }
                })
                .collect(),
        };
        Self { hours: hours.collect(), lines, columns }
    }

    pub fn is_empty(&self) -> bool {
        self.columns.iter().all(|column| column.meetings.is_empty() && column.blocks.is_empty())
    }
}

struct Scale {
    from: u32,
    lines: u32,
}

impl Scale {
    fn line(&self, minute: u32) -> u32 {
        (minute.saturating_sub(self.from) / LINE_MINUTES + 1).clamp(1, self.lines.max(1))
    }

    fn lasts(&self, from: u32, until: u32) -> u32 {
        let left = self.lines + 1 - self.line(from);
        (until.saturating_sub(from.max(self.from)) / LINE_MINUTES).clamp(1, left.max(1))
    }
}

fn people(rows: &[Row]) -> Vec<(String, String)> {
    let mut all: Vec<(String, String)> = Vec::new();
    for row in rows {
        if !all.iter().any(|(id, _)| *id == row.with_id) {
            all.push((row.with_id.clone(), row.with.clone()));
        }
    }
    all.sort_by(|a, b| a.1.cmp(&b.1));
    all
}

fn placed(rows: &[Row], scale: &Scale, fits: impl Fn(&Row) -> bool) -> Vec<Placed> {
    let mut fitting: Vec<&Row> = rows.iter().filter(|row| fits(row)).collect();
    fitting.sort_by_key(|row| (row.from_minute, row.to_minute));
    // Until when each lane is taken.
    let mut lanes: Vec<u32> = Vec::new();
    let mut all = Vec::new();
    for row in fitting {
        let free = lanes.iter().position(|taken| *taken <= row.from_minute);
        let lane = free.unwrap_or_else(|| lanes.len().min(MOST_LANES - 1));
        match lanes.get_mut(lane) {
            Some(taken) => *taken = row.to_minute,
            None => lanes.push(row.to_minute),
        }
        let (at, lasts) = (scale.line(row.from_minute), scale.lasts(row.from_minute, row.to_minute));
        all.push(Placed { row: row.clone(), at, lasts, lane: lane + 1 });
    }
    all
}

/// Of a day what is laid over somebody's hours: theirs, their office's, the site's.
fn laid(
    d: &'static DayWords,
    blocks: &[pb::Block],
    day: NaiveDate,
    (person, office): (Option<&String>, Option<&String>),
    scale: &Scale,
) -> Vec<Laid> {
    let day = day.to_string();
    let is_on = |block: &&pb::Block| block.first_day <= day && day <= block.last_day;
    let is_theirs = |block: &&pb::Block| match (block.user_id.as_str(), block.office_id.as_str()) {
        ("", "") => true,
        ("", id) => office.is_some_and(|office| office == id),
        (id, _) => person.is_some_and(|person| person == id),
    };
    let minute = |text: &str| {
        let time = NaiveTime::parse_from_str(text, "%H:%M").ok();
        time.map(|time| time.hour() * 60 + time.minute())
    };
    let show = |block: &pb::Block| {
        let from = minute(&block.start).unwrap_or(scale.from);
        let until = minute(&block.end).unwrap_or(scale.from + scale.lines * LINE_MINUTES);
        Laid {
            what: d.block_kind(block.kind()),
            note: block.note.clone(),
            is_extra: block.kind() == pb::BlockKind::ExtraHours,
            at: scale.line(from),
            lasts: scale.lasts(from, until),
            from: block.start.clone(),
            until: block.end.clone(),
        }
    };
    blocks.iter().filter(is_on).filter(is_theirs).map(show).collect()
}
