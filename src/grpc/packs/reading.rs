//! Packs and documents, read.

use super::message;
use crate::call::{Answers, Call};
use crate::doors::PackDoor;
use crate::mirrors::shown;
use crate::paging::Page;
use crate::reach::agency_in_reach;
use crate::withheld::{Veil, hides_reasons};
use crate::{convert, pb};
use startline_definition::Sensitivity;
use startline_foundation::error::{Error, Result};
use startline_foundation::ids::{ClaimId, ClientId, PackId};
use startline_foundation::store::Db;
use startline_packs::{self as packs, Pack, PackSubject, Sought};
use startline_rooms::access::{Context, Ground, Kind, Right, Role, Sees, at_offices};
use startline_rooms::records::{Look, Looked};
use startline_rooms::{claims, clients, diary, printing};

/// Bytes of a PDF in one message: well under the usual limit of 4 MiB.
const CHUNK: usize = 64 * 1024;

impl PackDoor {
    pub async fn get_pack(
        &self,
        db: &mut Db<'_>,
        _: &Context,
        asked: pb::GetPackRequest,
    ) -> Result<pb::GetPackResponse> {
        let definition = self.0.definitions.current();
        let standing = match asked.pack_id.as_str() {
            "" => packs::newest_of_claim(db, definition, ClaimId::parse("claim_id", &asked.claim_id)?).await?,
            id => packs::get(db, definition, PackId::parse("pack_id", id)?).await?,
        };
        let jobs: Vec<_> = standing.jobs.iter().map(|job| job.id).collect();
        let corrections = printing::corrections_of_jobs(db, &jobs).await?;
        let corrections = message::corrections(db, &corrections).await?;
        Ok(pb::GetPackResponse { pack: Some(message::pack(&standing)), corrections })
    }

    pub async fn list_packs(
        &self,
        db: &mut Db<'_>,
        context: &Context,
        asked: pb::ListPacksRequest,
    ) -> Result<pb::ListPacksResponse> {
        let page = Page::of(&asked, 20, 100)?;
        let sought = sought(&asked, context)?;
        let definition = self.0.definitions.current();
        let found = packs::list(db, definition, &sought, page.after, page.most()).await?;
        let (found, next_page_token) = page.cut(found, |last| last.pack.id);
        Ok(pb::ListPacksResponse { packs: found.iter().map(message::pack).collect(), next_page_token })
    }

    pub async fn get_pack_document(
        &self,
        call: Call<pb::GetPackDocumentRequest>,
    ) -> Result<Answers<pb::GetPackDocumentResponse>> {
        let id = PackId::parse("pack_id", &call.asked.pack_id)?;
        let mut reader = self.0.read().await?;
        self.may_read_paper(&mut reader.db(), call.context().sees, id).await?;
        let pdf = packs::pdf(&mut reader.db(), id).await?;
        drop(reader);
        let chunks: Vec<_> =
            pdf.chunks(CHUNK).map(|chunk| pb::GetPackDocumentResponse { chunk: chunk.to_vec() }).collect();
        Ok(Box::pin(futures_util::stream::iter(chunks.into_iter().map(Ok))))
    }

    /// A pack is shown whole or not at all: the client's own form stands in it, and the place that letters go to in its
    /// window. A print room has the paper of what it prints in its hands, so it reads it.
    async fn may_read_paper(&self, db: &mut Db<'_>, sees: Sees, id: PackId) -> Result<()> {
        if sees.is_all() || sees.prints() {
            return Ok(());
        }
        let pack = packs::get(db, self.0.definitions.current(), id).await?.pack;
        let hides_what_it_says = match pack.wanted {
            PackSubject::Claim(claim) => Veil::of_claim(&self.0, db, sees, claim).await?.1.hides_of_the_form(),
            PackSubject::Deferral(_) => hides_reasons(sees),
            _ => false,
        };
        let goes_elsewhere = clients::get(db, pack.client_id).await?.facts.letters_address.is_some();
        if hides_what_it_says || goes_elsewhere && !sees.sees(Sensitivity::Private) {
            return Err(Error::OutsideWork(
                "this pack holds what is not of your work: whoever works with the case, or prints it, reads it",
            ));
        }
        Ok(())
    }

    pub async fn get_agency_document(
        &self,
        call: Call<pb::GetAgencyDocumentRequest>,
    ) -> Result<Answers<pb::GetAgencyDocumentResponse>> {
        let Call { operation, asked, .. } = call;
        let context = &operation.context;
        let id = ClaimId::parse("claim_id", &asked.claim_id)?;
        agency_in_reach(context, &asked.agency_id)?;
        let at = convert::optional_time("as_of_time", asked.as_of_time)?;
        let service = &self.0;
        let (store, composers, definitions) = (&service.store, &service.composers, &service.definitions);
        let pdf = packs::agency_copy(store, composers, definitions, context, id, &asked.agency_id, at).await?;
        let chunks: Vec<_> =
            pdf.chunks(CHUNK).map(|chunk| pb::GetAgencyDocumentResponse { chunk: chunk.to_vec() }).collect();
        Ok(Box::pin(futures_util::stream::iter(chunks.into_iter().map(Ok))))
    }

