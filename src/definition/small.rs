//! A definition small enough to be loaded for every case of a property test: the pilot's sites and service, part A of
//! its form, and one question for every benefit. Tests add what they are about.

use super::Definition;
use super::files::Files;

const EVERY_BENEFIT: &str = "part: Z\ntitle: { en: Every benefit }\nquestions:\n  - id: z0\n    label: { en: Z }\n    \
    kind: yes_no\n    required: false\n    benefits: [JSA, IS, IB, SDA, ICA, WB, MA, HB, CTB]\n    agencies: [BA, ES, LA]\n";
const ONE_STAGE: &str = "id: short\ntitle: { en: Short }\nstages:\n  - id: S\n    title: { en: S }\n    \
    expected_minutes: 1\n    say: { en: Say }\n";

pub fn files() -> Files {
    let mut files = Definition::embedded().files().clone();
    let is_heavy = |path: &str| ["form/", "scripts/", "agencies/"].iter().any(|folder| path.starts_with(folder));
    // The rules of what follows ask about other parts of the form; without the file there are the usual ones.
    files.retain(|path, _| (!is_heavy(path) || path == "form/a.yaml") && path != "followup.yaml");
    files.insert("form/evidence.yaml".into(), b"evidence: []\n".to_vec());
    files.insert("form/z.yaml".into(), EVERY_BENEFIT.into());
    files.insert("scripts/short.yaml".into(), ONE_STAGE.into());
    let service = String::from_utf8_lossy(&files["service.yaml"]).replace("languages: [en, cy]\n", "");
    files.insert("service.yaml".into(), service.into_bytes());
    files
}
