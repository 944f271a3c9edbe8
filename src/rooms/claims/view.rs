//! What a claim's answers mean under its form: which count, what is still to ask, what is missing, what to bring.
//!
//! Pure: a form and answers in, a view out. Nothing is stored and no clock is read.
//!
//! A question is **asked** when a claimed benefit is in its list and its condition holds. An answer **counts** only while
//! its question is asked: an answer on a branch that another answer has hidden is kept by whoever stores it, but it
//! decides nothing, is not missing, not printed and not sent; it comes back when the branch does. Conditions see only
//! answers that count, so questions are worked out in the order of their dependencies, each once.

use startline_definition::{Answers, CLIENT_RECORD, Definition, EvidenceRule, Form, Kind, Part, Question, Text};
use startline_foundation::ids::QuestionId;
use std::collections::HashSet;

/// One line of a client's evidence list.
#[derive(Debug, Clone, PartialEq)]
pub struct EvidenceLine {
    pub id: String,
    pub label: Text,
    pub substitutes: Option<Text>,
    /// Why it is asked for, in plain words.
    pub reason: Text,
    pub agencies: Vec<String>,
}

/// The answers that count, with those that are computed added. Work it out once and ask the rest of it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Evaluated {
    /// Answers of asked questions, computed ones among them.
    pub answers: Answers,
    /// The questions asked, by id.
    asked: HashSet<QuestionId>,
}

impl Evaluated {
    pub fn is_asked(&self, question: &Question) -> bool {
        self.asked.contains(&question.id)
    }
}

/// Works out which questions are asked and which answers count.
pub fn evaluate(form: &Form, answers: &Answers) -> Evaluated {
    let mut evaluated = Evaluated::default();
    let record = answers.get_key_value(&QuestionId::new(CLIENT_RECORD));
    evaluated.answers.extend(record.map(|(id, record)| (id.clone(), record.clone())));
    let mut claimed = form.claimed(answers);
    for question in form.questions_by_dependency() {
        let serves = question.benefits.serve(&claimed);
        if !serves || !question.is_shown(&evaluated.answers) {
            if form.claimed_benefits.as_ref() == Some(&question.id) {
                claimed.clear();
            }
            continue;
        }
        evaluated.asked.insert(question.id.clone());
        let value = match &question.kind {
            Kind::Computed(condition) => condition.evaluate(&evaluated.answers).ok(),
            _ => question.answer(answers).cloned(),
        };
        if let Some(value) = value {
            evaluated.answers.insert(question.id.clone(), value);
        }
    }
    evaluated
}

/// The questions now asked, in the order of the form. Computed ones are among them: they are shown, not asked aloud.
pub fn asked<'f>(form: &'f Form, answers: &Answers) -> Vec<&'f Question> {
    let evaluated = evaluate(form, answers);
    form.questions().filter(|question| evaluated.is_asked(question)).collect()
}

/// The questions that must still be answered before the form is complete, in the order of the form.
pub fn missing_of<'f>(form: &'f Form, evaluated: &Evaluated) -> Vec<&'f Question> {
    let is_missing = |question: &&Question| {
        evaluated.is_asked(question)
            && question.kind.is_asked()
            && question.answer(&evaluated.answers).is_none()
            && question.required.holds(&evaluated.answers)
    };
    form.questions().filter(is_missing).collect()
}

/// The parts of the form that have a question to ask, each with its asked questions.
pub fn asked_parts<'f>(form: &'f Form, evaluated: &Evaluated) -> Vec<(&'f Part, Vec<&'f Question>)> {
    let asked = |part: &'f Part| part.questions.iter().filter(|q| evaluated.is_asked(q)).collect::<Vec<_>>();
    form.parts.iter().map(|part| (part, asked(part))).filter(|(_, questions)| !questions.is_empty()).collect()
}

/// What one agency may see: its asked questions in form order, under their parts. Never a question that does not
/// name it.
pub fn agency_view<'f>(form: &'f Form, evaluated: &Evaluated, agency: &str) -> Vec<(&'f Part, Vec<&'f Question>)> {
    let mut parts = asked_parts(form, evaluated);
    for (_, questions) in &mut parts {
        questions.retain(|question| question.agencies.iter().any(|name| name == agency));
    }
    parts.retain(|(_, questions)| !questions.is_empty());
    parts
}

/// What the client is to bring.
pub fn evidence(definition: &Definition, answers: &Answers) -> Vec<EvidenceLine> {
    evidence_of(&definition.form, &evaluate(&definition.form, answers))
}

/// As [`evidence`], from answers counted already.
pub fn evidence_of(form: &Form, evaluated: &Evaluated) -> Vec<EvidenceLine> {
    let claimed = form.claimed(&evaluated.answers);
    let applies = |rule: &&EvidenceRule| rule.benefits.serve(&claimed) && rule.applies(&evaluated.answers);
    let line = |rule: &EvidenceRule| EvidenceLine {
        id: rule.id.clone(),
        label: rule.label.clone(),
        substitutes: rule.substitutes.clone(),
        reason: rule.reason.clone(),
        agencies: rule.agencies.clone(),
    };
    form.evidence.iter().filter(applies).map(line).collect()
}

#[cfg(test)]
#[path = "view_tests.rs"]
mod tests;
