//! `startline user`: looks after people from the command line, beside a service or without one. What it does, the service
//! itself is named for.

use chrono::{DateTime, TimeDelta, Utc};
use clap::Subcommand;
use startline::access::{self, Context, Duty, Identity, IdentityKind, NewUser, Person, Role, Sought, User};
use startline::app;
use startline::clock::Clock;
use startline::config::Config;
use startline::definition::Definition;
use startline::error::Result;
use startline::ids::{AgencyId, DutyId, OfficeId, SiteId, TokenId, UserId};
use startline::service::first_password;
use startline::store::{Db, Store};

use super::{Options, show};
use std::collections::HashMap;
use std::sync::Arc;

#[derive(Subcommand)]
pub enum UserCommand {
    /// Add a user and print their access token, once.
    ///
    /// Advisers and team leaders take calls (inbound) and make call-backs (outbound), unless --skill names one of the two:
    /// then they do only what is named.
    Add {
        name: String,
        /// What they are; may be repeated.
        #[arg(long = "role", required = true)]
        roles: Vec<Role>,
        /// The site where they work, as the service definition names it.
        #[arg(long)]
        site: Option<String>,
        /// The one office that they work at, for personal advisers, the reception and benefits experts; all of the site's
        /// when not given.
        #[arg(long)]
        office: Option<String>,
        /// The agency that they read for, with the role agency.
        #[arg(long)]
        agency: Option<String>,
        /// What they can do beside that, as the service definition names it: welsh, textphone, urdu. May be repeated.
        #[arg(long = "skill", value_name = "SKILL")]
        skills: Vec<String>,
        /// After so many days the token is refused; as the settings say ([access] token_days) when not given.
        #[arg(long, value_parser = clap::value_parser!(u16).range(1..=3660))]
        token_days: Option<u16>,
        #[command(flatten)]
        options: Options,
    },
    /// List the users: who they are, what they may do and where.
    List {
        /// Those who are disabled, too.
        #[arg(long)]
        all: bool,
        #[command(flatten)]
        options: Options,
    },
    /// Show a user with all that they have and had: duties, tokens, identities.
    Show {
        name: String,
        #[command(flatten)]
        options: Options,
    },
    /// Put a user out, at once.
    Disable {
        name: String,
        #[command(flatten)]
        options: Options,
    },
    /// Let a user in again.
    Enable {
        name: String,
        #[command(flatten)]
        options: Options,
    },
    /// Give a user another role, for good or for so many days.
    Give {
        name: String,
        #[arg(long)]
        role: Role,
        #[arg(long)]
        site: Option<String>,
        #[arg(long)]
        office: Option<String>,
        #[arg(long)]
        agency: Option<String>,
        /// For so many days from now.
        #[arg(long, value_parser = clap::value_parser!(u16).range(1..=3660))]
        days: Option<u16>,
        #[command(flatten)]
        options: Options,
    },
    /// Take a duty back, by its id as `show` tells it.
    Take {
        duty: String,
        #[command(flatten)]
        options: Options,
    },
    /// Make a password for a user who signs in with a browser, and print it, once. It is good for seven days and for nothing but
    /// making one of their own; the browsers that they are signed in with are signed out.
    Password {
        name: String,
        #[command(flatten)]
        options: Options,
    },
    /// Sign a user out of every browser. Their access tokens go on.
    SignOut {
        name: String,
        #[command(flatten)]
        options: Options,
    },
    /// Make and revoke access tokens.
    Token {
        #[command(subcommand)]
        command: TokenCommand,
    },
    /// Make a user known by a name in client certificates, or by an account with the organisation's provider.
    Know {
        name: String,
        /// A subject alternative name.
        #[arg(long, conflicts_with = "account", required_unless_present = "account")]
        certificate: Option<String>,
        /// What the provider calls them, as [oidc] user_claim says.
        #[arg(long)]
        account: Option<String>,
        #[command(flatten)]
        options: Options,
    },
}

