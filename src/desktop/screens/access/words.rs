//! The words of the pages on which a privacy officer sees who looked.

use crate::words::words;
use startline_api as pb;

words! { pub AccessWords {
    title: "Who looked", "Pwy edrychodd";
    requests: "Records that were asked for", "Cofnodion y gofynnwyd amdanynt";
    requests_more: "Somebody opened these outside of their work, with a reason. Each waits for whether it was justified.", "Agorodd rhywun y rhain y tu allan i'w waith, gyda rheswm. Mae pob un yn aros i wybod a oedd cyfiawnhad.";
    open: "To be judged", "I'w barnu";
    with_closed: "All, also those judged", "Y cyfan, hefyd y rhai a farnwyd";
    none_open: "None waits to be judged.", "Nid oes un yn aros i'w farnu.";
    none: "Nobody has asked for a record outside of their work.", "Nid oes neb wedi gofyn am gofnod y tu allan i'w waith.";
    asked_at: "Asked", "Gofynnwyd";
    who: "Who", "Pwy";
    from_where: "From", "O";
    why: "Why", "Pam";
    client: "Client", "Cleient";
    client_number: "The client's number", "Rhif y cleient";
    user_number: "The user's number", "Rhif y defnyddiwr";
    numbers_more: "One of the two, as it stands in the address of the client's or the person's page. No names are searched for here.", "Un o'r ddau, fel y mae yng nghyfeiriad tudalen y cleient neu'r person. Ni chwilir am enwau yma.";
    number_needed: "Enter a client's number or a user's", "Rhowch rif cleient neu rif defnyddiwr";
    first_day: "From this day", "O'r diwrnod hwn";
    last_day: "Up to and with this day", "Hyd at a chan gynnwys y diwrnod hwn";
    not_a_day: "Enter a day, such as 31/12/2026", "Rhowch ddiwrnod, fel 31/12/2026";
    looks: "Looks at records", "Edrychiadau ar gofnodion";
    looks_of_client: "Who looked at this client's record", "Pwy edrychodd ar gofnod y cleient hwn";
    looks_of_user: "What this person looked at", "Beth yr edrychodd y person hwn arno";
    find_looks: "Find looks", "Dod o hyd i edrychiadau";
    show: "Show", "Dangos";
    no_looks: "Nobody has looked at anything then that the question is about.", "Nid oes neb wedi edrych bryd hynny ar ddim y mae'r cwestiwn yn ymwneud ag ef.";
    when: "When", "Pryd";
    what: "What", "Beth";
    how: "By which method", "Drwy ba ddull";
    ground: "Why they might", "Pam y caent";
    judge: "Judge", "Barnu";
    judged: "Judged", "Barnwyd";
    see: "See", "Gweld";
    request: "A record that was asked for", "Cofnod y gofynnwyd amdano";
    open_until: "Open to them until", "Ar agor iddynt tan";
    their_note: "What they wrote", "Beth a ysgrifennon nhw";
    verdict: "Was it justified?", "A oedd cyfiawnhad?";
    justified: "Justified", "Gyda chyfiawnhad";
    not_justified: "Not justified", "Heb gyfiawnhad";
    note: "Your note", "Eich nodyn";
    note_more: "What you found. At most 300 characters, without names.", "Yr hyn a ganfuoch. 300 nod ar y mwyaf, heb enwau.";
    close: "Close it", "Ei gau";
    close_more: "It is closed once. It cannot be opened again.", "Fe'i caeir unwaith. Ni ellir ei agor eto.";
    closing_note: "What was written when it was judged", "Yr hyn a ysgrifennwyd pan farnwyd ef";
    verdict_needed: "Choose whether it was justified", "Dewiswch a oedd cyfiawnhad";
    all_looks_of_client: "All who looked at this client's record", "Pawb a edrychodd ar gofnod y cleient hwn";
    all_looks_of_user: "All that this person looked at", "Y cyfan yr edrychodd y person hwn arno";
    print: "For the client who asks: the printed list", "I'r cleient sy'n gofyn: y rhestr argraffedig";
    print_more: "By day and person, in plain words, to be handed over. That you made it is noted as a look of yours. What is too much for one document is said at its end: make another up to that day.", "Fesul diwrnod a pherson, mewn geiriau plaen, i'w drosglwyddo. Nodir i chi ei wneud fel edrychiad o'ch eiddo. Dywedir ar y diwedd beth sy'n ormod ar gyfer un ddogfen: gwnewch un arall hyd at y diwrnod hwnnw.";
    in_language: "Language", "Iaith";
    own_language: "The language in which the client is written to", "Yr iaith yr ysgrifennir at y cleient ynddi";
    english: "English", "Saesneg";
    welsh: "Welsh", "Cymraeg";
    download: "Download the list (PDF)", "Lawrlwytho'r rhestr (PDF)";
    reason_in_touch: "The client is in touch, and the floor does not know it", "Mae'r cleient mewn cysylltiad, ac nid yw'r llawr yn gwybod hynny";
    reason_colleague: "A colleague asked for help", "Gofynnodd cydweithiwr am help";
    reason_complaint: "A complaint", "Cwyn";
    reason_harm: "Somebody may come to harm", "Gallai rhywun gael niwed";
    reason_correction: "Something in it is wrong", "Mae rhywbeth ynddo yn anghywir";
    reason_other: "Another reason", "Rheswm arall";
} }

