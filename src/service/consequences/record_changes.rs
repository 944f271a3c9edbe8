//! The table's rows of what changes in a client's record, and of a definition that is published.

use super::Follows::{self, Left, Nothing, SeenWhenLooked};
use super::Rests;

const CORRECTED: &str = "letters::what_is_corrected_before_printing_is_printed_corrected";
const EACH_STEP: &str =
    "still_holds::what_goes_to_the_refuge_after_any_step_of_printing_has_its_address_and_not_the_home";
const TOO_LATE: &str =
    "still_holds::what_is_posted_already_is_told_with_its_day_and_without_an_address_and_goes_again_to_the_right_place";
const LANGUAGE: &str = "what_follows::what_waits_to_be_printed_is_composed_anew_in_the_language_that_letters_have_now";
const BY_THE_RECORD: &str = "what_follows::a_text_and_a_call_back_go_to_the_number_that_the_record_has_by_then";
const HOURS_SHORTENED: &str =
    "office_hours::hours_that_are_shortened_leave_meetings_to_move_and_nothing_is_booked_beyond_them";
const HOURS_LONGER_AGAIN: &str = "office_hours::hours_that_are_longer_again_put_meetings_and_their_letters_back";
const NOT_RUNG: &str = "what_follows::whoever_is_not_to_be_rung_is_reminded_by_no_telephone";
const NOT_SAFE: &str = "reached::nobody_is_reminded_by_telephone_at_a_time_that_is_not_safe";
const SAFE: &str = "reached::a_client_is_rung_only_when_they_said_that_it_is_safe";
const WALKED: &str = "versions::a_claim_and_a_walk_go_on_with_the_version_they_began_on";
const REMINDED: &str = "reminders::a_week_of_calls_letters_and_texts_in_two_languages";
const BRAILLE: &str =
    "reached::what_a_client_reads_in_braille_is_printed_and_stands_on_a_list_until_somebody_has_had_it_produced";
const STOPPED: &str = "listed::nobody_is_told_to_ring_whoever_died_or_is_not_to_be_rung";

const WORD_FOR_WORD: &str = "it names the client by the record, whenever it is looked at";
const NO_TIME: &str = "it is about when, and this about how the client is reached";
const NOT_SHOWN: &str = "nothing of it is shown there";
const OWN_RECORD: &str = "each of them has a record of their own";
const NO_DEATH: &str = "nobody told us of a death";
const SAME_MATTER: &str = "what they were in touch about goes on";
const READABLE: &str = "it is at the right address; whoever wants it so is sent another: ComposePack";
const TAKES_ITS_PLACE: &str = "the letter that is composed takes its place";

pub fn name(rests: Rests) -> Follows {
    match rests {
        Rests::PackQueued => Left("it is taken back and composed anew", CORRECTED),
        Rests::PackPrinting => SeenWhenLooked("what was printed is not posted, and the print room is told", EACH_STEP),
        Rests::PackPosted => Left("the adviser is told, and it goes again", TOO_LATE),
        Rests::ReminderLetter | Rests::ReminderText | Rests::ReminderCall => {
            SeenWhenLooked("it has the name of the record", REMINDED)
        }
        Rests::Calendar | Rests::Callback | Rests::VisitWanted | Rests::Steps | Rests::ToMoveList | Rests::Standby => {
            Nothing(WORD_FOR_WORD)
        }
        Rests::Slot => Nothing(NO_TIME),
        Rests::StoppedCall => Nothing(WORD_FOR_WORD),
        Rests::Check => Nothing(NOT_SHOWN),
        Rests::OtherFormat => Left(TAKES_ITS_PLACE, BRAILLE),
        Rests::AgencyView => Nothing("it shows the answers, which changed with the record or before it"),
        Rests::Household => Nothing(OWN_RECORD),
        Rests::WhoTold => Nothing(NO_DEATH),
        Rests::NextClaim => Nothing(SAME_MATTER),
    }
}

