//! People sign in with a browser, and out of it; nobody else does in their name.

mod by_command;

use crate::support::browser::{Browser, Page};
use crate::support::faults::reason;
use crate::support::process::{self, Process};
use crate::support::steps::{Answer, frome_facts, offered};
use crate::support::values::new_id;
use crate::support::{Engine, Home, Person, START, World, at, until};
use chrono::TimeDelta;
use startline::access::{self, Role};
use startline::app::App;
use startline::clock::Clock;
use startline::grpc::pb;
use tonic::Code;

/// Where an adviser's work begins.
const HOME: &str = "/desk";
const OWN: &str = "three quiet geese";

/// A world with a web door, an administrator and an adviser who has a password of her own.
struct Office {
    world: World,
    root: Person,
    nia: Person,
}

async fn office(mut home: Home) -> Office {
    home.open_to_the_web();
    let world = World::on(home).await;
    let root = world.add("Root", Role::Admin, None).await;
    let nia = world.adviser("Nia", "somerset").await;
    Office { world, root, nia }
}

impl Office {
    fn browser(&self) -> Browser {
        Browser::new(self.world.web_address())
    }

    /// Signed in, with a password of her own.
    async fn at_home(&self) -> (Browser, Page) {
        let first = first_password(&self.root, &self.nia.id).await.unwrap();
        let mut browser = self.browser();
        let page = browser.signs_in("Nia", &first).await;
        let page = makes_own(&mut browser, &page, &first).await;
        assert_eq!((page.status, page.path.as_str()), (200, HOME), "{}", page.html);
        (browser, page)
    }
}

async fn first_password(root: &Person, user: &str) -> Answer<String> {
    let request = pb::CreateFirstPasswordRequest { request_id: new_id(), user_id: user.into() };
    let made = root.admin().create_first_password(request.clone()).await?.into_inner();
    let again = root.admin().create_first_password(request).await?.into_inner();
    assert_eq!((again.end_time, again.password.as_str()), (made.end_time, ""), "the password is shown once");
    Ok(made.password)
}

async fn makes_own(browser: &mut Browser, page: &Page, old: &str) -> Page {
    browser.send(page, "/password", &[("old", old), ("new", OWN), ("again", OWN)]).await
}

fn is_out(page: &Page) -> bool {
    page.path == "/sign-in" && page.status == 200
}

home_story!(a_first_password_opens_nothing_but_the_page_for_ones_own, |mut home| {
    home.show_figures();
    let office = office(home).await;
    let mut browser = office.browser();
    assert!(is_out(&browser.open("/").await), "nobody is signed in");
    let first = first_password(&office.root, &office.nia.id).await.unwrap();
    let page = browser.signs_in("Nia", &first).await;
    assert_eq!((page.path.as_str(), page.heading()), ("/password", "Make a password of your own"));
    assert_eq!(browser.open("/").await.path, "/password");
    // What is wrong is said beside its field, and nothing is changed.
    for (old, new, again, words) in [
        (first.as_str(), "short", "short", "at least 12 characters"),
        (&first, "Nia Nia Nia Nia", "Nia Nia Nia Nia", "must not be your name"),
        (&first, "password1234", "password1234", "tried first"),
        (&first, OWN, "three quiet goose", "twice alike"),
        (&first, &first, &first, "another than the one that you have"),
        ("not the first one", OWN, OWN, "not the password that you have"),
    ] {
        let refused = browser.send(&page, "/password", &[("old", old), ("new", new), ("again", again)]).await;
        assert_eq!(refused.status, 422, "{new}");
        assert!(refused.html.contains(words) && refused.html.contains("There is a problem"), "{}", refused.html);
        assert!(!refused.html.contains(&first) && !refused.html.contains(OWN), "no password is sent back");
    }
    let page = makes_own(&mut browser, &page, &first).await;
    assert_eq!((page.path.as_str(), page.heading()), (HOME, "Start taking calls"));
    let page = browser.open("/account").await;
    assert!(page.html.contains("Call centre adviser, Somerset") && page.html.contains("Nia"), "{}", page.html);
    // The first one is over, her own lets her in.
    let mut other = office.browser();
    assert_eq!(other.signs_in("Nia", &first).await.status, 401);
    assert_eq!(other.signs_in("Nia", OWN).await.path, HOME);
    let figures = office.world.figures().await;
    for (outcome, times) in [("signed_in", 2), ("refused", 1)] {
        let line = format!("startline_sign_ins_total{{by=\"password\",outcome=\"{outcome}\"}} {times}");
        assert!(figures.contains(&line), "{line} is not in {figures}");
    }
    // A first password that nobody used is good for seven days.
    let second = first_password(&office.root, &office.nia.id).await.unwrap();
    assert!(is_out(&other.open("/").await), "whoever forgot a password may have lost it to somebody");
    office.world.wait(7 * 24 * 3600);
    let late = other.signs_in("Nia", &second).await;
    assert!(late.status == 401 && late.html.contains("seven days"), "{}", late.html);
});

