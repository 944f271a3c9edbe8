//! What has to be done after missed meetings: worked out anew each time from what happened. Pure: no database, no clock.
//!
//! A client has so many opportunities; a meeting that is held, put off or done without begins the count anew, and a miss
//! with good cause does not count. After each miss the telephone comes before a letter. After the last a named person
//! decides, and nothing happens while nobody does. Clients whose missed meetings another agency deals with are referred.
//!
//! Whom the rules do not bind they do not touch: a meeting that was the client's own choice is offered again at most, so is another
//! with somebody who has been met, and about a claim that every agency has nobody decides any more.

use super::step::What;
use chrono::NaiveDate;
use startline_definition::{MissedRules, Referral};
use startline_foundation::ids::AppointmentId;

/// What is known of the client beside their history.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Circumstances<'a> {
    /// The agency that deals with their missed meetings, by the benefits they claim.
    pub referral: Option<&'a Referral>,
    pub has_phone: bool,
    /// Somebody has spoken with them before: a call-back reached, a meeting held.
    pub spoken_with: bool,
    /// Of an age at which every meeting is their own choice.
    pub chooses: bool,
    /// Every agency has the claim.
    pub handed_over: bool,
}

/// What happened, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Past {
    /// The meeting was put off.
    PutOff,
    /// It was done without.
    DoneWithout,
    /// The client came.
    Met,
    Missed(Miss),
    /// What somebody decided about the miss before.
    Decided {
        decision: AfterMisses,
        day: NaiveDate,
    },
}

/// One meeting to which the client did not come, and what was done about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Miss {
    pub appointment: AppointmentId,
    pub day: NaiveDate,
    /// Of a kind that is a condition of benefit.
    pub required: bool,
    /// When good cause was recorded.
    pub good_cause: Option<NaiveDate>,
    /// Telephone attempts, in order.
    pub attempts: Vec<(PhoneOutcome, NaiveDate)>,
    pub letter_sent: Option<NaiveDate>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PhoneOutcome {
    Spoken,
    NoReply,
    WrongNumber,
    NoPhone,
}

impl PhoneOutcome {
    pub const ALL: [Self; 4] = [Self::Spoken, Self::NoReply, Self::WrongNumber, Self::NoPhone];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Spoken => "spoken",
            Self::NoReply => "no_reply",
            Self::WrongNumber => "wrong_number",
            Self::NoPhone => "no_phone",
        }
    }
}

/// What a named person decides after the last opportunity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AfterMisses {
    TreatAsNotMade,
    Continue,
    AnotherChance,
}

impl AfterMisses {
    pub const ALL: [Self; 3] = [Self::TreatAsNotMade, Self::Continue, Self::AnotherChance];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::TreatAsNotMade => "treat_as_not_made",
            Self::Continue => "continue",
            Self::AnotherChance => "another_chance",
        }
    }
}

/// A step that is due now, so many working days after a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    pub what: What,
    /// The missed meeting from which it comes.
    pub about: AppointmentId,
    pub from: NaiveDate,
    pub working_days: u32,
}

/// How the procedure stands.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Procedure {
    /// The miss that it is about now; none when nothing is owed.
    pub about: Option<Miss>,
    /// How many misses count.
    pub number: u32,
    pub due: Vec<Due>,
}

impl Miss {
    /// The day on which the client was told of it: by telephone or by letter, the first.
    pub fn notice(&self) -> Option<NaiveDate> {
        let spoken = self.attempts.iter().find(|(outcome, _)| *outcome == PhoneOutcome::Spoken).map(|(_, day)| *day);
        spoken.into_iter().chain(self.letter_sent).min()
    }

    fn spoken(&self) -> Option<NaiveDate> {
        self.attempts.iter().find(|(outcome, _)| *outcome == PhoneOutcome::Spoken).map(|(_, day)| *day)
    }
}

impl Procedure {
    /// Whether somebody has to decide.
    pub fn needs_decision(&self) -> bool {
        self.due.iter().any(|due| matches!(due.what, What::Decide { .. }))
    }
}

