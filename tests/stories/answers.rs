//! Answers over time: what could not be accepted, what another desk changed, what an earlier claim said, and what each
//! agency reads.

use crate::support::faults::{fields, reason, stale_answers};
use crate::support::steps::{client_with_claim, client_with_facts, draft, frome_facts, start_up_done};
use crate::support::values::{json, new_id, timestamp};
use crate::support::{Person, World};
use chrono::TimeDelta;
use serde_json::{Value as Json, json};
use startline::grpc::pb;
use startline::grpc::pb::jump_to_request::Target;
use std::collections::BTreeMap;
use tonic::{Code, Request};

/// The claim's answers by question, each with how it was carried.
fn standing(claim: &pb::Claim) -> BTreeMap<&str, (Json, pb::Carried)> {
    let answer = |answer: &'_ pb::Answer| (json(answer.value.as_ref().unwrap()), answer.carried());
    claim.answers.iter().map(|one| (one.question_id.as_str(), answer(one))).collect()
}

story!(what_cannot_be_accepted_is_kept_beside_its_question_until_it_is_put_right, |mut world| {
    let asha = world.adviser("Asha", "somerset").await;
    let (_, claim) = client_with_claim(&asha, "Fry").await;
    let id = &claim.claim_id;
    let typed = vec![
        draft("B10", &json!("the first of June"), 0),
        draft("A8", &json!("no"), 0),
        draft("S2", &json!({"account_holder": "R Fry\u{0}", "sort_code": "12"}), 0),
    ];
    let refused = asha.save(id, typed).await.unwrap_err();
    assert_eq!(
        (refused.code(), fields(&refused)),
        (Code::InvalidArgument, vec!["answers[0].value".to_owned(), "answers[2].value.account_holder".to_owned()])
    );
    // Nothing is saved, and nothing is lost, also by a restart.
    world.restart().await;
    let kept = asha.claim(id).await;
    assert!(!standing(&kept).contains_key("A8"));
    let drafts: BTreeMap<&str, (Json, bool)> = kept
        .drafts
        .iter()
        .map(|one| (one.question_id.as_str(), (json(one.value.as_ref().unwrap()), one.reason.is_empty())))
        .collect();
    assert_eq!(drafts["B10"], (json!("the first of June"), false));
    assert_eq!(drafts["A8"], (json!("no"), true), "it was fine, but its neighbours were not");
    assert_eq!(drafts["S2"].0["account_holder"], json!("R Fry\u{0}"));
    assert!(kept.drafts.iter().all(|one| one.typed_by == asha.id));
    // Put right, the drafts are over.
    asha.save(id, vec![draft("B10", &json!("1 June 1999"), 0), draft("A8", &json!("no"), 0)]).await.unwrap();
    let left: Vec<String> = asha.claim(id).await.drafts.into_iter().map(|one| one.question_id).collect();
    assert_eq!(left, ["S2"]);
});

story!(an_adviser_who_reads_welsh_is_told_in_welsh_what_would_be_right, |world| {
    let bronwen = world.adviser("Bronwen", "south-east-gwent").await;
    let facts = pb::ClientFacts { last_name: "Pryce".into(), postcode: "NP44 1AA".into(), ..frome_facts() };
    let (_, claim) = client_with_facts(&bronwen, facts).await;
    let mut request = Request::new(pb::SaveAnswersRequest {
        request_id: new_id(),
        claim_id: claim.claim_id.clone(),
        answers: vec![draft("B10", &json!("ddoe"), 0)],
        stage: "B8".into(),
    });
    request.metadata_mut().insert("accept-language", "cy, en;q=0.5".parse().unwrap());
    let refused = bronwen.claims().save_answers(request).await.unwrap_err();
    assert!(refused.message().contains("rhaid iddo fod yn ddyddiad"), "{}", refused.message());
    let kept = bronwen.claim(&claim.claim_id).await.drafts.remove(0);
    assert!(kept.reason.contains("rhaid iddo"), "{}", kept.reason);
});

