//! Clients who would come sooner.

use super::message::waiting_message;
use crate::diary::{appointment_message, unsuitable_times};
use crate::doors::FollowUpDoor;
use crate::mirrors::needed;
use crate::paging::RankedPage;
use crate::pb;
use startline_foundation::error::{Error, Result};
use startline_foundation::formats::parse_date;
use startline_foundation::ids::{ClaimId, StandbyId, StandbyOfferId};
use startline_foundation::store::Db;
use startline_rooms::access::{Context, at_offices};
use startline_rooms::claims;
use startline_rooms::followup::{self, Joining};
use startline_service::use_cases::meetings;

impl FollowUpDoor {
    pub async fn join_standby(
        &self,
        db: &mut Db<'_>,
        context: &Context,
        asked: pb::JoinStandbyRequest,
    ) -> Result<pb::JoinStandbyResponse> {
        let claim = ClaimId::parse("claim_id", &asked.claim_id)?;
        let earliest_day = match asked.earliest_day.as_str() {
            "" => None,
            text => Some(parse_date(text).map_err(|reason| Error::invalid("earliest_day", reason))?),
        };
        let unsuitable = unsuitable_times(&asked.unsuitable_times)?;
        let wishes = Joining { kind: asked.meeting_kind.clone(), urgent: asked.urgent, earliest_day, unsuitable };
        claims::check_own_site(db, context, claim).await?;
        let definition = self.0.definitions.current();
        let waiting = followup::join_standby(db, context, definition, claim, wishes).await?;
        let standby = waiting_message(db, &waiting).await?;
        Ok(pb::JoinStandbyResponse { standby: Some(standby) })
    }

    pub async fn leave_standby(
        &self,
        db: &mut Db<'_>,
        context: &Context,
        asked: pb::LeaveStandbyRequest,
    ) -> Result<pb::LeaveStandbyResponse> {
        let id = StandbyId::parse("standby_id", &asked.standby_id)?;
        let left = followup::leave_standby(db, context, self.0.definitions.current(), id).await?;
        // Refused, it undoes what was just done.
        claims::check_own_site(db, context, left.claim_id).await?;
        let standby = waiting_message(db, &left).await?;
        Ok(pb::LeaveStandbyResponse { standby: Some(standby) })
    }

    pub async fn list_standby(
        &self,
        db: &mut Db<'_>,
        context: &Context,
        asked: pb::ListStandbyRequest,
    ) -> Result<pb::ListStandbyResponse> {
        let page = RankedPage::of(&asked, 50, 200)?;
        let seen = at_offices(&context.user);
        let all = followup::list_standby(db, context.site()?, seen.as_ref().map(|seen| (seen, context.now))).await?;
        let (all, next_page_token) = page.cut(all, |waiting| waiting.id);
        let mut standbys = Vec::with_capacity(all.len());
        for waiting in &all {
            standbys.push(waiting_message(db, waiting).await?);
        }
        Ok(pb::ListStandbyResponse { standbys, next_page_token })
    }

    pub async fn answer_standby_offer(
        &self,
        db: &mut Db<'_>,
        context: &Context,
        asked: pb::AnswerStandbyOfferRequest,
    ) -> Result<pb::AnswerStandbyOfferResponse> {
        let id = StandbyOfferId::parse("standby_offer_id", &asked.standby_offer_id)?;
        let answer = needed::<pb::StandbyAnswer>("answer", asked.answer, "is needed: what did the client say?")?;
        let definition = self.0.definitions.current();
        let moved = meetings::answer_offer(db, context, &self.0.definitions, id, answer).await?;
        let appointment = match &moved {
            Some(now) => {
                claims::check_own_site(db, context, now.claim_id).await?;
                Some(appointment_message(db, definition, now, context.language).await?)
            }
            None => None,
        };
        Ok(pb::AnswerStandbyOfferResponse { appointment })
    }
}
