//! Faults that show only when the whole definition is known: names, circles, and conditions tried on sample answers.

use super::bounds::{ROW, TODAY, day_of};
use super::condition::{Answers, Condition};
use super::files::Files;
use super::followup::FollowUpRules;
use super::form::Form;
use super::kind::Kind;
use super::question::{Benefits, Question};
use super::read_followup::FOLLOW_UP;
use super::read_service::{ReadService, SERVICE};
use super::report::{Fault, Faults};
use super::samples::{self, Known};
use super::script::Script;
use cel::IdedExpr;
use cel::common::ast::{Expr, LiteralValue, operators};
use serde_json::Value as Json;
use startline_foundation::ids::QuestionId;
use std::collections::BTreeMap;
use std::collections::BTreeSet;

/// The question that says what is claimed must be a multi with the service's benefits as its options.
pub(super) fn claimed_benefits(form: &mut Form, read: &ReadService, found: &mut Vec<Fault>) {
    let mut faults = Faults::new(SERVICE, found);
    let named = &read.claimed_benefits;
    let question = form.questions().find(|question| question.id.as_str() == named.value);
    match question.map(|question| &question.kind) {
        Some(Kind::Multi(options)) => {
            let options: BTreeSet<&str> = options.iter().map(|o| o.id.as_str()).collect();
            let benefits: BTreeSet<&str> = read.service.benefits.iter().map(|b| b.id.as_str()).collect();
            if options != benefits {
                faults.at(named, format!("the options of {} must be the benefits of the service", named.value));
            }
        }
        Some(_) => faults.at(named, format!("{} must be a multi question", named.value)),
        None => faults.at(named, format!("there is no form question {}", named.value)),
    }
    form.claimed_benefits = Some(QuestionId::new(&named.value));
}

/// The question that says from which day the client wants to claim must be a date.
pub(super) fn claim_from(form: &mut Form, read: &ReadService, found: &mut Vec<Fault>) {
    let Some(named) = &read.claim_from else { return };
    let question = form.questions().find(|question| question.id.as_str() == named.value);
    if question.is_none_or(|question| question.kind != Kind::Date) {
        Faults::new(SERVICE, found).at(named, format!("there is no date question {} in the form", named.value));
    }
    form.claim_from = Some(QuestionId::new(&named.value));
}

/// An agency that no question is for, and a benefit that no question of its own asks about, were forgotten.
pub(super) fn nobody_asks(form: &Form, read: &ReadService, found: &mut Vec<Fault>) {
    let mut faults = Faults::new(SERVICE, found);
    let line = |id: &str| read.named.iter().find(|(named, _)| named == id).map_or(1, |(_, line)| *line);
    for agency in &read.service.agencies {
        if !form.questions().any(|question| question.agencies.contains(&agency.id)) {
            faults.at_line(line(&agency.id), format!("no question is for the agency {}", agency.id));
        }
    }
    for benefit in &read.service.benefits {
        let asks =
            |question: &Question| matches!(&question.benefits, Benefits::Only(only) if only.contains(&benefit.id));
        if !form.questions().any(asks) {
            faults.at_line(line(&benefit.id), format!("nobody asks about the benefit {}", benefit.id));
        }
    }
}

/// Templates that `service.yaml` names must be there.
pub(super) fn letters(read: &ReadService, files: &Files, found: &mut Vec<Fault>) {
    let mut faults = Faults::new(SERVICE, found);
    for letter in read.letters.iter().filter(|letter| !files.contains_key(&letter.value)) {
        faults.at(letter, format!("the file {} is missing", letter.value));
    }
}

