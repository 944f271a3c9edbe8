//! A printer that speaks IPP: a queue of CUPS, or the printer itself.
//!
//! The messages are crate `ipp`'s, the way is the HTTP client that the service has already. Each request has a connection of
//! its own and is sent once: a request that was sent again behind our back could print twice.

mod read;
mod write;

use super::device::{Answer, Device, Fault, JobView, Order, PrinterView, Taken, Withdrawn};
use super::job::Accepted;
use ::ipp::model::{DelimiterTag, Operation, StatusCode};
use ::ipp::parser::IppParser;
use ::ipp::reader::IppReader;
use ::ipp::request::IppRequestResponse;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::header::{AUTHORIZATION, CONTENT_TYPE, USER_AGENT};
use http::{HeaderValue, Request, StatusCode as HttpStatus};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Bytes;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use startline_foundation::config::{PRINTER_PASSWORD_VARIABLE, PrinterConfig};
use std::io::Cursor;
use std::time::Duration;

/// How long a printer may take to answer a question.
const PATIENCE: Duration = Duration::from_secs(10);
const CONNECT: Duration = Duration::from_secs(5);
/// So that a printer that was unplugged while it took a document is noticed.
const KEEP_ALIVE: Duration = Duration::from_secs(30);
/// Longest answer read: the list of some thousand jobs.
const LARGEST_ANSWER: usize = 4 * 1024 * 1024;

pub struct IppPrinter {
    http: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
    /// As HTTP knows it, and as IPP does.
    url: String,
    uri: String,
    authorization: Option<HeaderValue>,
}

impl IppPrinter {
    /// # Errors
    /// A sentence that names the setting.
    pub fn open(config: &PrinterConfig) -> Result<Self, String> {
        let uri = config.uri.clone().ok_or_else(|| format!("printers.uri of {:?} is missing", config.name))?;
        let url =
            url_of(&uri).ok_or_else(|| format!("printers.uri of {:?} is no address of a printer", config.name))?;
        let authorization = match &config.user {
            Some(user) => Some(basic(user, &password(config)?)?),
            None => None,
        };
        let mut connector = HttpConnector::new();
        connector.enforce_http(false);
        connector.set_connect_timeout(Some(CONNECT));
        connector.set_keepalive(Some(KEEP_ALIVE));
        connector.set_nodelay(true);
        let https = HttpsConnectorBuilder::new().with_webpki_roots().https_or_http().enable_http1();
        let http = Client::builder(TokioExecutor::new())
            .pool_max_idle_per_host(0)
            .retry_canceled_requests(false)
            .build(https.wrap_connector(connector));
        Ok(Self { http, url, uri, authorization })
    }

    async fn ask(&self, request: IppRequestResponse) -> Answer<IppRequestResponse> {
        match tokio::time::timeout(PATIENCE, self.send_once(request, &[])).await {
            Ok(answer) => answer,
            Err(_) => Err(Fault::NoAnswer(format!("nothing within {} seconds", PATIENCE.as_secs()))),
        }
    }

