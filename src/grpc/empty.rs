//! Why an answer is empty: what the rooms say, as messages.

use crate::pb;
use startline_definition::Definition;
use startline_rooms::{callbacks, diary, printing};

pub fn why(reason: pb::EmptyReason, sentence: impl Into<String>) -> pb::WhyEmpty {
    pb::WhyEmpty { reason: reason.into(), sentence: sentence.into() }
}

/// Why a page of a list is empty, when it is: a page after the first is because the list has ended.
pub fn last_page_or(is_empty: bool, page_token: &str, none_at_all: pb::WhyEmpty) -> Option<pb::WhyEmpty> {
    let last = || why(pb::EmptyReason::LastPage, "The page before was the last.");
    is_empty.then(|| if page_token.is_empty() { none_at_all } else { last() })
}

/// Why no meeting can be had.
pub fn no_meeting(none: diary::WhyNone) -> pb::WhyEmpty {
    use diary::WhyNone;
    use pb::EmptyReason;
    match none {
        WhyNone::NobodyThere => why(EmptyReason::NobodyThere, "This site has no personal advisers."),
        WhyNone::NoDiary => {
            why(EmptyReason::NoDiary, "No personal adviser has hours there: SetWorkingPattern gives them.")
        }
        WhyNone::WishesLeaveNobody => {
            why(EmptyReason::WishesLeaveNobody, "The wishes leave no personal adviser who has hours: ask with fewer.")
        }
        WhyNone::BeyondDiaries => {
            why(EmptyReason::BeyondDiaries, "The first time asked for is later than the diaries go.")
        }
        WhyNone::Full => why(EmptyReason::Full, "Every diary is full, as far as the diaries go."),
    }
}

/// Why nobody is seen on a day.
pub fn no_appointments(none: diary::WhyIdle) -> pb::WhyEmpty {
    use diary::WhyIdle;
    use pb::EmptyReason;
    match none {
        WhyIdle::Closed => why(EmptyReason::Closed, "The office is closed on this day."),
        WhyIdle::NoDiary => why(EmptyReason::NoDiary, "Nobody has hours at this office on this day."),
        WhyIdle::NothingBooked => why(EmptyReason::NothingBooked, "Nothing is booked at this office on this day."),
    }
}

/// Why no call-back can be had.
pub fn no_callback(definition: &Definition, asked: &callbacks::Asked, none: callbacks::WhyNone) -> pb::WhyEmpty {
    use callbacks::WhyNone;
    use pb::EmptyReason;
    match none {
        WhyNone::NobodyThere => why(EmptyReason::NobodyThere, "Nobody at this site makes call-backs."),
        WhyNone::NoRoster => {
            why(EmptyReason::NoRoster, "Nobody at this site has call-backs on their roster: SetRoster gives them.")
        }
        WhyNone::NobodyWithSkills => {
            let skills = asked.needs.named(definition);
            why(EmptyReason::NobodyWithSkills, format!("Nobody at this site has {skills}."))
        }
        WhyNone::BeyondDiaries => {
            why(EmptyReason::BeyondDiaries, "The first time asked for is later than the diaries go.")
        }
        WhyNone::Full => why(EmptyReason::Full, "Every place is taken, as far as the diaries go."),
    }
}

/// Why there is nothing to print; and what may come.
pub fn nothing_to_print(none: printing::WhyNone, to_compose: u32, exceptions: u32) -> pb::WhyEmpty {
    let (reason, mut sentence) = match none {
        printing::WhyNone::NothingQueued => (pb::EmptyReason::NothingQueued, "Nothing waits to be printed.".to_owned()),
        printing::WhyNone::AllLeased => {
            (pb::EmptyReason::AllLeased, "All that waits to be printed is leased, or at a printer.".to_owned())
        }
    };
    if to_compose > 0 {
        sentence.push_str(&format!(" {to_compose} packs of the whole network are still to be composed."));
    }
    if exceptions > 0 {
        sentence.push_str(&format!(" {exceptions} of this site cannot be printed until somebody mends them."));
    }
    why(reason, sentence)
}
