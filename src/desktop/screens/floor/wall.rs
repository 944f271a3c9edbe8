//! The wallboard: for a screen at a wall, read from across the room. No navigation, one to forty sites that fit the screen
//! without scrolling, each with a shape and a word beside its colour; of one site alone its advisers as well.

use super::glance::{Counts, Glance, floor_snapshot, is_leaving, is_there, sites_seen};
use super::words::FloorWords;
use super::{AGAIN_AFTER_S, floors_topic, look};
use crate::html::{Frame, page};
use crate::seat::Seat;
use crate::visitor::Answer;
use askama::Template;
use axum::http::StatusCode;
use startline_api as pb;
use startline_foundation::ids::SiteId;

const MOST_SITES: usize = 40;

#[derive(Template)]
#[template(path = "floor/wall.html")]
struct Wall<'a> {
    frame: Frame<'a>,
    f: &'static FloorWords,
    sites: Vec<Glance>,
    unseen: Vec<String>,
    /// How many stand beside one another, and how many rows there are.
    columns: usize,
    rows: usize,
    /// Of one site alone.
    people: Option<People>,
    now: String,
}

/// Each adviser as one small element, in an order that does not change with what they do.
struct People {
    tiles: Vec<Tile>,
    /// How large they are.
    size: &'static str,
    legend: Vec<(&'static str, &'static str, u32)>,
}

struct Tile {
    id: String,
    name: String,
    /// Of the style sheet: its shape and colour.
    class: &'static str,
    does: &'static str,
}

pub async fn wall(seat: Seat) -> Answer {
    let seen = sites_seen(&seat);
    // As a list that is typed into an address, or as several that are ticked.
    let named = seat.visitor.query.all("sites").flat_map(|some| some.split(','));
    let mut chosen: Vec<SiteId> = named.map(|id| SiteId::new(id.trim())).filter(|id| seen.contains(id)).collect();
    chosen.dedup();
    if chosen.is_empty() {
        chosen = seen;
    }
    chosen.truncate(MOST_SITES);
    let f = FloorWords::of(seat.language());
    let (sites, unseen, people) = match chosen.as_slice() {
        [only] => {
            let floor = floor_snapshot(&seat, only).await.map_err(|refusal| seat.refused(&refusal))?;
            let glance = Glance::of(&seat, &floor);
            let people = people(f, &floor.advisers, glance.counts);
            (vec![glance], Vec::new(), Some(people))
        }
        several => {
            let (sites, unseen) = look(&seat, several).await?;
            (sites, unseen, None)
        }
    };
    let (columns, rows) = grid(sites.len() + unseen.len());
    // Of one alone each change of an adviser is shown, of several what they come to.
    let topic = match &people {
        Some(_) => format!("floor:{}", sites[0].id),
        None => floors_topic(&sites),
    };
    let frame = seat.frame().wide().again_after(AGAIN_AFTER_S).live(topic);
    let now = seat.local(seat.now).1.format("%H:%M").to_string();
    let shown = Wall { frame, f, sites, unseen, columns, rows, people, now };
    Ok(seat.visitor.keeping_language(&seat.pages, page(StatusCode::OK, &shown)))
}

/// Cells about half as wide again as they are high, on a screen that is 16 to 9.
fn grid(many: usize) -> (usize, usize) {
    let columns = (1_usize..=8).find(|columns| columns * (columns * 4).div_ceil(5) >= many).unwrap_or(8);
    (columns, many.div_ceil(columns).max(1))
}

fn people(f: &FloorWords, desks: &[pb::Desk], counts: Counts) -> People {
    let there = desks.iter().filter(|desk| is_there(desk));
    let tiles: Vec<Tile> = there
        .map(|desk| {
            let (class, does) = doing(f, desk);
            Tile { id: desk.adviser_id.clone(), name: desk.adviser_name.clone(), class, does }
        })
        .collect();
    let size = match tiles.len() {
        0..=12 => "huge",
        13..=24 => "large",
        25..=80 => "middle",
        81..=250 => "small",
        _ => "least",
    };
    let legend = vec![
        ("s-free", f.free, counts.free),
        ("s-ringing", f.ringing, counts.ringing),
        ("s-talking", f.talking, counts.talking),
        ("s-writing", f.writing, counts.writing),
        ("s-out", f.out, counts.out),
        ("s-break", f.on_break, counts.on_break),
    ];
    People { tiles, size, legend }
}

fn doing(f: &FloorWords, desk: &pb::Desk) -> (&'static str, &'static str) {
    match (desk.state(), desk.status()) {
        (pb::AdviserState::Offered, _) => ("s-ringing", f.ringing),
        (pb::AdviserState::OnCall, _) => ("s-talking", f.talking),
        (pb::AdviserState::WrapUp, _) => ("s-writing", f.writing),
        (pb::AdviserState::Outbound, _) => ("s-out", f.out),
        (_, pb::AdviserStatus::OnBreak) => ("s-break", f.on_break),
        _ if is_leaving(desk) => ("s-break", f.signed_out),
        _ => ("s-free", f.free),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn up_to_forty_sites_have_a_cell_each() {
        for many in 1..=40 {
            let (columns, rows) = grid(many);
            assert!(columns * rows >= many && columns <= 8 && rows <= 6, "{many}: {columns} by {rows}");
            assert!(columns * (rows - 1) < many, "{many}: an empty row");
        }
        assert_eq!([1, 2, 4, 12, 40].map(grid), [(1, 1), (2, 1), (2, 2), (4, 3), (7, 6)]);
    }
}
