//! The holder of a token, and what they are.

use startline_definition::{INBOUND, OUTBOUND};
use startline_foundation::error::{Error, Result};
use startline_foundation::formats::{Language, words};
use startline_foundation::ids::{SiteId, UserId};
use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;
use uuid::Uuid;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    pub id: UserId,
    pub name: String,
    pub role: Role,
    pub site: Option<SiteId>,
    /// Words of the service definition, `inbound` and `outbound` among them: see [`skills_of`].
    pub skills: Vec<String>,
}

/// Whoever works for the service itself, when something follows without anybody asking. The schema brings it; it is
/// disabled, so that no token can be its.
pub const SYSTEM_USER: UserId = UserId(Uuid::from_u128(0x0000_0000_0000_8000_8000_0000_0000_0001));

/// The skill of whoever talks Welsh, as every service definition names it.
pub const WELSH: &str = "welsh";
/// Longest word for a skill, in characters.
const SKILL_CHARS: usize = 40;
/// Most words one user may have.
const MOST_SKILLS: usize = 16;

/// What a user can do who was given these words: advisers and team leaders take calls and make call-backs unless one of
/// the two was named for them.
pub fn skills_of(role: Role, given: &[String]) -> Vec<String> {
    let takes_calls = matches!(role, Role::Adviser | Role::TeamLeader);
    let named = given.iter().any(|word| [INBOUND, OUTBOUND].contains(&word.as_str()));
    let usual = [INBOUND, OUTBOUND].into_iter().filter(|_| takes_calls && !named).map(str::to_owned);
    usual.chain(given.iter().cloned()).collect()
}

/// Checks words for skills, as an operator typed them; sorted, each once.
pub fn check_skills(given: &[String]) -> Result<Vec<String>> {
    let is_word = |word: &str| {
        let letters = word.chars().all(|c| c.is_ascii_lowercase() || c == '-');
        letters && !word.is_empty() && word.len() <= SKILL_CHARS && !word.starts_with('-') && !word.ends_with('-')
    };
    if let Some(wrong) = given.iter().find(|word| !is_word(word)) {
        let reason = format!("{wrong:?} is no word for a skill: small letters and hyphens, at most {SKILL_CHARS}");
        return Err(Error::invalid("skills", reason));
    }
    let words: BTreeSet<String> = given.iter().cloned().collect();
    if words.len() > MOST_SKILLS {
        return Err(Error::invalid("skills", format!("are more than {MOST_SKILLS}")));
    }
    Ok(words.into_iter().collect())
}

impl User {
    /// In which they talk with people. A switch talks with nobody.
    pub fn languages(&self) -> Vec<Language> {
        let welsh = self.skills.iter().any(|skill| skill == WELSH).then_some(Language::Welsh);
        let english = (self.role != Role::Switch).then_some(Language::English);
        english.into_iter().chain(welsh).collect()
    }
}

words! {
    /// What a user is. Each method of the API names the roles that may call it.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub enum Role {
        Adviser = "adviser",
        TeamLeader = "team-leader",
        Supervisor = "supervisor",
        PersonalAdviser = "personal-adviser",
        /// Checks claims while the meeting goes on, and before they are handed over.
        BenefitsExpert = "benefits-expert",
        Reception = "reception",
        PrintRoom = "print-room",
        Switch = "switch",
        Admin = "admin",
    }
}

impl Role {
    pub fn works_at_a_site(self) -> bool {
        !matches!(self, Self::Switch | Self::Admin)
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Role {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let known = Self::ALL.map(Self::as_str).join(", ");
        Self::parse(text).ok_or_else(|| format!("{text} is no role; the roles are {known}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(list: &[&str]) -> Vec<String> {
        list.iter().map(|word| (*word).to_owned()).collect()
    }

    #[test]
    fn an_adviser_does_both_unless_told_which() {
        assert_eq!(skills_of(Role::Adviser, &words(&["welsh"])), ["inbound", "outbound", "welsh"]);
        assert_eq!(skills_of(Role::TeamLeader, &[]), ["inbound", "outbound"]);
        assert_eq!(skills_of(Role::Adviser, &words(&["outbound", "welsh"])), ["outbound", "welsh"]);
        assert!(skills_of(Role::Supervisor, &[]).is_empty());
    }

    #[test]
    fn whoever_has_the_skill_talks_welsh_too_and_a_switch_talks_nothing() {
        let languages = |role, skills: &[&str]| {
            let user = User { id: SYSTEM_USER, name: "Nia".into(), role, site: None, skills: words(skills) };
            user.languages().into_iter().map(Language::as_str).collect::<Vec<_>>()
        };
        assert_eq!(languages(Role::Adviser, &["inbound", "welsh"]), ["en", "cy"]);
        assert_eq!(languages(Role::Reception, &[]), ["en"]);
        assert_eq!(languages(Role::Switch, &[]), [""; 0]);
    }

    #[test]
    fn a_skill_is_a_word_in_small_letters() {
        assert_eq!(check_skills(&words(&["welsh", "urdu", "welsh"])).unwrap(), ["urdu", "welsh"]);
        for wrong in ["", "Welsh", "two words", "-x", "x-", "w\u{202e}"] {
            assert!(check_skills(&words(&[wrong])).is_err(), "{wrong:?} was taken");
        }
        let many: Vec<String> = ('a'..='z').map(String::from).collect();
        assert!(check_skills(&many).is_err());
    }
}
