//! Who signs in: the organisation's own accounts by OpenID Connect, and names with passwords where there are none.
//!
//! Nothing here knows a user, a role or a table of the service: an [`Identity`] is what a provider vouches for, and what it may
//! do is for the rooms to say. Nothing here is durable: keys, checked tokens and counted failures are in memory, bounded, and
//! made again by a new process.
//!
//! `verifier` checks a token by the keys of `provider`. What follows is tried by its own tests, and no door calls it yet: `flow`
//! is a sign-in with a browser, `session` what the browser then has; `password` and `attempts` are for a service without a
//! provider.
//!
//! # Two libraries, weighed
//!
//! `jsonwebtoken` reads tokens. Its own back ends are left out: `rust_crypto` brings `rsa`, which has an advisory without a fix,
//! and `aws_lc_rs` a second C library. Signatures are checked by `ring` (`signature`), which is here for TLS. What a library
//! would look at the system's clock for is checked here.
//!
//! `openidconnect` is left out. Version 4.1 without its default features brings 40 crates that are not here (counted by `cargo
//! tree`; `jsonwebtoken` brings 3), `rsa` with its advisory among them; it never asks for keys again, so that the checking of
//! keys and tokens would have to be written beside it in any case. What is left of it for one code flow is an address, a form
//! and an answer, in `flow`, which hands the ID token to the same verifier as every other token.

pub mod attempts;
mod cache;
mod flow;
mod http;
mod keys;
pub mod password;
mod provider;
mod refused;
mod secret;
pub mod session;
mod signature;
mod token;
mod verifier;

#[cfg(test)]
mod attempts_tests;
#[cfg(test)]
mod fakes;
#[cfg(test)]
mod flow_tests;
#[cfg(test)]
mod session_tests;
#[cfg(test)]
mod verifier_tests;

pub use flow::{CodeFlow, Pending};
pub use refused::Refused;
pub use token::Identity;
pub use verifier::{LONGEST_TOKEN, Verifier};
