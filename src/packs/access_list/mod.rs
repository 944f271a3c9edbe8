//! Who has looked at a client's record, on paper, for the client who asks: when, who, at what and why, in words that need no
//! knowledge of the house. Nothing is kept of it, and it is posted by nobody but whoever asked for it.
//!
//! A client is told of people and their work. What somebody wrote down when they asked for a record is between them and the
//! privacy officer, and may be about somebody else; so are the reason and the verdict, ids, and the names of methods.

mod grouping;
mod matter;

use super::access_content::{AccessList, DayTold, Someone, Span, Told};
use super::compose::{ComposeFault, Composed, Composer};
use super::content::{Layout, Look};
use super::gather;
use super::preparing::Composers;
use super::words::{Words, Writer};
use super::world::ACCESS;
use chrono::{DateTime, Utc};
pub use grouping::Most;
use grouping::{Day, Entry, Grouped};
pub use matter::Matter;
use startline_definition::Definition;
use startline_foundation::error::{Error, Result};
use startline_foundation::formats::Language;
use startline_foundation::ids::UserId;
use startline_foundation::store::{Db, Store};
use startline_rooms::access::SYSTEM_USER;
use startline_rooms::clients::Client;
use startline_rooms::records::{self, LookPlace, Looker};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Of one list: some fifty pages. What is older is for another list.
const MOST: Most = Most { entries: 600, looks: 100_000 };

const AT_A_TIME: i32 = 1_000;

/// Which looks a list is to tell of, and how.
#[derive(Debug, Clone, Default)]
pub struct ListWanted {
    pub from: Option<DateTime<Utc>>,
    pub until: Option<DateTime<Utc>>,
    /// The language in which the client is written to, when not given.
    pub language: Option<Language>,
}

/// A list as it was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessPrint {
    pub composed: Composed,
    /// How many looks it tells of.
    pub looks: usize,
    /// Whoever looked.
    pub people: usize,
    /// What was looked at before this is left for another list.
    pub earlier_until: Option<DateTime<Utc>>,
}

/// Makes the list of the looks at this client's record. Takes some tens of milliseconds of a processor for each ten pages, on
/// a thread of its own; no transaction is open meanwhile.
///
/// # Errors
/// `NotFound`; `Illegal` when something in it cannot be printed.
pub async fn print_access(
    database: &Store,
    composers: &Composers,
    definition: &Definition,
    client: &Client,
    wanted: &ListWanted,
    now: DateTime<Utc>,
) -> Result<AccessPrint> {
    let composer = composer(composers, definition)?;
    let mut reader = database.read().await?;
    let (grouped, goes_on) = read(&mut reader.db(), definition, client, wanted).await?;
    let erased_until = records::looks_erased_until(&mut reader.db()).await?;
    drop(reader);
    let sources = Sources { definition, words: composer.words(), client, wanted, erased_until, now };
    let content = sources.content(&grouped, goes_on)?;
    let composed = tokio::task::spawn_blocking(move || composer.compose_access_list(&content))
        .await
        .map_err(|fault| Error::internal(format!("composing a list of looks failed: {fault}")))?
        .map_err(|fault| match fault {
            ComposeFault::Unprintable(_) => Error::illegal("COPY_CANNOT_BE_PRINTED", fault.to_string()),
            ComposeFault::Template(_) => Error::internal(fault),
        })?;
    let earlier_until = goes_on.then(|| grouped.days.last().map(|last| definition.calendar.day_bounds(last.day).0));
    let people = grouped.people().len();
    Ok(AccessPrint { composed, looks: grouped.looks, people, earlier_until: earlier_until.flatten() })
}

/// Definitions written before there was such a list have the pilot's letters for it, in their own fonts.
fn composer(composers: &Composers, definition: &Definition) -> Result<Arc<Composer>> {
    if definition.files().contains_key(ACCESS) {
        return composers.of(definition);
    }
    let letters = Definition::embedded();
    let letters = letters.files().iter().filter(|(path, _)| path.starts_with("letters/"));
    let fonts = definition.files().iter().filter(|(path, _)| path.starts_with("fonts/"));
    let files = letters.chain(fonts).map(|(path, bytes)| (path.clone(), bytes.clone())).collect();
    Composer::new(&files).map(Arc::new).map_err(Error::internal)
}

/// The looks by day and person, and whether some are left for another list.
async fn read(
    db: &mut Db<'_>,
    definition: &Definition,
    client: &Client,
    wanted: &ListWanted,
) -> Result<(Grouped, bool)> {
    let looker = Looker { client: Some(client.id), from: wanted.from, until: wanted.until, ..Looker::default() };
    let (mut grouped, mut after) = (Grouped::default(), None::<LookPlace>);
    loop {
        let some = records::looks(db, &looker, after, AT_A_TIME).await?;
        let Some((last, _)) = some.last() else { return Ok((grouped.in_order(), false)) };
        after = Some((last.at, last.id));
        for (look, name) in &some {
            if !grouped.add(&definition.calendar, look, name, MOST) {
                return Ok((grouped.in_order(), true));
            }
        }
    }
}

