//! From the descriptors of the API it writes each service's door (`doors.rs`): what belongs to every method is called
//! there, so that a new method is its proto and one function of its name, and forgets nothing.
//!
//! | a method | its function gets | what is done around it |
//! |---|---|---|
//! | whose request names a record or a place | | whether whoever asks may reach it |
//! | whose request has a `request_id` | a transaction's connection, the context, the request | begun, replayed, tried again, kept, committed, told |
//! | with none | a snapshot's connection, the context, the request | read within the deadline |
//! | that is named in `BY_HAND` | the call | nothing but the context and the errors |
//! | that streams | the call | the same, and heartbeats, unless it is named in `NO_HEARTBEAT` |

use prost::Message;
use prost_types::{DescriptorProto, FileDescriptorSet};
use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::PathBuf;

/// What neither runner fits, and why.
const BY_HAND: &[(&str, &str)] = &[
    ("DeskService", "it acts on the floor, which is memory: a repeated request finds it done"),
    ("RoutingService", "it acts on the floor, and answers while the database is away"),
    ("ClaimService.SaveAnswers", "many desks' answers share one transaction, which knows each request's id itself"),
    ("ScriptService.AnswerQuestion", "what is refused is kept as a draft, in a transaction of its own"),
    ("PackService.ComposePack", "it is composed before the transaction begins"),
    ("PackService.MendPackException", "it is composed before the transaction begins"),
    ("PrivacyService.PrintAccess", "it is composed while no snapshot is held"),
    ("FloorService.DeclareContingency", "it is declared while the database is away, too"),
    ("FloorService.EndContingency", "what is still to be written goes first"),
    ("CalendarService.CreateCalendarFeed", "the answer that is kept has no address in it"),
    ("AdminService.CreateToken", "the answer that is kept has no token in it"),
    ("AdminService.CreateFirstPassword", "the answer that is kept has no password in it"),
    ("UserService.WhoAmI", "it tells what came with the request, which no other method asks about"),
];

/// Streams that say nothing when there is nothing to say, and why.
const NO_HEARTBEAT: &[(&str, &str)] = &[
    ("PackService.GetPackDocument", "a download, which ends"),
    ("PackService.GetAgencyDocument", "a download, which ends"),
    (
        "RoutingService.EnterCall",
        "each word of it is an instruction for a call, and a switch reads them with its own program",
    ),
];

/// Streams whose heartbeats are questions, which are asked however much else is said.
const ASKED: &[(&str, &str)] =
    &[("DeskService.WatchDesk", "a desk that answers them is unavailable when it is silent")];

/// What the fields of requests name: records, whose case is looked at before the method begins (`reach.rs`).
const RECORDS: &[(&str, &str)] = &[
    ("client_id", "Client"),
    ("claim_id", "Claim"),
    ("partner_claim_id", "Claim"),
    ("callback_id", "Callback"),
    ("missed_caller_id", "MissedCaller"),
    ("walk_id", "Walk"),
    ("appointment_id", "Appointment"),
    ("reminder_id", "Reminder"),
    ("query_id", "Query"),
    ("step_id", "Step"),
    ("standby_id", "Standby"),
    ("standby_offer_id", "StandbyOffer"),
    ("pack_id", "Pack"),
    ("print_job_id", "PrintJob"),
    ("exception_id", "PackException"),
];

/// Places and people: where a request names no record, whoever asks has to belong there.
const PLACES: &[(&str, &str)] = &[
    ("site_id", "Site"),
    ("site_ids", "Sites"),
    ("office_id", "Office"),
    ("adviser_id", "Person"),
    ("personal_adviser_id", "Person"),
];

