//! The list of what is to be done.

use super::message::{kind_name, reads, step_message};
use crate::doors::FollowUpDoor;
use crate::mirrors::needed;
use crate::paging::Page;
use crate::pb;
use startline_foundation::error::{Error, Result};
use startline_foundation::formats::parse_date;
use startline_foundation::ids::{ClaimId, StepId};
use startline_foundation::store::Db;
use startline_rooms::access::{Context, Role, User, at_offices};
use startline_rooms::claims;
use startline_rooms::followup::{self, Listing, Outcome};

const HOW: &str = "is needed: done, not needed, or could not";

/// What is for advisers and team leaders is on no list of those who meet clients; to hand a claim over, for those who may.
pub fn kinds_of_others(user: &User) -> Vec<&'static str> {
    let is_any = |roles: &[Role]| roles.iter().any(|role| user.is(*role));
    if is_any(&[Role::Adviser, Role::TeamLeader, Role::Supervisor]) {
        return Vec::new();
    }
    let mut others = vec![pb::StepKind::FinishStartUp, pb::StepKind::DateRunsOut, pb::StepKind::DateLost];
    if !is_any(&[Role::PersonalAdviser, Role::BenefitsExpert]) {
        others.push(pb::StepKind::LodgeNow);
    }
    others.into_iter().filter_map(kind_name).collect()
}

impl FollowUpDoor {
    pub async fn list_steps(
        &self,
        db: &mut Db<'_>,
        context: &Context,
        asked: pb::ListStepsRequest,
    ) -> Result<pb::ListStepsResponse> {
        let definition = self.0.definitions.current();
        let site = context.site()?.clone();
        let day = match asked.day.as_str() {
            "" => definition.calendar.local_date(context.now),
            text => parse_date(text).map_err(|reason| Error::invalid("day", reason))?,
        };
        let claim = match asked.claim_id.as_str() {
            "" => None,
            id => Some(ClaimId::parse("claim_id", id)?),
        };
        let page = Page::of(&asked, 50, 200)?;
        let kinds = asked.kinds().filter_map(kind_name).map(str::to_owned).collect();
        if let Some(id) = claim
            && claims::get(db, id).await?.site != site
        {
            return Err(Error::Denied("this claim is another site's".into()));
        }
        let listing = Listing {
            day,
            kinds,
            without: kinds_of_others(&context.user).into_iter().map(str::to_owned).collect(),
            after: page.after,
            most: page.most(),
            claim,
            seen: at_offices(&context.user),
            now: context.now,
        };
        let found = followup::list_steps(db, definition, &site, &listing, reads(context)).await?;
        let (found, next_page_token) = match claim {
            // Of one claim there are few, and they come all at once.
            Some(_) => (found, String::new()),
            None => page.cut(found, |last| (last.step.due_day, last.step.id)),
        };
        let steps = found.iter().map(step_message).collect();
        Ok(pb::ListStepsResponse { steps, next_page_token })
    }

    pub async fn record_step(
        &self,
        db: &mut Db<'_>,
        context: &Context,
        asked: pb::RecordStepRequest,
    ) -> Result<pb::RecordStepResponse> {
        let id = StepId::parse("step_id", &asked.step_id)?;
        let outcome = match needed::<pb::StepOutcome>("outcome", asked.outcome, HOW)? {
            // Only the service says so.
            Outcome::Overtaken => return Err(Error::invalid("outcome", HOW)),
            outcome => outcome,
        };
        let definitions = &self.0.definitions;
        let step = followup::record_step(db, context, definitions, id, outcome, &asked.note).await?;
        let to_do = followup::to_do(db, definitions.current(), step, reads(context)).await?;
        Ok(pb::RecordStepResponse { step: Some(step_message(&to_do)) })
    }
}
