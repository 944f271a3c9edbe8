use super::*;
use proptest::prelude::*;
use serde_json::json;
use startline_definition::Definition;
use std::fmt::Write;
use std::sync::Arc;

fn answers(given: &[(&str, serde_json::Value)]) -> Answers {
    given.iter().map(|(id, value)| (QuestionId::new(id), value.clone())).collect()
}

fn course<'d>(definition: &'d Definition, id: &str, with_form: bool) -> Course<'d> {
    let script = definition.script(id).unwrap_or_else(|| panic!("{id}"));
    Course { script, form: with_form.then_some(&definition.form) }
}

fn walked(course: &Course<'_>, evaluation: &Evaluation, progress: &Progress) -> Vec<Position> {
    let mut progress = progress.clone();
    let mut positions: Vec<Position> = Vec::new();
    while let Some(position) = course.next(evaluation, &progress, positions.last()) {
        if let Step::FormQuestion(question) = &position.step {
            progress.reached.insert(question.clone());
        }
        if positions.last().is_some_and(|from| course.is_before(&position, from)) {
            progress.gone_through.insert(position.stage.clone());
        }
        assert!(positions.len() < 1_000, "the walk goes round in a circle at {position:?}");
        positions.push(position);
    }
    positions
}

fn question(stage: &str, id: &str) -> Position {
    Position::new(stage, Step::Question(QuestionId::new(id)))
}

fn of_form(stage: &str, id: &str) -> Position {
    Position::new(stage, Step::FormQuestion(QuestionId::new(id)))
}

#[test]
fn a_walk_begins_with_the_first_stages_words_and_ends_after_the_last() {
    let definition = Definition::embedded();
    let inbound = course(&definition, "inbound", false);
    let (evaluation, progress) = (inbound.evaluate(&Answers::new(), &Answers::new()), Progress::default());
    let positions = walked(&inbound, &evaluation, &progress);
    assert_eq!(positions.first(), Some(&Position::new("A0", Step::Opening)));
    assert_eq!(inbound.next(&evaluation, &progress, positions.last()), None);
    assert_eq!(inbound.back(&evaluation, &progress, positions.first()), None);
    assert_eq!(inbound.back(&evaluation, &progress, None), positions.last().cloned());
    assert_eq!(inbound.next(&evaluation, &progress, Some(&Position::new("Z9", Step::Opening))), None);
}

#[test]
fn an_earlier_answer_that_hides_the_place_one_stands_at_does_not_lose_it() {
    let definition = Definition::embedded();
    let inbound = course(&definition, "inbound", false);
    let here = question("A6", "callback_number");
    let evaluation = inbound.evaluate(&Answers::new(), &answers(&[("face_to_face", json!("yes"))]));
    assert!(!inbound.shown(&evaluation).contains(&here));
    let next = inbound.next(&evaluation, &Progress::default(), Some(&here)).map(|p| p.stage);
    assert!(next.is_some_and(|stage| stage != "A6"));
    let before = inbound.back(&evaluation, &Progress::default(), Some(&here));
    assert!(before.is_some_and(|before| before.stage != "A6"));
}

/// The steps of the form that are shown, by question.
fn form_steps(course: &Course<'_>, evaluation: &Evaluation) -> Vec<QuestionId> {
    let question = |position: Position| match position.step {
        Step::FormQuestion(id) => Some(id),
        _ => None,
    };
    course.shown(evaluation).into_iter().filter_map(question).collect()
}

#[test]
fn every_question_that_the_form_asks_by_telephone_is_a_step_of_the_start_up_call() {
    let definition = Definition::embedded();
    let start_up = course(&definition, "start-up", true);
    let claim = answers(&[("A1", json!(["JSA", "HB"]))]);
    let steps = form_steps(&start_up, &start_up.evaluate(&claim, &Answers::new()));
    let walked: Vec<&str> = start_up.parts().map(|(_, part)| part.id.as_str()).collect();
    let asked: Vec<QuestionId> = claims::asked(&definition.form, &claim)
        .into_iter()
        .filter(|q| q.kind.is_asked())
        .filter(|q| definition.form.part_of(&q.id).is_some_and(|part| walked.contains(&part.id.as_str())))
        .map(|q| q.id.clone())
        .collect();
    assert!(asked.len() > 20);
    assert!(asked.iter().all(|id| steps.contains(id)), "{asked:?} {steps:?}");
    assert!(steps.iter().all(|id| asked.contains(id)));
    let without_a_claim = course(&definition, "start-up", false);
    assert!(form_steps(&without_a_claim, &without_a_claim.evaluate(&Answers::new(), &Answers::new())).is_empty());
}

