//! The same pack as a web page, set by WeasyPrint: the yardstick of composing, processor time for processor time.
//!
//! Both are warm, in one process each, and set another client every time. WeasyPrint comes from a Python that has it
//! (`STARTLINE_WEASYPRINT=/folder/bin/python3`, else `python3`); its start and its reading of the style sheet do not count.

use super::measure::{Rounds, processor_time};
use super::{Outcome, pack, pack_client, pack_html};
use startline::definition::Definition;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

const ROUNDS: u32 = 7;
/// Ours in each round; WeasyPrint sets one.
const PACKS: u32 = 20;
/// Tagged, as ours are. WeasyPrint has no PDF/A-2a that is PDF/UA-1 as well.
const VARIANT: &str = "pdf/ua-1";

pub fn run() -> Outcome {
    let (composer, sample) = pack::warm()?;
    let folder = tempfile::tempdir()?;
    std::fs::write(folder.path().join("pack.css"), pack_html::STYLE)?;
    fonts(folder.path())?;
    let mut yardstick = WeasyPrint::start(folder.path())?;
    let page = |number: u32| -> Outcome<_> {
        let path = folder.path().join(format!("{number}.html"));
        std::fs::write(&path, pack_html::page(&pack_client::client(&sample, number))?)?;
        Ok(path)
    };
    let (_, pages, bytes) = yardstick.set(&page(0)?)?;
    println!("  WeasyPrint {}, {VARIANT}: {pages} pages, {} KiB", yardstick.version, bytes / 1024);
    let (mut ours, mut theirs, mut a_page) = (Rounds::default(), Rounds::default(), Rounds::default());
    let mut our_pages = 0;
    for round in 1..=ROUNDS {
        let before = processor_time("self")?;
        for number in 0..PACKS {
            our_pages = composer.compose(&pack_client::client(&sample, round * 1000 + number))?.pages;
        }
        let our_ms = pack::milliseconds(processor_time("self")? - before) / f64::from(PACKS);
        let (their_ms, pages, _) = yardstick.set(&page(round)?)?;
        ours.add(our_ms);
        theirs.add(their_ms);
        a_page.add((their_ms / f64::from(pages)) / (our_ms / f64::from(our_pages)));
    }
    ours.show(&format!("ours, {our_pages} pages"), "ms");
    theirs.show("WeasyPrint", "ms");
    theirs.ratio_to(&ours).verdict("WeasyPrint's processor time to ours, the same pack", 20.0, true);
    a_page.verdict("the same, a page", 20.0, true);
    Ok(())
}

/// The fonts of the letters, and that of the tick boxes.
fn fonts(folder: &Path) -> Outcome {
    let folder = folder.join("fonts");
    std::fs::create_dir(&folder)?;
    for (path, bytes) in Definition::embedded().files().iter().filter(|(path, _)| path.ends_with(".ttf")) {
        let name = Path::new(path).file_name().ok_or("a font without a name")?;
        std::fs::write(folder.join(name), bytes)?;
    }
    Ok(())
}

struct WeasyPrint {
    version: String,
    child: Child,
    pages: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl WeasyPrint {
    fn start(folder: &Path) -> Outcome<Self> {
        let python = std::env::var("STARTLINE_WEASYPRINT").unwrap_or_else(|_| "python3".into());
        let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/bench/weasyprint.py");
        let mut command = Command::new(&python);
        command.arg("-P").arg(program).arg(folder).arg(VARIANT).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().map_err(|fault| format!("{python} does not start: {fault}"))?;
        let pages = child.stdin.take().ok_or("no input")?;
        let mut answers = BufReader::new(child.stdout.take().ok_or("no output")?);
        let mut version = String::new();
        answers.read_line(&mut version)?;
        if version.is_empty() {
            return Err(format!("{python} has no WeasyPrint: `pip install weasyprint` in a venv, and name its python in STARTLINE_WEASYPRINT").into());
        }
        Ok(Self { version: version.trim().to_owned(), child, pages, answers })
    }

    /// Processor time in ms, pages and bytes.
    fn set(&mut self, page: &Path) -> Outcome<(f64, u32, u32)> {
        writeln!(self.pages, "{}", page.display())?;
        let mut line = String::new();
        self.answers.read_line(&mut line)?;
        let mut figures = line.split_whitespace();
        let mut next = || figures.next().ok_or("WeasyPrint gave up");
        Ok((next()?.parse()?, next()?.parse()?, next()?.parse()?))
    }
}

impl Drop for WeasyPrint {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
