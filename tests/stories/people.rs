//! People join, change duties, cover for each other and leave, and nobody needs an engineer for it.

use crate::support::faults::{fields, reason};
use crate::support::process::{self, Process};
use crate::support::steps::{Answer, frome_facts};
use crate::support::values::{new_id, time, timestamp};
use crate::support::{Engine, Home, Person, START, World, at, soon, until};
use chrono::TimeDelta;
use startline::access::Role;
use startline::grpc::pb;
use tonic::{Code, Request};

async fn root(world: &World) -> Person {
    world.add("Root", Role::Admin, None).await
}

fn new_duty(role: pb::Role, site: &str) -> pb::NewDuty {
    pb::NewDuty { role: role.into(), site_id: site.into(), ..Default::default() }
}

async fn adds(root: &Person, name: &str, duties: Vec<pb::NewDuty>) -> Answer<pb::Person> {
    let request = pb::AddUserRequest { request_id: new_id(), name: name.into(), duties, ..Default::default() };
    Ok(root.admin().add_user(request).await?.into_inner().person.unwrap())
}

async fn gives_token(
    root: &Person,
    world: &Home,
    user: &pb::User,
    name: &str,
    days: i64,
) -> Answer<(Person, pb::Token)> {
    let request = pb::CreateTokenRequest {
        request_id: new_id(),
        user_id: user.user_id.clone(),
        name: name.into(),
        end_time: Some(timestamp(at(START) + TimeDelta::days(days))),
    };
    let made = root.admin().create_token(request.clone()).await?.into_inner();
    let again = root.admin().create_token(request).await?.into_inner();
    assert_eq!((again.token.as_ref(), again.secret.as_str()), (made.token.as_ref(), ""), "the secret is shown once");
    let person = Person::new(user.user_id.clone(), &user.name, &made.secret, world.address.clone());
    Ok((person, made.token.unwrap()))
}

async fn gives(root: &Person, user: &str, duty: pb::NewDuty) -> Answer<pb::Person> {
    let request = pb::GiveDutyRequest { request_id: new_id(), user_id: user.into(), duty: Some(duty) };
    Ok(root.admin().give_duty(request).await?.into_inner().person.unwrap())
}

async fn takes(root: &Person, duty: &str) -> Answer<pb::Person> {
    let request = pb::TakeDutyRequest { request_id: new_id(), duty_id: duty.into() };
    Ok(root.admin().take_duty(request).await?.into_inner().person.unwrap())
}

async fn disables(root: &Person, user: &str) -> Answer<pb::Person> {
    let request = pb::DisableUserRequest { request_id: new_id(), user_id: user.into() };
    Ok(root.admin().disable_user(request).await?.into_inner().person.unwrap())
}

async fn enables(root: &Person, user: &str) -> Answer<pb::Person> {
    let request = pb::EnableUserRequest { request_id: new_id(), user_id: user.into() };
    Ok(root.admin().enable_user(request).await?.into_inner().person.unwrap())
}

impl Person {
    async fn watches_desk(&self) -> tonic::Streaming<pb::WatchDeskResponse> {
        let request =
            pb::SignInRequest { request_id: new_id(), address: "sip:desk@somewhere".into(), ..Default::default() };
        self.desk().sign_in(request).await.unwrap();
        let mut desk = self.desk().watch_desk(pb::WatchDeskRequest {}).await.unwrap().into_inner();
        soon("the desk", desk.message()).await.unwrap().unwrap();
        desk
    }
}

async fn may_work(person: &Person) -> Result<(), Code> {
    person.create_client(frome_facts()).await.map(drop).map_err(|status| status.code())
}

