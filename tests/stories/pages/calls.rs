//! Finding a client, keeping the record, and call-backs from the offer to the last try, by forms alone.

use super::OWN;
use crate::support::browser::{Browser, Page};
use crate::support::callback_steps::{every_day, supervisor, wednesday};
use crate::support::steps::frome_facts;
use crate::support::values::new_id;
use crate::support::{Home, Person, World};
use chrono::TimeDelta;
use startline::access::Role;
use startline::grpc::pb;

const HOSTILE: &str = "<script>alert(1)</script>";
const HOSTILE_AS_TEXT: &str = "&#60;script&#62;alert(1)&#60;/script&#62;";

struct Office {
    world: World,
    root: Person,
    asha: Person,
}

async fn office(mut home: Home) -> Office {
    home.open_to_the_web();
    let world = World::on(home).await;
    let root = world.add("Root", Role::Admin, None).await;
    let sunil = supervisor(&world).await;
    let asha = world.adviser("Asha", "somerset").await;
    sunil.sets_roster(&asha, every_day("08:30", "18:00")).await;
    Office { world, root, asha }
}

impl Office {
    async fn browser_of(&self, person: &Person) -> Browser {
        super::browser_of(&self.world, &self.root, person).await
    }

    async fn found(&self, last_name: &str) -> Vec<pb::Client> {
        let request = pb::FindClientsRequest { last_name: last_name.into(), ..Default::default() };
        self.asha.clients().find_clients(request).await.unwrap().into_inner().clients
    }

    async fn callbacks_of(&self, client: &str) -> Vec<pb::Callback> {
        let request = pb::ListCallbacksRequest { client_id: client.into(), ..Default::default() };
        self.asha.callbacks().list_callbacks(request).await.unwrap().into_inner().callbacks
    }
}

/// What the form of a page that goes to this address would send untouched.
fn form(page: &Page, to: &str) -> Vec<(String, String)> {
    let is_it = |form: &&str| form.split('>').next().is_some_and(|tag| tag.contains(&format!("action=\"{to}\"")));
    let form = page.html.split("<form ").skip(1).find(is_it);
    let form = form.unwrap_or_else(|| panic!("no form to {to} on {}: {}", page.path, page.html));
    let inside = form.split("</form>").next().unwrap_or_default();
    let of = |tag: &str, name: &str| {
        let rest = tag.split_once(&format!(" {name}=\"")).map(|(_, rest)| rest)?;
        Some(unescaped(rest.split('"').next().unwrap_or_default()))
    };
    let mut fields = Vec::new();
    for part in inside.split('<').skip(1) {
        let (tag, text) = part.split_once('>').unwrap_or((part, ""));
        let is_ticked = !(tag.contains("\"radio\"") || tag.contains("\"checkbox\"")) || tag.contains(" checked");
        match (tag.split(' ').next(), of(tag, "name")) {
            (Some("input"), Some(name)) if is_ticked => fields.push((name, of(tag, "value").unwrap_or_default())),
            (Some("textarea"), Some(name)) => fields.push((name, unescaped(text))),
            _ => {}
        }
    }
    fields
}

fn unescaped(text: &str) -> String {
    text.replace("&#60;", "<").replace("&#62;", ">").replace("&#34;", "\"").replace("&#39;", "'").replace("&#38;", "&")
}

