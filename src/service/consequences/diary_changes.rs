//! The table's rows of meetings put off, done without, cancelled, moved and booked, and of those that have to be moved.

use super::Follows::{self, AtOnce, Itself, Left, Nothing, SeenWhenLooked};
use super::{Duty, Rests};

const PUT_OFF: &str = "print_room::a_meeting_that_is_put_off_is_told_by_letter";
const TAKEN_BACK: &str = "put_off::a_decision_that_is_taken_back_in_the_call_is_taken_back_and_its_letter_with_it";
const GIVES_BACK: &str = "claim_life::a_deferred_meeting_gives_back_its_time_and_the_claim_is_lodged_without_it";
const WAIVED: &str =
    "claim_life::a_team_leader_alone_does_without_a_meeting_but_from_sixty_on_it_is_the_clients_choice";
const OFF: &str = "letters::a_cancelled_meetings_pack_is_held_and_the_client_hears_that_it_is_off";
const NOT_REMINDED: &str = "reminders::what_was_moved_or_cancelled_is_not_reminded_of_at_its_old_time";
const MOVED: &str = "print_room::a_meeting_that_moves_is_in_the_claims_own_pack_or_in_a_letter";
const KEEPS_ITS_ID: &str = "diary::a_meeting_keeps_its_id_through_moves_and_says_why_it_was_cancelled";
const FREED: &str = "standby::freed_time_is_offered_in_order_and_whoever_accepts_frees_their_own";
const CALENDAR: &str = "calendars::a_calendar_shows_initials_and_a_reference_and_is_gone_when_revoked";
const BOOKED_ANEW: &str =
    "print_room::a_meeting_that_is_booked_anew_is_in_the_clients_pack_and_no_pack_is_given_up_for_want_of_one";
const REMINDED: &str = "reminders::a_week_of_calls_letters_and_texts_in_two_languages";
const SICK: &str = "letters::a_meeting_that_has_to_be_moved_is_in_no_letter_until_somebody_has_settled_it";
const SICK_NO_CALL: &str = "letters::nobody_is_rung_about_a_meeting_that_has_to_be_moved";
const LISTED: &str = "diary::time_off_that_leaves_meetings_is_refused_or_lists_them";
const HOLIDAY: &str = "letters::a_meeting_on_a_bank_holiday_that_was_proclaimed_since_is_in_no_letter";
const TO_MOVE: &str = "what_follows::nobody_is_told_to_come_to_an_office_that_is_closed_that_day";
const NO_TEXT: &str = "what_follows::no_text_or_letter_reminds_of_a_meeting_that_has_to_be_moved";
const BRAILLE: &str =
    "reached::what_a_client_reads_in_braille_is_printed_and_stands_on_a_list_until_somebody_has_had_it_produced";
const NO_BRAILLE: &str = "reached::what_no_longer_stands_is_owed_in_no_other_format";
const MOVED_CHECK: &str = "checks::a_meeting_that_is_moved_is_checked_anew_where_it_is_held";

const SEEN_TO: &str = "it is about the start-up call, and this about a meeting";
const LEFT_TO_THEM: &str = "whoever moves the meeting tells the client, by the letter that follows from the move";
const STAYS: &str = "the meeting stands where it was until somebody moves it";
const NO_AGENCY: &str = "it shows the answers, and no meeting";
const OTHERS: &str = "it is this client's meeting alone";
const NO_DEATH: &str = "nobody told us of a death";
const SAME_MATTER: &str = "what they were in touch about goes on";
const NO_CLAIM: &str = "a call that stopped is of no claim";
const NOT_THERE: &str = "a meeting that was given back is on no list of checks";
const TAKES_ITS_PLACE: &str = "the letter that is composed takes its place";

