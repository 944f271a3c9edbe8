use super::*;
use proptest::prelude::*;
use serde_json::{Value as Json, json};
use startline_foundation::ids::QuestionId;
use std::fmt::Write;
use std::sync::Arc;

fn missing<'f>(form: &'f Form, answers: &Answers) -> Vec<&'f Question> {
    missing_of(form, &evaluate(form, answers))
}

fn answers(given: &[(&str, Json)]) -> Answers {
    given.iter().map(|(id, value)| (QuestionId::new(id), value.clone())).collect()
}

fn ids<'q>(questions: impl IntoIterator<Item = &'q Question>) -> Vec<&'q str> {
    questions.into_iter().map(|question| question.id.as_str()).collect()
}

#[test]
fn only_questions_of_the_benefits_claimed_are_asked() {
    let form = &Definition::embedded().form;
    assert!(!ids(asked(form, &answers(&[("A1", json!(["CTB"]))]))).contains(&"S1"));
    assert!(ids(asked(form, &answers(&[("A1", json!(["CTB", "JSA"]))]))).contains(&"S1"));
    assert!(!ids(asked(form, &Answers::new())).contains(&"B10"), "nothing is claimed yet");
}

#[test]
fn a_number_or_where_it_may_be_found_each_settles_the_other() {
    let form = &Definition::embedded().form;
    let open = |given: &[(&str, Json)]| -> Vec<String> {
        ids(missing(form, &answers(given)))
            .into_iter()
            .filter(|id| ["B6", "B7"].contains(id))
            .map(String::from)
            .collect()
    };
    assert_eq!(open(&[]), ["B6", "B7"]);
    assert!(open(&[("B6", json!("AB123456C"))]).is_empty());
    assert!(open(&[("B7", json!("never_had_one"))]).is_empty());
}

#[test]
fn an_answer_on_a_hidden_branch_does_not_count_and_comes_back_with_it() {
    let form = &Definition::embedded().form;
    let mut given = answers(&[("A8", json!("yes")), ("A9", json!({"name": "A Person"}))]);
    assert!(evaluate(form, &given).answers.contains_key(&QuestionId::new("A9")));
    given.insert(QuestionId::new("A8"), json!("no"));
    assert!(!evaluate(form, &given).answers.contains_key(&QuestionId::new("A9")));
    given.insert(QuestionId::new("A8"), json!("yes"));
    assert!(evaluate(form, &given).answers.contains_key(&QuestionId::new("A9")));
}

#[test]
fn the_evidence_list_says_what_to_bring_and_why() {
    let definition = Definition::embedded();
    let list = |given: &[(&str, Json)]| -> Vec<String> {
        evidence(&definition, &answers(given)).into_iter().map(|line| line.id).collect()
    };
    assert_eq!(list(&[("A1", json!(["JSA"])), ("B6", json!("AB123456C"))]), ["U1", "U13", "U21"]);
    assert_eq!(list(&[("A1", json!(["CTB"])), ("A8", json!("yes"))]), ["U1", "U2", "U12", "U13", "U20"]);
    assert!(evidence(&definition, &Answers::new()).iter().all(|line| !line.reason.en.is_empty()));
}

#[test]
fn moving_less_than_a_year_before_the_first_contact_asks_for_the_earlier_address() {
    let form = &Definition::embedded().form;
    let asks = |since: &str| {
        let given = answers(&[("A1", json!(["IS"])), ("A2", json!("2000-04-03")), ("B10", json!(since))]);
        ids(asked(form, &given)).contains(&"B11")
    };
    assert!(asks("1999-04-04") && !asks("1999-04-03"));
}

/// The pilot with one more part, of yes-or-no questions and computed ones that hang on each other at random.
#[derive(Debug, Clone)]
struct Invented {
    /// For each question: the one that decides whether it is shown, whether it is computed, whether it is for HB only.
    questions: Vec<(Option<usize>, bool, bool)>,
    /// Rank of each question: it may hang only on those of lower rank.
    ranks: Vec<usize>,
    answers: Vec<Option<bool>>,
    claims_hb: bool,
}

impl Invented {
    fn on(&self, index: usize) -> Option<usize> {
        let lower: Vec<usize> = (0..self.questions.len()).filter(|i| self.ranks[*i] < self.ranks[index]).collect();
        self.questions[index].0.filter(|_| !lower.is_empty()).map(|hint| lower[hint % lower.len()])
    }

