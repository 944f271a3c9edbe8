//! The words of walks and of the form. The Welsh is to be checked by a Welsh speaker.

use crate::words::words;
use startline_foundation::formats::Language;

words! { pub FormWords {
    error: "Error:", "Gwall:";
    optional: "optional", "dewisol";
    for_you: "For you to answer; do not read it out.", "I chi ei ateb; peidiwch â'i ddarllen yn uchel.";
    to_confirm: "Known: read it out to confirm", "Yn hysbys: darllenwch ef i'w gadarnhau";
    ask_again: "Ask again", "Gofynnwch eto";
    said_before: "Said before", "Dywedwyd o'r blaen";
    withheld: "Not shown to you", "Heb ei ddangos i chi";
    withheld_more: "There is an answer. Your work does not need it.", "Mae ateb. Nid oes ei angen ar eich gwaith.";
    changed_meanwhile: "Somebody saved another answer while you were typing", "Cadwodd rhywun ateb arall tra oeddech yn teipio";
    stands_now: "The form says now", "Mae'r ffurflen yn dweud nawr";
    which_stands: "Which is to stand?", "Pa un sydd i sefyll?";
    mine_stands: "Mine, as typed below", "Fy un i, fel y'i teipiwyd isod";
    theirs_stands: "The one that is there now", "Yr un sydd yno nawr";
    another_row: "Another row", "Rhes arall";
    row: "Row", "Rhes";
    none_of_these: "None", "Dim";
    no_answer: "No answer", "Dim ateb";
    amount: "Amount in pounds", "Swm mewn punnoedd";
    how_often: "How often", "Pa mor aml";
    every_day: "a day", "y dydd";
    every_week: "a week", "yr wythnos";
    every_fortnight: "every two weeks", "bob pythefnos";
    every_four_weeks: "every four weeks", "bob pedair wythnos";
    every_month: "a month", "y mis";
    every_year: "a year", "y flwyddyn";
    bank_account_holder: "Name on the account", "Enw ar y cyfrif";
    bank_bank: "Bank or building society", "Banc neu gymdeithas adeiladu";
    bank_sort_code: "Sort code", "Cod didoli";
    bank_account_number: "Account number", "Rhif y cyfrif";
    bank_roll_number: "Roll number, if there is one", "Rhif rôl, os oes un";
    safe: "Saved", "Wedi'i gadw";
    on_paper: "Filled in on paper, at the meeting.", "Fe'i llenwir ar bapur, yn y cyfarfod.";
} }

impl FormWords {
    /// Said to the client, in the client's language.
    pub fn yes_in(&self, talk: Language) -> &'static str {
        match talk {
            Language::English => "Yes",
            Language::Welsh => "Ie",
        }
    }

    pub fn no_in(&self, talk: Language) -> &'static str {
        match talk {
            Language::English => "No",
            Language::Welsh => "Na",
        }
    }
}

