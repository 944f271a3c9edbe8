//! What the steps say.

use crate::words::words;
use startline_api as pb;

words! { pub StepWords {
    title: "Steps", "Camau";
    all: "All", "Pob un";
    ring: "To ring", "I'w ffonio";
    letters: "Letters", "Llythyrau";
    meetings: "Meetings to arrange", "Cyfarfodydd i'w trefnu";
    sooner: "Earlier times", "Amserau cynharach";
    refer: "To tell an agency", "I ddweud wrth asiantaeth";
    decide: "To decide", "I'w benderfynu";
    sorts: "Sorts of step", "Mathau o gam";
    due_by: "Due by", "Erbyn";
    due_by_hint: "Today when left empty. For example 9 March.", "Heddiw os gadewir yn wag. Er enghraifft 9 Mawrth.";
    no_day: "Enter a day, for example 3 March 2026", "Rhowch ddiwrnod, er enghraifft 3 Mawrth 2026";
    show: "Show", "Dangos";
    nothing: "Nothing is due.", "Nid oes dim i'w wneud.";
    due: "Due", "I'w wneud";
    due_today: "today", "heddiw";
    overdue_days: "days overdue", "diwrnod yn hwyr";
    what: "What to do", "Beth i'w wneud";
    client: "Client", "Cleient";
    why: "Why", "Pam";
    comes_first: "What comes first", "Beth sy'n dod gyntaf";
    telephone: "Telephone", "Ffôn";
    no_telephone: "No number is known", "Nid oes rhif yn hysbys";
    open_it: "Open", "Agor";
    opportunity: "Opportunity", "Cyfle";
    offered: "The earlier time", "Yr amser cynharach";
    how_ended: "How it ended", "Sut y daeth i ben";
    record: "Record it", "Ei gofnodi";
    note: "Note", "Nodyn";
    note_when_not: "Needed unless it was done. At most 500 characters.", "Ei angen oni bai ei fod wedi'i wneud. 500 nod ar y mwyaf.";
    note_hint: "At most 500 characters.", "500 nod ar y mwyaf.";
    choose_outcome: "Choose how it ended", "Dewiswch sut y daeth i ben";
    choose_decision: "Choose how it goes on", "Dewiswch sut mae'n mynd ymlaen";
    done: "Done", "Wedi'i wneud";
    not_needed: "Not needed", "Nid oedd ei angen";
    could_not: "Could not be done", "Ni ellid ei wneud";
    overtaken: "Something else made it needless", "Gwnaeth rhywbeth arall ef yn ddiangen";
    call_heading: "The call", "Yr alwad";
    call_more: "Voicemail is no reply. The telephone comes before a letter.", "Nid yw neges llais yn ateb. Daw'r ffôn cyn llythyr.";
    record_call: "Record the call", "Cofnodi'r alwad";
    spoken: "Spoken with the client", "Siaradwyd â'r cleient";
    no_reply: "No reply", "Dim ateb";
    wrong_number: "Wrong number", "Rhif anghywir";
    no_phone: "The client has no telephone", "Nid oes ffôn gan y cleient";
    letter: "The letter", "Y llythyr";
    book: "Book the meeting", "Trefnu'r cyfarfod";
    book_more: "Once a meeting is booked that answers it, this step is off the list.", "Unwaith y trefnir cyfarfod sy'n ei ateb, nid yw'r cam hwn ar y rhestr mwyach.";
    or_record: "Or say how it ended", "Neu dywedwch sut y daeth i ben";
    decision: "How it goes on", "Sut mae'n mynd ymlaen";
    decision_more: "It is your decision, under your name. The client is told your reason, and may appeal.", "Eich penderfyniad chi ydyw, o dan eich enw. Dywedir eich rheswm wrth y cleient, a gall apelio.";
    not_made: "The claim is treated as not made", "Trinnir yr hawliad fel un nas gwnaed";
    goes_on: "The claim goes on, and the count begins anew", "Mae'r hawliad yn mynd ymlaen, ac mae'r cyfrif yn dechrau o'r newydd";
    another_chance: "One more meeting", "Un cyfarfod arall";
    reason: "Your reason", "Eich rheswm";
    reason_hint: "The client is told. At most 500 characters.", "Dywedir wrth y cleient. 500 nod ar y mwyaf.";
    decisions: "Decisions", "Penderfyniadau";
    decided_from: "Decided from", "Penderfynwyd o";
    decided_from_hint: "A month back when left empty. For example 9 March.", "Mis yn ôl os gadewir yn wag. Er enghraifft 9 Mawrth.";
    decided_to: "To", "Hyd at";
    decided_when: "Decided", "Penderfynwyd";
    none_decided: "Nothing was decided after missed meetings in these days.", "Ni phenderfynwyd dim ar ôl cyfarfodydd a gollwyd yn y dyddiau hyn.";
    taken_back: "Taken back", "Tynnwyd yn ôl";
    take_back: "Take the decision back", "Tynnu'r penderfyniad yn ôl";
    take_back_more: "The claim stands where it stood and keeps its date, the client has another opportunity, and a letter says so. This can be done until", "Mae'r hawliad yn sefyll lle'r oedd ac yn cadw ei ddyddiad, mae gan y cleient gyfle arall, a dywed llythyr hynny. Gellir gwneud hyn tan";
    evidence: "On what it rests", "Ar beth mae'n seiliedig";
    evidence_hint: "For whoever looks at it again; the client is not sent it. At most 500 characters.", "Ar gyfer pwy bynnag fydd yn edrych arno eto; nid anfonir hyn at y cleient. 500 nod ar y mwyaf.";
    record_decision: "Record your decision", "Cofnodi eich penderfyniad";
    good_cause: "Good cause", "Achos da";
    no_good_cause: "None", "Dim";
    answer_heading: "What the client said", "Beth ddywedodd y cleient";
    accepts: "Takes the earlier time", "Yn derbyn yr amser cynharach";
    declines: "Does not want it", "Nid yw am ei gael";
    not_reached: "Could not be reached", "Ni ellid cael gafael arnynt";
    other_steps: "Other steps of this claim", "Camau eraill yr hawliad hwn";
    steps_of: "Steps for", "Camau ar gyfer";
    to_do: "To do", "I'w wneud";
    over: "Over", "Ar ben";
    nothing_open: "Nothing is to be done for this claim now.", "Nid oes dim i'w wneud ar gyfer yr hawliad hwn nawr.";
    cause_heading: "The client had good cause", "Roedd gan y cleient achos da";
    cause_more: "The missed meeting then does not count. Later than the working days in which it can be shown, a team leader alone records it.", "Nid yw'r cyfarfod a gollwyd wedyn yn cyfrif. Yn hwyrach na'r diwrnodau gwaith y gellir ei ddangos ynddynt, arweinydd tîm yn unig sy'n ei gofnodi.";
    missed_meeting: "The missed meeting", "Y cyfarfod a gollwyd";
    cause: "The cause", "Yr achos";
    record_cause: "Record good cause", "Cofnodi achos da";
    event_heading: "Something happened in the client's life", "Digwyddodd rhywbeth ym mywyd y cleient";
    event: "What happened", "Beth ddigwyddodd";
    event_day: "On which day", "Ar ba ddiwrnod";
    event_day_hint: "For example 9 March 2026", "Er enghraifft 9 Mawrth 2026";
    record_event: "Record what happened", "Cofnodi beth ddigwyddodd";
    the_claim: "The claim", "Yr hawliad";
    the_client: "The client's record", "Cofnod y cleient";
    all_claims: "Claims", "Hawliadau";
    standby: "Standby list", "Rhestr wrth gefn";
    standby_more: "They would come sooner if time becomes free, and are asked in this order.", "Byddent yn dod yn gynt pe bai amser yn dod yn rhydd, a gofynnir iddynt yn y drefn hon.";
    offers_out: "To ask now", "Gofyn nawr";
    offers_more: "The time is kept for them until they have answered, or the next is asked.", "Cedwir yr amser iddynt nes iddynt ateb, neu gofynnir i'r nesaf.";
    nobody: "Nobody is on the list.", "Nid oes neb ar y rhestr.";
    waits_since: "Since", "Ers";
    meeting: "Meeting", "Cyfarfod";
    earliest: "Not before", "Ddim cyn";
    urgent: "Urgent", "Brys";
    leave: "Take off the list", "Tynnu oddi ar y rhestr";
    join_heading: "Put on the standby list", "Rhoi ar y rhestr wrth gefn";
    join_more: "The client would come sooner if time becomes free. Somebody rings them then.", "Byddai'r cleient yn dod yn gynt pe bai amser yn dod yn rhydd. Mae rhywun yn eu ffonio bryd hynny.";
    join: "Put on the list", "Rhoi ar y rhestr";
    is_urgent: "Ask before all who are not urgent", "Gofyn cyn pawb nad ydynt yn frys";
    kind_deferred: "Arrange the deferred meeting", "Trefnu'r cyfarfod a ohiriwyd";
    kind_ring: "Ring the client", "Ffonio'r cleient";
    kind_letter: "Send the letter", "Anfon y llythyr";
    kind_offer: "Offer a new meeting", "Cynnig cyfarfod newydd";
    kind_visit: "Arrange a home visit", "Trefnu ymweliad cartref";
    kind_consider: "Consider a home visit", "Ystyried ymweliad cartref";
    kind_refer: "Tell the agency", "Dweud wrth yr asiantaeth";
    kind_decide: "Decide how it goes on", "Penderfynu sut mae'n mynd ymlaen";
    kind_reconsider: "Look at the decision again", "Edrych eto ar y penderfyniad";
    reconsider_more: "It is for somebody other than who decided. Either way a letter goes under your name, with your reason.", "Mae hyn i rywun heblaw'r sawl a benderfynodd. Y naill ffordd neu'r llall, â llythyr o dan eich enw, gyda'ch rheswm.";
    what_was_decided: "What was decided", "Yr hyn a benderfynwyd";
    decided_by: "Decided by", "Penderfynwyd gan";
    client_said: "What the client says", "Yr hyn y mae'r cleient yn ei ddweud";
    found: "What you find", "Yr hyn rydych yn ei ganfod";
    it_stands: "The decision stands", "Mae'r penderfyniad yn sefyll";
    it_falls: "The decision does not stand: the claim goes on as if it had not been made", "Nid yw'r penderfyniad yn sefyll: mae'r hawliad yn mynd ymlaen fel pe na bai wedi'i wneud";
    choose_found: "Say whether the decision stands", "Dywedwch a yw'r penderfyniad yn sefyll";
    asked_to_look: "The client asked on", "Gofynnodd y cleient ar";
    stands: "Looked at again, stands", "Edrychwyd eto, yn sefyll";
    kind_earlier: "Offer the earlier time", "Cynnig yr amser cynharach";
    kind_propose: "Propose a meeting", "Cynnig cyfarfod";
    kind_finish: "Finish the start-up", "Gorffen y cychwyn";
    kind_arrange: "Arrange the meeting", "Trefnu'r cyfarfod";
    kind_attendance: "Say whether they came", "Dweud a ddaethant";
    kind_chase: "Ask for the form", "Gofyn am y ffurflen";
    kind_lodge: "Hand the claim over", "Trosglwyddo'r hawliad";
    kind_runs_out: "A date runs out", "Dyddiad yn dod i ben";
    kind_lost: "A date was lost", "Collwyd dyddiad";
    claims: "Claims that would slip", "Hawliadau a fyddai'n llithro";
    go_on: "Go on with the claim", "Mynd ymlaen â'r hawliad";
    go_on_more: "This step ends by itself, once nothing is left to do.", "Daw'r cam hwn i ben ohono'i hun, unwaith nad oes dim ar ôl i'w wneud.";
} }

