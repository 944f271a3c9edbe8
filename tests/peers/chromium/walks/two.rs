//! Two desks on one claim: each is told of the other, and no answer is written over unseen.

use super::super::Browser;
use super::{Somerset, at};
use serde_json::json;

const ASKED: &str = "Have you used any other last names before?";
/// By which the page knows what it was last answered of it.
const MARK: &str = "document.querySelector('[name=s-a-B4]').value";

#[tokio::test]
async fn two_desks_on_one_claim_are_told_of_each_other_and_write_nothing_over() {
    let (mut ashas, mut bens) = (Browser::start(), Browser::start());
    let mut somerset = Somerset::opens(&mut ashas);
    let walk = somerset.start_up(&mut ashas, &json!({}));
    ashas.goes_to_part("B About you");
    somerset.begins(&mut bens, "Ben", "adviser", &[]);
    bens.opens(&format!("{}{walk}", somerset.ours));
    bens.shows(&["Asha works on this too"]);
    // Ben has come to the question, and has typed nothing yet, when Asha answers it.
    bens.does(&json!({ "tab": { "to": ASKED } }));
    ashas.answers(&json!([[ASKED, "Coombes"]]));
    ashas.until_mark(ASKED, "Saved");
    // His page has heard of it before he types: it shows another number of answers.
    ashas.answers(&json!([["May we leave a message, and with whom?", "No"]]));
    ashas.until_mark("May we leave a message", "Saved");
    bens.until("document.getElementById('a-B16').value === 'No'");
    assert_eq!(bens.field(ASKED), "", "what somebody is at is not changed under their hands");
    bens.does(&json!({ "typed": "Combes" }));
    bens.until("document.querySelector('.summary-of-errors') !== null");
    bens.shows(&["Somebody saved another answer while you were typing", "Coombes"]);
    assert_eq!(bens.field(ASKED), "Combes", "what he typed is there");
    assert_eq!(bens.mark(ASKED), "", "what is not stored is not said to be");
    // He types on without having seen it: still nothing is written over.
    let mark = bens.asks(MARK);
    bens.does(&json!({ "typed": "-Jones" }));
    bens.until(&format!("{MARK} !== {mark}"));
    ashas.does(&json!({ "reload": true }));
    assert_eq!(ashas.field(ASKED), "Coombes", "Asha's answer is written over unseen");
    assert_eq!(bens.field(ASKED), "Combes-Jones");
    // He has the other's stand, and then his own.
    bens.does(&json!({ "tab": { "to": "The one that is there now", "back": true } }));
    bens.types(&["Space"]);
    bens.until("document.querySelector('.summary-of-errors') === null");
    bens.until("document.getElementById('a-B4').value === 'Coombes'");
    let focus = bens.does(&json!({ "focus": true }));
    assert_eq!(focus["name"], ASKED, "who has chosen is where they chose: {focus}");
    assert_eq!(focus["faults"], json!([]), "{focus}");
    // A minute later it is he who did something last, of which Asha is told.
    somerset.served.it_is(at("2026-03-04T08:32:00Z"));
    bens.does(&json!({ "answers": [[ASKED, "Combes"]] }));
    bens.until_mark(ASKED, "Saved");
    ashas.until("document.getElementById('a-B4').value === 'Combes'");
    ashas.until("document.getElementById('holder').textContent.includes('Ben')");
}
