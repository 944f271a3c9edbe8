//! Client records in the database.

use super::{Client, Contact, Death, Facts, Half, LetterLayout, LetterTo, LettersAddress, Within};
use crate::access::push_seen;
use chrono::{DateTime, NaiveDate, Utc};
use sqlx::types::Json;
use startline_foundation::error::{Error, Result};
use startline_foundation::events::Topic;
use startline_foundation::formats::{FOLD_VERSION, Language, Nino, Postcode, UkPhone};
use startline_foundation::ids::{ClientId, SiteId, UserId};
use startline_foundation::store::{Db, execute, on_engine};

#[derive(sqlx::FromRow)]
struct ClientRow {
    id: ClientId,
    revision: i32,
    title: String,
    other_names: String,
    last_name: String,
    date_of_birth: Option<NaiveDate>,
    nino: Option<String>,
    phone: Option<String>,
    address_lines: Json<Vec<String>>,
    postcode: Option<String>,
    talk_language: String,
    letter_language: String,
    special_needs: String,
    call_needs: Json<Vec<String>>,
    large_print: bool,
    letters_format: String,
    letter_layout: String,
    letters_address: Option<Json<LettersAddress>>,
    address_half: String,
    contact: Option<Json<Contact>>,
    home_site: SiteId,
    first_contact_at: DateTime<Utc>,
    matter_over_at: Option<DateTime<Utc>>,
    died_on: Option<NaiveDate>,
    death_told_by: Option<String>,
    death_letter_to: Option<Json<LetterTo>>,
    death_recorded_at: Option<DateTime<Utc>>,
    death_recorded_by: Option<UserId>,
}

impl TryFrom<ClientRow> for Client {
    type Error = Error;

    fn try_from(row: ClientRow) -> Result<Self> {
        let language = |text: &str| Language::parse(text).map_err(Error::internal);
        let facts = Facts {
            title: row.title,
            other_names: row.other_names,
            last_name: row.last_name,
            date_of_birth: row.date_of_birth,
            nino: row.nino.as_deref().map(Nino::parse).transpose().map_err(Error::internal)?,
            phone: row.phone.as_deref().map(UkPhone::stored).transpose().map_err(Error::internal)?,
            address_lines: row.address_lines.0,
            postcode: row.postcode.as_deref().map(Postcode::parse).transpose().map_err(Error::internal)?,
            talk_language: language(&row.talk_language)?,
            letter_language: language(&row.letter_language)?,
            special_needs: row.special_needs,
            call_needs: row.call_needs.0,
            large_print: row.large_print,
            letters_format: row.letters_format,
            letter_layout: LetterLayout::chosen(&row.letter_layout).map_err(Error::internal)?,
            letters_address: row.letters_address.map(|stored| stored.0),
            half: Half::parse(&row.address_half),
            contact: row.contact.map(|stored| stored.0).unwrap_or_default(),
        };
        let recorded = row.death_recorded_at.zip(row.death_recorded_by);
        let death = recorded.map(|(recorded_at, recorded_by)| Death {
            died_on: row.died_on,
            told_by: row.death_told_by.unwrap_or_default(),
            letter_to: row.death_letter_to.map(|stored| stored.0),
            recorded_at,
            recorded_by,
        });
        Ok(Client {
            id: row.id,
            revision: row.revision,
            facts,
            home_site: row.home_site,
            first_contact_at: row.first_contact_at,
            matter_over_at: row.matter_over_at,
            death,
        })
    }
}

