//! Compiles proto/ without a protoc on the machine, and keeps the descriptors: the server reads each method's roles
//! from them and serves them by reflection.
//!
//! From the same descriptors it writes each service's door (`doors.rs`): what belongs to every method is called there, so
//! that a new method is its proto and one function of its name, and forgets nothing.
//!
//! | a method | its function gets | what is done around it |
//! |---|---|---|
//! | whose request has a `request_id` | a transaction's connection, the context, the request | begun, replayed, tried again, kept, committed, told |
//! | with none | a snapshot's connection, the context, the request | read within the deadline |
//! | that streams, or is named in `BY_HAND` | the call | nothing but the context and the errors |

use std::fmt::Write;
use std::path::{Path, PathBuf};

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
];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let root = Path::new("proto");
    let mut protos: Vec<PathBuf> =
        std::fs::read_dir(root.join("startline/v1"))?.map(|e| e.map(|e| e.path())).collect::<Result<_, _>>()?;
    protos.sort();

    // `encode_file_descriptor_set` keeps the options that are extensions; prost's own types would drop them.
    let mut compiler = protox::Compiler::new([root])?;
    compiler.include_imports(true).include_source_info(true).open_files(&protos)?;
    let out = PathBuf::from(std::env::var("OUT_DIR")?);
    std::fs::write(out.join("startline.bin"), compiler.encode_file_descriptor_set())?;

    let descriptors = compiler.file_descriptor_set();
    let ours = descriptors.file.iter().filter(|file| file.package() == "startline.v1");
    let fields = |message: &str| -> Vec<String> {
        let all = descriptors.file.iter().flat_map(|file| &file.message_type);
        let found = all.filter(|m| m.name() == message).flat_map(|m| &m.field);
        found.map(|field| field.name().to_owned()).collect()
    };
    let mut doors = String::new();
    let mut routes = String::new();
    for service in ours.flat_map(|file| &file.service) {
        let name = service.name();
        let (module, door) = (snake(name), format!("{}Door", name.trim_end_matches("Service")));
        let mut methods = String::new();
        for method in &service.method {
            let request = method.input_type().trim_start_matches(".startline.v1.");
            let response = method.output_type().trim_start_matches(".startline.v1.");
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
            let stream = format!("{}Stream", method.name());
            write!(methods, "        {kind} {function}: {request} => {response}, {full:?}")?;
            if method.server_streaming() {
                write!(methods, ", {stream}")?;
            }
            writeln!(methods, ";")?;
        }
        writeln!(doors, "door! {{ {door}, {module}_server::{name} {{\n{methods}    }} }}")?;
        writeln!(
            routes,
            "        .add_service(pb::{module}_server::{name}Server::new({door}(service.clone(), looks.clone()))"
        )?;
        writeln!(routes, "            .max_decoding_message_size(LARGEST_REQUEST))")?;
    }
    writeln!(doors, "/// Every service of ours.\npub fn routes(service: &Arc<Service>) -> Routes {{")?;
    writeln!(doors, "    let looks = Arc::<Looks>::default();\n    Routes::default()\n{routes}}}")?;
    std::fs::write(out.join("doors.rs"), doors)?;

    // With their names, messages can stand in the details of a status.
    let mut config = tonic_prost_build::Config::new();
    config.enable_type_names();
    tonic_prost_build::configure().compile_fds_with_config(descriptors, config)?;

    for watched in ["proto", "migrations", "deploy/definitions"] {
        println!("cargo:rerun-if-changed={watched}");
    }
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
