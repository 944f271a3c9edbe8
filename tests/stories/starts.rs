//! A server that cannot start says why in one sentence, and ends with a fault.

use crate::support::process::{self, Process};
use crate::support::{Engine, Home};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Stdio;

/// Starts the server, which must fail; gives what it wrote to standard error.
async fn refused(arguments: &[&str]) -> String {
    let output = process::run(&[&["serve", "--listen", "127.0.0.1:0"], arguments].concat()).await;
    let errors = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success(), "{errors}");
    assert_eq!(output.status.code(), Some(1), "{errors}");
    assert!(output.stdout.is_empty(), "it claims to serve");
    assert!(!errors.contains("panicked"), "{errors}");
    errors
}

/// The one sentence that it wrote, and nothing beside it.
async fn one_sentence(arguments: &[&str]) -> String {
    let errors = refused(arguments).await;
    assert_eq!(errors.lines().count(), 1, "{errors}");
    assert!(errors.starts_with("startline: "), "{errors}");
    errors
}

#[tokio::test]
async fn a_port_in_use_is_named() {
    let home = Home::fresh(Engine::Sqlite).await;
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let output = process::run(&["serve", "--listen", &address, "--data", home.data().to_str().unwrap()]).await;
    let errors = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(errors.lines().count(), 1, "{errors}");
    assert!(errors.contains(&address) && errors.contains("listened on"), "{errors}");
}

#[tokio::test]
async fn a_data_folder_that_cannot_be_written_is_named() {
    let home = Home::fresh(Engine::Sqlite).await;
    // Root may write anywhere; even root cannot make a folder inside a file.
    let file = home.folder.path().join("a-file");
    std::fs::write(&file, "not a folder").unwrap();
    let data = file.join("data");
    let sentence = one_sentence(&["--data", data.to_str().unwrap()]).await;
    assert!(sentence.contains("data folder") && sentence.contains(data.to_str().unwrap()), "{sentence}");
    let sentence = one_sentence(&["--data", "/proc/startline"]).await;
    assert!(sentence.contains("/proc/startline"), "{sentence}");
}

#[tokio::test]
async fn a_file_that_is_no_database_is_not_overwritten() {
    let home = Home::fresh(Engine::Sqlite).await;
    std::fs::create_dir(home.data()).unwrap();
    let file = home.data().join("startline.sqlite");
    let letter = "Dear Sir or Madam, this is no database. ".repeat(100);
    std::fs::write(&file, &letter).unwrap();
    one_sentence(&["--data", home.data().to_str().unwrap()]).await;
    assert_eq!(std::fs::read_to_string(&file).unwrap(), letter);
}

/// What a command beside a service says that cannot do its work.
async fn refused_beside(command: &[&str], data: &Path) -> String {
    let output = process::run(&[command, &["--data", data.to_str().unwrap()]].concat()).await;
    let errors = String::from_utf8(output.stderr).unwrap();
    assert_eq!((output.status.code(), errors.lines().count()), (Some(1), 1), "{errors}");
    assert!(output.stdout.is_empty());
    errors
}

const ADD: [&str; 5] = ["user", "add", "Asha", "--role", "admin"];
const PRINT_RUN: [&str; 1] = ["print-run"];

#[tokio::test]
async fn a_command_beside_a_service_makes_no_database_where_there_is_none() {
    let home = Home::fresh(Engine::Sqlite).await;
    for command in [&ADD[..], &PRINT_RUN] {
        let sentence = refused_beside(command, &home.data()).await;
        assert!(sentence.contains("no service's database in") && sentence.contains("startline serve"), "{sentence}");
        assert!(!home.data().exists(), "a folder was made for {command:?}");
    }
}

