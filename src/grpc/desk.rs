//! `DeskService`.

use super::{callbacks as callback_door, clients as client_door, convert, pb};
use crate::call::{Answers, Call};
use crate::doors::DeskDoor;
use chrono::{DateTime, Utc};
use startline_foundation::error::{Error, Result};
use startline_foundation::formats::{CallerNumber, Postcode, plain_text};
use startline_foundation::ids::{CallId, ClientId, OfferId, UserId, WalkId};
use startline_rooms::access::{Sees, User};
use startline_rooms::callbacks;
use startline_rooms::clients::{self, Search};
use startline_rooms::records;
use startline_routing::{
    AdviserCard, BreakReason, CallCard, DeskCommand, DeskEvent, DeskView, PassTo, Priority, Screen, SkillNames, State,
    Status as AdviserStatus, StatusCause,
};
use startline_service::{Service, Work};
use std::sync::Arc;
use tokio::sync::mpsc;

const ADDRESS_CHARS: usize = 200;
const REASON_CHARS: usize = 100;
const NOTE_CHARS: usize = 200;
/// Due call-backs shown on a desk.
const DUE_SHOWN: i32 = 50;
/// Known clients shown with an offer: a shared telephone may have several.
const KNOWN_SHOWN: i32 = 5;

impl DeskDoor {
    pub async fn sign_in(&self, call: Call<pb::SignInRequest>) -> Result<pb::SignInResponse> {
        let (user, now, asked) = parts(call);
        let address = plain_text(&asked.address, ADDRESS_CHARS);
        let address = address.map_err(|reason| Error::invalid("address", reason))?;
        if address.is_empty() {
            return Err(Error::invalid("address", "is needed: where does the switch reach this desk?"));
        }
        let site = user.site.clone().ok_or_else(|| Error::Denied("this token belongs to no site".into()))?;
        let pb::SignInRequest { ring_when_offered, answers_heartbeats, .. } = asked;
        let skills = self.0.switchboard.network().skills().known(user.skills.iter().map(String::as_str));
        let card = AdviserCard::new(user.id, &user.name, &address, site);
        let card = AdviserCard { skills, ring_when_offered, answers_heartbeats, ..card };
        self.0.switchboard.sign_in(card, now)?;
        Ok(pb::SignInResponse { desk: Some(self.desk(user.id)?) })
    }

    pub async fn set_status(&self, call: Call<pb::SetStatusRequest>) -> Result<pb::SetStatusResponse> {
        let (user, now, asked) = parts(call);
        let status = match pb::AdviserStatus::try_from(asked.status) {
            Ok(pb::AdviserStatus::Available) => AdviserStatus::Available,
            Ok(pb::AdviserStatus::OnBreak) => {
                let reason = plain_text(&asked.break_reason, REASON_CHARS);
                let reason = reason.map_err(|reason| Error::invalid("break_reason", reason))?;
                if reason.is_empty() {
                    return Err(Error::invalid("break_reason", "is needed"));
                }
                AdviserStatus::OnBreak { reason: BreakReason::Chosen(reason.into()) }
            }
            Ok(pb::AdviserStatus::SignedOut) => {
                return Err(Error::invalid("status", "is not set this way: use SignOut"));
            }
            _ => return Err(Error::invalid("status", "is needed")),
        };
        self.0.switchboard.desk(user.id, DeskCommand::SetStatus(status), now)?;
        Ok(pb::SetStatusResponse { desk: Some(self.desk(user.id)?) })
    }

    pub async fn watch_desk(&self, call: Call<pb::WatchDeskRequest>) -> Result<Answers<pb::WatchDeskResponse>> {
        let (user, ..) = parts(call);
        let events = self.0.switchboard.watch_desk(user.id, self.0.clock.now())?;
        let (sender, receiver) = mpsc::channel(1);
        tokio::spawn(tell(self.0.clone(), user, events, sender));
        Ok(Box::pin(tokio_stream::wrappers::ReceiverStream::new(receiver)))
    }

