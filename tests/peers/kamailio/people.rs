//! The people around the calls: advisers at their desks, and a supervisor who reads the figures.

use super::exchange::Door;
use super::programs::until;
use crate::person::{Address, Person};
use chrono::{TimeDelta, Utc};
use startline::grpc::pb::{self, watch_desk_response::Event};
use startline::ids::RequestId;
use std::net::SocketAddrV4;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tonic::Status;

/// A desktop that gets no answer for so long takes its door for dead.
const PATIENCE: Duration = Duration::from_secs(3);
/// How often it looks whether somebody is to be rung back; this shows whether the door is there, too.
const LOOKS_EVERY: Duration = Duration::from_secs(1);
/// Between two tries to sign in.
const BREATH: Duration = Duration::from_millis(250);

/// An adviser's desk. What it does with calls is its habit. When its door stops, dies, hangs or says that desks are at
/// another, it tries the doors in turn and signs in where it may.
pub struct Desk {
    person: Arc<Person>,
    seen: Arc<Mutex<Seen>>,
    wants_calls: watch::Sender<bool>,
    working: JoinHandle<()>,
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
        let person = door.add(name, "adviser", site);
        let desk = Self::on_a_break(std::slice::from_ref(door), name, &person.token, telephone, habit).await;
        desk.set_available().await;
        desk
    }

    /// Signs in with this telephone at whichever of these doors has the floor.
    pub async fn on_a_break(doors: &[Door], name: &str, token: &str, telephone: SocketAddrV4, habit: Habit) -> Self {
        let doors: Vec<_> = doors.iter().map(Door::listens).collect();
        let at = Address::default();
        let person = Arc::new(Person::new(String::new(), name, token, at.clone()));
        let seen = Seen { keeps_writing: habit == Habit::WritesNotes, ..Seen::default() };
        let seen = Arc::new(Mutex::new(seen));
        let (wants_calls, wishes) = watch::channel(false);
        let address = format!("sip:{}@{telephone}", name.to_lowercase());
        let mut desktop = Desktop { person: person.clone(), address, habit, seen: seen.clone(), wishes };
        let working = tokio::spawn(async move {
            for door in doors.iter().cycle() {
                *at.lock().unwrap() = Some(*door);
                // Refused, dead, silent or about to stop: the next one.
                let _ = desktop.work().await;
                tokio::time::sleep(BREATH).await;
            }
        });
        let desk = Self { person, seen, wants_calls, working };
        until(&format!("{name} to sign in"), async || {
            let now = desk.seen.lock().unwrap().now.status();
            (now != pb::AdviserStatus::Unspecified).then_some(())
        })
        .await;
        desk
    }

    /// Wants calls from now on, at every door.
    pub fn wants_calls(&self) {
        self.wants_calls.send_replace(true);
    }

    /// Stays on a break at the doors to come.
    pub fn wants_no_more(&self) {
        self.wants_calls.send_replace(false);
    }

    pub async fn set_available(&self) {
        self.wants_calls();
        until(&format!("{} to be available", self.person.name), async || {
            (self.seen.lock().unwrap().now.status() == pb::AdviserStatus::Available).then_some(())
        })
        .await;
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
        finish(&self.person, call).await.unwrap();
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        self.working.abort();
    }
}

/// The program on the adviser's desk.
struct Desktop {
    person: Arc<Person>,
    address: String,
    habit: Habit,
    seen: Arc<Mutex<Seen>>,
    wishes: watch::Receiver<bool>,
}

impl Desktop {
    /// Works with one door as long as that is there.
    async fn work(&mut self) -> Result<(), Status> {
        let ring_when_offered = self.habit == Habit::AnswersTheTelephone;
        let address = self.address.clone();
        let sign_in = pb::SignInRequest { request_id: new_id(), address, ring_when_offered, ..Default::default() };
        in_time(self.person.desk().sign_in(sign_in)).await?;
        let mut events = in_time(self.person.desk().watch_desk(pb::WatchDeskRequest {})).await?.into_inner();
        self.wishes.mark_changed();
        let mut looks = tokio::time::interval(LOOKS_EVERY);
        loop {
            tokio::select! {
                _ = looks.tick() => {
                    let missed = pb::ListMissedCallersRequest::default();
                    in_time(self.person.callbacks().list_missed_callers(missed)).await?;
                }
                said = events.message() => match said?.and_then(|said| said.event) {
                    None | Some(Event::Stopping(_)) => return Ok(()),
                    Some(event) => self.hear(event).await?,
                },
                _ = self.wishes.changed() => {
                    if *self.wishes.borrow_and_update() {
                        let status = pb::AdviserStatus::Available.into();
                        let request = pb::SetStatusRequest { request_id: new_id(), status, ..Default::default() };
                        in_time(self.person.desk().set_status(request)).await?;
                    }
                }
            }
        }
    }

    async fn hear(&self, event: Event) -> Result<(), Status> {
        match event {
            Event::Offer(offer) => {
                let request = pb::AcceptOfferRequest { request_id: new_id(), offer_id: offer.offer_id.clone() };
                self.seen.lock().unwrap().offers.push(offer);
                if self.habit != Habit::AnswersTheTelephone {
                    // An offer that was withdrawn meanwhile is none.
                    let _ = in_time(self.person.desk().accept_offer(request)).await;
                }
            }
            Event::Desk(desk) => {
                let writing = {
                    let mut seen = self.seen.lock().unwrap();
                    seen.now = desk.clone();
                    seen.keeps_writing
                };
                if desk.state() == pb::AdviserState::WrapUp && !writing {
                    finish(&self.person, desk.call_id).await?;
                }
            }
            _ => {}
        }
        Ok(())
    }
}

async fn finish(person: &Person, call_id: String) -> Result<(), Status> {
    let request = pb::FinishWrapUpRequest { request_id: new_id(), call_id, outcome: "call-back booked".into() };
    in_time(person.desk().finish_wrap_up(request)).await.map(drop)
}

/// A door that hangs answers nothing.
async fn in_time<T>(asked: impl Future<Output = Result<T, Status>>) -> Result<T, Status> {
    tokio::time::timeout(PATIENCE, asked).await.unwrap_or_else(|_| Err(Status::deadline_exceeded("no answer")))
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
        Self { person: door.add("Sue", "admin", "somerset") }
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
            // A call that is not over counts as entered, and as nothing else yet.
            let over = |figures: &Figures| figures.answered + figures.abandoned + figures.diverted;
            let is_told = |figures: &Figures| figures.entered == expected.entered && over(figures) >= all;
            (is_told(&live) && is_told(&durable)).then_some((live, durable))
        })
        .await;
        assert_eq!(live, expected, "the live figures of {site}");
        assert_eq!(durable, expected, "the durable figures of {site}");
    }

    /// How many calls entered anywhere, and how many of them the figures lose sight of.
    pub async fn counts_of_all(&self) -> (usize, usize) {
        let mut entered = 0;
        let mut found = 0;
        for site in ["somerset", "buckinghamshire", "calderdale-and-kirklees", "south-east-gwent"] {
            let figures = self.durable(site).await;
            entered += figures.entered;
            found += figures.answered + figures.abandoned + figures.diverted;
        }
        (usize::try_from(entered).unwrap(), usize::try_from(entered.abs_diff(found)).unwrap())
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
