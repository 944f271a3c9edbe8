//! Claims checked while their clients are at the office: who came, whose form is in, who looks at it, what was asked, and
//! whether the claim may be lodged; and how long it took from the client's arrival.
//!
//! All of it is durable. A check is kept from the moment at which the client's arrival is recorded, or somebody takes it; what is
//! expected is read from the diary. Whether a form is in and what was asked is the claim's own ([`crate::claims`]).

mod check;
mod formula;
mod store;

pub use check::{Check, Shown, Stands, Taken, minutes};
pub use formula::{CheckFigures, CheckTime};

use crate::access::{self, Context, Role, audit};
use crate::claims::{self, Query, State, ToCheck};
use crate::diary::{self, Appointment, State as MeetingState};
use check::{Refused, Seen, queries_of};
use chrono::{DateTime, NaiveDate, Utc};
use startline_definition::{Definition, Definitions};
use startline_foundation::error::{Error, Result};
use startline_foundation::events::Topic;
use startline_foundation::formats::Language;
use startline_foundation::ids::{AppointmentId, ClaimId, OfficeId, SiteId};
use startline_foundation::store::Db;
use std::collections::{BTreeMap, HashMap};

/// More meetings than an office has on a day.
const MOST: i32 = 1_000;
/// Days asked for at once, at most: a quarter.
const MOST_DAYS: i64 = 92;

/// A check as a list shows it.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    pub appointment: Appointment,
    pub check: Check,
    pub shown: Shown,
    pub form_back_at: Option<DateTime<Utc>>,
    pub open: Vec<Query>,
    pub answered: Vec<Query>,
}

impl Line {
    /// Whether the client waits for it.
    pub fn runs(&self) -> bool {
        !matches!(self.shown, Shown::Complete | Shown::Lodged)
    }
}

/// An office's checks of one local day, in the order of its meetings.
pub async fn list(db: &mut Db<'_>, definition: &Definition, office: &OfficeId, day: NaiveDate) -> Result<Vec<Line>> {
    let meetings = diary::list_day(db, definition, office, day, None, MOST).await?;
    lines(db, meetings).await
}

async fn lines(db: &mut Db<'_>, meetings: Vec<Appointment>) -> Result<Vec<Line>> {
    let claims: Vec<ClaimId> = meetings.iter().map(|meeting| meeting.claim_id).collect();
    let claims = claims::to_check(db, &claims).await?;
    let ids: Vec<AppointmentId> = meetings.iter().map(|meeting| meeting.id).collect();
    let kept = store::of_appointments(db, &ids).await?;
    let kept: HashMap<AppointmentId, Check> = kept.into_iter().map(|check| (check.appointment_id, check)).collect();
    let line = |meeting: Appointment| {
        let claim = claims.get(&meeting.claim_id)?;
        line(meeting.clone(), kept.get(&meeting.id).cloned(), claim)
    };
    Ok(meetings.into_iter().filter_map(line).collect())
}

/// None where there is nothing to check: the start-up is not done, or the claim is closed, or was handed over before.
fn line(meeting: Appointment, kept: Option<Check>, of: &ToCheck) -> Option<Line> {
    let is_lodged = matches!(of.claim.state, State::Lodged { .. });
    let is_there = match of.claim.state {
        State::StartUpDone { .. } | State::Posted { .. } => !matches!(meeting.state, MeetingState::Failed),
        State::Lodged { .. } => kept.is_some(),
        State::Open | State::Closed(_) => false,
    };
    let is_here = meeting.arrived_at.is_some() || meeting.state == MeetingState::Attended;
    let check = kept.unwrap_or_else(|| fresh(&meeting));
    let (open, answered) = queries_of(of.queries.clone(), check.taken());
    let shown = Seen { stands: check.stands, is_here, is_lodged, open: &open, answered: &answered }.shown();
    // What was asked about a claim that was handed over is its own to tell.
    let (open, answered) = if is_lodged { (Vec::new(), Vec::new()) } else { (open, answered) };
    is_there.then_some(Line { appointment: meeting, check, shown, form_back_at: of.form_back_at, open, answered })
}

/// One of which nothing is kept yet.
fn fresh(meeting: &Appointment) -> Check {
    Check {
        appointment_id: meeting.id,
        claim_id: meeting.claim_id,
        office: meeting.office.clone(),
        opened_at: None,
        arrived_at: meeting.arrived_at,
        stands: Stands::Open,
        version: 0,
    }
}

