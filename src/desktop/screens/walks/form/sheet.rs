//! A claim's form, a part at a time: which questions are asked now, what is known of each, and saving what was typed.
//!
//! What is asked is worked out by the form's own rules from the answers that the API tells. Each answer is saved by itself as
//! far as it goes: one that cannot be accepted, or was changed on another desk meanwhile, holds none of the others back.

use super::asked::{Asked, Known, Other};
use super::control::{How, Shape};
use super::read::{Typed, mark};
use super::value::{json, message};
use crate::refused::said::capital;
use crate::seat::{Posted, Seat};
use axum::response::Response;
use serde_json::Value as Json;
use startline_api as pb;
use startline_definition::{Answers, ClientFact, Definition, Part, Question};
use startline_foundation::formats::Language;
use startline_foundation::ids::{DefinitionVersion, QuestionId};
use startline_rooms::claims::{Evaluated, evaluate};
use startline_service::methods::{Refusal, RefusalKind};
use std::collections::BTreeMap;
use std::sync::Arc;

/// After what cannot be saved is left out, the rest is tried again; so often at most.
const MOST_ROUNDS: usize = 4;

pub struct Sheet {
    pub definition: Arc<Definition>,
    pub claim: pb::Claim,
    pub evaluated: Evaluated,
    pub talk: Language,
}

/// What became of what was typed.
#[derive(Default)]
pub struct Saved {
    /// By question: where in its value, and what is wrong.
    pub wrong: BTreeMap<String, (String, String)>,
    pub stale: BTreeMap<String, pb::StaleAnswer>,
    /// By question, as typed, where it was not saved.
    pub typed: BTreeMap<String, Json>,
    /// The revisions that were made of it: what another desk has saved since is not what this page was told of.
    pub revisions: BTreeMap<String, u32>,
    pub late: Vec<pb::TooLateLetter>,
    /// Nothing can be saved here now.
    pub refused: Option<Refusal>,
    pub count: usize,
}

impl Saved {
    pub fn is_good(&self) -> bool {
        self.wrong.is_empty() && self.stale.is_empty() && self.refused.is_none()
    }
}

/// The definition that something began on.
pub async fn definition(seat: &Seat, version: &str) -> Result<Arc<Definition>, Response> {
    let definitions = &seat.pages.service.definitions;
    let version = DefinitionVersion::new(version);
    if let Some(known) = definitions.known(&version) {
        return Ok(known);
    }
    let asked = pb::GetDefinitionRequest { version: version.to_string(), ..Default::default() };
    seat.need(asked).await?;
    Ok(definitions.known(&version).unwrap_or_else(|| definitions.current().clone()))
}

/// In which language a client is talked to.
pub fn talks(client: Option<&pb::Client>) -> Language {
    let facts = client.and_then(|client| client.facts.as_ref());
    facts.and_then(|facts| Language::parse(&facts.talk_language).ok()).unwrap_or(Language::English)
}

impl Sheet {
    pub async fn of(seat: &Seat, claim_id: &str, talk: Language) -> Result<Self, Response> {
        let asked = pb::GetClaimRequest { claim_id: claim_id.to_owned(), ..Default::default() };
        let claim = seat.need(asked).await?.claim.unwrap_or_default();
        Self::with(seat, claim, talk).await
    }

    pub async fn with(seat: &Seat, claim: pb::Claim, talk: Language) -> Result<Self, Response> {
        let definition = definition(seat, &claim.definition_version).await?;
        let answers: Answers = claim
            .answers
            .iter()
            .map(|answer| (QuestionId::new(&answer.question_id), json(answer.value.as_ref())))
            .filter(|(_, value)| !value.is_null())
            .collect();
        let evaluated = evaluate(&definition.form, &answers);
        Ok(Self { definition, claim, evaluated, talk })
    }

    pub fn part(&self, code: &str) -> Option<&Part> {
        self.definition.form.part(code)
    }

    pub fn answer(&self, question: &str) -> Option<&pb::Answer> {
        self.claim.answers.iter().find(|answer| answer.question_id == question)
    }

    /// Those of a part that are asked now, and those worked out.
    pub fn questions<'s>(&'s self, part: &'s Part) -> impl Iterator<Item = &'s Question> {
        part.questions.iter().filter(|question| self.evaluated.is_asked(question))
    }

    /// How many questions of a part are asked, and how many of them have an answer.
    pub fn count(&self, part: &Part) -> (usize, usize) {
        let asked = self.questions(part).filter(|question| question.kind.is_asked());
        asked.fold((0, 0), |(asked, answered), question| {
            let is_answered = question.answer(&self.evaluated.answers).is_some()
                || self.answer(question.id.as_str()).is_some_and(|answer| answer.withheld);
            (asked + 1, answered + usize::from(is_answered))
        })
    }

