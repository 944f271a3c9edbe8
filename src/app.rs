//! Wires everything: ordered start, ordered stop.
//!
//! Start: definition, database (migrations), port, floors, workers, doors. Stop: switches turned away, no new calls and the
//! desks told, running requests finished, answers and call records written, the database closed.
//!
//! What a program awaits of it is a boxed future: the body of an `async fn` is compiled where it is awaited, and the whole
//! service would be compiled again in every program that starts it.

use crate::access;
use crate::claims::{AnswerWriter, LARGEST_BATCH};
use crate::clock::Clock;
use crate::config::{Config, OidcConfig, RECEIPTS_TOKEN_VARIABLE};
use crate::definition::{AreaTarget, CheckReport, Definition, Definitions, Fault};
use crate::desktop::Pages;
use crate::grpc::{self, Inside, MethodRoles};
use crate::identity::session::Limits;
use crate::last_resort;
use crate::packs;
use crate::reminders::{self, Notify, Secret};
use crate::routing::{self, AreaTable, Network, RouteTable, Selection, SiteSettings, Switchboard};
use crate::service::telemetry::exposition;
use crate::service::workers::{self, AfterCalls, FloorHolder, JobRunner};
use crate::service::{Browsers, Outside, Parts, Service, SignIn};
use crate::sip::{self, SipDoor};
use crate::store::{GroupWriter, Serving, Store, Target};
use crate::telemetry;
use crate::tls::{self, Certificates, Reload};
use crate::web::{self, MetricsPort, WebDoor, WebPort};
use chrono::TimeDelta;
use futures_util::future::{BoxFuture, LocalBoxFuture};
use std::collections::HashMap;
use std::future::Future;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// Entries for the call records that may wait in memory while the database is away: some hours of four busy sites. Half of
/// it is for records alone.
const RECORD_QUEUE: usize = 40_000;
/// After the grace of a stop, for what still waits to be written.
const LAST_WRITES: Duration = Duration::from_secs(2);

/// A started service.
pub struct App {
    pub address: SocketAddr,
    /// The door for telephone switches, if there is one.
    pub sip: Option<SipDoor>,
    /// The door for calendar feeds and delivery receipts, if there is one.
    pub web: Option<WebDoor>,
    /// Where figures are shown to Prometheus, if they are.
    pub metrics: Option<SocketAddr>,
    certificates: Reload,
    service: Arc<Service>,
    stopping: CancellationToken,
    doors: JoinHandle<Result<(), String>>,
    workers: Vec<JoinHandle<()>>,
    recorder: JoinHandle<()>,
    autosaver: JoinHandle<()>,
    records_given_up: Arc<AtomicBool>,
    grace: Duration,
    _serving: Serving,
}