/// Binds what INSERT and UPDATE share, in the order of the columns.
macro_rules! bind_facts {
    ($query:expr, $client:expr) => {
        $query
            .bind(&$client.facts.title)
            .bind(&$client.facts.other_names)
            .bind(&$client.facts.last_name)
            .bind(super::facts::name_key(&$client.facts.last_name))
            .bind($client.facts.date_of_birth)
            .bind($client.facts.nino.as_ref().map(|n| n.as_str().to_owned()))
            .bind($client.facts.phone.as_ref().map(|p| p.e164().to_owned()))
            .bind(Json(&$client.facts.address_lines))
            .bind($client.facts.postcode.as_ref().map(|p| p.as_str().to_owned()))
            .bind($client.facts.talk_language.as_str())
            .bind($client.facts.letter_language.as_str())
            .bind(&$client.facts.special_needs)
            .bind(Json(&$client.facts.call_needs))
            .bind($client.facts.large_print)
            .bind($client.facts.letter_layout.as_str())
            .bind($client.facts.letters_address.as_ref().map(Json))
            .bind($client.facts.half.map_or("", Half::as_str))
            .bind(FOLD_VERSION)
            .bind(&$client.facts.letters_format)
            .bind(Some(&$client.facts.contact).filter(|contact| !contact.is_empty()).map(Json))
            .bind($client.home_site.clone())
    };
}

pub async fn insert(db: &mut Db<'_>, client: &Client) -> Result<()> {
    let sql = "INSERT INTO clients (title, other_names, last_name, last_name_key, date_of_birth, nino, phone, \
               address_lines, postcode, talk_language, letter_language, special_needs, call_needs, \
               large_print, letter_layout, letters_address, address_half, last_name_fold, letters_format, contact, home_site, id, \
               revision, first_contact_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, \
               $17, $18, $19, $20, $21, $22, $23, $24)";
    execute!(
        db,
        bind_facts!(sqlx::query(sql), client).bind(client.id).bind(client.revision).bind(client.first_contact_at)
    )?;
    db.after_commit(Topic::Client(client.id));
    Ok(())
}

/// False when the revision is no longer `seen_revision`.
pub async fn update(db: &mut Db<'_>, client: &Client, seen_revision: i32) -> Result<bool> {
    let sql = "UPDATE clients SET title = $1, other_names = $2, last_name = $3, last_name_key = $4, \
               date_of_birth = $5, nino = $6, phone = $7, address_lines = $8, postcode = $9, talk_language = $10, \
               letter_language = $11, special_needs = $12, call_needs = $13, large_print = $14, \
               letter_layout = $15, letters_address = $16, address_half = $17, last_name_fold = $18, \
               letters_format = $19, contact = $20, home_site = $21, revision = $22 WHERE id = $23 AND revision = $24";
    let changed =
        execute!(db, bind_facts!(sqlx::query(sql), client).bind(client.revision).bind(client.id).bind(seen_revision))?;
    db.after_commit(Topic::Client(client.id));
    Ok(changed == 1)
}

/// The death alone, and the revision. False when the revision is no longer `seen_revision`.
pub async fn save_death(db: &mut Db<'_>, client: &Client, seen_revision: i32) -> Result<bool> {
    let sql = "UPDATE clients SET died_on = $1, death_told_by = $2, death_letter_to = $3, death_recorded_at = $4, \
               death_recorded_by = $5, revision = $6 WHERE id = $7 AND revision = $8";
    let death = client.death.as_ref();
    let changed = execute!(
        db,
        sqlx::query(sql)
            .bind(death.and_then(|death| death.died_on))
            .bind(death.map(|death| death.told_by.clone()))
            .bind(death.and_then(|death| death.letter_to.as_ref()).map(Json))
            .bind(death.map(|death| death.recorded_at))
            .bind(death.map(|death| death.recorded_by))
            .bind(client.revision)
            .bind(client.id)
            .bind(seen_revision)
    )?;
    db.after_commit(Topic::Client(client.id));
    Ok(changed == 1)
}

const COLUMNS: &str = "id, revision, title, other_names, last_name, date_of_birth, nino, phone, address_lines, \
                       postcode, talk_language, letter_language, special_needs, call_needs, large_print, \
                       letter_layout, letters_address, address_half, letters_format, contact, home_site, first_contact_at, matter_over_at, \
                       died_on, death_told_by, death_letter_to, death_recorded_at, death_recorded_by";

pub async fn by_id(db: &mut Db<'_>, id: ClientId) -> Result<Option<Client>> {
    one(db, id, "").await
}

/// The record, kept from others until the transaction ends.
pub async fn for_update(db: &mut Db<'_>, id: ClientId) -> Result<Option<Client>> {
    // Nobody works on a record that was erased.
    let lock = format!(" AND erased_at IS NULL{}", db.for_update());
    one(db, id, &lock).await
}

