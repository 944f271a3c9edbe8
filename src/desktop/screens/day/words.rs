//! What the day says.

use crate::words::words;
use startline_api as pb;
use startline_foundation::formats::Language;

words! { pub DayWords {
    title: "Day", "Diwrnod";
    arrivals: "Arrivals", "Cyrraedd";
    day_view: "Day", "Diwrnod";
    week_view: "Week", "Wythnos";
    views: "Ways of looking at it", "Ffyrdd o edrych";
    whose_hours: "For whom", "I bwy";
    whose: "Whose diary", "Dyddiadur pwy";
    another: "Another diary or day", "Dyddiadur neu ddiwrnod arall";
    on_day: "Day", "Diwrnod";
    show: "Show", "Dangos";
    earlier_day: "Day before", "Diwrnod cynt";
    later_day: "Day after", "Diwrnod wedyn";
    earlier_week: "Week before", "Wythnos gynt";
    later_week: "Week after", "Wythnos wedyn";
    to_today: "Today", "Heddiw";
    no_day: "Enter a day, for example 3 March 2026", "Rhowch ddiwrnod, er enghraifft 3 Mawrth 2026";
    expected: "Expected", "Disgwylir";
    waiting: "Here and waiting", "Yma ac yn aros";
    met: "Met", "Wedi cwrdd";
    missed: "Did not come", "Heb ddod";
    nobody_waiting: "Nobody is waiting.", "Nid oes neb yn aros.";
    nobody_else_waiting: "Nobody else is waiting.", "Nid oes neb arall yn aros.";
    nobody_expected: "Nobody else is expected.", "Ni ddisgwylir neb arall.";
    over: "Over", "Ar ben";
    off: "Cancelled or put off", "Wedi'u canslo neu eu gohirio";
    held: "being booked", "yn cael ei drefnu";
    time: "Time", "Amser";
    client: "Client", "Cleient";
    meeting: "Meeting", "Cyfarfod";
    with: "With", "Gyda";
    room: "Room", "Ystafell";
    at_office: "Office", "Swyddfa";
    what: "What happened", "Beth ddigwyddodd";
    do_now: "What to do", "Beth i'w wneud";
    here_since: "Here since", "Yma ers";
    came_at: "Came at", "Daeth am";
    urgent: "Urgent", "Brys";
    late: "late", "yn hwyr";
    minutes_late: "min late", "munud yn hwyr";
    arrived: "Has arrived", "Wedi cyrraedd";
    begin: "The meeting begins", "Mae'r cyfarfod yn dechrau";
    begin_short: "Begins", "Yn dechrau";
    did_not_come: "Did not come", "Heb ddod";
    no_meeting: "There was no meeting", "Ni chafwyd cyfarfod";
    more: "About this meeting", "Am y cyfarfod hwn";
    next: "Next for you", "Nesaf i chi";
    check_claim: "Check the claim", "Gwirio'r hawliad";
    the_claim: "The claim", "Yr hawliad";
    told: "What the start-up call found", "Yr hyn a ganfu'r alwad gychwynnol";
    the_client: "The client's record", "Cofnod y cleient";
    hours: "Working hours", "Oriau gwaith";
    left_outside: "meetings lie outside working hours and must be moved", "cyfarfod y tu allan i oriau gwaith y mae'n rhaid eu symud";
    diary_empty: "Nothing is booked.", "Nid oes dim wedi'i drefnu.";
    closed: "Closed", "Ar gau";
    hour: "Hour", "Awr";
    a_personal_adviser: "A personal adviser", "Cynghorydd personol";
    from: "From", "O";
    until: "until", "tan";
    before_they_sit: "Before they sit down", "Cyn iddynt eistedd";
    born: "Born", "Ganwyd";
    telephone: "Telephone", "Ffôn";
    talks: "Talks", "Yn siarad";
    needs: "Needs", "Anghenion";
    no_needs: "None is known", "Nid oes dim yn hysbys";
    reaching: "How they are reached", "Sut y cysylltir â nhw";
    large_print: "Letters in large print", "Llythyrau mewn print bras";
    welsh: "Welsh", "Cymraeg";
    english: "English", "Saesneg";
    record_not_shown: "The client's record is not shown to you.", "Ni ddangosir cofnod y cleient i chi.";
    series: "One of several booked together", "Un o sawl un a drefnwyd gyda'i gilydd";
    was_cancelled: "Cancelled", "Wedi'i ganslo";
    put_off: "Not to be", "Ni fydd";
    move_it: "Move", "Symud";
    move_heading: "Move this meeting", "Symud y cyfarfod hwn";
    move_here: "Move it to this time", "Ei symud i'r amser hwn";
    cancel_it: "Cancel the meeting", "Canslo'r cyfarfod";
    cancel_heading: "Cancel this meeting?", "Canslo'r cyfarfod hwn?";
    cancel_more: "A letter tells the client that the meeting is off. A first meeting's pack that is not printed yet waits until another meeting is booked.", "Mae llythyr yn dweud wrth y cleient na fydd y cyfarfod. Mae pecyn cyfarfod cyntaf nad yw wedi'i argraffu eto yn aros nes trefnir cyfarfod arall.";
    keep_it: "Keep the meeting", "Cadw'r cyfarfod";
    reason: "Why", "Pam";
    note: "Note", "Nodyn";
    note_hint: "For colleagues. At most 500 characters.", "I gydweithwyr. 500 nod ar y mwyaf.";
    choose_reason: "Choose why", "Dewiswch pam";
    choose_time: "Choose one of the free times", "Dewiswch un o'r amserau rhydd";
    choose_whose: "Choose whose hours", "Dewiswch oriau pwy";
    choose_kind: "Choose what it is", "Dewiswch beth ydyw";
    missed_heading: "Did the client not come?", "Oni ddaeth y cleient?";
    missed_more: "This cannot be taken back. It counts as a missed meeting, and the client is rung about it before any letter.", "Ni ellir tynnu hyn yn ôl. Mae'n cyfrif fel cyfarfod a gollwyd, ac fe ffonir y cleient amdano cyn unrhyw lythyr.";
    missed_yes: "They did not come", "Ni ddaethant";
    not_begun: "The meeting has not begun yet.", "Nid yw'r cyfarfod wedi dechrau eto.";
    reminders: "Reminders", "Nodiadau atgoffa";
    no_reminders: "None was due yet.", "Nid oedd dim i fod eto.";
    not_sending: "Texts and letters are not sent from here: reminders are calls alone.", "Ni anfonir negeseuon testun na llythyrau oddi yma: galwadau yn unig yw'r nodiadau atgoffa.";
    by_call: "Call", "Galwad";
    by_text: "Text", "Neges destun";
    by_letter: "Letter", "Llythyr";
    other_meetings: "Other meetings of this claim", "Cyfarfodydd eraill yr hawliad hwn";
    book_heading: "Book a meeting", "Trefnu cyfarfod";
    book_it: "Book this time", "Trefnu'r amser hwn";
    wishes: "What is wished", "Yr hyn a ddymunir";
    more_wishes: "More wishes", "Rhagor o ddymuniadau";
    find_times: "Show free times", "Dangos amserau rhydd";
    free_times: "Free times", "Amserau rhydd";
    kind: "Kind of meeting", "Math o gyfarfod";
    length: "Minutes", "Munudau";
    length_hint: "As usual for its kind when left empty.", "Fel arfer i'w fath os gadewir yn wag.";
    any_office: "Any office, the nearest first", "Unrhyw swyddfa, yr agosaf yn gyntaf";
    anybody: "Whoever met them last, or anybody", "Pwy bynnag a gwrddodd â nhw ddiwethaf, neu unrhyw un";
    person: "Personal adviser", "Cynghorydd personol";
    insists: "They would rather wait than see somebody else", "Byddai'n well ganddynt aros na gweld rhywun arall";
    not_before: "Not before", "Ddim cyn";
    not_before_hint: "A day, for example 9 March. From now on when left empty.", "Diwrnod, er enghraifft 9 Mawrth. O hyn ymlaen os gadewir yn wag.";
    is_urgent: "Cannot wait", "Ni all aros";
    speaks_welsh: "Speaks Welsh", "Yn siarad Cymraeg";
    ground_floor: "Ground floor", "Llawr gwaelod";
    private_room: "A room with a door", "Ystafell â drws";
    skills: "Somebody with", "Rhywun â";
    unsuitable: "Times that do not suit", "Amserau nad ydynt yn addas";
    weekday: "Weekday", "Diwrnod yr wythnos";
    each_day: "Each day", "Bob dydd";
    none_free: "No time is free for this.", "Nid oes amser rhydd ar gyfer hyn.";
    earliest: "Earliest", "Cynharaf";
    past_standard: "Later than the standard", "Yn hwyrach na'r safon";
    met_wish: "as wished", "fel y dymunir";
    not_met: "not as wished", "nid fel y dymunir";
    already: "This claim has already", "Mae gan yr hawliad hwn eisoes";
    book_series: "Book several meetings at once", "Trefnu sawl cyfarfod ar unwaith";
    series_heading: "Book several meetings", "Trefnu sawl cyfarfod";
    series_more: "At the same weekday and time, or at the free time nearest to it. All are booked, or none.", "Ar yr un diwrnod o'r wythnos ac amser, neu'r amser rhydd agosaf. Trefnir y cyfan, neu ddim.";
    first_day: "First day", "Diwrnod cyntaf";
    day_hint: "For example 9 March 2026", "Er enghraifft 9 Mawrth 2026";
    start: "From what time", "O faint o'r gloch";
    end: "Until what time", "Tan faint o'r gloch";
    time_hint: "For example 10:00", "Er enghraifft 10:00";
    every_weeks: "Every how many weeks", "Bob sawl wythnos";
    how_many: "How many meetings", "Sawl cyfarfod";
    book_all: "Book them all", "Trefnu'r cyfan";
    series_is: "Meetings to come", "Cyfarfodydd i ddod";
    regular: "Regular hours", "Oriau arferol";
    over_hours: "Leave and other time", "Gwyliau ac amser arall";
    to_move: "Meetings to move", "Cyfarfodydd i'w symud";
    calendars: "Calendars", "Calendrau";
    hours_more: "They take the place of hours that begin on the same day: enter the whole week.", "Maent yn cymryd lle oriau sy'n dechrau ar yr un diwrnod: rhowch yr wythnos gyfan.";
    in_force: "Hours in force and to come", "Oriau mewn grym ac i ddod";
    outside_hours: "Outside the office's hours", "Y tu allan i oriau'r swyddfa";
    outside_reason: "Why outside the office's hours", "Pam y tu allan i oriau'r swyddfa";
    outside_reason_hint: "Leave empty when nothing lies outside. It is kept with your name.", "Gadewch yn wag os nad oes dim y tu allan. Fe'i cedwir gyda'ch enw.";
    valid_from: "From which day", "O ba ddiwrnod";
    valid_to: "Until which day", "Tan ba ddiwrnod";
    valid_to_hint: "Leave empty when there is no end.", "Gadewch yn wag os nad oes diwedd.";
    every_open_day: "Days left empty below", "Dyddiau a adewir yn wag isod";
    break_from: "Break from", "Egwyl o";
    break_until: "Break until", "Egwyl tan";
    opens: "Open", "Ar agor";
    each_week: "Each week", "Bob wythnos";
    first_week: "First week", "Wythnos gyntaf";
    second_week: "Second week", "Ail wythnos";
    two_weeks: "Hours that change from week to week", "Oriau sy'n newid o wythnos i wythnos";
    one_week: "The same hours each week", "Yr un oriau bob wythnos";
    set_hours: "Set these hours", "Gosod yr oriau hyn";
    accept_left: "Do it all the same: the meetings left outside are then on the list of meetings to move", "Ei wneud er hynny: mae'r cyfarfodydd a adewir y tu allan wedyn ar y rhestr o gyfarfodydd i'w symud";
    left_more: "Until one of these is moved, nobody is reminded of it and no pack that names it is posted.", "Nes symudir un o'r rhain, ni atgoffir neb ohono ac ni phostir pecyn sy'n ei enwi.";
    nothing_left: "No meeting lies outside working hours.", "Nid oes cyfarfod y tu allan i oriau gwaith.";
    lay: "Add leave or other time", "Ychwanegu gwyliau neu amser arall";
    lay_it: "Add it", "Ei ychwanegu";
    what_it_is: "What it is", "Beth ydyw";
    leave: "Leave", "Gwyliau";
    sickness: "Sickness", "Salwch";
    training: "Training", "Hyfforddiant";
    team_event: "Team event", "Digwyddiad tîm";
    blocked: "Kept free for something else", "Wedi'i gadw at rywbeth arall";
    extra_hours: "Extra hours", "Oriau ychwanegol";
    last_day: "Last day", "Diwrnod olaf";
    last_day_hint: "Leave empty for one day.", "Gadewch yn wag am un diwrnod.";
    whole_day_hint: "Leave both times empty for the whole day.", "Gadewch y ddau amser yn wag am y diwrnod cyfan.";
    everybody_at: "Everybody at", "Pawb yn";
    everybody_at_site: "Everybody at the site", "Pawb yn y safle";
    whole_day: "The whole day", "Y diwrnod cyfan";
    days: "Days", "Diwrnodau";
    take_back: "Take back", "Tynnu'n ôl";
    nothing_laid: "Nothing is laid over the hours of the next six months.", "Nid oes dim dros oriau'r chwe mis nesaf.";
    calendars_more: "A calendar program reads the diary at an address that nobody can guess. Whoever has the address reads the diary.", "Mae rhaglen galendr yn darllen y dyddiadur mewn cyfeiriad na all neb ei ddyfalu. Mae pwy bynnag sydd â'r cyfeiriad yn darllen y dyddiadur.";
    make_calendar: "Make an address", "Gwneud cyfeiriad";
    new_address: "The new address", "Y cyfeiriad newydd";
    address_once: "Copy it now: it is shown this once. If it is lost, revoke it and make another.", "Copïwch ef nawr: fe'i dangosir unwaith yn unig. Os collir ef, dirymwch ef a gwnewch un arall.";
    address_gone: "This form was sent before: the address was shown then. If it is lost, revoke it and make another.", "Anfonwyd y ffurflen hon o'r blaen: dangoswyd y cyfeiriad bryd hynny. Os collwyd ef, dirymwch ef a gwnewch un arall.";
    made: "Made", "Gwnaed";
    revoke: "Revoke", "Dirymu";
    revoked: "Revoked", "Dirymwyd";
    in_use: "Served", "Ar gael";
    state: "State", "Cyflwr";
    no_calendars: "None was made yet.", "Ni wnaed dim eto.";
    monday: "Monday", "Dydd Llun";
    tuesday: "Tuesday", "Dydd Mawrth";
    wednesday: "Wednesday", "Dydd Mercher";
    thursday: "Thursday", "Dydd Iau";
    friday: "Friday", "Dydd Gwener";
    saturday: "Saturday", "Dydd Sadwrn";
    sunday: "Sunday", "Dydd Sul";
    client_asked: "The client asked", "Y cleient a ofynnodd";
    client_unwell: "The client is unwell", "Mae'r cleient yn sâl";
    adviser_away: "The personal adviser is away", "Mae'r cynghorydd personol i ffwrdd";
    office_closed: "The office is closed", "Mae'r swyddfa ar gau";
    earlier: "An earlier time became free", "Daeth amser cynharach yn rhydd";
    not_needed: "It is not needed", "Nid oes ei angen";
    mistake: "It was booked by mistake", "Trefnwyd ef trwy gamgymeriad";
    wish_standard: "Within the standard", "O fewn y safon";
    wish_person: "Personal adviser", "Cynghorydd personol";
    wish_times: "Times", "Amserau";
    wish_office: "Office", "Swyddfa";
    due: "Due", "I'w wneud";
    sending: "Being sent", "Yn cael ei anfon";
    sent: "Sent", "Anfonwyd";
    delivered: "Delivered", "Cyrhaeddodd";
    failed: "Failed", "Methodd";
    dropped: "Not sent", "Heb ei anfon";
    rung: "Rung", "Ffoniwyd";
    reached: "Spoken with", "Siaradwyd â nhw";
    no_reply: "No reply", "Dim ateb";
    wrong_number: "Wrong number", "Rhif anghywir";
    because_moved: "the meeting was moved", "symudwyd y cyfarfod";
    because_not_booked: "the meeting is off or over", "ni fydd y cyfarfod, neu mae ar ben";
    because_too_late: "too late", "rhy hwyr";
    because_no_opening: "the site does not open before it", "nid yw'r safle'n agor cyn hynny";
    because_booked_later: "booked after this was due", "trefnwyd ar ôl i hyn fod i ddigwydd";
    because_opted_out: "the client does not want it", "nid yw'r cleient am ei gael";
    because_no_number: "no telephone number", "dim rhif ffôn";
    because_no_mobile: "no mobile number", "dim rhif ffôn symudol";
    because_not_to_be_rung: "the client is not to be rung", "ni ddylid ffonio'r cleient";
    because_not_safe: "it is never safe before the meeting", "nid yw byth yn ddiogel cyn y cyfarfod";
    because_no_messages: "no message may be left", "ni cheir gadael neges";
    because_number_in_doubt: "the number is in doubt", "mae amheuaeth am y rhif";
    because_no_address: "no address", "dim cyfeiriad";
    because_reached: "reached already", "cafwyd gafael arnynt eisoes";
    because_told: "told already", "dywedwyd wrthynt eisoes";
    because_not_planned: "not planned", "heb ei gynllunio";
} }

