//! A walk's page: what is said and asked in the order the client talks, and beside it what the call has gathered.

use super::form::{Asked, How, Known, Saved, json};
use super::gathered::{Gathered, gather};
use super::spoken::{READ_OUT, known, speaks_of_times};
use super::words::WalkWords;
use crate::html::{Frame, Mistakes, page};
use crate::screens::claims::offers::{OfferList, Wishes, offer_list};
use crate::seat::{Seat, instant};
use crate::visitor::{Answer, Fields};
use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::Value as Json;
use startline_api as pb;
use startline_definition::ClientFact;
use startline_foundation::formats::{day_in_words, parse_date};

/// What a form of this page was sent with, where it comes back.
#[derive(Default)]
pub struct Given<'a> {
    /// What was typed as the step's answer, what is wrong with it, and where in it.
    pub answer: Option<(Option<Json>, String, String)>,
    pub saved: Option<&'a Saved>,
    /// The table that wants more rows.
    pub more: &'a str,
    pub form: Option<&'a Fields>,
}

#[derive(Template)]
#[template(path = "walks/walk.html")]
struct WalkPage<'a> {
    frame: Frame<'a>,
    t: &'static WalkWords,
    mistakes: Mistakes,
    seat: &'a Seat,
    g: &'a Gathered,
    title: String,
    /// The paragraphs that are said.
    say: Vec<String>,
    guidance: Vec<String>,
    /// The step's own question.
    question: Option<Asked>,
    part: Option<PartShown>,
    offers: Option<OfferList<'a>>,
    /// The script speaks of times for a call-back.
    speaks_of_callback: bool,
    look: Option<Look>,
    typed: Typed,
    late: String,
}

/// The part alone.
#[derive(Template)]
#[template(path = "walks/saved.html")]
struct SavedPart<'a> {
    frame: Frame<'a>,
    t: &'static WalkWords,
    mistakes: Mistakes,
    g: &'a Gathered,
    part: Option<PartShown>,
}

struct PartShown {
    code: String,
    title: String,
    guidance: String,
    stage: String,
    fields: Vec<Asked>,
    asked: usize,
    answered: usize,
    to_confirm: bool,
    /// An answer of this part has brought up another question of it.
    has_brought_up: bool,
}

/// Who the caller may be.
struct Look {
    last_name: String,
    other_names: String,
    postcode: String,
    phone: String,
    /// The records of this name, once somebody has looked.
    found: Option<Vec<Found>>,
    /// A record that was chosen or made on another page.
    chosen: Option<Found>,
}

struct Found {
    id: String,
    name: String,
    born: String,
    postcode: String,
}

/// What was typed into the small forms beside the step.
#[derive(Default)]
struct Typed {
    note: String,
    park_note: String,
    skip_reason: String,
    area_reason: String,
}

pub async fn walk(seat: Seat, Path(id): Path<String>) -> Answer {
    let gathered = gather(&seat, &id).await?;
    let shown = show(&seat, StatusCode::OK, &gathered, Mistakes::default(), Given::default()).await;
    Ok(seat.visitor.keeping_language(&seat.pages, shown))
}

pub async fn show(seat: &Seat, status: StatusCode, g: &Gathered, mistakes: Mistakes, given: Given<'_>) -> Response {
    page(status, &made(seat, g, mistakes, given).await)
}

/// What the script asks for that saves while somebody types: the part with what became of each answer. What else has changed by
/// it the window hears of, and asks for.
pub async fn show_part(
    seat: &Seat,
    status: StatusCode,
    g: &Gathered,
    mistakes: Mistakes,
    given: Given<'_>,
) -> Response {
    let WalkPage { frame, t, mistakes, part, .. } = made(seat, g, mistakes, given).await;
    page(status, &SavedPart { frame, t, mistakes, g, part })
}