#[derive(Subcommand)]
pub enum TokenCommand {
    /// Make another token and print it, once. Those that there are go on until they end or are revoked.
    New {
        /// The user.
        name: String,
        /// What it is for, or on which machine.
        #[arg(long = "for", value_name = "NAME")]
        purpose: String,
        #[arg(long, value_parser = clap::value_parser!(u16).range(1..=3660))]
        days: Option<u16>,
        #[command(flatten)]
        options: Options,
    },
    /// Refuse a token from now on, by its id as `user show` tells it.
    Revoke {
        token: String,
        #[command(flatten)]
        options: Options,
    },
}

pub async fn run(command: UserCommand) -> Result<(), String> {
    match command {
        UserCommand::Add { name, roles, site, office, agency, skills, token_days, options } => {
            let desk = Desk::open(options).await?;
            let duty = |role| desk.duty(role, &site, &office, &agency, None);
            let duties = roles.into_iter().map(duty).collect::<Result<Vec<Duty>, String>>()?;
            let site = site.as_deref().map(SiteId::new);
            let new = NewUser { name, site, duties, skills };
            let ends_at = desk.token_end(token_days);
            let (user, token) = desk
                .change(async |db, context| {
                    let user = access::add(db, context, new.clone()).await?;
                    let (_, token) = access::new_token(db, context, user.id, "first", ends_at).await?;
                    Ok((user, token))
                })
                .await?;
            let User { id, name, roles, .. } = user;
            eprintln!(
                "{name} ({roles}) was added as {id}. The token below is shown this once and kept only as a hash; it is \
                 good until {}.",
                ends_at.format("%-d %B %Y")
            );
            show(&format_args!("{}\n", token.reveal()))
        }
        UserCommand::List { all, options } => Desk::open(options).await?.list(all).await,
        UserCommand::Show { name, options } => {
            let desk = Desk::open(options).await?;
            let read = async |db: &mut Db<'_>, context: &Context| {
                let person = named(db, context, &name).await?;
                let given =
                    person.duties.iter().flat_map(|given| [Some(given.given.0), given.taken.map(|taken| taken.0)]);
                let ids: Vec<UserId> = given.flatten().chain(person.disabled.and_then(|(by, _)| by)).collect();
                let names = access::users(db, &ids).await?.into_iter().map(|user| (user.id, user.name)).collect();
                Ok((person, names))
            };
            let (person, names) = desk.change(read).await?;
            show(&sheet(&person, &names))
        }
        UserCommand::Disable { name, options } => {
            let disable = async |db: &mut Db<'_>, context: &Context| {
                let id = named(db, context, &name).await?.user.id;
                access::disable(db, context, id).await
            };
            Desk::open(options).await?.change(disable).await?;
            show(&format_args!("{name} is disabled\n"))
        }
        UserCommand::Enable { name, options } => {
            let enable = async |db: &mut Db<'_>, context: &Context| {
                let id = named(db, context, &name).await?.user.id;
                access::enable(db, context, id).await
            };
            Desk::open(options).await?.change(enable).await?;
            show(&format_args!("{name} is enabled\n"))
        }
        UserCommand::Password { name, options } => {
            let desk = Desk::open(options).await?;
            if desk.config.oidc.is_some() {
                let sentence = "people sign in with their organisation's accounts here ([oidc]), and have no passwords";
                return Err(sentence.into());
            }
            let (password, hash) = first_password().await.map_err(|fault| fault.to_string())?;
            let make = async |db: &mut Db<'_>, context: &Context| {
                let id = named(db, context, &name).await?.user.id;
                access::set_first_password(db, context, id, &hash).await
            };
            let until = desk.change(make).await?;
            eprintln!(
                "The password below lets {name} make one of their own, and is shown this once; it is good until {}.",
                until.format("%-d %B %Y")
            );
            show(&format_args!("{password}\n"))
        }
        UserCommand::SignOut { name, options } => {
            let out = async |db: &mut Db<'_>, context: &Context| {
                let id = named(db, context, &name).await?.user.id;
                access::sign_out_everywhere(db, context, id).await
            };
            Desk::open(options).await?.change(out).await?;
            show(&format_args!("{name} is signed out of every browser\n"))
        }
        UserCommand::Give { name, role, site, office, agency, days, options } => {
            let desk = Desk::open(options).await?;
            let ends_at = days.map(|days| desk.now + TimeDelta::days(days.into()));
            let duty = desk.duty(role, &site, &office, &agency, ends_at)?;
            let give = async |db: &mut Db<'_>, context: &Context| {
                let id = named(db, context, &name).await?.user.id;
                access::give(db, context, id, duty.clone()).await
            };
            let given = desk.change(give).await?;
            show(&format_args!("{name} has the duty {}: {}\n", given.duty.id, in_words(&given.duty)))
        }
        UserCommand::Take { duty, options } => {
            let duty = DutyId::parse("duty", &duty).map_err(|fault| fault.to_string())?;
            let take = async |db: &mut Db<'_>, context: &Context| access::take(db, context, duty).await;
            Desk::open(options).await?.change(take).await?;
            show(&format_args!("the duty {duty} is over\n"))
        }
        UserCommand::Token { command: TokenCommand::New { name, purpose, days, options } } => {
            let desk = Desk::open(options).await?;
            let ends_at = desk.token_end(days);
            let make = async |db: &mut Db<'_>, context: &Context| {
                let id = named(db, context, &name).await?.user.id;
                access::new_token(db, context, id, &purpose, ends_at).await
            };
            let (line, token) = desk.change(make).await?;
            eprintln!(
                "the token {} of {name} is below, shown this once; it is good until {}.",
                line.id,
                ends_at.format("%-d %B %Y")
            );
            show(&format_args!("{}\n", token.reveal()))
        }
        UserCommand::Token { command: TokenCommand::Revoke { token, options } } => {
            let token = TokenId::parse("token", &token).map_err(|fault| fault.to_string())?;
            let revoke = async |db: &mut Db<'_>, context: &Context| access::revoke_token(db, context, token).await;
            Desk::open(options).await?.change(revoke).await?;
            show(&format_args!("the token {token} is refused from now on\n"))
        }
        UserCommand::Know { name, certificate, account, options } => {
            let (kind, known_as) = match (certificate, account) {
                (Some(certificate), _) => (IdentityKind::Certificate, certificate),
                (None, account) => (IdentityKind::Account, account.unwrap_or_default()),
            };
            let identity = Identity { kind, name: known_as };
            let know = async |db: &mut Db<'_>, context: &Context| {
                let id = named(db, context, &name).await?.user.id;
                access::add_identity(db, context, id, &identity).await
            };
            Desk::open(options).await?.change(know).await?;
            show(&format_args!("{name} is known by {}\n", identity.name))
        }
    }
}

