//! Whose case a record is, and what ties it to places and people: read from every room's tables, since it is asked before
//! every request.

use crate::access::{Case, Kind, Tie};
use chrono::{DateTime, Utc};
use startline_foundation::error::{Error, Result};
use startline_foundation::ids::{AgencyId, ClaimId, ClientId, OfficeId, SiteId, UserId};
use startline_foundation::store::{Db, on_engine};
use uuid::Uuid;

type CaseRow = (Option<ClientId>, Option<ClaimId>, Option<SiteId>, Option<SiteId>, Option<UserId>);

/// For each kind of record its client, its claim, whose work it is, where the client lives, and who holds it.
fn statement(kind: Kind) -> &'static str {
    match kind {
        Kind::Client => "SELECT k.id, NULL, NULL, k.home_site, NULL FROM clients k WHERE k.id = $1",
        Kind::Claim => {
            "SELECT c.client_id, c.id, c.site, k.home_site, NULL FROM claims c \
             JOIN clients k ON k.id = c.client_id WHERE c.id = $1"
        }
        Kind::Callback => {
            "SELECT b.client_id, NULL, b.site, k.home_site, b.adviser_id FROM callbacks b \
             JOIN clients k ON k.id = b.client_id WHERE b.id = $1"
        }
        Kind::MissedCaller => "SELECT NULL, NULL, m.site, NULL, NULL FROM missed_callers m WHERE m.id = $1",
        Kind::Walk => {
            "SELECT w.client_id, w.claim_id, NULL, k.home_site, w.holder_id FROM walks w \
             LEFT JOIN clients k ON k.id = w.client_id WHERE w.id = $1"
        }
        Kind::Appointment => {
            "SELECT a.client_id, a.claim_id, c.site, k.home_site, NULL FROM appointments a \
             JOIN claims c ON c.id = a.claim_id JOIN clients k ON k.id = a.client_id WHERE a.id = $1"
        }
        Kind::Reminder => {
            "SELECT r.client_id, a.claim_id, r.site, k.home_site, NULL FROM reminders r \
             JOIN appointments a ON a.id = r.appointment_id JOIN clients k ON k.id = r.client_id WHERE r.id = $1"
        }
        Kind::Query => {
            "SELECT c.client_id, c.id, c.site, k.home_site, NULL FROM claim_queries q \
             JOIN claims c ON c.id = q.claim_id JOIN clients k ON k.id = c.client_id WHERE q.id = $1"
        }
        Kind::Step => {
            "SELECT c.client_id, c.id, s.site, k.home_site, NULL FROM steps s \
             JOIN claims c ON c.id = s.claim_id JOIN clients k ON k.id = c.client_id WHERE s.id = $1"
        }
        Kind::Standby => {
            "SELECT c.client_id, c.id, s.site, k.home_site, NULL FROM standby s \
             JOIN claims c ON c.id = s.claim_id JOIN clients k ON k.id = c.client_id WHERE s.id = $1"
        }
        Kind::StandbyOffer => {
            "SELECT c.client_id, c.id, s.site, k.home_site, NULL FROM standby_offers o \
             JOIN standby s ON s.id = o.standby_id JOIN claims c ON c.id = s.claim_id \
             JOIN clients k ON k.id = c.client_id WHERE o.id = $1"
        }
        Kind::Pack => {
            "SELECT p.client_id, p.claim_id, p.site, k.home_site, NULL FROM packs p \
             JOIN clients k ON k.id = p.client_id WHERE p.id = $1"
        }
        Kind::PrintJob => {
            "SELECT j.client_id, p.claim_id, j.room, k.home_site, NULL FROM print_jobs j \
             JOIN packs p ON p.id = j.pack_id JOIN clients k ON k.id = j.client_id WHERE j.id = $1"
        }
        Kind::PackException => {
            "SELECT e.client_id, NULL, e.site, k.home_site, NULL FROM pack_exceptions e \
             JOIN clients k ON k.id = e.client_id WHERE e.id = $1"
        }
    }
}

pub async fn case(db: &mut Db<'_>, kind: Kind, id: Uuid) -> Result<Option<Case>> {
    let sql = statement(kind);
    let row: Option<CaseRow> = on_engine!(db, c => sqlx::query_as(sql).bind(id).fetch_optional(c).await)?;
    Ok(row.map(|(client, claim, site, home, holder)| Case { kind, client, claim, site, home, holder }))
}

