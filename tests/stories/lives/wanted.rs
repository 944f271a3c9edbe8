//! What a town that was left alone must show: what somebody would say who reads each claim, call-back and call.

use super::{Town, is_open, whole};
use crate::support::values::time;
use chrono::{DateTime, NaiveDate, Utc};
use startline::grpc::pb;
use std::collections::{BTreeMap, BTreeSet};

const START_UP: &str = "the start-up";
const MEETING: &str = "a meeting";
const LETTER: &str = "a letter";
const ATTENDANCE: &str = "whether they came";
const FORM: &str = "the form";
const HAND_OVER: &str = "the handing over";
const DATE: &str = "a date";
const DECISION: &str = "a decision";
const RECONSIDER: &str = "another look";
const REFER: &str = "another agency";

/// What a run of the tests has to come by, so that nothing passes that was never looked at.
pub const ALL: [&str; 10] = [
    "start-up not finished",
    "meeting Open",
    "meeting Booked",
    "meeting Held",
    "meeting Missed",
    "meeting Deferred",
    "meeting Waived",
    "date lost",
    "date running out",
    "asked for a decision to be looked at again",
];

/// What may be asked after a missed meeting: the telephone, then a letter, while the day on which somebody decides comes nearer.
const AFTER_A_MISS: [&[&str]; 9] = [
    &[MEETING],
    &[LETTER],
    &[MEETING, LETTER],
    &[REFER],
    &[REFER, MEETING],
    &[DECISION],
    &[DECISION, MEETING],
    &[DECISION, LETTER],
    &[DECISION, LETTER, MEETING],
];

/// What a step asks for.
fn group(kind: pb::StepKind) -> &'static str {
    use pb::StepKind as Kind;
    match kind {
        Kind::ArrangeDeferredMeeting
        | Kind::ArrangeMeeting
        | Kind::OfferNewMeeting
        | Kind::RingClient
        | Kind::HomeVisit
        | Kind::ConsiderHomeVisit
        | Kind::ProposeMeeting
        | Kind::OfferEarlierTime => MEETING,
        Kind::SendLetter => LETTER,
        Kind::RecordAttendance => ATTENDANCE,
        Kind::ChaseForm => FORM,
        Kind::LodgeNow => HAND_OVER,
        Kind::DateRunsOut | Kind::DateLost => DATE,
        Kind::Decide => DECISION,
        Kind::Reconsider => RECONSIDER,
        Kind::Refer => REFER,
        Kind::FinishStartUp => START_UP,
        Kind::Unspecified => "nothing",
    }
}

fn began(at: Option<prost_types::Timestamp>) -> Option<DateTime<Utc>> {
    at.map(|at| time(Some(at)))
}

