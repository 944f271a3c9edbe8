//! What has a short id and a name.

use super::text::Text;

/// A benefit or an agency: its short id, `JSA`, and its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    pub id: String,
    pub name: Text,
    /// A benefit that the client's council decides: its dates follow periods of their own.
    pub council: bool,
    /// A call need with which a call-back takes twice as long.
    pub double_length: bool,
    /// Of a skill: it is asked of whoever rings back, and of nobody who answers a call that rings now.
    pub callbacks_only: bool,
}