pub fn deferral(rests: Rests) -> Follows {
    match rests {
        Rests::PackQueued | Rests::PackPrinting | Rests::PackPosted => AtOnce(Duty::WriteDeferral, PUT_OFF),
        Rests::ReminderLetter | Rests::ReminderText | Rests::ReminderCall => {
            SeenWhenLooked("its time is given back, and nobody is reminded of it", NOT_REMINDED)
        }
        Rests::Calendar => SeenWhenLooked("the meeting is there no more", GIVES_BACK),
        Rests::Slot => Itself("the time is given back", GIVES_BACK),
        Rests::Callback | Rests::VisitWanted => Nothing(SEEN_TO),
        Rests::Standby | Rests::Steps => AtOnce(
            Duty::SettleMeetingSteps,
            "followup::a_deferred_meeting_comes_back_on_its_review_day_once_and_what_was_lodged_stays_lodged",
        ),
        Rests::ToMoveList => SeenWhenLooked("what was given back has not to be moved", GIVES_BACK),
        Rests::StoppedCall => Nothing(NO_CLAIM),
        Rests::Check => Nothing(NOT_THERE),
        Rests::OtherFormat => Left(TAKES_ITS_PLACE, BRAILLE),
        Rests::AgencyView => Nothing(NO_AGENCY),
        Rests::Household => Nothing(OTHERS),
        Rests::WhoTold => Nothing(NO_DEATH),
        Rests::NextClaim => Nothing(SAME_MATTER),
    }
}

pub fn waiver(rests: Rests) -> Follows {
    match rests {
        Rests::PackQueued | Rests::PackPrinting | Rests::PackPosted => AtOnce(Duty::WriteDeferral, WAIVED),
        Rests::ReminderLetter | Rests::ReminderText | Rests::ReminderCall => {
            SeenWhenLooked("its time is given back, and nobody is reminded of it", NOT_REMINDED)
        }
        Rests::Calendar => SeenWhenLooked("the meeting is there no more", GIVES_BACK),
        Rests::Slot => Itself("the time is given back", GIVES_BACK),
        Rests::Callback | Rests::VisitWanted => Nothing(SEEN_TO),
        Rests::Standby | Rests::Steps => AtOnce(Duty::SettleMeetingSteps, WAIVED),
        Rests::ToMoveList => SeenWhenLooked("what was given back has not to be moved", GIVES_BACK),
        Rests::StoppedCall => Nothing(NO_CLAIM),
        Rests::Check => Nothing(NOT_THERE),
        Rests::OtherFormat => Left(TAKES_ITS_PLACE, BRAILLE),
        Rests::AgencyView => Nothing(NO_AGENCY),
        Rests::Household => Nothing(OTHERS),
        Rests::WhoTold => Nothing(NO_DEATH),
        Rests::NextClaim => Nothing(SAME_MATTER),
    }
}

pub fn decision_taken_back(rests: Rests) -> Follows {
    match rests {
        Rests::PackQueued | Rests::PackPrinting => {
            Left("the letter that said so is taken back as far as it can be", TAKEN_BACK)
        }
        Rests::PackPosted => Nothing("they took it back themselves, and the time that is booked now is told by letter"),
        Rests::ReminderLetter | Rests::ReminderText | Rests::ReminderCall | Rests::Calendar => {
            Nothing("there is no meeting until another is booked")
        }
        Rests::Slot => Nothing("its time was given back when it was put off"),
        Rests::Callback | Rests::VisitWanted => Nothing(SEEN_TO),
        Rests::Standby => Nothing("they left it when the meeting was put off, and join it anew if they wish"),
        Rests::Steps => AtOnce(Duty::SettleMeetingSteps, TAKEN_BACK),
        Rests::ToMoveList => Nothing("no meeting lies ahead"),
        Rests::StoppedCall => Nothing(NO_CLAIM),
        Rests::Check => Nothing(NOT_THERE),
        Rests::OtherFormat => Left("it goes with the letter that is taken back", NO_BRAILLE),
        Rests::AgencyView => Nothing(NO_AGENCY),
        Rests::Household => Nothing(OTHERS),
        Rests::WhoTold => Nothing(NO_DEATH),
        Rests::NextClaim => Nothing(SAME_MATTER),
    }
}

