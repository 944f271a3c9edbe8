//! The API as a page, made from the descriptors: the protos' comments are its words. What it says of roles and reasons is
//! what the gate and the doors go by, so it cannot say otherwise.

use crate::pb;
use prost::Message;
use prost_reflect::{
    DescriptorPool, EnumDescriptor, FieldDescriptor, Kind, MessageDescriptor, MethodDescriptor, Value,
};
use prost_types::{DescriptorProto, FileDescriptorSet};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt::Write;
use std::sync::LazyLock;

/// Comments by the full names of what they stand at.
pub struct Comments(HashMap<String, String>);

// Where things stand in a file's descriptor, by the numbers of its fields.
const MESSAGES: i32 = 4;
const ENUMS: i32 = 5;
const SERVICES: i32 = 6;
const INSIDE: i32 = 2;
const NESTED: i32 = 3;

impl Comments {
    /// Of all our files.
    pub fn read() -> Self {
        let files = FileDescriptorSet::decode(pb::DESCRIPTORS).map(|set| set.file).unwrap_or_default();
        let mut comments = HashMap::new();
        for file in files.iter().filter(|file| file.package() == PACKAGE) {
            let mut names: HashMap<Vec<i32>, String> = HashMap::new();
            let number = |index: usize| i32::try_from(index).unwrap_or(i32::MAX);
            for (i, service) in file.service.iter().enumerate() {
                let name = format!("{PACKAGE}.{}", service.name());
                for (j, method) in service.method.iter().enumerate() {
                    let path = vec![SERVICES, number(i), INSIDE, number(j)];
                    names.insert(path, format!("{name}.{}", method.name()));
                }
                names.insert(vec![SERVICES, number(i)], name);
            }
            for (i, kind) in file.enum_type.iter().enumerate() {
                let name = format!("{PACKAGE}.{}", kind.name());
                for (j, value) in kind.value.iter().enumerate() {
                    names.insert(vec![ENUMS, number(i), INSIDE, number(j)], format!("{name}.{}", value.name()));
                }
                names.insert(vec![ENUMS, number(i)], name);
            }
            for (i, message) in file.message_type.iter().enumerate() {
                name_message(message, PACKAGE, vec![MESSAGES, number(i)], &mut names);
            }
            for location in file.source_code_info.iter().flat_map(|info| &info.location) {
                if let Some(name) = names.get(&location.path) {
                    let words: Vec<&str> = location.leading_comments().lines().map(str::trim).collect();
                    comments.insert(name.clone(), words.join(" ").trim().to_owned());
                }
            }
        }
        Self(comments)
    }

    /// Empty where nothing is said.
    pub fn of(&self, full_name: &str) -> &str {
        self.0.get(full_name).map_or("", String::as_str)
    }

    pub fn of_enum_value(&self, kind: &str, value: &str) -> String {
        self.of(&format!("{PACKAGE}.{kind}.{value}")).to_owned()
    }
}

const PACKAGE: &str = "startline.v1";

fn name_message(message: &DescriptorProto, within: &str, path: Vec<i32>, names: &mut HashMap<Vec<i32>, String>) {
    let name = format!("{within}.{}", message.name());
    let number = |index: usize| i32::try_from(index).unwrap_or(i32::MAX);
    let inside = |field: i32, index: usize| [path.clone(), vec![field, number(index)]].concat();
    for (i, field) in message.field.iter().enumerate() {
        names.insert(inside(INSIDE, i), format!("{name}.{}", field.name()));
    }
    for (i, nested) in message.nested_type.iter().enumerate() {
        name_message(nested, &name, inside(NESTED, i), names);
    }
    names.insert(path, name);
}

/// One reason of a refusal.
#[derive(Debug, Clone, Default)]
pub struct Reason {
    /// `SLOT_TAKEN`.
    pub name: String,
    /// The status's code.
    pub code: String,
    pub methods: BTreeSet<String>,
    pub any_method: bool,
    /// Told to nobody outside.
    pub only: String,
}

const REASON: &str = "ERROR_REASON_";

