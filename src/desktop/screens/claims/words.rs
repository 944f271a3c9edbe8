//! The words of claims. The Welsh is to be checked by a Welsh speaker.

use crate::words::words;
use startline_api as pb;

words! { pub ClaimWords {
    claim: "Claim", "Hawliad";
    stands: "Where it stands", "Lle mae'n sefyll";
    open: "Being filled in", "Yn cael ei lenwi";
    start_up_done: "Start-up done", "Yr alwad gychwynnol wedi'i gwneud";
    posted: "Form posted", "Ffurflen wedi'i phostio";
    lodged: "Handed over", "Wedi'i drosglwyddo";
    withdrawn: "Withdrawn", "Wedi'i dynnu'n ôl";
    not_made: "Treated as not made", "Wedi'i drin fel un nas gwnaed";
    first_contact: "First contact", "Cyswllt cyntaf";
    next_step: "What comes next", "Beth sy'n dod nesaf";
    meeting: "Meeting", "Cyfarfod";
    meeting_open: "Nothing is arranged", "Nid oes dim wedi'i drefnu";
    meeting_booked: "Booked", "Wedi'i drefnu";
    meeting_missed: "Missed", "Wedi'i golli";
    meeting_held: "Held", "Wedi'i gynnal";
    meeting_deferred: "Put off", "Wedi'i ohirio";
    meeting_waived: "Done without", "Hepgorwyd";
    review: "Looked at again on", "Edrychir arno eto ar";
    reason: "Reason", "Rheswm";
    withheld: "not shown to you", "heb ei ddangos i chi";
    benefits: "Benefits", "Budd-daliadau";
    counts_from: "counts from", "yn cyfrif o";
    protected_until: "protected if handed over by", "wedi'i ddiogelu os trosglwyddir erbyn";
    missing: "Still open", "Ar agor o hyd";
    missing_none: "Every question is answered.", "Atebwyd pob cwestiwn.";
    to_come: "Papers to come", "Papurau i ddod";
    lodged_with: "Handed over to", "Wedi'i drosglwyddo i";
    form: "The form", "Y ffurflen";
    part: "Part", "Rhan";
    answered: "Answered", "Wedi'u hateb";
    of: "of", "o";
    open_now: "Open", "Ar agor";
    to_confirm: "to confirm", "i'w cadarnhau";
    change: "Change", "Newid";
    read: "Read", "Darllen";
    history: "History", "Hanes";
    told: "What the start-up call found", "Yr hyn a ganfu'r alwad gychwynnol";
    told_done: "finished", "wedi gorffen";
    told_parked: "to be gone on with", "i'w pharhau";
    told_going: "not finished", "heb orffen";
    told_nothing: "Nothing was said beside the form.", "Ni ddywedwyd dim ar wahân i'r ffurflen.";
    told_none: "There was no start-up call by the script.", "Ni fu galwad gychwynnol yn ôl y sgript.";
    told_notes: "Notes", "Nodiadau";
    told_open: "Left open", "Heb ei drafod";
    told_covered: "Gone through", "Wedi'i drafod";
    notes_withheld: "There are notes that are not shown to you.", "Mae nodiadau nad ydynt yn cael eu dangos i chi.";
    in_confidence: "in confidence", "yn gyfrinachol";
    agencies: "As each agency reads it", "Fel y mae pob asiantaeth yn ei ddarllen";
    as_printed: "As it is printed (PDF)", "Fel y'i hargreffir (PDF)";
    packs: "Pack", "Pecyn";
    see_pack: "Look at the pack (PDF)", "Edrych ar y pecyn (PDF)";
    evidence: "What to bring", "Beth i ddod ag ef";
    go_on_call: "Go on with the start-up call", "Mynd ymlaen â'r alwad gychwynnol";
    begin_call: "Begin the start-up call", "Dechrau'r alwad gychwynnol";
    finish_call: "Read back and finish", "Darllen yn ôl a gorffen";
    arrange: "Arrange the meeting", "Trefnu'r cyfarfod";
    change_meeting: "Change the meeting", "Newid y cyfarfod";
    repeats: "Began from an earlier claim", "Dechreuodd o hawliad cynharach";
    partner: "Shares answers with the partner's claim", "Yn rhannu atebion â hawliad y partner";
    to_claim: "To that claim", "I'r hawliad hwnnw";
    somebody_else: "works on this too. Last at", "yn gweithio ar hyn hefyd. Ddiwethaf am";
    withdraw: "The client does not claim after all", "Nid yw'r cleient yn hawlio wedi'r cwbl";
    ask_again: "The client asks for the decision to be looked at again", "Mae'r cleient yn gofyn am edrych eto ar y penderfyniad";
    ask_again_more: "Somebody other than who decided looks at it, and the client is told by letter.", "Mae rhywun heblaw'r sawl a benderfynodd yn edrych arno, a dywedir wrth y cleient drwy lythyr.";
    ask_again_do: "Put it on the list", "Ei roi ar y rhestr";
    client_said: "What the client says", "Yr hyn y mae'r cleient yn ei ddweud";
    asked_day: "The day on which they asked", "Y diwrnod y gofynnwyd";
    asked_day_hint: "Today when left empty; of a letter, the day on which it came. For example 9 March 2026.", "Heddiw os gadewir yn wag; yn achos llythyr, y diwrnod y daeth. Er enghraifft 9 Mawrth 2026.";
    client_said_hint: "At most 500 characters.", "500 nod ar y mwyaf.";
    withdraw_more: "Its meetings to come are cancelled, nobody is reminded, and what can still be taken out of the post is.", "Caiff ei gyfarfodydd i ddod eu canslo, ni atgoffir neb, a thynnir o'r post yr hyn y gellir ei dynnu.";
    withdraw_do: "Withdraw the claim", "Tynnu'r hawliad yn ôl";
    reopen: "Put it back where it stood", "Ei roi'n ôl lle'r oedd";
    reopen_do: "Reopen the claim", "Ailagor yr hawliad";
    why: "Why", "Pam";
    back_to_claim: "The claim", "Yr hawliad";
    back_to_call: "The call", "Yr alwad";
    back_to_client: "The client", "Y cleient";
    closed_part: "The start-up is done: answers change at the meeting only, with the client's initials.", "Mae'r alwad gychwynnol wedi'i gwneud: dim ond yn y cyfarfod y newidir atebion, gyda llythrennau blaen y cleient.";
    no_answer: "Not answered", "Heb ei ateb";
    save: "Save", "Cadw";
    next_part: "Next part", "Rhan nesaf";
    saved_as_typed: "Each answer is saved as you type it.", "Cedwir pob ateb wrth i chi ei deipio.";
    confirm_part: "All that is marked here still holds", "Mae popeth a farciwyd yma'n dal yn wir";
    confirm_part_more: "These answers come from an earlier claim or from the client's record. Read them out; if all of them hold, say so once.", "Daw'r atebion hyn o hawliad cynharach neu o gofnod y cleient. Darllenwch nhw'n uchel; os yw pob un yn wir, dywedwch hynny unwaith.";
    question: "Question", "Cwestiwn";
    answer: "Answer", "Ateb";
    when: "When", "Pryd";
    stage: "Where", "Ble";
    all_changes: "Every change", "Pob newid";
    events: "What happened", "Beth ddigwyddodd";
    amendments: "Changed at the meeting", "Newidiwyd yn y cyfarfod";
    said: "Said before", "Dywedwyd o'r blaen";
    says: "Says now", "Yn dweud nawr";
    initials: "Initials", "Llythrennau blaen";
    taken_back: "taken back", "wedi'i dynnu'n ôl";
    none: "None.", "Dim.";
    all_questions: "All questions", "Pob cwestiwn";
    stage_client_record: "The client's record", "Cofnod y cleient";
    stage_partners_claim: "The partner's claim", "Hawliad y partner";
    stage_last_claim: "The claim before", "Yr hawliad blaenorol";
    event_opened: "Opened", "Agorwyd";
    event_start_up_done: "Start-up done", "Yr alwad gychwynnol wedi'i gwneud";
    event_posted: "Form posted", "Ffurflen wedi'i phostio";
    event_deferred: "Meeting put off", "Cyfarfod wedi'i ohirio";
    event_waived: "Meeting done without", "Hepgorwyd y cyfarfod";
    event_lodged: "Handed over", "Trosglwyddwyd";
    event_withdrawn: "Withdrawn", "Tynnwyd yn ôl";
    event_not_made: "Treated as not made", "Ei drin fel un nas gwnaed";
    event_reversed: "The decision was taken back", "Tynnwyd y penderfyniad yn ôl";
    event_reopened: "Reopened", "Ailagorwyd";
    event_date_carried: "Keeps the date of the claim before, whose decision was taken back", "Yn cadw dyddiad yr hawliad cynt, y tynnwyd ei benderfyniad yn ôl";
    event_open_again: "Decision about the meeting taken back", "Tynnwyd y penderfyniad am y cyfarfod yn ôl";
    event_form_back: "Signed form back", "Ffurflen wedi'i llofnodi yn ôl";
    form_back: "Signed form back", "Ffurflen wedi'i llofnodi yn ôl";
    form_not_back: "Not yet", "Ddim eto";
    form_is_back: "The form is back", "Mae'r ffurflen yn ôl";
    // The meeting.
    meeting_title: "The first meeting", "Y cyfarfod cyntaf";
    offers: "Times that are free", "Amserau rhydd";
    earliest: "earliest", "cynharaf";
    in_standard: "within the standard", "o fewn y safon";
    after_standard: "later than the standard", "yn hwyrach na'r safon";
    met: "as wished", "fel y dymunwyd";
    not_met: "not as wished", "nid fel y dymunwyd";
    wish_standard: "in good time", "mewn da bryd";
    wish_pa: "the adviser they know", "y cynghorydd y maent yn ei adnabod";
    wish_skill: "skill", "sgil";
    wish_welsh: "Welsh", "Cymraeg";
    wish_ground_floor: "ground floor", "llawr gwaelod";
    wish_private_room: "private room", "ystafell breifat";
    wish_times: "suits their times", "yn gweddu i'w hamserau";
    wish_office: "nearest office, or the one asked for", "y swyddfa agosaf, neu'r un y gofynnwyd amdani";
    room: "Room", "Ystafell";
    hold: "Keep for now", "Cadw am y tro";
    book: "Book", "Trefnu";
    move_here: "Move it here", "Ei symud yma";
    later: "Later times", "Amserau hwyrach";
    first_times: "The first times again", "Yr amserau cyntaf eto";
    no_times: "No time is free.", "Nid oes amser rhydd.";
    held: "Kept for the client until", "Wedi'i gadw i'r cleient tan";
    book_held: "Book this time", "Trefnu'r amser hwn";
    booked: "Booked", "Wedi'i drefnu";
    with: "with", "gyda";
    wishes: "What the client wishes for", "Yr hyn y mae'r cleient yn ei ddymuno";
    wishes_do: "Look again with these wishes", "Chwilio eto gyda'r dymuniadau hyn";
    office: "Office", "Swyddfa";
    any_office: "Any of the home site, the nearest first", "Unrhyw un o'r safle cartref, yr agosaf yn gyntaf";
    not_before: "Not before", "Ddim cyn";
    not_before_hint: "A day, for example 6 March 2026", "Diwrnod, er enghraifft 6 Mawrth 2026";
    kind: "Kind of meeting", "Math o gyfarfod";
    minutes: "How long, in minutes", "Pa mor hir, mewn munudau";
    minutes_hint: "Empty: as usual for the kind", "Gwag: fel arfer ar gyfer y math";
    skills: "An adviser for", "Cynghorydd ar gyfer";
    skill_lone_parent: "lone parents", "rhieni unigol";
    skill_disability: "disabled people", "pobl anabl";
    skill_benefits: "benefits", "budd-daliadau";
    welsh: "In Welsh", "Yn Gymraeg";
    ground_floor: "On the ground floor", "Ar y llawr gwaelod";
    private_room: "A room with a door", "Ystafell â drws";
    urgent: "Urgent: cannot wait for the form", "Brys: ni all aros am y ffurflen";
    unsuitable: "Times that do not suit", "Amserau nad ydynt yn gyfleus";
    unsuitable_hint: "From and to, such as 15:00 and 16:30", "O a hyd, megis 15:00 a 16:30";
    each_day: "Each day", "Bob dydd";
    monday: "Mondays", "Dydd Llun";
    tuesday: "Tuesdays", "Dydd Mawrth";
    wednesday: "Wednesdays", "Dydd Mercher";
    thursday: "Thursdays", "Dydd Iau";
    friday: "Fridays", "Dydd Gwener";
    day: "Day", "Diwrnod";
    from: "From", "O";
    until: "To", "Hyd";
    cancel_meeting: "Cancel the meeting", "Canslo'r cyfarfod";
    cancel_more: "A pack that is not printed yet waits until another is booked, and a letter tells the client.", "Mae pecyn nad yw wedi'i argraffu eto'n aros nes trefnir un arall, ac mae llythyr yn dweud wrth y cleient.";
    reason_client_asked: "The client asked", "Gofynnodd y cleient";
    reason_unwell: "The client is unwell", "Mae'r cleient yn sâl";
    reason_adviser_away: "The adviser is away", "Mae'r cynghorydd i ffwrdd";
    reason_closed: "The office is closed", "Mae'r swyddfa ar gau";
    reason_earlier: "An earlier time became free", "Daeth amser cynharach yn rhydd";
    reason_not_needed: "It is not needed", "Nid oes ei angen";
    reason_mistake: "It was a mistake", "Camgymeriad oedd";
    note: "Note", "Nodyn";
    defer: "Put the meeting off", "Gohirio'r cyfarfod";
    defer_more: "The claim goes ahead now. What was booked is given back.", "Mae'r hawliad yn mynd yn ei flaen nawr. Rhoddir yn ôl yr hyn a drefnwyd.";
    defer_do: "Put it off", "Ei ohirio";
    review_day: "Look at it again on", "Edrych arno eto ar";
    review_hint: "For example 8 June 2026", "Er enghraifft 8 Mehefin 2026";
    waive: "Do without the meeting", "Gwneud heb y cyfarfod";
    waive_more: "The claim goes ahead without a meeting. Only a team leader may decide it, except where the meeting is the client's own choice by age.", "Mae'r hawliad yn mynd yn ei flaen heb gyfarfod. Dim ond arweinydd tîm a gaiff ei benderfynu, ac eithrio lle mae'r cyfarfod yn ddewis y cleient ei hun oherwydd oedran.";
    waive_do: "Do without it", "Gwneud hebddo";
    illness: "So ill that a meeting will never help", "Mor sâl na fydd cyfarfod byth yn helpu";
    exceptional: "Something else out of the ordinary", "Rhywbeth arall anarferol";
    optional: "60 or over, and wants none", "60 neu drosodd, ac nid yw am gael un";
    series: "Book several at once", "Trefnu sawl un ar unwaith";
    series_more: "At the same weekday and time, or at the free time nearest to it. All or none.", "Ar yr un diwrnod ac amser, neu'r amser rhydd agosaf ato. Pob un neu ddim.";
    every_weeks: "Every so many weeks", "Bob hyn a hyn o wythnosau";
    times: "How many", "Sawl un";
    series_do: "Book them", "Eu trefnu";
    first_day: "First day", "Diwrnod cyntaf";
    start: "At", "Am";
    taken: "Somebody took this time a moment ago. What is free now is below.", "Cymerodd rhywun yr amser hwn eiliad yn ôl. Mae'r hyn sy'n rhydd nawr isod.";
    free_instead: "Free now", "Rhydd nawr";
    pack_in_time: "By post the pack is there before the meeting, by", "Drwy'r post bydd y pecyn yno cyn y cyfarfod, erbyn";
    pack_late: "By post the pack would come after the meeting, on", "Drwy'r post byddai'r pecyn yn dod ar ôl y cyfarfod, ar";
    pack_late_more: "Agree with the client that they collect it, or that it goes by e-mail.", "Cytunwch â'r cleient y byddant yn ei gasglu, neu y bydd yn mynd drwy e-bost.";
    pack_by: "By post the pack is there by", "Drwy'r post bydd y pecyn yno erbyn";
    // The end of the call.
    finish_title: "Read back and finish", "Darllen yn ôl a gorffen";
    finish_more: "Read this back to the client. Nothing can be changed by telephone afterwards.", "Darllenwch hwn yn ôl i'r cleient. Ni ellir newid dim dros y ffôn wedyn.";
    finish_do: "Finish the start-up call", "Gorffen yr alwad gychwynnol";
    meeting_first: "The meeting is not arranged yet: book it, put it off or do without it first.", "Nid yw'r cyfarfod wedi'i drefnu eto: trefnwch ef, gohiriwch ef neu gwnewch hebddo yn gyntaf.";
    open_prints: "Which they are: they print as empty boxes", "Pa rai ydynt: cânt eu hargraffu fel blychau gwag";
    delivery: "How the pack reaches the client", "Sut mae'r pecyn yn cyrraedd y cleient";
    by_post: "By post", "Drwy'r post";
    collect: "The client collects it", "Mae'r cleient yn ei gasglu";
    email: "By e-mail", "Drwy e-bost";
    delivery_to: "Where it is collected, or the e-mail address", "Ble caiff ei gasglu, neu'r cyfeiriad e-bost";
    address_named: "the address that it is posted to", "y cyfeiriad y caiff ei bostio iddo";
    address: "It is posted to", "Fe'i postir i";
    address_withheld: "An address for letters that is not shown to you.", "Cyfeiriad ar gyfer llythyrau nad yw'n cael ei ddangos i chi.";
    address_fault: "The address cannot be posted to", "Ni ellir postio i'r cyfeiriad";
    mend: "What to do", "Beth i'w wneud";
    done: "The start-up is done", "Mae'r alwad gychwynnol wedi'i gwneud";
    composing: "The pack is being composed. This takes a few seconds.", "Mae'r pecyn yn cael ei gyfansoddi. Mae hyn yn cymryd ychydig eiliadau.";
    pages: "pages", "tudalen";
    reference: "Reference", "Cyfeirnod";
    arrives_by: "There by", "Yno erbyn";
    callbacks: "Call-backs of this client", "Galwadau'n ôl y cleient hwn";
    record_callback: "Record how it ended", "Cofnodi sut y daeth i ben";
    to_desk: "To your desk", "I'ch desg";
    queries: "Queries of the expert", "Ymholiadau'r arbenigwr";
    around: "Around this claim", "O amgylch yr hawliad hwn";
    steps: "Steps", "Camau";
    book_another: "Book a meeting", "Trefnu cyfarfod";
    to_standby: "Put on the standby list", "Rhoi ar y rhestr wrth gefn";
    more_work: "Work on this claim", "Gwaith ar yr hawliad hwn";
    check: "Papers, queries and changes at the meeting", "Papurau, ymholiadau a newidiadau yn y cyfarfod";
    hand_over: "Hand it over to the agencies", "Ei drosglwyddo i'r asiantaethau";
    // The list of claims.
    show: "Show", "Dangos";
    record: "Client's record", "Cofnod y cleient";
    claims: "Claims", "Hawliadau";
    claims_more: "On their way, the nearest date that can be lost first.", "Ar eu ffordd, y dyddiad agosaf y gellir ei golli yn gyntaf.";
    claims_of: "Claims of", "Hawliadau";
    no_claims: "No claim is on its way with this.", "Nid oes hawliad ar ei ffordd gyda hyn.";
    no_claims_of: "This client has no claim.", "Nid oes gan y cleient hwn hawliad.";
    troubles: "What is wrong", "Beth sydd o'i le";
    all_underway: "All on their way", "Pob un ar ei ffordd";
    all_offices: "All offices", "Pob swyddfa";
    last_day: "Hand over by", "Trosglwyddo erbyn";
    nothing_at_stake: "No date at stake", "Dim dyddiad yn y fantol";
    days_at_stake: "days at stake", "diwrnod yn y fantol";
    days_lost: "days lost", "diwrnod wedi'u colli";
    most_pressing: "Most pressing step", "Cam mwyaf brys";
    next_meeting: "Next meeting", "Cyfarfod nesaf";
    the_client: "Client", "Cleient";
    the_state: "Where it stands", "Lle mae'n sefyll";
    trouble_start_up: "Start-up not finished", "Cychwyn heb ei orffen";
    trouble_meeting: "Meeting to arrange", "Cyfarfod i'w drefnu";
    trouble_attendance: "Did they come?", "A ddaethant?";
    trouble_form: "Form not back", "Ffurflen heb ddod yn ôl";
    trouble_evidence: "Evidence to come", "Tystiolaeth i ddod";
    trouble_query: "Query open", "Ymholiad ar agor";
    trouble_hand_over: "To hand over", "I'w drosglwyddo";
    trouble_runs_out: "Date runs out", "Dyddiad yn dod i ben";
    trouble_lost: "Date lost", "Dyddiad wedi'i golli";
    trouble_decision: "Decision due", "Penderfyniad i ddod";
} }

