//! Many who want the same time: a million contested bookings on each engine, on PostgreSQL by two processes at once, and
//! then a look for two live appointments that share a personal adviser's time or a room.
//!
//! Desks ask for any five minutes of a few personal advisers' next days, hold on to what they win for a while, then cancel
//! it or try to move it elsewhere, so that time is fought over to the end.

use super::diaries::{Act, Asked, Diaries, rows};
use super::postgres::Server;
use super::{Fault, Outcome};
use chrono::{DateTime, NaiveTime, TimeDelta, Utc};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use startline::diary::Wishes;
use startline::error::Error;
use startline::ids::{AppointmentId, ClaimId, ClientId};
use startline::store::{Connection, Store, Target};
use std::collections::VecDeque;
use std::ops::{Add, Range};
use std::process::{ExitCode, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;
use tokio::task::JoinSet;

const TRIES: usize = 1_000_000;
const DESKS: usize = 64;
const PEOPLE: usize = 6;
const DAYS: usize = 8;
/// Of each desk.
const CLAIMS: usize = 2;
/// Both processes together.
const ALL_CLAIMS: usize = 2 * DESKS * CLAIMS;
const KIND: &str = "follow-up";
const SECOND: &str = "contest-second-process";

/// What came of so many tries.
#[derive(Debug, Clone, Copy, Default)]
struct Counts {
    booked: usize,
    moved: usize,
    lost: usize,
    /// Lost a race for the same rows again and again, and was told to try again.
    contended: usize,
    cancelled: usize,
}

impl Add for Counts {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            booked: self.booked + other.booked,
            moved: self.moved + other.moved,
            lost: self.lost + other.lost,
            contended: self.contended + other.contended,
            cancelled: self.cancelled + other.cancelled,
        }
    }
}

struct Desk {
    diaries: Arc<Diaries>,
    starts: Arc<Vec<DateTime<Utc>>>,
    idle: Vec<(ClaimId, ClientId)>,
    live: VecDeque<(AppointmentId, (ClaimId, ClientId))>,
    chance: StdRng,
    counts: Counts,
}

impl Desk {
    fn asked(&mut self, claim: (ClaimId, ClientId)) -> Asked {
        let person = self.diaries.people[self.chance.random_range(0..self.diaries.people.len())];
        let start = self.starts[self.chance.random_range(0..self.starts.len())];
        // Half of them need a room, and there are two.
        let wishes = Wishes { kind: KIND.into(), private_room: self.chance.random_bool(0.5), ..Wishes::default() };
        Asked { claim, person, start, wishes }
    }

    async fn one_try(&mut self) -> Outcome {
        let Some(claim) = self.idle.pop() else { return self.let_go_or_move().await };
        let asked = self.asked(claim);
        match self.diaries.act(&Act::Book(asked)).await {
            Ok(id) => {
                self.counts.booked += 1;
                self.live.push_back((id, claim));
                return Ok(());
            }
            Err(fault) => self.lost(fault)?,
        }
        self.idle.push(claim);
        Ok(())
    }

    async fn let_go_or_move(&mut self) -> Outcome {
        let Some((id, claim)) = self.live.pop_front() else { return Err("a desk has no claims".into()) };
        if self.chance.random_bool(0.5) {
            self.diaries.act(&Act::Cancel(id)).await?;
            self.counts.cancelled += 1;
            self.idle.push(claim);
            return Ok(());
        }
        let asked = self.asked(claim);
        match self.diaries.act(&Act::Move(id, asked)).await {
            Ok(_) => self.counts.moved += 1,
            Err(fault) => self.lost(fault)?,
        }
        self.live.push_back((id, claim));
        Ok(())
    }

    fn lost(&mut self, fault: Error) -> Outcome {
        match fault {
            Error::Conflict { reason: startline::rota::SLOT_TAKEN, .. } => self.counts.lost += 1,
            Error::Contended => self.counts.contended += 1,
            other => return Err(other.into()),
        }
        Ok(())
    }
}

/// So many tries by desks that have these claims.
async fn contest(diaries: Arc<Diaries>, claims: Range<usize>, tries: usize) -> Outcome<Counts> {
    let times: Vec<NaiveTime> = (9 * 12..13 * 12).map(|cell| NaiveTime::MIN + TimeDelta::minutes(cell * 5)).collect();
    let starts = Arc::new(diaries.days(DAYS, &times)?.concat());
    let left = Arc::new(AtomicUsize::new(tries));
    let mut desks = JoinSet::new();
    for (seed, claims) in (claims.start as u64..).zip(diaries.claims[claims].chunks(CLAIMS)) {
        let mut desk = Desk {
            diaries: diaries.clone(),
            starts: starts.clone(),
            idle: claims.to_vec(),
            live: VecDeque::new(),
            chance: StdRng::seed_from_u64(seed),
            counts: Counts::default(),
        };
        let left = left.clone();
        desks.spawn(async move {
            while left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_ok() {
                desk.one_try().await?;
            }
            Ok::<_, Fault>(desk.counts)
        });
    }
    let mut counts = Counts::default();
    while let Some(desk) = desks.join_next().await {
        counts = counts + desk??;
    }
    Ok(counts)
}

pub async fn on_sqlite() -> Outcome {
    let folder = tempfile::tempdir()?;
    let target = Target::SqliteFile(folder.path().join("startline.sqlite"));
    println!(" SQLite, {DESKS} desks, {PEOPLE} personal advisers, {DAYS} days");
    let diaries = Arc::new(Diaries::make(&target, PEOPLE, ALL_CLAIMS).await?);
    let begun = Instant::now();
    let counts = contest(diaries.clone(), 0..ALL_CLAIMS / 2, tries()).await?;
    told(counts, begun);
    check(&diaries.store).await?;
    diaries.store.close().await;
    Ok(())
}

