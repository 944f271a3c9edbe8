//! Whoever has signed in, at a page: what screens ask the service, and how they show it.
//!
//! A screen that shows takes a [`Seat`], a screen that changes takes a [`Posted`]: that the session holds, and that one of
//! our own pages asks, is looked at before either begins. What is asked goes through the API's own methods.

use crate::Pages;
use crate::desks::DeskShown;
use crate::html::{Frame, then};
use crate::visitor::{Answer, Fields, Signed, Visitor};
use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Datelike, NaiveDate, NaiveTime, Utc};
use sha2::{Digest, Sha256};
use startline_api::prost_types::Timestamp;
use startline_api::{Asked, Listened};
use startline_definition::Definition;
use startline_foundation::formats::{Language, weekday_in_words};
use startline_foundation::ids::SiteId;
use startline_rooms::access::{Role, Roles, User};
use startline_service::methods::{Asking, Refusal, RefusalKind};
use std::sync::Arc;

/// The site from which somebody asks who works at several.
pub const SITE: &str = "startline-site";

pub struct Seat {
    pub pages: Arc<Pages>,
    pub visitor: Visitor,
    pub signed: Signed,
    /// What they are now, wherever they are it.
    pub roles: Roles,
    /// The page itself.
    pub path: String,
    pub now: DateTime<Utc>,
}

/// A form of one of our own pages.
pub struct Posted {
    pub seat: Seat,
    pub form: Fields,
}

impl FromRequestParts<Arc<Pages>> for Seat {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, pages: &Arc<Pages>) -> Result<Self, Response> {
        let path = parts.uri.path().to_owned();
        let here = parts.uri.path_and_query().map_or(path.clone(), |whole| whole.as_str().to_owned());
        let Ok(visitor) = Visitor::from_request_parts(parts, pages).await;
        let signed = visitor.signed_in(pages, &here).await?;
        Ok(Self::at(pages.clone(), visitor, signed, path))
    }
}

impl FromRequest<Arc<Pages>> for Posted {
    type Rejection = Response;

    async fn from_request(request: Request, pages: &Arc<Pages>) -> Result<Self, Response> {
        let (mut parts, body) = request.into_parts();
        let path = parts.uri.path().to_owned();
        let Ok(visitor) = Visitor::from_request_parts(&mut parts, pages).await;
        let body = Bytes::from_request(Request::from_parts(parts, body), pages).await;
        let body = body.map_err(IntoResponse::into_response)?;
        let form = Fields::read(&body);
        let from = match crate::visitor::is_ours(form.get("from")) {
            true => form.get("from"),
            false => "/",
        };
        let signed = visitor.asks(pages, from, &form).await?;
        Ok(Self { seat: Seat::at(pages.clone(), visitor, signed, path), form })
    }
}

impl Seat {
    fn at(pages: Arc<Pages>, visitor: Visitor, signed: Signed, path: String) -> Self {
        let now = pages.service.clock.now();
        let roles = signed.session.user.duties.iter().filter(|duty| duty.holds(now)).map(|duty| duty.role).collect();
        Self { pages, visitor, signed, roles, path, now }
    }

    pub fn user(&self) -> &User {
        &self.signed.session.user
    }

    pub fn language(&self) -> Language {
        self.visitor.language
    }

    pub fn is(&self, role: Role) -> bool {
        self.roles.has(role)
    }

    pub fn is_any(&self, roles: &[Role]) -> bool {
        roles.iter().any(|role| self.is(*role))
    }

    pub fn definition(&self) -> Arc<Definition> {
        self.pages.service.definitions.current().clone()
    }

    /// The sites at which they work now, their own first.
    pub fn sites(&self) -> Vec<SiteId> {
        let user = self.user();
        let duties = user.duties.iter().filter(|duty| duty.holds(self.now)).filter_map(|duty| duty.site.clone());
        let mut sites: Vec<SiteId> = user.site.iter().cloned().chain(duties).collect();
        let mut seen = std::collections::HashSet::new();
        sites.retain(|site| seen.insert(site.clone()));
        sites
    }

    /// The site that they chose to work from, if they work there.
    pub fn site(&self) -> Option<SiteId> {
        let chosen = SiteId::new(&self.visitor.cookie(SITE)?);
        self.sites().contains(&chosen).then_some(chosen)
    }

    /// What the API answers.
    ///
    /// # Errors
    /// As every client is told.
    pub async fn ask<Q: Asked>(&self, asked: Q) -> Result<Q::Answer, Refusal> {
        let bytes = self.pages.methods.ask(self.asking(&asked)).await?;
        Q::answer(&bytes).map_err(Refusal::internal)
    }

    /// The same for a page that cannot be shown without it.
    ///
    /// # Errors
    /// The page that says why.
    pub async fn need<Q: Asked>(&self, asked: Q) -> Result<Q::Answer, Response> {
        self.ask(asked).await.map_err(|refusal| self.refused(&refusal))
    }

    /// The same for a part of a page that is left out without it: they may not see it, or it cannot be had now.
    pub async fn may<Q: Asked>(&self, asked: Q) -> Option<Q::Answer> {
        self.ask(asked).await.ok()
    }

    pub fn asking<Q: startline_api::Request>(&self, asked: &Q) -> Asking {
        Asking {
            path: Q::PATH,
            message: asked.to_bytes().into(),
            session: self.signed.token.hash(),
            language: self.language(),
            site: self.site(),
        }
    }

    /// What the API tells for as long as somebody listens.
    ///
    /// # Errors
    /// As every client is told.
    pub async fn listen<Q: Listened>(&self, asked: &Q) -> Result<startline_service::methods::Listened, Refusal> {
        self.pages.methods.listen(self.asking(asked)).await
    }

