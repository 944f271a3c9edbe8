//! Everything that this process logs at debug, listened to for words that must not be in it.

use super::plans;
use std::fmt::{Debug, Write};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, OnceLock};
use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::{DynFilterFn, filter_fn};
use tracing_subscriber::layer::{Context, SubscriberExt};

/// What begins every word that is listened for.
pub const CANARY: &str = "Canary";

#[derive(Default)]
pub struct Heard {
    lines: AtomicUsize,
    told: Mutex<Vec<String>>,
}

impl Heard {
    /// Lines of any content, of the whole process.
    pub fn lines(&self) -> usize {
        self.lines.load(Ordering::Relaxed)
    }

    /// Those with such a word.
    pub fn told(&self) -> Vec<String> {
        self.told.lock().unwrap().clone()
    }

    fn hear(&self, target: &str, said: &Said) {
        self.lines.fetch_add(1, Ordering::Relaxed);
        if said.0.contains(CANARY) {
            self.told.lock().unwrap().push(format!("{target}:{}", said.0));
        }
    }
}

/// Whether somebody listens for words; the statements are listened to all the time.
static LISTENS: AtomicBool = AtomicBool::new(false);

/// From now on; for all stories of this process, since spans go from thread to thread.
pub fn listen() -> &'static Heard {
    let heard = start();
    LISTENS.store(true, Ordering::SeqCst);
    tracing::callsite::rebuild_interest_cache();
    heard
}

/// The log of this process, in which the statements that the service makes are looked at.
pub fn start() -> &'static Heard {
    static HEARD: OnceLock<&'static Heard> = OnceLock::new();
    HEARD.get_or_init(|| {
        let heard: &'static Heard = Box::leak(Box::default());
        let words = DynFilterFn::new(|_, _| LISTENS.load(Ordering::Relaxed)).with_max_level_hint(LevelFilter::DEBUG);
        let statements = filter_fn(|what| what.target() == plans::TARGET).with_max_level_hint(LevelFilter::DEBUG);
        let log = tracing_subscriber::registry()
            .with(Listener(heard).with_filter(words))
            .with(plans::Listener::new().with_filter(statements));
        tracing::subscriber::set_global_default(log).expect("nobody else listens");
        heard
    })
}

struct Listener(&'static Heard);

impl<S: Subscriber> Layer<S> for Listener {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut said = Said::default();
        event.record(&mut said);
        self.0.hear(event.metadata().target(), &said);
    }

    fn on_new_span(&self, span: &Attributes<'_>, _: &Id, _: Context<'_, S>) {
        let mut said = Said::default();
        span.record(&mut said);
        self.0.hear(span.metadata().target(), &said);
    }

    fn on_record(&self, _: &Id, fields: &Record<'_>, _: Context<'_, S>) {
        let mut said = Said::default();
        fields.record(&mut said);
        self.0.hear("a span", &said);
    }
}

#[derive(Default)]
struct Said(String);

impl Visit for Said {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let _ = write!(self.0, " {field}={value:?}");
    }
}
