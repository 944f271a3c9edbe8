//! The list of claims.

use crate::doors::ClaimDoor;
use crate::followup::{kind_named, kinds_of_others};
use crate::mirrors::{Mirror, shown};
use crate::paging::Page;
use crate::{convert, pb};
use startline_definition::Definition;
use startline_foundation::error::{Error, Result};
use startline_foundation::ids::{ClientId, OfficeId, UserId};
use startline_foundation::store::Db;
use startline_rooms::access::{self, Context, Role, at_offices};
use startline_rooms::followup::{self, ClaimsAsked, ListedClaim, Trouble, WhoseClaims};
use std::collections::HashMap;
use std::collections::hash_map::Entry;

/// To whom claims are listed whose start-up is not finished.
const SEES_START_UPS: &[Role] = &[Role::Adviser, Role::TeamLeader, Role::Supervisor];

impl ClaimDoor {
    pub async fn list_claims(
        &self,
        db: &mut Db<'_>,
        context: &Context,
        asked: pb::ListClaimsRequest,
    ) -> Result<pb::ListClaimsResponse> {
        let definition = self.0.definitions.current();
        let page = Page::of(&asked, 50, 200)?;
        let trouble = asked.trouble().word();
        let sees_start_ups = context.user.roles.any(SEES_START_UPS);
        if trouble == Some(Trouble::StartUpNotFinished) && !sees_start_ups {
            let message = "start-ups that are not finished are listed to advisers, team leaders and supervisors alone";
            return Err(Error::Denied(message.into()));
        }
        let (whose, seen, only_started_up) = match asked.client_id.as_str() {
            "" => (WhoseClaims::Site(context.site()?.clone()), at_offices(&context.user), !sees_start_ups),
            // Whether the client is of their work was seen to by the gate.
            id => (WhoseClaims::Client(ClientId::parse("client_id", id)?), None, false),
        };
        let listing = ClaimsAsked {
            whose,
            office: Some(asked.office_id.as_str()).filter(|id| !id.is_empty()).map(OfficeId::new),
            personal_adviser: match asked.personal_adviser_id.as_str() {
                "" => None,
                id => Some(UserId::parse("personal_adviser_id", id)?),
            },
            trouble,
            only_started_up,
            without_steps: kinds_of_others(&context.user),
            seen,
            after: page.after,
            most: page.most(),
            now: context.now,
        };
        let found = followup::list_claims(db, definition, &listing).await?;
        let (found, next_page_token) = page.cut(found, followup::claims_place);
        let names = names(db, &found).await?;
        let claims = found.iter().map(|claim| message(definition, claim, &names)).collect();
        Ok(pb::ListClaimsResponse { claims, next_page_token })
    }
}

/// Of whom the meetings are with.
async fn names(db: &mut Db<'_>, claims: &[ListedClaim]) -> Result<HashMap<UserId, String>> {
    let mut names = HashMap::new();
    for meeting in claims.iter().filter_map(|claim| claim.meeting.as_ref()) {
        if let Entry::Vacant(unknown) = names.entry(meeting.personal_adviser) {
            unknown.insert(access::user(db, meeting.personal_adviser).await?.name);
        }
    }
    Ok(names)
}

fn message(definition: &Definition, claim: &ListedClaim, names: &HashMap<UserId, String>) -> pb::ListedClaim {
    let first_contact = definition.calendar.local_date(claim.first_contact_at);
    let at_stake = claim.last_day.map_or(0, |day| (day - first_contact).num_days() + 1);
    let meeting = claim.meeting.as_ref();
    pb::ListedClaim {
        claim_id: claim.id.to_string(),
        client_id: claim.client.id.to_string(),
        client_name: claim.client.full_name(),
        site_id: claim.site.to_string(),
        state: shown::<pb::ClaimState>(claim.stage),
        first_contact_time: Some(convert::timestamp(claim.first_contact_at)),
        last_day: claim.last_day.map(|day| day.to_string()).unwrap_or_default(),
        days_at_stake: u32::try_from(at_stake).unwrap_or(0),
        troubles: claim.troubles.iter().map(|trouble| shown::<pb::ClaimTrouble>(*trouble)).collect(),
        evidence_to_come: claim.evidence_to_come,
        step: claim.step.as_ref().map_or(pb::StepKind::Unspecified, |(name, _)| kind_named(name)).into(),
        step_due_day: claim.step.as_ref().map(|(_, due)| due.to_string()).unwrap_or_default(),
        meeting_time: meeting.map(|meeting| convert::timestamp(meeting.starts_at)),
        office_id: meeting.map(|meeting| meeting.office.to_string()).unwrap_or_default(),
        personal_adviser_id: meeting.map(|meeting| meeting.personal_adviser.to_string()).unwrap_or_default(),
        personal_adviser_name: meeting
            .and_then(|meeting| names.get(&meeting.personal_adviser).cloned())
            .unwrap_or_default(),
    }
}
