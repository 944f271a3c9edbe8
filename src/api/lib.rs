//! What is generated from `proto/`, and its descriptors. A crate of its own, so that nothing but a change of a proto
//! compiles it again.

#![expect(clippy::all, reason = "generated code")]

tonic::include_proto!("startline.v1");

/// The descriptors of every service and message, with our options.
pub const DESCRIPTORS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/startline.bin"));
