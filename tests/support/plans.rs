//! How the embedded database finds what the service asks it for. Every statement that the service makes in this process is
//! explained once, on an empty database of the same tables: one that reads all of a table which grows with the years is a
//! fault, told by whichever story ends next. PostgreSQL has the same indexes.

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, SqliteConnection};
use startline::store::{Store, Target};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Mutex, OnceLock};
use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;

/// Where the library tells of each statement.
pub const TARGET: &str = "sqlx::query";

/// As many rows as there are people, places, or things that are under way at once.
const STAY_SMALL: [&str; 17] = [
    "_sqlx_migrations",
    "calendar_feeds",
    "callback_cells",
    "callback_holds",
    "calls_under_way",
    "contingencies",
    "definitions",
    "diary_days",
    "diary_reach",
    "duties",
    "familiar_places",
    "post_batches",
    "printers",
    "record_requests",
    "retention_runs",
    "tokens",
    "users",
];

/// What may be read whole all the same: a part of the statement, and why.
const MAY: [(&str, &str); 8] = [
    ("FROM seals ORDER BY number DESC LIMIT 1", "the last of them"),
    ("FROM erased_seals ORDER BY last_seal DESC LIMIT 1", "the last of them"),
    ("SELECT DISTINCT leased_until FROM", "when the wall clock was set, and only then"),
    ("SELECT DISTINCT held_until FROM", "when the wall clock was set, and only then"),
    ("SET leased_until = $1 WHERE leased_until = $2", "when the wall clock was set, and only then"),
    ("SET held_until = $1 WHERE held_until = $2", "when the wall clock was set, and only then"),
    ("FROM call_records WHERE host_site <> ''", "the figures of all sites for a period"),
    ("FROM floor_half_hours WHERE half_hour >=", "the figures of all sites for a period"),
];

enum Heard {
    Statement(String),
    Ask(Sender<(usize, Vec<String>)>),
}

static TO_EXPLAIN: OnceLock<Sender<Heard>> = OnceLock::new();

/// Hears each statement once.
pub struct Listener(Mutex<BTreeSet<String>>);

impl Listener {
    pub fn new() -> Self {
        TO_EXPLAIN.get_or_init(|| {
            let (sender, receiver) = channel();
            std::thread::spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
                runtime.block_on(explain(&receiver));
            });
            sender
        });
        Self(Mutex::default())
    }
}

impl<S: Subscriber> Layer<S> for Listener {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut said = Said::default();
        event.record(&mut said);
        let text = if said.statement.trim().is_empty() { said.summary } else { said.statement };
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        if self.0.lock().unwrap().insert(text.clone()) {
            let _ = TO_EXPLAIN.get().unwrap().send(Heard::Statement(text));
        }
    }
}

#[derive(Default)]
struct Said {
    summary: String,
    statement: String,
}

impl Visit for Said {
    fn record_debug(&mut self, _: &Field, _: &dyn Debug) {}

    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "summary" => value.clone_into(&mut self.summary),
            "db.statement" => value.clone_into(&mut self.statement),
            _ => {}
        }
    }
}

/// # Panics
/// When a statement that was made until now reads all of a table that grows, or none was heard of.
pub fn are_sound() {
    let Some(to_explain) = TO_EXPLAIN.get() else { return };
    let (ask, answer) = channel();
    to_explain.send(Heard::Ask(ask)).unwrap();
    let (explained, faults) = answer.recv().unwrap();
    assert!(
        explained >= FEWEST,
        "the library's log told of {explained} statements: is this still how it tells of them?"
    );
    assert!(faults.is_empty(), "statements that read all of a table which grows:\n{}", faults.join("\n"));
}

/// The smallest story makes more.
const FEWEST: usize = 10;

async fn explain(heard: &Receiver<Heard>) {
    let mut plans = Plans::open().await;
    let mut faults = Vec::new();
    while let Ok(heard) = heard.recv() {
        match heard {
            Heard::Statement(text) => faults.extend(plans.faults_of(&text).await),
            Heard::Ask(who) => drop(who.send((plans.explained, faults.clone()))),
        }
    }
}

/// An empty database, to ask for plans.
struct Plans {
    connection: SqliteConnection,
    tables: Tables,
    explained: usize,
    _folder: tempfile::TempDir,
}

