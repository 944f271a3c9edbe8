//! `DeskService`.

use super::{Shared, callbacks as callback_door, clients as client_door, convert, gate, pb};
use crate::access::User;
use crate::callbacks;
use crate::clients::{self, Search};
use crate::error::{Error, Result};
use crate::formats::{Postcode, plain_text};
use crate::ids::{CallId, ClientId, OfferId, UserId, WalkId};
use crate::routing::{
    AdviserCard, BreakReason, CallCard, DeskCommand, DeskEvent, DeskView, PassTo, Priority, Screen, SkillNames, State,
    Status as AdviserStatus,
};
use chrono::{DateTime, Utc};
use futures_util::Stream;
use std::pin::Pin;
use std::sync::Arc;
use tokio::sync::mpsc;
use tonic::{Request, Response, Status};

const ADDRESS_CHARS: usize = 200;
const REASON_CHARS: usize = 100;
const NOTE_CHARS: usize = 200;
/// Due call-backs shown on a desk.
const DUE_SHOWN: i32 = 50;
/// Known clients shown with an offer: a shared telephone may have several.
const KNOWN_SHOWN: i32 = 5;

pub struct DeskDoor(pub Arc<Shared>);

type DeskStream = Pin<Box<dyn Stream<Item = Result<pb::WatchDeskResponse, Status>> + Send>>;

#[tonic::async_trait]
impl pb::desk_service_server::DeskService for DeskDoor {
    async fn sign_in(&self, request: Request<pb::SignInRequest>) -> Result<Response<pb::SignInResponse>, Status> {
        let (user, now) = self.caller(&request, &request.get_ref().request_id)?;
        let address = plain_text(&request.get_ref().address, ADDRESS_CHARS);
        let address = address.map_err(|reason| Error::invalid("address", reason))?;
        if address.is_empty() {
            return Err(Error::invalid("address", "is needed: where does the switch reach this desk?").into());
        }
        let site = user.site.clone().ok_or_else(|| Error::Denied("this token belongs to no site".into()))?;
        let ring_when_offered = request.get_ref().ring_when_offered;
        let skills = self.0.switchboard.network().skills().known(user.skills.iter().map(String::as_str));
        let card = AdviserCard { skills, ring_when_offered, ..AdviserCard::new(user.id, &user.name, &address, site) };
        self.0.switchboard.sign_in(card, now)?;
        Ok(Response::new(pb::SignInResponse { desk: Some(self.desk(user.id)?) }))
    }

    async fn set_status(
        &self,
        request: Request<pb::SetStatusRequest>,
    ) -> Result<Response<pb::SetStatusResponse>, Status> {
        let (user, now) = self.caller(&request, &request.get_ref().request_id)?;
        let asked = request.into_inner();
        let status = match pb::AdviserStatus::try_from(asked.status) {
            Ok(pb::AdviserStatus::Available) => AdviserStatus::Available,
            Ok(pb::AdviserStatus::OnBreak) => {
                let reason = plain_text(&asked.break_reason, REASON_CHARS);
                let reason = reason.map_err(|reason| Error::invalid("break_reason", reason))?;
                if reason.is_empty() {
                    return Err(Error::invalid("break_reason", "is needed").into());
                }
                AdviserStatus::OnBreak { reason: BreakReason::Chosen(reason.into()) }
            }
            Ok(pb::AdviserStatus::SignedOut) => {
                return Err(Error::invalid("status", "is not set this way: use SignOut").into());
            }
            _ => return Err(Error::invalid("status", "is needed").into()),
        };
        self.0.switchboard.desk(user.id, DeskCommand::SetStatus(status), now)?;
        Ok(Response::new(pb::SetStatusResponse { desk: Some(self.desk(user.id)?) }))
    }

    type WatchDeskStream = DeskStream;

    async fn watch_desk(
        &self,
        request: Request<pb::WatchDeskRequest>,
    ) -> Result<Response<Self::WatchDeskStream>, Status> {
        let user = gate::context(&request, &self.0.clock, None)?.user;
        let events = self.0.switchboard.watch_desk(user.id, self.0.clock.now())?;
        let (sender, receiver) = mpsc::channel(1);
        tokio::spawn(tell(self.0.clone(), user, events, sender));
        Ok(Response::new(Box::pin(tokio_stream::wrappers::ReceiverStream::new(receiver))))
    }

    async fn accept_offer(
        &self,
        request: Request<pb::AcceptOfferRequest>,
    ) -> Result<Response<pb::AcceptOfferResponse>, Status> {
        let (user, now) = self.caller(&request, &request.get_ref().request_id)?;
        let offer = OfferId::parse("offer_id", &request.get_ref().offer_id)?;
        self.0.switchboard.desk(user.id, DeskCommand::Accept { offer }, now)?;
        let network = self.0.switchboard.network();
        let call = network.desk_view(user.id)?.call();
        let card = call.and_then(|call| network.call_view(call).ok()).map(|view| view.card);
        let open_callbacks = match card {
            Some(card) => known(&self.0, &card).await.1,
            None => Vec::new(),
        };
        Ok(Response::new(pb::AcceptOfferResponse { desk: Some(self.desk(user.id)?), open_callbacks }))
    }

