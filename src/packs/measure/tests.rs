use super::*;
use crate::compose::Composer;
use crate::samples;
use startline_definition::Definition;
use std::collections::BTreeSet;

/// The faults of a page with this on it.
fn faults(body: &str) -> Vec<PageFault> {
    let definition = Definition::embedded();
    let mut files = definition.files().clone();
    let template = format!(
        "#set document(title: \"Page\")\n#set text(font: \"Public Sans\", size: 12pt, lang: \"en\")\n\
         #set page(paper: \"a4\", margin: 20mm)\n#[#metadata((kind: \"claim\", title: \"Page\")) <pack-document>]\n{body}\n"
    );
    files.insert("letters/pack.typ".into(), template.into_bytes());
    let composer = Composer::new(&files).expect("the fonts can be read");
    let content = samples::job_seeker(&definition, composer.words()).expect("the sample is whole");
    let (_, measures) = composer.compose_measured(&content).expect("the page composes");
    measures.into_iter().flat_map(|measure| measure.faults).collect()
}

#[test]
fn a_sound_page_has_no_fault() {
    let sound = "#block(width: 40mm, stroke: 1pt, inset: 2mm)[In its box]\n\
        #text(font: \"DejaVu Sans Mono\", [☑]) Chosen #h(1cm) #text(font: \"DejaVu Sans Mono\", [☐]) Not chosen\n\
        #table(columns: 2, [One], [Another])\n#v(10cm)\nDown the page #pagebreak() The end";
    assert_eq!(faults(sound), []);
}

#[test]
fn each_kind_of_fault_is_found_and_named() {
    let text = String::from;
    for (body, fault) in [
        ("#text(size: 9.5pt)[Small]", PageFault::SmallType { text: text("Small"), points: 9.5 }),
        (
            "#block(width: 20mm, height: 9mm, stroke: 1pt, box(width: 60mm)[Over the edge])",
            PageFault::OverEdge { text: text("Over the edge") },
        ),
        ("#block(width: 60mm, height: 8mm, stroke: 1pt)[Line \\ Below]", PageFault::OverEdge { text: text("Below") }),
        (
            "#place(dx: 2mm)[One] #place(dx: 4mm)[Other]",
            PageFault::OverText { text: text("One"), other: text("Other") },
        ),
        ("#(\"Jobseeker's\")", PageFault::StraightApostrophe { text: text("Jobseeker's") }),
        ("#place(dx: -12mm)[Out]", PageFault::OffPage { text: text("Out") }),
        (
            "An option \\ #text(font: \"DejaVu Sans Mono\", [☐]) \\ Its name",
            PageFault::PartedOption { after: text("An option ") },
        ),
        ("Top #pagebreak() One \\ Two \\ Three #v(10cm) The end", PageFault::NearlyEmpty { fill: 4 }),
        (
            "#[#metadata((kind: \"deferral\", title: \"Letter\")) <pack-document>] Top #v(10cm) Down #pagebreak() Yours",
            PageFault::FarewellAlone { fill: 4 },
        ),
    ] {
        let found = faults(body);
        let like = |one: &PageFault| match (one, &fault) {
            (PageFault::NearlyEmpty { .. }, PageFault::NearlyEmpty { .. }) => true,
            (PageFault::FarewellAlone { .. }, PageFault::FarewellAlone { .. }) => true,
            (PageFault::PartedOption { .. }, PageFault::PartedOption { .. }) => true,
            _ => *one == fault,
        };
        assert!(found.iter().any(like), "{body}: {found:?}");
        assert!(found.iter().all(|fault| fault.to_string().len() > 15), "each says what is wrong");
    }
}

#[test]
fn no_page_of_any_sample_has_a_fault_and_the_packs_are_no_longer_than_they_have_to_be() {
    let samples = samples::all(&Definition::embedded()).expect("the samples compose");
    let mut faults = Vec::new();
    for sample in &samples {
        for page in &sample.measures {
            faults.extend(page.faults.iter().map(|fault| format!("{} page {}: {fault}", sample.file, page.page)));
        }
    }
    assert!(faults.is_empty(), "{} faults\n{}", faults.len(), faults.join("\n"));
    let pages = |file: &str| samples.iter().find(|sample| sample.file == file).map(|sample| sample.pages);
    for (file, most) in
        [("job-seeker-claim.pdf", 17), ("job-seeker-welsh-facing-claim.pdf", 30), ("welsh-carer-facing-claim.pdf", 23)]
    {
        assert!(pages(file).is_some_and(|pages| pages <= most), "{file}: {:?}", pages(file));
    }
    // Each of the nine in each of the six looks.
    let claims = samples.iter().filter(|sample| sample.kind == "claim");
    let shown: BTreeSet<_> =
        claims.map(|sample| (sample.group.as_str(), sample.look.layout.as_str(), sample.look.large_print)).collect();
    assert_eq!(shown.len(), 54, "{shown:?}");
    let files: BTreeSet<&str> = samples.iter().map(|sample| sample.file.as_str()).collect();
    assert_eq!(files.len(), samples.len(), "no sample takes another's place");
}