/// What is neither, or is looked at by the method itself.
const NEITHER: &[(&str, &str)] = &[
    ("request_id", "an idempotency key"),
    ("switch_call_id", "a call is its switch's"),
    ("call_id", "the floor knows whose call it is"),
    ("offer_id", "the floor knows to whom it is offered"),
    ("hold_id", "a place that is held for a client who is named beside it"),
    ("feed_id", "whoever may manage the calendar"),
    ("block_id", "whoever may set the hours that it is laid over"),
    ("absence_id", "whoever may set the hours that it is laid over"),
    ("home_site_id", "a caller may belong to any site"),
    ("agency_id", "part of a claim that is named beside it"),
    ("agency_ids", "part of a claim that is named beside it"),
    ("question_id", "part of a claim or a walk that is named beside it"),
    ("question_ids", "part of a claim that is named beside it"),
    ("evidence_id", "part of a claim that is named beside it"),
    ("change_id", "part of a client's record that is named beside it"),
    ("script_id", "of the service definition"),
    ("stage_id", "of the service definition"),
    ("key_area_id", "of the service definition"),
    ("helper_site_ids", "any site may help"),
    ("user_id", "only administrators and privacy officers name one"),
    ("duty_id", "only administrators name one"),
    ("token_id", "only administrators name one"),
    ("job_id", "only administrators name one"),
    ("record_request_id", "only privacy officers name one"),
];

/// Requests whose fields name something else than their names say, and why.
const OTHERWISE: &[(&str, &str, &str)] = &[
    ("JumpToRequest", "step_id", "a step of the script"),
    ("AskForRecordRequest", "client_id", "it is asked for because it is out of reach"),
    ("ListRecordRequestsRequest", "client_id", "a privacy officer opens no record by it"),
    ("ListAccessRequest", "client_id", "a privacy officer opens no record by it"),
    (
        "PrintAccessRequest",
        "client_id",
        "the method itself says whose clients a privacy officer accounts to, and notes the look",
    ),
    ("ListClaimsRequest", "personal_adviser_id", "the list is of the caller's own site and offices"),
    ("ListUsersRequest", "site_id", "the list says itself who may see which site"),
    ("AddUserRequest", "site_id", "only administrators name one"),
    ("ChangeUserRequest", "site_id", "only administrators name one"),
];

/// `has_heartbeat!(..)`: how these answers say that their stream is alive. None when they cannot.
fn heartbeat(response: &DescriptorProto, method: &str) -> Option<String> {
    let field = response.field.iter().find(|field| field.type_name() == ".startline.v1.Heartbeat")?;
    let (name, field_name) = (response.name(), field.name());
    let made = match field.oneof_index {
        Some(index) => {
            let oneof = response.oneof_decl[usize::try_from(index).unwrap_or(0)].name();
            let (module, choice, variant) = (snake(name), camel(oneof), camel(field_name));
            format!("{oneof}: Some(pb::{module}::{choice}::{variant}(beat))")
        }
        None => format!("{field_name}: Some(beat), ..Default::default()"),
    };
    let when = if ASKED.iter().any(|(asked, _)| *asked == method) { "Always" } else { "Quiet" };
    Some(format!("has_heartbeat!({name}, {when}, |beat| pb::{name} {{ {made} }});"))
}

