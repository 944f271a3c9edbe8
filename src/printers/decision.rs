//! What a printer's word about a job means, and what is done next. Pure.
//!
//! One rule stands over the others: what may have been printed is never sent again by itself. It is reported printed when
//! the printer says so and its count can be that of the whole job; it goes back into the queue when nothing of it can have
//! come out, or when the printer itself says that it broke off; all else goes to a person.

use super::count::{Count, Expected, count};
use super::device::{JobState, JobView};
use chrono::{DateTime, TimeDelta, Utc};
use startline_foundation::clock::age;

/// How much of the job the printer may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sent {
    /// Its document was never sent.
    No,
    /// It is on its way now.
    Sending,
    /// Nobody knows: the connection broke, or the process that sent it is dead.
    Maybe,
    Yes,
    /// It had not come, and the printer was asked to forget the job.
    Withdrawn,
}

/// What the printer answers when asked for the job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Seen {
    Job(JobView),
    /// It answers, and knows no such job.
    NotThere,
    NoAnswer,
}

/// One job under way, as far as deciding needs it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Watched {
    pub sent: Sent,
    pub expected: Expected,
    /// Whether zero pages from this printer is a count.
    pub counts: bool,
    /// Whether it may be begun once more without anybody looking.
    pub may_try_again: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    Wait,
    /// The printer waits for a document that will not come: ask it to forget the job.
    Withdraw,
    Printed {
        pages: Option<u32>,
    },
    Spoiled {
        reason: String,
        pages: Option<u32>,
    },
    GiveBack {
        reason: String,
    },
    AskAPerson {
        reason: String,
    },
}

pub fn judge(watched: &Watched, seen: &Seen) -> Next {
    match seen {
        Seen::NoAnswer => Next::Wait,
        Seen::NotThere => not_there(watched.sent),
        Seen::Job(job) => match job.state {
            JobState::Pending | JobState::Held | JobState::Processing | JobState::Stopped => living(watched.sent, job),
            JobState::Completed => completed(watched, job),
            JobState::Cancelled => cancelled(watched, job),
            JobState::Aborted => aborted(watched, job),
        },
    }
}

fn not_there(sent: Sent) -> Next {
    match sent {
        Sent::No => give_back("the printer never had it"),
        Sent::Sending => Next::Wait,
        Sent::Maybe | Sent::Yes | Sent::Withdrawn => ask(
            "the printer does not remember the job: look in the tray, because it may have printed all, some or none",
        ),
    }
}

fn living(sent: Sent, job: &JobView) -> Next {
    match sent {
        Sent::No => Next::Withdraw,
        Sent::Maybe if job.waits_for_document() => Next::Withdraw,
        Sent::Maybe | Sent::Sending | Sent::Yes | Sent::Withdrawn => Next::Wait,
    }
}

fn completed(watched: &Watched, job: &JobView) -> Next {
    // A job that is finished without its document printed nothing.
    if watched.sent == Sent::No || (watched.sent == Sent::Withdrawn && nothing_came(job)) {
        return give_back("the printer finished the job without its pages");
    }
    let all = watched.expected.impressions();
    match count(job, watched.expected, watched.counts) {
        Count::Whole(pages) => Next::Printed { pages },
        Count::Short(counted) => ask(&format!(
            "the printer says it is done and counted {counted} of {all} pages: look in the tray what is missing"
        )),
        Count::Over(counted) => ask(&format!(
            "the printer says it is done and counted {counted} pages where {all} were asked for: look in the tray"
        )),
    }
}

fn cancelled(watched: &Watched, job: &JobView) -> Next {
    if never_came(watched.sent, job) {
        return give_back("nothing was sent before the job was cancelled");
    }
    ask(&format!(
        "the job was cancelled at the printer after {}: look in the tray, then print it again or not",
        out_of(job, watched.expected)
    ))
}

fn aborted(watched: &Watched, job: &JobView) -> Next {
    if never_came(watched.sent, job) {
        return give_back("nothing was sent before the printer gave the job up");
    }
    let said = if job.message.is_empty() { job.reasons.join(", ") } else { job.message.clone() };
    let said = if said.is_empty() { "no reason given".into() } else { said };
    let reason = format!("the printer broke off after {} ({said})", out_of(job, watched.expected));
    if count(job, watched.expected, true) == Count::Whole(Some(watched.expected.impressions())) {
        ask(&format!("{reason}: look in the tray, for all its pages seem to be there"))
    } else if watched.may_try_again {
        Next::Spoiled { reason, pages: job.impressions }
    } else {
        ask(&format!("{reason}, and not for the first time: see what is wrong with it"))
    }
}

