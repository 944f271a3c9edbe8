//! The list of what is to be done.

use super::decided::reversible_until;
use super::misses::reconcile;
use super::step::{Outcome, Step, What};
use super::wording::{self, Found, Reads, ToldDecision};
use super::{checked_note, history_store, store};
use crate::access::{self, AtOffices, Context, Role, audit};
use crate::claims;
use crate::clients::{self, Client, LetterTo};
use crate::diary::Appointment;
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use startline_definition::{Definition, Definitions, Text};
use startline_foundation::error::{Error, Result};
use startline_foundation::formats::Language;
use startline_foundation::ids::{AppointmentId, ClaimId, SiteId, StepId};
use startline_foundation::store::{Db, Job, enqueue};

/// Write about the missed meeting.
#[derive(Debug, Serialize, Deserialize)]
pub struct WriteMissedMeeting {
    pub appointment_id: AppointmentId,
}

impl Job for WriteMissedMeeting {
    const NAME: &'static str = "write_missed_meeting";
    const ROOM: &'static str = "packs";
}

/// A step with what whoever takes it has to know.
#[derive(Debug, Clone, PartialEq)]
pub struct ToDo {
    pub step: Step,
    pub client: Client,
    /// Why it is due, and what must come first, in the asker's language.
    pub why: String,
    pub first: String,
    /// In the language in which the client is written to.
    pub letter: Option<String>,
}

/// Which steps are listed.
#[derive(Debug, Clone, Default)]
pub struct Listing {
    /// Due by this day.
    pub day: NaiveDate,
    /// All when empty.
    pub kinds: Vec<String>,
    pub after: Option<(NaiveDate, StepId)>,
    pub most: i32,
    /// One claim's instead: all of them, those that are done and those of later days too.
    pub claim: Option<ClaimId>,
    /// Of a site's, not these.
    pub without: Vec<String>,
    /// Of a site's, what is not another office's.
    pub seen: Option<AtOffices>,
    pub now: DateTime<Utc>,
}

/// What is to be done at a site, the longest overdue first. What a booked meeting answers, and what belongs to a closed
/// claim, is left out for as long.
pub async fn list_steps(
    db: &mut Db<'_>,
    definition: &Definition,
    site: &SiteId,
    asked: &Listing,
    reads: Reads,
) -> Result<Vec<ToDo>> {
    let steps = match asked.claim {
        Some(claim) => store::of_claim(db, claim).await?,
        None => store::due(db, site, asked).await?,
    };
    let mut listed = Vec::with_capacity(steps.len());
    for step in steps {
        listed.push(to_do(db, definition, step, reads).await?);
    }
    Ok(listed)
}

/// A step with its client and its wording.
pub async fn to_do(db: &mut Db<'_>, definition: &Definition, step: Step, reads: Reads) -> Result<ToDo> {
    let client_id = claims::get(db, step.claim_id).await?.client_id;
    let client = clients::get(db, client_id).await?;
    let name = client.full_name();
    let (why, first) = wording::why(definition, &step.what, &name, reads);
    let phone = definition.site(&step.site).map(|site| site.phone.grouped()).unwrap_or_default();
    let letter = wording::letter(&definition.followup, &step.what, &name, &phone, client.facts.letter_language);
    Ok(ToDo { step, client, why, first, letter })
}

/// The letter about a meeting that was missed, in both languages: the last one when the list of steps says so.
pub async fn missed_letter(
    db: &mut Db<'_>,
    definition: &Definition,
    missed: &Appointment,
    client: &Client,
) -> Result<Text> {
    let steps = store::of_claim(db, missed.claim_id).await?;
    let of_letter =
        |step: &Step| step.appointment_id == Some(missed.id) && matches!(step.what, What::SendLetter { .. });
    let missed_day = definition.calendar.local_date(missed.starts_at);
    let what = steps.into_iter().rev().find(of_letter).map(|step| step.what);
    let what = what.unwrap_or(What::SendLetter { number: 1, missed_day, last: false });
    let phone = definition.site(&client.home_site).map(|site| site.phone.grouped()).unwrap_or_default();
    let name = client.full_name();
    let in_language = |language| wording::letter(&definition.followup, &what, &name, &phone, language);
    Ok(Text { en: in_language(Language::English).unwrap_or_default(), cy: in_language(Language::Welsh) })
}

