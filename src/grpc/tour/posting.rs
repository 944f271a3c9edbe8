//! The claim pack: composed, leased by the print room, saved as a PDF, printed and posted; and no claim handed over before
//! the meeting.

use super::Tour;
use super::cast::new_request;
use crate::pb;
use std::path::Path;

impl Tour {
    /// From the finished call to the letterbox; gives the number of pages.
    pub(super) async fn posting(&mut self, claim: &pb::Claim, pdf: &Path) -> Result<u32, String> {
        self.guide.chapter("The claim pack", self.server.now);
        let room = self.print_room.clone();
        let mut packs = room.packs();
        let compose =
            pb::ComposePackRequest { request_id: new_request(), claim_id: claim.claim_id.clone(), force: false };
        let tell = |composed: &pb::ComposePackResponse| {
            let pack = composed.pack.clone().unwrap_or_default();
            let parts: Vec<_> = pack.documents.iter().map(|document| document.title.to_lowercase()).collect();
            format!("finds the pack {} composed: {} pages, with {}", pack.reference, pack.pages, parts.join(", "))
        };
        self.guide.step(&room, "PackService/ComposePack", packs.compose_pack(compose), tell).await?;

        let lease = pb::LeasePrintJobsRequest { request_id: new_request(), max_jobs: 1, lease_seconds: 300 };
        let tell = |leased: &pb::LeasePrintJobsResponse| {
            format!("leases {} print job for five minutes", leased.print_jobs.len())
        };
        let mut packs = room.packs();
        let leased = self.guide.step(&room, "PackService/LeasePrintJobs", packs.lease_print_jobs(lease), tell).await?;
        let job = leased.print_jobs.into_iter().next().ok_or("there is nothing to print")?;

        let bytes = self.fetch(&job.pack_id).await?;
        std::fs::write(pdf, &bytes).map_err(|fault| format!("{} cannot be written: {fault}", pdf.display()))?;
        let what = format!("saves the PDF, {} KB, and prints it", bytes.len() / 1024);
        self.guide.say(&room.title, &what, "PackService/GetPackDocument, a stream");

        let printed = pb::ReportPrintedRequest {
            request_id: new_request(),
            print_job_id: job.print_job_id.clone(),
            attempt: job.attempt,
            pages: Some(job.pages),
        };
        let mut packs = room.packs();
        let tell = |_: &_| format!("reports {} pages printed", job.pages);
        self.guide.step(&room, "PackService/ReportPrinted", packs.report_printed(printed), tell).await?;
        let posted = pb::ReportPostedRequest {
            request_id: new_request(),
            print_job_id: job.print_job_id.clone(),
            // In winter, the local day is UTC's.
            posted_day: self.server.now.date_naive().to_string(),
            ..Default::default()
        };
        let mut packs = room.packs();
        let tell = |_: &_| "reports the pack posted".into();
        self.guide.step(&room, "PackService/ReportPosted", packs.report_posted(posted), tell).await?;
        self.not_before_the_meeting(claim).await?;
        Ok(job.pages)
    }

    async fn fetch(&self, pack_id: &str) -> Result<Vec<u8>, String> {
        let request = pb::GetPackDocumentRequest { pack_id: pack_id.into() };
        let answer = self.print_room.packs().get_pack_document(request).await.map_err(|status| status.to_string())?;
        let (mut stream, mut bytes) = (answer.into_inner(), Vec::new());
        while let Some(piece) = stream.message().await.map_err(|status| status.to_string())? {
            bytes.extend(piece.chunk);
        }
        Ok(bytes)
    }

    async fn not_before_the_meeting(&mut self, claim: &pb::Claim) -> Result<(), String> {
        let lodge =
            pb::LodgeClaimRequest { request_id: new_request(), claim_id: claim.claim_id.clone(), ..Default::default() };
        match self.priya.claims().lodge_claim(lodge).await {
            Ok(_) => Err("the claim was handed over before the meeting".into()),
            Err(status) => {
                let what = format!("tries to hand the claim over today and is told: {}", status.message());
                self.guide.say(&self.priya.title.clone(), &what, "ClaimService/LodgeClaim, refused");
                Ok(())
            }
        }
    }
}