/// The client is here, or the meeting was held: from now on the check is counted.
pub async fn client_came(db: &mut Db<'_>, context: &Context, meeting: &Appointment) -> Result<()> {
    let claim = claims::for_update(db, meeting.claim_id).await?;
    if claim.check_amendable().is_err() {
        return Ok(());
    }
    let kept = store::get(db, meeting.id).await?;
    if kept.as_ref().is_some_and(|kept| kept.opened_at.is_some() && kept.arrived_at == meeting.arrived_at) {
        return Ok(());
    }
    let is_first = kept.is_none();
    let kept = kept.unwrap_or_else(|| fresh(meeting));
    let opened_at = meeting.arrived_at.or(kept.opened_at).or(Some(context.now));
    let version = if is_first { 1 } else { kept.version };
    store::put(db, &Check { arrived_at: meeting.arrived_at, opened_at, version, ..kept }).await
}

/// They did not come after all: it is counted no more.
pub async fn client_did_not_come(db: &mut Db<'_>, meeting: &Appointment) -> Result<()> {
    let Some(kept) = store::get(db, meeting.id).await? else { return Ok(()) };
    store::put(db, &Check { arrived_at: None, opened_at: None, ..kept }).await
}

/// The meeting has another time, and perhaps another office: the check begins anew with it.
pub async fn meeting_moved(db: &mut Db<'_>, context: &Context, meeting: &Appointment) -> Result<()> {
    if store::remove(db, meeting.id).await? {
        audit(db, context, "check_begun_anew", "appointment", &meeting.id).await?;
    }
    Ok(())
}

/// What happened to a claim that is being checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// It is to be looked at again: something was asked, or amended, or is to come after all.
    ToLookAt,
    /// Whoever looks at the list sees it.
    ToSee,
}

/// The claim changed, in the transaction in which its own room changed it: a check that was complete is its holder's again.
pub async fn claim_changed(db: &mut Db<'_>, context: &Context, id: ClaimId, change: Change) -> Result<()> {
    for mut check in store::of_claim(db, id).await? {
        if change == Change::ToLookAt && check.reopen() {
            store::put(db, &check).await?;
            audit(db, context, "check_reopened", "appointment", &check.appointment_id).await?;
        }
    }
    for meeting in diary::of_claim(db, id).await? {
        db.after_commit(Topic::Office(meeting.office));
    }
    Ok(())
}

/// Takes a check. Whoever has it already keeps it.
///
/// # Errors
/// `Illegal`: somebody else has it, it is complete, the client has not come and the form is not in, or there is nothing to check;
/// `Stale`.
pub async fn take(
    db: &mut Db<'_>,
    context: &Context,
    definition: &Definition,
    id: AppointmentId,
    seen: i32,
) -> Result<Line> {
    let (meeting, mut check) = for_update(db, id).await?;
    check_underway(db, &meeting).await?;
    let is_here = meeting.arrived_at.is_some() || meeting.state == MeetingState::Attended;
    if !is_here && claims::form_back_at(db, meeting.claim_id).await?.is_none() {
        let message =
            "there is nothing to look at yet: record that the client has come, or scan the form that was handed in";
        return Err(Error::illegal("CHECK_NOT_DUE", message));
    }
    match check.take(context.user.id, seen, context.now) {
        Ok(false) => {}
        Ok(true) => {
            store::put(db, &check).await?;
            audit(db, context, "check_taken", "appointment", &id).await?;
        }
        Err(refused) => return Err(told(db, definition, refused).await?),
    }
    shown(db, id).await
}

/// Gives it back to whoever takes it next.
///
/// # Errors
/// `Illegal`: nobody has it, somebody else has and whoever asks leads nobody, or it is complete; `Stale`.
pub async fn hand_back(
    db: &mut Db<'_>,
    context: &Context,
    definition: &Definition,
    id: AppointmentId,
    seen: i32,
) -> Result<Line> {
    let (meeting, mut check) = for_update(db, id).await?;
    check_underway(db, &meeting).await?;
    if let Err(refused) = check.hand_back(context.user.id, context.user.is(Role::TeamLeader), seen) {
        return Err(told(db, definition, refused).await?);
    }
    store::put(db, &check).await?;
    audit(db, context, "check_handed_back", "appointment", &id).await?;
    shown(db, id).await
}

/// Says that the claim is complete and may be lodged.
///
/// # Errors
/// `Illegal`: whoever asks does not have it, it is complete, or something is open, with what; `Stale`.
pub async fn complete(
    db: &mut Db<'_>,
    context: &Context,
    definitions: &Definitions,
    id: AppointmentId,
    seen: i32,
) -> Result<Line> {
    let (meeting, mut check) = for_update(db, id).await?;
    check_underway(db, &meeting).await?;
    if let Err(refused) = check.complete(context.user.id, seen, context.now) {
        return Err(told(db, definitions.current(), refused).await?);
    }
    let open = still_open(db, context, definitions, meeting.claim_id).await?;
    if !open.is_empty() {
        return Err(Error::illegal("CHECK_NOT_COMPLETE", format!("this is still open: {}", open.join("; "))));
    }
    store::put(db, &check).await?;
    audit(db, context, "check_completed", "appointment", &id).await?;
    shown(db, id).await
}

