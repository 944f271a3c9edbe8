//! The day, the steps and the checks by forms alone: no script runs in this browser.

use super::shows;
use crate::slipping::{code_of_first_page, deferred, listed};
use crate::support::browser::{Browser, Page};
use crate::support::claim_steps::at_the_meeting;
use crate::support::followup_steps::{Staff, missed, the, three_misses, with_meeting};
use crate::support::steps::{frome_facts, start_up_done};
use crate::support::values::{new_id, time};
use crate::support::{Home, Person, World};
use chrono::TimeDelta;
use serde_json::json;
use startline::access::Role;
use startline::grpc::pb;

const HOSTILE: &str = "<script>alert(1)</script>";
const HOSTILE_AS_TEXT: &str = "&#60;script&#62;alert(1)&#60;/script&#62;";

struct Office {
    world: World,
    root: Person,
    asha: Person,
    petra: Person,
    rita: Person,
    edwin: Person,
    room: Person,
}

async fn office(mut home: Home) -> Office {
    home.open_to_the_web();
    let world = World::on(home).await;
    let root = world.add("Root", Role::Admin, None).await;
    let asha = world.adviser("Asha", "somerset").await;
    let petra = world.personal_adviser("Petra", "somerset").await;
    petra.works_at("frome").await;
    let rita = world.add("Rita", Role::Reception, Some("somerset")).await;
    let edwin = world.add("Edwin", Role::BenefitsExpert, Some("somerset")).await;
    let room = world.print_room("Room", "somerset").await;
    Office { world, root, asha, petra, rita, edwin, room }
}

impl Office {
    async fn browser_of(&self, person: &Person) -> Browser {
        super::browser_of(&self.world, &self.root, person).await
    }
}

/// A form of this page, sent as the page has it; the same id of the request when it is sent again.
async fn sends(browser: &mut Browser, page: &Page, path: &str, id: &str, typed: &[(&str, &str)]) -> Page {
    let mut fields = vec![("request_id", id), ("from", "/")];
    fields.extend_from_slice(typed);
    browser.send(page, path, &fields).await
}

async fn meeting(asha: &Person, claim: &str) -> pb::Appointment {
    let request = pb::ListAppointmentsRequest { claim_id: claim.into(), ..Default::default() };
    asha.diary().list_appointments(request).await.unwrap().into_inner().appointments.remove(0)
}

home_story!(reception_says_who_has_arrived_and_the_personal_adviser_sees_who_waits, |home| {
    let office = office(home).await;
    let (claim, booked) = with_meeting(&office.asha, frome_facts(), &json!(["IS"])).await;
    let start = time(booked.slot.as_ref().unwrap().start_time);
    office.world.wait_until(start + TimeDelta::minutes(8));
    let mut rita = office.browser_of(&office.rita).await;
    let page = rita.open("/day?office=frome").await;
    // Reminder calls are hers, and have no place above them that she could open.
    shows(&page, &["<a href=\"/callbacks/reminders\">Reminder calls</a>"]);
    shows(&rita.open("/callbacks/reminders").await, &["<a href=\"/callbacks/reminders\" aria-current=\"page\">"]);
    // Its list of who would come sooner is a part of the steps.
    shows(&rita.open("/standby").await, &["<a href=\"/steps\" aria-current=\"page\">"]);
    shows(&page, &["Rosa", "First meeting", "8 min late", "Has arrived"]);
    let typed = [("appointment", booked.appointment_id.as_str()), ("what", "arrived"), ("back", "/day?office=frome")];
    let id = new_id();
    for _ in 0..2 {
        let page = sends(&mut rita, &page, "/day/attendance", &id, &typed).await;
        shows(&page, &["The client is here.", "Here since", "There was no meeting"]);
    }
    assert!(meeting(&office.asha, &claim.claim_id).await.arrived_time.is_some());
    let mut petra = office.browser_of(&office.petra).await;
    let page = petra.open("/day").await;
    shows(&page, &["Next for you", "Rosa", "data-key=\"F4\"", "/checks/"]);
    // The day and the week as a diary, in both languages, without styles of their own.
    for (language, word) in [("en", "Week of"), ("cy", "Wythnos")] {
        petra.language = language;
        let page = petra.open("/day?view=week").await;
        shows(&page, &[word, "Rosa", "is-waiting"]);
        assert!(!page.html.contains("style="), "{}", page.html);
        shows(&petra.open("/day?view=day").await, &["Rosa"]);
    }
    petra.language = "en";
    let path = format!("/appointments/{}/of/{}", booked.appointment_id, claim.claim_id);
    // Whoever follows a link that does not say whose meeting it is comes to the same.
    assert_eq!(petra.open(&format!("/appointments/{}", booked.appointment_id)).await.path, path);
    let page = petra.open(&path).await;
    shows(&page, &["Before they sit down", "Talks", "Reminders", "Cancel the meeting"]);
    let typed = [("appointment", booked.appointment_id.as_str()), ("what", "attended"), ("back", path.as_str())];
    let page = sends(&mut petra, &page, "/day/attendance", &new_id(), &typed).await;
    shows(&page, &["The meeting has begun.", "Met"]);
    assert_eq!(meeting(&office.asha, &claim.claim_id).await.state(), pb::AppointmentState::Attended);
});

