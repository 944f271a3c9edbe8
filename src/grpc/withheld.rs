//! What of a record is not told to whoever asks. That there is an answer is told, and that it is withheld; its value is not,
//! nor what it says of itself elsewhere. Each conversion of an answer into a message goes through here; who sees what is
//! `access::marks`.

use super::pb;
use startline_definition::{Definition, Sensitivity};
use startline_foundation::error::Result;
use startline_foundation::ids::{ClaimId, QuestionId};
use startline_foundation::store::Db;
use startline_rooms::access::Sees;
use startline_rooms::claims::{self, Claim};
use startline_service::Service;
use std::sync::Arc;

/// The questions of a claim or a walk, as whoever asks sees them. What the definition in force marks is withheld of claims,
/// too, that began on an older one.
#[derive(Clone)]
pub struct Veil {
    sees: Sees,
    began_on: Arc<Definition>,
    in_force: Arc<Definition>,
}

impl Veil {
    pub fn new(sees: Sees, began_on: Arc<Definition>, in_force: Arc<Definition>) -> Self {
        Self { sees, began_on, in_force }
    }

    /// The claim beside it.
    pub async fn of_claim(service: &Service, db: &mut Db<'_>, sees: Sees, id: ClaimId) -> Result<(Claim, Self)> {
        let claim = claims::get(db, id).await?;
        let began_on = service.definitions.version(db, &claim.definition_version).await?;
        Ok((claim, Self::new(sees, began_on, service.definitions.current().clone())))
    }

    /// The definition that the claim or the walk began on.
    pub fn definition(&self) -> &Arc<Definition> {
        &self.began_on
    }

    /// Whether the question's answer is not for whoever asks.
    pub fn hides(&self, question: &QuestionId) -> bool {
        !self.sees.is_all()
            && self.began_on.marks(question).chain(self.in_force.marks(question)).any(|mark| !self.sees.sees(mark))
    }

    /// The same, by the question's id as a message has it.
    pub fn hides_id(&self, question: &str) -> bool {
        self.hides(&QuestionId::new(question))
    }

    pub fn answer(&self, mut answer: pb::Answer) -> pb::Answer {
        if self.hides_id(&answer.question_id) {
            (answer.value, answer.withheld) = (None, true);
        }
        answer
    }

    /// What would be right may say what was typed.
    pub fn draft(&self, mut draft: pb::KeptDraft) -> pb::KeptDraft {
        if self.hides_id(&draft.question_id) {
            (draft.value, draft.reason, draft.withheld) = (None, String::new(), true);
        }
        draft
    }

    pub fn amendment(&self, mut amendment: pb::Amendment) -> pb::Amendment {
        if self.hides_id(&amendment.question_id) {
            (amendment.said, amendment.says, amendment.withheld) = (None, None, true);
        }
        amendment
    }

    /// A claim, which may have been read for others who see more.
    pub fn claim(&self, mut claim: pb::Claim) -> pb::Claim {
        claim.answers = claim.answers.into_iter().map(|answer| self.answer(answer)).collect();
        claim.drafts = claim.drafts.into_iter().map(|draft| self.draft(draft)).collect();
        if let Some(standing) = &mut claim.standing
            && hides_reasons(self.sees)
            && !standing.meeting_reason.is_empty()
        {
            (standing.meeting_reason, standing.meeting_reason_withheld) = (String::new(), true);
        }
        claim
    }

    /// An event of a claim: why a meeting was put off or waived is of the client's health or their private life.
    pub fn event(&self, mut event: pb::ClaimEvent) -> pb::ClaimEvent {
        event.answers = event.answers.into_iter().map(|answer| self.answer(answer)).collect();
        let decides = matches!(event.r#move(), pb::ClaimMove::MeetingDeferred | pb::ClaimMove::MeetingWaived);
        if decides && hides_reasons(self.sees) {
            event.detail = None;
            event.detail_withheld = true;
        }
        event
    }

    pub fn walk(&self, mut walk: pb::Walk) -> pb::Walk {
        if let Some(answers) = &mut walk.answers {
            let hidden: Vec<String> = answers.fields.keys().filter(|id| self.hides_id(id)).cloned().collect();
            hidden.iter().for_each(|id| drop(answers.fields.remove(id)));
            walk.withheld_question_ids = hidden;
        }
        if hides_notes(self.sees) {
            walk.key_areas.iter_mut().for_each(|area| area.reason.clear());
        }
        if let Some(step) = &mut walk.step
            && let Some(question) = &step.question
            && step.known_value.is_some()
            && self.hides_id(&question.question_id)
        {
            (step.known_value, step.known_withheld) = (None, true);
        }
        walk
    }

    /// The sorts that stand on the client's own form and that whoever asks does not see.
    pub fn hides_of_the_form(&self) -> bool {
        let printed = self.began_on.form.questions().filter(|question| question.is_printed());
        printed.map(|question| &question.id).any(|question| self.hides(question))
    }
}

/// What was typed freely, notes and why something was left out, may be about anything.
pub fn hides_notes(sees: Sees) -> bool {
    !sees.sees(Sensitivity::Health) || !sees.sees(Sensitivity::Private)
}

/// Why a meeting was put off or done without.
pub fn hides_reasons(sees: Sees) -> bool {
    hides_notes(sees)
}

/// Where letters go instead of home is asked because those at home may not know.
pub fn facts(sees: Sees, mut facts: pb::ClientFacts) -> pb::ClientFacts {
    if facts.letters_address.is_some() && !sees.sees(Sensitivity::Private) {
        (facts.letters_address, facts.letters_address_withheld) = (None, true);
    }
    facts
}
