use super::*;
use futures_util::future::join_all;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use sqlx::Executor;
use sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous};
use std::collections::BTreeMap;
use std::pin::{Pin, pin};
use std::task::{Context, Poll};
use tempfile::TempDir;

const ROOMY: Limits = Limits { leases: 64, age: Duration::from_secs(600), patience: Duration::from_secs(60) };
/// A mutation is two rows: there are both or there is none.
const TABLES: &str = "CREATE TABLE halves (mutation INTEGER, half INTEGER, PRIMARY KEY (mutation, half));
    CREATE TABLE owners (owner INTEGER PRIMARY KEY);
    CREATE TABLE owned (owner INTEGER REFERENCES owners);
    INSERT INTO halves VALUES (0, 1), (0, 2);";

struct Database {
    write_queue: WriteQueue,
    options: SqliteConnectOptions,
    _folder: TempDir,
}

impl Database {
    async fn open(limits: Limits) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let options = SqliteConnectOptions::new()
            .filename(folder.path().join("turns.sqlite"))
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true);
        let mut connection = options.connect().await.unwrap();
        connection.execute(TABLES).await.unwrap();
        let opened = Opened::of(&folder.path().join("turns.sqlite")).unwrap();
        let figures = crate::metrics::small_numbers();
        let write_queue = WriteQueue::start(options.clone(), connection, limits, figures, opened).await.unwrap();
        Self { write_queue, options, _folder: folder }
    }

    /// What others see: how many halves there are of each mutation but the one that was there before.
    async fn seen(&self) -> BTreeMap<i64, i64> {
        let mut reader = self.options.connect().await.unwrap();
        let sql = "SELECT mutation, COUNT(*) FROM halves WHERE mutation > 0 GROUP BY mutation";
        let rows: Vec<(i64, i64)> = sqlx::query_as(sql).fetch_all(&mut reader).await.unwrap();
        rows.into_iter().collect()
    }

    /// Begins one and writes it, whole.
    async fn written(&self, mutation: i64) -> WriteLease {
        let mut turn = self.write_queue.begin().await.unwrap();
        write(&mut turn, mutation, 1).await.unwrap();
        write(&mut turn, mutation, 2).await.unwrap();
        turn
    }

    async fn writes(&self, mutation: i64) -> Result<()> {
        self.written(mutation).await.commit().await
    }
}

async fn write(turn: &mut WriteLease, mutation: i64, half: i64) -> Result<(), sqlx::Error> {
    let sql = "INSERT INTO halves (mutation, half) VALUES ($1, $2)";
    sqlx::query(sql).bind(mutation).bind(half).execute(turn.connection()).await.map(drop)
}

/// SQLite answers this with the end of the whole transaction, as it may a full disk.
async fn ruin(turn: &mut WriteLease) {
    turn.connection().execute("INSERT OR ROLLBACK INTO halves VALUES (0, 1)").await.unwrap_err();
}

fn whole(mutations: impl IntoIterator<Item = i64>) -> BTreeMap<i64, i64> {
    mutations.into_iter().map(|mutation| (mutation, 2)).collect()
}

fn is_unavailable(outcome: &Result<()>) -> bool {
    matches!(outcome, Err(Error::Unavailable(_)))
}

/// Polls once, and says whether it is done.
async fn is_done(future: &mut Pin<&mut impl Future<Output = Result<()>>>) -> bool {
    std::future::poll_fn(|context| Poll::Ready(future.as_mut().poll(context).is_ready())).await
}

/// The first has written and waits for its commit; the second has its turn in the same transaction.
macro_rules! two_in_one_transaction {
    ($database:ident, $first:ident, $second:ident) => {
        let turn = $database.written(1).await;
        let mut in_line = pin!($database.write_queue.begin());
        assert!(std::future::poll_fn(|context| Poll::Ready(in_line.as_mut().poll(context).is_pending())).await);
        let mut $first = pin!(turn.commit());
        assert!(!is_done(&mut $first).await);
        #[allow(unused_mut, reason = "not every test writes in it")]
        let mut $second = in_line.await.unwrap();
    };
}

#[tokio::test]
async fn nobody_is_acknowledged_or_seen_before_the_commit_that_they_share() {
    let database = Database::open(ROOMY).await;
    two_in_one_transaction!(database, first, second);
    assert!(!is_done(&mut first).await);
    assert_eq!(database.seen().await, whole([]));
    write(&mut second, 2, 1).await.unwrap();
    write(&mut second, 2, 2).await.unwrap();
    second.commit().await.unwrap();
    first.await.unwrap();
    assert_eq!(database.seen().await, whole([1, 2]));
}

#[tokio::test]
async fn what_is_dropped_is_undone_alone_and_the_others_are_committed() {
    let database = Database::open(ROOMY).await;
    two_in_one_transaction!(database, first, second);
    write(&mut second, 2, 1).await.unwrap();
    drop(second);
    first.await.unwrap();
    assert_eq!(database.seen().await, whole([1]));
    // The other way round: the dropped one was the first.
    let dropped = database.written(3).await;
    let next = async { database.writes(4).await };
    let (next, ()) = tokio::join!(next, async { drop(dropped) });
    next.unwrap();
    assert_eq!(database.seen().await, whole([1, 4]));
}

