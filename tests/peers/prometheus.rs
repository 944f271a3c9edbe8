//! A real Prometheus reads the figures, and its own tool tests the alerts. The assertions are in
//! `tests/peers/python/watched.py`.

use super::{PROGRAM, REPOSITORY, without_settings};
use std::path::Path;
use std::process::Command;
use tempfile::TempDir;

#[test]
fn dashboards_and_alerts_ask_for_what_the_service_shows() {
    let folder = TempDir::new().expect("a temporary folder can be made");
    let script = Path::new(REPOSITORY).join("tests/peers/python/watched.py");
    let mut watched = without_settings(Command::new("python3"));
    watched.args(["-E", "-B"]).arg(script).args([PROGRAM, REPOSITORY]).arg(folder.path());
    let done = watched.output().expect("Python can be started");
    let (said, complained) = (String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
    let log = std::fs::read_to_string(folder.path().join("prometheus.log")).unwrap_or_default();
    let is_well = done.status.success() && said.trim_end().ends_with("Prometheus understands all of it.");
    assert!(is_well, "it ended with {}:\n{said}\n{complained}\nPrometheus said:\n{log}", done.status);
}
