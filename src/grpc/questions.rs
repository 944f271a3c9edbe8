//! A question with all that a form needs to ask it.

use super::mirrors::shown;
use super::pb;
use startline_definition::{
    Benefits, Bounds, Carry, Choice, ClientFact, Column, Condition, Kind, PERIODS, Paper, Printed, Question, Required,
    Text,
};
use startline_foundation::formats::Language;

/// In which a question is spoken, printed, and read by the adviser.
#[derive(Debug, Clone, Copy, Default)]
pub struct Languages {
    pub spoken: Language,
    pub printed: Language,
    pub read: Language,
}

impl Languages {
    pub fn all(language: Language) -> Self {
        Self { spoken: language, printed: language, read: language }
    }
}

pub fn question(question: &Question, languages: Languages) -> pb::FormQuestion {
    let text = |text: Option<&Text>, language| text.map(|t| t.in_language(language).to_owned()).unwrap_or_default();
    let of_kind = of_kind(&question.kind, &question.bounds, languages);
    let printed_label = match &question.printed {
        _ if !question.is_printed() => String::new(),
        Printed::AsAsked => text(Some(&question.label), languages.printed),
        Printed::Under(words) => text(Some(words), languages.printed),
        Printed::Not => String::new(),
    };
    pb::FormQuestion {
        question_id: question.id.to_string(),
        label: text(Some(&question.label), languages.printed),
        hint: text(question.hint.as_ref(), languages.spoken),
        say: text(Some(question.spoken()), languages.spoken),
        guidance: text(question.guidance.as_ref(), languages.read),
        sensitivity: question.sensitive.map_or(0, shown::<pb::Sensitivity>),
        adviser_only: question.adviser_only,
        requirement: match &question.required {
            Required::Always => pb::Requirement::Always,
            Required::Never => pb::Requirement::Never,
            Required::When(_) => pb::Requirement::When,
        }
        .into(),
        required_when: match &question.required {
            Required::When(when) => condition(Some(when)),
            Required::Always | Required::Never => String::new(),
        },
        shown_when: condition(question.shown.as_ref()),
        asked_of: match (&question.kind, question.adviser_only) {
            (Kind::Computed(_), _) => pb::AskedOf::Nobody,
            (Kind::Paper(_), _) => pb::AskedOf::ClientOnPaper,
            (_, true) => pb::AskedOf::Adviser,
            (_, false) => pb::AskedOf::Client,
        }
        .into(),
        printed: question.is_printed(),
        printed_label,
        benefits: benefits(&question.benefits),
        agencies: question.agencies.clone(),
        default_from: default_from(question).into_iter().map(Into::into).collect(),
        fills_question_id: question.fills.as_ref().map(ToString::to_string).unwrap_or_default(),
        ..of_kind
    }
}

/// Its text; empty where there is none.
pub fn condition(condition: Option<&Condition>) -> String {
    condition.map(|condition| condition.source().to_owned()).unwrap_or_default()
}

/// Empty where it is for all.
pub fn benefits(benefits: &Benefits) -> Vec<String> {
    match benefits {
        Benefits::All => Vec::new(),
        Benefits::Only(benefits) => benefits.clone(),
    }
}

fn default_from(question: &Question) -> Vec<pb::DefaultSource> {
    match question.fills_client {
        // The record has no place for it.
        Some(ClientFact::OtherPhone) => Vec::new(),
        Some(_) => vec![pb::DefaultSource::ClientRecord],
        // A script's own questions are asked in each walk.
        None if !question.kind.is_asked() || question.agencies.is_empty() => Vec::new(),
        None => {
            let partner = question.from_partner.as_ref().map(|_| pb::DefaultSource::PartnersClaim);
            let earlier = (question.carry == Carry::Confirm).then_some(pb::DefaultSource::EarlierClaim);
            partner.into_iter().chain(earlier).collect()
        }
    }
}

