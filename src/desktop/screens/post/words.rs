//! The print room's words.

use crate::words::words;
use startline_api as pb;

words! { pub PostWords {
    title: "Print room", "Ystafell argraffu";
    queue: "Queue", "Ciw";
    batches: "Batches", "Sypiau";
    exceptions: "Cannot be printed", "Ni ellir eu hargraffu";
    to_hand_over: "To hand over", "I'w trosglwyddo";
    scan: "Find a pack by its code", "Dod o hyd i becyn wrth ei god";
    code: "Scan the code on a page", "Sganiwch y cod ar dudalen";
    code_needed: "Scan a code, or type what it says", "Sganiwch god, neu deipiwch yr hyn y mae'n ei ddweud";
    go: "Find", "Dod o hyd";
    queued: "Queued", "Yn y ciw";
    leased: "Leased", "Ar brydles";
    printing: "At a printer", "Wrth argraffydd";
    printed: "Printed, to be posted", "Wedi'u hargraffu, i'w postio";
    to_compose: "To be composed (whole network)", "I'w cyfansoddi (y rhwydwaith cyfan)";
    pages_of: "pages", "tudalen";
    sheets_of: "sheets", "dalen";
    jobs_of: "jobs", "swydd";
    printers: "Printers", "Argraffwyr";
    printer: "Printer", "Argraffydd";
    seen: "Last heard of", "Clywyd amdano ddiwethaf";
    no_printers: "No printer of this room has been heard of.", "Ni chlywyd am unrhyw argraffydd o'r ystafell hon.";
    idle: "waiting", "yn aros";
    printing_now: "printing", "yn argraffu";
    stopped: "stopped", "wedi stopio";
    gone: "does not answer", "ddim yn ateb";
    take_jobs: "Take jobs", "Cymryd swyddi";
    how_many: "How many", "Sawl un";
    for_minutes: "For how many minutes", "Am faint o funudau";
    take_more: "They are yours until then. What was not begun by then goes to whoever asks next.", "Chi biau nhw tan hynny. Mae'r hyn na ddechreuwyd erbyn hynny yn mynd i bwy bynnag sy'n gofyn nesaf.";
    take: "Take them", "Eu cymryd";
    number_wrong: "Enter a whole number", "Rhowch rif cyfan";
    yours: "Yours", "Eich rhai chi";
    none_yours: "You have no jobs now.", "Nid oes gennych swyddi nawr.";
    in_queue: "In the queue", "Yn y ciw";
    none_queued: "Nothing waits to be printed.", "Nid oes dim yn aros i'w argraffu.";
    others: "With others, or at a printer", "Gydag eraill, neu wrth argraffydd";
    to_post: "Printed, to be posted", "Wedi'u hargraffu, i'w postio";
    none_to_post: "Nothing printed waits for the post.", "Nid oes dim a argraffwyd yn aros am y post.";
    all_of_them: "All of them", "Y cyfan ohonynt";
    pack: "Pack", "Pecyn";
    kind: "What it is", "Beth yw e";
    pages: "Pages", "Tudalennau";
    sheets: "Sheets", "Dalennau";
    paper: "Look and paper", "Golwg a phapur";
    envelope: "Envelope", "Amlen";
    post: "Leaves with the post of", "Yn gadael gyda phost";
    has_it: "Who has it", "Pwy sydd ganddo";
    until: "Until", "Tan";
    state: "State", "Cyflwr";
    you: "you", "chi";
    uncertain: "Look in the tray", "Edrychwch yn yr hambwrdd";
    uncertain_more: "Nobody knows whether it was printed. Look in the printer's tray: report it printed if it is there, and return it if it is not.", "Nid oes neb yn gwybod a gafodd ei argraffu. Edrychwch yn hambwrdd yr argraffydd: rhowch wybod ei fod wedi'i argraffu os yw yno, a dychwelwch ef os nad yw.";
    tick: "Tick", "Ticio";
    counted: "Pages counted", "Tudalennau a gyfrifwyd";
    of: "of", "o";
    report_all: "Report the ticked ones printed", "Rhoi gwybod bod y rhai a diciwyd wedi'u hargraffu";
    report_all_more: "Tick what came out, and put right each number that is another than you counted.", "Ticiwch yr hyn a ddaeth allan, a chywirwch bob rhif sy'n wahanol i'r hyn a gyfrifoch.";
    none_ticked: "Tick at least one", "Ticiwch o leiaf un";
    first_class: "First class", "Dosbarth cyntaf";
    second_class: "Second class", "Ail ddosbarth";
    english: "English", "Saesneg";
    welsh: "Welsh", "Cymraeg";
    side_by_side: "Welsh and English side by side", "Cymraeg a Saesneg ochr yn ochr";
    facing: "Welsh left, English right", "Cymraeg ar y chwith, Saesneg ar y dde";
    large_print: "Large print", "Print bras";
    one_side: "one side", "un ochr";
    both_sides: "both sides, long edge", "y ddwy ochr, ymyl hir";
    no_envelope: "None: handed over", "Dim: ei drosglwyddo";
    c5: "C5, folded once", "C5, wedi'i blygu unwaith";
    c4: "C4, flat", "C4, yn fflat";
    by_post: "By post", "Drwy'r post";
    collected: "Collected by the client", "Y cleient yn ei gasglu";
    by_email: "By e-mail", "Drwy e-bost";
    claim: "Claim pack", "Pecyn hawliad";
    missed_meeting: "Letter: missed meeting", "Llythyr: cyfarfod a gollwyd";
    decision: "Letter: what was decided", "Llythyr: yr hyn a benderfynwyd";
    new_time: "Letter: new time", "Llythyr: amser newydd";
    death: "Letter: condolences", "Llythyr: cydymdeimlad";
    meeting_off: "Letter: meeting off", "Llythyr: cyfarfod wedi'i ganslo";
    deferral: "Letter: meeting put off", "Llythyr: cyfarfod wedi'i ohirio";
    missed_callback: "Letter: missed call-back", "Llythyr: galwad yn ôl a gollwyd";
    is_queued: "Queued", "Yn y ciw";
    is_leased: "Leased", "Ar brydles";
    is_printed: "Printed", "Wedi'i argraffu";
    is_posted: "Posted", "Wedi'i bostio";
    is_composed: "Composed", "Wedi'i gyfansoddi";
    is_printing: "At a printer", "Wrth argraffydd";
    is_spoiled: "Spoiled", "Wedi'i ddifetha";
    is_cancelled: "Cancelled", "Wedi'i ganslo";
    is_returned: "Came back", "Daeth yn ôl";
    is_handed_over: "Handed over", "Wedi'i drosglwyddo";
    // A pack's page.
    reference: "Reference", "Cyfeirnod";
    delivery: "How it goes", "Sut mae'n mynd";
    arrives_by: "There at the latest on", "Yno fan hwyraf ar";
    composed: "Composed", "Cyfansoddwyd";
    in_language: "Language", "Iaith";
    documents: "What is in it", "Beth sydd ynddo";
    document: "Document", "Dogfen";
    open_pdf: "Open the PDF", "Agor y PDF";
    replaces: "It takes the place of an older pack", "Mae'n cymryd lle pecyn hŷn";
    scanned: "You scanned page", "Sganioch dudalen";
    not_newest: "A newer pack has taken its place: take that one.", "Mae pecyn mwy newydd wedi cymryd ei le: cymerwch hwnnw.";
    the_newer: "The newer pack", "Y pecyn mwy newydd";
    printings: "Printings", "Argraffiadau";
    no_printings: "It was not printed.", "Ni chafodd ei argraffu.";
    printing_no: "Printing", "Argraffiad";
    queued_at: "Queued", "Rhoddwyd yn y ciw";
    room: "Print room", "Ystafell argraffu";
    reason: "Reason", "Rheswm";
    printed_at: "Printed", "Argraffwyd";
    posted_on: "Posted on", "Postiwyd ar";
    incomplete: "Left without all pages", "Gadawodd heb bob tudalen";
    begin: "Begin printing", "Dechrau argraffu";
    begin_more: "To be said before anything goes to a printer: from then on nobody else gets it.", "I'w ddweud cyn i ddim fynd i argraffydd: o hynny ymlaen nid yw neb arall yn ei gael.";
    printer_name: "Which printer", "Pa argraffydd";
    longer: "Five more minutes", "Pum munud arall";
    return_job: "Return it to the queue", "Ei ddychwelyd i'r ciw";
    return_more: "Only when nothing of it was printed.", "Dim ond pan na argraffwyd dim ohono.";
    report_printed: "Report it printed", "Rhoi gwybod ei fod wedi'i argraffu";
    report_printed_again: "Correct the pages counted", "Cywiro'r tudalennau a gyfrifwyd";
    report_spoiled: "Report it spoiled", "Rhoi gwybod ei fod wedi'i ddifetha";
    spoiled_more: "This job is over then, and a new one stands for it, first in the queue.", "Mae'r swydd hon ar ben wedyn, ac mae un newydd yn sefyll drosti, yn gyntaf yn y ciw.";
    spoiled_pages: "Pages spoiled; 0 when none came out", "Tudalennau a ddifethwyd; 0 os na ddaeth un allan";
    report_posted: "Report it posted", "Rhoi gwybod ei fod wedi'i bostio";
    report_posted_again: "Correct the day", "Cywiro'r diwrnod";
    day_of_post: "With the post of which day", "Gyda phost pa ddiwrnod";
    why_incomplete: "Why it leaves without all of its pages, if it does", "Pam mae'n gadael heb bob un o'i dudalennau, os ydyw";
    report_returned: "The post brought it back", "Daeth y post ag ef yn ôl";
    as_envelope_says: "Why, as the envelope says", "Pam, fel y dywed yr amlen";
    hand_over: "Report it handed over", "Rhoi gwybod ei fod wedi'i drosglwyddo";
    cancel: "Cancel this pack", "Canslo'r pecyn hwn";
    cancel_more: "It is taken out of the post. If it was printed, destroy the paper.", "Fe'i tynnir o'r post. Os cafodd ei argraffu, dinistriwch y papur.";
    reprint: "Print it again", "Ei argraffu eto";
    reprint_more: "As it was stored, whole or some of its pages.", "Fel y'i cadwyd, yn gyfan neu rai o'i dudalennau.";
    first_page: "From page", "O dudalen";
    last_page: "To page", "I dudalen";
    whole_when_empty: "Empty: the whole pack.", "Gwag: y pecyn cyfan.";
    why: "Why", "Pam";
    corrections: "What was reported otherwise before", "Yr hyn yr adroddwyd yn wahanol o'r blaen";
    was: "Was", "Oedd";
    became: "Became", "Daeth yn";
    by: "By", "Gan";
    corrected_printed_pages: "Pages printed", "Tudalennau a argraffwyd";
    corrected_spoiled_pages: "Pages spoiled", "Tudalennau a ddifethwyd";
    corrected_posted_day: "Day of the post", "Diwrnod y post";
    corrected_return_reason: "Why it came back", "Pam y daeth yn ôl";
    corrected_packs: "Packs counted", "Pecynnau a gyfrifwyd";
    corrected_batch_pages: "Pages counted", "Tudalennau a gyfrifwyd";
    printer_needed: "Enter which printer", "Rhowch pa argraffydd";
    why_needed: "Say why", "Dywedwch pam";
    pack_incomplete: "Fewer pages were reported printed than it has. Print it again, correct the count, or say why it leaves as it is.", "Adroddwyd bod llai o dudalennau wedi'u hargraffu nag sydd ganddo. Argraffwch ef eto, cywirwch y cyfrif, neu dywedwch pam mae'n gadael fel y mae.";
    lease_lost: "Your lease ran out, or it was told of otherwise meanwhile. Nothing was noted: look at the printing as it is now.", "Daeth eich prydles i ben, neu dywedwyd yn wahanol amdano yn y cyfamser. Ni nodwyd dim: edrychwch ar yr argraffiad fel y mae nawr.";
    post_closed: "That day's post is closed: it cannot be taken out any more.", "Mae post y diwrnod hwnnw wedi cau: ni ellir ei dynnu allan mwyach.";
    not_a_day: "Enter a day, such as 31/12/2026", "Rhowch ddiwrnod, fel 31/12/2026";
    // Batches.
    day: "Day", "Diwrnod";
    class: "Class", "Dosbarth";
    closes: "Closes", "Yn cau";
    closed: "Closed", "Wedi cau";
    count: "Counted", "Cyfrifwyd";
    not_counted: "not yet", "ddim eto";
    no_batches: "No post of this room yet.", "Dim post o'r ystafell hon eto.";
    manifest: "Manifest", "Maniffest";
    t_queued: "Queued for it", "Yn y ciw ar ei gyfer";
    t_open: "Not printed yet", "Heb ei argraffu eto";
    t_waiting: "Printed, not posted", "Wedi'i argraffu, heb ei bostio";
    t_posted: "Posted", "Wedi'i bostio";
    t_returned: "Came back", "Daeth yn ôl";
    t_spoiled: "Spoiled", "Wedi'i ddifetha";
    t_cancelled: "Cancelled", "Wedi'i ganslo";
    packs: "Packs", "Pecynnau";
    differences: "Differences", "Gwahaniaethau";
    no_differences: "None: everything is accounted for.", "Dim: mae cyfrif am bopeth.";
    whole_batch: "the whole batch", "y swp cyfan";
    count_it: "Count it", "Ei gyfrif";
    count_more: "As it leaves. Counted again, the first count is kept as a correction.", "Wrth iddo adael. Os cyfrifir eto, cedwir y cyfrif cyntaf fel cywiriad.";
    // Where something cannot be printed.
    place_client_name: "Client's name", "Enw'r cleient";
    place_adviser: "Adviser", "Cynghorydd";
    place_personal_adviser: "Personal adviser", "Cynghorydd personol";
    place_address: "Address", "Cyfeiriad";
    place_pack: "The whole pack", "Y pecyn cyfan";
    place_question: "Question", "Cwestiwn";
    place_summary: "Summary", "Crynodeb";
    d_not_posted: "Not posted", "Heb ei bostio";
    d_pages: "Pages are missing", "Mae tudalennau ar goll";
    d_uncertain: "Nobody knows whether it was printed", "Nid oes neb yn gwybod a gafodd ei argraffu";
    d_take_out: "Take it out", "Tynnwch ef allan";
    d_counted_packs: "Packs counted differ", "Mae'r pecynnau a gyfrifwyd yn wahanol";
    d_counted_pages: "Pages counted differ", "Mae'r tudalennau a gyfrifwyd yn wahanol";
    // What cannot be printed.
    exceptions_more: "Each waits for somebody to say what is printed instead, to put the record right, or to have it produced elsewhere.", "Mae pob un yn aros i rywun ddweud beth a argreffir yn ei le, i gywiro'r cofnod, neu i drefnu ei gynhyrchu mewn man arall.";
    elsewhere_by: "to be produced elsewhere by", "i'w gynhyrchu mewn man arall erbyn";
    elsewhere_more: "The printed letter goes out all the same, since it is the one that is signed. Have it produced in this format, and say so here when it is on its way.", "Mae'r llythyr printiedig yn mynd allan yr un fath, gan mai ef a lofnodir. Trefnwch ei gynhyrchu yn y fformat hwn, a dywedwch yma pan fydd ar ei ffordd.";
    elsewhere_text: "What it says", "Yr hyn y mae'n ei ddweud";
    produced: "It has been produced, and is on its way", "Mae wedi'i gynhyrchu, ac mae ar ei ffordd";
    no_exceptions: "Everything could be printed.", "Gellid argraffu popeth.";
    raised: "Since", "Ers";
    what_wrong: "What is wrong", "Beth sydd o'i le";
    mend: "Mend and compose again", "Trwsio a chyfansoddi eto";
    mend_more: "Say what is printed instead. Leave empty what you have put right in the record. The record and the claim keep what was said.", "Dywedwch beth a argreffir yn ei le. Gadewch yn wag yr hyn a gywiroch yn y cofnod. Mae'r cofnod a'r hawliad yn cadw'r hyn a ddywedwyd.";
    instead: "Printed instead", "Argreffir yn ei le";
    still_wrong: "It still cannot be printed", "Ni ellir ei argraffu o hyd";
    dismiss: "It was dealt with in another way", "Deliwyd ag ef mewn ffordd arall";
    dismiss_more: "It leaves this list, and nothing is printed. It cannot be brought back.", "Mae'n gadael y rhestr hon, ac ni argreffir dim. Ni ellir ei ddwyn yn ôl.";
    as_before: "The pack as it was composed before", "Y pecyn fel y'i cyfansoddwyd o'r blaen";
    settled: "Settled", "Wedi'i ddatrys";
    mend_record: "The client's record", "Cofnod y cleient";
    // To be handed over.
    none_to_hand_over: "No pack waits to be handed over.", "Nid oes pecyn yn aros i'w drosglwyddo.";
    to_whom: "Where to", "I ble";
} }

