//! What is laid over regular hours: leave, sickness, training, a team event, extra hours.

use super::hours::may_list;
use super::offers::time_as_typed;
use super::reading::{self, Whose, done};
use super::words::DayWords;
use crate::Pages;
use crate::html::{Frame, Mistakes, page};
use crate::seat::{Posted, Seat};
use crate::visitor::Answer;
use askama::Template;
use axum::Router;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use chrono::{NaiveDate, TimeDelta};
use startline_api as pb;
use startline_foundation::formats::parse_date;
use startline_rooms::access::Role;
use std::sync::Arc;

/// So far ahead the list goes.
const SHOWN_DAYS: i64 = 183;

pub fn routes() -> Router<Arc<Pages>> {
    Router::new().route("/day/hours/blocks", get(blocks).post(block)).route("/day/hours/blocks/remove", post(unblock))
}

#[derive(Default)]
struct Typed {
    whose: String,
    kind: String,
    first_day: String,
    last_day: String,
    start: String,
    end: String,
    note: String,
    outside_reason: String,
    accept: bool,
}

/// A block as the list shows it.
struct Shown {
    id: String,
    whose: String,
    what: &'static str,
    days: String,
    times: String,
    note: String,
    outside: String,
    may_remove: bool,
}

#[derive(Template)]
#[template(path = "day/blocks.html")]
struct BlocksPage<'a> {
    frame: Frame<'a>,
    d: &'static DayWords,
    mistakes: Mistakes,
    whose: Vec<(String, String)>,
    kinds: Vec<(String, String)>,
    all: Vec<Shown>,
    next: String,
    typed: Typed,
    leaves: bool,
    may_list: bool,
}

/// What is laid over these days, where they may read it.
pub async fn of_days(seat: &Seat, days: &[NaiveDate]) -> Vec<pb::Block> {
    let (Some(first), Some(last)) = (days.first(), days.last()) else { return Vec::new() };
    if !may_list(seat) {
        return Vec::new();
    }
    let (first_day, last_day) = (first.to_string(), last.to_string());
    let asked = pb::ListBlocksRequest { first_day, last_day, page_size: 200, ..Default::default() };
    seat.may(asked).await.map(|answer| answer.blocks).unwrap_or_default()
}

fn kinds(d: &'static DayWords) -> Vec<(String, String)> {
    use pb::BlockKind as Kind;
    let all = [Kind::Leave, Kind::Sickness, Kind::Training, Kind::TeamEvent, Kind::Blocked, Kind::ExtraHours];
    all.into_iter().map(|kind| (kind.as_str_name().to_owned(), d.block_kind(kind).to_owned())).collect()
}

/// Whose hours they may lay something over.
async fn whose(seat: &Seat) -> Vec<(String, String)> {
    let d = DayWords::of(seat.language());
    let people = reading::personal_advisers(seat).await;
    let mut all: Vec<(String, String)> =
        people.into_iter().map(|(id, name)| (Whose::Person(id).value(), name)).collect();
    if seat.is_any(&[Role::Reception, Role::TeamLeader, Role::Admin]) {
        let offices = reading::offices(seat).into_iter();
        all.extend(offices.map(|(id, name)| (Whose::Office(id).value(), format!("{} {name}", d.everybody_at))));
        all.push(("site:".into(), d.everybody_at_site.to_owned()));
    }
    all
}

async fn blocks(seat: Seat) -> Answer {
    let whose = Whose::of(&seat).map(|whose| whose.value()).unwrap_or_default();
    let typed = Typed { whose, ..Default::default() };
    let shown = show(&seat, (StatusCode::OK, Mistakes::default()), typed, false).await;
    Ok(seat.visitor.keeping_language(&seat.pages, shown))
}

