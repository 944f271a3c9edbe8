//! Appointments, slots and wishes as messages, and the other way.

use crate::mirrors::{Mirror, needed, shown};
use crate::{convert, pb};
use chrono::{NaiveDate, NaiveTime};
use startline_definition::Definition;
use startline_foundation::error::{Error, Result};
use startline_foundation::formats::{Language, parse_date};
use startline_foundation::ids::{ClientId, UserId};
use startline_foundation::store::Db;
use startline_rooms::access;
use startline_rooms::clients;
use startline_rooms::diary::{self, Appointment, CancelReason, Fit, Slot, State, WishFor, Wishes};
use startline_rooms::rota::Unsuitable;
use std::collections::HashMap;
use std::collections::hash_map::Entry;

const MOST_UNSUITABLE: usize = 20;
const MOST_SKILLS: usize = 8;

/// The appointments with the names of those who meet.
pub async fn appointments(
    db: &mut Db<'_>,
    definition: &Definition,
    all: &[Appointment],
    language: Language,
) -> Result<Vec<pb::Appointment>> {
    let ids: Vec<ClientId> = all.iter().map(|appointment| appointment.client_id).collect();
    let clients: HashMap<_, _> =
        clients::get_all(db, &ids).await?.into_iter().map(|client| (client.id, client)).collect();
    let mut names: HashMap<UserId, String> = HashMap::new();
    let mut told = Vec::with_capacity(all.len());
    for appointment in all {
        let Some(client) = clients.get(&appointment.client_id) else { continue };
        let person = appointment.personal_adviser;
        if let Entry::Vacant(unknown) = names.entry(person) {
            unknown.insert(access::user(db, person).await?.name);
        }
        let slot = Slot {
            personal_adviser: person,
            personal_adviser_name: names[&person].clone(),
            office: appointment.office.clone(),
            room: appointment.room.clone(),
            start: appointment.starts_at,
            end: appointment.ends_at,
            within_standard: diary::is_within_standard(definition, &client.home_site, appointment),
            within_aim: false,
            fits: Vec::new(),
            is_earliest: false,
        };
        // At what times it is safe to ring says more than whoever meets them has to know.
        let contact = crate::clients::contact(&client.facts.contact);
        let contact = Some(pb::Contact { safe_times: Vec::new(), ..contact });
        told.push(pb::Appointment { contact, ..message(definition, appointment, client.full_name(), &slot, language) });
    }
    Ok(told)
}

fn message(
    definition: &Definition,
    appointment: &Appointment,
    client_name: String,
    slot: &Slot,
    language: Language,
) -> pb::Appointment {
    let held_until = match appointment.state {
        State::Held { until } => Some(until),
        _ => None,
    };
    let cancelled_reason = match appointment.state {
        State::Cancelled { why, .. } => shown::<pb::AppointmentReason>(why),
        _ => pb::AppointmentReason::Unspecified.into(),
    };
    let kind = definition.diary.kind(&appointment.kind);
    let late = appointment.late_by().map_or(0, |late| u32::try_from(late.num_minutes()).unwrap_or(0));
    pb::Appointment {
        appointment_id: appointment.id.to_string(),
        claim_id: appointment.claim_id.to_string(),
        client_id: appointment.client_id.to_string(),
        client_name,
        slot: Some(slot_message(definition, slot)),
        state: state_message(appointment.state).into(),
        expire_time: held_until.map(convert::timestamp),
        kind: appointment.kind.clone(),
        kind_name: kind.map(|kind| kind.name.in_language(language).to_owned()).unwrap_or_default(),
        urgent: appointment.urgent,
        sequence: appointment.sequence,
        arrived_time: appointment.arrived_at.map(convert::timestamp),
        late_minutes: late,
        cancelled_reason,
        series_id: appointment.series.map(|id| id.to_string()).unwrap_or_default(),
        contact: None,
    }
}

fn state_message(state: State) -> pb::AppointmentState {
    match state {
        State::Held { .. } => pb::AppointmentState::Held,
        State::Booked => pb::AppointmentState::Booked,
        State::Attended => pb::AppointmentState::Attended,
        State::Failed => pb::AppointmentState::Failed,
        State::Cancelled { .. } => pb::AppointmentState::Cancelled,
        State::Released => pb::AppointmentState::Released,
    }
}

pub fn slot_message(definition: &Definition, slot: &Slot) -> pb::Slot {
    pb::Slot {
        personal_adviser_id: slot.personal_adviser.to_string(),
        personal_adviser_name: slot.personal_adviser_name.clone(),
        office_id: slot.office.to_string(),
        office_name: definition.office(&slot.office).map(|office| office.name.clone()).unwrap_or_default(),
        start_time: Some(convert::timestamp(slot.start)),
        end_time: Some(convert::timestamp(slot.end)),
        within_standard: slot.within_standard,
        within_aim: slot.within_aim,
        room: room_name(definition, slot),
        fits: slot.fits.iter().map(fit_message).collect(),
        is_earliest: slot.is_earliest,
    }
}

