//! Conditions in scripts and forms: CEL (the Common Expression Language) over the answers given so far.
//!
//! What an author writes: a question's id stands for its answer, as [`super::kind::Kind`] stores it. `A6 == "yes"`,
//! `"JSA" in A1`, `B18 in ["married", "widowed"]`, `A3 < A2` (dates compare as they are), `G8.hours > 16`.
//!
//! **What is not answered** is null, or an empty list when the question's kind is a list (multi, table). Null equals
//! nothing but null, so `A6 == "yes"` is simply false. An expression that cannot be worked out because an answer is
//! missing (`A3 < A2` with no A2) is **false**; `&&` and `||` take a side that can be worked out when it settles the
//! matter, so `A3 < A2 || T10` may hold without A2. Negation of what cannot be worked out is false too: write
//! `answered(A2) && !(A3 < A2)` where that matters.
//!
//! Functions beside CEL's own: `answered(X)`; `days_before(date, n)`, `days_after(date, n)`, `months_before(date, n)`,
//! `years_before(date, n)`, all dates as text; `age_on(birth, day)` in whole years.
//!
//! A definition may come from outside, so an expression is bounded before it is parsed (length, brackets, `?`) and
//! after (depth, size, loops inside loops): evaluation is then bounded too.

use super::condition_fault;
use cel::common::ast::{EntryExpr, Expr};
use cel::common::types::{CelBool, CelNull, CelString};
use cel::common::value::{CowVal, Val};
use cel::context::VariableResolver;
use cel::{Context, Env, ExecutionError, IdedExpr, Program, Value};
use chrono::{Datelike, Days, Months, NaiveDate};
use serde_json::Value as Json;
use startline_foundation::ids::QuestionId;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::{Arc, LazyLock};

/// Whether an answer says nothing: null, empty text, an empty list, an empty group. Such an answer counts as not given,
/// here as in `answered(X)`; a client who needs none of the things on a list says so by an option of its own.
pub fn is_blank(answer: &Json) -> bool {
    match answer {
        Json::Null => true,
        Json::String(text) => text.is_empty(),
        Json::Array(items) => items.is_empty(),
        Json::Object(fields) => fields.is_empty(),
        Json::Bool(_) | Json::Number(_) => false,
    }
}

/// Under this name conditions see the client record: an object with `age`, `home_site`, `talk_language`,
/// `letters_language`, `call_needs` and `has_phone`. Whoever works out a form puts it beside the answers.
pub const CLIENT_RECORD: &str = "client";

/// The answers of one claim or walk. An answer that is not there, or null, has not been given.
pub type Answers = BTreeMap<QuestionId, Json>;

/// Longest expression, in bytes: the longest of the pilot's has under 200.
const MOST_BYTES: usize = 600;
/// Deepest nesting of brackets, and most `?` in one expression: both bound the parser's recursion.
const MOST_BRACKETS: usize = 12;
const MOST_CHOICES: usize = 8;
/// Deepest and largest parsed expression.
const MOST_DEPTH: usize = 40;
const MOST_NODES: usize = 250;

/// Functions an expression may call, besides operators and the loops (`exists`, `all`, `filter`, `map`).
const FUNCTIONS: [&str; 12] = [
    "answered",
    "days_before",
    "days_after",
    "months_before",
    "years_before",
    "age_on",
    "size",
    "contains",
    "startsWith",
    "endsWith",
    "int",
    "double",
];

/// A compiled expression. Cheap to clone.
#[derive(Clone)]
pub struct Condition {
    source: Arc<str>,
    program: Arc<Program>,
    references: Arc<[QuestionId]>,
    /// Those of `references` whose missing answer is an empty list rather than null.
    lists: Arc<[QuestionId]>,
    /// Where it stands in its file; 0 when it stands in none.
    pub(super) line: u64,
}

