//! The methods for whoever asks within the process: past the same gate, within the same bounds and counted as those that come
//! by a connection. A status becomes a refusal here, whole.

use super::bounds::Bounds;
use super::call::{Behind, Method};
use super::doors::{Looks, methods};
use super::fault::{self, RpcStatus};
use super::gate::{Gate, MethodRoles};
use super::server::{code_name, span};
use bytes::Bytes;
use futures_util::future::BoxFuture;
use futures_util::{FutureExt, StreamExt, stream};
use prost::Message;
use startline_foundation::supervision::{Ended, Panics};
use startline_service::Service;
use startline_service::methods::{Asked, Asking, Listened, Methods, Refusal, RefusalKind};
use startline_service::telemetry::Counts;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Instant;
use tonic::{Code, Request, Status};
use tonic_types::StatusExt;
use tracing::Instrument;

/// A day of pages asks for as much as a day of a desktop does, so each browser's user has bounds of their own beside those of
/// connections.
#[derive(Clone)]
pub struct Inside(Arc<Parts>);

struct Parts {
    gate: Gate,
    behind: Behind,
    by_path: HashMap<&'static str, Method>,
    bounds: Bounds,
    panics: Panics,
    counts: Counts,
}

impl Inside {
    pub fn new(service: &Arc<Service>, roles: MethodRoles) -> Self {
        Self(Arc::new(Parts {
            gate: Gate::new(roles, service),
            behind: Behind { service: service.clone(), looks: Arc::<Looks>::default() },
            by_path: methods(),
            bounds: Bounds::default(),
            panics: service.panics.clone(),
            counts: service.counts.clone(),
        }))
    }
}

impl Methods for Inside {
    fn ask(&self, asking: Asking) -> Asked {
        let parts = self.0.clone();
        async move {
            let (method, path) = (parts.method(&asking), asking.path);
            parts
                .counted(path, async {
                    let request = parts.admit(asking).await?;
                    let user = request.extensions().get::<startline_rooms::access::User>().map(|user| user.id);
                    let _held = user.map(|user| parts.bounds.request(user, path)).transpose()?;
                    match method {
                        Some(Method::Unary(answer)) => Ok(answer(parts.behind.clone(), request).await?.into_inner()),
                        _ => Err(Status::unimplemented(path)),
                    }
                })
                .await
        }
        .boxed()
    }

    fn listen(&self, asking: Asking) -> BoxFuture<'static, Result<Listened, Refusal>> {
        let parts = self.0.clone();
        async move {
            let (method, path) = (parts.method(&asking), asking.path);
            let answers = parts.counted(path, async {
                let request = parts.admit(asking).await?;
                match method {
                    Some(Method::Stream(answer)) => Ok(answer(parts.behind.clone(), request).await?.into_inner()),
                    _ => Err(Status::unimplemented(path)),
                }
            });
            let answers = answers.await?.map(|answer| answer.map_err(|status| refusal(&status)));
            // What came after a fault would be told to nobody.
            let until_fault = stream::unfold(Some(answers), |answers| async move {
                let mut answers = answers?;
                let answer = answers.next().await?;
                let goes_on = answer.is_ok().then_some(answers);
                Some((answer, goes_on))
            });
            Ok(until_fault.boxed())
        }
        .boxed()
    }
}

impl Parts {
    fn method(&self, asking: &Asking) -> Option<Method> {
        self.by_path.get(asking.path).copied()
    }

    async fn admit(&self, asking: Asking) -> Result<Request<Bytes>, Status> {
        let Asking { path, message, session, language, site } = asking;
        let admitted = self.gate.admit_inside(path, session, site).await;
        let (user, admitted) = admitted.map_err(|fault| fault::status(fault, path, None))?;
        let span = tracing::Span::current();
        span.record("user_id", tracing::field::display(user.id));
        let mut request = Request::new(message);
        if let Ok(tag) = language.as_str().parse() {
            request.metadata_mut().insert("accept-language", tag);
        }
        request.extensions_mut().insert(admitted);
        request.extensions_mut().insert(user);
        Ok(request)
    }

    /// As one that came by a connection: with a span, counted, and a panic ends it alone.
    async fn counted<T>(
        &self,
        path: &'static str,
        asked: impl Future<Output = Result<T, Status>>,
    ) -> Result<T, Refusal> {
        let method = self.gate.counted_as(path);
        let span = span(&method, "internal");
        let begun = Instant::now();
        let answered = match self.panics.guard(Ended::Request, path, asked.instrument(span.clone())).await {
            Ok(answered) => answered,
            Err(panic) => span.in_scope(|| Err(fault::internal(&panic, path, None))),
        };
        let code = code_name(answered.as_ref().err().map_or(Code::Ok, Status::code));
        span.record("rpc.response.status_code", code);
        self.counts.rpc(method, code, begun.elapsed());
        answered.map_err(|status| refusal(&status))
    }
}

/// What a client would read in the status.
fn refusal(status: &Status) -> Refusal {
    let kind = match status.code() {
        Code::Unauthenticated => RefusalKind::SignedOut,
        Code::PermissionDenied => RefusalKind::Denied,
        Code::InvalidArgument => RefusalKind::Invalid,
        Code::NotFound => RefusalKind::NotFound,
        Code::Aborted | Code::AlreadyExists => RefusalKind::Race,
        Code::FailedPrecondition => RefusalKind::Illegal,
        Code::ResourceExhausted => RefusalKind::Limit,
        Code::Unavailable | Code::DeadlineExceeded | Code::Cancelled => RefusalKind::Away,
        _ => RefusalKind::Internal,
    };
    let details = status.get_error_details();
    let fields = details.bad_request().map(|bad| {
        let field = |violation: &tonic_types::FieldViolation| (violation.field.clone(), violation.description.clone());
        bad.field_violations.iter().map(field).collect()
    });
    let ours = RpcStatus::decode(status.details()).map(|whole| whole.details).unwrap_or_default();
    Refusal {
        kind,
        reason: details.error_info().map(|info| info.reason.clone()).unwrap_or_default(),
        message: status.message().to_owned(),
        fields: fields.unwrap_or_default(),
        details: ours
            .into_iter()
            .filter_map(|any| {
                let name = any.type_url.rsplit('/').next()?.to_owned();
                name.starts_with("startline.").then(|| (name, Bytes::from(any.value)))
            })
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use startline_foundation::error::{Error, FieldFault, FreshOffer};

    #[test]
    fn a_refusal_says_all_that_a_status_says() {
        let at = "2026-03-03T10:00:00Z".parse().unwrap();
        let offers = vec![FreshOffer { start: at, end: at, holder: "Ana".into() }];
        let taken = Error::Conflict { reason: "HOLD_EXPIRED", message: "somebody was first".into(), offers };
        let told = refusal(&fault::status(taken, "DiaryService.BookAppointment", None));
        assert_eq!((told.kind, told.reason.as_str()), (RefusalKind::Race, "HOLD_EXPIRED"));
        let offers = super::super::pb::FreshOffers::decode(told.detail("startline.v1.FreshOffers").unwrap().clone());
        assert_eq!(offers.unwrap().offers[0].holder, "Ana");

        let wrong =
            Error::Invalid(vec![FieldFault { field: "facts.nino".into(), reason: "has no such letters".into() }]);
        let told = refusal(&fault::status(wrong, "ClientService.CreateClient", None));
        assert_eq!((told.kind, told.of("facts.nino")), (RefusalKind::Invalid, Some("has no such letters")));
    }
}
