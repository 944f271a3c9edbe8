//! Who calls: a few people of each role at one site, each with a line to both processes.

use crate::support::Person;
use crate::support::{Home, person::Address};
use rand::RngExt;
use rand::rngs::StdRng;
use startline::access::Role;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    Adviser,
    TeamLeader,
    Supervisor,
    PersonalAdviser,
    Reception,
    Expert,
    PrintRoom,
    Admin,
    PrivacyOfficer,
    /// People of whom nobody needs anything.
    Spare,
    /// The adviser who has a client on the telephone, at the first process.
    OnCall,
}

/// A place in the cast.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Member(usize);

/// Everybody, each with the line to the first and to the second process.
pub struct Cast(Vec<(Who, [Person; 2])>);

const PEOPLE: &[(Who, Role, &[&str])] = &[
    (Who::Adviser, Role::Adviser, &["Asha", "Bill", "Carla"]),
    (Who::TeamLeader, Role::TeamLeader, &["Tara", "Lena"]),
    (Who::Supervisor, Role::Supervisor, &["Sunil"]),
    (Who::PersonalAdviser, Role::PersonalAdviser, &["Petra", "Paul"]),
    (Who::Reception, Role::Reception, &["Rita"]),
    (Who::Expert, Role::BenefitsExpert, &["Edna"]),
    (Who::PrintRoom, Role::PrintRoom, &["Ron"]),
    (Who::Admin, Role::Admin, &["Ada"]),
    (Who::PrivacyOfficer, Role::PrivacyOfficer, &["Olive"]),
    (Who::Spare, Role::Adviser, &["Sid", "Sam"]),
    (Who::OnCall, Role::Adviser, &["Tess"]),
];

impl Cast {
    /// `second` is where the second process will be.
    pub async fn of(home: &Home, second: &Address) -> Self {
        let mut all = Vec::new();
        for (who, role, names) in PEOPLE {
            for name in *names {
                let site = role.works_at_a_site().then_some("somerset");
                let here = home.add(name, *role, site).await;
                let there = Person::new(here.id.clone(), name, &here.token, second.clone());
                all.push((*who, [here, there]));
            }
        }
        Self(all)
    }

    /// Somebody of this role.
    pub fn one(&self, who: Who, chance: &mut StdRng) -> Member {
        let fit: Vec<usize> = (0..self.0.len()).filter(|i| self.0[*i].0 == who).collect();
        Member(fit[chance.random_range(0..fit.len())])
    }

    /// Everybody of this role, at the first process.
    pub fn all(&self, who: Who) -> Vec<&Person> {
        self.0.iter().filter(|(role, _)| *role == who).map(|(_, lines)| &lines[0]).collect()
    }

    pub fn the(&self, who: Who) -> &Person {
        self.all(who)[0]
    }

    pub fn at(&self, member: Member, process: usize) -> &Person {
        &self.0[member.0].1[process]
    }
}
