//! What the linter finds in the form, the scripts and the agencies' orders, each tried by one change to the pilot's.

use super::tests::{faults_after, line_of, replaced};
use super::*;

#[track_caller]
fn assert_told(faults: &[String], place: &str, reason: &str) {
    let told = faults.iter().any(|fault| fault.starts_with(place) && fault.contains(reason));
    assert!(told, "expected {place} .. {reason}, found {faults:#?}");
}

/// The place of a text in a file of the pilot, as faults name it.
fn at(path: &str, text: &str) -> String {
    format!("{path}:{}: ", line_of(path, text))
}

#[test]
fn a_question_that_no_answers_can_show_is_told() {
    // Shown only when there is a partner, and only when there is none.
    let faults =
        faults_after("form/c.yaml", replaced("    shown: C9 == true", "    shown: 'C9 == true && D8 == true'"));
    assert_told(&faults, "form/c.yaml:", "question C10 is never asked");
    // JSA is not claimed, but the question is for JSA only.
    let change = replaced(
        "    benefits: [IS, IB, SDA, ICA, WB, MA, HB, CTB]\n    agencies: [ES]\n    carry: ask\n\n  - id: H14",
        "    benefits: [JSA]\n    agencies: [ES]\n    carry: ask\n\n  - id: H14",
    );
    assert_told(&faults_after("form/h.yaml", change), "form/h.yaml:", "question H13 is never asked");
    let faults = faults_after("form/d.yaml", replaced("shown: D8 == true", "shown: D1 == \"no\" && D8 == true"));
    assert_told(&faults, "form/d.yaml:", "question D9 is never asked");
}

#[test]
fn a_condition_that_never_holds_is_told() {
    let faults =
        faults_after("scripts/inbound.yaml", replaced("when: hours_worked >= 16.0", "when: hours_worked > 168.0"));
    assert_told(&faults, &at("scripts/inbound.yaml", "when: hours_worked >="), "never holds");
    let faults =
        faults_after("form/evidence.yaml", replaced("when: I1 == \"yes\"", "when: I1 == \"yes\" && I1 == \"no\""));
    assert_told(&faults, "form/evidence.yaml:", "never holds");
}

