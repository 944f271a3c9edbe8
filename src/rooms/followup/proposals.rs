//! Meetings proposed on their day: so long after the start, on a birthday, after a life event (rules T1 to T3).

use super::step::{Outcome, Step, StepState, What};
use super::{closing, history_store, misses, proposal_store as store, working_day};
use crate::access::{self, Context, audit};
use crate::claims::{self, Claim, State};
use chrono::{DateTime, Days, Months, NaiveDate, Utc};
use startline_definition::{After, Definition, Definitions, Proposal};
use startline_foundation::error::{Error, Result};
use startline_foundation::ids::{ClaimId, StepId};
use startline_foundation::store::{Db, Store};

/// A claim handed over late, or a service that was down, still has what was due so long ago.
const LOOK_BACK: Days = Days::new(92);
/// Repetitions are followed for so many months: longer than any claim lasts.
const MOST_MONTHS: u32 = 480;
/// A month's end moves a day by up to three, a weekend and bank holidays by up to five.
const SLACK: Days = Days::new(8);

/// One occurrence of a rule for one claim.
#[derive(Debug, Clone, PartialEq)]
struct Occurrence<'a> {
    rule: &'a Proposal,
    claim: ClaimId,
    day: NaiveDate,
    cause: String,
}

/// Puts on the list what is to be proposed by today: each once, whoever looks and how often. How many there were.
pub async fn propose_meetings(database: &Store, definitions: &Definitions, now: DateTime<Utc>) -> Result<usize> {
    let definition = definitions.current();
    let today = definition.calendar.local_date(now);
    let mut due = Vec::new();
    {
        let mut reader = database.read().await?;
        for rule in &definition.followup.proposals {
            due.extend(occurrences(&mut reader.db(), definition, rule, today).await?);
        }
    }
    let mut proposed = 0;
    for occurrence in due {
        let mut tx = database.begin_write().await?;
        let context = access::system_context(&mut tx.db(), now).await?;
        if propose(&mut tx.db(), &context, definitions, &occurrence, today).await? {
            proposed += 1;
            tx.commit().await?;
        }
    }
    Ok(proposed)
}

/// What of a rule is due by today and was not proposed before.
async fn occurrences<'a>(
    db: &mut Db<'_>,
    definition: &Definition,
    rule: &'a Proposal,
    today: NaiveDate,
) -> Result<Vec<Occurrence<'a>>> {
    let mut due = Vec::new();
    let first = today - LOOK_BACK;
    let mut add = |claim: ClaimId, day: Option<NaiveDate>, cause: String| {
        due.extend(day.filter(|day| (first..=today).contains(day)).map(|day| Occurrence { rule, claim, day, cause }));
    };
    match &rule.when.after {
        After::Start => {
            let every = rule.when.every_months.unwrap_or(0);
            let last = MOST_MONTHS.checked_div(every).unwrap_or(0);
            for repetition in 0..=last {
                let cause = format!("meeting:{}:{repetition}", rule.id);
                let months = rule.when.span.months + every * repetition;
                let back = |day: NaiveDate| {
                    let weeks = Days::new(u64::from(rule.when.span.weeks) * 7);
                    day.checked_sub_months(Months::new(months))?.checked_sub_days(weeks)
                };
                let Some((from, to)) = back(first - SLACK).zip(back(today + SLACK)) else { break };
                let bounds = (definition.calendar.day_bounds(from).0, definition.calendar.day_bounds(to).1);
                if repetition > 0 && !claims::any_lodged_before(db, bounds.1).await? {
                    break;
                }
                for (claim, contact) in store::lodged(db, bounds, &cause).await? {
                    let day = rule.when.day(definition.calendar.local_date(contact), repetition);
                    add(claim, day, cause.clone());
                }
            }
        }
        After::Birthday => {
            let cause = format!("meeting:{}", rule.id);
            let back = |day: NaiveDate| day.checked_sub_months(Months::new(rule.when.span.months));
            let Some(born) = back(first - SLACK).zip(back(today + SLACK)) else { return Ok(due) };
            for (claim, contact, birth) in store::lodged_by_birth(db, born, &cause).await? {
                let day = rule.when.day(birth, 0);
                // Somebody who was of that age when they came has nothing new about them.
                add(claim, day.filter(|day| *day > definition.calendar.local_date(contact)), cause.clone());
            }
        }
        After::Event(event) => {
            for (claim, happened) in store::events_between(db, event, (first - LOOK_BACK, today)).await? {
                add(claim, rule.when.day(happened, 0), event_cause(rule, happened));
            }
        }
    }
    Ok(due)
}

fn event_cause(rule: &Proposal, happened: NaiveDate) -> String {
    format!("meeting:{}:{happened}", rule.id)
}

