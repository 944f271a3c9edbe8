//! The integrated claim form: opened with what is known, saved answer by answer, completed, and handed over to each
//! agency after the meeting with the personal adviser, never before.
//!
//! Everything is durable before it is acknowledged: answers through the group commit of [`autosave`], the rest each in
//! its own transaction. Nothing of a claim lives only in memory, so a form cannot vanish; only who looks at a claim just
//! now does ([`crate::subscriptions`]).
//!
//! Every move of a claim ([`Move`]) is kept with who, when and why; those at which the form goes somewhere keep the
//! revision of each answer, so that the form can be read later exactly as it then stood.

mod agency;
mod amend;
mod amend_store;
mod answer;
mod autosave;
mod carry;
mod checking;
mod claim;
mod dates;
mod erasing_store;
mod event;
mod evidence;
mod evidence_store;
mod found;
mod found_store;
mod known;
mod learn;
mod life;
mod life_store;
mod lodging;
mod log;
mod log_store;
mod meeting;
mod queries;
mod query;
mod query_store;
mod stakes;
mod standing;
mod store;
mod survey;
mod survey_store;
mod view;

pub use agency::{AgencyView, Section as AgencySection, sections as agency_sections};
pub use amend::{Amendment, AmendmentDraft, amend_answer, amendments};
pub use answer::{Answer, Carried, Draft, KeptDraft};
pub use autosave::{AnswerWriter, Autosave, LARGEST_BATCH, Saving};
pub use checking::{ToCheck, to_check};
pub use claim::{Claim, Closed, Closing, NO_LAST_DAY, Stage, State, Underway};
pub use erasing_store::{
    built_on, client_of, clients_since, erase, of_clients, over, queried, requests as requests_of,
    underway as underway_among,
};
pub use event::{Event, Move, Revisions};
pub use evidence::{Tick, TickState, tick_evidence, ticks};
pub use found::{Finding, Found, FoundAtSite, OfQuestion, found_at_site, found_of_own};
pub use known::{fact_for as known_fact, record as client_record};
pub use learn::learned;
pub use life::{
    ComposePack, Lodge, StopPacks, answers_at_move, carry_date, check_own_site, complete_start_up, events, for_update,
    form_back_at, get_unmoved, is_handed_over, lodge, mark_posted, reopen, report_form_back, reverse_not_made,
    settle_matter, treat_as_not_made, went_ahead_at, withdraw,
};
pub use lodging::Lodging;
pub use meeting::{defer_meeting, is_optional, meeting_is_optional, take_back_decision, waive_meeting};
pub use queries::{queries, raise_query, settle_query};
pub use query::{Query, QueryState};
pub use stakes::{keep_evidence, keep_last_day};
pub use standing::{ClaimOverview, dates_at_stake, standing};
pub use survey::{any_lodged_before, closed_among, is_followed_by_another, start_ups};
pub use view::{Evaluated, EvidenceLine, asked, asked_parts, evaluate, evidence, evidence_of, missing_of};

use crate::access::{Context, audit};
use crate::clients::{self, Client};
use chrono::{DateTime, Utc};
use startline_definition::{Answers, CLIENT_RECORD, Definition, Definitions, Form, Question};
use startline_foundation::error::{Error, Result};
use startline_foundation::formats::Language;
use startline_foundation::ids::{ClaimId, ClientId, QuestionId};
use startline_foundation::store::Db;
use std::collections::BTreeSet;

/// From what a new claim begins, beside the client record.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Beginning {
    /// Leave the client's last claim out of it.
    pub afresh: bool,
    /// The claim of the client's partner, for the answers that both share.
    pub partner_claim: Option<ClaimId>,
    /// When the client was in touch about it: they booked the call-back in which it is opened. Now, when it is not given.
    pub in_touch_at: Option<DateTime<Utc>>,
}

