use super::*;
use crate::{Definition, small};
use chrono::NaiveDate;

fn files_with(change: impl Fn(&str) -> String) -> Files {
    let mut files = Definition::embedded().files().clone();
    files.insert(FOLLOW_UP.into(), change(USUAL).into_bytes());
    files
}

fn faults_of(change: impl Fn(&str) -> String) -> String {
    Definition::from_files(files_with(change)).err().map(|report| report.to_string()).unwrap_or_default()
}

#[test]
fn a_definition_without_the_file_has_what_of_the_usual_rules_it_can_name() {
    // Of its form there is part A alone, so that nobody is known to be a lone parent.
    let definition = Definition::from_files(small::files()).unwrap();
    let of = |rules: &FollowUpRules| rules.proposals.iter().map(|rule| rule.id.clone()).collect::<Vec<_>>();
    let (here, pilot) = (of(&definition.followup), of(&Definition::embedded().followup));
    assert!(here.contains(&"jsa-13-weeks".to_owned()) && !here.contains(&"lone-parent-yearly".to_owned()), "{here:?}");
    assert!(pilot.contains(&"lone-parent-yearly".to_owned()));
    assert_eq!(definition.followup.missed, Definition::embedded().followup.missed);
}

#[test]
fn a_repetition_counts_from_the_start_and_so_keeps_the_day_of_the_month() {
    let when = When { after: After::Start, span: Span { weeks: 0, months: 18 }, every_months: Some(6) };
    let start: NaiveDate = "2026-08-31".parse().unwrap();
    // February has no 31st; the next August has one again.
    let days: Vec<String> = (0..3).map(|times| when.day(start, times).unwrap().to_string()).collect();
    assert_eq!(days, ["2028-02-29", "2028-08-31", "2029-02-28"]);
}

#[test]
fn the_linter_says_which_name_nobody_knows_and_which_wording_is_wrong() {
    assert_eq!(faults_of(str::to_owned), "");
    let wrong = |from: &str, to: &str, says: &str| {
        let faults = faults_of(|text| text.replacen(from, to, 1));
        assert!(faults.contains("followup.yaml:") && faults.contains(says), "{to}: {faults}");
    };
    wrong("benefits: [JSA], kind: thirteen-week", "benefits: [XYZ], kind: thirteen-week", "no benefit XYZ");
    wrong("kind: thirteen-week", "kind: tea", "no kind of meeting tea");
    wrong("after: training-ended", "after: retirement", "there is no retirement");
    wrong("agency: ES", "agency: XX", "no agency XX");
    wrong("opportunities: 3", "opportunities: 0", "opportunities are from 1");
    wrong("decision_working_days: 6", "decision_working_days: 5", "good cause may be shown first");
    wrong("D1 == \"yes\"", "D1 == \"maybe\"", "none of its options");
    wrong("D1 == \"yes\"", "ZZ9 == \"yes\"", "no question ZZ9");
    wrong("Dear {name}", "Dear {nmae}", "has {nmae}");
    wrong("chase_form_days: [7, 21]", "chase_form_days: [21, 7]", "chase_form_days rise");
    wrong("chase_form_days: [7, 21]", "chase_form_days: []", "chase_form_days rise");
    wrong("working_days: [10, 3]", "working_days: [3, 10]", "date_runs_out_working_days fall");
    wrong("keep_minutes: 30", "keep_minutes: 300", "ring_before_minutes");
    wrong("  refer:", "  refuse:", "refer has no wording");
    wrong(
        "{decider} has decided that your claim goes on",
        "It is decided that your claim goes on",
        "has to say {decider} and {reason}",
    );
    wrong("told that {client} has died", "told that {day} has died", "has {day}");
    wrong("reversible_days: 31", "reversible_days: 0", "reversible_days are from 1 to 400");
    wrong(", cy: Cyfweliad am swydd", "", "has no Welsh");
}
