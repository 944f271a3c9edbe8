//! The desk's words.

use crate::words::words;
use startline_api::StatusCause;

words! { pub DeskWords {
    title: "Your desk", "Eich desg";
    start: "Start taking calls", "Dechrau derbyn galwadau";
    start_more: "Calls ring at your telephone, and are shown here. You can leave this page: who rings is shown on every page.", "Mae galwadau'n canu ar eich ffôn, ac fe'u dangosir yma. Gallwch adael y dudalen hon: dangosir pwy sy'n ffonio ar bob tudalen.";
    telephone: "Where the switch reaches your telephone", "Lle mae'r switsfwrdd yn cyrraedd eich ffôn";
    telephone_hint: "For example sip:asha@desk7.example. It is kept in this browser.", "Er enghraifft sip:asha@desk7.example. Fe'i cedwir yn y porwr hwn.";
    rings: "My telephone rings as soon as a call is offered, and answering it takes the call", "Mae fy ffôn yn canu cyn gynted ag y cynigir galwad, ac mae ei ateb yn derbyn yr alwad";
    available_at_once: "Be available at once", "Bod ar gael ar unwaith";
    status: "Are you taking calls?", "Ydych chi'n derbyn galwadau?";
    be_available: "Be available", "Bod ar gael";
    take_break: "Take a break", "Cymryd egwyl";
    break_reason: "Why", "Pam";
    other_reason: "Another reason", "Rheswm arall";
    tea: "Tea", "Te";
    lunch: "Lunch", "Cinio";
    training: "Training", "Hyfforddiant";
    meeting: "Meeting", "Cyfarfod";
    writing: "Writing up", "Cofnodi";
    stop: "Stop taking calls", "Rhoi'r gorau i dderbyn galwadau";
    ringing: "A call is ringing", "Mae galwad yn canu";
    from: "From", "Oddi wrth";
    place: "Place", "Lle";
    home: "Belongs to", "Yn perthyn i";
    why_here: "Why it comes to you", "Pam mae'n dod atoch chi";
    waited_since: "Waiting since", "Yn aros ers";
    needs: "Needs", "Anghenion";
    urgent: "Urgent", "Brys";
    again: "Rings again after a call that was cut off", "Yn ffonio eto ar ôl galwad a dorrwyd";
    abroad: "From abroad", "O dramor";
    passed_by: "Passed on by", "Trosglwyddwyd gan";
    ask_postcode: "Ask for the postcode first: neither number says where the caller lives.", "Gofynnwch am y cod post yn gyntaf: nid yw'r naill rif na'r llall yn dweud lle mae'r galwr yn byw.";
    accept: "Accept", "Derbyn";
    decline: "Decline", "Gwrthod";
    known: "Known by this number", "Yn hysbys wrth y rhif hwn";
    known_more: "A telephone may be shared. Ask who is speaking before you say anything of a record.", "Gall ffôn gael ei rannu. Gofynnwch pwy sy'n siarad cyn dweud dim am gofnod.";
    nobody_known: "Nobody is known by this number.", "Nid oes neb yn hysbys wrth y rhif hwn.";
    promised: "Call-backs promised to them", "Galwadau a addawyd iddynt";
    on_call: "On a call", "Ar alwad";
    the_call: "The call", "Yr alwad";
    back_to_script: "Back to the script", "Yn ôl i'r sgript";
    begin_script: "Begin the script", "Dechrau'r sgript";
    begin_with: "Begin the script with", "Dechrau'r sgript gyda";
    somebody_new: "Somebody who is not in the list", "Rhywun nad yw yn y rhestr";
    postcode: "The caller's postcode", "Cod post y galwr";
    postcode_hint: "It decides which site the call belongs to.", "Mae'n penderfynu i ba safle mae'r alwad yn perthyn.";
    set_home: "Use this postcode", "Defnyddio'r cod post hwn";
    end: "End the call", "Gorffen yr alwad";
    hung_up: "My telephone is down already", "Mae fy ffôn i lawr eisoes";
    still_talking: "Still talking", "Yn dal i siarad";
    pass: "Pass the call on", "Trosglwyddo'r alwad";
    pass_to: "To", "I";
    pass_note: "What they should know before it rings", "Yr hyn y dylent ei wybod cyn iddi ganu";
    a_desk_with: "A desk with", "Desg gyda";
    outside: "Outside:", "Allanol:";
    wrap_up: "Write up", "Cofnodi";
    wrap_up_more: "The call is over. The next one comes when you are done, or when the time is up.", "Mae'r alwad ar ben. Daw'r nesaf pan fyddwch wedi gorffen, neu pan ddaw'r amser i ben.";
    outcome: "What it came to", "Beth a ddaeth ohoni";
    outcome_hint: "In a word or two: call-back booked", "Mewn gair neu ddau: galwad wedi'i threfnu";
    finish: "Done", "Wedi gorffen";
    longer: "I need longer", "Mae angen mwy o amser arnaf";
    left: "left", "ar ôl";
    due: "Due to be rung", "I'w ffonio nawr";
    nothing_due: "Nobody is due to be rung now.", "Nid oes neb i'w ffonio nawr.";
    late: "late", "hwyr";
    next: "Your next call-back", "Eich galwad yn ôl nesaf";
    kept: "No calls are offered to you before it.", "Ni chynigir galwadau i chi cyn hynny.";
    missed: "Callers who gave up waiting, to be rung back", "Galwyr a roddodd y gorau i aros, i'w ffonio'n ôl";
    client: "Client", "Cleient";
    promised_for: "Promised for", "Addawyd ar gyfer";
    missed_offers: "Calls you did not take in a row", "Galwadau na chymerwyd gennych yn olynol";
    told: "Told to your desk", "Dywedwyd wrth eich desg";
    since: "Since", "Ers";
    made_by: "by", "gan";
    cause_signed_in: "you have just started", "rydych newydd ddechrau";
    cause_chosen: "you chose it", "chi ddewisodd hyn";
    cause_chosen_during_call: "you chose it, and it takes effect after this call", "chi ddewisodd hyn, a daw i rym ar ôl yr alwad hon";
    cause_after_call: "you chose it during the call before", "chi ddewisodd hyn yn ystod yr alwad flaenorol";
    cause_declined: "you declined a call", "gwrthodoch alwad";
    cause_signed_out: "you stopped", "rydych wedi stopio";
    cause_supervisor: "somebody who leads your site freed your desk", "rhywun sy'n arwain eich safle a ryddhaodd eich desg";
    cause_telephone_taken: "somebody else started with your telephone", "dechreuodd rhywun arall gyda'ch ffôn";
    cause_missed_offers: "calls rang and were not taken", "canodd galwadau ac ni chawsant eu derbyn";
    cause_telephone_unreachable: "no call gets to your telephone", "nid oes galwad yn cyrraedd eich ffôn";
    cause_no_word: "you were asked whether a long call went on, and said nothing", "gofynnwyd a oedd galwad hir yn parhau, ac ni ddywedoch ddim";
    cause_desk_silent: "nothing was heard of this window; you are available again as soon as it is heard", "ni chlywyd dim o'r ffenestr hon; byddwch ar gael eto cyn gynted ag y'i clywir";
    cause_desk_gone: "no window showed your desk; you are available again as soon as one does", "nid oedd ffenestr yn dangos eich desg; byddwch ar gael eto cyn gynted ag y bydd un";
    cause_came_back: "your window was heard again", "clywyd eich ffenestr eto";
    elsewhere: "Your desk was opened in another window or program", "Agorwyd eich desg mewn ffenestr neu raglen arall";
    elsewhere_more: "Calls ring there. You can take them here again.", "Mae galwadau'n canu yno. Gallwch eu derbyn yma eto.";
    take_here: "Take calls here", "Derbyn galwadau yma";
} }

impl DeskWords {
    /// What made somebody's status what it is.
    pub fn cause(&self, cause: StatusCause) -> &'static str {
        match cause {
            StatusCause::Unspecified => "",
            StatusCause::SignedIn => self.cause_signed_in,
            StatusCause::Chosen => self.cause_chosen,
            StatusCause::ChosenDuringCall => self.cause_chosen_during_call,
            StatusCause::AfterCall => self.cause_after_call,
            StatusCause::Declined => self.cause_declined,
            StatusCause::SignedOut => self.cause_signed_out,
            StatusCause::Supervisor => self.cause_supervisor,
            StatusCause::TelephoneTaken => self.cause_telephone_taken,
            StatusCause::MissedOffers => self.cause_missed_offers,
            StatusCause::TelephoneUnreachable => self.cause_telephone_unreachable,
            StatusCause::NoWord => self.cause_no_word,
            StatusCause::DeskSilent => self.cause_desk_silent,
            StatusCause::DeskGone => self.cause_desk_gone,
            StatusCause::CameBack => self.cause_came_back,
        }
    }

    /// What a break is usually for.
    pub fn break_reasons(&self) -> Vec<&'static str> {
        vec![self.tea, self.lunch, self.training, self.meeting, self.writing]
    }
}
