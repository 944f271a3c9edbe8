//! What every page of a claim shows of it.

use super::words::ClaimWords;
use crate::screens::walks::form::{Sheet, talks};
use crate::seat::Seat;
use axum::response::Response;
use startline_api as pb;
use startline_foundation::formats::{day_in_words, parse_date};

/// A claim with its client, as far as they may be seen.
pub struct Seen {
    pub sheet: Sheet,
    pub client: Option<pb::Client>,
}

pub async fn seen(seat: &Seat, claim_id: &str) -> Result<Seen, Response> {
    let asked = pb::GetClaimRequest { claim_id: claim_id.to_owned(), ..Default::default() };
    let claim = seat.need(asked).await?.claim.unwrap_or_default();
    let client = seat.may(pb::GetClientRequest { client_id: claim.client_id.clone() }).await;
    let client = client.and_then(|answer| answer.client);
    let talk = talks(client.as_ref());
    Ok(Seen { sheet: Sheet::with(seat, claim, talk).await?, client })
}

impl Seen {
    pub fn claim(&self) -> &pb::Claim {
        &self.sheet.claim
    }

    pub fn name(&self) -> String {
        let facts = self.client.as_ref().and_then(|client| client.facts.clone()).unwrap_or_default();
        [facts.title, facts.other_names, facts.last_name].join(" ").trim().to_owned()
    }

    pub fn standing(&self) -> pb::ClaimStanding {
        self.sheet.claim.standing.clone().unwrap_or_default()
    }

    pub fn is_open(&self) -> bool {
        self.sheet.claim.state() == pb::ClaimState::Open
    }

    pub fn holder(&self, seat: &Seat) -> Option<(String, String)> {
        let holder = self.sheet.claim.holder.as_ref()?;
        Some((holder.name.clone(), seat.time(holder.last_time.as_ref())))
    }
}

/// A local day as people read it.
pub fn day(seat: &Seat, day: &str) -> String {
    parse_date(day).map_or_else(|_| day.to_owned(), |day| day_in_words(day, seat.language()))
}

/// Where a claim's meeting stands, in a line.
pub fn meeting_line(
    seat: &Seat,
    t: &ClaimWords,
    standing: &pb::ClaimStanding,
    meeting: Option<&pb::Appointment>,
) -> String {
    let outcome = t.outcome(standing.meeting()).to_owned();
    match meeting {
        Some(appointment) if appointment.state() == pb::AppointmentState::Booked => {
            let slot = appointment.slot.clone().unwrap_or_default();
            let when = seat.span(slot.start_time.as_ref(), slot.end_time.as_ref());
            format!("{outcome}: {when}, {}, {} {}", slot.office_name, t.with, slot.personal_adviser_name)
        }
        _ => outcome,
    }
}
