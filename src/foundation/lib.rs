//! What every crate of the house stands on: newtype ids, the one domain error, the one reader of time, the formats of what
//! people say on the telephone, settings, what a committed transaction tells, who looks at what now, what a panic ends, TLS at the doors;
//! and the store, SQLite or PostgreSQL behind one set of statements.

pub mod clock;
pub mod config;
pub mod connections;
pub mod error;
pub mod events;
pub mod formats;
pub mod ids;
pub mod last_resort;
pub mod metrics;
pub mod store;
pub mod subscriptions;
pub mod supervision;
pub mod tls;
