//! A walk in the client's order: parked, taken up elsewhere, left out with a reason, changed, and watched by two desks.

use crate::starts::{copied_definition, edit};
use crate::support::Person;
use crate::support::faults::{fields, reason};
use crate::support::steps::{client_with_claim, draft, frome_facts};
use crate::support::values::{json, new_id};
use crate::support::walk_steps::{stage, step};
use serde_json::{Value as Json, json};
use startline::grpc::pb;
use startline::grpc::pb::jump_to_request::Target;
use tonic::Code;

/// What the form holds for a question; null when somebody took it back.
async fn on_form(adviser: &Person, claim: &str, question: &str) -> Option<Json> {
    let claim = adviser.claim(claim).await;
    let answer = claim.answers.into_iter().find(|answer| answer.question_id == question)?;
    Some(json(&answer.value.unwrap()))
}

fn known(walk: &pb::Walk) -> Option<Json> {
    step(walk).known_value.as_ref().map(json)
}

/// How each key area stands, in the order of the script.
fn areas(walk: &pb::Walk) -> Vec<(&str, pb::KeyAreaState)> {
    walk.key_areas.iter().map(|area| (area.key_area_id.as_str(), area.state())).collect()
}

story!(a_parked_walk_is_taken_up_days_later_on_another_desk_with_the_form_it_began_on, |mut world| {
    let (asha, colin) = (world.adviser("Asha", "somerset").await, world.adviser("Colin", "somerset").await);
    let (client, claim) = client_with_claim(&asha, "Fry").await;
    let walk = asha.start_walk("start-up", &client.client_id, &claim.claim_id).await;
    world.wait(90);
    let walk = asha.says(&walk, "client_group", json!("job_seeker")).await;
    let walk = asha.says(&walk, "benefits_wanted", json!(["JSA"])).await;
    let walk = asha.says(&walk, "B8/B10", json!("1999-06-01")).await;
    let stands = step(&walk).step_id.clone();
    world.wait(60);
    assert_eq!(asha.note(&walk, "  ").await.unwrap_err().code(), Code::InvalidArgument);
    asha.note(&walk, "Her sister may answer the telephone.").await.unwrap();
    let parked = asha.park(&walk, "The baby woke; ring on Friday.").await.unwrap();
    assert!(parked.park_time.is_some());
    let refused = asha.answer_step(&parked, None).await.unwrap_err();
    assert_eq!((refused.code(), reason(&refused).as_str()), (Code::FailedPrecondition, "WALK_PARKED"));

    let folder = copied_definition(&world, "newer");
    edit(&folder.join("scripts/start-up.yaml"), "title: { en: Reach the client,", "title: { en: Find the client,");
    world.restart_with_definition(folder).await;
    world.wait(3 * 24 * 3600);
    let other = asha.start_walk("inbound", &client.client_id, &claim.claim_id).await;
    let found = colin.walks_of_claim(&claim.claim_id).await;
    let scripts: Vec<&str> = found.iter().map(|walk| walk.script_id.as_str()).collect();
    assert_eq!(scripts, ["inbound", "start-up"], "the newest first");
    assert_eq!((found[1].walk_id.as_str(), &found[1].user_id), (walk.walk_id.as_str(), &asha.id));
    assert!(found[1].park_time.is_some() && other.definition_version == walk.definition_version);

    let seen = colin.walk(&walk.walk_id).await;
    assert_eq!(seen.holder, None, "she has let go of it");
    let resumed = colin.resume(&seen).await.unwrap();
    assert_eq!(step(&resumed).step_id, stands);
    assert_eq!((&resumed.definition_version, resumed.park_time), (&claim.definition_version, None));
    let outline = colin.outline(&resumed).await;
    assert_eq!(outline.stages[0].title, "Reach the client");
    let notes: Vec<&str> = outline.notes.iter().map(|note| note.note.as_str()).collect();
    assert_eq!(notes, ["Her sister may answer the telephone.", "The baby woke; ring on Friday."]);
    let timer = resumed.timer.unwrap();
    assert!((timer.elapsed_minutes - 2.5).abs() < 0.01, "the days between are not counted: {timer:?}");
    assert_eq!((timer.limit_minutes, timer.over), (40.0, false));
    world.wait(38 * 60);
    let late = colin.answer_step(&resumed, None).await.unwrap();
    assert!(late.timer.unwrap().over);
    assert_eq!(asha.walk(&walk.walk_id).await.holder.unwrap().user_id, colin.id);
});

