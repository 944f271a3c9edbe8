//! What checks say.

use crate::words::words;
use startline_api as pb;
use startline_foundation::formats::Language;

words! { pub CheckWords {
    title: "Checks", "Gwiriadau";
    at: "At", "Yn";
    going_on: "Going on now", "Yn digwydd nawr";
    nothing_going_on: "No meeting is going on.", "Nid oes cyfarfod yn digwydd.";
    later: "Later today", "Yn ddiweddarach heddiw";
    earlier: "Earlier today", "Yn gynharach heddiw";
    client: "Client", "Cleient";
    time: "Time", "Amser";
    meeting: "Meeting", "Cyfarfod";
    with: "with", "gyda";
    check: "Check", "Gwirio";
    waits: "waiting", "yn aros";
    begun: "begun", "wedi dechrau";
    take: "Check it", "Gwirio hwn";
    hand_back: "Hand back", "Rhoi'n ôl";
    complete: "Complete: may be handed over", "Cyflawn: gellir ei drosglwyddo";
    answered: "What was asked is answered", "Atebwyd yr hyn a ofynnwyd";
    form_in: "Form handed in", "Cyflwynwyd y ffurflen";
    form_not_in: "Form not handed in", "Ni chyflwynwyd y ffurflen";
    form_is_in: "The signed form is handed in", "Mae'r ffurflen wedi'i llofnodi wedi'i chyflwyno";
    queries: "Queries", "Ymholiadau";
    no_queries: "No query is open.", "Nid oes ymholiad ar agor.";
    evidence_heading: "Evidence", "Tystiolaeth";
    nothing_to_bring: "Nothing is still to be brought.", "Nid oes dim ar ôl i ddod ag ef.";
    still_to_bring: "Still to be brought", "Eto i ddod ag ef";
    missing_heading: "Missing answers", "Atebion ar goll";
    nothing_missing: "No answer is missing.", "Nid oes ateb ar goll.";
    next: "What has to happen next", "Beth sy'n rhaid digwydd nesaf";
    raise_heading: "Ask something about the claim", "Gofyn rhywbeth am yr hawliad";
    raise_more: "The claim is not handed over until it is settled.", "Ni throsglwyddir yr hawliad nes ei ddatrys.";
    about: "About", "Am";
    whole_claim: "The claim as a whole", "Yr hawliad cyfan";
    query_text: "The query", "Yr ymholiad";
    raise: "Raise the query", "Codi'r ymholiad";
    outcome: "What came of it", "Beth ddaeth ohono";
    settle: "Settle", "Datrys";
    settled: "Settled", "Wedi'u datrys";
    you: "You", "Chi";
    a_colleague: "A colleague", "Cydweithiwr";
    amend: "Amend", "Diwygio";
    ask_about: "Ask", "Gofyn";
    what_it_says: "What the form says", "Beth mae'r ffurflen yn ei ddweud";
    no_answer: "No answer", "Dim ateb";
    withheld: "Not shown to you", "Ni ddangosir i chi";
    instead: "Does instead", "Gwna'r tro yn lle";
    note: "Note", "Nodyn";
    tick_as: "What became of it", "Beth ddaeth ohono";
    seen: "Seen", "Gwelwyd";
    substitute: "Something else did", "Gwnaeth rhywbeth arall y tro";
    to_follow: "To follow", "I ddilyn";
    not_needed: "Not needed", "Dim angen";
    none: "Nothing said yet", "Dim wedi'i ddweud eto";
    take_back: "Take back", "Tynnu'n ôl";
    amendments: "Amendments", "Diwygiadau";
    no_amendments: "Nothing was amended.", "Ni ddiwygiwyd dim.";
    question: "Question", "Cwestiwn";
    said: "Said before", "Dywedwyd cynt";
    says: "Says now", "Mae'n dweud nawr";
    initials: "The client's initials", "Llythrennau blaen y cleient";
    initials_hint: "One to four letters, as the client writes them.", "Un i bedair llythyren, fel y mae'r cleient yn eu hysgrifennu.";
    on: "On", "Ar";
    amend_heading: "Amend an answer", "Diwygio ateb";
    amend_more: "What the form said stays to be seen, with the day and the client's initials.", "Mae'r hyn a ddywedodd y ffurflen i'w weld o hyd, gyda'r diwrnod a llythrennau blaen y cleient.";
    new_answer: "What it is to say", "Beth mae i'w ddweud";
    save_amendment: "Amend the answer", "Diwygio'r ateb";
    changed_meanwhile: "Somebody else changed this answer while you typed. What it says now is above. Send yours again if it should stand instead.", "Newidiodd rhywun arall yr ateb hwn tra oeddech yn teipio. Mae'r hyn mae'n ei ddweud nawr uchod. Anfonwch eich un chi eto os dylai sefyll yn ei le.";
    the_form: "The form", "Y ffurflen";
    parts: "Parts of the form", "Rhannau'r ffurflen";
    the_claim: "The claim", "Yr hawliad";
    the_meeting: "The meeting", "Y cyfarfod";
    the_client: "The client's record", "Cofnod y cleient";
    agencies: "Agencies", "Asiantaethau";
    what_it_reads: "What it reads", "Beth mae'n ei ddarllen";
    handed_over: "Handed over", "Trosglwyddwyd";
    not_handed_over: "Does not have it", "Nid yw ganddi";
    dates: "From which day it counts", "O ba ddiwrnod mae'n cyfrif";
    benefit: "Benefit", "Budd-dal";
    counts_from: "Counts from", "Yn cyfrif o";
    protected_until: "First contact protects it until", "Mae'r cyswllt cyntaf yn ei diogelu tan";
    lodge: "Hand over the claim", "Trosglwyddo'r hawliad";
    lodge_more: "This cannot be taken back. Each agency gets the claim once, as it now stands.", "Ni ellir tynnu hyn yn ôl. Mae pob asiantaeth yn cael yr hawliad unwaith, fel y mae nawr.";
    lodge_not: "A query is open: settle it first.", "Mae ymholiad ar agor: datryswch ef yn gyntaf.";
    to_agencies: "To", "I";
    choose_agency: "Choose who gets the claim", "Dewiswch pwy sy'n cael yr hawliad";
    signed_day: "On which day did the client sign?", "Ar ba ddiwrnod y llofnododd y cleient?";
    signed_hint: "Today when left empty. For example 6 March 2026.", "Heddiw os gadewir yn wag. Er enghraifft 6 Mawrth 2026.";
    unanswered: "not answered", "heb ei ateb";
    to_confirm: "to be confirmed", "i'w gadarnhau";
    ask_again: "to be asked again", "i'w ofyn eto";
    meeting_open: "No meeting arranged", "Dim cyfarfod wedi'i drefnu";
    meeting_booked: "Meeting booked", "Cyfarfod wedi'i drefnu";
    meeting_missed: "Meeting missed", "Collwyd y cyfarfod";
    meeting_held: "Meeting held", "Cynhaliwyd y cyfarfod";
    meeting_deferred: "Meeting put off", "Gohiriwyd y cyfarfod";
    meeting_waived: "Done without a meeting", "Hepgorwyd y cyfarfod";
} }

