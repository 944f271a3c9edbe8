//! A service that runs erases by itself each night.

use crate::support::steps::{client_with_claim, draft};
use crate::support::{World, at, until};
use serde_json::json;

home_story!(each_night_what_was_kept_long_enough_goes, |mut home| {
    home.retention.claims = Some(30);
    let world = World::on(home).await;
    let asha = world.adviser("Asha", "somerset").await;
    let (_, claim) = client_with_claim(&asha, "Gone").await;
    asha.save(&claim.claim_id, vec![draft("T9", &json!("said so"), 0)]).await.unwrap();
    asha.withdraw(&claim.claim_id, "the client found work").await.unwrap();
    let runs = "SELECT COUNT(*) FROM audit WHERE action = 'retention_run'";
    until("a run of the first day", || async { (world.look_inside().await.number(runs).await == 1).then_some(()) })
        .await;
    assert!(world.look_inside().await.number("SELECT COUNT(*) FROM answers").await > 0);
    // Half past two, by the clocks in London.
    world.wait_until(at("2026-04-10T01:30:00Z"));
    until("the run of the night", || async { (world.look_inside().await.number(runs).await == 2).then_some(()) }).await;
    assert_eq!(world.look_inside().await.number("SELECT COUNT(*) FROM answers").await, 0);
});
