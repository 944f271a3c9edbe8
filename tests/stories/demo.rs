//! A service that nobody looks after yet says so; and a demo is there for whoever wants to look around.

use crate::support::process::{self, Process};
use crate::support::{Home, Person, at, soon};
use startline::access::Role;
use startline::grpc::pb;
use std::collections::{BTreeMap, BTreeSet};
use std::os::unix::fs::PermissionsExt;

const HINT: &str = "nobody is an administrator here yet";

/// The command that is printed between backticks, as it would be typed.
fn command_in(errors: &str) -> Vec<String> {
    let line = errors.lines().find(|line| line.starts_with("startline: ")).unwrap_or_else(|| panic!("{errors}"));
    let command = line.split('`').nth(1).unwrap().replace("\"NAME\"", "Ada");
    // What a shell would read is quoted; there is no blank in it here.
    command.split(' ').skip(1).map(|word| word.trim_matches('\'').to_owned()).collect()
}

async fn served_and_stopped(home: &Home) -> String {
    let server = Process::serve(home).await;
    server.terminate().await;
    server.ended().await.errors
}

home_story!(who_serves_an_empty_folder_is_told_how_the_first_administrator_is_made, |home| {
    let errors = served_and_stopped(&home).await;
    // Once for whoever sits there, and once in the log.
    assert_eq!(errors.matches(HINT).count(), 2, "{errors}");
    let typed = command_in(&errors);
    assert!(typed.contains(&home.data().display().to_string()) && errors.contains("startline demo --data"), "{errors}");
    // Somebody who is no administrator changes nothing.
    home.adviser("Asha", "somerset").await;
    assert!(served_and_stopped(&home).await.contains(HINT));
    // The command is right as it stands.
    let server = Process::serve(&home).await;
    let typed: Vec<&str> = typed.iter().map(String::as_str).collect();
    let added = process::run(&typed).await;
    assert!(added.status.success(), "{}", String::from_utf8_lossy(&added.stderr));
    server.terminate().await;
    server.ended().await;
    let errors = served_and_stopped(&home).await;
    assert!(!errors.contains("administrator"), "{errors}");
});

/// Somebody whom the demo's table names.
struct Told {
    role: Role,
    site: String,
    office: String,
    person: Person,
}

fn told(table: &str, home: &Home) -> Vec<Told> {
    let lines = table.lines().skip(1).take_while(|line| !line.is_empty());
    let person = |line: &str| {
        let words: Vec<&str> = line.split_whitespace().collect();
        assert!(line.contains(" (demo) "), "{line}");
        let person = Person::new(String::new(), line, words.last().unwrap(), home.address.clone());
        Told { role: words[0].parse().unwrap(), site: words[1].to_owned(), office: words[2].to_owned(), person }
    };
    lines.map(person).collect()
}

/// A Wednesday afternoon: everything that a working day can have.
const NOW: &str = "2026-03-04T14:10:00Z";

async fn demo(home: &Home) -> std::process::Output {
    let mut command = process::program();
    command.args(["demo", "--clock", NOW, "--data"]).arg(home.data());
    if let Some(url) = &home.database_url {
        command.args(["--database-url", url]);
    }
    soon("the demo", command.output()).await.unwrap()
}

async fn looks_around(home: Home) {
    let filled = demo(&home).await;
    let errors = String::from_utf8(filled.stderr).unwrap();
    assert!(filled.status.success() && errors.is_empty(), "{errors}");
    let said = String::from_utf8(filled.stdout).unwrap();
    let file = home.data().join("demo-people.txt");
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    let kept = std::fs::read_to_string(&file).unwrap();
    assert!(said.contains(&kept) && said.contains("startline serve --data"), "{said}");

    let again = demo(&home).await;
    assert_eq!(again.status.code(), Some(1));
    let refused = String::from_utf8(again.stderr).unwrap();
    assert!(refused.lines().count() == 1 && refused.contains("already"), "{refused}");

    let server = Process::tour_server(&home, at(NOW)).await;
    let people = told(&kept, &home);
    let roles: BTreeSet<Role> = people.iter().map(|told| told.role).collect();
    assert_eq!(roles.len(), 11, "{roles:?}");
    for Told { role, site, person, .. } in &people {
        let me = person.users().who_am_i(pb::WhoAmIRequest {}).await.unwrap().into_inner().user.unwrap();
        assert!(me.name.ends_with(" (demo)"), "{me:?}");
        has_work(*role, site, person).await;
    }
    everybody_meets_somebody(&people).await;
    everything_is_marked(&home).await;
    let errors = server.ended().await.errors;
    assert!(!errors.contains(" ERROR "), "{errors}");
    let errors = served_and_stopped(&home).await;
    assert!(!errors.contains(HINT), "{errors}");
}

