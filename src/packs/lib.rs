//! Claim packs and letters: what a client finds on the doormat, composed, kept, and sent on its way.
//!
//! `content` is the data a pack is made of, `gather` collects it from the rooms that know it, `world` is the closed world
//! its templates live in, `compose` turns the one into a PDF through the other. Composing is pure: the same content and
//! the same service definition give the same bytes. `preparing` does it outside any transaction; `keeping` stores what
//! came of it, queues it in the print room (see [`crate::printing`]), and takes back what it replaces.
//!
//! Packs and exceptions are durable before they are acknowledged. What cannot be printed is no failed job: it stands on a
//! list with the reason, until somebody has mended it.

mod address;
mod agency;
pub mod barcode;
pub mod compose;
pub mod content;
mod delivery;
mod exception;
mod exception_store;
mod gather;
mod keeping;
mod lint;
mod looking;
mod material;
mod pack;
mod posting;
mod prepare;
mod preparing;
mod printable;
pub mod samples;
mod store;
mod thread;
mod wanted;
mod words;
pub mod world;

pub use address::check_address;
pub use compose::{ComposeFault, Composed, Composer, DocumentPages, TemplateFault};
pub use content::{Layout, Look, PackContent};
pub use delivery::{Arrival, arrival, choose_delivery};
pub use exception::{Exception, dismiss_exception, get_exception, list_exceptions, mend_exception, open_exceptions};
pub use keeping::{Kept, keep, order, owed, stop};
pub use lint::lint;
pub use looking::{Found, find_by_barcode, get, list, newest_of_claim, pdf, standing};
pub use pack::{Delivery, Pack, Place, Standing};
pub use posting::{cancel, hand_over, report_posted, report_returned, reprint};
pub use preparing::{Composers, Prepared, agency_copy, prepare};
pub use samples::all as all_samples;
pub use store::Sought;
pub use wanted::{Order, Replaced, Replacement, Unprintable, Wanted};
