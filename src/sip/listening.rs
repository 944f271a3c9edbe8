//! What an INVITE that waits hears from the floor.

use super::transactions::{Key, StopListening};
use futures_util::stream::{AbortHandle, Abortable, Stream, StreamExt};
use startline_routing::Instruction;
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::sync::mpsc;

/// A stream of instructions, and `None` when the floor will say no more. It ends when its [`StopListening`] is dropped.
pub struct Listening(Abortable<Instructions>);

struct Instructions {
    key: Key,
    from_floor: mpsc::Receiver<Instruction>,
    over: bool,
}

impl Listening {
    pub fn new(key: Key, from_floor: mpsc::Receiver<Instruction>) -> (Self, StopListening) {
        let (handle, registration) = AbortHandle::new_pair();
        let instructions = Instructions { key, from_floor, over: false };
        (Self(Abortable::new(instructions, registration)), StopListening(handle))
    }
}

impl Stream for Listening {
    type Item = (Key, Option<Instruction>);

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.poll_next_unpin(context)
    }
}

impl Stream for Instructions {
    type Item = (Key, Option<Instruction>);

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.over {
            return Poll::Ready(None);
        }
        self.from_floor.poll_recv(context).map(|instruction| {
            self.over = instruction.is_none();
            Some((self.key, instruction))
        })
    }
}
