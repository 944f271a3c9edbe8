//! Reads a question from YAML and turns it into a [`Question`], noting what is wrong with it and where.

use super::kind::Kind;
use super::nearest::did_you_mean;
use super::question::{Benefits, Carry, ClientFact, Printed, Question, Required};
use super::read_condition::{compile_at, is_question_id};
use super::read_kind::{RawChoice, RawColumn, RawKind, bounds};
use super::read_printed::{self, RawPrinted};
use super::reader::Reader;
use super::report::Faults;
use super::sensitivity::Sensitivity;
use super::text::Text;
use serde::Deserialize;
use serde_saphyr::Spanned;
use startline_foundation::ids::QuestionId;
use std::collections::BTreeSet;

/// `true`, `false` or an expression.
#[derive(Deserialize)]
#[serde(untagged, expecting = "must be true, false or an expression")]
pub(super) enum RawRequired {
    Plain(bool),
    When(String),
}

/// Of which sort it is. Definitions of before there were sorts said no more than `true`.
#[derive(Deserialize)]
#[serde(untagged, expecting = "must be bank, risk, health or private")]
enum RawSensitive {
    Plain(bool),
    Sort(String),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawQuestion {
    pub(super) id: Spanned<String>,
    pub(super) label: Text,
    #[serde(default)]
    say: Option<Text>,
    #[serde(default)]
    guidance: Option<Text>,
    #[serde(default)]
    hint: Option<Text>,
    #[serde(default)]
    kind: Option<Spanned<String>>,
    #[serde(default)]
    shown: Option<Spanned<String>>,
    #[serde(default)]
    required: Option<Spanned<RawRequired>>,
    #[serde(default)]
    earliest: Option<Spanned<String>>,
    #[serde(default)]
    latest: Option<Spanned<String>>,
    #[serde(default)]
    benefits: Option<Vec<Spanned<String>>>,
    #[serde(default)]
    agencies: Option<Vec<Spanned<String>>>,
    #[serde(default)]
    sensitive: Option<Spanned<RawSensitive>>,
    #[serde(default)]
    adviser_only: bool,
    #[serde(default)]
    printed: Option<Spanned<RawPrinted>>,
    #[serde(default)]
    pub(super) fills: Option<Spanned<String>>,
    #[serde(default)]
    fills_client: Option<Spanned<ClientFact>>,
    #[serde(default)]
    carry: Option<Spanned<Carry>>,
    #[serde(default)]
    carry_days: Option<Spanned<u32>>,
    #[serde(default)]
    from_partner: Option<Spanned<String>>,
    #[serde(default)]
    options: Option<Vec<RawChoice>>,
    #[serde(default)]
    columns: Option<Vec<RawColumn>>,
    #[serde(default)]
    fields: Option<Vec<RawColumn>>,
    #[serde(default)]
    min_rows: Option<usize>,
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
    pub(super) reader: Reader,
}

/// The same sentence wherever a name stands that there is none of, so that it is told once.
pub(super) fn none_such<'k>(what: &str, name: &str, known: impl IntoIterator<Item = &'k String>) -> String {
    format!("there is no {what} {name}{}", did_you_mean(name, known.into_iter().map(String::as_str)))
}

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
        let printed = read_printed::of_form(self.printed.take(), faults);
        self.finish(kind, None, printed, vocabulary, faults)
    }

    /// A question of a script; `filled` finds a form question, or says that there is none.
    pub(super) fn into_script_question<'f>(
        mut self,
        filled: impl Fn(&str) -> Result<&'f Question, String>,
        vocabulary: &Vocabulary<'_>,
        faults: &mut Faults<'_>,
    ) -> Option<Question> {
        let carried = self.carry.as_ref().map(|carry| carry.referenced.line());
        let days = self.carry_days.as_ref().map(|days| days.referenced.line());
        let partner = self.from_partner.as_ref().map(|from| from.referenced.line());
        if let Some(line) = carried.or(days).or(partner) {
            faults.at_line(line, "only the form's answers are carried over");
        }
        let fills = self.fills.take();
        let kind = self.kind.take();
        let (kind, fills) = match (fills, kind) {
            (Some(fills), own) => {
                let target = match filled(&fills.value) {
                    Ok(target) => target,
                    Err(reason) => {
                        faults.at(&fills, reason);
                        return None;
                    }
                };
                if let Some(own) = own {
                    faults.at(&own, format!("leave kind out: it is that of form question {}", fills.value));
                } else if self.says_more_of_its_kind() {
                    let reason =
                        format!("leave out what belongs to a kind: it is that of form question {}", fills.value);
                    faults.at(&fills, reason);
                }
                if !target.kind.is_asked() {
                    faults.at(&fills, format!("form question {} is asked of nobody and cannot be filled", fills.value));
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
        let printed = read_printed::of_script(self.printed.take(), faults);
        self.finish(kind, fills, printed, vocabulary, faults)
    }

    fn says_more_of_its_kind(&self) -> bool {
        let lists = self.options.is_some() || self.columns.is_some() || self.fields.is_some();
        let bounds = self.earliest.is_some()
            || self.latest.is_some()
            || self.min.is_some()
            || self.max.is_some()
            || self.min_rows.is_some()
            || self.max_rows.is_some();
        lists || bounds || self.max_chars.is_some() || self.with_period.is_some() || self.value.is_some()
    }

    fn take_kind(&mut self, name: &Spanned<String>, faults: &mut Faults<'_>) -> Option<Kind> {
        RawKind {
            name,
            options: self.options.take(),
            columns: self.columns.take(),
            fields: self.fields.take(),
            min_rows: self.min_rows.take(),
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
        printed: Printed,
        vocabulary: &Vocabulary<'_>,
        faults: &mut Faults<'_>,
    ) -> Option<Question> {
        if !is_question_id(&self.id.value) {
            faults.at(
                &self.id,
                "a question's id is a letter and then letters, figures or _, at most 40, and no word of CEL nor `client`",
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
                    faults.at(&name, none_such(what, &name.value, known));
                } else if names.contains(&name.value) {
                    faults.at(&name, format!("the {what} {} is named twice", name.value));
                } else {
                    names.push(name.value);
                }
            }
            names
        };
        let serves_none = self.benefits.as_ref().is_some_and(Vec::is_empty);
        let all = self.benefits.as_ref().is_none_or(|names| names.iter().any(|name| name.value == "ALL"));
        let benefits =
            if all { Benefits::All } else { Benefits::Only(known(self.benefits, vocabulary.benefits, "benefit")) };
        let agencies = known(self.agencies, vocabulary.agencies, "agency");
        if serves_none {
            faults.at(
                &self.id,
                format!("question {} serves no benefit: leave benefits out if it serves all", self.id.value),
            );
        }
        if let Some(days) = self.carry_days.as_ref().filter(|days| !(1..=3660).contains(&days.value)) {
            faults.at(days, "carry_days must be from 1 to 3660");
        }
        let bounds = bounds(self.earliest, self.latest, &kind, faults);
        let sensitive = sensitivity(self.sensitive, &kind, vocabulary.reader, faults);
        Some(Question {
            bounds,
            shown: compile_at(self.shown, faults),
            line: self.id.referenced.line(),
            id: QuestionId::new(&self.id.value),
            label: self.label,
            say: self.say,
            guidance: self.guidance,
            hint: self.hint,
            kind,
            required,
            benefits,
            agencies,
            sensitive,
            adviser_only: self.adviser_only,
            printed,
            fills,
            fills_client: self.fills_client.map(|fact| fact.value),
            carry: self.carry.map(|carry| carry.value).unwrap_or_default(),
            carry_days: self.carry_days.map(|days| days.value),
            from_partner: self.from_partner.map(|id| QuestionId::new(&id.value)),
        })
    }
}

fn sensitivity(
    given: Option<Spanned<RawSensitive>>,
    kind: &Kind,
    reader: Reader,
    faults: &mut Faults<'_>,
) -> Option<Sensitivity> {
    let given = given?;
    let sort = match &given.value {
        RawSensitive::Plain(false) => return None,
        RawSensitive::Plain(true) if reader == Reader::Store => return Some(Sensitivity::of_kind(kind)),
        RawSensitive::Plain(true) => None,
        RawSensitive::Sort(word) => Sensitivity::parse(word),
    };
    if sort.is_none() {
        faults.at(&given, "sensitive says of which sort the answer is: bank, risk, health or private");
    }
    sort
}