#[tokio::test]
async fn a_damaged_a_cut_an_empty_and_a_wrong_file_are_refused_in_a_sentence_and_left_as_they_are() {
    let home = Home::fresh(Engine::Sqlite).await;
    home.open_store().await.close().await;
    let file = home.data().join("startline.sqlite");
    let whole = std::fs::read(&file).unwrap();
    let other = {
        let path = home.folder.path().join("other.sqlite");
        let options = sqlx::sqlite::SqliteConnectOptions::new().filename(&path).create_if_missing(true);
        let mut connection = sqlx::ConnectOptions::connect(&options).await.unwrap();
        sqlx::query("CREATE TABLE addresses (name TEXT)").execute(&mut connection).await.unwrap();
        sqlx::Connection::close(connection).await.unwrap();
        std::fs::read(path).unwrap()
    };
    for (what, bytes, says) in [
        ("cut to half", &whole[..whole.len() / 2], "bytes of"),
        ("empty", &[][..], "is empty"),
        ("of something else", &other, "something else"),
    ] {
        std::fs::write(&file, bytes).unwrap();
        let sentence = one_sentence(&["--data", home.data().to_str().unwrap()]).await;
        assert!(sentence.contains(says), "{what}: {sentence}");
        assert!(refused_beside(&ADD, &home.data()).await.contains(says), "{what}");
        assert_eq!(std::fs::read(&file).unwrap(), bytes, "{what}");
    }
}

#[tokio::test]
async fn a_command_of_a_newer_version_leaves_the_schema_of_a_running_older_one_alone() {
    let home = Home::fresh(Engine::Sqlite).await;
    home.open_store().await.close().await;
    // As the older one left it.
    let newest = home.look_inside().await.number("SELECT MAX(version) FROM _sqlx_migrations").await;
    home.look_inside().await.execute(&format!("DELETE FROM _sqlx_migrations WHERE version = {newest}")).await;
    let sentence = refused_beside(&ADD, &home.data()).await;
    assert!(sentence.contains("older Startline") && sentence.contains(&newest.to_string()), "{sentence}");
    let versions = format!("SELECT COUNT(*) FROM _sqlx_migrations WHERE version = {newest}");
    assert_eq!(home.look_inside().await.number(&versions).await, 0);
}

#[tokio::test]
async fn what_it_keeps_is_for_its_owner_alone_whatever_the_umask_is() {
    use std::os::unix::fs::PermissionsExt;
    let home = Home::fresh(Engine::Sqlite).await;
    let process = Process::serve_with(&home, |command| {
        let mut shell = tokio::process::Command::new("sh");
        shell.args(["-c", "umask 000; exec \"$0\" \"$@\""]).arg(command.as_std().get_program());
        shell.args(command.as_std().get_args());
        shell.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        *command = shell;
    })
    .await;
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&home.data()), 0o700);
    let mut files = 0;
    for entry in std::fs::read_dir(home.data()).unwrap() {
        let path = entry.unwrap().path();
        assert_eq!(mode(&path) & 0o077, 0, "{}", path.display());
        files += 1;
    }
    assert!(files > 0);
    process.kill().await;
}

#[tokio::test]
async fn a_terminal_that_is_closed_ends_nothing() {
    let home = Home::fresh(Engine::Sqlite).await;
    let process = Process::serve(&home).await;
    process.signal("HUP").await;
    let asha = home.adviser("Asha", "somerset").await;
    let _desk = asha.take_calls().await;
    process.terminate().await;
    let ended = process.ended().await;
    assert!(ended.status.success() && ended.errors.contains("SIGHUP"), "{}", ended.errors);
}

home_story!(a_database_of_a_newer_version_is_left_alone, |home| {
    home.open_store().await.close().await;
    let later = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
                 SELECT 9999, 'later', success, checksum, execution_time FROM _sqlx_migrations WHERE version = 1";
    home.look_inside().await.execute(later).await;
    let data = home.data();
    let mut arguments = vec!["--data", data.to_str().unwrap()];
    arguments.extend(home.database_url.iter().flat_map(|url| ["--database-url", url.as_str()]));
    let sentence = one_sentence(&arguments).await;
    assert!(sentence.contains("newer") && sentence.contains("9999"), "{sentence}");
    let versions = "SELECT COUNT(*) FROM _sqlx_migrations WHERE version = 9999";
    assert_eq!(home.look_inside().await.number(versions).await, 1);
});

