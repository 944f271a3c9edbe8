use super::super::query::{Query, QueryState};
use super::*;
use proptest::prelude::*;
use startline_foundation::ids::QueryId;

fn now() -> DateTime<Utc> {
    "2026-03-03T10:00:00Z".parse().unwrap()
}

fn claim() -> Claim {
    let now = now();
    Claim {
        id: ClaimId::fresh(now),
        client_id: ClientId::fresh(now),
        site: "somerset".into(),
        state: State::Open,
        definition_version: "v1".into(),
        first_contact_at: now,
        opened_at: now,
        repeats: None,
        partner_claim: None,
        start_up_by: None,
        last_day: NO_LAST_DAY,
        evidence_to_come: None,
        stood_closed_days: 0,
    }
}

fn query() -> Query {
    Query {
        id: QueryId::fresh(now()),
        claim_id: ClaimId::fresh(now()),
        question_id: Some("B6".into()),
        text: "which card was seen?".into(),
        raised_by: UserId::fresh(now()),
        raised_at: now(),
        state: QueryState::Open,
    }
}

/// What happens around a claim: the claim itself, and what its moves ask about.
#[derive(Debug)]
struct Case {
    claim: Claim,
    meeting_is_settled: bool,
    queries: Vec<Query>,
    done: Vec<String>,
}

const AGENCIES: [&str; 3] = ["BA", "ES", "LA"];

#[derive(Debug, Clone)]
enum Move {
    CompleteStartUp,
    Post,
    SettleMeeting,
    UnsettleMeeting,
    RaiseQuery,
    SettleQuery,
    Lodge(Vec<usize>),
    Withdraw,
    Reopen,
    NotMade,
    Reverse,
}

fn any_move() -> impl Strategy<Value = Move> {
    prop_oneof![
        Just(Move::CompleteStartUp),
        Just(Move::Post),
        Just(Move::SettleMeeting),
        Just(Move::UnsettleMeeting),
        Just(Move::RaiseQuery),
        Just(Move::SettleQuery),
        prop::collection::vec(0..AGENCIES.len(), 0..3).prop_map(Move::Lodge),
        Just(Move::Withdraw),
        Just(Move::Reopen),
        Just(Move::NotMade),
        Just(Move::Reverse),
    ]
}

impl Case {
    fn make(&mut self, step: &Move) -> Result<Vec<String>> {
        let by = self.claim.start_up_by.unwrap_or_else(|| UserId::fresh(now()));
        match step {
            Move::CompleteStartUp => self.claim.complete_start_up(by, now())?,
            Move::Post => self.claim.post(now())?,
            Move::SettleMeeting => self.meeting_is_settled = true,
            Move::UnsettleMeeting => self.meeting_is_settled = false,
            Move::RaiseQuery => self.queries.push(query()),
            Move::SettleQuery => drop(self.queries.pop()),
            Move::Lodge(named) => {
                let named: Vec<String> = named.iter().map(|i| AGENCIES[*i].to_owned()).collect();
                let due = AGENCIES.map(str::to_owned);
                let handover = Handover {
                    meeting_is_settled: self.meeting_is_settled,
                    open_queries: &self.queries,
                    due: &due,
                    done: &self.done,
                    named: &named,
                };
                let to = self.claim.lodge(&handover, now())?;
                self.done.extend(to.clone());
                return Ok(to);
            }
            Move::Withdraw => self.claim.withdraw(by, "found work".into(), now())?,
            Move::Reopen => self.claim.reopen()?,
            Move::NotMade => self.claim.treat_as_not_made(by, "did not come".into(), now())?,
            Move::Reverse => self.claim.reverse()?,
        }
        Ok(Vec::new())
    }
}

proptest! {
    #[test]
    fn no_order_of_moves_lodges_too_early_or_leaves_withdrawn_silently(
        moves in prop::collection::vec(any_move(), 0..60),
    ) {
        let mut case = Case { claim: claim(), meeting_is_settled: false, queries: Vec::new(), done: Vec::new() };
        let mut start_up_was_done = false;
        for step in &moves {
            let (state, done) = (case.claim.state.clone(), case.done.clone());
            let (settled, queries) = (case.meeting_is_settled, case.queries.len());
            let first_contact = case.claim.first_contact_at;
            let made = case.make(step);
            start_up_was_done |= made.is_ok() && matches!(step, Move::CompleteStartUp);

            prop_assert_eq!(case.claim.first_contact_at, first_contact, "the first contact is kept for ever");
            if case.done.len() > done.len() {
                prop_assert!(matches!(step, Move::Lodge(_)) && settled && queries == 0 && start_up_was_done);
                let may_be_lodged = matches!(state, State::StartUpDone { .. } | State::Posted { .. });
                prop_assert!(may_be_lodged);
                let new = case.done.iter().filter(|agency| !done.contains(agency)).count();
                prop_assert_eq!(new + done.len(), case.done.len(), "an agency got it twice");
            }
            let all = AGENCIES.iter().all(|agency| case.done.iter().any(|done| done == agency));
            prop_assert_eq!(matches!(case.claim.state, State::Lodged { .. }), all);
            if let State::Closed(before) = &state {
                match &case.claim.state {
                    State::Closed(after) => {
                        prop_assert_eq!((after.how, &after.reason, after.at), (before.how, &before.reason, before.at));
                    }
                    after => {
                        let puts_back = match before.how {
                            Closed::Withdrawn => matches!(step, Move::Reopen),
                            Closed::NotMade => matches!(step, Move::Reverse),
                        };
                        prop_assert!(puts_back);
                        prop_assert_eq!(after, &State::from(before.from));
                    }
                }
            }
            if made.is_err() {
                prop_assert_eq!(&case.claim.state, &state, "a refused move changes nothing");
            }
            if matches!(state, State::Lodged { .. }) {
                prop_assert_eq!(&case.claim.state, &state, "what every agency has stays lodged");
            }
        }
    }
}

#[test]
fn the_usual_way_ends_lodged() {
    let mut case = Case { claim: claim(), meeting_is_settled: false, queries: Vec::new(), done: Vec::new() };
    case.make(&Move::CompleteStartUp).unwrap();
    assert!(case.claim.check_open().is_err());
    case.make(&Move::Post).unwrap();
    assert!(case.make(&Move::Lodge(vec![])).is_err());
    case.make(&Move::SettleMeeting).unwrap();
    assert_eq!(case.make(&Move::Lodge(vec![2])).unwrap(), ["LA"]);
    assert!(case.make(&Move::Lodge(vec![2])).is_err());
    assert_eq!(case.make(&Move::Lodge(vec![])).unwrap(), ["BA", "ES"]);
    assert!(case.make(&Move::Withdraw).is_err());
}

#[test]
fn what_was_posted_while_withdrawn_is_posted_when_reopened() {
    let mut claim = claim();
    let by = UserId::fresh(now());
    claim.complete_start_up(by, now()).unwrap();
    claim.withdraw(by, "found work".into(), now()).unwrap();
    claim.post(now()).unwrap();
    assert!(claim.is_closed(), "it stays withdrawn");
    claim.reopen().unwrap();
    assert!(matches!(claim.state, State::Posted { .. }));
}

#[test]
fn a_withdrawn_claim_says_who_must_reopen_it() {
    let mut claim = claim();
    claim.withdraw(UserId::fresh(now()), "found work".into(), now()).unwrap();
    let refused = claim.complete_start_up(UserId::fresh(now()), now()).unwrap_err();
    assert!(refused.to_string().contains("reopen"), "{refused}");
}
