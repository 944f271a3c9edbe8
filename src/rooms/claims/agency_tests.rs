use super::*;
use proptest::prelude::*;
use serde_json::json;
use startline_definition::Answers;
use startline_foundation::ids::QuestionId;

fn view_of(given: &Answers, agency: &str) -> AgencyView {
    let definition = Definition::embedded();
    let evaluated = view::evaluate(&definition.form, given);
    let sources = Sources {
        definition: &definition,
        claim: "a claim".into(),
        first_contact: "2026-03-03".into(),
        answers: &[],
        evaluated: &evaluated,
    };
    super::view(&sources, agency, Language::English).unwrap_or_else(|| panic!("{agency}"))
}

#[test]
fn a_council_reads_its_answers_in_the_order_of_a_councils_form() {
    let given: Answers = [("A1", json!(["HB", "CTB"])), ("B2", json!("Fry")), ("M1", json!("council_tenant"))]
        .into_iter()
        .map(|(id, value)| (QuestionId::new(id), value))
        .collect();
    let council = view_of(&given, "LA");
    let titles: Vec<&str> = council.sections.iter().map(|section| section.title.as_str()).collect();
    assert_eq!(titles.first(), Some(&"Who you are"), "{titles:?}");
    let lines: Vec<&Line> = council.sections.iter().flat_map(|section| &section.questions).collect();
    let words = |id: &str| lines.iter().find(|line| line.id == id).map(|line| line.answer_in_words.clone());
    assert_eq!(words("B2").as_deref(), Some("Fry"));
    assert_eq!(words("H1"), None, "work is not the council's business");
    assert_eq!(words("S1"), None, "nor how other benefits are paid");
    assert!(council.evidence.iter().any(|line| line.id == "U12"), "the council tax bill");
}

#[test]
fn an_agency_nobody_knows_has_no_view() {
    let definition = Definition::embedded();
    let evaluated = Evaluated::default();
    let sources = Sources {
        definition: &definition,
        claim: String::new(),
        first_contact: String::new(),
        answers: &[],
        evaluated: &evaluated,
    };
    assert_eq!(super::view(&sources, "XX", Language::English), None);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]
    #[test]
    fn a_view_holds_every_asked_question_of_its_agency_once_and_none_of_anothers(
        picks in proptest::collection::vec(proptest::option::weighted(0.8, 0usize..12), 212)
    ) {
        let definition = Definition::embedded();
        let form = &definition.form;
        let given: Answers = form.questions().zip(&picks)
            .filter_map(|(question, pick)| {
                let samples = question.kind.samples();
                Some((question.id.clone(), samples.get((*pick)? % samples.len().max(1))?.clone()))
            })
            .collect();
        let evaluated = view::evaluate(form, &given);
        let claimed: Vec<&str> = form.claimed(&evaluated.answers);
        for agency in ["BA", "ES", "LA"] {
            let view = view_of(&given, agency);
            let mut seen: Vec<&str> =
                view.sections.iter().flat_map(|section| &section.questions).map(|line| line.id.as_str()).collect();
            // The naive oracle: the form's questions one by one, by what each says of itself.
            let mut expected: Vec<&str> = form.questions()
                .filter(|q| q.agencies.iter().any(|name| name == agency))
                .filter(|q| q.benefits.serve(&claimed) && q.is_shown(&evaluated.answers))
                .map(|q| q.id.as_str())
                .collect();
            seen.sort_unstable();
            expected.sort_unstable();
            prop_assert_eq!(seen, expected, "{}", agency);
            for line in view.sections.iter().flat_map(|section| &section.questions) {
                let counts = evaluated.answers.get(&QuestionId::new(&line.id));
                prop_assert!(line.answer.is_null() || counts == Some(&line.answer), "{}", line.id);
            }
            let names_it = |line: &Evidence| {
                form.evidence.iter().any(|rule| rule.id == line.id && rule.agencies.iter().any(|name| name == agency))
            };
            let only_its_own = view.evidence.iter().all(names_it);
            prop_assert!(only_its_own);
        }
    }
}