impl App {
    /// Starts the service.
    ///
    /// # Errors
    /// One sentence for the operator.
    pub fn start(config: &Config, clock: Clock) -> LocalBoxFuture<'_, Result<Self, String>> {
        Box::pin(Self::begin(config, clock))
    }

    async fn begin(config: &Config, clock: Clock) -> Result<Self, String> {
        config.check()?;
        for (setting, address) in config.doors_in_plain()? {
            tracing::warn!(setting, %address, "others than this machine can reach this door, and read what is said there in plain");
        }
        let mut certificates = Certificates::new(&clock);
        let grpc_tls = certificates.open("grpc", config.grpc.tls.as_ref(), tls::HTTP)?;
        let web_tls = certificates.open("web", config.web.as_ref().and_then(|web| web.tls.as_ref()), tls::HTTP)?;
        let sip_tls = certificates.open("sip", config.sip.as_ref().and_then(|sip| sip.tls.as_ref()), tls::SIP)?;
        let definition = load_definition(config)?;
        let roles = MethodRoles::of_the_api()?;
        let listener = TcpListener::bind(config.grpc.listen)
            .await
            .map_err(|fault| format!("the address {} cannot be listened on: {fault}", config.grpc.listen))?;
        let address = listener.local_addr().map_err(|fault| fault.to_string())?;
        let notify = config.notify.as_ref().map(Notify::open).transpose()?;
        let receipts_token = receipts_token(config)?;
        let web_port = match &config.web {
            Some(settings) => Some(WebPort::bind(settings, web_tls).await?),
            None => None,
        };
        let metrics_port = match config.telemetry.prometheus {
            true => Some(MetricsPort::bind(config.telemetry.prometheus_listen).await?),
            false => None,
        };
        let outside = Outside {
            token_lasts: config.access.token_lasts(),
            looks_folder: config.store.data.join("looks"),
            web_url: web_port.as_ref().map(|port| port.public_url.clone()),
            sends_reminders: notify.is_some(),
            retention: config.retention.clone(),
            is_watched: metrics_port.is_some(),
        };
        let serving = target(config)?.serve().map_err(|fault| fault.to_string())?;
        let store = open_store(config).await?;
        let definitions = Definitions::put_in_force(&store, definition.clone(), clock.now()).await;
        let definitions = Arc::new(definitions.map_err(|fault| fault.to_string())?);

        let (records, finished) = mpsc::channel(RECORD_QUEUE);
        let network = network(&definition).map_err(|fault| fault.to_string())?;
        store.last_resort().put(config.store.data.join(last_resort::FILE));
        let switchboard =
            Switchboard::new(network, records).with_last_resort(store.last_resort().clone()).with_clock(&clock);
        let switchboard = Arc::new(switchboard);
        let (autosave, autosaver) =
            GroupWriter::start(store.clone(), AnswerWriter::new(definitions.clone()), LARGEST_BATCH);
        let sign_in = match &config.oidc {
            Some(settings) => Some(sign_in(settings, &store, &definitions, &clock).await?),
            None => None,
        };
        let service = Service::new(Parts { store, clock, definitions, autosave, switchboard, outside, sign_in });
        service.catch_up_with_contingencies().await.map_err(|fault| fault.to_string())?;
        let folded = service.fold_names().await.map_err(|fault| fault.to_string())?;
        if folded > 0 {
            tracing::info!(folded, "the names of older records are now found by any way of typing them");
        }
        let stopping = CancellationToken::new();
        let records_given_up = Arc::new(AtomicBool::new(false));
        let give_up = records_given_up.clone();
        let after_calls = AfterCalls { definitions: service.definitions.clone(), clock: service.clock.clone() };
        let (database, ticking) = (service.store.clone(), service.clock.clone());
        let recorder = tokio::spawn(routing::record_calls(database, ticking, finished, after_calls, move || {
            give_up.load(Ordering::Relaxed)
        }));
        let floor = FloorHolder::new(&service).await;
        let mut workers = workers::start(&service, floor, notify, &config.printers, &stopping)?;
        let doors = tokio::spawn(grpc::serve(
            grpc::Server {
                service: service.clone(),
                roles,
                listener,
                tls: grpc_tls,
                idle: Duration::from_secs(config.grpc.idle_s),
            },
            stopping.clone().cancelled_owned(),
        ));
        let sip = match &config.sip {
            Some(settings) => Some(SipDoor::open(settings, sip_tls.as_ref(), rooms_of_sip(&service)).await?),
            None => None,
        };
        let web = match web_port {
            Some(port) => {
                let browsers = browsers(config, &service, &port.public_url).await?;
                let inside = Arc::new(Inside::new(&service, MethodRoles::of_the_api()?));
                let pages = Pages::new(service.clone(), inside, browsers, &port.public_url, stopping.clone()).router();
                Some(port.open(web::Rooms { service: service.clone(), receipts_token }, pages))
            }
            None => None,
        };
        let metrics = metrics_port.as_ref().map(|port| port.address);
        if let Some(port) = metrics_port {
            let mut registry = exposition(&service);
            if let Some(sip) = &sip {
                sip.register(&mut registry);
            }
            telemetry::register(&mut registry);
            certificates.register(&mut registry);
            port.open(registry, stopping.clone());
        }
        let reload = certificates.reload();
        let watching = stopping.clone().run_until_cancelled_owned(certificates.watch());
        workers.push(tokio::spawn(async { watching.await.unwrap_or_default() }));
        tracing::info!(%address, database = service.store.engine_name(), definition = %definition.version, "serving");
        let grace = config.stop.grace();
        Ok(Self {
            address,
            sip,
            web,
            metrics,
            certificates: reload,
            service,
            stopping,
            doors,
            workers,
            recorder,
            autosaver,
            records_given_up,
            grace,
            _serving: serving,
        })
    }

    /// Whether somebody may look after people.
    ///
    /// # Errors
    /// One sentence for the operator.
    pub fn has_administrator(&self) -> BoxFuture<'_, Result<bool, String>> {
        Box::pin(async {
            let asked = async {
                let mut reader = self.service.store.read().await?;
                access::has_administrator(&mut reader.db(), self.service.clock.now()).await
            };
            let asked: crate::error::Result<bool> = asked.await;
            asked.map_err(|fault| fault.to_string())
        })
    }

    /// Has the doors' certificates read anew.
    pub fn certificates(&self) -> Reload {
        self.certificates.clone()
    }

    /// Serves until `stop` is done, then stops in order.
    pub async fn run(self, stop: impl Future<Output = ()>) -> Result<(), String> {
        stop.await;
        self.stop().await
    }

    pub fn stop(self) -> BoxFuture<'static, Result<(), String>> {
        Box::pin(self.end())
    }

    async fn end(self) -> Result<(), String> {
        let Self { sip, web, service, stopping, doors, workers, recorder, autosaver, records_given_up, grace, .. } =
            self;
        // One end for all of it, however many wait.
        let by = Instant::now() + grace;
        let left = || by.saturating_duration_since(Instant::now());
        if let Some(sip) = &sip {
            tracing::info!("stopping: switches are turned away");
            sip.drain().await;
        }
        tracing::info!("stopping: no new calls");
        service.stop_watching();
        stopping.cancel();
        if let Some(web) = web {
            web.close(left()).await;
        }
        let served = match tokio::time::timeout_at(by, doors).await {
            Ok(Ok(served)) => served,
            Ok(Err(fault)) => Err(fault.to_string()),
            Err(_) => {
                tracing::warn!(grace_s = grace.as_secs(), "some requests did not finish in time");
                Ok(())
            }
        };
        for worker in workers {
            let _ = tokio::time::timeout_at(by, worker).await;
        }
        // Last of the doors, so that switches may acknowledge and cancel to the end.
        if let Some(sip) = sip {
            sip.close(left()).await;
        }
        service.switchboard.close(service.clock.now());
        service.pending.write_down(service.store.last_resort());
        // With the last holder gone the writers' queues close, and they end when everything is written.
        let store = service.store.clone();
        drop(service);
        if tokio::time::timeout_at(by + LAST_WRITES, autosaver).await.is_err() {
            tracing::error!("answers were still waiting to be written; their desks were not told that they are saved");
        }
        records_given_up.store(true, Ordering::Relaxed);
        if tokio::time::timeout_at(by + LAST_WRITES, recorder).await.is_err() {
            tracing::error!("call records were still waiting to be written");
        }
        store.close().await;
        tracing::info!("stopped");
        served
    }
}

