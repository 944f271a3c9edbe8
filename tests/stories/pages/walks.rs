//! The start-up call by forms alone: no script runs in this browser.

use crate::support::browser::{Browser, Page};
use crate::support::steps::frome_facts;
use crate::support::values::{json, new_id};
use crate::support::{Home, Person, World};
use serde_json::{Value as Json, json};
use startline::access::Role;
use startline::grpc::pb;

const HOSTILE: &str = "<script>alert(1)</script>";
const HOSTILE_AS_TEXT: &str = "&#60;script&#62;alert(1)&#60;/script&#62;";

struct Call {
    world: World,
    root: Person,
    asha: Person,
    petra: Person,
    client: pb::Client,
}

async fn call(mut home: Home) -> Call {
    home.open_to_the_web();
    let world = World::on(home).await;
    let root = world.add("Root", Role::Admin, None).await;
    let asha = world.adviser("Asha", "somerset").await;
    let petra = world.personal_adviser("Petra", "somerset").await;
    petra.works_at("frome").await;
    let client = asha.create_client(frome_facts()).await.unwrap();
    Call { world, root, asha, petra, client }
}

impl Call {
    async fn browser_of(&self, person: &Person) -> Browser {
        super::browser_of(&self.world, &self.root, person).await
    }

    /// The page of the walk that is begun or taken up.
    async fn starts(&self, browser: &mut Browser, script: &str, client: &str) -> Page {
        let page = browser.open("/account").await;
        let typed =
            [("request_id", new_id()), ("from", "/".into()), ("script", script.into()), ("client", client.into())];
        let typed: Vec<(&str, &str)> = typed.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let page = browser.send(&page, "/walks/start", &typed).await;
        assert!(page.status == 200 && page.path.starts_with("/walks/"), "{} {}", page.path, page.html);
        page
    }
}

/// What a form of a page would send untouched, the first whose address ends so.
fn form(page: &Page, end: &str) -> Vec<(String, String)> {
    let starts = |tag: &str| tag.contains(&format!("{end}\""));
    let html = page.html.split("<form ").skip(1).find(|form| starts(form.split('>').next().unwrap_or_default()));
    let html = html.unwrap_or_else(|| panic!("no form to {end} on {}: {}", page.path, page.html));
    let html = html.split("</form>").next().unwrap_or_default();
    let of = |tag: &str, name: &str| {
        let after = tag.split_once(&format!(" {name}=\"")).map(|(_, rest)| rest)?;
        Some(unescaped(after.split('"').next().unwrap_or_default()))
    };
    let mut fields = Vec::new();
    for part in html.split('<').skip(1) {
        let (tag, text) = part.split_once('>').unwrap_or((part, ""));
        let Some(name) = of(tag, "name") else {
            if tag.starts_with("option") && tag.contains(" selected") {
                let last: &mut (String, String) = fields.last_mut().unwrap();
                last.1 = of(tag, "value").unwrap_or_default();
            }
            continue;
        };
        let is_choice = tag.contains("type=\"radio\"") || tag.contains("type=\"checkbox\"");
        match tag.split(' ').next().unwrap_or_default() {
            "input" if is_choice && !tag.contains(" checked") => {}
            "input" => fields.push((name, of(tag, "value").unwrap_or_default())),
            "textarea" => fields.push((name, unescaped(text.strip_prefix('\n').unwrap_or(text)))),
            "select" => fields.push((name, String::new())),
            _ => {}
        }
    }
    fields
}

fn unescaped(text: &str) -> String {
    text.replace("&#60;", "<").replace("&#62;", ">").replace("&#34;", "\"").replace("&#39;", "'").replace("&#38;", "&")
}

fn one(page: &Page, name: &str) -> String {
    let after = page.html.split_once(&format!("name=\"{name}\" value=\"")).map(|(_, rest)| rest).unwrap_or_default();
    unescaped(after.split('"').next().unwrap_or_default())
}

/// Fills in a form of this page and sends it. Names with several values are ticked with each.
async fn sends(browser: &mut Browser, page: &Page, end: &str, typed: &[(&str, &str)]) -> Page {
    sends_to(browser, page, end, end, typed).await
}

