use super::*;
use crate::Definition;
use proptest::prelude::*;
use startline_foundation::formats::Language;

fn choices(ids: &[&str]) -> Vec<Choice> {
    ids.iter().map(|id| Choice { id: (*id).to_owned(), label: Text::english(&format!("Label of {id}")) }).collect()
}

fn column(id: &str, kind: Kind, required: bool) -> Column {
    Column { id: id.to_owned(), label: Text::english(id), kind, required, bounds: Bounds::default() }
}

fn every_kind() -> Vec<Kind> {
    let columns = vec![
        column("name", Kind::Text { max_chars: 20 }, true),
        column("amount", Kind::Money { with_period: true }, false),
    ];
    vec![
        Kind::Text { max_chars: 20 },
        Kind::LongText { max_chars: 40 },
        Kind::YesNo,
        Kind::Choice(choices(&["a", "b"])),
        Kind::Multi(choices(&["a", "b", "c"])),
        Kind::Date,
        Kind::Money { with_period: false },
        Kind::Money { with_period: true },
        Kind::Number { min: 1, max: 9 },
        Kind::Hours,
        Kind::Nino,
        Kind::Postcode,
        Kind::Address,
        Kind::Phone,
        Kind::Bank,
        Kind::Table { columns: columns.clone(), min_rows: 0, max_rows: 3 },
        Kind::Group { fields: columns },
        Kind::Flag,
    ]
}

#[test]
fn answers_are_stored_in_one_form_however_they_are_given() {
    let cases = [
        (Kind::YesNo, json!(true), json!("yes")),
        (Kind::Multi(choices(&["a", "b", "c"])), json!(["c", "a", "c"]), json!(["a", "c"])),
        (Kind::Date, json!("3 April 2000"), json!("2000-04-03")),
        (Kind::Money { with_period: false }, json!("£1,234.50"), json!({"pence": 123_450})),
        (
            Kind::Money { with_period: true },
            json!({"amount": "12", "period": "week"}),
            json!({"pence": 1200, "period": "week"}),
        ),
        (Kind::Number { min: 0, max: 9 }, json!("7"), json!(7)),
        (Kind::Hours, json!("7.5"), json!(7.5)),
        (Kind::Nino, json!("ab 12 34 56 c"), json!("AB123456C")),
        (Kind::Postcode, json!("ba111aa"), json!("BA11 1AA")),
        (Kind::Phone, json!("(01373) 000123"), json!("+441373000123")),
        (Kind::Address, json!("1 High Street\n\n Frome "), json!({"lines": ["1 High Street", "Frome"]})),
        (Kind::Text { max_chars: 9 }, json!("  Ann "), json!("Ann")),
        (
            Kind::Bank,
            json!({"account_holder": "A", "bank": "B", "sort_code": "123456", "account_number": "1234 5678"}),
            json!({"account_holder": "A", "bank": "B", "sort_code": "12-34-56", "account_number": "12345678"}),
        ),
    ];
    for (kind, given, stored) in cases {
        assert_eq!(kind.check(&given), Ok(stored), "{}", kind.name());
    }
}

#[test]
fn what_is_wrong_is_refused_with_what_would_be_right_and_not_repeated() {
    let text = "SECRET-TYPED-TEXT\u{202e}";
    let long = "x".repeat(100_000);
    let hostile = [
        json!(null),
        json!(text),
        json!(long),
        json!(1e300),
        json!(-1),
        json!([text]),
        json!({ text: text }),
        json!([[[]]]),
        json!({"lines": [long]}),
        json!({"pence": -5}),
        json!({"amount": long}),
        json!({"period": "eon"}),
        json!([{"name": text}]),
        json!([{"name": "a"}, {"name": "a"}, {"name": "a"}, {"name": "a"}]),
        json!([{}]),
        json!({"name": ["a"]}),
    ];
    for kind in every_kind() {
        for value in &hostile {
            let Err(reason) = kind.check(value) else { panic!("{} took {value}", kind.name()) };
            let (en, cy) = (reason.in_language(Language::English), reason.in_language(Language::Welsh));
            assert!([en, cy].iter().all(|r| !r.contains("SECRET") && r.len() < 300), "{}: {reason}", kind.name());
            assert!(en.contains("must ") && cy.contains("rhaid "), "{}: {en} / {cy}", kind.name());
        }
    }
    assert!(Kind::Computed(Condition::compile("true").unwrap_or_else(|r| panic!("{r}"))).check(&json!(true)).is_err());
}

