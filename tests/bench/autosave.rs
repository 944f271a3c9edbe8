//! Durable autosave, 32 writers, one answer a save: group commit against what the same database does one by one.

use super::fixture::{Fixture, Typist};
use super::measure::{AsyncWork, Rounds, family_processor_time, rate};
use super::postgres::Server;
use super::{Outcome, autosave_grpc};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::types::Json;
use sqlx::{ConnectOptions, Connection, Executor, PgConnection, SqliteConnection};
use startline::claims::{AnswerWriter, Autosave, LARGEST_BATCH};
use startline::clock::Clock;
use startline::ids::RequestId;
use startline::store::{GroupWriter, Target};
use std::future::Future;
use std::io::Write;
use std::time::{Duration, Instant};

pub const WRITERS: usize = 32;
pub const ROUNDS: usize = 5;
pub const ROUND: Duration = Duration::from_secs(3);

/// The log of answers without its foreign keys: one plain insert, the most that pgbench could do for one answer.
const PLAIN_TABLE: &str = "CREATE TABLE plain_answers (claim_id UUID NOT NULL, question_id TEXT NOT NULL, \
    revision INTEGER NOT NULL, prior_revision INTEGER, value JSONB NOT NULL, stage TEXT NOT NULL, \
    saved_by UUID NOT NULL, saved_at TIMESTAMPTZ NOT NULL, request_id UUID NOT NULL, \
    PRIMARY KEY (claim_id, question_id, revision))";

/// A typist at the group-commit verb.
struct Saver {
    typist: Typist,
    autosave: Autosave,
}

impl AsyncWork for Saver {
    async fn once(&mut self) -> Outcome {
        self.autosave.save(self.typist.saving()?).await?;
        Ok(())
    }
}

/// Saves a second through the verb, with batches of at most `largest`.
async fn verb_rate(fixture: &Fixture, largest: usize) -> Outcome<f64> {
    let writer = AnswerWriter::new(fixture.definitions.clone());
    let (autosave, task) = GroupWriter::start(fixture.store.clone(), writer, largest);
    let typists = fixture.typists(WRITERS).await?;
    let savers = typists.into_iter().map(|typist| Saver { typist, autosave: autosave.clone() }).collect();
    let found = rate(savers, ROUND).await?;
    drop(autosave);
    task.await?;
    Ok(found)
}

pub async fn on_sqlite() -> Outcome {
    println!(" SQLite, WAL, synchronous=FULL");
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("startline.sqlite");
    let fixture = Fixture::open(&Target::SqliteFile(file.clone())).await?;
    let options = SqliteConnectOptions::new()
        .filename(&file)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true);
    let mut bare = options.connect().await?;
    let door = autosave_grpc::Door::open(None).await?;
    let [mut group, mut inserts, mut alone, mut grpc] = <[Rounds; 4]>::default();
    for _ in 0..ROUNDS {
        inserts.add(one_by_one(&fixture, &mut bare).await?);
        group.add(verb_rate(&fixture, LARGEST_BATCH).await?);
        alone.add(verb_rate(&fixture, 1).await?);
        grpc.add(door.rate().await?);
    }
    group.show("group commit", "answers/s");
    inserts.show("bare inserts of the same rows, each committed", "answers/s");
    alone.show("the same verb with batches of one", "answers/s");
    grpc.show("over gRPC, 32 callers", "answers/s");
    group.ratio_to(&inserts).verdict("group commit to bare inserts", 5.0, true);
    group.ratio_to(&alone).show_ratio("group commit to batches of one");
    grpc.ratio_to(&group).show_ratio("gRPC to the verb");
    bare.close().await?;
    fixture.store.close().await;
    Ok(())
}

/// The quickest way to commit one by one: a single connection that nobody else waits for, and nothing but the insert.
async fn one_by_one(fixture: &Fixture, bare: &mut SqliteConnection) -> Outcome<f64> {
    let mut typists = fixture.typists(WRITERS).await?;
    let clock = Clock::system();
    let sql = "INSERT INTO answers (claim_id, question_id, revision, prior_revision, value, stage, saved_by, saved_at, \
               request_id) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    let (begun, mut done) = (Instant::now(), 0_u32);
    while begun.elapsed() < ROUND {
        for typist in &mut typists {
            let draft = typist.next();
            let now = clock.now();
            sqlx::query(sql)
                .bind(typist.claim)
                .bind(draft.question_id)
                .bind(draft.seen_revision + 1)
                .bind((draft.seen_revision > 0).then_some(draft.seen_revision))
                .bind(Json(draft.value))
                .bind("B8")
                .bind(typist.user.id)
                .bind(now)
                .bind(RequestId::fresh(now))
                .execute(&mut *bare)
                .await?;
            done += 1;
        }
    }
    Ok(f64::from(done) / begun.elapsed().as_secs_f64())
}

