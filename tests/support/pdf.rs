//! PDFs, read with a tool that is not ours.

use std::process::Command;
use tempfile::TempDir;

/// The text of a PDF, as a reader sees it.
pub fn printed(folder: &TempDir, pdf: &[u8]) -> String {
    let file = folder.path().join("pack.pdf");
    std::fs::write(&file, pdf).unwrap();
    let read = Command::new("pdftotext").arg("-layout").arg(&file).arg("-").output().unwrap();
    assert!(read.status.success(), "{}", String::from_utf8_lossy(&read.stderr));
    String::from_utf8(read.stdout).unwrap()
}
