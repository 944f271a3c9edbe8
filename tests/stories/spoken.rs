//! What somebody hears who has a claim pack read to them.

/// Written down and read with a critical ear: what is heard changes only on purpose.
mod pdf_tools {
    use crate::support::samples::{SAMPLES, sample, written};
    use crate::support::spoken::spoken;
    use std::path::Path;
    use tempfile::TempDir;

    /// One in each of three looks: usual print, large print, facing pages.
    const WRITTEN_DOWN: [&str; 3] = ["job-seeker-claim", "bereaved-large-print-claim", "welsh-carer-facing-claim"];

    #[test]
    fn three_packs_are_read_aloud_as_it_is_written_down() {
        let folder = TempDir::new().unwrap();
        let mut others = String::new();
        for name in WRITTEN_DOWN {
            let heard = spoken(&written(&folder, sample(&format!("{name}.pdf"))));
            let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/data/spoken/{name}.txt"));
            let expected = std::fs::read_to_string(&file).unwrap_or_default();
            if heard == expected {
                continue;
            }
            let kept = std::env::temp_dir().join(format!("{name}.txt"));
            std::fs::write(&kept, &heard).unwrap();
            let differs = heard.lines().zip(expected.lines()).position(|(one, other)| one != other);
            let line = differs.unwrap_or_else(|| heard.lines().count().min(expected.lines().count()));
            let at = |text: &str| text.lines().nth(line).unwrap_or("the end").to_owned();
            let (now, then, number) = (at(&heard), at(&expected), line + 1);
            others += &format!("{name} line {number}: {now:?} is heard, {then:?} is written down.\n");
            others +=
                &format!("Read {} and, if it is right, put it in the place of {}.\n", kept.display(), file.display());
        }
        assert!(others.is_empty(), "{others}");
    }

    #[test]
    fn every_question_is_heard_with_its_answer_and_what_is_chosen_is_said() {
        let folder = TempDir::new().unwrap();
        let heard = |file: &str| spoken(&written(&folder, sample(file)));
        let english = heard("job-seeker-claim.pdf");
        for said in [
            "  B2 Last name or family name\n    Pryce\n",
            "  A2 The day you first got in touch with ONE\n    3 April 2000\n",
            "A6 Have you claimed any benefit in the last 12 months?\n    [list of 2]\n      (chosen) Yes\n      No\n",
            "[Benefit]; [Office that paid it]; [Stopped on]\n      Benefit: Child Benefit; Office that paid it: Washington; Stopped on: 6 December 1999\n",
            "Paid work now: No; Employer: (empty box to write in)",
        ] {
            assert!(english.contains(said), "{said:?} is not heard: {english}");
        }
        let large = heard("bereaved-large-print-claim.pdf");
        assert!(large.contains("[Full name]; Full name: Arthur Hallam\n"), "{large}");
        let welsh = heard("welsh-carer-facing-claim.pdf");
        for said in ["(dewiswyd) Sengl / Single\n", "[heading 2] Rhan / Part B Amdanoch chi / About you\n"] {
            assert!(welsh.contains(said), "{said:?} is not heard: {welsh}");
        }
    }

    /// Two languages in one column or two, on facing pages, large or not: nothing that is answered is loose.
    #[test]
    fn no_answer_stands_outside_the_list_of_its_part_in_any_look() {
        let folder = TempDir::new().unwrap();
        for sample in SAMPLES.iter().filter(|sample| sample.kind == "claim" && sample.group == "carer") {
            let heard = spoken(&written(&folder, sample));
            let parts: Vec<&str> = heard.lines().skip_while(|line| !is_part(line)).collect();
            let form = parts.iter().take_while(|line| !line.starts_with("[heading 2] Continuation sheet"));
            let form: Vec<_> = form.take_while(|line| !line.starts_with("[heading 2] Taflen barhad")).collect();
            assert!(form.len() > 300, "{}: {}", sample.file, form.len());
            for line in form {
                let is_loose = !line.starts_with(' ') && !line.starts_with("[list of ") && !is_part(line);
                assert!(!is_loose, "{}: {line:?} stands outside every list", sample.file);
            }
        }
    }

    fn is_part(line: &str) -> bool {
        ["[heading 2] Part ", "[heading 2] Rhan "].iter().any(|begins| line.starts_with(begins))
    }
}
