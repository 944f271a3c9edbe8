//! `GetRoute` against the health check of the same server, over the same connections.

use super::Outcome;
use super::autosave_grpc::signed;
use super::measure::{AsyncWork, Rounds, processor_time, rate};
use super::server::{Serving, add_user};
use startline::definition::Definition;
use startline::formats::UkPhone;
use startline::grpc::pb::{GetRouteRequest, routing_service_client::RoutingServiceClient};
use std::sync::Arc;
use std::time::Duration;
use tonic::metadata::{Ascii, MetadataValue};
use tonic::transport::Channel;
use tonic_health::pb::{HealthCheckRequest, health_client::HealthClient};

const CONNECTIONS: usize = 8;
const CALLERS_A_CONNECTION: usize = 8;
const ROUNDS: usize = 9;
const ROUND: Duration = Duration::from_secs(2);

pub async fn run() -> Outcome {
    let data = tempfile::tempdir()?;
    let token: MetadataValue<Ascii> = add_user(data.path(), None, &["Exchange", "--role", "switch"]).await?.parse()?;
    let serving = Serving::start(data.path(), None).await?;
    let mut channels = Vec::with_capacity(CONNECTIONS);
    for _ in 0..CONNECTIONS {
        channels.push(serving.connect().await?);
    }
    let callers = || channels.iter().cycle().take(CONNECTIONS * CALLERS_A_CONNECTION).cloned();
    let numbers = Arc::new(numbers());
    if numbers.is_empty() {
        return Err("no area of the definition has numbers".into());
    }
    println!(" {CONNECTIONS} connections, {CALLERS_A_CONNECTION} calls at once on each, {} numbers", numbers.len());

    let [mut health, mut route, mut health_us, mut route_us] = <[Rounds; 4]>::default();
    for _ in 0..ROUNDS {
        let checks = callers().map(|channel| Check(HealthClient::new(channel))).collect();
        let (rate, cpu_us) = measured(&serving, checks).await?;
        health.add(rate);
        health_us.add(cpu_us);
        let routes = callers().enumerate().map(|(i, channel)| Route {
            client: RoutingServiceClient::new(channel),
            token: token.clone(),
            numbers: numbers.clone(),
            next: i * 7,
        });
        let (rate, cpu_us) = measured(&serving, routes.collect()).await?;
        route.add(rate);
        route_us.add(cpu_us);
    }
    health.show("health check", "calls/s");
    route.show("GetRoute", "calls/s");
    health_us.show("the server's processor time for a health check", "us");
    route_us.show("the server's processor time for a GetRoute", "us");
    route.ratio_to(&health).verdict("GetRoute to health check", 0.6, true);
    health_us.ratio_to(&route_us).show_ratio("the same in the server's processor time alone");
    serving.stop().await
}

async fn measured<W: AsyncWork + Send + 'static>(serving: &Serving, callers: Vec<W>) -> Outcome<(f64, f64)> {
    let before = processor_time(&serving.process())?;
    let rate = rate(callers, ROUND).await?;
    let used = processor_time(&serving.process())? - before;
    Ok((rate, used.as_secs_f64() * 1e6 / (rate * ROUND.as_secs_f64())))
}

struct Check(HealthClient<Channel>);

impl AsyncWork for Check {
    async fn once(&mut self) -> Outcome {
        self.0.check(HealthCheckRequest::default()).await?;
        Ok(())
    }
}

struct Route {
    client: RoutingServiceClient<Channel>,
    token: MetadataValue<Ascii>,
    numbers: Arc<Vec<String>>,
    next: usize,
}

impl AsyncWork for Route {
    async fn once(&mut self) -> Outcome {
        let caller_number = self.numbers[self.next % self.numbers.len()].clone();
        self.next += 1;
        // Every fourth caller has given a postcode.
        let postcode = if self.next.is_multiple_of(4) { "BA11 1AA".to_owned() } else { String::new() };
        let asked = GetRouteRequest { caller_number, postcode, ..GetRouteRequest::default() };
        self.client.get_route(signed(asked, &self.token)).await?;
        Ok(())
    }
}

/// A caller from each area of the pilot's definition.
fn numbers() -> Vec<String> {
    let areas = Definition::embedded();
    let number = |prefix: &str| {
        let full = ["000123", "00123", "0000123"].map(|rest| format!("+{}{rest}", prefix.trim_start_matches('+')));
        full.into_iter().find(|number| UkPhone::parse(number).is_ok())
    };
    areas.areas.iter().filter_map(|area| number(&area.e164_prefix)).collect()
}
