//! Steps around the checks of claims.

use super::Person;
use super::steps::{Answer, heard};
use super::values::new_id;
use startline::grpc::pb;
use tonic::Streaming;

impl Person {
    pub async fn check_of(&self, office: &str, appointment: &str) -> Option<pb::Check> {
        let request = pb::ListChecksRequest { office_id: office.into(), ..Default::default() };
        let all = self.checks().list_checks(request).await.unwrap().into_inner().checks;
        all.into_iter().find(|check| check.appointment_id == appointment)
    }

    pub async fn watch_checks(&self, office: &str) -> Streaming<pb::WatchChecksResponse> {
        let request = pb::WatchChecksRequest { office_id: office.into() };
        self.checks().watch_checks(request).await.unwrap().into_inner()
    }

    pub async fn takes_check(&self, appointment: &str, etag: &str) -> Answer<pb::Check> {
        let (appointment_id, etag) = (appointment.into(), etag.into());
        let request = pb::TakeCheckRequest { request_id: new_id(), appointment_id, etag };
        Ok(self.checks().take_check(request).await?.into_inner().check.unwrap())
    }

    pub async fn hands_back_check(&self, appointment: &str, etag: &str) -> Answer<pb::Check> {
        let (appointment_id, etag) = (appointment.into(), etag.into());
        let request = pb::HandBackCheckRequest { request_id: new_id(), appointment_id, etag };
        Ok(self.checks().hand_back_check(request).await?.into_inner().check.unwrap())
    }

    pub async fn completes_check(&self, appointment: &str, etag: &str) -> Answer<pb::Check> {
        let (appointment_id, etag) = (appointment.into(), etag.into());
        let request = pb::CompleteCheckRequest { request_id: new_id(), appointment_id, etag };
        Ok(self.checks().complete_check(request).await?.into_inner().check.unwrap())
    }

    pub async fn form_is_back(&self, claim: &str) -> Answer<pb::ReportFormBackResponse> {
        let request = pb::ReportFormBackRequest { request_id: new_id(), claim_id: claim.into(), ..Default::default() };
        Ok(self.claims().report_form_back(request).await?.into_inner())
    }

    pub async fn ticks_all(&self, claim: &str) {
        for line in self.evidence(claim).await {
            self.tick(claim, &line, pb::EvidenceState::Seen).await.unwrap();
        }
    }
}

/// The next look at an office's checks in which this one stands so.
pub async fn check_shown(
    screen: &mut Streaming<pb::WatchChecksResponse>,
    appointment: &str,
    state: pb::CheckState,
) -> pb::Check {
    heard(&format!("a check that is {state:?}"), screen, |message| match message.event {
        Some(pb::watch_checks_response::Event::Checks(checks)) => {
            checks.checks.into_iter().find(|check| check.appointment_id == appointment && check.state() == state)
        }
        _ => None,
    })
    .await
}
