//! What is true of the data whatever happened at once, and what neither log says.

use crate::support::Home;
use crate::support::home::Inside;
use crate::support::soon;

/// Each gives what contradicts it.
const NEVER: &[(&str, &str)] = &[
    (
        "two live meetings share a personal adviser's time",
        "SELECT CAST(a.id AS TEXT) FROM appointments a JOIN appointments b ON a.personal_adviser_id = b.personal_adviser_id \
         AND a.id < b.id AND a.starts_at < b.ends_at AND b.starts_at < a.ends_at \
         WHERE a.state IN ('held', 'booked') AND b.state IN ('held', 'booked')",
    ),
    (
        "a meeting that is over keeps its time, or one that stands has none",
        "SELECT CAST(a.id AS TEXT) FROM appointments a WHERE (a.state IN ('held', 'booked')) <> \
         EXISTS (SELECT 1 FROM appointment_cells c WHERE c.appointment_id = a.id) AND a.state IN ('held', 'booked', 'cancelled', 'released')",
    ),
    (
        "a client has two live call-backs",
        "SELECT CAST(client_id AS TEXT) FROM callbacks WHERE state IN ('booked', 'attempting', 'parked') \
         GROUP BY client_id HAVING COUNT(*) > 1",
    ),
    (
        "an adviser makes two call-backs at once",
        "SELECT CAST(adviser_id AS TEXT) FROM callbacks WHERE state = 'attempting' GROUP BY adviser_id HAVING COUNT(*) > 1",
    ),
    (
        "a try was begun more often or less often than the audit says",
        "SELECT CAST(c.id AS TEXT) FROM callbacks c WHERE (SELECT COUNT(*) FROM callback_attempts t WHERE t.callback_id = c.id) <> \
         (SELECT COUNT(*) FROM audit a WHERE a.record_id = CAST(c.id AS TEXT) AND a.action = 'callback_attempt_started')",
    ),
    (
        "a claim was withdrawn and reopened in another order than one after the other",
        "SELECT CAST(c.id AS TEXT) FROM claims c WHERE \
         (SELECT COUNT(CASE WHEN a.action = 'claim_withdrawn' THEN 1 END) - COUNT(CASE WHEN a.action = 'claim_reopened' THEN 1 END) \
          FROM audit a WHERE a.record_id = CAST(c.id AS TEXT)) <> CASE WHEN c.state = 'withdrawn' THEN 1 ELSE 0 END",
    ),
    (
        "a claim that was withdrawn, or whose client died, has a meeting",
        "SELECT CAST(a.id AS TEXT) FROM appointments a JOIN claims c ON c.id = a.claim_id JOIN clients k ON k.id = c.client_id \
         WHERE a.state IN ('held', 'booked') AND (c.state = 'withdrawn' OR k.death_recorded_at IS NOT NULL) \
         AND a.starts_at > COALESCE(c.withdrawn_at, k.death_recorded_at)",
    ),
    (
        "a client who died is promised a call-back",
        "SELECT CAST(b.id AS TEXT) FROM callbacks b JOIN clients k ON k.id = b.client_id \
         WHERE b.state IN ('booked', 'parked') AND k.death_recorded_at IS NOT NULL",
    ),
    (
        "a client has two claims that go on",
        "SELECT CAST(client_id AS TEXT) FROM claims WHERE state IN ('open', 'start_up_done', 'posted') \
         GROUP BY client_id HAVING COUNT(*) > 1",
    ),
    (
        "a client's record was changed more often or less often than the audit says",
        "SELECT CAST(c.id AS TEXT) FROM clients c WHERE c.revision <> 1 + \
         (SELECT COUNT(*) FROM audit a WHERE a.record_id = CAST(c.id AS TEXT) AND a.action IN \
         ('client_updated', 'client_change_undone', 'death_recorded', 'death_taken_back'))",
    ),
    (
        "a change of a client's record begins with something else than the one before it ended with",
        "SELECT CAST(a.client_id AS TEXT) || ' ' || a.fact FROM client_changes a JOIN client_changes b \
         ON b.client_id = a.client_id AND b.fact = a.fact AND b.revision = (SELECT MIN(c.revision) FROM client_changes c \
         WHERE c.client_id = a.client_id AND c.fact = a.fact AND c.revision > a.revision) WHERE a.became <> b.was",
    ),
    (
        "a walk was moved more often or less often than the audit says",
        "SELECT CAST(w.id AS TEXT) FROM walks w WHERE w.revision <> (SELECT COUNT(*) FROM audit a \
         WHERE a.record_kind = 'walk' AND a.record_id = CAST(w.id AS TEXT) AND a.action <> 'walk_noted')",
    ),
    (
        "two losses of one site last",
        "SELECT site FROM contingencies WHERE ended_at IS NULL GROUP BY site HAVING COUNT(*) > 1",
    ),
    (
        "queries were settled more often or less often than the audit says",
        "SELECT CAST(q.claim_id AS TEXT) FROM claim_queries q GROUP BY q.claim_id HAVING COUNT(q.settled_at) <> \
         (SELECT COUNT(*) FROM audit a WHERE a.record_id = CAST(q.claim_id AS TEXT) AND a.action = 'query_settled')",
    ),
];

