//! The demo: a folder filled with a small network of invented people, for whoever wants to look around or train.
//!
//! It knows the service only as its callers do: everybody works through the API with a token of their own, so every record is
//! one that the service itself would make. Only the clock is its own: it begins some working days ago and moves on, so that
//! what is due today is due today. Nothing of a real person is in it, and every record says so (a mark in the name of each user,
//! another in the facts of each client, telephone numbers that nobody has).

mod calls;
mod cast;
mod claims;
mod clients;
mod days;
mod meetings;
mod printing;
mod steps;

pub use cast::{Part, parts};
pub use clients::MARK;
pub use days::Days;

use crate::person::Person;
use clients::{Ends, Known, Wave};
use futures_util::future::LocalBoxFuture;
use startline_foundation::clock::ClockHand;
use startline_rooms::access::Role;
use std::net::SocketAddr;
use tonic::transport::Endpoint;

/// Somebody of the cast, with the token that was made for them.
pub struct Badge {
    pub part: Part,
    pub id: String,
    pub token: String,
}

/// A service that runs on an empty database with its cast in it, and its clock.
pub struct Stage {
    pub address: SocketAddr,
    pub clock: ClockHand,
    pub days: Days,
    pub cast: Vec<Badge>,
}

/// What there is to look at.
#[derive(Debug, Default, Clone)]
pub struct Filled {
    pub clients: usize,
    /// A client of the first site, with a claim at the start.
    pub client_id: String,
    /// A claim that every agency has.
    pub lodged_claim_id: String,
}

struct Demo {
    clock: ClockHand,
    days: Days,
    people: Vec<(Part, Person)>,
    known: Vec<Known>,
}

/// Works through some working days and ends at the present.
///
/// # Errors
/// A sentence that says who could not do what.
pub fn fill(stage: Stage) -> LocalBoxFuture<'static, Result<Filled, String>> {
    Box::pin(async move {
        let mut demo = Demo::begin(stage)?;
        demo.set_the_stage().await?;
        demo.those_of_last_week().await?;
        demo.those_of_this_week().await?;
        demo.meetings().await?;
        demo.those_of_today().await?;
        demo.clock.move_to(demo.days.now());
        Ok(demo.filled())
    })
}

impl Demo {
    fn begin(stage: Stage) -> Result<Self, String> {
        let endpoint = Endpoint::from_shared(format!("http://{}", stage.address)).map_err(|fault| fault.to_string())?;
        let channel = endpoint.connect_lazy();
        let people = stage.cast.into_iter().map(|Badge { part, id, token }| {
            let person = Person::new(part.name, part.title(), id, &token, &channel)?;
            Ok((part, person))
        });
        let people = people.collect::<Result<_, String>>()?;
        Ok(Self { clock: stage.clock, days: stage.days, people, known: Vec::new() })
    }

    /// The first of those with this role at the site.
    fn who(&self, site: &str, role: Role) -> Result<Person, String> {
        self.all(site, role).into_iter().next().ok_or_else(|| format!("nobody has the role {role} at {site}"))
    }

    fn all(&self, site: &str, role: Role) -> Vec<Person> {
        let fits = |part: &Part| part.role == role && (part.site == Some(site) || part.site.is_none());
        self.people.iter().filter(|(part, _)| fits(part)).map(|(_, person)| person.clone()).collect()
    }

    /// The clients with one of these ends.
    fn with(&self, ends: &[Ends]) -> Vec<Known> {
        self.known.iter().filter(|known| ends.contains(&known.ends)).cloned().collect()
    }

    fn filled(&self) -> Filled {
        let claim = |known: &Known| known.claim_id.clone();
        Filled {
            clients: self.known.len(),
            client_id: self
                .with(&[Ends::MeetingToday])
                .first()
                .map(|known| known.client_id.clone())
                .unwrap_or_default(),
            lodged_claim_id: self.with(&[Ends::Lodged]).first().map(claim).unwrap_or_default(),
        }
    }

    /// Everything that began in the first wave of calls: it is over, or has come to a meeting, by now.
    async fn those_of_last_week(&mut self) -> Result<(), String> {
        self.clock.move_to(self.days.at(-7, 9, 0));
        let mut due = Vec::new();
        for known in self.first_contacts(Wave::LastWeek).await? {
            due.push(self.book(&known, self.days.at(-6, 8, 30)).await?);
        }
        self.make_callbacks(due).await?;
        self.clock.move_to(self.days.at(-6, 16, 0));
        self.print_and_post().await
    }

    /// What has its meeting today or later, and whoever cannot be reached.
    async fn those_of_this_week(&mut self) -> Result<(), String> {
        self.clock.move_to(self.days.at(-4, 9, 0));
        let mut due = Vec::new();
        for known in self.first_contacts(Wave::ThisWeek).await? {
            due.push(self.book(&known, self.days.at(-3, 8, 30)).await?);
        }
        self.make_callbacks(due).await?;
        self.clock.move_to(self.days.at(-3, 17, 5));
        self.print_and_post().await
    }

    /// What is to be done today.
    async fn those_of_today(&mut self) -> Result<(), String> {
        self.clock.move_to(self.days.at(-1, 14, 0));
        let mut due = Vec::new();
        for known in self.first_contacts(Wave::Yesterday).await? {
            let from = match known.ends {
                Ends::CallbackNow => self.days.just_now(),
                _ => self.days.at(0, 8, 30),
            };
            let callback = self.book(&known, from).await?;
            if !matches!(known.ends, Ends::CallbackNow | Ends::CallbackOverdue) {
                due.push(callback);
            }
        }
        self.clock.move_to(self.days.at(0, 8, 35));
        for known in self.first_contacts(Wave::Today).await? {
            if known.ends == Ends::CallbackTomorrow {
                self.book(&known, self.days.at(1, 9, 0)).await?;
            }
        }
        self.callers_who_give_up().await?;
        self.make_callbacks(due).await?;
        self.clock.move_to(self.days.ends());
        self.print_one().await?;
        self.asked_for().await
    }
}
