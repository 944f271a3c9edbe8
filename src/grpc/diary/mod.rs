//! `DiaryService`: the methods by topic, each in its file.

mod attendance;
mod booking;
mod decisions;
mod finding;
mod hours;
mod message;
mod watch;

pub(super) use message::{appointment as appointment_message, unsuitable_times};
pub(super) use watch::DayView;