pub fn cancelled(rests: Rests) -> Follows {
    match rests {
        Rests::PackQueued | Rests::PackPrinting | Rests::PackPosted => AtOnce(Duty::WriteMeetingOff, OFF),
        Rests::ReminderLetter | Rests::ReminderText | Rests::ReminderCall => {
            SeenWhenLooked("what is not booked is not reminded of", NOT_REMINDED)
        }
        Rests::Calendar => SeenWhenLooked("it is shown as cancelled", CALENDAR),
        Rests::Slot => Itself("the time and the room are given back", KEEPS_ITS_ID),
        Rests::Callback | Rests::VisitWanted => Nothing(SEEN_TO),
        Rests::Standby => Left("the time is offered to whoever waits for an earlier one", FREED),
        Rests::Steps => SeenWhenLooked(
            "another is to be arranged",
            "slipping::a_claim_whose_meeting_was_cancelled_is_to_have_another",
        ),
        Rests::ToMoveList => SeenWhenLooked("what is cancelled has not to be moved", LISTED),
        Rests::StoppedCall => Nothing(NO_CLAIM),
        Rests::Check => Nothing(NOT_THERE),
        Rests::OtherFormat => Left("it goes with the letter that is taken back", NO_BRAILLE),
        Rests::AgencyView => Nothing(NO_AGENCY),
        Rests::Household => Nothing(OTHERS),
        Rests::WhoTold => Nothing(NO_DEATH),
        Rests::NextClaim => Nothing(SAME_MATTER),
    }
}

pub fn moved(rests: Rests) -> Follows {
    match rests {
        Rests::PackQueued | Rests::PackPrinting | Rests::PackPosted => AtOnce(Duty::WriteNewTime, MOVED),
        Rests::ReminderLetter | Rests::ReminderText | Rests::ReminderCall => {
            SeenWhenLooked("the lines of the new time count", NOT_REMINDED)
        }
        Rests::Calendar => SeenWhenLooked("it stands at its new time, under its old id", CALENDAR),
        Rests::Slot => Itself("the old time is given back and the new one taken", KEEPS_ITS_ID),
        Rests::Callback | Rests::VisitWanted => Nothing(SEEN_TO),
        Rests::Standby => Left("the old time is offered to whoever waits for an earlier one", FREED),
        Rests::Steps => Nothing("a meeting is booked as before, and answers what it answered"),
        Rests::ToMoveList => SeenWhenLooked("it is off the list", LISTED),
        Rests::StoppedCall => Nothing(NO_CLAIM),
        Rests::Check => AtOnce(Duty::BeginCheckAnew, MOVED_CHECK),
        Rests::OtherFormat => Left(TAKES_ITS_PLACE, BRAILLE),
        Rests::AgencyView => Nothing(NO_AGENCY),
        Rests::Household => Nothing(OTHERS),
        Rests::WhoTold => Nothing(NO_DEATH),
        Rests::NextClaim => Nothing(SAME_MATTER),
    }
}

pub fn booked(rests: Rests) -> Follows {
    match rests {
        Rests::PackQueued | Rests::PackPrinting => AtOnce(Duty::ComposePack, BOOKED_ANEW),
        Rests::PackPosted => AtOnce(Duty::WriteOtherTime, OFF),
        Rests::ReminderLetter | Rests::ReminderText | Rests::ReminderCall => {
            SeenWhenLooked("its lines are due in their time", REMINDED)
        }
        Rests::Calendar => SeenWhenLooked("it is there", CALENDAR),
        Rests::Slot => {
            Itself("its time and its room are taken", "races::a_personal_advisers_time_goes_to_one_of_twenty")
        }
        Rests::Callback | Rests::VisitWanted => Nothing(SEEN_TO),
        Rests::Standby => Nothing("whoever has a meeting may wait for an earlier one"),
        Rests::Steps => SeenWhenLooked(
            "what a meeting answers is off the list",
            "followup::a_deferred_meeting_comes_back_on_its_review_day_once_and_what_was_lodged_stays_lodged",
        ),
        Rests::ToMoveList => Nothing("only a time that stands can be booked"),
        Rests::StoppedCall => Nothing(NO_CLAIM),
        Rests::Check => Nothing("nothing is kept of it before the client comes"),
        Rests::OtherFormat => Left(TAKES_ITS_PLACE, BRAILLE),
        Rests::AgencyView => Nothing(NO_AGENCY),
        Rests::Household => Nothing(OTHERS),
        Rests::WhoTold => Nothing(NO_DEATH),
        Rests::NextClaim => Nothing(SAME_MATTER),
    }
}

