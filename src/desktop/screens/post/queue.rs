//! The queue: taking jobs, reporting many of them printed, and finding a pack by the code on a page.

use super::words::PostWords;
use super::{Line, Tabs, number, prints};
use crate::html::{Frame, Mistakes, page};
use crate::refused::{of_field, of_reason};
use crate::seat::{Posted, Seat};
use crate::visitor::{Answer, Fields};
use askama::Template;
use axum::http::StatusCode;
use futures_util::StreamExt;
use startline_api as pb;
use startline_api::Request;
use std::time::Duration;

/// So long is waited for how the room stands.
const FIRST_WORD: Duration = Duration::from_secs(5);

#[derive(Template)]
#[template(path = "post/queue.html")]
struct Queue<'a> {
    frame: Frame<'a>,
    p: &'static PostWords,
    mistakes: Mistakes,
    tabs: Tabs,
    prints: bool,
    room: pb::WatchPrintRoomResponse,
    printers: Vec<Printer>,
    mine: Vec<Line>,
    others: Vec<Line>,
    queued: Vec<Line>,
    more_queued: bool,
    printed: Vec<Line>,
    more_printed: bool,
    /// What was typed, when it could not be taken.
    many: String,
    minutes: String,
    code: String,
    typed: Fields,
}

struct Printer {
    name: String,
    state: String,
    is_well: bool,
    reasons: String,
    seen: String,
}

#[derive(Template)]
#[template(path = "post/list.html")]
struct List<'a> {
    frame: Frame<'a>,
    p: &'static PostWords,
    tabs: Tabs,
    title: &'static str,
    state: String,
    jobs: Vec<Line>,
    next: String,
}

impl Queue<'_> {
    /// As they were typed, or the job's own.
    fn counted(&self, line: &Line) -> String {
        let name = format!("pages-{}", line.id);
        if self.typed.has(&name) { self.typed.get(&name).to_owned() } else { line.pages.to_string() }
    }

    fn is_ticked(&self, line: &Line) -> bool {
        self.typed.all("job").any(|job| job == line.id)
    }

    fn wrong(&self, line: &Line) -> Option<&crate::refused::said::Said> {
        self.mistakes.of(&format!("pages-{}", line.id))
    }
}

/// How the room stands now: the first that whoever listens is told.
pub async fn room(seat: &Seat) -> Result<pb::WatchPrintRoomResponse, axum::response::Response> {
    let listened = seat.listen(&pb::WatchPrintRoomRequest {}).await;
    let mut stream = listened.map_err(|refusal| seat.refused(&refusal))?;
    match tokio::time::timeout(FIRST_WORD, stream.next()).await {
        Ok(Some(Ok(bytes))) => Ok(pb::WatchPrintRoomRequest::answer(&bytes).unwrap_or_default()),
        Ok(Some(Err(refusal))) => Err(seat.refused(&refusal)),
        Ok(None) | Err(_) => Ok(pb::WatchPrintRoomResponse::default()),
    }
}

pub async fn show(seat: Seat) -> Answer {
    let shown = queue(&seat, Fields::default(), Mistakes::default()).await?;
    Ok(seat.visitor.keeping_language(&seat.pages, shown))
}

/// A form's own address shows the queue.
pub async fn back(seat: Seat) -> Answer {
    Ok(seat.then("/post"))
}

async fn of_state(seat: &Seat, state: pb::PackState, most: i32) -> Result<(Vec<Line>, bool), axum::response::Response> {
    let request = pb::ListPrintJobsRequest { state: state.into(), page_size: most, ..Default::default() };
    let answer = seat.need(request).await?;
    let lines = answer.print_jobs.iter().map(|job| Line::of(seat, job)).collect();
    Ok((lines, !answer.next_page_token.is_empty()))
}

async fn queue(seat: &Seat, typed: Fields, mistakes: Mistakes) -> Answer {
    let p = PostWords::of(seat.language());
    let room = room(seat).await?;
    let (queued, more_queued) = of_state(seat, pb::PackState::Queued, 20).await?;
    let (leased, _) = of_state(seat, pb::PackState::Leased, 100).await?;
    let (printing, _) = of_state(seat, pb::PackState::Printing, 100).await?;
    let (printed, more_printed) = of_state(seat, pb::PackState::Printed, 50).await?;
    let (mine, others): (Vec<Line>, Vec<Line>) = printing.into_iter().chain(leased).partition(|line| line.is_mine);
    let printer = |printer: &pb::Printer| Printer {
        name: printer.name.clone(),
        state: p.printer_is(&printer.state).to_owned(),
        is_well: matches!(printer.state.as_str(), "idle" | "printing"),
        reasons: printer.reasons.join(", "),
        seen: seat.when(printer.seen_time.as_ref()),
    };
    let or = |name: &str, usual: &str| if typed.has(name) { typed.get(name).to_owned() } else { usual.to_owned() };
    let status = if mistakes.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    // A page that loads itself anew would lose what is typed into it: only for those who look on.
    let frame = seat.frame().live("post").wide();
    let shown = Queue {
        frame: if prints(seat) { frame } else { frame.again_after(30) },
        p,
        mistakes,
        tabs: Tabs { here: "queue", exceptions: room.exceptions },
        prints: prints(seat),
        printers: room.printers.iter().map(printer).collect(),
        room,
        mine,
        others,
        queued,
        more_queued,
        printed,
        more_printed,
        many: or("many", "10"),
        minutes: or("minutes", "15"),
        code: or("code", ""),
        typed,
    };
    Ok(page(status, &shown))
}

