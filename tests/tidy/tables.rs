//! Whose table is whose, read from the SQL in the rooms' store files.
//!
//! A table belongs to the module that writes it, and nobody else writes it. Nobody else reads it either, but for the read
//! models below: statements that join many rows of several rooms. Everybody else asks the owner's verb, so that the owner
//! may rename a column or a state's word and the compiler says who meant it.

use super::rust_text::literals;
use super::{ROOMS, is_store_file, module_of, within};
use std::collections::{BTreeMap, BTreeSet};

/// A store file that may read other rooms' tables, and why a verb would not do.
struct ReadModel {
    file: &'static str,
    tables: &'static [&'static str],
    because: &'static str,
}

const READ_MODELS: &[ReadModel] = &[
    ReadModel {
        file: "src/rooms/followup/store.rs",
        tables: &["claims", "appointments"],
        because: "the list of steps leaves out withdrawn claims and what a booked meeting answers, page by page: left out \
                  afterwards, a page would be shorter than was asked for",
    },
    ReadModel {
        file: "src/rooms/followup/standby_store.rs",
        tables: &["claims"],
        because: "whoever works at some offices sees who waits without those whom another meets, who are known by their client",
    },
    ReadModel {
        file: "src/rooms/followup/claims_listed_store.rs",
        tables: &["claims", "appointments", "claim_queries", "claim_forms_back"],
        because: "the list of claims is narrowed by what is wrong with them and by whom they meet, page by page, in the order of an \
                  index: left out afterwards, a page would be shorter than was asked for",
    },
    ReadModel {
        file: "src/rooms/scripts/stopped_store.rs",
        tables: &["clients", "callbacks", "claims"],
        because: "of every walk that nobody finished, those that nothing followed: an anti-join, page by page",
    },
    ReadModel {
        file: "src/rooms/followup/report_store.rs",
        tables: &["claims", "appointments", "appointment_events", "meeting_decisions"],
        because: "the figures of a site and a year count meetings by their claim's site and by what was recorded about them",
    },
    ReadModel {
        file: "src/rooms/followup/proposal_store.rs",
        tables: &["claims", "clients"],
        because: "of every claim handed over in a season, those to which a rule was not proposed: an anti-join each night",
    },
    ReadModel {
        file: "src/rooms/followup/slipping_store.rs",
        tables: &["claims"],
        because: "of every claim on its way, page by page each night, those that may be late in something",
    },
    ReadModel {
        file: "src/rooms/followup/freed_store.rs",
        tables: &["appointment_events"],
        because: "of two weeks' moves of appointments, those that nobody has noted: an anti-join every ten seconds",
    },
    ReadModel {
        file: "src/rooms/clients/store.rs",
        tables: &["claims", "appointments", "steps"],
        because: "whoever looks for a client finds those of their own work and no others, page by page: left out afterwards, \
                  a page would be shorter than was asked for, and its length would tell",
    },
    ReadModel {
        file: "src/rooms/access/offices_store.rs",
        tables: &["appointments"],
        because: "the part of a list's statement that leaves out whom another office meets: left out afterwards, a page would be \
                  shorter than was asked for",
    },
    ReadModel {
        file: "src/rooms/records/cases_store.rs",
        tables: &[
            "clients",
            "claims",
            "callbacks",
            "missed_callers",
            "walks",
            "appointments",
            "reminders",
            "claim_queries",
            "steps",
            "standby",
            "standby_offers",
            "packs",
            "print_jobs",
            "pack_exceptions",
            "claim_lodgings",
            "meeting_decisions",
            "client_changes",
        ],
        because: "whose case a record is, and what ties it to somebody, is asked before every request: one statement, where a \
                  verb of each room would be one each, of rooms that ask this one",
    },
    ReadModel {
        file: "src/rooms/records/look_store.rs",
        tables: &["users"],
        because: "a page of looks names those who looked, joined and not asked for one by one",
    },
    ReadModel {
        file: "src/rooms/standards/store.rs",
        tables: &["callbacks", "appointments"],
        because: "how long every client of a period waited, from the call-back to the meeting that followed",
    },
];

/// What a file does with a table, on which line.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Use {
    table: String,
    writes: bool,
    path: String,
    line: usize,
}

