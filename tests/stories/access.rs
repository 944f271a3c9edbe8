//! Who may call what: every method of every service, and nobody's token in a log.

use crate::support::faults::again_in;
use crate::support::process::{self, Process};
use crate::support::steps::{client_with_claim, frome_facts};
use crate::support::{Engine, Home, Person};
use futures_util::future::join_all;
use http::uri::PathAndQuery;
use prost_reflect::DescriptorPool;
use startline::access::Role;
use startline::grpc::pb;
use std::collections::BTreeSet;
use tonic::client::Grpc;
use tonic::{Code, Request, Status};
use tonic_prost::ProstCodec;

/// Each of our methods by its path, with the roles its option names.
fn methods() -> Vec<(String, BTreeSet<i32>)> {
    let pool = DescriptorPool::decode(pb::DESCRIPTORS).unwrap();
    let option = pool.get_extension_by_name("startline.v1.access").unwrap();
    let mut found = Vec::new();
    for service in pool.services().filter(|service| service.full_name().starts_with("startline.v1.")) {
        for method in service.methods() {
            let access = method.options().get_extension(&option).into_owned();
            let roles = access.as_message().unwrap().get_field_by_name("roles").unwrap().into_owned();
            let roles = roles.as_list().unwrap().iter().map(|role| role.as_enum_number().unwrap()).collect();
            found.push((format!("/{}/{}", service.full_name(), method.name()), roles));
        }
    }
    found
}

/// Calls any method with an empty request: whether it gets past the gate is all that is asked.
async fn call(person: &Person, path: &str) -> Result<(), Status> {
    let mut line = Grpc::new(person.line());
    line.ready().await.unwrap();
    let path: PathAndQuery = path.parse().unwrap();
    let codec = ProstCodec::<(), ()>::default();
    line.server_streaming(Request::new(()), path, codec).await.map(|_| ())
}

pub fn number(role: Role) -> i32 {
    let number = match role {
        Role::Adviser => pb::Role::Adviser,
        Role::TeamLeader => pb::Role::TeamLeader,
        Role::Supervisor => pb::Role::Supervisor,
        Role::PersonalAdviser => pb::Role::PersonalAdviser,
        Role::BenefitsExpert => pb::Role::BenefitsExpert,
        Role::Reception => pb::Role::Reception,
        Role::PrintRoom => pb::Role::PrintRoom,
        Role::Switch => pb::Role::Switch,
        Role::Admin => pb::Role::Admin,
        Role::Agency => pb::Role::Agency,
        Role::PrivacyOfficer => pb::Role::PrivacyOfficer,
    };
    number.into()
}

story!(each_method_lets_in_the_roles_it_names_and_nobody_else, |world| {
    let methods = methods();
    let services: BTreeSet<&str> = methods.iter().filter_map(|(path, _)| path.split('/').nth(1)).collect();
    assert_eq!(services.len(), 18, "{services:?}");
    let stranger = Person::stranger(world.address.clone());
    let impostor = Person::new(String::new(), "an impostor", &format!("sl_{}", "0".repeat(64)), world.address.clone());
    for (path, _) in &methods {
        // Whoever tries so often is answered later and later.
        world.wait(2);
        for outsider in [&stranger, &impostor] {
            let refused = call(outsider, path).await.unwrap_err();
            assert_eq!(refused.code(), Code::Unauthenticated, "{} called {path}", outsider.name);
        }
    }
    for role in Role::ALL {
        let site = role.works_at_a_site().then_some("somerset");
        let person = world.add(role.as_str(), role, site).await;
        for (path, roles) in &methods {
            let outcome = call(&person, path).await.map_err(|status| status.code());
            if roles.contains(&number(role)) {
                // An empty request may be refused for what it lacks; the method is there, and this role may call it.
                let shut = [Code::PermissionDenied, Code::Unauthenticated, Code::Unimplemented, Code::Internal];
                assert!(!outcome.is_err_and(|code| shut.contains(&code)), "{role} called {path}: {outcome:?}");
            } else {
                assert_eq!(outcome, Err(Code::PermissionDenied), "{role} called {path}");
            }
        }
    }
});

story!(a_method_that_nobody_declared_lets_nobody_in, |world| {
    let admin = world.add("Root", Role::Admin, None).await;
    let refused = call(&admin, "/startline.v1.ClaimService/DeleteEverything").await.unwrap_err();
    assert_eq!(refused.code(), Code::PermissionDenied);
});

story!(a_call_back_and_a_print_job_belong_to_their_own_site, |world| {
    let asha = world.adviser("Asha", "somerset").await;
    let bronwen = world.adviser("Bronwen", "south-east-gwent").await;
    let client = asha.create_client(frome_facts()).await.unwrap();
    let nine = crate::support::at("2026-03-04T09:00:00Z");
    let callback = asha.book_callback(&client.client_id, nine).await.unwrap();
    world.wait_until(nine);
    assert!(bronwen.due_callbacks().await.is_empty());
    let refused = bronwen.start_attempt(&callback.callback_id).await.unwrap_err();
    assert_eq!(refused.code(), Code::PermissionDenied);
});

