//! The client rings in before they are rung.

use startline_foundation::error::{Error, Result};
use startline_foundation::ids::{CallId, CallbackId};
use startline_foundation::store::Db;
use startline_rooms::access::Context;
use startline_rooms::callbacks::{self, Callback};
use startline_routing::Switchboard;

/// The start-up is done in the call that the adviser has with the client now, and the call-back's time is free again.
///
/// # Errors
/// `Illegal` when the call is not theirs, or the call-back is over; `Denied` when it is another site's.
pub async fn take_over_callback(
    db: &mut Db<'_>,
    context: &Context,
    switchboard: &Switchboard,
    id: CallbackId,
    call: CallId,
) -> Result<Callback> {
    let desk = switchboard.network().desk_view(context.user.id).ok();
    if desk.and_then(|desk| desk.call()) != Some(call) {
        let message = "only the adviser who has the client's call makes the call-back that call";
        return Err(Error::illegal("NOT_YOUR_CALL", message));
    }
    callbacks::take_over(db, context, id, call).await
}