impl Plans {
    async fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("plans.sqlite");
        let store = Store::open(&Target::SqliteFile(file.clone())).await.unwrap();
        store.close().await;
        let options = SqliteConnectOptions::new().filename(file).disable_statement_logging();
        let mut connection = options.connect().await.unwrap();
        let names = |sql: &'static str| sqlx::query_scalar::<_, String>(sql);
        let tables = names("SELECT name FROM sqlite_master WHERE type = 'table'");
        let all: BTreeSet<String> = tables.fetch_all(&mut connection).await.unwrap().into_iter().collect();
        for name in STAY_SMALL {
            assert!(all.contains(name), "there is no table {name}");
        }
        let partial = names(
            "SELECT p.name FROM sqlite_master m JOIN pragma_index_list(m.name) p WHERE m.type = 'table' AND p.partial",
        );
        let partial = partial.fetch_all(&mut connection).await.unwrap().into_iter().collect();
        Self { connection, tables: Tables { all, partial }, explained: 0, _folder: folder }
    }

    async fn faults_of(&mut self, text: &str) -> Vec<String> {
        let kind = text.split(' ').next().unwrap_or_default();
        if !["SELECT", "UPDATE", "DELETE", "WITH", "INSERT"].contains(&kind)
            || MAY.iter().any(|(part, _)| text.contains(part))
        {
            return Vec::new();
        }
        let sql = AssertSqlSafe(format!("EXPLAIN QUERY PLAN {text}"));
        let plan = sqlx::query_as::<_, (i64, i64, i64, String)>(sql).fetch_all(&mut self.connection).await;
        // A statement that is PostgreSQL's own is none of this database's.
        let Ok(plan) = plan else { return Vec::new() };
        self.explained += 1;
        faults_in(&plan, &self.tables, text)
    }
}

struct Tables {
    all: BTreeSet<String>,
    /// Indexes of the rows alone that are still open, to be done or kept.
    partial: BTreeSet<String>,
}

type Line = (i64, i64, i64, String);

fn faults_in(plan: &[Line], tables: &Tables, text: &str) -> Vec<String> {
    let named = aliases(&tables.all, text);
    let reads_all = |at: usize| {
        let line = &plan[at].3;
        let name = line.strip_prefix("SCAN ")?.split(' ').next()?;
        let table = named.get(name)?;
        let index = line.rsplit(' ').next()?;
        // What is open may be read as a whole, but not again for each row of something else.
        let may = STAY_SMALL.contains(&table.as_str()) || is_once(plan, at) && tables.partial.contains(index);
        (!may).then(|| format!("{line} ({table}): {text}"))
    };
    (0..plan.len()).filter_map(reads_all).collect()
}

/// Whether this line of the plan is gone through once: not within what is worked out for each row, nor inside another loop.
fn is_once(plan: &[Line], at: usize) -> bool {
    let reads = |line: &Line| line.3.starts_with("SCAN ") || line.3.starts_with("SEARCH ");
    let mut parent = plan[at].1;
    if plan[..at].iter().any(|line| line.1 == parent && reads(line)) {
        return false;
    }
    while let Some((_, above, _, line)) = plan.iter().find(|(id, ..)| *id == parent) {
        if line.starts_with("CORRELATED") {
            return false;
        }
        parent = *above;
    }
    true
}

/// Tables by the names that the statement calls them by.
fn aliases(tables: &BTreeSet<String>, text: &str) -> BTreeMap<String, String> {
    let clean: String = text.chars().map(|letter| if "(),".contains(letter) { ' ' } else { letter }).collect();
    let words: Vec<&str> = clean.split_whitespace().collect();
    let mut named = BTreeMap::new();
    for (at, word) in words.iter().enumerate() {
        if tables.contains(*word) {
            named.insert((*word).to_owned(), (*word).to_owned());
            let next = words.get(at + 1).copied().unwrap_or_default();
            let alias = if next == "AS" { words.get(at + 2).copied().unwrap_or_default() } else { next };
            named.insert(alias.to_owned(), (*word).to_owned());
        }
    }
    named
}

#[tokio::test]
async fn a_statement_that_reads_all_of_a_table_is_found() {
    let mut plans = Plans::open().await;
    for (text, is_fault) in [
        ("SELECT id FROM claims WHERE withdrawn_reason = $1", true),
        ("DELETE FROM clients WHERE special_needs = $1", true),
        ("UPDATE answers SET initials = $1 WHERE question_id = $2", true),
        (
            "SELECT s.id FROM steps s WHERE EXISTS (SELECT 1 FROM appointments a WHERE a.room = s.note) AND s.claim_id = $1",
            true,
        ),
        (
            "SELECT k.id FROM clients k JOIN callbacks b ON b.note = k.last_name WHERE k.id = $1 AND b.state = 'attempting'",
            true,
        ),
        ("SELECT id FROM claims WHERE client_id = $1", false),
        ("SELECT id, name FROM users WHERE name = $1", false),
        ("SELECT id FROM jobs WHERE done_at IS NULL AND failed_at IS NULL ORDER BY run_after", false),
        ("SELECT id FROM claims WHERE no_such_column = $1", false),
    ] {
        let faults = plans.faults_of(text).await;
        assert_eq!(!faults.is_empty(), is_fault, "{text}: {faults:?}");
    }
    assert_eq!(plans.explained, 8);
}
