//! The SIP front door: processor time of a call redirected to an adviser, against Kamailio's own stateful redirect after a
//! look-up in a table; and what 5,000 waiting calls hold.
//!
//! Both get the same messages over UDP from the same closed loop: INVITE, answered by 100 and 302, ACK, and a MESSAGE
//! with what became of the call, answered by 200. For the door that report frees the adviser for the next call, so each
//! call is routed in full; Kamailio only answers it.

use super::measure::{Rounds, processor_time_from, resident_mib, verdict};
use super::people::Service;
use super::{Fault, Outcome};
use std::net::{SocketAddr, UdpSocket as Plain};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio::net::UdpSocket;
use tokio::task::JoinSet;

const DESKS: usize = 256;
const CALLERS: u32 = 16;
const CALLS_A_CALLER: u32 = 500;
const ROUNDS: usize = 7;
const WAITING: u32 = 5_000;
const ANSWERED_WITHIN: Duration = Duration::from_secs(8);
/// RFC 3261, section 17.1.1.1: what is not answered over UDP is sent again.
const T1: Duration = Duration::from_millis(500);
/// What was sent again, by all callers.
static REPEATED: AtomicU64 = AtomicU64::new(0);

pub async fn run() -> Outcome {
    let door = free_port()?;
    let service = Service::open(DESKS, None, &configuration(door)).await?;
    service.to_work(false, |_| {}).await?;
    let kamailio = Kamailio::start(free_port()?).await?;
    println!(" {CALLERS} callers at once, {} calls a round", CALLERS * CALLS_A_CALLER);
    let [mut ours_us, mut theirs_us, mut ours, mut theirs, mut bare_us] = <[Rounds; 5]>::default();
    for round in 0..=ROUNDS {
        let (rate, us) = measured(door, service.serving.process().parse()?, round, true).await?;
        let (their_rate, their_us) = measured(kamailio.address, kamailio.child.id(), round, true).await?;
        let (_, their_bare_us) = measured(kamailio.address, kamailio.child.id(), round, false).await?;
        // The first round warms up.
        if round > 0 {
            ours.add(rate);
            ours_us.add(us);
            theirs.add(their_rate);
            theirs_us.add(their_us);
            bare_us.add(their_bare_us);
        }
    }
    println!("  sent again for want of an answer: {}", REPEATED.load(Ordering::Relaxed));
    ours.show("front door", "calls/s");
    theirs.show("Kamailio", "calls/s");
    ours_us.show("front door, processor time of a call", "us");
    theirs_us.show("Kamailio, processor time of a call", "us");
    bare_us.show("Kamailio without the report", "us");
    ours_us.ratio_to(&theirs_us).verdict("processor time, front door to Kamailio", 0.7, false);
    ours_us.ratio_to(&bare_us).show_ratio("the same to Kamailio without the report");
    drop(kamailio);
    service.serving.stop().await?;
    waiting().await
}

/// Nobody is at work, so that every call waits.
async fn waiting() -> Outcome {
    let door = free_port()?;
    let service = Service::open(1, None, &configuration(door)).await?;
    let process = service.serving.process();
    let before = resident_mib(&process)?;
    let caller = Caller::at(door, 99, 0).await?;
    for n in 0..WAITING {
        caller.send("INVITE", &format!("waiting-{n}"), "").await?;
        while caller.hear(&format!("waiting-{n}")).await? != 182 {}
    }
    let held = resident_mib(&process)?;
    println!("  resident: {before:.1} MiB before, {held:.1} MiB with {WAITING} calls waiting");
    verdict("resident in MiB with 5,000 waiting calls", held, 200.0, false);
    service.serving.kill().await
}

fn configuration(door: SocketAddr) -> String {
    format!(
        "[sip]\nlisten = [\"udp:{door}\"]\nswitches = [{{ address = \"127.0.0.1\", trusted = true }}]\n\
         adviser_domain = \"desks.example\"\nrequests_per_second = 1000000\nmax_calls = 200000\n"
    )
}

fn free_port() -> Outcome<SocketAddr> {
    Ok(Plain::bind("127.0.0.1:0")?.local_addr()?)
}

/// Calls a second, and microseconds of processor time of a process and all below it for each.
async fn measured(to: SocketAddr, process: u32, round: usize, report: bool) -> Outcome<(f64, f64)> {
    let mut callers = Vec::new();
    for n in 0..CALLERS {
        callers.push(Caller::at(to, n, round).await?);
    }
    let (before, begun) = (processor_time_from(process)?, Instant::now());
    let mut running = JoinSet::new();
    for caller in callers {
        running.spawn(async move { caller.calls(report).await });
    }
    while let Some(done) = running.join_next().await {
        done??;
    }
    let calls = f64::from(CALLERS * CALLS_A_CALLER);
    let used = processor_time_from(process)? - before;
    Ok((calls / begun.elapsed().as_secs_f64(), used.as_secs_f64() * 1e6 / calls))
}

