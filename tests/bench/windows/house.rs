//! The service with its people: a demo's records and staff, and so many advisers more at one site, each with a browser that is
//! signed in.

use super::super::Outcome;
use super::super::fixture::{Fixture, sample_answers};
use super::super::server::{PROGRAM, Serving};
use super::browser::Browser;
use chrono::{DateTime, TimeDelta, Utc};
use startline::access::{self, Context, Role, Sees, SignedInBy, Sought, User};
use startline::clock::Clock;
use startline::definition::Definition;
use startline::formats::Language;
use startline::identity::session::{Cookies, SessionToken};
use startline::ids::{ClaimId, SiteId};
use startline::store::{Db, Target};
use std::net::SocketAddr;
use std::path::Path;
use std::process::Stdio;
use tempfile::TempDir;
use tokio::process::Command;
use tonic::metadata::{Ascii, MetadataValue};

/// All of them are here: a floor and a wallboard of that many.
pub const SITE: &str = "somerset";
/// Open claims of as many clients of one name, and those of which every question is answered.
const CLAIMS: usize = 200;
const FULL_CLAIMS: usize = 10;

pub struct House {
    pub serving: Serving,
    /// With a window each.
    pub advisers: Vec<Person>,
    /// Whose desks listen by gRPC.
    pub others: Vec<Person>,
    staff: Vec<(User, Browser)>,
    pub switch: MetadataValue<Ascii>,
    /// Claims with an answer to every question.
    pub claims: Vec<ClaimId>,
    _folder: TempDir,
}

/// An adviser, by the browser or by gRPC.
pub struct Person {
    pub browser: Browser,
    pub token: MetadataValue<Ascii>,
}

impl House {
    pub async fn open(advisers: usize, others: usize) -> Outcome<Self> {
        let folder = tempfile::tempdir()?;
        let data = folder.path().join("data");
        demo(&data).await?;
        // Free a moment ago: the program tells only its first address on its first line.
        let pages = std::net::TcpListener::bind(("127.0.0.1", 0))?.local_addr()?;
        let fixture = Fixture::open(&Target::choose(&data, None)?).await?;
        fixture.typists(CLAIMS).await?;
        let answers = sample_answers(&Definition::embedded()).into_iter().collect();
        let mut claims = Vec::new();
        for _ in 0..FULL_CLAIMS {
            claims.push(fixture.full_claim(&answers).await?);
        }
        let now = Clock::system().now();
        let mut tx = fixture.store.begin_write().await?;
        let mut db = tx.db();
        let system = access::system_context(&mut db, now).await?;
        let mut staff = Vec::new();
        for (user, _) in access::find_users(&mut db, &system, &Sought::default(), None, 1_000).await? {
            let browser = signed_in(&mut db, &user, pages, now).await?;
            staff.push((user, browser));
        }
        let mut people = Vec::new();
        for n in 0..advisers + others {
            let (name, site) = (format!("Adviser {n}"), Some(SiteId::new(SITE)));
            let (user, token) = access::add_user(&mut db, &name, Role::Adviser, site, &[], now).await?;
            let browser = signed_in(&mut db, &user, pages, now).await?;
            people.push(Person { browser, token: format!("Bearer {}", token.reveal()).parse()? });
        }
        let (_, switch) = access::add_user(&mut db, "Exchange", Role::Switch, None, &[], now).await?;
        tx.commit().await?;
        fixture.store.close().await;

        let definition = folder.path().join("definition");
        always_open(&definition)?;
        let config = folder.path().join("startline.toml");
        std::fs::write(&config, format!("[definition]\nfolder = {definition:?}\n[web]\nlisten = \"{pages}\"\n"))?;
        let serving = Serving::start_with(&data, None, &["--config".as_ref(), config.as_os_str()]).await?;
        let others = people.split_off(advisers);
        let switch = format!("Bearer {}", switch.reveal()).parse()?;
        Ok(Self { serving, advisers: people, others, staff, switch, claims, _folder: folder })
    }

    /// Somebody of the demo: of the site with all the advisers, where their work is at one.
    pub fn browser_of(&self, role: Role) -> Outcome<&Browser> {
        let works_here = |user: &User| user.site.as_ref().is_none_or(|site| site.as_str() == SITE);
        let found = self.staff.iter().find(|(user, _)| user.is(role) && works_here(user));
        found.map(|(_, browser)| browser).ok_or_else(|| format!("the demo has no {role}").into())
    }
}

/// As somebody who has just signed in, without their password's hash.
async fn signed_in(db: &mut Db<'_>, user: &User, pages: SocketAddr, now: DateTime<Utc>) -> Outcome<Browser> {
    let (token, user) = (SessionToken::fresh(), user.clone());
    let context = Context { now, user, request_id: None, language: Language::English, sees: Sees::ALL };
    let ends_at = now + TimeDelta::hours(12);
    access::begin_session(db, &context, SignedInBy::Password, &token.hash(), ends_at).await?;
    let cookie = Cookies::of(&format!("http://{pages}")).session(&token);
    let cookie = cookie.split(';').next().unwrap_or_default().to_owned();
    Ok(Browser { to: pages, cookie, csrf: token.csrf() })
}

async fn demo(data: &Path) -> Outcome {
    let mut command = Command::new(PROGRAM);
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("STARTLINE_")) {
        command.env_remove(name);
    }
    let output = command.arg("demo").arg("--data").arg(data).stdin(Stdio::null()).output().await?;
    match output.status.success() {
        true => Ok(()),
        false => Err(String::from_utf8_lossy(&output.stderr).into()),
    }
}

/// The pilot's definition with sites that never close.
fn always_open(folder: &Path) -> Outcome {
    let days = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
    let days = days.map(|day| format!("{day}: 00:00-23:59")).join(", ");
    let open = |line: &str| match line.trim_start().starts_with("opening:") {
        true => format!("    opening: {{ {days} }}\n"),
        false => format!("{line}\n"),
    };
    for (path, content) in Definition::embedded().files() {
        let file = folder.join(path);
        std::fs::create_dir_all(file.parent().ok_or("a file of no folder")?)?;
        if path.ends_with("sites.yaml") {
            let text: String = std::str::from_utf8(content)?.lines().map(open).collect();
            std::fs::write(file, text)?;
        } else {
            std::fs::write(file, content)?;
        }
    }
    Ok(())
}
