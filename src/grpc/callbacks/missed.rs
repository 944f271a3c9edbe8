//! Callers who gave up waiting.

use crate::doors::CallbackDoor;
use crate::paging::Page;
use crate::{clients as client_door, convert, pb};
use startline_foundation::error::Result;
use startline_foundation::formats::CallerNumber;
use startline_foundation::ids::MissedCallerId;
use startline_foundation::store::Db;
use startline_rooms::access::{Context, Sees};
use startline_rooms::callbacks::{self, MissedCaller};
use startline_rooms::clients::{self, Search};

impl CallbackDoor {
    pub async fn list_missed_callers(
        &self,
        db: &mut Db<'_>,
        context: &Context,
        asked: pb::ListMissedCallersRequest,
    ) -> Result<pb::ListMissedCallersResponse> {
        let page = Page::of(&asked, 20, 100)?;
        let missed = callbacks::list_missed(db, context.site()?, page.after, page.most()).await?;
        let (missed, next_page_token) = page.cut(missed, |last| (last.first_at, last.id));
        let mut missed_callers = Vec::with_capacity(missed.len());
        for caller in &missed {
            missed_callers.push(missed_message(db, caller).await?);
        }
        Ok(pb::ListMissedCallersResponse { missed_callers, next_page_token })
    }

    pub async fn close_missed_caller(
        &self,
        db: &mut Db<'_>,
        context: &Context,
        asked: pb::CloseMissedCallerRequest,
    ) -> Result<pb::CloseMissedCallerResponse> {
        let id = MissedCallerId::parse("missed_caller_id", &asked.missed_caller_id)?;
        let missed = callbacks::close_missed(db, context, id, &asked.outcome).await?;
        let missed_caller = Some(missed_message(db, &missed).await?);
        Ok(pb::CloseMissedCallerResponse { missed_caller })
    }
}

/// Known clients shown with a missed caller: a shared telephone may have several.
const KNOWN_SHOWN: i32 = 5;

async fn missed_message(db: &mut Db<'_>, missed: &MissedCaller) -> Result<pb::MissedCaller> {
    let number = CallerNumber::read(&missed.phone);
    let known = match number.as_ref().and_then(CallerNumber::uk) {
        Some(phone) => {
            let search = Search { phone: Some(phone.e164().to_owned()), ..Search::default() };
            clients::find(db, &search, None, None, KNOWN_SHOWN).await?
        }
        None => Vec::new(),
    };
    Ok(pb::MissedCaller {
        missed_caller_id: missed.id.to_string(),
        site_id: missed.site.to_string(),
        phone: missed.phone.clone(),
        phone_grouped: number.as_ref().map_or_else(|| missed.phone.clone(), CallerNumber::grouped),
        first_time: Some(convert::timestamp(missed.first_at)),
        last_time: Some(convert::timestamp(missed.last_at)),
        times: u32::try_from(missed.times).unwrap_or(0),
        // Whom a number belongs to is not who rings: what is sensitive is read with the client's record.
        known_clients: known.iter().map(|client| client_door::message(Sees::NOTHING, client)).collect(),
        from_abroad: number.is_some_and(|number| number.is_foreign()),
    })
}
