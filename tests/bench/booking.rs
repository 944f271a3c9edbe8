//! Booking meetings, 64 desks at once, on both engines: against pgbench with a transaction that inserts the same four
//! things, a request, an appointment, its cells in one statement and an audit line, with as many clients as our pool.

use super::Outcome;
use super::diaries::{Act, Asked, Diaries};
use super::measure::{AsyncWork, Rounds, rate};
use super::postgres::Server;
use chrono::NaiveTime;
use rand::SeedableRng;
use rand::rngs::StdRng;
use rand::seq::SliceRandom;
use sqlx::{Connection, Executor, PgConnection};
use startline::diary::Wishes;
use startline::store::Target;
use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

const DESKS: usize = 64;
/// As many as the service holds connections to PostgreSQL.
const CLIENTS: usize = 20;
const ROUNDS: usize = 5;
const ROUND: Duration = Duration::from_secs(2);
const PEOPLE: usize = 200;
/// What the quickest machine books in all rounds; more than that end the bench with a sentence.
const MOST: usize = 90_000;
/// First meetings of 45 minutes with half an hour's paperwork: four a day leave the quarter that is kept for follow-ups,
/// and the time kept for urgent cases.
const TIMES: [(u32, u32); 4] = [(9, 0), (10, 15), (11, 30), (12, 45)];
const CELLS: usize = 15;
/// The service's own tables with all that they have but their foreign keys, which is more than pgbench's customers have.
const PLAIN_TABLES: &str = "CREATE TABLE plain_requests (LIKE requests INCLUDING ALL);
    CREATE TABLE plain_appointments (LIKE appointments INCLUDING ALL);
    CREATE TABLE plain_cells (LIKE appointment_cells INCLUDING ALL);
    CREATE TABLE plain_audit (LIKE audit INCLUDING ALL);";

/// Meetings that nobody has yet, each for a claim of its own.
pub struct Free {
    pub diaries: Diaries,
    asked: Vec<Asked>,
    next: AtomicUsize,
}

struct Desk(Arc<Free>);

impl AsyncWork for Desk {
    async fn once(&mut self) -> Outcome {
        let Free { diaries, asked, next } = &*self.0;
        let asked = asked.get(next.fetch_add(1, Ordering::Relaxed)).ok_or("all prepared meetings are booked")?;
        diaries.act(&Act::Book(asked.clone())).await?;
        Ok(())
    }
}

impl Free {
    pub async fn make(target: &Target) -> Outcome<Arc<Self>> {
        let diaries = Diaries::make(target, PEOPLE, MOST).await?;
        let times = TIMES.map(|(hour, minute)| NaiveTime::from_hms_opt(hour, minute, 0).unwrap_or_default());
        let starts = diaries.days(usize::MAX, &times)?.concat();
        let slots = starts.iter().flat_map(|start| diaries.people.iter().map(move |person| (*person, *start)));
        let mut slots: Vec<_> = slots.collect();
        slots.shuffle(&mut StdRng::seed_from_u64(1));
        let asked = slots.into_iter().zip(&diaries.claims).map(|((person, start), claim)| Asked {
            claim: *claim,
            person,
            start,
            wishes: Wishes::default(),
        });
        let asked: Vec<Asked> = asked.collect();
        Ok(Arc::new(Self { diaries, asked, next: AtomicUsize::new(0) }))
    }

    pub async fn rate(self: &Arc<Self>) -> Outcome<f64> {
        rate((0..DESKS).map(|_| Desk(self.clone())).collect(), ROUND).await
    }
}