    /// A part as it is filled in. `saved`: what became of what was just typed; `more`: the table that wants another row.
    pub fn fields(&self, seat: &Seat, part: &Part, saved: &Saved, more: &str) -> Vec<Asked> {
        self.questions(part)
            .filter(|question| {
                question.kind.is_asked() || matches!(question.kind, startline_definition::Kind::Computed(_))
            })
            .map(|question| self.field(seat, question, saved, more))
            .collect()
    }

    fn field(&self, seat: &Seat, question: &Question, saved: &Saved, more: &str) -> Asked {
        let id = question.id.as_str();
        let name = name_of(id);
        let answer = self.answer(id);
        let draft = self.claim.drafts.iter().find(|draft| draft.question_id == id && !draft.withheld);
        let is_anew = answer.is_some_and(|answer| answer.carried() == pb::Carried::AskAgain);
        let stands = match question.kind.is_asked() {
            true => answer.map_or(Json::Null, |answer| json(answer.value.as_ref())),
            false => self.evaluated.answers.get(&question.id).cloned().unwrap_or_default(),
        };
        let value = match (saved.typed.get(id), draft) {
            (Some(typed), _) => typed.clone(),
            (None, Some(draft)) => json(draft.value.as_ref()),
            (None, None) if is_anew => Json::Null,
            (None, None) => stands.clone(),
        };
        let more_rows = if more == name { 2 } else { 0 };
        let how = How { talk: self.talk, page: seat.language(), is_inner: false, more_rows };
        let mut asked = Asked::new(question, name, &value, how);
        let revision = answer.map_or(0, |answer| answer.revision);
        asked.seen(question, saved.revisions.get(id).copied().unwrap_or(revision));
        // The day of the first contact is kept for ever.
        if question.fills_client == Some(ClientFact::FirstContact) && revision > 0 && draft.is_none() {
            asked.control.shape = Shape::Shown(question.kind.show(&stands, seat.language()));
            asked.seen = None;
        }
        if let Some(answer) = answer {
            let at = answer.saved_time.as_ref().and_then(crate::seat::instant);
            let is_of_today = at.is_some_and(|at| seat.local(at).0 == seat.today());
            if is_of_today && !stands.is_null() && answer.carried() == pb::Carried::Unspecified {
                asked.saved_at = seat.time(answer.saved_time.as_ref());
            }
            let known = match answer.carried() {
                _ if answer.withheld => Known::Withheld,
                pb::Carried::ToConfirm => Known::ToConfirm,
                pb::Carried::AskAgain => Known::AskAgain(question.kind.show(&stands, seat.language())),
                pb::Carried::Unspecified => Known::Plain,
            };
            asked.is_known(known);
        }
        if saved.typed.contains_key(id) || draft.is_some() {
            asked.saved_at.clear();
        }
        if let Some((path, text)) = saved.wrong.get(id) {
            asked.fault(text.clone(), path);
        } else if let Some(draft) = draft.filter(|draft| !draft.reason.is_empty()) {
            asked.fault(sentence(id, &draft.reason), "");
        }
        if let Some(stale) = saved.stale.get(id) {
            let says = stale.standing.as_ref().map_or_else(|| stands.clone(), |standing| json(Some(standing)));
            asked.other = Some(Other {
                says: question.kind.show(&says, seat.language()),
                when: seat.when(stale.saved_time.as_ref()),
            });
            // What was typed stands instead of it only where somebody says so, or types anew.
            asked.seen = Some((stale.revision.max(revision), mark(asked.control.untouched(&question.kind).as_ref())));
        }
        asked
    }

    /// Saves what was changed in a part.
    pub async fn save(&self, posted: &Posted, part: &Part, stage: &str) -> Result<Saved, Response> {
        let typed = Typed::of(&posted.form);
        let mut saved = Saved::default();
        let mut drafts = Vec::new();
        for question in part.questions.iter().filter(|question| question.kind.is_asked()) {
            let name = name_of(question.id.as_str());
            let mark_name = format!("s-{name}");
            if !posted.form.has(&mark_name) {
                continue;
            }
            let value = typed.read(&question.kind, &name);
            let is_untouched = mark(value.as_ref()) == posted.get(&mark_name);
            match posted.get(&format!("which-{name}")) {
                "mine" => {}
                "theirs" => continue,
                // Who was told of another answer while they typed on has not said which of the two is to stand.
                _ if posted.form.has(&format!("o-{name}")) && self.differs(question, value.as_ref()) => {
                    saved.still_differs(question.id.as_str(), value.unwrap_or_default(), self);
                    continue;
                }
                _ if is_untouched => continue,
                _ => {}
            }
            let stands = self.answer(question.id.as_str());
            let is_settled = stands.is_none_or(|answer| answer.carried() == pb::Carried::Unspecified);
            if !self.differs(question, value.as_ref()) && is_settled {
                continue;
            }
            let seen_revision = posted.get(&format!("r-{name}")).parse().unwrap_or(0);
            drafts.push((question.id.to_string(), value.unwrap_or_default(), seen_revision));
        }
        for round in 0..MOST_ROUNDS {
            if drafts.is_empty() {
                break;
            }
            let answers: Vec<pb::AnswerDraft> = drafts
                .iter()
                .map(|(id, value, seen_revision)| pb::AnswerDraft {
                    question_id: id.clone(),
                    value: Some(message(value)),
                    seen_revision: *seen_revision,
                })
                .collect();
            let what: String = drafts.iter().map(|(id, value, seen)| format!("{id} {seen} {value}\n")).collect();
            let asked = pb::SaveAnswersRequest {
                request_id: posted.request_id_of(&format!("save {round} {what}")),
                claim_id: self.claim.claim_id.clone(),
                answers,
                stage: stage.to_owned(),
            };
            match posted.ask(asked).await? {
                Ok(answer) => {
                    saved.count += answer.saved.len();
                    let revisions = answer.saved.into_iter().map(|saved| (saved.question_id, saved.revision));
                    saved.revisions.extend(revisions);
                    saved.late = answer.too_late;
                    break;
                }
                Err(refusal) => {
                    if !saved.take(refusal, &mut drafts) {
                        break;
                    }
                }
            }
        }
        Ok(saved)
    }