home_story!(a_cookie_is_for_this_host_no_script_reads_it_and_it_is_no_token, |home| {
    let office = office(home).await;
    let first = first_password(&office.root, &office.nia.id).await.unwrap();
    let mut browser = office.browser();
    let fields = [("name".to_owned(), "Nia".to_owned()), ("password".to_owned(), first.clone())];
    browser.post("/sign-in", &fields, "same-origin").await;
    let cookie = browser.cookies["startline"].clone();
    // It is a browser's: as an access token it is nobody's.
    let thief = Person::new(office.nia.id.clone(), "Nia", &cookie, office.world.address.clone());
    assert_eq!(thief.create_client(frome_facts()).await.unwrap_err().code(), Code::Unauthenticated);
    // Neither it nor a password is anywhere in the database, nor is her page kept by anybody on its way.
    let page = browser.open("/password").await;
    assert_eq!(page.header("cache-control"), "no-store");
    let policy = page.header("content-security-policy");
    assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"), "{policy}");
    // The one script is a file of ours; nothing of it is in the page.
    let (scripts, ours) =
        (page.html.matches("<script").count(), page.html.matches("<script type=\"module\" src=\"/desk-").count());
    assert!(scripts == ours && !page.html.contains("style=") && !page.html.contains(&cookie));
    let style = page.html.split("href=\"").find(|rest| rest.starts_with("/desk-")).unwrap().split('"').next().unwrap();
    let style = browser.open(style).await;
    assert!(style.status == 200 && style.header("cache-control").contains("immutable"), "{}", style.head);
    makes_own(&mut browser, &page, &first).await;
    if office.world.engine == Engine::Sqlite {
        let read = std::fs::read_dir(office.world.data()).unwrap();
        let files = read.filter_map(|file| std::fs::read(file.unwrap().path()).ok());
        let kept: Vec<u8> = files.flatten().collect();
        for secret in [cookie.as_str(), &first, OWN] {
            assert!(!kept.windows(secret.len()).any(|bytes| bytes == secret.as_bytes()), "{secret} is kept");
        }
        assert!(kept.windows(9).any(|bytes| bytes == b"$argon2id"), "nothing was read");
    }
});

