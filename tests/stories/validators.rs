//! The documents that are posted, judged by the validators that others use: veraPDF for PDF/UA-1 and PDF/A-2a, and a
//! checker of what a validator cannot see. `tests/run` brings both, and says where.

mod pdf_validators {
    use crate::support::samples::{SAMPLES, written};
    use serde_json::Value as Json;
    use std::path::{Path, PathBuf};
    use std::process::Command;
    use tempfile::TempDir;

    fn given(name: &str) -> String {
        std::env::var(name).unwrap_or_else(|_| panic!("{name} is not set: run the tests with tests/run"))
    }

    /// What veraPDF says of files: a line for each and flavour.
    fn verdicts(files: &[PathBuf]) -> String {
        let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/validators/Validate.java");
        let mut java = Command::new("java");
        java.arg("-cp").arg(given("STARTLINE_TEST_VERAPDF")).arg(program).arg("ua1,2a").args(files);
        let told = java.output().unwrap();
        assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
        String::from_utf8(told.stdout).unwrap()
    }

    #[test]
    fn every_document_conforms_to_ua_1_and_to_a_2a() {
        let folder = TempDir::new().unwrap();
        let files: Vec<PathBuf> = SAMPLES.iter().map(|sample| written(&folder, sample)).collect();
        // As many at once as there are processors here, at least.
        let halves: Vec<_> = files.chunks(files.len().div_ceil(2)).collect();
        let told: Vec<String> = std::thread::scope(|scope| {
            let asked: Vec<_> = halves.iter().map(|half| scope.spawn(move || verdicts(half))).collect();
            asked.into_iter().map(|half| half.join().unwrap()).collect()
        });
        let told = told.concat();
        assert!(!told.contains("FAIL"), "{told}");
        assert_eq!(told.lines().filter(|line| line.starts_with("PASS ")).count(), 2 * SAMPLES.len(), "{told}");
    }

    #[test]
    fn a_document_that_does_not_conform_is_told_from_one_that_does() {
        let folder = TempDir::new().unwrap();
        let (sound, plain) = (written(&folder, &SAMPLES[0]), folder.path().join("plain.pdf"));
        let qpdf = Command::new("qpdf").args(["--qdf", "--object-streams=disable"]).args([&sound, &plain]).status();
        assert!(qpdf.unwrap().success());
        let mut untitled = std::fs::read(&plain).unwrap();
        let title = b"/DisplayDocTitle";
        let at = untitled.windows(title.len()).position(|bytes| bytes == title).unwrap();
        // As long as before, so that every other object stands where it stood.
        untitled[at..][..title.len()].copy_from_slice(b"/XisplayDocTitle");
        std::fs::write(&plain, untitled).unwrap();
        assert!(verdicts(&[plain]).contains("FAIL ua1") && verdicts(&[sound]).contains("PASS ua1"));
    }

    /// What the checker warns of and is meant to be so.
    fn is_meant(finding: &Json) -> bool {
        let said = |name: &str| finding[name].as_str().unwrap_or_default();
        match said("rule") {
            // The foot of a page is no part of the text: it would be heard in the middle of an answer.
            // And the heading of a table that goes on on the next page is said once.
            "TAG-002" => {
                finding["boxes"][0]["y1"].as_f64().is_some_and(|top| top < 25.0 * 72.0 / 25.4)
                    || said("evidence") == "Question What it said What it says now Initials Date"
            }
            // The same answer at the head of several pages is no running head.
            "PAG-001" => !said("evidence").contains("ONE-"),
            // What nobody chose has a box that is not said.
            "TAG-020" => said("message").contains("empty /Lbl"),
            // A form has rows to write in.
            "TBL-012" => true,
            // It draws one box around all tables of a page, and finds none that fills it.
            "TBL-014" => true,
            _ => false,
        }
    }

    #[test]
    fn what_no_validator_sees_is_sound_as_well() {
        let folder = TempDir::new().unwrap();
        let files: Vec<PathBuf> = SAMPLES.iter().map(|sample| written(&folder, sample)).collect();
        let report = folder.path().join("report.json");
        // It ends with 1 where it warns of anything.
        let told =
            Command::new(given("STARTLINE_TEST_OUTLOUD")).arg("--json").arg(&report).args(&files).output().unwrap();
        let report = std::fs::read(&report).unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&told.stderr)));
        let report: Json = serde_json::from_slice(&report).unwrap();
        let results = report["results"].as_array().unwrap();
        assert_eq!(results.len(), SAMPLES.len());
        let mut faults = Vec::new();
        for result in results {
            let findings = result["findings"].as_array().unwrap();
            faults.extend(
                findings.iter().filter(|finding| !is_meant(finding)).map(|one| format!("{}: {one}", result["path"])),
            );
        }
        assert!(faults.is_empty(), "{} findings\n{}", faults.len(), faults.join("\n"));
    }
}
