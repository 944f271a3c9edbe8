//! Startline: the telephone start-up service of a network of public-service call centres.
pub mod claims;
pub mod clock;
pub mod definition;
pub mod error;
pub mod formats;
pub mod ids;
pub mod scripts;