story!(what_is_said_of_the_client_goes_to_the_client_record_however_it_is_typed, |world| {
    let asha = world.adviser("Asha", "somerset").await;
    let (client, claim) = client_with_claim(&asha, "Fry").await;
    let typed = vec![
        draft("B2", &json!("Fry-Jones"), 1),
        draft("B6", &json!("AB 12 34 56 C"), 0),
        draft("B9", &json!("NP44 1AA"), 1),
        draft("B16", &json!("Nobody"), 0),
    ];
    asha.save(&claim.claim_id, typed).await.unwrap();
    let known = asha.client(&client.client_id).await;
    let facts = known.facts.unwrap();
    assert_eq!((facts.last_name.as_str(), facts.nino.as_str()), ("Fry-Jones", "AB123456C"));
    assert_eq!((facts.postcode.as_str(), known.home_site_id.as_str()), ("NP44 1AA", "south-east-gwent"));
    assert_ne!(known.etag, client.etag, "whoever edits the record at the same time is told");
    assert_eq!(known.first_contact_time, client.first_contact_time);
});

story!(what_is_put_right_at_the_meeting_is_put_right_in_the_client_record, |world| {
    let asha = world.adviser("Asha", "somerset").await;
    let petra = world.personal_adviser("Petra", "somerset").await;
    petra.works_at("frome").await;
    let (claim, _) = start_up_done(&world, &asha, "Fry").await;
    petra.amend(&claim.claim_id, "B2", &json!("Frye"), 1, "RJF").await.unwrap();
    petra.amend(&claim.claim_id, "B8", &json!("5 Catherine Hill\nFrome"), 1, "RJF").await.unwrap();
    let facts = asha.client(&claim.client_id).await.facts.unwrap();
    assert_eq!(
        (facts.last_name.as_str(), facts.address_lines),
        ("Frye", vec!["5 Catherine Hill".into(), "Frome".to_owned()])
    );
});

story!(what_a_walk_cannot_accept_is_kept_as_well, |world| {
    let asha = world.adviser("Asha", "somerset").await;
    let (client, claim) = client_with_claim(&asha, "Fry").await;
    let walk = asha.start_walk("start-up", &client.client_id, &claim.claim_id).await;
    let there = asha.jump(&walk, Target::StepId("B8/B5".into())).await.unwrap();
    let refused = asha.answer_step(&there, Some(json!("a while ago"))).await.unwrap_err();
    assert_eq!(fields(&refused), ["value"]);
    let kept = asha.claim(&claim.claim_id).await.drafts;
    assert_eq!(kept.len(), 1);
    assert_eq!((kept[0].question_id.as_str(), json(kept[0].value.as_ref().unwrap())), ("B5", json!("a while ago")));
    assert_eq!(asha.walk(&walk.walk_id).await.etag, there.etag, "the walk stands where it stood");
    asha.answer_step(&there, Some(json!("1 June 1999"))).await.unwrap();
    assert!(asha.claim(&claim.claim_id).await.drafts.is_empty());
});

story!(texts_and_tables_without_measure_are_refused_with_their_place, |world| {
    let asha = world.adviser("Asha", "somerset").await;
    let (_, claim) = client_with_claim(&asha, "Fry").await;
    let id = &claim.claim_id;
    let rows: Vec<Json> = (0..500).map(|n| json!({"benefit": format!("Benefit {n}")})).collect();
    for (question, value, seen) in
        [("G5", json!("x".repeat(100_000)), 0), ("A7", json!(rows), 0), ("B2", json!("y".repeat(100_000)), 1)]
    {
        let refused = asha.save(id, vec![draft(question, &value, seen)]).await.unwrap_err();
        assert_eq!(fields(&refused), ["answers[0].value"], "{question}");
        assert!(refused.message().len() < 500, "the refusal does not repeat it");
        let kept = asha.claim(id).await.drafts.into_iter().find(|one| one.question_id == question).unwrap();
        assert_eq!(json(kept.value.as_ref().unwrap()), value, "{question} is kept as typed");
    }
    // Beyond any measure nothing is kept; the desk has it still.
    let refused = asha.save(id, vec![draft("H3", &json!("z".repeat(1_000_000)), 0)]).await.unwrap_err();
    assert_eq!(refused.code(), Code::InvalidArgument);
    assert!(asha.claim(id).await.drafts.iter().all(|one| one.question_id != "H3"));
});

