//! What somebody counted.

use startline_foundation::error::{Error, Result};

/// More than any post of any room: a slip of the finger, and not a count.
const MOST_COUNTED: u32 = 1_000_000;

pub fn checked_count(field: &'static str, counted: u32) -> Result<u32> {
    if counted > MOST_COUNTED {
        return Err(Error::invalid(field, format!("is more than {MOST_COUNTED}")));
    }
    Ok(counted)
}
