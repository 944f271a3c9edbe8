//! What advisers can do, what callers need, and that data from before there was any of it is carried over.

use crate::support::faults::fields;
use crate::support::process;
use crate::support::steps::frome_facts;
use crate::support::values::new_id;
use crate::support::{Engine, Home, until};
use sqlx::migrate::Migrator;
use sqlx::{Connection, PgConnection, SqliteConnection};
use startline::access::{self, User};
use startline::clients;
use startline::grpc::pb;
use startline::ids::UserId;
use tonic::Code;

async fn user(home: &Home, id: &str) -> User {
    let store = home.open_store().await;
    let user = access::user(&mut store.read().await.unwrap().db(), UserId::parse("id", id).unwrap()).await.unwrap();
    store.close().await;
    user
}

home_story!(an_operator_says_what_an_adviser_can_do, |home| {
    home.open_store().await.close().await;
    let data = home.data();
    let mut place = vec!["--data", data.to_str().unwrap()];
    place.extend(home.database_url.iter().flat_map(|url| ["--database-url", url.as_str()]));
    let add = |name: &'static str, more: &[&'static str]| {
        let arguments = [&["user", "add", name, "--role", "adviser", "--site", "somerset"], more, &place].concat();
        async move { process::run(&arguments).await }
    };
    assert!(add("Asha", &[]).await.status.success());
    assert!(add("Bethan", &["--skill", "welsh", "--skill", "outbound"]).await.status.success());
    let refused = add("Cai", &["--skill", "Fluent Welsh"]).await;
    assert!(!refused.status.success());
    assert!(String::from_utf8(refused.stderr).unwrap().contains("small letters"));

    let mut inside = home.look_inside().await;
    let added = inside
        .texts("SELECT u.name FROM users u JOIN duties d ON d.user_id = u.id WHERE d.role = 'adviser' ORDER BY u.name")
        .await;
    assert_eq!(added, ["Asha", "Bethan"]);
    let id = "CAST(id AS TEXT)";
    let of = |name: &str| match home.engine {
        Engine::Sqlite => format!("SELECT lower(hex(id)) FROM users WHERE name = '{name}'"),
        Engine::Postgres => format!("SELECT {id} FROM users WHERE name = '{name}'"),
    };
    let (asha, bethan) = (inside.texts(&of("Asha")).await.remove(0), inside.texts(&of("Bethan")).await.remove(0));
    assert_eq!(user(&home, &asha).await.skills, ["inbound", "outbound"]);
    assert_eq!(user(&home, &bethan).await.skills, ["outbound", "welsh"]);
});

story!(what_a_client_needs_is_kept_corrected_and_replayed, |mut world| {
    let asha = world.adviser("Asha", "somerset").await;
    let needs = |words: &[&str]| words.iter().map(ToString::to_string).collect::<Vec<_>>();
    let facts =
        pb::ClientFacts { call_needs: needs(&["urdu", "textphone"]), talk_language: "cy".into(), ..frome_facts() };
    let create = pb::CreateClientRequest { request_id: new_id(), facts: Some(facts), ..Default::default() };
    let made = asha.clients().create_client(create.clone()).await.unwrap().into_inner();
    let client = made.client.clone().unwrap();
    assert_eq!(client.facts.as_ref().unwrap().call_needs, ["textphone", "urdu"]);

    let facts = pb::ClientFacts { call_needs: needs(&["Urdu, please"]), ..frome_facts() };
    let refused = asha.create_client(facts).await.unwrap_err();
    assert_eq!((refused.code(), fields(&refused)), (Code::InvalidArgument, vec!["facts.call_needs".to_owned()]));
    let nine: Vec<&str> = vec!["a", "b", "c", "d", "e", "f", "g", "h", "i"];
    assert!(asha.create_client(pb::ClientFacts { call_needs: needs(&nine), ..frome_facts() }).await.is_err());

    // Somebody else on the same telephone: whoever takes its calls must be able to talk with both.
    asha.create_client(pb::ClientFacts { call_needs: needs(&["somali"]), ..frome_facts() }).await.unwrap();
    // And one who needs nothing.
    let plain = pb::ClientFacts { phone: "01373 000124".into(), ..frome_facts() };
    asha.create_client(plain).await.unwrap();
    let store = world.open_store().await;
    let numbers = clients::numbers_with_needs(&mut store.read().await.unwrap().db()).await.unwrap();
    assert_eq!(numbers, [("+441373000123".into(), needs(&["somali", "textphone", "urdu", "welsh"]))]);
    store.close().await;

    let update = pb::UpdateClientRequest {
        request_id: new_id(),
        client_id: client.client_id.clone(),
        etag: client.etag,
        facts: Some(pb::ClientFacts { call_needs: needs(&["textphone"]), ..frome_facts() }),
    };
    let updated = asha.clients().update_client(update.clone()).await.unwrap().into_inner();
    world.restart().await;
    assert_eq!(asha.clients().create_client(create).await.unwrap().into_inner(), made);
    assert_eq!(asha.clients().update_client(update).await.unwrap().into_inner(), updated);
    assert_eq!(asha.client(&client.client_id).await.facts.unwrap().call_needs, ["textphone"]);
});