pub fn adviser_sick(rests: Rests) -> Follows {
    match rests {
        Rests::PackQueued => Left("it is taken back until the meeting is settled", SICK),
        Rests::PackPrinting => SeenWhenLooked(
            "no step towards an envelope is taken while the meeting has to be moved",
            "still_holds::a_stored_pack_that_does_not_hold_is_not_printed_again_whole_or_in_part",
        ),
        Rests::PackPosted => Nothing(LEFT_TO_THEM),
        Rests::ReminderLetter | Rests::ReminderText => SeenWhenLooked("it waits until the meeting is settled", NO_TEXT),
        Rests::ReminderCall => SeenWhenLooked("nobody is rung until the meeting is settled", SICK_NO_CALL),
        Rests::Calendar => Nothing(STAYS),
        Rests::Slot => Itself("the working time of the day is gone", LISTED),
        Rests::Callback | Rests::VisitWanted => Nothing(SEEN_TO),
        Rests::Standby => Nothing("no time became free"),
        Rests::Steps => Nothing("it stands on the list of meetings to move"),
        Rests::ToMoveList => SeenWhenLooked("its meetings are on it", LISTED),
        Rests::StoppedCall => Nothing(NO_CLAIM),
        Rests::Check => Nothing(STAYS),
        Rests::OtherFormat => Left("it goes with the letter that is taken back", NO_BRAILLE),
        Rests::AgencyView => Nothing(NO_AGENCY),
        Rests::Household => Nothing(OTHERS),
        Rests::WhoTold => Nothing(NO_DEATH),
        Rests::NextClaim => Nothing(SAME_MATTER),
    }
}

pub fn holiday(rests: Rests) -> Follows {
    match rests {
        Rests::PackQueued | Rests::PackPrinting => {
            SeenWhenLooked("nobody leases an invitation to a closed office", HOLIDAY)
        }
        Rests::PackPosted => Nothing(LEFT_TO_THEM),
        Rests::ReminderLetter | Rests::ReminderText => SeenWhenLooked("it waits until the meeting is settled", NO_TEXT),
        Rests::ReminderCall => SeenWhenLooked("nobody is rung until the meeting is settled", SICK_NO_CALL),
        Rests::Calendar => Nothing(STAYS),
        Rests::Slot => Left("the days are made anew", LISTED),
        Rests::Callback => Left(
            "it is at risk, with a move proposed",
            "callbacks::sickness_shows_at_once_what_is_at_risk_and_nothing_moves_by_itself",
        ),
        Rests::VisitWanted => Nothing("it has no day yet"),
        Rests::Standby => Nothing("no time became free"),
        Rests::Steps => Nothing("it stands on the list of meetings to move"),
        Rests::ToMoveList => SeenWhenLooked("its meetings are on it", LISTED),
        Rests::StoppedCall => Nothing(NO_CLAIM),
        Rests::Check => Nothing(STAYS),
        Rests::OtherFormat => Left("it goes with the letter that is taken back", NO_BRAILLE),
        Rests::AgencyView => Nothing(NO_AGENCY),
        Rests::Household => Nothing(OTHERS),
        Rests::WhoTold => Nothing(NO_DEATH),
        Rests::NextClaim => Nothing(SAME_MATTER),
    }
}

pub fn office_closed(rests: Rests) -> Follows {
    match rests {
        Rests::PackQueued | Rests::PackPrinting => Left("it is taken back until the meeting is settled", TO_MOVE),
        Rests::PackPosted => Nothing(LEFT_TO_THEM),
        Rests::ReminderLetter | Rests::ReminderText => SeenWhenLooked("it waits until the meeting is settled", NO_TEXT),
        Rests::ReminderCall => SeenWhenLooked("nobody is rung until the meeting is settled", TO_MOVE),
        Rests::Calendar => Nothing(STAYS),
        Rests::Slot => Itself("the working time of the day is gone for everybody there", TO_MOVE),
        Rests::Callback | Rests::VisitWanted => Nothing("call-backs are made from the call centre"),
        Rests::Standby => Nothing("no time became free"),
        Rests::Steps => Nothing("it stands on the list of meetings to move"),
        Rests::ToMoveList => SeenWhenLooked("its meetings are on it", TO_MOVE),
        Rests::StoppedCall => Nothing(NO_CLAIM),
        Rests::Check => Nothing(STAYS),
        Rests::OtherFormat => Left("it goes with the letter that is taken back", NO_BRAILLE),
        Rests::AgencyView => Nothing(NO_AGENCY),
        Rests::Household => Nothing(OTHERS),
        Rests::WhoTold => Nothing(NO_DEATH),
        Rests::NextClaim => Nothing(SAME_MATTER),
    }
}
