//! The wording of steps and letters, filled in. Pure.

use super::procedure::AfterMisses;
use super::step::What;
use chrono::NaiveDate;
use startline_definition::{Definition, FollowUpRules};
use startline_foundation::formats::{Language, day_in_words};
use std::collections::HashMap;

/// How whoever asks reads a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reads {
    pub language: Language,
    /// Whether it is for them why a meeting was put off, which is of health or private.
    pub reasons: bool,
}

/// What stands in a wording's `{place}`.
pub type Filling = HashMap<&'static str, String>;

/// The wording with every place filled in; a place of which nothing is known stays empty.
pub fn fill(wording: &str, with: &Filling) -> String {
    let mut filled = String::with_capacity(wording.len());
    let mut rest = wording;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        match after.split_once('}') {
            Some((place, after)) => {
                filled.push_str(with.get(place).map_or("", String::as_str));
                rest = after;
            }
            None => {
                filled.push('{');
                rest = after;
            }
        }
    }
    filled + rest
}

/// Why the step is due, and what must come first.
pub fn why(definition: &Definition, what: &What, name: &str, reads: Reads) -> (String, String) {
    let Some(words) = definition.followup.words(what.name()) else { return Default::default() };
    let language = reads.language;
    let with = filling(definition, what, name, reads);
    let first = words.first.as_ref().map(|text| fill(text.in_language(language), &with)).unwrap_or_default();
    (fill(words.why.in_language(language), &with), first)
}

/// The letter of a letter's step.
pub fn letter(rules: &FollowUpRules, what: &What, name: &str, phone: &str, language: Language) -> Option<String> {
    let What::SendLetter { number, missed_day, last } = what else { return None };
    let text = if *last { &rules.last_letter } else { &rules.letter };
    let with = Filling::from([
        ("name", name.to_owned()),
        ("day", day_in_words(*missed_day, language)),
        ("phone", phone.to_owned()),
        ("number", number.to_string()),
        ("good_cause_days", rules.missed.good_cause_working_days.to_string()),
    ]);
    Some(fill(text.in_language(language), &with))
}

/// The letter about a first meeting that was cancelled.
pub fn letter_off(
    rules: &FollowUpRules,
    day: NaiveDate,
    name: &str,
    phone: &str,
    language: Language,
) -> Option<String> {
    let with = Filling::from([
        ("name", name.to_owned()),
        ("day", day_in_words(day, language)),
        ("phone", phone.to_owned()),
        ("good_cause_days", rules.missed.good_cause_working_days.to_string()),
    ]);
    rules.off_letter.as_ref().map(|text| fill(text.in_language(language), &with))
}

/// The letter to whoever told us that a client died.
pub fn letter_of_death(
    rules: &FollowUpRules,
    (name, client): (&str, &str),
    phone: &str,
    language: Language,
) -> Option<String> {
    let with = Filling::from([("name", name.to_owned()), ("client", client.to_owned()), ("phone", phone.to_owned())]);
    rules.death_letter.as_ref().map(|text| fill(text.in_language(language), &with))
}

/// What came of looking at a decision again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    Stands,
    Reversed,
}

/// What a client is told of a decision.
pub struct ToldDecision<'a> {
    pub what: AfterMisses,
    pub looked_again: Option<Found>,
    pub missed_day: NaiveDate,
    /// Of a decision against the claim, the last day on which it can be looked at again here.
    pub until: Option<NaiveDate>,
    pub decider: &'a str,
    pub reason: &'a str,
}

/// The letter about what was decided after the last opportunity.
pub fn letter_of_decision(
    rules: &FollowUpRules,
    told: &ToldDecision<'_>,
    name: &str,
    phone: &str,
    language: Language,
) -> String {
    let letters = &rules.decision_letters;
    let text = match (told.looked_again, told.what) {
        (Some(Found::Reversed), _) => &letters.reversed,
        (Some(Found::Stands), _) => &letters.upheld,
        (None, AfterMisses::TreatAsNotMade) => &letters.treat_as_not_made,
        (None, AfterMisses::Continue) => &letters.goes_on,
        (None, AfterMisses::AnotherChance) => &letters.another_chance,
    };
    let with = Filling::from([
        ("name", name.to_owned()),
        ("day", day_in_words(told.missed_day, language)),
        ("until", told.until.map(|day| day_in_words(day, language)).unwrap_or_default()),
        ("decider", told.decider.to_owned()),
        ("reason", told.reason.to_owned()),
        ("phone", phone.to_owned()),
    ]);
    fill(text.in_language(language), &with)
}