impl DayWords {
    pub fn week_of(&self, day: &str) -> String {
        match self.language {
            Language::English => format!("Week of {day}"),
            Language::Welsh => format!("Wythnos {day}"),
        }
    }

    /// The numbers of the API, with their names.
    pub fn weekdays(&self) -> Vec<(String, String)> {
        let names = [self.monday, self.tuesday, self.wednesday, self.thursday, self.friday, self.saturday, self.sunday];
        (1..).zip(names).map(|(number, name): (i32, &str)| (number.to_string(), name.to_owned())).collect()
    }

    pub fn here(&self, here: super::reading::Here) -> &'static str {
        use super::reading::Here;
        match here {
            Here::Held => self.held,
            Here::Expected => self.expected,
            Here::Waiting => self.waiting,
            Here::Met => self.met,
            Here::Missed => self.missed,
            Here::Off => self.put_off,
        }
    }

    pub fn why(&self, reason: pb::AppointmentReason) -> &'static str {
        use pb::AppointmentReason as Reason;
        match reason {
            Reason::Unspecified => "",
            Reason::ClientAsked => self.client_asked,
            Reason::ClientUnwell => self.client_unwell,
            Reason::AdviserAway => self.adviser_away,
            Reason::OfficeClosed => self.office_closed,
            Reason::Earlier => self.earlier,
            Reason::NotNeeded => self.not_needed,
            Reason::Mistake => self.mistake,
        }
    }

    pub fn block_kind(&self, kind: pb::BlockKind) -> &'static str {
        use pb::BlockKind as Kind;
        match kind {
            Kind::Leave => self.leave,
            Kind::Sickness => self.sickness,
            Kind::Training => self.training,
            Kind::TeamEvent => self.team_event,
            Kind::Blocked | Kind::Unspecified => self.blocked,
            Kind::ExtraHours => self.extra_hours,
        }
    }

    pub fn wish(&self, wish: pb::WishKind, skill: &str) -> String {
        use pb::WishKind as Wish;
        let word = match wish {
            Wish::Skill => skill,
            Wish::Standard | Wish::Unspecified => self.wish_standard,
            Wish::PersonalAdviser => self.wish_person,
            Wish::Welsh => self.speaks_welsh,
            Wish::GroundFloor => self.ground_floor,
            Wish::PrivateRoom => self.private_room,
            Wish::Times => self.wish_times,
            Wish::Office => self.wish_office,
        };
        word.to_owned()
    }

    pub fn channel(&self, channel: pb::ReminderChannel) -> &'static str {
        match channel {
            pb::ReminderChannel::Call | pb::ReminderChannel::Unspecified => self.by_call,
            pb::ReminderChannel::Text => self.by_text,
            pb::ReminderChannel::Letter => self.by_letter,
        }
    }

    pub fn reminder_state(&self, state: pb::ReminderState, outcome: pb::ReminderCallOutcome) -> &'static str {
        use pb::ReminderCallOutcome as Outcome;
        use pb::ReminderState as State;
        match (state, outcome) {
            (State::Due | State::Unspecified, _) => self.due,
            (State::Sending, _) => self.sending,
            (State::Sent, _) => self.sent,
            (State::Delivered, _) => self.delivered,
            (State::Failed, _) => self.failed,
            (State::Dropped, _) => self.dropped,
            (State::Rung, Outcome::Reached) => self.reached,
            (State::Rung, Outcome::NoReply) => self.no_reply,
            (State::Rung, Outcome::WrongNumber) => self.wrong_number,
            (State::Rung, Outcome::Unspecified) => self.rung,
        }
    }

    /// None of what Notify says itself.
    pub fn reminder_reason(&self, reason: &str) -> Option<&'static str> {
        Some(match reason {
            "MOVED" => self.because_moved,
            "NOT_BOOKED" => self.because_not_booked,
            "TOO_LATE" => self.because_too_late,
            "NO_OPENING_BEFORE" => self.because_no_opening,
            "BOOKED_LATER" => self.because_booked_later,
            "OPTED_OUT" => self.because_opted_out,
            "NO_NUMBER" => self.because_no_number,
            "NO_MOBILE_NUMBER" => self.because_no_mobile,
            "NO_ADDRESS" => self.because_no_address,
            "NOT_TO_BE_RUNG" => self.because_not_to_be_rung,
            "NOT_SAFE_BEFORE" => self.because_not_safe,
            "NO_MESSAGES" => self.because_no_messages,
            "NUMBER_IN_DOUBT" => self.because_number_in_doubt,
            "REACHED" => self.because_reached,
            "TOLD" => self.because_told,
            "NOT_PLANNED" => self.because_not_planned,
            _ => return None,
        })
    }
}