/// What the kind says, for a question or a column.
fn of_kind(kind: &Kind, bounds: &Bounds, languages: Languages) -> pb::FormQuestion {
    let options: &[Choice] = match kind {
        Kind::Choice(options) | Kind::Multi(options) => options,
        _ => &[],
    };
    let columns: &[Column] = match kind {
        Kind::Table { columns, .. } => columns,
        Kind::Group { fields } => fields,
        _ => &[],
    };
    let label = |option: &Choice| option.label.in_language(languages.spoken).to_owned();
    pb::FormQuestion {
        kind: kind.name().to_owned(),
        options: options.iter().map(|option| option.id.clone()).collect(),
        option_labels: options.iter().map(label).collect(),
        columns: columns.iter().map(|column| of_column(column, languages)).collect(),
        answer_kind: answer_kind(kind).into(),
        choices: options
            .iter()
            .map(|option| pb::AnswerOption { id: option.id.clone(), label: label(option) })
            .collect(),
        limits: Some(limits(kind, bounds)),
        ..Default::default()
    }
}

fn of_column(column: &Column, languages: Languages) -> pb::FormQuestion {
    let requirement = if column.required { pb::Requirement::Always } else { pb::Requirement::Never };
    pb::FormQuestion {
        question_id: column.id.clone(),
        label: column.label.in_language(languages.printed).to_owned(),
        say: column.label.in_language(languages.spoken).to_owned(),
        requirement: requirement.into(),
        ..of_kind(&column.kind, &column.bounds, languages)
    }
}

fn limits(kind: &Kind, bounds: &Bounds) -> pb::AnswerLimits {
    let number = |size: usize| Some(u32::try_from(size).unwrap_or(u32::MAX));
    let limits = pb::AnswerLimits {
        earliest: condition(bounds.earliest.as_ref()),
        latest: condition(bounds.latest.as_ref()),
        ..Default::default()
    };
    match kind {
        Kind::Text { max_chars } | Kind::LongText { max_chars } => {
            pb::AnswerLimits { max_chars: number(*max_chars), ..limits }
        }
        Kind::Number { min, max } => pb::AnswerLimits { min_number: Some(*min), max_number: Some(*max), ..limits },
        Kind::Money { with_period: true } => {
            pb::AnswerLimits { with_period: true, periods: PERIODS.map(str::to_owned).to_vec(), ..limits }
        }
        Kind::Table { min_rows, max_rows, .. } => {
            pb::AnswerLimits { min_rows: number(*min_rows), max_rows: number(*max_rows), ..limits }
        }
        _ => limits,
    }
}

fn answer_kind(kind: &Kind) -> pb::AnswerKind {
    match kind {
        Kind::Text { .. } => pb::AnswerKind::Text,
        Kind::LongText { .. } => pb::AnswerKind::LongText,
        Kind::YesNo => pb::AnswerKind::YesNo,
        Kind::Choice(_) => pb::AnswerKind::Choice,
        Kind::Multi(_) => pb::AnswerKind::Multi,
        Kind::Date => pb::AnswerKind::Date,
        Kind::Money { .. } => pb::AnswerKind::Money,
        Kind::Number { .. } => pb::AnswerKind::Number,
        Kind::Hours => pb::AnswerKind::Hours,
        Kind::Nino => pb::AnswerKind::Nino,
        Kind::Postcode => pb::AnswerKind::Postcode,
        Kind::Address => pb::AnswerKind::Address,
        Kind::Phone => pb::AnswerKind::Phone,
        Kind::Bank => pb::AnswerKind::Bank,
        Kind::Table { .. } => pb::AnswerKind::Table,
        Kind::Group { .. } => pb::AnswerKind::Group,
        Kind::Computed(_) => pb::AnswerKind::Computed,
        Kind::Flag => pb::AnswerKind::Flag,
        Kind::Paper(Paper::Signature) => pb::AnswerKind::Signature,
        Kind::Paper(Paper::Consent) => pb::AnswerKind::Consent,
        Kind::Paper(Paper::Amendments) => pb::AnswerKind::Amendments,
        Kind::Paper(Paper::Stamp) => pb::AnswerKind::Stamp,
    }
}

#[cfg(test)]
#[path = "questions_tests.rs"]
mod tests;
