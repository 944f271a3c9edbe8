//! The real program with advisers at their desks, in a service that never closes.

use super::autosave_grpc::{request_id, signed};
use super::server::Serving;
use super::{Fault, Outcome};
use startline::access::{self, Role};
use startline::clock::Clock;
use startline::definition::Definition;
use startline::formats::UkPhone;
use startline::grpc::pb::watch_desk_response::Event;
use startline::grpc::pb::{
    AcceptOfferRequest, AdviserStatus, EndCallRequest, EnterCallRequest, FinishWrapUpRequest, Offer, SetStatusRequest,
    SignInRequest, WatchDeskRequest, desk_service_client::DeskServiceClient,
};
use startline::ids::SiteId;
use startline::store::{Store, Target};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use tempfile::TempDir;
use tonic::metadata::{Ascii, MetadataValue};
use tonic::transport::Channel;

const DESKS_A_CONNECTION: usize = 16;

pub struct Service {
    pub serving: Serving,
    pub switch: MetadataValue<Ascii>,
    advisers: Vec<MetadataValue<Ascii>>,
    _folder: TempDir,
}

impl Service {
    /// With so many advisers spread over the sites, none of them at work yet. `sip` is that part of the configuration.
    pub async fn open(advisers: usize, database_url: Option<&str>, sip: &str) -> Outcome<Self> {
        let folder = tempfile::tempdir()?;
        let (data, definition) = (folder.path().join("data"), folder.path().join("definition"));
        std::fs::create_dir(&data)?;
        always_open(&Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy/definitions/one-pilot"), &definition)?;
        let config = folder.path().join("startline.toml");
        std::fs::write(&config, format!("[definition]\nfolder = {definition:?}\n{sip}"))?;

        let store = Store::open(&Target::choose(&data, database_url)?).await?;
        let sites: Vec<SiteId> = Definition::embedded().sites.iter().map(|site| site.id.clone()).collect();
        let now = Clock::system().now();
        let mut tx = store.begin_write().await?;
        let mut tokens = Vec::with_capacity(advisers);
        for (n, site) in sites.iter().cycle().take(advisers).enumerate() {
            let name = format!("Adviser {n}");
            let (_, token) = access::add_user(&mut tx.db(), &name, Role::Adviser, Some(site.clone()), &[], now).await?;
            tokens.push(format!("Bearer {}", token.reveal()).parse()?);
        }
        let (_, switch) = access::add_user(&mut tx.db(), "Exchange", Role::Switch, None, &[], now).await?;
        tx.commit().await?;
        store.close().await;
        let serving = Serving::start_with(&data, database_url, &["--config".as_ref(), config.as_os_str()]).await?;
        let switch = format!("Bearer {}", switch.reveal()).parse()?;
        Ok(Self { serving, switch, advisers: tokens, _folder: folder })
    }

    /// All advisers come to work. With streams, each desk shows `told` every offer, and takes and finishes it at once.
    pub async fn to_work(&self, streams: bool, told: fn(&Offer)) -> Outcome {
        for tokens in self.advisers.chunks(DESKS_A_CONNECTION) {
            let channel = self.serving.connect().await?;
            for token in tokens {
                let mut desk = Desk { client: DeskServiceClient::new(channel.clone()), token: token.clone(), told };
                desk.sign_in(!streams).await?;
                if streams {
                    let watch = desk.client.watch_desk(signed(WatchDeskRequest {}, token)).await?.into_inner();
                    tokio::spawn(desk.work(watch));
                }
                let request = SetStatusRequest {
                    request_id: request_id(),
                    status: AdviserStatus::Available.into(),
                    break_reason: String::new(),
                };
                DeskServiceClient::new(channel.clone()).set_status(signed(request, token)).await?;
            }
        }
        Ok(())
    }
}

struct Desk {
    client: DeskServiceClient<Channel>,
    token: MetadataValue<Ascii>,
    told: fn(&Offer),
}

impl Desk {
    async fn sign_in(&mut self, ring_when_offered: bool) -> Outcome {
        static DESKS: AtomicUsize = AtomicUsize::new(0);
        // One telephone is one adviser's.
        let address = format!("sip:{}@desks.example", DESKS.fetch_add(1, Ordering::Relaxed));
        let request = SignInRequest { request_id: request_id(), address, ring_when_offered, ..Default::default() };
        self.client.sign_in(signed(request, &self.token)).await?;
        Ok(())
    }

    /// Until the service is gone.
    async fn work(mut self, mut watch: tonic::Streaming<startline::grpc::pb::WatchDeskResponse>) -> Outcome {
        while let Some(shown) = watch.message().await? {
            if let Some(Event::Offer(offer)) = shown.event {
                (self.told)(&offer);
                if let Err(fault) = self.take(&offer).await {
                    eprintln!("speed: a desk could not take its call: {fault}");
                }
            }
        }
        Ok(())
    }

    async fn take(&mut self, offer: &Offer) -> Outcome {
        let accept = AcceptOfferRequest { request_id: request_id(), offer_id: offer.offer_id.clone() };
        self.client.accept_offer(signed(accept, &self.token)).await?;
        let end = EndCallRequest { request_id: request_id(), call_id: offer.call_id.clone(), ..Default::default() };
        self.client.end_call(signed(end, &self.token)).await?;
        let finish = FinishWrapUpRequest {
            request_id: request_id(),
            call_id: offer.call_id.clone(),
            outcome: "call-back booked".into(),
        };
        self.client.finish_wrap_up(signed(finish, &self.token)).await?;
        Ok(())
    }
}

/// Callers from all areas of the pilot, each of them once.
pub struct Callers {
    prefixes: Vec<String>,
    next: AtomicUsize,
}

impl Callers {
    pub fn new() -> Self {
        let definition = Definition::embedded();
        let prefixes = definition.areas.iter().map(|area| area.e164_prefix.trim_start_matches('+').into());
        let usable = |prefix: &String| prefix.len() <= 7 && UkPhone::parse(&number(prefix, 1)).is_ok();
        Self { prefixes: prefixes.filter(usable).collect(), next: AtomicUsize::new(0) }
    }

    /// A number in E.164.
    pub fn next(&self) -> String {
        let n = self.next.fetch_add(1, Ordering::Relaxed);
        number(&self.prefixes[n % self.prefixes.len()], n / self.prefixes.len())
    }
}

/// UK numbers have ten digits after 44.
fn number(prefix: &str, n: usize) -> String {
    format!("+{prefix}{n:0rest$}", rest = 12 - prefix.len())
}

pub fn entering(caller_number: String) -> EnterCallRequest {
    EnterCallRequest {
        switch_call_id: format!("switch-{caller_number}-{:08x}", rand::random::<u32>()),
        caller_number,
        dialled_number: "01632 960100".into(),
        ..EnterCallRequest::default()
    }
}

/// The pilot's definition with sites that never close.
fn always_open(from: &Path, to: &Path) -> Result<(), Fault> {
    std::fs::create_dir(to)?;
    for entry in std::fs::read_dir(from)?.flatten() {
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            always_open(&entry.path(), &target)?;
        } else if entry.file_name() == "sites.yaml" {
            let days = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
            let days = days.map(|day| format!("{day}: 00:00-23:59")).join(", ");
            let open = |line: &str| match line.trim_start().starts_with("opening:") {
                true => format!("    opening: {{ {days} }}\n"),
                false => format!("{line}\n"),
            };
            let text: String = std::fs::read_to_string(entry.path())?.lines().map(open).collect();
            std::fs::write(target, text)?;
        } else {
            std::fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}
