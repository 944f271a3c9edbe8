//! Passwords, for trials and small sites without a provider: argon2id, with room for few at once, because each takes 19 MiB
//! and a storm of sign-ins must not take the machine's memory.

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use rand::seq::IndexedRandom;
use startline_foundation::error::{Error, Result};
use startline_foundation::formats::fold::folded;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use unicode_normalization::UnicodeNormalization;

/// OWASP's least for argon2id: 19 MiB, twice over, one lane.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;
/// How long somebody waits for their turn.
const WAIT: Duration = Duration::from_secs(5);
/// After this there is a turn again, if those who wait now are all.
const BUSY_FOR: Duration = Duration::from_secs(5);

pub const SHORTEST: usize = 12;
pub const LONGEST: usize = 128;

/// Letters and figures that are told apart when read aloud or from paper: no l and 1, no o and 0, no i.
const READABLE: &[char] = &[
    'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'j', 'k', 'm', 'n', 'p', 'q', 'r', 's', 't', 'u', 'v', 'w', 'x', 'y', 'z',
    '2', '3', '4', '5', '6', '7', '8', '9',
];

/// Who waits with whom for a turn. Each has a turn of its own, so that strangers who try names cannot keep those out who have
/// signed in from the same place before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lane {
    Familiar,
    Stranger,
}

/// Cheap to clone; the clones share their room.
#[derive(Debug, Clone)]
pub struct Passwords {
    argon2: Argon2<'static>,
    /// One at a time in each lane: two in all.
    lanes: [Arc<Semaphore>; 2],
    /// Compared with when there is no such user, so that it takes as long.
    nobody: Arc<str>,
}

impl Passwords {
    /// # Errors
    /// A fault of ours.
    pub fn new() -> Result<Self> {
        Self::costing(MEMORY_KIB, PASSES)
    }

    pub(crate) fn costing(memory_kib: u32, passes: u32) -> Result<Self> {
        let params = Params::new(memory_kib, passes, LANES, None).map_err(Error::internal)?;
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let nobody = hashed(&argon2, &first_password())?.into();
        Ok(Self { argon2, lanes: std::array::from_fn(|_| Arc::new(Semaphore::new(1))), nobody })
    }

    /// What is kept of a password: a PHC string, with its salt and what it cost.
    ///
    /// # Errors
    /// [`Error::Exhausted`] when it was not its turn in good time.
    pub async fn hash(&self, password: &str) -> Result<String> {
        let (argon2, password) = (self.argon2.clone(), normal(password));
        self.in_turn(Lane::Familiar, move || hashed(&argon2, &password)).await?
    }

    /// Whether it is the password. `kept` is None when there is no such user, or one without a password: that takes as long,
    /// and is always wrong.
    ///
    /// # Errors
    /// [`Error::Exhausted`] when it was not its turn in good time.
    pub async fn verify(&self, kept: Option<&str>, password: &str, lane: Lane) -> Result<bool> {
        let password = normal(password);
        let fits = kept.is_some() && password.chars().count() <= LONGEST;
        let (argon2, kept) = (self.argon2.clone(), kept.filter(|_| fits).unwrap_or(&self.nobody).to_owned());
        let password = if fits { password } else { String::new() };
        let is_right = move || argon2.verify_password(password.as_bytes(), kept.as_str()).is_ok();
        Ok(self.in_turn(lane, is_right).await? && fits)
    }

    /// Whether what is kept costs as much as today's would. If not it is made anew at the next sign-in.
    pub fn is_current(&self, kept: &str) -> bool {
        let costs = |hash: &PasswordHash| Params::try_from(hash).ok();
        let is = PasswordHash::new(kept).ok().filter(|hash| hash.algorithm.as_str() == "argon2id");
        let (is, ours) = (is.as_ref().and_then(costs), self.argon2.params());
        is.is_some_and(|is| is.m_cost() >= ours.m_cost() && is.t_cost() >= ours.t_cost())
    }

    async fn in_turn<T: Send + 'static>(&self, lane: Lane, work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
        let turn = tokio::time::timeout(WAIT, self.lanes[lane as usize].clone().acquire_owned());
        let busy =
            || Error::exhausted("many people are signing in at this moment; try again in a few seconds", BUSY_FOR);
        let turn: OwnedSemaphorePermit = turn.await.map_err(|_| busy())?.map_err(Error::internal)?;
        // The turn goes along: whoever asked may be gone before the memory is free again.
        let done = tokio::task::spawn_blocking(move || {
            let done = work();
            drop(turn);
            done
        });
        done.await.map_err(Error::internal)
    }
}

fn hashed(argon2: &Argon2<'_>, password: &str) -> Result<String> {
    let salt: [u8; 16] = rand::random();
    argon2.hash_password_with_salt(password.as_bytes(), &salt).map(|hash| hash.to_string()).map_err(Error::internal)
}

