//! Who looked at a client's record, what somebody looked at, and the printed list.

use super::words::{AccessWords, Grounds, Kinds};
use crate::html::{Frame, Mistakes, page};
use crate::screens::people::role_name;
use crate::seat::{Seat, timestamp};
use crate::visitor::Answer;
use askama::Template;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use startline_api as pb;
use startline_api::prost_types::Timestamp;
use startline_foundation::formats::parse_date;

#[derive(Template)]
#[template(path = "access/looks.html")]
struct Looks<'a> {
    frame: Frame<'a>,
    a: &'static AccessWords,
    mistakes: Mistakes,
    sought: Sought,
    title: &'static str,
    languages: Vec<(String, String)>,
    looks: Vec<Line>,
    next: String,
    /// Of the next page, after its token.
    query: String,
}

/// As it stands in the address: numbers and days, no names.
#[derive(Default)]
pub struct Sought {
    pub client: String,
    pub user: String,
    pub first_day: String,
    pub last_day: String,
    from: Option<Timestamp>,
    until: Option<Timestamp>,
}

struct Line {
    at: String,
    user: String,
    name: String,
    role: &'static str,
    site: String,
    ground: String,
    kind: String,
    method: String,
    client: String,
    short: String,
}

impl Sought {
    fn of(seat: &Seat) -> (Self, Mistakes) {
        let (query, a, definition) = (&seat.visitor.query, AccessWords::of(seat.language()), seat.definition());
        let mut mistakes = Mistakes::default();
        let mut day = |field: &'static str| match query.get(field).trim() {
            "" => None,
            text => match parse_date(text) {
                Ok(day) => Some(definition.calendar.day_bounds(day)),
                Err(_) => {
                    mistakes = std::mem::take(&mut mistakes).and(field, a.not_a_day);
                    None
                }
            },
        };
        let from = day("first_day").map(|(from, _)| timestamp(from));
        let until = day("last_day").map(|(_, until)| timestamp(until));
        let text = |name: &str| query.get(name).trim().to_owned();
        let (client, user) = (text("client"), text("user"));
        (Self { client, user, first_day: text("first_day"), last_day: text("last_day"), from, until }, mistakes)
    }
}

pub async fn list(seat: Seat) -> Answer {
    let a = AccessWords::of(seat.language());
    let (sought, mut mistakes) = Sought::of(&seat);
    let is_asked = seat.visitor.query.has("client") || seat.visitor.query.has("user");
    if is_asked && sought.client.is_empty() && sought.user.is_empty() {
        mistakes = mistakes.and("client", a.number_needed);
    }
    let mut answer = pb::ListAccessResponse::default();
    if is_asked && mistakes.is_empty() {
        let request = pb::ListAccessRequest {
            client_id: sought.client.clone(),
            user_id: sought.user.clone(),
            from_time: sought.from,
            until_time: sought.until,
            page_size: 100,
            page_token: seat.visitor.query.get("page").to_owned(),
        };
        match seat.ask(request).await {
            Ok(found) => answer = found,
            Err(refusal) if refusal.kind == startline_service::methods::RefusalKind::Invalid => {
                let fields = [("client_id", "client"), ("user_id", "user")];
                mistakes = Mistakes::of_refusal(&refusal, seat.language(), &fields);
            }
            Err(refusal) => return Err(seat.refused(&refusal)),
        }
    }
    let title = match (sought.client.is_empty(), sought.user.is_empty()) {
        (false, true) => a.looks_of_client,
        (true, false) => a.looks_of_user,
        _ => a.looks,
    };
    let languages = [("", a.own_language), ("en", a.english), ("cy", a.welsh)];
    let status = if mistakes.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let query = form_urlencoded::Serializer::new(String::new())
        .append_pair("client", &sought.client)
        .append_pair("user", &sought.user)
        .append_pair("first_day", &sought.first_day)
        .append_pair("last_day", &sought.last_day)
        .append_pair("page", &answer.next_page_token)
        .finish();
    let shown = Looks {
        frame: seat.frame().wide(),
        a,
        mistakes,
        title,
        languages: languages.map(|(id, name)| (id.into(), name.into())).into(),
        looks: answer.looks.iter().map(|look| Line::of(&seat, look)).collect(),
        next: answer.next_page_token,
        query,
        sought,
    };
    Ok(seat.visitor.keeping_language(&seat.pages, page(status, &shown)))
}

impl Line {
    fn of(seat: &Seat, look: &pb::Look) -> Self {
        let known = |word: &str, known: Option<&'static str>| known.map_or_else(|| word.to_owned(), str::to_owned);
        Self {
            at: seat.when(look.time.as_ref()),
            user: look.user_id.clone(),
            name: look.user_name.clone(),
            role: role_name(seat, look.role),
            site: if look.site_id.is_empty() { String::new() } else { seat.site_name(&look.site_id) },
            ground: known(&look.ground, Grounds::of(seat.language()).sentence(&look.ground)),
            kind: known(&look.record_kind, Kinds::of(seat.language()).sentence(&look.record_kind)),
            method: look.method.clone(),
            client: look.client_id.clone(),
            short: super::short(&look.client_id),
        }
    }
}

/// The list for the client who asks, to be kept as a file and handed over.
pub async fn print(seat: Seat) -> Answer {
    let (sought, mistakes) = Sought::of(&seat);
    if !mistakes.is_empty() {
        let back = form_urlencoded::Serializer::new(String::new())
            .append_pair("client", &sought.client)
            .append_pair("first_day", &sought.first_day)
            .append_pair("last_day", &sought.last_day)
            .finish();
        return Ok(seat.then(&format!("/access/looks?{back}")));
    }
    let request = pb::PrintAccessRequest {
        client_id: sought.client,
        language: seat.visitor.query.get("language_of_list").to_owned(),
        from_time: sought.from,
        until_time: sought.until,
    };
    let printed = seat.need(request).await?;
    let name = format!("attachment; filename=\"who-looked-{}.pdf\"", seat.today());
    let headers = [
        (header::CONTENT_TYPE, "application/pdf".to_owned()),
        (header::CONTENT_DISPOSITION, name),
        (header::CACHE_CONTROL, "no-store".to_owned()),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
    ];
    Ok((StatusCode::OK, headers, printed.pdf).into_response())
}