impl Town<'_> {
    /// A claim that nobody has moved for weeks: what has to be asked of it now is asked, once, and nothing else.
    pub async fn is_on_one_list(&self, claim: &pb::Claim, steps: &[&pb::Step]) -> Vec<String> {
        // That time is kept for a client on the standby list is of that list: it is gone within the hour.
        let is_kept = |step: &&&pb::Step| step.kind() == pb::StepKind::OfferEarlierTime;
        let steps: Vec<&pb::Step> = steps.iter().filter(|step| !is_kept(step)).copied().collect();
        let mut kinds = BTreeSet::new();
        for step in &steps {
            // Each benefit's date is one of its own.
            let date = Some(&step.why).filter(|_| group(step.kind()) == DATE);
            assert!(kinds.insert((group(step.kind()), date)), "two ask for the same of {}: {steps:?}", claim.claim_id);
        }
        let asks: BTreeSet<&str> = steps.iter().map(|step| group(step.kind())).filter(|group| *group != DATE).collect();
        let wanted = self.wanted(claim).await;
        assert!(
            wanted.contains(&asks),
            "{asks:?}, not {wanted:?}: {:?}\n{:?}\n{:?}",
            claim.standing,
            self.staff.lena.steps_of(&claim.claim_id).await,
            self.staff.lena.events(&claim.claim_id).await.iter().map(pb::ClaimEvent::r#move).collect::<Vec<_>>()
        );
        // What a lost date came to is asked until somebody has said it.
        let standing = claim.standing.as_ref().unwrap();
        let mut seen = vec![match claim.state() {
            pb::ClaimState::Open => "start-up not finished".to_owned(),
            _ => format!("meeting {:?}", standing.meeting()),
        }];
        if standing.lodgings.is_empty() {
            let all = self.staff.lena.steps_of(&claim.claim_id).await;
            for dates in &standing.benefits {
                let is_it =
                    |step: &pb::Step| step.kind() == pb::StepKind::DateLost && step.due_day == dates.protected_until;
                let last_day: NaiveDate = dates.protected_until.parse().unwrap();
                let left = last_day - self.definitions.current().calendar.local_date(self.world.now());
                match left.num_days() {
                    ..0 => {
                        assert!(all.iter().any(is_it), "{dates:?} of {claim:?}");
                        seen.push("date lost".to_owned());
                    }
                    // At least ten working days ahead.
                    0..10 => {
                        assert!(steps.iter().any(|step| step.kind() == pb::StepKind::DateRunsOut), "{claim:?}");
                        seen.push("date running out".to_owned());
                    }
                    _ => {}
                }
            }
        }
        seen
    }

    /// What may be asked of it, as somebody would say it who reads the claim: one of these.
    async fn wanted(&self, claim: &pb::Claim) -> Vec<BTreeSet<&'static str>> {
        use pb::MeetingOutcome::{Booked, Deferred, Held, Missed, Open, Unspecified, Waived};
        let only = |asks: &[&'static str]| asks.iter().copied().collect::<BTreeSet<_>>();
        if claim.state() == pb::ClaimState::Open {
            // What follows from a meeting that was put off, or missed, waits for no start-up.
            let after = AFTER_A_MISS.iter().map(|more| only(&[&[START_UP], *more].concat()));
            return after.chain([only(&[START_UP])]).collect();
        }
        let standing = claim.standing.as_ref().unwrap();
        let went_ahead = !standing.lodgings.is_empty();
        let hand_over = |more: &[&'static str]| {
            let mut asks = only(more);
            if went_ahead {
                asks.insert(HAND_OVER);
            }
            asks
        };
        match standing.meeting() {
            Booked => {
                let booked = self.booked(&claim.claim_id).await.unwrap();
                let is_ahead = time(booked.slot.unwrap().start_time) > self.world.now();
                // That they missed one before is told to the agency whose rules bind them, whatever is booked.
                let asks: &[&str] = if is_ahead { &[] } else { &[ATTENDANCE] };
                vec![hand_over(asks), hand_over(&[asks, &[REFER]].concat())]
            }
            // Another meeting that they missed is offered again; whoever another agency deals with stays bound by its rules.
            Held => [&[][..], &[MEETING], &[REFER], &[REFER, MEETING]]
                .iter()
                .map(|more| only(&[&[HAND_OVER], *more].concat()))
                .collect(),
            Open => vec![hand_over(&[MEETING])],
            Missed => AFTER_A_MISS.iter().map(|asks| hand_over(asks)).collect(),
            Deferred | Waived if standing.form_back_time.is_some() => vec![only(&[HAND_OVER])],
            Deferred | Waived => vec![hand_over(&[FORM])],
            Unspecified => panic!("{claim:?}"),
        }
    }

    pub async fn callbacks_are_on_one_list(&self) {
        let lena = &self.staff.lena;
        let due = whole!(lena.callbacks(), list_due_callbacks, pb::ListDueCallbacksRequest::default(), callbacks);
        let numbers = whole!(lena.callbacks(), list_number_checks, pb::ListNumberChecksRequest::default(), callbacks);
        let visits = whole!(lena.callbacks(), list_visits_wanted, pb::ListVisitsWantedRequest::default(), callbacks);
        let letters = pb::ListCallbackLettersRequest::default();
        let letters = whole!(lena.callbacks(), list_callback_letters, letters, letters);
        let mut on: BTreeMap<String, Vec<&str>> = BTreeMap::new();
        for (name, list) in [("due", &due), ("numbers", &numbers), ("visits", &visits)] {
            for one in list {
                on.entry(one.callback_id.clone()).or_default().push(name);
            }
        }
        for letter in &letters {
            on.entry(letter.callback.as_ref().unwrap().callback_id.clone()).or_default().push("letters");
        }
        let stopped = whole!(lena.scripts(), list_stopped_calls, pb::ListStoppedCallsRequest::default(), calls);
        for life in &self.lives {
            let all = self.callbacks_of(&life.client).await;
            for callback in &all {
                let on = on.get(&callback.callback_id).map_or(&[][..], Vec::as_slice);
                let lists = usize::from(is_open(callback));
                assert_eq!(on.len(), lists, "{on:?}: {callback:?}");
            }
            let request = pb::ListWalksRequest { client_id: life.client.clone(), page_size: 100, ..Default::default() };
            let walks = whole!(self.staff.asha.scripts(), list_walks, request, walks);
            let claims = pb::ListClaimsRequest { client_id: life.client.clone(), page_size: 200, ..Default::default() };
            let claims = whole!(lena.claims(), list_claims, claims, claims);
            let newest = walks.iter().filter_map(|walk| began(walk.start_time)).max();
            for walk in &walks {
                let since = began(walk.start_time);
                let followed = life.promised.iter().any(|at| Some(*at) >= since)
                    || self.was_begun_since(&claims, since).await
                    || newest > since;
                let waits = !walk.finished && walk.claim_id.is_empty() && !followed && !life.is_dead;
                let times = stopped.iter().filter(|call| call.walk.as_ref().unwrap().walk_id == walk.walk_id).count();
                assert_eq!(times, usize::from(waits), "{walk:?}");
            }
        }
    }

    async fn was_begun_since(&self, claims: &[pb::ListedClaim], since: Option<DateTime<Utc>>) -> bool {
        for claim in claims {
            let events = self.staff.lena.events(&claim.claim_id).await;
            if events.first().and_then(|event| began(event.time)) >= since {
                return true;
            }
        }
        false
    }
}