home_story!(a_meeting_is_booked_moved_and_cancelled_by_forms, |home| {
    let office = office(home).await;
    let (claim, booked) = with_meeting(&office.asha, frome_facts(), &json!(["IS"])).await;
    let (claim, id) = (claim.claim_id, booked.appointment_id);
    let mut rita = office.browser_of(&office.rita).await;
    let path = format!("/appointments/{id}/of/{claim}/move");
    let page = rita.open(&path).await;
    shows(&page, &["Free times", "Petra"]);
    let offer = page.html.split_once("name=\"offer\" value=\"").unwrap().1.split('"').next().unwrap().to_owned();
    // Without a reason it is not moved, and what was typed stays.
    let again = sends(&mut rita, &page, &path, &new_id(), &[("offer", offer.as_str()), ("note", HOSTILE)]).await;
    assert_eq!(again.status, 422, "{}", again.html);
    assert!(again.html.contains(HOSTILE_AS_TEXT) && !again.html.contains(HOSTILE), "{}", again.html);
    assert!(again.html.contains("Choose why") && again.html.contains("checked"), "{}", again.html);
    let typed = [("offer", offer.as_str()), ("reason", "APPOINTMENT_REASON_CLIENT_ASKED"), ("note", HOSTILE)];
    let request = new_id();
    for _ in 0..2 {
        shows(&sends(&mut rita, &page, &path, &request, &typed).await, &["The meeting is moved."]);
    }
    let moved = meeting(&office.asha, &claim).await;
    assert_eq!(moved.sequence, booked.sequence + 1, "moved once");
    assert_ne!(moved.slot.unwrap().start_time, booked.slot.unwrap().start_time);
    let path = format!("/appointments/{id}/of/{claim}/cancel");
    let page = rita.open(&path).await;
    shows(&page, &["Cancel this meeting?", "Keep the meeting"]);
    let typed = [("reason", "APPOINTMENT_REASON_CLIENT_UNWELL")];
    shows(
        &sends(&mut rita, &page, &path, &new_id(), &typed).await,
        &["The meeting is cancelled.", "The client is unwell"],
    );
    assert_eq!(meeting(&office.asha, &claim).await.state(), pb::AppointmentState::Cancelled);
    let path = format!("/day/book/{claim}");
    let page = rita.open(&path).await;
    let offer = page.html.split_once("name=\"offer\" value=\"").unwrap().1.split('"').next().unwrap().to_owned();
    let page = sends(&mut rita, &page, &path, &new_id(), &[("offer", offer.as_str())]).await;
    shows(&page, &["The meeting is booked."]);
    // A series is booked whole.
    let path = format!("/day/series/{claim}");
    let page = rita.open(&path).await;
    let typed = [
        ("kind", "follow-up"),
        ("person", office.petra.id.as_str()),
        ("first_day", "23 March 2026"),
        ("start", "10"),
        ("every_weeks", "1"),
        ("times", "3"),
    ];
    let page = sends(&mut rita, &page, &path, &new_id(), &typed).await;
    shows(&page, &["All the meetings are booked.", "Follow-up meeting"]);
    let request = pb::ListAppointmentsRequest { claim_id: claim, ..Default::default() };
    let all = office.asha.diary().list_appointments(request).await.unwrap().into_inner().appointments;
    assert_eq!(all.iter().filter(|one| one.kind == "follow-up").count(), 3);
});

