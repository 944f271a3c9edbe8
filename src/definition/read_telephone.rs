//! Reads how calls are told apart: the `telephone` of `service.yaml`.

use super::nearest::did_you_mean;
use super::read_named::{RawNamed, named};
use super::report::Faults;
use super::telephone::{INBOUND, Line, OUTBOUND, OutsideLine, SafeTime, Telephone};
use super::text::Text;
use chrono::NaiveTime;
use serde::Deserialize;
use serde_saphyr::Spanned;
use startline_foundation::formats::UkPhone;
use startline_foundation::ids::SiteId;
use std::collections::BTreeSet;

/// Skills every network has; a definition adds to them.
const ALWAYS_THERE: [&str; 2] = [INBOUND, OUTBOUND];
/// Said by definitions that were written before they could say it themselves.
const USUAL_WAITING: &str = "All our advisers are busy. Please hold, or ask to be called back.";
/// The floor knows 64 skills at most in the life of the program.
const MOST_SKILLS: usize = 40;

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub(super) struct RawTelephone {
    skills: Vec<RawNamed>,
    other_needs: Vec<RawNamed>,
    lines: Vec<RawLine>,
    outside_lines: Vec<RawOutsideLine>,
    safe_times: Vec<RawSafeTime>,
    waiting: Option<Text>,
    emergencies: Option<Text>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawLine {
    phone: Spanned<String>,
    #[serde(default)]
    site: Option<Spanned<String>>,
    #[serde(default)]
    needs: Vec<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawOutsideLine {
    id: Spanned<String>,
    en: String,
    #[serde(default)]
    cy: Option<String>,
    phone: Spanned<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawSafeTime {
    id: Spanned<String>,
    en: String,
    #[serde(default)]
    cy: Option<String>,
    from: String,
    to: String,
}

impl RawSafeTime {
    fn read(self, faults: &mut Faults<'_>) -> Option<SafeTime> {
        let time = |text: &str| NaiveTime::parse_from_str(text, "%H:%M").ok();
        let name = Text::checked(&self.en, self.cy.as_deref()).map_err(|reason| faults.at(&self.id, reason)).ok()?;
        match (time(&self.from), time(&self.to)) {
            (Some(from), Some(to)) if from < to => Some(SafeTime { id: self.id.value, name, from, to }),
            _ => {
                faults.at(&self.id, "a safe time has from and to, such as 08:00 and 12:00, one after the other");
                None
            }
        }
    }
}

impl RawTelephone {
    /// The sites that its lines lead to, where they are named.
    pub(super) fn sites(&self) -> Vec<Spanned<String>> {
        self.lines.iter().filter_map(|line| line.site.clone()).collect()
    }

    pub(super) fn read(self, faults: &mut Faults<'_>) -> Telephone {
        let skills = named(self.skills, "skill", faults);
        let known: BTreeSet<&str> = skills.iter().map(|skill| skill.id.as_str()).chain(ALWAYS_THERE).collect();
        if skills.len() > MOST_SKILLS {
            faults.at_line(1, format!("there are more than {MOST_SKILLS} skills"));
        }
        for skill in skills.iter().filter(|skill| ALWAYS_THERE.contains(&skill.id.as_str())) {
            faults.at_line(1, format!("the skill {} is there by itself", skill.id));
        }
        let other_needs = named(self.other_needs, "call need", faults);
        for need in other_needs.iter().filter(|need| known.contains(need.id.as_str())) {
            faults.at_line(1, format!("the call need {} is a skill too", need.id));
        }
        let mut seen = BTreeSet::new();
        let mut phone = |raw: &Spanned<String>, faults: &mut Faults<'_>| match UkPhone::parse(&raw.value) {
            Ok(phone) => {
                if !seen.insert(phone.e164().to_owned()) {
                    faults.at(raw, format!("{} is there twice", raw.value));
                }
                Some(phone)
            }
            Err(reason) => {
                faults.at(raw, format!("phone {reason}"));
                None
            }
        };
        let mut lines = Vec::new();
        for raw in self.lines {
            for need in raw.needs.iter().filter(|need| !known.contains(need.value.as_str())) {
                let told = did_you_mean(&need.value, known.iter().copied());
                faults.at(need, format!("there is no skill {}{told}", need.value));
            }
            let site = raw.site.map(|site| SiteId::new(&site.value));
            let needs = raw.needs.into_iter().map(|need| need.value).collect();
            lines.extend(phone(&raw.phone, faults).map(|phone| Line { phone, site, needs }));
        }
        let mut outside_lines: Vec<OutsideLine> = Vec::new();
        for raw in self.outside_lines {
            if raw.id.value.is_empty() || outside_lines.iter().any(|line| line.id == raw.id.value) {
                faults.at(&raw.id, format!("the outside line {} is there twice, or has no id", raw.id.value));
            }
            let name = Text::checked(&raw.en, raw.cy.as_deref()).map_err(|reason| faults.at(&raw.id, reason));
            if let (Ok(name), Some(phone)) = (name, phone(&raw.phone, faults)) {
                outside_lines.push(OutsideLine { id: raw.id.value, name, phone });
            }
        }
        let mut safe_times: Vec<SafeTime> = Vec::new();
        for raw in self.safe_times {
            if raw.id.value.is_empty() || safe_times.iter().any(|time| time.id == raw.id.value) {
                faults.at(&raw.id, format!("the safe time {} is there twice, or has no id", raw.id.value));
            }
            safe_times.extend(raw.read(faults));
        }
        let waiting = self.waiting.unwrap_or_else(|| Text { en: USUAL_WAITING.to_owned(), cy: None });
        let emergencies = self.emergencies.unwrap_or_default();
        Telephone { skills, other_needs, lines, outside_lines, waiting, safe_times, emergencies }
    }
}
