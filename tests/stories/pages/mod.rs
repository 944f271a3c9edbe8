//! The pages of the desk in a browser: what a form changes is read back by the API as well.

mod floor;
mod walks;
