use super::*;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use startline_foundation::events::{Event, Topic};
use startline_foundation::formats::Language;
use startline_foundation::ids::{ClaimId, RequestId, SiteId};
use startline_foundation::store::{Listener, Target};
use startline_rooms::access::{Role, Sees, audit, audit_trail};
use std::sync::Mutex;
use std::sync::atomic::AtomicUsize;
use tokio::sync::Notify;

struct Desk {
    _folder: tempfile::TempDir,
    store: Store,
    runner: Runner,
    operation: Operation,
}

async fn desk() -> Desk {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&Target::choose(folder.path(), None).unwrap()).await.unwrap();
    let clock = Clock::system();
    let mut tx = store.begin_write().await.unwrap();
    let site = Some(SiteId::new("somerset"));
    let (user, _) = access::add_user(&mut tx.db(), "Asha", Role::Adviser, site, &[], clock.now()).await.unwrap();
    tx.commit().await.unwrap();
    let request_id = Some(RequestId::fresh(clock.now()));
    let context = Context { now: clock.now(), user, request_id, language: Language::English, sees: Sees::ALL };
    let operation = Operation { context, name: "WithdrawClaimRequest", fingerprint: vec![1], deadline: None };
    Desk { _folder: folder, runner: Runner::new(store.clone(), clock), store, operation }
}

impl Desk {
    /// How often the audit says that it happened.
    async fn happened(&self) -> usize {
        audit_trail(&mut self.store.read().await.unwrap().db(), &"a record").await.unwrap().len()
    }
}

/// Something that is done, after so many races are lost.
async fn done_after(mut work: Work, races: &AtomicUsize, answer: &[u8]) -> Result<(Work, Vec<u8>)> {
    let (mut db, context) = work.parts();
    audit(&mut db, context, "claim_withdrawn", "claim", &"a record").await?;
    if races.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok() {
        return Err(Error::Contended);
    }
    work.done(answer.to_vec())
}

#[tokio::test]
async fn a_lost_race_is_run_again_until_it_is_won_and_happens_once() {
    let desk = desk().await;
    let races = AtomicUsize::new(5);
    let answer = desk.runner.mutate(&desk.operation, |work| done_after(work, &races, b"first")).await.unwrap();
    assert_eq!((answer.as_slice(), desk.runner.retries(), desk.happened().await), (b"first".as_slice(), 5, 1));
}

#[tokio::test]
async fn a_replay_gets_the_first_answer_and_another_request_under_its_id_is_refused() {
    let desk = desk().await;
    let none = AtomicUsize::new(0);
    assert_eq!(desk.runner.replayed::<Vec<u8>>(&desk.operation).await.unwrap(), None);
    desk.runner.mutate(&desk.operation, |work| done_after(work, &none, b"first")).await.unwrap();
    let again = desk.runner.mutate(&desk.operation, |work| done_after(work, &none, b"second")).await.unwrap();
    assert_eq!((again.as_slice(), desk.happened().await), (b"first".as_slice(), 1));
    assert_eq!(desk.runner.replayed(&desk.operation).await.unwrap(), Some(b"first".to_vec()));
    let other = Operation { fingerprint: vec![2], ..desk.operation.clone() };
    let refused = desk.runner.mutate(&other, |work| done_after(work, &none, b"other")).await.unwrap_err();
    assert!(matches!(refused, Error::Invalid(_)), "{refused}");
}

#[tokio::test]
async fn the_callers_deadline_ends_the_tries_with_nothing_half_done() {
    let desk = desk().await;
    let for_ever = AtomicUsize::new(usize::MAX);
    let deadline = Some(Instant::now() + Duration::from_millis(300));
    let hurried = Operation { deadline, ..desk.operation.clone() };
    let late = desk.runner.mutate(&hurried, |work| done_after(work, &for_ever, b"never")).await.unwrap_err();
    assert!(matches!(late, Error::DeadlineExceeded), "{late}");
    assert!(desk.runner.retries() > 0);
    // Also one that hangs instead of losing.
    let hangs = |_: Work| std::future::pending::<Result<(Work, Vec<u8>)>>();
    let late = desk.runner.mutate(&hurried, hangs).await.unwrap_err();
    assert!(matches!(late, Error::DeadlineExceeded), "{late}");
    assert_eq!(desk.happened().await, 0);
    let none = AtomicUsize::new(0);
    desk.runner.mutate(&desk.operation, |work| done_after(work, &none, b"then")).await.unwrap();
    assert_eq!(desk.happened().await, 1, "the same request sent again is done");
}

/// Notes what it is told, when it is let.
#[derive(Clone, Default)]
struct Listening {
    told: Arc<Mutex<Vec<Event>>>,
    begun: Arc<Notify>,
    let_go: Arc<Notify>,
}

impl Listener for Listening {
    fn deliver(&self, events: Vec<Event>) -> BoxFuture<'_, ()> {
        async move {
            self.begun.notify_one();
            self.let_go.notified().await;
            self.told.lock().unwrap().extend(events);
            self.let_go.notify_one();
        }
        .boxed()
    }
}

#[tokio::test]
async fn what_was_committed_is_told_also_when_the_caller_has_gone_and_what_was_undone_is_not() {
    let desk = desk().await;
    let listening = Listening::default();
    desk.store.deliver_to(listening.clone());
    let topic = Event::Changed(Topic::Claim(ClaimId::fresh(desk.operation.context.now)));
    let refused = |mut work: Work| {
        let topic = topic.clone();
        async move {
            work.db().after_commit(topic);
            Err::<(Work, Vec<u8>), _>(Error::illegal("NO", "no"))
        }
    };
    desk.runner.mutate(&desk.operation, refused).await.unwrap_err();
    let (runner, operation, said) = (desk.runner.clone(), desk.operation.clone(), topic.clone());
    let caller = tokio::spawn(async move {
        let say = |mut work: Work| {
            let said = said.clone();
            async move {
                work.db().after_commit(said.clone());
                work.db().after_commit(said);
                work.done(Vec::new())
            }
        };
        runner.mutate(&operation, say).await
    });
    listening.begun.notified().await;
    caller.abort();
    assert!(caller.await.unwrap_err().is_cancelled());
    listening.let_go.notify_one();
    listening.let_go.notified().await;
    assert_eq!(*listening.told.lock().unwrap(), [topic], "once, and nothing of the one that was refused");
}
