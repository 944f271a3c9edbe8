//! Saving answers as the adviser types: gathered into one transaction with those of other desks, acknowledged when it is
//! durable.
//!
//! Every answer is a new row in the log of answers, at the revision after the one the desk saw. If that row exists
//! already, it is either this very request again (a replay, answered as the first time) or somebody else's newer answer
//! (the desk's is stale). The log says who, when and from which stage: it is its own audit.

use super::answer::{Carried, Draft, KeptDraft};
use super::claim::Claim;
use super::log::{LogKey, LogRow, StoredAnswer};
use super::{learn, log_store, store, values};
use crate::access::{self, Context, Sees};
use chrono::{DateTime, Utc};
use serde_json::Value;
use startline_definition::{Answers, ClientFact, Definition, Definitions, Question, Wrong};
use startline_foundation::error::{Error, FieldFault, Result, StaleValue};
use startline_foundation::formats::{Language, optional_line};
use startline_foundation::ids::{ClaimId, QuestionId, RequestId, UserId};
use startline_foundation::store::{BatchWriter, Db, GroupWriter, Manner};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

/// Answers in one request; the form has some two hundred questions.
pub(super) const MOST_ANSWERS: usize = 100;
const STAGE_CHARS: usize = 50;
/// Longest draft that is kept, as JSON text: some forty printed pages.
const MOST_DRAFT_BYTES: usize = 128 * 1024;
/// Savers gathered into one transaction. Larger batches no longer make the disk flush cheaper and make the first wait.
pub const LARGEST_BATCH: usize = 64;

/// The desks' way to durable answers.
pub type Autosave = GroupWriter<AnswerWriter>;

/// One request's answers, on their way to the log.
#[derive(Debug)]
pub struct Saving {
    pub claim_id: ClaimId,
    pub user: UserId,
    pub request_id: RequestId,
    pub at: DateTime<Utc>,
    pub stage: String,
    pub drafts: Vec<Draft>,
    /// In which its faults are told.
    pub language: Language,
    /// What the answers are to this claim.
    pub carried: Carried,
}

impl Saving {
    /// Checks what can be checked without the claim.
    pub fn new(context: &Context, claim_id: ClaimId, stage: &str, drafts: Vec<Draft>) -> Result<Self> {
        let request_id = context.request_id.ok_or_else(|| Error::invalid("request_id", "is needed"))?;
        if drafts.is_empty() || drafts.len() > MOST_ANSWERS {
            return Err(Error::invalid("answers", format!("must be between 1 and {MOST_ANSWERS}")));
        }
        let mut seen = BTreeSet::new();
        for (i, draft) in drafts.iter().enumerate() {
            if !seen.insert(&draft.question_id) {
                return Err(Error::invalid(format!("answers[{i}].question_id"), "stands twice in this request"));
            }
            if draft.seen_revision < 0 {
                return Err(Error::invalid(format!("answers[{i}].seen_revision"), "is not a revision"));
            }
        }
        let stage = optional_line("stage", stage, STAGE_CHARS)?;
        Ok(Self {
            claim_id,
            user: context.user.id,
            request_id,
            at: context.now,
            stage,
            drafts,
            language: context.language,
            carried: Carried::No,
        })
    }

    fn keys(&self) -> impl Iterator<Item = LogKey> + '_ {
        self.drafts.iter().map(|draft| (self.claim_id, draft.question_id.clone(), draft.seen_revision + 1))
    }

    /// The rows to log, with every value checked against its question.
    fn rows(&self, definition: &Definition) -> Result<Vec<LogRow>> {
        let mut faults = Vec::new();
        let mut rows = Vec::with_capacity(self.drafts.len());
        for (i, draft) in self.drafts.iter().enumerate() {
            match checked_value(definition, draft, self.language, self.at) {
                Ok(value) => rows.push(LogRow {
                    claim_id: self.claim_id,
                    question_id: draft.question_id.clone(),
                    revision: draft.seen_revision + 1,
                    value,
                    stage: self.stage.clone(),
                    saved_by: self.user,
                    saved_at: self.at,
                    request_id: self.request_id,
                    carried: self.carried,
                }),
                Err((part, reason)) => faults.push(FieldFault { field: format!("answers[{i}].{part}"), reason }),
            }
        }
        if faults.is_empty() { Ok(rows) } else { Err(Error::Invalid(faults)) }
    }
}

