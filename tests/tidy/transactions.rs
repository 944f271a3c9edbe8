//! What belongs to every transaction: who may open one, and who must say what it changed.

use std::collections::BTreeMap;

/// Opens transactions of its own, outside the runner of `service`, and why.
const OWN_TRANSACTIONS: &[(&str, &str)] = &[
    ("src/foundation/store/", "it makes them"),
    ("src/service/mutation.rs", "it is the runner"),
    ("src/service/use_cases/composing.rs", "it tries a mend and keeps nothing of it"),
    ("src/definition/versions.rs", "the start keeps the definition before there is a service"),
    ("src/routing/recorder.rs", "a batch of call records has its own number, and waits for the database"),
    ("src/rooms/calendars/mod.rs", "a feed's stamp is written in passing, and not at all when it cannot be"),
    ("src/rooms/diary/making.rs", "diaries are made day by day, each in a short transaction"),
    ("src/rooms/followup/", "each freed time, review and proposal has a short transaction of its own"),
    ("src/rooms/reminders/work.rs", "a reminder is claimed, sent outside any transaction, and settled"),
    ("src/rooms/access/directory.rs", "who a token is, and when it was used, is not asked for by anybody yet"),
    ("src/rooms/records/look_log.rs", "a file of looks is taken in as it stands"),
    ("src/commands/", "people are added and looked after beside the service or without it"),
];

/// Tables that somebody may look at, or that wake somebody: whoever writes one says so in the same function.
const TELLS: &[&str] = &[
    "claims",
    "answers",
    "answer_drafts",
    "claim_events",
    "claim_lodgings",
    "claim_queries",
    "claim_checks",
    "evidence_ticks",
    "clients",
    "appointments",
    "appointment_cells",
    "meeting_decisions",
    "callbacks",
    "callback_attempts",
    "callback_contact_flags",
    "contingencies",
    "jobs",
    "print_jobs",
    "printers",
    "post_batches",
    "pack_exceptions",
    "rota_blocks",
    "working_patterns",
    "standby",
];

/// Writes one of them and tells nobody, and why that is right.
const SILENT: &[(&str, &str, &str)] = &[
    (
        "src/rooms/diary/appointment_store.rs",
        "take_cells",
        "the appointment itself is written in the same verb, and tells",
    ),
    ("src/rooms/claims/log_store.rs", "append_arrays", "`append` has told it already"),
    ("src/rooms/clients/store.rs", "spoken_with", "nobody is shown it: what follows a missed meeting reads it"),
    ("src/rooms/printing/batch_store.rs", "ensure", "a post without a print job is seen by nobody"),
    ("src/foundation/store/jobs.rs", "lease_jobs", "what is composed tells when it is kept"),
    ("src/foundation/store/jobs.rs", "finish_job", "what is composed tells when it is kept"),
    ("src/foundation/store/jobs.rs", "fail_job", "a job that is tried again later is still to be done"),
    ("src/foundation/store/jobs.rs", "erase_jobs", "a job that was done is in nobody's list"),
    ("src/foundation/store/jobs.rs", "erase_jobs_about", "a job that was done is in nobody's list"),
    ("src/packs/erasing_store.rs", "erase_exceptions", "one that is settled is in nobody's list"),
    ("src/rooms/rota/erasing_store.rs", "erase", "a block whose days are over changes nobody's hours"),
    ("src/foundation/store/jobs.rs", "drop_job", "an administrator's list is read when it is asked for"),
];

/// Every transaction that is opened past the runner by the file at `path`, as a sentence.
pub fn opened_past_the_runner(path: &str, text: &str) -> Vec<String> {
    // A test module in a file of its own, as one that stands below the code.
    let is_test = path.ends_with("_tests.rs");
    if is_test || OWN_TRANSACTIONS.iter().any(|(place, _)| path.starts_with(place)) {
        return Vec::new();
    }
    let opens = |(number, line): (usize, &str)| {
        let code = line.split("//").next().unwrap_or_default();
        code.contains(".begin_write(").then(|| {
            format!(
                "{path}:{}: a transaction is opened past the runner: use `mutate` or `transact` of src/service/, because \
                 replay, retry and what follows belong to every mutation",
                number + 1
            )
        })
    };
    before_tests(text).lines().enumerate().filter_map(opens).collect()
}

