//! One claim at its meeting: queries to and fro, the evidence that was brought, what is missing, what was amended.

use super::CHECKS;
use super::taking::Shown;
use super::words::CheckWords;
use crate::Pages;
use crate::html::{Frame, Mistakes, page};
use crate::refused::of_sentence;
use crate::refused::said::Said;
use crate::screens::day::reading::{Row, done};
use crate::screens::walks::form::{Sheet, json};
use crate::seat::{Posted, Seat};
use crate::visitor::Answer;
use askama::Template;
use axum::Router;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use startline_api as pb;
use startline_definition::Question;
use startline_foundation::formats::{day_in_words, parse_date};
use startline_foundation::ids::QuestionId;
use std::collections::HashMap;
use std::sync::Arc;

pub fn routes() -> Router<Arc<Pages>> {
    Router::new()
        .route("/checks/{claim}", get(check))
        .route("/checks/{claim}/queries", post(raise))
        .route("/checks/{claim}/queries/settle", post(settle))
        .route("/checks/{claim}/evidence", post(tick))
}

/// A claim as checks show it.
pub struct Checked {
    pub sheet: Sheet,
    pub id: String,
    pub name: String,
    /// The meeting it is checked at: today's, else the next, else the last.
    pub meeting: Option<Row>,
    /// Personal advisers of its meetings, by id.
    pub people: HashMap<String, String>,
}

pub struct QueryShown {
    pub id: String,
    pub about: String,
    pub question: String,
    pub text: String,
    pub by: String,
    pub when: String,
    pub outcome: String,
    pub settled: String,
    /// What was typed into its form.
    pub typed: String,
    pub wrong: Option<crate::refused::said::Said>,
}

pub struct EvidenceShown {
    pub id: String,
    pub label: String,
    pub reason: String,
    pub substitutes: String,
    pub state: &'static str,
    pub tag: &'static str,
    pub is_open: bool,
    pub note: String,
    pub by: String,
}

pub struct Lacking {
    pub id: String,
    pub code: String,
    pub label: String,
    pub why: &'static str,
}

pub struct AmendmentShown {
    pub id: String,
    pub label: String,
    pub said: String,
    pub says: String,
    pub initials: String,
    pub day: String,
    pub withheld: bool,
}

#[derive(Template)]
#[template(path = "checks/claim.html")]
struct CheckPage<'a> {
    frame: Frame<'a>,
    c: &'static CheckWords,
    mistakes: Mistakes,
    seat: &'a Seat,
    checked: Checked,
    check: Option<Shown>,
    may_report_back: bool,
    tags: Vec<(String, &'static str)>,
    next_step: Said,
    lacks: String,
    open: Vec<QueryShown>,
    settled: Vec<QueryShown>,
    evidence: Vec<EvidenceShown>,
    missing: Vec<Lacking>,
    amendments: Vec<AmendmentShown>,
    dates: Vec<(String, String, String)>,
    parts: Vec<(String, String, usize)>,
    agencies: Vec<(String, String, String)>,
    questions: Vec<(String, Vec<(String, String)>)>,
    about: String,
    text: String,
    may_change: bool,
    may_lodge: bool,
}

impl Checked {
    pub async fn of(seat: &Seat, id: &str) -> Result<Self, Response> {
        let sheet = Sheet::of(seat, id, seat.language()).await?;
        let asked = pb::ListAppointmentsRequest { claim_id: id.to_owned(), page_size: 200, ..Default::default() };
        let all = seat.may(asked).await.map(|answer| answer.appointments).unwrap_or_default();
        let people = all.iter().filter_map(|one| one.slot.clone());
        let people = people.map(|slot| (slot.personal_adviser_id, slot.personal_adviser_name)).collect();
        let rows: Vec<Row> = all.iter().map(|one| Row::of(seat, one)).collect();
        let name = rows.first().map(|row| row.name.clone()).unwrap_or_default();
        let today = rows.iter().find(|row| row.day == seat.today() && row.is_standing());
        let next = || rows.iter().find(|row| row.is_booked());
        let last = || rows.iter().rev().find(|row| row.is_over());
        let meeting = today.or_else(next).or_else(last).cloned();
        Ok(Self { sheet, id: id.to_owned(), name, meeting, people })
    }

