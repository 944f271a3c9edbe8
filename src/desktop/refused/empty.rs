//! Why a list of times or of a day is empty, by the reason's name in the contract.

use crate::words::words;
use startline_api as pb;
use startline_foundation::formats::Language;

words! { pub Empty {
    no_diary: "No personal adviser has hours there. Whoever keeps the diaries can give them some.", "Nid oes gan unrhyw gynghorydd personol oriau yno. Gall y sawl sy'n cadw'r dyddiaduron roi rhai iddynt.";
    nobody_there: "This site has no personal advisers.", "Nid oes cynghorwyr personol yn y safle hwn.";
    wishes_leave_nobody: "Nobody who has hours is left by what was wished. Ask for less.", "Nid yw'r dymuniadau'n gadael neb sydd ag oriau. Gofynnwch am lai.";
    full: "Everything is taken, as far as the diaries go.", "Mae popeth wedi'i gymryd, cyn belled ag y mae'r dyddiaduron yn mynd.";
    beyond_diaries: "The first time asked for is later than the diaries go.", "Mae'r amser cyntaf y gofynnwyd amdano'n hwyrach nag y mae'r dyddiaduron yn mynd.";
    closed: "It is closed on this day.", "Mae ar gau ar y diwrnod hwn.";
    nothing_booked: "Nothing is booked on this day.", "Nid oes dim wedi'i drefnu ar y diwrnod hwn.";
    last_page: "The page before was the last.", "Y dudalen o'r blaen oedd yr olaf.";
} }

/// None where the list is not empty, or for no reason of these.
pub fn why(language: Language, why: Option<&pb::WhyEmpty>) -> Option<&'static str> {
    let name = why?.reason().as_str_name().trim_start_matches("EMPTY_REASON_");
    Empty::of(language).sentence(&name.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_reason_of_an_empty_diary_is_said_on_a_page() {
        use pb::EmptyReason::{
            BeyondDiaries, Closed, Full, LastPage, NoDiary, NobodyThere, NothingBooked, WishesLeaveNobody,
        };
        for reason in [BeyondDiaries, Closed, Full, LastPage, NoDiary, NobodyThere, NothingBooked, WishesLeaveNobody] {
            let told = pb::WhyEmpty { reason: reason.into(), sentence: "in English".into() };
            for language in [Language::English, Language::Welsh] {
                assert!(why(language, Some(&told)).is_some(), "{reason:?}");
            }
        }
        assert_eq!(why(Language::Welsh, None), None);
    }
}