/// Puts one on the list, if it is the day and the claim is one for it.
async fn propose(
    db: &mut Db<'_>,
    context: &Context,
    definitions: &Definitions,
    occurrence: &Occurrence<'_>,
    today: NaiveDate,
) -> Result<bool> {
    let definition = definitions.current();
    let claim = claims::get(db, occurrence.claim).await?;
    let due_day = working_day(definition, definition.site_or_fault(&claim.site)?, occurrence.day, 0);
    if due_day > today || !goes_on(db, definition, &claim, today).await? {
        return Ok(false);
    }
    if !is_for(db, definitions, occurrence.rule, &claim).await? {
        return Ok(false);
    }
    let step = Step {
        id: StepId::fresh(context.now),
        site: claim.site.clone(),
        claim_id: claim.id,
        appointment_id: None,
        what: What::ProposeMeeting { kind: occurrence.rule.kind.clone(), day: occurrence.day },
        cause: occurrence.cause.clone(),
        due_day,
        opened_at: context.now,
        state: StepState::Open,
    };
    let is_new = super::store::insert(db, &step).await?;
    if is_new {
        audit(db, context, "meeting_proposed", "claim", &claim.id).await?;
    }
    Ok(is_new)
}

/// Whether the claim was handed over and has not ended: by a life event, a decision, or a newer claim of the client's.
async fn goes_on(db: &mut Db<'_>, definition: &Definition, claim: &Claim, today: NaiveDate) -> Result<bool> {
    if !matches!(claim.state, State::Lodged { .. }) {
        return Ok(false);
    }
    let ends = definition.followup.life_events.iter().filter(|event| event.ends).map(|event| event.id.clone());
    let ends: Vec<String> = ends.collect();
    for (event, day) in store::events_of(db, claim.id).await? {
        if day <= today && ends.contains(&event) {
            return Ok(false);
        }
    }
    let is_over =
        history_store::is_treated_as_not_made(db, claim.id).await? || claims::is_followed_by_another(db, claim).await?;
    Ok(!is_over)
}

/// Whether the claim is for one of the rule's benefits, and its answers meet the rule's condition.
async fn is_for(db: &mut Db<'_>, definitions: &Definitions, rule: &Proposal, claim: &Claim) -> Result<bool> {
    if !rule.benefits.is_empty() {
        let claimed = misses::claimed(db, definitions, claim).await?;
        if !rule.benefits.iter().any(|benefit| claimed.contains(benefit)) {
            return Ok(false);
        }
    }
    let Some(condition) = &rule.condition else { return Ok(true) };
    let its_own = definitions.version(db, &claim.definition_version).await?;
    let given = claims::standing_answers(db, &its_own, claim).await?;
    Ok(condition.holds(&claims::evaluate(&its_own.form, &given).answers))
}

/// Something happened in the client's life; what is to be proposed for it by today is on the list at once.
pub async fn record_life_event(
    db: &mut Db<'_>,
    context: &Context,
    definitions: &Definitions,
    id: ClaimId,
    event: &str,
    day: NaiveDate,
) -> Result<()> {
    let definition = definitions.current();
    let rules = &definition.followup;
    let Some(listed) = rules.life_event(event) else {
        let known: Vec<&str> = rules.life_events.iter().map(|event| event.id.as_str()).collect();
        return Err(Error::invalid("event", format!("is no life event; they are {}", known.join(", "))));
    };
    let claim = claims::for_update(db, id).await?;
    let today = definition.calendar.local_date(context.now);
    if day < definition.calendar.local_date(claim.first_contact_at) {
        return Err(Error::invalid("day", "is before the client was first in touch"));
    }
    if day > today + Months::new(12) {
        return Err(Error::invalid("day", "is more than a year ahead"));
    }
    if !store::add_event(db, context, id, event, day).await? {
        return Err(Error::illegal("EVENT_RECORDED", "this was recorded for that day already"));
    }
    audit(db, context, "life_event_recorded", "claim", &id).await?;
    if listed.ends && day <= today {
        for step in super::store::of_claim(db, id).await? {
            if matches!(step.what, What::ProposeMeeting { .. }) {
                closing::end(db, context, step, Outcome::Overtaken).await?;
            }
        }
    }
    for rule in rules.proposals.iter().filter(|rule| rule.when.after == After::Event(event.to_owned())) {
        let due = rule.when.day(day, 0).filter(|due| *due <= today);
        if let Some(due) = due {
            let occurrence = Occurrence { rule, claim: id, day: due, cause: event_cause(rule, day) };
            propose(db, context, definitions, &occurrence, today).await?;
        }
    }
    Ok(())
}
