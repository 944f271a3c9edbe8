//! Claim packs: what a client finds on the doormat after the start-up call.
//!
//! `content` is the data a pack is made of, `world` the closed world its templates live in, `compose` turns the one
//! into a PDF through the other. Composing is pure: the same content and the same service definition give the same
//! bytes, so a pack that was lost can be made again and compared.

pub mod compose;
pub mod content;
mod prepare;
pub mod sample;
pub mod world;

pub use compose::{ComposeFault, Composed, Composer, DocumentPages, TemplateFault, lint};
pub use content::PackContent;
