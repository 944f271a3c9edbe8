//! Personal advisers' diaries months ahead, and more clients with open claims than a bench can book meetings for.

use super::Outcome;
use chrono::{DateTime, NaiveTime, TimeDelta, Utc, Weekday};
use sqlx::AssertSqlSafe;
use sqlx::postgres::PgRow;
use sqlx::sqlite::SqliteRow;
use startline::access::{self, Context, Replay, Role, Sees, User};
use startline::claims::{self, Beginning};
use startline::clients::{self, Client, FactsDraft};
use startline::clock::Clock;
use startline::definition::{Definition, Definitions, Site};
use startline::diary::{self, CancelReason, Wish, Wishes};
use startline::error::{Error, Result};
use startline::formats::Language;
use startline::ids::{AppointmentId, ClaimId, ClientId, RequestId, SiteId, UserId};
use startline::rota::{self, Activity, Pattern, Shift};
use startline::store::{Connection, Db, Store, Target};

/// As often as the door does.
const TRIES: usize = 8;
/// About as long as an appointment is as a message.
const RESPONSE: [u8; 250] = [7; 250];

pub struct Diaries {
    pub store: Store,
    pub definitions: Definitions,
    pub people: Vec<UserId>,
    pub claims: Vec<(ClaimId, ClientId)>,
    /// They are all alike but for their ids.
    client: Client,
    user: User,
    clock: Clock,
}

/// What somebody asks for.
#[derive(Clone)]
pub struct Asked {
    pub claim: (ClaimId, ClientId),
    pub person: UserId,
    pub start: DateTime<Utc>,
    pub wishes: Wishes,
}

pub enum Act {
    Book(Asked),
    Move(AppointmentId, Asked),
    Cancel(AppointmentId),
}

impl Diaries {
    /// An office with so many personal advisers, who work nine to five, and so many claims.
    pub async fn make(target: &Target, people: usize, claims: usize) -> Outcome<Self> {
        let clock = Clock::system();
        let now = clock.now();
        let store = Store::open(target).await?;
        let definitions = Definitions::put_in_force(&store, Definition::embedded(), now).await?;
        let mut tx = store.begin_write().await?;
        let db = &mut tx.db();
        let (user, _) = access::add_user(db, "Asha", Role::Adviser, Some(somerset()), &[], now).await?;
        let context = context_of(&user, now);
        for number in 0..people {
            let name = format!("Personal adviser {number}");
            let (person, _) = access::add_user(db, &name, Role::PersonalAdviser, Some(somerset()), &[], now).await?;
            rota::set_pattern(db, &context, &nine_to_five(person.id, now)).await?;
        }
        let facts = FactsDraft { last_name: "Hill".into(), ..FactsDraft::default() };
        let client = clients::create(db, &context, &facts, Some(somerset()), &|_| None).await?;
        claims::open(db, &context, &definitions, client.id, Beginning::default()).await?;
        copy(db, "clients", false, claims).await?;
        copy(db, "claims", true, claims).await?;
        tx.commit().await?;
        diary::make_all(&store, definitions.current(), now).await?;
        store.close().await;
        Self::open(target).await
    }

    /// Those that were made before, by this process or another.
    pub async fn open(target: &Target) -> Outcome<Self> {
        let clock = Clock::system();
        let store = Store::open(target).await?;
        let definitions = Definitions::put_in_force(&store, Definition::embedded(), clock.now()).await?;
        let mut reader = store.read().await?;
        let db = &mut reader.db();
        let of_role = |role: Role| {
            let by_role = "SELECT u.id FROM users u JOIN duties d ON d.user_id = u.id WHERE d.role";
            format!("{by_role} = '{}' ORDER BY u.name", role.as_str())
        };
        let people = rows::<UserId>(db, &of_role(Role::PersonalAdviser)).await?;
        let user = rows::<UserId>(db, &of_role(Role::Adviser)).await?.pop().ok_or("there is no adviser")?;
        let user = access::user(db, user).await?;
        let ids = rows::<ClaimId>(db, "SELECT id FROM claims ORDER BY id").await?;
        let clients = rows::<ClientId>(db, "SELECT client_id FROM claims ORDER BY id").await?;
        let client = clients::get(db, *clients.first().ok_or("there is no claim")?).await?;
        let claims = ids.into_iter().zip(clients).collect();
        drop(reader);
        Ok(Self { store, definitions, people, claims, client, user, clock })
    }

    pub fn definition(&self) -> &Definition {
        self.definitions.current()
    }

    pub fn site(&self) -> Outcome<&Site> {
        self.definition().site(&somerset()).ok_or_else(|| "there is no such site".into())
    }

    /// The client of every claim, but for their id.
    pub fn client(&self) -> &Client {
        &self.client
    }

    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    pub fn today(&self) -> chrono::NaiveDate {
        self.definition().calendar.local_date(self.now())
    }

    /// Working days on which a first meeting may be, and the moments of these local times on each.
    pub fn days(&self, most: usize, times: &[NaiveTime]) -> Outcome<Vec<Vec<DateTime<Utc>>>> {
        let (calendar, site) = (&self.definition().calendar, self.site()?);
        let settings = &self.definition().service.settings;
        let today = calendar.local_date(self.clock.now());
        let last = today + chrono::Months::new(settings.booking_horizon_months);
        let days = today.iter_days().skip(settings.meeting_lead_min_working_days as usize + 4);
        let working = days.take_while(|day| *day < last).filter(|day| calendar.is_working_day(site, *day)).take(most);
        Ok(working.map(|day| times.iter().filter_map(|time| calendar.instant(day, *time)).collect()).collect())
    }

