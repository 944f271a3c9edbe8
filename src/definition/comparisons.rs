//! Finds comparisons that can never be right: a text with a number, an option that a question has not, a field that is
//! none, a day that is no date. Told in the words of whoever wrote the condition, before it is tried on sample answers.

use super::condition::{CLIENT_RECORD, children_of};
use super::kind::Kind;
use super::nearest::{did_you_mean, nearest};
use super::samples::Known;
use cel::IdedExpr;
use cel::common::ast::{Expr, LiteralValue, operators};
use startline_foundation::ids::QuestionId;

/// What conditions see of the client record.
const OF_CLIENT: [&str; 6] = ["age", "home_site", "talk_language", "letters_language", "call_needs", "has_phone"];

/// The first comparison that is wrong, as a sentence.
pub(super) fn wrong(tree: &Expr, known: &Known) -> Option<String> {
    if let Expr::Call(call) = tree
        && let [left, right] = call.args.as_slice()
        && let Some(reason) = compared(&call.func_name, left, right, known)
    {
        return Some(reason);
    }
    if let Expr::Select(select) = tree
        && let Expr::Ident(name) = &select.operand.expr
        && let Some(reason) = unknown_field(name, &select.field, known)
    {
        return Some(reason);
    }
    children_of(tree).find_map(|child| wrong(&child.expr, known))
}

fn compared(sign: &str, left: &IdedExpr, right: &IdedExpr, known: &Known) -> Option<String> {
    let is_order =
        matches!(sign, operators::LESS | operators::LESS_EQUALS | operators::GREATER | operators::GREATER_EQUALS);
    if !is_order && !matches!(sign, operators::EQUALS | operators::NOT_EQUALS) {
        return None;
    }
    [(left, right), (right, left)].into_iter().find_map(|(name, value)| {
        let Expr::Ident(id) = &name.expr else { return None };
        let Expr::Literal(value) = &value.expr else { return None };
        let kind = known.kind(&QuestionId::new(id))?;
        let fits = match (kind, value) {
            (_, LiteralValue::Null) | (Kind::Computed(_), _) => true,
            (Kind::Date, LiteralValue::String(day)) => return no_date(id, day.inner()),
            (
                Kind::Text { .. }
                | Kind::LongText { .. }
                | Kind::Nino
                | Kind::Postcode
                | Kind::Phone
                | Kind::YesNo
                | Kind::Choice(_),
                LiteralValue::String(_),
            ) => true,
            (
                Kind::Number { .. } | Kind::Hours,
                LiteralValue::Int(_) | LiteralValue::Double(_) | LiteralValue::UInt(_),
            ) => true,
            (Kind::Flag, LiteralValue::Boolean(_)) => !is_order,
            _ => false,
        };
        (!fits).then(|| format!("the condition compares {id} with {}: {}", shown(value), written(id, kind)))
    })
}

fn no_date(id: &str, day: &str) -> Option<String> {
    let is_date = chrono::NaiveDate::parse_from_str(day, "%Y-%m-%d").is_ok_and(|read| read.to_string() == day);
    (!is_date).then(|| format!("the condition compares {id} with \"{day}\", which is no date such as \"1999-12-31\""))
}

fn shown(value: &LiteralValue) -> String {
    match value {
        LiteralValue::String(text) => format!("the text \"{}\"", text.inner()),
        LiteralValue::Int(number) => format!("the number {}", number.inner()),
        LiteralValue::UInt(number) => format!("the number {}", number.inner()),
        LiteralValue::Double(number) => format!("the number {}", number.inner()),
        LiteralValue::Boolean(truth) => truth.inner().to_string(),
        _ => "what it cannot be".to_owned(),
    }
}

