//! A definition's version never changes, and what began on one goes on with it.

use crate::starts::{copied_definition, edit};
use crate::support::Person;
use crate::support::steps::{client_with_claim, draft};
use crate::support::values::new_id;
use serde_json::json;
use startline::grpc::pb;

async fn definition(adviser: &Person, version: &str) -> pb::GetDefinitionResponse {
    let request = pb::GetDefinitionRequest { version: version.into(), ..Default::default() };
    adviser.definitions().get_definition(request).await.unwrap().into_inner()
}

/// What the form of that version calls the question.
fn label<'a>(definition: &'a pb::GetDefinitionResponse, question: &str) -> &'a str {
    let mut questions = definition.form_parts.iter().flat_map(|part| &part.questions);
    &questions.find(|candidate| candidate.question_id == question).unwrap().label
}

async fn missing_label(adviser: &Person, claim: &str, question: &str) -> Option<String> {
    let request = pb::ListMissingRequest { claim_id: claim.into(), ..Default::default() };
    let missing = adviser.claims().list_missing(request).await.unwrap().into_inner().missing;
    missing.into_iter().find(|line| line.question_id == question).map(|line| line.label)
}

async fn walk(adviser: &Person, id: &str) -> pb::Walk {
    let request = pb::GetWalkRequest { walk_id: id.into() };
    adviser.scripts().get_walk(request).await.unwrap().into_inner().walk.unwrap()
}

story!(a_claim_and_a_walk_go_on_with_the_version_they_began_on, |mut world| {
    const OLD: &str = "Your main reason for getting in touch";
    const NEW: &str = "What has happened?";
    let asha = world.adviser("Asha", "somerset").await;
    let (client, claim) = client_with_claim(&asha, "Fry").await;
    let begun = asha.start_walk("start-up", &client.client_id, &claim.claim_id).await;
    let alone = asha.start_walk("inbound", "", "").await;
    let old = definition(&asha, "").await;
    assert_eq!((&claim.definition_version, &begun.definition_version), (&old.version, &old.version));
    assert_eq!(label(&old, "A5"), OLD);

    let folder = copied_definition(&world, "newer");
    edit(&folder.join("form/a.yaml"), OLD, NEW);
    // The old version's question T9 is gone from the new one.
    let t = std::fs::read_to_string(folder.join("form/t.yaml")).unwrap();
    let t9 = &t[t.find("  - id: T9\n").unwrap()..t.find("  - id: T10\n").unwrap()];
    edit(&folder.join("form/t.yaml"), t9, "");
    edit(&folder.join("agencies/ES.yaml"), "T9, T10]", "T10]");
    edit(&folder.join("scripts/start-up.yaml"), "        fills: T9\n", "        kind: text\n        max_chars: 99\n");
    edit(&folder.join("scripts/start-up.yaml"), "title: { en: Reach the client,", "title: { en: Find the client,");
    edit(&folder.join("scripts/inbound.yaml"), "title: { en: Answer,", "title: { en: Greet,");
    world.restart_with_definition(folder.clone()).await;

    let new = definition(&asha, "").await;
    assert_ne!(new.version, old.version);
    assert_eq!(label(&new, "A5"), NEW);
    let as_it_was = pb::GetDefinitionResponse { in_force: false, ..old.clone() };
    assert_eq!(definition(&asha, &old.version).await, as_it_was, "the old version can still be read");

    assert_eq!(asha.claim(&claim.claim_id).await, claim);
    assert_eq!(missing_label(&asha, &claim.claim_id, "A5").await.as_deref(), Some(OLD));
    asha.save(&claim.claim_id, vec![draft("T9", &json!("mornings"), 0)]).await.unwrap();
    assert_eq!(walk(&asha, &begun.walk_id).await, begun);
    assert_eq!(walk(&asha, &alone.walk_id).await.step.unwrap().stage_title, "Answer");
    let moved = asha.answer_step(&begun, None).await.unwrap();
    assert_eq!(
        (moved.definition_version, moved.step.unwrap().stage_title),
        (old.version.clone(), "Reach the client".into())
    );
    // A walk that fills the old claim speaks of the old claim's form.
    let filling = asha.start_walk("start-up", &client.client_id, &claim.claim_id).await;
    assert_eq!(filling.definition_version, old.version);

    let (second_client, second) = client_with_claim(&asha, "Frye").await;
    assert_eq!(second.definition_version, new.version);
    assert_eq!(missing_label(&asha, &second.claim_id, "A5").await.as_deref(), Some(NEW));
    let gone = asha.save(&second.claim_id, vec![draft("T9", &json!("mornings"), 0)]).await.unwrap_err();
    assert_eq!(crate::support::faults::fields(&gone), ["answers[0].question_id"]);
    let fresh = asha.start_walk("start-up", &second_client.client_id, &second.claim_id).await;
    assert_eq!(
        (fresh.definition_version, fresh.step.unwrap().stage_title),
        (new.version.clone(), "Find the client".into())
    );
    assert_eq!(asha.start_walk("inbound", "", "").await.step.unwrap().stage_title, "Greet");

    // The same folder again is the same version; nothing is stored twice.
    world.restart().await;
    assert_eq!(definition(&asha, "").await.version, new.version);
    assert_eq!(world.look_inside().await.number("SELECT COUNT(*) FROM definitions").await, 2);
    let unknown = pb::GetDefinitionRequest { version: new_id(), ..Default::default() };
    let unknown = asha.definitions().get_definition(unknown).await.unwrap_err();
    assert_eq!(unknown.code(), tonic::Code::NotFound);
});

story!(a_number_that_the_plan_has_no_more_leaves_its_client_readable, |world| {
    let asha = world.adviser("Asha", "somerset").await;
    let (client, _) = client_with_claim(&asha, "Fry").await;
    // Freephone numbers of nine figures behind 0500 were withdrawn, and were taken before.
    let sql = "UPDATE clients SET phone = '+44500123456' WHERE phone IS NOT NULL";
    world.look_inside().await.execute(sql).await;
    let read = asha.client(&client.client_id).await;
    assert_eq!(read.facts.unwrap().phone, "+44500123456");
});
