//! What a walk stands on, read once a request: its definition, client and claim. Here its answers land.

use super::areas;
use super::effects;
use super::fills::{self, Change};
use super::life::Walk;
use super::step::{Position, Step};
use super::store;
use super::walk::{Course, Evaluation};
use crate::access::{Context, audit};
use crate::claims::{self, Answer, Carried, Claim, Draft};
use crate::clients::{self, Client, Learned};
use serde_json::Value;
use startline_definition::{Answers, CLIENT_RECORD, Definition, Definitions, Question, Script};
use startline_foundation::error::{Error, Result, StaleValue};
use startline_foundation::formats::Postcode;
use startline_foundation::ids::{ClaimId, QuestionId, SiteId};
use startline_foundation::store::Db;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Filling the form may show or hide questions that fill it again; a script that does not come to rest in so many rounds
/// goes on with the next step.
const MOST_ROUNDS: usize = 4;

pub(super) struct WalkContext {
    pub definition: Arc<Definition>,
    pub client: Option<Client>,
    pub claim: Option<Claim>,
    /// The form as it is stored.
    pub log: Vec<Answer>,
}

impl WalkContext {
    pub async fn of(db: &mut Db<'_>, definitions: &Definitions, walk: &Walk) -> Result<Self> {
        let definition = definitions.version(db, &walk.definition_version).await?;
        let client = match walk.client_id {
            Some(id) => Some(clients::get(db, id).await?),
            None => None,
        };
        let (claim, log) = match walk.claim_id {
            Some(id) => (Some(claims::get(db, id).await?), claims::answers(db, id).await?),
            None => (None, Vec::new()),
        };
        // Who claims again is as old as they are now, and not as they were when they claimed before.
        let client = client.map(|client| match &claim {
            Some(claim) => claim.claimant(client),
            None => Client { first_contact_at: client.first_contact(walk.moved_at, walk.moved_at), ..client },
        });
        Ok(Self { definition, client, claim, log })
    }

    pub fn script(&self, walk: &Walk) -> Result<&Script> {
        let script = self.definition.script(&walk.script);
        script.ok_or_else(|| Error::internal("a walk's version lacks its script"))
    }

