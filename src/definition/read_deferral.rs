//! Reads `deferral_reasons` of `diary.yaml`.

use super::deferral::DeferralReason;
use super::report::Faults;
use super::text::Text;
use serde::Deserialize;
use serde_saphyr::Spanned;

/// A review further ahead is of another claim.
const MOST_WEEKS: u32 = 104;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawReason {
    id: Spanned<String>,
    en: String,
    #[serde(default)]
    cy: Option<String>,
    letter: Text,
    #[serde(default)]
    needs_note: bool,
    #[serde(default)]
    longest_weeks: Option<Spanned<u32>>,
}

/// `longest` is for those that do not say how long.
pub(super) fn read(
    raw: Vec<RawReason>,
    longest: Option<&Spanned<u32>>,
    faults: &mut Faults<'_>,
) -> Vec<DeferralReason> {
    let mut reasons: Vec<DeferralReason> = Vec::new();
    let mut weeks = |given: &Spanned<u32>| {
        if !(1..=MOST_WEEKS).contains(&given.value) {
            faults.at(given, format!("a meeting is put off by 1 to {MOST_WEEKS} weeks"));
        }
        given.value
    };
    let usual = longest.map(&mut weeks);
    let longest: Vec<_> = raw.iter().map(|one| one.longest_weeks.as_ref().map(&mut weeks).or(usual)).collect();
    for (one, longest_weeks) in raw.into_iter().zip(longest) {
        let id = one.id.value.clone();
        let is_word = !id.is_empty() && id.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
        if !is_word || reasons.iter().any(|reason| reason.id == id) {
            faults.at(&one.id, "a reason's id is a word in small letters, figures and underscores, there once");
        }
        match Text::checked(&one.en, one.cy.as_deref()) {
            Ok(name) => {
                reasons.push(DeferralReason { id, name, letter: one.letter, needs_note: one.needs_note, longest_weeks })
            }
            Err(reason) => faults.at(&one.id, reason),
        }
    }
    reasons
}

#[cfg(test)]
mod tests {
    use crate::{Definition, small};

    const KIND: &str = "kinds:\n  - { id: first-meeting, en: First, minutes: 45 }\n";

    fn of(diary: &str) -> Result<std::sync::Arc<Definition>, String> {
        let mut files = small::files();
        files.remove("reminders.yaml");
        files.insert("diary.yaml".into(), format!("{KIND}{diary}").into());
        Definition::from_files(files).map_err(|report| report.to_string())
    }

    #[test]
    fn a_definition_that_names_no_reasons_has_those_of_before() {
        let definition = of("").unwrap();
        let ids: Vec<&str> = definition.diary.deferral_reasons.iter().map(|reason| reason.id.as_str()).collect();
        assert_eq!(ids, ["health", "major_operation", "restrictive_treatment", "baby_due", "recently_bereaved"]);
        assert!(definition.diary.deferral_reasons.iter().all(|reason| reason.longest_weeks.is_none()));
        let pilot = Definition::embedded();
        assert!(ids.iter().all(|id| pilot.diary.deferral_reason(id).is_some()), "what was decided keeps its name");
    }

    #[test]
    fn a_reason_is_put_off_for_as_long_as_it_says_or_as_all_do() {
        let reasons = "deferral_reasons:\n  - { id: moon, en: The moon, letter: { en: It waits. }, longest_weeks: 3 }\n  - { id: sun, en: The sun, letter: { en: It waits. }, needs_note: true }\n";
        let definition = of(&format!("deferral_longest_weeks: 52\n{reasons}")).unwrap();
        let told = |id: &str| {
            let reason = definition.diary.deferral_reason(id).unwrap();
            (reason.longest_weeks, reason.needs_note)
        };
        assert_eq!((told("moon"), told("sun")), ((Some(3), false), (Some(52), true)));
    }

    #[test]
    fn the_linter_says_where_reasons_are_wrong() {
        let told = |row: &str| of(&format!("deferral_reasons:\n{row}")).unwrap_err();
        let row = "  - { id: moon, en: The moon, letter: { en: It waits. } }\n";
        assert!(told(&row.repeat(2)).contains("diary.yaml:5: a reason's id"));
        assert!(told(&row.replace("id: moon", "id: The Moon")).contains("diary.yaml:4: a reason's id"));
        assert!(told(&row.replace(", letter: { en: It waits. }", "")).contains("letter"));
        assert!(told(&row.replace("en: The moon", "en: The moon, longest_weeks: 0")).contains("1 to 104 weeks"));
        assert!(of("deferral_longest_weeks: 900\n").unwrap_err().contains("1 to 104 weeks"));
    }

    #[test]
    fn no_letter_of_the_pilots_says_what_must_not_be_known_at_home() {
        let definition = Definition::embedded();
        assert!(definition.diary.deferral_reason("crisis").is_some());
        for reason in &definition.diary.deferral_reasons {
            let letter = &reason.letter;
            let welsh = letter.cy.as_ref().unwrap_or_else(|| panic!("{}: its letter has no Welsh", reason.id));
            let said = format!("{} {welsh}", letter.en).to_lowercase();
            for word in
                ["violen", "abus", "safe", "crisis", "separat", "trais", "treisgar", "cam-drin", "diogel", "argyfwng"]
            {
                assert!(!said.contains(word), "{}: {said}", reason.id);
            }
        }
    }
}
