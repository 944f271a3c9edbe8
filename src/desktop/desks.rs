//! Desks that are open in browsers: one stream a browser session, however many windows show it. What was said last is kept
//! here, so that each page shows how things stand without asking, with a script or without one.
//!
//! Memory only: the floor knows who is at work, and a desk that is opened anew is told from the beginning.

use crate::Pages;
use crate::seat::{Seat, instant};
use dashmap::DashMap;
use futures_util::StreamExt;
use startline_api as pb;
use startline_api::Request;
use startline_foundation::formats::CallerNumber;
use startline_service::methods::{Asking, Refusal, RefusalKind};
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::watch;

/// A desk that no window shows, and of which no page was asked for, is let go after so long: a page without a script asks
/// anew every ten seconds, and going from one page to the next takes less.
const LEFT_AFTER_S: i64 = 45;
const LOOK_AROUND: Duration = Duration::from_secs(5);
/// Of what was told in passing, so much is still shown.
const NOTICES: usize = 3;

type Hash = [u8; 32];

/// The desks of this process's browsers, by the hash of their session.
#[derive(Default)]
pub struct Desks(Arc<DashMap<Hash, Arc<Desk>>>);

pub struct Desk {
    told: Mutex<Told>,
    /// Counts what was told.
    version: watch::Sender<u64>,
    windows: AtomicUsize,
    touched_s: AtomicI64,
    /// Somebody has its stream opened just now: a form that is sent twice opens one.
    is_opening: AtomicBool,
}

/// What was told last.
#[derive(Default, Clone)]
struct Told {
    desk: Option<pb::Desk>,
    offer: Option<pb::Offer>,
    /// The one that they have taken, as it was offered.
    call: Option<pb::Offer>,
    due: Vec<pb::Callback>,
    notices: Vec<(i64, String)>,
    /// The walk that was looked at last, and the call in which.
    walk: Option<(String, String)>,
    over: Option<Over>,
}

/// Why a desk is not told anything any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Over {
    /// It was opened in another program or browser.
    Elsewhere,
    /// The service stops, or was cut off: it is opened anew by itself.
    Away,
}

/// A desk as a page shows it.
#[derive(Clone)]
pub struct DeskShown {
    pub desk: pb::Desk,
    pub offer: Option<pb::Offer>,
    pub call: Option<pb::Offer>,
    pub due: Vec<pb::Callback>,
    /// The walk of the call in hand; empty when none was begun.
    pub walk: String,
    /// What was told in passing, the newest first, each with its time of day.
    pub notices: Vec<(String, String)>,
    pub over: Option<Over>,
}

impl Desks {
    /// How somebody's desk in this browser stands, if it is open. A page that asks keeps it open.
    pub fn shown(&self, session: &Hash, seat: &Seat) -> Option<DeskShown> {
        let desk = self.0.get(session)?.clone();
        desk.touch(seat.now.timestamp());
        let told = desk.told.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let at = |s: i64| seat.time(Some(&pb::prost_types::Timestamp { seconds: s, nanos: 0 }));
        let desk = told.desk?;
        let walk = told.walk.filter(|(_, call)| !call.is_empty() && *call == desk.call_id);
        Some(DeskShown {
            desk,
            walk: walk.map(|(walk, _)| walk).unwrap_or_default(),
            offer: told.offer,
            call: told.call,
            due: told.due,
            notices: told.notices.iter().rev().map(|(s, text)| (at(*s), text.clone())).collect(),
            over: told.over,
        })
    }

    /// Opens somebody's desk in this browser, or the same anew when it was opened elsewhere. Done when the first of it has
    /// been told.
    ///
    /// # Errors
    /// As `WatchDesk`.
    pub async fn open(&self, seat: &Seat) -> Result<(), Refusal> {
        let session = seat.signed.token.hash();
        // Over until its stream is there.
        let desk = self.0.entry(session).or_insert_with(|| Arc::new(Desk::over())).clone();
        desk.touch(seat.now.timestamp());
        if !desk.is_over() || desk.is_opening.swap(true, Ordering::SeqCst) {
            return Ok(());
        }
        let mut first = desk.version.subscribe();
        let asking = seat.asking(&pb::WatchDeskRequest {});
        let stream = seat.pages.methods.listen(asking.clone()).await;
        desk.is_opening.store(false, Ordering::SeqCst);
        let stream = stream?;
        desk.tell(|told| *told = Told::default());
        tokio::spawn(run(seat.pages.clone(), self.0.clone(), desk.clone(), asking, stream));
        let told = first.wait_for(|_| desk.has_begun());
        let _ = tokio::time::timeout(Duration::from_secs(5), told).await;
        Ok(())
    }

