//! The demo's clients: who they are, and where their story ends.

use super::Demo;
use super::steps::Said;
use crate::pb;
use startline_rooms::access::Role;

/// In the facts of every client, beside a last name that nobody has.
pub const MARK: &str = "Invented person, for training";

/// Where a client's story ends: what is to be seen of them today.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ends {
    /// They rang, and wanted no call-back.
    OnlyARecord,
    CallbackTomorrow,
    CallbackNow,
    CallbackOverdue,
    CallbackParked,
    /// Tried four times; a letter is owed.
    NoReply,
    /// The number was somebody else's.
    NumberCheck,
    /// The form is half filled in, the walk and the call-back are parked.
    HalfFilled,
    Queued,
    Printed,
    /// What stands in the record cannot be printed.
    Unprintable,
    MeetingToday,
    MeetingTomorrow,
    InWelsh,
    OnStandby,
    /// The letters go to another address.
    LettersElsewhere,
    /// Met; some of the evidence is to come.
    EvidenceToCome,
    QueryOpen,
    Lodged,
    FailedOnce,
    Deferred,
    Waived,
    Withdrawn,
}

/// When their first call was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wave {
    LastWeek,
    ThisWeek,
    Yesterday,
    Today,
}

impl Ends {
    pub fn wave(self) -> Wave {
        match self {
            Self::LettersElsewhere
            | Self::EvidenceToCome
            | Self::QueryOpen
            | Self::Lodged
            | Self::FailedOnce
            | Self::Deferred
            | Self::Waived
            | Self::Withdrawn => Wave::LastWeek,
            Self::NoReply
            | Self::NumberCheck
            | Self::MeetingToday
            | Self::MeetingTomorrow
            | Self::InWelsh
            | Self::OnStandby => Wave::ThisWeek,
            Self::CallbackNow
            | Self::CallbackOverdue
            | Self::CallbackParked
            | Self::HalfFilled
            | Self::Queued
            | Self::Printed
            | Self::Unprintable => Wave::Yesterday,
            Self::OnlyARecord | Self::CallbackTomorrow => Wave::Today,
        }
    }

    /// Whether a pack is composed for them by itself.
    pub fn has_pack(self) -> bool {
        use Ends::{Lodged, Printed, Queued};
        let meets = matches!(self, Self::MeetingToday | Self::MeetingTomorrow | Self::InWelsh | Self::OnStandby);
        let met = matches!(self, Self::LettersElsewhere | Self::EvidenceToCome | Self::QueryOpen | Self::FailedOnce);
        meets || met || matches!(self, Lodged | Queued | Printed | Self::Deferred | Self::Waived)
    }
}

/// Where a site's clients live.
struct Home {
    site: &'static str,
    town: &'static str,
    postcode: &'static str,
    /// A subscriber's part never begins with a nought: `01373 000123` is nobody's.
    area: &'static str,
    ends: &'static [Ends],
}

/// Every site has these.
const EVERYWHERE: [Ends; 10] = [
    Ends::OnlyARecord,
    Ends::CallbackTomorrow,
    Ends::CallbackNow,
    Ends::CallbackOverdue,
    Ends::CallbackParked,
    Ends::NoReply,
    Ends::NumberCheck,
    Ends::HalfFilled,
    Ends::Queued,
    Ends::MeetingToday,
];

const HOMES: [Home; 4] = [
    Home {
        site: "somerset",
        town: "Frome",
        postcode: "BA11 9ZZ",
        area: "01373",
        ends: &[
            Ends::Lodged,
            Ends::EvidenceToCome,
            Ends::QueryOpen,
            Ends::FailedOnce,
            Ends::Deferred,
            Ends::Waived,
            Ends::Withdrawn,
            Ends::LettersElsewhere,
            Ends::OnStandby,
            Ends::MeetingTomorrow,
            Ends::Printed,
            Ends::Unprintable,
        ],
    },
    Home {
        site: "buckinghamshire",
        town: "High Wycombe",
        postcode: "HP11 9ZZ",
        area: "01494",
        ends: &[Ends::EvidenceToCome, Ends::Deferred],
    },
    Home {
        site: "calderdale-and-kirklees",
        town: "Halifax",
        postcode: "HX1 9ZZ",
        area: "01422",
        ends: &[Ends::QueryOpen, Ends::Withdrawn],
    },
    Home {
        site: "south-east-gwent",
        town: "Newport",
        postcode: "NP20 9ZZ",
        area: "01633",
        ends: &[Ends::InWelsh, Ends::FailedOnce],
    },
];

