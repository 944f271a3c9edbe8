//! Whose diary is looked at, and what is in it.

use super::words::DayWords;
use crate::refused::empty;
use crate::seat::{Seat, instant};
use axum::response::Response;
use chrono::{Datelike, Days, NaiveDate};
use futures_util::StreamExt;
use startline_api as pb;
use startline_api::Request;
use startline_definition::Site;
use startline_foundation::formats::parse_date;
use startline_foundation::ids::OfficeId;
use startline_rooms::access::Role;

/// The diary that was looked at last in this browser.
pub const LOOKED_AT: &str = "startline-day";
/// Pages of 200 of an office's day: more than any has.
const MOST_PAGES: usize = 5;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Whose {
    Office(String),
    Person(String),
}

impl Whose {
    /// As the address says.
    pub fn asked(seat: &Seat) -> Option<Self> {
        let query = &seat.visitor.query;
        match (query.get("office"), query.get("personal-adviser")) {
            ("", "") => Self::parse(query.get("whose")),
            ("", person) => Some(Self::Person(person.to_owned())),
            (office, _) => Some(Self::Office(office.to_owned())),
        }
    }

    /// As the address says; else as they looked last; else their own.
    pub fn of(seat: &Seat) -> Option<Self> {
        let looked = || seat.visitor.cookie(LOOKED_AT).and_then(|kept| Self::parse(&kept));
        let usual = || offices(seat).into_iter().next().map(|(id, _)| Self::Office(id));
        let own = || (seat.is(Role::PersonalAdviser)).then(|| Self::Person(seat.user().id.to_string()));
        let may = |whose: &Self| match whose {
            Self::Office(id) => offices(seat).iter().any(|(office, _)| office == id),
            Self::Person(_) => true,
        };
        Self::asked(seat).or_else(|| looked().filter(may)).or_else(own).or_else(usual)
    }

    pub fn parse(text: &str) -> Option<Self> {
        match text.split_once(':') {
            Some(("office", id)) if !id.is_empty() => Some(Self::Office(id.to_owned())),
            Some(("person", id)) if !id.is_empty() => Some(Self::Person(id.to_owned())),
            _ => None,
        }
    }

    /// The value of a choice.
    pub fn value(&self) -> String {
        match self {
            Self::Office(id) => format!("office:{id}"),
            Self::Person(id) => format!("person:{id}"),
        }
    }

    /// As an address names it.
    pub fn query(&self) -> String {
        match self {
            Self::Office(id) => format!("office={}", escaped(id)),
            Self::Person(id) => format!("personal-adviser={}", escaped(id)),
        }
    }

    pub fn topic(&self, day: NaiveDate) -> String {
        match self {
            Self::Office(id) => format!("day:{day}:office:{id}"),
            Self::Person(id) => format!("day:{day}:personal-adviser:{id}"),
        }
    }
}

