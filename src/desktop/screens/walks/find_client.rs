//! Who the caller is: a record that is there already, or a new one. The walk goes on with that client, and what was said
//! before is not asked again.

use super::gathered::{Gathered, gather};
use super::moves::Move;
use crate::visitor::{Answer, Fields};
use axum::response::Response;
use startline_api as pb;
use startline_definition::ClientFact;
use startline_service::methods::Refusal;

/// A walk whose caller is looked for on other pages: it is come back to with whoever was chosen or made there.
#[derive(Default)]
pub struct Caller {
    pub walk: String,
}

impl Caller {
    /// As a page's address or form names it; nothing where that is no walk's id.
    pub fn of(fields: &Fields) -> Self {
        let walk = fields.get("walk");
        let is_id = walk.chars().all(|c| c.is_ascii_hexdigit() || c == '-');
        Self { walk: if is_id { walk.to_owned() } else { String::new() } }
    }

    /// Where a client leads: to their record, or back into the walk.
    pub fn leads(&self, client: &str) -> String {
        match self.walk.as_str() {
            "" => format!("/clients/{client}"),
            walk => format!("/walks/{walk}?client={client}#look"),
        }
    }

    /// An address that still knows of the walk.
    pub fn within(&self, address: String) -> String {
        match (self.walk.as_str(), address.contains('?')) {
            ("", _) => address,
            (walk, true) => format!("{address}&walk={walk}"),
            (walk, false) => format!("{address}?walk={walk}"),
        }
    }
}

/// Steps that are said over again for a client who is known now.
const MOST_STEPS: usize = 60;

pub async fn go_on(to: Move) -> Answer {
    let seat = &to.posted.seat;
    let gathered = gather(seat, &to.walk).await?;
    if !gathered.walk.client_id.is_empty() {
        return to.done();
    }
    let client = match to.posted.get("new") {
        "yes" => match new_record(&to, &gathered).await? {
            Ok(client) => client,
            Err(refusal) => return to.refused(&refusal, "look").await,
        },
        _ => to.posted.get("client").to_owned(),
    };
    let before = gathered.walk;
    let start = pb::StartWalkRequest {
        request_id: to.posted.request_id_of("start"),
        script_id: before.script_id.clone(),
        client_id: client,
        claim_id: String::new(),
    };
    let walk = match to.posted.ask(start).await? {
        Ok(answer) => answer.walk.unwrap_or_default(),
        Err(refusal) => return to.refused(&refusal, "client").await,
    };
    let new = walk.walk_id.clone();
    if let Err(refusal) = say_again(&to, &before, walk).await? {
        tracing::debug!(
            reason = refusal.reason,
            "a walk that goes on with a client stands where an answer was refused"
        );
    }
    carry_notes(&to, &new).await?;
    let park = pb::ParkWalkRequest {
        request_id: to.posted.request_id_of("park"),
        walk_id: to.walk.clone(),
        etag: before.etag,
        note: String::new(),
    };
    // It is told under the client from here on; where it has moved meanwhile it stays as it is.
    let _ = to.posted.ask(park).await?;
    to.posted.then(&format!("/walks/{new}"))
}

/// A record of what the caller has said so far; the rest comes to it as the call goes on.
async fn new_record(to: &Move, gathered: &Gathered) -> Result<Result<String, Refusal>, Response> {
    let facts = pb::ClientFacts {
        last_name: gathered.said(ClientFact::LastName),
        other_names: gathered.said(ClientFact::OtherNames),
        postcode: gathered.said(ClientFact::Postcode),
        phone: gathered.said(ClientFact::Phone),
        ..Default::default()
    };
    let asked = pb::CreateClientRequest {
        request_id: to.posted.request_id_of("new"),
        facts: Some(facts),
        ..Default::default()
    };
    Ok(to.posted.ask(asked).await?.map(|answer| answer.client.unwrap_or_default().client_id))
}

/// Gives the answers that were given, up to where the walk stood.
async fn say_again(to: &Move, before: &pb::Walk, walk: pb::Walk) -> Result<Result<(), Refusal>, Response> {
    let Some(stood) = before.step.as_ref().map(|step| step.step_id.clone()) else { return Ok(Ok(())) };
    let answers = before.answers.clone().unwrap_or_default().fields;
    let mut walk = walk;
    for number in 0..MOST_STEPS {
        let Some(step) = walk.step.clone().filter(|step| step.step_id != stood) else { break };
        let given = step.question.as_ref().and_then(|question| answers.get(&question.question_id));
        let asked = pb::AnswerQuestionRequest {
            request_id: to.posted.request_id_of(&format!("again {number}")),
            walk_id: walk.walk_id.clone(),
            etag: walk.etag.clone(),
            question_id: step.step_id,
            value: given.cloned(),
        };
        match to.posted.ask(asked).await? {
            Ok(answer) => walk = answer.walk.unwrap_or_default(),
            Err(refusal) => return Ok(Err(refusal)),
        }
    }
    Ok(Ok(()))
}

async fn carry_notes(to: &Move, new: &str) -> Result<(), Response> {
    let outline = to.posted.seat.need(pb::GetWalkOutlineRequest { walk_id: to.walk.clone() }).await?;
    for note in outline.notes {
        let asked = pb::TakeNoteRequest {
            request_id: to.posted.request_id_of(&format!("note {}", note.number)),
            walk_id: new.to_owned(),
            note: note.note,
        };
        let _ = to.posted.ask(asked).await?;
    }
    Ok(())
}
