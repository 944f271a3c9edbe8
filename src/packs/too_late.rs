//! What is in the post already when a client's name or address changes: nobody can stop it, so whoever changes it hears so
//! while the client is still on the line.

use super::holding;
use super::key::{Key, SentTo};
use super::pack::{Delivery, PackStatus};
use super::queries;
use super::store::Sought;
use super::subject::PackSubject;
use chrono::{NaiveDate, TimeDelta};
use startline_definition::Definition;
use startline_foundation::error::Result;
use startline_foundation::ids::PackId;
use startline_foundation::store::Db;
use startline_rooms::access::Context;
use startline_rooms::clients::Client;
use startline_rooms::printing::{self, PrintJob, State};

/// Second class takes two working days, and a bank holiday weekend longer: after this it is on the doormat.
const ON_ITS_WAY: TimeDelta = TimeDelta::days(7);

/// A pack or letter that goes where letters to the client no longer go.
#[derive(Debug, Clone, PartialEq)]
pub struct TooLate {
    pub pack_id: PackId,
    pub wanted: PackSubject,
    /// The local day of the post it left with, or leaves with.
    pub post_day: NaiveDate,
    pub arrives_by: NaiveDate,
    pub sent_to: SentTo,
}

/// All of a client's that are on their way to another place or name than the record has now.
pub async fn of_client(
    db: &mut Db<'_>,
    context: &Context,
    definition: &Definition,
    client: &Client,
) -> Result<Vec<TooLate>> {
    let today = definition.calendar.local_date(context.now);
    let sought = Sought { client: Some(client.id), ..Sought::default() };
    let mut found = Vec::new();
    for one in queries::list(db, definition, &sought, None, i32::MAX).await? {
        // It goes where whoever told us lives.
        if one.pack.wanted.is_of_death() {
            continue;
        }
        let Some((job, post_day)) = gone(db, context, definition, &one).await? else { continue };
        let is_on_its_way = today - post_day <= ON_ITS_WAY;
        if is_on_its_way && holding::goes_elsewhere(db, client, &one.pack, today).await? {
            found.push(TooLate {
                pack_id: one.pack.id,
                wanted: one.pack.wanted,
                post_day,
                arrives_by: printing::arrives_by(definition, post_day, job.class),
                sent_to: Key::read(&one.pack.source_key).map_or(SentTo::Home, |key| key.sent_to()),
            });
        }
    }
    Ok(found)
}

/// What a change of the record came too late for: nothing while letters go where they went before.
///
/// # Errors
/// When the database does not answer.
pub async fn too_late_for(
    db: &mut Db<'_>,
    context: &Context,
    definition: &Definition,
    (before, after): (&Client, &Client),
) -> Result<Vec<TooLate>> {
    let today = definition.calendar.local_date(context.now);
    let to = |client: &Client| super::key::to_by_record(client, today, false);
    if to(before) == to(after) { Ok(Vec::new()) } else { of_client(db, context, definition, after).await }
}

/// The printing of a pack that can no longer be stopped, and the day of its post.
async fn gone<'a>(
    db: &mut Db<'_>,
    context: &Context,
    definition: &Definition,
    standing: &'a PackStatus,
) -> Result<Option<(&'a PrintJob, NaiveDate)>> {
    if standing.pack.delivery != Delivery::Post {
        return Ok(None);
    }
    for job in standing.jobs.iter().rev() {
        match &job.state {
            State::Posted { post, .. } => return Ok(Some((job, post.day))),
            State::Printed(_) if !printing::is_in_reach(db, context, definition, job).await? => {
                return Ok(Some((job, job.post_day)));
            }
            _ => {}
        }
    }
    Ok(None)
}
