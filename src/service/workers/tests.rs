use super::*;
use crate::{Outside, Parts};
use startline_definition::{Definition, Definitions};
use startline_foundation::store::{GroupWriter, Store, Target};
use startline_rooms::claims::{AnswerWriter, LARGEST_BATCH};
use startline_routing::{Network, RouteTable, Switchboard};
use tokio::sync::mpsc;

/// Does this in each round, one after the other.
enum Does {
    Panics,
    Fails,
    Goes,
}

struct Restless {
    rounds: std::vec::IntoIter<Does>,
    done: mpsc::UnboundedSender<()>,
}

impl Worker for Restless {
    const NAME: &'static str = "restless";
    const PAUSE: Duration = Duration::ZERO;

    async fn round(&mut self, _: &Arc<Service>) -> Result<()> {
        match self.rounds.next() {
            Some(Does::Panics) => panic!("no ink"),
            Some(Does::Fails) => Err(startline_foundation::error::Error::internal("no paper")),
            Some(Does::Goes) => {
                let _ = self.done.send(());
                Ok(())
            }
            None => std::future::pending().await,
        }
    }
}

async fn service(folder: &std::path::Path) -> Arc<Service> {
    let store = Store::open(&Target::choose(folder, None).unwrap()).await.unwrap();
    let clock = startline_foundation::clock::Clock::system();
    let definitions = Definitions::put_in_force(&store, Definition::embedded(), clock.now()).await.unwrap();
    let definitions = Arc::new(definitions);
    let (autosave, _) = GroupWriter::start(store.clone(), AnswerWriter::new(definitions.clone()), LARGEST_BATCH);
    let network = Network::new(Vec::new(), RouteTable::default(), 1).unwrap();
    let switchboard = Arc::new(Switchboard::new(network, mpsc::channel(1).0));
    Service::new(Parts { store, clock, definitions, autosave, switchboard, outside: Outside::default(), sign_in: None })
}

#[tokio::test]
async fn a_worker_that_panics_is_started_again_and_says_so_and_goes_on_where_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let service = service(folder.path()).await;
    let (done, mut went) = mpsc::unbounded_channel();
    let rounds = vec![Does::Goes, Does::Panics, Does::Panics, Does::Goes, Does::Fails, Does::Goes].into_iter();
    let stopping = CancellationToken::new();
    let worker = tokio::spawn(go_round(service.clone(), Restless { rounds, done }, stopping.clone()));
    let seen = |service: &Service| service.rounds.all().pop().unwrap().1;
    for (panics, failures) in [(0, 0), (2, 2), (2, 3)] {
        went.recv().await.unwrap();
        let round = seen(&service);
        assert_eq!((round.panics, round.failures, service.panics.count(Ended::Round)), (panics, failures, panics));
    }
    stopping.cancel();
    worker.await.unwrap();
    let round = seen(&service);
    assert_eq!((round.rounds, round.fault), (6, None), "a round that went well takes the fault back");
}