    pub async fn accept_offer(&self, call: Call<pb::AcceptOfferRequest>) -> Result<pb::AcceptOfferResponse> {
        let (user, now, asked) = parts(call);
        let offer = OfferId::parse("offer_id", &asked.offer_id)?;
        self.0.switchboard.desk(user.id, DeskCommand::Accept { offer }, now)?;
        let network = self.0.switchboard.network();
        let call = network.desk_view(user.id)?.call();
        let card = call.and_then(|call| network.call_view(call).ok()).map(|view| view.card);
        let open_callbacks = match card {
            Some(card) => known(&self.0, &card).await.1,
            None => Vec::new(),
        };
        Ok(pb::AcceptOfferResponse { desk: Some(self.desk(user.id)?), open_callbacks })
    }

    pub async fn decline_offer(&self, call: Call<pb::DeclineOfferRequest>) -> Result<pb::DeclineOfferResponse> {
        let (user, now, asked) = parts(call);
        let offer = OfferId::parse("offer_id", &asked.offer_id)?;
        self.0.switchboard.desk(user.id, DeskCommand::Decline { offer }, now)?;
        Ok(pb::DeclineOfferResponse { desk: Some(self.desk(user.id)?) })
    }

    pub async fn end_call(&self, call: Call<pb::EndCallRequest>) -> Result<pb::EndCallResponse> {
        let (user, now, asked) = parts(call);
        let call = CallId::parse("call_id", &asked.call_id)?;
        let command = if asked.hung_up { DeskCommand::HungUp { call } } else { DeskCommand::EndCall { call } };
        self.0.switchboard.desk(user.id, command, now)?;
        Ok(pb::EndCallResponse { desk: Some(self.desk(user.id)?) })
    }

    pub async fn finish_wrap_up(&self, call: Call<pb::FinishWrapUpRequest>) -> Result<pb::FinishWrapUpResponse> {
        let (user, now, asked) = parts(call);
        let call = CallId::parse("call_id", &asked.call_id)?;
        let outcome = plain_text(&asked.outcome, REASON_CHARS);
        let outcome = outcome.map_err(|reason| Error::invalid("outcome", reason))?;
        let command = DeskCommand::FinishWrapUp { call, outcome: Some(outcome) };
        self.0.switchboard.desk(user.id, command, now)?;
        Ok(pb::FinishWrapUpResponse { desk: Some(self.desk(user.id)?) })
    }

    pub async fn sign_out(&self, call: Call<pb::SignOutRequest>) -> Result<pb::SignOutResponse> {
        let context = call.operation.context.clone();
        let (user, now, _) = parts(call);
        self.0.switchboard.desk(user.id, DeskCommand::SignOut, now)?;
        let end = |mut work: Work| async move {
            let (mut db, context) = work.parts();
            records::end_requests(&mut db, context).await?;
            work.done(())
        };
        // Nobody is kept at their desk because the database is away: what they asked for ends with the day.
        if let Err(fault) = self.0.runner.transact_for(&context, end).await {
            tracing::warn!(%fault, "what somebody asked for outside of their work is open to them until the day's end");
        }
        Ok(pb::SignOutResponse {})
    }
    pub async fn extend_wrap_up(&self, call: Call<pb::ExtendWrapUpRequest>) -> Result<pb::ExtendWrapUpResponse> {
        let (user, now, asked) = parts(call);
        let call = CallId::parse("call_id", &asked.call_id)?;
        let request_id = convert::request_id(&asked.request_id)?;
        self.0.switchboard.desk(user.id, DeskCommand::ExtendWrapUp { call, request: request_id }, now)?;
        Ok(pb::ExtendWrapUpResponse { desk: Some(self.desk(user.id)?) })
    }