story!(somebody_joins_changes_duties_and_leaves, |world| {
    let root = root(&world).await;
    let person = adds(&root, "Nia", vec![new_duty(pb::Role::Adviser, "somerset")]).await.unwrap();
    let user = person.user.unwrap();
    assert_eq!((user.site_id.as_str(), user.is_disabled, person.tokens.len()), ("somerset", false, 0));
    let (nia, token) = gives_token(&root, &world, &user, "desk 4", 30).await.unwrap();
    may_work(&nia).await.unwrap();
    assert_eq!(nia.definitions().get_definition(pb::GetDefinitionRequest::default()).await.map(drop).ok(), Some(()));
    // She becomes a personal adviser as well, and then that alone.
    let both = gives(&root, &user.user_id, new_duty(pb::Role::PersonalAdviser, "somerset")).await.unwrap();
    let mut roles: Vec<pb::Role> = both.user.unwrap().duties.iter().map(pb::Duty::role).collect();
    roles.sort();
    assert_eq!(roles, [pb::Role::Adviser, pb::Role::PersonalAdviser]);
    may_work(&nia).await.unwrap();
    nia.works_at("frome").await;
    let is_adviser = |given: &&pb::GivenDuty| given.duty.as_ref().unwrap().role() == pb::Role::Adviser;
    let adviser = both.duties.iter().find(is_adviser).unwrap().duty.as_ref().unwrap().duty_id.clone();
    let after = takes(&root, &adviser).await.unwrap();
    assert_eq!(may_work(&nia).await, Err(Code::PermissionDenied));
    nia.works_at("taunton").await;
    // Who gave it and who took it is kept.
    let given = after.duties.iter().find(is_adviser).unwrap();
    assert_eq!((given.given_by_name.as_str(), given.taken_by_name.as_str()), ("Root", "Root"));
    assert_eq!((time(given.give_time), time(given.take_time)), (at(START), at(START)));
    assert_eq!(reason(&takes(&root, &adviser).await.unwrap_err()), "DUTY_OVER");
    // She leaves.
    let out = disables(&root, &user.user_id).await.unwrap();
    assert!(out.user.unwrap().is_disabled && out.disable_time.is_some());
    assert_eq!(out.disabled_by_user_id, root.id);
    assert_eq!(may_work(&nia).await, Err(Code::Unauthenticated));
    assert_eq!(reason(&disables(&root, &user.user_id).await.unwrap_err()), "USER_DISABLED");
    let refused = gives_token(&root, &world, &user, "home", 3).await.err().unwrap();
    assert_eq!(reason(&refused), "USER_DISABLED");
    let listed = |with_disabled| {
        let request = pb::ListUsersRequest { with_disabled, name: "Nia".into(), ..Default::default() };
        let root = &root;
        async move { root.users().list_users(request).await.unwrap().into_inner().users }
    };
    assert!(listed(false).await.is_empty());
    assert!(listed(true).await[0].is_disabled);
    // And comes back, with what still holds.
    enables(&root, &user.user_id).await.unwrap();
    nia.works_at("frome").await;
    assert_eq!(reason(&enables(&root, &user.user_id).await.unwrap_err()), "USER_NOT_DISABLED");
    let told = root.admin().get_user(pb::GetUserRequest { user_id: user.user_id.clone() }).await.unwrap().into_inner();
    assert_eq!(told.person.unwrap().tokens[0].token_id, token.token_id);
});

story!(two_tokens_overlap_while_one_takes_the_place_of_the_other, |world| {
    let root = root(&world).await;
    let user = adds(&root, "Nia", vec![new_duty(pb::Role::Adviser, "somerset")]).await.unwrap().user.unwrap();
    let (old, old_token) = gives_token(&root, &world, &user, "desk 4", 2).await.unwrap();
    may_work(&old).await.unwrap();
    let same_name = gives_token(&root, &world, &user, "desk 4", 2).await.err().unwrap();
    assert_eq!(fields(&same_name), ["name"]);
    let (new, _) = gives_token(&root, &world, &user, "desk 4, new", 90).await.unwrap();
    may_work(&new).await.unwrap();
    may_work(&old).await.unwrap();
    // Which one is still used can be seen.
    let tokens = until("both uses to be written down", || async {
        let asked = pb::GetUserRequest { user_id: user.user_id.clone() };
        let tokens = root.admin().get_user(asked).await.unwrap().into_inner().person.unwrap().tokens;
        tokens.iter().all(|token| token.last_use_time.is_some()).then_some(tokens)
    })
    .await;
    assert_eq!(time(tokens[0].last_use_time), at(START));
    let revoke = pb::RevokeTokenRequest { request_id: new_id(), token_id: old_token.token_id.clone() };
    let revoked = root.admin().revoke_token(revoke.clone()).await.unwrap().into_inner().token.unwrap();
    assert_eq!(revoked.revoked_by_user_id, root.id);
    assert_eq!(may_work(&old).await, Err(Code::Unauthenticated));
    let again = pb::RevokeTokenRequest { request_id: new_id(), ..revoke };
    assert_eq!(reason(&root.admin().revoke_token(again).await.unwrap_err()), "TOKEN_REVOKED");
    may_work(&new).await.unwrap();
    world.wait_until(at(START) + TimeDelta::days(90) - TimeDelta::seconds(1));
    may_work(&new).await.unwrap();
    world.wait(1);
    assert_eq!(may_work(&new).await, Err(Code::Unauthenticated), "it has run out");
});

