//! A service's data: a folder of its own, or a PostgreSQL database of its own.

use super::notify::{API_KEY, LETTER_TEMPLATE, NotifyStandIn, RECEIPTS_TOKEN, TEXT_TEMPLATE};
use super::person::{Address, Person};
use super::postgres;
use super::world::START;
use chrono::{DateTime, TimeDelta, Utc};
use sqlx::postgres::PgConnectOptions;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, PgConnection, SqliteConnection};
use startline::access::{self, Duty, NewUser, Role};
use startline::config::{
    Config, GrpcConfig, NotifyConfig, RetentionConfig, SipConfig, TelemetryConfig, TlsConfig, WebConfig,
};
use startline::ids::{AgencyId, OfficeId, SiteId};
use startline::store::{Store, Target};
use std::net::SocketAddr;
use std::path::PathBuf;
use tempfile::TempDir;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    Sqlite,
    Postgres,
}

pub struct Home {
    pub engine: Engine,
    /// Thrown away with the story.
    pub folder: TempDir,
    pub database_url: Option<String>,
    /// The folder of a service definition instead of the pilot's.
    pub definition: Option<PathBuf>,
    /// The certificate of the gRPC door, if the story needs one: then whoever rings it speaks TLS.
    pub tls: Option<TlsConfig>,
    /// After how many seconds a connection by which nobody asks anything is closed.
    pub idle_s: u64,
    /// The door for telephone switches, if the story needs one.
    pub sip: Option<SipConfig>,
    /// The door for calendars and receipts, if the story needs one.
    pub web: Option<WebConfig>,
    /// Who watches the service, if anybody does.
    pub telemetry: TelemetryConfig,
    /// How long records are kept.
    pub retention: RetentionConfig,
    /// Who sends reminders, if the story needs somebody.
    pub notify: Option<NotifyConfig>,
    /// Where the service is now, for everybody who rings it.
    pub address: Address,
}

impl Home {
    pub async fn fresh(engine: Engine) -> Self {
        let folder = tempfile::Builder::new().prefix("startline-story").tempdir().unwrap();
        let database_url = match engine {
            Engine::Sqlite => None,
            Engine::Postgres => Some(postgres::fresh_database().await),
        };
        Self {
            engine,
            folder,
            database_url,
            definition: None,
            tls: None,
            idle_s: GrpcConfig::default().idle_s,
            sip: None,
            web: None,
            telemetry: TelemetryConfig::default(),
            retention: RetentionConfig::default(),
            notify: None,
            address: Address::default(),
        }
    }

    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// The settings of a service with this data, on a port that the system chooses.
    pub fn config(&self) -> Config {
        let mut config = Config::load(None).unwrap();
        config.grpc.listen = SocketAddr::from(([127, 0, 0, 1], 0));
        config.store.data = self.data();
        config.store.database_url = self.database_url.clone();
        config.definition.folder = self.definition.clone();
        config.grpc.tls = self.tls.clone();
        config.grpc.idle_s = self.idle_s;
        config.sip = self.sip.clone();
        config.web = self.web.clone();
        config.telemetry = self.telemetry.clone();
        config.notify = self.notify.clone();
        config.retention = self.retention.clone();
        config
    }

    /// From now on there is a web door, on a port that the system chooses.
    pub fn open_to_the_web(&mut self) {
        self.web = Some(WebConfig { listen: SocketAddr::from(([127, 0, 0, 1], 0)), public_url: None, tls: None });
    }

    /// From now on whoever likes may read the figures, on a port that was free a moment ago.
    pub fn show_figures(&mut self) {
        let free = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
        self.telemetry.prometheus = true;
        self.telemetry.prometheus_listen = free.local_addr().unwrap();
    }

    /// What Prometheus would read.
    pub async fn figures(&self) -> String {
        let answer = super::notify::http(self.telemetry.prometheus_listen, "GET", "/metrics", &[], "").await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.body
    }

