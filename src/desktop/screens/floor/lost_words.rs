//! What is said of sites that are lost.

use crate::words::words;
use startline_foundation::formats::Language;

words! { pub LostWords {
    title: "Lost sites", "Safleoedd a gollwyd";
    title_more: "A site that cannot work is declared lost: its calls go to other sites at once, and the sites that are named make its call-backs.", "Datgenir bod safle na all weithio ar goll: mae ei alwadau'n mynd i safleoedd eraill ar unwaith, ac mae'r safleoedd a enwir yn gwneud ei alwadau'n ôl.";
    floor: "The floor", "Y llawr";
    now: "Lost now", "Ar goll nawr";
    none_now: "No site is lost.", "Nid oes safle ar goll.";
    past: "Earlier", "Yn gynharach";
    none_past: "No site was lost before.", "Ni chollwyd safle o'r blaen.";
    declare: "Declare a site lost", "Datgan bod safle ar goll";
    site: "Site", "Safle";
    site_which: "Which site is lost?", "Pa safle sydd ar goll?";
    reason: "What happened", "Beth ddigwyddodd";
    reason_hint: "All desks of the sites concerned are told it. At most 200 characters, for example: flood, no power", "Dywedir hyn wrth holl ddesgiau'r safleoedd dan sylw. 200 nod ar y mwyaf, er enghraifft: llifogydd, dim trydan";
    helpers: "Who makes its call-backs?", "Pwy sy'n gwneud ei alwadau'n ôl?";
    helpers_hint: "With nobody ticked they stay its own.", "Heb dicio neb, maent yn aros yn eiddo iddo.";
    made_by: "Call-backs made by", "Galwadau'n ôl gan";
    itself: "itself", "y safle ei hun";
    declared_by: "Declared by", "Datganwyd gan";
    ended_by: "Ended by", "Daeth i ben gan";
    from: "From", "O";
    until: "Until", "Tan";
    go_on: "See what it will do", "Gweld beth fydd yn ei wneud";
    check_title: "Before you declare it lost", "Cyn i chi ddatgan ei fod ar goll";
    check_does: "This happens at once", "Mae hyn yn digwydd ar unwaith";
    waiting_move: "Callers who wait there and are led elsewhere", "Galwyr sy'n aros yno ac a arweinir i rywle arall";
    calls_go: "Its calls go to", "Mae ei alwadau'n mynd i";
    callbacks_go: "Its call-backs are made by", "Gwneir ei alwadau'n ôl gan";
    callbacks_stay: "nobody else: they stay its own", "neb arall: maent yn aros yn eiddo iddo";
    callbacks_due: "Call-backs that are due now", "Galwadau'n ôl i'w gwneud nawr";
    told: "Desks that are told, with the reason", "Desgiau y dywedir wrthynt, gyda'r rheswm";
    talking_stay: "Conversations that go on: they are not cut off", "Sgyrsiau sy'n mynd ymlaen: ni chânt eu torri";
    free_there: "Free there now", "Yn rhydd yno nawr";
    nobody_open: "no other site is open now", "nid oes safle arall ar agor nawr";
    closed_now: "closed now", "ar gau nawr";
    is_lost_too: "lost itself", "ar goll ei hun";
    declare_now: "Declare it lost", "Datgan ei fod ar goll";
    change: "Change something", "Newid rhywbeth";
    end: "It is back", "Mae'n ôl";
    end_title: "Before you say that it is back", "Cyn i chi ddweud ei fod yn ôl";
    end_does: "Its calls and its call-backs are its own again at once. Call-backs that another site has started are finished there.", "Mae ei alwadau a'i alwadau'n ôl yn eiddo iddo eto ar unwaith. Gorffennir yno y galwadau'n ôl y mae safle arall wedi'u dechrau.";
    end_now: "Say that it is back", "Dweud ei fod yn ôl";
    lost_now: "The site is declared lost. Its calls go to other sites.", "Datganwyd bod y safle ar goll. Mae ei alwadau'n mynd i safleoedd eraill.";
    site_needed: "Choose the site that is lost", "Dewiswch y safle sydd ar goll";
    reason_needed: "Say what happened", "Dywedwch beth ddigwyddodd";
    helper_itself: "The lost site cannot help itself", "Ni all y safle a gollwyd helpu ei hun";
    already: "This site is declared lost already", "Mae'r safle hwn eisoes wedi'i ddatgan ar goll";
    not_lost: "This site is not declared lost any more.", "Nid yw'r safle hwn wedi'i ddatgan ar goll mwyach.";
    not_known: "not known", "ddim yn hysbys";
} }

impl LostWords {
    /// What became of it when the site was said to be back.
    pub fn is_back(&self, site: &str, started: u32) -> String {
        match (self.language, started) {
            (Language::English, 0) => format!("{site} is back. No call-back of its own is under way elsewhere."),
            (Language::English, 1) => {
                format!("{site} is back. One call-back that another site had started is finished there.")
            }
            (Language::English, many) => {
                format!("{site} is back. {many} call-backs that other sites had started are finished there.")
            }
            (Language::Welsh, 0) => {
                format!("Mae {site} yn ôl. Nid oes galwad yn ôl o'i eiddo ar waith yn rhywle arall.")
            }
            (Language::Welsh, 1) => {
                format!("Mae {site} yn ôl. Gorffennir yno un alwad yn ôl yr oedd safle arall wedi'i dechrau.")
            }
            (Language::Welsh, many) => {
                format!("Mae {site} yn ôl. Gorffennir yno {many} galwad yn ôl yr oedd safleoedd eraill wedi'u dechrau.")
            }
        }
    }

    /// "3 advisers"; at least so many when the list goes on.
    pub fn at_least(&self, many: usize, goes_on: bool) -> String {
        match (self.language, goes_on) {
            (_, false) => many.to_string(),
            (Language::English, true) => format!("{many} or more"),
            (Language::Welsh, true) => format!("{many} neu fwy"),
        }
    }
}