async fn show(seat: &Seat, (status, mistakes): (StatusCode, Mistakes), typed: Typed, leaves: bool) -> Response {
    let d = DayWords::of(seat.language());
    let today = seat.today();
    let asked = pb::ListBlocksRequest {
        first_day: today.to_string(),
        last_day: (today + TimeDelta::days(SHOWN_DAYS)).to_string(),
        page_size: 50,
        page_token: seat.visitor.query.get("page").to_owned(),
    };
    let answer = if may_list(seat) { seat.may(asked).await.unwrap_or_default() } else { Default::default() };
    let people = reading::personal_advisers(seat).await;
    let arranges_all = seat.is_any(&[Role::Reception, Role::TeamLeader, Role::Admin]);
    let day = |text: &str| parse_date(text).map_or_else(|_| text.to_owned(), |day| seat.day(day));
    let show = |block: &pb::Block| Shown {
        id: block.block_id.clone(),
        whose: match (block.user_id.as_str(), block.office_id.as_str()) {
            ("", "") => d.everybody_at_site.to_owned(),
            ("", office) => format!("{} {}", d.everybody_at, seat.office_name(office)),
            (id, _) => people
                .iter()
                .find(|(known, _)| known == id)
                .map_or_else(|| d.a_personal_adviser.to_owned(), |(_, name)| name.clone()),
        },
        what: d.block_kind(block.kind()),
        days: match block.first_day == block.last_day {
            true => day(&block.first_day),
            false => format!("{} {} {}", day(&block.first_day), d.until, day(&block.last_day)),
        },
        times: match block.start.is_empty() {
            true => d.whole_day.to_owned(),
            false => format!("{} {} {}", block.start, d.until, block.end),
        },
        note: block.note.clone(),
        outside: match block.outside_hours_reason.as_str() {
            "" => String::new(),
            reason => format!("{reason} ({})", seat.when(block.made_time.as_ref())),
        },
        may_remove: arranges_all || block.user_id == seat.user().id.to_string(),
    };
    let shown = BlocksPage {
        frame: seat.frame().wide(),
        d,
        mistakes,
        whose: whose(seat).await,
        kinds: kinds(d),
        all: answer.blocks.iter().map(show).collect(),
        next: answer.next_page_token,
        typed,
        leaves,
        may_list: may_list(seat),
    };
    page(status, &shown)
}

async fn block(posted: Posted) -> Answer {
    let seat = &posted.seat;
    let d = DayWords::of(seat.language());
    let text = |name: &str| posted.get(name).trim().to_owned();
    let typed = Typed {
        whose: text("whose"),
        kind: text("kind"),
        first_day: text("first_day"),
        last_day: text("last_day"),
        start: text("start"),
        end: text("end"),
        note: posted.get("note").to_owned(),
        outside_reason: posted.get("outside_reason").to_owned(),
        accept: posted.get("accept") == "yes",
    };
    let mut mistakes = Mistakes::default();
    let (user_id, office_id) = match Whose::parse(&typed.whose) {
        Some(Whose::Person(id)) => (id, String::new()),
        Some(Whose::Office(id)) => (String::new(), id),
        None if typed.whose == "site:" => (String::new(), String::new()),
        None => {
            mistakes = mistakes.and("whose", d.choose_whose);
            (String::new(), String::new())
        }
    };
    let kind = pb::BlockKind::from_str_name(&typed.kind);
    if kind.is_none() {
        mistakes = mistakes.and("kind", d.choose_kind);
    }
    if !mistakes.is_empty() {
        return Ok(show(seat, (StatusCode::UNPROCESSABLE_ENTITY, mistakes), typed, false).await);
    }
    let last_day = if typed.last_day.is_empty() { typed.first_day.clone() } else { typed.last_day.clone() };
    let block = pb::Block {
        block_id: String::new(),
        user_id,
        office_id,
        kind: kind.unwrap_or_default().into(),
        first_day: typed.first_day.clone(),
        last_day,
        start: time_as_typed(&typed.start),
        end: time_as_typed(&typed.end),
        note: typed.note.clone(),
        outside_hours_reason: typed.outside_reason.clone(),
        ..Default::default()
    };
    let request = pb::BlockTimeRequest {
        request_id: posted.request_id(),
        block: Some(block),
        accept_left_appointments: typed.accept,
    };
    match posted.ask(request).await? {
        Ok(answer) if answer.appointments_to_move.is_empty() => posted.then(&done("/day/hours/blocks", "time_blocked")),
        Ok(_) => posted.then(&done("/day/hours/left", "time_blocked")),
        Err(refusal) => {
            let leaves = refusal.reason == "LEAVES_APPOINTMENTS";
            let first = if leaves { "accept" } else { "whose" };
            let fields = [
                ("block", first),
                ("block.first_day", "first_day"),
                ("block.last_day", "last_day"),
                ("block.start", "start"),
                ("block.end", "end"),
                ("block.note", "note"),
                ("block.kind", "kind"),
                ("first_day", "first_day"),
                ("last_day", "last_day"),
                ("start", "start"),
                ("end", "end"),
                ("note", "note"),
                ("outside_hours_reason", "outside_reason"),
                ("kind", "kind"),
            ];
            let mistakes = Mistakes::of_refusal(&refusal, seat.language(), &fields);
            Ok(show(seat, (StatusCode::UNPROCESSABLE_ENTITY, mistakes), typed, leaves).await)
        }
    }
}

async fn unblock(posted: Posted) -> Answer {
    let request = pb::UnblockTimeRequest { request_id: posted.request_id(), block_id: posted.get("block").to_owned() };
    posted.need(request).await?;
    posted.then(&done("/day/hours/blocks", "time_given_back"))
}
