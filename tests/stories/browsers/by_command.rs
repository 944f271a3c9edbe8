//! What is said beside the pages: at the start, in the log, by the command.

use super::*;

#[tokio::test]
async fn where_a_provider_vouches_for_people_but_knows_no_client_nobody_signs_in_with_a_browser() {
    let home = Home::fresh(Engine::Sqlite).await;
    let (file, web) = (home.folder.path().join("startline.toml"), free_port());
    let oidc = "[oidc]\nissuer = \"http://127.0.0.1:9\"\naudiences = [\"startline\"]\n\
                groups = [{ group = \"it\", role = \"admin\" }]\n";
    std::fs::write(&file, format!("[web]\nlisten = \"{web}\"\n{oidc}")).unwrap();
    let settings = ["--config", file.to_str().unwrap()];
    let server = Process::serve_with(&home, |command| {
        command.args(settings);
    })
    .await;
    let mut browser = Browser::new(web);
    assert_eq!(browser.open("/").await.heading(), "Nobody signs in with a browser here");
    let tried = browser.signs_in("Nia", "a password of no matter").await;
    assert_eq!((tried.status, tried.heading()), (200, "Nobody signs in with a browser here"));
    let data = home.data();
    let beside = [&["user", "password", "Nia", "--data", data.to_str().unwrap()], &settings[..]].concat();
    let refused = process::run(&beside).await;
    let said = String::from_utf8(refused.stderr).unwrap();
    assert!(!refused.status.success() && said.contains("organisation's accounts"), "{said}");
    server.kill().await;
}

#[tokio::test]
async fn the_log_tells_of_refused_sign_ins_and_user_show_who_gave_what() {
    let home = Home::fresh(Engine::Sqlite).await;
    let web = free_port();
    let server = Process::serve_with(&home, |command| {
        command.args(["--web", &web.to_string()]).env("STARTLINE_LOG", "info");
    })
    .await;
    let root = home.add("Root", Role::Admin, None).await;
    let nia = home.adviser("Nia", "somerset").await;
    let duty = pb::NewDuty { role: pb::Role::TeamLeader.into(), site_id: "somerset".into(), ..Default::default() };
    let request = pb::GiveDutyRequest { request_id: new_id(), user_id: nia.id.clone(), duty: Some(duty) };
    root.admin().give_duty(request).await.unwrap();
    let shown = process::run(&["user", "show", "Nia", "--data", home.data().to_str().unwrap()]).await;
    let shown = String::from_utf8(shown.stdout).unwrap();
    assert!(shown.lines().any(|line| line.contains("team-leader at somerset") && line.contains(" by Root")), "{shown}");
    let mut thief = Browser::new(web).asking_from(66);
    for _ in 0..4 {
        thief.signs_in("Nia", "a wrong password").await;
    }
    server.terminate().await;
    let ended = server.ended().await;
    let refused =
        ended.errors.lines().filter(|line| line.contains("a sign-in was refused") && line.contains("127.0.0.66"));
    assert_eq!(refused.count(), 3, "{}", ended.errors);
    assert!(ended.errors.contains("tried again and again"), "{}", ended.errors);
    assert!(!ended.errors.contains("a wrong password") && !ended.errors.contains("Nia"), "{}", ended.errors);
}

/// The settings say how long.
#[tokio::test]
async fn a_time_at_a_desk_that_is_longer_than_a_day_is_refused_by_name() {
    let mut config = Home::fresh(Engine::Sqlite).await.config();
    assert_eq!(
        (config.access.session_idle(), config.access.session_lasts()),
        (TimeDelta::minutes(30), TimeDelta::hours(12))
    );
    config.access.session_hours = 25;
    assert!(config.check().unwrap_err().contains("access.session_hours"));
    config.access.session_hours = 1;
    config.access.session_idle_minutes = 0;
    assert!(config.check().unwrap_err().contains("access.session_idle_minutes"));
    let _ = at(START);
}