/// The record, which nobody changes until the transaction ends.
pub async fn for_share(db: &mut Db<'_>, id: ClientId) -> Result<Option<Client>> {
    let lock = format!(" AND erased_at IS NULL{}", db.for_share());
    one(db, id, &lock).await
}

/// Everybody who has, or will have, or had one.
pub async fn letters_addresses(db: &mut Db<'_>) -> Result<Vec<(ClientId, LettersAddress)>> {
    let sql = "SELECT id, letters_address FROM clients WHERE letters_address IS NOT NULL ORDER BY id";
    let rows: Vec<(ClientId, Json<LettersAddress>)> = on_engine!(db, c => sqlx::query_as(sql).fetch_all(c).await)?;
    Ok(rows.into_iter().map(|(id, letters)| (id, letters.0)).collect())
}

async fn one(db: &mut Db<'_>, id: ClientId, lock: &str) -> Result<Option<Client>> {
    let sql = format!("SELECT {COLUMNS} FROM clients WHERE id = $1{lock}");
    let row: Option<ClientRow> =
        on_engine!(db, c => sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(id).fetch_optional(c).await)?;
    row.map(Client::try_from).transpose()
}

#[derive(Debug, Clone)]
pub struct Wanted {
    pub phone: Option<String>,
    pub nino: Option<String>,
    pub last_name_key: Option<String>,
    pub date_of_birth: Option<NaiveDate>,
}

pub async fn find(
    db: &mut Db<'_>,
    wanted: &Wanted,
    within: Option<&Within>,
    after: Option<ClientId>,
    most: i32,
) -> Result<Vec<Client>> {
    let rows: Vec<ClientRow> = on_engine!(db, c => {
        let mut query = sqlx::QueryBuilder::new("SELECT ");
        query.push(COLUMNS).push(" FROM clients WHERE 1 = 1");
        if let Some(phone) = &wanted.phone {
            query.push(" AND phone = ").push_bind(phone);
        }
        if let Some(nino) = &wanted.nino {
            query.push(" AND nino = ").push_bind(nino);
        }
        if let Some(key) = &wanted.last_name_key {
            query.push(" AND last_name_key = ").push_bind(key);
        }
        if let Some(born) = wanted.date_of_birth {
            query.push(" AND date_of_birth = ").push_bind(born);
        }
        if let Some(within) = within {
            query.push(" AND (1 = 0");
            if !within.sites.is_empty() {
                query.push(" OR home_site IN (");
                let mut list = query.separated(", ");
                for site in &within.sites {
                    list.push_bind(site.clone());
                }
                query.push(") OR EXISTS (SELECT 1 FROM claims k WHERE k.client_id = clients.id AND k.site IN (");
                let mut list = query.separated(", ");
                for site in &within.sites {
                    list.push_bind(site.clone());
                }
                query.push("))");
            }
            if !within.offices.is_empty() || within.personal_adviser.is_some() {
                query.push(" OR EXISTS (SELECT 1 FROM appointments a WHERE a.client_id = clients.id AND a.starts_at > ");
                query.push_bind(within.meetings_after);
                query.push(" AND a.state NOT IN ('held', 'released') AND (a.personal_adviser_id = ");
                query.push_bind(within.personal_adviser);
                for office in &within.offices {
                    query.push(" OR a.office = ").push_bind(office.clone());
                }
                query.push("))");
            }
            if let Some(site) = &within.steps_at {
                query.push(" OR (EXISTS (SELECT 1 FROM steps s JOIN claims k ON k.id = s.claim_id ");
                // What is the desk's is no reason for those who meet clients.
                query.push("WHERE k.client_id = clients.id AND s.done_at IS NULL AND s.kind NOT IN ");
                query.push("('finish-start-up', 'lodge-now', 'date-runs-out', 'date-lost') AND s.site = ");
                query.push_bind(site.clone()).push(")");
                if let Some(seen) = &within.seen {
                    push_seen(&mut query, "clients.id", seen, within.now);
                }
                query.push(")");
            }
            query.push(")");
        }
        if let Some(after) = after {
            query.push(" AND id > ").push_bind(after);
        }
        query.push(" ORDER BY id LIMIT ").push_bind(most);
        query.build_query_as().fetch_all(c).await
    })?;
    rows.into_iter().map(Client::try_from).collect()
}

