//! `RoutingService`.

use super::{convert, pb};
use crate::call::{Answers, Call};
use crate::doors::RoutingDoor;
use futures_util::StreamExt;
use startline_definition::AreaTarget;
use startline_foundation::error::{Error, Result};
use startline_foundation::formats::{CallerNumber, Postcode, UkPhone, plain_text};
use startline_foundation::ids::{CallId, SiteId, UserId};
use startline_routing::{Announcement, Instruction, NewCall, Opening, Priority, Report, RouteRule, SwitchCall};
use tokio::sync::mpsc::error::TryRecvError;
use tokio_stream::wrappers::ReceiverStream;

/// Longest name a switch may give a call, in characters.
const SWITCH_CALL_ID_CHARS: usize = 128;
/// Longest number, with its spaces and brackets.
const NUMBER_CHARS: usize = 40;
/// Longest address of an adviser's telephone.
const ADDRESS_CHARS: usize = 200;

impl RoutingDoor {
    pub async fn enter_call(&self, call: Call<pb::EnterCallRequest>) -> Result<Answers<pb::EnterCallResponse>> {
        let user = call.operation.context.user.id;
        let asked = call.asked;
        let now = self.0.clock.now();
        let new = NewCall {
            call: CallId::fresh(now),
            switch_call_id: switch_call(user, &asked.switch_call_id)?,
            caller: caller(&asked.caller_number)?,
            dialled: dialled(&asked.dialled_number)?,
            priority: if asked.urgent { Priority::Urgent } else { Priority::Normal },
            needs: self.0.switchboard.network().skills().set("needs", asked.needs.iter().map(String::as_str))?,
            first_seen: convert::optional_time("first_seen_time", asked.first_seen_time)?,
        };
        let (call, mut instructions) = self.0.switchboard.enter_call(new, |site| self.opening(site), now)?;
        // Whoever is being offered hears nothing yet, and their switch has to know that they are here.
        let first = match instructions.try_recv() {
            Ok(first) => Some(first),
            Err(TryRecvError::Empty) => Some(Instruction::Queued { position: 1, estimated_wait: None }),
            Err(TryRecvError::Disconnected) => None,
        };
        let call_id = call.to_string();
        let waiting = self.0.definitions.current().service.telephone.waiting.en.clone();
        let instructions = tokio_stream::iter(first).chain(ReceiverStream::new(instructions));
        let stream = instructions.map(move |instruction| {
            let instruction = message(instruction, &waiting);
            Ok(pb::EnterCallResponse { call_id: call_id.clone(), instruction: Some(instruction) })
        });
        Ok(Box::pin(stream))
    }

    pub async fn report_call(&self, call: Call<pb::ReportCallRequest>) -> Result<pb::ReportCallResponse> {
        let name = switch_call(call.operation.context.user.id, &call.asked.switch_call_id)?;
        let asked = call.asked;
        let address = plain_text(&asked.address, ADDRESS_CHARS).map_err(|reason| Error::invalid("address", reason))?;
        let address = (!address.is_empty()).then(|| address.into());
        let report = match pb::CallReport::try_from(asked.report) {
            Ok(pb::CallReport::Answered) => match address {
                Some(address) => Report::AnsweredAt { address },
                None => Report::Answered,
            },
            Ok(pb::CallReport::Unreachable) => Report::Unreachable { address },
            Ok(pb::CallReport::AnsweredElsewhere) => Report::AnsweredElsewhere,
            Ok(pb::CallReport::NoAnswer) => Report::NoAnswer { address, busy: false },
            Ok(pb::CallReport::Busy) => Report::NoAnswer { address, busy: true },
            Ok(pb::CallReport::CallbackRequested) => Report::CallbackRequested,
            Ok(pb::CallReport::Abandoned) => Report::Abandoned,
            Ok(pb::CallReport::Ended) => Report::Ended,
            _ => return Err(Error::invalid("report", "is needed: what became of the call?")),
        };
        let now = self.0.clock.now();
        let Some(call) = self.0.switchboard.network().find_call(&name) else {
            let unknown = Error::not_found(CallId::WHAT, &name.name);
            self.0.switchboard.report_late(name, report, now);
            return Err(unknown);
        };
        self.0.switchboard.report_call(call, report, now)?;
        Ok(pb::ReportCallResponse {})
    }