words! { pub Grounds {
    own_site: "The work of their own site", "Gwaith eu safle eu hunain";
    helped_site: "The work of a lost site that theirs helps", "Gwaith safle coll y mae eu safle nhw yn ei helpu";
    call_in_hand: "Somebody of that area is on their telephone", "Mae rhywun o'r ardal honno ar eu ffôn";
    moved_away: "The client was of their site until lately", "Roedd y cleient o'u safle tan yn ddiweddar";
    callback_in_hand: "They are making the client's call-back", "Maent yn gwneud galwad yn ôl y cleient";
    own_meeting: "The client's meeting is with them", "Gyda nhw y mae cyfarfod y cleient";
    meeting_at_office: "The client has a meeting at their office", "Mae gan y cleient gyfarfod yn eu swyddfa";
    open_step: "Something is to be done for the client at their site", "Mae rhywbeth i'w wneud i'r cleient yn eu safle";
    to_be_lodged: "The claim is to be lodged at their site", "Mae'r hawliad i'w drosglwyddo yn eu safle";
    to_be_checked: "The claim is to be checked at their site", "Mae'r hawliad i'w wirio yn eu safle";
    printing: "They print it", "Nhw sy'n ei argraffu";
    handed_over: "It was handed over to their agency", "Fe'i trosglwyddwyd i'w hasiantaeth";
    theirs: "They hold it themselves", "Nhw eu hunain sy'n ei ddal";
    asked_for: "They asked for it, with a reason", "Gofynnon nhw amdano, gyda rheswm";
    accounts: "They tell the client who has looked", "Maent yn dweud wrth y cleient pwy sydd wedi edrych";
} }

words! { pub Kinds {
    client: "Client record", "Cofnod cleient";
    claim: "Claim", "Hawliad";
    callback: "Call-back", "Galwad yn ôl";
    missed_caller: "Missed caller", "Galwr a gollwyd";
    walk: "What was said in a script", "Yr hyn a ddywedwyd mewn sgript";
    appointment: "Meeting", "Cyfarfod";
    reminder: "Reminder", "Nodyn atgoffa";
    query: "Query about a claim", "Ymholiad am hawliad";
    step: "Step", "Cam";
    standby: "Standby list", "Rhestr wrth gefn";
    standby_offer: "Standby offer", "Cynnig wrth gefn";
    pack: "Pack or letter", "Pecyn neu lythyr";
    print_job: "Print job", "Swydd argraffu";
    pack_exception: "What could not be printed", "Yr hyn na ellid ei argraffu";
} }

impl AccessWords {
    pub fn reason(&self, reason: pb::RequestReason) -> &'static str {
        match reason {
            pb::RequestReason::ClientInTouch => self.reason_in_touch,
            pb::RequestReason::HelpsColleague => self.reason_colleague,
            pb::RequestReason::Complaint => self.reason_complaint,
            pb::RequestReason::RiskOfHarm => self.reason_harm,
            pb::RequestReason::Correction => self.reason_correction,
            pb::RequestReason::Other | pb::RequestReason::Unspecified => self.reason_other,
        }
    }

    /// Empty while nobody has judged it.
    pub fn said(&self, verdict: pb::Verdict) -> &'static str {
        match verdict {
            pb::Verdict::Justified => self.justified,
            pb::Verdict::NotJustified => self.not_justified,
            pb::Verdict::Unspecified => "",
        }
    }
}
