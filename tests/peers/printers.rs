//! Printing for real: `ippeveprinter`, a printer in software that speaks IPP as a bought one does, and a CUPS of the
//! test's own before it. Nothing here runs for the whole machine: each has its own folders, ports and message bus.
//!
//! What came out is read from the printer's tray, never from what it or the worker says of it.

mod books;
mod cups;
mod gate;
mod machine;
#[expect(clippy::unwrap_used, reason = "a story that cannot go on has failed")]
mod real_printers;