    /// Nothing more of it is shown in this browser.
    pub fn close(&self, session: &Hash) {
        if let Some((_, desk)) = self.0.remove(session) {
            desk.tell(|told| told.over = Some(Over::Away));
        }
    }

    /// A window that shows it, until the watch is dropped.
    pub fn watch(&self, session: &Hash) -> Option<Watching> {
        let desk = self.0.get(session)?.clone();
        desk.windows.fetch_add(1, Ordering::SeqCst);
        let version = desk.version.subscribe();
        Some(Watching { desk, version })
    }

    /// Whether a window shows the desk that is open now: it may have been closed, and opened anew in another window.
    pub fn is_current(&self, session: &Hash, watching: Option<&Watching>) -> bool {
        let now = self.0.get(session).map(|desk| desk.clone());
        match (now, watching) {
            (Some(now), Some(watching)) => Arc::ptr_eq(&now, &watching.desk),
            (now, watching) => now.is_none() && watching.is_none(),
        }
    }

    /// The same, of a method that changes nothing as a rule.
    pub fn answered_if_changed(&self, session: &Hash, now: Option<pb::Desk>) {
        let Some(desk) = self.0.get(session).map(|desk| desk.clone()) else { return };
        let is_known = desk.told.lock().unwrap_or_else(PoisonError::into_inner).desk == now;
        if !is_known {
            self.answered(session, now);
        }
    }

    /// Somebody looks at a walk. While they have a call in hand it is that call's, and their desk leads back to it.
    pub fn walks(&self, session: &Hash, walk: &str) {
        if let Some(desk) = self.0.get(session).map(|desk| desk.clone()) {
            let mut told = desk.told.lock().unwrap_or_else(PoisonError::into_inner);
            let call = told.desk.as_ref().map(|desk| desk.call_id.clone()).unwrap_or_default();
            told.walk = Some((walk.to_owned(), call));
        }
    }

    /// What a method answered about the desk is shown at once, before the stream tells the same.
    pub fn answered(&self, session: &Hash, now: Option<pb::Desk>) {
        if let (Some(desk), Some(now)) = (self.0.get(session), now) {
            desk.tell(|told| told.changed(now));
        }
    }
}

/// A window's view of a desk.
pub struct Watching {
    desk: Arc<Desk>,
    version: watch::Receiver<u64>,
}

/// What a window rings for.
pub struct Ringing {
    pub offer_id: String,
    pub caller: String,
    pub place: String,
}

impl Watching {
    /// Done at the next change; false when there will be none.
    pub async fn changed(&mut self) -> bool {
        self.version.changed().await.is_ok()
    }

    pub fn ringing(&self) -> Option<Ringing> {
        let told = self.desk.told.lock().unwrap_or_else(PoisonError::into_inner);
        let offer = told.offer.as_ref()?;
        Some(Ringing { offer_id: offer.offer_id.clone(), caller: number(offer), place: offer.place.clone() })
    }

