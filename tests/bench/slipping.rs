//! The night in which every claim on its way is late in something: how long it takes to put them all on the list, what it costs
//! those who book meetings meanwhile, and how long the list's first page takes.

use super::Outcome;
use super::booking::Free;
use super::measure::{Rounds, verdict};
use super::postgres::Server;
use chrono::{DateTime, TimeDelta, Utc};
use startline::followup::{self, ClaimsAsked, Listing, Reads, Trouble, WhoseClaims};
use startline::formats::Language;
use startline::store::{Connection, Db, Target};
use std::sync::Arc;
use std::time::{Duration, Instant};

const ROUNDS: usize = 3;
const BESIDE: usize = 6;
const PAGES: usize = 500;
/// The target is for so many claims.
const CLAIMS: f64 = 100_000.0;

pub async fn run() -> Outcome {
    let folder = tempfile::tempdir()?;
    println!(" SQLite, WAL, synchronous=FULL");
    night(&Free::make(&Target::SqliteFile(folder.path().join("startline.sqlite"))).await?).await?;
    let server = Server::start().await?;
    println!(" {}, default settings", server.version().await?);
    night(&Free::make(&Target::Postgres(server.url())).await?).await?;
    server.stop().await
}

async fn night(free: &Arc<Free>) -> Outcome {
    let diaries = &free.diaries;
    let claims = diaries.claims.len();
    // Ten days on, a start-up that was begun today is late.
    let late = diaries.now() + TimeDelta::days(10);
    let [mut alone, mut beside] = <[Rounds; 2]>::default();
    for round in 0..=ROUNDS {
        let rate = free.rate().await?;
        if round > 0 {
            alone.add(rate);
        }
    }
    let keeping = {
        let free = free.clone();
        tokio::spawn(async move { keep(&free, late).await })
    };
    // So many rounds as meetings were prepared for.
    for _ in 0..BESIDE {
        let rate = free.rate().await?;
        if !keeping.is_finished() {
            beside.add(rate);
        }
    }
    let (opened, took) = keeping.await??;
    println!(
        " {opened} of {claims} claims in {:.1} s, beside bookings for as long as those were counted",
        took.as_secs_f64()
    );
    alone.show("booked alone", "bookings/s");
    beside.show("booked meanwhile", "bookings/s");
    verdict("bookings meanwhile to bookings alone", beside.median() / alone.median(), 0.9, true);

    let mut tx = diaries.store.begin_write().await?;
    empty(&mut tx.db()).await?;
    tx.commit().await?;
    for what in ["alone, each put on the list", "alone, with nothing to put there"] {
        let (opened, took) = keep(free, late).await?;
        let of_target = took.as_secs_f64() * CLAIMS / f64::from(u32::try_from(claims)?);
        println!(" {what}: {opened} opened in {:.1} s", took.as_secs_f64());
        verdict("seconds for 100,000 claims", of_target, 60.0, false);
    }
    let pages = first_pages(free, late).await?;
    println!(" first page of fifty, of {claims} on one site's list: median {:.2} ms", pages[pages.len() / 2]);
    verdict("its p99, in ms", pages[pages.len() * 99 / 100], 20.0, false);
    let mut tx = diaries.store.begin_write().await?;
    spread(&mut tx.db()).await?;
    tx.commit().await?;
    for trouble in std::iter::once(None).chain(Trouble::ALL.map(Some)) {
        let (found, pages) = pages_of_claims(free, late, trouble).await?;
        let which = trouble.map_or("all on their way".to_owned(), |trouble| format!("{trouble:?}"));
        println!(" first page of claims, {which}: {found} on it, median {:.2} ms", pages[pages.len() / 2]);
        verdict("its p99, in ms", pages[pages.len() * 99 / 100], 20.0, false);
    }
    diaries.store.close().await;
    Ok(())
}

