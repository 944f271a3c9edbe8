//! Pages of a list, by key: a page begins after the entry that the one before it ended with, so that none is skipped
//! because another has gone meanwhile, and none is told twice because one has come.

use super::convert::bad_token;
use chrono::{DateTime, NaiveDate, Utc};
use startline_foundation::error::{Error, Result};
use startline_foundation::ids::{
    AppointmentId, BlockId, CallbackId, ClaimId, ClientId, ContingencyId, FeedId, JobId, LookId, MissedCallerId,
    PackExceptionId, PackId, PrintJobId, QueryId, QuestionId, RecordRequestId, ReminderId, StandbyId, StepId, UserId,
    WalkId,
};

/// A request for a page.
pub trait Paged {
    /// `page_size` and `page_token`.
    fn page(&self) -> (i32, &str);
}

/// Part of what an entry is found by, as it stands in a token. No part but the last may have a `~` in it.
pub trait Key: Sized {
    fn write(&self) -> String;
    fn read(text: &str) -> Option<Self>;
}

macro_rules! ids_as_keys {
    ($($id:ident),* $(,)?) => {$(
        impl Key for $id {
            fn write(&self) -> String {
                self.to_string()
            }

            fn read(text: &str) -> Option<Self> {
                Self::parse("page_token", text).ok()
            }
        }
    )*};
}

macro_rules! words_as_keys {
    ($($word:ty),* $(,)?) => {$(
        impl Key for $word {
            fn write(&self) -> String {
                self.to_string()
            }

            fn read(text: &str) -> Option<Self> {
                text.parse().ok()
            }
        }
    )*};
}

ids_as_keys!(
    AppointmentId,
    BlockId,
    CallbackId,
    ClaimId,
    ClientId,
    ContingencyId,
    FeedId,
    JobId,
    LookId,
    MissedCallerId,
    PackExceptionId,
    PackId,
    PrintJobId,
    QueryId,
    RecordRequestId,
    ReminderId,
    StandbyId,
    StepId,
    UserId,
    WalkId,
);
words_as_keys!(bool, i32, u32, usize, NaiveDate, String);

impl Key for DateTime<Utc> {
    fn write(&self) -> String {
        self.timestamp_micros().to_string()
    }

    fn read(text: &str) -> Option<Self> {
        DateTime::from_timestamp_micros(text.parse().ok()?)
    }
}

impl Key for QuestionId {
    fn write(&self) -> String {
        self.to_string()
    }

    fn read(text: &str) -> Option<Self> {
        Some(Self::new(text))
    }
}

impl<A: Key, B: Key> Key for (A, B) {
    fn write(&self) -> String {
        format!("{}~{}", self.0.write(), self.1.write())
    }

    fn read(text: &str) -> Option<Self> {
        let (first, rest) = text.split_once('~')?;
        Some((A::read(first)?, B::read(rest)?))
    }
}

impl<A: Key, B: Key, C: Key> Key for (A, B, C) {
    fn write(&self) -> String {
        format!("{}~{}~{}", self.0.write(), self.1.write(), self.2.write())
    }

    fn read(text: &str) -> Option<Self> {
        let ((first, second), third) = {
            let (first, rest) = text.split_once('~')?;
            let (second, third) = rest.split_once('~')?;
            ((first, second), third)
        };
        Some((A::read(first)?, B::read(second)?, C::read(third)?))
    }
}

/// The page that was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<K> {
    size: usize,
    /// The entry that the page before it ended with.
    pub after: Option<K>,
}

impl<K: Key> Page<K> {
    /// The usual number of entries when none is given, and never more than `most`.
    ///
    /// # Errors
    /// `Invalid` for a negative size, and for a token that this method did not give.
    pub fn of(asked: &impl Paged, usual: u16, most: u16) -> Result<Self> {
        let (size, token) = asked.page();
        let size = match u16::try_from(size) {
            Ok(0) => usual,
            Ok(given) => given.min(most),
            Err(_) if size < 0 => return Err(Error::invalid("page_size", "must not be negative")),
            Err(_) => most,
        };
        let after = match token {
            "" => None,
            token => Some(K::read(token).ok_or_else(bad_token)?),
        };
        Ok(Self { size: size.into(), after })
    }

    pub fn size(&self) -> i32 {
        i32::try_from(self.size).unwrap_or(i32::MAX)
    }

    /// How many to read: one more than are shown, to know whether there are more.
    pub fn most(&self) -> i32 {
        i32::try_from(self.size + 1).unwrap_or(i32::MAX)
    }

    /// What is shown of those that were read after the one named, and the token of the next page.
    pub fn cut<T>(&self, mut found: Vec<T>, key: impl Fn(&T) -> K) -> (Vec<T>, String) {
        let more = found.len() > self.size;
        found.truncate(self.size);
        let next = found.last().filter(|_| more).map(|last| key(last).write());
        (found, next.unwrap_or_default())
    }

    /// The same of a whole list that is at hand; it is told in the order of its keys.
    pub fn cut_whole<T>(&self, mut all: Vec<T>, key: impl Fn(&T) -> K) -> (Vec<T>, String)
    where
        K: Ord,
    {
        all.sort_by_key(&key);
        if let Some(after) = &self.after {
            let start = all.partition_point(|entry| key(entry) <= *after);
            all.drain(..start);
        }
        self.cut(all, key)
    }
}

/// A page of what is ranked anew each time, the best first. Its token names how many were shown and the newest of them: the
/// next page begins after the last of these that is still there, so that what went from before them skips nobody. When all
/// of them have gone it begins where as many as were shown would end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RankedPage<K> {
    size: usize,
    shown: usize,
    newest: Vec<K>,
}