    pub async fn still_talking(&self, call: Call<pb::StillTalkingRequest>) -> Result<pb::StillTalkingResponse> {
        let (user, now, asked) = parts(call);
        let call = CallId::parse("call_id", &asked.call_id)?;
        self.0.switchboard.desk(user.id, DeskCommand::StillTalking { call }, now)?;
        Ok(pb::StillTalkingResponse { desk: Some(self.desk(user.id)?) })
    }

    pub async fn still_here(&self, call: Call<pb::StillHereRequest>) -> Result<pb::StillHereResponse> {
        let (user, now, _) = parts(call);
        self.0.switchboard.desk(user.id, DeskCommand::StillHere, now)?;
        Ok(pb::StillHereResponse { desk: Some(self.desk(user.id)?) })
    }

    pub async fn pass_call(&self, call: Call<pb::PassCallRequest>) -> Result<pb::PassCallResponse> {
        let (user, now, asked) = parts(call);
        let call = CallId::parse("call_id", &asked.call_id)?;
        let client = Some(asked.client_id.as_str()).filter(|id| !id.is_empty());
        let walk = Some(asked.walk_id.as_str()).filter(|id| !id.is_empty());
        let from = self.0.switchboard.network().desk_view(user.id)?.card;
        let screen = Screen {
            from,
            client: client.map(|id| ClientId::parse("client_id", id)).transpose()?,
            walk: walk.map(|id| WalkId::parse("walk_id", id)).transpose()?,
            note: plain_text(&asked.note, NOTE_CHARS).map_err(|reason| Error::invalid("note", reason))?,
        };
        let to = self.pass_to(asked.to)?;
        self.0.switchboard.desk(user.id, DeskCommand::Pass { call, to, screen: Box::new(screen) }, now)?;
        Ok(pb::PassCallResponse { desk: Some(self.desk(user.id)?) })
    }

    pub async fn set_call_home(&self, call: Call<pb::SetCallHomeRequest>) -> Result<pb::SetCallHomeResponse> {
        let (user, now, asked) = parts(call);
        // It goes to the call and not to the desk, which is heard all the same.
        self.0.switchboard.desk(user.id, DeskCommand::Spoke, now)?;
        let call = CallId::parse("call_id", &asked.call_id)?;
        if self.0.switchboard.network().desk_view(user.id)?.call() != Some(call) {
            return Err(Error::illegal("NOT_YOUR_CALL", "only the adviser who has the call says where it belongs"));
        }
        let postcode = Postcode::parse(&asked.postcode).map_err(|reason| Error::invalid("postcode", reason))?;
        let definition = self.0.definitions.current();
        let district = definition.district_of(&postcode);
        let district = district.ok_or_else(|| Error::invalid("postcode", "is in no district of this service"))?;
        self.0.switchboard.set_home(call, &district.site, now)?;
        let site = definition.site(&district.site);
        Ok(pb::SetCallHomeResponse {
            home_site_id: district.site.to_string(),
            home_site_name: site.map(|site| site.name.en.clone()).unwrap_or_default(),
            place: district.place.clone(),
        })
    }
}

/// Who asks, when, for what. What these methods act on is memory: a repeated request finds it done and changes nothing
/// more, so the request's id has only been checked.
fn parts<Q>(call: Call<Q>) -> (User, DateTime<Utc>, Q) {
    let Call { operation, asked, .. } = call;
    (operation.context.user, operation.context.now, asked)
}

impl DeskDoor {
    fn desk(&self, adviser: UserId) -> Result<pb::Desk> {
        let network = self.0.switchboard.network();
        Ok(message(&network.desk_view(adviser)?, network.skills()))
    }