#[test]
fn a_settled_question_of_the_form_is_passed_over_but_can_be_gone_back_to() {
    let definition = Definition::embedded();
    let start_up = course(&definition, "start-up", true);
    let claim = answers(&[("A1", json!(["JSA"])), ("A3", json!("2026-03-03"))]);
    let evaluation = start_up.evaluate(&claim, &Answers::new());
    let settled = QuestionId::new("A1");
    let here = start_up.places().find(|place| place.form_question() == Some(&settled) && place.part().is_some());
    let here = here.unwrap().position();
    let mut progress = Progress::default();
    assert!(walked(&start_up, &evaluation, &progress).contains(&here), "known, but not confirmed in this walk");
    progress.settled.insert(settled.clone());
    assert!(!walked(&start_up, &evaluation, &progress).contains(&here));
    let after = start_up.next(&evaluation, &progress, Some(&here));
    assert_eq!(start_up.back(&evaluation, &progress, after.as_ref()), Some(here.clone()));
    // Taken back, it is asked again.
    let evaluation = start_up.evaluate(&answers(&[("A1", json!(null))]), &Answers::new());
    assert!(walked(&start_up, &evaluation, &progress).contains(&here));
}

#[test]
fn what_the_script_fills_into_the_form_hangs_on_what_counts() {
    let mut files = Definition::embedded().files().clone();
    files.insert("scripts/filling.yaml".into(), FILLING.as_bytes().to_vec());
    let definition = Definition::from_files(files).unwrap_or_else(|report| panic!("{report}"));
    let filling = course(&definition, "filling", true);
    let fills = |given: &[(&str, serde_json::Value)]| -> Vec<(String, String, serde_json::Value)> {
        let evaluation = filling.evaluate(&Answers::new(), &answers(given));
        filling
            .fills(&evaluation)
            .into_iter()
            .map(|(id, stage, value)| (id.to_string(), stage.to_owned(), value))
            .collect()
    };
    assert!(fills(&[("helped", json!("no")), ("who", json!("Joan"))]).is_empty());
    assert_eq!(fills(&[("helped", json!("yes")), ("who", json!("Joan"))]), [("T8".into(), "F1".into(), json!("Joan"))]);
    let evaluated = filling.evaluate(&Answers::new(), &answers(&[("helped", json!("yes"))])).answers;
    assert_eq!(evaluated.get(&QuestionId::new("is_helped")), Some(&json!(true)));
    assert!(filling.places().all(|place| place.question().is_none_or(|q| q.kind.is_asked())));
}

