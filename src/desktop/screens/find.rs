//! One box: what was typed says by its shape how it is looked for. A search that cannot be made says why.

mod words;

use super::clients::Known;
use super::walks::Caller;
use crate::Pages;
use crate::html::{Frame, page};
use crate::refused::said::Said;
use crate::seat::{Posted, Seat};
use crate::visitor::Answer;
use askama::Template;
use axum::Router;
use axum::http::StatusCode;
use axum::routing::{get, post};
use startline_api as pb;
use startline_foundation::formats::{Nino, Postcode, UkPhone, folded, parse_date};
use startline_rooms::access::Role;
use startline_service::methods::{Refusal, RefusalKind};
use std::sync::Arc;
use words::FindWords;

pub fn routes() -> Router<Arc<Pages>> {
    Router::new().route("/find", get(find)).route("/find/form-back", post(form_back))
}

/// The page that was scanned is of a signed form that somebody handed in.
async fn form_back(posted: Posted) -> Answer {
    let barcode = posted.get("barcode").to_owned();
    let request = pb::ReportFormBackRequest { request_id: posted.request_id(), claim_id: String::new(), barcode };
    posted.need(request).await?;
    // Ready for the next.
    posted.then("/find?done=form_back")
}

const PAGE_SIZE: i32 = 20;
/// Who reports that a form is back.
const REPORT_BACK: &[Role] =
    &[Role::Adviser, Role::TeamLeader, Role::PersonalAdviser, Role::Reception, Role::BenefitsExpert];
/// The text of a page's code: a prefix, and 42 letters and figures.
const CODE: (&str, usize) = ("S1", 44);
/// What a client quotes from a letter begins so.
const REFERENCE: &str = "ONE-";

/// How something typed is looked for.
#[derive(Debug, PartialEq, Eq)]
enum Shape {
    Nothing,
    Code(String),
    Reference,
    Nino(String),
    Phone(String),
    Postcode(Postcode),
    Birth,
    /// The ways to read it as a last name, the likeliest first, and the date of birth.
    Name(Vec<String>, String),
}

#[derive(Template)]
#[template(path = "find/find.html")]
struct Find<'a> {
    frame: Frame<'a>,
    f: &'static FindWords,
    how: &'static str,
    /// Why nothing was looked for.
    refused: Option<Said>,
    /// What else there is to say.
    told: Option<String>,
    /// A page of a client who is none of theirs: whoever hands it in has it in their hands all the same.
    is_strange_paper: bool,
    clients: Vec<Known>,
    elsewhere: Vec<Elsewhere>,
    scanned: Option<Scanned>,
    next_page: String,
    /// Whether a search was made that found nobody.
    nobody: bool,
    /// Where a new record begins, with what was typed.
    new_client: Option<String>,
    /// The walk whose caller is looked for.
    caller: Caller,
}

struct Elsewhere {
    id: String,
    site: String,
}

struct Scanned {
    client: Option<Known>,
    client_id: String,
    /// It may be a page of a signed form that somebody hands in.
    may_be_back: bool,
    claim_id: String,
    page: u32,
    reference: String,
    is_newest: bool,
}

impl Shape {
    fn of(typed: &str) -> Self {
        let typed = typed.trim();
        let bare: String = typed.chars().filter(|c| !c.is_whitespace()).collect::<String>().to_uppercase();
        let digits = bare.chars().filter(char::is_ascii_digit).count();
        let letters = bare.chars().filter(|c| c.is_alphabetic()).count();
        if bare.is_empty() {
            Self::Nothing
        } else if bare.starts_with(CODE.0) && bare.len() == CODE.1 {
            Self::Code(bare)
        } else if bare.starts_with(REFERENCE) && digits + letters == 11 {
            Self::Reference
        } else if looks_like_nino(&bare) {
            Self::Nino(bare)
        } else if let Ok(postcode) = Postcode::parse(typed) {
            Self::Postcode(postcode)
        } else if letters == 0 && digits >= 6 && (bare.starts_with(['0', '+', '(']) || parse_date(typed).is_err()) {
            Self::Phone(typed.to_owned())
        } else if parse_date(typed).is_ok() {
            Self::Birth
        } else {
            let (name, born) = split_birth(typed);
            Self::Name(names(name), born.to_owned())
        }
    }
}

/// Two letters, six figures, and the letter or not yet.
fn looks_like_nino(bare: &str) -> bool {
    let is = |place: usize, c: char| match place {
        0 | 1 | 8 => c.is_ascii_alphabetic(),
        _ => c.is_ascii_digit(),
    };
    matches!(bare.len(), 8 | 9) && bare.chars().enumerate().all(|(place, c)| is(place, c))
}

