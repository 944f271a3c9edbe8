//! Clients who would come sooner.

use super::message::waiting_message;
use super::misses::own_claim;
use super::{Answered, FollowUpDoor};
use crate::diary::Appointment;
use crate::error::Error;
use crate::followup::{self, Joining, OfferAnswer};
use crate::formats::parse_date;
use crate::grpc::diary::{DiaryDoor, appointment_message, unsuitable_times};
use crate::grpc::mutation::{begin, retrying};
use crate::grpc::{convert, gate, pb};
use crate::ids::{ClaimId, StandbyId, StandbyOfferId};
use tonic::{Request, Response};

impl FollowUpDoor {
    pub(super) async fn join(&self, request: Request<pb::JoinStandbyRequest>) -> Answered<pb::JoinStandbyResponse> {
        let mut mutation = begin!(&self.0, &request);
        let asked = request.get_ref();
        let claim = ClaimId::parse("claim_id", &asked.claim_id)?;
        let earliest_day = match asked.earliest_day.as_str() {
            "" => None,
            text => Some(parse_date(text).map_err(|reason| Error::invalid("earliest_day", reason))?),
        };
        let unsuitable = unsuitable_times(&asked.unsuitable_times)?;
        let wishes = Joining { kind: asked.meeting_kind.clone(), urgent: asked.urgent, earliest_day, unsuitable };
        let (db, context) = (&mut mutation.tx.db(), &mutation.context);
        own_claim(db, context, claim).await?;
        let definition = self.0.definitions.current();
        let waiting = followup::join_standby(db, context, definition, claim, wishes).await?;
        let standby = waiting_message(db, &waiting).await?;
        let answer = mutation.finish(pb::JoinStandbyResponse { standby: Some(standby) }).await?;
        self.0.time_freed.notify_one();
        Ok(answer)
    }

    pub(super) async fn leave(&self, request: Request<pb::LeaveStandbyRequest>) -> Answered<pb::LeaveStandbyResponse> {
        let mut mutation = begin!(&self.0, &request);
        let id = StandbyId::parse("standby_id", &request.get_ref().standby_id)?;
        let (db, context) = (&mut mutation.tx.db(), &mutation.context);
        let left = followup::leave_standby(db, context, self.0.definitions.current(), id).await?;
        // Refused, it undoes what was just done.
        own_claim(db, context, left.claim_id).await?;
        let standby = waiting_message(db, &left).await?;
        let answer = mutation.finish(pb::LeaveStandbyResponse { standby: Some(standby) }).await?;
        self.0.time_freed.notify_one();
        Ok(answer)
    }

    pub(super) async fn waiting(&self, request: Request<pb::ListStandbyRequest>) -> Answered<pb::ListStandbyResponse> {
        let context = gate::context(&request, &self.0.clock, None)?;
        let asked = request.get_ref();
        let size = convert::page_size(asked.page_size, 50, 200)?;
        let mut reader = self.0.store.read().await?;
        let db = &mut reader.db();
        let all = followup::list_standby(db, context.site()?).await?;
        let (page, next_page_token) = convert::page(all, &asked.page_token, size)?;
        let mut standbys = Vec::with_capacity(page.len());
        for waiting in &page {
            standbys.push(waiting_message(db, waiting).await?);
        }
        Ok(Response::new(pb::ListStandbyResponse { standbys, next_page_token }))
    }

    pub(super) async fn answer(
        &self,
        request: Request<pb::AnswerStandbyOfferRequest>,
    ) -> Answered<pb::AnswerStandbyOfferResponse> {
        retrying(|| self.answer_once(&request)).await
    }

    async fn answer_once(
        &self,
        request: &Request<pb::AnswerStandbyOfferRequest>,
    ) -> Answered<pb::AnswerStandbyOfferResponse> {
        let mut mutation = begin!(&self.0, request);
        let asked = request.get_ref();
        let id = StandbyOfferId::parse("standby_offer_id", &asked.standby_offer_id)?;
        let answer = match asked.answer() {
            pb::StandbyAnswer::Accept => OfferAnswer::Accept,
            pb::StandbyAnswer::Decline => OfferAnswer::Decline,
            pb::StandbyAnswer::NoReply => OfferAnswer::NoReply,
            pb::StandbyAnswer::Unspecified => {
                return Err(Error::invalid("answer", "is needed: what did the client say?").into());
            }
        };
        let (db, context) = (&mut mutation.tx.db(), &mutation.context);
        let definition = self.0.definitions.current();
        let moved = followup::answer_offer(db, context, definition, id, answer).await?;
        let appointment = match &moved {
            Some((now, _)) => {
                own_claim(db, context, now.claim_id).await?;
                Some(appointment_message(db, definition, now, context.language).await?)
            }
            None => None,
        };
        let answer = mutation.finish(pb::AnswerStandbyOfferResponse { appointment }).await?;
        self.tell(moved);
        Ok(answer)
    }

    /// Tells whoever looks at the days; and freed time is looked for again.
    fn tell(&self, moved: Option<(Appointment, Option<Appointment>)>) {
        let diary = DiaryDoor(self.0.clone());
        for appointment in moved.into_iter().flat_map(|(now, before)| [Some(now), before]).flatten() {
            diary.changed(&appointment);
        }
        self.0.time_freed.notify_one();
    }
}