impl Condition {
    /// Compiles an expression. Names are checked later, by the definition's linter, when all questions are known.
    ///
    /// # Errors
    /// A sentence that says what is wrong with it.
    pub fn compile(source: &str) -> Result<Self, String> {
        bound_text(source)?;
        let program = ENV.compile(source).map_err(|errors| {
            let column = errors.errors.first().map(|error| error.pos.1);
            condition_fault::unreadable(source, column)
        })?;
        let mut nodes = 0;
        bound_tree(program.expression(), 1, 0, &mut nodes)?;
        let found = program.references();
        for function in found.functions() {
            let operator = function.starts_with(['_', '@', '!', '-']);
            if !operator && !FUNCTIONS.contains(&function) {
                return Err(condition_fault::unknown_function(function, &FUNCTIONS));
            }
        }
        let mut references = BTreeSet::new();
        questions_named(program.expression(), &mut Vec::new(), &mut references);
        let references = references.into_iter().collect::<Vec<_>>().into();
        Ok(Self { source: source.into(), program: Arc::new(program), references, lists: Arc::new([]), line: 0 })
    }

    pub fn source(&self) -> &str {
        &self.source
    }

    /// The questions whose answers it reads, sorted.
    pub fn references(&self) -> &[QuestionId] {
        &self.references
    }

    /// Tells it which of its questions are lists. The definition does so once, when all questions are known.
    pub(super) fn bind(&mut self, is_list: impl Fn(&QuestionId) -> bool) {
        self.lists = self.references.iter().filter(|id| is_list(id)).cloned().collect::<Vec<_>>().into();
    }

    /// Whether it holds. False when it cannot be worked out from the answers there are.
    pub fn holds(&self, answers: &Answers) -> bool {
        let resolver = Given { answers, condition: self };
        let mut context = BASE.new_inner_scope();
        context.set_variable_resolver(&resolver);
        Value::resolve_val(self.program.expression(), &context)
            .is_ok_and(|value| value.downcast_ref::<CelBool>().is_some_and(|b| *b.inner()))
    }

    /// What it comes to: for computed questions, and for the linter's samples.
    ///
    /// # Errors
    /// Why it cannot be worked out.
    pub fn evaluate(&self, answers: &Answers) -> Result<Json, String> {
        let resolver = Given { answers, condition: self };
        let mut context = BASE.new_inner_scope();
        context.set_variable_resolver(&resolver);
        let value = self.program.execute(&context).map_err(|error| error.to_string())?;
        to_json(&value)
    }

    pub(super) fn tree(&self) -> &Expr {
        &self.program.expression().expr
    }
}

impl fmt::Debug for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Condition").field(&self.source).finish()
    }
}

impl PartialEq for Condition {
    fn eq(&self, other: &Self) -> bool {
        self.source == other.source
    }
}

static ENV: LazyLock<Arc<Env>> = LazyLock::new(|| Arc::new(Env::stdlib()));

/// The context every evaluation starts from: CEL's own functions and ours.
static BASE: LazyLock<Context<'static, 'static>> = LazyLock::new(|| {
    let mut base = Context::with_env(ENV.clone());
    // None of these names is one of CEL's own, which is the only way adding them can fail; the tests call each.
    let _ = base.add_function("answered", |value: Value| is_answered(&value));
    let _ = base.add_function("days_before", |day: Value, days: i64| move_days(&day, days.checked_neg()));
    let _ = base.add_function("days_after", |day: Value, days: i64| move_days(&day, Some(days)));
    let _ = base.add_function("months_before", |day: Value, months: i64| months_before(&day, months));
    let _ = base.add_function("years_before", |day: Value, years: i64| {
        months_before(&day, years.checked_mul(12).unwrap_or(-1))
    });
    let _ = base.add_function("age_on", |birth: Value, day: Value| age_on(&birth, &day));
    base
});

/// Hands answers to the evaluation, borrowed where they can be.
struct Given<'a> {
    answers: &'a Answers,
    condition: &'a Condition,
}