/// One machine types é as one character, another as two.
fn normal(password: &str) -> String {
    password.nfkc().collect()
}

/// A password to begin with, shown once: four groups that can be read aloud, of 79 bits.
pub fn first_password() -> String {
    let mut random = rand::rng();
    let group =
        |random: &mut rand::rngs::ThreadRng| -> String { (0..4).filter_map(|_| READABLE.choose(random)).collect() };
    (0..4).map(|_| group(&mut random)).collect::<Vec<_>>().join("-")
}

/// Why somebody should not have a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotGood {
    /// Fewer than [`SHORTEST`] characters.
    Short,
    /// More than [`LONGEST`].
    Long,
    /// It has characters that cannot be typed.
    Untyped,
    /// It is their own name, with little besides.
    Name,
    /// It is among those that are tried first.
    Common,
    /// It is the one that they have.
    Same,
}

/// # Errors
/// What is wrong with a new password.
///
/// `names`: what anybody would try here, the user's own first: of the site, of the town.
pub fn check_new(password: &str, user_name: &str, names: &[&str]) -> Result<(), NotGood> {
    let password = normal(password);
    let chars = password.chars().count();
    if chars < SHORTEST {
        return Err(NotGood::Short);
    }
    if chars > LONGEST {
        return Err(NotGood::Long);
    }
    if password.chars().any(char::is_control) {
        return Err(NotGood::Untyped);
    }
    let plain = |text: &str| -> String { folded(text).chars().filter(|c| c.is_alphanumeric()).collect() };
    let (letters, name) = (plain(&password), plain(user_name));
    // A name alone, or more than once, or with a few figures behind it.
    let rest = letters.replace(&name, "");
    if !name.is_empty() && letters.contains(&name) && rest.chars().filter(|c| c.is_alphabetic()).count() < 4 {
        return Err(NotGood::Name);
    }
    // Neither do such words become better by each other, or by figures behind them.
    let guessed = BASES.iter().map(|base| (*base).to_owned()).chain(names.iter().map(|name| plain(name)));
    let rest = guessed.filter(|word| word.len() > 2).fold(rest, |rest, word| rest.replace(&word, ""));
    let is_guessed = rest.chars().filter(|c| c.is_alphabetic()).count() < 4 && letters.chars().any(char::is_alphabetic);
    if COMMONEST.contains(&letters.as_str()) || is_row(&letters) || is_guessed {
        return Err(NotGood::Common);
    }
    Ok(())
}

/// One character, or a short piece, over and over; or characters in their order.
fn is_row(letters: &str) -> bool {
    let all: Vec<char> = letters.chars().collect();
    let repeats = |length: usize| all.iter().zip(all.iter().skip(length)).all(|(one, other)| one == other);
    let follows =
        |by: i64| all.windows(2).all(|pair| i64::from(u32::from(pair[1])) - i64::from(u32::from(pair[0])) == by);
    (1..=all.len() / 2).any(repeats) || follows(1) || follows(-1)
}

/// Words that are tried in each place, with figures and each other.
const BASES: [&str; 20] = [
    "password",
    "passwort",
    "welcome",
    "letmein",
    "qwerty",
    "startline",
    "admin",
    "changeme",
    "iloveyou",
    "monkey",
    "dragon",
    "football",
    "sunshine",
    "princess",
    "liverpool",
    "arsenal",
    "summer",
    "winter",
    "spring",
    "autumn",
];

/// The commonest of twelve characters and more, by letters and figures alone.
const COMMONEST: [&str; 44] = [
    "123456789012",
    "1234567890123",
    "12345678901234",
    "123456789123",
    "123456789abc",
    "1234567891011",
    "0123456789012",
    "1q2w3e4r5t6y",
    "1q2w3e4r5t6y7u",
    "1qaz2wsx3edc",
    "1qaz2wsx3edc4rfv",
    "abc123456789",
    "abcd12345678",
    "abcdefgh1234",
    "administrator",
    "administrator1",
    "adminadmin123",
    "changemenow1",
    "changeme1234",
    "footballfootball",
    "iloveyou1234",
    "iloveyouforever",
    "letmein12345",
    "letmeinplease",
    "liverpoolfc1",
    "manchesterunited",
    "monkey123456",
    "password1234",
    "password12345",
    "password123456",
    "password2025",
    "password2026",
    "passwordpassword",
    "qazwsxedcrfv",
    "qwerty123456",
    "qwertyuiop12",
    "qwertyuiop123",
    "qwertyuiopasdfghjkl",
    "qwertyuiopasdf",
    "startline123",
    "sunshine1234",
    "unknownunknown",
    "welcome12345",
    "zaq12wsxcde3",
];

#[cfg(test)]
mod tests {
    use super::*;

    fn cheap() -> Passwords {
        Passwords::costing(Params::MIN_M_COST, 1).unwrap()
    }

