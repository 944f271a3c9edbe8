//! For whom a definition is read: whoever writes it is told more than the service, which stored it.

/// For whom a definition is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reader {
    /// Whoever wrote it, before it is used: every slip is told.
    Author,
    /// The service, which stored it when it had no fault.
    Store,
}