/// Opens the client's claim on the definition in force, filled with what is known: from the client record, from the
/// partner's claim, and from the client's last claim, in this order. A client whose claim is open already gets that one:
/// nothing is typed twice.
pub async fn open(
    db: &mut Db<'_>,
    context: &Context,
    definitions: &Definitions,
    client: ClientId,
    beginning: Beginning,
) -> Result<Claim> {
    let definition = definitions.current();
    let client = clients::get_living(db, client).await?;
    let last = match beginning.afresh {
        true => None,
        false => store::last_of_client(db, client.id).await?,
    };
    let partner = match beginning.partner_claim {
        Some(id) => Some(get(db, id).await?),
        None => None,
    };
    if partner.as_ref().is_some_and(|partner| partner.client_id == client.id) {
        return Err(Error::invalid("partner_claim_id", "is a claim of this very client"));
    }
    let live = store::live_of_client(db, client.id).await?;
    if let Some(live) = live {
        return Ok(live);
    }
    let in_touch_at = beginning.in_touch_at.unwrap_or(context.now);
    let client = Client { first_contact_at: client.first_contact(in_touch_at, context.now), ..client };
    let claim = Claim {
        id: ClaimId::fresh(context.now),
        client_id: client.id,
        site: client.home_site.clone(),
        state: State::Open,
        definition_version: definition.version.clone(),
        first_contact_at: client.first_contact_at,
        opened_at: context.now,
        repeats: last.as_ref().map(|last| last.id),
        partner_claim: beginning.partner_claim,
        start_up_by: None,
        last_day: stakes::at_first(definition, &client),
        evidence_to_come: None,
        stood_closed_days: 0,
    };
    if !store::insert(db, &claim).await? {
        return store::live_of_client(db, client.id).await?.ok_or(Error::Contended);
    }
    clients::in_touch(db, client.id, (in_touch_at, context.now)).await?;
    // Whoever hears of a death at this very moment waits for this, and sees the claim.
    clients::get_unmoved(db, client.id).await?.check_living()?;
    let mut filled = BTreeSet::new();
    let known = known::drafts(definition, &client);
    fill_in(db, context, definition, &claim, "client record", Carried::No, known, &mut filled).await?;
    if let Some(partner) = &partner {
        let theirs = definitions.version(db, &partner.definition_version).await?;
        let evaluated = view::evaluate(&theirs.form, &standing_answers(db, &theirs, partner).await?);
        let taken = carry::from_partner(&definition.form, &evaluated);
        take_over(db, context, definition, &claim, "partner's claim", taken, &mut filled).await?;
    }
    if let Some(last) = &last {
        let before = definitions.version(db, &last.definition_version).await?;
        let evaluated = view::evaluate(&before.form, &standing_answers(db, &before, last).await?);
        let answers = log_store::answers(db, last.id).await?;
        let usual_days = definition.service.settings.carried_answer_days;
        let taken = carry::from_last_claim(&definition.form, &answers, &evaluated, usual_days, context.now);
        take_over(db, context, definition, &claim, "last claim", taken, &mut filled).await?;
    }
    life::record(db, context, claim.id, Move::Opened, serde_json::json!({})).await?;
    audit(db, context, "claim_opened", "claim", &claim.id).await?;
    Ok(claim)
}

/// Takes carried answers over, those to confirm and those to ask again.
async fn take_over(
    db: &mut Db<'_>,
    context: &Context,
    definition: &Definition,
    claim: &Claim,
    stage: &str,
    taken: Vec<carry::Taken>,
    filled: &mut BTreeSet<QuestionId>,
) -> Result<()> {
    for carried in [Carried::ToConfirm, Carried::AskAgain] {
        let of_this_kind = taken.iter().filter(|one| one.carried == carried);
        let drafts = of_this_kind
            .map(|one| Draft { question_id: one.question_id.clone(), value: one.value.clone(), seen_revision: 0 })
            .collect();
        fill_in(db, context, definition, claim, stage, carried, drafts, filled).await?;
    }
    Ok(())
}

#[expect(clippy::too_many_arguments, reason = "three sources fill a new claim the same way")]
async fn fill_in(
    db: &mut Db<'_>,
    context: &Context,
    definition: &Definition,
    claim: &Claim,
    stage: &str,
    carried: Carried,
    mut drafts: Vec<Draft>,
    filled: &mut BTreeSet<QuestionId>,
) -> Result<()> {
    drafts.retain(|draft| filled.insert(draft.question_id.clone()));
    for some in drafts.chunks(autosave::MOST_ANSWERS) {
        let mut saving = Saving::new(context, claim.id, stage, some.to_vec())?;
        saving.carried = carried;
        autosave::append_now(db, definition, claim, &saving).await?;
    }
    Ok(())
}

