//! A client of GOV.UK Notify's REST API: sends a text or a letter under a reference of ours, and looks for one by it.
//!
//! hyper stays in here. Nothing of a message and nothing of the key is logged.

mod token;

pub use token::{Secret, secret};

use super::message::Message;
use super::reminder::{Answer, Status};
use chrono::{DateTime, Utc};
use http::{Method, Request, StatusCode};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Bytes;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::{Value as Json, json};
use startline_foundation::config::{API_KEY_VARIABLE, NotifyConfig};
use startline_foundation::ids::ReminderId;
use std::time::Duration;
use token::ApiKey;

/// Longest answer read: a page of notifications.
const LARGEST_ANSWER: usize = 1024 * 1024;
/// Longest reason kept of a refusal, in characters.
const REASON_CHARS: usize = 200;

pub struct Notify {
    http: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
    base_url: String,
    key: ApiKey,
    text_template: String,
    letter_template: String,
    timeout: Duration,
}

/// What Notify has under a reference.
#[derive(Debug, PartialEq, Eq)]
pub enum Found {
    There(Status),
    NotThere,
    Unknown,
}

impl Notify {
    /// Reads the API key.
    ///
    /// # Errors
    /// A sentence that says where a key is looked for.
    pub fn open(config: &NotifyConfig) -> Result<Self, String> {
        let key = secret(config.api_key_file.as_deref(), API_KEY_VARIABLE)?;
        let nowhere =
            || format!("[notify] needs an API key: name its file in notify.api_key_file, or set {API_KEY_VARIABLE}");
        let key = ApiKey::parse(&key.ok_or_else(nowhere)?)
            .ok_or("the API key of Notify must be its name, the service's id and the secret, with hyphens between")?;
        let https = HttpsConnectorBuilder::new().with_webpki_roots().https_or_http().enable_http1().build();
        Ok(Self {
            http: Client::builder(TokioExecutor::new()).build(https),
            base_url: config.base_url.trim_end_matches('/').to_owned(),
            key,
            text_template: config.text_template.clone(),
            letter_template: config.letter_template.clone(),
            timeout: Duration::from_secs(config.timeout_s.into()),
        })
    }

    /// Sends a message under the reminder's id as its reference.
    pub async fn send(&self, reference: ReminderId, message: &Message, now: DateTime<Utc>) -> Answer {
        let (path, body) = match message {
            Message::Text { number, body } => (
                "/v2/notifications/sms",
                json!({
                    "phone_number": number,
                    "template_id": self.text_template,
                    "personalisation": { "body": body },
                    "reference": reference.to_string(),
                }),
            ),
            Message::Letter { address, heading, body } => {
                let mut fields = serde_json::Map::new();
                fields.insert("heading".into(), json!(heading));
                fields.insert("body".into(), json!(body));
                for (number, line) in (1..).zip(address) {
                    fields.insert(format!("address_line_{number}"), json!(line));
                }
                let letter = json!({
                    "template_id": self.letter_template,
                    "personalisation": fields,
                    "reference": reference.to_string(),
                });
                ("/v2/notifications/letter", letter)
            }
        };
        match self.ask(Method::POST, path, Some(&body), now).await {
            Some((status, answer)) => answer_of(status, &answer),
            None => Answer::Unknown,
        }
    }

    /// What Notify has under the reminder's id.
    pub async fn look_for(&self, reference: ReminderId, now: DateTime<Utc>) -> Found {
        let path = format!("/v2/notifications?reference={reference}");
        let Some((StatusCode::OK, answer)) = self.ask(Method::GET, &path, None, now).await else {
            return Found::Unknown;
        };
        let Some(notifications) = answer["notifications"].as_array() else { return Found::Unknown };
        // A server that does not know the parameter would give others.
        let reference = reference.to_string();
        let mut ours = notifications.iter().filter(|one| one["reference"].as_str() == Some(reference.as_str()));
        match ours.next() {
            Some(one) => Found::There(status(one["status"].as_str().unwrap_or_default())),
            None => Found::NotThere,
        }
    }