pub async fn run() -> Outcome {
    let server = Server::start().await?;
    let folder = tempfile::tempdir()?;
    println!(" {PEOPLE} personal advisers, {DESKS} desks; {}, default settings", server.version().await?);
    println!(" SQLite, WAL, synchronous=FULL");
    let on_sqlite = Free::make(&Target::SqliteFile(folder.path().join("startline.sqlite"))).await?;
    let on_postgres = Free::make(&Target::Postgres(server.url())).await?;
    let mut connection = PgConnection::connect(&server.url()).await?;
    connection.execute(PLAIN_TABLES).await?;
    let script = script()?;
    let [mut sqlite, mut postgres, mut pgbench] = <[Rounds; 3]>::default();
    for round in 0..=ROUNDS {
        let theirs = server.pgbench(script.path(), CLIENTS, ROUND.as_secs()).await?;
        let (ours, embedded) = (on_postgres.rate().await?, on_sqlite.rate().await?);
        if round == 0 {
            // The first round warms up. What PostgreSQL planned while the tables were empty is planned again.
            connection.execute("VACUUM ANALYZE").await?;
        } else {
            pgbench.add(theirs);
            postgres.add(ours);
            sqlite.add(embedded);
        }
    }
    connection.close().await?;
    pgbench.show("pgbench, four inserts a transaction", "transactions/s");
    postgres.show("booked on PostgreSQL", "bookings/s");
    sqlite.show("booked on SQLite", "bookings/s");
    postgres.ratio_to(&pgbench).verdict("PostgreSQL to pgbench", 0.6, true);
    sqlite.ratio_to(&pgbench).verdict("SQLite to pgbench", 1.0, true);
    on_sqlite.diaries.store.close().await;
    on_postgres.diaries.store.close().await;
    server.stop().await
}

fn script() -> Outcome<tempfile::NamedTempFile> {
    let person = "('00000000-0000-4000-8000-' || lpad((:person)::text, 12, '0'))::uuid";
    let cells: Vec<String> = (0..CELLS)
        .map(|cell| {
            format!("({person}, to_timestamp((:slot)::bigint * {} + {}), (:'id')::uuid)", CELLS * 300, cell * 300)
        })
        .collect();
    let mut file = tempfile::NamedTempFile::new()?;
    writeln!(file, "\\set person random(1, {PEOPLE})")?;
    // So far apart that no two meet.
    writeln!(file, "\\set slot random(1, 40000000)")?;
    writeln!(file, "\\set high random(1, 1000000000)")?;
    writeln!(file, "BEGIN;")?;
    writeln!(
        file,
        "INSERT INTO plain_requests (user_id, request_id, method, fingerprint, response, at) VALUES ({person}, \
         gen_random_uuid(), 'BookSlotRequest', decode(repeat('07', 32), 'hex'), decode(repeat('07', 250), 'hex'), now());"
    )?;
    writeln!(
        file,
        "INSERT INTO plain_appointments (id, claim_id, client_id, kind, personal_adviser_id, office, starts_at, ends_at, \
         before_minutes, after_minutes, urgent, state, sequence, made_at) VALUES ({ID}, gen_random_uuid(), \
         gen_random_uuid(), 'first-meeting', {person}, 'frome', to_timestamp((:slot)::bigint * {seconds}), \
         to_timestamp((:slot)::bigint * {seconds} + 2700), 0, 30, FALSE, 'booked', 0, now());",
        seconds = CELLS * 300
    )?;
    let cells = cells.join(", ").replace("(:'id')::uuid", ID);
    writeln!(file, "INSERT INTO plain_cells (personal_adviser_id, cell_start, appointment_id) VALUES {cells};")?;
    writeln!(
        file,
        "INSERT INTO plain_audit (id, at, user_id, action, record_kind, record_id, request_id) VALUES \
         (gen_random_uuid(), now(), {person}, 'appointment_booked', 'appointment', ({ID})::text, gen_random_uuid());"
    )?;
    writeln!(file, "END;")?;
    Ok(file)
}

/// An appointment's id, as far as it is one: made of numbers that pgbench can draw.
const ID: &str = "(lpad(to_hex((:high)::bigint), 16, '0') || lpad(to_hex((:slot)::bigint), 16, '0'))::uuid";
