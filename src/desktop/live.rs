//! One stream of events a window: what has changed, so that the window asks anew for what it shows. The events carry no
//! records: whoever asks afterwards is looked at again.
//!
//! | event | data | the window |
//! |---|---|---|
//! | `ready` | the program's version and this start of it | reloads when another than it was written by |
//! | `changed` | what | asks anew for the parts that change |
//! | `ring`, `quiet` | the offer, as JSON | rings, or stops ringing |
//! | `beat` | | says that it is here |
//! | `over` | `signed-out`, `stopping` or `elsewhere` | says so |

use crate::desks::Watching;
use crate::html::fresh_request;
use crate::seat::{Posted, Seat};
use axum::body::{Body, Bytes};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::StreamExt;
use startline_api as pb;
use startline_service::methods::{Listened, Refusal, RefusalKind};
use std::pin::pin;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::MissedTickBehavior;

/// A proxy cuts a stream that is silent for a minute, some for thirty seconds; a window takes 25 s of silence for a break.
const BEAT: Duration = Duration::from_secs(10);
/// Things that one page shows at once.
const MOST_TOPICS: usize = 8;

pub async fn events(seat: Seat) -> Response {
    let session = seat.signed.token.hash();
    let (sender, receiver) = mpsc::channel::<Bytes>(8);
    let mut topics: Vec<Listened> = Vec::new();
    let named = seat.visitor.query.get("on").to_owned();
    let mut names = Vec::new();
    for topic in named.split(' ').filter(|topic| !topic.is_empty() && *topic != "desk").take(MOST_TOPICS) {
        // What they may not see, or what is no more, the page itself says when it is asked for.
        if let Some(Ok(stream)) = listen(&seat, topic).await {
            let name = names.len();
            names.push(topic.to_owned());
            topics.push(stream.map(move |answer| answer.map(|_| Bytes::from(name.to_string()))).boxed());
        }
    }
    let shows_desk = named.split(' ').any(|topic| topic == "desk");
    let watching = shows_desk.then(|| seat.pages.desks.watch(&session)).flatten();
    tokio::spawn(tell(seat, (names, topics), (shows_desk, watching), sender));
    let stream = futures_util::stream::unfold(receiver, |mut receiver| async move {
        receiver.recv().await.map(|bytes| (Ok::<_, std::convert::Infallible>(bytes), receiver))
    });
    let headers = [
        (header::CONTENT_TYPE, "text/event-stream"),
        (header::CACHE_CONTROL, "no-store"),
        // Some proxies keep what they pass on until there is more of it.
        (header::HeaderName::from_static("x-accel-buffering"), "no"),
    ];
    (StatusCode::OK, headers, Body::from_stream(stream)).into_response()
}

/// What a page shows, by its name: `claim:ID`, `floor:SITE`, `floors:SITE,SITE` or `floors:`, `day:DAY:office:ID`,
/// `day:DAY:personal-adviser:ID`, `checks:OFFICE`, `post`.
async fn listen(seat: &Seat, topic: &str) -> Option<Result<Listened, Refusal>> {
    use pb::{watch_checks_response as checks, watch_claim_response as claim};
    use pb::{watch_day_response as day, watch_floors_response as floors};
    let mut parts = topic.split(':');
    let (what, first, second, third) = (parts.next()?, parts.next(), parts.next(), parts.next());
    let text = |part: Option<&str>| part.unwrap_or_default().to_owned();
    Some(match what {
        "claim" => {
            let asked = pb::WatchClaimRequest { claim_id: text(first) };
            changes(seat, &asked, |said| matches!(said.event, Some(claim::Event::Heartbeat(_)))).await
        }
        "checks" => {
            let asked = pb::WatchChecksRequest { office_id: text(first) };
            changes(seat, &asked, |said| matches!(said.event, Some(checks::Event::Heartbeat(_)))).await
        }
        "floor" => {
            let asked = pb::WatchFloorRequest { site_id: text(first) };
            changes(seat, &asked, |said| said.heartbeat.is_some()).await
        }
        "floors" => {
            let site_ids = text(first).split(',').filter(|site| !site.is_empty()).map(str::to_owned).collect();
            let asked = pb::WatchFloorsRequest { site_ids, ..Default::default() };
            changes(seat, &asked, |said| matches!(said.event, Some(floors::Event::Heartbeat(_)))).await
        }
        "post" => changes(seat, &pb::WatchPrintRoomRequest::default(), |said| said.heartbeat.is_some()).await,
        "day" => {
            let (office_id, personal_adviser_id) = match second {
                Some("personal-adviser") => (String::new(), text(third)),
                _ => (text(third), String::new()),
            };
            let asked = pb::WatchDayRequest { day: text(first), office_id, personal_adviser_id };
            changes(seat, &asked, |said| matches!(said.event, Some(day::Event::Heartbeat(_)))).await
        }
        _ => return None,
    })
}

