//! The moves of a claim.

use super::answers::answer_message;
use super::message::{claim_message, definition_of};
use crate::doors::ClaimDoor;
use crate::mirrors::shown;
use crate::packs::parse_delivery;
use crate::paging::Page;
use crate::withheld::Veil;
use crate::{convert, pb};
use startline_definition::Definition;
use startline_foundation::error::{Error, Result};
use startline_foundation::formats::parse_date;
use startline_foundation::ids::ClaimId;
use startline_foundation::store::Db;
use startline_packs::{self as packs, PackSubject};
use startline_rooms::access::{Context, Kind};
use startline_rooms::checks::{self, Change};
use startline_rooms::claims::{self, Lodge};
use startline_rooms::records::{Look, Looked};
use startline_rooms::{clients, followup};
use startline_service::use_cases::closings;
use startline_service::use_cases::start_up::finish_start_up;

/// Whose form a page is of.
async fn claim_of_page(db: &mut Db<'_>, definition: &Definition, barcode: &str) -> Result<ClaimId> {
    let found = packs::find_by_barcode(db, definition, barcode).await?;
    match found.standing.pack.wanted {
        PackSubject::Claim(claim) => Ok(claim),
        _ => Err(Error::illegal("NOT_A_FORM", "this page is of no claim's form")),
    }
}

impl ClaimDoor {
    pub async fn complete_start_up(
        &self,
        db: &mut Db<'_>,
        context: &Context,
        asked: pb::CompleteStartUpRequest,
    ) -> Result<pb::CompleteStartUpResponse> {
        let id = ClaimId::parse("claim_id", &asked.claim_id)?;
        let delivery = parse_delivery(asked.delivery, &asked.delivery_to)?;
        let claim = finish_start_up(db, context, &self.0.definitions, id, delivery).await?;
        let claim = claim_message(&self.0, db, context.sees, &claim).await?;
        Ok(pb::CompleteStartUpResponse { claim: Some(claim) })
    }

    pub async fn lodge_claim(
        &self,
        db: &mut Db<'_>,
        context: &Context,
        asked: pb::LodgeClaimRequest,
    ) -> Result<pb::LodgeClaimResponse> {
        let id = ClaimId::parse("claim_id", &asked.claim_id)?;
        let signed_day = match asked.signed_day.as_str() {
            "" => None,
            day => Some(parse_date(day).map_err(|reason| Error::invalid("signed_day", reason))?),
        };
        let (_, definition) = definition_of(&self.0, db, id).await?;
        let lodge = Lodge { agencies: asked.agency_ids, signed_day };
        let claim = claims::lodge(db, context, &definition, id, &lodge).await?;
        checks::claim_changed(db, context, id, Change::ToSee).await?;
        followup::claim_moved(db, context, &self.0.definitions, id).await?;
        let claim = claim_message(&self.0, db, context.sees, &claim).await?;
        Ok(pb::LodgeClaimResponse { claim: Some(claim) })
    }

    pub async fn report_form_back(
        &self,
        db: &mut Db<'_>,
        context: &Context,
        asked: pb::ReportFormBackRequest,
    ) -> Result<pb::ReportFormBackResponse> {
        let (id, is_theirs) = match (asked.claim_id.as_str(), asked.barcode.as_str()) {
            ("", "") => return Err(Error::invalid("claim_id", "or a page's code is needed")),
            ("", barcode) => {
                let id = claim_of_page(db, self.0.definitions.current(), barcode).await?;
                (id, self.looks_at_page(db, context, id).await?)
            }
            // The gate has seen to that.
            (claim, "") => (ClaimId::parse("claim_id", claim)?, true),
            _ => return Err(Error::invalid("barcode", "is given beside a claim: give one of the two")),
        };
        let claim = claims::report_form_back(db, context, id).await?;
        checks::claim_changed(db, context, id, Change::ToSee).await?;
        followup::claim_moved(db, context, &self.0.definitions, id).await?;
        let (claim_id, client_name) = match is_theirs {
            true => (claim.id.to_string(), clients::get(db, claim.client_id).await?.full_name()),
            false => (String::new(), String::new()),
        };
        Ok(pb::ReportFormBackResponse {
            claim_id,
            client_name,
            site_id: claim.site.to_string(),
            back_time: Some(convert::timestamp(context.now)),
        })
    }

    /// Whether the claim that a page is of is of their work: then that it was looked at is noted, as under its id.
    async fn looks_at_page(&self, db: &mut Db<'_>, context: &Context, id: ClaimId) -> Result<bool> {
        match self.0.reach(db, context, Kind::Claim, id.0).await {
            Ok(Some(reached)) => {
                let looked = Looked { kind: Kind::Claim, record: id.to_string(), client: reached.client };
                self.0.looks.note(&[Look::new(context, "ClaimService.ReportFormBack", reached.right, looked)])?;
                Ok(true)
            }
            Ok(None) | Err(Error::OutsideWork(_)) => Ok(false),
            Err(fault) => Err(fault),
        }
    }

    pub async fn withdraw_claim(
        &self,
        db: &mut Db<'_>,
        context: &Context,
        asked: pb::WithdrawClaimRequest,
    ) -> Result<pb::WithdrawClaimResponse> {
        let id = ClaimId::parse("claim_id", &asked.claim_id)?;
        let claim = closings::withdraw(db, context, &self.0.definitions, id, &asked.reason).await?;
        let claim = claim_message(&self.0, db, context.sees, &claim).await?;
        Ok(pb::WithdrawClaimResponse { claim: Some(claim) })
    }

    pub async fn reopen_claim(
        &self,
        db: &mut Db<'_>,
        context: &Context,
        asked: pb::ReopenClaimRequest,
    ) -> Result<pb::ReopenClaimResponse> {
        let id = ClaimId::parse("claim_id", &asked.claim_id)?;
        let claim = closings::reopen(db, context, &self.0.definitions, id, &asked.reason).await?;
        let claim = claim_message(&self.0, db, context.sees, &claim).await?;
        Ok(pb::ReopenClaimResponse { claim: Some(claim) })
    }

    pub async fn list_claim_events(
        &self,
        db: &mut Db<'_>,
        context: &Context,
        asked: pb::ListClaimEventsRequest,
    ) -> Result<pb::ListClaimEventsResponse> {
        let id = ClaimId::parse("claim_id", &asked.claim_id)?;
        let page = Page::of(&asked, 20, 50)?;
        let (_, veil) = Veil::of_claim(&self.0, db, context.sees, id).await?;
        let found = claims::events(db, id, page.after.unwrap_or(0), page.most()).await?;
        let (found, next_page_token) = page.cut(found, |last| last.number);
        let mut events = Vec::with_capacity(found.len());
        for event in &found {
            let answers = match asked.with_answers {
                true => claims::answers_at_move(db, id, event).await?,
                false => Vec::new(),
            };
            events.push(veil.event(pb::ClaimEvent {
                number: u32::try_from(event.number).unwrap_or(0),
                r#move: shown::<pb::ClaimMove>(event.what),
                time: Some(convert::timestamp(event.at)),
                user_id: event.by.to_string(),
                detail: event.detail.as_object().map(|fields| convert::structure(fields.iter())),
                answers: answers.iter().map(|answer| answer_message(&veil, answer)).collect(),
                detail_withheld: false,
            }));
        }
        Ok(pb::ListClaimEventsResponse { events, next_page_token })
    }
}
