//! What the pages of call-backs say.

use crate::words::words;
use startline_api as pb;

words! { pub CallbackWords {
    title: "Call-backs", "Galwadau'n ôl";
    lists: "Lists of call-backs", "Rhestrau galwadau'n ôl";
    due: "Due now", "I'w gwneud nawr";
    missed: "Missed callers", "Galwyr a gollwyd";
    numbers: "Numbers to check", "Rhifau i'w gwirio";
    visits: "Visits wanted", "Ymweliadau a ddymunir";
    letters: "Letters to write", "Llythyrau i'w hysgrifennu";
    reminders: "Reminder calls", "Galwadau atgoffa";
    risk: "At risk", "Mewn perygl";
    of_client: "Call-backs of", "Galwadau'n ôl";
    nothing_due: "No call-back is due for you.", "Nid oes galwad yn ôl i chi ei gwneud nawr.";
    nothing_due_more: "What you promised comes here at its time; what others promised and did not make comes here a while later.", "Daw'r hyn a addawoch yma ar ei amser; daw'r hyn a addawodd eraill heb ei wneud yma ychydig yn ddiweddarach.";
    nobody_missed: "Nobody gave up waiting who was not spoken to since.", "Nid oes neb a roddodd y gorau i aros heb siarad â rhywun ers hynny.";
    stopped: "Calls that stopped", "Galwadau a ddaeth i ben";
    stopped_more: "The script was left unfinished and nothing followed: no call-back is promised, no claim begun. Ring the client and go on, or say why nobody does.", "Gadawyd y sgript heb ei gorffen ac ni ddilynodd dim: nid addawyd galwad yn ôl, ni ddechreuwyd hawliad. Ffoniwch y cleient ac ewch ymlaen, neu dywedwch pam nad oes neb yn gwneud.";
    no_stopped: "No call was left unfinished.", "Ni adawyd unrhyw alwad heb ei gorffen.";
    left_since: "Left", "Gadawyd";
    go_on_with_it: "Go on with the call", "Mynd ymlaen â'r alwad";
    why_closed: "Why nobody goes on with it", "Pam nad oes neb yn mynd ymlaen â hi";
    why_closed_hint: "For example: they rang again from another number. Kept with the call; at most 200 characters.", "Er enghraifft: ffoniasant eto o rif arall. Cedwir gyda'r alwad; 200 nod ar y mwyaf.";
    close_it: "Take off the list", "Tynnu oddi ar y rhestr";
    no_visits: "Nobody waits for a visit.", "Nid oes neb yn aros am ymweliad.";
    wants_visit: "The client would rather be seen. Agree with them and the office when they come in. This stays on the list of visits wanted until their start-up is done, they ask to be rung after all, or you say that they came in.", "Byddai'n well gan y cleient gael ei weld. Cytunwch gyda nhw a'r swyddfa pryd y dônt i mewn. Mae hyn yn aros ar restr yr ymweliadau a ddymunir nes bod eu galwad gychwyn wedi'i chwblhau, eu bod yn gofyn am alwad wedi'r cyfan, neu eich bod yn dweud eu bod wedi dod i mewn.";
    no_numbers: "No number is to be checked.", "Nid oes rhif i'w wirio.";
    no_letters: "No letter is owed.", "Nid oes llythyr yn ddyledus.";
    no_reminders: "No reminder call is owed.", "Nid oes galwad atgoffa yn ddyledus.";
    no_risk: "Every promised call-back has its place.", "Mae gan bob galwad a addawyd ei lle.";
    who: "Client", "Cleient";
    when: "When", "Pryd";
    number: "Number", "Rhif";
    needs: "Needs", "Anghenion";
    promised_by: "Promised by", "Addawyd gan";
    state: "How it stands", "Sut mae'n sefyll";
    attempts: "Tries", "Ymgeisiau";
    urgent: "Urgent", "Brys";
    late: "late", "yn hwyr";
    minutes: "min", "mun";
    hours: "h", "awr";
    days: "days", "diwrnod";
    check_number: "Number in doubt", "Rhif mewn amheuaeth";
    do_not_call: "Not to be rung", "Ni ddylid eu ffonio";
    ring: "Ring", "Ffonio";
    open: "Open", "Agor";
    anybody: "anybody of the site", "unrhyw un o'r safle";
    // States.
    booked: "booked", "wedi'i threfnu";
    attempting: "being made", "yn cael ei gwneud";
    reached: "reached", "cafwyd gafael";
    no_reply: "no reply, letter owed", "dim ateb, llythyr yn ddyledus";
    wrong_number: "wrong number", "rhif anghywir";
    refused: "refused", "gwrthodwyd";
    face_to_face: "wants to be seen instead", "am gael ei weld yn lle hynny";
    is_due: "due", "i'w gwneud nawr";
    parked: "parked", "wedi'i pharcio";
    cancelled: "called off", "wedi'i chanslo";
    taken_over: "done in the client's own call", "gwnaed yng ngalwad y cleient ei hun";
    // Missed callers.
    gave_up: "Gave up waiting", "Rhoddodd y gorau i aros";
    times: "times", "gwaith";
    first: "first", "cyntaf";
    last: "last", "diwethaf";
    known: "Known by this number", "Yn hysbys wrth y rhif hwn";
    nobody_known: "nobody", "neb";
    abroad: "From abroad", "O dramor";
    outcome: "What came of it", "Beth a ddaeth ohono";
    outcome_hint: "In a word or two: spoken with, call-back booked", "Mewn gair neu ddau: siaradwyd, galwad wedi'i threfnu";
    seen_to: "Seen to", "Wedi delio ag ef";
    // Letters.
    new_time: "The letter names", "Mae'r llythyr yn enwi";
    no_new_time: "no time was free: it says that we write again", "nid oedd amser yn rhydd: mae'n dweud y byddwn yn ysgrifennu eto";
    owed_since: "Owed since", "Yn ddyledus ers";
    letter_gone: "The letter has gone", "Mae'r llythyr wedi mynd";
    // Reminder calls.
    say: "Say", "Dywedwch";
    meeting: "Meeting", "Cyfarfod";
    spoken: "Spoken with the client", "Siaradwyd â'r cleient";
    not_answered: "No reply", "Dim ateb";
    is_wrong: "Wrong number", "Rhif anghywir";
    // At risk.
    away: "is not there then", "nid yw yno bryd hynny";
    capacity: "More is booked than the site can make at once", "Mae mwy wedi'i drefnu nag y gall y safle ei wneud ar unwaith";
    closed: "It is closed then", "Mae ar gau bryd hynny";
    skills: "Nobody there can do any more what the call needs", "Nid oes neb yno bellach a all wneud yr hyn sydd ei angen ar yr alwad";
    move_same: "Same time", "Yr un amser";
    move_other: "Move to", "Symud i";
    nothing_proposed: "Nothing fits by itself: open it and look for another time.", "Nid oes dim yn ffitio ohono'i hun: agorwch ef a chwilio am amser arall.";
    least: "The first one changes least. Tell the client when the time changes.", "Yr un cyntaf sy'n newid leiaf. Dywedwch wrth y cleient os yw'r amser yn newid.";
    // One.
    one: "Call-back", "Galwad yn ôl";
    start: "Start ringing", "Dechrau ffonio";
    start_more: "From then on nobody else can take it.", "O hynny ymlaen ni all neb arall ei chymryd.";
    dial: "Dial", "Deialu";
    ring_them: "Ring the client", "Ffoniwch y cleient";
    ask_by_name: "Ask for the client by name only. Say nothing of why you ring until you know who speaks.", "Gofynnwch am y cleient wrth ei enw'n unig. Peidiwch â dweud pam rydych yn ffonio nes i chi wybod pwy sy'n siarad.";
    identity: "To make sure who speaks", "I wneud yn siŵr pwy sy'n siarad";
    how_ended: "How did it end?", "Sut daeth i ben?";
    note: "Note", "Nodyn";
    note_hint: "Kept with the try. At most 500 characters.", "Fe'i cedwir gyda'r ymgais. 500 nod ar y mwyaf.";
    o_reached: "Reached: begin the start-up call", "Cafwyd gafael: dechrau'r alwad gychwynnol";
    o_no_reply: "No reply", "Dim ateb";
    o_busy: "Engaged", "Prysur";
    o_voicemail: "A machine answered", "Atebodd peiriant";
    o_wrong_number: "Wrong number", "Rhif anghywir";
    o_refused: "The client does not want it", "Nid yw'r cleient ei heisiau";
    o_face_to_face: "Wants to be seen instead", "Am gael ei weld yn lle hynny";
    outcome_more: "After no reply, an engaged line or a machine it comes back by itself; after the last try a letter is owed.", "Ar ôl dim ateb, llinell brysur neu beiriant ateb mae'n dod yn ôl ohoni'i hun; ar ôl yr ymgais olaf mae llythyr yn ddyledus.";
    park: "Go on later", "Mynd ymlaen yn ddiweddarach";
    park_more: "The client was reached and asked for that. It stays with you.", "Cafwyd gafael ar y cleient a gofynnodd am hynny. Mae'n aros gyda chi.";
    park_reason: "What the client asked for", "Yr hyn y gofynnodd y cleient amdano";
    day: "Day", "Diwrnod";
    time: "Time", "Amser";
    move_it: "Move", "Symud";
    cancel_it: "Call off", "Canslo";
    take_over: "The client is on my call: do it now", "Mae'r cleient ar fy ngalwad: ei gwneud nawr";
    correct: "Correct the number", "Cywiro'r rhif";
    assign: "Ask an adviser to make it", "Gofyn i gynghorydd ei gwneud";
    assign_to: "Adviser", "Cynghorydd";
    asked: "Asked to make it", "Gofynnwyd iddynt ei gwneud";
    back_to_script: "Back to the script", "Yn ôl i'r sgript";
    begin_start_up: "Begin the start-up call", "Dechrau'r alwad gychwynnol";
    begin_more: "The client was reached. The script opens beside the claim.", "Cafwyd gafael ar y cleient. Mae'r sgript yn agor wrth ymyl yr hawliad.";
    next_try: "Next try", "Ymgais nesaf";
    note_of_booking: "Note", "Nodyn";
    park_why: "Parked because", "Wedi'i pharcio oherwydd";
    read_back: "Read back to the client", "Darllenwch yn ôl i'r cleient";
    confirmed: "read back", "wedi'i ddarllen yn ôl";
    not_confirmed: "not read back yet", "heb ei ddarllen yn ôl eto";
    instead: "Instead", "Yn lle hynny";
    record: "Client's record", "Cofnod y cleient";
    make_record: "Make a record", "Gwneud cofnod";
    home: "Home site", "Safle cartref";
    first_contact: "First contact", "Cyswllt cyntaf";
    history: "What was done", "Yr hyn a wnaed";
    ended: "Over since", "Ar ben ers";
    by: "by", "gan";
    colleague: "a colleague", "cydweithiwr";
    by_colleague: "A colleague is making this call-back now.", "Mae cydweithiwr yn gwneud yr alwad hon nawr.";
    reason: "Reason", "Rheswm";
    cancel_title: "Call off the call-back", "Canslo'r alwad yn ôl";
    cancel_more: "Its time is free again. This cannot be taken back; another can be booked.", "Mae ei hamser yn rhydd eto. Ni ellir dad-wneud hyn; gellir trefnu un arall.";
    cancel_why: "Why is it not to be made?", "Pam na ddylid ei gwneud?";
    client_asked: "The client asked for that", "Gofynnodd y cleient am hynny";
    duplicate: "There is another", "Mae un arall";
    came_in: "The client came in", "Daeth y cleient i mewn";
    claim_withdrawn: "The claim was withdrawn", "Tynnwyd yr hawliad yn ôl";
    superseded: "another was booked", "trefnwyd un arall";
    client_died: "the client died", "bu farw'r cleient";
    start_up_done: "the start-up was done", "gwnaed yr alwad gychwynnol";
    number_title: "Correct the number", "Cywiro'r rhif";
    right_number: "The right number", "Y rhif cywir";
    number_hint: "The call-back uses it from now on, and so does the record if it had the wrong one too.", "Mae'r alwad yn ei ddefnyddio o hyn ymlaen, a'r cofnod hefyd os oedd y rhif anghywir ganddo yntau.";
    number_read_back: "I read it back, and the client says it is right", "Darllenais ef yn ôl, a dywed y cleient ei fod yn gywir";
    // Events and outcomes, as the history names them.
    e_booked: "Booked for", "Trefnwyd ar gyfer";
    e_moved: "Moved to", "Symudwyd i";
    e_handed_on: "To another adviser", "I gynghorydd arall";
    e_parked: "Parked", "Wedi'i pharcio";
    e_assigned: "An adviser was asked to make it", "Gofynnwyd i gynghorydd ei gwneud";
    e_number_corrected: "The number was put right", "Cywirwyd y rhif";
    e_taken_over: "The client rang in: done in that call", "Ffoniodd y cleient: gwnaed yn yr alwad honno";
    e_given_back: "Given back: the desk was gone", "Rhoddwyd yn ôl: roedd y ddesg wedi mynd";
    e_cancelled: "Called off", "Canslwyd";
    e_letter_owed: "A letter is owed", "Mae llythyr yn ddyledus";
    e_letter_sent: "The letter went", "Aeth y llythyr";
    try_number: "Try", "Ymgais";
    t_reached: "reached", "cafwyd gafael";
    t_no_reply: "no reply", "dim ateb";
    t_busy: "engaged", "prysur";
    t_voicemail: "a machine answered", "atebodd peiriant";
    t_wrong_number: "wrong number", "rhif anghywir";
    t_refused: "the client does not want it", "nid yw'r cleient ei heisiau";
    t_face_to_face: "wants to be seen instead", "am gael ei weld yn lle hynny";
    t_parked: "to go on later", "i fynd ymlaen yn ddiweddarach";
    t_given_back: "given back", "rhoddwyd yn ôl";
    t_going_on: "going on", "ar waith";
    // Why something was not done.
    callback_taken: "Another adviser has just taken this call-back.", "Mae cynghorydd arall newydd gymryd yr alwad hon.";
    callback_not_due: "It is not yet time for this call-back.", "Nid yw'n amser eto i'r alwad hon.";
    callback_promised: "Another adviser has promised to make this call-back; it is everybody's a while after its time.", "Mae cynghorydd arall wedi addo gwneud yr alwad hon; mae'n agored i bawb ychydig ar ôl ei hamser.";
    callback_under_way: "Somebody is making this call-back just now. Record how it ended first.", "Mae rhywun yn gwneud yr alwad hon ar hyn o bryd. Cofnodwch sut daeth i ben yn gyntaf.";
    callback_over: "This call-back is over.", "Mae'r alwad hon ar ben.";
    callback_exists: "This client has a call-back already. Move that one instead.", "Mae gan y cleient hwn alwad yn ôl eisoes. Symudwch honno yn lle hynny.";
    already_attempting: "You are making another call-back. Record how it ended first.", "Rydych yn gwneud galwad yn ôl arall. Cofnodwch sut daeth i ben yn gyntaf.";
    not_your_attempt: "You have not begun to make this call-back.", "Nid ydych wedi dechrau gwneud yr alwad hon.";
    slot_taken: "This place has just gone to somebody else. What is free now is below.", "Mae'r lle hwn newydd fynd i rywun arall. Mae'r hyn sy'n rhydd nawr isod.";
    hold_expired: "The place was no longer kept. What is free now is below.", "Nid oedd y lle'n cael ei gadw mwyach. Mae'r hyn sy'n rhydd nawr isod.";
    // Booking.
    book_title: "Book a call-back", "Trefnu galwad yn ôl";
    move_title: "Move the call-back", "Symud yr alwad yn ôl";
    offers: "Times that can be offered", "Amserau y gellir eu cynnig";
    offer_more: "The best first. Choosing one keeps it while the client thinks.", "Y gorau yn gyntaf. Mae dewis un yn ei gadw tra bo'r cleient yn meddwl.";
    choose: "Choose", "Dewis";
    length: "Such a call takes", "Mae galwad o'r fath yn cymryd";
    more_times: "More times", "Rhagor o amserau";
    said_urgent: "Urgent, from what was said today", "Brys, o'r hyn a ddywedwyd heddiw";
    none_in_standard: "Nothing is free within the standard: these are later. Say so to the client.", "Nid oes dim yn rhydd o fewn y safon: mae'r rhain yn ddiweddarach. Dywedwch hynny wrth y cleient.";
    earliest_meeting: "A meeting could follow", "Gallai cyfarfod ddilyn";
    w_earliest: "the earliest that can be had", "y cynharaf sydd i'w gael";
    w_morning: "the first of that morning", "y cyntaf o'r bore hwnnw";
    w_afternoon: "the first of that afternoon", "y cyntaf o'r prynhawn hwnnw";
    w_times: "at a time that suits", "ar amser sy'n addas";
    w_not_after: "as soon as was wished", "mor fuan ag y dymunwyd";
    w_adviser: "with the adviser who was wished for", "gyda'r cynghorydd y dymunwyd amdano";
    w_not_times: "at a time that does not suit", "ar amser nad yw'n addas";
    w_too_late: "later than was wished", "yn hwyrach nag y dymunwyd";
    w_not_adviser: "the adviser who was wished for is not free", "nid yw'r cynghorydd y dymunwyd amdano yn rhydd";
    w_standard: "within the standard", "o fewn y safon";
    w_beyond: "later than the standard", "yn hwyrach na'r safon";
    places: "places left:", "lleoedd ar ôl:";
    wishes: "What suits the client", "Yr hyn sy'n addas i'r cleient";
    show_times: "Show times", "Dangos amserau";
    is_urgent: "Urgent: as soon as can be", "Brys: cyn gynted â phosibl";
    not_before: "Not before", "Ddim cyn";
    not_after: "Not after", "Ddim ar ôl";
    unsuitable: "Times that do not suit", "Amserau nad ydynt yn addas";
    unsuitable_more: "No day ticked: every day. No time: the whole day.", "Dim diwrnod wedi'i dicio: bob dydd. Dim amser: y diwrnod cyfan.";
    also_unsuitable: "More times that do not suit", "Rhagor o amserau nad ydynt yn gyfleus";
    from: "From", "O";
    until: "Until", "Tan";
    with_adviser: "Rung by", "I'w ffonio gan";
    monday: "Mon", "Llun";
    tuesday: "Tue", "Maw";
    wednesday: "Wed", "Mer";
    thursday: "Thu", "Iau";
    friday: "Fri", "Gwe";
    check_title: "Check and book", "Gwirio a threfnu";
    kept_until: "The place is kept for", "Cedwir y lle am";
    number_to_ring: "Which number shall we ring?", "Pa rif a ffoniwn ni?";
    number_to_ring_hint: "Will they be able to talk in private there?", "A fyddant yn gallu siarad yn breifat yno?";
    note_for_adviser: "Note for whoever rings", "Nodyn i bwy bynnag sy'n ffonio";
    note_booking_hint: "May we say who is calling if someone else answers?", "A gawn ni ddweud pwy sy'n galw os bydd rhywun arall yn ateb?";
    mine: "I promise to make it myself", "Rwy'n addo ei gwneud fy hun";
    book: "Book it", "Ei threfnu";
    other_time: "Another time", "Amser arall";
    say_it: "Say", "Dywedwch";
    move_reason: "Why does it move?", "Pam mae'n symud?";
    move_reason_hint: "Kept with the call-back: the client asked, the adviser is away", "Fe'i cedwir gyda'r alwad: gofynnodd y cleient, mae'r cynghorydd i ffwrdd";
    hand_on: "Same time, another adviser", "Yr un amser, cynghorydd arall";
    hand_on_now: "Hand on", "Trosglwyddo";
    whoever: "Whoever is free", "Pwy bynnag sy'n rhydd";
    bad_day: "Enter a day such as 3 3 2026", "Rhowch ddiwrnod fel 3 3 2026";
    bad_time: "Enter a time such as 10:30", "Rhowch amser fel 10:30";
    day_needed: "Enter a day and a time", "Rhowch ddiwrnod ac amser";
    // Why nothing is offered.
    e_no_roster: "Nobody there has call-backs on their roster. Tell a team leader.", "Nid oes gan neb yno alwadau'n ôl ar eu rota. Dywedwch wrth arweinydd tîm.";
    e_nobody_there: "There is nobody at that site who makes call-backs.", "Nid oes neb yn y safle hwnnw sy'n gwneud galwadau'n ôl.";
    e_nobody_with_skills: "Nobody there can do what the call needs.", "Nid oes neb yno a all wneud yr hyn sydd ei angen ar yr alwad.";
    e_wishes: "The wishes leave nobody: take one back.", "Nid yw'r dymuniadau'n gadael neb: tynnwch un yn ôl.";
    e_full: "Whatever there is has been taken.", "Mae popeth sydd ar gael wedi'i gymryd.";
    e_beyond: "That is later than the diaries go.", "Mae hynny'n hwyrach nag y mae'r dyddiaduron yn mynd.";
    e_closed: "It is closed on that day.", "Mae ar gau ar y diwrnod hwnnw.";
    e_nothing: "No time is free.", "Nid oes amser yn rhydd.";
} }

