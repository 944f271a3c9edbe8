//! Logs to standard error, and spans to a collector by OTLP when there is one. What is exported is spans alone, and of them
//! ours alone: their fields are methods, ids, sites and states, never what somebody said or typed.
//!
//! A collector that is away, slow or lying costs spans and nothing else: they wait in a queue of bounded length, a thread of
//! its own sends them, and what is lost is counted.

use opentelemetry::trace::TracerProvider;
use opentelemetry::{Context, KeyValue, global};
use opentelemetry_otlp::WithExportConfig;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{
    BatchConfigBuilder, BatchSpanProcessor, SdkTracerProvider, Span, SpanData, SpanExporter, SpanProcessor,
};
use startline_foundation::config::TelemetryConfig;
use startline_foundation::metrics::encoding::DescriptorEncoder;
use startline_foundation::metrics::{self, Collector, Readings, Registry};
use std::io::IsTerminal;
use std::sync::Arc;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tracing::Metadata;
use tracing::subscriber::Interest;
use tracing_subscriber::filter::dynamic_filter_fn;
use tracing_subscriber::layer::{Filter, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer};

/// A collector that does not answer within this has lost what it was sent.
const EXPORT_WITHIN: Duration = Duration::from_secs(5);
/// What waits for the collector at a stop is sent within this, or lost.
const LAST_SPANS: Duration = Duration::from_secs(2);

/// Spans that may wait for the collector, about 1 KiB each. The queue has some more room, so that none is dropped there,
/// where nobody counts.
const MOST_SPANS: u64 = 2_048;
const QUEUE: usize = 4_096;

/// The name of the span of a request at the gRPC door.
const REQUEST: &str = "rpc";

/// What has become of spans, in this process.
static SPANS: OnceLock<Arc<SpanCounts>> = OnceLock::new();

#[derive(Debug, Default)]
struct SpanCounts {
    ended: AtomicU64,
    exported: AtomicU64,
    lost: AtomicU64,
}

impl SpanCounts {
    /// On their way to the collector.
    fn under_way(&self) -> u64 {
        let of = |count: &AtomicU64| count.load(Ordering::Relaxed);
        of(&self.ended).saturating_sub(of(&self.exported) + of(&self.lost))
    }
}

/// The way to the collector; nothing goes there when it is dropped without [`Spans::stop`].
pub struct Spans(Option<SdkTracerProvider>);

/// Starts the log, and the sending of spans when a collector is named. `STARTLINE_LOG` chooses what is logged, in the syntax
/// of tracing's `EnvFilter`. The HTTP libraries never log below INFO, whatever is chosen: their traces hold headers, and
/// headers hold tokens.
///
/// # Errors
/// A sentence for the operator when the collector's address cannot be used.
pub fn start(config: &TelemetryConfig, usual: &str, json: bool) -> Result<Spans, String> {
    let provider = config.otlp_endpoint.as_deref().map(provider).transpose()?;
    let spans = provider.as_ref().map(|provider| {
        let layer = tracing_opentelemetry::layer()
            .with_tracer(provider.tracer("startline"))
            .with_location(false)
            .with_threads(false)
            .with_target(false)
            .with_tracked_inactivity(false);
        layer.with_filter(exported(config.otlp_requests_percent))
    });
    let log = tracing_subscriber::fmt::layer().with_ansi(std::io::stderr().is_terminal()).with_writer(std::io::stderr);
    let log = if json { log.json().boxed() } else { log.boxed() };
    tracing_subscriber::registry().with(spans).with(log.with_filter(filter(usual))).init();
    if let Some(provider) = &provider {
        global::set_tracer_provider(provider.clone());
    }
    Ok(Spans(provider))
}

/// Our spans, of the gRPC door's requests so many in a hundred, evenly.
fn exported<S>(requests: u8) -> impl Filter<S> {
    let share = Share { percent: requests.into(), asked: AtomicU64::new(0) };
    let is_request = |what: &Metadata<'_>| what.name() == REQUEST;
    let callsite =
        move |what: &'static Metadata<'static>| match what.is_span() && what.target().starts_with("startline") {
            false => Interest::never(),
            true if is_request(what) => Interest::sometimes(),
            true => Interest::always(),
        };
    dynamic_filter_fn(move |what, _| !is_request(what) || share.takes()).with_callsite_filter(callsite)
}

/// So many in a hundred.
struct Share {
    percent: u64,
    asked: AtomicU64,
}

impl Share {
    /// Whether the next one is among them.
    fn takes(&self) -> bool {
        let before = self.asked.fetch_add(1, Ordering::Relaxed) % 100;
        (before + 1) * self.percent / 100 > before * self.percent / 100
    }
}

