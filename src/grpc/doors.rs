//! The services' doors, written by `build.rs` from the protos: one struct a service, and around each method what belongs to
//! every method, who reaches what and sees what of it among it. What a method does is a function of its name on the door, in the folder of its service.
//!
//! Each method's future is boxed once, owns all it has, and is run by functions that are compiled once for all of them
//! (`call.rs`): a compiler that must prove each method's whole chain of futures `Send` inside its runner's, under lifetimes
//! of the caller's, needs minutes for it.

use super::call::{self, Answers, Behind, HasRequestId, Method};
use super::diary::DayView;
use super::heartbeat::{self, HasHeartbeat, When};
use super::paging::Paged;
use super::pb;
use super::reach::{self, Named, Names};
use super::watch::Readings;
use futures_util::StreamExt;
use prost::Message;
use startline_foundation::ids::{ClaimId, OfficeId, SiteId};
use startline_rooms::access::Kind;
use startline_service::Service;
use std::collections::HashMap;
use std::sync::Arc;

/// What somebody looks at now, each read once for all who do.
#[derive(Default)]
pub struct Looks {
    pub claims: Readings<ClaimId, pb::Claim>,
    pub checks: Readings<OfficeId, pb::Checks>,
    pub days: Readings<DayView, pb::Day>,
    pub print_rooms: Readings<SiteId, pb::WatchPrintRoomResponse>,
}

macro_rules! has_request_id {
    ($request:ident) => {
        impl HasRequestId for pb::$request {
            fn request_id(&self) -> &str {
                &self.request_id
            }
        }
    };
}

macro_rules! names {
    ($request:ident: |$self:ident| [$($named:expr,)*]) => {
        impl Names for pb::$request {
            fn names(&$self) -> Vec<Named<'_>> {
                vec![$($named),*]
            }
        }
    };
}

macro_rules! is_paged {
    ($request:ident) => {
        impl Paged for pb::$request {
            fn page(&self) -> (i32, &str) {
                (self.page_size, &self.page_token)
            }
        }
    };
}

macro_rules! has_heartbeat {
    ($response:ident, $when:ident, |$beat:ident| $made:expr) => {
        impl HasHeartbeat for pb::$response {
            const WHEN: When = When::$when;

            fn heartbeat($beat: pb::Heartbeat) -> Self {
                $made
            }
        }
    };
}

macro_rules! door {
    ($door:ident {
        $($kind:ident $method:ident: $request:ident, $name:literal, $path:literal;)*
    }) => {
        #[doc = concat!("The methods of one service; see `", stringify!($door), "` in its folder.")]
        #[allow(dead_code, reason = "not every door has something to look at")]
        pub struct $door(pub Arc<Service>, pub Arc<Looks>);

        impl $door {
            const METHODS: &[(&str, Method)] = &[$(($path, method! { $kind $door $method: $request, $name })),*];

            fn of(behind: Behind) -> Self {
                Self(behind.service, behind.looks)
            }
        }
    };
}

macro_rules! method {
    (mutation $door:ident $method:ident: $request:ident, $name:literal) => {
        Method::Unary(|behind, request| {
            call::mutation::<pb::$request>(behind, $name, request, |behind, mut work, asked| {
                Box::pin(async move {
                    let (mut db, context) = work.parts();
                    let sees = reach::check(&behind, &mut db, context, &asked).await?;
                    work.context.sees = sees;
                    let (mut db, context) = work.parts();
                    let answer = $door::of(behind).$method(&mut db, context, asked).await;
                    let answer = answer.map_err(|fault| reach::told(sees, fault))?;
                    work.done(answer.encode_to_vec())
                })
            })
        })
    };
    (read $door:ident $method:ident: $request:ident, $name:literal) => {
        Method::Unary(|behind, request| {
            call::read::<pb::$request>(behind, $name, request, |behind, mut snapshot, mut context, asked| {
                Box::pin(async move {
                    context.sees = reach::look(&behind, &mut snapshot.db(), &context, $name, &asked).await?;
                    let answer = $door::of(behind).$method(&mut snapshot.db(), &context, asked).await?;
                    Ok(answer.encode_to_vec())
                })
            })
        })
    };
    (by_hand $door:ident $method:ident: $request:ident, $name:literal) => {
        Method::Unary(|behind, request| {
            let asked = call::asked::<pb::$request>(&behind.service, $name, request);
            call::by_hand(behind, $name, asked, |behind, mut call| {
                Box::pin(async move {
                    let sees = reach::check_first(&behind, call.context(), $name, &call.asked).await?;
                    call.operation.context.sees = sees;
                    let answer = $door::of(behind).$method(call).await;
                    Ok(answer.map_err(|fault| reach::told(sees, fault))?.encode_to_vec())
                })
            })
        })
    };
    (by_hand_once $door:ident $method:ident: $request:ident, $name:literal) => {
        Method::Unary(|behind, request| {
            let asked = call::asked_once::<pb::$request>(&behind.service, $name, request);
            call::by_hand(behind, $name, asked, |behind, mut call| {
                Box::pin(async move {
                    let sees = reach::check_first(&behind, call.context(), $name, &call.asked).await?;
                    call.operation.context.sees = sees;
                    let answer = $door::of(behind).$method(call).await;
                    Ok(answer.map_err(|fault| reach::told(sees, fault))?.encode_to_vec())
                })
            })
        })
    };
    (watch $door:ident $method:ident: $request:ident, $name:literal) => {
        Method::Stream(|behind, request| {
            let asked = call::asked::<pb::$request>(&behind.service, $name, request);
            call::stream(behind, $name, asked, |behind, mut call| {
                Box::pin(async move {
                    let sees = reach::check_first(&behind, call.context(), $name, &call.asked).await?;
                    call.operation.context.sees = sees;
                    let clock = behind.service.clock.clone();
                    Ok(heartbeat::beating(clock, $door::of(behind).$method(call).await?))
                })
            })
        })
    };
    (stream $door:ident $method:ident: $request:ident, $name:literal) => {
        Method::Stream(|behind, request| {
            let asked = call::asked::<pb::$request>(&behind.service, $name, request);
            call::stream(behind, $name, asked, |behind, mut call| {
                Box::pin(async move {
                    let sees = reach::check_first(&behind, call.context(), $name, &call.asked).await?;
                    call.operation.context.sees = sees;
                    let answers: Answers<_> = $door::of(behind).$method(call).await?;
                    let bytes = answers.map(|answer| answer.map(|answer| answer.encode_to_vec()));
                    Ok(Box::pin(bytes) as Answers<Vec<u8>>)
                })
            })
        })
    };
}

include!(concat!(env!("OUT_DIR"), "/doors.rs"));