impl PostWords {
    /// What the service says when it is a sentence of its own, in the page's language.
    pub fn why_not(&self, reason: &str) -> Option<&'static str> {
        match reason {
            "PACK_INCOMPLETE" => Some(self.pack_incomplete),
            "LEASE_LOST" => Some(self.lease_lost),
            "POST_CLOSED" => Some(self.post_closed),
            _ => None,
        }
    }

    pub fn kind(&self, kind: &str) -> String {
        match kind {
            "claim" => self.claim,
            "missed_meeting" => self.missed_meeting,
            "decision" => self.decision,
            "new_time" => self.new_time,
            "meeting_off" => self.meeting_off,
            "death" => self.death,
            "deferral" => self.deferral,
            "missed_callback" => self.missed_callback,
            other => return other.to_owned(),
        }
        .to_owned()
    }

    pub fn is(&self, state: pb::PackState) -> &'static str {
        match state {
            pb::PackState::Queued | pb::PackState::Unspecified => self.is_queued,
            pb::PackState::Leased => self.is_leased,
            pb::PackState::Printed => self.is_printed,
            pb::PackState::Posted => self.is_posted,
            pb::PackState::Composed => self.is_composed,
            pb::PackState::Printing => self.is_printing,
            pb::PackState::Spoiled => self.is_spoiled,
            pb::PackState::Cancelled => self.is_cancelled,
            pb::PackState::Returned => self.is_returned,
            pb::PackState::HandedOver => self.is_handed_over,
        }
    }

    pub fn class(&self, class: pb::PostClass) -> &'static str {
        match class {
            pb::PostClass::First => self.first_class,
            pb::PostClass::Second | pb::PostClass::Unspecified => self.second_class,
        }
    }

    pub fn look(&self, look: pb::PrintLook) -> &'static str {
        match look {
            pb::PrintLook::English | pb::PrintLook::Unspecified => self.english,
            pb::PrintLook::SideBySide => self.side_by_side,
            pb::PrintLook::Facing => self.facing,
        }
    }

    pub fn sides(&self, sides: pb::PrintSides) -> &'static str {
        match sides {
            pb::PrintSides::TwoLongEdge => self.both_sides,
            pb::PrintSides::One | pb::PrintSides::Unspecified => self.one_side,
        }
    }

    pub fn envelope(&self, envelope: pb::Envelope) -> &'static str {
        match envelope {
            pb::Envelope::C5 => self.c5,
            pb::Envelope::C4 => self.c4,
            pb::Envelope::None | pb::Envelope::Unspecified => self.no_envelope,
        }
    }

    pub fn goes(&self, delivery: pb::Delivery) -> &'static str {
        match delivery {
            pb::Delivery::Collect => self.collected,
            pb::Delivery::Email => self.by_email,
            pb::Delivery::Post | pb::Delivery::Unspecified => self.by_post,
        }
    }

    pub fn corrected(&self, what: pb::CorrectedReport) -> &'static str {
        match what {
            pb::CorrectedReport::PrintedPages => self.corrected_printed_pages,
            pb::CorrectedReport::SpoiledPages => self.corrected_spoiled_pages,
            pb::CorrectedReport::PostedDay => self.corrected_posted_day,
            pb::CorrectedReport::ReturnReason => self.corrected_return_reason,
            pb::CorrectedReport::CountedPacks => self.corrected_packs,
            pb::CorrectedReport::CountedPages => self.corrected_batch_pages,
            pb::CorrectedReport::Unspecified => "",
        }
    }

    /// `question B5`, `client name`.
    pub fn place(&self, place: &str) -> String {
        let (first, id) = place.split_once(' ').unwrap_or((place, ""));
        match (place, first) {
            ("client name", _) => self.place_client_name.to_owned(),
            ("adviser", _) => self.place_adviser.to_owned(),
            ("personal adviser", _) => self.place_personal_adviser.to_owned(),
            ("address", _) => self.place_address.to_owned(),
            ("pack", _) => self.place_pack.to_owned(),
            (_, "question") => format!("{} {id}", self.place_question),
            (_, "summary") => format!("{} {id}", self.place_summary),
            _ => place.to_owned(),
        }
    }

    pub fn difference<'a>(&self, what: &'a str) -> &'a str {
        match what {
            "NOT_POSTED" => self.d_not_posted,
            "PAGES" => self.d_pages,
            "UNCERTAIN" => self.d_uncertain,
            "TAKE_OUT" => self.d_take_out,
            "COUNTED_PACKS" => self.d_counted_packs,
            "COUNTED_PAGES" => self.d_counted_pages,
            other => other,
        }
    }

    pub fn printer_is<'a>(&self, state: &'a str) -> &'a str {
        match state {
            "idle" => self.idle,
            "printing" => self.printing_now,
            "stopped" => self.stopped,
            "gone" => self.gone,
            other => other,
        }
    }
}
