//! The print room by forms alone: no script runs in this browser.

use super::shows;
use crate::print_room::in_latin;
use crate::support::browser::{Browser, Page};
use crate::support::print_steps::{PackPeople, pack_people};
use crate::support::steps::{client_with_facts, draft, frome_facts, start_up_done};
use crate::support::values::new_id;
use crate::support::{Home, Person, World, until};
use serde_json::json;
use startline::access::Role;
use startline::grpc::pb;

const HOSTILE: &str = "<script>alert(1)</script>";

struct Room {
    world: World,
    root: Person,
    people: PackPeople,
}

async fn room(mut home: Home) -> Room {
    home.open_to_the_web();
    let world = World::on(home).await;
    let root = world.add("Root", Role::Admin, None).await;
    let people = pack_people(&world).await;
    Room { world, root, people }
}

impl Room {
    async fn browser_of(&self, person: &Person) -> Browser {
        super::browser_of(&self.world, &self.root, person).await
    }
}

async fn sends(browser: &mut Browser, page: &Page, path: &str, id: &str, typed: &[(&str, &str)]) -> Page {
    let mut fields = vec![("request_id", id), ("from", "/post")];
    fields.extend_from_slice(typed);
    browser.send(page, path, &fields).await
}

fn is_refused(page: &Page, text: &str) {
    assert_eq!(page.status, 422, "{}", page.html);
    assert!(page.html.contains("There is a problem") && page.html.contains(text), "{text} is not in {}", page.html);
}

home_story!(a_pack_is_leased_printed_and_posted_by_forms, |home| {
    let room = room(home).await;
    let PackPeople { asha, room: ron, lena, .. } = &room.people;
    let (claim, _) = start_up_done(&room.world, asha, "Fry").await;
    let pack = asha.awaits_pack(&claim.claim_id).await;
    let mut browser = room.browser_of(ron).await;
    let page = browser.open("/post").await;
    shows(&page, &[&pack.reference, "In the queue", "You have no jobs now.", "Take jobs"]);
    // Whoever looks on sees the queue, and no buttons.
    shows(&browser.open("/callbacks/letters").await, &["<a href=\"/callbacks/letters\" aria-current=\"page\">"]);
    let mut looks_on = room.browser_of(lena).await;
    let seen = looks_on.open("/post").await;
    shows(&seen, &[&pack.reference]);
    assert!(!seen.html.contains("Take jobs"), "{}", seen.html);

    is_refused(
        &sends(&mut browser, &page, "/post/lease", &new_id(), &[("many", "x"), ("minutes", "5")]).await,
        "whole number",
    );
    // Sent twice it is leased once.
    let id = new_id();
    for _ in 0..2 {
        let taken = sends(&mut browser, &page, "/post/lease", &id, &[("many", "1"), ("minutes", "5")]).await;
        shows(&taken, &["Leased.", "name=\"job\""]);
    }
    let listed =
        ron.packs().list_print_jobs(pb::ListPrintJobsRequest::default()).await.unwrap().into_inner().print_jobs;
    let [job] = listed.as_slice() else { panic!("{listed:?}") };
    assert_eq!((job.state(), job.attempt, job.leased_by_name.as_str()), (pb::PackState::Leased, 1, "Ron"));
    shows(&looks_on.open("/post").await, &["With others, or at a printer", "Ron"]);

    let at = format!("/post/packs/{}", pack.pack_id);
    let page = browser.open(&at).await;
    shows(&page, &["Begin printing", "Report it printed", "Claim form"]);
    let field = |name: &str| format!("{name}-{}", job.print_job_id);
    let to = |what: &str| format!("{at}/jobs/{}/{what}", job.print_job_id);
    let (printer, pages, day, incomplete) = (field("printer"), field("pages"), field("day"), field("incomplete"));
    let attempt = ("attempt", "1");
    is_refused(&sends(&mut browser, &page, &to("begin"), &new_id(), &[attempt]).await, "Enter which printer");
    let begun = sends(&mut browser, &page, &to("begin"), &new_id(), &[attempt, (&printer, HOSTILE)]).await;
    shows(&begun, &["At a printer", "&#60;script&#62;alert(1)"]);
    assert!(!begun.html.contains(HOSTILE));
    let printed = sends(&mut browser, &page, &to("printed"), &new_id(), &[attempt, (&pages, "1")]).await;
    shows(&printed, &["Printed.", "Report it posted"]);
    // Short of pages it does not leave unless it is said why; what was typed stays.
    let today = room.world.now().date_naive().to_string();
    let short = sends(&mut browser, &page, &to("posted"), &new_id(), &[(&day, &today)]).await;
    is_refused(&short, "say why it leaves as it is");
    assert!(short.html.contains(&format!("value=\"{today}\"")), "{}", short.html);
    let all = pack.pages.to_string();
    shows(
        &sends(&mut browser, &page, &to("printed"), &new_id(), &[attempt, (&pages, &all)]).await,
        &["What was reported otherwise before"],
    );
    let left = sends(&mut browser, &page, &to("posted"), &new_id(), &[(&day, &today), (&incomplete, "")]).await;
    shows(&left, &["Posted.", "The post brought it back"]);
    let back = field("back");
    let came = sends(&mut browser, &page, &to("came-back"), &new_id(), &[(&back, "gone away")]).await;
    shows(&came, &["Came back", "gone away"]);
    let read = ron.pack(&pack.pack_id).await;
    assert_eq!((read.state(), read.printings[0].printed_pages), (pb::PackState::Returned, pack.pages));
    // Its batch, counted, in both languages.
    let class = read.printings[0].post_class();
    let word = if class == pb::PostClass::First { "first" } else { "second" };
    let batch = format!("/post/batches/{}/{word}", read.printings[0].post_day);
    let page = browser.open(&batch).await;
    shows(&page, &[&pack.reference, "Count it"]);
    let counted = sends(&mut browser, &page, &batch, &new_id(), &[("packs", "1"), ("pages", &all)]).await;
    shows(&counted, &["Counted."]);
    let manifest = ron.manifest(&read.printings[0].post_day, class).await;
    assert_eq!(manifest.batch.unwrap().counted_packs, 1);
    browser.language = "cy";
    for (path, word) in [("/post", "Ystafell argraffu"), (batch.as_str(), "Maniffest"), (at.as_str(), "Argraffiadau")] {
        shows(&browser.open(path).await, &["<html lang=\"cy\">", word]);
    }
});