    fn pass_to(&self, to: Option<pb::pass_call_request::To>) -> Result<PassTo> {
        use pb::pass_call_request::To;
        match to {
            Some(To::Skill(skill)) => Ok(PassTo::Skill(self.0.switchboard.network().skills().set("skill", [&*skill])?)),
            Some(To::SiteId(site)) => client_door::known_site(self.0.definitions.current(), &site).map(PassTo::Site),
            Some(To::OutsideLine(name)) => {
                let lines = &self.0.definitions.current().service.telephone.outside_lines;
                let line = lines.iter().find(|line| line.id == name);
                let line = line.ok_or_else(|| {
                    Error::not_among("outside_line", "no line of this service", lines.iter().map(|line| &line.id))
                })?;
                Ok(PassTo::Outside { address: format!("tel:{}", line.phone.e164()).into() })
            }
            None => Err(Error::invalid("to", "is needed: a skill, a site or an outside line")),
        }
    }
}

/// Turns what the switchboard says into what a desk shows, until the desk, the switchboard or the server is gone.
async fn tell(
    service: Arc<Service>,
    user: User,
    mut events: mpsc::Receiver<DeskEvent>,
    desk: mpsc::Sender<Result<pb::WatchDeskResponse>>,
) {
    use pb::watch_desk_response::Event;
    let firsts = [desk_event(&service, user.id), due_event(&service, &user).await];
    let in_hand = call_in_hand(&service, &user).await.map(Ok);
    for first in firsts.into_iter().chain(in_hand) {
        match first {
            Ok(event) => {
                let _ = desk.send(Ok(pb::WatchDeskResponse { event: Some(event) })).await;
            }
            Err(fault) => tracing::warn!(%fault, adviser = %user.id, "a desk could not be shown how things stand"),
        }
    }
    loop {
        let event = tokio::select! {
            event = events.recv() => match event {
                Some(event) => event,
                None => break,
            },
            () = desk.closed() => break,
        };
        let stopping = event == DeskEvent::Stopping;
        let shown = match event {
            DeskEvent::Changed => desk_event(&service, user.id),
            DeskEvent::Offer { offer, call, expires_at } => offer_event(&service, offer, call, expires_at, &user).await,
            DeskEvent::OfferEnded { offer, how } => {
                let reason = how.name().to_owned();
                Ok(Event::OfferWithdrawn(pb::OfferWithdrawn { offer_id: offer.to_string(), reason }))
            }
            DeskEvent::Notice(notice) => Ok(Event::Notice(pb::Notice { text: notice.words() })),
            DeskEvent::CallbacksDue => due_event(&service, &user).await,
            DeskEvent::Stopping => Ok(Event::Stopping(pb::Stopping {})),
            DeskEvent::OpenedElsewhere => {
                let message = "your desk was opened in another window: this one is no longer told anything";
                let _ = desk.send(Err(Error::illegal("OPENED_ELSEWHERE", message))).await;
                break;
            }
        };
        match shown {
            Ok(event) => {
                if desk.send(Ok(pb::WatchDeskResponse { event: Some(event) })).await.is_err() {
                    break;
                }
            }
            // What is due may be unknown while the database is away; the calls go on.
            Err(fault) => tracing::warn!(%fault, adviser = %user.id, "a desk could not be told something"),
        }
        if stopping {
            break;
        }
    }
    drop(events);
    service.switchboard.desk_closed(user.id, service.clock.now());
}

fn desk_event(service: &Service, adviser: UserId) -> Result<pb::watch_desk_response::Event> {
    let network = service.switchboard.network();
    Ok(pb::watch_desk_response::Event::Desk(message(&network.desk_view(adviser)?, network.skills())))
}

async fn due_event(service: &Service, user: &User) -> Result<pb::watch_desk_response::Event> {
    let mut reader = service.read().await?;
    let db = &mut reader.db();
    let now = service.clock.now();
    let due = callbacks::list_due(db, service.definitions.current(), user, now, None, DUE_SHOWN).await?;
    let callbacks = callback_door::messages(db, &due, now).await?;
    Ok(pb::watch_desk_response::Event::DueCallbacks(pb::DueCallbacks { callbacks }))
}

