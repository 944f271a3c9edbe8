//! The documents that are posted, read with tools that are not ours.

mod pdf_tools {
    use crate::support::pdf::printed;
    use crate::support::samples::{SAMPLES, sample, written};
    use startline::packs::{Layout, barcode};
    use std::path::{Path, PathBuf};
    use std::process::Command;
    use tempfile::TempDir;

    /// What goes into no envelope: it has no address, and its title no reference.
    const NO_LETTERS: [&str; 2] = ["agency", "access"];

    /// What a tool says of a file. The file comes last.
    fn told(tool: &str, arguments: &[&str], file: &Path) -> String {
        let said = Command::new(tool).args(arguments).arg(file).output().unwrap();
        assert!(said.status.success(), "{tool} {}: {}", file.display(), String::from_utf8_lossy(&said.stderr));
        String::from_utf8_lossy(&said.stdout).into_owned()
    }

    #[test]
    fn every_document_is_sound_tagged_titled_a4_and_has_its_fonts_within() {
        let folder = TempDir::new().unwrap();
        for sample in SAMPLES.iter() {
            let file = written(&folder, sample);
            told("qpdf", &["--check"], &file);
            let info = told("pdfinfo", &[], &file);
            for (line, value) in
                [("Tagged:", "yes"), ("Page size:", "(A4)"), ("Title:", "ONE"), ("Pages:", &sample.pages.to_string())]
            {
                let found = info.lines().find(|said| said.starts_with(line)).unwrap_or_default();
                let is_no_letter = NO_LETTERS.contains(&sample.kind) && line == "Title:";
                assert!(found.contains(value) || is_no_letter, "{}: {found} is not {value}", sample.file);
            }
            let language = if sample.look.layout == Layout::English { "en-GB" } else { "cy-GB" };
            let plain = folder.path().join("plain.pdf");
            let made = Command::new("qpdf")
                .args(["--qdf", "--object-streams=disable"])
                .args([&file, &plain])
                .status()
                .unwrap();
            assert!(made.success());
            let catalog = String::from_utf8_lossy(&std::fs::read(&plain).unwrap()).into_owned();
            assert!(catalog.contains(&format!("/Lang ({language})")), "{} is in no {language}", sample.file);
            let fonts = told("pdffonts", &[], &file);
            let fonts: Vec<&str> = fonts.lines().skip(2).collect();
            assert!(!fonts.is_empty());
            for font in fonts {
                // Name, type, encoding, and then whether it is embedded.
                let columns: Vec<&str> = font.split_whitespace().rev().collect();
                assert_eq!(columns[4], "yes", "{}: {font}", sample.file);
            }
        }
    }

    #[test]
    fn the_words_are_there_in_the_order_in_which_they_are_read() {
        let folder = TempDir::new().unwrap();
        let text = printed(&folder, &sample("job-seeker-claim.pdf").pdf);
        let mut from = 0;
        for said in [
            "Ms Siân Angharad Pryce",
            "BA11 3BS",
            "Dear Ms Pryce",
            "Your claim is ready",
            "Jobseeker’s Allowance",
            "Your appointment",
            "Wednesday 12 April 2000",
            "10.15am",
            "What we talked about",
            "What to bring",
            "Your claim form",
            "Holiday pay",
            "Continuation sheet",
            "Your declaration",
        ] {
            from += text[from..].find(said).unwrap_or_else(|| panic!("{said} is not there, or not in its place"));
        }
        let welsh = printed(&folder, &sample("welsh-carer-facing-claim.pdf").pdf);
        assert!(welsh.contains("Annwyl Mr Ŵyn Rees") && welsh.contains("Dear Mr Ŵyn Rees"));
    }

