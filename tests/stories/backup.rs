//! Copies of a service's data, made while it serves, as `deploy/operations.md` says; and the way back to one.

use crate::support::process::Process;
use crate::support::steps::{client_with_claim, frome_facts};
use crate::support::{Engine, Home, soon};
use std::path::{Path, PathBuf};
use tokio::process::Command;

/// Ends well, and says nothing of an error.
async fn runs(command: &mut Command) {
    let ended = soon("a program of the database to end", command.output()).await.unwrap();
    assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
}

/// As the page says for each engine.
async fn copied(home: &Home, to: &Path) -> PathBuf {
    match &home.database_url {
        None => {
            let file = to.join("startline.sqlite");
            // What the page has `sqlite3` say.
            home.look_inside().await.execute(&format!("VACUUM INTO '{}'", file.display())).await;
            file
        }
        Some(url) => {
            let file = to.join("startline.dump");
            let into = format!("--file={}", file.display());
            runs(Command::new("pg_dump").args(["--format=custom", &into, url])).await;
            file
        }
    }
}

/// A home with the copy in it, and nothing else.
async fn from_copy(engine: Engine, copy: &Path) -> Home {
    let home = Home::fresh(engine).await;
    match &home.database_url {
        None => {
            std::fs::create_dir(home.data()).unwrap();
            std::fs::copy(copy, home.data().join("startline.sqlite")).unwrap();
        }
        Some(url) => {
            let into = format!("--dbname={url}");
            runs(Command::new("pg_restore").args([&into, "--no-owner"]).arg(copy)).await;
        }
    }
    home
}

home_story!(a_copy_that_was_made_while_it_served_is_served_again, |home| {
    let asha = home.adviser("Asha", "somerset").await;
    let process = Process::serve(&home).await;
    let (client, claim) = client_with_claim(&asha, "Fry").await;
    let folder = tempfile::tempdir().unwrap();
    let copy = copied(&home, folder.path()).await;
    // It goes on meanwhile, and what comes after is not in the copy.
    let later = asha.create_client(frome_facts()).await.unwrap();
    process.kill().await;
    let again = from_copy(home.engine, &copy).await;
    let process = Process::serve(&again).await;
    // Her token is in it too.
    *home.address.lock().unwrap() = *again.address.lock().unwrap();
    assert_eq!(asha.client(&client.client_id).await, client);
    assert_eq!(asha.claim(&claim.claim_id).await.claim_id, claim.claim_id);
    let request = startline::grpc::pb::GetClientRequest { client_id: later.client_id };
    assert_eq!(asha.clients().get_client(request).await.unwrap_err().code(), tonic::Code::NotFound);
    asha.create_client(frome_facts()).await.unwrap();
    process.kill().await;
});

home_story!(an_older_program_refuses_a_newer_schema_and_leaves_it_alone, |home| {
    home.open_store().await.close().await;
    let newer = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
                 SELECT 9999, 'of a newer version', success, checksum, 0 FROM _sqlx_migrations WHERE version = 1";
    home.look_inside().await.execute(newer).await;
    let versions = "SELECT COUNT(*) FROM _sqlx_migrations";
    let before = home.look_inside().await.number(versions).await;
    let mut command = crate::support::process::program();
    command.args(["serve", "--listen", "127.0.0.1:0", "--data"]).arg(home.data());
    if let Some(url) = &home.database_url {
        command.args(["--database-url", url]);
    }
    let ended = soon("the program to end", command.output()).await.unwrap();
    let words = String::from_utf8(ended.stderr).unwrap();
    assert!(!ended.status.success() && words.contains("newer") && words.contains("9999"), "{words}");
    assert_eq!(home.look_inside().await.number(versions).await, before);
});
