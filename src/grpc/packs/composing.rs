//! Packs composed, mended, cancelled, printed again, handed over.

use super::message;
use crate::call::{Call, Wire};
use crate::doors::PackDoor;
use crate::paging::Page;
use crate::pb;
use startline_foundation::error::{Error, Result};
use startline_foundation::ids::{ClaimId, PackExceptionId, PackId};
use startline_foundation::store::Db;
use startline_packs::{self as packs, Exception, Kept, Replacement};
use startline_rooms::access::Context;
use startline_service::use_cases::composing::{compose_pack, mend_pack};

impl PackDoor {
    pub async fn compose_pack(&self, call: Call<pb::ComposePackRequest>) -> Result<pb::ComposePackResponse> {
        let claim = ClaimId::parse("claim_id", &call.asked.claim_id)?;
        let (definition, language) = (self.0.definitions.current().clone(), call.operation.context.language);
        let answer = |kept: &Kept| {
            Wire(match kept {
                Kept::Pack(pack) => pb::ComposePackResponse { pack: Some(message::pack(pack)), exception: None },
                Kept::Exception(exception) => pb::ComposePackResponse {
                    pack: None,
                    exception: Some(message::exception(&definition, language, exception)),
                },
            })
        };
        let Wire(answer) = compose_pack(&self.0, &call.operation, claim, call.asked.force, answer).await?;
        Ok(answer)
    }

    pub async fn list_pack_exceptions(
        &self,
        db: &mut Db<'_>,
        context: &Context,
        asked: pb::ListPackExceptionsRequest,
    ) -> Result<pb::ListPackExceptionsResponse> {
        let page = Page::of(&asked, 20, 100)?;
        let found = packs::list_exceptions(db, context.site()?, page.after, page.most()).await?;
        let (found, next_page_token) = page.cut(found, |last| (last.raised_at, last.id));
        Ok(pb::ListPackExceptionsResponse {
            exceptions: found
                .iter()
                .map(|one| message::exception(self.0.definitions.current(), context.language, one))
                .collect(),
            next_page_token,
        })
    }

    pub async fn mend_pack_exception(
        &self,
        call: Call<pb::MendPackExceptionRequest>,
    ) -> Result<pb::MendPackExceptionResponse> {
        let Call { operation, asked, .. } = call;
        let id = PackExceptionId::parse("exception_id", &asked.exception_id)?;
        let given = asked.replacements.into_iter();
        let replacements: Vec<_> =
            given.map(|given| Replacement { place: given.place, text: given.text, instead_of: None }).collect();
        let (definition, language) = (self.0.definitions.current().clone(), operation.context.language);
        let answer = |exception: &Exception, kept: &Kept| {
            let pack = match kept {
                Kept::Pack(pack) => Some(message::pack(pack)),
                Kept::Exception(_) => None,
            };
            Wire(pb::MendPackExceptionResponse {
                exception: Some(message::exception(&definition, language, exception)),
                pack,
            })
        };
        let Wire(answer) = mend_pack(&self.0, &operation, id, &replacements, answer).await?;
        Ok(answer)
    }

    pub async fn dismiss_pack_exception(
        &self,
        db: &mut Db<'_>,
        context: &Context,
        asked: pb::DismissPackExceptionRequest,
    ) -> Result<pb::DismissPackExceptionResponse> {
        let id = PackExceptionId::parse("exception_id", &asked.exception_id)?;
        let exception = packs::dismiss_exception(db, context, id).await?;
        let told = message::exception(self.0.definitions.current(), context.language, &exception);
        Ok(pb::DismissPackExceptionResponse { exception: Some(told) })
    }

    pub async fn cancel_pack(
        &self,
        db: &mut Db<'_>,
        context: &Context,
        asked: pb::CancelPackRequest,
    ) -> Result<pb::CancelPackResponse> {
        let id = PackId::parse("pack_id", &asked.pack_id)?;
        let definition = self.0.definitions.current();
        let pack = packs::cancel(db, context, definition, id, &asked.reason).await?;
        Ok(pb::CancelPackResponse { pack: Some(message::pack(&pack)) })
    }

    pub async fn reprint_pack(
        &self,
        db: &mut Db<'_>,
        context: &Context,
        asked: pb::ReprintPackRequest,
    ) -> Result<pb::ReprintPackResponse> {
        let id = PackId::parse("pack_id", &asked.pack_id)?;
        let pages = match (asked.first_page, asked.last_page) {
            (0, 0) => None,
            (first, last) if first > 0 && last >= first => Some((first, last)),
            _ => return Err(Error::invalid("last_page", "must not come before first_page, from 1")),
        };
        let (pack, job) = packs::reprint(db, context, &self.0.definitions, id, pages, &asked.reason).await?;
        let print_job_id = job.id.to_string();
        Ok(pb::ReprintPackResponse { pack: Some(message::pack(&pack)), print_job_id })
    }

    pub async fn report_handed_over(
        &self,
        db: &mut Db<'_>,
        context: &Context,
        asked: pb::ReportHandedOverRequest,
    ) -> Result<pb::ReportHandedOverResponse> {
        let id = PackId::parse("pack_id", &asked.pack_id)?;
        let pack = packs::hand_over(db, context, &self.0.definitions, id, asked.incomplete_reason.as_deref()).await?;
        Ok(pb::ReportHandedOverResponse { pack: Some(message::pack(&pack)) })
    }
}
