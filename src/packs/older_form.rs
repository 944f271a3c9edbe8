//! Claims that began on an older form, and what today's form knows better about paper.

use startline_definition::{ClientFact, Definition, Question, is_blank};
use startline_foundation::ids::QuestionId;
use startline_rooms::claims;
use startline_rooms::clients::Client;
use std::collections::BTreeSet;

/// What a claim that began on an older form must not print, and whether it says that letters go somewhere that the record
/// does not know: only today's form puts that there.
#[derive(Debug, Default)]
pub struct OlderForm {
    pub withheld: BTreeSet<QuestionId>,
    pub letters_go_elsewhere: bool,
}

impl OlderForm {
    pub fn of(definition: &Definition, in_force: &Definition, client: &Client, answers: &[claims::Answer]) -> Self {
        if definition.version == in_force.version {
            return Self::default();
        }
        let hidden = in_force.form.questions().filter(|question| !question.is_printed());
        let is_elsewhere = |question: &Question| {
            let today = in_force.form.question(&question.id).and_then(|today| today.fills_client);
            today == Some(ClientFact::LettersAddress) && question.fills_client != today
        };
        let said = |question: &Question| {
            answers.iter().any(|answer| answer.question_id == question.id && !is_blank(&answer.value))
        };
        Self {
            withheld: hidden.map(|question| question.id.clone()).collect(),
            letters_go_elsewhere: client.facts.letters_address.is_none()
                && definition.form.questions().any(|question| is_elsewhere(question) && said(question)),
        }
    }
}
