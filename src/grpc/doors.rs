//! The services' doors, written by `build.rs` from the protos: one struct a service, and around each method what belongs to
//! every method. What a method does is a function of its name on the door, in the folder of its service.

use super::call::{self, Answers, Call, HasRequestId};
use super::diary::DayView;
use super::paging::Paged;
use super::pb;
use super::watch::Readings;
use futures_util::StreamExt;
use startline_foundation::ids::{ClaimId, SiteId};
use startline_service::{Service, within};
use std::pin::Pin;
use std::sync::Arc;
use tonic::service::Routes;
use tonic::{Request, Response, Status};

/// What somebody looks at now, each read once for all who do.
#[derive(Default)]
pub struct Looks {
    pub claims: Readings<ClaimId, pb::Claim>,
    pub days: Readings<DayView, pb::Day>,
    pub print_rooms: Readings<SiteId, pb::WatchPrintRoomResponse>,
}

/// Largest request: a hundred long answers.
const LARGEST_REQUEST: usize = 1024 * 1024;

/// What a method of the generated traits returns.
type Answer<'a, R> = Pin<Box<dyn Future<Output = Result<Response<R>, Status>> + Send + 'a>>;

macro_rules! has_request_id {
    ($request:ident) => {
        impl HasRequestId for pb::$request {
            fn request_id(&self) -> &str {
                &self.request_id
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

macro_rules! door {
    ($door:ident, $module:ident::$service:ident {
        $($kind:ident $method:ident: $request:ident => $response:ident, $name:literal $(, $stream:ident)?;)*
    }) => {
        #[doc = concat!("`", stringify!($service), "`.")]
        #[allow(dead_code, reason = "not every door has something to look at")]
        pub struct $door(pub Arc<Service>, pub Arc<Looks>);

        impl pb::$module::$service for $door {
            $(method! { $kind $door $method: $request => $response, $name $(, $stream)? })*
        }
    };
}

macro_rules! method {
    (mutation $door:ident $method:ident: $request:ident => $response:ident, $name:literal) => {
        fn $method<'a, 'b>(&'a self, request: Request<pb::$request>) -> Answer<'b, pb::$response>
        where
            'a: 'b,
        {
            Box::pin(async move {
                let attempt = |mut work: startline_service::Work, asked| async move {
                    let (mut db, context) = work.parts();
                    let answer = $door::$method(self, &mut db, context, asked).await?;
                    work.done(call::Wire(answer))
                };
                call::mutate(&self.0, $name, request, attempt).await
            })
        }
    };
    (read $door:ident $method:ident: $request:ident => $response:ident, $name:literal) => {
        fn $method<'a, 'b>(&'a self, request: Request<pb::$request>) -> Answer<'b, pb::$response>
        where
            'a: 'b,
        {
            Box::pin(async move {
                let Call { operation, asked } = call::asked(&self.0, $name, request)?;
                let context = &operation.context;
                let reading = async {
                    let mut snapshot = self.0.read().await?;
                    $door::$method(self, &mut snapshot.db(), context, asked).await
                };
                call::answered($name, context, within(operation.deadline, reading).await)
            })
        }
    };
    (by_hand $door:ident $method:ident: $request:ident => $response:ident, $name:literal) => {
        fn $method<'a, 'b>(&'a self, request: Request<pb::$request>) -> Answer<'b, pb::$response>
        where
            'a: 'b,
        {
            Box::pin(async move {
                let call = call::asked(&self.0, $name, request)?;
                let context = call.operation.context.clone();
                call::answered($name, &context, $door::$method(self, call).await)
            })
        }
    };
    (by_hand_once $door:ident $method:ident: $request:ident => $response:ident, $name:literal) => {
        fn $method<'a, 'b>(&'a self, request: Request<pb::$request>) -> Answer<'b, pb::$response>
        where
            'a: 'b,
        {
            Box::pin(async move {
                let call = call::asked_once(&self.0, $name, request)?;
                let context = call.operation.context.clone();
                call::answered($name, &context, $door::$method(self, call).await)
            })
        }
    };
    (stream $door:ident $method:ident: $request:ident => $response:ident, $name:literal, $stream:ident) => {
        type $stream = call::WireAnswers<pb::$response>;

        fn $method<'a, 'b>(&'a self, request: Request<pb::$request>) -> Answer<'b, Self::$stream>
        where
            'a: 'b,
        {
            Box::pin(async move {
                let call = call::asked(&self.0, $name, request)?;
                let context = call.operation.context.clone();
                let answers: startline_foundation::error::Result<Answers<pb::$response>> =
                    $door::$method(self, call).await;
                let open = self.0.counts.stream_opened($name);
                let answers = answers.map(|answers| -> Self::$stream {
                    Box::pin(answers.map(move |answer| {
                        let _ = &open;
                        Ok(answer)
                    }))
                });
                call::answered($name, &context, answers)
            })
        }
    };
}

include!(concat!(env!("OUT_DIR"), "/doors.rs"));
