//! Print jobs leased and reported printed on PostgreSQL by eight workers, as the door does it: a request's id claimed, the
//! verb, the answer kept, the commit. No job may be leased twice.

use super::measure::{AsyncWork, Rounds, rate};
use super::postgres::Server;
use super::{Fault, Outcome};
use chrono::TimeDelta;
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};
use startline::access::{self, Context, Replay, Role, Sees, User};
use startline::clients::{self, FactsDraft};
use startline::clock::Clock;
use startline::formats::Language;
use startline::ids::{PrintJobId, RequestId, SiteId};
use startline::printing::{self, PrintedReport};
use startline::store::{Store, Target};
use std::collections::HashSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

const WORKERS: usize = 8;
/// As a print room's system asks for them.
const AT_A_TIME: i32 = 25;
const ROUNDS: usize = 5;
const ROUND: Duration = Duration::from_secs(2);
/// More than the quickest machine prints in all rounds.
const JOBS: u32 = 200_000;
/// About as long as the answer is as a message.
const RESPONSE: [u8; 2_000] = [7; 2_000];

struct Room {
    store: Store,
    clock: Clock,
    user: User,
    seen: Mutex<HashSet<PrintJobId>>,
    twice: AtomicU64,
}

struct Worker(Arc<Room>);

impl AsyncWork for Worker {
    async fn once(&mut self) -> Outcome {
        let Room { store, seen, twice, .. } = &*self.0;
        let (context, id) = self.0.request();
        let mut tx = store.begin_write().await?;
        let db = &mut tx.db();
        first(access::claim_request(db, &context, id, "LeasePrintJobsRequest", &[7; 32]).await?)?;
        let jobs = printing::lease(db, &context, AT_A_TIME, TimeDelta::seconds(300)).await?;
        access::keep_response(db, &context, id, &RESPONSE).await?;
        tx.commit().await?;
        if jobs.len() != usize::try_from(AT_A_TIME)? {
            return Err(format!("{} jobs were leased", jobs.len()).into());
        }
        {
            let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
            let again = jobs.iter().filter(|job| !seen.insert(job.id)).count();
            twice.fetch_add(u64::try_from(again)?, Ordering::Relaxed);
        }
        let reports: Vec<PrintedReport> = jobs
            .iter()
            .map(|job| PrintedReport { id: job.id, attempt: job.attempt, pages: Some(job.pages()) })
            .collect();
        let (context, id) = self.0.request();
        let mut tx = store.begin_write().await?;
        let db = &mut tx.db();
        first(access::claim_request(db, &context, id, "ReportAllPrintedRequest", &[7; 32]).await?)?;
        let outcomes = printing::report_all_printed(db, &context, &reports).await?;
        access::keep_response(db, &context, id, &[]).await?;
        tx.commit().await?;
        match outcomes.into_iter().find_map(|(_, outcome)| outcome.err()) {
            Some(fault) => Err(fault.into()),
            None => Ok(()),
        }
    }
}

fn first(replay: Replay) -> Outcome {
    match replay {
        Replay::First => Ok(()),
        Replay::Again(_) => Err("a fresh id was taken".into()),
    }
}

impl Room {
    fn request(&self) -> (Context, RequestId) {
        let now = self.clock.now();
        let id = RequestId::fresh(now);
        (
            Context {
                now,
                user: self.user.clone(),
                request_id: Some(id),
                language: Language::English,
                sees: Sees::ALL,
            },
            id,
        )
    }
}

pub async fn run() -> Outcome {
    let server = Server::start().await?;
    println!(" {WORKERS} workers, {AT_A_TIME} jobs a lease; {}, default settings", server.version().await?);
    let clock = Clock::system();
    let store = Store::open(&Target::Postgres(server.url())).await?;
    let user = people(&store, &clock).await?;
    fill(&server.url()).await?;
    let room = Arc::new(Room { store, clock, user, seen: Mutex::default(), twice: AtomicU64::new(0) });
    let mut jobs = Rounds::default();
    for round in 0..=ROUNDS {
        let leases = rate((0..WORKERS).map(|_| Worker(room.clone())).collect(), ROUND).await?;
        if round > 0 {
            jobs.add(leases * f64::from(AT_A_TIME));
        }
    }
    jobs.show("leased and reported", "print jobs/s");
    jobs.verdict("print jobs a second", 1_000.0, true);
    let twice = room.twice.load(Ordering::Relaxed);
    println!("  jobs leased twice: {twice}");
    room.store.close().await;
    server.stop().await?;
    if twice == 0 { Ok(()) } else { Err(format!("{twice} jobs were leased twice").into()) }
}

async fn people(store: &Store, clock: &Clock) -> Outcome<User> {
    let mut tx = store.begin_write().await?;
    let db = &mut tx.db();
    let somerset = SiteId::new("somerset");
    let (user, _) = access::add_user(db, "Ron", Role::PrintRoom, Some(somerset.clone()), &[], clock.now()).await?;
    let context = Context {
        now: clock.now(),
        user: user.clone(),
        request_id: None,
        language: Language::English,
        sees: Sees::ALL,
    };
    let facts = FactsDraft { last_name: "Fry".into(), ..FactsDraft::default() };
    clients::create(db, &context, &facts, Some(somerset), &|_| None).await?;
    tx.commit().await?;
    Ok(user)
}

/// One pack, to be printed so many times.
async fn fill(url: &str) -> Result<(), Fault> {
    let mut connection = PgConnection::connect(url).await?;
    let pack = "INSERT INTO packs (id, kind, record_id, client_id, source_key, definition_version, site, reference, language, \
                large_print, pages, sheets, documents, sha256, pdf, delivery, delivery_to, composed_at) \
                SELECT gen_random_uuid(), 'claim', gen_random_uuid(), id, 'k', 'v', 'somerset', 'ONE-0000-0000', 'en', FALSE, \
                24, 12, '[]', '', '', 'post', '', now() FROM clients";
    connection.execute(pack).await?;
    let jobs = format!(
        "INSERT INTO print_jobs (id, pack_id, client_id, reference, room, post_day, post_class, ordinary, priority, first_page, \
         last_page, reason, state, queued_at, attempt) SELECT gen_random_uuid(), packs.id, client_id, reference, site, \
         current_date, 'second', FALSE, 5, 1, 24, '', 'queued', now() + n * interval '1 ms', 0 \
         FROM packs, generate_series(1, {JOBS}) AS n"
    );
    connection.execute(AssertSqlSafe(jobs)).await?;
    connection.execute("VACUUM ANALYZE").await?;
    connection.close().await?;
    Ok(())
}