/// Every wall between tables that is walked through. `schema` is the text of the migrations of one engine, in order.
pub fn faults(sources: &[(String, String)], schema: &[String]) -> Vec<String> {
    let tables = tables(schema);
    let uses: BTreeSet<Use> = sources.iter().flat_map(|(path, text)| uses_in(path, text, &tables)).collect();
    let mut writers: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for one in uses.iter().filter(|one| one.writes) {
        writers.entry(&one.table).or_default().insert(module_of(&one.path));
    }
    let mut faults = Vec::new();
    for table in &tables {
        match writers.get(table.as_str()).map_or(0, BTreeSet::len) {
            0 => faults
                .push(format!("migrations: nobody writes the table {table}: drop it, because a table has an owner")),
            1 => {}
            _ => {
                let rooms: Vec<&str> = writers[table.as_str()].iter().copied().collect();
                let sentence = "a table has one owner: let the others call its verbs, because they hold its rules";
                faults.push(format!("migrations: {table} is written by {}; {sentence}", rooms.join(" and ")));
            }
        }
    }
    let mut used: BTreeSet<(&str, &str)> = BTreeSet::new();
    for one in uses.iter().filter(|one| !one.writes) {
        let owners = writers.get(one.table.as_str());
        let own = module_of(&one.path);
        if owners.is_none_or(|owners| owners.contains(own)) {
            continue;
        }
        let model =
            READ_MODELS.iter().find(|model| model.file == one.path && model.tables.contains(&one.table.as_str()));
        if let Some(model) = model {
            used.insert((model.file, &one.table));
            continue;
        }
        let owner = owners.into_iter().flatten().copied().next().unwrap_or_default();
        faults.push(format!(
            "{}:{}: {own} reads {}, a table of {owner}: call one of its verbs, because they hold its rules; or name the \
             read model in tests/tidy/tables.rs, with its reason",
            one.path, one.line, one.table
        ));
    }
    for model in READ_MODELS {
        for table in model.tables.iter().filter(|table| !used.contains(&(model.file, **table))) {
            faults.push(format!(
                "{}: reads {table} no more, though it may, because {}: take it off the list of read models",
                model.file, model.because
            ));
        }
    }
    faults
}

/// The tables that stand when every migration has run.
fn tables(schema: &[String]) -> BTreeSet<String> {
    let mut tables = BTreeSet::new();
    for text in schema {
        let text: String = text.lines().map(|line| line.split("--").next().unwrap_or("").to_owned() + "\n").collect();
        let words = words(&text);
        for (i, word) in words.iter().enumerate() {
            let is = |at: usize, wanted: &str| words.get(at).is_some_and(|word| word.eq_ignore_ascii_case(wanted));
            let named = |at: usize| words.get(at).cloned().unwrap_or_default();
            if word.eq_ignore_ascii_case("CREATE") && is(i + 1, "TABLE") {
                let at = if is(i + 2, "IF") { i + 5 } else { i + 2 };
                tables.insert(named(at));
            } else if word.eq_ignore_ascii_case("DROP") && is(i + 1, "TABLE") {
                tables.remove(&named(if is(i + 2, "IF") { i + 4 } else { i + 2 }));
            } else if word.eq_ignore_ascii_case("RENAME") && is(i + 1, "TO") {
                // ALTER TABLE old RENAME TO new
                if i > 0 && tables.remove(&named(i - 1)) {
                    tables.insert(named(i + 2));
                }
            }
        }
    }
    tables
}

/// What the statements in a file's strings do with tables.
fn uses_in(path: &str, text: &str, tables: &BTreeSet<String>) -> Vec<Use> {
    if !(within(path, "store") || (ROOMS.contains(&module_of(path)) && is_store_file(path))) {
        return Vec::new();
    }
    let mut found = Vec::new();
    for (literal, line) in literals(text) {
        let words = words(&literal);
        let mut i = 0;
        while i < words.len() {
            let is = |at: usize, wanted: &str| words.get(at).is_some_and(|word| word.eq_ignore_ascii_case(wanted));
            let writes = (is(i, "INTO") && i > 0 && is(i - 1, "INSERT"))
                || (is(i, "UPDATE") && !is(i + 1, "SET"))
                || (is(i, "FROM") && i > 0 && is(i - 1, "DELETE"));
            if writes || is(i, "FROM") || is(i, "JOIN") {
                let mut at = i + 1;
                // A list of tables: each with its alias, and a comma between.
                while let Some(table) = words.get(at).filter(|word| tables.contains(*word)) {
                    found.push(Use { table: table.clone(), writes, path: path.to_owned(), line });
                    at += 1;
                    at += usize::from(is(at, "AS"));
                    at += usize::from(words.get(at).is_some_and(|word| word != ",") && is(at + 1, ","));
                    if !is(at, ",") {
                        break;
                    }
                    at += 1;
                }
            }
            i += 1;
        }
    }
    found
}