impl CheckWords {
    /// `by` has it, or had it.
    pub fn check_is(&self, state: pb::CheckState, by: &str) -> String {
        use pb::CheckState as State;
        match (self.language, state) {
            (Language::English, State::Expected | State::Unspecified) => "Not here yet".into(),
            (Language::English, State::Waiting) => "To be checked".into(),
            (Language::English, State::Taken) => format!("Being checked: {by}"),
            (Language::English, State::Asked) => format!("Queries to the personal adviser: {by}"),
            (Language::English, State::Answered) => format!("Queries answered: {by}"),
            (Language::English, State::Complete) => format!("Complete, may be handed over: {by}"),
            (Language::English, State::Lodged) => "Handed over".into(),
            (Language::Welsh, State::Expected | State::Unspecified) => "Ddim yma eto".into(),
            (Language::Welsh, State::Waiting) => "I'w wirio".into(),
            (Language::Welsh, State::Taken) => format!("Yn cael ei wirio: {by}"),
            (Language::Welsh, State::Asked) => format!("Ymholiadau i'r cynghorydd personol: {by}"),
            (Language::Welsh, State::Answered) => format!("Atebwyd yr ymholiadau: {by}"),
            (Language::Welsh, State::Complete) => format!("Cyflawn, gellir ei drosglwyddo: {by}"),
            (Language::Welsh, State::Lodged) => "Trosglwyddwyd".into(),
        }
    }