    pub fn question(&self, id: &str) -> Option<&Question> {
        self.sheet.definition.form.question(&QuestionId::new(id))
    }

    pub fn label(&self, seat: &Seat, id: &str) -> String {
        let question = self.question(id);
        question.map_or_else(|| id.to_owned(), |question| question.label.in_language(seat.language()).to_owned())
    }

    /// Somebody by their id: personal advisers by name, others by what they are to whoever reads.
    pub fn who(&self, seat: &Seat, c: &CheckWords, id: &str) -> String {
        match self.people.get(id) {
            _ if id == seat.user().id.to_string() => c.you.to_owned(),
            Some(name) => name.clone(),
            None => c.a_colleague.to_owned(),
        }
    }

    pub fn standing(&self) -> pb::ClaimStanding {
        self.sheet.claim.standing.clone().unwrap_or_default()
    }

    /// Answers are amended after the start-up call, until every agency has the claim.
    pub fn may_be_changed(&self) -> bool {
        matches!(self.sheet.claim.state(), pb::ClaimState::StartUpDone | pb::ClaimState::Posted)
    }

    /// A stored value in words.
    pub fn in_words(&self, seat: &Seat, id: &str, value: Option<&pb::prost_types::Value>) -> String {
        self.question(id).map(|question| question.kind.show(&json(value), seat.language())).unwrap_or_default()
    }
}

async fn check(seat: Seat, Path(id): Path<String>) -> Answer {
    let about = seat.visitor.query.get("about").to_owned();
    let typed = Typed { about, ..Default::default() };
    let shown = show(&seat, &id, (StatusCode::OK, Mistakes::default()), typed).await?;
    Ok(seat.visitor.keeping_language(&seat.pages, shown))
}

/// What was typed into one of the forms.
#[derive(Default)]
struct Typed {
    about: String,
    text: String,
    query: String,
    outcome: String,
}