/// The letter about a first meeting that was cancelled, in both languages; none where the definition has no words for it.
pub fn off_letter(definition: &Definition, cancelled: &Appointment, client: &Client) -> Option<Text> {
    let day = definition.calendar.local_date(cancelled.starts_at);
    let phone = definition.site(&client.home_site).map(|site| site.phone.grouped()).unwrap_or_default();
    let name = client.full_name();
    let in_language = |language| wording::letter_off(&definition.followup, day, &name, &phone, language);
    Some(Text { en: in_language(Language::English)?, cy: in_language(Language::Welsh) })
}

/// The letter to whoever told us that the client died, in both languages; none where the definition has no words for it.
pub fn death_letter(definition: &Definition, client: &Client, to: &LetterTo) -> Option<Text> {
    let phone = definition.site(&client.home_site).map(|site| site.phone.grouped()).unwrap_or_default();
    let names = (to.name.as_str(), client.full_name());
    let names = (names.0, names.1.as_str());
    let in_language = |language| wording::letter_of_death(&definition.followup, names, &phone, language);
    Some(Text { en: in_language(Language::English)?, cy: in_language(Language::Welsh) })
}

/// The letter about what was decided after the missed meeting, in both languages.
///
/// # Errors
/// `Illegal` when nobody has decided about it.
pub async fn decision_letter(
    db: &mut Db<'_>,
    definition: &Definition,
    missed: &Appointment,
    client: &Client,
) -> Result<Text> {
    let found = history_store::decision_about(db, missed.id).await?;
    let decided = found.ok_or_else(|| Error::illegal("NOTHING_DECIDED", "nobody has decided after this meeting"))?;
    let reversed = decided.reversal.as_ref().map(|found| (Found::Reversed, found));
    let found = reversed.or(decided.upheld.as_ref().map(|found| (Found::Stands, found)));
    let (by, reason) = match found {
        Some((_, found)) => (found.by, found.reason.as_str()),
        None => (decided.by, decided.reason.as_str()),
    };
    let decider = access::user(db, by).await?.name;
    let told = ToldDecision {
        what: decided.decision,
        looked_again: found.map(|(found, _)| found),
        missed_day: definition.calendar.local_date(missed.starts_at),
        until: reversible_until(definition, &decided),
        decider: &decider,
        reason,
    };
    Ok(decision_words(definition, &told, client))
}

/// The words of such a letter.
pub fn decision_words(definition: &Definition, told: &ToldDecision<'_>, client: &Client) -> Text {
    let phone = definition.site(&client.home_site).map(|site| site.phone.grouped()).unwrap_or_default();
    let name = client.full_name();
    let in_language = |language| wording::letter_of_decision(&definition.followup, told, &name, &phone, language);
    Text { en: in_language(Language::English), cy: Some(in_language(Language::Welsh)) }
}

/// Says how a step ended. What comes after it is opened in the same transaction.
pub async fn record_step(
    db: &mut Db<'_>,
    context: &Context,
    definitions: &Definitions,
    id: StepId,
    outcome: Outcome,
    note: &str,
) -> Result<Step> {
    let note = checked_note(note)?;
    let not_found = || Error::not_found(StepId::WHAT, id);
    // The claim before its steps: what comes of this one may end others.
    let claim = store::by_id(db, id).await?.ok_or_else(not_found)?.claim_id;
    claims::for_update(db, claim).await?;
    let mut step = store::for_update(db, id).await?.ok_or_else(not_found)?;
    if context.user.site.as_ref() != Some(&step.site) {
        return Err(Error::Denied("this step is another site's".into()));
    }
    if matches!(step.what, What::DateLost { .. }) && !context.user.is(Role::TeamLeader) {
        return Err(Error::Denied("a date that was lost is for a team leader".into()));
    }
    step.record(context.user.id, outcome, note, context.now)?;
    if !store::finish(db, &step).await? {
        return Err(Error::Contended);
    }
    audit(db, context, "step_recorded", "step", &id).await?;
    if matches!(step.what, What::SendLetter { .. }) {
        if let Some(missed) = step.appointment_id {
            enqueue(db, &WriteMissedMeeting { appointment_id: missed }, context.user.id, context.now).await?;
        }
        reconcile(db, context, definitions, step.claim_id).await?;
    }
    Ok(step)
}