fn checked_value(
    definition: &Definition,
    draft: &Draft,
    language: Language,
    now: DateTime<Utc>,
) -> Result<Value, (String, String)> {
    let id = &draft.question_id;
    let question = definition
        .form
        .question(id)
        .ok_or_else(|| ("question_id".to_owned(), format!("the form has no question {id}")))?;
    if question.fills_client == Some(ClientFact::FirstContact) && draft.seen_revision > 0 {
        let en = "is the day of the first contact: it is kept for ever";
        let cy = "dyma ddiwrnod y cyswllt cyntaf: fe'i cedwir am byth";
        return Err(("value".to_owned(), format!("{id}: {}", if language == Language::Welsh { cy } else { en })));
    }
    if draft.value.is_null() {
        return Ok(Value::Null);
    }
    let told = |wrong: Wrong| (format!("value{}", wrong.path()), format!("{id}: {}", wrong.in_language(language)));
    let value = question.kind.check(&draft.value).map_err(told)?;
    match learn::refusal(definition, question, &value, now) {
        Some(reason) => Err(("value".to_owned(), format!("{id}: {}", in_record(&reason, language)))),
        None => Ok(value),
    }
}

/// Why the client record cannot take an answer, in the adviser's language.
pub(super) fn in_record(reason: &str, language: Language) -> String {
    match language {
        Language::English => reason.to_owned(),
        Language::Welsh => format!("ni all cofnod y cleient ei gymryd ({reason})"),
    }
}

/// Writes batches of answers.
pub struct AnswerWriter {
    definitions: Arc<Definitions>,
}

impl AnswerWriter {
    pub fn new(definitions: Arc<Definitions>) -> Self {
        Self { definitions }
    }

    /// What an answer says of the client goes to the client record too, so that no letter and no later claim asks again.
    async fn teach_records(
        &self,
        db: &mut Db<'_>,
        claims: &HashMap<ClaimId, Claim>,
        definitions: &HashMap<ClaimId, Arc<Definition>>,
        rows: &[LogRow],
    ) -> Result<()> {
        let in_force = self.definitions.current();
        let mut known: Vec<_> = rows
            .iter()
            .filter_map(|row| Some((claims.get(&row.claim_id)?, definitions.get(&row.claim_id)?, row)))
            .collect();
        // Client records are taken in the order of their ids, whatever order the answers came in; and of one request the
        // postcode last, so that it is heard with the lines that came with it.
        let mut requests: Vec<RequestId> = rows.iter().map(|row| row.request_id).collect();
        requests.dedup();
        known.sort_by_key(|(claim, definition, row)| {
            let request = requests.iter().position(|request| *request == row.request_id);
            let fact = definition.form.question(&row.question_id).and_then(|question| question.fills_client);
            (claim.client_id, request, fact == Some(ClientFact::Postcode))
        });
        for (claim, definition, row) in known {
            let question = definition.form.question(&row.question_id).filter(|q| q.fills_client.is_some());
            let Some(question) = question else { continue };
            let user = access::user(db, row.saved_by).await?;
            let (now, request_id) = (row.saved_at, Some(row.request_id));
            let context = Context { now, user, request_id, language: Language::English, sees: Sees::NOTHING };
            learn::teach(db, &context, definition, in_force, claim.client_id, question, &row.value).await?;
        }
        Ok(())
    }

    async fn definitions_of(
        &self,
        db: &mut Db<'_>,
        claims: &HashMap<ClaimId, Claim>,
    ) -> Result<HashMap<ClaimId, Arc<Definition>>> {
        let mut found = HashMap::with_capacity(claims.len());
        for claim in claims.values() {
            found.insert(claim.id, self.definitions.version(db, &claim.definition_version).await?);
        }
        Ok(found)
    }
}

impl BatchWriter for AnswerWriter {
    type Item = Saving;
    /// The new revision of each answer, in the order of the request.
    type Saved = Vec<(QuestionId, i32)>;