story!(a_stage_is_left_out_with_a_reason_and_the_walk_ends_when_every_key_area_is_settled, |world| {
    let asha = world.adviser("Asha", "somerset").await;
    let (client, claim) = client_with_claim(&asha, "Fry").await;
    let walk = asha.start_walk("start-up", &client.client_id, &claim.claim_id).await;
    let walk = asha.says(&walk, "client_group", json!("bereaved")).await;
    assert_eq!(fields(&asha.skip_stage(&walk, "B2", " ").await.unwrap_err()), ["reason"]);
    assert_eq!(fields(&asha.skip_stage(&walk, "B2", &"x".repeat(201)).await.unwrap_err()), ["reason"]);
    assert_eq!(fields(&asha.skip_stage(&walk, "Z2", "no").await.unwrap_err()), ["stage_id"]);
    // Work is not spoken of before the form: that stage is not for her, and its place is after the form.
    let refused = asha.jump(&walk, stage("B4")).await.unwrap_err();
    assert_eq!((refused.code(), reason(&refused).as_str()), (Code::FailedPrecondition, "STEP_HIDDEN"));
    let walk = asha.skip_stage(&walk, "B2", "She knows the service from her last claim").await.unwrap();
    assert_eq!(step(&walk).stage_id, "B0", "where she stands does not change");
    let skipped = pb::KeyAreaState::Skipped;
    let open = pb::KeyAreaState::Open;
    assert_eq!(areas(&walk), [("service", skipped), ("rights", skipped), ("work", open), ("benefits", open)]);
    let walk = asha.answer_step(&walk, None).await.unwrap();
    assert_eq!(step(&walk).stage_id, "B3", "B2 is passed over");
    let outline = asha.outline(&walk).await;
    let b2 = outline.stages.iter().find(|stage| stage.stage_id == "B2").unwrap();
    assert_eq!(b2.skip_reason, "She knows the service from her last claim");

    let mut end = asha.jump(&walk, stage("B12z")).await.unwrap();
    let refused = loop {
        match asha.answer_step(&end, None).await {
            Ok(walk) => end = walk,
            Err(refused) => break refused,
        }
    };
    assert_eq!((refused.code(), reason(&refused).as_str()), (Code::FailedPrecondition, "KEY_AREAS_OPEN"));
    assert!(refused.message().contains("(work)") && refused.message().contains("(benefits)"), "{refused:?}");
    let end = asha.skip_area(&end, "work", "Her sister asked us to wait").await.unwrap();
    let end = asha.skip_area(&end, "benefits", "Settled in writing").await.unwrap();
    let done = asha.answer_step(&end, None).await.unwrap();
    assert!(done.finished && done.step.is_none());
    assert!(areas(&done).iter().all(|(_, state)| *state == skipped));
    assert_eq!(done.key_areas[2].reason, "Her sister asked us to wait");
    // Taken up again after all: then the reason no longer holds.
    let again = asha.jump(&done, stage("B2")).await.unwrap();
    assert_eq!(areas(&again)[0], ("service", open));
});

story!(a_key_area_whose_stages_are_not_for_the_client_is_left_out_by_itself, |mut world| {
    let folder = copied_definition(&world, "work-once");
    // Without the stages that speak of work later, nothing covers it for the bereaved.
    edit(
        &folder.join("scripts/start-up.yaml"),
        "    shown: client_group == \"bereaved\"\n    covers: [work]\n",
        "    shown: client_group == \"bereaved\"\n",
    );
    world.restart_with_definition(folder).await;
    let asha = world.adviser("Asha", "somerset").await;
    let (client, claim) = client_with_claim(&asha, "Fry").await;
    let walk = asha.start_walk("start-up", &client.client_id, &claim.claim_id).await;
    let walk = asha.says(&walk, "client_group", json!("bereaved")).await;
    assert_eq!(areas(&walk)[2], ("work", pb::KeyAreaState::LeftOut));
    let walk = asha.says(&walk, "client_group", json!("carer")).await;
    assert_eq!(areas(&walk)[2], ("work", pb::KeyAreaState::Open));
});

