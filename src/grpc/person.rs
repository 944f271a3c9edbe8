//! Somebody who calls the API with a token of their own: the people of the tour and of the demo.

use crate::pb;
use startline_foundation::clock::Clock;
use startline_foundation::ids::RequestId;
use tonic::metadata::{Ascii, MetadataValue};
use tonic::service::{Interceptor, interceptor::InterceptedService};
use tonic::transport::Channel;
use tonic::{Request, Status};

/// Somebody with a token.
#[derive(Clone)]
pub struct Person {
    pub name: &'static str,
    /// As sentences call them: `Asha (adviser, Somerset)`.
    pub title: String,
    pub id: String,
    bearer: MetadataValue<Ascii>,
    channel: Channel,
}

/// Sends the token with each request.
#[derive(Clone)]
pub struct Bearer(MetadataValue<Ascii>);

impl Interceptor for Bearer {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        request.metadata_mut().insert("authorization", self.0.clone());
        Ok(request)
    }
}

pub type Line = InterceptedService<Channel, Bearer>;

impl Person {
    pub fn new(name: &'static str, title: String, id: String, token: &str, channel: &Channel) -> Result<Self, String> {
        let bearer = format!("Bearer {token}").parse().map_err(|_| "the token cannot be sent".to_owned())?;
        Ok(Self { name, title, id, bearer, channel: channel.clone() })
    }
}

macro_rules! lines {
    ($($(#[$doc:meta])* $name:ident: $module:ident::$client:ident;)*) => {$(
        $(#[$doc])*
        pub fn $name(&self) -> pb::$module::$client<Line> {
            pb::$module::$client::with_interceptor(self.channel.clone(), Bearer(self.bearer.clone()))
        }
    )*};
}

impl Person {
    lines! {
        routing: routing_service_client::RoutingServiceClient;
        desk: desk_service_client::DeskServiceClient;
        clients: client_service_client::ClientServiceClient;
        callbacks: callback_service_client::CallbackServiceClient;
        scripts: script_service_client::ScriptServiceClient;
        claims: claim_service_client::ClaimServiceClient;
        diary: diary_service_client::DiaryServiceClient;
        packs: pack_service_client::PackServiceClient;
        follow_up: follow_up_service_client::FollowUpServiceClient;
        privacy: privacy_service_client::PrivacyServiceClient;
    }
}

/// A new id for a request.
pub fn new_request() -> String {
    RequestId::fresh(Clock::system().now()).to_string()
}