/// What a command works with.
struct Desk {
    config: Config,
    definition: Arc<Definition>,
    store: Store,
    now: DateTime<Utc>,
}

impl Desk {
    async fn open(options: Options) -> Result<Self, String> {
        let config = options.config()?;
        let definition = app::load_definition(&config)?;
        let store = app::open_store_beside(&config).await?;
        Ok(Self { config, definition, store, now: Clock::system().now() })
    }

    /// Does it in one transaction, under the service's own name.
    async fn change<T>(&self, what: impl AsyncFnOnce(&mut Db<'_>, &Context) -> Result<T>) -> Result<T, String> {
        let done = async {
            let mut tx = self.store.begin_write().await?;
            let context = access::system_context(&mut tx.db(), self.now).await?;
            let done = what(&mut tx.db(), &context).await?;
            tx.commit().await?;
            Ok(done)
        };
        let done: Result<T> = done.await;
        self.store.close().await;
        done.map_err(|fault| fault.to_string())
    }

    fn duty(
        &self,
        role: Role,
        site: &Option<String>,
        office: &Option<String>,
        agency: &Option<String>,
        ends_at: Option<DateTime<Utc>>,
    ) -> Result<Duty, String> {
        // Who belongs to no site may be added together with a role that does.
        let site = site.as_deref().map(SiteId::new).filter(|_| role.works_at_a_site() || role == Role::PrivacyOfficer);
        let office = office.as_deref().map(OfficeId::new).filter(|_| role.works_at_an_office());
        let agency = agency.as_deref().map(AgencyId::new).filter(|_| role == Role::Agency);
        let duty = Duty { office, agency, ends_at, ..Duty::new(role, site, self.now) };
        duty.check(&self.definition, self.now).map_err(|fault| fault.to_string())?;
        Ok(duty)
    }

    fn token_end(&self, days: Option<u16>) -> DateTime<Utc> {
        self.now + days.map_or(self.config.access.token_lasts(), |days| TimeDelta::days(days.into()))
    }

    async fn list(&self, all: bool) -> Result<(), String> {
        const AT_A_TIME: usize = 200;
        let mut after = None;
        loop {
            let from = after.take();
            let list = async |db: &mut Db<'_>, context: &Context| {
                let sought = Sought { with_disabled: all, ..Sought::default() };
                access::find_users(db, context, &sought, from, AT_A_TIME).await
            };
            let mut reader = self.store.read().await.map_err(|fault| fault.to_string())?;
            let context =
                access::system_context(&mut reader.db(), self.now).await.map_err(|fault| fault.to_string())?;
            let found = list(&mut reader.db(), &context).await.map_err(|fault| fault.to_string())?;
            for (user, is_disabled) in &found {
                let out = if *is_disabled { "  DISABLED" } else { "" };
                show(&format_args!("{}  {}{out}\n", user.id, user.name))?;
                for duty in &user.duties {
                    show(&format_args!("    {}\n", in_words(duty)))?;
                }
            }
            match found.last() {
                Some((last, _)) if found.len() == AT_A_TIME => after = Some(last.name.clone()),
                _ => break,
            }
        }
        self.store.close().await;
        Ok(())
    }
}

