//! What it costs to know who asks, whether they may, and to account for each look: `GetRoute`, which passes the gate alone, and
//! `GetClient`, which asks whose record it is and leaves a look.
//!
//! The yardstick is the program as it was before there were walls and looks, named by STARTLINE_OLD_PROGRAM: built from commit
//! 8f1b9c0c, in the same profile. Without it, only a small service and one with many people and cases are compared.

use super::autosave_grpc::{request_id, signed};
use super::fixture::Fixture;
use super::measure::{AsyncWork, Rounds, processor_time, rate, verdict};
use super::server::{self, Serving};
use super::{Fault, Outcome};
use startline::access::{self, Role};
use startline::clock::Clock;
use startline::grpc::pb::client_service_client::ClientServiceClient;
use startline::grpc::pb::routing_service_client::RoutingServiceClient;
use startline::grpc::pb::{ClientFacts, CreateClientRequest, GetClientRequest, GetRouteRequest};
use startline::store::Target;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tonic::metadata::{Ascii, MetadataValue};
use tonic::transport::Channel;

const CONNECTIONS: usize = 8;
const CALLERS_A_CONNECTION: usize = 8;
const ROUNDS: usize = 9;
const ROUND: Duration = Duration::from_secs(2);
const CLIENTS: usize = 500;
const MANY_USERS: usize = 10_000;
const MANY_CASES: usize = 100_000;
/// Written in one transaction.
const AT_A_TIME: usize = 1_000;

pub async fn run() -> Outcome {
    let before = std::env::var_os("STARTLINE_OLD_PROGRAM").map(PathBuf::from);
    let mut subjects = vec![Subject::of("now", Path::new(server::PROGRAM), false).await?];
    subjects.push(Subject::of("with many people and cases", Path::new(server::PROGRAM), true).await?);
    match &before {
        Some(program) => subjects.push(Subject::of("before", program, false).await?),
        None => println!(" STARTLINE_OLD_PROGRAM names no program: what there was before is not measured"),
    }
    for _ in 0..ROUNDS {
        for subject in &mut subjects {
            subject.measure().await?;
        }
    }
    for subject in &subjects {
        let Subject { name, figures: [route, route_us, read, read_us], .. } = subject;
        route.show(&format!("{name}: GetRoute"), "calls/s");
        route_us.show("  the server's processor time for one", "us");
        read.show(&format!("{name}: GetClient"), "calls/s");
        read_us.show("  the server's processor time for one", "us");
    }
    if let [now, many, more @ ..] = &subjects[..] {
        if let Some(before) = more.first() {
            verdict(
                "more processor time for a GetRoute, in us",
                now.figures[1].median() - before.figures[1].median(),
                20.0,
                false,
            );
            now.figures[2].ratio_to(&before.figures[2]).verdict("GetClient with looks to without", 0.9, true);
            now.figures[3].ratio_to(&before.figures[3]).show_ratio("  the same in processor time");
        }
        many.figures[1].ratio_to(&now.figures[1]).show_ratio("GetRoute with many to few, in processor time");
        many.figures[2].ratio_to(&now.figures[2]).show_ratio("GetClient with many to few");
    }
    for subject in subjects {
        subject.serving.stop().await?;
    }
    Ok(())
}

/// A server, and what is asked of it: calls a second and processor time, of each method.
struct Subject {
    name: &'static str,
    _data: tempfile::TempDir,
    serving: Serving,
    channels: Vec<Channel>,
    exchange: MetadataValue<Ascii>,
    adviser: MetadataValue<Ascii>,
    clients: Arc<Vec<String>>,
    figures: [Rounds; 4],
}