/// Whether the client in this column, of a table that is not called `whose`, is of a site's work: what stands before the site's
/// value, and what behind it.
pub fn is_of_site(client: &str) -> (String, &'static str) {
    let until_the_site =
        format!("EXISTS (SELECT 1 FROM clients whose WHERE whose.id = {client} AND EXISTS (SELECT 1 FROM (SELECT ");
    let from_there = " AS site) w WHERE whose.home_site = w.site \
                      OR EXISTS (SELECT 1 FROM claims c WHERE c.client_id = whose.id AND c.site = w.site) \
                      OR EXISTS (SELECT 1 FROM callbacks b WHERE b.client_id = whose.id AND b.site = w.site)))";
    (until_the_site, from_there)
}

pub async fn client_is_of_site(db: &mut Db<'_>, client: ClientId, site: &SiteId) -> Result<bool> {
    let (before, behind) = is_of_site("k.id");
    let sql = format!("SELECT COUNT(*) FROM clients k WHERE k.id = $1 AND {before}CAST($2 AS TEXT){behind}");
    let sql = sqlx::AssertSqlSafe(sql);
    let (count,): (i64,) = on_engine!(db, c => sqlx::query_as(sql).bind(client).bind(site.clone()).fetch_one(c).await)?;
    Ok(count > 0)
}

type TieRow = (String, Option<String>, Option<UserId>, Option<DateTime<Utc>>, Option<ClaimId>);

/// What ties the client to places, and to this user.
pub async fn ties(db: &mut Db<'_>, client: ClientId, user: UserId) -> Result<Vec<Tie>> {
    let sql = "SELECT 'meeting', office, personal_adviser_id, starts_at, claim_id FROM appointments \
               WHERE client_id = $1 AND state NOT IN ('held', 'released') \
               UNION ALL SELECT 'work', site, NULL, NULL, NULL FROM claims WHERE client_id = $1 \
               UNION ALL SELECT 'work', site, NULL, NULL, NULL FROM callbacks WHERE client_id = $1 \
               UNION ALL SELECT 'moved', CAST(was AS TEXT), NULL, changed_at, NULL FROM client_changes \
               WHERE client_id = $1 AND fact = 'home_site_id' \
               UNION ALL SELECT 'step', s.site, NULL, NULL, NULL FROM steps s JOIN claims c ON c.id = s.claim_id \
               WHERE c.client_id = $1 AND s.done_at IS NULL \
               AND s.kind NOT IN ('finish-start-up', 'lodge-now', 'date-runs-out', 'date-lost') \
               UNION ALL SELECT 'check', site, NULL, NULL, id FROM claims \
               WHERE client_id = $1 AND state IN ('start_up_done', 'posted') \
               UNION ALL SELECT 'without_meeting', c.site, NULL, NULL, NULL FROM meeting_decisions d \
               JOIN claims c ON c.id = d.claim_id WHERE c.client_id = $1 AND d.ended_at IS NULL \
               UNION ALL SELECT 'attempt', NULL, adviser_id, NULL, NULL FROM callbacks \
               WHERE client_id = $1 AND state = 'attempting' AND adviser_id = $2 \
               UNION ALL SELECT 'handed_over', l.agency, NULL, NULL, c.id FROM claim_lodgings l \
               JOIN claims c ON c.id = l.claim_id WHERE c.client_id = $1 \
               UNION ALL SELECT 'asked', NULL, user_id, until_at, NULL FROM record_requests \
               WHERE client_id = $1 AND user_id = $2";
    let rows: Vec<TieRow> = on_engine!(db, c => sqlx::query_as(sql).bind(client).bind(user).fetch_all(c).await)?;
    rows.into_iter().map(tie).collect()
}

fn tie((tie, place, user, at, claim): TieRow) -> Result<Tie> {
    let read = || {
        Some(match tie.as_str() {
            "meeting" => {
                let office = OfficeId::new(&place?);
                Tie::Meeting { office, personal_adviser: user?, starts_at: at? }
            }
            "work" => Tie::Work { site: SiteId::new(&place?) },
            // As it is kept, in quotation marks.
            "moved" => Tie::Moved { from: SiteId::new(place?.trim_matches('"')), at: at? },
            "step" => Tie::Step { site: SiteId::new(&place?) },
            "check" => Tie::ToBeChecked { site: SiteId::new(&place?) },
            "without_meeting" => Tie::WithoutMeeting { site: SiteId::new(&place?) },
            "attempt" => Tie::Attempt { adviser: user? },
            "handed_over" => Tie::HandedOver { claim: claim?, agency: AgencyId::new(&place?) },
            "asked" => Tie::Asked { by: user?, until: at? },
            _ => return None,
        })
    };
    read().ok_or_else(|| Error::internal("a tie of a case cannot be read"))
}