    async fn decline_offer(
        &self,
        request: Request<pb::DeclineOfferRequest>,
    ) -> Result<Response<pb::DeclineOfferResponse>, Status> {
        let (user, now) = self.caller(&request, &request.get_ref().request_id)?;
        let offer = OfferId::parse("offer_id", &request.get_ref().offer_id)?;
        self.0.switchboard.desk(user.id, DeskCommand::Decline { offer }, now)?;
        Ok(Response::new(pb::DeclineOfferResponse { desk: Some(self.desk(user.id)?) }))
    }

    async fn end_call(&self, request: Request<pb::EndCallRequest>) -> Result<Response<pb::EndCallResponse>, Status> {
        let (user, now) = self.caller(&request, &request.get_ref().request_id)?;
        let call = CallId::parse("call_id", &request.get_ref().call_id)?;
        self.0.switchboard.desk(user.id, DeskCommand::EndCall { call }, now)?;
        Ok(Response::new(pb::EndCallResponse { desk: Some(self.desk(user.id)?) }))
    }

    async fn finish_wrap_up(
        &self,
        request: Request<pb::FinishWrapUpRequest>,
    ) -> Result<Response<pb::FinishWrapUpResponse>, Status> {
        let (user, now) = self.caller(&request, &request.get_ref().request_id)?;
        let call = CallId::parse("call_id", &request.get_ref().call_id)?;
        let outcome = plain_text(&request.get_ref().outcome, REASON_CHARS);
        let outcome = outcome.map_err(|reason| Error::invalid("outcome", reason))?;
        let command = DeskCommand::FinishWrapUp { call, outcome: Some(outcome) };
        self.0.switchboard.desk(user.id, command, now)?;
        Ok(Response::new(pb::FinishWrapUpResponse { desk: Some(self.desk(user.id)?) }))
    }

    async fn sign_out(&self, request: Request<pb::SignOutRequest>) -> Result<Response<pb::SignOutResponse>, Status> {
        let (user, now) = self.caller(&request, &request.get_ref().request_id)?;
        self.0.switchboard.desk(user.id, DeskCommand::SignOut, now)?;
        Ok(Response::new(pb::SignOutResponse {}))
    }
    async fn extend_wrap_up(
        &self,
        request: Request<pb::ExtendWrapUpRequest>,
    ) -> Result<Response<pb::ExtendWrapUpResponse>, Status> {
        let (user, now) = self.caller(&request, &request.get_ref().request_id)?;
        let call = CallId::parse("call_id", &request.get_ref().call_id)?;
        let request_id = convert::request_id(&request.get_ref().request_id)?;
        self.0.switchboard.desk(user.id, DeskCommand::ExtendWrapUp { call, request: request_id }, now)?;
        Ok(Response::new(pb::ExtendWrapUpResponse { desk: Some(self.desk(user.id)?) }))
    }

    async fn pass_call(&self, request: Request<pb::PassCallRequest>) -> Result<Response<pb::PassCallResponse>, Status> {
        let (user, now) = self.caller(&request, &request.get_ref().request_id)?;
        let asked = request.into_inner();
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
        Ok(Response::new(pb::PassCallResponse { desk: Some(self.desk(user.id)?) }))
    }

    async fn set_call_home(
        &self,
        request: Request<pb::SetCallHomeRequest>,
    ) -> Result<Response<pb::SetCallHomeResponse>, Status> {
        let (user, now) = self.caller(&request, &request.get_ref().request_id)?;
        let asked = request.into_inner();
        let call = CallId::parse("call_id", &asked.call_id)?;
        if self.0.switchboard.network().desk_view(user.id)?.call() != Some(call) {
            return Err(
                Error::illegal("NOT_YOUR_CALL", "only the adviser who has the call says where it belongs").into()
            );
        }
        let postcode = Postcode::parse(&asked.postcode).map_err(|reason| Error::invalid("postcode", reason))?;
        let definition = self.0.definitions.current();
        let district = definition.district_of(&postcode);
        let district = district.ok_or_else(|| Error::invalid("postcode", "is in no district of this service"))?;
        self.0.switchboard.set_home(call, &district.site, now)?;
        let site = definition.site(&district.site);
        Ok(Response::new(pb::SetCallHomeResponse {
            home_site_id: district.site.to_string(),
            home_site_name: site.map(|site| site.name.en.clone()).unwrap_or_default(),
            place: district.place.clone(),
        }))
    }
}

impl DeskDoor {
    /// Who asks, and when. What these methods act on is memory: a repeated request finds it done and changes nothing
    /// more, so the request's id is only checked.
    fn caller<T>(&self, request: &Request<T>, request_id: &str) -> Result<(User, DateTime<Utc>)> {
        let request_id = convert::request_id(request_id)?;
        let context = gate::context(request, &self.0.clock, Some(request_id))?;
        Ok((context.user, context.now))
    }

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
                let line = line.ok_or_else(|| Error::invalid("outside_line", "is no line of this service"))?;
                Ok(PassTo::Outside { address: format!("tel:{}", line.phone.e164()).into() })
            }
            None => Err(Error::invalid("to", "is needed: a skill, a site or an outside line")),
        }
    }
}