    /// None when no whole answer came.
    async fn ask(
        &self,
        method: Method,
        path: &str,
        body: Option<&Json>,
        now: DateTime<Utc>,
    ) -> Option<(StatusCode, Json)> {
        let body = body.map(Json::to_string).unwrap_or_default();
        let request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.base_url))
            .header(http::header::AUTHORIZATION, format!("Bearer {}", self.key.token(now)))
            .header(http::header::CONTENT_TYPE, "application/json")
            .header(http::header::USER_AGENT, concat!("startline/", env!("CARGO_PKG_VERSION")))
            .body(Full::new(Bytes::from(body)));
        let Ok(request) = request else {
            tracing::error!("notify.base_url is no address that can be asked");
            return None;
        };
        let asked = async {
            let answer = self.http.request(request).await.map_err(|fault| fault.to_string())?;
            let status = answer.status();
            let body = Limited::new(answer.into_body(), LARGEST_ANSWER).collect().await;
            let body = body.map_err(|fault| fault.to_string())?.to_bytes();
            Ok::<_, String>((status, serde_json::from_slice(&body).unwrap_or_default()))
        };
        match tokio::time::timeout(self.timeout, asked).await {
            Ok(Ok(answered)) => Some(answered),
            Ok(Err(fault)) => {
                tracing::warn!(fault, "Notify gave no answer");
                None
            }
            Err(_) => {
                tracing::warn!(timeout_s = self.timeout.as_secs(), "Notify did not answer in time");
                None
            }
        }
    }
}

fn answer_of(status: StatusCode, answer: &Json) -> Answer {
    match status.as_u16() {
        200..=299 => Answer::Accepted,
        429 => {
            tracing::warn!("Notify takes no more messages for now");
            Answer::NotNow
        }
        // The key is wrong or was withdrawn, or the clocks differ: that is no fault of the message.
        401 | 403 => {
            tracing::error!(status = status.as_u16(), "Notify does not accept the API key: {}", reason(answer));
            Answer::NotNow
        }
        400..=499 => Answer::Refused(reason(answer)),
        // It may have been taken before something went wrong.
        _ => {
            tracing::warn!(status = status.as_u16(), "Notify is not well");
            Answer::Unknown
        }
    }
}

/// What Notify says is wrong: `{"errors": [{"error": .., "message": ..}]}`.
fn reason(answer: &Json) -> String {
    let errors = answer["errors"].as_array().map(Vec::as_slice).unwrap_or_default();
    let messages: Vec<&str> = errors.iter().filter_map(|error| error["message"].as_str()).collect();
    let all = if messages.is_empty() { "refused without a reason".into() } else { messages.join("; ") };
    all.chars().filter(|c| !c.is_control()).take(REASON_CHARS).collect()
}

/// Notify's words for what became of a text or a letter. A letter that was received is at the printer's, which is the last
/// that is ever heard of it.
pub fn status(word: &str) -> Status {
    match word {
        "delivered" | "received" => Status::Delivered,
        "permanent-failure" | "temporary-failure" | "technical-failure" | "validation-failed" | "virus-scan-failed"
        | "cancelled" => Status::Failed(word.to_owned()),
        _ => Status::OnItsWay,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_can_never_be_sent_is_given_up() {
        let errors = json!({"status_code": 400, "errors": [{"error": "ValidationError", "message": "phone_number Not a UK mobile number"}]});
        let refused = Answer::Refused("phone_number Not a UK mobile number".into());
        for (status, expected) in [
            (201, Answer::Accepted),
            (400, refused),
            (403, Answer::NotNow),
            (429, Answer::NotNow),
            (500, Answer::Unknown),
            (503, Answer::Unknown),
        ] {
            assert_eq!(answer_of(StatusCode::from_u16(status).unwrap(), &errors), expected, "{status}");
        }
        assert_eq!(answer_of(StatusCode::NOT_FOUND, &Json::Null), Answer::Refused("refused without a reason".into()));
    }

    #[test]
    fn a_word_that_notify_does_not_use_yet_changes_nothing() {
        assert_eq!(status("delivered"), Status::Delivered);
        assert_eq!(status("temporary-failure"), Status::Failed("temporary-failure".into()));
        for word in ["created", "sending", "pending", "accepted", "sent", "", "some-new-word"] {
            assert_eq!(status(word), Status::OnItsWay, "{word}");
        }
    }
}
