//! The list of claims in the database: in the order of the index that a claim is listed by.

use super::claims_listed::{ClaimsAsked, ListedClaim, NextMeeting, Trouble, Warned, WhoseClaims};
use super::store::IS_SHOWN;
use crate::access::push_seen;
use crate::claims::{NO_LAST_DAY, Stage};
use crate::clients::Client;
use chrono::{DateTime, NaiveDate, Utc};
use sqlx::AssertSqlSafe;
use startline_foundation::error::{Error, Result};
use startline_foundation::ids::{ClaimId, ClientId, OfficeId, SiteId, UserId};
use startline_foundation::store::{Db, on_engine};

/// So many are few among the claims of a site.
const FEW: i32 = 500;
const UNDERWAY: &str = "c.state IN ('open', 'start_up_done', 'posted')";

/// What of a claim the database alone can say.
#[derive(Debug, sqlx::FromRow)]
pub struct Row {
    id: ClaimId,
    #[sqlx(rename = "client_id")]
    pub client: ClientId,
    site: SiteId,
    state: String,
    first_contact_at: DateTime<Utc>,
    last_day: NaiveDate,
    evidence_to_come: Option<i32>,
    is_to_be_arranged: bool,
    is_unattended: bool,
    is_form_out: bool,
    is_queried: bool,
    is_to_hand_over: bool,
    is_to_decide: bool,
    step: Option<String>,
    step_due: Option<NaiveDate>,
    meeting_at: Option<DateTime<Utc>>,
    meeting_office: Option<OfficeId>,
    meeting_with: Option<UserId>,
}

impl Row {
    fn has(&self, trouble: Trouble, stage: Stage, warned: Warned) -> bool {
        let is_underway = stage.is_underway();
        match trouble {
            Trouble::StartUpNotFinished => stage == Stage::Open,
            Trouble::MeetingToArrange => self.is_to_be_arranged,
            Trouble::AttendanceToRecord => self.is_unattended,
            Trouble::FormNotBack => self.is_form_out,
            Trouble::EvidenceToCome => {
                (is_underway || stage == Stage::Lodged) && self.evidence_to_come.is_some_and(|lines| lines > 0)
            }
            Trouble::QueryOpen => is_underway && self.is_queried,
            Trouble::ToHandOver => self.is_to_hand_over,
            Trouble::DateRunsOut => is_underway && warned.runs_out(self.last_day),
            Trouble::DateLost => is_underway && warned.is_lost(self.last_day),
            Trouble::DecisionDue => self.is_to_decide,
        }
    }

    pub fn listed(self, client: Client, warned: Warned) -> Result<ListedClaim> {
        let unknown = || Error::internal(format!("a claim is in the unknown state {}", self.state));
        let stage = Stage::parse(&self.state).ok_or_else(unknown)?;
        Ok(ListedClaim {
            id: self.id,
            client,
            troubles: Trouble::ALL.into_iter().filter(|trouble| self.has(*trouble, stage, warned)).collect(),
            site: self.site,
            stage,
            first_contact_at: self.first_contact_at,
            last_day: Some(self.last_day).filter(|day| *day != NO_LAST_DAY && stage.is_underway()),
            listed_by: self.last_day,
            evidence_to_come: self.evidence_to_come.and_then(|lines| u32::try_from(lines).ok()).unwrap_or(0),
            step: self.step.zip(self.step_due),
            meeting: match (self.meeting_at, self.meeting_office, self.meeting_with) {
                (Some(starts_at), Some(office), Some(personal_adviser)) => {
                    Some(NextMeeting { starts_at, office, personal_adviser })
                }
                _ => None,
            },
        })
    }
}

/// An open step of one of these kinds that is shown.
fn has_step(kinds: &[&str]) -> String {
    let kinds = kinds.iter().map(|kind| format!("'{kind}'")).collect::<Vec<_>>().join(", ");
    format!(
        "EXISTS (SELECT 1 FROM steps s WHERE s.claim_id = c.id AND s.done_at IS NULL AND s.kind IN ({kinds}) AND {IS_SHOWN})"
    )
}

const TO_ARRANGE: &[&str] = &[
    "arrange-meeting",
    "arrange-deferred-meeting",
    "offer-new-meeting",
    "ring-client",
    "send-letter",
    "home-visit",
    "consider-home-visit",
    "propose-meeting",
];
const FORM_OUT: &str = "c.state = 'posted' AND NOT EXISTS (SELECT 1 FROM claim_forms_back f WHERE f.claim_id = c.id)";
const QUERIED: &str = "EXISTS (SELECT 1 FROM claim_queries q WHERE q.claim_id = c.id AND q.settled_at IS NULL)";

/// That the claim is in this trouble, as [`Row`] says it of one.
fn in_trouble(trouble: Trouble) -> String {
    match trouble {
        Trouble::StartUpNotFinished => "c.state = 'open'".into(),
        Trouble::MeetingToArrange => has_step(TO_ARRANGE),
        Trouble::AttendanceToRecord => has_step(&["record-attendance"]),
        Trouble::FormNotBack => FORM_OUT.into(),
        Trouble::EvidenceToCome => "c.state NOT IN ('withdrawn', 'not_made') AND c.evidence_to_come > 0".into(),
        Trouble::QueryOpen => format!("{UNDERWAY} AND {QUERIED}"),
        Trouble::ToHandOver => has_step(&["lodge-now"]),
        Trouble::DecisionDue => has_step(&["decide"]),
        // By the day alone.
        Trouble::DateRunsOut | Trouble::DateLost => UNDERWAY.into(),
    }
}