async fn made<'a>(seat: &'a Seat, g: &'a Gathered, mistakes: Mistakes, given: Given<'_>) -> WalkPage<'a> {
    let t = WalkWords::of(seat.language());
    seat.pages.desks.walks(&seat.signed.token.hash(), &g.walk.walk_id);
    let mut mistakes = mistakes;
    let part = part_shown(seat, g, &given);
    let question = if part.is_none() { question_shown(seat, g, &given, &mut mistakes) } else { None };
    let mut say = g.walk.step.as_ref().map(|step| step.say.clone()).unwrap_or_default();
    let speaks_of_callback = speaks_of_times(&say) && g.walk.claim_id.is_empty();
    let offers = match speaks_of_times(&say) && !g.walk.claim_id.is_empty() && g.appointment.is_none() {
        true => offer_list(seat, &g.walk.claim_id, &Wishes::default(), READ_OUT, &seat_path(g)).await,
        false => None,
    };
    say = known(seat, g, &say, offers.as_ref()).await;
    if (say.contains("[date]") || say.contains("[dyddiad]")) && !g.walk.claim_id.is_empty() {
        let outlook = seat.may(pb::GetPostOutlookRequest { claim_id: g.walk.claim_id.clone() }).await;
        let arrives = outlook.and_then(|outlook| parse_date(&outlook.arrives_by).ok());
        if let Some(day) = arrives {
            let day = day_in_words(day, g.talk());
            say = say.replace("[date]", &day).replace("[dyddiad]", &day);
        }
    }
    let text = |name: &str| given.form.map(|form| form.get(name).to_owned()).unwrap_or_default();
    let mut frame = seat.frame().wide();
    if !g.walk.claim_id.is_empty() {
        frame = frame.live(format!("claim:{}", g.walk.claim_id));
    }
    WalkPage {
        title: title(g, t),
        speaks_of_callback,
        say: paragraphs(&say),
        guidance: paragraphs(g.walk.step.as_ref().map(|step| step.guidance.as_str()).unwrap_or_default()),
        question,
        part,
        offers,
        look: look(seat, g).await,
        typed: Typed {
            note: text("note"),
            park_note: text("park_note"),
            skip_reason: text("skip_reason"),
            area_reason: text("area_reason"),
        },
        late: parse_date(seat.visitor.query.get("late")).map(|day| seat.day(day)).unwrap_or_default(),
        frame,
        t,
        mistakes,
        seat,
        g,
    }
}

fn seat_path(g: &Gathered) -> String {
    format!("/walks/{}", g.walk.walk_id)
}

fn paragraphs(text: &str) -> Vec<String> {
    text.split("\n\n").filter(|text| !text.trim().is_empty()).map(str::to_owned).collect()
}

fn title(g: &Gathered, t: &WalkWords) -> String {
    match &g.walk.step {
        Some(step) => step.stage_title.clone(),
        None => t.finished.to_owned(),
    }
}

/// A part is filled in as a whole, whichever of its questions the walk stands on.
fn part_shown(seat: &Seat, g: &Gathered, given: &Given<'_>) -> Option<PartShown> {
    let sheet = g.sheet.as_ref()?;
    let step = g.walk.step.as_ref()?;
    let shown = step.part.as_ref()?;
    let part = sheet.part(&shown.code)?;
    let nothing = Saved::default();
    let mut fields = sheet.fields(seat, part, given.saved.unwrap_or(&nothing), given.more);
    let (asked, answered) = sheet.count(part);
    // Whoever comes here begins at the first that is open.
    let is_open = |field: &Asked| field.known != Known::Withheld && !field.control.is_shown_only();
    let brought_up = seat.visitor.query.get("brought_up");
    let at = step.question.as_ref().map(|question| question.question_id.as_str()).unwrap_or_default();
    let at = if brought_up.is_empty() { at } else { brought_up };
    if let Some(first) = fields.iter_mut().find(|field| field.code == at && is_open(field)) {
        first.control.begin();
    }
    Some(PartShown {
        code: shown.code.clone(),
        title: shown.title.clone(),
        guidance: shown.guidance.clone(),
        stage: step.stage_id.clone(),
        has_brought_up: !brought_up.is_empty(),
        to_confirm: fields.iter().any(|field| field.known == Known::ToConfirm),
        fields,
        asked,
        answered,
    })
}

