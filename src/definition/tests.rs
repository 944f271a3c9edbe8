use super::*;

#[test]
fn the_definition_inside_the_program_has_no_fault() {
    let (_, report) = load::build(files::embedded());
    assert!(report.is_clean(), "{report}");
    assert_eq!(report.to_string(), "45 questions in 6 parts, 2 scripts, 4 sites, 31 offices");
}
