//! The whole story, ring to letter, by people in two browsers: nothing in it is done but by what is written on the pages.

mod at;

use super::super::kamailio::exchange::{Exchange, Setup};
use super::super::kamailio::sipp::Sipp;
use super::super::output_of;
use super::heard::Heard;
use at::At;
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;
use std::process::Command;

/// A number in Frome.
const FROME: &str = "01373000123";
/// The one that everybody rings.
const ONE: &str = "01632960100";
const CALL: &str = "from-ring-to-letter";

/// People are set up by commands, as an operator does.
fn adds(exchange: &Exchange, name: &str, role: &str) -> String {
    let door = &exchange.doors[0];
    door.command(&["user", "add", name, "--role", role, "--site", "somerset"]);
    let told = door.command(&["user", "password", name]);
    told.lines().last().unwrap_or_default().trim().to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_people_in_two_browsers_bring_a_call_through_kamailio_to_a_letter_that_the_pdf_tools_read() {
    // A Tuesday, at ten in the morning.
    let begins: DateTime<Utc> = "2026-03-03T10:00:00Z".parse().expect("a time");
    let exchange = Exchange::start(Setup { web: true, begins: Some(begins), ..Setup::default() }).await;
    exchange.doors[0].command(&["user", "add", "Root", "--role", "admin"]);
    let pages = exchange.doors[0].pages();
    let mut heard = Heard::default();
    let (mut one, mut two) = (At::new(pages.clone()), At::new(pages));
    hours_are_set(&exchange, &mut two, &mut heard);
    let due = somebody_rings(&exchange, &mut one, &mut heard).await;
    // The night passes.
    exchange.doors[0].waits_until(due + TimeDelta::seconds(5)).await;
    let meeting = the_call_back_is_made(&exchange, &mut two, &mut heard);
    the_pack_is_posted(&exchange, &mut two, &mut heard, &meeting);
    what_became_of_it_is_seen(&mut one, &mut heard, &meeting);
    heard.compares("story-");
}

/// Priya, a personal adviser at Frome, says when she is there.
fn hours_are_set(exchange: &Exchange, two: &mut At, heard: &mut Heard) {
    let first = adds(exchange, "Priya", "personal-adviser");
    two.opens("/");
    heard.page(&mut two.browser, "story-01-sign-in");
    two.begins("Priya", &first);
    two.opens("/day/hours");
    two.says(&json!({ "office": "frome", "valid_from": "2 March 2026", "all-from": "09:00", "all-until": "16:30" }));
    two.presses("Set these hours");
    two.shows(&["The hours are set."]);
    heard.page(&mut two.browser, "story-02-hours-set");
    two.browser.does(&json!({ "window": {} }));
}

/// Asha is at the list of call-backs when Ms Hill rings; she takes the call, and promises one. When it is due.
async fn somebody_rings(exchange: &Exchange, one: &mut At, heard: &mut Heard) -> DateTime<Utc> {
    let telephone = Sipp::telephone(exchange, "adviser", exchange.next_telephone()).await;
    let first = adds(exchange, "Asha", "adviser");
    one.begins("Asha", &first);
    heard.page(&mut one.browser, "story-03-desk-closed");
    one.browser.fills("Where the switch reaches your telephone", &format!("sip:asha@{}", telephone.address));
    one.presses("Start taking calls");
    one.until("document.querySelector('#bar .dot.free')");
    heard.page(&mut one.browser, "story-04-desk-open");
    one.opens("/callbacks");
    one.until("document.body.dataset.telephone === 'here'");
    one.browser.does(&json!({ "ears": true }));

    let caller = Sipp::caller_of(exchange, "caller_told", FROME, ONE, CALL);
    one.until("document.querySelector('#bar.rings')");
    let bar = one.asks("document.getElementById('bar').innerText");
    let bar = bar.as_str().unwrap_or_default();
    assert!(bar.contains("01373 000123") && bar.contains("Frome"), "who rings from where: {bar}");
    assert_eq!(telephone.times("SIP/2.0 180 "), 0, "it is shown before it rings");
    let said = one.browser.does(&json!({ "said": true }));
    assert_eq!(said, json!(["A call is ringing: 01373 000123, Frome. Accept F2"]), "it is said once");
    heard.page(&mut one.browser, "story-05-a-call-rings");
    one.key("F2");
    telephone.hears("SIP/2.0 180 ").await;
    caller.hears("CSeq: 1 ACK").await;
    one.until("document.querySelector('h1').textContent.startsWith('On a call')");
    heard.page(&mut one.browser, "story-06-on-a-call");
    let due = inbound_script(one, heard);
    caller.tell(CALL);
    let (heard_by_caller, heard_by_telephone) = (caller.done().await, telephone.done().await);
    assert_eq!((heard_by_caller.as_told, heard_by_telephone.as_told), (1, 1), "a call from ring to end");
    one.opens("/desk");
    one.until("document.querySelector('h1').textContent.startsWith('Write up')");
    heard.page(&mut one.browser, "story-15-write-up");
    one.browser.fills("What it came to", "call-back booked");
    one.key("F8");
    one.until("document.querySelector('h1').textContent === 'Your desk'");
    due
}

fn inbound_script(one: &mut At, heard: &mut Heard) -> DateTime<Utc> {
    one.key("F4");
    let mut due = None;
    for _ in 0..60 {
        let stands = one.stands();
        match stands.as_str() {
            "" => break,
            "step:A0" => heard.page(&mut one.browser, "story-07-script-begins"),
            "step:caller_last_name" => heard.page(&mut one.browser, "story-08-who-rings"),
            "step:caller_postcode" => {
                // Nobody is known by this name: a record is made of what was said.
                one.key("F6");
                heard.page(&mut one.browser, "story-09-is-there-a-record");
                one.presses("Make a new record and go on");
                one.shows(&["Rosemary Anne Hill"]);
                assert_eq!(one.stands(), stands, "it goes on where it was");
            }
            "step:call_about" => heard.page(&mut one.browser, "story-10-for-the-adviser-to-answer"),
            "step:urgent_need" => heard.page(&mut one.browser, "story-11-several-may-hold"),
            "step:A7" => {
                one.presses("Offer times for the call-back");
                heard.page(&mut one.browser, "story-12-times-for-the-call-back");
                let start = one.asks("Number(document.querySelector('button[name=start]').value)");
                due = start.as_i64().and_then(|s| DateTime::from_timestamp(s, 0));
                one.key("F4");
                one.says(&json!({ "confirmed": "yes", "note": "Lost her job at the dairy on Friday." }));
                heard.page(&mut one.browser, "story-13-read-it-back");
                one.key("F4");
                one.shows(&["The call-back is booked.", "So we will ring 01373 000123"]);
                heard.page(&mut one.browser, "story-14-call-back-booked");
                // And back to the script, which stands where it stood.
                one.key("F4");
                assert_eq!(one.stands(), stands, "it goes on where it was");
            }
            _ => {}
        }
        one.answers("inbound");
        one.key("F4");
    }
    one.shows(&["The script is at its end"]);
    due.expect("a call-back was booked")
}

/// Dai, of the client's own site, rings her the next morning. What the page says of the meeting that is booked.
fn the_call_back_is_made(exchange: &Exchange, two: &mut At, heard: &mut Heard) -> String {
    let first = adds(exchange, "Dai", "adviser");
    two.begins("Dai", &first);
    two.presses("Call-backs");
    two.shows(&["Rosemary Anne Hill"]);
    heard.page(&mut two.browser, "story-16-due-call-backs");
    two.key("F4");
    two.shows(&["Ring the client", "01373 000123", "BA11 9ZZ"]);
    heard.page(&mut two.browser, "story-17-ring-the-client");
    two.key("F4");
    heard.page(&mut two.browser, "story-18-reached");
    two.key("F4");
    let mut meeting = String::new();
    for _ in 0..140 {
        let stands = two.stands();
        match stands.as_str() {
            "" => break,
            "step:B1" => heard.page(&mut two.browser, "story-20-start-up-begins"),
            "step:identity_checked" => heard.page(&mut two.browser, "story-21-who-speaks"),
            "step:claim_from" => heard.page(&mut two.browser, "story-22-a-day"),
            "part:A" => heard.page(&mut two.browser, "story-23-part-a"),
            "part:B" => heard.page(&mut two.browser, "story-24-part-b"),
            "part:S" => heard.page(&mut two.browser, "story-25-part-s"),
            "step:B9" => heard.page(&mut two.browser, "story-26-what-to-bring"),
            "step:B10" => {
                heard.page(&mut two.browser, "story-27-times-for-the-meeting");
                let book = two.asks("document.querySelector('section.offers .card form button').textContent");
                two.presses(book.as_str().unwrap_or_default());
                let line = two.asks("document.querySelector('#meeting-beside p').innerText");
                line.as_str().unwrap_or_default().clone_into(&mut meeting);
                heard.page(&mut two.browser, "story-28-meeting-booked");
            }
            _ => {}
        }
        let before = two.stands();
        two.answers("start-up");
        if before == "part:B" {
            heard.page(&mut two.browser, "story-29-part-b-filled-in");
        }
        two.key("F4");
    }
    two.shows(&["The script is at its end"]);
    heard.page(&mut two.browser, "story-30-script-ends");
    two.key("F4");
    two.shows(&["Read back and finish", "14 Example Row", "Ms"]);
    heard.page(&mut two.browser, "story-31-read-back");
    two.key("F8");
    two.shows(&["The start-up is done"]);
    // The page says by itself when the pack is made.
    two.until("document.querySelector('#pack a[href$=\"pack.pdf\"]')");
    heard.page(&mut two.browser, "story-32-done");
    meeting
}

/// The print room takes the pack, prints it and brings it to the post. What is in it is what was said.
fn the_pack_is_posted(exchange: &Exchange, two: &mut At, heard: &mut Heard, meeting: &str) {
    two.browser.does(&json!({ "window": {} }));
    let first = adds(exchange, "Taunton print room", "print-room");
    two.begins("Taunton print room", &first);
    two.opens("/post");
    heard.page(&mut two.browser, "story-33-print-room");
    two.key("F4");
    two.until("document.querySelector('#post-mine [name=job]')");
    heard.page(&mut two.browser, "story-34-jobs-taken");
    let pack = two.asks("document.querySelector('#post-mine th a').textContent");
    two.presses(pack.as_str().unwrap_or_default());
    heard.page(&mut two.browser, "story-35-a-pack");
    let address =
        two.asks("[...document.querySelectorAll('main a')].find((a) => a.pathname.endsWith('document.pdf')).href");
    let file = exchange.folder.path().join("pack.pdf");
    let saved = two.browser.does(&json!({ "saves": [address, file] }));
    assert_eq!(saved, json!({ "status": 200, "kind": "application/pdf" }));
    two.opens("/post");
    two.asks("document.querySelector('#post-mine [name=job]').click()");
    two.key("F8");
    two.shows(&["Printed."]);
    two.presses(pack.as_str().unwrap_or_default());
    heard.page(&mut two.browser, "story-36-printed");
    two.presses("Report it posted");
    two.shows(&["Posted."]);
    heard.page(&mut two.browser, "story-37-posted");

    let mut reads = Command::new("pdftotext");
    reads.arg("-layout").arg(&file).arg("-");
    let text = output_of(reads).split_whitespace().collect::<Vec<_>>().join(" ");
    let (day, office) = day_and_office(meeting);
    for expected in ["Ms Rosemary Anne Hill", "14 Example Row", day, office] {
        assert!(text.contains(expected), "{expected:?} is not in the pack:\n{text}");
    }
}

/// "Friday 6 March, 09:00 to 10:00, ONE office Frome, with Priya"
fn day_and_office(meeting: &str) -> (&str, &str) {
    let day = meeting.split(',').next().unwrap_or_default();
    let office = meeting.split(", ").find(|part| part.starts_with("ONE office")).unwrap_or_default();
    assert!(!day.is_empty() && !office.is_empty(), "{meeting}");
    (day, office)
}

/// Asha, who took the first call, looks what became of it.
fn what_became_of_it_is_seen(one: &mut At, heard: &mut Heard, meeting: &str) {
    one.signs_in("Asha");
    one.browser.types(&["/"]);
    for key in FROME.chars() {
        one.browser.types(&[&key.to_string()]);
    }
    one.key("Enter");
    heard.page(&mut one.browser, "story-40-found");
    one.presses("Ms Rosemary Anne Hill");
    heard.page(&mut one.browser, "story-41-client");
    let (day, _) = day_and_office(meeting);
    one.shows(&[day]);
    let claim = one
        .asks("[...document.querySelectorAll('main a')].find((a) => /\\/claims\\/[^/]+$/.test(a.pathname)).pathname");
    one.opens(claim.as_str().unwrap_or_default());
    one.shows(&["Form posted", day]);
    heard.page(&mut one.browser, "story-42-claim");
}
