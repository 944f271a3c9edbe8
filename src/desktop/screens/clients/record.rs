//! A client's record, with whatever the client has: call-backs, scripts, meetings, letters, and what was changed.

use super::facts::{label, side};
use super::shown::{self, colleagues};
use super::words::ClientWords;
use crate::html::{Frame, Mistakes, page};
use crate::screens::callbacks::Promised;
use crate::seat::Seat;
use crate::visitor::Answer;
use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use futures_util::future::{join, join_all, join5};
use startline_api as pb;
use startline_rooms::access::Role;
use std::collections::HashMap;

/// Of each list the newest; the rest are a page away.
const NEWEST: i32 = 10;
/// Claims that are shown with their meetings: those on their way first.
const CLAIMS: i32 = 5;

#[derive(Template)]
#[template(path = "clients/record.html")]
struct Record<'a> {
    frame: Frame<'a>,
    c: &'static ClientWords,
    mistakes: Mistakes,
    id: String,
    etag: String,
    name: String,
    /// Label, value, and the field of the form by which it is changed.
    facts: Vec<(&'static str, String, &'static str)>,
    home: String,
    first_contact: String,
    letters: Letters,
    may_change: bool,
    /// When they died, who told us, and whether a letter was asked for.
    death: Option<String>,
    is_adviser: bool,
    /// The call in which somebody may be speaking with them.
    call_id: String,
    callbacks: Option<Vec<Promised>>,
    /// The one that stands.
    open_callback: String,
    more_callbacks: bool,
    flags: Option<Flags>,
    reminders: Option<Vec<(i32, &'static str, bool)>>,
    walks: Vec<Walk>,
    claims: Vec<String>,
    /// Those of scripts as well.
    every_claim: Vec<String>,
    meetings: Vec<Meeting>,
    packs: Vec<PackLine>,
    sees_packs: bool,
    changes: Vec<Change>,
    more_changes: String,
    requests: Vec<String>,
}

enum Letters {
    Home,
    Withheld,
    To { lines: Vec<String>, postcode: String, opened_by: String, days: String },
}

struct Flags {
    do_not_call: bool,
    instead: String,
    number_check: bool,
}

struct Walk {
    id: String,
    name: String,
    when: String,
    state: &'static str,
    claim_id: String,
    is_open: bool,
}

struct Meeting {
    name: String,
    when: String,
    office: String,
    state: &'static str,
}

struct PackLine {
    id: String,
    name: &'static str,
    state: &'static str,
    when: String,
    arrives: String,
}