impl ClaimWords {
    /// Where an answer was given: a step of a script by its name, or where it was taken from.
    pub fn stage(&self, stage: &str) -> String {
        let word = format!("stage_{}", stage.replace(' ', "_").replace('\'', ""));
        self.sentence(&word).map_or_else(|| stage.to_owned(), str::to_owned)
    }

    pub fn trouble(&self, trouble: pb::ClaimTrouble) -> &'static str {
        use pb::ClaimTrouble as Trouble;
        match trouble {
            Trouble::Unspecified => self.all_underway,
            Trouble::StartUpNotFinished => self.trouble_start_up,
            Trouble::MeetingToArrange => self.trouble_meeting,
            Trouble::AttendanceToRecord => self.trouble_attendance,
            Trouble::FormNotBack => self.trouble_form,
            Trouble::EvidenceToCome => self.trouble_evidence,
            Trouble::QueryOpen => self.trouble_query,
            Trouble::ToHandOver => self.trouble_hand_over,
            Trouble::DateRunsOut => self.trouble_runs_out,
            Trouble::DateLost => self.trouble_lost,
            Trouble::DecisionDue => self.trouble_decision,
        }
    }

    pub fn state(&self, state: pb::ClaimState) -> &'static str {
        match state {
            pb::ClaimState::Open | pb::ClaimState::Unspecified => self.open,
            pb::ClaimState::StartUpDone => self.start_up_done,
            pb::ClaimState::Posted => self.posted,
            pb::ClaimState::Lodged => self.lodged,
            pb::ClaimState::Withdrawn => self.withdrawn,
            pb::ClaimState::NotMade => self.not_made,
        }
    }

    pub fn outcome(&self, outcome: pb::MeetingOutcome) -> &'static str {
        match outcome {
            pb::MeetingOutcome::Open | pb::MeetingOutcome::Unspecified => self.meeting_open,
            pb::MeetingOutcome::Booked => self.meeting_booked,
            pb::MeetingOutcome::Missed => self.meeting_missed,
            pb::MeetingOutcome::Held => self.meeting_held,
            pb::MeetingOutcome::Deferred => self.meeting_deferred,
            pb::MeetingOutcome::Waived => self.meeting_waived,
        }
    }

    pub fn event(&self, event: pb::ClaimMove) -> &'static str {
        match event {
            pb::ClaimMove::Opened | pb::ClaimMove::Unspecified => self.event_opened,
            pb::ClaimMove::StartUpDone => self.event_start_up_done,
            pb::ClaimMove::Posted => self.event_posted,
            pb::ClaimMove::MeetingDeferred => self.event_deferred,
            pb::ClaimMove::MeetingWaived => self.event_waived,
            pb::ClaimMove::Lodged => self.event_lodged,
            pb::ClaimMove::Withdrawn => self.event_withdrawn,
            pb::ClaimMove::TreatedAsNotMade => self.event_not_made,
            pb::ClaimMove::DecisionReversed => self.event_reversed,
            pb::ClaimMove::FormBack => self.event_form_back,
            pb::ClaimMove::MeetingOpenAgain => self.event_open_again,
            pb::ClaimMove::DateCarried => self.event_date_carried,
            pb::ClaimMove::Reopened => self.event_reopened,
        }
    }

    pub fn wish(&self, wish: pb::WishKind) -> &'static str {
        match wish {
            pb::WishKind::Standard | pb::WishKind::Unspecified => self.wish_standard,
            pb::WishKind::PersonalAdviser => self.wish_pa,
            pb::WishKind::Skill => self.wish_skill,
            pb::WishKind::Welsh => self.wish_welsh,
            pb::WishKind::GroundFloor => self.wish_ground_floor,
            pb::WishKind::PrivateRoom => self.wish_private_room,
            pb::WishKind::Times => self.wish_times,
            pb::WishKind::Office => self.wish_office,
        }
    }
}