home_story!(what_changes_something_comes_from_a_page_of_ours_alone, |home| {
    let office = office(home).await;
    let (mut browser, page) = office.at_home().await;
    let (mut other, others) = {
        let mut other = office.browser();
        let page = other.signs_in("Nia", OWN).await;
        (other, page)
    };
    let with = |csrf: &str| vec![("csrf".to_owned(), csrf.to_owned())];
    for path in ["/sign-out", "/sign-out/everywhere", "/password"] {
        for (csrf, from) in [
            (String::new(), "same-origin"),
            (others.csrf(), "same-origin"),
            (page.csrf().to_uppercase(), "same-origin"),
            (page.csrf(), "cross-site"),
            (page.csrf(), "same-site"),
            (page.csrf(), "none"),
        ] {
            let refused = browser.post(path, &with(&csrf), from).await;
            assert_eq!((refused.status, refused.heading()), (403, "Nothing was done"), "{path} {from}");
        }
    }
    assert_eq!(browser.open("/").await.heading(), "Start taking calls");
    // Nobody is signed in by a page of somebody else's either, as whoever laid the trap.
    let fields = [("name".to_owned(), "Nia".to_owned()), ("password".to_owned(), OWN.to_owned())];
    let trap = office.browser().post("/sign-in", &fields, "cross-site").await;
    assert!(trap.status == 403 && trap.header("set-cookie").is_empty(), "{}", trap.head);
    // And of one's own, it is done.
    assert!(is_out(&browser.send(&page, "/sign-out", &[]).await));
    assert!(is_out(&browser.open("/").await));
    assert_eq!(other.open("/").await.heading(), "Start taking calls", "the other browser goes on");
});

home_story!(a_session_ends_by_itself_and_never_during_a_call, |home| {
    let office = office(home).await;
    let (mut browser, _) = office.at_home().await;
    let mut used = office.browser();
    used.signs_in("Nia", OWN).await;
    office.world.wait(29 * 60);
    assert_eq!(used.open("/").await.path, HOME);
    office.world.wait(60);
    assert!(is_out(&browser.open("/").await), "half an hour in which nothing was asked for");
    assert_eq!(used.open("/").await.path, HOME, "this one was used");
    // While she speaks with somebody she asks her browser for nothing, and is not signed out.
    let switch = office.world.switch("Switch").await;
    let mut desk = office.nia.take_calls().await;
    let _call = switch.enter_call("long", "01373 000123").await;
    let offer = offered(&mut desk).await;
    office.nia.accept(&offer).await;
    switch.report("long", pb::CallReport::Answered).await;
    office.world.wait(40 * 60);
    assert_eq!(used.open("/").await.path, HOME, "a call was cut off");
    switch.report("long", pb::CallReport::Ended).await;
    let done = pb::FinishWrapUpRequest { request_id: new_id(), call_id: offer.call_id, outcome: "advised".into() };
    office.nia.desk().finish_wrap_up(done).await.unwrap();
    office.world.wait(30 * 60);
    assert!(is_out(&used.open("/").await), "the call is over");
    // However often it is used, after twelve hours it is over.
    used.signs_in("Nia", OWN).await;
    for _ in 0..28 {
        office.world.wait(25 * 60);
        assert_eq!(used.open("/").await.path, HOME);
    }
    office.world.wait(20 * 60);
    assert!(is_out(&used.open("/").await), "a working day is over");
});

home_story!(whoever_is_put_out_or_signs_out_everywhere_is_out_of_every_browser, |home| {
    let office = office(home).await;
    let (mut one, page) = office.at_home().await;
    let mut two = office.browser();
    // Later than the other, so that it stands behind it.
    office.world.wait(1);
    two.signs_in("Nia", OWN).await;
    assert!(two.open("/account").await.html.contains("<dd>2</dd>"), "both browsers are told of");
    let known = |id: String| {
        let root = &office.root;
        async move { root.admin().get_user(pb::GetUserRequest { user_id: id }).await.unwrap().into_inner().person.unwrap() }
    };
    let sessions = known(office.nia.id.clone()).await.sessions;
    let held: Vec<&pb::Token> = sessions.iter().filter(|session| session.revoke_time.is_none()).collect();
    assert_eq!((held.len(), held[0].name.as_str()), (2, "password"));
    // An administrator ends one of them.
    let request = pb::RevokeTokenRequest { request_id: new_id(), token_id: held[1].token_id.clone() };
    office.root.admin().revoke_token(request).await.unwrap();
    assert!(is_out(&two.open("/").await));
    assert_eq!(one.open("/").await.path, HOME);
    two.signs_in("Nia", OWN).await;
    assert!(is_out(&one.send(&page, "/sign-out/everywhere", &[]).await));
    assert!(is_out(&two.open("/").await));
    office.nia.create_client(frome_facts()).await.expect("her desk's own token goes on");
    // Disabled she is out, and when she is let in again she signs in anew.
    one.signs_in("Nia", OWN).await;
    let disable = pb::DisableUserRequest { request_id: new_id(), user_id: office.nia.id.clone() };
    office.root.admin().disable_user(disable).await.unwrap();
    assert!(is_out(&one.open("/").await));
    assert_eq!(two.signs_in("Nia", OWN).await.status, 401);
    assert_eq!(reason(&first_password(&office.root, &office.nia.id).await.unwrap_err()), "USER_DISABLED");
    let enable = pb::EnableUserRequest { request_id: new_id(), user_id: office.nia.id.clone() };
    office.root.admin().enable_user(enable).await.unwrap();
    assert!(is_out(&one.open("/").await));
    assert_eq!(one.signs_in("Nia", OWN).await.path, HOME);
    // A ninth browser takes the place of the one that was used the longest ago.
    for _ in 0..8 {
        office.world.wait(61);
        assert_eq!(office.browser().signs_in("Nia", OWN).await.path, HOME);
    }
    assert!(is_out(&one.open("/").await));
});

