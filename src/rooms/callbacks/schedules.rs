//! A site's days as far as call-backs are concerned, read once and searched in memory: who is on outbound duty, and who
//! sits where.

use super::capacity::{DayPlan, Place, PlaceKey, Sitting};
use super::needs::{Needs, Skills};
use super::place_store as store;
use crate::access::{self, User};
use crate::rota::{self, Activity, DayCells, Rota, cells_between};
use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use startline_definition::{Definition, OUTBOUND, Site};
use startline_foundation::error::Result;
use startline_foundation::ids::UserId;
use startline_foundation::store::Db;

pub(super) struct Schedules<'a> {
    pub definition: &'a Definition,
    pub site: &'a Site,
    pub staff: Vec<User>,
    rota: Rota,
    /// The day from which on the site keeps a roster, if it does.
    roster_from: Option<NaiveDate>,
    /// Working days read so far, in order.
    pub days: Vec<DayPlan>,
    /// The first day not yet read, and the last there may be.
    next: NaiveDate,
    last: NaiveDate,
    now: DateTime<Utc>,
}

impl<'a> Schedules<'a> {
    /// Nothing of the days is read yet.
    pub async fn open(
        db: &mut Db<'_>,
        definition: &'a Definition,
        site: &'a Site,
        (first, last): (NaiveDate, NaiveDate),
        now: DateTime<Utc>,
    ) -> Result<Self> {
        let staff = access::advisers_of_site(db, &site.id).await?;
        let mut rota = rota::of_site(db, &site.id, (first, last)).await?;
        rota.patterns.retain(|pattern| pattern.shifts.iter().any(|shift| shift.activity != Activity::Meetings));
        let roster_from = rota.patterns.iter().map(|pattern| pattern.valid_from).min();
        Ok(Self { definition, site, staff, rota, roster_from, days: Vec::new(), next: first, last, now })
    }

    /// Reads on up to this day; false when there is no more to be read.
    pub async fn read_until(&mut self, db: &mut Db<'_>, day: NaiveDate) -> Result<bool> {
        let (first, until) = (self.next, day.min(self.last));
        if first <= until {
            self.next = until + Days::new(1);
            self.read(db, (first, until)).await?;
        }
        Ok(self.next <= self.last)
    }

    /// Reads this day alone.
    pub async fn read_day(&mut self, db: &mut Db<'_>, day: NaiveDate) -> Result<()> {
        self.read(db, (day, day)).await
    }

    /// What is before this day is not looked for.
    pub fn skip_to(&mut self, day: NaiveDate) {
        self.next = self.next.max(day);
    }

    async fn read(&mut self, db: &mut Db<'_>, (first, until): (NaiveDate, NaiveDate)) -> Result<()> {
        let calendar = &self.definition.calendar;
        let unread = |day: &NaiveDate| self.day(*day).is_none();
        let days = first.iter_days().take_while(|day| *day <= until).filter(unread);
        let mut plans: Vec<DayPlan> = days.filter_map(|day| self.empty(day)).collect();
        let (Some(earliest), Some(latest)) = (plans.first(), plans.last()) else { return Ok(()) };
        let bounds = (calendar.day_bounds(earliest.day).0, calendar.day_bounds(latest.day).1);
        for found in store::sittings(db, &self.site.id, bounds, self.now).await? {
            let day = calendar.local_date(found.starts_at);
            let Ok(at) = plans.binary_search_by_key(&day, |plan| plan.day) else { continue };
            if let Some(sitting) = sitting(self.definition, &plans[at], found) {
                plans[at].sit(sitting);
            }
        }
        self.days.append(&mut plans);
        self.days.sort_by_key(|plan| plan.day);
        Ok(())
    }

    pub fn day_mut(&mut self, day: NaiveDate) -> Option<&mut DayPlan> {
        self.days.iter_mut().find(|plan| plan.day == day)
    }

    pub fn day(&self, day: NaiveDate) -> Option<&DayPlan> {
        self.days.iter().find(|plan| plan.day == day)
    }

    pub fn last_day(&self) -> NaiveDate {
        self.last
    }

    pub fn next_day(&self) -> NaiveDate {
        self.next
    }

    /// Whether the site's advisers have their own places on this day.
    pub fn is_rostered(&self, day: NaiveDate) -> bool {
        self.roster_from.is_some_and(|from| from <= day)
    }

    pub fn rota(&self) -> &Rota {
        &self.rota
    }

    pub fn name_of(&self, adviser: UserId) -> String {
        let user = self.staff.iter().find(|user| user.id == adviser);
        user.map(|user| user.name.clone()).unwrap_or_default()
    }

    /// The day with nobody sitting anywhere yet; none when the centre is closed.
    fn empty(&self, day: NaiveDate) -> Option<DayPlan> {
        let (opens, closes) = self.definition.calendar.opening(self.site, day)?;
        let cell = cell(self.definition);
        let cells = usize::try_from((closes - opens).num_minutes() / cell.num_minutes().max(1)).unwrap_or(0);
        let mut plan = DayPlan::new(day, opens, cell, cells);
        let crew = self.staff.iter().filter(|user| user.skills.iter().any(|skill| skill == OUTBOUND));
        let skills_of = |user: &User| Skills::of_adviser(self.definition, &user.skills);
        if self.is_rostered(day) {
            for user in crew {
                let duty = self.duty(user.id, day, &plan);
                plan.add_place(Place { key: PlaceKey::Adviser(user.id), skills: skills_of(user), duty });
            }
        } else {
            let duty = DayCells::from_range(0..cells);
            for number in 1..=self.site.callbacks_per_half_hour {
                plan.add_place(Place { key: PlaceKey::Number(number), skills: Skills::NONE, duty });
            }
            plan.set_crew(crew.map(skills_of).collect());
        }
        Some(plan)
    }

    /// The cells of the grid all of which the adviser is on outbound duty.
    fn duty(&self, adviser: UserId, day: NaiveDate, plan: &DayPlan) -> DayCells {
        let mut duty = DayCells::NONE;
        let Some(working) = self.rota.day(adviser, day, (self.site, &self.definition.calendar)) else { return duty };
        let outbound = working.cells(Activity::Outbound);
        for cell in 0..plan.cells {
            let (from, until) = (plan.start_of(cell), plan.start_of(cell + 1));
            if outbound.has_all(cells_between(working.midnight, from, until)) {
                duty.add(cell..cell + 1);
            }
        }
        duty
    }
}

/// None for what lies off the grid: it was booked under other opening hours.
fn sitting(definition: &Definition, plan: &DayPlan, found: store::Found) -> Option<Sitting> {
    let start = plan.cell_at(found.starts_at)?;
    Some(Sitting {
        who: found.who,
        key: found.key,
        cells: start..(start + found.cells).min(plan.cells),
        needs: Needs::of_words(definition, found.needs).skills,
        fixed: found.fixed,
    })
}

/// The step on which call-backs begin.
pub(super) fn cell(definition: &Definition) -> TimeDelta {
    TimeDelta::minutes(definition.service.settings.callback_slot_minutes.into())
}

/// How many cells a call with these needs takes.
pub(super) fn cells_of(definition: &Definition, needs: &Needs) -> usize {
    let settings = &definition.service.settings;
    let minutes = settings.callback_minutes + settings.callback_wrap_minutes;
    let cells = minutes.div_ceil(settings.callback_slot_minutes.max(1)).max(1);
    let times = if needs.double_length { 2 } else { 1 };
    usize::try_from(cells * times).unwrap_or(1)
}