/// Says that carried answers still hold: those named, or all of a part that are asked now. Gives back their new
/// revisions.
pub async fn confirm(
    db: &mut Db<'_>,
    context: &Context,
    definition: &Definition,
    id: ClaimId,
    part: Option<&str>,
    questions: &[QuestionId],
) -> Result<Vec<(QuestionId, i32)>> {
    let claim = for_update(db, id).await?;
    if let Some(part) = part.filter(|part| definition.form.part(part).is_none()) {
        return Err(Error::invalid("part", format!("the form has no part {part}")));
    }
    let evaluated = view::evaluate(&definition.form, &standing_answers(db, definition, &claim).await?);
    let is_meant = |answer: &Answer| {
        let in_part = definition.form.part_of(&answer.question_id).is_some_and(|p| Some(p.id.as_str()) == part);
        in_part || questions.contains(&answer.question_id)
    };
    let standing = log_store::answers(db, id).await?;
    let waiting = standing.into_iter().filter(|answer| {
        answer.carried == Carried::ToConfirm && evaluated.answers.contains_key(&answer.question_id) && is_meant(answer)
    });
    let drafts: Vec<Draft> = waiting
        .map(|answer| Draft { question_id: answer.question_id, value: answer.value, seen_revision: answer.revision })
        .collect();
    let confirmed = drafts.iter().map(|draft| (draft.question_id.clone(), draft.seen_revision + 1)).collect();
    for some in drafts.chunks(autosave::MOST_ANSWERS) {
        let saving = Saving::new(context, id, "confirmed", some.to_vec())?;
        autosave::append_now(db, definition, &claim, &saving).await?;
    }
    Ok(confirmed)
}

pub async fn get(db: &mut Db<'_>, id: ClaimId) -> Result<Claim> {
    store::by_id(db, id).await?.ok_or_else(|| Error::not_found(ClaimId::WHAT, id))
}

/// All of the client's claims, kept as they are for everybody else until the transaction ends, in the order of their ids.
pub async fn of_client_for_update(db: &mut Db<'_>, client: ClientId) -> Result<Vec<Claim>> {
    store::of_client_for_update(db, client).await
}

/// The client's claim that is on its way.
pub async fn live_of_client(db: &mut Db<'_>, client: ClientId) -> Result<Option<Claim>> {
    store::live_of_client(db, client).await
}

/// The claims of others that share answers with one of this client's, as a partner's do, and that nobody has closed.
pub async fn of_household(db: &mut Db<'_>, client: ClientId) -> Result<Vec<Claim>> {
    let own = store::of_client(db, client).await?;
    let mut found = Vec::new();
    for claim in &own {
        found.extend(store::built_on(db, claim.id).await?);
        if let Some(partners) = claim.partner_claim {
            let partner = get(db, partners).await?.client_id;
            found.extend(store::of_client(db, partner).await?);
        }
    }
    found.retain(|claim| claim.client_id != client && !claim.is_closed());
    found.sort_by_key(|claim| claim.id);
    found.dedup_by_key(|claim| claim.id);
    Ok(found)
}

/// The form as it stands, in the order of question ids.
pub async fn answers(db: &mut Db<'_>, id: ClaimId) -> Result<Vec<Answer>> {
    log_store::answers(db, id).await
}

/// The form as it stood at a moment.
pub async fn answers_at(db: &mut Db<'_>, id: ClaimId, at: DateTime<Utc>) -> Result<Vec<Answer>> {
    log_store::answers_at(db, id, at).await
}

/// Every change of every answer, or of one question's, the oldest first.
pub async fn history(
    db: &mut Db<'_>,
    id: ClaimId,
    question: Option<&QuestionId>,
    after: Option<&(DateTime<Utc>, QuestionId, i32)>,
    most: i32,
) -> Result<Vec<Answer>> {
    log_store::history(db, id, question, after, most).await
}

/// Keeps what was typed for a question and could not be accepted, where it was not typed through [`autosave`].
pub async fn keep_draft(
    db: &mut Db<'_>,
    context: &Context,
    id: ClaimId,
    question_id: QuestionId,
    value: serde_json::Value,
    reason: String,
) -> Result<()> {
    let standing = log_store::answers(db, id).await?.into_iter().find(|answer| answer.question_id == question_id);
    let seen_revision = standing.map_or(0, |answer| answer.revision);
    let (typed_by, typed_at) = (context.user.id, context.now);
    let draft = KeptDraft { question_id, value, reason, seen_revision, typed_by, typed_at };
    autosave::keep_draft(db, id, &draft).await
}