async fn sends_to(browser: &mut Browser, page: &Page, form_end: &str, end: &str, typed: &[(&str, &str)]) -> Page {
    let mut fields = form(page, form_end);
    fields.retain(|(name, _)| typed.iter().all(|(of, _)| of != name));
    fields.extend(typed.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    let path = page.path.split(['?', '#']).next().unwrap_or_default();
    let path = match end.starts_with('/') {
        true if path.ends_with(end) => path.to_owned(),
        true if path.ends_with("/meeting") => format!("{}{end}", path.trim_end_matches("/meeting")),
        true => format!("{path}{end}"),
        false => end.to_owned(),
    };
    browser.post(&path, &fields, "same-origin").await
}

/// What the client says to the script's own questions.
fn script_says(step: &str) -> &'static [&'static str] {
    match step {
        "identity_checked" => &["full_name", "date_of_birth", "postcode"],
        "client_group" => &["job_seeker"],
        "service_explained" | "declaration_read" => &["yes"],
        "client_questions" => &[HOSTILE],
        "benefits_wanted" => &["JSA", "HB", "CTB"],
        "claim_from" => &["3 March 2026"],
        "birth_date" => &["23 April 1971"],
        "no_money_now" | "has_children" => &["no"],
        "urgent_now" => &["none"],
        "meeting_decision" => &["meeting"],
        _ => &[],
    }
}

/// What the client says to the form, beside what is known.
fn form_says(part: &str) -> &'static [(&'static str, &'static str)] {
    match part {
        "A" => &[("a-A5", "lost_job"), ("a-A6", "yes"), ("a-A8", "no")],
        "B" => &[("a-B1", "Ms"), ("a-B10", "1 September 2025"), ("a-B17", "female"), ("a-B18", "single")],
        "G" => &[("a-G1", "no"), ("a-G8-works", "no")],
        "S" => &[
            ("a-S1", "account"),
            ("a-S2-account_holder", "R Hill"),
            ("a-S2-bank", "Mendip Building Society"),
            ("a-S2-sort_code", "123456"),
            ("a-S2-account_number", "12345678"),
        ],
        _ => &[],
    }
}

/// On to the next page of the call; `None` when the script is at its end.
async fn goes_on(browser: &mut Browser, page: &Page) -> Option<Page> {
    if page.html.contains("asking sheet") {
        let part = form(page, "/part").into_iter().find(|(name, _)| name == "part").unwrap().1;
        let names: Vec<String> = form(page, "/part").into_iter().map(|(name, _)| name).collect();
        let asked = |name: &str| page.html.contains(&format!("name=\"{name}\"")) || names.iter().any(|n| n == name);
        let mut typed: Vec<(&str, &str)> = form_says(&part).iter().copied().filter(|(name, _)| asked(name)).collect();
        typed.push(("then", "next"));
        return Some(sends(browser, page, "/part", &typed).await);
    }
    if !page.html.contains("/next\"") {
        return None;
    }
    let step = one(page, "step");
    let typed: Vec<(&str, &str)> = script_says(&step).iter().map(|said| ("answer", *said)).collect();
    Some(sends(browser, page, "/next", &typed).await)
}

async fn walk_to_the_end(browser: &mut Browser, first: Page) -> Page {
    let mut page = first;
    for _ in 0..120 {
        match goes_on(browser, &page).await {
            Some(next) => {
                assert_eq!(next.status, 200, "at {}: {}", one(&page, "step"), next.html);
                page = next;
            }
            None => return page,
        }
    }
    panic!("the script has no end: {}", page.html);
}

/// On until the page stands in this part of the form.
async fn walk_to_part(browser: &mut Browser, first: Page, part: &str) -> Page {
    let mut page = first;
    for _ in 0..80 {
        if page.html.contains("asking sheet") && form(&page, "/part").contains(&("part".to_owned(), part.to_owned())) {
            return page;
        }
        page = goes_on(browser, &page).await.unwrap();
    }
    panic!("part {part} is never come to: {}", page.html);
}

async fn only_claim(asha: &Person, client: &str) -> pb::Claim {
    let opened = asha.open_claim(client).await;
    asha.claim(&opened.claim_id).await
}