home_story!(several_jobs_are_reported_printed_at_once_and_each_that_was_not_taken_says_why, |home| {
    let room = room(home).await;
    let PackPeople { asha, room: ron, .. } = &room.people;
    let (claim, _) = start_up_done(&room.world, asha, "Fry").await;
    let pack = asha.awaits_pack(&claim.claim_id).await;
    let job = ron.leases_one().await;
    let mut browser = room.browser_of(ron).await;
    let page = browser.open("/post").await;
    let (pages, attempt) = (format!("pages-{}", job.print_job_id), format!("attempt-{}", job.print_job_id));
    is_refused(&sends(&mut browser, &page, "/post/printed", &new_id(), &[]).await, "Tick at least one");
    let wrong = [("job", job.print_job_id.as_str()), (attempt.as_str(), "1"), (pages.as_str(), "99")];
    let refused = sends(&mut browser, &page, "/post/printed", &new_id(), &wrong).await;
    is_refused(&refused, &format!("href=\"#{pages}\""));
    assert!(refused.html.contains("value=\"99\"") && refused.html.contains(" checked"), "{}", refused.html);
    let all = pack.pages.to_string();
    let right = [("job", job.print_job_id.as_str()), (attempt.as_str(), "1"), (pages.as_str(), all.as_str())];
    shows(&sends(&mut browser, &page, "/post/printed", &new_id(), &right).await, &["Printed."]);
    assert_eq!(ron.pack(&pack.pack_id).await.state(), pb::PackState::Printed);
    // A code that nobody printed is a sentence beside the field.
    is_refused(&sends(&mut browser, &page, "/post/scan", &new_id(), &[("code", HOSTILE)]).await, "value=\"&#60;script");
});

home_story!(what_cannot_be_printed_is_mended_on_its_page, |home| {
    let room = room(home).await;
    let PackPeople { asha, room: ron, .. } = &room.people;
    let (_, claim) = client_with_facts(asha, pb::ClientFacts { last_name: "明".into(), ..frome_facts() }).await;
    let id = &claim.claim_id;
    asha.save(id, vec![draft("A1", &json!(["JSA"]), 0)]).await.unwrap();
    let slot = asha.find_slots(id).await.remove(0);
    let held = asha.hold(id, &slot).await.unwrap();
    asha.book(&held.appointment_id).await.unwrap();
    asha.complete_start_up(id).await.unwrap();
    let exception = until("the exception", || async { ron.exceptions().await.pop() }).await;
    let mut browser = room.browser_of(ron).await;
    let path = format!("/post/exceptions/{}", exception.exception_id);
    let page = browser.open("/post/exceptions").await;
    shows(&page, &[path.as_str()]);
    let page = browser.open(&path).await;
    shows(&page, &["Mend and compose again", &exception.faults[0].place]);
    is_refused(&sends(&mut browser, &page, &path, &new_id(), &[]).await, "It still cannot be printed");
    let typed: Vec<(String, String)> = (0..)
        .zip(&exception.faults)
        .flat_map(|(at, fault)| {
            let text = in_latin(&fault.place).to_owned();
            [(format!("place-{at}"), fault.place.clone()), (format!("text-{at}"), text)]
        })
        .collect();
    let typed: Vec<(&str, &str)> = typed.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let mended = sends(&mut browser, &page, &path, &new_id(), &typed).await;
    shows(&mended, &["Mended and composed.", "Printings"]);
    assert!(ron.exceptions().await.is_empty());
});
