//! What health tells: whether what people ask for can be done now.

use crate::support::between::Between;
use crate::support::process::{Process, program};
use crate::support::steps::{client_with_claim, draft, frome_facts};
use crate::support::tls::{self, Authority};
use crate::support::{Engine, Home, Person, soon, until};
use serde_json::json;
use startline::grpc::pb;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::process::Stdio;
use tokio::process::Command;
use tonic::Code;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;

async fn health_of(person: &Person, service: &str) -> ServingStatus {
    let mut health = HealthClient::new(person.channel());
    let request = HealthCheckRequest { service: service.to_owned() };
    health.check(request).await.unwrap().into_inner().status()
}

/// The file of an embedded database is taken away under the running service.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn health_tells_what_can_be_done_now() {
    let home = Home::fresh(Engine::Sqlite).await;
    let stranger = Person::stranger(home.address.clone());
    let process = Process::serve(&home).await;
    let all = ["", "live", "startline.v1.ClaimService", "startline.v1.RoutingService"];
    for service in all {
        assert_eq!(health_of(&stranger, service).await, ServingStatus::Serving, "{service:?}");
    }
    let file = home.data().join("startline.sqlite");
    let elsewhere = home.data().join("elsewhere");
    std::fs::rename(&file, &elsewhere).unwrap();
    until("health to tell", || async {
        (health_of(&stranger, "startline.v1.ClaimService").await == ServingStatus::NotServing).then_some(())
    })
    .await;
    assert_eq!(health_of(&stranger, "").await, ServingStatus::NotServing);
    // Calls are routed all the same.
    assert_eq!(health_of(&stranger, "startline.v1.RoutingService").await, ServingStatus::Serving);
    assert_eq!(health_of(&stranger, "live").await, ServingStatus::Serving);
    std::fs::rename(&elsewhere, &file).unwrap();
    until("health to be well again", || async {
        (health_of(&stranger, "").await == ServingStatus::Serving).then_some(())
    })
    .await;
    process.kill().await;
}

/// For whoever watches a container: the exit code, and a sentence.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_command_says_what_health_says() {
    let ours = Authority::new("ours");
    for is_under_tls in [false, true] {
        let mut home = Home::fresh(Engine::Sqlite).await;
        home.tls = is_under_tls.then(|| tls::lay(home.folder.path(), &ours.door()));
        let process = Process::serve(&home).await;
        let listen = home.address.lock().unwrap().unwrap().to_string();
        let settings = home.config_file();
        let says = async |more: &[&str]| {
            let mut command = program();
            command.args(["health", "--listen", &listen]).args(more);
            if let Some(file) = &settings {
                command.arg("--config").arg(file);
            }
            let ended = soon("the command to end", command.output()).await.unwrap();
            (ended.status.success(), String::from_utf8(ended.stderr).unwrap())
        };
        for more in [&[][..], &["--service", "live"], &["--service", "startline.v1.RoutingService"]] {
            assert_eq!(says(more).await, (true, String::new()), "{more:?}");
        }
        let (is_well, words) = says(&["--service", "startline.v1.NobodyService"]).await;
        assert!(!is_well && words.contains("says of its health"), "{words}");
        std::fs::rename(home.data().join("startline.sqlite"), home.data().join("elsewhere")).unwrap();
        until("health to tell", || async { (!says(&[]).await.0).then_some(()) }).await;
        let (_, words) = says(&[]).await;
        assert!(words.contains("cannot do all of its work now"), "{words}");
        assert_eq!(says(&["--service", "live"]).await, (true, String::new()));
        if is_under_tls {
            // Whoever else listens there is not the service.
            tls::lay(home.folder.path(), &Authority::new("theirs").door());
            let (is_well, words) = says(&["--service", "live"]).await;
            assert!(!is_well && words.contains("another certificate is shown"), "{words}");
        }
        process.kill().await;
        let (is_well, words) = says(&["--service", "live"]).await;
        assert!(!is_well && words.contains("cannot be reached"), "{words}");
    }
}