impl Subject {
    async fn of(name: &'static str, program: &Path, with_many: bool) -> Outcome<Self> {
        let data = tempfile::tempdir()?;
        if with_many {
            fill(data.path()).await?;
        }
        let serving = Serving::start_program(program, data.path()).await?;
        let token = async |arguments: &[&str]| -> Outcome<MetadataValue<Ascii>> {
            Ok(server::add_user_by(program, data.path(), arguments).await?.parse()?)
        };
        let exchange = token(&["Exchange", "--role", "switch"]).await?;
        let adviser = token(&["Reader", "--role", "adviser", "--site", "somerset"]).await?;
        let mut channels = Vec::new();
        for _ in 0..CONNECTIONS {
            channels.push(serving.connect().await?);
        }
        let mut client = ClientServiceClient::new(channels[0].clone());
        let mut clients = Vec::new();
        for number in 0..CLIENTS {
            let facts =
                ClientFacts { last_name: format!("Fry {number}"), postcode: "BA11 1BL".into(), ..Default::default() };
            let asked = CreateClientRequest { request_id: request_id(), facts: Some(facts), ..Default::default() };
            let made = client.create_client(signed(asked, &adviser)).await?.into_inner();
            clients.push(made.client.ok_or("there is no client")?.client_id);
        }
        let (clients, figures) = (Arc::new(clients), Default::default());
        Ok(Self { name, _data: data, serving, channels, exchange, adviser, clients, figures })
    }

    async fn measure(&mut self) -> Outcome {
        let callers = || self.channels.iter().cycle().take(CONNECTIONS * CALLERS_A_CONNECTION).cloned();
        let routes: Vec<Route> = callers()
            .map(|channel| Route { client: RoutingServiceClient::new(channel), token: self.exchange.clone() })
            .collect();
        let reads: Vec<Read> = callers()
            .enumerate()
            .map(|(next, channel)| Read {
                client: ClientServiceClient::new(channel),
                token: self.adviser.clone(),
                clients: self.clients.clone(),
                next: next * 7,
            })
            .collect();
        let (rate, cost_us) = self.rate_of(routes).await?;
        self.figures[0].add(rate);
        self.figures[1].add(cost_us);
        let (rate, cost_us) = self.rate_of(reads).await?;
        self.figures[2].add(rate);
        self.figures[3].add(cost_us);
        Ok(())
    }

    async fn rate_of<W: AsyncWork + Send + 'static>(&self, callers: Vec<W>) -> Outcome<(f64, f64)> {
        let before = processor_time(&self.serving.process())?;
        let rate = rate(callers, ROUND).await?;
        let used = processor_time(&self.serving.process())? - before;
        Ok((rate, used.as_secs_f64() * 1e6 / (rate * ROUND.as_secs_f64())))
    }
}

/// Many people, and many clients each with an open claim.
async fn fill(data: &Path) -> Outcome {
    let fixture = Fixture::open(&Target::choose(data, None)?).await?;
    for portion in 0..MANY_USERS / AT_A_TIME {
        let mut tx = fixture.store.begin_write().await?;
        for number in 0..AT_A_TIME {
            let (name, now) = (format!("Adviser {portion} {number}"), Clock::system().now());
            access::add_user(&mut tx.db(), &name, Role::Adviser, Some("somerset".into()), &[], now).await?;
        }
        tx.commit().await?;
    }
    for _ in 0..MANY_CASES / AT_A_TIME {
        fixture.typists(AT_A_TIME).await?;
    }
    fixture.store.close().await;
    Ok::<(), Fault>(())
}

struct Route {
    client: RoutingServiceClient<Channel>,
    token: MetadataValue<Ascii>,
}

impl AsyncWork for Route {
    async fn once(&mut self) -> Outcome {
        let asked = GetRouteRequest { caller_number: "+441373000123".into(), ..Default::default() };
        self.client.get_route(signed(asked, &self.token)).await?;
        Ok(())
    }
}

struct Read {
    client: ClientServiceClient<Channel>,
    token: MetadataValue<Ascii>,
    clients: Arc<Vec<String>>,
    next: usize,
}

impl AsyncWork for Read {
    async fn once(&mut self) -> Outcome {
        let client_id = self.clients[self.next % self.clients.len()].clone();
        self.next += 1;
        self.client.get_client(signed(GetClientRequest { client_id }, &self.token)).await?;
        Ok(())
    }
}
