//! The command line.

mod commands;

use commands::welcome::Given;
use commands::{Options, show};

use chrono::{DateTime, Utc};
use clap::{Args, Parser, Subcommand};
use indicatif::{ProgressBar, ProgressStyle};
use startline::app::{self, App};
use startline::clock::Clock;
use startline::config::{Config, TelemetryConfig, WebConfig};
use startline::grpc::{manual, tour};
use startline::service::workers::Progress;
use startline::telemetry;
use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// What is logged when nothing else is asked for.
const USUAL_LOG: &str = "info,sqlx=warn";

/// The telephone start-up service of a network of public-service call centres.
#[derive(Parser)]
#[command(name = "startline", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the gRPC API.
    Serve(Serve),
    /// Ask a service on this machine whether it can do its work now: the exit code says it, for whoever watches a container.
    Health(commands::health::Health),
    /// Look after the people, switches and print rooms that may call the API.
    User {
        #[command(subcommand)]
        command: commands::people::UserCommand,
    },
    /// Look at the audit: whether it is whole, and who looked at a client's record.
    Audit {
        #[command(subcommand)]
        command: commands::audit::AuditCommand,
    },
    /// Erase what was kept long enough, as the settings say, or what there is of one client.
    Retention {
        #[command(subcommand)]
        command: commands::retention::RetentionCommand,
    },
    /// Check a service definition: every fault with its file and line, and the counts.
    Check {
        /// The definition's folder.
        folder: PathBuf,
        /// Print the form as well: each part and question, when it is asked and for whom.
        #[arg(long)]
        outline: bool,
    },
    /// Write the packs and letters of three invented clients as PDFs, for people to look at.
    Samples {
        /// The folder they are written to; made when it is not there.
        #[arg(long)]
        out: PathBuf,
        /// The folder of a service definition instead of the pilot's.
        #[arg(long)]
        definition: Option<PathBuf>,
        /// Tell of each page how full it is and how small its smallest type, and fail where an option and its box are
        /// parted, text runs over an edge or other text, type is too small or a page nearly empty.
        #[arg(long)]
        measure: bool,
    },
    /// Compose every pack and letter that is still owed, with a progress bar: an evening's run. Beside a running service or
    /// without one; stopped and started again, it goes on where it was.
    PrintRun {
        /// How many packs are composed at once: as many as there are processors when not given.
        #[arg(long)]
        workers: Option<usize>,
        #[command(flatten)]
        options: Options,
    },
    /// Print the manual of the API, in Markdown: every method with its roles and refusals, every message and every word, from
    /// the comments of the protos.
    Manual,
    /// List the figures that the service shows, as JSON: what the dashboards are made from.
    #[command(hide = true)]
    Metrics,
    /// Fill an empty folder with a small network of invented people, for whoever wants to look around or train: four sites,
    /// staff of every role with their tokens, clients in every state. Then serve that folder.
    Demo {
        /// When it is, for the tests; by the machine's clock when not given.
        #[arg(long, hide = true)]
        clock: Option<DateTime<Utc>>,
        #[command(flatten)]
        options: Options,
    },
    /// Show the service doing its whole job, from a ringing telephone to a posted letter.
    Tour {
        /// Where the claim pack is saved.
        #[arg(long, default_value = "startline-tour.pdf")]
        pdf: PathBuf,
    },
    /// The server of the tour and the tests: a clock that is moved by hand, on standard input.
    #[command(hide = true)]
    TourServer {
        #[command(flatten)]
        serve: Serve,
        /// When it is.
        #[arg(long)]
        clock: DateTime<Utc>,
    },
}

#[derive(Args)]
struct Serve {
    /// Where to listen.
    #[arg(long, env = "STARTLINE_LISTEN")]
    listen: Option<SocketAddr>,
    /// Where to serve pages for browsers, calendars and receipts: [web] listen.
    #[arg(long, env = "STARTLINE_WEB")]
    web: Option<SocketAddr>,
    /// Let doors without TLS listen where others than this machine reach them: for a proxy that ends TLS on another.
    #[arg(long, env = "STARTLINE_INSECURE_LISTEN")]
    insecure_listen: bool,
    /// Log lines as JSON.
    #[arg(long, env = "STARTLINE_LOG_JSON")]
    log_json: bool,
    #[command(flatten)]
    options: Options,
}

