//! Every stream that watches something says at the latest after ten seconds that it is alive, so that whoever listens knows a
//! lost stream from a quiet one, and no proxy takes it for dead. `build.rs` writes from the protos how each of them says so: a
//! stream of ours without a heartbeat does not build unless `build.rs` says why.

use super::call::Answers;
use super::{convert, pb};
use chrono::{DateTime, Utc};
use futures_util::future::BoxFuture;
use futures_util::{FutureExt, Stream, StreamExt};
use prost::Message;
use startline_foundation::clock::Clock;
use startline_foundation::error::Result;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

/// Well under the 25 s after which a listener gives a stream up, and under the minute after which proxies do.
const EVERY: Duration = Duration::from_secs(10);

/// What a watching stream says.
pub trait HasHeartbeat: Message {
    const WHEN: When;

    fn heartbeat(beat: pb::Heartbeat) -> Self;
}

/// When a heartbeat is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// When nothing else was said for so long.
    Quiet,
    /// Each time so long has passed: it is a question, and whoever is asked must get it however much else is said.
    Always,
}

/// These answers as bytes, with heartbeats among them.
pub fn beating<R: HasHeartbeat + 'static>(clock: Clock, answers: Answers<R>) -> Answers<Vec<u8>> {
    let beat = |now: DateTime<Utc>| R::heartbeat(pb::Heartbeat { time: Some(convert::timestamp(now)) }).encode_to_vec();
    let bytes = answers.map(|answer| answer.map(|answer| answer.encode_to_vec()));
    Box::pin(Beating::new(clock, Box::pin(bytes), R::WHEN, beat))
}

struct Beating {
    clock: Clock,
    answers: Answers<Vec<u8>>,
    when: When,
    beat: fn(DateTime<Utc>) -> Vec<u8>,
    /// In running time.
    since: Duration,
    next: BoxFuture<'static, ()>,
}

impl Beating {
    fn new(clock: Clock, answers: Answers<Vec<u8>>, when: When, beat: fn(DateTime<Utc>) -> Vec<u8>) -> Self {
        let (since, next) = (clock.running(), tick(clock.clone(), EVERY));
        Self { clock, answers, when, beat, since, next }
    }

    /// How long it is until a heartbeat is due.
    fn left(&self) -> Duration {
        EVERY.saturating_sub(self.clock.running().saturating_sub(self.since))
    }

    fn beat(&mut self) -> Poll<Option<Result<Vec<u8>>>> {
        self.since = self.clock.running();
        Poll::Ready(Some(Ok((self.beat)(self.clock.now()))))
    }
}

fn tick(clock: Clock, after: Duration) -> BoxFuture<'static, ()> {
    Box::pin(async move { clock.next_tick(after).await })
}

impl Stream for Beating {
    type Item = Result<Vec<u8>>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.when == When::Always && self.left().is_zero() {
            return self.beat();
        }
        if let Poll::Ready(answer) = self.answers.as_mut().poll_next(context) {
            if self.when == When::Quiet {
                self.since = self.clock.running();
            }
            return Poll::Ready(answer);
        }
        loop {
            // Waited for first, so that no moment falls between looking and waiting.
            let has_ticked = self.next.poll_unpin(context).is_ready();
            let left = self.left();
            if has_ticked {
                // Something was said meanwhile, or the clock was moved by less, or the next is due so much later.
                self.next = tick(self.clock.clone(), if left.is_zero() { EVERY } else { left });
            }
            if left.is_zero() {
                return self.beat();
            }
            if !has_ticked {
                return Poll::Pending;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;
    use startline_foundation::clock::ClockHand;
    use tokio::sync::mpsc;
    use tokio::task::unconstrained;
    use tokio_stream::wrappers::ReceiverStream;

    const BEAT: &[u8] = b"beat";

    struct Line {
        hand: ClockHand,
        say: mpsc::Sender<Result<Vec<u8>>>,
        heard: Beating,
    }

    fn line(when: When) -> Line {
        let (clock, hand) = Clock::manual("2026-03-03T10:00:00Z".parse().unwrap());
        let (say, said) = mpsc::channel(8);
        let heard = Beating::new(clock, Box::pin(ReceiverStream::new(said)), when, |_| BEAT.to_vec());
        Line { hand, say, heard }
    }

    impl Line {
        fn passes(&self, seconds: i64) {
            self.hand.move_to(self.hand.now() + TimeDelta::seconds(seconds));
        }

        /// None while there is nothing.
        fn next(&mut self) -> Option<Vec<u8>> {
            unconstrained(self.heard.next()).now_or_never().map(|said| said.unwrap().unwrap())
        }
    }

    #[tokio::test]
    async fn a_quiet_stream_says_every_ten_seconds_that_it_is_alive() {
        let mut line = line(When::Quiet);
        for _ in 0..3 {
            line.passes(9);
            assert_eq!(line.next(), None);
            line.passes(1);
            assert_eq!(line.next().as_deref(), Some(BEAT));
            assert_eq!(line.next(), None);
        }
    }

    #[tokio::test]
    async fn whatever_else_is_said_puts_a_heartbeat_off_unless_it_is_a_question() {
        // Within half a minute, looked at every six seconds.
        for (when, beats) in [(When::Quiet, 0), (When::Always, 2)] {
            let (mut line, mut heard) = (line(when), Vec::new());
            for _ in 0..5 {
                line.passes(6);
                line.say.send(Ok(b"news".to_vec())).await.unwrap();
                heard.extend(std::iter::from_fn(|| line.next()));
            }
            assert_eq!(heard.iter().filter(|said| *said == b"news").count(), 5);
            assert_eq!(heard.iter().filter(|said| *said == BEAT).count(), beats, "{when:?}");
        }
    }

    #[tokio::test]
    async fn a_stream_that_is_over_says_nothing_more() {
        let mut line = line(When::Quiet);
        let (say, _) = mpsc::channel(1);
        drop(std::mem::replace(&mut line.say, say));
        line.passes(60);
        assert!(line.heard.next().await.is_none());
    }

    #[tokio::test]
    async fn a_clock_that_is_set_makes_no_heartbeat() {
        let mut line = line(When::Quiet);
        line.hand.set_by(TimeDelta::hours(5));
        assert_eq!(line.next(), None);
        line.hand.set_by(TimeDelta::hours(-9));
        line.passes(10);
        assert_eq!(line.next().as_deref(), Some(BEAT));
    }
}
