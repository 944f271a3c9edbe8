//! A new record, and the facts of one changed.

use super::contact;
use super::facts::{FactsForm, mistakes};
use super::shown::{self, Known};
use super::words::ClientWords;
use crate::html::{Frame, Mistakes, page};
use crate::screens::walks::Caller;
use crate::seat::{Posted, Seat};
use crate::visitor::Answer;
use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use startline_api as pb;
use startline_foundation::formats::Postcode;
use startline_service::methods::RefusalKind;

#[derive(Template)]
#[template(path = "clients/facts.html")]
struct Editing<'a> {
    frame: Frame<'a>,
    c: &'static ClientWords,
    mistakes: Mistakes,
    form: FactsForm,
    /// None: somebody new.
    client: Option<Edited>,
    /// The walk that a new record is made for.
    caller: Caller,
    alike: Alike,
    /// What somebody else changed meanwhile.
    put_in: Vec<&'static str>,
    is_stale: bool,
    home: String,
    sites: Vec<(String, String)>,
    needs: Vec<(String, String)>,
    languages: Vec<(String, &'static str)>,
    layouts: Vec<(String, &'static str)>,
    formats: Vec<(String, String)>,
    times: Vec<(String, String)>,
    ways: Vec<(String, String)>,
    message_choices: Vec<(String, String)>,
    authorities: Vec<(String, String)>,
}

struct Edited {
    id: String,
    etag: String,
    name: String,
}

#[derive(Default)]
struct Alike {
    clients: Vec<Known>,
    /// Ids and sites of records that are not of their work.
    elsewhere: Vec<(String, String)>,
}

impl Alike {
    fn is_empty(&self) -> bool {
        self.clients.is_empty() && self.elsewhere.is_empty()
    }
}

fn editing<'a>(seat: &'a Seat, form: FactsForm, client: Option<Edited>) -> Editing<'a> {
    let (c, definition, language) = (ClientWords::of(seat.language()), seat.definition(), seat.language());
    let telephone = &definition.service.telephone;
    let mut needs: Vec<(String, String)> = Vec::new();
    for one in telephone.skills.iter().chain(&telephone.other_needs) {
        if one.id != "welsh" {
            needs.push((one.id.clone(), one.name.in_language(language).to_owned()));
        }
    }
    for need in form.get("call_needs").split(' ').filter(|need| !need.is_empty()) {
        if !needs.iter().any(|(id, _)| id == need) {
            needs.push((need.to_owned(), need.to_owned()));
        }
    }
    let sites = definition.sites.iter().map(|site| (site.id.to_string(), seat.site_name(site.id.as_str())));
    let sites = std::iter::once((String::new(), c.home_by_number.to_owned())).chain(sites).collect();
    let home = Postcode::parse(form.get("postcode")).ok();
    let home =
        home.and_then(|postcode| definition.site_of_postcode(&postcode).map(|site| seat.site_name(site.as_str())));
    Editing {
        frame: seat.frame(),
        c,
        mistakes: Mistakes::default(),
        form,
        client,
        caller: Caller::default(),
        alike: Alike::default(),
        put_in: Vec::new(),
        is_stale: false,
        home: home.unwrap_or_default(),
        sites,
        needs,
        languages: vec![("en".into(), c.english), ("cy".into(), c.welsh)],
        formats: choices(
            c.on_paper,
            definition.other_letters_formats().map(|one| (one.id.as_str(), one.label.in_language(language))),
        ),
        times: telephone
            .safe_times
            .iter()
            .map(|time| (time.id.clone(), time.name.in_language(language).to_owned()))
            .collect(),
        ways: choices(c.any_way, [("text", c.text_only), ("letter", c.letter_only)]),
        message_choices: choices(c.nobody_asked, [("yes", c.may_leave_messages), ("no", c.no_messages)]),
        authorities: choices(
            "",
            ["appointee", "attorney", "receiver", "advocate", "other"].map(|id| (id, contact::authority(c, id))),
        ),
        layouts: vec![("side_by_side".into(), c.side_by_side), ("facing".into(), c.facing)],
    }
}

/// The first is for nothing.
fn choices<'a>(none: &str, all: impl IntoIterator<Item = (&'a str, &'a str)>) -> Vec<(String, String)> {
    let all = all.into_iter().map(|(id, name)| (id.to_owned(), name.to_owned()));
    std::iter::once((String::new(), none.to_owned())).chain(all).collect()
}

pub async fn new(seat: Seat) -> Answer {
    let caller = Caller::of(&seat.visitor.query);
    let shown = Editing { caller, ..editing(&seat, FactsForm::of_query(&seat.visitor.query), None) };
    Ok(seat.visitor.keeping_language(&seat.pages, page(StatusCode::OK, &shown)))
}

pub async fn create(posted: Posted) -> Answer {
    let seat = &posted.seat;
    let form = FactsForm::of_form(&posted.form);
    let caller = Caller::of(&posted.form);
    if posted.get("anyway") != "yes" {
        let alike = alike(seat, &form).await;
        if !alike.is_empty() {
            let shown = Editing { alike, caller, ..editing(seat, form, None) };
            return Ok(page(StatusCode::UNPROCESSABLE_ENTITY, &shown));
        }
    }
    let request = pb::CreateClientRequest {
        request_id: posted.request_id(),
        facts: Some(form.facts()),
        home_site_id: form.get("home_site").to_owned(),
    };
    match posted.ask(request).await? {
        Ok(made) => {
            let id = made.client.unwrap_or_default().client_id;
            match caller.walk.as_str() {
                "" => posted.then(&format!("/clients/{id}?done=client_made")),
                _ => posted.then(&caller.leads(&id)),
            }
        }
        Err(refusal) => {
            let mistakes = mistakes(seat, &refusal);
            Ok(page(StatusCode::UNPROCESSABLE_ENTITY, &Editing { mistakes, caller, ..editing(seat, form, None) }))
        }
    }
}