async fn show(
    seat: &Seat,
    id: &str,
    (status, mistakes): (StatusCode, Mistakes),
    typed: Typed,
) -> Result<Response, Response> {
    let c = CheckWords::of(seat.language());
    let checked = Checked::of(seat, id).await?;
    let queries = pb::ListQueriesRequest { claim_id: id.to_owned(), page_size: 200, ..Default::default() };
    let queries = seat.need(queries).await?.queries;
    let evidence = pb::ListEvidenceRequest { claim_id: id.to_owned(), ..Default::default() };
    let evidence = seat.need(evidence).await?.evidence;
    let missing = pb::ListMissingRequest { claim_id: id.to_owned(), ..Default::default() };
    let missing = seat.need(missing).await?.missing;
    let amendments = pb::ListAmendmentsRequest { claim_id: id.to_owned(), page_size: 500, ..Default::default() };
    let amendments = seat.need(amendments).await?.amendments;
    let standing = checked.standing();
    let check = match &checked.meeting {
        Some(row) => super::taking::of_office(seat, &row.office_id, row.day).await.remove(&row.id),
        None => None,
    };
    let frame = seat.frame().wide().live(format!("claim:{id}")).again_after(20);
    let frame = match (&check, &checked.meeting) {
        (Some(_), Some(row)) if row.day == seat.today() => frame.live(format!("checks:{}", row.office_id)),
        _ => frame,
    };
    let (open, settled) = queries
        .into_iter()
        .map(|query| QueryShown::of(seat, c, &checked, query, &typed, &mistakes))
        .partition(|query| query.outcome.is_empty());
    let definition = checked.sheet.definition.clone();
    let named = |list: &[startline_definition::Named], id: &str| {
        let found = list.iter().find(|one| one.id == id);
        found.map_or_else(|| id.to_owned(), |one| one.name.in_language(seat.language()).to_owned())
    };
    let day = |text: &str| parse_date(text).map_or_else(|_| text.to_owned(), |day| day_in_words(day, seat.language()));
    let agency = |agency: &startline_definition::Named| {
        let lodged = standing.lodgings.iter().find(|lodging| lodging.agency_id == agency.id);
        let left = standing.agencies_left.contains(&agency.id);
        let stands = match (lodged, left) {
            (Some(lodging), _) => format!("{} {}", c.handed_over, day(&lodging.lodged_day)),
            (None, true) => c.not_handed_over.to_owned(),
            (None, false) => return None,
        };
        Some((agency.id.clone(), agency.name.in_language(seat.language()).to_owned(), stands))
    };
    let tags = vec![
        (c.meeting_is(standing.meeting()).to_owned(), c.meeting_tag(standing.meeting())),
        (c.open_queries(standing.open_queries.len()), if standing.open_queries.is_empty() { "good" } else { "bad" }),
        (
            c.to_bring(standing.evidence_to_come.len()),
            if standing.evidence_to_come.is_empty() { "good" } else { "warn" },
        ),
        (c.missing_answers(standing.missing_answers), if standing.missing_answers == 0 { "good" } else { "warn" }),
    ];
    let parts = &definition.form.parts;
    let questions = parts.iter().map(|part| {
        let of_part = checked.sheet.questions(part);
        let of_part = of_part.map(|question| {
            let label = question.label.in_language(seat.language());
            (question.id.to_string(), format!("{} {label}", question.id))
        });
        (format!("{} {}", part.id, part.title.in_language(seat.language())), of_part.collect())
    });
    let lacking: Vec<String> = missing.iter().map(|one| one.part.clone()).collect();
    let shown = CheckPage {
        c,
        tags,
        next_step: of_sentence(seat.language(), &standing.next_step),
        lacks: c.missing_answers(standing.missing_answers),
        open,
        settled,
        evidence: evidence.into_iter().map(|one| EvidenceShown::of(seat, c, &checked, one)).collect(),
        missing: missing
            .into_iter()
            .map(|one| Lacking {
                code: one.part,
                label: one.label,
                why: c.open_reason_of(one.reason),
                id: one.question_id,
            })
            .collect(),
        amendments: amendments
            .into_iter()
            .map(|one| AmendmentShown {
                label: checked.label(seat, &one.question_id),
                said: checked.in_words(seat, &one.question_id, one.said.as_ref()),
                says: checked.in_words(seat, &one.question_id, one.says.as_ref()),
                day: day(&one.day),
                initials: one.initials,
                withheld: one.withheld,
                id: one.question_id,
            })
            .collect(),
        dates: standing
            .benefits
            .iter()
            .map(|one| {
                (named(&definition.service.benefits, &one.benefit_id), day(&one.counts_from), day(&one.protected_until))
            })
            .collect(),
        parts: parts
            .iter()
            .map(|part| {
                let title = part.title.in_language(seat.language()).to_owned();
                (part.id.clone(), title, lacking.iter().filter(|code| **code == part.id).count())
            })
            .collect(),
        agencies: definition.service.agencies.iter().filter_map(agency).collect(),
        questions: questions.filter(|(_, of_part): &(String, Vec<_>)| !of_part.is_empty()).collect(),
        about: typed.about,
        text: typed.text,
        may_change: seat.is_any(CHECKS),
        may_lodge: seat.is_any(CHECKS) && !standing.agencies_left.is_empty(),
        may_report_back: seat.is_any(CHECKS) && checked.may_be_changed() && standing.form_back_time.is_none(),
        check,
        frame,
        mistakes,
        checked,
        seat,
    };
    Ok(page(status, &shown))
}

impl QueryShown {
    fn of(
        seat: &Seat,
        c: &'static CheckWords,
        checked: &Checked,
        query: pb::ClaimQuery,
        typed: &Typed,
        mistakes: &Mistakes,
    ) -> Self {
        let is_typed = typed.query == query.query_id;
        let settled =
            || format!("{}, {}", checked.who(seat, c, &query.settled_by), seat.when(query.settled_time.as_ref()));
        Self {
            about: match query.question_id.is_empty() {
                true => c.whole_claim.to_owned(),
                false => checked.label(seat, &query.question_id),
            },
            by: checked.who(seat, c, &query.raised_by),
            when: seat.when(query.raised_time.as_ref()),
            settled: if query.outcome.is_empty() { String::new() } else { settled() },
            typed: if is_typed { typed.outcome.clone() } else { String::new() },
            wrong: mistakes.of(&format!("outcome-{}", query.query_id)).cloned(),
            id: query.query_id,
            question: query.question_id,
            text: query.text,
            outcome: query.outcome,
        }
    }
}