/// All of them, as the contract has them.
pub static REASONS: LazyLock<BTreeMap<String, Reason>> = LazyLock::new(|| {
    let Ok(pool) = DescriptorPool::decode(pb::DESCRIPTORS) else { return BTreeMap::new() };
    let raised = pool.get_extension_by_name("startline.v1.raised");
    let reasons = pool.get_enum_by_name("startline.v1.ErrorReason");
    let (Some(raised), Some(reasons)) = (raised, reasons) else { return BTreeMap::new() };
    let text = |message: &prost_reflect::DynamicMessage, field: &str| {
        message.get_field_by_name(field).and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
    };
    let mut all = BTreeMap::new();
    for value in reasons.values().filter(|value| value.number() > 0) {
        let options = value.options();
        let told = options.get_extension(&raised);
        let Some(told) = told.as_message() else { continue };
        let methods = told.get_field_by_name("methods").and_then(|list| {
            Some(list.as_list()?.iter().filter_map(|name| name.as_str().map(str::to_owned)).collect())
        });
        let name = value.name().trim_start_matches(REASON).to_owned();
        let any = told.get_field_by_name("any_method").and_then(|any| any.as_bool()).unwrap_or_default();
        let (code, only) = (text(told, "code"), text(told, "only"));
        let reason = Reason { name: name.clone(), code, methods: methods.unwrap_or_default(), any_method: any, only };
        all.insert(name, reason);
    }
    all
});

/// Whether the contract says that this method may refuse with this reason. What comes before a method is known (the gate)
/// may say what any method may.
pub fn may_refuse(method: &str, reason: &str) -> bool {
    REASONS.get(reason).is_some_and(|known| known.any_method || known.methods.contains(method))
}

/// The whole page, in Markdown.
///
/// # Errors
/// When the descriptors cannot be read.
pub fn page() -> Result<String, String> {
    let pool = DescriptorPool::decode(pb::DESCRIPTORS).map_err(|fault| fault.to_string())?;
    let comments = Comments::read();
    let mut page = Page { pool: &pool, comments: &comments, text: String::new() };
    page.write().map_err(|fault| fault.to_string())?;
    Ok(page.text)
}

struct Page<'a> {
    pool: &'a DescriptorPool,
    comments: &'a Comments,
    text: String,
}