fn filter(usual: &str) -> EnvFilter {
    let chosen = std::env::var("STARTLINE_LOG").unwrap_or_else(|_| usual.into());
    ["h2", "hyper", "hyper_util", "tonic", "tower", "rustls"].iter().fold(EnvFilter::new(chosen), |filter, quiet| {
        match format!("{quiet}=info").parse() {
            Ok(directive) => filter.add_directive(directive),
            Err(_) => filter,
        }
    })
}

fn provider(endpoint: &str) -> Result<SdkTracerProvider, String> {
    let exporter = opentelemetry_otlp::SpanExporter::builder()
        .with_tonic()
        .with_endpoint(endpoint)
        .with_timeout(EXPORT_WITHIN)
        .build()
        .map_err(|fault| format!("telemetry.otlp_endpoint cannot be used: {fault}"))?;
    let counts = SPANS.get_or_init(Arc::default).clone();
    let sizes = BatchConfigBuilder::default().with_max_queue_size(QUEUE).build();
    let batches = BatchSpanProcessor::builder(CountingExporter { exporter, counts: counts.clone() })
        .with_batch_config(sizes)
        .build();
    let resource = Resource::builder_empty()
        .with_service_name("startline")
        .with_attributes([KeyValue::new("service.version", env!("CARGO_PKG_VERSION"))])
        .build();
    Ok(SdkTracerProvider::builder()
        .with_span_processor(CountingProcessor { batches, counts })
        .with_resource(resource)
        .build())
}

impl Spans {
    /// Sends what waits, for a moment.
    pub async fn stop(self) {
        let Some(provider) = self.0 else { return };
        let stopped = tokio::task::spawn_blocking(move || provider.shutdown_with_timeout(LAST_SPANS)).await;
        if let Ok(Err(fault)) = stopped {
            tracing::warn!(%fault, "the last spans did not reach the collector");
        }
    }
}

/// Shows what has become of spans.
pub fn register(registry: &mut Registry) {
    registry.register_collector(Box::new(Shown));
}

#[derive(Debug)]
struct Shown;

impl Collector for Shown {
    fn encode(&self, encoder: DescriptorEncoder<'_>) -> std::fmt::Result {
        let of = |count: fn(&SpanCounts) -> &AtomicU64| {
            SPANS.get().map_or(0, |counts| count(counts).load(Ordering::Relaxed))
        };
        // Those on their way are in neither.
        let counts = [("exported", of(|counts| &counts.exported)), ("lost", of(|counts| &counts.lost))];
        Readings::into(encoder).counter(&metrics::SPANS, counts.map(|(what, count)| (vec![what.to_owned()], count)))
    }
}

#[derive(Debug)]
struct CountingProcessor {
    batches: BatchSpanProcessor,
    counts: Arc<SpanCounts>,
}

impl SpanProcessor for CountingProcessor {
    fn on_start(&self, span: &mut Span, context: &Context) {
        self.batches.on_start(span, context);
    }

    fn on_end(&self, span: SpanData) {
        self.counts.ended.fetch_add(1, Ordering::Relaxed);
        if self.counts.under_way() > MOST_SPANS {
            self.counts.lost.fetch_add(1, Ordering::Relaxed);
        } else {
            self.batches.on_end(span);
        }
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.batches.force_flush()
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.batches.shutdown_with_timeout(timeout)
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.batches.set_resource(resource);
    }
}

#[derive(Debug)]
struct CountingExporter {
    exporter: opentelemetry_otlp::SpanExporter,
    counts: Arc<SpanCounts>,
}

impl SpanExporter for CountingExporter {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        let spans = u64::try_from(batch.len()).unwrap_or(0);
        let outcome = self.exporter.export(batch).await;
        let count = if outcome.is_ok() { &self.counts.exported } else { &self.counts.lost };
        count.fetch_add(spans, Ordering::Relaxed);
        outcome
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.exporter.shutdown_with_timeout(timeout)
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.exporter.set_resource(resource);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_taken_evenly() {
        for percent in 0..=100 {
            let share = Share { percent, asked: AtomicU64::new(0) };
            let taken: Vec<u64> = (0..1000).filter(|_| share.takes()).collect();
            assert_eq!(u64::try_from(taken.len()), Ok(percent * 10));
            let furthest = taken.windows(2).map(|two| two[1] - two[0]).max();
            assert!(furthest.is_none_or(|gap| gap <= 100_u64.div_ceil(percent)), "{percent}: {furthest:?}");
        }
    }
}
