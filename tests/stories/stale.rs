//! Two desks work on one thing: the slower one is told so, and what was saved stays.

use crate::support::faults::reason;
use crate::support::steps::{client_with_claim, draft, frome_facts};
use crate::support::values::{json, new_id};
use serde_json::json;
use startline::grpc::pb;
use tonic::{Code, Status};

#[track_caller]
fn assert_stale<T: std::fmt::Debug>(answer: Result<T, Status>) {
    let refused = answer.unwrap_err();
    assert_eq!((refused.code(), reason(&refused).as_str()), (Code::Aborted, "STALE"), "{refused:?}");
}

story!(an_answer_changed_on_another_desk_is_not_overwritten, |world| {
    let (asha, colin) = (world.adviser("Asha", "somerset").await, world.adviser("Colin", "somerset").await);
    let (_, claim) = client_with_claim(&asha, "Fry").await;
    let id = &claim.claim_id;
    let saved = asha.save(id, vec![draft("T9", &json!("mornings"), 0)]).await.unwrap();
    assert_eq!(saved[0].revision, 1);
    assert_stale(colin.save(id, vec![draft("T9", &json!("evenings"), 0)]).await);
    // All or nothing: the other answer of the stale request is not saved either.
    assert_stale(colin.save(id, vec![draft("T8", &json!("a friend"), 0), draft("T9", &json!("evenings"), 0)]).await);
    let claim = colin.claim(id).await;
    assert!(claim.answers.iter().all(|answer| answer.question_id != "T8"));
    let standing = claim.answers.iter().find(|answer| answer.question_id == "T9").unwrap();
    assert_eq!((json(standing.value.as_ref().unwrap()), &standing.saved_by), (json!("mornings"), &asha.id));
    // Having read it again, Colin may change it, and take it back.
    assert_eq!(colin.save(id, vec![draft("T9", &json!("evenings"), 1)]).await.unwrap()[0].revision, 2);
    assert_stale(asha.save(id, vec![draft("T9", &json!(null), 1)]).await);
    assert_eq!(asha.save(id, vec![draft("T9", &json!(null), 2)]).await.unwrap()[0].revision, 3);
});

story!(a_client_record_changed_on_another_desk_is_not_overwritten, |world| {
    let (asha, colin) = (world.adviser("Asha", "somerset").await, world.adviser("Colin", "somerset").await);
    let client = asha.create_client(frome_facts()).await.unwrap();
    let update = |needs: &str, etag: &str| pb::UpdateClientRequest {
        request_id: new_id(),
        client_id: client.client_id.clone(),
        etag: etag.into(),
        facts: Some(pb::ClientFacts { special_needs: needs.into(), ..frome_facts() }),
    };
    let newer = asha.clients().update_client(update("large print", &client.etag)).await.unwrap().into_inner();
    assert_stale(colin.clients().update_client(update("textphone", &client.etag)).await);
    let standing = colin.client(&client.client_id).await;
    assert_eq!(Some(&standing), newer.client.as_ref());
    assert_eq!(standing.facts.unwrap().special_needs, "large print");
    assert_eq!(standing.first_contact_time, client.first_contact_time);
    colin.clients().update_client(update("textphone", &standing.etag)).await.unwrap();
});

story!(a_walk_that_moved_on_at_another_desk_is_read_again, |world| {
    let (asha, colin) = (world.adviser("Asha", "somerset").await, world.adviser("Colin", "somerset").await);
    let (client, claim) = client_with_claim(&asha, "Fry").await;
    let begun = asha.start_walk("start-up", &client.client_id, &claim.claim_id).await;
    let moved = asha.answer_step(&begun, None).await.unwrap();
    assert_stale(colin.answer_step(&begun, None).await);
    let back = pb::GoBackRequest { request_id: new_id(), walk_id: begun.walk_id.clone(), etag: begun.etag.clone() };
    assert_stale(colin.scripts().go_back(back).await);
    let request = pb::GetWalkRequest { walk_id: begun.walk_id.clone() };
    let mut standing = colin.scripts().get_walk(request).await.unwrap().into_inner().walk.unwrap();
    let holder = standing.holder.take().unwrap();
    assert_eq!((holder.user_id, &standing), (asha.id.clone(), &moved));
    // Colin takes the walk up where Asha left it.
    standing = colin.answer_step(&standing, Some(json!(["full_name"]))).await.unwrap();
    assert_ne!(standing.etag, moved.etag);
    assert_eq!(standing.step.unwrap().step_id, "identity_next", "one detail is not enough");
});
