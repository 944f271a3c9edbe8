//! Client records that are erased: what says who it was goes, with its history. The row stays, because others point at it.

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::types::Json;
use startline_foundation::error::Result;
use startline_foundation::events::Topic;
use startline_foundation::ids::ClientId;
use startline_foundation::store::{Aged, AgedPage, Db, aged, execute, on_engine};
use uuid::Uuid;

/// Those that are not erased, by their first contact.
pub async fn over(db: &mut Db<'_>, page: &AgedPage) -> Result<Vec<Aged>> {
    let over = "SELECT id, first_contact_at FROM clients WHERE erased_at IS NULL AND first_contact_at < $1 AND id > $2";
    Ok(aged!(db, page, over))
}

/// Of these clients those who were spoken with, or whose record was changed, since then.
pub async fn since(db: &mut Db<'_>, clients: &[Uuid], since: DateTime<Utc>) -> Result<Vec<Uuid>> {
    let mut found = Vec::new();
    for client in clients {
        let sql = "SELECT (SELECT COUNT(*) FROM clients WHERE id = $1 AND spoken_with_at >= $2) \
                   + (SELECT COUNT(*) FROM client_changes WHERE client_id = $1 AND changed_at >= $2)";
        let count: i64 = on_engine!(db, c => sqlx::query_scalar(sql).bind(*client).bind(since).fetch_one(c).await)?;
        found.extend((count > 0).then_some(*client));
    }
    Ok(found)
}

/// When it was erased, if it was; the outer is none when there is no such record.
pub async fn erased_at(db: &mut Db<'_>, client: Uuid) -> Result<Option<Option<DateTime<Utc>>>> {
    let sql = "SELECT erased_at FROM clients WHERE id = $1";
    let row: Option<(Option<DateTime<Utc>>,)> =
        on_engine!(db, c => sqlx::query_as(sql).bind(client).fetch_optional(c).await)?;
    Ok(row.map(|(at,)| at))
}

/// The client's telephone number, and those that they had.
pub async fn numbers_of(db: &mut Db<'_>, client: Uuid) -> Result<Vec<String>> {
    let sql = "SELECT phone FROM clients WHERE id = $1 AND phone IS NOT NULL";
    let mut numbers: Vec<String> = on_engine!(db, c => sqlx::query_scalar(sql).bind(client).fetch_all(c).await)?;
    let sql = "SELECT was, became FROM client_changes WHERE client_id = $1 AND fact = 'phone'";
    let changes: Vec<(Json<Value>, Json<Value>)> =
        on_engine!(db, c => sqlx::query_as(sql).bind(client).fetch_all(c).await)?;
    let texts = changes.iter().flat_map(|(was, became)| [was.0.as_str(), became.0.as_str()]).flatten();
    numbers.extend(texts.filter(|text| !text.is_empty()).map(str::to_owned));
    Ok(numbers)
}

pub async fn erase(db: &mut Db<'_>, client: Uuid, now: DateTime<Utc>) -> Result<()> {
    execute!(db, sqlx::query("DELETE FROM client_changes WHERE client_id = $1").bind(client))?;
    let blank = "UPDATE clients SET title = '', other_names = '', last_name = '', last_name_key = '', date_of_birth = NULL, \
                 nino = NULL, phone = NULL, address_lines = '[]', postcode = NULL, talk_language = 'en', \
                 letter_language = 'en', special_needs = '', call_needs = '[]', large_print = FALSE, \
                 letter_layout = 'side_by_side', letters_address = NULL, address_half = '', letters_format = '', \
                 contact = NULL, died_on = NULL, death_told_by = NULL, death_letter_to = NULL, revision = revision + 1, \
                 erased_at = $1 WHERE id = $2";
    execute!(db, sqlx::query(blank).bind(now).bind(client))?;
    db.after_commit(Topic::Client(ClientId(client)));
    Ok(())
}
