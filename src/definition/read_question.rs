//! Reads a question from YAML and turns it into a [`Question`], noting what is wrong with it and where.

use super::condition::Condition;
use super::kind::{Choice, Column, Kind};
use super::question::{Benefits, ClientFact, Question, Required};
use super::report::Faults;
use super::text::Text;
use crate::ids::QuestionId;
use serde::Deserialize;
use serde_saphyr::Spanned;
use std::collections::BTreeSet;

/// `true`, `false` or an expression.
#[derive(Deserialize)]
#[serde(untagged, expecting = "must be true, false or an expression")]
pub(super) enum RawRequired {
    Plain(bool),
    When(String),
}

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

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawQuestion {
    pub(super) id: Spanned<String>,
    pub(super) label: Text,
    #[serde(default)]
    hint: Option<Text>,
    #[serde(default)]
    kind: Option<Spanned<String>>,
    #[serde(default)]
    shown: Option<Spanned<String>>,
    #[serde(default)]
    required: Option<Spanned<RawRequired>>,
    #[serde(default)]
    benefits: Option<Vec<Spanned<String>>>,
    #[serde(default)]
    agencies: Option<Vec<Spanned<String>>>,
    #[serde(default)]
    sensitive: bool,
    #[serde(default)]
    adviser_only: bool,
    #[serde(default)]
    pub(super) fills: Option<Spanned<String>>,
    #[serde(default)]
    fills_client: Option<Spanned<ClientFact>>,
    #[serde(default)]
    options: Option<Vec<RawChoice>>,
    #[serde(default)]
    columns: Option<Vec<RawColumn>>,
    #[serde(default)]
    fields: Option<Vec<RawColumn>>,
    #[serde(default)]
    max_rows: Option<usize>,
    #[serde(default)]
    max_chars: Option<usize>,
    #[serde(default)]
    min: Option<i64>,
    #[serde(default)]
    max: Option<i64>,
    #[serde(default)]
    with_period: Option<bool>,
    /// The expression of a computed question.
    #[serde(default)]
    value: Option<Spanned<String>>,
}

/// What the rest of the definition says, as far as a question needs it.
pub(super) struct Vocabulary<'a> {
    pub(super) benefits: &'a BTreeSet<String>,
    pub(super) agencies: &'a BTreeSet<String>,
}

/// The parts of a kind as they stand in YAML.
struct RawKind<'a> {
    name: &'a Spanned<String>,
    options: Option<Vec<RawChoice>>,
    columns: Option<Vec<RawColumn>>,
    fields: Option<Vec<RawColumn>>,
    max_rows: Option<usize>,
    max_chars: Option<usize>,
    min: Option<i64>,
    max: Option<i64>,
    with_period: Option<bool>,
    value: Option<Spanned<String>>,
}

/// Longest a text answer may be made by a definition, in characters.
const MOST_CHARS: usize = 10_000;
/// Most rows a table may be given by a definition.
const MOST_ROWS: usize = 200;

impl RawQuestion {
    /// A question of the form. Gives `None` after noting what is wrong with it.
    pub(super) fn into_form_question(
        mut self,
        vocabulary: &Vocabulary<'_>,
        faults: &mut Faults<'_>,
    ) -> Option<Question> {
        if let Some(fills) = &self.fills {
            faults.at(fills, "only a script's question fills another");
        }
        if self.agencies.as_ref().is_none_or(Vec::is_empty) {
            faults
                .at(&self.id, format!("no agency needs question {}: name one in agencies, or drop it", self.id.value));
        }
        let Some(kind) = self.kind.take() else {
            faults.at(&self.id, format!("question {} needs a kind", self.id.value));
            return None;
        };
        let kind = self.take_kind(&kind, faults)?;
        self.finish(kind, None, vocabulary, faults)
    }

