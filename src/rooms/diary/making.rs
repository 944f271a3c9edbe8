//! Diaries made from the rota: each personal adviser's days up to the horizon, nightly and whenever their hours change.
//!
//! What is made is working time; what is taken of it is read back from the appointments, so a day can be made again at any
//! moment. A day's row is locked while it is made, and a booking waits that long.

use super::appointment::{Appointment, State};
use super::day::DiaryDay;
use super::finding::{is_newcomer, last_day};
use super::open::{self, Where, open_cells};
use super::{LookAtMeeting, appointment_store as store, day_store};
use crate::access;
use crate::access::AtOffices;
use crate::rota::{self, Activity, Block, DayCells, Rota, Whose, cells_between};
use chrono::{DateTime, Days, NaiveDate, Utc};
use startline_definition::{Definition, Site};
use startline_foundation::error::Result;
use startline_foundation::ids::UserId;
use startline_foundation::store::{Db, Store, enqueue};
use std::collections::BTreeMap;

/// Days that are over stay for a while: whoever was met yesterday may be recorded today.
const KEPT_DAYS: u64 = 14;

/// Makes one person's diary from today to the horizon. Gives the booked meetings that lie outside their working time.
pub async fn make_person(
    db: &mut Db<'_>,
    definition: &Definition,
    site: &Site,
    person: UserId,
    now: DateTime<Utc>,
) -> Result<Vec<Appointment>> {
    let days = (definition.calendar.local_date(now), last_day(definition, now));
    let rota = rota::of_person(db, person, &site.id, days).await?;
    let stranded = make_days(db, definition, site, person, &rota, days, now).await?;
    day_store::set_reach(db, person, days.1, &definition.version).await?;
    Ok(stranded)
}

/// Makes again the days that a block touches, of everybody it concerns.
pub async fn make_for_block(
    db: &mut Db<'_>,
    definition: &Definition,
    site: &Site,
    block: &Block,
    now: DateTime<Utc>,
) -> Result<Vec<Appointment>> {
    let days =
        (definition.calendar.local_date(now).max(block.first_day), last_day(definition, now).min(block.last_day));
    if days.0 > days.1 {
        return Ok(Vec::new());
    }
    let rota = match block.whose {
        Whose::One(person) => rota::of_person(db, person, &site.id, days).await?,
        Whose::Office(_) | Whose::Site => rota::of_site(db, &site.id, days).await?,
    };
    let mut stranded = Vec::new();
    // Everybody's days are locked in the order of people, as any other change of several does.
    for person in rota.people() {
        stranded.extend(make_days(db, definition, site, person, &rota, days, now).await?);
    }
    stranded.sort_by_key(|appointment| (appointment.starts_at, appointment.id));
    Ok(stranded)
}

/// Makes what is missing of every diary of the network, one person a transaction, so that bookings need not wait. Gives how
/// many diaries were made.
pub async fn make_all(store: &Store, definition: &Definition, now: DateTime<Utc>) -> Result<usize> {
    let mut made = 0;
    let horizon = last_day(definition, now);
    for site in &definition.sites {
        let (people, reach) = {
            let mut reader = store.read().await?;
            let today = definition.calendar.local_date(now);
            let rota = rota::of_site(&mut reader.db(), &site.id, (today, today)).await?;
            (rota.people().collect::<Vec<_>>(), day_store::reach(&mut reader.db()).await?)
        };
        let is_due = |person: &UserId| {
            reach.get(person).is_none_or(|(until, version)| *until < horizon || *version != definition.version)
        };
        for person in people.into_iter().filter(is_due) {
            let mut tx = store.begin_write().await?;
            if access::user(&mut tx.db(), person).await?.is(access::Role::PersonalAdviser) {
                make_person(&mut tx.db(), definition, site, person, now).await?;
                tx.commit().await?;
                made += 1;
            }
            tokio::task::yield_now().await;
        }
    }
    Ok(made)
}

/// Forgets the days that are long over.
pub async fn forget_old_days(db: &mut Db<'_>, definition: &Definition, now: DateTime<Utc>) -> Result<u64> {
    day_store::forget_before(db, definition.calendar.local_date(now) - Days::new(KEPT_DAYS)).await
}