pub fn address(rests: Rests) -> Follows {
    match rests {
        Rests::PackQueued => Left("it is taken back and composed anew", CORRECTED),
        Rests::PackPrinting => SeenWhenLooked("what was printed is not posted, and the print room is told", EACH_STEP),
        Rests::PackPosted => Left("the adviser is told, and it goes again to the right place", TOO_LATE),
        Rests::ReminderLetter => SeenWhenLooked("it goes where letters go that day", REMINDED),
        Rests::ReminderText | Rests::ReminderCall => Nothing("it goes to a telephone"),
        Rests::Calendar | Rests::Callback | Rests::VisitWanted | Rests::Standby | Rests::Steps | Rests::ToMoveList => {
            Nothing(NOT_SHOWN)
        }
        Rests::Slot => Nothing("the meeting stays with the claim's own site; who moved far away has it moved by hand"),
        Rests::StoppedCall => Nothing(NOT_SHOWN),
        Rests::Check => Nothing(NOT_SHOWN),
        Rests::OtherFormat => Left(TAKES_ITS_PLACE, BRAILLE),
        Rests::AgencyView => Nothing("it shows the answers, which changed with the record or before it"),
        Rests::Household => Nothing(OWN_RECORD),
        Rests::WhoTold => Nothing(NO_DEATH),
        Rests::NextClaim => Nothing(SAME_MATTER),
    }
}

pub fn telephone(rests: Rests) -> Follows {
    match rests {
        Rests::PackQueued | Rests::PackPrinting | Rests::PackPosted => {
            Nothing("no letter prints the client's number but the form, whose answer changed before it")
        }
        Rests::ReminderLetter => Nothing("it goes by post"),
        Rests::ReminderText | Rests::ReminderCall => {
            SeenWhenLooked("it goes to the number of the record", BY_THE_RECORD)
        }
        Rests::Callback => Left("one that was to ring the old number rings the new one", BY_THE_RECORD),
        Rests::Calendar | Rests::VisitWanted | Rests::Standby | Rests::ToMoveList => Nothing(NOT_SHOWN),
        Rests::Slot => Nothing(NO_TIME),
        Rests::Steps => Nothing("a step to ring shows the number of the record, whenever it is looked at"),
        Rests::StoppedCall => Nothing(WORD_FOR_WORD),
        Rests::Check => Nothing(NOT_SHOWN),
        Rests::OtherFormat => Nothing(NOT_SHOWN),
        Rests::AgencyView => Nothing("it shows the answers, which changed with the record or before it"),
        Rests::Household => Nothing(OWN_RECORD),
        Rests::WhoTold => Nothing(NO_DEATH),
        Rests::NextClaim => Nothing(SAME_MATTER),
    }
}

pub fn language(rests: Rests) -> Follows {
    match rests {
        Rests::PackQueued => Left("it is composed anew and takes the older one's place", LANGUAGE),
        Rests::PackPrinting => {
            Left("it is composed anew, and the older one is taken back as far as it can be", LANGUAGE)
        }
        Rests::PackPosted => Nothing(READABLE),
        Rests::ReminderLetter | Rests::ReminderText | Rests::ReminderCall => {
            SeenWhenLooked("it is in the language of the record", REMINDED)
        }
        Rests::Callback => Nothing("in what language is talked was agreed when it was booked, and a move asks again"),
        Rests::Calendar | Rests::VisitWanted | Rests::Standby | Rests::Steps | Rests::ToMoveList => Nothing(NOT_SHOWN),
        Rests::Slot => Nothing("with whom they are met was agreed when it was booked, and a move asks again"),
        Rests::StoppedCall => Nothing(NOT_SHOWN),
        Rests::Check => Nothing(NOT_SHOWN),
        Rests::OtherFormat => Left(TAKES_ITS_PLACE, BRAILLE),
        Rests::AgencyView => Nothing("offices read English"),
        Rests::Household => Nothing(OWN_RECORD),
        Rests::WhoTold => Nothing(NO_DEATH),
        Rests::NextClaim => Nothing(SAME_MATTER),
    }
}

