//! What the service counts, for whoever watches it run: one list of names, and the kinds of figures.
//!
//! Each part keeps the figures it makes and registers them under their entry of the list; what is only looked at when
//! somebody asks (how many wait now) is read then. No figure and no label holds anything of a person: labels are methods,
//! sites, states and outcomes, whose number is bounded by the service's definition.

pub use prometheus_client::collector::Collector;
pub use prometheus_client::encoding;
pub use prometheus_client::metrics::counter::Counter;
pub use prometheus_client::metrics::family::Family;
pub use prometheus_client::metrics::gauge::Gauge;
pub use prometheus_client::metrics::histogram::Histogram;
pub use prometheus_client::registry::{Registry, Unit};

use prometheus_client::registry::Metric as Registered;
use std::borrow::Cow;
use std::time::Duration;

/// So many labels, by name.
pub type Labels<const N: usize> = [(&'static str, Cow<'static, str>); N];

/// One figure of the service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Metric {
    /// As it is asked for: with its unit, and `_total` where it only grows.
    pub name: &'static str,
    pub kind: Kind,
    pub labels: &'static [&'static str],
    pub help: &'static str,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Only grows, from the start of the process.
    Counter,
    /// As it is now.
    Gauge,
    Histogram,
}

impl Kind {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Histogram => "histogram",
        }
    }
}

impl Metric {
    /// Without what the encoder adds by itself.
    pub fn base_name(&self) -> &'static str {
        self.name.strip_suffix("_total").unwrap_or(self.name)
    }

    /// Its labels with these values, in the list's order.
    pub fn labelled<const N: usize>(&self, values: [Cow<'static, str>; N]) -> Labels<N> {
        let mut names = self.labels.iter().copied();
        values.map(|value| (names.next().unwrap_or_default(), value))
    }

    /// Puts it under its name in the registry.
    pub fn register(&self, registry: &mut Registry, metric: impl Registered) {
        registry.register(self.base_name(), self.help.trim_end_matches('.'), metric);
    }
}

macro_rules! metrics {
    ($($constant:ident = $kind:ident $name:literal [$($label:literal),*] $help:literal;)+) => {
        $(pub const $constant: Metric =
            Metric { name: $name, kind: Kind::$kind, labels: &[$($label),*], help: $help };)+

        /// Every figure there is.
        pub const ALL: &[Metric] = &[$($constant),+];
    };
}

// The names of OpenTelemetry's semantic conventions where it has one (rpc.server.call.duration, db.client.connection.*,
// with their attributes), else ours.
metrics! {
    RPC_DURATION = Histogram "rpc_server_call_duration_seconds" ["rpc_method", "rpc_response_status_code"]
        "How long each call of the gRPC door took, until its answer or the beginning of its stream.";
    SIGN_INS = Counter "startline_sign_ins_total" ["by", "outcome"]
        "Attempts to sign in with a browser, by a password or by the provider, and whether they were signed_in or refused.";
    STRANGERS = Counter "startline_requests_of_strangers_total" []
        "Requests at the gRPC door that showed no valid token or certificate.";
    STREAMS_OPEN = Gauge "startline_streams_open" ["rpc_method"] "Streams that somebody reads now.";
    CALLS = Counter "startline_calls_total" ["site", "outcome"]
        "Telephone calls that ended, by the site that kept them and how: answered, abandoned, or the reason of their release.";
    CALL_WAIT = Histogram "startline_call_wait_seconds" ["site", "outcome"]
        "How long callers waited until somebody answered, or until they gave up.";
    CALLS_WAITING = Gauge "startline_calls_waiting" ["site"] "Callers who wait now.";
    LONGEST_WAIT = Gauge "startline_longest_wait_seconds" ["site"] "How long whoever waits longest has waited so far.";
    ADVISERS = Gauge "startline_advisers" ["site", "state"]
        "Advisers signed in, by what they do now: free, on_break, idle_kept, offered, on_call, wrap_up, outbound.";
    OFFERS = Counter "startline_offers_total" [] "Calls offered to an adviser.";
    OFFERS_ENDED = Counter "startline_offers_ended_total" ["outcome"]
        "Offers by how they ended: answered, missed, declined, withdrawn; and late, taken when they were over, and counted under how they ended as well.";
    CALL_RECORDS_WAITING = Gauge "startline_call_records_waiting" []
        "Records of finished calls that are in memory because the database has not taken them yet.";
    COMMITS = Histogram "startline_commit_writes" [] "How many mutations each commit of the embedded database made durable.";
    CONNECTIONS = Gauge "db_client_connection_count" ["db_client_connection_state"]
        "Connections to the database: used and idle.";
    CONNECTION_WAIT = Histogram "db_client_connection_wait_time_seconds" []
        "How long a transaction or a reader waited for its connection, or its turn.";
    RETRIES = Counter "startline_mutation_retries_total" [] "Mutations run again because they lost a race.";
    JOBS = Gauge "startline_jobs" ["state"] "Jobs that transactions left: waiting, leased, failed.";
    OLDEST_JOB_AGE = Gauge "startline_oldest_job_age_seconds" [] "Age of the oldest job that is still to be done.";
    PRINT_JOBS = Gauge "startline_print_jobs" ["site", "state"]
        "Print jobs that are not yet in the post, by the print room: queued, leased, printing, printed.";
    OLDEST_PRINT_JOB_AGE = Gauge "startline_oldest_print_job_age_seconds" ["site"]
        "Age of a print room's oldest job that is not yet printed.";
    PACKS = Counter "startline_packs_total" ["outcome"] "Packs and letters composed, and those refused as unprintable.";
    REMINDERS = Gauge "startline_reminders" ["state"] "Reminders that are due, being sent, or failed in the last day.";
    FIGURES_AGE = Gauge "startline_figures_age_seconds" []
        "Age of the figures that are read from the database now and then: jobs, print jobs, reminders.";
    SIP_MESSAGES = Counter "startline_sip_messages_total" ["method"] "SIP requests that were read.";
    SIP_REFUSALS = Counter "startline_sip_refusals_total" ["reason"]
        "SIP requests that were dropped or refused: foreign, over_limit, unreadable, unacknowledged, repeated, too_busy.";
    ROUNDS = Counter "startline_worker_rounds_total" ["worker", "outcome"] "Rounds of each worker: done, failed, panicked.";
    PANICS = Counter "startline_panics_total" ["ended"] "Panics that were caught, by what they ended.";
    SPANS = Counter "startline_spans_total" ["outcome"] "Spans that the collector has taken: exported; and those that did not reach it: lost.";
    CERTIFICATE_ENDS = Gauge "startline_certificate_ends_timestamp_seconds" ["door"]
        "When the certificate of each door that has one ends, in seconds since 1970.";
    BUILD_INFO = Gauge "startline_build_info" ["version", "definition", "database"] "Always 1: what runs.";
}