story!(an_answer_that_hides_a_branch_takes_it_out_of_the_form_and_brings_it_back, |world| {
    let asha = world.adviser("Asha", "somerset").await;
    let (client, claim) = client_with_claim(&asha, "Fry").await;
    let id = claim.claim_id.as_str();
    let walk = asha.start_walk("start-up", &client.client_id, id).await;
    let walk = asha.says(&walk, "benefits_wanted", json!(["JSA"])).await;
    assert_eq!(on_form(&asha, id, "A1").await, Some(json!(["JSA"])));
    let walk = asha.says(&walk, "no_money_now", json!("yes")).await;
    assert_eq!(on_form(&asha, id, "R4").await, Some(json!("yes")));
    let walk = asha.says(&walk, "benefits_wanted", json!(["HB"])).await;
    assert_eq!(on_form(&asha, id, "R4").await, Some(Json::Null), "not filled into the form while hidden");
    let refused = asha.jump(&walk, Target::StepId("no_money_now".into())).await.unwrap_err();
    assert_eq!(reason(&refused), "STEP_HIDDEN");
    let walk = asha.says(&walk, "benefits_wanted", json!(["HB", "IS"])).await;
    assert_eq!(on_form(&asha, id, "R4").await, Some(json!("yes")), "it comes back with its branch");
    let walk = asha.jump(&walk, Target::StepId("no_money_now".into())).await.unwrap();
    assert_eq!((known(&walk), step(&walk).to_confirm), (Some(json!("yes")), false), "what was answered is shown");
});

story!(the_form_is_asked_question_by_question_and_what_is_known_is_only_confirmed, |mut world| {
    let asha = world.adviser("Asha", "somerset").await;
    let (client, claim) = client_with_claim(&asha, "Fry").await;
    let id = claim.claim_id.as_str();
    let walk = asha.start_walk("start-up", &client.client_id, id).await;
    let walk = asha.says(&walk, "benefits_wanted", json!(["JSA"])).await;
    let walk = asha.jump(&walk, Target::StepId("B8/A1".into())).await.unwrap();
    assert_eq!((known(&walk), step(&walk).to_confirm), (Some(json!(["JSA"])), true), "the script has asked it");
    let question = step(&walk).question.as_ref().unwrap();
    assert_eq!((question.question_id.as_str(), question.options.len()), ("A1", question.option_labels.len()));
    let part = step(&walk).part.clone().unwrap();
    assert_eq!((part.code.as_str(), part.asked), ("A", part.answered + part.open));
    let revision = |claim: pb::Claim| claim.answers.into_iter().find(|a| a.question_id == "A1").unwrap().revision;
    let before = revision(asha.claim(id).await);
    let walk = asha.answer_step(&walk, Some(json!(["JSA"]))).await.unwrap();
    assert_eq!(revision(asha.claim(id).await), before, "saying the same confirms it");
    assert_ne!(step(&walk).step_id, "B8/A1");

    // The name on the record is shown; another one corrects the record too.
    let walk = asha.jump(&walk, Target::StepId("B8/B2".into())).await.unwrap();
    assert_eq!((known(&walk), step(&walk).to_confirm), (Some(json!("Fry")), true));
    let answered = asha.answer_step(&walk, Some(json!("Frye"))).await.unwrap();
    assert_eq!(on_form(&asha, id, "B2").await, Some(json!("Frye")));
    assert_eq!(asha.client(&client.client_id).await.facts.unwrap().last_name, "Frye");
    let back = asha.step_back(&answered).await.unwrap();
    assert_eq!((step(&back).step_id.as_str(), known(&back)), ("B8/B2", Some(json!("Frye"))));
    assert!(!step(&back).to_confirm);
    let postcode = asha.says(&back, "B8/B9", json!("NP4 6JD")).await;
    let moved = asha.client(&client.client_id).await;
    assert_eq!((moved.facts.unwrap().postcode.as_str(), moved.home_site_id.as_str()), ("NP4 6JD", "south-east-gwent"));

    // Left open, the part says so; jumping to it comes to what is open. A restart loses nothing.
    let away = asha.jump(&postcode, stage("B9")).await.unwrap();
    world.restart().await;
    assert_eq!(asha.walk(&away.walk_id).await, away);
    let outline = asha.outline(&away).await;
    let part = outline.parts.iter().find(|part| part.code == "B").unwrap();
    assert!(part.open > 0 && part.answered > 0, "{part:?}");
    let there = asha.jump(&away, Target::Part("B".into())).await.unwrap();
    assert_eq!((known(&there), step(&there).part.as_ref().unwrap().code.as_str()), (None, "B"));
    assert_eq!(fields(&asha.jump(&there, Target::Part("Z".into())).await.unwrap_err()), ["part"]);
    // What was typed wrongly is refused in words, and the walk stays.
    let nino = asha.jump(&there, Target::StepId("B8/B6".into())).await.unwrap();
    assert_eq!(fields(&asha.answer_step(&nino, Some(json!("nonsense"))).await.unwrap_err()), ["value"]);
    assert_eq!(asha.walk(&nino.walk_id).await, nino);
});

