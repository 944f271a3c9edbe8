//! The hand of a clock that begins at a day of the test's own, and runs from there as a clock does.

use chrono::{DateTime, TimeDelta, Utc};
use std::io::Write;
use std::process::ChildStdin;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

/// How far it is moved at once. On a machine that has much to do it runs a little slow, which nobody minds.
const STEP: Duration = Duration::from_millis(100);

/// Moves it until it is dropped. That ends the server, whose input ends then.
pub struct Hand {
    jumps: Option<Sender<DateTime<Utc>>>,
    moving: Option<JoinHandle<()>>,
}

impl Hand {
    /// `input`: of a server that takes each line for the time to which its clock is moved.
    pub fn on(mut input: ChildStdin, begins: DateTime<Utc>) -> Self {
        let (jumps, wanted) = channel();
        let moving = std::thread::spawn(move || {
            let mut now = begins;
            loop {
                now = match wanted.recv_timeout(STEP) {
                    Ok(then) => then,
                    Err(RecvTimeoutError::Timeout) => now + TimeDelta::from_std(STEP).unwrap_or_default(),
                    Err(RecvTimeoutError::Disconnected) => return,
                };
                if writeln!(input, "{}", now.to_rfc3339()).is_err() {
                    return;
                }
            }
        });
        Self { jumps: Some(jumps), moving: Some(moving) }
    }

    pub fn moves_to(&self, then: DateTime<Utc>) {
        self.jumps.as_ref().expect("it is dropped only at the end").send(then).expect("the clock is there");
    }
}

impl Drop for Hand {
    fn drop(&mut self) {
        self.jumps.take();
        if let Some(moving) = self.moving.take() {
            let _ = moving.join();
        }
    }
}