/// What happens to a record once at most.
const ONCE: &[&str] = &[
    "client_created",
    "callback_booked",
    "callback_cancelled",
    "callback_taken_over",
    "missed_caller_closed",
    "time_blocked",
    "time_unblocked",
    "claim_opened",
    "start_up_completed",
    "claim_posted",
    "slot_held",
    "appointment_cancelled",
    "good_cause_recorded",
    "step_recorded",
    "calendar_feed_created",
    "calendar_feed_revoked",
    "contingency_declared",
    "contingency_ended",
    "pack_composed",
    "pack_handed_over",
    "pack_printed",
    "pack_posted",
    "pack_returned",
    "print_job_spoiled",
    "print_job_cancelled",
    "job_dropped",
    "walk_started",
];

pub async fn hold(inside: &mut Inside) {
    let mut broken = Vec::new();
    for (what, sql) in NEVER {
        let found = inside.texts(sql).await;
        broken.extend((!found.is_empty()).then(|| format!("{what}: {found:?}")));
    }
    for action in ONCE {
        let sql = format!(
            "SELECT record_id || ': ' || COUNT(*) FROM audit WHERE action = '{action}' GROUP BY record_id HAVING COUNT(*) > 1"
        );
        let found = inside.texts(&sql).await;
        broken
            .extend((!found.is_empty()).then(|| format!("{action} happened to one record more than once: {found:?}")));
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

/// PostgreSQL has ended no transaction of this database because of a deadlock, as it counts and as it logs; and neither
/// process has a word of one, of a panic or of a fault of its own.
pub async fn no_deadlock(home: &Home, inside: &mut Inside, logs: &[String]) {
    let database = home.database_url.as_ref().unwrap();
    let (address, folder) = database.split_once("?host=").expect("the tests' PostgreSQL listens on a socket");
    let name = address.rsplit('/').next().unwrap();
    // What a connection has counted is told at its end.
    let others = "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()";
    soon("the processes' connections to end", async {
        while inside.number(others).await > 0 {
            tokio::task::yield_now().await;
        }
    })
    .await;
    let counted = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()";
    // A storm that went well may have left no line at all; this one says that the log is the right one.
    assert!(inside.refuses("SELECT 1 / 0").await, "nothing can be divided by nought");
    let log = std::fs::read_to_string(format!("{folder}/log")).unwrap();
    // `tests/run` has the database's name in front of each line.
    let ours: Vec<&str> = log.lines().filter(|line| line.contains(name)).collect();
    assert!(!ours.is_empty(), "the log of PostgreSQL does not name its databases, so it says nothing of this one");
    let deadlocks = ours.iter().filter(|line| line.contains("deadlock")).count();
    // Who waited for whom stands in the lines after it.
    let told: Vec<&str> =
        log.lines().skip_while(|line| !(line.contains("deadlock") && line.contains(name))).take(20).collect();
    assert_eq!((inside.number(counted).await, deadlocks), (0, 0), "{}", told.join("\n"));
    // A pack cannot be composed while the claim's meeting is cancelled: after its last try the job ends on the list of those
    // that were given up, which is its right end; from there an administrator of the storm may have taken it already. Any
    // other word of a fault is one.
    let given_up = inside
        .texts(
            "SELECT CAST(id AS TEXT) FROM jobs WHERE failed_at IS NOT NULL UNION \
             SELECT record_id FROM audit WHERE action IN ('job_retried', 'job_dropped')",
        )
        .await;
    let ends_rightly = |line: &str| {
        line.contains("a job was given up: see ListJobs fault=book the meeting with the personal adviser first")
            && given_up.iter().any(|id| line.contains(id))
    };
    for log in logs {
        let words = ["deadlock", "40P01", "panicked", "an internal fault", "ERROR"];
        let lines: Vec<&str> =
            log.lines().filter(|line| words.iter().any(|word| line.contains(word)) && !ends_rightly(line)).collect();
        assert!(lines.is_empty(), "{}", lines.join("\n"));
    }
}