home_story!(hours_and_leave_are_set_and_what_lies_outside_is_on_a_list, |home| {
    let office = office(home).await;
    let (claim, booked) = with_meeting(&office.asha, frome_facts(), &json!(["IS"])).await;
    let day = time(booked.slot.as_ref().unwrap().start_time).format("%Y-%m-%d").to_string();
    let mut petra = office.browser_of(&office.petra).await;
    let page = petra.open("/day/hours").await;
    let typed = [
        ("person", office.petra.id.as_str()),
        ("office", "frome"),
        ("valid_from", "1 June 2026"),
        ("valid_to", ""),
        ("weeks", "1"),
        ("all-from", "9"),
        ("all-until", "16.30"),
        ("1-3-from", "9"),
        ("1-3-until", "22"),
    ];
    let again = sends(&mut petra, &page, "/day/hours", &new_id(), &typed).await;
    assert_eq!(again.status, 422, "{}", again.html);
    assert!(again.html.contains("id=\"1-3-error\"") && again.html.contains("value=\"22\""), "{}", again.html);
    let right: Vec<(&str, &str)> = typed.iter().filter(|(name, _)| !name.starts_with("1-3")).copied().collect();
    shows(&sends(&mut petra, &page, "/day/hours", &new_id(), &right).await, &["The hours are set."]);
    // Outside the hours of the office a reason is asked for, and whoever reads the hours reads it.
    let outside: Vec<(&str, &str)> = typed.iter().copied().chain([("outside_reason", HOSTILE)]).collect();
    let page = petra.open("/day/hours").await;
    shows(&page, &["Hours in force and to come", "Wednesday 09:00 until 16:30", "Why outside the office"]);
    shows(&sends(&mut petra, &page, "/day/hours", &new_id(), &outside).await, &["The hours are set."]);
    let page = petra.open("/day/hours").await;
    shows(&page, &["Wednesday 09:00 until 22:00", HOSTILE_AS_TEXT, "(Petra, "]);
    assert!(!page.html.contains("Saturday 09:00"), "what is typed for all days is for those on which the office opens");
    let page = petra.open("/day/hours/blocks").await;
    let whose = format!("person:{}", office.petra.id);
    let evening = [
        ("whose", whose.as_str()),
        ("kind", "BLOCK_KIND_EXTRA_HOURS"),
        ("first_day", "28 May 2026"),
        ("start", "17"),
        ("end", "19"),
    ];
    let again = sends(&mut petra, &page, "/day/hours/blocks", &new_id(), &evening).await;
    assert!(again.status == 422 && again.html.contains("id=\"start-error\""), "{}", again.html);
    let reasoned: Vec<(&str, &str)> = evening.iter().copied().chain([("outside_reason", "The jobs fair")]).collect();
    sends(&mut petra, &page, "/day/hours/blocks", &new_id(), &reasoned).await;
    shows(&petra.open("/day/hours/blocks").await, &["Outside the office", "The jobs fair ("]);
    // Leave over a booked meeting is laid when that is accepted.
    let page = petra.open("/day/hours/blocks").await;
    let whose = format!("person:{}", office.petra.id);
    let typed =
        [("whose", whose.as_str()), ("kind", "BLOCK_KIND_LEAVE"), ("first_day", day.as_str()), ("note", HOSTILE)];
    let again = sends(&mut petra, &page, "/day/hours/blocks", &new_id(), &typed).await;
    assert_eq!(again.status, 422, "{}", again.html);
    assert!(again.html.contains("Do it all the same") && again.html.contains(HOSTILE_AS_TEXT), "{}", again.html);
    let accepted: Vec<(&str, &str)> = typed.iter().copied().chain([("accept", "yes")]).collect();
    let page = sends(&mut petra, &page, "/day/hours/blocks", &new_id(), &accepted).await;
    assert_eq!(page.path, "/day/hours/left?done=time_blocked");
    shows(&page, &["Rosa", &format!("/of/{}/move", claim.claim_id)]);
    let page = petra.open("/day/hours/blocks").await;
    shows(&page, &["Leave", HOSTILE_AS_TEXT, "Take back"]);
    let asked = pb::ListBlocksRequest { first_day: day.clone(), last_day: day, ..Default::default() };
    let blocks = office.petra.diary().list_blocks(asked.clone()).await.unwrap().into_inner().blocks;
    let typed = [("block", blocks[0].block_id.as_str())];
    shows(&sends(&mut petra, &page, "/day/hours/blocks/remove", &new_id(), &typed).await, &["It is taken back"]);
    assert!(office.petra.diary().list_blocks(asked).await.unwrap().into_inner().blocks.is_empty());
    // A calendar's address is shown once.
    let page = petra.open("/day/hours/calendars").await;
    let id = new_id();
    let first = sends(&mut petra, &page, "/day/hours/calendars", &id, &[("whose", whose.as_str())]).await;
    shows(&first, &["Copy it now", ".ics"]);
    let second = sends(&mut petra, &page, "/day/hours/calendars", &id, &[("whose", whose.as_str())]).await;
    shows(&second, &["This form was sent before"]);
    assert!(!second.html.contains(".ics"), "{}", second.html);
});

