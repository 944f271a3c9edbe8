//! Words that the rooms and the protos both have: each pair stands once, and the compiler holds both ways complete.

use super::pb;
use chrono::Weekday;
use startline_definition::{Channel, Sensitivity};
use startline_foundation::error::{Error, Result};
use startline_packs as packs;
use startline_rooms::access::{self, Role};
use startline_rooms::callbacks;
use startline_rooms::claims;
use startline_rooms::clients;
use startline_rooms::diary;
use startline_rooms::followup;
use startline_rooms::printing::{self, PostClass};
use startline_rooms::records;
use startline_rooms::reminders;
use startline_rooms::rota::BlockKind;

/// An enum of the protos whose values, save `UNSPECIFIED`, are the words of a room.
pub trait Mirror: TryFrom<i32> + Into<i32> {
    type Word;

    fn of(word: Self::Word) -> Self;

    /// `None` for `UNSPECIFIED`.
    fn word(self) -> Option<Self::Word>;
}

/// The room's word as it travels.
pub fn shown<M: Mirror>(word: M::Word) -> i32 {
    M::of(word).into()
}

/// A word that must be given: one that is not, or that nobody knows, is refused with `reason`.
///
/// # Errors
/// `Invalid`.
pub fn needed<M: Mirror>(field: &str, given: i32, reason: &str) -> Result<M::Word> {
    let word = M::try_from(given).ok().and_then(M::word);
    word.ok_or_else(|| Error::invalid(field, reason))
}

macro_rules! mirrors {
    ($($wire:ident: $word:ty { $($ours:ident $(= $theirs:ident)?),+ $(,)? })+) => {
        $(
            impl Mirror for pb::$wire {
                type Word = $word;

                fn of(word: $word) -> Self {
                    match word {
                        $(<$word>::$ours => mirrors!(@theirs Self $ours $($theirs)?),)+
                    }
                }

                fn word(self) -> Option<$word> {
                    match self {
                        Self::Unspecified => None,
                        $(mirrors!(@theirs Self $ours $($theirs)?) => Some(<$word>::$ours),)+
                    }
                }
            }
        )+
    };
    (@theirs $wire:ident $ours:ident) => { $wire::$ours };
    (@theirs $wire:ident $ours:ident $theirs:ident) => { $wire::$theirs };
}

mirrors! {
    AbsenceKind: BlockKind { Leave, Sickness, Training, TeamEvent, Blocked, ExtraHours }
    AfterMisses: followup::AfterMisses { TreatAsNotMade, Continue, AnotherChance }
    AppointmentReason: diary::CancelReason {
        ClientAsked, ClientUnwell, AdviserAway, OfficeClosed, Earlier, NotNeeded, Mistake,
    }
    AttemptOutcome: callbacks::Outcome { Reached, NoReply, Voicemail, Busy, WrongNumber, Refused, FaceToFace }
    Attendance: diary::Attendance { Arrived, Attended, Failed }
    BlockKind: BlockKind { Leave, Sickness, Training, TeamEvent, Blocked, ExtraHours }
    CallbackWish: callbacks::Wish { Times, NotAfter, Adviser }
    CancelReason: callbacks::CancelReason { ClientAsked, Duplicate, CameIn, ClaimWithdrawn, Superseded, StartUpDone, ClientDied }
    ClaimMove: claims::Move {
        Opened, StartUpDone, Posted, MeetingDeferred, MeetingWaived, Lodged, Withdrawn, Reopened,
        TreatedAsNotMade, DecisionReversed, FormBack, MeetingOpenAgain, DateCarried,
    }
    ClaimState: claims::Stage { Open, StartUpDone, Posted, Lodged, Withdrawn, NotMade }
    ClaimTrouble: followup::Trouble {
        StartUpNotFinished, MeetingToArrange, AttendanceToRecord, FormNotBack, EvidenceToCome, QueryOpen, ToHandOver,
        DateRunsOut, DateLost, DecisionDue,
    }
    CorrectedReport: printing::Corrected {
        PrintedPages, SpoiledPages, PostedDay, ReturnReason, CountedPacks, CountedPages,
    }
    Envelope: packs::Envelope { None, C5, C4 }
    EvidenceState: claims::TickState { Seen, Substitute, ToFollow, NotNeeded, TakenBack = None }
    IdentityKind: access::IdentityKind { Certificate, Account }
    Likeness: clients::Likeness { Nino, NameAndBirth, Phone }
    OpenReason: claims::Open { Unanswered, ToConfirm, AskAgain }
    PhoneOutcome: followup::PhoneOutcome { Spoken, NoReply, WrongNumber, NoPhone }
    PostClass: PostClass { First, Second }
    PrintLook: packs::Layout { English, SideBySide, Facing }
    PrintSides: packs::Sides { One, Two = TwoLongEdge }
    ReminderCallOutcome: reminders::Outcome { Reached, NoReply, WrongNumber }
    ReminderChannel: Channel { Call, Text, Letter }
    RequestReason: records::RequestReason {
        ClientInTouch, HelpsColleague, Complaint, RiskOfHarm, Correction, Other,
    }
    Role: Role {
        Adviser, TeamLeader, Supervisor, PersonalAdviser, BenefitsExpert, Reception, PrintRoom, Switch, Admin, Agency,
        PrivacyOfficer,
    }
    Sensitivity: Sensitivity { Bank, Risk, Health, Private }
    SentTo: packs::SentTo { Home, LettersAddress, AnotherAddress }
    StandbyAnswer: followup::OfferAnswer { Accept, Decline, NoReply }
    StepOutcome: followup::Outcome { Done, NotNeeded, CouldNot, Overtaken }
    Verdict: records::Verdict { Justified, NotJustified }
    WaiverReason: diary::WaiverReason { SeriousIllness, Exceptional, Optional }
    Weekday: Weekday {
        Mon = Monday, Tue = Tuesday, Wed = Wednesday, Thu = Thursday, Fri = Friday, Sat = Saturday, Sun = Sunday,
    }
}