/// A switch with one call at a time.
struct Caller {
    socket: UdpSocket,
    own: SocketAddr,
    to: SocketAddr,
    name: String,
}

impl Caller {
    async fn at(to: SocketAddr, number: u32, round: usize) -> Outcome<Self> {
        let socket = UdpSocket::bind("127.0.0.1:0").await?;
        socket.connect(to).await?;
        let own = socket.local_addr()?;
        // Names differ from round to round, also where one is played twice.
        let name = format!("{number}-{round}-{:08x}", rand::random::<u32>());
        Ok(Self { socket, own, to, name })
    }

    async fn calls(self, report: bool) -> Outcome {
        for n in 0..CALLS_A_CALLER {
            let call_id = format!("{}-{n}", self.name);
            let answer = self.ask("INVITE", &call_id, "", 101).await?;
            // Also a 182 is a fault here: there are more advisers than callers.
            if answer != 302 {
                return Err(format!("the INVITE of {call_id} was answered {answer}").into());
            }
            self.send("ACK", &call_id, "").await?;
            if report {
                let report_id = format!("report-{call_id}");
                let answer =
                    self.ask("MESSAGE", &report_id, &format!("call: {call_id}\nevent: abandoned\n"), 100).await?;
                if answer != 200 {
                    return Err(format!("a report was answered {answer}").into());
                }
            }
        }
        Ok(())
    }

    /// Sends until an answer of `from` or more is heard.
    async fn ask(&self, method: &str, call_id: &str, body: &str, from: u16) -> Outcome<u16> {
        let begun = Instant::now();
        loop {
            self.send(method, call_id, body).await?;
            let heard = tokio::time::timeout(T1, async {
                loop {
                    let answer = self.hear(call_id).await?;
                    if answer >= from {
                        return Ok::<u16, Fault>(answer);
                    }
                }
            });
            match heard.await {
                Ok(answer) => return answer,
                Err(_) if begun.elapsed() < ANSWERED_WITHIN => drop(REPEATED.fetch_add(1, Ordering::Relaxed)),
                Err(_) => return Err(format!("nothing was heard about the {method} of {call_id}").into()),
            }
        }
    }

    async fn send(&self, method: &str, call_id: &str, body: &str) -> Outcome {
        let (own, to) = (self.own, self.to);
        let kind = if body.is_empty() { "" } else { "Content-Type: text/plain\r\n" };
        let text = format!(
            "{method} sip:08450000000@{to} SIP/2.0\r\n\
             Via: SIP/2.0/UDP {own};branch=z9hG4bK-{call_id};rport\r\n\
             Max-Forwards: 70\r\n\
             From: <sip:+441373000123@switch.example>;tag=from-{call_id}\r\n\
             To: <sip:08450000000@{to}>\r\n\
             Call-ID: {call_id}\r\n\
             CSeq: 1 {method}\r\n\
             Contact: <sip:switch@{own}>\r\n\
             {kind}Content-Length: {length}\r\n\r\n{body}",
            length = body.len(),
        );
        self.socket.send(text.as_bytes()).await?;
        Ok(())
    }

    /// The status of the next answer about this call; late ones about earlier calls are passed over.
    async fn hear(&self, call_id: &str) -> Outcome<u16> {
        let mut buffer = [0; 4_096];
        let about = format!("Call-ID: {call_id}\r\n");
        loop {
            let heard = tokio::time::timeout(ANSWERED_WITHIN, self.socket.recv(&mut buffer)).await;
            let length = heard.map_err(|_| format!("nothing was heard about {call_id}"))??;
            let text = String::from_utf8_lossy(&buffer[..length]);
            if text.contains(&about) {
                return Ok(text.get(8..11).ok_or("a short answer")?.parse()?);
            }
        }
    }
}

struct Kamailio {
    child: Child,
    address: SocketAddr,
    _folder: tempfile::TempDir,
}

impl Kamailio {
    async fn start(address: SocketAddr) -> Outcome<Self> {
        let folder = tempfile::tempdir()?;
        let configuration = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/bench/kamailio.cfg");
        let mut command = Command::new("kamailio");
        command.args(["-DD", "-E", "-m", "64", "-M", "8", "-l", &format!("udp:{address}"), "-Y"]).arg(folder.path());
        command.arg("-f").arg(configuration).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let child = command.spawn().map_err(|fault| format!("Kamailio: {fault}"))?;
        let kamailio = Self { child, address, _folder: folder };
        let probe = Caller::at(address, 0, 0).await?;
        for n in 0..100 {
            let call_id = format!("probe-{n}");
            // Until it listens, the socket may say that nobody is there.
            if probe.send("OPTIONS", &call_id, "").await.is_ok()
                && let Ok(Ok(200)) = tokio::time::timeout(Duration::from_millis(100), probe.hear(&call_id)).await
            {
                return Ok(kamailio);
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Err("Kamailio does not answer".into())
    }
}

impl Drop for Kamailio {
    fn drop(&mut self) {
        let _ = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status();
        let _ = self.child.wait();
    }
}
