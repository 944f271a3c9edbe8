//! A run that is killed leaves nothing half, and the next one goes on.

use super::{command, counted, retention};
use crate::support::steps::{client_with_claim, draft};
use crate::support::{Home, until};
use chrono::TimeDelta;
use serde_json::json;

const SETTINGS: &str = "[retention]\nclaims = 30\n";
const CLAIMS: i64 = 1_000;

/// Many more of the one claim that there is, past the service.
async fn copied(home: &Home) {
    let id = if home.database_url.is_some() { "gen_random_uuid()" } else { "randomblob(16)" };
    let columns = "client_id, site, state, definition_version, first_contact_at, opened_at, withdrawn_from, withdrawn_at, \
                   withdrawn_by, withdrawn_reason";
    let mut inside = home.look_inside().await;
    inside
        .execute(&format!(
            "WITH RECURSIVE counted(n) AS (SELECT 2 UNION ALL SELECT n + 1 FROM counted WHERE n < {CLAIMS}) \
             INSERT INTO claims (id, {columns}) SELECT {id}, {columns} FROM claims, counted"
        ))
        .await;
    inside
        .execute(
            "INSERT INTO answers (claim_id, question_id, revision, prior_revision, value, stage, saved_by, saved_at, request_id) \
             SELECT c.id, a.question_id, a.revision, a.prior_revision, a.value, a.stage, a.saved_by, a.saved_at, a.request_id \
             FROM answers a, claims c WHERE a.claim_id <> c.id",
        )
        .await;
}

story!(a_killed_run_leaves_nothing_half_and_the_next_one_goes_on, |mut world| {
    let asha = world.adviser("Asha", "somerset").await;
    let (_, claim) = client_with_claim(&asha, "Gone").await;
    asha.save(&claim.claim_id, vec![draft("T9", &json!("said so"), 0)]).await.unwrap();
    asha.withdraw(&claim.claim_id, "the client found work").await.unwrap();
    world.stop().await;
    copied(&world).await;
    let each = world.look_inside().await.number("SELECT COUNT(*) FROM answers").await / CLAIMS;
    let later = world.now() + TimeDelta::days(40);
    let erased = "SELECT COUNT(*) FROM claims WHERE erased_at IS NOT NULL";

    let mut run = command(&world, SETTINGS, later, &["run", "--yes"]).spawn().unwrap();
    until("some to be erased", || async { (world.look_inside().await.number(erased).await > 0).then_some(()) }).await;
    run.start_kill().unwrap();
    run.wait().await.unwrap();
    let mut inside = world.look_inside().await;
    let gone = inside.number(erased).await;
    assert!(0 < gone && gone < CLAIMS, "it was killed in the middle: {gone}");
    let half = "SELECT COUNT(*) FROM claims c WHERE (SELECT COUNT(*) FROM answers a WHERE a.claim_id = c.id)";
    assert_eq!(inside.number(&format!("{half} <> 0 AND erased_at IS NOT NULL")).await, 0);
    assert_eq!(inside.number(&format!("{half} <> {each} AND erased_at IS NULL")).await, 0);

    let next_night = later + TimeDelta::days(1);
    let (ran, went) = retention(&world, SETTINGS, next_night, &["run", "--yes"]).await;
    let rest = i64::try_from(counted(&went, "claims", "claims")).unwrap();
    assert!(ran && rest == CLAIMS - gone, "{went}");
    assert_eq!(inside.number("SELECT COUNT(*) FROM answers").await, 0);
    // Both are accounted for.
    let killed = inside.texts("SELECT record_id FROM audit WHERE action = 'retention_run_not_ended'").await;
    assert!(killed.len() == 1 && killed[0].starts_with(&format!("claims: {gone} in run ")), "{killed:?}");
    let ended = inside.texts("SELECT record_id FROM audit WHERE action = 'retention_run'").await;
    assert!(ended.len() == 1 && ended[0].starts_with(&format!("claims: {rest} from before ")), "{ended:?}");
});
