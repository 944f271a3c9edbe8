//! The names of records that were written before the service compared names as it does now.

use crate::{Service, Work};
use startline_foundation::error::Result;
use startline_rooms::clients;

impl Service {
    /// Makes their keys anew, some at a time, and gives their number. What is done is kept: a start that was broken off goes
    /// on where it was.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn fold_names(&self) -> Result<usize> {
        let mut done = 0;
        loop {
            let some = |mut work: Work| async move {
                let folded = clients::fold_names(&mut work.db()).await?;
                work.done(folded)
            };
            match self.runner.transact(some).await? {
                0 => return Ok(done),
                folded => done += folded,
            }
        }
    }
}
