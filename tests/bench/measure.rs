//! Medians, and what /proc says of a process.

use super::{Fault, Outcome};
use std::future::Future;
use std::time::{Duration, Instant};
use tokio::task::JoinSet;

/// The figures of one thing over the rounds.
#[derive(Default)]
pub struct Rounds(Vec<f64>);

impl Rounds {
    pub fn add(&mut self, figure: f64) {
        self.0.push(figure);
    }

    pub fn median(&self) -> f64 {
        median(&self.0)
    }

    /// The rounds' own ratios: what disturbs a whole round disturbs both of its figures.
    pub fn ratio_to(&self, yardstick: &Self) -> Self {
        Self(self.0.iter().zip(&yardstick.0).map(|(ours, theirs)| ours / theirs).collect())
    }

    pub fn show(&self, what: &str, unit: &str) {
        println!("  {what}: {:.1} {unit} ({})", self.median(), self.range(1));
    }

    pub fn show_ratio(&self, what: &str) {
        println!("  {what}: {:.2} ({})", self.median(), self.range(2));
    }

    /// Every round in its order, to see which ones were disturbed.
    pub fn verdict(&self, what: &str, target: f64, at_least: bool) {
        verdict(what, self.median(), target, at_least);
        let all: Vec<String> = self.0.iter().map(|figure| format!("{figure:.2}")).collect();
        println!("     by rounds: {}", all.join(" "));
    }

    fn range(&self, digits: usize) -> String {
        let smallest = self.0.iter().copied().fold(f64::INFINITY, f64::min);
        let largest = self.0.iter().copied().fold(0.0, f64::max);
        format!("{smallest:.digits$} to {largest:.digits$}, {} rounds", self.0.len())
    }
}

fn median(figures: &[f64]) -> f64 {
    let mut sorted = figures.to_vec();
    sorted.sort_by(f64::total_cmp);
    match sorted.len() {
        0 => f64::NAN,
        odd if odd % 2 == 1 => sorted[odd / 2],
        even => f64::midpoint(sorted[even / 2 - 1], sorted[even / 2]),
    }
}

/// The figure that such a part of these sorted ones does not exceed.
pub fn percentile(sorted: &[u32], part: f64) -> f64 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "an index"
    )]
    let place = (part * sorted.len() as f64).ceil() as usize;
    sorted.get(place.clamp(1, sorted.len().max(1)) - 1).map_or(f64::NAN, |figure| f64::from(*figure))
}

/// Of microseconds.
pub fn median_ms(sorted: &[u32]) -> f64 {
    percentile(sorted, 0.5) / 1e3
}

pub fn verdict(what: &str, figure: f64, target: f64, at_least: bool) {
    let met = if at_least { figure >= target } else { figure <= target };
    let (sign, word) = (if at_least { ">=" } else { "<=" }, if met { "met" } else { "MISSED" });
    println!("  -> {what}: {figure:.2} (target {sign} {target}, {word})");
}

/// How many times a second the tasks that `task` makes finish one thing, all running side by side for `length`.
pub async fn rate<F>(tasks: Vec<F>, length: Duration) -> Outcome<f64>
where
    F: AsyncWork + Send + 'static,
{
    let begun = Instant::now();
    let end = begun + length;
    let mut running = JoinSet::new();
    for mut task in tasks {
        running.spawn(async move {
            let mut done = 0_u64;
            while Instant::now() < end {
                task.once().await?;
                done += 1;
            }
            Ok::<_, Fault>(done)
        });
    }
    let mut done = 0;
    while let Some(task) = running.join_next().await {
        done += task??;
    }
    #[expect(clippy::cast_precision_loss, reason = "counts of some thousands")]
    Ok(done as f64 / begun.elapsed().as_secs_f64())
}

/// One thing to do over and over.
pub trait AsyncWork {
    fn once(&mut self) -> impl Future<Output = Outcome> + Send;
}

pub fn load_average() -> String {
    let text = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split(' ').next().unwrap_or("unknown").to_owned()
}

/// Resident memory of a process (`self` or its number), in MiB.
pub fn resident_mib(process: &str) -> Outcome<f64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).ok_or("no VmRSS")?;
    let kib: f64 = line.trim().trim_end_matches(" kB").parse()?;
    Ok(kib / 1024.0)
}

/// Processor time that a process has used, all its threads together.
pub fn processor_time(process: &str) -> Outcome<Duration> {
    let stat = Stat::read(process)?;
    Ok(ticks(stat.own))
}

/// Of this process and all below it, those that have ended included.
pub fn family_processor_time() -> Outcome<Duration> {
    processor_time_from(std::process::id())
}

/// Of this process and all below it.
pub fn processor_time_from(process: u32) -> Outcome<Duration> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir("/proc")?.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        // One that ends just now is counted with its parent the next time.
        if let (Ok(number), Ok(stat)) = (name.parse::<u32>(), Stat::read(&name)) {
            all.push((number, stat));
        }
    }
    let mut family = vec![process];
    let (mut next, mut sum) = (0, 0);
    while let Some(member) = family.get(next).copied() {
        next += 1;
        family.extend(all.iter().filter(|(_, stat)| stat.parent == member).map(|(process, _)| *process));
        sum += all.iter().find(|(process, _)| *process == member).map_or(0, |(_, stat)| stat.own + stat.ended_children);
    }
    Ok(ticks(sum))
}

fn ticks(number: u64) -> Duration {
    // The kernel's own number on every Linux: USER_HZ is 100.
    Duration::from_millis(number * 10)
}

struct Stat {
    parent: u32,
    own: u64,
    ended_children: u64,
}

impl Stat {
    fn read(process: &str) -> Outcome<Self> {
        let text = std::fs::read_to_string(format!("/proc/{process}/stat"))?;
        // The name may hold anything, so counting begins after its bracket: the state is the first field there.
        let fields: Vec<&str> = text.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
        let field = |place: usize| -> Outcome<u64> { Ok(fields.get(place).ok_or("a short stat")?.parse()?) };
        Ok(Self {
            parent: u32::try_from(field(1)?)?,
            own: field(11)? + field(12)?,
            ended_children: field(13)? + field(14)?,
        })
    }
}