home_story!(a_missed_meeting_becomes_steps_that_are_done_by_forms, |home| {
    let office = office(home).await;
    let (claim, booked) = with_meeting(&office.asha, frome_facts(), &json!(["IS"])).await;
    let claim = claim.claim_id;
    missed(&office.world, &office.petra, &booked).await;
    let mut asha = office.browser_of(&office.asha).await;
    let step = the(&office.asha.open_steps(&claim).await, pb::StepKind::RingClient);
    let page = asha.open("/steps?sort=ring").await;
    let path = format!("/steps/{claim}/{}", step.step_id);
    shows(&page, &["Ring the client", "Rosa", &path, &step.phone]);
    let page = asha.open(&path).await;
    shows(&page, &["Record the call", "Spoken with the client"]);
    let again = sends(&mut asha, &page, &format!("{path}/call"), &new_id(), &[("note", HOSTILE)]).await;
    assert_eq!(again.status, 422, "{}", again.html);
    assert!(again.html.contains("Choose how it ended") && again.html.contains(HOSTILE_AS_TEXT), "{}", again.html);
    let typed = [("outcome", "PHONE_OUTCOME_SPOKEN"), ("note", HOSTILE)];
    let id = new_id();
    for _ in 0..2 {
        let page = sends(&mut asha, &page, &format!("{path}/call"), &id, &typed).await;
        shows(&page, &["The call is recorded.", "Offer a new meeting"]);
    }
    the(&office.asha.open_steps(&claim).await, pb::StepKind::OfferNewMeeting);
    // Good cause, by the claim's own page.
    let page = asha.open(&format!("/steps/{claim}")).await;
    let typed =
        [("appointment", booked.appointment_id.as_str()), ("reason", "transport"), ("note", "the bus broke down")];
    let page = sends(&mut asha, &page, &format!("/steps/{claim}/good-cause"), &new_id(), &typed).await;
    shows(&page, &["Good cause is recorded"]);
    assert!(office.asha.good_cause(&booked.appointment_id, "transport").await.is_err(), "it is recorded already");
    // And the standby list.
    let path = format!("/standby/join/{claim}");
    let page = asha.open(&path).await;
    let page = sends(&mut asha, &page, &path, &new_id(), &[("kind", "first-meeting"), ("urgent", "yes")]).await;
    shows(&page, &["They are on the standby list.", "Rosa", "Urgent"]);
    let waits = office.asha.on_standby().await;
    let typed = [("standby", waits[0].standby_id.as_str())];
    shows(&sends(&mut asha, &page, "/standby/leave", &new_id(), &typed).await, &["Nobody is on the list."]);
    assert!(office.asha.on_standby().await.is_empty());
});

