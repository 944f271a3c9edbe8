//! Batches and their manifests.

use super::message;
use super::printing::{counted, needed_day};
use crate::doors::PackDoor;
use crate::mirrors::needed;
use crate::paging::Key;
use crate::paging::Page;
use crate::pb;
use startline_foundation::error::Result;
use startline_foundation::store::Db;
use startline_rooms::access::Context;
use startline_rooms::printing::{self, BatchKey, PostClass};

impl PackDoor {
    fn key(&self, context: &startline_rooms::access::Context, post_day: &str, class: i32) -> Result<BatchKey> {
        let today = self.0.definitions.current().calendar.local_date(context.now);
        Ok(BatchKey {
            room: context.site()?.clone(),
            post_day: message::parse_day("post_day", post_day)?.unwrap_or(today),
            class: message::parse_class(class)?,
        })
    }

    pub async fn list_batches(
        &self,
        db: &mut Db<'_>,
        context: &Context,
        asked: pb::ListBatchesRequest,
    ) -> Result<pb::ListBatchesResponse> {
        let page = Page::of(&asked, 20, 100)?;
        let found = printing::list_batches(db, context.site()?, page.after, page.most()).await?;
        let (found, next_page_token) = page.cut(found, |last| (last.key.post_day, last.key.class));
        Ok(pb::ListBatchesResponse { batches: found.iter().map(message::batch).collect(), next_page_token })
    }

    pub async fn get_manifest(
        &self,
        db: &mut Db<'_>,
        context: &Context,
        asked: pb::GetManifestRequest,
    ) -> Result<pb::GetManifestResponse> {
        let key = self.key(context, &asked.post_day, asked.post_class)?;
        Ok(pb::GetManifestResponse { manifest: Some(whole(db, &key).await?) })
    }

    pub async fn count_batch(
        &self,
        db: &mut Db<'_>,
        context: &Context,
        asked: pb::CountBatchRequest,
    ) -> Result<pb::CountBatchResponse> {
        needed_day("post_day", &asked.post_day)?;
        needed::<pb::PostClass>("post_class", asked.post_class, "is needed: first or second")?;
        let (packs, pages) = (counted("packs", asked.packs)?, counted("pages", asked.pages)?);
        let key = self.key(context, &asked.post_day, asked.post_class)?;
        printing::count(db, context, &key, packs, pages).await?;
        Ok(pb::CountBatchResponse { manifest: Some(whole(db, &key).await?) })
    }
}

async fn whole(db: &mut Db<'_>, key: &BatchKey) -> Result<pb::Manifest> {
    let manifest = printing::manifest(db, key).await?;
    let corrections = printing::corrections_of_batch(db, key).await?;
    Ok(pb::Manifest { corrections: message::corrections(db, &corrections).await?, ..message::manifest(manifest) })
}

impl Key for PostClass {
    fn write(&self) -> String {
        self.as_str().to_owned()
    }

    fn read(text: &str) -> Option<Self> {
        Self::parse(text)
    }
}