story!(a_stale_save_is_told_both_values, |world| {
    let (asha, colin) = (world.adviser("Asha", "somerset").await, world.adviser("Colin", "somerset").await);
    let (_, claim) = client_with_claim(&asha, "Fry").await;
    let id = &claim.claim_id;
    asha.save(id, vec![draft("T9", &json!("mornings"), 0)]).await.unwrap();
    asha.save(id, vec![draft("T9", &json!("Mondays"), 1)]).await.unwrap();
    let late = colin.save(id, vec![draft("T8", &json!("a friend"), 0), draft("T9", &json!("evenings"), 0)]).await;
    let late = late.unwrap_err();
    assert_eq!((late.code(), reason(&late).as_str()), (Code::Aborted, "STALE"));
    let both = stale_answers(&late);
    assert_eq!(both.len(), 1, "only what was changed meanwhile");
    let (yours, theirs) = (json(both[0].yours.as_ref().unwrap()), json(both[0].standing.as_ref().unwrap()));
    assert_eq!((both[0].question_id.as_str(), yours, theirs), ("T9", json!("evenings"), json!("Mondays")));
    assert_eq!((both[0].revision, &both[0].saved_by), (2, &asha.id));
});

story!(the_history_of_a_claim_can_be_read_at_any_moment, |world| {
    let asha = world.adviser("Asha", "somerset").await;
    let (_, claim) = client_with_claim(&asha, "Fry").await;
    let id = &claim.claim_id;
    asha.save(id, vec![draft("T9", &json!("mornings"), 0)]).await.unwrap();
    let before = world.now();
    world.wait(60);
    asha.save(id, vec![draft("T9", &json!("Mondays"), 1), draft("T8", &json!("a friend"), 0)]).await.unwrap();
    let then = pb::GetClaimRequest { claim_id: id.clone(), as_of_time: Some(timestamp(before)) };
    let then = asha.claims().get_claim(then).await.unwrap().into_inner().claim.unwrap();
    assert_eq!(standing(&then)["T9"].0, json!("mornings"));
    assert!(!standing(&then).contains_key("T8"));
    assert_eq!(standing(&asha.claim(id).await)["T9"].0, json!("Mondays"));
    let history = pb::ListAnswerHistoryRequest {
        claim_id: id.clone(),
        question_id: "T9".into(),
        page_size: 1,
        ..Default::default()
    };
    let first = asha.claims().list_answer_history(history.clone()).await.unwrap().into_inner();
    let next = pb::ListAnswerHistoryRequest { page_token: first.next_page_token.clone(), ..history };
    let second = asha.claims().list_answer_history(next).await.unwrap().into_inner();
    let change = |answer: &pb::Answer| (json(answer.value.as_ref().unwrap()), answer.revision, answer.stage.clone());
    assert_eq!(change(&first.answers[0]), (json!("mornings"), 1, "B8".into()));
    assert_eq!(change(&second.answers[0]), (json!("Mondays"), 2, "B8".into()));
    assert!(second.next_page_token.is_empty());
    // The day of the first contact is nobody's to change.
    let moved = asha.save(id, vec![draft("A2", &json!("2026-01-01"), 1)]).await.unwrap_err();
    assert_eq!(fields(&moved), ["answers[0].value"]);
});

/// A claim handed over, long ago by now.
async fn an_earlier_claim(world: &World, asha: &Person, petra: &Person) -> (pb::Client, pb::Claim) {
    petra.works_at("frome").await;
    let (claim, meeting) = start_up_done(world, asha, "Fry").await;
    world.wait_until(crate::support::values::time(meeting.slot.unwrap().start_time) + TimeDelta::hours(1));
    petra.record_attendance(&meeting.appointment_id, pb::Attendance::Attended).await.unwrap();
    petra.lodge(&claim.claim_id).await.unwrap();
    (asha.client(&claim.client_id).await, claim)
}

