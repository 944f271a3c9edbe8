//! Reads the kind of a question, column or field from YAML: its name and what belongs to it.

use super::bounds::Bounds;
use super::kind::{Choice, Column, Kind, Paper};
use super::nearest::did_you_mean;
use super::read_condition::{compile_at, is_question_id};
use super::report::Faults;
use super::text::Text;
use serde::Deserialize;
use serde_saphyr::Spanned;
use std::collections::BTreeSet;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawChoice {
    id: Spanned<String>,
    en: String,
    #[serde(default)]
    cy: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawColumn {
    id: Spanned<String>,
    label: Text,
    kind: Spanned<String>,
    #[serde(default)]
    required: bool,
    #[serde(default)]
    earliest: Option<Spanned<String>>,
    #[serde(default)]
    latest: Option<Spanned<String>>,
    #[serde(default)]
    options: Option<Vec<RawChoice>>,
    #[serde(default)]
    max_chars: Option<usize>,
    #[serde(default)]
    min: Option<i64>,
    #[serde(default)]
    max: Option<i64>,
    #[serde(default)]
    with_period: Option<bool>,
}

/// The parts of a kind as they stand in YAML.
pub(super) struct RawKind<'a> {
    pub(super) name: &'a Spanned<String>,
    pub(super) options: Option<Vec<RawChoice>>,
    pub(super) columns: Option<Vec<RawColumn>>,
    pub(super) fields: Option<Vec<RawColumn>>,
    pub(super) min_rows: Option<usize>,
    pub(super) max_rows: Option<usize>,
    pub(super) max_chars: Option<usize>,
    pub(super) min: Option<i64>,
    pub(super) max: Option<i64>,
    pub(super) with_period: Option<bool>,
    pub(super) value: Option<Spanned<String>>,
}

/// Every word that names a kind.
const KINDS: [&str; 22] = [
    "text",
    "long_text",
    "yes_no",
    "choice",
    "multi",
    "date",
    "money",
    "number",
    "hours",
    "nino",
    "postcode",
    "address",
    "phone",
    "bank",
    "table",
    "group",
    "computed",
    "flag",
    "signature",
    "consent",
    "amendments",
    "stamp",
];
/// Longest a text answer may be made by a definition, in characters.
const MOST_CHARS: usize = 10_000;
/// Most rows a table may be given by a definition.
const MOST_ROWS: usize = 200;

