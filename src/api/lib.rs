//! What is generated from `proto/`, and its descriptors. A crate of its own, so that nothing but a change of a proto
//! compiles it again.

#![expect(clippy::all, reason = "generated code")]

tonic::include_proto!("startline.v1");

/// The descriptors of every service and message, with our options.
pub const DESCRIPTORS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/startline.bin"));

/// Times, and values of any kind, as messages hold them.
pub use prost_types;

mod methods;

pub use methods::{Asked, Listened, Request};

/// What is still free, as the details of a refusal have it.
///
/// # Errors
/// When these bytes are something else.
pub fn fresh_offers(bytes: &[u8]) -> Result<Vec<FreshOffer>, prost::DecodeError> {
    use prost::Message;
    FreshOffers::decode(bytes).map(|offers| offers.offers)
}

/// The answers that stand, as the details of a refusal have them.
///
/// # Errors
/// When these bytes are something else.
pub fn stale_answers(bytes: &[u8]) -> Result<Vec<StaleAnswer>, prost::DecodeError> {
    use prost::Message;
    StaleAnswers::decode(bytes).map(|answers| answers.answers)
}