const FILLING: &str = r#"
id: filling
title: { en: Filling, cy: Llenwi }
stages:
  - id: F1
    title: { en: Help, cy: Help }
    expected_minutes: 1
    say: { en: Who helps you?, cy: Pwy sy'n eich helpu? }
    questions:
      - { id: helped, label: { en: Helped, cy: Help }, kind: yes_no }
      - { id: is_helped, label: { en: Helped, cy: Help }, kind: computed, value: 'helped == "yes"' }
      - { id: who, label: { en: Who, cy: Pwy }, fills: T8, shown: is_helped }
"#;

/// A script that does not exist: each stage with what it hangs on, its questions with what each hangs on, and whether a
/// part of the form is walked after them. What they hang on is a question of the script, or of the form.
#[derive(Debug, Clone)]
struct Invented {
    stages: Vec<(Option<usize>, Vec<Option<usize>>, bool)>,
    /// Whether each question of the script, and then of the form, says yes.
    answers: Vec<Option<bool>>,
    form_answers: Vec<Option<bool>>,
    /// What each question of the form hangs on: an earlier one.
    form: Vec<Option<usize>>,
    settled: Vec<bool>,
    skipped: Vec<bool>,
}

/// Number `hint` of the questions before `count`, if there are any.
fn earlier(hint: Option<usize>, count: usize) -> Option<usize> {
    hint.filter(|_| count > 0).map(|hint| hint % count)
}

fn invented() -> impl Strategy<Value = Invented> {
    let hint = || proptest::option::of(0usize..20);
    let stage = (hint(), proptest::collection::vec(hint(), 0..4), any::<bool>());
    let said = || proptest::collection::vec(proptest::option::of(any::<bool>()), 20);
    let marks = || proptest::collection::vec(proptest::bool::weighted(0.3), 20);
    let stages = proptest::collection::vec(stage, 1..6);
    let form = proptest::collection::vec(hint(), 1..6);
    (stages, said(), said(), form, marks(), marks()).prop_map(
        |(stages, answers, form_answers, form, settled, skipped)| Invented {
            stages,
            answers,
            form_answers,
            form,
            settled,
            skipped,
        },
    )
}

impl Invented {
    fn load(&self) -> Arc<Definition> {
        let mut yaml = "id: invented\ntitle: { en: I, cy: I }\nstages:\n".to_owned();
        let mut asked = 0;
        let condition = |on: Option<usize>| on.map(|n| format!("shown: q{n} == \"yes\"")).unwrap_or_default();
        for (index, (on, questions, walks_form)) in self.stages.iter().enumerate() {
            let shown = condition(earlier(*on, asked));
            let _ = write!(yaml, "  - id: S{index}\n    title: {{ en: S, cy: S }}\n    expected_minutes: 1\n");
            let _ = write!(yaml, "    say: {{ en: Say, cy: Say }}\n    {shown}\n");
            yaml += if questions.is_empty() { "" } else { "    questions:\n" };
            for on in questions {
                let shown = condition(earlier(*on, asked));
                let _ = write!(yaml, "      - id: q{asked}\n        label: {{ en: Q, cy: Q }}\n");
                let _ = write!(yaml, "        kind: yes_no\n        {shown}\n");
                asked += 1;
            }
            yaml += if *walks_form { "    form_parts: [X]\n" } else { "" };
        }
        let mut part = "part: X\ntitle: { en: X, cy: X }\nquestions:\n".to_owned();
        for (number, on) in self.form.iter().enumerate() {
            let shown = earlier(*on, number).map(|n| format!("    shown: x{n} == \"yes\"\n")).unwrap_or_default();
            let _ = write!(part, "  - id: x{number}\n    label: {{ en: X, cy: X }}\n    kind: yes_no\n");
            let _ = writeln!(part, "{shown}    agencies: [BA]");
        }
        let mut files = startline_definition::small_files();
        files.insert("scripts/invented.yaml".into(), yaml.into_bytes());
        files.insert("form/x.yaml".into(), part.into_bytes());
        Definition::from_files(files).unwrap_or_else(|report| panic!("{report}"))
    }

    /// The naive oracle: every step with whether it is shown and whether it is to be taken, by reading the script from
    /// top to bottom.
    fn oracle(&self) -> Vec<(Position, bool, bool)> {
        let mut form: Vec<bool> = Vec::new();
        let mut asked: Vec<bool> = Vec::new();
        for (number, on) in self.form.iter().enumerate() {
            asked.push(earlier(*on, number).is_none_or(|n| form[n]));
            form.push(asked[number] && self.form_answers[number] == Some(true));
        }
        let mut counts: Vec<bool> = Vec::new();
        let mut steps = Vec::new();
        let holds = |on: Option<usize>, counts: &[bool]| earlier(on, counts.len()).is_none_or(|n| counts[n]);
        for (index, (on, questions, walks_form)) in self.stages.iter().enumerate() {
            let stage = format!("S{index}");
            let (open, skipped) = (holds(*on, &counts), self.skipped[index]);
            steps.push((Position::new(&stage, Step::Opening), open, open && !skipped));
            for on in questions {
                let shown = open && holds(*on, &counts);
                steps.push((question(&stage, &format!("q{}", counts.len())), shown, shown && !skipped));
                // It counts as yes only while it is shown.
                counts.push(shown && self.answers[counts.len()] == Some(true));
            }
            if *walks_form {
                steps.push((Position::new(&stage, Step::FormPart("X".into())), false, false));
                for (number, asked) in asked.iter().enumerate() {
                    let shown = open && *asked;
                    let settled = self.settled[number] && self.form_answers[number].is_some();
                    steps.push((of_form(&stage, &format!("x{number}")), shown, shown && !skipped && !settled));
                }
            }
        }
        steps
    }

    fn progress(&self) -> Progress {
        let mut progress = Progress::default();
        let settled = self.settled.iter().enumerate().filter(|(_, settled)| **settled);
        progress.settled = settled.map(|(number, _)| QuestionId::new(&format!("x{number}"))).collect();
        // Every question was stood at once: only the order is looked at here.
        progress.reached = (0..self.form.len()).map(|number| QuestionId::new(&format!("x{number}"))).collect();
        for (index, _) in self.skipped.iter().enumerate().filter(|(_, skipped)| **skipped) {
            let at = chrono::DateTime::UNIX_EPOCH;
            let skip = super::super::Skip { reason: "r".into(), by: startline_foundation::ids::UserId::fresh(at), at };
            progress.stages.entry(format!("S{index}")).or_default().skip = Some(skip);
        }
        progress
    }
}

fn said(letter: char, said: &[Option<bool>]) -> Answers {
    let answer = |(n, yes): (usize, &Option<bool>)| {
        Some((QuestionId::new(&format!("{letter}{n}")), json!(if (*yes)? { "yes" } else { "no" })))
    };
    said.iter().enumerate().filter_map(answer).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]
    #[test]
    fn next_and_back_agree_with_reading_the_script_from_top_to_bottom(invented in invented()) {
        let definition = invented.load();
        let course = course(&definition, "invented", true);
        let evaluation = course.evaluate(&said('x', &invented.form_answers), &said('q', &invented.answers));
        let (steps, progress) = (invented.oracle(), invented.progress());
        let all: Vec<Position> = course.places().map(|place| place.position()).collect();
        prop_assert_eq!(all, steps.iter().map(|(p, ..)| p.clone()).collect::<Vec<_>>());
        let shown: Vec<Position> = steps.iter().filter(|(_, shown, _)| *shown).map(|(p, ..)| p.clone()).collect();
        prop_assert_eq!(&course.shown(&evaluation), &shown);
        let taken: Vec<Position> = steps.iter().filter(|(.., taken)| *taken).map(|(p, ..)| p.clone()).collect();
        prop_assert_eq!(&walked(&course, &evaluation, &progress), &taken);
        // From anywhere, wherever somebody jumped to.
        for (index, (position, ..)) in steps.iter().enumerate() {
            let after = steps[index + 1..].iter().find(|(.., taken)| *taken).map(|(p, ..)| p.clone());
            prop_assert_eq!(course.next(&evaluation, &progress, Some(position)), after);
            let before = steps[..index].iter().rev().find(|(p, shown, _)| *shown && !progress.is_skipped(&p.stage));
            prop_assert_eq!(course.back(&evaluation, &progress, Some(position)), before.map(|(p, ..)| p.clone()));
        }
    }

    #[test]
    fn an_answer_counts_only_while_its_step_is_shown(invented in invented()) {
        let definition = invented.load();
        let course = course(&definition, "invented", true);
        let (form, own) = (said('x', &invented.form_answers), said('q', &invented.answers));
        let evaluated = course.evaluate(&form, &own).answers;
        for (position, shown, _) in invented.oracle() {
            if let Step::Question(id) = &position.step {
                prop_assert_eq!(evaluated.get(id), own.get(id).filter(|_| shown), "{}", id);
            }
        }
    }
}