impl Serve {
    fn config(self) -> Result<Config, String> {
        let (listen, insecure_listen) = (self.listen, self.insecure_listen);
        let mut config = self.options.config()?;
        config.grpc.listen = listen.unwrap_or(config.grpc.listen);
        config.insecure_listen = insecure_listen;
        if let Some(listen) = self.web {
            let web = config.web.take().unwrap_or(WebConfig { listen, public_url: None, tls: None });
            config.web = Some(WebConfig { listen, ..web });
        }
        Ok(config)
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    let outcome = match Cli::parse().command {
        Command::Serve(options) => serve(options).await,
        Command::Health(asked) => commands::health::run(asked).await,
        Command::User { command } => commands::people::run(command).await,
        Command::Audit { command } => commands::audit::run(command).await,
        Command::Retention { command } => commands::retention::run(command).await,
        Command::Check { folder, outline } => check(&folder, outline),
        Command::Samples { out, definition, measure } => samples(&out, definition, measure),
        Command::PrintRun { workers, options } => print_run(workers, options).await,
        Command::Manual => manual::page().and_then(|page| show(&page)),
        Command::Metrics => list_metrics(),
        Command::Demo { clock, options } => commands::demo::run(clock, options).await,
        Command::Tour { pdf } => tour::run(&pdf).await,
        Command::TourServer { serve, clock } => tour_server(serve, clock).await,
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(sentence) => {
            eprintln!("startline: {sentence}");
            ExitCode::FAILURE
        }
    }
}

async fn serve(options: Serve) -> Result<(), String> {
    let (json, given) = (options.log_json, Given::of(&options.options));
    let config = options.config()?;
    let spans = telemetry::start(&config.telemetry, USUAL_LOG, json)?;
    let mut terminate = signal(SignalKind::terminate()).map_err(|fault| fault.to_string())?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(|fault| fault.to_string())?;
    let mut hang_up = signal(SignalKind::hangup()).map_err(|fault| fault.to_string())?;
    let app = App::start(&config, Clock::system()).await?;
    println!("startline serves on {}", app.address);
    if let Some(web) = &app.web {
        // Whoever has read where it serves may have closed the pipe.
        let _ = say(&format!("its pages are at {}/", web.public_url));
    }
    if app.has_administrator().await == Ok(false) {
        // On the screen of whoever starts it, whatever the log leaves out; and in the log, where others look.
        eprintln!("startline: {}", given.sentence());
        tracing::warn!("{}", given.sentence());
    }
    let certificates = app.certificates();
    let served = app
        .run(async move {
            loop {
                tokio::select! {
                    _ = terminate.recv() => break,
                    _ = interrupt.recv() => break,
                    // A terminal that is closed says it too.
                    _ = hang_up.recv() => match certificates.now() {
                        true => tracing::info!("SIGHUP: the certificates are looked at; for everything else restart"),
                        false => tracing::info!("SIGHUP: nothing is read anew, there is no certificate; restart instead"),
                    },
                }
            }
        })
        .await;
    spans.stop().await;
    served
}

/// Each line on standard input is a time to move the clock to; it is answered when the clock stands there. The end of
/// the input stops the server.
async fn tour_server(options: Serve, clock: DateTime<Utc>) -> Result<(), String> {
    let (json, tells_pages) = (options.log_json, options.web.is_some());
    let config = options.config()?;
    let spans = telemetry::start(&config.telemetry, USUAL_LOG, json)?;
    if !config.grpc.listen.ip().is_loopback() {
        return Err("the tour's server listens on a loopback address only".into());
    }
    let (clock, hand) = Clock::manual(clock);
    let app = App::start(&config, clock).await?;
    say(&format!("listening {}", app.address))?;
    if let Some(web) = app.web.as_ref().filter(|_| tells_pages) {
        say(&format!("pages {}", web.address))?;
    }
    let mut lines = BufReader::new(tokio::io::stdin()).lines();
    while let Some(line) = lines.next_line().await.map_err(|fault| fault.to_string())? {
        let to: DateTime<Utc> = line.trim().parse().map_err(|_| format!("{line} is not a time"))?;
        hand.move_to(to);
        say(&format!("clock {}", hand.now().to_rfc3339()))?;
    }
    let stopped = app.stop().await;
    spans.stop().await;
    stopped
}

fn say(line: &str) -> Result<(), String> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}").and_then(|()| out.flush()).map_err(|fault| fault.to_string())
}