    /// The first question of a part that is asked by now, and was not on the page that was sent.
    pub fn brought_up(&self, posted: &Posted, part: &Part) -> Option<String> {
        let is_new = |question: &&Question| {
            let id = question.id.as_str();
            let is_withheld = self.answer(id).is_some_and(|answer| answer.withheld);
            let is_kept = question.fills_client == Some(ClientFact::FirstContact);
            question.kind.is_asked() && !is_withheld && !is_kept && !posted.form.has(&format!("s-{}", name_of(id)))
        };
        self.questions(part).find(is_new).map(|question| question.id.to_string())
    }

    /// Whether what was typed says something else than what stands.
    fn differs(&self, question: &Question, typed: Option<&Json>) -> bool {
        let stands = self.answer(question.id.as_str());
        let standing = stands.map_or(Json::Null, |answer| json(answer.value.as_ref()));
        match typed {
            Some(value) => !question.kind.check(value).is_ok_and(|checked| checked == standing),
            None => !standing.is_null() || self.has_draft(question),
        }
    }

    fn has_draft(&self, question: &Question) -> bool {
        self.claim.drafts.iter().any(|draft| draft.question_id == question.id.as_str())
    }
}

impl Saved {
    /// Nobody has said yet which of the two is to stand.
    fn still_differs(&mut self, id: &str, value: Json, sheet: &Sheet) {
        let Some(answer) = sheet.answer(id) else { return };
        let stale = pb::StaleAnswer {
            question_id: id.to_owned(),
            standing: answer.value.clone(),
            revision: answer.revision,
            saved_by: answer.saved_by.clone(),
            saved_time: answer.saved_time,
            ..Default::default()
        };
        self.stale.insert(id.to_owned(), stale);
        self.typed.insert(id.to_owned(), value);
    }

    /// Puts aside what was refused; false when there is nothing left to try.
    fn take(&mut self, refusal: Refusal, drafts: &mut Vec<(String, Json, u32)>) -> bool {
        let before = drafts.len();
        let mut out: Vec<String> = Vec::new();
        if refusal.kind == RefusalKind::Invalid {
            for (path, text) in &refusal.fields {
                let Some((at, rest)) = path.strip_prefix("answers[").and_then(|rest| rest.split_once(']')) else {
                    continue;
                };
                let Some((id, ..)) = at.parse::<usize>().ok().and_then(|at| drafts.get(at)) else { continue };
                let place = rest.strip_prefix(".value").unwrap_or_default().to_owned();
                self.wrong.entry(id.clone()).or_insert_with(|| (place, sentence(id, text)));
                out.push(id.clone());
            }
        }
        if let Some(bytes) = refusal.detail("startline.v1.StaleAnswers") {
            for stale in pb::stale_answers(bytes).unwrap_or_default() {
                out.push(stale.question_id.clone());
                self.stale.insert(stale.question_id.clone(), stale);
            }
        }
        for (id, value, _) in drafts.iter().filter(|(id, ..)| out.contains(id)) {
            self.typed.insert(id.clone(), value.clone());
        }
        drafts.retain(|(id, ..)| !out.contains(id));
        if drafts.len() == before {
            for (id, value, _) in drafts.drain(..) {
                self.typed.insert(id, value);
            }
            self.refused = Some(refusal);
            return false;
        }
        true
    }
}

/// Under which a question's answer is sent.
pub fn name_of(question: &str) -> String {
    format!("a-{question}")
}

/// "B2: must be a date" as it stands beside B2.
pub fn sentence(id: &str, text: &str) -> String {
    let text = text.strip_prefix(id).and_then(|text| text.strip_prefix(": ")).unwrap_or(text);
    capital(&crate::refused::in_record(text))
}