impl RawKind<'_> {
    pub(super) fn into_kind(mut self, faults: &mut Faults<'_>) -> Option<Kind> {
        let name = self.name;
        let kind = match name.value.as_str() {
            "text" => Kind::Text { max_chars: self.chars(100, faults) },
            "long_text" => Kind::LongText { max_chars: self.chars(2_000, faults) },
            "yes_no" => Kind::YesNo,
            "choice" => Kind::Choice(self.choices(faults)?),
            "multi" => Kind::Multi(self.choices(faults)?),
            "date" => Kind::Date,
            "money" => Kind::Money { with_period: self.with_period.take().unwrap_or(false) },
            "number" => {
                let (min, max) = (self.min.take().unwrap_or(0), self.max.take().unwrap_or(1_000_000));
                if min > max {
                    faults.at(name, "min is above max");
                }
                Kind::Number { min, max }
            }
            "hours" => Kind::Hours,
            "nino" => Kind::Nino,
            "postcode" => Kind::Postcode,
            "address" => Kind::Address,
            "phone" => Kind::Phone,
            "bank" => Kind::Bank,
            "table" => {
                let max_rows = self.max_rows.take().unwrap_or(20);
                if !(1..=MOST_ROWS).contains(&max_rows) {
                    faults.at(name, format!("max_rows must be from 1 to {MOST_ROWS}"));
                }
                let min_rows = self.min_rows.take().unwrap_or(0);
                if min_rows > max_rows {
                    faults.at(name, "min_rows is above max_rows");
                }
                Kind::Table { columns: columns(name, "columns", self.columns.take(), faults)?, min_rows, max_rows }
            }
            "group" => Kind::Group { fields: columns(name, "fields", self.fields.take(), faults)? },
            "computed" => match self.value.take() {
                Some(value) => Kind::Computed(compile_at(Some(value), faults)?),
                None => {
                    faults.at(name, "a computed question needs its expression in value");
                    return None;
                }
            },
            "flag" => Kind::Flag,
            "signature" => Kind::Paper(Paper::Signature),
            "consent" => Kind::Paper(Paper::Consent),
            "amendments" => Kind::Paper(Paper::Amendments),
            "stamp" => Kind::Paper(Paper::Stamp),
            other => {
                faults.at(name, format!("there is no kind {other}{}", did_you_mean(other, KINDS)));
                return None;
            }
        };
        self.nothing_left(&kind, faults);
        Some(kind)
    }

    fn chars(&mut self, default: usize, faults: &mut Faults<'_>) -> usize {
        let max_chars = self.max_chars.take().unwrap_or(default);
        if !(1..=MOST_CHARS).contains(&max_chars) {
            faults.at(self.name, format!("max_chars must be from 1 to {MOST_CHARS}"));
        }
        max_chars
    }

    fn choices(&mut self, faults: &mut Faults<'_>) -> Option<Vec<Choice>> {
        let Some(raw) = self.options.take().filter(|options| !options.is_empty()) else {
            faults.at(self.name, format!("a {} needs options", self.name.value));
            return None;
        };
        let mut seen = BTreeSet::new();
        let choice = |raw: RawChoice| {
            if !seen.insert(raw.id.value.clone()) {
                faults.at(&raw.id, format!("option {} is there twice", raw.id.value));
            }
            let label = Text::checked(&raw.en, raw.cy.as_deref()).unwrap_or_else(|reason| {
                faults.at(&raw.id, reason);
                Text::default()
            });
            Choice { id: raw.id.value, label }
        };
        Some(raw.into_iter().map(choice).collect())
    }

    /// What a kind has not used does not belong to it.
    fn nothing_left(&self, kind: &Kind, faults: &mut Faults<'_>) {
        let left = [
            ("options", self.options.is_some()),
            ("columns", self.columns.is_some()),
            ("fields", self.fields.is_some()),
            ("min_rows", self.min_rows.is_some()),
            ("max_rows", self.max_rows.is_some()),
            ("max_chars", self.max_chars.is_some()),
            ("min", self.min.is_some()),
            ("max", self.max.is_some()),
            ("with_period", self.with_period.is_some()),
            ("value", self.value.is_some()),
        ];
        for (attribute, _) in left.into_iter().filter(|(_, is_left)| *is_left) {
            faults.at(self.name, format!("{attribute} means nothing for a {} question", kind.name()));
        }
    }
}

/// Between which days a date may lie.
pub(super) fn bounds(
    earliest: Option<Spanned<String>>,
    latest: Option<Spanned<String>>,
    kind: &Kind,
    faults: &mut Faults<'_>,
) -> Bounds {
    for given in earliest.iter().chain(&latest).filter(|_| *kind != Kind::Date) {
        faults.at(given, format!("earliest and latest mean nothing for a {} question", kind.name()));
    }
    Bounds { earliest: compile_at(earliest, faults), latest: compile_at(latest, faults) }
}

fn columns(
    name: &Spanned<String>,
    attribute: &str,
    raw: Option<Vec<RawColumn>>,
    faults: &mut Faults<'_>,
) -> Option<Vec<Column>> {
    let Some(raw) = raw.filter(|columns| !columns.is_empty()) else {
        faults.at(name, format!("a {} needs {attribute}", name.value));
        return None;
    };
    let mut seen = BTreeSet::new();
    let mut built = Vec::new();
    for column in raw {
        if !is_question_id(&column.id.value) {
            faults.at(&column.id, "an id is a letter and then letters, figures or _, at most 40");
        }
        if !seen.insert(column.id.value.clone()) {
            faults.at(&column.id, format!("{} is there twice", column.id.value));
        }
        let on_paper = ["signature", "consent", "amendments", "stamp"].contains(&column.kind.value.as_str());
        if on_paper || matches!(column.kind.value.as_str(), "table" | "group" | "computed" | "multi" | "bank") {
            faults.at(&column.kind, format!("a {} cannot stand inside a {}", column.kind.value, name.value));
            continue;
        }
        let kind = RawKind {
            name: &column.kind,
            options: column.options,
            columns: None,
            fields: None,
            min_rows: None,
            max_rows: None,
            max_chars: column.max_chars,
            min: column.min,
            max: column.max,
            with_period: column.with_period,
            value: None,
        }
        .into_kind(faults)?;
        let bounds = bounds(column.earliest, column.latest, &kind, faults);
        built.push(Column { id: column.id.value, label: column.label, kind, required: column.required, bounds });
    }
    Some(built)
}