home_story!(an_expert_takes_a_check_by_a_form_and_the_personal_advisers_day_shows_how_it_stands, |home| {
    let office = office(home).await;
    let (claim, booked) = start_up_done(&office.world, &office.asha, "Fry").await;
    let (claim, meeting) = (claim.claim_id, booked.appointment_id);
    office.room.print_and_post().await;
    office.world.wait_until(time(booked.slot.unwrap().start_time) - TimeDelta::minutes(20));
    let mut edwin = office.browser_of(&office.edwin).await;
    let page = edwin.open("/checks").await;
    shows(&page, &["Later today", "Fry", "data-live", "checks:frome"]);
    assert!(!page.html.contains("Check it"), "{}", page.html);
    office.rita.record_attendance(&meeting, pb::Attendance::Arrived).await.unwrap();
    office.world.wait(11 * 60);
    let page = edwin.open("/checks").await;
    shows(&page, &["To be checked", "here for 11 minutes", "Form not handed in", "Check it", "card alarm"]);
    let path = format!("/checks/{claim}");
    let (id, field) = (new_id(), |page: &Page, name: &str| {
        let from = page.html.split_once(&format!("name=\"{name}\" value=\"")).unwrap().1;
        from.split('"').next().unwrap().to_owned()
    });
    let typed = [("appointment", meeting.as_str()), ("etag", &field(&page, "etag"))];
    for _ in 0..2 {
        let taken = sends(&mut edwin, &page, &format!("{path}/take"), &id, &typed).await;
        shows(&taken, &["You check this claim.", "Being checked: You", "data-key=\"F7\"", "Hand back"]);
    }
    let page = edwin.open(&path).await;
    let page = sends(&mut edwin, &page, &format!("{path}/form-back"), &new_id(), &[]).await;
    shows(&page, &["The form is back.", "Form handed in"]);
    // What is asked is on the personal adviser's day.
    office.edwin.raise_query(&claim, "B6", HOSTILE).await.unwrap();
    let mut petra = office.browser_of(&office.petra).await;
    for (language, words) in [("en", "Queries to the personal adviser: Edwin"), ("cy", "r cynghorydd personol: Edwin")]
    {
        petra.language = language;
        let page = petra.open("/day").await;
        shows(&page, &[words, HOSTILE_AS_TEXT, &format!("<a href=\"{path}\">1 "), "checks:frome"]);
    }
    let typed = [("appointment", meeting.as_str()), ("etag", &field(&page, "etag"))];
    let complete = format!("{path}/complete");
    let refused = sends(&mut edwin, &page, &complete, &new_id(), &typed).await;
    assert_eq!(refused.status, 409, "{}", refused.html);
    assert!(refused.html.contains("This is still open: query B6"), "{}", refused.html);
    let query = office.petra.standing(&claim).await.open_queries.remove(0).query_id;
    office.petra.settle_query(&query, "The plastic one.").await.unwrap();
    office.edwin.ticks_all(&claim).await;
    let page = edwin.open(&path).await;
    shows(&page, &["Queries answered: You", "The plastic one."]);
    let page = sends(&mut edwin, &page, &complete, &new_id(), &typed).await;
    shows(&page, &["The claim is complete and may be handed over.", "Complete, may be handed over: You"]);
    petra.language = "en";
    shows(&petra.open("/day").await, &["Complete, may be handed over: Edwin"]);
    edwin.language = "cy";
    shows(&edwin.open("/checks").await, &["Cyflawn, gellir ei drosglwyddo: Chi", "Cyflwynwyd y ffurflen"]);
    let lena = office.world.add("Lena", Role::TeamLeader, Some("somerset")).await;
    let mut lena = office.browser_of(&lena).await;
    shows(&lena.open("/reports/checks").await, &["How soon claims are checked", "10 minutes from arrival", "Frome"]);
    let file = lena.open("/reports/checks.csv").await;
    assert!(file.html.contains("Arrival not recorded"), "{}", file.html);
});