fn question_shown(seat: &Seat, g: &Gathered, given: &Given<'_>, mistakes: &mut Mistakes) -> Option<Asked> {
    let step = g.walk.step.as_ref()?;
    let said = step.question.as_ref()?;
    let question = g.question()?;
    let value = match &given.answer {
        Some((typed, ..)) => typed.clone().unwrap_or_default(),
        None => json(step.known_value.as_ref()),
    };
    let how = How { talk: g.talk(), page: seat.language(), is_inner: false, more_rows: 0 };
    let mut asked = Asked::new(question, "answer".to_owned(), &value, how);
    asked.code.clear();
    // As it is said in this walk, with the client's facts in it.
    asked.say.clone_from(&said.say);
    asked.control.label.clone_from(&said.say);
    if step.known_withheld {
        asked.is_known(Known::Withheld);
    } else if step.to_confirm && given.answer.is_none() {
        asked.is_known(Known::ToConfirm);
    }
    if let Some((_, text, place)) = given.answer.as_ref().filter(|(_, text, _)| !text.is_empty()) {
        asked.fault(text.clone(), place);
        mistakes.0.push(crate::html::Mistake { field: asked.anchor().into(), text: text.into() });
    }
    asked.control.begin();
    Some(asked)
}

async fn look(seat: &Seat, g: &Gathered) -> Option<Look> {
    if !g.walk.client_id.is_empty() || g.walk.finished {
        return None;
    }
    let last_name = g.said(ClientFact::LastName);
    let chosen_id = seat.visitor.query.get("client").to_owned();
    if last_name.is_empty() && chosen_id.is_empty() {
        return None;
    }
    let found = match seat.visitor.query.get("look") {
        "yes" if !last_name.is_empty() => {
            let asked = pb::FindClientsRequest { last_name: last_name.clone(), page_size: 10, ..Default::default() };
            seat.may(asked).await.map(|answer| answer.clients.iter().map(Found::of).collect())
        }
        _ => None,
    };
    let chosen = match chosen_id.as_str() {
        "" => None,
        id => {
            let answer = seat.may(pb::GetClientRequest { client_id: id.to_owned() }).await;
            answer.and_then(|answer| answer.client).map(|client| Found::of(&client))
        }
    };
    Some(Look {
        last_name,
        other_names: g.said(ClientFact::OtherNames),
        postcode: g.said(ClientFact::Postcode),
        phone: g.said(ClientFact::Phone),
        found,
        chosen,
    })
}

impl Found {
    fn of(client: &pb::Client) -> Self {
        let facts = client.facts.clone().unwrap_or_default();
        Self {
            id: client.client_id.clone(),
            name: format!("{} {}", facts.other_names, facts.last_name).trim().to_owned(),
            born: facts.date_of_birth,
            postcode: facts.postcode,
        }
    }
}

impl Look {
    /// What the page for a new record begins with.
    fn query(&self, walk: &str) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("last_name", &self.last_name).append_pair("other_names", &self.other_names);
        query.append_pair("postcode", &self.postcode).append_pair("phone", &self.phone).append_pair("walk", walk);
        query.finish()
    }

    fn find(&self, walk: &str) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("q", &self.last_name).append_pair("walk", walk);
        query.finish()
    }
}