/// How a condition reads an answer of this kind.
fn written(id: &str, kind: &Kind) -> String {
    match kind {
        Kind::YesNo => format!("write {id} == \"yes\" or {id} == \"no\""),
        Kind::Choice(options) => {
            format!("write {id} == \"{}\"", options.first().map(|option| option.id.as_str()).unwrap_or("..."))
        }
        Kind::Multi(options) => {
            format!(
                "it is a list: write \"{}\" in {id}",
                options.first().map(|option| option.id.as_str()).unwrap_or("...")
            )
        }
        Kind::Date => format!("it is a day: write {id} < \"1999-12-31\""),
        Kind::Money { .. } => format!("it is an amount: write {id}.pence > 10000"),
        Kind::Number { .. } => format!("it is a number: write {id} > 3"),
        Kind::Hours => format!("it is a number of hours: write {id} >= 16.0"),
        Kind::Flag => format!("it is true or false: write {id} == true"),
        Kind::Table { .. } => format!("it is a table: write size({id}) > 3 for its rows"),
        Kind::Group { fields } => {
            format!("it is a group: write {id}.{}", fields.first().map(|field| field.id.as_str()).unwrap_or("..."))
        }
        _ => format!("it is a text: write {id} == \"...\""),
    }
}

fn unknown_field(name: &str, field: &str, known: &Known) -> Option<String> {
    let id = QuestionId::new(name);
    let fields: Vec<&str> = match known.kind(&id) {
        Some(Kind::Group { fields }) => fields.iter().map(|field| field.id.as_str()).collect(),
        Some(Kind::Money { with_period: true }) => vec!["pence", "period"],
        Some(Kind::Money { with_period: false }) => vec!["pence"],
        Some(Kind::Address) => vec!["lines"],
        None if name == CLIENT_RECORD => OF_CLIENT.to_vec(),
        _ => return None,
    };
    let unknown = !fields.contains(&field);
    unknown.then(|| format!("the condition names {name}.{field}: {name} has no {field}{}", did_you_mean(field, fields)))
}

/// What somebody meant who named a question that there is none of.
pub(super) fn unknown_name(tree: &Expr, id: &QuestionId, known: &Known) -> String {
    let name = id.as_str();
    if let Some(text) = compared_as_text(tree, name, known) {
        return format!(
            "the condition names {name}, which is no question: write it in quotes, \"{text}\", if that is meant"
        );
    }
    no_question(name, known.ids())
}

/// The same sentence wherever a question is named that there is none of, so that it is told once.
pub(super) fn no_question<'k>(name: &str, known: impl Iterator<Item = &'k str>) -> String {
    let told = nearest(name, known).map(|near| format!("; did you mean {near}?")).unwrap_or_default();
    format!("there is no question {name}{told}")
}

/// Why an evaluation failed, without the types of the evaluator.
pub(super) fn plain(reason: &str) -> String {
    let is_ours = ["days_", "months_", "years_", "age_on"].iter().any(|name| reason.contains(name));
    let ours = reason.split_once(": ").map(|(_, ours)| ours).filter(|_| is_ours);
    match ours {
        Some(ours) => ours.to_owned(),
        None if reason.starts_with("No such key: ") => format!("nothing in it has the field {}", &reason[13..]),
        None => "it compares or works out what does not go together, such as a text with a number".to_owned(),
    }
}

/// Whether the name stands where an option of a question would: `A6 == yes`.
fn compared_as_text(tree: &Expr, name: &str, known: &Known) -> Option<String> {
    let options = |expression: &IdedExpr| match &expression.expr {
        Expr::Ident(id) => match known.kind(&QuestionId::new(id)) {
            Some(Kind::YesNo) => vec!["yes".to_owned(), "no".to_owned()],
            Some(Kind::Choice(options) | Kind::Multi(options)) => {
                options.iter().map(|option| option.id.clone()).collect()
            }
            _ => Vec::new(),
        },
        _ => Vec::new(),
    };
    let is_name = |expression: &IdedExpr| matches!(&expression.expr, Expr::Ident(id) if id == name);
    if let Expr::Call(call) = tree
        && let [left, right] = call.args.as_slice()
    {
        let here = [(left, right), (right, left)].into_iter().find_map(|(one, other)| {
            options(other).into_iter().find(|option| is_name(one) && option.eq_ignore_ascii_case(name))
        });
        if here.is_some() {
            return here;
        }
    }
    children_of(tree).find_map(|child| compared_as_text(&child.expr, name, known))
}
