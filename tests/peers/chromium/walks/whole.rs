//! A start-up from the first ring to the pack that is asked for, without a script and by what is written on the pages.

use super::super::Browser;
use super::{MOST, Somerset, said, takes_calls, text, waits_for};
use serde_json::json;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_whole_start_up_call_is_made_without_any_script_by_what_is_written_on_the_pages() {
    let mut browser = Browser::start();
    let mut somerset = Somerset::opens(&mut browser);
    browser.does(&json!({ "window": { "script": false } }));
    somerset.begins(&mut browser, "Asha", "adviser", &["--skill", "inbound"]);
    takes_calls(&mut browser);
    somerset.somebody_rings();
    let desk = format!("{}/desk", somerset.ours);
    waits_for(&mut browser, &desk, "Accept");
    browser.moves("Accept");
    waits_for(&mut browser, &desk, "Begin the script");
    inbound(&mut browser, &somerset);

    browser.does(&json!({ "window": { "script": false } }));
    somerset.rings(&mut browser);
    let meeting = start_up(&mut browser);
    // What was said is read back before it is finished, and the pack is asked for.
    browser.moves("Finish the start-up call");
    let read = browser.reads();
    for said in
        ["Ms", "Coombes", "2 Sample Lane", "Marshbrook Dairy", "£210.50 a week", "37.5", "12-34-56", "AB 12 34 56 C"]
    {
        assert!(browser_holds(&mut browser, said), "{said:?} is not read back:\n{read}");
    }
    assert!(read.contains(&meeting), "{meeting}: {read}");
    browser.moves("Finish the start-up call");
    browser.shows(&["The start-up is done", &meeting]);
    let pack = ["The pack is being composed", "Reference"];
    let read = browser.reads();
    assert!(pack.iter().any(|said| read.contains(said)), "the pack is asked for: {read}");
    // And afterwards the claim's own pages hold it, and offer nothing to change.
    let finish = text(&browser.does(&json!({})), "url").to_owned();
    browser.opens(&finish.replace("/finish", "/parts/G"));
    browser.shows(&["Marshbrook Dairy", "£210.50 a week"]);
    assert!(!browser.is_part(), "nothing is offered to be changed");
}

/// What is folded together is on the page as well.
fn browser_holds(browser: &mut Browser, said: &str) -> bool {
    browser.asks(&format!("document.querySelector('main').textContent.includes({said:?})")) == json!(true)
}

fn inbound(browser: &mut Browser, somerset: &Somerset) {
    browser.moves("Begin the script");
    let said = said("inbound");
    let mut booked = false;
    for _ in 0..MOST {
        if !browser.has_next() {
            break;
        }
        let asked = browser.answers(&said);
        if asked.iter().any(|asked| asked == "What is your postcode?") {
            // Nobody is known by this name. The whole record is made on its own page, and leads back into the script.
            browser.moves("Look for a record");
            browser.shows(&["No record of this name"]);
            browser.moves("Look further");
            browser.shows(&["Nobody is found"]);
            browser.moves("Make a new record");
            browser.fills("First and other names", "Rosemary Anne");
            for (label, typed) in [
                ("Date of birth", "23 April 1971"),
                ("Postcode", "BA11 1BL"),
                ("Telephone number", "01373 000123"),
                ("Address", "14 Example Row\nFrome"),
            ] {
                browser.fills(label, typed);
            }
            browser.moves("Make the record");
            browser.moves("Go on with Rosemary Anne Hill");
            browser.answers(&said);
        }
        if !booked && browser.reads().contains("Offer times for the call-back") {
            browser.moves("Offer times for the call-back");
            somerset.callback(browser);
            browser.moves("Back to the script");
            booked = true;
        }
        browser.moves("Next");
    }
    assert!(booked, "a call-back was booked");
    browser.shows(&["The script is at its end", "Rosemary Anne Hill"]);
}

/// Through the script and every part of the form, with a meeting; when that is, as its page has it.
fn start_up(browser: &mut Browser) -> String {
    let said = said("start-up");
    let mut meeting = String::new();
    let mut parts = Vec::new();
    for _ in 0..MOST {
        if !browser.has_next() {
            break;
        }
        let asked = browser.answers(&said);
        if browser.is_part() {
            let part = browser.does(&json!({}))["heading"].as_str().unwrap_or_default().trim().to_owned();
            parts.push(part);
        }
        if asked.iter().any(|asked| asked == "Which times do not suit you?") {
            browser.moves("Next");
            browser.moves("Arrange the meeting");
            browser.moves("Book");
            // And back in the script, which has the meeting beside it.
            let beside = browser.asks("document.querySelector('#meeting-beside p').textContent");
            let beside = beside.as_str().unwrap_or_default().to_owned();
            assert!(beside.contains("Priya"), "a meeting is booked: {beside}");
            meeting = beside.split(", ").take(2).collect::<Vec<_>>().join(", ");
            continue;
        }
        browser.moves("Next");
    }
    assert!(parts.len() > 20, "every part of the form was come to: {parts:?}");
    assert!(!meeting.is_empty(), "a meeting is booked");
    browser.shows(&["The script is at its end"]);
    meeting
}
