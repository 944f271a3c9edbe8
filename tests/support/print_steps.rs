//! What print rooms do with packs.

use super::steps::Answer;
use super::values::new_id;
use super::{Person, World};
use startline::grpc::pb;

impl Person {
    /// A pack, where it is, and each of its printings.
    pub async fn pack(&self, id: &str) -> pb::Pack {
        let request = pb::GetPackRequest { pack_id: id.into(), ..Default::default() };
        self.packs().get_pack(request).await.unwrap().into_inner().pack.unwrap()
    }

    /// The claim's pack, once the worker has composed it.
    pub async fn awaits_pack(&self, claim: &str) -> pb::Pack {
        super::until("the worker's pack", || async { self.pack_of(claim).await }).await
    }

    pub async fn awaits_state(&self, pack: &str, state: pb::PackState) -> pb::Pack {
        let what = format!("the pack to be {state:?}");
        super::until(&what, || async { Some(self.pack(pack).await).filter(|pack| pack.state() == state) }).await
    }

    pub async fn packs_of_client(&self, client: &str) -> Vec<pb::Pack> {
        let request = pb::ListPacksRequest { client_id: client.into(), ..Default::default() };
        self.packs().list_packs(request).await.unwrap().into_inner().packs
    }

    pub async fn leases_one(&self) -> pb::PrintJob {
        let mut jobs = self.lease(1).await.unwrap();
        assert_eq!(jobs.len(), 1, "there is something to print");
        jobs.remove(0)
    }

    pub async fn begins(&self, job: &pb::PrintJob, printer: &str) -> Answer<pb::PrintJob> {
        let request = pb::ReportPrintingRequest {
            request_id: new_id(),
            print_job_id: job.print_job_id.clone(),
            attempt: job.attempt,
            printer: printer.into(),
            ..Default::default()
        };
        Ok(self.packs().report_printing(request).await?.into_inner().print_job.unwrap())
    }

    pub async fn printed_pages(&self, job: &pb::PrintJob, pages: u32) -> Answer<pb::Pack> {
        let request = pb::ReportPrintedRequest {
            request_id: new_id(),
            print_job_id: job.print_job_id.clone(),
            attempt: job.attempt,
            pages: Some(pages),
        };
        Ok(self.packs().report_printed(request).await?.into_inner().pack.unwrap())
    }

    pub async fn spoiled(&self, job: &pb::PrintJob, reason: &str) -> Answer<pb::ReportSpoiledResponse> {
        let request = pb::ReportSpoiledRequest {
            request_id: new_id(),
            print_job_id: job.print_job_id.clone(),
            attempt: job.attempt,
            reason: reason.into(),
            pages: Some(1),
        };
        Ok(self.packs().report_spoiled(request).await?.into_inner())
    }

    pub async fn gives_back(&self, job: &pb::PrintJob) -> Answer<pb::Pack> {
        let request = pb::ReturnPrintJobRequest {
            request_id: new_id(),
            print_job_id: job.print_job_id.clone(),
            attempt: job.attempt,
            reason: "the tray was empty".into(),
        };
        Ok(self.packs().return_print_job(request).await?.into_inner().pack.unwrap())
    }

    pub async fn came_back(&self, job: &str, reason: &str) -> Answer<pb::Pack> {
        let request =
            pb::ReportReturnedRequest { request_id: new_id(), print_job_id: job.into(), reason: reason.into() };
        Ok(self.packs().report_returned(request).await?.into_inner().pack.unwrap())
    }

    pub async fn cancels_pack(&self, pack: &str) -> Answer<pb::Pack> {
        let reason = "the client moves house".into();
        let request = pb::CancelPackRequest { request_id: new_id(), pack_id: pack.into(), reason };
        Ok(self.packs().cancel_pack(request).await?.into_inner().pack.unwrap())
    }

    pub async fn reprints(&self, pack: &str, pages: (u32, u32)) -> Answer<pb::ReprintPackResponse> {
        let request = pb::ReprintPackRequest {
            request_id: new_id(),
            pack_id: pack.into(),
            reason: "the dog ate it".into(),
            first_page: pages.0,
            last_page: pages.1,
        };
        Ok(self.packs().reprint_pack(request).await?.into_inner())
    }

    pub async fn hands_over(&self, pack: &str) -> Answer<pb::Pack> {
        let request = pb::ReportHandedOverRequest { request_id: new_id(), pack_id: pack.into(), ..Default::default() };
        Ok(self.packs().report_handed_over(request).await?.into_inner().pack.unwrap())
    }

    /// The manifest of a day's second class post.
    pub async fn manifest(&self, day: &str, class: pb::PostClass) -> pb::Manifest {
        let request = pb::GetManifestRequest { post_day: day.into(), post_class: class.into() };
        self.packs().get_manifest(request).await.unwrap().into_inner().manifest.unwrap()
    }

    pub async fn counts(&self, day: &str, class: pb::PostClass, packs: u32, pages: u32) -> pb::Manifest {
        let request = pb::CountBatchRequest {
            request_id: new_id(),
            post_day: day.into(),
            post_class: class.into(),
            packs: Some(packs),
            pages: Some(pages),
        };
        self.packs().count_batch(request).await.unwrap().into_inner().manifest.unwrap()
    }

    pub async fn outlook(&self, claim: &str) -> pb::GetPostOutlookResponse {
        let request = pb::GetPostOutlookRequest { claim_id: claim.into() };
        self.packs().get_post_outlook(request).await.unwrap().into_inner()
    }

    pub async fn completes(&self, claim: &str, delivery: pb::Delivery, to: &str) -> Answer<pb::Claim> {
        let request = pb::CompleteStartUpRequest {
            request_id: new_id(),
            claim_id: claim.into(),
            delivery: delivery.into(),
            delivery_to: to.into(),
        };
        Ok(self.claims().complete_start_up(request).await?.into_inner().claim.unwrap())
    }

    pub async fn exceptions(&self) -> Vec<pb::PackException> {
        let request = pb::ListPackExceptionsRequest::default();
        self.packs().list_pack_exceptions(request).await.unwrap().into_inner().exceptions
    }

    pub async fn mends(&self, exception: &str, place: &str, text: &str) -> Answer<pb::MendPackExceptionResponse> {
        let request = pb::MendPackExceptionRequest {
            request_id: new_id(),
            exception_id: exception.into(),
            replacements: vec![pb::Replacement { place: place.into(), text: text.into() }],
        };
        Ok(self.packs().mend_pack_exception(request).await?.into_inner())
    }
}

/// Who works with packs in Somerset.
pub struct PackPeople {
    pub asha: Person,
    pub petra: Person,
    pub lena: Person,
    pub room: Person,
}

pub async fn pack_people(world: &World) -> PackPeople {
    let people = PackPeople {
        asha: world.adviser("Asha", "somerset").await,
        petra: world.personal_adviser("Petra", "somerset").await,
        lena: world.add("Lena", startline::access::Role::TeamLeader, Some("somerset")).await,
        room: world.print_room("Ron", "somerset").await,
    };
    people.petra.works_at("frome").await;
    people
}
