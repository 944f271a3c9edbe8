//! Packs and documents, read.

use super::{Answered, PackDoor, Pieces, message};
use crate::error::{Error, Result};
use crate::grpc::{convert, gate, pb};
use crate::ids::{ClaimId, ClientId, PackId};
use crate::packs::{self, Sought};
use tonic::{Request, Response};

/// Bytes of a PDF in one message: well under the usual limit of 4 MiB.
const CHUNK: usize = 64 * 1024;

impl PackDoor {
    pub(super) async fn pack(&self, request: Request<pb::GetPackRequest>) -> Answered<pb::GetPackResponse> {
        let asked = request.into_inner();
        let definition = self.0.definitions.current();
        let mut reader = self.0.store.read().await?;
        let db = &mut reader.db();
        let standing = match asked.pack_id.as_str() {
            "" => packs::newest_of_claim(db, definition, ClaimId::parse("claim_id", &asked.claim_id)?).await?,
            id => packs::get(db, definition, PackId::parse("pack_id", id)?).await?,
        };
        Ok(Response::new(pb::GetPackResponse { pack: Some(message::pack(&standing)) }))
    }

    pub(super) async fn packs(&self, request: Request<pb::ListPacksRequest>) -> Answered<pb::ListPacksResponse> {
        let context = gate::context(&request, &self.0.clock, None)?;
        let asked = request.into_inner();
        let size = convert::page_size(asked.page_size, 20, 100)?;
        let before = match asked.page_token.as_str() {
            "" => None,
            token => Some(PackId::parse("page_token", token).map_err(|_| convert::bad_token())?),
        };
        let sought = sought(&asked, &context)?;
        let definition = self.0.definitions.current();
        let mut reader = self.0.store.read().await?;
        let mut found = packs::list(&mut reader.db(), definition, &sought, before, size + 1).await?;
        let most = usize::try_from(size).unwrap_or(0);
        let more = found.len() > most;
        found.truncate(most);
        let next = found.last().filter(|_| more).map(|last| last.pack.id.to_string());
        Ok(Response::new(pb::ListPacksResponse {
            packs: found.iter().map(message::pack).collect(),
            next_page_token: next.unwrap_or_default(),
        }))
    }

    pub(super) async fn document(
        &self,
        request: Request<pb::GetPackDocumentRequest>,
    ) -> Answered<Pieces<pb::GetPackDocumentResponse>> {
        let id = PackId::parse("pack_id", &request.get_ref().pack_id)?;
        let pdf = packs::pdf(&mut self.0.store.read().await?.db(), id).await?;
        let chunks: Vec<_> =
            pdf.chunks(CHUNK).map(|chunk| Ok(pb::GetPackDocumentResponse { chunk: chunk.to_vec() })).collect();
        Ok(Response::new(Box::pin(futures_util::stream::iter(chunks))))
    }

    pub(super) async fn agency_document(
        &self,
        request: Request<pb::GetAgencyDocumentRequest>,
    ) -> Answered<Pieces<pb::GetAgencyDocumentResponse>> {
        let context = gate::context(&request, &self.0.clock, None)?;
        let asked = request.into_inner();
        let id = ClaimId::parse("claim_id", &asked.claim_id)?;
        let at = convert::optional_time("as_of_time", asked.as_of_time)?;
        let shared = &self.0;
        let (store, composers, definitions) = (&shared.store, &shared.composers, &shared.definitions);
        let pdf = packs::agency_copy(store, composers, definitions, &context, id, &asked.agency_id, at).await?;
        let chunks: Vec<_> =
            pdf.chunks(CHUNK).map(|chunk| Ok(pb::GetAgencyDocumentResponse { chunk: chunk.to_vec() })).collect();
        Ok(Response::new(Box::pin(futures_util::stream::iter(chunks))))
    }

    pub(super) async fn by_barcode(
        &self,
        request: Request<pb::FindByBarcodeRequest>,
    ) -> Answered<pb::FindByBarcodeResponse> {
        let definition = self.0.definitions.current();
        let mut reader = self.0.store.read().await?;
        let found = packs::find_by_barcode(&mut reader.db(), definition, &request.get_ref().barcode).await?;
        let document = message::documents(&found.standing.pack).into_iter().nth(found.document);
        Ok(Response::new(pb::FindByBarcodeResponse {
            pack: Some(message::pack(&found.standing)),
            document,
            page: found.page,
            is_newest: found.replaced_by.is_none(),
            replaced_by_pack_id: found.replaced_by.map(|id| id.to_string()).unwrap_or_default(),
        }))
    }

    pub(super) async fn outlook(
        &self,
        request: Request<pb::GetPostOutlookRequest>,
    ) -> Answered<pb::GetPostOutlookResponse> {
        let context = gate::context(&request, &self.0.clock, None)?;
        let id = ClaimId::parse("claim_id", &request.get_ref().claim_id)?;
        let definition = self.0.definitions.current();
        let mut reader = self.0.store.read().await?;
        let arrival = packs::arrival(&mut reader.db(), definition, id, context.now).await?;
        let (address_lines, faults) = match &arrival.address {
            Ok(lines) => (lines.clone(), Vec::new()),
            Err(fault) => (Vec::new(), vec![message::unprintable(fault)]),
        };
        Ok(Response::new(pb::GetPostOutlookResponse {
            post_day: arrival.outlook.post_day.to_string(),
            post_class: message::class(arrival.outlook.class).into(),
            arrives_by: arrival.outlook.arrives_by.to_string(),
            meeting_day: arrival.meeting_day.map(|day| day.to_string()).unwrap_or_default(),
            is_in_time: arrival.outlook.in_time,
            delivery: message::delivery(&arrival.delivery).into(),
            delivery_to: arrival.delivery.to().to_owned(),
            address_lines,
            faults,
        }))
    }
}

fn sought(asked: &pb::ListPacksRequest, context: &crate::access::Context) -> Result<Sought> {
    let given = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let client = given(&asked.client_id).map(|id| ClientId::parse("client_id", &id)).transpose()?;
    let claim = given(&asked.claim_id).map(|id| ClaimId::parse("claim_id", &id)).transpose()?;
    let to_hand_over_at = asked.to_hand_over.then(|| context.site().cloned()).transpose()?;
    if client.is_none() && claim.is_none() && to_hand_over_at.is_none() {
        return Err(Error::invalid("client_id", "is needed, or claim_id, or to_hand_over"));
    }
    Ok(Sought { client, claim, to_hand_over_at })
}
