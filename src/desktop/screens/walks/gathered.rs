//! What a walk's page shows, as the API tells it at this moment.

use super::form::{Sheet, talks};
use crate::seat::Seat;
use axum::response::Response;
use startline_api as pb;
use startline_definition::{ClientFact, Definition, Question};
use startline_foundation::formats::Language;
use std::sync::Arc;

pub struct Gathered {
    pub walk: pb::Walk,
    pub outline: pb::GetWalkOutlineResponse,
    pub client: Option<pb::Client>,
    /// The claim that it fills.
    pub sheet: Option<Sheet>,
    pub definition: Arc<Definition>,
    pub evidence: Vec<pb::Evidence>,
    pub missing: Vec<pb::MissingAnswer>,
    pub appointment: Option<pb::Appointment>,
}

pub async fn gather(seat: &Seat, walk_id: &str) -> Result<Gathered, Response> {
    of(seat, walk(seat, walk_id).await?).await
}

pub async fn walk(seat: &Seat, walk_id: &str) -> Result<pb::Walk, Response> {
    let asked = pb::GetWalkRequest { walk_id: walk_id.to_owned() };
    Ok(seat.need(asked).await?.walk.unwrap_or_default())
}

/// Everything at once: each page waits for the slowest of it alone.
pub async fn of(seat: &Seat, walk: pb::Walk) -> Result<Gathered, Response> {
    let definition = super::form::definition(seat, &walk.definition_version).await?;
    let outline = pb::GetWalkOutlineRequest { walk_id: walk.walk_id.clone() };
    let (outline, client, filled) =
        tokio::join!(seat.need(outline), client(seat, &walk.client_id), filled(seat, &walk.claim_id));
    let (outline, mut filled) = (outline?, filled?);
    if let Some(sheet) = &mut filled.sheet {
        sheet.talk = talks(client.as_ref());
    }
    let Filled { sheet, evidence, missing, appointment } = filled;
    Ok(Gathered { walk, outline, definition, sheet, evidence, missing, appointment, client })
}

/// What the part of the form needs that a walk stands on, and nothing of what is beside it.
pub async fn part_alone(seat: &Seat, walk: pb::Walk) -> Result<Gathered, Response> {
    let definition = super::form::definition(seat, &walk.definition_version).await?;
    let client = client(seat, &walk.client_id).await;
    let sheet = match walk.claim_id.as_str() {
        "" => None,
        claim => Some(Sheet::of(seat, claim, talks(client.as_ref())).await?),
    };
    Ok(Gathered {
        walk,
        outline: pb::GetWalkOutlineResponse::default(),
        client,
        sheet,
        definition,
        evidence: Vec::new(),
        missing: Vec::new(),
        appointment: None,
    })
}

async fn client(seat: &Seat, id: &str) -> Option<pb::Client> {
    if id.is_empty() {
        return None;
    }
    seat.may(pb::GetClientRequest { client_id: id.to_owned() }).await?.client
}

/// What belongs to the claim that a walk fills.
#[derive(Default)]
struct Filled {
    sheet: Option<Sheet>,
    evidence: Vec<pb::Evidence>,
    missing: Vec<pb::MissingAnswer>,
    appointment: Option<pb::Appointment>,
}

async fn filled(seat: &Seat, claim_id: &str) -> Result<Filled, Response> {
    if claim_id.is_empty() {
        return Ok(Filled::default());
    }
    let claim_id = claim_id.to_owned();
    let evidence = pb::ListEvidenceRequest { claim_id: claim_id.clone(), ..Default::default() };
    let missing = pb::ListMissingRequest { claim_id: claim_id.clone(), ..Default::default() };
    let meetings = pb::ListAppointmentsRequest { claim_id: claim_id.clone(), ..Default::default() };
    let sheet = Sheet::of(seat, &claim_id, Language::English);
    let (sheet, evidence, missing, meetings) =
        tokio::join!(sheet, seat.may(evidence), seat.may(missing), seat.may(meetings));
    Ok(Filled {
        sheet: Some(sheet?),
        evidence: evidence.map(|answer| answer.evidence).unwrap_or_default(),
        missing: missing.map(|answer| answer.missing).unwrap_or_default(),
        appointment: meetings.and_then(|answer| to_come(answer.appointments)),
    })
}

/// The meeting that is booked, or held while the client decides.
pub fn to_come(appointments: Vec<pb::Appointment>) -> Option<pb::Appointment> {
    let stands = [pb::AppointmentState::Booked, pb::AppointmentState::Held];
    appointments.into_iter().rev().find(|appointment| stands.contains(&appointment.state()))
}

impl Gathered {
    /// In which the client is talked to.
    pub fn talk(&self) -> Language {
        talks(self.client.as_ref())
    }

    /// The question that the walk stands on, of the script or of the form.
    pub fn question(&self) -> Option<&Question> {
        let step = self.walk.step.as_ref()?;
        let id = step.question.as_ref()?.question_id.as_str();
        let script = self.definition.script(&self.walk.script_id)?;
        let own = script.stage(&step.stage_id).and_then(|stage| stage.questions.iter().find(|q| q.id.as_str() == id));
        own.or_else(|| self.definition.form.question(&startline_foundation::ids::QuestionId::new(id)))
    }

    /// What the caller has said that a client record holds, while nobody knows who they are.
    pub fn said(&self, fact: ClientFact) -> String {
        let script = self.definition.script(&self.walk.script_id);
        let question =
            script.and_then(|script| script.questions().find(|question| question.fills_client == Some(fact)));
        let fields = self.walk.answers.as_ref();
        let value = question.and_then(|question| fields?.fields.get(question.id.as_str()));
        super::form::json(value).as_str().unwrap_or_default().to_owned()
    }
}
