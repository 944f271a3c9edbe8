//! Jobs under random reports, late and early, of two workers and a counter clerk: against what a clerk with a pencil would
//! have written down.

use super::job::{PrintJob, Priority, State};
use super::manifest::account;
use super::post::PostClass;
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use proptest::prelude::*;
use startline_foundation::ids::{ClientId, PackId, PrintJobId, UserId};

#[derive(Debug, Clone)]
enum Act {
    Lease(usize),
    Begin(usize, i32),
    Extend(usize, i32),
    GiveBack(i32),
    Print(usize, i32, Option<u32>),
    Spoil(i32, u32),
    Post(bool),
    ComeBack,
    Cancel,
    Wait(i64),
}

fn act() -> impl Strategy<Value = Act> {
    let (worker, behind) = (0_usize..2, 0_i32..2);
    prop_oneof![
        4 => worker.clone().prop_map(Act::Lease),
        2 => (worker.clone(), behind.clone()).prop_map(|(worker, behind)| Act::Begin(worker, behind)),
        1 => (worker.clone(), behind.clone()).prop_map(|(worker, behind)| Act::Extend(worker, behind)),
        1 => behind.clone().prop_map(Act::GiveBack),
        3 => (worker, behind.clone(), prop::option::of(prop_oneof![0_u32..30, Just(24)])).prop_map(|(worker, behind, pages)| Act::Print(worker, behind, pages)),
        1 => (behind, 0_u32..30).prop_map(|(behind, pages)| Act::Spoil(behind, pages)),
        2 => any::<bool>().prop_map(Act::Post),
        1 => Just(Act::ComeBack),
        1 => Just(Act::Cancel),
        2 => (0_i64..400).prop_map(Act::Wait),
    ]
}

fn start() -> DateTime<Utc> {
    "2000-04-06T09:00:00Z".parse().expect("a time")
}

fn day() -> NaiveDate {
    NaiveDate::from_ymd_opt(2000, 4, 6).expect("a day")
}

fn fresh() -> PrintJob {
    PrintJob {
        id: PrintJobId::fresh(start()),
        pack_id: PackId::fresh(start()),
        client_id: ClientId::fresh(start()),
        reference: "ONE-0000-0000".into(),
        room: "somerset".into(),
        post_day: day(),
        class: PostClass::Second,
        ordinary: true,
        priority: Priority::Ordinary,
        first_page: 1,
        last_page: 24,
        reason: String::new(),
        queued_at: start(),
        attempt: 0,
        state: State::Queued,
    }
}

/// As the store's statement does it.
fn lease(job: &mut PrintJob, by: UserId, now: DateTime<Utc>) -> bool {
    let free = match &job.state {
        State::Queued => true,
        State::Leased { until, .. } => *until <= now,
        _ => false,
    };
    if free {
        job.attempt += 1;
        job.state = State::Leased { by, until: now + TimeDelta::seconds(300) };
    }
    free
}

proptest! {
    #[test]
    fn whatever_is_reported_a_job_ends_once_and_the_manifest_adds_up(acts in prop::collection::vec(act(), 1..60)) {
        let workers = [UserId::fresh(start()), UserId::fresh(start())];
        let (mut job, mut now) = (fresh(), start());
        let (mut begun, mut ended) = (false, None::<&'static str>);
        for act in acts {
            let before = job.clone();
            let attempt = |behind: i32| before.attempt - behind;
            let allowed = match &act {
                Act::Lease(worker) => lease(&mut job, workers[*worker], now),
                Act::Begin(worker, behind) => job.begin(workers[*worker], attempt(*behind), "Canon", "job", now).is_ok(),
                Act::Extend(worker, behind) => {
                    job.extend(workers[*worker], attempt(*behind), now + TimeDelta::seconds(300)).is_ok()
                }
                Act::GiveBack(behind) => job.give_back(attempt(*behind)).is_ok(),
                Act::Print(worker, behind, pages) => job.print(workers[*worker], attempt(*behind), *pages, now).is_ok(),
                Act::Spoil(behind, pages) => job.spoil(attempt(*behind), *pages, "torn", now).is_ok(),
                Act::Post(word) => job.post(day(), word.then_some("the rest follows"), now).is_ok(),
                Act::ComeBack => job.come_back("gone away", now).is_ok(),
                Act::Cancel => job.cancel("a slip", now).is_ok(),
                Act::Wait(seconds) => {
                    now += TimeDelta::seconds(*seconds);
                    true
                }
            };
            if !allowed {
                prop_assert_eq!(&job, &before, "what is refused changes nothing: {:?}", act);
            }
            // A report of an earlier attempt never changes anything.
            if matches!(&act, Act::Begin(_, 1) | Act::Extend(_, 1) | Act::GiveBack(1) | Act::Print(_, 1, _) | Act::Spoil(1, _)) {
                prop_assert_eq!(&job, &before, "{:?}", act);
            }
            // What may be on paper is leased to nobody.
            if matches!(act, Act::Lease(_)) && allowed {
                prop_assert!(!begun, "a job that was begun on a printer was leased again");
            }
            begun = matches!(job.state, State::Printing { .. });
            // Posted needs printed; and what has ended stays so, but that the post may bring it back.
            if matches!(job.state, State::Posted { .. }) {
                let on_paper = matches!(before.state, State::Printed(_) | State::Posted { .. });
                prop_assert!(on_paper, "posted before it was printed");
            }
            // What leaves without all of its pages has a word about it, and what has them has none.
            if let (State::Printed(printed), State::Posted { post, .. }) = (&before.state, &job.state) {
                prop_assert_eq!(printed.pages < job.pages(), post.incomplete.is_some());
            }
            let end = matches!(job.state, State::Posted { .. } | State::Returned { .. } | State::Spoiled { .. } | State::Cancelled { .. });
            if let Some(first) = ended {
                prop_assert!(job.state.name() == first || (first == "posted" && job.state.name() == "returned"));
            }
            ended = end.then(|| job.state.name());
            let manifest = account(std::slice::from_ref(&job), Some(now), None);
            let places = [manifest.open, manifest.waiting, manifest.posted, manifest.returned, manifest.spoiled, manifest.cancelled];
            prop_assert_eq!(places.iter().map(|tally| tally.jobs).sum::<u32>(), 1);
            prop_assert_eq!((manifest.queued.jobs, manifest.queued.pages), (1, 24));
            // Whatever is neither in the post nor out of it has a difference with its name.
            prop_assert_eq!(ended.is_none(), manifest.differences.iter().any(|difference| difference.what == "NOT_POSTED"));
        }
    }
}

#[test]
fn what_was_counted_is_compared_with_what_was_reported_posted() {
    let mut job = fresh();
    job.state = State::Leased { by: UserId::fresh(start()), until: start() };
    job.attempt = 1;
    let State::Leased { by, .. } = job.state else { return };
    job.print(by, 1, Some(23), start()).expect("it is leased");
    job.post(day(), Some("the rest follows"), start()).expect("it is printed");
    let whats = |packs, pages| -> Vec<&str> {
        let manifest = account(std::slice::from_ref(&job), Some(start()), Some((packs, pages)));
        manifest.differences.iter().map(|difference| difference.what).collect()
    };
    assert_eq!(whats(1, 23), ["PAGES"]);
    assert_eq!(whats(2, 24), ["PAGES", "COUNTED_PACKS", "COUNTED_PAGES"]);
}
