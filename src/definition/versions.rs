//! The definition in force, and those that walks and claims began on. Each version is stored in the database, file by
//! file, the first time a server starts with it, and never changes; loaded ones are remembered.

use super::{Definition, store};
use chrono::{DateTime, Utc};
use dashmap::DashMap;
use startline_foundation::error::{Error, Result};
use startline_foundation::ids::DefinitionVersion;
use startline_foundation::store::{Db, Store};
use std::sync::Arc;

pub struct Definitions {
    current: Arc<Definition>,
    /// Grows by one with each version that something still open began on.
    loaded: DashMap<DefinitionVersion, Arc<Definition>>,
}

impl Definitions {
    /// Puts a definition in force, storing it if the database has not seen it.
    pub async fn put_in_force(database: &Store, current: Arc<Definition>, now: DateTime<Utc>) -> Result<Self> {
        let mut tx = database.begin_write().await?;
        store::insert(&mut tx.db(), &current, now).await?;
        tx.commit().await?;
        Ok(Self::alone(current))
    }

    /// This version and no other, for whoever needs no database.
    pub fn alone(current: Arc<Definition>) -> Self {
        let loaded = DashMap::from_iter([(current.version.clone(), current.clone())]);
        Self { current, loaded }
    }

    /// What new walks and claims begin on.
    pub fn current(&self) -> &Arc<Definition> {
        &self.current
    }

    /// A version that somebody has asked for since this program started.
    pub fn known(&self, version: &DefinitionVersion) -> Option<Arc<Definition>> {
        self.loaded.get(version).map(|loaded| loaded.clone())
    }

    /// The version something began on.
    pub async fn version(&self, db: &mut Db<'_>, version: &DefinitionVersion) -> Result<Arc<Definition>> {
        if let Some(loaded) = self.loaded.get(version) {
            return Ok(loaded.clone());
        }
        let files = store::files(db, version).await?;
        if files.is_empty() {
            return Err(Error::not_found("definition version", version));
        }
        // It had no fault when it was stored; a newer program may be stricter.
        let definition = Definition::from_files(files)
            .map_err(|report| Error::internal(format!("stored definition {version} does not load: {report}")))?;
        self.loaded.insert(version.clone(), definition.clone());
        Ok(definition)
    }
}
