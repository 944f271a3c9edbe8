//! A change reaches all that rests on it: one table of what happens against what rests on it, in which each cell says what
//! follows ([`follows`]), and the one place that carries out what follows at once ([`carry_out`]).
//!
//! Neither a change nor a thing that rests can be added without its cells: the table has no arm for the rest. Each cell in
//! which something follows names the story that shows it, and each other one says why nothing does; `tests/tidy/consequences.rs`
//! walks them all.

mod carrying_out;
mod closings;
mod diary_changes;
mod record_changes;

pub use carrying_out::{Happened, carry_out};

/// What happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Change {
    /// Somebody told us that the client died.
    Death,
    /// It was somebody else, or a mistake.
    DeathTakenBack,
    Withdrawal,
    /// A named person decided against the claim after missed meetings.
    NotMade,
    Reopening,
    /// That decision was reversed.
    DecisionReversed,
    Deferral,
    Waiver,
    /// Putting the meeting off, or doing without it, was taken back in the call in which it was said.
    DecisionTakenBack,
    MeetingCancelled,
    MeetingMoved,
    /// The first time, or again after another was cancelled.
    MeetingBooked,
    AdviserSick,
    HolidayProclaimed,
    OfficeClosed,
    Name,
    /// The home, or where letters go.
    Address,
    Telephone,
    /// In which letters are written.
    Language,
    PrintSize,
    /// How the client may be rung: not at all, only after the number was made sure of, only at certain times; and whether a message
    /// may be left, or they are reached in one way alone.
    Safety,
    DefinitionPublished,
}

/// What rests on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rests {
    /// A pack or letter that waits for the print room.
    PackQueued,
    /// One that is leased, at a printer, or printed and not in the post.
    PackPrinting,
    PackPosted,
    ReminderLetter,
    ReminderText,
    ReminderCall,
    /// What a person's or an office's calendar shows.
    Calendar,
    /// The time in a personal adviser's diary, and the room with it.
    Slot,
    Callback,
    /// A client who would rather be seen than rung.
    VisitWanted,
    /// A place on the standby list, and what is offered to it.
    Standby,
    Steps,
    /// The list of meetings that have to be moved.
    ToMoveList,
    /// A call that stopped, where nothing followed.
    StoppedCall,
    /// The benefits expert's check of the claim at a meeting.
    Check,
    /// A letter in Braille or on tape, which is to be produced elsewhere.
    OtherFormat,
    AgencyView,
    /// The claims of those who share answers with the client.
    Household,
    /// Whoever told us of a death.
    WhoTold,
    /// From which contact on the client's next claim is protected.
    NextClaim,
}

impl Change {
    pub const ALL: [Self; 22] = [
        Self::Death,
        Self::DeathTakenBack,
        Self::Withdrawal,
        Self::NotMade,
        Self::Reopening,
        Self::DecisionReversed,
        Self::Deferral,
        Self::Waiver,
        Self::DecisionTakenBack,
        Self::MeetingCancelled,
        Self::MeetingMoved,
        Self::MeetingBooked,
        Self::AdviserSick,
        Self::HolidayProclaimed,
        Self::OfficeClosed,
        Self::Name,
        Self::Address,
        Self::Telephone,
        Self::Language,
        Self::PrintSize,
        Self::Safety,
        Self::DefinitionPublished,
    ];
}

impl Rests {
    pub const ALL: [Self; 20] = [
        Self::PackQueued,
        Self::PackPrinting,
        Self::PackPosted,
        Self::ReminderLetter,
        Self::ReminderText,
        Self::ReminderCall,
        Self::Calendar,
        Self::Slot,
        Self::Callback,
        Self::VisitWanted,
        Self::Standby,
        Self::Steps,
        Self::ToMoveList,
        Self::StoppedCall,
        Self::Check,
        Self::OtherFormat,
        Self::AgencyView,
        Self::Household,
        Self::WhoTold,
        Self::NextClaim,
    ];
}

/// What follows at once, in the order in which it is done: by the order of locks, claims before their meetings, call-backs and
/// packs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Duty {
    LeaveStandby,
    /// All that lies ahead is called off and its time given back.
    FreeMeetings,
    CloseCallbacks,
    /// All that is open of the claim.
    EndSteps,
    /// Those that the change makes needless, and those that it makes due.
    SettleSteps,
    /// Those about an earlier meeting, with its place on the standby list.
    SettleMeetingSteps,
    StopPacks,
    /// Those about the client, whatever they are about.
    SettleOtherFormats,
    /// It is of another time, and perhaps of another office.
    BeginCheckAnew,
    /// The claim's pack, when the start-up is done and it has not gone.
    ComposePack,
    WriteMeetingOff,
    WriteNewTime,
    /// When the posted form names a meeting that was cancelled since.
    WriteOtherTime,
    WriteDeferral,
    /// To whoever told us of the death, if they would like a letter.
    WriteDeath,
    /// What a client asked to be looked at again is on the list again, unanswered.
    AskAgain,
    /// What the client was in touch about is over, or goes on after all: the record comes after what rests on it.
    SettleMatter,
}

/// What follows in one cell. A story is named by its file and itself: `letters::a_story_that_shows_it`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Follows {
    /// Done in the transaction of the change, by [`carry_out`].
    AtOnce(Duty, &'static str),
    /// The change is that very thing: its own verb cannot do one without the other. With what it does.
    Itself(&'static str, &'static str),
    /// The change's room leaves it to a worker, in the one place through which all such changes go. With what is done.
    Left(&'static str, &'static str),
    /// Nothing is kept of it: whoever is about to act, or looks, reads what stands then. With what they see.
    SeenWhenLooked(&'static str, &'static str),
    /// Why not.
    Nothing(&'static str),
}

/// The table.
pub fn follows(change: Change, rests: Rests) -> Follows {
    match change {
        Change::Death => closings::death(rests),
        Change::DeathTakenBack => closings::death_taken_back(rests),
        Change::Withdrawal => closings::withdrawal(rests),
        Change::NotMade => closings::not_made(rests),
        Change::Reopening => closings::reopening(rests),
        Change::DecisionReversed => closings::decision_reversed(rests),
        Change::Deferral => diary_changes::deferral(rests),
        Change::Waiver => diary_changes::waiver(rests),
        Change::DecisionTakenBack => diary_changes::decision_taken_back(rests),
        Change::MeetingCancelled => diary_changes::cancelled(rests),
        Change::MeetingMoved => diary_changes::moved(rests),
        Change::MeetingBooked => diary_changes::booked(rests),
        Change::AdviserSick => diary_changes::adviser_sick(rests),
        Change::HolidayProclaimed => diary_changes::holiday(rests),
        Change::OfficeClosed => diary_changes::office_closed(rests),
        Change::Name => record_changes::name(rests),
        Change::Address => record_changes::address(rests),
        Change::Telephone => record_changes::telephone(rests),
        Change::Language => record_changes::language(rests),
        Change::PrintSize => record_changes::print_size(rests),
        Change::Safety => record_changes::safety(rests),
        Change::DefinitionPublished => record_changes::definition_published(rests),
    }
}
