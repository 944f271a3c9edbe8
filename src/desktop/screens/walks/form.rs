//! The form of a claim, as pages ask it: for the walk, for the claim's own page, and for whoever else shows a question.

pub mod asked;
pub mod control;
pub mod read;
pub mod sheet;
pub mod value;

pub use asked::{Asked, Known};
pub use control::How;
pub use read::Typed;
pub use sheet::{Saved, Sheet, definition, sentence, talks};
pub use value::{json, message};
