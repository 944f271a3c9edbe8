//! The demo's diaries: hours, meetings, who came, and what became of the claim then.

use super::Demo;
use super::clients::{Ends, Known};
use super::steps::{Said, instant};
use crate::pb;
use crate::person::{Person, new_request};
use chrono::TimeDelta;
use startline_rooms::access::Role;

impl Demo {
    /// The personal advisers' hours, each at their office.
    pub(super) async fn set_hours(&self, site: &str, from: &str) -> Said<()> {
        let shift = |weekday| pb::Shift {
            weekday,
            start: "09:00".into(),
            end: "17:00".into(),
            breaks: vec![pb::Break { start: "12:30".into(), end: "13:15".into() }],
            ..Default::default()
        };
        let theirs = |part: &super::Part| part.role == Role::PersonalAdviser && part.site == Some(site);
        for (part, person) in self.people.iter().filter(|(part, _)| theirs(part)) {
            let request = pb::SetWorkingPatternRequest {
                request_id: new_request(),
                personal_adviser_id: person.id.clone(),
                office_id: part.office.unwrap_or_default().into(),
                valid_from: from.into(),
                shifts: (1..=5).map(shift).collect(),
                ..Default::default()
            };
            person.asks("SetWorkingPattern", person.diary().set_working_pattern(request)).await?;
        }
        Ok(())
    }

    /// Books the first free time of a day: of today, one that is still to come if there is one.
    pub(super) async fn book_meeting(&self, adviser: &Person, claim_id: &str, day: i32) -> Said<pb::Appointment> {
        let (morning, date) = (self.days.at(day, 9, 0), self.days.date(day));
        let soon = self.days.now() + TimeDelta::minutes(15);
        let is_of_the_day =
            |slot: &pb::Slot| instant(slot.start_time).is_some_and(|start| self.days.local_date(start) == date);
        let mut free = Vec::new();
        for from in [morning.max(soon), morning] {
            if self.days.local_date(from) == date {
                free.extend(adviser.free_meetings(claim_id, from).await?.into_iter().filter(is_of_the_day));
            }
        }
        let slot = free.first().ok_or_else(|| format!("no meeting is free on {date}"))?;
        adviser.books_meeting(claim_id, slot).await
    }

    /// The meetings of those of last week, one after the other, and what followed.
    pub(super) async fn meetings(&mut self) -> Said<()> {
        use Ends::{EvidenceToCome, FailedOnce, LettersElsewhere, Lodged, QueryOpen};
        let mut met: Vec<_> = self.with(&[Lodged, EvidenceToCome, QueryOpen, FailedOnce, LettersElsewhere]);
        let start = |known: &Known| {
            let slot = known.appointment.as_ref().and_then(|meeting| meeting.slot.as_ref());
            slot.and_then(|slot| instant(slot.start_time))
        };
        met.sort_by_key(start);
        for known in &met {
            self.clock.move_to(start(known).ok_or("the meeting has no time")? + TimeDelta::minutes(20));
            self.hold(known).await?;
        }
        self.clock.move_to(self.days.at(-1, 10, 0));
        for known in self.with(&[Lodged]) {
            let host = self.who(known.site, Role::PersonalAdviser)?;
            let (request_id, claim_id) = (new_request(), known.claim_id.clone());
            let lodge = pb::LodgeClaimRequest { request_id, claim_id, ..Default::default() };
            let host = self.host(&known).unwrap_or(host);
            host.asks("LodgeClaim", host.claims().lodge_claim(lodge)).await?;
        }
        Ok(())
    }

    /// Whose meeting it is.
    fn host(&self, known: &Known) -> Option<Person> {
        let slot = known.appointment.as_ref()?.slot.as_ref()?;
        self.people.iter().find(|(_, person)| person.id == slot.personal_adviser_id).map(|(_, person)| person.clone())
    }

    async fn hold(&self, known: &Known) -> Said<()> {
        let host = self.host(known).ok_or("the meeting is with nobody")?;
        let meeting = known.appointment.as_ref().map(|meeting| meeting.appointment_id.clone()).unwrap_or_default();
        let came = if known.ends == Ends::FailedOnce { pb::Attendance::Failed } else { pb::Attendance::Attended };
        host.records_attendance(&meeting, came).await?;
        match known.ends {
            Ends::EvidenceToCome => look_at_evidence(&host, known).await,
            Ends::QueryOpen => {
                let expert = self.who(known.site, Role::BenefitsExpert)?;
                let request = pb::RaiseQueryRequest {
                    request_id: new_request(),
                    claim_id: known.claim_id.clone(),
                    question_id: String::new(),
                    text: "Is the rent paid by the week or by the month?".into(),
                };
                expert.asks("RaiseQuery", expert.claims().raise_query(request)).await.map(drop)
            }
            _ => Ok(()),
        }
    }
}

/// The first thing was brought, the next is to follow.
async fn look_at_evidence(host: &Person, known: &Known) -> Said<()> {
    let request = pb::ListEvidenceRequest { claim_id: known.claim_id.clone(), ..Default::default() };
    let listed = host.asks("ListEvidence", host.claims().list_evidence(request)).await?;
    let states = [(pb::EvidenceState::Seen, "brought"), (pb::EvidenceState::ToFollow, "will be sent by post")];
    for (evidence, (state, note)) in listed.evidence.iter().zip(states) {
        let request = pb::TickEvidenceRequest {
            request_id: new_request(),
            claim_id: known.claim_id.clone(),
            evidence_id: evidence.evidence_id.clone(),
            state: state.into(),
            note: note.into(),
        };
        host.asks("TickEvidence", host.claims().tick_evidence(request)).await?;
    }
    Ok(())
}
