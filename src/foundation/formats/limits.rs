//! What a record, a form and an envelope's window hold: one measure for all of them, so that none takes what another must
//! refuse.

/// Longest title, last name or other names, in characters.
pub const NAME_CHARS: usize = 80;
/// With the name and the postcode these fill the seven lines of an envelope's window.
pub const ADDRESS_LINES: usize = 5;
/// Longest line of an address, in characters.
pub const ADDRESS_LINE_CHARS: usize = 60;