/// A value within an address.
pub fn escaped(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// A path of ours, and what was just done there.
pub fn done(path: &str, what: &str) -> String {
    let join = if path.contains('?') { '&' } else { '?' };
    format!("{path}{join}done={what}")
}

/// The offices whose days they may read, by name: those of their duties, or all of their site's.
pub fn offices(seat: &Seat) -> Vec<(String, String)> {
    let definition = seat.definition();
    let user = seat.user();
    let duties = user.duties.iter().filter(|duty| duty.holds(seat.now) && duty.role.works_at_an_office());
    let mut ids: Vec<OfficeId> = Vec::new();
    for duty in duties {
        match (&duty.office, &duty.site) {
            (Some(office), _) => ids.push(office.clone()),
            (None, Some(site)) => ids.extend(definition.offices_of(site).map(|office| office.id.clone())),
            (None, None) => {}
        }
    }
    if ids.is_empty() {
        let site = seat.site().or_else(|| user.site.clone());
        let of_site = |office: &&startline_definition::Office| site.as_ref().is_none_or(|site| office.site == *site);
        ids = definition.offices.iter().filter(of_site).map(|office| office.id.clone()).collect();
    }
    let mut named: Vec<(String, String)> =
        ids.iter().map(|id| (id.to_string(), seat.office_name(id.as_str()))).collect();
    let mut seen = std::collections::HashSet::new();
    named.retain(|(id, _)| seen.insert(id.clone()));
    named
}

/// The personal advisers whose days they may arrange: their colleagues' ids and names, or themselves.
pub async fn personal_advisers(seat: &Seat) -> Vec<(String, String)> {
    let own = (seat.user().id.to_string(), seat.user().name.clone());
    let mut all = Vec::new();
    if seat.is_any(&[Role::Reception, Role::TeamLeader, Role::Admin]) {
        let mut page_token = String::new();
        for _ in 0..MOST_PAGES {
            let request = pb::ListUsersRequest {
                role: pb::Role::PersonalAdviser.into(),
                page_size: 200,
                page_token,
                ..Default::default()
            };
            let Some(answer) = seat.may(request).await else { break };
            all.extend(answer.users.into_iter().map(|user| (user.user_id, user.name)));
            page_token = answer.next_page_token;
            if page_token.is_empty() {
                break;
            }
        }
    }
    if seat.is(Role::PersonalAdviser) && !all.iter().any(|(id, _)| *id == own.0) {
        all.insert(0, own);
    }
    all
}

/// What is booked on a day, by time, and why there is nothing.
///
/// # Errors
/// The page that says why it cannot be shown.
pub async fn day(
    seat: &Seat,
    whose: &Whose,
    day: NaiveDate,
) -> Result<(Vec<pb::Appointment>, Option<&'static str>), Response> {
    match whose {
        Whose::Office(office_id) => of_office(seat, office_id, day).await,
        Whose::Person(id) => Ok((of_person(seat, id, day).await?, None)),
    }
}

async fn of_office(
    seat: &Seat,
    office_id: &str,
    day: NaiveDate,
) -> Result<(Vec<pb::Appointment>, Option<&'static str>), Response> {
    let (mut all, mut page_token) = (Vec::new(), String::new());
    let mut why = None;
    for _ in 0..MOST_PAGES {
        let (office_id, day) = (office_id.to_owned(), day.to_string());
        let answer = seat.need(pb::ListDayRequest { office_id, day, page_size: 200, page_token }).await?;
        all.extend(answer.appointments);
        why = empty::why(seat.language(), answer.why_empty.as_ref()).or(why);
        page_token = answer.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }
    Ok((all, why))
}

/// The first that is told of it: there is no list of a personal adviser's day.
async fn of_person(seat: &Seat, id: &str, day: NaiveDate) -> Result<Vec<pb::Appointment>, Response> {
    let asked = pb::WatchDayRequest { day: day.to_string(), personal_adviser_id: id.to_owned(), ..Default::default() };
    let mut told = seat.listen(&asked).await.map_err(|refusal| seat.refused(&refusal))?;
    let first = match told.next().await {
        Some(Ok(bytes)) => pb::WatchDayRequest::answer(&bytes).ok().and_then(|answer| answer.event),
        Some(Err(refusal)) => return Err(seat.refused(&refusal)),
        None => None,
    };
    match first {
        Some(pb::watch_day_response::Event::Day(day)) => Ok(day.appointments),
        _ => Ok(Vec::new()),
    }
}

/// The day that an address or a form names, today when it names none; and whether what was typed is no day.
pub fn named_day(seat: &Seat, text: &str) -> (NaiveDate, bool) {
    match text.trim() {
        "" => (seat.today(), false),
        text => parse_date(text).map_or((seat.today(), true), |day| (day, false)),
    }
}

/// The site whose days a diary keeps, open whenever it is or the office that is looked at; for a person, any of its offices.
pub fn site_of(seat: &Seat, whose: &Whose) -> Option<Site> {
    let definition = seat.definition();
    let of_office = match whose {
        Whose::Office(id) => definition.office(&OfficeId::new(id)).map(|office| office.site.clone()),
        Whose::Person(_) => None,
    };
    let site = of_office.or_else(|| seat.site()).or_else(|| seat.user().site.clone())?;
    let mut site = definition.site(&site)?.clone();
    let offices = definition.offices_of(&site.id).filter(|office| match whose {
        Whose::Office(id) => office.id.as_str() == id,
        Whose::Person(_) => true,
    });
    for week in offices.map(|office| *definition.diary.opening_of(&office.id, &site)).collect::<Vec<_>>() {
        for (all, one) in site.opening.iter_mut().zip(week) {
            *all = match (*all, one) {
                (Some((from, until)), Some((opens, closes))) => Some((from.min(opens), until.max(closes))),
                (hours, None) | (None, hours) => hours,
            };
        }
    }
    Some(site)
}

/// The next day before or after on whose weekday the site is open.
pub fn open_day(site: Option<&Site>, day: NaiveDate, forward: bool) -> NaiveDate {
    let step = |day: NaiveDate| if forward { day.succ_opt() } else { day.pred_opt() };
    let mut at = day;
    for _ in 0..7 {
        at = step(at).unwrap_or(at);
        if site.is_none_or(|site| site.hours_on(at.weekday()).is_some()) {
            return at;
        }
    }
    step(day).unwrap_or(day)
}

/// The days of a week on which the site is open.
pub fn week_of(site: Option<&Site>, day: NaiveDate) -> Vec<NaiveDate> {
    let monday = day.week(chrono::Weekday::Mon).first_day();
    let days = (0..7).filter_map(|n| monday.checked_add_days(Days::new(n)));
    let is_open = |day: &NaiveDate| match site {
        Some(site) => site.hours_on(day.weekday()).is_some(),
        None => day.weekday().num_days_from_monday() < 5,
    };
    days.filter(is_open).collect()
}

/// Where the client of a meeting is, as whoever looks at the list needs it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Here {
    /// Somebody is booking it just now.
    Held,
    Expected,
    Waiting,
    Met,
    Missed,
    /// Cancelled, put off or done without.
    Off,
}

