//! From the descriptors of the API it writes each service's door (`doors.rs`): what belongs to every method is called
//! there, so that a new method is its proto and one function of its name, and forgets nothing.
//!
//! | a method | its function gets | what is done around it |
//! |---|---|---|
//! | whose request has a `request_id` | a transaction's connection, the context, the request | begun, replayed, tried again, kept, committed, told |
//! | with none | a snapshot's connection, the context, the request | read within the deadline |
//! | that streams, or is named in `BY_HAND` | the call | nothing but the context and the errors |

use prost::Message;
use prost_types::FileDescriptorSet;
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
    ("FloorService.DeclareContingency", "it is declared while the database is away, too"),
    ("FloorService.EndContingency", "what is still to be written goes first"),
    ("CalendarService.CreateCalendarFeed", "the answer that is kept has no address in it"),
    ("AdminService.CreateToken", "the answer that is kept has no token in it"),
    ("UserService.WhoAmI", "it tells what came with the request, which no other method asks about"),
];

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
            if has("request_id") {
                writeln!(doors, "has_request_id!({request});")?;
            }
            if has("page_token") {
                writeln!(doors, "is_paged!({request});")?;
            }
            let by_hand = BY_HAND.iter().any(|(which, _)| *which == name || *which == full);
            let kind = match (method.server_streaming(), by_hand, has("request_id")) {
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
