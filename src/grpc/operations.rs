//! `OperationsService`.

use super::convert::timestamp;
use super::doors::OperationsDoor;
use super::paging::Page;
use super::pb;
use startline_foundation::error::Result;
use startline_foundation::ids::JobId;
use startline_foundation::store::{self, Db, JobState, QueuedJob};
use startline_foundation::supervision::Ended;
use startline_rooms::access::{Context, audit};

impl OperationsDoor {
    pub async fn list_jobs(
        &self,
        db: &mut Db<'_>,
        _: &Context,
        asked: pb::ListJobsRequest,
    ) -> Result<pb::ListJobsResponse> {
        let page = Page::of(&asked, 50, 200)?;
        let found = store::jobs(db, asked.only_failed, page.after, page.most()).await?;
        let (found, next_page_token) = page.cut(found, |last| last.id);
        Ok(pb::ListJobsResponse { jobs: found.iter().map(message).collect(), next_page_token })
    }

    pub async fn retry_job(
        &self,
        db: &mut Db<'_>,
        context: &Context,
        asked: pb::RetryJobRequest,
    ) -> Result<pb::RetryJobResponse> {
        let id = JobId::parse("job_id", &asked.job_id)?;
        let job = store::retry_job(db, id, context.now).await?;
        audit(db, context, "job_retried", "job", &id).await?;
        Ok(pb::RetryJobResponse { job: Some(message(&job)) })
    }

    pub async fn drop_job(
        &self,
        db: &mut Db<'_>,
        context: &Context,
        asked: pb::DropJobRequest,
    ) -> Result<pb::DropJobResponse> {
        let id = JobId::parse("job_id", &asked.job_id)?;
        let job = store::drop_job(db, id, context.now).await?;
        audit(db, context, "job_dropped", "job", &id).await?;
        Ok(pb::DropJobResponse { job: Some(message(&job)) })
    }

    pub async fn list_workers(
        &self,
        _: &mut Db<'_>,
        _: &Context,
        _: pb::ListWorkersRequest,
    ) -> Result<pb::ListWorkersResponse> {
        let workers = self.0.rounds.all().into_iter().map(|(name, round)| pb::Worker {
            name,
            began_time: round.began_at.map(timestamp),
            ended_time: round.ended_at.map(timestamp),
            fault: round.fault.unwrap_or_default(),
            rounds: round.rounds,
            failures: round.failures,
            panics: round.panics,
        });
        let panics = &self.0.panics;
        Ok(pb::ListWorkersResponse {
            workers: workers.collect(),
            request_panics: panics.count(Ended::Request),
            job_panics: panics.count(Ended::Job),
            call_panics: panics.count(Ended::Call),
            retries: self.0.runner.retries(),
        })
    }
}

fn message(job: &QueuedJob) -> pb::Job {
    let (state, ended_at) = match job.state {
        JobState::Open => (pb::JobState::Open, None),
        JobState::Leased { .. } => (pb::JobState::Leased, None),
        JobState::Done { at } => (pb::JobState::Done, Some(at)),
        JobState::Failed { at } => (pb::JobState::Failed, Some(at)),
        JobState::Dropped { at } => (pb::JobState::Dropped, Some(at)),
    };
    pb::Job {
        job_id: job.id.to_string(),
        name: job.name.clone(),
        payload: job.payload.to_string(),
        user_id: job.user_id.to_string(),
        state: state.into(),
        attempts: u32::try_from(job.attempts).unwrap_or(0),
        created_time: Some(timestamp(job.created_at)),
        run_after_time: Some(timestamp(job.run_after)),
        last_error: job.last_error.clone().unwrap_or_default(),
        ended_time: ended_at.map(timestamp),
    }
}
