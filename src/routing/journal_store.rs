//! The calls that are not over, in the database, beside the records: written when something happens, so that a process that
//! dies loses none. The record of a call takes its row away. What a dead process leaves is made into records by whoever is
//! there ([`recover`]), and what a switch says about a call that is on no floor any more completes its record ([`late`]).

use super::adviser_card::AdviserCard;
use super::call::{CallCard, CallRecord, How, Priority, Report, SwitchCall, elapsed_ms};
use super::journal::{JournalEntry, LateCall};
use super::skills::SkillSet;
use chrono::{DateTime, TimeDelta, Utc};
use startline_foundation::error::Result;
use startline_foundation::ids::{CallId, SiteId, UserId, WriterId};
use startline_foundation::store::{Db, execute, on_engine};
use std::sync::Arc;

/// How long after a call entered its switch may still complete its record.
const LATEST_WORD: TimeDelta = TimeDelta::hours(24);
/// Calls of a dead process made into records in one transaction.
const RECOVERED_AT_ONCE: i64 = 100;

/// Keeps what is known of a call that has no record yet.
pub async fn keep(db: &mut Db<'_>, writer: WriterId, entry: &JournalEntry) -> Result<()> {
    match entry {
        JournalEntry::Entered(card) => {
            // This word may come after the record.
            let sql = "INSERT INTO calls_under_way \
                       (id, writer, switch, switch_call_id, caller_number, home_site, host_site, urgent, entered_at) \
                       SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9 \
                       WHERE NOT EXISTS (SELECT 1 FROM call_records WHERE id = $1) \
                       ON CONFLICT (id) DO UPDATE SET home_site = excluded.home_site";
            execute!(
                db,
                sqlx::query(sql)
                    .bind(card.call)
                    .bind(writer)
                    .bind(card.switch_call_id.switch.as_ref())
                    .bind(card.switch_call_id.name.as_ref())
                    .bind(card.caller.as_deref())
                    .bind(card.home.clone())
                    .bind(card.host.clone())
                    .bind(card.priority == Priority::Urgent)
                    .bind(card.entered_at)
            )?;
        }
        JournalEntry::Answered { call, by, at } => {
            let sql = "UPDATE calls_under_way SET adviser_id = $1, handled_site = $2, answered_at = $3 WHERE id = $4";
            execute!(db, sqlx::query(sql).bind(by.id).bind(by.site.clone()).bind(*at).bind(*call))?;
        }
        JournalEntry::NotAnswered { call, at } => {
            // Not what another process was told meanwhile.
            let sql = "UPDATE calls_under_way SET adviser_id = NULL, handled_site = NULL, answered_at = NULL \
                       WHERE id = $1 AND answered_at = $2";
            execute!(db, sqlx::query(sql).bind(*call).bind(*at))?;
        }
        JournalEntry::TalkEnded { call, at } => {
            let sql = "UPDATE calls_under_way SET ended_at = COALESCE(ended_at, $1) WHERE id = $2";
            execute!(db, sqlx::query(sql).bind(*at).bind(*call))?;
        }
        JournalEntry::Call(_)
        | JournalEntry::Outcome { .. }
        | JournalEntry::Late { .. }
        | JournalEntry::Staffing(_) => {}
    }
    Ok(())
}

/// What was known of a call that had no record.
#[derive(Debug, Default, sqlx::FromRow)]
pub struct Known {
    adviser_id: Option<UserId>,
    handled_site: Option<SiteId>,
    answered_at: Option<DateTime<Utc>>,
    ended_at: Option<DateTime<Utc>>,
}

impl Known {
    /// The record with what the process that keeps the call did not hear, because another one was told.
    pub fn told(self, record: &mut CallRecord) {
        if !record.unfinished && record.how != How::Abandoned {
            return;
        }
        match (record.how, self.answered_at) {
            (How::Answered, _) => {}
            (_, Some(answered_at)) => {
                record.how = How::Answered;
                record.answered_at = Some(answered_at);
                record.wait_ms = elapsed_ms(record.card.entered_at, answered_at);
                let site = self.handled_site.unwrap_or_else(|| record.card.host.clone());
                record.handled_by = self.adviser_id.map(|id| Arc::new(AdviserCard::new(id, "", "", site)));
                record.gave_up_after_ms = None;
                record.unfinished = true;
            }
            // Their switch said that they left.
            (_, None) if self.ended_at.is_some() => {
                record.how = How::Abandoned;
                record.gave_up_after_ms = self.ended_at.map(|ended| elapsed_ms(record.card.entered_at, ended));
                record.wait_ms = record.gave_up_after_ms.unwrap_or(record.wait_ms);
                record.unfinished = false;
            }
            (_, None) => return,
        }
        if let Some(ended_at) = self.ended_at {
            record.ended_at = ended_at;
            record.talk_ms = record.answered_at.map_or(0, |answered_at| elapsed_ms(answered_at, ended_at));
            record.unfinished = false;
        }
    }
}