#[test]
fn a_fault_in_a_table_names_its_row_and_column() {
    let kind = Kind::Table { columns: vec![column("end", Kind::Date, true)], min_rows: 0, max_rows: 9 };
    let reason = kind.check(&json!([{"end": "2000-01-01"}, {"end": "soon"}]));
    assert!(reason.is_err_and(|r| r.to_string().starts_with("row 2: end: must be a date")));
}

#[test]
fn samples_pass_the_check_they_are_samples_of_and_can_be_shown() {
    let definition = Definition::embedded();
    let kinds = every_kind().into_iter().chain(definition.form.questions().map(|q| q.kind.clone()));
    for kind in kinds.filter(Kind::is_asked) {
        assert!(!kind.samples().is_empty(), "{}", kind.name());
        for sample in kind.samples() {
            assert_eq!(kind.check(&sample), Ok(sample.clone()), "{}", kind.name());
            let shown = kind.show(&sample, Language::English);
            let says_nothing = crate::is_blank(&sample) && !matches!(kind, Kind::Table { .. });
            assert_eq!(shown.is_empty(), says_nothing, "{}: {shown}", kind.name());
        }
    }
}

#[test]
fn answers_are_shown_in_words() {
    let show = |kind: &Kind, value: Json, language: Language| kind.show(&value, language);
    let table = &every_kind()[15];
    assert_eq!(show(&Kind::YesNo, json!("yes"), Language::Welsh), "Ie");
    assert_eq!(show(&Kind::Date, json!("2000-04-03"), Language::English), "3 April 2000");
    assert_eq!(
        show(&Kind::Multi(choices(&["a", "b"])), json!(["a", "b"]), Language::English),
        "Label of a, Label of b"
    );
    assert_eq!(
        show(&Kind::Money { with_period: true }, json!({"pence": 1250, "period": "week"}), Language::English),
        "£12.50 a week"
    );
    assert_eq!(show(&Kind::Phone, json!("+441373000123"), Language::English), "01373 000123");
    assert_eq!(show(&Kind::Hours, json!(37.5), Language::English), "37.5");
    assert_eq!(
        show(
            table,
            json!([{"name": "Bakery", "amount": {"pence": 100, "period": "day"}}, {"name": "Mill"}]),
            Language::English
        ),
        "name: Bakery, amount: £1.00 a day\nname: Mill"
    );
}

#[test]
fn whole_hours_are_shown_without_a_point_and_quarters_with_theirs() {
    for (given, shown) in [
        (json!(6), "6"),
        (json!("6"), "6"),
        (json!(0), "0"),
        (json!(6.25), "6.25"),
        (json!(7.5), "7.5"),
        (json!(168), "168"),
    ] {
        let stored = Kind::Hours.check(&given).expect("hours in quarters are accepted");
        assert_eq!(Kind::Hours.show(&stored, Language::English), shown, "{given}");
    }
    let group = Kind::Group {
        fields: vec![Column {
            id: "hours".into(),
            label: Text::english("Hours"),
            kind: Kind::Hours,
            required: false,
            bounds: Bounds::default(),
        }],
    };
    assert_eq!(group.show(&json!({"hours": 6.0}), Language::English), "Hours: 6");
}

/// JSON of any shape, a little of it well-formed.
fn any_json() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        any::<i64>().prop_map(Json::from),
        any::<f64>().prop_map(Json::from),
        any::<String>().prop_map(Json::from),
        proptest::sample::select(every_kind().iter().flat_map(Kind::samples).collect::<Vec<_>>()),
    ];
    leaf.prop_recursive(3, 20, 5, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..5).prop_map(Json::from),
            proptest::collection::btree_map("(name|amount|lines|pence|period|bank|sort_code)", inner, 0..4)
                .prop_map(|fields| Json::Object(fields.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn what_is_accepted_is_stored_unchanged_from_then_on(value in any_json()) {
        for kind in every_kind() {
            if let Ok(stored) = kind.check(&value) {
                prop_assert_eq!(kind.check(&stored), Ok(stored.clone()), "{}", kind.name());
                kind.show(&stored, Language::Welsh);
            }
            kind.show(&value, Language::English);
        }
    }
}
