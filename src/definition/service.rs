//! The service as a whole: its name, time zone, benefits and agencies, and its settings.

use super::named::Named;
use super::report::Faults;
use super::telephone::Telephone;
use super::text::Text;
use chrono::NaiveTime;
use serde::Deserialize;
use serde_saphyr::Spanned;
use startline_foundation::formats::Language;
use std::ops::RangeInclusive;

#[derive(Debug, Clone, PartialEq)]
pub struct Service {
    pub name: Text,
    /// The languages in which every wording of the form and the scripts must stand.
    pub languages: Vec<Language>,
    /// Benefits that can be claimed, in the order of the form.
    pub benefits: Vec<Named>,
    /// Who reads claims.
    pub agencies: Vec<Named>,
    pub telephone: Telephone,
    pub settings: Settings,
    /// Local time after which what is printed is posted the next working day.
    pub post_cut_off: NaiveTime,
}

/// The settings: each a whole number within a range, named with its unit. Those that came later have a value for
/// definitions that were written before them: a stored version must load for ever.
macro_rules! settings {
    (
        { $($(#[$doc:meta])* $name:ident: $range:expr,)* }
        came_later { $($(#[$later_doc:meta])* $later:ident: $later_range:expr, else $default:expr;)* }
    ) => {
        /// Numbers that an operator may change. The reason for each value stands beside it in `service.yaml`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub struct Settings {
            $($(#[$doc])* pub $name: u32,)*
            $($(#[$later_doc])* pub $later: u32,)*
        }

        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        pub(super) struct RawSettings {
            $($name: Spanned<u32>,)*
            $($later: Option<Spanned<u32>>,)*
        }

        impl RawSettings {
            pub(super) fn into_settings(self, faults: &mut Faults<'_>) -> Settings {
                $(check_range(stringify!($name), &self.$name, $range, faults);)*
                $(if let Some(given) = &self.$later {
                    check_range(stringify!($later), given, $later_range, faults);
                })*
                Settings {
                    $($name: self.$name.value,)*
                    $($later: self.$later.map_or($default, |given| given.value),)*
                }
            }
        }
    };
}

impl Settings {
    /// Working days within which the first meeting is aimed at: never more than the standard allows.
    pub fn meeting_aim(&self) -> u32 {
        self.meeting_aim_working_days.min(self.meeting_standard_working_days)
    }
}

settings! {
    {
        /// A call-back is offered from this many working days ahead.
        callback_lead_min_working_days: 0..=20,
        /// And up to this many.
        callback_lead_max_working_days: 1..=60,
        /// How far ahead any diary may be used.
        booking_horizon_months: 1..=24,
        callback_slot_minutes: 5..=120,
        /// A start-up call, and the adviser's work after it.
        callback_minutes: 5..=180,
        callback_wrap_minutes: 0..=60,
        /// Tries at a call-back before a letter goes.
        callback_attempts: 1..=10,
        callback_retry_minutes: 1..=240,
        /// The first meeting takes place within this many working days of the start-up call.
        meeting_standard_working_days: 1..=30,
        /// But not sooner than this, so that the printed form is on the doormat first.
        meeting_lead_min_working_days: 0..=10,
        /// Diaries are kept in cells of this length; meetings begin on one.
        diary_cell_minutes: 5..=60,
        /// How long a slot stays held for a client who is thinking.
        slot_hold_s: 10..=3600,
        /// A call answered within this counts towards the service level.
        target_answer_s: 1..=600,
        /// How long a call rings one adviser before it is offered to another.
        offer_s: 3..=120,
        /// Callers who leave within this are not counted as abandoned.
        short_abandon_s: 0..=60,
        wrap_up_s: 0..=1800,
        /// A claim made properly within this of the first contact counts from the first contact.
        first_contact_protects_days: 1..=366,
    }
    came_later {
        /// And is aimed at within this many; without it, the standard is all that is aimed at.
        meeting_aim_working_days: 1..=30, else 30;
        /// A claim is checked within this many minutes of its client's arrival: aimed at, and counted.
        check_aim_minutes: 1..=240, else 10;
        /// The first meeting and the paperwork after it, of a definition without `diary.yaml`.
        meeting_minutes: 5..=240, else 45;
        meeting_administration_minutes: 0..=120, else 30;
        /// A caller with a known number who gives up after waiting this long is rung back.
        missed_caller_after_s: 0..=600, else 20;
        /// A call that would wait longer than this at home may be taken by another site at once.
        overflow_wait_s: 1..=3600, else 120;
        /// A caller who has waited this long hears that nobody can answer in good time.
        announce_after_s: 5..=3600, else 90;
        /// How long an inbound call and its notes take, until a site's floor has measured it.
        inbound_call_s: 30..=3600, else 480;
        /// More time for the notes of an inbound call, and how often an adviser may ask for it.
        wrap_up_extension_s: 10..=1800, else 120;
        wrap_up_extensions: 0..=20, else 2;
        /// Offers missed in a row before an adviser is put on a break.
        missed_limit: 1..=20, else 2;
        /// Council benefits: as `first_contact_protects_days`.
        first_contact_protects_council_days: 1..=366, else 28;
        /// From this age on the first meeting is the client's own choice.
        meeting_optional_age: 16..=120, else 60;
        /// How far back a claim may be asked for with a reason, in months.
        backdate_months: 0..=12, else 3;
        /// The same for council benefits, in weeks.
        backdate_council_weeks: 0..=104, else 52;
        /// An answer of the last claim that is older than this is asked anew.
        carried_answer_days: 1..=3660, else 366;
        /// Whoever worked on a claim within this is named to the second desk that opens it.
        claim_held_minutes: 1..=240, else 15;
        /// After the second try that nobody answered; after the third it is tried in the last hour of the day.
        callback_second_retry_minutes: 1..=480, else 60;
        /// After a try that found the line engaged.
        callback_busy_retry_minutes: 1..=240, else 5;
        /// Overdue for so long, a call-back that somebody promised is everybody's.
        callback_pool_after_minutes: 0..=480, else 10;
        /// A call-back whose adviser's desk has been gone for this long is given back.
        callback_given_back_after_s: 10..=3600, else 120;
        /// The new time in a letter is no sooner than this, so that the letter is there first.
        callback_letter_lead_working_days: 1..=20, else 3;
        /// A letter in a format that no print room makes is produced elsewhere within so many, and before the meeting it is about.
        other_format_working_days: 1..=60, else 10;
        /// What is posted first class is there after so many of the post's working days; and second class.
        post_first_class_days: 1..=5, else 1;
        post_second_class_days: 1..=10, else 2;
        /// Sheets that a C5 envelope holds, folded once, and a C4 envelope, flat.
        envelope_c5_sheets: 1..=50, else 8;
        envelope_c4_sheets: 1..=200, else 60;
        /// Call-back places that one adviser holds at a time for clients who are thinking, and as many meeting slots.
        holds_per_adviser: 1..=100, else 5;
        /// How long a desk may be gone before it is offered no calls.
        desk_grace_s: 1..=300, else 10;
        /// A desk that answers heartbeats, and of which nothing was heard for this long, is offered no calls. Longer than the
        /// ten seconds between two of them.
        desk_silence_s: 15..=600, else 25;
        /// How long a conversation lasts before its adviser is asked whether it goes on, and how long they have to say so.
        talk_asked_after_s: 600..=86_400, else 7_200;
        talk_answer_within_s: 60..=3_600, else 300;
    }
}

fn check_range(name: &str, given: &Spanned<u32>, range: RangeInclusive<u32>, faults: &mut Faults<'_>) {
    if !range.contains(&given.value) {
        faults.at(given, format!("{name} must be from {} to {}", range.start(), range.end()));
    }
}