story!(a_call_from_a_known_number_needs_what_its_client_needs, |world| {
    let asha = world.adviser("Asha", "somerset").await;
    let switch = world.switch("the switch").await;
    // With whom they would rather talk is asked of whoever rings them back: somebody who is free answers them now.
    let needs = vec!["textphone".to_owned(), "klingon".to_owned(), "woman".to_owned()];
    let facts = pb::ClientFacts { talk_language: "cy".into(), call_needs: needs, ..frome_facts() };
    asha.create_client(facts).await.unwrap();
    world.wait(15);
    let needs = until("the floors to know it", || async {
        let request = pb::GetRouteRequest { caller_number: "01373 000123".into(), ..Default::default() };
        let route = switch.routing().get_route(request).await.unwrap().into_inner();
        Some(route.needs).filter(|needs| !needs.is_empty())
    });
    assert_eq!(needs.await, ["welsh", "textphone"], "a word that the definition does not name is left out");
});

home_story!(data_of_the_earlier_version_is_carried_over, |home| {
    // The schema as the earlier version left it.
    let folder = home.folder.path().join("earlier");
    std::fs::create_dir(&folder).unwrap();
    let of_engine = match home.engine {
        Engine::Sqlite => "sqlite",
        Engine::Postgres => "postgres",
    };
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let first = root.join("migrations").join(of_engine).join("0001_start.sql");
    std::fs::copy(first, folder.join("0001_start.sql")).unwrap();
    let earlier = Migrator::new(folder.as_path()).await.unwrap();
    match &home.database_url {
        None => {
            std::fs::create_dir_all(home.data()).unwrap();
            let url = format!("sqlite://{}?mode=rwc", home.data().join("startline.sqlite").display());
            let mut connection = SqliteConnection::connect(&url).await.unwrap();
            earlier.run(&mut connection).await.unwrap();
        }
        Some(url) => earlier.run(&mut PgConnection::connect(url).await.unwrap()).await.unwrap(),
    }
    let id = |n: u8| match home.engine {
        Engine::Sqlite => format!("X'0000000000007000800000000000000{n}'"),
        Engine::Postgres => format!("'00000000-0000-7000-8000-00000000000{n}'"),
    };
    let (at, token) = (
        "'2026-03-03T10:00:00+00:00'",
        match home.engine {
            Engine::Sqlite => "X'01'",
            Engine::Postgres => "'\\x01'",
        },
    );
    let mut inside = home.look_inside().await;
    let user_sql = format!(
        "INSERT INTO users (id, name, role, site, token_hash, created_at) \
         VALUES ({}, 'Asha', 'adviser', 'somerset', {token}, {at})",
        id(1)
    );
    inside.execute(&user_sql).await;
    for (n, home_site, handled) in
        [(2, "'somerset'", "'south-east-gwent'"), (3, "NULL", "'somerset'"), (4, "NULL", "NULL")]
    {
        let sql = format!(
            "INSERT INTO call_records (id, switch_call_id, home_site, handled_site, entered_at, ended_at, ended_how, \
             wait_ms, talk_ms, wrap_up_ms, outcome) \
             VALUES ({}, 'c{n}', {home_site}, {handled}, {at}, {at}, 'answered', 0, 0, 0, '')",
            id(n)
        );
        inside.execute(&sql).await;
    }

    assert_eq!(user(&home, "00000000-0000-7000-8000-000000000001").await.skills, ["inbound", "outbound"]);
    let hosts = "SELECT host_site FROM call_records ORDER BY switch_call_id";
    assert_eq!(home.look_inside().await.texts(hosts).await, ["somerset", "somerset", ""]);
});