impl VariableResolver for Given<'_> {
    fn resolve<'b>(&'b self, name: &str) -> Option<CowVal<'b, 'b>> {
        let id = self.condition.references.iter().find(|id| id.as_str() == name)?;
        Some(match self.answers.get(id) {
            None | Some(Json::Null) if self.condition.lists.contains(id) => owned(Value::List(Arc::new(Vec::new()))),
            None | Some(Json::Null) => CowVal::owned(CelNull),
            Some(Json::String(text)) => CowVal::owned(CelString::from(text.as_str())),
            Some(Json::Bool(yes)) => CowVal::owned(CelBool::from(*yes)),
            Some(other) => owned(from_json(other)),
        })
    }
}

fn owned<'b>(value: Value) -> CowVal<'b, 'b> {
    match Box::<dyn Val>::try_from(value) {
        Ok(value) => CowVal::from(value),
        Err(_) => CowVal::owned(CelNull),
    }
}

fn from_json(json: &Json) -> Value {
    match json {
        Json::Null => Value::Null,
        Json::Bool(yes) => Value::Bool(*yes),
        Json::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(whole), _) => Value::Int(whole),
            (None, Some(fraction)) => Value::Float(fraction),
            (None, None) => Value::Null,
        },
        Json::String(text) => Value::String(Arc::new(text.clone())),
        Json::Array(items) => Value::List(Arc::new(items.iter().map(from_json).collect())),
        Json::Object(fields) => {
            let fields: std::collections::HashMap<String, Value> =
                fields.iter().map(|(name, value)| (name.clone(), from_json(value))).collect();
            Value::from(fields)
        }
    }
}

fn to_json(value: &Value) -> Result<Json, String> {
    Ok(match value {
        Value::Null => Json::Null,
        Value::Bool(yes) => Json::Bool(*yes),
        Value::Int(whole) => Json::from(*whole),
        Value::UInt(whole) => Json::from(*whole),
        Value::Float(fraction) => Json::from(*fraction),
        Value::String(text) => Json::from(text.as_str()),
        Value::List(items) => Json::Array(items.iter().map(to_json).collect::<Result<_, _>>()?),
        _ => return Err("the expression comes to something that cannot be an answer".into()),
    })
}

fn is_answered(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::String(text) => !text.is_empty(),
        Value::List(items) => !items.is_empty(),
        Value::Map(fields) => !fields.map.is_empty(),
        _ => true,
    }
}

fn day_of(value: &Value, function: &str) -> Result<NaiveDate, ExecutionError> {
    match value {
        Value::String(text) => NaiveDate::parse_from_str(text, "%Y-%m-%d")
            .map_err(|_| ExecutionError::function_error(function, "needs a date such as 1999-12-31")),
        _ => Err(ExecutionError::function_error(function, "needs a date")),
    }
}

fn as_day(day: Option<NaiveDate>, function: &str) -> Result<Value, ExecutionError> {
    day.map(|day| Value::from(day.format("%Y-%m-%d").to_string()))
        .ok_or_else(|| ExecutionError::function_error(function, "goes out of the calendar"))
}

fn move_days(day: &Value, days: Option<i64>) -> Result<Value, ExecutionError> {
    let day = day_of(day, "days_before/days_after")?;
    let moved = days.and_then(|days| {
        let count = Days::new(days.unsigned_abs());
        if days < 0 { day.checked_sub_days(count) } else { day.checked_add_days(count) }
    });
    as_day(moved, "days_before/days_after")
}

fn months_before(day: &Value, months: i64) -> Result<Value, ExecutionError> {
    let day = day_of(day, "months_before")?;
    as_day(u32::try_from(months).ok().and_then(|m| day.checked_sub_months(Months::new(m))), "months_before")
}

/// Whole years between two days: a birthday on 29 February is reached on 1 March of other years.
fn age_on(birth: &Value, day: &Value) -> Result<Value, ExecutionError> {
    let (birth, day) = (day_of(birth, "age_on")?, day_of(day, "age_on")?);
    let before_birthday = (day.month(), day.day()) < (birth.month(), birth.day());
    Ok(Value::Int(i64::from(day.year() - birth.year() - i32::from(before_birthday))))
}

