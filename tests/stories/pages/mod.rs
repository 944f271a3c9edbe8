//! The pages of the desk in a browser: what a form changes is read back by the API as well.

mod calls;
mod day;
mod floor;
mod people;
mod post;
mod walks;
