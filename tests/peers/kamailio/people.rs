//! The people around the calls: advisers at their desks, and a supervisor who reads the figures.

use super::exchange::Door;
use super::programs::until;
use crate::person::Person;
use chrono::{TimeDelta, Utc};
use startline::grpc::pb::{self, watch_desk_response::Event};
use startline::ids::RequestId;
use std::net::SocketAddrV4;
use std::sync::{Arc, Mutex};
use tokio::task::JoinHandle;

/// An adviser's desk. What it does with calls is its habit.
pub struct Desk {
    person: Arc<Person>,
    seen: Arc<Mutex<Seen>>,
    watching: JoinHandle<()>,
}

#[derive(Default)]
struct Seen {
    offers: Vec<pb::Offer>,
    now: pb::Desk,
    keeps_writing: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Habit {
    /// Accepts each offer, then the telephone rings; finishes the notes at once.
    TakesCalls,
    /// The same, but stays in wrap-up until [`Desk::finish_notes`].
    WritesNotes,
    /// Has the telephone ring as soon as a call is offered: answering it takes the call.
    AnswersTheTelephone,
}

fn new_id() -> String {
    RequestId::fresh(now()).to_string()
}

fn now() -> chrono::DateTime<Utc> {
    #[expect(clippy::disallowed_methods, reason = "the servers take the time from the machine too")]
    Utc::now()
}

impl Desk {
    /// Signs in with this telephone, and takes calls from now on.
    pub async fn open(door: &Door, name: &str, site: &str, telephone: SocketAddrV4, habit: Habit) -> Self {
        let person = Arc::new(door.add(name, "adviser", site));
        let address = format!("sip:{}@{telephone}", name.to_lowercase());
        let ring_when_offered = habit == Habit::AnswersTheTelephone;
        let sign_in = pb::SignInRequest { request_id: new_id(), address, ring_when_offered };
        person.desk().sign_in(sign_in).await.unwrap();
        let seen = Seen { keeps_writing: habit == Habit::WritesNotes, ..Seen::default() };
        let seen = Arc::new(Mutex::new(seen));
        let mut events = person.desk().watch_desk(pb::WatchDeskRequest {}).await.unwrap().into_inner();
        let (at_desk, notes) = (person.clone(), seen.clone());
        let watching = tokio::spawn(async move {
            // The stream ends with the door, or with the test.
            while let Ok(Some(said)) = events.message().await {
                match said.event {
                    Some(Event::Offer(offer)) => {
                        let request = pb::AcceptOfferRequest { request_id: new_id(), offer_id: offer.offer_id.clone() };
                        notes.lock().unwrap().offers.push(offer);
                        if !ring_when_offered {
                            // An offer that was withdrawn meanwhile is none.
                            let _ = at_desk.desk().accept_offer(request).await;
                        }
                    }
                    Some(Event::Desk(desk)) => {
                        let writing = {
                            let mut seen = notes.lock().unwrap();
                            seen.now = desk.clone();
                            seen.keeps_writing
                        };
                        if desk.state() == pb::AdviserState::WrapUp && !writing {
                            finish(&at_desk, desk.call_id).await;
                        }
                    }
                    _ => {}
                }
            }
        });
        let desk = Self { person, seen, watching };
        desk.set_available().await;
        desk
    }

    pub async fn set_available(&self) {
        let status = pb::AdviserStatus::Available.into();
        let request = pb::SetStatusRequest { request_id: new_id(), status, ..Default::default() };
        self.person.desk().set_status(request).await.unwrap();
    }

    pub fn offers(&self) -> Vec<pb::Offer> {
        self.seen.lock().unwrap().offers.clone()
    }

    pub async fn is(&self, state: pb::AdviserState) {
        let what = format!("{} to be {state:?}", self.person.name);
        until(&what, async || (self.seen.lock().unwrap().now.state() == state).then_some(())).await;
    }

