//! The same saves through the whole door: `SaveAnswers` on the real program, 32 callers with a connection each.

use super::autosave::{ROUND, WRITERS};
use super::measure::{AsyncWork, rate};
use super::server::{Serving, add_user};
use super::{Outcome, fixture};
use prost_types::value::Kind;
use prost_types::{ListValue, Struct, Value};
use serde_json::Value as Json;
use startline::clock::Clock;
use startline::definition::Definition;
use startline::grpc::pb::{
    AnswerDraft, ClientFacts, CreateClientRequest, OpenClaimRequest, SaveAnswersRequest,
    claim_service_client::ClaimServiceClient, client_service_client::ClientServiceClient,
};
use startline::ids::RequestId;
use std::collections::HashMap;
use std::sync::Arc;
use tempfile::TempDir;
use tonic::metadata::{Ascii, MetadataValue};
use tonic::transport::Channel;

pub struct Door {
    serving: Serving,
    token: MetadataValue<Ascii>,
    answers: Arc<Vec<(String, Value)>>,
    _data: TempDir,
}

impl Door {
    pub async fn open(database_url: Option<&str>) -> Outcome<Self> {
        let data = tempfile::tempdir()?;
        let adviser = ["Bena", "--role", "adviser", "--site", "somerset"];
        let token = add_user(data.path(), database_url, &adviser).await?.parse()?;
        let serving = Serving::start(data.path(), database_url).await?;
        let answers = fixture::sample_answers(&Definition::embedded());
        let answers = answers.into_iter().map(|(id, json)| (id.to_string(), value(&json))).collect();
        Ok(Self { serving, token, answers: Arc::new(answers), _data: data })
    }

    /// Saves a second, into claims opened for this round.
    pub async fn rate(&self) -> Outcome<f64> {
        let mut callers = Vec::with_capacity(WRITERS);
        for _ in 0..WRITERS {
            callers.push(self.caller().await?);
        }
        rate(callers, ROUND).await
    }

    async fn caller(&self) -> Outcome<Caller> {
        let channel = self.serving.connect().await?;
        let facts = ClientFacts { last_name: "Hill".into(), ..ClientFacts::default() };
        let create =
            CreateClientRequest { request_id: request_id(), facts: Some(facts), home_site_id: "somerset".into() };
        let client = ClientServiceClient::new(channel.clone()).create_client(signed(create, &self.token)).await?;
        let client_id = client.into_inner().client.ok_or("no client")?.client_id;
        let open = OpenClaimRequest { request_id: request_id(), client_id, ..Default::default() };
        let mut claims = ClaimServiceClient::new(channel);
        let claim = claims.open_claim(signed(open, &self.token)).await?.into_inner().claim.ok_or("no claim")?;
        Ok(Caller {
            claims,
            token: self.token.clone(),
            claim_id: claim.claim_id,
            revisions: claim.answers.into_iter().map(|answer| (answer.question_id, answer.revision)).collect(),
            answers: self.answers.clone(),
            next: 0,
        })
    }
}

struct Caller {
    claims: ClaimServiceClient<Channel>,
    token: MetadataValue<Ascii>,
    claim_id: String,
    revisions: HashMap<String, u32>,
    answers: Arc<Vec<(String, Value)>>,
    next: usize,
}

impl AsyncWork for Caller {
    async fn once(&mut self) -> Outcome {
        let (question_id, value) = self.answers[self.next % self.answers.len()].clone();
        self.next += 1;
        let revision = self.revisions.entry(question_id.clone()).or_default();
        let draft = AnswerDraft { question_id, value: Some(value), seen_revision: *revision };
        let save = SaveAnswersRequest {
            request_id: request_id(),
            claim_id: self.claim_id.clone(),
            answers: vec![draft],
            stage: "B8".into(),
        };
        let saved = self.claims.save_answers(signed(save, &self.token)).await?.into_inner().saved;
        *revision = saved.first().ok_or("nothing was saved")?.revision;
        Ok(())
    }
}

pub fn signed<T>(message: T, token: &MetadataValue<Ascii>) -> tonic::Request<T> {
    let mut request = tonic::Request::new(message);
    request.metadata_mut().insert("authorization", token.clone());
    request
}

pub fn request_id() -> String {
    RequestId::fresh(Clock::system().now()).to_string()
}

fn value(json: &Json) -> Value {
    let kind = match json {
        Json::Null => Kind::NullValue(0),
        Json::Bool(flag) => Kind::BoolValue(*flag),
        Json::Number(number) => Kind::NumberValue(number.as_f64().unwrap_or_default()),
        Json::String(text) => Kind::StringValue(text.clone()),
        Json::Array(items) => Kind::ListValue(ListValue { values: items.iter().map(value).collect() }),
        Json::Object(fields) => Kind::StructValue(Struct {
            fields: fields.iter().map(|(name, field)| (name.clone(), value(field))).collect(),
        }),
    };
    Value { kind: Some(kind) }
}