/// Whoever writes into a file without a name keeps nothing: nobody is told otherwise, from the first write on.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_acknowledged_once_the_database_file_is_deleted() {
    let home = Home::fresh(Engine::Sqlite).await;
    let asha = home.adviser("Asha", "somerset").await;
    let stranger = Person::stranger(home.address.clone());
    let process = Process::serve(&home).await;
    let (client, claim) = client_with_claim(&asha, "Fry").await;
    let file = home.data().join("startline.sqlite");
    let copy = std::fs::read(&file).unwrap();
    let is_refused = async || {
        let made = asha.create_client(frome_facts()).await.map(drop);
        let saved = asha.save(&claim.claim_id, vec![draft("B17", &json!("female"), 0)]).await.map(drop);
        for refused in [made.unwrap_err(), saved.unwrap_err()] {
            assert_eq!(refused.code(), Code::Unavailable, "{refused:?}");
            assert!(refused.message().contains("taken away or replaced"), "{refused:?}");
        }
    };
    std::fs::remove_file(&file).unwrap();
    is_refused().await;
    // Another file in its place is not the one that is written to.
    std::fs::write(&file, copy).unwrap();
    is_refused().await;
    // What is there is read, and desks meet callers.
    assert_eq!(asha.client(&client.client_id).await, client);
    drop(asha.take_calls().await);
    until("health to tell", || async {
        (health_of(&stranger, "startline.v1.ClaimService").await == ServingStatus::NotServing).then_some(())
    })
    .await;
    process.kill().await;
}

/// A page in the middle of an embedded database went bad while nobody looked.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn health_tells_of_a_page_that_nobody_has_asked_for_yet() {
    let home = Home::fresh(Engine::Sqlite).await;
    home.open_store().await.close().await;
    // An index of a table that a start does not read.
    let page = "SELECT rootpage FROM sqlite_master WHERE type = 'index' AND tbl_name = 'callback_cells' AND rootpage > 1 \
                ORDER BY rootpage LIMIT 1";
    let page = usize::try_from(home.look_inside().await.number(page).await).unwrap();
    let size = usize::try_from(home.look_inside().await.number("PRAGMA page_size").await).unwrap();
    let file = home.data().join("startline.sqlite");
    let mut bytes = std::fs::read(&file).unwrap();
    bytes[(page - 1) * size..page * size].fill(0xFF);
    std::fs::write(&file, bytes).unwrap();
    let stranger = Person::stranger(home.address.clone());
    let process = Process::serve(&home).await;
    until("health to tell", || async {
        (health_of(&stranger, "startline.v1.ClaimService").await == ServingStatus::NotServing).then_some(())
    })
    .await;
    assert_eq!(health_of(&stranger, "startline.v1.DeskService").await, ServingStatus::Serving);
    process.terminate().await;
    assert!(process.ended().await.errors.contains("restore a backup"));
}

/// The disk of an embedded database fills up.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_is_told_and_reads_go_on_and_so_do_writes_when_there_is_room() {
    let home = Home::fresh(Engine::Sqlite).await;
    let asha = home.adviser("Asha", "somerset").await;
    let stranger = Person::stranger(home.address.clone());
    let data = home.data();
    // A disk of its own, seen by this process alone.
    let script = "cp -a \"$0\" \"$0.there\" && mount -t tmpfs -o size=12m,mode=0700 tmpfs \"$0\" && \
                  cp -a \"$0.there/.\" \"$0\" && exec \"$@\"";
    let root = std::fs::metadata("/proc/self").unwrap().uid() == 0;
    let process = Process::serve_with(&home, |command| {
        let mut alone = Command::new("unshare");
        alone.arg(if root { "-m" } else { "-rm" }).args(["sh", "-c", script]).arg(&data);
        alone.arg(program().as_std().get_program()).args(command.as_std().get_args());
        alone.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        *command = alone;
    })
    .await;
    let (client, _) = client_with_claim(&asha, "Fry").await;
    let seen = PathBuf::from(format!("/proc/{}/root{}", process.id(), data.display()));
    let filler = seen.join("filler");
    fill(&filler);
    // What SQLite has of the disk already takes a few more.
    let refused =
        until("the first write for which there is no room", || async { asha.create_client(frome_facts()).await.err() })
            .await;
    assert_eq!(refused.code(), Code::Unavailable, "{refused:?}");
    assert!(refused.message().contains("no room left"), "{refused:?}");
    until("health to tell", || async {
        (health_of(&stranger, "startline.v1.ClaimService").await == ServingStatus::NotServing).then_some(())
    })
    .await;
    assert_eq!(asha.client(&client.client_id).await, client);
    let command = ["-t", &process.id().to_string(), "-m", "-U", "--preserve-credentials"].map(str::to_owned);
    let mut beside = Command::new("nsenter");
    beside.args(&command[..if root { 3 } else { 5 }]).arg(program().as_std().get_program());
    beside.args(["user", "add", "Bilal", "--role", "adviser", "--site", "somerset", "--data"]).arg(&data);
    let told = soon("the command to end", beside.output()).await.unwrap();
    let words = String::from_utf8_lossy(&told.stderr).into_owned();
    assert!(!told.status.success() && words.contains("no room left") && !words.contains("internal"), "{words}");
    std::fs::remove_file(&filler).unwrap();
    asha.create_client(frome_facts()).await.unwrap();
    until("health to be well again", || async {
        (health_of(&stranger, "").await == ServingStatus::Serving).then_some(())
    })
    .await;
    process.kill().await;
}

