//! Claim packs and letters: what a client finds on the doormat, composed, kept, and sent on its way.
//!
//! `content` is the data a pack is made of, `gather` collects it from the rooms that know it, `world` is the closed world
//! its templates live in, `compose` turns the one into a PDF through the other. Composing is pure: the same content and
//! the same service definition give the same bytes. `preparing` does it outside any transaction; `storing` stores what
//! came of it, queues it in the print room (see [`crate::printing`]), and takes back what it replaces.
//!
//! Packs and exceptions are durable before they are acknowledged. What cannot be printed is no failed job: it stands on a
//! list with the reason, until somebody has mended it.

mod access_content;
mod access_list;
mod address;
mod agency;
pub mod barcode;
pub mod compose;
pub mod content;
mod delivery;
mod elsewhere;
mod erasing_store;
mod exception;
mod exception_store;
mod gather;
mod holding;
mod key;
mod leaving;
mod lint;
mod material;
mod measure;
mod older_form;
mod pack;
mod paper;
mod posting;
mod preparing;
mod printable;
mod queries;
pub mod samples;
mod sanitize;
#[cfg(test)]
mod slip_tests;
mod store;
mod storing;
mod subject;
mod thread;
mod too_late;
mod words;
mod words_lint;
pub mod world;

pub use access_list::{AccessPrint, ListWanted, Matter, print_access};
pub use address::check_address;
pub use compose::{ComposeFault, Composed, Composer, TemplateFault};
pub use content::{Layout, Look, PackContent};
pub use delivery::{Arrival, arrival, choose_delivery};
pub use erasing_store::{
    about as packs_about, claims_of as claims_of_packs, erase, erase_deliveries, erase_exceptions, exceptions_about,
    exceptions_of_clients, exceptions_open, exceptions_over, of_clients as packs_of_clients, over,
};
pub use exception::{
    Elsewhere, Exception, dismiss_exception, get_exception, list_exceptions, mend_exception, open_exceptions,
    owe_in_no_other_format, want_no_more,
};
pub use key::SentTo;
pub use leaving::{begin_printing, lease, report_all_printed, report_printed};
pub use lint::lint;
pub use measure::{DocumentPages, PageFault, PageMeasure};
pub use pack::{Delivery, Pack, PackStatus, Place};
pub use paper::{Envelope, Paper, Sides, with_paper};
pub use posting::{cancel, hand_over, report_posted, report_returned, reprint};
pub use preparing::{Composers, Prepared, agency_copy, prepare};
pub use queries::{Found, find_by_barcode, get, list, newest_of_claim, pdf, standing};
pub use samples::{all as all_samples, index as index_of_samples};
pub use store::Sought;
pub use storing::{Kept, held_back, keep, look_again, order, order_again, owed, stop, to_compose_anew};
pub use subject::{Order, PackSubject, Replaced, Replacement, Unprintable};
pub use too_late::{TooLate, of_client as too_late, too_late_for};