proptest! {
    // A whole call each: some two hundred steps.
    #![proptest_config(ProptestConfig { max_shrink_iters: 0, ..ProptestConfig::with_cases(40) })]
    #[test]
    fn a_walk_asks_every_question_that_its_answers_bring_up_once_and_ends(
        picks in proptest::collection::vec(proptest::option::weighted(0.85, 0usize..7), 400)
    ) {
        let definition = Definition::embedded();
        let course = course(&definition, "start-up", true);
        let (mut form, mut own) = (Answers::new(), Answers::new());
        let (mut progress, mut at, mut asked) = (Progress::default(), None, Vec::new());
        let mut evaluation = course.evaluate(&form, &own);
        for step in 0.. {
            prop_assert!(step < 800, "the walk goes round in a circle at {at:?}");
            let Some(next) = course.next(&evaluation, &progress, at.as_ref()) else { break };
            if at.as_ref().is_some_and(|from: &Position| from.stage == next.stage && course.is_before(&next, from)) {
                progress.gone_through.insert(next.stage.clone());
            }
            let Some(place) = course.place(&next) else { panic!("{next:?} is no step") };
            if let Some(question) = place.question() {
                let samples = question.kind.samples();
                let pick = picks[step % picks.len()].and_then(|pick| samples.get(pick % samples.len().max(1)));
                if let Some(value) = pick {
                    let target = place.form_question().unwrap_or(&question.id).clone();
                    let into = if place.form_question().is_some() { &mut form } else { &mut own };
                    into.insert(target, value.clone());
                    if matches!(place.spot, Spot::Question(_)) {
                        own.insert(question.id.clone(), value.clone());
                    }
                }
                if let Spot::FormQuestion(_, question) = place.spot {
                    asked.push(question.id.clone());
                    progress.reached.insert(question.id.clone());
                    if pick.is_some() {
                        progress.settled.insert(question.id.clone());
                    }
                }
            }
            evaluation = course.evaluate(&form, &own);
            at = Some(next);
        }
        // The naive oracle: the form says what it asks, and each was stood at, none twice.
        for (_, part) in course.parts() {
            for question in part.questions.iter().filter(|q| q.kind.is_asked() && evaluation.form.is_asked(q)) {
                let times = asked.iter().filter(|id| **id == question.id).count();
                prop_assert_eq!(times, 1, "{}", question.id);
            }
        }
    }
}