/// All of the disk that is left.
fn fill(file: &PathBuf) {
    use std::io::Write;
    let mut file = std::fs::File::create(file).unwrap();
    for size in [64 * 1024, 1] {
        while file.write_all(&vec![0; size]).is_ok() {}
    }
}

mod postgres {
    use super::*;

    /// The server of the database is stopped, and started again.
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn health_tells_that_the_database_is_away() {
        let mut home = Home::fresh(Engine::Postgres).await;
        let asha = home.adviser("Asha", "somerset").await;
        let stranger = Person::stranger(home.address.clone());
        let mut between = Between::open(home.database_url.as_ref().unwrap()).await;
        home.database_url = Some(between.url.clone());
        let process = Process::serve(&home).await;
        let all = ["", "startline.v1.ClaimService", "startline.v1.RoutingService", "live"];
        for service in all {
            assert_eq!(health_of(&stranger, service).await, ServingStatus::Serving, "{service:?}");
        }
        let client = asha.create_client(frome_facts()).await.unwrap();
        between.shut().await;
        until("health to tell", || async {
            (health_of(&stranger, "startline.v1.ClaimService").await == ServingStatus::NotServing).then_some(())
        })
        .await;
        assert_eq!(health_of(&stranger, "").await, ServingStatus::NotServing);
        assert_eq!(health_of(&stranger, "live").await, ServingStatus::Serving);
        let asked = pb::GetClientRequest { client_id: client.client_id.clone() };
        let refused = soon("the read to be given up", asha.clients().get_client(asked)).await.unwrap_err();
        assert_eq!(refused.code(), Code::Unavailable, "{refused:?}");
        between.open_again().await;
        until("health to be well again", || async {
            (health_of(&stranger, "").await == ServingStatus::Serving).then_some(())
        })
        .await;
        assert_eq!(asha.client(&client.client_id).await, client);
        process.kill().await;
    }

    /// Two serve from one database: the second routes no calls, and says so.
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn health_tells_who_has_the_floor() {
        let home = Home::fresh(Engine::Postgres).await;
        let first = Process::serve(&home).await;
        let with_floor = Person::stranger(std::sync::Arc::new(std::sync::Mutex::new(*home.address.lock().unwrap())));
        let second = Process::serve(&home).await;
        let without = Person::stranger(home.address.clone());
        let serving = ServingStatus::Serving;
        // On a machine that is busy enough it may have changed hands; one of them has it, and the other says that it has not.
        let first_has = until("one of the two to have the floor", || async {
            let routing = "startline.v1.RoutingService";
            let both = (health_of(&with_floor, routing).await, health_of(&without, routing).await);
            match both {
                (ServingStatus::Serving, ServingStatus::NotServing) => Some(true),
                (ServingStatus::NotServing, ServingStatus::Serving) => Some(false),
                _ => None,
            }
        })
        .await;
        let (owner, other, without) = match first_has {
            true => (first, second, without),
            false => (second, first, with_floor),
        };
        assert_eq!(health_of(&without, "startline.v1.ClaimService").await, serving);
        owner.kill().await;
        until("the second to take the floor", || async {
            (health_of(&without, "startline.v1.RoutingService").await == serving).then_some(())
        })
        .await;
        other.kill().await;
    }
}