/// All that such a list is made from.
pub struct Sources<'a> {
    pub definition: &'a Definition,
    pub words: &'a Words,
    pub client: &'a Client,
    pub wanted: &'a ListWanted,
    /// Looks before this are not kept any more.
    pub erased_until: Option<DateTime<Utc>>,
    pub now: DateTime<Utc>,
}

impl Sources<'_> {
    fn language(&self) -> Language {
        self.wanted.language.unwrap_or(self.client.facts.letter_language)
    }

    /// What a list of these looks says, the newest first.
    pub fn of_looks(&self, looks: &[(records::Look, String)], most: Most) -> Result<AccessList> {
        let mut grouped = Grouped::default();
        let is_whole = looks.iter().all(|(look, name)| grouped.add(&self.definition.calendar, look, name, most));
        self.content(&grouped.in_order(), !is_whole)
    }

    fn content(&self, grouped: &Grouped, goes_on: bool) -> Result<AccessList> {
        let layout = match self.language() {
            Language::English => Layout::English,
            Language::Welsh => Layout::SideBySide,
        };
        let writer = Writer { words: self.words, layout };
        let calendar = &self.definition.calendar;
        let site = self.definition.site_or_fault(&self.client.home_site)?;
        let (first, last) = (grouped.days.last(), grouped.days.first());
        let span = first
            .zip(last)
            .map(|(first, last)| Span { first_day: writer.day(first.day), last_day: writer.day(last.day) });
        Ok(AccessList {
            look: Look { layout, large_print: self.client.facts.large_print },
            composed_at: self.now,
            client_name: self.client.full_name(),
            service_name: writer.text(&self.definition.service.name),
            site: gather::sender(&writer, site, ""),
            made_on: writer.day(calendar.local_date(self.now)),
            span,
            people: grouped.people().into_iter().map(|((name, user), of)| self.someone(name, user, &of)).collect(),
            days: grouped.days.iter().map(|day| self.day(&writer, day)).collect(),
            goes_on_before: first.filter(|_| goes_on).map(|first| writer.day(first.day)),
            erased_before: self.erased_until.map(|until| writer.day(calendar.local_date(until))),
        })
    }

    fn someone(&self, name: &str, user: UserId, of: &OnTheList<'_>) -> Someone {
        let work: BTreeSet<String> = of.entries.iter().map(|entry| self.work(entry)).collect();
        let work: Vec<String> = work.into_iter().collect();
        Someone { name: self.name(name, user), work: work.join("; "), days: of.days.len().to_string() }
    }

    fn day(&self, writer: &Writer<'_>, day: &Day) -> DayTold {
        let entries = day.entries.iter().map(|entry| Told {
            name: self.name(&entry.name, entry.user),
            work: self.work(entry),
            times: self.times(entry),
            what: entry.what.iter().map(|what| self.word("what", what.as_str())).collect(),
            why: entry.why.iter().map(|why| self.word("why", why.as_str())).collect(),
        });
        let mut title = writer.day(day.day);
        title.texts_mut().for_each(|text| *text = capitalised(text));
        DayTold { title, entries: entries.collect() }
    }

    /// What the command line does has nobody's name.
    fn name(&self, name: &str, user: UserId) -> String {
        if user == SYSTEM_USER { self.word("name", "operator") } else { name.to_owned() }
    }

    fn work(&self, entry: &Entry) -> String {
        let role = entry.role.map(|role| self.word("role", &role.as_str().replace('-', "_")));
        let site = entry.site.as_ref().and_then(|site| self.definition.site(site));
        let site = site.map(|site| site.name.in_language(self.language()).to_owned());
        role.into_iter().chain(site).collect::<Vec<_>>().join(", ")
    }

    fn times(&self, entry: &Entry) -> String {
        let calendar = &self.definition.calendar;
        let time = |at| super::words::time_in_words(calendar.local_time(at), self.language());
        let (first, last) = (time(entry.first), time(entry.last));
        if first == last {
            return first;
        }
        let wording = self.words.get("access", "times", self.language());
        wording.replace("{from}", &first).replace("{to}", &last)
    }

    fn word(&self, sort: &str, word: &str) -> String {
        self.words.get("access", &format!("{sort}_{word}"), self.language()).to_owned()
    }
}

/// As a heading begins.
fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// All of one person's.
#[derive(Default)]
struct OnTheList<'a> {
    entries: Vec<&'a Entry>,
    days: BTreeSet<chrono::NaiveDate>,
}

impl Grouped {
    /// Whoever is on the list, by name.
    fn people(&self) -> BTreeMap<(&str, UserId), OnTheList<'_>> {
        let mut people: BTreeMap<(&str, UserId), OnTheList<'_>> = BTreeMap::new();
        for day in &self.days {
            for entry in &day.entries {
                let of = people.entry((&entry.name, entry.user)).or_default();
                of.entries.push(entry);
                of.days.insert(day.day);
            }
        }
        people
    }
}
