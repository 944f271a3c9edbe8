//! Looking after people, who looked, and what agencies read, by forms alone.

use super::shows;
use crate::support::browser::{Browser, Page};
use crate::support::steps::{client_with_claim, frome_facts};
use crate::support::values::new_id;
use crate::support::{Home, Person, World};
use startline::access::Role;
use startline::grpc::pb;

const HOSTILE: &str = "Nia <script>alert(1)</script>";

struct House {
    world: World,
    root: Person,
}

async fn house(mut home: Home) -> House {
    home.open_to_the_web();
    let world = World::on(home).await;
    let root = world.add("Root", Role::Admin, None).await;
    House { world, root }
}

impl House {
    async fn browser_of(&self, person: &Person) -> Browser {
        super::browser_of(&self.world, &self.root, person).await
    }

    async fn person(&self, id: &str) -> pb::Person {
        let request = pb::GetUserRequest { user_id: id.into() };
        self.root.admin().get_user(request).await.unwrap().into_inner().person.unwrap()
    }
}

async fn sends(browser: &mut Browser, page: &Page, path: &str, id: &str, typed: &[(&str, &str)]) -> Page {
    let mut fields = vec![("request_id", id), ("from", "/people")];
    fields.extend_from_slice(typed);
    browser.send(page, path, &fields).await
}

fn secret(page: &Page) -> Option<&str> {
    page.html.split_once("<code translate=\"no\">")?.1.split('<').next()
}

home_story!(somebody_is_added_given_cover_and_let_in, |home| {
    let house = house(home).await;
    let mut root = house.browser_of(&house.root).await;
    let page = root.open("/people/new").await;
    let typed = [("name", HOSTILE), ("role", "adviser"), ("place", "")];
    let refused = sends(&mut root, &page, "/people/new", &new_id(), &typed).await;
    assert_eq!(refused.status, 422, "{}", refused.html);
    assert!(
        refused.html.contains("href=\"#place\"") && refused.html.contains("value=\"Nia &#60;script"),
        "{}",
        refused.html
    );
    // Sent twice, there is one of them.
    let (id, typed) =
        (new_id(), [("name", HOSTILE), ("role", "adviser"), ("place", "site:somerset"), ("skills", "welsh")]);
    let added = sends(&mut root, &page, "/people/new", &id, &typed).await;
    shows(&added, &["They are added.", "&#60;script&#62;"]);
    assert!(!added.html.contains("<script>alert"), "{}", added.html);
    let again = sends(&mut root, &page, "/people/new", &id, &typed).await;
    assert_eq!(added.path, again.path);
    let at = added.path.split('?').next().unwrap().to_owned();
    let nia = at.trim_start_matches("/people/").to_owned();
    // Cover ends with its last day, as people say it.
    let last = house.world.now().date_naive() + chrono::Days::new(7);
    let text = last.format("%d/%m/%Y").to_string();
    let give = format!("{at}/duties");
    let typed = [("role", "reception"), ("place", "office:frome"), ("last_day", text.as_str())];
    shows(&sends(&mut root, &page, &give, &new_id(), &typed).await, &["The duty is given.", "Temporary cover"]);
    let cover = async || {
        let duties = house.person(&nia).await.duties;
        let is_cover =
            |given: &pb::GivenDuty| given.duty.as_ref().is_some_and(|duty| duty.role() == pb::Role::Reception);
        duties.into_iter().find(is_cover).unwrap()
    };
    let given = cover().await.duty.unwrap();
    assert_eq!(given.office_id, "frome");
    let take = format!("{at}/duties/{}/take", given.duty_id);
    let check = root.open(&take).await;
    shows(&check, &["It ends at once", "Reception"]);
    assert!(cover().await.take_time.is_none(), "looking takes nothing");
    shows(
        &sends(&mut root, &check, &take, &new_id(), &[]).await,
        &["The duty is taken back.", "Duties that are over (1)"],
    );
    assert_eq!(cover().await.taken_by_name, "Root");
    // A name is looked for without standing in an address.
    let found = sends(&mut root, &page, "/people", &new_id(), &[("name", "nia")]).await;
    shows(&found, &["Nia &#60;script"]);
    assert_eq!(found.path, "/people");
    root.language = "cy";
    for (path, word) in [("/people", "Pobl"), (at.as_str(), "Dyletswyddau"), ("/people/new", "Ychwanegu rhywun")] {
        shows(&root.open(path).await, &["<html lang=\"cy\">", word]);
    }
});

home_story!(a_secret_is_shown_in_the_answer_that_made_it_and_never_again, |home| {
    let house = house(home).await;
    let asha = house.world.adviser("Asha", "somerset").await;
    let mut root = house.browser_of(&house.root).await;
    let at = format!("/people/{}", asha.id);
    let page = root.open(&format!("{at}/tokens")).await;
    for (path, typed) in [(format!("{at}/tokens"), vec![("name", "desk 7")]), (format!("{at}/password"), vec![])] {
        let id = new_id();
        let made = sends(&mut root, &page, &path, &id, &typed).await;
        assert_eq!(made.header("cache-control"), "no-store");
        let shown = secret(&made).expect("it is shown").to_owned();
        assert!(shown.len() >= 19 && !made.path.contains(&shown), "{}", made.path);
        let again = sends(&mut root, &page, &path, &id, &typed).await;
        shows(&again, &["It was shown before, and cannot be shown again"]);
        assert!(secret(&again).is_none() && !again.html.contains(&shown));
        for path in [path.as_str(), at.as_str()] {
            assert!(!root.open(path).await.html.contains(&shown), "{path} shows it");
        }
    }
    assert_eq!(house.person(&asha.id).await.tokens.len(), 2);
});