story!(a_client_who_claims_again_confirms_what_was_said_and_types_nothing_twice, |world| {
    let asha = world.adviser("Asha", "somerset").await;
    let petra = world.personal_adviser("Petra", "somerset").await;
    let (client, first) = an_earlier_claim(&world, &asha, &petra).await;
    world.wait(30 * 24 * 3600);
    let again = asha.open_claim(&client.client_id).await;
    assert_eq!((&again.repeats_claim_id, again.state()), (&first.claim_id, pb::ClaimState::Open));
    assert_ne!(again.claim_id, first.claim_id);
    let answers = standing(&again);
    assert_eq!(answers["B2"], (json!("Fry"), pb::Carried::Unspecified), "the record knows it");
    assert_eq!(answers["B17"], (json!("female"), pb::Carried::ToConfirm));
    assert_eq!(answers["A1"], (json!(["JSA"]), pb::Carried::AskAgain), "what is claimed is asked anew");
    let request = pb::ListMissingRequest { claim_id: again.claim_id.clone(), ..Default::default() };
    let open = asha.claims().list_missing(request).await.unwrap().into_inner().missing;
    let why = |id: &str| open.iter().find(|line| line.question_id == id).map(|line| line.reason());
    assert_eq!(why("B17"), Some(pb::OpenReason::ToConfirm));
    assert_eq!(why("A1"), Some(pb::OpenReason::AskAgain));
    assert_eq!(why("A8"), Some(pb::OpenReason::Unanswered));

    let confirm = pb::ConfirmAnswersRequest {
        request_id: new_id(),
        claim_id: again.claim_id.clone(),
        part: "B".into(),
        question_ids: Vec::new(),
    };
    let saved = asha.claims().confirm_answers(confirm.clone()).await.unwrap().into_inner().saved;
    assert_eq!(saved, [pb::SavedAnswer { question_id: "B17".into(), revision: 2 }]);
    let replayed = asha.claims().confirm_answers(confirm).await.unwrap().into_inner().saved;
    assert_eq!(replayed, saved, "asked again, it happens once");
    assert_eq!(standing(&asha.claim(&again.claim_id).await)["B17"], (json!("female"), pb::Carried::Unspecified));
    // Typed anew it is simply an answer.
    asha.save(&again.claim_id, vec![draft("A1", &json!(["IS"]), 1)]).await.unwrap();
    assert_eq!(standing(&asha.claim(&again.claim_id).await)["A1"].1, pb::Carried::Unspecified);
});

story!(a_client_may_begin_afresh, |world| {
    let asha = world.adviser("Asha", "somerset").await;
    let petra = world.personal_adviser("Petra", "somerset").await;
    let (client, _) = an_earlier_claim(&world, &asha, &petra).await;
    let request =
        pb::OpenClaimRequest { request_id: new_id(), client_id: client.client_id, afresh: true, ..Default::default() };
    let claim = asha.claims().open_claim(request).await.unwrap().into_inner().claim.unwrap();
    assert!(claim.repeats_claim_id.is_empty() && !standing(&claim).contains_key("B17"));
});

story!(a_partners_claim_takes_what_both_share, |world| {
    let asha = world.adviser("Asha", "somerset").await;
    let (client, claim) = client_with_claim(&asha, "Fry").await;
    let said = vec![
        draft("A1", &json!(["HB", "IS"]), 0),
        draft("C1", &json!("yes"), 0),
        draft("C5", &json!("AB 12 34 56 C"), 0),
        draft("M1", &json!("council_tenant"), 0),
    ];
    asha.save(&claim.claim_id, said).await.unwrap();
    let partner = pb::ClientFacts { last_name: "Fry".into(), other_names: "Tom".into(), ..Default::default() };
    let create = pb::CreateClientRequest {
        request_id: new_id(),
        facts: Some(pb::ClientFacts { postcode: frome_facts().postcode, ..partner }),
        ..Default::default()
    };
    let partner = asha.clients().create_client(create).await.unwrap().into_inner().client.unwrap();
    let open = |client: &str| pb::OpenClaimRequest {
        request_id: new_id(),
        client_id: client.into(),
        partner_claim_id: claim.claim_id.clone(),
        ..Default::default()
    };
    let theirs = asha.claims().open_claim(open(&partner.client_id)).await.unwrap().into_inner().claim.unwrap();
    let answers = standing(&theirs);
    assert_eq!(answers["M1"], (json!("council_tenant"), pb::Carried::ToConfirm));
    assert_eq!(answers["C4"], (json!("1971-04-23"), pb::Carried::ToConfirm), "the client is their partner");
    assert!(!answers.contains_key("A1"), "what each claims is their own");
    assert_eq!(theirs.partner_claim_id, claim.claim_id);
    let own = asha.claims().open_claim(open(&client.client_id)).await.unwrap_err();
    assert_eq!(fields(&own), ["partner_claim_id"]);
});