/// What keeps a claim from being complete, each as it is named.
async fn still_open(db: &mut Db<'_>, context: &Context, definitions: &Definitions, id: ClaimId) -> Result<Vec<String>> {
    let claim = claims::get(db, id).await?;
    let definition = definitions.version(db, &claim.definition_version).await?;
    let standing = claims::standing(db, &definition, &claim, context.now).await?;
    let mut open = Vec::new();
    if standing.form_back_at.is_none() {
        open.push("the signed form is not handed in".to_owned());
    }
    open.extend(standing.open_queries.iter().map(|query| format!("query {}", query.named())));
    let label = |evidence: &String| {
        let rule = definition.form.evidence.iter().find(|rule| rule.id == *evidence);
        rule.map_or_else(|| evidence.clone(), |rule| rule.label.in_language(Language::English).to_owned())
    };
    open.extend(standing.evidence_to_come.iter().map(|evidence| format!("to bring {}", label(evidence))));
    Ok(open)
}

/// The meeting and its check, kept from others by the claim's row.
async fn for_update(db: &mut Db<'_>, id: AppointmentId) -> Result<(Appointment, Check)> {
    let claim = diary::appointment(db, id).await?.claim_id;
    claims::for_update(db, claim).await?;
    let meeting = diary::appointment(db, id).await?;
    let check = store::get(db, id).await?.unwrap_or_else(|| fresh(&meeting));
    Ok((meeting, check))
}

/// Whether there is something to check: the claim first, since the meetings of one that was closed are called off.
async fn check_underway(db: &mut Db<'_>, meeting: &Appointment) -> Result<()> {
    claims::get(db, meeting.claim_id).await?.check_amendable()?;
    match meeting.state {
        MeetingState::Booked | MeetingState::Attended => Ok(()),
        MeetingState::Held { .. } | MeetingState::Failed | MeetingState::Cancelled { .. } | MeetingState::Released => {
            let message = "this meeting is not booked and was not held: the claim is checked at the client's next one";
            Err(Error::illegal("NO_BOOKED_MEETING", message))
        }
    }
}

async fn shown(db: &mut Db<'_>, id: AppointmentId) -> Result<Line> {
    let meeting = diary::appointment(db, id).await?;
    let line = lines(db, vec![meeting]).await?.pop();
    line.ok_or_else(|| Error::internal("a check that was just changed is not to be seen"))
}

async fn told(db: &mut Db<'_>, definition: &Definition, refused: Refused) -> Result<Error> {
    let since = |at: DateTime<Utc>| definition.calendar.local_time(at).format("%H:%M").to_string();
    Ok(match refused {
        Refused::Stale => Error::stale("this check was changed by somebody else meanwhile; look at the list again"),
        Refused::NotTaken => Error::illegal("CHECK_NOT_TAKEN", "nobody has this check: take it first"),
        Refused::Taken(taken) => {
            let name = access::user(db, taken.by).await?.name;
            Error::illegal("CHECK_TAKEN", format!("{name} has had this check since {}", since(taken.at)))
        }
        Refused::Complete(taken, at) => {
            let name = access::user(db, taken.by).await?.name;
            Error::illegal("CHECK_COMPLETE", format!("{name} said at {} that this claim is complete", since(at)))
        }
    })
}

/// How long checks took.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// By local day, and on a day by office.
    pub days: Vec<((NaiveDate, OfficeId), CheckFigures)>,
    pub total: CheckFigures,
}

/// Of a site's offices between two local days, both included.
pub async fn report(
    db: &mut Db<'_>,
    definition: &Definition,
    site: &SiteId,
    (first, last): (NaiveDate, NaiveDate),
    now: DateTime<Utc>,
) -> Result<Report> {
    if !(0..MOST_DAYS).contains(&(last - first).num_days()) {
        let reason = format!("must not be before first_day, nor more than {MOST_DAYS} days on");
        return Err(Error::invalid("last_day", reason));
    }
    let calendar = &definition.calendar;
    let bounds = (calendar.day_bounds(first).0, calendar.day_bounds(last).1);
    let mut days: BTreeMap<(NaiveDate, OfficeId), Vec<CheckTime>> = BTreeMap::new();
    let mut all = Vec::new();
    for office in definition.offices_of(site) {
        for (opened_at, time) in store::opened_at(db, &office.id, bounds).await? {
            days.entry((calendar.local_date(opened_at), office.id.clone())).or_default().push(time);
            all.push(time);
        }
    }
    let aim = definition.service.settings.check_aim_minutes;
    let figures = |times: &[CheckTime]| CheckFigures::of(times, aim, now);
    let days = days.into_iter().map(|(place, times)| (place, figures(&times))).collect();
    Ok(Report { days, total: figures(&all) })
}