home_story!(an_adviser_reads_what_was_found_at_their_meetings_and_a_team_leader_reads_it_by_question, |home| {
    let office = office(home).await;
    let claim =
        at_the_meeting(&office.world, &office.asha, &office.petra, &office.room, &json!(["JSA"])).await.claim_id;
    office.petra.amend(&claim, "B2", &json!("Frye"), 1, "RJF").await.unwrap();
    office.edwin.raise_query(&claim, "", HOSTILE).await.unwrap();
    let mut asha = office.browser_of(&office.asha).await;
    shows(&asha.open("/account").await, &["<a href=\"/findings\">What was found at meetings"]);
    for (language, words) in [("en", "Nobody else sees this list."), ("cy", "Yr hawliad cyfan")] {
        asha.language = language;
        let page = asha.open("/findings").await;
        shows(&page, &[words, "<span class=\"code\">B2</span>", "<del>Fry</del>", "<ins>Frye</ins>", HOSTILE_AS_TEXT]);
        assert!(!page.html.contains("Rosa"), "{}", page.html);
    }
    let lena = office.world.add("Lena", Role::TeamLeader, Some("somerset")).await;
    let mut lena = office.browser_of(&lena).await;
    let page = lena.open("/reports/found").await;
    shows(&page, &["What is found at meetings", "fewer than three people"]);
    assert!(!page.html.contains("Asha") && !page.html.contains("Frye"), "{}", page.html);
    let mut petra = office.browser_of(&office.petra).await;
    assert_eq!(petra.open("/findings").await.status, 404);
});