impl EvidenceShown {
    fn note_id(&self) -> String {
        format!("note-{}", self.id)
    }

    fn of(seat: &Seat, c: &'static CheckWords, checked: &Checked, one: pb::Evidence) -> Self {
        use pb::EvidenceState as State;
        let state = one.tick.as_ref().map_or(State::None, pb::EvidenceTick::state);
        let tick = one.tick.unwrap_or_default();
        let by = match state {
            State::None | State::Unspecified => String::new(),
            _ => format!("{}, {}", checked.who(seat, c, &tick.ticked_by), seat.when(tick.ticked_time.as_ref())),
        };
        let tag = match state {
            State::Seen | State::Substitute | State::NotNeeded => "good",
            State::ToFollow => "warn",
            State::None | State::Unspecified => "",
        };
        // The list itself is in the client's language.
        let definition = seat.definition();
        let rule = definition.form.evidence.iter().find(|rule| rule.id == one.evidence_id);
        let told = |text: Option<&startline_definition::Text>, else_: String| {
            text.map_or(else_, |text| text.in_language(seat.language()).to_owned())
        };
        Self {
            label: told(rule.map(|rule| &rule.label), one.label),
            reason: told(rule.map(|rule| &rule.reason), one.reason),
            substitutes: told(rule.and_then(|rule| rule.substitutes.as_ref()), one.substitutes),
            id: one.evidence_id,
            state: c.evidence(state),
            is_open: tag.is_empty(),
            tag,
            note: tick.note,
            by,
        }
    }
}

async fn raise(Path(id): Path<String>, posted: Posted) -> Answer {
    let request = pb::RaiseQueryRequest {
        request_id: posted.request_id(),
        claim_id: id.clone(),
        question_id: posted.get("about").to_owned(),
        text: posted.get("text").to_owned(),
    };
    match posted.ask(request).await? {
        Ok(_) => posted.then(&done(&format!("/checks/{id}"), "query_raised")),
        Err(refusal) => {
            let fields = [("text", "text"), ("question_id", "about")];
            let mistakes = Mistakes::of_refusal(&refusal, posted.seat.language(), &fields);
            let typed = Typed {
                about: posted.get("about").to_owned(),
                text: posted.get("text").to_owned(),
                ..Default::default()
            };
            show(&posted.seat, &id, (StatusCode::UNPROCESSABLE_ENTITY, mistakes), typed).await
        }
    }
}

async fn settle(Path(id): Path<String>, posted: Posted) -> Answer {
    let query = posted.get("query");
    let request = pb::SettleQueryRequest {
        request_id: posted.request_id(),
        query_id: query.to_owned(),
        outcome: posted.get("outcome").to_owned(),
    };
    match posted.ask(request).await? {
        Ok(_) => posted.then(&done(&format!("/checks/{id}"), "query_settled")),
        Err(refusal) => {
            let text = crate::refused::first(posted.seat.language(), &refusal);
            let mistakes = Mistakes::one(format!("outcome-{query}"), text);
            let typed =
                Typed { query: query.to_owned(), outcome: posted.get("outcome").to_owned(), ..Default::default() };
            show(&posted.seat, &id, (StatusCode::UNPROCESSABLE_ENTITY, mistakes), typed).await
        }
    }
}

async fn tick(Path(id): Path<String>, posted: Posted) -> Answer {
    let state = pb::EvidenceState::from_str_name(posted.get("state")).unwrap_or_default();
    let request = pb::TickEvidenceRequest {
        request_id: posted.request_id(),
        claim_id: id.clone(),
        evidence_id: posted.get("evidence").to_owned(),
        state: state.into(),
        note: posted.get("note").to_owned(),
    };
    match posted.ask(request).await? {
        Ok(_) => posted.then(&done(&format!("/checks/{id}"), "evidence_ticked")),
        Err(refusal) => {
            let field = format!("note-{}", posted.get("evidence"));
            let text = crate::refused::first(posted.seat.language(), &refusal);
            let status = (StatusCode::UNPROCESSABLE_ENTITY, Mistakes::one(field, text));
            show(&posted.seat, &id, status, Typed::default()).await
        }
    }
}
