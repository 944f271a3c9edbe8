//! The samples of what is posted, composed once for all stories.

use startline::definition::Definition;
use startline::packs::samples::{self, Sample};
use std::path::PathBuf;
use std::sync::LazyLock;
use tempfile::TempDir;

pub static SAMPLES: LazyLock<Vec<Sample>> =
    LazyLock::new(|| samples::all(&Definition::embedded()).expect("the samples compose"));

pub fn sample(file: &str) -> &'static Sample {
    SAMPLES.iter().find(|sample| sample.file == file).unwrap_or_else(|| panic!("there is no sample {file}"))
}

pub fn written(folder: &TempDir, sample: &Sample) -> PathBuf {
    let file = folder.path().join(&sample.file);
    std::fs::write(&file, &sample.pdf).unwrap();
    file
}
