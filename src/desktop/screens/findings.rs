//! What was found at meetings after one's own start-up calls, by question: `/findings`. Nobody else's is here.

use crate::Pages;
use crate::html::{Frame, page};
use crate::screens::walks::form::json;
use crate::seat::Seat;
use crate::visitor::Answer;
use crate::words::words;
use askama::Template;
use axum::Router;
use axum::http::StatusCode;
use axum::routing::get;
use chrono::Days;
use startline_api as pb;
use startline_foundation::formats::{Language, parse_date};
use startline_foundation::ids::QuestionId;
use startline_rooms::access::Role;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Start-up calls of so many days are looked back on.
const DAYS: u64 = 28;
/// Pages of 200: more than anybody has.
const MOST_PAGES: usize = 5;
pub const HAVE_FINDINGS: &[Role] = &[Role::Adviser, Role::TeamLeader];

words! { pub FindingWords {
    title: "Found at meetings", "A ganfuwyd mewn cyfarfodydd";
    more: "What was amended and asked after your own start-up calls of the last four weeks, for you to learn from. Nobody else sees this list.", "Yr hyn a ddiwygiwyd ac a ofynnwyd ar ôl eich galwadau cychwynnol eich hun yn y pedair wythnos diwethaf, i chi ddysgu ohono. Nid oes neb arall yn gweld y rhestr hon.";
    nothing: "Nothing was found.", "Ni chanfuwyd dim.";
    whole_claim: "The claim as a whole", "Yr hawliad cyfan";
    said: "The form said", "Dywedodd y ffurflen";
    says: "It says now", "Mae'n dweud nawr";
    nothing_said: "nothing", "dim";
    asked: "Asked", "Gofynnwyd";
    outcome: "What came of it", "Beth ddaeth ohono";
    withheld: "Not shown to you", "Ni ddangosir i chi";
    the_claim: "The claim", "Yr hawliad";
    link: "What was found at meetings after your start-up calls", "Yr hyn a ganfuwyd mewn cyfarfodydd ar ôl eich galwadau cychwynnol";
} }

impl FindingWords {
    fn start_ups(&self, count: u32) -> String {
        match (self.language, count) {
            (Language::English, 1) => "1 start-up call".into(),
            (Language::English, count) => format!("{count} start-up calls"),
            (Language::Welsh, count) => format!("{count} galwad gychwynnol"),
        }
    }
}

pub fn routes() -> Router<Arc<Pages>> {
    Router::new().route("/findings", get(findings))
}

struct Line {
    day: String,
    is_amended: bool,
    said: String,
    says: String,
    text: String,
    outcome: String,
    claim: String,
    withheld: bool,
}

#[derive(Template)]
#[template(path = "findings.html")]
struct Findings<'a> {
    frame: Frame<'a>,
    t: &'static FindingWords,
    start_ups: String,
    /// By question: its id, its label, what was found.
    questions: Vec<(String, String, Vec<Line>)>,
}

async fn findings(seat: Seat) -> Answer {
    if !seat.is_any(HAVE_FINDINGS) {
        return Ok(seat.no_page());
    }
    let t = FindingWords::of(seat.language());
    let (mut page_token, mut start_ups) = (String::new(), 0);
    let mut questions: BTreeMap<String, (String, Vec<Line>)> = BTreeMap::new();
    for _ in 0..MOST_PAGES {
        let asked = pb::ListMyFindingsRequest {
            first_day: (seat.today() - Days::new(DAYS - 1)).to_string(),
            last_day: seat.today().to_string(),
            page_size: 200,
            page_token,
        };
        let answer = seat.need(asked).await?;
        start_ups = answer.start_ups;
        for one in answer.findings {
            let label = if one.question_id.is_empty() { t.whole_claim.to_owned() } else { one.label.clone() };
            let of = questions.entry(one.question_id.clone()).or_insert_with(|| (label, Vec::new()));
            of.1.push(Line::of(&seat, one));
        }
        page_token = answer.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }
    let questions = questions.into_iter().map(|(id, (label, lines))| (id, label, lines)).collect();
    let shown = Findings { frame: seat.frame(), t, start_ups: t.start_ups(start_ups), questions };
    Ok(seat.visitor.keeping_language(&seat.pages, page(StatusCode::OK, &shown)))
}

impl Line {
    fn of(seat: &Seat, one: pb::Finding) -> Self {
        let definition = seat.definition();
        let question = definition.form.question(&QuestionId::new(&one.question_id));
        let shown = |value: Option<&pb::prost_types::Value>| {
            question.map(|question| question.kind.show(&json(value), seat.language())).unwrap_or_default()
        };
        Self {
            day: parse_date(&one.day).map_or_else(|_| one.day.clone(), |day| seat.day(day)),
            is_amended: one.kind() == pb::FindingKind::Amended,
            said: shown(one.said.as_ref()),
            says: shown(one.says.as_ref()),
            text: one.text,
            outcome: one.outcome,
            claim: one.claim_id,
            withheld: one.withheld,
        }
    }
}
