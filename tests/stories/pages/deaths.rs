//! That a client died, told by a form alone.

use super::{browser_of, shows};
use crate::support::World;
use crate::support::steps::client_with_claim;
use crate::support::values::new_id;
use startline::access::Role;
use startline::grpc::pb;

home_story!(a_death_is_recorded_shown_and_taken_back_by_forms, |mut home| {
    home.open_to_the_web();
    let world = World::on(home).await;
    let root = world.add("Root", Role::Admin, None).await;
    let asha = world.adviser("Asha", "somerset").await;
    let (client, claim) = client_with_claim(&asha, "Fry").await;
    let partner = asha.create_client(crate::support::followup_steps::named("Hill")).await.unwrap();
    let request = pb::OpenClaimRequest {
        request_id: new_id(),
        client_id: partner.client_id.clone(),
        partner_claim_id: claim.claim_id.clone(),
        ..Default::default()
    };
    asha.claims().open_claim(request).await.unwrap();
    let mut browser = browser_of(&world, &root, &asha).await;
    let record = format!("/clients/{}", client.client_id);
    shows(&browser.open(&record).await, &["This client has died", "Book a call-back"]);
    let at = format!("{record}/death");
    let page = browser.open(&at).await;
    let id = new_id();
    let mut fields = vec![("request_id", id.as_str()), ("etag", client.etag.as_str()), ("from", "/clients")];
    fields.extend([("told_by", "her son <b>Tom</b>"), ("died_date", "1 3 2026"), ("letter_wanted", "yes")]);
    let lacks = browser.send(&page, &at, &fields).await;
    assert_eq!(lacks.status, 422, "{}", lacks.html);
    assert!(
        lacks.html.contains("href=\"#letter_name\"") && lacks.html.contains("her son &#60;b&#62;"),
        "{}",
        lacks.html
    );
    fields.extend([
        ("letter_name", "Tom Fry"),
        ("letter_lines", "9 Cork Street\nBath"),
        ("letter_postcode", "BA1 1AA"),
    ]);
    fields.push(("letter_language", "en"));
    // Sent twice, it is one death.
    for _ in 0..2 {
        let told = browser.send(&page, &at, &fields).await;
        shows(&told, &["The death is recorded", "This claim was withdrawn", "Ms Rosa Jane Hill"]);
    }
    let shown = browser.open(&record).await;
    shows(&shown, &["Died", "1 March 2026, told by her son &#60;b&#62;", "a letter to them was asked for"]);
    assert!(!shown.html.contains("Book a call-back"), "{}", shown.html);
    browser.language = "cy";
    shows(&browser.open(&record).await, &["Wedi marw", "gofynnwyd am lythyr iddynt"]);
    browser.language = "en";
    let etag = asha.client(&client.client_id).await.etag;
    let (again, undo) = (new_id(), format!("{record}/death/undo"));
    let back = browser.send(&shown, &undo, &[("request_id", &again), ("etag", &etag), ("from", "/clients")]).await;
    assert_eq!(back.status, 200, "{}", back.html);
    assert_eq!(asha.client(&client.client_id).await.death, None);
});