fn filling(definition: &Definition, what: &What, name: &str, reads: Reads) -> Filling {
    let language = reads.language;
    let mut with = Filling::from([("name", name.to_owned())]);
    let mut on = |day: NaiveDate| drop(with.insert("day", day_in_words(day, language)));
    let mut number_is = None;
    match what {
        What::ArrangeDeferredMeeting { reason, review_day } => {
            on(*review_day);
            with.insert("reason", reason_in_words(definition, reason, reads).to_owned());
        }
        What::RingClient { number, missed_day }
        | What::SendLetter { number, missed_day, .. }
        | What::Decide { number, missed_day } => {
            on(*missed_day);
            number_is = Some(*number);
        }
        What::OfferNewMeeting { missed_day }
        | What::HomeVisit { missed_day }
        | What::ConsiderHomeVisit { missed_day } => {
            on(*missed_day);
        }
        What::Refer { agency, missed_day } => {
            on(*missed_day);
            let named = definition.service.agencies.iter().find(|one| one.id == *agency);
            let named = named.map_or(agency.as_str(), |one| one.name.in_language(language));
            with.insert("agency", named.to_owned());
        }
        What::OfferEarlierTime { starts_at, office, .. } => {
            on(definition.calendar.local_date(*starts_at));
            let time = definition.calendar.local_time(*starts_at).format("%H:%M").to_string();
            with.insert("time", time);
            let named = definition.offices.iter().find(|one| one.id.as_str() == office);
            with.insert("office", named.map_or(office.clone(), |one| one.name.clone()));
        }
        What::Reconsider { asked_day, .. } => on(*asked_day),
        What::ProposeMeeting { kind, day } => {
            on(*day);
            let named = definition.diary.kind(kind).map_or(kind.as_str(), |kind| kind.name.in_language(language));
            with.insert("kind", named.to_owned());
        }
        What::FinishStartUp { opened_day: day }
        | What::ArrangeMeeting { start_up_day: day }
        | What::RecordAttendance { day }
        | What::ChaseForm { posted_day: day }
        | What::LodgeNow { since: day } => on(*day),
        What::DateRunsOut { last_day, days } | What::DateLost { last_day, days } => {
            on(*last_day);
            with.insert("number", days.to_string());
        }
    }
    if let Some(number) = number_is {
        with.insert("number", number.to_string());
    }
    with
}

/// Why a meeting was put off, in the definition's words; whoever must not know reads where it stands. The Welsh is
/// machine-drafted.
fn reason_in_words<'a>(definition: &'a Definition, reason: &'a str, reads: Reads) -> &'a str {
    match (reads.reasons, reads.language) {
        (true, language) => {
            definition.diary.deferral_reason(reason).map_or(reason, |reason| reason.name.in_language(language))
        }
        (false, Language::English) => "the claim says why",
        (false, Language::Welsh) => "mae'r hawliad yn dweud pam",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_step_and_letter_of_the_pilot_is_filled_in_in_both_languages() {
        let definition = Definition::embedded();
        let day: NaiveDate = "2026-03-05".parse().unwrap();
        for language in [Language::English, Language::Welsh] {
            let step = What::RingClient { number: 2, missed_day: day };
            let (why, _) = why(&definition, &step, "Ms Fry", Reads { language, reasons: true });
            assert!(why.contains("Ms Fry") && why.contains('2') && why.contains("2026"), "{why}");
            for last in [false, true] {
                let step = What::SendLetter { number: 3, missed_day: day, last };
                let letter = letter(&definition.followup, &step, "Ms Fry", "01632 960100", language).unwrap();
                assert!(letter.contains("01632 960100") && !letter.contains('{'), "{letter}");
                let appeal = if language == Language::English { "right to appeal" } else { "hawl i apelio" };
                assert_eq!(letter.contains(appeal), last, "{letter}");
            }
        }
    }

    #[test]
    fn why_a_meeting_was_put_off_is_read_by_right() {
        let definition = Definition::embedded();
        let review_day: NaiveDate = "2026-03-05".parse().unwrap();
        for (language, named, withheld) in
            [(Language::English, "Violence", "the claim says why"), (Language::Welsh, "Trais", "yn dweud pam")]
        {
            let step = What::ArrangeDeferredMeeting { reason: "crisis".into(), review_day };
            let told = |reasons| why(&definition, &step, "Ms Fry", Reads { language, reasons }).0;
            assert!(told(true).contains(named) && !told(false).contains(named), "{}", told(false));
            assert!(told(false).contains(withheld), "{}", told(false));
        }
    }

    #[test]
    fn a_place_of_which_nothing_is_known_stays_empty_and_an_open_bracket_as_it_is() {
        let with = Filling::from([("name", "Fry".to_owned())]);
        assert_eq!(fill("{name}, {day}: { open", &with), "Fry, : { open");
    }
}