/// Links and tries every condition of the form, and puts its questions in order.
pub(super) fn form(form: &mut Form, found: &mut Vec<Fault>) {
    let known = Known::of_form(form);
    for part in &mut form.parts {
        let mut faults = Faults::new(&part.file, found);
        for question in &mut part.questions {
            question_conditions(question, &known, &mut faults);
            bounds(question, &known, &mut faults);
            if let Some(source) = question.from_partner.as_ref().map(|id| (id, known.kind(id))) {
                partner_source(question, source, &mut faults);
            }
        }
    }
    let mut faults = Faults::new("form/evidence.yaml", found);
    let mut seen = BTreeSet::new();
    for rule in &mut form.evidence {
        if !seen.insert(rule.id.clone()) {
            faults.at_line(rule.line, format!("evidence line {} is there twice", rule.id));
        }
        if let Some(condition) = &mut rule.when {
            let line = condition.line;
            try_condition(condition, &known, true, &mut |reason| {
                faults.at_line(line, format!("evidence line {}: {reason}", rule.id));
            });
        }
    }
    let circle = form.order_by_dependency();
    for id in circle {
        let Some(part) = form.part_of(&id) else { continue };
        let line = part.questions.iter().find(|q| q.id == id).map_or(1, |q| q.line);
        Faults::new(&part.file, found)
            .at_line(line, format!("whether question {id} is shown depends, through others, on its own answer"));
    }
}

/// A partner's answer comes from a question whose answers this one can take.
fn partner_source(question: &Question, (id, kind): (&QuestionId, Option<&Kind>), faults: &mut Faults<'_>) {
    let fits = |kind: &Kind| kind.samples().iter().any(|sample| question.kind.check(sample).is_ok());
    match kind {
        None => faults.at_line(question.line, format!("from_partner names {id}, which is no question")),
        Some(kind) if !fits(kind) => {
            let reason = format!("no answer of {id}, which from_partner names, can be one of {}", question.id);
            faults.at_line(question.line, reason);
        }
        Some(_) => {}
    }
}

/// Links and tries the conditions under which meetings are proposed.
pub(super) fn followup(rules: &mut FollowUpRules, form: &Form, found: &mut Vec<Fault>) {
    let known = Known::of_form(form);
    let mut faults = Faults::new(FOLLOW_UP, found);
    for (id, condition) in rules.conditions_mut() {
        let (id, line) = (id.to_owned(), condition.line);
        try_condition(condition, &known, true, &mut |reason| {
            faults.at_line(line, format!("meeting {id}: {reason}"));
        });
    }
}

/// Links and tries every condition of the scripts. They may name form questions, and the script's own that come before.
pub(super) fn scripts(scripts: &mut [Script], form: &Form, found: &mut Vec<Fault>) {
    let of_form = Known::of_form(form);
    for script in scripts {
        let mut known = of_form.clone();
        let later: BTreeSet<QuestionId> = script.questions().map(|q| q.id.clone()).collect();
        for stage in &mut script.stages {
            let mut faults = Faults::new(&stage.file, found);
            let id = stage.id.clone();
            for condition in stage.shown.iter_mut().chain(stage.also.iter_mut().map(|also| &mut also.when)) {
                let line = condition.line;
                try_condition(condition, &known, true, &mut |reason| {
                    faults.at_line(line, format!("stage {id}: {reason}"));
                });
                only_later(condition, &known, &later, &mut faults);
            }
            for question in &mut stage.questions {
                let line = question.line;
                question_conditions(question, &known, &mut faults);
                // What fills the form has the bounds of the form.
                if question.fills.is_none() {
                    bounds(question, &known, &mut faults);
                }
                question.conditions_mut().for_each(|c| only_later(c, &known, &later, &mut faults));
                if !known.add(question) {
                    let reason = format!("question {} is there twice, here or in the form", question.id);
                    faults.at_line(line, reason);
                }
            }
        }
        let mut faults = Faults::new(&script.file, found);
        for hint in &mut script.hints {
            let (id, line) = (hint.id.clone(), hint.when.line);
            try_condition(&mut hint.when, &known, true, &mut |reason| {
                faults.at_line(line, format!("hint {id}: {reason}"));
            });
        }
    }
}

