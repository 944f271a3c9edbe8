//! What a run would do is what it does.

use super::{A_MONTH, counted, retention};
use crate::support::callback_steps::supervisor;
use crate::support::claim_steps::at_the_meeting;
use crate::support::steps::{client_with_claim, draft, frome_facts};
use crate::support::values::new_id;
use crate::support::{Person, World, at, until};
use chrono::TimeDelta;
use serde_json::json;
use startline::grpc::pb;

/// A call-back that was promised, and cancelled.
async fn called_off(adviser: &Person, client: &str) {
    let callback = adviser.book_callback(client, at("2026-03-04T09:00:00Z")).await.unwrap();
    adviser.cancels(&callback.callback_id).await.unwrap();
}

/// A claim with an answer, taken back.
async fn taken_back(adviser: &Person, name: &str) -> (pb::Client, pb::Claim) {
    let (client, claim) = client_with_claim(adviser, name).await;
    adviser.save(&claim.claim_id, vec![draft("T9", &json!(format!("{name} said so")), 0)]).await.unwrap();
    adviser.withdraw(&claim.claim_id, "the client found work").await.unwrap();
    (client, claim)
}

async fn answers(world: &World, claim: &str) -> i64 {
    let mut inside = world.look_inside().await;
    let id = inside.id(claim);
    inside.number(&format!("SELECT COUNT(*) FROM answers WHERE claim_id = {id}")).await
}

async fn lodged(world: &World, asha: &Person) -> pb::Claim {
    let petra = world.personal_adviser("Petra", "somerset").await;
    let room = world.print_room("Ron", "somerset").await;
    petra.works_at("frome").await;
    let claim = at_the_meeting(world, asha, &petra, &room, &json!(["JSA"])).await;
    petra.lodge(&claim.claim_id).await.unwrap()
}

story!(what_is_shown_goes_and_what_is_live_or_young_stays, |world| {
    let asha = world.adviser("Asha", "somerset").await;
    let sunil = supervisor(&world).await;
    // What is old and over.
    let (_, gone) = taken_back(&asha, "Gone").await;
    let caller = asha.create_client(frome_facts()).await.unwrap();
    called_off(&asha, &caller.client_id).await;
    let handed_over = lodged(&world, &asha).await;
    // What is old and live: a claim on its way; a walk that is not finished; a query; a promise; a claim that another builds on.
    let (_, open) = client_with_claim(&asha, "Open").await;
    asha.save(&open.claim_id, vec![draft("T9", &json!("kept"), 0)]).await.unwrap();
    let (walker, walked) = client_with_claim(&asha, "Walker").await;
    asha.start_walk("start-up", &walker.client_id, &walked.claim_id).await;
    asha.withdraw(&walked.claim_id, "by mistake").await.unwrap();
    let promised = asha.create_client(frome_facts()).await.unwrap();
    asha.book_callback(&promised.client_id, at("2026-03-20T09:00:00Z")).await.unwrap();
    let (repeater, first) = taken_back(&asha, "Again").await;
    let second = asha.open_claim(&repeater.client_id).await;
    assert_eq!(second.repeats_claim_id, first.claim_id);
    let asked_about = taken_back(&asha, "Asked").await.0;
    let bronwen = world.adviser("Bronwen", "south-east-gwent").await;
    let request = pb::AskForRecordRequest {
        request_id: new_id(),
        client_id: asked_about.client_id.clone(),
        reason: pb::RequestReason::HelpsColleague.into(),
        note: "her sister is here".into(),
    };
    bronwen.privacy().ask_for_record(request).await.unwrap();
    until("all jobs to be done", || async {
        (world.look_inside().await.number("SELECT COUNT(*) FROM jobs WHERE done_at IS NULL").await == 0).then_some(())
    })
    .await;
    // What is over, and young.
    world.wait_until(world.now() + TimeDelta::days(40));
    let (_, young) = taken_back(&asha, "Young").await;
    world.wait_until(world.now() + TimeDelta::days(1));
    let now = world.now();

    let report_days = ("2026-03-01", "2026-03-31");
    let figures = sunil.attendance_report(report_days.0, report_days.1).await;
    assert!(!figures.days.is_empty(), "there is something to count");
    let (shown, would_go) = retention(&world, A_MONTH, now, &["show"]).await;
    assert!(shown, "{would_go}");
    assert_eq!(counted(&would_go, "claims", "claims"), 2, "{would_go}");
    assert_eq!(counted(&would_go, "callbacks", "call-backs"), 1, "{would_go}");
    assert_eq!(counted(&would_go, "clients", "clients"), 3, "{would_go}");
    assert_eq!(counted(&would_go, "documents", "packs and letters"), 1, "{would_go}");
    for why in [
        "builds on it",
        "a walk is not finished",
        "a claim is on its way",
        "a call-back is promised",
        "a request for the record",
    ] {
        assert!(would_go.contains(why), "{why}: {would_go}");
    }
    assert_eq!(answers(&world, &gone.claim_id).await, answers(&world, &young.claim_id).await, "nothing was changed");
    let (ran, refused) = retention(&world, A_MONTH, now, &["run"]).await;
    assert!(!ran && refused.contains("type startline retention run --yes"), "{refused}");
    assert!(refused.starts_with(&would_go), "{refused}");
    let (ran, went) = retention(&world, A_MONTH, now, &["run", "--yes"]).await;
    assert!(ran, "{went}");
    assert_eq!(went, would_go.replace("would be erased", "erased"));

    for over in [&gone.claim_id, &handed_over.claim_id] {
        assert_eq!(answers(&world, over).await, 0);
        let request = pb::GetClaimRequest { claim_id: over.clone(), ..Default::default() };
        assert_eq!(asha.claims().get_claim(request).await.unwrap_err().code(), tonic::Code::NotFound);
    }
    for stays in [&open.claim_id, &walked.claim_id, &first.claim_id, &young.claim_id] {
        assert!(answers(&world, stays).await > 0, "{stays}");
    }
    assert_eq!(asha.claim(&open.claim_id).await.state(), pb::ClaimState::Open);
    // What is counted is counted as before.
    assert_eq!(sunil.attendance_report(report_days.0, report_days.1).await, figures);
    // One line a kind, with nothing of a person.
    let lines = "SELECT record_id FROM audit WHERE action = 'retention_run'";
    let lines = world.look_inside().await.texts(lines).await;
    assert_eq!(lines.len(), 9, "{lines:?}");
    assert!(lines.iter().any(|line| line.starts_with("claims: 2 from before ")), "{lines:?}");
    // A second one finds nothing but what has ended since.
    let (_, again) = retention(&world, A_MONTH, now, &["run", "--yes"]).await;
    for line in again.lines().filter(|line| line.contains(" erased")) {
        assert!(line.contains(": 0 "), "{line}");
    }
});

story!(nothing_is_erased_where_no_setting_names_it, |world| {
    let asha = world.adviser("Asha", "somerset").await;
    let (_, claim) = taken_back(&asha, "Kept").await;
    let years_later = world.now() + TimeDelta::days(10_000);
    let (ran, told) = retention(&world, "", years_later, &["run", "--yes"]).await;
    assert!(!ran && told.contains("everything is kept for ever"), "{told}");
    let (ran, told) = retention(&world, "[retention]\njobs = 1\n", years_later, &["run", "--yes"]).await;
    assert!(ran && !told.contains("claims"), "{told}");
    assert!(answers(&world, &claim.claim_id).await > 0);
    let (ran, told) = retention(&world, "[retention]\nclaims = 0\n", years_later, &["show"]).await;
    assert!(!ran && told.contains("retention.claims must be from 1"), "{told}");
});