/// Whether nothing of it can have been printed, also when the printer counts nothing.
fn never_came(sent: Sent, job: &JobView) -> bool {
    sent == Sent::No || (sent == Sent::Withdrawn && nothing_came(job))
}

fn nothing_came(job: &JobView) -> bool {
    let none = |number: Option<u32>| number.is_none_or(|number| number == 0);
    none(job.impressions) && none(job.sheets) && none(job.documents)
}

fn out_of(job: &JobView, expected: Expected) -> String {
    match job.impressions.filter(|number| *number > 0) {
        Some(number) => format!("{number} of {} pages", expected.impressions()),
        None => format!("an unknown number of {} pages", expected.impressions()),
    }
}

fn give_back(reason: &str) -> Next {
    Next::GiveBack { reason: reason.to_owned() }
}

fn ask(reason: &str) -> Next {
    Next::AskAPerson { reason: reason.to_owned() }
}

/// Since when a job stands where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    since: DateTime<Utc>,
    last: Option<Milestone>,
}

type Milestone = (JobState, Vec<String>, Option<u32>, Option<u32>, Option<u32>);

impl Progress {
    pub fn new(now: DateTime<Utc>) -> Self {
        Self { since: now, last: None }
    }

    /// Takes a look at the job. A look that finds nothing is no progress.
    pub fn look(&mut self, seen: &Seen, now: DateTime<Utc>) {
        let Seen::Job(job) = seen else { return };
        let standing = (job.state, job.reasons.clone(), job.impressions, job.sheets, job.documents);
        if self.last.as_ref() != Some(&standing) {
            self.last = Some(standing);
            self.since = now;
        }
    }

    pub fn stalled(&self, after: TimeDelta, now: DateTime<Utc>) -> bool {
        age(self.since, now) >= after
    }
}

#[cfg(test)]
mod tests {
    use super::JobState::{Aborted, Cancelled, Completed, Held, Pending, Processing, Stopped};
    use super::*;
    use crate::fakes::view;

    fn watched(sent: Sent) -> Watched {
        let expected = Expected { pages: 20, copies: 1, duplex: true };
        Watched { sent, expected, counts: false, may_try_again: true }
    }

    fn job(state: JobState) -> JobView {
        view("job", state)
    }

    fn next(sent: Sent, job: JobView) -> Next {
        judge(&watched(sent), &Seen::Job(job))
    }

    fn reason_of(next: Next) -> String {
        match next {
            Next::AskAPerson { reason } | Next::GiveBack { reason } | Next::Spoiled { reason, .. } => reason,
            other => panic!("{other:?} has no reason"),
        }
    }

    const EVERY_STATE: [JobState; 7] = [Pending, Held, Processing, Stopped, Cancelled, Aborted, Completed];

    #[test]
    fn a_printer_that_does_not_answer_is_waited_for_whatever_was_sent() {
        for sent in [Sent::No, Sent::Sending, Sent::Maybe, Sent::Yes, Sent::Withdrawn] {
            assert_eq!(judge(&watched(sent), &Seen::NoAnswer), Next::Wait);
        }
    }

    #[test]
    fn a_job_that_vanished_after_its_document_may_have_come_goes_to_a_person() {
        for sent in [Sent::Maybe, Sent::Yes, Sent::Withdrawn] {
            assert!(reason_of(judge(&watched(sent), &Seen::NotThere)).contains("look in the tray"), "{sent:?}");
            assert!(matches!(judge(&watched(sent), &Seen::NotThere), Next::AskAPerson { .. }));
        }
        assert!(matches!(judge(&watched(Sent::No), &Seen::NotThere), Next::GiveBack { .. }));
    }