struct Change {
    id: String,
    when: String,
    by: String,
    is_undo: bool,
    facts: Vec<(&'static str, String, String)>,
}

pub async fn record(Path(id): Path<String>, seat: Seat) -> Answer {
    let shown = show(&seat, id, StatusCode::OK, Mistakes::default()).await?;
    Ok(seat.visitor.keeping_language(&seat.pages, shown))
}

pub async fn show(seat: &Seat, id: String, status: StatusCode, mistakes: Mistakes) -> Answer {
    let c = ClientWords::of(seat.language());
    let got = seat.need(pb::GetClientRequest { client_id: id.clone() }).await?;
    let client = got.client.unwrap_or_default();
    let token = seat.visitor.query.get("changes").to_owned();
    let listed = seat.may(pb::ListClaimsRequest { client_id: id.clone(), page_size: CLAIMS, ..Default::default() });
    let (callbacks, walks, packs, reminders, changes) = join5(
        seat.may(pb::ListCallbacksRequest { client_id: id.clone(), page_size: NEWEST, ..Default::default() }),
        seat.may(pb::ListWalksRequest { client_id: id.clone(), page_size: NEWEST, ..Default::default() }),
        seat.may(pb::ListPacksRequest { client_id: id.clone(), page_size: NEWEST, ..Default::default() }),
        seat.may(pb::GetReminderPreferencesRequest { client_id: id.clone() }),
        seat.may(pb::ListClientChangesRequest { client_id: id.clone(), page_size: NEWEST, page_token: token }),
    )
    .await;
    let walks = walks.map(|found| found.walks).unwrap_or_default();
    let packs = packs.map(|found| found.packs).unwrap_or_default();
    let listed = listed.await.map(|found| found.claims).unwrap_or_default();
    let claims: Vec<String> = listed.into_iter().map(|claim| claim.claim_id).collect();
    let (meetings, names) = join(meetings(seat, &claims), colleagues(seat)).await;
    let facts = client.facts.clone().unwrap_or_default();
    let all = callbacks.as_ref().map(|found| found.callbacks.as_slice()).unwrap_or_default();
    let flags = got.contact_flags.clone().map(|flags| Flags {
        do_not_call: flags.do_not_call,
        instead: flags.instead,
        number_check: flags.number_check,
    });
    let is_adviser = seat.is_any(&[Role::Adviser, Role::TeamLeader]);
    let frame = seat.frame().live("desk");
    let call_id = frame.desk.as_ref().filter(|desk| desk.is_on_call()).map(|desk| desk.desk.call_id.clone());
    let changes = changes.unwrap_or_default();
    let (requests, home) = (requests(seat, &got.record_requests), seat.site_name(&client.home_site_id));
    let record = Record {
        c,
        mistakes,
        etag: client.etag.clone(),
        name: shown::name(&facts),
        facts: lines(seat, c, &facts),
        home,
        first_contact: seat.when(client.first_contact_time.as_ref()),
        letters: letters(seat, c, &facts),
        death: client.death.as_ref().map(|one| death(seat, c, one)),
        may_change: is_adviser || seat.is(Role::PersonalAdviser),
        is_adviser,
        call_id: call_id.unwrap_or_default(),
        open_callback: all.iter().find(|one| is_open(one)).map(|one| one.callback_id.clone()).unwrap_or_default(),
        more_callbacks: callbacks.as_ref().is_some_and(|found| !found.next_page_token.is_empty()),
        callbacks: callbacks.as_ref().map(|found| found.callbacks.iter().map(|one| Promised::of(seat, one)).collect()),
        flags,
        reminders: reminders.map(|found| channels(c, &found)),
        walks: walks.iter().map(|one| walk(seat, c, one)).collect(),
        every_claim: claims.clone(),
        claims: claims.into_iter().filter(|claim| !walks.iter().any(|walk| walk.claim_id == *claim)).collect(),
        sees_packs: seat.is_any(&[Role::TeamLeader, Role::PrintRoom]),
        meetings,
        packs: packs.iter().map(|one| pack(seat, c, one)).collect(),
        more_changes: changes.next_page_token.clone(),
        changes: changes.changes.iter().map(|one| change(seat, c, &names, one)).collect(),
        requests,
        id,
        frame,
    };
    Ok(page(status, &record))
}

fn death(seat: &Seat, c: &ClientWords, death: &pb::Death) -> String {
    let day = Some(shown::day(seat, &death.died_date)).filter(|day| !day.is_empty());
    let day = day.unwrap_or_else(|| c.not_known.to_owned());
    let letter = if death.letter_wanted { format!("; {}", c.letter_goes) } else { String::new() };
    let recorded = seat.when(death.recorded_time.as_ref());
    format!("{day}, {} {} ({recorded}){letter}", c.told_by_whom, death.told_by)
}

/// Promised, or waiting for a letter, a number or a visit.
pub fn is_open(callback: &pb::Callback) -> bool {
    use pb::CallbackState as S;
    matches!(
        callback.state(),
        S::Booked | S::Due | S::Parked | S::Attempting | S::NoReply | S::WrongNumber | S::FaceToFace
    )
}

fn lines(seat: &Seat, c: &'static ClientWords, facts: &pb::ClientFacts) -> Vec<(&'static str, String, &'static str)> {
    let language = |tag: &str| if tag == "cy" { c.welsh } else { c.english }.to_owned();
    let definition = seat.definition();
    let telephone = &definition.service.telephone;
    let named = |need: &String| {
        let known = telephone.skills.iter().chain(&telephone.other_needs).find(|one| one.id == *need);
        known.map_or_else(|| need.clone(), |one| one.name.in_language(seat.language()).to_owned())
    };
    let needs: Vec<String> = facts.call_needs.iter().map(named).collect();
    let none_or =
        |text: String| if text.is_empty() { crate::words::Words::of(seat.language()).none.to_owned() } else { text };
    let mut address = facts.address_lines.join(", ");
    if !facts.postcode.is_empty() {
        address = [address, facts.postcode.clone()]
            .into_iter()
            .filter(|part| !part.is_empty())
            .collect::<Vec<_>>()
            .join(", ");
    }
    let mut letters_in = language(&facts.letter_language);
    if facts.large_print {
        letters_in = format!("{letters_in}, {}", c.large_print);
    }
    if !facts.letters_format.is_empty() {
        letters_in = format!("{letters_in}, {}", definition.letters_format(&facts.letters_format, seat.language()));
    }
    if facts.letter_language == "cy" {
        let layout = if facts.letter_layout == "facing" { c.facing } else { c.side_by_side };
        letters_in = format!("{letters_in}, {layout}");
    }
    vec![
        (c.date_of_birth, shown::day(seat, &facts.date_of_birth), "date_of_birth"),
        (c.nino, shown::nino(&facts.nino), "nino"),
        (c.phone, shown::grouped(&facts.phone), "phone"),
        (c.address, address, "address"),
        (c.talk_language, language(&facts.talk_language), "talk_language"),
        (c.letter_language, letters_in, "letter_language"),
        (c.call_needs, none_or(needs.join(", ")), "call_needs"),
        (c.special_needs, none_or(facts.special_needs.clone()), "special_needs"),
        (c.reaching, none_or(super::contact::lines(seat, facts.contact.as_ref()).join("; ")), "reaching"),
    ]
}

fn letters(seat: &Seat, c: &ClientWords, facts: &pb::ClientFacts) -> Letters {
    if facts.letters_address_withheld {
        return Letters::Withheld;
    }
    let Some(letters) = &facts.letters_address else { return Letters::Home };
    let day = |label: &str, text: &str| {
        if text.is_empty() { String::new() } else { format!("{label} {} ", shown::day(seat, text)) }
    };
    Letters::To {
        lines: letters.address_lines.clone(),
        postcode: letters.postcode.clone(),
        opened_by: letters.opened_by.clone(),
        days: format!("{}{}", day(c.letters_from, &letters.from_date), day(c.letters_until, &letters.until_date)),
    }
}

fn channels(c: &'static ClientWords, found: &pb::GetReminderPreferencesResponse) -> Vec<(i32, &'static str, bool)> {
    use pb::ReminderChannel as Channel;
    let all = [(Channel::Call, c.by_call), (Channel::Text, c.by_text), (Channel::Letter, c.by_letter)];
    all.into_iter().map(|(channel, name)| (channel as i32, name, !found.refused.contains(&(channel as i32)))).collect()
}

async fn meetings(seat: &Seat, claims: &[String]) -> Vec<Meeting> {
    let c = ClientWords::of(seat.language());
    let asked = claims
        .iter()
        .map(|claim_id| seat.may(pb::ListAppointmentsRequest { claim_id: claim_id.clone(), ..Default::default() }));
    let found = join_all(asked).await.into_iter().flatten().flat_map(|found| found.appointments);
    found
        .map(|one| {
            let state = match one.state() {
                pb::AppointmentState::Held => c.held,
                pb::AppointmentState::Booked | pb::AppointmentState::Unspecified => c.booked,
                pb::AppointmentState::Attended => c.attended,
                pb::AppointmentState::Failed => c.failed,
                pb::AppointmentState::Cancelled => c.cancelled,
                pb::AppointmentState::Released => c.released,
            };
            let slot = one.slot.unwrap_or_default();
            Meeting {
                name: one.kind_name,
                when: seat.span(slot.start_time.as_ref(), slot.end_time.as_ref()),
                office: seat.office_name(&slot.office_id),
                state,
            }
        })
        .collect()
}

fn walk(seat: &Seat, c: &'static ClientWords, walk: &pb::WalkSummary) -> Walk {
    let state = match (walk.finished, walk.park_time.is_some()) {
        (true, _) => c.finished,
        (false, true) => c.parked,
        (false, false) => c.under_way,
    };
    let name = match walk.script_id.as_str() {
        "start-up" => c.start_up.to_owned(),
        "inbound" => c.inbound.to_owned(),
        other => other.to_owned(),
    };
    Walk {
        id: walk.walk_id.clone(),
        name,
        when: seat.when(walk.move_time.as_ref().or(walk.start_time.as_ref())),
        state,
        claim_id: walk.claim_id.clone(),
        is_open: !walk.finished,
    }
}

pub fn kind(c: &ClientWords, kind: &str) -> &'static str {
    match kind {
        "missed_meeting" => c.kind_missed_meeting,
        "decision" => c.kind_decision,
        "new_time" => c.kind_new_time,
        "meeting_off" => c.kind_meeting_off,
        "deferral" => c.kind_deferral,
        "missed_callback" => c.kind_missed_callback,
        "death" => c.kind_death,
        _ => c.kind_claim,
    }
}