story!(a_disabled_users_token_opens_nothing_after_half_a_minute, |world| {
    let asha = world.adviser("Asha", "somerset").await;
    asha.create_client(frome_facts()).await.unwrap();
    let sql = "UPDATE users SET disabled_at = created_at WHERE name = 'Asha'";
    world.look_inside().await.execute(sql).await;
    world.wait(31);
    let refused = asha.create_client(frome_facts()).await.unwrap_err();
    assert_eq!(refused.code(), Code::Unauthenticated);
});

story!(a_clock_that_is_set_back_keeps_nobody_in_who_was_disabled, |world| {
    let asha = world.adviser("Asha", "somerset").await;
    asha.create_client(frome_facts()).await.unwrap();
    world.look_inside().await.execute("UPDATE users SET disabled_at = created_at WHERE name = 'Asha'").await;
    world.set_clock(-600);
    let refused = asha.create_client(frome_facts()).await.unwrap_err();
    assert_eq!(refused.code(), Code::Unauthenticated);
});

home_story!(whoever_tries_tokens_is_counted_and_told_of_once_and_keeps_nobody_else_out, |mut home| {
    home.show_figures();
    let asha = home.adviser("Asha", "somerset").await;
    let server = Process::serve(&home).await;
    const TRIES: usize = 100;
    let secrets: Vec<String> = (0..TRIES).map(|number| format!("sl_guess{number:04}{}", "0".repeat(55))).collect();
    let guesses = secrets.iter().map(|secret| async {
        let impostor = Person::new(String::new(), "an impostor", secret, home.address.clone());
        impostor.create_client(frome_facts()).await.unwrap_err()
    });
    // All of them have one address with somebody who is at work there.
    let (refused, _) = tokio::join!(join_all(guesses), client_with_claim(&asha, "Fry"));
    for status in &refused {
        match status.code() {
            Code::Unauthenticated => assert_eq!(again_in(status), None),
            Code::ResourceExhausted => assert!(again_in(status).is_some_and(|again| again.as_secs() > 0), "{status:?}"),
            _ => panic!("{status:?}"),
        }
    }
    let counted = format!("startline_requests_of_strangers_total {TRIES}");
    assert!(home.figures().await.lines().any(|line| line == counted), "{}", home.figures().await);
    server.terminate().await;
    let log = server.ended().await.errors;
    let told: Vec<&str> = log.lines().filter(|line| line.contains("requests without a valid token")).collect();
    assert_eq!(told.len(), 1, "{log}");
    assert!(told[0].contains("127.0.0.1") && told[0].contains("times=1"), "{log}");
    assert!(secrets.iter().all(|secret| !log.contains(&secret[3..12])), "a guess stands in the log");
});

home_story!(a_token_never_stands_in_a_log, |home| {
    no_token_in_the_log(&home, false).await;
    no_token_in_the_log(&home, true).await;
});

async fn no_token_in_the_log(home: &Home, as_json: bool) {
    let name = format!("Asha {as_json}");
    let added = added_by_the_program(home, &name).await;
    let asha = Person::new(String::new(), &name, &added, home.address.clone());
    let server = Process::serve_with(home, |command| {
        command.env("STARTLINE_LOG", "trace");
        if as_json {
            command.arg("--log-json");
        }
    })
    .await;
    client_with_claim(&asha, "Fry").await;
    let wrong = format!("{added}0");
    let impostor = Person::new(String::new(), "an impostor", &wrong, home.address.clone());
    assert_eq!(impostor.create_client(frome_facts()).await.unwrap_err().code(), Code::Unauthenticated);
    server.terminate().await;
    let ended = server.ended().await;
    assert!(ended.status.success());
    // Everything that can be logged was: the statements are there.
    assert!(ended.errors.contains("serving") && ended.errors.contains("INSERT INTO"), "{}", ended.errors);
    let secret = added.strip_prefix("sl_").unwrap();
    assert!(!ended.errors.contains(secret), "the token stands in the log");
    // Neither does a part of it that would help somebody.
    assert!(!ended.errors.contains(&secret[..16]) && !ended.errors.contains(&secret[48..]));
}

/// The token that `startline user add` prints, on standard output and nowhere else.
async fn added_by_the_program(home: &Home, name: &str) -> String {
    home.open_store().await.close().await;
    let mut command = process::program();
    command.args(["user", "add", name, "--role", "adviser", "--site", "somerset", "--data"]).arg(home.data());
    if let Some(url) = &home.database_url {
        command.args(["--database-url", url]);
    }
    let output = command.env("STARTLINE_LOG", "trace").output().await.unwrap();
    let errors = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{errors}");
    let token = String::from_utf8(output.stdout).unwrap().trim().to_owned();
    assert!(token.starts_with("sl_") && token.len() == 67, "{token}");
    assert!(!errors.contains(&token));
    let stored = match home.engine {
        Engine::Sqlite => std::fs::read(home.data().join("startline.sqlite")).unwrap(),
        Engine::Postgres => {
            home.look_inside().await.texts("SELECT CAST(t.* AS TEXT) FROM tokens t").await.join("\n").into_bytes()
        }
    };
    assert!(!stored.windows(token.len()).any(|bytes| bytes == token.as_bytes()), "the token is stored");
    token
}
