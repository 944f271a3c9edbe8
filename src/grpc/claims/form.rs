//! The form: opened, read, saved as it is typed, what is missing, what to bring.

use super::answers::{answer_message, saved_message};
use super::message::{claim_message, definition_of, tick_message};
use crate::call::Call;
use crate::clients::too_late_message;
use crate::doors::ClaimDoor;
use crate::mirrors::shown;
use crate::paging::RankedPage;
use crate::withheld::Veil;
use crate::{convert, pb};
use startline_definition::ClientFact;
use startline_foundation::error::{Error, Result};
use startline_foundation::ids::{ClaimId, ClientId, QuestionId};
use startline_foundation::store::Db;
use startline_packs as packs;
use startline_rooms::access::Context;
use startline_rooms::callbacks;
use startline_rooms::claims::{self, Beginning, Draft, Saving};
use startline_rooms::clients;
use startline_rooms::scripts;

impl ClaimDoor {
    pub async fn open_claim(
        &self,
        db: &mut Db<'_>,
        context: &Context,
        asked: pb::OpenClaimRequest,
    ) -> Result<pb::OpenClaimResponse> {
        let client = ClientId::parse("client_id", &asked.client_id)?;
        let partner_claim = match asked.partner_claim_id.as_str() {
            "" => None,
            id => Some(ClaimId::parse("partner_claim_id", id)?),
        };
        // They were in touch about it when they were promised the call in which it is opened.
        let promised = callbacks::open_of_client(db, client).await?;
        let in_touch_at = promised.iter().map(|callback| callback.booked_at).min();
        let beginning = Beginning { afresh: asked.afresh, partner_claim, in_touch_at };
        let claim = claims::open(db, context, &self.0.definitions, client, beginning).await?;
        let claim = claim_message(&self.0, db, context.sees, &claim).await?;
        Ok(pb::OpenClaimResponse { claim: Some(claim) })
    }

    pub async fn get_claim(
        &self,
        db: &mut Db<'_>,
        context: &Context,
        asked: pb::GetClaimRequest,
    ) -> Result<pb::GetClaimResponse> {
        let id = ClaimId::parse("claim_id", &asked.claim_id)?;
        let at = convert::optional_time("as_of_time", asked.as_of_time)?;
        let claim = claims::get(db, id).await?;
        let mut message = claim_message(&self.0, db, context.sees, &claim).await?;
        let holder = scripts::claim_holder(db, context, &self.0.definitions, id).await?;
        message.holder = holder.map(convert::holder);
        if let Some(at) = at {
            let (_, veil) = Veil::of_claim(&self.0, db, context.sees, id).await?;
            let stood = claims::answers_at(db, id, at).await?;
            message.answers = stood.iter().map(|answer| answer_message(&veil, answer)).collect();
        }
        Ok(pb::GetClaimResponse { claim: Some(message) })
    }

    pub async fn save_answers(&self, call: Call<pb::SaveAnswersRequest>) -> Result<pb::SaveAnswersResponse> {
        let Call { operation, asked, .. } = call;
        let context = &operation.context;
        let claim = ClaimId::parse("claim_id", &asked.claim_id)?;
        let drafts = asked.answers.into_iter().enumerate().map(draft).collect::<Result<Vec<_>>>()?;
        let is_shown = drafts.iter().any(|draft| self.shows_in_the_window(&draft.question_id));
        let saved = self.0.autosave.save(Saving::new(context, claim, &asked.stage, drafts)?).await?;
        let too_late = match is_shown {
            true => self.too_late(context, claim).await?,
            false => Vec::new(),
        };
        Ok(pb::SaveAnswersResponse { saved: saved.into_iter().map(saved_message).collect(), too_late })
    }

    /// Whether the answer is of the name or an address to which letters go.
    fn shows_in_the_window(&self, question: &QuestionId) -> bool {
        let fact = self.0.definitions.current().form.question(question).and_then(|question| question.fills_client);
        matches!(
            fact,
            Some(
                ClientFact::Title
                    | ClientFact::OtherNames
                    | ClientFact::LastName
                    | ClientFact::Address
                    | ClientFact::Postcode
                    | ClientFact::LettersAddress
            )
        )
    }

    async fn too_late(&self, context: &Context, claim: ClaimId) -> Result<Vec<pb::TooLateLetter>> {
        let mut reader = self.0.read().await?;
        let db = &mut reader.db();
        let claim = claims::get(db, claim).await?;
        let client = clients::get(db, claim.client_id).await?;
        let found = packs::too_late(db, context, self.0.definitions.current(), &client).await?;
        Ok(found.iter().map(too_late_message).collect())
    }

    pub async fn list_missing(
        &self,
        db: &mut Db<'_>,
        context: &Context,
        asked: pb::ListMissingRequest,
    ) -> Result<pb::ListMissingResponse> {
        let id = ClaimId::parse("claim_id", &asked.claim_id)?;
        let (claim, definition) = definition_of(&self.0, db, id).await?;
        let standing = claims::answers(db, id).await?;
        let given = claims::standing_answers(db, &definition, &claim).await?;
        let client = clients::get(db, claim.client_id).await?;
        let open = claims::open_questions(&definition.form, &given, &standing, &client);
        let page = RankedPage::of(&asked, 500, 500)?;
        let (open, next_page_token) = page.cut(open, |(question, _)| question.id.clone());
        let missing = open.into_iter().map(|(question, why)| pb::MissingAnswer {
            question_id: question.id.to_string(),
            part: definition.form.part_of(&question.id).map(|part| part.id.clone()).unwrap_or_default(),
            label: question.label.in_language(context.language).to_owned(),
            reason: shown::<pb::OpenReason>(why),
        });
        Ok(pb::ListMissingResponse { missing: missing.collect(), next_page_token })
    }

    pub async fn list_evidence(
        &self,
        db: &mut Db<'_>,
        _: &Context,
        asked: pb::ListEvidenceRequest,
    ) -> Result<pb::ListEvidenceResponse> {
        let id = ClaimId::parse("claim_id", &asked.claim_id)?;
        let (claim, definition) = definition_of(&self.0, db, id).await?;
        let answers = claims::standing_answers(db, &definition, &claim).await?;
        let ticks = claims::ticks(db, id).await?;
        let page = RankedPage::of(&asked, 100, 100)?;
        let (lines, next_page_token) = page.cut(claims::evidence(&definition, &answers), |line| line.id.clone());
        let evidence = lines.into_iter().map(|line| pb::Evidence {
            tick: ticks.iter().find(|tick| tick.evidence_id == line.id).map(tick_message),
            evidence_id: line.id,
            label: line.label.en,
            reason: line.reason.en,
            substitutes: line.substitutes.map(|text| text.en).unwrap_or_default(),
        });
        Ok(pb::ListEvidenceResponse { evidence: evidence.collect(), next_page_token })
    }
}

fn draft((i, answer): (usize, pb::AnswerDraft)) -> Result<Draft> {
    Ok(Draft {
        value: convert::json(&format!("answers[{i}].value"), answer.value)?,
        question_id: QuestionId::from(answer.question_id.as_str()),
        seen_revision: seen_revision(&format!("answers[{i}].seen_revision"), answer.seen_revision)?,
    })
}

pub(super) fn seen_revision(field: &str, given: u32) -> Result<i32> {
    let seen = i32::try_from(given).ok().filter(|seen| *seen < i32::MAX);
    seen.ok_or_else(|| Error::invalid(field, "is not a revision that was ever given"))
}