pub async fn on_postgres() -> Outcome {
    let server = Server::start().await?;
    println!(" {}, fsync on, default settings", server.version().await?);
    let fixture = Fixture::open(&Target::Postgres(server.url())).await?;
    let mut connection = PgConnection::connect(&server.url()).await?;
    connection.execute(PLAIN_TABLE).await?;
    let user = fixture.typists(1).await?.remove(0);
    let (plain, keyed) = (script("gen_random_uuid()", "plain_answers", &user)?, script_with_keys(&user)?);
    let door = autosave_grpc::Door::open(Some(&server.url())).await?;
    let [mut group, mut pgbench, mut keyed_pgbench, mut grpc] = <[Rounds; 4]>::default();
    let [mut group_us, mut pgbench_us, mut keyed_us, mut grpc_us] = <[Rounds; 4]>::default();
    for _ in 0..ROUNDS {
        with_cost(&mut pgbench, &mut pgbench_us, server.pgbench(plain.path(), WRITERS, ROUND.as_secs())).await?;
        with_cost(&mut group, &mut group_us, verb_rate(&fixture, LARGEST_BATCH)).await?;
        with_cost(&mut keyed_pgbench, &mut keyed_us, server.pgbench(keyed.path(), WRITERS, ROUND.as_secs())).await?;
        with_cost(&mut grpc, &mut grpc_us, door.rate()).await?;
    }
    group.show("group commit", "answers/s");
    pgbench.show("pgbench, one insert of such a row", "transactions/s");
    keyed_pgbench.show("pgbench, one insert into the log itself with its foreign keys", "transactions/s");
    grpc.show("over gRPC, 32 callers", "answers/s");
    group.ratio_to(&pgbench).verdict("group commit to pgbench", 0.8, true);
    group.ratio_to(&keyed_pgbench).show_ratio("group commit to pgbench with foreign keys");
    grpc.ratio_to(&pgbench).show_ratio("gRPC to pgbench");
    if server.is_own() {
        let what = "processor time of one, clients and server together";
        println!(
            "  {what}: group commit {:.0} us, pgbench {:.0} us, with foreign keys {:.0} us, gRPC {:.0} us",
            group_us.median(),
            pgbench_us.median(),
            keyed_us.median(),
            grpc_us.median()
        );
    }
    drop(door);
    connection.close().await?;
    fixture.store.close().await;
    server.stop().await
}

/// Adds a round's rate, and the processor time of one in microseconds: this process and all that it started.
async fn with_cost(rates: &mut Rounds, costs_us: &mut Rounds, round: impl Future<Output = Outcome<f64>>) -> Outcome {
    let before = family_processor_time()?;
    let rate = round.await?;
    let used = family_processor_time()? - before;
    rates.add(rate);
    costs_us.add(used.as_secs_f64() * 1e6 / (rate * ROUND.as_secs_f64()));
    Ok(())
}

fn script_with_keys(typist: &Typist) -> Outcome<tempfile::NamedTempFile> {
    script(&format!("'{}'", typist.claim), "answers", typist)
}

/// One insert of a row like those that the verb writes. Into the log itself, each goes to a question of its own.
fn script(claim: &str, table: &str, typist: &Typist) -> Outcome<tempfile::NamedTempFile> {
    let mut file = tempfile::NamedTempFile::new()?;
    writeln!(file, "\\set question random(1, 9000000000000000)")?;
    writeln!(
        file,
        "INSERT INTO {table} (claim_id, question_id, revision, prior_revision, value, stage, saved_by, saved_at, \
         request_id) VALUES ({claim}, 'B' || (:question)::bigint, 1, NULL, '\"Singer''s Printing Works, Frome\"', \
         'B8', '{}', now(), gen_random_uuid());",
        typist.user.id
    )?;
    Ok(file)
}