fn room_name(definition: &Definition, slot: &Slot) -> String {
    let Some(id) = &slot.room else { return String::new() };
    let rooms = definition.diary.rooms_of(&slot.office).rooms;
    rooms.into_iter().find(|room| room.id == *id).map_or_else(|| id.clone(), |room| room.name)
}

fn fit_message(fit: &Fit) -> pb::WishFit {
    let (wish, skill) = match &fit.wish {
        WishFor::Standard => (pb::WishKind::Standard, ""),
        WishFor::Adviser => (pb::WishKind::PersonalAdviser, ""),
        WishFor::Skill(skill) => (pb::WishKind::Skill, skill.as_str()),
        WishFor::Welsh => (pb::WishKind::Welsh, ""),
        WishFor::GroundFloor => (pb::WishKind::GroundFloor, ""),
        WishFor::PrivateRoom => (pb::WishKind::PrivateRoom, ""),
        WishFor::Times => (pb::WishKind::Times, ""),
        WishFor::Office => (pb::WishKind::Office, ""),
    };
    pb::WishFit { wish: wish.into(), skill: skill.to_owned(), met: fit.is_met }
}

pub fn parse_wishes(given: Option<&pb::MeetingWishes>) -> Result<Wishes> {
    let Some(given) = given else { return Ok(Wishes::default()) };
    if given.unsuitable_times.len() > MOST_UNSUITABLE {
        return Err(Error::invalid("wishes.unsuitable_times", format!("are more than {MOST_UNSUITABLE}")));
    }
    if given.skills.len() > MOST_SKILLS {
        return Err(Error::invalid("wishes.skills", format!("are more than {MOST_SKILLS}")));
    }
    let person = |id: &String| UserId::parse("wishes.not_personal_adviser_ids", id);
    Ok(Wishes {
        kind: given.kind.clone(),
        minutes: (given.minutes != 0).then_some(given.minutes),
        office: None,
        not_before: None,
        form_posted_at: None,
        urgent: given.urgent,
        personal_adviser: match given.personal_adviser_id.as_str() {
            "" => None,
            id => Some(UserId::parse("wishes.personal_adviser_id", id)?),
        },
        insists: given.insists,
        not_these: given.not_personal_adviser_ids.iter().map(person).collect::<Result<_>>()?,
        skills: given.skills.clone(),
        welsh: given.welsh,
        ground_floor: given.ground_floor,
        private_room: given.private_room,
        unsuitable: given.unsuitable_times.iter().enumerate().map(unsuitable).collect::<Result<_>>()?,
    })
}

/// One appointment with the names of those who meet.
pub async fn appointment(
    db: &mut Db<'_>,
    definition: &Definition,
    one: &Appointment,
    language: Language,
) -> Result<pb::Appointment> {
    let told = appointments(db, definition, std::slice::from_ref(one), language).await?;
    told.into_iter().next().ok_or_else(|| Error::internal("an appointment without a message"))
}

/// Local times that do not suit.
pub fn unsuitable_times(given: &[pb::UnsuitableTime]) -> Result<Vec<Unsuitable>> {
    if given.len() > MOST_UNSUITABLE {
        return Err(Error::invalid("wishes.unsuitable_times", format!("are more than {MOST_UNSUITABLE}")));
    }
    given.iter().enumerate().map(unsuitable).collect()
}

fn unsuitable((i, given): (usize, &pb::UnsuitableTime)) -> Result<Unsuitable> {
    let time = |field: &str, text: &str, else_at: NaiveTime| match text {
        "" => Ok(else_at),
        text => parse_time(&format!("wishes.unsuitable_times[{i}].{field}"), text),
    };
    let end_of_day = NaiveTime::from_hms_opt(23, 59, 59).unwrap_or(NaiveTime::MIN);
    let (from, to) = (time("start", &given.start, NaiveTime::MIN)?, time("end", &given.end, end_of_day)?);
    if from >= to {
        return Err(Error::invalid(format!("wishes.unsuitable_times[{i}].end"), "must be after start"));
    }
    Ok(Unsuitable::between(given.weekday().word(), from, to))
}

pub fn parse_reason(given: i32) -> Result<CancelReason> {
    needed::<pb::AppointmentReason>("reason", given, "is needed")
}

pub fn parse_day(field: &str, text: &str) -> Result<NaiveDate> {
    parse_date(text).map_err(|reason| Error::invalid(field, reason))
}

pub fn parse_time(field: &str, text: &str) -> Result<NaiveTime> {
    NaiveTime::parse_from_str(text, "%H:%M").map_err(|_| Error::invalid(field, "must be a time like 09:30"))
}