words! { pub WalkWords {
    client: "Client", "Cleient";
    nobody_yet: "Caller not known yet", "Galwr heb ei adnabod eto";
    born: "Born", "Ganwyd";
    postcode: "Postcode", "Cod post";
    talks: "Talks in", "Yn siarad";
    english: "English", "Saesneg";
    welsh: "Welsh", "Cymraeg";
    the_claim: "The claim", "Yr hawliad";
    say: "Say", "Dywedwch";
    question: "Ask", "Gofynnwch";
    guidance: "For you", "I chi";
    next: "Next", "Nesaf";
    back: "Back", "Yn ôl";
    save: "Save what is typed", "Cadw'r hyn a deipiwyd";
    confirm_part: "All that is marked here still holds", "Mae popeth a farciwyd yma'n dal yn wir";
    confirm_part_more: "These answers come from an earlier claim or from the client's record. Read them out; if all of them hold, say so once.", "Daw'r atebion hyn o hawliad cynharach neu o gofnod y cleient. Darllenwch nhw'n uchel; os yw pob un yn wir, dywedwch hynny unwaith.";
    saved_as_typed: "Each answer is saved as you type it.", "Cedwir pob ateb wrth i chi ei deipio.";
    saved_by_next: "Next saves what is typed.", "Mae Nesaf yn cadw'r hyn a deipiwyd.";
    part: "Part", "Rhan";
    answered_of: "answered", "wedi'u hateb";
    of: "of", "o";
    skip: "Leave this stage out", "Gadael y cam hwn allan";
    skip_reason: "Why it is left out", "Pam y caiff ei adael allan";
    gathered: "What the call has gathered", "Yr hyn a gasglodd yr alwad";
    course: "Where the call stands", "Lle mae'r alwad yn sefyll";
    in_call: "In the call", "Yn yr alwad";
    outline: "The call", "Yr alwad";
    outline_form: "The form", "Y ffurflen";
    passed: "done", "wedi'i wneud";
    skipped: "left out", "wedi'i adael allan";
    open_count: "open", "ar agor";
    all_answered: "complete", "cyflawn";
    key_areas: "Must be covered", "Rhaid ymdrin â";
    area_open: "still to do", "i'w wneud o hyd";
    area_covered: "covered", "wedi'i drafod";
    area_skipped: "left out", "wedi'i adael allan";
    area_left_out: "not for this client", "nid ar gyfer y cleient hwn";
    area_skip: "Settle with a reason", "Datrys gyda rheswm";
    reason: "Reason", "Rheswm";
    leave_out: "Leave out", "Gadael allan";
    notes: "Notes", "Nodiadau";
    note: "A note", "Nodyn";
    note_hint: "Notes are kept as they are, and do not move the call on.", "Cedwir nodiadau fel y maent, ac nid ydynt yn symud yr alwad ymlaen.";
    take_note: "Keep this note", "Cadw'r nodyn hwn";
    park: "Stop here and go on later", "Aros yma a mynd ymlaen yn ddiweddarach";
    park_more: "The call ends and everything is kept. You or a colleague can take it up at any desk.", "Daw'r alwad i ben a chedwir popeth. Gallwch chi neu gydweithiwr ei chodi wrth unrhyw ddesg.";
    park_note: "A note for whoever goes on", "Nodyn i bwy bynnag fydd yn mynd ymlaen";
    parked: "This call stands still", "Mae'r alwad hon wedi'i hoedi";
    parked_since: "Everything is kept. It stands still since", "Cedwir popeth. Mae wedi'i hoedi ers";
    resume: "Go on with it here", "Mynd ymlaen â hi yma";
    somebody_else: "works on this too. Last at", "yn gweithio ar hyn hefyd. Ddiwethaf am";
    hint_held: "Noticed earlier", "Sylwyd yn gynharach";
    minutes: "min", "mun";
    this_stage: "this stage", "y cam hwn";
    over_time: "longer than planned: finish the part, then offer a second call", "yn hirach na'r bwriad: gorffennwch y rhan, yna cynigiwch ail alwad";
    evidence: "What to bring", "Beth i ddod ag ef";
    evidence_none: "Nothing yet.", "Dim eto.";
    instead: "Instead", "Yn ei le";
    meeting: "The meeting", "Y cyfarfod";
    meeting_open: "Nothing is arranged yet.", "Nid oes dim wedi'i drefnu eto.";
    meeting_page: "Arrange the meeting", "Trefnu'r cyfarfod";
    meeting_change: "Change it", "Ei newid";
    offer_callback: "Offer times for the call-back", "Cynnig amserau ar gyfer yr alwad yn ôl";
    finish: "Finish the start-up call", "Gorffen yr alwad gychwynnol";
    finished: "The script is at its end", "Mae'r sgript ar ben";
    finished_more: "Every answer is kept.", "Cedwir pob ateb.";
    go_back_in: "Go back into the script", "Mynd yn ôl i'r sgript";
    who_is_it: "Who is it?", "Pwy yw e?";
    look: "Look for a record", "Chwilio am gofnod";
    look_more: "Look before you make a new record: they may have rung before.", "Chwiliwch cyn gwneud cofnod newydd: efallai eu bod wedi ffonio o'r blaen.";
    look_found: "Records of this name", "Cofnodion o'r enw hwn";
    look_none: "No record of this name that you may see.", "Dim cofnod o'r enw hwn y cewch ei weld.";
    look_further: "Look further", "Chwilio ymhellach";
    go_on_with: "Go on with", "Mynd ymlaen gyda";
    new_client: "Make a new record and go on", "Gwneud cofnod newydd a mynd ymlaen";
    new_more: "None of these? A new record begins with what has been said so far.", "Dim un o'r rhain? Mae cofnod newydd yn dechrau gyda'r hyn a ddywedwyd hyd yma.";
    new_whole: "Fill in a whole record first", "Llenwi cofnod cyfan yn gyntaf";
    late_letter: "A letter is in the post already and goes to the old address. Tell the client. It arrives by", "Mae llythyr eisoes yn y post ac yn mynd i'r hen gyfeiriad. Dywedwch wrth y cleient. Bydd yn cyrraedd erbyn";
    call_back_next: "Book the call-back", "Trefnu'r alwad yn ôl";
    record: "To the client's record", "I gofnod y cleient";
    walk_moved: "The call has moved on, on another desk or in another window. What you see is where it stands now.", "Mae'r alwad wedi symud ymlaen, wrth ddesg arall neu mewn ffenestr arall. Yr hyn a welwch yw lle mae'n sefyll nawr.";
    brought_up: "Saved. There is more to ask in this part now.", "Wedi'i gadw. Mae rhagor i'w ofyn yn y rhan hon nawr.";
    and_then: "then", "yna";
    pack_in_time: "The pack is there before the meeting, by", "Bydd y pecyn yno cyn y cyfarfod, erbyn";
    pack_late: "By post the pack would come after the meeting, on", "Drwy'r post byddai'r pecyn yn dod ar ôl y cyfarfod, ar";
    pack_by: "By post the pack is there by", "Drwy'r post bydd y pecyn yno erbyn";
} }
