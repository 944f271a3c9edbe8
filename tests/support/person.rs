//! Somebody with a token and a telephone line to the service.

use startline::grpc::pb::{
    admin_service_client::AdminServiceClient, calendar_service_client::CalendarServiceClient,
    callback_service_client::CallbackServiceClient, check_service_client::CheckServiceClient,
    claim_service_client::ClaimServiceClient, client_service_client::ClientServiceClient,
    definition_service_client::DefinitionServiceClient, desk_service_client::DeskServiceClient,
    diary_service_client::DiaryServiceClient, floor_service_client::FloorServiceClient,
    follow_up_service_client::FollowUpServiceClient, operations_service_client::OperationsServiceClient,
    pack_service_client::PackServiceClient, privacy_service_client::PrivacyServiceClient,
    reminder_service_client::ReminderServiceClient, routing_service_client::RoutingServiceClient,
    script_service_client::ScriptServiceClient, user_service_client::UserServiceClient,
};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use tonic::metadata::{Ascii, MetadataValue};
use tonic::service::Interceptor;
use tonic::service::interceptor::InterceptedService;
use tonic::transport::{Channel, Endpoint};
use tonic::{Request, Status};

/// Where the service is now; it moves with every restart.
pub type Address = Arc<Mutex<Option<SocketAddr>>>;
pub type Line = InterceptedService<Channel, Bearer>;

pub struct Person {
    pub id: String,
    pub name: String,
    pub token: String,
    address: Address,
    /// The connection, and the address it leads to.
    line: Mutex<Option<(SocketAddr, Channel)>>,
}

#[derive(Clone)]
pub struct Bearer(Option<MetadataValue<Ascii>>);

impl Interceptor for Bearer {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        if let Some(token) = &self.0 {
            request.metadata_mut().insert("authorization", token.clone());
        }
        Ok(request)
    }
}

impl Person {
    pub fn new(id: String, name: &str, token: &str, address: Address) -> Self {
        Self { id, name: name.to_owned(), token: token.to_owned(), address, line: Mutex::default() }
    }

    /// Somebody without a token.
    pub fn stranger(address: Address) -> Self {
        Self::new(String::new(), "a stranger", "", address)
    }

    /// The connection to the service where it is now; the same one until the service moves.
    pub fn channel(&self) -> Channel {
        let now = self.address.lock().unwrap().expect("the service is not started");
        let mut line = self.line.lock().unwrap();
        match &*line {
            Some((known, channel)) if *known == now => channel.clone(),
            _ => {
                let channel = Endpoint::from_shared(format!("http://{now}")).unwrap().connect_lazy();
                *line = Some((now, channel.clone()));
                channel
            }
        }
    }

    pub fn line(&self) -> Line {
        let token = (!self.token.is_empty()).then(|| format!("Bearer {}", self.token).parse().unwrap());
        InterceptedService::new(self.channel(), Bearer(token))
    }
}

macro_rules! services {
    ($($name:ident $client:ident,)*) => {
        impl Person {
            $(pub fn $name(&self) -> $client<Line> { $client::new(self.line()) })*
        }
    };
}

services! {
    routing RoutingServiceClient,
    desk DeskServiceClient,
    floor FloorServiceClient,
    clients ClientServiceClient,
    callbacks CallbackServiceClient,
    scripts ScriptServiceClient,
    claims ClaimServiceClient,
    checks CheckServiceClient,
    diary DiaryServiceClient,
    follow_up FollowUpServiceClient,
    packs PackServiceClient,
    reminders ReminderServiceClient,
    calendars CalendarServiceClient,
    definitions DefinitionServiceClient,
    operations OperationsServiceClient,
    users UserServiceClient,
    admin AdminServiceClient,
    privacy PrivacyServiceClient,
}
