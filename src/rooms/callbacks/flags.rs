//! How a client may be rung: not at all, with what to do instead; or only after the number was made sure of.

use super::callback::Callback;
use super::{flags_store, store};
use crate::access::{Context, audit};
use crate::clients;
use startline_foundation::error::{Error, Result};
use startline_foundation::formats::optional_line;
use startline_foundation::ids::ClientId;
use startline_foundation::store::Db;

const INSTEAD_CHARS: usize = 200;

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ContactFlags {
    /// Never rung, and nothing is booked: `instead` says what is done.
    pub do_not_call: bool,
    pub instead: String,
    /// The number is in doubt: it is read back before anything is said.
    pub number_check: bool,
}

pub async fn contact_flags(db: &mut Db<'_>, client: ClientId) -> Result<ContactFlags> {
    Ok(flags_store::flags(db, client).await?.unwrap_or_default())
}

/// Sets them, and gives the client's call-backs that stand: what is booked does not go by itself.
pub async fn set_contact_flags(
    db: &mut Db<'_>,
    context: &Context,
    client: ClientId,
    flags: ContactFlags,
) -> Result<(ContactFlags, Vec<Callback>)> {
    let instead = optional_line("instead", &flags.instead, INSTEAD_CHARS)?;
    if flags.do_not_call && instead.is_empty() {
        return Err(Error::invalid("instead", "is needed: what is done instead of ringing?"));
    }
    let flags = ContactFlags { instead, ..flags };
    clients::get(db, client).await?;
    flags_store::save_flags(db, context, client, &flags).await?;
    audit(db, context, "contact_flags_set", "client", &client).await?;
    Ok((flags, store::open_of_client(db, client).await?))
}

/// # Errors
/// `Illegal` when the client is not to be rung, with what to do instead.
pub(super) async fn check_may_ring(db: &mut Db<'_>, client: ClientId) -> Result<ContactFlags> {
    let flags = contact_flags(db, client).await?;
    if flags.do_not_call {
        let message = format!("this client is not to be rung; instead: {}", flags.instead);
        return Err(Error::illegal("DO_NOT_CALL", message));
    }
    Ok(flags)
}