#[tokio::test]
async fn a_database_that_cannot_be_reached_is_named_without_its_password() {
    let sentence = one_sentence(&["--database-url", "postgres://asha:sesame@127.0.0.1:1/startline"]).await;
    assert!(sentence.contains("127.0.0.1:1") && sentence.contains("cannot be reached"), "{sentence}");
    assert!(!sentence.contains("sesame"), "{sentence}");
    let sentence = one_sentence(&["--database-url", "mysql://asha:sesame@127.0.0.1/startline"]).await;
    assert!(sentence.contains("mysql") && !sentence.contains("sesame"), "{sentence}");
}

/// The pilot's definition in a folder of the story's own.
pub fn copied_definition(home: &Home, name: &str) -> PathBuf {
    fn copy(from: &Path, to: &Path) {
        std::fs::create_dir_all(to).unwrap();
        for entry in std::fs::read_dir(from).unwrap() {
            let entry = entry.unwrap();
            let target = to.join(entry.file_name());
            if entry.file_type().unwrap().is_dir() {
                copy(&entry.path(), &target);
            } else {
                std::fs::copy(entry.path(), target).unwrap();
            }
        }
    }
    let folder = home.folder.path().join(name);
    copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy/definitions/one-pilot"), &folder);
    folder
}

/// Replaces text that must be there.
pub fn edit(file: &Path, from: &str, to: &str) {
    let text = std::fs::read_to_string(file).unwrap();
    assert!(text.contains(from), "{} has no {from}", file.display());
    std::fs::write(file, text.replace(from, to)).unwrap();
}

#[tokio::test]
async fn a_definition_with_a_fault_does_not_load_and_the_fault_is_found_by_file_and_line() {
    let home = Home::fresh(Engine::Sqlite).await;
    let folder = copied_definition(&home, "faulty");
    edit(&folder.join("form/a.yaml"), "kind: yes_no", "kind: yes_or_no");
    let data = home.data();
    let errors = refused(&["--data", data.to_str().unwrap(), "--definition", folder.to_str().unwrap()]).await;
    assert!(errors.starts_with("startline: ") && errors.contains("form/a.yaml:"), "{errors}");
    assert!(!data.join("startline.sqlite").exists(), "the data was touched before the definition was checked");
    let checked = process::run(&["check", folder.to_str().unwrap()]).await;
    assert_eq!(checked.status.code(), Some(1));
    assert!(String::from_utf8(checked.stdout).unwrap().contains("form/a.yaml:"));
}

#[tokio::test]
async fn a_setting_that_nobody_knows_is_refused() {
    let home = Home::fresh(Engine::Sqlite).await;
    let file = home.folder.path().join("startline.toml");
    std::fs::write(&file, "[store]\ndatta = \"x\"\n").unwrap();
    let errors = refused(&["--config", file.to_str().unwrap()]).await;
    assert!(errors.contains("datta"), "{errors}");
}

#[tokio::test]
async fn a_provider_by_which_nobody_could_look_after_people_is_refused() {
    let home = Home::fresh(Engine::Sqlite).await;
    let file = home.folder.path().join("startline.toml");
    let settings = "[oidc]\nissuer = \"https://id.example\"\naudiences = [\"startline\"]\n\
                    groups = [{ group = \"advisers\", role = \"adviser\" }]\n";
    std::fs::write(&file, settings).unwrap();
    let data = home.data();
    let errors = refused(&["--config", file.to_str().unwrap(), "--data", data.to_str().unwrap()]).await;
    assert!(errors.contains("nobody could look after people") && errors.contains("--role admin"), "{errors}");
}

#[tokio::test]
async fn a_folder_that_another_process_serves_from_is_refused() {
    let home = Home::fresh(Engine::Sqlite).await;
    let first = process::Process::serve(&home).await;
    let sentence = one_sentence(&["--data", home.data().to_str().unwrap()]).await;
    assert!(sentence.contains("another process serves") && sentence.contains("stop that one first"), "{sentence}");
    // Killed, it leaves nothing behind that keeps the next one out.
    first.kill().await;
    process::Process::serve(&home).await;
}
