//! The integrated claim form: parts, their questions, and the evidence to bring.

use super::agency_order::AgencyOrder;
use super::condition::{Answers, Condition};
use super::kind::Kind;
use super::question::{Benefits, Question};
use super::text::Text;
use startline_foundation::ids::QuestionId;
use std::collections::HashMap;

/// A part of the form, as it is printed: `A`, About this claim.
#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    pub id: String,
    pub title: Text,
    /// For the adviser's eyes, at its start.
    pub guidance: Option<Text>,
    pub questions: Vec<Question>,
    pub(super) file: String,
}

/// One line of the evidence list: brought to the meeting when `when` holds and a claimed benefit is in its list.
#[derive(Debug, Clone, PartialEq)]
pub struct EvidenceRule {
    pub id: String,
    pub label: Text,
    /// What will do instead.
    pub substitutes: Option<Text>,
    /// Why it is asked for, in plain words.
    pub reason: Text,
    pub when: Option<Condition>,
    pub benefits: Benefits,
    pub agencies: Vec<String>,
    pub(super) line: u64,
}

impl EvidenceRule {
    pub fn applies(&self, answers: &Answers) -> bool {
        self.when.as_ref().is_none_or(|condition| condition.holds(answers))
    }
}

/// What the evidence list is called among the parts of the form.
#[derive(Debug, Clone, PartialEq)]
pub struct EvidencePart {
    pub id: String,
    pub title: Text,
}

/// The whole form.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Form {
    pub parts: Vec<Part>,
    pub evidence: Vec<EvidenceRule>,
    /// The evidence list as a part of the form, where it is one.
    pub evidence_part: Option<EvidencePart>,
    /// The forms of agencies that want their questions in an order of their own.
    pub orders: Vec<AgencyOrder>,
    /// The multi question whose answer says which benefits are claimed.
    pub claimed_benefits: Option<QuestionId>,
    /// The date question whose answer says from which day the client wants to claim.
    pub claim_from: Option<QuestionId>,
    /// Where each question stands: part, place in it.
    pub(super) places: HashMap<QuestionId, (usize, usize)>,
    /// Every question, each after those whose answers decide whether it is shown: the order in which to work out
    /// which answers count.
    pub(super) order: Vec<(usize, usize)>,
}

impl Form {
    /// Every question in the order of the form.
    pub fn questions(&self) -> impl Iterator<Item = &Question> {
        self.parts.iter().flat_map(|part| &part.questions)
    }

    pub fn question(&self, id: &QuestionId) -> Option<&Question> {
        let (part, place) = self.places.get(id)?;
        self.parts.get(*part)?.questions.get(*place)
    }

    /// The part a question stands in.
    pub fn part_of(&self, id: &QuestionId) -> Option<&Part> {
        self.parts.get(self.places.get(id)?.0)
    }

    pub fn part(&self, id: &str) -> Option<&Part> {
        self.parts.iter().find(|part| part.id == id)
    }

    /// Every question, those first whose answers decide whether others are shown.
    pub fn questions_by_dependency(&self) -> impl Iterator<Item = &Question> {
        self.order.iter().filter_map(|(part, place)| self.parts.get(*part)?.questions.get(*place))
    }

    /// The benefits claimed in these answers, as ids.
    pub fn claimed<'a>(&self, answers: &'a Answers) -> Vec<&'a str> {
        let answer = self.claimed_benefits.as_ref().and_then(|id| answers.get(id));
        answer.and_then(|a| a.as_array()).into_iter().flatten().filter_map(|b| b.as_str()).collect()
    }

    pub(super) fn index(&mut self) {
        self.places.clear();
        for (p, part) in self.parts.iter().enumerate() {
            for (q, question) in part.questions.iter().enumerate() {
                self.places.entry(question.id.clone()).or_insert((p, q));
            }
        }
    }

    /// Orders the questions by what decides whether they are shown (and, for computed ones, what they come to).
    /// Gives back the questions that wait for each other in a circle.
    pub(super) fn order_by_dependency(&mut self) -> Vec<QuestionId> {
        let needs = |question: &Question| -> Vec<QuestionId> {
            let value = match &question.kind {
                Kind::Computed(condition) => Some(condition),
                _ => None,
            };
            let conditions = question.shown.iter().chain(value);
            let claimed = self.claimed_benefits.clone().filter(|_| question.benefits != Benefits::All);
            let named = conditions.flat_map(|c| c.references().iter().cloned());
            named.chain(claimed).filter(|id| self.places.contains_key(id)).collect()
        };
        let mut waiting: Vec<(QuestionId, (usize, usize), Vec<QuestionId>)> = self
            .parts
            .iter()
            .enumerate()
            .flat_map(|(p, part)| part.questions.iter().enumerate().map(move |(q, question)| (p, q, question)))
            .map(|(p, q, question)| (question.id.clone(), (p, q), needs(question)))
            .collect();
        let mut done = std::collections::HashSet::new();
        let mut order = Vec::with_capacity(waiting.len());
        loop {
            let before = waiting.len();
            waiting.retain(|(id, place, needs)| {
                let ready = needs.iter().all(|need| done.contains(need));
                if ready {
                    done.insert(id.clone());
                    order.push(*place);
                }
                !ready
            });
            if waiting.is_empty() || waiting.len() == before {
                break;
            }
        }
        self.order = order;
        // Those that only wait for the circle are not in it.
        loop {
            let needed: std::collections::HashSet<QuestionId> =
                waiting.iter().flat_map(|(_, _, needs)| needs.iter().cloned()).collect();
            let before = waiting.len();
            waiting.retain(|(id, ..)| needed.contains(id));
            if waiting.len() == before {
                break;
            }
        }
        waiting.into_iter().map(|(id, _, _)| id).collect()
    }
}
