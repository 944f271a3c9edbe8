//! Passwords, where they were used, and when somebody signed out everywhere, in the database.

use super::sessions::KeptPassword;
use chrono::{DateTime, Utc};
use startline_foundation::error::Result;
use startline_foundation::ids::UserId;
use startline_foundation::store::{Db, execute, on_engine};

pub async fn password_of(db: &mut Db<'_>, name: &str) -> Result<Option<KeptPassword>> {
    let sql = "SELECT p.user_id, p.hash, p.first_until_at FROM passwords p JOIN users u ON u.id = p.user_id \
               WHERE u.name = $1 AND u.disabled_at IS NULL";
    let row: Option<(UserId, String, Option<DateTime<Utc>>)> =
        on_engine!(db, c => sqlx::query_as(sql).bind(name).fetch_optional(c).await)?;
    Ok(row.map(|(user, hash, first_until)| KeptPassword { user, hash, first_until }))
}

/// Of those who sign in with a password: a small site's.
pub async fn names_with_password(db: &mut Db<'_>) -> Result<Vec<String>> {
    let sql =
        "SELECT u.name FROM passwords p JOIN users u ON u.id = p.user_id WHERE u.disabled_at IS NULL ORDER BY u.name";
    Ok(on_engine!(db, c => sqlx::query_scalar(sql).fetch_all(c).await)?)
}

pub async fn is_first_password(db: &mut Db<'_>, user: UserId) -> Result<bool> {
    let sql = "SELECT COUNT(*) FROM passwords WHERE user_id = $1 AND first_until_at IS NOT NULL";
    let (count,): (i64,) = on_engine!(db, c => sqlx::query_as(sql).bind(user).fetch_one(c).await)?;
    Ok(count > 0)
}

pub async fn set_password(
    db: &mut Db<'_>,
    user: UserId,
    hash: &str,
    now: DateTime<Utc>,
    first_until: Option<DateTime<Utc>>,
) -> Result<()> {
    let sql = "INSERT INTO passwords (user_id, hash, set_at, first_until_at) VALUES ($1, $2, $3, $4) \
               ON CONFLICT (user_id) DO UPDATE SET hash = excluded.hash, set_at = excluded.set_at, \
               first_until_at = excluded.first_until_at";
    execute!(db, sqlx::query(sql).bind(user).bind(hash).bind(now).bind(first_until))?;
    Ok(())
}

pub async fn renew_hash(db: &mut Db<'_>, user: UserId, was: &str, hash: &str) -> Result<()> {
    let sql = "UPDATE passwords SET hash = $3 WHERE user_id = $1 AND hash = $2";
    execute!(db, sqlx::query(sql).bind(user).bind(was).bind(hash))?;
    Ok(())
}

pub async fn signed_in_from(db: &mut Db<'_>, user: UserId, address: &str, now: DateTime<Utc>) -> Result<()> {
    let sql = "INSERT INTO familiar_places (user_id, address, signed_in_at) VALUES ($1, $2, $3) \
               ON CONFLICT (user_id, address) DO UPDATE SET signed_in_at = excluded.signed_in_at";
    execute!(db, sqlx::query(sql).bind(user).bind(address).bind(now))?;
    Ok(())
}

/// Forgets all but the newest.
pub async fn forget_places(db: &mut Db<'_>, user: UserId, but: u16) -> Result<()> {
    let sql = "DELETE FROM familiar_places WHERE user_id = $1 AND address NOT IN \
               (SELECT address FROM familiar_places WHERE user_id = $1 ORDER BY signed_in_at DESC, address LIMIT $2)";
    execute!(db, sqlx::query(sql).bind(user).bind(i32::from(but)))?;
    Ok(())
}

pub async fn forget_old_places(db: &mut Db<'_>, before: DateTime<Utc>) -> Result<()> {
    let sql = "DELETE FROM familiar_places WHERE signed_in_at < $1";
    execute!(db, sqlx::query(sql).bind(before))?;
    Ok(())
}

/// Of those who may sign in with a password, the newest first.
pub async fn familiar_places(db: &mut Db<'_>, since: DateTime<Utc>, most: i32) -> Result<Vec<(String, String)>> {
    let sql = "SELECT u.name, f.address FROM familiar_places f JOIN users u ON u.id = f.user_id \
               WHERE f.signed_in_at >= $1 AND u.disabled_at IS NULL ORDER BY f.signed_in_at DESC, f.address LIMIT $2";
    Ok(on_engine!(db, c => sqlx::query_as(sql).bind(since).bind(most).fetch_all(c).await)?)
}

pub async fn set_signed_out(db: &mut Db<'_>, user: UserId, now: DateTime<Utc>) -> Result<()> {
    let sql = "UPDATE users SET signed_out_at = $2 WHERE id = $1";
    execute!(db, sqlx::query(sql).bind(user).bind(now))?;
    Ok(())
}

/// Whether they have signed out everywhere since then.
pub async fn signed_out_since(db: &mut Db<'_>, user: UserId, since: DateTime<Utc>) -> Result<bool> {
    let sql = "SELECT signed_out_at FROM users WHERE id = $1";
    let row: Option<(Option<DateTime<Utc>>,)> =
        on_engine!(db, c => sqlx::query_as(sql).bind(user).fetch_optional(c).await)?;
    Ok(row.and_then(|(at,)| at).is_some_and(|at| since < at))
}
