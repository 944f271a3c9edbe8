//! What the service does without anybody asking, for administrators: jobs that wait or were given up, and the workers.

mod words;

use crate::Pages;
use crate::html::{Frame, page};
use crate::seat::{Posted, Seat};
use crate::visitor::Answer;
use askama::Template;
use axum::Router;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::routing::{get, post};
use startline_api as pb;
use std::sync::Arc;
use words::OperationsWords;

pub fn routes() -> Router<Arc<Pages>> {
    Router::new()
        .route("/operations", get(list))
        .route("/operations/jobs/{job}/retry", post(retry))
        .route("/operations/jobs/{job}/drop", get(check).post(drop_job))
}

#[derive(Template)]
#[template(path = "operations/list.html")]
struct List<'a> {
    frame: Frame<'a>,
    o: &'static OperationsWords,
    all: bool,
    jobs: Vec<Line>,
    next: String,
    workers: Vec<Worker>,
    told: pb::ListWorkersResponse,
}

struct Line {
    id: String,
    name: String,
    payload: String,
    state: &'static str,
    is_failed: bool,
    is_under_way: bool,
    tries: u32,
    since: String,
    not_before: String,
    error: String,
}

struct Worker {
    name: String,
    began: String,
    ended: String,
    fault: String,
    rounds: u64,
    failures: u64,
    panics: u64,
}

#[derive(Template)]
#[template(path = "operations/drop.html")]
struct Drop<'a> {
    frame: Frame<'a>,
    o: &'static OperationsWords,
    id: String,
    line: Option<Line>,
}

impl Line {
    fn of(seat: &Seat, job: &pb::Job) -> Self {
        let o = OperationsWords::of(seat.language());
        let waits = job.run_after_time.as_ref().and_then(crate::seat::instant).is_some_and(|at| at > seat.now);
        Self {
            id: job.job_id.clone(),
            name: o.sentence(&job.name).map_or_else(|| job.name.clone(), str::to_owned),
            payload: job.payload.clone(),
            state: o.is(job.state()),
            is_failed: job.state() == pb::JobState::Failed,
            is_under_way: job.state() == pb::JobState::Leased,
            tries: job.attempts,
            since: seat.when(job.created_time.as_ref()),
            not_before: if waits { seat.when(job.run_after_time.as_ref()) } else { String::new() },
            error: job.last_error.clone(),
        }
    }
}

async fn list(seat: Seat) -> Answer {
    let all = seat.visitor.query.get("show") == "all";
    let page_token = seat.visitor.query.get("page").to_owned();
    let jobs = seat.need(pb::ListJobsRequest { only_failed: !all, page_size: 50, page_token }).await?;
    let told = seat.need(pb::ListWorkersRequest {}).await?;
    let o = OperationsWords::of(seat.language());
    let worker = |worker: &pb::Worker| Worker {
        name: o.worker_named(&worker.name),
        began: seat.when(worker.began_time.as_ref()),
        ended: seat.when(worker.ended_time.as_ref()),
        fault: worker.fault.clone(),
        rounds: worker.rounds,
        failures: worker.failures,
        panics: worker.panics,
    };
    let shown = List {
        frame: seat.frame().wide(),
        o,
        all,
        jobs: jobs.jobs.iter().map(|job| Line::of(&seat, job)).collect(),
        next: jobs.next_page_token,
        workers: told.workers.iter().map(worker).collect(),
        told,
    };
    Ok(seat.visitor.keeping_language(&seat.pages, page(StatusCode::OK, &shown)))
}

async fn retry(Path(id): Path<String>, posted: Posted) -> Answer {
    posted.need(pb::RetryJobRequest { request_id: posted.request_id(), job_id: id }).await?;
    posted.then("/operations?show=all&done=job_retried")
}

async fn check(Path(id): Path<String>, seat: Seat) -> Answer {
    // The oldest stand first, and those that were given up are the oldest of all.
    let jobs = seat.need(pb::ListJobsRequest { page_size: 200, ..Default::default() }).await?;
    let line = jobs.jobs.iter().find(|job| job.job_id == id).map(|job| Line::of(&seat, job));
    let shown = Drop { frame: seat.frame(), o: OperationsWords::of(seat.language()), id, line };
    Ok(seat.visitor.keeping_language(&seat.pages, page(StatusCode::OK, &shown)))
}

async fn drop_job(Path(id): Path<String>, posted: Posted) -> Answer {
    posted.need(pb::DropJobRequest { request_id: posted.request_id(), job_id: id }).await?;
    posted.then("/operations?done=job_dropped")
}