impl Page<'_> {
    fn write(&mut self) -> std::fmt::Result {
        writeln!(self.text, "# The API of Startline\n")?;
        writeln!(
            self.text,
            "Made by `startline manual` from the comments of `proto/`. Package `{PACKAGE}`, over gRPC.\n"
        )?;
        let services: Vec<_> = self.pool.services().filter(|service| service.package_name() == PACKAGE).collect();
        for service in &services {
            writeln!(self.text, "## {}\n\n{}\n", service.name(), self.comments.of(service.full_name()))?;
            for method in service.methods() {
                self.method(&method)?;
            }
        }
        self.reasons()?;
        writeln!(self.text, "## Messages\n")?;
        let is_ours = |name: &str| name.starts_with(PACKAGE);
        let messages: Vec<_> = self.pool.all_messages().filter(|message| is_ours(message.full_name())).collect();
        let is_of_a_method = |message: &MessageDescriptor| {
            services
                .iter()
                .flat_map(|service| service.methods().collect::<Vec<_>>())
                .any(|method| method.input() == *message || method.output() == *message)
        };
        for message in messages.iter().filter(|message| !is_of_a_method(message) && !message.is_map_entry()) {
            writeln!(self.text, "### {}\n\n{}\n", message.name(), self.comments.of(message.full_name()))?;
            self.fields(message)?;
        }
        writeln!(self.text, "## Words\n")?;
        let kinds: Vec<_> = self.pool.all_enums().filter(|kind| is_ours(kind.full_name())).collect();
        for kind in kinds.iter().filter(|kind| kind.name() != "ErrorReason") {
            self.words(kind)?;
        }
        Ok(())
    }

    fn method(&mut self, method: &MethodDescriptor) -> std::fmt::Result {
        let full = format!("{}.{}", method.parent_service().name(), method.name());
        writeln!(self.text, "### {full}\n\n{}\n", self.comments.of(method.full_name()))?;
        writeln!(self.text, "For {}.", roles(self.pool, method).join(", "))?;
        if method.is_server_streaming() {
            writeln!(self.text, "Answers with a stream.")?;
        }
        let own: Vec<String> = reasons_of(&full).iter().map(|reason| format!("`{}`", reason.name)).collect();
        match own.is_empty() {
            true => writeln!(self.text, "Refuses with nothing but what any method may.\n")?,
            false => writeln!(self.text, "Refuses also with {}.\n", own.join(", "))?,
        }
        writeln!(self.text, "Asked with:\n")?;
        self.fields(&method.input())?;
        writeln!(self.text, "Answered with:\n")?;
        self.fields(&method.output())
    }

    fn fields(&mut self, message: &MessageDescriptor) -> std::fmt::Result {
        if message.fields().len() == 0 {
            return writeln!(self.text, "Nothing.\n");
        }
        writeln!(self.text, "| field | kind | what it is |\n|---|---|---|")?;
        for field in message.fields() {
            let told = cell(self.comments.of(field.full_name()));
            writeln!(self.text, "| `{}` | {} | {told} |", field.name(), kind_of(&field))?;
        }
        writeln!(self.text)
    }

    fn reasons(&mut self) -> std::fmt::Result {
        let about = self.comments.of("startline.v1.ErrorReason").to_owned();
        writeln!(self.text, "## Refusals\n\n{about}\n")?;
        writeln!(self.text, "| reason | code | what it means and what to do |\n|---|---|---|")?;
        for reason in REASONS.values().filter(|reason| reason.only.is_empty()) {
            let told = cell(&self.comments.of_enum_value("ErrorReason", &format!("{REASON}{}", reason.name)));
            writeln!(self.text, "| `{}` | `{}` | {told} |", reason.name, reason.code)?;
        }
        writeln!(self.text)
    }

    fn words(&mut self, kind: &EnumDescriptor) -> std::fmt::Result {
        writeln!(self.text, "### {}\n\n{}\n", kind.name(), self.comments.of(kind.full_name()))?;
        writeln!(self.text, "| value | what it means |\n|---|---|")?;
        for value in kind.values().filter(|value| value.number() > 0) {
            let told = cell(&self.comments.of_enum_value(kind.name(), value.name()));
            writeln!(self.text, "| `{}` | {told} |", value.name())?;
        }
        writeln!(self.text)
    }
}

/// The reasons that a method has beside those of any method.
pub fn reasons_of(method: &str) -> Vec<&'static Reason> {
    REASONS.values().filter(|reason| reason.methods.contains(method)).collect()
}

fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

fn kind_of(field: &FieldDescriptor) -> String {
    let one = match field.kind() {
        Kind::Message(message) => format!("`{}`", message.name()),
        Kind::Enum(kind) => format!("`{}`", kind.name()),
        other => format!("{other:?}").to_lowercase(),
    };
    match (field.is_list(), field.field_descriptor_proto().proto3_optional()) {
        (true, _) => format!("list of {one}"),
        (false, true) => format!("{one}, or nothing"),
        (false, false) => one,
    }
}

/// The roles that may call a method, by their words.
fn roles(pool: &DescriptorPool, method: &MethodDescriptor) -> Vec<String> {
    let Some(access) = pool.get_extension_by_name("startline.v1.access") else { return Vec::new() };
    let options = method.options();
    let access = options.get_extension(&access);
    let list = access.as_message().and_then(|access| access.get_field_by_name("roles")).map(|list| list.into_owned());
    let numbers = list.as_ref().and_then(Value::as_list).unwrap_or_default();
    let word = |number: &Value| {
        let role = pb::Role::try_from(number.as_enum_number()?).ok()?;
        Some(role.as_str_name().trim_start_matches("ROLE_").to_lowercase().replace('_', "-"))
    };
    numbers.iter().filter_map(word).collect()
}

#[cfg(test)]
#[path = "manual_tests.rs"]
mod tests;