/// Turns what the switchboard says into what a desk shows, until the desk, the switchboard or the server is gone.
async fn tell(
    shared: Arc<Shared>,
    user: User,
    mut events: mpsc::Receiver<DeskEvent>,
    desk: mpsc::Sender<Result<pb::WatchDeskResponse, Status>>,
) {
    use pb::watch_desk_response::Event;
    for first in [desk_event(&shared, user.id), due_event(&shared, &user).await] {
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
            DeskEvent::Changed => desk_event(&shared, user.id),
            DeskEvent::Offer { offer, call, expires_at } => offer_event(&shared, offer, call, expires_at, &user).await,
            DeskEvent::OfferEnded { offer, how } => {
                let reason = how.name().to_owned();
                Ok(Event::OfferWithdrawn(pb::OfferWithdrawn { offer_id: offer.to_string(), reason }))
            }
            DeskEvent::Notice(notice) => Ok(Event::Notice(pb::Notice { text: notice.words() })),
            DeskEvent::CallbacksDue => due_event(&shared, &user).await,
            DeskEvent::Stopping => Ok(Event::Stopping(pb::Stopping {})),
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
    shared.switchboard.desk_closed(user.id, shared.clock.now());
}

fn desk_event(shared: &Shared, adviser: UserId) -> Result<pb::watch_desk_response::Event> {
    let network = shared.switchboard.network();
    Ok(pb::watch_desk_response::Event::Desk(message(&network.desk_view(adviser)?, network.skills())))
}

async fn due_event(shared: &Shared, user: &User) -> Result<pb::watch_desk_response::Event> {
    let mut reader = shared.store.read().await?;
    let db = &mut reader.db();
    let now = shared.clock.now();
    let due = callbacks::list_due(db, shared.definitions.current(), user, now, None, DUE_SHOWN).await?;
    let callbacks = callback_door::messages(db, &due, now).await?;
    Ok(pb::watch_desk_response::Event::DueCallbacks(pb::DueCallbacks { callbacks }))
}

/// What is known before it rings. Without the database the call is offered all the same, only less is known.
async fn offer_event(
    shared: &Shared,
    offer: OfferId,
    call: CallId,
    expires_at: DateTime<Utc>,
    user: &User,
) -> Result<pb::watch_desk_response::Event> {
    let card = shared.switchboard.network().call_view(call)?.card;
    let (known, open_callbacks) = known(shared, &card).await;
    let home = card.home.as_ref();
    let home_site = home.and_then(|home| shared.definitions.current().site(home));
    Ok(pb::watch_desk_response::Event::Offer(pb::Offer {
        offer_id: offer.to_string(),
        call_id: call.to_string(),
        caller_number: card.caller.clone().unwrap_or_default(),
        place: card.place.as_deref().unwrap_or_default().to_owned(),
        home_site_id: home.map(ToString::to_string).unwrap_or_default(),
        home_site_name: home_site.map(|site| site.name.en.clone()).unwrap_or_default(),
        overflow: user.site.as_ref() != Some(&card.host),
        ask_postcode: card.ask_postcode,
        entered_time: Some(convert::timestamp(card.entered_at)),
        expire_time: Some(convert::timestamp(expires_at)),
        known_clients: known,
        open_callbacks,
        needs: shared.switchboard.network().skills().words(card.needs),
        urgent: card.priority == Priority::Urgent,
        ringing_again: card.priority == Priority::RingingAgain,
        reason: reason(&card, home_site.map(|site| site.name.en.as_str()), user),
        passed: card.passed.as_ref().map(|screen| pb::PassedScreen {
            from_adviser_name: screen.from.name.clone(),
            from_site_id: screen.from.site.to_string(),
            client_id: screen.client.map(|id| id.to_string()).unwrap_or_default(),
            walk_id: screen.walk.map(|id| id.to_string()).unwrap_or_default(),
            note: screen.note.clone(),
        }),
    }))
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

/// Who is known by the caller's number, and what they are promised. Without the database the call goes on, only less is
/// known.
async fn known(shared: &Shared, card: &CallCard) -> (Vec<pb::Client>, Vec<pb::Callback>) {
    let Some(number) = &card.caller else { return (Vec::new(), Vec::new()) };
    known_by(shared, number).await.unwrap_or_else(|fault| {
        tracing::warn!(%fault, "a call is shown without what the records know of the caller");
        (Vec::new(), Vec::new())
    })
}

async fn known_by(shared: &Shared, number: &str) -> Result<(Vec<pb::Client>, Vec<pb::Callback>)> {
    let search = Search { phone: Some(number.to_owned()), ..Search::default() };
    let mut reader = shared.store.read().await?;
    let db = &mut reader.db();
    let found = clients::find(db, &search, None, KNOWN_SHOWN).await?;
    let open = callback_door::open_of_clients(db, &found, shared.clock.now()).await?;
    Ok((found.iter().map(client_door::message).collect(), open))
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
    }
}