/// Numbers whose client needs more than an adviser who speaks English: the number, whether Welsh is spoken, the words.
pub async fn numbers_with_needs(db: &mut Db<'_>) -> Result<Vec<(String, bool, Vec<String>)>> {
    let sql = "SELECT phone, talk_language, call_needs FROM clients \
               WHERE phone IS NOT NULL AND death_recorded_at IS NULL AND (talk_language = 'cy' OR call_needs <> '[]')";
    let rows: Vec<(String, String, Json<Vec<String>>)> = on_engine!(db, c => sqlx::query_as(sql).fetch_all(c).await)?;
    Ok(rows.into_iter().map(|(phone, language, needs)| (phone, language == "cy", needs.0)).collect())
}

/// Moves the date of first contact back, never forward.
pub async fn first_contact_at_latest(db: &mut Db<'_>, id: ClientId, at: DateTime<Utc>) -> Result<()> {
    let sql = "UPDATE clients SET first_contact_at = $1 WHERE id = $2 AND first_contact_at > $1";
    execute!(db, sqlx::query(sql).bind(at).bind(id))?;
    db.after_commit(Topic::Client(id));
    Ok(())
}

/// Moves the date of first contact forward, where what it was about is over: false where it is not.
pub async fn first_contact_anew(
    db: &mut Db<'_>,
    id: ClientId,
    (at, now): (DateTime<Utc>, DateTime<Utc>),
) -> Result<bool> {
    let sql = "UPDATE clients SET first_contact_at = $1, matter_over_at = NULL WHERE id = $2 AND matter_over_at <= $3";
    let done = execute!(db, sqlx::query(sql).bind(at).bind(id).bind(now))?;
    db.after_commit(Topic::Client(id));
    Ok(done == 1)
}

pub async fn matter_over(db: &mut Db<'_>, id: ClientId, at: Option<DateTime<Utc>>) -> Result<()> {
    execute!(db, sqlx::query("UPDATE clients SET matter_over_at = $1 WHERE id = $2").bind(at).bind(id))?;
    db.after_commit(Topic::Client(id));
    Ok(())
}

/// The first time stays.
pub async fn spoken_with(db: &mut Db<'_>, id: ClientId, at: DateTime<Utc>) -> Result<()> {
    let sql = "UPDATE clients SET spoken_with_at = $1 WHERE id = $2 AND spoken_with_at IS NULL";
    execute!(db, sqlx::query(sql).bind(at).bind(id))?;
    Ok(())
}

pub async fn was_spoken_with(db: &mut Db<'_>, id: ClientId) -> Result<bool> {
    let sql = "SELECT id FROM clients WHERE id = $1 AND spoken_with_at IS NOT NULL";
    let row: Option<(ClientId,)> = on_engine!(db, c => sqlx::query_as(sql).bind(id).fetch_optional(c).await)?;
    Ok(row.is_some())
}

/// Some of those whose name was folded by another rule than today's: id and last name.
pub async fn folded_before(db: &mut Db<'_>, most: i32) -> Result<Vec<(ClientId, String)>> {
    let sql = "SELECT id, last_name FROM clients WHERE last_name_fold < $1 OR last_name_fold > $1 LIMIT $2";
    Ok(on_engine!(db, c => sqlx::query_as(sql).bind(FOLD_VERSION).bind(most).fetch_all(c).await)?)
}

/// The key by which a name is found, while it is still that name.
pub async fn fold(db: &mut Db<'_>, id: ClientId, last_name: &str) -> Result<()> {
    let sql = "UPDATE clients SET last_name_key = $1, last_name_fold = $2 WHERE id = $3 AND last_name = $4";
    let key = super::facts::name_key(last_name);
    execute!(db, sqlx::query(sql).bind(key).bind(FOLD_VERSION).bind(id).bind(last_name))?;
    db.after_commit(Topic::Client(id));
    Ok(())
}
