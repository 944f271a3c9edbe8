//! Documents to look at, streamed as they are stored.

use crate::seat::Seat;
use crate::visitor::Answer;
use axum::body::{Body, Bytes};
use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use futures_util::StreamExt;
use startline_api as pb;
use startline_api::Listened;

/// A document has no pages of ours in it, and is in nobody's frame.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; object-src 'self'; frame-ancestors 'none'; \
                      form-action 'none'; base-uri 'none'";

/// The newest pack of the claim itself, not its letters.
pub async fn pack(seat: Seat, Path(id): Path<String>) -> Answer {
    let listed = seat.need(pb::ListPacksRequest { claim_id: id, ..Default::default() }).await?;
    match listed.packs.into_iter().find(|pack| pack.kind == "claim") {
        Some(pack) => {
            let name = pack.reference;
            let asked = pb::GetPackDocumentRequest { pack_id: pack.pack_id };
            streamed(&seat, &asked, &name, |answer: pb::GetPackDocumentResponse| answer.chunk).await
        }
        None => Ok(seat.no_page()),
    }
}

/// The claim's copy for one agency.
pub async fn agency(seat: Seat, Path((id, agency)): Path<(String, String)>) -> Answer {
    let name = format!("{agency}-form");
    let asked = pb::GetAgencyDocumentRequest { claim_id: id, agency_id: agency, as_of_time: None };
    streamed(&seat, &asked, &name, |answer: pb::GetAgencyDocumentResponse| answer.chunk).await
}

/// A document in pieces, as they come.
pub async fn streamed<Q: Listened>(seat: &Seat, asked: &Q, name: &str, chunk: fn(Q::Answer) -> Vec<u8>) -> Answer
where
    Q::Answer: 'static,
{
    let mut pieces = seat.listen(asked).await.map_err(|refusal| seat.refused(&refusal))?;
    let read = move |bytes: &[u8]| Q::answer(bytes).map(chunk);
    // What is refused is refused before anything is sent.
    let first = match pieces.next().await {
        Some(Ok(bytes)) => read(&bytes).map_err(std::io::Error::other),
        Some(Err(refusal)) => return Err(seat.refused(&refusal)),
        None => return Ok(seat.no_page()),
    };
    let rest = pieces.map(move |piece| match piece {
        Ok(bytes) => read(&bytes).map_err(std::io::Error::other),
        Err(refusal) => Err(std::io::Error::other(refusal.message)),
    });
    let all = futures_util::stream::once(async move { first }).chain(rest).map(|piece| piece.map(Bytes::from));
    let plain: String = name.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').collect();
    let headers = [
        (header::CONTENT_TYPE, "application/pdf".to_owned()),
        (header::CONTENT_DISPOSITION, format!("inline; filename=\"{plain}.pdf\"")),
        (header::CONTENT_SECURITY_POLICY, POLICY.to_owned()),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    Ok((StatusCode::OK, headers, Body::from_stream(all)).into_response())
}
