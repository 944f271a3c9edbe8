//! Steps of the stories about call-backs: rosters, offers, holds, moves.

use super::person::Person;
use super::steps::{Answer, frome_facts};
use super::values::{new_id, timestamp};
use super::world::{World, at};
use chrono::{DateTime, Utc};
use startline::access::Role;
use startline::grpc::pb;

/// Every working day from Monday to Friday, with call-backs to make.
pub fn every_day(start: &str, end: &str) -> Vec<pb::RosterShift> {
    (1..=5).map(|weekday| outbound(weekday, start, end)).collect()
}

/// One weekday's: Monday is 1.
pub fn outbound(weekday: i32, start: &str, end: &str) -> pb::RosterShift {
    pb::RosterShift {
        weekday,
        start: start.into(),
        end: end.into(),
        activity: pb::RosterActivity::Outbound.into(),
        ..Default::default()
    }
}

pub fn booking(client: &str, start: DateTime<Utc>) -> pb::BookCallbackRequest {
    pb::BookCallbackRequest {
        request_id: new_id(),
        client_id: client.into(),
        start_time: Some(timestamp(start)),
        ..Default::default()
    }
}

/// A client of the Frome area with these needs; `cy` talks Welsh.
pub async fn client(adviser: &Person, language: &str, needs: &[&str]) -> String {
    let facts = pb::ClientFacts {
        talk_language: language.into(),
        call_needs: needs.iter().map(ToString::to_string).collect(),
        ..frome_facts()
    };
    adviser.create_client(facts).await.unwrap().client_id
}

/// A supervisor of the site, who makes rosters.
pub async fn supervisor(world: &World) -> Person {
    world.add("Sunil", Role::Supervisor, Some("somerset")).await
}

impl Person {
    pub async fn offers(&self, client: &str, wishes: pb::CallbackWishes) -> pb::OfferCallbackSlotsResponse {
        let request = pb::OfferCallbackSlotsRequest {
            client_id: client.into(),
            page_size: 50,
            wishes: Some(wishes),
            ..Default::default()
        };
        self.callbacks().offer_callback_slots(request).await.unwrap().into_inner()
    }

    pub async fn hold_callback(&self, client: &str, start: DateTime<Utc>) -> Answer<pb::HoldCallbackSlotResponse> {
        let request = pb::HoldCallbackSlotRequest {
            request_id: new_id(),
            client_id: client.into(),
            start_time: Some(timestamp(start)),
            ..Default::default()
        };
        Ok(self.callbacks().hold_callback_slot(request).await?.into_inner())
    }

    pub async fn book_held(&self, client: &str, hold: &str) -> Answer<pb::BookCallbackResponse> {
        let request = pb::BookCallbackRequest {
            request_id: new_id(),
            client_id: client.into(),
            hold_id: hold.into(),
            number_confirmed: true,
            ..Default::default()
        };
        Ok(self.callbacks().book_callback(request).await?.into_inner())
    }

    /// From the first of March on.
    pub async fn sets_roster(&self, adviser: &Person, shifts: Vec<pb::RosterShift>) -> Vec<pb::CallbackAtRisk> {
        let request = pb::SetRosterRequest {
            request_id: new_id(),
            adviser_id: adviser.id.clone(),
            valid_from: "2026-03-01".into(),
            shifts,
            ..Default::default()
        };
        self.callbacks().set_roster(request).await.unwrap().into_inner().at_risk
    }

    pub async fn reports_sick(&self, adviser: &Person, day: &str) -> pb::ReportAbsenceResponse {
        let request = pb::ReportAbsenceRequest {
            request_id: new_id(),
            adviser_id: adviser.id.clone(),
            kind: pb::AbsenceKind::Sickness.into(),
            first_day: day.into(),
            ..Default::default()
        };
        self.callbacks().report_absence(request).await.unwrap().into_inner()
    }

    pub async fn at_risk(&self) -> Vec<pb::CallbackAtRisk> {
        let request = pb::ListCallbacksAtRiskRequest::default();
        self.callbacks().list_callbacks_at_risk(request).await.unwrap().into_inner().at_risk
    }

    pub async fn moves(&self, callback: &str, to: pb::move_callback_request::To) -> Answer<pb::Callback> {
        let request = pb::MoveCallbackRequest {
            request_id: new_id(),
            callback_id: callback.into(),
            to: Some(to),
            reason: "as the story says".into(),
            ..Default::default()
        };
        Ok(self.callbacks().move_callback(request).await?.into_inner().callback.unwrap())
    }

    pub async fn cancels(&self, callback: &str) -> Answer<pb::Callback> {
        let request = pb::CancelCallbackRequest {
            request_id: new_id(),
            callback_id: callback.into(),
            reason: pb::CancelReason::ClientAsked.into(),
            ..Default::default()
        };
        Ok(self.callbacks().cancel_callback(request).await?.into_inner().callback.unwrap())
    }

    pub async fn callback_history(&self, callback: &str) -> pb::GetCallbackResponse {
        let request = pb::GetCallbackRequest { callback_id: callback.into() };
        self.callbacks().get_callback(request).await.unwrap().into_inner()
    }

    /// One try, begun and ended at once.
    pub async fn tries(&self, callback: &str, outcome: pb::AttemptOutcome) -> pb::Callback {
        self.start_attempt(callback).await.unwrap();
        self.record_attempt(callback, outcome).await.unwrap()
    }

    pub async fn roster_on(&self, day: &str) -> Vec<pb::RosterLine> {
        let request = pb::ListRosterRequest { day: day.into(), ..Default::default() };
        self.callbacks().list_roster(request).await.unwrap().into_inner().lines
    }

    pub async fn flags(&self, client: &str, instead: &str) -> Answer<pb::SetContactFlagsResponse> {
        let request = pb::SetContactFlagsRequest {
            request_id: new_id(),
            client_id: client.into(),
            do_not_call: Some(!instead.is_empty()),
            instead: instead.into(),
            number_check: Some(false),
        };
        Ok(self.callbacks().set_contact_flags(request).await?.into_inner())
    }
}

/// Wednesday the fourth of March at this time.
pub fn wednesday(time: &str) -> DateTime<Utc> {
    at(&format!("2026-03-04T{time}:00Z"))
}

pub fn to_time(start: DateTime<Utc>) -> pb::move_callback_request::To {
    pb::move_callback_request::To::StartTime(timestamp(start))
}

pub const SAME_TIME: pb::move_callback_request::To = pb::move_callback_request::To::KeepTime(true);