/// Entries that a token names.
const NAMED: usize = 4;

impl<K: Key + PartialEq> RankedPage<K> {
    /// As [`Page::of`].
    ///
    /// # Errors
    /// As [`Page::of`].
    pub fn of(asked: &impl Paged, usual: u16, most: u16) -> Result<Self> {
        /// No list is longer than this.
        const FURTHEST: usize = 10_000;
        let Page { size, after } = Page::<String>::of(asked, usual, most)?;
        let Some(token) = after else { return Ok(Self { size, shown: 0, newest: Vec::new() }) };
        let mut parts = token.split('|');
        let shown = parts.next().and_then(usize::read).filter(|shown| *shown <= FURTHEST).ok_or_else(bad_token)?;
        let newest: Option<Vec<K>> = parts.take(NAMED).map(K::read).collect();
        Ok(Self { size, shown, newest: newest.ok_or_else(bad_token)? })
    }

    /// How many to rank, so that the page is among them.
    pub fn most(&self) -> usize {
        self.shown + self.size + 1
    }

    pub fn cut<T>(&self, mut all: Vec<T>, key: impl Fn(&T) -> K) -> (Vec<T>, String) {
        let last_of_the_shown = all.iter().rposition(|entry| self.newest.contains(&key(entry)));
        let start = last_of_the_shown.map_or(self.shown, |last| last + 1).min(all.len());
        all.drain(..start);
        let more = all.len() > self.size;
        all.truncate(self.size);
        let newest: Vec<String> = all.iter().rev().take(NAMED).map(|entry| key(entry).write()).collect();
        let next = more.then(|| format!("{}|{}", self.shown + all.len(), newest.join("|")));
        (all, next.unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    struct Asked(i32, String);

    impl Paged for Asked {
        fn page(&self) -> (i32, &str) {
            (self.0, &self.1)
        }
    }

    fn page<K: Key>(size: i32, token: &str) -> Result<Page<K>> {
        Page::of(&Asked(size, token.into()), 20, 100)
    }

    #[test]
    fn sizes_and_tokens_that_cannot_be_are_refused() {
        assert_eq!(page::<i32>(0, "").unwrap().most(), 21);
        assert_eq!(page::<i32>(1_000_000, "").unwrap().most(), 101);
        assert!(page::<i32>(-1, "").is_err());
        for token in ["x", "1~", "2026-03-03~", "~"] {
            assert!(page::<(NaiveDate, i32)>(5, token).is_err(), "{token}");
        }
        for token in ["", "x", "99999999|1", "1|x"] {
            let read = RankedPage::<i32>::of(&Asked(5, token.into()), 20, 100);
            assert_eq!(read.is_ok(), token.is_empty(), "{token}");
        }
    }

    #[test]
    fn keys_survive_the_way_out_and_in() {
        let at: DateTime<Utc> = "2026-03-03T10:00:00.000123Z".parse().unwrap();
        let key = (true, at, StepId::fresh(at));
        assert_eq!(Key::read(&key.write()), Some(key));
        let key = (7_u32, "a~b".to_owned());
        assert_eq!(Key::read(&key.write()), Some(key));
    }

    proptest! {
        /// However entries come and go between the pages, those that were there all along are told, once.
        #[test]
        fn nobody_who_was_there_all_along_is_skipped_or_told_twice(
            all in prop::collection::btree_set(0..200i32, 0..60),
            going in prop::collection::btree_set(0..200i32, 0..30),
            size in 1..9i32,
        ) {
            let (mut told, mut token, mut there) = (Vec::new(), String::new(), all.clone());
            let mut going = going.into_iter();
            loop {
                let page = page::<i32>(size, &token).unwrap();
                let (some, next) = page.cut_whole(there.iter().copied().collect(), |entry| *entry);
                told.extend(some);
                if next.is_empty() { break }
                token = next;
                // One goes, another comes.
                if let Some(other) = going.next() && !there.remove(&other) {
                    there.insert(other);
                }
            }
            let stayed: Vec<i32> = all.intersection(&there).copied().collect();
            prop_assert!(stayed.iter().all(|entry| told.contains(entry)), "{told:?} lacks some of {stayed:?}");
            prop_assert!(told.windows(2).all(|pair| pair[0] < pair[1]), "{told:?}");
        }

        #[test]
        fn of_what_is_ranked_nobody_is_skipped_by_those_who_go(
            all in prop::collection::vec(any::<u16>(), 0..60).prop_map(|mut all| { all.sort_unstable(); all.dedup(); all }),
            gone in prop::collection::btree_set(0..60usize, 0..20),
            size in 1..9i32,
        ) {
            let ranked: Vec<i32> = all.iter().map(|entry| i32::from(*entry).wrapping_mul(7919) % 104_729).collect();
            let (mut told, mut token, mut there) = (Vec::new(), String::new(), ranked.clone());
            let mut gone = gone.into_iter();
            loop {
                let page = RankedPage::<i32>::of(&Asked(size, token.clone()), 20, 100).unwrap();
                let (some, next) = page.cut(there.clone(), |entry| *entry);
                // At least one of the page before stays, which is what the token promises.
                let kept = some.last().copied();
                told.extend(some);
                if next.is_empty() { break }
                token = next;
                if let Some(index) = gone.next() && index < there.len() && Some(there[index]) != kept {
                    there.remove(index);
                }
            }
            prop_assert!(there.iter().all(|entry| told.contains(entry)), "{told:?} lacks some of {there:?}");
        }
    }
}