/// What was typed and could not be accepted, beside the questions whose answers have not gone on since.
pub async fn drafts(db: &mut Db<'_>, id: ClaimId) -> Result<Vec<KeptDraft>> {
    log_store::drafts(db, id).await
}

/// The answers alone, for the pure rules of [`view`]. What must be asked again counts for nothing.
pub fn values(answers: &[Answer]) -> Answers {
    let counts = answers.iter().filter(|answer| answer.carried != Carried::AskAgain);
    counts.map(|answer| (answer.question_id.clone(), answer.value.clone())).collect()
}

/// What the claim's form is worked out from: its answers, and the client record beside them. For [`view::evaluate`].
pub async fn standing_answers(db: &mut Db<'_>, definition: &Definition, claim: &Claim) -> Result<Answers> {
    let client = claim.claimant(clients::get(db, claim.client_id).await?);
    let mut answers = values(&log_store::answers(db, claim.id).await?);
    answers.insert(QuestionId::new(CLIENT_RECORD), known::record(definition, &client));
    Ok(answers)
}

/// Which of these answers of the client's count, and which questions are asked.
pub fn evaluated(definition: &Definition, client: &Client, answers: &[Answer]) -> view::Evaluated {
    let mut given = values(answers);
    given.insert(QuestionId::new(CLIENT_RECORD), known::record(definition, client));
    view::evaluate(&definition.form, &given)
}

/// Saves answers of one stage in the caller's own transaction, each at the revision the caller read in it. An answer that
/// was changed on another desk meanwhile is refused as stale.
pub async fn append(
    db: &mut Db<'_>,
    context: &Context,
    definition: &Definition,
    id: ClaimId,
    stage: &str,
    drafts: Vec<Draft>,
) -> Result<()> {
    let claim = for_update(db, id).await?;
    let saving = Saving::new(context, id, stage, drafts)?;
    autosave::append_now(db, definition, &claim, &saving).await
}

/// The form of one agency with this claim's answers: as it stands, or as it stood at a moment.
pub async fn agency_view(
    db: &mut Db<'_>,
    definition: &Definition,
    claim: &Claim,
    agency: &str,
    at: Option<DateTime<Utc>>,
    language: Language,
) -> Result<AgencyView> {
    let answers = match at {
        Some(at) => log_store::answers_at(db, claim.id, at).await?,
        None => log_store::answers(db, claim.id).await?,
    };
    let client = clients::get(db, claim.client_id).await?;
    let sources = agency::Sources {
        definition,
        claim: claim.id.to_string(),
        first_contact: definition.calendar.local_date(claim.first_contact_at).to_string(),
        answers: &answers,
        evaluated: &evaluated(definition, &client, &answers),
    };
    agency::view(&sources, agency, language).ok_or_else(|| Error::not_found("agency", agency))
}

/// Why a question of a claim is still open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Open {
    Unanswered,
    /// Carried over, and nobody has said that it still holds.
    ToConfirm,
    /// Carried over too old, or of a kind that changes.
    AskAgain,
}

/// What is still to be asked or confirmed, in the order of the form.
/// `client` may wait for half of an address, which is then to be confirmed.
pub fn open_questions<'f>(
    form: &'f Form,
    given: &Answers,
    standing: &[Answer],
    client: &Client,
) -> Vec<(&'f Question, Open)> {
    let awaited = learn::awaited(client);
    let evaluated = view::evaluate(form, given);
    let carried = |question: &Question| {
        standing.iter().find(|answer| answer.question_id == question.id).map_or(Carried::No, |answer| answer.carried)
    };
    let missing: BTreeSet<&QuestionId> = view::missing_of(form, &evaluated).into_iter().map(|q| &q.id).collect();
    let open = |question: &'f Question| {
        let why = match carried(question) {
            Carried::ToConfirm if evaluated.is_asked(question) => Open::ToConfirm,
            Carried::No if awaited.is_some() && question.fills_client == awaited && evaluated.is_asked(question) => {
                Open::ToConfirm
            }
            Carried::AskAgain if missing.contains(&question.id) => Open::AskAgain,
            _ if missing.contains(&question.id) => Open::Unanswered,
            _ => return None,
        };
        Some((question, why))
    };
    form.questions().filter_map(open).collect()
}

#[cfg(test)]
mod form_table_tests;
