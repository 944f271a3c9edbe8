//! A telephone switch that speaks SIP over UDP, as far as the front door needs one.

use super::soon;
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicU32, Ordering};
use tokio::net::UdpSocket;

pub struct Switch {
    socket: UdpSocket,
    pub door: SocketAddr,
    branches: AtomicU32,
}

/// One INVITE: its branch is what an ACK and a CANCEL need.
#[derive(Debug, Clone)]
pub struct Invite {
    pub text: String,
    pub call_id: String,
    pub branch: String,
}

/// An answer of the door.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    pub text: String,
}

impl Said {
    pub fn status(&self) -> u16 {
        self.text.get(8..11).and_then(|code| code.parse().ok()).unwrap_or_else(|| panic!("no answer: {}", self.text))
    }

    pub fn phrase(&self) -> &str {
        self.text.lines().next().and_then(|line| line.get(12..)).unwrap_or_default()
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.text.lines().filter_map(|line| line.split_once(": "));
        lines.find(|(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    pub fn retry_after(&self) -> Option<u32> {
        self.header("Retry-After").and_then(|value| value.parse().ok())
    }

    pub fn contact(&self) -> &str {
        self.header("Contact").unwrap_or_default().trim_matches(['<', '>'])
    }

    pub fn call_id(&self) -> &str {
        self.header("Call-ID").unwrap_or_default()
    }
}

impl Switch {
    pub async fn at(address: &str, door: SocketAddr) -> Self {
        Self::at_port(address, 0, door).await
    }

    pub async fn at_port(address: &str, port: u16, door: SocketAddr) -> Self {
        let socket = UdpSocket::bind((address.parse::<IpAddr>().unwrap(), port)).await.unwrap();
        Self { socket, door, branches: AtomicU32::new(0) }
    }

    pub fn address(&self) -> SocketAddr {
        self.socket.local_addr().unwrap()
    }

    pub fn fresh_branch(&self) -> String {
        let number = self.branches.fetch_add(1, Ordering::Relaxed);
        format!("z9hG4bK-{}-{number}", self.address().port())
    }

    /// A request with these headers between its own ones and its body.
    pub fn request(&self, method: &str, call_id: &str, branch: &str, from: &str, more: &str, body: &str) -> String {
        format!(
            "{method} sip:08001234567@{door} SIP/2.0\r\n\
             Via: SIP/2.0/UDP {own};branch={branch};rport\r\n\
             Max-Forwards: 70\r\n\
             From: <{from}>;tag=s-{call_id}\r\n\
             To: <sip:08001234567@{door}>\r\n\
             Call-ID: {call_id}\r\n\
             CSeq: 1 {method}\r\n\
             {more}Content-Length: {length}\r\n\r\n{body}",
            door = self.door,
            own = self.address(),
            length = body.len(),
        )
    }

    /// An INVITE from this number, not sent yet.
    pub fn invitation(&self, call_id: &str, caller: &str, more: &str) -> Invite {
        let branch = self.fresh_branch();
        let text = self.request("INVITE", call_id, &branch, &format!("sip:{caller}@switch.example"), more, "");
        Invite { text, call_id: call_id.to_owned(), branch }
    }

    pub async fn invite(&self, call_id: &str, caller: &str, more: &str) -> Invite {
        let invite = self.invitation(call_id, caller, more);
        self.send(&invite.text).await;
        invite
    }

    pub async fn send(&self, text: &str) {
        self.send_bytes(text.as_bytes()).await;
    }

    pub async fn send_bytes(&self, bytes: &[u8]) {
        self.socket.send_to(bytes, self.door).await.unwrap();
    }

    pub async fn ack(&self, invite: &Invite) {
        let text = self.request("ACK", &invite.call_id, &invite.branch, "sip:x@switch.example", "", "");
        self.send(&text).await;
    }

    pub async fn cancel(&self, invite: &Invite, more: &str) {
        let text = self.request("CANCEL", &invite.call_id, &invite.branch, "sip:x@switch.example", more, "");
        self.send(&text).await;
    }

    pub async fn report(&self, lines: &str) -> Said {
        let branch = self.fresh_branch();
        let more = "Content-Type: text/plain\r\n";
        let call_id = format!("report-{branch}");
        self.send(&self.request("MESSAGE", &call_id, &branch, "sip:switch@switch.example", more, lines)).await;
        self.hear_about(&call_id).await
    }

    pub async fn options(&self) -> Said {
        let branch = self.fresh_branch();
        let call_id = format!("ping-{branch}");
        self.send(&self.request("OPTIONS", &call_id, &branch, "sip:ping@switch.example", "", "")).await;
        self.hear_about(&call_id).await
    }

    pub async fn hear(&self) -> Said {
        let mut buffer = vec![0; 65_535];
        let (length, from) = soon("an answer of the door", self.socket.recv_from(&mut buffer)).await.unwrap();
        assert_eq!(from, self.door);
        Said { text: String::from_utf8_lossy(&buffer[..length]).into_owned() }
    }

    /// The next answer about this call; those about others are passed over.
    pub async fn hear_about(&self, call_id: &str) -> Said {
        loop {
            let said = self.hear().await;
            if said.call_id() == call_id {
                return said;
            }
        }
    }

    /// The next answer with this status about this call. Others about it are passed over, except another final one.
    pub async fn hear_status(&self, call_id: &str, status: u16) -> Said {
        loop {
            let said = self.hear_about(call_id).await;
            if said.status() == status {
                return said;
            }
            assert!(said.status() < 200, "waited for {status}, heard {}", said.text);
        }
    }

    /// The next answer that is not provisional.
    pub async fn hear_final(&self) -> Said {
        loop {
            let said = self.hear().await;
            if said.status() >= 200 {
                return said;
            }
        }
    }

    /// What has come and was not heard yet.
    pub fn unheard(&self) -> Option<Said> {
        let mut buffer = vec![0; 65_535];
        let (length, _) = self.socket.try_recv_from(&mut buffer).ok()?;
        Some(Said { text: String::from_utf8_lossy(&buffer[..length]).into_owned() })
    }
}
