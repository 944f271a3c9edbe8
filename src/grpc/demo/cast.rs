//! Who works in the demo: at each of the pilot's sites somebody of every role, and those who belong to the whole network.

use startline_rooms::access::Role;

/// At the end of every user's name.
pub const MARK: &str = " (demo)";

/// A user of the demo.
#[derive(Debug, Clone)]
pub struct Part {
    pub name: &'static str,
    pub role: Role,
    pub site: Option<&'static str>,
    pub office: Option<&'static str>,
    pub agency: Option<&'static str>,
    pub skills: &'static [&'static str],
}

impl Part {
    /// As the users' list shows them.
    pub fn full_name(&self) -> String {
        format!("{}{MARK}", self.name)
    }

    /// `Asha Merrowdown (adviser, somerset)`.
    pub fn title(&self) -> String {
        let place = self.site.map(|site| format!(", {site}")).unwrap_or_default();
        format!("{} ({}{place})", self.name, self.role)
    }
}

/// A site's people, in the order of [`ROLES`].
struct Team {
    site: &'static str,
    offices: [&'static str; 2],
    /// Of the first adviser and the first personal adviser.
    skill: &'static str,
    names: [&'static str; ROLES.len()],
}

/// Each with the office that they work at, by its place among the team's.
const ROLES: [(Role, Option<usize>); 10] = [
    (Role::Adviser, None),
    (Role::Adviser, None),
    (Role::Adviser, None),
    (Role::TeamLeader, None),
    (Role::Supervisor, None),
    (Role::PersonalAdviser, Some(0)),
    (Role::PersonalAdviser, Some(1)),
    (Role::Reception, Some(0)),
    (Role::BenefitsExpert, None),
    (Role::PrintRoom, None),
];

const TEAMS: [Team; 4] = [
    Team {
        site: "somerset",
        offices: ["frome", "taunton"],
        skill: "textphone",
        names: [
            "Asha Merrowdown",
            "Ben Thistlewick",
            "Cora Applegarth",
            "Tom Underbarrow",
            "Sunil Fernhollow",
            "Priya Larkspur",
            "Piers Mossgate",
            "Rita Bellweather",
            "Edwin Quillfeather",
            "Taunton print room",
        ],
    },
    Team {
        site: "buckinghamshire",
        offices: ["high-wycombe", "aylesbury"],
        skill: "textphone",
        names: [
            "Amal Chalkhanger",
            "Bea Wendlestone",
            "Colin Rushmere",
            "Tessa Ivorydown",
            "Samuel Oakapple",
            "Petra Lacewing",
            "Paul Duckmarsh",
            "Rosa Kitehill",
            "Ellen Brickyard",
            "Milton Keynes print room",
        ],
    },
    Team {
        site: "calderdale-and-kirklees",
        offices: ["halifax", "huddersfield"],
        skill: "urdu",
        names: [
            "Adeel Millrace",
            "Bridget Clogwork",
            "Clive Heatherclough",
            "Tariq Stonedyke",
            "Sheila Woolpack",
            "Parveen Weaverdale",
            "Peter Packhorse",
            "Ruth Gritstone",
            "Eric Shuttleworthy",
            "Huddersfield print room",
        ],
    },
    Team {
        site: "south-east-gwent",
        offices: ["newport", "cwmbran"],
        skill: "welsh",
        names: [
            "Angharad Brynmelyn",
            "Bryn Afonlas",
            "Carys Coedmawr",
            "Tegwen Pontwen",
            "Steffan Rhosgoch",
            "Pryderi Nantgwyn",
            "Nia Maesglas",
            "Rhian Dolwen",
            "Emrys Llwyncoch",
            "Cwmbran print room",
        ],
    },
];

const NETWORK: [(&str, Role, Option<&str>); 6] = [
    ("Ada Keyholder", Role::Admin, None),
    ("Olive Watchwell", Role::PrivacyOfficer, None),
    ("Bert Girobank", Role::Agency, Some("BA")),
    ("Esme Jobpoint", Role::Agency, Some("ES")),
    ("Lou Townhall", Role::Agency, Some("LA")),
    ("Training exchange", Role::Switch, None),
];

/// Everybody, site by site.
pub fn parts() -> Vec<Part> {
    TEAMS.iter().flat_map(of_a_team).chain(NETWORK.iter().map(of_the_network)).collect()
}

fn of_a_team(team: &'static Team) -> impl Iterator<Item = Part> {
    ROLES.iter().zip(team.names).enumerate().map(|(place, ((role, office), name))| {
        let before = &ROLES[..place];
        let first =
            [Role::Adviser, Role::PersonalAdviser].contains(role) && before.iter().all(|(other, _)| other != role);
        // A personal adviser is not told of textphones; Welsh and Urdu are spoken at a desk as on the telephone.
        let skilled = first && (*role == Role::Adviser || team.skill != "textphone");
        Part {
            name,
            role: *role,
            site: Some(team.site),
            office: office.map(|office| team.offices[office]),
            agency: None,
            skills: if skilled { std::slice::from_ref(&team.skill) } else { &[] },
        }
    })
}

fn of_the_network((name, role, agency): &(&'static str, Role, Option<&'static str>)) -> Part {
    Part { name, role: *role, site: None, office: None, agency: *agency, skills: &[] }
}