/// Where a history has led, and what is to be done now.
pub fn standing(rules: &MissedRules, client: Circumstances<'_>, past: &[Past]) -> Procedure {
    let mut number = 0;
    let mut chances = rules.opportunities;
    let mut put_off = false;
    let mut met = false;
    let mut spoken_with = client.spoken_with;
    let mut about: Option<(&Miss, Option<(AfterMisses, NaiveDate)>)> = None;
    // The newest that was the client's own choice, while nothing has answered it.
    let mut chosen: Option<&Miss> = None;
    for one in past {
        match one {
            Past::Met | Past::PutOff | Past::DoneWithout => {
                (number, chances, about, chosen) = (0, rules.opportunities, None, None);
                put_off = *one == Past::PutOff;
                met |= *one == Past::Met;
                spoken_with |= *one == Past::Met;
            }
            Past::Missed(miss) => {
                spoken_with |= miss.spoken().is_some();
                if client.must_have_come(miss, put_off, met) {
                    number += u32::from(miss.good_cause.is_none());
                    (about, chosen) = (Some((miss, None)), None);
                } else {
                    chosen = Some(miss);
                }
            }
            Past::Decided { decision, day } => {
                match decision {
                    AfterMisses::TreatAsNotMade => (about, chosen) = (None, None),
                    AfterMisses::Continue => (number, chances) = (0, rules.opportunities),
                    // One more, however many there were.
                    AfterMisses::AnotherChance => chances = number + 1,
                }
                about = about.map(|(miss, _)| (miss, Some((*decision, *day))));
            }
        }
    }
    let mut due = Vec::new();
    if let Some((miss, decided)) = about {
        let place = Place { rules, client, number, is_last: number >= chances, put_off, spoken_with };
        due.extend(place.due(miss, decided));
    }
    if let Some(miss) = chosen {
        let what = What::OfferNewMeeting { missed_day: miss.day };
        due.push(Due { what, about: miss.appointment, from: miss.day, working_days: rules.new_meeting_working_days });
    }
    let about = about.map(|(miss, _)| miss).or(chosen).cloned();
    Procedure { about, number, due }
}

impl Circumstances<'_> {
    /// Whether the rules bound the client to come. Once they were met, or the claim was handed over, they still do to a meeting that
    /// was put off, and whoever another agency deals with stays bound by its rules.
    fn must_have_come(&self, miss: &Miss, put_off: bool, met: bool) -> bool {
        let is_done = met || self.handed_over;
        miss.required && !self.chooses && (!is_done || put_off || self.referral.is_some())
    }
}

/// Where the newest miss stands in the procedure.
struct Place<'a> {
    rules: &'a MissedRules,
    client: Circumstances<'a>,
    number: u32,
    is_last: bool,
    put_off: bool,
    spoken_with: bool,
}

impl Place<'_> {
    fn due(&self, miss: &Miss, decided: Option<(AfterMisses, NaiveDate)>) -> Vec<Due> {
        let (rules, number, missed_day) = (self.rules, self.number, miss.day);
        let due = |what, from, working_days| Due { what, about: miss.appointment, from, working_days };
        if let Some(referral) = self.client.referral.filter(|_| miss.good_cause.is_none()) {
            let refer = What::Refer { agency: referral.agency.clone(), missed_day };
            return vec![due(refer, missed_day, referral.working_days)];
        }
        let new_meeting = |from, working_days| due(What::OfferNewMeeting { missed_day }, from, working_days);
        if let Some(day) = miss.good_cause.or(decided.map(|(_, day)| day)) {
            return vec![new_meeting(day, rules.new_meeting_working_days)];
        }
        // Nobody decides against a claim that every agency has.
        let is_decided = self.is_last && !self.client.handed_over;
        let mut all = Vec::new();
        let rang = !miss.attempts.is_empty() || !self.client.has_phone;
        if !rang {
            all.push(due(What::RingClient { number, missed_day }, missed_day, rules.ring_working_days));
        } else if miss.spoken().is_none() && miss.letter_sent.is_none() {
            let letter = What::SendLetter { number, missed_day, last: is_decided };
            all.push(due(letter, missed_day, rules.letter_working_days));
        }
        if rang && !self.spoken_with {
            all.push(due(What::ConsiderHomeVisit { missed_day }, missed_day, rules.home_visit_working_days));
        }
        if is_decided {
            all.push(due(What::Decide { number, missed_day }, missed_day, rules.decision_working_days));
        } else if self.put_off && number >= rules.home_visit_after_misses {
            all.push(due(What::HomeVisit { missed_day }, missed_day, rules.home_visit_working_days));
        } else if let Some(day) = miss.spoken() {
            all.push(new_meeting(day, rules.new_meeting_working_days));
        } else if let Some(day) = miss.letter_sent {
            all.push(new_meeting(day, rules.letter_answer_working_days));
        }
        all
    }
}

#[cfg(test)]
#[path = "procedure_tests.rs"]
mod tests;
