//! Where a claim stands, and what has to happen next: what a client at the meeting, and whoever looks after the claim,
//! wants to know.

use super::claim::{Claim, Closed, Closing, State};
use super::dates::{Dates, Periods};
use super::evidence::{self, Tick};
use super::lodging::Lodging;
use super::query::Query;
use super::{client_record, evidence_store, life, life_store, query_store, values, view};
use crate::clients;
use crate::diary::{self, Appointment, Decided, Meeting};
use chrono::{DateTime, NaiveDate, Utc};
use startline_definition::{Answers, CLIENT_RECORD, Definition, Form};
use startline_foundation::error::Result;
use startline_foundation::ids::QuestionId;
use startline_foundation::store::Db;

/// A claim as it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct ClaimOverview {
    pub claim: Claim,
    pub answers: Vec<super::Answer>,
    pub meeting: Meeting,
    /// The first meeting: booked, attended or failed.
    pub appointment: Option<Appointment>,
    /// Questions still to be asked, or carried over and to be confirmed.
    pub missing: usize,
    /// Evidence lines that are asked for and not settled, by id.
    pub evidence_to_come: Vec<String>,
    pub ticks: Vec<Tick>,
    pub open_queries: Vec<Query>,
    pub lodgings: Vec<Lodging>,
    /// When the signed form came back.
    pub form_back_at: Option<DateTime<Utc>>,
    /// Agencies that have to see the claim and do not have it.
    pub agencies_left: Vec<String>,
    /// Of each claimed benefit, in the service's order.
    pub dates: Vec<(String, Dates)>,
    pub next_step: String,
}

/// Reads all of it. Only a claim's records are read, and no lock is taken.
pub async fn standing(
    db: &mut Db<'_>,
    definition: &Definition,
    claim: &Claim,
    now: DateTime<Utc>,
) -> Result<ClaimOverview> {
    let saved = super::answers(db, claim.id).await?;
    let client = claim.claimant(clients::get(db, claim.client_id).await?);
    let mut answers = values(&saved);
    answers.insert(QuestionId::new(CLIENT_RECORD), client_record(definition, &client));
    let evaluated = view::evaluate(&definition.form, &answers);
    let missing = super::open_questions(&definition.form, &answers, &saved, &client).len();
    let ticks = evidence_store::standing(db, claim.id).await?;
    let evidence_to_come = evidence::to_come(&view::evidence_of(&definition.form, &evaluated), &ticks);
    let open_queries: Vec<Query> =
        query_store::of_claim(db, claim.id).await?.into_iter().filter(Query::is_open).collect();
    let lodgings = life_store::lodgings(db, claim.id).await?;
    let (meeting, appointment) = diary::first_meeting(db, claim.id).await?;
    let has = |agency: &String| lodgings.iter().any(|lodging| lodging.agency == *agency);
    let left = life::due(definition, &answers).into_iter().filter(|agency| !has(agency));
    let agencies_left = if matches!(claim.state, State::Lodged { .. }) { Vec::new() } else { left.collect() };
    let step = NextStep {
        state: &claim.state,
        claims_something: !definition.form.claimed(&answers).is_empty(),
        meeting: &meeting,
        meeting_day: day_of(definition, &meeting),
        missing,
        evidence_to_come: evidence_to_come.len(),
        open_queries: open_queries.len(),
        agencies_left: &agencies_left,
    };
    let next_step = step.sentence();
    let dates = dates(definition, claim, &answers, &lodgings, now);
    Ok(ClaimOverview {
        claim: claim.clone(),
        answers: saved,
        meeting,
        appointment,
        missing,
        evidence_to_come,
        ticks,
        open_queries,
        lodgings,
        form_back_at: life_store::form_back_at(db, claim.id).await?,
        agencies_left,
        dates,
        next_step,
    })
}

/// The dates that are kept if the claim is handed over in time, of each claimed benefit: none once an agency has it.
pub async fn dates_at_stake(db: &mut Db<'_>, definition: &Definition, claim: &Claim) -> Result<Vec<(String, Dates)>> {
    if !life_store::lodgings(db, claim.id).await?.is_empty() {
        return Ok(Vec::new());
    }
    let answers = values(&super::answers(db, claim.id).await?);
    Ok(dates(definition, claim, &answers, &[], claim.first_contact_at))
}

/// The day the client wants to claim from.
pub fn wanted(form: &Form, answers: &Answers) -> Option<NaiveDate> {
    form.claim_from.as_ref().and_then(|question| answers.get(question)?.as_str()?.parse().ok())
}

/// A benefit's date is settled when the first agency has the claim: until then it is told as if that were today.
fn dates(
    definition: &Definition,
    claim: &Claim,
    answers: &Answers,
    lodgings: &[Lodging],
    now: DateTime<Utc>,
) -> Vec<(String, Dates)> {
    let calendar = &definition.calendar;
    let first_contact = calendar.local_date(claim.first_contact_at);
    let made_on = calendar.local_date(lodgings.iter().map(|lodging| lodging.at).min().unwrap_or(now));
    let claimed = definition.form.claimed(answers);
    let wanted = wanted(&definition.form, answers);
    let benefits = definition.service.benefits.iter().filter(|benefit| claimed.contains(&benefit.id.as_str()));
    let of = |council| {
        let periods = Periods::of(&definition.service.settings, council).stood_closed(claim.stood_closed_days);
        periods.dates(first_contact, wanted, made_on)
    };
    benefits.map(|benefit| (benefit.id.clone(), of(benefit.council))).collect()
}