/// Who has the same number, NI number, or name and date of birth: looked for before a second record is made. What cannot be
/// searched for is refused with the record itself.
async fn alike(seat: &Seat, form: &FactsForm) -> Alike {
    let text = |name: &str| form.get(name).to_owned();
    let mut searches = Vec::new();
    if !text("nino").is_empty() {
        searches.push(pb::FindClientsRequest { nino: text("nino"), ..Default::default() });
    }
    if !text("phone").is_empty() {
        searches.push(pb::FindClientsRequest { phone: text("phone"), ..Default::default() });
    }
    if !text("last_name").is_empty() && !text("date_of_birth").is_empty() {
        let (last_name, date_of_birth) = (text("last_name"), text("date_of_birth"));
        searches.push(pb::FindClientsRequest { last_name, date_of_birth, ..Default::default() });
    }
    let mut alike = Alike::default();
    for search in searches {
        let Some(found) = seat.may(search).await else { continue };
        for client in &found.clients {
            if !alike.clients.iter().any(|known| known.id == client.client_id) {
                alike.clients.push(Known::of(seat, client));
            }
        }
        for one in found.elsewhere {
            if !alike.elsewhere.iter().any(|(id, _)| *id == one.client_id) {
                alike.elsewhere.push((one.client_id, seat.site_name(&one.home_site_id)));
            }
        }
    }
    alike
}

fn edited(client: &pb::Client) -> Edited {
    let facts = client.facts.clone().unwrap_or_default();
    Edited { id: client.client_id.clone(), etag: client.etag.clone(), name: shown::name(&facts) }
}

pub async fn change(Path(id): Path<String>, seat: Seat) -> Answer {
    let client = seat.need(pb::GetClientRequest { client_id: id }).await?.client.unwrap_or_default();
    let form = FactsForm::of_client(&client.facts.clone().unwrap_or_default());
    let shown = editing(&seat, form, Some(edited(&client)));
    Ok(seat.visitor.keeping_language(&seat.pages, page(StatusCode::OK, &shown)))
}

pub async fn update(Path(id): Path<String>, posted: Posted) -> Answer {
    let seat = &posted.seat;
    let mut form = FactsForm::of_form(&posted.form);
    let etag = posted.get("etag").to_owned();
    let request = pb::UpdateClientRequest {
        request_id: posted.request_id(),
        client_id: id.clone(),
        etag: etag.clone(),
        facts: Some(form.facts()),
    };
    let refusal = match posted.ask(request).await? {
        Ok(saved) if saved.alike.is_empty() && saved.too_late.is_empty() => {
            return posted.then(&format!("/clients/{id}?done=saved"));
        }
        // Sent again, the page is answered the same again.
        Ok(saved) => return Ok(told(seat, &id, &saved.alike, &saved.too_late)),
        Err(refusal) => refusal,
    };
    let client = seat.need(pb::GetClientRequest { client_id: id }).await?.client.unwrap_or_default();
    if refusal.kind == RefusalKind::Race && client.etag != etag {
        let (put_in, mistakes) = form.meet(ClientWords::of(seat.language()), &client.facts.clone().unwrap_or_default());
        let shown = Editing { mistakes, put_in, is_stale: true, ..editing(seat, form, Some(edited(&client))) };
        return Ok(page(StatusCode::CONFLICT, &shown));
    }
    let mistakes = mistakes(seat, &refusal);
    let mut shown = Editing { mistakes, ..editing(seat, form, Some(edited(&client))) };
    if let Some(client) = &mut shown.client {
        // What the form began with is older than what the record may have become.
        client.etag = etag;
    }
    Ok(page(StatusCode::UNPROCESSABLE_ENTITY, &shown))
}

#[derive(Template)]
#[template(path = "clients/told.html")]
struct Told<'a> {
    frame: Frame<'a>,
    c: &'static ClientWords,
    id: &'a str,
    /// Id, name and in what alike.
    alike: Vec<(String, String, String)>,
    too_late: Vec<String>,
}

/// What is to be known after a change, while the client is on the line.
pub fn told(seat: &Seat, id: &str, alike: &[pb::AlikeClient], too_late: &[pb::TooLateLetter]) -> Response {
    let c = ClientWords::of(seat.language());
    let likeness = |one: pb::Likeness| match one {
        pb::Likeness::Nino => c.same_nino,
        pb::Likeness::NameAndBirth => c.same_name,
        pb::Likeness::Phone | pb::Likeness::Unspecified => c.same_phone,
    };
    let alike = alike.iter().map(|one| {
        let in_what: Vec<&str> = one.likenesses().map(likeness).collect();
        (one.client_id.clone(), one.name.clone(), in_what.join(", "))
    });
    let letter = |letter: &pb::TooLateLetter| {
        let to = match letter.sent_to() {
            pb::SentTo::Home | pb::SentTo::Unspecified => c.to_home,
            pb::SentTo::LettersAddress => c.to_letters,
            pb::SentTo::AnotherAddress => c.to_another,
        };
        let (posted, there) = (shown::day(seat, &letter.posted_day), shown::day(seat, &letter.arrives_by));
        format!("{}, {} {posted} {to}, {} {there}", super::record::kind(c, &letter.kind), c.posted, c.there_by)
    };
    let shown =
        Told { frame: seat.frame(), c, id, alike: alike.collect(), too_late: too_late.iter().map(letter).collect() };
    page(StatusCode::OK, &shown)
}
