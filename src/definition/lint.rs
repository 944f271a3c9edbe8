//! Faults that show only when the whole definition is known: names, circles, and conditions tried on sample answers.

use super::bounds::{ROW, TODAY, day_of};
use super::comparisons;
use super::condition::{Answers, Condition};
use super::files::Files;
use super::followup::FollowUpRules;
use super::form::Form;
use super::kind::Kind;
use super::nearest::{did_you_mean, nearest};
use super::places::Site;
use super::question::{Benefits, Question};
use super::read_followup::FOLLOW_UP;
use super::read_question::none_such;
use super::read_service::{ReadService, SERVICE};
use super::reader::Reader;
use super::report::{Fault, Faults};
use super::samples::{self, Known};
use super::script::Script;
use super::telephone::Telephone;
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
            let benefits: BTreeSet<&str> = read.benefit_ids.iter().map(String::as_str).collect();
            if let Some(other) = options.symmetric_difference(&benefits).next() {
                let reason =
                    format!("the options of {} must be the benefits of the service: {other} is not", named.value);
                faults.at(named, reason);
            }
        }
        Some(_) => faults.at(named, format!("{} must be a multi question", named.value)),
        None => faults.at(named, comparisons::no_question(&named.value, ids_of(form))),
    }
    form.claimed_benefits = Some(QuestionId::new(&named.value));
}

/// The question that says from which day the client wants to claim must be a date.
pub(super) fn claim_from(form: &mut Form, read: &ReadService, found: &mut Vec<Fault>) {
    let Some(named) = &read.claim_from else { return };
    let question = form.questions().find(|question| question.id.as_str() == named.value);
    let mut faults = Faults::new(SERVICE, found);
    match question {
        None => faults.at(named, comparisons::no_question(&named.value, ids_of(form))),
        Some(question) if question.kind != Kind::Date => {
            faults.at(named, format!("{} must be a date question, and is a {}", named.value, question.kind.name()));
        }
        Some(_) => {}
    }
    form.claim_from = Some(QuestionId::new(&named.value));
}