const FIRST_NAMES: [(&str, &str); 12] = [
    ("Ms", "Rosemary"),
    ("Mr", "Desmond"),
    ("Ms", "Winifred"),
    ("Mr", "Idris"),
    ("Ms", "Farida"),
    ("Mr", "Norman"),
    ("Miss", "Lowri"),
    ("Mr", "Kamal"),
    ("Miss", "Beatrice"),
    ("Mr", "Stanley"),
    ("Ms", "Olwen"),
    ("Mr", "Percy"),
];
const LAST_NAMES: [&str; 17] = [
    "Hill", "Reed", "Dunn", "Marsh", "Frost", "Lane", "Wren", "Moss", "Brook", "Thorne", "Vale", "Ash", "Fell", "Gale",
    "Heath", "Pike", "Rowan",
];

/// A client whose record the service has.
#[derive(Debug, Clone)]
pub struct Known {
    pub site: &'static str,
    pub ends: Ends,
    pub is_man: bool,
    pub client_id: String,
    /// Empty before the start-up call.
    pub claim_id: String,
    /// Empty before it is booked.
    pub appointment: Option<pb::Appointment>,
}

/// The facts of a site's clients of one wave.
fn of_a_wave(home: &'static Home, nth: usize, wave: Wave) -> Vec<(Ends, pb::ClientFacts)> {
    let all = EVERYWHERE.iter().chain(home.ends).copied().enumerate();
    let of_it = all.filter(|(_, ends)| ends.wave() == wave);
    of_it.map(|(place, ends)| (ends, facts(home, ends, nth * 5 + place, place))).collect()
}

fn facts(home: &Home, ends: Ends, name: usize, place: usize) -> pb::ClientFacts {
    let (title, first) = FIRST_NAMES[name % FIRST_NAMES.len()];
    let last = LAST_NAMES[(name * 2 + place) % LAST_NAMES.len()];
    let language = if ends == Ends::InWelsh { "cy" } else { "en" };
    let elsewhere = pb::LettersAddress {
        address_lines: vec!["c/o 8 Invented Yard".into(), home.town.into()],
        postcode: home.postcode.into(),
        ..Default::default()
    };
    pb::ClientFacts {
        title: title.into(),
        other_names: first.into(),
        // No font of ours has this sign.
        last_name: format!("Example-{}", if ends == Ends::Unprintable { "明" } else { last }),
        date_of_birth: format!("{}-{:02}-{:02}", 1970 + name % 28, 1 + name % 12, 1 + (name * 7) % 28),
        phone: format!("{} 000{:03}", home.area, 100 + place),
        address_lines: vec![format!("{} Example Row", 1 + place), home.town.into()],
        postcode: home.postcode.into(),
        talk_language: language.into(),
        letter_language: language.into(),
        special_needs: MARK.into(),
        letters_address: (ends == Ends::LettersElsewhere).then_some(elsewhere),
        ..Default::default()
    }
}

/// A caller of this site's area whom nobody knows.
pub fn stranger(site: &str) -> String {
    let area = HOMES.iter().find(|home| home.site == site).map_or("01373", |home| home.area);
    format!("{area} 000999")
}

impl Demo {
    pub(super) fn sites() -> impl Iterator<Item = &'static str> {
        HOMES.iter().map(|home| home.site)
    }

    /// Those of one wave ring for the first time: an adviser of their site writes down who they are.
    pub(super) async fn first_contacts(&mut self, wave: Wave) -> Said<Vec<Known>> {
        let mut rang = Vec::new();
        for (nth, home) in HOMES.iter().enumerate() {
            let adviser = self.who(home.site, Role::Adviser)?;
            for (ends, facts) in of_a_wave(home, nth, wave) {
                let is_man = facts.title == "Mr";
                let client = adviser.creates_client(facts).await?;
                let (client_id, claim_id) = (client.client_id, String::new());
                rang.push(Known { site: home.site, ends, is_man, client_id, claim_id, appointment: None });
            }
        }
        self.known.extend(rang.iter().cloned());
        Ok(rang)
    }

    /// Keeps what is known of a client by now.
    pub(super) fn keep(&mut self, newer: &Known) {
        if let Some(known) = self.known.iter_mut().find(|known| known.client_id == newer.client_id) {
            *known = newer.clone();
        }
    }
}
