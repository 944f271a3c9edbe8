//! What happens without anybody asking can be seen, and what went wrong in it mended.

use crate::support::print_steps::pack_people;
use crate::support::steps::start_up_done;
use crate::support::values::new_id;
use crate::support::{Engine, Person, World, until};
use startline::access::Role;
use startline::grpc::pb::{self, JobState};
use std::collections::BTreeSet;
use tonic::Code;

/// A service with a claim whose pack is composed, so that there is one job that is done.
async fn with_a_job(world: &World) -> Person {
    let people = pack_people(world).await;
    let (claim, _) = start_up_done(world, &people.asha, "Fry").await;
    people.asha.awaits_pack(&claim.claim_id).await;
    world.add("Ada", Role::Admin, None).await
}

/// Another job like it, of this kind and with this payload.
async fn add_job(world: &World, kind: &str, payload: &str) {
    let fresh = match world.engine {
        Engine::Sqlite => "randomblob(16)",
        Engine::Postgres => "gen_random_uuid()",
    };
    let payload = match world.engine {
        Engine::Sqlite => format!("'{payload}'"),
        Engine::Postgres => format!("'{payload}'::jsonb"),
    };
    let sql = format!(
        "INSERT INTO jobs (id, kind, payload, user_id, created_at, run_after, attempt) \
         SELECT {fresh}, '{kind}', {payload}, user_id, created_at, run_after, 0 FROM jobs WHERE kind = 'compose_pack' LIMIT 1"
    );
    world.look_inside().await.execute(&sql).await;
}

async fn jobs(admin: &Person, only_failed: bool) -> Vec<pb::Job> {
    let request = pb::ListJobsRequest { only_failed, ..Default::default() };
    admin.operations().list_jobs(request).await.unwrap().into_inner().jobs
}

/// The job once it is given up; the clock goes on until then.
async fn given_up(world: &World, admin: &Person) -> pb::Job {
    until("the job to be given up", || async {
        world.wait(20);
        jobs(admin, true).await.pop()
    })
    .await
}

story!(a_job_that_nobody_knows_ends_where_an_administrator_sees_it, |world| {
    let admin = with_a_job(&world).await;
    assert_eq!(jobs(&admin, false).await, [], "what is done is not listed");
    add_job(&world, "write_poem", r#"{"claim_id": "x"}"#).await;
    let job = given_up(&world, &admin).await;
    assert_eq!((job.name.as_str(), job.state(), job.attempts), ("write_poem", JobState::Failed, 8));
    assert!(job.last_error.contains("no worker of this program knows what \"write_poem\" is"), "{}", job.last_error);
    assert!(job.ended_time.is_some());

    // Tried again it is given up again; dropped, it is gone from both lists and stays gone.
    let request = pb::RetryJobRequest { request_id: new_id(), job_id: job.job_id.clone() };
    let again = admin.operations().retry_job(request).await.unwrap().into_inner().job.unwrap();
    assert_eq!((again.state(), again.attempts), (JobState::Open, 0));
    let job = given_up(&world, &admin).await;
    let request = pb::DropJobRequest { request_id: new_id(), job_id: job.job_id.clone() };
    let dropped = admin.operations().drop_job(request).await.unwrap().into_inner().job.unwrap();
    assert_eq!(dropped.state(), JobState::Dropped);
    assert_eq!((jobs(&admin, true).await, jobs(&admin, false).await), (vec![], vec![]));
    let request = pb::RetryJobRequest { request_id: new_id(), job_id: job.job_id.clone() };
    let refused = admin.operations().retry_job(request).await.unwrap_err();
    assert_eq!(refused.code(), Code::FailedPrecondition, "{refused:?}");
    let mut inside = world.look_inside().await;
    let actions = inside.texts("SELECT action FROM audit WHERE record_kind = 'job' ORDER BY action").await;
    assert_eq!(actions, ["job_dropped", "job_retried"]);
});

story!(a_job_whose_payload_makes_no_sense_is_given_up_with_its_error_and_holds_up_no_other, |world| {
    let admin = with_a_job(&world).await;
    add_job(&world, "compose_pack", r#"{"claim": 7}"#).await;
    let job = given_up(&world, &admin).await;
    assert!(job.last_error.contains("its payload cannot be read"), "{}", job.last_error);
    // Another that owes nothing is done all the same.
    let claim = "00000000-0000-7000-8000-000000000000";
    add_job(&world, "stop_packs", &format!(r#"{{"claim_id": "{claim}"}}"#)).await;
    until("the other job to be done", || async {
        world.wait(20);
        let left = jobs(&admin, false).await;
        left.iter().all(|job| job.name != "stop_packs" || job.state() == JobState::Failed).then_some(())
    })
    .await;
});

story!(each_worker_says_when_its_newest_round_was_and_how_it_went, |world| {
    let admin = world.add("Ada", Role::Admin, None).await;
    let listed = until("every worker's first round", || async {
        let listed = admin.operations().list_workers(pb::ListWorkersRequest {}).await.unwrap().into_inner();
        let all_went_round = listed.workers.iter().all(|worker| worker.rounds > 0);
        (listed.workers.len() >= 12 && all_went_round).then_some(listed)
    })
    .await;
    let names: BTreeSet<&str> = listed.workers.iter().map(|worker| worker.name.as_str()).collect();
    for name in ["commitments", "contingencies", "diaries", "floors", "follow-ups", "jobs", "posts", "reminders"] {
        assert!(names.contains(name), "{name} is not among {names:?}");
    }
    for worker in &listed.workers {
        assert!(worker.began_time.is_some() && worker.ended_time.is_some(), "{worker:?}");
        assert_eq!((worker.fault.as_str(), worker.panics), ("", 0), "{}", worker.name);
    }
    assert_eq!((listed.request_panics, listed.job_panics, listed.call_panics), (0, 0, 0));
});

story!(only_an_administrator_sees_the_work, |world| {
    let asha = world.adviser("Asha", "somerset").await;
    let refused = asha.operations().list_jobs(pb::ListJobsRequest::default()).await.unwrap_err();
    assert_eq!(refused.code(), Code::PermissionDenied);
});