    /// A question of a script; `filled` finds the kind of a form question.
    pub(super) fn into_script_question<'f>(
        mut self,
        filled: impl Fn(&str) -> Option<&'f Question>,
        vocabulary: &Vocabulary<'_>,
        faults: &mut Faults<'_>,
    ) -> Option<Question> {
        let fills = self.fills.take();
        let kind = self.kind.take();
        let (kind, fills) = match (fills, kind) {
            (Some(fills), own) => {
                let Some(target) = filled(&fills.value) else {
                    faults.at(&fills, format!("there is no form question {} to fill", fills.value));
                    return None;
                };
                if let Some(own) = own {
                    faults.at(&own, format!("leave kind out: it is that of form question {}", fills.value));
                }
                if matches!(target.kind, Kind::Computed(_)) {
                    faults.at(&fills, format!("form question {} is computed and cannot be filled", fills.value));
                }
                (target.kind.clone(), Some(target.id.clone()))
            }
            (None, Some(kind)) => (self.take_kind(&kind, faults)?, None),
            (None, None) => {
                faults
                    .at(&self.id, format!("question {} needs a kind, or a form question that it fills", self.id.value));
                return None;
            }
        };
        self.finish(kind, fills, vocabulary, faults)
    }

    fn take_kind(&mut self, name: &Spanned<String>, faults: &mut Faults<'_>) -> Option<Kind> {
        RawKind {
            name,
            options: self.options.take(),
            columns: self.columns.take(),
            fields: self.fields.take(),
            max_rows: self.max_rows.take(),
            max_chars: self.max_chars.take(),
            min: self.min.take(),
            max: self.max.take(),
            with_period: self.with_period.take(),
            value: self.value.take(),
        }
        .into_kind(faults)
    }

    fn finish(
        self,
        kind: Kind,
        fills: Option<QuestionId>,
        vocabulary: &Vocabulary<'_>,
        faults: &mut Faults<'_>,
    ) -> Option<Question> {
        if !is_question_id(&self.id.value) {
            faults.at(
                &self.id,
                "a question's id is a letter and then letters, figures or _, at most 40, and no CEL word",
            );
        }
        let required = match self.required {
            None | Some(Spanned { value: RawRequired::Plain(true), .. }) => Required::Always,
            Some(Spanned { value: RawRequired::Plain(false), .. }) => Required::Never,
            Some(Spanned { value: RawRequired::When(source), referenced, defined }) => {
                Required::When(compile_at(Some(Spanned::new(source, referenced, defined)), faults)?)
            }
        };
        if let Some(fact) = self.fills_client.as_ref().filter(|fact| !fact.value.fits(&kind)) {
            faults.at(fact, format!("a {} answer cannot fill that fact of the client record", kind.name()));
        }
        let mut known = |given: Option<Vec<Spanned<String>>>, known: &BTreeSet<String>, what: &str| {
            let mut names = Vec::new();
            for name in given.into_iter().flatten() {
                if !known.contains(&name.value) {
                    faults.at(&name, format!("there is no {what} {}", name.value));
                } else if names.contains(&name.value) {
                    faults.at(&name, format!("the {what} {} is named twice", name.value));
                } else {
                    names.push(name.value);
                }
            }
            names
        };
        let all = self.benefits.as_ref().is_none_or(|names| names.iter().any(|name| name.value == "ALL"));
        let benefits =
            if all { Benefits::All } else { Benefits::Only(known(self.benefits, vocabulary.benefits, "benefit")) };
        let agencies = known(self.agencies, vocabulary.agencies, "agency");
        if benefits == Benefits::Only(Vec::new()) {
            faults.at(
                &self.id,
                format!("question {} serves no benefit: leave benefits out if it serves all", self.id.value),
            );
        }
        Some(Question {
            shown: compile_at(self.shown, faults),
            line: self.id.referenced.line(),
            id: QuestionId::new(&self.id.value),
            label: self.label,
            hint: self.hint,
            kind,
            required,
            benefits,
            agencies,
            sensitive: self.sensitive,
            adviser_only: self.adviser_only,
            fills,
            fills_client: self.fills_client.map(|fact| fact.value),
        })
    }
}

/// Compiles an expression that may be absent; a fault is noted where it stands.
pub(super) fn compile_at(source: Option<Spanned<String>>, faults: &mut Faults<'_>) -> Option<Condition> {
    let source = source?;
    let mut condition = Condition::compile(&source.value).map_err(|reason| faults.at(&source, reason)).ok()?;
    condition.line = source.referenced.line();
    Some(condition)
}

/// A name that CEL reads as a variable.
fn is_question_id(id: &str) -> bool {
    const CEL_WORDS: [&str; 21] = [
        "true",
        "false",
        "null",
        "in",
        "as",
        "break",
        "const",
        "continue",
        "else",
        "for",
        "function",
        "if",
        "import",
        "let",
        "loop",
        "package",
        "namespace",
        "return",
        "var",
        "void",
        "while",
    ];
    id.len() <= 40
        && id.starts_with(|c: char| c.is_ascii_alphabetic())
        && id.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        && !CEL_WORDS.contains(&id)
}

impl RawKind<'_> {
    fn into_kind(mut self, faults: &mut Faults<'_>) -> Option<Kind> {
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
                Kind::Table { columns: columns(name, "columns", self.columns.take(), faults)?, max_rows }
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
            other => {
                faults.at(name, format!("there is no kind {other}"));
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
        if matches!(column.kind.value.as_str(), "table" | "group" | "computed" | "multi" | "bank") {
            faults.at(&column.kind, format!("a {} cannot stand inside a {}", column.kind.value, name.value));
            continue;
        }
        let kind = RawKind {
            name: &column.kind,
            options: column.options,
            columns: None,
            fields: None,
            max_rows: None,
            max_chars: column.max_chars,
            min: column.min,
            max: column.max,
            with_period: column.with_period,
            value: None,
        }
        .into_kind(faults)?;
        built.push(Column { id: column.id.value, label: column.label, kind, required: column.required });
    }
    Some(built)
}