/// A meeting as a list or a diary shows it.
#[derive(Clone)]
pub struct Row {
    pub id: String,
    pub claim: String,
    pub client: String,
    pub name: String,
    pub kind: String,
    pub kind_id: String,
    pub day: NaiveDate,
    pub at: String,
    pub until: String,
    pub with: String,
    pub with_id: String,
    pub office_id: String,
    pub office: String,
    pub room: String,
    pub is_urgent: bool,
    pub here: Here,
    pub arrived: String,
    pub arrived_s: i64,
    /// Whole minutes after its beginning: as they came, or as they have not come yet.
    pub late_minutes: i64,
    /// Minutes since midnight.
    pub from_minute: u32,
    pub to_minute: u32,
    pub starts_s: i64,
    pub ends_s: i64,
    pub is_of_series: bool,
    pub cancelled: &'static str,
    /// Who speaks for the client, and how they are reached.
    pub contact: Vec<String>,
}

impl Row {
    pub fn of(seat: &Seat, appointment: &pb::Appointment) -> Self {
        use chrono::Timelike;
        use pb::AppointmentState as State;
        let d = DayWords::of(seat.language());
        let slot = appointment.slot.clone().unwrap_or_default();
        let local = |at: Option<&pb::prost_types::Timestamp>| at.and_then(instant).map(|at| seat.local(at));
        let (from, to) = (local(slot.start_time.as_ref()), local(slot.end_time.as_ref()));
        let minute = |local: Option<(NaiveDate, chrono::NaiveTime)>| {
            local.map_or(0, |(_, time)| time.hour() * 60 + time.minute())
        };
        let here = match appointment.state() {
            State::Held => Here::Held,
            State::Booked if appointment.arrived_time.is_some() => Here::Waiting,
            State::Booked | State::Unspecified => Here::Expected,
            State::Attended => Here::Met,
            State::Failed => Here::Missed,
            State::Cancelled | State::Released => Here::Off,
        };
        let starts_s = slot.start_time.as_ref().map_or(0, |at| at.seconds);
        let late_minutes = match here {
            Here::Expected => ((seat.now.timestamp() - starts_s) / 60).max(0),
            _ => i64::from(appointment.late_minutes),
        };
        Self {
            id: appointment.appointment_id.clone(),
            claim: appointment.claim_id.clone(),
            client: appointment.client_id.clone(),
            name: appointment.client_name.clone(),
            kind: appointment.kind_name.clone(),
            kind_id: appointment.kind.clone(),
            day: from.map_or_else(|| seat.today(), |(day, _)| day),
            at: seat.time(slot.start_time.as_ref()),
            until: seat.time(slot.end_time.as_ref()),
            with: slot.personal_adviser_name,
            with_id: slot.personal_adviser_id,
            office: slot.office_name,
            office_id: slot.office_id,
            room: slot.room,
            is_urgent: appointment.urgent,
            here,
            arrived: seat.time(appointment.arrived_time.as_ref()),
            arrived_s: appointment.arrived_time.as_ref().map_or(0, |at| at.seconds),
            late_minutes,
            from_minute: minute(from),
            to_minute: minute(to),
            starts_s,
            ends_s: slot.end_time.as_ref().map_or(0, |at| at.seconds),
            contact: crate::screens::clients::contact::lines(seat, appointment.contact.as_ref()),
            is_of_series: !appointment.series_id.is_empty(),
            cancelled: d.why(appointment.cancelled_reason()),
        }
    }

