//! Startline: the telephone start-up service of a network of public-service call centres.
pub mod clock;
pub mod error;
pub mod ids;
pub mod routing;
