//! Beginning a walk, or taking up the one that is under way.

use crate::seat::{Posted, instant};
use crate::visitor::Answer;
use startline_api as pb;
use startline_rooms::scripts::START_UP;

pub async fn start(posted: Posted) -> Answer {
    let script = posted.get("script").to_owned();
    let client = posted.get("client").to_owned();
    let claim = match (posted.get("claim"), script.as_str(), client.as_str()) {
        ("", START_UP, client) if !client.is_empty() => {
            let open = pb::OpenClaimRequest {
                request_id: posted.request_id_of("claim"),
                client_id: client.to_owned(),
                afresh: posted.get("afresh") == "yes",
                partner_claim_id: posted.get("partner_claim").to_owned(),
            };
            posted.need(open).await?.claim.unwrap_or_default().claim_id
        }
        (claim, ..) => claim.to_owned(),
    };
    if let Some(walk) = under_way(&posted, &script, &client, &claim).await? {
        if walk.park_time.is_some() {
            let found =
                posted.need(pb::GetWalkRequest { walk_id: walk.walk_id.clone() }).await?.walk.unwrap_or_default();
            let resume = pb::ResumeWalkRequest {
                request_id: posted.request_id_of("resume"),
                walk_id: walk.walk_id.clone(),
                etag: found.etag,
            };
            // Somebody who took it up a moment ago is shown on its page.
            let _ = posted.ask(resume).await?;
        }
        return posted.then(&format!("/walks/{}", walk.walk_id));
    }
    let start = pb::StartWalkRequest {
        request_id: posted.request_id(),
        script_id: script,
        client_id: if claim.is_empty() { client } else { String::new() },
        claim_id: claim,
    };
    let walk = posted.need(start).await?.walk.unwrap_or_default();
    posted.then(&format!("/walks/{}", walk.walk_id))
}

/// The unfinished walk of the same script: of a claim whenever it was begun, else of today.
async fn under_way(
    posted: &Posted,
    script: &str,
    client: &str,
    claim: &str,
) -> Result<Option<pb::WalkSummary>, axum::response::Response> {
    if client.is_empty() && claim.is_empty() {
        return Ok(None);
    }
    let asked = pb::ListWalksRequest {
        client_id: if claim.is_empty() { client.to_owned() } else { String::new() },
        claim_id: claim.to_owned(),
        ..Default::default()
    };
    let walks = posted.need(asked).await?.walks;
    let is_of_today = |walk: &pb::WalkSummary| {
        let begun = walk.start_time.as_ref().and_then(instant);
        begun.is_some_and(|at| posted.seat.local(at).0 == posted.seat.today())
    };
    let fits =
        |walk: &pb::WalkSummary| walk.script_id == script && !walk.finished && (!claim.is_empty() || is_of_today(walk));
    Ok(walks.into_iter().find(fits))
}
