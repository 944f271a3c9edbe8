//! The server is killed while desks type. Whatever was acknowledged is there afterwards, and nothing is there twice.

use crate::support::faults::reason;
use crate::support::process::Process;
use crate::support::steps::{client_with_claim, draft};
use crate::support::values::{json, new_id};
use crate::support::{Home, Person, soon};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde_json::json;
use startline::grpc::pb;
use std::sync::Arc;
use tokio::sync::mpsc;

const KILLS: usize = 50;
const DESKS: usize = 5;
/// Free text that nothing else depends on.
const QUESTION: &str = "T9";

/// One desk that types one answer over and over, each time at the next revision.
struct Desk {
    adviser: Arc<Person>,
    claim: String,
    /// What was acknowledged, from revision 1 on.
    acknowledged: Vec<String>,
    /// Sent, and never answered: it may be saved or not.
    unanswered: Option<pb::SaveAnswersRequest>,
}

home_story!(a_killed_server_loses_nothing_that_it_acknowledged, |home| {
    let mut advisers = Vec::new();
    for number in 0..DESKS {
        advisers.push(Arc::new(home.adviser(&format!("Adviser {number}"), "somerset").await));
    }
    let mut server = Process::serve(&home).await;
    let mut desks = Vec::new();
    for adviser in advisers {
        let (_, claim) = client_with_claim(&adviser, "Fry").await;
        desks.push(Desk { adviser, claim: claim.claim_id, acknowledged: Vec::new(), unanswered: None });
    }
    let mut chance = StdRng::seed_from_u64(10);
    for _ in 0..KILLS {
        let after = chance.random_range(1..40);
        desks = typed_until_killed(desks, server, after).await;
        server = Process::serve(&home).await;
        for desk in &mut desks {
            desk.finds_what_was_acknowledged().await;
        }
    }
    server.kill().await;
    let typed: usize = desks.iter().map(|desk| desk.acknowledged.len()).sum();
    assert!(typed > KILLS, "only {typed} answers were saved, so nothing was tried");
    for desk in &desks {
        desk.log_holds_exactly_that(&home).await;
    }
});

/// Every desk types on; after so many acknowledgements the server is killed.
async fn typed_until_killed(desks: Vec<Desk>, server: Process, after: usize) -> Vec<Desk> {
    let (acknowledge, mut acknowledgements) = mpsc::unbounded_channel();
    let typing: Vec<_> = desks
        .into_iter()
        .map(|mut desk| {
            let acknowledge = acknowledge.clone();
            tokio::spawn(async move {
                while desk.types_on().await {
                    let _ = acknowledge.send(());
                }
                desk
            })
        })
        .collect();
    for _ in 0..after {
        soon("an acknowledgement", acknowledgements.recv()).await.unwrap();
    }
    server.kill().await;
    let mut desks = Vec::new();
    for desk in typing {
        desks.push(soon("the desk to notice", desk).await.unwrap());
    }
    desks
}

impl Desk {
    fn next_request(&self) -> pb::SaveAnswersRequest {
        let seen = self.acknowledged.len();
        let text = format!("entry {}", seen + 1);
        pb::SaveAnswersRequest {
            request_id: new_id(),
            claim_id: self.claim.clone(),
            answers: vec![draft(QUESTION, &json!(text), u32::try_from(seen).unwrap())],
            stage: "B8".into(),
        }
    }

    /// False when the server is gone.
    async fn types_on(&mut self) -> bool {
        let request = self.next_request();
        match self.adviser.claims().save_answers(request.clone()).await {
            Ok(answer) => {
                self.is_acknowledged(&answer.into_inner());
                true
            }
            Err(status) => {
                assert_eq!(reason(&status), "", "a server that was not killed yet refused: {status:?}");
                self.unanswered = Some(request);
                false
            }
        }
    }

    fn is_acknowledged(&mut self, answer: &pb::SaveAnswersResponse) {
        let revision = self.acknowledged.len() + 1;
        assert_eq!(answer.saved.len(), 1);
        assert_eq!(usize::try_from(answer.saved[0].revision).unwrap(), revision);
        self.acknowledged.push(format!("entry {revision}"));
    }

    async fn finds_what_was_acknowledged(&mut self) {
        let claim = self.adviser.claim(&self.claim).await;
        let standing = claim.answers.iter().find(|answer| answer.question_id == QUESTION);
        let revision = standing.map_or(0, |answer| usize::try_from(answer.revision).unwrap());
        let acknowledged = self.acknowledged.len();
        // One more at most: the one that was on its way.
        assert!(
            revision == acknowledged || revision == acknowledged + 1,
            "{acknowledged} answers were acknowledged, and the claim stands at {revision}"
        );
        if let Some(answer) = standing {
            assert_eq!(json(answer.value.as_ref().unwrap()), json!(format!("entry {revision}")));
        }
        // Asked again under the same id, it comes to the same end whether it was saved or not.
        if let Some(request) = self.unanswered.take() {
            let answer = self.adviser.claims().save_answers(request).await.unwrap().into_inner();
            self.is_acknowledged(&answer);
        }
    }

    async fn log_holds_exactly_that(&self, home: &Home) {
        let id = self.claim.replace('-', "");
        let (value, is_claim) = match home.database_url {
            None => ("json_extract(value, '$')", format!("lower(hex(claim_id)) = '{id}'")),
            Some(_) => ("value #>> '{}'", format!("replace(CAST(claim_id AS TEXT), '-', '') = '{id}'")),
        };
        let sql =
            format!("SELECT {value} FROM answers WHERE {is_claim} AND question_id = '{QUESTION}' ORDER BY revision");
        assert_eq!(home.look_inside().await.texts(&sql).await, self.acknowledged);
    }
}