    pub fn over(&self) -> Option<Over> {
        self.desk.told.lock().unwrap_or_else(PoisonError::into_inner).over
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        self.desk.windows.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Desk {
    fn over() -> Self {
        Self {
            told: Mutex::new(Told { over: Some(Over::Away), ..Told::default() }),
            version: watch::Sender::new(0),
            windows: AtomicUsize::new(0),
            touched_s: AtomicI64::new(0),
            is_opening: AtomicBool::new(false),
        }
    }

    fn touch(&self, now_s: i64) {
        self.touched_s.fetch_max(now_s, Ordering::SeqCst);
    }

    fn tell(&self, change: impl FnOnce(&mut Told)) {
        change(&mut self.told.lock().unwrap_or_else(PoisonError::into_inner));
        self.version.send_modify(|version| *version += 1);
    }

    fn is_over(&self) -> bool {
        self.told.lock().unwrap_or_else(PoisonError::into_inner).over.is_some()
    }

    fn has_begun(&self) -> bool {
        self.told.lock().unwrap_or_else(PoisonError::into_inner).desk.is_some()
    }

    fn is_left(&self, now_s: i64) -> bool {
        self.windows.load(Ordering::SeqCst) == 0 && now_s - self.touched_s.load(Ordering::SeqCst) > LEFT_AFTER_S
    }
}

impl Told {
    fn changed(&mut self, desk: pb::Desk) {
        if self.offer.as_ref().is_some_and(|offer| offer.offer_id != desk.offer_id) {
            let taken = self.offer.take_if(|offer| offer.call_id == desk.call_id);
            self.call = taken.or(self.call.take());
            self.offer = None;
        }
        if self.call.as_ref().is_some_and(|call| call.call_id != desk.call_id) {
            self.call = None;
        }
        self.desk = Some(desk);
    }

    fn hear(&mut self, event: pb::watch_desk_response::Event, now_s: i64) {
        use pb::watch_desk_response::Event;
        match event {
            Event::Desk(desk) => self.changed(desk),
            Event::Offer(offer) => self.offer = Some(offer),
            Event::OfferWithdrawn(gone) => {
                if self.offer.as_ref().is_some_and(|offer| offer.offer_id == gone.offer_id) {
                    // Of one that was accepted the call goes on, and is asked about by what was offered.
                    let offer = self.offer.take();
                    self.call = offer.or(self.call.take());
                }
            }
            Event::DueCallbacks(due) => self.due = due.callbacks,
            Event::Notice(notice) => {
                self.notices.push((now_s, notice.text));
                let over = self.notices.len().saturating_sub(NOTICES);
                self.notices.drain(..over);
            }
            Event::CallInHand(call) => self.call = Some(call),
            Event::Stopping(_) => self.over = Some(Over::Away),
            // The window says that it is there, or nobody does.
            Event::Heartbeat(_) => {}
        }
    }
}

/// Listens for as long as the desk is open, and lets it go when nobody shows it any more.
async fn run(
    pages: Arc<Pages>,
    desks: Arc<DashMap<Hash, Arc<Desk>>>,
    desk: Arc<Desk>,
    asking: Asking,
    mut stream: startline_service::methods::Listened,
) {
    let why = loop {
        let answer = tokio::select! {
            answer = stream.next() => answer,
            () = tokio::time::sleep(LOOK_AROUND) => {
                if desk.is_left(pages.service.clock.now().timestamp()) {
                    break None;
                }
                continue;
            }
        };
        match answer {
            Some(Ok(bytes)) => match pb::WatchDeskRequest::answer(&bytes) {
                Ok(pb::WatchDeskResponse { event: Some(pb::watch_desk_response::Event::Heartbeat(_)) }) => {}
                Ok(pb::WatchDeskResponse { event: Some(event) }) => {
                    desk.tell(|told| told.hear(event, pages.service.clock.now().timestamp()));
                }
                Ok(_) => {}
                Err(fault) => tracing::error!(fault, "a desk was told what cannot be read"),
            },
            Some(Err(refusal)) if refusal.reason == "OPENED_ELSEWHERE" => break Some(Over::Elsewhere),
            Some(Err(refusal)) if refusal.kind == RefusalKind::SignedOut => break None,
            Some(Err(_)) | None => break Some(Over::Away),
        }
    };
    drop(stream);
    let is_mine = |entry: &Arc<Desk>| Arc::ptr_eq(entry, &desk);
    match why {
        // It stays, so that the page can say so.
        Some(Over::Elsewhere) => desk.tell(|told| told.over = Some(Over::Elsewhere)),
        _ => {
            desks.remove_if(&asking.session, |_, entry| is_mine(entry));
            desk.tell(|told| told.over = Some(Over::Away));
        }
    }
}

/// The number of whoever rings, in the groups in which it is said; empty when it is withheld.
pub fn number(offer: &pb::Offer) -> String {
    CallerNumber::read(&offer.caller_number).map_or_else(|| offer.caller_number.clone(), |number| number.grouped())
}

impl DeskShown {
    pub fn number(&self, offer: &pb::Offer) -> String {
        number(offer)
    }

    pub fn status(&self) -> pb::AdviserStatus {
        self.desk.status()
    }

    pub fn state(&self) -> pb::AdviserState {
        self.desk.state()
    }

    pub fn is_available(&self) -> bool {
        self.status() == pb::AdviserStatus::Available
    }

    pub fn is_on_call(&self) -> bool {
        self.state() == pb::AdviserState::OnCall
    }

    pub fn is_in_wrap_up(&self) -> bool {
        self.state() == pb::AdviserState::WrapUp
    }

    /// For a clock that runs down, in seconds since 1970.
    pub fn wrap_up_ends_s(&self) -> i64 {
        self.desk.wrap_up_end_time.as_ref().and_then(instant).map_or(0, |at| at.timestamp())
    }

    pub fn is_elsewhere(&self) -> bool {
        self.over == Some(Over::Elsewhere)
    }
}