fn pack(seat: &Seat, c: &'static ClientWords, pack: &pb::Pack) -> PackLine {
    use pb::PackState as S;
    let state = match pack.state() {
        S::Queued | S::Leased | S::Unspecified => c.pack_queued,
        S::Printing => c.pack_printing,
        S::Printed => c.pack_printed,
        S::Posted => c.pack_posted,
        S::Composed => c.pack_composed,
        S::Spoiled => c.pack_spoiled,
        S::Cancelled => c.pack_cancelled,
        S::Returned => c.pack_returned,
        S::HandedOver => c.pack_handed_over,
    };
    PackLine {
        id: pack.pack_id.clone(),
        name: kind(c, &pack.kind),
        state,
        when: seat.when(pack.posted_time.as_ref().or(pack.composed_time.as_ref())),
        arrives: shown::day(seat, &pack.arrives_by),
    }
}

fn change(seat: &Seat, c: &'static ClientWords, names: &HashMap<String, String>, change: &pb::ClientChange) -> Change {
    let (before, after) = (change.before.clone().unwrap_or_default(), change.after.clone().unwrap_or_default());
    let facts = change.facts.iter().map(|fact| {
        let (was, is) = match fact.as_str() {
            "home_site_id" => (seat.site_name(&change.home_site_id_before), seat.site_name(&change.home_site_id_after)),
            _ => (side(&before, fact), side(&after, fact)),
        };
        (label(c, fact), was, is)
    });
    Change {
        id: change.change_id.clone(),
        when: seat.when(change.changed_time.as_ref()),
        by: names.get(&change.changed_by).cloned().unwrap_or_else(|| c.colleague.to_owned()),
        is_undo: !change.undoes_change_id.is_empty(),
        facts: facts.collect(),
    }
}