    /// One mutation as the door runs it: the request's id first, the verb, the answer kept, and again while others were
    /// busy with the same.
    pub async fn act(&self, act: &Act) -> Result<AppointmentId> {
        for _ in 1..TRIES {
            match self.act_once(act).await {
                Err(Error::Contended) => {}
                settled => return settled,
            }
        }
        self.act_once(act).await
    }

    async fn act_once(&self, act: &Act) -> Result<AppointmentId> {
        let context = context_of(&self.user, self.clock.now());
        let request = RequestId::fresh(context.now);
        let context = Context { request_id: Some(request), ..context };
        let mut tx = self.store.begin_write().await?;
        let replay = access::claim_request(&mut tx.db(), &context, request, "BookSlotRequest", &[7; 32]).await?;
        if replay != Replay::First {
            return Err(Error::internal("a new request is replayed"));
        }
        let appointment = self.verb(&mut tx.db(), &context, act).await?;
        access::keep_response(&mut tx.db(), &context, request, &RESPONSE).await?;
        tx.commit().await?;
        Ok(appointment)
    }

    async fn verb(&self, db: &mut Db<'_>, context: &Context, act: &Act) -> Result<AppointmentId> {
        let definition = self.definition();
        let site = definition.site(&somerset()).ok_or_else(|| Error::internal("there is no such site"))?;
        let (asked, wishes) = match act {
            Act::Book(asked) | Act::Move(_, asked) => (asked, asked.wishes.clone()),
            Act::Cancel(id) => {
                let why = CancelReason::ClientAsked;
                return Ok(diary::cancel_appointment(db, context, definition, *id, why, "").await?.0.id);
            }
        };
        let client = Client { id: asked.claim.1, ..self.client.clone() };
        let wish = Wish { client: &client, site, wishes };
        let appointment = match act {
            Act::Move(id, _) => {
                let why = (CancelReason::ClientAsked, "");
                diary::move_appointment(db, context, definition, &wish, *id, (asked.person, asked.start), why).await?
            }
            _ => diary::book_slot(db, context, definition, asked.claim.0, &wish, asked.person, asked.start).await?,
        };
        Ok(appointment.id)
    }
}

fn somerset() -> SiteId {
    "somerset".into()
}

fn context_of(user: &User, now: DateTime<Utc>) -> Context {
    let request_id = Some(RequestId::fresh(now));
    Context { now, user: user.clone(), request_id, language: Language::English, sees: Sees::ALL }
}

fn nine_to_five(user: UserId, now: DateTime<Utc>) -> Pattern {
    let hour = |hour| NaiveTime::MIN + TimeDelta::hours(hour);
    let shift = |weekday| Shift {
        weekday,
        week: None,
        start: hour(9),
        end: hour(17),
        activity: Activity::Meetings,
        breaks: Vec::new(),
    };
    Pattern {
        user,
        site: somerset(),
        office: Some("frome".into()),
        valid_from: now.date_naive(),
        valid_to: None,
        weeks: 1,
        shifts: [Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri].map(shift).into(),
        outside_hours: None,
    }
}

/// So many copies of the one row that a table has, each with an id of its own. With `of_client`, one for each other client,
/// and theirs.
async fn copy(db: &mut Db<'_>, table: &str, of_client: bool, most: usize) -> Outcome {
    let (fresh_id, columns_of) = match db.connection {
        Connection::Sqlite(_) => ("randomblob(16)", "SELECT name FROM pragma_table_info('TABLE')"),
        Connection::Postgres(_) => {
            ("gen_random_uuid()", "SELECT column_name::text FROM information_schema.columns WHERE table_name = 'TABLE'")
        }
    };
    let columns: Vec<String> = rows(db, &columns_of.replace("TABLE", table)).await?;
    let value = |column: &String| match column.as_str() {
        "id" => fresh_id.to_owned(),
        "client_id" if of_client => "c.id".to_owned(),
        other => format!("t.{other}"),
    };
    let values: Vec<String> = columns.iter().map(value).collect();
    let (columns, values) = (columns.join(", "), values.join(", "));
    let sql = if of_client {
        format!(
            "INSERT INTO {table} ({columns}) SELECT {values} FROM {table} t CROSS JOIN clients c WHERE c.id <> t.client_id"
        )
    } else {
        format!(
            "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {most}) \
             INSERT INTO {table} ({columns}) SELECT {values} FROM {table} t CROSS JOIN n"
        )
    };
    let sql = AssertSqlSafe(sql);
    match &mut db.connection {
        Connection::Sqlite(c) => sqlx::query(sql).execute(&mut **c).await.map(drop)?,
        Connection::Postgres(c) => sqlx::query(sql).execute(&mut **c).await.map(drop)?,
    }
    Ok(())
}

/// The first column of what a statement of our own finds.
pub async fn rows<T>(db: &mut Db<'_>, sql: &str) -> Outcome<Vec<T>>
where
    T: Send + Unpin,
    for<'r> (T,): sqlx::FromRow<'r, SqliteRow> + sqlx::FromRow<'r, PgRow>,
{
    let sql = AssertSqlSafe(sql.to_owned());
    let rows: Vec<(T,)> = match &mut db.connection {
        Connection::Sqlite(c) => sqlx::query_as(sql).fetch_all(&mut **c).await?,
        Connection::Postgres(c) => sqlx::query_as(sql).fetch_all(&mut **c).await?,
    };
    Ok(rows.into_iter().map(|(first,)| first).collect())
}