fn day_of(definition: &Definition, meeting: &Meeting) -> Option<NaiveDate> {
    match meeting {
        Meeting::Booked(appointment) => Some(definition.calendar.local_date(appointment.starts_at)),
        Meeting::Deferred(decision) => match decision.what {
            Decided::Deferred { review_day, .. } => Some(review_day),
            Decided::Waived { .. } => None,
        },
        _ => None,
    }
}

/// What the next step is worked out from.
#[derive(Debug, Clone, Copy)]
pub struct NextStep<'a> {
    pub state: &'a State,
    pub claims_something: bool,
    pub meeting: &'a Meeting,
    /// The local day of a booked meeting, or of a deferred one's review.
    pub meeting_day: Option<NaiveDate>,
    pub missing: usize,
    pub evidence_to_come: usize,
    pub open_queries: usize,
    pub agencies_left: &'a [String],
}

impl NextStep<'_> {
    /// One plain sentence.
    pub fn sentence(&self) -> String {
        match self.state {
            State::Open => self.in_the_call(),
            State::StartUpDone { .. } if !self.meeting.is_settled() => {
                format!("The form is to be printed and posted; {}.", self.before_the_meeting())
            }
            State::Posted { .. } if !self.meeting.is_settled() => capital(&format!("{}.", self.before_the_meeting())),
            State::StartUpDone { .. } | State::Posted { .. } => self.after_the_meeting(),
            State::Lodged { .. } if self.evidence_to_come > 0 => {
                format!("The claim has been handed over; {}.", self.evidence())
            }
            State::Lodged { .. } => "Nothing: the claim has been handed over.".into(),
            State::Closed(Closing { how: Closed::Withdrawn, .. }) => {
                "Nothing: the claim was withdrawn; a team leader or a personal adviser may reopen it.".into()
            }
            State::Closed(Closing { how: Closed::NotMade, .. }) => {
                "Nothing: the claim is treated as not made; the client \
                may claim anew, or ask for the decision to be looked at again."
                    .into()
            }
        }
    }

    fn in_the_call(&self) -> String {
        if !self.claims_something {
            return "Ask which benefits the client wants to claim.".into();
        }
        let open = match self.missing {
            0 => String::new(),
            missing => format!("Ask {} still open on the form; then ", evaluated(missing, "question")),
        };
        let then = if self.meeting.is_arranged() {
            "finish the start-up call."
        } else {
            "book the meeting with the personal adviser, or have it deferred."
        };
        capital(&format!("{open}{then}"))
    }

    fn before_the_meeting(&self) -> String {
        match (self.meeting, self.meeting_day) {
            (Meeting::Booked(_), Some(day)) => {
                format!("the client meets the personal adviser on {}", day.format("%-d %B %Y"))
            }
            (Meeting::Missed(_), _) => {
                "the client did not come to the meeting: book another, or have it deferred".into()
            }
            _ => "the meeting with the personal adviser is to be booked, or deferred".into(),
        }
    }

    fn after_the_meeting(&self) -> String {
        if self.open_queries > 0 {
            return format!(
                "Settle {} of the benefits expert, then hand the claim over.",
                evaluated(self.open_queries, "open query")
            );
        }
        let to = match self.agencies_left {
            [] => "whom it concerns".to_owned(),
            left => left.join(", "),
        };
        let hand_over = format!("Hand the claim over to {to}");
        let review = match (self.meeting, self.meeting_day) {
            (Meeting::Deferred(_), Some(day)) => {
                format!("; look at the deferred meeting again on {}", day.format("%-d %B %Y"))
            }
            _ => String::new(),
        };
        match self.evidence_to_come {
            0 => format!("{hand_over}{review}."),
            _ => format!("{hand_over}; {}{review}.", self.evidence()),
        }
    }

    fn evidence(&self) -> String {
        let verb = if self.evidence_to_come == 1 { "is" } else { "are" };
        format!("{} of evidence {verb} still to come", evaluated(self.evidence_to_come, "piece"))
    }
}

fn evaluated(number: usize, what: &str) -> String {
    match (number, what.strip_suffix('y')) {
        (1, _) => format!("1 {what}"),
        (_, Some(stem)) => format!("{number} {stem}ies"),
        (_, None) => format!("{number} {what}s"),
    }
}

fn capital(sentence: &str) -> String {
    let mut letters = sentence.chars();
    letters.next().map(|first| first.to_uppercase().collect::<String>() + letters.as_str()).unwrap_or_default()
}

#[cfg(test)]
#[path = "standing_tests.rs"]
mod tests;