fn requests(seat: &Seat, requests: &[pb::RecordRequest]) -> Vec<String> {
    let c = ClientWords::of(seat.language());
    let one = |request: &pb::RecordRequest| {
        let verdict = match request.verdict() {
            pb::Verdict::Unspecified => c.not_judged,
            pb::Verdict::Justified => c.justified,
            pb::Verdict::NotJustified => c.not_justified,
        };
        let (who, when) = (&request.user_name, seat.when(request.ask_time.as_ref()));
        format!("{when}: {who}, {} ({}; {verdict})", seat.site_name(&request.site_id), reason(c, request.reason()))
    };
    requests.iter().map(one).collect()
}

pub fn reason(c: &ClientWords, reason: pb::RequestReason) -> &'static str {
    match reason {
        pb::RequestReason::ClientInTouch => c.in_touch,
        pb::RequestReason::HelpsColleague => c.helps,
        pb::RequestReason::Complaint => c.complaint,
        pb::RequestReason::RiskOfHarm => c.harm,
        pb::RequestReason::Correction => c.correction,
        pb::RequestReason::Other | pb::RequestReason::Unspecified => c.other_reason,
    }
}

/// What was wrong with something that was asked on the record itself.
pub async fn again(seat: &Seat, id: String, text: impl Into<crate::refused::said::Said>) -> Result<Response, Response> {
    show(seat, id, StatusCode::CONFLICT, Mistakes::one("main", text)).await
}
