//! The durable figures, as a supervisor asks for them.

use crate::support::World;
use crate::support::at;
use crate::support::faults::fields;
use crate::support::floor_steps::{answered, keep, record, with_card};
use crate::support::values::time;
use startline::access::Role;
use startline::definition::Definition;
use startline::grpc::pb;
use startline::ids::SiteId;
use startline::routing::{CallRecord, How, JournalEntry, ReleaseReason, Staffing};
use tonic::Code;

async fn kept(world: &World, finished: Vec<JournalEntry>) {
    let store = world.open_store().await;
    keep(&store, Definition::embedded(), world.now(), finished).await;
    store.close().await;
}

fn call(record: CallRecord) -> JournalEntry {
    JournalEntry::Call(Box::new(record))
}

fn staffing(half_hour: &str, staffed_ms: u64, handle_ms: u64) -> JournalEntry {
    JournalEntry::Staffing(Staffing { site: "somerset".into(), half_hour: at(half_hour), staffed_ms, handle_ms })
}

fn ms(duration: Option<prost_types::Duration>) -> i64 {
    let duration = duration.expect("there is a wait");
    duration.seconds * 1000 + i64::from(duration.nanos) / 1_000_000
}

/// Entered at this time and waited so long.
fn timed(record: CallRecord, entered: &str, wait_ms: u64) -> CallRecord {
    CallRecord { wait_ms, ..with_card(record, |card| card.entered_at = at(entered)) }
}

story!(a_supervisor_reads_what_became_of_the_calls, |mut world| {
    let asha = world.adviser("Asha", "somerset").await;
    let bethan = world.adviser("Bethan", "south-east-gwent").await;
    let sunil = world.add("Sunil", Role::Supervisor, Some("somerset")).await;
    let mut finished = Vec::new();
    for wait_ms in [0, 5_000, 10_000, 20_000, 40_000] {
        finished.push(call(timed(answered(None, &asha, "somerset"), "2026-03-03T10:01:00Z", wait_ms)));
    }
    finished.push(call(timed(answered(None, &bethan, "south-east-gwent"), "2026-03-03T10:29:59Z", 30_000)));
    finished.push(call(timed(record(None, How::Abandoned), "2026-03-03T10:02:00Z", 4_000)));
    finished.push(call(timed(record(None, How::Abandoned), "2026-03-03T10:02:00Z", 60_000)));
    finished.push(call(timed(record(None, How::Diverted(ReleaseReason::Closed)), "2026-03-03T10:30:00Z", 0)));
    let gwent = with_card(answered(None, &bethan, "south-east-gwent"), |card| card.host = "south-east-gwent".into());
    finished.push(call(timed(gwent, "2026-03-03T10:31:00Z", 1_000)));
    // What was sent twice counts once; staffing comes in parts.
    let twice = timed(answered(None, &asha, "somerset"), "2026-03-03T10:05:00Z", 15_000);
    finished.extend([call(twice.clone()), call(twice.clone())]);
    finished.extend([
        staffing("2026-03-03T10:00:00Z", 900_000, 300_000),
        staffing("2026-03-03T10:00:00Z", 900_000, 600_000),
    ]);
    kept(&world, finished).await;
    kept(&world, vec![call(twice)]).await;
    world.restart().await;

    let all = sunil.service_level("", at("2026-03-03T10:10:00Z"), at("2026-03-03T12:00:00Z")).await.unwrap();
    let sites: Vec<_> = all.half_hours.iter().map(|half| (half.site_id.as_str(), time(half.start_time))).collect();
    let (ten, half_past) = (at("2026-03-03T10:00:00Z"), at("2026-03-03T10:30:00Z"));
    assert_eq!(sites, [("somerset", ten), ("somerset", half_past), ("south-east-gwent", half_past)]);
    let first = &all.half_hours[0];
    assert_eq!((first.entered, first.answered, first.abandoned, first.diverted), (9, 7, 2, 0));
    assert_eq!((first.overflowed, first.short_abandons, first.answered_in_target), (1, 1, 5));
    assert_eq!(first.service_level, Some(5.0 / 8.0));
    assert_eq!(first.overflow_share, Some(1.0 / 7.0));
    assert_eq!((ms(first.wait_p50), ms(first.wait_p90), ms(first.mean_wait)), (15_000, 40_000, 120_000 / 7));
    assert_eq!((ms(first.staffed_time), ms(first.handle_time), first.occupancy), (1_800_000, 900_000, Some(0.5)));
    assert_eq!((all.half_hours[1].service_level, all.half_hours[1].wait_p50), (Some(0.0), None));
    let totals: Vec<_> = all.totals.iter().map(|total| (total.site_id.as_str(), total.entered)).collect();
    assert_eq!(totals, [("somerset", 10), ("south-east-gwent", 1), ("", 11)]);
    for half in all.half_hours.iter().chain(&all.totals) {
        assert_eq!(half.entered, half.answered + half.abandoned + half.diverted);
    }
    assert_eq!((all.targets.len(), ms(all.targets[0].target)), (4, 20_000));

    let one = sunil.service_level("somerset", ten, half_past).await.unwrap();
    assert_eq!(one.half_hours, std::slice::from_ref(first));
    assert_eq!((one.totals.len(), one.targets.len()), (2, 1));
    let none = sunil.service_level("", at("2026-03-04T10:00:00Z"), at("2026-03-05T10:00:00Z")).await.unwrap();
    assert!(none.half_hours.is_empty());
    assert_eq!((none.totals.len(), none.totals[0].entered, none.totals[0].service_level), (1, 0, None));
});

story!(a_time_that_makes_no_sense_is_refused_by_its_field, |world| {
    let sunil = world.add("Sunil", Role::Supervisor, Some("somerset")).await;
    let ten = at("2026-03-03T10:00:00Z");
    for (site, end, field) in [
        ("", ten, "end_time"),
        ("", ten + chrono::TimeDelta::days(32), "end_time"),
        ("atlantis", ten + chrono::TimeDelta::days(1), "site_id"),
    ] {
        let refused = sunil.service_level(site, ten, end).await.unwrap_err();
        assert_eq!((refused.code(), fields(&refused)), (Code::InvalidArgument, vec![field.to_owned()]));
    }
    let whole = sunil.service_level("", ten, ten + chrono::TimeDelta::days(31)).await.unwrap();
    assert!(whole.half_hours.is_empty());
    let missing = pb::GetServiceLevelRequest::default();
    let refused = sunil.floor().get_service_level(missing).await.unwrap_err();
    assert_eq!(fields(&refused), ["start_time"]);
});

story!(what_the_floor_counted_is_what_the_records_say, |world| {
    let sunil = world.add("Sunil", Role::Supervisor, Some("somerset")).await;
    let switch = world.switch("the switch").await;
    let start = world.now();
    for (n, wait_s) in [3, 25, 31].into_iter().enumerate() {
        switch.gives_up(&world, &format!("call {n}"), "01373 000123", wait_s).await;
    }
    let live = sunil.floor_of("somerset").await;
    let kept = sunil.service_level("somerset", start, start + chrono::TimeDelta::hours(1)).await.unwrap();
    let total = &kept.totals[0];
    assert_eq!((live.entered, live.abandoned), (total.entered, total.abandoned));
    assert_eq!((total.entered, total.short_abandons), (3, 1));
    assert_eq!(SiteId::new(&total.site_id), SiteId::new("somerset"));
});