/// What a run of the evening needs, without the doors.
///
/// # Errors
/// One sentence for the operator.
pub fn open_job_runner(config: &Config, clock: Clock) -> LocalBoxFuture<'_, Result<JobRunner, String>> {
    Box::pin(async move {
        let definition = load_definition(config)?;
        let store = open_store_beside(config).await?;
        let definitions = Definitions::put_in_force(&store, definition, clock.now()).await;
        let definitions = Arc::new(definitions.map_err(|fault| fault.to_string())?);
        Ok(JobRunner::new(store, clock, definitions))
    })
}

/// How browsers sign in: with the organisation's accounts, where there is a provider.
async fn browsers(config: &Config, service: &Service, public_url: &str) -> Result<Browsers, String> {
    let limits = Limits { idle: config.access.session_idle(), absolute: config.access.session_lasts() };
    match &service.sign_in {
        Some(sign_in) => Ok(Browsers::with_provider(sign_in.code_flow(public_url)?, public_url, limits)),
        None => {
            let browsers = Browsers::with_passwords(&service.store, &service.clock, public_url, limits).await;
            browsers.map_err(|fault| fault.to_string())
        }
    }
}

/// Takes accounts of the organisation's provider.
async fn sign_in(
    settings: &OidcConfig,
    store: &Store,
    definitions: &Arc<Definitions>,
    clock: &Clock,
) -> Result<SignIn, String> {
    let mut reader = store.read().await.map_err(|fault| fault.to_string())?;
    let has_administrator =
        access::has_administrator(&mut reader.db(), clock.now()).await.map_err(|fault| fault.to_string())?;
    if !has_administrator && !SignIn::names_an_administrator(settings) {
        return Err("nobody could look after people: give one of the groups in [oidc] the role admin, or add an \
                    administrator first: startline user add NAME --role admin"
            .into());
    }
    SignIn::open(settings, definitions, clock)
}

/// The definition in the configured folder, or the one inside the program. One that does not lint does not load.
pub fn load_definition(config: &Config) -> Result<Arc<Definition>, String> {
    let Some(folder) = &config.definition.folder else { return Ok(Definition::embedded()) };
    let with_faults = |report| format!("the service definition {} has faults:\n{report}", folder.display());
    let definition = Definition::load(folder).map_err(with_faults)?;
    let report = check_letters(&definition);
    if report.is_clean() { Ok(definition) } else { Err(with_faults(report)) }
}

/// As [`load_definition`], without composing its letters first: for who is about to compose them.
pub fn load_definition_unchecked(config: &Config) -> Result<Arc<Definition>, String> {
    let Some(folder) = &config.definition.folder else { return Ok(Definition::embedded()) };
    Definition::load(folder)
        .map_err(|report| format!("the service definition {} has faults:\n{report}", folder.display()))
}

/// Everything that can be wrong with a definition, its letters included.
pub fn check_definition(folder: &Path) -> CheckReport {
    match Definition::load(folder) {
        Ok(definition) => check_letters(&definition),
        Err(report) => report,
    }
}