fn answer<'a>(claim: &'a pb::Claim, question: &str) -> Option<Json> {
    let found = claim.answers.iter().find(|answer| answer.question_id == question);
    found.and_then(|answer: &'a pb::Answer| answer.value.as_ref()).map(json)
}

home_story!(the_whole_start_up_call_is_made_by_forms_alone, |home| {
    let call = call(home).await;
    let mut browser = call.browser_of(&call.asha).await;
    let first = call.starts(&mut browser, "start-up", &call.client.client_id).await;
    let again = call.starts(&mut browser, "start-up", &call.client.client_id).await;
    assert_eq!(first.path, again.path, "whoever starts it again takes up the one that is under way");
    let end = walk_to_the_end(&mut browser, first).await;
    assert!(end.html.contains("The script is at its end"), "{}", end.html);
    let claim = only_claim(&call.asha, &call.client.client_id).await;
    assert_eq!(answer(&claim, "A1"), Some(json!(["JSA", "HB", "CTB"])));
    assert_eq!(answer(&claim, "B10"), Some(json!("2025-09-01")));
    assert_eq!(answer(&claim, "B18"), Some(json!("single")));
    assert_eq!(answer(&claim, "S2").and_then(|bank| bank.get("sort_code").cloned()), Some(json!("12-34-56")));

    // The meeting: kept first, then booked; sent twice, booked once.
    let path = format!("/claims/{}", claim.claim_id);
    let early = browser.open(&format!("{path}/finish")).await;
    assert!(early.html.contains("The meeting is not arranged yet"));
    let page = browser.open(&format!("{path}/meeting")).await;
    assert!(page.html.contains("within the standard"), "{}", page.html);
    let held = sends_to(&mut browser, &page, "/meeting/book", "/meeting/hold", &[]).await;
    assert!(held.html.contains("Book this time"), "{}", held.html);
    let booked = sends(&mut browser, &held, "/meeting/book", &[]).await;
    assert_eq!(booked.status, 200, "{}", booked.html);
    let twice = sends(&mut browser, &held, "/meeting/book", &[]).await;
    assert_eq!(twice.status, 200, "{}", twice.html);
    let request = pb::ListAppointmentsRequest { claim_id: claim.claim_id.clone(), ..Default::default() };
    let listed = call.asha.diary().list_appointments(request).await.unwrap().into_inner().appointments;
    assert_eq!(listed.len(), 1, "{listed:?}");
    assert_eq!(listed[0].slot.as_ref().unwrap().personal_adviser_id, call.petra.id);

    let page = browser.open(&format!("{path}/finish")).await;
    let done =
        sends(&mut browser, &page, "/finish", &[("delivery", "2"), ("delivery_to", "The office at Frome")]).await;
    assert!(done.status == 200 && done.html.contains("The start-up is done"), "{}", done.html);
    let twice =
        sends(&mut browser, &page, "/finish", &[("delivery", "2"), ("delivery_to", "The office at Frome")]).await;
    assert_eq!(twice.status, 200);
    let claim = call.asha.claim(&claim.claim_id).await;
    assert_eq!(claim.state(), pb::ClaimState::StartUpDone);

    // In both languages, everything of it opens; afterwards nothing is offered to be changed.
    for language in ["en", "cy"] {
        browser.language = language;
        for end in ["", "/parts/B", "/history", "/history?question=B18", "/agency/BA", "/meeting", "/finish"] {
            let page = browser.open(&format!("{path}{end}")).await;
            assert_eq!(page.status, 200, "{path}{end}: {}", page.html);
            assert!(!page.html.contains(HOSTILE) && !page.html.contains("asking sheet"), "{path}{end}");
        }
        assert_eq!(browser.open(&end.path).await.status, 200);
    }
});

home_story!(what_cannot_be_accepted_comes_back_as_it_was_typed_and_holds_nothing_else_back, |home| {
    let call = call(home).await;
    let mut browser = call.browser_of(&call.asha).await;
    let page = call.starts(&mut browser, "start-up", &call.client.client_id).await;
    let page = walk_to_part(&mut browser, page, "B").await;
    let typed = [("a-B10", "the thirty-first"), ("a-B4", HOSTILE), ("a-B17", "male"), ("then", "next")];
    let refused = sends(&mut browser, &page, "/part", &typed).await;
    assert_eq!(refused.status, 422);
    assert!(refused.html.contains("value=\"the thirty-first\"") && refused.html.contains("There is a problem"));
    assert!(refused.html.contains(HOSTILE_AS_TEXT) && !refused.html.contains(HOSTILE));
    let claim = only_claim(&call.asha, &call.client.client_id).await;
    assert_eq!((answer(&claim, "B17"), answer(&claim, "B10")), (Some(json!("male")), None));
    assert_eq!(answer(&claim, "B4"), Some(json!(HOSTILE)));
    // Whoever opens the page anew, on another desk, sees the draft.
    let path = page.path.clone();
    let opened = browser.open(&path).await;
    assert!(opened.html.contains("value=\"the thirty-first\""), "{}", opened.html);
    let right = sends(&mut browser, &opened, "/part", &[("a-B10", "31/8/2025"), ("then", "next")]).await;
    assert_eq!(right.status, 200, "{}", right.html);
    let claim = call.asha.claim(&claim.claim_id).await;
    assert_eq!(answer(&claim, "B10"), Some(json!("2025-08-31")));
    // Sent again as it was, nothing is saved anew.
    let revision = |claim: &pb::Claim| claim.answers.iter().map(|answer| answer.revision).sum::<u32>();
    let before = revision(&claim);
    let opened = browser.open(&path).await;
    sends(&mut browser, &opened, "/part", &[("then", "save")]).await;
    assert_eq!(revision(&call.asha.claim(&claim.claim_id).await), before);
});

home_story!(what_is_saved_while_somebody_types_is_answered_by_its_part_alone, |home| {
    let call = call(home).await;
    let mut browser = call.browser_of(&call.asha).await;
    let page = call.starts(&mut browser, "start-up", &call.client.client_id).await;
    let page = walk_to_part(&mut browser, page, "B").await;
    for typed in ["Coombes", "Coombese"] {
        let mut fields = form(&page, "/part");
        fields.retain(|(name, _)| name != "a-B4" && name != "r-a-B4");
        let revision = call.asha.claim(&only_claim(&call.asha, &call.client.client_id).await.claim_id).await;
        let revision = revision.answers.iter().find(|answer| answer.question_id == "B4").map_or(0, |one| one.revision);
        fields.extend([("a-B4".to_owned(), typed.to_owned()), ("r-a-B4".to_owned(), revision.to_string())]);
        let part = browser.saves(&format!("{}/part", page.path), &fields).await;
        assert_eq!(part.status, 200, "{}", part.html);
        // What the next save of the same form goes by is in it, and nothing of what stands around it.
        assert!(part.html.contains(&format!("value=\"{typed}\"")) && part.html.contains("name=\"r-a-B4\""));
        assert!(part.html.contains("id=\"sheet\"") && part.html.contains("id=\"faults\""), "{}", part.html);
        assert!(!part.html.contains("<nav") && !part.html.contains("id=\"bar\""), "{}", part.html);
        let claim = only_claim(&call.asha, &call.client.client_id).await;
        assert_eq!(answer(&claim, "B4"), Some(json!(typed)));
    }
    let mut fields = form(&page, "/part");
    fields.retain(|(name, _)| name != "a-B10");
    fields.push(("a-B10".to_owned(), "the thirty-first".to_owned()));
    let part = browser.saves(&format!("{}/part", page.path), &fields).await;
    assert_eq!(part.status, 422);
    assert!(part.html.contains("There is a problem") && part.html.contains("value=\"the thirty-first\""));
});

home_story!(two_windows_on_one_answer_are_told_of_each_other, |home| {
    let call = call(home).await;
    let mut browser = call.browser_of(&call.asha).await;
    let page = call.starts(&mut browser, "start-up", &call.client.client_id).await;
    let one_window = walk_to_part(&mut browser, page, "B").await;
    let other_window = browser.open(&one_window.path).await;
    sends(&mut browser, &one_window, "/part", &[("a-B4", "Coombes"), ("then", "save")]).await;
    let told = sends(&mut browser, &other_window, "/part", &[("a-B4", "Combes"), ("then", "next")]).await;
    assert_eq!(told.status, 422);
    assert!(told.html.contains("Coombes") && told.html.contains("value=\"Combes\""), "{}", told.html);
    let claim = only_claim(&call.asha, &call.client.client_id).await;
    assert_eq!(answer(&claim, "B4"), Some(json!("Coombes")), "nothing is written over");
    let untold = sends(&mut browser, &told, "/part", &[("then", "save")]).await;
    assert!(untold.status == 422 && untold.html.contains("value=\"Combes\""));
    sends(&mut browser, &untold, "/part", &[("which-a-B4", "mine"), ("then", "save")]).await;
    assert_eq!(answer(&call.asha.claim(&claim.claim_id).await, "B4"), Some(json!("Combes")));
});

home_story!(a_caller_who_is_known_later_is_not_asked_again, |home| {
    let call = call(home).await;
    let mut browser = call.browser_of(&call.asha).await;
    let facts = call.client.facts.clone().unwrap();
    let mut page = call.starts(&mut browser, "inbound", "").await;
    for _ in 0..2 {
        page = sends(&mut browser, &page, "/next", &[]).await;
    }
    page = sends(&mut browser, &page, "/next", &[("answer", &facts.last_name)]).await;
    page = sends(&mut browser, &page, "/next", &[("answer", &facts.other_names)]).await;
    let noted = sends(&mut browser, &page, "/note", &[("note", HOSTILE)]).await;
    assert!(noted.html.contains(HOSTILE_AS_TEXT) && !noted.html.contains(HOSTILE));
    let stood = one(&noted, "step");
    let path = noted.path.split('#').next().unwrap().to_owned();
    let looked = browser.open(&format!("{path}?look=yes")).await;
    assert!(looked.html.contains(&call.client.client_id), "{}", looked.html);
    let goes_on = sends(&mut browser, &looked, "/client", &[]).await;
    assert_eq!((goes_on.status, one(&goes_on, "step")), (200, stood), "{}", goes_on.html);
    let twice = sends(&mut browser, &looked, "/client", &[]).await;
    assert_eq!(twice.path, goes_on.path, "sent twice, there is one walk");
    let walk = call.asha.walk(goes_on.path.trim_start_matches("/walks/")).await;
    assert_eq!(walk.client_id, call.client.client_id);
    assert!(call.asha.outline(&walk).await.notes.iter().any(|note| note.note == HOSTILE));

    // Nobody is known: a record is made of what was said, once, however often the form is sent.
    let mut page = call.starts(&mut browser, "inbound", "").await;
    for said in ["", "", "Nobody", "Newly"] {
        let typed: Vec<(&str, &str)> = if said.is_empty() { Vec::new() } else { vec![("answer", said)] };
        page = sends(&mut browser, &page, "/next", &typed).await;
    }
    let looked = browser.open(&format!("{}?look=yes", page.path)).await;
    assert!(looked.html.contains("No record of this name"), "{}", looked.html);
    let made = sends(&mut browser, &looked, "/client", &[]).await;
    let twice = sends(&mut browser, &looked, "/client", &[]).await;
    assert_eq!((made.status, &made.path), (200, &twice.path), "{}", made.html);
    let walk = call.asha.walk(made.path.trim_start_matches("/walks/")).await;
    let facts = call.asha.client(&walk.client_id).await.facts.unwrap();
    assert_eq!((facts.last_name.as_str(), facts.other_names.as_str()), ("Nobody", "Newly"));
});

home_story!(a_call_stands_still_and_goes_on_at_another_desk, |home| {
    let call = call(home).await;
    let colin = call.world.adviser("Colin", "somerset").await;
    let (mut ashas, mut colins) = (call.browser_of(&call.asha).await, call.browser_of(&colin).await);
    let page = call.starts(&mut ashas, "start-up", &call.client.client_id).await;
    let seen = colins.open(&page.path).await;
    assert!(seen.html.contains("<strong>Asha</strong>"), "a second desk is told: {}", seen.html);
    let nameless = sends(&mut ashas, &page, "/skip", &[("skip_reason", "")]).await;
    assert_eq!(nameless.status, 422);
    let still = sends(&mut ashas, &page, "/park", &[("park_note", "Rings again at two")]).await;
    assert!(still.html.contains("This call stands still") && still.html.contains("Rings again at two"));
    let seen = colins.open(&page.path).await;
    let on = sends(&mut colins, &seen, "/resume", &[]).await;
    assert!(on.status == 200 && on.html.contains("Reach the client"), "{}", on.html);
    // The first desk's page is old by now: it is told, and moves nothing.
    let old = sends(&mut ashas, &page, "/next", &[]).await;
    assert_eq!(old.status, 409);
    assert!(old.html.contains("has moved on"), "{}", old.html);
    let jumped = sends(&mut colins, &on, "/jump", &[("stage", "B9")]).await;
    assert!(jumped.html.contains("What to bring") && jumped.status == 200);
});