/// "Jones 23 4 1971" is a name and a day.
fn split_birth(typed: &str) -> (&str, &str) {
    let starts = typed.match_indices([' ', ',']).map(|(at, _)| at);
    for at in starts {
        let (name, rest) = (typed[..at].trim_matches([' ', ',']), typed[at..].trim_matches([' ', ',']));
        if !name.is_empty() && rest.starts_with(|c: char| c.is_ascii_digit()) && parse_date(rest).is_ok() {
            return (name, rest);
        }
    }
    (typed, "")
}

/// A last name stands alone, before a comma, or after the others.
fn names(typed: &str) -> Vec<String> {
    let mut ways = Vec::new();
    if let Some((last, _)) = typed.split_once(',') {
        ways.push(last.trim().to_owned());
    } else {
        ways.push(typed.trim().to_owned());
        if let Some(last) = typed.split_whitespace().last() {
            ways.push(last.to_owned());
        }
        ways.extend(typed.split_whitespace().next().map(str::to_owned));
    }
    let mut seen = Vec::new();
    ways.retain(|way| {
        let is_new = !seen.contains(way);
        seen.push(way.clone());
        is_new
    });
    ways
}

async fn find(seat: Seat) -> Answer {
    let (query, f) = (&seat.visitor.query, FindWords::of(seat.language()));
    let typed = query.get("q").trim();
    let mut shown = Find {
        f,
        how: "",
        refused: None,
        told: None,
        is_strange_paper: false,
        clients: Vec::new(),
        elsewhere: Vec::new(),
        scanned: None,
        next_page: String::new(),
        nobody: false,
        new_client: None,
        caller: Caller::of(query),
        frame: seat.frame(),
    };
    let ask =
        pb::FindClientsRequest { page_size: PAGE_SIZE, page_token: query.get("page").to_owned(), ..Default::default() };
    match Shape::of(typed) {
        Shape::Nothing => {}
        Shape::Code(code) => {
            shown.how = f.by_code;
            shown.scanned(&seat, code).await;
        }
        Shape::Reference => shown.refused = Some(f.no_reference.into()),
        Shape::Birth => shown.refused = Some(f.needs_name.into()),
        Shape::Postcode(postcode) => {
            let definition = seat.definition();
            let site = definition.site_of_postcode(&postcode).map(|site| seat.site_name(site.as_str()));
            shown.refused = Some(f.no_postcode.into());
            shown.told =
                Some(site.map_or(f.postcode_nowhere.to_owned(), |site| format!("{} {site}.", f.postcode_site)));
            shown.new_client = new_client(&seat, &[("postcode", postcode.as_str())]);
        }
        Shape::Nino(nino) if Nino::parse(&nino).is_err() => shown.refused = Some(f.not_a_nino.into()),
        Shape::Nino(nino) => {
            shown.how = f.by_nino;
            shown.new_client = new_client(&seat, &[("nino", &nino)]);
            shown.search(&seat, pb::FindClientsRequest { nino, ..ask }).await;
        }
        Shape::Phone(phone) if UkPhone::parse(&phone).is_err() => shown.refused = Some(f.not_a_number.into()),
        Shape::Phone(phone) => {
            shown.how = f.by_phone;
            shown.new_client = new_client(&seat, &[("phone", &phone)]);
            shown.search(&seat, pb::FindClientsRequest { phone, ..ask }).await;
        }
        Shape::Name(ways, date_of_birth) => {
            shown.how = if date_of_birth.is_empty() { f.by_name } else { f.by_name_and_birth };
            shown.named(&seat, typed, (ways, date_of_birth), ask).await;
        }
    }
    shown.new_client = shown.new_client.map(|path| shown.caller.within(path));
    Ok(seat.visitor.keeping_language(&seat.pages, page(shown.status(), &shown)))
}

