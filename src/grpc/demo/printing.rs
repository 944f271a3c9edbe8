//! The demo's print rooms.

use super::calls::until;
use super::clients::Known;
use super::steps::Said;
use super::{Demo, Ends};
use startline_rooms::access::Role;

/// More than any print room of the demo has.
const ALL: i32 = 50;

impl Demo {
    /// Every pack that is owed by now is composed, printed and posted.
    pub(super) async fn print_and_post(&mut self) -> Said<()> {
        self.await_packs().await?;
        let today = self.days.local_date(self.clock.now()).to_string();
        for site in Self::sites() {
            let room = self.who(site, Role::PrintRoom)?;
            for job in room.leases(ALL).await? {
                room.prints(&job).await?;
                room.posts(&job, &today).await?;
            }
        }
        Ok(())
    }

    /// Where one client's pack has been printed, one has not left yet; the others wait in the queue.
    pub(super) async fn print_one(&mut self) -> Said<()> {
        self.await_packs().await?;
        for known in self.with(&[Ends::Printed]) {
            let room = self.who(known.site, Role::PrintRoom)?;
            for job in room.leases(1).await? {
                room.prints(&job).await?;
            }
        }
        Ok(())
    }

    async fn await_packs(&self) -> Said<()> {
        let owed = |known: &&Known| known.ends.has_pack() && !known.claim_id.is_empty();
        for known in self.known.iter().filter(owed) {
            let adviser = self.who(known.site, Role::Adviser)?;
            until("a claim pack", async || adviser.has_pack(&known.claim_id).await).await?;
        }
        Ok(())
    }
}