    pub async fn find_by_barcode(
        &self,
        db: &mut Db<'_>,
        context: &Context,
        asked: pb::FindByBarcodeRequest,
    ) -> Result<pb::FindByBarcodeResponse> {
        let definition = self.0.definitions.current();
        let found = packs::find_by_barcode(db, definition, &asked.barcode).await?;
        self.look_at_page(db, context, &found.standing.pack).await?;
        let document = message::documents(&found.standing.pack).into_iter().nth(found.document);
        Ok(pb::FindByBarcodeResponse {
            pack: Some(message::pack(&found.standing)),
            document,
            page: found.page,
            is_newest: found.replaced_by.is_none(),
            replaced_by_pack_id: found.replaced_by.map(|id| id.to_string()).unwrap_or_default(),
        })
    }

    /// A code names a record as an id does, and is noted as one; a print room has the paper in its hands.
    async fn look_at_page(&self, db: &mut Db<'_>, context: &Context, pack: &Pack) -> Result<()> {
        let id = pack.id;
        match self.0.reach(db, context, Kind::Pack, id.0).await {
            Ok(Some(reached)) => {
                check_office(db, context, reached.right, pack).await?;
                let looked = Looked { kind: Kind::Pack, record: id.to_string(), client: reached.client };
                self.0.looks.note(&[Look::new(context, "PackService.FindByBarcode", reached.right, looked)])
            }
            Ok(None) => Ok(()),
            Err(Error::OutsideWork(_)) if context.user.is(Role::PrintRoom) => Ok(()),
            Err(fault) => Err(fault),
        }
    }

    pub async fn get_post_outlook(
        &self,
        db: &mut Db<'_>,
        context: &Context,
        asked: pb::GetPostOutlookRequest,
    ) -> Result<pb::GetPostOutlookResponse> {
        let id = ClaimId::parse("claim_id", &asked.claim_id)?;
        let definition = self.0.definitions.current();
        let arrival = packs::arrival(db, definition, id, context.now).await?;
        let claim = claims::get(db, id).await?;
        let client = clients::get(db, claim.client_id).await?;
        let is_hidden = client.facts.letters_address.is_some() && !context.sees.sees(Sensitivity::Private);
        let (address_lines, faults) = match &arrival.address {
            _ if is_hidden => (Vec::new(), Vec::new()),
            Ok(lines) => (lines.clone(), Vec::new()),
            Err(fault) => (Vec::new(), vec![message::unprintable(fault)]),
        };
        Ok(pb::GetPostOutlookResponse {
            post_day: arrival.outlook.post_day.to_string(),
            post_class: shown::<pb::PostClass>(arrival.outlook.class),
            arrives_by: arrival.outlook.arrives_by.to_string(),
            meeting_day: arrival.meeting_day.map(|day| day.to_string()).unwrap_or_default(),
            is_in_time: arrival.outlook.in_time,
            delivery: message::delivery(&arrival.delivery).into(),
            delivery_to: arrival.delivery.to().to_owned(),
            address_lines,
            faults,
            address_withheld: is_hidden,
        })
    }
}

fn sought(asked: &pb::ListPacksRequest, context: &startline_rooms::access::Context) -> Result<Sought> {
    let given = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let client = given(&asked.client_id).map(|id| ClientId::parse("client_id", &id)).transpose()?;
    let claim = given(&asked.claim_id).map(|id| ClaimId::parse("claim_id", &id)).transpose()?;
    let to_hand_over_at = asked.to_hand_over.then(|| context.site().cloned()).transpose()?;
    if client.is_none() && claim.is_none() && to_hand_over_at.is_none() {
        return Err(Error::invalid("client_id", "is needed, or claim_id, or to_hand_over"));
    }
    let seen = at_offices(&context.user).map(|seen| (seen, context.now));
    Ok(Sought { client, claim, to_hand_over_at, seen })
}

/// Whoever checks at some offices of the site finds by a code whom they find by name: not whom another office meets.
async fn check_office(db: &mut Db<'_>, context: &Context, right: Right, pack: &Pack) -> Result<()> {
    let Some(seen) = at_offices(&context.user).filter(|_| right.ground == Ground::ToBeChecked) else { return Ok(()) };
    let meetings = match pack.wanted {
        PackSubject::Claim(claim) => diary::of_claim(db, claim).await?,
        _ => return Err(Error::OutsideWork("this record is not of your work")),
    };
    match meetings.is_empty() || meetings.iter().any(|meeting| seen.offices.contains(&meeting.office)) {
        true => Ok(()),
        false => Err(Error::OutsideWork("this record is not of your work")),
    }
}