/// What is known before it rings. Without the database the call is offered all the same, only less is known.
async fn offer_event(
    service: &Service,
    offer: OfferId,
    call: CallId,
    expires_at: DateTime<Utc>,
    user: &User,
) -> Result<pb::watch_desk_response::Event> {
    let card = service.switchboard.network().call_view(call)?.card;
    let offered = offered(service, offer, &card, Some(expires_at), user).await;
    Ok(pb::watch_desk_response::Event::Offer(offered))
}

/// For a desk that is opened while its adviser has a call.
async fn call_in_hand(service: &Service, user: &User) -> Option<pb::watch_desk_response::Event> {
    let view = service.switchboard.network().desk_view(user.id).ok()?;
    let (State::OnCall { held, .. } | State::WrapUp { held, .. }) = view.state else { return None };
    let offered = offered(service, held.offer, &held.card, None, user).await;
    Some(pb::watch_desk_response::Event::CallInHand(offered))
}

async fn offered(
    service: &Service,
    offer: OfferId,
    card: &CallCard,
    expires_at: Option<DateTime<Utc>>,
    user: &User,
) -> pb::Offer {
    let (known, open_callbacks) = known(service, card).await;
    let home = card.home.as_ref();
    let home_site = home.and_then(|home| service.definitions.current().site(home));
    pb::Offer {
        offer_id: offer.to_string(),
        call_id: card.call.to_string(),
        caller_number: card.caller.clone().unwrap_or_default(),
        place: card.place.as_deref().unwrap_or_default().to_owned(),
        home_site_id: home.map(ToString::to_string).unwrap_or_default(),
        home_site_name: home_site.map(|site| site.name.en.clone()).unwrap_or_default(),
        overflow: user.site.as_ref() != Some(&card.host),
        ask_postcode: card.ask_postcode,
        entered_time: Some(convert::timestamp(card.entered_at)),
        expire_time: expires_at.map(convert::timestamp),
        known_clients: known,
        open_callbacks,
        from_abroad: caller_of(card).is_some_and(|number| number.is_foreign()),
        needs: service.switchboard.network().skills().words(card.needs),
        urgent: card.priority == Priority::Urgent,
        ringing_again: card.priority == Priority::RingingAgain,
        reason: reason(card, home_site.map(|site| site.name.en.as_str()), user),
        passed: card.passed.as_ref().map(|screen| pb::PassedScreen {
            from_adviser_name: screen.from.name.clone(),
            from_site_id: screen.from.site.to_string(),
            client_id: screen.client.map(|id| id.to_string()).unwrap_or_default(),
            walk_id: screen.walk.map(|id| id.to_string()).unwrap_or_default(),
            note: screen.note.clone(),
        }),
    }
}

/// Why the call comes to this desk.
fn reason(card: &CallCard, home: Option<&str>, user: &User) -> String {
    let here = user.site.as_ref() == Some(&card.host);
    let from = match (home, here) {
        (Some(home), true) => format!("a call for {home}, its own site"),
        (Some(home), false) => format!("a call for {home}, where nobody can take it in time"),
        (None, _) => "neither number says where the caller lives: ask for the postcode".to_owned(),
    };
    match &card.passed {
        Some(screen) => format!("passed on by {}: {from}", screen.from.name),
        None => from,
    }
}

fn caller_of(card: &CallCard) -> Option<CallerNumber> {
    card.caller.as_deref().and_then(CallerNumber::read)
}

/// Who is known by the caller's number, and what they are promised. Without the database the call goes on, only less is
/// known.
async fn known(service: &Service, card: &CallCard) -> (Vec<pb::Client>, Vec<pb::Callback>) {
    let number = caller_of(card);
    let Some(number) = number.as_ref().and_then(CallerNumber::uk) else { return (Vec::new(), Vec::new()) };
    known_by(service, number.e164()).await.unwrap_or_else(|fault| {
        tracing::warn!(%fault, "a call is shown without what the records know of the caller");
        (Vec::new(), Vec::new())
    })
}

