//! Who takes part in the tour, each with a token of their own, made by the command line as an operator would.

use crate::pb;
use startline_foundation::clock::Clock;
use startline_foundation::ids::RequestId;
use std::path::Path;
use tokio::process::Command;
use tonic::metadata::{Ascii, MetadataValue};
use tonic::service::{Interceptor, interceptor::InterceptedService};
use tonic::transport::Channel;
use tonic::{Request, Status};

/// Somebody with a token.
#[derive(Clone)]
pub struct Person {
    pub name: &'static str,
    /// As the tour's sentences call them: `Asha (adviser, Somerset)`.
    pub title: String,
    /// Their id, as the command line told it.
    pub id: String,
    bearer: MetadataValue<Ascii>,
    channel: Channel,
}

/// What the command line gave for a new user.
pub struct Badge {
    name: &'static str,
    title: String,
    id: String,
    token: String,
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

/// `startline user add`.
pub async fn add_user(
    program: &Path,
    data: &Path,
    name: &'static str,
    role: &str,
    site: Option<(&str, &str)>,
) -> Result<Badge, String> {
    let mut command = Command::new(program);
    command.args(["user", "add", name, "--role", role, "--data"]).arg(data);
    if let Some((site, _)) = site {
        command.args(["--site", site]);
    }
    let done = command.output().await.map_err(|fault| fault.to_string())?;
    let said = String::from_utf8_lossy(&done.stderr).into_owned();
    if !done.status.success() {
        return Err(said);
    }
    let id = said.split(" was added as ").nth(1).and_then(|rest| rest.split('.').next()).unwrap_or_default().to_owned();
    let title = match site {
        Some((_, place)) => format!("{name} ({}, {place})", role.replace('-', " ")),
        None => format!("{name} ({role})"),
    };
    Ok(Badge { name, title, id, token: String::from_utf8_lossy(&done.stdout).trim().to_owned() })
}

impl Badge {
    pub fn at(self, channel: &Channel) -> Result<Person, String> {
        let bearer = format!("Bearer {}", self.token).parse().map_err(|_| "the token cannot be sent".to_owned())?;
        Ok(Person { name: self.name, title: self.title, id: self.id, bearer, channel: channel.clone() })
    }
}

impl Person {
    /// Somebody whose token is known.
    pub fn with_token(
        name: &'static str,
        title: String,
        id: String,
        token: &str,
        channel: &Channel,
    ) -> Result<Self, String> {
        Badge { name, title, id, token: token.to_owned() }.at(channel)
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