/// A histogram of seconds, from a tenth of a millisecond to ten seconds: of what machines do.
pub fn machine_seconds() -> Histogram {
    Histogram::new([0.0001, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0])
}

/// A histogram of seconds, from one to twenty minutes: of what people wait.
pub fn people_seconds() -> Histogram {
    Histogram::new([1.0, 2.5, 5.0, 10.0, 20.0, 30.0, 60.0, 120.0, 180.0, 300.0, 600.0, 1200.0])
}

/// A histogram of small numbers.
pub fn small_numbers() -> Histogram {
    Histogram::new([1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0])
}

pub fn seconds(milliseconds: u64) -> f64 {
    Duration::from_millis(milliseconds).as_secs_f64()
}

/// Figures that are looked at when somebody asks, on their way into the answer.
pub struct Readings<'a>(encoding::DescriptorEncoder<'a>);

impl<'a> Readings<'a> {
    pub fn into(encoder: encoding::DescriptorEncoder<'a>) -> Self {
        Self(encoder)
    }

    /// Each entry has a value for every label of the metric, in its order.
    ///
    /// # Errors
    /// When the answer cannot be written to.
    pub fn gauge(
        &mut self,
        metric: &Metric,
        values: impl IntoIterator<Item = (Vec<String>, f64)>,
    ) -> Result<(), std::fmt::Error> {
        use encoding::EncodeMetric;
        let mut family = self.0.encode_descriptor(
            metric.base_name(),
            metric.help.trim_end_matches('.'),
            None,
            prometheus_client::metrics::MetricType::Gauge,
        )?;
        for (labels, value) in values {
            let gauge = prometheus_client::metrics::gauge::ConstGauge::new(value);
            gauge.encode(family.encode_family(&paired(metric, labels))?)?;
        }
        Ok(())
    }

    /// The same of what only grows.
    ///
    /// # Errors
    /// When the answer cannot be written to.
    pub fn counter(
        &mut self,
        metric: &Metric,
        values: impl IntoIterator<Item = (Vec<String>, u64)>,
    ) -> Result<(), std::fmt::Error> {
        use encoding::EncodeMetric;
        let mut family = self.0.encode_descriptor(
            metric.base_name(),
            metric.help.trim_end_matches('.'),
            None,
            prometheus_client::metrics::MetricType::Counter,
        )?;
        for (labels, value) in values {
            let counter = prometheus_client::metrics::counter::ConstCounter::new(value);
            counter.encode(family.encode_family(&paired(metric, labels))?)?;
        }
        Ok(())
    }
}

fn paired(metric: &Metric, values: Vec<String>) -> Vec<(&'static str, String)> {
    metric.labels.iter().copied().zip(values).collect()
}
