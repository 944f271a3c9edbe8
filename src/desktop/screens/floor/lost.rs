//! Sites that are declared lost: which are, which were; one is declared after its declarer has seen what that will do, and
//! ended after the same.

use super::LEADERS;
use super::glance::{ask_from, encoded, floor_snapshot, sites_seen};
use super::lost_words::LostWords;
use crate::html::{Frame, Mistakes, page};
use crate::seat::{Posted, Seat};
use crate::visitor::Answer;
use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use startline_api as pb;
use startline_definition::Site;
use startline_foundation::ids::SiteId;
use startline_rooms::access::Role;
use startline_service::methods::RefusalKind;

/// Who may declare a site lost, and end it.
const DECLARERS: &[Role] = &[Role::Supervisor, Role::Admin];
const A_PAGE: i32 = 50;

struct Line {
    id: String,
    site_id: String,
    site: String,
    reason: String,
    helpers: String,
    declared_by: String,
    declared: String,
    ended_by: String,
    ended: String,
    may_end: bool,
}

#[derive(Template)]
#[template(path = "floor/lost.html")]
struct List<'a> {
    frame: Frame<'a>,
    l: &'static LostWords,
    now: Vec<Line>,
    past: Vec<Line>,
    is_first_page: bool,
    may_declare: bool,
    /// What became of a site that has just been said to be back.
    back: Option<String>,
    next: String,
}

#[derive(Template)]
#[template(path = "floor/declare.html")]
struct Form<'a> {
    frame: Frame<'a>,
    l: &'static LostWords,
    mistakes: Mistakes,
    sites: Vec<(String, String)>,
    site: String,
    reason: String,
    others: Vec<(String, String)>,
    helpers: Vec<String>,
}

/// A site to which calls go, or which makes call-backs.
struct Helper {
    name: String,
    /// Whether it can: closed, lost itself, or how many are free.
    more: String,
}

#[derive(Template)]
#[template(path = "floor/check.html")]
struct Check<'a> {
    frame: Frame<'a>,
    l: &'static LostWords,
    site_id: String,
    site: String,
    reason: String,
    helper_ids: Vec<String>,
    helpers: Vec<Helper>,
    calls_go: Vec<Helper>,
    told: String,
    waiting: String,
    talking: String,
    due: String,
    again: String,
}

#[derive(Template)]
#[template(path = "floor/end.html")]
struct Ending<'a> {
    frame: Frame<'a>,
    l: &'static LostWords,
    line: Option<Line>,
}

fn line(seat: &Seat, l: &LostWords, one: &pb::Contingency) -> Line {
    let helpers: Vec<String> = one.helper_site_ids.iter().map(|id| seat.site_name(id)).collect();
    let is_mine = sites_seen(seat).contains(&SiteId::new(&one.site_id));
    Line {
        id: one.contingency_id.clone(),
        site_id: one.site_id.clone(),
        site: seat.site_name(&one.site_id),
        reason: one.reason.clone(),
        helpers: if helpers.is_empty() { l.itself.to_owned() } else { helpers.join(", ") },
        declared_by: one.declared_by_name.clone(),
        declared: seat.when(one.declared_time.as_ref()),
        ended_by: one.ended_by_name.clone(),
        ended: seat.when(one.ended_time.as_ref()),
        may_end: is_mine && one.ended_time.is_none() && seat.is_any(DECLARERS),
    }
}

pub async fn list(seat: Seat) -> Answer {
    let l = LostWords::of(seat.language());
    let token = seat.visitor.query.get("page").to_owned();
    let is_first_page = token.is_empty();
    let found = seat.need(pb::ListContingenciesRequest { page_size: A_PAGE, page_token: token }).await?;
    let (now, past): (Vec<_>, Vec<_>) = found.contingencies.iter().partition(|one| one.ended_time.is_none());
    let lines = |of: Vec<&pb::Contingency>| of.into_iter().map(|one| line(&seat, l, one)).collect::<Vec<_>>();
    let mut frame = seat.frame();
    // What became of it is told by whoever ended it: the sentence has a number in it.
    let back = seat.visitor.query.get("back");
    let started = seat.visitor.query.get("started").parse().unwrap_or(0);
    let back = seat.definition().site(&SiteId::new(back)).map(|_| l.is_back(&seat.site_name(back), started));
    frame.done = Some(l.lost_now).filter(|_| seat.visitor.query.get("done") == "lost_now");
    let shown = List {
        frame,
        l,
        now: lines(now),
        past: lines(past),
        is_first_page,
        may_declare: seat.is_any(DECLARERS),
        back,
        next: encoded(&found.next_page_token),
    };
    Ok(seat.visitor.keeping_language(&seat.pages, page(StatusCode::OK, &shown)))
}