    pub fn course(&self, walk: &Walk) -> Result<Course<'_>> {
        let script = self.script(walk)?;
        Ok(Course { script, form: self.claim.as_ref().map(|_| &self.definition.form) })
    }

    pub fn evaluate(&self, walk: &Walk) -> Result<Evaluation> {
        Ok(self.course(walk)?.evaluate(&self.stored(), &walk.answers))
    }

    /// The form's answers, with the client record beside them.
    fn stored(&self) -> Answers {
        let mut answers = claims::values(&self.log);
        let record = self.client.as_ref().map(|client| claims::client_record(&self.definition, client));
        answers.extend(record.map(|record| (QuestionId::new(CLIENT_RECORD), record)));
        answers
    }

    /// What the form holds for a question, null when somebody took it back.
    pub fn standing(&self, question: &QuestionId) -> Option<&Answer> {
        self.log.iter().find(|answer| answer.question_id == *question)
    }

    /// The revision of what the form holds for the question that is answered here; none outside the form.
    pub fn revision_at(&self, walk: &Walk, position: &Position) -> Option<i32> {
        let course = self.course(walk).ok()?;
        let question = course.form.and(course.place(position)?.form_question())?;
        Some(self.standing(question).map_or(0, |answer| answer.revision))
    }

    /// For a desk that did not know what the form holds by now: both values.
    pub fn stale(&self, walk: &Walk, position: &Position, yours: Option<Value>) -> Error {
        let message = "this answer was changed on another desk meanwhile; read the walk again".to_owned();
        let course = self.course(walk).ok();
        let place = course.and_then(|course| course.place(position));
        let standing = place.and_then(|place| self.standing(place.form_question()?));
        let value = |answer: &Answer| StaleValue {
            field: answer.question_id.to_string(),
            yours: yours.clone().unwrap_or_default(),
            standing: Some(answer.value.clone()),
            revision: answer.revision,
            by: answer.saved_by.to_string(),
            at: answer.saved_at,
        };
        Error::Stale { message, values: standing.map(value).into_iter().collect() }
    }

    /// Saves changes of the form, in the log and here.
    async fn write(&mut self, db: &mut Db<'_>, context: &Context, id: ClaimId, changes: Vec<Change>) -> Result<()> {
        for Change { question, stage, value } in changes {
            let revision = self.standing(&question).map_or(0, |answer| answer.revision);
            let draft = Draft { question_id: question.clone(), value: value.clone(), seen_revision: revision };
            claims::append(db, context, &self.definition, id, &stage, vec![draft]).await?;
            self.log.retain(|answer| answer.question_id != question);
            self.log.push(Answer {
                question_id: question,
                value,
                revision: revision + 1,
                stage,
                saved_by: context.user.id,
                saved_at: context.now,
                carried: Carried::No,
            });
        }
        Ok(())
    }

    /// Saves the answer to a question of the form. A null takes it back; the same again confirms it.
    pub async fn answer_form(
        &mut self,
        db: &mut Db<'_>,
        context: &Context,
        walk: &mut Walk,
        question: &Question,
        value: Value,
    ) -> Result<()> {
        let (Some(id), Some(stage)) = (walk.claim_id, walk.state.position().map(|position| position.stage.clone()))
        else {
            return Err(Error::internal("the form is walked without a claim"));
        };
        let standing = self.standing(&question.id);
        let stands = standing.map_or(&Value::Null, |answer| &answer.value);
        let is_carried = standing.is_some_and(|answer| answer.carried != Carried::No);
        if value.is_null() {
            walk.progress.settled.remove(&question.id);
        } else {
            walk.progress.settled.insert(question.id.clone());
        }
        if *stands == value && !is_carried {
            return Ok(());
        }
        self.write(db, context, id, vec![Change { question: question.id.clone(), stage, value }]).await
    }

    /// Whether a day lies within its bounds, beside the form's answers and the script's own. What fills a question of the
    /// form has the bounds of that question.
    pub fn check_days(&self, walk: &Walk, question: &Question, value: &Value, context: &Context) -> Result<()> {
        let of_form = question.fills.as_ref().and_then(|id| self.definition.form.question(id));
        let mut answers = self.stored();
        answers.extend(walk.answers.iter().map(|(id, value)| (id.clone(), value.clone())));
        let today = self.definition.calendar.local_date(context.now);
        let within = of_form.unwrap_or(question).check_days(value, &answers, today);
        within.map_err(|wrong| wrong.in_field("value", context.language))
    }

    /// What the answer teaches the client record.
    pub async fn learn(
        &mut self,
        db: &mut Db<'_>,
        context: &Context,
        definitions: &Definitions,
        question: &Question,
        value: &Value,
    ) -> Result<()> {
        let Some(client) = &self.client else { return Ok(()) };
        if let Some(fact) = claims::learned(&self.definition, client, question, value) {
            let current = definitions.current();
            let locate = |postcode: &_| current.site_of_postcode(postcode).cloned();
            self.teach(db, context, fact, &locate).await?;
        }
        Ok(())
    }

    /// The claim before its client, as whoever saves answers to it does: the answer will be written there.
    async fn teach(
        &mut self,
        db: &mut Db<'_>,
        context: &Context,
        fact: Learned,
        locate: &(dyn Fn(&Postcode) -> Option<SiteId> + Send + Sync),
    ) -> Result<()> {
        let Some(client) = &self.client else { return Ok(()) };
        if let Some(claim) = &self.claim {
            claims::for_update(db, claim.id).await?;
        }
        self.client = Some(clients::learn(db, context, client.id, fact, locate).await?);
        Ok(())
    }

    /// What follows by itself from the answers as they stand.
    async fn take_effect(
        &mut self,
        db: &mut Db<'_>,
        context: &Context,
        walk: &mut Walk,
        answers: &Answers,
    ) -> Result<()> {
        let definition = self.definition.clone();
        let Some(script) = definition.script(&walk.script) else { return Ok(()) };
        if !effects::has_moved(script, answers, &walk.progress) {
            return Ok(());
        }
        let given_before = match walk.client_id {
            Some(client) => effects::given_in_walks(db, client).await?,
            None => BTreeSet::new(),
        };
        let change = effects::follow(script, answers, &mut walk.progress, &given_before, context.now);
        let before = self.client.as_ref().map(|client| client.facts.call_needs.clone()).unwrap_or_default();
        if change.is_needed(&before) {
            let added: Vec<String> = change.add.iter().filter(|need| !before.contains(need)).cloned().collect();
            self.teach(db, context, Learned::CallNeeds(change), &|_| None).await?;
            walk.progress.needs_given.extend(added);
        }
        Ok(())
    }

    /// Counts, brings the form in line with the script's own answers, and counts again where that changed anything.
    pub async fn settle(
        &mut self,
        db: &mut Db<'_>,
        context: &Context,
        walk: &mut Walk,
        said: Option<&QuestionId>,
    ) -> Result<Evaluation> {
        let mut evaluation = self.evaluate(walk)?;
        let Some(id) = self.claim.as_ref().filter(|claim| claim.check_open().is_ok()).map(|claim| claim.id) else {
            return self.refuse_what_is_said(walk, evaluation, said);
        };
        let here = walk.state.position().map(|position| position.stage.clone()).unwrap_or_default();
        for round in 0..MOST_ROUNDS {
            let wanted = self.course(walk)?.fills(&evaluation);
            let counts = |answer: &&Answer| answer.carried != Carried::AskAgain;
            let standing = |question: &QuestionId| self.standing(question).filter(counts).map(|answer| &answer.value);
            let said = said.filter(|_| round == 0);
            let changes = fills::sync_form_answers(&mut walk.progress, &wanted, standing, said, &here);
            if changes.is_empty() {
                break;
            }
            self.write(db, context, id, changes).await?;
            evaluation = self.evaluate(walk)?;
        }
        Ok(evaluation)
    }

    /// A claim whose start-up is done takes no more answers by telephone: saying otherwise is refused, the rest goes on.
    fn refuse_what_is_said(
        &self,
        walk: &Walk,
        evaluation: Evaluation,
        said: Option<&QuestionId>,
    ) -> Result<Evaluation> {
        let (Some(claim), Some(said)) = (&self.claim, said) else { return Ok(evaluation) };
        let wanted = self.course(walk)?.fills(&evaluation).into_iter().find(|(question, ..)| *question == said);
        let stands = self.standing(said).map(|answer| &answer.value);
        match wanted {
            Some((.., value)) if Some(&value) != stands => claim.check_open().map(|()| evaluation),
            _ => Ok(evaluation),
        }
    }

    /// The walk comes to `position`, or to its end, which it reaches only with every key area settled.
    pub async fn arrive(
        &mut self,
        db: &mut Db<'_>,
        context: &Context,
        walk: &mut Walk,
        evaluation: &Evaluation,
        position: Option<Position>,
        action: &'static str,
    ) -> Result<()> {
        let course = self.course(walk)?;
        areas::record(&course, evaluation, &mut walk.progress, context.user.id, context.now);
        let open = areas::open(&course, &walk.progress);
        if position.is_none() && !open.is_empty() {
            let names: Vec<String> =
                open.iter().map(|area| format!("{} ({})", area.name.in_language(context.language), area.id)).collect();
            let message = format!("not covered yet: {}; cover each, or say why not", names.join("; "));
            return Err(Error::illegal("KEY_AREAS_OPEN", message));
        }
        for hint in course.script.hints.iter().filter(|hint| hint.when.holds(&evaluation.answers)) {
            walk.progress.hints.entry(hint.id.clone()).or_insert(context.now);
        }
        if let Some(Position { step: Step::FormQuestion(question), .. }) = &position {
            walk.progress.reached.insert(question.clone());
        }
        self.take_effect(db, context, walk, &evaluation.answers).await?;
        walk.go(position, context);
        save(db, context, walk, action).await
    }
}

pub(super) async fn save(db: &mut Db<'_>, context: &Context, walk: &mut Walk, action: &'static str) -> Result<()> {
    walk.revision += 1;
    store::save(db, walk).await?;
    audit(db, context, action, "walk", &walk.id).await
}