    pub async fn get_route(&self, call: Call<pb::GetRouteRequest>) -> Result<pb::GetRouteResponse> {
        let asked = call.asked;
        self.explain(&asked)
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
        let by_postcode = match asked.postcode.as_str() {
            "" => None,
            text => {
                let postcode = Postcode::parse(text).map_err(|reason| Error::invalid("postcode", reason))?;
                definition.district_of(&postcode)
            }
        };
        let network = self.0.switchboard.network();
        let route = match by_postcode {
            Some(district) => {
                let rule = RouteRule::Postcode {
                    outward: district.outward.clone(),
                    place: district.place.clone(),
                    site: district.site.clone(),
                };
                network.route_home(rule, caller.as_deref(), &dialled, is_open)?
            }
            None => network.route(caller.as_deref(), &dialled, is_open)?,
        };
        let area = caller.as_deref().and_then(|number| definition.area_of(&UkPhone::parse(number).ok()?));
        let home = route.home();
        let straddles = area
            .is_some_and(|area| by_postcode.is_none() && area.confirm_by_postcode && area.target != AreaTarget::Ask);
        let site = home.and_then(|home| definition.site(home));
        Ok(pb::GetRouteResponse {
            home_site_id: home.map(ToString::to_string).unwrap_or_default(),
            rule: route.rule.why(),
            confirm_by_postcode: straddles,
            home_is_open: home.is_some_and(is_open),
            next_opening_time: site
                .and_then(|site| definition.calendar.next_opening(site, now))
                .map(convert::timestamp),
            candidates: route
                .candidates
                .iter()
                .map(|candidate| pb::RouteCandidate {
                    site_id: candidate.site.to_string(),
                    idle_advisers: u32::try_from(candidate.load.free).unwrap_or(u32::MAX),
                    waiting_calls: u32::try_from(candidate.load.waiting).unwrap_or(u32::MAX),
                    reason: candidate.why(),
                    advisers_kept_for_callbacks: u32::try_from(candidate.load.kept).unwrap_or(u32::MAX),
                    lendable_advisers: u32::try_from(candidate.load.lendable).unwrap_or(u32::MAX),
                })
                .collect(),
            host_site_id: route.host.to_string(),
            needs: network.skills().words(route.needs),
            estimated_wait: route.estimated_wait.map(convert::duration),
        })
    }
}

/// A switch's own name for a call; another switch's user may use the same for another.
fn switch_call(switch: UserId, text: &str) -> Result<SwitchCall> {
    let name = plain_text(text, SWITCH_CALL_ID_CHARS).map_err(|reason| Error::invalid("switch_call_id", reason))?;
    if name.is_empty() {
        return Err(Error::invalid("switch_call_id", "is needed"));
    }
    Ok(SwitchCall { switch: switch.to_string().into(), name: name.into() })
}

/// The caller's number in E.164, of any country; none when it is withheld.
fn caller(text: &str) -> Result<Option<String>> {
    match text.trim() {
        "" => Ok(None),
        word if ["anonymous", "withheld", "unavailable"].contains(&word.to_ascii_lowercase().as_str()) => Ok(None),
        // Nobody is turned away for ringing from abroad; the number only says nothing about where they live.
        text => match CallerNumber::read(text) {
            Some(number) => Ok(Some(number.e164().to_owned())),
            None => {
                let reason = UkPhone::from_switch(text).err().unwrap_or_else(|| "is no telephone number".into());
                Err(Error::invalid("caller_number", reason))
            }
        },
    }
}

/// In E.164 when it is a number of ours; as it came otherwise, since it may be a switch's own short code.
fn dialled(text: &str) -> Result<String> {
    let text = plain_text(text, NUMBER_CHARS).map_err(|reason| Error::invalid("dialled_number", reason))?;
    Ok(UkPhone::parse(&text).map(|phone| phone.e164().to_owned()).unwrap_or(text))
}

/// `waiting` is what the caller hears who waits long.
fn message(instruction: Instruction, waiting: &str) -> pb::enter_call_response::Instruction {
    use pb::enter_call_response::Instruction as Message;
    match instruction {
        Instruction::Queued { position, estimated_wait } => Message::Queued(pb::Queued {
            position: u32::try_from(position).unwrap_or(u32::MAX),
            estimated_wait: estimated_wait.map(convert::duration),
        }),
        Instruction::Connect { by } => Message::Connect(pb::Connect {
            address: by.address.clone(),
            adviser_name: by.name.clone(),
            site_id: by.site.to_string(),
        }),
        Instruction::ConnectOutside { address } => {
            Message::Connect(pb::Connect { address: address.to_string(), ..pb::Connect::default() })
        }
        Instruction::Announce(announcement) => {
            let name = announcement.name().to_owned();
            let text = match announcement {
                Announcement::Closed { next_opening } => next_opening,
                Announcement::Waiting => waiting.to_owned(),
            };
            Message::Announce(pb::Announce { name, text })
        }
        Instruction::Release(reason) => Message::Release(pb::Release { reason: reason.name().to_owned() }),
    }
}