story!(cover_begins_and_ends_by_itself, |world| {
    let root = root(&world).await;
    let asha = world.adviser("Asha", "somerset").await;
    let friday = at("2026-03-06T18:00:00Z");
    let cover = pb::NewDuty {
        first_time: Some(timestamp(at("2026-03-04T08:00:00Z"))),
        end_time: Some(timestamp(friday)),
        ..new_duty(pb::Role::TeamLeader, "buckinghamshire")
    };
    gives(&root, &asha.id, cover).await.unwrap();
    let roster = |site: Option<&str>| {
        let mut request = Request::new(pb::ListUsersRequest::default());
        if let Some(site) = site {
            request.metadata_mut().insert("startline-site", site.parse().unwrap());
        }
        let asha = &asha;
        async move { asha.users().list_users(request).await.map(drop).map_err(|status| status.code()) }
    };
    assert_eq!(roster(None).await, Err(Code::PermissionDenied), "it has not begun");
    world.wait_until(at("2026-03-04T08:00:00Z"));
    roster(None).await.unwrap();
    roster(Some("buckinghamshire")).await.unwrap();
    assert_eq!(roster(Some("somerset")).await, Err(Code::PermissionDenied), "there she leads nobody");
    // Her own work is still at her own site.
    let client = asha.create_client(frome_facts()).await.unwrap();
    assert_eq!(client.home_site_id, "somerset");
    world.wait_until(friday);
    assert_eq!(roster(None).await, Err(Code::PermissionDenied), "it is over");
    let written = until("the end to be written down", || async {
        let asked = pb::GetUserRequest { user_id: asha.id.clone() };
        let person = root.admin().get_user(asked).await.unwrap().into_inner().person.unwrap();
        person.duties.into_iter().find(|given| given.take_time.is_some())
    })
    .await;
    assert_eq!(written.taken_by_name, "the service itself");
    asha.create_client(frome_facts()).await.unwrap();
});

story!(what_a_role_needs_and_has_no_use_for_is_said, |world| {
    let root = root(&world).await;
    let refused = |duty: pb::NewDuty| {
        let root = &root;
        async move { fields(&adds(root, "Nia", vec![duty]).await.unwrap_err()) }
    };
    let duty = |role, site: &str, office: &str, agency: &str| pb::NewDuty {
        office_id: office.into(),
        agency_id: agency.into(),
        ..new_duty(role, site)
    };
    assert_eq!(refused(duty(pb::Role::Adviser, "", "", "")).await, ["duties[0].site"]);
    assert_eq!(refused(duty(pb::Role::Adviser, "leeds", "", "")).await, ["duties[0].site"]);
    assert_eq!(refused(duty(pb::Role::Adviser, "somerset", "frome", "")).await, ["duties[0].office"]);
    assert_eq!(refused(duty(pb::Role::Reception, "somerset", "leeds", "")).await, ["duties[0].office"]);
    assert_eq!(refused(duty(pb::Role::Reception, "buckinghamshire", "frome", "")).await, ["duties[0].office"]);
    assert_eq!(refused(duty(pb::Role::Admin, "somerset", "", "")).await, ["duties[0].site"]);
    assert_eq!(refused(duty(pb::Role::Agency, "", "", "")).await, ["duties[0].agency"]);
    assert_eq!(refused(duty(pb::Role::Agency, "", "", "XX")).await, ["duties[0].agency"]);
    assert_eq!(refused(duty(pb::Role::Adviser, "somerset", "", "BA")).await, ["duties[0].agency"]);
    let over = pb::NewDuty { end_time: Some(timestamp(at(START))), ..duty(pb::Role::Adviser, "somerset", "", "") };
    assert_eq!(refused(over).await, ["duties[0].end_time"]);
    assert_eq!(refused(pb::NewDuty::default()).await, ["duties[0].role"]);
    assert_eq!(fields(&adds(&root, "Nia", Vec::new()).await.unwrap_err()), ["duties"]);
    assert_eq!(fields(&adds(&root, "Root", vec![new_duty(pb::Role::Admin, "")]).await.unwrap_err()), ["name"]);
    adds(&root, "Nia", vec![duty(pb::Role::Reception, "somerset", "frome", "")]).await.unwrap();
    adds(&root, "Bea", vec![duty(pb::Role::Agency, "", "", "BA")]).await.unwrap();
});

story!(the_last_administrator_stays, |world| {
    let root = root(&world).await;
    assert_eq!(reason(&disables(&root, &root.id).await.unwrap_err()), "LAST_ADMINISTRATOR");
    let own = root.admin().get_user(pb::GetUserRequest { user_id: root.id.clone() }).await.unwrap().into_inner();
    let duty = own.person.unwrap().duties[0].duty.clone().unwrap().duty_id;
    assert_eq!(reason(&takes(&root, &duty).await.unwrap_err()), "LAST_ADMINISTRATOR");
    // One who is an administrator for a week is not enough.
    let week =
        pb::NewDuty { end_time: Some(timestamp(at(START) + TimeDelta::days(7))), ..new_duty(pb::Role::Admin, "") };
    let vera = adds(&root, "Vera", vec![week]).await.unwrap().user.unwrap();
    assert_eq!(reason(&disables(&root, &root.id).await.unwrap_err()), "LAST_ADMINISTRATOR");
    gives(&root, &vera.user_id, new_duty(pb::Role::Admin, "")).await.unwrap();
    let (vera, _) = gives_token(&root, &world, &vera, "desk", 9).await.unwrap();
    // Two who each want to put the other out: one stays.
    let (one, other) = tokio::join!(disables(&root, &vera.id), disables(&vera, &root.id));
    let left = [&one, &other].into_iter().filter(|outcome| outcome.is_err()).count();
    assert_eq!(left, 1, "{one:?} {other:?}");
});

