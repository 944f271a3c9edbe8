//! Startline: the telephone start-up service of a network of public-service call centres.
pub mod access;
pub mod app;
pub mod callbacks;
pub mod claims;
pub mod clients;
pub mod clock;
pub mod config;
pub mod definition;
pub mod diary;
pub mod error;
pub mod formats;
pub mod grpc;
pub mod ids;
pub mod packs;
pub mod routing;
pub mod scripts;
pub mod store;