    #[test]
    fn a_job_goes_back_into_the_queue_only_when_no_page_of_it_can_lie_in_the_tray() {
        for sent in [Sent::Sending, Sent::Maybe, Sent::Yes] {
            for state in EVERY_STATE {
                for impressions in [None, Some(0), Some(7), Some(20)] {
                    let next = next(sent, JobView { impressions, ..job(state) });
                    assert!(!matches!(next, Next::GiveBack { .. }), "{sent:?} {state:?} {impressions:?}: {next:?}");
                }
            }
        }
        for state in [Cancelled, Aborted, Completed] {
            assert!(matches!(next(Sent::No, job(state)), Next::GiveBack { .. }), "{state:?}");
            assert!(matches!(next(Sent::Withdrawn, job(state)), Next::GiveBack { .. }), "{state:?}");
            let after_all = JobView { impressions: Some(1), ..job(state) };
            assert!(!matches!(next(Sent::Withdrawn, after_all), Next::GiveBack { .. }), "{state:?}");
        }
    }

    #[test]
    fn a_living_job_is_withdrawn_only_when_its_document_did_not_come() {
        let waiting = JobView { reasons: vec!["job-incoming".into()], documents: Some(0), ..job(Held) };
        assert_eq!(next(Sent::No, job(Pending)), Next::Withdraw);
        assert_eq!(next(Sent::Maybe, waiting.clone()), Next::Withdraw);
        assert_eq!(next(Sent::Sending, waiting.clone()), Next::Wait);
        assert_eq!(next(Sent::Yes, waiting.clone()), Next::Wait);
        assert_eq!(next(Sent::Maybe, JobView { documents: Some(1), ..waiting }), Next::Wait);
        for state in [Pending, Held, Processing, Stopped] {
            assert_eq!(next(Sent::Maybe, job(state)), Next::Wait, "{state:?}");
            assert_eq!(next(Sent::Yes, job(state)), Next::Wait, "{state:?}");
        }
    }

    #[test]
    fn done_counts_as_printed_when_the_count_can_be_right() {
        assert_eq!(next(Sent::Yes, job(Completed)), Next::Printed { pages: None });
        let counted = |number| JobView { impressions: Some(number), ..job(Completed) };
        assert_eq!(next(Sent::Maybe, counted(20)), Next::Printed { pages: Some(20) });
        assert!(reason_of(next(Sent::Yes, counted(3))).contains("counted 6 of 20"));
        assert!(reason_of(next(Sent::Yes, counted(40))).contains("counted 40 pages where 20"));
        let strict = Watched { counts: true, ..watched(Sent::Yes) };
        assert!(reason_of(judge(&strict, &Seen::Job(job(Completed)))).contains("counted 0 of 20"));
    }

    #[test]
    fn a_job_that_the_printer_broke_off_is_begun_again_and_in_the_end_shown_to_a_person() {
        let broken = JobView { impressions: Some(7), message: "paper jam".into(), ..job(Aborted) };
        let again = next(Sent::Yes, broken.clone());
        assert!(
            matches!(&again, Next::Spoiled { pages: Some(7), reason } if reason.contains("7 of 20 pages (paper jam)"))
        );
        let last = Watched { may_try_again: false, ..watched(Sent::Yes) };
        assert!(matches!(judge(&last, &Seen::Job(broken)), Next::AskAPerson { .. }));
        let all_there = JobView { impressions: Some(20), ..job(Aborted) };
        assert!(matches!(next(Sent::Yes, all_there), Next::AskAPerson { .. }));
    }

    #[test]
    fn what_somebody_cancelled_at_the_printer_is_not_printed_again_by_itself() {
        let stopped = JobView { impressions: Some(3), ..job(Cancelled) };
        assert!(reason_of(next(Sent::Yes, stopped)).contains("3 of 20 pages"));
        assert!(matches!(next(Sent::Maybe, job(Cancelled)), Next::AskAPerson { .. }));
    }

    #[test]
    fn a_job_without_progress_stalls_and_is_still_waited_for() {
        let start: DateTime<Utc> = "2026-03-04T15:00:00Z".parse().unwrap();
        let at = |seconds| start + TimeDelta::seconds(seconds);
        let after = TimeDelta::seconds(60);
        let mut progress = Progress::new(start);
        let seen = |impressions| Seen::Job(JobView { impressions: Some(impressions), ..job(Processing) });
        progress.look(&seen(1), at(50));
        progress.look(&seen(1), at(80));
        assert!(!progress.stalled(after, at(109)));
        progress.look(&Seen::NoAnswer, at(110));
        assert!(progress.stalled(after, at(110)));
        assert_eq!(judge(&watched(Sent::Yes), &seen(1)), Next::Wait);
        progress.look(&seen(2), at(120));
        assert!(!progress.stalled(after, at(121)));
    }
}