    pub async fn finish_notes(&self) {
        let call = {
            let mut seen = self.seen.lock().unwrap();
            seen.keeps_writing = false;
            seen.now.call_id.clone()
        };
        finish(&self.person, call).await;
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        self.watching.abort();
    }
}

async fn finish(person: &Person, call_id: String) {
    let request = pb::FinishWrapUpRequest { request_id: new_id(), call_id, outcome: "call-back booked".into() };
    person.desk().finish_wrap_up(request).await.unwrap();
}

/// What became of a site's calls.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Figures {
    pub entered: u64,
    pub answered: u64,
    pub abandoned: u64,
    pub diverted: u64,
    pub overflowed: u64,
}

pub struct Supervisor {
    person: Person,
}

impl Supervisor {
    pub fn at(door: &Door) -> Self {
        Self { person: door.add("Sue", "supervisor", "somerset") }
    }

    /// The floor as it is now.
    pub async fn floor(&self, site: &str) -> pb::WatchFloorResponse {
        let request = pb::WatchFloorRequest { site_id: site.into() };
        let mut floor = self.person.floor().watch_floor(request).await.unwrap().into_inner();
        floor.message().await.unwrap().expect("a floor is shown at once")
    }

    /// The first of the calls that wait at a site, as soon as there are so many.
    pub async fn sees_waiting(&self, site: &str, calls: usize) -> pb::WaitingCall {
        let what = format!("{calls} calls waiting at {site}");
        until(&what, async || {
            let waiting = self.floor(site).await.waiting_calls;
            (waiting.len() == calls).then(|| waiting.into_iter().next().unwrap_or_default())
        })
        .await
    }

    /// The live figures and the durable ones come to be these, and no others: nothing waits any more.
    pub async fn counts(&self, site: &str, expected: Figures) {
        let all = expected.answered + expected.abandoned + expected.diverted;
        assert_eq!(expected.entered, all, "every call that entered has come to an end: {expected:?}");
        let what = format!("the figures of {site}");
        let (live, durable) = until(&what, async || {
            let (live, durable) = (self.live(site).await, self.durable(site).await);
            (live.entered == expected.entered && durable.entered == expected.entered).then_some((live, durable))
        })
        .await;
        assert_eq!(live, expected, "the live figures of {site}");
        assert_eq!(durable, expected, "the durable figures of {site}");
    }

    async fn live(&self, site: &str) -> Figures {
        let pb::WatchFloorResponse { entered, answered, abandoned, diverted, overflowed, .. } = self.floor(site).await;
        Figures { entered, answered, abandoned, diverted, overflowed }
    }

    async fn durable(&self, site: &str) -> Figures {
        let hour = TimeDelta::hours(1);
        let time = |at: chrono::DateTime<Utc>| Some(prost_types::Timestamp { seconds: at.timestamp(), nanos: 0 });
        let request = pb::GetServiceLevelRequest {
            site_id: site.into(),
            start_time: time(now() - hour),
            end_time: time(now() + hour),
        };
        let level = self.person.floor().get_service_level(request).await.unwrap().into_inner();
        let total = level.totals.into_iter().find(|total| total.site_id == site).unwrap_or_default();
        let pb::HalfHour { entered, answered, abandoned, diverted, overflowed, .. } = total;
        Figures { entered, answered, abandoned, diverted, overflowed }
    }

    pub async fn declares_lost(&self, site: &str, helper: &str) {
        let request = pb::DeclareContingencyRequest {
            request_id: new_id(),
            site_id: site.into(),
            reason: "the building is flooded".into(),
            helper_site_ids: vec![helper.into()],
        };
        self.person.floor().declare_contingency(request).await.unwrap();
    }

    pub async fn declares_found(&self, site: &str) {
        let request = pb::EndContingencyRequest { request_id: new_id(), site_id: site.into() };
        self.person.floor().end_contingency(request).await.unwrap();
    }
}