fn show_form(seat: &Seat, status: StatusCode, mistakes: Mistakes, typed: &Typed) -> Response {
    let l = LostWords::of(seat.language());
    let named = |id: &SiteId| (id.to_string(), seat.site_name(id.as_str()));
    let mine = sites_seen(seat);
    let site = match (typed.site.as_str(), mine.as_slice()) {
        ("", [only]) => only.to_string(),
        (chosen, _) => chosen.to_owned(),
    };
    let others = seat.definition().sites.iter().map(|site| named(&site.id)).collect();
    let sites = mine.iter().map(named).collect();
    let frame = seat.frame();
    let shown =
        Form { frame, l, mistakes, sites, site, reason: typed.reason.clone(), others, helpers: typed.helpers.clone() };
    page(status, &shown)
}

/// What was chosen and typed, in a form or in an address.
struct Typed {
    site: String,
    reason: String,
    helpers: Vec<String>,
}

impl Typed {
    fn of(fields: &crate::visitor::Fields) -> Self {
        Self {
            site: fields.get("site").to_owned(),
            reason: fields.get("reason").to_owned(),
            helpers: fields.all("helpers").map(str::to_owned).collect(),
        }
    }

    /// As the method itself would say, before anything is asked.
    fn mistakes(&self, seat: &Seat) -> Mistakes {
        let l = LostWords::of(seat.language());
        let mut mistakes = Mistakes::default();
        if seat.definition().site(&SiteId::new(&self.site)).is_none() {
            mistakes = mistakes.and("site", l.site_needed);
        }
        if self.reason.trim().is_empty() {
            mistakes = mistakes.and("reason", l.reason_needed);
        }
        if !self.site.is_empty() && self.helpers.contains(&self.site) {
            mistakes = mistakes.and("helpers", l.helper_itself);
        }
        mistakes
    }

    fn as_query(&self) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("site", &self.site).append_pair("reason", &self.reason);
        for helper in &self.helpers {
            query.append_pair("helpers", helper);
        }
        query.finish()
    }
}

pub async fn form(seat: Seat) -> Answer {
    if !seat.is_any(DECLARERS) {
        return Ok(seat.no_page());
    }
    let shown = show_form(&seat, StatusCode::OK, Mistakes::default(), &Typed::of(&seat.visitor.query));
    Ok(seat.visitor.keeping_language(&seat.pages, shown))
}

/// What it will do, before it is done.
pub async fn check(seat: Seat) -> Answer {
    if !seat.is_any(DECLARERS) {
        return Ok(seat.no_page());
    }
    let typed = Typed::of(&seat.visitor.query);
    let mistakes = typed.mistakes(&seat);
    if !mistakes.is_empty() {
        return Ok(show_form(&seat, StatusCode::UNPROCESSABLE_ENTITY, mistakes, &typed));
    }
    let shown = checked(&seat, typed).await?;
    Ok(seat.visitor.keeping_language(&seat.pages, shown))
}

async fn checked(seat: &Seat, typed: Typed) -> Answer {
    let l = LostWords::of(seat.language());
    let site = SiteId::new(&typed.site);
    let floor = floor_snapshot(seat, &site).await.map_err(|refusal| seat.refused(&refusal))?;
    if !floor.lost_reason.is_empty() {
        let mistakes = Mistakes::one("site", l.already);
        return Ok(show_form(seat, StatusCode::UNPROCESSABLE_ENTITY, mistakes, &typed));
    }
    let talking = floor.advisers.iter().filter(|desk| desk.state() == pb::AdviserState::OnCall).count();
    let due = ask_from(seat, &site, pb::ListDueCallbacksRequest { page_size: 100, ..Default::default() }).await.ok();
    let due = due.map(|due| l.at_least(due.callbacks.len(), !due.next_page_token.is_empty()));
    let definition = seat.definition();
    let lost = lost_now(seat).await;
    let may_help = |other: &&Site| {
        let to = definition.site(&site).map(|site| site.overflow_to.as_slice()).unwrap_or_default();
        other.id != site && (to.is_empty() || to.contains(&other.id))
    };
    let mut calls_go = Vec::new();
    for other in definition.sites.iter().filter(may_help) {
        calls_go.push(helper(seat, other, &lost).await);
    }
    let mut helpers = Vec::new();
    for id in &typed.helpers {
        if let Some(other) = definition.site(&SiteId::new(id)) {
            helpers.push(helper(seat, other, &lost).await);
        }
    }
    let told: Vec<String> = std::iter::once(&typed.site).chain(&typed.helpers).map(|id| seat.site_name(id)).collect();
    let again = typed.as_query();
    let shown = Check {
        frame: seat.frame(),
        l,
        site: seat.site_name(&typed.site),
        site_id: typed.site,
        reason: typed.reason,
        helper_ids: typed.helpers,
        helpers,
        calls_go,
        told: told.join(", "),
        waiting: floor.waiting_calls.len().to_string(),
        talking: talking.to_string(),
        due: due.unwrap_or_else(|| l.not_known.to_owned()),
        again,
    };
    Ok(page(StatusCode::OK, &shown))
}

