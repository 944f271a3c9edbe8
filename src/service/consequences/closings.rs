//! The table's rows of deaths, and of claims that end and are put back.

use super::Follows::{self, AtOnce, Itself, Left, Nothing, SeenWhenLooked};
use super::{Duty, Rests};

const DEATH: &str = "what_follows::after_a_death_nothing_is_kept_or_sent_in_the_clients_name";
const LETTER: &str = "what_follows::whoever_told_us_of_a_death_gets_a_letter_if_they_would_like_one";
const HOUSEHOLD: &str = "what_follows::after_a_death_the_claims_of_the_household_are_pointed_out";
const WITHDRAWN: &str = "what_follows::a_withdrawn_claim_leaves_nobody_to_ring_to_see_or_to_offer_time_to";
const NO_MEETING: &str = "letters::a_withdrawn_claim_leaves_no_meeting_and_no_reminder";
const NOTHING_GOES_OUT: &str =
    "print_room::nothing_of_a_withdrawn_claim_goes_out_and_all_of_it_when_it_is_reopened_and_has_a_meeting";
const NO_REPRINT: &str = "still_holds::a_stored_pack_that_does_not_hold_is_not_printed_again_whole_or_in_part";
const CLAIMS_AGAIN: &str = "claim_life::whoever_claims_again_is_protected_by_when_they_were_in_touch_about_that";
const ASKED_BEFORE: &str =
    "obligation::who_asked_in_time_may_be_given_right_later_and_a_dead_clients_wish_is_on_no_list";
const NOT_MADE: &str =
    "obligation::a_claim_that_is_treated_as_not_made_is_closed_and_its_client_is_told_and_free_to_claim_anew";
const REVERSED: &str =
    "obligation::a_decision_that_was_wrong_is_taken_back_within_its_days_and_the_claim_keeps_its_date";
const TAKEN_BACK: &str = "what_follows::a_death_that_was_a_mistake_is_taken_back_and_the_claim_is_reopened_by_hand";
const STOPPED: &str = "listed::nobody_is_told_to_ring_whoever_died_or_is_not_to_be_rung";
const NOT_CHECKED: &str = "checks::whoever_leads_gives_a_check_back_and_of_a_closed_claim_nothing_is_checked";
const NO_BRAILLE: &str = "reached::what_no_longer_stands_is_owed_in_no_other_format";
const TAPE: &str =
    "reached::what_is_said_on_the_form_of_tape_reaches_the_record_and_a_claim_that_is_withdrawn_owes_nothing";

const BOOKED_ANEW: &str =
    "its time was given back and may be somebody else's: whoever reopens it books with the client";
const ASKED_AGAIN: &str = "whether the client still wants it is asked of them, and then it is arranged anew";
const NO_DEATH: &str = "nobody told us of a death";
const NO_CLAIM: &str = "a call that stopped is of no claim";
const MEETING_OFF: &str = "the meeting was called off: the claim is checked at the next one";
const OWED_ANEW: &str = "what is composed anew owes its own";

pub fn death(rests: Rests) -> Follows {
    match rests {
        Rests::PackQueued => AtOnce(Duty::StopPacks, DEATH),
        Rests::PackPrinting => SeenWhenLooked("no step towards an envelope is taken for somebody who died", DEATH),
        Rests::PackPosted => {
            Nothing("it is in the post; whoever told us hears of it from the adviser, or by their letter")
        }
        Rests::ReminderLetter | Rests::ReminderText | Rests::ReminderCall => {
            SeenWhenLooked("the meeting is called off, and nobody is reminded of it", DEATH)
        }
        Rests::Calendar => SeenWhenLooked("the meeting is shown as cancelled", DEATH),
        Rests::Slot => AtOnce(Duty::FreeMeetings, DEATH),
        Rests::Callback | Rests::VisitWanted => AtOnce(Duty::CloseCallbacks, DEATH),
        Rests::Standby => AtOnce(Duty::LeaveStandby, DEATH),
        Rests::Steps => AtOnce(Duty::EndSteps, DEATH),
        Rests::ToMoveList => SeenWhenLooked("what is called off has not to be moved", DEATH),
        Rests::StoppedCall => SeenWhenLooked("nobody is told to ring them", STOPPED),
        Rests::Check => SeenWhenLooked("nothing is checked of a closed claim", NOT_CHECKED),
        Rests::OtherFormat => AtOnce(Duty::SettleOtherFormats, NO_BRAILLE),
        Rests::AgencyView => Nothing(
            "an agency that has the claim keeps it as it was handed over, and learns of deaths by its own register",
        ),
        Rests::Household => Itself("the claims of whoever shares answers are in the answer and on the page", HOUSEHOLD),
        Rests::WhoTold => AtOnce(Duty::WriteDeath, LETTER),
        Rests::NextClaim => AtOnce(Duty::SettleMatter, CLAIMS_AGAIN),
    }
}

