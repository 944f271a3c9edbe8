//! The list of claims: which are on their way, the nearest loss first, and what is wrong with each.

use super::claims_listed_store;
use crate::access::AtOffices;
use crate::claims::Stage;
use crate::clients::{self, Client};
use chrono::{DateTime, NaiveDate, Utc};
use startline_definition::Definition;
use startline_foundation::error::Result;
use startline_foundation::ids::{ClaimId, ClientId, OfficeId, SiteId, UserId};
use startline_foundation::store::Db;
use std::collections::HashMap;

/// What is wrong with a claim, or will be if nobody sees to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    StartUpNotFinished,
    MeetingToArrange,
    AttendanceToRecord,
    FormNotBack,
    EvidenceToCome,
    QueryOpen,
    ToHandOver,
    DateRunsOut,
    DateLost,
    DecisionDue,
}

impl Trouble {
    pub const ALL: [Self; 10] = [
        Self::StartUpNotFinished,
        Self::MeetingToArrange,
        Self::AttendanceToRecord,
        Self::FormNotBack,
        Self::EvidenceToCome,
        Self::QueryOpen,
        Self::ToHandOver,
        Self::DateRunsOut,
        Self::DateLost,
        Self::DecisionDue,
    ];
}

/// Which claims are listed.
#[derive(Debug, Clone)]
pub struct ClaimsAsked {
    pub whose: WhoseClaims,
    pub office: Option<OfficeId>,
    pub personal_adviser: Option<UserId>,
    pub trouble: Option<Trouble>,
    /// Without those whose start-up is not finished.
    pub only_started_up: bool,
    /// Steps of these kinds are for others.
    pub without_steps: Vec<&'static str>,
    /// What is not another office's.
    pub seen: Option<AtOffices>,
    pub after: Option<(NaiveDate, ClaimId)>,
    pub most: i32,
    pub now: DateTime<Utc>,
}

#[derive(Debug, Clone)]
pub enum WhoseClaims {
    /// Those on their way.
    Site(SiteId),
    /// Those that are over too.
    Client(ClientId),
}

/// A claim as it is listed.
#[derive(Debug, Clone, PartialEq)]
pub struct ListedClaim {
    pub id: ClaimId,
    pub site: SiteId,
    pub client: Client,
    pub stage: Stage,
    pub first_contact_at: DateTime<Utc>,
    /// None when no date is at stake.
    pub last_day: Option<NaiveDate>,
    /// In this order it is listed.
    pub(super) listed_by: NaiveDate,
    pub troubles: Vec<Trouble>,
    pub evidence_to_come: u32,
    /// The most pressing open step, by its name, and its day.
    pub step: Option<(String, NaiveDate)>,
    pub meeting: Option<NextMeeting>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NextMeeting {
    pub starts_at: DateTime<Utc>,
    pub office: OfficeId,
    pub personal_adviser: UserId,
}

/// What `today` and the days of warning make of a last day.
#[derive(Debug, Clone, Copy)]
pub struct Warned {
    pub today: NaiveDate,
    /// A date that can be lost by then runs out.
    pub until: NaiveDate,
}

impl Warned {
    fn of(definition: &Definition, site: &SiteId, now: DateTime<Utc>) -> Result<Self> {
        let today = definition.calendar.local_date(now);
        let ahead = definition.followup.slipping.date_runs_out_working_days.iter().max().copied().unwrap_or(0);
        let until = super::working_day(definition, definition.site_or_fault(site)?, today, ahead);
        Ok(Self { today, until })
    }

    pub fn runs_out(&self, last_day: NaiveDate) -> bool {
        self.today <= last_day && last_day <= self.until
    }

    pub fn is_lost(&self, last_day: NaiveDate) -> bool {
        last_day < self.today
    }
}

/// The claims asked for, the nearest day on which a date can be lost first.
pub async fn list_claims(db: &mut Db<'_>, definition: &Definition, asked: &ClaimsAsked) -> Result<Vec<ListedClaim>> {
    let site = match &asked.whose {
        WhoseClaims::Site(site) => site.clone(),
        WhoseClaims::Client(client) => clients::get(db, *client).await?.home_site,
    };
    let warned = Warned::of(definition, &site, asked.now)?;
    let rows = claims_listed_store::listed(db, asked, warned).await?;
    let ids: Vec<ClientId> = rows.iter().map(|row| row.client).collect();
    let clients = clients::get_all(db, &ids).await?;
    let clients: HashMap<ClientId, Client> = clients.into_iter().map(|client| (client.id, client)).collect();
    let listed = rows.into_iter().filter_map(|row| Some((clients.get(&row.client)?.clone(), row)));
    listed.map(|(client, row)| row.listed(client, warned)).collect()
}

/// The place of a claim on the list.
pub fn place(claim: &ListedClaim) -> (NaiveDate, ClaimId) {
    (claim.listed_by, claim.id)
}