fn ids_of(form: &Form) -> impl Iterator<Item = &str> {
    form.questions().map(|question| question.id.as_str())
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

/// A telephone line leads to a site that is there.
pub(super) fn lines(read: &ReadService, sites: &[Site], found: &mut Vec<Fault>) {
    let mut faults = Faults::new(SERVICE, found);
    let ids: Vec<String> = sites.iter().map(|site| site.id.to_string()).collect();
    for site in read.line_sites.iter().filter(|site| !ids.contains(&site.value)) {
        faults.at(site, none_such("site", &site.value, &ids));
    }
}

/// What a script's effects ask of a call, the telephone service has a word for.
pub(super) fn effects(scripts: &[Script], telephone: &Telephone, found: &mut Vec<Fault>) {
    let known = || telephone.skills.iter().chain(&telephone.other_needs).map(|need| &need.id);
    for script in scripts {
        for effect in &script.effects {
            let mut faults = Faults::new(&effect.file, found);
            for need in effect.call_needs.iter().filter(|need| known().all(|id| id != *need)) {
                faults.at_line(effect.when.line, none_such("skill or other need", need, known()));
            }
        }
    }
}

/// Templates that `service.yaml` names must be there.
pub(super) fn letters(read: &ReadService, files: &Files, found: &mut Vec<Fault>) {
    let mut faults = Faults::new(SERVICE, found);
    for letter in read.letters.iter().filter(|letter| !files.contains_key(&letter.value)) {
        let there = files.keys().map(String::as_str).filter(|path| path.starts_with("letters/"));
        let told = nearest(&letter.value, there).map(|near| format!("; did you mean {near}?")).unwrap_or_default();
        faults.at(letter, format!("the file {} is missing{told}", letter.value));
    }
}

/// Links and tries every condition of the form, and puts its questions in order.
pub(super) fn form(form: &mut Form, reader: Reader, found: &mut Vec<Fault>) {
    let known = Known::of_form(form, reader);
    let mut reads_itself = false;
    for part in &mut form.parts {
        let mut faults = Faults::new(&part.file, found);
        for question in &mut part.questions {
            reads_itself |= question_conditions(question, &known, &BTreeSet::new(), &mut faults);
            bounds(question, &known, &mut faults);
            if let Some(source) = question.from_partner.as_ref().map(|id| (id, known.kind(id))) {
                partner_source(question, source, &known, &mut faults);
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
            try_condition(condition, &known, true, &format!("evidence line {}", rule.id), &mut faults);
        }
    }
    let circle = form.order_by_dependency();
    if let Some(first) = circle.first()
        && let Some(part) = form.part_of(first)
        && !reads_itself
    {
        let line = part.questions.iter().find(|q| q.id == *first).map_or(1, |q| q.line);
        let all = circle.iter().map(QuestionId::as_str).collect::<Vec<_>>().join(", ");
        let reason =
            format!("whether these questions are shown depends on the answers of each other in a circle: {all}");
        Faults::new(&part.file, found).at_line(line, reason);
    }
}

/// A partner's answer comes from a question whose answers this one can take.
fn partner_source(
    question: &Question,
    (id, kind): (&QuestionId, Option<&Kind>),
    known: &Known,
    faults: &mut Faults<'_>,
) {
    let fits = |kind: &Kind| kind.samples().iter().any(|sample| question.kind.check(sample).is_ok());
    match kind {
        None => faults.at_line(question.line, no_question(id, known)),
        Some(kind) if !fits(kind) => {
            let reason = format!("no answer of {id}, which from_partner names, can be one of {}", question.id);
            faults.at_line(question.line, reason);
        }
        Some(_) => {}
    }
}

/// The same sentence wherever a question is named that there is none of, so that it is told once.
pub(super) fn no_question(id: &QuestionId, known: &Known) -> String {
    comparisons::no_question(id.as_str(), known.ids())
}

/// Links and tries the conditions under which meetings are proposed.
pub(super) fn followup(rules: &mut FollowUpRules, form: &Form, reader: Reader, found: &mut Vec<Fault>) {
    let known = Known::of_form(form, reader);
    let mut faults = Faults::new(FOLLOW_UP, found);
    for (id, condition) in rules.conditions_mut() {
        let who = format!("meeting {id}");
        try_condition(condition, &known, true, &who, &mut faults);
    }
}

/// Links and tries every condition of the scripts. They may name form questions, and the script's own that come before.
pub(super) fn scripts(scripts: &mut [Script], form: &Form, reader: Reader, found: &mut Vec<Fault>) {
    let of_form = Known::of_form(form, reader);
    for script in scripts {
        let mut known = of_form.clone();
        let later: BTreeSet<QuestionId> = script.questions().map(|q| q.id.clone()).collect();
        for stage in &mut script.stages {
            let mut faults = Faults::new(&stage.file, found);
            let who = format!("stage {}", stage.id);
            for condition in stage.shown.iter_mut().chain(stage.also.iter_mut().map(|also| &mut also.when)) {
                if !looks_ahead(condition, &known, &later, &mut faults) {
                    try_condition(condition, &known, true, &who, &mut faults);
                }
            }
            for question in &mut stage.questions {
                let line = question.line;
                question_conditions(question, &known, &later, &mut faults);
                // What fills the form has the bounds of the form.
                if question.fills.is_none() {
                    bounds(question, &known, &mut faults);
                }
                if !known.add(question) {
                    let reason = format!("question {} is there twice, here or in the form", question.id);
                    faults.at_line(line, reason);
                }
            }
        }
        let mut faults = Faults::new(&script.file, found);
        for hint in &mut script.hints {
            let who = format!("hint {}", hint.id);
            try_condition(&mut hint.when, &known, true, &who, &mut faults);
        }
        for effect in &mut script.effects {
            let mut faults = Faults::new(&effect.file, found);
            let who = format!("effect {}", effect.id);
            try_condition(&mut effect.when, &known, true, &who, &mut faults);
        }
        for stage in &script.stages {
            let mut faults = Faults::new(&stage.file, found);
            let ids = || script.effects.iter().map(|effect| &effect.id);
            for id in stage.promises.iter().filter(|id| ids().all(|known| known != *id)) {
                faults.at_line(stage.line, none_such("effect", id, ids()));
            }
        }
    }
}

/// Says so when a name that is not known yet is that of a later question.
fn looks_ahead(condition: &Condition, known: &Known, later: &BTreeSet<QuestionId>, faults: &mut Faults<'_>) -> bool {
    let ahead = condition.references().iter().find(|id| later.contains(id) && !known.has(id));
    if let Some(id) = ahead {
        faults.at_line(condition.line, format!("{id} is asked later: a script's condition looks back only"));
    }
    ahead.is_some()
}

/// Tries what a question hangs on; says whether it hangs on itself.
fn question_conditions(
    question: &mut Question,
    known: &Known,
    later: &BTreeSet<QuestionId>,
    faults: &mut Faults<'_>,
) -> bool {
    let id = question.id.clone();
    let computed = match &question.kind {
        Kind::Computed(condition) => Some(condition.clone()),
        _ => None,
    };
    let shown = question.shown.clone();
    let mut reads_itself = false;
    for condition in question.conditions_mut() {
        let is_value = computed.as_ref() == Some(condition);
        let decides = is_value || shown.as_ref() == Some(condition);
        if condition.references().contains(&id) && (decides || later.contains(&id)) {
            reads_itself = true;
            let what = if is_value { "what it comes to" } else { "whether it is shown" };
            faults.at_line(condition.line, format!("question {id}: {what} depends on its own answer"));
        } else if !looks_ahead(condition, known, later, faults) {
            try_condition(condition, known, !is_value, &format!("question {id}"), faults);
        }
    }
    reads_itself
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
            let own = [TODAY, ROW].contains(&unknown.as_str());
            let near = nearest(unknown.as_str(), known.ids().chain([TODAY]));
            let reason = match near.filter(|_| !own) {
                Some(near) if near != TODAY => no_question(unknown, known),
                near => {
                    let told = near.map(|near| format!("; did you mean {near}?")).unwrap_or_default();
                    format!("question {id}: a bound names {unknown}; it may name {TODAY}, {ROW} and questions{told}")
                }
            };
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
/// an error on complete answers is a fault of the condition. `who` has it.
fn try_condition(condition: &mut Condition, known: &Known, is_truth: bool, who: &str, faults: &mut Faults<'_>) {
    condition.bind(|id| known.kind(id).is_some_and(Kind::is_list));
    let line = condition.line;
    let unknown: Vec<&QuestionId> = condition.references().iter().filter(|id| !known.has(id)).collect();
    for id in &unknown {
        faults.at_line(line, comparisons::unknown_name(condition.tree(), id, known));
    }
    if !unknown.is_empty() {
        return;
    }
    let mut wrong = BTreeSet::new();
    compared_options(condition.tree(), known, &mut wrong);
    for (id, option) in &wrong {
        let options = known.kind(&QuestionId::new(id)).and_then(options_of).unwrap_or_default();
        let told = did_you_mean(option, options.iter().map(String::as_str));
        let reason =
            format!("{who}: the condition compares {id} with \"{option}\", which is none of its options{told}");
        faults.at_line(line, reason);
    }
    if known.for_author && !wrong.is_empty() {
        return;
    }
    if known.for_author
        && let Some(reason) = comparisons::wrong(condition.tree(), known)
    {
        faults.at_line(line, format!("{who}: {reason}"));
        return;
    }
    let source = condition.source().to_owned();
    let mut told = |reason: String| faults.at_line(line, format!("{who}: the condition `{source}` {reason}"));
    let mut holds = false;
    for answers in known.combinations(&[condition], condition.references()) {
        match condition.evaluate(&answers) {
            Ok(Json::Bool(truth)) => holds |= truth,
            Ok(_) if !is_truth => {}
            Ok(_) => return told("is neither true nor false: compare it with something".to_owned()),
            Err(reason) => {
                return told(format!("fails on sample answers: {}", comparisons::plain(&reason)));
            }
        }
    }
    if is_truth && !holds && !holds_with_gaps(condition, known) {
        told("never holds: no answers make it true".to_owned());
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
                None => faults.at_line(*line, comparisons::no_question(id.as_str(), ids_of(form))),
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