    pub fn here_for(&self, minutes: u32) -> String {
        match (self.language, minutes) {
            (Language::English, 1) => "here for 1 minute".into(),
            (Language::English, minutes) => format!("here for {minutes} minutes"),
            (Language::Welsh, minutes) => format!("yma ers {minutes} munud"),
        }
    }

    pub fn meeting_is(&self, meeting: pb::MeetingOutcome) -> &'static str {
        use pb::MeetingOutcome as Outcome;
        match meeting {
            Outcome::Open | Outcome::Unspecified => self.meeting_open,
            Outcome::Booked => self.meeting_booked,
            Outcome::Missed => self.meeting_missed,
            Outcome::Held => self.meeting_held,
            Outcome::Deferred => self.meeting_deferred,
            Outcome::Waived => self.meeting_waived,
        }
    }

    pub fn meeting_tag(&self, meeting: pb::MeetingOutcome) -> &'static str {
        use pb::MeetingOutcome as Outcome;
        match meeting {
            Outcome::Held | Outcome::Deferred | Outcome::Waived => "good",
            Outcome::Missed => "bad",
            Outcome::Open | Outcome::Unspecified | Outcome::Booked => "",
        }
    }

    pub fn open_queries(&self, count: usize) -> String {
        match (self.language, count) {
            (Language::English, 0) => "No open query".into(),
            (Language::English, 1) => "1 open query".into(),
            (Language::English, count) => format!("{count} open queries"),
            (Language::Welsh, 0) => "Dim ymholiad ar agor".into(),
            (Language::Welsh, count) => format!("{count} ymholiad ar agor"),
        }
    }

    pub fn to_bring(&self, count: usize) -> String {
        match (self.language, count) {
            (Language::English, 0) => "All evidence is in".into(),
            (Language::English, count) => format!("{count} still to bring"),
            (Language::Welsh, 0) => "Mae'r holl dystiolaeth i mewn".into(),
            (Language::Welsh, count) => format!("{count} eto i'w ddod"),
        }
    }

    pub fn missing_answers(&self, count: u32) -> String {
        match (self.language, count) {
            (Language::English, 0) => "No answer missing".into(),
            (Language::English, 1) => "1 answer missing".into(),
            (Language::English, count) => format!("{count} answers missing"),
            (Language::Welsh, 0) => "Dim ateb ar goll".into(),
            (Language::Welsh, count) => format!("{count} ateb ar goll"),
        }
    }

    pub fn open_reason_of(&self, reason: i32) -> &'static str {
        use pb::OpenReason as Reason;
        match Reason::try_from(reason).unwrap_or_default() {
            Reason::Unanswered | Reason::Unspecified => self.unanswered,
            Reason::ToConfirm => self.to_confirm,
            Reason::AskAgain => self.ask_again,
        }
    }

    pub fn evidence(&self, state: pb::EvidenceState) -> &'static str {
        use pb::EvidenceState as State;
        match state {
            State::Seen => self.seen,
            State::Substitute => self.substitute,
            State::ToFollow => self.to_follow,
            State::NotNeeded => self.not_needed,
            State::None | State::Unspecified => self.none,
        }
    }
}
