//! Open claims and what is typed into them: real questions of the pilot's form, one after the other.

use super::Outcome;
use chrono::TimeDelta;
use serde_json::{Value as Json, json};
use startline::access::{self, Context, Role, Sees, User};
use startline::claims::{self, Beginning, Draft, Saving};
use startline::clients::{self, FactsDraft};
use startline::clock::Clock;
use startline::definition::{Answers, Choice, ClientFact, Definition, Definitions, Kind, Question};
use startline::formats::Language;
use startline::ids::{ClaimId, QuestionId, RequestId, SiteId};
use startline::store::{Store, Target};
use std::collections::HashMap;
use std::sync::Arc;

/// A database with an adviser in it.
pub struct Fixture {
    pub store: Store,
    pub definitions: Arc<Definitions>,
    clock: Clock,
    user: User,
}

/// Somebody who fills in one claim, and starts again from the top when the form is full.
pub struct Typist {
    pub claim: ClaimId,
    pub user: User,
    clock: Clock,
    answers: Arc<Vec<(QuestionId, Json)>>,
    next: usize,
    revisions: HashMap<QuestionId, i32>,
}

impl Fixture {
    pub async fn open(target: &Target) -> Outcome<Self> {
        let clock = Clock::system();
        let store = Store::open(target).await?;
        let definitions = Definitions::put_in_force(&store, Definition::embedded(), clock.now()).await?;
        let mut tx = store.begin_write().await?;
        let (user, _) =
            access::add_user(&mut tx.db(), "Asha", Role::Adviser, Some(somerset()), &[], clock.now()).await?;
        tx.commit().await?;
        Ok(Self { store, definitions: Arc::new(definitions), clock, user })
    }

    /// So many, each with a client and an open claim.
    pub async fn typists(&self, number: usize) -> Outcome<Vec<Typist>> {
        let answers = Arc::new(sample_answers(self.definitions.current()));
        let mut typists = Vec::with_capacity(number);
        let mut tx = self.store.begin_write().await?;
        for _ in 0..number {
            let now = self.clock.now();
            let context = Context {
                now,
                user: self.user.clone(),
                request_id: Some(RequestId::fresh(now)),
                language: Language::English,
                sees: Sees::ALL,
            };
            let facts = FactsDraft { last_name: "Hill".into(), ..FactsDraft::default() };
            let client = clients::create(&mut tx.db(), &context, &facts, Some(somerset()), &|_| None).await?;
            let claim =
                claims::open(&mut tx.db(), &context, &self.definitions, client.id, Beginning::default()).await?;
            let filled = claims::answers(&mut tx.db(), claim.id).await?;
            typists.push(Typist {
                claim: claim.id,
                user: self.user.clone(),
                clock: self.clock.clone(),
                answers: answers.clone(),
                next: 0,
                revisions: filled.into_iter().map(|answer| (answer.question_id, answer.revision)).collect(),
            });
        }
        tx.commit().await?;
        Ok(typists)
    }
}

impl Fixture {
    /// One claim with these answers, beside what the client record knows.
    pub async fn full_claim(&self, answers: &Answers) -> Outcome<ClaimId> {
        let typist = self.typists(1).await?.pop().ok_or("there is no typist")?;
        let (claim, filled) = (typist.claim, typist.revisions);
        let mut tx = self.store.begin_write().await?;
        for (question, value) in answers {
            let now = self.clock.now();
            let request_id = Some(RequestId::fresh(now));
            let context =
                Context { now, user: self.user.clone(), request_id, language: Language::English, sees: Sees::ALL };
            if self.definitions.current().form.question(question).is_some_and(is_typed) {
                let definition = self.definitions.current();
                let seen_revision = filled.get(question).copied().unwrap_or(0);
                let draft = Draft { question_id: question.clone(), value: value.clone(), seen_revision };
                claims::append(&mut tx.db(), &context, definition, claim, "B8", vec![draft]).await?;
            }
        }
        tx.commit().await?;
        Ok(claim)
    }
}

impl Typist {
    /// The next question's answer, with the revision that stands before it.
    pub fn next(&mut self) -> Draft {
        let (question, value) = self.answers[self.next % self.answers.len()].clone();
        self.next += 1;
        let revision = self.revisions.entry(question.clone()).or_default();
        let seen_revision = *revision;
        *revision += 1;
        Draft { question_id: question, value, seen_revision }
    }

    pub fn saving(&mut self) -> Outcome<Saving> {
        let now = self.clock.now();
        let context = Context {
            now,
            user: self.user.clone(),
            request_id: Some(RequestId::fresh(now)),
            language: Language::English,
            sees: Sees::ALL,
        };
        Ok(Saving::new(&context, self.claim, "B8", vec![self.next()])?)
    }
}

fn somerset() -> SiteId {
    "somerset".into()
}

/// An answer to each question of the form that takes one of these.
pub fn sample_answers(definition: &Definition) -> Vec<(QuestionId, Json)> {
    // Days have bounds that move with today.
    let today = definition.calendar.local_date(Clock::system().now());
    let lately = today - TimeDelta::days(30);
    let usual = [
        json!("Singer's Printing Works, Frome"),
        json!("yes"),
        json!(lately.to_string()),
        json!("1970-05-14"),
        json!((today + TimeDelta::days(10)).to_string()),
        json!("AB123456C"),
        json!("BA11 1AA"),
        json!("01632 960123"),
        json!({ "lines": ["14 Castle Street", "Frome"] }),
        json!({ "pence": 4250, "period": "week" }),
        json!({ "pence": 4250 }),
        json!(16),
    ];
    let mut said = Answers::new();
    for question in definition.form.questions().filter(|question| is_typed(question)) {
        let fits =
            |value: &&Json| question.kind.check(value).is_ok() && question.check_days(value, &said, today).is_ok();
        let value = match &question.kind {
            Kind::Choice(options) => options.first().map(|option: &Choice| json!(option.id)),
            Kind::Multi(options) => options.first().map(|option| json!([option.id])),
            _ => usual.iter().find(fits).cloned(),
        };
        if let Some(value) = value {
            said.insert(question.id.clone(), value);
        }
    }
    said.into_iter().collect()
}

/// The day of the first contact is typed by nobody.
fn is_typed(question: &Question) -> bool {
    question.fills_client != Some(ClientFact::FirstContact)
}
