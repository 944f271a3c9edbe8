//! The world a story is told in: the service with its data, the people who ring its API, and a clock moved by hand.
//!
//! Everything goes over a real socket with a real token. A story runs on both engines: `story!` makes two tests of it.

pub mod between;
pub mod browser;
pub mod callback_steps;
pub mod check_steps;
pub mod claim_steps;
pub mod collector;
pub mod faults;
pub mod flooder;
pub mod floor_steps;
pub mod followup_steps;
pub mod home;
pub mod line;
pub mod log;
pub mod notify;
pub mod pdf;
pub mod person;
pub mod plans;
pub mod postgres;
pub mod print_steps;
pub mod process;
pub mod quiet;
pub mod samples;
pub mod spoken;
pub mod steps;
pub mod stream;
pub mod switch;
pub mod tls;
pub mod values;
pub mod walk_steps;
pub mod world;

pub use home::{Engine, Home};
pub use person::Person;
pub use world::{START, World, at};

use std::future::Future;
use std::time::Duration;

/// Longer than anything here takes, on any machine: only a story that would hang for ever ends by it.
const FOR_EVER: Duration = Duration::from_secs(60);

/// What comes of `awaited`, or a failed test instead of a hanging one.
pub async fn soon<T>(what: &str, awaited: impl Future<Output = T>) -> T {
    match tokio::time::timeout(FOR_EVER, awaited).await {
        Ok(come) => come,
        Err(_) => panic!("waited in vain for {what}"),
    }
}

/// Asks again and again until there is an answer. Each asking is a call over a socket or to the database, and lets
/// everybody else run first.
pub async fn until<T, F: Future<Output = Option<T>>>(what: &str, ask: impl Fn() -> F) -> T {
    soon(what, async {
        loop {
            if let Some(found) = ask().await {
                return found;
            }
            tokio::task::yield_now().await;
        }
    })
    .await
}

/// A story on both engines: `story!(a_sentence, |world| { .. })`, where `world` is a [`World`] just started.
macro_rules! story {
    ($(#[$about:meta])* $name:ident, |$world:pat_param| $told:block) => {
        $(#[$about])*
        mod $name {
            #[allow(unused_imports, reason = "a story may need nothing of its module")]
            use super::*;

            async fn tell($world: $crate::support::World) $told

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                $crate::support::log::start();
                tell($crate::support::World::start($crate::support::Engine::Sqlite).await).await;
                $crate::support::plans::are_sound();
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                tell($crate::support::World::start($crate::support::Engine::Postgres).await).await;
            }
        }
    };
}

/// A story about the data and whatever serves it: `home_story!(a_sentence, |home| { .. })`, where `home` is a
/// [`Home`] that nothing serves yet.
macro_rules! home_story {
    ($(#[$about:meta])* $name:ident, |$home:pat_param| $told:block) => {
        $(#[$about])*
        mod $name {
            #[allow(unused_imports, reason = "a story may need nothing of its module")]
            use super::*;

            async fn tell($home: $crate::support::Home) $told

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                tell($crate::support::Home::fresh($crate::support::Engine::Sqlite).await).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                tell($crate::support::Home::fresh($crate::support::Engine::Postgres).await).await;
            }
        }
    };
}