/// Composes a sample pack from the definition's letters.
fn check_letters(definition: &Definition) -> CheckReport {
    let faults = packs::lint(definition).into_iter().map(|(file, line, reason)| Fault {
        file,
        line: u64::try_from(line).unwrap_or(0),
        reason,
    });
    CheckReport { faults: faults.collect(), warnings: definition.warnings().to_vec(), counts: definition.counts() }
}

fn target(config: &Config) -> Result<Target, String> {
    Target::choose(&config.store.data, config.store.database_url.as_deref()).map_err(|fault| fault.to_string())
}

/// The database of a service that is there, for a command beside it: it neither makes one nor changes its schema.
///
/// # Errors
/// One sentence for the operator.
pub fn open_store_beside(config: &Config) -> LocalBoxFuture<'_, Result<Store, String>> {
    Box::pin(async {
        let target = target(config)?;
        Store::open_beside(&target).await.map_err(|fault| fault.to_string())
    })
}

/// Writes the database anew, so that nothing of what was erased is left in its free space. False when a process serves from
/// it, and it was not done.
///
/// # Errors
/// One sentence for the operator.
pub fn write_database_anew(config: &Config) -> LocalBoxFuture<'_, Result<bool, String>> {
    Box::pin(async { target(config)?.write_anew().await.map_err(|fault| fault.to_string()) })
}

/// The configured database, made if it is not there, with its schema up to date.
fn open_store(config: &Config) -> LocalBoxFuture<'_, Result<Store, String>> {
    Box::pin(async {
        let target = target(config)?;
        Store::open(&target).await.map_err(|fault| fault.to_string())
    })
}

/// The floors of the definition's sites, and the way to them.
fn network(definition: &Definition) -> crate::error::Result<Network> {
    let seconds = |s: u32| TimeDelta::seconds(s.into());
    let settings = &definition.service.settings;
    let sites = definition
        .sites
        .iter()
        .map(|site| SiteSettings {
            overflow_after: seconds(site.overflow_after_s),
            offer_for: seconds(settings.offer_s),
            overflow_wait: seconds(settings.overflow_wait_s),
            helpers: site.overflow_to.iter().cloned().collect(),
            announce_after: seconds(settings.announce_after_s),
            expected_handle: seconds(settings.inbound_call_s),
            selection: if site.spare_skills { Selection::FewestSkills } else { Selection::LongestIdle },
            reserve: usize::try_from(site.reserve).unwrap_or(usize::MAX),
            missed_limit: settings.missed_limit,
            desk_grace: seconds(settings.desk_grace_s),
            desk_silence: seconds(settings.desk_silence_s),
            talk_asked_after: seconds(settings.talk_asked_after_s),
            talk_answer_within: seconds(settings.talk_answer_within_s),
            wrap_up_limit: seconds(settings.wrap_up_s),
            wrap_up_extension: seconds(settings.wrap_up_extension_s),
            wrap_up_extensions: usize::try_from(settings.wrap_up_extensions).unwrap_or(usize::MAX),
            answer_target: seconds(settings.target_answer_s),
            short_abandon: seconds(settings.short_abandon_s),
            ..SiteSettings::new(site.id.clone())
        })
        .collect();
    let areas = definition.areas.iter().filter_map(|area| match &area.target {
        AreaTarget::Site(site) => {
            let target = routing::AreaTarget { site: site.clone(), place: area.place.as_str().into() };
            Some((area.e164_prefix.clone(), target))
        }
        AreaTarget::Ask => None,
    });
    let telephone = &definition.service.telephone;
    let mut dialled: HashMap<_, _> =
        definition.sites.iter().map(|site| (site.phone.e164().to_owned(), site.id.clone())).collect();
    let of_a_site = telephone.lines.iter().filter_map(|line| Some((line.phone.e164().to_owned(), line.site.clone()?)));
    dialled.extend(of_a_site);
    let routes = RouteTable {
        areas: AreaTable::new(areas)?,
        dialled,
        skills: telephone.skills.iter().map(|skill| skill.id.clone()).collect(),
        lines: telephone.lines.iter().map(|line| (line.phone.e164().to_owned(), line.needs.clone())).collect(),
        default_site: None,
    };
    Network::new(sites, routes, rand::random())
}

fn rooms_of_sip(service: &Service) -> sip::Rooms {
    sip::Rooms {
        clock: service.clock.clone(),
        definitions: service.definitions.clone(),
        switchboard: service.switchboard.clone(),
        panics: service.panics.clone(),
    }
}

fn receipts_token(config: &Config) -> Result<Option<Secret>, String> {
    let Some(notify) = &config.notify else { return Ok(None) };
    reminders::secret(notify.receipts_token_file.as_deref(), RECEIPTS_TOKEN_VARIABLE)
}
