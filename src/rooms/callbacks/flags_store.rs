//! How clients may be rung, in the database.

use super::flags::ContactFlags;
use crate::access::Context;
use startline_foundation::error::Result;
use startline_foundation::ids::ClientId;
use startline_foundation::store::{Db, execute, on_engine};

pub async fn flags(db: &mut Db<'_>, client: ClientId) -> Result<Option<ContactFlags>> {
    let sql = "SELECT do_not_call, instead, number_check FROM callback_contact_flags WHERE client_id = $1";
    let row: Option<(bool, String, bool)> =
        on_engine!(db, c => sqlx::query_as(sql).bind(client).fetch_optional(c).await)?;
    Ok(row.map(|(do_not_call, instead, number_check)| ContactFlags { do_not_call, instead, number_check }))
}

pub async fn save_flags(db: &mut Db<'_>, context: &Context, client: ClientId, flags: &ContactFlags) -> Result<()> {
    let sql = "INSERT INTO callback_contact_flags (client_id, do_not_call, instead, number_check, set_by, set_at) \
               VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (client_id) DO UPDATE SET do_not_call = excluded.do_not_call, \
               instead = excluded.instead, number_check = excluded.number_check, set_by = excluded.set_by, \
               set_at = excluded.set_at";
    execute!(
        db,
        sqlx::query(sql)
            .bind(client)
            .bind(flags.do_not_call)
            .bind(&flags.instead)
            .bind(flags.number_check)
            .bind(context.user.id)
            .bind(context.now)
    )?;
    db.after_commit(startline_foundation::events::Event::DueCallbacksChanged);
    Ok(())
}