home_story!(who_tries_passwords_waits_and_keeps_nobody_else_out, |home| {
    let office = office(home).await;
    office.at_home().await;
    let mut thief = office.browser().asking_from(66);
    let mut last = None;
    for _ in 0..3 {
        last = Some(thief.signs_in("Nia", "a wrong password").await);
    }
    let wrong = last.unwrap();
    assert_eq!(wrong.status, 401);
    // There is no telling a name that there is from one that there is not.
    let nobody = office.browser().asking_from(67).signs_in("Nobody", "a wrong password").await;
    let text = |page: &Page| page.html.replace("Nobody", "Nia");
    assert_eq!((nobody.status, text(&nobody)), (wrong.status, text(&wrong)));
    // The fourth is not looked at, right or wrong.
    let waits = thief.signs_in("nia ", OWN).await;
    assert_eq!((waits.status, waits.header("retry-after").as_str()), (429, "1"), "{}", waits.html);
    assert!(waits.html.contains("Try again in 1 s"), "{}", waits.html);
    // From where she has signed in before she comes in, and so does everybody else from there.
    assert_eq!(office.browser().signs_in("Nia", OWN).await.path, HOME);
    // Also after a restart.
    let Office { mut world, .. } = office;
    world.restart().await;
    let at = world.web_address();
    let mut thief = Browser::new(at).asking_from(66);
    for _ in 0..3 {
        assert_eq!(thief.signs_in("Nia", "a wrong password").await.status, 401);
    }
    assert_eq!(thief.signs_in("Nia", OWN).await.status, 429);
    assert_eq!(Browser::new(at).signs_in("Nia", OWN).await.path, HOME);
    world.wait(2);
    assert_eq!(thief.signs_in("Nia", "a wrong password").await.status, 401, "after a second it is looked at again");
});

home_story!(what_was_asked_for_outside_of_ones_work_ends_with_the_sign_in, |home| {
    let office = office(home).await;
    let (mut browser, page) = office.at_home().await;
    let bronwen = office.world.adviser("Bronwen", "south-east-gwent").await;
    let gwent = pb::ClientFacts { postcode: "NP20 4UR".into(), phone: "01633 000123".into(), ..frome_facts() };
    let client = bronwen.create_client(gwent).await.unwrap();
    assert_eq!(client.home_site_id, "south-east-gwent");
    let client = client.client_id;
    let asks = || async {
        let request = pb::AskForRecordRequest {
            request_id: new_id(),
            client_id: client.clone(),
            reason: pb::RequestReason::HelpsColleague.into(),
            note: "her sister is at our desk".into(),
        };
        office.nia.privacy().ask_for_record(request).await.unwrap();
    };
    let sees = || async {
        let request = pb::GetClientRequest { client_id: client.clone() };
        office.nia.clients().get_client(request).await.is_ok()
    };
    assert!(!sees().await, "it is none of her work");
    asks().await;
    assert!(sees().await);
    browser.send(&page, "/sign-out", &[]).await;
    assert!(!sees().await, "it is open to her although she has signed out");
});