impl Find<'_> {
    fn status(&self) -> StatusCode {
        if self.refused.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK }
    }

    /// False when it was not searched.
    async fn search(&mut self, seat: &Seat, asked: pb::FindClientsRequest) -> bool {
        match seat.ask(asked).await {
            Ok(found) => {
                self.clients = found.clients.iter().map(|client| Known::of(seat, client)).collect();
                let elsewhere =
                    |one: pb::ClientElsewhere| Elsewhere { site: seat.site_name(&one.home_site_id), id: one.client_id };
                self.elsewhere = found.elsewhere.into_iter().map(elsewhere).collect();
                self.next_page = found.next_page_token;
                self.nobody = self.clients.is_empty() && self.elsewhere.is_empty();
                true
            }
            Err(refusal) => {
                self.refused = Some(why(self.f, seat, &refusal));
                self.nobody = false;
                false
            }
        }
    }

    /// As the first way of reading it that finds somebody.
    async fn named(&mut self, seat: &Seat, typed: &str, read: (Vec<String>, String), asked: pb::FindClientsRequest) {
        let (ways, date_of_birth) = read;
        let chosen = seat.visitor.query.get("name").to_owned();
        let ways = if chosen.is_empty() { ways } else { vec![chosen] };
        for last_name in &ways {
            let asked = pb::FindClientsRequest {
                last_name: last_name.clone(),
                date_of_birth: date_of_birth.clone(),
                ..asked.clone()
            };
            let searched = self.search(seat, asked).await;
            if !searched || !self.nobody {
                let token = std::mem::take(&mut self.next_page);
                if !token.is_empty() {
                    self.next_page = query(&[("q", typed), ("name", last_name), ("page", &token)]);
                }
                break;
            }
        }
        // Whoever has the first name that was typed as well comes first.
        let said = folded(typed);
        self.clients.sort_by_key(|client| {
            let first = client.other_names.split_whitespace().next().map(folded).unwrap_or_default();
            first.is_empty() || !said.contains(&first)
        });
        let last = ways.get(1).or(ways.first()).map_or("", String::as_str);
        let others = typed.strip_suffix(last).map(str::trim).filter(|_| date_of_birth.is_empty()).unwrap_or_default();
        let parts = [("last_name", last), ("other_names", others), ("date_of_birth", &date_of_birth)];
        self.new_client = new_client(seat, &parts);
    }

    async fn scanned(&mut self, seat: &Seat, barcode: String) {
        let found = match seat.ask(pb::FindByBarcodeRequest { barcode }).await {
            Ok(found) => found,
            Err(refusal) => {
                self.is_strange_paper = refusal.reason == "OUTSIDE_WORK" && seat.is_any(REPORT_BACK);
                self.refused = Some(match refusal.kind {
                    RefusalKind::Invalid => self.f.not_a_code.into(),
                    RefusalKind::Denied if refusal.reason == "OUTSIDE_WORK" => self.f.outside.into(),
                    _ => crate::refused::in_words(seat.language(), &refusal),
                });
                return;
            }
        };
        let pack = found.pack.unwrap_or_default();
        let client = seat.may(pb::GetClientRequest { client_id: pack.client_id.clone() }).await;
        self.scanned = Some(Scanned {
            client: client.and_then(|found| found.client).map(|client| Known::of(seat, &client)),
            client_id: pack.client_id,
            may_be_back: pack.kind == "claim" && seat.is_any(REPORT_BACK),
            claim_id: pack.claim_id,
            page: found.page,
            reference: pack.reference,
            is_newest: found.is_newest,
        });
    }
}

fn why(f: &FindWords, seat: &Seat, refusal: &Refusal) -> Said {
    match refusal.kind {
        RefusalKind::Limit => f.too_many.into(),
        RefusalKind::Invalid if refusal.of("last_name").is_some() => f.too_short.into(),
        RefusalKind::Invalid if refusal.of("phone").is_some() => f.not_a_number.into(),
        RefusalKind::Invalid if refusal.of("nino").is_some() => f.not_a_nino.into(),
        _ => crate::refused::in_words(seat.language(), refusal),
    }
}

/// Only for whoever may make one.
fn new_client(seat: &Seat, known: &[(&str, &str)]) -> Option<String> {
    let known: Vec<(&str, &str)> = known.iter().filter(|(_, value)| !value.is_empty()).copied().collect();
    seat.is_any(&[Role::Adviser, Role::TeamLeader]).then(|| format!("/clients/new?{}", query(&known)))
}

pub fn query(parts: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(parts).finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_says_by_its_shape_how_it_is_looked_for() {
        assert_eq!(Shape::of("  "), Shape::Nothing);
        assert_eq!(Shape::of("qq 12 34 56 a"), Shape::Nino("QQ123456A".into()));
        assert_eq!(Shape::of("01373 000123"), Shape::Phone("01373 000123".into()));
        assert!(matches!(Shape::of("ba11 1ab"), Shape::Postcode(_)));
        assert_eq!(Shape::of("23/4/1971"), Shape::Birth);
        assert_eq!(Shape::of("ONE-AB12-CD34"), Shape::Reference);
        let name = |ways: &[&str], born: &str| Shape::Name(ways.iter().map(ToString::to_string).collect(), born.into());
        assert_eq!(Shape::of("Jones 23 4 1971"), name(&["Jones"], "23 4 1971"));
        assert_eq!(Shape::of("Ana Jones"), name(&["Ana Jones", "Jones", "Ana"], ""));
        assert_eq!(Shape::of("Jones, Ana"), name(&["Jones"], ""));
    }
}
