//! `CallbackService`: what each method does is in the file of its kind.

mod life;
mod message;
mod missed;
mod read;
mod records;
mod roster;
mod slots;

pub use message::messages;
pub use records::open_of_clients;