/// Each list that somebody begins the day with has something on it.
async fn has_work(role: Role, site: &str, person: &Person) {
    let whose = format!("{role} at {site}");
    match role {
        Role::Adviser => {
            let due = person.callbacks().list_due_callbacks(pb::ListDueCallbacksRequest::default()).await.unwrap();
            let missed = person.callbacks().list_missed_callers(pb::ListMissedCallersRequest::default()).await.unwrap();
            let wrong = person.callbacks().list_number_checks(pb::ListNumberChecksRequest::default()).await.unwrap();
            let letters =
                person.callbacks().list_callback_letters(pb::ListCallbackLettersRequest::default()).await.unwrap();
            assert!(due.into_inner().callbacks.len() >= 2, "{whose}: due");
            assert_eq!(missed.into_inner().missed_callers.len(), 1, "{whose}: missed");
            assert_eq!(wrong.into_inner().callbacks.len(), 1, "{whose}: numbers");
            assert_eq!(letters.into_inner().letters.len(), 1, "{whose}: letters");
        }
        Role::PrintRoom => {
            let lease = pb::LeasePrintJobsRequest {
                request_id: crate::support::values::new_id(),
                max_jobs: 50,
                lease_seconds: 60,
            };
            let jobs = person.packs().lease_print_jobs(lease).await.unwrap().into_inner().print_jobs;
            assert!(!jobs.is_empty(), "{whose}");
        }
        Role::PrivacyOfficer => {
            let request = pb::ListRecordRequestsRequest::default();
            let asked = person.privacy().list_record_requests(request).await.unwrap().into_inner();
            assert_eq!(asked.record_requests.len(), 4, "{whose}");
        }
        _ => {}
    }
}

/// Whoever works with meetings has one today at an office of their site.
async fn everybody_meets_somebody(people: &[Told]) {
    let meet = [Role::PersonalAdviser, Role::Reception, Role::BenefitsExpert];
    let mut meetings: BTreeMap<(&str, Role), usize> = BTreeMap::new();
    for told in people.iter().filter(|told| meet.contains(&told.role)) {
        let offices = people.iter().filter(|other| other.site == told.site && other.role == Role::PersonalAdviser);
        for office in offices.map(|other| other.office.clone()) {
            let request = pb::ListDayRequest { office_id: office, day: NOW[..10].into(), ..Default::default() };
            let day = told.person.diary().list_day(request).await;
            *meetings.entry((&told.site, told.role)).or_default() +=
                day.map_or(0, |day| day.into_inner().appointments.len());
        }
    }
    assert!(meetings.len() == 12 && meetings.values().all(|count| *count > 0), "{meetings:?}");
}

/// Whoever comes upon a record sees that nobody real stands behind it.
async fn everything_is_marked(home: &Home) {
    let mut inside = home.look_inside().await;
    let unmarked = "SELECT COUNT(*) FROM clients \
                    WHERE special_needs <> 'Invented person, for training' OR last_name NOT LIKE 'Example-%'";
    assert_eq!(inside.number(unmarked).await, 0);
    assert!(inside.number("SELECT COUNT(*) FROM clients").await >= 50);
    let users = inside.texts("SELECT name FROM users").await;
    let unmarked: Vec<_> = users.iter().filter(|name| !name.ends_with(" (demo)")).collect();
    assert_eq!(unmarked.len(), 1, "the service itself and nobody else: {unmarked:?}");
    // A subscriber's part never begins with a nought.
    for phones in ["SELECT phone FROM clients", "SELECT phone FROM missed_callers"] {
        let real = inside.texts(phones).await.into_iter().filter(|phone| phone.get(7..10) != Some("000"));
        assert_eq!(real.collect::<Vec<_>>(), Vec::<String>::new());
    }
    let mut states: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for table in ["claims", "appointments", "callbacks"] {
        states.insert(table, inside.texts(&format!("SELECT DISTINCT state FROM {table}")).await.into_iter().collect());
    }
    let has = |table: &str, wanted: &[&str]| wanted.iter().all(|state| states[table].contains(*state));
    assert!(has("claims", &["open", "posted", "lodged", "withdrawn"]), "{states:?}");
    assert!(has("appointments", &["booked", "attended", "failed"]), "{states:?}");
    assert!(has("callbacks", &["booked", "parked", "reached", "no_reply", "wrong_number"]), "{states:?}");
    let waiting = "SELECT COUNT(*) FROM pack_exceptions WHERE settled_at IS NULL";
    assert_eq!(inside.number(waiting).await, 1);
    for table in ["standby", "claim_queries", "meeting_decisions", "evidence_ticks"] {
        assert!(inside.number(&format!("SELECT COUNT(*) FROM {table}")).await > 0, "{table}");
    }
}

home_story!(the_demo_fills_an_empty_database_with_people_who_say_that_they_are_invented, |home| {
    looks_around(home).await;
});

home_story!(the_demo_leaves_a_database_with_users_alone, |home| {
    home.adviser("Asha", "somerset").await;
    let refused = demo(&home).await;
    let errors = String::from_utf8(refused.stderr).unwrap();
    assert_eq!((refused.status.code(), errors.lines().count()), (Some(1), 1), "{errors}");
    assert!(errors.contains("already"), "{errors}");
    let users = "SELECT name FROM users WHERE name LIKE '% (demo)'";
    assert!(home.look_inside().await.texts(users).await.is_empty());
});
