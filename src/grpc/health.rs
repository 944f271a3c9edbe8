//! What health says, by the names of the API's services: those of the floors are healthy where callers and desks meet, the
//! others while the database takes what it is given. The empty name is healthy when all are; `live` until the process stops.

use super::pb;
use prost_reflect::DescriptorPool;
use startline_service::workers::Readiness;
use tokio::sync::watch;
use tonic_health::ServingStatus;
use tonic_health::server::HealthReporter;

const FLOORS: [&str; 3] = ["startline.v1.RoutingService", "startline.v1.DeskService", "startline.v1.FloorService"];
const LIVE: &str = "live";

pub struct Health {
    reporter: HealthReporter,
    services: Vec<String>,
}

impl Health {
    pub fn new(reporter: HealthReporter) -> Result<Self, String> {
        let pool = DescriptorPool::decode(pb::DESCRIPTORS).map_err(|fault| fault.to_string())?;
        let services = pool.services().map(|service| service.full_name().to_owned()).collect();
        Ok(Self { reporter, services })
    }

    /// Tells each change, until the service is gone.
    pub async fn follow(&self, mut readiness: watch::Receiver<Readiness>) {
        loop {
            let now = *readiness.borrow_and_update();
            self.tell(now).await;
            if readiness.changed().await.is_err() {
                return;
            }
        }
    }

    pub async fn stop(&self) {
        self.tell(Readiness { database: false, floor: false }).await;
        self.set(LIVE, false).await;
    }

    pub async fn tell(&self, now: Readiness) {
        for service in &self.services {
            let is_floors = FLOORS.contains(&service.as_str());
            self.set(service, if is_floors { now.floor } else { now.database }).await;
        }
        self.set("", now.database && now.floor).await;
        self.set(LIVE, true).await;
    }

    async fn set(&self, service: &str, well: bool) {
        let status = if well { ServingStatus::Serving } else { ServingStatus::NotServing };
        self.reporter.set_service_status(service, status).await;
    }
}
