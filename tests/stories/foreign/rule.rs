//! Who may know which answer, told a second time and naively: by what was done in the story, not by what the service keeps of it.

use super::ground::{Case, Somebody};
use startline::access::Role;
use startline::definition::Sensitivity;

/// By what way somebody is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Path {
    Answer,
    /// The client's own paper, on which is everything: it is read whole or not at all.
    Paper,
    /// An agency's copy, which nobody reads from whom anything of it is withheld.
    AgencyCopy,
}

/// `sort` is none of an answer without a mark.
pub fn may_know(who: &Somebody, case: &Case, sort: Option<Sensitivity>, path: Path) -> bool {
    match path {
        Path::Paper => {
            let prints = who.roles.contains(&Role::PrintRoom) && who.site == Some(case.claim_site);
            prints || Sensitivity::ALL.into_iter().all(|sort| knows(who, case, Some(sort)))
        }
        Path::Answer | Path::AgencyCopy => knows(who, case, sort),
    }
}

/// Whether they read it in the claim itself, which is for those who work with clients.
pub fn reads_in_the_claim(who: &Somebody, case: &Case, sort: Option<Sensitivity>) -> bool {
    const READ: [Role; 4] = [Role::Adviser, Role::TeamLeader, Role::PersonalAdviser, Role::BenefitsExpert];
    who.roles.iter().filter(|role| READ.contains(role)).any(|role| knows_as(*role, who, case, sort))
}

fn knows(who: &Somebody, case: &Case, sort: Option<Sensitivity>) -> bool {
    who.roles.iter().any(|role| knows_as(*role, who, case, sort))
}

fn knows_as(role: Role, who: &Somebody, case: &Case, sort: Option<Sensitivity>) -> bool {
    let warned = matches!(sort, None | Some(Sensitivity::Risk));
    let not_paid = sort != Some(Sensitivity::Bank);
    let asked = case.asked_by.contains(&who.person.id) && warned;
    let is_here = who.site == Some(case.claim_site);
    match role {
        Role::Adviser | Role::TeamLeader => {
            let sites = [Some(case.home), Some(case.claim_site), case.moved_from];
            let own = who.site.is_some() && sites.contains(&who.site);
            // A lost site's work is done by those who help it.
            let helps = who.site == case.helped_by;
            asked || own || helps
        }
        Role::PersonalAdviser => {
            let own = case.meeting.as_ref().is_some_and(|meeting| meeting.with == who.person.id);
            let goes_on_without = case.is_without_meeting && is_here;
            asked || own || goes_on_without || not_paid && (meets(who, case) || has_a_step(who, case))
        }
        Role::BenefitsExpert => {
            let checks = case.is_to_be_checked && is_here;
            asked || checks || not_paid && (meets(who, case) || has_a_step(who, case))
        }
        Role::Reception => asked || warned && (meets(who, case) || has_a_step(who, case)),
        Role::Agency => case.is_lodged && sort != Some(Sensitivity::Risk),
        Role::Supervisor | Role::PrintRoom | Role::Switch | Role::Admin | Role::PrivacyOfficer => false,
    }
}

/// The client has a meeting at an office of theirs.
fn meets(who: &Somebody, case: &Case) -> bool {
    let Some(meeting) = &case.meeting else { return false };
    match who.office {
        Some(office) => office == meeting.office,
        None => who.site == Some(meeting.site),
    }
}

/// Something is still to be done at their site, and the client is not met at other offices than theirs.
fn has_a_step(who: &Somebody, case: &Case) -> bool {
    let elsewhere = who.office.is_some() && case.meeting.is_some() && !meets(who, case);
    case.steps_at.iter().any(|site| who.site.is_some_and(|own| own == site)) && !elsewhere
}
