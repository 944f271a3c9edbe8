//! What is done from the command line beside a service, or without one: people are looked after, the audit is looked at.

pub mod audit;
pub mod people;