/// Those that are declared lost at present.
async fn lost_now(seat: &Seat) -> Vec<String> {
    let found = seat.may(pb::ListContingenciesRequest { page_size: 100, ..Default::default() }).await;
    let all = found.map(|found| found.contingencies).unwrap_or_default();
    all.into_iter().filter(|one| one.ended_time.is_none()).map(|one| one.site_id).collect()
}

async fn helper(seat: &Seat, site: &Site, lost: &[String]) -> Helper {
    let l = LostWords::of(seat.language());
    let is_open = seat.definition().calendar.is_open(site, seat.now);
    let more = match (lost.contains(&site.id.to_string()), is_open) {
        (true, _) => l.is_lost_too.to_owned(),
        (false, false) => l.closed_now.to_owned(),
        // Another site's floor is for those who may see it.
        (false, true) => match floor_snapshot(seat, &site.id).await {
            Ok(floor) => format!("{}: {}", l.free_there, floor.idle_advisers),
            Err(_) => String::new(),
        },
    };
    Helper { name: seat.site_name(site.id.as_str()), more }
}

pub async fn declare(posted: Posted) -> Answer {
    let seat = &posted.seat;
    let typed = Typed::of(&posted.form);
    let asked = pb::DeclareContingencyRequest {
        request_id: posted.request_id(),
        site_id: typed.site.clone(),
        reason: typed.reason.clone(),
        helper_site_ids: typed.helpers.clone(),
    };
    match ask_from(seat, &SiteId::new(&typed.site), asked).await {
        Ok(_) => posted.then("/floor/contingency?done=lost_now"),
        Err(refusal) if matches!(refusal.kind, RefusalKind::Invalid | RefusalKind::Illegal | RefusalKind::Race) => {
            let fields = [("site_id", "site"), ("reason", "reason"), ("helper_site_ids", "helpers")];
            let mistakes = Mistakes::of_refusal(&refusal, seat.language(), &fields);
            Ok(show_form(seat, StatusCode::UNPROCESSABLE_ENTITY, mistakes, &typed))
        }
        Err(refusal) => Err(seat.refused(&refusal)),
    }
}

/// Before it is said that a site is back.
pub async fn ending(seat: Seat) -> Answer {
    if !seat.is_any(LEADERS) {
        return Ok(seat.no_page());
    }
    let l = LostWords::of(seat.language());
    let found = seat.need(pb::ListContingenciesRequest { page_size: 100, ..Default::default() }).await?;
    let site = seat.visitor.query.get("site");
    let open = found.contingencies.iter().find(|one| one.site_id == site && one.ended_time.is_none());
    let line = open.map(|one| line(&seat, l, one)).filter(|line| line.may_end);
    let shown = page(StatusCode::OK, &Ending { frame: seat.frame(), l, line });
    Ok(seat.visitor.keeping_language(&seat.pages, shown))
}

pub async fn end(posted: Posted) -> Answer {
    let seat = &posted.seat;
    let site = posted.get("site").to_owned();
    let asked = pb::EndContingencyRequest { request_id: posted.request_id(), site_id: site.clone() };
    match ask_from(seat, &SiteId::new(&site), asked).await {
        Ok(answer) => posted.then(&format!("/floor/contingency?back={site}&started={}", answer.started_callbacks)),
        Err(refusal) => Err(seat.refused(&refusal)),
    }
}
