use super::*;
use serde_json::json;

fn answers(given: Json) -> Answers {
    let Json::Object(fields) = given else { return Answers::new() };
    fields.into_iter().map(|(id, value)| (QuestionId::new(&id), value)).collect()
}

#[track_caller]
fn compiled(source: &str) -> Condition {
    Condition::compile(source).unwrap_or_else(|reason| panic!("{source}: {reason}"))
}

#[test]
fn authors_write_simple_things() {
    let given = answers(json!({
        "A1": ["JSA", "HB"], "A6": "yes", "A2": "2000-04-03", "A3": "2000-03-01", "B10": "1999-12-01",
        "B5": "1970-12-31", "G8": {"hours": 12.5, "employer": "Bakery"}, "D11": [{"amount": 500}], "T10": true
    }));
    for source in [
        "A6 == \"yes\"",
        "\"JSA\" in A1",
        "A3 < A2",
        "B10 > months_before(A2, 12)",
        "age_on(B5, A2) == 29",
        "G8.hours < 16",
        "size(D11) > 0",
        "D11.exists(row, row.amount > 100)",
        "answered(G8)",
        "T10",
        "A6 in [\"yes\", \"no\"]",
        "days_after(A3, 33) == A2",
        "days_before(A2, 33) == A3",
        "!(\"IS\" in A1)",
        "A6 == 'yes' ? true : false",
    ] {
        assert!(compiled(source).holds(&given), "{source}");
    }
}

#[test]
fn what_is_not_answered_is_null_or_an_empty_list_and_never_an_error() {
    let none = Answers::new();
    for source in ["A6 == \"yes\"", "A3 < A2", "answered(B6)", "G8.hours > 3", "age_on(B5, A2) < 18", "T10", "!T10"] {
        assert!(!compiled(source).holds(&none), "{source}");
    }
    for source in ["A6 != \"yes\"", "!answered(B6)", "A3 < A2 || !answered(A2)"] {
        assert!(compiled(source).holds(&none), "{source}");
    }
    let mut lacks = compiled("!(\"JSA\" in A1) && size(A1) == 0");
    assert!(!lacks.holds(&none), "an unbound list is null");
    lacks.bind(|id| id.as_str() == "A1");
    assert!(lacks.holds(&none));
}

#[test]
fn it_names_the_questions_it_reads() {
    let condition = compiled("D11.exists(row, row.amount > 3) && A6 == \"yes\" || A6 == B1");
    let names: Vec<&str> = condition.references().iter().map(QuestionId::as_str).collect();
    assert_eq!(names, ["A6", "B1", "D11"]);
}

#[test]
fn hostile_expressions_are_refused_at_load() {
    let deep = format!("{}A1{}", "(".repeat(200), ")".repeat(200));
    let choices = format!("{}true", "A1 == 1 ? true : ".repeat(30));
    let long = format!("A1 == \"{}\"", "x".repeat(10_000));
    let nested = "[1,2].exists(a, [1,2].exists(b, [1,2].exists(c, a == c)))".to_owned();
    let flat = format!("A1{}", "+1".repeat(280));
    let minus = "-".repeat(590) + "1";
    let not = "!".repeat(590) + "true";
    for source in [
        deep,
        choices,
        long,
        nested,
        flat,
        "A1.matches(\"(a+)+$\")".into(),
        "".into(),
        "A1 ==".into(),
        "google.Thing{a: 1}".into(),
        "\u{202e}".into(),
    ] {
        assert!(Condition::compile(&source).is_err(), "{}", &source[..source.len().min(60)]);
    }
    // These may be refused or accepted, but must come to an end without harm.
    for source in [minus, not] {
        if let Ok(condition) = Condition::compile(&source) {
            condition.holds(&Answers::new());
        }
    }
}