    /// Hopefully: as if nothing of this stood in the log yet. Where something does, the log's own keys refuse the batch.
    async fn write(&self, db: &mut Db<'_>, items: &[Saving], manner: Manner) -> Result<Vec<Result<Self::Saved>>> {
        let ids: BTreeSet<ClaimId> = items.iter().map(|item| item.claim_id).collect();
        let claims = store::for_share(db, &ids).await?;
        let definitions = self.definitions_of(db, &claims).await?;
        let mut standing: BTreeMap<LogKey, StoredAnswer> = match manner {
            Manner::Optimistic => BTreeMap::new(),
            Manner::Checked => log_store::standing(db, &items.iter().flat_map(Saving::keys).collect()).await?,
        };

        let days = answers_beside_days(db, items, &claims, &definitions).await?;
        let mut new_rows = Vec::new();
        let mut outcomes = Vec::with_capacity(items.len());
        for item in items {
            let known = claims.get(&item.claim_id).zip(definitions.get(&item.claim_id).map(Arc::as_ref));
            let beside = days.get(&item.claim_id);
            let mut outcome = admit(item, known, beside, &mut standing, &mut new_rows);
            match &mut outcome {
                // The claim is closed, but this may be a request again that was saved before.
                Err(Error::Illegal { .. }) if manner == Manner::Optimistic => return Err(Error::Contended),
                Err(Error::Invalid(faults)) => {
                    if let Some((_, definition)) = known {
                        keep_drafts(db, item, definition, faults).await?;
                    }
                }
                _ => {}
            }
            outcomes.push(outcome);
        }
        log_store::append(db, &new_rows).await?;
        // Only now does the log say what stands: a desk may have been overtaken within this very batch.
        for (item, outcome) in items.iter().zip(&mut outcomes) {
            if let Err(Error::Stale { values, .. }) = outcome {
                *values = both_values(db, item).await?;
            }
        }
        self.teach_records(db, &claims, &definitions, &new_rows).await?;
        Ok(outcomes)
    }
}

/// Adds one request's rows to what will be written, or says why not. All of a request is saved, or nothing.
fn admit(
    item: &Saving,
    known: Option<(&Claim, &Definition)>,
    beside: Option<&Answers>,
    standing: &mut BTreeMap<LogKey, StoredAnswer>,
    new_rows: &mut Vec<LogRow>,
) -> Result<Vec<(QuestionId, i32)>> {
    let revisions = || item.keys().map(|(_, question, revision)| (question, revision)).collect();
    let (claim, definition) = known.ok_or_else(|| Error::not_found(ClaimId::WHAT, item.claim_id))?;
    let is_own = |answer: &StoredAnswer| answer.by == item.user && answer.request_id == item.request_id;
    if item.keys().any(|key| standing.get(&key).is_some_and(is_own)) {
        return if is_replay(item, definition, standing) { Ok(revisions()) } else { Err(another_request()) };
    }
    claim.check_open()?;
    if let Some((_, question, _)) = item.keys().find(|key| standing.contains_key(key)) {
        return Err(stale(&question));
    }
    let rows = item.rows(definition)?;
    if let Some(answers) = beside {
        check_days(item, definition, &rows, answers)?;
    }
    let stands = |row: &LogRow| StoredAnswer { by: row.saved_by, request_id: row.request_id, value: row.value.clone() };
    standing.extend(item.keys().zip(rows.iter().map(stands)));
    new_rows.extend(rows);
    Ok(revisions())
}

/// What else stands in the claims whose days are to be held against it: only where a day that has bounds is saved.
async fn answers_beside_days(
    db: &mut Db<'_>,
    items: &[Saving],
    claims: &HashMap<ClaimId, Claim>,
    definitions: &HashMap<ClaimId, Arc<Definition>>,
) -> Result<HashMap<ClaimId, Answers>> {
    let mut found = HashMap::new();
    for item in items.iter().filter(|item| claims.contains_key(&item.claim_id)) {
        let Some(definition) = definitions.get(&item.claim_id) else { continue };
        let is_bounded = |draft: &Draft| definition.form.question(&draft.question_id).is_some_and(Question::has_bounds);
        if item.drafts.iter().any(is_bounded) && !found.contains_key(&item.claim_id) {
            found.insert(item.claim_id, values(&log_store::answers(db, item.claim_id).await?));
        }
    }
    Ok(found)
}

/// Whether each day of a request lies within its bounds, beside what stands and what is saved with it.
fn check_days(item: &Saving, definition: &Definition, rows: &[LogRow], standing: &Answers) -> Result<()> {
    let mut answers = standing.clone();
    answers.extend(rows.iter().map(|row| (row.question_id.clone(), row.value.clone())));
    let today = definition.calendar.local_date(item.at);
    let fault = |(i, row): (usize, &LogRow)| {
        let id = &row.question_id;
        let wrong = definition.form.question(id)?.check_days(&row.value, &answers, today).err()?;
        let reason = format!("{id}: {}", wrong.in_language(item.language));
        Some(FieldFault { field: format!("answers[{i}].value{}", wrong.path()), reason })
    };
    let faults: Vec<FieldFault> = rows.iter().enumerate().filter_map(fault).collect();
    if faults.is_empty() { Ok(()) } else { Err(Error::Invalid(faults)) }
}

