//! `CalendarService`.

use super::{convert, pb};
use crate::call::{Call, Wire};
use crate::doors::CalendarDoor;
use crate::paging::Page;
use startline_foundation::error::{Error, Result};
use startline_foundation::ids::{FeedId, OfficeId, UserId};
use startline_foundation::store::Db;
use startline_rooms::access::Context;
use startline_rooms::calendars::{self, Feed};
use startline_rooms::diary::Whose;
use startline_service::Work;
use std::sync::PoisonError;

impl CalendarDoor {
    pub async fn create_calendar_feed(
        &self,
        call: Call<pb::CreateCalendarFeedRequest>,
    ) -> Result<pb::CreateCalendarFeedResponse> {
        let whose = &whose(call.asked.whose.as_ref())?;
        let Some(web) = &self.0.outside.web_url else {
            let sentence = "calendars are served by the web door, and this server has none: see [web] in its settings";
            return Err(Error::illegal("NO_WEB_DOOR", sentence));
        };
        let definition = self.0.definitions.current();
        // The answer that is kept for a replay has no address: the secret is nowhere in the database.
        let revealed = &std::sync::Mutex::new(String::new());
        let create = |mut work: Work| async move {
            let (mut db, context) = work.parts();
            let (feed, secret) = calendars::create(&mut db, context, definition, whose.clone()).await?;
            let url = format!("{web}/calendars/{}.ics", secret.reveal());
            *revealed.lock().unwrap_or_else(PoisonError::into_inner) = url;
            work.done(Wire(pb::CreateCalendarFeedResponse { feed: Some(message(&feed)), url: String::new() }))
        };
        let Wire(mut answer) = self.0.runner.mutate(&call.operation, create).await?;
        answer.url = std::mem::take(&mut *revealed.lock().unwrap_or_else(PoisonError::into_inner));
        Ok(answer)
    }

    pub async fn list_calendar_feeds(
        &self,
        db: &mut Db<'_>,
        context: &Context,
        asked: pb::ListCalendarFeedsRequest,
    ) -> Result<pb::ListCalendarFeedsResponse> {
        let page = Page::of(&asked, 20, 100)?;
        let feeds = calendars::list(db, context, page.after, page.most()).await?;
        let (feeds, next_page_token) = page.cut(feeds, |last| last.id);
        let feeds = feeds.iter().map(message).collect();
        Ok(pb::ListCalendarFeedsResponse { feeds, next_page_token })
    }

    pub async fn revoke_calendar_feed(
        &self,
        db: &mut Db<'_>,
        context: &Context,
        asked: pb::RevokeCalendarFeedRequest,
    ) -> Result<pb::RevokeCalendarFeedResponse> {
        let id = FeedId::parse("feed_id", &asked.feed_id)?;
        let feed = calendars::revoke(db, context, id).await?;
        Ok(pb::RevokeCalendarFeedResponse { feed: Some(message(&feed)) })
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