home_story!(hostile_text_is_text_and_every_page_is_in_both_languages, |home| {
    let office = office(home).await;
    let hostile = "<img src=x onerror=alert(1)>\"'&";
    let mut browser = office.browser();
    let refused = browser.signs_in(hostile, "a wrong password").await;
    assert_eq!(refused.status, 401);
    assert!(!refused.html.contains("<img") && refused.html.contains("&#60;img"), "{}", refused.html);
    for path in
        ["/sign-in?language=%3Cscript%3E", "/sign-in?language=cy&language=en&x=%00", "/sign-in/return?code=a&state=b"]
    {
        let page = browser.open(path).await;
        assert!(page.status == 200 && !page.html.contains("<script"), "{path}");
    }
    let welsh = browser.open("/sign-in?language=cy").await;
    assert_eq!(welsh.heading(), "Mewngofnodi");
    assert!(welsh.html.contains("<html lang=\"cy\">"), "{}", welsh.html);
    assert_eq!(browser.open("/sign-in").await.heading(), "Mewngofnodi", "it is remembered");
    let (mut signed_in, _) = office.at_home().await;
    signed_in.language = "cy-GB, en;q=0.5";
    let page = signed_in.open("/account").await;
    assert_eq!(page.heading(), "Eich cyfrif");
    assert!(page.html.contains("Cynghorydd canolfan alwadau"), "{}", page.html);
    // A form that is none, and one that is too large.
    let form = vec![("name".to_owned(), "x".repeat(100_000)), ("password".to_owned(), "y".repeat(12))];
    assert_eq!(office.browser().post("/sign-in", &form, "same-origin").await.status, 413);
    let none = office.browser().post("/sign-in", &[], "same-origin").await;
    assert!(none.status == 422 && none.html.contains("Enter your name"), "{}", none.html);
});

home_story!(a_new_password_of_ones_own_signs_ones_other_browsers_out, |home| {
    let office = office(home).await;
    let (mut one, page) = office.at_home().await;
    let mut two = office.browser();
    assert_eq!(two.signs_in("Nia", OWN).await.path, HOME);
    let new = "four loud ganders";
    let page = one.send(&page, "/password", &[("old", OWN), ("new", new), ("again", new)]).await;
    assert_eq!(page.path, HOME, "{}", page.html);
    assert!(is_out(&two.open("/").await), "whoever else had the old one is out");
    assert_eq!(two.signs_in("Nia", OWN).await.status, 401);
    assert_eq!(two.signs_in("Nia", new).await.path, HOME);
});

home_story!(browsers_of_long_ago_are_forgotten, |home| {
    let office = office(home).await;
    office.at_home().await;
    office.world.wait(60 * 24 * 3600);
    office.browser().signs_in("Nia", OWN).await;
    let store = office.world.open_store().await;
    let mut tx = store.begin_write().await.unwrap();
    let now = office.world.now() + TimeDelta::days(31);
    access::forget_sessions(&mut tx.db(), now).await.unwrap();
    tx.commit().await.unwrap();
    store.close().await;
    let request = pb::GetUserRequest { user_id: office.nia.id.clone() };
    let nia = office.root.admin().get_user(request).await.unwrap().into_inner().person.unwrap();
    assert_eq!((nia.sessions.len(), nia.tokens.len()), (1, 1));
});