#[tokio::test]
async fn whoever_only_looked_commits_with_those_it_saw() {
    let database = Database::open(ROOMY).await;
    two_in_one_transaction!(database, first, second);
    let sql = "SELECT COUNT(*) FROM halves WHERE mutation = 1";
    let (saw,): (i64,) = sqlx::query_as(sql).fetch_one(second.connection()).await.unwrap();
    assert_eq!(saw, 2);
    let mut third = pin!(database.write_queue.begin());
    assert!(std::future::poll_fn(|context| Poll::Ready(third.as_mut().poll(context).is_pending())).await);
    let looked = second.commit();
    let spoil = async { ruin(&mut third.await.unwrap()).await };
    let (first, looked, ()) = tokio::join!(first, looked, spoil);
    assert!(is_unavailable(&first) && is_unavailable(&looked), "{first:?} {looked:?}");
}

#[tokio::test]
async fn a_transaction_that_sqlite_ended_by_itself_acknowledges_nobody_and_keeps_no_half() {
    let database = Database::open(ROOMY).await;
    // Alone, caught, and gone on with as if nothing had happened.
    let mut turn = database.write_queue.begin().await.unwrap();
    write(&mut turn, 1, 1).await.unwrap();
    ruin(&mut turn).await;
    write(&mut turn, 1, 2).await.unwrap_err();
    turn.commit().await.unwrap_err();
    assert_eq!(database.seen().await, whole([]));
    // In company, with somebody in line behind.
    two_in_one_transaction!(database, first, second);
    ruin(&mut second).await;
    let behind = async { database.writes(3).await };
    let (first, second, behind) = tokio::join!(first, second.commit(), behind);
    assert!(is_unavailable(&first) && is_unavailable(&second), "{first:?} {second:?}");
    behind.unwrap();
    assert_eq!(database.seen().await, whole([3]));
}

#[tokio::test]
async fn a_commit_that_fails_acknowledges_nobody_and_the_next_one_succeeds() {
    let database = Database::open(ROOMY).await;
    two_in_one_transaction!(database, first, second);
    second.connection().execute("PRAGMA defer_foreign_keys = ON; INSERT INTO owned VALUES (7)").await.unwrap();
    let second = second.commit().await;
    let first = first.await;
    assert!(is_unavailable(&first) && is_unavailable(&second), "{first:?} {second:?}");
    assert_eq!(database.seen().await, whole([]));
    // Alone, it is told what was wrong.
    let mut turn = database.write_queue.begin().await.unwrap();
    turn.connection().execute("PRAGMA defer_foreign_keys = ON; INSERT INTO owned VALUES (7)").await.unwrap();
    assert!(matches!(turn.commit().await, Err(Error::Internal(_))));
    database.writes(1).await.unwrap();
    assert_eq!(database.seen().await, whole([1]));
}

#[tokio::test]
async fn nobody_but_the_writer_commits() {
    let database = Database::open(ROOMY).await;
    two_in_one_transaction!(database, first, second);
    second.connection().execute("COMMIT").await.unwrap_err();
    drop(second);
    assert!(is_unavailable(&first.await));
    assert_eq!(database.seen().await, whole([]));
}

#[tokio::test]
async fn a_full_transaction_and_an_old_one_are_committed_before_the_next_turn() {
    for limits in [Limits { leases: 1, ..ROOMY }, Limits { age: Duration::ZERO, ..ROOMY }] {
        let database = Database::open(limits).await;
        let first = database.written(1).await;
        let behind = database.write_queue.begin();
        let (first, behind) = tokio::join!(first.commit(), behind);
        first.unwrap();
        assert_eq!(database.seen().await, whole([1]));
        drop(behind);
    }
}

#[tokio::test]
async fn turns_come_in_the_order_in_which_they_were_asked_for() {
    let database = Database::open(ROOMY).await;
    let order = std::sync::Mutex::new(Vec::new());
    let one = |mutation| {
        let (database, order) = (&database, &order);
        async move {
            let turn = database.written(mutation).await;
            order.lock().unwrap().push(mutation);
            turn.commit().await.unwrap();
        }
    };
    join_all((1..=20).map(one)).await;
    assert_eq!(*order.lock().unwrap(), (1..=20).collect::<Vec<i64>>());
    assert_eq!(database.seen().await, whole(1..=20));
}

#[tokio::test]
async fn who_stood_in_line_too_long_is_told_to_try_again() {
    let database = Database::open(Limits { patience: Duration::from_millis(1), ..ROOMY }).await;
    let turn = loop {
        // On a busy machine the first one may have to stand in line for a millisecond as well.
        if let Ok(turn) = database.write_queue.begin().await {
            break turn;
        }
    };
    assert!(is_unavailable(&database.write_queue.begin().await.map(drop)));
    turn.commit().await.unwrap();
}

