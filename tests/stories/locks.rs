//! Transactions that take the same rows: on PostgreSQL nobody waits for somebody who waits for them. The order of locks is
//! told in `src/store/mod.rs`.

use crate::support::print_steps::{PackPeople, pack_people};
use crate::support::steps::start_up_done;
use crate::support::{Engine, Person, World, soon, until};
use serde_json::json;
use startline::access::{self, Context, Sees};
use startline::definition::{Definition, Definitions};
use startline::error::{Error, Result};
use startline::formats::Language;
use startline::ids::{ClaimId, PrintJobId, UserId};
use startline::packs::{self, Composers, Kept, Order, PackSubject, Prepared};
use startline::printing::PostedReport;
use startline::store::Store;
use std::future::Future;
use std::sync::Arc;
use tokio::sync::Mutex;

/// A world whose service is stopped: what is done here is done by the rooms' verbs, each in a transaction that the story
/// begins. Neither is tried again when it loses, as the doors would.
struct Rooms {
    store: Store,
    definitions: Arc<Definitions>,
    now: chrono::DateTime<chrono::Utc>,
}

impl Rooms {
    async fn context(&self, person: &Person) -> Context {
        let id = UserId::parse("user_id", &person.id).unwrap();
        let user = access::user(&mut self.store.read().await.unwrap().db(), id).await.unwrap();
        Context { now: self.now, user, request_id: None, language: Language::English, sees: Sees::ALL }
    }

    /// The claim's pack as it would be now, composed and not kept.
    async fn composed_anew(&self, context: &Context, claim: ClaimId) -> (Order, Prepared) {
        let wanted = PackSubject::Claim(claim);
        let db = &mut self.store.read().await.unwrap();
        let order = packs::order(&mut db.db(), self.definitions.current(), wanted, self.now).await.unwrap();
        assert!(order.replaces.is_some(), "an older pack is to be taken back");
        let composers = Composers::default();
        let prepared = packs::prepare(&self.store, &composers, &self.definitions, context, &order).await.unwrap();
        assert!(matches!(prepared, Prepared::Fresh { .. }), "the claim has changed since");
        (order, prepared)
    }
}

fn keep(
    rooms: &Rooms,
    context: Context,
    (order, prepared): (Order, Prepared),
) -> impl Future<Output = Result<Kept>> + Send + 'static {
    let (store, definitions) = (rooms.store.clone(), rooms.definitions.clone());
    async move {
        let mut tx = store.begin_write().await?;
        let kept = packs::keep(&mut tx.db(), &context, &definitions, &order, &prepared, false).await?;
        tx.commit().await?;
        Ok(kept)
    }
}

fn post(rooms: &Rooms, context: Context, job: PrintJobId) -> impl Future<Output = Result<()>> + Send + 'static {
    let (store, definitions) = (rooms.store.clone(), rooms.definitions.clone());
    async move {
        let mut tx = store.begin_write().await?;
        let day = definitions.current().calendar.local_date(context.now);
        let report = PostedReport { id: job, day, incomplete: None };
        packs::report_posted(&mut tx.db(), &context, &definitions, report).await?;
        tx.commit().await
    }
}

mod postgres {
    use super::*;

    /// The answers have changed, and the pack is composed anew, which takes the old one back; at the same moment the print
    /// room reports the old one posted, which moves the claim. A third keeps the print job until both of them wait.
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_pack_is_composed_anew_while_the_old_one_is_reported_posted() {
        let mut world = World::start(Engine::Postgres).await;
        let PackPeople { asha, petra, room, .. } = pack_people(&world).await;
        let mut rounds = Vec::new();
        for (last_name, posted_first) in [("Fry", true), ("Hill", false)] {
            let (claim, _) = start_up_done(&world, &asha, last_name).await;
            let pack = asha.awaits_pack(&claim.claim_id).await;
            let job = room.leases_one().await;
            room.begins(&job, "Canon").await.unwrap();
            room.printed_pages(&job, pack.pages).await.unwrap();
            petra.amend(&claim.claim_id, "A1", &json!(["JSA", "HB"]), 1, "RJF").await.unwrap();
            rounds.push((claim.claim_id, job.print_job_id, posted_first));
        }
        world.stop().await;
        let store = world.open_store().await;
        let definitions = Definitions::put_in_force(&store, Definition::embedded(), world.now()).await.unwrap();
        let rooms = Rooms { store, definitions: Arc::new(definitions), now: world.now() };
        let (composer, printer) = (rooms.context(&asha).await, rooms.context(&room).await);
        let watch = Mutex::new(world.look_inside().await);
        let waiting = async |how_many: i64| {
            let sql = "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() \
                       AND wait_event_type = 'Lock'";
            until("others to wait", || async { (watch.lock().await.number(sql).await == how_many).then_some(()) })
                .await;
        };
        for (claim, job, posted_first) in rounds {
            let composed = rooms.composed_anew(&composer, ClaimId::parse("claim_id", &claim).unwrap()).await;
            let mut third = world.look_inside().await;
            third.execute("BEGIN").await;
            third.execute(&format!("SELECT id FROM print_jobs WHERE id = '{job}' FOR UPDATE")).await;
            let keeping = keep(&rooms, composer.clone(), composed);
            let posting = post(&rooms, printer.clone(), PrintJobId::parse("print_job_id", &job).unwrap());
            let (keeping, posting) = if posted_first {
                let posting = tokio::spawn(posting);
                waiting(1).await;
                (tokio::spawn(keeping), posting)
            } else {
                let keeping = tokio::spawn(keeping);
                waiting(1).await;
                (keeping, tokio::spawn(posting))
            };
            waiting(2).await;
            third.execute("ROLLBACK").await;
            let (kept, posted) = soon("both of them", async { tokio::join!(keeping, posting) }).await;
            assert!(matches!(kept.unwrap(), Ok(Kept::Pack(_))), "the new pack is kept, whatever became of the old one");
            match posted.unwrap() {
                Ok(()) => assert!(posted_first, "the old pack was taken back before"),
                Err(Error::Illegal { .. }) => assert!(!posted_first, "nobody had taken the old pack back"),
                Err(fault) => panic!("the print room was told {fault}"),
            }
        }
        rooms.store.close().await;
    }
}