/// Bounds what the parser will see.
fn bound_text(source: &str) -> Result<(), String> {
    if source.trim().is_empty() {
        return Err("the expression is empty".into());
    }
    if source.len() > MOST_BYTES {
        return Err(format!("the expression is longer than {MOST_BYTES} bytes"));
    }
    let (mut depth, mut deepest) = (0usize, 0usize);
    for byte in source.bytes() {
        match byte {
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(depth);
    }
    if deepest > MOST_BRACKETS {
        return Err(format!("the expression nests more than {MOST_BRACKETS} brackets"));
    }
    if source.bytes().filter(|b| *b == b'?').count() > MOST_CHOICES {
        return Err(format!("the expression has more than {MOST_CHOICES} question marks"));
    }
    Ok(())
}

/// The parts of an expression, each with whether it stands inside a loop's body, where the loop's names hold.
fn children(expression: &Expr) -> Vec<(&IdedExpr, bool)> {
    let outside = |child| (child, false);
    match expression {
        Expr::Unspecified | Expr::Ident(_) | Expr::Literal(_) => Vec::new(),
        Expr::Call(call) => call.target.iter().map(|t| &**t).chain(&call.args).map(outside).collect(),
        Expr::Comprehension(inner) => {
            let body = [&inner.accu_init, &inner.loop_cond, &inner.loop_step, &inner.result];
            std::iter::once(outside(&inner.iter_range)).chain(body.into_iter().map(|child| (child, true))).collect()
        }
        Expr::List(list) => list.elements.iter().map(outside).collect(),
        Expr::Map(map) => map.entries.iter().flat_map(|entry| entry_parts(&entry.expr)).map(outside).collect(),
        Expr::Select(select) => vec![outside(&select.operand)],
        Expr::Struct(made) => made.entries.iter().flat_map(|entry| entry_parts(&entry.expr)).map(outside).collect(),
    }
}

/// The parts of an expression.
pub(super) fn children_of(expression: &Expr) -> impl Iterator<Item = &IdedExpr> {
    children(expression).into_iter().map(|(child, _)| child)
}

fn entry_parts(entry: &EntryExpr) -> Vec<&IdedExpr> {
    match entry {
        EntryExpr::MapEntry(entry) => vec![&entry.key, &entry.value],
        EntryExpr::StructField(field) => vec![&field.value],
    }
}

/// Bounds what an evaluation can cost: the tree's depth and size, and no loop inside a loop.
fn bound_tree(expression: &IdedExpr, depth: usize, loops: usize, nodes: &mut usize) -> Result<(), String> {
    *nodes += 1;
    if depth > MOST_DEPTH || *nodes > MOST_NODES {
        return Err("the expression is too large: split it, or compute a part of it as a question of its own".into());
    }
    let is_loop = matches!(expression.expr, Expr::Comprehension(_));
    if is_loop && loops > 0 {
        return Err("the expression has a loop inside a loop".into());
    }
    if matches!(expression.expr, Expr::Struct(_)) {
        return Err("the expression makes a structure; answers are plain".into());
    }
    let loops = loops + usize::from(is_loop);
    children(&expression.expr).into_iter().try_for_each(|(child, _)| bound_tree(child, depth + 1, loops, nodes))
}

/// The names that stand for answers: all but those that loops give to what they go through.
fn questions_named<'e>(expression: &'e IdedExpr, bound: &mut Vec<&'e str>, found: &mut BTreeSet<QuestionId>) {
    if let Expr::Ident(name) = &expression.expr
        && !bound.contains(&name.as_str())
    {
        found.insert(QuestionId::new(name));
    }
    let before = bound.len();
    for (child, inside) in children(&expression.expr) {
        if let (Expr::Comprehension(inner), true) = (&expression.expr, inside) {
            bound.extend([inner.iter_var.as_str(), inner.accu_var.as_str()]);
            bound.extend(inner.iter_var2.as_deref());
        }
        questions_named(child, bound, found);
        bound.truncate(before);
    }
}

#[cfg(test)]
#[path = "condition_tests.rs"]
mod tests;
