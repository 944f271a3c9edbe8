//! The queue that prints and posts: print jobs, the print rooms that take them, and the batches that leave with each post.
//!
//! A print job is one printing of a pack, or of some of its pages, in one print room. It is queued, leased by a printer's
//! worker or by a print system of another make, begun on a printer, printed, and posted; or it is spoiled, cancelled, or
//! comes back undelivered. Every job ends in exactly one of these, so that pages in equal pages out, and a manifest names
//! what is missing.
//!
//! Everything here is durable before it is acknowledged. A lease that runs out before anything was sent to a printer gives
//! the job to the next who asks; once sending was begun the job stays with its printer until it is known what became of it,
//! because a second copy in a second envelope is worse than a late one. The attempt number tells a late report from a
//! good one. What is reported again stands as it is said now, and what it said before is kept as a correction.

mod batch;
mod batch_store;
mod correction;
mod correction_store;
mod counted;
mod erasing_store;
mod job;
#[cfg(test)]
mod job_tests;
mod manifest;
mod post;
mod printer;
mod printer_store;
mod queue;
mod reporting;
mod store;

pub use batch::{Batch, close_due, count, list_batches, manifest};
pub use correction::{Corrected, Correction, corrections_of_batch, corrections_of_jobs};
pub use erasing_store::{erase_of_packs, of_packs, packs_waiting};
pub use job::{Accepted, Handed, PrintJob, Printed, Priority, State, Submission};
pub use manifest::{Difference, Manifest, Tally};
pub use post::{BatchKey, Outlook, PostClass, arrives_by, outlook};
pub use printer::{Load, Printer, PrinterState, WhyNone, load, note_printer, printers, unposted, why_none};
pub use queue::{
    ToPrint, begin_printing, cancel, extend_lease, get, give_back, is_in_reach, jobs_of_pack, jobs_of_packs, lease,
    note_accepted, note_uncertain, queue, reprint, take_back, under_way, waiting,
};
pub use reporting::{
    PostedReport, PrintedReport, report_all_printed, report_collected, report_posted, report_printed, report_returned,
    report_spoiled,
};
pub use store::{InTurn, clock_was_set};