    fn load(&self) -> Arc<Definition> {
        let mut yaml = "part: X\ntitle: { en: Invented }\nquestions:\n".to_owned();
        for (index, (_, is_computed, hb_only)) in self.questions.iter().enumerate() {
            let on = self.on(index);
            let _ =
                write!(yaml, "  - id: x{index}\n    label: {{ en: X }}\n    agencies: [{}]\n", ["BA", "LA"][index % 2]);
            if *hb_only {
                yaml.push_str("    benefits: [HB]\n");
            }
            match on {
                Some(on) if *is_computed => {
                    let _ = write!(yaml, "    kind: computed\n    value: 'x{on} == \"yes\" ? \"yes\" : \"no\"'\n");
                }
                Some(on) => {
                    let _ = write!(yaml, "    kind: yes_no\n    shown: x{on} == \"yes\"\n");
                }
                None => yaml.push_str("    kind: yes_no\n"),
            }
        }
        let mut files = startline_definition::small_files();
        files.insert("form/x.yaml".into(), yaml.into_bytes());
        Definition::from_files(files).unwrap_or_else(|report| panic!("{report}"))
    }

    /// The naive oracle: pass over all questions again and again until nothing changes.
    fn oracle(&self) -> Vec<Option<bool>> {
        let mut yes: Vec<Option<bool>> = vec![None; self.questions.len()];
        loop {
            let next: Vec<Option<bool>> = (0..self.questions.len())
                .map(|index| {
                    let (_, is_computed, hb_only) = self.questions[index];
                    let on = self.on(index);
                    let on_is_yes = on.is_none_or(|on| yes[on] == Some(true));
                    if hb_only && !self.claims_hb {
                        None
                    } else if is_computed && on.is_some() {
                        Some(on_is_yes)
                    } else if on_is_yes {
                        self.answers[index]
                    } else {
                        None
                    }
                })
                .collect();
            if next == yes {
                return yes;
            }
            yes = next;
        }
    }
}

fn invented() -> impl Strategy<Value = Invented> {
    (1usize..10).prop_flat_map(|size| {
        let question = (proptest::option::weighted(0.8, 0usize..20), any::<bool>(), proptest::bool::weighted(0.2));
        let questions = proptest::collection::vec(question, size);
        let ranks = Just((0..size).collect::<Vec<_>>()).prop_shuffle();
        let answers = proptest::collection::vec(proptest::option::of(any::<bool>()), size);
        (questions, ranks, answers, any::<bool>()).prop_map(|(questions, ranks, answers, claims_hb)| Invented {
            questions,
            ranks,
            answers,
            claims_hb,
        })
    })
}

fn random_answers(form: &Form) -> impl Strategy<Value = Answers> {
    let answer = |question: &Question| {
        let samples = question.kind.samples();
        let id = question.id.clone();
        proptest::option::weighted(0.8, proptest::sample::select(samples)).prop_map(move |value| (id.clone(), value))
    };
    form.questions()
        .filter(|q| q.kind.is_asked())
        .map(answer)
        .collect::<Vec<_>>()
        .prop_map(|given| given.into_iter().filter_map(|(id, value)| Some((id, value?))).collect())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]
    #[test]
    fn what_counts_agrees_with_passing_over_the_form_until_nothing_changes(invented in invented()) {
        let definition = invented.load();
        let mut given: Answers = invented.answers.iter().enumerate()
            .filter_map(|(n, answer)| Some((QuestionId::new(&format!("x{n}")), json!(if (*answer)? { "yes" } else { "no" }))))
            .collect();
        given.insert(QuestionId::new("A1"), if invented.claims_hb { json!(["HB"]) } else { json!(["JSA"]) });
        let evaluated = evaluate(&definition.form, &given);
        for (index, expected) in invented.oracle().into_iter().enumerate() {
            let found = evaluated.answers.get(&QuestionId::new(&format!("x{index}"))).map(|value| value == "yes");
            prop_assert_eq!(found, expected, "x{}", index);
        }
    }

    #[test]
    fn an_agency_never_sees_a_question_that_does_not_name_it(given in random_answers(&Definition::embedded().form)) {
        let definition = Definition::embedded();
        let evaluated = evaluate(&definition.form, &given);
        for agency in ["BA", "ES", "LA", "somebody else"] {
            let seen: Vec<&Question> =
                agency_view(&definition.form, &evaluated, agency).into_iter().flat_map(|(_, questions)| questions).collect();
            // The naive oracle: every question of the form, one by one.
            let expected: Vec<&Question> = definition.form.questions()
                .filter(|q| evaluated.is_asked(q) && q.agencies.contains(&agency.to_owned()))
                .collect();
            prop_assert_eq!(seen, expected);
        }
    }

    #[test]
    fn answering_what_is_missing_comes_to_an_end_with_nothing_missing(given in random_answers(&Definition::embedded().form)) {
        let definition = Definition::embedded();
        let mut given = given;
        for _ in 0..200 {
            let Some(question) = missing(&definition.form, &given).first().copied() else { break };
            let sample = question.kind.samples().into_iter().find(|sample| !startline_definition::is_blank(sample));
            let Some(sample) = sample else { panic!("{}", question.id) };
            given.insert(question.id.clone(), sample);
        }
        prop_assert!(missing(&definition.form, &given).is_empty());
    }
}