async fn known_by(service: &Service, number: &str) -> Result<(Vec<pb::Client>, Vec<pb::Callback>)> {
    let search = Search { phone: Some(number.to_owned()), ..Search::default() };
    let mut reader = service.read().await?;
    let db = &mut reader.db();
    let found = clients::find(db, &search, None, None, KNOWN_SHOWN).await?;
    let open = callback_door::open_of_clients(db, &found, service.clock.now()).await?;
    // Whom a number belongs to is not who rings: what is sensitive is read with the client's record.
    Ok((found.iter().map(|client| client_door::message(Sees::NOTHING, client)).collect(), open))
}

pub fn message(view: &DeskView, skills: &SkillNames) -> pb::Desk {
    let (status, break_reason) = match &view.status {
        AdviserStatus::SignedOut => (pb::AdviserStatus::SignedOut, String::new()),
        AdviserStatus::Available => (pb::AdviserStatus::Available, String::new()),
        AdviserStatus::OnBreak { reason } => (pb::AdviserStatus::OnBreak, reason.words().to_owned()),
    };
    let (state, held, offered) = match &view.state {
        State::Idle { .. } => (pb::AdviserState::Idle, None, None),
        State::Offered { held, .. } => (pb::AdviserState::Offered, Some(held), Some(held.offer)),
        State::OnCall { held, .. } => (pb::AdviserState::OnCall, Some(held), None),
        State::WrapUp { held, .. } => (pb::AdviserState::WrapUp, Some(held), None),
        State::Outbound { .. } => (pb::AdviserState::Outbound, None, None),
    };
    let changed_by = view.cause.by(&view.card.name);
    pb::Desk {
        adviser_id: view.card.id.to_string(),
        adviser_name: view.card.name.clone(),
        site_id: view.card.site.to_string(),
        status: status.into(),
        break_reason,
        state: state.into(),
        call_id: held.map(|held| held.card.call.to_string()).unwrap_or_default(),
        offer_id: offered.map(|offer| offer.to_string()).unwrap_or_default(),
        skills: skills.words(view.card.skills),
        wrap_up_end_time: match &view.state {
            State::WrapUp { ends_at, .. } => Some(convert::timestamp(*ends_at)),
            _ => None,
        },
        next_callback_time: view.next_callback.map(convert::timestamp),
        kept_for_callback: view.kept,
        missed_offers: view.missed,
        status_changed_by: changed_by.unwrap_or_default().to_owned(),
        status_cause: cause(&view.cause).into(),
        status_time: Some(convert::timestamp(view.status_since)),
    }
}

fn cause(cause: &StatusCause) -> pb::StatusCause {
    match cause {
        StatusCause::SignedIn => pb::StatusCause::SignedIn,
        StatusCause::Chosen => pb::StatusCause::Chosen,
        StatusCause::ChosenDuringCall => pb::StatusCause::ChosenDuringCall,
        StatusCause::AfterCall => pb::StatusCause::AfterCall,
        StatusCause::Declined => pb::StatusCause::Declined,
        StatusCause::SignedOut => pb::StatusCause::SignedOut,
        StatusCause::Supervisor { .. } => pb::StatusCause::Supervisor,
        StatusCause::TelephoneTaken { .. } => pb::StatusCause::TelephoneTaken,
        StatusCause::MissedOffers => pb::StatusCause::MissedOffers,
        StatusCause::Unreachable => pb::StatusCause::TelephoneUnreachable,
        StatusCause::NoWord => pb::StatusCause::NoWord,
        StatusCause::DeskSilent => pb::StatusCause::DeskSilent,
        StatusCause::DeskGone => pb::StatusCause::DeskGone,
        StatusCause::CameBack => pb::StatusCause::CameBack,
    }
}