    #[test]
    fn every_page_carries_a_code_that_is_read_from_a_picture_of_200_dots_an_inch() {
        let folder = TempDir::new().unwrap();
        let mut read = 0;
        // A back that says that it is left blank has its code as well.
        for file in [
            "job-seeker-claim.pdf",
            "welsh-carer-facing-claim.pdf",
            "welsh-carer-new-time.pdf",
            "bereaved-large-print-deferral.pdf",
        ] {
            let sample = sample(file);
            let path = written(&folder, sample);
            let name = folder.path().join(file.trim_end_matches(".pdf"));
            // The corner in which the code stands.
            let corner = ["-r", "200", "-gray", "-png", "-x", "1330", "-y", "2090", "-W", "240", "-H", "220"];
            let done = Command::new("pdftoppm").args(corner).arg(&path).arg(&name).status().unwrap();
            assert!(done.success());
            let mut pictures: Vec<PathBuf> =
                std::fs::read_dir(folder.path()).unwrap().map(|one| one.unwrap().path()).collect();
            pictures.retain(|one| one.extension().is_some_and(|end| end == "png"));
            pictures.sort();
            assert_eq!(pictures.len(), usize::try_from(sample.pages).unwrap());
            for (picture, page) in pictures.iter().zip(1_u16..) {
                read += 1;
                let text = told("dmtxread", &["-N1", "-m2000"], picture);
                let code = barcode::decode(text.trim()).unwrap_or_else(|| panic!("{file} page {page} says {text:?}"));
                assert_eq!((code.page, u32::from(code.count)), (page, sample.pages), "{file}");
                std::fs::remove_file(picture).unwrap();
            }
        }
        assert!(read >= 40, "{read}");
    }

    #[test]
    fn the_address_stands_in_the_window_and_nothing_comes_near_the_edges() {
        const MM: f64 = 72.0 / 25.4;
        let folder = TempDir::new().unwrap();
        for sample in SAMPLES.iter() {
            let path = written(&folder, sample);
            if !NO_LETTERS.contains(&sample.kind) {
                let words = folder.path().join("words.html");
                let made = Command::new("pdftotext").args(["-bbox", "-l", "1"]).args([&path, &words]).status().unwrap();
                assert!(made.success());
                let boxes = std::fs::read_to_string(&words).unwrap();
                let inside: Vec<[f64; 4]> = boxes
                    .lines()
                    .filter_map(word_box)
                    .filter(|[x, y, ..]| *x < 120.0 * MM && *y > 32.0 * MM && *y < 68.0 * MM)
                    .collect();
                assert!(inside.len() > 4, "{}: {boxes}", sample.file);
                // The box of a word is as high as its font, a little higher than its letters.
                for [left, top, right, bottom] in inside {
                    let fits = left >= 24.5 * MM && right <= 120.0 * MM && top >= 38.0 * MM && bottom <= 67.3 * MM;
                    assert!(fits, "{}: {left} {top} {right} {bottom}", sample.file);
                }
            }
            let name = folder.path().join("page");
            let done = Command::new("pdftoppm").args(["-r", "50", "-gray"]).arg(&path).arg(&name).status().unwrap();
            assert!(done.success());
            for picture in std::fs::read_dir(folder.path()).unwrap().map(|one| one.unwrap().path()) {
                if picture.extension().is_some_and(|end| end == "pgm") {
                    assert_eq!(
                        first_dark_near_the_edge(&std::fs::read(&picture).unwrap()),
                        None,
                        "{} {}",
                        sample.file,
                        picture.display()
                    );
                    std::fs::remove_file(picture).unwrap();
                }
            }
        }
    }

    fn word_box(line: &str) -> Option<[f64; 4]> {
        let value = |name: &str| {
            line.split_once(&format!("{name}=\"")).and_then(|(_, rest)| rest.split('"').next()?.parse().ok())
        };
        Some([value("xMin")?, value("yMin")?, value("xMax")?, value("yMax")?])
    }

    /// The first pixel that is not white within 15 mm of a side or 5 mm of the top or bottom, of a picture of 50 dots an
    /// inch in the format of `pdftoppm -gray`.
    fn first_dark_near_the_edge(picture: &[u8]) -> Option<(usize, usize)> {
        let header: Vec<&[u8]> = picture.splitn(4, |byte| byte.is_ascii_whitespace()).collect();
        let number = |at: usize| std::str::from_utf8(header[at]).unwrap().parse::<usize>().unwrap();
        let (width, height) = (number(1), number(2));
        let pixels = &picture[picture.len() - width * height..];
        let (side, end) = (29, 9);
        let near = |x: usize, y: usize| x < side || x >= width - side || y < end || y >= height - end;
        (0..height)
            .flat_map(|y| (0..width).map(move |x| (x, y)))
            .find(|(x, y)| near(*x, *y) && pixels[y * width + x] < 200)
    }
}