#[test]
fn a_field_that_the_client_record_does_not_have_is_told() {
    let faults = faults_after("form/a.yaml", replaced("shown: A3 < A2", "shown: client.aeg > 16"));
    assert_told(&faults, "form/a.yaml:", "client has no aeg; did you mean age?");
    let faults = faults_after("form/a.yaml", replaced("shown: A3 < A2", "shown: client.age > 16 && A3 < A2"));
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn a_wording_that_is_not_there_in_welsh_is_told() {
    let faults = faults_after("form/b.yaml", replaced("{ en: Title, cy: Teitl }", "{ en: Title }"));
    assert_told(&faults, "form/b.yaml:", "question B1: a wording has no Welsh (cy): \"Title\"");
    let faults =
        faults_after("form/m.yaml", replaced("{ id: hostel, en: Hostel, cy: Hostel }", "{ id: hostel, en: Hostel }"));
    assert_told(&faults, "form/m.yaml:", "question M1");
    let one_language = faults_after("service.yaml", replaced("languages: [en, cy]", "languages: [en]"));
    assert!(one_language.is_empty(), "{one_language:#?}");
}

#[test]
fn an_agency_or_a_benefit_that_nobody_asks_about_is_told() {
    let more = replaced("agencies:\n", "agencies:\n  - { id: CA, en: Child agency, cy: Asiantaeth blant }\n");
    assert_told(&faults_after("service.yaml", more), "service.yaml:", "no question is for the agency CA");
    let files_with = |path: &str, from: &str, to: &str, files: &mut Files| {
        let text = String::from_utf8(files[path].clone()).unwrap_or_default();
        assert!(text.contains(from), "{path}");
        files.insert(path.into(), text.replacen(from, to, 1).into_bytes());
    };
    let mut files = files::embedded();
    files_with(
        "service.yaml",
        "agencies:\n",
        "  - { id: XB, en: New benefit, cy: Budd-dal newydd }\nagencies:\n",
        &mut files,
    );
    files_with(
        "form/a.yaml",
        "    options:\n",
        "    options:\n      - { id: XB, en: New benefit, cy: Budd-dal newydd }\n",
        &mut files,
    );
    let faults: Vec<String> = load::build(files, Reader::Author).1.faults.iter().map(ToString::to_string).collect();
    assert_told(&faults, "service.yaml:", "nobody asks about the benefit XB");
}

#[test]
fn an_agencys_order_holds_each_of_its_questions_once_and_no_others() {
    let change = |from: &str, to: &str| faults_after("agencies/LA.yaml", replaced(from, to));
    assert_told(&change("[A1, A2, A3,", "[A1, A2,"), "agencies/LA.yaml:1:", "question A3 names LA and has no place");
    assert_told(
        &change("[A1, A2, A3,", "[A1, A1, A2, A3,"),
        &at("agencies/LA.yaml", "questions: [A1,"),
        "question A1 stands twice",
    );
    assert_told(
        &change("[A1, A2, A3,", "[A1, H1, A2, A3,"),
        &at("agencies/LA.yaml", "questions: [A1,"),
        "question H1 is not for LA",
    );
    assert_told(
        &change("[A1, A2, A3,", "[A1, Z9, A2, A3,"),
        &at("agencies/LA.yaml", "questions: [A1,"),
        "no question Z9",
    );
}

#[test]
fn includes_key_areas_and_hints_are_checked() {
    let change = |from: &str, to: &str| faults_after("scripts/start-up.yaml", replaced(from, to));
    assert_told(&change("include: deferral-guide", "include: nothing"), "scripts/start-up.yaml:", "no script nothing");
    assert_told(&change("include: closing", "include: start-up"), "scripts/start-up.yaml:", "one step is enough");
    assert_told(
        &change("  - include: closing", "  - include: closing\n    expected_minutes: 2"),
        "scripts/start-up.yaml:",
        "an include stands alone",
    );
    assert_told(
        &change("covers: [service, rights]", "covers: [service]"),
        "scripts/start-up.yaml:",
        "covers the key area rights",
    );
    assert_told(
        &change("covers: [service, rights]", "covers: [service, right]"),
        &at("scripts/start-up.yaml", "covers: [service, rights]"),
        "no key area right",
    );
}

#[test]
fn partners_answers_come_from_questions_they_fit() {
    let change = |to: &str| faults_after("form/m.yaml", replaced("from_partner: M1\n", to));
    assert_told(&change("from_partner: Z9\n"), "form/m.yaml:", "there is no question Z9");
    assert_told(&change("from_partner: B5\n"), "form/m.yaml:", "no answer of B5");
}

#[test]
fn tables_paper_and_carry_over_are_checked() {
    let change = |from: &str, to: &str| faults_after("form/a.yaml", replaced(from, to));
    assert_told(&change("min_rows: 1\n", "min_rows: 11\n"), "form/a.yaml:", "min_rows is above max_rows");
    assert_told(&change("carry: ask", "carry: always"), "form/a.yaml:", "");
    assert_told(&change("carry: ask", "carry_days: 0"), "form/a.yaml:", "carry_days must be from 1");
    let faults = faults_after("form/v.yaml", replaced("kind: signature", "kind: signature\n    max_chars: 5"));
    assert_told(&faults, "form/v.yaml:", "max_chars means nothing for a signature");
    let faults = faults_after("scripts/inbound.yaml", replaced("fills: B13", "fills: V1"));
    assert_told(&faults, "scripts/inbound.yaml:", "asked of nobody");
}

#[test]
fn conditions_on_amounts_rows_and_open_fields_are_not_taken_for_impossible() {
    for condition in ["M12.pence > 10000", "size(G2) > 1", "!has(G8.hours)", "G8.pay.pence > 99999", "G8.hours >= 16.0"]
    {
        let faults = faults_after("form/a.yaml", replaced("shown: A3 < A2", &format!("shown: '{condition}'")));
        let never: Vec<&String> = faults.iter().filter(|fault| fault.contains("never holds")).collect();
        assert!(never.is_empty(), "{condition}: {never:#?}");
    }
}

#[test]
fn what_means_nothing_in_a_script_is_told() {
    let change = |to: &str| faults_after("scripts/inbound.yaml", replaced("fills: B13", to));
    assert_told(&change("fills: B13\n        carry_days: 5"), "scripts/inbound.yaml:", "only the form's answers");
    assert_told(&change("fills: B13\n        from_partner: B13"), "scripts/inbound.yaml:", "only the form's answers");
    assert_told(
        &change("fills: B13\n        max_chars: 5"),
        "scripts/inbound.yaml:",
        "leave out what belongs to a kind",
    );
}

/// Versions that were stored before the language grew must load for ever.
#[test]
fn a_definition_in_the_older_language_still_loads() {
    let definition = Definition::from_files(small::files()).unwrap_or_else(|report| panic!("{report}"));
    assert_eq!(definition.counts().to_string(), "10 questions in 2 parts, 1 script, 4 sites, 31 offices");
    assert_eq!(definition.service.languages, [startline_foundation::formats::Language::English]);
    assert_eq!(definition.form.evidence_part, None);
}

#[test]
fn the_outline_names_every_question_and_when_it_is_asked() {
    let definition = Definition::embedded();
    let outline = definition.outline().to_string();
    for question in definition.form.questions() {
        assert!(outline.contains(&format!("\n  {} {}: ", question.id, question.kind.name())), "{}", question.id);
    }
    assert!(outline.contains("to BA LA; when A3 < A2\n"), "{outline}");
    assert!(outline.contains("U21 evidence: "));
}

#[test]
fn what_a_script_prints_has_words_for_the_client_in_both_languages() {
    let change = |from: &str, to: &str| faults_after("scripts/start-up.yaml", replaced(from, to));
    let words = "printed: { en: \"We promised you\", cy: \"Addawsom i chi\" }";
    assert_told(&change(words, "printed: true"), "scripts/start-up.yaml:", "the words under which the client reads");
    assert_told(&change(words, "printed: { en: We promised you }"), "scripts/start-up.yaml:", "has no Welsh");
    let more = format!("{words}\n        sensitive: private");
    assert_told(
        &change(words, &more),
        "scripts/start-up.yaml:",
        "question promises is sensitive: it cannot be printed",
    );
    let more = format!("{words}\n        adviser_only: true");
    assert_told(&change(words, &more), "scripts/start-up.yaml:", "question promises is for advisers only");
    let heading = "    heading: { en: What we promised you, cy: Yr hyn a addawsom i chi }\n";
    assert_told(
        &change(heading, ""),
        "scripts/start-up.yaml:",
        "question promises is printed, and stage B11 has no heading",
    );
    assert_told(
        &change(&format!("        {words}\n"), ""),
        "scripts/start-up.yaml:",
        "has a heading, and prints nothing",
    );
    let of_form = replaced("    printed: false\n", "    printed: { en: Letters, cy: Llythyrau }\n");
    assert_told(&faults_after("form/b.yaml", of_form), "form/b.yaml:", "the form prints an answer under its label");
}

#[test]
fn free_text_that_is_printed_is_warned_of_and_loads() {
    let printed = "        kind: long_text\n        max_chars: 500\n        required: false\n        printed: { en: You said, cy: Dywedoch }\n        adviser_only: true\n";
    let mut files = files::embedded();
    let path = "scripts/start-up.yaml";
    let text = String::from_utf8(files[path].clone()).unwrap_or_default();
    let at = "id: promised\n";
    let (before, after) = text.split_once(at).unwrap_or_default();
    let plain =
        "        kind: long_text\n        max_chars: 500\n        required: false\n        adviser_only: true\n";
    let printed = printed.replace("        adviser_only: true\n", "");
    let changed = format!("{before}{at}{}", after.replacen(plain, &printed, 1));
    assert_ne!(changed, text);
    files.insert(path.into(), changed.into_bytes());
    let report = load::build(files, Reader::Author).1;
    assert!(report.is_clean(), "{report}");
    let warned: Vec<String> = report.warnings.iter().map(ToString::to_string).collect();
    assert_told(&warned, path, "question promised prints free text");
    assert!(report.to_string().contains(": warning: question promised"), "{report}");
    assert_eq!(load::build(files::embedded(), Reader::Author).1.warnings, []);
}

#[test]
fn a_bound_names_what_is_there_and_comes_to_a_day() {
    let change = |from: &str, to: &str| faults_after("form/b.yaml", replaced(from, to));
    let bound = "latest: \"years_before(today, 13)\"";
    assert_told(&change(bound, "latest: Z9"), "form/b.yaml:", "question B5: a bound names Z9");
    assert_told(&change(bound, "latest: row.from"), "form/b.yaml:", "question B5: a bound names row");
    assert_told(&change(bound, "latest: \"1 + 1\""), "form/b.yaml:", "question B5: the bound `1 + 1` comes to no day");
    let text = "    max_chars: 60\n    agencies: [BA, ES, LA]\n    fills_client: last_name";
    let with = format!("    latest: today\n{text}");
    assert_told(&change(text, &with), "form/b.yaml:", "earliest and latest mean nothing for a text question");
}

#[test]
fn effects_and_what_promises_them_are_checked() {
    let change = |from: &str, to: &str| faults_after("scripts/inbound.yaml", replaced(from, to));
    let interpreter = "  - id: interpreter\n    when: caller_language == \"other\"\n    call_needs: [interpreter]";
    let told = |to: &str, says: &str| assert_told(&change(interpreter, to), "scripts/inbound.yaml:", says);
    told(&interpreter.replace("[interpreter]", "[interpretor]"), "no skill or other need interpretor");
    told(&interpreter.replace("\n    call_needs: [interpreter]", ""), "effect interpreter does nothing");
    told(&interpreter.replace("id: interpreter", "id: danger"), "effect danger is there twice");
    told(&interpreter.replace("caller_language ==", "caller_tongue =="), "caller_tongue");
    told(&interpreter.replace("id: interpreter", "id: interpreters"), "no effect interpreter");
}

#[test]
fn a_decision_that_a_script_books_is_one_that_the_diary_knows() {
    let change = |from: &str, to: &str| faults_after("scripts/deferral-guide.yaml", replaced(from, to));
    let told = |from: &str, to: &str, says: &str| assert_told(&change(from, to), "scripts/deferral-guide.yaml:", says);
    told("id: job_soon, en", "id: job_son, en", "no reason of diary.yaml job_son; did you mean job_soon?");
    told("reason: deferral_reason,", "reason: guide_crisis,", "guide_crisis, which must be a choice of the script");
    told("note: deferral_note,", "note: review_date,", "review_date, which must be a text");
    told("review_day: review_date", "review_day: review_dat", "review_dat, which must be a date");
    told("waives: optional", "waives: exceptional", "waives can only be optional");
    let both = "waives: optional\n    defers: { reason: deferral_reason, review_day: review_date }";
    told("waives: optional", both, "one of the two");
}

/// Words by which a script tells the adviser that the service does something by itself.
const PROMISES: [&str; 5] = [
    "marks the call-back",
    "doubles the length",
    "twice as long",
    "is offered only when",
    "is booked with these answers",
];

#[test]
fn a_stage_that_promises_what_the_service_does_names_the_effect() {
    let definition = Definition::embedded();
    let mut promising = 0;
    for stage in definition.scripts.iter().flat_map(|script| &script.stages) {
        let own = stage.say.iter().chain(&stage.guidance);
        let also = stage.also.iter().flat_map(|also| also.say.iter().chain(&also.guidance));
        let asked = stage.questions.iter().flat_map(|question| question.say.iter().chain(&question.guidance));
        let promises = own.chain(also).chain(asked).any(|text| PROMISES.iter().any(|words| text.en.contains(words)));
        assert!(!promises || !stage.promises.is_empty(), "stage {} promises something that no effect does", stage.id);
        promising += usize::from(promises);
    }
    assert_eq!(promising, 5, "three of the inbound call; the decision of the guide, alone and in the start-up call");
}
