//! That a client died: since when it is known, by whom, and who would like a letter about it. Nothing is sent in their name
//! from then on, and nothing new begins for them.

use super::checking::{Faults, optional};
use super::{Client, stale, store};
use crate::access::{Context, audit};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use startline_foundation::error::{Error, FieldFault, Result};
use startline_foundation::formats::limits::NAME_CHARS;
use startline_foundation::formats::{Language, Postcode, parse_date, person_name, required_line};
use startline_foundation::ids::{ClientId, UserId};
use startline_foundation::store::{Db, Job};

/// Who said so, in characters: a name, and what they were to the client.
const TOLD_BY_CHARS: usize = 200;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Death {
    /// A local day; none when it is not known.
    pub died_on: Option<NaiveDate>,
    /// Who told us, in words.
    pub told_by: String,
    /// Whoever told us and would like a letter that says what was stopped.
    pub letter_to: Option<LetterTo>,
    pub recorded_at: DateTime<Utc>,
    pub recorded_by: UserId,
}

/// Whom such a letter goes to, who is no client of ours for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LetterTo {
    pub name: String,
    pub lines: Vec<String>,
    pub postcode: Postcode,
    pub language: Language,
}

/// Write to whoever told us.
#[derive(Debug, Serialize, Deserialize)]
pub struct WriteDeath {
    pub client_id: ClientId,
}

impl Job for WriteDeath {
    const NAME: &'static str = "write_death";
    const ROOM: &'static str = "packs";
}

/// As somebody typed it.
#[derive(Debug, Clone, Default)]
pub struct DeathDraft {
    pub died_on: String,
    pub told_by: String,
    pub letter_to: Option<LetterToDraft>,
}

#[derive(Debug, Clone, Default)]
pub struct LetterToDraft {
    pub name: String,
    pub lines: Vec<String>,
    pub postcode: String,
    pub language: String,
}

impl DeathDraft {
    /// # Errors
    /// Every field that cannot be meant.
    fn check(&self, context: &Context, born: Option<NaiveDate>, today: NaiveDate) -> Result<Death> {
        let told_by = required_line("told_by", &self.told_by, TOLD_BY_CHARS, "is needed: who told us?")?;
        let died_on = optional(&self.died_on, parse_date).map_err(|reason| Error::invalid("died_date", reason))?;
        if died_on.is_some_and(|day| day > today) {
            return Err(Error::invalid("died_date", "is in the future"));
        }
        if died_on.zip(born).is_some_and(|(day, born)| day < born) {
            return Err(Error::invalid("died_date", "is before the client was born"));
        }
        let letter_to = self.letter_to.as_ref().map(LetterToDraft::check).transpose()?;
        Ok(Death { died_on, told_by, letter_to, recorded_at: context.now, recorded_by: context.user.id })
    }
}

impl LetterToDraft {
    fn check(&self) -> Result<LetterTo> {
        let mut faults = Faults::default();
        let name = faults.take("letter_to.name", needed(&self.name));
        let lines = faults.lines("letter_to.address_lines", &self.lines);
        if lines.is_empty() {
            faults.take::<()>("letter_to.address_lines", Err("is needed: where does the letter go?".into()));
        }
        let postcode = faults.take("letter_to.postcode", Postcode::parse(&self.postcode).map(Some));
        let language = faults.take("letter_to.language", Language::parse(&self.language));
        match postcode.filter(|_| faults.0.is_empty()) {
            Some(postcode) => Ok(LetterTo { name, lines, postcode, language }),
            None => Err(Error::Invalid(faults.0.into_iter().map(of_the_request).collect())),
        }
    }
}

/// It is no fact of the record that is at fault.
fn of_the_request(fault: FieldFault) -> FieldFault {
    let field = fault.field.trim_start_matches("facts.").to_owned();
    FieldFault { field, ..fault }
}

fn needed(name: &str) -> std::result::Result<String, String> {
    match person_name(name, NAME_CHARS)? {
        name if name.is_empty() => Err("is needed: whom does the letter greet?".into()),
        name => Ok(name),
    }
}

impl Client {
    /// Nothing begins for somebody who died.
    ///
    /// # Errors
    /// `Illegal` once their death is recorded.
    pub fn check_living(&self) -> Result<()> {
        match &self.death {
            None => Ok(()),
            Some(_) => Err(Error::illegal(
                "CLIENT_DIED",
                "this client died: nothing begins for them, and nothing is sent in their name",
            )),
        }
    }
}

/// Keeps that the client died. What follows from it is for others.
///
/// # Errors
/// `Illegal` when it is known already; `Stale` when somebody else changed the record.
pub async fn record_death(
    db: &mut Db<'_>,
    context: &Context,
    (id, seen_revision): (ClientId, i32),
    draft: &DeathDraft,
    today: NaiveDate,
) -> Result<Client> {
    let mut client = locked(db, id).await?;
    if client.death.is_some() {
        return Err(Error::illegal("DEATH_RECORDED", "that this client died is recorded already"));
    }
    client.death = Some(draft.check(context, client.facts.date_of_birth, today)?);
    keep(db, &mut client, seen_revision).await?;
    audit(db, context, "death_recorded", "client", &id).await?;
    Ok(client)
}

/// It was somebody else, or a mistake. What was called off stays so: whoever finds out begins it again with the client.
///
/// # Errors
/// `Illegal` when no death is recorded; `Stale` when somebody else changed the record.
pub async fn take_back_death(
    db: &mut Db<'_>,
    context: &Context,
    (id, seen_revision): (ClientId, i32),
) -> Result<Client> {
    let mut client = locked(db, id).await?;
    if client.death.take().is_none() {
        return Err(Error::illegal("NO_DEATH_RECORDED", "no death of this client is recorded"));
    }
    keep(db, &mut client, seen_revision).await?;
    audit(db, context, "death_taken_back", "client", &id).await?;
    Ok(client)
}

async fn locked(db: &mut Db<'_>, id: ClientId) -> Result<Client> {
    store::for_update(db, id).await?.ok_or_else(|| Error::not_found(ClientId::WHAT, id))
}

async fn keep(db: &mut Db<'_>, client: &mut Client, seen_revision: i32) -> Result<()> {
    if client.revision != seen_revision {
        return Err(stale());
    }
    client.revision += 1;
    match store::save_death(db, client, seen_revision).await? {
        true => Ok(()),
        false => Err(stale()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_letter_about_a_death_has_a_name_and_a_whole_address() {
        let whole = LetterToDraft {
            name: "Mrs Ann Fry".into(),
            lines: vec!["4 Catherine Hill".into(), "Frome".into()],
            postcode: "ba11 1bl".into(),
            language: String::new(),
        };
        assert_eq!(whole.check().unwrap().postcode.to_string(), "BA11 1BL");
        let fields = |draft: LetterToDraft| match draft.check() {
            Err(Error::Invalid(faults)) => faults.into_iter().map(|fault| fault.field).collect::<Vec<_>>(),
            other => panic!("{other:?}"),
        };
        assert_eq!(fields(LetterToDraft { name: String::new(), ..whole.clone() }), ["letter_to.name"]);
        assert_eq!(fields(LetterToDraft { lines: Vec::new(), ..whole.clone() }), ["letter_to.address_lines"]);
        let nothing = fields(LetterToDraft::default());
        assert_eq!(nothing, ["letter_to.name", "letter_to.address_lines", "letter_to.postcode"]);
    }
}