/// A fifth of the claims still open, the rest posted; forms back, evidence to come and queries open of some, a query of one in five
/// thousand.
async fn spread(db: &mut Db<'_>) -> Outcome {
    let numbered = "WITH n AS (SELECT id, ROW_NUMBER() OVER (ORDER BY id) AS number FROM claims)";
    let statements = [
        format!(
            "{numbered} UPDATE claims SET state = 'posted', start_up_done_at = opened_at, posted_at = opened_at, \
             evidence_to_come = (SELECT number % 3 FROM n WHERE n.id = claims.id) \
             WHERE id IN (SELECT id FROM n WHERE number % 5 > 0)"
        ),
        format!(
            "{numbered} INSERT INTO claim_forms_back (claim_id, back_at, reported_by) SELECT c.id, c.opened_at, \
             (SELECT id FROM users LIMIT 1) FROM claims c JOIN n ON n.id = c.id WHERE number % 2 = 0"
        ),
        format!(
            "{numbered} INSERT INTO claim_queries (id, claim_id, query, raised_by, raised_at) SELECT c.id, c.id, 'Which?', \
             (SELECT id FROM users LIMIT 1), c.opened_at FROM claims c JOIN n ON n.id = c.id WHERE number % 5000 = 1"
        ),
        "UPDATE steps SET kind = 'decide' WHERE id IN (SELECT id FROM steps ORDER BY id LIMIT 3)".to_owned(),
    ];
    for sql in statements {
        let sql = sqlx::AssertSqlSafe(sql);
        match &mut db.connection {
            Connection::Sqlite(connection) => sqlx::query(sql).execute(&mut **connection).await.map(|_| ())?,
            Connection::Postgres(connection) => sqlx::query(sql).execute(&mut **connection).await.map(|_| ())?,
        }
    }
    Ok(())
}

/// In milliseconds, the shortest first; and how many claims are on it.
async fn pages_of_claims(free: &Free, now: DateTime<Utc>, trouble: Option<Trouble>) -> Outcome<(usize, Vec<f64>)> {
    let diaries = &free.diaries;
    let asked = ClaimsAsked {
        whose: WhoseClaims::Site(diaries.site()?.id.clone()),
        office: None,
        personal_adviser: None,
        trouble,
        only_started_up: false,
        without_steps: Vec::new(),
        seen: None,
        after: None,
        most: 50,
        now,
    };
    let (mut took, mut found) = (Vec::with_capacity(PAGES), 0);
    for _ in 0..PAGES {
        let begun = Instant::now();
        let mut reader = diaries.store.read().await?;
        found = followup::list_claims(&mut reader.db(), diaries.definition(), &asked).await?.len();
        took.push(begun.elapsed().as_secs_f64() * 1000.0);
    }
    took.sort_by(f64::total_cmp);
    Ok((found, took))
}

async fn keep(free: &Free, now: DateTime<Utc>) -> Outcome<(usize, Duration)> {
    let begun = Instant::now();
    let opened = followup::keep_claims(&free.diaries.store, &free.diaries.definitions, now).await?;
    Ok((opened, begun.elapsed()))
}

async fn empty(db: &mut Db<'_>) -> Outcome {
    let sql = "DELETE FROM steps";
    match &mut db.connection {
        Connection::Sqlite(connection) => sqlx::query(sql).execute(&mut **connection).await.map(|_| ())?,
        Connection::Postgres(connection) => sqlx::query(sql).execute(&mut **connection).await.map(|_| ())?,
    }
    Ok(())
}

/// In milliseconds, the shortest first.
async fn first_pages(free: &Free, now: DateTime<Utc>) -> Outcome<Vec<f64>> {
    let diaries = &free.diaries;
    let site = &diaries.site()?.id;
    let asked = Listing { day: diaries.definition().calendar.local_date(now), most: 50, now, ..Listing::default() };
    let mut took = Vec::with_capacity(PAGES);
    for _ in 0..PAGES {
        let begun = Instant::now();
        let mut reader = diaries.store.read().await?;
        let reads = Reads { language: Language::English, reasons: true };
        let page = followup::list_steps(&mut reader.db(), diaries.definition(), site, &asked, reads).await?;
        took.push(begun.elapsed().as_secs_f64() * 1000.0);
        if page.len() < 50 {
            return Err(format!("the page has {} steps", page.len()).into());
        }
    }
    took.sort_by(f64::total_cmp);
    Ok(took)
}