impl WalkPage<'_> {
    fn client_name(&self) -> String {
        let facts = self.g.client.as_ref().and_then(|client| client.facts.clone()).unwrap_or_default();
        [facts.title, facts.other_names, facts.last_name].join(" ").trim().to_owned()
    }

    fn facts(&self) -> pb::ClientFacts {
        self.g.client.as_ref().and_then(|client| client.facts.clone()).unwrap_or_default()
    }

    fn born(&self) -> String {
        parse_date(&self.facts().date_of_birth).map(|day| day_in_words(day, self.seat.language())).unwrap_or_default()
    }

    fn talk_tag(&self) -> &'static str {
        self.g.talk().as_str()
    }

    fn talk_name(&self) -> &'static str {
        match self.g.talk() {
            startline_foundation::formats::Language::English => self.t.english,
            startline_foundation::formats::Language::Welsh => self.t.welsh,
        }
    }

    fn stage_id(&self) -> &str {
        self.g.walk.step.as_ref().map(|step| step.stage_id.as_str()).unwrap_or_default()
    }

    fn step_id(&self) -> &str {
        self.g.walk.step.as_ref().map(|step| step.step_id.as_str()).unwrap_or_default()
    }

    fn is_parked(&self) -> bool {
        self.g.walk.park_time.is_some()
    }

    /// When a clock that runs now would have begun, sittings put together.
    fn since(&self, timer: Option<&pb::WalkTimer>) -> i64 {
        let elapsed = timer.map_or(0.0, |timer| timer.elapsed_minutes * 60.0);
        #[expect(clippy::cast_possible_truncation, reason = "whole seconds of a call")]
        let elapsed_s = elapsed as i64;
        self.seat.now.timestamp() - elapsed_s
    }

    /// Nothing is asked, and what is said is so short that the button is beside it.
    fn begins_at_next(&self) -> bool {
        const SHORT: usize = 500;
        let said: usize = self.say.iter().chain(&self.guidance).map(String::len).sum();
        self.question.is_none() && self.offers.is_none() && said < SHORT
    }

    /// Whole minutes that have passed.
    fn passed(&self, minutes: &f64) -> String {
        format!("{:.0}", minutes.floor())
    }

    fn minutes(&self, minutes: &f64) -> String {
        if minutes.fract() == 0.0 { format!("{minutes:.0}") } else { format!("{minutes:.1}") }
    }

    fn stages(&self) -> impl Iterator<Item = &pb::WalkStage> {
        self.g.outline.stages.iter().filter(|stage| stage.shown)
    }

    fn parts_of(&self, stage: &str) -> Vec<&pb::WalkPart> {
        self.g.outline.parts.iter().filter(|part| part.stage_id == stage && part.asked > 0).collect()
    }

    fn is_here(&self, part: &str) -> bool {
        self.part.as_ref().is_some_and(|shown| shown.code == part)
    }

    fn open_of(&self, part: &str) -> usize {
        self.g.missing.iter().filter(|missing| missing.part == part).count()
    }

    fn hints(&self, hold: bool) -> Vec<&pb::WalkHint> {
        self.g.walk.hints.iter().filter(|hint| hint.holds == hold).collect()
    }

    fn area_state(&self, area: &pb::KeyArea) -> &'static str {
        match area.state() {
            pb::KeyAreaState::Open | pb::KeyAreaState::Unspecified => self.t.area_open,
            pb::KeyAreaState::Covered => self.t.area_covered,
            pb::KeyAreaState::Skipped => self.t.area_skipped,
            pb::KeyAreaState::LeftOut => self.t.area_left_out,
        }
    }

    fn is_area_open(&self, area: &pb::KeyArea) -> bool {
        matches!(area.state(), pb::KeyAreaState::Open | pb::KeyAreaState::Unspecified)
    }

    fn open_areas(&self) -> Vec<&pb::KeyArea> {
        self.g.walk.key_areas.iter().filter(|area| self.is_area_open(area)).collect()
    }

    fn meeting_line(&self) -> String {
        let Some(appointment) = &self.g.appointment else { return String::new() };
        let slot = appointment.slot.clone().unwrap_or_default();
        let when = self.seat.span(slot.start_time.as_ref(), slot.end_time.as_ref());
        format!("{when}, {}, {}", slot.office_name, slot.personal_adviser_name)
    }

    fn standing(&self) -> Option<&pb::ClaimStanding> {
        self.g.sheet.as_ref().and_then(|sheet| sheet.claim.standing.as_ref())
    }

    fn holder(&self) -> Option<(&str, String)> {
        let of_claim = self.g.sheet.as_ref().and_then(|sheet| sheet.claim.holder.as_ref());
        let holder = self.g.walk.holder.as_ref().or(of_claim)?;
        Some((holder.name.as_str(), self.seat.time(holder.last_time.as_ref())))
    }

    fn note_time(&self, note: &pb::WalkNote) -> String {
        note.time.as_ref().and_then(instant).map_or_else(String::new, |at| {
            let (day, time) = self.seat.local(at);
            if day == self.seat.today() { time.format("%H:%M").to_string() } else { self.seat.when(note.time.as_ref()) }
        })
    }

    fn has_gathered(&self) -> bool {
        !self.g.walk.claim_id.is_empty() || !self.g.walk.hints.is_empty()
    }
}