/// The call has its record: gives what was known of it.
pub async fn forget(db: &mut Db<'_>, call: CallId) -> Result<Known> {
    let sql = "DELETE FROM calls_under_way WHERE id = $1 RETURNING adviser_id, handled_site, answered_at, ended_at";
    let known = on_engine!(db, c => sqlx::query_as(sql).bind(call).fetch_optional(c).await)?;
    Ok(known.unwrap_or_default())
}

/// A switch asks for a call under the name, and with the age, of one that a process left in conversation when it stopped, or
/// that somebody took for given up after a process had died or let it go: it is that call still, and counts once.
pub async fn take_over(db: &mut Db<'_>, card: &CallCard) -> Result<()> {
    let name = &card.switch_call_id;
    db.alone_with(&format!("call {} of {}", name.name, name.switch)).await?;
    let sql = "DELETE FROM call_records WHERE switch_call_id = $1 AND switch = $2 AND entered_at = $3 AND id < $4 \
               AND (unfinished OR ended_how = 'abandoned')";
    execute!(
        db,
        sqlx::query(sql).bind(name.name.as_ref()).bind(name.switch.as_ref()).bind(card.entered_at).bind(card.call)
    )?;
    Ok(())
}

/// The call was asked for elsewhere since: what became of it is for the process that has it to say.
pub async fn is_taken_over(db: &mut Db<'_>, card: &CallCard) -> Result<bool> {
    let sql = "SELECT (SELECT COUNT(*) FROM call_records WHERE switch_call_id = $1 AND switch = $2 AND entered_at = $3 \
               AND id > $4) + \
               (SELECT COUNT(*) FROM calls_under_way WHERE switch_call_id = $1 AND switch = $2 AND entered_at = $3 \
               AND id > $4)";
    let name = &card.switch_call_id;
    db.alone_with(&format!("call {} of {}", name.name, name.switch)).await?;
    let (found,): (i64,) = on_engine!(db, c => {
        sqlx::query_as(sql)
            .bind(name.name.as_ref())
            .bind(name.switch.as_ref())
            .bind(card.entered_at)
            .bind(card.call)
            .fetch_one(c)
            .await
    })?;
    Ok(found > 0)
}

/// This process has let the call go, because it stops or has lost the floor: it is under way still, and nobody's. Whoever is
/// asked for it next has it; when nobody is for as long as a dead process is waited for, the caller has given up.
pub async fn let_go(db: &mut Db<'_>, nobody: WriterId, card: &CallCard, now: DateTime<Utc>) -> Result<()> {
    sign_of_life(db, nobody, 0, now).await?;
    let given_up = "UPDATE calls_under_way SET writer = $1 WHERE id = $2";
    if execute!(db, sqlx::query(given_up).bind(nobody).bind(card.call))? == 0 {
        take_over(db, card).await?;
        keep(db, nobody, &JournalEntry::Entered(Arc::new(card.clone()))).await?;
    }
    Ok(())
}

/// This run of the program is there.
pub async fn sign_of_life(db: &mut Db<'_>, writer: WriterId, batch: i64, now: DateTime<Utc>) -> Result<()> {
    let sql = "INSERT INTO record_writers (id, batch, at) VALUES ($1, $2, $3) \
               ON CONFLICT (id) DO UPDATE SET at = excluded.at";
    execute!(db, sqlx::query(sql).bind(writer).bind(batch).bind(now))?;
    Ok(())
}