/// What a request names: `Named::Record(Kind::Claim, "claim_id", &self.claim_id)`, for each of its fields that does.
fn subjects(message: &DescriptorProto) -> Result<String, String> {
    let mut subjects = String::new();
    let has_record = message.field.iter().any(|field| RECORDS.iter().any(|(name, _)| *name == field.name()));
    for field in &message.field {
        let (name, request) = (field.name(), message.name());
        if !(name.ends_with("_id") || name.ends_with("_ids")) {
            continue;
        }
        let named =
            |list: &'static [(&str, &str)]| list.iter().find(|(known, _)| *known == name).map(|(_, what)| *what);
        if OTHERWISE.iter().any(|(message, field, _)| (*message, *field) == (request, name)) || named(NEITHER).is_some()
        {
            continue;
        }
        let value = match (field.oneof_index, field.proto3_optional()) {
            (Some(index), false) => {
                let oneof = message.oneof_decl[usize::try_from(index).unwrap_or(0)].name();
                let (module, choice) = (snake(request), camel(oneof));
                let variant = camel(name);
                format!("match &self.{oneof} {{ Some(pb::{module}::{choice}::{variant}(id)) => id, _ => \"\" }}")
            }
            (_, true) => format!("self.{name}.as_deref().unwrap_or_default()"),
            _ => format!("&self.{name}"),
        };
        match (named(RECORDS), named(PLACES)) {
            (Some(kind), _) => write!(subjects, "Named::Record(Kind::{kind}, {value}), "),
            (None, Some(_)) if has_record => Ok(()),
            (None, Some(place)) => write!(subjects, "Named::{place}({value}), "),
            (None, None) => return Err(format!("{request}.{name}: say in build.rs what it names")),
        }
        .map_err(|fault| fault.to_string())?;
    }
    Ok(subjects)
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let out = PathBuf::from(std::env::var("OUT_DIR")?);
    let compiled = std::env::var("DEP_STARTLINE_API_DESCRIPTORS")?;
    let descriptors = FileDescriptorSet::decode(std::fs::read(&compiled)?.as_slice())?;
    let ours = descriptors.file.iter().filter(|file| file.package() == "startline.v1");
    let fields = |message: &str| -> Vec<String> {
        let all = descriptors.file.iter().flat_map(|file| &file.message_type);
        let found = all.filter(|m| m.name() == message).flat_map(|m| &m.field);
        found.map(|field| field.name().to_owned()).collect()
    };
    let mut doors = String::new();
    let mut all = String::new();
    let mut asked = BTreeSet::new();
    for service in ours.flat_map(|file| &file.service) {
        let name = service.name();
        let door = format!("{}Door", name.trim_end_matches("Service"));
        let mut methods = String::new();
        for method in &service.method {
            let request = method.input_type().trim_start_matches(".startline.v1.");
            let function = snake(method.name());
            let full = format!("{name}.{}", method.name());
            let fields = fields(request);
            let has = |field: &str| fields.iter().any(|name| name == field);
            if asked.insert(request.to_owned()) {
                let mut messages = descriptors.file.iter().flat_map(|file| &file.message_type);
                let message =
                    messages.find(|message| message.name() == request).ok_or("a request without a message")?;
                writeln!(doors, "names!({request}: |self| [{}]);", subjects(message)?)?;
            }
            if has("request_id") {
                writeln!(doors, "has_request_id!({request});")?;
            }
            if has("page_token") {
                writeln!(doors, "is_paged!({request});")?;
            }
            let beats = method.server_streaming() && !NO_HEARTBEAT.iter().any(|(which, _)| *which == full);
            if beats {
                let response = method.output_type().trim_start_matches(".startline.v1.");
                let mut messages = descriptors.file.iter().flat_map(|file| &file.message_type);
                let message = messages.find(|message| message.name() == response);
                let heartbeat = message.and_then(|message| heartbeat(message, &full));
                let heartbeat = heartbeat.ok_or_else(|| format!("{full} streams: give {response} a Heartbeat"))?;
                writeln!(doors, "{heartbeat}")?;
            }
            let by_hand = BY_HAND.iter().any(|(which, _)| *which == name || *which == full);
            let kind = match (method.server_streaming(), by_hand, has("request_id")) {
                (true, ..) if beats => "watch",
                (true, ..) => "stream",
                (false, true, true) => "by_hand_once",
                (false, true, false) => "by_hand",
                (false, false, true) => "mutation",
                (false, false, false) => "read",
            };
            let path = format!("/startline.v1.{name}/{}", method.name());
            writeln!(methods, "    {kind} {function}: {request}, {full:?}, {path:?};")?;
        }
        writeln!(doors, "door! {{ {door} {{\n{methods}}} }}")?;
        write!(all, "{door}::METHODS, ")?;
    }
    writeln!(doors, "/// Every method of ours by its path.\npub fn methods() -> HashMap<&'static str, Method> {{")?;
    writeln!(doors, "    [{all}].into_iter().flatten().copied().collect()\n}}")?;
    std::fs::write(out.join("doors.rs"), doors)?;

    println!("cargo::rerun-if-changed={compiled}");
    println!("cargo::rerun-if-changed=build.rs");
    Ok(())
}

/// `personal_adviser_id` is `PersonalAdviserId`.
fn camel(snake: &str) -> String {
    let word = |word: &str| {
        word.chars().take(1).map(|c| c.to_ascii_uppercase()).chain(word.chars().skip(1)).collect::<String>()
    };
    snake.split('_').map(word).collect()
}

/// `FollowUpService` is `follow_up_service`.
fn snake(name: &str) -> String {
    let mut snake = String::with_capacity(name.len() + 4);
    for (i, letter) in name.char_indices() {
        if letter.is_ascii_uppercase() && i > 0 {
            snake.push('_');
        }
        snake.push(letter.to_ascii_lowercase());
    }
    snake
}