    #[tokio::test]
    async fn only_the_password_opens_and_a_stranger_is_compared_with_nobody() {
        let passwords = cheap();
        let kept = passwords.hash("caf\u{e9} by the quay").await.unwrap();
        assert!(kept.starts_with("$argon2id$v=19$m="), "{kept}");
        assert_ne!(kept, passwords.hash("caf\u{e9} by the quay").await.unwrap(), "each has a salt of its own");
        for lane in [Lane::Familiar, Lane::Stranger] {
            assert!(passwords.verify(Some(&kept), "cafe\u{301} by the quay", lane).await.unwrap());
            assert!(!passwords.verify(Some(&kept), "cafe by the quay", lane).await.unwrap());
            assert!(!passwords.verify(Some("no hash"), "cafe by the quay", lane).await.unwrap());
            assert!(!passwords.verify(None, "", lane).await.unwrap());
            assert!(!passwords.verify(Some(&kept), &"x".repeat(1_000_000), lane).await.unwrap());
        }
    }

    #[tokio::test]
    async fn what_is_kept_costs_what_owasp_asks_for() {
        let passwords = Passwords::new().unwrap();
        let kept = passwords.hash("four words of mine").await.unwrap();
        assert!(kept.contains("$m=19456,t=2,p=1$"), "{kept}");
        assert!(
            passwords.is_current(&kept)
                && passwords.verify(Some(&kept), "four words of mine", Lane::Stranger).await.unwrap()
        );
        let older = cheap().hash("four words of mine").await.unwrap();
        assert!(
            !passwords.is_current(&older)
                && passwords.verify(Some(&older), "four words of mine", Lane::Stranger).await.unwrap()
        );
        assert!(!passwords.is_current("") && !passwords.is_current(&kept.replace("argon2id", "argon2i")));
    }

    #[tokio::test]
    async fn strangers_cannot_take_the_turn_of_those_who_have_been_here() {
        let passwords = cheap();
        let kept = passwords.hash("four words of mine").await.unwrap();
        let taken = passwords.lanes[Lane::Stranger as usize].clone().acquire_owned().await.unwrap();
        assert!(passwords.verify(Some(&kept), "four words of mine", Lane::Familiar).await.unwrap());
        let waits = tokio::spawn({
            let (passwords, kept) = (passwords.clone(), kept.clone());
            async move { passwords.verify(Some(&kept), "four words of mine", Lane::Stranger).await }
        });
        drop(taken);
        assert!(waits.await.unwrap().unwrap(), "and its turn comes");
    }

    #[test]
    fn a_first_password_can_be_read_aloud_and_is_a_good_one() {
        let made: Vec<String> = (0..200).map(|_| first_password()).collect();
        for password in &made {
            assert_eq!(password.len(), 19);
            assert!(password.split('-').all(|group| group.len() == 4 && group.chars().all(|c| READABLE.contains(&c))));
            assert!(!password.contains(['l', '1', 'o', '0', 'O', 'i', 'I']));
            assert!(check_new(password, "Ana Jones", &[]).is_ok());
        }
        let each: std::collections::BTreeSet<&String> = made.iter().collect();
        assert_eq!(each.len(), made.len());
    }

    #[test]
    fn a_new_password_that_is_tried_first_is_refused_with_a_reason() {
        for (wrong, because) in [
            ("short", NotGood::Short),
            ("            x", NotGood::Common),
            ("Ana Jones Ana Jones", NotGood::Name),
            ("ana.jones.2026", NotGood::Name),
            ("ÁnaJonès12345", NotGood::Name),
            ("Password-1234", NotGood::Common),
            ("qwertyuiop12", NotGood::Common),
            ("letmeinletmein", NotGood::Common),
            ("Password123!", NotGood::Common),
            ("somerset2026", NotGood::Common),
            ("Startline2026!", NotGood::Common),
            ("anajonesstartline", NotGood::Common),
            ("Summer-Winter-26", NotGood::Common),
            ("aaaaaaaaaaaaaa", NotGood::Common),
            ("abcdabcdabcd", NotGood::Common),
            ("ABCDEFGHIJKLMNOP", NotGood::Common),
            ("a new line\n of it", NotGood::Untyped),
        ] {
            assert_eq!(check_new(wrong, "Ana Jones", &["Somerset"]), Err(because), "{wrong}");
        }
        assert!(check_new(&"ab c".repeat(33), "Ana Jones", &[]).is_err());
        for good in
            ["correct horse battery", "Ana Jones likes the sea", "ein gwlad ni erioed", "日本語のとても長い合言葉です"]
        {
            assert!(check_new(good, "Ana Jones", &["Somerset"]).is_ok(), "{good}");
        }
        assert!(check_new("correct horse battery", "", &[]).is_ok());
    }
}