/// Somebody else's calls are under way, and nothing was heard of whom for so long.
pub async fn anything_left(db: &mut Db<'_>, own: WriterId, silent_since: DateTime<Utc>) -> Result<bool> {
    let sql = "SELECT COUNT(*) FROM calls_under_way u WHERE u.writer <> $1 AND NOT EXISTS \
               (SELECT 1 FROM record_writers w WHERE w.id = u.writer AND w.at > $2)";
    let (left,): (i64,) = on_engine!(db, c => sqlx::query_as(sql).bind(own).bind(silent_since).fetch_one(c).await)?;
    Ok(left > 0)
}

/// Takes calls that a dead process left away from the others under way, and gives their records: at most a hundred. A
/// conversation goes on without us; its record says what is known, and is completed when its switch says that it ended.
pub async fn recover(
    db: &mut Db<'_>,
    own: WriterId,
    silent_since: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<Vec<CallRecord>> {
    let sql = format!(
        "SELECT u.id, u.switch, u.switch_call_id, u.caller_number, u.home_site, u.host_site, u.urgent, u.entered_at, \
         u.adviser_id, u.handled_site, u.answered_at, u.ended_at, \
         (SELECT w.at FROM record_writers w WHERE w.id = u.writer) AS last_heard \
         FROM calls_under_way u WHERE u.writer <> $1 AND NOT EXISTS \
         (SELECT 1 FROM record_writers w WHERE w.id = u.writer AND w.at > $2) ORDER BY u.id LIMIT $3{}",
        db.skip_locked()
    );
    let left: Vec<LeftCall> = on_engine!(db, c => {
        sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(own).bind(silent_since).bind(RECOVERED_AT_ONCE).fetch_all(c).await
    })?;
    let mut recovered = Vec::with_capacity(left.len());
    for call in left {
        let _ = forget(db, call.id).await?;
        recovered.push(call.record(now));
    }
    Ok(recovered)
}

#[derive(sqlx::FromRow)]
struct LeftCall {
    id: CallId,
    switch: String,
    switch_call_id: String,
    caller_number: Option<String>,
    home_site: Option<SiteId>,
    host_site: SiteId,
    urgent: bool,
    entered_at: DateTime<Utc>,
    adviser_id: Option<UserId>,
    handled_site: Option<SiteId>,
    answered_at: Option<DateTime<Utc>>,
    ended_at: Option<DateTime<Utc>>,
    last_heard: Option<DateTime<Utc>>,
}

impl LeftCall {
    fn record(self, now: DateTime<Utc>) -> CallRecord {
        let known_until = self.last_heard.unwrap_or(now).max(self.entered_at);
        let ended_at = self.ended_at.unwrap_or(known_until).max(self.answered_at.unwrap_or(self.entered_at));
        let answered = self.answered_at;
        let site = self.handled_site.unwrap_or_else(|| self.host_site.clone());
        CallRecord {
            how: if answered.is_some() { How::Answered } else { How::Abandoned },
            handled_by: self.adviser_id.map(|id| Arc::new(AdviserCard::new(id, "", "", site))),
            answered_at: answered,
            ended_at,
            wait_ms: elapsed_ms(self.entered_at, answered.unwrap_or(ended_at)),
            talk_ms: answered.map_or(0, |answered| elapsed_ms(answered, ended_at)),
            wrap_up_ms: 0,
            outcome: None,
            estimated_wait_ms: None,
            passes: 0,
            // Nobody knows when they gave up. Rung back once too often is better than never.
            gave_up_after_ms: answered.is_none().then(|| elapsed_ms(self.entered_at, now)),
            unfinished: answered.is_some() && self.ended_at.is_none(),
            card: Arc::new(CallCard {
                call: self.id,
                switch_call_id: SwitchCall { switch: self.switch.into(), name: self.switch_call_id.into() },
                caller: self.caller_number,
                dialled: String::new(),
                host: self.host_site,
                ask_postcode: self.home_site.is_none(),
                home: self.home_site,
                place: None,
                priority: if self.urgent { Priority::Urgent } else { Priority::Normal },
                needs: SkillSet::NONE,
                entered_at: self.entered_at,
                passed: None,
            }),
        }
    }
}

/// The same switch's call of the same name was taken up elsewhere: by another process on this database. What is left of this
/// call from before, where a process died or let it go, is not elsewhere.
pub async fn is_elsewhere(db: &mut Db<'_>, card: &CallCard) -> Result<bool> {
    let sql = "SELECT (SELECT COUNT(*) FROM call_records WHERE switch_call_id = $1 AND switch = $2 AND id <> $3 \
               AND entered_at >= $4 AND ended_how = 'answered') + \
               (SELECT COUNT(*) FROM calls_under_way WHERE switch_call_id = $1 AND switch = $2 AND id <> $3 \
               AND NOT (id < $3 AND entered_at = $5))";
    let name = &card.switch_call_id;
    let since = card.entered_at - LATEST_WORD;
    let (found,): (i64,) = on_engine!(db, c => {
        sqlx::query_as(sql)
            .bind(name.name.as_ref())
            .bind(name.switch.as_ref())
            .bind(card.call)
            .bind(since)
            .bind(card.entered_at)
            .fetch_one(c)
            .await
    })?;
    Ok(found > 0)
}

/// What a switch says about a call that is on no floor of this process. A caller who was answered after all is no longer to
/// be rung back: gives their number.
pub async fn late(db: &mut Db<'_>, call: &LateCall, report: &Report, at: DateTime<Utc>) -> Result<Option<String>> {
    note_under_way(db, call, report, at).await?;
    type Found = (CallId, DateTime<Utc>, String, Option<DateTime<Utc>>, Option<String>, bool);
    let found: Option<Found> = on_engine!(db, c => {
        let mut query = sqlx::QueryBuilder::new(
            "SELECT id, entered_at, ended_how, answered_at, caller_number, unfinished FROM call_records WHERE entered_at > ",
        );
        query.push_bind(at - LATEST_WORD);
        match call {
            LateCall::Ours(id) => query.push(" AND id = ").push_bind(*id),
            LateCall::Named(name) => query
                .push(" AND switch_call_id = ")
                .push_bind(name.name.as_ref())
                .push(" AND switch = ")
                .push_bind(name.switch.as_ref()),
        };
        query.push(" ORDER BY entered_at DESC, id DESC LIMIT 1");
        query.build_query_as().fetch_optional(c).await
    })?;
    let Some((id, entered_at, how, answered_at, caller, unfinished)) = found else { return Ok(None) };
    match (report, how.as_str(), answered_at) {
        (Report::Answered | Report::AnsweredAt { .. }, "abandoned", _) => {
            let sql = "UPDATE call_records SET ended_how = 'answered', answered_at = $1, ended_at = $1, wait_ms = $2, \
                       unfinished = TRUE WHERE id = $3";
            let wait_ms = i64::try_from(elapsed_ms(entered_at, at)).unwrap_or(i64::MAX);
            execute!(db, sqlx::query(sql).bind(at).bind(wait_ms).bind(id))?;
            Ok(caller)
        }
        (Report::AnsweredElsewhere, "abandoned", _) => {
            execute!(db, sqlx::query("UPDATE call_records SET ended_how = 'diverted' WHERE id = $1").bind(id))?;
            Ok(caller)
        }
        (Report::Ended | Report::Abandoned, _, Some(answered_at)) if unfinished => {
            let sql = "UPDATE call_records SET ended_at = $1, talk_ms = $2, unfinished = FALSE WHERE id = $3";
            let talk_ms = i64::try_from(elapsed_ms(answered_at, at)).unwrap_or(i64::MAX);
            execute!(db, sqlx::query(sql).bind(at).bind(talk_ms).bind(id))?;
            Ok(None)
        }
        _ => Ok(None),
    }
}

/// For a call that a process left when it died, or let go, and that nobody has taken yet. Whoever has it knows as much.
async fn note_under_way(db: &mut Db<'_>, call: &LateCall, report: &Report, at: DateTime<Utc>) -> Result<()> {
    let noted = match report {
        Report::Answered | Report::AnsweredAt { .. } => "answered_at = COALESCE(answered_at, ",
        Report::Ended | Report::Abandoned => "ended_at = COALESCE(ended_at, ",
        _ => return Ok(()),
    };
    on_engine!(db, c => {
        let mut query = sqlx::QueryBuilder::new("UPDATE calls_under_way SET ");
        query.push(noted).push_bind(at).push(")");
        match call {
            LateCall::Ours(id) => query.push(" WHERE id = ").push_bind(*id),
            LateCall::Named(name) => query
                .push(" WHERE switch_call_id = ")
                .push_bind(name.name.as_ref())
                .push(" AND switch = ")
                .push_bind(name.switch.as_ref()),
        };
        query.build().execute(c).await.map(drop)
    })?;
    Ok(())
}