async fn make_days(
    db: &mut Db<'_>,
    definition: &Definition,
    site: &Site,
    person: UserId,
    rota: &Rota,
    days: (NaiveDate, NaiveDate),
    now: DateTime<Utc>,
) -> Result<Vec<Appointment>> {
    let calendar = &definition.calendar;
    // Locked first: what is booked from now on waits, and what was booked is read after.
    let mut known: BTreeMap<NaiveDate, DiaryDay> = BTreeMap::new();
    for day in day_store::of_person(db, person, days).await? {
        known.insert(day.day, day);
    }
    let bounds = (calendar.day_bounds(days.0).0, calendar.day_bounds(days.1).1);
    let mut booked: BTreeMap<NaiveDate, Vec<Appointment>> = BTreeMap::new();
    for appointment in store::of_person(db, person, bounds, None).await? {
        booked.entry(calendar.local_date(appointment.starts_at)).or_default().push(appointment);
    }
    let (mut rows, mut stranded, mut changed) = (Vec::new(), Vec::new(), Vec::new());
    for date in days.0.iter_days().take_while(|date| *date <= days.1) {
        let working = rota.day(person, date, (site, calendar));
        let appointments = booked.remove(&date).unwrap_or_default();
        let office = working.as_ref().and_then(|day| day.office.clone());
        let office = office.or_else(|| known.get(&date).map(|day| day.office.clone()));
        let is_off = working.as_ref().is_none_or(|day| day.is_off());
        // A day off has no row, unless it had one or somebody is booked on it.
        let Some(office) = office.filter(|_| !is_off || known.contains_key(&date) || !appointments.is_empty()) else {
            continue;
        };
        let midnight = calendar.day_bounds(date).0;
        let open =
            |place: Where| open_cells((calendar, site), place.week(&definition.diary, site, &office), (date, midnight));
        let reasoned = working.as_ref().map_or(DayCells::NONE, |day| day.reasoned);
        let anywhere = open(Where::AtOffice).or(open(Where::AtHome)).or(reasoned);
        let mut day = DiaryDay {
            personal_adviser: person,
            day: date,
            site: site.id.clone(),
            // Nobody is met while office and site are closed, whatever hours somebody was given, without a named reason.
            working: working.map(|day| day.cells(Activity::Meetings)).unwrap_or_default().and(anywhere),
            office,
            midnight,
            reasoned,
            taken: DayCells::NONE,
            newcomer_cells: 0,
            stranded: false,
        };
        for appointment in &appointments {
            let cell = cells_between(midnight, appointment.starts_at, appointment.ends_at).start;
            if let Some(busy) = appointment.length().busy(cell) {
                day.take(busy, is_newcomer(&definition.diary, &appointment.kind));
            }
        }
        // What is printed of a first meeting follows from whether it stands. By hours that another definition had it may have stood
        // before, so whichever does not stand is looked at, and whichever may not have stood.
        let stood = known.get(&date);
        let stands = |day: &DiaryDay, one: &Appointment| {
            open::is_within(definition, site, day, &one.kind, (one.starts_at, one.ends_at))
        };
        changed.extend(
            appointments.iter().filter(|one| one.state == State::Booked && one.is_first_meeting()).filter_map(|one| {
                let stood = stood.is_none_or(|before| !before.stranded && stands(before, one));
                (!stood || !stands(&day, one)).then_some(one.id)
            }),
        );
        let left = left_outside(definition, site, &day, appointments);
        day.stranded = !left.is_empty();
        rows.push(day);
        stranded.extend(left);
    }
    day_store::put(db, &rows).await?;
    if !changed.is_empty() {
        let system = access::system_context(db, now).await?.user.id;
        for appointment_id in changed {
            enqueue(db, &LookAtMeeting { appointment_id }, system, now).await?;
        }
    }
    Ok(stranded)
}

/// The booked meetings of a day that lie outside its working time.
pub async fn stranded_on(
    db: &mut Db<'_>,
    definition: &Definition,
    site: &Site,
    day: &DiaryDay,
    seen: Option<&AtOffices>,
) -> Result<Vec<Appointment>> {
    let bounds = definition.calendar.day_bounds(day.day);
    let booked = store::of_person(db, day.personal_adviser, bounds, seen).await?;
    Ok(left_outside(definition, site, day, booked))
}

fn left_outside(
    definition: &Definition,
    site: &Site,
    day: &DiaryDay,
    appointments: Vec<Appointment>,
) -> Vec<Appointment> {
    let is_outside = |one: &Appointment| {
        one.state == State::Booked && !open::is_within(definition, site, day, &one.kind, (one.starts_at, one.ends_at))
    };
    appointments.into_iter().filter(is_outside).collect()
}