/// Words, and commas and brackets as words of their own.
fn words(text: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    for c in text.chars() {
        if c.is_alphanumeric() || c == '_' {
            words.last_mut().expect("there is a word").push(c);
        } else {
            words.push(if matches!(c, ',' | '(' | ')' | ';') { c.to_string() } else { String::new() });
            words.push(String::new());
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

// ---- the check itself ----

const SCHEMA: &str = "CREATE TABLE claims (id UUID);\nCREATE TABLE old_steps (id UUID); -- CREATE TABLE ghosts (id UUID);\n\
                      ALTER TABLE old_steps RENAME TO steps;\nCREATE TABLE gone (id UUID);\nDROP TABLE gone;\n";
const OWNERS: [(&str, &str); 2] = [
    ("src/rooms/claims/store.rs", r#"const A: &str = "INSERT INTO claims (id) VALUES ($1)";"#),
    (
        "src/rooms/followup/step_store.rs",
        r#"const A: &str = "UPDATE steps SET id = $1"; const B: &str = "DELETE FROM steps";"#,
    ),
];

fn checked(path: &str, text: &str) -> Vec<String> {
    let own = OWNERS.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned()));
    let sources: Vec<_> = own.chain([(path.to_owned(), text.to_owned())]).collect();
    let is_about_it = |fault: &String| !fault.contains("no more");
    faults(&sources, &[SCHEMA.to_owned()]).into_iter().filter(is_about_it).collect()
}

#[test]
fn the_tables_are_those_that_stand_at_the_end() {
    let expected: BTreeSet<String> = ["claims", "steps"].into_iter().map(str::to_owned).collect();
    assert_eq!(tables(&[SCHEMA.to_owned()]), expected);
}

#[test]
fn whoever_reads_or_writes_anothers_table_is_found() {
    #[rustfmt::skip]
    let slips: &[(&str, &str, &str)] = &[
        ("src/rooms/diary/store.rs", r#"let a = "SELECT id FROM claims WHERE id = $1";"#, "src/rooms/diary/store.rs:1: diary reads claims, a table of claims"),
        ("src/rooms/diary/day_store.rs", "let a = \"SELECT d.id FROM days d \\\n    JOIN claims c ON c.id = d.id\";", ":1: diary reads claims"),
        ("src/rooms/diary/store.rs", "\nlet a = format!(\"SELECT {COLUMNS} FROM claims{lock}\");", ":2: diary reads claims"),
        ("src/rooms/diary/store.rs", r#"query.push(" AND NOT EXISTS (SELECT 1 FROM steps s WHERE s.id = 1)");"#, "diary reads steps, a table of followup"),
        ("src/rooms/diary/store.rs", r##"let a = r#"SELECT "id" FROM claims AS c"#;"##, "diary reads claims"),
        ("src/rooms/claims/life_store.rs", r#"let a = "SELECT c.id FROM claims c, steps s";"#, "claims reads steps"),
        ("src/foundation/store/jobs.rs", r#"let a = "SELECT id FROM claims";"#, "store reads claims"),
        ("src/rooms/diary/store.rs", r#"let a = "UPDATE claims SET id = $1";"#, "claims is written by claims and diary"),
        ("src/rooms/diary/store.rs", r#"let a = "WITH x AS (SELECT 1) DELETE FROM claims";"#, "claims is written by claims and diary"),
        ("src/rooms/diary/store.rs", r#"let a = "INSERT INTO claims (id) VALUES ($1) ON CONFLICT (id) DO UPDATE SET id = 1";"#, "claims is written by"),
    ];
    for (path, text, expected) in slips {
        let faults = checked(path, text);
        assert!(
            faults.iter().any(|fault| fault.contains(expected)),
            "{path} {text:?} should fail as {expected:?}: {faults:?}"
        );
        assert!(faults.iter().all(|fault| fault.contains("because")), "no reason is given: {faults:?}");
    }
}

#[test]
fn whoever_keeps_to_their_own_tables_passes() {
    #[rustfmt::skip]
    let innocent: &[(&str, &str)] = &[
        ("src/rooms/claims/life_store.rs", r#"let a = "SELECT id FROM claims"; let b = "UPDATE claims SET id = 2"; // SELECT id FROM steps"#),
        ("src/rooms/followup/store.rs", r#"let a = "SELECT s.id FROM steps s WHERE EXISTS (SELECT 1 FROM claims c WHERE c.id = s.id)";"#),
        ("src/rooms/diary/store.rs", r#"let a = "SELECT claims, steps FROM days FOR NO KEY UPDATE OF days";"#),
        ("src/rooms/diary/mod.rs", r#"let a = "is read FROM claims";"#),
        ("src/grpc/message.rs", r#"let a = "SELECT id FROM claims";"#),
    ];
    for (path, text) in innocent {
        assert_eq!(checked(path, text), Vec::<String>::new(), "{path} {text:?}");
    }
}

#[test]
fn a_table_that_nobody_writes_and_a_read_model_that_reads_nothing_are_found() {
    let nobody = faults(&[], &["CREATE TABLE claims (id UUID);".to_owned()]);
    assert!(nobody.iter().any(|fault| fault.contains("nobody writes the table claims")), "{nobody:?}");
    assert!(
        nobody.iter().any(|fault| fault.contains("src/rooms/standards/store.rs: reads callbacks no more")),
        "{nobody:?}"
    );
}
