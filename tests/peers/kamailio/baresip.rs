//! A telephone whose authors have never met us: Debian's baresip as the adviser's, reached at its address as any other. It has
//! no sound devices: what it hears it says. It is told what to do, and tells what happens, over TCP.

use super::exchange::{Exchange, Setup};
use super::people::Habit::{AnswersTheTelephone, TakesCalls};
use super::people::{Desk, Figures, Supervisor};
use super::programs::{Program, mortal, until};
use super::sipp::Sipp;
use super::{FROME, ONE_AS_TOLD, SOMERSET, patient};
use startline::grpc::pb::AdviserState;
use std::io::{Read, Write};
use std::net::{SocketAddrV4, TcpStream, UdpSocket};
use std::sync::Mutex;

const CONTROL: u16 = 4444;
/// The Call-ID.
const CALL: &str = "call-of-baresip";

struct Baresip {
    _program: Program,
    address: SocketAddrV4,
    control: TcpStream,
    heard: Mutex<String>,
}

impl Baresip {
    /// It answers every call by itself.
    async fn start(exchange: &Exchange, user: &str) -> Self {
        let address = exchange.next_telephone();
        let here = address.ip();
        let folder = exchange.folder.path().join("baresip");
        std::fs::create_dir(&folder).expect("a folder can be made");
        let config = format!(
            "poll_method epoll\nsip_listen {address}\nctrl_tcp_listen {here}:{CONTROL}\nrtp_ports 40000-41000\n\
             audio_player aubridge,nil\naudio_source aubridge,nil\naudio_alert aubridge,nil\n\
             module_path /usr/lib/baresip/modules\nmodule g711.so\nmodule aubridge.so\nmodule_tmp account.so\n\
             module_app menu.so\nmodule_app ctrl_tcp.so\n"
        );
        std::fs::write(folder.join("config"), config).expect("the configuration can be written");
        let account = format!("<sip:{user}@{here}>;regint=0;answermode=auto\n");
        std::fs::write(folder.join("accounts"), account).expect("the account can be written");
        let mut start = mortal("baresip");
        start.arg("-f").arg(&folder);
        let mut program = Program::start("baresip", exchange.folder.path(), &mut start);
        let control = until("baresip", async || {
            assert!(program.has_ended().is_none(), "baresip ended at its start:\n{}", program.log());
            let control = TcpStream::connect((*here, CONTROL)).ok()?;
            UdpSocket::bind(address).is_err().then_some(control)
        })
        .await;
        control.set_nonblocking(true).expect("a socket can be asked without waiting");
        Self { _program: program, address, control, heard: Mutex::default() }
    }

    /// Waits until this has happened to its call.
    async fn tells(&self, event: &str) {
        let words = format!("\"type\":\"{event}\"");
        until(&format!("baresip to tell of {event}"), async || {
            let (mut more, mut heard) = ([0; 4096], self.heard.lock().ok()?);
            if let Ok(length) = (&self.control).read(&mut more) {
                heard.push_str(&String::from_utf8_lossy(more.get(..length)?));
            }
            heard.contains(&words).then_some(())
        })
        .await;
    }

    fn hangs_up(&self) {
        let command = "{\"command\":\"hangup\",\"token\":\"1\"}";
        let command = format!("{}:{command},", command.len());
        (&self.control).write_all(command.as_bytes()).expect("baresip takes it");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_caller_talks_with_it_and_hangs_up() {
    let exchange = Exchange::start(Setup::default()).await;
    let supervisor = Supervisor::at(&exchange.doors[0]);
    let baresip = Baresip::start(&exchange, "asha").await;
    let asha = Desk::open(&exchange.doors[0], "Asha", SOMERSET, baresip.address, TakesCalls).await;
    let caller = Sipp::caller_of(&exchange, "caller_told", FROME, "08450000001", CALL);
    baresip.tells("CALL_ESTABLISHED").await;
    caller.hears("CSeq: 1 ACK").await;
    caller.tell(CALL);
    assert_eq!(caller.done().await, ONE_AS_TOLD);
    baresip.tells("CALL_CLOSED").await;
    has_talked(&asha, &supervisor).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_rings_with_the_offer_and_the_adviser_hangs_up() {
    let exchange = Exchange::start(patient()).await;
    let supervisor = Supervisor::at(&exchange.doors[0]);
    let baresip = Baresip::start(&exchange, "asha").await;
    let asha = Desk::open(&exchange.doors[0], "Asha", SOMERSET, baresip.address, AnswersTheTelephone).await;
    let caller = Sipp::caller_of(&exchange, "hears_bye", FROME, "08450000001", CALL);
    baresip.tells("CALL_ESTABLISHED").await;
    asha.is(AdviserState::OnCall).await;
    baresip.hangs_up();
    baresip.tells("CALL_CLOSED").await;
    assert_eq!(caller.done().await, ONE_AS_TOLD);
    has_talked(&asha, &supervisor).await;
}

/// Once, and it is over: she is free again.
async fn has_talked(asha: &Desk, supervisor: &Supervisor) {
    asha.is(AdviserState::Idle).await;
    assert_eq!(asha.offers().len(), 1);
    supervisor.counts(SOMERSET, Figures { entered: 1, answered: 1, ..Figures::default() }).await;
    assert!(supervisor.floor(SOMERSET).await.waiting_calls.is_empty());
}
