//! Whether whoever asks may reach what their request names. `build.rs` reads from the protos what that is, and `doors.rs` asks
//! before each method begins: in its own transaction or snapshot, so that what is checked is what is used.

use super::call::Behind;
use startline_foundation::error::{Error, Result};
use startline_foundation::ids::{AgencyId, OfficeId, SiteId, UserId};
use startline_foundation::store::Db;
use startline_rooms::access::{self, Context, Kind, Right, Role, Roles, Sees};
use startline_rooms::records::{Look, Looked};
use startline_service::use_cases::reach::Reached;
use uuid::Uuid;

/// Something that a request names, by the text that it was given as.
#[derive(Debug, Clone, Copy)]
pub enum Named<'a> {
    Record(Kind, &'a str),
    Site(&'a str),
    Sites(&'a [String]),
    Office(&'a str),
    Person(&'a str),
}

/// A request, by what it names.
pub trait Names {
    fn names(&self) -> Vec<Named<'_>>;
}

/// Whether all that the request names is in reach, and which sensitive answers are seen of it: nothing of a request that
/// names no record.
///
/// # Errors
/// `OutsideWork` for a record, `Denied` for a place that is not. What does not exist is left to the method, which says so in its
/// own words.
pub async fn check(behind: &Behind, db: &mut Db<'_>, context: &Context, asked: &impl Names) -> Result<Sees> {
    reached(behind, db, context, asked).await.map(|(_, sees)| sees)
}

/// The same, and leaves a line of each record that is about to be read.
///
/// # Errors
/// As [`check`]; `Unavailable` when it cannot be written down who looks.
pub async fn look(
    behind: &Behind,
    db: &mut Db<'_>,
    context: &Context,
    method: &str,
    asked: &impl Names,
) -> Result<Sees> {
    let (reached, sees) = reached(behind, db, context, asked).await?;
    note(behind, context, method, reached)?;
    Ok(sees)
}

fn note(behind: &Behind, context: &Context, method: &str, reached: Vec<(Right, Looked)>) -> Result<()> {
    if reached.is_empty() {
        return Ok(());
    }
    let look = |(right, looked)| Look::new(context, method, right, looked);
    behind.service.looks.note(&reached.into_iter().map(look).collect::<Vec<_>>())
}

/// What is reached, when that is known without the database of each thing named.
fn by_heart(behind: &Behind, context: &Context, names: &[Named<'_>]) -> Option<(Vec<(Right, Looked)>, Sees)> {
    let one = |named: &Named<'_>| {
        let Named::Record(kind, id) = named else { return None };
        let uuid = Uuid::parse_str(id).ok()?;
        let Reached { right, client, sees } = behind.service.reach_by_heart(context, *kind, uuid)?;
        Some(((right, Looked { kind: *kind, record: uuid.to_string(), client }), sees))
    };
    let known: Vec<_> = names.iter().map(one).collect::<Option<_>>()?;
    let sees = known.first().map(|(_, sees)| *sees)?;
    // What is known by heart shows everything, all of it alike.
    Some((known.into_iter().map(|(reached, _)| reached).collect(), sees))
}

/// The same for methods that begin no transaction, or several: where the request names nothing, nothing is read.
///
/// # Errors
/// As [`look`].
pub async fn check_first(behind: &Behind, context: &Context, method: &str, asked: &impl Names) -> Result<Sees> {
    let names = asked.names();
    if names.iter().all(|named| matches!(named, Named::Site(_) | Named::Sites(_) | Named::Office(_))) {
        names.into_iter().try_for_each(|named| own_place(behind, context, named))?;
        return Ok(Sees::NOTHING);
    }
    if let Some((known, sees)) = by_heart(behind, context, &names) {
        if context.request_id.is_none() {
            note(behind, context, method, known)?;
        }
        return Ok(sees);
    }
    let mut reader = behind.service.read().await?;
    match context.request_id {
        Some(_) => check(behind, &mut reader.db(), context, asked).await,
        None => look(behind, &mut reader.db(), context, method, asked).await,
    }
}

/// A fault as it is told to whoever does not see every sort of answer: without what stands now, which they may read.
pub fn told(sees: Sees, fault: Error) -> Error {
    match fault {
        Error::Stale { message, mut values } if !sees.is_all() => {
            values.iter_mut().for_each(|value| value.standing = None);
            Error::Stale { message, values }
        }
        fault => fault,
    }
}

/// Whoever reads for an agency reads what that agency may see, and nothing else.
///
/// # Errors
/// `OutsideWork`.
pub fn agency_in_reach(context: &Context, agency: &str) -> Result<()> {
    let user = &context.user;
    if user.roles != Roles::of(&[Role::Agency]) || access::is_of_agency(user, &AgencyId::new(agency)) {
        return Ok(());
    }
    Err(Error::OutsideWork("this is what another agency may see"))
}

async fn reached(
    behind: &Behind,
    db: &mut Db<'_>,
    context: &Context,
    asked: &impl Names,
) -> Result<(Vec<(Right, Looked)>, Sees)> {
    let (mut reached, mut least) = (Vec::new(), None);
    for named in asked.names() {
        match named {
            Named::Record(_, "") | Named::Site("") | Named::Office("") | Named::Person("") => {}
            Named::Record(kind, id) => {
                let Ok(uuid) = Uuid::parse_str(id) else { continue };
                if let Some(Reached { right, client, sees }) = behind.service.reach(db, context, kind, uuid).await? {
                    reached.push((right, Looked { kind, record: uuid.to_string(), client }));
                    least = Some(least.unwrap_or(sees).and(sees));
                }
            }
            Named::Site(_) | Named::Sites(_) | Named::Office(_) => own_place(behind, context, named)?,
            Named::Person(id) => {
                let Ok(person) = UserId::parse("", id) else { continue };
                check_person(db, context, person).await?;
            }
        }
    }
    Ok((reached, least.unwrap_or(Sees::NOTHING)))
}

/// A place that is not is left to the method.
fn own_place(behind: &Behind, context: &Context, named: Named<'_>) -> Result<()> {
    let definition = behind.service.definitions.current();
    if let Named::Sites(ids) = named {
        return ids.iter().try_for_each(|id| own_place(behind, context, Named::Site(id)));
    }
    let site = match named {
        Named::Site(id) => definition.site(&SiteId::new(id)).map(|site| &site.id),
        Named::Office(id) => definition.office(&OfficeId::new(id)).map(|office| &office.site),
        Named::Record(..) | Named::Sites(_) | Named::Person(_) => None,
    };
    site.map_or(Ok(()), |site| own_site(context, Some(site)))?;
    match (named, access::at_offices(&context.user)) {
        (Named::Office(id), Some(seen)) if site.is_some() && !seen.offices.contains(&OfficeId::new(id)) => {
            Err(Error::Denied("this is another office's".into()))
        }
        _ => Ok(()),
    }
}

/// A site is its own people's; administrators look after all of them.
fn own_site(context: &Context, site: Option<&SiteId>) -> Result<()> {
    let is_own = site.is_some() && context.user.site.as_ref() == site;
    match is_own || context.user.is(Role::Admin) {
        true => Ok(()),
        false => Err(Error::Denied("this is another site's".into())),
    }
}

/// Somebody's hours and days are their own, and of those at their site who arrange them.
async fn check_person(db: &mut Db<'_>, context: &Context, person: UserId) -> Result<()> {
    const ARRANGES: [Role; 5] = [Role::Adviser, Role::TeamLeader, Role::Supervisor, Role::Reception, Role::Admin];
    if person == context.user.id {
        return Ok(());
    }
    let site = match access::user(db, person).await {
        Err(Error::NotFound { .. }) => return Ok(()),
        user => user?.site,
    };
    match context.user.roles.any(&ARRANGES) {
        true => own_site(context, site.as_ref()),
        false => Err(Error::Denied("these are somebody else's hours".into())),
    }
}
