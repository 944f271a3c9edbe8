//! Finds wordings that are not there in every language of the service.

use super::form::Form;
use super::kind::Kind;
use super::question::{Printed, Question};
use super::report::{Fault, Faults};
use super::script::Script;
use super::text::Text;

/// Every wording must have its Welsh. Called when the service names Welsh among its languages.
pub(super) fn welsh(form: &Form, scripts: &[Script], found: &mut Vec<Fault>) {
    for part in &form.parts {
        let mut faults = Faults::new(&part.file, found);
        require(&mut faults, 1, &format!("part {}", part.id), [Some(&part.title), part.guidance.as_ref()]);
        for question in &part.questions {
            question_wording(question, &mut faults);
        }
    }
    let mut faults = Faults::new("form/evidence.yaml", found);
    require(&mut faults, 1, "the evidence list", form.evidence_part.iter().map(|part| Some(&part.title)));
    for rule in &form.evidence {
        let texts = [Some(&rule.label), rule.substitutes.as_ref(), Some(&rule.reason)];
        require(&mut faults, rule.line, &format!("evidence line {}", rule.id), texts);
    }
    for order in &form.orders {
        let mut faults = Faults::new(&order.file, found);
        let titles = order.sections.iter().map(|section| Some(&section.title)).chain([Some(&order.title)]);
        require(&mut faults, 1, &format!("the form of {}", order.agency), titles);
    }
    for script in scripts {
        let mut faults = Faults::new(&script.file, found);
        let areas = script.key_areas.iter().map(|area| Some(&area.name));
        let hints = script.hints.iter().map(|hint| Some(&hint.text));
        let effects = script.effects.iter().map(|effect| effect.urgent.as_ref());
        require(&mut faults, 1, "the script", areas.chain(hints).chain(effects).chain([Some(&script.title)]));
        for stage in &script.stages {
            let mut faults = Faults::new(&stage.file, found);
            let also = stage.also.iter().flat_map(|also| [also.say.as_ref(), also.guidance.as_ref()]);
            let own = [Some(&stage.title), stage.heading.as_ref(), stage.say.as_ref(), stage.guidance.as_ref()];
            require(&mut faults, stage.line, &format!("stage {}", stage.id), own.into_iter().chain(also));
            for question in &stage.questions {
                question_wording(question, &mut faults);
            }
        }
    }
}

fn question_wording(question: &Question, faults: &mut Faults<'_>) {
    let printed = match &question.printed {
        Printed::Under(words) => Some(words),
        Printed::AsAsked | Printed::Not => None,
    };
    let own =
        [Some(&question.label), printed, question.say.as_ref(), question.guidance.as_ref(), question.hint.as_ref()];
    require(
        faults,
        question.line,
        &format!("question {}", question.id),
        own.into_iter().chain(of_kind(&question.kind)),
    );
}

fn of_kind(kind: &Kind) -> Vec<Option<&Text>> {
    match kind {
        Kind::Choice(options) | Kind::Multi(options) => options.iter().map(|option| Some(&option.label)).collect(),
        Kind::Table { columns, .. } | Kind::Group { fields: columns } => {
            columns.iter().flat_map(|column| [vec![Some(&column.label)], of_kind(&column.kind)].concat()).collect()
        }
        _ => Vec::new(),
    }
}

/// One fault for all that lacks it: the place is the same.
fn require<'t>(faults: &mut Faults<'_>, line: u64, what: &str, texts: impl IntoIterator<Item = Option<&'t Text>>) {
    let lacking = texts.into_iter().flatten().find(|text| text.cy.is_none());
    if let Some(text) = lacking {
        let begins: String = text.en.chars().take(40).collect();
        faults.at_line(line, format!("{what}: a wording has no Welsh (cy): \"{begins}\""));
    }
}
