//! Answers of many desks in one transaction: what is wrong with one request spoils no other, on both engines.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

#[path = "support/postgres.rs"]
mod postgres_server;

use serde_json::{Value, json};
use startline::access::{self, Context, Role, Sees, User};
use startline::claims::{self, AnswerWriter, Autosave, Beginning, Draft, LARGEST_BATCH, Saving};
use startline::clients::{self, FactsDraft};
use startline::clock::Clock;
use startline::definition::{Definition, Definitions};
use startline::error::{Error, Result};
use startline::formats::Language;
use startline::ids::{ClaimId, QuestionId, RequestId};
use startline::store::{Connection, GroupWriter, Store, Target};
use std::sync::Arc;

struct Desk {
    store: Store,
    autosave: Autosave,
    context: Context,
    claim: ClaimId,
}

impl Desk {
    async fn open(target: &Target) -> Self {
        let now = Clock::system().now();
        let store = Store::open(target).await.unwrap();
        let definitions = Definitions::put_in_force(&store, Definition::embedded(), now).await.unwrap();
        let mut tx = store.begin_write().await.unwrap();
        let db = &mut tx.db();
        let (user, _) = access::add_user(db, "Asha", Role::Adviser, Some("somerset".into()), &[], now).await.unwrap();
        let context = context_of(&user);
        let facts = FactsDraft { last_name: "Hill".into(), ..FactsDraft::default() };
        let client = clients::create(db, &context, &facts, Some("somerset".into()), &|_| None).await.unwrap();
        let claim = claims::open(db, &context, &definitions, client.id, Beginning::default()).await.unwrap();
        tx.commit().await.unwrap();
        let writer = AnswerWriter::new(Arc::new(definitions));
        let (autosave, _) = GroupWriter::start(store.clone(), writer, LARGEST_BATCH);
        Self { store, autosave, context, claim: claim.id }
    }

    /// A request of its own with these answers: question, value, revision seen.
    fn saving(&self, answers: &[(&str, Value, i32)]) -> Saving {
        self.again(RequestId::fresh(self.context.now), answers)
    }

    fn again(&self, request: RequestId, answers: &[(&str, Value, i32)]) -> Saving {
        let context = Context { request_id: Some(request), ..self.context.clone() };
        let draft = |(question, value, seen_revision): &(&str, Value, i32)| Draft {
            question_id: QuestionId::from(*question),
            value: value.clone(),
            seen_revision: *seen_revision,
        };
        Saving::new(&context, self.claim, "B8", answers.iter().map(draft).collect()).unwrap()
    }

    /// All at once. On the tests' one thread they are all queued before the first batch begins, so they share it.
    async fn save<const N: usize>(&self, savings: [Saving; N]) -> [Result<Vec<(QuestionId, i32)>>; N] {
        let saved = savings.map(|saving| self.autosave.save(saving));
        let saved = futures_util::future::join_all(saved).await;
        saved.try_into().unwrap_or_else(|_| panic!("an outcome is missing"))
    }

    async fn stands(&self, question: &str) -> Option<(Value, i32)> {
        let mut reader = self.store.read().await.unwrap();
        let answers = claims::answers(&mut reader.db(), self.claim).await.unwrap();
        let found = answers.into_iter().find(|answer| answer.question_id.as_str() == question);
        found.map(|answer| (answer.value, answer.revision))
    }

    /// The start-up call is done, without the meeting that the verb asks for.
    async fn close_claim(&self) {
        let sql = "UPDATE claims SET state = 'start_up_done', start_up_done_at = $1 WHERE id = $2";
        let mut tx = self.store.begin_write().await.unwrap();
        let changed = match tx.db().connection {
            Connection::Sqlite(c) => {
                sqlx::query(sql).bind(self.context.now).bind(self.claim).execute(c).await.unwrap().rows_affected()
            }
            Connection::Postgres(c) => {
                sqlx::query(sql).bind(self.context.now).bind(self.claim).execute(c).await.unwrap().rows_affected()
            }
        };
        assert_eq!(changed, 1);
        tx.commit().await.unwrap();
    }
}

fn context_of(user: &User) -> Context {
    let now = Clock::system().now();
    Context {
        now,
        user: user.clone(),
        request_id: Some(RequestId::fresh(now)),
        language: Language::English,
        sees: Sees::ALL,
    }
}

fn saved(question: &str, revision: i32) -> Vec<(QuestionId, i32)> {
    vec![(QuestionId::from(question), revision)]
}