home_story!(an_expert_and_a_personal_adviser_settle_a_claim_while_its_meeting_goes_on, |home| {
    let office = office(home).await;
    let claim =
        at_the_meeting(&office.world, &office.asha, &office.petra, &office.room, &json!(["JSA"])).await.claim_id;
    let mut edwin = office.browser_of(&office.edwin).await;
    let page = edwin.open("/checks").await;
    shows(&page, &["Going on now", "begun", &format!("/checks/{claim}")]);
    let path = format!("/checks/{claim}");
    let page = edwin.open(&path).await;
    shows(&page, &["No query is open.", "Evidence", "Missing answers"]);
    let id = new_id();
    for _ in 0..2 {
        let typed = [("about", "A1"), ("text", HOSTILE)];
        let page = sends(&mut edwin, &page, &format!("{path}/queries"), &id, &typed).await;
        shows(&page, &["The query is raised.", HOSTILE_AS_TEXT, "1 open query"]);
    }
    let mut petra = office.browser_of(&office.petra).await;
    let page = petra.open(&format!("{path}/lodge")).await;
    shows(&page, &["A query is open: settle it first."]);
    let page = petra.open(&path).await;
    let query = office.petra.standing(&claim).await.open_queries.remove(0).query_id;
    let settle = format!("{path}/queries/settle");
    let again = sends(&mut petra, &page, &settle, &new_id(), &[("query", query.as_str())]).await;
    assert_eq!(again.status, 422, "{}", again.html);
    let typed = [("query", query.as_str()), ("outcome", "The client says it is right.")];
    shows(&sends(&mut petra, &page, &settle, &new_id(), &typed).await, &["The query is settled.", "No open query"]);
    // Evidence, and an answer amended with the client's initials.
    let evidence = office.petra.evidence(&claim).await.remove(0);
    let typed = [("evidence", evidence.as_str()), ("state", "EVIDENCE_STATE_SEEN"), ("note", "a passport")];
    let page = sends(&mut petra, &page, &format!("{path}/evidence"), &new_id(), &typed).await;
    shows(&page, &["a passport", "Seen"]);
    assert!(office.petra.standing(&claim).await.ticks.iter().any(|tick| tick.evidence_id == evidence));
    let amend = format!("{path}/amend/A1");
    let page = petra.open(&amend).await;
    shows(&page, &["What the form says", "name=\"a-A1\""]);
    let revision = page.html.split_once("name=\"revision\" value=\"").unwrap().1.split('"').next().unwrap().to_owned();
    let typed = [("a-A1", "JSA"), ("a-A1", "HB"), ("revision", revision.as_str()), ("initials", "")];
    let again = sends(&mut petra, &page, &amend, &new_id(), &typed).await;
    assert_eq!(again.status, 422, "{}", again.html);
    assert!(again.html.contains("id=\"initials-error\""), "{}", again.html);
    let typed = [("a-A1", "JSA"), ("a-A1", "HB"), ("revision", revision.as_str()), ("initials", "RJF")];
    shows(&sends(&mut petra, &page, &amend, &new_id(), &typed).await, &["The answer is amended.", "RJF"]);
    assert_eq!(office.petra.amendments(&claim).await.len(), 1);
    shows(&petra.open(&format!("{path}/parts/A")).await, &["RJF", "Amend"]);
    petra.language = "cy";
    shows(&petra.open(&path).await, &["Ymholiadau", "Tystiolaeth"]);
    petra.language = "en";
    // And handed over, each agency once.
    let page = petra.open(&format!("{path}/lodge")).await;
    shows(&page, &["This cannot be taken back."]);
    let lodge = format!("{path}/lodge");
    let again = sends(&mut petra, &page, &lodge, &new_id(), &[("signed_day", "soon")]).await;
    assert_eq!(again.status, 422, "{}", again.html);
    let left = office.petra.standing(&claim).await.agencies_left;
    let mut typed: Vec<(&str, &str)> = left.iter().map(|agency| ("agencies", agency.as_str())).collect();
    typed.push(("signed_day", ""));
    shows(&sends(&mut petra, &page, &lodge, &new_id(), &typed).await, &["The claim is handed over."]);
    assert!(office.petra.standing(&claim).await.agencies_left.is_empty());
});

home_story!(a_team_leader_takes_a_decision_back_by_its_page, |home| {
    let Office { world, root, asha, petra, .. } = office(home).await;
    let staff = Staff {
        asha,
        lena: world.add("Lena", Role::TeamLeader, Some("somerset")).await,
        petra,
        eve: world.add("Eve", Role::BenefitsExpert, Some("somerset")).await,
    };
    let (claim, first) = with_meeting(&staff.asha, frome_facts(), &json!(["IS"])).await;
    let id = &claim.claim_id;
    three_misses(&world, &staff, id, &first).await;
    staff.lena.decides(id, HOSTILE, "Rung on three days.").await.unwrap();
    let mut lena = crate::pages::browser_of(&world, &root, &staff.lena).await;
    let page = lena.open("/decisions").await;
    let field = format!("reason-{id}");
    let (label, input) = (format!("<label for=\"{field}\">"), format!("<input id=\"{field}\" name=\"{field}\""));
    shows(&page, &["Rosa", HOSTILE_AS_TEXT, "Rung on three days.", &label, &input]);
    let path = format!("/decisions/{id}/reverse");
    let long = format!("{HOSTILE}{}", "x".repeat(500));
    for (typed, kept) in [("", ""), (long.as_str(), HOSTILE_AS_TEXT)] {
        let again = sends(&mut lena, &page, &path, &new_id(), &[(&field, typed)]).await;
        assert_eq!(again.status, 422, "{}", again.html);
        let error = format!("id=\"{field}-error\"");
        for told in [&error, &format!("href=\"#{field}\""), kept, "<details open>"] {
            assert!(again.html.contains(told), "{told}: {}", again.html);
        }
    }
    let id_of_it = new_id();
    for _ in 0..2 {
        let page = sends(&mut lena, &page, &path, &id_of_it, &[(&field, "They were in hospital.")]).await;
        assert_eq!(page.status, 200, "{}", page.html);
    }
    shows(&lena.open("/decisions").await, &["They were in hospital."]);
    let decisions = staff.lena.decision_report("2026-01-01", "2026-12-31").await.after_misses;
    assert_eq!((decisions.len(), decisions[0].reversed), (1, 1));
});