    /// From now on this stand-in sends the reminders, and tells what becomes of them by the web door.
    pub fn send_by(&mut self, stand_in: &NotifyStandIn) {
        self.open_to_the_web();
        let secret = |name: &str, secret: &str| {
            let file = self.folder.path().join(name);
            std::fs::write(&file, format!("{secret}\n")).unwrap();
            Some(file)
        };
        self.notify = Some(NotifyConfig {
            base_url: stand_in.base_url(),
            api_key_file: secret("api-key", API_KEY),
            receipts_token_file: secret("receipts-token", RECEIPTS_TOKEN),
            text_template: TEXT_TEMPLATE.into(),
            letter_template: LETTER_TEMPLATE.into(),
            timeout_s: 30,
        });
    }

    /// The same settings in a file, for a service that is a process of its own.
    pub fn config_file(&self) -> Option<PathBuf> {
        let mut text = String::new();
        if self.telemetry != TelemetryConfig::default() {
            let TelemetryConfig { prometheus, prometheus_listen, otlp_endpoint, otlp_requests_percent } =
                &self.telemetry;
            text += &format!("[telemetry]\nprometheus = {prometheus}\nprometheus_listen = \"{prometheus_listen}\"\n");
            text += &otlp_endpoint.as_ref().map(|url| format!("otlp_endpoint = \"{url}\"\n")).unwrap_or_default();
            text += &format!("otlp_requests_percent = {otlp_requests_percent}\n");
        }
        if let Some(TlsConfig { certificate, key, client_ca }) = &self.tls {
            text += &format!("[grpc.tls]\ncertificate = {certificate:?}\nkey = {key:?}\n");
            text += &client_ca.as_ref().map(|ca| format!("client_ca = {ca:?}\n")).unwrap_or_default();
        }
        if self.web.is_some() {
            text += "[web]\nlisten = \"127.0.0.1:0\"\n";
        }
        if text.is_empty() {
            return None;
        }
        text += &self.notify.as_ref().map(Self::notify_settings).unwrap_or_default();
        let file = self.folder.path().join("startline.toml");
        std::fs::write(&file, text).unwrap();
        Some(file)
    }

    fn notify_settings(notify: &NotifyConfig) -> String {
        let path = |file: &Option<PathBuf>| file.as_ref().unwrap().display().to_string();
        format!(
            "[notify]\nbase_url = {:?}\napi_key_file = {:?}\nreceipts_token_file = {:?}\n\
             text_template = {:?}\nletter_template = {:?}\ntimeout_s = 30\n",
            notify.base_url,
            path(&notify.api_key_file),
            path(&notify.receipts_token_file),
            notify.text_template,
            notify.letter_template,
        )
    }

    pub async fn open_store(&self) -> Store {
        let target = Target::choose(&self.data(), self.database_url.as_deref()).unwrap();
        Store::open(&target).await.unwrap()
    }

    /// Adds somebody, as `startline user add` does beside a running server.
    pub async fn add(&self, name: &str, role: Role, site: Option<&str>) -> Person {
        self.add_skilled(name, role, site, &[]).await
    }

    /// As [`Home::add`], with skills.
    pub async fn add_skilled(&self, name: &str, role: Role, site: Option<&str>, skills: &[&str]) -> Person {
        self.add_with(name, (role, site, None), skills).await
    }

    /// As [`Home::add`], for one office of the site.
    pub async fn add_at(&self, name: &str, role: Role, site: &str, office: Option<&str>) -> Person {
        self.add_with(name, (role, Some(site), office), &[]).await
    }

    async fn add_with(
        &self,
        name: &str,
        (role, site, office): (Role, Option<&str>, Option<&str>),
        skills: &[&str],
    ) -> Person {
        let skills: Vec<String> = skills.iter().map(ToString::to_string).collect();
        let store = self.open_store().await;
        let mut tx = store.begin_write().await.unwrap();
        let (site, now) = (site.map(SiteId::new), at(START));
        let agency = (role == Role::Agency).then(|| AgencyId::new("BA"));
        let office = office.map(OfficeId::new);
        let duties = vec![Duty { agency, office, ..Duty::new(role, site.clone(), now) }];
        let context = access::system_context(&mut tx.db(), now).await.unwrap();
        let new = NewUser { name: name.to_owned(), site, duties, skills };
        let user = access::add(&mut tx.db(), &context, new).await.unwrap();
        // Stories go on for years, and some have the machine's own clock.
        let ends_at = now + TimeDelta::days(3600);
        let (_, token) = access::new_token(&mut tx.db(), &context, user.id, "first", ends_at).await.unwrap();
        tx.commit().await.unwrap();
        store.close().await;
        Person::new(user.id.to_string(), name, token.reveal(), self.address.clone())
    }

