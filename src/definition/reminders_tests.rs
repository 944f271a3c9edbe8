use super::tests::{faults_after, line_of, replaced};
use super::*;
use startline_foundation::formats::Language;

const FILE: &str = "reminders.yaml";

#[test]
fn a_definition_of_before_there_were_reminders_loads_and_reminds_nobody() {
    let mut files = Definition::embedded().files().clone();
    files.remove(FILE).unwrap();
    let definition = Definition::from_files(files).unwrap();
    assert!(definition.reminders.is_none());
}

#[test]
fn each_fault_of_the_plan_is_told_with_its_line_and_what_would_be_right() {
    let cases = [
        ("by: text, working_days_before: 2, at: \"10:00\"", "by: fax, working_days_before: 2", "by must be call"),
        ("working_days_before: 3, words: call-home", "working_days_before: 30, words: call-home", "from 0 to 10"),
        ("at: \"15:00\"", "at: \"25:00\"", "must be a time"),
        ("unless: reached, words: letter }", "unless: rung, words: letter }", "unless must be"),
        ("words: call }", "words: shout }", "no words shout"),
        ("words: call }", "words: letter }", "have a heading"),
        ("- id: call-home", "- id: text", "there twice"),
        ("for: [home-visit]", "for: [moon-visit]", "does not say what moon-visit is called"),
        ("for: [home-visit]", "for: [home-visit, home-visit]", "two plans are for home-visit"),
        ("  restart: {", "  restarted: {", "no kind of meeting restarted"),
        ("also_when_booked_later", "also", "there is no also here"),
    ];
    for (from, to, reason) in cases {
        let faults = faults_after(FILE, replaced(from, to));
        assert!(faults.iter().any(|fault| fault.starts_with(FILE) && fault.contains(reason)), "{to}: {faults:?}");
    }
}

#[test]
fn words_that_nobody_can_fill_in_are_a_fault_where_they_stand() {
    let line = line_of(FILE, "- id: text\n".trim_end());
    let text = "Cannot come? Ring {phone} and";
    for (to, reason) in [
        ("Cannot come? {name}, ring {phone} and", "a text names nobody"),
        ("Cannot come? Ring {fax}, {phone} and", "have {fax}; they may have {what}"),
        ("Cannot come? Ring {phone and", "lack {phone}"),
        ("Cannot come? Ring {phone} or } and", "a brace"),
        ("Ring {phone} about your Income support and", "tell of a benefit"),
        ("Ring {phone} about your JSA and", "tell of a benefit"),
    ] {
        let faults = faults_after(FILE, replaced(text, to));
        assert!(faults.iter().any(|fault| fault.starts_with(FILE) && fault.contains(reason)), "{to}: {faults:?}");
    }
    assert!(line > 0);
    let faults = faults_after(FILE, replaced("cy: \"Cofiwch: {what}\"", "cy: \"\""));
    assert!(!faults.is_empty());
    let faults = faults_after(FILE, replaced(", cy: \"Cofiwch: {what}\" }", " }"));
    assert!(faults.iter().any(|fault| fault.contains("the words letter have no Welsh")), "{faults:?}");
}

#[test]
fn a_text_may_fill_three_messages_and_one_welsh_letter_halves_them() {
    let english =
        |more: usize| faults_after(FILE, replaced("Cannot come? Ring", &format!("{} Ring", "a".repeat(more))));
    assert!(english(60).is_empty(), "{:?}", english(60));
    assert!(english(300).iter().any(|fault| fault.contains("3 text messages for")), "{:?}", english(300));
    // The same length, with one letter that is not in the alphabet of text messages.
    let welsh = faults_after(
        FILE,
        replaced("a chawn amser arall.\"\n  - id: letter\n", "ac fe gawn ni w\u{177}l.\"\n  - id: letter\n"),
    );
    assert!(welsh.iter().any(|fault| fault.contains("(cy): 459 letters, or 201")), "{welsh:?}");
}

#[test]
fn no_wording_of_the_pilot_tells_of_a_benefit_and_each_says_what_follows_for_whoever_does_not_come() {
    let definition = Definition::embedded();
    let reminders = definition.reminders.as_ref().unwrap();
    for kind in ["first-meeting", "restart", "thirteen-week", "six-month", "twelve-month", "follow-up", "home-visit"] {
        let lines = reminders.lines(kind);
        assert_eq!(
            lines.iter().map(|line| line.by).collect::<Vec<_>>(),
            [Channel::Call, Channel::Text, Channel::Letter]
        );
        for line in lines {
            assert!(line.words.en.contains("{follows}"), "{kind} {}", line.id);
            assert!(line.words.in_language(Language::Welsh).contains("{follows}"), "{kind}");
            for word in ["benefit", "allowance", "Budd-dal", "Lwfans", "jobseeker"] {
                for wording in [&line.words.en, line.words.cy.as_ref().unwrap()] {
                    assert!(!wording.to_lowercase().contains(&word.to_lowercase()), "{kind} {} {word}", line.id);
                }
            }
        }
    }
}

#[test]
fn a_name_with_braces_is_only_a_name() {
    let definition = Definition::embedded();
    let fillings = Fillings {
        what: "a meeting",
        follows: "It is your choice.",
        day: chrono::NaiveDate::from_ymd_opt(2026, 3, 6).unwrap(),
        time: chrono::NaiveTime::from_hms_opt(9, 30, 0).unwrap(),
        office: definition.office(&"frome".into()).unwrap(),
        name: "Ms {phone} Fry",
        language: Language::Welsh,
    };
    assert_eq!(fillings.fill("{name}: {day}, {time}"), "Ms {phone} Fry: dydd Gwener 6 Mawrth, 09:30");
}
