//! The floor, the wallboard, lost sites, rosters and reports as pages.

use super::shows;
use crate::support::browser::Browser;
use crate::support::callback_steps::every_day;
use crate::support::steps::{connected, heard};
use crate::support::values::new_id;
use crate::support::{Home, Person, World};
use startline::access::Role;
use startline::grpc::pb;

const HOSTILE: &str = "<script>alert(1)</script>";

struct Floor {
    world: World,
    root: Person,
    sunil: Person,
    asha: Person,
    switch: Person,
}

async fn floor(mut home: Home) -> Floor {
    home.open_to_the_web();
    let world = World::on(home).await;
    let root = world.add("Root", Role::Admin, None).await;
    let sunil = world.add("Sunil", Role::Supervisor, Some("somerset")).await;
    let asha = world.adviser("Asha", "somerset").await;
    let switch = world.add("Exchange", Role::Switch, None).await;
    Floor { world, root, sunil, asha, switch }
}

impl Floor {
    /// Signed in with a browser, with a password of their own.
    async fn browser_of(&self, person: &Person) -> Browser {
        super::browser_of(&self.world, &self.root, person).await
    }
}

home_story!(a_supervisor_sees_who_waits_and_frees_a_desk_with_a_reason, |home| {
    let floor = floor(home).await;
    let mut browser = floor.browser_of(&floor.sunil).await;
    // Whoever may see one floor goes straight there.
    let page = browser.open("/floor").await;
    assert_eq!(page.path, "/floor/somerset");
    shows(&page, &["Nobody waits.", "Nobody is signed in here.", "Open, and nobody here takes calls"]);

    let _desk = floor.asha.take_calls().await;
    let _first = floor.switch.enter_call("first", "01373 000123").await;
    let mut second = floor.switch.enter_call("second", "01373 000124").await;
    heard("the queue", &mut second, |told| told.instruction).await;
    let page = browser.open("/floor/somerset").await;
    shows(&page, &["01373 000124", "Callers wait", "data-since=\"1772532000\"", "Asha", "Free the desk"]);
    assert!(!page.html.contains("style="), "our policy lets no style through");
    let wall = browser.open("/wall").await;
    shows(&wall, &["<title>Wallboard", "Callers wait", "s-ringing"]);
    assert!(!wall.html.contains("<nav class=\"places\""), "a wall has no navigation");

    let path = format!("/floor/somerset/desks/{}", floor.asha.id);
    let page = browser.open(&path).await;
    shows(&page, &["Asha", "a call is ringing"]);
    let refused = browser.send(&page, &path, &[("request_id", &new_id()), ("reason", ""), ("then", "out")]).await;
    assert_eq!(refused.status, 422);
    assert!(refused.html.contains("There is a problem") && refused.html.contains("value=\"out\" checked"));
    // Sent twice, it is done once.
    let once = new_id();
    for _ in 0..2 {
        let typed = [("request_id", once.as_str()), ("reason", "left the building"), ("then", "out")];
        let page = browser.send(&refused, &path, &typed).await;
        assert_eq!((page.status, page.path.as_str()), (200, "/floor/somerset?done=freed"));
        assert!(page.html.contains("The desk is free."));
    }
    let now = floor.sunil.floor_of("somerset").await;
    let signed_out = now.advisers.iter().all(|desk| desk.status() != pb::AdviserStatus::Available);
    assert!(signed_out, "{:?}", now.advisers);
});