    pub fn is(&self, here: Here) -> bool {
        self.here == here
    }

    pub fn is_waiting(&self) -> bool {
        self.here == Here::Waiting
    }

    pub fn is_expected(&self) -> bool {
        self.here == Here::Expected
    }

    pub fn is_booked(&self) -> bool {
        matches!(self.here, Here::Expected | Here::Waiting)
    }

    /// Booked, or over: not held, cancelled or put off.
    pub fn is_standing(&self) -> bool {
        self.is_booked() || self.is_over()
    }

    pub fn is_over(&self) -> bool {
        matches!(self.here, Here::Met | Here::Missed)
    }

    /// Later than whom evaluators counted as late.
    pub fn is_late(&self, seat: &Seat) -> bool {
        self.late_minutes > i64::from(seat.definition().diary.late_after_minutes)
    }

    /// Attendance can be recorded once it has begun, or the client is here.
    pub fn may_begin(&self, seat: &Seat) -> bool {
        self.is_waiting() || (self.is_expected() && self.starts_s <= seat.now.timestamp())
    }

    pub fn date(&self, seat: &Seat) -> String {
        seat.day(self.day)
    }

    pub fn is_today(&self, seat: &Seat) -> bool {
        self.day == seat.today()
    }

    /// What the style sheet calls it.
    pub fn class(&self) -> &'static str {
        match self.here {
            Here::Held => "is-held",
            Here::Expected => "is-expected",
            Here::Waiting => "is-waiting",
            Here::Met => "is-met",
            Here::Missed => "is-missed",
            Here::Off => "is-off",
        }
    }

    /// The colour of its tag.
    pub fn tag(&self) -> &'static str {
        match self.here {
            Here::Met => "good",
            Here::Missed => "bad",
            Here::Waiting => "warn",
            Here::Held | Here::Expected | Here::Off => "",
        }
    }

    pub fn path(&self) -> String {
        format!("/appointments/{}/of/{}", self.id, self.claim)
    }
}
