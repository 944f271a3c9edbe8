//! Each mutation of the contract: how it is called over the few records, and what it leaves in the audit.

mod callbacks;
mod claims;
mod diary;
mod packs;
mod people;

use super::asking::Ask;
use super::ground::Turn;
use prost::Message;
use prost_reflect::DescriptorPool;
use startline::grpc::pb;
use std::collections::BTreeSet;
use std::sync::LazyLock;

pub struct Method {
    pub name: &'static str,
    pub writes: Writes,
    pub ask: fn(&mut Turn<'_>) -> Ask,
}

/// What a request that went well leaves under its own id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Writes {
    /// One line of this action.
    Once(&'static str),
    /// One line of this action, or none when it found it done already.
    IfNews(&'static str),
    /// A line of this action for each record that it changed, or of a correction where the record had changed so before.
    Each(&'static str),
    /// No line: answers have a log of their own, with one row for each answer that was kept.
    Answers,
    /// No line: how long a lease runs stands in the job itself.
    Lease,
    /// Nothing durable: the desk is on the floor, which is the memory of one process. What is repeated finds it done.
    Memory,
    /// One line of this action, at the process that has the floor.
    OnFloor(&'static str),
}

impl Writes {
    /// Only the process that has the floor can do it.
    pub fn is_of_the_floor(self) -> bool {
        matches!(self, Self::Memory | Self::OnFloor(_))
    }
}

impl Writes {
    /// `lines` are the action and the record of each, `saved` counts the rows of the log of answers.
    pub fn what_is_wrong(self, answer: &[u8], lines: &[(&str, &str)], saved: usize) -> Option<String> {
        let of = |action: &str| lines.iter().filter(|line| line.0 == action).count();
        let wrong = |is_right: bool, wanted: String| (!is_right).then_some(wanted);
        match self {
            Self::Once(action) | Self::OnFloor(action) => wrong(of(action) == 1, format!("one {action} is due")),
            Self::IfNews(action) => wrong(of(action) <= 1, format!("one {action} at most is due")),
            Self::Each(action) => {
                // What does not hold any more is taken out of the queue as it is leased or reported.
                let beside = ["print_report_corrected", "print_job_cancelled"];
                let is_due = |line: &(&str, &str)| line.0 == action || beside.contains(&line.0);
                wrong(lines.iter().all(is_due), format!("only {action} is due"))
            }
            Self::Answers => {
                let kept = pb::SaveAnswersResponse::decode(answer).unwrap().saved.len();
                wrong(saved == kept, format!("{kept} answers were kept, and {saved} stand in the log"))
            }
            Self::Lease | Self::Memory => wrong(lines.is_empty(), "nothing is due".into()),
        }
    }
}

/// `Service.Method`, what it writes, who calls it, and its request, made of the turn `t`; with the record it is about where
/// something is learned of that.
macro_rules! method {
    ($name:literal, $writes:expr, $who:ident, |$t:ident| $request:ident { $($fields:tt)* }) => {
        method!($name, $writes, $who, |$t| { (String::new(), pb::$request { $($fields)* }) })
    };
    ($name:literal, $writes:expr, one, |$t:ident| $made:block) => {
        $crate::contention::methods::Method {
            name: $name,
            writes: $writes,
            ask: |$t| {
                let (who, mut request) = $made;
                request.request_id = $crate::support::values::new_id();
                let id = request.request_id.clone();
                Turn::ask_as(who, &id, "", request)
            },
        }
    };
    ($name:literal, $writes:expr, $who:ident, |$t:ident| $made:block) => {
        $crate::contention::methods::Method {
            name: $name,
            writes: $writes,
            ask: |$t| {
                let (about, mut request) = $made;
                request.request_id = $crate::support::values::new_id();
                let id = request.request_id.clone();
                $t.ask($crate::contention::cast::Who::$who, &id, &about, request)
            },
        }
    };
}
use method;

/// All of them.
pub static METHODS: LazyLock<Vec<Method>> = LazyLock::new(|| {
    let of_each = [callbacks::all(), claims::all(), diary::all(), packs::all(), people::all()];
    of_each.into_iter().flatten().collect()
});

/// The methods whose request has an id of its own, as the contract has them.
pub fn of_the_contract() -> BTreeSet<String> {
    let pool = DescriptorPool::decode(pb::DESCRIPTORS).unwrap();
    let services = pool.services().filter(|service| service.full_name().starts_with("startline.v1."));
    let methods = services.flat_map(|service| service.methods().collect::<Vec<_>>());
    methods
        .filter(|method| method.input().get_field_by_name("request_id").is_some())
        .map(|method| format!("{}.{}", method.parent_service().name(), method.name()))
        .collect()
}