home_story!(a_form_that_came_back_and_a_claim_that_is_due_are_seen_to_by_forms, |home| {
    let Office { world, root, asha, rita, room, .. } = office(home).await;
    let claim = deferred(&world, &asha, &json!(["IB"])).await;
    let id = &claim.claim_id;
    let pack = asha.awaits_pack(id).await;
    room.print_and_post().await;
    let chase = listed(&world, &asha, id, 9, pb::StepKind::ChaseForm).await;
    let mut browser = crate::pages::browser_of(&world, &root, &asha).await;
    let path = format!("/steps/{id}/{}", chase.step_id);
    shows(&browser.open("/steps?sort=claims").await, &["Claims that would slip", "Ask for the form", &path]);
    let page = browser.open(&path).await;
    shows(&page, &["has not come back", "Record it"]);
    let typed = [("outcome", "STEP_OUTCOME_DONE"), ("note", "They will bring it.")];
    shows(&sends(&mut browser, &page, &format!("{path}/record"), &new_id(), &typed).await, &["The step is recorded."]);

    let mut counter = crate::pages::browser_of(&world, &root, &rita).await;
    let code = code_of_first_page(&pack);
    // It is no client of theirs, and they have the paper in their hands.
    let page = counter.open(&format!("/find?q={code}")).await;
    assert_eq!(page.status, 422);
    assert!(page.html.contains("The signed form is back") && !page.html.contains("Rosa"), "{}", page.html);
    shows(&browser.open(&format!("/find?q={code}")).await, &["The signed form is back", "Rosa"]);
    let once = new_id();
    for _ in 0..2 {
        let back = sends(&mut counter, &page, "/find/form-back", &once, &[("barcode", &code)]).await;
        shows(&back, &["The form is back."]);
    }
    let again = sends(&mut counter, &page, "/find/form-back", &new_id(), &[("barcode", &code)]).await;
    assert!(again.html.contains("This form has been reported back before"), "{}", again.html);

    let due = listed(&world, &asha, id, 0, pb::StepKind::LodgeNow).await;
    let page = browser.open(&format!("/steps/{id}/{}", due.step_id)).await;
    shows(&page, &["Go on with the claim", "This step ends by itself"]);
    assert!(!page.html.contains("Record it"), "{}", page.html);
    let page = browser.open(&format!("/claims/{id}")).await;
    shows(&page, &["Signed form back", &format!("/checks/{id}/lodge")]);
    assert!(!page.html.contains("form-back\""), "it is back: {}", page.html);
    let lodge = format!("/checks/{id}/lodge");
    let page = browser.open(&lodge).await;
    let left = asha.standing(id).await.agencies_left;
    let mut typed: Vec<(&str, &str)> = left.iter().map(|agency| ("agencies", agency.as_str())).collect();
    typed.push(("signed_day", ""));
    let page = sends(&mut browser, &page, &lodge, &new_id(), &typed).await;
    shows(&page, &["The claim is handed over."]);
    assert!(!page.html.contains(&lodge), "there is nothing left: {}", page.html);
});