home_story!(a_site_is_declared_lost_after_it_was_shown_what_that_does, |home| {
    let floor = floor(home).await;
    let mut browser = floor.browser_of(&floor.sunil).await;
    let form = browser.open("/floor/contingency/declare").await;
    shows(&form, &["Which site is lost?", "Who makes its call-backs?"]);
    let empty = browser.open("/floor/contingency/check?site=somerset&reason=").await;
    assert_eq!(empty.status, 422);
    assert!(empty.html.contains("Say what happened"));
    let hostile = "%3Cscript%3Ealert(1)%3C/script%3E";
    let check = format!("/floor/contingency/check?site=somerset&reason={hostile}&helpers=buckinghamshire");
    let check = browser.open(&check).await;
    shows(&check, &["Its calls go to", "Buckinghamshire", "Callers who wait there"]);
    assert!(!check.html.contains(HOSTILE), "what was typed is text");
    assert!(floor.sunil.contingencies().await.is_empty(), "nothing is done by looking");

    let once = new_id();
    let typed =
        [("request_id", once.as_str()), ("site", "somerset"), ("reason", HOSTILE), ("helpers", "buckinghamshire")];
    for _ in 0..2 {
        let page = browser.send(&check, "/floor/contingency/declare", &typed).await;
        shows(&page, &["The site is declared lost.", "It is back", "Sunil"]);
        assert!(!page.html.contains(HOSTILE));
    }
    let [lost] = floor.sunil.contingencies().await.try_into().unwrap();
    assert_eq!((lost.reason.as_str(), lost.helper_site_ids.as_slice()), (HOSTILE, &["buckinghamshire".to_owned()][..]));
    shows(&browser.open("/floor/somerset").await, &["Declared lost"]);
    // Another declaration of the same site is refused with all that was typed.
    let again = [("request_id", &*new_id()), ("site", "somerset"), ("reason", "once more")];
    let refused = browser.send(&check, "/floor/contingency/declare", &again).await;
    assert_eq!(refused.status, 422);
    assert!(refused.html.contains("once more"));

    let page = browser.open("/floor/contingency/end?site=somerset").await;
    shows(&page, &["Before you say that it is back"]);
    let typed = [("request_id", &*new_id()), ("site", "somerset")];
    let page = browser.send(&page, "/floor/contingency/end", &typed).await;
    shows(&page, &["Somerset is back.", "No site is lost."]);
    assert!(floor.sunil.contingencies().await[0].ended_time.is_some());
});

home_story!(hours_and_absences_are_set_as_they_are_typed, |home| {
    let floor = floor(home).await;
    let mut browser = floor.browser_of(&floor.sunil).await;
    floor.sunil.sets_roster(&floor.asha, every_day("09:00", "17:00")).await;
    let path = format!("/roster/{}", floor.asha.id);
    let page = browser.open(&path).await;
    shows(&page, &["Asha", "value=\"09:00-17:00\""]);
    let typed = [
        ("request_id", "019c8a3e-6f40-7000-8000-000000000001"),
        ("site", "somerset"),
        ("name", "Asha"),
        ("weeks", "1"),
        ("from", "9 March 2026"),
        ("in-1-1", "nine to five"),
    ];
    let refused = browser.send(&page, &path, &typed).await;
    assert_eq!(refused.status, 422);
    assert!(refused.html.contains("must be times such as") && refused.html.contains("nine to five"));
    let typed = [
        ("request_id", "019c8a3e-6f40-7000-8000-000000000002"),
        ("site", "somerset"),
        ("weeks", "1"),
        ("from", "9 March 2026"),
        ("in-1-1", "9-12.30, 13:15 to 17:00"),
        ("out-1-2", "0900-1200"),
    ];
    let page = browser.send(&page, &path, &typed).await;
    shows(&page, &["The hours are saved.", "09:00-12:30, 13:15-17:00"]);
    let asked = pb::ListRosterRequest { day: "2026-03-09".into(), ..Default::default() };
    let roster = floor.sunil.callbacks().list_roster(asked).await.unwrap().into_inner();
    let asha = roster.lines.iter().find(|line| line.adviser_id == floor.asha.id).unwrap();
    assert_eq!((asha.inbound.len(), asha.outbound.len()), (2, 0));

    let page = browser.open("/absences/report?site=somerset").await;
    shows(&page, &["Asha", "Sickness"]);
    let typed = |day: &'static str| {
        [
            ("request_id", "019c8a3e-6f40-7000-8000-000000000003"),
            ("site", "somerset"),
            ("who", floor.asha.id.as_str()),
            ("kind", "sickness"),
            ("first_day", day),
            ("note", HOSTILE),
        ]
    };
    let refused = browser.send(&page, "/absences/report", &typed("soon")).await;
    assert_eq!(refused.status, 422);
    assert!(refused.html.contains("soon") && !refused.html.contains(HOSTILE));
    let page = browser.send(&page, "/absences/report", &typed("4 March 2026")).await;
    shows(&page, &["It is saved.", "Asha", "Sickness"]);
    assert!(!page.html.contains(HOSTILE));
    let id = page.html.split("name=\"absence_id\" value=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
    let ends = [("request_id", &*new_id()), ("site", "somerset"), ("absence_id", id)];
    let page = browser.send(&page, "/absences/end", &ends).await;
    shows(&page, &["They are back on the roster.", "Nobody is away."]);
});

