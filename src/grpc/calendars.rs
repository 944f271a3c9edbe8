//! `CalendarService`.

use super::mutation::begin;
use super::{Shared, convert, gate, pb};
use crate::calendars::{self, Feed};
use crate::diary::Whose;
use crate::error::{Error, Result};
use crate::ids::{FeedId, OfficeId, UserId};
use std::sync::Arc;
use tonic::{Request, Response, Status};

pub struct CalendarDoor(pub Arc<Shared>);

#[tonic::async_trait]
impl pb::calendar_service_server::CalendarService for CalendarDoor {
    async fn create_calendar_feed(
        &self,
        request: Request<pb::CreateCalendarFeedRequest>,
    ) -> Result<Response<pb::CreateCalendarFeedResponse>, Status> {
        let mut mutation = begin!(&self.0, &request);
        let whose = whose(request.get_ref().whose.as_ref())?;
        let Some(web) = &self.0.outside.web_url else {
            let sentence = "calendars are served by the web door, and this server has none: see [web] in its settings";
            return Err(Error::illegal("NO_WEB_DOOR", sentence).into());
        };
        let definition = self.0.definitions.current();
        let db = &mut mutation.tx.db();
        let (feed, secret) = calendars::create(db, &mutation.context, definition, whose).await?;
        // The answer that is kept for a replay has no address: the secret is nowhere in the database.
        let kept = pb::CreateCalendarFeedResponse { feed: Some(message(&feed)), url: String::new() };
        let mut answer = mutation.finish(kept).await?;
        answer.get_mut().url = format!("{web}/calendars/{}.ics", secret.reveal());
        Ok(answer)
    }

    async fn list_calendar_feeds(
        &self,
        request: Request<pb::ListCalendarFeedsRequest>,
    ) -> Result<Response<pb::ListCalendarFeedsResponse>, Status> {
        let context = gate::context(&request, &self.0.clock, None)?;
        let asked = request.into_inner();
        let size = convert::page_size(asked.page_size, 20, 100)?;
        let after = match asked.page_token.as_str() {
            "" => None,
            token => Some(FeedId::parse("page_token", token).map_err(|_| convert::bad_token())?),
        };
        let mut feeds = calendars::list(&mut self.0.store.read().await?.db(), &context, after, size + 1).await?;
        let wanted = usize::try_from(size).unwrap_or(0);
        let more = feeds.len() > wanted;
        feeds.truncate(wanted);
        let next = feeds.last().filter(|_| more).map(|last| last.id.to_string()).unwrap_or_default();
        let feeds = feeds.iter().map(message).collect();
        Ok(Response::new(pb::ListCalendarFeedsResponse { feeds, next_page_token: next }))
    }

    async fn revoke_calendar_feed(
        &self,
        request: Request<pb::RevokeCalendarFeedRequest>,
    ) -> Result<Response<pb::RevokeCalendarFeedResponse>, Status> {
        let mut mutation = begin!(&self.0, &request);
        let id = FeedId::parse("feed_id", &request.get_ref().feed_id)?;
        let feed = calendars::revoke(&mut mutation.tx.db(), &mutation.context, id).await?;
        mutation.finish(pb::RevokeCalendarFeedResponse { feed: Some(message(&feed)) }).await
    }
}

fn whose(given: Option<&pb::create_calendar_feed_request::Whose>) -> Result<Whose> {
    use pb::create_calendar_feed_request::Whose as Given;
    match given {
        Some(Given::PersonalAdviserId(id)) => Ok(Whose::PersonalAdviser(UserId::parse("personal_adviser_id", id)?)),
        Some(Given::OfficeId(id)) if id.len() <= 100 => Ok(Whose::Office(OfficeId::new(id))),
        Some(Given::OfficeId(_)) => Err(Error::invalid("office_id", "is no office of ours")),
        None => Err(Error::invalid("personal_adviser_id", "is needed, or an office_id: whose calendar is it to be?")),
    }
}

fn message(feed: &Feed) -> pb::CalendarFeed {
    use pb::calendar_feed::Whose as Shown;
    pb::CalendarFeed {
        feed_id: feed.id.to_string(),
        whose: Some(match &feed.whose {
            Whose::PersonalAdviser(user) => Shown::PersonalAdviserId(user.to_string()),
            Whose::Office(office) => Shown::OfficeId(office.to_string()),
        }),
        created_by: feed.created_by.to_string(),
        created_time: Some(convert::timestamp(feed.created_at)),
        revoked_time: feed.revoked_at.map(convert::timestamp),
    }
}
