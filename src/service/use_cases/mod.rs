//! What spans rooms in one transaction, by its name in the service's words. A door, a batch or an import that does the
//! whole of it cannot forget its second half.

pub mod closings;
pub mod composing;
pub mod contingencies;
pub mod deaths;
pub mod decisions;
pub mod meetings;
mod names;
pub mod reach;
pub mod retention;
pub mod start_up;
pub mod taking_over;
pub mod walking;