story!(each_agency_reads_its_own_form_and_nothing_else, |world| {
    let asha = world.adviser("Asha", "somerset").await;
    let (_, claim) = client_with_claim(&asha, "Fry").await;
    let said = vec![
        draft("A1", &json!(["HB", "JSA"]), 0),
        draft("M1", &json!("council_tenant"), 0),
        draft("H9", &json!("an hour by bus"), 0),
        draft("T10", &json!(true), 0),
    ];
    asha.save(&claim.claim_id, said).await.unwrap();
    let view = async |agency: &str| {
        let request =
            pb::GetAgencyViewRequest { claim_id: claim.claim_id.clone(), agency_id: agency.into(), as_of_time: None };
        asha.claims().get_agency_view(request).await.map(tonic::Response::into_inner)
    };
    let answers = |view: &pb::GetAgencyViewResponse| -> BTreeMap<String, String> {
        let lines = view.sections.iter().flat_map(|section| &section.answers);
        lines.map(|line| (line.question_id.clone(), line.answer.clone())).collect()
    };
    let council = view("LA").await.unwrap();
    let read = answers(&council);
    assert_eq!(read["M1"], "Council tenant");
    assert!(!read.contains_key("H9") && !read.contains_key("T10"), "not the council's business");
    assert_eq!(answers(&view("ES").await.unwrap())["H9"], "an hour by bus");
    let document: Json = serde_json::from_str(&council.json).unwrap();
    assert_eq!((&document["schema"], &document["agency"]), (&json!("startline.agency-view.v1"), &json!("LA")));
    assert_eq!(document["first_contact"], json!("2026-03-03"));
    assert_eq!(view("XX").await.unwrap_err().code(), Code::NotFound);
});

/// An agency's copy on paper.
mod pdf_tools {
    use super::*;
    use crate::support::pdf::printed;

    story!(a_councils_copy_prints_its_own_form_and_nothing_of_anybody_elses, |world| {
        let asha = world.adviser("Asha", "somerset").await;
        let (_, claim) = client_with_claim(&asha, "Fry").await;
        let said = vec![
            draft("A1", &json!(["HB", "JSA"]), 0),
            draft("M1", &json!("council_tenant"), 0),
            draft("H9", &json!("an hour by bus"), 0),
            draft("R1", &json!([]), 0),
        ];
        asha.save(&claim.claim_id, said).await.unwrap();
        let copy = async |agency: &str| {
            let (claim_id, agency_id) = (claim.claim_id.clone(), agency.to_owned());
            let request = pb::GetAgencyDocumentRequest { claim_id, agency_id, as_of_time: None };
            let mut pieces = asha.packs().get_agency_document(request).await.unwrap().into_inner();
            let mut pdf = Vec::new();
            while let Some(piece) = pieces.message().await.unwrap() {
                pdf.extend(piece.chunk);
            }
            printed(&world.folder, &pdf).split_whitespace().collect::<Vec<_>>().join(" ")
        };
        let council = copy("LA").await;
        for expected in
            ["Housing Benefit and Council Tax Benefit claim", "☑ Council tenant", "Who you are", "3 March 2026"]
        {
            assert!(council.contains(expected), "{expected:?} is not on it: {council}");
        }
        assert!(!council.contains("an hour by bus") && !council.contains("Jobseeker’s Agreement"), "{council}");
        assert!(council.find("Who you are").unwrap() < council.find("Your home and rent").unwrap());
        assert!(copy("ES").await.contains("an hour by bus"));
    });
}