/// The kinds of step by which a claim is in this trouble.
fn steps_of(trouble: Trouble) -> &'static [&'static str] {
    match trouble {
        Trouble::MeetingToArrange => TO_ARRANGE,
        Trouble::AttendanceToRecord => &["record-attendance"],
        Trouble::ToHandOver => &["lodge-now"],
        Trouble::DecisionDue => &["decide"],
        _ => &[],
    }
}

/// Those at a site that may be in a trouble which few are in; none when there are more than so few. A page of many is soon full in
/// the order in which claims are listed, and a page of few would be looked for among all.
async fn the_few(db: &mut Db<'_>, site: &SiteId, trouble: Trouble) -> Result<Option<Vec<ClaimId>>> {
    let sql = match (trouble, steps_of(trouble)) {
        (Trouble::QueryOpen, _) => "SELECT q.claim_id FROM claim_queries q CROSS JOIN claims c \
                                    WHERE c.id = q.claim_id AND q.settled_at IS NULL AND c.site = $1 LIMIT $2"
            .to_owned(),
        (_, []) => return Ok(None),
        (_, kinds) => {
            let kinds = kinds.iter().map(|kind| format!("'{kind}'")).collect::<Vec<_>>().join(", ");
            format!("SELECT claim_id FROM steps WHERE site = $1 AND done_at IS NULL AND kind IN ({kinds}) LIMIT $2")
        }
    };
    let found: Vec<ClaimId> = on_engine!(db, c => {
        sqlx::query_scalar(AssertSqlSafe(sql)).bind(site.clone()).bind(FEW + 1).fetch_all(c).await
    })?;
    Ok(Some(found).filter(|found| i32::try_from(found.len()).is_ok_and(|many| many <= FEW)))
}

pub async fn listed(db: &mut Db<'_>, asked: &ClaimsAsked, warned: Warned) -> Result<Vec<Row>> {
    let few = match (&asked.whose, asked.trouble) {
        (WhoseClaims::Site(site), Some(trouble)) => the_few(db, site, trouble).await?,
        _ => None,
    };
    if few.as_ref().is_some_and(Vec::is_empty) {
        return Ok(Vec::new());
    }
    let others: String = asked.without_steps.iter().map(|kind| format!("AND s.kind <> '{kind}' ")).collect();
    let columns = format!(
        "SELECT c.id, c.client_id, c.site, c.state, c.first_contact_at, c.last_day, c.evidence_to_come, \
         {} AS is_to_be_arranged, {} AS is_unattended, {FORM_OUT} AS is_form_out, {QUERIED} AS is_queried, \
         {} AS is_to_hand_over, {} AS is_to_decide, n.kind AS step, n.due_day AS step_due, m.starts_at AS meeting_at, \
         m.office AS meeting_office, m.personal_adviser_id AS meeting_with FROM claims c \
         LEFT JOIN steps n ON n.id = (SELECT s.id FROM steps s WHERE s.claim_id = c.id AND s.done_at IS NULL AND {IS_SHOWN} \
         {others} ORDER BY s.due_day, s.id LIMIT 1) \
         LEFT JOIN appointments m ON m.id = (SELECT b.id FROM appointments b WHERE b.claim_id = c.id \
         AND b.state = 'booked' ORDER BY b.starts_at LIMIT 1) WHERE c.erased_at IS NULL AND ",
        in_trouble(Trouble::MeetingToArrange),
        in_trouble(Trouble::AttendanceToRecord),
        in_trouble(Trouble::ToHandOver),
        in_trouble(Trouble::DecisionDue),
    );
    Ok(on_engine!(db, c => {
        let mut query = sqlx::QueryBuilder::new(columns);
        match &asked.whose {
            WhoseClaims::Site(site) => {
                match &few {
                    // All of them are of that site.
                    Some(few) => {
                        query.push("c.id IN (");
                        let mut list = query.separated(", ");
                        for id in few {
                            list.push_bind(*id);
                        }
                        query.push(")");
                    }
                    None => {
                        query.push("c.site = ").push_bind(site.clone());
                    }
                }
                if asked.trouble != Some(Trouble::EvidenceToCome) {
                    query.push(" AND ").push(UNDERWAY);
                }
            }
            WhoseClaims::Client(client) => {
                query.push("c.client_id = ").push_bind(*client);
            }
        }
        if let Some(trouble) = asked.trouble {
            query.push(" AND ").push(in_trouble(trouble));
            match trouble {
                Trouble::DateRunsOut => {
                    query.push(" AND c.last_day >= ").push_bind(warned.today);
                    query.push(" AND c.last_day <= ").push_bind(warned.until);
                }
                Trouble::DateLost => {
                    query.push(" AND c.last_day < ").push_bind(warned.today);
                }
                _ => {}
            }
        }
        if asked.only_started_up {
            query.push(" AND c.state <> 'open'");
        }
        if asked.office.is_some() || asked.personal_adviser.is_some() {
            query.push(" AND EXISTS (SELECT 1 FROM appointments a WHERE a.claim_id = c.id \
                        AND a.state IN ('booked', 'attended', 'failed')");
            if let Some(office) = &asked.office {
                query.push(" AND a.office = ").push_bind(office.clone());
            }
            if let Some(person) = asked.personal_adviser {
                query.push(" AND a.personal_adviser_id = ").push_bind(person);
            }
            query.push(")");
        }
        if let Some(seen) = &asked.seen {
            push_seen(&mut query, "c.client_id", seen, asked.now);
        }
        if let Some((last_day, id)) = asked.after {
            query.push(" AND (c.last_day > ").push_bind(last_day).push(" OR (c.last_day = ").push_bind(last_day);
            query.push(" AND c.id > ").push_bind(id).push("))");
        }
        query.push(" ORDER BY c.last_day, c.id LIMIT ").push_bind(asked.most);
        query.build_query_as().fetch_all(c).await
    })?)
}