#[tokio::test]
async fn closing_lets_everybody_in_line_finish_and_nobody_else_in() {
    let database = Database::open(ROOMY).await;
    let first = database.written(1).await;
    let others = join_all((2..=9).map(|mutation| database.writes(mutation)));
    let close = async {
        database.write_queue.close().await;
        assert_eq!(database.seen().await, whole(1..=9));
        assert!(is_unavailable(&database.write_queue.begin().await.map(drop)));
        database.write_queue.close().await;
    };
    let (first, others, ()) = tokio::join!(first.commit(), others, close);
    first.unwrap();
    others.into_iter().for_each(|other| other.unwrap());
}

/// What a mutation of the random history does, and what may come of it.
#[derive(Debug, Clone, Copy)]
enum Plan {
    Commits,
    Drops,
    /// Meets a refusal of the database, and gives up.
    Fails,
    /// Meets a refusal of the database that concerns one statement, and goes on.
    FailsAndGoesOn,
    /// Is cancelled, wherever it is, when it was polled so often.
    Cancelled(usize),
    /// Meets a refusal that ends the whole transaction, and goes on as if nothing had happened.
    Ruins,
}

fn plan(chance: &mut StdRng) -> Plan {
    match chance.random_range(0..40) {
        0..20 => Plan::Commits,
        20..24 => Plan::Drops,
        24..28 => Plan::Fails,
        28..31 => Plan::FailsAndGoesOn,
        31..39 => Plan::Cancelled(chance.random_range(1..9)),
        _ => Plan::Ruins,
    }
}

/// Polls its future so often, and then drops it.
struct Cut<F>(Pin<Box<F>>, usize);

impl<F: Future> Future for Cut<F> {
    type Output = Option<F::Output>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        if self.1 == 0 {
            return Poll::Ready(None);
        }
        self.1 -= 1;
        self.0.as_mut().poll(context).map(Some)
    }
}

/// Whether it was acknowledged.
async fn carried_out(write_queue: WriteQueue, mutation: i64, plan: Plan) -> bool {
    let whole = || async {
        let mut turn = write_queue.begin().await?;
        write(&mut turn, mutation, 1).await?;
        match plan {
            Plan::Fails => write(&mut turn, mutation, 1).await?,
            Plan::FailsAndGoesOn => drop(write(&mut turn, mutation, 1).await.unwrap_err()),
            Plan::Ruins => ruin(&mut turn).await,
            Plan::Drops => return Err(Error::Contended),
            Plan::Commits | Plan::Cancelled(_) => {}
        }
        let outcome = write(&mut turn, mutation, 2).await;
        if !matches!(plan, Plan::Ruins) {
            outcome?;
        }
        turn.commit().await
    };
    match plan {
        Plan::Cancelled(polls) => {
            Cut(Box::pin(whole()), polls).await.is_some_and(|outcome: Result<()>| outcome.is_ok())
        }
        _ => whole().await.is_ok(),
    }
}

/// After a random history there is exactly what was acknowledged, and perhaps what was cancelled while it waited for the
/// commit; never half of one.
async fn histories(seeds: std::ops::Range<u64>) {
    for seed in seeds {
        let mut chance = StdRng::seed_from_u64(seed);
        let leases = chance.random_range(1..20);
        let database = Database::open(Limits { leases, ..ROOMY }).await;
        let plans: Vec<Plan> = (0..120).map(|_| plan(&mut chance)).collect();
        let tasks = plans.iter().zip(1..).map(|(plan, mutation)| {
            let task = tokio::spawn(carried_out(database.write_queue.clone(), mutation, *plan));
            async move { (mutation, *plan, task.await.unwrap()) }
        });
        let outcomes = join_all(tasks).await;
        database.writes(1000).await.unwrap();
        database.write_queue.close().await;
        let mut seen = database.seen().await;
        assert_eq!(seen.remove(&1000), Some(2));
        let ruined = plans.iter().any(|plan| matches!(plan, Plan::Ruins));
        for (mutation, plan, acknowledged) in outcomes {
            let halves = seen.remove(&mutation).unwrap_or(0);
            let told =
                format!("seed {seed}: mutation {mutation} {plan:?}: acknowledged {acknowledged}, {halves} halves");
            match plan {
                _ if acknowledged => assert_eq!(halves, 2, "{told}"),
                Plan::Cancelled(_) => assert!(halves == 0 || halves == 2, "{told}"),
                _ => assert_eq!(halves, 0, "{told}"),
            }
            let must_succeed = matches!(plan, Plan::Commits | Plan::FailsAndGoesOn) && !ruined;
            assert!(acknowledged || !must_succeed, "{told}");
            assert!(!acknowledged || !matches!(plan, Plan::Drops | Plan::Fails | Plan::Ruins), "{told}");
        }
        assert!(seen.is_empty(), "seed {seed}: nobody wrote {seen:?}");
    }
}

#[tokio::test]
async fn after_any_history_exactly_what_was_acknowledged_is_there() {
    histories(0..40).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn after_any_history_on_many_threads_exactly_what_was_acknowledged_is_there() {
    histories(40..80).await;
}
