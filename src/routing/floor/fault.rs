//! Places where a floor is half changed, and where tests tear an event apart: see `routing/storm/torn.rs`. Nothing else can.

#[cfg(test)]
pub(crate) use torn::{WORDS, after};

pub(super) fn place() {
    #[cfg(test)]
    torn::place();
}

#[cfg(test)]
mod torn {
    use std::cell::Cell;

    thread_local! {
        static AFTER: Cell<Option<u64>> = const { Cell::new(None) };
    }

    pub(crate) const WORDS: &str = "torn apart by a test";

    /// Panics at the place after so many others.
    pub(crate) fn after(places: Option<u64>) {
        AFTER.set(places);
    }

    pub(super) fn place() {
        match AFTER.get() {
            Some(0) => {
                AFTER.set(None);
                // Past the hook, which would print each.
                std::panic::resume_unwind(Box::new(WORDS));
            }
            Some(more) => AFTER.set(Some(more - 1)),
            None => {}
        }
    }
}
