//! `DiaryService`: the methods by topic, each in its file.

mod attendance;
mod booking;
mod decisions;
mod finding;
mod hours;
mod message;
mod watch;

pub(super) use finding::known_office;
pub(super) use message::{appointment as appointment_message, parse_day, unsuitable_times};
pub(super) use watch::DayView;
