//! `followup.yaml`: what follows from a meeting or from none. Missed meetings, good cause, the standby list, meetings that
//! are proposed on their day, and the wording of each.

use super::condition::Condition;
use super::text::Text;
use chrono::{Days, Months, NaiveDate};
use serde::Deserialize;
use startline_foundation::ids::QuestionId;
use std::collections::BTreeMap;

/// The procedure after missed meetings. Days are working days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MissedRules {
    /// A client has so many opportunities before somebody must decide.
    pub opportunities: u32,
    pub ring_working_days: u32,
    pub letter_working_days: u32,
    pub new_meeting_working_days: u32,
    pub letter_answer_working_days: u32,
    pub home_visit_after_misses: u32,
    pub home_visit_working_days: u32,
    pub good_cause_working_days: u32,
    pub decision_working_days: u32,
    /// For so many days of the calendar a decision against a claim can be looked at again here.
    #[serde(default = "a_month")]
    pub reversible_days: u32,
    /// Within so many working days what a client asks to be looked at again is answered.
    #[serde(default = "a_week")]
    pub reconsider_working_days: u32,
}

/// Of definitions written before they could say: as for other decisions on benefit.
fn a_month() -> u32 {
    31
}

/// Of definitions written before they could say: our choice.
fn a_week() -> u32 {
    5
}

/// What keeps a claim that nobody moves from slipping out of sight.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SlippingRules {
    /// So many working days after it was begun, a claim whose start-up is not finished is on the list.
    pub finish_start_up_working_days: u32,
    /// So many days of the calendar after the form was posted it is asked for; rising. After the last, again as far apart as
    /// the last two.
    pub chase_form_days: Vec<u32>,
    /// So many working days before the day of first contact protects no longer, a team leader is told; falling.
    pub date_runs_out_working_days: Vec<u32>,
}

impl SlippingRules {
    /// After so many days a form is asked for the n-th time, from nought.
    pub fn chase_after(&self, number: u32) -> u32 {
        let days = &self.chase_form_days;
        let index = usize::try_from(number).unwrap_or(usize::MAX);
        let Some(last) = days.last() else { return u32::MAX };
        days.get(index).copied().unwrap_or_else(|| {
            let apart = last - days.iter().rev().nth(1).unwrap_or(&0);
            let over = number.saturating_sub(u32::try_from(days.len()).unwrap_or(u32::MAX)).saturating_add(1);
            last.saturating_add(apart.saturating_mul(over))
        })
    }
}

/// Clients whose missed meetings another agency deals with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Referral {
    pub benefits: Vec<String>,
    pub agency: String,
    pub working_days: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StandbyRules {
    /// How long freed time is kept for the client who is asked.
    pub keep_minutes: u32,
    /// Time that begins sooner is offered to nobody.
    pub ring_before_minutes: u32,
}

/// A good cause or a life event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    pub id: String,
    pub name: Text,
    /// Of a life event: nothing is proposed after it.
    pub ends: bool,
}

/// The wording of one step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepWords {
    pub why: Text,
    pub first: Option<Text>,
}

/// A meeting that is proposed on its day.
#[derive(Debug, Clone, PartialEq)]
pub struct Proposal {
    pub id: String,
    pub when: When,
    /// For any of these; for all when there are none.
    pub benefits: Vec<String>,
    pub condition: Option<Condition>,
    /// A kind of `diary.yaml`.
    pub kind: String,
}

/// When a meeting is proposed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct When {
    pub after: After,
    pub span: Span,
    /// Again after each so many months.
    pub every_months: Option<u32>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum After {
    /// The first contact of the claim.
    Start,
    /// The day of birth, of somebody for whom it was still to come at the first contact.
    Birthday,
    /// A life event, by id.
    Event(String),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    pub weeks: u32,
    pub months: u32,
}

impl When {
    /// The day of the first time, or of one of the repetitions after it.
    pub fn day(&self, from: NaiveDate, repetition: u32) -> Option<NaiveDate> {
        let months = self.span.months + self.every_months.unwrap_or(0) * repetition;
        let day = from.checked_add_months(Months::new(months))?;
        day.checked_add_days(Days::new(u64::from(self.span.weeks) * 7))
    }
}

#[derive(Debug, Clone, PartialEq)]
pub struct FollowUpRules {
    pub missed: MissedRules,
    pub slipping: SlippingRules,
    pub referral: Option<Referral>,
    pub good_causes: Vec<Listed>,
    pub standby: StandbyRules,
    pub(super) steps: BTreeMap<String, StepWords>,
    pub letter: Text,
    /// After the last opportunity: says who decides, and the right to appeal.
    pub last_letter: Text,
    /// That a first meeting was cancelled. None in definitions of before there was one: then no letter tells it.
    pub off_letter: Option<Text>,
    /// To whoever told us that a client died, if they would like one. None in definitions of before there was one.
    pub death_letter: Option<Text>,
    pub decision_letters: DecisionLetters,
    pub life_events: Vec<Listed>,
    pub proposals: Vec<Proposal>,
}

/// How a client is told what was decided after the last opportunity: who decided, why, and how to have it looked at again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecisionLetters {
    pub treat_as_not_made: Text,
    pub goes_on: Text,
    pub another_chance: Text,
    /// It was looked at again, and stands.
    pub upheld: Text,
    /// It was looked at again, and does not stand.
    pub reversed: Text,
}

impl FollowUpRules {
    pub fn good_cause(&self, id: &str) -> Option<&Listed> {
        self.good_causes.iter().find(|cause| cause.id == id)
    }

    pub fn life_event(&self, id: &str) -> Option<&Listed> {
        self.life_events.iter().find(|event| event.id == id)
    }

    /// The wording of a step, by the name of its kind.
    pub fn words(&self, step: &str) -> Option<&StepWords> {
        self.steps.get(step)
    }

    /// Conditions with the line on which each stands, for the linter.
    pub(super) fn conditions_mut(&mut self) -> impl Iterator<Item = (&str, &mut Condition)> {
        self.proposals.iter_mut().filter_map(|proposal| Some((proposal.id.as_str(), proposal.condition.as_mut()?)))
    }

    /// Leaves out what an older definition could not have known of.
    pub(super) fn keep_known(&mut self, is_question: impl Fn(&QuestionId) -> bool) {
        let known = |condition: &Condition| condition.references().iter().all(&is_question);
        self.proposals.retain(|proposal| proposal.condition.as_ref().is_none_or(known));
    }
}

/// The steps that need wording, as their kinds are named.
pub const STEPS: [&str; 18] = [
    "arrange-deferred-meeting",
    "ring-client",
    "send-letter",
    "offer-new-meeting",
    "home-visit",
    "consider-home-visit",
    "refer",
    "decide",
    "offer-earlier-time",
    "propose-meeting",
    "finish-start-up",
    "chase-form",
    "lodge-now",
    "date-runs-out",
    "date-lost",
    "arrange-meeting",
    "record-attendance",
    "reconsider",
];

/// Those of them that definitions written before there were such steps do not name: they have the pilot's wording.
pub const LATER_STEPS: [&str; 8] = [
    "finish-start-up",
    "chase-form",
    "lodge-now",
    "date-runs-out",
    "date-lost",
    "arrange-meeting",
    "record-attendance",
    "reconsider",
];
