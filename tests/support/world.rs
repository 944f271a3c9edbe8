//! The service in this process, on its data, with a clock moved by hand.

use super::home::{Engine, Home};
use chrono::{DateTime, TimeDelta, Utc};
use startline::app::App;
use startline::clock::{Clock, ClockHand};
use std::ops::Deref;

/// A Tuesday in winter: London's time is UTC.
pub const START: &str = "2026-03-03T10:00:00Z";

pub fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

pub struct World {
    home: Home,
    clock: Clock,
    hand: ClockHand,
    app: Option<App>,
}

/// A world's people and data are its home's.
impl Deref for World {
    type Target = Home;

    fn deref(&self) -> &Home {
        &self.home
    }
}

impl World {
    pub async fn start(engine: Engine) -> Self {
        Self::on(Home::fresh(engine).await).await
    }

    pub async fn on(home: Home) -> Self {
        let (clock, hand) = Clock::manual(at(START));
        let mut world = Self { home, clock, hand, app: None };
        world.begin().await;
        world
    }

    async fn begin(&mut self) {
        let app = App::start(&self.home.config(), self.clock.clone()).await.unwrap();
        *self.home.address.lock().unwrap() = Some(app.address);
        self.app = Some(app);
    }

    /// Where the door for switches listens, in the order of the settings.
    pub fn sip_addresses(&self) -> Vec<std::net::SocketAddr> {
        self.app.as_ref().and_then(|app| app.sip.as_ref()).map(|sip| sip.addresses.clone()).unwrap_or_default()
    }

    /// Where the door for calendars and receipts listens.
    pub fn web_address(&self) -> std::net::SocketAddr {
        self.app.as_ref().and_then(|app| app.web.as_ref()).expect("the story has a web door").address
    }

    /// What the door for switches has counted.
    pub fn sip_counted(&self) -> startline::sip::Counted {
        self.app.as_ref().and_then(|app| app.sip.as_ref()).expect("the story has a SIP door").counted()
    }

    /// Takes the service out of the world, to stop it while the story goes on.
    pub fn take_app(&mut self) -> App {
        self.app.take().expect("the service runs")
    }

    pub async fn stop(&mut self) {
        if let Some(app) = self.app.take() {
            app.stop().await.unwrap();
        }
    }

    /// Stops in order and starts again, on the same data and the same clock.
    pub async fn restart(&mut self) {
        self.stop().await;
        self.begin().await;
    }

    /// As [`World::restart`], with another service definition.
    pub async fn restart_with_definition(&mut self, folder: std::path::PathBuf) {
        self.home.definition = Some(folder);
        self.restart().await;
    }

    pub fn now(&self) -> DateTime<Utc> {
        self.hand.now()
    }

    pub fn wait(&self, seconds: i64) {
        self.hand.move_to(self.hand.now() + TimeDelta::seconds(seconds));
    }

    /// Somebody sets the machine's clock, forward or back; no time passes.
    pub fn set_clock(&self, by_seconds: i64) {
        self.hand.set_by(TimeDelta::seconds(by_seconds));
    }

    pub fn wait_until(&self, time: DateTime<Utc>) {
        self.hand.move_to(time);
    }
}