/// What is said there, but that nothing happened.
async fn changes<Q: pb::Listened>(
    seat: &Seat,
    asked: &Q,
    is_beat: fn(&Q::Answer) -> bool,
) -> Result<Listened, Refusal> {
    let said = seat.listen(asked).await?;
    let changes = said.filter(move |answer| {
        let beats = answer.as_ref().is_ok_and(|bytes| Q::answer(bytes).is_ok_and(|answer| is_beat(&answer)));
        std::future::ready(!beats)
    });
    Ok(changes.boxed())
}

fn event(name: &str, data: &str) -> Bytes {
    // A line of data is one line: what comes from elsewhere has none of its own.
    let data = data.replace(['\r', '\n'], " ");
    format!("event: {name}\ndata: {data}\n\n").into()
}

async fn tell(
    seat: Seat,
    (names, topics): (Vec<String>, Vec<Listened>),
    (shows_desk, mut watching): (bool, Option<Watching>),
    sender: mpsc::Sender<Bytes>,
) {
    let session = seat.signed.token.hash();
    if sender.send(event("ready", &seat.pages.version)).await.is_err() {
        return;
    }
    let mut topics = pin!(futures_util::stream::select_all(topics));
    // Each begins with how things stand, which the page has just shown.
    let mut begun = vec![false; names.len()];
    let mut rung = String::new();
    // However much else is said: the window answers each, and by that its desk is heard.
    let mut beats = tokio::time::interval(BEAT);
    beats.set_missed_tick_behavior(MissedTickBehavior::Delay);
    beats.reset();
    loop {
        let said = tokio::select! {
            () = sender.closed() => return,
            answer = topics.next(), if !names.is_empty() => match answer {
                Some(Ok(which)) => {
                    let at = std::str::from_utf8(&which).ok().and_then(|n| n.parse::<usize>().ok()).unwrap_or(0);
                    if !std::mem::replace(&mut begun[at], true) {
                        continue;
                    }
                    vec![event("changed", &names[at])]
                }
                Some(Err(refusal)) if refusal.kind == RefusalKind::SignedOut => vec![event("over", "signed-out")],
                Some(Err(_)) | None => vec![event("over", "stopping")],
            },
            goes_on = changed(&mut watching) => {
                let mut said = vec![event("changed", "desk")];
                said.extend(ringing(watching.as_ref(), &mut rung));
                if !goes_on {
                    watching = None;
                }
                said
            }
            _ = beats.tick() => {
                let held = seat.pages.service.browser_session(&seat.pages.browsers, &seat.signed.token, false).await;
                match held {
                    Err(startline_foundation::error::Error::Unauthenticated) => vec![event("over", "signed-out")],
                    _ if shows_desk && !seat.pages.desks.is_current(&session, watching.as_ref()) => {
                        // Calls are taken since in another window of this browser, or no more.
                        watching = seat.pages.desks.watch(&session);
                        let mut said = vec![event("beat", ""), event("changed", "desk")];
                        said.extend(ringing(watching.as_ref(), &mut rung));
                        said
                    }
                    _ => vec![event("beat", "")],
                }
            }
            () = seat.pages.stopping() => vec![event("over", "stopping")],
        };
        for bytes in said {
            let is_over = bytes.starts_with(b"event: over");
            if sender.send(bytes).await.is_err() || is_over {
                return;
            }
        }
    }
}

async fn changed(watching: &mut Option<Watching>) -> bool {
    match watching {
        Some(watching) => watching.changed().await,
        None => std::future::pending().await,
    }
}

/// Whether something else rings than did before.
fn ringing(watching: Option<&Watching>, rung: &mut String) -> Option<Bytes> {
    let ringing = watching.filter(|watching| watching.over().is_none()).and_then(Watching::ringing);
    let id = ringing.as_ref().map(|ringing| ringing.offer_id.clone()).unwrap_or_default();
    if *rung == id {
        return None;
    }
    rung.clone_from(&id);
    match ringing {
        Some(ringing) => {
            let told = serde_json::json!({"id": id, "caller": ringing.caller, "place": ringing.place});
            Some(event("ring", &told.to_string()))
        }
        None => Some(event("quiet", "")),
    }
}

/// A window says that it is there, and awake: so is the desk that it shows.
pub async fn here(posted: Posted) -> Response {
    let (seat, session) = (&posted.seat, posted.seat.signed.token.hash());
    let is_told = seat.desk().is_some_and(|shown| shown.over.is_none());
    if is_told {
        let request_id = fresh_request().to_string();
        if let Ok(answer) = seat.ask(pb::StillHereRequest { request_id }).await {
            seat.pages.desks.answered_if_changed(&session, answer.desk);
        }
    }
    StatusCode::NO_CONTENT.into_response()
}