    /// With no end but the connection's: a printer without paper may take a document no faster than it prints.
    async fn send_once(&self, request: IppRequestResponse, document: &[u8]) -> Answer<IppRequestResponse> {
        let mut body = request.to_bytes().to_vec();
        body.extend_from_slice(document);
        let mut post = Request::post(&self.url)
            .header(CONTENT_TYPE, "application/ipp")
            .header(USER_AGENT, concat!("startline/", env!("CARGO_PKG_VERSION")));
        if let Some(authorization) = &self.authorization {
            post = post.header(AUTHORIZATION, authorization);
        }
        let post = post.body(Full::new(Bytes::from(body))).map_err(|fault| Fault::Refused(fault.to_string()))?;
        let answer = self.http.request(post).await.map_err(|fault| Fault::NoAnswer(whole_reason(&fault)))?;
        let status = answer.status();
        let body = Limited::new(answer.into_body(), LARGEST_ANSWER).collect().await;
        let body = body.map_err(|fault| Fault::NoAnswer(fault.to_string()))?.to_bytes();
        match status {
            HttpStatus::OK => {}
            HttpStatus::UNAUTHORIZED | HttpStatus::FORBIDDEN => {
                return Err(Fault::Refused("it asks for another user or password".into()));
            }
            HttpStatus::UPGRADE_REQUIRED => return Err(Fault::Refused("it wants to be asked by ipps://".into())),
            status if status.is_client_error() => return Err(Fault::Refused(format!("HTTP says {status}"))),
            status => return Err(Fault::NoAnswer(format!("HTTP says {status}"))),
        }
        let answer = IppParser::new(IppReader::new(Cursor::new(body))).parse();
        checked(answer.map_err(|fault| Fault::NoAnswer(format!("an answer that cannot be read: {fault}")))?)
    }
}

impl Device for IppPrinter {
    async fn look(&self) -> Answer<PrinterView> {
        read::printer(&self.ask(write::look(&self.uri)?).await?)
    }

    async fn create(&self, order: &Order) -> Answer<Taken> {
        let mut taken = read::taken(&self.ask(write::job(&self.uri, Operation::CreateJob, order)?).await?)?;
        if taken.accepted.job_uuid.is_none() {
            // Neither CUPS nor most printers tell it unasked. Without it, the name has to do.
            let job = self.job(&taken.accepted).await.ok().filter(|job| job.name == order.job_name);
            taken.accepted.job_uuid = job.and_then(|job| job.uuid);
        }
        Ok(taken)
    }

    async fn send(&self, order: &Order, accepted: &Accepted) -> Answer<()> {
        let request = write::document(&self.uri, accepted.job_id, &order.job_name)?;
        self.send_once(request, &order.pdf).await.map(drop)
    }

    async fn print(&self, order: &Order) -> Answer<Taken> {
        let request = write::job(&self.uri, Operation::PrintJob, order)?;
        read::taken(&self.send_once(request, &order.pdf).await?)
    }

    async fn job(&self, accepted: &Accepted) -> Answer<JobView> {
        let answer = self.ask(write::about_job(&self.uri, Operation::GetJobAttributes, accepted.job_id)?).await?;
        let group = answer.attributes().first_of(DelimiterTag::JobAttributes);
        group.and_then(read::job).ok_or_else(|| Fault::NoAnswer("an answer without a job".into()))
    }

    async fn find(&self, job_name: &str) -> Answer<JobView> {
        for which in ["not-completed", "completed"] {
            let answer = self.ask(write::jobs(&self.uri, which)?).await?;
            let jobs = answer.attributes().groups_of(DelimiterTag::JobAttributes);
            if let Some(found) = jobs.filter_map(read::job).find(|job| job.name == job_name) {
                return Ok(found);
            }
        }
        Err(Fault::NotThere)
    }

    async fn withdraw(&self, job: &JobView) -> Answer<Withdrawn> {
        match self.ask(write::about_job(&self.uri, Operation::CancelJob, job.job_id)?).await {
            // It cannot be cancelled any more, or is gone: what it says next tells which.
            Ok(_) | Err(Fault::Refused(_) | Fault::NotThere) => Ok(Withdrawn::Asked),
            Err(fault) => Err(fault),
        }
    }

    async fn settled(&self, _job_name: &str) {}
}