home_story!(the_last_administrator_stays_and_the_page_says_so, |home| {
    let house = house(home).await;
    let asha = house.world.adviser("Asha", "somerset").await;
    let mut root = house.browser_of(&house.root).await;
    let path = format!("/people/{}/disable", house.root.id);
    let page = root.open(&path).await;
    shows(&page, &["Disable this person?", "Nothing is let through for them"]);
    let refused = sends(&mut root, &page, &path, &new_id(), &[]).await;
    assert_eq!(refused.status, 422);
    assert!(refused.html.contains("Make another administrator first"), "{}", refused.html);
    let path = format!("/people/{}/disable", asha.id);
    shows(&sends(&mut root, &page, &path, &new_id(), &[]).await, &["Nothing is let through for them any more."]);
    assert!(house.person(&asha.id).await.disable_time.is_some());
    shows(
        &sends(&mut root, &page, &format!("/people/{}/enable", asha.id), &new_id(), &[]).await,
        &["They may sign in again."],
    );
    // Whoever is no administrator finds none of it.
    let mut ashas = house.browser_of(&asha).await;
    for path in ["/people", "/people/new", "/operations", "/access"] {
        assert_eq!(ashas.open(path).await.status, 403, "{path}");
    }
    shows(&root.open("/operations").await, &["No job was given up.", "Workers of this process"]);
});

home_story!(a_record_that_was_asked_for_is_judged_once_and_looks_are_listed, |home| {
    let house = house(home).await;
    let asha = house.world.adviser("Asha", "somerset").await;
    let bronwen = house.world.adviser("Bronwen", "south-east-gwent").await;
    let olive = house.world.add("Olive", Role::PrivacyOfficer, None).await;
    let client = asha.create_client(frome_facts()).await.unwrap().client_id;
    let request = pb::AskForRecordRequest {
        request_id: new_id(),
        client_id: client.clone(),
        reason: pb::RequestReason::HelpsColleague.into(),
        note: "<b>her sister</b> is at our desk".into(),
    };
    let asked = bronwen.privacy().ask_for_record(request).await.unwrap().into_inner().record_request.unwrap();
    bronwen.clients().get_client(pb::GetClientRequest { client_id: client.clone() }).await.unwrap();
    let mut browser = house.browser_of(&olive).await;
    shows(&browser.open("/access").await, &["Bronwen", "A colleague asked for help"]);
    let path = format!("/access/requests/{}", asked.record_request_id);
    let page = browser.open(&path).await;
    shows(&page, &["&#60;b&#62;her sister", "Was it justified?"]);
    let refused = sends(&mut browser, &page, &path, &new_id(), &[("note", "I asked both")]).await;
    assert_eq!(refused.status, 422);
    assert!(refused.html.contains("I asked both"), "what was typed is gone: {}", refused.html);
    let typed = [("verdict", "not_justified"), ("note", "I asked both")];
    shows(&sends(&mut browser, &page, &path, &new_id(), &typed).await, &["Closed.", "Not justified", "I asked both"]);
    shows(&browser.open("/access").await, &["None waits to be judged."]);
    shows(&browser.open("/access?show=all").await, &["Not justified"]);
    let looks = browser.open(&format!("/access/looks?client={client}")).await;
    shows(&looks, &["Who looked at this client", "Download the list"]);
    let none = browser.open("/access/looks?client=&user=").await;
    assert!(none.status == 422 && none.html.contains("Enter a client"), "{}", none.html);
    browser.language = "cy";
    shows(&browser.open("/access").await, &["Pwy edrychodd"]);
});

home_story!(an_agencys_reader_is_told_what_is_not_theirs, |home| {
    let house = house(home).await;
    let asha = house.world.adviser("Asha", "somerset").await;
    let bea = house.world.add("Bea", Role::Agency, None).await;
    let (_, claim) = client_with_claim(&asha, "Fry").await;
    let mut browser = house.browser_of(&bea).await;
    shows(&browser.open("/agency").await, &["Benefits Agency", "The claim&#39;s number"]);
    let wrong = browser.open("/agency?claim=../people").await;
    assert_eq!(wrong.status, 422, "{}", wrong.html);
    // It has not been handed over to them.
    let refused = browser.open(&format!("/agency?claim={}", claim.claim_id)).await;
    assert_eq!(refused.status, 403, "{}", refused.html);
    let other = browser.open(&format!("/agency/ES/claims/{}", claim.claim_id)).await;
    assert_eq!(other.status, 403, "{}", other.html);
    browser.language = "cy";
    shows(&browser.open("/agency").await, &["Hawliadau"]);
});
