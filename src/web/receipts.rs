//! `POST /notify/receipts`: what became of a message, as Notify tells it.

use super::Rooms;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use serde::Deserialize;
use startline_foundation::error::Result;
use startline_rooms::reminders;
use startline_service::Work;
use std::sync::Arc;

/// What is read of a receipt; the rest, such as the number it went to, is let go.
#[derive(Deserialize)]
struct Receipt {
    #[serde(default)]
    reference: Option<String>,
    status: String,
}

/// An unknown reference is answered as a known one is: others may send through the same service.
pub async fn receipt(State(rooms): State<Arc<Rooms>>, headers: HeaderMap, body: axum::body::Bytes) -> StatusCode {
    let presented = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let presented =
        presented.and_then(|value| value.split_once(' ')).filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
    let is_notify = match (&rooms.receipts_token, presented) {
        (Some(token), Some((_, presented))) => token.is(presented.trim()),
        _ => false,
    };
    if !is_notify {
        return StatusCode::UNAUTHORIZED;
    }
    let Ok(receipt) = serde_json::from_slice::<Receipt>(&body) else { return StatusCode::BAD_REQUEST };
    match take(&rooms, &receipt).await {
        Ok(()) => StatusCode::NO_CONTENT,
        Err(fault) => {
            // Notify tries again later.
            tracing::warn!(%fault, "a receipt could not be kept");
            StatusCode::SERVICE_UNAVAILABLE
        }
    }
}

async fn take(rooms: &Rooms, receipt: &Receipt) -> Result<()> {
    let Some(reference) = &receipt.reference else { return Ok(()) };
    let status = &reminders::status(&receipt.status);
    let take = |mut work: Work| async move {
        let now = work.context.now;
        reminders::take_receipt(&mut work.db(), reference, status, now).await?;
        work.done(())
    };
    rooms.service.runner.transact(take).await
}