impl StepWords {
    pub fn sort(&self, word: &str) -> &'static str {
        self.sentence(word).unwrap_or(self.all)
    }

    pub fn kind(&self, kind: pb::StepKind) -> &'static str {
        use pb::StepKind as Kind;
        match kind {
            Kind::Unspecified => self.what,
            Kind::ArrangeDeferredMeeting => self.kind_deferred,
            Kind::RingClient => self.kind_ring,
            Kind::SendLetter => self.kind_letter,
            Kind::OfferNewMeeting => self.kind_offer,
            Kind::HomeVisit => self.kind_visit,
            Kind::ConsiderHomeVisit => self.kind_consider,
            Kind::Refer => self.kind_refer,
            Kind::Decide => self.kind_decide,
            Kind::Reconsider => self.kind_reconsider,
            Kind::OfferEarlierTime => self.kind_earlier,
            Kind::ProposeMeeting => self.kind_propose,
            Kind::FinishStartUp => self.kind_finish,
            Kind::ArrangeMeeting => self.kind_arrange,
            Kind::RecordAttendance => self.kind_attendance,
            Kind::ChaseForm => self.kind_chase,
            Kind::LodgeNow => self.kind_lodge,
            Kind::DateRunsOut => self.kind_runs_out,
            Kind::DateLost => self.kind_lost,
        }
    }

    pub fn outcome(&self, outcome: pb::StepOutcome) -> &'static str {
        use pb::StepOutcome as Outcome;
        match outcome {
            Outcome::Done | Outcome::Unspecified => self.done,
            Outcome::NotNeeded => self.not_needed,
            Outcome::CouldNot => self.could_not,
            Outcome::Overtaken => self.overtaken,
        }
    }

    /// How a step can be said to have ended: a letter is sent and nothing else.
    pub fn outcomes(&self, is_letter: bool) -> Vec<(String, String)> {
        use pb::StepOutcome as Outcome;
        let all: &[Outcome] = match is_letter {
            true => &[Outcome::Done],
            false => &[Outcome::Done, Outcome::NotNeeded, Outcome::CouldNot],
        };
        all.iter().map(|one| (one.as_str_name().to_owned(), self.outcome(*one).to_owned())).collect()
    }

    pub fn calls(&self) -> Vec<(String, String)> {
        use pb::PhoneOutcome as Outcome;
        let all = [
            (Outcome::Spoken, self.spoken),
            (Outcome::NoReply, self.no_reply),
            (Outcome::WrongNumber, self.wrong_number),
            (Outcome::NoPhone, self.no_phone),
        ];
        all.map(|(one, name)| (one.as_str_name().to_owned(), name.to_owned())).into()
    }

    pub fn decisions(&self) -> Vec<(String, String)> {
        use pb::AfterMisses as After;
        let all = [After::Continue, After::AnotherChance, After::TreatAsNotMade];
        all.map(|one| (one.as_str_name().to_owned(), self.after(one).to_owned())).into()
    }

    pub fn after(&self, decision: pb::AfterMisses) -> &'static str {
        match decision {
            pb::AfterMisses::Unspecified => self.decision,
            pb::AfterMisses::Continue => self.goes_on,
            pb::AfterMisses::AnotherChance => self.another_chance,
            pb::AfterMisses::TreatAsNotMade => self.not_made,
        }
    }

    /// What may be found by looking at a decision again.
    pub fn findings(&self) -> Vec<(String, String)> {
        [("stands", self.it_stands), ("falls", self.it_falls)]
            .map(|(value, name)| (value.to_owned(), name.to_owned()))
            .into()
    }

    pub fn answers(&self) -> Vec<(&'static str, &'static str)> {
        use pb::StandbyAnswer as Said;
        let all = [(Said::Accept, self.accepts), (Said::Decline, self.declines), (Said::NoReply, self.not_reached)];
        all.map(|(one, name)| (one.as_str_name(), name)).into()
    }
}
