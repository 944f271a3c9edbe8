//! `GetRoute` against the health check of the same server, over the same connections; when somebody looks; and under TLS.

use super::Outcome;
use super::autosave_grpc::signed;
use super::collector::Collector;
use super::measure::{AsyncWork, Rounds, processor_time, rate};
use super::server::{Serving, add_user};
use super::tls::{self, Authority};
use startline::definition::Definition;
use startline::formats::UkPhone;
use startline::grpc::pb::{GetRouteRequest, routing_service_client::RoutingServiceClient};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tonic::metadata::{Ascii, MetadataValue};
use tonic::transport::Channel;
use tonic_health::pb::{HealthCheckRequest, health_client::HealthClient};

const CONNECTIONS: usize = 8;
const CALLERS_A_CONNECTION: usize = 8;
const ROUNDS: usize = 9;
const ROUND: Duration = Duration::from_secs(2);

pub async fn run() -> Outcome {
    let asked = Asked::of(None).await?;
    println!(
        " {CONNECTIONS} connections, {CALLERS_A_CONNECTION} calls at once on each, {} numbers",
        asked.numbers.len()
    );

    let [mut health, mut route, mut health_us, mut route_us] = <[Rounds; 4]>::default();
    for _ in 0..ROUNDS {
        let checks = asked.callers().map(|channel| Check(HealthClient::new(channel))).collect();
        let (rate, cpu_us) = measured(&asked.serving, checks).await?;
        health.add(rate);
        health_us.add(cpu_us);
        let (rate, cpu_us) = asked.for_routes().await?;
        route.add(rate);
        route_us.add(cpu_us);
    }
    health.show("health check", "calls/s");
    route.show("GetRoute", "calls/s");
    health_us.show("the server's processor time for a health check", "us");
    route_us.show("the server's processor time for a GetRoute", "us");
    route.ratio_to(&health).verdict("GetRoute to health check", 0.6, true);
    health_us.ratio_to(&route_us).show_ratio("the same in the server's processor time alone");
    asked.serving.stop().await
}