async fn print_run(workers: Option<usize>, options: Options) -> Result<(), String> {
    // What is only told in passing would break the bar.
    let config = options.config()?;
    let _spans = telemetry::start(&TelemetryConfig::default(), "warn", false)?;
    let workers = workers.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from));
    let composing = app::open_job_runner(&config, Clock::system()).await?;
    let stopping = CancellationToken::new();
    let (mut interrupt, stop) = (signal(SignalKind::interrupt()).map_err(|fault| fault.to_string())?, stopping.clone());
    tokio::spawn(async move {
        interrupt.recv().await;
        stop.cancel();
    });
    let bar = ProgressBar::new(0).with_style(
        ProgressStyle::with_template("{bar:40} {pos} of {len} packs and letters, {per_sec}, {eta} to go")
            .map_err(|fault| fault.to_string())?,
    );
    let shown = bar.clone();
    let tell = move |progress: Progress| {
        shown.set_length(progress.done + progress.left);
        shown.set_position(progress.done);
    };
    let run = composing.run(workers, &stopping, tell).await;
    bar.finish_and_clear();
    composing.store.close().await;
    let Progress { done, failed, left } = run.map_err(|fault| fault.to_string())?;
    show(&format_args!("{done} composed, {failed} could not be composed now, {left} left\n"))?;
    if left == 0 { Ok(()) } else { Err(format!("{left} packs and letters are left: run it again")) }
}

/// The list of figures as JSON, from which the dashboards are made.
fn list_metrics() -> Result<(), String> {
    let all: Vec<_> = startline::metrics::ALL
        .iter()
        .map(|one| {
            serde_json::json!({
                "name": one.name, "kind": one.kind.as_str(), "labels": one.labels, "help": one.help,
            })
        })
        .collect();
    let text = serde_json::to_string_pretty(&all).map_err(|fault| fault.to_string())?;
    show(&format_args!("{text}\n"))
}

fn check(folder: &std::path::Path, outline: bool) -> Result<(), String> {
    let report = app::check_definition(folder);
    if outline && let Ok(definition) = startline::definition::Definition::load(folder) {
        show(&definition.outline())?;
    }
    show(&format_args!("{report}\n"))?;
    if report.is_clean() { Ok(()) } else { Err(format!("{} has faults and would not load", folder.display())) }
}

fn samples(out: &std::path::Path, folder: Option<PathBuf>, measure: bool) -> Result<(), String> {
    let mut config = Config::load(None)?;
    config.definition.folder = folder;
    let definition = app::load_definition_unchecked(&config)?;
    let samples = startline::packs::all_samples(&definition).map_err(|fault| fault.to_string())?;
    std::fs::create_dir_all(out).map_err(|fault| format!("{} cannot be made: {fault}", out.display()))?;
    let write = |name: &str, bytes: &[u8]| {
        let file = out.join(name);
        std::fs::write(&file, bytes).map_err(|fault| format!("{} cannot be written: {fault}", file.display()))?;
        Ok::<_, String>(file)
    };
    let mut faults = 0;
    for sample in &samples {
        let file = write(&sample.file, &sample.pdf)?;
        show(&format_args!("{} ({} pages)\n", file.display(), sample.pages))?;
        for page in sample.measures.iter().filter(|_| measure) {
            let (number, document, fill, smallest) = (page.page, &page.document, page.fill, page.smallest_pt);
            show(&format_args!("  {number:>3} {document:<15} {fill:>3} % full, smallest {smallest:.1} pt\n"))?;
            for fault in &page.faults {
                faults += 1;
                show(&format_args!("      {fault}\n"))?;
            }
        }
    }
    let index = write("index.html", startline::packs::index_of_samples(&samples).as_bytes())?;
    show(&format_args!("{} leads to them all\n", index.display()))?;
    if faults > 0 { Err(format!("{faults} faults of layout")) } else { Ok(()) }
}