pub async fn on_postgres() -> Outcome {
    let server = Server::start().await?;
    println!(" {}, two processes with {DESKS} desks each", server.version().await?);
    let diaries = Arc::new(Diaries::make(&Target::Postgres(server.url()), PEOPLE, ALL_CLAIMS).await?);
    let begun = Instant::now();
    let second = tokio::process::Command::new(std::env::current_exe()?)
        .args([SECOND, &server.url(), &(tries() / 2).to_string()])
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .kill_on_drop(true)
        .output();
    let first = contest(diaries.clone(), 0..ALL_CLAIMS / 2, tries() / 2);
    let (first, second) = tokio::try_join!(first, async { Ok(second.await?) })?;
    let second = read(&String::from_utf8(second.stdout)?).ok_or("the second process failed")?;
    told(first + second, begun);
    check(&diaries.store).await?;
    diaries.store.close().await;
    server.stop().await
}

/// When this process was started by another one's contest: takes its part in it and prints what came of it.
pub async fn as_second_process() -> Option<ExitCode> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [name, url, tries] = <[String; 3]>::try_from(arguments).ok()?;
    if name != SECOND {
        return None;
    }
    let part = async {
        let diaries = Arc::new(Diaries::open(&Target::Postgres(url)).await?);
        contest(diaries, ALL_CLAIMS / 2..ALL_CLAIMS, tries.parse()?).await
    };
    match part.await {
        Ok(Counts { booked, moved, lost, contended, cancelled }) => {
            println!("{booked} {moved} {lost} {contended} {cancelled}");
            Some(ExitCode::SUCCESS)
        }
        Err(fault) => {
            eprintln!("speed: the second process: {fault}");
            Some(ExitCode::FAILURE)
        }
    }
}

fn read(line: &str) -> Option<Counts> {
    let numbers: Vec<usize> = line.split_whitespace().map(str::parse).collect::<Result<_, _>>().ok()?;
    let [booked, moved, lost, contended, cancelled] = numbers.try_into().ok()?;
    Some(Counts { booked, moved, lost, contended, cancelled })
}

/// A million, or what `STARTLINE_CONTEST_TRIES` says.
fn tries() -> usize {
    std::env::var("STARTLINE_CONTEST_TRIES").ok().and_then(|tries| tries.parse().ok()).unwrap_or(TRIES)
}

fn told(counts: Counts, begun: Instant) {
    let Counts { booked, moved, lost, contended, cancelled } = counts;
    let seconds = begun.elapsed().as_secs_f64();
    let tried = booked + moved + lost + contended + cancelled;
    #[expect(clippy::cast_precision_loss, reason = "a million")]
    let rate = tried as f64 / seconds;
    println!("  tried {tried} in {seconds:.0} s, {rate:.0} a second");
    println!("  won {} ({booked} booked, {moved} moved), lost {lost}, given up {contended}", booked + moved);
    println!("  cancelled {cancelled}");
}

/// Live appointments that begin before an earlier one of the same holder is over: the personal adviser's with the way
/// there and the paperwork, the room's without.
async fn check(store: &Store) -> Outcome {
    let mut tx = store.begin_write().await?;
    let db = &mut tx.db();
    let minute = |column: &str| match db.connection {
        Connection::Sqlite(_) => format!("CAST(ROUND(julianday({column}) * 1440) AS BIGINT)"),
        Connection::Postgres(_) => format!("CAST(ROUND(EXTRACT(EPOCH FROM {column}) / 60) AS BIGINT)"),
    };
    let (starts, ends) = (minute("starts_at"), minute("ends_at"));
    let overlaps = |holder: &str, from: &str, until: &str| {
        format!(
            "WITH live AS (SELECT {holder} AS holder, {from} AS busy_from, {until} AS busy_until FROM appointments \
                           WHERE state IN ('held', 'booked') AND {holder} IS NOT NULL), \
             earlier AS (SELECT busy_from, MAX(busy_until) OVER (PARTITION BY holder ORDER BY busy_from, busy_until \
                         ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS busy_until FROM live) \
             SELECT COUNT(*) FROM earlier WHERE busy_from < busy_until"
        )
    };
    let of_people =
        overlaps("personal_adviser_id", &format!("{starts} - before_minutes"), &format!("{ends} + after_minutes"));
    let of_rooms = overlaps("room", &starts, &ends);
    let live = rows::<i64>(db, "SELECT COUNT(*) FROM appointments WHERE state IN ('held', 'booked')").await?;
    let in_rooms =
        rows::<i64>(db, "SELECT COUNT(*) FROM appointments WHERE state = 'booked' AND room IS NOT NULL").await?;
    let (people, rooms) = (rows::<i64>(db, &of_people).await?, rows::<i64>(db, &of_rooms).await?);
    println!("  live at the end: {}, {} of them in a room", live[0], in_rooms[0]);
    let sum = people[0] + rooms[0];
    println!(
        "  -> overlaps: {} of personal advisers, {} of rooms (target 0, {})",
        people[0],
        rooms[0],
        if sum == 0 { "met" } else { "MISSED" }
    );
    // And whether it would have found any: with everybody's appointments in one diary there are. This is undone.
    rows::<AppointmentId>(
        db,
        "UPDATE appointments SET room = 'room-1', \
         personal_adviser_id = (SELECT user_id FROM working_patterns ORDER BY user_id LIMIT 1) RETURNING id",
    )
    .await?;
    if rows::<i64>(db, &of_people).await?[0] == 0 || rows::<i64>(db, &of_rooms).await?[0] == 0 {
        return Err("the check for overlaps finds none where there are some".into());
    }
    Ok(())
}
