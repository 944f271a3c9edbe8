//! After old looks and audit lines were erased, what is left can still be checked.

use super::{audit, counted, retention};
use crate::support::steps::frome_facts;
use crate::support::{World, until};
use chrono::TimeDelta;

const SETTINGS: &str = "[retention]\naccess_log = 30\n";

/// All that was written down is under a seal.
async fn sealed(world: &World, looks: i64) {
    let unsealed =
        "SELECT (SELECT COUNT(*) FROM looks WHERE seal IS NULL) + (SELECT COUNT(*) FROM audit WHERE seal IS NULL)";
    until("all to be sealed", || async {
        world.wait(5);
        let mut inside = world.look_inside().await;
        let there = inside.number("SELECT COUNT(*) FROM looks WHERE method = 'ClientService.GetClient'").await;
        (there == looks && inside.number(unsealed).await == 0).then_some(())
    })
    .await;
}

story!(the_chain_holds_where_it_was_cut_and_shows_what_is_missing, |mut world| {
    let asha = world.adviser("Asha", "somerset").await;
    let client = asha.create_client(frome_facts()).await.unwrap().client_id;
    for looks in [3, 6] {
        for _ in 0..3 {
            asha.client(&client).await;
        }
        sealed(&world, looks).await;
    }
    let (whole, before) = audit(&world, &["verify"]).await;
    assert!(whole, "{before}");
    world.wait_until(world.now() + TimeDelta::days(40));
    for looks in [9, 12] {
        for _ in 0..3 {
            asha.client(&client).await;
        }
        sealed(&world, looks).await;
    }
    let (_, told) = audit(&world, &["verify"]).await;
    let hash = told.lines().find_map(|line| line.strip_prefix("newest hash: ")).unwrap().to_owned();
    let (_, would_go) = retention(&world, SETTINGS, world.now(), &["show"]).await;
    let old = counted(&would_go, "access_log", "looks and audit lines");
    assert!(old >= 7, "{would_go}");
    let (ran, went) = retention(&world, SETTINGS, world.now(), &["run", "--yes"]).await;
    assert!(ran && counted(&went, "access_log", "looks and audit lines") == old, "{went}");
    let left = "SELECT COUNT(*) FROM looks WHERE method = 'ClientService.GetClient'";
    assert_eq!(world.look_inside().await.number(left).await, 6);
    sealed(&world, 6).await;

    let (whole, told) = audit(&world, &["verify", "--holds", &hash]).await;
    assert!(whole && told.contains("erased by [retention]: the lines up to seal "), "{told}");
    // Whoever asks who has looked is told that this is not all.
    let (_, told) = audit(&world, &["access", &client]).await;
    assert!(told.contains("was erased by [retention]") && told.contains("Asha"), "{told}");
    // The lines of the run are themselves under a seal by now.
    let (_, again) = retention(&world, SETTINGS, world.now(), &["run", "--yes"]).await;
    assert_eq!(counted(&again, "access_log", "looks and audit lines"), 0, "{again}");
    world.stop().await;
    whoever_tampers_is_found(&world).await;
});

async fn whoever_tampers_is_found(world: &World) {
    let mut inside = world.look_inside().await;
    let is_found = async |what: &str| {
        let (whole, told) = audit(world, &["verify"]).await;
        assert!(!whole && told.contains(what), "{what}: {told}");
    };
    assert!(audit(world, &["verify"]).await.0);
    // Somebody says that more was erased than was.
    inside.execute("UPDATE erased_seals SET last_seal = last_seal + 1").await;
    is_found("the audit has no line of it").await;
    inside.execute("UPDATE erased_seals SET last_seal = last_seal - 1").await;
    assert!(audit(world, &["verify"]).await.0);
    // Somebody puts a line where lines were erased.
    inside.execute("UPDATE looks SET seal = 1 WHERE id = (SELECT id FROM looks ORDER BY id LIMIT 1)").await;
    is_found("stand there again").await;
    let first = "(SELECT MIN(number) FROM seals WHERE looks > 0)";
    inside.execute(&format!("UPDATE looks SET seal = {first} WHERE seal = 1")).await;
    assert!(audit(world, &["verify"]).await.0);
    // A line is another.
    inside
        .execute("UPDATE looks SET ground = 'call_in_hand' WHERE id = (SELECT id FROM looks ORDER BY id LIMIT 1)")
        .await;
    is_found("was changed").await;
    inside.execute("DELETE FROM looks WHERE id = (SELECT id FROM looks ORDER BY id LIMIT 1)").await;
    is_found("lines and has").await;
    // The first seal that is left goes with all of its lines, as if it had been erased too.
    inside.execute("DELETE FROM looks WHERE seal = (SELECT MIN(number) FROM seals)").await;
    inside.execute("DELETE FROM audit WHERE seal = (SELECT MIN(number) FROM seals)").await;
    inside.execute("DELETE FROM seals WHERE number = (SELECT MIN(number) FROM seals)").await;
    is_found("seals are missing before seal").await;
}