story!(the_second_desk_is_told_who_has_it_and_no_save_is_written_over, |world| {
    let (asha, colin) = (world.adviser("Asha", "somerset").await, world.adviser("Colin", "somerset").await);
    let (client, claim) = client_with_claim(&asha, "Fry").await;
    let id = claim.claim_id.as_str();
    let walk = asha.start_walk("start-up", &client.client_id, id).await;
    let walk = asha.says(&walk, "benefits_wanted", json!(["JSA"])).await;
    let walk = asha.jump(&walk, Target::StepId("B8/B10".into())).await.unwrap();
    assert_eq!(walk.holder, None);
    let holder = colin.claim(id).await.holder.unwrap();
    assert_eq!((holder.name.as_str(), &holder.user_id), ("Asha", &asha.id));
    assert_eq!(colin.walk(&walk.walk_id).await.holder, Some(holder));
    assert_eq!(asha.claim(id).await.holder, None);

    // Nothing is locked: Colin saves what Asha is just asking, and she is told.
    world.wait(5);
    colin.save(id, vec![draft("B10", &json!("1999-06-01"), 0)]).await.unwrap();
    let late = asha.answer_step(&walk, Some(json!("1999-07-01"))).await.unwrap_err();
    assert_eq!((late.code(), reason(&late).as_str()), (Code::Aborted, "STALE"));
    assert_eq!(on_form(&asha, id, "B10").await, Some(json!("1999-06-01")));
    let read = asha.walk(&walk.walk_id).await;
    assert_eq!((known(&read), read.holder.as_ref().unwrap().name.as_str()), (Some(json!("1999-06-01")), "Colin"));
    asha.answer_step(&read, Some(json!("1999-07-01"))).await.unwrap();
    assert_eq!(on_form(&asha, id, "B10").await, Some(json!("1999-07-01")));
    world.wait(16 * 60);
    assert_eq!(colin.claim(id).await.holder, None, "long gone");
});

story!(hints_inform_are_recorded_once_and_refuse_nothing, |world| {
    let asha = world.adviser("Asha", "somerset").await;
    let facts = pb::ClientFacts { date_of_birth: "1936-02-01".into(), ..frome_facts() };
    let client = asha.create_client(facts).await.unwrap();
    let walk = asha.start_walk("inbound", &client.client_id, "").await;
    let hint = |walk: &pb::Walk, id: &str| walk.hints.iter().find(|hint| hint.hint_id == id).cloned();
    let from_60 = hint(&walk, "from_60").unwrap();
    assert!(from_60.holds && from_60.text.contains("60 or over"));
    assert_eq!(hint(&walk, "hours_16"), None);
    world.wait(30);
    let walk = asha.says(&walk, "hours_worked", json!(20)).await;
    assert!(hint(&walk, "hours_16").unwrap().holds);
    assert_eq!(hint(&walk, "from_60").unwrap().first_time, from_60.first_time);
    world.wait(30);
    let changed = asha.says(&walk, "hours_worked", json!(8)).await;
    let recorded = hint(&changed, "hours_16").unwrap();
    assert_eq!((recorded.holds, recorded.first_time), (false, hint(&walk, "hours_16").unwrap().first_time));
    // Nobody is turned away: the claim is opened all the same.
    asha.open_claim(&client.client_id).await;
});

story!(a_client_who_talks_welsh_is_spoken_to_in_welsh_and_the_adviser_reads_english, |world| {
    let asha = world.adviser("Asha", "somerset").await;
    let english = asha.create_client(frome_facts()).await.unwrap();
    let facts = pb::ClientFacts { talk_language: "cy".into(), last_name: "Jenkins".into(), ..frome_facts() };
    let welsh = asha.create_client(facts).await.unwrap();
    let here = asha.start_walk("start-up", &english.client_id, "").await;
    let there = asha.start_walk("start-up", &welsh.client_id, "").await;
    assert!(step(&here).say.starts_with("Hello") && step(&there).say.starts_with("Helo"), "{there:?}");
    assert!(step(&there).say.contains("Jenkins"));
    assert_eq!(step(&here).guidance, step(&there).guidance);
    assert_eq!(step(&here).stage_title, step(&there).stage_title);
    let asked = asha.answer_step(&there, None).await.unwrap();
    let question = step(&asked).question.clone().unwrap();
    assert_eq!(
        (question.label.as_str(), question.say.as_str()),
        ("Which details agreed?", "Pa fanylion oedd yn cytuno?")
    );
    assert_eq!(question.option_labels[0], "Enw llawn");
    let fault = pb::ListWalksRequest { claim_id: new_id(), client_id: new_id(), ..Default::default() };
    assert_eq!(fields(&asha.scripts().list_walks(fault).await.unwrap_err()), ["client_id"]);
});
