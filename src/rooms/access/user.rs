//! Somebody who asks for something, and what they are.

use super::duty::Duty;
use super::role::{Role, Roles, TAKES_CALLS};
use chrono::{DateTime, Utc};
use startline_definition::{INBOUND, OUTBOUND};
use startline_foundation::error::{Error, Result};
use startline_foundation::formats::Language;
use startline_foundation::ids::{SiteId, UserId};
use std::collections::BTreeSet;
use uuid::Uuid;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    pub id: UserId,
    pub name: String,
    /// Where they work. Of whoever asks for something, the site that they ask from: their own, unless they cover elsewhere.
    pub site: Option<SiteId>,
    /// What they are. Of whoever asks for something, only what they may ask for it as.
    pub roles: Roles,
    /// What gives them these roles.
    pub duties: Vec<Duty>,
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
pub fn skills_of(roles: Roles, given: &[String]) -> Vec<String> {
    let takes_calls = roles.any(&TAKES_CALLS);
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
        let english = (self.roles != Roles::of(&[Role::Switch])).then_some(Language::English);
        english.into_iter().chain(welsh).collect()
    }

    pub fn is(&self, role: Role) -> bool {
        self.roles.has(role)
    }

    /// Whether they have one of these roles at the site: because it is theirs, or because they cover there.
    pub fn works_at(&self, site: &SiteId, roles: &[Role]) -> bool {
        self.duties.iter().any(|duty| roles.contains(&duty.role) && duty.site.as_ref() == Some(site))
    }

    /// The same person, as they act at this site.
    pub fn at(mut self, site: &SiteId) -> Self {
        self.duties.retain(|duty| duty.site.as_ref().is_none_or(|of| of == site));
        self.roles = self.duties.iter().map(|duty| duty.role).collect();
        self.site = Some(site.clone());
        self
    }

    /// As they act in a request that only these roles may make: from the site named, else from their own, else from where
    /// they cover. `None` when they have no such role there at `now`.
    pub fn acting(&self, may: Roles, at: Option<&SiteId>, now: DateTime<Utc>) -> Option<Self> {
        let counts = |duty: &&Duty| may.has(duty.role) && duty.holds(now);
        let reached = |duty: &&Duty| at.is_none() || duty.site.is_none() || duty.site.as_ref() == at;
        let duties: Vec<&Duty> = self.duties.iter().filter(counts).filter(reached).collect();
        let first = duties.first()?;
        let own = self.site.as_ref().filter(|own| duties.iter().any(|duty| duty.site.as_ref() == Some(own)));
        let elsewhere = || duties.iter().find_map(|duty| duty.site.as_ref()).or(first.site.as_ref());
        let site = at.filter(|at| duties.iter().any(|duty| duty.site.as_ref() == Some(at))).or(own).or_else(elsewhere);
        let here = duties.iter().filter(|duty| duty.site.is_none() || duty.site.as_ref() == site);
        let duties: Vec<Duty> = here.map(|duty| (*duty).clone()).collect();
        let roles = duties.iter().map(|duty| duty.role).collect();
        Some(Self { site: site.cloned(), roles, duties, ..self.clone() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;

    fn words(list: &[&str]) -> Vec<String> {
        list.iter().map(|word| (*word).to_owned()).collect()
    }

    #[test]
    fn an_adviser_does_both_unless_told_which() {
        let one = |role| Roles::of(&[role]);
        assert_eq!(skills_of(one(Role::Adviser), &words(&["welsh"])), ["inbound", "outbound", "welsh"]);
        assert_eq!(skills_of(one(Role::TeamLeader), &[]), ["inbound", "outbound"]);
        assert_eq!(skills_of(one(Role::Adviser), &words(&["outbound", "welsh"])), ["outbound", "welsh"]);
        assert!(skills_of(one(Role::Supervisor), &[]).is_empty());
    }

    #[test]
    fn whoever_has_the_skill_talks_welsh_too_and_a_switch_talks_nothing() {
        let languages = |role, skills: &[&str]| {
            let (roles, skills) = (Roles::of(&[role]), words(skills));
            let user = User { id: SYSTEM_USER, name: "Nia".into(), site: None, roles, duties: Vec::new(), skills };
            user.languages().into_iter().map(Language::as_str).collect::<Vec<_>>()
        };
        assert_eq!(languages(Role::Adviser, &["inbound", "welsh"]), ["en", "cy"]);
        assert_eq!(languages(Role::Reception, &[]), ["en"]);
        assert_eq!(languages(Role::Switch, &[]), [""; 0]);
    }

    fn duty(role: Role, site: Option<&str>, days: i64) -> Duty {
        let duty = Duty::new(role, site.map(SiteId::new), noon());
        Duty { ends_at: (days > 0).then(|| noon() + TimeDelta::days(days)), ..duty }
    }

    fn noon() -> DateTime<Utc> {
        DateTime::from_timestamp(986_040_000, 0).unwrap()
    }

    fn asha(duties: Vec<Duty>) -> User {
        let roles = duties.iter().map(|duty| duty.role).collect();
        User { id: SYSTEM_USER, name: "Asha".into(), site: Some("somerset".into()), roles, duties, skills: Vec::new() }
    }

    #[test]
    fn whoever_has_two_roles_at_one_site_acts_as_whichever_the_method_is_for() {
        let asha = asha(vec![
            duty(Role::PersonalAdviser, Some("somerset"), 0),
            duty(Role::Adviser, Some("somerset"), 3),
            duty(Role::Admin, None, 0),
        ]);
        let acting = |may: &[Role], days| asha.acting(Roles::of(may), None, noon() + TimeDelta::days(days));
        let both = acting(&[Role::Adviser, Role::PersonalAdviser], 0).unwrap();
        assert_eq!(both.roles, Roles::of(&[Role::Adviser, Role::PersonalAdviser]));
        assert_eq!(both.site, Some("somerset".into()));
        let admin = acting(&[Role::Admin, Role::Supervisor], 0).unwrap();
        assert_eq!((admin.roles, admin.site), (Roles::of(&[Role::Admin]), None));
        assert_eq!(acting(&[Role::Adviser], 3), None, "the cover is over");
        assert_eq!(acting(&[Role::Switch], 0), None);
    }

    #[test]
    fn cover_at_another_site_is_taken_up_there_and_only_there() {
        let elsewhere = [duty(Role::Adviser, Some("somerset"), 0), duty(Role::TeamLeader, Some("buckinghamshire"), 0)];
        let asha = asha(elsewhere.to_vec());
        let (own, other): (SiteId, SiteId) = ("somerset".into(), "buckinghamshire".into());
        let acting = |may: &[Role], at: Option<&SiteId>| {
            asha.acting(Roles::of(may), at, noon()).map(|user| (user.site.unwrap(), user.roles))
        };
        let may = [Role::Adviser, Role::TeamLeader];
        assert_eq!(acting(&may, None), Some((own.clone(), Roles::of(&[Role::Adviser]))));
        assert_eq!(acting(&may, Some(&other)), Some((other.clone(), Roles::of(&[Role::TeamLeader]))));
        assert_eq!(acting(&[Role::TeamLeader], None), Some((other, Roles::of(&[Role::TeamLeader]))));
        assert_eq!(acting(&[Role::TeamLeader], Some(&own)), None);
        assert_eq!(acting(&may, Some(&"leeds".into())), None);
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