pub fn death_taken_back(rests: Rests) -> Follows {
    match rests {
        Rests::PackQueued | Rests::PackPrinting => {
            SeenWhenLooked("it may be composed again once the claim is reopened", TAKEN_BACK)
        }
        Rests::PackPosted => Nothing("what was posted before stands as it did"),
        Rests::ReminderLetter | Rests::ReminderText | Rests::ReminderCall | Rests::Calendar => {
            Nothing("there is no meeting until another is booked")
        }
        Rests::Slot => Nothing(BOOKED_ANEW),
        Rests::Callback | Rests::VisitWanted | Rests::Standby => Nothing(ASKED_AGAIN),
        Rests::Steps => AtOnce(Duty::AskAgain, ASKED_BEFORE),
        Rests::ToMoveList => Nothing("there is no meeting to move"),
        Rests::StoppedCall => SeenWhenLooked("it is on the list again", STOPPED),
        Rests::Check => Nothing(MEETING_OFF),
        Rests::OtherFormat => Nothing(OWED_ANEW),
        Rests::AgencyView => Nothing("it says nothing of a death"),
        Rests::Household => Nothing("their claims were pointed out, and not touched"),
        Rests::WhoTold => Nothing("the adviser tells them"),
        Rests::NextClaim => Nothing("what protected it when the claim was closed protects it still"),
    }
}

pub fn withdrawal(rests: Rests) -> Follows {
    match rests {
        Rests::PackQueued => AtOnce(Duty::StopPacks, NOTHING_GOES_OUT),
        Rests::PackPrinting => SeenWhenLooked("no step towards an envelope is taken for a closed claim", NO_REPRINT),
        Rests::PackPosted => Nothing("the client has it, and may send it back if they go on after all"),
        Rests::ReminderLetter | Rests::ReminderText | Rests::ReminderCall => {
            SeenWhenLooked("the meeting is called off, and nobody is reminded of it", NO_MEETING)
        }
        Rests::Calendar => SeenWhenLooked("the meeting is shown as cancelled", WITHDRAWN),
        Rests::Slot => AtOnce(Duty::FreeMeetings, NO_MEETING),
        Rests::Callback | Rests::VisitWanted => AtOnce(Duty::CloseCallbacks, WITHDRAWN),
        Rests::Standby => AtOnce(Duty::LeaveStandby, WITHDRAWN),
        Rests::Steps => AtOnce(
            Duty::SettleSteps,
            "slipping::a_start_up_that_was_begun_is_on_the_list_until_it_is_done_or_the_claim_withdrawn",
        ),
        Rests::ToMoveList => SeenWhenLooked("what is called off has not to be moved", NO_MEETING),
        Rests::StoppedCall => Nothing(NO_CLAIM),
        Rests::Check => SeenWhenLooked("nothing is checked of a closed claim", NOT_CHECKED),
        Rests::OtherFormat => Left("what is stopped is not produced", TAPE),
        Rests::AgencyView => Nothing("only what no agency has yet can be withdrawn"),
        Rests::Household => Nothing("the partner's claim took over what was said, and stands by itself"),
        Rests::WhoTold => Nothing(NO_DEATH),
        Rests::NextClaim => AtOnce(Duty::SettleMatter, CLAIMS_AGAIN),
    }
}

