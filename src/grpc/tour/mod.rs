//! The tour: the service doing its whole job over real gRPC sockets, on the embedded default, with nothing else
//! installed. It knows the service only as its callers do.

mod browser;
mod cast;
mod guide;
mod posting;
mod ringing;
mod server;
mod start_up;

use cast::{Person, add_user, first_password};
use futures_util::future::BoxFuture;
use guide::Guide;
use server::TourServer;
use std::path::Path;
use tonic::transport::{Channel, Endpoint};

const SOMERSET: (&str, &str) = ("somerset", "Somerset");
const GWENT: (&str, &str) = ("south-east-gwent", "South East Gwent");
/// A Tuesday in winter time: ten o'clock in Britain is ten o'clock here.
const BEGINS: &str = "2026-03-03T10:00:00Z";

/// Everybody, and the stage.
struct Tour {
    guide: Guide,
    server: TourServer,
    /// Asha's, to begin with.
    first_password: String,
    exchange: Person,
    asha: Person,
    bryn: Person,
    priya: Person,
    print_room: Person,
}

/// Runs the tour and saves the claim pack as `pdf`.
///
/// # Errors
/// A sentence that says which step went wrong.
pub fn run(pdf: &Path) -> BoxFuture<'_, Result<(), String>> {
    Box::pin(async move {
        let folder = Folder::new()?;
        let mut tour = Tour::begin(&folder.0).await?;
        let pages = tour.all(pdf).await?;
        tour.server.stop().await?;
        println!("\nThe claim pack of {pages} pages is saved as {}", absolute(pdf).display());
        Ok(())
    })
}

impl Tour {
    async fn begin(data: &Path) -> Result<Self, String> {
        let program = std::env::current_exe().map_err(|fault| fault.to_string())?;
        let begins = BEGINS.parse().map_err(|_| "the tour's beginning is no time".to_owned())?;
        let server = TourServer::start(&program, data, begins).await?;
        let exchange = add_user(&program, data, "Taunton exchange", "switch", None).await?;
        let asha = add_user(&program, data, "Asha", "adviser", Some(SOMERSET)).await?;
        let bryn = add_user(&program, data, "Bryn", "adviser", Some(GWENT)).await?;
        let priya = add_user(&program, data, "Priya", "personal-adviser", Some(SOMERSET)).await?;
        let print_room = add_user(&program, data, "Taunton print room", "print-room", Some(SOMERSET)).await?;
        let first_password = first_password(&program, data, "Asha").await?;
        println!("Startline serves on {} with its data in {}.", server.address, data.display());
        let channel = channel(&server.address)?;
        Ok(Self {
            guide: Guide::default(),
            first_password,
            exchange: exchange.at(&channel)?,
            asha: asha.at(&channel)?,
            bryn: bryn.at(&channel)?,
            priya: priya.at(&channel)?,
            print_room: print_room.at(&channel)?,
            server,
        })
    }

    async fn all(&mut self, pdf: &Path) -> Result<u32, String> {
        self.set_the_stage().await?;
        let callback = self.ringing().await?;
        let claim = self.start_up(&callback).await?;
        self.posting(&claim, pdf).await
    }
}

/// Connects at the first call, and again after the server was killed.
fn channel(address: &str) -> Result<Channel, String> {
    Ok(Endpoint::from_shared(format!("http://{address}")).map_err(|fault| fault.to_string())?.connect_lazy())
}

fn absolute(path: &Path) -> std::path::PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

/// The tour's own data folder, gone when the tour is over.
struct Folder(std::path::PathBuf);

impl Folder {
    fn new() -> Result<Self, String> {
        let path = std::env::temp_dir().join(format!("startline-tour-{}", std::process::id()));
        std::fs::create_dir(&path).map_err(|fault| format!("{} cannot be made: {fault}", path.display()))?;
        Ok(Self(path))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What cannot be removed is left to the system's own clearing of its temporary folder.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