home_story!(reports_are_tables_charts_and_files_in_both_languages, |home| {
    let floor = floor(home).await;
    let mut desk = floor.asha.take_calls().await;
    let mut call = floor.switch.enter_call("one", "01373 000123").await;
    let offer = crate::support::steps::offered(&mut desk).await;
    floor.asha.accept(&offer).await;
    connected(&mut call).await;
    floor.switch.report("one", pb::CallReport::Answered).await;
    floor.world.wait(60);
    floor.switch.report("one", pb::CallReport::Ended).await;
    let (request_id, call_id) = (new_id(), offer.call_id.clone());
    let finish = pb::FinishWrapUpRequest { request_id, call_id, outcome: "call-back booked".into() };
    floor.asha.desk().finish_wrap_up(finish).await.unwrap();
    let written = || async {
        let number = floor.world.look_inside().await.number("SELECT COUNT(*) FROM call_records").await;
        (number == 1).then_some(())
    };
    crate::support::until("the call's record", written).await;

    let mut browser = floor.browser_of(&floor.sunil).await;
    shows(&browser.open("/reports").await, &["How soon calls are answered", "Who comes to meetings"]);
    let page = browser.open("/reports/service-level?site=somerset").await;
    shows(&page, &["<svg", "100.0%", "Get it as a file"]);
    assert!(!page.html.contains("style="));
    for report in ["standards", "attendance", "decisions"] {
        shows(&browser.open(&format!("/reports/{report}")).await, &["<h1>"]);
        let refused = browser.open(&format!("/reports/{report}?from=whenever")).await;
        assert_eq!(refused.status, 422);
        assert!(refused.html.contains("whenever"));
    }
    let file = browser.open("/reports/service-level.csv?site=somerset&from=2026-03-03&to=2026-03-03").await;
    assert_eq!(file.status, 200);
    assert!(file.header("content-disposition").contains("startline-service-level-somerset-2026-03-03-2026-03-03.csv"));
    assert!(file.header("content-type").starts_with("text/csv"), "{}", file.head);
    assert!(file.html.contains("Somerset,10:00,1,1,100.0%"), "{}", file.html);
    // A day is written as people say it; in the file as a spreadsheet reads it.
    let days = "site=somerset&from=2026-03-02&to=2026-03-03";
    let page = browser.open(&format!("/reports/service-level?{days}")).await;
    shows(&page, &["<td>Tuesday 3 March</td>"]);
    assert!(!page.html.contains("<td>2026-03-03</td>"), "{}", page.html);
    let file = browser.open(&format!("/reports/service-level.csv?{days}")).await;
    assert!(file.html.contains("Somerset,2026-03-03,1,1,100.0%"), "{}", file.html);
    // Rosters, absences and the wall belong to the floor.
    for page in ["/roster", "/absences"] {
        shows(&browser.open(page).await, &["<a href=\"/floor\" aria-current=\"page\">", "Lost sites"]);
    }
    // Another site's figures are another's.
    let other = browser.open("/floor/buckinghamshire").await;
    assert_eq!(other.status, 403, "{}", other.html);
    browser.language = "cy";
    shows(&browser.open("/floor/somerset").await, &["Galwyr sy", "lang=\"cy\""]);
    shows(&browser.open("/reports/service-level").await, &["Pa mor fuan yr atebir galwadau"]);
    // Advisers have neither.
    let mut adviser = floor.browser_of(&floor.asha).await;
    assert_eq!(adviser.open("/reports").await.status, 404);
    assert_eq!(adviser.open("/floor/somerset").await.status, 403);
});