home_story!(a_name_is_found_whatever_its_capitals_and_however_its_accents_are_typed, |home| {
    let office = office(home).await;
    let sian = office.world.adviser("Siân Rees", "somerset").await;
    let first = first_password(&office.root, &sian.id).await.unwrap();
    for typed in ["siân rees", " SIÂN REES", "Sia\u{302}n Rees", "sian rees"] {
        assert_eq!(office.browser().signs_in(typed, &first).await.path, "/password", "{typed}");
    }
    // Two that are alike so are told apart by what they are called.
    let other = office.world.adviser("Sian Rees", "somerset").await;
    let others = first_password(&office.root, &other.id).await.unwrap();
    assert_eq!(office.browser().signs_in("Sian Rees", &others).await.path, "/password");
    assert_eq!(office.browser().signs_in("Siân Rees", &first).await.path, "/password");
    assert_eq!(office.browser().signs_in("sian rees", &first).await.status, 401);
    // Whoever tries a name tries it in every way of typing it.
    let mut thief = office.browser().asking_from(66);
    for typed in ["Siân Rees", "sian rees", "SIAN REES"] {
        assert_eq!(thief.signs_in(typed, "a wrong password").await.status, 401, "{typed}");
    }
    assert_eq!(thief.signs_in("Sian Rees", "a wrong password").await.status, 429);
});

home_story!(what_was_left_out_is_no_wrong_password_and_what_there_is_not_is_a_page, |home| {
    let office = office(home).await;
    let (mut browser, page) = office.at_home().await;
    for _ in 0..5 {
        let new = [("new", "four loud ganders"), ("again", "four loud ganders")];
        let refused = browser.send(&page, "/password", &new).await;
        assert!(refused.status == 422 && refused.html.contains("Enter the password that you have"), "{}", refused.html);
    }
    let gone = browser.open("/no/such/page").await;
    assert_eq!((gone.status, gone.heading()), (404, "There is no such page"));
});

/// Two services over one database, as two processes are: what one is told, the other knows.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn signed_out_at_one_door_is_out_at_the_other_on_postgres() {
    let office = office(Home::fresh(Engine::Postgres).await).await;
    let (mut browser, page) = office.at_home().await;
    let (clock, _hand) = Clock::manual(at(START));
    let beside = App::start(&office.world.config(), clock).await.unwrap();
    let mut there = Browser::new(beside.web.as_ref().unwrap().address);
    there.cookies = browser.cookies.clone();
    assert_eq!(there.open("/").await.path, HOME, "one cookie is known to both");
    browser.send(&page, "/sign-out", &[]).await;
    let browser = &tokio::sync::Mutex::new(there);
    until("the other to hear of it", || async { is_out(&browser.lock().await.open("/").await).then_some(()) }).await;
    beside.stop().await.unwrap();
}

/// The command line does what the API does.
#[tokio::test]
async fn the_command_line_makes_a_first_password_and_signs_out() {
    let home = Home::fresh(Engine::Sqlite).await;
    let office = office(home).await;
    let data = office.world.data();
    let run = |arguments: &'static [&'static str]| {
        let data = data.clone();
        async move {
            let output = process::run(&[arguments, &["--data", data.to_str().unwrap()]].concat()).await;
            let text = |bytes| String::from_utf8(bytes).unwrap();
            (output.status.success(), text(output.stdout), text(output.stderr))
        }
    };
    let (is_made, password, said) = run(&["user", "password", "Nia"]).await;
    assert!(is_made && said.contains("lets Nia make one of their own"), "{said}");
    let mut browser = office.browser();
    let page = browser.signs_in("Nia", password.trim()).await;
    assert_eq!(page.path, "/password");
    makes_own(&mut browser, &page, password.trim()).await;
    let (is_out_there, ..) = run(&["user", "sign-out", "Nia"]).await;
    assert!(is_out_there);
    let browser = &tokio::sync::Mutex::new(browser);
    until("the service to hear of it", || async { is_out(&browser.lock().await.open("/").await).then_some(()) }).await;
    let (is_found, _, said) = run(&["user", "password", "Nobody"]).await;
    assert!(!is_found && said.contains("Nobody"), "{said}");
}

fn free_port() -> std::net::SocketAddr {
    let taken = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    taken.local_addr().unwrap()
}