/// Says so when a name that is not known yet is that of a later question.
fn only_later(condition: &Condition, known: &Known, later: &BTreeSet<QuestionId>, faults: &mut Faults<'_>) {
    for id in condition.references().iter().filter(|id| later.contains(id) && !known.has(id)) {
        faults.at_line(condition.line, format!("{id} is asked later: a script's condition looks back only"));
    }
}

fn question_conditions(question: &mut Question, known: &Known, faults: &mut Faults<'_>) {
    let (id, line) = (question.id.clone(), question.line);
    let reads_itself = question.shown.iter().any(|c| c.references().contains(&id));
    if reads_itself {
        faults.at_line(line, format!("question {id}: whether it is shown depends on its own answer"));
    }
    let computed = match &question.kind {
        Kind::Computed(condition) => Some(condition.clone()),
        _ => None,
    };
    for condition in question.conditions_mut() {
        let is_truth = computed.as_ref() != Some(condition);
        let line = condition.line;
        try_condition(condition, known, is_truth, &mut |reason| {
            faults.at_line(line, format!("question {id}: {reason}"));
        });
    }
}

/// The bounds of a question's days name what is there, and come to a day.
fn bounds(question: &mut Question, known: &Known, faults: &mut Faults<'_>) {
    let id = question.id.clone();
    let row = question.kind.samples().into_iter().find_map(|sample| match sample {
        Json::Array(rows) => rows.into_iter().next(),
        row => row.is_object().then_some(row),
    });
    for bound in question.bounds_mut() {
        bound.bind(|id| known.kind(id).is_some_and(Kind::is_list));
        let line = bound.line;
        let is_own = |id: &QuestionId| id.as_str() == TODAY || (id.as_str() == ROW && row.is_some());
        let named: Vec<QuestionId> = bound.references().iter().filter(|id| !is_own(id)).cloned().collect();
        let unknown = named.iter().find(|id| known.kind(id).is_none());
        if let Some(unknown) = unknown {
            let reason = format!("question {id}: a bound names {unknown}; it may name {TODAY}, {ROW} and questions");
            faults.at_line(line, reason);
            continue;
        }
        let comes_to_a_day = |mut answers: Answers| {
            answers.insert(QuestionId::new(TODAY), Json::from("2000-04-03"));
            answers.extend(row.clone().map(|row| (QuestionId::new(ROW), row)));
            bound.evaluate(&answers).is_ok_and(|day| day_of(&day).is_some())
        };
        if !known.combinations(&[bound], &named).into_iter().any(comes_to_a_day) {
            faults.at_line(line, format!("question {id}: the bound `{}` comes to no day", bound.source()));
        }
    }
}

/// Binds a condition, checks the names and options it mentions, and evaluates it on combinations of sample answers:
/// an error on complete answers is a fault of the condition.
fn try_condition(condition: &mut Condition, known: &Known, is_truth: bool, fault: &mut dyn FnMut(String)) {
    condition.bind(|id| known.kind(id).is_some_and(Kind::is_list));
    let unknown: Vec<&QuestionId> = condition.references().iter().filter(|id| !known.has(id)).collect();
    for id in &unknown {
        fault(format!("the condition names {id}, which is no question"));
    }
    if !unknown.is_empty() {
        return;
    }
    let mut wrong = BTreeSet::new();
    compared_options(condition.tree(), known, &mut wrong);
    for (id, option) in wrong {
        fault(format!("the condition compares {id} with \"{option}\", which is none of its options"));
    }
    let mut holds = false;
    for answers in known.combinations(&[condition], condition.references()) {
        match condition.evaluate(&answers) {
            Ok(Json::Bool(truth)) => holds |= truth,
            Ok(_) if !is_truth => {}
            Ok(_) => return fault(format!("the condition `{}` is neither true nor false", condition.source())),
            Err(reason) => {
                return fault(format!("the condition `{}` fails on sample answers: {reason}", condition.source()));
            }
        }
    }
    if is_truth && !holds && !holds_with_gaps(condition, known) {
        fault(format!("the condition `{}` never holds: no answers make it true", condition.source()));
    }
}

