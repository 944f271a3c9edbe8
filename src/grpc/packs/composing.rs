//! Packs composed, mended, cancelled, printed again, handed over.

use super::{Answered, PackDoor, message};
use crate::access::Context;
use crate::error::{Error, Result};
use crate::grpc::mutation::begin;
use crate::grpc::{convert, gate, pb};
use crate::ids::{ClaimId, PackExceptionId, PackId, SiteId};
use crate::packs::{self, Kept, Order, Prepared, Replacement, Wanted};
use tonic::{Request, Response};

impl PackDoor {
    /// Composed before the transaction opens: no writer waits for a typesetter.
    async fn prepare(
        &self,
        context: &Context,
        wanted: Wanted,
        replacements: Option<Vec<Replacement>>,
    ) -> Result<(Order, Prepared)> {
        let shared = &self.0;
        let mut order = {
            let mut reader = shared.store.read().await?;
            packs::order(&mut reader.db(), shared.definitions.current(), wanted, context.now).await?
        };
        if let Some(replacements) = replacements {
            order.replacements = replacements;
        }
        let prepared = packs::prepare(&shared.store, &shared.composers, &shared.definitions, context, &order).await?;
        Ok((order, prepared))
    }

    /// Tells whoever looks at the print room, and at the claim.
    pub(super) fn changed(&self, pack: &packs::Standing) {
        let rooms = pack.jobs.iter().map(|job| &job.room);
        rooms.for_each(|room| self.0.room_watchers.changed(room.clone()));
        if let Some(claim) = pack.pack.claim_id {
            self.0.watchers.changed(claim);
        }
    }

    fn exceptions_changed(&self, site: &SiteId) {
        let definition = self.0.definitions.current();
        let room = definition.site(site).map_or(site, |site| site.print_room());
        self.0.room_watchers.changed(room.clone());
    }

    pub(super) async fn compose(&self, request: Request<pb::ComposePackRequest>) -> Answered<pb::ComposePackResponse> {
        let id = ClaimId::parse("claim_id", &request.get_ref().claim_id)?;
        let forced = request.get_ref().force;
        // A request that was answered before gets that answer, whatever has become of the claim since.
        let context = begin!(&self.0, &request).context;
        let (order, prepared) = self.prepare(&context, Wanted::Claim(id), None).await?;
        let mut mutation = begin!(&self.0, &request);
        let definition = self.0.definitions.current();
        let db = &mut mutation.tx.db();
        let kept = packs::keep(db, &mutation.context, definition, &order, &prepared, forced).await?;
        let answer = match &kept {
            Kept::Pack(pack) => pb::ComposePackResponse { pack: Some(message::pack(pack)), exception: None },
            Kept::Exception(exception) => {
                pb::ComposePackResponse { pack: None, exception: Some(message::exception(exception)) }
            }
        };
        let answer = mutation.finish(answer).await?;
        match &kept {
            Kept::Pack(pack) => self.changed(pack),
            Kept::Exception(exception) => self.exceptions_changed(&exception.site),
        }
        Ok(answer)
    }

    pub(super) async fn exceptions(
        &self,
        request: Request<pb::ListPackExceptionsRequest>,
    ) -> Answered<pb::ListPackExceptionsResponse> {
        let context = gate::context(&request, &self.0.clock, None)?;
        let asked = request.into_inner();
        let size = convert::page_size(asked.page_size, 20, 100)?;
        let after = match asked.page_token.as_str() {
            "" => None,
            token => Some(parse_token(token).ok_or_else(convert::bad_token)?),
        };
        let mut reader = self.0.store.read().await?;
        let mut found = packs::list_exceptions(&mut reader.db(), context.site()?, after, size + 1).await?;
        let most = usize::try_from(size).unwrap_or(0);
        let more = found.len() > most;
        found.truncate(most);
        let next = found.last().filter(|_| more);
        let next = next.map(|last| format!("{} {}", last.raised_at.timestamp_micros(), last.id));
        Ok(Response::new(pb::ListPackExceptionsResponse {
            exceptions: found.iter().map(message::exception).collect(),
            next_page_token: next.unwrap_or_default(),
        }))
    }