/// The user of exactly this name.
async fn named(db: &mut Db<'_>, context: &Context, name: &str) -> Result<Person> {
    let sought = Sought { name: name.to_owned(), with_disabled: true, ..Sought::default() };
    let found = access::find_users(db, context, &sought, None, usize::MAX).await?;
    let user = found.into_iter().map(|(user, _)| user).find(|user| user.name == name);
    let user = user.ok_or_else(|| startline::error::Error::not_found("user called", name))?;
    access::person(db, user.id).await
}

/// `adviser at somerset until 3 March 2027`.
fn in_words(duty: &Duty) -> String {
    let mut words = duty.role.to_string();
    for (preposition, place) in [
        (" at ", duty.office.as_ref().map(ToString::to_string)),
        (" at ", duty.site.as_ref().map(ToString::to_string)),
        (" for ", duty.agency.as_ref().map(ToString::to_string)),
        (" until ", duty.ends_at.map(|end| end.format("%-d %B %Y").to_string())),
    ] {
        if let Some(place) = place {
            words += preposition;
            words += &place;
        }
    }
    words
}

fn sheet(person: &Person, names: &HashMap<UserId, String>) -> String {
    use std::fmt::Write;
    let mut sheet = format!("{}  {}\n", person.user.id, person.user.name);
    let day = |at: DateTime<Utc>| at.format("%-d %B %Y").to_string();
    let by = |id: UserId| names.get(&id).map(|name| format!(" by {name}")).unwrap_or_default();
    if let Some((who, at)) = person.disabled {
        let _ = writeln!(sheet, "  disabled since {}{}", day(at), who.map(by).unwrap_or_default());
    }
    if !person.user.skills.is_empty() {
        let _ = writeln!(sheet, "  can do: {}", person.user.skills.join(", "));
    }
    for given in &person.duties {
        let over = given.taken.map(|(who, at)| format!(", over since {}{}", day(at), by(who))).unwrap_or_default();
        let _ = writeln!(
            sheet,
            "  duty {}: {}, given on {}{}{over}",
            given.duty.id,
            in_words(&given.duty),
            day(given.given.1),
            by(given.given.0)
        );
    }
    for token in &person.tokens {
        let state = match token.revoked {
            Some((_, at)) => format!("revoked on {}", day(at)),
            None => format!("until {}", day(token.ends_at)),
        };
        let used = token.last_used_at.map_or("not used yet".to_owned(), |at| format!("last used on {}", day(at)));
        let _ = writeln!(sheet, "  token {}: {}, {state}, {used}", token.id, token.name);
    }
    for session in person.sessions.iter().filter(|session| session.revoked.is_none()) {
        let used = session.last_used_at.unwrap_or(session.created.1);
        let _ = writeln!(sheet, "  browser {}: by {}, last used on {}", session.id, session.name, day(used));
    }
    for identity in &person.identities {
        let _ = writeln!(sheet, "  known by the {} {}", identity.kind.as_str(), identity.name);
    }
    sheet
}