/// Whether it holds when some of what it reads is not answered.
fn holds_with_gaps(condition: &Condition, known: &Known) -> bool {
    let without = |left_out: &QuestionId| -> Vec<QuestionId> {
        condition.references().iter().filter(|id| *id != left_out).cloned().collect()
    };
    let sparse = condition.references().iter().filter_map(|id| Some((id.clone(), samples::sparse(known.kind(id)?)?)));
    let sparse: Answers = sparse.collect();
    condition.holds(&Answers::new())
        || condition.holds(&sparse)
        || condition.references().iter().any(|left_out| {
            known.combinations(&[condition], &without(left_out)).iter().any(|answers| condition.holds(answers))
        })
}

/// Finds texts that are compared with a choice and are none of its options: `A6 == "yess"`, `"JSB" in A1`.
fn compared_options(tree: &Expr, known: &Known, wrong: &mut BTreeSet<(String, String)>) {
    let Expr::Call(call) = tree else {
        return;
    };
    let children = || call.target.iter().map(|t| &t.expr).chain(call.args.iter().map(|a| &a.expr));
    if let [left, right] = call.args.as_slice()
        && matches!(call.func_name.as_str(), operators::EQUALS | operators::NOT_EQUALS | operators::IN)
    {
        for (name, text) in [(left, right), (right, left)] {
            let Expr::Ident(id) = &name.expr else { continue };
            let Some(options) = known.kind(&QuestionId::new(id)).and_then(options_of) else { continue };
            for text in texts(text).into_iter().filter(|text| !options.contains(text)) {
                wrong.insert((id.clone(), text));
            }
        }
    }
    children().for_each(|child| compared_options(child, known, wrong));
}

fn options_of(kind: &Kind) -> Option<Vec<String>> {
    match kind {
        Kind::YesNo => Some(vec!["yes".into(), "no".into()]),
        Kind::Choice(options) | Kind::Multi(options) => Some(options.iter().map(|o| o.id.clone()).collect()),
        _ => None,
    }
}

fn texts(expression: &IdedExpr) -> Vec<String> {
    match &expression.expr {
        Expr::Literal(LiteralValue::String(text)) => vec![text.inner().to_owned()],
        Expr::List(list) => list.elements.iter().flat_map(texts).collect(),
        _ => Vec::new(),
    }
}

/// Each question that names the agency stands once in its order, and no other does.
pub(super) fn orders(form: &Form, found: &mut Vec<Fault>) {
    let mut orders: BTreeMap<&str, &str> = BTreeMap::new();
    for order in &form.orders {
        let mut faults = Faults::new(&order.file, found);
        if let Some(first) = orders.insert(&order.agency, &order.file) {
            faults.at_line(1, format!("{} has an order already, in {first}", order.agency));
        }
        let mut placed: BTreeMap<&QuestionId, u64> = BTreeMap::new();
        for (id, line) in order.sections.iter().flat_map(|section| section.questions.iter().zip(&section.lines)) {
            match form.question(id) {
                None => faults.at_line(*line, format!("there is no form question {id}")),
                Some(question) if !question.agencies.contains(&order.agency) => {
                    faults.at_line(*line, format!("question {id} is not for {}: it does not name it", order.agency));
                }
                Some(_) => {}
            }
            if placed.insert(id, *line).is_some() {
                faults.at_line(*line, format!("question {id} stands twice in the order"));
            }
        }
        for question in form.questions().filter(|question| question.agencies.contains(&order.agency)) {
            if !placed.contains_key(&question.id) {
                let reason = format!("question {} names {} and has no place in its order", question.id, order.agency);
                faults.at_line(1, reason);
            }
        }
    }
}