async fn in_one_batch_nobody_spoils_anothers_answers(target: &Target) {
    let desk = Desk::open(target).await;
    let first = RequestId::fresh(desk.context.now);
    let [one] = desk.save([desk.again(first, &[("B3", json!("Ann"), 0)])]).await;
    assert_eq!(one.unwrap(), saved("B3", 1));

    // What only a look at the log can tell apart: the same request again, a stale one, and good ones around them.
    let mut elsewhere = desk.saving(&[("B5", json!("1971-08-04"), 0)]);
    elsewhere.claim_id = ClaimId::fresh(desk.context.now);
    let [replayed, stale, good, half, wrong, unknown, next] = desk
        .save([
            desk.again(first, &[("B3", json!("Ann"), 0)]),
            desk.saving(&[("B3", json!("Anne"), 0)]),
            desk.saving(&[("B5", json!("1971-08-04"), 0)]),
            desk.saving(&[("B6", json!("AB123456C"), 0), ("B3", json!("Nan"), 0)]),
            desk.saving(&[("B6", json!("ZZ"), 0)]),
            elsewhere,
            desk.saving(&[("B5", json!("1971-08-05"), 1)]),
        ])
        .await;
    assert_eq!(replayed.unwrap(), saved("B3", 1));
    assert!(matches!(stale, Err(Error::Stale { .. })));
    assert_eq!(good.unwrap(), saved("B5", 1));
    assert!(matches!(half, Err(Error::Stale { .. })));
    assert!(matches!(wrong, Err(Error::Invalid(_))));
    assert!(matches!(unknown, Err(Error::NotFound { .. })));
    assert_eq!(next.unwrap(), saved("B5", 2));
    assert_eq!(desk.stands("B3").await, Some((json!("Ann"), 1)));
    assert_eq!(desk.stands("B5").await, Some((json!("1971-08-05"), 2)));
    assert_eq!(desk.stands("B6").await, None);

    // One that the database itself refuses, careful or not.
    let [gap, good] =
        desk.save([desk.saving(&[("B3", json!("Anna"), 7)]), desk.saving(&[("B6", json!("AB123456C"), 0)])]).await;
    assert!(matches!(gap, Err(Error::Invalid(_))));
    assert_eq!(good.unwrap(), saved("B6", 1));
    assert_eq!(desk.stands("B6").await, Some((json!("AB123456C"), 1)));
}

async fn a_request_saved_before_the_start_up_was_done_gets_its_answer_again(target: &Target) {
    let desk = Desk::open(target).await;
    let first = RequestId::fresh(desk.context.now);
    let [one] = desk.save([desk.again(first, &[("B3", json!("Ann"), 0)])]).await;
    one.unwrap();
    desk.close_claim().await;
    let [replayed, late] =
        desk.save([desk.again(first, &[("B3", json!("Ann"), 0)]), desk.saving(&[("B3", json!("Anne"), 1)])]).await;
    assert_eq!(replayed.unwrap(), saved("B3", 1));
    assert!(matches!(late, Err(Error::Illegal { .. })));
    assert_eq!(desk.stands("B3").await, Some((json!("Ann"), 1)));
}

mod sqlite {
    use super::*;

    #[tokio::test]
    async fn in_one_batch_nobody_spoils_anothers_answers() {
        let folder = tempfile::tempdir().unwrap();
        super::in_one_batch_nobody_spoils_anothers_answers(&Target::SqliteFile(folder.path().join("a.sqlite"))).await;
    }

    #[tokio::test]
    async fn a_request_saved_before_the_start_up_was_done_gets_its_answer_again() {
        let folder = tempfile::tempdir().unwrap();
        let target = Target::SqliteFile(folder.path().join("a.sqlite"));
        super::a_request_saved_before_the_start_up_was_done_gets_its_answer_again(&target).await;
    }
}

mod postgres {
    use super::*;

    #[tokio::test]
    async fn in_one_batch_nobody_spoils_anothers_answers() {
        let target = Target::Postgres(postgres_server::fresh_database().await);
        super::in_one_batch_nobody_spoils_anothers_answers(&target).await;
    }

    #[tokio::test]
    async fn a_request_saved_before_the_start_up_was_done_gets_its_answer_again() {
        let target = Target::Postgres(postgres_server::fresh_database().await);
        super::a_request_saved_before_the_start_up_was_done_gets_its_answer_again(&target).await;
    }
}
