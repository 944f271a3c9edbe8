//! An evening's run composes what is owed beside the service or without it, and goes on where it was.

use crate::support::print_steps::pack_people;
use crate::support::process::{program, run};
use crate::support::steps::start_up_done;
use crate::support::{Home, World, until};

/// Claims whose packs are owed.
const CLAIMS: usize = 8;

/// The service stopped, with so many packs owed to its clients.
async fn owed(home: Home) -> World {
    let mut world = World::on(home).await;
    let people = pack_people(&world).await;
    for number in 0..CLAIMS {
        let (claim, _) = start_up_done(&world, &people.asha, &format!("Fry {}", "abcdefgh".split_at(number).0)).await;
        people.asha.awaits_pack(&claim.claim_id).await;
    }
    world.stop().await;
    // As if nobody had worked at it yet.
    let mut inside = world.look_inside().await;
    inside.execute("DELETE FROM print_jobs").await;
    inside.execute("DELETE FROM packs").await;
    inside.execute("UPDATE jobs SET done_at = NULL, leased_until = NULL, attempt = 0").await;
    drop(inside);
    world
}

async fn packs(home: &Home) -> i64 {
    home.look_inside().await.number("SELECT COUNT(*) FROM packs").await
}

fn arguments(home: &Home) -> Vec<String> {
    let mut arguments = vec!["print-run".to_owned(), "--data".into(), home.data().display().to_string()];
    if let Some(url) = &home.database_url {
        arguments.extend(["--database-url".to_owned(), url.clone()]);
    }
    arguments
}

home_story!(a_run_that_is_killed_goes_on_where_it_was_and_composes_nothing_twice, |home| {
    let world = owed(home).await;
    let arguments = arguments(&world);
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let mut first = program().args(&arguments).args(["--workers", "1"]).spawn().unwrap();
    until("the first packs", || async { (packs(&world).await >= 2).then_some(()) }).await;
    first.kill().await.unwrap();
    let before = packs(&world).await;
    let second = run(&arguments).await;
    let said = String::from_utf8_lossy(&second.stdout).into_owned();
    assert!(second.status.success(), "{said} {}", String::from_utf8_lossy(&second.stderr));
    let left = i64::try_from(CLAIMS).unwrap() - before;
    // The pack under way when it was killed may have been kept and its job not yet ticked off, or not.
    assert!(said.starts_with(&format!("{left} composed, 0 ")), "{said}, of {left}");
    assert_eq!(packs(&world).await, i64::try_from(CLAIMS).unwrap());
    let mut inside = world.look_inside().await;
    assert_eq!(
        inside.number("SELECT COUNT(*) FROM print_jobs WHERE state = 'queued'").await,
        i64::try_from(CLAIMS).unwrap()
    );
    assert_eq!(inside.number("SELECT COUNT(DISTINCT claim_id) FROM packs").await, i64::try_from(CLAIMS).unwrap());
    let third = run(&arguments).await;
    assert!(String::from_utf8_lossy(&third.stdout).starts_with("0 composed, 0 "));
});