    pub(super) async fn mend(
        &self,
        request: Request<pb::MendPackExceptionRequest>,
    ) -> Answered<pb::MendPackExceptionResponse> {
        let id = PackExceptionId::parse("exception_id", &request.get_ref().exception_id)?;
        let replacements: Vec<Replacement> = request
            .get_ref()
            .replacements
            .iter()
            .map(|given| Replacement { place: given.place.clone(), text: given.text.clone() })
            .collect();
        // Tried first, so that what is given is checked before a typesetter works for it; nothing of this is kept.
        let (context, mended) = {
            let mut mutation = begin!(&self.0, &request);
            let db = &mut mutation.tx.db();
            let mended = packs::mend_exception(db, &mutation.context, id, replacements.clone()).await?;
            (mutation.context, mended)
        };
        let (order, prepared) = self.prepare(&context, mended.wanted, Some(mended.replacements)).await?;
        let mut mutation = begin!(&self.0, &request);
        let definition = self.0.definitions.current();
        let db = &mut mutation.tx.db();
        packs::mend_exception(db, &mutation.context, id, replacements).await?;
        let kept = packs::keep(db, &mutation.context, definition, &order, &prepared, false).await?;
        let exception = packs::get_exception(db, id).await?;
        let pack = match &kept {
            Kept::Pack(pack) => Some(message::pack(pack)),
            Kept::Exception(_) => None,
        };
        let answer = pb::MendPackExceptionResponse { exception: Some(message::exception(&exception)), pack };
        let answer = mutation.finish(answer).await?;
        if let Kept::Pack(pack) = &kept {
            self.changed(pack);
        }
        self.exceptions_changed(&exception.site);
        Ok(answer)
    }

    pub(super) async fn dismiss(
        &self,
        request: Request<pb::DismissPackExceptionRequest>,
    ) -> Answered<pb::DismissPackExceptionResponse> {
        let mut mutation = begin!(&self.0, &request);
        let id = PackExceptionId::parse("exception_id", &request.get_ref().exception_id)?;
        let exception = packs::dismiss_exception(&mut mutation.tx.db(), &mutation.context, id).await?;
        let answer = pb::DismissPackExceptionResponse { exception: Some(message::exception(&exception)) };
        let answer = mutation.finish(answer).await?;
        self.exceptions_changed(&exception.site);
        Ok(answer)
    }

    pub(super) async fn cancel(&self, request: Request<pb::CancelPackRequest>) -> Answered<pb::CancelPackResponse> {
        let mut mutation = begin!(&self.0, &request);
        let asked = request.into_inner();
        let id = PackId::parse("pack_id", &asked.pack_id)?;
        let definition = self.0.definitions.current();
        let db = &mut mutation.tx.db();
        let pack = packs::cancel(db, &mutation.context, definition, id, &asked.reason).await?;
        let answer = mutation.finish(pb::CancelPackResponse { pack: Some(message::pack(&pack)) }).await?;
        self.changed(&pack);
        Ok(answer)
    }

    pub(super) async fn reprint(&self, request: Request<pb::ReprintPackRequest>) -> Answered<pb::ReprintPackResponse> {
        let mut mutation = begin!(&self.0, &request);
        let asked = request.into_inner();
        let id = PackId::parse("pack_id", &asked.pack_id)?;
        let pages = match (asked.first_page, asked.last_page) {
            (0, 0) => None,
            (first, last) if first > 0 && last >= first => Some((first, last)),
            _ => return Err(Error::invalid("last_page", "must not come before first_page, from 1").into()),
        };
        let definition = self.0.definitions.current();
        let db = &mut mutation.tx.db();
        let (pack, job) = packs::reprint(db, &mutation.context, definition, id, pages, &asked.reason).await?;
        let print_job_id = job.id.to_string();
        let answer = pb::ReprintPackResponse { pack: Some(message::pack(&pack)), print_job_id };
        let answer = mutation.finish(answer).await?;
        self.changed(&pack);
        Ok(answer)
    }

    pub(super) async fn handed_over(
        &self,
        request: Request<pb::ReportHandedOverRequest>,
    ) -> Answered<pb::ReportHandedOverResponse> {
        let mut mutation = begin!(&self.0, &request);
        let id = PackId::parse("pack_id", &request.get_ref().pack_id)?;
        let definition = self.0.definitions.current();
        let pack = packs::hand_over(&mut mutation.tx.db(), &mutation.context, definition, id).await?;
        let answer = mutation.finish(pb::ReportHandedOverResponse { pack: Some(message::pack(&pack)) }).await?;
        self.changed(&pack);
        Ok(answer)
    }
}

fn parse_token(token: &str) -> Option<(chrono::DateTime<chrono::Utc>, PackExceptionId)> {
    let (at, id) = token.split_once(' ')?;
    let at = chrono::DateTime::from_timestamp_micros(at.parse().ok()?)?;
    Some((at, PackExceptionId::parse("page_token", id).ok()?))
}