/// The form with this typed into it.
fn typed(page: &Page, to: &str, typed: &[(&str, &str)]) -> Vec<(String, String)> {
    let mut fields = form(page, to);
    fields.retain(|(name, _)| typed.iter().all(|(of, _)| of != name));
    fields.extend(typed.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    fields
}

async fn sends(browser: &mut Browser, page: &Page, to: &str, what: &[(&str, &str)]) -> Page {
    browser.post(to, &typed(page, to, what), "same-origin").await
}

/// The value of the first button of this name.
fn first_button(page: &Page, name: &str) -> String {
    let rest = page.html.split_once(&format!("name=\"{name}\" value=\"")).map(|(_, rest)| rest);
    rest.and_then(|rest| rest.split('"').next()).unwrap_or_default().to_owned()
}

home_story!(what_is_typed_into_the_one_box_finds_whom_it_names_or_says_why_it_was_not_searched_for, |home| {
    let office = office(home).await;
    let client = office.asha.create_client(frome_facts()).await.unwrap();
    let mut browser = office.browser_of(&office.asha).await;
    let link = format!("/clients/{}", client.client_id);
    for query in ["fry", "Rosa+Fry", "Fry%2C+Rosa", "fry+23+4+1971", "01373+000123"] {
        let page = browser.open(&format!("/find?q={query}")).await;
        assert!(page.status == 200 && page.html.contains(&link), "{query}: {}", page.html);
        assert!(page.html.contains("23 April 1971") && page.html.contains("BA11 1BL"), "{}", page.html);
    }
    for (query, why) in [
        ("BA11+1BL", "by a postcode alone"),
        ("23+4+1971", "give the last name before it"),
        ("01373+0", "no telephone number"),
        ("BG123456A", "no NI number"),
        ("ONE-AB12-CD34", "cannot be searched for"),
        ("f", "one letter finds too many"),
    ] {
        let page = browser.open(&format!("/find?q={query}")).await;
        assert!(page.status == 422 && page.html.contains(why), "{query}: {} {}", page.status, page.html);
    }
    let nobody = browser.open("/find?q=%3Cscript%3Ealert(1)%3C%2Fscript%3E").await;
    assert!(nobody.html.contains(HOSTILE_AS_TEXT) && !nobody.html.contains(HOSTILE), "{}", nobody.html);
    assert!(nobody.html.contains("Nobody is found") && nobody.html.contains("/clients/new?last_name="));
    browser.language = "cy";
    assert_eq!(browser.open("/find").await.heading(), "Dod o hyd i gleient");
});

home_story!(a_record_elsewhere_is_told_of_and_opened_by_asking_for_it, |home| {
    let office = office(home).await;
    let bob = office.world.adviser("Bob", "south-east-gwent").await;
    office.asha.create_client(frome_facts()).await.unwrap();
    let mut browser = office.browser_of(&bob).await;
    let page = browser.open("/find?q=01373+000123").await;
    assert!(page.html.contains("A record at Somerset"), "{}", page.html);
    let ask =
        page.html.split("href=\"").find(|link| link.contains("/ask\"")).unwrap().split('"').next().unwrap().to_owned();
    assert_eq!(browser.open(ask.trim_end_matches("/ask")).await.status, 403);
    let page = browser.open(&ask).await;
    let refused = sends(&mut browser, &page, &ask, &[("note", "")]).await;
    assert!(refused.status == 422 && refused.html.contains("There is a problem"), "{}", refused.html);
    let open = sends(&mut browser, &refused, &ask, &[("note", "She rang here")]).await;
    assert!(open.status == 200 && open.html.contains("Rosa Jane Fry"), "{} {}", open.path, open.html);
    let mut own = office.browser_of(&office.asha).await;
    let marked = own.open(ask.trim_end_matches("/ask")).await;
    assert!(marked.html.contains("Opened outside of their work") && marked.html.contains("Bob"), "{}", marked.html);
});

home_story!(a_second_record_of_one_person_is_made_only_by_whoever_saw_the_first, |home| {
    let office = office(home).await;
    let mut browser = office.browser_of(&office.asha).await;
    let page = browser.open("/clients/new?last_name=Fry&phone=01373+000123").await;
    let wrong = sends(&mut browser, &page, "/clients/new", &[("nino", "BG1"), ("special_needs", HOSTILE)]).await;
    assert!(wrong.status == 422 && wrong.html.contains("National Insurance number:"), "{}", wrong.html);
    assert!(wrong.html.contains(HOSTILE_AS_TEXT) && wrong.html.contains("value=\"BG1\""), "{}", wrong.html);
    let right =
        typed(&wrong, "/clients/new", &[("nino", ""), ("postcode", "BA11 1BL"), ("date_of_birth", "23 4 1971")]);
    let made = browser.post("/clients/new", &right, "same-origin").await;
    assert!(
        made.status == 200 && made.path.starts_with("/clients/") && made.html.contains("Somerset"),
        "{}",
        made.html
    );
    assert!(made.html.contains(HOSTILE_AS_TEXT) && !made.html.contains(HOSTILE));
    let page = browser.open("/clients/new").await;
    let what = [("last_name", "FRY"), ("date_of_birth", "23/4/1971")];
    let alike = sends(&mut browser, &page, "/clients/new", &what).await;
    assert!(alike.status == 422 && alike.html.contains("This may be somebody we know"), "{}", alike.html);
    assert_eq!(office.found("fry").await.len(), 1);
    let anyway = typed(&alike, "/clients/new", &[("anyway", "yes"), ("home_site", "somerset")]);
    for _ in 0..2 {
        let made = browser.post("/clients/new", &anyway, "same-origin").await;
        assert_eq!(made.status, 200, "{}", made.html);
    }
    assert_eq!(office.found("fry").await.len(), 2, "sent twice, it is made once");
});

home_story!(two_who_change_a_record_at_once_lose_nothing_and_a_change_is_taken_back, |home| {
    let office = office(home).await;
    let client = office.asha.create_client(frome_facts()).await.unwrap();
    let mut browser = office.browser_of(&office.asha).await;
    let change = format!("/clients/{}/change", client.client_id);
    let page = browser.open(&change).await;
    let facts = pb::ClientFacts { last_name: "Frye".into(), title: "Dr".into(), ..client.facts.clone().unwrap() };
    let request = pb::UpdateClientRequest {
        request_id: new_id(),
        client_id: client.client_id.clone(),
        etag: client.etag.clone(),
        facts: Some(facts),
    };
    office.asha.clients().update_client(request).await.unwrap();
    let stale = sends(&mut browser, &page, &change, &[("last_name", "Fryer")]).await;
    assert_eq!(stale.status, 409, "{}", stale.html);
    assert!(
        stale.html.contains("The record now has: Frye") && stale.html.contains("value=\"Fryer\""),
        "{}",
        stale.html
    );
    assert!(stale.html.contains("value=\"Dr\""), "what they changed alone is put in: {}", stale.html);
    let saved = sends(&mut browser, &stale, &change, &[]).await;
    assert!(saved.status == 200 && saved.html.contains("Saved."), "{}", saved.html);
    let now = office.asha.client(&client.client_id).await.facts.unwrap();
    assert_eq!((now.last_name.as_str(), now.title.as_str(), now.phone.as_str()), ("Fryer", "Dr", "+441373000123"));
    let undo = format!("/clients/{}/undo", client.client_id);
    let undone = sends(&mut browser, &saved, &undo, &[]).await;
    assert!(undone.status == 200 && undone.html.contains("taken back"), "{}", undone.html);
    assert_eq!(office.asha.client(&client.client_id).await.facts.unwrap().last_name, "Frye");
});

home_story!(a_call_back_is_offered_kept_and_booked_once_with_what_is_read_back, |home| {
    let office = office(home).await;
    let client = office.asha.create_client(frome_facts()).await.unwrap();
    let mut browser = office.browser_of(&office.asha).await;
    let here = format!("/clients/{}/callback", client.client_id);
    let wrong = browser.open(&format!("{here}?before_day=2026-03-04&before_time=noon")).await;
    assert!(wrong.status == 422 && wrong.html.contains("Enter a time such as 10:30"), "{}", wrong.html);
    let offers = browser.open(&format!("{here}?before_day=2026-03-04&before_time=10:00")).await;
    assert!(offers.status == 200 && offers.html.contains("the earliest that can be had"), "{}", offers.html);
    let start = first_button(&offers, "start");
    assert_eq!(start.parse::<i64>().unwrap(), wednesday("10:00").timestamp());
    let check = sends(&mut browser, &offers, &format!("{here}/hold"), &[("start", &start)]).await;
    assert!(check.html.contains("So we will ring 01373 000123 on Wednesday 4 March at 10:00."), "{}", check.html);
    let book = format!("{here}/book");
    let refused = sends(&mut browser, &check, &book, &[("phone", "12"), ("note", HOSTILE)]).await;
    assert!(refused.status == 422 && refused.html.contains(HOSTILE_AS_TEXT), "{}", refused.html);
    let right = typed(&refused, &book, &[("phone", "01373 000124"), ("confirmed", "yes"), ("mine", "yes")]);
    for _ in 0..2 {
        let booked = browser.post(&book, &right, "same-origin").await;
        assert!(booked.status == 200 && booked.html.contains("The call-back is booked."), "{}", booked.html);
        assert!(booked.html.contains("01373 000124 on Wednesday 4 March at 10:00"), "{}", booked.html);
    }
    let all = office.callbacks_of(&client.client_id).await;
    assert_eq!(all.len(), 1, "sent twice, it is booked once");
    let one = &all[0];
    assert_eq!((one.phone.as_str(), one.note.as_str(), one.number_confirmed), ("+441373000124", HOSTILE, true));
    assert_eq!(one.adviser_id, office.asha.id);
    // A place that was kept too long is free again, and what is free now is shown.
    let facts = pb::ClientFacts { last_name: "Late".into(), phone: "01373 000125".into(), ..frome_facts() };
    let late = office.asha.create_client(facts).await.unwrap();
    let here = format!("/clients/{}/callback", late.client_id);
    let offers = browser.open(&here).await;
    let start = first_button(&offers, "start");
    let check = sends(&mut browser, &offers, &format!("{here}/hold"), &[("start", &start)]).await;
    office.world.wait(20 * 60);
    let lost = sends(&mut browser, &check, &format!("{here}/book"), &[]).await;
    assert!(lost.status == 409 && lost.html.contains("no longer kept"), "{} {}", lost.status, lost.html);
    assert!(!first_button(&lost, "start").is_empty(), "what is free now is there: {}", lost.html);
    assert!(office.callbacks_of(&late.client_id).await.is_empty());
    browser.language = "cy";
    assert!(browser.open(&here).await.heading().starts_with("Trefnu galwad yn ôl"));
});

home_story!(a_call_back_is_made_comes_back_is_moved_and_is_called_off, |home| {
    let office = office(home).await;
    let client = office.asha.create_client(frome_facts()).await.unwrap();
    let callback = office.asha.book_callback(&client.client_id, wednesday("10:00")).await.unwrap();
    let mut browser = office.browser_of(&office.asha).await;
    let here = format!("/callbacks/{}", callback.callback_id);
    assert!(browser.open("/callbacks").await.html.contains("No call-back is due for you."));
    office.world.wait_until(wednesday("10:00"));
    // A session does not last over night.
    browser.signs_in("Asha", OWN).await;
    let list = browser.open("/callbacks").await;
    assert!(list.html.contains("Rosa Jane Fry"), "{}", list.html);
    let ringing = sends(&mut browser, &list, &format!("{here}/start"), &[]).await;
    assert!(ringing.html.contains("tel:+441373000123") && ringing.html.contains("23 April 1971"), "{}", ringing.html);
    let no_reply = (pb::AttemptOutcome::NoReply as i32).to_string();
    let what = [("outcome", no_reply.as_str()), ("note", HOSTILE)];
    let tried = typed(&ringing, &format!("{here}/outcome"), &what);
    for _ in 0..2 {
        let after = browser.post(&format!("{here}/outcome"), &tried, "same-origin").await;
        assert!(after.status == 200 && after.html.contains("comes back by itself"), "{}", after.html);
    }
    let history = office.asha.callback_history(&callback.callback_id).await;
    assert_eq!((history.attempts.len(), history.attempts[0].outcome.as_str()), (1, "no_reply"));
    let one = browser.open(&here).await;
    assert!(one.html.contains(HOSTILE_AS_TEXT) && !one.html.contains(HOSTILE), "{}", one.html);
    let moving = browser.open(&format!("{here}/move")).await;
    let start = first_button(&moving, "start");
    let refused = sends(&mut browser, &moving, &format!("{here}/move"), &[("start", &start)]).await;
    assert!(refused.status == 422 && refused.html.contains("There is a problem"), "{}", refused.html);
    let what = [("start", start.as_str()), ("reason", "She asked")];
    let moved = sends(&mut browser, &refused, &format!("{here}/move"), &what).await;
    assert!(moved.status == 200 && moved.html.contains("It is moved."), "{}", moved.html);
    let cancelling = browser.open(&format!("{here}/cancel")).await;
    let refused = sends(&mut browser, &cancelling, &format!("{here}/cancel"), &[]).await;
    assert_eq!(refused.status, 422, "{}", refused.html);
    let what = [("reason", "1"), ("note", "found work")];
    let over = sends(&mut browser, &refused, &format!("{here}/cancel"), &what).await;
    assert!(over.status == 200 && over.html.contains("The client asked for that"), "{}", over.html);
    let now = office.callbacks_of(&client.client_id).await;
    assert_eq!(now[0].state(), pb::CallbackState::Cancelled);
});

home_story!(whom_nobody_may_ring_is_shown_so_with_what_is_done_instead, |home| {
    let office = office(home).await;
    let client = office.asha.create_client(frome_facts()).await.unwrap();
    office.asha.book_callback(&client.client_id, wednesday("10:00")).await.unwrap();
    let mut browser = office.browser_of(&office.asha).await;
    let here = format!("/clients/{}/contact", client.client_id);
    let page = browser.open(&here).await;
    let refused = sends(&mut browser, &page, &here, &[("do_not_call", "yes")]).await;
    assert_eq!(refused.status, 422, "{}", refused.html);
    let saved = sends(&mut browser, &refused, &here, &[("instead", HOSTILE)]).await;
    assert!(saved.html.contains("Not to be rung") && saved.html.contains(HOSTILE_AS_TEXT), "{}", saved.html);
    let one = &office.callbacks_of(&client.client_id).await[0];
    assert!(one.do_not_call && one.instead == HOSTILE, "{one:?}");
    let reminders = format!("/clients/{}/reminders", client.client_id);
    let after = sends(&mut browser, &saved, &reminders, &[]).await;
    assert!(after.status == 200 && after.html.contains("not wanted"), "{}", after.html);
    let request = pb::GetReminderPreferencesRequest { client_id: client.client_id.clone() };
    let refused = office.asha.reminders().get_reminder_preferences(request).await.unwrap().into_inner().refused;
    assert_eq!(refused, [pb::ReminderChannel::Call as i32]);
});

home_story!(a_call_that_stopped_and_the_claims_on_their_way_are_seen_on_pages, |home| {
    let office = office(home).await;
    let Office { world, asha, .. } = &office;
    let facts = |name: &str| pb::ClientFacts { last_name: name.into(), ..frome_facts() };
    let stopped = asha.create_client(facts("Stopped")).await.unwrap();
    asha.start_walk("inbound", &stopped.client_id, "").await;
    let begun = asha.create_client(facts(HOSTILE)).await.unwrap();
    let claim = asha.open_claim(&begun.client_id).await;
    world.wait_until(world.now() + TimeDelta::minutes(61));
    let mut browser = office.browser_of(asha).await;
    let path = "/callbacks/stopped";
    let page = browser.open(path).await;
    for told in ["Calls that stopped", "Stopped", "Go on with the call", "/walks/"] {
        assert!(page.html.contains(told), "{told}: {}", page.html);
    }
    let typed = form(&page, path);
    let of = |reason: &str| -> Vec<(String, String)> {
        let keep = typed.iter().filter(|(name, _)| name != "reason").cloned();
        keep.chain([("reason".to_owned(), reason.to_owned())]).collect()
    };
    let send = async |browser: &mut Browser, page: &Page, reason: &str| {
        let fields = of(reason);
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        browser.send(page, path, &fields).await
    };
    let again = send(&mut browser, &page, "").await;
    assert_eq!(again.status, 422);
    assert!(again.html.contains("is needed: why does nobody go on with it?"), "{}", again.html);
    let done = send(&mut browser, &again, "They found work.").await;
    assert!(done.html.contains("No call was left unfinished."), "{}", done.html);

    let list = browser.open("/claims?trouble=start-up").await;
    let path = format!("/claims/{}", claim.claim_id);
    for told in ["Start-up not finished", HOSTILE_AS_TEXT, "days at stake", path.as_str()] {
        assert!(list.html.contains(told), "{told}: {}", list.html);
    }
    assert!(browser.open("/claims?trouble=query").await.html.contains("No claim is on its way with this."));
    let of_client = browser.open(&format!("/claims?client={}", begun.client_id)).await;
    assert!(of_client.html.contains(&path), "{}", of_client.html);
    let record = browser.open(&format!("/clients/{}", begun.client_id)).await;
    assert!(record.html.contains(&path) && record.html.contains("Where each claim stands"), "{}", record.html);
});