/// Every function in the file at `path` that writes what somebody looks at and tells nobody, as a sentence.
pub fn told_to_nobody(path: &str, text: &str) -> Vec<String> {
    let mut faults = Vec::new();
    for (name, body) in functions(before_tests(text)) {
        let written: Vec<&str> = TELLS.iter().copied().filter(|table| writes(body, table)).collect();
        let tells = body.contains("after_commit(") || body.contains("tell(");
        let silent = SILENT.iter().any(|(file, function, _)| *file == path && *function == name);
        if !written.is_empty() && !tells && !silent {
            faults.push(format!(
                "{path}: {name} writes {} and tells nobody: say it with db.after_commit(..), because somebody may look at \
                 it, or wait for it",
                written.join(", ")
            ));
        }
    }
    faults
}

/// The tables of the list that no statement of these sources writes: their rows are out of date.
pub fn written_by_nobody(sources: &[(String, String)]) -> Vec<&'static str> {
    let is_written = |table: &&&str| sources.iter().any(|(_, text)| writes(text, table));
    TELLS.iter().filter(|table| !is_written(table)).copied().collect()
}

fn writes(body: &str, table: &str) -> bool {
    ["INSERT INTO ", "UPDATE ", "DELETE FROM "].iter().any(|verb| {
        body.match_indices(verb).any(|(at, _)| {
            let rest = &body[at + verb.len()..];
            rest.strip_prefix(table).is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_'))
        })
    })
}

/// What stands before the file's test module.
pub fn before_tests(text: &str) -> &str {
    text.split("#[cfg(test)]\nmod ").next().unwrap_or_default()
}

/// The functions of a file by name, each with its text up to the next one.
fn functions(text: &str) -> BTreeMap<String, &str> {
    let starts: Vec<usize> =
        text.match_indices("\nfn ").chain(text.match_indices("async fn ")).map(|(at, _)| at).collect();
    let mut starts = starts;
    starts.sort_unstable();
    let mut found = BTreeMap::new();
    for (i, start) in starts.iter().enumerate() {
        let body = &text[*start..starts.get(i + 1).copied().unwrap_or(text.len())];
        let after = body.split("fn ").nth(1).unwrap_or_default();
        let name: String = after.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
        found.insert(name, body);
    }
    found
}

#[test]
fn each_slip_is_found_and_the_innocent_pass() {
    let opens = "async fn f(store: &Store) { store.begin_write().await; }";
    assert_eq!(opened_past_the_runner("src/grpc/claims.rs", opens).len(), 1);
    assert_eq!(opened_past_the_runner("src/rooms/claims/mod.rs", opens).len(), 1);
    assert!(opened_past_the_runner("src/service/mutation.rs", opens).is_empty());
    assert!(opened_past_the_runner("src/grpc/a.rs", "// store.begin_write()\n").is_empty());
    let silent = "\npub async fn save() { sqlx::query(\"UPDATE claims SET state = $1\"); }\n";
    assert_eq!(told_to_nobody("src/rooms/claims/store.rs", silent).len(), 1, "a silent write");
    let tells = "\npub async fn save() { query(\"INSERT INTO claims (id)\"); db.after_commit(Topic::Claim(id)); }\n";
    assert!(told_to_nobody("src/rooms/claims/store.rs", tells).is_empty());
    let reads = "\npub async fn read() { query(\"SELECT 1 FROM claims\"); query(\"UPDATE claims_seen SET a = 1\"); }\n";
    assert!(told_to_nobody("src/rooms/claims/store.rs", reads).is_empty());
    // One that tells does not cover its neighbour.
    assert_eq!(
        told_to_nobody("src/rooms/claims/store.rs", &format!("{tells}{}", silent.replace("save", "other"))).len(),
        1
    );
}