/// All jobs in one state, page by page.
pub async fn list(seat: Seat) -> Answer {
    let p = PostWords::of(seat.language());
    let state = seat.visitor.query.get("state");
    let (title, of) = match state {
        "printed" => (p.to_post, pb::PackState::Printed),
        "leased" => (p.leased, pb::PackState::Leased),
        "printing" => (p.printing, pb::PackState::Printing),
        _ => (p.in_queue, pb::PackState::Queued),
    };
    let page_token = seat.visitor.query.get("page").to_owned();
    let answer = seat.need(pb::ListPrintJobsRequest { state: of.into(), page_size: 100, page_token }).await?;
    let shown = List {
        frame: seat.frame().wide(),
        p,
        tabs: Tabs { here: "queue", exceptions: 0 },
        title,
        state: state.to_owned(),
        jobs: answer.print_jobs.iter().map(|job| Line::of(&seat, job)).collect(),
        next: answer.next_page_token,
    };
    Ok(seat.visitor.keeping_language(&seat.pages, page(StatusCode::OK, &shown)))
}

pub async fn lease(posted: Posted) -> Answer {
    let seat = &posted.seat;
    let p = PostWords::of(seat.language());
    let typed = |name: &str| number(posted.get(name)).ok().flatten().and_then(|typed| i32::try_from(typed).ok());
    let (Some(max_jobs), Some(minutes)) = (typed("many"), typed("minutes")) else {
        let field = if typed("many").is_none() { "many" } else { "minutes" };
        return queue(seat, posted.form, Mistakes::one(field, p.number_wrong)).await;
    };
    let request = pb::LeasePrintJobsRequest {
        request_id: posted.request_id(),
        max_jobs,
        lease_seconds: minutes.saturating_mul(60),
    };
    match posted.ask(request).await? {
        Ok(answer) if answer.print_jobs.is_empty() => posted.then("/post?done=none_leased"),
        Ok(_) => posted.then("/post?done=leased"),
        Err(refusal) => {
            let fields = [("max_jobs", "many"), ("lease_seconds", "minutes")];
            let mistakes = Mistakes::of_refusal(&refusal, seat.language(), &fields);
            let Posted { seat, form } = posted;
            queue(&seat, form, mistakes).await
        }
    }
}

/// Those that were ticked, each with its own count; of each that was not taken it is told why.
pub async fn report_all(posted: Posted) -> Answer {
    let Posted { seat, form } = posted;
    let p = PostWords::of(seat.language());
    let mut mistakes = Mistakes::default();
    let mut reports = Vec::new();
    for job in form.all("job") {
        let pages = number(form.get(&format!("pages-{job}")));
        if !matches!(pages, Ok(Some(_))) {
            mistakes = mistakes.and(format!("pages-{job}"), p.number_wrong);
        }
        reports.push(pb::PrintedReport {
            print_job_id: job.to_owned(),
            attempt: form.get(&format!("attempt-{job}")).parse().unwrap_or(0),
            pages: pages.ok().flatten(),
        });
    }
    if reports.is_empty() {
        mistakes = Mistakes::one("mine", p.none_ticked);
    }
    if !mistakes.is_empty() {
        return queue(&seat, form, mistakes).await;
    }
    let jobs: Vec<String> = reports.iter().map(|report| report.print_job_id.clone()).collect();
    let request = pb::ReportAllPrintedRequest { request_id: form.get("request_id").to_owned(), reports };
    let refused = match seat.ask(request).await {
        Ok(answer) => answer.refused,
        Err(refusal) if refusal.kind == startline_service::methods::RefusalKind::Invalid => {
            // `reports[3].pages` is the fourth job's field.
            for (path, text) in &refusal.fields {
                let at = path.strip_prefix("reports[").and_then(|rest| rest.split(']').next()?.parse::<usize>().ok());
                let field = at.and_then(|at| jobs.get(at)).map_or("mine".to_owned(), |job| format!("pages-{job}"));
                mistakes = mistakes.and(field, of_field(seat.language(), path, text));
            }
            return queue(&seat, form, mistakes).await;
        }
        Err(refusal) => return Err(seat.refused(&refusal)),
    };
    if refused.is_empty() {
        return Ok(seat.then("/post?done=job_printed"));
    }
    for report in refused {
        mistakes = mistakes.and(
            format!("pages-{}", report.print_job_id),
            of_reason(seat.language(), &report.reason, &report.sentence),
        );
    }
    queue(&seat, form, mistakes).await
}

/// A code on paper leads to its pack.
pub async fn scan(posted: Posted) -> Answer {
    let Posted { seat, form } = posted;
    let code = form.get("code").trim().to_owned();
    if code.is_empty() {
        let mistakes = Mistakes::one("code", PostWords::of(seat.language()).code_needed);
        return queue(&seat, form, mistakes).await;
    }
    use startline_service::methods::RefusalKind;
    match seat.ask(pb::FindByBarcodeRequest { barcode: code }).await {
        Ok(found) => {
            let pack = found.pack.unwrap_or_default().pack_id;
            let newer = match found.replaced_by_pack_id.as_str() {
                "" => String::new(),
                newer => format!("&newer={newer}"),
            };
            Ok(seat.then(&format!("/post/packs/{pack}?page={}{newer}", found.page)))
        }
        Err(refusal) if matches!(refusal.kind, RefusalKind::Invalid | RefusalKind::NotFound) => {
            let mistakes = Mistakes::of_refusal(&refusal, seat.language(), &[("barcode", "code")]);
            queue(&seat, form, mistakes).await
        }
        Err(refusal) => Err(seat.refused(&refusal)),
    }
}
