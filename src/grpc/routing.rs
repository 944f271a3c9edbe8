//! `RoutingService`.

use super::{Shared, convert, pb};
use crate::definition::AreaTarget;
use crate::error::{Error, Result};
use crate::formats::{Postcode, UkPhone, plain_text};
use crate::ids::{CallId, SiteId};
use crate::routing::{Instruction, NewCall, Opening, Priority, Report, SkillSet};
use futures_util::{Stream, StreamExt};
use std::pin::Pin;
use std::sync::Arc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Request, Response, Status};

/// Longest name a switch may give a call, in characters.
const SWITCH_CALL_ID_CHARS: usize = 128;
/// Longest number, with its spaces and brackets.
const NUMBER_CHARS: usize = 40;

pub struct RoutingDoor(pub Arc<Shared>);

#[tonic::async_trait]
impl pb::routing_service_server::RoutingService for RoutingDoor {
    type EnterCallStream = Pin<Box<dyn Stream<Item = Result<pb::EnterCallResponse, Status>> + Send>>;

    async fn enter_call(
        &self,
        request: Request<pb::EnterCallRequest>,
    ) -> Result<Response<Self::EnterCallStream>, Status> {
        let asked = request.into_inner();
        let now = self.0.clock.now();
        let new = NewCall {
            call: CallId::fresh(now),
            switch_call_id: switch_call_id(&asked.switch_call_id)?.into(),
            caller: caller(&asked.caller_number)?,
            dialled: dialled(&asked.dialled_number)?,
            priority: Priority::Normal,
            needs: SkillSet::NONE,
            first_seen: None,
        };
        let (call, instructions) = self.0.switchboard.enter_call(new, |site| self.opening(site), now)?;
        let call_id = call.to_string();
        let stream = ReceiverStream::new(instructions).map(move |instruction| {
            Ok(pb::EnterCallResponse { call_id: call_id.clone(), instruction: Some(message(instruction)) })
        });
        Ok(Response::new(Box::pin(stream)))
    }

    async fn report_call(
        &self,
        request: Request<pb::ReportCallRequest>,
    ) -> Result<Response<pb::ReportCallResponse>, Status> {
        let asked = request.into_inner();
        let name = switch_call_id(&asked.switch_call_id)?;
        let report = match pb::CallReport::try_from(asked.report) {
            Ok(pb::CallReport::Answered) => Report::Answered,
            Ok(pb::CallReport::NoAnswer) => Report::NoAnswer { address: None, busy: false },
            Ok(pb::CallReport::Abandoned) => Report::Abandoned,
            Ok(pb::CallReport::Ended) => Report::Ended,
            _ => return Err(Error::invalid("report", "is needed: what became of the call?").into()),
        };
        let call =
            self.0.switchboard.network().find_call(&name).ok_or_else(|| Error::not_found(CallId::WHAT, &name))?;
        self.0.switchboard.report_call(call, report, self.0.clock.now())?;
        Ok(Response::new(pb::ReportCallResponse {}))
    }

    async fn get_route(&self, request: Request<pb::GetRouteRequest>) -> Result<Response<pb::GetRouteResponse>, Status> {
        let asked = request.into_inner();
        Ok(Response::new(self.explain(&asked)?))
    }
}

impl RoutingDoor {
    fn opening(&self, site: &SiteId) -> Opening {
        match self.0.definitions.current().closed(site, self.0.clock.now()) {
            None => Opening::Open,
            Some(closed) => Opening::Closed { next: closed.text },
        }
    }

    fn explain(&self, asked: &pb::GetRouteRequest) -> Result<pb::GetRouteResponse> {
        let definition = self.0.definitions.current();
        let caller = caller(&asked.caller_number)?;
        let dialled = dialled(&asked.dialled_number)?;
        let now = self.0.clock.now();
        let is_open = |site: &SiteId| definition.site(site).is_some_and(|site| definition.calendar.is_open(site, now));
        let route = self.0.switchboard.network().route(caller.as_deref(), &dialled, is_open)?;
        let by_postcode = match asked.postcode.as_str() {
            "" => None,
            text => {
                let postcode = Postcode::parse(text).map_err(|reason| Error::invalid("postcode", reason))?;
                definition.district_of(&postcode)
            }
        };
        let area = caller.as_deref().and_then(|number| definition.area_of(&UkPhone::parse(number).ok()?));
        let (home, rule) = match by_postcode {
            Some(district) => {
                let rule = format!("postcode {} ({})", district.outward, district.place);
                (Some(district.site.clone()), rule)
            }
            None => (route.home().cloned(), route.rule.why()),
        };
        let straddles = area
            .is_some_and(|area| by_postcode.is_none() && area.confirm_by_postcode && area.target != AreaTarget::Ask);
        let site = home.as_ref().and_then(|home| definition.site(home));
        let mut candidates: Vec<_> = route.candidates.iter().collect();
        // The postcode may have moved home; the rest stay in the order in which they would be asked.
        candidates.sort_by_key(|candidate| Some(&candidate.site) != home.as_ref());
        Ok(pb::GetRouteResponse {
            home_site_id: home.as_ref().map(ToString::to_string).unwrap_or_default(),
            rule,
            confirm_by_postcode: straddles,
            home_is_open: home.as_ref().is_some_and(is_open),
            next_opening_time: site
                .and_then(|site| definition.calendar.next_opening(site, now))
                .map(convert::timestamp),
            candidates: candidates
                .into_iter()
                .map(|candidate| pb::RouteCandidate {
                    site_id: candidate.site.to_string(),
                    idle_advisers: u32::try_from(candidate.load.free).unwrap_or(u32::MAX),
                    waiting_calls: u32::try_from(candidate.load.waiting).unwrap_or(u32::MAX),
                    reason: candidate.why(),
                    ..pb::RouteCandidate::default()
                })
                .collect(),
            ..pb::GetRouteResponse::default()
        })
    }
}

fn switch_call_id(text: &str) -> Result<String> {
    let name = plain_text(text, SWITCH_CALL_ID_CHARS).map_err(|reason| Error::invalid("switch_call_id", reason))?;
    if name.is_empty() { Err(Error::invalid("switch_call_id", "is needed")) } else { Ok(name) }
}

/// The caller's number in E.164; none when it is withheld.
fn caller(text: &str) -> Result<Option<String>> {
    match text.trim() {
        "" => Ok(None),
        word if ["anonymous", "withheld", "unavailable"].contains(&word.to_ascii_lowercase().as_str()) => Ok(None),
        number => {
            let phone = UkPhone::parse(number).map_err(|reason| Error::invalid("caller_number", reason))?;
            Ok(Some(phone.e164().to_owned()))
        }
    }
}

fn dialled(text: &str) -> Result<String> {
    plain_text(text, NUMBER_CHARS).map_err(|reason| Error::invalid("dialled_number", reason))
}

fn message(instruction: Instruction) -> pb::enter_call_response::Instruction {
    use pb::enter_call_response::Instruction as Message;
    match instruction {
        Instruction::Queued { position, .. } => {
            Message::Queued(pb::Queued { position: u32::try_from(position).unwrap_or(u32::MAX), estimated_wait: None })
        }
        Instruction::Connect { by } => Message::Connect(pb::Connect {
            address: by.address.clone(),
            adviser_name: by.name.clone(),
            site_id: by.site.to_string(),
        }),
        Instruction::Announce { name, text } => Message::Announce(pb::Announce { name: name.into(), text }),
        Instruction::Release { reason } => Message::Release(pb::Release { reason: reason.into() }),
    }
}