pub fn print_size(rests: Rests) -> Follows {
    match rests {
        Rests::PackQueued => Left("it is composed anew and takes the older one's place", CORRECTED),
        Rests::PackPrinting => {
            Left("it is composed anew, and the older one is taken back as far as it can be", CORRECTED)
        }
        Rests::PackPosted => Nothing(READABLE),
        Rests::ReminderLetter => Nothing("the letter service prints in one size"),
        Rests::ReminderText | Rests::ReminderCall | Rests::Callback | Rests::VisitWanted => {
            Nothing("it is on no paper")
        }
        Rests::Calendar | Rests::Standby | Rests::Steps | Rests::ToMoveList => Nothing(NOT_SHOWN),
        Rests::Slot => Nothing(NO_TIME),
        Rests::StoppedCall => Nothing(NOT_SHOWN),
        Rests::Check => Nothing(NOT_SHOWN),
        Rests::OtherFormat => Left(TAKES_ITS_PLACE, BRAILLE),
        Rests::AgencyView => Nothing("it is printed for offices"),
        Rests::Household => Nothing(OWN_RECORD),
        Rests::WhoTold => Nothing(NO_DEATH),
        Rests::NextClaim => Nothing(SAME_MATTER),
    }
}

pub fn safety(rests: Rests) -> Follows {
    match rests {
        Rests::PackQueued | Rests::PackPrinting | Rests::PackPosted | Rests::ReminderLetter => {
            Nothing("it goes by post: where post may go is the address for letters")
        }
        Rests::ReminderText => SeenWhenLooked(
            "no text goes to a number that is not to be rung or in doubt, nor when it is not safe",
            NOT_SAFE,
        ),
        Rests::ReminderCall => SeenWhenLooked("whoever is not to be rung, or not now, is not on the list", NOT_RUNG),
        Rests::Callback => SeenWhenLooked("it is not begun, and tried again when it is safe", SAFE),
        Rests::Calendar => Nothing("it shows initials only"),
        Rests::Slot => Nothing(NO_TIME),
        Rests::VisitWanted => Nothing("to be seen is what may be done instead of ringing"),
        Rests::Standby => Nothing("how they are asked is for whoever reads on the record what is done instead"),
        Rests::Steps => Nothing("the record says what is done instead of ringing, to whoever does the step"),
        Rests::ToMoveList => Nothing(NOT_SHOWN),
        Rests::StoppedCall => SeenWhenLooked("it says so, and shows no number", STOPPED),
        Rests::Check => Nothing(NOT_SHOWN),
        Rests::OtherFormat => Nothing("it is a letter"),
        Rests::AgencyView => Nothing("what an agency may see are answers"),
        Rests::Household => Nothing(OWN_RECORD),
        Rests::WhoTold => Nothing(NO_DEATH),
        Rests::NextClaim => Nothing(SAME_MATTER),
    }
}

pub fn definition_published(rests: Rests) -> Follows {
    match rests {
        Rests::PackQueued | Rests::PackPrinting => Left(
            "a document stays as it was composed; one of a meeting that the hours in force leave outside is taken back",
            HOURS_LONGER_AGAIN,
        ),
        Rests::PackPosted => Nothing("it is the form that the client signs"),
        Rests::ReminderLetter | Rests::ReminderText | Rests::ReminderCall => {
            SeenWhenLooked("the plan in force counts, by the claim's own site", REMINDED)
        }
        Rests::Calendar => Nothing(NOT_SHOWN),
        Rests::Slot => Left("the days are made anew by the hours in force", HOURS_SHORTENED),
        Rests::Callback => Nothing("a place is worked out anew from the rota each time"),
        Rests::VisitWanted => Nothing("it has no words or times of the definition"),
        Rests::Standby => SeenWhenLooked(
            "freed time outside the hours in force is offered to nobody",
            "office_hours::freed_time_outside_the_hours_is_offered_to_nobody",
        ),
        Rests::Steps => SeenWhenLooked(
            "the rules in force count, also for an older claim",
            "obligation::a_claim_begun_before_meetings_said_whom_they_bind_is_decided_as_any_other",
        ),
        Rests::ToMoveList => {
            SeenWhenLooked("meetings on a day or in hours that are closed by now are on it", HOURS_SHORTENED)
        }
        Rests::StoppedCall => Nothing("a walk goes on with the version it began on"),
        Rests::Check => Nothing("a claim goes on with the version it began on"),
        Rests::OtherFormat => Nothing("a pack never changes"),
        Rests::AgencyView => SeenWhenLooked("a claim is shown by the version it began on", WALKED),
        Rests::Household => Nothing("each claim stays on the version it began on"),
        Rests::WhoTold => Nothing(NO_DEATH),
        Rests::NextClaim => Nothing(SAME_MATTER),
    }
}