/// Whether this very request has been saved: every answer stands, and says the same.
fn is_replay(item: &Saving, definition: &Definition, standing: &BTreeMap<LogKey, StoredAnswer>) -> bool {
    let Ok(rows) = item.rows(definition) else { return false };
    item.keys().zip(&rows).all(|(key, row)| {
        standing.get(&key).is_some_and(|answer| {
            (answer.by, answer.request_id, &answer.value) == (item.user, item.request_id, &row.value)
        })
    })
}

/// Keeps what a refused request typed beside its questions, so that nobody types it again. What is beyond any measure is
/// not kept: its sender has it.
async fn keep_drafts(db: &mut Db<'_>, item: &Saving, definition: &Definition, faults: &[FieldFault]) -> Result<()> {
    // A request refused for what it is, and not for what was typed, leaves nothing.
    if !faults.iter().any(|fault| fault.field.contains("].value")) {
        return Ok(());
    }
    for (i, draft) in item.drafts.iter().enumerate() {
        let field = format!("answers[{i}].value");
        let reason = faults.iter().find(|fault| fault.field.starts_with(&field)).map(|fault| fault.reason.clone());
        if definition.form.question(&draft.question_id).is_none() {
            continue;
        }
        let kept = KeptDraft {
            question_id: draft.question_id.clone(),
            value: draft.value.clone(),
            reason: reason.unwrap_or_default(),
            seen_revision: draft.seen_revision,
            typed_by: item.user,
            typed_at: item.at,
        };
        keep_draft(db, item.claim_id, &kept).await?;
    }
    Ok(())
}

/// Keeps a draft, unless it says nothing or is beyond any measure.
pub(super) async fn keep_draft(db: &mut Db<'_>, claim: ClaimId, draft: &KeptDraft) -> Result<()> {
    if draft.value.is_null() || draft.value.to_string().len() > MOST_DRAFT_BYTES {
        return Ok(());
    }
    log_store::keep_draft(db, claim, draft).await
}

/// What a desk wanted to write that did not know the newest answers, beside what stands.
async fn both_values(db: &mut Db<'_>, item: &Saving) -> Result<Vec<StaleValue>> {
    let standing = log_store::answers(db, item.claim_id).await?;
    let both = |draft: &Draft| {
        let answer = standing.iter().find(|answer| answer.question_id == draft.question_id)?;
        (answer.revision > draft.seen_revision).then(|| StaleValue {
            field: draft.question_id.to_string(),
            yours: draft.value.clone(),
            standing: Some(answer.value.clone()),
            revision: answer.revision,
            by: answer.saved_by.to_string(),
            at: answer.saved_at,
        })
    };
    Ok(item.drafts.iter().filter_map(both).collect())
}

fn another_request() -> Error {
    Error::invalid("request_id", "was used before for another request; each needs a new one")
}

fn stale(question: &QuestionId) -> Error {
    Error::stale(format!("{question} was answered on another desk meanwhile; read the claim again"))
}

/// The answers of a walk or of the client record, written in the caller's own transaction.
pub async fn append_now(db: &mut Db<'_>, definition: &Definition, claim: &Claim, saving: &Saving) -> Result<()> {
    let keys: BTreeSet<LogKey> = saving.keys().collect();
    let mut standing = log_store::standing(db, &keys).await?;
    let mut rows = Vec::new();
    admit(saving, Some((claim, definition)), None, &mut standing, &mut rows)?;
    log_store::append(db, &rows).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_that_names_a_question_twice_is_refused() {
        let now: DateTime<Utc> = "2026-03-03T10:00:00Z".parse().unwrap();
        let user = crate::access::User {
            id: UserId::fresh(now),
            name: "Asha".into(),
            site: Some("somerset".into()),
            roles: crate::access::Roles::default(),
            duties: Vec::new(),
            skills: Vec::new(),
        };
        let request_id = Some(RequestId::fresh(now));
        let context = Context { now, user, request_id, language: Language::English, sees: Sees::NOTHING };
        let draft = Draft { question_id: "B2".into(), value: Value::from("Hill"), seen_revision: 0 };
        let twice = Saving::new(&context, ClaimId::fresh(now), "B8", vec![draft.clone(), draft.clone()]);
        assert!(matches!(twice, Err(Error::Invalid(_))));
        let once = Saving::new(&context, ClaimId::fresh(now), "B8", vec![draft]).unwrap();
        assert_eq!(once.keys().count(), 1);
    }
}