/// An answer that says yes.
fn checked(answer: IppRequestResponse) -> Answer<IppRequestResponse> {
    let code = answer.header().operation_or_status;
    if (0..0x0100).contains(&code) {
        return Ok(answer);
    }
    let status = answer.header().status_code();
    let said = read::message(&answer).map(|message| format!(": {message}")).unwrap_or_default();
    Err(match status {
        StatusCode::ClientErrorNotFound | StatusCode::ClientErrorGone => Fault::NotThere,
        StatusCode::ServerErrorBusy => Fault::Busy(format!("{status:?}{said}")),
        // It may have gone wrong before or after what was asked for.
        StatusCode::ServerErrorInternalError | StatusCode::ServerErrorDeviceError => {
            Fault::NoAnswer(format!("{status:?}{said}"))
        }
        StatusCode::UnknownStatusCode => Fault::Refused(format!("status {code:#06x}{said}")),
        status => Fault::Refused(format!("{status:?}{said}")),
    })
}

/// `ipp://host/path` goes to port 631 by HTTP, `ipps://` by HTTPS.
fn url_of(uri: &str) -> Option<String> {
    let (scheme, rest) = [("ipp://", "http"), ("ipps://", "https")]
        .iter()
        .find_map(|(prefix, scheme)| Some((scheme, uri.strip_prefix(prefix)?)))?;
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let host = authority.rsplit(']').next().unwrap_or(authority);
    let port = if host.contains(':') { "" } else { ":631" };
    let path = if path.is_empty() { "/" } else { path };
    let url = format!("{scheme}://{authority}{port}{path}");
    url.parse::<http::Uri>().ok().map(|_| url)
}

fn password(config: &PrinterConfig) -> Result<String, String> {
    let text = match &config.password_file {
        Some(file) => std::fs::read_to_string(file).map_err(|fault| {
            format!("printers.password_file of {:?}: {} cannot be read: {fault}", config.name, file.display())
        })?,
        None => std::env::var(PRINTER_PASSWORD_VARIABLE).unwrap_or_default(),
    };
    match text.trim() {
        "" => Err(format!(
            "printers.user of {:?} needs a password: name its file in printers.password_file, or set {PRINTER_PASSWORD_VARIABLE}",
            config.name
        )),
        word => Ok(word.to_owned()),
    }
}

fn basic(user: &str, password: &str) -> Result<HeaderValue, String> {
    let encoded = STANDARD.encode(format!("{user}:{password}"));
    let mut value = HeaderValue::from_str(&format!("Basic {encoded}")).map_err(|fault| fault.to_string())?;
    value.set_sensitive(true);
    Ok(value)
}

/// The client's own sentence says little; what lies under it says what happened.
fn whole_reason(fault: &dyn std::error::Error) -> String {
    let mut deepest = fault;
    while let Some(source) = deepest.source() {
        deepest = source;
    }
    deepest.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fakes::config;

    #[test]
    fn a_printer_is_reached_where_its_address_says() {
        for (uri, url) in [
            ("ipp://127.0.0.1:8631/ipp/print", "http://127.0.0.1:8631/ipp/print"),
            ("ipp://printer.example/printers/packs", "http://printer.example:631/printers/packs"),
            ("ipps://printer.example", "https://printer.example:631/"),
            ("ipp://[::1]:631/x", "http://[::1]:631/x"),
            ("ipp://[::1]/x", "http://[::1]:631/x"),
        ] {
            assert_eq!(url_of(uri).as_deref(), Some(url));
        }
        assert_eq!(url_of("http://printer.example/"), None);
    }

    #[test]
    fn a_user_needs_a_password_from_a_file_that_holds_one() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("password");
        let with_file = config(&format!("user = \"us\"\npassword_file = {:?}", file.display().to_string()));
        assert!(IppPrinter::open(&with_file).err().unwrap().contains("printers.password_file"));
        std::fs::write(&file, "\n").unwrap();
        assert!(IppPrinter::open(&with_file).err().unwrap().contains("needs a password"));
        std::fs::write(&file, "word\n").unwrap();
        let printer = IppPrinter::open(&with_file).unwrap();
        assert_eq!(printer.authorization.as_ref().unwrap().to_str().unwrap(), "Basic dXM6d29yZA==");
        assert!(printer.authorization.unwrap().is_sensitive());
    }
}