pub fn not_made(rests: Rests) -> Follows {
    match rests {
        Rests::PackQueued => AtOnce(Duty::StopPacks, NOT_MADE),
        Rests::PackPrinting => SeenWhenLooked("no step towards an envelope is taken for a closed claim", NOT_MADE),
        Rests::PackPosted => Nothing("the client has it, and is told by letter what was decided"),
        Rests::ReminderLetter | Rests::ReminderText | Rests::ReminderCall => {
            SeenWhenLooked("no meeting lies ahead, and nobody is reminded of one", NOT_MADE)
        }
        Rests::Calendar => Nothing("no first meeting lies ahead: with one, nobody may decide so"),
        Rests::Slot => AtOnce(Duty::FreeMeetings, NOT_MADE),
        Rests::Callback => Nothing("one that is booked by now is the client's new beginning"),
        Rests::VisitWanted => Nothing("it ended when the start-up was done"),
        Rests::Standby => AtOnce(Duty::LeaveStandby, NOT_MADE),
        Rests::Steps => AtOnce(Duty::SettleSteps, NOT_MADE),
        Rests::ToMoveList => Nothing("no meeting lies ahead"),
        Rests::StoppedCall => Nothing(NO_CLAIM),
        Rests::Check => SeenWhenLooked("nothing is checked of a closed claim", NOT_CHECKED),
        Rests::OtherFormat => Left("what is stopped is not produced", TAPE),
        Rests::AgencyView => Nothing("it keeps what was handed over, with the day"),
        Rests::Household => Nothing("the partner's claim took over what was said, and stands by itself"),
        Rests::WhoTold => Nothing(NO_DEATH),
        Rests::NextClaim => AtOnce(Duty::SettleMatter, NOT_MADE),
    }
}

pub fn reopening(rests: Rests) -> Follows {
    match rests {
        Rests::PackQueued | Rests::PackPrinting => AtOnce(Duty::ComposePack, NOTHING_GOES_OUT),
        Rests::PackPosted => {
            Nothing("what was posted before holds again, and a meeting that is booked anew is told by letter")
        }
        Rests::ReminderLetter | Rests::ReminderText | Rests::ReminderCall | Rests::Calendar => {
            Nothing("there is no meeting until another is booked")
        }
        Rests::Slot => Nothing(BOOKED_ANEW),
        Rests::Callback | Rests::VisitWanted | Rests::Standby => Nothing(ASKED_AGAIN),
        Rests::Steps => AtOnce(
            Duty::SettleSteps,
            "claim_life::a_withdrawn_claim_stays_so_until_somebody_who_may_reopens_it_where_it_stood",
        ),
        Rests::ToMoveList => Nothing("there is no meeting to move"),
        Rests::StoppedCall => Nothing(NO_CLAIM),
        Rests::Check => Nothing(MEETING_OFF),
        Rests::OtherFormat => Nothing(OWED_ANEW),
        Rests::AgencyView => Nothing("no agency has it yet"),
        Rests::Household => Nothing("the partner's claim stood by itself meanwhile"),
        Rests::WhoTold => Nothing(NO_DEATH),
        Rests::NextClaim => AtOnce(Duty::SettleMatter, CLAIMS_AGAIN),
    }
}

pub fn decision_reversed(rests: Rests) -> Follows {
    match rests {
        Rests::PackQueued | Rests::PackPrinting => AtOnce(Duty::ComposePack, REVERSED),
        Rests::PackPosted => Nothing("what was posted before holds again, and the letter about the reversal says so"),
        Rests::ReminderLetter | Rests::ReminderText | Rests::ReminderCall | Rests::Calendar => {
            Nothing("there is no meeting until another is booked")
        }
        Rests::Slot => Nothing(BOOKED_ANEW),
        Rests::Callback | Rests::VisitWanted | Rests::Standby => Nothing(ASKED_AGAIN),
        Rests::Steps => AtOnce(Duty::SettleSteps, REVERSED),
        Rests::ToMoveList => Nothing("there is no meeting to move"),
        Rests::StoppedCall => Nothing(NO_CLAIM),
        Rests::Check => Nothing(MEETING_OFF),
        Rests::OtherFormat => Nothing(OWED_ANEW),
        Rests::AgencyView => Nothing("it kept what was handed over"),
        Rests::Household => Nothing("the partner's claim stood by itself meanwhile"),
        Rests::WhoTold => Nothing(NO_DEATH),
        Rests::NextClaim => AtOnce(Duty::SettleMatter, REVERSED),
    }
}