story!(whoever_is_disabled_sees_nothing_more_of_what_they_watched, |world| {
    let root = root(&world).await;
    let asha = world.adviser("Asha", "somerset").await;
    let mut desk = asha.watches_desk().await;
    let petra = world.personal_adviser("Petra", "somerset").await;
    petra.works_at("frome").await;
    let mut day = petra
        .diary()
        .watch_day(pb::WatchDayRequest { office_id: "frome".into(), ..Default::default() })
        .await
        .unwrap()
        .into_inner();
    soon("the day", day.message()).await.unwrap().unwrap();
    disables(&root, &asha.id).await.unwrap();
    let ended = soon("the end of the desk", async {
        loop {
            if let Err(status) = desk.message().await {
                return status;
            }
        }
    });
    assert_eq!(ended.await.code(), Code::Unauthenticated);
    // Losing the role that a look is for ends it too, and nobody else's.
    let person = root.admin().get_user(pb::GetUserRequest { user_id: petra.id.clone() }).await.unwrap().into_inner();
    let duty = person.person.unwrap().duties[0].duty.clone().unwrap().duty_id;
    gives(&root, &petra.id, new_duty(pb::Role::Adviser, "somerset")).await.unwrap();
    takes(&root, &duty).await.unwrap();
    let ended = soon("the end of the day", async {
        loop {
            if let Err(status) = day.message().await {
                return status;
            }
        }
    });
    assert_eq!(ended.await.code(), Code::PermissionDenied);
});

home_story!(whoever_is_disabled_beside_the_server_is_out, |home| {
    let asha = home.adviser("Asha", "somerset").await;
    home.add("Root", Role::Admin, None).await;
    let server = Process::serve(&home).await;
    let mut desk = asha.watches_desk().await;
    let run = |arguments: &'static [&'static str]| {
        let mut command = process::program();
        command.arg("user").args(arguments).arg("--data").arg(home.data());
        if let Some(url) = &home.database_url {
            command.args(["--database-url", url]);
        }
        async move {
            let output = command.output().await.unwrap();
            let text = |bytes| String::from_utf8(bytes).unwrap();
            (output.status.success(), text(output.stdout) + &text(output.stderr))
        }
    };
    let (listed, text) = run(&["list"]).await;
    assert!(listed && text.contains("Asha") && text.contains("adviser at somerset"), "{text}");
    let (given, text) = run(&["give", "Asha", "--role", "team-leader", "--site", "somerset", "--days", "3"]).await;
    assert!(given && text.contains("team-leader at somerset until"), "{text}");
    let (made, text) = run(&["token", "new", "Asha", "--for", "desk 9"]).await;
    assert!(made && text.contains("sl_"), "{text}");
    let (shown, text) = run(&["show", "Asha"]).await;
    assert!(shown && text.contains("desk 9") && text.contains("team-leader"), "{text}");
    let (disabled, text) = run(&["disable", "Asha"]).await;
    assert!(disabled, "{text}");
    let ended = soon("the end of the desk", async {
        loop {
            if let Err(status) = desk.message().await {
                return status;
            }
        }
    });
    assert_eq!(ended.await.code(), Code::Unauthenticated);
    assert_eq!(may_work(&asha).await, Err(Code::Unauthenticated));
    let (last, text) = run(&["disable", "Root"]).await;
    assert!(!last && text.contains("another administrator"), "{text}");
    let (unknown, text) = run(&["disable", "Nobody"]).await;
    assert!(!unknown && text.contains("Nobody"), "{text}");
    let (enabled, text) = run(&["enable", "Asha"]).await;
    assert!(enabled, "{text}");
    until("her to be let in again", || async { may_work(&asha).await.ok() }).await;
    if home.engine == Engine::Postgres {
        // Another process on the same database hears it as well.
        let second = Process::serve(&home).await;
        may_work(&asha).await.unwrap();
        run(&["disable", "Asha"]).await;
        until("her to be out there", || async { may_work(&asha).await.is_err().then_some(()) }).await;
        second.kill().await;
    }
    server.kill().await;
});