impl CallbackWords {
    pub fn state(&self, state: pb::CallbackState) -> &'static str {
        use pb::CallbackState as S;
        match state {
            S::Booked | S::Unspecified => self.booked,
            S::Attempting => self.attempting,
            S::Reached => self.reached,
            S::NoReply => self.no_reply,
            S::WrongNumber => self.wrong_number,
            S::Refused => self.refused,
            S::FaceToFace => self.face_to_face,
            S::Due => self.is_due,
            S::Parked => self.parked,
            S::Cancelled => self.cancelled,
            S::TakenOver => self.taken_over,
        }
    }

    pub fn cancel_reason(&self, reason: pb::CancelReason) -> &'static str {
        use pb::CancelReason as R;
        match reason {
            R::ClientAsked | R::Unspecified => self.client_asked,
            R::Duplicate => self.duplicate,
            R::CameIn => self.came_in,
            R::ClaimWithdrawn => self.claim_withdrawn,
            R::Superseded => self.superseded,
            R::StartUpDone => self.start_up_done,
            R::ClientDied => self.client_died,
        }
    }

    /// "12 min late", "3 h late".
    pub fn late_by(&self, seconds: u32) -> String {
        let minutes = seconds / 60;
        match minutes {
            0..=119 => format!("{minutes} {} {}", self.minutes, self.late),
            120..=2879 => format!("{} {} {}", minutes / 60, self.hours, self.late),
            _ => format!("{} {} {}", minutes / 1440, self.days, self.late),
        }
    }

    /// Why there is no time to offer.
    pub fn none(&self, reason: pb::EmptyReason) -> &'static str {
        use pb::EmptyReason as R;
        match reason {
            R::NoRoster | R::NoDiary => self.e_no_roster,
            R::NobodyThere => self.e_nobody_there,
            R::NobodyWithSkills => self.e_nobody_with_skills,
            R::WishesLeaveNobody => self.e_wishes,
            R::Full => self.e_full,
            R::BeyondDiaries => self.e_beyond,
            R::Closed => self.e_closed,
            _ => self.e_nothing,
        }
    }

    pub fn weekdays(&self) -> [(&'static str, &'static str); 5] {
        [("1", self.monday), ("2", self.tuesday), ("3", self.wednesday), ("4", self.thursday), ("5", self.friday)]
    }
}