/// What it costs to be seen from outside: the same server with its figures read every second, and with a span of every
/// request on its way to a collector as well, against one that nobody looks at.
pub async fn seen() -> Outcome {
    let collector = Collector::open().await;
    let port = || std::net::TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
    let (first, second, third) = (port()?, port()?, port()?);
    let figures = |at| format!("[telemetry]\nprometheus = true\nprometheus_listen = \"{at}\"\n");
    let spans = format!("otlp_endpoint = \"http://{}\"\n", collector.address);
    let unseen = Asked::of(None).await?;
    let with_figures = Asked::of(Some(figures(first))).await?;
    let with_spans = Asked::of(Some(figures(second) + &spans)).await?;
    let of_all = Asked::of(Some(figures(third) + &spans + "otlp_requests_percent = 100\n")).await?;
    let reads = tokio::spawn(async move {
        loop {
            for at in [first, second, third] {
                read_figures(at).await?;
            }
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        #[expect(unreachable_code, reason = "it reads until it is aborted")]
        Outcome::Ok(())
    });
    let subjects = [&unseen, &with_figures, &with_spans, &of_all];
    let [mut rates, mut costs] = <[[Rounds; 4]; 2]>::default();
    for _ in 0..ROUNDS {
        for (i, asked) in subjects.iter().enumerate() {
            let (rate, cpu_us) = asked.for_routes().await?;
            rates[i].add(rate);
            costs[i].add(cpu_us);
        }
    }
    if reads.is_finished() {
        return Err("the figures could not be read to the end".into());
    }
    reads.abort();
    for (i, name) in
        ["nobody looks", "figures", "figures and spans", "figures and a span of each"].into_iter().enumerate()
    {
        rates[i].show(name, "calls/s");
        costs[i].show("  the server's processor time for a GetRoute", "us");
    }
    costs[1].ratio_to(&costs[0]).verdict("processor time with figures", 1.03, false);
    costs[2].ratio_to(&costs[0]).verdict("processor time with figures and spans", 1.03, false);
    costs[3].ratio_to(&costs[0]).show_ratio("processor time with figures and a span of each request");
    println!(" the collector was sent {} MB", collector.told().len() / 1_000_000);
    for asked in [unseen, with_figures, with_spans, of_all] {
        asked.serving.stop().await?;
    }
    Ok(())
}

/// What TLS costs on connections that are kept: one server in plain and one under TLS, asked in turns by the same callers. Both
/// ends of each connection are on this machine, and the callers' part of the work is in the rates.
pub async fn under_tls() -> Outcome {
    let plain = Asked::of(None).await?;
    let encrypted = Asked::under_tls().await?;
    let [mut plain_rate, mut encrypted_rate, mut plain_us, mut encrypted_us] = <[Rounds; 4]>::default();
    // The lines are made when they are first spoken on.
    encrypted.for_routes().await?;
    for _ in 0..ROUNDS {
        for (asked, rates, costs) in
            [(&plain, &mut plain_rate, &mut plain_us), (&encrypted, &mut encrypted_rate, &mut encrypted_us)]
        {
            let (rate, cpu_us) = asked.for_routes().await?;
            rates.add(rate);
            costs.add(cpu_us);
        }
    }
    plain_rate.show("in plain", "calls/s");
    encrypted_rate.show("under TLS", "calls/s");
    plain_us.show("the server's processor time for a GetRoute in plain", "us");
    encrypted_us.show("the server's processor time for a GetRoute under TLS", "us");
    encrypted_rate.ratio_to(&plain_rate).verdict("GetRoute under TLS to plain", 0.7, true);
    plain_us.ratio_to(&encrypted_us).show_ratio("the same in the server's processor time alone");
    for asked in [plain, encrypted] {
        asked.serving.stop().await?;
    }
    Ok(())
}

async fn read_figures(at: SocketAddr) -> Outcome {
    let mut stream = tokio::net::TcpStream::connect(at).await?;
    stream.write_all(b"GET /metrics HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n\r\n").await?;
    let mut shown = String::new();
    stream.read_to_string(&mut shown).await?;
    match shown.starts_with("HTTP/1.1 200") {
        true => Ok(()),
        false => Err("no figures at /metrics".into()),
    }
}

/// A server of its own, and what is asked of it.
struct Asked {
    _data: tempfile::TempDir,
    serving: Serving,
    token: MetadataValue<Ascii>,
    channels: Vec<Channel>,
    numbers: Arc<Vec<String>>,
}

impl Asked {
    async fn of(config: Option<String>) -> Outcome<Self> {
        let mut asked = Self::without_lines(config).await?;
        for _ in 0..CONNECTIONS {
            asked.channels.push(asked.serving.connect().await?);
        }
        Ok(asked)
    }

    async fn without_lines(config: Option<String>) -> Outcome<Self> {
        let data = tempfile::tempdir()?;
        let token = add_user(data.path(), None, &["Exchange", "--role", "switch"]).await?.parse()?;
        let serving = match config {
            None => Serving::start(data.path(), None).await?,
            Some(config) => {
                let file = data.path().join("startline.toml");
                std::fs::write(&file, config)?;
                Serving::start_with(data.path(), None, &["--config".as_ref(), file.as_os_str()]).await?
            }
        };
        let numbers = Arc::new(numbers());
        if numbers.is_empty() {
            return Err("no area of the definition has numbers".into());
        }
        Ok(Self { _data: data, serving, token, channels: Vec::new(), numbers })
    }

    /// As [`Asked::of`], by lines under TLS.
    async fn under_tls() -> Outcome<Self> {
        let (ours, folder) = (Authority::new("bench"), tempfile::tempdir()?);
        let files = tls::lay(folder.path(), &ours.door());
        let config = format!("[grpc.tls]\ncertificate = {:?}\nkey = {:?}\n", files.certificate, files.key);
        let mut asked = Self::without_lines(Some(config)).await?;
        let (caller, address) = (ours.trusted(&["h2"]), asked.serving.address().parse()?);
        asked.channels = (0..CONNECTIONS).map(|_| caller.channel(address)).collect();
        Ok(asked)
    }

    fn callers(&self) -> impl Iterator<Item = Channel> {
        self.channels.iter().cycle().take(CONNECTIONS * CALLERS_A_CONNECTION).cloned()
    }

    async fn for_routes(&self) -> Outcome<(f64, f64)> {
        let routes = self.callers().enumerate().map(|(i, channel)| Route {
            client: RoutingServiceClient::new(channel),
            token: self.token.clone(),
            numbers: self.numbers.clone(),
            next: i * 7,
        });
        measured(&self.serving, routes.collect()).await
    }
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
