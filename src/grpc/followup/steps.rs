//! The list of what is to be done.

use super::message::{kind_name, step_message};
use super::{Answered, FollowUpDoor};
use crate::claims;
use crate::error::Error;
use crate::followup::{self, Listing, Outcome, Step};
use crate::formats::parse_date;
use crate::grpc::mutation::{begin, retrying};
use crate::grpc::{convert, gate, pb};
use crate::ids::{ClaimId, StepId};
use chrono::NaiveDate;
use tonic::{Request, Response};

impl FollowUpDoor {
    pub(super) async fn list(&self, request: Request<pb::ListStepsRequest>) -> Answered<pb::ListStepsResponse> {
        let context = gate::context(&request, &self.0.clock, None)?;
        let asked = request.get_ref();
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
        let size = convert::page_size(asked.page_size, 50, 200)?;
        let after = match asked.page_token.as_str() {
            "" => None,
            token => Some(step_token(token).ok_or_else(convert::bad_token)?),
        };
        let kinds = asked.kinds().filter_map(kind_name).map(str::to_owned).collect();
        let mut reader = self.0.store.read().await?;
        let db = &mut reader.db();
        if let Some(id) = claim
            && claims::get(db, id).await?.site != site
        {
            return Err(Error::Denied("this claim is another site's".into()).into());
        }
        let listing = Listing { day, kinds, after, most: size + 1, claim };
        let mut found = followup::list_steps(db, definition, &site, &listing, context.language).await?;
        let wanted = usize::try_from(size).unwrap_or(0);
        // Of one claim there are few, and they come all at once.
        let more = claim.is_none() && found.len() > wanted;
        if more {
            found.truncate(wanted);
        }
        let next = found.last().filter(|_| more).map(|last| token_of(&last.step));
        let steps = found.iter().map(step_message).collect();
        Ok(Response::new(pb::ListStepsResponse { steps, next_page_token: next.unwrap_or_default() }))
    }

    pub(super) async fn record(&self, request: Request<pb::RecordStepRequest>) -> Answered<pb::RecordStepResponse> {
        retrying(|| self.record_once(&request)).await
    }

    async fn record_once(&self, request: &Request<pb::RecordStepRequest>) -> Answered<pb::RecordStepResponse> {
        let mut mutation = begin!(&self.0, request);
        let asked = request.get_ref();
        let id = StepId::parse("step_id", &asked.step_id)?;
        let outcome = match asked.outcome() {
            pb::StepOutcome::Done => Outcome::Done,
            pb::StepOutcome::NotNeeded => Outcome::NotNeeded,
            pb::StepOutcome::CouldNot => Outcome::CouldNot,
            pb::StepOutcome::Overtaken | pb::StepOutcome::Unspecified => {
                return Err(Error::invalid("outcome", "is needed: done, not needed, or could not").into());
            }
        };
        let (db, context) = (&mut mutation.tx.db(), &mutation.context);
        let definitions = &self.0.definitions;
        let step = followup::record_step(db, context, definitions, id, outcome, &asked.note).await?;
        let to_do = followup::to_do(db, definitions.current(), step, context.language).await?;
        mutation.finish(pb::RecordStepResponse { step: Some(step_message(&to_do)) }).await
    }
}

fn token_of(step: &Step) -> String {
    format!("{}_{}", step.due_day, step.id)
}

fn step_token(token: &str) -> Option<(NaiveDate, StepId)> {
    let (day, id) = token.split_once('_')?;
    Some((day.parse().ok()?, StepId::parse("page_token", id).ok()?))
}