    /// What stands around each of their pages.
    pub fn frame(&self) -> Frame<'_> {
        let mut frame = self.visitor.frame(&self.pages, &self.path);
        frame.name = Some(&self.user().name);
        frame.csrf = self.signed.token.csrf();
        frame.user = self.user().id.to_string();
        frame.may = crate::navigation::of(self);
        frame.desk = self.desk();
        frame.find = self.is_any(crate::navigation::FINDERS);
        frame.opens = crate::navigation::opens(self);
        frame.query = self.visitor.query.get("q").to_owned();
        frame.done = crate::words::Done::of(self.language()).sentence(self.visitor.query.get("done"));
        frame
    }

    /// Their desk in this browser.
    pub fn desk(&self) -> Option<DeskShown> {
        self.pages.desks.shown(&self.signed.token.hash(), self)
    }

    /// The page that says why something was not done or cannot be shown.
    pub fn refused(&self, refusal: &Refusal) -> Response {
        crate::refused::page(self, refusal)
    }

    pub fn then(&self, path: &str) -> Response {
        then(&self.pages, path)
    }

    /// There is no such page, for them.
    pub fn no_page(&self) -> Response {
        let words = self.visitor.frame(&self.pages, "/").w;
        crate::account::notice(&self.visitor, &self.pages, StatusCode::NOT_FOUND, words.no_page, words.no_page_more)
    }

    pub fn local(&self, at: DateTime<Utc>) -> (NaiveDate, NaiveTime) {
        let calendar = &self.definition().calendar;
        (calendar.local_date(at), calendar.local_time(at))
    }

    pub fn today(&self) -> NaiveDate {
        self.local(self.now).0
    }

    /// "10:15".
    pub fn time(&self, at: Option<&Timestamp>) -> String {
        at.and_then(instant).map(|at| self.local(at).1.format("%H:%M").to_string()).unwrap_or_default()
    }

    /// "Tuesday 3 March", with its year when that is another than this one.
    pub fn day(&self, day: NaiveDate) -> String {
        let in_words = weekday_in_words(day, self.language());
        if day.year() == self.today().year() { in_words } else { format!("{in_words} {}", day.year()) }
    }

    /// "today, 10:15", "tomorrow, 10:15" or "Tuesday 3 March, 10:15".
    pub fn when(&self, at: Option<&Timestamp>) -> String {
        let Some(at) = at.and_then(instant) else { return String::new() };
        let (day, time) = self.local(at);
        let words = crate::words::Words::of(self.language());
        let day = match (day - self.today()).num_days() {
            -1 => words.yesterday.to_owned(),
            0 => words.today.to_owned(),
            1 => words.tomorrow.to_owned(),
            _ => self.day(day),
        };
        format!("{day}, {}", time.format("%H:%M"))
    }

    /// "10:15 to 11:00" after the day.
    pub fn span(&self, from: Option<&Timestamp>, to: Option<&Timestamp>) -> String {
        let words = crate::words::Words::of(self.language());
        match to {
            Some(_) => format!("{} {} {}", self.when(from), words.to, self.time(to)),
            None => self.when(from),
        }
    }

    pub fn site_name(&self, id: &str) -> String {
        let definition = self.definition();
        let site = definition.site(&SiteId::new(id));
        site.map_or_else(|| id.to_owned(), |site| site.name.in_language(self.language()).to_owned())
    }

    pub fn office_name(&self, id: &str) -> String {
        let definition = self.definition();
        let office = definition.office(&startline_foundation::ids::OfficeId::new(id));
        office.map_or_else(|| id.to_owned(), |office| office.name.clone())
    }
}

impl Posted {
    pub fn get(&self, name: &str) -> &str {
        self.form.get(name)
    }

    /// What makes it happen once, however often the form is sent: made with the page.
    pub fn request_id(&self) -> String {
        self.form.get("request_id").to_owned()
    }

    /// The same, for a second thing that one form does.
    pub fn request_id_of(&self, what: &str) -> String {
        let hash = Sha256::new().chain_update(self.form.get("request_id")).chain_update(what).finalize();
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&hash[..16]);
        uuid::Builder::from_random_bytes(bytes).into_uuid().to_string()
    }

    /// Asks; what was wrong with what was typed comes back for its page, whatever else is a page of its own.
    ///
    /// # Errors
    /// Outside what cannot be mended by typing, inside what can.
    pub async fn ask<Q: Asked>(&self, asked: Q) -> Result<Result<Q::Answer, Refusal>, Response> {
        match self.seat.ask(asked).await {
            Ok(answer) => Ok(Ok(answer)),
            Err(refusal) if matches!(refusal.kind, RefusalKind::Invalid | RefusalKind::Race | RefusalKind::Illegal) => {
                Ok(Err(refusal))
            }
            Err(refusal) => Err(self.seat.refused(&refusal)),
        }
    }

    /// Asks for what has nothing that can be typed anew.
    ///
    /// # Errors
    /// The page that says why it was not done.
    pub async fn need<Q: Asked>(&self, asked: Q) -> Result<Q::Answer, Response> {
        self.seat.need(asked).await
    }

    pub fn then(&self, path: &str) -> Answer {
        Ok(self.seat.then(path))
    }
}

pub fn instant(at: &Timestamp) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp(at.seconds, u32::try_from(at.nanos).unwrap_or(0))
}

pub fn timestamp(at: DateTime<Utc>) -> Timestamp {
    Timestamp { seconds: at.timestamp(), nanos: i32::try_from(at.timestamp_subsec_nanos()).unwrap_or(0) }
}