    pub async fn adviser(&self, name: &str, site: &str) -> Person {
        self.add(name, Role::Adviser, Some(site)).await
    }

    pub async fn personal_adviser(&self, name: &str, site: &str) -> Person {
        self.add(name, Role::PersonalAdviser, Some(site)).await
    }

    pub async fn print_room(&self, name: &str, site: &str) -> Person {
        self.add(name, Role::PrintRoom, Some(site)).await
    }

    pub async fn switch(&self, name: &str) -> Person {
        self.add(name, Role::Switch, None).await
    }

    /// A connection to the data itself, past the service.
    pub async fn look_inside(&self) -> Inside {
        match &self.database_url {
            None => {
                let file = self.data().join("startline.sqlite");
                let options = SqliteConnectOptions::new().filename(file).disable_statement_logging();
                Inside::Sqlite(options.connect().await.unwrap())
            }
            Some(url) => {
                let options = url.parse::<PgConnectOptions>().unwrap().disable_statement_logging();
                Inside::Postgres(options.connect().await.unwrap())
            }
        }
    }
}

fn at(text: &str) -> chrono::DateTime<chrono::Utc> {
    super::world::at(text)
}

pub enum Inside {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

impl Inside {
    /// The single text that a query gives in each row. The query is the story's own, never from outside.
    pub async fn texts(&mut self, sql: &str) -> Vec<String> {
        let sql = sqlx::AssertSqlSafe(sql.to_owned());
        match self {
            Self::Sqlite(connection) => sqlx::query_scalar(sql).fetch_all(connection).await.unwrap(),
            Self::Postgres(connection) => sqlx::query_scalar(sql).fetch_all(connection).await.unwrap(),
        }
    }

    pub async fn number(&mut self, sql: &str) -> i64 {
        let sql = sqlx::AssertSqlSafe(sql.to_owned());
        match self {
            Self::Sqlite(connection) => sqlx::query_scalar(sql).fetch_one(connection).await.unwrap(),
            Self::Postgres(connection) => sqlx::query_scalar(sql).fetch_one(connection).await.unwrap(),
        }
    }

    /// Whether the database refuses this.
    pub async fn refuses(&mut self, sql: &str) -> bool {
        let sql = sqlx::AssertSqlSafe(sql.to_owned());
        match self {
            Self::Sqlite(connection) => sqlx::query(sql).execute(connection).await.is_err(),
            Self::Postgres(connection) => sqlx::query(sql).execute(connection).await.is_err(),
        }
    }

    pub async fn moment(&mut self, sql: &str) -> DateTime<Utc> {
        let sql = sqlx::AssertSqlSafe(sql.to_owned());
        match self {
            Self::Sqlite(connection) => sqlx::query_scalar(sql).fetch_one(connection).await.unwrap(),
            Self::Postgres(connection) => sqlx::query_scalar(sql).fetch_one(connection).await.unwrap(),
        }
    }

    /// An id as it stands in a statement.
    pub fn id(&self, id: &str) -> String {
        match self {
            Self::Sqlite(_) => format!("x'{}'", id.replace('-', "")),
            Self::Postgres(_) => format!("'{id}'"),
        }
    }

    pub async fn execute(&mut self, sql: &str) {
        let sql = sqlx::AssertSqlSafe(sql.to_owned());
        match self {
            Self::Sqlite(connection) => drop(sqlx::query(sql).execute(connection).await.unwrap()),
            Self::Postgres(connection) => drop(sqlx::query(sql).execute(connection).await.unwrap()),
        }
    }
}
