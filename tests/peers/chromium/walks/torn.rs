//! An answer is being typed while the service dies, or the network between is gone: nothing of it is lost, and the page
//! never says of an answer that it is saved while it is not.

use super::super::Browser;
use super::super::cut::Network;
use super::{OWN, Somerset};
use serde_json::json;

const ASKED: &str = "Have you used any other last names before?";

/// What the service has, as another window reads it.
fn stored(other: &mut Browser, walk: &str) -> String {
    other.opens(walk);
    other.field(ASKED).as_str().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn the_service_dies_in_the_middle_of_an_answer_and_has_all_of_it_when_it_is_there_again() {
    let (mut browser, mut other) = (Browser::start(), Browser::start());
    let mut somerset = Somerset::opens(&mut browser);
    let walk = somerset.start_up(&mut browser, &json!({}));
    browser.goes_to_part("B About you");
    somerset.begins(&mut other, "Ben", "adviser", &[]);
    browser.answers(&json!([[ASKED, "Coombes"]]));
    browser.until_mark(ASKED, "Saved");
    browser.does(&json!({ "tab": { "to": ASKED } }));
    browser.types(&["End"]);
    browser.does(&json!({ "typed": ", Cribb" }));
    assert_eq!(browser.mark(ASKED), "", "what is typed is not said to be saved");
    somerset.served.dies_and_comes_back();
    browser.does(&json!({ "typed": ", Cook" }));
    browser.until_mark(ASKED, "Saved");
    assert_eq!(browser.field(ASKED), "Coombes, Cribb, Cook");
    assert_eq!(stored(&mut other, &format!("{}{walk}", somerset.ours)), "Coombes, Cribb, Cook");
    // Loaded anew in the middle of the next: what was not stored is in it again, and is stored.
    browser.does(&json!({ "reload": true }));
    browser.does(&json!({ "tab": { "to": ASKED } }));
    browser.types(&["End"]);
    browser.does(&json!({ "typed": ", Croft" }));
    browser.does(&json!({ "reload": true }));
    browser.until("document.getElementById('a-B4').value === 'Coombes, Cribb, Cook, Croft'");
    browser.until_mark(ASKED, "Saved");
    assert_eq!(stored(&mut other, &format!("{}{walk}", somerset.ours)), "Coombes, Cribb, Cook, Croft");
}

#[tokio::test]
async fn an_answer_typed_while_the_network_is_cut_is_said_not_to_be_saved_and_saves_itself_afterwards() {
    let (mut browser, mut other) = (Browser::start(), Browser::start());
    let mut somerset = Somerset::opens(&mut browser);
    let walk = somerset.start_up(&mut browser, &json!({}));
    somerset.begins(&mut other, "Ben", "adviser", &[]);
    let network = Network::to(&somerset.ours);
    browser.does(&json!({ "window": {} }));
    somerset.signs_in_at(&network.address, &mut browser, "Asha", OWN);
    browser.opens(&format!("{}{walk}", network.address));
    browser.goes_to_part("B About you");
    let direct = format!("{}{walk}", somerset.ours);
    let mut typed = String::new();
    for (number, cut) in [Network::stands_still as fn(&Network), Network::breaks].into_iter().enumerate() {
        cut(&network);
        let more = ["Coombes", ", Cribb"][number];
        typed.push_str(more);
        browser.does(&json!({ "tab": { "to": ASKED, "most": 90 } }));
        browser.types(&["End"]);
        browser.does(&json!({ "typed": more }));
        browser.until_mark(ASKED, "Not saved yet");
        assert_ne!(stored(&mut other, &direct), typed, "nothing came through");
        // Whoever would go on meanwhile is kept here, and told; nothing leads to the browser's own page.
        browser.types(&["F4"]);
        browser.until("!document.getElementById('told').hidden");
        browser.shows(&["Not saved yet"]);
        assert_eq!(browser.field(ASKED), typed.as_str());
        // Typed on, it is still not said to be saved.
        browser.does(&json!({ "tab": { "to": ASKED, "most": 90 } }));
        browser.types(&["End"]);
        browser.does(&json!({ "typed": "e" }));
        typed.push('e');
        browser.until_mark(ASKED, "Not saved yet");
        assert_ne!(stored(&mut other, &direct), typed, "nothing came through");
        network.is_mended();
        browser.until_mark(ASKED, "Saved");
        assert_eq!(browser.field(ASKED), typed.as_str());
        assert_eq!(stored(&mut other, &direct), typed, "what is said to be saved is stored");
        assert_eq!(
            browser.asks("document.querySelector('.summary-of-errors') === null"),
            json!(true),
            "one is no other desk"
        );
    }
}
